"""One provider on one page: Kraken's answer of some days, for tests of loading that need no simulated world."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import httpx

KRAKEN = "kraken.daily_candles"


def candles(last: date, *, days: int = 30, closes: Mapping[date, float] | None = None) -> bytes:
    """Finished candles to ``last``, all alike but for the ``closes`` given."""
    rows = []
    for day in (last - timedelta(days=n) for n in reversed(range(days))):
        close = (closes or {}).get(day, 42_500.0)
        seconds = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        rows.append([seconds, "42000.0", "45000.0", "40000.0", str(close), "42000.2", "1234.5", 5678])
    return json.dumps({"error": [], "result": {"XXBTZUSD": rows, "last": rows[-1][0]}}).encode()


def serving(body: bytes, headers: Callable[[], Mapping[str, str]] = dict) -> httpx.MockTransport:
    """A transport that answers everything with ``body``."""
    return httpx.MockTransport(lambda request: httpx.Response(200, content=body, headers=headers()))
