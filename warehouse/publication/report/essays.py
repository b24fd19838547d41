"""Scorecards of the author's other texts as the page shows them, and his record by year and kind.

What must not be here: verdicts. They come from `marts.essay_scorecard`, and so does every word and number.
"""

from itertools import groupby
from typing import Any

import duckdb
from markupsafe import Markup

from warehouse.generation import literal, marts
from warehouse.publication.report.numbers import Numbers

MART = "essay_scorecard"
VERDICTS = (
    "supported", "contradicted", "mixed", "too early", "premise not met", "source unsure",
    "not testable with these sources",
)  # fmt: skip
# Claims, not rows: a claim has a row for each definition.
_CLAIMS = f"(SELECT DISTINCT essay_id, essay_date, aspect, kind, claim_id, claim_now_verdict FROM marts.{MART})"
# The author's score of his calls from November 2023 to September 2024 is the claim VS04.
_SCORED = "kind = 'prediction' AND essay_date BETWEEN DATE '2023-11-01' AND DATE '2024-09-25'"


def essays(con: duckdb.DuckDBPyConnection, numbers: Numbers) -> dict[str, Any]:
    """Texts by date with their verdicts and rows, and counts by year and kind; no texts where the mart is not held.

    Raises duckdb.Error when it is held back from before it had the columns that the page shows.
    """
    if MART not in marts(con):
        return {"texts": []}
    cursor = con.execute(f"SELECT * FROM marts.{MART} ORDER BY essay_date, essay_id, claim_id, measure_number")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    texts = [list(found) for _, found in groupby(rows, key=lambda row: row["essay_id"])]
    return {
        "texts": [_text(numbers, text) for text in texts],
        "verdicts": VERDICTS,
        "record": numbers.table(
            "SELECT year(essay_date)::VARCHAR, aspect, "
            + ", ".join(f"count(*) FILTER (claim_now_verdict = {literal(word)})" for word in VERDICTS)
            + f" FROM {_CLAIMS} GROUP BY 1, 2 ORDER BY 1, 2"
        ),
        "claims": numbers.show(f"SELECT count(*) FROM {_CLAIMS}", "count"),
        "undecided": numbers.show(
            f"SELECT count(*) FROM {_CLAIMS} WHERE claim_now_verdict NOT IN ('supported', 'contradicted', 'mixed')",
            "count",
        ),
        "scored": numbers.show(
            f"SELECT count(*) FROM {_CLAIMS} WHERE {_SCORED} "
            "AND claim_now_verdict IN ('supported', 'contradicted', 'mixed')",
            "count",
        ),
        "scored_supported": numbers.show(
            f"SELECT count(*) FROM {_CLAIMS} WHERE {_SCORED} AND claim_now_verdict = 'supported'", "count"
        ),
    }


def _text(numbers: Numbers, rows: list[dict[str, Any]]) -> dict[str, Any]:
    first = rows[0]
    found = {row["claim_id"]: row["claim_now_verdict"] for row in rows}
    source = f"FROM {_CLAIMS} WHERE essay_id = {literal(first['essay_id'])}"
    return {
        "title": _cell(numbers, first, "essay_title"),
        "date": _cell(numbers, first, "essay_date"),
        "tally": [
            (word, numbers.show(f"SELECT count(*) {source} AND claim_now_verdict = {literal(word)}", "count"))
            for word in VERDICTS
            if word in found.values()
        ],
        "claims": [
            _claim(numbers, list(measures)) for _, measures in groupby(rows, key=lambda row: row["claim_id"])
        ],
    }  # fmt: skip


def _claim(numbers: Numbers, rows: list[dict[str, Any]]) -> dict[str, Any]:
    first = rows[0]
    return {
        "id": _cell(numbers, first, "claim_id"),
        "claim": _cell(numbers, first, "claim"),
        "verdict": first["claim_now_verdict"],
        "is_second_hand": first["is_second_hand"],
        "sentences": [_cell(numbers, row, "sentence") for row in rows],
    }


def _cell(numbers: Numbers, row: dict[str, Any], column: str) -> Markup:
    return numbers.as_html(
        row[column],
        f"SELECT {column} FROM marts.{MART} WHERE claim_id = {literal(row['claim_id'])} "
        f"AND measure_id = {literal(row['measure_id'])}",
    )
