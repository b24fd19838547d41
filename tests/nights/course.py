"""What happens on which night, and the simulated providers as they are on that day.

A night is the refresh at 20:00 in New York on its date. What must not be here: judging, running processes.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import httpx

from ingest import sample
from ingest.calendars import new_york_to_utc
from ingest.providers import DATASETS
from ingest.sample import cftc, fiscaldata, fred, tic, worldbank

_ORDINARY = sample.transport  # `night.py` puts Providers in its place
# Kinds of nights on which the row of refreshes itself is hurt.
KILLED, DISK_FULL = "killed", "disk full"


@dataclass(frozen=True)
class Span:
    """Nights from ``first`` to ``last``, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Course:
    """A row of nights. ``kills`` give the stage of the refresh, and after how many steps of it the process dies.

    ``refusing`` and ``busy`` are those of FiscalData, which refuses connections, then answers 503. ``renamed`` is a
    field of the New York Fed's rates. From ``restated`` on, gold of one month and a Treasury yield of two years are
    others than they were. ``whole_looks`` are the nights whose whole history is compared, not the last weeks alone.
    """

    first: date
    last: date
    shutdown: Span
    refusing: Span
    busy: Span
    renamed: Span
    restated: date
    kills: Mapping[date, tuple[str, int]] = field(default_factory=dict)
    disk_full: date | None = None
    whole_looks: frozenset[date] = frozenset()

    @property
    def nights(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def moment(self, day: date) -> datetime:
        """20:00 in New York, as naive UTC: an hour later by UTC after the clocks have changed."""
        return new_york_to_utc(day, time(20))

    def happens(self, day: date) -> list[str]:
        """What is not ordinary about a night, in words."""
        spans = (
            ("shutdown", self.shutdown), ("FiscalData refuses", self.refusing), ("FiscalData answers 503", self.busy),
            ("percentRate renamed", self.renamed),
        )  # fmt: skip
        words = [name for name, span in spans if day in span]
        words += ["restated history"] if day == self.restated else []
        words += [f"{KILLED} in {self.kills[day][0]!r}"] if day in self.kills else []
        words += [DISK_FULL] if day == self.disk_full else []
        yesterday, tomorrow = day - timedelta(days=1), day + timedelta(days=1)
        if self.moment(day) - self.moment(yesterday) != timedelta(days=1):
            words.append("clocks changed")
        if tomorrow.month != day.month:
            words.append("year end" if tomorrow.year != day.year else "month end")
        return words

    def failing(self, day: date) -> set[str]:
        """Datasets that cannot be had on a day."""
        found = {"nyfed.reference_rates"} if day in self.renamed else set()
        if day in self.refusing or day in self.busy:
            found |= {name for name in DATASETS if name.startswith("fiscaldata.")}
        return found


SIXTY = Course(
    first=date(2026, 10, 31),  # the clocks change in the night that follows
    last=date(2027, 1, 1),
    renamed=Span(date(2026, 11, 3), date(2026, 11, 5)),
    disk_full=date(2026, 11, 7),
    shutdown=Span(date(2026, 11, 9), date(2026, 11, 29)),
    restated=date(2026, 11, 20),  # after the whole look of the night before, before the next full reading
    refusing=Span(date(2026, 12, 2), date(2026, 12, 5)),
    busy=Span(date(2026, 12, 6), date(2026, 12, 8)),
    kills={date(2026, 11, 17): ("fetch and load", 20), date(2026, 12, 11): ("publish", 1)},
    whole_looks=frozenset({date(2026, 11, 8), date(2026, 11, 19), date(2026, 12, 1), date(2026, 12, 12),
                           date(2027, 1, 1)}),
)  # fmt: skip
# Every kind of night once, in eight nights.
SHORT = Course(
    first=date(2026, 11, 10),
    last=date(2026, 11, 17),
    shutdown=Span(date(2026, 11, 11), date(2026, 11, 13)),
    refusing=Span(date(2026, 11, 15), date(2026, 11, 15)),
    busy=Span(date(2026, 11, 16), date(2026, 11, 16)),
    renamed=Span(date(2026, 11, 13), date(2026, 11, 13)),
    restated=date(2026, 11, 14),
    kills={date(2026, 11, 12): ("publish", 1)},
    disk_full=date(2026, 11, 14),
    whole_looks=frozenset({date(2026, 11, 11)}),  # a history that is restated later is read whole after thirty days
)
_NEVER = Span(date(9999, 1, 2), date(9999, 1, 1))
# Four ordinary nights over the turn of a year, where the other courses have no time for it.
YEAR_END = Course(
    first=date(2026, 12, 30),
    last=date(2027, 1, 2),
    shutdown=_NEVER,
    refusing=_NEVER,
    busy=_NEVER,
    renamed=_NEVER,
    restated=_NEVER.first,
    whole_looks=frozenset({date(2027, 1, 2)}),
)
COURSES = {"sixty": SIXTY, "short": SHORT, "year-end": YEAR_END}


class Providers(httpx.BaseTransport):
    """All simulated providers on a night of a course. With ``is_sound`` nobody is down and nothing is misspelt."""

    def __init__(self, course: Course, day: date, *, is_sound: bool = False) -> None:
        self.course, self.day, self.is_sound = course, day, is_sound
        moment = course.moment(day)
        self._today = _ORDINARY(day, now=moment)
        stopped = course.moment(course.shutdown.first) - timedelta(hours=20)
        self._stopped = _ORDINARY(day, now=stopped) if day in course.shutdown else self._today

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the host that the request names, as it is on this night."""
        host, day, course = request.url.host, self.day, self.course
        if host == fiscaldata.HOST and not self.is_sound:
            if day in course.refusing:
                raise httpx.ConnectError("connection refused", request=request)
            if day in course.busy:
                return httpx.Response(503, headers={"Retry-After": "1"}, content=b"busy")
        response = (self._stopped if _stops(request) else self._today).handle_request(request)
        if day in course.renamed and not self.is_sound and "/api/rates/" in request.url.path:
            return _changed(response, response.read().replace(b'"percentRate"', b'"rate"'))
        return _restated(request, response) if day >= course.restated else response


def _stops(request: httpx.Request) -> bool:
    """Whether a government shutdown stops what this address shows, by the release rules of the catalog."""
    host = request.url.host
    if host in (cftc.HOST, tic.HOST):
        return True
    if host == fiscaldata.HOST:
        return "/accounting/mts/" in request.url.path
    series_id = request.url.params.get("id") or request.url.params.get("series_id") or ""
    dataset = DATASETS["fred.observations"]
    return host in (fred.CHART_HOST, fred.API_HOST, fred.ARCHIVE_HOST) and any(
        series.id == series_id and dataset.release_of(series.id).is_stopped_by_shutdown for series in dataset.series
    )


def _restated(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Gold of October 2022 a dollar higher; the ten-year yield of 2019 and 2020 three basis points higher."""
    if request.url.host == fred.CHART_HOST and request.url.params.get("id") == "DGS10":
        lines = response.read().decode()
        return _changed(response, re.sub(r"(?m)^((?:2019|2020)-\d\d-\d\d),([\d.]+)", _three_bp_more, lines).encode())
    if request.url.host == worldbank.BOOK_HOST:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(response.read())) as old, zipfile.ZipFile(made, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name).replace(b"1664.45", b"1665.45"))
        return _changed(response, made.getvalue())
    return response


def _three_bp_more(match: re.Match[str]) -> str:
    return f"{match[1]},{float(match[2]) + 0.03:.2f}"


def _changed(response: httpx.Response, body: bytes) -> httpx.Response:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return httpx.Response(response.status_code, headers=headers, content=body)
