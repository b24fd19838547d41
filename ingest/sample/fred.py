"""FRED and ALFRED on simulated values: the keyless downloads and the keyed observations of the API, vintages too.

The CSV has an LF after every line, no quotes, a fixed number of decimals for each series and an empty cell on weekdays
without a value; an unknown id is 404. The JSON has every value as text and "." where none is. Series that the catalog
declares and nothing here models wander smoothly inside the middle of their plausible range, so that one more series is
one row in the catalog and nothing else. What must not be here: balances and rates themselves; the world draws them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import httpx

from ingest.calendars import Calendar, add_business_days, is_open, new_york_to_utc
from ingest.catalog import Cadence, Series, Unit, next_effective
from ingest.sample import debt, nyfed
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, SLOW_FIRST, last_day, month_after
from ingest.sample.world.desk import SRF_START
from ingest.sample.world.holders import (
    BANKS_USD_BN,
    CUSTODY_USD_BN,
    HELD_1998_USD_BN,
    HOLDERS_USD_BN,
    MONEY_FUNDS_USD_BN,
)
from ingest.sample.world.levels import TREASURY_MONTHS, Knots, level_at, published_months, published_years, with_past

CHART_HOST = "fred.stlouisfed.org"
API_HOST = "api.stlouisfed.org"
ARCHIVE_HOST = "alfred.stlouisfed.org"
_DAY = timedelta(days=1)

Values = dict[date, float]

# CBBTCUSD stood one day early between these dates, and missed one day altogether (ingest/providers/fred.md).
BITCOIN_SHIFT = (date(2024, 9, 8), date(2025, 11, 3))
BITCOIN_GAP = date(2020, 9, 4)
SAVING_UPDATE = new_york_to_utc(date(2025, 9, 25), time(8, 30))


@dataclass(frozen=True)
class _Model:
    """How one series is made: its values as they stand at a moment, decimals on the wire, when a value comes out,
    whether weekdays without a value are printed empty, and its first date."""

    values: Callable[[World, datetime], Values]
    decimals: int
    published_at: Callable[[date], datetime]
    has_empty_weekdays: bool = False
    first: date = FIRST


# -- when a value comes out -------------------------------------------------------------------------------------------


def _same_day(hour: int, minute: int = 0) -> Callable[[date], datetime]:
    return lambda day: new_york_to_utc(day, time(hour, minute))


def _next_day(hour: int, calendar: Calendar) -> Callable[[date], datetime]:
    return lambda day: new_york_to_utc(add_business_days(day, 1, calendar), time(hour))


def _h41_at(day: date) -> datetime:
    return new_york_to_utc(add_business_days(day, 1), time(16, 30))


def _ahead_at(day: date) -> datetime:
    """Interest on reserves stands there one business day before it takes effect."""
    return new_york_to_utc(add_business_days(day, -1), time(16, 30))


def _money_at(month: date, revision: int = 0) -> datetime:
    """H.6: the fourth Tuesday of the following month, 13:00; the same hour a month later for each revision."""
    release = month_after(month, 1 + revision)
    return new_york_to_utc(release + timedelta(days=(1 - release.weekday()) % 7 + 21), time(13))


def _income_at(month: date, revision: int = 0) -> datetime:
    """Personal income: the business day before the end of the following month, 08:30."""
    return new_york_to_utc(add_business_days(last_day(month_after(month, 1 + revision)), -1), time(8, 30))


def _output_at(quarter: date, revision: int = 0) -> datetime:
    """GDP: three prints, one, two and three months after the quarter, 08:30."""
    return new_york_to_utc(add_business_days(last_day(month_after(quarter, 3 + revision)), -1), time(8, 30))


def _debt_at(quarter: date) -> datetime:
    """Treasury Bulletin: about two months after the quarter."""
    return new_york_to_utc(add_business_days(month_after(quarter, 5), 0), time(12))


def _bitcoin_at(day: date) -> datetime:
    later = 2 if BITCOIN_SHIFT[0] <= day <= BITCOIN_SHIFT[1] else 1
    return new_york_to_utc(day + timedelta(days=later), time(8))


# -- values -----------------------------------------------------------------------------------------------------------


def _wednesday(line: str) -> Callable[[World, datetime], Values]:
    return lambda world, now: {day: getattr(world.balance_sheets[day], line) for day in world.wednesdays}


def _week_average(line: str) -> Callable[[World, datetime], Values]:
    return lambda world, now: {day: world.week_average(day, line) for day in world.wednesdays}


def _reserves(world: World, now: datetime) -> Values:
    """Week averages of reserves; the newest is a first print, up to 0.1 % off, until the next H.4.1."""
    values = _week_average("reserves")(world, now)
    return _revised(world, "WRESBAL", values, now, lambda day, n: _h41_at(day + timedelta(days=7 * n)), 1, 0.0004, 0)


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


def _output(world: World) -> Values:
    """Gross domestic product by quarter from 1947, USD billions at an annual rate."""
    return with_past("GDP", world.gdp_usd_bn)


def _held_by_public(world: World) -> Values:
    return with_past("FYGFDPUN", {**world.debt_held_by_public_usd_mn}, 1000)


def _saving(world: World, now: datetime) -> Values:
    """Personal saving rate by month from 1959; the annual update of 2025 raised five years of it."""
    known = world.saving_rate_pct if now >= SAVING_UPDATE else world.saving_rate_before_update_pct
    return {month: round(rate, 1) for month, rate in with_past("PSAVERT", known, months=1).items()}


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
        candle = world.candles.get(day + _DAY if is_shifted else day)
        if day < FIRST or day == BITCOIN_GAP or candle is None:
            continue
        spread = 0.0003 if day <= BITCOIN_SHIFT[1] else 0.0015  # later values are near the close, not at it
        values[day] = candle.close * (1 + spread * world.gauss("CBBTCUSD", day))
    return values


def _h41(values: Callable[[World, datetime], Values], decimals: int = 0) -> _Model:
    return _Model(values, decimals, _h41_at)


_NEXT_DAY_10_FED = _next_day(10, Calendar.FED)
_H15_AT = _next_day(16, Calendar.SIFMA)
_EVERY_DAY = _same_day(8)

_MODELS: dict[str, _Model] = {
    "WALCL": _h41(_wednesday("assets")),
    "TREAST": _h41(_wednesday("treasuries")),
    "WSHOMCB": _h41(_wednesday("mbs")),
    "WSHOSHO": _h41(_wednesday("securities")),
    "WORAL": _h41(_wednesday("repo")),
    "WLCFLL": _h41(_wednesday("loans")),
    "WLCFLPCL": _h41(_wednesday("primary_credit")),
    "H41RESPPALDKNWW": _h41(_wednesday("term_funding")),
    "WRESBAL": _h41(_reserves),
    "WRBWFRBL": _h41(_wednesday("reserves")),
    "WLODLL": _h41(_wednesday("reserves")),  # deposits of banks: the same money seen from the Reserve Banks' side
    "WTREGEN": _h41(_week_average("tga"), 3),
    "WDTGAL": _h41(_wednesday("tga")),
    "WLRRAL": _h41(_wednesday("reverse_repo")),
    "WCURCIR": _h41(_week_average("currency")),
    "WLFN": _h41(_wednesday("notes")),
    "WLTLECL": _h41(_wednesday("liabilities")),
    "RRPONTSYD": _Model(_on_rrp, 3, _same_day(13, 20), True),
    "RPONTSYD": _Model(_repo("Treasury"), 3, _same_day(15), True),
    "RPONAGYD": _Model(_repo("Agency"), 3, _same_day(15), True),
    "RPONMBSD": _Model(_repo("Mortgage-Backed"), 3, _same_day(15), True),
    "RRPONTSYAWARD": _Model(_award, 2, _same_day(13, 20), True),
    "DFEDTARU": _Model(_bounds("upper_pct"), 2, _EVERY_DAY),
    "DFEDTARL": _Model(_bounds("lower_pct"), 2, _EVERY_DAY),
    "IORB": _Model(_administered("IORB", SRF_START), 2, _ahead_at),
    "IOER": _Model(_administered("IOER", FIRST, SRF_START - _DAY), 2, _ahead_at),
    "SOFR": _Model(_rate("SOFR"), 2, lambda day: nyfed.published_at("SOFR", day), True),
    "TGCRRATE": _Model(_rate("TGCR"), 2, lambda day: nyfed.published_at("TGCR", day), True),
    "BGCRRATE": _Model(_rate("BGCR"), 2, lambda day: nyfed.published_at("BGCR", day), True),
    "EFFR": _Model(_rate("EFFR"), 2, _NEXT_DAY_10_FED, True),
    "OBFR": _Model(_rate("OBFR"), 2, _NEXT_DAY_10_FED, True),
    "DTB4WK": _Model(lambda world, now: world.yields_pct["DTB4WK"], 2, _H15_AT, True),
    "DGS2": _Model(lambda world, now: world.yields_pct["DGS2"], 2, _H15_AT, True),
    "DGS10": _Model(lambda world, now: world.yields_pct["DGS10"], 2, _H15_AT, True),
    "GDP": _Model(
        lambda world, now: _revised(world, "GDP", _output(world), now, _output_at, 2, 0.0012, 3),
        3,
        _output_at,
        first=date.min,
    ),
    "PSAVERT": _Model(
        lambda world, now: _revised(world, "PSAVERT", _saving(world, now), now, _income_at, 2, 0.15, 1, True),
        1,
        _income_at,
        first=date.min,
    ),
    "M2SL": _Model(
        lambda world, now: _revised(world, "M2SL", world.m2_usd_bn, now, _money_at, 2, 0.0008, 1), 1, _money_at
    ),
    "GFDEBTN": _Model(
        lambda world, now: with_past("GFDEBTN", {**world.federal_debt_usd_mn}, 1000), 0, _debt_at, first=date.min
    ),
    "FYGFDPUN": _Model(lambda world, now: _held_by_public(world), 0, _debt_at, first=date.min),
    "CBBTCUSD": _Model(_bitcoin, 2, _bitcoin_at),
}


# -- who holds the debt -----------------------------------------------------------------------------------------------


def _held(world: World, table: str, name: str) -> Callable[[date], float]:
    """Level of a day since 1998, USD billions, of a line of `BANKS_USD_BN` or `HOLDERS_USD_BN`."""
    knots, sigma = (BANKS_USD_BN[name], 1.5) if table == "H.8" else (HOLDERS_USD_BN[name], 0.5)
    path, past = world.path(f"{table} {name}", knots, sigma), [(SLOW_FIRST, HELD_1998_USD_BN[name]), knots[0]]

    def level(day: date) -> float:
        return path[day] if day >= knots[0][0] else level_at(past, day) * (1 + 0.003 * world.gauss(name, day))

    return level


def _bank_weeks(weights: Mapping[str, float], swing: float = 0.0) -> Callable[[World, datetime], Values]:
    """Wednesdays of a weighted sum of bank lines; ``swing`` is the seasonal share that adjustment takes out."""

    def values(world: World, now: datetime) -> Values:
        held = {line: _held(world, "H.8", line) for line in weights}
        return {
            day: sum(weight * held[line](day) for line, weight in weights.items())
            * (1 + swing * math.sin(day.timetuple().tm_yday / 58.1))
            for day in world.slow_wednesdays
        }

    return values


def _bank_months(lines: Sequence[str]) -> Callable[[World, datetime], Values]:
    def values(world: World, now: datetime) -> Values:
        held = [_held(world, "H.8", line) for line in lines]
        return {month: sum(level(month + timedelta(days=14)) for level in held) for month in _slow_months(world)}

    return values


def _slow_months(world: World) -> list[date]:
    count = (world.months[-1].year - SLOW_FIRST.year) * 12 + world.months[-1].month
    return [month_after(SLOW_FIRST, n) for n in range(count)]


def _quarters(world: World) -> list[date]:
    """First days of the quarters since 1998 whose last day the world holds."""
    return [m for m in _slow_months(world) if m.month % 3 == 1 and last_day(month_after(m, 2)) <= world.last]


def _holder(*names: str) -> Callable[[World, datetime], Values]:
    """Quarter-end holdings of the sum of ``names``, USD millions."""

    def values(world: World, now: datetime) -> Values:
        held = [_held(world, "Z.1", name) for name in names]
        return {q: 1000 * sum(level(last_day(month_after(q, 2))) for level in held) for q in _quarters(world)}

    return values


def _feds_treasuries(world: World, now: datetime) -> Values:
    quarters = [quarter for quarter in _quarters(world) if quarter >= FIRST]
    held = {q: float(world.balance_sheets[last_day(month_after(q, 2))].treasuries) for q in quarters}
    return with_past("Fed's Treasuries", held, 1000)


def _all_holders(world: World, now: datetime) -> Values:
    parts = (_holder(*HOLDERS_USD_BN)(world, now), _feds_treasuries(world, now))
    return {quarter: sum(part[quarter] for part in parts) + 650_000 for quarter in _quarters(world)}


def _in_billions(millions: Callable[[World, datetime], Values]) -> Callable[[World, datetime], Values]:
    return lambda world, now: {day: value / 1000 for day, value in millions(world, now).items()}


def _private_investors(world: World, now: datetime) -> Values:
    feds = _feds_treasuries(world, now)
    return {
        quarter: (held - feds[quarter]) / 1000 for quarter, held in _held_by_public(world).items() if quarter in feds
    }


def _level(name: str, knots: Knots, sigma: float) -> Callable[[World, datetime], Values]:
    """Wednesday levels along ``knots``, USD millions."""

    def values(world: World, now: datetime) -> Values:
        path = world.path(name, knots, sigma)
        return {day: 1000 * path[day] for day in world.wednesdays}

    return values


def _month_deficit(world: World, now: datetime) -> Values:
    """Surplus (+) or deficit of each month, USD millions, as the month's own statement printed it."""
    known = {m: -1000 * v for m, v in published_months(TREASURY_MONTHS)["deficit_usd_bn"].items()}
    budget = {m: (receipts - outlays) for m, b in debt.budget(world).items() for receipts, outlays in [b.printed(m)]}
    return known | {month: float(value) for month, value in budget.items()}


def _year_deficit(world: World, now: datetime) -> Values:
    """Surplus (+) or deficit of each fiscal year by its last day, USD millions, as the budget has it."""
    years = {date(year, 9, 30): -value for year, value in published_years("budget_usd_mn").items()}
    months = debt.budget(world)
    for year in range(max(years).year + 1, world.last.year + 1):
        if date(year, 9, 1) in months:
            printed = [b.printed(date(year, 9, 1)) for m, b in months.items() if debt.fiscal_year(m) == year]
            years[date(year, 9, 30)] = float(sum(receipts - outlays for receipts, outlays in printed))
    return years


def _deficit_share(world: World, now: datetime) -> Values:
    output = _output(world)
    values = {}
    for end, deficit in _year_deficit(world, now).items():
        quarters = [v for q, v in output.items() if q.year == end.year]
        if quarters:
            values[date(end.year, 1, 1)] = deficit / 10 / (sum(quarters) / len(quarters))
    return values


def _year_saving(world: World, now: datetime) -> Values:
    rates = _saving(world, now)
    years = {day.year: [v for d, v in rates.items() if d.year == day.year] for day in rates}
    return {date(year, 1, 1): sum(values) / 12 for year, values in years.items() if len(values) == 12}


def _income(world: World, now: datetime) -> Values:
    quarters = sorted(_output(world).items())
    months = (month_after(date(1959, 1, 1), n) for n in range(12 * 99))
    return {month: 0.742 * level_at(quarters, month) for month in takewhile(quarters[-1][0].__ge__, months)}


_LARGE = {"TNML": 1.0, "TMB": 0.7}
_SMALL = {"TNMS": 1.0, "TMB": 0.27}
_BANKS_ALL = {"TNML": 1.0, "TNMS": 1.0, "TNMF": 1.0}
# Values of series whose release and decimals come from the catalog.
_LEVELS: dict[str, Callable[[World, datetime], Values]] = {
    "WMTSECL1": _level("custody", CUSTODY_USD_BN, 3),
    "WSEFINTL1": _level("custody", [(day, 1.1 * level) for day, level in CUSTODY_USD_BN], 3),
    "SWPT": lambda world, now: {day: float(amount) for day, amount in world.swaps_outstanding_usd_mn.items()},
    "TASACBW027SBOG": _bank_weeks(_BANKS_ALL | {"TMB": 1.0}),
    "TASACBW027NBOG": _bank_weeks(_BANKS_ALL | {"TMB": 1.0}, 0.004),
    "TASLCBW027SBOG": _bank_weeks(_LARGE),
    "TASSCBW027SBOG": _bank_weeks(_SMALL),
    "TMBACBW027SBOG": _bank_weeks({"TMB": 1.0}),
    "TNMACBW027SBOG": _bank_weeks(_BANKS_ALL),
    "TNMACBW027NBOG": _bank_weeks(_BANKS_ALL, 0.004),
    "TNMLCBW027SBOG": _bank_weeks({"TNML": 1.0}),
    "TNMSCBW027SBOG": _bank_weeks({"TNMS": 1.0}),
    "TLAACBW027SBOG": _bank_weeks({"TLA": 1.0}),
    "DPSACBW027SBOG": _bank_weeks({"DPS": 1.0}),
    "TMBLCBW027SBOG": _bank_weeks({"TMB": 0.7}),
    "TMBSCBW027SBOG": _bank_weeks({"TMB": 0.27}),
    "TLALCBW027SBOG": _bank_weeks({"TLA": 0.57}),
    "TLASCBW027SBOG": _bank_weeks({"TLA": 0.3}),
    "DPSLCBW027SBOG": _bank_weeks({"DPS": 0.62}),
    "DPSSCBW027SBOG": _bank_weeks({"DPS": 0.31}),
    "DPSFRIW027SBOG": _bank_weeks({"DPS": 0.07}),
    "TNMFRIM027SBOG": _bank_months(["TNMF"]),
    "USGSEC": _bank_months(["TNML", "TNMS", "TNMF", "TMB"]),
    **{name: _holder(name) for name in HOLDERS_USD_BN if name not in ("official", "private")},
    "BOGZ1FL263061130Q": _holder("official"),
    "BOGZ1FL263061145Q": _holder("private"),
    "ROWTSEQ027S": _holder("official", "private"),
    "BOGZ1FL713061103Q": _feds_treasuries,
    "BOGZ1FL893061105Q": _all_holders,
    "MMMFFAQ027S": lambda world, now: {
        q: 1000 * level_at(MONEY_FUNDS_USD_BN, last_day(month_after(q, 2))) for q in _quarters(world)
    },
    "FDHBFIN": _in_billions(_holder("official", "private")),
    "FDHBFRBN": _in_billions(_feds_treasuries),
    "FDHBPIN": _private_investors,
    "DSPI": _income,
    "A072RC1A156NBEA": _year_saving,
    "MTSDS133FMS": _month_deficit,
    "FYFSD": _year_deficit,
    "FYFSGDA188S": _deficit_share,
}


# -- any other series of the catalog ----------------------------------------------------------------------------------


def _catalogued(series_id: str) -> _Model | None:
    """A model for a series of which only the catalog says when it comes out; None when it knows none such."""
    from ingest.providers import DATASETS  # at request time: the sample must not need the catalog to be imported

    found = [(d, s) for d in DATASETS.values() if d.provider == "fred" for s in d.series if s.id == series_id]
    if not found:
        return None
    dataset, series = found[0]
    cadence, calendar = series.cadence or dataset.cadence, series.calendar or dataset.calendar
    return _Model(
        _LEVELS.get(series_id) or (lambda world, now: _wander(world, series, cadence, calendar)),
        {Unit.PCT: 2, Unit.USD_MN: 0, Unit.USD_BN: 3}.get(series.unit, 2),
        (series.release or dataset.release).published_at,
        cadence is Cadence.DAILY and calendar is not Calendar.EVERY_DAY,
        date.min,
    )


def _wander(world: World, series: Series, cadence: Cadence, calendar: Calendar) -> Values:
    """A smooth walk between 40 and 60 % of the plausible range; of its logarithm when that spans a factor of 20."""
    low, high = series.plausible
    is_log = low > 0 and high / low > 20
    start, end = (math.log(low), math.log(high)) if is_log else (low, high)
    years = [(date(year, 1, 1), world.rng(series.id, year).uniform(0.41, 0.59)) for year in range(2017, 2100)]
    last = date(2021, 12, 31) if series.is_discontinued else world.last
    day = FIRST + timedelta(days=2) if cadence is Cadence.WEEKLY else FIRST  # 2018-01-03 is a Wednesday
    values: Values = {}
    while day <= last:
        if cadence is not Cadence.DAILY or is_open(day, calendar):
            place = level_at(years, day) + 0.002 * world.gauss(series.id, day)
            level = start + (end - start) * place
            values[day] = (math.exp(level) if is_log else level) / series.unit.factor
        day = next_effective(day, cadence, calendar)
    return values


# -- vintages ---------------------------------------------------------------------------------------------------------

# Series that are printed three times, by when; of others but WRESBAL a value is the same in every vintage.
_REPRINTED = {"GDP": _output_at, "PSAVERT": _income_at, "M2SL": _money_at}
# Until this day these were published in billions, as the real ones were (two downloads enclose the change).
_IN_MILLIONS_SINCE = date(2025, 11, 13)
_ONCE_IN_BILLIONS = ("WRESBAL", "WTREGEN")


_MOST_VINTAGES = 2_000  # more in one answer are refused


def _as_of(day: date, now: datetime) -> datetime:
    """The end of ``day`` in New York, or now if that is earlier."""
    return min(now, new_york_to_utc(day, time(23, 59)))


def _scaled(series_id: str, decimals: int, vintage: date) -> tuple[float, int]:
    """Factor and decimals with which a vintage prints a series."""
    return (0.001, 3) if series_id in _ONCE_IN_BILLIONS and vintage < _IN_MILLIONS_SINCE else (1.0, decimals)


def _new_york_day(moment: datetime) -> date:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo("America/New_York")).date()


def _vintage_days(series_id: str, model: _Model, world: World, now: datetime) -> list[date]:
    """Days on which something of the series came out, oldest first."""
    observed = [day for day in model.values(world, now) if day >= FIRST]
    moments = {model.published_at(day) for day in observed}
    if series_id in _REPRINTED:
        moments |= {_REPRINTED[series_id](day, n) for day in observed for n in (1, 2)}
    if series_id in _ONCE_IN_BILLIONS:
        moments.add(new_york_to_utc(_IN_MILLIONS_SINCE, time(16, 30)))
    if series_id == "PSAVERT":
        moments.add(SAVING_UPDATE)
    return sorted({_new_york_day(moment) for moment in moments if moment <= now})


def _versions(series_id: str, model: _Model, world: World, now: datetime) -> dict[date, list[tuple[date, str]]]:
    """Every version of every observation: vintage day and text, oldest first."""
    if series_id not in (*_REPRINTED, *_ONCE_IN_BILLIONS):
        return {
            day: [(_new_york_day(model.published_at(day)), _text(value, model.decimals, "."))]
            for day, value in _published(model, world, now).items()
            if value is not None
        }
    versions: dict[date, list[tuple[date, str]]] = {}
    for vintage in _vintage_days(series_id, model, world, now):
        factor, decimals = _scaled(series_id, model.decimals, vintage)
        for day, value in _published(model, world, _as_of(vintage, now)).items():
            text = _text(None if value is None else factor * value, decimals, ".")
            known = versions.setdefault(day, [])
            if not known or known[-1][1] != text:
                known.append((vintage, text))
    return versions


def _clipped(versions: dict[date, list[tuple[date, str]]], start: str, end: str) -> list[dict[str, str]]:
    """Rows of the versions that hold somewhere in a real-time period, their own period clipped to it as FRED does."""
    rows = []
    for day, known in sorted(versions.items()):
        untils = [str(vintage - _DAY) for vintage, _ in known[1:]] + ["9999-12-31"]
        for (vintage, text), until in zip(known, untils, strict=True):
            if str(vintage) <= end and until >= start:
                period = {"realtime_start": max(str(vintage), start), "realtime_end": min(until, end)}
                rows.append({**period, "date": str(day), "value": text})
    return rows


# -- the wire ---------------------------------------------------------------------------------------------------------


def _published(model: _Model, world: World, now: datetime) -> dict[date, float | None]:
    """Observations that are out at ``now``, oldest first; None on an empty weekday."""
    values = {day: value for day, value in model.values(world, now).items() if day >= model.first}
    days = sorted(values)
    while days and model.published_at(days[-1]) > now:
        days.pop()
    if not model.has_empty_weekdays or not days:
        return {day: values[day] for day in days}
    last = days[-1]
    span = (days[0] + timedelta(days=n) for n in range((last - days[0]).days + 1))
    return {day: values.get(day) for day in span if day.weekday() < 5}


def _text(value: float | None, decimals: int, missing: str) -> str:
    return missing if value is None else f"{value:.{decimals}f}"


def answer_chart(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """`/graph/fredgraph.csv` with id, cosd and coed, at ``now`` (naive UTC). One id at a time: several are 404 here."""
    params = request.url.params
    series_id = params.get("id", "")
    model = _MODELS.get(series_id) or _catalogued(series_id)
    if request.url.path != "/graph/fredgraph.csv" or model is None:
        return httpx.Response(404, headers={"Content-Type": "text/html"}, content=b"<html>Not Found</html>")
    first, last = params.get("cosd", "1776-07-04"), params.get("coed", "9999-12-31")
    lines = [f"observation_date,{series_id}"]
    lines += [
        f"{day},{_text(value, model.decimals, '')}"
        for day, value in _published(model, world, now).items()
        if first <= str(day) <= last
    ]
    return httpx.Response(200, headers={"Content-Type": "application/csv"}, content="\n".join([*lines, ""]).encode())


def answer_archive(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """`/graph/alfredgraph.csv` with id and vintage_date: the series as it stood at the end of that day."""
    params = request.url.params
    series_id, asked = params.get("id", ""), params.get("vintage_date", "")
    model = _MODELS.get(series_id) or _catalogued(series_id)
    if request.url.path != "/graph/alfredgraph.csv" or model is None or not asked:
        return httpx.Response(404, headers={"Content-Type": "text/html"}, content=b"<html>Not Found</html>")
    vintage = date.fromisoformat(asked)
    known = _published(model, world, _as_of(vintage, now))
    if not known:
        return httpx.Response(404, headers={"Content-Type": "text/html"}, content=b"<html>Not Found</html>")
    factor, decimals = _scaled(series_id, model.decimals, vintage)
    lines = [f"observation_date,{series_id}_{vintage:%Y%m%d}"]
    lines += [f"{day},{_text(None if v is None else factor * v, decimals, '')}" for day, v in known.items()]
    return httpx.Response(200, headers={"Content-Type": "application/csv"}, content="\n".join([*lines, ""]).encode())


def answer_api(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """`/fred/series/observations` in JSON, as of today or over a real-time period, and `/fred/series/vintagedates`."""
    params = request.url.params
    if request.url.path not in ("/fred/series/observations", "/fred/series/vintagedates"):
        return _json(404, {"error_code": 404, "error_message": "Not Found"})
    if not params.get("api_key"):
        return _json(400, {"error_code": 400, "error_message": "Bad Request.  Variable api_key is not set."})
    series_id = params.get("series_id", "")
    model = _MODELS.get(series_id) or _catalogued(series_id)
    if model is None:
        return _json(400, {"error_code": 400, "error_message": "Bad Request.  The series does not exist."})
    # Real-time days are those of St. Louis.
    today = str(now.replace(tzinfo=UTC).astimezone(ZoneInfo("America/Chicago")).date())
    start, end = params.get("realtime_start", today), params.get("realtime_end", today)
    period = {"realtime_start": start, "realtime_end": end}
    order, offset = params.get("sort_order", "asc"), int(params.get("offset", 0))
    vintages = (
        [day for day in _vintage_days(series_id, model, world, now) if start <= str(day) <= end] if start != end else []
    )
    if request.url.path.endswith("vintagedates"):
        limit = int(params.get("limit", 10_000))
        listed = [str(day) for day in vintages]
        page = {"order_by": "vintage_date", "sort_order": "asc", "count": len(listed), "offset": offset, "limit": limit}
        return _json(200, {**period, **page, "vintage_dates": listed[offset : offset + limit]})
    first, last = params.get("observation_start", "1600-01-01"), params.get("observation_end", "9999-12-31")
    limit = int(params.get("limit", 100_000))
    if len(vintages) > _MOST_VINTAGES:
        words = f"There are {len(vintages)} vintage dates in the specified real-time period: {start} to {end}."
        return _json(400, {"error_code": 400, "error_message": f"Bad Request.  {words}  This exceeds the maximum."})
    if start != end:
        found = _clipped(_versions(series_id, model, world, now), start, end)
    else:
        known = _published(model, world, now)
        found = [{**period, "date": str(d), "value": _text(v, model.decimals, ".")} for d, v in known.items()]
    rows = [row for row in found if first <= row["date"] <= last]
    if order == "desc":
        rows.reverse()
    envelope = {
        **period,
        "observation_start": first,
        "observation_end": last,
        "units": "lin",
        "output_type": 1,
        "file_type": "json",
        "order_by": "observation_date",
        "sort_order": order,
        "count": len(rows),
        "offset": offset,
        "limit": limit,
        "observations": rows[offset : offset + limit],
    }
    return _json(200, envelope)


def _json(status: int, value: object) -> httpx.Response:
    body = json.dumps(value, separators=(",", ":")).encode()
    return httpx.Response(status, headers={"Content-Type": "application/json; charset=UTF-8"}, content=body)
