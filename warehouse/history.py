"""Knowledge time: intervals over the append-only log.

The log has the time at which each version of a row became known; a version is valid from its `known_from` until that of
the next one. Intervals are half-open and never overlap. As-of t: `known_from <= t and known_to > t and not is_deleted`.
Current rows have `known_to = TIMESTAMP '9999-12-31'`.

`known_to` follows from the other versions. The log stores it anyway, so that a query about the past is a filter and
does not sort the table; code that writes versions calls `set_ends` in the same transaction.
"""

import duckdb

from ingest.catalog import Dataset

END_OF_TIME = "TIMESTAMP '9999-12-31'"
STORE_COLUMNS = {
    "known_from": "TIMESTAMP",
    "known_to": "TIMESTAMP",
    "known_basis": "VARCHAR",
    "load_seq": "BIGINT",
    "is_deleted": "BOOLEAN",
    "payload_id": "VARCHAR",
}
STORE_TEXTS = {
    "known_from": "When this version could first have been known (UTC).",
    "known_to": "When the next version replaced it (UTC); 9999-12-31 for the current one.",
    "known_basis": "How good known_from is: observed (a poll found the row new), stamped (the publisher's time), "
    "vintage (of an archive) or modelled (first load: its date plus the release rule).",
    "load_seq": "The load that brought this version (meta.load).",
    "is_deleted": "The provider withdrew the row at known_from.",
    "payload_id": "SHA-256 of the body that has the row (meta.payload).",
}
# The default means that no version follows; `set_ends` corrects it.
STORE_DEFAULTS = {"known_to": END_OF_TIME}


def quoted(names: tuple[str, ...] | list[str], prefix: str = "") -> str:
    """SQL list of column names."""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def intervals_sql(dataset: Dataset, log: str) -> str:
    """SELECT of the log table ``log``, ready for a view or a published table."""
    return f"SELECT {quoted([column.name for column in dataset.columns])}, {', '.join(STORE_COLUMNS)} FROM {log}"


def misdated_sql(dataset: Dataset, table: str, keys: str = "") -> str:
    """SELECT of the rows of ``table`` whose `known_to` is not the next version's `known_from`: place, true `known_to`.

    ``keys`` is a relation with key columns; only versions of those keys are looked at then, and all of them.
    """
    key = quoted(dataset.key)
    return f"""
        SELECT place, next_from FROM (
            SELECT r.rowid AS place, known_to,
                lead(known_from, 1, {END_OF_TIME}) OVER (PARTITION BY {key} ORDER BY known_from, load_seq) AS next_from
            FROM {table} AS r {f"SEMI JOIN {keys} USING ({key})" if keys else ""}
        ) WHERE known_to IS DISTINCT FROM next_from"""


def set_ends(con: duckdb.DuckDBPyConnection, dataset: Dataset, keys: str = "") -> None:
    """Make `known_to` true in the log of ``dataset``, for the versions of ``keys`` or for all."""
    table = f"raw.{dataset.table}"
    made = con.execute(f"CREATE OR REPLACE TEMP TABLE misdated AS {misdated_sql(dataset, table, keys)}")
    if made.fetchone() != (0,):
        con.execute(f"UPDATE {table} AS r SET known_to = m.next_from FROM misdated AS m WHERE r.rowid = m.place")
    con.execute("DROP TABLE misdated")
