"""Archived vintages on their way into the log: versions that carry the times at which they became known.

What must not be here: batches whose rows were known when they were loaded (`warehouse/log/append.py`).
"""

import duckdb
import polars as pl

from ingest.catalog import Basis, Dataset
from warehouse.history import quoted
from warehouse.log.append import Appended, write_change

_OBSERVED, _VINTAGE, _MODELLED = Basis.OBSERVED.value, Basis.VINTAGE.value, Basis.MODELLED.value


def append_versions(con: duckdb.DuckDBPyConnection, dataset: Dataset, frame: pl.DataFrame, load_seq: int) -> Appended:
    """Append versions with their own knowledge times.

    Rows already in the log may carry a modelled time: a later load brought them and a release rule dated them back. A
    version at time t contradicts such a row when it has another value for t:

    - at the row's own time a row with the archived value is appended; the higher `load_seq` wins. If an archived day
      before t has the row's value, the archived value begins at t instead
    - or a tombstone, when the archive has the first print and it came later than the rule had it
    - the row's value is valid again from the load that brought it, or from the first archived day after t that has it,
      unless the history has it at that time

    A first value that is only as old as its archive keeps the release rule's earlier time, basis modelled. Observed and
    stamped versions stay. Running it again appends nothing.
    """
    _stage(con, dataset, frame)
    _hold(con, dataset)
    _compare(con, dataset)
    found = write_change(con, dataset, load_seq)
    con.execute("DROP TABLE staged; DROP TABLE held; DROP TABLE change; DROP TABLE vouched")
    return found


def _stage(con: duckdb.DuckDBPyConnection, dataset: Dataset, frame: pl.DataFrame) -> None:
    """Make `staged`: the versions by key and time, each with its place, the next one's time and the rule's time."""
    keys, scope = quoted(dataset.key), pl.col(dataset.series_column) if dataset.series_column else pl.lit("")
    published = {
        pair: dataset.release_of(pair[0] or None).published_at(pair[1])
        for pair in frame.select(scope, dataset.date_column).unique().iter_rows()
    }
    pairs = frame.select(scope.alias("scope"), dataset.date_column).iter_rows()
    staged = frame.with_columns(
        published=pl.Series([published[pair] for pair in pairs], dtype=pl.Datetime("us")), scope=scope
    )
    con.register("incoming", staged.to_arrow())
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS SELECT *, "
        f"row_number() OVER (PARTITION BY {keys} ORDER BY known_from) AS place, "
        f"lead(known_from) OVER (PARTITION BY {keys} ORDER BY known_from) AS next_from FROM incoming"
    )
    con.unregister("incoming")


def _hold(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Make `held`: versions of the same keys with the load that brought them; `vouched`: archived days by series."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE vouched AS SELECT known_at, unnest(scopes) AS scope FROM meta.load "
        "WHERE dataset = ? AND origin = 'vintage'",
        [dataset.id],
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE held AS
        WITH versions AS (
            SELECT r.* FROM raw.{dataset.table} AS r SEMI JOIN staged USING ({quoted(dataset.key)})
            WHERE r.known_to > r.known_from
        )
        SELECT versions.*, l.known_at AS brought_at,
            CASE WHEN l.origin = 'vintage' THEN '{_VINTAGE}' ELSE '{_OBSERVED}' END AS told_by
        FROM versions LEFT JOIN meta.load AS l USING (load_seq)"""
    )


def _compare(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Make `change` from `staged` (s) and `held` (v). 60 lines, for it is one statement: each part is a case above."""
    values = [column.name for column in dataset.columns if column.name not in dataset.key]
    on = " AND ".join(f's."{name}" = v."{name}"' for name in dataset.key)
    equal = " AND ".join(f's."{name}" IS NOT DISTINCT FROM v."{name}"' for name in values) or "true"
    same = f"((s.is_deleted AND v.is_deleted) OR (NOT s.is_deleted AND NOT v.is_deleted AND {equal}))"
    guess = f"(v.known_basis = '{_MODELLED}' AND v.brought_at > s.known_from)"
    valid = "v.known_from <= s.known_from AND v.known_to > s.known_from"
    goes_back = (
        f"({guess} AND s.is_known_earlier AND NOT EXISTS (FROM vouched AS a WHERE a.scope = s.scope "
        "AND a.known_at >= v.known_from AND a.known_at < s.known_from))"
    )
    vouched_later = (
        "(SELECT min(a.known_at) FROM vouched AS a WHERE a.scope = s.scope "
        "AND a.known_at > s.known_from AND a.known_at >= v.known_from AND a.known_at < v.brought_at)"
    )
    ours, theirs = quoted([*dataset.key, *values], "s."), quoted([*dataset.key, *values], "v.")
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE change AS
        -- The first version of each key that the history has.
        SELECT {ours},
            CASE WHEN v.load_seq IS NULL AND s.is_known_earlier THEN least(s.published, s.known_from)
                 WHEN {goes_back} THEN v.known_from
                 ELSE s.known_from END AS known_from,
            CASE WHEN v.load_seq IS NULL AND s.is_known_earlier AND s.published < s.known_from THEN '{_MODELLED}'
                 WHEN {goes_back} THEN '{_MODELLED}'
                 ELSE '{_VINTAGE}' END AS known_basis,
            s.is_deleted, s.payload_id, CASE WHEN v.load_seq IS NULL THEN 'new' ELSE 'revised' END AS kind
        FROM staged AS s LEFT JOIN held AS v ON {on} AND {valid}
        WHERE s.place = 1
          AND (v.load_seq IS NULL OR NOT {same} OR ({guess} AND NOT s.is_known_earlier AND NOT v.is_deleted))
        UNION ALL BY NAME
        SELECT {theirs}, v.known_from, '{_VINTAGE}' AS known_basis, true AS is_deleted, s.payload_id, 'deleted' AS kind
        FROM staged AS s JOIN held AS v ON {on} AND {valid}
        WHERE s.place = 1 AND {guess} AND NOT s.is_known_earlier AND NOT v.is_deleted AND v.known_from < s.known_from
        -- Every later version of the history.
        UNION ALL BY NAME
        SELECT {ours}, s.known_from, '{_VINTAGE}' AS known_basis, s.is_deleted, s.payload_id, 'revised' AS kind
        FROM staged AS s LEFT JOIN held AS v ON {on} AND v.known_from = s.known_from AND {same}
        WHERE s.place > 1 AND v.load_seq IS NULL
        -- Guesses dated after the first version: the history says what was known then.
        UNION ALL BY NAME
        SELECT {ours}, v.known_from, '{_VINTAGE}' AS known_basis, s.is_deleted, s.payload_id, 'revised' AS kind
        FROM held AS v JOIN staged AS s
            ON {on} AND s.known_from < v.known_from AND (s.next_from IS NULL OR s.next_from > v.known_from)
        WHERE {guess} AND NOT {same}
        -- And what the guess rests on was true when it was brought, or when an archived day vouched for it.
        UNION ALL BY NAME
        SELECT {theirs}, coalesce({vouched_later}, v.brought_at) AS known_from,
            CASE WHEN {vouched_later} IS NULL THEN v.told_by ELSE '{_VINTAGE}' END AS known_basis,
            v.is_deleted, v.payload_id, 'restated' AS kind
        FROM held AS v JOIN staged AS s
            ON {on} AND s.known_from <= v.brought_at AND (s.next_from IS NULL OR s.next_from > v.brought_at)
        WHERE {guess} AND NOT {same} AND v.known_to > v.brought_at"""
    )
