"""Knowledge time: intervals over the append-only log.

The log says when each version of a row became known; a version holds from its `known_from` until the next version's.
Intervals are half-open and never overlap. As-of t: `known_from <= t and known_to > t and not is_deleted`. Current rows
have `known_to = TIMESTAMP '9999-12-31'`.
"""

from __future__ import annotations

from ingest.catalog import Dataset

END_OF_TIME = "TIMESTAMP '9999-12-31'"
STORE_COLUMNS = {
    "known_from": "TIMESTAMP",
    "known_basis": "VARCHAR",
    "load_seq": "BIGINT",
    "is_deleted": "BOOLEAN",
    "payload_id": "VARCHAR",
}


def quoted(names: tuple[str, ...] | list[str], prefix: str = "") -> str:
    """SQL list of column names."""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def intervals_sql(dataset: Dataset, log: str) -> str:
    """SELECT of the log table ``log`` with `known_to`, ready for a view or a published table."""
    columns = [column.name for column in dataset.columns]
    return f"""
        SELECT {quoted(columns)}, known_from,
            lead(known_from, 1, {END_OF_TIME})
                OVER (PARTITION BY {quoted(dataset.key)} ORDER BY known_from, load_seq) AS known_to,
            known_basis, load_seq, is_deleted, payload_id
        FROM {log}"""
