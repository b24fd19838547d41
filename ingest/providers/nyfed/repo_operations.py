"""Repo and reverse repo operations, whole and by kind of collateral: two datasets that read the same bodies."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import msgspec
from msgspec.structs import asdict

from ingest.calendars import Calendar
from ingest.catalog import Column, Dataset, Parsed, Plan, Request, Unit
from ingest.decode import by_name, from_json, wire_names
from ingest.errors import ValueFormatError
from ingest.providers.nyfed.common import (
    API,
    AUCTION_STATUS,
    CLOSE_TIME,
    OPERATION_DATE,
    SAME_DAY,
    SETTLEMENT_DATE,
    TERMS,
    UPDATED_AT,
    USD_PLAUSIBLE,
    clock_time,
    pct,
    plain_text,
    times_updated,
    window,
    without_stars,
)
from ingest.releases import Cadence

OPERATION_COLUMNS = (
    Column(
        "operation_id",
        "varchar",
        "The publisher's name of the operation; opaque, its last number means nothing",
        is_nullable=False,
        wire="operationId",
    ),
    OPERATION_DATE,
    SETTLEMENT_DATE,
    Column("maturity_date", "date", "Day on which they come back", wire="maturityDate"),
    AUCTION_STATUS,
    Column(
        "operation_type",
        "varchar",
        "Repo adds reserves, Reverse Repo drains them",
        is_nullable=False,
        allowed=frozenset({"Repo", "Reverse Repo"}),
        wire="operationType",
    ),
    Column("operation_method", "varchar", "Fixed Rate, Multiple Price or Full Allotment", wire="operationMethod"),
    Column("settlement_type", "varchar", "Same Day or days forward", wire="settlementType"),
    Column("term", "varchar", "Overnight or Term", wire="term"),
    Column(
        "term_days",
        "bigint",
        "Calendar days to maturity; 3 over a weekend",
        Unit.DAYS,
        plausible=(1, 400),
        wire="termCalenderDays",  # sic
    ),
    Column("release_time", "varchar", "Opening, HH:MM in New York; absent in 2020", wire="releaseTime"),
    CLOSE_TIME,
    Column(
        "note",
        "varchar",
        "The publisher's remark, edited after the fact; names most small-value exercises",
        wire="note",
    ),
    Column(
        "operation_limit_usd",
        "bigint",
        "Most that would be accepted (until full allotment)",
        Unit.USD,
        plausible=USD_PLAUSIBLE,
        wire="operationLimit",
    ),
    Column(
        "participating_count",
        "bigint",
        "Counterparties that bid (reverse repo)",
        Unit.COUNT,
        plausible=(0, 1000),
        wire="participatingCpty",
    ),
    Column(
        "accepted_count",
        "bigint",
        "Counterparties accepted (reverse repo)",
        Unit.COUNT,
        plausible=(0, 1000),
        wire="acceptedCpty",
    ),
    Column(
        "submitted_usd",
        "bigint",
        "Amount bid, all securities",
        Unit.USD,
        False,
        plausible=USD_PLAUSIBLE,
        wire="totalAmtSubmitted",
    ),
    Column(
        "accepted_usd",
        "bigint",
        "Amount accepted, all securities",
        Unit.USD,
        False,
        plausible=USD_PLAUSIBLE,
        wire="totalAmtAccepted",
    ),
    UPDATED_AT,
)

DETAIL_COLUMNS = (
    Column("operation_id", "varchar", "The publisher's name of the operation; opaque", is_nullable=False),
    Column(
        "security_type",
        "varchar",
        "Collateral",
        is_nullable=False,
        allowed=frozenset({"Treasury", "Agency", "Mortgage-Backed"}),
        wire="securityType",
    ),
    Column("operation_date", "date", "Day on which the operation was held", is_nullable=False),
    Column(
        "operation_type",
        "varchar",
        "Repo adds reserves, Reverse Repo drains them",
        is_nullable=False,
        allowed=frozenset({"Repo", "Reverse Repo"}),
    ),
    Column("submitted_usd", "bigint", "Amount bid", Unit.USD, False, plausible=USD_PLAUSIBLE, wire="amtSubmitted"),
    Column("accepted_usd", "bigint", "Amount accepted", Unit.USD, False, plausible=USD_PLAUSIBLE, wire="amtAccepted"),
    pct("minimum_bid_rate_pct", "Lowest rate a bid may name (multiple price)", wire="minimumBidRate"),
    pct("high_rate_pct", "Highest accepted rate, when anything was accepted (multiple price)", wire="percentHighRate"),
    pct("low_rate_pct", "Lowest accepted rate, when anything was accepted (multiple price)", wire="percentLowRate"),
    pct("stop_out_rate_pct", "Rate at which acceptance stopped (multiple price)", wire="percentStopOutRate"),
    pct(
        "weighted_average_rate_pct",
        "Average accepted rate, weighted by amount (multiple price)",
        wire="percentWeightedAverageRate",
    ),
    pct(
        "offering_rate_pct",
        "Rate at which the Fed offered to deal (fixed rate, full allotment)",
        wire="percentOfferingRate",
    ),
    pct("award_rate_pct", "Rate awarded (reverse repo)", wire="percentAwardRate"),
    UPDATED_AT,
)


def operation_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search for all operations; both datasets of operations read the same body."""
    start = plan.since(dataset)
    yield Request(f"{API}/rp/results/search.json", window(start, plan.today), None, start, plan.today)


class _Detail(msgspec.Struct, rename=wire_names(DETAIL_COLUMNS)):
    security_type: str
    submitted_usd: int
    accepted_usd: int
    minimum_bid_rate_pct: float | None = None
    high_rate_pct: float | None = None
    low_rate_pct: float | None = None
    stop_out_rate_pct: float | None = None
    weighted_average_rate_pct: float | None = None
    offering_rate_pct: float | None = None
    award_rate_pct: float | None = None


class _Operation(msgspec.Struct, rename=wire_names(OPERATION_COLUMNS)):
    # Not closed: fields come and go with method and year. What guards it is the sum of the legs, see _results.
    operation_id: str
    auction_status: str
    operation_date: date
    operation_type: str
    settlement_date: date | None = None
    maturity_date: date | None = None
    operation_method: str | None = None
    settlement_type: str | None = None
    term: str | None = None
    term_days: int | None = None
    release_time: str | None = None
    close_time: str | None = None
    note: str | None = None
    last_updated_at: str | None = None
    operation_limit_usd: int | None = None
    participating_count: int | None = None
    accepted_count: int | None = None
    submitted_usd: int | None = None
    accepted_usd: int | None = None
    details: list[_Detail] = []


class _Operations(msgspec.Struct):
    operations: list[_Operation]


class _Repo(msgspec.Struct):
    repo: _Operations


def _results(body: bytes) -> tuple[list[_Operation], tuple[str, ...]]:
    """Operations that have results, and a note on the others. The legs must add up to each operation's total."""
    operations = from_json(without_stars(body), _Repo).repo.operations
    results = [operation for operation in operations if operation.auction_status == "Results"]
    for operation in results:
        legs = sum(detail.accepted_usd for detail in operation.details)
        if operation.accepted_usd is not None and legs != operation.accepted_usd:
            raise ValueFormatError(
                f"the legs add up to {legs} dollars, totalAmtAccepted is {operation.accepted_usd}",
                place=operation.operation_id,
            )
    left_out = len(operations) - len(results)
    return results, (f"{left_out} operations without results left out",) if left_out else ()


def parse_operations(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each operation with results, amounts in whole US dollars."""
    results, notes = _results(body)
    rows = [
        asdict(o)
        | {
            "release_time": clock_time(o.release_time, f"{o.operation_id} releaseTime"),
            "close_time": clock_time(o.close_time, f"{o.operation_id} closeTime"),
            "note": plain_text(o.note),
            "last_updated_at": updated_at,
        }
        for o, updated_at in zip(results, times_updated(results), strict=True)
    ]
    return Parsed(by_name(rows, dataset.schema), notes)


REPO_OPERATIONS = Dataset(
    provider="nyfed",
    name="repo_operations",
    title="Repo and reverse repo operations",
    by_hand="JSON of the Markets API, `/api/rp/results/search.json` or `/api/rp/reverserepo/...`",
    description="Every repo and reverse repo operation with results: standing repo, overnight reverse repo, exercises.",
    columns=OPERATION_COLUMNS,
    key=("operation_id",),
    date_column="operation_date",
    cadence=Cadence.DAILY,
    release=SAME_DAY,
    start=date(2013, 9, 23),
    earliest=date(2000, 1, 3),  # temporary operations before the reverse repo facility, in files saved by hand
    window_days=14,
    licence=TERMS,
    requests=operation_requests,
    bodies="rp_results",
    calendar=Calendar.SIFMA,  # no operation on Good Fridays, 2021-12-24 or 2026-07-03 in the recordings
    parse=parse_operations,
    stamped_at="last_updated_at",
    ordered=(
        ("operation_date", "settlement_date", "maturity_date"),
        ("release_time", "close_time"),
        ("accepted_count", "participating_count"),
        ("accepted_usd", "submitted_usd"),
    ),
    rests_on="recordings of 2018-2025 and of three operations of 2014; full allotment (2026) was read in two bodies "
    "that are not held, see ingest/providers/nyfed.md section 1.2",
)


def parse_operation_details(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each operation and kind of collateral, amounts in whole US dollars."""
    results, notes = _results(body)
    rows = [
        asdict(d)
        | {
            "operation_id": o.operation_id,
            "operation_date": o.operation_date,
            "operation_type": o.operation_type,
            "last_updated_at": updated_at,
        }
        for o, updated_at in zip(results, times_updated(results), strict=True)
        for d in o.details
    ]
    return Parsed(by_name(rows, dataset.schema), notes)


# From the same bodies, so all that is not named here is the same.
REPO_OPERATION_DETAILS = replace(
    REPO_OPERATIONS,
    name="repo_operation_details",
    title="Repo and reverse repo operations by collateral",
    by_hand="the same files as `nyfed.repo_operations`",
    description="Amounts and rates of every operation with results, by kind of collateral.",
    columns=DETAIL_COLUMNS,
    key=("operation_id", "security_type"),
    parse=parse_operation_details,
    ordered=(("low_rate_pct", "weighted_average_rate_pct", "high_rate_pct"), ("accepted_usd", "submitted_usd")),
)
