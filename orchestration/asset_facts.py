"""Facts about assets for Dagster's catalog, apart from their inputs: owner, group, freshness, tables of `meta`.

What must not be here: computing an asset.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import dagster as dg
import duckdb

from ingest.calendars import Calendar
from ingest.catalog import Dataset
from ingest.releases import Cadence, Release, next_effective
from warehouse import meta

OWNERS = ["team:operator"]
# In some years of releases every holiday falls on most days of the week.
_LOOKED_AT = (date(2022, 1, 31), date(2027, 3, 31))
_PERIODS = {Cadence.DAILY: 1, Cadence.WEEKLY: 7, Cadence.MONTHLY: 31, Cadence.QUARTERLY: 92, Cadence.ANNUAL: 366}


def freshness_policy(dataset: Dataset) -> dg.FreshnessPolicy:
    """A warning when the last good fetch is older than the longest time between two releases; with grace added: stale.

    The check `has_latest_release` tests whether the newest value is there.
    """
    apart = _apart(dataset.release, dataset.cadence, dataset.calendar)
    return dg.FreshnessPolicy.time_window(
        fail_window=apart + max(dataset.release.grace, timedelta(hours=1)), warn_window=apart
    )


@cache
def _apart(release: Release, cadence: Cadence, calendar: Calendar) -> timedelta:
    """The longest time between two consecutive releases, by the rule."""
    first, last = _LOOKED_AT
    if cadence is Cadence.DAILY:
        while first.weekday() >= 5:
            first += timedelta(days=1)
    days = [first]
    while days[-1] < last:
        days.append(next_effective(days[-1], cadence, calendar))
    moments = [release.published_at(day) for day in days]
    return max(timedelta(days=_PERIODS[cadence]), *(later - sooner for sooner, later in pairwise(moments)))


def group_of(node: Mapping[str, Any]) -> str:
    """Group of a seed or model of dbt's manifest: of a mart its folder, its link of the chain; else the schema."""
    return f"marts_{node['fqn'][-2]}" if node["schema"] == "marts" else str(node["schema"])


def meta_assets() -> list[dg.AssetSpec]:
    """The tables that the warehouse writes about itself and dbt reads."""
    return [
        dg.AssetSpec(
            dg.AssetKey(["meta", table]), description=text, group_name="meta", owners=OWNERS, kinds={"duckdb"},
            metadata={"columns": dg.MetadataValue.md("\n".join(f"- `{c}`: {words}" for c, words in columns.items()))},
        )
        for table, (text, columns) in meta.source_texts().items()
    ]  # fmt: skip


def numbered(name: str, lines: Sequence[str], most: int = 10) -> dict[str, str]:
    """Metadata with a row for each line; the interface would join the lines of a text."""
    shown = {f"{name} {number}" if len(lines) > 1 else name: line for number, line in enumerate(lines[:most], 1)}
    return shown | ({f"more {name}s": f"{len(lines) - most:,}"} if len(lines) > most else {})


def extents(con: duckdb.DuckDBPyConnection, schema: str) -> dict[str, dict[str, Any]]:
    """By table: its rows and its newest date, for plots: the first date of its grain, or else of its columns."""
    dates = con.execute(
        """
        SELECT t.table_name, arg_min(c.column_name, coalesce(k.position, 1000 + c.column_index))
        FROM duckdb_tables() AS t
        LEFT JOIN duckdb_columns() AS c ON c.table_oid = t.table_oid AND c.data_type = 'DATE'
            AND c.database_name = t.database_name
        LEFT JOIN meta.mart_key AS k ON k.mart = t.table_name AND k.column_name = c.column_name
        WHERE t.database_name = current_database() AND t.schema_name = ? GROUP BY ALL""",
        [schema],
    ).fetchall()
    found = {}
    for table, column in dates:
        newest = f'max("{column}")' if column else "NULL"
        rows, day = con.execute(f"SELECT count(*), {newest} FROM {schema}.{table}").fetchone()  # type: ignore[misc]
        found[table] = {"dagster/row_count": rows}
        if day is not None:
            found[table] |= {"newest date": str(day), "newest date, days since 1970": (day - date(1970, 1, 1)).days}
    return found
