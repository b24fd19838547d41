"""A claim's measure has a value only where what it measures is held at both ends of its window.

The gate of `measured` looks at the dates of rows. A row may be there without the column that is measured: claim R15
measured reserves "since 2022" from 2023-03-08, the first Wednesday that had them.
"""

from collections.abc import Iterator

import duckdb
import pytest
from sqlglot import exp, parse_one

from warehouse.connection import Home, open_work
from warehouse.models import compilation


def _measures(sql: str) -> Iterator[tuple[str, exp.Select, exp.If]]:
    """Claim and measure, the SELECT, and the gate with its value, of each `measured` in a compiled model."""
    tree = parse_one(sql, dialect="duckdb")
    for query in tree.find_all(exp.Select):
        named = {column.alias: column for column in query.expressions}
        if {"claim_id", "measure_id", "measured_value"} <= named.keys():
            (gate,) = named["measured_value"].find(exp.Case).args["ifs"]
            yield f"{named['claim_id'].this.name} {named['measure_id'].this.name}", query, gate


def _columns(value: exp.Expression) -> set[str]:
    """Columns of the measured rows that ``value`` aggregates; those of a subquery are of other rows.

    A count of a column measures where it has values.
    """
    columns = (column for column in value.find_all(exp.Column) if not isinstance(column.parent, exp.Count))
    return {column.sql() for column in columns if column.parent_select is value.parent_select}


def unheld(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[str]:
    """Measures that have a value although one of their columns has none at an end of the window."""
    tree = parse_one(sql, dialect="duckdb")
    for name, query, gate in _measures(sql):
        value, condition = gate.args["true"], gate.this
        for column in sorted(_columns(value)):
            filled = condition.copy()
            for end in list(filled.find_all(exp.Min, exp.Max)):
                end.replace(exp.Filter(this=end.copy(), expression=exp.Where(this=parse_one(f"{column} IS NOT NULL"))))
            asked = exp.select(
                f"({condition.sql('duckdb')})", f"({filled.sql('duckdb')})", f"({value.sql('duckdb')}) IS NOT NULL"
            ).from_(query.args["from_"].this.copy())
            asked.set("where", query.args["where"].copy())
            asked.set("with_", tree.args["with_"].copy())
            is_open, is_held, has_value = con.execute(asked.sql("duckdb")).fetchone()
            if is_open and has_value and not is_held:
                yield f"{name}: {column}"


def compiled(home: Home) -> list[str]:
    """The models with the measures, as dbt compiled them for a warehouse."""
    made = compilation.compiled_project(home)
    return [node.sql for node in made.nodes.values() if node.name.startswith("int_claims_")]


def test_measures_are_found(refreshed: Home):
    assert sum(len(list(_measures(sql))) for sql in compiled(refreshed)) > 90


@pytest.mark.slow
def test_a_measure_with_a_value_is_held_at_both_ends_of_its_window(refreshed: Home):
    with open_work(refreshed) as con:
        assert [found for sql in compiled(refreshed) for found in unheld(con, sql)] == []
