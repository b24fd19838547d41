"""Charts of what moves the Treasury's account: taxes, outlays, debt."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.later import alt
from warehouse.publication.charts.look import WIDTH, inline, stacked
from warehouse.publication.charts.words import direction, month, usd_bn

_FLOWS = {
    "taxes_usd_bn": "taxes and customs",
    "outlays_usd_bn": "paid out, without debt",
    "debt_usd_bn": "debt issued less redeemed",
    "other_deposits_usd_bn": "other deposits",
}


def _flows_title(data: pl.DataFrame) -> str:
    row = data.row(-1, named=True)
    return (
        f"In {month(row['month_end_date'])} the Treasury's account {direction(row['net_flow_usd_bn'])} by "
        f"{usd_bn(abs(row['net_flow_usd_bn']))}: taxes brought {usd_bn(row['taxes_usd_bn'])}, "
        f"{usd_bn(-row['outlays_usd_bn'])} were paid out, debt {direction(row['debt_usd_bn'], 'added', 'took')} "
        f"{usd_bn(abs(row['debt_usd_bn']))}"
    )


def _flows_alt(data: pl.DataFrame) -> str:
    ranked = data.sort("net_flow_usd_bn")
    low, high = ranked.row(0, named=True), ranked.row(-1, named=True)
    return (
        f"Bars by month to {month(data['month_end_date'][-1])}: taxes, outlays as negative, debt for cash, other "
        f"deposits; a mark for their sum, the change of the account: lowest {usd_bn(low['net_flow_usd_bn'])} in "
        f"{month(low['month_end_date'])}, highest {usd_bn(high['net_flow_usd_bn'])} in {month(high['month_end_date'])}."
    )


def _draw_flows(data: pl.DataFrame) -> alt.TopLevelMixin:
    axis = alt.Axis(title=None, format="%b %Y", labelAngle=0, labelOverlap=True, ticks=False)
    category = alt.X("yearmonth(month_end_date):O", axis=axis)
    bars = stacked(
        category, _FLOWS, "billions of US dollars; marks: change of the account", residual="other_deposits_usd_bn"
    )
    change = alt.Chart().mark_point(style="total", shape="diamond", size=70).encode(x=category, y="net_flow_usd_bn:Q")
    return alt.layer(bars, change, data=inline(data)).properties(width=WIDTH, height=320)


FLOWS = Chart(
    id="treasury_flows",
    essay_id="",
    link="deficit",
    mart="fiscal_flows_daily",
    query="""
        SELECT
            last_day(effective_date) AS month_end_date,
            round(sum(taxes_usd_bn), 1) AS taxes_usd_bn,
            round(sum(other_deposits_usd_bn), 1) AS other_deposits_usd_bn,
            round(-sum(withdrawals_usd_bn - debt_redemptions_usd_bn), 1) AS outlays_usd_bn,
            round(sum(debt_flow_usd_bn), 1) AS debt_usd_bn,
            round(sum(net_flow_usd_bn), 1) AS net_flow_usd_bn
        FROM marts.fiscal_flows_daily
        WHERE effective_date < (SELECT date_trunc('month', max(effective_date)) FROM marts.fiscal_flows_daily)
            AND effective_date >= (SELECT date_trunc('month', max(effective_date)) - INTERVAL 24 MONTH
                FROM marts.fiscal_flows_daily)
        GROUP BY 1
        HAVING count(net_flow_usd_bn) = count(*)
        ORDER BY 1
    """,
    title=_flows_title,
    draw=_draw_flows,
    alt=_flows_alt,
    day="month_end_date",
    datasets=("fiscaldata.deposits_withdrawals_operating_cash",),
    note="Cash by the Daily Treasury Statement, whole months. Taxes before refunds; refunds are in what is paid out.",
)

CHARTS = (FLOWS,)
