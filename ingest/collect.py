"""From datasets and plans to batches of typed rows: ask, archive, parse, follow the pages, check the count.

A failure is a value and not an exception: a request that fails does not stop the other requests and datasets. What must
not be here: HTTP details (`http.py`), knowledge of any one format (`providers/`), the database.
"""

from __future__ import annotations

import gzip
import io
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import Empty, Full, Queue
from types import MappingProxyType

import httpx
import polars as pl

from ingest.calendars import utc_now
from ingest.catalog import VERSION_COLUMNS, Dataset, Parsed, Plan, Provider, Request
from ingest.errors import (
    GIVEN_UP,
    BodyTooLargeError,
    FetchError,
    HttpStatusError,
    IngestError,
    NetworkError,
    PagingError,
    UnreadableBodyError,
)
from ingest.http import Answer, Client, Validators
from ingest.parsing import ANY_ERROR, named_error, parse_body
from ingest.payloads import Archive

# The largest known answer has 30 pages; the limit only stops a server that always names one more.
MAX_PAGES = 1_000
MAX_FILE_BYTES = 512_000_000
# Results that wait for the caller. A few frames in memory, no more: a writer slower than the network slows it down.
QUEUE_LENGTH = 8

# After this many addresses of a dataset in a row with 5xx, each tried for half a minute, the rest is skipped.
_REFUSALS = 3

FindValidators = Callable[[str], Validators | None]


@dataclass(frozen=True)
class Page:
    """The typed rows of one body, the name under which the body is archived, and the columns it does not have."""

    payload_id: str
    frame: pl.DataFrame
    unsaid: tuple[str, ...] = ()

    @classmethod
    def of(cls, payload_id: str, parsed: Parsed) -> Page:
        """What a parser made of the payload."""
        return cls(payload_id, parsed.frame, parsed.unsaid)


@dataclass(frozen=True)
class Batch:
    """All rows of one Request.

    ``dataset`` is the dataset's id; ``fetched_at`` (naive UTC) is when the last page was in hand.
    ``is_unchanged``: the provider answered 304, or with the body that was loaded last; there are no pages then, and
    what is known still holds.
    """

    dataset: str
    request: Request
    pages: tuple[Page, ...]
    fetched_at: datetime
    is_unchanged: bool = False
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows on all pages."""
        return sum(page.frame.height for page in self.pages)

    @property
    def unsaid(self) -> list[str]:
        """Columns that some page does not have."""
        return sorted({name for page in self.pages for name in page.unsaid})


@dataclass(frozen=True)
class Failure:
    """One failed Request of a dataset, with the reason. ``request`` is None when it could not be made."""

    dataset: str
    request: Request | None
    error: IngestError
    payload_id: str | None = None


@dataclass(frozen=True)
class Exchange:
    """One HTTP exchange with all its attempts, as kept in `meta.fetch`. ``url`` carries no key.

    ``status`` is None when no answer came; ``bytes`` count the decompressed body. ``clock_ahead_seconds`` is how far
    this machine's clock was ahead of the provider's, None when the answer has no time.
    """

    dataset: str
    url: str
    status: int | None
    started_at: datetime
    seconds: float
    attempts: int
    bytes: int = 0
    payload_id: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    error: str = ""
    clock_ahead_seconds: float | None = None


Result = Batch | Failure | Exchange


def _no_validators(url: str) -> Validators | None:
    """Default: ask without conditions."""
    return None


def failure_of(
    dataset: Dataset, request: Request | None, error: BaseException, payload_id: str | None = None
) -> Failure:
    """``error`` as a Failure, without its traceback, whose frames would keep whole bodies in memory."""
    named = named_error(error).located(dataset=dataset.id, payload_id=payload_id or "").with_traceback(None)
    named.__cause__ = named.__context__ = None
    return Failure(dataset.id, request, named, payload_id)


# --- one provider ---------------------------------------------------------------------------------------------------


class _Fetcher:
    """Asks one provider, each address once a run, and gives up when the provider cannot be reached."""

    def __init__(self, provider: Provider, client: Client, archive: Archive, held: Mapping[str, str]) -> None:
        self.provider = provider
        self.client = client
        self.archive = archive
        self._held = held  # payloads of answers that came before a kill
        self.exchanges: list[Exchange] = []
        # Datasets that share an address read the same body. Only its name is kept: the bytes are in the archive.
        self._seen: dict[str, tuple[Answer, str | None]] = {}
        self._given_up = ""
        self._errors_in_a_row = 0
        self._refusals_in_a_row: Counter[str] = Counter()  # by dataset: one may be broken while the others answer

    def get(self, dataset: Dataset, request: Request, validators: Validators | None) -> tuple[Answer, str | None]:
        """The answer, and the payload id under which its body is archived (None for a 304)."""
        url = request.public_url
        if url not in self._seen and (held := self._held.get(url)):
            with suppress(UnreadableBodyError):  # damaged or missing: request it again
                self.archive.get(held)
                self._seen[url] = Answer(200, None, None, None, None, utc_now(), 0.0, url, 0), held
        if url in self._seen:
            answer, payload_id = self._seen[url]
            body = self.archive.get(payload_id) if payload_id else None
            return replace(answer, body=body), payload_id
        if self._given_up:
            raise NetworkError(f"{self.provider.name} {GIVEN_UP}: {self._given_up}")
        if self._refusals_in_a_row[dataset.id] == _REFUSALS:
            raise NetworkError(f"{dataset.id} {GIVEN_UP}: {_REFUSALS} addresses in a row answered 5xx")
        started_at, start = utc_now(), time.monotonic()
        try:
            answer = self.client.get(request, validators)
        except FetchError as error:
            if isinstance(error, NetworkError):
                # After one dead connection the next would fail too; time-outs and cut-off bodies need two.
                self._errors_in_a_row += 1
                if error.is_unreachable or self._errors_in_a_row == 2:
                    self._given_up = error.message
            elif isinstance(error, HttpStatusError) and error.status >= 500:
                self._refusals_in_a_row[dataset.id] += 1
            self.exchanges.append(
                Exchange(
                    dataset.id,
                    url,
                    error.status if isinstance(error, HttpStatusError) else None,
                    started_at,
                    time.monotonic() - start,
                    error.attempts,
                    error=str(error),
                )
            )
            raise
        self._errors_in_a_row = self._refusals_in_a_row[dataset.id] = 0
        payload_id = None if answer.body is None else self.archive.put(answer.body)
        self._seen[url] = replace(answer, body=None), payload_id
        self.exchanges.append(
            Exchange(
                dataset.id,
                answer.url,
                answer.status,
                answer.started_at,
                answer.seconds,
                answer.attempts,
                len(answer.body or b""),
                payload_id,
                answer.etag,
                answer.last_modified,
                clock_ahead_seconds=answer.clock_ahead_seconds,
            )
        )
        return answer, payload_id


def _collect_request(
    fetcher: _Fetcher, dataset: Dataset, request: Request, validators: Validators | None, loaded: str | None, day: date
) -> Batch | Failure:
    """One Request with all its pages; ``loaded`` is the payload that need not be read again."""
    pages: list[Page] = []
    notes: list[str] = []
    payload_id: str | None = None
    stated_rows: int | None = None
    wire_rows = 0
    asked: set[str] = set()
    page: Request | None = request
    try:
        while page is not None:
            if page.public_url in asked or len(asked) == MAX_PAGES:
                raise PagingError(f"page {len(asked) + 1} repeats an earlier one or is one too many: {page.public_url}")
            asked.add(page.public_url)
            answer, payload_id = fetcher.get(dataset, page, validators)
            fetched_at = answer.started_at + timedelta(seconds=answer.seconds)
            if answer.body is None or payload_id is None or payload_id == loaded:
                return Batch(dataset.id, request, (), fetched_at, is_unchanged=True)
            if dataset.follow_link is not None and (target := dataset.follow_link(answer.body, page)) is not None:
                page = target
                notes += [page.note] if page.note else []
                continue
            parsed, count = parse_body(dataset, answer.body, page, payload_id, day=day)
            pages.append(Page.of(payload_id, parsed))
            notes += parsed.notes
            wire_rows += count
            if dataset.stated_rows is not None:
                stated, before = dataset.stated_rows(answer.body), stated_rows
                if before is not None and stated != before:
                    raise PagingError(f"the stated count went from {before} to {stated} between two pages; run again")
                stated_rows = stated
            page = dataset.next_page(answer.body, page) if dataset.next_page else None
        if stated_rows is not None and wire_rows != stated_rows:
            raise PagingError(f"{wire_rows} rows came on {len(pages)} pages, {stated_rows} are stated; run again")
        _refuse_overlap(dataset, pages)
    except ANY_ERROR as error:
        if isinstance(error, OSError):  # the archive cannot be written: no later step would be safe
            raise
        return failure_of(dataset, request, error, payload_id)
    return Batch(dataset.id, request, tuple(pages), fetched_at, notes=tuple(dict.fromkeys(notes)))


def _refuse_overlap(dataset: Dataset, pages: Sequence[Page]) -> None:
    """A key on two pages means that rows moved during paging: as many others were skipped, although the count fits."""
    if len(pages) < 2:
        return
    times = [name for name in VERSION_COLUMNS if name == "known_from" and name in pages[0].frame.columns]
    keys = pl.concat([page.frame.select(*dataset.key, *times) for page in pages])
    repeated = keys.filter(keys.is_duplicated())
    if not repeated.is_empty():
        raise PagingError(
            f"{len(repeated)} rows are on more than one page, first {repeated.row(0, named=True)}: "
            "something was published between two pages; run again"
        )


def _leads_on(dataset: Dataset, request: Request) -> bool:
    """Whether an answer may go on elsewhere, where something else may have come though this body is the same."""
    return bool(dataset.next_page or dataset.follow_link) and not request.is_single


def _may_ask_conditionally(
    dataset: Dataset, request: Request, datasets: Sequence[Dataset], plans: Mapping[str, Plan]
) -> bool:
    """Whether a 304 can be used: one page only, and every dataset that reads the body already has rows of it.

    For a page of links it cannot: the page can stay the same while the file behind it changes.
    """
    for reader in datasets:
        if reader is not dataset and not reader.reads_same_bodies_as(dataset):
            continue
        wanted: list[str | None] = [request.scope] if request.scope else [series.id for series in reader.series]
        wanted = wanted if reader.series else [None]
        plan = plans[reader.id]
        if _leads_on(reader, request) or plan.is_full or not all(name in plan.newest for name in wanted):
            return False
    return True


def collect(
    provider: Provider,
    datasets: Sequence[Dataset],
    plans: Mapping[str, Plan],
    client: Client,
    archive: Archive,
    validators: FindValidators = _no_validators,
    held: Mapping[str, str] = MappingProxyType({}),
    loaded: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Iterator[Result]:
    """Collect ``datasets`` of one provider, one Batch or Failure for each Request, its Exchanges before it.

    ``plans`` is keyed by dataset id. ``validators`` gives, by public URL, what came with the last *loaded* answer; they
    are left out where a 304 would not do. ``held`` gives payloads of the archive by public URL, which need not be asked
    for; ``loaded``, by dataset id and public URL, those that would bring nothing if they came again. Every body is
    archived before it is parsed. OSError when that fails.
    """
    fetcher = _Fetcher(provider, client, archive, held)
    for dataset in datasets:
        plan = plans[dataset.id]
        try:
            requests = plan.requests(dataset)
        except Exception as error:
            yield failure_of(dataset, None, error)
            continue
        for request in requests:
            known = (
                validators(request.public_url) if _may_ask_conditionally(dataset, request, datasets, plans) else None
            )
            is_read = plan.is_full or _leads_on(dataset, request)
            same = None if is_read else loaded.get((dataset.id, request.public_url))
            result = _collect_request(fetcher, dataset, request, known, same, plan.today)
            yield from fetcher.exchanges
            fetcher.exchanges.clear()
            yield result


# --- files ----------------------------------------------------------------------------------------------------------


def _gunzip(data: bytes, cap: int) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        body = file.read(cap + 1)
    if len(body) > cap:
        raise BodyTooLargeError(f"more than {cap:,} bytes when unpacked; split the file")
    return body


def read_file(
    dataset: Dataset,
    path: Path,
    archive: Archive,
    scope: str | None = None,
    *,
    day: date | None = None,
    max_bytes: int = MAX_FILE_BYTES,
) -> Batch | Failure:
    """One body that was saved by hand, gzip-compressed or not. ``scope`` is its series, when the body does not name it.

    ``day`` (UTC) is when it was saved, by default today.

    The Request of the result has ``is_file`` and no cover. OSError when the archive cannot be written.
    """
    request = Request(url=f"file:{path.name}", scope=scope, is_file=True)
    payload_id: str | None = None
    try:
        try:
            if path.stat().st_size > max_bytes:
                raise BodyTooLargeError(f"more than {max_bytes:,} bytes; split the file")
            body = path.read_bytes()
        except OSError as error:
            raise UnreadableBodyError(f"cannot read the file: {error.strerror or error}") from None
        if body.startswith(b"\x1f\x8b"):
            try:
                body = _gunzip(body, max_bytes)
            except (gzip.BadGzipFile, zlib.error, EOFError) as error:
                payload_id = archive.put(body)
                raise UnreadableBodyError(f"broken gzip file: {error}; download it again") from None
        payload_id = archive.put(body)
        parsed, _ = parse_body(dataset, body, request, payload_id, day=day)
    except IngestError as error:
        return failure_of(dataset, request, error.located(place=path.name), payload_id)
    return Batch(dataset.id, request, (Page.of(payload_id, parsed),), utc_now(), notes=parsed.notes)


# --- all providers --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Finished:
    """A provider's thread has ended, with ``error`` if something other than a Failure ended it."""

    error: BaseException | None = None


def _drained(results: Queue[Result | _Finished], running: int) -> Generator[Result]:
    """What ``running`` threads hand over, until each has finished; raises the error that ended one."""
    while running:
        try:
            item = results.get(timeout=1.0)  # a bare get() cannot be interrupted on Windows
        except Empty:
            continue
        if not isinstance(item, _Finished):
            yield item
            continue
        running -= 1
        if item.error is not None:
            raise item.error


def collect_all(
    selection: Iterable[tuple[Provider, Sequence[Dataset]]],
    plans: Mapping[str, Plan],
    archive: Archive,
    *,
    transport: httpx.BaseTransport | None = None,
    validators: FindValidators = _no_validators,
    held: Mapping[str, str] = MappingProxyType({}),
    loaded: Mapping[tuple[str, str], str] = MappingProxyType({}),
    client_of: Callable[[Provider], Client] | None = None,
) -> Generator[Result]:
    """Collect from several providers at once, one thread each; results come to the caller's thread as they arrive.

    ``transport`` replaces the network; ``client_of`` makes a provider's client otherwise. An error that is no Failure
    (a full disk) is raised here. When the caller stops early or raises, the threads stop too: a thread that sleeps
    between two attempts wakes up later, finds its client cancelled and ends.
    """
    make = client_of or (lambda provider: Client(provider, transport=transport))
    stop = threading.Event()
    results: Queue[Result | _Finished] = Queue(QUEUE_LENGTH)

    def hand_over(item: Result | _Finished) -> None:
        while not stop.is_set():
            try:
                return results.put(item, timeout=0.1)
            except Full:
                continue

    def work(client: Client, datasets: Sequence[Dataset]) -> None:
        error: BaseException | None = None
        try:
            with client:
                for item in collect(client.provider, datasets, plans, client, archive, validators, held, loaded):
                    hand_over(item)
                    if stop.is_set():
                        return
        except BaseException as caught:
            error = caught
        hand_over(_Finished(error))

    jobs = [(make(provider), datasets) for provider, datasets in selection]
    threads = [threading.Thread(target=work, args=job, daemon=True, name=job[0].provider.name) for job in jobs]
    try:
        for thread in threads:
            thread.start()
        yield from _drained(results, len(threads))
    finally:
        stop.set()
        for client, _ in jobs:
            client.cancel()
        patience = time.monotonic() + 2.0
        for thread in threads:
            thread.join(max(0.0, patience - time.monotonic()))
