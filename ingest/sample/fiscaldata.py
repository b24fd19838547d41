"""Treasury's FiscalData API on simulated values: the operating cash balance and the public debt transactions.

Compact JSON in the envelope data, meta, links; every value is text, what is missing is the text "null", links are query
fragments without filter or sort, pages hold what page[size] asks for and are refused beyond the last one. Both tables
come from the Daily Treasury Statement, out on the next business day at 16:00 New York, and are never revised. What must
not be here: how a value arises.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

import httpx

from ingest.calendars import add_business_days, new_york_to_utc
from ingest.sample.world import FIRST, HOPE_BONDS_END, World

HOST = "api.fiscaldata.treasury.gov"
_SERVICE = "/services/api/fiscal_service/"
_LARGEST_PAGE = 10_000
TGA_START = date(2021, 10, 1)  # until the day before, the account is called Federal Reserve Account
FOUR_ROWS_START = date(2022, 4, 18)  # from here the closing balance is a row of its own
_TGA = "Treasury General Account (TGA)"

Row = tuple[str, ...]


@dataclass(frozen=True)
class _Table:
    """A table: field name -> label, data type, data format; and its rows up to the end of a world, oldest first."""

    fields: dict[str, tuple[str, str, str]]
    rows: Callable[[World], Iterator[Row]]


_MONEY = ("CURRENCY0", "$1,000,000")  # printed for millions of dollars too: it is no scale
_TEXT = ("STRING", "String")
_CALENDAR_FIELDS = {
    "record_fiscal_year": ("Fiscal Year", "YEAR", "YYYY"),
    "record_fiscal_quarter": ("Fiscal Quarter Number", "QUARTER", "Q"),
    "record_calendar_year": ("Calendar Year", "YEAR", "YYYY"),
    "record_calendar_quarter": ("Calendar Quarter Number", "QUARTER", "Q"),
    "record_calendar_month": ("Calendar Month Number", "MONTH", "MM"),
    "record_calendar_day": ("Calendar Day Number", "DAY", "DD"),
}
_CASH_FIELDS = {
    "record_date": ("Record Date", "DATE", "YYYY-MM-DD"),
    "account_type": ("Type of Account", *_TEXT),
    "close_today_bal": ("Closing Balance Today", *_MONEY),
    "open_today_bal": ("Opening Balance Today", *_MONEY),
    "open_month_bal": ("Opening Balance This Month", *_MONEY),
    "open_fiscal_year_bal": ("Opening Balance This Fiscal Year", *_MONEY),
    "table_nbr": ("Table Number", *_TEXT),
    "table_nm": ("Table Name", *_TEXT),
    "sub_table_name": ("Sub Table Name", *_TEXT),
    "src_line_nbr": ("Source Line Number", "INTEGER", "10"),
    **_CALENDAR_FIELDS,
}
_DEBT_FIELDS = {
    "record_date": ("Record Date", "DATE", "YYYY-MM-DD"),
    "transaction_type": ("Transaction Type", *_TEXT),
    "security_market": ("Security Marketability", *_TEXT),
    "security_type": ("Security Type", *_TEXT),
    "security_type_desc": ("Security Type Description", *_TEXT),
    "transaction_today_amt": ("Transactions Today", *_MONEY),
    "transaction_mtd_amt": ("Transactions Month to Date", *_MONEY),
    "transaction_fytd_amt": ("Transactions Fiscal Year to Date", *_MONEY),
    "table_nbr": ("Table Number", *_TEXT),
    "table_nm": ("Table Name", *_TEXT),
    "src_line_nbr": ("Source Line Number", "INTEGER", "10"),
    **_CALENDAR_FIELDS,
}


def _calendar(day: date) -> Row:
    fiscal_year, fiscal_quarter = day.year + (day.month >= 10), (day.month - 10) % 12 // 3 + 1
    return (
        str(fiscal_year),
        str(fiscal_quarter),
        str(day.year),
        str((day.month + 2) // 3),
        f"{day:%m}",
        f"{day:%d}",
    )


def _cash_rows(world: World) -> Iterator[Row]:
    """Three layouts: one balance a day under two names, then four rows a day; millions of US dollars."""
    opening_month = opening_year = deposits_month = deposits_year = withdrawals_month = withdrawals_year = 0
    month = year = (0, 0)
    for day, (opening, deposits, withdrawals) in world.cash_flows_usd_mn.items():
        if (day.year, day.month) != month:
            month, opening_month, deposits_month, withdrawals_month = (day.year, day.month), opening, 0, 0
        if (day.year + (day.month >= 10), 0) != year:
            year, opening_year, deposits_year, withdrawals_year = (day.year + (day.month >= 10), 0), opening, 0, 0
        deposits_month, deposits_year = deposits_month + deposits, deposits_year + deposits
        withdrawals_month, withdrawals_year = withdrawals_month + withdrawals, withdrawals_year + withdrawals
        if day < FIRST:
            continue
        closing = world.tga_usd_mn[day]
        table = ("I", "Operating Cash Balance")
        if day < FOUR_ROWS_START:
            name = "Federal Reserve Account" if day < TGA_START else _TGA
            accounts: list[tuple[str, int | str, int, int, int]] = [
                (name, closing, opening, opening_month, opening_year),
                ("Supplementary Financing Program Account", 0, 0, 0, 0),
                ("Short-Term Cash Investments (Table V)", 0, 0, 0, 0),
            ]
            part = "Type of account"
        else:
            accounts = [
                (f"{_TGA} Opening Balance", "null", opening, opening_month, opening_year),
                ("Total TGA Deposits (Table II)", "null", deposits, deposits_month, deposits_year),
                ("Total TGA Withdrawals (Table II) (-)", "null", withdrawals, withdrawals_month, withdrawals_year),
                (f"{_TGA} Closing Balance", "null", closing, closing, closing),
            ]
            part = "Cash Balance Details"
        for line, (account, *amounts) in enumerate(accounts, start=1):
            yield (str(day), account, *map(str, amounts), *table, part, str(line), *_calendar(day))


def _debt_rows(world: World) -> Iterator[Row]:
    """Issues and redemptions by kind of security; line 14 (15 while Hope Bonds lasted) is the total, left out."""
    for day, lines in world.debt_transactions_usd_mn.items():
        if day < FIRST:
            continue
        calendar = _calendar(day)
        total_line = 15 if day <= HOPE_BONDS_END else 14
        for n, (label, *amounts) in enumerate(lines, start=1):
            line = n if n < total_line else n + 1
            yield (str(day), *label, *map(str, amounts), "IIIA", "Public Debt Transactions", str(line), *calendar)


_TABLES = {
    "v1/accounting/dts/operating_cash_balance": _Table(_CASH_FIELDS, _cash_rows),
    "v1/accounting/dts/public_debt_transactions": _Table(_DEBT_FIELDS, _debt_rows),
}


@lru_cache(maxsize=4)
def _rows(world: World, endpoint: str) -> tuple[Row, ...]:
    return tuple(_TABLES[endpoint].rows(world))


def last_statement(now: datetime) -> date:
    """Date of the newest Daily Treasury Statement that is out at ``now``."""
    day = add_business_days(now.date(), -1)
    while new_york_to_utc(add_business_days(day, 1), time(16)) > now:
        day = add_business_days(day, -1)
    return day


class _BadQuery(ValueError):
    """A parameter that the API would refuse with 400."""


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What the API answers at ``now`` (naive UTC)."""
    endpoint = request.url.path.removeprefix(_SERVICE)
    if endpoint not in _TABLES:
        return httpx.Response(404, headers={"Content-Type": "text/html"}, content=b"<html>Not Found</html>")
    try:
        body = _page(_rows(world, endpoint), _TABLES[endpoint].fields, last_statement(now), request.url.params)
    except _BadQuery as problem:
        return _json(400, {"error": "Invalid Query Param", "message": str(problem)})
    return _json(200, body)


def _json(status: int, value: object) -> httpx.Response:
    body = json.dumps(value, separators=(",", ":")).encode()
    return httpx.Response(status, headers={"Content-Type": "application/json"}, content=body)


def _page(
    rows: tuple[Row, ...], fields: dict[str, tuple[str, str, str]], last: date, params: httpx.QueryParams
) -> dict[str, object]:
    place = {name: index for index, name in enumerate(fields)}

    def column(name: str) -> int:
        if name not in place:
            raise _BadQuery(f"{name} is not a field of this table")
        return place[name]

    found = [row for row in rows if row[0] <= str(last)]
    for name, operator, value in _conditions(params.get("filter", "")):
        index, test = column(name), _tests(operator, value)
        found = [row for row in found if test(row[index])]
    for key in reversed([key for key in params.get("sort", "").split(",") if key]):
        name = key.lstrip("-")
        index, is_number = column(name), fields[name][1] in ("INTEGER", "CURRENCY0")
        found.sort(key=_sort_key(index, is_number), reverse=key.startswith("-"))
    names = params["fields"].split(",") if params.get("fields") else list(fields)
    wanted = [column(name) for name in names]

    try:
        number, size = int(params.get("page[number]", 1)), int(params.get("page[size]", 100))
    except ValueError as problem:
        raise _BadQuery("page[number] and page[size] are whole numbers") from problem
    if not 1 <= size <= _LARGEST_PAGE:
        raise _BadQuery(f"page[size] goes from 1 to {_LARGEST_PAGE}")
    pages = -(-len(found) // size)
    if number < 1 or number > max(pages, 1):
        raise _BadQuery(f"Page #{number} is out of range")
    data = [
        dict(zip(names, (row[i] for i in wanted), strict=True)) for row in found[(number - 1) * size : number * size]
    ]

    def link(page: int) -> str:
        return f"&page%5Bnumber%5D={page}&page%5Bsize%5D={size}"

    return {
        "data": data,
        "meta": {
            "count": len(data),
            "labels": {name: fields[name][0] for name in names},
            "dataTypes": {name: fields[name][1] for name in names},
            "dataFormats": {name: fields[name][2] for name in names},
            "total-count": len(found),
            "total-pages": pages,
        },
        "links": {
            "self": link(number),
            "first": link(1),
            "prev": link(number - 1) if number > 1 else None,
            "next": link(number + 1) if number < pages else None,
            "last": link(pages),
        },
    }


def _sort_key(index: int, is_number: bool) -> Callable[[Row], float | str]:
    if is_number:
        return lambda row: -math.inf if row[index] == "null" else int(row[index])
    return lambda row: row[index]


def _split(text: str) -> list[str]:
    """Parts between commas that stand outside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


def _conditions(text: str) -> Iterator[tuple[str, str, str]]:
    for part in _split(text):
        match = re.fullmatch(r"(\w+):(eq|gte?|lte?|in):(.*)", part)
        if match is None:
            raise _BadQuery(f"cannot read the filter {part!r}")
        name, operator, value = match.groups()
        yield name, operator, value


def _tests(operator: str, value: str) -> Callable[[str], bool]:
    if operator == "in":
        return set(_split(value[1:-1])).__contains__
    return {
        "eq": lambda cell: cell == value,
        "gt": lambda cell: cell > value,
        "gte": lambda cell: cell >= value,
        "lt": lambda cell: cell < value,
        "lte": lambda cell: cell <= value,
    }[operator]
