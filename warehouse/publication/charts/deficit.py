"""Charts of the deficit, what is issued to finance it, and the Treasury's cash."""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import (
    WIDTH,
    crosshair,
    inline,
    level,
    lines,
    runs,
    shade,
    stacked,
)
from warehouse.publication.charts.words import counted, month, unbroken, usd_bn

_CLASSES = {
    "bills_net_usd_bn": "bills",
    "notes_net_usd_bn": "notes",
    "bonds_net_usd_bn": "bonds",
    "tips_accretion_usd_bn": "accretion of TIPS",
    "other_net_usd_bn": "other",
}


def _issuance_title(data: pl.DataFrame) -> str:
    whole = data.filter(pl.col("is_complete"))
    if whole.is_empty():
        last = data.row(-1, named=True)
        return f"Net issuance so far in FY{last['fiscal_year']}: {usd_bn(last['net_issuance_with_accretion_usd_bn'])}"
    last = whole.row(-1, named=True)
    five = last["net_issuance_to_deficit_5y_ratio"]
    tail = f", and {five:.2f} times over five years" if five is not None else ""
    return (
        f"The Treasury issued {usd_bn(last['net_issuance_with_accretion_usd_bn'])} net in FY{last['fiscal_year']}, "
        f"{last['net_issuance_to_deficit_ratio']:.2f} times the deficit{tail}"
    )


def _issuance_alt(data: pl.DataFrame) -> str:
    parts = [
        f"FY{row['fiscal_year']}: net issuance {usd_bn(row['net_issuance_with_accretion_usd_bn'])}, of it bills "
        f"{usd_bn(row['bills_net_usd_bn'])}, deficit {usd_bn(row['deficit_usd_bn'])}"
        for row in data.filter(pl.col("is_complete")).tail(3).iter_rows(named=True)
    ]
    years = "; ".join(parts) or "No whole year"
    return f"Net issuance of marketable debt by class and the deficit, by fiscal year. {years}."


def _draw_issuance(data: pl.DataFrame) -> alt.TopLevelMixin:
    years = alt.X("year:O", axis=alt.Axis(title=None, labelAngle=0))
    deficit = (
        alt.Chart()
        .mark_point(style="total", shape="diamond", filled=True, size=110)
        .encode(
            x=years,
            y="deficit_usd_bn:Q",
            tooltip=[
                alt.Tooltip("year:O", title="fiscal year"),
                alt.Tooltip("deficit_usd_bn:Q", title="deficit, $bn", format=",.0f"),
                alt.Tooltip("net_issuance_with_accretion_usd_bn:Q", title="net issuance, $bn", format=",.0f"),
                alt.Tooltip("net_issuance_to_deficit_ratio:Q", title="issuance / deficit", format=".2f"),
            ],
        )
    )
    labelled = data.with_columns(
        year=pl.format(
            "{}{}", pl.col("fiscal_year"), pl.when("is_complete").then(pl.lit("")).otherwise(pl.lit(" part"))
        )
    )
    return alt.layer(
        stacked(years, _CLASSES, "billions of US dollars", columns=5), level(0.0), deficit, data=inline(labelled)
    ).properties(width=WIDTH, height=320)


ISSUANCE = Chart(
    id="deficit_and_net_issuance",
    mart="treasury_issuance_fiscal_year",
    query="""
        SELECT
            fiscal_year, is_complete,
            (SELECT max(effective_date) FROM marts.treasury_issuance_daily) AS statement_date,
            round(bills_net_usd_bn, 1) AS bills_net_usd_bn,
            round(notes_net_usd_bn, 1) AS notes_net_usd_bn,
            round(bonds_net_usd_bn, 1) AS bonds_net_usd_bn,
            round(tips_accretion_usd_bn, 1) AS tips_accretion_usd_bn,
            round(other_net_usd_bn, 1) AS other_net_usd_bn,
            round(net_issuance_with_accretion_usd_bn, 1) AS net_issuance_with_accretion_usd_bn,
            -- The deficit of a whole year is no measure for the issuance of a part of it.
            CASE WHEN is_complete OR deficit_months_count < 12 THEN round(deficit_usd_bn, 1) END AS deficit_usd_bn,
            round(net_issuance_to_deficit_ratio, 3) AS net_issuance_to_deficit_ratio,
            round(net_issuance_to_deficit_5y_ratio, 3) AS net_issuance_to_deficit_5y_ratio
        FROM marts.treasury_issuance_fiscal_year
        ORDER BY fiscal_year
    """,
    title=_issuance_title,
    draw=_draw_issuance,
    alt=_issuance_alt,
    datasets=("fiscaldata.public_debt_transactions", "fiscaldata.mts_table_1", "fred.observations"),
    note="Bars: net issuance of marketable debt by class. Diamond: deficit, as the newest monthly statement prints it, "
    "FRED's copy where none is held.",
)

_MEANS = {
    "net_borrowing_usd_bn": "borrowing from the public",
    "cash_drawdown_usd_bn": "cash drawn down",
    "other_means_usd_bn": "other means",
    "restatement_usd_bn": "restated since",
    "residual_usd_bn": "residual",
}


def _bridge_title(data: pl.DataFrame) -> str:
    last = unbroken(data, "month_date", rows=12, apart=31)
    totals = {name: last[name].sum() for name in ("deficit_usd_bn", "net_borrowing_usd_bn", "cash_drawdown_usd_bn")}
    cash = totals["cash_drawdown_usd_bn"]
    return (
        f"Of {usd_bn(totals['deficit_usd_bn'])} deficit in the {counted(last.height, 'month')} to "
        f"{month(last['month_date'][-1])}, "
        f"borrowing financed {usd_bn(totals['net_borrowing_usd_bn'])}; the cash account "
        f"{'gave' if cash >= 0 else 'took'} {usd_bn(abs(cash))}"
    )


def _bridge_alt(data: pl.DataFrame) -> str:
    row = data.row(-1, named=True)
    parts = ", ".join(f"{label} {usd_bn(row[name], 1)}" for name, label in _MEANS.items() if row[name] is not None)
    return (
        f"How each month's deficit was financed, {data.height} months. {month(row['month_date'])}: deficit "
        f"{usd_bn(row['deficit_usd_bn'], 1)}; {parts}."
    )


def _draw_bridge(data: pl.DataFrame) -> alt.TopLevelMixin:
    months = alt.X("month:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap="greedy"))
    deficit = (
        alt.Chart()
        .mark_point(style="total", shape="diamond", filled=True, size=50)
        .encode(
            x=months,
            y="deficit_usd_bn:Q",
            tooltip=[alt.Tooltip("month:O"), alt.Tooltip("deficit_usd_bn:Q", title="deficit, $bn", format=",.1f")],
        )
    )
    return alt.layer(
        stacked(months, _MEANS, "billions of US dollars", residual="residual_usd_bn"),
        level(0.0),
        deficit,
        data=inline(data.with_columns(month=pl.col("month_date").dt.strftime("%Y-%m"))),
    ).properties(width=WIDTH, height=320)


BRIDGE = Chart(
    id="deficit_bridge",
    mart="deficit_bridge_monthly",
    query="""
        SELECT
            month_date,
            round(deficit_usd_bn, 1) AS deficit_usd_bn,
            round(net_borrowing_usd_bn, 1) AS net_borrowing_usd_bn,
            round(cash_drawdown_usd_bn, 1) AS cash_drawdown_usd_bn,
            round(other_means_usd_bn, 1) AS other_means_usd_bn,
            round(restatement_usd_bn, 1) AS restatement_usd_bn,
            round(residual_usd_bn, 1) AS residual_usd_bn
        FROM marts.deficit_bridge_monthly
        WHERE residual_usd_bn IS NOT NULL
          AND month_date > (SELECT max(month_date) - INTERVAL 36 MONTH FROM marts.deficit_bridge_monthly)
        ORDER BY month_date
    """,
    title=_bridge_title,
    draw=_draw_bridge,
    alt=_bridge_alt,
    datasets=("fiscaldata.mts_table_1", "fiscaldata.mts_table_6", "fiscaldata.operating_cash_balance"),
    note="Bars add up to the deficit (diamond) of the newest statement. Restated since: what it has changed of the "
    "first print, which the means finance. Residual: daily cash against the cash of the monthly statement.",
)

_WALL = {"bills": "bills", "frns": "floating-rate notes", "notes": "notes", "tips": "TIPS", "bonds": "bonds"}


def _wall_due(data: pl.DataFrame, months: int) -> float:
    names = [f"{name}_usd_bn" for name in _WALL]
    near = data.filter(pl.col("quarters_ahead_count") < months // 3)
    return float(near.select(pl.sum_horizontal(pl.col(names).sum())).item())


def _wall_title(data: pl.DataFrame) -> str:
    due, total = _wall_due(data, 12), data["statement_total_usd_bn"][0]
    return (
        f"{usd_bn(due)} falls due within a year of {data['statement_date'][0]}, {100 * due / total:.0f} % of all "
        "marketable debt"
    )


def _wall_alt(data: pl.DataFrame) -> str:
    first = data.row(0, named=True)
    parts = ", ".join(f"{label} {usd_bn(first[f'{name}_usd_bn'])}" for name, label in _WALL.items())
    return (
        f"Marketable debt of {usd_bn(first['statement_total_usd_bn'])} on {first['statement_date']} by the quarter "
        f"year in which it falls due, ten years ahead. First three months: {parts}. Within five years: "
        f"{usd_bn(_wall_due(data, 60))}."
    )


def _draw_wall(data: pl.DataFrame) -> alt.TopLevelMixin:
    quarters = alt.X("until:O", axis=alt.Axis(title="falls due in the three months to", labelAngle=0))
    series = {f"{name}_usd_bn": label for name, label in _WALL.items()}
    return alt.layer(
        stacked(quarters, series, "billions of US dollars", columns=5),
        data=inline(data.with_columns(until=pl.col("until_month_date").dt.strftime("%Y-%m"))),
    ).properties(width=WIDTH, height=320)


WALL = Chart(
    id="maturity_wall",
    mart="treasury_maturity_wall_monthly",
    query="""
        WITH wall AS (
            SELECT *, greatest(months_ahead_count - 1, 0) // 3 AS quarters_ahead_count
            FROM marts.treasury_maturity_wall_monthly
            WHERE statement_date = (SELECT max(statement_date) FROM marts.treasury_maturity_wall_monthly)
        )
        SELECT
            statement_date,
            last_day(statement_date + to_months(3 * (quarters_ahead_count::INTEGER + 1))) AS until_month_date,
            quarters_ahead_count,
            round(coalesce(sum(falling_due_usd_bn) FILTER (security_class = 'bills'), 0), 1) AS bills_usd_bn,
            round(coalesce(sum(falling_due_usd_bn) FILTER (security_class = 'frns'), 0), 1) AS frns_usd_bn,
            round(coalesce(sum(falling_due_usd_bn) FILTER (security_class = 'notes'), 0), 1) AS notes_usd_bn,
            round(coalesce(sum(falling_due_usd_bn) FILTER (security_class = 'tips'), 0), 1) AS tips_usd_bn,
            round(coalesce(sum(falling_due_usd_bn) FILTER (security_class = 'bonds'), 0), 1) AS bonds_usd_bn,
            round(any_value(statement_total_usd_bn), 1) AS statement_total_usd_bn
        FROM wall
        WHERE quarters_ahead_count < 40
        GROUP BY statement_date, quarters_ahead_count
        ORDER BY quarters_ahead_count
    """,
    title=_wall_title,
    draw=_draw_wall,
    alt=_wall_alt,
    datasets=("fiscaldata.mspd_table_3_market",),
    note="What was outstanding at the statement; bills rolled later come again. What falls due after ten years is "
    "not shown.",
)

_RATES = {
    "deficit_to_gdp_pct": "federal deficit, % of GDP",
    "saving_to_gdp_pct": "personal saving, % of GDP",
    "saving_rate_pct": "personal saving, % of disposable income",
}


def _saving_title(data: pl.DataFrame) -> str:
    row = data.row(-1, named=True)
    deficit, saving = row["deficit_to_gdp_pct"], row["saving_to_gdp_pct"]
    word = "less than" if saving < deficit else "more than"
    return f"In {row['calendar_year']} personal saving was {saving:.1f} % of GDP, {word} the deficit of {deficit:.1f} %"


def _saving_alt(data: pl.DataFrame) -> str:
    parts = [
        f"{row['calendar_year']}: deficit {row['deficit_to_gdp_pct']:.1f}, saving {row['saving_to_gdp_pct']:.1f} "
        f"percent of GDP, saving rate {row['saving_rate_pct']:.1f} percent of disposable income"
        for row in data.iter_rows(named=True)
    ]
    return f"Deficit and personal saving by calendar year. {'; '.join(parts)}."


def _draw_saving(data: pl.DataFrame) -> alt.TopLevelMixin:
    dated = data.with_columns(year_date=pl.date("calendar_year", 1, 1))
    return alt.layer(
        lines("year_date", _RATES, "percent", zero=True, points=True, axis_format=".0f"),
        crosshair("year_date", {name: (label, ".1f") for name, label in _RATES.items()}, zoom=False),
        data=inline(dated),
    ).properties(width=WIDTH, height=280)


SAVING = Chart(
    id="saving_against_deficit",
    link="deficit",
    mart="saving_vs_deficit_annual",
    query="""
        SELECT
            calendar_year,
            make_date(calendar_year, 12, 31) AS year_end_date,
            round(deficit_to_gdp_pct, 2) AS deficit_to_gdp_pct,
            round(saving_to_gdp_pct, 2) AS saving_to_gdp_pct,
            round(saving_rate_pct, 2) AS saving_rate_pct
        FROM marts.saving_vs_deficit_annual
        WHERE deficit_to_gdp_pct IS NOT NULL AND saving_to_gdp_pct IS NOT NULL AND saving_rate_pct IS NOT NULL
        ORDER BY calendar_year
    """,
    title=_saving_title,
    draw=_draw_saving,
    alt=_saving_alt,
    datasets=("fred.observations", "fiscaldata.mts_table_1"),
    note="Years of the calendar. Only shares of GDP can be compared; the saving rate has another denominator.",
)


def _cash_title(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    head = f"The Treasury held {usd_bn(last['closing_balance_usd_bn'])} on {last['effective_date']}"
    judged = data.drop_nulls("excess_over_assumed_usd_bn")
    if judged.is_empty():
        return head
    target = judged.row(-1, named=True)
    excess, assumed = target["excess_over_assumed_usd_bn"], usd_bn(target["assumed_cash_balance_usd_bn"])
    gap = f"{usd_bn(abs(excess))} {'above' if excess > 0 else 'below'}" if round(excess) else "just"
    if target["effective_date"] == last["effective_date"]:
        return f"{head}, {gap} the {assumed} it had assumed"
    return f"{head}; no estimate covers that day. On {target['effective_date']} it was {gap} the {assumed} then assumed"


def _cash_alt(data: pl.DataFrame) -> str:
    last = data.row(-1, named=True)
    low = data.sort("closing_balance_usd_bn").row(0, named=True)
    high = data.sort("closing_balance_usd_bn").row(-1, named=True)
    return (
        f"Closing balance of the Treasury at the Fed by business day from {data['effective_date'].min()}, and the "
        f"balance that its newest estimate assumed: {usd_bn(last['closing_balance_usd_bn'])} on "
        f"{last['effective_date']}, lowest "
        f"{usd_bn(low['closing_balance_usd_bn'])} on {low['effective_date']}, highest "
        f"{usd_bn(high['closing_balance_usd_bn'])} on {high['effective_date']}. Shaded: debt limit binding, shutdown."
    )


def _draw_cash(data: pl.DataFrame) -> alt.TopLevelMixin:
    return alt.layer(
        shade(runs(data, "effective_date", "fiscal_state")),
        lines(
            "effective_date",
            {
                "closing_balance_usd_bn": "Closing balance",
                "assumed_cash_balance_usd_bn": "Assumed for quarter's end",
            },
            "billions of US dollars",
            zero=True,
        ),
        crosshair(
            "effective_date",
            {
                "closing_balance_usd_bn": ("Closing balance, $bn", ",.1f"),
                "assumed_cash_balance_usd_bn": ("Assumed, $bn", ",.0f"),
                "excess_over_assumed_usd_bn": ("Excess, $bn", "+,.1f"),
            },
        ),
        data=inline(data.drop("fiscal_state")),
    ).properties(width=WIDTH, height=320)


CASH = Chart(
    id="treasury_cash_against_assumed",
    essay_id="G10",
    link="deficit",
    mart="treasury_cash_daily",
    query="""
        SELECT
            effective_date,
            round(closing_balance_usd_bn, 1) AS closing_balance_usd_bn,
            assumed_cash_balance_usd_bn,
            round(excess_over_assumed_usd_bn, 1) AS excess_over_assumed_usd_bn,
            CASE
                WHEN is_government_shutdown AND shutdown_scope = 'full' THEN 'shutdown'
                WHEN is_debt_limit_binding THEN 'debt limit'
            END AS fiscal_state
        FROM marts.treasury_cash_daily
        WHERE closing_balance_usd_bn IS NOT NULL
        ORDER BY effective_date
    """,
    title=_cash_title,
    draw=_draw_cash,
    alt=_cash_alt,
    datasets=("fiscaldata.operating_cash_balance",),
    has_facts=True,
    note="Shaded: days on which the debt limit bound, or all appropriations had lapsed.",
)

CHARTS = (ISSUANCE, BRIDGE, CASH, WALL, SAVING)
