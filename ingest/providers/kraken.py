"""Kraken: the last 720 daily candles of bitcoin in US dollars, a second opinion on Coinbase's.

No key. A candle is `[time, open, high, low, close, vwap, volume, count]`: prices and volume are text, time is the start
of the UTC day in epoch seconds. The pair asked for, XBTUSD, comes back under another name, XXBTZUSD, next to a key
`last`, the time of the last *finished* candle; the one after it is the running day. Refusals come with status 200 and a
filled `error`. Whatever one asks, nothing older than 720 days is served, so this is no source of history: what is
not collected in time is lost. Shape, names and `last` were seen in a recording, the limit in the documentation; the
words of a refusal are known from other people's code.

What must not be here: SQL, the network, formulas.
"""

from collections.abc import Iterable
from datetime import date, time, timedelta

import msgspec
import polars as pl
from msgspec.structs import asdict

from ingest.calendars import Calendar
from ingest.catalog import Column, Dataset, Licence, Plan, Provider, Request, Series, Unit
from ingest.decode import by_name, cast_columns, from_json
from ingest.errors import LayoutError, UnreadableBodyError, ValueFormatError
from ingest.releases import Cadence, Release

API = "https://api.kraken.com/0/public/OHLC"
DAY_MINUTES = 1_440
DAY_SECONDS = 86_400
FIRST_DAY = date(1970, 1, 1)
# 720 rows end with the running day, so 719 days are finished; one less, because midnight may pass while we ask.
FINISHED_DAYS = 718

SERIES = (Series("XBTUSD", "Bitcoin in US dollars on Kraken", Unit.USD_PER_BTC, (50, 5_000_000)),)
RESULT_KEYS = {"XXBTZUSD": "XBTUSD"}


def _price(name: str, description: str, is_nullable: bool = False) -> Column:
    return Column(name, "double", description, Unit.USD_PER_BTC, is_nullable, plausible=(50, 5_000_000))


COLUMNS = (
    Column("pair", "varchar", "Trading pair, as asked for", is_nullable=False, allowed=frozenset(s.id for s in SERIES)),
    Column("candle_date", "date", "UTC day of the candle", is_nullable=False),
    _price("open_usd_per_btc", "First trade of the UTC day"),
    _price("high_usd_per_btc", "Highest trade of the UTC day"),
    _price("low_usd_per_btc", "Lowest trade of the UTC day"),
    _price("close_usd_per_btc", "Last trade of the UTC day"),
    _price("vwap_usd_per_btc", "Average of the trades by volume; empty when there were none", is_nullable=True),
    Column(
        "volume_btc", "double", "Bitcoin traded on this exchange that day", Unit.BTC, False, plausible=(0, 5_000_000)
    ),
    Column("trades_count", "bigint", "Number of trades that day", Unit.COUNT, False, plausible=(0, 100_000_000)),
)


def candle_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One request for each pair: the answer is always everything there is."""
    last = plan.today - timedelta(days=1)
    for series in dataset.series:
        params = (("pair", series.id), ("interval", str(DAY_MINUTES)))
        yield Request(API, params, series.id, plan.today - timedelta(days=FINISHED_DAYS), last)


class _Candle(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    # In the order of the wire; fields are called as their columns.
    seconds: int
    open_usd_per_btc: str
    high_usd_per_btc: str
    low_usd_per_btc: str
    close_usd_per_btc: str
    vwap_usd_per_btc: str
    volume_btc: str
    trades_count: int


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    error: list[str]
    result: dict[str, list[_Candle] | int] = {}


def parse_candles(dataset: Dataset, body: bytes, request: Request) -> pl.DataFrame:
    """Finished candles as rows, prices in US dollars a bitcoin, volume in bitcoin; the running day is left out.

    UnreadableBodyError when Kraken refuses, LayoutError for another pair than asked or without `last`,
    ValueFormatError for a candle that does not start at midnight UTC.
    """
    answer = from_json(body, _Answer)
    if answer.error:
        raise UnreadableBodyError(f"Kraken refuses: {'; '.join(answer.error)[:200]}")
    result = dict(answer.result)
    last = result.pop("last", None)
    if not isinstance(last, int) or len(result) != 1:
        raise LayoutError(f"expected one pair and last, found {sorted(answer.result)}")
    ((key, rows),) = result.items()
    pair = RESULT_KEYS.get(key)
    if pair is None or (request.scope and pair != request.scope) or isinstance(rows, int):
        raise LayoutError(f"the body is about {key}, asked was {request.scope or 'XBTUSD'}")
    finished = [candle for candle in rows if candle.seconds <= last]
    for candle in finished:
        if candle.seconds % DAY_SECONDS:
            raise ValueFormatError(
                f"{candle.seconds} is no midnight UTC; are these daily candles?",
                place=str(FIRST_DAY + timedelta(seconds=candle.seconds)),
            )
    records = [
        asdict(candle) | {"pair": pair, "candle_date": FIRST_DAY + timedelta(seconds=candle.seconds)}
        for candle in finished
    ]
    is_text = [name for name, dtype in dataset.schema.items() if dtype == pl.Float64()]
    frame = by_name(records, dataset.schema | dict.fromkeys(is_text, pl.String()))
    frame = frame.with_columns(cast_columns(frame, {name: dataset.schema[name] for name in is_text}))
    # Without trades the average is printed as 0.
    return frame.with_columns(pl.when(pl.col("trades_count") > 0).then("vwap_usd_per_btc").alias("vwap_usd_per_btc"))


DAILY_CANDLES = Dataset(
    provider="kraken",
    name="daily_candles",
    title="Bitcoin on Kraken, daily candles",
    by_hand="JSON of `/0/public/OHLC?interval=1440`",
    description="Open, high, low, close, average and volume of bitcoin against the US dollar, by UTC day.",
    columns=COLUMNS,
    key=("pair", "candle_date"),
    date_column="candle_date",
    cadence=Cadence.DAILY,
    release=Release(
        time(0, 5), "00:00 UTC is 20:00 New York at the latest, documented", days=1, calendar=Calendar.EVERY_DAY
    ),
    start=date(2023, 12, 1),  # the first day that anybody can still have who began to collect when this was written
    earliest=date(2013, 9, 6),  # Kraken's first days, in answers saved back then
    window_days=7,
    licence=Licence(
        "Kraken terms of service",
        False,
        "Exchange data for personal use; passing the values on needs the exchange's consent (remembered).",
        "https://www.kraken.com/legal",
    ),
    requests=candle_requests,
    parse=parse_candles,
    calendar=Calendar.EVERY_DAY,
    series=SERIES,
    series_column="pair",
    ordered=(
        ("low_usd_per_btc", "open_usd_per_btc", "high_usd_per_btc"),
        ("low_usd_per_btc", "close_usd_per_btc", "high_usd_per_btc"),
        ("low_usd_per_btc", "vwap_usd_per_btc", "high_usd_per_btc"),
    ),
    rests_on="recording of ten days in August 2026 (cut and re-indented) and the documentation; refusals on others' "
    "code, licence on memory",
)

PROVIDER = Provider(
    name="kraken",
    title="Kraken",
    homepage="https://www.kraken.com",
    hosts=("api.kraken.com",),
    datasets=(DAILY_CANDLES,),
    pace=1.0,
)
