"""The same operations by kind of collateral, from the same bodies as `repo_operations`."""

from __future__ import annotations

from datetime import date

from msgspec.structs import asdict

from ingest.calendars import Calendar
from ingest.catalog import Cadence, Column, Dataset, Parsed, Request, Unit
from ingest.decode import by_name
from ingest.providers.nyfed.common import SAME_DAY, TERMS, UPDATED_AT, USD_PLAUSIBLE, pct, times_updated
from ingest.providers.nyfed.repo_operations import REPO_OPERATIONS, operation_requests, results_in

DETAIL_COLUMNS = (
    Column("operation_id", "varchar", "The publisher's name of the operation; opaque", is_nullable=False),
    Column(
        "security_type",
        "varchar",
        "Collateral",
        is_nullable=False,
        allowed=frozenset({"Treasury", "Agency", "Mortgage-Backed"}),
    ),
    Column("operation_date", "date", "Day on which the operation was held", is_nullable=False),
    Column(
        "operation_type",
        "varchar",
        "Repo adds reserves, Reverse Repo drains them",
        is_nullable=False,
        allowed=frozenset({"Repo", "Reverse Repo"}),
    ),
    Column("submitted_usd", "bigint", "Amount bid", Unit.USD, False, plausible=USD_PLAUSIBLE),
    Column("accepted_usd", "bigint", "Amount accepted", Unit.USD, False, plausible=USD_PLAUSIBLE),
    pct("minimum_bid_rate_pct", "Lowest rate a bid may name (multiple price)"),
    pct("high_rate_pct", "Highest accepted rate, when anything was accepted (multiple price)"),
    pct("low_rate_pct", "Lowest accepted rate, when anything was accepted (multiple price)"),
    pct("stop_out_rate_pct", "Rate at which acceptance stopped (multiple price)"),
    pct("weighted_average_rate_pct", "Average accepted rate, weighted by amount (multiple price)"),
    pct("offering_rate_pct", "Rate at which the Fed offered to deal (fixed rate, full allotment)"),
    pct("award_rate_pct", "Rate awarded (reverse repo)"),
    UPDATED_AT,
)


def parse_operation_details(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each operation and kind of collateral, amounts in whole US dollars."""
    results, notes = results_in(dataset, body)
    rows = [
        asdict(d)
        | {
            "operation_id": o.operation_id,
            "operation_date": o.operation_date,
            "operation_type": o.operation_type,
            "last_updated_at": updated_at,
        }
        for o, updated_at in zip(results, times_updated(dataset, results), strict=True)
        for d in o.details
    ]
    return Parsed(by_name(rows, dataset.schema), notes)


REPO_OPERATION_DETAILS = Dataset(
    provider="nyfed",
    name="repo_operation_details",
    title="Repo and reverse repo operations by collateral",
    by_hand="the same files as `nyfed.repo_operations`",
    description="Amounts and rates of every operation with results, by kind of collateral.",
    columns=DETAIL_COLUMNS,
    key=("operation_id", "security_type"),
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
    parse=parse_operation_details,
    stamped_at="last_updated_at",
    ordered=(("low_rate_pct", "weighted_average_rate_pct", "high_rate_pct"), ("accepted_usd", "submitted_usd")),
    rests_on=REPO_OPERATIONS.rests_on,
)
