"""The first refresh at the speed of real providers: how long it takes against its slowest provider, and what it says.

Run with `pytest -m benchmark -n 0 -s tests/benchmarks/test_first_refresh.py`; it takes two minutes and a half.
"""

import time
from pathlib import Path

import pytest

from ingest import sample
from ingest.outlook import Outlook
from ingest.providers import DATASETS
from tests.real_speed import RealSpeed
from warehouse.connection import Home
from warehouse.log.intake import take_in


@pytest.mark.benchmark
def test_a_first_intake_takes_no_longer_than_its_slowest_provider(tmp_path: Path):
    transport = RealSpeed(sample.transport())
    said: list[tuple[float, float, int]] = []

    def look(outlook: Outlook) -> None:
        said.append((time.monotonic(), outlook.left()[0], outlook.done))

    begun = time.monotonic()
    home = Home(tmp_path, is_simulated=True)
    outcomes = take_in(home, list(DATASETS), run_id="first", transport=transport, look=look)
    spent = time.monotonic() - begun
    assert [failure for outcome in outcomes.values() for failure in outcome.failures] == []
    least, name = transport.slowest_seconds()
    print(f"\n{len(transport.asked)} requests in {spent:.1f} s; {name} alone {least:.1f} s, ratio {spent / least:.2f}")
    for share in (0.0, 0.25, 0.5, 0.75):
        moment, left, done = said[int(share * len(said))]
        came = begun + spent - moment
        print(f"after {moment - begun:5.1f} s, {done:3} requests: {left:5.1f} s left were said, {came:5.1f} s it took")
    assert spent <= 1.2 * least
    _, told, _ = said[0]
    assert told == pytest.approx(spent, rel=0.5)
