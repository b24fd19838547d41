"""Charts of the deficit, what is issued to finance it, and the Treasury's cash."""

from __future__ import annotations

import altair as alt
import polars as pl

from warehouse.charts.chart import Chart
from warehouse.charts.look import WIDTH, crosshair, inline, lines, runs, shade
from warehouse.charts.words import usd_bn


def _cash_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    head = f"The Treasury held {usd_bn(last['closing_balance_usd_bn'])} on {last['effective_date']}"
    judged = data.drop_nulls("excess_over_assumed_usd_bn")
    if judged.is_empty():
        return head
    target = judged.row(-1, named=True)
    excess, assumed = target["excess_over_assumed_usd_bn"], usd_bn(target["assumed_cash_balance_usd_bn"])
    gap = f"{usd_bn(abs(excess))} {'above' if excess > 0 else 'below'}" if round(excess) else "just"
    if target["effective_date"] == last["effective_date"]:
        return f"{head}, {gap} the {assumed} it had assumed"
    return f"{head}; it was {gap} the {assumed} it had assumed on {target['effective_date']}, the last day so covered"


def _cash_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    low = data.sort("closing_balance_usd_bn").row(0, named=True)
    high = data.sort("closing_balance_usd_bn").row(-1, named=True)
    return (
        f"Closing balance of the Treasury at the Fed by business day from {data['effective_date'].min()}, and the "
        f"balance that its newest estimate assumed: {usd_bn(last['closing_balance_usd_bn'])} on "
        f"{last['effective_date']}, lowest "
        f"{usd_bn(low['closing_balance_usd_bn'])} on {low['effective_date']}, highest "
        f"{usd_bn(high['closing_balance_usd_bn'])} on {high['effective_date']}. Shaded: debt limit binding, shutdown."
    )


def _draw_cash(data: pl.DataFrame) -> alt.LayerChart:
    return alt.layer(
        shade(runs(data, "effective_date", "fiscal_state")),
        lines(
            "effective_date",
            {
                "closing_balance_usd_bn": "Closing balance",
                "assumed_cash_balance_usd_bn": "Assumed for quarter's end",
            },
            "billions of US dollars",
            zero=True,
        ),
        crosshair(
            "effective_date",
            {
                "closing_balance_usd_bn": ("Closing balance, $bn", ",.1f"),
                "assumed_cash_balance_usd_bn": ("Assumed, $bn", ",.0f"),
                "excess_over_assumed_usd_bn": ("Excess, $bn", "+,.1f"),
            },
        ),
        data=inline(data.drop("fiscal_state")),
    ).properties(width=WIDTH, height=320)


CASH = Chart(
    id="treasury_cash_against_assumed",
    essay_id="G10",
    link="deficit",
    mart="treasury_cash_daily",
    query="""
        SELECT
            effective_date,
            round(closing_balance_usd_bn, 1) AS closing_balance_usd_bn,
            assumed_cash_balance_usd_bn,
            round(excess_over_assumed_usd_bn, 1) AS excess_over_assumed_usd_bn,
            CASE
                WHEN is_government_shutdown AND shutdown_scope = 'full' THEN 'shutdown'
                WHEN is_debt_limit_binding THEN 'debt limit'
            END AS fiscal_state
        FROM marts.treasury_cash_daily
        WHERE closing_balance_usd_bn IS NOT NULL
        ORDER BY effective_date
    """,
    title=_cash_title,
    draw=_draw_cash,
    alt=_cash_alt,
    day="effective_date",
    datasets=("fiscaldata.operating_cash_balance",),
    has_facts=True,
    note="Shaded: days on which the debt limit bound, or all appropriations had lapsed.",
)

CHARTS = (CASH,)
