"""Coinbase Exchange: daily candles of bitcoin in US dollars.

No key. A candle is `[time, low, high, open, close, volume]`: low is *before* high, time is the start of the UTC day
in epoch seconds, numbers are numbers. Answers are newest first, hold 300 candles at most, may start before the window
asked for, and contain the running day while it is still open. Shape and order were seen in a recording and in the
documentation; the first day of BTC-USD and the rate limit are remembered.

What must not be here: SQL, the network, formulas.
"""

from collections.abc import Iterable
from datetime import date, time, timedelta

import msgspec
import polars as pl
from msgspec.structs import asdict

from ingest.calendars import Calendar
from ingest.catalog import Column, Dataset, Licence, Parsed, Plan, Provider, Request, Series, Unit
from ingest.decode import by_name, from_json
from ingest.errors import LayoutError, ValueFormatError
from ingest.releases import Cadence, Release

API = "https://api.exchange.coinbase.com"
WINDOW_DAYS = 299  # both bounds count, and 300 candles is the most that one answer holds
DAY_SECONDS = 86_400
FIRST_DAY = date(1970, 1, 1)


class _Candle(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    # In the order of the wire; fields are called as their columns.
    seconds: int
    low_usd_per_btc: float
    high_usd_per_btc: float
    open_usd_per_btc: float
    close_usd_per_btc: float
    volume_btc: float


SERIES = (Series("BTC-USD", "Bitcoin in US dollars on Coinbase Exchange", Unit.USD_PER_BTC, (50, 5_000_000)),)


def _price(name: str, description: str, low: float = 50) -> Column:
    return Column(name, "double", description, Unit.USD_PER_BTC, is_nullable=False, plausible=(low, 5_000_000))


COLUMNS = (
    Column("product_id", "varchar", "Trading pair", is_nullable=False, allowed=frozenset(s.id for s in SERIES)),
    Column("candle_date", "date", "UTC day of the candle", is_nullable=False),
    _price("open_usd_per_btc", "First trade of the UTC day"),
    _price("high_usd_per_btc", "Highest trade of the UTC day"),
    # A flash crash of April 2017 printed cents (remembered), so the low has nearly no floor.
    _price("low_usd_per_btc", "Lowest trade of the UTC day", low=0.01),
    Column(
        "close_usd_per_btc",
        "double",
        "Last trade of the UTC day",
        Unit.USD_PER_BTC,
        False,
        plausible=(100, 2_000_000),
        range_reason="US dollars a bitcoin since 2015: 200 to above 100 thousand",
    ),
    Column(
        "volume_btc", "double", "Bitcoin traded on this exchange that day", Unit.BTC, False, plausible=(0, 5_000_000)
    ),
)


def candle_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """Windows of 299 days up to yesterday: the running UTC day changes until midnight."""
    last = plan.today - timedelta(days=1)
    for series in dataset.series:
        start = plan.since(dataset, series.id)
        while start <= last:
            end = min(start + timedelta(days=WINDOW_DAYS - 1), last)
            params = (
                ("granularity", str(DAY_SECONDS)),
                ("start", f"{start.isoformat()}T00:00:00Z"),
                ("end", f"{end.isoformat()}T00:00:00Z"),
            )
            yield Request(f"{API}/products/{series.id}/candles", params, series.id, start, end)
            start = end + timedelta(days=1)


def parse_candles(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Candles as rows, prices in US dollars a bitcoin, volume in bitcoin.

    Rows outside the window asked for are dropped: candles before it, and the running day after it. A file has no
    window, so all its rows stay and a note says that the newest may be unfinished. ValueFormatError for a candle that
    does not start at midnight UTC.
    """
    product = request.scope or (dataset.series[0].id if len(dataset.series) == 1 else None)
    if product is None:
        raise LayoutError("a candle does not name its product; name it with --series")
    candles = from_json(body, list[_Candle])
    for candle in candles:
        if candle.seconds % DAY_SECONDS:
            raise ValueFormatError(
                f"{candle.seconds} is no midnight UTC; are these daily candles?",
                place=str(FIRST_DAY + timedelta(seconds=candle.seconds)),
            )
    rows = [
        asdict(candle) | {"product_id": product, "candle_date": FIRST_DAY + timedelta(seconds=candle.seconds)}
        for candle in candles
    ]
    frame = by_name(rows, dataset.schema)
    inside = pl.lit(True)
    if request.covers_from:
        inside &= pl.col("candle_date") >= request.covers_from
    if request.covers_to:
        inside &= pl.col("candle_date") <= request.covers_to
    if request.covers_to is not None or frame.is_empty():
        return Parsed(frame.filter(inside))
    return Parsed(frame.filter(inside), (f"the candle of {frame['candle_date'].max()!s} may be of a running day",))


DAILY_CANDLES = Dataset(
    provider="coinbase",
    name="daily_candles",
    title="Bitcoin, daily candles",
    by_hand="JSON of `/products/BTC-USD/candles?granularity=86400`, with `--series BTC-USD`",
    description="Open, high, low, close and volume of bitcoin against the US dollar, by UTC day.",
    columns=COLUMNS,
    key=("product_id", "candle_date"),
    date_column="candle_date",
    cadence=Cadence.DAILY,
    release=Release(
        time(0, 5), "the UTC day is over by 20:00 New York at the latest", days=1, calendar=Calendar.EVERY_DAY
    ),
    start=date(2015, 7, 20),
    window_days=7,
    licence=Licence(
        "Coinbase market data terms",
        False,
        "Exchange data for personal use; passing the values on needs the exchange's consent (remembered).",
        "https://www.coinbase.com/legal/market_data",
    ),
    requests=candle_requests,
    parse=parse_candles,
    calendar=Calendar.EVERY_DAY,
    series=SERIES,
    series_column="product_id",
    ordered=(
        ("low_usd_per_btc", "open_usd_per_btc", "high_usd_per_btc"),
        ("low_usd_per_btc", "close_usd_per_btc", "high_usd_per_btc"),
    ),
    rests_on="recording of ten days in August 2026 and the documentation; first day and rate limit remembered",
)

PROVIDER = Provider(
    name="coinbase",
    title="Coinbase Exchange",
    homepage="https://exchange.coinbase.com",
    hosts=("api.exchange.coinbase.com",),
    datasets=(DAILY_CANDLES,),
    pace=3.0,
)
