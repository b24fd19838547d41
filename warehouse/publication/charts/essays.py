"""Chart of the author's record over all texts: verdicts by year and by what a claim is about.

What must not be here: verdicts. They come from `marts.essay_scorecard`.
"""

from __future__ import annotations

import polars as pl

from warehouse.publication.charts.chart import Chart
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import WIDTH, inline
from warehouse.publication.charts.words import counted

_DECIDED = ("supported", "contradicted", "mixed")
_VERDICTS = (*_DECIDED, "too early", "not decided")  # in the order and colours of the scorecard's chart


def _title(data: pl.DataFrame) -> str:
    counts = dict(data.group_by("verdict").agg(pl.col("claims_count").sum()).iter_rows())
    decided = sum(counts.get(name, 0) for name in _DECIDED)
    return (
        f"Of {counted(decided, 'claim')} of {data['essays_count'][0]} texts that can be decided, "
        f"{counts.get('supported', 0)} are supported, {counts.get('contradicted', 0)} contradicted, "
        f"{counts.get('mixed', 0)} mixed; {counts.get('not decided', 0)} cannot be decided"
    )


def _alt(data: pl.DataFrame) -> str:
    rows = data.group_by("group", maintain_order=True).agg(
        pl.format("{} {}", "claims_count", "verdict").str.join(", ").alias("parts")
    )
    return "Claims by year, kind and verdict. " + " ".join(
        f"{row['group']}: {row['parts']}." for row in rows.iter_rows(named=True)
    )


def _draw(data: pl.DataFrame) -> alt.TopLevelMixin:
    groups = data["group"].unique(maintain_order=True).to_list()
    axis = alt.Axis(title=None, ticks=False, domain=False, minExtent=160, labelLimit=160)
    return (
        alt.Chart(inline(data))
        .mark_bar(style="stack", height=13)
        .encode(
            x=alt.X("claims_count:Q", stack="zero", axis=alt.Axis(title="claims", tickMinStep=1)),
            y=alt.Y("group:N", sort=groups, axis=axis),
            color=alt.Color("verdict:N", scale=alt.Scale(domain=list(_VERDICTS)), legend=alt.Legend(columns=5)),
            order=alt.Order("verdict_rank:Q"),
            tooltip=[
                alt.Tooltip("group:N", title="year and kind"),
                alt.Tooltip("verdict:N"),
                alt.Tooltip("claims_count:Q", title="claims"),
            ],
        )
        .properties(width=WIDTH - 130, height=19 * max(len(groups), 1))
    )


RECORD = Chart(
    id="essay_record",
    mart="essay_scorecard",
    query=f"""
        WITH claims AS (
            SELECT
                claim_id,
                essay_id,
                year(essay_date) || ' ' || aspect AS "group",
                CASE
                    WHEN claim_now_verdict IN {_VERDICTS!r} THEN claim_now_verdict
                    ELSE 'not decided'
                END AS verdict,
                max(now_last_date) AS now_last_date
            FROM marts.essay_scorecard
            GROUP BY ALL
        )
        SELECT
            "group",
            verdict,
            list_position({list(_VERDICTS)!r}, verdict) AS verdict_rank,
            count(*) AS claims_count,
            max(now_last_date) AS now_last_date,
            (SELECT count(DISTINCT essay_id) FROM claims) AS essays_count
        FROM claims
        GROUP BY ALL
        ORDER BY "group", verdict_rank
    """,
    title=_title,
    draw=_draw,
    alt=_alt,
    has_facts=True,
    note="Not decided: no source held, the source of the text is unsure, or the condition of the claim did not come.",
)

CHARTS = (RECORD,)
