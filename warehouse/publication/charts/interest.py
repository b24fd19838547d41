"""What the debt costs: interest over receipts, and average rates."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, crosshair, inline, lines
from warehouse.publication.charts.words import month, usd_bn

_COSTS = {"marketable_rate_pct": "all marketable debt", "bills_rate_pct": "bills", "notes_rate_pct": "notes"}


def _interest_title(data: pl.DataFrame) -> str:
    row = data.drop_nulls("interest_to_receipts_pct").row(-1, named=True)
    return (
        f"Interest on marketable debt took {row['interest_to_receipts_pct']:.1f} % of receipts in the twelve months to "
        f"{month(row['month_date'])}, at an average rate of {row['marketable_rate_pct']:.2f} %"
    )


def _interest_alt(data: pl.DataFrame) -> str:
    row = data.drop_nulls("interest_to_receipts_pct").row(-1, named=True)
    low = data.drop_nulls("interest_to_receipts_pct").sort("interest_to_receipts_pct").row(0, named=True)
    return (
        f"Two panels by month. Interest of twelve months over receipts: {row['interest_to_receipts_pct']:.1f} % in "
        f"{month(row['month_date'])} ({usd_bn(row['interest_12m_usd_bn'])}), lowest "
        f"{low['interest_to_receipts_pct']:.1f} % in {month(low['month_date'])}. Average rates: bills "
        f"{row['bills_rate_pct']:.2f} %, notes {row['notes_rate_pct']:.2f} %."
    )


def _draw_interest(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "month_date"
    tips = {
        "interest_to_receipts_pct": ("interest over receipts, %", ".1f"),
        "interest_12m_usd_bn": ("interest of twelve months, $bn", ",.0f"),
        **{name: (f"average rate, {label}, %", ".2f") for name, label in _COSTS.items()},
    }
    share = alt.layer(
        lines(day, {"interest_to_receipts_pct": "share"}, "interest of twelve months over receipts, percent", place=4),
        crosshair(day, tips, name="-share"),
    ).properties(width=WIDTH, height=160)
    rates = alt.layer(
        lines(day, _COSTS, "average rate, percent", axis_format=".1f"), crosshair(day, tips, name="-rates")
    ).properties(width=WIDTH, height=180)
    return alt.vconcat(rates, share, data=inline(data), spacing=32)


INTEREST = Chart(
    id="interest_over_receipts",
    mart="interest_cost_monthly",
    query="""
        SELECT
            month_date,
            round(interest_to_receipts_pct, 2) AS interest_to_receipts_pct,
            round(interest_12m_usd_bn, 1) AS interest_12m_usd_bn,
            round(marketable_rate_pct, 3) AS marketable_rate_pct,
            bills_rate_pct,
            notes_rate_pct
        FROM marts.interest_cost_monthly
        WHERE marketable_rate_pct IS NOT NULL
        ORDER BY month_date
    """,
    title=_interest_title,
    draw=_draw_interest,
    alt=_interest_alt,
    datasets=("fiscaldata.avg_interest_rates", "fiscaldata.mspd_table_1", "fiscaldata.mts_table_1"),
    note="Average rate times debt of each month; inflation compensation of TIPS and interest to government accounts "
    "are not in it.",
)

CHARTS = (INTEREST,)
