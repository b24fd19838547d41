"""Generations: one complete published state each, built aside and swapped in as a whole.

A generation is a folder with the database, Parquet files, data package and report. It is built under a hidden name,
synced to disk, renamed, and becomes `current` by replacing one symbolic link. Readers keep what they opened. A kill at
any instant leaves the last generation whole; what it left behind is removed by the next publication.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from warehouse import charts, export, lock, package, report
from warehouse.connection import DATABASE_NAME, Home, configure, naming_damage, when_free
from warehouse.export import SIMULATED_NOTICE, Generation, literal
from warehouse.history import intervals_sql, quoted

KEEP_GENERATIONS = 5
_DOCUMENTS = Path(__file__).parent / "docs"
_BUILDING = ".building-"
# Tables of `meta` that a generation takes over from the work file.
_META = (
    "load", "fetch", "payload", "quarantine", "freshness", "catalog", "withheld_column", "mart_key", "mart_source",
    "lineage", "column_lineage",
)  # fmt: skip


def documents() -> dict[str, Path]:
    """Documents that lie in every generation, by their name there: `COOKBOOK.md` is `docs/cookbook.md`."""
    return {f"{path.stem.upper()}.md": path for path in sorted(_DOCUMENTS.glob("*.md"))}


@lock.held("publication")
def publish(home: Home, *, as_of: datetime | None = None, held_back: Iterable[str] = ()) -> Generation:
    """Build a generation from the work file and make it current; returns it.

    ``held_back`` names marts whose blocking check failed: they are taken from the current generation, with the reason
    kept in `meta.mart`, or left out if no generation has them. The work file must not be open in this process.
    """
    built_at = utc_now()
    generation = Generation(f"{built_at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}", built_at, home.is_simulated, as_of)
    home.generations.mkdir(parents=True, exist_ok=True)
    for leftover in home.generations.glob(f"{_BUILDING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = home.generations / f"{_BUILDING}{generation.id}"
    folder.mkdir()
    previous = home.current.resolve() / DATABASE_NAME if home.current.is_symlink() else None

    con = configure(duckdb.connect(str(folder / DATABASE_NAME)))
    try:
        attach = f"ATTACH {literal(str(home.work_database))} AS work (READ_ONLY)"
        when_free(home, lambda: con.execute(attach))
        with naming_damage(home):
            _copy_history(con, generation)
            _copy_meta(con, generation)
        _copy_marts(con, generation, set(held_back), previous if previous and previous.exists() else None)
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
    con.execute("CREATE TABLE meta.generation (id VARCHAR, built_at TIMESTAMP, as_of TIMESTAMP, is_simulated BOOLEAN)")
    con.execute(
        "INSERT INTO meta.generation VALUES (?, ?, ?, ?)",
        [generation.id, generation.built_at, generation.as_of, generation.is_simulated],
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
    con: duckdb.DuckDBPyConnection, generation: Generation, held_back: set[str], previous: Path | None
) -> None:
    """Marts with their comments; a held-back one comes from ``previous``. `meta.mart` says which is which."""
    con.execute("CREATE SCHEMA marts")
    con.execute("CREATE TABLE meta.mart (mart VARCHAR, rows BIGINT, is_held_back BOOLEAN, from_generation VARCHAR)")
    origins = {"work": generation.id}
    if held_back and previous is not None:
        con.execute(f"ATTACH {literal(str(previous))} AS previous (READ_ONLY)")
        (origins["previous"],) = con.execute("SELECT id FROM previous.meta.generation").fetchone()  # type: ignore[misc]
    tables = con.execute(
        "SELECT database_name, table_name, comment FROM duckdb_tables() WHERE schema_name = 'marts' "
        "AND database_name IN ('work', 'previous') ORDER BY table_name"
    ).fetchall()
    for database, mart, comment in tables:
        is_held_back = mart in held_back
        if database != ("previous" if is_held_back else "work"):
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
            f"INSERT INTO meta.mart SELECT ?, count(*), ?, ? FROM marts.{mart}", [mart, is_held_back, origins[database]]
        )
    if "previous" in origins:
        con.execute("DETACH previous")


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
    for link in home.root.glob(".current-*"):
        link.unlink(missing_ok=True)
