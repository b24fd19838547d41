"""Writes the current generation into a lake: one transaction, so one snapshot, which names the generation.

Marts, history and what `meta` says of them, with their texts. A table that is the same as in the snapshot before is not
written; a changed one is written whole. The files may be passed on, as the package may: columns, datasets and series
whose publisher forbids it are left out. A killed process leaves the last snapshot whole. What must not be here: opening
a lake (`warehouse/publication/lake/catalog.py`).
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from ingest.providers import DATASETS
from warehouse.connection import Home, WarehouseError, transaction
from warehouse.generation import literal, withheld_columns
from warehouse.models.fingerprints import contents
from warehouse.publication.lake.catalog import LAKE, Snapshot, one_writer, opened, snapshots

SCHEMAS = ("marts", "history", "meta")
_COPY = "published"  # the generation's database, attached


@dataclass(frozen=True)
class Synced:
    """What a call did: the snapshot that holds the generation, tables written and left as they were, tables removed.

    ``is_new`` is false when the generation was there before; then nothing was written.
    """

    generation: str
    snapshot: int
    written: int
    same: int
    removed: int
    is_new: bool


@dataclass(frozen=True)
class _Table:
    """A table to write: the query for its rows, the texts of table and columns as (object, name, text), its digest."""

    query: str
    texts: tuple[tuple[str, str, str], ...]
    digest: str


def sync(
    home: Home, address: str, *, keep_days: float | None = None, wait_seconds: float, on_wait: Callable[[str], None]
) -> Synced:
    """Write the current generation of ``home`` into the lake at ``address``, once.

    With ``keep_days``, snapshots older than that are forgotten and their files removed, and those that a killed process
    has left for a day; the newest snapshot stays.
    NotPublishedError without a generation; WarehouseError when the lake has a newer one, or when one of the two is
    simulated and the other not; LakeError when a server refuses or another process writes for too long.
    """
    database = home.published_database
    with opened(address, is_written=True) as con, one_writer(con, address, wait_seconds, on_wait):
        con.execute(f"ATTACH {literal(str(database))} AS {_COPY} (READ_ONLY)")
        con.execute(f"USE {_COPY}")
        done = _write(con, home, address, database.parent.name)
        if keep_days is not None:
            before = f"now() - to_microseconds({int(keep_days * 86_400e6)})"
            con.execute(f"CALL ducklake_expire_snapshots('{LAKE}', older_than => {before})")
            con.execute(f"CALL ducklake_cleanup_old_files('{LAKE}', cleanup_all => true)")
            con.execute(f"CALL ducklake_delete_orphaned_files('{LAKE}', older_than => now() - INTERVAL 1 DAY)")
    return done


def _write(con: duckdb.DuckDBPyConnection, home: Home, address: str, generation: str) -> Synced:
    before = snapshots(con)
    if held := next((each for each in reversed(before) if each.generation), None):
        _admit(held, home, address, generation)
        if held is before[-1] and held.generation == generation:
            return Synced(generation, held.number, 0, len(held.digests or ()), 0, is_new=False)
    known = before[-1].digests or {}  # none when another program has written since
    tables = _tables(con)
    changed = [name for name, table in tables.items() if known.get(name) != table.digest]
    gone = sorted(_there(con, LAKE) - tables.keys())
    told = {
        "generation": generation, "is_simulated": home.is_simulated, "written": changed,
        "digests": {name: table.digest for name, table in tables.items()},
    }  # fmt: skip
    with transaction(con):
        for schema in SCHEMAS:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {LAKE}.{schema}")
        for name in changed:
            con.execute(f"CREATE OR REPLACE TABLE {LAKE}.{name} AS {tables[name].query}")
            for kind, place, text in tables[name].texts:
                con.execute(f"COMMENT ON {kind} {LAKE}.{place} IS {literal(text)}")
        for name in gone:
            con.execute(f"DROP TABLE {LAKE}.{name}")
        con.execute(
            f"CALL {LAKE}.set_commit_message('dollar-liquidity', {literal(f'generation {generation}')}, "
            f"extra_info => {literal(json.dumps(told))})"
        )
    number = snapshots(con)[-1].number
    return Synced(generation, number, len(changed), len(tables) - len(changed), len(gone), is_new=True)


def _admit(held: Snapshot, home: Home, address: str, generation: str) -> None:
    if held.is_simulated != home.is_simulated:
        kind = "simulated" if held.is_simulated else "real"
        raise WarehouseError(f"{address} holds {kind} data; use another lake")
    if held.generation > generation:
        raise WarehouseError(f"{address} has generation {held.generation}, newer than {generation}")


def _there(con: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    """Qualified names of the tables of an attached database in the schemas that a lake has."""
    return {
        f"{schema}.{name}"
        for schema, name in con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name IN "
            "(SELECT unnest(?))",
            [database, SCHEMAS],
        ).fetchall()
    }


def _tables(con: duckdb.DuckDBPyConnection) -> dict[str, _Table]:
    """What the lake gets of the published database, by qualified name."""
    columns = {f"marts.{mart}": names for mart, names in withheld_columns(con).items()}
    series = _withheld_series(con)
    names = sorted(name for name in _there(con, _COPY) if series.get(name) != "true")
    digests, texts, found = contents(con, names), _texts(con), {}
    for name in names:
        left_out = columns.get(name, ())
        chosen = f"* EXCLUDE ({', '.join(left_out)})" if left_out else "*"
        query = f"SELECT {chosen} FROM {_COPY}.{name} WHERE NOT ({series.get(name, 'false')})"
        said = tuple(text for text in texts.get(name, ()) if text[1].removeprefix(f"{name}.") not in left_out)
        types = con.execute(f"DESCRIBE {query}").fetchall()
        form = hashlib.sha256(repr((query, said, types)).encode()).hexdigest()[:12]
        found[name] = _Table(query, said, f"{digests[name]}:{form}")
    return found


def _withheld_series(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Condition, by table of history, for the rows whose publisher forbids to pass them on; `true` for all rows."""
    found = {}
    for dataset, is_all, names in con.execute(
        "SELECT dataset, NOT bool_or(is_redistributable), list(series ORDER BY series) FILTER (NOT is_redistributable) "
        "FROM meta.catalog GROUP BY dataset HAVING NOT bool_and(is_redistributable)"
    ).fetchall():
        listed = ", ".join(literal(name) for name in names)
        declared = DATASETS.get(dataset)
        column = declared.series_column if declared else None
        table = f"history.{dataset.replace('.', '__')}"
        found[table] = "true" if is_all or column is None else f"CAST({column} AS VARCHAR) IN ({listed})"
    return found


def _texts(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str, str]]]:
    """Texts of tables and columns as (object, name, text), by qualified table."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for kind, query in (
        ("TABLE", "SELECT schema_name, table_name, NULL, comment FROM duckdb_tables()"),
        ("COLUMN", "SELECT schema_name, table_name, column_name, comment FROM duckdb_columns()"),
    ):
        for schema, table, column, text in con.execute(
            f"{query} WHERE database_name = ? AND comment IS NOT NULL ORDER BY ALL", [_COPY]
        ).fetchall():
            name = f"{schema}.{table}"
            found.setdefault(name, []).append((kind, f"{name}.{column}" if column else name, text))
    return found
