"""Bytes into typed cells: the few steps that every parser shares, with the errors that users see.

JSON goes through msgspec typed structs, CSV through Polars as text, cells through strict casts that name row and
column, rows into a frame by the names of their values. What must not be here: anything that knows one provider's field
names, requests, or the network.
"""

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import msgspec
import polars as pl

from ingest.catalog import Column
from ingest.errors import LayoutError, UnreadableBodyError, ValueFormatError

# What a ZIP that was saved by hand may unpack to, in bytes.
MAX_UNPACKED_BYTES = 512_000_000
# The largest recorded workbook unpacks to 4.2 million bytes and has 75 columns of 800 rows.
MAX_WORKBOOK_BYTES = 64_000_000
MAX_SHEET_CELLS = 2_000_000

T = TypeVar("T")

# Starts of gzip, zlib and Zstandard: Polars unpacks them by itself, to any size.
_COMPRESSED = (b"\x1f\x8b", b"x\x01", b"x^", b"x\x9c", b"x\xda", b"\x28\xb5\x2f\xfd")

_ARRAY_LENGTH = re.compile(r" of (at least |at most )?length ")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>/])([^>]*)")
_CELL_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_PATH = re.compile(r" - at `(?P<path>[^`]+)`$")


def readable(body: bytes) -> bytes:
    """``body`` without its byte-order mark; UnreadableBodyError when it is empty, HTML, XML or still compressed."""
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise UnreadableBodyError("the body is empty")
    if text.startswith(b"<"):
        raise UnreadableBodyError(f"HTML or XML instead of data: {text[:60]!r}")
    if text.startswith(_COMPRESSED):
        raise UnreadableBodyError("compressed bytes; unpack the file first")
    return text


def from_json(body: bytes, kind: type[T]) -> T:
    """Decode ``body`` into ``kind``, a msgspec type.

    UnreadableBodyError when it is no whole JSON, LayoutError when fields are missing, unknown or the outer shape is
    another one, ValueFormatError when a cell has the wrong type; ``place`` is then the JSON path.
    """
    text = readable(body)
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        message = str(error)
        found = _PATH.search(message)
        place = found["path"] if found else ""
        is_layout = not found or " field `" in message or _ARRAY_LENGTH.search(message)
        wrong = LayoutError if is_layout else ValueFormatError
        raise wrong(_PATH.sub("", message), place=place) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableBodyError(f"no whole JSON document: {error}") from None


def from_csv(body: bytes) -> pl.DataFrame:
    """Decode a CSV with one header line into text columns; an empty cell is null, a line without any cell is none.

    UnreadableBodyError when it is no CSV or its last line is cut short, LayoutError when a heading repeats.
    """
    text = readable(body).rstrip()
    try:
        frame = pl.read_csv(io.BytesIO(text), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise UnreadableBodyError(f"no CSV: {str(error).splitlines()[0]}") from None
    if any("_duplicated_" in name for name in frame.columns):
        raise LayoutError("a heading is there twice")
    last = text.rsplit(b"\n", 1)[-1]
    # Polars fills a short line with nulls, so a body cut in mid-line would otherwise pass.
    if b'"' not in last and last.count(b",") != frame.width - 1:
        raise UnreadableBodyError(f"the last line is cut short: {last[-40:]!r}")
    return frame.filter(~pl.all_horizontal(pl.all().is_null()))


@contextmanager
def opened_zip(body: bytes, *, most_bytes: int | None = None) -> Iterator[zipfile.ZipFile]:
    """The ZIP ``body``, once its members are measured: UnreadableBodyError when it is broken or unpacks to too much.

    That is more than ``most_bytes``, by default `MAX_UNPACKED_BYTES`.
    A member that is larger than its stated size is no danger: `read_member` stops at the stated size.
    """
    broken = "broken ZIP: {}; download it again"
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except Exception as error:  # among them ValueError for an offset below 0, NotImplementedError for a later version
        raise UnreadableBodyError(broken.format(error)) from None
    with archive:
        if (size := sum(item.file_size for item in archive.infolist())) > (most_bytes or MAX_UNPACKED_BYTES):
            raise UnreadableBodyError(f"the ZIP unpacks to {size:,} bytes: too many")
        try:
            yield archive
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError) as error:
            raise UnreadableBodyError(broken.format(error)) from None


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of ``member`` up to its stated size; `ZipFile.read` would first unpack all of it."""
    with archive.open(member) as file:
        return file.read(member.file_size)


def members(body: bytes, *, most: int) -> dict[str, bytes]:
    """The CSV and JSON files in a ZIP that was saved by hand, by name; LayoutError for none or more than ``most``."""
    with opened_zip(body) as archive:
        found = [item for item in archive.infolist() if item.filename.lower().endswith((".csv", ".json"))]
        if not 0 < len(found) <= most:
            raise LayoutError(f"the ZIP holds {archive.namelist()}; unpack it and load one file")
        return {item.filename: read_member(archive, item) for item in found}


def sound_workbook(body: bytes) -> bytes:
    """The xlsx workbook ``body`` packed anew, once its members and the extent of its sheets are measured.

    The reader makes a whole rectangle of a sheet: two cells in opposite corners ask for 550 GB and abort the process.
    Only what the reader needs is kept, as it was measured. UnreadableBodyError when it is no workbook or too large.
    """
    if not body.startswith(b"PK"):
        raise UnreadableBodyError("no workbook: not a ZIP at all; save it as .xlsx")
    target = io.BytesIO()
    with opened_zip(body, most_bytes=MAX_WORKBOOK_BYTES) as archive, zipfile.ZipFile(target, "w") as sound:
        if "xl/workbook.xml" not in archive.namelist():
            raise UnreadableBodyError("no workbook: xl/workbook.xml is not in it")
        for item in archive.infolist():
            if not re.fullmatch(r"(\[Content_Types\]|_rels/.*|xl/.*)\.(xml|rels)", item.filename):
                continue
            content = read_member(archive, item)
            if b"\0" in content:
                raise UnreadableBodyError(f"no workbook: {item.filename} is not in UTF-8")
            if b"sheetData" in content:
                _refuse_vast_sheet(content, item.filename)
            sound.writestr(item.filename, content)
    return target.getvalue()


def _refuse_vast_sheet(content: bytes, name: str) -> None:
    rows = columns = 0
    for attributes in _CELL.findall(content):
        place = _CELL_PLACE.search(attributes)
        if place is None:
            raise UnreadableBodyError(f"no workbook: a cell of {name} does not say where it is")
        rows = max(rows, int(place[2]))
        column = 0
        for letter in place[1]:
            column = column * 26 + letter - 64
        columns = max(columns, column)
    if rows * columns > MAX_SHEET_CELLS:
        raise UnreadableBodyError(f"{name} has {rows:,} rows of {columns:,} columns: too many")


def unspoilt(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Text ``cells`` without what a spreadsheet or a data frame adds when it saves them again.

    That is m/d/yyyy and a time of 00:00:00 in dates; thousands separators, dollar signs and `.0` of whole numbers.
    """
    if dtype == pl.String():
        return cells
    text = cells.str.strip_chars()
    if dtype == pl.Date():
        text = text.str.replace(r"[T ]00:00:00(\.0+)?Z?$", "")
        return pl.coalesce(text.str.to_date("%m/%d/%Y", strict=False).dt.to_string("%Y-%m-%d"), text)
    is_grouped = text.str.contains(r"^-?\$?\d{1,3}(,\d{3})+(\.\d+)?$|^-?\$\d+(\.\d+)?$")
    text = pl.when(is_grouped).then(text.str.replace_all(r"[$,]", "")).otherwise(text)
    return text.str.replace(r"\.0+$", "") if dtype == pl.Int64() else text


def by_name(rows: Sequence[Mapping[str, object]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Rows with the values by the names of their columns; other values of a row are left out.

    KeyError when a row lacks one: a value is never placed by its order.
    """
    return pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema)


def wire_names(columns: Iterable[Column], **more: str) -> dict[str, str]:
    """The wire name of each of ``columns``, for the ``rename`` of a msgspec struct with fields of the same names.

    ``more`` are fields of the struct that are not columns.
    """
    return {column.name: column.wire for column in columns if column.wire} | more


def cast_text(cells: pl.Series, dtype: pl.DataType, missing: frozenset[str] = frozenset()) -> pl.Series:
    """`cast_columns` of one column."""
    return cast_columns(cells.to_frame(), {cells.name: dtype}, missing).to_series()


def cast_columns(
    text: pl.DataFrame, dtypes: Mapping[str, pl.DataType], missing: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """The columns of ``dtypes``, cast from text; cells in ``missing`` become null, others that do not fit are an error.

    Dates are ISO. Decimals may not have more places than their type keeps, nor integers any. Raises ValueFormatError
    with the row (from 1) and the column. All at once: a column by itself took a hundred times its work.
    """
    text = text.select(pl.when(~pl.col(name).is_in(list(missing))).then(name).alias(name) for name in dtypes)
    cast = text.select(_cast(pl.col(name), dtype) for name, dtype in dtypes.items())
    for name, dtype in dtypes.items():
        if cast[name].null_count() > text[name].null_count():
            row = (cast[name].is_null() & text[name].is_not_null()).arg_true()[0]
            raise ValueFormatError(f"{text[name][row]!r} is no {dtype}", place=f"row {row + 1} {name}")
    return cast


def _cast(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Date:
        return text.str.to_date("%Y-%m-%d", strict=False)
    if isinstance(dtype, pl.Decimal):
        text = pl.when(text.str.contains(rf"^-?\d+(\.\d{{1,{dtype.scale}}})?$")).then(text)
    return text.cast(dtype, strict=False)
