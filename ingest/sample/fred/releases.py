"""When a simulated value comes out on FRED."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from ingest.calendars import Calendar, add_business_days, new_york_to_utc
from ingest.sample.world.dates import last_day, month_after

# CBBTCUSD was dated one day early between these dates, and missed one day altogether (ingest/providers/fred.md).
BITCOIN_SHIFT = (date(2024, 9, 8), date(2025, 11, 3))
DAY = timedelta(days=1)


def same_day(hour: int, minute: int = 0) -> Callable[[date], datetime]:
    """On its own day at this time in New York."""
    return lambda day: new_york_to_utc(day, time(hour, minute))


def next_day(hour: int, calendar: Calendar) -> Callable[[date], datetime]:
    """On the next business day at this hour in New York."""
    return lambda day: new_york_to_utc(add_business_days(day, 1, calendar), time(hour))


def h41_at(day: date) -> datetime:
    """H.4.1: the day after Wednesday, 16:30."""
    return new_york_to_utc(add_business_days(day, 1), time(16, 30))


def ahead_at(day: date) -> datetime:
    """Interest on reserves is there one business day before it takes effect."""
    return new_york_to_utc(add_business_days(day, -1), time(16, 30))


def money_at(month: date, revision: int = 0) -> datetime:
    """H.6: the fourth Tuesday of the following month, 13:00; the same hour a month later for each revision."""
    release = month_after(month, 1 + revision)
    return new_york_to_utc(release + timedelta(days=(1 - release.weekday()) % 7 + 21), time(13))


def income_at(month: date, revision: int = 0) -> datetime:
    """Personal income: the business day before the end of the following month, 08:30."""
    return new_york_to_utc(add_business_days(last_day(month_after(month, 1 + revision)), -1), time(8, 30))


def output_at(quarter: date, revision: int = 0) -> datetime:
    """GDP: three prints, one, two and three months after the quarter, 08:30."""
    return new_york_to_utc(add_business_days(last_day(month_after(quarter, 3 + revision)), -1), time(8, 30))


def debt_at(quarter: date) -> datetime:
    """Treasury Bulletin: about two months after the quarter."""
    return new_york_to_utc(add_business_days(month_after(quarter, 5), 0), time(12))


def bitcoin_at(day: date) -> datetime:
    """The next day at 08:00, the day after while the values are a day early."""
    later = 2 if BITCOIN_SHIFT[0] <= day <= BITCOIN_SHIFT[1] else 1
    return new_york_to_utc(day + timedelta(days=later), time(8))
