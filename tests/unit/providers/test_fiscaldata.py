"""FiscalData's envelope, its paging, the site's CSV with its missing column, and what each table has of its own."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from ingest.catalog import Dataset, Parsed, Plan, Request, Unit
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.providers.fiscaldata import (
    AUCTIONS_QUERY,
    AVG_INTEREST_RATES,
    DEBT_TO_PENNY,
    MSPD_TABLE_1,
    MSPD_TABLE_3_MARKET,
    MTS_TABLE_1,
    MTS_TABLE_6,
    PROVIDER,
    next_page,
    stated_rows,
)
from ingest.providers.fiscaldata import DEPOSITS_WITHDRAWALS as FLOWS
from ingest.providers.fiscaldata import OPERATING_CASH_BALANCE as CASH
from ingest.providers.fiscaldata import PUBLIC_DEBT_TRANSACTIONS as DEBT

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


# --- the other tables -----------------------------------------------------------------------------------------------

FLOW = {
    "record_date": "2024-02-06",
    "account_type": "Treasury General Account (TGA)",
    "transaction_type": "Deposits",
    "transaction_catg": "Bridge tolls",
    "transaction_catg_desc": "null",
    "src_line_nbr": "12",
    "transaction_today_amt": "340",
    "transaction_mtd_amt": "900",
    "transaction_fytd_amt": "4100",
}
PENNY = {
    "record_date": "2024-02-06",
    "debt_held_public_amt": "25100200300400.05",
    "intragov_hold_amt": "7000000000000.10",
    "tot_pub_debt_out_amt": "32100200300400.15",
}
BUDGET = {
    "record_date": "2024-04-30",
    "src_line_nbr": "22",
    "classification_desc": "April",
    "sequence_number_cd": "2.7",
    "data_type_cd": "D",
    "record_type_cd": "MTH",
    "current_month_gross_rcpt_amt": "700500000000.25",
    "current_month_gross_outly_amt": "500250000000.00",
    "current_month_dfct_sur_amt": "-200250000000.25",
}
MEANS = {
    "record_date": "2024-04-30",
    "src_line_nbr": "9",
    "classification_desc": "Asset Accounts (Deduct)",
    "sequence_number_cd": "2",
    "data_type_cd": "S",
    "record_type_cd": "GL",
    "current_month_net_txn_amt": "null",
    "fytd_net_txn_amt": "null",
    "prior_fytd_net_txn_amt": "null",
    "begin_year_acct_bal_amt": "null",
    "begin_month_acct_bal_amt": "null",
    "close_month_acct_bal_amt": "null",
}
CLASS = {
    "record_date": "2024-04-30",
    "src_line_nbr": "2",
    "security_type_desc": "Marketable",
    "security_class_desc": "Notes",
    "debt_held_public_mil_amt": "13750000.5",
    "intragov_hold_mil_amt": "4200.12345678",
    "total_mil_amt": "13754200.62345678",
}
SECURITY = {
    "record_date": "2024-04-30",
    "src_line_nbr": "31",
    "security_class1_desc": "Inflation-Protected Securities",
    "security_class2_desc": "912TEST00",
    "interest_rate_pct": "0.125",
    "yield_pct": "-0.75",
    "issue_date": "2021-01-29",
    "maturity_date": "2031-01-15",
    "issued_amt": "15000.25",
    "inflation_adj_amt": "2500",
    "redeemed_amt": "-100.5",
    "outstanding_amt": "17399.75",
}
AUCTION = {field.wire: "null" for field in AUCTIONS_QUERY.parse.args[0].fields} | {
    "cusip": "912TEST01",
    "auction_date": "2024-05-08",
    "security_type": "Note",
    "security_term": "9-Year 9-Month",
    "reopening": "Yes",
    "announcemt_date": "2024-05-01",
    "issue_date": "2024-05-15",
    "maturity_date": "2034-02-15",
    "offering_amt": "41000000000",
    "int_rate": "4.000000",
}
RATE = {
    "record_date": "2024-04-30",
    "security_type_desc": "Marketable",
    "security_desc": "Treasury Notes",
    "avg_interest_rate_amt": "2.625",
}
ROWS = [
    (FLOWS, FLOW),
    (DEBT_TO_PENNY, PENNY),
    (MTS_TABLE_1, BUDGET),
    (MTS_TABLE_6, MEANS),
    (MSPD_TABLE_1, CLASS),
    (MSPD_TABLE_3_MARKET, SECURITY),
    (AUCTIONS_QUERY, AUCTION),
    (AVG_INTEREST_RATES, RATE),
]


def one(dataset: Dataset, row: dict[str, object]) -> dict[str, object]:
    return parse(dataset, envelope(row)).frame.row(0, named=True)


def test_every_table_of_the_provider_is_tried_here() -> None:
    assert {dataset for dataset, _ in ROWS} | {CASH, DEBT} == set(PROVIDER.datasets)


@pytest.mark.parametrize(("dataset", "row"), ROWS, ids=lambda value: value.name if isinstance(value, Dataset) else "")
def test_each_table_needs_its_fields_its_key_and_its_types(dataset: Dataset, row: dict[str, str]) -> None:
    assert parse(dataset, envelope(row, row)).frame.height == 1, "identical rows fold into one"
    fields = dataset.parse.args[0].fields
    wires = [field.wire for field in fields]
    assert set(row) == set(wires)
    for wire in wires:
        with pytest.raises(LayoutError, match=wire):
            parse(dataset, envelope({name: value for name, value in row.items() if name != wire}))
    for field in fields:
        if field.column.dtype != "varchar":
            with pytest.raises(ValueFormatError, match=f"row 1 {field.wire}"):
                parse(dataset, envelope(row | {field.wire: "seven"}))
        if field.column.name in dataset.key and field.missing is None:
            with pytest.raises(ValueFormatError, match=field.column.name):
                parse(dataset, envelope(row | {field.wire: "null"}))
    value = next(field for field in reversed(fields) if field.column.name not in dataset.key)
    other = "15" if value.column.dtype == "bigint" else "1.5" if value.column.unit is not Unit.USD else "4200000000000"
    with pytest.raises(DuplicateKeyError):
        parse(dataset, envelope(row, row | {value.wire: other}))


def test_a_selection_of_a_wide_table_takes_no_notice_of_the_rest_and_others_do() -> None:
    assert one(AUCTIONS_QUERY, AUCTION | {"pdf_filenm_whatever": "x.pdf"})["cusip"] == "912TEST01"
    with pytest.raises(LayoutError, match="whatever"):
        one(MTS_TABLE_1, BUDGET | {"whatever": "x"})
    assert one(MTS_TABLE_1, BUDGET | {"classification_id": "5", "parent_id": "4"})["src_line_nbr"] == "22"


def test_a_deficit_is_positive_and_a_surplus_negative() -> None:
    surplus = one(MTS_TABLE_1, BUDGET)
    assert surplus["deficit_usd"] == Decimal("-200250000000.25") < 0 < surplus["gross_receipts_usd"]
    assert surplus["gross_outlays_usd"] - surplus["gross_receipts_usd"] == surplus["deficit_usd"]
    assert surplus["record_date"] == date(2024, 4, 30)


def test_one_statement_names_the_same_month_twice() -> None:
    """The month of the fiscal year before and its own stand under one date, told apart by line and outline."""
    before = BUDGET | {"src_line_nbr": "8", "sequence_number_cd": "1.7"}
    header = BUDGET | {name: "null" for name in BUDGET if name.endswith("_amt")}
    header |= {"src_line_nbr": "15", "sequence_number_cd": "2", "classification_desc": "FY 2024", "data_type_cd": "S"}
    frame = parse(MTS_TABLE_1, envelope(before, header, BUDGET)).frame
    assert frame["sequence_number_cd"].to_list() == ["1.7", "2", "2.7"]
    assert frame["deficit_usd"].null_count() == 1


@pytest.mark.parametrize(
    ("dataset", "row", "wire"),
    [
        (DEBT_TO_PENNY, PENNY, "intragov_hold_amt"),
        (MTS_TABLE_1, BUDGET, "current_month_gross_rcpt_amt"),
        (MTS_TABLE_1, BUDGET, "current_month_gross_outly_amt"),
        (MSPD_TABLE_1, CLASS, "total_mil_amt"),
        (AUCTIONS_QUERY, AUCTION, "offering_amt"),
    ],
)
def test_amounts_a_thousand_times_too_large_are_refused(dataset: Dataset, row: dict[str, str], wire: str) -> None:
    with pytest.raises(ImplausibleValueError, match="plausible"):
        one(dataset, row | {wire: str(round(float(row[wire]) * 1000))})


def test_amounts_a_thousand_times_too_small_are_refused_where_they_can_be() -> None:
    with pytest.raises(ImplausibleValueError, match="plausible"):
        one(MTS_TABLE_1, BUDGET | {"current_month_gross_rcpt_amt": "700500000.25"})
    with pytest.raises(ImplausibleValueError, match="plausible"):
        one(DEBT_TO_PENNY, PENNY | {"tot_pub_debt_out_amt": "32100200.30"})


def test_three_decimals_of_a_dollar_are_no_cents() -> None:
    with pytest.raises(ValueFormatError, match="row 1 tot_pub_debt_out_amt"):
        one(DEBT_TO_PENNY, PENNY | {"tot_pub_debt_out_amt": "32100200300400.155"})


def test_the_two_parts_of_the_debt_may_be_missing_and_the_total_not() -> None:
    early = one(DEBT_TO_PENNY, PENNY | {"debt_held_public_amt": "null", "intragov_hold_amt": "null"})
    assert (early["debt_held_public_usd"], early["tot_pub_debt_out_usd"]) == (None, Decimal("32100200300400.15"))
    with pytest.raises(ValueFormatError, match="tot_pub_debt_out_usd"):
        one(DEBT_TO_PENNY, PENNY | {"tot_pub_debt_out_amt": "null"})


def test_eight_decimals_of_a_million_and_an_asterisk() -> None:
    assert one(MSPD_TABLE_1, CLASS)["intragov_hold_usd_mn"] == 4200.12345678
    parsed = parse(MSPD_TABLE_1, envelope(CLASS | {"intragov_hold_mil_amt": "*"}))
    assert parsed.frame["intragov_hold_usd_mn"].to_list() == [None]
    assert parsed.notes == ("1 cells '*' taken as missing",)
    with pytest.raises(ValueFormatError, match="tot_pub_debt_out_amt"):
        one(DEBT_TO_PENNY, PENNY | {"tot_pub_debt_out_amt": "*"})


def test_a_security_and_the_line_of_a_total() -> None:
    row = one(MSPD_TABLE_3_MARKET, SECURITY)
    assert row["issued_usd_mn"] + row["inflation_adj_usd_mn"] + row["redeemed_usd_mn"] == row["outstanding_usd_mn"]
    total = {"security_class2_desc": "null", "maturity_date": "null", "issue_date": "null", "issued_amt": "null"}
    row = one(MSPD_TABLE_3_MARKET, SECURITY | total)
    assert (row["security_class2_desc"], row["maturity_date"]) == ("", None)


def test_an_announced_auction_has_no_results_yet() -> None:
    row = one(AUCTIONS_QUERY, AUCTION)
    assert (row["offering_usd"], row["interest_rate_pct"]) == (41e9, 4.0)
    assert row["total_accepted_usd"] is row["high_yield_pct"] is row["bid_to_cover_ratio"] is None
    held = one(AUCTIONS_QUERY, AUCTION | {"total_accepted": "44429852400", "high_yield": "4.483000"})
    assert {name for name in row if row[name] != held[name]} == {"total_accepted_usd", "high_yield_pct"}
    assert all(row[name] == held[name] for name in AUCTIONS_QUERY.key)


def test_lines_of_totals_have_no_category() -> None:
    assert one(FLOWS, FLOW | {"transaction_catg": "null"})["transaction_catg"] == ""
    taken = parse(FLOWS, envelope(FLOW, FLOW | {"transaction_type": "Withdrawals"})).frame
    assert taken.height == 2, "both halves of the table may number their lines from one"


def test_the_sites_own_csv_of_another_table() -> None:
    body = "Record Date,Security Type Description,Security Description,Average Interest Rate Amount,Fiscal Year\n"
    body += "2005-11-30,Marketable,Old Notes,null,2006\n2024-04-30,Marketable,Treasury Notes,2.625,2024\n"
    assert parse(AVG_INTEREST_RATES, body.encode()).frame["avg_interest_rate_pct"].to_list() == [None, 2.625]


# --- their requests and release rules -------------------------------------------------------------------------------


def test_deposits_are_asked_for_by_year_without_gaps() -> None:
    asked = list(FLOWS.requests(FLOWS, Plan(date(2024, 2, 7), is_full=True)))
    assert len(asked) == 18
    assert dict(asked[0].params)["filter"] == "record_date:gte:2005-10-03,record_date:lte:2006-10-02"
    assert dict(asked[-1].params)["filter"] == f"record_date:gte:{asked[-1].covers_from}"
    for one_year, following in pairwise(asked):
        assert one_year.covers_to is not None
        assert (following.covers_from - one_year.covers_to).days == 1
    assert asked[-1].covers_to == date(2024, 2, 7)
    assert 365 <= (asked[-1].covers_to - asked[-1].covers_from).days < 2 * 365
    assert len(list(FLOWS.requests(FLOWS, Plan(date(2024, 2, 7), {None: date(2024, 2, 6)})))) == 1


def test_auctions_are_asked_for_by_their_own_date_and_without_an_end() -> None:
    (asked,) = AUCTIONS_QUERY.requests(AUCTIONS_QUERY, Plan(date(2024, 5, 2), {None: date(2024, 5, 8)}))
    params = dict(asked.params)
    assert params["filter"] == "auction_date:gte:2024-03-28", "what is announced for later does not move the window"
    assert params["sort"] == "auction_date,cusip"
    assert "src_line_nbr" not in params["fields"]
    assert asked.covers_to is None, "an announced auction that is called off is gone"


def test_a_line_that_is_a_column_is_asked_for_once() -> None:
    (asked,) = MTS_TABLE_1.requests(MTS_TABLE_1, Plan(date(2024, 5, 2)))
    fields = dict(asked.params)["fields"].split(",")
    assert fields.count("src_line_nbr") == 1
    assert "classification_id" not in fields


@pytest.mark.parametrize(
    ("dataset", "effective", "published"),
    [
        (MTS_TABLE_1, date(2025, 5, 31), datetime(2025, 6, 11, 18)),  # the 8th business day of June, from a Saturday
        (MTS_TABLE_6, date(2025, 12, 31), datetime(2026, 1, 13, 19)),  # New Year is no business day
        (MSPD_TABLE_1, date(2025, 5, 31), datetime(2025, 6, 5, 20)),
        (MSPD_TABLE_3_MARKET, date(2025, 8, 31), datetime(2025, 9, 5, 20)),  # Labor Day
        (AVG_INTEREST_RATES, date(2025, 1, 31), datetime(2025, 2, 6, 21)),
        (DEBT_TO_PENNY, date(2025, 1, 17), datetime(2025, 1, 21, 20)),
        (AUCTIONS_QUERY, date(2025, 6, 11), datetime(2025, 6, 11, 21)),
        (FLOWS, date(2025, 6, 11), datetime(2025, 6, 12, 20)),
    ],
)
def test_when_a_statement_is_out(dataset: Dataset, effective: date, published: datetime) -> None:
    """A month's statement is dated its last day, so business days after that are those of the next month. UTC."""
    assert dataset.release.published_at(effective) == published
