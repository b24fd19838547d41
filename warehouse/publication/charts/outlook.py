"""Chart of the estimates of the deficit, and what it came to."""

from __future__ import annotations

from typing import Any

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import (
    inline,
    legend_labels,
)
from warehouse.publication.charts.words import usd_bn

_AS_PRINTED = "deficit of the Monthly Treasury Statement"


def _outlook_judged(data: pl.DataFrame) -> dict[str, Any] | None:
    """The newest period with an actual and its newest estimate; CBO's adjusted figures only for want of others."""
    judged = data.filter(pl.col("measure") == "deficit").drop_nulls("actual_usd_bn")
    printed = judged.filter(pl.col("definition") == _AS_PRINTED)
    judged = printed if printed.height else judged
    return judged.sort("period", "published_date").row(-1, named=True) if judged.height else None


def _outlook_title(data: pl.DataFrame) -> str:
    row = _outlook_judged(data)
    if row is None:
        last = data.sort("published_date").row(-1, named=True)
        return (
            f"{last['institution']} puts the {last['measure']} of {last['period']} at {usd_bn(last['estimate_usd_bn'])}"
        )
    return (
        f"The {row['period']} deficit came to {usd_bn(row['actual_usd_bn'])}; the newest estimate held "
        f"({row['institution']}, {row['vintage']}) had said {usd_bn(row['estimate_usd_bn'])}"
    )


def _outlook_alt(data: pl.DataFrame) -> str:
    judged = data.filter(pl.col("measure") == "deficit").drop_nulls("actual_usd_bn")
    spans = [
        f"{period}, {definition}: estimates from {usd_bn(rows['estimate_usd_bn'].min())} to "
        f"{usd_bn(rows['estimate_usd_bn'].max())}, actual {usd_bn(rows['actual_usd_bn'][0])}"
        for (period, definition), rows in judged.group_by("period", "definition", maintain_order=True)
    ]
    return (
        f"Dots: {data.height} estimates of the deficit and of net borrowing by fiscal year, institution and vintage; "
        f"bar: what it came to. Deficit of {'; '.join(spans) if spans else 'no year that is over'}."
    )


def _draw_outlook(data: pl.DataFrame) -> alt.TopLevelMixin:
    tip = [
        alt.Tooltip("institution:N"),
        alt.Tooltip("vintage:N"),
        alt.Tooltip("period:N"),
        alt.Tooltip("definition:N"),
        alt.Tooltip("estimate_usd_bn:Q", title="estimate, $bn", format=",.0f"),
        alt.Tooltip("actual_usd_bn:Q", title="actual, $bn", format=",.0f"),
    ]
    names = sorted(data["institution"].unique())
    legend = alt.Legend(columns=4)  # the page takes fewer where four long names are wider than the panels
    rows = alt.Y("period:N", axis=alt.Axis(title=None, minExtent=46), sort="ascending")
    across = alt.X(
        "estimate_usd_bn:Q", axis=alt.Axis(title="billions of US dollars", format=",.0f", grid=True, tickCount=5)
    )
    dots = (
        alt.Chart()
        .mark_point(filled=True, size=75)
        .encode(
            x=across,
            y=rows,
            color=alt.Color("institution:N", scale=alt.Scale(domain=names), legend=legend),
            shape=alt.Shape("institution:N", scale=alt.Scale(domain=names), legend=legend),
            opacity=alt.Opacity("newness:Q", scale=None),
            tooltip=tip,
        )
    )
    actual = (
        alt.Chart()
        .transform_filter("isValid(datum.actual_usd_bn)")
        .mark_tick(style="total", thickness=3, height=20, orient="vertical")
        .encode(x="actual_usd_bn:Q", y=rows, tooltip=tip)
    )
    label = {"deficit": "Deficit", "net_borrowing": "Net borrowing from the public"}
    return (
        alt.layer(dots, actual, data=inline(data))
        .properties(width=340, height=26 * data["period"].n_unique())
        .facet(
            column=alt.Column("measure:N", title=None, header=alt.Header(labelExpr=legend_labels(label))), spacing=34
        )
    )


OUTLOOK = Chart(
    id="deficit_estimates_against_actuals",
    essay_id="G1",
    mart="deficit_outlook",
    query="""
        WITH estimates AS (
            SELECT *, max(published_date) OVER () AS newest_date, min(published_date) OVER () AS oldest_date
            FROM marts.deficit_outlook
            WHERE measure IN ('deficit', 'net_borrowing')
              AND fiscal_year BETWEEN 2022 AND (SELECT max(fiscal_year) + 1 FROM marts.treasury_issuance_fiscal_year)
        )
        SELECT
            measure, definition, period, institution, vintage, published_date, estimate_usd_bn, actual_usd_bn,
            is_verified,
            greatest(published_date, CASE WHEN actual_usd_bn IS NOT NULL THEN period_end_date END) AS data_date,
            -- Older vintages are paler.
            round(0.35 + 0.65 * (published_date - oldest_date) / greatest(newest_date - oldest_date, 1), 2) AS newness
        FROM estimates
        WHERE estimate_usd_bn IS NOT NULL
        ORDER BY measure, period, published_date, institution, estimate_usd_bn
    """,
    title=_outlook_title,
    draw=_draw_outlook,
    alt=_outlook_alt,
    day="data_date",
    datasets=("fiscaldata.mts_table_1", "fiscaldata.mts_table_6"),
    has_facts=True,
    note="Dots: estimates, older vintages paler. Bar: what the year came to by the definition of the estimate; "
    "CBO's baselines leave items out that the statement counts, so a year can have two. Estimates rest on dated facts, "
    "some of them unverified (column is_verified); quarterly estimates are in marts.deficit_outlook.",
)


CHARTS = (OUTLOOK,)
