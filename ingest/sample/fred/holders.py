"""Simulated holders of the debt, deficits and incomes, and series whose release times only the catalog has."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import takewhile

from ingest.calendars import Calendar, is_open
from ingest.catalog import Series, Unit
from ingest.releases import Cadence, next_effective
from ingest.sample import debt
from ingest.sample.fred import accounts
from ingest.sample.fred.models import Model, Values, _held_by_public, output_usd_bn, saving_pct
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, SLOW_FIRST, last_day, month_after
from ingest.sample.world.holders import (
    BANKS_USD_BN,
    CUSTODY_USD_BN,
    FOREIGN_CURRENCY_USD_BN,
    HELD_1998_USD_BN,
    JAPAN_YIELD_PCT,
    MONEY_FUNDS_USD_BN,
    YEN_PER_USD,
)
from ingest.sample.world.levels import TREASURY_MONTHS, Knots, level_at, published_months, published_years


@lru_cache(maxsize=16)  # a line is in several series
def _bank_line(world: World, name: str) -> Callable[[date], float]:
    """Level of a day since 1998, USD billions, of a line of `BANKS_USD_BN`."""
    knots = BANKS_USD_BN[name]
    path, past = world.path(f"H.8 {name}", knots, 1.5), [(SLOW_FIRST, HELD_1998_USD_BN[name]), knots[0]]

    def level(day: date) -> float:
        return path[day] if day >= knots[0][0] else level_at(past, day) * (1 + 0.003 * world.gauss(name, day))

    return level


def _bank_weeks(weights: Mapping[str, float], swing: float = 0.0) -> Callable[[World, datetime], Values]:
    """Wednesdays of a weighted sum of bank lines; ``swing`` is the seasonal share that adjustment takes out."""

    def values(world: World, now: datetime) -> Values:
        held = {line: _bank_line(world, line) for line in weights}
        return {
            day: sum(weight * held[line](day) for line, weight in weights.items())
            * (1 + swing * math.sin(day.timetuple().tm_yday / 58.1))
            for day in world.slow_wednesdays
        }

    return values


def _bank_months(lines: Sequence[str]) -> Callable[[World, datetime], Values]:
    def values(world: World, now: datetime) -> Values:
        held = [_bank_line(world, line) for line in lines]
        return {month: sum(level(month + timedelta(days=14)) for level in held) for month in _slow_months(world)}

    return values


def _slow_months(world: World) -> list[date]:
    count = (world.months[-1].year - SLOW_FIRST.year) * 12 + world.months[-1].month
    return [month_after(SLOW_FIRST, n) for n in range(count)]


def _quarters(world: World) -> list[date]:
    """First days of the quarters since 1998 whose last day the world holds."""
    return [m for m in _slow_months(world) if m.month % 3 == 1 and last_day(month_after(m, 2)) <= world.last]


def _in_billions(millions: Callable[[World, datetime], Values]) -> Callable[[World, datetime], Values]:
    return lambda world, now: {day: value / 1000 for day, value in millions(world, now).items()}


def _private_investors(world: World, now: datetime) -> Values:
    feds = accounts.feds_face(world, now)
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
    output = output_usd_bn(world)
    values = {}
    for end, deficit in _year_deficit(world, now).items():
        quarters = [v for q, v in output.items() if q.year == end.year]
        if quarters:
            values[date(end.year, 1, 1)] = deficit / 10 / (sum(quarters) / len(quarters))
    return values


def _year_saving(world: World, now: datetime) -> Values:
    rates = saving_pct(world, now)
    years = {day.year: [v for d, v in rates.items() if d.year == day.year] for day in rates}
    return {date(year, 1, 1): sum(values) / 12 for year, values in years.items() if len(values) == 12}


def _income(world: World, now: datetime) -> Values:
    quarters = sorted(output_usd_bn(world).items())
    months = (month_after(date(1959, 1, 1), n) for n in range(12 * 99))
    return {month: 0.742 * level_at(quarters, month) for month in takewhile(quarters[-1][0].__ge__, months)}


def _mortgages(world: World, now: datetime) -> Values:
    """Thursdays; the day before when that is a holiday. The last ten-year yield and two points, more or less."""
    yields = world.yields_pct["DGS10"]
    thursdays = [day + timedelta(days=1) for day in world.wednesdays if day < world.last]
    dated = [day if is_open(day, Calendar.FED) else day - timedelta(days=1) for day in thursdays]
    last = {day: max(d for d in (day - timedelta(days=n) for n in range(9)) if d in yields) for day in dated}
    return {day: yields[last[day]] + 2.2 + 0.1 * world.gauss("mortgages", day) for day in dated}


def _yen(world: World, now: datetime) -> Values:
    path = world.path("yen", YEN_PER_USD, 0.005, is_log=True)
    return {day: path[day] for day in world.fed_days if day >= FIRST}


def _japan(world: World, now: datetime) -> Values:
    """Monthly averages of Japan's ten-year yield, percent, of the months that are over."""
    over = [month for month in _slow_months(world) if month_after(month, 1) <= world.last]
    return {month: level_at(JAPAN_YIELD_PCT, month) + 0.03 * world.gauss("japan", month) for month in over}


def _delinquent(usual_pct: float) -> Callable[[World, datetime], Values]:
    return lambda world, now: {
        q: usual_pct * (1 + 0.05 * world.gauss(f"past due {usual_pct}", q)) for q in _quarters(world)
    }


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
    "TOTBKCR": _bank_weeks(_BANKS_ALL | {"TMB": 1.0, "TLA": 0.53}),
    "TOTLL": _bank_weeks({"TLA": 0.53}),
    "TOTCI": _bank_weeks({"TLA": 0.115}),
    "RELACBW027SBOG": _bank_weeks({"TLA": 0.235}),
    "CLSACBW027SBOG": _bank_weeks({"TLA": 0.078}),
    "TMBLCBW027SBOG": _bank_weeks({"TMB": 0.7}),
    "TMBSCBW027SBOG": _bank_weeks({"TMB": 0.27}),
    "TLALCBW027SBOG": _bank_weeks({"TLA": 0.57}),
    "TLASCBW027SBOG": _bank_weeks({"TLA": 0.3}),
    "DPSLCBW027SBOG": _bank_weeks({"DPS": 0.62}),
    "DPSSCBW027SBOG": _bank_weeks({"DPS": 0.31}),
    "DPSFRIW027SBOG": _bank_weeks({"DPS": 0.07}),
    "TNMFRIM027SBOG": _bank_months(["TNMF"]),
    "USGSEC": _bank_months(["TNML", "TNMS", "TNMF", "TMB"]),
    **{name: accounts.level(name) for name in accounts.LEVELS},
    **{name: accounts.bought(name) for name in accounts.TRANSACTIONS},
    "MORTGAGE30US": _mortgages,
    "DEXJPUS": _yen,
    "IRLTLT01JPM156N": _japan,
    "DRALACBS": _delinquent(1.5),
    "DRCLACBS": _delinquent(2.7),
    "DRCCLACBS": _delinquent(3.0),
    "WFCDA": _level("foreign currency", FOREIGN_CURRENCY_USD_BN, 0.02),
    "MMMFFAQ027S": lambda world, now: {
        q: 1000 * level_at(MONEY_FUNDS_USD_BN, last_day(month_after(q, 2))) for q in _quarters(world)
    },
    "FDHBFIN": _in_billions(accounts.level(accounts.ROW)),
    "FDHBFRBN": _in_billions(accounts.feds_face),
    "FDHBPIN": _private_investors,
    "DSPI": _income,
    "A072RC1A156NBEA": _year_saving,
    "MTSDS133FMS": _month_deficit,
    "FYFSD": _year_deficit,
    "FYFSGDA188S": _deficit_share,
}


def catalogued(series_id: str) -> Model | None:
    """A model for a series whose release time only the catalog has; None when the catalog has no such series."""
    from ingest.providers import DATASETS  # at request time: the sample must not need the catalog to be imported

    found = [(d, s) for d in DATASETS.values() if d.provider == "fred" for s in d.series if s.id == series_id]
    if not found:
        return None
    dataset, series = found[0]
    cadence, calendar = series.cadence or dataset.cadence, series.calendar or dataset.calendar
    return Model(
        _LEVELS.get(series_id) or (lambda world, now: _only_in_catalog(world, series, cadence, calendar)),
        {Unit.PCT: 2, Unit.USD_MN: 0, Unit.USD_BN: 3}.get(series.unit, 2),
        (series.release or dataset.release).published_at,
        cadence is Cadence.DAILY and calendar is not Calendar.EVERY_DAY,
        date.min,
    )


def _only_in_catalog(world: World, series: Series, cadence: Cadence, calendar: Calendar) -> Values:
    last = date(2021, 12, 31) if series.is_discontinued else world.last
    day = FIRST + timedelta(days=series.weekdays[0] - 1) if cadence is Cadence.WEEKLY else FIRST  # a Monday
    values: Values = {}
    while day <= last:
        if cadence is not Cadence.DAILY or is_open(day, calendar):
            values[day] = world.within(series.plausible, series.id, day) / series.unit.factor
        day = next_effective(day, cadence, calendar)
    return values
