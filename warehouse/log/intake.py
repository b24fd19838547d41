"""One intake: plan from the store, collect from the providers, load batch by batch, keep what failed.

Providers run in parallel threads; everything that touches DuckDB happens in the caller's thread. A dataset that fails
keeps its last good rows and does not stop the others.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import httpx
import polars as pl

from ingest.calendars import utc_now
from ingest.catalog import Dataset, Provider, Request
from ingest.collect import Batch, Exchange, Failure, collect_all, failure_of, read_file
from ingest.errors import EmptyBodyError, IngestError, UnexpectedError
from ingest.outlook import Outlook
from ingest.parsing import parse_body
from ingest.payloads import Archive
from ingest.providers import DATASETS, PROVIDERS
from warehouse import lock, meta
from warehouse.connection import OF_THE_WHOLE, Home, WarehouseError
from warehouse.log import clock, release_calendar, store, unfinished
from warehouse.log.journal import open_log, refuse_if_lost


@dataclass
class Outcome:
    """What one intake did to one dataset."""

    dataset: str
    loads: list[store.Loaded] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    newest_date: date | None = None
    rows_held: int = 0
    late: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    recent: dict[str, list[float]] = field(default_factory=dict)  # newest values by series, oldest first

    @property
    def rows_new(self) -> int:
        return sum(loaded.rows_new for loaded in self.loads)

    @property
    def rows_revised(self) -> int:
        return sum(loaded.rows_revised for loaded in self.loads)

    @property
    def rows_deleted(self) -> int:
        return sum(loaded.rows_deleted for loaded in self.loads)

    @property
    def payload_ids(self) -> list[str]:
        return list(dict.fromkeys(payload for loaded in self.loads for payload in loaded.payload_ids))


Progress = Callable[[str, str], None]
Look = Callable[[Outlook], None]


def _silent(dataset: str, text: str) -> None:
    """Default progress: none."""


def _blind(outlook: Outlook) -> None:
    """Default: no estimate of the time."""


def transport_of(home: Home) -> httpx.BaseTransport | None:
    """None for the real network; the simulated providers of today for the sample."""
    if not home.is_simulated:
        return None
    from ingest import sample

    return sample.transport(is_kept=True)


def telling(say: Callable[[str, int, int], object]) -> tuple[Progress, Look]:
    """``progress`` and ``look`` of one intake that call ``say`` with words, requests done, and all requests."""
    newest = ""

    def progress(dataset_id: str, words: str) -> None:
        nonlocal newest
        newest = f"; {dataset_id}: {words}"

    def look(outlook: Outlook) -> None:
        say(f"{outlook.words}{newest}", outlook.done, outlook.total)

    return progress, look


@contextmanager
def _of_one_dataset(
    con: duckdb.DuckDBPyConnection,
    outcome: Outcome,
    run_id: str,
    progress: Progress,
    request: Request | None = None,
    payload_id: str | None = None,
) -> Iterator[None]:
    """Makes any error in the block a failure of this dataset only, unless it is one of `OF_THE_WHOLE`.

    ``outcome`` and `meta.quarantine` have the failure.
    """
    try:
        yield
    except OF_THE_WHOLE:
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        if not isinstance(error, IngestError):
            words = " ".join(str(error).split())[:300]
            error = UnexpectedError(f"{type(error).__name__}: {words}; what was held is kept")
        failure = failure_of(DATASETS[outcome.dataset], request, error, payload_id)
        outcome.failures.append(failure)
        store.quarantine(con, failure, run_id, utc_now())
        progress(outcome.dataset, str(failure.error))


def _by_provider(wanted: Collection[str]) -> list[tuple[Provider, list[Dataset]]]:
    """Providers in their order, each with its datasets of those whose ids are ``wanted``."""
    grouped = ((provider, [each for each in provider.datasets if each.id in wanted]) for provider in PROVIDERS)
    return [(provider, datasets) for provider, datasets in grouped if datasets]


@lock.held("load")
def take_in(
    home: Home,
    dataset_ids: Iterable[str],
    *,
    run_id: str,
    is_full: bool = False,
    transport: httpx.BaseTransport | None = None,
    now: datetime | None = None,
    progress: Progress = _silent,
    look: Look = _blind,
) -> dict[str, Outcome]:
    """Fetch and load ``dataset_ids``; returns an Outcome for each. ``transport`` replaces the network (sample, tests).

    Continues an intake that was cut short. Calls ``progress`` in this thread with a dataset id and a few words after
    each batch, and ``look`` with what is left before the first request and after each request. Raises ClockError, with
    nothing loaded, when this machine's clock differs from the providers' clocks.
    """
    wanted = [DATASETS[dataset_id] for dataset_id in dataset_ids]
    outcomes = {dataset.id: Outcome(dataset.id) for dataset in wanted}
    archive = Archive(home.payloads)
    with open_log(home) as (con, journal):
        con.execute(store.ONE_THREAD)
        moment = now or utc_now()
        plans = {}
        for dataset in wanted:
            with _of_one_dataset(con, outcomes[dataset.id], run_id, progress):
                plans[dataset.id] = store.plan(con, dataset, moment, is_full=is_full)
        known = {} if is_full else store.validators(con)
        chosen = _by_provider(plans)
        held, same = unfinished.bodies(con, moment), store.loaded_bodies(con, moment)
        outlook = Outlook(chosen, plans)
        look(outlook)
        for full in (True, False):
            unfinished.begin(con, run_id, [name for name, p in plans.items() if p.is_full is full], moment, full=full)
        for dataset_id, count in outlook.to_come.items():
            if not count:
                unfinished.through(con, dataset_id, moment)
        results = collect_all(chosen, plans, archive, transport=transport, validators=known.get, held=held, loaded=same)
        for result in clock.once_judged(results, [provider.name for provider, _ in chosen]):
            match result:
                case Exchange():
                    with _of_one_dataset(con, outcomes[result.dataset], run_id, progress):
                        store.record_exchange(con, result, run_id)
                case Batch():
                    batch = replace(result, fetched_at=now) if now else result
                    _load(con, batch, outcomes, run_id, plans[batch.dataset].is_full, None, progress)
                case Failure():
                    outcomes[result.dataset].failures.append(result)
                    store.quarantine(con, result, run_id, utc_now())
                    progress(result.dataset, str(result.error))
            if not isinstance(result, Exchange):  # it goes with the load or failure that it led to
                journal.keep_up(con)
                outlook.note(result.dataset)
                if not outlook.to_come[result.dataset]:
                    unfinished.through(con, result.dataset, utc_now())
                look(outlook)
        _finish(con, outcomes, now or utc_now(), run_id, progress)
        unfinished.end(con, plans)
        journal.follow(con)
    return outcomes


@lock.held("load of files")
def take_files(
    home: Home,
    dataset_id: str,
    paths: Sequence[Path],
    *,
    run_id: str,
    known_at: datetime | None = None,
    series: str | None = None,
    progress: Progress = _silent,
) -> dict[str, Outcome]:
    """Load bodies saved by hand into ``dataset_id`` and into every dataset that reads the same bodies.

    A dataset whose rows such a body may also contain is loaded from the rows that are there.

    ``known_at`` (naive UTC) is when the files were saved; ``series`` names the series of a body that does not.
    WarehouseError when ``known_at`` is still to come.
    """
    if known_at is not None:
        if known_at > utc_now() + timedelta(days=1):
            raise WarehouseError(
                f"{known_at:%Y-%m-%d %H:%M} is still to come: no file was saved then; correct --known-at"
            )
        known_at = min(known_at, utc_now())  # a bare date is its end, of today too
    named = DATASETS[dataset_id]
    siblings = [d for d in DATASETS.values() if d is named or d.reads_same_bodies_as(named)]
    guests = [d for d in DATASETS.values() if d.may_be_found_in_bodies_of(named)]
    outcomes = {dataset.id: Outcome(dataset.id) for dataset in (*siblings, *guests)}
    archive = Archive(home.payloads)
    with open_log(home) as (con, journal):
        con.execute(store.ONE_THREAD)
        for path in paths:
            for dataset in (*siblings, *guests):
                result = read_file(dataset, path, archive, scope=series, day=known_at.date() if known_at else None)
                if dataset in guests and isinstance(result, Failure) and isinstance(result.error, EmptyBodyError):
                    continue
                if isinstance(result, Failure):
                    outcomes[dataset.id].failures.append(result)
                    store.quarantine(con, result, run_id, utc_now())
                    progress(dataset.id, str(result.error))
                    if dataset is named:
                        progress(dataset.id, what_can_be_loaded(dataset, result, archive))
                else:
                    _load(con, result, outcomes, run_id, False, known_at, progress)
                journal.follow(con)
        _finish(con, outcomes, utc_now(), run_id, progress)
        journal.follow(con)
    return outcomes


NOTHING_EVER_LOADED = (
    "no row was ever loaded, so there is nothing to build or to publish; to try everything without a network: "
    "liquidity refresh --sample"
)


def was_ever_loaded(home: Home) -> bool:
    """Whether any load brought a row; if not, a generation would be empty.

    DamagedLogError when there were loads and the log has lost them. Hold the lock.
    """
    refuse_if_lost(home)
    if not home.work_database.exists():
        return False
    with open_log(home) as (con, _):
        return con.execute("FROM meta.load WHERE rows_new > 0 LIMIT 1").fetchone() is not None


def what_can_be_loaded(dataset: Dataset, failure: Failure, archive: Archive) -> str:
    """For a file that ``dataset`` refused: which other dataset reads it, or else what this one reads."""
    if failure.payload_id and failure.request:
        body = archive.get(failure.payload_id)
        others = [other for other in DATASETS.values() if other is not dataset]
        if readers := [other.id for other in others if _reads(other, body, failure.request)]:
            return f"the file reads as {' or '.join(readers)}; load it there"
    return f"what can be loaded into {dataset.id}: {dataset.by_hand}"


def _reads(dataset: Dataset, body: bytes, request: Request) -> bool:
    try:
        parse_body(dataset, body, request)
    except Exception:
        return False
    return True


def _load(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    outcomes: Mapping[str, Outcome],
    run_id: str,
    is_full: bool,
    known_at: datetime | None,
    progress: Progress,
) -> None:
    dataset, outcome = DATASETS[batch.dataset], outcomes[batch.dataset]
    payload_id = batch.pages[-1].payload_id if batch.pages else None
    loaded = None
    with _of_one_dataset(con, outcome, run_id, progress, batch.request, payload_id):
        loaded = store.load(con, dataset, batch, run_id=run_id, is_full=is_full, known_at=known_at)
    if loaded is None:
        return
    outcome.loads.append(loaded)
    outcome.notes.extend(loaded.notes)
    if batch.is_unchanged:
        progress(dataset.id, "not modified")
    else:
        what = f"{loaded.rows_read:,} rows read, {loaded.rows_new:,} new, {loaded.rows_revised:,} revised"
        progress(dataset.id, f"{batch.request.scope or dataset.name}: {what}")


def _finish(
    con: duckdb.DuckDBPyConnection, outcomes: Mapping[str, Outcome], now: datetime, run_id: str, progress: Progress
) -> None:
    """Fill in what the log has and what is late, and rewrite `meta.freshness`."""
    for line in write_freshness(con, now, outcomes, run_id, progress):
        if line["dataset"] in outcomes and line["is_late"]:
            outcomes[line["dataset"]].late.append(line["series"] or DATASETS[line["dataset"]].name)
    for dataset_id, outcome in outcomes.items():
        dataset = DATASETS[dataset_id]
        with _of_one_dataset(con, outcome, run_id, progress):
            outcome.newest_date, outcome.rows_held = con.execute(
                f'SELECT max("{dataset.date_column}"), count(*) FROM history.{dataset.table} '
                "WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted"
            ).fetchone()  # type: ignore[misc]
            outcome.recent = _recent(con, dataset)


def write_freshness(
    con: duckdb.DuckDBPyConnection,
    now: datetime,
    outcomes: Mapping[str, Outcome] | None = None,
    run_id: str = "",
    progress: Progress = _silent,
) -> list[dict]:
    """Rewrite `meta.freshness` and `meta.release` for every dataset, as of ``now`` (naive UTC); rows of the first.

    A dataset whose freshness cannot be computed is late, with the reason; it counts as a failure in its outcome.
    """
    rows = []
    for dataset in DATASETS.values():
        outcome = (outcomes or {}).get(dataset.id) or Outcome(dataset.id)
        lines: list[dict] = []
        with _of_one_dataset(con, outcome, run_id, progress):
            lines = freshness(con, dataset, now)
        if not lines:
            error = outcome.failures[-1].error
            lines = [
                dict.fromkeys(meta.TABLE["freshness"].columns)
                | {"dataset": dataset.id, "title": dataset.title, "is_late": True, "checked_at": now,
                   "last_error": f"{error.name}: {error.message}", "last_error_at": now}
            ]  # fmt: skip
        rows += lines
    meta.replace(con, "freshness", rows)
    release_calendar.write(con, now)
    return rows


def _recent(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> dict[str, list[float]]:
    """The newest 60 values of the first number of each series, at most twelve series: enough to see their shape."""
    numbers = [c.name for c in dataset.columns if c.unit is not None and c.name not in dataset.key]
    scope = f'"{dataset.series_column}"' if dataset.series_column else f"'{numbers[0]}'"
    return dict(
        con.execute(
            f"""
            WITH daily AS (
                SELECT {scope} AS scope, "{dataset.date_column}" AS day, sum("{numbers[0]}")::DOUBLE AS number
                FROM history.{dataset.table}
                WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted AND "{numbers[0]}" IS NOT NULL
                GROUP BY 1, 2
            ), newest AS (
                FROM daily QUALIFY row_number() OVER (PARTITION BY scope ORDER BY day DESC) <= 60
            )
            SELECT scope, list(number ORDER BY day) FROM newest GROUP BY scope ORDER BY scope LIMIT 12"""
        ).fetchall()
    )


def freshness(con: duckdb.DuckDBPyConnection, dataset: Dataset, now: datetime) -> list[dict]:
    """Per series (or one row for a dataset without): what the log has, when the next value is due, whether it is late.

    Late means that a release was missed: by its release rule and grace, the next effective date should be public now. A
    discontinued series is never late, and neither is one that a government shutdown delays. A series that was never
    loaded is late.
    """
    scope = f'"{dataset.series_column}"' if dataset.series_column else "NULL"
    held = {
        series: (count, first, last)
        for series, count, first, last in con.execute(
            f'SELECT {scope}, count(*), min("{dataset.date_column}"), max("{dataset.date_column}") '
            f"FROM history.{dataset.table} WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted GROUP BY 1"
        ).fetchall()
    }
    polled = dict(
        con.execute(
            "SELECT scope, least(arg_max(loaded_at, load_seq), ?) FROM "
            "(SELECT unnest(scopes) AS scope, loaded_at, load_seq FROM meta.load WHERE dataset = ?) GROUP BY 1",
            [now, dataset.id],
        ).fetchall()
    )
    errors = {
        series: (message, at)
        for series, message, at in con.execute(
            "SELECT scope, arg_max(error || ': ' || message, quarantined_at), max(quarantined_at) FROM meta.quarantine "
            "WHERE dataset = ? GROUP BY scope",
            [dataset.id],
        ).fetchall()
    }
    shutdowns = release_calendar.shutdowns(release_calendar.new_york(now).date())
    lines = []
    for series in dataset.series or (None,):
        name = series.id if series else None
        count, first, last = held.get(name, (0, None, None))
        last_polled = polled.get(name or "")
        message, failed_at = errors.get(name) or errors.get(None) or (None, None)
        if failed_at is not None and last_polled is not None and failed_at < last_polled:
            message, failed_at = None, None  # it has worked since
        due = dataset.due_at(last, name) if last is not None else None
        discontinued = bool(series and series.is_discontinued)
        release = dataset.release_of(name)
        is_held_up = due is not None and release_calendar.is_suspended(release, due - release.grace, now, shutdowns)
        lines.append(
            {
                "dataset": dataset.id, "series": name, "title": series.title if series else dataset.title,
                "rows_held": count, "oldest_date": first, "newest_date": last,
                "due_at": None if discontinued else due,
                "is_late": not discontinued and not is_held_up and (due is None or now > due),
                "last_polled_at": last_polled, "last_error": message, "last_error_at": failed_at, "checked_at": now,
            }
        )  # fmt: skip
    return lines
