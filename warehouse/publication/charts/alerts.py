"""Chart of the alert rules: when each fired, as then known, so that a reader sees how often it cries."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import BLUE, ORANGE, RED, WIDTH, at_places, days, inline
from warehouse.publication.charts.words import counted

_SEVERITIES = {"alarm": RED, "warn": ORANGE, "info": BLUE}


def _counts(data: pl.DataFrame) -> pl.DataFrame:
    return data.group_by("title", maintain_order=True).agg(pl.len().alias("firings"), pl.col("first_date").max())


def _title(data: pl.DataFrame) -> str:
    counts = _counts(data)
    most, number, _ = counts.sort("firings", "title").row(-1)
    return (
        f"{counted(counts.height, 'alert rule')} fired {counted(data.height, 'time')}, "
        f"most often “{most}” ({number}), last on {data['first_date'].max()}"
    )


def _alt(data: pl.DataFrame) -> str:
    parts = "; ".join(f"{title}: {counted(n, 'time')}, last {last}" for title, n, last in _counts(data).iter_rows())
    return f"Firings of alert rules over time, as then known. {parts}."


def _draw(data: pl.DataFrame) -> alt.TopLevelMixin:
    counts = dict(_counts(data).select("title", "firings").iter_rows())
    named = data.with_columns(
        rule=pl.format("{} ({})", "title", pl.col("title").replace_strict(counts, return_dtype=pl.Int64))
    )
    rules = named["rule"].unique(maintain_order=True).to_list()
    axis = alt.Axis(title=None, minExtent=330, ticks=False, domain=False, labelLimit=330)
    y = alt.Y("rule:N", sort=rules, axis=axis)
    legend = alt.Legend(symbolType="square", symbolOpacity=1, values=list(_SEVERITIES))
    colour = alt.Color("severity:N", scale=alt.Scale(domain=at_places(_SEVERITIES)), legend=legend)
    tips = [
        alt.Tooltip("title:N", title="rule"),
        alt.Tooltip("first_date:T", title="raised", format="%Y-%m-%d"),
        alt.Tooltip("last_date:T", title="on until", format="%Y-%m-%d"),
        alt.Tooltip("days_on_count:Q", title="dates on"),
        alt.Tooltip("message:N"),
    ]
    spells = alt.Chart().mark_bar(size=8, opacity=0.45).encode(
        x=days("first_date"), x2="last_date", y=y, color=colour, tooltip=tips
    )  # fmt: skip
    starts = alt.Chart().mark_tick(thickness=2, size=14, orient="vertical").encode(
        x=days("first_date"), y=y, color=colour, tooltip=tips
    )  # fmt: skip
    return alt.layer(spells, starts, data=inline(named)).properties(width=WIDTH - 314, height=22 * max(len(rules), 1))


ALERTS = Chart(
    id="alert_history",
    mart="alert_history",
    query="""
        WITH numbered AS (
            SELECT *, count(*) FILTER (state = 'raised') OVER (
                PARTITION BY rule_id ORDER BY known_at, effective_date
            ) AS spell
            FROM marts.alert_history
            WHERE state <> 'cleared'
        )
        SELECT
            summary.title,
            numbered.severity,
            min(numbered.effective_date) AS first_date,
            max(numbered.effective_date) AS last_date,
            count(*) AS days_on_count,
            arg_min(numbered.message, numbered.known_at) AS message
        FROM numbered
        JOIN marts.alert_summary AS summary USING (rule_id)
        GROUP BY summary.title, numbered.severity, numbered.rule_id, numbered.spell
        ORDER BY list_position(['alarm', 'warn', 'info'], numbered.severity), summary.title, first_date
    """,
    title=_title,
    draw=_draw,
    alt=_alt,
    day="last_date",
    datasets=(
        "nyfed.reference_rates",
        "nyfed.repo_operations",
        "fred.observations",
        "fiscaldata.operating_cash_balance",
    ),
    has_facts=True,
    note="In brackets how often. A mark is a day on which a rule was raised, a bar how long it stayed on. "
    "Each value as it was first known; rules about the warehouse itself begin with its first refresh. "
    "Definitions: marts.alert_summary.",
)

CHARTS = (ALERTS,)
