"""Whether what is about to be published has lost rows or days against the newest generation.

Every fault that loses data without an error (a damaged payload, a parser, a join) shows as a table that shrinks. What
must not be here: publishing (`warehouse/publication/publish.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from ingest.providers import DATASETS
from warehouse.connection import Home, WarehouseError, column_types, configure
from warehouse.generation import near

# Marts by year have no date; the year counts as its last day.
_YEARS = ("fiscal_year", "calendar_year")
IS_WHY = "would shrink"  # in every reason for holding a mart back


class ShrunkError(WarehouseError):
    """A history table has fewer rows or days than the newest generation: nothing is published."""


@dataclass(frozen=True)
class Allowance:
    """Tolerated loss of a table: a share of its rows, or a number of rows if that is more, and days at either end."""

    rows_share: float
    rows: int
    days: int


# The log is append-only: no night takes a version away. What is left is a replay whose parser reads one row less here
# and there, such as a total that was taken for a row.
HISTORY = Allowance(rows_share=0.001, rows=0, days=0)
# Marts are made anew: they drop what a publisher withdrew, what a rule no longer counts, and announced days that did
# not come. In 38 simulated days no mart lost a row; the loss that this is for was 99.6 % of one (2,235 rows to 10).
MART = Allowance(rows_share=0.05, rows=1, days=31)


@dataclass(frozen=True)
class Extent:
    """Rows of a table, and its first and last date where its key has one."""

    rows: int
    first: date | None = None
    last: date | None = None

    def __str__(self) -> str:
        words = f"{self.rows:,} row{'' if self.rows == 1 else 's'}"
        return f"{words} ({self.first} to {self.last})" if self.first else words

    def has_lost(self, before: Extent, allowance: Allowance) -> bool:
        """Whether it is smaller than ``before`` by more than the allowance; all rows are always too many."""
        if before.rows == 0:
            return False
        if self.rows == 0 or before.rows - self.rows > max(allowance.rows_share * before.rows, allowance.rows):
            return True
        if before.first is None or before.last is None or self.first is None or self.last is None:
            return before.first is not None and self.first is None
        return max((self.first - before.first).days, (before.last - self.last).days) > allowance.days


def histories(con: duckdb.DuckDBPyConnection, previous: str, allowed: Collection[str]) -> None:
    """Compare each history table of the open database with that of the attached database ``previous``.

    Raises ShrunkError, which names the tables, their extents and what to do, unless the dataset's name is ``allowed``.
    """
    lost = {}
    held = column_types(con, previous, "history")
    for dataset in DATASETS.values():
        if dataset.table in held and dataset.id not in allowed:
            day = dataset.date_column if dataset.date_column in held[dataset.table] else None
            before = _extent(con, f"{previous}.history.{dataset.table}", day)
            after = _extent(con, f"history.{dataset.table}", day)
            if after.has_lost(before, HISTORY):
                lost[dataset.id] = f"{dataset.id} from {before} to {after}"
    if lost:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise ShrunkError(
            f"nothing was published: the log has lost rows of {'; '.join([*lost.values()][:3])}{more}. `liquidity "
            f"restore` brings back what a generation or the archive holds. {_advice(lost)}"
        )


def marts(
    con: duckdb.DuckDBPyConnection, work: str, previous: str, held_back: Collection[str], allowed: Collection[str]
) -> dict[str, str]:
    """Marts of the attached database ``work`` that may not be published, each with its reason.

    Those that have lost against the attached ``previous``, or were not made at all, and those made from them. Marts
    that are ``held_back`` anyway or ``allowed`` are not compared.
    """
    now, then = column_types(con, work, "marts"), column_types(con, previous, "marts")
    keys = _lists(con, work, "mart_key")
    lost = {}
    for mart, columns in then.items():
        if mart in held_back or mart in allowed:
            continue
        day = _day(keys.get(mart, []), columns, now.get(mart, columns))
        before = _extent(con, f"{previous}.marts.{mart}", day)
        if mart in now:
            after = _extent(con, f"{work}.marts.{mart}", day)
        elif mart in keys:  # the project has it
            after = Extent(0)
        else:
            continue
        if after.has_lost(before, MART):
            lost[mart] = f"it {IS_WHY} from {before} to {after}. {_advice([mart])}"
    parents = _lists(con, work, "mart_parent")
    return lost | {
        mart: f"it is made from {', '.join(sorted(fallen))}, which {IS_WHY}"
        for mart in now
        if mart not in lost and mart not in held_back and (fallen := set(parents.get(mart, [])) & lost.keys())
    }


def check_names(home: Home, names: Iterable[str]) -> None:
    """WarehouseError, with close names, for a name that is neither a mart of the newest generation nor a dataset."""
    database = home.newest_database
    if database is None:
        return
    with configure(duckdb.connect(str(database), read_only=True)) as con:
        known = {*DATASETS, *(mart for (mart,) in con.execute("SELECT mart FROM meta.mart").fetchall())}
    for name in names:
        if name not in known:
            raise WarehouseError(f"--allow-shrink takes a mart or a dataset, and {name} is neither{near(name, known)}")


def _advice(names: Iterable[str]) -> str:
    options = " ".join(f"--allow-shrink {name}" for name in names)
    return f"If that is meant: `liquidity build {options}`"


def _lists(con: duckdb.DuckDBPyConnection, database: str, table: str) -> dict[str, list[str]]:
    """Second column of a table of `meta` by its first; empty where a log has no such table yet."""
    if table not in column_types(con, database, "meta"):
        return {}
    lists: dict[str, list[str]] = {}
    for mart, name, *_ in con.execute(f"FROM {database}.meta.{table}").fetchall():
        lists.setdefault(mart, []).append(name)
    return lists


def _day(key: Iterable[str], *columns: Mapping[str, str]) -> str | None:
    """Column of the key that dates the rows and is there on both sides."""
    return next((name for name in key if name in _YEARS or all(types.get(name) == "DATE" for types in columns)), None)


def _extent(con: duckdb.DuckDBPyConnection, table: str, day: str | None) -> Extent:
    if day is None:
        ends = "NULL, NULL"
    elif day in _YEARS:
        ends = f"make_date(min({day})::INTEGER, 12, 31), make_date(max({day})::INTEGER, 12, 31)"
    else:
        ends = f'min("{day}")::DATE, max("{day}")::DATE'
    return Extent(*con.execute(f"SELECT count(*), {ends} FROM {table}").fetchone())  # type: ignore[misc]
