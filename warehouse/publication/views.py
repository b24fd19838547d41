"""Plain ways into the published database, for whoever opens it with any tool.

`main` has a view of every mart, so that `SHOW TABLES` lists them; `current` has every dataset as known now; the table
macros of `as_of` have every dataset as known at a moment: `FROM as_of.fred__observations('2025-11-04 14:00')`.
A view works under any name under which the file is attached; a macro needs `USE` of that name.
What must not be here: rows (`publish.py`).
"""

from collections.abc import Mapping
from datetime import datetime

import duckdb

from ingest.catalog import Dataset
from ingest.providers import DATASETS
from warehouse.connection import column_types, transaction
from warehouse.generation import Generation
from warehouse.history import END_OF_TIME, quoted
from warehouse.publication import comments

NOW = "published_now"
_KNOWLEDGE = ("known_from", "known_basis")


def write(con: duckdb.DuckDBPyConnection, generation: Generation) -> None:
    """Make the views and macros of all marts and datasets that the open database has."""
    database = comments.own_name(con)
    with transaction(con):
        con.execute("CREATE SCHEMA IF NOT EXISTS current")
        con.execute("CREATE SCHEMA IF NOT EXISTS as_of")
        marts, history = (column_types(con, database, schema) for schema in ("marts", "history"))
        _write(
            con, generation, "main", "marts", {mart: (f"FROM marts.{mart}", [*types]) for mart, types in marts.items()}
        )
        held = [dataset for dataset in DATASETS.values() if dataset.table in history]
        _write(con, generation, "current", "history", {each.table: (_current(each), _columns(each)) for each in held})
        for dataset in held:
            con.execute(f"CREATE OR REPLACE MACRO as_of.{dataset.table}(moment) AS TABLE {_as_of(dataset)}")


def _write(
    con: duckdb.DuckDBPyConnection,
    generation: Generation,
    schema: str,
    of: str,
    wanted: Mapping[str, tuple[str, list[str]]],
) -> None:
    """Views of ``schema``, each by its query and columns, with the texts that their tables in ``of`` have."""
    database = comments.own_name(con)
    made, tables = column_types(con, database, schema), column_types(con, database, of)
    said = comments.of(con, database)
    for view in made.keys() - wanted.keys():
        con.execute(f"DROP VIEW {schema}.{view}")
    for view, (query, columns) in wanted.items():
        types = {name: tables[view][name] for name in columns}
        if made.get(view) != types:  # DuckDB refuses a view whose table has other types now
            con.execute(f"CREATE OR REPLACE VIEW {schema}.{view} AS {query}")
            said = {place: text for place, text in said.items() if place[:2] != (schema, view)}
        comments.say(con, said, (schema, view, None), said.get((of, view, None)), generation, kind="VIEW")
        for name in columns:
            comments.say(con, said, (schema, view, name), said.get((of, view, name)))


def _columns(dataset: Dataset) -> list[str]:
    return [*(column.name for column in dataset.columns), *_KNOWLEDGE]


def _current(dataset: Dataset) -> str:
    return (
        f"SELECT {quoted(_columns(dataset))} FROM history.{dataset.table} "
        f"WHERE known_to = {END_OF_TIME} AND NOT is_deleted"
    )


def _as_of(dataset: Dataset) -> str:
    return _known(dataset, "history", "moment::TIMESTAMP")


def _known(dataset: Dataset, schema: str, moment: str) -> str:
    return (
        f"SELECT {quoted(_columns(dataset))} FROM {schema}.{dataset.table} "
        f"WHERE known_from <= {moment} AND known_to > {moment} AND NOT is_deleted"
    )


def of_moment(con: duckdb.DuckDBPyConnection, moment: datetime) -> None:
    """Make `current` of an empty database, with `published_now` attached: every dataset as known at the moment."""
    con.execute("CREATE SCHEMA current")
    held = column_types(con, NOW, "history")
    for dataset in DATASETS.values():
        if dataset.table in held:
            known = _known(dataset, f"{NOW}.history", f"TIMESTAMP '{moment}'")
            con.execute(f"CREATE VIEW current.{dataset.table} AS {known}")
