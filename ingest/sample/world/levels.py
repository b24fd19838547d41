"""What is known of the levels around which values are drawn: the CSV files of this folder, and lines through them.

Knots are hand-rounded shapes of SIMULATED lines; days and months named so in their files are published figures.
"""

import csv
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from ingest.sample.world.dates import month_after

_FOLDER = Path(__file__).parent
MONTHLY_LEVELS = _FOLDER / "monthly_levels.csv"
# What the Treasury published. By month: the deficit as the month's own statement printed it (Monthly Treasury
# Statement, FRED MTSDS133FMS), debt on the last day (Debt to the Penny), issues and redemptions (Daily Treasury
# Statement, table III-A). By fiscal year: the deficit of September's statement, as restated a year later, and in the
# budget (FYFSD).
TREASURY_MONTHS = _FOLDER / "treasury_months.csv"
FISCAL_YEARS = _FOLDER / "fiscal_years.csv"

Knots = list[tuple[date, float]]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def seed_rows(name: str) -> list[dict[str, str]]:
    """The dated facts of policy of the warehouse's seed ``name``, in the columns that `liquidity generate` copies."""
    return _rows(_FOLDER / "seeds" / f"{name}.csv")


@cache
def _lines() -> dict[str, dict[str, Knots]]:
    lines: dict[str, dict[str, Knots]] = {}
    for row in _rows(_FOLDER / "knots.csv"):
        line = lines.setdefault(row["line"], {}).setdefault(row["name"], [])
        line.append((date.fromisoformat(row["date"]), float(row["value"])))
    return lines


def knots_by_name(line: str) -> dict[str, Knots]:
    """The knots of ``line`` in `knots.csv` by name, in the unit of the line's name; KeyError if it has none."""
    return _lines()[line]


def knots_of(line: str) -> Knots:
    """The knots of ``line`` in `knots.csv`, of one that has no names."""
    return knots_by_name(line)[""]


def sofr_days() -> dict[date, tuple[float, float | None]]:
    """SOFR of the days that everybody remembers and its 99th percentile where it is known, percent, as published."""
    return {
        date.fromisoformat(row["effective_date"]): (
            float(row["rate_pct"]),
            float(row["percentile_99_pct"]) if row["percentile_99_pct"] else None,
        )
        for row in _rows(_FOLDER / "sofr_days.csv")
    }


def standing_repo_days() -> dict[date, tuple[int, int]]:
    """Accepted in the morning and in the afternoon, whole USD millions, on days of a billion or more."""
    return {
        date.fromisoformat(row["operation_date"]): (int(row["morning_usd_mn"]), int(row["afternoon_usd_mn"]))
        for row in _rows(_FOLDER / "standing_repo_days.csv")
    }


def level_at(knots: Sequence[tuple[date, float]], day: date) -> float:
    """The straight line through ``knots`` at ``day``; flat before the first and after the last."""
    index = bisect_right(knots, day, key=lambda knot: knot[0])
    if index == 0 or index == len(knots):
        return knots[min(index, len(knots) - 1)][1]
    (day0, value0), (day1, value1) = knots[index - 1], knots[index]
    return value0 + (value1 - value0) * ((day - day0).days / (day1 - day0).days)


class Steps:
    """A value that changes on given dates and stays until the next."""

    def __init__(self, steps: Iterable[tuple[date, float]]) -> None:
        ordered = sorted(steps)
        self._dates = [day for day, _ in ordered]
        self._values = [value for _, value in ordered]

    def __call__(self, day: date) -> float | None:
        """The value in force on ``day``; None before the first."""
        index = bisect_right(self._dates, day) - 1
        return self._values[index] if index >= 0 else None


@cache
def published_years(column: str) -> dict[int, float]:
    """One column of `fiscal_years.csv` by fiscal year, in the unit of its name."""
    return {int(row["fiscal_year"]): float(row[column]) for row in _rows(FISCAL_YEARS) if row[column]}


@cache
def published_months(path: Path = MONTHLY_LEVELS) -> dict[str, dict[date, float]]:
    """Figures of months by column, keyed by the first day of the month, in the unit of the column name."""
    levels: dict[str, dict[date, float]] = defaultdict(dict)
    for row in _rows(path):
        month = date.fromisoformat(f"{row.pop('month')}-01")
        for column, text in row.items():
            if text:
                levels[column][month] = float(text)
    return levels


# Before the world begins: round published levels of some quarters, USD billions (of PSAVERT some months, percent).
PAST = knots_by_name("past")


def with_past(name: str, values: dict[date, float], unit: float = 1, months: int = 3) -> dict[date, float]:
    """``values`` and before them, every so many ``months``, those on the straight lines of `PAST`, times ``unit``."""
    first = min(values)
    knots = [(day, unit * level) for day, level in PAST[name] if day < first] + [(first, values[first])]
    count = ((first.year - knots[0][0].year) * 12 + first.month - knots[0][0].month) // months
    return {
        day: level_at(knots, day) for day in (month_after(first, -months * n) for n in range(count, 0, -1))
    } | values
