"""The OFR's two monitors on simulated values: short-term funding and hedge funds.

Compact JSON, `{mnemonic: {timeseries: {aggregation, disclosure_edits}, metadata}}`, whole dollars and percent, oldest
first; a suppressed number is null and its date is among the disclosure edits too. SOFR is the New York Fed's, money
funds' repo with the Fed follows ON RRP, tri-party contains it. The newest quarter of the hedge funds is revised when
the next one comes out. What must not be here: how the Fed's numbers and the reference rates arise.
"""

import math
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial

import httpx

from ingest.calendars import Calendar, add_business_days, new_york_to_utc
from ingest.catalog import Series, Unit
from ingest.releases import Cadence
from ingest.sample import nyfed
from ingest.sample.wire import json_answer
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, SOFR_START, last_day, last_open_day

_json = partial(json_answer, "application/json")
HOST = "data.financialresearch.gov"

Values = dict[date, float | None]
Knots = list[tuple[date, float]]


def _yearly(*levels: float) -> Knots:
    """Knots on the first of each January from 2018; the last level holds from 2031."""
    return [(date(2018 + n, 1, 1), level) for n, level in enumerate(levels[:-1])] + [(date(2031, 1, 1), levels[-1])]


# USD billions, rounded by hand, only the shape matters.
_MONEY_FUNDS = {
    "TOT": _yearly(3000, 3200, 3800, 4700, 5000, 5200, 6400, 7250, 8200, 12000),
    "T_TOT": _yearly(800, 800, 900, 2000, 1822, 1000, 2200, 2993, 3300, 4500),
    "RP_wFICC": _yearly(15, 90, 250, 90, 90, 200, 480, 990, 1200, 1700),
    "RP_wDFI": _yearly(270, 330, 350, 230, 180, 190, 380, 480, 560, 800),
    "RP_wFFI": _yearly(430, 500, 520, 380, 260, 280, 450, 620, 740, 950),
    "RP_wOCP": _yearly(30, 40, 55, 40, 35, 45, 70, 90, 110, 150),
}
# Total, Treasuries and repo at the end of a year, USD billions, as Crane Data counted them from form N-MFP.
_MONEY_FUNDS_PUBLISHED = {date(2024, 12, 31): (7250.0, 2993.0, 2619.0)}
_REPO = {
    "DVP": _yearly(640, 820, 1020, 930, 980, 1150, 1500, 2250, 3100, 3700),
    "GCF": _yearly(110, 125, 140, 85, 80, 105, 120, 185, 220, 260),
    "TRIV1": _yearly(930, 1080, 1230, 1200, 1150, 1200, 1450, 1800, 2200, 2900),
}
_HEDGE_FUNDS = {
    "FPF-ALLQHF_NAV_SUM": _yearly(3050, 3000, 3200, 3600, 4200, 3800, 4000, 4250, 4850, 6500),
    "FPF-ALLQHF_GAV_SUM": _yearly(5900, 6250, 6700, 7150, 8300, 7850, 9250, 10300, 12600, 17000),
    "FPF-BORROW_REPO_SUM": _yearly(700, 1100, 1300, 1200, 1150, 1250, 2000, 2550, 3350, 4500),
    "FPF-BORROW_PRIMEBROKER_SUM": _yearly(1380, 1300, 1400, 1620, 1970, 1650, 2100, 2500, 3250, 4300),
    "FPF-BORROW_OTHERSECURED_SUM": _yearly(360, 390, 450, 410, 630, 580, 550, 600, 780, 1000),
    "FPF-ASSETCLASS_REPO_REPO_SUM": _yearly(640, 1050, 1230, 1180, 1140, 1150, 1800, 2400, 3200, 4300),
    "FPF-ASSETCLASS_REPO_REVERSEREPO_SUM": _yearly(690, 770, 700, 740, 1080, 990, 1040, 1110, 1340, 1700),
    "FPF-ASSETCLASS_LTREASURY_SUM": sorted(  # the ends of 2021 and 2024 as the monitor has them
        [
            *_yearly(730, 1150, 1320, 970, 1000, 1000, 1600, 1930, 2450, 3200),
            (date(2021, 12, 31), 1001.0),
            (date(2024, 12, 31), 1920.0),
        ]
    ),
    "FPF-ASSETCLASS_STREASURY_SUM": _yearly(430, 650, 860, 620, 760, 700, 1260, 1450, 1640, 2100),
}
_SOFR_PERCENTILES = {"1Pctl": 0, "25Pctl": 1, "75Pctl": 2, "99Pctl": 3}


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What the API answers at ``now`` (naive UTC): series/full, series/multifull and metadata/mnemonics."""
    api, _, route = request.url.path.removeprefix("/").rpartition("v1/")
    params = request.url.params
    known = _funding_names() if not api else tuple(_hedge_fund_names())
    match route:
        case "metadata/mnemonics":
            return _json(200, list(known))
        case "series/full":
            wanted = [params.get("mnemonic", "")]
        case "series/multifull":
            wanted = params.get("mnemonics", "").split(",")
        case _:
            return _json(404, {"message": "Not Found"})
    stored = {name.lower(): name for name in known}
    if any(name.lower() not in stored for name in wanted):
        return _json(400, {"message": "mnemonic not found"})
    first, last = params.get("start_date", "1901-01-01"), params.get("end_date", "9999-12-31")
    return _json(200, {stored[n.lower()]: _entry(world, now, stored[n.lower()], first, last) for n in wanted})


# -- what there is ----------------------------------------------------------------------------------------------------


def _catalogued(name: str) -> tuple[Series, ...]:
    from ingest.providers.ofr import PROVIDER  # at request time: the sample must not need the catalog to be imported

    return next(dataset.series for dataset in PROVIDER.datasets if dataset.name == name)


def _funding_names() -> tuple[str, ...]:
    return tuple(series.id for series in _catalogued("short_term_funding"))


def _hedge_fund_names() -> tuple[str, ...]:
    return tuple(series.id for series in _catalogued("hedge_fund_monitor"))


def _month_ends(world: World) -> list[date]:
    return [last_day(month) for month in world.months if month >= FIRST]


@lru_cache(maxsize=4)
def _money_funds(world: World) -> dict[str, Values]:
    """Money funds' investments by month's end, US dollars. A month without repo with the Fed on record is absent."""
    levels: dict[str, Values] = {name: {} for name in (*_MONEY_FUNDS, "RP_wFR", "RP_TOT")}
    paths = {name: world.path(f"money funds {name}", knots, 0.004, is_log=True) for name, knots in _MONEY_FUNDS.items()}
    for day in _month_ends(world):
        for name, path in paths.items():
            levels[name][day] = path[day] * 1e9
        on_rrp = world.on_rrp_usd_mn[last_open_day(day.replace(day=1), Calendar.SIFMA)] * 1e6
        with_fed = on_rrp * (0.88 + 0.08 * world.share("money funds", day))
        if world.share("money funds with the Fed", day) > 0.06:
            levels["RP_wFR"][day] = with_fed
        if day in _MONEY_FUNDS_PUBLISHED:
            total, treasuries, repo = (amount * 1e9 for amount in _MONEY_FUNDS_PUBLISHED[day])
            levels["TOT"][day], levels["T_TOT"][day], levels["RP_TOT"][day] = total, treasuries, repo
            cleared = sum(path[day] for name, path in paths.items() if name.startswith("RP_w")) - paths["RP_wFICC"][day]
            levels["RP_wFICC"][day] = repo - with_fed - 1e9 * cleared
            continue
        others = sum(path[day] for name, path in paths.items() if name.startswith("RP_w")) * 1e9
        repo = levels["RP_TOT"][day] = with_fed + others
        levels["TOT"][day] = max(paths["TOT"][day] * 1e9, 1.2 * (repo + paths["T_TOT"][day] * 1e9))
    shares = {"RP_T_TOT": 0.68, "RP_AG_TOT": 0.28, "RP_OA_TOT": 0.04}
    for name, share in shares.items():
        levels[name] = {day: value * share for day, value in levels["RP_TOT"].items() if value is not None}
    return {f"MMF-MMF_{name}-M": _rounded(values) for name, values in levels.items()}


def money_fund_treasuries_usd_mn(world: World) -> dict[date, float]:
    """Treasuries of money funds by month's end, USD millions."""
    return {day: (value or 0) / 1e6 for day, value in _money_funds(world)["MMF-MMF_T_TOT-M"].items()}


@lru_cache(maxsize=4)
def _repo_volumes(world: World) -> dict[str, Values]:
    """Repo volumes by day, US dollars; tri-party with the Fed holds the day's ON RRP."""
    days = [day for day in world.desk_days if day >= SOFR_START]
    volumes: dict[str, Values] = {}
    for name, knots in _REPO.items():
        path = world.path(f"repo {name}", knots, 0.006, is_log=True)
        volumes[f"REPO-{name}_TV_TOT-P"] = {
            day: path[day] * 1e9 * math.exp(0.02 * world.gauss(f"repo {name}", day)) for day in days
        }
    for name, above in (("DVP", 1.3), ("GCF", 1.15)):
        started = volumes[f"REPO-{name}_TV_TOT-P"]
        volumes[f"REPO-{name}_OV_TOT-P"] = {day: (value or 0) * above for day, value in started.items()}
    volumes["REPO-TRI_TV_TOT-P"] = {
        day: (value or 0) + world.on_rrp_usd_mn[day] * 1e6 for day, value in volumes["REPO-TRIV1_TV_TOT-P"].items()
    }
    return {name: _rounded(values) for name, values in volumes.items()}


@lru_cache(maxsize=4)
def _hedge_funds(world: World) -> dict[str, Values]:
    """Hedge funds by quarter's end, US dollars."""
    days = [day for day in _month_ends(world) if day.month % 3 == 0]
    return {
        name: _rounded({day: path[day] * 1e9 for day in days})
        for name, path in ((n, world.path(n, knots, 0.003, is_log=True)) for n, knots in _HEDGE_FUNDS.items())
    }


def _rounded(values: Values) -> Values:
    return {day: None if value is None else round(value, 2) for day, value in values.items()}


def _average_rates(world: World, service: str) -> Values:
    """Average rate of overnight and open repo, percent; GCF's is mostly suppressed, DVP's now and then."""
    gap_bp, hidden = {"DVP": (1, 0.04), "GCF": (3, 0.55), "TRI": (0, 0), "TRIV1": (0, 0)}[service]
    base = world.rates["SOFR" if service in ("DVP", "GCF") else "TGCR"]
    award = world.administered_pct["ON_RRP_AWARD"]
    values: Values = {}
    for day, rate in base.items():
        value = rate.rate_pct + (gap_bp + round(world.gauss(f"{service} rate", day))) / 100
        if service == "TRI":  # the Fed's own overnight reverse repo pulls the average towards its award
            fed = min(0.7, world.on_rrp_usd_mn.get(day, 0) / 3_500_000)
            value = (1 - fed) * value + fed * (award(day) or 0.0)
        is_hidden = world.share(f"{service} hidden", day) < hidden
        values[day] = None if is_hidden else round(value, 2)
    return values


def _sofr(world: World, now: datetime, part: str) -> Values:
    rates = nyfed.published_rates(world, "SOFR", now)
    if not part:
        return {day: nyfed.rate_as_known("SOFR", day, rate, now)[0] for day, rate in rates.items()}
    if part == "UV":
        return {day: rate.volume_usd_bn * 1_000_000_000 for day, rate in rates.items()}
    return {day: rate.percentiles_pct[_SOFR_PERCENTILES[part]] for day, rate in rates.items()}


def _only_in_catalog(world: World, series: Series, cadence: Cadence) -> Values:
    """A series that only the catalog knows: around the middle of its plausible range."""
    low, high = (bound / series.unit.factor for bound in series.plausible)
    middle = math.sqrt(low * high) if low > 0 else (low + high) / 2
    days = {
        Cadence.DAILY: [day for day in world.desk_days if day >= SOFR_START],
        Cadence.MONTHLY: _month_ends(world),
    }.get(cadence, [day for day in _month_ends(world) if day.month % 3 == 0])
    return _rounded({day: middle * (1 + 0.02 * world.gauss(series.id, day)) for day in days})


def _values(world: World, now: datetime, mnemonic: str) -> Values:
    """All values of a series up to the end of the world, or those of SOFR that are out."""
    if mnemonic.startswith("FNYR-SOFR"):
        return _sofr(world, now, mnemonic.removeprefix("FNYR-SOFR").removesuffix("-A").lstrip("_"))
    if mnemonic.startswith("REPO-") and mnemonic.endswith("_AR_OO-P"):
        return _average_rates(world, mnemonic.removeprefix("REPO-").removesuffix("_AR_OO-P"))
    for known in (_money_funds, _repo_volumes, _hedge_funds):
        if mnemonic in known(world):
            return known(world)[mnemonic]
    for name, usual in (("short_term_funding", Cadence.DAILY), ("hedge_fund_monitor", Cadence.QUARTERLY)):
        for series in _catalogued(name):
            if series.id == mnemonic:
                return _only_in_catalog(world, series, series.cadence or usual)
    return {}


# -- when it comes out ------------------------------------------------------------------------------------------------


def published_at(mnemonic: str, day: date) -> datetime:
    """When the value of ``day`` comes out, naive UTC."""
    if mnemonic.startswith("FPF-"):
        return new_york_to_utc(add_business_days(day + timedelta(days=75), 0), time(12, 30))
    if mnemonic.startswith("MMF-"):
        lag = 50 if "wFR" in mnemonic else 19  # the Fed's share comes a month after the rest
        return new_york_to_utc(add_business_days(day + timedelta(days=lag), 0), time(15))
    return new_york_to_utc(add_business_days(day, 1, Calendar.SIFMA), time(15))


def _published(world: World, now: datetime, mnemonic: str) -> Values:
    values = _values(world, now, mnemonic)
    days = sorted(values)
    while days and published_at(mnemonic, days[-1]) > now:
        days.pop()
    known = {day: values[day] for day in days}
    if days and mnemonic.startswith("FPF-"):
        error = 0.01 * (world.share(f"{mnemonic} first print", days[-1]) - 0.5)
        known[days[-1]] = round((known[days[-1]] or 0) * (1 + error), 2)
    return known


# -- the wire ---------------------------------------------------------------------------------------------------------


def _entry(world: World, now: datetime, mnemonic: str, first: str, last: str) -> dict[str, object]:
    known = _published(world, now, mnemonic)
    rows = [[str(day), value] for day, value in known.items() if first <= str(day) <= last]
    return {
        "timeseries": {"aggregation": rows, "disclosure_edits": [row for row in rows if row[1] is None]},
        "metadata": _metadata(mnemonic, known),
    }


def _metadata(mnemonic: str, known: Values) -> dict[str, object]:
    days = list(known)
    everything = (*_catalogued("short_term_funding"), *_catalogued("hedge_fund_monitor"))
    series = next(series for series in everything if series.id == mnemonic)
    is_rate = series.unit is Unit.PCT
    vintages = {"P": "Preliminary", "F": "Final", "A": "As Published", "M": "Monthly Revisions"}
    frequency = {"MMF": "Monthly", "FPF": "Quarterly"}.get(mnemonic[:3], "Daily")
    long_names = {
        "MMF": "OFR U.S. Money Market Fund Data Release",
        "REPO": "OFR U.S. Repo Markets Data Release",
        "FNYR": "Federal Reserve Bank of New York Reference Rates",
        "FPF": "SEC Form PF",
    }
    return {
        "mnemonic": mnemonic,
        "description": {
            "vintage_approach": vintages.get(mnemonic[-1], "Revised"),
            "vintage": vintages.get(mnemonic[-1], "Revised"),
            "notes": "Simulated.",
            "name": series.title,
            "subsetting": "None",
            "subtype": "Interest Rate" if is_rate else "Volume",
            "description": f"Simulated values of: {series.title}",
        },
        "schedule": {
            "observation_period": "Single Day",
            "observation_frequency": frequency,
            "seasonal_adjustment": "None",
            "start_date": str(days[0]) if days else "",
            "last_update": f"{published_at(mnemonic, days[-1]):%Y-%m-%d %H:%M:%S}" if days else "",
        },
        "release": {"long_name": long_names.get(mnemonic.split("-")[0], "")},
        "unit": {
            "name": "Percent" if is_rate else "USD",
            "magnitude": 0,
            "type": "Rate" if is_rate else "Volume",
            "precision": 2,
        },
    }
