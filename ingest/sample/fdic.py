"""BankFind's financials on simulated call reports: the four largest banks, and sums over the industry.

Rows are two levels deep, amounts are thousands of US dollars as JSON numbers, the report date is the text YYYYMMDD. The
real API's silences are kept: an unknown field is dropped, an ISO date matches nothing, `sort_by` does nothing without
`sort_order`, ten rows come unless more are asked for. A quarter comes out 55 days after its end and is not amended.
What must not be here: anything about the Fed's own balance sheet.
"""

import json
import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import httpx

from ingest.calendars import add_business_days, new_york_to_utc
from ingest.sample.wire import not_found
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, last_day
from ingest.sample.world.levels import knots_by_name

HOST = "api.fdic.gov"
_PATH = "/banks/financials"
_LARGEST_PAGE = 10_000
_ALL = "ALL"

# USD billions at the beginning of the years from 2018 to 2026, and of 2031; drawn by hand. The four banks together gain
# about 300 of Treasuries in fiscal year 2025, which is the claim that the sample is to show.
_TREASURIES = knots_by_name("call_report_treasuries_usd_bn")
_ASSETS = knots_by_name("call_report_assets_usd_bn")
# A bank that only the catalog knows.
_OTHER_BANK = tuple([(date(2018 + n, 1, 1), level) for n in (*range(9), 13)] for level in (20.0, 600.0))
_INSTITUTIONS = 5_670  # at the beginning of 2018; about 55 a quarter less until 2021, 30 after that


@lru_cache(maxsize=4)
def _reports(world: World) -> dict[str, dict[date, dict[str, int]]]:
    """Amounts by certificate and quarter, thousands of US dollars, in whole millions as large banks file them."""
    quarters = [last_day(month) for month in world.months if month >= FIRST and month.month % 3 == 0]
    reports: dict[str, dict[date, dict[str, int]]] = {}
    for cert in sorted({*_ASSETS, *_catalogued()}):
        treasuries, assets = _TREASURIES.get(cert, _OTHER_BANK[0]), _ASSETS.get(cert, _OTHER_BANK[1])
        treasury_path = world.path(f"treasuries {cert}", treasuries, 0.001, is_log=True)
        asset_path = world.path(f"assets {cert}", assets, 0.0005, is_log=True)
        reports[cert] = {day: _amounts(world, cert, day, treasury_path[day], asset_path[day]) for day in quarters}
    return reports


def _catalogued() -> list[str]:
    from ingest.providers.fdic import SERIES  # at request time: see sample/fred/holders.py

    return [series.id for series in SERIES]


def _amounts(world: World, cert: str, day: date, treasuries_usd_bn: float, assets_usd_bn: float) -> dict[str, int]:
    def part(what: str, whole: float, share: float) -> float:
        return whole * share * (0.95 + 0.1 * world.share(f"{cert} {what}", day))

    agencies = part("agencies", assets_usd_bn, 0.1)
    securities = treasuries_usd_bn + agencies + part("other securities", assets_usd_bn, 0.03)
    held = part("held to maturity", securities, 0.45)
    usd_bn = {
        "ASSET": assets_usd_bn,
        "CHFRB": part("reserves", assets_usd_bn, 0.09),
        "FREPO": part("repo lent", assets_usd_bn, 0.07),
        "FREPP": part("repo borrowed", assets_usd_bn, 0.06),
        "SC": securities,
        "SCAF": securities - held,
        "SCHA": held,
        "SCUS": treasuries_usd_bn + agencies,
        "SCUST": treasuries_usd_bn,
        "TRADE": part("trading", assets_usd_bn, 0.08),
    }
    return {name: round(1000 * amount) * 1000 for name, amount in usd_bn.items()}


def treasuries_usd_mn(world: World) -> dict[date, float]:
    """Treasuries of all insured banks by quarter's end, USD millions."""
    return {day: amounts["SCUST"] / 1000 for day, amounts in _reports(world)[_ALL].items()}


def published_at(day: date) -> datetime:
    """When the reports of a quarter are there, naive UTC."""
    return new_york_to_utc(add_business_days(day + timedelta(days=55), 0), time(12))


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What the API answers at ``now`` (naive UTC)."""
    if request.url.path != _PATH:
        return not_found()
    params = request.url.params
    filters = params.get("filters", "")
    bounds = re.search(r"REPDTE:\[(\S+) TO (\S+?)\]", filters)
    first, last = (bounds[1], bounds[2]) if bounds else ("00000000", "99999999")
    reports = _reports(world)
    is_sum = params.get("agg_by") == "REPDTE"
    certs = [_ALL] if is_sum else [cert for cert in _certs(filters) if cert in reports and cert != _ALL]
    found = [
        (cert, day, amounts)
        for cert in certs
        for day, amounts in reports[cert].items()
        if len(first) == len(last) == 8 and first <= f"{day:%Y%m%d}" <= last and published_at(day) <= now
    ]
    if is_sum:
        names = params.get("agg_sum_fields", "").split(",")
        rows = [_sum_row(day, amounts, names) for _, day, amounts in found][: int(params.get("agg_limit", 10))]
        total = sum(int(str(row["count"])) for row in rows)
    else:
        if params.get("sort_by") == "REPDTE" and params.get("sort_order"):
            found.sort(key=lambda item: item[1], reverse=params["sort_order"].upper() == "DESC")
        offset, limit = int(params.get("offset", 0)), min(int(params.get("limit", 10)), _LARGEST_PAGE)
        names = params.get("fields", "").split(",")
        rows = [_bank_row(*item, names) for item in found[offset : offset + limit]]
        total = len(found)
    body = {
        "meta": {
            "total": total,
            "parameters": dict(params),
            "index": {"name": "risview_simulated", "createTimestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}"},
        },
        "data": [{"data": row, "score": 0} for row in rows],
        "totals": {"count": total},
    }
    text = json.dumps(body, separators=(",", ":")).encode()
    return httpx.Response(200, headers={"Content-Type": "application/json; charset=utf-8"}, content=text)


def _certs(filters: str) -> list[str]:
    found = re.search(r"CERT:(?:\(([^)]*)\)|(\d+))", filters)
    return re.findall(r"\d+", found[0]) if found else []


def _bank_row(cert: str, day: date, amounts: dict[str, int], names: list[str]) -> dict[str, object]:
    known: dict[str, object] = {**amounts, "CERT": int(cert), "REPDTE": f"{day:%Y%m%d}"}
    return {name: known[name] for name in sorted(names) if name in known} | {"ID": f"{cert}_{day:%Y%m%d}"}


def _sum_row(day: date, amounts: dict[str, int], names: list[str]) -> dict[str, object]:
    quarters = (day.year - 2018) * 4 + day.month // 3
    count = _INSTITUTIONS - 55 * min(quarters, 14) - 30 * max(quarters - 14, 0)
    sums = {f"sum_{name}": float(amounts[name]) for name in names if name in amounts}
    return {"REPDTE": f"{day:%Y%m%d}", "count": count} | sums
