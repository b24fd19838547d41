"""FRED of the St. Louis Fed: one table of observations, one row in `SERIES` for each series.

Without a key the chart download is asked, `fredgraph.csv`; with one the API, whose JSON says how many observations
there are and in which transformation. The body tells which it is. CSV heads are `observation_date,ID` (`DATE,ID` until
December 2024, `observation_date,ID_YYYYMMDD` from ALFRED), missing values are empty or `.`. Both forms were seen in
recordings, as were two traps: the unit of a series can change with its whole history (`WTREGEN`, `WRESBAL`: billions
became millions), and a download aggregated to another frequency looks like the series. A unit is therefore resolved
for each body, and dates that do not keep the series' cadence are refused. Hours of release are partly remembered, each
says so.

What must not be here: SQL, the network, formulas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta

import msgspec
import polars as pl

from ingest.calendars import Calendar
from ingest.catalog import (
    Cadence,
    Column,
    Dataset,
    Licence,
    Plan,
    Provider,
    Release,
    Request,
    Series,
    Unit,
)
from ingest.decode import from_csv, from_json, readable, strict
from ingest.errors import LayoutError, PagingError, UnitError, UnreadableBodyError

GRAPH = "https://fred.stlouisfed.org/graph/fredgraph.csv"
API = "https://api.stlouisfed.org/fred/series/observations"

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
GDP_ADVANCE = Release(time(8, 30), "advance estimate a month after the quarter, remembered", days=120, grace=4 * _LONG)
INCOME = Release(time(8, 30), "end of the following month, remembered", days=60, grace=4 * _LONG)
DEBT = Release(time(12, 0), "two months after the quarter, remembered", days=155, grace=10 * _LONG)
NEXT_DAY_7 = Release(time(12, 0), "next day, remembered", days=1, calendar=_EVERY, grace=_LONG)

_LEVEL = "Wednesday level"
_AVERAGE = "average of the week that ends on Wednesday"
_MN, _BN, _PCT = Unit.USD_MN, Unit.USD_BN, Unit.PCT


def _h41(
    series_id: str, title: str, plausible: tuple[float, float], measure: str = _LEVEL, former: tuple[Unit, ...] = ()
) -> Series:
    return Series(series_id, title, _MN, plausible, measure, cadence=Cadence.WEEKLY, release=H41, former_units=former)


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


COINBASE = Licence("Coinbase, by way of FRED", False, "Copyrighted by the exchange; not to be passed on (remembered).")

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
    # From 2024-09-08 to 2025-11-03 its values stand one day too early (wire notes); a second opinion only.
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


def observation_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One request for each series: several ids in one chart download come back as a ZIP."""
    for series in dataset.series:
        since = plan.since(dataset, series.id)
        if PROVIDER.key:
            params = (("series_id", series.id), ("file_type", "json"), ("observation_start", since.isoformat()))
            yield Request(API, params, series.id, since, plan.today, key_param="api_key")
        else:
            yield Request(GRAPH, (("id", series.id), ("cosd", since.isoformat())), series.id, since, plan.today)


# --- parser ---------------------------------------------------------------------------------------------------------

_MISSING = frozenset({"", "."})
_VINTAGE = re.compile(r"^(?P<id>.+)_\d{8}$")
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


def _from_api(dataset: Dataset, body: bytes, request: Request) -> tuple[Series, pl.DataFrame]:
    if request.scope is None:
        raise LayoutError("the API's JSON does not name its series; say which with --series", dataset=dataset.id)
    series = dataset.series_by_id(request.scope)
    answer = from_json(body, _Observations, dataset.id)
    where = {"dataset": dataset.id, "place": series.id}
    if answer.units != "lin":
        raise UnitError(f"the values were transformed on the way (units={answer.units}); ask for units=lin", **where)
    if answer.output_type != 1 or answer.realtime_start != answer.realtime_end:
        raise LayoutError("several vintages in one answer; ask for one real-time day", **where)
    if answer.offset or answer.count != len(answer.observations):
        raise PagingError(
            f"{answer.count} observations stated, {len(answer.observations)} came (offset {answer.offset})", **where
        )
    columns = {"date": [o.date for o in answer.observations], "value": [o.value for o in answer.observations]}
    return series, pl.DataFrame(columns, schema={"date": pl.String(), "value": pl.String()})


def _from_graph(dataset: Dataset, body: bytes, request: Request) -> tuple[Series, pl.DataFrame]:
    text = from_csv(body, dataset.id)
    if text.width != 2 or text.columns[0] not in ("observation_date", "DATE"):
        raise LayoutError(
            f"headings {text.columns[:4]}, expected observation_date (or DATE) and one series id", dataset=dataset.id
        )
    # The chart download ends in a line feed; without it the last number may have lost digits.
    if not request.is_file and not body.endswith(b"\n"):
        raise UnreadableBodyError("no line end at the end: the body is cut short", dataset=dataset.id)
    heading = text.columns[1]
    vintage = _VINTAGE.match(heading)
    series_id = vintage["id"] if vintage else heading
    if request.scope and series_id != request.scope:
        raise LayoutError(f"the body is about {series_id}, asked was {request.scope}", dataset=dataset.id)
    return dataset.series_by_id(series_id), text.rename({text.columns[0]: "date", heading: "value"})


def _hold_cadence(dataset: Dataset, series: Series, dates: pl.Series) -> None:
    """LayoutError when ``dates`` are not those of the series: the download was aggregated to another frequency.

    Recorded cases: weekly TREAST as quarterly means, daily DTB4WK as monthly means, and daily RRPONTSYD as weekly
    end-of-period values, which differ from the true ones on 6 of 261 days and have ordinary decimals.
    """
    cadence = series.cadence or dataset.cadence
    keeps_form = {
        Cadence.DAILY: lambda d: d.is_not_null(),
        Cadence.WEEKLY: lambda d: d.dt.weekday() == _WEDNESDAY,  # every weekly series here is of H.4.1
        Cadence.MONTHLY: lambda d: d.dt.day() == 1,
        Cadence.QUARTERLY: lambda d: (d.dt.day() == 1) & (d.dt.month() % 3 == 1),
        Cadence.ANNUAL: lambda d: d.dt.day() == 1,
    }[cadence](dates)
    if not keeps_form.all():
        raise LayoutError(
            f"{dates.filter(~keeps_form)[0]} is no date of a {cadence} series: an aggregated download?",
            dataset=dataset.id,
            place=series.id,
        )
    gap = dates.sort().diff().dt.total_days().median()
    if len(dates) > 3 and isinstance(gap, float) and gap > _LONGEST_GAP[cadence]:
        raise LayoutError(
            f"its dates are {gap:g} days apart, too far for a {cadence} series: an aggregated download?",
            dataset=dataset.id,
            place=series.id,
        )


def _unit_of(dataset: Dataset, series: Series, values: list[float]) -> Unit:
    """The unit of a body's ``values``; UnitError when none fits, or when dollars fit another scale as well.

    A few recent values of WRESBAL in billions (3,013.9) are plausible as millions too, because reserves once were 3
    billion. Rather than guess, such a body is refused; a whole history always decides.
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


def parse_observations(dataset: Dataset, body: bytes, request: Request) -> pl.DataFrame:
    """Observations of one series, from the chart download (CSV) or the API (JSON), in the unit they came in.

    Missing observations are dropped. LayoutError for a ZIP, another series than asked, several vintages, or a
    frequency that is not the series' own; UnitError for transformed values or an unknown scale.
    """
    if body.startswith(b"PK"):
        raise LayoutError("a ZIP: several series of different frequency were asked at once", dataset=dataset.id)
    is_json = readable(body, dataset.id).startswith((b"{", b"["))
    series, text = (_from_api if is_json else _from_graph)(dataset, body, request)
    dates = strict(text["date"], pl.Date(), dataset.id).alias("observation_date")
    _hold_cadence(dataset, series, dates.drop_nulls())
    values = strict(text["value"], pl.Float64(), dataset.id, _MISSING).alias("value")
    frame = pl.DataFrame([dates, values]).filter(pl.col("value").is_not_null())
    unit = _unit_of(dataset, series, frame["value"].to_list())
    return frame.select(
        pl.lit(series.id).alias("series_id"), "observation_date", "value", pl.lit(unit.suffix).alias("unit")
    )


# --- datasets -------------------------------------------------------------------------------------------------------

OBSERVATIONS = Dataset(
    provider="fred",
    name="observations",
    title="Economic series by way of FRED",
    description="Fed balance sheet, administered and market rates, debt, money, saving, output, by series and date.",
    columns=COLUMNS,
    key=("series_id", "observation_date"),
    date_column="observation_date",
    cadence=Cadence.DAILY,
    release=NEXT_DAY,
    start=date(1946, 1, 1),
    window_days=60,
    licence=Licence(
        "FRED terms of use",
        True,
        "Series made by the US government and the Federal Reserve Board are free; SOFR, EFFR, OBFR and the repo series "
        "stay under the New York Fed's terms; each series' own note on FRED decides (remembered).",
    ),
    requests=observation_requests,
    parse=parse_observations,
    series=SERIES,
    series_column="series_id",
    rests_on="recordings of 19 series in both forms; IOER, OBFR, FYGFDPUN, WRBWFRBL, WDTGAL, WLRRAL, WCURCIR, WORAL, "
    "WLODLL, WLFN, WLTLECL and the RPON series on others' code, their ranges on memory",
)

PROVIDER = Provider(
    name="fred",
    title="Federal Reserve Bank of St. Louis, FRED",
    homepage="https://fred.stlouisfed.org",
    hosts=("fred.stlouisfed.org", "api.stlouisfed.org"),
    datasets=(OBSERVATIONS,),
    pace=2.0,
    key_env="FRED_API_KEY",
)
