"""Charts of primary dealers' Treasuries."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, crosshair, inline, level, lines
from warehouse.publication.charts.words import direction, usd_bn, year_before

# Column of the query: pattern of its buckets, and how the chart names them.
_GROUPS = {
    "bills_usd_bn": ("bills", "bills"),
    "coupons_to_7y_usd_bn": ("coupons_(to_2y|2y_to_3y|3y_to_6y|6y_to_7y)", "coupons to 7 years"),
    "coupons_over_7y_usd_bn": ("coupons_(7y_to_11y|over_11y|11y_to_21y|over_21y)", "coupons over 7 years"),
    "tips_frns_usd_bn": ("tips.*|frns", "TIPS, floating-rate notes"),
}
_LABELS = {name: label for name, (_, label) in _GROUPS.items()}
_ALL = {"all_usd_bn": "all Treasuries"}


def _dealers_title(data: pl.DataFrame) -> str:
    last, before = data.row(-1, named=True), year_before(data, "wednesday_date")
    head = f"Primary dealers held {usd_bn(last['all_usd_bn'])} of Treasuries net on {last['wednesday_date']}"
    if before is None:
        return head
    change = last["all_usd_bn"] - before["all_usd_bn"]
    return f"{head}, {usd_bn(abs(change))} {direction(change, 'more', 'less')} than a year before"


def _dealers_alt(data: pl.DataFrame) -> str:
    last = data.drop_nulls(list(_GROUPS)).row(-1, named=True)
    parts = ", ".join(f"{label} {usd_bn(last[name])}" for name, label in _LABELS.items())
    top = data.sort("all_usd_bn").row(-1, named=True)
    return (
        f"Two panels by week. Net position of primary dealers in all Treasuries, most {usd_bn(top['all_usd_bn'])} on "
        f"{top['wednesday_date']}; by kind on {last['wednesday_date']}: {parts}."
    )


def _draw_dealers(data: pl.DataFrame) -> alt.TopLevelMixin:
    day, unit = "wednesday_date", "billions of US dollars"
    tips = {name: (f"{label}, $bn", ",.1f") for name, label in (_ALL | _LABELS).items()}
    total = alt.layer(
        level(0.0), lines(day, _ALL, f"all Treasuries, {unit}"), crosshair(day, tips, name="-all")
    ).properties(width=WIDTH, height=150)
    parts = alt.layer(level(0.0), lines(day, _LABELS, unit), crosshair(day, tips, name="-kinds")).properties(
        width=WIDTH, height=230
    )
    return alt.vconcat(parts, total, data=inline(data), spacing=32)


def _group(name: str, pattern: str) -> str:
    return f"round(sum(net_position_usd_bn) FILTER (regexp_full_match(bucket, '{pattern}')), 2) AS {name}"


DEALERS = Chart(
    id="dealer_positions",
    mart="dealer_positions_weekly",
    query="SELECT wednesday_date, round(max(net_position_usd_bn) FILTER (bucket = 'all_treasuries'), 2) AS all_usd_bn, "
    + ", ".join(_group(name, pattern) for name, (pattern, _) in _GROUPS.items())
    + " FROM marts.dealer_positions_weekly WHERE wednesday_date >= DATE '2018-01-01' GROUP BY wednesday_date "
    "HAVING count(*) FILTER (bucket = 'all_treasuries') = 1 ORDER BY wednesday_date",
    title=_dealers_title,
    draw=_draw_dealers,
    alt=_dealers_alt,
    datasets=("nyfed.primary_dealer_statistics",),
    note="Long less short at market value. The survey changed its form on 2022-01-05 and 2024-07-03; the publisher "
    "hides a line of few dealers, which is then in the total only.",
)

CHARTS = (DEALERS,)
