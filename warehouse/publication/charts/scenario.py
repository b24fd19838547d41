"""Charts of the scenario of standing repo: the three standard ones, a user's own, and what the formula was worth."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from warehouse.publication import formula
from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, amount, crosshair, inline, lines
from warehouse.publication.charts.words import quarter, usd_bn

_STANDARDS = {"low_usd_bn": "low", "middle_usd_bn": "middle", "high_usd_bn": "high"}
_PARTS = {
    "repo_demand_usd_bn": "repo that leveraged funds want",
    "private_supply_usd_bn": "private supply at or under the ceiling",
    "fed_credit_usd_bn": "left to the Fed",
}
_MEASURES = {
    "repo_demand": "hedge funds' repo",
    "fed_credit": "standing repo",
    "fed_assets": "Fed assets",
    "reserves": "reserves",
    "net_liquidity": "net liquidity",
}


def _standards_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    amounts = ", ".join(f"{usd_bn(last[name])} ({label})" for name, label in _STANDARDS.items())
    return f"Scenario, not a forecast: to keep repo at its ceiling the Fed would lend {amounts} by {_end(data)}"


def _end(data: pl.DataFrame) -> str:
    return quarter(data["quarter_date"][-1])


def _standards_alt(data: pl.DataFrame) -> str:
    first = {
        label: next((quarter(day) for day, credit in data.select("quarter_date", name).iter_rows() if credit > 0), None)
        for name, label in _STANDARDS.items()
    }
    begun = ", ".join(f"{label} from {day}" if day else f"{label} never" for label, day in first.items())
    half = data.row(data.height // 2, named=True)
    amounts = ", ".join(f"{usd_bn(half[name])} ({label})" for name, label in _STANDARDS.items())
    return (
        f"Lines of a scenario by quarter to {_end(data)}: credit of the Fed in three standard scenarios ({begun}); "
        f"half way, in {quarter(half['quarter_date'])}, {amounts}. "
        f"Data to {data['start_date'][-1]} are what it starts from."
    )


def _draw_lines(series: dict[str, str], data: pl.DataFrame) -> alt.LayerChart:
    day, unit = "quarter_date", "scenario, billions of US dollars"
    return alt.layer(
        lines(day, series, unit, zero=True),
        crosshair(day, {name: (f"{label}, $bn", ",.0f") for name, label in series.items()}),
        data=inline(data),
    ).properties(width=WIDTH, height=300)


STANDARDS = Chart(
    id="srf_scenario",
    mart="srf_scenario",
    query="""
        SELECT
            quarter_date,
            any_value(start_date) AS start_date,
            round(max(fed_credit_usd_bn) FILTER (scenario = 'low'), 1) AS low_usd_bn,
            round(max(fed_credit_usd_bn) FILTER (scenario = 'middle'), 1) AS middle_usd_bn,
            round(max(fed_credit_usd_bn) FILTER (scenario = 'high'), 1) AS high_usd_bn
        FROM marts.srf_scenario
        GROUP BY quarter_date
        ORDER BY quarter_date
    """,
    title=_standards_title,
    draw=lambda data: _draw_lines(_STANDARDS, data),
    alt=_standards_alt,
    day="start_date",
    datasets=("ofr.hedge_fund_monitor", "fred.observations"),
    has_facts=True,
    note="Scenario: what follows from CBO's borrowing and thirteen assumptions, each in srf_scenario_drivers with its "
    "source or the word assumption. Its record against no change has a chart too.",
)


def _by_projection(data: pl.DataFrame) -> dict[str, tuple[str, pl.DataFrame]]:
    """Label and rows of each projection, by the name that its line has."""
    names = data["borrowing_projection"].unique(maintain_order=True).sort()
    return {f"credit_{i}": (name, data.filter(borrowing_projection=name)) for i, name in enumerate(names)}


def _projections_title(data: pl.DataFrame) -> str:
    common = data.group_by("borrowing_projection").agg(pl.col("quarter_date").max())["quarter_date"].min()
    then = data.filter(quarter_date=common).sort("fed_credit_usd_bn")
    least, most = (
        f"{usd_bn(row['fed_credit_usd_bn'])} ({row['borrowing_projection']})"
        for row in (then.row(0, named=True), then.row(-1, named=True))
    )
    return (
        f"Scenario under {then.height} published projections of borrowing: {least} to {most} would be left to the "
        f"Fed by {quarter(then['quarter_date'][0])}"
    )


def _projections_alt(data: pl.DataFrame) -> str:
    parts = "; ".join(
        f"{label}, published {rows['projection_date'][-1]}, to {quarter(rows['quarter_date'][-1])}: borrowed "
        f"{usd_bn(rows['borrowed_usd_bn'][-1])}, credit {usd_bn(rows['fed_credit_usd_bn'][-1])}"
        for label, rows in _by_projection(data).values()
    )
    return f"Lines of a scenario by quarter: credit of the Fed with the middle drivers, by projection. {parts}."


def _draw_projections(data: pl.DataFrame) -> alt.TopLevelMixin:
    series = _by_projection(data)
    wide = data.select("quarter_date").unique().sort("quarter_date")
    for name, (_, rows) in series.items():
        wide = wide.join(rows.select("quarter_date", pl.col("fed_credit_usd_bn").alias(name)), "quarter_date", "left")
    return _draw_lines({name: label for name, (label, _) in series.items()}, wide)


PROJECTIONS = Chart(
    id="srf_scenario_projections",
    mart="srf_scenario_projections",
    query="""
        SELECT
            quarter_date,
            borrowing_projection,
            projection_date,
            start_date,
            round(borrowed_usd_bn, 1) AS borrowed_usd_bn,
            round(fed_credit_usd_bn, 1) AS fed_credit_usd_bn
        FROM marts.srf_scenario_projections
        ORDER BY quarter_date, borrowing_projection
    """,
    title=_projections_title,
    draw=_draw_projections,
    alt=_projections_alt,
    day="start_date",
    datasets=("ofr.hedge_fund_monitor", "fred.observations"),
    has_facts=True,
    note="Scenario, not a forecast, with the middle drivers. The Treasury and the dealers project some quarters or "
    "years of privately held borrowing, another measure than CBO's; after them CBO's newest baseline goes on.",
)


def own(name: str) -> Chart:
    """The chart of a user's scenario: demand, supply and credit by quarter. Its rows have the columns of the mart."""

    def title(data: pl.DataFrame) -> str:
        last = data.row(-1, named=True)
        return (
            f"Scenario, not a forecast ({name}): by {_end(data)} funds want {usd_bn(last['repo_demand_usd_bn'])} of "
            f"repo, private lenders supply {usd_bn(last['private_supply_usd_bn'])}, "
            f"{usd_bn(last['fed_credit_usd_bn'])} are left to the Fed"
        )

    def draw(data: pl.DataFrame) -> alt.TopLevelMixin:
        return _draw_lines(_PARTS, data.select("quarter_date", *_PARTS))

    return replace(STANDARDS, id="own_scenario", title=title, alt=title, draw=draw)


# Drivers with a slider on the page, and what their labels say; step and range are the reader's, not the seed's.
_SLIDERS = {
    "leveraged_share_ratio": ("share of notes and bonds that leveraged funds take", 0, 0.6, 0.01),
    "bills_share_ratio": ("share of borrowing in bills", 0, 1, 0.01),
    "borrowing_to_cbo_ratio": ("borrowing over what CBO projects", 0, 2, 0.05),
    "reserve_management_usd_bn_month": ("Fed purchases, $bn a month", -60, 100, 5),
}


def _sliders_title(data: pl.DataFrame) -> str:
    return (
        f"Scenario to move: with the middle drivers {usd_bn(data['middle_usd_bn'][-1])} of repo would be left to the "
        f"Fed by {_end(data)}; on the page four sliders recompute it"
    )


def _sliders_alt(data: pl.DataFrame) -> str:
    starts = ", ".join(f"{label} {data[name][0]:g}" for name, (label, *_) in _SLIDERS.items())
    half = data.row(data.height // 2, named=True)
    return (
        f"Lines of a scenario by quarter to {_end(data)}: repo that leveraged funds want, private supply, and what is "
        f"left to the Fed ({usd_bn(half['middle_usd_bn'])} in {quarter(half['quarter_date'])}). "
        f"Sliders begin at: {starts}."
    )


def _draw_sliders(data: pl.DataFrame) -> alt.TopLevelMixin:
    chart = _draw_lines(_PARTS, data.drop("middle_usd_bn", *_SLIDERS))
    chart.transform = formula.vega(_SLIDERS)
    return chart.add_params(
        *(
            alt.param(name=name, value=data[name][0], bind=alt.binding_range(min=low, max=high, step=step, name=label))
            for name, (label, low, high, step) in _SLIDERS.items()
        )
    )


SLIDERS = Chart(
    id="srf_scenario_sliders",
    mart="srf_scenario",
    query="""
        SELECT
            path.quarter_date,
            path.quarter_number,
            path.fed_credit_usd_bn AS middle_usd_bn,
            path.projected_borrowing_usd_bn,
            path.standing_repo_limit_usd_bn,
            COLUMNS(lambda name: starts_with(name, 'start_')),
            drivers.*
        FROM marts.srf_scenario AS path
        CROSS JOIN (
            PIVOT (
                SELECT driver, driver_value FROM marts.srf_scenario_drivers WHERE scenario = 'middle'
            ) ON driver USING max(driver_value)
        ) AS drivers
        WHERE path.scenario = 'middle'
        ORDER BY path.quarter_number
    """,
    title=_sliders_title,
    draw=_draw_sliders,
    alt=_sliders_alt,
    day="start_date",
    datasets=("ofr.hedge_fund_monitor", "fred.observations"),
    has_facts=True,
    note="Scenario, not a forecast. The page recomputes it from the formula of srf_scenario itself; the other nine "
    "drivers stay at their middle values.",
)


def _record_title(data: pl.DataFrame) -> str:
    missed = {row["scenario_measure"]: row for row in data.iter_rows(named=True)}
    better = [name for name, row in missed.items() if row["scenario_missed_usd_bn"] < row["no_change_missed_usd_bn"]]
    worst = max(missed.values(), key=lambda row: row["scenario_missed_usd_bn"] - row["no_change_missed_usd_bn"])
    return (
        f"The scenario would have beaten no change in {len(better)} of {len(missed)} measures; for "
        f"{_MEASURES[worst['scenario_measure']]} it missed by {usd_bn(worst['scenario_missed_usd_bn'])} on average, "
        f"no change by {usd_bn(worst['no_change_missed_usd_bn'])}"
    )


def _record_alt(data: pl.DataFrame) -> str:
    parts = ", ".join(
        f"{_MEASURES[row['scenario_measure']]} {usd_bn(row['scenario_missed_usd_bn'])} against "
        f"{usd_bn(row['no_change_missed_usd_bn'])}"
        for row in data.iter_rows(named=True)
    )
    return (
        f"Bars by measure: mean absolute error of the middle scenario and of no change, from {data['origins'][0]} "
        f"Januaries. {parts}."
    )


def _draw_record(data: pl.DataFrame) -> alt.TopLevelMixin:
    bars = {"scenario_missed_usd_bn": "middle scenario", "no_change_missed_usd_bn": "no change"}
    long = pl.concat(
        data.select(measure=pl.col("scenario_measure").replace_strict(_MEASURES), by=pl.lit(label), missed=pl.col(name))
        for name, label in bars.items()
    )
    order = list(bars.values())
    return (
        alt.Chart(inline(long))
        .mark_bar()
        .encode(
            x=alt.X("measure:N", sort=list(_MEASURES.values()), axis=alt.Axis(title=None, labelAngle=0)),
            xOffset=alt.XOffset("by:N", sort=order),
            y=amount("missed", "mean absolute error, billions of US dollars"),
            color=alt.Color("by:N", sort=order, scale=alt.Scale(domain=order), legend=alt.Legend(symbolType="square")),
            tooltip=[
                alt.Tooltip("measure:N", title="measure"),
                alt.Tooltip("by:N", title="by"),
                alt.Tooltip("missed:Q", title="mean absolute error, $bn", format=",.0f"),
            ],
        )
        .properties(width=WIDTH, height=280)
    )


RECORD = Chart(
    id="srf_scenario_record",
    mart="srf_scenario_backtest",
    query=f"""
        SELECT
            scenario_measure,
            count(DISTINCT origin_date) AS origins,
            max(quarter_date) AS quarter_date,
            round(avg(abs(scenario_error_usd_bn)), 1) AS scenario_missed_usd_bn,
            round(avg(abs(no_change_error_usd_bn)), 1) AS no_change_missed_usd_bn
        FROM marts.srf_scenario_backtest
        WHERE scenario = 'middle'
        GROUP BY scenario_measure
        ORDER BY list_position({list(_MEASURES)}, scenario_measure)
    """,
    title=_record_title,
    draw=_draw_record,
    alt=_record_alt,
    datasets=("ofr.hedge_fund_monitor", "fred.observations"),
    has_facts=True,
    note="Run each January since 2022 with CBO's borrowing, the Fed's pace and the limit as then known. The other "
    "drivers were measured on the years that are judged, which flatters the scenario.",
)

CHARTS = (STANDARDS, SLIDERS, PROJECTIONS, RECORD)
