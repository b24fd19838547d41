"""Treasury's FiscalData: the Daily and the Monthly Treasury Statement, the public debt and its securities, auctions.

No key. Every table comes in the same JSON envelope: `data` rows in which *everything is text* and a missing value is
the word `null`, `meta` with the count of all matching rows, `links` whose `next` is a fragment without filter, fields
and sort. The format printed in the metadata is not a scale, so the unit of every column is declared here. The site's
own CSV download has other headings and, for the operating cash balance, lacks the closing column. Envelope, nulls,
paging and both CSV files were seen in recordings; sizes and the maximal page are known from other people's code.
Field names and headings are those of the site's data dictionary of January 2024 (a copy is in groditi/ustfd). What the
tables hold that no recording shows (the monthly statements, the securities, the deposits) was read off public reports
of live answers, above all the weekly probes in SecondOrderEdge/duration-monitor (docs/source_probe, to 2026-10-05).
fiscaldata.md lists each fact of the wire with what it rests on.

A new table is one `_dataset(...)` call whose fields say wire name, site heading and column. What must not be here: SQL,
the network, formulas.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from ingest.decode import from_csv, from_json, readable, strict
from ingest.errors import LayoutError

API = "https://api.fiscaldata.treasury.gov/services/api/fiscal_service"
PAGE_SIZE = 10_000  # the most that one page holds

# On nearly every table, by wire name and by the site's heading; known, and not taken over.
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
    site's CSV lacks: its rows are complete from that date on, and older ones are left out of a CSV."""

    wire: str
    heading: str
    column: Column
    missing: str | None = None
    in_site_csv_from: date | None = None


@dataclass(frozen=True)
class Table:
    """An endpoint: its path, its fields, and more names that may come along and are not taken over.

    ``date`` is the wire name to filter by and the first to sort by, ``sort`` ends in something unique.
    ``is_selection`` says that the table is much wider than what we take, so that any other name may come along.
    ``missing`` are the cells that mean nothing. ``is_by_year`` cuts a long span into Requests of a year each.
    ``looks_ahead`` says that rows dated after today are there already.
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

    @property
    def ignorable(self) -> dict[str, str]:
        """Names that are known and skipped: wire name to the site's heading."""
        taken = {field.wire for field in self.fields}
        return {name: heading for name, heading in (IGNORABLE | dict(self.also)).items() if name not in taken}

    @property
    def row(self) -> type[msgspec.Struct]:
        """A struct of text fields that refuses unknown names, unless the table is a selection."""
        required = [(field.wire, str) for field in self.fields]
        optional = [(name, str, "") for name in self.ignorable]
        return msgspec.defstruct("Row", [*required, *optional], forbid_unknown_fields=not self.is_selection)


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
    wires = [field.wire for field in table.fields]
    since = plan.since(dataset)
    firsts = _years(since, plan.today) if table.is_by_year else [since]
    for first, following in zip(firsts, [*firsts[1:], None], strict=True):
        last = following - timedelta(days=1) if following else None
        params = (
            # Named, because leaving text columns out makes the API group and add up the rest.
            ("fields", ",".join([*wires, *(key for key in table.sort.split(",") if key not in wires)])),
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


def _from_envelope(table: Table, dataset: Dataset, body: bytes) -> pl.DataFrame:
    envelope: Any = msgspec.defstruct("Envelope", [("data", list[table.row]), ("meta", _Meta)])  # type: ignore[name-defined]
    rows = from_json(body, envelope, dataset.id).data
    return pl.DataFrame(
        [pl.Series(field.wire, [getattr(row, field.wire) for row in rows], pl.String()) for field in table.fields]
    )


def _from_site_csv(table: Table, dataset: Dataset, body: bytes) -> tuple[pl.DataFrame, tuple[str, ...]]:
    frame = from_csv(body, dataset.id)
    wanted = {field.heading for field in table.fields}
    absent = [field for field in table.fields if field.heading not in frame.columns]
    missing = sorted(field.heading for field in absent if field.in_site_csv_from is None)
    unknown = sorted(set(frame.columns) - wanted - set(table.ignorable.values())) if not table.is_selection else []
    if missing or unknown:
        raise LayoutError(f"missing headings {missing}, unknown headings {unknown}", dataset=dataset.id)
    frame = frame.select(
        pl.col(field.heading).alias(field.wire)
        if field not in absent
        else pl.lit("null", pl.String()).alias(field.wire)
        for field in table.fields
    )
    notes = []
    for field in absent:
        # A row without a date stays, and is refused further on.
        is_whole = (pl.col("record_date") >= str(field.in_site_csv_from)).fill_null(True)
        left_out = frame.filter(~is_whole).height
        if left_out:
            notes.append(
                f"{left_out} rows before {field.in_site_csv_from} left out: the site's CSV lacks {field.heading!r}"
            )
        frame = frame.filter(is_whole)
    return frame, tuple(notes)


def _parse(table: Table, dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Rows of one page of the API, or of the site's CSV download; told apart by the first character."""
    notes: tuple[str, ...] = ()
    if readable(body, dataset.id).startswith((b"{", b"[")):
        text = _from_envelope(table, dataset, body)
    else:
        text, notes = _from_site_csv(table, dataset, body)
    frame = pl.DataFrame(
        [
            strict(text[field.wire], dataset.schema[field.column.name], dataset.id, table.missing).alias(
                field.column.name
            )
            for field in table.fields
        ]
    ).with_columns(
        pl.col(field.column.name).fill_null(field.missing) for field in table.fields if field.missing is not None
    )
    for mark in sorted(table.missing - {"null"}):
        count = sum((text[field.wire] == mark).sum() for field in table.fields)
        notes += (f"{count} cells {mark!r} taken as missing",) if count else ()
    return Parsed(frame, notes)


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
    rests_on="the dictionary, two rows and the row count in a public report of a live answer; no recording",
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
            LINE,
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
        missing=frozenset({"null", "*"}),
    ),
    name="mspd_table_1",
    title="Public debt by class of security",
    description="Summary of the Monthly Statement of the Public Debt: about 15 lines a month, three of them totals.",
    key=("record_date", "src_line_nbr"),
    cadence=Cadence.MONTHLY,
    release=DEBT_STATEMENT,
    start=date(2001, 1, 31),
    window_days=100,
    rests_on="one quoted row of 2025-02 with its envelope; labels of totals from public code; the dictionary",
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
        ),
        # An asterisk stands for less than half a million in the printed statement; in the API it was only reported.
        missing=frozenset({"null", "*"}),
    ),
    name="mspd_table_3_market",
    title="Every outstanding marketable security",
    description="Detail of the Monthly Statement of the Public Debt: a row for each tranche of each CUSIP, totals "
    "among them. What is outstanding of a CUSIP stands in one of its rows only; rows of totals have no maturity date.",
    key=("record_date", "src_line_nbr"),
    cadence=Cadence.MONTHLY,
    release=DEBT_STATEMENT,
    start=date(2001, 1, 31),
    window_days=100,
    full_every_days=90,  # 154,292 rows in October 2026
    rests_on="the dictionary, two rows and the rules of tranches in public reports of live answers; no recording",
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
    description="Announced and held auctions. An announced one is there before it is held, without results; its row is "
    "changed when they are out, so that the history of a row holds both.",
    key=("cusip", "auction_date"),
    cadence=Cadence.WEEKLY,  # not every day has one, every week has
    release=Release(
        time(17, 0),
        "results come minutes after bidding closes at 11:30 or 13:00 New York; the hour of this table is remembered",
    ),
    start=date(1979, 1, 1),
    window_days=35,
    rests_on="recording of 25 bills of January 2026; an announced row in a public report of a live answer",
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
