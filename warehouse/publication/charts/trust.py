"""Charts of the warehouse itself: what agrees, what was revised, what is late, and how the essay's claims fare."""

from __future__ import annotations

from typing import Any

import polars as pl

from warehouse.models.mart_files import LINKS
from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import BLUE, GREY, ORANGE, RED, WIDTH, at_places, days, inline
from warehouse.publication.charts.words import counted

_VERDICTS = ("agree", "differ", "not expected to agree")


def _rows(names: list[str], extent: int = 190, **options: Any) -> dict[str, Any]:
    axis = alt.Axis(title=None, minExtent=extent, ticks=False, domain=False, labelLimit=extent, **options)
    return {"sort": names, "axis": axis}


def _reconciliation_title(data: pl.DataFrame) -> str:
    differ = data.filter(pl.col("differ_count") > 0)
    pairs = data["pair"].n_unique()
    if differ.is_empty():
        agree = data["agree_count"].sum()
        return f"All {pairs} comparisons of two publishers agree wherever they should, on {agree:,} dates"
    names = differ["pair"].unique(maintain_order=True).to_list()
    rest = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return (
        f"{pairs - len(names)} of {pairs} comparisons of two publishers always agree; "
        f"{counted(int(differ['differ_count'].sum()), 'date')} "
        f"differ, in {', '.join(name.replace('_', ' ') for name in names[:2])}{rest}"
    )


def _reconciliation_alt(data: pl.DataFrame) -> str:
    differ = (
        data.group_by("pair", maintain_order=True).agg(pl.col("differ_count").sum()).filter(pl.col("differ_count") > 0)
    )
    parts = ", ".join(f"{pair.replace('_', ' ')} {number}" for pair, number in differ.iter_rows())
    return (
        f"{data['pair'].n_unique()} comparisons by quarter year, {data['agree_count'].sum():,} dates that agree. "
        f"Dates that differ beyond the tolerance: {parts or 'none'}."
    )


def _draw_reconciliation(data: pl.DataFrame) -> alt.TopLevelMixin:
    named = data.with_columns(pl.col("pair").str.replace_all("_", " "))
    names = named["pair"].unique(maintain_order=True).to_list()
    legend = alt.Legend(symbolType="square")
    return (
        alt.Chart(inline(named))
        .mark_rect(style="cell")
        .encode(
            x=days("quarter_start_date"),
            x2="quarter_end_date",
            y=alt.Y("pair:N", **_rows(names)),
            color=alt.Color("worst:N", scale=alt.Scale(domain=list(_VERDICTS)), legend=legend),
            opacity=alt.Opacity("weight:Q", scale=None),
            tooltip=[
                alt.Tooltip("pair:N"),
                alt.Tooltip("publishers:N"),
                alt.Tooltip("quarter_start_date:T", title="quarter from", format="%Y-%m-%d"),
                alt.Tooltip("agree_count:Q", title="dates that agree"),
                alt.Tooltip("differ_count:Q", title="dates that differ"),
                alt.Tooltip("unexpected_count:Q", title="not expected to agree"),
                alt.Tooltip("highest_to_tolerance_ratio:Q", title="largest difference / tolerance", format=".2f"),
            ],
        )
        .properties(width=WIDTH - 144, height=17 * len(names))
    )


RECONCILIATION = Chart(
    id="reconciliation_status",
    mart="reconciliation",
    query="""
        SELECT
            pair,
            first_publisher || ' / ' || second_publisher AS publishers,
            date_trunc('quarter', effective_date)::DATE AS quarter_start_date,
            (date_trunc('quarter', effective_date) + INTERVAL 3 MONTH)::DATE AS quarter_end_date,
            max(effective_date) AS last_date,
            count(*) FILTER (verdict = 'agree') AS agree_count,
            count(*) FILTER (verdict = 'differ') AS differ_count,
            count(*) FILTER (verdict = 'not expected to agree') AS unexpected_count,
            round(max(abs(difference_value) / nullif(tolerance_value, 0)), 3) AS highest_to_tolerance_ratio,
            CASE
                WHEN differ_count > 0 THEN 'differ'
                WHEN agree_count > 0 THEN 'agree'
                ELSE 'not expected to agree'
            END AS worst,
            CASE WHEN differ_count > 0 THEN 1 WHEN agree_count > 0 THEN 0.55 ELSE 0.3 END AS weight
        FROM marts.reconciliation
        GROUP BY pair, publishers, quarter_start_date, date_trunc('quarter', effective_date)
        ORDER BY pair, quarter_start_date
    """,
    title=_reconciliation_title,
    draw=_draw_reconciliation,
    alt=_reconciliation_alt,
    day="last_date",
    has_facts=True,
    note="Each cell is a quarter; it is marked differ if one date in it differs. Tolerances and their reasons: "
    "marts.reconciliation.",
)

_SIZES = ("under 0.1 %", "0.1 to 1 %", "1 to 5 %", "over 5 %", "withdrawn or returned")


def _revisions_title(data: pl.DataFrame) -> str:
    by_series = data.group_by("series").agg(pl.col("revisions_count").sum()).sort("revisions_count", "series").row(-1)
    large = data.filter(pl.col("size").is_in(_SIZES[3:4])).height
    return (
        f"{counted(int(data['revisions_count'].sum()), 'value')} revised after publication in "
        f"{counted(data['series'].n_unique(), 'series', 'series')}, "
        f"most in {by_series[0]} ({by_series[1]}); {counted(large, 'month')} moved by over 5 %"
    )


def _revisions_alt(data: pl.DataFrame) -> str:
    parts = "; ".join(
        f"{series}: {count} revisions, largest {largest:.2f} percent of the value before"
        for series, count, largest in data.group_by("series", maintain_order=True)
        .agg(pl.col("revisions_count").sum(), pl.col("largest_change_pct").max().fill_null(0))
        .iter_rows()
    )
    return f"Revisions by series and month of the value. {parts}."


def _draw_revisions(data: pl.DataFrame) -> alt.TopLevelMixin:
    names = data["series"].unique(maintain_order=True).to_list()
    return (
        alt.Chart(inline(data.drop("newest_known_from")))
        .mark_rect(style="cell")
        .encode(
            x=days("month_start_date", title="month that the value is about"),
            x2="month_date",
            y=alt.Y("series:N", **_rows(names)),
            color=alt.Color(
                "size:O", scale=alt.Scale(domain=list(_SIZES)), legend=alt.Legend(symbolType="square", columns=5)
            ),
            tooltip=[
                alt.Tooltip("series:N"),
                alt.Tooltip("month_date:T", title="month", format="%Y-%m"),
                alt.Tooltip("revisions_count:Q", title="later versions"),
                alt.Tooltip("largest_change_pct:Q", title="largest change, % of the value before", format=".3f"),
                alt.Tooltip("longest_days_count:Q", title="days after the date, at most"),
                alt.Tooltip("known_basis:N", title="knowledge time"),
            ],
        )
        .properties(width=WIDTH - 144, height=alt.Step(26))
    )


REVISIONS = Chart(
    id="revision_heat_map",
    mart="revision_log",
    query="""
        SELECT
            series || ' (' || split_part(dataset, '.', 1) || ')' AS series,
            date_trunc('month', effective_date)::DATE AS month_start_date,
            last_day(effective_date) AS month_date,
            count(*) AS revisions_count,
            round(max(100 * abs(change_value / nullif(old_value, 0))) FILTER (revision_kind = 'changed'), 4)
                AS largest_change_pct,
            max(days_after_effective_count) AS longest_days_count,
            string_agg(DISTINCT known_basis, ', ' ORDER BY known_basis) AS known_basis,
            max(known_from) AS newest_known_from,
            CASE
                WHEN bool_or(revision_kind <> 'changed') THEN 'withdrawn or returned'
                WHEN largest_change_pct < 0.1 THEN 'under 0.1 %'
                WHEN largest_change_pct < 1 THEN '0.1 to 1 %'
                WHEN largest_change_pct < 5 THEN '1 to 5 %'
                ELSE 'over 5 %'
            END AS size
        FROM marts.revision_log
        GROUP BY 1, 2, 3
        ORDER BY 1, 2
    """,
    title=_revisions_title,
    draw=_draw_revisions,
    alt=_revisions_alt,
    day="month_date",
    note="Largest change of a month against the value before. Only series that were revised; others never were since "
    "they are watched. Rates near zero move by large shares.",
)

# Place in the palette of each; the order is that of the bars.
_HEALTH = {
    "good": BLUE, "late": ORANGE, "failing": RED, "suspended": 4, "empty": 5, "not judged": 6, "discontinued": GREY,
}  # fmt: skip


def _health_title(data: pl.DataFrame) -> str:
    counts = dict(data.group_by("health").agg(pl.col("series_count").sum()).iter_rows())
    total = sum(counts.values()) - counts.get("discontinued", 0)
    rest = ", ".join(f"{counts[name]} {name}" for name in list(_HEALTH)[1:-1] if counts.get(name))
    return f"{counts.get('good', 0)} of {total} live series hold their latest release" + (f"; {rest}" if rest else "")


def _health_alt(data: pl.DataFrame) -> str:
    parts = [
        f"{publisher}: "
        f"{', '.join(f'{number} {health}' for health, number in rows.select('health', 'series_count').iter_rows())}"
        for (publisher,), rows in data.group_by("provider_title", maintain_order=True)
    ]
    return f"Series by publisher and health. {'; '.join(parts)}."


def _draw_health(data: pl.DataFrame) -> alt.TopLevelMixin:
    data = data.with_columns(pl.col("provider_title").str.replace("Federal Reserve Bank of", "Fed", literal=True))
    totals = data.group_by("provider_title").agg(pl.col("series_count").sum())
    names = totals.sort("series_count", "provider_title", descending=[True, False])
    rows = alt.Y("provider_title:N", **_rows(names["provider_title"].to_list(), 300))
    order = alt.Order("place:Q")
    ranked = data.with_columns(
        place=pl.col("health").replace_strict({name: n for n, name in enumerate(_HEALTH)}, default=9)
    )
    bars = (
        alt.Chart()
        .mark_bar(style="stack", size=16)
        .encode(
            x=alt.X("series_count:Q", axis=alt.Axis(title="series", grid=True, format=",d"), stack="zero"),
            y=rows,
            color=alt.Color(
                "health:N",
                scale=alt.Scale(domain=at_places(_HEALTH)),
                legend=alt.Legend(symbolType="square", values=list(_HEALTH), columns=6),
            ),
            order=order,
            tooltip=[
                alt.Tooltip("provider_title:N", title="publisher"),
                alt.Tooltip("health:N"),
                alt.Tooltip("series_count:Q", title="series"),
                alt.Tooltip("oldest_newest_date:T", title="oldest of their newest dates", format="%Y-%m-%d"),
                alt.Tooltip("which:N", title="which, if not good"),
            ],
        )
    )
    return alt.layer(bars, data=inline(ranked)).properties(width=WIDTH - 284, height=26 * names.height)


HEALTH = Chart(
    id="source_health",
    mart="source_health",
    query="""
        SELECT
            provider_title, health,
            count(*) AS series_count,
            min(newest_date) AS oldest_newest_date,
            max(checked_at)::DATE AS checked_date,
            CASE WHEN health <> 'good'
                THEN left(string_agg(trim(dataset || ' ' || series), ', ' ORDER BY dataset, series), 200)
            END AS which
        FROM marts.source_health
        GROUP BY provider_title, health
        ORDER BY provider_title, health
    """,
    title=_health_title,
    draw=_draw_health,
    alt=_health_alt,
    day="checked_date",
    note="Late: a release was missed by its own rule, not by age. Failing: the last answer was refused, the last "
    "good data stays.",
)

_CLAIM_VERDICTS = {
    "supported": "circle",
    "contradicted": "cross",
    "mixed": "diamond",
    "too early": "triangle-up",
    "not testable with these sources": "square",
    "rhetoric": "triangle-down",
}


def _scorecard_title(data: pl.DataFrame) -> str:
    now = dict(data.group_by("claim_now_verdict").agg(pl.len()).iter_rows())
    parts = ", ".join(f"{now[name]} {name}" for name in _CLAIM_VERDICTS if now.get(name))
    changed = data.filter(pl.col("claim_then_verdict") != pl.col("claim_now_verdict")).height
    return f"Of {counted(data.height, 'claim')} today: {parts}; {counted(changed, 'verdict')} changed since the essay"


def _scorecard_alt(data: pl.DataFrame) -> str:
    parts = "; ".join(
        f"{row['claim_id']} then {row['claim_then_verdict']}, now {row['claim_now_verdict']}"
        for row in data.iter_rows(named=True)
    )
    return f"Verdict of each claim as known when the essay was published and as known now. {parts}."


def _draw_scorecard(data: pl.DataFrame) -> alt.TopLevelMixin:
    names = list(_CLAIM_VERDICTS)
    long = data.unpivot(
        on=["claim_then_verdict", "claim_now_verdict"],
        index=["claim_id", "claim", "link", "place"],
        variable_name="when",
        value_name="verdict",
    ).with_columns(
        pl.col("when").replace({"claim_then_verdict": "then", "claim_now_verdict": "now"}),
        label=pl.format("{}  {}", "claim_id", "claim"),
    )
    order = long.sort("place")["label"].unique(maintain_order=True).to_list()
    short = "datum.label == 'not testable with these sources' ? 'not testable' : datum.label"
    legend = alt.Legend(columns=6, labelExpr=short)
    return (
        alt.Chart(inline(long))
        .mark_point(filled=True, size=130)
        .encode(
            x=alt.X(
                "when:N", sort=["then", "now"], axis=alt.Axis(title=None, orient="top", labelAngle=0, domain=False)
            ),
            y=alt.Y("label:N", **_rows(order, 590)),
            color=alt.Color("verdict:N", scale=alt.Scale(domain=names), legend=legend),
            shape=alt.Shape(
                "verdict:N", scale=alt.Scale(domain=names, range=list(_CLAIM_VERDICTS.values())), legend=legend
            ),
            tooltip=[alt.Tooltip("claim:N"), alt.Tooltip("when:N"), alt.Tooltip("verdict:N")],
        )
        .properties(width=WIDTH - 544, height=17 * max(len(order), 1))
    )


SCORECARD = Chart(
    id="thesis_scorecard",
    mart="thesis_scorecard",
    query=f"""
        SELECT
            claim_id,
            any_value(claim) AS claim,
            any_value(link) AS link,
            any_value(claim_then_verdict) AS claim_then_verdict,
            any_value(claim_now_verdict) AS claim_now_verdict,
            max(now_last_date) AS now_last_date,
            list_position({list(LINKS)!r}, any_value(link)) * 1000 + row_number() OVER (ORDER BY claim_id) AS place
        FROM marts.thesis_scorecard
        GROUP BY claim_id
        ORDER BY place
    """,
    title=_scorecard_title,
    draw=_draw_scorecard,
    alt=_scorecard_alt,
    has_facts=True,
    note="Then: by what could be known when the essay was published. Measures, windows and reasons: "
    "marts.thesis_scorecard.",
)

CHARTS = (SCORECARD, RECONCILIATION, REVISIONS, HEALTH)
