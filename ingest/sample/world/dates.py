"""Days that the simulated economy knows: where it begins, ends of months, tax days, settlements."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from ingest.calendars import Calendar, add_business_days

FIRST = date(2018, 1, 1)  # first published date of everything but SOFR, TGCR, BGCR, bitcoin and what is slow
SLOW_FIRST = date(
    1998, 1, 1
)  # of banks, holders of the debt and deficits; national accounts and the debt go further back
SOFR_START = date(2018, 4, 3)
WARM_UP = date(2017, 10, 1)  # start of fiscal year 2018, so that year-to-date sums and week averages are whole
DAY = timedelta(days=1)
# Tax days that are not 15 April, by the Internal Revenue Service: holidays, and the two postponements of the pandemic.
TAX_DAYS = {
    2018: date(2018, 4, 17),
    2020: date(2020, 7, 15),
    2021: date(2021, 5, 17),
    2022: date(2022, 4, 18),
    2023: date(2023, 4, 18),
}


def month_after(month: date, count: int = 1) -> date:
    """First day of the month ``count`` months after that of ``month``."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def last_day(month: date) -> date:
    """Last calendar day of the month."""
    return month_after(month) - DAY


@cache
def last_open_day(month: date, calendar: Calendar = Calendar.FED) -> date:
    """Last business day of the month."""
    return add_business_days(month_after(month), -1, calendar)


def last_wednesday(month: date) -> date:
    """Last Wednesday of the month, the last H.4.1 date in it."""
    end = last_day(month)
    return end - timedelta(days=(end.weekday() - 2) % 7)


def is_quarter_end(month: date) -> bool:
    """Whether the month closes a calendar quarter."""
    return month.month % 3 == 0


def days_between(first: date, last: date) -> list[date]:
    """Every day from ``first`` to ``last``, both among them."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def by_month(days: Iterable[date]) -> dict[date, list[date]]:
    """``days`` by the first day of their month."""
    months: dict[date, list[date]] = defaultdict(list)
    for day in days:
        months[day.replace(day=1)].append(day)
    return months


def week_until(wednesday: date) -> list[date]:
    """The seven days that end on ``wednesday``."""
    return days_between(wednesday - timedelta(days=6), wednesday)


def tax_day(year: int) -> date:
    """When the income taxes of the year before are due."""
    return TAX_DAYS.get(year) or add_business_days(date(year, 4, 15), 0)


def is_tax_time(day: date) -> bool:
    """Whether ``day`` is the tax day or one of the three after it."""
    return tax_day(day.year) <= day <= tax_day(day.year) + 3 * DAY


def coupon_settlement(due: date) -> date:
    """When what is dated ``due`` is paid for: that day or the next on which banks and the securities market open."""
    return add_business_days(add_business_days(due, 0, Calendar.SIFMA), 0)


@cache
def coupon_settlements(first: date, last: date) -> dict[date, tuple[str, ...]]:
    """What is settled by day: `middle` and `end` of a month; in months without a new floating-rate note its reopening
    on the last Friday; and, when the month ends on a holiday, inflation-protected notes on its last business day."""
    days: dict[date, tuple[str, ...]] = defaultdict(tuple)
    month = month_after(first, -1)
    while month <= last:
        end = last_day(month)
        friday = end - timedelta(days=(end.weekday() - 4) % 7)
        days[coupon_settlement(month.replace(day=15))] += ("middle",)
        days[coupon_settlement(end)] += ("end",)
        if month.month % 3 != 1:
            days[coupon_settlement(friday)] += ("floating",)
        if coupon_settlement(end) != end:
            days[last_open_day(month, Calendar.SIFMA)] += ("protected",)
        month = month_after(month)
    return dict(days)
