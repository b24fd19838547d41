"""Generations: one complete published state each, built aside and swapped in as a whole.

A generation is a folder with the database, Parquet files, data package and report. It is built under a hidden name,
synced to disk, renamed, and becomes `current` by replacing one symbolic link. Readers keep what they opened. A kill at
any instant leaves the last generation whole; what it left behind is removed by whoever next holds the lock
(`warehouse/leftovers.py`). What has shrunk is not published unless somebody says so (`warehouse/shrink.py`).
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from warehouse import charts, export, lock, package, report, shrink, unchanged
from warehouse.connection import DATABASE_NAME, Home, configure, naming_damage, when_free
from warehouse.export import SIMULATED_NOTICE, Generation, literal
from warehouse.history import intervals_sql, quoted
from warehouse.leftovers import BUILDING

KEEP_GENERATIONS = 5
_DOCUMENTS = Path(__file__).parent / "docs"
# Tables of `meta` that a generation takes over from the work file.
_META = (
    "load", "fetch", "payload", "quarantine", "freshness", "catalog", "withheld_column", "mart_key", "mart_source",
    "lineage", "column_lineage",
)  # fmt: skip


def documents() -> dict[str, Path]:
    """Documents that lie in every generation, by their name there: `COOKBOOK.md` is `docs/cookbook.md`."""
    return {f"{path.stem.upper()}.md": path for path in sorted(_DOCUMENTS.glob("*.md"))}


@lock.held("publication")
def publish(
    home: Home,
    *,
    as_of: datetime | None = None,
    held_back: Mapping[str, str] | None = None,
    allow_shrink: Collection[str] = (),
) -> Generation:
    """Build a generation from the work file and make it current; returns it.

    ``held_back`` are marts whose blocking check failed, each with its reason, which `meta.mart` keeps: they are taken
    from the newest generation, or left out if that has none. So are marts that have shrunk against it by more than
    `shrink.MART`, unless ``allow_shrink`` names them. Raises ShrunkError, and publishes nothing, when a history has
    shrunk by more than `shrink.HISTORY` and ``allow_shrink`` does not name the dataset. A state ``as_of`` a past moment
    is compared with nothing. The work file must not be open in this process.
    """
    built_at = utc_now()
    generation = Generation(f"{built_at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}", built_at, home.is_simulated, as_of)
    home.generations.mkdir(parents=True, exist_ok=True)
    folder = home.generations / f"{BUILDING}{generation.id}"
    folder.mkdir()
    held = dict(held_back or {})

    con = configure(duckdb.connect(str(folder / DATABASE_NAME)))
    try:
        attach = f"ATTACH {literal(str(home.work_database))} AS work (READ_ONLY)"
        when_free(home, lambda: con.execute(attach))
        with naming_damage(home):
            con.execute("BEGIN")  # hundreds of comments and small rows: one write to the disk, not one each
            _copy_history(con, generation)
            _copy_meta(con, generation)
            con.execute("COMMIT")
        with _previous(con, home) as has_previous:
            if has_previous and as_of is None:
                shrink.histories(con, "previous", allow_shrink)
                held |= shrink.marts(con, "work", "previous", held, allow_shrink)
            _copy_marts(con, generation, held, has_previous=has_previous)
        con.execute("DETACH work")
        withheld = export.withheld_columns(con)
        rows = export.write_parquet(con, folder / "parquet", generation, withheld)
        described = package.resources(con, rows, withheld)
        drawn = charts.render(con, folder / "charts", generation)
        report.write(con, folder / "report", generation, drawn)
        con.execute("CHECKPOINT")
    finally:
        con.close()
    for name, document in documents().items():
        shutil.copy(document, folder / name)
    if generation.is_simulated:
        (folder / "SIMULATED.txt").write_text(SIMULATED_NOTICE + "\n", "utf-8")
    package.write(folder, generation, described)

    _sync_tree(folder)
    final = home.generations / generation.id
    folder.rename(final)
    _sync(home.generations)
    _swap(home, final)
    _prune(home, final)
    return generation


@contextmanager
def _previous(con: duckdb.DuckDBPyConnection, home: Home) -> Iterator[bool]:
    """Whether the newest generation is attached, as `previous`, while the block runs. A damaged one stops nobody."""
    database, is_attached = home.newest_database, False
    if database is not None:
        try:
            con.execute(f"ATTACH {literal(str(database))} AS previous (READ_ONLY)")
            is_attached = True
            con.execute("SELECT id FROM previous.meta.generation").fetchone()
        except duckdb.Error as error:
            words = str(error).splitlines()[0]
            logging.getLogger(__name__).warning("%s cannot be read, nothing is compared with it: %s", database, words)
            database = None
    yield database is not None
    if is_attached:
        con.execute("DETACH previous")


def _copy_history(con: duckdb.DuckDBPyConnection, generation: Generation) -> None:
    """History of every raw table, sorted by key, so that one key's versions lie together."""
    con.execute("CREATE SCHEMA history")
    for dataset in DATASETS.values():
        con.execute(
            f"CREATE TABLE history.{dataset.table} AS {intervals_sql(dataset, f'work.raw.{dataset.table}')} "
            f"ORDER BY {quoted(dataset.key)}, known_from"
        )
        _comment(con, f"TABLE history.{dataset.table}", f"{dataset.title}. {dataset.description}", generation)
        for column in dataset.columns:
            con.execute(f'COMMENT ON COLUMN history.{dataset.table}."{column.name}" IS {literal(column.text)}')


def _copy_meta(con: duckdb.DuckDBPyConnection, generation: Generation) -> None:
    con.execute("CREATE SCHEMA meta")
    for table in _META:
        con.execute(f"CREATE TABLE meta.{table} AS FROM work.meta.{table}")
    con.execute(
        "CREATE TABLE meta.generation (id VARCHAR, built_at TIMESTAMP, as_of TIMESTAMP, is_simulated BOOLEAN, "
        "made_from VARCHAR)"
    )
    made_from = unchanged.made_from(con, "work")
    con.execute(
        "INSERT INTO meta.generation VALUES (?, ?, ?, ?, ?)",
        [generation.id, generation.built_at, generation.as_of, generation.is_simulated, made_from],
    )
    con.execute(
        "CREATE TABLE meta.dictionary (dataset VARCHAR, column_name VARCHAR, dtype VARCHAR, unit VARCHAR, "
        "description VARCHAR, is_key BOOLEAN)"
    )
    con.executemany(
        "INSERT INTO meta.dictionary VALUES (?, ?, ?, ?, ?, ?)",
        [
            [d.id, c.name, c.dtype, c.unit.words if c.unit else None, c.description, c.name in d.key]
            for d in DATASETS.values()
            for c in d.columns
        ],
    )


def _copy_marts(
    con: duckdb.DuckDBPyConnection, generation: Generation, held_back: Mapping[str, str], *, has_previous: bool
) -> None:
    """Marts with their comments; a held-back one comes from `previous`. `meta.mart` says which is which, and why."""
    con.execute("CREATE SCHEMA marts")
    con.execute(
        "CREATE TABLE meta.mart (mart VARCHAR, rows BIGINT, is_held_back BOOLEAN, from_generation VARCHAR, "
        "reason VARCHAR)"
    )
    origins = {"work": generation.id}
    if held_back and has_previous:
        (origins["previous"],) = con.execute("SELECT id FROM previous.meta.generation").fetchone()  # type: ignore[misc]
    tables = con.execute(
        "SELECT database_name, table_name, comment FROM duckdb_tables() WHERE schema_name = 'marts' "
        "AND database_name IN ('work', 'previous') ORDER BY table_name"
    ).fetchall()
    for database, mart, comment in tables:
        is_held_back = mart in held_back
        if database not in origins or database != ("previous" if is_held_back else "work"):
            continue
        con.execute(f"CREATE TABLE marts.{mart} AS FROM {database}.marts.{mart}")
        _comment(con, f"TABLE marts.{mart}", comment or "", generation)
        for column, text in con.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE database_name = ? AND schema_name = 'marts' "
            "AND table_name = ? AND comment IS NOT NULL",
            [database, mart],
        ).fetchall():
            con.execute(f'COMMENT ON COLUMN marts.{mart}."{column}" IS {literal(text)}')
        con.execute(
            f"INSERT INTO meta.mart SELECT ?, count(*), ?, ?, ? FROM marts.{mart}",
            [mart, is_held_back, origins[database], held_back.get(mart)],
        )


def _comment(con: duckdb.DuckDBPyConnection, what: str, text: str, generation: Generation) -> None:
    notice = SIMULATED_NOTICE if generation.is_simulated else ""
    text = text.removeprefix(notice).strip()
    con.execute(f"COMMENT ON {what} IS {literal(f'{notice} {text}'.strip())}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _swap(home: Home, final: Path) -> None:
    """Point `current` at ``final``: a new link replaces the old one in a single rename."""
    link = home.root / f".current-{final.name}"
    link.symlink_to(Path("generations") / final.name)
    os.replace(link, home.current)
    _sync(home.root)


def _prune(home: Home, newest: Path) -> None:
    """Remove all but the newest generations. A reader that still has one open keeps it until it closes."""
    names = sorted((p for p in home.generations.iterdir() if not p.name.startswith(".")), key=lambda p: p.name)
    for folder in names[:-KEEP_GENERATIONS]:
        if folder != newest:
            shutil.rmtree(folder, ignore_errors=True)
