"""Charts of SOFR against the ceiling of the target range."""

from __future__ import annotations

import altair as alt
import polars as pl

from warehouse.charts.chart import Chart
from warehouse.charts.look import WIDTH, amount, crosshair, days, inline, level, lines, runs, shade
from warehouse.charts.words import counted, usd_bn

_STRESS_COLUMNS = {
    "sofr_minus_ceiling_bp": ("SOFR minus ceiling, bp", ".0f"),
    "srf_accepted_usd_bn": ("Standing repo lent, $bn", ",.3f"),
}


def _stress_title(data: pl.DataFrame) -> str:
    spread = data.drop_nulls("sofr_minus_ceiling_bp").tail(20)
    above = spread.filter(pl.col("sofr_minus_ceiling_bp") > 0).height
    lent = data.drop_nulls("srf_accepted_usd_bn").filter(pl.col("srf_accepted_usd_bn") > 0)
    head = f"SOFR was above the ceiling on {counted(above, 'day')} of the last {spread.height}"
    if lent.is_empty():
        return f"{head}; the standing repo facility lent nothing"
    peak = lent.sort("srf_accepted_usd_bn").row(-1, named=True)
    return f"{head}; the SRF lent {usd_bn(peak['srf_accepted_usd_bn'], 1)} at its peak on {peak['effective_date']}"


def _stress_alt(data: pl.DataFrame) -> str:
    spread = data.drop_nulls("sofr_minus_ceiling_bp")
    last, top = spread.row(-1, named=True), spread.sort("sofr_minus_ceiling_bp").row(-1, named=True)
    used = data.filter(pl.col("srf_accepted_usd_bn") >= 1).height
    return (
        f"Two panels by business day from {data['effective_date'].min()}. Above, SOFR minus the ceiling of the target "
        f"range: {last['sofr_minus_ceiling_bp']:.0f} basis points on {last['effective_date']}, highest "
        f"{top['sofr_minus_ceiling_bp']:.0f} on {top['effective_date']}. Below, standing repo lent: a billion dollars "
        f"or more on {counted(used, 'day')}."
    )


def _draw_stress(data: pl.DataFrame) -> alt.VConcatChart:
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
    return alt.vconcat(above, below, data=inline(data.drop("srf_regime")), spacing=34)


STRESS = Chart(
    id="sofr_against_ceiling_and_srf",
    essay_id="G7",
    link="ceiling",
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
            replace(regimes.policy_regime, '_', ' ') AS srf_regime
        FROM marts.funding_stress_daily AS stress
        ASOF LEFT JOIN regimes ON stress.effective_date >= regimes.from_date
        WHERE stress.effective_date >= DATE '2021-07-29'
        ORDER BY stress.effective_date
    """,
    title=_stress_title,
    draw=_draw_stress,
    alt=_stress_alt,
    day="effective_date",
    datasets=("nyfed.reference_rates", "nyfed.repo_operations", "fred.observations"),
    note="Take-up of both daily operations without small-value exercises. Shaded: terms of the facility.",
)

CHARTS = (STRESS,)
