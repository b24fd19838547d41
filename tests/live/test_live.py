"""Has a provider changed? One small window of every dataset, fetched, parsed and held against its declaration.

Opt in: `pytest -m live` (about a minute; no key, no store, nothing is kept). Each dataset is a separate test and ends
in a verdict: how many rows came and how old the newest is, or the named error with the address to look at. The verdicts
stand by publisher at the end of the run (`tests/conftest.py`), however many workers ran. A dataset
that is added to the registry is covered without a change here. `LIQUIDITY_LIVE_SAMPLE=1` asks the simulated providers
instead, to prove the test itself where there is no network; `LIQUIDITY_LIVE_SAMPLE=<part of an address>` spoils what
comes from there, to prove that it can fail.

What must not be here: knowledge of any one provider.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from ingest import sample
from ingest.calendars import utc_now
from ingest.catalog import Dataset, Plan, Request
from ingest.check import short_plan
from ingest.collect import Batch, Failure, collect
from ingest.errors import NetworkError
from ingest.http import Client
from ingest.payloads import Archive
from ingest.providers import DATASETS, provider_of
from tests.conftest import VERDICT

pytestmark = pytest.mark.live

# Few requests tell whether a provider changed; all seventy series of one dataset would take the minute alone.
REQUESTS_ASKED = 3


def _spoiled(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    return httpx.Response(200, content=b"<html><title>We have moved</title></html>")


@pytest.fixture(scope="module")
def transport() -> httpx.BaseTransport | None:
    """None for the network; the simulated providers when LIQUIDITY_LIVE_SAMPLE is set."""
    chosen = os.environ.get("LIQUIDITY_LIVE_SAMPLE", "")
    faults = {chosen: _spoiled} if chosen not in ("", "0", "1") else {}
    return sample.transport(utc_now().date(), now=utc_now(), faults=faults) if chosen not in ("", "0") else None


def few_requests(dataset: Dataset, plan: Plan) -> tuple[Request, ...]:
    """Some of the requests of a nightly refresh, spread over the series that go on, and the first of each other host
    that only a full load asks."""
    ended = {series.id for series in dataset.series if series.is_discontinued}
    nightly = [request for request in dataset.requests(dataset, plan) if request.scope not in ended]
    step = max(1, (len(nightly) - 1) // (REQUESTS_ASKED - 1))
    asked = nightly[::step][:REQUESTS_ASKED]
    hosts = {httpx.URL(request.url).host for request in asked}
    for request in dataset.requests(dataset, replace(plan, is_full=True)):
        if (host := httpx.URL(request.url).host) not in hosts:
            hosts.add(host)
            asked.append(request)
    return tuple(asked)


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d.id)
def test_a_small_window_comes_as_it_always_has(
    dataset: Dataset,
    transport: httpx.BaseTransport | None,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    now = utc_now()
    provider, plan = provider_of(dataset), short_plan(dataset, now.date())
    asked = few_requests(dataset, plan)
    small = replace(dataset, requests=lambda dataset, plan: asked)
    with Client(provider, transport=transport) as client:
        results = list(collect(provider, [small], {dataset.id: plan}, client, Archive(tmp_path)))
    batches = [result for result in results if isinstance(result, Batch)]
    failures = [result for result in results if isinstance(result, Failure)]
    newest = [(b.request, max(page.frame[dataset.date_column].max() for page in b.pages)) for b in batches]  # type: ignore[type-var]
    rows = sum(batch.rows for batch in batches)
    lines = [f"{rows:,} rows in {len(batches)} answers, newest {max((day for _, day in newest), default='none')}"]
    for request, day in newest:
        # No change of format: a release was missed, or its rule in the catalog is wrong. Vintages are old by nature.
        if "vintage" not in request.public_url and dataset.due_at(day, request.scope) < now:  # type: ignore[arg-type]
            lines.append(f"older than its release rule says: {request.scope or dataset.name} ends on {day}")
    for failure in failures:
        is_silent = isinstance(failure.error, NetworkError)
        lines.append(f"{'NOT REACHED' if is_silent else 'CHANGED'} {failure.error}")
        lines.append(f"look at {failure.request.public_url if failure.request else provider.homepage}")
    record_property(VERDICT, [dataset.id, *lines])
    if failures or not rows:
        pytest.fail("\n".join(lines), pytrace=False)
