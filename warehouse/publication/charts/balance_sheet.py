"""Charts of the Fed's balance sheet: reverse repo, reserves, and what made reserves change."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, crosshair, inline, lines, moments
from warehouse.publication.charts.words import direction, usd_bn


def _rrp_title(data: pl.DataFrame) -> str:
    last, top = data.row(-1, named=True), data.sort("on_rrp_usd_bn").row(-1, named=True)
    head = f"ON RRP held {usd_bn(last['on_rrp_usd_bn'], 1)} on {last['effective_date']}"
    if top["on_rrp_usd_bn"] == last["on_rrp_usd_bn"]:
        return f"{head}, the most since {data['effective_date'][0]}"
    share = 100 * last["on_rrp_usd_bn"] / top["on_rrp_usd_bn"]
    return (
        f"{head}, {share:.1f} % of the highest since {data['effective_date'][0]}, {usd_bn(top['on_rrp_usd_bn'])} on "
        f"{top['effective_date']}"
    )


def _rrp_alt(data: pl.DataFrame) -> str:
    recent = data.tail(60)
    return (
        f"Overnight reverse repo with the Fed by business day from {data['effective_date'][0]} to "
        f"{data['effective_date'][-1]}; median of the last {recent.height} days "
        f"{usd_bn(recent['on_rrp_usd_bn'].median(), 1)}."
    )


def _draw_rrp(data: pl.DataFrame) -> alt.TopLevelMixin:
    return alt.layer(
        lines("effective_date", {"on_rrp_usd_bn": "ON RRP"}, "billions of US dollars", zero=True),
        crosshair("effective_date", {"on_rrp_usd_bn": ("ON RRP, $bn", ",.1f")}),
        data=inline(data),
    ).properties(width=WIDTH, height=280)


RRP = Chart(
    id="on_rrp_to_zero",
    essay_id="G8",
    link="balance_sheet",
    mart="dollar_liquidity_daily",
    query="""
        SELECT effective_date, round(nowcast_on_rrp_usd_bn, 2) AS on_rrp_usd_bn
        FROM marts.dollar_liquidity_daily
        WHERE nowcast_on_rrp_usd_bn IS NOT NULL
        ORDER BY effective_date
    """,
    title=_rrp_title,
    draw=_draw_rrp,
    alt=_rrp_alt,
    datasets=("nyfed.repo_operations", "fred.observations"),
    note="Without small-value exercises; FRED's figure where no operation is held.",
)


def _reserves_title(data: pl.DataFrame) -> str:
    start = data.filter(pl.col("is_start_of_2022"))
    first, last = (start if start.height else data).row(0, named=True), data.row(-1, named=True)
    change = last["reserves_usd_bn"] - first["reserves_usd_bn"]
    low = data.filter(pl.col("wednesday_date") >= first["wednesday_date"]).sort("reserves_usd_bn").row(0, named=True)
    head = (
        f"Bank reserves {direction(change)} by {usd_bn(abs(change))} since {first['wednesday_date']} to "
        f"{usd_bn(last['reserves_usd_bn'])}"
    )
    if low["wednesday_date"] == last["wednesday_date"]:
        return f"{head} on {last['wednesday_date']}, the low of these years"
    return f"{head}; the low was {usd_bn(low['reserves_usd_bn'])} on {low['wednesday_date']}"


def _reserves_alt(data: pl.DataFrame) -> str:
    last, top = data.row(-1, named=True), data.sort("reserves_usd_bn").row(-1, named=True)
    return (
        f"Reserve balances on Wednesdays from {data['wednesday_date'][0]}: highest {usd_bn(top['reserves_usd_bn'])} on "
        f"{top['wednesday_date']}, {usd_bn(last['reserves_usd_bn'])} on {last['wednesday_date']}. Fed assets "
        f"{usd_bn(last['assets_usd_bn'])}."
    )


def _draw_reserves(data: pl.DataFrame) -> alt.TopLevelMixin:
    marks = {
        data.filter(pl.col(flag)).row(0, named=True)["wednesday_date"]: label
        for flag, label in (("is_run_off", "run-off starts"), ("is_bill_purchases", "bill purchases"))
        if data[flag].any()
    }
    series = {"reserves_usd_bn": "reserves", "assets_usd_bn": "all assets of the Fed"}
    return alt.layer(
        lines("wednesday_date", series, "billions of US dollars", zero=True),
        *([moments(marks, (data["wednesday_date"][0], data["wednesday_date"][-1]))] if marks else []),
        crosshair("wednesday_date", {name: (f"{label}, $bn", ",.0f") for name, label in series.items()}),
        data=inline(data.select("wednesday_date", *series)),
    ).properties(width=WIDTH, height=300)


RESERVES = Chart(
    id="bank_reserves",
    essay_id="G9",
    mart="fed_balance_sheet_weekly",
    query="""
        SELECT
            sheet.wednesday_date,
            round(sheet.reserves_usd_bn, 1) AS reserves_usd_bn,
            round(sheet.assets_usd_bn, 1) AS assets_usd_bn,
            sheet.wednesday_date = min(sheet.wednesday_date) FILTER (sheet.wednesday_date >= DATE '2022-01-01') OVER ()
                AS is_start_of_2022,
            channels.reserves_created_since_qt_usd_bn IS NOT NULL AS is_run_off,
            channels.reserves_created_since_rmp_usd_bn IS NOT NULL AS is_bill_purchases
        FROM marts.fed_balance_sheet_weekly AS sheet
        LEFT JOIN marts.stealth_qe_daily AS channels ON sheet.wednesday_date = channels.effective_date
        WHERE sheet.reserves_usd_bn IS NOT NULL
        ORDER BY sheet.wednesday_date
    """,
    title=_reserves_title,
    draw=_draw_reserves,
    alt=_reserves_alt,
    datasets=("fred.observations",),
    has_facts=True,
    note="Wednesday levels. Lines: start of the run-off, and last Wednesday before bill purchases for reserve "
    "management.",
)

_CHANNELS = {
    "srf": "standing repo",
    "other_repo": "other repo",
    "loans": "loans to banks",
    "bills": "Treasury bills",
    "coupons": "notes and bonds",
    "mbs": "mortgage-backed securities",
    "other_assets": "other assets",
    "tga": "Treasury's account",
    "on_rrp": "ON RRP",
    "foreign_reverse_repo": "foreign reverse repo",
    "currency": "currency",
    "other_liabilities": "other liabilities",
    "reserves_created": "reserves",
}
_SINCE = {"qt": "since run-off started", "rmp": "since bill purchases"}


def _channels_title(data: pl.DataFrame) -> str:
    since = data["since"][0]
    rows = data.filter(pl.col("since") == since)
    total = rows.filter(pl.col("channel") == "reserves_created").row(0, named=True)
    parts = rows.filter(pl.col("channel") != "reserves_created").sort("added_usd_bn")
    low, high = parts.row(0, named=True), parts.row(-1, named=True)
    change = total["added_usd_bn"]
    head = f"Since {total['from_date']} reserves {direction(change)} by {usd_bn(abs(change))}"
    # The smallest of the channels may have added too, the largest may have taken.
    ends = [
        f"{_CHANNELS[row['channel']]} {word} {usd_bn(abs(row['added_usd_bn']))}"
        for row, word, is_so in ((low, "took", low["added_usd_bn"] < 0), (high, "gave", high["added_usd_bn"] > 0))
        if is_so
    ]
    return f"{head}: {', '.join(ends)}" if ends else head


def _channels_alt(data: pl.DataFrame) -> str:
    texts = []
    for (since,), rows in data.group_by("since", maintain_order=True):
        parts = ", ".join(
            f"{_CHANNELS[name]} {usd_bn(value)}" for name, value in rows.select("channel", "added_usd_bn").iter_rows()
        )
        texts.append(f"{_SINCE[since]} ({rows['from_date'][0]} to {rows['to_date'][0]}): {parts}")
    return f"What each line of the balance sheet added to bank reserves. {'. '.join(texts)}."


def _bridge(channels: pl.DataFrame) -> pl.DataFrame:
    """Ends, kind and label of each bar: it starts where the one before ended, the total starts at zero."""
    return channels.with_columns(
        name=pl.col("channel").replace(_CHANNELS),
        is_total=pl.col("channel") == "reserves_created",
        until_usd_bn=pl.col("added_usd_bn").cum_sum(),
    ).with_columns(
        left_usd_bn=pl.when("is_total").then(0.0).otherwise(pl.col("until_usd_bn") - pl.col("added_usd_bn")).round(1),
        right_usd_bn=pl.when("is_total").then("added_usd_bn").otherwise("until_usd_bn").round(1),
        kind=pl.when("is_total")
        .then(pl.lit("total"))
        .when(pl.col("added_usd_bn") < 0)
        .then(pl.lit("takes"))
        .otherwise(pl.lit("adds")),
        label=pl.col("added_usd_bn").round(0).cast(pl.Int64),
    )


def _draw_channels(data: pl.DataFrame) -> alt.TopLevelMixin:
    order = list(_CHANNELS.values())
    panels = []
    for place, (since, label) in enumerate(_SINCE.items()):
        rows = _bridge(data.filter(pl.col("since") == since))
        if rows.is_empty():
            continue
        axis = alt.Axis(title=None, minExtent=170 if place == 0 else 0, labels=place == 0, ticks=False, domain=False)
        across = alt.X(
            "left_usd_bn:Q", axis=alt.Axis(title="billions of US dollars", format=",.0f", grid=True, tickCount=4)
        )
        y = alt.Y("name:N", sort=order, axis=axis)
        bars = (
            alt.Chart()
            .mark_bar(size=15)
            .encode(
                x=across,
                x2="right_usd_bn",
                y=y,
                color=alt.Color(
                    "kind:N", scale=alt.Scale(domain=["adds", "takes", "total"]), legend=alt.Legend(symbolType="square")
                ),
                tooltip=[
                    alt.Tooltip("name:N", title="channel"),
                    alt.Tooltip("added_usd_bn:Q", title="added, $bn", format="+,.1f"),
                    alt.Tooltip("from_date:T", title="from", format="%Y-%m-%d"),
                    alt.Tooltip("to_date:T", title="to", format="%Y-%m-%d"),
                ],
            )
        )
        numbers = (
            alt.Chart()
            .transform_calculate(end="max(datum.left_usd_bn, datum.right_usd_bn)")
            .mark_text(style="value", align="left", dx=5)
            .encode(x="end:Q", y=y, text=alt.Text("label:Q", format="+,d"))
        )
        zero = alt.Chart(alt.InlineData(values=[{}])).mark_rule(style="zero").encode(x=alt.XDatum(0))
        panels.append(
            alt.layer(bars, numbers, zero, data=inline(rows)).properties(
                width=290,
                height=24 * len(order),
                title=alt.TitleParams(f"{label}, {rows['from_date'][0]}", style="panel", anchor="start"),
            )
        )
    return alt.hconcat(*panels, spacing=26)


CHANNELS = Chart(
    id="balance_sheet_bridge",
    mart="stealth_qe_daily",
    query="WITH ends AS ("
    + " UNION ALL ".join(
        f"SELECT '{since}' AS since, effective_date, "
        f"{', '.join(f'{name}_since_{since}_usd_bn AS {name}' for name in _CHANNELS)}, "
        f"min(effective_date) FILTER (reserves_created_since_{since}_usd_bn IS NOT NULL) OVER () AS from_date "
        f"FROM marts.stealth_qe_daily WHERE is_balance_sheet_day"
        for since in _SINCE
    )
    + "), newest AS (SELECT * FROM ends WHERE reserves_created IS NOT NULL "
    "QUALIFY row_number() OVER (PARTITION BY since ORDER BY effective_date DESC) = 1)"
    + " UNION ALL ".join(
        f" SELECT since, '{name}' AS channel, from_date, effective_date AS to_date, round({name}, 1) AS added_usd_bn, "
        f"{place} AS place FROM newest"
        for place, name in enumerate(_CHANNELS)
    )
    + " ORDER BY since, place",
    title=_channels_title,
    draw=_draw_channels,
    alt=_channels_alt,
    day="to_date",
    datasets=("fred.observations", "nyfed.soma_summary", "nyfed.repo_operations"),
    has_facts=True,
    note="What each line added to reserves: a liability that falls adds. The bars add up to the change of reserves: "
    "the identity of the balance sheet, Wednesday against Wednesday. Loans: discount window, Bank Term Funding "
    "Program, banks in receivership. Bills since December 2025 include those bought with principal of mortgage bonds.",
)

CHARTS = (RRP, RESERVES, CHANNELS)
