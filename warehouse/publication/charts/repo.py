"""Charts of the repo market: its volume against the debt, and the money funds that lend in it."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, amount, crosshair, days, inline, legend_labels, lines
from warehouse.publication.charts.words import change_over, direction, month, usd_bn


def _volume_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    steps = data.select(
        volume=change_over(pl.col("sofr_volume_usd_bn").log(), "month_date", 1, (28, 31)),
        debt=change_over(pl.col("marketable_debt_usd_bn").log(), "month_date", 1, (28, 31)),
    ).drop_nulls()
    if data.height == 1:
        return (
            f"In {month(last['month_date'])} SOFR had a volume of {usd_bn(last['sofr_volume_usd_bn'])} a day and "
            f"{usd_bn(last['marketable_debt_usd_bn'])} of marketable debt were out"
        )
    head = (
        f"Since {month(data['month_date'][0])} SOFR volume grew {last['sofr_volume_index'] / 100:.1f}-fold and "
        f"marketable debt {last['debt_index'] / 100:.1f}-fold"
    )
    if steps.height < 12:
        return head
    return f"{head}; their monthly changes correlate at {steps.select(pl.corr('volume', 'debt')).item():+.2f}"


def _volume_alt(data: pl.DataFrame) -> str:
    first, last = data.row(0, named=True), data.row(-1, named=True)
    return (
        f"Two lines by month, both 100 in {month(first['month_date'])}. SOFR volume from "
        f"{usd_bn(first['sofr_volume_usd_bn'])} to {usd_bn(last['sofr_volume_usd_bn'])} a day in "
        f"{month(last['month_date'])}, marketable Treasury debt from {usd_bn(first['marketable_debt_usd_bn'])} to "
        f"{usd_bn(last['marketable_debt_usd_bn'])}."
    )


def _draw_volume(data: pl.DataFrame) -> alt.TopLevelMixin:
    series = {"sofr_volume_index": "SOFR volume", "debt_index": "marketable Treasury debt"}
    tips = {
        "sofr_volume_usd_bn": ("SOFR volume, $bn a day", ",.0f"),
        "marketable_debt_usd_bn": ("Marketable debt, $bn", ",.0f"),
        "sofr_volume_index": ("SOFR volume, index", ",.0f"),
        "debt_index": ("Debt, index", ",.0f"),
    }
    return alt.layer(
        lines("month_date", series, f"index, {month(data['month_date'][0])} = 100"),
        crosshair("month_date", tips),
        data=inline(data),
    ).properties(width=WIDTH, height=320)


VOLUME = Chart(
    id="sofr_volume_against_debt",
    essay_id="G5",
    mart="repo_market_daily",
    query="""
        WITH volume AS (
            SELECT last_day(effective_date) AS month_date, avg(sofr_volume_usd_bn) AS volume_usd_bn
            FROM marts.repo_market_daily
            WHERE sofr_volume_usd_bn IS NOT NULL
            GROUP BY 1
        ),
        debt AS (
            SELECT DISTINCT statement_date AS month_date, statement_total_usd_bn AS debt_usd_bn
            FROM marts.treasury_maturity_wall_monthly
        )
        SELECT
            volume.month_date,
            round(volume.volume_usd_bn, 1) AS sofr_volume_usd_bn,
            round(debt.debt_usd_bn, 1) AS marketable_debt_usd_bn,
            round(100 * volume.volume_usd_bn / first(volume.volume_usd_bn) OVER by_month, 2) AS sofr_volume_index,
            round(100 * debt.debt_usd_bn / first(debt.debt_usd_bn) OVER by_month, 2) AS debt_index
        FROM volume
        INNER JOIN debt USING (month_date)
        WINDOW by_month AS (ORDER BY volume.month_date)
        ORDER BY volume.month_date
    """,
    title=_volume_title,
    draw=_draw_volume,
    alt=_volume_alt,
    datasets=("nyfed.reference_rates", "fiscaldata.mspd_table_3_market"),
    note="Volume: mean of the month, all tri-party, GCF and cleared bilateral repo behind SOFR, a loose proxy of "
    "hedge funds' borrowing. Debt: marketable, end of the month. Levels that both grow correlate whatever the "
    "cause; changes need not.",
)

_FUNDS = {
    "treasuries_usd_bn": "Treasuries",
    "repo_with_fed_usd_bn": "repo with the Fed",
    "repo_without_fed_usd_bn": "other repo",
    "everything_else_usd_bn": "everything else",
}


def _funds_title(data: pl.DataFrame) -> str:
    last, top = data.row(-1, named=True), data.sort("repo_with_fed_usd_bn").row(-1, named=True)
    change = last["treasuries_usd_bn"] - top["treasuries_usd_bn"]
    head = f"Money funds' repo with the Fed: {usd_bn(top['repo_with_fed_usd_bn'])} in {month(top['month_date'])}, "
    if top["month_date"] == last["month_date"]:
        return f"{head}the most on record here; their Treasuries were {usd_bn(last['treasuries_usd_bn'])}"
    return (
        f"{head}{usd_bn(last['repo_with_fed_usd_bn'])} in {month(last['month_date'])}; their Treasuries "
        f"{direction(change)} by {usd_bn(abs(change))} meanwhile"
    )


def _funds_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    parts = ", ".join(f"{label} {usd_bn(last[name])}" for name, label in _FUNDS.items())
    return (
        f"What US money funds hold, stacked, by month from {month(data['month_date'][0])}. "
        f"{month(last['month_date'])}: {parts}."
    )


def _draw_funds(data: pl.DataFrame) -> alt.TopLevelMixin:
    names = list(_FUNDS)
    areas = (
        alt.Chart()
        .transform_fold(names, as_=["series", "value"])
        .transform_calculate(order=f"indexof({names!r}, datum.series)")
        .mark_area(style="stack")
        .encode(
            x=days("month_date"),
            y=amount("value", "billions of US dollars", stack="zero"),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=names),
                legend=alt.Legend(labelExpr=legend_labels(_FUNDS), symbolType="square"),
            ),
            order="order:Q",
        )
    )
    tips = {name: (f"{label}, $bn", ",.0f") for name, label in _FUNDS.items()}
    return alt.layer(areas, crosshair("month_date", tips), data=inline(data)).properties(width=WIDTH, height=320)


FUNDS = Chart(
    id="money_fund_allocation",
    mart="money_fund_allocation_monthly",
    query="SELECT month_date, "
    + ", ".join(f"round({name}, 1) AS {name}" for name in _FUNDS)
    + """
        FROM marts.money_fund_allocation_monthly
        WHERE repo_with_fed_usd_bn IS NOT NULL AND treasuries_usd_bn IS NOT NULL AND everything_else_usd_bn IS NOT NULL
        ORDER BY month_date
    """,
    title=_funds_title,
    draw=_draw_funds,
    alt=_funds_alt,
    datasets=("ofr.short_term_funding",),
    note="Treasuries of all kinds: the OFR has no series of bills alone. Months without a figure for repo with the "
    "Fed are left out.",
)

CHARTS = (VOLUME, FUNDS)
