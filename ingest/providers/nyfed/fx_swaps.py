"""Dollars that other central banks draw from the Fed."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Literal

import msgspec
import polars as pl
from msgspec.structs import asdict

from ingest.catalog import Column, Dataset, Parsed, Plan, Request, Unit
from ingest.decode import by_name, from_json, wire_names
from ingest.errors import ValueFormatError
from ingest.providers.nyfed.common import API, TERMS, pct, window
from ingest.releases import Cadence, Release

# No rule is published for operations that come when they are needed; what is late is only told after a long silence.
SWAPS = Release(time(16, 0), "Thursday of the following week, remembered", days=8, grace=timedelta(days=45))

SWAP_COLUMNS = (
    Column("counterparty", "varchar", "Central bank that drew the dollars", is_nullable=False, wire="counterparty"),
    Column("trade_date", "date", "Day on which the swap was agreed", is_nullable=False, wire="tradeDate"),
    Column("settlement_date", "date", "Day on which the dollars go out", is_nullable=False, wire="settlementDate"),
    Column("maturity_date", "date", "Day on which they come back", is_nullable=False, wire="maturityDate"),
    Column(
        "repeat_count",
        "bigint",
        "1, 2 ... among swaps that agree in all of the above, by amount",
        Unit.COUNT,
        False,
        plausible=(1, 50),
    ),
    Column("term_days", "bigint", "Calendar days to maturity", Unit.DAYS, plausible=(1, 400), wire="termInDays"),
    Column("amount_usd", "double", "Amount drawn", Unit.USD, False, plausible=(0, 1e12), wire="amount"),
    pct("interest_rate_pct", "Rate that the counterparty pays", wire="interestRate"),
    Column("is_small_value", "boolean", "Whether it was only an exercise", is_nullable=False, wire="isSmallValue"),
)


def swap_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search of all central bank swaps, by trade date."""
    start = plan.since(dataset)
    yield Request(f"{API}/fxs/all/search.json", window(start, plan.today), None, start, plan.today)


class _Swap(msgspec.Struct, rename=wire_names(SWAP_COLUMNS, operation_type="operationType")):
    operation_type: str
    counterparty: str
    currency: str
    trade_date: date
    settlement_date: date
    maturity_date: date
    amount_usd: float
    term_days: int | None = None
    interest_rate_pct: float | None = None
    is_small_value: Literal["Y", "N", ""] = ""


class _SwapList(msgspec.Struct):
    operations: list[_Swap]


class _Swaps(msgspec.Struct, rename="camel"):
    fx_swaps: _SwapList


USD_SWAP = "U.S. Dollar Liquidity Swap"


def parse_swaps(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Dollar liquidity swaps, one row each, amounts in US dollars. Swaps in other currencies are left out with a note.

    Swaps have no name on the wire; those that agree in counterparty and dates are told apart by a running number.
    """
    swaps = from_json(body, _Swaps).fx_swaps.operations
    in_dollars = [swap for swap in swaps if swap.currency == "USD"]
    wrong = [swap for swap in in_dollars if swap.operation_type != USD_SWAP]
    if wrong:
        raise ValueFormatError(f"unknown operation type {wrong[0].operation_type!r}", place=str(wrong[0].trade_date))
    rows = [asdict(swap) | {"repeat_count": 0, "is_small_value": swap.is_small_value == "Y"} for swap in in_dollars]
    same = ("counterparty", "trade_date", "settlement_date", "maturity_date")
    frame = by_name(rows, dataset.schema).sort(*same, "amount_usd")
    left_out = len(swaps) - len(in_dollars)
    return Parsed(
        frame.with_columns(repeat_count=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(same)),
        (f"{left_out} swaps in other currencies left out",) if left_out else (),
        wire_rows=len(swaps),
    )


FX_SWAPS = Dataset(
    provider="nyfed",
    name="fx_swaps",
    title="Central bank liquidity swaps in dollars",
    by_hand="JSON of the Markets API, `/api/fxs/all/search.json`",
    description="Dollars that other central banks drew from the Fed, one row for each swap, exercises marked.",
    columns=SWAP_COLUMNS,
    key=("counterparty", "trade_date", "settlement_date", "maturity_date", "repeat_count"),
    date_column="trade_date",
    cadence=Cadence.WEEKLY,
    release=SWAPS,
    start=date(2007, 12, 1),
    window_days=370,  # a year always held one; an empty answer is an error
    licence=TERMS,
    requests=swap_requests,
    parse=parse_swaps,
    ordered=(("trade_date", "settlement_date", "maturity_date"),),
    rests_on="no recording; fields from the tests of public projects that ask this address, start remembered",
)
