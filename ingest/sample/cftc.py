"""The CFTC's public reporting API on simulated positions: Traders in Financial Futures, futures only, Treasuries.

A bare JSON array in which every value is text, missing numbers have no key and codes keep trailing blanks; names of
keys are irregular as the real ones are. Of SoQL it understands `$select`, `$where` with contract codes and a first
date, `$limit` (1,000 unless asked), `$offset`. Reports are of Tuesday, or of Monday when Tuesday is a holiday, and came
late around the shutdowns; none is ever revised. The 3-year contract has no rows, as in the real reports of 2018 and
after. What must not be here: when the world's cash moves.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache, partial

import httpx

from ingest.calendars import is_open
from ingest.sample.wire import json_answer
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST

_json = partial(json_answer, "application/json;charset=utf-8")
HOST = "publicreporting.cftc.gov"
_PATH = "/resource/gpe5-46if.json"
_DEFAULT_LIMIT = 1_000
_MOST_ROWS = 50_000

# Face value of leveraged funds' short positions in all Treasury futures, USD billions: 839 in mid-2019, 318 at the
# end of 2021, 270 in mid-2022 and 1,250 in April 2025, as the recorded reports add up; between them drawn by hand.
_SHORT_FACE_USD_BN: list[tuple[date, float]] = [
    (date(2017, 10, 1), 420),
    (date(2018, 12, 31), 660),
    (date(2019, 7, 30), 839),
    (date(2020, 2, 18), 780),
    (date(2020, 6, 30), 450),
    (date(2021, 6, 29), 300),
    (date(2021, 12, 28), 318),
    (date(2022, 6, 21), 270),
    (date(2023, 1, 10), 430),
    (date(2023, 11, 21), 900),
    (date(2024, 11, 26), 1210),
    (date(2025, 4, 29), 1250),
    (date(2026, 6, 30), 1180),
    (date(2031, 1, 1), 1400),
]
# Name since 2022 and share of that face value; a contract that only the catalog knows gets _OTHER_SHARE on top.
_CONTRACTS = {
    "042601": ("UST 2Y NOTE", 0.43),
    "044601": ("UST 5Y NOTE", 0.28),
    "043602": ("UST 10Y NOTE", 0.15),
    "043607": ("ULTRA UST 10Y", 0.03),
    "020601": ("UST BOND", 0.05),
    "020604": ("ULTRA UST BOND", 0.06),
}
_NOT_LISTED = {"039601"}
_OTHER_SHARE = 0.02


def report_days(first: date, last: date) -> list[date]:
    """Dates of the reports from ``first`` to ``last``: Tuesdays, or the Monday before a Tuesday that is a holiday."""
    tuesday = first + timedelta(days=(1 - first.weekday()) % 7)
    days = []
    while tuesday <= last:
        days.append(tuesday if is_open(tuesday) else tuesday - timedelta(days=1))
        tuesday += timedelta(days=7)
    return days


@lru_cache(maxsize=4)
def _short_face_usd(world: World) -> dict[date, float]:
    return world.path("leveraged shorts", _SHORT_FACE_USD_BN, 0.004, is_log=True)


@lru_cache(maxsize=2_000)
def _report(world: World, day: date) -> tuple[dict[str, str], ...]:
    """The report of a day, in order of code."""
    from ingest.providers.cftc import CONTRACT_FACE_USD  # at request time: see sample/fred/holders.py

    short_face_usd = _short_face_usd(world)[day] * 1e9
    codes = sorted(set(CONTRACT_FACE_USD) - _NOT_LISTED)
    return tuple(_row(world, code, day, CONTRACT_FACE_USD[code], short_face_usd) for code in codes)


def _row(world: World, code: str, day: date, face_usd: int, short_face_usd: float) -> dict[str, str]:
    """One report of one contract; both sides and the spreads add up to open interest."""
    name, share = _CONTRACTS.get(code, (f"UST {code}", _OTHER_SHARE))

    def near(what: str, level: float, spread: float = 0.05) -> float:
        return level * (1 + spread * (2 * world.share(f"{code} {what}", day) - 1))

    leveraged_short = round(near("share", share, 0.03) * short_face_usd / face_usd)
    open_interest = round(leveraged_short / near("leveraged part", 0.42))
    spreads = {
        who: round(open_interest * near(f"{who} spread", level))
        for who, level in (("dealer", 0.02), ("asset_mgr", 0.03), ("lev_money", 0.05), ("other_rept", 0.005))
    }
    free = open_interest - sum(spreads.values())
    long = {
        who: round(free * near(f"{who} long", level))
        for who, level in (("dealer", 0.09), ("asset_mgr", 0.52), ("lev_money", 0.14), ("other_rept", 0.08))
    }
    rest = free - leveraged_short
    short = {
        who: round(rest * near(f"{who} short", level))
        for who, level in (("dealer", 0.28), ("asset_mgr", 0.38), ("other_rept", 0.06))
    }
    short["lev_money"] = leveraged_short
    row = {
        "id": f"{day:%y%m%d}{code}F",
        "market_and_exchange_names": f"{name} - CHICAGO BOARD OF TRADE",
        "report_date_as_yyyy_mm_dd": f"{day}T00:00:00.000",
        "contract_market_name": name,
        "cftc_contract_market_code": code,
        "cftc_market_code": "CBT ",
        "cftc_commodity_code": f"{code[:3]} ",
        "open_interest_all": str(open_interest),
        "nonrept_positions_long_all": str(free - sum(long.values())),
        "nonrept_positions_short_all": str(free - sum(short.values())),
        "contract_units": f"(CONTRACTS OF ${face_usd:,} FACE VALUE)",
        "futonly_or_combined": "FutOnly",
    }
    for who in ("dealer", "asset_mgr", "lev_money", "other_rept"):
        end = "_all" if who == "dealer" else ""
        for side, amounts in (("long", long), ("short", short), ("spread", spreads)):
            row[f"{who}_positions_{side}{end}"] = str(amounts[who])
    for who, usual in (("dealer", 6), ("asset_mgr", 120), ("lev_money", 55), ("other_rept", 12)):
        for side in ("long", "short"):
            count = round(near(f"{who} {side} traders", usual, 0.5))
            if count >= 4:  # fewer are not shown
                row[f"traders_{who}_{side}_all"] = str(count)
    return row


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What the API answers at ``now`` (naive UTC)."""
    from ingest.providers.cftc import FRIDAY

    if request.url.path != _PATH:
        return _json(404, {"code": "dataset.missing", "error": True, "message": "Not found"})
    params = request.url.params
    where = params.get("$where", "")
    codes = re.findall(r"'(\w{6})'", where)
    since = re.search(r"report_date_as_yyyy_mm_dd\s*>=\s*'(\d{4}-\d\d-\d\d)", where)
    first = since[1] if since else ""
    rows = [
        row
        for day in report_days(FIRST, world.last)
        if str(day) >= first
        for row in _report(world, day)
        if not codes or row["cftc_contract_market_code"] in codes
    ]
    while rows and FRIDAY.published_at(date.fromisoformat(rows[-1]["report_date_as_yyyy_mm_dd"][:10])) > now:
        rows.pop()
    limit, offset = int(params.get("$limit", _DEFAULT_LIMIT)), int(params.get("$offset", 0))
    page = rows[offset : offset + min(limit, _MOST_ROWS)]
    if params.get("$select"):
        names = params["$select"].split(",")
        unknown = [name for name in names if page and not any(name in row for row in page)]
        if unknown:
            return _json(
                400, {"code": "query.soql.no-such-column", "error": True, "message": f"No column {unknown[0]}"}
            )
        page = [{name: row[name] for name in names if name in row} for row in page]
    return _json(200, page)
