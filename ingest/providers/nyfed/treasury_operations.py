"""Outright purchases and sales of Treasuries by the open market desk."""

from collections.abc import Iterable
from datetime import date, time, timedelta

import msgspec
import polars as pl
from msgspec.structs import asdict

from ingest.catalog import Column, Dataset, Parsed, Plan, Request, Unit
from ingest.decode import by_name, cast_columns, from_json, wire_names
from ingest.providers.nyfed.common import (
    API,
    AUCTION_STATUS,
    BLANK,
    CLOSE_TIME,
    NOTE,
    OPERATION_DATE,
    OPERATION_ID,
    SETTLEMENT_DATE,
    TERMS,
    USD_PLAUSIBLE,
    clock_time,
    plain_text,
    times_updated,
    window,
    without_stars,
)
from ingest.releases import Cadence, Release

PURCHASES = Release(time(13, 0), "minutes after the close, as one published row shows", grace=timedelta(days=20))

PURCHASE_COLUMNS = (
    OPERATION_ID,
    OPERATION_DATE,
    SETTLEMENT_DATE,
    AUCTION_STATUS,
    Column(
        "operation_type",
        "varchar",
        "Outright Bill Purchase, Outright Coupon Purchase ...",
        is_nullable=False,
        wire="operationType",
    ),
    Column(
        "operation_direction",
        "varchar",
        "P: the Fed buys, S: it sells",
        is_nullable=False,
        allowed=frozenset({"P", "S"}),
        wire="operationDirection",
    ),
    Column("auction_method", "varchar", "Multiple Price or Single Price", wire="auctionMethod"),
    Column("maturity_from_date", "date", "Earliest maturity that could be offered", wire="maturityRangeStart"),
    Column("maturity_to_date", "date", "Latest maturity that could be offered", wire="maturityRangeEnd"),
    Column("release_time", "varchar", "Opening, HH:MM in New York", wire="releaseTime"),
    CLOSE_TIME,
    NOTE,
    Column(
        "submitted_usd", "bigint", "Par offered or bid", Unit.USD, plausible=USD_PLAUSIBLE, wire="totalParAmtSubmitted"
    ),
    Column(
        "accepted_usd", "bigint", "Par accepted", Unit.USD, False, plausible=USD_PLAUSIBLE, wire="totalParAmtAccepted"
    ),
    Column(
        "last_updated_at",
        "timestamp",
        "When the publisher last touched the record (UTC; New York on the wire)",
        wire="lastUpdated",
    ),
)


def purchase_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search of all outright Treasury operations, totals only."""
    start = plan.since(dataset)
    url = f"{API}/tsy/all/results/summary/search.json"
    yield Request(url, window(start, plan.today), None, start, plan.today)


class _Purchase(msgspec.Struct, rename=wire_names(PURCHASE_COLUMNS)):
    operation_id: str
    auction_status: str
    operation_type: str
    operation_date: date
    operation_direction: str
    accepted_usd: str
    submitted_usd: str | None = None
    settlement_date: str | None = None
    maturity_from_date: str | None = None
    maturity_to_date: str | None = None
    auction_method: str | None = None
    release_time: str | None = None
    close_time: str | None = None
    note: str | None = None
    last_updated_at: str | None = None


class _PurchaseList(msgspec.Struct):
    auctions: list[_Purchase]


class _Purchases(msgspec.Struct):
    treasury: _PurchaseList


def parse_purchases(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Outright operations in Treasuries with results, text amounts in whole US dollars of par."""
    auctions = from_json(without_stars(body), _Purchases).treasury.auctions
    results = [auction for auction in auctions if auction.auction_status == "Results"]

    rows = [
        asdict(a)
        | {
            "auction_method": a.auction_method or None,
            "release_time": clock_time(a.release_time, f"{a.operation_id} releaseTime"),
            "close_time": clock_time(a.close_time, f"{a.operation_id} closeTime"),
            "note": plain_text(a.note),
            "last_updated_at": updated_at,
        }
        for a, updated_at in zip(results, times_updated(results), strict=True)
    ]
    is_text = ("settlement_date", "maturity_from_date", "maturity_to_date", "submitted_usd", "accepted_usd")
    frame = by_name(rows, dataset.schema | dict.fromkeys(is_text, pl.String()))
    frame = frame.with_columns(cast_columns(frame, {name: dataset.schema[name] for name in is_text}, BLANK))
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
