"""Intakes that were cut short: what they have loaded, so that the next one continues without a repeated request.

`meta.unfinished_intake` has a row for each dataset of an intake until the intake ends; a kill leaves the rows.
What must not be here: how to ask (`ingest/collect.py`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import duckdb

from ingest.calendars import utc_now
from warehouse import meta
from warehouse.connection import Home, WarehouseError, open_work

# A request older than this is repeated: there may be a new release.
FRESH = timedelta(hours=2)


def begin(con: duckdb.DuckDBPyConnection, run_id: str, dataset_ids: Iterable[str], at: datetime, *, full: bool) -> None:
    """Note that requests for datasets begin, with ``full`` for their whole history."""
    lines = ({"run_id": run_id, "dataset": one, "is_full": full, "begun_at": at} for one in dataset_ids)
    meta.insert(con, "unfinished_intake", lines)


def through(con: duckdb.DuckDBPyConnection, dataset_id: str, at: datetime) -> None:
    """Note that every request of a dataset is done, those of earlier intakes included."""
    con.execute("UPDATE meta.unfinished_intake SET ended_at = ? WHERE dataset = ?", [at, dataset_id])


def end(con: duckdb.DuckDBPyConnection, dataset_ids: Iterable[str]) -> None:
    """Note that the intake of these datasets has ended."""
    con.execute("DELETE FROM meta.unfinished_intake WHERE dataset IN (SELECT unnest(?))", [list(dataset_ids)])


def is_through(con: duckdb.DuckDBPyConnection, dataset_id: str, at: datetime, *, full: bool) -> bool:
    """Whether an intake cut short shortly before ``at`` had finished a dataset without a failure."""
    row = con.execute(
        """
        FROM meta.unfinished_intake AS i
        WHERE dataset = ? AND ended_at BETWEEN ? AND ? AND is_full >= ?
          AND NOT EXISTS (FROM meta.quarantine AS q WHERE (q.run_id, q.dataset) = (i.run_id, i.dataset)) LIMIT 1""",
        [dataset_id, at - FRESH, at, full],
    ).fetchone()
    return row is not None


def loaded(con: duckdb.DuckDBPyConnection, dataset_id: str, at: datetime) -> frozenset[str]:
    """Addresses whose answers such an intake has loaded into a dataset."""
    rows = con.execute(
        "SELECT DISTINCT source_url FROM meta.load SEMI JOIN meta.unfinished_intake USING (run_id, dataset) "
        "WHERE dataset = ? AND loaded_at BETWEEN ? AND ?",
        [dataset_id, at - FRESH, at],
    ).fetchall()
    return frozenset(url for (url,) in rows)


def bodies(con: duckdb.DuckDBPyConnection, at: datetime) -> dict[str, str]:
    """Payload by address of the good answers of such intakes, for another dataset that reads the same body."""
    rows = con.execute(
        """
        SELECT url, arg_max(payload_id, started_at) FROM meta.fetch
        WHERE status = 200 AND payload_id IS NOT NULL AND started_at BETWEEN ? AND ?
          AND run_id IN (SELECT run_id FROM meta.unfinished_intake)
          AND payload_id NOT IN (SELECT payload_id FROM meta.quarantine WHERE payload_id IS NOT NULL)
        GROUP BY url""",
        [at - FRESH, at],
    ).fetchall()
    return dict(rows)


def runs(home: Home) -> list[str]:
    """Runs of this week whose intake was cut short and not continued yet, the oldest first.

    None where no log can be read.
    """
    if not home.work_database.exists():
        return []
    try:
        with open_work(home) as con:
            rows = con.execute(
                "SELECT run_id FROM meta.unfinished_intake WHERE begun_at > ? GROUP BY 1 ORDER BY min(begun_at)",
                [utc_now() - timedelta(days=7)],
            ).fetchall()
    except (WarehouseError, duckdb.Error):
        return []
    return [run_id for (run_id,) in rows]
