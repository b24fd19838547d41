"""FiscalData's envelope, its paging, and the site's CSV with its missing column."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ingest.catalog import Dataset, Parsed, Plan, Request
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.providers.fiscaldata import OPERATING_CASH_BALANCE as CASH
from ingest.providers.fiscaldata import PUBLIC_DEBT_TRANSACTIONS as DEBT
from ingest.providers.fiscaldata import next_page, stated_rows

CLOSING = {
    "record_date": "2024-02-06",
    "account_type": "Treasury General Account (TGA) Closing Balance",
    "open_today_bal": "777111",
    "close_today_bal": "null",
}
EARLIER = {
    "record_date": "2012-02-07",
    "account_type": "Federal Reserve Account",
    "open_today_bal": "50500",
    "close_today_bal": "47321",
}
ISSUE = {
    "record_date": "2024-02-06",
    "transaction_type": "Issues",
    "security_market": "Marketable",
    "security_type": "Notes",
    "security_type_desc": "null",
    "transaction_today_amt": "1250",
    "transaction_mtd_amt": "64000",
    "transaction_fytd_amt": "-3",
}


def envelope(*rows: dict[str, object], total: int | None = None, following: str | None = None) -> bytes:
    return json.dumps(
        {
            "data": rows,
            "meta": {"count": len(rows), "labels": {}, "total-count": len(rows) if total is None else total},
            "links": {"self": "&page%5Bnumber%5D=1", "next": following},
        }
    ).encode()


def parse(dataset: Dataset, body: bytes) -> Parsed:
    return dataset.conform(dataset.parse(dataset, body, Request("u")))


def test_balances_of_two_eras_in_millions() -> None:
    frame = parse(CASH, envelope(EARLIER, CLOSING)).frame
    assert frame["record_date"].to_list() == [date(2012, 2, 7), date(2024, 2, 6)]
    assert frame["open_today_usd_mn"].to_list() == [50500, 777111]
    assert frame["close_today_usd_mn"].to_list() == [47321, None]


def test_transactions_with_an_empty_class_and_negative_amounts() -> None:
    row = parse(DEBT, envelope(ISSUE)).frame.row(0, named=True)
    assert row["security_type_desc"] == ""
    assert (row["transaction_today_usd_mn"], row["transaction_fytd_usd_mn"]) == (1250, -3)


def test_known_extra_fields_pass_and_unknown_ones_do_not() -> None:
    known = {"table_nbr": "I", "src_line_nbr": "4", "record_fiscal_year": "2024", "open_month_bal": "1"}
    assert parse(CASH, envelope(CLOSING | known)).frame.height == 1
    with pytest.raises(LayoutError, match="open_week_bal"):
        parse(CASH, envelope(CLOSING | {"open_week_bal": "1"}))
    with pytest.raises(LayoutError, match="open_month_bal"):
        parse(DEBT, envelope(ISSUE | {"open_month_bal": "1"}))


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        (CLOSING | {"open_today_bal": "null"}, ValueFormatError, "open_today_usd_mn"),
        (CLOSING | {"open_today_bal": ""}, ValueFormatError, "row 2 open_today_bal"),
        (CLOSING | {"open_today_bal": None}, ValueFormatError, r"\$\.data\[1\]\.open_today_bal"),
        (CLOSING | {"open_today_bal": 777111}, ValueFormatError, r"\$\.data\[1\]\.open_today_bal"),
        (CLOSING | {"open_today_bal": "777,111"}, ValueFormatError, "row 2 open_today_bal"),
        (CLOSING | {"open_today_bal": "777.111"}, ValueFormatError, "row 2 open_today_bal"),
        (CLOSING | {"close_today_bal": "n/a"}, ValueFormatError, "row 2 close_today_bal"),
        (CLOSING | {"record_date": "02/06/2024"}, ValueFormatError, "row 2 record_date"),
        (CLOSING | {"record_date": "null"}, ValueFormatError, "record_date"),
        (CLOSING | {"account_type": "null"}, ValueFormatError, "account_type"),
        (CLOSING | {"open_today_bal": "777111000"}, ImplausibleValueError, "plausible"),
        (EARLIER | {"open_today_bal": "1"}, DuplicateKeyError, "share a key"),
        ({"record_date": "2024-02-06"}, LayoutError, "account_type"),
    ],
)
def test_bad_rows_are_named(row: dict[str, object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(CASH, envelope(EARLIER, row))


def test_a_transaction_is_an_issue_or_a_redemption() -> None:
    with pytest.raises(ValueFormatError, match="Transfers"):
        parse(DEBT, envelope(ISSUE | {"transaction_type": "Transfers"}))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", UnreadableBodyError),
        (b"<html>404</html>", UnreadableBodyError),
        (envelope(CLOSING)[:-40], UnreadableBodyError),
        (b'{"error":"Invalid Query Param","message":"x"}', LayoutError),
        (envelope(), EmptyBodyError),
        (b"Record Date,Type of Account\n2024-02-06,x\n", LayoutError),
    ],
)
def test_what_is_no_answer_at_all(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(CASH, body)


# --- the site's CSV -------------------------------------------------------------------------------------------------

HEAD = "\ufeffRecord Date,Type of Account,Opening Balance Today,Opening Balance This Month,Table Number,Calendar Year"


def test_the_sites_csv_lacks_the_closing_column_so_older_rows_stay_out() -> None:
    body = f"{HEAD}\n2024-02-06,TGA Closing,777111,5,I,2024\n2022-04-15,TGA,66,5,I,2022\n".encode()
    parsed = parse(CASH, body)
    assert parsed.frame["open_today_usd_mn"].to_list() == [777111]
    assert parsed.frame["close_today_usd_mn"].to_list() == [None]
    assert parsed.notes == ("1 rows before 2022-04-18 left out: the site's CSV lacks 'Closing Balance Today'",)


def test_a_csv_that_has_the_closing_column_keeps_its_rows() -> None:
    body = "Record Date,Type of Account,Opening Balance Today,Closing Balance Today\n2012-02-07,FRA,66,77\n"
    parsed = parse(CASH, body.encode())
    assert parsed.frame["close_today_usd_mn"].to_list() == [77]
    assert parsed.notes == ()


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (f"{HEAD},Remark\n2024-02-06,TGA,7,5,I,2024,x\n", LayoutError, "Remark"),
        (f"{HEAD}\n2024-02-06,TGA,7,5,I,2024\n2024-02-05,TGA,7", UnreadableBodyError, "cut short"),
        (f"{HEAD}\n2024-02-06,TGA,,5,I,2024\n", ValueFormatError, "open_today_usd_mn"),
        (f"{HEAD}\n,TGA,7,5,I,2024\n", ValueFormatError, "record_date"),
        (f"{HEAD}\n2024-02-06,TGA,seven,5,I,2024\n", ValueFormatError, "row 1 open_today_bal"),
        (HEAD.replace("Calendar Year", "Table Number") + "\n2024-02-06,TGA,7,5,I,2024\n", LayoutError, "twice"),
    ],
)
def test_bad_csv_is_named(body: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(CASH, body.encode())


# --- requests and pages ---------------------------------------------------------------------------------------------


def test_the_request_names_its_fields_filter_and_order() -> None:
    (asked,) = CASH.requests(CASH, Plan(date(2024, 2, 7), {None: date(2024, 2, 6)}))
    params = dict(asked.params)
    assert asked.url.endswith("/services/api/fiscal_service/v1/accounting/dts/operating_cash_balance")
    assert params["fields"] == "record_date,account_type,open_today_bal,close_today_bal,src_line_nbr"
    assert params["filter"] == "record_date:gte:2024-01-23"
    assert params["sort"] == "record_date,src_line_nbr"
    assert (params["page[number]"], params["page[size]"]) == ("1", "10000")
    assert (asked.covers_from, asked.covers_to) == (date(2024, 1, 23), date(2024, 2, 7))


def test_the_next_page_keeps_filter_and_sort_which_the_link_lacks() -> None:
    (asked,) = DEBT.requests(DEBT, Plan(date(2024, 2, 7)))
    body = envelope(ISSUE, total=3, following="&page%5Bnumber%5D=2&page%5Bsize%5D=1")
    assert stated_rows(body) == 3
    second = next_page(body, asked)
    assert second is not None
    assert dict(second.params) == dict(asked.params) | {"page[number]": "2"}
    assert second.covers_from == asked.covers_from
    third = next_page(body, second)
    assert third is not None
    assert dict(third.params)["page[number]"] == "3"
    assert next_page(envelope(ISSUE), third) is None
