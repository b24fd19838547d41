"""Charts of what the open market desk does: what it buys, and what the Fed lends."""

from __future__ import annotations

from typing import Any

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, by_month, crosshair, inline, lines, stacked
from warehouse.publication.charts.words import month, usd_bn

_PURPOSES = {
    "for_reserve_management_usd_bn": "for reserve management",
    "reinvested_usd_bn": "from agency principal",
    "unsplit_usd_bn": "bills, no pace known for the whole month",
}
_KINDS = {"bills_bought_usd_bn": "bills", "coupons_bought_usd_bn": "notes and bonds"}


def _purchases_title(data: pl.DataFrame) -> str:
    row = data.row(-1, named=True)
    head = f"The Fed bought {usd_bn(row['bills_bought_usd_bn'], 1)} of bills in {month(row['month_date'])}"
    if row["for_reserve_management_usd_bn"] is None:
        known = data.drop_nulls("for_reserve_management_usd_bn")
        if known.is_empty():
            return f"{head}; no pace was announced"
        last = known.row(-1, named=True)
        return f"{head}; in {month(last['month_date'])}, the last month whose pace is known, {_parts(last)}"
    return f"{head}: {_parts(row)}"


def _parts(row: dict[str, Any]) -> str:
    managed = row["for_reserve_management_usd_bn"]
    return (
        f"{usd_bn(managed, 1) if managed else 'nothing'} for reserve management and "
        f"{usd_bn(row['reinvested_usd_bn'], 1)} from agency principal"
    )


def _purchases_alt(data: pl.DataFrame) -> str:
    recent = data.tail(12)
    top = data.sort("coupons_bought_usd_bn").row(-1, named=True)
    return (
        f"Two panels by month. Bills bought outright by purpose against the announced pace: "
        f"{usd_bn(recent['bills_bought_usd_bn'].sum(), 1)} in the {recent.height} months to "
        f"{month(data['month_date'][-1])}. All purchases since {month(data['month_date'][0])}: notes and bonds most in "
        f"{month(top['month_date'])}, {usd_bn(top['coupons_bought_usd_bn'])}."
    )


def _draw_purchases(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "month_date"
    recent = data.filter(pl.col(day) >= pl.date(2025, 12, 1)).tail(24)
    recent = recent.select(day, *_PURPOSES, "announced_reserve_management_usd_bn")
    category, recent = by_month(recent, day)
    bars = stacked(category, _PURPOSES, "bills bought, billions of US dollars; marks: announced pace", columns=3)
    pace = (
        alt.Chart()
        .transform_filter("isValid(datum.announced_reserve_management_usd_bn)")
        .mark_tick(style="total", thickness=3, size=26)
        .encode(x=category, y="announced_reserve_management_usd_bn:Q")
    )
    above = alt.layer(bars, pace, data=inline(recent)).properties(width=WIDTH, height=180)
    tips = {name: (f"{label} bought, $bn", ",.1f") for name, label in _KINDS.items()}
    below = alt.layer(
        lines(day, _KINDS, "bought in the month, billions of US dollars"),
        crosshair(day, tips),
        data=inline(data.select(day, *_KINDS)),
    ).properties(width=WIDTH, height=160)
    return alt.vconcat(above, below, spacing=32).resolve_scale(color="independent", strokeDash="independent")


PURCHASES = Chart(
    id="fed_purchases",
    mart="fed_purchases_monthly",
    query="""
        SELECT
            bills.month_date,
            round(bills.bought_usd_bn, 2) AS bills_bought_usd_bn,
            round(coupons.bought_usd_bn, 2) AS coupons_bought_usd_bn,
            round(bills.for_reserve_management_usd_bn, 2) AS for_reserve_management_usd_bn,
            round(bills.reinvested_usd_bn, 2) AS reinvested_usd_bn,
            CASE WHEN bills.reinvested_usd_bn IS NULL THEN round(bills.bought_usd_bn, 2) END AS unsplit_usd_bn,
            round(bills.announced_reserve_management_usd_bn, 2) AS announced_reserve_management_usd_bn
        FROM marts.fed_purchases_monthly AS bills
        JOIN marts.fed_purchases_monthly AS coupons
            ON coupons.month_date = bills.month_date AND coupons.security_kind = 'coupons'
        WHERE bills.security_kind = 'bills' AND bills.bought_usd_bn IS NOT NULL
            AND bills.month_date <= (SELECT max(soma_date) FROM marts.fed_purchases_monthly)
        ORDER BY bills.month_date
    """,
    title=_purchases_title,
    draw=_draw_purchases,
    alt=_purchases_alt,
    datasets=("nyfed.treasury_operations",),
    has_facts=True,
    note="Operations by settlement, exercises included. The operations do not say their purpose: bills up to the "
    "announced pace count as reserve management.",
)

_LENT = {
    "discount_window_usd_bn": "discount window credit",
    "term_funding_usd_bn": "term funding",
    "remaining_loans_usd_bn": "other loans",
    "repo_usd_bn": "repo",
    "swaps_usd_bn": "dollar swaps",
}
_SWAPS = {"swaps_ecb_usd_bn": "euro area", "swaps_boj_usd_bn": "Japan", "swaps_rest_usd_bn": "all others"}


def _lending_title(data: pl.DataFrame) -> str:
    last, top = data.row(-1, named=True), data.sort("lending_usd_bn").row(-1, named=True)
    name = max(_LENT, key=lambda column: last[column] or 0)
    head = (
        f"The Fed lent {usd_bn(last['lending_usd_bn'], 1)} on {last['wednesday_date']}, most of it as {_LENT[name]} "
        f"({usd_bn(last[name], 1)}); "
    )
    if top["lending_usd_bn"] == last["lending_usd_bn"]:
        return f"{head}the most since {data['wednesday_date'][0]}"
    return (
        f"{head}the most since {data['wednesday_date'][0]} was {usd_bn(top['lending_usd_bn'])} on "
        f"{top['wednesday_date']}"
    )


def _lending_alt(data: pl.DataFrame) -> str:
    tops = {name: data.drop_nulls(name).sort(name).row(-1, named=True) for name in _LENT if data[name].count()}
    parts = ", ".join(f"{_LENT[name]} {usd_bn(row[name], 1)} on {row['wednesday_date']}" for name, row in tops.items())
    return f"Two panels by Wednesday: what the Fed lends by kind, and dollar swaps by counterparty. Highest: {parts}."


def _draw_lending(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "wednesday_date"
    panels = [
        alt.layer(
            lines(day, series, unit, zero=True),
            crosshair(day, {name: (f"{label}, $bn", ",.1f") for name, label in series.items()}, name=f"-{place}"),
        ).properties(width=WIDTH, height=height)
        for place, (series, unit, height) in enumerate(
            (
                (_LENT, "lent, billions of US dollars", 220),
                (_SWAPS, "dollar swaps that are out, by central bank, billions of US dollars", 140),
            )
        )
    ]
    return alt.vconcat(*panels, data=inline(data), spacing=32).resolve_scale(
        color="independent", strokeDash="independent"
    )


LENDING = Chart(
    id="fed_lending",
    mart="fed_lending_weekly",
    query="""
        SELECT
            wednesday_date,
            round(lending_usd_bn, 2) AS lending_usd_bn,
            round(discount_window_usd_bn, 2) AS discount_window_usd_bn,
            round(term_funding_usd_bn, 2) AS term_funding_usd_bn,
            round(loans_usd_bn - discount_window_usd_bn - coalesce(term_funding_usd_bn, 0), 2)
                AS remaining_loans_usd_bn,
            round(repo_usd_bn, 2) AS repo_usd_bn,
            round(swaps_usd_bn, 2) AS swaps_usd_bn,
            round(swaps_ecb_usd_bn, 2) AS swaps_ecb_usd_bn,
            round(swaps_boj_usd_bn, 2) AS swaps_boj_usd_bn,
            round(swaps_by_operations_usd_bn - swaps_ecb_usd_bn - swaps_boj_usd_bn, 2) AS swaps_rest_usd_bn
        FROM marts.fed_lending_weekly
        WHERE wednesday_date >= DATE '2018-01-01' AND lending_usd_bn IS NOT NULL
        ORDER BY wednesday_date
    """,
    title=_lending_title,
    draw=_draw_lending,
    alt=_lending_alt,
    datasets=("fred.observations", "nyfed.fx_swaps"),
    note="Wednesday levels of H.4.1; swaps by counterparty from operations. Other loans: the facilities of 2020, and "
    "credit to banks in receivership in 2023.",
)

CHARTS = (PURCHASES, LENDING)
