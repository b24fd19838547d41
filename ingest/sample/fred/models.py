"""How each series of the simulated economy becomes one of FRED's: values, decimals, hours of release."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ingest.calendars import Calendar, new_york_to_utc
from ingest.sample import nyfed
from ingest.sample.fred.releases import (
    BITCOIN_SHIFT,
    DAY,
    ahead_at,
    bitcoin_at,
    debt_at,
    h41_at,
    income_at,
    money_at,
    next_day,
    output_at,
    same_day,
)
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST
from ingest.sample.world.desk import SRF_START
from ingest.sample.world.levels import with_past

Values = dict[date, float]
BITCOIN_GAP = date(2020, 9, 4)
SAVING_UPDATE = new_york_to_utc(date(2025, 9, 25), time(8, 30))


@dataclass(frozen=True)
class Model:
    """How one series is made: its values as of a moment, decimals on the wire, when a value comes out,
    whether weekdays without a value are printed empty, and its first date."""

    values: Callable[[World, datetime], Values]
    decimals: int
    published_at: Callable[[date], datetime]
    has_empty_weekdays: bool = False
    first: date = FIRST


def _wednesday(line: str) -> Callable[[World, datetime], Values]:
    return lambda world, now: {day: getattr(world.balance_sheets[day], line) for day in world.wednesdays}


def _week_average(line: str) -> Callable[[World, datetime], Values]:
    return lambda world, now: {day: world.week_average(day, line) for day in world.wednesdays}


def _reserves(world: World, now: datetime) -> Values:
    """Week averages of reserves; the newest is a first print, up to 0.1 % off, until the next H.4.1."""
    values = _week_average("reserves")(world, now)
    return _revised(world, "WRESBAL", values, now, lambda day, n: h41_at(day + timedelta(days=7 * n)), 1, 0.0004, 0)


def _revised(
    world: World,
    name: str,
    values: Values,
    now: datetime,
    print_at: Callable[[date, int], datetime],
    revisions: int,
    size: float,
    decimals: int,
    is_absolute: bool = False,
) -> Values:
    """``values`` as printed at ``now``: off by about ``size`` (a fraction, or absolute) until the last revision."""
    known = dict(values)
    for day in sorted(values, reverse=True):
        if now >= print_at(day, revisions):
            break  # everything older is final as well
        done = sum(now >= print_at(day, n) for n in range(1, revisions + 1))
        error = size * (0.5 + abs(world.gauss(f"{name} print {done}", day)))
        error = -error if world.share(f"{name} sign", day) < 0.5 else error
        known[day] = round(values[day] + (error if is_absolute else error * values[day]), decimals)
    return known


def output_usd_bn(world: World) -> Values:
    """Gross domestic product by quarter from 1947, USD billions at an annual rate."""
    return with_past("GDP", world.gdp_usd_bn)


def _held_by_public(world: World) -> Values:
    return with_past("FYGFDPUN", {**world.debt_held_by_public_usd_mn}, 1000)


def saving_pct(world: World, now: datetime) -> Values:
    """Personal saving rate by month from 1959; the annual update of 2025 raised five years of it."""
    known = world.saving_rate_pct if now >= SAVING_UPDATE else world.saving_rate_before_update_pct
    return {month: round(rate, 1) for month, rate in with_past("PSAVERT", known, months=1).items()}


def _none(world: World, now: datetime) -> Values:
    """Nothing was ever lent under this line."""
    return dict.fromkeys(_wednesday("other_credit")(world, now), 0.0)


def _other_credit(first: date, last: date) -> Callable[[World, datetime], Values]:
    def values(world: World, now: datetime) -> Values:
        lent = _wednesday("other_credit")(world, now)
        return {day: amount if first <= day <= last else 0.0 for day, amount in lent.items()}

    return values


def _rate(kind: str) -> Callable[[World, datetime], Values]:
    """The reference rate that the New York Fed publishes at the same moment, revisions included."""
    return lambda world, now: {
        day: nyfed.rate_as_known(kind, day, rate, now)[0]
        for day, rate in nyfed.published_rates(world, kind, now).items()
    }


def _bounds(name: str) -> Callable[[World, datetime], Values]:
    return lambda world, now: {day: getattr(world, name)(day) for day in world.days if day >= FIRST}


def _administered(name: str, first: date, last: date = date.max) -> Callable[[World, datetime], Values]:
    def values(world: World, now: datetime) -> Values:
        rate = world.administered_pct[name]
        return {day: rate(day) or 0.0 for day in world.days if first <= day <= last}

    return values


def _award(world: World, now: datetime) -> Values:
    return {d: world.administered_pct["ON_RRP_AWARD"](d) or 0.0 for d in world.desk_days if d >= FIRST}


def _on_rrp(world: World, now: datetime) -> Values:
    return {day: amount / 1000 for day, amount in world.on_rrp_usd_mn.items() if day >= FIRST}


def _repo(leg: str) -> Callable[[World, datetime], Values]:
    """Overnight repo of one kind of collateral, USD billions, exercises left out."""
    return lambda world, now: {
        day: sum(dict(operation.legs_usd_mn)[leg] for operation in lending) / 1000
        for day, operations in world.operations.items()
        if (lending := [o for o in operations if not (o.is_reverse or o.is_exercise or o.is_term)])
    }


def _bitcoin(world: World, now: datetime) -> Values:
    values: Values = {}
    for day in world.days:
        is_shifted = BITCOIN_SHIFT[0] <= day <= BITCOIN_SHIFT[1]
        candle = world.candles.get(day + DAY if is_shifted else day)
        if day < FIRST or day == BITCOIN_GAP or candle is None:
            continue
        spread = 0.0003 if day <= BITCOIN_SHIFT[1] else 0.0015  # later values are near the close, not at it
        values[day] = candle.close * (1 + spread * world.gauss("CBBTCUSD", day))
    return values


def _between(shorter: str, longer: str, weight: float) -> Callable[[World, datetime], Values]:
    """A point of the curve between two others, or beyond the longer one."""

    def values(world: World, now: datetime) -> Values:
        one, other = world.yields_pct[shorter], world.yields_pct[longer]
        return {day: max(one[day] + weight * (other[day] - one[day]), 0.0) for day in one.keys() & other.keys()}

    return values


def _h41(values: Callable[[World, datetime], Values], decimals: int = 0) -> Model:
    return Model(values, decimals, h41_at)


_NEXT_DAY_10_FED = next_day(10, Calendar.FED)
_H15_AT = next_day(16, Calendar.SIFMA)
_EVERY_DAY = same_day(8)

MODELS: dict[str, Model] = {
    "WALCL": _h41(_wednesday("assets")),
    "TREAST": _h41(_wednesday("treasuries")),
    "WSHOMCB": _h41(_wednesday("mbs")),
    "WSHOSHO": _h41(_wednesday("securities")),
    "WORAL": _h41(_wednesday("repo")),
    "WLCFLL": _h41(_wednesday("loans")),
    "WLCFLPCL": _h41(_wednesday("primary_credit")),
    "H41RESPPALDKNWW": _h41(_wednesday("term_funding")),
    "WLCFLSCL": _h41(_none),
    "WLCFLSECL": _h41(_none),
    # What is neither primary credit nor term funding is the facilities of 2020, then credit to banks in receivership.
    "H41RESPPALDJNWW": _h41(_other_credit(FIRST, date(2022, 12, 31))),
    "WLCFOCEL": _h41(_other_credit(date(2023, 1, 1), date.max)),
    "H41RESPPALGTRFNWW": _h41(_none),
    "WRESBAL": _h41(_reserves),
    "WRBWFRBL": _h41(_wednesday("reserves")),
    "WLODLL": _h41(_wednesday("reserves")),  # deposits of banks: the same money seen from the Reserve Banks' side
    "WTREGEN": _h41(_week_average("tga"), 3),
    "WDTGAL": _h41(_wednesday("tga")),
    "WLRRAL": _h41(_wednesday("reverse_repo")),
    "WCURCIR": _h41(_week_average("currency")),
    "WLFN": _h41(_wednesday("notes")),
    "WLTLECL": _h41(_wednesday("liabilities")),
    "RRPONTSYD": Model(_on_rrp, 3, same_day(13, 20), True),
    "RPONTSYD": Model(_repo("Treasury"), 3, same_day(15), True),
    "RPONAGYD": Model(_repo("Agency"), 3, same_day(15), True),
    "RPONMBSD": Model(_repo("Mortgage-Backed"), 3, same_day(15), True),
    "RRPONTSYAWARD": Model(_award, 2, same_day(13, 20), True),
    "DFEDTARU": Model(_bounds("upper_pct"), 2, _EVERY_DAY),
    "DFEDTARL": Model(_bounds("lower_pct"), 2, _EVERY_DAY),
    "IORB": Model(_administered("IORB", SRF_START), 2, ahead_at),
    "IOER": Model(_administered("IOER", FIRST, SRF_START - DAY), 2, ahead_at),
    "SOFR": Model(_rate("SOFR"), 2, lambda day: nyfed.published_at("SOFR", day), True),
    "TGCRRATE": Model(_rate("TGCR"), 2, lambda day: nyfed.published_at("TGCR", day), True),
    "BGCRRATE": Model(_rate("BGCR"), 2, lambda day: nyfed.published_at("BGCR", day), True),
    "EFFR": Model(_rate("EFFR"), 2, _NEXT_DAY_10_FED, True),
    "OBFR": Model(_rate("OBFR"), 2, _NEXT_DAY_10_FED, True),
    "DTB4WK": Model(lambda world, now: world.yields_pct["DTB4WK"], 2, _H15_AT, True),
    "DGS2": Model(lambda world, now: world.yields_pct["DGS2"], 2, _H15_AT, True),
    "DGS10": Model(lambda world, now: world.yields_pct["DGS10"], 2, _H15_AT, True),
    "DGS3MO": Model(_between("DTB4WK", "DGS2", 0.05), 2, _H15_AT, True),
    "DGS6MO": Model(_between("DTB4WK", "DGS2", 0.2), 2, _H15_AT, True),
    "DGS1": Model(_between("DTB4WK", "DGS2", 0.5), 2, _H15_AT, True),
    "DGS5": Model(_between("DGS2", "DGS10", 0.4), 2, _H15_AT, True),
    "DGS30": Model(_between("DGS2", "DGS10", 1.4), 2, _H15_AT, True),
    "GDP": Model(
        lambda world, now: _revised(world, "GDP", output_usd_bn(world), now, output_at, 2, 0.0012, 3),
        3,
        output_at,
        first=date.min,
    ),
    "PSAVERT": Model(
        lambda world, now: _revised(world, "PSAVERT", saving_pct(world, now), now, income_at, 2, 0.15, 1, True),
        1,
        income_at,
        first=date.min,
    ),
    "M2SL": Model(
        lambda world, now: _revised(world, "M2SL", world.m2_usd_bn, now, money_at, 2, 0.0008, 1), 1, money_at
    ),
    "GFDEBTN": Model(
        lambda world, now: with_past("GFDEBTN", {**world.federal_debt_usd_mn}, 1000), 0, debt_at, first=date.min
    ),
    "FYGFDPUN": Model(lambda world, now: _held_by_public(world), 0, debt_at, first=date.min),
    "CBBTCUSD": Model(_bitcoin, 2, bitcoin_at),
}
