"""Charts of the Treasury's cash and borrowing: what moves its account, and what it borrows against its estimates."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, amount, by_month, crosshair, inline, lines, stacked
from warehouse.publication.charts.words import direction, month, quarter, usd_bn

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
    category, data = by_month(data, "month_end_date")
    bars = stacked(
        category, _FLOWS, "billions of US dollars; marks: change of the account", residual="other_deposits_usd_bn"
    )
    change = alt.Chart().mark_point(style="total", shape="diamond", size=70).encode(x=category, y="net_flow_usd_bn:Q")
    return alt.layer(bars, change, data=inline(data)).properties(width=WIDTH, height=320)


FLOWS = Chart(
    id="treasury_flows",
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
    datasets=("fiscaldata.deposits_withdrawals_operating_cash",),
    note="Cash by the Daily Treasury Statement, whole months. Taxes before refunds; refunds are in what is paid out.",
)

_ESTIMATES = {
    "second_estimate_usd_bn": "estimate of the same quarter",
    "first_estimate_usd_bn": "estimate of the quarter before",
}


def _borrowing_title(data: pl.DataFrame) -> str:
    row = data.row(-1, named=True)
    missed = row["second_estimate_missed_by_usd_bn"]
    head = (
        f"The Treasury borrowed {usd_bn(row['privately_held_borrowing_usd_bn'])} outside the Fed in "
        f"{quarter(row['quarter_date'])}"
    )
    if missed is None:
        return f"{head}; no estimate of the quarter is held"
    return f"{head}, {usd_bn(abs(missed))} {'more' if missed >= 0 else 'less'} than it had estimated in the quarter"


def _borrowing_alt(data: pl.DataFrame) -> str:
    missed = data.drop_nulls("first_estimate_missed_by_usd_bn").with_columns(
        size=pl.col("first_estimate_missed_by_usd_bn").abs()
    )
    worst = missed.sort("size").row(-1, named=True)
    return (
        f"Bars by quarter from {quarter(data['quarter_date'][0])}: privately held net marketable borrowing as stated, "
        f"points for the two estimates. The first estimate missed by {usd_bn(missed['size'].median())} in the median, "
        f"most in {quarter(worst['quarter_date'])} ({usd_bn(worst['size'])})."
    )


def _draw_borrowing(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "quarter_date"
    bars = (
        alt.Chart()
        .mark_bar(style="series9", width=9)
        .encode(x=f"{day}:T", y=amount("privately_held_borrowing_usd_bn", "billions of US dollars; bars: as stated"))
    )
    tips = {
        "privately_held_borrowing_usd_bn": ("stated, $bn", ",.0f"),
        **{name: (f"{label}, $bn", ",.0f") for name, label in _ESTIMATES.items()},
        "computed_borrowing_usd_bn": ("computed, $bn", ",.1f"),
    }
    return alt.layer(
        bars,
        lines(day, _ESTIMATES, "billions of US dollars; bars: as stated", points=True, width=0.8),
        crosshair(day, tips),
        data=inline(data),
    ).properties(width=WIDTH, height=300)


BORROWING = Chart(
    id="privately_held_borrowing",
    mart="privately_held_borrowing_quarterly",
    query="""
        SELECT
            quarter_date,
            privately_held_borrowing_usd_bn,
            first_estimate_usd_bn,
            second_estimate_usd_bn,
            first_estimate_missed_by_usd_bn,
            second_estimate_missed_by_usd_bn,
            round(computed_borrowing_usd_bn, 1) AS computed_borrowing_usd_bn
        FROM marts.privately_held_borrowing_quarterly
        WHERE privately_held_borrowing_usd_bn IS NOT NULL
        ORDER BY quarter_date
    """,
    title=_borrowing_title,
    draw=_draw_borrowing,
    alt=_borrowing_alt,
    datasets=("fiscaldata.public_debt_transactions", "nyfed.soma_summary"),
    has_facts=True,
    note="Quarterly releases of the Treasury: net marketable borrowing without what the Fed rolls over, with "
    "what it lets run off.",
)

CHARTS = (FLOWS, BORROWING)
