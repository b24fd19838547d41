"""From one body to typed rows that keep what their dataset declares, or to one named error.

Fetches, loads of files and replays of the archive all come through `parse_body`. What must not be here: knowledge of
any one format (`providers/`), requests (`collect.py`), the database.
"""

import html
import re
import traceback
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain, combinations
from pathlib import Path

import msgspec
import polars as pl

from ingest.calendars import utc_now
from ingest.catalog import DTYPES, SANE_DATES, VERSION_COLUMNS, Column, Dataset, Parsed, Request
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    IngestError,
    LayoutError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.plain import plain

_BLANKS = b"\xef\xbb\xbf \t\r\n"


_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def _refuse_web_page(body: bytes) -> None:
    """Raise when the body is a web page instead of data. XML is not, unless it is XHTML."""
    start = body[:65_536].lstrip(_BLANKS)
    if not start:
        raise EmptyBodyError("the body is empty; run again")
    if not start.startswith(b"<") or (start.startswith(b"<?xml") and b"<html" not in start[:1_000].lower()):
        return
    title = _TITLE.search(start)
    words = " ".join(html.unescape(title[1].decode(errors="replace")).split())[:100] if title else ""
    named = f", titled {words!r}" if words else ""
    raise UnreadableBodyError(f"a web page{named} came instead of data; open the address in a browser to see why")


def _place(error: BaseException) -> str:
    """Our file and line that raised ``error``."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "site-packages" not in f.filename]
    return f"{Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""


def named_error(error: BaseException) -> IngestError:
    """The named error for an unexpected one from a parser."""
    words = " ".join(plain(str(error)).split())[:300]
    match error:
        case IngestError():
            return error
        case msgspec.ValidationError():  # "Object missing required field `x` - at `$.a[...]`"
            what, _, where = words.partition(" - at ")
            kind = LayoutError if "missing required field" in what else ValueFormatError
            return kind(what, place=where.strip("`"))
        case msgspec.DecodeError():
            return UnreadableBodyError(f"not the JSON it should be: {words}", place=_place(error))
        case UnicodeError():
            return UnreadableBodyError(f"not text in the encoding it should have: {words}", place=_place(error))
        case KeyError() | IndexError():
            return UnreadableBodyError(f"{type(error).__name__}: {words} is not there", place=_place(error))
        case ValueError() | ArithmeticError() | pl.exceptions.PolarsError():
            return ValueFormatError(f"{type(error).__name__}: {words}", place=_place(error))
        case _:
            return UnreadableBodyError(f"{type(error).__name__}: {words}", place=_place(error))


# A panic inside Polars is not an Exception; a bug with one body must not end the whole refresh.
ANY_ERROR = (Exception, pl.exceptions.PanicException)


def parse_body(
    dataset: Dataset, body: bytes, request: Request, payload_id: str = "", *, day: date | None = None
) -> tuple[Parsed, int]:
    """Typed rows of one body as the dataset declares them, and how many rows the body itself held.

    ``day`` (UTC) is when the body came, by default today: no row may be dated much later.

    Every failure is a BodyError that names dataset, payload and place. Fetches, loads of files and replays of the
    archive all come through here.
    """
    try:
        _refuse_web_page(body)
        parsed = dataset.parse(dataset, body, request)
        parsed = parsed if isinstance(parsed, Parsed) else Parsed(parsed)
        wire_rows = parsed.frame.height if parsed.wire_rows is None else parsed.wire_rows
        return conform(dataset, parsed, day), wire_rows
    except ANY_ERROR as error:
        named = named_error(error).located(dataset=dataset.id, payload_id=payload_id)
        raise named from (None if named is error else error)


def hold_dates(dataset: Dataset, frame: pl.DataFrame, day: date) -> None:
    """ImplausibleValueError for an impossible date in any column and row, also in withdrawn ones."""
    bounds = {column.name: SANE_DATES for column in dataset.columns if column.dtype in ("date", "timestamp")}
    bounds["known_from"] = (SANE_DATES[0], day + timedelta(days=1))
    bounds[dataset.date_column] = dataset.dates_on(day)
    for name, (first, last) in bounds.items():
        if name not in frame.columns:
            continue
        cells = frame[name].cast(pl.Date)
        outside = ((cells < first) | (cells > last)).fill_null(False)
        if outside.any():
            row = outside.arg_true()[0]
            raise ImplausibleValueError(
                f"{frame[name].cast(pl.String)[row]} is no date of a body of {day}: it must be between {first} "
                f"and {last}",
                place=f"row {row} {name}",
            )


def _hold_column(column: Column, cells: pl.Series) -> None:
    """ValueFormatError or ImplausibleValueError for a cell that cannot be in ``column``."""
    if cells.dtype != DTYPES[column.dtype]:
        raise ValueFormatError(f"is {cells.dtype}, expected {DTYPES[column.dtype]}", place=column.name)
    if not column.is_nullable and cells.null_count():
        row = cells.is_null().arg_true()[0]
        raise ValueFormatError("empty where a value must be", place=f"row {row} {column.name}")
    if column.dtype == "double" and (bad := cells.is_nan() | cells.is_infinite()).any():
        raise ValueFormatError("not a finite number", place=f"row {bad.arg_true()[0]}")
    if column.plausible is not None:
        low, high = column.plausible
        outside = (cells < low) | (cells > high)
        if outside.any():
            row = outside.arg_true()[0]
            raise ImplausibleValueError(
                f"{cells[row]} is outside the plausible range {low:g} to {high:g}", place=f"row {row} {column.name}"
            )
    if column.allowed is not None:
        unknown = set(cells.drop_nulls().unique()) - column.allowed
        if unknown:
            raise ValueFormatError(
                f"unknown value {sorted(unknown)[:3]}; known are {sorted(column.allowed)}", place=column.name
            )


def _hold_order(dataset: Dataset, frame: pl.DataFrame, key: Iterable[str]) -> None:
    """ImplausibleValueError for a row in which one of the columns in `ordered` falls below the one before."""
    for less, more in chain.from_iterable(combinations(names, 2) for names in dataset.ordered):
        falls = (frame[less] > frame[more]).fill_null(False)
        if falls.any():
            row = falls.arg_true()[0]
            raise ImplausibleValueError(
                f"{less} {frame[less][row]} is more than {more} {frame[more][row]}",
                place=" ".join(str(cell) for cell in frame.select(key).row(row)),
            )


def conform(dataset: Dataset, parsed: pl.DataFrame | Parsed, day: date | None = None) -> Parsed:
    """Check a parsed frame against the declaration of ``dataset``; returns it with columns in order.

    ``day`` is when the body came (UTC; default today): nothing may be dated much later, see `dates_on`.

    Raises LayoutError, ValueFormatError, ImplausibleValueError, DuplicateKeyError, EmptyBodyError. Identical
    duplicate rows are dropped.
    With `VERSION_COLUMNS` a key may come once for each time at which it became known; withdrawn rows lack values.
    """
    parsed = parsed if isinstance(parsed, Parsed) else Parsed(parsed)
    frame, wanted, key = parsed.frame, dataset.schema, dataset.key
    is_history = VERSION_COLUMNS.keys() <= set(frame.columns)
    if is_history:
        withdrawn = frame.filter("is_deleted")
        frame, wanted, key = frame.filter(~pl.col("is_deleted")), wanted | VERSION_COLUMNS, (*key, "known_from")
    else:
        withdrawn = frame.clear()
    missing, extra = wanted.keys() - set(frame.columns), set(frame.columns) - wanted.keys()
    if missing or extra:
        raise LayoutError(f"missing columns {sorted(missing)}, unknown columns {sorted(extra)}")
    if frame.is_empty() and not is_history:  # a page of history may repeat rows of another one
        raise EmptyBodyError("the answer has no rows")
    frame = frame.select(wanted.keys())
    for column in dataset.columns:
        _hold_column(column, frame[column.name])
    hold_dates(dataset, parsed.frame, day or utc_now().date())
    _hold_order(dataset, frame, key)
    frame = pl.concat([frame, withdrawn.select(frame.columns)]).unique(maintain_order=True)
    repeated = frame.filter(pl.struct(key).is_duplicated())
    if not repeated.is_empty():
        raise DuplicateKeyError(f"{len(repeated)} rows share a key, first {repeated.row(0, named=True)}")
    if lost := [name for name in parsed.unsaid if name not in wanted or name in key]:
        raise LayoutError(f"a body must have {lost}")
    return Parsed(frame, parsed.notes, unsaid=parsed.unsaid)
