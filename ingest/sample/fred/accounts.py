"""Simulated financial accounts (Z.1): who holds and who bought Treasuries, in one world with TIC, OFR, FDIC, H.4.1.

A sector that another publisher counts has that publisher's number. What was bought adds up to what the Treasury issued:
households bought what is left over, as in the real accounts, so their level does not follow from it.
What must not be here: levels of sectors that only Z.1 counts (`world/holders.py`), wire formats.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise

from ingest.sample import debt, fdic, ofr, tic
from ingest.sample.fred.models import Values
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, SLOW_FIRST, last_day, last_open_day, month_after
from ingest.sample.world.holders import HELD_1998_USD_BN, HOLDERS_USD_BN, MARKET_TO_FACE, OTHER_HOLDERS_USD_BN
from ingest.sample.world.levels import level_at, with_past

ROW, HOUSEHOLDS, FED = "ROWTSEQ027S", "HNOTSAQ027S", "BOGZ1FL713061103Q"
OFFICIAL, PRIVATE, ALL = "BOGZ1FL263061130Q", "BOGZ1FL263061145Q", "BOGZ1FL893061105Q"
BANKS, MONEY_FUNDS, DEALERS = "BOGZ1FL763061100Q", "BOGZ1FL633061105Q", "BOGZ1FL663061105Q"
# Transactions of sectors whose level has another name at FRED.
_BOUGHT = {"BOGZ1FU313161105Q": ALL, "BOGZ1FU153061105Q": HOUSEHOLDS, "BOGZ1FU263061105Q": ROW}
LEVELS = (*HOLDERS_USD_BN, OFFICIAL, PRIVATE, ROW, BANKS, MONEY_FUNDS, DEALERS, FED, ALL)
TRANSACTIONS = (
    *_BOUGHT, "BOGZ1FU263061130Q", "BOGZ1FU263061145Q",
    *(name.replace("FL", "FU") for name in (*HOLDERS_USD_BN, BANKS, MONEY_FUNDS, DEALERS, FED) if name != HOUSEHOLDS),
)  # fmt: skip
_OTHERS = "other sectors"  # funds traded on exchanges, corporations, federal pensions: in the total only


def _quarter_end(quarter: date) -> date:
    return last_day(month_after(quarter, 2))


@lru_cache(maxsize=4)
def _levels_usd_mn(world: World) -> dict[str, dict[date, float]]:
    """Holdings by series and first day of the quarter since 2017 Q4, USD millions; the Fed at face."""
    quarters = [m for m in world.months if m.month % 3 == 1 and _quarter_end(m) <= world.last]
    ends = {quarter: _quarter_end(quarter) for quarter in quarters}
    books = fdic.treasuries_usd_mn(world)
    funds = ofr.money_fund_treasuries_usd_mn(world)
    dealers = world.dealer_lines_usd_mn["PDPOSGST-TOT"]
    weeks = sorted(dealers)
    levels: dict[str, dict[date, float]] = {
        OFFICIAL: {q: tic.held_usd_mn(world, "Foreign Official", month_after(q, 2)) for q in quarters},
        ROW: {q: tic.held_usd_mn(world, "Grand Total", month_after(q, 2)) for q in quarters},
        BANKS: {q: books.get(end, min(books.values())) for q, end in ends.items()},
        MONEY_FUNDS: {q: funds.get(end, funds[min(funds)]) for q, end in ends.items()},
        DEALERS: {q: dealers[max([w for w in weeks if w <= end], default=weeks[0])] for q, end in ends.items()},
        FED: {q: float(world.balance_sheets[end].treasuries) for q, end in ends.items()},
    }
    levels[PRIVATE] = {q: levels[ROW][q] - levels[OFFICIAL][q] for q in quarters}
    for name, knots in {**HOLDERS_USD_BN, _OTHERS: OTHER_HOLDERS_USD_BN}.items():
        path = world.path(f"Z.1 {name}", knots, 0.5)
        levels[name] = {q: 1000 * path[end] for q, end in ends.items()}
    parts = [held for name, held in levels.items() if name != ROW]
    levels[ALL] = {q: sum(held[q] for held in parts) for q in quarters}
    return levels


def _marketable_usd_mn(world: World, quarters: list[date]) -> dict[date, float]:
    classes = debt.debt_by_class_usd_mn(world)
    return {
        q: float(sum(classes[last_open_day(month_after(q, 2))][name] for name in debt.MARKETABLE)) for q in quarters
    }


@lru_cache(maxsize=4)
def _bought_usd_mn(world: World) -> dict[str, dict[date, float]]:
    """Transactions by series of levels and first day of the quarter since 2018 Q1, USD millions; they make ``ALL``.

    Foreigners are TIC's; the Fed, money funds, banks and dealers by what they hold at face or cost; others without what
    prices did to all marketable debt.
    """
    levels = _levels_usd_mn(world)
    quarters = list(levels[ALL])
    face = _marketable_usd_mn(world, quarters)
    bought: dict[str, dict[date, float]] = {name: {} for name in levels}
    for before, quarter in pairwise(quarters):
        price = level_at(MARKET_TO_FACE, _quarter_end(quarter)) / level_at(MARKET_TO_FACE, _quarter_end(before))
        months = [month_after(quarter, n) for n in range(3)]
        for name, held in levels.items():
            moved = 1.0 if name in (FED, MONEY_FUNDS, BANKS, DEALERS) else price
            bought[name][quarter] = held[quarter] - moved * held[before]
        bought[ROW][quarter] = sum(tic.net_purchases_usd_mn(world, "Grand Total", month) for month in months)
        bought[OFFICIAL][quarter] = sum(
            tic.net_purchases_usd_mn(world, "Of Which: Foreign Official", month) for month in months
        )
        bought[PRIVATE][quarter] = bought[ROW][quarter] - bought[OFFICIAL][quarter]
        bought[ALL][quarter] = face[quarter] - face[before]
        counted = [name for name in levels if name not in (ROW, ALL, HOUSEHOLDS)]
        bought[HOUSEHOLDS][quarter] = bought[ALL][quarter] - sum(bought[name][quarter] for name in counted)
    return bought


def level(name: str) -> Callable[[World, datetime], Values]:
    """Quarter-end holdings of a series of levels since 1998, USD millions; straight lines until 2018."""

    def values(world: World, now: datetime) -> Values:
        held = {q: v for q, v in _levels_usd_mn(world)[name].items() if q >= FIRST}
        knots = [(SLOW_FIRST, 1000 * _held_1998(name)), (FIRST, held[FIRST])]
        count = (FIRST.year - SLOW_FIRST.year) * 4
        return {day: level_at(knots, day) for day in (month_after(SLOW_FIRST, 3 * n) for n in range(count))} | held

    return values


def feds_face(world: World, now: datetime) -> Values:
    """What the Fed holds at face at the end of each quarter since 1998, USD millions."""
    quarters = [q for q in _levels_usd_mn(world)[FED] if q >= FIRST]
    return with_past(
        "Fed's Treasuries", {q: float(world.balance_sheets[_quarter_end(q)].treasuries) for q in quarters}, 1000
    )


def _held_1998(name: str) -> float:
    foreign = HELD_1998_USD_BN["official"] + HELD_1998_USD_BN["private"]
    known: Mapping[str, float] = HELD_1998_USD_BN | {
        ROW: foreign,
        OFFICIAL: HELD_1998_USD_BN["official"],
        PRIVATE: HELD_1998_USD_BN["private"],
        FED: 431.0,
        ALL: 4_600.0,
    }
    return known[name]


def bought(series_id: str) -> Callable[[World, datetime], Values]:
    """Transactions of a FRED series since 2018, USD millions."""
    name = _BOUGHT.get(series_id, series_id.replace("BOGZ1FU", "BOGZ1FL"))
    return lambda world, now: _bought_usd_mn(world)[name]
