"""Shared by unit tests: somebody to tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.receiver import Receiver, receiving
from warehouse.alerts import addresses


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of messages on this machine, the only one that is to be told."""
    with receiving() as one:
        monkeypatch.setenv(addresses.VARIABLE, one.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield one
