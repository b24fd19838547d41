"""The append-only log: raw tables made from the catalog, and loads that append only what changed.

A load compares the rows of one batch with the rows known at its knowledge time. It appends the rows that differ, and a
tombstone for each known row that is missing although the batch covers its key. Running it again appends nothing.
What must not be here: fetching, parsing, publishing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import duckdb
import polars as pl

from ingest.catalog import VERSION_COLUMNS, Basis, Dataset, Plan, Release
from ingest.collect import Batch, Exchange, Failure
from ingest.errors import DuplicateKeyError, LayoutError, ShrunkBodyError
from ingest.http import Validators
from ingest.plain import plain, redact
from warehouse import meta, migrations
from warehouse.connection import WarehouseError
from warehouse.history import STORE_COLUMNS, STORE_DEFAULTS, intervals_sql, quoted, set_ends
from warehouse.log import catalog_tables, unfinished

# A nightly refresh that ran within this time counts as polling: what is new now was not there then.
POLLING_GAP = timedelta(days=3)
# An answer with fewer rows than this share of the known rows of the same span is broken, not a revision.
SHRUNK_SHARE = 0.5
# A number that this many known rows have, and that a body with the same rows lacks in all of them, was renamed.
_EMPTIED = 3
# For a connection that loads: dividing some fifteen small statements among threads costs a load a fifth of its time.
ONE_THREAD = "SET threads = 1"
# Tolerated error of this machine's clock. A knowledge time later than that comes from a wrong clock.
CLOCK_TOLERANCE = timedelta(minutes=10)

_SCHEMAS = "CREATE SCHEMA IF NOT EXISTS raw; CREATE SCHEMA IF NOT EXISTS history"


def _declared(name: str, dtype: str) -> str:
    """A column of the log as DDL has it."""
    return f'"{name}" {dtype}' + (f" DEFAULT {STORE_DEFAULTS[name]}" if name in STORE_DEFAULTS else "")


def create_tables(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset]) -> None:
    """Make or extend the log tables, their history views and the `meta` tables. A column is added, never changed.

    `warehouse/migrations.py` first brings a file of an earlier version up to this one.
    Writes nothing when this code has already made the tables of the file (saves 90 ms, four times a refresh).
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
    """Number of tables, views and columns: another program may have removed one."""
    counts = con.execute(
        "SELECT count(*), sum(column_count) FROM duckdb_tables() WHERE database_name = current_database() "
        "AND (schema_name = 'raw' OR (schema_name, table_name) = ('meta', 'load')) UNION ALL "
        "SELECT count(*), 0 FROM duckdb_views() WHERE database_name = current_database() AND schema_name = 'history'"
    ).fetchall()
    return "/".join(str(count) for pair in counts for count in pair)


@dataclass(frozen=True)
class Loaded:
    """What one load did. ``rows_read`` counts the batch; the others count what was appended."""

    dataset: str
    load_seq: int
    known_at: datetime
    rows_read: int
    rows_new: int
    rows_revised: int
    rows_deleted: int
    payload_ids: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Again:
    """What a repeated load keeps from the first time: place in the log, knowledge time (naive UTC), kind."""

    load_seq: int
    known_at: datetime
    is_import: bool


def _scopes(dataset: Dataset, batch: Batch, frame: pl.DataFrame) -> list[str]:
    """Series that a batch covers; one empty name for a dataset without series."""
    if dataset.series_column is None:
        return [""]
    if frame.is_empty():
        return [batch.request.scope] if batch.request.scope else [series.id for series in dataset.series]
    return sorted(frame[dataset.series_column].unique())


def _first_held(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, scopes: Sequence[str], lowest: date, known_at: datetime
) -> dict[str, date]:
    """Per series of ``scopes``: the oldest date known at ``known_at``, or any that is no later than ``lowest``."""
    series, dates = f'"{dataset.series_column}"' if dataset.series_column else "''", f'"{dataset.date_column}"'
    query = f"SELECT {series}, min({dates}) FROM raw.{dataset.table} WHERE known_from <= ? AND {{}} GROUP BY 1"
    # For a daily series the dates just before are enough; for others the whole log is read (60 ms in 10 M rows).
    shortly_before = [known_at, lowest - timedelta(days=10), lowest]
    first_held = dict(con.execute(query.format(f"{dates} BETWEEN ? AND ?"), shortly_before).fetchall())
    if others := [scope for scope in scopes if scope not in first_held]:
        first_held |= con.execute(query.format(f"{series} IN (SELECT unnest(?))"), [known_at, others]).fetchall()
    return first_held


def _proposed_times(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, frame: pl.DataFrame, scopes: Sequence[str], known_at: datetime
) -> pl.DataFrame:
    """Per (series, effective date): when a row that is new would have become known, and on which basis.

    A row came out without a poll when it is in the first load of its series, older than any known row, or after a gap
    without refreshes. Such a row became known at the time that its release rule gives; any other row was observed now.
    A load polls for the span of its request, and for later dates if the request ends on the day of the load. A first
    load of a long history comes in several spans, and none of them polls for the others.
    """
    first_held = _first_held(con, dataset, scopes, frame[dataset.date_column].min(), known_at)  # type: ignore[arg-type]
    pairs = frame.select(
        (pl.col(dataset.series_column) if dataset.series_column else pl.lit("")).alias("scope"),
        pl.col(dataset.date_column).alias("effective"),
    ).unique()
    con.register("pairs", pairs.to_arrow())
    polled = con.execute(
        """
        SELECT pairs.scope, pairs.effective, max(polls.known_at)
        FROM pairs LEFT JOIN (
            SELECT unnest(scopes) AS scope, known_at, coalesce(covers_from, DATE '0001-01-01') AS first_date,
                CASE WHEN covers_to < CAST(known_at AS DATE) - 2 THEN covers_to ELSE DATE '9999-12-31' END AS last_date
            FROM meta.load WHERE dataset = ? AND known_at < ? AND origin <> 'vintage'
        ) AS polls ON polls.scope = pairs.scope AND pairs.effective BETWEEN polls.first_date AND polls.last_date
        GROUP BY ALL""",
        [dataset.id, known_at],
    ).fetchall()
    con.unregister("pairs")
    published_at = cache(Release.published_at)  # series of one day mostly share a rule
    rows = []
    for scope, effective, poll in polled:
        published = min(published_at(dataset.release_of(scope or None), effective), known_at)
        first = first_held.get(scope)
        nobody_polled = (
            poll is None or first is None or effective < first or (known_at - poll > POLLING_GAP and published > poll)
        )
        when, basis = (published, Basis.MODELLED) if nobody_polled else (known_at, Basis.OBSERVED)
        rows.append((scope, effective, when, basis.value))
    return pl.DataFrame(
        rows,
        schema={
            "scope": pl.String,
            "effective": pl.Date,
            "proposed_from": pl.Datetime("us"),
            "proposed_basis": pl.String,
        },
        orient="row",
    )


def _claims_of_the_future(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, at: datetime
) -> tuple[dict[datetime, datetime], datetime]:
    """Knowledge times well after ``at``, the time of a new load, each with its corrected time; and that load's time.

    A clock was ahead when they were written. They were known by ``at`` at the latest, so they move just before it,
    after all other times, in their order, one microsecond apart. Times of an archive do not move: a vintage may have a
    later hour of today.
    """
    limit = at + CLOCK_TOLERANCE
    moments = [
        moment
        for (moment,) in con.execute(
            f"""
            SELECT known_from FROM raw.{dataset.table} WHERE known_from > $limit AND known_basis <> 'vintage'
            UNION
            SELECT known_at FROM meta.load
            WHERE dataset = $dataset AND known_at > $limit AND (origin <> 'vintage' OR known_at = loaded_at)
            ORDER BY 1""",
            {"limit": limit, "dataset": dataset.id},
        ).fetchall()
    ]
    tick = timedelta(microseconds=1)
    first = at - len(moments) * tick
    (newest,) = con.execute(  # type: ignore[misc]
        f"SELECT max(known_from) FROM raw.{dataset.table} "
        "WHERE known_from >= ? AND (known_from <= ? OR known_basis = 'vintage')",
        [first, limit],
    ).fetchone()
    if newest is not None:
        first = newest + tick
    return {moment: first + place * tick for place, moment in enumerate(moments)}, first + len(moments) * tick


def _redate(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, truer: Mapping[datetime, datetime], at: datetime
) -> tuple[str, ...]:
    """Give rows and loads with a knowledge time in the future their ``truer`` times; a note when there are any."""
    con.execute(
        "UPDATE meta.quarantine SET quarantined_at = $at WHERE dataset = $dataset AND quarantined_at > $limit",
        {"at": at, "dataset": dataset.id, "limit": at + CLOCK_TOLERANCE},
    )
    if not truer:
        return ()
    schema = dict.fromkeys(("old", "new"), pl.Datetime("us"))
    con.register("truer", pl.DataFrame(list(truer.items()), schema=schema, orient="row").to_arrow())
    (rows,) = con.execute(  # type: ignore[misc]
        f"UPDATE raw.{dataset.table} SET known_from = truer.new FROM truer WHERE known_from = truer.old "
        "AND known_basis <> 'vintage'"
    ).fetchone()
    (loads,) = con.execute(  # type: ignore[misc]
        "UPDATE meta.load SET known_at = truer.new FROM truer WHERE known_at = truer.old AND dataset = ? "
        "AND (origin <> 'vintage' OR known_at = loaded_at)",
        [dataset.id],
    ).fetchone()
    con.unregister("truer")
    set_ends(con, dataset)
    return (
        f"a clock was ahead: {loads} earlier loads and {rows} rows claimed to be known up to "
        f"{max(truer):%Y-%m-%d %H:%M}; they are dated just before this load",
    )


def load(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    batch: Batch,
    *,
    run_id: str,
    is_full: bool = False,
    known_at: datetime | None = None,
    again: Again | None = None,
) -> Loaded:
    """Append what ``batch`` changes; all or nothing, in one transaction.

    ``known_at`` (naive UTC) is given for bodies saved in the past: the batch is compared with what was known then and
    slots in there; a value that a later load brought stays the later truth. Without it the knowledge time is now, or
    just after the newest one held, so that a clock that went back a little cannot make rows repeat. Versions are
    ordered by load: what claims to be known more than `CLOCK_TOLERANCE` later than this load is dated just before it.
    A batch whose rows tell when they became known (`VERSION_COLUMNS`) is history, whatever ``known_at`` says: see
    `_append_versions`. Columns that the batch leaves `unsaid` keep what is held, and are empty in rows that are new.
    ``again`` is given when an old load is done once more; the clock has no say then.
    Raises DuplicateKeyError, ShrunkBodyError, LayoutError; nothing is written then.
    """
    frame = (
        pl.concat([page.frame.with_columns(payload_id=pl.lit(page.payload_id)) for page in batch.pages])
        if batch.pages
        else pl.DataFrame(schema=dataset.schema | {"payload_id": pl.String})
    )
    table, keys = f"raw.{dataset.table}", quoted(dataset.key)
    columns = [column.name for column in dataset.columns]
    values = [name for name in columns if name not in dataset.key]
    is_history = VERSION_COLUMNS.keys() <= set(frame.columns)
    identity = [*dataset.key, "known_from"] if is_history else list(dataset.key)
    is_import = again.is_import if again else known_at is not None
    truer: dict[datetime, datetime] = {}
    now = batch.fetched_at
    if not is_import and not is_history:
        truer, now = _claims_of_the_future(con, dataset, again.known_at if again else batch.fetched_at)
    if is_history:
        # One archived day vouches for what it held at that time; a whole history only for itself, now.
        days = frame["known_from"].unique()
        known_at = days[0] if len(days) == 1 else batch.fetched_at
    elif again:
        known_at = again.known_at
    elif known_at is None:
        known_at = now
    if batch.pages and len(batch.pages) > 1 and frame.select(identity).is_duplicated().any():
        compared = list(dict.fromkeys([*identity, *columns]))
        if frame.select(compared).unique().select(identity).is_duplicated().any():
            raise DuplicateKeyError("two pages give different rows for one key", dataset=dataset.id)
        frame = frame.unique(subset=compared, keep="first", maintain_order=True)
    scopes = _scopes(dataset, batch, frame)

    con.execute("BEGIN")
    try:
        (next_seq,) = con.execute("SELECT coalesce(max(load_seq), 0) + 1 FROM meta.load").fetchone()  # type: ignore[misc]
        load_seq = again.load_seq if again else next_seq
        redated = () if is_import or is_history else _redate(con, dataset, truer, batch.fetched_at)
        notes = tuple(dict.fromkeys(map(plain, (*batch.notes, *redated))))
        counts, rows_appended = (0, 0, 0), 0
        if is_history:
            counts, rows_appended = _append_versions(con, dataset, frame, load_seq, table, keys, values)
        elif not frame.is_empty():
            counts, rows_appended = _append(
                con, dataset, batch, frame, scopes, known_at, load_seq, is_import, table, keys, values
            )
        payload_ids = tuple(page.payload_id for page in batch.pages)
        line = {
            "load_seq": load_seq, "dataset": dataset.id, "scopes": scopes, "known_at": known_at,
            "loaded_at": batch.fetched_at, "run_id": run_id,
            "origin": "vintage" if is_history else "file" if batch.request.is_file else "fetch", "is_full": is_full,
            "rows_read": len(frame), **dict(zip(("rows_new", "rows_revised", "rows_deleted"), counts, strict=True)),
            "payload_ids": list(payload_ids), "source_url": redact(batch.request.public_url), "notes": list(notes),
            "request_scope": batch.request.scope, "covers_from": batch.request.covers_from,
            "covers_to": batch.request.covers_to, "is_import": is_import, "unsaid": batch.unsaid,
            "rows_appended": rows_appended,
        }  # fmt: skip
        meta.insert(con, "load", [line])
        con.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a failed COMMIT or a full disk has ended it already, and is what must be told
            con.execute("ROLLBACK")
        raise
    return Loaded(dataset.id, load_seq, known_at, len(frame), *counts, payload_ids, notes)


def _append(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    batch: Batch,
    frame: pl.DataFrame,
    scopes: Sequence[str],
    known_at: datetime,
    load_seq: int,
    is_import: bool,
    table: str,
    keys: str,
    values: list[str],
) -> tuple[tuple[int, int, int], int]:
    """The SQL of `load`; returns rows new, revised, deleted, and how many were appended in all."""
    series = dataset.series_column
    stamp = pl.lit(None, pl.Datetime("us"))
    if dataset.stamped_at:
        stamped = pl.col(dataset.stamped_at)
        stamp = pl.when(stamped.is_not_null()).then(pl.min_horizontal(stamped, pl.lit(known_at)))  # type: ignore[assignment]
    incoming = frame.with_columns(stamp=stamp).with_row_index("staged_place")
    con.register("incoming", incoming.to_arrow())
    con.execute("CREATE OR REPLACE TEMP TABLE staged AS SELECT * FROM incoming")
    con.unregister("incoming")

    # What the batch covers whole: its request says so. A file may have been cut to some accounts or operations, so it
    # covers only the keys that occur in it, each from its first to its last date. A body that was asked for up to its
    # own day also speaks of dates that cannot be: a row of 2062 was accepted once, and would be the newest till then.
    request = batch.request
    first, last = dataset.dates_on(known_at.date())
    dates = f'"{dataset.date_column}"'
    if request.covers_from is not None:
        condition = f"{dates} >= ? AND {dates} <= ?"
        parameters: list[object] = [request.covers_from, request.covers_to or date.max]
        if request.covers_to is None or request.covers_to >= known_at.date() - timedelta(days=2):
            condition = f"({condition} OR {dates} NOT BETWEEN ? AND ?)"
            parameters += [first, last]
        if request.scope is not None and series:
            condition += f' AND "{series}" = ?'
            parameters.append(request.scope)
    elif request.is_file:
        others = tuple(name for name in dataset.key if name != dataset.date_column)
        grouping = quoted(others) + ", " if others else ""
        con.execute(
            "CREATE OR REPLACE TEMP TABLE span AS "
            f"SELECT {grouping} min({dates}) AS first_date, max({dates}) AS last_date FROM staged GROUP BY ALL"
        )
        same_key = "".join(f'span."{name}" = r."{name}" AND ' for name in others)
        condition = f"EXISTS (FROM span WHERE {same_key} r.{dates} BETWEEN first_date AND last_date)"
        parameters = []
    else:
        condition, parameters = "false", []

    # Where the date is in the key, what the batch says outside of its cover tells which rows to look for there.
    is_outside = f"NOT coalesce({condition}, false)"
    elsewhere = (
        f"SEMI JOIN (FROM staged AS r WHERE {is_outside}) AS outside USING ({keys}) WHERE true"
        if dataset.date_column in dataset.key
        else f"SEMI JOIN staged USING ({keys}) WHERE {is_outside}"
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE valid AS
        WITH covered AS (
            SELECT r.*, true AS is_covered FROM {table} AS r
            WHERE {condition} AND r.known_from <= ? AND r.known_to > ?
        ), keyed AS (
            SELECT r.*, false AS is_covered FROM {table} AS r {elsewhere} AND r.known_from <= ? AND r.known_to > ?
        ), versions AS (
            FROM covered UNION ALL BY NAME FROM keyed
        )
        SELECT versions.*, meta.load.known_at AS brought_at, coalesce(meta.load.unsaid, []) AS unsaid
        FROM versions LEFT JOIN meta.load USING (load_seq)""",
        [*parameters, known_at, known_at] * 2,
    )
    (known_rows,) = con.execute(
        f"SELECT count(*) FROM valid WHERE is_covered AND NOT is_deleted AND {dates} BETWEEN ? AND ?", [first, last]
    ).fetchone()  # type: ignore[misc]
    if known_rows and len(frame) < SHRUNK_SHARE * known_rows:
        raise ShrunkBodyError(
            f"{len(frame)} rows where {known_rows} are known for the same span; the known ones are kept",
            dataset=dataset.id,
        )
    if not is_import:
        _refuse_emptied(con, dataset, batch.unsaid)

    _propose(con, dataset, incoming, scopes, known_at, keys)
    unsaid = batch.unsaid
    equal = {name: f's."{name}" IS NOT DISTINCT FROM v."{name}"' for name in values}
    same = " AND ".join(test for name, test in equal.items() if name not in unsaid) or "true"
    kept = "".join(
        f', CASE WHEN v.is_deleted IS FALSE THEN v."{name}" ELSE s."{name}" END AS "{name}"' for name in unsaid
    )
    said = quoted([*dataset.key, *(name for name in values if name not in unsaid)], "s.") + kept
    join = " AND ".join(f's."{name}" = v."{name}"' for name in dataset.key)
    everything = quoted([*dataset.key, *values])
    # A change under an old stamp was made without telling: we learn of it now.
    has_newer_stamp = "coalesce(s.stamp > v.known_from, false)"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE change AS
        SELECT {said},
            CASE WHEN v.load_seq IS NULL THEN proposed.proposed_from
                 WHEN {has_newer_stamp} THEN s.stamp
                 ELSE ? END AS known_from,
            CASE WHEN v.load_seq IS NULL THEN proposed.proposed_basis
                 WHEN {has_newer_stamp} THEN '{Basis.STAMPED.value}'
                 ELSE '{Basis.OBSERVED.value}' END AS known_basis,
            false AS is_deleted, s.payload_id,
            CASE WHEN v.load_seq IS NULL THEN 'new' ELSE 'revised' END AS kind
        FROM staged AS s LEFT JOIN valid AS v ON {join} LEFT JOIN proposed USING (staged_place)
        WHERE v.load_seq IS NULL OR v.is_deleted OR NOT ({same})
        UNION ALL BY NAME
        SELECT {quoted([*dataset.key, *values], "v.")}, ? AS known_from, '{Basis.OBSERVED.value}' AS known_basis,
            true AS is_deleted, ? AS payload_id, 'deleted' AS kind
        FROM valid AS v ANTI JOIN staged AS s ON {join}
        WHERE v.is_covered AND NOT v.is_deleted""",
        [known_at, known_at, batch.pages[-1].payload_id],
    )
    if is_import:
        # A value that a later load brought, but whose knowledge time was modelled or stamped to lie before this one,
        # is the truth again from the moment of that later load. What that load left unsaid stays as this batch has it.
        later = {name: f"list_contains(v.unsaid, '{name}') AND NOT s.is_deleted" for name in values}
        told = "".join(
            f', CASE WHEN {is_unsaid} THEN s."{name}" ELSE v."{name}" END AS "{name}"'
            for name, is_unsaid in later.items()
        )
        nothing_new = " AND ".join(f"({is_unsaid} OR {equal[name]})" for name, is_unsaid in later.items()) or "true"
        con.execute(
            f"""
            INSERT INTO change BY NAME
            SELECT {quoted(dataset.key, "v.")}{told}, v.brought_at AS known_from,
                '{Basis.OBSERVED.value}' AS known_basis, v.is_deleted, v.payload_id, 'restated' AS kind
            FROM valid AS v JOIN change AS s ON {join}
            WHERE v.brought_at > ? AND v.known_to > v.brought_at
              AND NOT (v.is_deleted = s.is_deleted AND {nothing_new})""",
            [known_at],
        )
    con.execute(
        f"""
        INSERT INTO {table} BY NAME
        SELECT {everything}, known_from, known_basis, {load_seq} AS load_seq, is_deleted, payload_id
        FROM change ORDER BY {keys}, known_from"""
    )
    set_ends(con, dataset, "change")
    kinds = dict(con.execute("SELECT kind, count(*) FROM change GROUP BY kind").fetchall())
    con.execute("DROP TABLE staged; DROP TABLE valid; DROP TABLE proposed; DROP TABLE change")
    return (kinds.get("new", 0), kinds.get("revised", 0), kinds.get("deleted", 0)), sum(kinds.values())


def _refuse_emptied(con: duckdb.DuckDBPyConnection, dataset: Dataset, unsaid: Sequence[str]) -> None:
    """LayoutError for a number in `valid` that is empty in all rows of `staged`: an optional field was renamed."""
    names = [column.name for column in dataset.columns if column.unit and column.is_nullable]
    if not (names := [name for name in names if name not in unsaid]):
        return
    counts = ", ".join(f'count(v."{name}"), count(s."{name}")' for name in names)
    found = (
        con.execute(
            f"SELECT {counts} FROM staged AS s JOIN valid AS v USING ({quoted(dataset.key)}) WHERE NOT v.is_deleted"
        ).fetchone()
        or ()
    )
    for name, known, told in zip(names, found[::2], found[1::2], strict=True):
        if known >= _EMPTIED and not told:
            raise LayoutError(
                f"no row has {name}, but {known} of the same rows had it before: the field is gone or renamed; the "
                "known values stay",
                dataset=dataset.id,
                place=name,
            )


def _propose(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    incoming: pl.DataFrame,
    scopes: Sequence[str],
    known_at: datetime,
    keys: str,
) -> None:
    """Make the table `proposed`: knowledge time and basis of each row of `staged` that is not in `valid`, by place."""
    places = con.execute(f"SELECT staged_place FROM staged ANTI JOIN valid USING ({keys})").pl()["staged_place"]
    new = incoming.filter(pl.col("staged_place").is_in(places.implode())) if len(places) < incoming.height else incoming
    if new.is_empty():
        con.execute(
            "CREATE OR REPLACE TEMP TABLE proposed "
            "(staged_place UINTEGER, proposed_from TIMESTAMP, proposed_basis VARCHAR)"
        )
        return
    times = _proposed_times(con, dataset, new, scopes, known_at)
    series = dataset.series_column
    proposed = new.with_columns(scope=pl.col(series) if series else pl.lit("")).join(
        times, left_on=["scope", dataset.date_column], right_on=["scope", "effective"], how="left"
    )
    if dataset.stamped_at:
        # A stamp changes when a note is edited, up to two years later (727 days for RP 111722 99). Without a poll at
        # that time, a stamp after the release rule's time is therefore no evidence of when the numbers came out.
        is_edit = (pl.col("proposed_basis") == Basis.MODELLED.value) & (pl.col("stamp") > pl.col("proposed_from"))
        counts = pl.col("stamp").is_not_null() & ~is_edit
        proposed = proposed.with_columns(
            proposed_from=pl.when(counts).then("stamp").otherwise("proposed_from"),
            proposed_basis=pl.when(counts).then(pl.lit(Basis.STAMPED.value)).otherwise("proposed_basis"),
        )
    con.register("incoming", proposed.select("staged_place", "proposed_from", "proposed_basis").to_arrow())
    con.execute("CREATE OR REPLACE TEMP TABLE proposed AS SELECT * FROM incoming")
    con.unregister("incoming")


def _append_versions(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    frame: pl.DataFrame,
    load_seq: int,
    table: str,
    keys: str,
    values: list[str],
) -> tuple[tuple[int, int, int], int]:
    """Append versions with their own knowledge times (vintages); returns the same as `_append`.

    What stands against them in the log are guesses: values that a later load brought and a release rule dated back. A
    version at time t refutes a guess that claims another value for t:

    - the guess's own time then gets the archived value instead (the same time again, by a later load, which counts),
      unless an archived day before t has vouched for the guess: then the archived value begins at t
    - or a tombstone, when the archive saw the first print and it came later than the rule had it
    - the guessed value is the truth again from the load that brought it, or from the first archived day after t that
      has vouched for it, unless the history has it by then

    A first value that is only as old as its archive keeps the release rule's earlier time, basis modelled. Observed and
    stamped versions stay. Running it again appends nothing.
    """
    scope = pl.col(dataset.series_column) if dataset.series_column else pl.lit("")
    published = {
        pair: dataset.release_of(pair[0] or None).published_at(pair[1])
        for pair in frame.select(scope, dataset.date_column).unique().iter_rows()
    }
    pairs = frame.select(scope.alias("scope"), dataset.date_column).iter_rows()
    staged = frame.with_columns(
        published=pl.Series([published[pair] for pair in pairs], dtype=pl.Datetime("us")), scope=scope
    )
    con.register("incoming", staged.to_arrow())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE vouched AS SELECT known_at, unnest(scopes) AS scope FROM meta.load "
        "WHERE dataset = ? AND origin = 'vintage'",
        [dataset.id],
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS SELECT *, "
        f"row_number() OVER (PARTITION BY {keys} ORDER BY known_from) AS place, "
        f"lead(known_from) OVER (PARTITION BY {keys} ORDER BY known_from) AS next_from FROM incoming"
    )
    con.unregister("incoming")
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE held AS
        WITH versions AS (
            SELECT r.* FROM {table} AS r SEMI JOIN staged USING ({keys}) WHERE r.known_to > r.known_from
        )
        SELECT versions.*, l.known_at AS brought_at,
            CASE WHEN l.origin = 'vintage' THEN '{Basis.VINTAGE.value}' ELSE '{Basis.OBSERVED.value}' END AS told_by
        FROM versions LEFT JOIN meta.load AS l USING (load_seq)"""
    )
    on = " AND ".join(f's."{name}" = v."{name}"' for name in dataset.key)
    equal = " AND ".join(f's."{name}" IS NOT DISTINCT FROM v."{name}"' for name in values) or "true"
    same = f"((s.is_deleted AND v.is_deleted) OR (NOT s.is_deleted AND NOT v.is_deleted AND {equal}))"
    guess = f"(v.known_basis = '{Basis.MODELLED.value}' AND v.brought_at > s.known_from)"
    valid = "v.known_from <= s.known_from AND v.known_to > s.known_from"
    goes_back = (
        f"({guess} AND s.is_known_earlier AND NOT EXISTS (FROM vouched AS a WHERE a.scope = s.scope "
        "AND a.known_at >= v.known_from AND a.known_at < s.known_from))"
    )
    vouched_later = (
        "(SELECT min(a.known_at) FROM vouched AS a WHERE a.scope = s.scope "
        "AND a.known_at > s.known_from AND a.known_at >= v.known_from AND a.known_at < v.brought_at)"
    )
    ours, theirs = quoted([*dataset.key, *values], "s."), quoted([*dataset.key, *values], "v.")
    vintage, modelled = Basis.VINTAGE.value, Basis.MODELLED.value
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE change AS
        -- The first version of each key that the history has.
        SELECT {ours},
            CASE WHEN v.load_seq IS NULL AND s.is_known_earlier THEN least(s.published, s.known_from)
                 WHEN {goes_back} THEN v.known_from
                 ELSE s.known_from END AS known_from,
            CASE WHEN v.load_seq IS NULL AND s.is_known_earlier AND s.published < s.known_from THEN '{modelled}'
                 WHEN {goes_back} THEN '{modelled}'
                 ELSE '{vintage}' END AS known_basis,
            s.is_deleted, s.payload_id, CASE WHEN v.load_seq IS NULL THEN 'new' ELSE 'revised' END AS kind
        FROM staged AS s LEFT JOIN held AS v ON {on} AND {valid}
        WHERE s.place = 1
          AND (v.load_seq IS NULL OR NOT {same} OR ({guess} AND NOT s.is_known_earlier AND NOT v.is_deleted))
        UNION ALL BY NAME
        SELECT {theirs}, v.known_from, '{vintage}' AS known_basis, true AS is_deleted, s.payload_id, 'deleted' AS kind
        FROM staged AS s JOIN held AS v ON {on} AND {valid}
        WHERE s.place = 1 AND {guess} AND NOT s.is_known_earlier AND NOT v.is_deleted AND v.known_from < s.known_from
        -- Every later version of the history.
        UNION ALL BY NAME
        SELECT {ours}, s.known_from, '{vintage}' AS known_basis, s.is_deleted, s.payload_id, 'revised' AS kind
        FROM staged AS s LEFT JOIN held AS v ON {on} AND v.known_from = s.known_from AND {same}
        WHERE s.place > 1 AND v.load_seq IS NULL
        -- Guesses dated after the first version: the history says what was known then.
        UNION ALL BY NAME
        SELECT {ours}, v.known_from, '{vintage}' AS known_basis, s.is_deleted, s.payload_id, 'revised' AS kind
        FROM held AS v JOIN staged AS s
            ON {on} AND s.known_from < v.known_from AND (s.next_from IS NULL OR s.next_from > v.known_from)
        WHERE {guess} AND NOT {same}
        -- And what the guess rests on was true when it was brought, or when an archived day vouched for it.
        UNION ALL BY NAME
        SELECT {theirs}, coalesce({vouched_later}, v.brought_at) AS known_from,
            CASE WHEN {vouched_later} IS NULL THEN v.told_by ELSE '{vintage}' END AS known_basis,
            v.is_deleted, v.payload_id, 'restated' AS kind
        FROM held AS v JOIN staged AS s
            ON {on} AND s.known_from <= v.brought_at AND (s.next_from IS NULL OR s.next_from > v.brought_at)
        WHERE {guess} AND NOT {same} AND v.known_to > v.brought_at"""
    )
    con.execute(
        f"""
        INSERT INTO {table} BY NAME
        SELECT {quoted([*dataset.key, *values])}, known_from, known_basis, {load_seq} AS load_seq, is_deleted,
            payload_id
        FROM change ORDER BY {keys}, known_from"""
    )
    set_ends(con, dataset, "change")
    kinds = dict(con.execute("SELECT kind, count(*) FROM change GROUP BY kind").fetchall())
    con.execute("DROP TABLE staged; DROP TABLE held; DROP TABLE change; DROP TABLE vouched")
    return (kinds.get("new", 0), kinds.get("revised", 0), kinds.get("deleted", 0)), sum(kinds.values())


def newest_dates(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> dict[str | None, date]:
    """Newest effective date held, by series id (None for a dataset without series): the watermark of the next plan."""
    scope = f'"{dataset.series_column}"' if dataset.series_column else "NULL"
    return dict(
        con.execute(
            f'SELECT {scope}, max("{dataset.date_column}") FROM raw.{dataset.table} WHERE NOT is_deleted GROUP BY 1'
        ).fetchall()
    )


def plan(con: duckdb.DuckDBPyConnection, dataset: Dataset, now: datetime, *, is_full: bool = False) -> Plan:
    """The next plan: full history at first, with ``is_full``, and every `full_every_days`; else the revision window.

    A full read that was cut short continues: its loaded addresses are not requested again. The newest known effective
    date may be in the future (IORB is dated ahead).
    """
    # A full read with a time in the future comes from a clock that was ahead, so its age is not known. One without a
    # row count could not be restored.
    row = con.execute(
        "SELECT max(known_at) FROM meta.load WHERE dataset = ? AND is_full AND origin = 'fetch' AND known_at <= ? "
        "AND rows_read IS NOT NULL AND (run_id, dataset) NOT IN "
        "(SELECT (run_id, dataset) FROM meta.unfinished_intake WHERE ended_at IS NULL)",
        [dataset.id, now + CLOCK_TOLERANCE],
    ).fetchone()
    last_full = row[0] if row else None
    is_through = unfinished.is_through(con, dataset.id, now, full=is_full)
    is_full = is_full or last_full is None or now - last_full > timedelta(days=dataset.full_every_days)
    address = con.execute(
        """
        SELECT arg_max(url, rowid) FROM meta.fetch WHERE dataset = $dataset AND payload_id IN
            (SELECT unnest(payload_ids) FROM meta.load WHERE dataset = $dataset)""",
        {"dataset": dataset.id},
    ).fetchone()
    last_address, done = address[0] if address else None, unfinished.loaded(con, dataset.id, now)
    return Plan(now.date(), newest_dates(con, dataset), is_full, last_address, done, is_through)


def validators(con: duckdb.DuckDBPyConnection) -> Mapping[str, Validators]:
    """ETag and Last-Modified of the last good answer of each URL; none where its payload is in quarantine."""
    rows = con.execute(
        """
        SELECT url, arg_max(etag, rowid), arg_max(last_modified, rowid) FROM meta.fetch
        WHERE status = 200 AND (etag IS NOT NULL OR last_modified IS NOT NULL)
          AND payload_id NOT IN (SELECT payload_id FROM meta.quarantine WHERE payload_id IS NOT NULL)
        GROUP BY url"""
    ).fetchall()
    return {url: Validators(etag=etag, last_modified=modified) for url, etag, modified in rows}


def record_exchange(con: duckdb.DuckDBPyConnection, exchange: Exchange, run_id: str) -> None:
    """Write one HTTP exchange to `meta.fetch`, and its payload to `meta.payload` when it is new."""
    line = {
        "run_id": run_id, "dataset": exchange.dataset, "url": redact(exchange.url), "status": exchange.status,
        "started_at": exchange.started_at, "seconds": exchange.seconds, "attempts": exchange.attempts,
        "bytes": exchange.bytes, "payload_id": exchange.payload_id, "etag": exchange.etag,
        "last_modified": exchange.last_modified, "error": plain(exchange.error),
    }  # fmt: skip
    meta.insert(con, "fetch", [line])
    if exchange.payload_id:
        con.execute(
            "INSERT INTO meta.payload SELECT ?, ?, ?, ? WHERE NOT EXISTS (FROM meta.payload WHERE payload_id = ?)",
            [exchange.payload_id, exchange.bytes, exchange.started_at, redact(exchange.url), exchange.payload_id],
        )


def quarantine(con: duckdb.DuckDBPyConnection, failure: Failure, run_id: str, at: datetime) -> None:
    """Write a failure and its reason to `meta.quarantine`. The known rows stay as they are."""
    request, error = failure.request, failure.error
    line = {
        "run_id": run_id, "dataset": failure.dataset, "scope": request.scope if request else None,
        "payload_id": failure.payload_id, "error": error.name, "message": plain(error.message),
        "place": plain(error.place), "url": redact(request.public_url) if request else None, "quarantined_at": at,
    }  # fmt: skip
    meta.insert(con, "quarantine", [line])
