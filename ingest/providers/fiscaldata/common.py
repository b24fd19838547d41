"""How every table of FiscalData is asked and read: fields, requests, pages, and the parser of answers and saved files.

What must not be here: any one table.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, time, timedelta
from functools import partial
from typing import Any

import msgspec
import polars as pl

from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Parsed, Plan, Request, Unit
from ingest.decode import cast_columns, from_csv, from_json, members, readable, unspoilt
from ingest.errors import EmptyBodyError, LayoutError, ValueFormatError
from ingest.releases import Cadence, Release

API = "https://api.fiscaldata.treasury.gov/services/api/fiscal_service"
PAGE_SIZE = 10_000  # the most that one page holds

# On nearly every table, by wire name and by the site's heading; known, and not taken over. Any other name makes a note.
IGNORABLE = {
    "table_nbr": "Table Number",
    "table_nm": "Table Name",
    "sub_table_name": "Sub Table Name",
    "src_line_nbr": "Source Line Number",
    "record_fiscal_year": "Fiscal Year",
    "record_fiscal_quarter": "Fiscal Quarter Number",
    "record_calendar_year": "Calendar Year",
    "record_calendar_quarter": "Calendar Quarter Number",
    "record_calendar_month": "Calendar Month Number",
    "record_calendar_day": "Calendar Day Number",
}


@dataclass(frozen=True)
class Field(Column):
    """A column of a table. ``missing`` is what a `null` becomes; ``in_site_csv_from`` is set for a column that the
    site's downloads lack: its rows are complete from that date on, and older ones are left out of such a file."""

    missing: str | None = None
    in_site_csv_from: date | None = None


@dataclass(frozen=True)
class Table:
    """An endpoint: its path, its fields, and more names that may come along and are not taken over.

    ``date`` is the wire name to filter by and the first to sort by, ``sort`` ends in something unique.
    ``is_selection``: the table is much wider than what we take; its fields are named in the request, and any
    other name may come along. ``missing`` are the cells that mean nothing. ``is_by_year`` cuts a long span into
    Requests of a year each. ``looks_ahead``: it already has rows dated after today. ``only`` is a field
    and its values in the rows that belong here, for files of a sister table that holds others too.
    """

    endpoint: str
    fields: tuple[Field, ...]
    also: tuple[tuple[str, str], ...] = ()
    date: str = "record_date"
    sort: str = "record_date,src_line_nbr"
    is_selection: bool = False
    missing: frozenset[str] = frozenset({"null"})
    is_by_year: bool = False
    looks_ahead: bool = False
    only: tuple[str, frozenset[str]] | None = None

    @property
    def names(self) -> dict[str, str]:
        """Every name that is known, plain: wire names and the site's headings, each to the wire name."""
        pairs = [*IGNORABLE.items(), *self.also, *((field.wire, field.heading) for field in self.fields)]
        return {_plain_name(name): wire for wire, heading in pairs for name in (wire, heading)}


def labels(dataset: Dataset) -> dict[str, str]:
    """The site's heading by wire name, also of columns that may come along."""
    table: Table = dataset.parse.args[0]  # type: ignore[attr-defined]
    return IGNORABLE | dict(table.also) | {field.wire: field.heading for field in table.fields}


def _plain_name(name: str) -> str:
    """A heading without what saving again changes: letter case, blanks, a byte-order mark."""
    return " ".join(name.replace("\ufeff", "").split()).casefold()


class _Meta(msgspec.Struct):
    total_count: int = msgspec.field(name="total-count")


class _Links(msgspec.Struct):
    next: str | None = None


class _Page(msgspec.Struct):
    meta: _Meta
    links: _Links


def _years(since: date, today: date) -> list[date]:
    """First days of spans of a year from ``since`` on; the last is longer, so that none is too young to have rows."""
    firsts = [since]
    while (today - firsts[-1]).days >= 2 * 365:
        firsts.append(firsts[-1] + timedelta(days=365))
    return firsts


def _requests(table: Table, dataset: Dataset, plan: Plan) -> Iterable[Request]:
    since = plan.since(dataset)
    firsts = _years(since, plan.today) if table.is_by_year else [since]
    named = (("fields", ",".join(field.wire for field in table.fields)),) if table.is_selection else ()
    for first, following in zip(firsts, [*firsts[1:], None], strict=True):
        last = following - timedelta(days=1) if following else None
        params = (
            *named,
            ("filter", f"{table.date}:gte:{first}" + (f",{table.date}:lte:{last}" if last else "")),
            ("sort", table.sort),  # pages may overlap without one that ends in something unique
            ("format", "json"),
            ("page[number]", "1"),
            ("page[size]", str(PAGE_SIZE)),
        )
        covers_to = last or (None if table.looks_ahead else plan.today)
        yield Request(f"{API}/{table.endpoint}", params, None, first, covers_to)


def next_page(body: bytes, request: Request) -> Request | None:
    """The following page, or None on the last; built from our own parameters, which the provider's link lacks."""
    page = from_json(body, _Page)
    if page.links.next is None:
        return None
    return replace(
        request,
        params=tuple(
            (name, str(int(value) + 1) if name == "page[number]" else value) for name, value in request.params
        ),
    )


def stated_rows(body: bytes) -> int:
    """How many rows match on all pages together."""
    return from_json(body, _Page).meta.total_count


_Row = Mapping[str, str | int | float | None]  # text on the wire; a program that saves it again may make numbers of it


class _Answer(msgspec.Struct):
    data: list[dict[str, str | None]]
    meta: _Meta


class _Saved(msgspec.Struct):
    data: list[dict[str, str | int | float | None]]
    meta: dict[str, Any] | None = None


def _from_json(body: bytes, *, is_file: bool) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Rows of one answer of the API, or of a file: `data` with or without the rest, or the list of rows alone."""
    notes: tuple[str, ...] = ()
    rows: Sequence[_Row]
    if not is_file:
        rows = from_json(body, _Answer).data
    elif readable(body).startswith(b"["):
        rows = from_json(body, list[dict[str, str | int | float | None]])
    else:
        saved = from_json(body, _Saved)
        rows, total = saved.data, (saved.meta or {}).get("total-count")
        if isinstance(total, int) and total > len(rows):
            notes = (f"one page, {len(rows)} of {total} rows: save the others too",)
    if not rows:
        raise EmptyBodyError("the answer has no rows")
    names = list(dict.fromkeys(name for row in rows for name in row))
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            lacks = sorted(set(names) - row.keys())
            raise LayoutError(f"lacks {', '.join(lacks)}", place=f"row {number}")
    cells = {name: [None if row[name] is None else str(row[name]) for row in rows] for name in names}
    return pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String())), notes


def _from_csv(table: Table, body: bytes) -> pl.DataFrame:
    """Rows of a CSV; LayoutError when its first line is no heading line."""
    first = readable(body).split(b"\n", 1)[0].decode(errors="replace").strip()
    try:
        cells = next(csv.reader([first]), [])
    except csv.Error:  # line ends inside: no text at all, or UTF-16
        cells = []
    if not {_plain_name(cell) for cell in cells} & table.names.keys():
        wanted = ",".join(field.heading for field in table.fields[: max(len(cells), 4)])
        raise LayoutError(
            f"the heading line is missing: the first line is {first[:60]!r}. Put it back above the rows, with "
            f"a name for each column ({wanted} and so on), or download the file again"
        )
    return from_csv(body)


def _under_wire_names(table: Table, text: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """``text`` under the names of the wire, what is not known left out with a note."""
    known = table.names
    wires = {name: known[_plain_name(name)] for name in text.columns if _plain_name(name) in known}
    if len(set(wires.values())) < len(wires):
        raise LayoutError("a heading is there twice")
    unknown = [name for name in text.columns if name not in wires]
    note = f"columns that are not known left out: {', '.join(map(repr, unknown))}"
    return text.select(*wires).rename(wires), (note,) if unknown and not table.is_selection else ()


def _absent(table: Table, dataset: Dataset, text: pl.DataFrame, *, is_file: bool) -> list[Field]:
    """Fields that ``text`` lacks and may lack; LayoutError for any in an answer, and for those that a file needs."""
    absent = [field for field in table.fields if field.wire not in text.columns]
    if not is_file and absent:
        raise LayoutError(f"missing fields {', '.join(field.wire for field in absent)}")
    needed = [
        field.heading
        for field in absent
        if field.name in dataset.key or not (field.is_nullable or field.missing is not None)
    ]
    if needed:
        boxes = ", ".join(map(repr, needed))
        raise LayoutError(
            f"the file has no column {boxes}, without which its rows say nothing or cannot be told apart: on the "
            f"table's page at fiscaldata.treasury.gov open the column selector, tick {boxes} and download it again"
        )
    numbers = {field.heading for field in table.fields if field.unit is not None}
    if not table.is_selection and numbers <= {field.heading for field in absent}:
        # Date and line number are in every table: such a file is of another one, or has no values.
        raise LayoutError(f"the file has none of the columns {', '.join(map(repr, sorted(numbers)))}")
    return absent


_FILE_MISSING = frozenset({"", "null", "NULL", "*", "(*)"})
MARKS = ("*", "(*)")


def _parse(table: Table, dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Rows of one page of the API, or of a file that was saved: the API's JSON, or a download of the site.

    CSV and JSON are told apart by the first character, columns by their names alone.
    """
    is_file = request.is_file
    if is_file and body.startswith(b"PK"):
        (body,) = members(body, most=1).values()  # the site packs large downloads
    if readable(body).startswith((b"{", b"[")):
        text, notes = _from_json(body, is_file=is_file)
    else:
        text, notes = _from_csv(table, body), ()
    text, unknown = _under_wire_names(table, text)
    notes += unknown
    absent = _absent(table, dataset, text, is_file=is_file)
    if is_file and table.only is not None and table.only[0] in text.columns:
        wire, values = table.only
        whole, text = text, text.filter(pl.col(wire).is_in(list(values)))
        if others := whole.height - text.height:
            notes += (f"{others} rows that are not {' or '.join(sorted(values))} left out",)
    text = text.with_columns(pl.lit(None, pl.String()).alias(field.wire) for field in absent)
    frame = _typed(table, dataset, text, is_file=is_file)
    for field in absent:
        if field.in_site_csv_from is not None:
            # A row without a date stays, and is refused further on.
            is_whole = (frame[dataset.date_column] >= field.in_site_csv_from).fill_null(True)
            if left_out := (~is_whole).sum():
                notes += (
                    f"{left_out} rows before {field.in_site_csv_from} left out: the site's downloads lack "
                    f"{field.heading!r}",
                )
            frame = frame.filter(is_whole)
    if silent := [repr(field.heading) for field in absent if field.in_site_csv_from is None]:
        notes += (f"no column {', '.join(silent)}: empty in new rows, as it was in rows that are held already",)
    for mark in MARKS:
        count = sum((text[field.wire] == mark).sum() for field in table.fields)
        notes += (f"{count} cells {mark!r} taken as missing",) if count else ()
    return Parsed(frame, notes, unsaid=tuple(field.name for field in absent))


def _typed(table: Table, dataset: Dataset, text: pl.DataFrame, *, is_file: bool) -> pl.DataFrame:
    """Cells of ``text`` in the types of the dataset, those without meaning empty or with their substitute."""
    dtypes = {field.wire: dataset.schema[field.name] for field in table.fields}
    if is_file:
        text = text.select(unspoilt(pl.col(wire), dtype) for wire, dtype in dtypes.items())
    typed = cast_columns(text, dtypes, table.missing | (_FILE_MISSING if is_file else frozenset()))
    typed = typed.select(pl.col(field.wire).alias(field.name) for field in table.fields)
    for name, dtype in typed.schema.items():
        if dtype == pl.String:
            _refuse_odd_text(typed[name], _LINE if name == LINE.name else _PLAIN)
    return typed.with_columns(
        pl.col(field.name).fill_null(field.missing) for field in table.fields if field.missing is not None
    )


_LINE, _PLAIN = r"^\d+$", r'^[^"]'


def _refuse_odd_text(cells: pl.Series, pattern: str) -> None:
    """ValueFormatError for a line that is no number, or text in quotation marks.

    Both are parts of keys: the same rows would come once more under other keys.
    """
    odd = (~cells.str.contains(pattern)).fill_null(False) & (cells != "")
    if odd.any():
        row = odd.arg_true()[0]
        raise ValueFormatError(f"{cells[row]!r} is no {cells.name}", place=f"row {row + 1}")


DOWNLOAD = "CSV, JSON or ZIP of the site's download, or JSON of the API"


def table_dataset(endpoint: str, cadence: Cadence, *columns: Field, **rest: Any) -> Dataset:
    """The dataset of an endpoint, called like the end of its path; ``rest`` is for `Table` and `Dataset`.

    A daily table is asked for the fourteen days before the newest once more, others for a hundred, unless it says so.
    """
    table = Table(
        endpoint, columns, **{field.name: rest.pop(field.name) for field in fields(Table) if field.name in rest}
    )
    usual = {"by_hand": DOWNLOAD, "window_days": 14 if cadence is Cadence.DAILY else 100}
    return Dataset(
        provider="fiscaldata",
        name=endpoint.rpartition("/")[2],
        cadence=cadence,
        columns=table.fields,
        date_column=next(field.name for field in table.fields if field.wire == table.date),
        licence=PUBLIC_DOMAIN,
        requests=partial(_requests, table),
        parse=partial(_parse, table),
        next_page=next_page,
        stated_rows=stated_rows,
        **(usual | rest),
    )


STATEMENT = Release(time(16, 0), "next business day by 16:00, says the Fiscal Service", business_days=1)
RECORD_DATE = Field(
    "record_date", "date", "Day of the statement", None, False, wire="record_date", heading="Record Date"
)


def amount(
    name: str, description: str, plausible: tuple[float, float], is_nullable: bool = False, **names: Any
) -> Field:
    """Whole US dollar millions."""
    return Field(name, "bigint", description, Unit.USD_MN, is_nullable, plausible=plausible, **names)


def transaction_amounts(*, may_lack_sums: bool = False) -> tuple[Field, ...]:
    """What the tables of transactions of the Daily Treasury Statement print of each line: its day, month and year."""
    day, month, year = (-200_000, 20_000_000), (-500_000, 100_000_000), (-1_000_000, 1_000_000_000)
    return tuple(
        amount(f"transaction_{span}_usd_mn", text, plausible, is_nullable, wire=f"transaction_{span}_amt",
               heading=f"Transactions {words}")
        for span, words, text, plausible, is_nullable in (
            ("today", "Today", "Amount of the day", day, False),
            ("mtd", "Month to Date", "Amount since the month began", month, may_lack_sums),
            ("fytd", "Fiscal Year to Date", "Amount since October", year, may_lack_sums),
        )
    )  # fmt: skip


def text_column(name: str, description: str, allowed: frozenset[str] | None = None, **names: Any) -> Field:
    """Text that every row has; by default its wire name is the column's name."""
    return Field(name, "varchar", description, is_nullable=False, allowed=allowed, **{"wire": name, **names})


def word(name: str, description: str, **names: Any) -> Field:
    """Text that a row may lack; by default its wire name is the column's name."""
    return Field(name, "varchar", description, **{"wire": name, **names})


def money(name: str, description: str, plausible: tuple[float, float], is_nullable: bool = True, **names: Any) -> Field:
    """US dollars and cents."""
    return Field(name, "decimal(18,2)", description, Unit.USD, is_nullable, plausible=plausible, **names)


def dollars(name: str, description: str, **names: Any) -> Field:
    """US dollars; whole ones, but the same table prints one of its columns with six decimals."""
    return Field(name, "double", description, Unit.USD, plausible=(0, 2e12), **names)


def millions(name: str, description: str, **names: Any) -> Field:
    """US dollar millions with four decimals in 2026, eight in 2021; a class can be as small as nothing."""
    return Field(name, "double", description, Unit.USD_MN, plausible=(-1e6, 1e8), **names)


def rate(name: str, description: str, plausible: tuple[float, float], **names: Any) -> Field:
    """Percent, a year where it is a rate of interest."""
    return Field(name, "double", description, Unit.PCT, plausible=plausible, **names)


DEBT_STATEMENT = Release(
    time(16, 0),
    "4th business day of the month after, says the dictionary; the hour is remembered",
    business_days=4,
    grace=timedelta(days=1),
)

STATEMENT_MONTH = Field(
    "record_date", "date", "Last day of the statement's month", None, False, wire="record_date", heading="Record Date"
)
LINE = text_column("src_line_nbr", "Line of the printed table, a label", heading="Source Line Number")
