"""Rebuilds the warehouse from what it has: as of a past moment, from its archived payloads, from a generation.

Each function writes into a separate work file, which replaces the old one only when it is whole; nothing here uses the
network. No row is lost: rows that today's parsers refuse are carried over unchanged, and listed.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import duckdb
import msgspec
import polars as pl

from ingest.calendars import utc_now
from ingest.catalog import Request
from ingest.collect import Batch, Page
from ingest.errors import IngestError
from ingest.parsing import parse_body
from ingest.payloads import Archive, sync_folder
from ingest.providers import DATASETS
from warehouse import lock, migrations
from warehouse.connection import (
    DATABASE_NAME,
    OF_THE_WHOLE,
    Home,
    WarehouseError,
    column_types,
    configure,
    open_work,
    when_free,
)
from warehouse.generation import SIMULATED_FILE, Generation, literal
from warehouse.history import END_OF_TIME, set_ends
from warehouse.log import intake, journal, store, tables
from warehouse.models import build, compilation, lineage
from warehouse.publication.alerts import outbox
from warehouse.publication.publish import publish
from warehouse.publication.verify import database_problem
from warehouse.upkeep import past

Progress = Callable[[str], None]


@lock.held("as-of")
def as_of(home: Home, moment: datetime) -> tuple[Home, Generation]:
    """Build and publish the marts with what was known at ``moment`` (naive UTC); the current ones do not change.

    They are in `as_of/<moment>/` of the warehouse, in the same layout. Its database does not contain rows known later.
    Raises WarehouseError when a model cannot be built.
    """
    journal.refuse_if_lost(home)
    if not home.work_database.exists():
        raise WarehouseError(f"there is nothing in {home.root} yet; run `liquidity refresh` first")
    with open_work(home) as con:
        tables.create_tables(con, DATASETS.values())  # an older version kept less
    made = compilation.compiled_project(home)
    build.make_seeds(home, made)
    target = past.place(home, moment)
    shutil.rmtree(target.root / "work", ignore_errors=True)
    target.work_database.parent.mkdir(parents=True)
    with open_work(target) as con:
        tables.create_tables(con, DATASETS.values())
        _attach(con, home.work_database, home)
        for dataset in DATASETS.values():
            con.execute(
                f"INSERT INTO raw.{dataset.table} BY NAME SELECT * REPLACE (CASE WHEN known_to > $moment "
                f"THEN {END_OF_TIME} ELSE known_to END AS known_to) FROM source.raw.{dataset.table} "
                "WHERE known_from <= $moment",
                {"moment": moment},
            )
        con.execute("INSERT INTO meta.load BY NAME FROM source.meta.load WHERE known_at <= ?", [moment])
        con.execute("INSERT INTO meta.payload BY NAME FROM source.meta.payload")
        con.execute("INSERT INTO meta.fetch BY NAME FROM source.meta.fetch WHERE started_at <= ?", [moment])
        outbox.take_over(con, "source", moment)
        lineage.take_over(con, "source")
        con.execute("CREATE SCHEMA seeds")
        for node in made.nodes.values():
            if node.kind == "seed":
                con.execute(f"CREATE TABLE {node.relation} AS FROM source.{node.relation}")
        con.execute("DETACH source")
    result = build.build_past(target, made, moment, run_id=f"as-of {moment:%Y-%m-%d %H:%M}")
    broken = [node.name for node in result.failed if node.kind == "model"]
    if broken:
        raise WarehouseError(f"these models cannot be built as of {moment:%Y-%m-%d %H:%M}: {', '.join(broken)}")
    return target, publish(target, as_of=moment, held_back=build.held_back(target))


@dataclass
class Made:
    """A work file that was made again.

    ``loads`` counts the repeated loads; ``refused`` has a line for each load that could not be repeated, ``remarks``
    one for each other difference. ``kept`` is the path of the old work file now, None when there was none.
    """

    loads: int = 0
    refused: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    kept: Path | None = None


def _silent(words: str) -> None:
    """Default progress: none."""


@lock.held("replay")
def replay(home: Home, progress: Progress = _silent, *, is_dry: bool = False) -> Made:
    """Rebuild the work file from the archived payloads, load by load, with today's parsers, places and knowledge times.

    A load whose payload is damaged or missing, or that today's parser refuses, keeps its rows; its row in `meta.load`
    has the reason (`carried_over`). Datasets and columns that left the catalog are kept too, and so are fetch records,
    payloads, quarantine and unfinished intakes. The old work file stays next to the new one until `settle`. ``is_dry``:
    the new one is removed instead.
    """
    journal.refuse_if_lost(home)
    if not home.work_database.exists():
        raise WarehouseError(f"there is nothing to replay in {home.root}; run `liquidity refresh` first")
    made = Made()
    aside = _aside(home)
    with open_work(home) as con:  # also brings a write-ahead log that a kill left behind into the file
        log = journal.Journal(home)
        log.refuse_if_behind(con)
        log.follow(con)
        loads = journal.loads(con)
    if not loads:
        journal.refuse_to_begin_anew(home)
    with open_work(aside) as con:
        tables.create_tables(con, DATASETS.values())
        _attach(con, home.work_database, home)

        def carry(load: journal.Load, error: Exception) -> None:
            _refuse_other_types(con, DATASETS[load.dataset].table)
            con.execute("BEGIN")
            for table in (f"raw.{DATASETS[load.dataset].table}", "meta.load"):
                con.execute(f"INSERT INTO {table} BY NAME FROM source.{table} WHERE load_seq = ?", [load.load_seq])
            set_ends(con, DATASETS[load.dataset])
            con.execute("UPDATE meta.load SET carried_over = ? WHERE load_seq = ?", [_reason(error), load.load_seq])
            con.execute("COMMIT")

        _adopt(con, "raw", made)
        con.execute(
            "INSERT INTO meta.load BY NAME SELECT * FROM source.meta.load WHERE dataset NOT IN (SELECT unnest(?))",
            [list(DATASETS)],
        )
        known = [load for load in loads if load.dataset in DATASETS]
        _load_all(con, Archive(home.payloads), known, made, carry, progress, _withdrew_untold(con))
        there = column_types(con, "source", "meta")
        kept = ("fetch", "payload", "quarantine", "unfinished_intake")
        for table in (name for name in kept if name in there):  # an earlier version did not have all of them
            con.execute(f"INSERT INTO meta.{table} BY NAME FROM source.meta.{table} ORDER BY rowid")
        outbox.take_over(con, "source")
        _compare(con, made)
        con.execute("DETACH source")
        intake.write_freshness(con, utc_now())
        con.execute("CHECKPOINT")
    if is_dry:
        shutil.rmtree(aside.root)
        return made
    made.kept = _replace(aside, home, "before-replay")
    return made


@lock.held("restore")
def restore(
    home: Home, generation: str | None = None, *, from_journal: bool = False, progress: Progress = _silent
) -> Made:
    """Make the work file again when it is damaged or missing; moves the old one aside, never deletes it.

    The rows come from ``generation`` (an id, or a folder with a copy of one), by default the newest whole one. Loads of
    the journal that the generation lacks are repeated from their payloads; with ``from_journal``, or without a
    generation, all loads are. A load that cannot be repeated keeps its row in `meta.load` without raw rows (`rows_read`
    is null, `carried_over` has the reason). Its bodies are in quarantine and it does not count as a full read, so that
    a refresh requests the missing rows. Raises WarehouseError when there is nothing to restore from.
    """
    _follow_while_possible(home)
    written = journal.read(home)
    made = Made(remarks=[f"journal: {problem}" for problem in written.problems])
    _refuse_the_sample(home)
    base = None if from_journal else _base(home, generation, made)
    if base is None and not written.loads:
        raise WarehouseError(f"nothing to restore from: {home.root} has no whole generation and no journal with loads")
    aside = _aside(home)
    at = utc_now()
    with open_work(aside) as con:
        tables.create_tables(con, DATASETS.values())
        if base is not None:
            made.remarks.append(f"rows up to its last load come from generation {base.parent.name}")
            _take_generation(con, base, home, made)

        lost: list[journal.Quarantined] = []

        def lose(load: journal.Load, error: Exception) -> None:
            lost.extend(_note_lost(con, load, error, at))

        held = {load.load_seq for load in journal.loads(con)}
        missing = [load for load in written.loads if load.load_seq not in held]
        _load_all(con, Archive(home.payloads), missing, made, lose, progress)
        # Lost loads come after the failures of the journal, because they are counted.
        _add_lines(con, journal.Fetch, written.fetches)
        _add_lines(con, journal.Quarantined, [*written.quarantined, *lost])
        _add_lines(con, journal.Forecast, written.forecasts)
        con.execute(
            "UPDATE meta.quarantine SET quarantined_at = $1 WHERE quarantined_at > $1", [at]
        )  # a clock was ahead
        con.execute(
            "INSERT INTO meta.payload SELECT payload_id, arg_min(bytes, started_at), min(started_at), "
            "arg_min(url, started_at) FROM meta.fetch "
            "WHERE payload_id IS NOT NULL AND payload_id NOT IN (SELECT payload_id FROM meta.payload) GROUP BY ALL"
        )
        intake.write_freshness(con, at)
        con.execute("CHECKPOINT")
    made.kept = _replace(aside, home, "before-restore")
    with journal.open_log(home):  # facts that only the generation has
        pass
    return made


def settle(home: Home, made: Made, published_before: Path, *, is_proven: bool) -> str:
    """Remove, keep or put back the old work file after a replay, by the result of the build; returns a note or nothing.

    After a success the old file is removed, without a note. When nothing was published since ``published_before`` it is
    put back; after a publication with a failed check both stay. ``published_before`` is `current`, resolved.
    """
    if made.kept is None:
        return ""
    if is_proven:
        for old in home.work_database.parent.glob(f"{DATABASE_NAME}.before-replay-*"):
            old.unlink()
        return ""
    if home.current.resolve() != published_before:
        return f"not everything is well with the replayed log; the old one is kept as {made.kept}"
    _write_ahead_log(home.work_database).unlink(missing_ok=True)
    os.replace(made.kept, home.work_database)
    return "nothing was published, so the replayed log was dropped; the old one is in place again"


# --- parts ----------------------------------------------------------------------------------------------------------


def _aside(home: Home) -> Home:
    """An empty folder for a new work file; removes what an earlier kill left there."""
    aside = Home(home.root / ".replay", home.is_simulated)
    shutil.rmtree(aside.root, ignore_errors=True)
    return aside


def _attach(con: duckdb.DuckDBPyConnection, database: Path, home: Home) -> None:
    when_free(home, lambda: con.execute(f"ATTACH {literal(str(database))} AS source (READ_ONLY)"))


def _load_all(
    con: duckdb.DuckDBPyConnection,
    archive: Archive,
    loads: Iterable[journal.Load],
    made: Made,
    otherwise: Callable[[journal.Load, Exception], None],
    progress: Progress,
    unrepeatable: Mapping[int, Exception] = MappingProxyType({}),
) -> None:
    """Repeat each load, or call ``otherwise``; does not try where ``unrepeatable`` has a reason."""
    loads = list(loads)
    con.execute(store.ONE_THREAD)
    for load in loads:
        try:
            if load.load_seq in unrepeatable:
                raise unrepeatable[load.load_seq]
            _load_again(con, archive, load)
        except OF_THE_WHOLE:  # the old work file still exists
            raise
        except Exception as error:  # any error of today's code on an old body: its rows are safe elsewhere
            made.refused.append(f"load {load.load_seq}: {_reason(error, load.dataset)}")
            otherwise(load, error)
        made.loads += 1
        progress(f"{made.loads} of {len(loads)}: {load.dataset}")


def _withdrew_untold(con: duckdb.DuckDBPyConnection) -> dict[int, Exception]:
    """Loads of the attached log that withdrew rows, from the version that did not record their dates."""
    query = "SELECT load_seq FROM source.meta.load WHERE origin = 'fetch' AND covers_from IS NULL AND rows_deleted > 0"
    reason = IngestError("it withdrew rows, and an early version did not keep which dates it had asked for")
    return {load_seq: reason for (load_seq,) in con.execute(query).fetchall()}


def _reason(error: Exception, dataset: str = "") -> str:
    if isinstance(error, IngestError):
        return str(error.located(dataset=dataset))
    return f"{f'{dataset}: ' if dataset else ''}{type(error).__name__}: {error}"


def _load_again(con: duckdb.DuckDBPyConnection, archive: Archive, load: journal.Load) -> None:
    """Parse the payloads of an old load and append what they change, in its place and at its time."""
    dataset = DATASETS.get(load.dataset)
    if dataset is None:
        raise IngestError("no longer in the catalog")
    base, _, query = load.source_url.partition("?")
    pairs = tuple((name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part))
    request = Request(base, pairs, load.request_scope, load.covers_from, load.covers_to, is_file=load.is_file)
    pages, notes = [], list(load.notes)
    day = max(load.known_at, load.loaded_at).date()
    for payload_id in load.payload_ids:
        parsed, _ = parse_body(dataset, archive.get(payload_id), request, payload_id, day=day)
        pages.append(Page.of(payload_id, parsed))
        notes += parsed.notes
    batch = Batch(
        dataset.id, request, tuple(pages), load.loaded_at, is_unchanged=not pages, notes=tuple(dict.fromkeys(notes))
    )
    again = store.Again(load.load_seq, load.known_at, load.is_import)
    store.load(con, dataset, batch, run_id=load.run_id, is_full=load.is_full, again=again)


def _adopt(con: duckdb.DuckDBPyConnection, schema: str, made: Made) -> None:
    """Copy what has left the catalog: tables of the attached log with their rows, columns without values."""
    (here,) = con.execute("SELECT current_database()").fetchone()  # type: ignore[misc]
    have = column_types(con, here, "raw")
    for table, columns in column_types(con, "source", schema).items():
        if table not in have:
            con.execute(f"CREATE TABLE raw.{table} AS FROM source.{schema}.{table}")
            made.remarks.append(f"raw.{table} is no longer in the catalog; its rows stay")
            continue
        for name, dtype in columns.items():
            if name not in have[table]:
                con.execute(f'ALTER TABLE raw.{table} ADD COLUMN "{name}" {dtype}')


def _refuse_other_types(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """WarehouseError when rows of a table cannot be carried over as they are."""
    (here,) = con.execute("SELECT current_database()").fetchone()  # type: ignore[misc]
    now, before = column_types(con, here, "raw")[table], column_types(con, "source", "raw").get(table, {})
    for name, dtype in before.items():
        if now[name] != dtype:
            raise WarehouseError(
                f"raw.{table}.{name} was {dtype} and is {now[name]} now, so rows of a refused load cannot be carried "
                "over; nothing was changed. Restore the payload from a backup, then replay again"
            )


def _compare(con: duckdb.DuckDBPyConnection, made: Made) -> None:
    """A remark for each table that has fewer rows than before, because today's parser reads fewer from a body."""
    for table in column_types(con, "source", "raw"):
        before, now = (
            con.execute(f"SELECT count(*) FROM {log}raw.{table}").fetchone()[0]  # type: ignore[index]
            for log in ("source.", "")
        )
        if now < before:
            made.remarks.append(f"raw.{table} had {before:,} rows and has {now:,}: today's parser reads less")


def _follow_while_possible(home: Home) -> None:
    """Bring the journal up to a log that can be read; a log that cannot, or is behind its journal, needs a restore."""
    if not home.work_database.exists():
        return
    try:
        with open_work(home) as con:
            log = journal.Journal(home)
            log.refuse_if_behind(con)
            log.follow(con)
    except (WarehouseError, duckdb.Error):
        pass


def _refuse_the_sample(home: Home) -> None:
    """WarehouseError when a generation in the place of real data is simulated: it would be published as real."""
    if home.is_simulated:
        return
    for folder in sorted(home.generations.glob("[!.]*")):
        if (folder / SIMULATED_FILE).exists():
            raise WarehouseError(
                f"generation {folder.name} in {home.root} is of the sample: lay its backup into "
                f"{home.root / 'sample'}, then `liquidity restore --sample`. Nothing was changed"
            )


def _base(home: Home, generation: str | None, made: Made) -> Path | None:
    """Database of ``generation``, or of the newest one that is whole and holds loads; None when there is none."""
    if generation is not None:
        folder = Path(generation) if Path(generation).is_dir() else home.generations / generation
        if not folder.is_dir():
            there = ", ".join(sorted(path.name for path in home.generations.glob("[!.]*"))) or "none"
            raise WarehouseError(f"there is no generation {generation} in {home.generations}; there are: {there}")
        if problem := database_problem(folder):
            raise WarehouseError(f"generation {generation} is not whole: {problem}; name another, or none")
        with configure(duckdb.connect(str(folder / DATABASE_NAME), read_only=True)) as con:
            is_simulated, as_of = con.execute("SELECT is_simulated, as_of FROM meta.generation").fetchone()  # type: ignore[misc]
        if is_simulated != home.is_simulated:
            raise WarehouseError(
                f"generation {generation} is {'' if is_simulated else 'not '}simulated, {home.root} not so"
            )
        if as_of is not None:
            raise WarehouseError(f"generation {generation} is a past state, as of {as_of}; name a whole one")
        return folder / DATABASE_NAME
    for name in journal.generations_with_loads(home):
        if not (problem := database_problem(home.generations / name)):
            return home.generations / name / DATABASE_NAME
        made.remarks.append(f"generation {name} is passed over: {problem}")
    return None


def _take_generation(con: duckdb.DuckDBPyConnection, database: Path, home: Home, made: Made) -> None:
    """Copy every raw row of a generation, and its records of loads, fetches, payloads and failures."""
    _attach(con, database, home)
    _adopt(con, "history", made)
    held = column_types(con, "source", "history")
    for dataset in DATASETS.values():
        if dataset.table in held:
            con.execute(
                f"INSERT INTO raw.{dataset.table} BY NAME FROM source.history.{dataset.table} ORDER BY load_seq"
            )
    for table in ("load", "fetch", "payload", "quarantine"):
        con.execute(f"INSERT INTO meta.{table} BY NAME FROM source.meta.{table} ORDER BY rowid")
    migrations.fill_loads(con)
    outbox.take_over(con, "source")
    con.execute("DETACH source")


def _note_lost(
    con: duckdb.DuckDBPyConnection, load: journal.Load, error: Exception, at: datetime
) -> list[journal.Quarantined]:
    """Keep the row in `meta.load` of a load whose raw rows are lost; returns its payloads as failures.

    Its series do not count as polled: rows that a later refresh brings get their time from the release rule.
    """
    reason = _reason(error)
    names = [*load.__struct_fields__, "carried_over"]
    con.execute(
        f"INSERT INTO meta.load ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [*msgspec.structs.astuple(load), reason],
    )
    return [
        journal.Quarantined(
            load.run_id, load.dataset, load.request_scope, payload_id, type(error).__name__,
            f"its rows are lost: {reason}", "", load.source_url, at,
        )
        for payload_id in load.payload_ids
    ]  # fmt: skip


def _add_lines(con: duckdb.DuckDBPyConnection, kind: type[journal.Line], lines: Sequence[journal.Line]) -> None:
    """Append the later lines to those of the table: both are in order of time."""
    table = journal.table(kind)
    (count,) = con.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[misc]
    if new := [msgspec.structs.asdict(line) for line in lines[count:]]:
        con.register("incoming", pl.DataFrame(new, infer_schema_length=None).to_arrow())
        con.execute(f"INSERT INTO {table} BY NAME FROM incoming")
        con.unregister("incoming")


def _write_ahead_log(database: Path) -> Path:
    return database.with_name(f"{database.name}.wal")


def _replace(aside: Home, home: Home, why: str) -> Path | None:
    """Replace the old work file by the new one; returns the old one's new name, which contains ``why``.

    At every instant one of the two is in place.
    """
    old, kept = home.work_database, None
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.exists():
        kept = old.with_name(f"{old.name}.{why}-{utc_now():%Y%m%dT%H%M%S%f}")
        try:
            os.link(old, kept)
        except OSError:  # a file system without hard links
            shutil.copy2(old, kept)
    if (log := _write_ahead_log(old)).exists():  # it belongs to the old file and must not be read with the new one
        os.replace(log, _write_ahead_log(kept or old.with_name(f"{old.name}.{why}-{utc_now():%Y%m%dT%H%M%S%f}")))
    os.replace(aside.work_database, old)
    sync_folder(old.parent)
    shutil.rmtree(aside.root, ignore_errors=True)
    return kept
