"""The tables of the log, made from the catalog and extended when it grows.

What must not be here: what is written into them.
"""

import hashlib
from collections.abc import Iterable

import duckdb

from ingest.catalog import Dataset
from warehouse import meta, migrations
from warehouse.connection import WarehouseError
from warehouse.history import STORE_COLUMNS, STORE_DEFAULTS, intervals_sql
from warehouse.log import catalog_tables

_SCHEMAS = "CREATE SCHEMA IF NOT EXISTS raw; CREATE SCHEMA IF NOT EXISTS history"


def _declared(name: str, dtype: str) -> str:
    """A column of the log as DDL has it."""
    return f'"{name}" {dtype}' + (f" DEFAULT {STORE_DEFAULTS[name]}" if name in STORE_DEFAULTS else "")


def create_tables(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset]) -> None:
    """Make or extend the log tables, their history views and the `meta` tables. A column is added, never changed.

    What an earlier version laid out otherwise, `warehouse/migrations.py` brings up to now first.
    Nothing is written when this code has made the file like that before (90 ms, four times a refresh).
    """
    datasets = list(datasets)
    views = {dataset.table: intervals_sql(dataset, f"raw.{dataset.table}") for dataset in datasets}
    wanted = repr((meta.DDL, STORE_COLUMNS, views, *map(_columns, datasets), catalog_tables.rows(datasets)))
    digest = hashlib.sha256(wanted.encode()).hexdigest()
    if _made_as(con) == f"{digest} {_shape(con)}":
        return
    migrations.bring_up(con, lambda: datasets)
    con.execute(_SCHEMAS)
    con.execute(meta.DDL)
    migrations.note_new(con)
    catalog_tables.write(con, datasets)
    existing: dict[str, dict[str, str]] = {}
    for table, column, dtype in con.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'raw'"
    ).fetchall():
        existing.setdefault(table, {})[column] = dtype
    for dataset in datasets:
        wanted_columns = _columns(dataset)
        have = existing.get(dataset.table)
        if have is None:
            body = ", ".join(_declared(*column) for column in wanted_columns.items())
            con.execute(f"CREATE TABLE raw.{dataset.table} ({body})")
        else:
            for name, dtype in wanted_columns.items():
                if name not in have:
                    con.execute(f"ALTER TABLE raw.{dataset.table} ADD COLUMN {_declared(name, dtype)}")
                elif have[name] != dtype:
                    raise WarehouseError(
                        f"raw.{dataset.table}.{name} is {have[name]} on disk and {dtype} in the catalog; "
                        "`liquidity replay` makes the log again from its payloads"
                    )
        con.execute(f"CREATE OR REPLACE VIEW history.{dataset.table} AS {views[dataset.table]}")
    con.execute(f"COMMENT ON TABLE meta.load IS '{digest} {_shape(con)}'")


def _columns(dataset: Dataset) -> dict[str, str]:
    """Type of each column of its log."""
    return {column.name: column.dtype.upper() for column in dataset.columns} | STORE_COLUMNS


def _made_as(con: duckdb.DuckDBPyConnection) -> str | None:
    row = con.execute(
        "SELECT comment FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'meta' "
        "AND table_name = 'load'"
    ).fetchone()
    return row[0] if row else None


def _shape(con: duckdb.DuckDBPyConnection) -> str:
    """How many tables, views and columns there are: somebody else may have taken one away."""
    counts = con.execute(
        "SELECT count(*), sum(column_count) FROM duckdb_tables() WHERE database_name = current_database() "
        "AND (schema_name = 'raw' OR (schema_name, table_name) = ('meta', 'load')) UNION ALL "
        "SELECT count(*), 0 FROM duckdb_views() WHERE database_name = current_database() AND schema_name = 'history'"
    ).fetchall()
    return "/".join(str(count) for pair in counts for count in pair)
