"""Treasury's FiscalData: the Daily Treasury Statement.

No key. Every table comes in the same JSON envelope: `data` rows in which *everything is text* and a missing value is
the word `null`, `meta` with the count of all matching rows, `links` whose `next` is a fragment without filter, fields
and sort. The format printed in the metadata is not a scale, so the unit of every column is declared here. The site's
own CSV download has other headings and, for the operating cash balance, lacks the closing column. Envelope, nulls,
paging and both CSV files were seen in recordings; sizes and the maximal page are known from other people's code.

A new table is one `_dataset(...)` call whose fields say wire name, site heading and column. What must not be here: SQL,
the network, formulas.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time
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
    """An endpoint: its path, its fields, and more names that may come along and are not taken over."""

    endpoint: str
    fields: tuple[Field, ...]
    also: tuple[tuple[str, str], ...] = ()
    sort: str = "record_date,src_line_nbr"

    @property
    def ignorable(self) -> dict[str, str]:
        """Names that are known and skipped: wire name to the site's heading."""
        return IGNORABLE | dict(self.also)

    @property
    def row(self) -> type[msgspec.Struct]:
        """A struct of text fields that refuses unknown names."""
        required = [(field.wire, str) for field in self.fields]
        optional = [(name, str, "") for name in self.ignorable]
        return msgspec.defstruct("Row", [*required, *optional], forbid_unknown_fields=True)


class _Meta(msgspec.Struct):
    total_count: int = msgspec.field(name="total-count")


class _Links(msgspec.Struct):
    next: str | None = None


class _Page(msgspec.Struct):
    meta: _Meta
    links: _Links


# --- requests -------------------------------------------------------------------------------------------------------


def _requests(table: Table, dataset: Dataset, plan: Plan) -> Iterable[Request]:
    since = plan.since(dataset)
    params = (
        # Named, because leaving text columns out makes the API group and add up the rest.
        ("fields", ",".join([*(field.wire for field in table.fields), "src_line_nbr"])),
        ("filter", f"record_date:gte:{since.isoformat()}"),
        ("sort", table.sort),  # pages may overlap without one that ends in something unique
        ("format", "json"),
        ("page[number]", "1"),
        ("page[size]", str(PAGE_SIZE)),
    )
    yield Request(f"{API}/{table.endpoint}", params, None, since, plan.today)


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
    unknown = sorted(set(frame.columns) - wanted - set(table.ignorable.values()))
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
            strict(text[field.wire], dataset.schema[field.column.name], dataset.id, frozenset({"null"})).alias(
                field.column.name
            )
            for field in table.fields
        ]
    ).with_columns(
        pl.col(field.column.name).fill_null(field.missing) for field in table.fields if field.missing is not None
    )
    return Parsed(frame, notes)


def _dataset(table: Table, **rest: Any) -> Dataset:
    return Dataset(
        provider="fiscaldata",
        columns=tuple(field.column for field in table.fields),
        date_column="record_date",
        licence=PUBLIC_DOMAIN,
        requests=partial(_requests, table),
        parse=partial(_parse, table),
        next_page=next_page,
        stated_rows=stated_rows,
        **rest,
    )


# --- datasets -------------------------------------------------------------------------------------------------------

STATEMENT = Release(time(16, 0), "next business day about 16:00, remembered", business_days=1)
RECORD_DATE = Field("record_date", "Record Date", Column("record_date", "date", "Day of the statement", None, False))


def _amount(name: str, description: str, plausible: tuple[float, float], is_nullable: bool = False) -> Column:
    return Column(name, "bigint", description, Unit.USD_MN, is_nullable, plausible=plausible)


def _text(name: str, description: str, allowed: frozenset[str] | None = None) -> Column:
    return Column(name, "varchar", description, is_nullable=False, allowed=allowed)


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

PROVIDER = Provider(
    name="fiscaldata",
    title="US Treasury, FiscalData",
    homepage="https://fiscaldata.treasury.gov",
    hosts=("api.fiscaldata.treasury.gov",),
    datasets=(OPERATING_CASH_BALANCE, PUBLIC_DEBT_TRANSACTIONS),
)
