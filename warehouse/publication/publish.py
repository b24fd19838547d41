"""Generations: complete published states, each built in a hidden folder and put in place by one rename.

A generation is a folder with the database, Parquet files, data package and report. It is built under a hidden name,
synced to disk, renamed, and becomes `current` by replacing one symbolic link. Readers keep what they opened. A kill at
any instant leaves the last generation whole; the next holder of the lock removes the leftovers
(`warehouse/leftovers.py`). Tables that have shrunk are not published unless the user allows it
(`warehouse/publication/shrink.py`).
"""

import logging
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from warehouse import lock, meta
from warehouse.connection import DATABASE_NAME, Home, column_types, configure, naming_damage, thrifty, when_free
from warehouse.generation import SIMULATED_FILE, SIMULATED_NOTICE, Generation, literal, withheld_columns
from warehouse.history import STORE_TEXTS, intervals_sql, quoted
from warehouse.leftovers import BUILDING
from warehouse.models.fingerprints import contents
from warehouse.publication import (
    calendar_file,
    charts,
    comments,
    in_place,
    package,
    parquet,
    report,
    shrink,
    unchanged,
    views,
)
from warehouse.publication.alerts import digest, feed
from warehouse.publication.previous import Previous

_FREED_SHARE = 1 / 3  # of a file's blocks; with more, the next generation writes all of it anew
_DOCUMENTS = Path(__file__).parents[1] / "docs"


def documents() -> dict[str, Path]:
    """Documents that every generation contains, by their name there: `COOKBOOK.md` is `docs/cookbook.md`."""
    return {f"{path.stem.upper()}.md": path for path in sorted(_DOCUMENTS.glob("*.md"))}


@lock.held("publication")
def publish(
    home: Home,
    *,
    as_of: datetime | None = None,
    held_back: Mapping[str, str] | None = None,
    allow_shrink: Collection[str] = (),
) -> Generation:
    """Build a generation from the work file, see `prepare`, and make it current; returns it."""
    generation = prepare(home, as_of=as_of, held_back=held_back, allow_shrink=allow_shrink)
    install(home, generation)
    return generation


def install(home: Home, generation: Generation) -> None:
    """Make a generation current that `prepare` has built. Hold the warehouse."""
    in_place.install(home, _folder(home, generation), generation.id)


def _folder(home: Home, generation: Generation) -> Path:
    """Where a generation is built."""
    return home.generations / f"{BUILDING}{generation.id}"


def prepare(
    home: Home,
    *,
    as_of: datetime | None = None,
    held_back: Mapping[str, str] | None = None,
    allow_shrink: Collection[str] = (),
) -> Generation:
    """Build a generation from the work file, in a folder that readers do not see. Hold the warehouse until `install`.

    ``held_back`` are marts whose blocking check failed, each with its reason, which `meta.mart` has: they come from the
    newest generation, or are left out if it has none. The same holds for marts that have shrunk by more than
    `shrink.MART`, unless ``allow_shrink`` names them. Raises ShrunkError, and publishes nothing, when a history has
    shrunk by more than `shrink.HISTORY` and ``allow_shrink`` does not name the dataset. A state ``as_of`` a past moment
    is not compared. The work file must not be open in this process.
    """
    built_at = utc_now()
    generation = Generation(f"{built_at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}", built_at, home.is_simulated, as_of)
    home.generations.mkdir(parents=True, exist_ok=True)
    folder = _folder(home, generation)
    folder.mkdir()
    previous = Previous.of(home)

    con = thrifty(_begin(folder / DATABASE_NAME, previous, generation), home)
    try:
        with ThreadPoolExecutor(1) as pool:
            script = pool.submit(report.script, previous)  # 2 s in another process, while this one fills the tables
            unchanged_marts = _fill(con, home, generation, held_back or {}, allow_shrink)
            with charts.rendering(con, folder / "charts", generation, previous) as finish_charts:
                withheld = withheld_columns(con)
                rows = parquet.write_parquet(con, folder / "parquet", generation, withheld, unchanged_marts, previous)
                described = package.resources(con, rows, withheld)
                calendar_file.write(con, folder / calendar_file.NAME, generation)
                if as_of is None:  # a state of the past is not news
                    with _previous(con, home) as has_previous:
                        subject, text = digest.write(con, folder, generation, has_previous=has_previous)
                    feed.write(folder, generation, subject, text, previous)
                drawn = finish_charts()
            report.write(con, folder / "report", generation, drawn, script.result())
        con.execute("CHECKPOINT")
    finally:
        con.close()
    _add_documents(folder, generation)
    previous.share(folder)
    package.write(folder, generation, described)
    return generation


def _fill(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    generation: Generation,
    held_back: Mapping[str, str],
    allow_shrink: Collection[str],
) -> set[str]:
    """Bring the open database in line with the work file; returns the marts that are as they were."""
    held = dict(held_back)
    attach = f"ATTACH {literal(str(home.work_database))} AS work (READ_ONLY)"
    when_free(home, lambda: con.execute(attach))
    with naming_damage(home):
        same = _drop_what_changed(con)
        con.execute("BEGIN")  # hundreds of comments and small rows: one write to the disk, not one each
        _copy_history(con, generation)
        _copy_meta(con, generation)
        con.execute("COMMIT")
    with _previous(con, home) as has_previous:
        if has_previous and generation.as_of is None:
            shrink.histories(con, "previous", allow_shrink)
            held |= shrink.marts(con, "work", "previous", held, allow_shrink)
        con.execute("BEGIN")
        _copy_marts(con, generation, held, has_previous=has_previous)
        con.execute("COMMIT")
    con.execute("DETACH work")
    views.write(con, generation)
    return {table.removeprefix("marts.") for table in same if table.startswith("marts.")}


def _add_documents(folder: Path, generation: Generation) -> None:
    for name, document in documents().items():
        shutil.copy(document, folder / name)
    if generation.is_simulated:
        (folder / SIMULATED_FILE).write_text(SIMULATED_NOTICE + "\n", "utf-8")


@contextmanager
def _previous(con: duckdb.DuckDBPyConnection, home: Home) -> Iterator[bool]:
    """Whether the newest generation is attached, as `previous`, while the block runs. A damaged one is not attached."""
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


def _begin(database: Path, previous: Previous, generation: Generation) -> duckdb.DuckDBPyConnection:
    """The database to fill: a copy of the newest generation's, or an empty one where that cannot be used.

    It is used only when it is whole, as of now, written by the same DuckDB and without too many freed blocks.
    """
    con = _open(database)
    if generation.as_of is not None or previous.folder is None:
        return con
    con.close()
    empty = _head(database)
    if previous.copy(DATABASE_NAME, database) and _head(database) == empty:
        con = _open(database)
        try:
            stated = con.execute("SELECT as_of IS NULL, is_simulated FROM meta.generation").fetchone()
            size = con.execute("FROM pragma_database_size()").fetchone()
            _, _, _, blocks, _, freed, *_ = size  # type: ignore[misc]
            if stated == (True, generation.is_simulated) and freed <= _FREED_SHARE * blocks:
                return con
        except duckdb.Error:
            logging.getLogger(__name__).warning("%s is no database to go on with", previous.folder, exc_info=True)
        con.close()
    database.unlink(missing_ok=True)
    return _open(database)


def _open(database: Path) -> duckdb.DuckDBPyConnection:
    con = configure(duckdb.connect(str(database)))
    # Sorting 5 million rows of history took 1.3 GB without it; with it 0.7, in the same time.
    con.execute("SET memory_limit = '512MB'")
    return con


def _head(database: Path) -> bytes:
    """The first block of a closed database: which DuckDB wrote it, in which format."""
    with database.open("rb") as file:
        return file.read(4096)


def _drop_what_changed(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Drop from a copied database all but the tables that hold what `work` has for them; returns their names.

    With 5 million rows of history a publication in which they are the same takes 2 CPU s; 9 when it writes them.
    """
    wanted = {f"history.{d.table}": intervals_sql(d, f"work.raw.{d.table}") for d in DATASETS.values()}
    wanted |= {f"marts.{mart}": f"FROM work.marts.{mart}" for mart in column_types(con, "work", "marts")}
    tables = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name <> 'meta'"
    ).fetchall()
    same = {table for (table,) in tables if table in wanted and _is_same(con, table, wanted[table])}
    con.execute("BEGIN")
    con.execute("DROP SCHEMA IF EXISTS meta CASCADE")
    for (table,) in tables:
        if table not in same:
            con.execute(f"DROP TABLE {table}")
    con.execute("COMMIT")
    con.execute("CHECKPOINT")  # so that what is written next takes the freed blocks
    return same


def _is_same(con: duckdb.DuckDBPyConnection, table: str, query: str) -> bool:
    """Whether a table has the columns, types and rows of a query."""
    one, other = (con.execute(f"DESCRIBE {each}").fetchall() for each in (f"FROM {table}", query))
    if [column[:2] for column in one] != [column[:2] for column in other]:
        return False
    return len(set(contents(con, [table, f"({query})"]).values())) == 1


def _copy_history(con: duckdb.DuckDBPyConnection, generation: Generation) -> None:
    """History of every raw table that is missing, sorted by key, so that the versions of a key are together."""
    con.execute("CREATE SCHEMA IF NOT EXISTS history")
    there = column_types(con, comments.own_name(con), "history")
    said = comments.of(con, comments.own_name(con))
    for dataset in DATASETS.values():
        if dataset.table not in there:
            con.execute(
                f"CREATE TABLE history.{dataset.table} AS {intervals_sql(dataset, f'work.raw.{dataset.table}')} "
                f"ORDER BY {quoted(dataset.key)}, known_from"
            )
        comments.say(con, said, ("history", dataset.table, None), f"{dataset.title}. {dataset.description}", generation)
        for name, text in ({column.name: column.text for column in dataset.columns} | STORE_TEXTS).items():
            comments.say(con, said, ("history", dataset.table, name), text)


def _copy_meta(con: duckdb.DuckDBPyConnection, generation: Generation) -> None:
    con.execute("CREATE SCHEMA meta")
    for table in meta.TABLES:
        if table.is_published:
            con.execute(f"CREATE TABLE meta.{table.name} AS FROM work.meta.{table.name}")
        elif table.is_of_generation:
            con.execute(table.ddl)
        else:
            continue
        meta.say(con, table.name)
    line = {
        "id": generation.id, "built_at": generation.built_at, "as_of": generation.as_of,
        "is_simulated": generation.is_simulated, "made_from": unchanged.made_from(con, "work"),
    }  # fmt: skip
    meta.insert(con, "generation", [line])
    columns = (
        {
            "dataset": dataset.id, "column_name": column.name, "dtype": column.dtype,
            "unit": column.unit.words if column.unit else None, "description": column.description,
            "is_key": column.name in dataset.key,
        }
        for dataset in DATASETS.values()
        for column in dataset.columns
    )  # fmt: skip
    meta.insert(con, "dictionary", columns)


def _copy_marts(
    con: duckdb.DuckDBPyConnection, generation: Generation, held_back: Mapping[str, str], *, has_previous: bool
) -> None:
    """Marts with their comments; a held-back one comes from `previous`. `meta.mart` has the reason for each."""
    con.execute("CREATE SCHEMA IF NOT EXISTS marts")
    origins = {"work": generation.id}
    if held_back and has_previous:
        (origins["previous"],) = con.execute("SELECT id FROM previous.meta.generation").fetchone()  # type: ignore[misc]
    there = column_types(con, comments.own_name(con), "marts")
    said = comments.of(con, comments.own_name(con))
    for database, origin in origins.items():
        words = comments.of(con, database)
        for mart, columns in sorted(column_types(con, database, "marts").items()):
            is_held_back = mart in held_back
            if database != ("previous" if is_held_back else "work"):
                continue
            if mart not in there:
                con.execute(f"CREATE TABLE marts.{mart} AS FROM {database}.marts.{mart}")
            comments.say(con, said, ("marts", mart, None), words.get(("marts", mart, None), ""), generation)
            for column in columns:
                comments.say(con, said, ("marts", mart, column), words.get(("marts", mart, column)))
            con.execute(
                f"INSERT INTO meta.mart SELECT ?, count(*), ?, ?, ? FROM marts.{mart}",
                [mart, is_held_back, origin, held_back.get(mart)],
            )
