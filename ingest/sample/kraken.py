"""Kraken's daily candles on simulated values: Coinbase's candles of the world, a few basis points aside.

The last 720 days at most, oldest first, the running day as it is so far at the end, prices and volume as text. A
refusal is status 200 with a filled `error`. What must not be here: prices; the world draws them.
"""

from datetime import date, datetime, timedelta
from functools import partial

import httpx

from ingest.sample.wire import json_answer
from ingest.sample.world import World
from ingest.sample.world.prices import Candle

_json = partial(json_answer, "application/json; charset=utf-8", 200)
HOST = "api.kraken.com"
_DAY_SECONDS = 86_400
_MOST_ROWS = 720


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What Kraken answers at ``now`` (naive UTC)."""
    params = request.url.params
    if request.url.path != "/0/public/OHLC":
        return _json({"error": ["EGeneral:Unknown method"]})
    if params.get("pair") not in ("XBTUSD", "XXBTZUSD"):
        return _json({"error": ["EQuery:Unknown asset pair"]})
    if params.get("interval", "1") != "1440":
        return _json({"error": ["EGeneral:Invalid arguments"]})  # the sample has daily candles only
    today = now.date()
    days = [today - timedelta(days=n) for n in reversed(range(_MOST_ROWS))]
    rows = [_row(world, day, candle, now) for day in days if (candle := world.candles.get(day))]
    return _json({"error": [], "result": {"XXBTZUSD": rows, "last": _seconds(today - timedelta(days=1))}})


def _row(world: World, day: date, candle: Candle, now: datetime) -> list[int | str]:
    aside = 1 + 0.0003 * world.gauss("kraken", day)
    opening, close = round(candle.open * aside, 1), round(candle.close * aside, 1)
    volume = candle.volume * (0.2 + 0.1 * world.share("kraken volume", day))
    if day == now.date():
        elapsed = (now - datetime.combine(day, datetime.min.time())).seconds / _DAY_SECONDS
        close, volume = round(opening + (close - opening) * elapsed, 1), volume * elapsed
    high = max(round(candle.high * aside, 1), opening, close)
    low = min(round(candle.low * aside, 1), opening, close)
    trades = round(volume * 25)
    vwap = f"{(opening + close) / 2:.1f}" if trades else "0.0"
    prices = [f"{price:.1f}" for price in (opening, high, low, close)]
    return [_seconds(day), *prices, vwap, f"{volume:.8f}", trades]


def _seconds(day: date) -> int:
    return (day - date(1970, 1, 1)).days * _DAY_SECONDS
