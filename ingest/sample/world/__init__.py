"""The simulated economy that the sample providers publish. Every value here is SIMULATED, none is a quotation.

What is real are the dates and the dated facts around which the values are drawn: the target range and the administered
rates (`seeds/`, copies of the warehouse's), the month-end levels of `monthly_levels.csv`, which are hit exactly, and
the days of known episodes (September 2019, March 2020, autumn 2025). Everything between them is noise from
`random.Random`, seeded with the name of the series and the date of the fact it starts from, so that the value of a date
never depends on `today`. A file simulates one part of the economy: a class on top of those whose values it needs.

Balances are whole millions of US dollars, rates percent, candles US dollars a bitcoin. What must not be here: wire
formats, HTTP, and when a value becomes public; that is what the encoders in the folder above are for.
"""

from datetime import date
from functools import lru_cache

from ingest.sample.world.dealers import Dealers
from ingest.sample.world.economy import Economy
from ingest.sample.world.prices import Prices
from ingest.sample.world.sheet import Sheet


class World(Sheet, Dealers, Economy, Prices):
    """All simulated quantities up to two months after ``today``; each is drawn when first asked for.

    The two months are there because a value between two month-ends needs both of them.
    """


@lru_cache(maxsize=4)
def world_on(today: date, seed: int = 0) -> World:
    """The world as of ``today``; the same object for the same arguments."""
    return World(today, seed)
