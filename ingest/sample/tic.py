"""TIC's three text files on simulated holdings: the current table, the history by calendar year, the long table.

Holdings by country are straight lines through hand-rounded levels with noise; what is left of the total is "All Other".
All three files print the same holdings, so that they can be compared; the newest month of a country is a first print
in all of them, up to half a percent off, until the next release. The history starts in 2012 and gets a year with its
December. Countries' codes other than those of Japan, China, the United Kingdom, the Cayman Islands
and the totals are made up. What must not be here: parsing.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

import httpx

from ingest.calendars import add_business_days, new_york_to_utc
from ingest.sample.wire import not_found
from ingest.sample.world import World
from ingest.sample.world.dates import last_day, month_after
from ingest.sample.world.levels import knots_by_name, knots_of, level_at

HOST = "ticdata.treasury.gov"
FOLDER = "/resource-center/data-chart-center/tic/Documents/"
_FIRST_YEAR = 2012
_FIRST_FLOWS = date(2020, 1, 1)
_NET_START = date(2023, 2, 1)

# USD billions at the end of the month; hand-rounded, only the shape matters.
_COUNTRIES = knots_by_name("tic_countries_usd_bn")
_REST = knots_of("tic_other_countries_usd_bn")
_OFFICIAL_SHARE = knots_of("tic_official_ratio")
_BILL_SHARE = knots_of("tic_bills_ratio")
# USD billions at the end of single months as published; of the total, the first print.
_PUBLISHED_USD_BN = {
    ("China, Mainland", date(2013, 11, 1)): 1316.7,
    ("China, Mainland", date(2025, 11, 1)): 683.9,
    ("Japan", date(2013, 11, 1)): 1186.4,
    ("Japan", date(2025, 9, 1)): 1189.3,
    ("Japan", date(2025, 11, 1)): 1202.7,
    ("United Kingdom", date(2025, 9, 1)): 862.5,
    ("Cayman Islands", date(2024, 12, 1)): 423.0,
    ("All Other", date(2025, 11, 1)): 2_639.4,  # what makes the total 9,355
}


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """The file that the path names, as of ``now`` (naive UTC)."""
    write = _FILES.get(request.url.path.removeprefix(FOLDER))
    if write is None:
        return not_found()
    body = "".join(f"{line}\r\n" for line in write(world, _newest(now))).encode()
    return httpx.Response(200, headers={"Content-Type": "text/plain"}, content=body)


def _newest(now: datetime) -> date:
    """First day of the newest month that is out at ``now``: 45 days and a business day after its end, 16:00."""
    month = now.date().replace(day=1)
    while new_york_to_utc(add_business_days(last_day(month) + timedelta(days=45), 1), time(16)) > now:
        month = month_after(month, -1)
    return month


# -- holdings ---------------------------------------------------------------------------------------------------------


def _held_usd_mn(world: World, name: str, month: date, is_first_print: bool) -> int:
    """Holdings of a country or of all others at the end of ``month``, whole USD millions."""
    knots = _COUNTRIES.get(name, _REST)
    level = 1000 * level_at(knots, month) * (1 + 0.012 * world.gauss(f"tic {name}", month))
    level = 1000 * _PUBLISHED_USD_BN.get((name, month), level / 1000)
    if is_first_print:
        level *= 1 + 0.005 * (2 * world.share(f"tic print {name}", month) - 1)
    return round(level)


def _rows_usd_mn(world: World, month: date, newest: date) -> dict[str, int]:
    """All rows of a major holders table for one month."""
    rows = {name: _held_usd_mn(world, name, month, month == newest) for name in (*_COUNTRIES, "All Other")}
    total = sum(rows.values())
    official = round(total * level_at(_OFFICIAL_SHARE, month))
    bills = round(0.09 * official)
    return rows | {
        "Grand Total": total,
        "Foreign Official": official,
        "Foreign Official Treasury Bills": bills,
        "Foreign Official T-Bonds & Notes": official - bills,
    }


def held_usd_mn(world: World, name: str, month: date) -> int:
    """A row of the major holders at the end of ``month`` as last printed, USD millions."""
    return _rows_usd_mn(world, month, date.max)[name]


def net_purchases_usd_mn(world: World, name: str, month: date) -> int:
    """Net purchases in ``month`` of a row of table 3 as last printed, USD millions."""
    held, before = (_split_usd_mn(world, name, m, date.max) for m in (month, month_after(month, -1)))
    return sum(held) - sum(before) - _valuation_usd_mn(world, month, held[0])


# -- files ------------------------------------------------------------------------------------------------------------


def _table_5(world: World, newest: date) -> Iterable[str]:
    months = [month_after(newest, -n) for n in range(13)]
    tables = [_rows_usd_mn(world, month, newest) for month in months]
    yield "Table 5: Major Foreign Holders of Treasury Securities"
    yield "Holdings at end of time period"
    yield "Billions of dollars"
    yield f"Link: https://{HOST}{FOLDER}slt_table5.txt"
    yield ""
    yield "\t".join(["Country", *(f"{month:%Y-%m}" for month in months)])
    for name in tables[0]:
        shown = f"Of Which: {name}" if name.startswith("Foreign") else name
        yield "\t".join([shown, *(f"{table[name] / 1000:.1f}" for table in tables)])
    yield ""
    yield "Notes:"
    yield 'Simulated; countries are those of the custodians ("TIC FAQ").'


_OLD_NAMES = {
    "Foreign Official": "For. Official",
    "Foreign Official Treasury Bills": "Treasury Bills",
    "Foreign Official T-Bonds & Notes": "T-Bonds & Notes",
}


def _history(world: World, newest: date) -> Iterable[str]:
    last_year = newest.year if newest.month == 12 else newest.year - 1
    tabs = "\t" * 13
    yield f"\t\t\tMAJOR FOREIGN HOLDERS OF TREASURY SECURITIES{tabs}"
    yield f"\t\t\t\t(in billions of dollars){tabs}"
    yield f"\t\t\t\tHOLDINGS 1/ AT END OF PERIOD{tabs}"
    for year in range(last_year, _FIRST_YEAR - 1, -1):
        months = [date(year, n, 1) for n in range(12, 0, -1)]
        tables = [_rows_usd_mn(world, month, newest) for month in months]
        yield tabs
        yield "\t".join(["", *(f"{month:%b}" for month in months), ""])
        yield "\t".join(["Country", *(str(year) for _ in months), ""])
        yield "\t".join(["", *("------" for _ in months), ""])
        for name in tables[0]:
            if name == "Foreign Official":
                yield tabs
                yield f"Of which:{tabs}"
            shown = _OLD_NAMES.get(name, f'"{name}"' if "," in name else name)
            yield "\t".join([shown, *(f"{round(table[name] / 1000, 1):g}" for table in tables), ""])
    yield tabs
    yield f"1/  The data in this table are simulated.{tabs}"


_FIELDS = [
    "country",
    "country_code",
    "date",
    "for_treas_pos",
    "for_treas_net",
    "for_lt_treas_pos",
    "for_lt_treas_net",
    "for_lt_treas_valchg",
    "for_st_treas_pos",
    "for_st_treas_net",
]
_CODES = {
    "Japan": "42609",
    "China, Mainland": "41408",
    "United Kingdom": "13005",
    "Cayman Islands": "36137",
    "Belgium": "10251",
    "Luxembourg": "11703",
    "Canada": "29998",
    "France": "10804",
    "Ireland": "11401",
    "Switzerland": "12688",
    "Taiwan": "46302",
    "Hong Kong": "42005",
    "Singapore": "46019",
    "India": "42102",
    "Brazil": "30309",
    "Of Which: Foreign Official": "99990",
    "Of Which: Foreign Non-Official": "99991",
    "Grand Total": "99996",
}
_SUPPRESSED = ("Poland", "12505")  # its bills, and so its totals, are not published


def _table_3(world: World, newest: date) -> Iterable[str]:
    yield "Table 3: U.S. Treasury Securities Held by Foreign Residents 1/"
    yield "Millions of dollars"
    yield ""
    yield "\t".join(["Country", "Country Code", "Date", "Holdings", "Net U.S. Sales"])
    yield "\t".join(_FIELDS)
    for name, code in (*_CODES.items(), _SUPPRESSED):
        month = newest
        while month >= _FIRST_FLOWS:
            held, before = (_split_usd_mn(world, name, m, newest) for m in (month, month_after(month, -1)))
            yield "\t".join([name, code, f"{month:%Y-%m}", *_flow_cells(world, name, month, held, before)])
            month = month_after(month, -1)
    yield ""
    yield "1/ Simulated."


def _split_usd_mn(world: World, name: str, month: date, newest: date) -> tuple[int, int]:
    """Long-term and short-term holdings of a row of table 3, USD millions."""
    rows = _rows_usd_mn(world, month, newest)
    official = rows["Foreign Official"]
    total = {
        "Of Which: Foreign Official": official,
        "Of Which: Foreign Non-Official": rows["Grand Total"] - official,
        _SUPPRESSED[0]: 60_000,
    }.get(name) or rows[name]
    bills = round(total * level_at(_BILL_SHARE, month))
    if name == "Of Which: Foreign Official":
        bills = rows["Foreign Official Treasury Bills"]
    return total - bills, bills


def _flow_cells(world: World, name: str, month: date, held: tuple[int, int], before: tuple[int, int]) -> list[str]:
    (long, short), (long_before, short_before) = held, before
    valuation = _valuation_usd_mn(world, month, long)
    net, net_short = long - long_before - valuation, short - short_before
    has_flows = month >= _NET_START
    flows = [str(value) if has_flows else "n.a." for value in (net + net_short, net, valuation, net_short)]
    if name == _SUPPRESSED[0]:
        return ["n.a.", "n.a.", str(long), *flows[1:3], "n.a.", "n.a."]
    return [str(long + short), flows[0], str(long), flows[1], flows[2], str(short), flows[3]]


def _valuation_usd_mn(world: World, month: date, long_usd_mn: int) -> int:
    return round(0.006 * long_usd_mn * world.gauss("tic valuation", month))


_FILES: dict[str, Callable[[World, date], Iterable[str]]] = {
    "slt_table5.txt": _table_5,
    "mfhhis01.txt": _history,
    "slt_table3.txt": _table_3,
}
