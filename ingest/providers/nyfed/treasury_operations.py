"""Outright purchases and sales of Treasuries by the open market desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta

import msgspec
import polars as pl
from msgspec import field
from msgspec.structs import asdict

from ingest.catalog import Cadence, Column, Dataset, Parsed, Plan, Release, Request, Unit
from ingest.decode import by_name, from_json, strict
from ingest.providers.nyfed.common import (
    API,
    BLANK,
    TERMS,
    USD_PLAUSIBLE,
    clock_time,
    plain_text,
    times_updated,
    window,
    without_stars,
)

PURCHASES = Release(time(13, 0), "minutes after the close, as one published row shows", grace=timedelta(days=20))

PURCHASE_COLUMNS = (
    Column("operation_id", "varchar", "The publisher's name of the operation; opaque", is_nullable=False),
    Column("operation_date", "date", "Day on which the operation was held", is_nullable=False),
    Column("settlement_date", "date", "Day on which cash and securities change hands"),
    Column("auction_status", "varchar", "Always Results; announcements are left out", is_nullable=False),
    Column("operation_type", "varchar", "Outright Bill Purchase, Outright Coupon Purchase ...", is_nullable=False),
    Column(
        "operation_direction",
        "varchar",
        "P: the Fed buys, S: it sells",
        is_nullable=False,
        allowed=frozenset({"P", "S"}),
    ),
    Column("auction_method", "varchar", "Multiple Price or Single Price"),
    Column("maturity_from_date", "date", "Earliest maturity that could be offered"),
    Column("maturity_to_date", "date", "Latest maturity that could be offered"),
    Column("release_time", "varchar", "Opening, HH:MM in New York"),
    Column("close_time", "varchar", "Closing, HH:MM in New York"),
    Column("note", "varchar", "The publisher's remark; names small-value exercises"),
    Column("submitted_usd", "bigint", "Par offered or bid", Unit.USD, plausible=USD_PLAUSIBLE),
    Column("accepted_usd", "bigint", "Par accepted", Unit.USD, False, plausible=USD_PLAUSIBLE),
    Column("last_updated_at", "timestamp", "When the publisher last touched the record (UTC; New York on the wire)"),
)


def purchase_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search of all outright Treasury operations, totals only."""
    start = plan.since(dataset)
    url = f"{API}/tsy/all/results/summary/search.json"
    yield Request(url, window(start, plan.today), None, start, plan.today)


class _Purchase(msgspec.Struct):
    operation_id: str = field(name="operationId")
    auction_status: str = field(name="auctionStatus")
    operation_type: str = field(name="operationType")
    operation_date: date = field(name="operationDate")
    operation_direction: str = field(name="operationDirection")
    accepted_usd: str = field(name="totalParAmtAccepted")
    submitted_usd: str | None = field(name="totalParAmtSubmitted", default=None)
    settlement_date: str | None = field(name="settlementDate", default=None)
    maturity_from_date: str | None = field(name="maturityRangeStart", default=None)
    maturity_to_date: str | None = field(name="maturityRangeEnd", default=None)
    auction_method: str | None = field(name="auctionMethod", default=None)
    release_time: str | None = field(name="releaseTime", default=None)
    close_time: str | None = field(name="closeTime", default=None)
    note: str | None = None
    last_updated: str | None = field(name="lastUpdated", default=None)


class _PurchaseList(msgspec.Struct):
    auctions: list[_Purchase]


class _Purchases(msgspec.Struct):
    treasury: _PurchaseList


def parse_purchases(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Outright operations in Treasuries with results, text amounts in whole US dollars of par."""
    auctions = from_json(without_stars(body), _Purchases, dataset.id).treasury.auctions
    results = [auction for auction in auctions if auction.auction_status == "Results"]

    rows = [
        asdict(a)
        | {
            "auction_method": a.auction_method or None,
            "release_time": clock_time(a.release_time, dataset, f"{a.operation_id} releaseTime"),
            "close_time": clock_time(a.close_time, dataset, f"{a.operation_id} closeTime"),
            "note": plain_text(a.note),
            "last_updated_at": updated_at,
        }
        for a, updated_at in zip(results, times_updated(dataset, results), strict=True)
    ]
    is_text = ("settlement_date", "maturity_from_date", "maturity_to_date", "submitted_usd", "accepted_usd")
    frame = by_name(rows, dataset.schema | dict.fromkeys(is_text, pl.String()))
    frame = frame.with_columns(strict(frame[name], dataset.schema[name], dataset.id, BLANK) for name in is_text)
    left_out = len(auctions) - len(results)
    notes = (f"{left_out} operations without results left out",) if left_out else ()
    return Parsed(frame, notes, wire_rows=len(auctions))


TREASURY_OPERATIONS = Dataset(
    provider="nyfed",
    name="treasury_operations",
    title="Outright purchases and sales of Treasuries",
    by_hand="JSON of the Markets API, `/api/tsy/all/results/summary/search.json`",
    description="Operations of the open market desk in Treasuries: bills for reserve management, coupons, exercises.",
    columns=PURCHASE_COLUMNS,
    key=("operation_id",),
    date_column="operation_date",
    cadence=Cadence.MONTHLY,
    release=PURCHASES,
    start=date(2000, 1, 1),
    window_days=370,  # a year always held one, if only an exercise; an empty answer is an error
    licence=TERMS,
    requests=purchase_requests,
    parse=parse_purchases,
    stamped_at="last_updated_at",
    ordered=(
        ("operation_date", "settlement_date"),
        ("maturity_from_date", "maturity_to_date"),
        ("release_time", "close_time"),
        ("accepted_usd", "submitted_usd"),
    ),
    rests_on="no recording; fields and text amounts from the tests of public projects that ask this address",
)
