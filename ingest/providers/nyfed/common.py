"""What the datasets of the New York Fed share: address, terms, columns, and how its template prints things.

What must not be here: anything of one dataset.
"""

import html
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Protocol

import polars as pl

from ingest.catalog import Column, Licence, Unit
from ingest.errors import ValueFormatError
from ingest.releases import Release

API = "https://markets.newyorkfed.org/api"

TERMS = Licence(
    "New York Fed Terms of Use",
    True,
    "Anyone who presents reference rates must state that they are subject to the Terms of Use posted at newyorkfed.org "
    "and that the New York Fed neither endorses the republication nor is liable for it; SOFR and BGCR rest on DTCC "
    "data and carry its disclaimer too (read in another project's notes of 2026-09-16, not on the page itself).",
    "https://www.newyorkfed.org/termsofuse",
)

USD_PLAUSIBLE = (0, 10_000_000_000_000)  # whole dollars; the largest operation so far took 2.55 trillion

# Columns that several kinds of operation have.
OPERATION_ID = Column(
    "operation_id", "varchar", "The publisher's name of the operation; opaque", is_nullable=False, wire="operationId"
)
OPERATION_DATE = Column(
    "operation_date", "date", "Day on which the operation was held", is_nullable=False, wire="operationDate"
)
SETTLEMENT_DATE = Column(
    "settlement_date", "date", "Day on which cash and securities change hands", wire="settlementDate"
)
AUCTION_STATUS = Column(
    "auction_status", "varchar", "Always Results; announcements are left out", is_nullable=False, wire="auctionStatus"
)
CLOSE_TIME = Column("close_time", "varchar", "Closing, HH:MM in New York", wire="closeTime")
NOTE = Column("note", "varchar", "The publisher's remark; names small-value exercises", wire="note")
UPDATED_AT = Column(
    "last_updated_at",
    "timestamp",
    "When the publisher last touched the operation's record (UTC; New York on the wire)",
    is_nullable=False,
    wire="lastUpdated",
)


def pct(name: str, description: str, plausible: tuple[float, float] = (-5, 25), **rest: Any) -> Column:
    """A rate, percent a year."""
    return Column(name, "double", description, Unit.PCT, plausible=plausible, **rest)


# Recorded results carry a last update within a minute of the close, the latest regular close being 13:45. Each row is
# known from its own stamp, the morning's of the standing facility (since 2025-06-26) from about 08:30; the rule says
# when a day is whole.
SAME_DAY = Release(time(13, 50), "recorded time stamps of 2022-2025")


def window(start: date, today: date) -> tuple[tuple[str, str], ...]:
    """The parameters of a search from ``start`` to ``today``."""
    return (("startDate", start.isoformat()), ("endDate", today.isoformat()))


# A bare asterisk as a value; the look-ahead keeps text that merely contains ': *' out of it.
_SUPPRESSED = re.compile(rb'((?<!\\)"\s*:\s*)\*(?=\s*[,}\]])')
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_CLOCK = re.compile(r"^\d\d:\d\d$")
BLANK = frozenset({""})


def without_stars(body: bytes) -> bytes:
    """``body`` with null where a bare asterisk hides a number: JSON again."""
    return _SUPPRESSED.sub(rb"\1null", body)


def plain_text(note: str | None) -> str | None:
    """A note as one line of plain text; null and empty are the same."""
    return " ".join(html.unescape(_TAG.sub(" ", note)).split()) or None if note else None


def clock_time(text: str | None, place: str) -> str | None:
    """``text`` if it is HH:MM, None for none; ValueFormatError for anything else."""
    if text and not _CLOCK.match(text):
        raise ValueFormatError(f"{text!r} is no HH:MM", place=place)
    return text or None


class Touched(Protocol):
    """An operation as the wire has it: its name, and when its record was last touched (New York)."""

    operation_id: str
    last_updated_at: str | None


def times_updated(operations: Sequence[Touched]) -> list[datetime]:
    """When each operation's record was last touched, as naive UTC."""
    wire = pl.Series([o.last_updated_at or None for o in operations], dtype=pl.String())
    # In the hour that a clock change repeats, the later reading never claims knowledge too early.
    updated_at = (
        wire.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
        .dt.replace_time_zone("America/New_York", ambiguous="latest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None)
    )
    if (bad := wire.is_not_null() & updated_at.is_null()).any():
        row = bad.arg_true()[0]
        raise ValueFormatError(
            f"{wire[row]!r} is no New York time", place=f"{operations[row].operation_id} lastUpdated"
        )
    return updated_at.to_list()
