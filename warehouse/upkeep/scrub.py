"""Checks whether a warehouse is whole: every payload of the archive, every row of the log, the journal.

`warehouse/publication/verify.py` checks published files; this module checks their sources. What must not be here:
anything that changes a payload or a row.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

import duckdb

from ingest.catalog import Dataset
from ingest.errors import UnreadableBodyError
from ingest.payloads import Archive
from ingest.providers import DATASETS
from warehouse import lock
from warehouse.connection import DATABASE_NAME, Home, WarehouseError, open_work, when_free
from warehouse.generation import literal
from warehouse.history import STORE_COLUMNS, misdated_sql, quoted
from warehouse.log import journal, tables
from warehouse.publication.verify import Verification

Progress = Callable[[str, int, int], None]


def _silent(words: str, done: int, total: int) -> None:
    """Default progress: none."""


@lock.held("deep verification")
def scrub(home: Home, progress: Progress = _silent) -> Verification:
    """Read every payload and compare log, journal and current generation with each other.

    ``files`` of the result counts payloads, ``rows`` those of the log. ``progress`` gets words, done and total.
    """
    result = Verification()
    needed: dict[str, str] = {}
    if not home.work_database.exists():
        result.problems.append((DATABASE_NAME, "is not there"))
    else:
        try:
            with open_work(home) as con:
                tables.create_tables(con, DATASETS.values())  # an older version recorded less of a load
                needed |= _needed(con)
                result.rows = _rows(con)
                result.problems += ((DATABASE_NAME, problem) for problem in _log(con, home, progress))
        except (WarehouseError, duckdb.Error) as error:
            result.problems.append((DATABASE_NAME, f"cannot be read: {' '.join(str(error).split())}"))
    written = journal.read(home)
    result.problems += ((home.journal.name, problem) for problem in written.problems)
    for load in written.loads:
        needed |= dict.fromkeys(load.payload_ids, f"load {load.load_seq} of {load.dataset}") | needed
    result.problems += _archive(home, needed, result, progress)
    return result


def _archive(home: Home, needed: dict[str, str], result: Verification, progress: Progress) -> Iterator[tuple[str, str]]:
    """Payloads that are damaged, or missing although the log needs them."""
    archive = Archive(home.payloads)
    files = sorted(home.payloads.glob("??/*.gz"))
    result.files = len(files)
    for number, path in enumerate(files, start=1):
        try:
            archive.get(path.stem)
        except (UnreadableBodyError, ValueError) as error:
            words = error.message if isinstance(error, UnreadableBodyError) else str(error)
            user = f"; {needed[path.stem]} rests on it" if path.stem in needed else ""
            yield str(path.relative_to(home.root)), f"{words}{user}"
        progress("payloads", number, len(files))
    there = {path.stem for path in files}
    for payload_id, user in sorted(needed.items()):
        if payload_id not in there:
            yield f"payload {payload_id}", f"missing; {user} rests on it"


def _needed(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Payloads that the log names, each with one place that names it."""
    return dict(
        con.execute(
            "SELECT payload_id, 'an exchange of ' || first_url FROM meta.payload UNION ALL "
            "SELECT payload_id, 'a failure of ' || dataset FROM meta.quarantine WHERE payload_id IS NOT NULL UNION ALL "
            "SELECT unnest(payload_ids), 'load ' || load_seq || ' of ' || dataset FROM meta.load"
        ).fetchall()
    )


def _one(con: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> int:
    return con.execute(query, list(parameters)).fetchone()[0]  # type: ignore[index]


def _rows(con: duckdb.DuckDBPyConnection) -> int:
    return sum(_one(con, f"SELECT count(*) FROM raw.{dataset.table}") for dataset in DATASETS.values())


def _log(con: duckdb.DuckDBPyConnection, home: Home, progress: Progress) -> Iterator[str]:
    """Where rows, lines of loads, journal and current generation do not fit each other."""
    for load_seq, times in con.execute(
        "SELECT load_seq, count(*) FROM meta.load GROUP BY 1 HAVING count(*) > 1 ORDER BY 1"
    ).fetchall():
        yield f"load {load_seq} is {times} times in meta.load"
    for load_seq, dataset, reason in con.execute(
        "SELECT load_seq, dataset, carried_over FROM meta.load WHERE rows_read IS NULL ORDER BY 1"
    ).fetchall():
        yield f"the rows of load {load_seq} of {dataset} are lost: {reason}"
    yield from _against_journal(con, home)
    published = home.current.resolve() / DATABASE_NAME if home.current.is_symlink() else None
    if published is not None and published.exists():
        when_free(home, lambda: con.execute(f"ATTACH {literal(str(published))} AS published (READ_ONLY)"))
    else:
        published = None
    for number, dataset in enumerate(DATASETS.values(), start=1):
        key, table = quoted(dataset.key), f"raw.{dataset.table}"
        for load_seq, rows, expected in con.execute(
            f"""
            WITH counted AS (
                SELECT load_seq, rows_appended IS NULL AND (is_import OR origin = 'vintage') AS is_uncounted,
                    coalesce(rows_appended, rows_new + rows_revised + rows_deleted, 0) AS expected,
                    (SELECT count(*) FROM {table} AS r WHERE r.load_seq = l.load_seq) AS rows
                FROM meta.load AS l WHERE dataset = ?
            )
            -- Before `rows_appended` was recorded, rows that a load of the past repeats were not counted.
            SELECT load_seq, rows, expected FROM counted
            WHERE rows < expected OR (rows > expected AND NOT is_uncounted) ORDER BY load_seq""",
            [dataset.id],
        ).fetchall():
            yield f"{table}: load {load_seq} has {rows:,} rows, {expected:,} in meta.load"
        for load_seq, rows in con.execute(
            f"SELECT load_seq, count(*) FROM {table} ANTI JOIN (FROM meta.load WHERE dataset = ?) USING (load_seq) "
            "GROUP BY 1 ORDER BY 1",
            [dataset.id],
        ).fetchall():
            yield f"{table}: {rows:,} rows of load {load_seq}, of which meta.load knows nothing"
        empty = " OR ".join(f'"{name}" IS NULL' for name in (*dataset.key, *STORE_COLUMNS))
        if rows := _one(con, f"SELECT count(*) FROM {table} WHERE {empty}"):
            yield f"{table}: {rows:,} rows without key, knowledge time, load or payload"
        if rows := _one(
            con, f"SELECT count(*) - count(DISTINCT ({key}, known_from, load_seq)) FROM {table}"
        ):  # fmt: skip
            yield f"{table}: {rows:,} rows are duplicates"
        if rows := _one(
            con,
            f"SELECT count(*) FROM {table} JOIN (SELECT load_seq, max(greatest(known_at, loaded_at)) OVER "
            "(ORDER BY load_seq) AS latest FROM meta.load) USING (load_seq) WHERE known_from > latest",
        ):
            yield f"{table}: {rows:,} rows are known only after their load"
        if rows := _one(con, f"SELECT count(*) FROM ({misdated_sql(dataset, table)})"):
            yield f"{table}: {rows:,} rows do not hold until their next version is known"
        if published is not None:
            yield from _against_published(con, dataset)
        progress("log", number, len(DATASETS))
    if published is not None:
        con.execute("DETACH published")


def _against_journal(con: duckdb.DuckDBPyConnection, home: Home) -> Iterator[str]:
    contents = journal.read(home)
    yield from _against_ledger(con, contents.forecasts)
    held = {load.load_seq: load for load in journal.loads(con)}
    written = {load.load_seq: load for load in contents.loads}
    if unwritten := sorted(held.keys() - written.keys()):
        yield (
            f"{len(unwritten)} loads are not in the journal, first {unwritten[0]}; the next load or build adds those "
            "behind its last"
        )
    for load_seq in sorted(written.keys() - held.keys()):
        yield f"load {load_seq} of {written[load_seq].dataset} is in the journal and not in the log"
    earliest: dict[str, datetime] = {}
    differences = []
    for load_seq in sorted(written.keys() & held.keys(), reverse=True):
        ours, theirs = held[load_seq], written[load_seq]
        told = [name for name in ours.__struct_fields__ if name not in ("origin", "notes")]  # of today's parser
        other = [name for name in told if getattr(ours, name) != getattr(theirs, name)]
        if other == ["known_at"] and theirs.known_at > earliest.get(theirs.dataset, theirs.known_at):
            other = []  # a clock was ahead: a later load has corrected the time of this one
        if other:
            differences.append(f"load {load_seq} of {ours.dataset}: {', '.join(other)} not as in the journal")
        if not theirs.is_import and theirs.origin != "vintage":
            earliest[theirs.dataset] = min(theirs.known_at, earliest.get(theirs.dataset, theirs.known_at))
    yield from reversed(differences)


def _against_published(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> Iterator[str]:
    """Compare rows with the current generation for its loads, and check that its intervals have no gap."""
    table = dataset.table
    theirs = {
        name for (name,) in con.execute(
            "SELECT column_name FROM duckdb_columns() WHERE database_name = 'published' AND schema_name = 'history' "
            "AND table_name = ?", [table],
        ).fetchall()
    }  # fmt: skip
    ours = [name for (name, *_) in con.execute(f"DESCRIBE raw.{table}").fetchall() if name in theirs]
    if not ours:
        return
    ours.remove("known_to")  # a load since publication may have brought the next version
    if _one(
        con,
        "SELECT count(*) FROM published.meta.load AS p JOIN meta.load AS l USING (load_seq) "
        "WHERE l.dataset = ? AND l.known_at <> p.known_at",
        dataset.id,
    ):
        ours.remove("known_from")  # a clock was ahead, and a load since publication has corrected earlier times
    limit = "load_seq <= (SELECT coalesce(max(load_seq), 0) FROM published.meta.load)"
    counted = [
        con.execute(f"SELECT count(*), bit_xor(hash({quoted(ours)})) FROM {source} WHERE {limit}").fetchone()
        for source in (f"raw.{table}", f"published.history.{table}")
    ]
    if counted[0] != counted[1]:
        yield (
            f"raw.{table}: {counted[0][0]:,} rows, {counted[1][0]:,} in the current generation for the same loads"  # type: ignore[index]
            + (", not all of them the same" if counted[0][0] == counted[1][0] else "")  # type: ignore[index]
        )
    if rows := _one(con, f"SELECT count(*) FROM ({misdated_sql(dataset, f'published.history.{table}')})"):
        yield f"history.{table} of the current generation: {rows:,} intervals overlap or leave a gap"


def _against_ledger(con: duckdb.DuckDBPyConnection, written: list[journal.Forecast]) -> Iterator[str]:
    """A line of the ledger that was changed or taken away since the journal has it."""
    rows = con.execute(f"SELECT {journal.columns(journal.Forecast)} FROM meta.forecast ORDER BY rowid").fetchall()
    other = sum(journal.Forecast(*row) != line for row, line in zip(rows, written, strict=False))
    if missing := other + max(0, len(written) - len(rows)):
        yield f"{missing} forecasts are not in meta.forecast as in the journal"
