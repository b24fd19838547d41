"""Charts of who buys: foreign officials, banks, everybody by quarter, bidders at auctions, money and banks."""

from __future__ import annotations

from typing import Any

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, crosshair, inline, level, lines, moments, stacked
from warehouse.publication.charts.words import direction, month, quarter, unbroken, usd_bn


def _turn(data: pl.DataFrame) -> dict[str, Any] | None:
    """The month that the essay names, if it is held."""
    marked = data.filter(pl.col("is_named_month"))
    return marked.row(0, named=True) if marked.height else None


def _gold_title(data: pl.DataFrame) -> str:
    start = _turn(data) or data.row(0, named=True)
    last = data.row(-1, named=True)
    gold = 100 * (last["gold_usd_per_ozt"] / start["gold_usd_per_ozt"] - 1)
    held = last["official_usd_bn"] - start["official_usd_bn"]
    return (
        f"Since {month(start['month_date'])} gold {direction(gold)} {abs(gold):.0f} %, while foreign officials' "
        f"Treasuries {direction(held)} by {usd_bn(abs(held))}, {abs(100 * held / start['official_usd_bn']):.0f} %"
    )


def _gold_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    first = data.row(0, named=True)
    return (
        f"Two panels by month from {month(first['month_date'])} to {month(last['month_date'])}. Gold from "
        f"${first['gold_usd_per_ozt']:,.0f} to ${last['gold_usd_per_ozt']:,.0f} an ounce. Treasuries held by foreign "
        f"governments and central banks from {usd_bn(first['official_usd_bn'])} to {usd_bn(last['official_usd_bn'])}, "
        f"{last['official_share_pct']:.0f} percent of all that is held abroad."
    )


def _draw_gold(data: pl.DataFrame) -> alt.TopLevelMixin:
    start = _turn(data)
    tips = {
        "gold_usd_per_ozt": ("Gold, $ an ounce", ",.0f"),
        "official_usd_bn": ("Foreign official, $bn", ",.0f"),
        "official_share_pct": ("Share of foreign holdings, %", ".1f"),
    }
    panels = []
    for column, label, unit, name in (
        ("gold_usd_per_ozt", "Gold", "gold, US dollars a troy ounce, average of the month", "-gold"),
        ("official_usd_bn", "Official", "Treasuries of foreign officials, billions of US dollars", "-official"),
    ):
        layers: list[alt.Chart | alt.LayerChart] = [
            lines("month_date", {column: label}, unit),
            crosshair("month_date", tips, name=name),
        ]
        if start is not None:
            span = (data["month_date"][0], data["month_date"][-1])
            layers.insert(1, moments({start["month_date"]: "February 2022" if name == "-gold" else ""}, span))
        panels.append(alt.layer(*layers).properties(width=WIDTH, height=180))
    return alt.vconcat(*panels, data=inline(data.drop("is_named_month")), spacing=34)


GOLD = Chart(
    id="gold_and_foreign_officials",
    essay_id="G2",
    mart="foreign_holdings_total_monthly",
    query="""
        SELECT
            month_date,
            round(gold_usd_per_ozt, 1) AS gold_usd_per_ozt,
            round(official_usd_bn, 1) AS official_usd_bn,
            round(official_share_pct, 2) AS official_share_pct,
            -- The month that the essay names: Russia's reserves were frozen in its last days.
            month_date = DATE '2022-02-28' AS is_named_month
        FROM marts.foreign_holdings_total_monthly
        WHERE gold_usd_per_ozt IS NOT NULL AND official_usd_bn IS NOT NULL
        ORDER BY month_date
    """,
    title=_gold_title,
    draw=_draw_gold,
    alt=_gold_alt,
    datasets=("tic.major_foreign_holders", "tic.slt_country_flows", "worldbank.commodity_prices_monthly"),
    note="Holdings at market value, by country of the custodian. Line: February 2022, the month that the essay names.",
)

_FOUR, _TOGETHER = "Four money-centre banks", "the four together"


def _banks_year(data: pl.DataFrame) -> dict[str, Any] | None:
    changes = data.filter(pl.col("holder") == _FOUR).drop_nulls("change_fiscal_year_usd_bn").sort("quarter_date")
    if changes.is_empty():
        return None
    named = changes.filter(pl.col("fiscal_year") == 2025)  # the year for which the essay gives about 300
    return (named if named.height else changes).row(-1, named=True)


def _banks_title(data: pl.DataFrame) -> str:
    year = _banks_year(data)
    four = data.filter(pl.col("holder") == _FOUR).sort("quarter_date")
    if year is None or four.is_empty():
        return f"Treasuries of the large banks by quarter, to {data['quarter_date'].max()}"
    change, last = year["change_fiscal_year_usd_bn"], four.row(-1, named=True)
    return (
        f"Four money-centre banks' Treasuries {direction(change)} by {usd_bn(abs(change))} in "
        f"FY{year['fiscal_year']}; they "
        f"held {usd_bn(last['treasuries_usd_bn'])} on {last['quarter_date']}"
    )


def _banks_alt(data: pl.DataFrame) -> str:
    newest = data["quarter_date"].max()
    last = data.filter(pl.col("quarter_date") == newest)
    held = ", ".join(
        f"{name} {usd_bn(value)}" for name, value in last.select("holder", "treasuries_usd_bn").iter_rows()
    )
    changes = ", ".join(
        f"FY{year} {usd_bn(change)}"
        for year, change in data.filter(pl.col("holder") == _FOUR)
        .drop_nulls("change_fiscal_year_usd_bn")
        .select("fiscal_year", "change_fiscal_year_usd_bn")
        .iter_rows()
    )
    return f"Treasuries outside the trading book on {newest}: {held}. Change of the four: {changes}."


def _draw_banks(data: pl.DataFrame) -> alt.TopLevelMixin:
    # Short names and two years fit on a phone.
    data = data.with_columns(pl.col("holder").replace(_FOUR, _TOGETHER).str.strip_suffix(" Bank"))
    names = [name for name in data["holder"].unique(maintain_order=True) if name != _TOGETHER] + [_TOGETHER]
    return alt.vconcat(_held_by_quarter(data, names), _changes_by_year(data, names), spacing=30)


def _held_by_quarter(data: pl.DataFrame, names: list[str]) -> alt.TopLevelMixin:
    quarters = sorted(data["quarter_date"].unique())[-8:]
    table = data.filter(pl.col("quarter_date").is_in(quarters)).with_columns(
        quarter=pl.format("{} Q{}", pl.col("quarter_date").dt.year(), pl.col("quarter_date").dt.quarter()),
        # Shade each quarter relative to the bank's highest one, so that small banks show too.
        part=(pl.col("treasuries_usd_bn") / pl.col("treasuries_usd_bn").max().over("holder") * 0.3).round(3),
        shown=pl.col("treasuries_usd_bn").round(0).cast(pl.Int64),
    )
    tip = [
        alt.Tooltip("holder:N"),
        alt.Tooltip("quarter_date:T", format="%Y-%m-%d"),
        alt.Tooltip("treasuries_usd_bn:Q", title="Treasuries, $bn", format=",.1f"),
        alt.Tooltip("change_quarter_usd_bn:Q", title="change in the quarter, $bn", format="+,.1f"),
    ]
    place = {
        "x": alt.X("quarter:O", axis=alt.Axis(title=None, orient="top", labelAngle=0, domain=False, ticks=False)),
        "y": alt.Y("holder:N", sort=names, axis=alt.Axis(title=None, domain=False, ticks=False, minExtent=100)),
    }
    cells = alt.Chart().mark_rect(style=["cell", "series1"]).encode(
        **place, opacity=alt.Opacity("part:Q", scale=None), tooltip=tip
    )  # fmt: skip
    numbers = alt.Chart().mark_text(style="value").encode(**place, text=alt.Text("shown:Q", format=",d"))
    return alt.layer(cells, numbers, data=inline(table)).properties(
        width=WIDTH - 54,
        height=34 * len(names),
        title=alt.TitleParams(
            "Treasuries at the end of the quarter, billions of US dollars", style="panel", anchor="start"
        ),
    )


def _changes_by_year(data: pl.DataFrame, names: list[str]) -> alt.TopLevelMixin:
    years = data.drop_nulls("change_fiscal_year_usd_bn").filter(pl.col("holder") != _TOGETHER)
    totals = data.drop_nulls("change_fiscal_year_usd_bn").filter(pl.col("holder") == _TOGETHER)
    axis = alt.X("fiscal_year:O", axis=alt.Axis(title="fiscal year, October to September", labelAngle=0))
    bars = (
        alt.Chart(inline(years.select("fiscal_year", "holder", "change_fiscal_year_usd_bn")))
        .mark_bar(style="stack", width=alt.RelativeBandSize(0.6))
        .encode(
            x=axis,
            y=alt.Y(
                "change_fiscal_year_usd_bn:Q",
                axis=alt.Axis(title="change over the fiscal year, billions of US dollars", minExtent=100, titleX=-100),
            ),
            color=alt.Color("holder:N", scale=alt.Scale(domain=names[:-1])),
            tooltip=[
                alt.Tooltip("holder:N"),
                alt.Tooltip("fiscal_year:O"),
                alt.Tooltip("change_fiscal_year_usd_bn:Q", title="change, $bn", format="+,.1f"),
            ],
        )
    )
    tops = years.group_by("fiscal_year", maintain_order=True).agg(
        top=pl.col("change_fiscal_year_usd_bn").clip(lower_bound=0).sum()
    )
    total_data = inline(totals.select("fiscal_year", "change_fiscal_year_usd_bn").join(tops, on="fiscal_year"))
    total = alt.Chart(total_data).mark_point(style="total", shape="diamond", filled=True, size=80).encode(
        x=axis, y="change_fiscal_year_usd_bn:Q"
    )  # fmt: skip
    label = alt.Chart(total_data).mark_text(style="value", dy=-8).encode(
        x=axis, y="top:Q", text=alt.Text("change_fiscal_year_usd_bn:Q", format="+,.0f")
    )  # fmt: skip
    return alt.layer(bars, level(0.0), total, label).properties(width=WIDTH - 54, height=200)


BANKS = Chart(
    id="four_banks_treasuries",
    essay_id="G3",
    mart="bank_treasury_holdings_quarterly",
    query="""
        SELECT
            quarter_date, holder,
            round(treasuries_usd_bn, 1) AS treasuries_usd_bn,
            round(change_quarter_usd_bn, 1) AS change_quarter_usd_bn,
            fiscal_year,
            round(change_fiscal_year_usd_bn, 1) AS change_fiscal_year_usd_bn
        FROM marts.bank_treasury_holdings_quarterly
        WHERE holder_kind IN ('bank', 'four_banks') AND treasuries_usd_bn IS NOT NULL
        ORDER BY quarter_date, treasuries_usd_bn DESC, holder
    """,
    title=_banks_title,
    draw=_draw_banks,
    alt=_banks_alt,
    datasets=("fdic.call_report_treasuries",),
    note="Call reports of the banks, outside the trading book: a change is purchases and prices together. Diamond: "
    "the four.",
)

_BUYERS = {
    "fed_usd_bn": "Federal Reserve",
    "big_four_banks_usd_bn": "four large banks",
    "other_banks_and_dealers_usd_bn": "other banks and dealers",
    "money_funds_usd_bn": "money funds",
    "unreported_usd_bn": "households, funds and others",
    "foreign_official_usd_bn": "foreign official",
    "foreign_private_ex_cayman_usd_bn": "foreign private",
    "cayman_usd_bn": "Cayman Islands",
    "unexplained_usd_bn": "unexplained",
}
# There are eight colours. Until Z.1 is out, all of the residual is unexplained.
_MADE = (
    "round(other_banks_usd_bn + dealers_usd_bn, 1) AS other_banks_and_dealers_usd_bn, "
    "round(coalesce(unreported_net_purchases_usd_bn, 0), 1) AS unreported_usd_bn, "
    "round(coalesce(unexplained_residual_usd_bn, residual_usd_bn), 1) AS unexplained_usd_bn, "
    "unexplained_residual_usd_bn IS NOT NULL AS has_accounts"
)


def _stack_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    named = {label: last[name] for name, label in _BUYERS.items() if name != "unexplained_usd_bn"}
    buyer, most = max(named.items(), key=lambda item: item[1])
    largest = f"the largest known buyer, {buyer}, took {usd_bn(most)}" if most > 0 else "no known buyer took any"
    rest = "stays unexplained" if last["has_accounts"] else "has no buyer until the financial accounts are out"
    return (
        f"Of {usd_bn(last['net_issuance_usd_bn'])} net issuance in {quarter(last['quarter_date'])}, {largest}; "
        f"{usd_bn(last['unexplained_usd_bn'])} {rest}"
    )


def _stack_alt(data: pl.DataFrame) -> str:
    year = unbroken(data, "quarter_date", rows=4, apart=92)
    parts = ", ".join(f"{label} {usd_bn(year[name].sum())}" for name, label in _BUYERS.items())
    return (
        f"Net issuance of marketable Treasuries by quarter, split over its buyers; {data.height} quarters. The last "
        f"{year.height} together: issuance {usd_bn(year['net_issuance_usd_bn'].sum())}; {parts}."
    )


def _draw_stack(data: pl.DataFrame) -> alt.TopLevelMixin:
    quarters = alt.X("quarter:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap="greedy"))
    issuance = (
        alt.Chart()
        .mark_point(style="total", shape="diamond", filled=True, size=60)
        .encode(
            x=quarters,
            y="net_issuance_usd_bn:Q",
            tooltip=[
                alt.Tooltip("quarter:O"),
                alt.Tooltip("net_issuance_usd_bn:Q", title="net issuance, $bn", format=",.1f"),
            ],
        )
    )
    named = data.with_columns(
        quarter=pl.format("{} Q{}", pl.col("quarter_date").dt.year(), pl.col("quarter_date").dt.quarter())
    )
    return alt.layer(
        stacked(quarters, _BUYERS, "billions of US dollars", columns=5, residual="unexplained_usd_bn"),
        level(0.0),
        issuance,
        data=inline(named),
    ).properties(width=WIDTH, height=360)


STACK = Chart(
    id="marginal_buyer_stack",
    mart="marginal_buyers_quarterly",
    query="SELECT quarter_date, round(net_issuance_usd_bn, 1) AS net_issuance_usd_bn, "
    + ", ".join(f"round({name}, 1) AS {name}" for name in _BUYERS if name not in _MADE)
    + f", {_MADE}"
    + " FROM marts.marginal_buyers_quarterly WHERE residual_usd_bn IS NOT NULL ORDER BY quarter_date",
    title=_stack_title,
    draw=_draw_stack,
    alt=_stack_alt,
    datasets=(
        "fiscaldata.public_debt_transactions", "fred.observations", "fdic.call_report_treasuries",
        "ofr.short_term_funding", "tic.major_foreign_holders", "tic.slt_country_flows",
        "nyfed.primary_dealer_statistics",
    ),
    note="Bars add up to net issuance (diamond). Purchases less sales where a publisher has them (TIC, the financial "
    "accounts Z.1); the big four banks, and others before Z.1 is out, by the change of what they hold, prices "
    "included. Only Z.1 counts households, funds and insurers; until it is out they are in the unexplained part.",
)  # fmt: skip

_COVER = {"bid_to_cover_ratio": "this auction", "bid_to_cover_average_12_ratio": "mean of the twelve before"}
_BIDDERS = {
    "indirect_bidder_share_pct": "indirect bidders",
    "direct_bidder_share_pct": "direct bidders",
    "primary_dealer_share_pct": "primary dealers",
}


def _auctions_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    cover, before = last["bid_to_cover_ratio"], last["bid_to_cover_average_12_ratio"]
    against = "" if before is None else f", {before:.2f} in the twelve auctions before"
    return (
        f"Ten-year notes of {last['auction_date']} drew bids for {cover:.2f} times what was sold{against}; dealers "
        f"took {last['primary_dealer_share_pct']:.0f} %"
    )


def _auctions_alt(data: pl.DataFrame) -> str:
    last, covers = data.row(-1, named=True), data.drop_nulls("bid_to_cover_ratio").sort("bid_to_cover_ratio")
    low, high = covers.row(0, named=True), covers.row(-1, named=True)
    parts = ", ".join(f"{label} {last[name]:.1f} %" for name, label in _BIDDERS.items())
    return (
        f"{data.height} auctions of ten-year notes from {data['auction_date'][0]}. Bid-to-cover: lowest "
        f"{low['bid_to_cover_ratio']:.2f} on {low['auction_date']}, highest {high['bid_to_cover_ratio']:.2f} on "
        f"{high['auction_date']}. Who took the last one: {parts}."
    )


def _draw_auctions(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "auction_date"
    tips = {name: (f"bid-to-cover, {label}", ".2f") for name, label in _COVER.items()} | {
        name: (f"{label}, %", ".1f") for name, label in _BIDDERS.items()
    }
    above = alt.layer(
        lines(day, _COVER, "bid-to-cover, ratio", axis_format=".1f"), crosshair(day, tips, name="-cover")
    ).properties(width=WIDTH, height=170)
    below = alt.layer(
        lines(day, _BIDDERS, "part of what competitive bidders took, percent", zero=True),
        crosshair(day, tips, name="-bidders"),
    ).properties(width=WIDTH, height=190)
    return alt.vconcat(above, below, data=inline(data), spacing=32).resolve_scale(
        color="independent", strokeDash="independent"
    )


AUCTIONS = Chart(
    id="ten_year_auctions",
    mart="treasury_auctions",
    query="""
        SELECT
            auction_date,
            bid_to_cover_ratio,
            round(bid_to_cover_average_12_ratio, 2) AS bid_to_cover_average_12_ratio,
            round(indirect_bidder_share_pct, 1) AS indirect_bidder_share_pct,
            round(direct_bidder_share_pct, 1) AS direct_bidder_share_pct,
            round(primary_dealer_share_pct, 1) AS primary_dealer_share_pct
        FROM marts.treasury_auctions
        WHERE security_class = 'notes' AND benchmark_term = '10-Year' AND auction_date >= DATE '2015-01-01'
          AND bid_to_cover_ratio IS NOT NULL AND primary_dealer_share_pct IS NOT NULL
        ORDER BY auction_date
    """,
    title=_auctions_title,
    draw=_draw_auctions,
    alt=_auctions_alt,
    datasets=("fiscaldata.auctions_query",),
    note="New ten-year notes and reopened ones. Bids and sales without the Fed. Dealers must bid, so what they take is "
    "what others left.",
)

_EX_MBS = {
    "large_banks_securities_ex_mbs_usd_bn": "large domestic banks",
    "small_banks_securities_ex_mbs_usd_bn": "small domestic banks",
}


def _money_title(data: pl.DataFrame) -> str:
    row = data.drop_nulls("m2_year_change_pct").row(-1, named=True)
    last = data.drop_nulls("all_banks_deposits_year_change_usd_bn").row(-1, named=True)
    change = last["all_banks_deposits_year_change_usd_bn"]
    return (
        f"M2 of {month(row['m2_month_date'])} was {abs(row['m2_year_change_pct']):.1f} % "
        f"{'above' if row['m2_year_change_pct'] >= 0 else 'below'} that of a year before; banks' deposits "
        f"{direction(change)} by {usd_bn(abs(change))} in the year to {last['wednesday_date']}"
    )


def _money_alt(data: pl.DataFrame) -> str:
    last = data.drop_nulls(list(_EX_MBS)).row(-1, named=True)
    parts = ", ".join(f"{label} {usd_bn(last[name])}" for name, label in _EX_MBS.items())
    growth = data.drop_nulls("m2_year_change_pct").sort("m2_year_change_pct")
    low, high = growth.row(0, named=True), growth.row(-1, named=True)
    return (
        f"Two panels by week. Growth of M2 over a year: lowest {low['m2_year_change_pct']:+.1f} % "
        f"({month(low['m2_month_date'])}), highest {high['m2_year_change_pct']:+.1f} % "
        f"({month(high['m2_month_date'])}). Treasury and agency securities other than mortgage-backed on "
        f"{last['wednesday_date']}: {parts}."
    )


def _draw_money(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "wednesday_date"
    tips = {
        "m2_year_change_pct": ("M2 against a year before, %", "+.1f"),
        **{name: (f"{label}, $bn", ",.0f") for name, label in _EX_MBS.items()},
    }
    money = alt.layer(
        level(0.0),
        lines(day, {"m2_year_change_pct": "M2"}, "M2 against a year before, percent", axis_format="+.0f", place=3),
        crosshair(day, tips, name="-money"),
    ).properties(width=WIDTH, height=150)
    banks = alt.layer(
        lines(day, _EX_MBS, "Treasuries and agencies without mortgage-backed, billions of US dollars"),
        crosshair(day, tips, name="-banks"),
    ).properties(width=WIDTH, height=180)
    return alt.vconcat(banks, money, data=inline(data), spacing=32)


MONEY = Chart(
    id="money_and_banks",
    mart="money_and_banks_weekly",
    query="""
        SELECT
            wednesday_date,
            m2_month_date,
            round(m2_year_change_pct, 2) AS m2_year_change_pct,
            round(all_banks_deposits_year_change_usd_bn, 1) AS all_banks_deposits_year_change_usd_bn,
            round(large_banks_securities_ex_mbs_usd_bn, 1) AS large_banks_securities_ex_mbs_usd_bn,
            round(small_banks_securities_ex_mbs_usd_bn, 1) AS small_banks_securities_ex_mbs_usd_bn
        FROM marts.money_and_banks_weekly
        WHERE wednesday_date >= DATE '2018-01-01'
        ORDER BY wednesday_date
    """,
    title=_money_title,
    draw=_draw_money,
    alt=_money_alt,
    datasets=("fred.observations",),
    note="M2: mean of the newest month that was over. Banks: H.8, seasonally adjusted; agency debt is in it, at book "
    "value for what is held to maturity.",
)

CHARTS = (GOLD, BANKS, STACK, AUCTIONS, MONEY)
