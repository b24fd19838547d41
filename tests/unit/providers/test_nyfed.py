"""NY Fed parsers on small bodies with figures of our own, and every way in which such a body can be bad."""

import json
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.catalog import Parsed, Plan, Request
from ingest.errors import (
    BodyError,
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform
from ingest.providers.nyfed.reference_rates import REFERENCE_RATES, parse_rates
from ingest.providers.nyfed.repo_operations import REPO_OPERATION_DETAILS, REPO_OPERATIONS
from ingest.providers.nyfed.soma_summary import SOMA_SUMMARY

SOFR = (
    '{ "effectiveDate": "2024-02-06", "type": "SOFR" ,"percentRate": 4.20 ,"percentPercentile1": 4.10'
    ' ,"percentPercentile25": 4.15 ,"percentPercentile75": 4.30 ,"percentPercentile99": 4.40'
    ' ,"volumeInBillions": 1750 ,"revisionIndicator": "" }'
)


def rates(*rows: str, scope: str | None = "SOFR") -> Parsed:
    body = '{ "refRates": [ ' + ", ".join(rows) + " ] }"
    return conform(REFERENCE_RATES, parse_rates(REFERENCE_RATES, body.encode(), Request("u", scope=scope)))


def operation(**changes: object) -> dict[str, object]:
    """A standing repo operation of two legs, as the template prints it."""
    made: dict[str, object] = {
        "operationId": "RP 020624 9",
        "auctionStatus": "Results",
        "operationDate": "2024-02-06",
        "settlementDate": "2024-02-06",
        "maturityDate": "2024-02-07",
        "operationType": "Repo",
        "operationMethod": "Multiple Price",
        "settlementType": "Same Day",
        "termCalenderDays": 1,
        "term": "Overnight",
        "releaseTime": "13:30",
        "closeTime": "13:45",
        "note": "",
        "lastUpdated": "2024-02-06 13:45:40",
        "operationLimit": 400_000_000_000,
        "totalAmtSubmitted": 5_000_000_000,
        "totalAmtAccepted": 3_000_000_000,
        "details": [
            {
                "securityType": "Treasury",
                "amtSubmitted": 4_000_000_000,
                "amtAccepted": 2_000_000_000,
                "minimumBidRate": 4.5,
                "percentHighRate": 4.6,
                "percentLowRate": 4.5,
                "percentStopOutRate": 4.5,
                "percentWeightedAverageRate": 4.55,
            },
            {"securityType": "Agency", "amtSubmitted": 0, "amtAccepted": 0, "minimumBidRate": 4.5},
            {"securityType": "Mortgage-Backed", "amtSubmitted": 10**9, "amtAccepted": 10**9, "minimumBidRate": 4.5},
        ],
    } | changes
    return {name: value for name, value in made.items() if value is not ...}


def body_of(*operations: dict[str, object]) -> bytes:
    return json.dumps({"repo": {"operations": operations}}).encode()


def operations(*made: dict[str, object]) -> Parsed:
    return conform(REPO_OPERATIONS, REPO_OPERATIONS.parse(REPO_OPERATIONS, body_of(*made), Request("u")))


def details(*made: dict[str, object]) -> pl.DataFrame:
    dataset = REPO_OPERATION_DETAILS
    return conform(dataset, dataset.parse(dataset, body_of(*made), Request("u"))).frame


# --- reference rates ------------------------------------------------------------------------------------------------


def test_a_secured_rate_has_percentiles_and_volume_in_billions() -> None:
    row = rates(SOFR).frame.row(0, named=True)
    assert row["rate_type"] == "SOFR"
    assert row["effective_date"] == date(2024, 2, 6)
    assert (row["rate_pct"], row["percentile_1_pct"], row["percentile_99_pct"]) == (4.2, 4.1, 4.4)
    assert row["volume_usd_bn"] == 1750
    assert row["target_from_pct"] is None
    assert row["revision_indicator"] is None, "an empty mark is none"


def test_percentiles_that_are_not_available_are_null() -> None:
    assert rates(SOFR.replace("4.10", '"NA"')).frame["percentile_1_pct"].to_list() == [None]


def test_a_revision_mark_and_a_footnote_stay() -> None:
    row = rates(SOFR.replace('"revisionIndicator": ""', '"revisionIndicator": "R", "footnoteId": 7')).frame
    assert row["revision_indicator"].item() == "R"
    assert row["footnote_id"].item() == "7"


def test_broker_era_effr_needs_no_volume_and_later_effr_does() -> None:
    old = '{"effectiveDate": "2009-05-05", "type": "EFFR", "percentRate": 0.2, "intraDayLow": 0.1, "intraDayHigh": 0.4'
    old += ', "stdDeviation": 0.05, "targetRateFrom": 0.0, "targetRateTo": 0.25, "revisionIndicator": ""}'
    row = rates(old, scope="EFFR").frame.row(0, named=True)
    assert (row["intraday_low_pct"], row["intraday_high_pct"], row["std_dev_pct"]) == (0.1, 0.4, 0.05)
    assert row["volume_usd_bn"] is None
    with pytest.raises(LayoutError, match="volumeInBillions"):
        rates(old.replace("2009-05-05", "2019-05-03"), scope="EFFR")


def test_averages_and_index_are_left_out_with_a_note() -> None:
    index = '{"effectiveDate": "2024-02-07", "type": "SOFRAI", "average30day": 4.2, "average90day": 4.3'
    index += ', "average180day": 4.4, "index": 1.1, "revisionIndicator": ""}'
    parsed = rates(SOFR, index, scope=None)
    assert parsed.frame["rate_type"].to_list() == ["SOFR"]
    assert "1 rows of SOFR averages" in parsed.notes[0]


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        (SOFR.replace(' ,"volumeInBillions": 1750', ""), LayoutError, "type=rate"),
        (SOFR.replace('"percentRate": 4.20 ,', ""), LayoutError, "type=volume"),
        (SOFR.replace('"percentRate": 4.20', '"percentRate": null'), ValueFormatError, "percentRate"),
        (SOFR.replace('"percentRate": 4.20', '"percentRate": "null"'), ValueFormatError, "percentRate"),
        (SOFR.replace('"percentRate": 4.20', '"percentRate": ""'), ValueFormatError, "percentRate"),
        (SOFR.replace("1750", '"null"'), ValueFormatError, "volumeInBillions"),
        (SOFR.replace("4.10", '"null"'), ValueFormatError, "percentile_1_pct"),
        (SOFR.replace('"revisionIndicator"', '"medianRate": 4.2, "revisionIndicator"'), LayoutError, "medianRate"),
        (SOFR.replace("2024-02-06", "02/06/2024"), ValueFormatError, "effectiveDate"),
        (SOFR.replace('"SOFR"', '"BGCR"'), LayoutError, "BGCR"),
        (SOFR.replace("1750", "1750000"), ImplausibleValueError, "volume_usd_bn"),
        (SOFR.replace("4.20", "4200"), ImplausibleValueError, "rate_pct"),
        (SOFR + ", " + SOFR.replace("4.20", "4.25"), DuplicateKeyError, "share a key"),
    ],
)
def test_bad_rates_are_named(row: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        rates(row)


# --- reference rates as the site exports them -------------------------------------------------------------------------

HEADINGS = (
    "Effective Date,Rate Type,Rate (%),1st Percentile (%),25th Percentile (%),75th Percentile (%),99th Percentile (%),"
    "Volume ($Billions),Target Rate From (%),Target Rate To (%),Intra Day - Low (%),Intra Day - High (%),"
    "Standard Deviation (%),30-Day Average SOFR,90-Day Average SOFR,180-Day Average SOFR,SOFR Index,"
    "Revision Indicator (Y/N),Footnote ID"
)
EXPORT = f"""{HEADINGS}
02/07/2024,SOFRAI,,,,,,,,,,,,4.20,4.30,4.40,1.10000000,,
02/06/2024,SOFR,4.20,4.10,4.15,4.30,4.40,1750,,,,,,,,,,Y,7
02/06/2024,EFFR,4.33,4.32,4.33,4.34,4.40,90,4.25,4.50,,,,,,,,,
05/05/2009,EFFR,0.20,,,,,,0.00,0.25,0.10,0.40,0.05,,,,,,
"""


def exported(text: str, scope: str | None = None) -> Parsed:
    request = Request("u", scope=scope, is_file=True)
    return conform(REFERENCE_RATES, parse_rates(REFERENCE_RATES, text.encode(), request))


def test_the_site_s_export_gives_what_the_api_gives() -> None:
    parsed = exported(EXPORT)
    sofr, effr, old = parsed.frame.rows(named=True)
    assert sofr == rates(SOFR.replace('""', '"Y", "footnoteId": 7')).frame.row(0, named=True)
    assert (effr["rate_pct"], effr["target_from_pct"], effr["target_to_pct"]) == (4.33, 4.25, 4.5)
    assert (old["effective_date"], old["volume_usd_bn"], old["intraday_high_pct"]) == (date(2009, 5, 5), None, 0.4)
    assert parsed.notes == ("1 rows of SOFR averages and index left out",)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + EXPORT.replace("\n", "\r\n"),
        EXPORT.replace("02/06/2024", "2/6/2024"),
        EXPORT.replace("02/06/2024", "2024-02-06"),
        EXPORT.replace(",1750,", ',"1,750",'),
        EXPORT.replace("Effective Date", '"Effective Date"').replace("EFFR", '"EFFR"'),
        EXPORT.replace("Rate Type", "RATE TYPE ").replace(",Y,7", ", Y ,7"),
        EXPORT.rstrip("\n"),
        EXPORT + "\n," + "," * 17 + "\nSource: Federal Reserve Bank of New York\n",
    ],
)
def test_exports_that_a_spreadsheet_saved_again(text: str) -> None:
    assert exported(text).frame.equals(exported(EXPORT).frame)


def test_a_day_without_a_rate_is_left_out_and_na_is_none() -> None:
    holiday = "02/12/2024,EFFR" + "," * 17 + "\n"
    parsed = exported(EXPORT.replace("4.10,4.15", "NA,NA") + holiday)
    assert parsed.frame.height == 3
    assert parsed.frame["percentile_1_pct"].to_list() == [None, 4.32, None]
    assert parsed.notes[0] == "1 days without a rate left out"


def test_columns_that_an_export_lacks_are_empty_with_a_note() -> None:
    parsed = exported("Rate (%),Effective Date,Rate Type\n4.2,02/06/2024,SOFR\n")
    assert parsed.frame.select("rate_type", "effective_date", "rate_pct").rows() == [("SOFR", date(2024, 2, 6), 4.2)]
    assert parsed.frame["volume_usd_bn"].to_list() == [None]
    assert parsed.notes[0].startswith("no column '1st percentile (%)', '25th percentile (%)'")
    assert (
        {"volume_usd_bn", "footnote_id"}
        < set(parsed.unsaid)
        == set(REFERENCE_RATES.schema)
        - {
            "rate_type",
            "effective_date",
            "rate_pct",
        }
    )


def test_the_table_of_one_rate_is_named_by_hand() -> None:
    table = "Effective Date,Rate (%),Volume ($Billions)\n02/06/2024,4.2,1750\n"
    assert exported(table, scope="SOFR").frame["rate_type"].to_list() == ["SOFR"]
    with pytest.raises(LayoutError, match="--series"):
        exported(table)
    with pytest.raises(LayoutError, match="a row of EFFR where SOFR was asked"):
        exported(EXPORT, scope="SOFR")


@pytest.mark.parametrize(
    ("was", "now", "error", "says"),
    [
        ("Rate Type", "Kind", LayoutError, "rate type.*all of its columns"),
        ("Effective Date", "Day", LayoutError, "effective date"),
        ("Rate (%)", "Rate", LayoutError, "rate .%."),
        ("Footnote ID", "Rating", LayoutError, "rating"),
        ("Footnote ID", "Rate Type", LayoutError, "repeated"),
        (",1750,", ",,", LayoutError, "no volume"),
        (",1750,", ",1750000,", ImplausibleValueError, "volume_usd_bn"),
        ("4.10,4.15", "4.15,4.10", ImplausibleValueError, "percentile_1_pct 4.15 is more than percentile_25_pct"),
        ("4.25,4.50", "4.50,4.25", ImplausibleValueError, "target_from_pct"),
        ("4.10", "low", ValueFormatError, "line 3 1st percentile.*'low'"),
        ("4.10", "4,10", UnreadableBodyError, "cut short"),
        ("02/06/2024,SOFR", "06.02.2024,SOFR", ValueFormatError, "line 3 effective date"),
        ("02/06/2024,SOFR", ",SOFR", ValueFormatError, "no day"),
        ("02/06/2024,SOFR", "02/06/2024,LIBOR", ValueFormatError, "LIBOR"),
        (",Y,7", ",Y", UnreadableBodyError, "line 3 is cut short"),
        ("0.20,,,,,,0.00,0.25,0.10,0.40,0.05,,,,,,\n", "", UnreadableBodyError, "line 5 is cut short"),
        ("05/05/2009,EFFR,0.20,,,,,,0.00,0.25,0.10,0.40,0.05,,,,,,\n", "05/0", UnreadableBodyError, "cut short"),
        ("02/06/2024,EFFR", "02/06/2024,SOFR", DuplicateKeyError, "share a key"),
    ],
)
def test_bad_exports_are_named(was: str, now: str, error: type[Exception], says: str) -> None:
    assert was in EXPORT
    with pytest.raises(error, match=says):
        exported(EXPORT.replace(was, now, 1))


def test_an_unknown_type_in_a_file_is_refused() -> None:
    with pytest.raises(ValueFormatError, match="XXXR"):
        rates(SOFR.replace('"SOFR"', '"XXXR"'), scope=None)


@pytest.mark.parametrize("dataset", [REFERENCE_RATES, REPO_OPERATIONS, REPO_OPERATION_DETAILS, SOMA_SUMMARY])
@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", UnreadableBodyError),
        (b"   \n", UnreadableBodyError),
        (b"<!DOCTYPE html><html><body>maintenance</body></html>", UnreadableBodyError),
        (b'{ "refRates": [ { "effectiveDate": "2024-0', UnreadableBodyError),
        (b"Bad Request", UnreadableBodyError),
        (b'{"message": "Internal server error"}', LayoutError),
        (b"[]", LayoutError),
    ],
)
def test_what_is_no_answer_at_all(dataset: object, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        dataset.parse(dataset, body, Request("u"))  # type: ignore[attr-defined]


def test_an_empty_list_is_an_error() -> None:
    with pytest.raises(EmptyBodyError):
        rates()
    with pytest.raises(EmptyBodyError):
        operations()
    with pytest.raises(EmptyBodyError):
        conform(SOMA_SUMMARY, SOMA_SUMMARY.parse(SOMA_SUMMARY, b'{"soma": {"summary": []}}', Request("u")))


@given(st.binary(max_size=200))
def test_noise_is_always_a_named_error(noise: bytes) -> None:
    with pytest.raises(BodyError):
        parse_rates(REFERENCE_RATES, noise, Request("u"))


# --- operations -----------------------------------------------------------------------------------------------------


def test_an_operation_in_whole_dollars_with_its_stamp_in_utc() -> None:
    row = operations(operation()).frame.row(0, named=True)
    assert (row["submitted_usd"], row["accepted_usd"]) == (5_000_000_000, 3_000_000_000)
    assert row["last_updated_at"] == datetime(2024, 2, 6, 18, 45, 40)
    assert row["note"] is None
    assert (row["term_days"], row["operation_limit_usd"]) == (1, 400_000_000_000)


def test_the_stamp_keeps_daylight_saving_and_the_repeated_hour() -> None:
    july = operations(operation(lastUpdated="2024-07-09 13:45:40")).frame["last_updated_at"].item()
    assert july.hour == 17
    twice = operations(operation(lastUpdated="2024-11-03 01:30:00")).frame["last_updated_at"].item()
    assert twice == datetime(2024, 11, 3, 6, 30)


def test_full_allotment_fixed_rate_and_rows_of_2020() -> None:
    allotment = operation(
        operationMethod="Full Allotment",
        operationLimit=...,
        totalAmtAccepted=7,
        totalAmtSubmitted=7,
        details=[{"securityType": "Treasury", "amtSubmitted": 7, "amtAccepted": 7, "percentOfferingRate": 3.75}],
    )
    reverse = operation(
        operationId="RP 020624 10",
        operationType="Reverse Repo",
        operationMethod="Fixed Rate",
        releaseTime=...,
        participatingCpty=12,
        acceptedCpty=11,
        totalAmtAccepted=9,
        details=[{"securityType": "Treasury", "amtSubmitted": 9, "amtAccepted": 9, "percentAwardRate": 3.5}],
        propositions=[{"counterpartyType": "mmf", "amtAccepted": 9}],
    )
    frame = operations(allotment, reverse).frame
    assert frame["release_time"].to_list() == ["13:30", None]
    assert frame["participating_count"].to_list() == [None, 12]
    legs = details(allotment, reverse)
    assert legs["offering_rate_pct"].to_list() == [3.75, None]
    assert legs["award_rate_pct"].to_list() == [None, 3.5]


def test_details_have_one_row_for_each_collateral() -> None:
    frame = details(operation())
    assert frame["security_type"].to_list() == ["Treasury", "Agency", "Mortgage-Backed"]
    assert frame["accepted_usd"].sum() == 3_000_000_000
    assert frame["weighted_average_rate_pct"].to_list() == [4.55, None, None]
    assert frame["operation_date"].unique().to_list() == [date(2024, 2, 6)]


def test_announcements_are_left_out_with_a_note() -> None:
    announced = operation(operationId="RP 020724 1", auctionStatus="Announced", details=..., totalAmtAccepted=...)
    parsed = operations(operation(), announced)
    assert parsed.frame.height == 1
    assert parsed.notes == ("1 operations without results left out",)


@pytest.mark.parametrize(
    ("note", "plain"),
    [
        ("<p>Today&#39;s  <b>limit</b> is<br/>lower.</p>", "Today's limit is lower."),
        ("bids < 5 and > 2", "bids < 5 and > 2"),
        (None, None),
        ("", None),
        ("<p></p>", None),
    ],
)
def test_notes_become_plain_text(note: str | None, plain: str | None) -> None:
    assert operations(operation(note=note)).frame["note"].item() == plain


def test_a_bare_asterisk_is_a_suppressed_value_but_not_inside_text() -> None:
    body = body_of(operation(note='see ": *, below'))
    body = body.replace(b'"operationLimit": 400000000000', b'"operationLimit": *')
    frame = conform(REPO_OPERATIONS, REPO_OPERATIONS.parse(REPO_OPERATIONS, body, Request("u"))).frame
    assert frame["operation_limit_usd"].item() is None
    assert frame["note"].item() == 'see ": *, below'
    body = body_of(operation()).replace(b'"totalAmtAccepted": 3000000000', b'"totalAmtAccepted" : *')
    with pytest.raises(ValueFormatError, match="accepted_usd"):
        conform(REPO_OPERATIONS, REPO_OPERATIONS.parse(REPO_OPERATIONS, body, Request("u")))


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"totalAmtAccepted": 4_000_000_000}, ValueFormatError, "legs add up"),
        ({"totalAmtAccepted": "null"}, ValueFormatError, "totalAmtAccepted"),
        ({"totalAmtSubmitted": None}, ValueFormatError, "submitted_usd"),
        ({"totalAmtSubmitted": 5 * 10**15}, ImplausibleValueError, "submitted_usd"),
        ({"operationType": "Swap"}, ValueFormatError, "Swap"),
        ({"operationDate": ""}, ValueFormatError, "operationDate"),
        ({"operationId": ...}, LayoutError, "operationId"),
        ({"lastUpdated": ""}, ValueFormatError, "last_updated_at"),
        ({"lastUpdated": "06.02.2024 13:45"}, ValueFormatError, "RP 020624 9 lastUpdated"),
        ({"lastUpdated": "2024-03-10 02:30:00"}, ValueFormatError, "no New York time"),
        ({"releaseTime": "1.30 pm"}, ValueFormatError, "releaseTime"),
    ],
)
def test_bad_operations_are_named(changes: dict[str, object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        operations(operation(**changes))


def test_bad_details_are_named() -> None:
    leg = {"securityType": "Corporate", "amtSubmitted": 5, "amtAccepted": 5}
    with pytest.raises(ValueFormatError, match="Corporate"):
        details(operation(totalAmtAccepted=5, details=[leg]))
    with pytest.raises(ValueFormatError, match="amtAccepted"):
        details(operation(details=[leg | {"amtAccepted": None}]))
    twice = leg | {"securityType": "Agency"}
    with pytest.raises(DuplicateKeyError):
        details(operation(totalAmtAccepted=10, details=[twice, twice | {"percentAwardRate": 1.0}]))


# --- SOMA -----------------------------------------------------------------------------------------------------------

HOLDING = {
    "asOfDate": "2024-02-07",
    "mbs": "2000000000000.25",
    "cmbs": "8000000000.50",
    "tips": "300000000000",
    "frn": "",
    "tipsInflationCompensation": "90000000000.11",
    "notesbonds": "3500000000000",
    "bills": "190000000000",
    "agencies": "",
    "total": "5998000000000.75",
}


def soma(**changes: str) -> pl.DataFrame:
    body = json.dumps({"soma": {"summary": [HOLDING | changes]}}).encode()
    return conform(SOMA_SUMMARY, SOMA_SUMMARY.parse(SOMA_SUMMARY, body, Request("u"))).frame


def test_holdings_are_exact_decimals_and_none_is_null() -> None:
    row = soma().row(0, named=True)
    assert row["mbs_usd"] == Decimal("2000000000000.25")
    assert row["total_usd"] == Decimal("5998000000000.75")
    assert row["frn_usd"] is None
    assert row["agencies_usd"] is None
    assert row["tips_inflation_compensation_usd"] == Decimal("90000000000.11")


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"total": "6088000000000.86"}, ValueFormatError, "2024-02-07"),  # accretion counted in
        ({"bills": "190000000"}, ValueFormatError, "do not add up"),
        ({"bills": "null"}, ValueFormatError, "row 1 bills_usd"),
        ({"bills": "1.9e11"}, ValueFormatError, "bills_usd"),
        ({"bills": "190000000000.001"}, ValueFormatError, "bills_usd"),
        ({"tipsInflationCompensation": ""}, ValueFormatError, "tips_inflation_compensation_usd"),
        ({"strips": "0"}, LayoutError, "strips"),
        ({"total": "5998000000000750"}, ValueFormatError, "do not add up"),
    ],
)
def test_bad_holdings_are_named(changes: dict[str, str], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        soma(**changes)


def test_a_cell_that_is_json_null_or_absent_is_named() -> None:
    for holding, error in ((HOLDING | {"bills": None}, ValueFormatError), ({"asOfDate": "2024-02-07"}, LayoutError)):
        body = json.dumps({"soma": {"summary": [holding]}}).encode()
        with pytest.raises(error, match=r"\$\.soma\.summary\[0\]"):
            SOMA_SUMMARY.parse(SOMA_SUMMARY, body, Request("u"))


def test_rounding_of_a_few_dollars_passes() -> None:
    assert soma(total="5998000000003.15").height == 1
    with pytest.raises(ValueFormatError):
        soma(total="5998000000006.00")


# --- requests -------------------------------------------------------------------------------------------------------


def test_one_search_for_each_rate_from_its_own_first_day() -> None:
    asked = {r.scope: r for r in REFERENCE_RATES.requests(REFERENCE_RATES, Plan(date(2024, 2, 7)))}
    assert set(asked) == {"SOFR", "TGCR", "BGCR", "EFFR", "OBFR"}
    assert asked["SOFR"].public_url == (
        "https://markets.newyorkfed.org/api/rates/secured/sofr/search.json?startDate=2018-04-02&endDate=2024-02-07"
    )
    assert "/rates/unsecured/effr/search.json?startDate=2000-07-03" in asked["EFFR"].public_url
    assert (asked["EFFR"].covers_from, asked["EFFR"].covers_to) == (date(2000, 7, 3), date(2024, 2, 7))
    assert not any(name == "type" for request in asked.values() for name, _ in request.params)


def test_later_rates_read_a_window_of_their_own() -> None:
    plan = Plan(date(2024, 2, 7), {"SOFR": date(2024, 2, 6), "EFFR": date(2024, 2, 5)})
    asked = {r.scope: r.covers_from for r in REFERENCE_RATES.requests(REFERENCE_RATES, plan)}
    assert asked["SOFR"] == date(2024, 1, 23)
    assert asked["EFFR"] == date(2024, 1, 22)
    assert asked["TGCR"] == date(2018, 4, 2), "never loaded before"


def test_operations_and_their_details_ask_the_same() -> None:
    assert REPO_OPERATIONS.requests is REPO_OPERATION_DETAILS.requests
    plan = Plan(date(2024, 2, 7))
    (asked,) = REPO_OPERATIONS.requests(REPO_OPERATIONS, plan)
    assert [asked] == list(REPO_OPERATION_DETAILS.requests(REPO_OPERATION_DETAILS, plan))
    assert asked.public_url.endswith("/api/rp/results/search.json?startDate=2013-09-23&endDate=2024-02-07")
    (summary,) = SOMA_SUMMARY.requests(SOMA_SUMMARY, Plan(date(2024, 2, 7), {None: date(2024, 2, 7)}))
    assert summary.params == ()
    assert summary.covers_from == date(2003, 7, 9), "the body is the whole history each time"


def test_release_of_secured_rates_waits_for_the_securities_calendar() -> None:
    thursday = date(2024, 3, 28)
    assert REFERENCE_RATES.release_of("SOFR").published_at(thursday) == datetime(2024, 4, 1, 12, 0)
    assert REFERENCE_RATES.release_of("EFFR").published_at(thursday) == datetime(2024, 3, 29, 13, 0)
