"""Charts of SOFR against the ceiling of the target range."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    WIDTH,
    amount,
    at_places,
    crosshair,
    days,
    inline,
    level,
    lines,
    runs,
    shade,
)
from warehouse.publication.charts.words import counted, usd_bn

_STRESS_COLUMNS = {
    "sofr_minus_ceiling_bp": ("SOFR minus ceiling, bp", ".0f"),
    "srf_accepted_usd_bn": ("Standing repo lent, $bn", ",.3f"),
}


def _stress_title(data: pl.DataFrame) -> str:
    spread = data.drop_nulls("sofr_minus_ceiling_bp").tail(20)
    above = spread.filter(pl.col("sofr_minus_ceiling_bp") > 0).height
    lent = data.drop_nulls("srf_accepted_usd_bn").filter(pl.col("srf_accepted_usd_bn") > 0)
    head = (
        f"SOFR was above the ceiling on {counted(above, 'day')} of the last {spread.height} to "
        f"{spread['effective_date'][-1]}"
    )
    if lent.is_empty():
        return f"{head}; the standing repo facility lent nothing"
    peak = lent.sort("srf_accepted_usd_bn").row(-1, named=True)
    since = data.drop_nulls("srf_accepted_usd_bn")["effective_date"].min()
    return (
        f"{head}; the most that the SRF lent since {since} was {usd_bn(peak['srf_accepted_usd_bn'], 1)} on "
        f"{peak['effective_date']}"
    )


def _stress_alt(data: pl.DataFrame) -> str:
    spread = data.drop_nulls("sofr_minus_ceiling_bp")
    last, top = spread.row(-1, named=True), spread.sort("sofr_minus_ceiling_bp").row(-1, named=True)
    used = data.filter(pl.col("is_srf_take_up")).height
    return (
        f"Two panels by business day from {data['effective_date'].min()}. Above, SOFR minus the ceiling of the target "
        f"range: {last['sofr_minus_ceiling_bp']:.0f} basis points on {last['effective_date']}, highest "
        f"{top['sofr_minus_ceiling_bp']:.0f} on {top['effective_date']}. Below, standing repo lent: enough to be a "
        f"sign of tight cash on {counted(used, 'day')}."
    )


def _draw_stress(data: pl.DataFrame) -> alt.TopLevelMixin:
    regimes = runs(data, "effective_date", "srf_regime")
    above = alt.layer(
        shade(regimes, labelled=False),
        lines("effective_date", {"sofr_minus_ceiling_bp": "SOFR minus ceiling"}, "SOFR minus ceiling, basis points"),
        level(0.0, "ceiling of the target range"),
        crosshair("effective_date", _STRESS_COLUMNS, name="-above"),
    ).properties(width=WIDTH, height=210)
    below = alt.layer(
        shade(regimes),
        alt.Chart()
        .mark_rule(strokeWidth=1.8, style="series2")
        .encode(x=days("effective_date"), y=amount("srf_accepted_usd_bn", "standing repo, billions of US dollars")),
        crosshair("effective_date", _STRESS_COLUMNS, name="-below"),
    ).properties(width=WIDTH, height=170)
    return alt.vconcat(above, below, data=inline(data.drop("srf_regime", "is_srf_take_up")), spacing=34)


STRESS = Chart(
    id="sofr_against_ceiling_and_srf",
    essay_id="G7",
    mart="funding_stress_daily",
    query="""
        WITH regimes AS (
            SELECT policy_regime, min(operation_date) AS from_date
            FROM marts.srf_operations
            WHERE policy_regime <> 'morning_trial'
            GROUP BY policy_regime
        )
        SELECT
            stress.effective_date,
            stress.sofr_minus_ceiling_bp,
            stress.srf_accepted_usd_bn,
            stress.is_srf_take_up,
            CASE regimes.policy_regime
                WHEN 'single_operation' THEN 'once a day'
                WHEN 'two_daily_operations' THEN 'twice a day'
                ELSE replace(regimes.policy_regime, '_', ' ')
            END AS srf_regime
        FROM marts.funding_stress_daily AS stress
        ASOF LEFT JOIN regimes ON stress.effective_date >= regimes.from_date
        WHERE stress.effective_date >= DATE '2021-07-29'
        ORDER BY stress.effective_date
    """,
    title=_stress_title,
    draw=_draw_stress,
    alt=_stress_alt,
    datasets=("nyfed.reference_rates", "nyfed.repo_operations", "fred.observations"),
    note="Take-up of both daily operations without small-value exercises. Shaded: terms of the facility.",
)

_CORRIDOR = {
    "sofr_bp": "SOFR",
    "ceiling_bp": "ceiling = standing repo rate",
    "iorb_bp": "interest on reserves",
    "on_rrp_bp": "ON RRP rate",
}


def _corridor_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    tail = last["sofr_percentile_99_bp"] - last["ceiling_bp"]
    whole = data["is_corridor_whole"].drop_nulls()
    return (
        f"SOFR was {last['sofr_bp']:.0f} bp above the floor on {last['effective_date']}, its 99th percentile "
        f"{abs(tail):.0f} bp {'above' if tail > 0 else 'below'} the ceiling; the corridor held on "
        f"{100 * whole.mean():.0f} % of days"
    )


def _corridor_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    over = data.filter(pl.col("sofr_percentile_99_bp") > pl.col("ceiling_bp")).height
    return (
        f"Rates by business day from {data['effective_date'][0]}, in percent above and in basis points over the "
        f"floor of the target range below. On {last['effective_date']}: floor {last['target_floor_pct']:.2f} "
        f"percent, ON RRP {last['on_rrp_bp']:.0f}, interest on reserves {last['iorb_bp']:.0f}, SOFR "
        f"{last['sofr_bp']:.0f}, ceiling and standing repo {last['ceiling_bp']:.0f} basis points over it. The 99th "
        f"percentile of SOFR was above the ceiling on {counted(over, 'day')} of {data.height:,}."
    )


def _draw_corridor(data: pl.DataFrame) -> alt.TopLevelMixin:
    tips = {
        "target_floor_pct": ("Floor, %", ".2f"),
        "target_ceiling_pct": ("Ceiling, %", ".2f"),
        "sofr_pct": ("SOFR, %", ".2f"),
        "effr_bp": ("EFFR over the floor, bp", ".0f"),
        **{name: (f"{label}, bp over the floor", ".0f") for name, label in _CORRIDOR.items()},
        "sofr_percentile_1_bp": ("SOFR 1st percentile, bp", ".0f"),
        "sofr_percentile_99_bp": ("SOFR 99th percentile, bp", ".0f"),
    }
    range_band = (
        alt.Chart()
        .mark_area(style="band", interpolate="step-after")
        .encode(
            x=days("effective_date"),
            y=amount("target_floor_pct", "target range and SOFR, percent"),
            y2="target_ceiling_pct",
        )
    )
    rates = alt.layer(
        range_band,
        alt.Chart().mark_line(style="series1", strokeWidth=1.2).encode(x="effective_date:T", y="sofr_pct:Q"),
        crosshair("effective_date", tips, name="-rates"),
    ).properties(width=WIDTH, height=120)
    outer = (
        alt.Chart()
        .mark_area(style="band", clip=True)
        .encode(
            x=days("effective_date"),
            y=amount(
                "sofr_percentile_1_bp",
                "basis points over the floor; band: 1st to 99th and 25th to 75th percentile of SOFR",
                scale=alt.Scale(domain=[-10, 50], clamp=False),
            ),
            y2="sofr_percentile_99_bp",
        )
    )
    inner = (
        alt.Chart()
        .mark_area(style="band", clip=True)
        .encode(x="effective_date:T", y="sofr_percentile_25_bp:Q", y2="sofr_percentile_75_bp")
    )
    corridor = alt.layer(
        outer,
        inner,
        lines("effective_date", _CORRIDOR, "", width=1.1),
        crosshair("effective_date", tips, name="-corridor"),
    ).properties(width=WIDTH, height=270)
    return alt.vconcat(rates, corridor, data=inline(data.drop("is_corridor_whole")), spacing=34)


CORRIDOR = Chart(
    id="corridor_with_percentiles",
    essay_id="G6",
    mart="policy_corridor_daily",
    query="""
        SELECT
            effective_date, target_floor_pct, target_ceiling_pct, sofr_pct,
            round(100 * (sofr_pct - target_floor_pct), 1) AS sofr_bp,
            round(100 * (target_ceiling_pct - target_floor_pct), 1) AS ceiling_bp,
            round(100 * (iorb_pct - target_floor_pct), 1) AS iorb_bp,
            round(100 * (on_rrp_award_pct - target_floor_pct), 1) AS on_rrp_bp,
            round(100 * (effr_pct - target_floor_pct), 1) AS effr_bp,
            round(100 * (sofr_percentile_1_pct - target_floor_pct), 1) AS sofr_percentile_1_bp,
            round(100 * (sofr_percentile_25_pct - target_floor_pct), 1) AS sofr_percentile_25_bp,
            round(100 * (sofr_percentile_75_pct - target_floor_pct), 1) AS sofr_percentile_75_bp,
            round(100 * (sofr_percentile_99_pct - target_floor_pct), 1) AS sofr_percentile_99_bp,
            is_corridor_whole
        FROM marts.policy_corridor_daily
        WHERE effective_date >= DATE '2021-07-29' AND sofr_pct IS NOT NULL AND sofr_percentile_99_pct IS NOT NULL
          AND target_floor_pct IS NOT NULL AND target_ceiling_pct IS NOT NULL
        ORDER BY effective_date
    """,
    title=_corridor_title,
    draw=_draw_corridor,
    alt=_corridor_alt,
    datasets=("nyfed.reference_rates", "nyfed.repo_operation_details", "fred.observations"),
    has_facts=True,
    note="Since the standing repo facility exists. Below, everything is measured from the floor, so that moves of "
    "the target range do not hide the spreads. The corridor holds where floor = ON RRP < interest on reserves < "
    "standing repo = ceiling.",
)

_REGIMES = {"abundant": BLUE, "ample": GREEN, "tight": ORANGE, "strained": RED}


def _regime_title(data: pl.DataFrame) -> str:
    judged = data.drop_nulls("regime")
    if judged.is_empty():
        return "The regime of the money market is not decided yet"
    last = judged.row(-1, named=True)
    strained = judged.filter(pl.col("regime") == "strained").height
    return (
        f"The money market has been {last['regime']} since {last['regime_since_date']}; it was strained on "
        f"{counted(strained, 'day')} since {judged['effective_date'][0]}"
    )


def _regime_alt(data: pl.DataFrame) -> str:
    judged = data.drop_nulls("regime")
    parts = ", ".join(f"{name} {judged.filter(pl.col('regime') == name).height}" for name in _REGIMES)
    return (
        f"SOFR minus interest on reserves by business day from {data['effective_date'][0]}, with the regime of each "
        f"day as a strip below. Days in each regime: {parts}."
    )


def _draw_regime(data: pl.DataFrame) -> alt.TopLevelMixin:
    names = list(_REGIMES)
    spread = alt.layer(
        level(0.0),
        lines("effective_date", {"sofr_minus_iorb_bp": "SOFR"}, "SOFR minus interest on reserves, basis points"),
        crosshair(
            "effective_date",
            {
                "sofr_minus_iorb_bp": ("SOFR minus IORB, bp", ".0f"),
                "srf_accepted_usd_bn": ("Standing repo, $bn", ",.1f"),
            },
        ),
    ).properties(width=WIDTH, height=200)
    stretches = runs(data, "effective_date", "regime")
    strips = (
        alt.Chart(inline(stretches))
        .mark_rect(strokeWidth=1)  # in its own colour: a stretch of a few days is no pixel wide
        .encode(
            x=days("from_date"),
            x2="to_date",
            y=alt.Y(
                "label:N",
                sort=names[::-1],
                axis=alt.Axis(title=None, minExtent=46),
                scale=alt.Scale(domain=names[::-1]),
            ),
            color=alt.Color("label:N", scale=alt.Scale(domain=at_places(_REGIMES)), legend=None),
            stroke=alt.Stroke("label:N", scale=alt.Scale(domain=at_places(_REGIMES)), legend=None),
            tooltip=[
                alt.Tooltip("label:N", title="regime"),
                alt.Tooltip("from_date:T", title="from", format="%Y-%m-%d"),
                alt.Tooltip("to_date:T", title="to", format="%Y-%m-%d"),
            ],
        )
    ).properties(width=WIDTH, height=92)
    return alt.vconcat(spread, strips, data=inline(data.select(pl.exclude("regime", "regime_since_date"))), spacing=24)


REGIME = Chart(
    id="liquidity_regime",
    mart="liquidity_regime_daily",
    query="""
        SELECT effective_date, regime, regime_since_date, sofr_minus_iorb_bp, srf_accepted_usd_bn
        FROM marts.liquidity_regime_daily
        ORDER BY effective_date
    """,
    title=_regime_title,
    draw=_draw_regime,
    alt=_regime_alt,
    datasets=("nyfed.reference_rates", "nyfed.repo_operations", "fred.observations"),
    has_facts=True,
    note="Named by thresholds on SOFR, standing repo and ON RRP with hysteresis (seed regime_thresholds); no score.",
)


def _scarcity_title(data: pl.DataFrame) -> str:
    last = data.drop_nulls(["slope_bp", "reserves_to_gdp_pct"]).row(-1, named=True)
    return (
        f"Reserves were {last['reserves_to_gdp_pct']:.1f} % of GDP on {last['week_date']}; in the year to then $100 bn "
        f"less went with {-last['slope_bp']:+.1f} bp of SOFR against interest on reserves"
    )


def _scarcity_alt(data: pl.DataFrame) -> str:
    slopes = data.drop_nulls("slope_bp")
    last, steepest = slopes.row(-1, named=True), slopes.sort("slope_bp").row(0, named=True)
    return (
        f"Above, a dot for each of {data.drop_nulls('reserves_to_gdp_pct').height} weeks from {data['week_date'][0]}: "
        f"reserves over GDP across, SOFR less interest on reserves upward. Below, the slope of one on reserves over 52 "
        f"weeks, basis points for 100 billion more: {last['slope_bp']:+.1f} ({last['low_bp']:+.1f} to "
        f"{last['high_bp']:+.1f}) on {last['week_date']}, steepest {steepest['slope_bp']:+.1f} on "
        f"{steepest['week_date']}."
    )


def _draw_scarcity(data: pl.DataFrame) -> alt.TopLevelMixin:
    era = alt.Scale(domain=sorted(data["era"].unique()))
    dots = (
        alt.Chart()
        .mark_point(filled=True, size=30, opacity=0.75)
        .encode(
            x=alt.X(
                "reserves_to_gdp_pct:Q",
                axis=alt.Axis(title="reserves over GDP, percent", grid=True),
                scale=alt.Scale(zero=False),
            ),
            y=amount("spread_bp", "SOFR less interest on reserves, mean of the week, basis points", axis_format="+.0f"),
            color=alt.Color("era:N", scale=era, legend=alt.Legend()),
            shape=alt.Shape("era:N", scale=era, legend=alt.Legend()),
            tooltip=[
                alt.Tooltip("week_date:T", title="week to", format="%Y-%m-%d"),
                alt.Tooltip("reserves_to_gdp_pct:Q", title="reserves over GDP, %", format=".1f"),
                alt.Tooltip("spread_bp:Q", title="SOFR less interest on reserves, bp", format="+.1f"),
            ],
        )
    ).properties(width=WIDTH, height=240)
    band = alt.Chart().mark_area(opacity=0.25).encode(x=days("week_date"), y=alt.Y("low_bp:Q"), y2=alt.Y2("high_bp:Q"))
    unit = "slope over 52 weeks, basis points for 100 billion US dollars more; band: two standard errors"
    tips = {"slope_bp": ("slope, bp", "+.1f"), "low_bp": ("low", "+.1f"), "high_bp": ("high", "+.1f")}
    slope = alt.layer(
        band,
        level(0.0),
        lines("week_date", {"slope_bp": "slope"}, unit, axis_format="+.0f"),
        crosshair("week_date", tips, name="-slope"),
    ).properties(width=WIDTH, height=150)
    return alt.vconcat(dots, slope, data=inline(data), spacing=32)


SCARCITY = Chart(
    id="reserve_scarcity",
    mart="reserve_scarcity_daily",
    query="""
        SELECT
            reserves_week_date AS week_date,
            CASE
                WHEN reserves_week_date < DATE '2020-01-01' THEN '2018 to 2019'
                WHEN reserves_week_date < DATE '2023-01-01' THEN '2020 to 2022' ELSE 'from 2023'
            END AS era,
            round(max(reserves_to_gdp_pct), 2) AS reserves_to_gdp_pct,
            round(avg(sofr_minus_iorb_bp), 2) AS spread_bp,
            round(max(sofr_slope_on_reserves_52w_bp), 3) AS slope_bp,
            round(max(sofr_slope_on_reserves_52w_low_bp), 3) AS low_bp,
            round(max(sofr_slope_on_reserves_52w_high_bp), 3) AS high_bp
        FROM marts.reserve_scarcity_daily
        WHERE reserves_week_date IS NOT NULL
        GROUP BY reserves_week_date
        ORDER BY reserves_week_date
    """,
    title=_scarcity_title,
    draw=_draw_scarcity,
    alt=_scarcity_alt,
    datasets=("nyfed.reference_rates", "fred.observations"),
    note="Reserves: mean of the week. Dots: days from that Wednesday to the next. The curve is flat while reserves are "
    "abundant and steep when they are scarce; a slope describes its year and forecasts nothing.",
)

CHARTS = (CORRIDOR, STRESS, REGIME, SCARCITY)
