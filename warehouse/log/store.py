"""The append-only log: loads that append only what changed, and what the next fetch has to know of earlier ones.

A load compares the rows of one batch with the rows known at its knowledge time. It appends the rows that differ, and a
tombstone for each known row that is missing although the batch covers its key. Running it again appends nothing.
What must not be here: fetching, parsing, publishing; the tables (`warehouse/log/tables.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from ingest.catalog import VERSION_COLUMNS, Dataset, Plan
from ingest.collect import Batch, Exchange, Failure
from ingest.errors import DuplicateKeyError
from ingest.http import Validators
from ingest.plain import plain, redact
from warehouse import meta
from warehouse.connection import transaction
from warehouse.log import times, unfinished
from warehouse.log.append import Append, Appended
from warehouse.log.vintages import append_versions

# For a connection that loads: dividing some fifteen small statements among threads costs a load a fifth of its time.
ONE_THREAD = "SET threads = 1"
# A body that was read longer ago is read again; shorter than from one night to the next.
_READ_AGAIN = timedelta(hours=20)


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


def _scopes(con: duckdb.DuckDBPyConnection, dataset: Dataset, batch: Batch, frame: pl.DataFrame) -> list[str]:
    """Series that a batch covers; one empty name for a dataset without series."""
    if dataset.series_column is None:
        return [""]
    if batch.is_unchanged and not batch.request.scope:  # as many as when the body came
        found = con.execute(
            "SELECT arg_max(scopes, load_seq) FROM meta.load "
            "WHERE dataset = ? AND source_url = ? AND payload_ids <> []",
            [dataset.id, redact(batch.request.public_url)],
        ).fetchone()
        if found and found[0]:
            return found[0]
    if frame.is_empty():
        return [batch.request.scope] if batch.request.scope else [series.id for series in dataset.series]
    return sorted(frame[dataset.series_column].unique())


def _rows_of(batch: Batch, dataset: Dataset) -> pl.DataFrame:
    """Rows of all pages, each with the payload that it comes from."""
    if not batch.pages:
        return pl.DataFrame(schema=dataset.schema | {"payload_id": pl.String})
    return pl.concat([page.frame.with_columns(payload_id=pl.lit(page.payload_id)) for page in batch.pages])


def _line_of(batch: Batch) -> dict[str, Any]:
    """The part of a line of `meta.load` that the batch says by itself."""
    request = batch.request
    return {
        "dataset": batch.dataset, "loaded_at": batch.fetched_at, "source_url": redact(request.public_url),
        "request_scope": request.scope, "covers_from": request.covers_from, "covers_to": request.covers_to,
        "unsaid": batch.unsaid,
    }  # fmt: skip


def _without_repeats(dataset: Dataset, batch: Batch, frame: pl.DataFrame, identity: list[str]) -> pl.DataFrame:
    """``frame`` without rows that a second page repeats; DuplicateKeyError when two pages differ for one key."""
    if len(batch.pages) < 2 or not frame.select(identity).is_duplicated().any():
        return frame
    compared = list(dict.fromkeys([*identity, *(column.name for column in dataset.columns)]))
    if frame.select(compared).unique().select(identity).is_duplicated().any():
        raise DuplicateKeyError("two pages give different rows for one key", dataset=dataset.id)
    return frame.unique(subset=compared, keep="first", maintain_order=True)


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
    ordered by load: what claims to be known more than `times.CLOCK_TOLERANCE` later than this load is dated just before
    it.
    A batch whose rows tell when they became known (`VERSION_COLUMNS`) is history, whatever ``known_at`` says: see
    `append_versions`. Columns that the batch leaves `unsaid` keep what is held, and are empty in rows that are new.
    ``again`` is given when an old load is done once more; the clock has no say then.
    Raises DuplicateKeyError, ShrunkBodyError, LayoutError; nothing is written then.
    """
    frame = _rows_of(batch, dataset)
    is_history = VERSION_COLUMNS.keys() <= set(frame.columns)
    identity = [*dataset.key, "known_from"] if is_history else list(dataset.key)
    is_import = again.is_import if again else known_at is not None
    truer: dict[datetime, datetime] = {}
    now = batch.fetched_at
    if not is_import and not is_history:
        truer, now = times.claims_of_the_future(con, dataset, again.known_at if again else batch.fetched_at)
    if is_history:
        # One archived day vouches for what it held at that time; a whole history only for itself, now.
        days = frame["known_from"].unique()
        known_at = days[0] if len(days) == 1 else batch.fetched_at
    elif again or known_at is None:
        known_at = again.known_at if again else now
    frame = _without_repeats(dataset, batch, frame, identity)
    scopes = _scopes(con, dataset, batch, frame)

    with transaction(con):
        (next_seq,) = con.execute("SELECT coalesce(max(load_seq), 0) + 1 FROM meta.load").fetchone()  # type: ignore[misc]
        load_seq = again.load_seq if again else next_seq
        redated = () if is_import or is_history else times.redate(con, dataset, truer, batch.fetched_at)
        notes = tuple(dict.fromkeys(map(plain, (*batch.notes, *redated))))
        found = Appended()
        if is_history:
            found = append_versions(con, dataset, frame, load_seq)
        elif not frame.is_empty():
            found = Append(con, dataset, batch, frame, scopes, known_at, load_seq, is_import).run()
        payload_ids = tuple(page.payload_id for page in batch.pages)
        counts = {name: getattr(found, name) for name in ("rows_new", "rows_revised", "rows_deleted")}
        line = {
            "load_seq": load_seq, "scopes": scopes, "known_at": known_at, "run_id": run_id,
            "origin": "vintage" if is_history else "file" if batch.request.is_file else "fetch", "is_full": is_full,
            "rows_read": len(frame), "rows_appended": found.versions, "payload_ids": list(payload_ids),
            "notes": list(notes), "is_import": is_import,
        }  # fmt: skip
        meta.insert(con, "load", [line | counts | _line_of(batch)])
    return Loaded(dataset.id, load_seq, known_at, len(frame), **counts, payload_ids=payload_ids, notes=notes)


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
        [dataset.id, now + times.CLOCK_TOLERANCE],
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


def loaded_bodies(con: duckdb.DuckDBPyConnection, now: datetime) -> dict[tuple[str, str], str]:
    """By dataset id and address: the payload of its last load, where a load of it at ``now`` would bring nothing.

    No later load of the dataset may have changed rows, unless both were for one series each, and not the same. Each
    night reads every body once all the same: another version of its parser may find more in it.
    """
    rows = con.execute(
        """
        WITH bodies AS (
            SELECT dataset, source_url, arg_max(payload_ids, load_seq) AS payload_ids,
                any_value(request_scope) AS request_scope, max(load_seq) AS load_seq
            FROM meta.load WHERE payload_ids <> [] AND carried_over IS NULL AND loaded_at BETWEEN ? AND ?
            GROUP BY ALL
        )
        SELECT dataset, source_url, payload_ids[1] FROM bodies
        WHERE len(payload_ids) = 1 AND NOT EXISTS (
            FROM meta.load AS later
            WHERE later.dataset = bodies.dataset AND later.load_seq > bodies.load_seq AND later.rows_appended > 0
              AND coalesce(later.request_scope = bodies.request_scope, true)
        )""",
        [now - _READ_AGAIN, now],
    ).fetchall()
    return {(dataset, url): payload_id for dataset, url, payload_id in rows}


def record_exchange(con: duckdb.DuckDBPyConnection, exchange: Exchange, run_id: str) -> None:
    """Write one HTTP exchange to `meta.fetch`, and its payload to `meta.payload` when it is new."""
    line = {
        "run_id": run_id, "dataset": exchange.dataset, "url": redact(exchange.url), "status": exchange.status,
        "started_at": exchange.started_at, "seconds": exchange.seconds, "attempts": exchange.attempts,
        "bytes": exchange.bytes, "payload_id": exchange.payload_id, "etag": exchange.etag,
        "last_modified": exchange.last_modified, "error": plain(exchange.error),
    }  # fmt: skip
    with transaction(con):  # one write to the disk, not two
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
