"""Cells of one series into typed rows: its days, its unit, and the versions of an archive."""

import re
from datetime import date

import polars as pl

from ingest.calendars import new_york_to_utc
from ingest.catalog import Dataset, Request, Series, Unit
from ingest.decode import cast_text
from ingest.errors import EmptyBodyError, LayoutError, UnitError
from ingest.providers.fred.common import FIRST_REALTIME
from ingest.releases import Cadence

MISSING = frozenset({"", "."})
FILE_MISSING = MISSING | {"null", "NULL", "NA", "N/A", "#N/A", "nan", "NaN", "None"}
VINTAGE = re.compile(r"^(?P<id>.+)_(?P<day>\d{8})$")
# Longest usual gap between two dates, in days. A median above it means another frequency.
_LONGEST_GAP = {Cadence.DAILY: 4, Cadence.WEEKLY: 8, Cadence.MONTHLY: 31, Cadence.QUARTERLY: 92, Cadence.ANNUAL: 366}


def text_cells(dates: pl.Series, values: pl.Series, vintage: re.Match[str] | None) -> pl.DataFrame:
    """Days and values of a column as text, with the day of its vintage where the heading has one."""
    frame = pl.DataFrame([dates.alias("date"), values.alias("value")])
    day = vintage["day"] if vintage else ""
    return frame.with_columns(vintage=pl.lit(f"{day[:4]}-{day[4:6]}-{day[6:]}")) if vintage else frame


def hold_cadence(dataset: Dataset, series: Series, dates: pl.Series) -> None:
    """LayoutError when ``dates`` are not those of the series: the download was aggregated to another frequency.

    Recorded cases: weekly TREAST as quarterly means, daily DTB4WK as monthly means, and daily RRPONTSYD as weekly
    end-of-period values, which differ from the true ones on 6 of 261 days and have ordinary decimals.
    """
    cadence = series.cadence or dataset.cadence
    keeps_form = {
        Cadence.DAILY: lambda d: d.is_not_null(),
        Cadence.WEEKLY: lambda d: d.dt.weekday().is_in(series.weekdays),
        Cadence.MONTHLY: lambda d: d.dt.day() == 1,
        Cadence.QUARTERLY: lambda d: (d.dt.day() == 1) & (d.dt.month() % 3 == 1),
        # FYFSD is dated on the last day of the fiscal year (30 September, 30 June until 1976), others on 1 January.
        Cadence.ANNUAL: lambda d: (d.dt.day() == 1) | (d == d.dt.month_end()),
    }[cadence](dates)
    if not keeps_form.all():
        raise LayoutError(
            f"{dates.filter(~keeps_form)[0]} is no date of a {cadence} series: an aggregated download? Take it "
            "again in the series' own frequency",
            place=series.id,
        )
    gap = dates.sort().diff().dt.total_days().median()
    if len(dates) > 3 and isinstance(gap, float) and gap > _LONGEST_GAP[cadence]:
        raise LayoutError(
            f"its dates are {gap:g} days apart, too far for a {cadence} series: an aggregated download? Take it "
            "again in the series' own frequency",
            place=series.id,
        )


def unit_of(series: Series, values: list[float]) -> Unit:
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
            place=series.id,
        )
    return unit


def typed_rows(dataset: Dataset, series: Series, text: pl.DataFrame, request: Request) -> pl.DataFrame:
    """Typed rows of one series from its cells as text."""
    dates = cast_text(text["date"], pl.Date()).alias("observation_date")
    hold_cadence(dataset, series, dates.drop_nulls().unique())
    missing = FILE_MISSING if request.is_file else MISSING
    values = cast_text(text["value"], pl.Float64(), missing).alias("value")
    frame = pl.DataFrame([dates, values])
    if "vintage" in text.columns:
        vintages = cast_text(text["vintage"], pl.Date()).alias("vintage")
        return _versions(dataset, series, frame.with_columns(vintages), dict(request.params))
    frame = frame.filter(pl.col("value").is_not_null())
    unit = unit_of(series, frame["value"].to_list())
    return frame.select(
        pl.lit(series.id).alias("series_id"), "observation_date", "value", pl.lit(unit.suffix).alias("unit")
    )


def _versions(dataset: Dataset, series: Series, frame: pl.DataFrame, params: dict[str, str]) -> pl.DataFrame:
    """The versions of each observation in the order of their vintages, unchanged ones left out.

    A vintage counts as known at the hour of the series' release rule on its day. In a window that does not start at the
    beginning, rows of its first day are left out: the API gives them that day whether or not they are as old as that.
    A version without a value withdraws the one before, or is nothing when none was there; at the top of a page that
    goes on with an observation the one before is at the end of the last page. EmptyBodyError without any value.
    """
    if frame["value"].is_null().all() and "offset" not in params:
        raise EmptyBodyError("the answer has no rows", place=series.id)
    first: date = frame["vintage"].min()  # type: ignore[assignment]
    frame = frame.sort("observation_date", "vintage")
    before = pl.col("value").shift().over("observation_date")
    goes_on = pl.lit("offset" in params) & (pl.int_range(pl.len()) == 0)
    frame = frame.with_columns(before=before).filter(pl.col("value").ne_missing(pl.col("before")) | goes_on)
    units = _units_by_vintage(series, frame)
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
            # The first day of an archive does not show since when a value was out; a later day does not for older
            # values.
            ((pl.col("vintage") == first) | pl.col("observation_date").is_in(old)).alias("is_known_earlier"),
        )
    )


def _units_by_vintage(series: Series, frame: pl.DataFrame) -> pl.DataFrame:
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
        units[era] = unit_of(series, part["value"].drop_nulls().to_list()).suffix
    return days.select("vintage", unit=pl.col("era").replace_strict(units, return_dtype=pl.String()))
