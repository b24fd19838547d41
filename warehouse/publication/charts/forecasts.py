"""Charts of the forecasts: what each model says now with its score, and what the models were worth so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import BLUE, GREEN, GREY, ORANGE, RED, WIDTH, at_places, inline
from warehouse.publication.charts.words import counted, usd_bn

_TARGETS = {
    "fed_assets": "Fed assets on Wednesday",
    "reserves": "reserves on Wednesday",
    "net_liquidity": "net liquidity on Wednesday",
    "tga_month_end": "TGA at the month end",
    "tga_quarter_end": "TGA at the quarter end",
    "sofr_quarter_end": "SOFR at the quarter end",
}
_MODELS = {
    "persistence": "no change",
    "previous_release": "as last time",
    "average_change": "mean change",
    "cash_flows_so_far": "cash flows so far",
    "daily_nowcast": "daily nowcast",
    "seasonal_flows": "seasonal flows",
    "treasury_assumption": "Treasury's assumption",
    "past_quarter_ends": "past quarter ends",
    "quarter_ends_of_like_reserves": "ends with like reserves",
}
_VERDICTS = {"better": GREEN, "undecided": GREY, "worse": RED, "benchmark": BLUE, "too few targets": ORANGE}


def _colour() -> alt.Color:
    """The verdict of a score; what loses is red."""
    return alt.Color(
        "skill_verdict:N",
        title=None,
        scale=alt.Scale(domain=at_places(_VERDICTS)),
        legend=alt.Legend(values=list(_VERDICTS), columns=5, symbolType="square"),
    )


def _names(column: str, names: Mapping[str, str]) -> str:
    """SQL that gives the words for the values of a column."""
    cases = " ".join("WHEN '{}' THEN '{}'".format(name, words.replace("'", "''")) for name, words in names.items())
    return f"CASE {column} {cases} END"


def _now_title(lead: str, suffix: str) -> Callable[[pl.DataFrame], str]:
    """The forecast of the model ``lead``, or of the first, and how many models win and lose against no change."""

    def text(data: pl.DataFrame) -> str:
        row = next(
            (one for one in data.iter_rows(named=True) if one["forecast_model"] == lead), data.row(0, named=True)
        )
        value = usd_bn(row["value"]) if suffix == "usd_bn" else f"{row['value']:+.1f} bp"
        counts = dict(data["skill_verdict"].value_counts().iter_rows())
        rivals = data.height - counts.get("benchmark", 0)
        return (
            f"{row['label'][0].upper()}{row['label'][1:]} says {value}; of {counted(rivals, 'model')} "
            f"{counts.get('better', 0) or 'none'} beat no change in the replay, "
            f"{counts.get('worse', 0) or 'none'} lost to it"
        )

    return text


def _now_alt(unit: str) -> Callable[[pl.DataFrame], str]:
    def text(data: pl.DataFrame) -> str:
        parts = "; ".join(
            f"{row['label']}: {row['value']:,.1f}"
            + (f" ({row['low']:,.1f} to {row['high']:,.1f})" if row["low"] is not None else "")
            + f", {row['score']}"
            for row in data.iter_rows(named=True)
        )
        return f"Forecasts made with what was known on {data['forecast_date'][0]}, {unit}. {parts}."

    return text


def _draw_now(unit: str) -> Callable[[pl.DataFrame], alt.TopLevelMixin]:
    """Each model a row: its name, its distance from no change with its interval, and the score in words.

    Words are in the plot, not next to it, so that a phone has room for both.
    """

    def draw(data: pl.DataFrame) -> alt.TopLevelMixin:
        labels = data["label"].to_list()
        y = alt.Y("label:N", sort=labels, axis=None)
        x = alt.X("moved:Q", axis=alt.Axis(title=f"forecast less the newest value known, {unit}", format="+,.0f"))
        tips = [
            alt.Tooltip("label:N", title="forecast"),
            alt.Tooltip("target_date:T", title="of", format="%Y-%m-%d"),
            alt.Tooltip("value:Q", title=unit, format=",.1f"),
            alt.Tooltip("low:Q", title="from", format=",.1f"),
            alt.Tooltip("high:Q", title="to", format=",.1f"),
            alt.Tooltip("score:N"),
        ]
        words = {"align": "left", "baseline": "middle", "style": "note"}
        return alt.layer(
            alt.Chart(alt.InlineData(values=[{}])).mark_rule(style="zero").encode(x=alt.XDatum(0)),
            alt.Chart().mark_rule(strokeWidth=5, opacity=0.4).encode(
                x=alt.X("low_moved:Q"), x2="high_moved", y=y, color=_colour(), tooltip=tips
            ),
            alt.Chart().mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=_colour(), tooltip=tips),
            alt.Chart().mark_text(**words, fontWeight="bold", dy=-14).encode(
                x=alt.XValue(2), y=y, text="label:N"
            ),
            alt.Chart().mark_text(**words, dy=14).encode(
                x=alt.XValue(2), y=y, text="score:N"
            ),
            data=inline(data),
        ).properties(width=WIDTH, height=60 * len(labels))  # fmt: skip

    return draw


def _now(mart: str, lead: str, suffix: str, unit: str, datasets: tuple[str, ...], bar: str) -> Chart:
    digits = 0 if suffix == "usd_bn" else 1
    return Chart(
        id=mart,
        mart=mart,
        query=f"""
            SELECT
                {_names("forecast_target", _TARGETS)} || ': ' || {_names("forecast_model", _MODELS)} AS label,
                forecast_model,
                forecast_date,
                target_date,
                forecast_{suffix} AS value,
                low_{suffix} AS low,
                high_{suffix} AS high,
                forecast_{suffix} - no_change AS moved,
                low_{suffix} - no_change AS low_moved,
                high_{suffix} - no_change AS high_moved,
                coalesce(skill_verdict, 'too few targets') AS skill_verdict,
                CASE
                    WHEN mean_absolute_error_{suffix} IS NULL THEN 'no score yet'
                    ELSE 'off by ' || printf('%.{digits}f', mean_absolute_error_{suffix})
                        || CASE WHEN forecast_model = 'persistence' THEN ' so far'
                            ELSE ', no change by ' || printf('%.{digits}f', persistence_error_{suffix}) END
                        || CASE skill_verdict WHEN 'better' THEN ': wins' WHEN 'worse' THEN ': loses' ELSE '' END
                END AS score
            FROM (
                SELECT *, max(forecast_{suffix}) FILTER (forecast_model = 'persistence')
                    OVER (PARTITION BY forecast_target) AS no_change
                FROM marts.{mart}
            )
            ORDER BY list_position({list(_TARGETS)}, forecast_target), list_position({list(_MODELS)}, forecast_model)
        """,
        title=_now_title(lead, suffix),
        draw=_draw_now(unit),
        alt=_now_alt(unit),
        datasets=datasets,
        has_facts=True,
        note=f"Bar: {bar}. Below it the mean absolute error of a replay since 2018 as then known, as many business "
        "days ahead (marts.forecast_scores).",
    )


_MONEY = ("fred.observations", "fiscaldata.operating_cash_balance")
_RATES = ("nyfed.reference_rates", "fred.observations")
BALANCE_SHEET = _now(
    "balance_sheet_forecasts", "daily_nowcast", "usd_bn", "billions of US dollars", _MONEY,
    "four outcomes of five should be in it, by past errors of the model",
)  # fmt: skip
_TO_CEILING = "basis points to the ceiling"
SOFR = _now(
    "quarter_end_sofr_forecasts", "quarter_ends_of_like_reserves", "bp", _TO_CEILING, _RATES,
    "four past errors of five; for past quarter ends and those of like reserves the least and most of eight ends",
)  # fmt: skip


def _scores_title(data: pl.DataFrame) -> str:
    counts = dict(data["skill_verdict"].value_counts().iter_rows())
    return (
        f"Of {data.height} models and horizons {counts.get('better', 0)} beat no change, "
        f"{counts.get('worse', 0)} lose, {counts.get('undecided', 0)} differ by no more than chance"
    )


def _scores_alt(data: pl.DataFrame) -> str:
    parts = "; ".join(
        f"{label}: "
        + ", ".join(f"{row['horizon']} days {100 * row['skill_ratio']:+.0f} % {row['skill_verdict']}" for row in rows)
        for label, rows in data.rows_by_key("label", named=True, unique=False).items()
    )
    return f"Share of the error of no change that each model saves, by business days ahead. {parts}."


def _draw_scores(data: pl.DataFrame) -> alt.TopLevelMixin:
    labels = data["label"].unique(maintain_order=True).to_list()
    horizons = data.sort("horizon_from_days")["horizon"].unique(maintain_order=True).to_list()
    axis = alt.Axis(title=None, ticks=False, domain=False, minExtent=290, labelLimit=290)
    x = alt.X("horizon:N", sort=horizons, axis=alt.Axis(title="business days ahead", labelAngle=0, orient="top"))
    y = alt.Y("label:N", sort=labels, axis=axis)
    tips = [
        alt.Tooltip("label:N", title="model"),
        alt.Tooltip("horizon:N", title="business days ahead"),
        alt.Tooltip("skill_ratio:Q", title="saves", format="+.0%"),
        alt.Tooltip("skill_low_ratio:Q", title="from", format="+.0%"),
        alt.Tooltip("skill_high_ratio:Q", title="to", format="+.0%"),
        alt.Tooltip("coverage_ratio:Q", title="outcomes in the interval", format=".0%"),
        alt.Tooltip("targets_count:Q", title="target dates"),
        alt.Tooltip("sentence:N", title="in words"),
    ]
    cells = alt.Chart().mark_rect(opacity=0.35).encode(x=x, y=y, color=_colour(), tooltip=tips)
    words = (
        alt.Chart()
        .transform_calculate(saved_pct="max(-99, 100 * datum.skill_ratio)")
        .mark_text(style="value", align="center", baseline="middle")
        .encode(x=x, y=y, text=alt.Text("saved_pct:Q", format="+.0f"), tooltip=tips)
    )
    return alt.layer(cells, words, data=inline(data)).properties(width=460, height=26 * len(labels))


SCORES = Chart(
    id="forecast_scores",
    mart="forecast_scores",
    query=f"""
        SELECT
            {_names("forecast_target", _TARGETS)} || ': ' || {_names("forecast_model", _MODELS)} AS label,
            CASE
                WHEN horizon_to_days = 999 THEN horizon_from_days || '+'
                WHEN horizon_from_days = horizon_to_days THEN '' || horizon_from_days
                ELSE horizon_from_days || '–' || horizon_to_days
            END AS horizon,
            horizon_from_days,
            skill_ratio,
            skill_low_ratio,
            skill_high_ratio,
            skill_verdict,
            coverage_ratio,
            targets_count,
            last_target_date,
            sentence
        FROM marts.forecast_scores
        WHERE record = 'replayed' AND skill_ratio IS NOT NULL
            AND forecast_model NOT IN ('persistence', 'previous_release')
        ORDER BY list_position({list(_TARGETS)}, forecast_target), list_position({list(_MODELS)}, forecast_model),
            horizon_from_days
    """,
    title=_scores_title,
    draw=_draw_scores,
    alt=_scores_alt,
    datasets=("fred.observations", "fiscaldata.operating_cash_balance", "nyfed.reference_rates"),
    has_facts=True,
    note="Percent of the mean absolute error of no change that a model saves; below zero it is worse, -99 is that or "
    "less. Replayed since 2018 as then known. Undecided: the 90 % interval of a block bootstrap holds zero. Live: "
    "marts.forecast_ledger.",
)

CHARTS = (BALANCE_SHEET, SOFR, SCORES)
