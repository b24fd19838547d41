"""Numbers of the page: each is read from the published database and keeps its query.

Each number becomes HTML as `<data class="n" value="RAW" data-sql="SELECT ...">shown</data>`; a test opens the
page, runs every query again and compares. What must not be here: which numbers a page shows, and how it is laid out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
from markupsafe import Markup

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"

# Unit -> text before and after the figure. Short forms for the page; the dictionary has the long ones.
_AFFIXES = {
    "usd_bn": ("$", " bn"), "usd_mn": ("$", " mn"), "usd_per_btc": ("$", ""), "usd_per_ozt": ("$", ""),
    "pct": ("", "%"), "bp": ("", " bp"), "pp": ("", " pp"), "days": ("", " days"),
    "ratio": ("", ""), "correlation": ("", ""), "rank": ("", ""), "count": ("", ""), "year": ("", ""),
}  # fmt: skip
_DECIMALS = {"usd_bn": 1, "pct": 2, "bp": 0, "ratio": 2, "pp": 2, "correlation": 2}


def day(value: date) -> str:
    """A date as people read it: 19 Nov 2026."""
    return f"{value.day} {value:%b %Y}"


def shown(value: object, unit: str = "", *, signed: bool = False) -> str:
    """A value as it is printed. Amounts under a tenth of a billion are printed in millions: a test bid is not zero."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{day(value)}, {value:%H:%M}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return value
    if not isinstance(value, (int, float)):
        return str(value)
    if unit == "usd_bn" and 0 < abs(value) < 0.1:
        value, unit = value * 1000, "usd_mn"
    before, after = _AFFIXES.get(unit, ("", ""))
    decimals = 0 if isinstance(value, int) else _DECIMALS.get(unit, 0 if unit in _AFFIXES else 2)
    if unit in ("bp", "usd_mn") and abs(value - round(value)) > 0.05:
        decimals = 1
    if unit == "year":
        return str(value)
    figure = f"{abs(value):,.{decimals}f}"
    is_zero = float(figure.replace(",", "")) == 0
    sign = "" if is_zero else MINUS if value < 0 else "+" if signed else ""
    return f"{sign}{before}{figure}{after}"


def raw(value: object) -> str:
    """A value as a machine reads it; a number comes back from it exactly."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def date_literal(value: date) -> str:
    """A date in SQL."""
    return f"DATE '{value.isoformat()}'"


class Numbers:
    """Runs queries and prints their results. ``missing`` has the queries that failed."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self.missing: list[str] = []
        self.asked = 0
        self._known: dict[str, list[tuple[Any, ...]]] = {}  # the database does not change while it is read

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query; none where a mart or column is not in this generation, or has another type.

        ``missing`` then has a line about it.
        """
        self.asked += 1
        if sql in self._known:
            return self._known[sql]
        try:
            rows = self._con.execute(sql).fetchall()
        except duckdb.Error as error:
            self.missing.append(str(error).splitlines()[0])
            return []
        found = [tuple(float(value) if isinstance(value, Decimal) else value for value in row) for row in rows]
        self._known[sql] = found
        return found

    def ask(self, sql: str) -> Any:
        """The one value that a query gives, or None."""
        rows = self.rows(sql)
        return rows[0][0] if rows else None

    def ask_day(self, sql: str) -> date | None:
        """The one date that a query gives; None, and a line in ``missing``, where it is another kind of value."""
        found = self.ask(sql)
        if found is None or isinstance(found, date):
            return found
        self.missing.append(f"no date: {sql}")
        return None

    def show(self, sql: str, unit: str = "", *, signed: bool = False) -> Markup:
        """The one value that a query gives, as HTML that carries the query. A dash where there is none."""
        missing = len(self.missing)
        value = self.ask(sql)
        if len(self.missing) > missing:
            return Markup('<span class="none">not in this generation</span>')
        return self.as_html(value, sql, unit, signed=signed)

    @staticmethod
    def as_html(value: object, sql: str, unit: str = "", *, signed: bool = False) -> Markup:
        """A value that ``sql`` has already given, as HTML with the query. Text is not changed."""
        if isinstance(value, str):
            return Markup('<span class="t" data-sql="{}">{}</span>').format(sql, value)
        return Markup('<data class="n{}" value="{}" data-sql="{}">{}</data>').format(
            tone(value) if signed else "", raw(value), sql, shown(value, unit, signed=signed)
        )

    def table(self, sql: str, units: Sequence[str] = ()) -> Markup:
        """Body of a table: a row for each row of the query, which the body carries; ``units`` by position."""
        lines = []
        for row in self.rows(sql):
            cells = []
            for place, value in enumerate(row):
                unit = units[place] if place < len(units) else ""
                text = shown(value, unit)
                is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
                kept = Markup("") if text == raw(value) else Markup(' data-value="{}"').format(raw(value))
                tag = Markup('th scope="row"') if place == 0 else Markup("td")
                cells.append(
                    Markup("<{}{}{}>{}</{}>").format(
                        tag, Markup(' class="number"') if is_number else Markup(""), kept,
                        text, "th" if place == 0 else "td",
                    )
                )  # fmt: skip
            lines.append(Markup("<tr>{}</tr>").format(Markup("").join(cells)))
        return Markup('<tbody data-sql="{}">{}</tbody>').format(sql, Markup("\n").join(lines))


def tone(value: object) -> str:
    """Class for the sign of a change. Colour repeats the sign and adds no information."""
    if not isinstance(value, (int, float)) or value == 0:
        return ""
    return " up" if value > 0 else " down"


@dataclass(frozen=True)
class Reading:
    """A column of a mart over time, by its column ``dated``; ``unit`` prints it, ``change_unit`` its changes."""

    mart: str
    column: str
    unit: str
    dated: str = "effective_date"
    where: str = ""

    @property
    def change_unit(self) -> str:
        return "bp" if self.unit == "pct" else self.unit

    def newest(self, numbers: Numbers, until: str = "") -> date | None:
        """Newest date with a value, at the latest ``until`` (a condition on the date column)."""
        return numbers.ask_day(self.newest_sql(until))

    def newest_sql(self, until: str = "") -> str:
        more = f" AND {until}" if until else ""
        return f"SELECT max({self.dated}) FROM marts.{self.mart} WHERE {self.column} IS NOT NULL{self._and()}{more}"

    def earlier_sql(self, day: date, least_days: int, most_days: int | None = None) -> str:
        """Newest date with a value at least, and where ``most_days`` is given at most, so many days before ``day``."""
        until = f"{self.dated} <= {date_literal(day)} - {least_days}"
        since = f" AND {self.dated} >= {date_literal(day)} - {most_days}" if most_days else ""
        return self.newest_sql(until + since)

    def value_sql(self, day: date) -> str:
        return f"SELECT {self.column} FROM marts.{self.mart} WHERE {self.dated} = {date_literal(day)}{self._and()}"

    def change_sql(self, day: date, before: date) -> str:
        """Value of a day less that of an earlier day; rounded to what publishers print, against binary dust."""
        difference = f"n.{self.column} - o.{self.column}"
        if self.unit == "pct":
            difference = f"({difference}) * 100"
        return (
            f"SELECT round({difference}, 6) FROM marts.{self.mart} AS n, marts.{self.mart} AS o "
            f"WHERE n.{self.dated} = {date_literal(day)} AND o.{self.dated} = {date_literal(before)}"
            + (f" AND n.{self.where} AND o.{self.where}" if self.where else "")
        )

    def _and(self) -> str:
        return f" AND {self.where}" if self.where else ""


def days_in_a_year_sql(mart: str, judged: str, condition: str) -> str:
    """Days with ``condition`` in the year to the newest one with a value of ``judged``; null where less is held.

    A part of a year would pass for the whole; a history that begins up to five days late is one of a year.
    """
    day = f"(SELECT max(effective_date) FROM marts.{mart} WHERE {judged} IS NOT NULL)"
    return (
        f"SELECT CASE WHEN min(effective_date) <= {day} - INTERVAL 1 YEAR + INTERVAL 5 DAY "
        f"THEN count(*) FILTER ({condition} AND effective_date > {day} - INTERVAL 1 YEAR) END "
        f"FROM marts.{mart} WHERE {judged} IS NOT NULL"
    )


@dataclass(frozen=True)
class Shown:
    """A reading at its newest date, as HTML: value, date, changes to the value before and a week (or four) earlier."""

    reading: Reading
    day: date | None
    value: Markup
    as_of: Markup
    change: Markup
    before: Markup
    longer_change: Markup
    longer_before: Markup
    spark: Markup


def look(
    numbers: Numbers, reading: Reading, *, on: date | None = None, longer_days: int = 7, spark_rows: int = 0,
    zero: float | None = None, before_days: int | None = None,
) -> Shown:  # fmt: skip
    """Read a series at its newest date (or ``on`` a day).

    Changes run to the value before it and to the newest one ``longer_days`` to a week more before it. Where the page
    calls the first one the change of a day, the value before must be no more than ``before_days`` old. A gap leaves a
    dash: an older value is never used for a week.
    """
    newest = on or reading.newest(numbers)
    dash = Markup(NOTHING)
    if newest is None:
        return Shown(reading, None, dash, dash, dash, dash, dash, dash, Markup(""))
    at = reading.newest_sql(f"{reading.dated} <= {date_literal(newest)}") if on else reading.newest_sql()
    before_sql = reading.earlier_sql(newest, 1, before_days)
    longer_sql = reading.earlier_sql(newest, longer_days, longer_days + 7)
    before, longer = numbers.ask(before_sql), numbers.ask(longer_sql)

    def change(to: date | None) -> Markup:
        return numbers.show(reading.change_sql(newest, to), reading.change_unit, signed=True) if to else dash

    return Shown(
        reading, newest, numbers.show(reading.value_sql(newest), reading.unit), numbers.show(at),
        change(before), numbers.show(before_sql), change(longer), numbers.show(longer_sql),
        spark(numbers, reading, newest, spark_rows, zero) if spark_rows else Markup(""),
    )  # fmt: skip


def spark(numbers: Numbers, reading: Reading, newest: date, rows: int, level: float | None = None) -> Markup:
    """A line of the last values, without figures; ``level`` draws a thin line at that value."""
    points = [
        float(value)
        for (value,) in numbers.rows(
            f"SELECT {reading.column} FROM marts.{reading.mart} WHERE {reading.column} IS NOT NULL "
            f"AND {reading.dated} <= {date_literal(newest)}{reading._and()} ORDER BY {reading.dated} DESC LIMIT {rows}"
        )
    ][::-1]
    if len(points) < 2:
        return Markup("")
    wide, high, pad = 280, 40, 4
    levels = [*points, *([level] if level is not None else [])]
    low, top = min(levels), max(levels)
    span = (top - low) or 1.0

    def y(value: float) -> float:
        return round(high - pad - (value - low) / span * (high - 2 * pad), 1)

    step = (wide - 2 * pad) / (len(points) - 1)
    path = " ".join(f"{pad + place * step:.1f},{y(value)}" for place, value in enumerate(points))
    line = Markup("")
    if level is not None:
        line = Markup('<line class="level" x1="0" x2="{}" y1="{}" y2="{}"/>').format(wide, y(level), y(level))
    return Markup(
        '<svg class="spark" preserveAspectRatio="xMinYMid" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="3"/></svg>'
    ).format(wide, high, line, path, wide - pad, y(points[-1]))
