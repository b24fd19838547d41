"""FiscalData's envelope, its paging, the site's CSV with its missing column, and what only one table has."""

import contextlib
import io
import json
import zipfile
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
from ingest.parsing import conform
from ingest.providers import DATASETS
from ingest.providers.fiscaldata import PROVIDER
from ingest.providers.fiscaldata.common import next_page, stated_rows
from ingest.sample.fiscaldata import OWN, public_debt
from ingest.sample.fiscaldata.common import plain
from ingest.sample.world import world_on
from tests.unit.providers.test_columns_swapped import EXAMPLES

AUCTIONS_QUERY = DATASETS["fiscaldata.auctions_query"]
AVG_INTEREST_RATES = DATASETS["fiscaldata.avg_interest_rates"]
CASH = DATASETS["fiscaldata.operating_cash_balance"]
DEBT = DATASETS["fiscaldata.public_debt_transactions"]
DEBT_TO_PENNY = DATASETS["fiscaldata.debt_to_penny"]
FLOWS = DATASETS["fiscaldata.deposits_withdrawals_operating_cash"]
MSPD_TABLE_1 = DATASETS["fiscaldata.mspd_table_1"]
MSPD_TABLE_3_MARKET = DATASETS["fiscaldata.mspd_table_3_market"]
MTS_TABLE_1 = DATASETS["fiscaldata.mts_table_1"]
MTS_TABLE_6 = DATASETS["fiscaldata.mts_table_6"]
# A row of every table, by wire name.
ROWS = {
    DATASETS[example.dataset]: {wire: str(value) for wire, value, _ in example.fields}
    for example in EXAMPLES
    if example.dataset.startswith("fiscaldata.")
}
NAMES = [dataset.name for dataset in ROWS]

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


def parse(dataset: Dataset, body: bytes, *, is_file: bool = False) -> Parsed:
    return conform(dataset, dataset.parse(dataset, body, Request("u", is_file=is_file)))


def saved(dataset: Dataset, body: str | bytes) -> Parsed:
    """What becomes of a file that somebody saved."""
    return parse(dataset, body.encode() if isinstance(body, str) else body, is_file=True)


def test_balances_of_two_eras_in_millions() -> None:
    frame = parse(CASH, envelope(EARLIER, CLOSING)).frame
    assert frame["record_date"].to_list() == [date(2012, 2, 7), date(2024, 2, 6)]
    assert frame["open_today_usd_mn"].to_list() == [50500, 777111]
    assert frame["close_today_usd_mn"].to_list() == [47321, None]


def test_transactions_with_an_empty_class_and_negative_amounts() -> None:
    row = parse(DEBT, envelope(ISSUE)).frame.row(0, named=True)
    assert row["security_type_desc"] == ""
    assert (row["transaction_today_usd_mn"], row["transaction_fytd_usd_mn"]) == (1250, -3)


def test_known_extra_fields_pass_and_unknown_ones_make_a_note() -> None:
    """Whole rows are asked for, so a column that the Treasury adds must not end the intake."""
    known = {"table_nbr": "I", "src_line_nbr": "4", "record_fiscal_year": "2024", "open_month_bal": "1"}
    assert parse(CASH, envelope(CLOSING | known)).notes == ()
    for dataset, row, name in ((CASH, CLOSING, "open_week_bal"), (DEBT, ISSUE, "open_month_bal")):
        parsed = parse(dataset, envelope(row | {name: "1"}))
        assert parsed.frame.equals(parse(dataset, envelope(row)).frame)
        assert parsed.notes == (f"columns that are not known left out: '{name}'",)


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        (CLOSING | {"open_today_bal": "null"}, ValueFormatError, "open_today_usd_mn"),
        (CLOSING | {"open_today_bal": ""}, ValueFormatError, "row 2 open_today_bal"),
        (CLOSING | {"open_today_bal": None}, ValueFormatError, "row 1 open_today_usd_mn: empty"),
        (CLOSING | {"open_today_bal": 777111}, ValueFormatError, r"\$\.data\[1\]"),
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
    parsed = saved(CASH, f"{HEAD}\n2024-02-06,TGA Closing,777111,5,I,2024\n2022-04-15,TGA,66,5,I,2022\n")
    assert parsed.frame["open_today_usd_mn"].to_list() == [777111]
    assert parsed.frame["close_today_usd_mn"].to_list() == [None]
    assert parsed.notes == ("1 rows before 2022-04-18 left out: the site's downloads lack 'Closing Balance Today'",)
    assert parsed.unsaid == ("close_today_usd_mn",)


def test_a_csv_that_has_the_closing_column_keeps_its_rows() -> None:
    body = "Record Date,Type of Account,Opening Balance Today,Closing Balance Today\n2012-02-07,FRA,66,77\n"
    parsed = saved(CASH, body)
    assert parsed.frame["close_today_usd_mn"].to_list() == [77]
    assert (parsed.notes, parsed.unsaid) == ((), ())


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (f"{HEAD}\n2024-02-06,TGA,7,5,I,2024\n2024-02-05,TGA,7", UnreadableBodyError, "cut short"),
        (f"{HEAD}\n2024-02-06,TGA,,5,I,2024\n", ValueFormatError, "open_today_usd_mn"),
        (f"{HEAD}\n,TGA,7,5,I,2024\n", ValueFormatError, "record_date"),
        (f"{HEAD}\n2024-02-06,TGA,seven,5,I,2024\n", ValueFormatError, "row 1 open_today_bal"),
        (HEAD.replace("Calendar Year", "Table Number") + "\n2024-02-06,TGA,7,5,I,2024\n", LayoutError, "twice"),
    ],
)
def test_bad_csv_is_named(body: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        saved(CASH, body)


# --- requests and pages ---------------------------------------------------------------------------------------------


def test_the_request_has_its_filter_and_order_and_asks_for_whole_rows() -> None:
    """Fields that leave a text column out make the API add up the rows that are then alike."""
    (asked,) = CASH.requests(CASH, Plan(date(2024, 2, 7), {None: date(2024, 2, 6)}))
    params = dict(asked.params)
    assert asked.url.endswith("/services/api/fiscal_service/v1/accounting/dts/operating_cash_balance")
    assert "fields" not in params
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

FLOW = ROWS[FLOWS]
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


def one(dataset: Dataset, row: dict[str, object]) -> dict[str, object]:
    return parse(dataset, envelope(row)).frame.row(0, named=True)


def test_every_table_of_the_provider_is_tried_here() -> None:
    """Here and in the sample, which answers for what it has written itself only where the catalog asks."""
    assert ROWS.keys() == set(PROVIDER.datasets)
    asked = [next(iter(dataset.requests(dataset, Plan(dataset.start)))).url for dataset in PROVIDER.datasets]
    assert all(any(url.endswith(f"/{endpoint}") for url in asked) for endpoint in OWN | public_debt.LINES)


@pytest.mark.parametrize(("dataset", "row"), ROWS.items(), ids=NAMES)
def test_each_table_needs_its_fields_its_key_and_its_types(dataset: Dataset, row: dict[str, str]) -> None:
    assert parse(dataset, envelope(row, row)).frame.height == 1, "identical rows fold into one"
    fields = dataset.parse.args[0].fields
    wires = [field.wire for field in fields]
    assert set(row) == set(wires)
    for wire in wires:
        with pytest.raises(LayoutError, match=wire):
            parse(dataset, envelope({name: value for name, value in row.items() if name != wire}))
    for field in fields:
        if field.dtype != "varchar":
            with pytest.raises(ValueFormatError, match=f"row 1 {field.wire}"):
                parse(dataset, envelope(row | {field.wire: "seven"}))
        if field.name in dataset.key and field.missing is None:
            with pytest.raises(ValueFormatError, match=field.name):
                parse(dataset, envelope(row | {field.wire: "null"}))
    value = next(field for field in reversed(fields) if field.name not in dataset.key)
    other = "15" if value.dtype == "bigint" else "1.5" if value.unit is not Unit.USD else "4200000000000"
    with pytest.raises(DuplicateKeyError):
        parse(dataset, envelope(row, row | {value.wire: other}))


def test_a_selection_of_a_wide_table_takes_no_notice_of_the_rest_and_others_do() -> None:
    assert parse(AUCTIONS_QUERY, envelope(AUCTION | {"pdf_filenm_whatever": "x.pdf"})).notes == ()
    assert "'whatever'" in parse(MTS_TABLE_1, envelope(BUDGET | {"whatever": "x"})).notes[0]
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


@pytest.mark.parametrize(
    ("wire", "value"),
    [("src_line_nbr", "1.000000e+00"), ("src_line_nbr", '"1"'), ("src_line_nbr", "February"),
     ("src_line_nbr", "$ 4"), ("classification_desc", '"February"')],
)  # fmt: skip
def test_a_line_that_is_no_number_and_text_in_quotes_are_refused(wire: str, value: str) -> None:
    """Found by bodies of changed structure: the rows came once more under other keys."""
    with pytest.raises(ValueFormatError, match=f"is no {wire}"):
        one(MTS_TABLE_1, BUDGET | {wire: value})


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
    assert saved(AVG_INTEREST_RATES, body).frame["avg_interest_rate_pct"].to_list() == [None, 2.625]


# --- files saved by hand --------------------------------------------------------------------------------------------

# The columns that the site ticks at first (`selectColumns` in its source of August 2026); of other tables all of ours.
SITE_DEFAULTS: dict[Dataset, tuple[str, ...]] = {
    dataset: tuple(column.heading for column in dataset.columns) for dataset in ROWS
} | {
    CASH: ("Record Date", "Type of Account", "Opening Balance Today", "Opening Balance This Month", "Table Name"),
    DEBT: (
        "Record Date", "Transaction Type", "Security Marketability", "Security Type", "Security Type Description",
        "Transactions Today", "Transactions Month to Date", "Transactions Fiscal Year to Date", "Source Line Number",
    ),
    FLOWS: (
        "Record Date", "Type of Account", "Transaction Type", "Transaction Category", "Transactions Today",
        "Transactions Month to Date", "Transactions Fiscal Year to Date", "Table Number", "Source Line Number",
    ),
    MTS_TABLE_1: (
        "Record Date", "Parent ID", "Classification ID", "Classification Description",
        "Current Month Gross Receipts Amount", "Current Month Gross Outlay Amount",
        "Current Month Deficit Surplus Amount", "Table Number", "Source Line Number", "Print Order Sequence Number",
        "Line Code Number", "Data Type Code", "Record Type Code", "Sequence Level Number", "Sequence Number Code",
    ),
    MTS_TABLE_6: (
        "Record Date", "Classification Description", "Current Month Net Transaction Amount",
        "Fiscal Year to Date Net Transaction Amount", "Prior Fiscal Year to Date Net Transaction Amount",
        "Beginning Year Account Balance Amount", "Beginning Month Account Balance Amount",
        "Closing Month Account Balance Amount", "Source Line Number", "Data Type Code", "Record Type Code",
        "Sequence Number Code",
    ),
    MSPD_TABLE_1: (
        "Record Date", "Security Type Description", "Security Class Description",
        "Debt Held by the Public (in Millions)", "Intragovernmental Holdings (in Millions)",
        "Total Public Debt Outstanding (in Millions)",
    ),
    AUCTIONS_QUERY: (
        "CUSIP", "Security Type", "Security Term", "Auction Date", "Issue Date", "Maturity Date", "Price per $100",
        "Download PDF - Announcement",
    ),
}  # fmt: skip


def site_csv(dataset: Dataset, headings: tuple[str, ...], *rows: dict[str, str], end: str = "\n") -> bytes:
    """A download of the site: byte-order mark, quoted cells, the headings given."""
    names = {field.heading: field.wire for field in dataset.parse.args[0].fields}
    lines = [headings, *([row.get(names.get(heading, ""), "5") for heading in headings] for row in rows)]
    return ("\ufeff" + "".join(",".join(f'"{cell}"' for cell in line) + end for line in lines)).encode()


@pytest.mark.parametrize(("dataset", "row"), ROWS.items(), ids=NAMES)
def test_a_download_with_the_sites_first_columns_loads(dataset: Dataset, row: dict[str, str]) -> None:
    headings = SITE_DEFAULTS[dataset]
    whole = parse(dataset, envelope(row)).frame
    for body in (
        site_csv(dataset, headings, row),
        site_csv(dataset, tuple(reversed(headings)), row, end="\r\n") + b"\r\n \r\n",
        json.dumps({"data": [{name: value for name, value in row.items() if _heading(dataset, name) in headings}]}),
    ):
        parsed = saved(dataset, body)
        said = [name for name in whole.columns if name not in parsed.unsaid]
        assert parsed.frame.select(said).equals(whole.select(said)), "every cell under its own name"
        assert set(said) >= set(dataset.key)
        for name in parsed.unsaid:
            field = next(field for field in dataset.parse.args[0].fields if field.name == name)
            assert parsed.frame[name].to_list() == [field.missing]
            assert field.in_site_csv_from or any(repr(field.heading) in note for note in parsed.notes)


def _heading(dataset: Dataset, wire: str) -> str:
    return next(field.heading for field in dataset.parse.args[0].fields if field.wire == wire)


def test_what_the_summary_of_the_debt_says_without_its_lines() -> None:
    bills = CLASS | {"security_class_desc": "Bills", "total_mil_amt": "6593194.1855"}
    parsed = saved(MSPD_TABLE_1, site_csv(MSPD_TABLE_1, SITE_DEFAULTS[MSPD_TABLE_1], CLASS, bills))
    assert parsed.frame["security_class_desc"].to_list() == ["Notes", "Bills"]
    assert parsed.unsaid == ("src_line_nbr",)
    with pytest.raises(DuplicateKeyError):
        saved(MSPD_TABLE_1, site_csv(MSPD_TABLE_1, SITE_DEFAULTS[MSPD_TABLE_1], CLASS, CLASS | {"total_mil_amt": "1"}))


@pytest.mark.parametrize(("dataset", "row"), ROWS.items(), ids=NAMES)
def test_a_file_without_a_key_column_says_which_box_to_tick(dataset: Dataset, row: dict[str, str]) -> None:
    for field in dataset.parse.args[0].fields:
        rest = {name: value for name, value in row.items() if name != field.wire}
        if field.name in dataset.key:
            with pytest.raises(LayoutError, match=f"tick '{field.heading}'"):
                saved(dataset, json.dumps({"data": [rest]}))
        elif dataset is AVG_INTEREST_RATES and field.unit is not None:
            with pytest.raises(LayoutError, match="none of the columns 'Average Interest Rate Amount'"):
                saved(dataset, json.dumps({"data": [rest]}))
        elif field.is_nullable:
            assert saved(dataset, json.dumps({"data": [rest]})).unsaid == (field.name,)


@pytest.mark.parametrize(("dataset", "row"), ROWS.items(), ids=NAMES)
def test_a_file_of_another_table_is_refused_by_all(dataset: Dataset, row: dict[str, str]) -> None:
    """Date, line number and class of a row stand in several tables; a row without any number of ours says nothing."""
    readers = []
    for other in ROWS:
        with contextlib.suppress(LayoutError):
            saved(other, json.dumps({"data": [row | {"src_line_nbr": "1"}]}))
            readers.append(other.name)
    assert readers == [dataset.name]


@pytest.mark.parametrize("body", [b"PAR1\x15\x04\x15\r\x00,\r,x\n", "cusip\r\n1\r\n".encode("utf-16")])
def test_bytes_that_are_no_text_are_refused(body: bytes) -> None:
    with pytest.raises(LayoutError, match="the heading line is missing"):
        DEBT_TO_PENNY.parse(DEBT_TO_PENNY, body, Request("file:x", is_file=True))


def test_json_with_or_without_its_envelope() -> None:
    whole = parse(DEBT_TO_PENNY, envelope(PENNY)).frame
    pretty = {_heading(DEBT_TO_PENNY, name): value for name, value in PENNY.items()}
    numbers = PENNY | {"intragov_hold_amt": 7000000000000.10, "tot_pub_debt_out_amt": 32100200300400.15}
    for body in ({"data": [PENNY]}, [PENNY], {"data": [pretty]}, [numbers], json.loads(envelope(PENNY))):
        parsed = saved(DEBT_TO_PENNY, json.dumps(body, indent=1))
        assert (parsed.frame.equals(whole), parsed.notes) == (True, ())
    assert saved(DEBT_TO_PENNY, envelope(PENNY, total=3)).notes == ("one page, 1 of 3 rows: save the others too",)
    with pytest.raises(LayoutError, match="meta"):
        parse(DEBT_TO_PENNY, json.dumps({"data": [PENNY]}).encode())
    with pytest.raises(EmptyBodyError):
        saved(DEBT_TO_PENNY, "[]")
    rest = {name: value for name, value in PENNY.items() if name != "intragov_hold_amt"}
    with pytest.raises(LayoutError, match="row 2: lacks intragov_hold_amt"):
        saved(DEBT_TO_PENNY, json.dumps([PENNY, rest]))


def test_a_large_download_comes_in_a_zip() -> None:
    def packed(**members: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("_", "."), content)
        return buffer.getvalue()

    body = site_csv(DEBT_TO_PENNY, SITE_DEFAULTS[DEBT_TO_PENNY], PENNY)
    assert saved(DEBT_TO_PENNY, packed(x_csv=body)).frame.equals(parse(DEBT_TO_PENNY, envelope(PENNY)).frame)
    with pytest.raises(LayoutError, match="load one file"):
        saved(DEBT_TO_PENNY, packed(x_csv=body, y_csv=body))
    with pytest.raises(UnreadableBodyError, match="broken ZIP"):
        saved(DEBT_TO_PENNY, packed(x_csv=body)[:-30])


def test_a_heading_line_that_was_cut_off_is_asked_for() -> None:
    rows = site_csv(DEBT_TO_PENNY, SITE_DEFAULTS[DEBT_TO_PENNY], PENNY, PENNY).split(b"\n", 1)[1]
    with pytest.raises(LayoutError, match=r"heading line is missing.*Record Date,Debt Held by the Public"):
        saved(DEBT_TO_PENNY, rows)


def test_what_a_spreadsheet_made_of_the_cells() -> None:
    headings = SITE_DEFAULTS[CASH]
    row = CLOSING | {"record_date": "2/6/2024", "open_today_bal": "777,111"}
    plain = parse(CASH, envelope(CLOSING)).frame
    assert saved(CASH, site_csv(CASH, headings, row)).frame.equals(plain)
    for changed in (
        {"record_date": "2024-02-06 00:00:00"},
        {"open_today_bal": "777111.0"},
        {"open_today_bal": "$777,111"},
    ):
        assert saved(CASH, site_csv(CASH, headings, CLOSING | changed)).frame.equals(plain)
    for wrong in ({"record_date": "16/2/2024"}, {"open_today_bal": "77,7111"}, {"open_today_bal": "777111.5"}):
        with pytest.raises(ValueFormatError):
            saved(CASH, site_csv(CASH, headings, CLOSING | wrong))
    with pytest.raises(ValueFormatError, match="row 1 open_today_bal"):
        parse(CASH, envelope(CLOSING | {"open_today_bal": "777,111"}))


@pytest.mark.parametrize("nothing", ["", "null", "*", "(*)"])
def test_cells_that_mean_nothing(nothing: str) -> None:
    headings = SITE_DEFAULTS[MSPD_TABLE_1]
    parsed = saved(MSPD_TABLE_1, site_csv(MSPD_TABLE_1, headings, CLASS | {"intragov_hold_mil_amt": nothing}))
    assert parsed.frame["intragov_hold_usd_mn"].to_list() == [None]
    assert ("intragov_hold_usd_mn" in parsed.unsaid) is False
    assert any("taken as missing" in note for note in parsed.notes) == ("*" in nothing)


def test_the_marketable_rows_of_table_3() -> None:
    """The sister of the table: more columns, and the rows of what cannot be sold on."""
    more = {"security_type_desc": "Marketable", "security_class3_desc": "null", "prior_month_outstanding_amt": "null"}
    rest = SECURITY | more | {"security_type_desc": "Nonmarketable", "src_line_nbr": "826"}
    parsed = saved(MSPD_TABLE_3_MARKET, json.dumps({"data": [SECURITY | more, rest]}))
    assert parsed.frame.equals(parse(MSPD_TABLE_3_MARKET, envelope(SECURITY)).frame)
    assert parsed.notes == ("1 rows that are not Marketable or Total Marketable left out",)


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
    named = params["fields"].split(",")
    assert len(named) == len(set(named)) == 30, "the one table of which a part is asked for"
    assert {"auction_date", "cusip"} <= set(named), "no two rows are alike in these, so none are added up"
    assert asked.covers_to is None, "an announced auction that is called off is gone"


@pytest.mark.parametrize("dataset", [DEBT_TO_PENNY, AVG_INTEREST_RATES, MSPD_TABLE_1], ids=lambda one: one.name)
def test_the_sample_answers_for_a_plain_table_that_it_does_not_know(dataset: Dataset) -> None:
    """One row a date of the cadence from 2018 on, each number inside its range, its fields those of the catalog."""
    table = plain(dataset, None, {})
    rows = list(table.rows(world_on(date(2026, 3, 12))))
    frame = parse(dataset, envelope(*(dict(zip(table.fields, row, strict=True)) for row in rows))).frame
    days = frame["record_date"].to_list()
    assert frame.height == len(rows) > 90
    assert days[0].year == 2018
    assert [dataset.date_after(day) for day in days[:-1]] == days[1:]
    assert frame[frame.columns[-1]].n_unique() > 50


def test_all_other_tables_are_asked_for_whole_rows() -> None:
    for dataset in PROVIDER.datasets:
        for asked in dataset.requests(dataset, Plan(date(2024, 5, 2))):
            assert ("fields" in dict(asked.params)) == (dataset is AUCTIONS_QUERY)


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
