"""Business days of the two calendars that dollar data follow, and New York time.

The rules come from the `holidays` package. This module adds that the Federal Reserve does *not* move a Saturday holiday
to the Friday before, and the further days on which the securities industry closes.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")

# Days without SOFR, TGCR and BGCR on which EFFR exists, other than Good Friday: computed from the recorded series
# (ingest/providers/nyfed.md, section 1.1). SIFMA recommends them year by year; there is no rule to derive them from.
SIFMA_EXTRA_CLOSES = frozenset({date(2018, 12, 5), date(2020, 7, 3), date(2021, 12, 24), date(2026, 7, 3)})


class Calendar(StrEnum):
    """Which days a series has a value for."""

    FED = "fed"  # Federal Reserve business days: EFFR, ON RRP, Daily Treasury Statement
    SIFMA = "sifma"  # securities industry: SOFR, TGCR, BGCR; closed on Good Friday too
    EVERY_DAY = "every_day"  # administered rates, bitcoin


@cache
def _fed_holidays(year: int) -> frozenset[date]:
    import holidays  # 0.3 s, half of it the tables of four calendars without business days in New York

    days = holidays.country_holidays("US", years=year, observed=True)
    # Saturday holidays are not moved to Friday by the Federal Reserve (DTS exists on 2021-06-18 and 2026-07-03).
    return frozenset(day for day, name in days.items() if not ("(observed)" in name and day.weekday() == 4))


@cache
def _good_friday(year: int) -> date:
    import holidays

    financial = holidays.financial_holidays("NYSE", years=year)
    return next(day for day, name in financial.items() if "Good Friday" in name)


def is_open(day: date, calendar: Calendar = Calendar.FED) -> bool:
    """Whether ``calendar`` has a business day on ``day``."""
    if calendar is Calendar.EVERY_DAY:
        return True
    if day.weekday() >= 5 or day in _fed_holidays(day.year):
        return False
    return calendar is Calendar.FED or not (day == _good_friday(day.year) or day in SIFMA_EXTRA_CLOSES)


def add_business_days(day: date, count: int, calendar: Calendar = Calendar.FED) -> date:
    """The ``count``-th business day after ``day``, before it when negative; 0: the next one on or after ``day``."""
    step = timedelta(days=-1 if count < 0 else 1)
    if count == 0:
        while not is_open(day, calendar):
            day += step
        return day
    for _ in range(abs(count)):
        day += step
        while not is_open(day, calendar):
            day += step
    return day


def business_days(first: date, last: date, calendar: Calendar = Calendar.FED) -> list[date]:
    """All business days from ``first`` to ``last``, both included."""
    span = (last - first).days
    return [day for offset in range(span + 1) if is_open(day := first + timedelta(days=offset), calendar)]


def new_york_to_utc(day: date, at: time) -> datetime:
    """A New York wall-clock moment as naive UTC, which is how every ``_at`` and ``known_*`` column is stored."""
    return datetime.combine(day, at, tzinfo=NEW_YORK).astimezone(UTC).replace(tzinfo=None)


def new_york_today() -> date:
    """Today's date in New York."""
    return datetime.now(NEW_YORK).date()


def utc_now() -> datetime:
    """Now, as naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)
