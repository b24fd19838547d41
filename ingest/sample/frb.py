"""The Board's data download on simulated values: the ZIP of a release, SDMX-ML compact inside, H.4.1 and H.8.

H.4.1 prints the same balance sheets as FRED's encoder and holds one series that no catalog lists. H.8 has hand-rounded
levels of bank balance sheets with noise, cash assets follow the reserves of the world; `h8_usd_mn` gives them to
the sources that repeat H.8. What must not be here: the Fed's balance sheet itself; the world draws it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import httpx

from ingest.calendars import add_business_days, new_york_to_utc
from ingest.sample.wire import archive, not_found
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST
from ingest.sample.world.levels import PAST, knots_by_name, level_at
from ingest.sample.world.sheet import BalanceSheet

HOST = "www.federalreserve.gov"
Levels = dict[str, dict[date, float]]  # USD millions by series and Wednesday


# -- H.4.1 ------------------------------------------------------------------------------------------------------------

_SHEET: dict[str, Callable[[BalanceSheet], int]] = {
    "RESPPMA_N.WW": lambda sheet: sheet.assets,
    "RESPPALG_N.WW": lambda sheet: sheet.securities,
    "RESPPALGUO_N.WW": lambda sheet: sheet.treasuries,
    "RESPPALGASMO_N.WW": lambda sheet: sheet.mbs,
    "RESPPALGTR_N.WW": lambda sheet: sheet.repo,
    "RESPPALD_N.WW": lambda sheet: sheet.loans,
    "RESPPLLN_N.WW": lambda sheet: sheet.notes,
    "RESPPLLR_N.WW": lambda sheet: sheet.reverse_repo,
    "RESPPLLRF_N.WW": lambda sheet: sheet.foreign_pool,
    "RESPPLLRD_N.WW": lambda sheet: sheet.on_rrp,
    "RESPPLLDD_N.WW": lambda sheet: sheet.reserves,
    "RESPPLLDT_N.WW": lambda sheet: sheet.tga,
    "RESPPMLL_N.WW": lambda sheet: sheet.liabilities,
    "RESPPLC_N.WW": lambda sheet: sheet.assets - sheet.liabilities,
    "RESH4R_N.WW": lambda sheet: sheet.reserves,
    "RESTBC_N.WW": lambda sheet: sheet.currency,
    "RESPPAG_N.WW": lambda sheet: 11_037,  # gold certificates: in the release, in no catalog
}
# USD billions; hand-rounded, only the shape matters.
_SMALL_LINES = knots_by_name("h41_small_lines_usd_bn")


@lru_cache(maxsize=4)
def h41_usd_mn(world: World) -> Levels:
    """Wednesday levels of H.4.1 by the Board's names, whole USD millions."""
    sheets = {day: world.balance_sheets[day] for day in world.wednesdays}
    levels: Levels = {name: {day: line(sheet) for day, sheet in sheets.items()} for name, line in _SHEET.items()}
    for name, knots in _SMALL_LINES.items():
        levels[name] = {
            day: round(1000 * level_at(knots, day) * (1 + 0.004 * world.gauss(name, day))) for day in sheets
        }
    soma = world.soma_usd_cents
    levels["RESPPALGUOB_N.WW"] = {day: round((soma[day]["bills"] or 0) / 1e8) for day in sheets}
    return levels


# -- H.8 --------------------------------------------------------------------------------------------------------------

_BANKS = knots_by_name("h8_usd_bn")
_SHARES = {"LG": 0.62, "SM": 0.31}  # of deposits; the rest is with foreign-related institutions


def _reserves_usd_mn(world: World, day: date) -> float:
    return world.balance_sheets[day].reserves if day >= FIRST else round(1000 * level_at(PAST["reserves"], day))


@lru_cache(maxsize=4)
def h8_usd_mn(world: World) -> Levels:
    """Wednesday levels of H.8 by the Board's names, USD millions with one decimal; NCBD as they are, NCBA adjusted."""
    levels: Levels = {}
    plain: dict[str, dict[date, float]] = {
        item: {
            day: round(1000 * level_at(knots, day) * (1 + 0.002 * world.gauss(f"H8 {item}", day)), 1)
            for day in world.slow_wednesdays
        }
        for item, knots in _BANKS.items()
    }
    plain["1003"] = {day: round(plain["1301"][day] + plain["1302"][day], 1) for day in world.slow_wednesdays}
    plain["1048"] = {day: _reserves_usd_mn(world, day) + 330_000.0 for day in world.slow_wednesdays}
    for item, values in plain.items():
        levels[f"B{item}NCBD"] = values
    for item in ("1003", "1151", "1058"):
        levels[f"B{item}NCBA"] = {
            day: round(value * (1 + 0.0015 * world.gauss(f"H8 season {item}", day.replace(year=2020, day=1))), 1)
            for day, value in plain[item].items()
        }
    for group, share in _SHARES.items():
        levels[f"B1058N{group}A"] = {day: round(share * value, 1) for day, value in levels["B1058NCBA"].items()}
    for group, share in (("LG", 0.7), ("SM", 0.27), ("FR", 0.03)):
        for item in ("1003", "1301", "1302"):
            for letter in "DA":
                whole = levels.get(f"B{item}NCB{letter}", levels[f"B{item}NCBD"])
                levels[f"B{item}N{group}{letter}"] = {day: round(share * value, 1) for day, value in whole.items()}
    return levels


# -- the wire ---------------------------------------------------------------------------------------------------------


def _h41_at(wednesday: date) -> datetime:
    return new_york_to_utc(add_business_days(wednesday, 1), time(16, 30))


def _h8_at(wednesday: date) -> datetime:
    return new_york_to_utc(add_business_days(wednesday + timedelta(days=9), 0), time(16, 15))


_RELEASES: Mapping[str, tuple[Callable[[World], Levels], Callable[[date], datetime]]] = {
    "H41": (h41_usd_mn, _h41_at),
    "H8": (h8_usd_mn, _h8_at),
}


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """`/datadownload/Output.aspx` with rel and filetype=zip, at ``now`` (naive UTC)."""
    params = request.url.params
    release = params.get("rel", "")
    if request.url.path != "/datadownload/Output.aspx" or release not in _RELEASES or params.get("filetype") != "zip":
        return not_found()
    levels, published_at = _RELEASES[release]
    newest = max(day for day in world.wednesdays if published_at(day) <= now)
    headers = {"Content-Type": "application/x-zip-compressed"}
    return httpx.Response(200, headers=headers, content=_zip(release, levels(world), newest, published_at(newest)))


def _zip(release: str, levels: Levels, newest: date, prepared_at: datetime) -> bytes:
    space = f"http://www.federalreserve.gov/structure/compact/{release}_{release}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>',
        '<message:MessageGroup xmlns:message="http://www.SDMX.org/resources/SDMXML/schemas/v1_0/message"'
        ' xmlns:frb="http://www.federalreserve.gov/structure/compact/common">',
        f"<message:Header><message:ID>{release}</message:ID><message:Name>Simulated</message:Name>"
        f"<message:Prepared>{prepared_at:%Y-%m-%dT%H:%M:%S}</message:Prepared></message:Header>",
        f'<frb:DataSet id="{release}" xmlns:kf="{space}">',
    ]
    for name, values in levels.items():
        lines.append(f'<kf:Series CURRENCY="USD" FREQ="19" SERIES_NAME="{name}" UNIT="Currency" UNIT_MULT="1000000">')
        lines += [
            f'<frb:Obs OBS_STATUS="A" OBS_VALUE="{value}" TIME_PERIOD="{day}" />'
            for day, value in values.items()
            if day <= newest
        ]
        lines.append("</kf:Series>")
    lines += ["</frb:DataSet>", "</message:MessageGroup>"]
    return archive({f"{release}_data.xml": "\n".join(lines).encode(), "frb_common.xsd": b"<schema/>"})
