"""Charts of hedge funds: what TIC sees of them in the Cayman Islands, and the basis trade."""

from __future__ import annotations

from typing import Any

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, crosshair, inline, level, lines
from warehouse.publication.charts.words import direction, month, usd_bn, year_before

_FLOWS = {
    "net_issuance_usd_bn": "net issuance of notes, bonds and TIPS",
    "other_foreigners_usd_bn": "other foreigners, net purchases",
    "cayman_usd_bn": "Cayman Islands, net purchases",
    "fed_usd_bn": "Federal Reserve, change of holdings",
}


# What the note measures and what it is compared with, in the same years: column -> what, source, line of its colour.
_NOTE = {
    "fed_note_2022_to_2024_usd_bn": ("Cayman hedge funds", "Fed's note, from Form PF", "cayman_usd_bn"),
    "others_2022_to_2024_usd_bn": ("all other foreigners", "change of value, TIC", "other_foreigners_usd_bn"),
    "notes_and_bonds_2022_to_2024_usd_bn": ("net notes and bonds", "without accretion", "net_issuance_usd_bn"),
    "with_accretion_2022_to_2024_usd_bn": ("net notes and bonds", "with accretion of TIPS", "net_issuance_usd_bn"),
    "fed_2022_to_2024_usd_bn": ("Federal Reserve", "change at face, H.4.1", "fed_usd_bn"),
}


def _cayman_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    stated, coupons = last["fed_note_2022_to_2024_usd_bn"], last["with_accretion_2022_to_2024_usd_bn"]
    if stated is not None and coupons is not None:
        return (
            f"The Fed's note has Cayman hedge funds buy {usd_bn(stated)} in 2022 to 2024, {100 * stated / coupons:.0f} "
            f"% of net notes and bonds; custodians' reports show {usd_bn(last['cayman_usd_bn'])} since "
            f"{month(data['month_date'][0])}"
        )
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
    stated = ", ".join(
        f"{what} ({source}) {usd_bn(last[name])}" for name, (what, source, _) in _NOTE.items() if last[name] is not None
    )
    return (
        f"Sums from {month(data['month_date'][0])} to {month(last['month_date'])}: {parts}. Bars for 2022 to 2024: "
        f"{stated or 'not all held'}."
    )


def _cayman_note(data: pl.DataFrame) -> str:
    stated = data["fed_note_2022_to_2024_usd_bn"][0]
    words = (
        "The Fed's note of 2025-10-15, which the essay quotes, adds to the Cayman hedge funds what custodians do not "
        "report; its figure is a dated fact. "
        if stated is not None
        else ""
    )
    return f"{words}Flows of TIC join holdings only from February 2023 on; bills are in the purchases."


def _draw_note(row: dict[str, Any]) -> alt.LayerChart:
    """Bars of the years that the note sums up, in the colours of the lines."""
    held = [(what, source, line, row[name]) for name, (what, source, line) in _NOTE.items() if row[name] is not None]
    frame = pl.DataFrame(held, schema=["what", "source", "line", "usd_bn"], orient="row").with_columns(
        name=pl.format("{}: {}", "what", "source"), end=pl.max_horizontal("usd_bn", 0)
    )
    rows = alt.Y("name:N", sort=frame["name"].to_list(), axis=None)
    across = alt.X(
        "usd_bn:Q",
        scale=alt.Scale(domainMax=1.2 * frame["usd_bn"].max()),  # room for the figure behind the longest bar
        axis=alt.Axis(title="2022 to 2024, billions of US dollars", format=",.0f", grid=True, tickCount=6),
    )
    tip = [alt.Tooltip("what:N"), alt.Tooltip("source:N"), alt.Tooltip("usd_bn:Q", format=",.0f")]
    # A layer for each colour: a colour scale would make the lines' legend come twice.
    bars = [
        alt.Chart(inline(frame.filter(pl.col("line") == line)))
        .mark_bar(style=f"series{place}", size=12, yOffset=7)
        .encode(x=across, y=rows, tooltip=tip)
        for place, line in enumerate(_FLOWS, 1)
    ]
    numbers = (
        alt.Chart()
        .mark_text(style="value", align="left", dx=5, dy=7)
        .encode(x="end:Q", y=rows, text=alt.Text("usd_bn:Q", format="+,.0f"))
    )
    names = alt.Chart().mark_text(style="value", align="left", dy=-8).encode(x=alt.XValue(0), y=rows, text="name:N")
    return alt.layer(*bars, numbers, names, data=inline(frame)).properties(width=WIDTH, height=36 * frame.height)


def _draw_cayman(data: pl.DataFrame) -> alt.TopLevelMixin:
    flows = alt.layer(
        level(0.0),
        lines("month_date", _FLOWS, f"sum since {month(data['month_date'][0])}, billions of US dollars"),
        crosshair("month_date", {name: (f"{label}, $bn", ",.0f") for name, label in _FLOWS.items()}),
        data=inline(data.drop(_NOTE)),
    ).properties(width=WIDTH, height=260)
    row = data.row(-1, named=True)
    if all(row[name] is None for name in _NOTE):
        return flows
    return alt.vconcat(flows, _draw_note(row), spacing=30)


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
        ),
        -- The years that the Fed's note sums up; nothing where a quarter or year of them is not held.
        buyers_of_note AS (
            SELECT
                round(sum(fed_note_cayman_net_purchases_mean_usd_bn), 1) AS fed_note_2022_to_2024_usd_bn,
                CASE WHEN count(foreign_official_usd_bn + foreign_private_ex_cayman_usd_bn) = 12
                    THEN round(sum(foreign_official_usd_bn + foreign_private_ex_cayman_usd_bn), 1)
                END AS others_2022_to_2024_usd_bn,
                CASE WHEN count(fed_usd_bn) = 12 THEN round(sum(fed_usd_bn), 1) END AS fed_2022_to_2024_usd_bn
            FROM marts.marginal_buyers_quarterly
            WHERE quarter_date BETWEEN DATE '2022-03-31' AND DATE '2024-12-31'
        ),
        issued_of_note AS (
            SELECT
                CASE WHEN count(*) = 3 THEN round(sum(notes_and_bonds_net_usd_bn), 1) END
                    AS notes_and_bonds_2022_to_2024_usd_bn,
                CASE WHEN count(*) = 3 THEN round(sum(notes_and_bonds_net_usd_bn + tips_accretion_usd_bn), 1) END
                    AS with_accretion_2022_to_2024_usd_bn
            FROM marts.treasury_issuance_period
            WHERE period_kind = 'calendar_year' AND is_complete
              AND period_start_date BETWEEN DATE '2022-01-01' AND DATE '2024-01-01'
        )
        SELECT
            flows.month_date,
            round(sum(issued.net_usd_bn) OVER so_far, 1) AS net_issuance_usd_bn,
            round(sum(flows.net_purchases_usd_bn - flows.cayman_net_purchases_usd_bn) OVER so_far, 1)
                AS other_foreigners_usd_bn,
            round(sum(flows.cayman_net_purchases_usd_bn) OVER so_far, 1) AS cayman_usd_bn,
            round(sum(fed.change_usd_bn) OVER so_far, 1) AS fed_usd_bn,
            buyers_of_note.*,
            issued_of_note.*
        FROM flows
        INNER JOIN issued USING (month_date)
        INNER JOIN fed USING (month_date)
        CROSS JOIN buyers_of_note
        CROSS JOIN issued_of_note
        WINDOW so_far AS (ORDER BY flows.month_date)
        ORDER BY flows.month_date
    """,
    title=_cayman_title,
    draw=_draw_cayman,
    alt=_cayman_alt,
    datasets=(
        "tic.slt_country_flows",
        "tic.major_foreign_holders",
        "fiscaldata.public_debt_transactions",
        "fred.observations",
    ),
    has_facts=True,
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
    head = f"Leveraged funds were short {usd_bn(last['short_usd_bn'])} of Treasury futures on {last['report_date']}"
    if top["report_date"] == last["report_date"]:
        return f"{head}, the most on record here"
    before = year_before(futures, "report_date")
    if before is not None:
        change = last["short_usd_bn"] - before["short_usd_bn"]
        head = f"{head}, {usd_bn(abs(change))} {direction(change, 'more', 'less')} than a year before"
    return f"{head}; the peak was {usd_bn(top['short_usd_bn'])} on {top['report_date']}"


def _basis_alt(data: pl.DataFrame) -> str:
    futures, repo = data.drop_nulls("short_usd_bn"), data.drop_nulls("repo_borrowing_usd_bn")
    last = futures.row(-1, named=True)
    text = (
        f"By week from {futures['report_date'][0]}: leveraged funds' gross short and long positions in Treasury "
        f"futures at face value, on {last['report_date']} short {usd_bn(last['short_usd_bn'])} and long "
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
    datasets=("cftc.traders_in_financial_futures", "ofr.hedge_fund_monitor"),
    note="Face value; futures are short for other ends too, so the proxy overstates the basis trade. Repo borrowing "
    "is of qualifying hedge funds (Form PF) for all strategies, quarter ends joined by straight lines.",
)

CHARTS = (CAYMAN, BASIS)
