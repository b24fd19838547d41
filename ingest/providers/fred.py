"""FRED of the St. Louis Fed: one table of observations, one row in `SERIES` for each series.

Without a key the chart download is asked, `fredgraph.csv`; with one the API, whose JSON says how many observations
there are and in which transformation. The body tells which it is. CSV heads are `observation_date,ID` (`DATE,ID` until
December 2024, `observation_date,ID_YYYYMMDD` from ALFRED), missing values are empty or `.`. Files saved by hand may
hold several series, or name none (`DATE,VALUE`). All these forms were seen in recordings, as were two traps: the unit
of a series can change with its whole history (`WTREGEN`, `WRESBAL`: billions became millions), and a download
aggregated to another frequency looks like the series. A unit is therefore resolved for each body, and dates that do not
keep the series' cadence are refused. Hours of release are partly remembered, each says so.

Vintages come from ALFRED with every full load and into the same table: with a key all of them, without one the series
whose revisions matter on a few declared days. Their rows tell when they became known (`VERSION_COLUMNS`). The API
refuses more than 2,000 vintages in one answer and clips `realtime_start` to the window asked; what stands at the start
of a window is therefore left to the window before, which ends on the same day.

What must not be here: SQL, the network, formulas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta
from difflib import get_close_matches
from typing import Any

import msgspec
import polars as pl

from ingest.calendars import Calendar, new_york_to_utc
from ingest.catalog import (
    Cadence,
    Column,
    Dataset,
    Licence,
    Parsed,
    Plan,
    Provider,
    Release,
    Request,
    Series,
    Unit,
)
from ingest.decode import from_csv, from_json, members, readable, strict, unspoilt
from ingest.errors import EmptyBodyError, LayoutError, PagingError, UnitError, UnreadableBodyError

GRAPH = "https://fred.stlouisfed.org/graph/fredgraph.csv"
API = "https://api.stlouisfed.org/fred/series/observations"
ALFRED_GRAPH = "https://alfred.stlouisfed.org/graph/alfredgraph.csv"
VINTAGE_DATES = "https://api.stlouisfed.org/fred/series/vintagedates"

_EVERY = Calendar.EVERY_DAY
_SIFMA = Calendar.SIFMA
_LONG = timedelta(days=3)

# 18:30 is when 49 of 49 snapshots already held the same day's value; the true hour is earlier.
SAME_DAY = Release(time(18, 30), "measured in snapshots taken at 18:30")
SAME_DAY_7 = Release(time(18, 30), "measured in snapshots taken at 18:30", calendar=_EVERY, grace=_LONG)
# Friday's file already ends on Monday: the value stands there one business day before it takes effect.
AHEAD = Release(time(18, 30), "measured: file ends 1, 3 or 4 days ahead", business_days=-1, grace=_LONG)
NEXT_DAY = Release(time(10, 0), "lag of one business day measured, hour remembered", business_days=1)
NEXT_DAY_SIFMA = Release(
    time(10, 0), "lag of one business day measured, hour remembered", business_days=1, calendar=_SIFMA
)
H15 = Release(time(18, 30), "lag of one business day measured, hour remembered", business_days=1, calendar=_SIFMA)
H41 = Release(time(16, 30), "Thursday 16:30, measured as Thursday evening", business_days=1)
H6 = Release(time(13, 0), "median lag of 55 days measured", days=55, grace=timedelta(days=10))
# The Bureau of Economic Analysis publishes these; it stopped in the shutdowns of 2018 and 2025 (remembered).
GDP_ADVANCE = Release(
    time(8, 30), "advance estimate a month after the quarter, remembered", days=120, grace=4 * _LONG,
    is_stopped_by_shutdown=True,
)  # fmt: skip
INCOME = Release(
    time(8, 30), "end of the following month, remembered", days=60, grace=4 * _LONG,
    is_stopped_by_shutdown=True,
)  # fmt: skip
DEBT = Release(time(12, 0), "two months after the quarter, remembered", days=155, grace=10 * _LONG)
# H.8 comes on Fridays for the week that ended nine days before: a download of 2025-11-14 ends on 2025-11-05.
H8 = Release(
    time(16, 15),
    "Friday of the following week by 16:15, Thursday when it is a holiday, says the Board; day as recorded",
    days=9,
    is_early_on_holidays=True,
)
H8_MONTH = Release(time(16, 15), "second Friday after the month, remembered", days=48, grace=timedelta(days=10))
# Z.1 of the second quarter of 2026 was out in September 2026.
Z1 = Release(time(12, 0), "ten weeks after the quarter, as public notes of 2026 say", days=166, grace=10 * _LONG)
BUDGET_MONTH = Release(time(14, 0), "eighth business day, says the Fiscal Service", days=44, grace=4 * _LONG)
# The budget's own tables bring the year; the Monthly Treasury Statement has had it since October.
BUDGET_YEAR = Release(time(12, 0), "budget of the following spring, remembered", days=200, grace=timedelta(days=150))
BUDGET_SHARE = Release(time(12, 0), "spring after the year, remembered", days=470, grace=timedelta(days=150))
SAVING_YEAR = Release(
    time(8, 30), "with the fourth quarter's GDP, remembered", days=396, grace=timedelta(days=60),
    is_stopped_by_shutdown=True,
)  # fmt: skip
NEXT_DAY_7 = Release(time(12, 0), "next day, remembered", days=1, calendar=_EVERY, grace=_LONG)

_LEVEL = "Wednesday level"
_AVERAGE = "average of the week that ends on Wednesday"
_MN, _BN, _PCT = Unit.USD_MN, Unit.USD_BN, Unit.PCT


def _h41(
    series_id: str, title: str, plausible: tuple[float, float], measure: str = _LEVEL, former: tuple[Unit, ...] = ()
) -> Series:
    return Series(
        series_id,
        title,
        _MN,
        plausible,
        measure,
        cadence=Cadence.WEEKLY,
        release=H41,
        former_units=former,
        is_whole=True,  # the release prints whole millions; FRED's former billions had three decimals
    )


def _rate(
    series_id: str,
    title: str,
    plausible: tuple[float, float],
    release: Release,
    calendar: Calendar,
    measure: str = "",
    is_discontinued: bool = False,
) -> Series:
    return Series(
        series_id,
        title,
        _PCT,
        plausible,
        measure,
        release=release,
        calendar=calendar,
        is_discontinued=is_discontinued,
    )


def _daily_bn(series_id: str, title: str, high: float) -> Series:
    return Series(series_id, title, _BN, (0, high), "accepted that day", release=SAME_DAY, calendar=_SIFMA)


_SA, _NSA = "week's Wednesday, seasonally adjusted", "week's Wednesday, not adjusted"


def _h8(series_id: str, title: str, plausible: tuple[float, float], measure: str = _SA) -> Series:
    return Series(series_id, title, _BN, plausible, measure, cadence=Cadence.WEEKLY, release=H8)


def _z1(series_id: str, holder: str, plausible: tuple[float, float], measure: str = "end of quarter") -> Series:
    return Series(
        series_id, f"Treasuries held by {holder}", _MN, plausible, measure, cadence=Cadence.QUARTERLY, release=Z1
    )


def _debt_bn(series_id: str, title: str, plausible: tuple[float, float]) -> Series:
    return Series(
        series_id, title, _BN, plausible, "end of quarter", cadence=Cadence.QUARTERLY, release=DEBT, former_units=(_MN,)
    )


COINBASE = Licence(
    "Coinbase, by way of FRED",
    False,
    "Copyrighted by the exchange; not to be passed on (remembered).",
    "https://fred.stlouisfed.org/series/CBBTCUSD",
)

# Plausible ranges hold for the whole history, in USD billions or percent; recorded extremes stand in the tests.
SERIES = (
    _h41("WALCL", "Fed: total assets", (500, 15_000)),
    _h41("TREAST", "Fed: Treasury securities held outright", (300, 10_000)),
    _h41("WSHOMCB", "Fed: mortgage-backed securities held outright", (0, 4_000)),
    _h41("WSHOSHO", "Fed: all securities held outright", (300, 13_000)),
    _h41("WORAL", "Fed: repurchase agreements, asset", (0, 2_000)),
    _h41("WRESBAL", "Reserve balances at the Fed", (2, 6_000), _AVERAGE, (_BN,)),
    _h41("WRBWFRBL", "Reserve balances at the Fed", (0.5, 6_000)),
    _h41("WLODLL", "Deposits of banks at the Fed other than term deposits", (0.5, 6_000)),
    _h41("WTREGEN", "Treasury General Account at the Fed", (1.5, 2_500), _AVERAGE, (_BN,)),
    _h41("WDTGAL", "Treasury General Account at the Fed", (1.5, 2_500)),
    _h41("WLRRAL", "Fed: reverse repurchase agreements, foreign accounts included", (5, 4_500)),
    _h41("WCURCIR", "Currency in circulation", (50, 6_000), _AVERAGE, (_BN,)),
    _h41("WLFN", "Federal Reserve notes, net of those the Reserve Banks hold", (400, 6_000)),
    _h41("WLTLECL", "Fed: total liabilities", (500, 15_000)),
    _daily_bn("RRPONTSYD", "Overnight reverse repo, Treasury collateral", 5_000),
    _daily_bn("RPONTSYD", "Overnight repo, Treasury collateral", 2_000),
    _daily_bn("RPONAGYD", "Overnight repo, agency collateral", 1_000),
    _daily_bn("RPONMBSD", "Overnight repo, mortgage-backed collateral", 1_000),
    _rate("RRPONTSYAWARD", "Award rate of overnight reverse repo", (0, 12), SAME_DAY, _SIFMA),
    _rate("DFEDTARU", "Federal funds target range, upper end", (0, 15), SAME_DAY_7, _EVERY),
    _rate("DFEDTARL", "Federal funds target range, lower end", (0, 15), SAME_DAY_7, _EVERY),
    _rate("IORB", "Interest on reserve balances", (0.01, 15), AHEAD, _EVERY),
    _rate("IOER", "Interest on excess reserves, until 2021-07-28", (0.01, 15), AHEAD, _EVERY, is_discontinued=True),
    _rate("SOFR", "Secured Overnight Financing Rate", (-2, 15), NEXT_DAY_SIFMA, _SIFMA),
    _rate("EFFR", "Effective Federal Funds Rate", (-2, 25), NEXT_DAY, Calendar.FED),
    _rate("OBFR", "Overnight Bank Funding Rate", (-2, 15), NEXT_DAY, Calendar.FED),
    _rate("DTB4WK", "Treasury bill, 4 weeks, secondary market", (-1, 20), H15, _SIFMA, "bank discount basis"),
    _rate("DGS2", "Treasury yield, 2 years", (-2, 25), H15, _SIFMA, "constant maturity"),
    _rate("DGS10", "Treasury yield, 10 years", (-2, 25), H15, _SIFMA, "constant maturity"),
    Series(
        "GDP", "Gross domestic product", _BN, (150, 90_000), "annual rate, seasonally adjusted",
        cadence=Cadence.QUARTERLY, release=GDP_ADVANCE,
    ),
    Series(
        "PSAVERT", "Personal saving rate", _PCT, (0.3, 60), "share of disposable income, annual rate",
        cadence=Cadence.MONTHLY, release=INCOME,
    ),
    Series(
        "M2SL", "Money stock M2", _BN, (200, 80_000), "monthly average, seasonally adjusted",
        cadence=Cadence.MONTHLY, release=H6,
    ),
    Series(
        "GFDEBTN", "Federal debt, total", _MN, (200, 120_000), "end of quarter",
        cadence=Cadence.QUARTERLY, release=DEBT,
    ),
    Series(
        "FYGFDPUN", "Federal debt held by the public", _MN, (150, 110_000), "end of quarter",
        cadence=Cadence.QUARTERLY, release=DEBT,
    ),
    # -- the rest of the chain. Ids, titles and units were found in public code and notes (search of 2026-11), none was
    # seen in a body here unless it says so; "values seen" means that the notes quote figures which prove the unit.
    # Custody and swap lines on H.4.1: ids, Wednesday level and millions in several projects, values seen (2,608,821 for
    # WMTSECL1 on 2026-09-16). WMTSECL1 prints 0 until July 2007; WMTSECL, without the 1, ended in 2012.
    _h41("WMTSECL1", "Treasuries in custody for foreign official and international accounts", (0, 8_000)),
    _h41("WSEFINTL1", "Securities in custody for foreign official and international accounts", (100, 9_000)),
    _h41("SWPT", "Fed: central bank liquidity swaps", (0, 2_000)),
    # Loans on H.4.1: ids, Wednesday level and millions in several projects, values seen (4,856 for WLCFLPCL in August
    # 2025); a page of ALFRED shows the sister series WLCFLSCL. Loans to banks for a year began and ended with
    # H41RESPPALDKNWW, which prints zeros before March 2023 and since March 2025.
    _h41("WLCFLL", "Fed: loans", (0, 2_000)),
    _h41("WLCFLPCL", "Fed: primary credit at the discount window", (0, 500)),
    _h41("H41RESPPALDKNWW", "Fed: loans of the Bank Term Funding Program", (0, 500)),
    # H.8, billions. DPSACBW027SBOG was seen in a recording; the others in several projects each, TLAACBW027SBOG with
    # values, the two TMB of large and small banks in one that lists the whole table. The split by mortgage-backed
    # securities begins in 2009, blank before; large and small banks are told apart since 1985.
    _h8("TASACBW027SBOG", "All banks: Treasury and agency securities", (50, 20_000)),
    _h8("TASACBW027NBOG", "All banks: Treasury and agency securities", (50, 20_000), _NSA),
    _h8("TASLCBW027SBOG", "Large domestic banks: Treasury and agency securities", (30, 16_000)),
    _h8("TASSCBW027SBOG", "Small domestic banks: Treasury and agency securities", (20, 8_000)),
    _h8("TMBACBW027SBOG", "All banks: Treasury and agency securities, mortgage-backed", (100, 12_000)),
    _h8("TNMACBW027SBOG", "All banks: Treasury and agency securities, not mortgage-backed", (100, 12_000)),
    _h8("TNMACBW027NBOG", "All banks: Treasury and agency securities, not mortgage-backed", (100, 12_000), _NSA),
    _h8("TNMLCBW027SBOG", "Large domestic banks: Treasury and agency securities, not mortgage-backed", (50, 10_000)),
    _h8("TNMSCBW027SBOG", "Small domestic banks: Treasury and agency securities, not mortgage-backed", (10, 5_000)),
    _h8("TLAACBW027SBOG", "All banks: total assets", (300, 90_000)),
    _h8("DPSACBW027SBOG", "All banks: deposits", (300, 70_000)),
    _h8("TMBLCBW027SBOG", "Large domestic banks: Treasury and agency securities, mortgage-backed", (50, 10_000)),
    _h8("TMBSCBW027SBOG", "Small domestic banks: Treasury and agency securities, mortgage-backed", (20, 5_000)),
    _h8("TLALCBW027SBOG", "Large domestic banks: total assets", (200, 60_000)),
    _h8("TLASCBW027SBOG", "Small domestic banks: total assets", (100, 30_000)),
    _h8("DPSLCBW027SBOG", "Large domestic banks: deposits", (200, 50_000)),
    _h8("DPSSCBW027SBOG", "Small domestic banks: deposits", (100, 25_000)),
    _h8("DPSFRIW027SBOG", "Foreign-related banks: deposits", (1, 8_000)),
    # The weekly id of the foreign-related banks' securities was not found anywhere; the monthly one is used by one
    # project. Their weekly securities come from the Board itself (`frb.h8`).
    Series(
        "TNMFRIM027SBOG", "Foreign-related banks: Treasury and agency securities, not mortgage-backed", _BN,
        (3, 2_000), "monthly, seasonally adjusted", cadence=Cadence.MONTHLY, release=H8_MONTH,
    ),
    Series(
        "USGSEC", "All banks: Treasury and agency securities", _BN, (30, 20_000), "monthly, seasonally adjusted",
        cadence=Cadence.MONTHLY, release=H8_MONTH,
    ),  # id seen in a list of bank series, title and unit remembered
    # Z.1, millions. Every id but two was fetched on 2026-10-05 by a project that quotes the value of 2026 Q2; official
    # and private foreigners come from others. Levels at market value. Ranges before 1990 are remembered; where a sector
    # may once have held nothing, the range starts at zero.
    _z1("HNOTSAQ027S", "households and nonprofits, as what is left over (hedge funds in part)", (5, 20_000)),
    _z1("ROWTSEQ027S", "the rest of the world", (0.5, 40_000)),
    _z1("BOGZ1FL263061130Q", "foreign official institutions", (0, 20_000)),
    _z1("BOGZ1FL263061145Q", "foreign private holders", (0, 30_000)),
    _z1("BOGZ1FL713061103Q", "the monetary authority", (5, 20_000)),
    _z1("BOGZ1FL763061100Q", "US-chartered banks", (5, 10_000)),
    _z1("BOGZ1FL633061105Q", "money market funds", (0, 20_000)),
    _z1("BOGZ1FL653061105Q", "mutual funds", (0, 10_000)),
    _z1("BOGZ1FL573061105Q", "private pension funds", (0, 5_000)),
    _z1("BOGZ1FL223061143Q", "state and local pension funds", (0, 5_000)),
    _z1("BOGZ1FL543061105Q", "life insurers", (0, 5_000)),
    _z1("BOGZ1FL513061105Q", "property and casualty insurers", (0, 5_000)),
    _z1("BOGZ1FL213061103Q", "state and local governments, without the special series", (0, 10_000)),
    # Net of what they sold short: 124 billion where the OFR's monitor says that they are long 2,360.
    _z1("BOGZ1FL623061103Q", "domestic hedge funds, net of short sales", (-3_000, 5_000)),
    _z1("BOGZ1FL663061105Q", "brokers and dealers", (-1_000, 3_000)),
    _z1("BOGZ1FL893061105Q", "all sectors", (50, 150_000)),
    Series(  # millions in a recording of 2020 (4,336,003.0 for its fourth quarter), 0 in 1945
        "MMMFFAQ027S", "Money market funds: total financial assets", _MN, (0, 40_000), "end of quarter",
        cadence=Cadence.QUARTERLY, release=Z1,
    ),
    # Treasury Bulletin, billions (figures of the right size in one project's test); should it be millions, it is told.
    _debt_bn("FDHBFIN", "Federal debt held by foreign and international investors", (5, 45_000)),
    _debt_bn("FDHBFRBN", "Federal debt held by the Reserve Banks", (20, 30_000)),
    _debt_bn("FDHBPIN", "Federal debt held by private investors", (100, 100_000)),
    # National accounts: unit and one decimal of DSPI quoted by one project, 4.6 for 2025 of the yearly rate by another.
    Series(
        "DSPI", "Disposable personal income", _BN, (200, 100_000), "annual rate, seasonally adjusted",
        cadence=Cadence.MONTHLY, release=INCOME,
    ),
    Series(
        "A072RC1A156NBEA", "Personal saving rate of the year", _PCT, (-5, 40), "share of disposable income",
        cadence=Cadence.ANNUAL, release=SAVING_YEAR,
    ),
    # Budget: a deficit is negative here and positive in the Monthly Treasury Statement. Millions; dates are the first
    # of the month, the last day of the fiscal year and the first of its calendar year.
    Series(
        "MTSDS133FMS", "Federal surplus or deficit (-) of the month", _MN, (-2_000, 800), "month, not adjusted",
        cadence=Cadence.MONTHLY, release=BUDGET_MONTH,
    ),
    Series(
        "FYFSD", "Federal surplus or deficit (-) of the fiscal year", _MN, (-8_000, 800), "fiscal year",
        cadence=Cadence.ANNUAL, release=BUDGET_YEAR,
    ),
    Series(
        "FYFSGDA188S", "Federal surplus or deficit (-) of the fiscal year against GDP", _PCT, (-40, 10),
        "share of GDP", cadence=Cadence.ANNUAL, release=BUDGET_SHARE,
    ),
    # From 2024-09-08 to 2025-11-03 its values stand one day too early (see fred.md); a second opinion only.
    Series(
        "CBBTCUSD", "Bitcoin on Coinbase, by way of FRED", Unit.USD_PER_BTC, (50, 5_000_000), "daily, shifted in part",
        release=NEXT_DAY_7, calendar=_EVERY, licence=COINBASE,
    ),
)  # fmt: skip

COLUMNS = (
    Column("series_id", "varchar", "FRED's name of the series", is_nullable=False),
    Column("observation_date", "date", "Day, Wednesday, or first day of the month or quarter", is_nullable=False),
    Column("value", "double", "Value in the unit named beside it; missing ones are left out", Unit.BY_ROW, False),
    Column(
        "unit",
        "varchar",
        "Unit in which this value was published",
        is_nullable=False,
        allowed=frozenset(unit.suffix for series in SERIES for unit in (series.unit, *series.former_units)),
    ),
)


# --- requests -------------------------------------------------------------------------------------------------------

# Days around which the keyless archive is asked: year-ends, the annual revision of the national accounts of 2025-09-25,
# and the day as of which the claims are measured.
_DAYS = tuple(
    date.fromisoformat(day)
    for day in ("2022-12-30", "2023-12-29", "2024-12-31", "2025-09-24", "2025-09-26", "2025-11-04")
)
# Series whose revisions, or whose change of unit, matter: what is asked without a key.
VINTAGE_DAYS: dict[str, tuple[date, ...]] = dict.fromkeys(("GDP", "PSAVERT", "M2SL", "WRESBAL", "WTREGEN"), _DAYS)
FIRST_REALTIME, LAST_REALTIME = "1776-07-04", "9999-12-31"
# 2,000 are allowed; with fewer the answer stays well below its 100,000 rows for every series but the most revised.
VINTAGES_A_WINDOW = 1_000


def observation_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One request for each series, and with a full plan its vintages.

    Several ids in one chart download come back as a ZIP.
    """
    for series in dataset.series:
        since = plan.since(dataset, series.id)
        if PROVIDER.key:
            params = (("series_id", series.id), ("file_type", "json"), ("observation_start", since.isoformat()))
            yield Request(API, params, series.id, since, plan.today, key_param="api_key", is_single=True)
        else:
            window = (("id", series.id), ("cosd", since.isoformat()))
            yield Request(GRAPH, window, series.id, since, plan.today, is_single=True)
    if plan.is_full:
        yield from vintage_requests(dataset, plan)


def vintage_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """With a key the vintage days of each series, from which `follow_vintages` goes on; else one download for each
    declared day. Series that must not be passed on are left out: their vintages are of no use to anybody else."""
    for series in dataset.series:
        if PROVIDER.key and (series.licence is None or series.licence.is_redistributable):
            yield _vintage_days(series.id, FIRST_REALTIME)
        elif not PROVIDER.key:
            for day in VINTAGE_DAYS.get(series.id, ()):
                if day <= plan.today:
                    params = (("id", series.id), ("vintage_date", day.isoformat()))
                    yield Request(ALFRED_GRAPH, params, series.id, is_single=True)


def _vintage_days(series_id: str, since: str) -> Request:
    params = (
        ("series_id", series_id),
        ("file_type", "json"),
        ("realtime_start", since),
        ("realtime_end", LAST_REALTIME),
        ("limit", str(VINTAGES_A_WINDOW)),
    )
    return Request(VINTAGE_DATES, params, series_id, key_param="api_key")


class _VintageDays(msgspec.Struct):
    realtime_start: date
    realtime_end: date
    sort_order: str
    count: int
    offset: int
    vintage_dates: list[date]


def follow_vintages(body: bytes, request: Request) -> Request | None:
    """The window of observations that a list of vintage days opens; None for any other answer.

    The window reaches to the last day listed, or to the end of time when nothing follows. LayoutError when the answer
    echoes another period than was asked, or lists no day.
    """
    if request.url != VINTAGE_DATES:
        return None
    params = dict(request.params)
    answer = from_json(body, _VintageDays, "fred.observations")
    _hold_echo(answer.realtime_start, answer.realtime_end, params, str(request.scope))
    days = answer.vintage_dates
    if not days or answer.offset or answer.sort_order != "asc":
        raise LayoutError(
            "no vintage days from the beginning on", dataset="fred.observations", place=request.scope or ""
        )
    is_last = len(days) == answer.count
    window = (
        ("series_id", params["series_id"]),
        ("file_type", "json"),
        ("realtime_start", params["realtime_start"]),
        ("realtime_end", LAST_REALTIME if is_last else days[-1].isoformat()),
    )
    return Request(API, window, request.scope, key_param="api_key")


def next_vintages(body: bytes, request: Request) -> Request | None:
    """After a window of vintages the rest of its rows, or the vintage days from its last one on; None at the end."""
    params = dict(request.params)
    if request.url != API or "realtime_start" not in params:
        return None
    answer = from_json(body, _Observations, "fred.observations")
    seen = answer.offset + len(answer.observations)
    if seen < answer.count and answer.observations:
        rest = {name: value for name, value in request.params if name != "offset"} | {"offset": str(seen)}
        return Request(API, tuple(rest.items()), request.scope, key_param="api_key")
    if params["realtime_end"] == LAST_REALTIME:
        return None
    return _vintage_days(str(request.scope), params["realtime_end"])


def _hold_echo(start: date | str, end: date | str, params: dict[str, str], series_id: str) -> None:
    """A parameter that the API does not know is ignored, and revised data come with status 200: look at the echo."""
    asked = (params["realtime_start"], params["realtime_end"])
    if (str(start), str(end)) != asked:
        raise LayoutError(
            f"asked for the vintages from {asked[0]} to {asked[1]}, the answer is about {start} to {end}",
            dataset="fred.observations",
            place=series_id,
        )


# --- parser ---------------------------------------------------------------------------------------------------------

_MISSING = frozenset({"", "."})
_FILE_MISSING = _MISSING | {"null", "NULL", "NA", "N/A", "#N/A", "nan", "NaN", "None"}
_DATE_HEADINGS = frozenset({"observation_date", "date"})
# The heading of the values in the download that FRED once had (see fred.md), and in many copies.
_NAMELESS = "value"
# What FRED appends to the id when it transforms the values: changes, growth rates, logarithm, index.
_TRANSFORMED = re.compile(r"^.+_(CHG|CH1|PCH|PC1|PCA|CCH|CCA|LOG|NBD\d{8})$")
MAX_MEMBERS = 50  # of a ZIP that was saved by hand: one for each frequency, or for each series
_VINTAGE = re.compile(r"^(?P<id>.+)_(?P<day>\d{8})$")
_WEDNESDAY = 3
# Longest usual gap between two dates, in days. A median above it means another frequency.
_LONGEST_GAP = {Cadence.DAILY: 4, Cadence.WEEKLY: 8, Cadence.MONTHLY: 31, Cadence.QUARTERLY: 92, Cadence.ANNUAL: 366}


class _Observation(msgspec.Struct):
    date: str
    value: str
    realtime_start: str
    realtime_end: str


class _Observations(msgspec.Struct):
    realtime_start: str
    realtime_end: str
    units: str
    output_type: int
    count: int
    offset: int
    limit: int
    observations: list[_Observation]


class _SavedObservation(msgspec.Struct):
    date: str
    value: str | int | float | None
    realtime_start: str = ""


class _SavedObservations(msgspec.Struct):
    """What is left when somebody saves the API's answer again: at least the dates and values."""

    observations: list[_SavedObservation]
    realtime_start: str = ""
    realtime_end: str = ""
    units: str = "lin"
    output_type: int = 1
    count: int | None = None
    offset: int = 0


def _saved_answer(dataset: Dataset, body: bytes) -> _SavedObservations:
    if readable(body, dataset.id).startswith(b"["):
        return _SavedObservations(from_json(body, list[_SavedObservation], dataset.id))
    return from_json(body, _SavedObservations, dataset.id)


def _from_api(dataset: Dataset, body: bytes, request: Request) -> tuple[Series, pl.DataFrame]:
    if request.scope is None:
        raise LayoutError("the API's JSON does not name its series; say which with --series", dataset=dataset.id)
    series = dataset.series_by_id(request.scope)
    answer = _saved_answer(dataset, body) if request.is_file else from_json(body, _Observations, dataset.id)
    where = {"dataset": dataset.id, "place": series.id}
    params = dict(request.params)
    wants_vintages = "realtime_start" in params
    if answer.units != "lin":
        raise UnitError(f"the values were transformed on the way (units={answer.units}); ask for units=lin", **where)
    if wants_vintages:
        _hold_echo(answer.realtime_start, answer.realtime_end, params, series.id)
    is_history = answer.realtime_start != answer.realtime_end
    if answer.output_type != 1 or (is_history and not wants_vintages and not request.is_file):
        raise LayoutError("several vintages in one answer; ask for one real-time day", **where)
    stated = len(answer.observations) if answer.count is None else answer.count
    if not wants_vintages and (answer.offset or stated != len(answer.observations)):
        raise PagingError(
            f"{stated} observations stated, {len(answer.observations)} came (offset {answer.offset})", **where
        )
    values = [None if o.value is None else str(o.value) for o in answer.observations]
    columns: dict[str, list[Any]] = {"date": [o.date for o in answer.observations], "value": values}
    if is_history:
        columns["vintage"] = [o.realtime_start for o in answer.observations]
    return series, pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String()))


def _from_graph(dataset: Dataset, body: bytes, request: Request) -> tuple[Series, pl.DataFrame]:
    text = from_csv(body, dataset.id)
    if text.width != 2 or text.columns[0] not in ("observation_date", "DATE"):
        raise LayoutError(
            f"headings {text.columns[:4]}, expected observation_date (or DATE) and one series id", dataset=dataset.id
        )
    # The chart download ends in a line feed; without it the last number may have lost digits.
    if not body.endswith(b"\n"):
        raise UnreadableBodyError("no line end at the end: the body is cut short", dataset=dataset.id)
    heading = text.columns[1]
    vintage = _VINTAGE.match(heading)
    series_id = vintage["id"] if vintage else heading
    asked_day = dict(request.params).get("vintage_date")
    if bool(vintage) != bool(asked_day):
        raise LayoutError(
            f"the heading is {heading}, asked was the vintage {asked_day or 'of today'}", dataset=dataset.id
        )
    if request.scope and series_id != request.scope:
        raise LayoutError(f"the body is about {series_id}, asked was {request.scope}", dataset=dataset.id)
    # A day without a release of its own answers with the state of the one before: never with a later one.
    if vintage and asked_day and vintage["day"] > asked_day.replace("-", ""):
        raise LayoutError(f"the vintage is {vintage['day']}, asked was {asked_day}", dataset=dataset.id)
    return dataset.series_by_id(series_id), _cells(text[text.columns[0]], text[heading], vintage)


def _cells(dates: pl.Series, values: pl.Series, vintage: re.Match[str] | None) -> pl.DataFrame:
    frame = pl.DataFrame([dates.alias("date"), values.alias("value")])
    day = vintage["day"] if vintage else ""
    return frame.with_columns(vintage=pl.lit(f"{day[:4]}-{day[4:6]}-{day[6:]}")) if vintage else frame


def _from_table(
    dataset: Dataset, body: bytes, scope: str | None
) -> tuple[list[tuple[Series, pl.DataFrame]], list[str], list[str]]:
    """Series of a CSV that was saved by hand, as text; then ids that are not in the catalog, then transformed ones.

    One column holds the dates, under any of its headings. The others are series: FRED's id, an id with the day of its
    vintage, or VALUE, of which only ``scope`` knows the series. With ``scope`` all others are passed over.
    """
    text = from_csv(body, dataset.id)
    by_name = {heading.replace("\ufeff", "").strip(): heading for heading in text.columns}
    dated = [name for name in by_name if name.casefold() in _DATE_HEADINGS]
    if len(dated) != 1 or len(by_name) < 2:
        raise LayoutError(
            f"headings {list(by_name)[:6]}, expected observation_date (or DATE) and a series id (or VALUE, which needs "
            "--series)",
            dataset=dataset.id,
        )
    dates = unspoilt(text[by_name[dated[0]]], pl.Date())
    catalog = {series.id.casefold(): series.id for series in dataset.series}
    found: dict[tuple[str, bool], list[pl.DataFrame]] = {}
    unknown, transformed = [], []
    for name, heading in by_name.items():
        values = unspoilt(text[heading], pl.Float64())
        vintage = _VINTAGE.match(name)
        series_id = vintage["id"] if vintage else name
        if name in dated or not name:  # a data frame's own index has no heading
            continue
        if name.casefold() == _NAMELESS:
            if scope is None:
                raise LayoutError(
                    f"the column {name} does not name its series; say which with --series", dataset=dataset.id
                )
            found.setdefault((scope, False), []).append(_cells(dates, values, None))
        elif known := catalog.get(series_id.casefold()):
            found.setdefault((known, bool(vintage)), []).append(_cells(dates, values, vintage))
        elif _TRANSFORMED.match(series_id):
            transformed.append(name)
        else:
            unknown.append(name)
    if scope is not None:
        if not any(series_id == scope for series_id, _ in found):
            others = [*(series_id for series_id, _ in found), *transformed, *unknown]
            raise LayoutError(f"the body is about {', '.join(others)}, asked was {scope}", dataset=dataset.id)
        found = {key: frames for key, frames in found.items() if key[0] == scope}
        unknown, transformed = [], []
    if len({is_vintage for _, is_vintage in found}) > 1:
        raise LayoutError("vintages and present values in one file; load them apart", dataset=dataset.id)
    tables = [(dataset.series_by_id(series_id), pl.concat(frames)) for (series_id, _), frames in found.items()]
    return tables, unknown, transformed


def _parse_saved(dataset: Dataset, bodies: Iterable[bytes], request: Request) -> Parsed:
    """Observations of all series in files saved by hand; what cannot be taken is noted, unless nothing else is there.

    A download of several series brings all of them to the lowest frequency: a series in such a file that is not in its
    own frequency is left out, while a file of that series alone is refused.
    """
    frames: list[pl.DataFrame] = []
    refused: list[LayoutError] = []
    unknown: list[str] = []
    transformed: list[str] = []
    for body in bodies:
        tables, strange, changed = _from_table(dataset, body, request.scope)
        unknown += strange
        transformed += changed
        for series, text in tables:
            is_one_of_many = len(tables) + len(strange) + len(changed) > 1
            try:
                frame = _observations(
                    dataset, series, _own_days(dataset, series, text) if is_one_of_many else text, request
                )
            except LayoutError as error:
                refused.append(error)
            else:
                frames.append(frame)
    notes = [
        *(f"{error.place} left out: {error.message}" for error in refused),
        *([f"series that are not in the catalog left out: {', '.join(unknown)}"] if unknown else []),
        *([f"transformed values left out: {', '.join(transformed)}"] if transformed else []),
    ]
    frames = [frame for frame in frames if not frame.is_empty()]
    if frames:
        return Parsed(pl.concat(frames), tuple(notes))
    if refused:
        raise refused[0]
    if transformed:
        raise UnitError(
            f"{', '.join(transformed)}: the values were transformed on the way; download the series in its own units",
            dataset=dataset.id,
        )
    if unknown:
        raise LayoutError(
            f"series {', '.join(map(repr, unknown))} is not in the catalog; add a row for it, or load one of "
            f"{', '.join(near) if (near := _near(dataset, unknown)) else 'those in the data dictionary'}",
            dataset=dataset.id,
        )
    raise EmptyBodyError("the answer has no rows", dataset=dataset.id)


def _near(dataset: Dataset, names: list[str]) -> list[str]:
    ids = [series.id for series in dataset.series]
    return list(dict.fromkeys(near for name in names for near in get_close_matches(name.upper(), ids, n=3)))


def _own_days(dataset: Dataset, series: Series, text: pl.DataFrame) -> pl.DataFrame:
    """Rows of one series among others: all if their days are its own, else those that have a value."""
    try:
        _hold_cadence(dataset, series, strict(text["date"], pl.Date(), dataset.id).drop_nulls().unique())
    except LayoutError:
        return text.filter(pl.col("value").is_not_null() & ~pl.col("value").is_in(list(_FILE_MISSING)))
    return text


def _hold_cadence(dataset: Dataset, series: Series, dates: pl.Series) -> None:
    """LayoutError when ``dates`` are not those of the series: the download was aggregated to another frequency.

    Recorded cases: weekly TREAST as quarterly means, daily DTB4WK as monthly means, and daily RRPONTSYD as weekly
    end-of-period values, which differ from the true ones on 6 of 261 days and have ordinary decimals.
    """
    cadence = series.cadence or dataset.cadence
    keeps_form = {
        Cadence.DAILY: lambda d: d.is_not_null(),
        Cadence.WEEKLY: lambda d: d.dt.weekday() == _WEDNESDAY,  # every weekly series here is of H.4.1 or H.8
        Cadence.MONTHLY: lambda d: d.dt.day() == 1,
        Cadence.QUARTERLY: lambda d: (d.dt.day() == 1) & (d.dt.month() % 3 == 1),
        # FYFSD stands on the last day of the fiscal year (30 September, 30 June until 1976), others on 1 January.
        Cadence.ANNUAL: lambda d: (d.dt.day() == 1) | (d == d.dt.month_end()),
    }[cadence](dates)
    if not keeps_form.all():
        raise LayoutError(
            f"{dates.filter(~keeps_form)[0]} is no date of a {cadence} series: an aggregated download? Take it "
            "again in the series' own frequency",
            dataset=dataset.id,
            place=series.id,
        )
    gap = dates.sort().diff().dt.total_days().median()
    if len(dates) > 3 and isinstance(gap, float) and gap > _LONGEST_GAP[cadence]:
        raise LayoutError(
            f"its dates are {gap:g} days apart, too far for a {cadence} series: an aggregated download? Take it "
            "again in the series' own frequency",
            dataset=dataset.id,
            place=series.id,
        )


def _unit_of(dataset: Dataset, series: Series, values: list[float]) -> Unit:
    """The unit of a body's ``values``; UnitError when none fits, or when dollars fit another scale as well.

    A few recent values of WRESBAL in whole billions (3,013) would be plausible as millions too, because reserves once
    were 3 billion. Rather than guess, such a body is refused; a whole history always decides, as does a decimal.
    """
    unit = series.resolve_unit(values)
    low, high = series.plausible
    is_dollars = unit.canonical == Unit.USD_BN.canonical
    if is_dollars and low > 0 and values and all(value * unit.factor * 1000 <= high for value in values):
        raise UnitError(
            f"{values[-1]:g} is plausible in {unit.words} and a thousand times larger; load the whole history, "
            "which decides",
            dataset=dataset.id,
            place=series.id,
        )
    return unit


def parse_observations(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Observations from the chart download (CSV) or the API (JSON), in the unit they came in.

    An answer is about one series; a file may hold several (`_parse_saved`). Missing observations are dropped. An answer
    of ALFRED gives one row for each version, with `VERSION_COLUMNS`. LayoutError for another series or vintage than
    asked, several vintages where one was asked, a series that the catalog does not have, or a frequency that is not the
    series' own; UnitError for transformed values or an unknown scale.
    """
    if request.scope is not None and request.scope not in {series.id for series in dataset.series}:
        near = _near(dataset, [request.scope])
        hint = f"did you mean {' or '.join(near)}?" if near else "add a row for it"
        raise LayoutError(f"series {request.scope!r} is not in the catalog; {hint}", dataset=dataset.id)
    is_zip = body.startswith(b"PK")
    if is_zip and not request.is_file:
        raise LayoutError("a ZIP: several series of different frequency were asked at once", dataset=dataset.id)
    is_json = not is_zip and readable(body, dataset.id).startswith((b"{", b"["))
    if request.is_file and not is_json:
        bodies = members(body, dataset.id, most=MAX_MEMBERS).values() if is_zip else (body,)
        return _parse_saved(dataset, bodies, request)
    series, text = (_from_api if is_json else _from_graph)(dataset, body, request)
    return Parsed(_observations(dataset, series, text, request))


def _observations(dataset: Dataset, series: Series, text: pl.DataFrame, request: Request) -> pl.DataFrame:
    """Typed rows of one series from its cells as text."""
    dates = strict(text["date"], pl.Date(), dataset.id).alias("observation_date")
    _hold_cadence(dataset, series, dates.drop_nulls().unique())
    missing = _FILE_MISSING if request.is_file else _MISSING
    values = strict(text["value"], pl.Float64(), dataset.id, missing).alias("value")
    frame = pl.DataFrame([dates, values])
    if "vintage" in text.columns:
        vintages = strict(text["vintage"], pl.Date(), dataset.id).alias("vintage")
        return _versions(dataset, series, frame.with_columns(vintages), dict(request.params))
    frame = frame.filter(pl.col("value").is_not_null())
    unit = _unit_of(dataset, series, frame["value"].to_list())
    return frame.select(
        pl.lit(series.id).alias("series_id"), "observation_date", "value", pl.lit(unit.suffix).alias("unit")
    )


def _versions(dataset: Dataset, series: Series, frame: pl.DataFrame, params: dict[str, str]) -> pl.DataFrame:
    """The versions of each observation in the order of their vintages, unchanged ones left out.

    A vintage counts as known at the hour of the series' release rule on its day. In a window that does not start at the
    beginning, rows of its first day are left out: the API gives them that day whether or not they are as old as that.
    A version without a value withdraws the one before, or is nothing when none was there; at the top of a page that
    goes on with an observation the one before stands at the end of the last page. EmptyBodyError without any value.
    """
    if frame["value"].is_null().all() and "offset" not in params:
        raise EmptyBodyError("the answer has no rows", dataset=dataset.id, place=series.id)
    first: date = frame["vintage"].min()  # type: ignore[assignment]
    frame = frame.sort("observation_date", "vintage")
    before = pl.col("value").shift().over("observation_date")
    goes_on = pl.lit("offset" in params) & (pl.int_range(pl.len()) == 0)
    frame = frame.with_columns(before=before).filter(pl.col("value").ne_missing(pl.col("before")) | goes_on)
    units = _units_by_vintage(dataset, series, frame)
    window_start = params.get("realtime_start", FIRST_REALTIME)
    if window_start != FIRST_REALTIME:
        frame = frame.filter(pl.col("vintage") > date.fromisoformat(window_start))
    release = series.release or dataset.release
    starts = new_york_to_utc(first, release.at)
    old = [day for day in frame["observation_date"].unique() if release.published_at(day) < starts]
    days = frame["vintage"].unique()
    moments = pl.DataFrame(
        {"vintage": days, "known_from": [new_york_to_utc(day, release.at) for day in days]},
        schema={"vintage": pl.Date(), "known_from": pl.Datetime("us")},
    )
    return (
        frame.join(moments, on="vintage", how="left", maintain_order="left")
        .join(units, on="vintage", how="left", maintain_order="left")
        .select(
            pl.lit(series.id).alias("series_id"),
            "observation_date",
            "value",
            pl.when(pl.col("value").is_not_null()).then("unit").alias("unit"),
            "known_from",
            pl.col("value").is_null().alias("is_deleted"),
            # The first day of an archive does not say since when; nor does a later one of what was out before it began.
            ((pl.col("vintage") == first) | pl.col("observation_date").is_in(old)).alias("is_known_earlier"),
        )
    )


def _units_by_vintage(dataset: Dataset, series: Series, frame: pl.DataFrame) -> pl.DataFrame:
    """Unit of each vintage of ``frame`` (observation_date, vintage, value, before).

    A change of unit rewrites the whole history on one day, figure for figure: that is the only day on which values
    jump by three decimal places. The figures before and after it are resolved each by themselves.
    """
    jump = (pl.col("value") / pl.col("before")).abs()
    jumps = frame.filter((pl.col("before") != 0) & (jump.is_between(900, 1100) | jump.is_between(0.0009, 0.0011)))
    borders = sorted(jumps["vintage"].unique()) if series.former_units else []
    days = frame.select("vintage").unique().with_columns(era=pl.lit(0))
    for border in borders:
        days = days.with_columns(era=pl.col("era") + (pl.col("vintage") >= border))
    units = {}
    for (era,), part in frame.join(days, on="vintage").partition_by("era", as_dict=True).items():
        units[era] = _unit_of(dataset, series, part["value"].drop_nulls().to_list()).suffix
    return days.select("vintage", unit=pl.col("era").replace_strict(units, return_dtype=pl.String()))


# --- datasets -------------------------------------------------------------------------------------------------------

OBSERVATIONS = Dataset(
    provider="fred",
    name="observations",
    title="Economic series by way of FRED",
    by_hand="CSV of a chart (`fredgraph.csv`, one or several series, also zipped), of ALFRED (`ID_YYYYMMDD`), "
    "or re-saved under `DATE,VALUE` with `--series ID`; JSON of the API, `series/observations`, with `--series ID`",
    description="Fed balance sheet, rates, banks' and others' Treasuries, debt, deficit, money, saving, output.",
    columns=COLUMNS,
    key=("series_id", "observation_date"),
    date_column="observation_date",
    cadence=Cadence.DAILY,
    release=NEXT_DAY,
    start=date(1946, 1, 1),
    earliest=date(1901, 6, 30),  # FYFSD as FRED has it, in files saved by hand
    lead_days=7,  # IORB and the target range are dated ahead, over a long weekend
    window_days=60,
    licence=Licence(
        "FRED terms of use",
        True,
        "Series made by the US government and the Federal Reserve Board are free; SOFR, EFFR, OBFR and the repo series "
        "stay under the New York Fed's terms; each series' own note on FRED decides (remembered).",
        "https://fred.stlouisfed.org/legal/",
    ),
    requests=observation_requests,
    parse=parse_observations,
    follow_link=follow_vintages,
    next_page=next_vintages,
    series=SERIES,
    series_column="series_id",
    rests_on="recordings of 21 series in both forms; IOER, OBFR, FYGFDPUN, WRBWFRBL, WDTGAL, WLRRAL, WCURCIR, WORAL, "
    "WLODLL, WLFN, WLTLECL, the RPON series, custody, H.8, Z.1, national accounts and budget on others' code and "
    "notes, their ranges on memory; vintages of the API on a recording of all of one series, keyless ones on two parts",
)

PROVIDER = Provider(
    name="fred",
    title="Federal Reserve Bank of St. Louis, FRED",
    homepage="https://fred.stlouisfed.org",
    hosts=("fred.stlouisfed.org", "api.stlouisfed.org", "alfred.stlouisfed.org"),
    datasets=(OBSERVATIONS,),
    pace=2.0,
    key_env="FRED_API_KEY",
)
