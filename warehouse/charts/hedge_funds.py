"""Charts of hedge funds: what TIC sees of them in the Cayman Islands, and the basis trade."""

from __future__ import annotations

import altair as alt
import polars as pl

from warehouse.charts.chart import Chart
from warehouse.charts.look import WIDTH, crosshair, inline, level, lines
from warehouse.charts.words import direction, month, usd_bn

_FLOWS = {
    "net_issuance_usd_bn": "net issuance of notes, bonds and TIPS",
    "other_foreigners_usd_bn": "other foreigners, net purchases",
    "cayman_usd_bn": "Cayman Islands, net purchases",
    "fed_usd_bn": "Federal Reserve, change of holdings",
}


def _cayman_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    cayman, others, issued = (
        last[name] for name in ("cayman_usd_bn", "other_foreigners_usd_bn", "net_issuance_usd_bn")
    )
    return (
        f"Since {month(data['month_date'][0])} the custodians' reports show Cayman purchases of {usd_bn(cayman)}, "
        f"{100 * cayman / issued:.0f} % of net issuance of notes and bonds; other foreigners bought {usd_bn(others)}"
    )


def _cayman_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    parts = ", ".join(f"{label} {usd_bn(last[name])}" for name, label in _FLOWS.items())
    return f"Sums from {month(data['month_date'][0])} to {month(last['month_date'])}: {parts}."


def _cayman_note(data: pl.DataFrame) -> str:
    stated = data["fed_note_2022_to_2024_usd_bn"][0]
    words = (
        f"The Fed's note of 2025-10-15, which the essay quotes, puts Cayman hedge funds at {usd_bn(stated)} for 2022 "
        "to 2024: it adds what custodians do not report. "
        if stated is not None
        else ""
    )
    return f"{words}Flows of TIC join holdings only from February 2023 on; bills are in the purchases."


def _draw_cayman(data: pl.DataFrame) -> alt.TopLevelMixin:
    return alt.layer(
        level(0.0),
        lines("month_date", _FLOWS, "sum since the first month, billions of US dollars"),
        crosshair("month_date", {name: (f"{label}, $bn", ",.0f") for name, label in _FLOWS.items()}),
        data=inline(data),
    ).properties(width=WIDTH, height=320)


CAYMAN = Chart(
    id="cayman_and_other_foreign_purchases",
    essay_id="G4",
    link="hedge_funds",
    mart="foreign_holdings_total_monthly",
    query="""
        WITH flows AS (
            SELECT month_date, cayman_net_purchases_usd_bn, net_purchases_usd_bn
            FROM marts.foreign_holdings_total_monthly
            WHERE is_flow_comparable AND cayman_net_purchases_usd_bn IS NOT NULL AND net_purchases_usd_bn IS NOT NULL
        ),
        issued AS (
            SELECT
                last_day(effective_date) AS month_date,
                sum(notes_net_usd_bn + bonds_net_usd_bn + coalesce(tips_accretion_usd_bn, 0)) AS net_usd_bn
            FROM marts.treasury_issuance_daily
            GROUP BY 1
        ),
        fed AS (
            SELECT last_day(wednesday_date) AS month_date, sum(treasuries_change_usd_bn) AS change_usd_bn
            FROM marts.fed_balance_sheet_weekly
            GROUP BY 1
        )
        SELECT
            flows.month_date,
            round(sum(issued.net_usd_bn) OVER so_far, 1) AS net_issuance_usd_bn,
            round(sum(flows.net_purchases_usd_bn - flows.cayman_net_purchases_usd_bn) OVER so_far, 1)
                AS other_foreigners_usd_bn,
            round(sum(flows.cayman_net_purchases_usd_bn) OVER so_far, 1) AS cayman_usd_bn,
            round(sum(fed.change_usd_bn) OVER so_far, 1) AS fed_usd_bn,
            (SELECT round(sum(fed_note_cayman_net_purchases_mean_usd_bn), 1) FROM marts.marginal_buyers_quarterly)
                AS fed_note_2022_to_2024_usd_bn
        FROM flows
        INNER JOIN issued USING (month_date)
        INNER JOIN fed USING (month_date)
        WINDOW so_far AS (ORDER BY flows.month_date)
        ORDER BY flows.month_date
    """,
    title=_cayman_title,
    draw=_draw_cayman,
    alt=_cayman_alt,
    day="month_date",
    datasets=("tic.slt_country_flows", "fiscaldata.public_debt_transactions", "frb.h41"),
    note=_cayman_note,
)

_BASIS = {
    "short_usd_bn": "leveraged funds short in Treasury futures",
    "long_usd_bn": "leveraged funds long",
    "repo_borrowing_usd_bn": "hedge funds' repo borrowing, all purposes",
}


def _basis_title(data: pl.DataFrame) -> str:
    futures = data.drop_nulls("short_usd_bn")
    last, top = futures.row(-1, named=True), futures.sort("short_usd_bn").row(-1, named=True)
    year = futures.filter(
        pl.col("report_date") <= last["report_date"].replace(day=1).replace(year=last["report_date"].year - 1)
    )
    head = f"Leveraged funds were short {usd_bn(last['short_usd_bn'])} of Treasury futures on {last['report_date']}"
    if top["report_date"] == last["report_date"]:
        return f"{head}, the most on record here"
    if year.is_empty():
        return head
    change = last["short_usd_bn"] - year["short_usd_bn"][-1]
    return (
        f"{head}, {usd_bn(abs(change))} {direction(change, 'more', 'less')} than a year before; the peak was "
        f"{usd_bn(top['short_usd_bn'])} on {top['report_date']}"
    )


def _basis_alt(data: pl.DataFrame) -> str:
    futures, repo = data.drop_nulls("short_usd_bn"), data.drop_nulls("repo_borrowing_usd_bn")
    last = futures.row(-1, named=True)
    text = (
        f"By week from {futures['report_date'][0]}: leveraged funds' gross short and long positions in Treasury "
        f"futures at "
        f"face value, on {last['report_date']} short {usd_bn(last['short_usd_bn'])} and long "
        f"{usd_bn(last['long_usd_bn'])}."
    )
    if repo.is_empty():
        return text
    row = repo.row(-1, named=True)
    borrowed = usd_bn(row["repo_borrowing_usd_bn"])
    return f"{text} Hedge funds' repo borrowing by quarter: {borrowed} on {row['report_date']}."


def _draw_basis(data: pl.DataFrame) -> alt.TopLevelMixin:
    tips = {name: (f"{label}, $bn", ",.0f") for name, label in _BASIS.items()}
    return alt.layer(
        lines("report_date", _BASIS, "billions of US dollars", zero=True, bridged=True),
        crosshair("report_date", tips),
        data=inline(data),
    ).properties(width=WIDTH, height=320)


BASIS = Chart(
    id="basis_trade",
    essay_id="",
    link="hedge_funds",
    mart="basis_trade_total_weekly",
    query="""
        SELECT
            coalesce(futures.report_date, funds.quarter_date) AS report_date,
            round(futures.short_usd_bn, 1) AS short_usd_bn,
            round(futures.long_usd_bn, 1) AS long_usd_bn,
            round(funds.repo_borrowing_usd_bn, 1) AS repo_borrowing_usd_bn
        FROM marts.basis_trade_total_weekly AS futures
        FULL JOIN (
            SELECT quarter_date, repo_borrowing_usd_bn
            FROM marts.hedge_fund_exposure_quarterly
            WHERE quarter_date >= (SELECT min(report_date) FROM marts.basis_trade_total_weekly)
        ) AS funds ON futures.report_date = funds.quarter_date
        ORDER BY report_date
    """,
    title=_basis_title,
    draw=_draw_basis,
    alt=_basis_alt,
    day="report_date",
    datasets=("cftc.traders_in_financial_futures", "ofr.hedge_fund_monitor"),
    note="Face value; futures are short for other ends too, so the proxy overstates the basis trade. Repo borrowing "
    "is of "
    "qualifying hedge funds (Form PF) for all strategies, quarter ends joined by straight lines.",
)

CHARTS = (CAYMAN, BASIS)
