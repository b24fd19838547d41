"""The scorecard of claims as the page shows it: one line a claim, its measures folded under it.

What must not be here: verdicts. They come from `marts.thesis_scorecard`, and so does every word and number.
"""

from typing import Any

import duckdb
from markupsafe import Markup

from warehouse.generation import literal, marts
from warehouse.publication.charts import LINKS
from warehouse.publication.report.numbers import NOTHING, Numbers

MART = "thesis_scorecard"
VERDICTS = ("supported", "contradicted", "mixed", "too early", "not testable with these sources", "rhetoric")


def scorecard(con: duckdb.DuckDBPyConnection, numbers: Numbers) -> dict[str, Any]:
    """Claims in the order of the chain, and how many have which verdict; no claims where the mart is not held.

    Raises KeyError or duckdb.Error when it is held back from before it had the columns that the page shows.
    """
    if MART not in marts(con):
        return {"claims": [], "tally": []}
    cursor = con.execute(f"SELECT * FROM marts.{MART} ORDER BY claim_id, is_deciding DESC, measure_number")
    names = [column[0] for column in cursor.description]
    claims: dict[str, list[dict[str, Any]]] = {}
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        claims.setdefault(row["claim_id"], []).append(row)
    links = list(LINKS)

    def place(rows: list[dict[str, Any]]) -> int:
        return links.index(rows[0]["link"])

    return {
        "claims": [_claim(numbers, rows) for rows in sorted(claims.values(), key=place)],
        "tally": [
            {
                "word": word,
                **{
                    when: numbers.show(
                        f"SELECT count(DISTINCT claim_id) FROM marts.{MART} "
                        f"WHERE claim_{when}_verdict = {literal(word)}",
                        "count",
                    )
                    for when in ("then", "now")
                },
            }
            for word in VERDICTS
        ],
    }


def _claim(numbers: Numbers, rows: list[dict[str, Any]]) -> dict[str, Any]:
    first = rows[0]

    def source(row: dict[str, Any]) -> str:
        return (
            f"FROM marts.{MART} WHERE claim_id = {literal(row['claim_id'])} "
            f"AND measure_id = {literal(row['measure_id'])}"
        )

    def cell(row: dict[str, Any], column: str, unit: str = "") -> Markup:
        return numbers.as_html(row[column], f"SELECT {column} {source(row)}", unit)

    def measure(row: dict[str, Any]) -> dict[str, Any]:
        unit = row["unit"] or ""
        low, high = row["supported_low_value"], row["supported_high_value"]
        return {
            "name": cell(row, "label"),
            "range": None if low is None and high is None
            else "exactly" if low == high
            else "at least" if high is None
            else "at most" if low is None
            else "between",
            "sentence": cell(row, "sentence"), "definition": cell(row, "definition"), "deciding": row["is_deciding"],
            "reason": cell(row, "tolerance_reason"), "sources": cell(row, "sources"),
            "low": cell(row, "supported_low_value", unit), "high": cell(row, "supported_high_value", unit),
            "then_word": row["then_verdict"], "now_word": row["now_verdict"],
            **{when: cell(row, f"{when}_value", unit) for when in ("then", "now")},
            **{f"{when}_known": row[f"{when}_value"] is not None for when in ("then", "now")},
            **{
                f"{when}_{part}": cell(row, f"{when}_{column}")
                for when in ("then", "now")
                for part, column in (("first", "first_date"), ("last", "last_date"), ("basis", "basis"))
            },
        }  # fmt: skip

    measures = [measure(row) for row in rows]
    return {
        "id": first["claim_id"], "id_text": cell(first, "claim_id"), "link": first["link"],
        "claim": cell(first, "claim"),
        "claimed": cell(first, "claimed_text") if first["claimed_text"] is not None else NOTHING,
        "sentence": cell(first, "claim_sentence"),
        "then": first["claim_then_verdict"], "now": first["claim_now_verdict"],
        "leads": [one for one in measures if one["deciding"]] or measures[:1], "measures": measures,
    }  # fmt: skip
