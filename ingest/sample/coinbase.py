"""Coinbase Exchange's candles on simulated values.

Newest first, `[time, low, high, open, close, volume]`, both bounds of the window included, the running UTC day as it
is so far. More than 300 candles are refused with 400, an unknown pair with 404. What must not be here: prices.
"""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import httpx

from ingest.sample.wire import json_answer
from ingest.sample.world import World

_json = partial(json_answer, "application/json; charset=utf-8")
HOST = "api.exchange.coinbase.com"
_DAY_SECONDS = 86_400
_MOST_ROWS = 300


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What the exchange answers at ``now`` (naive UTC)."""
    params = request.url.params
    if request.url.path != "/products/BTC-USD/candles":
        return _json(404, {"message": "NotFound"})
    if params.get("granularity") != str(_DAY_SECONDS):
        return _json(400, {"message": "Unsupported granularity"})  # the sample has daily candles only
    first, last = now.date() - timedelta(days=_MOST_ROWS - 1), now.date()
    if "start" in params and "end" in params:
        try:
            first, last = _utc_date(params["start"]), _utc_date(params["end"])
        except ValueError:
            return _json(400, {"message": "start and end must be ISO 8601"})
    if (last - first).days + 1 > _MOST_ROWS:
        message = "granularity too small for the requested time range. Count of aggregations requested exceeds 300"
        return _json(400, {"message": message})
    rows = []
    for n in range((last - first).days + 1):
        day = last - timedelta(days=n)
        candle = world.candles.get(day)
        if candle is None or day > now.date():
            continue
        seconds = (day - date(1970, 1, 1)).days * _DAY_SECONDS
        low, high, opening, close, volume = candle.low, candle.high, candle.open, candle.close, candle.volume
        if day == now.date():  # the running day: traded so far, not yet closed
            elapsed = (now - datetime.combine(day, datetime.min.time())).seconds / _DAY_SECONDS
            close = round(opening + (close - opening) * elapsed, 2)
            low, high, volume = min(low, close), max(high, close), round(volume * elapsed, 8)
        rows.append([seconds, *map(_short, (low, high, opening, close, volume))])
    return _json(200, rows)


def _utc_date(text: str) -> date:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()


def _short(value: float) -> float | int:
    """A number without a trailing `.0`, as the exchange prints round prices."""
    return int(value) if value == int(value) else value
