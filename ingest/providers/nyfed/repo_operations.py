"""Repo and reverse repo operations: standing repo, overnight reverse repo, exercises."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
from msgspec import field
from msgspec.structs import asdict

from ingest.calendars import Calendar
from ingest.catalog import Cadence, Column, Dataset, Parsed, Plan, Request, Unit
from ingest.decode import by_name, from_json
from ingest.errors import ValueFormatError
from ingest.providers.nyfed.common import (
    API,
    SAME_DAY,
    TERMS,
    UPDATED_AT,
    USD_PLAUSIBLE,
    clock_time,
    plain_text,
    times_updated,
    window,
    without_stars,
)

OPERATION_COLUMNS = (
    Column(
        "operation_id",
        "varchar",
        "The publisher's name of the operation; opaque, its last number means nothing",
        is_nullable=False,
    ),
    Column("operation_date", "date", "Day on which the operation was held", is_nullable=False),
    Column("settlement_date", "date", "Day on which cash and securities change hands"),
    Column("maturity_date", "date", "Day on which they come back"),
    Column("auction_status", "varchar", "Always Results; announcements are left out", is_nullable=False),
    Column(
        "operation_type",
        "varchar",
        "Repo adds reserves, Reverse Repo drains them",
        is_nullable=False,
        allowed=frozenset({"Repo", "Reverse Repo"}),
    ),
    Column("operation_method", "varchar", "Fixed Rate, Multiple Price or Full Allotment"),
    Column("settlement_type", "varchar", "Same Day or days forward"),
    Column("term", "varchar", "Overnight or Term"),
    Column("term_days", "bigint", "Calendar days to maturity; 3 over a weekend", Unit.DAYS, plausible=(1, 400)),
    Column("release_time", "varchar", "Opening, HH:MM in New York; absent in 2020"),
    Column("close_time", "varchar", "Closing, HH:MM in New York"),
    Column("note", "varchar", "The publisher's remark, edited after the fact; names most small-value exercises"),
    Column(
        "operation_limit_usd",
        "bigint",
        "Most that would be accepted (until full allotment)",
        Unit.USD,
        plausible=USD_PLAUSIBLE,
    ),
    Column("participating_count", "bigint", "Counterparties that bid (reverse repo)", Unit.COUNT, plausible=(0, 1000)),
    Column("accepted_count", "bigint", "Counterparties accepted (reverse repo)", Unit.COUNT, plausible=(0, 1000)),
    Column("submitted_usd", "bigint", "Amount bid, all securities", Unit.USD, False, plausible=USD_PLAUSIBLE),
    Column("accepted_usd", "bigint", "Amount accepted, all securities", Unit.USD, False, plausible=USD_PLAUSIBLE),
    UPDATED_AT,
)


def operation_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search for all operations; both datasets of operations read the same body."""
    start = plan.since(dataset)
    yield Request(f"{API}/rp/results/search.json", window(start, plan.today), None, start, plan.today)


class _Detail(msgspec.Struct):
    security_type: str = field(name="securityType")
    submitted_usd: int = field(name="amtSubmitted")
    accepted_usd: int = field(name="amtAccepted")
    minimum_bid_rate_pct: float | None = field(name="minimumBidRate", default=None)
    high_rate_pct: float | None = field(name="percentHighRate", default=None)
    low_rate_pct: float | None = field(name="percentLowRate", default=None)
    stop_out_rate_pct: float | None = field(name="percentStopOutRate", default=None)
    weighted_average_rate_pct: float | None = field(name="percentWeightedAverageRate", default=None)
    offering_rate_pct: float | None = field(name="percentOfferingRate", default=None)
    award_rate_pct: float | None = field(name="percentAwardRate", default=None)


class _Operation(msgspec.Struct):
    # Not closed: fields come and go with method and year. What guards it is the sum of the legs, see results_in.
    operation_id: str = field(name="operationId")
    auction_status: str = field(name="auctionStatus")
    operation_date: date = field(name="operationDate")
    operation_type: str = field(name="operationType")
    settlement_date: date | None = field(name="settlementDate", default=None)
    maturity_date: date | None = field(name="maturityDate", default=None)
    operation_method: str | None = field(name="operationMethod", default=None)
    settlement_type: str | None = field(name="settlementType", default=None)
    term: str | None = None
    term_days: int | None = field(name="termCalenderDays", default=None)  # sic
    release_time: str | None = field(name="releaseTime", default=None)
    close_time: str | None = field(name="closeTime", default=None)
    note: str | None = None
    last_updated: str | None = field(name="lastUpdated", default=None)
    operation_limit_usd: int | None = field(name="operationLimit", default=None)
    participating_count: int | None = field(name="participatingCpty", default=None)
    accepted_count: int | None = field(name="acceptedCpty", default=None)
    submitted_usd: int | None = field(name="totalAmtSubmitted", default=None)
    accepted_usd: int | None = field(name="totalAmtAccepted", default=None)
    details: list[_Detail] = []


class _Operations(msgspec.Struct):
    operations: list[_Operation]


class _Repo(msgspec.Struct):
    repo: _Operations


def results_in(dataset: Dataset, body: bytes) -> tuple[list[_Operation], tuple[str, ...]]:
    """Operations that have results, and a note on the others. The legs must add up to each operation's total."""
    operations = from_json(without_stars(body), _Repo, dataset.id).repo.operations
    results = [operation for operation in operations if operation.auction_status == "Results"]
    for operation in results:
        legs = sum(detail.accepted_usd for detail in operation.details)
        if operation.accepted_usd is not None and legs != operation.accepted_usd:
            raise ValueFormatError(
                f"the legs add up to {legs} dollars, totalAmtAccepted says {operation.accepted_usd}",
                dataset=dataset.id,
                place=operation.operation_id,
            )
    left_out = len(operations) - len(results)
    return results, (f"{left_out} operations without results left out",) if left_out else ()


def parse_operations(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each operation with results, amounts in whole US dollars."""
    results, notes = results_in(dataset, body)
    rows = [
        asdict(o)
        | {
            "release_time": clock_time(o.release_time, dataset, f"{o.operation_id} releaseTime"),
            "close_time": clock_time(o.close_time, dataset, f"{o.operation_id} closeTime"),
            "note": plain_text(o.note),
            "last_updated_at": updated_at,
        }
        for o, updated_at in zip(results, times_updated(dataset, results), strict=True)
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
