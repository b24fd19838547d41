"""Numbered steps that bring the work file of an earlier version up to this one, and the number that the file is at.

`meta.migration` has a row for each step done; its highest number is the file's. A new step goes at the end of `STEPS`;
a published step never changes. A step and its row are one transaction, so a kill leaves the file at a number. Versions
before the numbering left files of several layouts: the first three steps handle all of them, and change nothing where
nothing is missing. A new dataset or column in the catalog needs no step: `tables.create_tables` adds it.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import duckdb

from ingest.calendars import utc_now
from ingest.catalog import Dataset
from warehouse import meta
from warehouse.connection import transaction
from warehouse.history import STORE_DEFAULTS, set_ends


class NewerStoreError(Exception):
    """The work file was made by a later version of this program."""


@dataclass(frozen=True)
class Step:
    """One change of the layout: ``what`` in words, and what does it, for the datasets of the catalog."""

    what: str
    do: Callable[[duckdb.DuckDBPyConnection, Iterable[Dataset]], None]


def bring_up(con: duckdb.DuckDBPyConnection, datasets: Callable[[], Iterable[Dataset]]) -> None:
    """Do the steps that the open work file lacks; an empty one needs none. NewerStoreError when it is ahead."""
    done = number(con)
    if done is None or done == len(STEPS):
        return
    if done > len(STEPS):
        raise NewerStoreError(
            f"a later version of this program made it: it is at step {done}, this version knows {len(STEPS)}; "
            "use that version, or put back the backup from before it"
        )
    con.execute(meta.TABLE["migration"].ddl)
    for place, step in enumerate(STEPS[done:], start=done + 1):
        logging.getLogger(__name__).info("store, step %s: %s", place, step.what)
        with transaction(con):
            step.do(con, datasets())
            meta.insert(con, "migration", [_line(place, step)])


def number(con: duckdb.DuckDBPyConnection) -> int | None:
    """Number of steps done on the work file: 0 for one from before the numbering, None for an empty one."""
    try:
        (done,) = con.execute("SELECT coalesce(max(number), 0) FROM meta.migration").fetchone()  # type: ignore[misc]
    except duckdb.CatalogException:
        loads = "database_name = current_database() AND (schema_name, table_name) = ('meta', 'load')"
        return 0 if con.execute(f"FROM duckdb_tables() WHERE {loads}").fetchone() else None
    return done


def note_new(con: duckdb.DuckDBPyConnection) -> None:
    """Give a work file whose tables were just made the newest number."""
    if number(con) in (None, 0):
        con.execute(meta.TABLE["migration"].ddl)
        meta.insert(con, "migration", (_line(place, step) for place, step in enumerate(STEPS, start=1)))


def _line(place: int, step: Step) -> dict[str, object]:
    return {"number": place, "what": step.what, "done_at": utc_now()}


def fill_loads(con: duckdb.DuckDBPyConnection) -> None:
    """Fill in what the loads of an early version requested, as far as their rows tell; their dates are not known."""
    con.execute(
        """
        UPDATE meta.load SET
            is_import = origin = 'file' AND known_at < loaded_at,
            request_scope = CASE WHEN len(scopes) = 1 AND scopes[1] <> '' THEN scopes[1] END
        WHERE is_import IS NULL"""
    )


def _add(con: duckdb.DuckDBPyConnection, columns: str) -> None:
    """Add columns to `meta.load`, as `name TYPE, ...`."""
    for column in columns.split(", "):
        con.execute(f"ALTER TABLE meta.load ADD COLUMN IF NOT EXISTS {column}")


def _requests(con: duckdb.DuckDBPyConnection, _: Iterable[Dataset]) -> None:
    _add(con, "request_scope VARCHAR, covers_from DATE, covers_to DATE, is_import BOOLEAN")
    fill_loads(con)


def _counts(con: duckdb.DuckDBPyConnection, _: Iterable[Dataset]) -> None:
    _add(con, "unsaid VARCHAR[], rows_appended BIGINT, carried_over VARCHAR")


def _ends(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset]) -> None:
    there = _logs(con)
    for dataset in datasets:
        if "known_to" not in there.get(dataset.table, ["known_to"]):
            end = STORE_DEFAULTS["known_to"]
            con.execute(f"ALTER TABLE raw.{dataset.table} ADD COLUMN known_to TIMESTAMP DEFAULT {end}")
            set_ends(con, dataset)


def _logs(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Columns of each existing table of the log."""
    return dict(
        con.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name = 'raw' GROUP BY 1"
        ).fetchall()
    )


def _reasons(con: duckdb.DuckDBPyConnection, _: Iterable[Dataset]) -> None:
    con.execute("ALTER TABLE IF EXISTS meta.catalog ADD COLUMN IF NOT EXISTS held_for VARCHAR")


def _forecasts(con: duckdb.DuckDBPyConnection, _: Iterable[Dataset]) -> None:
    con.execute(meta.TABLE["forecast"].ddl)


STEPS = (
    Step("a load keeps what it asked for and whether it slots into the past", _requests),
    Step("a load keeps what its file left unsaid, how many rows it appended and why they were carried over", _counts),
    Step("each version of a row keeps when the next one became known", _ends),
    Step("the catalog says why a series is held that no mart uses", _reasons),
    # `create_tables` would make it; the step stops an earlier version, whose replay would drop the ledger.
    Step("a ledger keeps what each forecast said before its outcome was known", _forecasts),
)
