"""Charts of prices and liquidity. Levels that trend correlate whatever the cause, so the charts also show changes."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, amount, crosshair, days, inline, level, lines
from warehouse.publication.charts.words import change_over, usd_bn

_WEEKS = 13


def _correlation(data: pl.DataFrame, first: str, second: str) -> float | None:
    pairs = data.select(first, second).drop_nulls()
    return float(pairs.select(pl.corr(first, second)).item()) if pairs.height >= 26 else None


def _bitcoin_title(data: pl.DataFrame) -> str:
    both = data.with_columns(bitcoin=pl.col("bitcoin_close_usd_per_btc").log())
    levels = _correlation(both, "bitcoin", "assets_usd_bn")
    changes = _correlation(
        both.with_columns(
            bitcoin=change_over(pl.col("bitcoin"), "wednesday_date", _WEEKS, (7 * _WEEKS, 7 * _WEEKS)),
            assets=change_over(pl.col("assets_usd_bn").log(), "wednesday_date", _WEEKS, (7 * _WEEKS, 7 * _WEEKS)),
        ),
        "bitcoin",
        "assets",
    )  # fmt: skip
    if levels is None or changes is None:
        return f"Bitcoin, Fed assets and standing repo to {data['wednesday_date'][-1]}"
    return (
        f"Bitcoin and Fed assets since {data['wednesday_date'][0]:%Y}: levels correlate at {levels:+.2f}, changes over "
        f"{_WEEKS} weeks at {changes:+.2f}"
    )


def _bitcoin_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    # No price of bitcoin: this text is in the files, and the exchange does not allow passing its prices on.
    priced = data.drop_nulls("bitcoin_close_usd_per_btc")
    return (
        f"Three panels by week: bitcoin (logarithmic) from {priced['wednesday_date'][0]}; Fed assets, "
        f"{usd_bn(last['assets_usd_bn'])} on {last['wednesday_date']}; the highest standing repo of a day of the "
        f"week, at most {usd_bn(data['srf_highest_usd_bn'].max() or 0, 1)}."
    )


def _draw_bitcoin(data: pl.DataFrame) -> alt.TopLevelMixin:
    tips = {
        "bitcoin_close_usd_per_btc": ("Bitcoin, $", ",.0f"),
        "assets_usd_bn": ("Fed assets, $bn", ",.0f"),
        "srf_highest_usd_bn": ("Standing repo, highest day, $bn", ",.1f"),
    }
    day = "wednesday_date"
    powers = [factor * 10**power for power in range(2, 8) for factor in (1, 3)]
    bitcoin = (
        alt.Chart()
        .mark_line(style="series1", strokeWidth=1.6)
        .encode(
            x=days(day),
            y=alt.Y(
                "bitcoin_close_usd_per_btc:Q",
                axis=alt.Axis(title="bitcoin, US dollars, logarithmic", format=",.0f", values=powers),
                scale=alt.Scale(type="log"),
            ),
        )
    )
    assets = lines(day, {"assets_usd_bn": "Fed assets"}, "Fed assets, billions of US dollars", place=3)
    span = (data[day][0], data[day][-1])  # the facility is younger than the rest
    repo = (
        alt.Chart()
        .mark_rule(style="series2", strokeWidth=2)
        .encode(
            x=days(day, span),
            y=amount("srf_highest_usd_bn", "standing repo, highest day of the week, billions of US dollars"),
        )
    )
    panels = [
        alt.layer(panel, crosshair(day, tips, name=name)).properties(width=WIDTH, height=height)
        for panel, name, height in ((bitcoin, "-bitcoin", 170), (assets, "-assets", 130), (repo, "-repo", 100))
    ]
    return alt.vconcat(*panels, data=inline(data), spacing=32)


BITCOIN = Chart(
    id="bitcoin_and_fed_balance_sheet",
    essay_id="G11",
    mart="dollar_liquidity_daily",
    query="""
        WITH repo AS (
            SELECT effective_date + ((10 - dayofweek(effective_date)) % 7)::INTEGER AS wednesday_date,
                max(srf_accepted_usd_bn) AS highest_usd_bn
            FROM marts.funding_stress_daily
            GROUP BY 1
        )
        SELECT
            liquidity.effective_date AS wednesday_date,
            round(liquidity.bitcoin_close_usd_per_btc, 0) AS bitcoin_close_usd_per_btc,
            round(liquidity.wednesday_assets_usd_bn, 1) AS assets_usd_bn,
            round(repo.highest_usd_bn, 2) AS srf_highest_usd_bn
        FROM marts.dollar_liquidity_daily AS liquidity
        LEFT JOIN repo ON liquidity.effective_date = repo.wednesday_date
        WHERE liquidity.wednesday_assets_usd_bn IS NOT NULL AND liquidity.effective_date >= DATE '2018-01-01'
        ORDER BY liquidity.effective_date
    """,
    title=_bitcoin_title,
    draw=_draw_bitcoin,
    alt=_bitcoin_alt,
    datasets=("coinbase.daily_candles", "fred.observations", "nyfed.repo_operations"),
    note="Wednesdays; standing repo of the seven days to that Wednesday. Correlations of logarithms. Prices of "
    "bitcoin are the exchange's and stay out of the files of data.",
)

_CHANGES = {"net_liquidity_change_pct": "net liquidity", "bitcoin_change_pct": "bitcoin"}


def _changes_title(data: pl.DataFrame) -> str:
    value = _correlation(data, *_CHANGES)
    same = data.filter(pl.col("net_liquidity_change_pct") * pl.col("bitcoin_change_pct") > 0).height
    return (
        f"Net liquidity and bitcoin moved the same way in {100 * same / data.height:.0f} % of {_WEEKS}-week spans"
        + (f"; correlation {value:+.2f}" if value is not None else "")
    )


def _changes_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    return (
        f"{data.height} dots, one for each Wednesday from {data['wednesday_date'][0]}: change of net liquidity over "
        f"{_WEEKS} weeks across, of bitcoin upward, percent. Last: {last['net_liquidity_change_pct']:+.1f} and "
        f"{last['bitcoin_change_pct']:+.0f}."
    )


def _draw_changes(data: pl.DataFrame) -> alt.TopLevelMixin:
    across = alt.X(
        "net_liquidity_change_pct:Q",
        axis=alt.Axis(title=f"net liquidity, change over {_WEEKS} weeks, percent", format="+.0f", grid=True),
    )
    dots = (
        alt.Chart()
        .mark_point(filled=True, size=32, opacity=0.75)
        .encode(
            x=across,
            y=amount("bitcoin_change_pct", f"bitcoin, change over {_WEEKS} weeks, percent", axis_format="+.0f"),
            color=alt.Color("era:N", scale=alt.Scale(domain=sorted(data["era"].unique())), legend=alt.Legend()),
            shape=alt.Shape("era:N", scale=alt.Scale(domain=sorted(data["era"].unique())), legend=alt.Legend()),
            tooltip=[
                alt.Tooltip("wednesday_date:T", title="to", format="%Y-%m-%d"),
                alt.Tooltip("net_liquidity_change_pct:Q", title="net liquidity, %", format="+.1f"),
                alt.Tooltip("bitcoin_change_pct:Q", title="bitcoin, %", format="+.0f"),
            ],
        )
    )
    nothing = alt.InlineData(values=[{}])
    return alt.layer(
        alt.Chart(nothing).mark_rule(style="zero").encode(x=alt.XDatum(0)),
        alt.Chart(nothing).mark_rule(style="zero").encode(y=alt.YDatum(0)),
        dots,
        data=inline(data),
    ).properties(width=WIDTH, height=320)


CHANGES = Chart(
    id="net_liquidity_and_bitcoin_changes",
    mart="dollar_liquidity_daily",
    query=f"""
        SELECT
            later.effective_date AS wednesday_date,
            CASE WHEN later.effective_date < DATE '2022-01-01' THEN 'to 2021' ELSE 'from 2022' END AS era,
            round(100 * (later.net_liquidity_wednesday_usd_bn / earlier.net_liquidity_wednesday_usd_bn - 1), 2)
                AS net_liquidity_change_pct,
            round(100 * (later.bitcoin_close_usd_per_btc / earlier.bitcoin_close_usd_per_btc - 1), 1)
                AS bitcoin_change_pct
        FROM marts.dollar_liquidity_daily AS later
        INNER JOIN marts.dollar_liquidity_daily AS earlier
            ON earlier.effective_date = later.effective_date - {7 * _WEEKS}
        WHERE later.net_liquidity_wednesday_usd_bn IS NOT NULL AND earlier.net_liquidity_wednesday_usd_bn IS NOT NULL
          AND later.bitcoin_close_usd_per_btc IS NOT NULL AND earlier.bitcoin_close_usd_per_btc IS NOT NULL
        ORDER BY later.effective_date
    """,
    title=_changes_title,
    draw=_draw_changes,
    alt=_changes_alt,
    datasets=("coinbase.daily_candles", "fred.observations"),
    note="Net liquidity = Fed assets - Treasury's account - ON RRP, Wednesday levels. Spans overlap, so the dots are "
    "not independent, and the correlation means less than it seems.",
    withheld=("bitcoin_change_pct",),
)

_YIELDS = {
    "bill_4w_bond_equivalent_pct": "four-week bill",
    "yield_2y_pct": "two years",
    "yield_10y_pct": "ten years",
}


def _curve_title(data: pl.DataFrame) -> str:
    last = data.drop_nulls("curve_2y_10y_bp").row(-1, named=True)
    slope = last["curve_2y_10y_bp"]
    return (
        f"Ten-year Treasuries paid {last['yield_10y_pct']:.2f} % on {last['effective_date']}, {abs(slope):.0f} bp "
        f"{'more' if slope >= 0 else 'less'} than two-year ones"
    )


def _curve_alt(data: pl.DataFrame) -> str:
    slopes = data.drop_nulls("curve_2y_10y_bp").sort("curve_2y_10y_bp")
    low, high = slopes.row(0, named=True), slopes.row(-1, named=True)
    inverted = slopes.filter(pl.col("curve_2y_10y_bp") < 0).height
    return (
        f"Yields of Treasuries by day from {data['effective_date'][0]} and ten years less two years: lowest "
        f"{low['curve_2y_10y_bp']:+.0f} bp on {low['effective_date']}, highest {high['curve_2y_10y_bp']:+.0f} bp on "
        f"{high['effective_date']}, below zero on {100 * inverted / slopes.height:.1f} % of days."
    )


def _draw_curve(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "effective_date"
    tips = {name: (f"{label}, %", ".2f") for name, label in _YIELDS.items()} | {
        "curve_2y_10y_bp": ("ten less two years, bp", "+.0f")
    }
    above = alt.layer(
        lines(day, _YIELDS, "percent", axis_format=".1f"), crosshair(day, tips, name="-yields")
    ).properties(width=WIDTH, height=220)
    below = alt.layer(
        level(0.0),
        lines(day, {"curve_2y_10y_bp": "slope"}, "ten years less two years, basis points", axis_format="+.0f", place=3),
        crosshair(day, tips, name="-slope"),
    ).properties(width=WIDTH, height=130)
    return alt.vconcat(above, below, data=inline(data), spacing=32)


CURVE = Chart(
    id="yield_curve",
    mart="yield_curve_daily",
    query="""
        SELECT
            effective_date,
            round(bill_4w_bond_equivalent_pct, 2) AS bill_4w_bond_equivalent_pct,
            yield_2y_pct,
            yield_10y_pct,
            round(curve_2y_10y_bp, 1) AS curve_2y_10y_bp
        FROM marts.yield_curve_daily
        WHERE effective_date >= DATE '2018-01-01'
        ORDER BY effective_date
    """,
    title=_curve_title,
    draw=_draw_curve,
    alt=_curve_alt,
    datasets=("fred.observations",),
    note="Constant maturities of H.15; the bill as a bond-equivalent yield. Below zero: ten years yield less than two.",
)

_DEFINITIONS = {
    "ours_usd_bn": "ours: assets - account - reverse repo",
    "waller_usd_bn": "reserves + reverse repo (Waller)",
    "wrong_unit_usd_bn": "mistake: reverse repo in the wrong unit",
    "twice_usd_bn": "mistake: reserves - account - reverse repo",
}


def _definitions_title(data: pl.DataFrame) -> str:
    last = data.drop_nulls(["ours_usd_bn", "twice_usd_bn"]).row(-1, named=True)
    return (
        f"Net liquidity was {usd_bn(last['ours_usd_bn'])} on {last['wednesday_date']}; reserves less account less "
        f"reverse repo, which subtracts both twice, gives {usd_bn(last['twice_usd_bn'])}"
    )


def _definitions_alt(data: pl.DataFrame) -> str:
    last = data.drop_nulls(list(_DEFINITIONS)).row(-1, named=True)
    parts = "; ".join(f"{label} {usd_bn(last[name])}" for name, label in _DEFINITIONS.items())
    gaps = data.drop_nulls("mean_for_level_usd_bn").with_columns(size=pl.col("mean_for_level_usd_bn").abs())
    widest = gaps.sort("size").row(-1, named=True)
    return (
        f"Two panels by week from {data['wednesday_date'][0]}. Liquidity on {last['wednesday_date']}: {parts}. With "
        f"the mean of the week for the account's level the difference to ours is widest on {widest['wednesday_date']}: "
        f"{usd_bn(widest['mean_for_level_usd_bn'])}."
    )


def _draw_definitions(data: pl.DataFrame) -> alt.TopLevelMixin:
    day = "wednesday_date"
    tips = {name: (f"{label}, $bn", ",.0f") for name, label in _DEFINITIONS.items()} | {
        "mean_for_level_usd_bn": ("mean of the week less ours, $bn", "+,.0f")
    }
    above = alt.layer(
        lines(day, _DEFINITIONS, "billions of US dollars", zero=True), crosshair(day, tips, name="-definitions")
    ).properties(width=WIDTH, height=240)
    below = alt.layer(
        level(0.0),
        lines(day, {"mean_for_level_usd_bn": "difference"}, "the account's mean of the week (Anderson, Hayes) instead "
              "of its level: difference to ours, billions of US dollars", axis_format="+,.0f"),
        crosshair(day, tips, name="-mean"),
    ).properties(width=WIDTH, height=120)  # fmt: skip
    return alt.vconcat(above, below, data=inline(data), spacing=32)


DEFINITIONS = Chart(
    id="net_liquidity_definitions",
    mart="net_liquidity_definitions",
    query="""
        SELECT
            effective_date AS wednesday_date,
            round(max(definition_value) FILTER (definition_id = 'ours_wednesday'), 1) AS ours_usd_bn,
            round(max(definition_value) FILTER (definition_id = 'waller_bank_liquidity'), 1) AS waller_usd_bn,
            round(max(definition_value) FILTER (definition_id = 'mistake_billions_for_millions'), 1)
                AS wrong_unit_usd_bn,
            round(max(definition_value) FILTER (definition_id = 'mistake_reserves_less_tga_less_on_rrp'), 1)
                AS twice_usd_bn,
            round(max(difference_to_ours_usd_bn) FILTER (definition_id = 'anderson_net_liquidity'), 1)
                AS mean_for_level_usd_bn
        FROM marts.net_liquidity_definitions
        WHERE frequency = 'weekly' AND effective_date >= DATE '2018-01-01'
        GROUP BY effective_date
        ORDER BY effective_date
    """,
    title=_definitions_title,
    draw=_draw_definitions,
    alt=_definitions_alt,
    datasets=("fred.observations",),
    note="Wednesdays. Account: the Treasury's at the Fed. Formulas, authors and what cannot be made again are in "
    "net_liquidity_definitions.",
)

CHARTS = (BITCOIN, CHANGES, CURVE, DEFINITIONS)
