"""Deliberate errors in models and macros, one by one: the named check is green before and red with the error."""

import pytest
from dbt import compilation as of_dbt
from dbt.contracts.graph.nodes import InjectedCTE

from tests.mutations import MUTATIONS, TABLE, table
from tests.mutations.bench import Bench, rows_put_first
from tests.mutations.in_models import IN_MODELS
from tests.mutations.kinds import InModel


def test_table_shows_the_list():
    assert TABLE.read_text("utf-8") == table(), "run `python -m tests.mutations`"
    names = [mutation.name for mutation in MUTATIONS]
    assert len(names) == len(set(names)) >= 25


def test_checks_are_green_without_the_errors(bench: Bench):
    checks = {mutation.check for mutation in IN_MODELS}
    assert {check for check in checks if not bench.is_unit_test(check)} - bench.green_before == set()


@pytest.mark.parametrize(
    "sql",
    [
        "\nwith a as (select 1 as with_b) -- WITH\nselect * from a where exists (with c as (select 2) select *)",
        "WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a",
        "SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a)",
        "-- WITH\nwith a as (select 1)\nselect withheld from a",
        "\n\n-- One, and WITH it\n\n-- two\nselect a -- three\nfrom (with b as (select 1 as a) select a from b)",
        "with -- all\n    a as (select 1)\nselect * from a",
        "/* select */ with a as (select 1) select * from a",
        "withheld",
    ],
)
def test_rows_of_a_unit_test_are_put_where_dbt_puts_them(sql: str):
    rows = [InjectedCTE("1", "one as (select 1)"), InjectedCTE("2", "two as (select 2)")]
    plain = of_dbt.inject_ctes_into_sql(sql, rows)
    assert "one as" in plain
    with rows_put_first():
        assert of_dbt.inject_ctes_into_sql(sql, rows) == plain
        assert of_dbt.inject_ctes_into_sql(sql, []) == sql


@pytest.mark.parametrize("mutation", IN_MODELS, ids=lambda mutation: mutation.name)
def test_named_check_turns_red(mutation: InModel, bench: Bench):
    assert bench.red_in_model(mutation, IN_MODELS) == {mutation.check, *mutation.also}
