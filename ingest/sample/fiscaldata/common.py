"""What the simulated tables share: when statements are out, fields of the calendar, how amounts are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from ingest.calendars import add_business_days, new_york_to_utc
from ingest.sample import debt
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, last_day, last_open_day, month_after

TGA_START = date(2021, 10, 1)  # until the day before, the account is called Federal Reserve Account
FOUR_ROWS_START = date(2022, 4, 18)  # from here the closing balance is a separate row
NEW_CATEGORIES_START = date(2023, 2, 14)  # from here the lines of deposits and withdrawals have other names
CUSTOMS_DUTIES_START = date(2025, 11, 10)  # from here the line of customs has its third name
FIRST_DEPOSITS = date(2005, 10, 3)

Row = tuple[str, ...]
Fields = dict[str, tuple[str, str, str]]


def last_statement(now: datetime) -> date:
    """Date of the newest Daily Treasury Statement that is out at ``now``."""
    return last_day_out(now, time(16))


def last_day_out(now: datetime, at: time) -> date:
    """The newest business day whose statement is out at ``now``: on the next one, ``at`` New York."""
    day = add_business_days(now.date(), -1)
    while new_york_to_utc(add_business_days(day, 1), at) > now:
        day = add_business_days(day, -1)
    return day


def last_month_out(business_days: int, at: time) -> Callable[[datetime], date]:
    """The last day of the newest month whose statement is out: on that business day of the next month."""

    def last(now: datetime) -> date:
        end = last_day(now.date())
        while new_york_to_utc(add_business_days(end, business_days), at) > now:
            end = last_day(month_after(end, -1))
        return end

    return last


def _as_it_is(row: Row, now: datetime) -> Row:
    """Default: what is out does not depend on the moment of asking."""
    return row


@dataclass(frozen=True)
class Table:
    """A table: field name -> label, data type, data format; its rows up to the end of a world, oldest first; the newest
    record date that is out at a moment, and what a row looks like then (None: it is not there yet)."""

    fields: Fields
    rows: Callable[[World], Iterator[Row]]
    last: Callable[[datetime], date] = last_statement
    seen: Callable[[Row, datetime], Row | None] = _as_it_is


MONEY = ("CURRENCY0", "$1,000,000")  # printed for millions of dollars too: it is no scale
CENTS = ("CURRENCY", "$10.20")
TEXT = ("STRING", "String")
DATE = ("DATE", "YYYY-MM-DD")
NUMBER = ("NUMBER", "10.2")
LINE = {"src_line_nbr": ("Source Line Number", "INTEGER", "10")}
CALENDAR_FIELDS = {
    "record_fiscal_year": ("Fiscal Year", "YEAR", "YYYY"),
    "record_fiscal_quarter": ("Fiscal Quarter Number", "QUARTER", "Q"),
    "record_calendar_year": ("Calendar Year", "YEAR", "YYYY"),
    "record_calendar_quarter": ("Calendar Quarter Number", "QUARTER", "Q"),
    "record_calendar_month": ("Calendar Month Number", "MONTH", "MM"),
    "record_calendar_day": ("Calendar Day Number", "DAY", "DD"),
}


def calendar_cells(day: date) -> Row:
    """Fiscal year and quarter, calendar year, quarter, month and day, as the table prints them."""
    fiscal_year, fiscal_quarter = day.year + (day.month >= 10), (day.month - 10) % 12 // 3 + 1
    return (
        str(fiscal_year),
        str(fiscal_quarter),
        str(day.year),
        str((day.month + 2) // 3),
        f"{day:%m}",
        f"{day:%d}",
    )


def usd_text(cents: int) -> str:
    """US dollars with two decimals."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def millions_text(hundreds: int) -> str:
    """US dollar millions with up to four decimals, from hundreds of dollars."""
    return f"{hundreds // 10_000}.{hundreds % 10_000:04d}".rstrip("0").rstrip(".")


def pct_text(rate: float | None) -> str:
    """Percent with three decimals, `null` for none."""
    return "null" if rate is None else f"{rate:.3f}"


def months_of(world: World) -> list[date]:
    """First days of the months whose end the world knows, since 2018."""
    levels = debt.debt_usd_mn(world)
    return [month for month in world.months if month >= FIRST and last_open_day(month) in levels]


def classes_of(world: World, month: date) -> tuple[dict[str, int], dict[str, int]]:
    """Outstanding and held in federal accounts by class at the end of a month, in hundreds of US dollars."""
    end = last_open_day(month)
    classes = debt.debt_by_class_usd_mn(world)[end]
    held = debt.in_federal_accounts_usd_mn(classes, end)
    total = {name: 10_000 * amount for name, amount in classes.items()}
    return total | {"Bills": total["Bills"] + round(pennies_of(world, end) / 10_000)}, {
        name: 10_000 * amount for name, amount in held.items()
    }


def pennies_of(world: World, day: date) -> int:
    """Cents by which the debt held by the public differs from its whole millions, less than half of one."""
    return round((world.share("pennies", day) - 0.5) * 98_000_000)
