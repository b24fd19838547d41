"""Charts of the standing repo facility: how much it lends, and whether it is used when SOFR nears the ceiling."""

from __future__ import annotations

from typing import Any

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, inline, stacked
from warehouse.publication.charts.words import counted, quarter, usd_bn

_LEGS = {
    "treasury_mean_usd_bn": "against Treasuries",
    "agency_mean_usd_bn": "against agency debt",
    "mbs_mean_usd_bn": "against mortgage-backed securities",
}


def _quarter(column: str) -> pl.Expr:
    return pl.format("{} Q{}", pl.col(column).dt.year(), pl.col(column).dt.quarter())


def _use_title(data: pl.DataFrame) -> str:
    used = data.filter(pl.col("accepted_mean_usd_bn") > 0)
    if used.is_empty():
        return f"The standing repo facility has lent nothing since {data['first_date'][0]}"
    last, top = data.row(-1, named=True), used.sort("accepted_mean_usd_bn").row(-1, named=True)
    head = (
        f"Standing repo: {usd_bn(last['accepted_mean_usd_bn'], 1)} a day on average in "
        f"{quarter(last['quarter_end_date'])}"
    )
    if top["quarter_end_date"] == last["quarter_end_date"]:
        return f"{head}, the quarter of most use"
    return (
        f"{head}, against {usd_bn(top['accepted_mean_usd_bn'], 1)} in {quarter(top['quarter_end_date'])}, the quarter "
        "of most use"
    )


def _use_alt(data: pl.DataFrame) -> str:
    parts = "; ".join(
        f"to {row['quarter_end_date']} mean {row['accepted_mean_usd_bn']:.2f}, highest {row['accepted_max_usd_bn']:.1f}"
        for row in data.tail(6).iter_rows(named=True)
    )
    return f"Standing repo lent a day, billions of dollars, by quarter and collateral. Last quarters: {parts}."


def _draw_use(data: pl.DataFrame) -> alt.TopLevelMixin:
    axis = alt.X("quarter:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap="greedy"))
    return alt.layer(
        stacked(axis, _LEGS, "mean of the quarter's business days, billions of US dollars", axis_format=",.1f"),
        data=inline(data.with_columns(quarter=_quarter("quarter_end_date"))),
    ).properties(width=WIDTH, height=280)


USE = Chart(
    id="srf_use_by_quarter",
    mart="srf_operations",
    query="""
        WITH days AS (
            SELECT
                operation_date,
                coalesce(sum(accepted_usd_bn) FILTER (NOT is_exercise), 0) AS accepted_usd_bn,
                coalesce(sum(treasury_accepted_usd_bn) FILTER (NOT is_exercise), 0) AS treasury_usd_bn,
                coalesce(sum(agency_accepted_usd_bn) FILTER (NOT is_exercise), 0) AS agency_usd_bn,
                coalesce(sum(mbs_accepted_usd_bn) FILTER (NOT is_exercise), 0) AS mbs_usd_bn
            FROM marts.srf_operations
            GROUP BY operation_date
        )
        SELECT
            last_day(date_trunc('quarter', operation_date) + INTERVAL 2 MONTH) AS quarter_end_date,
            min(operation_date) AS first_date,
            max(operation_date) AS last_date,
            round(avg(accepted_usd_bn), 3) AS accepted_mean_usd_bn,
            round(max(accepted_usd_bn), 3) AS accepted_max_usd_bn,
            round(avg(treasury_usd_bn), 3) AS treasury_mean_usd_bn,
            round(avg(agency_usd_bn), 3) AS agency_mean_usd_bn,
            round(avg(mbs_usd_bn), 3) AS mbs_mean_usd_bn
        FROM days
        GROUP BY 1
        ORDER BY 1
    """,
    title=_use_title,
    draw=_draw_use,
    alt=_use_alt,
    day="last_date",
    datasets=("nyfed.repo_operations", "nyfed.repo_operation_details"),
    note="All operations of a day, small-value exercises left out; the last quarter runs to the newest operation.",
)

_CONTROLS = {
    "all_days": "all days",
    "without_quarter_ends": "without quarter ends",
    "without_month_ends": "without month ends",
    "without_tax_dates": "without tax dates",
    "ordinary_days": "ordinary days only",
}


def _study_row(data: pl.DataFrame) -> dict[str, Any]:
    """The row that the claim is about: all days, where held."""
    plain = data.filter(pl.col("control") == "all_days")
    return (plain if plain.height else data).row(0, named=True)


def _study_title(data: pl.DataFrame) -> str:
    row = _study_row(data)
    if row["recall_ratio"] is None:
        return f"No day of standing repo above {usd_bn(row['take_up_threshold_usd_bn'])}, so nothing to compare"
    used = row["both_days_count"] + row["only_take_up_days_count"]
    return (
        f"SOFR was {_bound(row['sofr_threshold_bp'])} the ceiling on {row['both_days_count']} of "
        f"{counted(used, 'day')} with standing repo of {usd_bn(row['take_up_threshold_usd_bn'])} or more, and on "
        f"{100 * row['sofr_base_ratio']:.0f} % of all days"
    )


def _bound(threshold_bp: float) -> str:
    """A lower bound only: a day far above the ceiling counts as well."""
    return f"no lower than {abs(threshold_bp):.0f} bp {'under' if threshold_bp < 0 else 'above'}"


def _study_alt(data: pl.DataFrame) -> str:
    row = _study_row(data)
    parts = "; ".join(
        f"{_CONTROLS.get(one['control'], one['control'])}: {one['recall_ratio']:.2f} "
        f"(interval {one['recall_low_ratio']:.2f} to {one['recall_high_ratio']:.2f}, base {one['sofr_base_ratio']:.2f})"
        for one in data.drop_nulls("recall_ratio").iter_rows(named=True)
    )
    return (
        f"Share of days with take-up on which SOFR was {_bound(row['sofr_threshold_bp'])} the ceiling, "
        f"{row['first_date']} to {row['last_date']}, with bootstrap interval and base rate, by control. "
        f"{parts or 'No day of take-up.'}"
    )


def _draw_study(data: pl.DataFrame) -> alt.TopLevelMixin:
    named = data.with_columns(days_left=pl.col("control").replace(_CONTROLS))
    order = [_CONTROLS[name] for name in _CONTROLS if name in set(data["control"])]
    rows = alt.Y("days_left:N", sort=order, axis=alt.Axis(title=None, minExtent=150))
    share = alt.Scale(domain=[0, 1])
    tip = [
        alt.Tooltip("days_left:N", title="days"),
        alt.Tooltip("recall_ratio:Q", title="recall", format=".2f"),
        alt.Tooltip("recall_low_ratio:Q", title="interval from", format=".2f"),
        alt.Tooltip("recall_high_ratio:Q", title="to", format=".2f"),
        alt.Tooltip("precision_ratio:Q", title="precision", format=".2f"),
        alt.Tooltip("sofr_base_ratio:Q", title="base rate", format=".2f"),
        alt.Tooltip("placebo_reaching_ratio:Q", title="placebo shifts that reach it", format=".3f"),
        alt.Tooltip("both_days_count:Q", title="days with both"),
    ]
    across = alt.X(
        "recall_low_ratio:Q",
        scale=share,
        axis=alt.Axis(
            title=f"share of days with SOFR {_bound(_study_row(data)['sofr_threshold_bp'])} the ceiling",
            format=".0%", grid=True, domain=False,
        ),
    )  # fmt: skip
    marks = {"of days with take-up": "recall_ratio", "of all days": "sofr_base_ratio"}
    interval = alt.Chart().mark_rule(style="series1", strokeWidth=3, opacity=0.45).encode(
        x=across, x2="recall_high_ratio", y=rows, tooltip=tip
    )  # fmt: skip
    points = (
        alt.Chart()
        .transform_fold(list(marks.values()), as_=["series", "value"])
        .mark_point(filled=True, size=110)
        .encode(
            x=alt.X("value:Q", scale=share),
            y=rows,
            color=alt.Color("series:N", scale=alt.Scale(domain=list(marks.values())), legend=_study_legend(marks)),
            shape=alt.Shape(
                "series:N",
                scale=alt.Scale(domain=list(marks.values()), range=["circle", "diamond"]),
                legend=_study_legend(marks),
            ),
            tooltip=tip,
        )
    )
    return alt.layer(interval, points, data=inline(named)).properties(width=WIDTH - 104, height=38 * max(len(order), 1))


def _study_legend(marks: dict[str, str]) -> alt.Legend:
    labels = " : ".join(f"datum.label == '{column}' ? '{label}'" for label, column in marks.items())
    return alt.Legend(labelExpr=f"{labels} : ''")


STUDY = Chart(
    id="srf_event_study",
    mart="srf_event_study",
    query="""
        SELECT
            sample_window, control, sofr_threshold_bp, take_up_threshold_usd_bn, first_date, last_date,
            both_days_count, only_take_up_days_count, only_sofr_days_count, neither_days_count,
            round(recall_ratio, 3) AS recall_ratio,
            round(recall_low_ratio, 3) AS recall_low_ratio,
            round(recall_high_ratio, 3) AS recall_high_ratio,
            round(precision_ratio, 3) AS precision_ratio,
            round(sofr_base_ratio, 4) AS sofr_base_ratio,
            round(placebo_reaching_ratio, 4) AS placebo_reaching_ratio
        FROM marts.srf_event_study
        WHERE sample_window = 'since_2022' AND is_tight_cash_pair
        ORDER BY control
    """,
    title=_study_title,
    draw=_draw_study,
    alt=_study_alt,
    day="last_date",
    datasets=("nyfed.reference_rates", "nyfed.repo_operations"),
    has_facts=True,
    note="Since 2022; days on which SOFR was above the ceiling count too. Line: 5 to 95 % of block-bootstrap "
    "replications. Other windows and thresholds are in the mart. It describes what came together and forecasts "
    "nothing.",
)

CHARTS = (USE, STUDY)
