"""Deliberate errors in what is stored, one by one: the named check is green before and red with the error."""

from __future__ import annotations

import pytest

from tests.mutations.bench import Bench
from tests.mutations.kinds import Stored
from tests.mutations.stored import BROKEN_PAIRS, STORED
from warehouse.connection import Home

ALL = (*STORED, *BROKEN_PAIRS)


@pytest.fixture(scope="module")
def bench(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(refreshed, tmp_path_factory.mktemp("stored"))


def test_checks_are_green_without_the_errors(bench: Bench):
    assert {mutation.check for mutation in ALL} - bench.green_before() == set()


@pytest.mark.parametrize("mutation", ALL, ids=lambda mutation: mutation.name)
def test_named_check_turns_red(mutation: Stored, bench: Bench):
    assert bench.red_when_stored(mutation) == {mutation.check, *mutation.also}
