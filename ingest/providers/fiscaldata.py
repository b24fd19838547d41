"""Treasury's FiscalData: the Daily and the Monthly Treasury Statement, the public debt and its securities, auctions.

No key. Every table comes in the same JSON envelope: `data` rows in which *everything is text* and a missing value is
the word `null`, `meta` with the count of all matching rows, `links` whose `next` is a fragment without filter, fields
and sort. The format printed in the metadata is not a scale, so the unit of every column is declared here. Envelope,
nulls, paging and the CSV files were seen in recordings; sizes and the maximal page are known from other people's code.
Whole rows are asked for, because the API groups and adds up rows that are alike in the fields named. Only the auctions
are asked for by name: 30 of 115 fields, with CUSIP and day of the auction among them, which no two rows share.

The site's own downloads are read too: CSV with pretty headings or JSON of `data` alone, newest first, and with the
columns that the user has ticked. The site ticks few at first; its source lists them (`selectColumns`). A body without a
nullable column leaves it unsaid, one without a key column is refused with the boxes to tick. Saved files are further
forgiven what spreadsheets do: dates as m/d/yyyy, thousands separators, blank lines.
Field names and headings are those of the site's data dictionary of January 2024 (a copy is in groditi/ustfd). What the
tables hold that no recording shows (the monthly statements, the securities, the deposits) was read off public reports
of live answers, above all the weekly probes in SecondOrderEdge/duration-monitor (docs/source_probe, to 2026-10-05).
fiscaldata.md lists each fact of the wire with what it rests on.

A new table is one `_dataset(...)` call whose fields say wire name, site heading and column. What must not be here: SQL,
the network, formulas.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import partial
from typing import Any

import msgspec
import polars as pl

from ingest.catalog import (
    PUBLIC_DOMAIN,
    Cadence,
    Column,
    Dataset,
    Parsed,
    Plan,
    Provider,
    Release,
    Request,
    Unit,
)
from ingest.decode import from_csv, from_json, members, readable, strict, unspoilt
from ingest.errors import EmptyBodyError, LayoutError

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
class Field:
    """One column on the wire. ``missing`` is what a `null` becomes; ``in_site_csv_from`` is set for a column that the
    site's downloads lack: its rows are complete from that date on, and older ones are left out of such a file."""

    wire: str
    heading: str
    column: Column
    missing: str | None = None
    in_site_csv_from: date | None = None


@dataclass(frozen=True)
class Table:
    """An endpoint: its path, its fields, and more names that may come along and are not taken over.

    ``date`` is the wire name to filter by and the first to sort by, ``sort`` ends in something unique.
    ``is_selection`` says that the table is much wider than what we take: its fields are named in the request, and any
    other name may come along. ``missing`` are the cells that mean nothing. ``is_by_year`` cuts a long span into
    Requests of a year each. ``looks_ahead`` says that rows dated after today are there already. ``only`` is a field
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


# --- requests -------------------------------------------------------------------------------------------------------


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
    page = from_json(body, _Page, "")
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
    return from_json(body, _Page, "").meta.total_count


# --- parser ---------------------------------------------------------------------------------------------------------

_Row = Mapping[str, str | int | float | None]  # text on the wire; whoever saves it again may make numbers of it


class _Answer(msgspec.Struct):
    data: list[dict[str, str | None]]
    meta: _Meta


class _Saved(msgspec.Struct):
    data: list[dict[str, str | int | float | None]]
    meta: dict[str, Any] | None = None


def _from_json(dataset: Dataset, body: bytes, *, is_file: bool) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Rows of one answer of the API, or of a file: `data` with or without the rest, or the list of rows alone."""
    notes: tuple[str, ...] = ()
    rows: Sequence[_Row]
    if not is_file:
        rows = from_json(body, _Answer, dataset.id).data
    elif readable(body, dataset.id).startswith(b"["):
        rows = from_json(body, list[dict[str, str | int | float | None]], dataset.id)
    else:
        saved = from_json(body, _Saved, dataset.id)
        rows, total = saved.data, (saved.meta or {}).get("total-count")
        if isinstance(total, int) and total > len(rows):
            notes = (f"one page, {len(rows)} of {total} rows: save the others too",)
    if not rows:
        raise EmptyBodyError("the answer has no rows", dataset=dataset.id)
    names = list(dict.fromkeys(name for row in rows for name in row))
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            lacks = sorted(set(names) - row.keys())
            raise LayoutError(f"lacks {', '.join(lacks)}", dataset=dataset.id, place=f"row {number}")
    cells = {name: [None if row[name] is None else str(row[name]) for row in rows] for name in names}
    return pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String())), notes


def _from_csv(table: Table, dataset: Dataset, body: bytes) -> pl.DataFrame:
    """Rows of a CSV; LayoutError when its first line is no heading line."""
    first = readable(body, dataset.id).split(b"\n", 1)[0].decode(errors="replace").strip()
    try:
        cells = next(csv.reader([first]), [])
    except csv.Error:  # line ends inside: no text at all, or UTF-16
        cells = []
    if not {_plain_name(cell) for cell in cells} & table.names.keys():
        wanted = ",".join(field.heading for field in table.fields[: max(len(cells), 4)])
        raise LayoutError(
            f"the heading line is missing: the first line is {first[:60]!r}. Put it back above the rows, with "
            f"a name for each column ({wanted} and so on), or download the file again",
            dataset=dataset.id,
        )
    return from_csv(body, dataset.id)


def _under_wire_names(table: Table, dataset: Dataset, text: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """``text`` under the names of the wire, what is not known left out with a note."""
    known = table.names
    wires = {name: known[_plain_name(name)] for name in text.columns if _plain_name(name) in known}
    if len(set(wires.values())) < len(wires):
        raise LayoutError("a heading stands there twice", dataset=dataset.id)
    unknown = [name for name in text.columns if name not in wires]
    note = f"columns that are not known left out: {', '.join(map(repr, unknown))}"
    return text.select(*wires).rename(wires), (note,) if unknown and not table.is_selection else ()


def _absent(table: Table, dataset: Dataset, text: pl.DataFrame, *, is_file: bool) -> list[Field]:
    """Fields that ``text`` lacks and may lack; LayoutError for any in an answer, and for those that a file needs."""
    absent = [field for field in table.fields if field.wire not in text.columns]
    if not is_file and absent:
        raise LayoutError(f"missing fields {', '.join(field.wire for field in absent)}", dataset=dataset.id)
    needed = [
        field.heading
        for field in absent
        if field.column.name in dataset.key or not (field.column.is_nullable or field.missing is not None)
    ]
    if needed:
        boxes = ", ".join(map(repr, needed))
        raise LayoutError(
            f"the file has no column {boxes}, without which its rows say nothing or cannot be told apart: on the "
            f"table's page at fiscaldata.treasury.gov open the column selector, tick {boxes} and download it again",
            dataset=dataset.id,
        )
    numbers = {field.heading for field in table.fields if field.column.unit is not None}
    if not table.is_selection and numbers <= {field.heading for field in absent}:
        # Date and line number stand in every table: such a file is of another one, or says nothing.
        raise LayoutError(
            f"the file has none of the columns {', '.join(map(repr, sorted(numbers)))}", dataset=dataset.id
        )
    return absent


_FILE_MISSING = frozenset({"", "null", "NULL", "*", "(*)"})
_MARKS = ("*", "(*)")


def _parse(table: Table, dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Rows of one page of the API, or of a file that was saved: the API's JSON, or a download of the site.

    CSV and JSON are told apart by the first character, columns by their names alone.
    """
    is_file = request.is_file
    if is_file and body.startswith(b"PK"):
        (body,) = members(body, dataset.id, most=1).values()  # the site packs large downloads
    if readable(body, dataset.id).startswith((b"{", b"[")):
        text, notes = _from_json(dataset, body, is_file=is_file)
    else:
        text, notes = _from_csv(table, dataset, body), ()
    text, unknown = _under_wire_names(table, dataset, text)
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
    for mark in _MARKS:
        count = sum((text[field.wire] == mark).sum() for field in table.fields)
        notes += (f"{count} cells {mark!r} taken as missing",) if count else ()
    return Parsed(frame, notes, unsaid=tuple(field.column.name for field in absent))


def _typed(table: Table, dataset: Dataset, text: pl.DataFrame, *, is_file: bool) -> pl.DataFrame:
    """Cells of ``text`` in the types of the dataset, those that mean nothing empty or what stands for it."""
    series = []
    for field in table.fields:
        dtype, cells, missing = dataset.schema[field.column.name], text[field.wire], table.missing
        if is_file:
            cells, missing = unspoilt(cells, dtype), missing | _FILE_MISSING
        typed = strict(cells, dtype, dataset.id, missing).alias(field.column.name)
        series.append(typed if field.missing is None else typed.fill_null(field.missing))
    return pl.DataFrame(series)


def _dataset(table: Table, **rest: Any) -> Dataset:
    return Dataset(
        provider="fiscaldata",
        columns=tuple(field.column for field in table.fields),
        date_column=next(field.column.name for field in table.fields if field.wire == table.date),
        licence=PUBLIC_DOMAIN,
        requests=partial(_requests, table),
        parse=partial(_parse, table),
        next_page=next_page,
        stated_rows=stated_rows,
        **rest,
    )


# --- datasets -------------------------------------------------------------------------------------------------------

DOWNLOAD = "CSV, JSON or ZIP of the site's download, or JSON of the API"
STATEMENT = Release(time(16, 0), "next business day by 16:00, says the Fiscal Service", business_days=1)
RECORD_DATE = Field("record_date", "Record Date", Column("record_date", "date", "Day of the statement", None, False))


def _amount(name: str, description: str, plausible: tuple[float, float], is_nullable: bool = False) -> Column:
    return Column(name, "bigint", description, Unit.USD_MN, is_nullable, plausible=plausible)


def _text(name: str, description: str, allowed: frozenset[str] | None = None) -> Column:
    return Column(name, "varchar", description, is_nullable=False, allowed=allowed)


def _word(name: str, description: str) -> Column:
    return Column(name, "varchar", description)


def _money(name: str, description: str, plausible: tuple[float, float], is_nullable: bool = True) -> Column:
    """US dollars and cents."""
    return Column(name, "decimal(18,2)", description, Unit.USD, is_nullable, plausible=plausible)


def _dollars(name: str, description: str) -> Column:
    """US dollars; whole ones, but the same table prints one of its columns with six decimals."""
    return Column(name, "double", description, Unit.USD, plausible=(0, 2e12))


def _millions(name: str, description: str) -> Column:
    """US dollar millions with four decimals in 2026, eight in 2021; a class can be as small as nothing."""
    return Column(name, "double", description, Unit.USD_MN, plausible=(-1e6, 1e8))


def _rate(name: str, description: str, plausible: tuple[float, float]) -> Column:
    return Column(name, "double", description, Unit.PCT, plausible=plausible)


# A record date is the last calendar day of its month, so counting business days from it counts those of the next month.
MONTHLY_STATEMENT = Release(
    time(14, 0),
    "8th business day of the month after, 14:00, says the Fiscal Service; later in a shutdown and for September",
    business_days=8,
    grace=timedelta(days=2),
    is_stopped_by_shutdown=True,
)
DEBT_STATEMENT = Release(
    time(16, 0),
    "4th business day of the month after, says the dictionary; the hour is remembered",
    business_days=4,
    grace=timedelta(days=1),
)

STATEMENT_MONTH = Field(
    "record_date", "Record Date", Column("record_date", "date", "Last day of the statement's month", None, False)
)
LINE = Field("src_line_nbr", "Source Line Number", _text("src_line_nbr", "Line of the printed table, a label"))

# Months (150 to 900 billion) and years to date alike; a factor of 1000 leaves it in both directions.
FLOW = (1e10, 1e13)
_MTS_LABELS = (
    Field(
        "classification_desc",
        "Classification Description",
        _text("classification_desc", "What the line is: a month, a header, a total, an account"),
    ),
    Field("sequence_number_cd", "Sequence Number Code", _word("sequence_number_cd", "Place in the outline, like 2.6")),
    Field("data_type_cd", "Data Type Code", _word("data_type_cd", "D detail, S header, T total")),
    Field("record_type_cd", "Record Type Code", _word("record_type_cd", "MTH month, SL special line, GL ledger")),
)
_MTS_ALSO = (
    ("parent_id", "Parent ID"),
    ("classification_id", "Classification ID"),
    ("print_order_nbr", "Print Order Sequence Number"),
    ("line_code_nbr", "Line Code Number"),
    ("sequence_level_nbr", "Sequence Level Number"),
)

OPERATING_CASH_BALANCE = _dataset(
    Table(
        "v1/accounting/dts/operating_cash_balance",
        (
            RECORD_DATE,
            # Open set. Seen: Federal Reserve Account (to 2021-09-30), Treasury General Account (TGA) (to 2022-04-15);
            # from 2022-04-18 its Opening Balance, its Closing Balance, Total TGA Deposits (Table II) and Withdrawals;
            # beside them Supplementary Financing Program Account and Short-Term Cash Investments (Table V). Only in
            # text files or remembered: Tax and Loan Note Accounts (Table V), Total Operating Balance.
            Field("account_type", "Type of Account", _text("account_type", "Line of the table; filter, never add up")),
            Field(
                "open_today_bal",
                "Opening Balance Today",
                _amount(
                    "open_today_usd_mn",
                    "Opening balance; from 2022-04-18 the amount of the line, whatever the line is",
                    (-100_000, 4_000_000),
                ),
            ),
            Field(
                "close_today_bal",
                "Closing Balance Today",
                _amount(
                    "close_today_usd_mn",
                    "Closing balance; empty from 2022-04-18, when closing has a line of its own",
                    (-100_000, 4_000_000),
                    is_nullable=True,
                ),
                in_site_csv_from=date(2022, 4, 18),
            ),
        ),
        also=(
            ("open_month_bal", "Opening Balance This Month"),
            ("open_fiscal_year_bal", "Opening Balance This Fiscal Year"),
        ),
    ),
    name="operating_cash_balance",
    title="Treasury's operating cash balance",
    by_hand=f"{DOWNLOAD}; rows before 2022-04-18 need `Closing Balance Today`",
    description="Balance of the Treasury General Account by day, in the three layouts the statement has had.",
    key=("record_date", "account_type"),
    cadence=Cadence.DAILY,
    release=STATEMENT,
    start=date(2005, 10, 3),
    window_days=14,
    rests_on="recordings of 2018-2019 and 2021-2025; years before 2018 on the dictionary and on text statements",
)

PUBLIC_DEBT_TRANSACTIONS = _dataset(
    Table(
        "v1/accounting/dts/public_debt_transactions",
        (
            RECORD_DATE,
            Field(
                "transaction_type",
                "Transaction Type",
                _text("transaction_type", "Issues or Redemptions", frozenset({"Issues", "Redemptions"})),
            ),
            Field(
                "security_market",
                "Security Marketability",
                _text("security_market", "Marketable or Nonmarketable; empty where the statement has none"),
                missing="",
            ),
            Field(
                "security_type", "Security Type", _text("security_type", "Bills, Notes, Bonds and so on"), missing=""
            ),
            Field(
                "security_type_desc",
                "Security Type Description",
                _text("security_type_desc", "Finer class, such as Cash Management Series; empty where there is none"),
                missing="",
            ),
            Field(
                "transaction_today_amt",
                "Transactions Today",
                _amount("transaction_today_usd_mn", "Amount of the day", (-200_000, 20_000_000)),
            ),
            Field(
                "transaction_mtd_amt",
                "Transactions Month to Date",
                _amount("transaction_mtd_usd_mn", "Amount since the month began", (-500_000, 100_000_000)),
            ),
            Field(
                "transaction_fytd_amt",
                "Transactions Fiscal Year to Date",
                _amount("transaction_fytd_usd_mn", "Amount since October", (-1_000_000, 1_000_000_000)),
            ),
        ),
    ),
    name="public_debt_transactions",
    title="Issues and redemptions of the public debt",
    by_hand=DOWNLOAD,
    description="Gross issues and redemptions by kind of security and day. Inflation-protected and floating-rate "
    "securities are inside Notes and Bonds; accretion is an issue line of its own.",
    key=("record_date", "transaction_type", "security_market", "security_type", "security_type_desc"),
    cadence=Cadence.DAILY,
    release=STATEMENT,
    start=date(2005, 10, 3),
    window_days=14,
    rests_on="the site's CSV of 2021-06 to 2026-06 and the dictionary; no recording of the API's own answer",
)

DEPOSITS_WITHDRAWALS = _dataset(
    Table(
        "v1/accounting/dts/deposits_withdrawals_operating_cash",
        (
            RECORD_DATE,
            # Open set. Reported by people who look at the API: Treasury General Account (TGA) for the single lines, and
            # Treasury General Account Total Deposits and Total Withdrawals for one line a day each.
            Field("account_type", "Type of Account", _text("account_type", "Account, or the total that the line is")),
            Field(
                "transaction_type",
                "Transaction Type",
                _text("transaction_type", "Deposits or Withdrawals; empty where the statement has none"),
                missing="",
            ),
            Field(
                "transaction_catg",
                "Transaction Category",
                _text("transaction_catg", "Programme or tax, renamed on 2023-02-14; empty in the lines of totals"),
                missing="",
            ),
            Field(
                "transaction_catg_desc",
                "Transaction Category Description",
                _text("transaction_catg_desc", "Second tier of the category; empty where there is none"),
                missing="",
            ),
            LINE,
            Field(
                "transaction_today_amt",
                "Transactions Today",
                _amount("transaction_today_usd_mn", "Amount of the day", (-200_000, 20_000_000)),
            ),
            Field(
                "transaction_mtd_amt",
                "Transactions Month to Date",
                _amount("transaction_mtd_usd_mn", "Amount since the month began", (-500_000, 100_000_000), True),
            ),
            Field(
                "transaction_fytd_amt",
                "Transactions Fiscal Year to Date",
                _amount("transaction_fytd_usd_mn", "Amount since October", (-1_000_000, 1_000_000_000), True),
            ),
        ),
        is_by_year=True,  # 468,609 rows in mid-2026, about 22,000 or three pages a year
    ),
    name="deposits_withdrawals_operating_cash",
    title="Deposits and withdrawals of operating cash",
    by_hand=DOWNLOAD,
    description="Table II of the Daily Treasury Statement: what came into Treasury's account and what went out, by "
    "programme and day. Holds totals and the cash side of the public debt beside the single lines: never add up all.",
    # Documented is only that the line is a row of the printed table; deposits and withdrawals are two such tables.
    key=("record_date", "transaction_type", "src_line_nbr"),
    cadence=Cadence.DAILY,
    release=STATEMENT,
    start=date(2005, 10, 3),
    window_days=14,
    full_every_days=90,
    rests_on="the dictionary and public code that reads it live (totals, debt lines); no recording",
)

DEBT_TO_PENNY = _dataset(
    Table(
        "v2/accounting/od/debt_to_penny",
        (
            RECORD_DATE,
            Field(
                "debt_held_public_amt",
                "Debt Held by the Public",
                _money(
                    "debt_held_public_usd",
                    "Debt held outside the federal government; empty on most days before 2005-03-31",
                    (2e12, 9e13),
                ),
            ),
            Field(
                "intragov_hold_amt",
                "Intragovernmental Holdings",
                _money("intragov_hold_usd", "Debt held by federal accounts; empty as the column before", (9e11, 3e13)),
            ),
            Field(
                "tot_pub_debt_out_amt",
                "Total Public Debt Outstanding",
                _money("tot_pub_debt_out_usd", "Both together", (4e12, 1e14), is_nullable=False),
            ),
        ),
    ),
    name="debt_to_penny",
    title="Debt to the penny",
    by_hand=DOWNLOAD,
    description="Total public debt outstanding on every business day, and its two parts.",
    key=("record_date",),
    cadence=Cadence.DAILY,
    release=Release(
        time(15, 0),
        "at the end of each business day for the one before it, says the dictionary; about 15:00, remembered",
        business_days=1,
    ),
    start=date(1993, 4, 1),
    window_days=14,
    rests_on="recording of 2025Q1; all days of 2000-01 to 2025-06 in a rebuilt table",
)

MTS_TABLE_1 = _dataset(
    Table(
        "v1/accounting/mts/mts_table_1",
        (
            STATEMENT_MONTH,
            LINE,
            *_MTS_LABELS,
            Field(
                "current_month_gross_rcpt_amt",
                "Current Month Gross Receipts Amount",
                _money("gross_receipts_usd", "Receipts of the month, or of the year to date, that the row names", FLOW),
            ),
            Field(
                "current_month_gross_outly_amt",
                "Current Month Gross Outlay Amount",
                _money("gross_outlays_usd", "Outlays of the month, or of the year to date, that the row names", FLOW),
            ),
            Field(
                "current_month_dfct_sur_amt",
                "Current Month Deficit Surplus Amount",
                _money("deficit_usd", "Outlays less receipts: positive is a deficit", (-1e12, 5e12)),
            ),
        ),
        also=_MTS_ALSO,
    ),
    name="mts_table_1",
    title="Receipts, outlays and deficit by month",
    by_hand=DOWNLOAD,
    description="Table 1 of the Monthly Treasury Statement. One statement (record_date) has a row for each month of "
    "the fiscal year before and of its own so far, each block behind a header FY and before a row Year-to-Date. The "
    "statement's own month is in the second block (sequence_number_cd 2.n), with its name in classification_desc.",
    # Not classification_id, which is another one in each publication: a correction would be a new row.
    key=("record_date", "src_line_nbr"),
    cadence=Cadence.MONTHLY,
    release=MONTHLY_STATEMENT,
    start=date(2015, 3, 31),
    window_days=100,
    # 3,117 rows on 2026-10-05: exactly 16 a statement (12 months, 2 headers, 2 totals) and one for each month so far.
    rests_on="a whole statement of 2026-07 as the API gave it; the dictionary; the row count in a public report",
)

MTS_TABLE_6 = _dataset(
    Table(
        "v1/accounting/mts/mts_table_6",
        (
            STATEMENT_MONTH,
            LINE,
            *_MTS_LABELS,
            Field(
                "current_month_net_txn_amt",
                "Current Month Net Transaction Amount",
                _money("current_month_net_txn_usd", "Net transactions of the month", (-6e12, 6e12)),
            ),
            Field(
                "fytd_net_txn_amt",
                "Fiscal Year to Date Net Transaction Amount",
                _money("fytd_net_txn_usd", "Net transactions since October", (-9e12, 9e12)),
            ),
            Field(
                "prior_fytd_net_txn_amt",
                "Prior Fiscal Year to Date Net Transaction Amount",
                _money("prior_fytd_net_txn_usd", "The same a year before", (-9e12, 9e12)),
            ),
            Field(
                "begin_year_acct_bal_amt",
                "Beginning Year Account Balance Amount",
                _money("begin_year_acct_bal_usd", "Balance when the fiscal year began", (-1e14, 1e14)),
            ),
            Field(
                "begin_month_acct_bal_amt",
                "Beginning Month Account Balance Amount",
                _money("begin_month_acct_bal_usd", "Balance when the month began", (-1e14, 1e14)),
            ),
            Field(
                "close_month_acct_bal_amt",
                "Closing Month Account Balance Amount",
                _money("close_month_acct_bal_usd", "Balance at the end of the month", (-1e14, 1e14)),
            ),
        ),
        also=_MTS_ALSO,
    ),
    name="mts_table_6",
    title="Means of financing the deficit",
    by_hand=DOWNLOAD,
    description="Table 6 of the Monthly Treasury Statement: borrowing from the public, other liabilities, less cash "
    "and other assets. Lines of totals stand among their parts; assets are deducted, so more cash is positive.",
    key=("record_date", "src_line_nbr"),
    cadence=Cadence.MONTHLY,
    release=MONTHLY_STATEMENT,
    start=date(2015, 3, 31),
    window_days=100,
    rests_on="the dictionary; the names of three totals in the site's own code; no recording",
)

MSPD_TABLE_1 = _dataset(
    Table(
        "v1/debt/mspd/mspd_table_1",
        (
            STATEMENT_MONTH,
            Field(
                "src_line_nbr",
                "Source Line Number",
                _word("src_line_nbr", "Line of the printed table, a label; empty in a site download without it"),
            ),
            Field(
                "security_type_desc",
                "Security Type Description",
                _text("security_type_desc", "Marketable, Nonmarketable, or the name of a total"),
            ),
            Field(
                "security_class_desc",
                "Security Class Description",
                _text("security_class_desc", "Bills, Notes and so on; an underscore in the lines of totals"),
                missing="",
            ),
            Field(
                "debt_held_public_mil_amt",
                "Debt Held by the Public (in Millions)",
                _millions("debt_held_public_usd_mn", "Held outside the federal government"),
            ),
            Field(
                "intragov_hold_mil_amt",
                "Intragovernmental Holdings (in Millions)",
                _millions("intragov_hold_usd_mn", "Held by federal accounts"),
            ),
            Field(
                "total_mil_amt",
                "Total Public Debt Outstanding (in Millions)",
                _millions("total_usd_mn", "Both together"),
            ),
        ),
        missing=frozenset({"null", *_MARKS}),
    ),
    name="mspd_table_1",
    title="Public debt by class of security",
    by_hand=DOWNLOAD,
    description="Summary of the Monthly Statement of the Public Debt: about 15 lines a month, three of them totals.",
    # Not the line, which the site's download lacks unless its box is ticked: the two labels tell the rows of a month
    # apart in every recorded one (12 downloaded statements of 14 rows to 2025-10). Two rows alike would be refused.
    key=("record_date", "security_type_desc", "security_class_desc"),
    cadence=Cadence.MONTHLY,
    release=DEBT_STATEMENT,
    start=date(2001, 1, 31),
    window_days=100,
    rests_on="the site's download of 2024-11 to 2025-10; one quoted row of 2025-02 with its envelope; the dictionary",
)

MSPD_TABLE_3_MARKET = _dataset(
    Table(
        "v1/debt/mspd/mspd_table_3_market",
        (
            STATEMENT_MONTH,
            LINE,
            Field(
                "security_class1_desc",
                "Security Class 1 Description",
                _text("security_class1_desc", "Bills Maturity Value, Notes, Bonds and so on, or Total Marketable"),
                missing="",
            ),
            Field(
                "security_class2_desc",
                "Security Class 2 Description",
                _text("security_class2_desc", "CUSIP, or the name of a total; empty where the statement has neither"),
                missing="",
            ),
            Field(
                "interest_rate_pct",
                "Interest Rate",
                _rate("interest_rate_pct", "Coupon, a year; empty for bills", (0, 20)),
            ),
            Field("yield_pct", "Yield", _rate("yield_pct", "Yield at auction, a year; real for TIPS", (-5, 20))),
            Field(
                "issue_date",
                "Issue Date",
                Column("issue_date", "date", "Day on which this tranche was issued; empty in the lines of totals"),
            ),
            Field(
                "maturity_date",
                "Maturity Date",
                Column("maturity_date", "date", "Day on which it falls due; empty in the lines of totals"),
            ),
            Field(
                "issued_amt",
                "Issued Amount (in Millions)",
                _millions("issued_usd_mn", "Issued in this tranche"),
            ),
            Field(
                "inflation_adj_amt",
                "Amount Adjusted for Inflation (in Millions)",
                _millions("inflation_adj_usd_mn", "Accretion to the principal of TIPS, inside what is outstanding"),
            ),
            Field(
                "redeemed_amt",
                "Redeemed Amount (in Millions)",
                _millions("redeemed_usd_mn", "Redeemed early or bought back, a negative number"),
            ),
            Field(
                "outstanding_amt",
                "Outstanding Amount (in Millions)",
                _millions("outstanding_usd_mn", "Outstanding of the whole CUSIP, in one of its rows, else empty"),
            ),
        ),
        also=(
            ("security_type_desc", "Security Type Description"),
            ("series_cd", "Series Code"),
            ("interest_pay_date_1", "Interest Payable Date 1"),
            ("interest_pay_date_2", "Interest Payable Date 2"),
            ("interest_pay_date_3", "Interest Payable Date 3"),
            ("interest_pay_date_4", "Interest Payable Date 4"),
            # Table 3 itself, of which this is the marketable half, can be downloaded too and has these beside them.
            ("security_class3_desc", "Security Class 3 Description"),
            ("prior_month_outstanding_amt", "Prior Month Outstanding Amount (in Millions)"),
            ("current_month_issued_amt", "Current Month Issued Amount (in Millions)"),
            ("current_month_redeemed_amt", "Current Month Redeemed Amount (in Millions)"),
            ("current_month_outstanding_amt", "Current Month Outstanding Amount (in Millions)"),
        ),
        # In table 3 the marketable rows are lines 1 to 825 without a gap and the others follow (2023-09-30), so that
        # leaving those out leaves the lines of this table.
        only=("security_type_desc", frozenset({"Marketable", "Total Marketable"})),
        # An asterisk stands for less than half a million in the printed statement; in the API it was only reported.
        missing=frozenset({"null", *_MARKS}),
    ),
    name="mspd_table_3_market",
    title="Every outstanding marketable security",
    by_hand=f"{DOWNLOAD}; tick `Source Line Number`. Table 3 itself too: its marketable rows",
    description="Detail of the Monthly Statement of the Public Debt: a row for each tranche of each CUSIP, totals "
    "among them. What is outstanding of a CUSIP stands in one of its rows only; rows of totals have no maturity date.",
    key=("record_date", "src_line_nbr"),
    cadence=Cadence.MONTHLY,
    release=DEBT_STATEMENT,
    start=date(2001, 1, 31),
    window_days=100,
    full_every_days=90,  # 154,292 rows in October 2026
    ordered=(("issue_date", "maturity_date"),),
    rests_on="the site's download of table 3 of 2023-09; the dictionary and public reports of live answers",
)

AUCTIONS_QUERY = _dataset(
    Table(
        "v1/accounting/od/auctions_query",
        (
            Field("cusip", "CUSIP", _text("cusip", "CUSIP; comes again when the security is reopened")),
            Field(
                "auction_date",
                "Auction Date",
                Column("auction_date", "date", "Day of the auction, up to two weeks ahead", None, False),
            ),
            Field("security_type", "Security Type", _word("security_type", "Bill, Note or Bond")),
            Field("security_term", "Security Term", _word("security_term", "Time to run, such as 13-Week")),
            Field(
                "original_security_term",
                "Original Security Term",
                _word("original_security_term", "Time to run when it was first issued"),
            ),
            Field("reopening", "Reopening", _word("reopening", "Yes when more of an old security is sold")),
            Field(
                "cash_management_bill_cmb",
                "Cash Management Bill (CMB)",
                _word("cash_management_bill", "Yes for a cash management bill"),
            ),
            Field("floating_rate", "Floating Rate", _word("floating_rate", "Yes for a floating-rate note")),
            Field(
                "inflation_index_security",
                "Inflation Index Security",
                _word("inflation_index_security", "Yes for TIPS"),
            ),
            Field(
                "announcemt_date",
                "Announcement Date",
                Column("announcement_date", "date", "Day on which the auction was announced"),
            ),
            Field("issue_date", "Issue Date", Column("issue_date", "date", "Day of settlement")),
            Field("maturity_date", "Maturity Date", Column("maturity_date", "date", "Day on which it falls due")),
            Field("offering_amt", "Offering Amount", _dollars("offering_usd", "Offered to the public")),
            Field(
                "total_tendered", "Total Tendered", _dollars("total_tendered_usd", "Bids, the Fed's add-on included")
            ),
            Field(
                "total_accepted",
                "Total Accepted",
                _dollars("total_accepted_usd", "Sold, the Fed's add-on included; empty until the auction"),
            ),
            Field(
                "soma_accepted",
                "SOMA Accepted",
                _dollars("soma_accepted_usd", "Add-on to the Fed for maturing holdings, on top of the offering"),
            ),
            Field(
                "primary_dealer_accepted",
                "Primary Dealer Accepted",
                _dollars("primary_dealer_accepted_usd", "Sold to primary dealers; from 2008-04-07"),
            ),
            Field(
                "direct_bidder_accepted",
                "Direct Bidder Accepted",
                _dollars("direct_bidder_accepted_usd", "Sold to other direct bidders; from 2008-04-07"),
            ),
            Field(
                "indirect_bidder_accepted",
                "Indirect Bidder Accepted",
                _dollars("indirect_bidder_accepted_usd", "Sold to customers of bidders; from 2008-04-07"),
            ),
            Field(
                "noncomp_accepted",
                "Noncompetitive Accepted",
                _dollars("noncomp_accepted_usd", "Sold without competition"),
            ),
            Field(
                "fima_noncomp_accepted",
                "FIMA Noncompetitive Accepted",
                _dollars("fima_noncomp_accepted_usd", "Sold to foreign official accounts at the Fed"),
            ),
            Field(
                "est_pub_held_mat_by_type_amt",
                "Estimated Amount of Publicly Held Maturing Securities by Type",
                _dollars(
                    "est_public_maturing_usd",
                    "Falls due to the public on the day of settlement: the same in all its rows, never add up",
                ),
            ),
            Field(
                "bid_to_cover_ratio",
                "Bid-to-Cover Ratio",
                Column("bid_to_cover_ratio", "double", "Bids over sales", Unit.RATIO, plausible=(0, 100)),
            ),
            Field(
                "high_discnt_rate",
                "High Discount Rate",
                _rate("high_discount_rate_pct", "Highest discount rate accepted, bills", (-5, 25)),
            ),
            Field(
                "high_investment_rate",
                "High Investment Rate",
                _rate("high_investment_rate_pct", "The same as a coupon equivalent, bills", (-5, 25)),
            ),
            Field(
                "high_yield",
                "High Yield",
                _rate("high_yield_pct", "Highest yield accepted, notes and bonds", (-5, 25)),
            ),
            Field(
                "avg_med_yield",
                "Average/Median Yield",
                _rate("median_yield_pct", "Median yield of competitive bids, the average before it was", (-5, 25)),
            ),
            Field(
                "high_discnt_margin",
                "High Discount Margin",
                _rate("high_discount_margin_pct", "Highest margin accepted, floating-rate notes", (-5, 25)),
            ),
            Field("int_rate", "Interest Rate", _rate("interest_rate_pct", "Coupon, a year", (0, 25))),
            Field(
                "allocation_pctage",
                "Allocation Percentage",
                _rate("allocation_pct", "Share allotted of bids at the highest rate", (0, 100)),
            ),
        ),
        date="auction_date",
        sort="auction_date,cusip",
        is_selection=True,  # 30 of 115 fields
        looks_ahead=True,
    ),
    name="auctions_query",
    title="Auctions of Treasury securities",
    by_hand=f"{DOWNLOAD}; the first columns hold no amounts, tick what you want",
    description="Announced and held auctions. An announced one is there before it is held, without results; its row is "
    "changed when they are out, so that the history of a row holds both.",
    key=("cusip", "auction_date"),
    cadence=Cadence.WEEKLY,  # not every day has one, every week has
    release=Release(
        time(17, 0),
        "results come minutes after bidding closes at 11:30 or 13:00 New York; the hour of this table is remembered",
    ),
    start=date(1979, 1, 1),
    lead_days=14,  # auctions are announced up to a week ahead
    window_days=35,
    ordered=(("auction_date", "issue_date", "maturity_date"),),
    rests_on="recording of 25 bills of January 2026; six columns of the site's download of 1979-10 to 2025-12; an "
    "announced row in a public report of a live answer",
)

AVG_INTEREST_RATES = _dataset(
    Table(
        "v2/accounting/od/avg_interest_rates",
        (
            STATEMENT_MONTH,
            Field(
                "security_type_desc",
                "Security Type Description",
                _text("security_type_desc", "Marketable, Non-marketable or Interest-bearing Debt"),
            ),
            # Open set, with drift: Inflation-Indexed Notes and Bonds until TIPS, TotalMarketable in one month.
            Field("security_desc", "Security Description", _text("security_desc", "Kind of security, or a total")),
            Field(
                "avg_interest_rate_amt",
                "Average Interest Rate Amount",
                _rate("avg_interest_rate_pct", "Interest a year over what is outstanding", (-1, 20)),
            ),
        ),
    ),
    name="avg_interest_rates",
    title="Average interest rates on the public debt",
    by_hand=DOWNLOAD,
    description="What the Treasury pays on each kind of security; totals leave out TIPS and floating-rate notes.",
    key=("record_date", "security_desc"),
    cadence=Cadence.MONTHLY,
    release=DEBT_STATEMENT,
    start=date(2001, 1, 31),
    window_days=100,
    rests_on="all 4,759 rows to 2025-05 in a rebuilt table; two rows of a live answer in a public report",
)

PROVIDER = Provider(
    name="fiscaldata",
    title="US Treasury, FiscalData",
    homepage="https://fiscaldata.treasury.gov",
    hosts=("api.fiscaldata.treasury.gov",),
    datasets=(
        OPERATING_CASH_BALANCE,
        PUBLIC_DEBT_TRANSACTIONS,
        DEPOSITS_WITHDRAWALS,
        DEBT_TO_PENNY,
        MTS_TABLE_1,
        MTS_TABLE_6,
        MSPD_TABLE_1,
        MSPD_TABLE_3_MARKET,
        AUCTIONS_QUERY,
        AVG_INTEREST_RATES,
    ),
)
