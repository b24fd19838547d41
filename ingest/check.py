"""Whether every provider answers in its usual format: one small request for each dataset, nothing is stored.

What must not be here: knowledge of any one provider, the warehouse: a check needs no log and writes none.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

import httpx

from ingest.calendars import utc_now
from ingest.catalog import Dataset, Plan, Provider, Request
from ingest.collect import Batch, Failure, collect, failure_of
from ingest.errors import HttpStatusError, IngestError, NetworkError
from ingest.http import Client, Patience
from ingest.payloads import Archive
from ingest.providers import provider_of

SECONDS = 50.0  # for all of it
_DEADLINE = 20.0  # for one request; after two without an answer the others of its provider are not asked
_PATIENCE = Patience(attempts=2, connect_attempts=2, connect_seconds=10.0, read_timeout=15.0)


class Word(StrEnum):
    """What a check found."""

    FINE = "fine"
    CHANGED = "changed"  # it answers, but in another format
    UNREACHABLE = "unreachable"  # no answer, or a request to come back later
    REFUSED = "refused"  # it does not let this client, key or address in


@dataclass(frozen=True)
class Verdict:
    """What one dataset's provider answered: a word, and what came or what is wrong. ``url`` carries no key."""

    dataset: str
    word: Word
    detail: str
    url: str = ""
    seconds: float = 0.0


def short_plan(dataset: Dataset, today: date) -> Plan:
    """The plan of a nightly refresh: the log has every value that is out by the release rule."""
    newest: dict[str | None, date] = {}
    for series in dataset.series or (None,):
        name = series.id if series else None
        release = dataset.release_of(name)
        # The newest date that is due: go back until its release and its grace are over.
        day = today
        while release.published_at(day) + release.grace > utc_now() and day > dataset.start:
            day -= timedelta(days=1)
        newest[name] = day
    return Plan(today, newest)


def check(
    datasets: Iterable[Dataset], *, transport: httpx.BaseTransport | None = None, seconds: float = SECONDS
) -> list[Verdict]:
    """A verdict for each dataset, in their order; providers are asked in parallel, within ``seconds`` in all.

    ``transport`` replaces the network (sample, tests).
    """
    wanted = list(datasets)
    found: dict[str, Verdict] = {}
    by_provider: dict[str, list[Dataset]] = {}
    for dataset in wanted:
        by_provider.setdefault(dataset.provider, []).append(dataset)
    ends = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="liquidity-check-", ignore_cleanup_errors=True) as folder:
        clients = [_client(provider_of(group[0]), transport) for group in by_provider.values()]
        threads = [
            threading.Thread(target=_ask, args=(client, group, Archive(Path(folder)), found), daemon=True)
            for client, group in zip(clients, by_provider.values(), strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, ends - time.monotonic()))
        judged = dict(found)
        for client in clients:
            client.cancel()
        for thread in threads:
            thread.join(1.0)
    silent = f"no answer within {seconds:g} s"
    return [judged.get(one.id) or Verdict(one.id, Word.UNREACHABLE, silent, seconds=seconds) for one in wanted]


def _client(provider: Provider, transport: httpx.BaseTransport | None) -> Client:
    return Client(
        replace(provider, deadline=min(provider.deadline, _DEADLINE)), transport=transport, patience=_PATIENCE
    )


def _ask(client: Client, datasets: Sequence[Dataset], archive: Archive, found: dict[str, Verdict]) -> None:
    """Put the verdict on each dataset of one provider into ``found``."""
    small, plans = [], {}
    for dataset in datasets:
        try:
            plans[dataset.id] = plan = short_plan(dataset, utc_now().date())
            first = _first_request(dataset, plan)
        except Exception as error:  # a fault of this program in one dataset is its verdict
            found[dataset.id] = _of_failure(failure_of(dataset, None, error), 0.0)
        else:
            small.append(replace(dataset, requests=_only(first)))
    begun = time.monotonic()
    with client:
        for result in collect(client.provider, small, plans, client, archive):
            if isinstance(result, Batch | Failure):
                spent, begun = time.monotonic() - begun, time.monotonic()
                verdict = _of_batch(result, spent) if isinstance(result, Batch) else _of_failure(result, spent)
                found[result.dataset] = verdict


def _first_request(dataset: Dataset, plan: Plan) -> Request:
    """The first request of a nightly refresh for a series that is not discontinued."""
    ended = {series.id for series in dataset.series if series.is_discontinued}
    return next(request for request in dataset.requests(dataset, plan) if request.scope not in ended)


def _only(request: Request) -> Callable[[Dataset, Plan], Iterable[Request]]:
    return lambda dataset, plan: [request]


def _of_batch(batch: Batch, seconds: float) -> Verdict:
    from ingest.providers import DATASETS

    dataset = DATASETS[batch.dataset]
    newest: list[date] = [page.frame[dataset.date_column].max() for page in batch.pages if page.frame.height]  # type: ignore[misc]
    detail = f"{batch.rows:,} rows" + (f", newest {max(newest)}" if newest else "")
    if newest and dataset.due_at(max(newest), batch.request.scope) < utc_now():
        detail += ", older than its release rule allows"  # a release was missed, or the rule is wrong
    return Verdict(batch.dataset, Word.FINE, detail, batch.request.public_url, seconds)


def _of_failure(failure: Failure, seconds: float) -> Verdict:
    url = failure.request.public_url if failure.request else ""
    detail = f"{failure.error.name}: {f'{failure.error.place}: ' if failure.error.place else ''}{failure.error.message}"
    return Verdict(failure.dataset, _word(failure.error), detail, url, seconds)


def _word(error: IngestError) -> Word:
    if isinstance(error, NetworkError):
        return Word.UNREACHABLE
    if isinstance(error, HttpStatusError):
        if error.status in (401, 403, 407, 429, 451):
            return Word.REFUSED
        return Word.UNREACHABLE if error.status >= 500 or error.status in (408, 425) else Word.CHANGED
    return Word.CHANGED
