"""Bytes into typed cells: the few steps that every parser shares, with the errors that users see.

JSON goes through msgspec typed structs, CSV through Polars as text, cells through strict casts that name row and
column, rows into a frame by the names of their values. What must not be here: anything that knows one provider's field
names, requests, or the network.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
import polars as pl

from ingest.errors import LayoutError, UnreadableBodyError, ValueFormatError

# What a ZIP that was saved by hand may unpack to, in bytes.
MAX_UNPACKED_BYTES = 512_000_000

T = TypeVar("T")

_ARRAY_LENGTH = re.compile(r" of (at least |at most )?length ")
_PATH = re.compile(r" - at `(?P<path>[^`]+)`$")


def readable(body: bytes, dataset: str) -> bytes:
    """``body`` without its byte-order mark; UnreadableBodyError when it is empty, HTML, XML or still compressed."""
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise UnreadableBodyError("the body is empty", dataset=dataset)
    if text.startswith(b"<"):
        raise UnreadableBodyError(f"HTML or XML instead of data: {text[:60]!r}", dataset=dataset)
    if text.startswith(b"\x1f\x8b"):
        raise UnreadableBodyError("compressed bytes; unpack the file first", dataset=dataset)
    return text


def from_json(body: bytes, kind: type[T], dataset: str) -> T:
    """Decode ``body`` into ``kind``, a msgspec type.

    UnreadableBodyError when it is no whole JSON, LayoutError when fields are missing, unknown or the outer shape is
    another one, ValueFormatError when a cell has the wrong type; ``place`` is then the JSON path.
    """
    text = readable(body, dataset)
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        message = str(error)
        found = _PATH.search(message)
        place = found["path"] if found else ""
        is_layout = not found or " field `" in message or _ARRAY_LENGTH.search(message)
        wrong = LayoutError if is_layout else ValueFormatError
        raise wrong(_PATH.sub("", message), dataset=dataset, place=place) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableBodyError(f"no whole JSON document: {error}", dataset=dataset) from None


def from_csv(body: bytes, dataset: str) -> pl.DataFrame:
    """Decode a CSV with one header line into text columns; an empty cell is null, a line without any cell is none.

    UnreadableBodyError when it is no CSV or its last line is cut short, LayoutError when a heading repeats.
    """
    text = readable(body, dataset).rstrip()
    try:
        frame = pl.read_csv(io.BytesIO(text), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise UnreadableBodyError(f"no CSV: {str(error).splitlines()[0]}", dataset=dataset) from None
    if any("_duplicated_" in name for name in frame.columns):
        raise LayoutError("a heading stands there twice", dataset=dataset)
    last = text.rsplit(b"\n", 1)[-1]
    # Polars fills a short line with nulls, so a body cut in mid-line would otherwise pass.
    if b'"' not in last and last.count(b",") != frame.width - 1:
        raise UnreadableBodyError(f"the last line is cut short: {last[-40:]!r}", dataset=dataset)
    return frame.filter(~pl.all_horizontal(pl.all().is_null()))


def members(body: bytes, dataset: str, *, most: int) -> dict[str, bytes]:
    """The CSV and JSON files in a ZIP that was saved by hand, by name; LayoutError for none or more than ``most``."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            found = [item for item in archive.infolist() if item.filename.lower().endswith((".csv", ".json"))]
            if not 0 < len(found) <= most:
                raise LayoutError(f"the ZIP holds {archive.namelist()}; unpack it and load one file", dataset=dataset)
            if (size := sum(item.file_size for item in found)) > MAX_UNPACKED_BYTES:
                raise UnreadableBodyError(f"the ZIP unpacks to {size:,} bytes: too many", dataset=dataset)
            return {item.filename: archive.read(item) for item in found}
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnreadableBodyError(f"broken ZIP: {error}; download it again", dataset=dataset) from None


def unspoilt(cells: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Text ``cells`` without what a spreadsheet or a data frame adds when it saves them again.

    That is m/d/yyyy and a time of 00:00:00 in dates; thousands separators, dollar signs and `.0` of whole numbers.
    """
    if dtype == pl.String():
        return cells
    text = cells.str.strip_chars()
    if dtype == pl.Date():
        text = text.str.replace(r"[T ]00:00:00(\.0+)?Z?$", "")
        american = text.str.to_date("%m/%d/%Y", strict=False).dt.to_string("%Y-%m-%d")
        return american.zip_with(american.is_not_null(), text)
    grouped = text.str.contains(r"^-?\$?\d{1,3}(,\d{3})+(\.\d+)?$") | text.str.contains(r"^-?\$\d+(\.\d+)?$")
    text = text.str.replace_all(r"[$,]", "").zip_with(grouped.fill_null(False), text)
    return text.str.replace(r"\.0+$", "") if dtype == pl.Int64() else text


def by_name(rows: Sequence[Mapping[str, object]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Rows whose values carry the names of their columns; other values of a row are left out.

    KeyError when a row lacks one: a value is never placed by its order.
    """
    return pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema)


def strict(cells: pl.Series, dtype: pl.DataType, dataset: str, missing: frozenset[str] = frozenset()) -> pl.Series:
    """Cast text ``cells`` to ``dtype``; those in ``missing`` become null, anything else that does not fit is an error.

    Dates are ISO. Decimals may not have more places than ``dtype`` keeps, nor integers any. Raises ValueFormatError
    with the row (from 1) and the column.
    """
    text = cells.set(cells.is_in(list(missing)), None) if missing else cells
    if dtype == pl.Date:
        cast = text.str.to_date("%Y-%m-%d", strict=False)
    elif isinstance(dtype, pl.Decimal):
        fits = text.str.contains(rf"^-?\d+(\.\d{{1,{dtype.scale}}})?$")
        cast = text.set(~fits, None).cast(dtype, strict=False)
    else:
        cast = text.cast(dtype, strict=False)
    bad = cast.is_null() & text.is_not_null()
    if bad.any():
        row = bad.arg_true()[0]
        raise ValueFormatError(f"{text[row]!r} is no {dtype}", dataset=dataset, place=f"row {row + 1} {cells.name}")
    return cast
