"""What the simulated tables share: fields by the catalog, fields of the calendar, how amounts are printed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from ingest.catalog import Column, Dataset, Unit
from ingest.releases import Cadence, next_effective
from ingest.sample import debt
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, last_open_day

TGA_START = date(2021, 10, 1)  # until the day before, the account is called Federal Reserve Account
FOUR_ROWS_START = date(2022, 4, 18)  # from here the closing balance is a separate row
NEW_CATEGORIES_START = date(2023, 2, 14)  # from here the lines of deposits and withdrawals have other names
CUSTOMS_DUTIES_START = date(2025, 11, 10)  # from here the line of customs has its third name
FIRST_DEPOSITS = date(2005, 10, 3)

Row = tuple[str, ...]
Fields = dict[str, tuple[str, str, str]]
Lines = Callable[[World], Iterator[tuple[date, Sequence[Row]]]]  # days of statements, and the cells of their lines


def as_it_is(row: Row, now: datetime) -> Row:
    """Default: what is out does not depend on the moment of asking."""
    return row


@dataclass(frozen=True)
class Table:
    """A table: field name -> label, data type, data format, or the names in order where the catalog has the rest; its
    rows up to the end of a world, oldest first by the first field; what a row looks like at a moment (None: it is not
    there yet). ``is_ahead``: no release rule says what is out, but ``seen``."""

    fields: Fields | str
    rows: Callable[[World], Iterator[Row]]
    seen: Callable[[Row, datetime], Row | None] = as_it_is
    is_ahead: bool = False


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


_KINDS = {"date": DATE, "varchar": TEXT, "decimal(18,2)": CENTS, "pct": ("PERCENTAGE", "10.2%")}


def _kind(column: Column) -> tuple[str, str]:
    return _KINDS["pct"] if column.unit is Unit.PCT else _KINDS.get(column.dtype, MONEY)


def _columns(dataset: Dataset) -> list[Column]:
    """Columns of a plain table but for its date and its line."""
    return [column for column in dataset.columns if column.wire not in ("record_date", *LINE)]


def fields_of(dataset: Dataset, names: str, labels: Mapping[str, str]) -> Fields:
    """Fields of a table that has more of them than the catalog, in the order of ``names``, the calendar last."""
    kinds = {column.wire: _kind(column) for column in dataset.columns}
    fields = {
        name: (labels[name], *kinds.get(name, MONEY if name.endswith("_bal") else TEXT)) for name in names.split()
    }
    return fields | {name: LINE[name] for name in LINE if name in fields} | CALENDAR_FIELDS


def plain(dataset: Dataset, lines: Lines | None, also: Fields) -> Table:
    """A table with the catalog's fields (``also``: more, before them), the number of a line, and the calendar.

    Without ``lines`` a statement has one: its numbers wander in their plausible ranges.
    """

    def rows(world: World) -> Iterator[Row]:
        for day, statement in lines(world) if lines else _wandering(world, dataset):
            for line, cells in enumerate(statement, start=1):
                yield (str(day), *cells, str(line), *calendar_cells(day))

    named = {column.wire: (column.heading, *_kind(column)) for column in _columns(dataset)}
    return Table({"record_date": ("Record Date", *DATE)} | also | named | LINE | CALENDAR_FIELDS, rows)


def _wandering(world: World, dataset: Dataset) -> Iterator[tuple[date, Sequence[Row]]]:
    def cell(column: Column) -> str:
        if column.plausible is None:
            return min(column.allowed or [column.heading])
        value = world.within(column.plausible, f"{dataset.id} {column.name}", day)
        return f"{value:.0f}" if column.dtype == "bigint" else f"{value:.2f}"

    day = dataset.start
    while day <= world.last:
        if day >= FIRST or dataset.cadence in (Cadence.QUARTERLY, Cadence.ANNUAL):
            yield day, [tuple(map(cell, _columns(dataset)))]
        day = next_effective(day, dataset.cadence, dataset.calendar)


@lru_cache(maxsize=1)  # a day has many lines, one after another
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
