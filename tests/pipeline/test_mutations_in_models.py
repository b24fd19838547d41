"""Deliberate errors in models and macros, one by one: the named check is green before and red with the error."""

import pytest

from tests.mutations import MUTATIONS, TABLE, table
from tests.mutations.bench import Bench
from tests.mutations.in_models import IN_MODELS
from tests.mutations.kinds import InModel


def test_table_shows_the_list():
    assert TABLE.read_text("utf-8") == table(), "run `python -m tests.mutations`"
    names = [mutation.name for mutation in MUTATIONS]
    assert len(names) == len(set(names)) >= 25


def test_checks_are_green_without_the_errors(bench: Bench):
    checks = {mutation.check for mutation in IN_MODELS}
    assert {check for check in checks if not bench.is_unit_test(check)} - bench.green_before == set()


@pytest.mark.parametrize("mutation", IN_MODELS, ids=lambda mutation: mutation.name)
def test_named_check_turns_red(mutation: InModel, bench: Bench):
    assert bench.red_in_model(mutation, IN_MODELS) == {mutation.check, *mutation.also}
