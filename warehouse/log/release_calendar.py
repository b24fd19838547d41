"""The release calendar: when each dataset's next values are expected, and when those of the last year came.

Expected times follow from the release rules, which only Python declares; they are written into `meta.release` together
with `meta.freshness`. The mart `release_calendar` compares them with the loads. Times are naive UTC. What must not be
here: the calendar as a file (`warehouse/publication/calendar_file.py`), lateness (`warehouse/log/intake.py`).
"""

import csv
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import duckdb

from ingest.calendars import NEW_YORK
from ingest.catalog import Dataset
from ingest.providers import DATASETS
from ingest.releases import Release
from warehouse import meta
from warehouse.connection import OF_THE_WHOLE
from warehouse.locations import PROJECT

AHEAD = timedelta(days=35)  # a monthly release and the month after it are on the calendar
BACK = timedelta(days=366)  # of releases while the warehouse polled
_MOST_AHEAD = 60  # of one series; a daily one has 35 in that time
# After the shutdowns of 2018 and 2025 the CFTC caught up in 1.1 and 1.6 times the days that they had lasted.
_CATCH_UP = 2


@dataclass(frozen=True)
class Shutdown:
    """A shutdown that stops statistics. ``end`` is its last day, None while it is not known."""

    start: date
    end: date | None

    def holds(self, expected: date, today: date) -> bool:
        """Whether a release expected on a day is still suspended on ``today``: during the shutdown and the catch-up."""
        if self.end is None or today <= self.end:
            return today >= self.start <= expected
        caught_up = self.end + _CATCH_UP * (self.end - self.start + timedelta(days=1))
        return self.start <= expected <= today <= caught_up


def shutdowns(today: date) -> list[Shutdown]:
    """Those of the seed `government_shutdowns` that were known on a day and stop more than one department."""
    with (PROJECT / "seeds" / "government_shutdowns.csv").open(newline="", encoding="utf-8") as file:
        return [
            Shutdown(date.fromisoformat(row["start_date"]), _day(row["end_date"]))
            for row in csv.DictReader(file)
            if row["scope"] in ("full", "partial") and date.fromisoformat(row["known_date"]) <= today
        ]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def is_suspended(release: Release, expected_at: datetime, now: datetime, known: Iterable[Shutdown]) -> bool:
    """Whether a shutdown suspends, ``now``, a value expected at a moment; a missing value is then no failure."""
    if not release.is_stopped_by_shutdown:
        return False
    return any(one.holds(new_york(expected_at).date(), new_york(now).date()) for one in known)


def new_york(moment: datetime) -> datetime:
    """A moment (naive UTC) with New York's clock and zone."""
    return moment.replace(tzinfo=UTC).astimezone(NEW_YORK)


def spoken(moment: datetime) -> str:
    """A moment (naive UTC) as New York reads it: `Thu 2026-12-03 16:30 EST`."""
    return f"{new_york(moment):%a %Y-%m-%d %H:%M %Z}"


def write(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Rewrite `meta.release` for every dataset, as of ``now``. A log that cannot be read leaves its dataset out."""
    lines: list[dict[str, object]] = []
    known = shutdowns(new_york(now).date())
    for dataset in DATASETS.values():
        try:
            lines += releases(con, dataset, now, known)
        except OF_THE_WHOLE:
            raise
        except Exception as error:  # `meta.freshness` has the reason; the other datasets get their calendar
            logging.getLogger(__name__).warning("no release calendar of %s: %s", dataset.id, error)
    meta.replace(con, "release", lines)


def releases(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, now: datetime, known: Iterable[Shutdown]
) -> Iterator[dict[str, object]]:
    """Rows of `meta.release`: for each series (or a dataset without), the last year's releases and the expected ones.

    A date that was never published is no release; only what follows the newest date held can be late.
    """
    held = _dates_in_log(con, dataset, now)
    timed = cache(_timed)
    known = list(known)
    for series in dataset.series or (None,):
        name = series.id if series else None
        release = dataset.release_of(name)
        dates = held.get(name, [])
        newest = dates[-1][0] if dates else None

        def line(effective: date, state: str, name: str | None = name, release: Release = release) -> dict[str, object]:
            expected_at, words = timed(release, effective)
            return {
                "dataset": dataset.id, "series": name, "dataset_title": dataset.title, "effective_date": effective,
                "expected_at": expected_at, "expected_new_york": words, "due_at": expected_at + release.grace,
                "release_rule": release.describe(), "state": state, "came_at": None, "came_basis": None,
                "checked_at": now,
            }  # fmt: skip

        is_over = bool(series and series.is_discontinued)
        for effective, came_at, basis in dates:
            state = "withdrawn" if is_over and effective == newest else "came"
            yield line(effective, state) | {"came_at": came_at, "came_basis": basis}
        if newest is None or is_over:
            continue
        effective = newest
        for _ in range(_MOST_AHEAD):
            effective = dataset.date_after(effective, name)
            expected_at, _ = timed(release, effective)
            if is_suspended(release, expected_at, now, known):
                yield line(effective, "suspended")
            else:
                yield line(effective, "late" if now > expected_at + release.grace else "expected")
            if expected_at > now + AHEAD:
                break


def _timed(release: Release, effective: date) -> tuple[datetime, str]:
    expected_at = release.published_at(effective)
    return expected_at, spoken(expected_at)


def _dates_in_log(con: duckdb.DuckDBPyConnection, dataset: Dataset, now: datetime) -> dict[str | None, list]:
    """Per series: dates held, and the newest of any age, with when and how each became known.

    A first load has no information about the hours of the past, so only its last weeks count.
    """
    scope = f'"{dataset.series_column}"' if dataset.series_column else "NULL::VARCHAR"
    found: dict[str | None, list] = {}
    for name, *rest in con.execute(
        f"""
        WITH kept AS (FROM raw.{dataset.table} WHERE NOT is_deleted), newest AS (
            SELECT {scope} AS scope, max("{dataset.date_column}") AS newest_date FROM kept GROUP BY 1
        )
        SELECT scope, "{dataset.date_column}" AS day, min(known_from), arg_min(known_basis, known_from)
        FROM kept JOIN newest ON scope IS NOT DISTINCT FROM {scope} WHERE day >= ? OR day = newest_date GROUP BY 1, 2
        HAVING arg_min(known_basis, known_from) = 'observed' OR day >= ? OR day = max(newest_date) ORDER BY 1, 2""",
        [(now - BACK).date(), (now - AHEAD).date()],
    ).fetchall():
        found.setdefault(name, []).append(rest)
    return found
