"""NY Fed: counterparties, dealers, swaps and purchases, on small bodies with figures of our own."""

import json
from datetime import date, datetime

import polars as pl
import pytest

from ingest.catalog import Dataset, Parsed, Plan, Request
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnitError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform
from ingest.providers.nyfed.fx_swaps import FX_SWAPS
from ingest.providers.nyfed.primary_dealer_statistics import PRIMARY_DEALER_STATISTICS
from ingest.providers.nyfed.reverse_repo_propositions import REVERSE_REPO_PROPOSITIONS
from ingest.providers.nyfed.treasury_operations import TREASURY_OPERATIONS
from tests.unit.providers.test_nyfed import body_of, operation

ALL = (REVERSE_REPO_PROPOSITIONS, PRIMARY_DEALER_STATISTICS, FX_SWAPS, TREASURY_OPERATIONS)


def parse(dataset: Dataset, body: object, url: str = "u", is_file: bool = True) -> Parsed:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return conform(dataset, dataset.parse(dataset, raw, Request(url, is_file=is_file)))


# --- counterparties -------------------------------------------------------------------------------------------------

SPLIT = [("bank", 0), ("gse", 2_000_000), ("mmf", 7_000_000), ("pd", 1_000_000)]


def reverse_repo(**changes: object) -> dict[str, object]:
    propositions = [{"counterpartyType": kind, "amtAccepted": amount} for kind, amount in SPLIT]
    made = {"operationType": "Reverse Repo", "totalAmtAccepted": 10_000_000, "propositions": propositions}
    return operation(**(made | changes))


def test_one_row_for_each_kind_of_counterparty() -> None:
    later = reverse_repo(operationId="RP 020724 9", propositions=...)
    parsed = parse(REVERSE_REPO_PROPOSITIONS, body_of(reverse_repo(), later))
    assert parsed.frame.select("counterparty_type", "accepted_usd").rows() == SPLIT
    assert parsed.frame["operation_date"].unique().to_list() == [date(2024, 2, 6)]
    assert parsed.notes == ("1 operations without counterparties (yet) left out",)


def test_a_body_with_little_more_than_the_split_will_do() -> None:
    slim = {"operationId": "RP 1", "operationDate": "2024-02-06", "propositions": reverse_repo()["propositions"]}
    assert parse(REVERSE_REPO_PROPOSITIONS, {"repo": {"operations": [slim]}}).frame.height == 4


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"totalAmtAccepted": 11_000_000}, ValueFormatError, "add up to 10000000"),
        ({"propositions": [{"counterpartyType": "fund", "amtAccepted": 10_000_000}]}, ValueFormatError, "fund"),
        ({"propositions": [{"counterpartyType": "mmf"}]}, LayoutError, "amtAccepted"),
        ({"propositions": [{"counterpartyType": "mmf", "amtAccepted": "*"}]}, ValueFormatError, "amtAccepted"),
        ({"propositions": []}, EmptyBodyError, "no rows"),
    ],
)
def test_bad_splits_are_named(changes: dict, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(REVERSE_REPO_PROPOSITIONS, body_of(reverse_repo(**changes)))


# --- dealers --------------------------------------------------------------------------------------------------------


def dealers(*rows: tuple[str, str, str | None]) -> dict[str, object]:
    return {"pd": {"timeseries": [{"asofdate": day, "keyid": key, "value": value} for day, key, value in rows]}}


def test_text_millions_with_the_form_of_the_survey() -> None:
    rows = [
        ("2013-04-03", "PDPOSGS-B", "21000"),
        ("2021-12-29", "PDPOSGS-B", "-3500"),
        ("2022-01-05", "PDPOSGS-B", "*"),
        ("2024-07-03", "PDPOSGS-B", "90500"),
    ]
    parsed = parse(PRIMARY_DEALER_STATISTICS, dealers(*rows))
    assert parsed.frame["value_usd_mn"].to_list() == [21_000, -3_500, 90_500]
    assert parsed.frame["series_break"].to_list() == ["SBN2013", "SBN2015", "SBN2024"]
    assert parsed.notes == ("1 suppressed values left out",)


def test_a_bare_asterisk_is_a_suppressed_value_too() -> None:
    rows = [("2024-07-03", "PDPOSGS-B", "90500"), ("2024-07-10", "PDPOSGS-B", "1")]
    body = json.dumps(dealers(*rows)).replace('"value": "1"', '"value": *').encode()
    assert parse(PRIMARY_DEALER_STATISTICS, body).frame.height == 1


def test_what_was_asked_and_nothing_else_must_come() -> None:
    url = "https://markets.newyorkfed.org/api/pd/get/PDPOSGS-B_PDPOSGSC-L2.json"
    both = dealers(("2024-07-03", "PDPOSGS-B", "90500"), ("2024-07-03", "PDPOSGSC-L2", "50"))
    assert parse(PRIMARY_DEALER_STATISTICS, both, url, is_file=False).frame.height == 2
    with pytest.raises(LayoutError, match="PDPOSGSC-L2"):
        parse(PRIMARY_DEALER_STATISTICS, dealers(("2024-07-03", "PDPOSGS-B", "90500")), url, is_file=False)
    more = dealers(*[("2024-07-03", key, "5") for key in ("PDPOSGS-B", "PDPOSGSC-L2", "PDPOSGSC-G21")])
    with pytest.raises(LayoutError, match=r"not asked \['PDPOSGSC-G21'\]"):
        parse(PRIMARY_DEALER_STATISTICS, more, url, is_file=False)


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        (("2024-07-03", "PDPOSGS-B", "90,500"), ValueFormatError, "90,500"),
        (("2024-07-03", "PDPOSGS-B", "NA"), ValueFormatError, "NA"),
        (("2024-07-31", "PDPOSGS-X", "90500"), LayoutError, "PDPOSGS-X"),
        (("2024-07-04", "PDPOSGS-B", "90500"), ValueFormatError, "no Wednesday"),
        (("2001-07-04", "PDPOSGS-B", "90500"), ValueFormatError, "series_break"),
        (("2024-07-03", "PDSORA-UTSETTOT", "0.9"), UnitError, "multiplied by"),
        (("2024-07-03", "PDPOSGS-B", "9050000"), UnitError, "multiplied by"),
        (("2024-07-03", "PDPOSGS-B", "*"), EmptyBodyError, "no rows"),
    ],
)
def test_bad_lines_are_named(row: tuple[str, str, str], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(PRIMARY_DEALER_STATISTICS, dealers(row))


def test_every_line_is_asked_once_and_covers_nothing() -> None:
    plan = Plan(date(2026, 11, 20), {series.id: date(2026, 11, 11) for series in PRIMARY_DEALER_STATISTICS.series})
    requests = list(PRIMARY_DEALER_STATISTICS.requests(PRIMARY_DEALER_STATISTICS, plan))
    asked = [key for request in requests for key in request.url.rsplit("/", 1)[1].removesuffix(".json").split("_")]
    assert asked == [series.id for series in PRIMARY_DEALER_STATISTICS.series]
    assert all(request.covers_from is None for request in requests), "one answer holds only some of the lines"


# --- swaps ----------------------------------------------------------------------------------------------------------


def swap(**changes: object) -> dict[str, object]:
    made = {
        "operationType": "U.S. Dollar Liquidity Swap",
        "counterparty": "European Central Bank",
        "currency": "USD",
        "tradeDate": "2024-02-07",
        "settlementDate": "2024-02-08",
        "maturityDate": "2024-02-15",
        "termInDays": 7,
        "amount": 95_000_000,
        "interestRate": 5.58,
        "isSmallValue": "",
    }
    return {name: value for name, value in (made | changes).items() if value is not ...}


def swaps(*made: dict[str, object]) -> Parsed:
    return parse(FX_SWAPS, {"fxSwaps": {"operations": made}})


def test_swaps_in_dollars_with_exercises_marked() -> None:
    parsed = swaps(
        swap(),
        swap(counterparty="Bank of Japan", amount=50_000, isSmallValue="Y"),
        swap(counterparty="Bank of Canada", isSmallValue="N"),
        swap(counterparty="Swiss National Bank", isSmallValue=..., lastUpdated="2024-02-08T15:00:00"),
        swap(currency="GBP", counterparty="Bank of England", operationType="Non-U.S. Dollar Liquidity Swap"),
    )
    row = parsed.frame.filter(pl.col("counterparty") == "European Central Bank").row(0, named=True)
    assert (row["amount_usd"], row["interest_rate_pct"], row["term_days"]) == (95_000_000, 5.58, 7)
    assert parsed.frame.filter("is_small_value")["counterparty"].to_list() == ["Bank of Japan"]
    assert parsed.notes == ("1 swaps in other currencies left out",)


def test_two_swaps_of_a_day_are_told_apart_by_a_number() -> None:
    frame = swaps(swap(amount=9), swap(amount=7), swap(amount=9)).frame
    assert frame.select("amount_usd", "repeat_count").rows() == [(7, 1), (9, 2), (9, 3)]
    assert swaps(swap(amount=7), swap(amount=9), swap(amount=9)).frame.equals(frame), "the order on the wire is free"


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"amount": ...}, LayoutError, "amount"),
        ({"amount": "many"}, ValueFormatError, "amount"),
        ({"amount": 95e12}, ImplausibleValueError, "amount_usd"),
        ({"isSmallValue": "maybe"}, ValueFormatError, "isSmallValue"),
        ({"operationType": "Loan"}, ValueFormatError, "Loan"),
        ({"maturityDate": ""}, ValueFormatError, "maturityDate"),
        ({"tradeDate": "02/07/2024"}, ValueFormatError, "tradeDate"),
    ],
)
def test_bad_swaps_are_named(changes: dict, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        swaps(swap(**changes))


# --- purchases ------------------------------------------------------------------------------------------------------


def purchase(**changes: object) -> dict[str, object]:
    made = {
        "operationId": "OR 020626 7",
        "auctionStatus": "Results",
        "operationType": "Outright Bill Purchase",
        "operationDate": "2026-02-06",
        "settlementDate": "2026-02-09",
        "maturityRangeStart": "2026-03-10",
        "maturityRangeEnd": "2026-06-04",
        "operationDirection": "P",
        "auctionMethod": "Multiple Price",
        "releaseTime": "09:00",
        "closeTime": "09:20",
        "totalParAmtSubmitted": "31500000000",
        "totalParAmtAccepted": "6500000000",
        "note": "",
        "lastUpdated": "2026-02-06 09:20:44",
    }
    return {name: value for name, value in (made | changes).items() if value is not ...}


def purchases(*made: dict[str, object]) -> Parsed:
    return parse(TREASURY_OPERATIONS, {"treasury": {"auctions": made}})


def test_a_purchase_of_bills_in_whole_dollars() -> None:
    announced = purchase(operationId="OR 020926 7", auctionStatus="Announced", totalParAmtAccepted="")
    parsed = purchases(purchase(), announced)
    row = parsed.frame.row(0, named=True)
    assert (row["submitted_usd"], row["accepted_usd"]) == (31_500_000_000, 6_500_000_000)
    assert row["last_updated_at"] == datetime(2026, 2, 6, 14, 20, 44)
    assert (row["maturity_from_date"], row["maturity_to_date"]) == (date(2026, 3, 10), date(2026, 6, 4))
    assert row["note"] is None
    assert parsed.notes == ("1 operations without results left out",)


def test_what_may_be_missing_is_null() -> None:
    slim = purchase(
        maturityRangeStart="", maturityRangeEnd=..., totalParAmtSubmitted="", lastUpdated=..., releaseTime=""
    )
    row = purchases(slim).frame.row(0, named=True)
    assert [row[name] for name in ("maturity_from_date", "maturity_to_date", "submitted_usd", "last_updated_at")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"totalParAmtAccepted": ""}, ValueFormatError, "accepted_usd"),
        ({"totalParAmtAccepted": "6.5"}, ValueFormatError, "accepted_usd"),
        ({"totalParAmtAccepted": 6_500_000_000}, ValueFormatError, "totalParAmtAccepted"),
        ({"totalParAmtAccepted": "6500000000000000"}, ImplausibleValueError, "accepted_usd"),
        ({"operationDirection": "X"}, ValueFormatError, "operation_direction"),
        ({"operationId": ...}, LayoutError, "operationId"),
        ({"releaseTime": "nine"}, ValueFormatError, "HH:MM"),
        ({"lastUpdated": "yesterday"}, ValueFormatError, "lastUpdated"),
    ],
)
def test_bad_purchases_are_named(changes: dict, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        purchases(purchase(**changes))


def test_one_name_for_two_purchases_is_refused() -> None:
    with pytest.raises(DuplicateKeyError):
        purchases(purchase(), purchase(totalParAmtAccepted="5"))


# --- all four -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", ALL, ids=lambda d: d.name)
@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", UnreadableBodyError),
        (b"<html>maintenance</html>", UnreadableBodyError),
        (b'{"repo": {"opera', UnreadableBodyError),
        (b"{}", LayoutError),
        (b"[]", LayoutError),
    ],
)
def test_what_is_no_answer_at_all(dataset: Dataset, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(dataset, body)


@pytest.mark.parametrize(
    ("dataset", "body"),
    [
        (REVERSE_REPO_PROPOSITIONS, {"repo": {"operations": []}}),
        (PRIMARY_DEALER_STATISTICS, {"pd": {"timeseries": []}}),
        (FX_SWAPS, {"fxSwaps": {"operations": []}}),
        (TREASURY_OPERATIONS, {"treasury": {"auctions": []}}),
    ],
    ids=lambda value: value.name if isinstance(value, Dataset) else "",
)
def test_an_empty_list_is_an_error(dataset: Dataset, body: dict) -> None:
    with pytest.raises(EmptyBodyError):
        parse(dataset, body)
