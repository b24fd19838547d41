"""The sample: every provider of the catalog, answering from a simulated economy instead of the network.

`transport` gives an httpx transport that speaks the providers' URLs and wire formats, so that the same code runs
against it as against the real hosts. Its values are SIMULATED around dated facts (see `world`); each answer states this
in the header `X-Simulated`, and the machine's time in `Date`. The same `today`, `seed` and `now` give the same bytes; a
later `now` gives later observations and, in few declared places, revised ones:

- a reference rate (SOFR) between 08:00 and 14:30 of its publication day, about one day in forty
- the newest week average of reserves (WRESBAL), until the next H.4.1
- M2SL, PSAVERT and GDP until their third print; five years of PSAVERT at the annual update of 2025-09-25
- the note of one ON RRP operation in 25, edited on the next business day
- the newest month of TIC holdings, a first print until the next release
- the newest quarter of the hedge-fund monitor, until the next one is out

What the Monthly Treasury Statement restates, it does as the real one: in later statements, under their own record date.

ALFRED repeats them as vintages; in those before 2025-11-13 two series (WRESBAL, WTREGEN) are in billions, as they were.

One more provider is one more encoder module and its line in `_ENCODERS`. What must not be here: wire formats, values.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import cached_property
from urllib.parse import unquote

import httpx

from ingest import calendars
from ingest.calendars import new_york_to_utc, new_york_today
from ingest.sample import answers, cftc, coinbase, fdic, fiscaldata, frb, fred, kraken, nyfed, ofr, tic, worldbank
from ingest.sample.wire import not_found
from ingest.sample.world import World, world_on

Encoder = Callable[[World, datetime, httpx.Request], httpx.Response]
Fault = Callable[[httpx.Request, httpx.Response], httpx.Response]

SIMULATED_HEADER = ("X-Simulated", "dollar-liquidity")
DATE_VARIABLE = "LIQUIDITY_SAMPLE_DATE"

# Host and beginning of the path -> who encodes the answer.
_ENCODERS: dict[tuple[str, str], Encoder] = {
    (nyfed.HOST, "/api/"): nyfed.answer,
    (fred.CHART_HOST, "/graph/"): fred.answer_chart,
    (fred.API_HOST, "/fred/"): fred.answer_api,
    (fred.ARCHIVE_HOST, "/graph/"): fred.answer_archive,
    (fiscaldata.HOST, "/services/api/"): fiscaldata.answer,
    (coinbase.HOST, "/products/"): coinbase.answer,
    (kraken.HOST, "/0/public/"): kraken.answer,
    (worldbank.PAGE_HOST, "/en/research/"): worldbank.answer_page,
    (worldbank.BOOK_HOST, "/en/doc/"): worldbank.answer_book,
    (tic.HOST, "/resource-center/"): tic.answer,
    (ofr.HOST, "/v1/"): ofr.answer,
    (ofr.HOST, "/hf/v1/"): ofr.answer,
    (cftc.HOST, "/resource/"): cftc.answer,
    (fdic.HOST, "/banks/"): fdic.answer,
    (frb.HOST, "/datadownload/"): frb.answer,
}


class SampleTransport(httpx.BaseTransport):
    """Answers requests from a simulated world; build it with `transport`."""

    def __init__(self, today: date, seed: int, now: datetime, faults: Mapping[str, Fault], is_kept: bool) -> None:
        self._day = today, seed
        self._now = now
        self._faults = dict(faults)
        self._is_kept = is_kept

    @cached_property
    def _world(self) -> World:
        return world_on(*self._day)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the host that the request names; 404 where no encoder is registered."""
        encode = next(
            (
                encoder
                for (host, path), encoder in _ENCODERS.items()
                if request.url.host == host and request.url.path.startswith(path)
            ),
            _not_found,
        )
        if self._is_kept:
            world = f"{self._day} {self._now}"
            response = answers.answer(world, request, lambda: encode(self._world, self._now, request))
        else:
            response = encode(self._world, self._now, request)
        response.headers[SIMULATED_HEADER[0]] = SIMULATED_HEADER[1]
        # As every real host: where no answer tells the time, an intake loads nothing before the last one is there.
        response.headers["Date"] = format_datetime(calendars.utc_now().replace(tzinfo=UTC), usegmt=True)
        for part, spoil in self._faults.items():
            if part in str(request.url) or part in unquote(str(request.url)):
                response = spoil(request, response)
        return response


def _not_found(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    return not_found()


def simulated_today() -> date:
    """The day of the simulated economy: today in New York, or the date (ISO) in `LIQUIDITY_SAMPLE_DATE`.

    A row of runs that names the date sees one world, also when midnight passes on its way.
    """
    named = os.environ.get(DATE_VARIABLE)
    return date.fromisoformat(named) if named else new_york_today()


def transport(
    today: date | None = None,
    seed: int = 0,
    *,
    now: datetime | None = None,
    faults: Mapping[str, Fault] | None = None,
    is_kept: bool = False,
) -> httpx.BaseTransport:
    """A transport that answers as the providers would on ``today`` (default `simulated_today`): simulated values from
    2018 on, bitcoin from 2015, banks, holders of the debt and deficits from 1998, national accounts and the debt as far
    back as the real ones.

    ``now`` (naive UTC, default ``today`` 23:30 in New York) is the moment of asking: what comes out later is not there
    yet. ``faults`` maps a part of a URL, as sent or unquoted, to a function of request and response whose result is
    answered instead; what it builds itself carries no `X-Simulated` header unless it sets one. With ``is_kept`` an
    answer is computed once for a day, seed, moment and code (`ingest/kept.py`).
    """
    today = today or simulated_today()
    now = now or new_york_to_utc(today, time(23, 30))
    return SampleTransport(max(today, now.date()), seed, now, faults or {}, is_kept)
