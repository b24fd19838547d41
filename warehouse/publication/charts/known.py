"""Chart of the as-known series: net liquidity as one knew it at 17:00, and what the same day turned out to be."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, crosshair, inline, level, lines
from warehouse.publication.charts.words import usd_bn

_LEVELS = {
    "as_known_usd_bn": "newest known at 17:00 of the day",
    "of_the_day_usd_bn": "of the day itself, as known now",
}


def _title(data: pl.DataFrame) -> str:
    widest = data.sort(pl.col("not_known_usd_bn").abs(), "effective_date").row(-1, named=True)
    mean = data["not_known_usd_bn"].abs().mean()
    return (
        f"Net liquidity that one knew at 17:00 was {usd_bn(mean, 1)} off the day's own on average, "
        f"at most {usd_bn(abs(widest['not_known_usd_bn']), 1)}, on {widest['effective_date']}"
    )


def _alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    revised = data.filter(pl.col("revision_usd_bn") != 0).height
    return (
        f"Net liquidity by business day from {data['effective_date'][0]}: newest value known at 17:00 New York and the "
        f"day's own value as known now, and the difference. On {last['effective_date']} "
        f"{usd_bn(last['as_known_usd_bn'])} were known, the day's own was {usd_bn(last['of_the_day_usd_bn'])}. "
        f"The value that was known is revised on {100 * revised / data.height:.1f} % of days; mean difference "
        f"{data['not_known_usd_bn'].abs().mean():.2f} billion dollars."
    )


def _draw(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "effective_date"
    tips = {name: (f"{label}, $bn", ",.1f") for name, label in _LEVELS.items()} | {
        "not_known_usd_bn": ("difference, $bn", "+,.1f"),
        "revision_usd_bn": ("of it revision of the value known, $bn", "+,.1f"),
    }
    above = alt.layer(
        lines(day, _LEVELS, "billions of US dollars"), crosshair(day, tips, name="-levels")
    ).properties(width=WIDTH, height=220)  # fmt: skip
    below = alt.layer(
        level(0.0),
        lines(
            day,
            {"not_known_usd_bn": "difference"},
            "the day's own less what one knew, $bn",
            place=3,
            axis_format="+,.0f",
        ),
        crosshair(day, tips, name="-difference"),
    ).properties(width=WIDTH, height=130)
    return alt.vconcat(above, below, data=inline(data), spacing=32)


AS_KNOWN = Chart(
    id="net_liquidity_as_known",
    mart="dollar_liquidity_as_known_daily",
    query="""
        SELECT
            known.effective_date,
            round(known.net_liquidity_nowcast_as_known_usd_bn, 3) AS as_known_usd_bn,
            round(own.net_liquidity_nowcast_usd_bn, 3) AS of_the_day_usd_bn,
            round(own.net_liquidity_nowcast_usd_bn - known.net_liquidity_nowcast_as_known_usd_bn, 3)
                AS not_known_usd_bn,
            round(known.net_liquidity_nowcast_revision_usd_bn, 3) AS revision_usd_bn
        FROM marts.dollar_liquidity_as_known_daily AS known
        JOIN marts.dollar_liquidity_daily AS own USING (effective_date)
        WHERE own.net_liquidity_nowcast_usd_bn IS NOT NULL AND known.net_liquidity_nowcast_as_known_usd_bn IS NOT NULL
            AND known.effective_date > (
                SELECT max(effective_date) - INTERVAL 2 YEAR FROM marts.dollar_liquidity_as_known_daily
            )
        ORDER BY known.effective_date
    """,
    title=_title,
    draw=_draw,
    alt=_alt,
    datasets=("fred.observations", "nyfed.repo_operations", "fiscaldata.operating_cash_balance"),
    note="Business days of the last two years. A back-test that trades on the day's own value sees the lower line "
    "early: the Treasury's balance comes on the next business day, the Fed's assets on Thursday.",
)

CHARTS = (AS_KNOWN,)
