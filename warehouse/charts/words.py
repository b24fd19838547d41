"""Numbers, dates and counts as titles say them."""

from __future__ import annotations

from datetime import date


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


def direction(change: float, up: str = "rose", down: str = "fell") -> str:
    """``up`` or ``down`` by the sign of a change."""
    return up if change >= 0 else down
