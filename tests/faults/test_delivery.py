"""The quick part of the kills in mid-delivery; `python -m tests.faults delivery` counts more."""

from pathlib import Path

import pytest

from tests.faults import delivery


@pytest.mark.slow
def test_kills_in_mid_delivery_lose_nothing_and_repeat_nothing_without_its_mark(tmp_path: Path):
    count = delivery.kills(tmp_path, 20, seed=1)
    assert count.told == []
    assert count.survived == count.tries == 23
    came = 20 - sum("ended before its kill" in note for note in count.notes)
    assert came >= 8
