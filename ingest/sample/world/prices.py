"""Simulated prices of bitcoin."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from ingest.sample.world.chance import Chance
from ingest.sample.world.dates import month_after
from ingest.sample.world.levels import knots_of

# Closing prices: round published levels on the days that everybody remembers. Candles reach back to the first real one
# of 2015, because the windows of a full load start there and an empty answer would look like a fault.
_BITCOIN_USD = knots_of("bitcoin_usd")
# No day between these may close above the day that is known as the high.
_BITCOIN_HIGHS = ((date(2021, 1, 1), date(2021, 11, 8), 67500.0), (date(2024, 12, 18), date(2025, 10, 6), 124700.0))


@dataclass(frozen=True)
class Candle:
    """One UTC day of bitcoin, US dollars; volume in bitcoin."""

    low: float
    high: float
    open: float
    close: float
    volume: float


class Prices(Chance):
    """Bitcoin by day."""

    @cached_property
    def candles(self) -> dict[date, Candle]:
        """Bitcoin by UTC day."""
        knots = list(_BITCOIN_USD)
        month = month_after(knots[-1][0])
        while knots[-1][0] <= self.last:
            knots.append((month, round(knots[-1][1] * math.exp(0.08 * self.rng("bitcoin", month).gauss(0, 1)), -2)))
            month = month_after(month)
        path = self.path("bitcoin", knots, 0.018, is_log=True)
        for start, day_of_high, high in _BITCOIN_HIGHS:
            for n in range(500):
                day = start + timedelta(days=n)
                if day in path and day != day_of_high and day.year in (start.year, day_of_high.year):
                    path[day] = min(path[day], 0.99 * high)
        candles = {}
        for before, day in pairwise(path):
            opening, closing = round(path[before], 2), round(path[day], 2)
            reach = 0.004 + 0.02 * self.share("bitcoin range", day)
            high = round(max(opening, closing) * (1 + reach * self.share("bitcoin up", day)), 2)
            low = round(min(opening, closing) * (1 - reach * self.share("bitcoin down", day)), 2)
            volume = round(9_000 * math.exp(0.5 * self.gauss("bitcoin volume", day)), 8)
            candles[day] = Candle(low, high, opening, closing, volume)
        return candles
