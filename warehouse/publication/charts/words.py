"""Numbers, dates and counts as titles write them, and the rows that a sentence about two dates may use."""

from datetime import date
from typing import Any

import polars as pl


def usd_bn(value: float, digits: int = 0) -> str:
    """Billions of US dollars in words: `$50.4 bn`, `$2.10 tn` from a thousand billions on, `-$3 bn`, `under $1 bn`."""
    if value and not round(value, digits):
        return f"under ${10**-digits:.{digits}f} bn"
    sign, size = ("-" if value < 0 else ""), abs(value)
    return f"{sign}${size / 1000:,.2f} tn" if size >= 1000 else f"{sign}${size:,.{digits}f} bn"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`no days`, `1 day`, `3 days`."""
    many = many or f"{one}s"
    return f"no {many}" if number == 0 else f"1 {one}" if number == 1 else f"{number:,} {many}"


def month(day: date) -> str:
    """`October 2025`."""
    return f"{day:%B %Y}"


def quarter(day: date) -> str:
    """`2025 Q4`."""
    return f"{day:%Y} Q{(day.month + 2) // 3}"


def year_before(data: pl.DataFrame, day: str) -> dict[str, Any] | None:
    """The newest row 364 to 371 days before the last one; None without one, because no other row is a year old."""
    ages = (data[day].max() - pl.col(day)).dt.total_days()
    found = data.filter(ages.is_between(364, 371)).sort(day)
    return found.row(-1, named=True) if found.height else None


def unbroken(data: pl.DataFrame, day: str, rows: int, apart: int) -> pl.DataFrame:
    """The last ``rows`` rows, fewer where neighbours are more than ``apart`` days apart: a sum must not leap a gap."""
    gaps = (pl.col(day).diff().dt.total_days() > apart).fill_null(value=False).cum_sum()
    return data.filter(gaps == gaps.max()).tail(rows)


def change_over(value: pl.Expr, day: str, rows: int, days: tuple[int, int]) -> pl.Expr:
    """Change over ``rows`` rows; null where their dates are not ``days`` apart, so that a gap is not a longer step."""
    apart = pl.col(day).diff(rows).dt.total_days()
    return pl.when(apart.is_between(*days)).then(value.diff(rows))


def direction(change: float, up: str = "rose", down: str = "fell") -> str:
    """``up`` or ``down`` by the sign of a change."""
    return up if change >= 0 else down
