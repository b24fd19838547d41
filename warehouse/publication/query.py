"""One query of the published database, as `liquidity sql` runs it.

What must not be here: opening the database (`warehouse/connection.py`) and printing (`orchestration/cli.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from warehouse.connection import Home, WarehouseError, open_attached, open_published

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")

_READS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


@dataclass(frozen=True)
class Shown:
    """The first rows of an answer, and how many it has in all."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    height: int


class NotAsKnownError(WarehouseError):
    """A query as known at a moment names what is no dataset."""


def ask(home: Home, sql: str, *, with_files: bool = False, known_at: datetime | None = None) -> pl.DataFrame | None:
    """The result of one statement that reads; it reaches only the published database.

    ``with_files`` admits every statement, several at once, and other files: None where the last one gives no rows.
    With ``known_at`` (naive UTC) `current` has the datasets as known at that moment, and nothing is built: marts and
    `history` are in `published_now`, as known now. Raises WarehouseError for what is not admitted and for SQL that
    cannot be run, NotAsKnownError for a table that is not there as known at the moment.
    """
    return _answer(home, sql, with_files, lambda relation: relation.pl(), known_at=known_at)


def first_rows(
    home: Home,
    sql: str,
    limit: int,
    *,
    with_files: bool = False,
    seconds: float | None = None,
    known_at: datetime | None = None,
) -> Shown | None:
    """The first ``limit`` rows of what `ask` gives, as Python's own types, and without Polars: its import is 0.4 s.

    After ``seconds`` the query is stopped, with a WarehouseError.
    """

    def take(relation: duckdb.DuckDBPyRelation) -> Shown:
        rows = relation.limit(limit + 1).fetchall()
        height = len(rows) if len(rows) <= limit else relation.shape[0]
        return Shown(relation.columns, rows[:limit], height)

    return _answer(home, sql, with_files, take, seconds, known_at)


def _answer(
    home: Home,
    sql: str,
    with_files: bool,
    take: Callable[[duckdb.DuckDBPyRelation], T],
    seconds: float | None = None,
    known_at: datetime | None = None,
) -> T | None:
    try:
        with _open(home, with_files, known_at) as con, _stopped_after(con, seconds):
            statements = con.extract_statements(sql)  # IMPORT DATABASE is read from its files before it is a statement
            if not statements:
                raise WarehouseError(
                    'the query is empty; write one such as "FROM marts.dollar_liquidity_daily LIMIT 5"'
                )
            if not with_files:
                _admit(statements)
            relation = con.sql(sql)
            return None if relation is None else take(relation)
    except duckdb.InterruptException:
        raise WarehouseError(f"the query takes longer than {seconds:g} s; ask for less") from None
    except duckdb.PermissionException as error:
        words = str(error).splitlines()[0]
        raise WarehouseError(f"{words}; a query reads the published database alone, {_WAY_OUT}") from None
    except duckdb.Error as error:
        kind = NotAsKnownError if known_at and isinstance(error, duckdb.CatalogException) else WarehouseError
        raise kind(f"SQL error: {error}") from None


@contextmanager
def _open(home: Home, with_files: bool, known_at: datetime | None) -> Iterator[duckdb.DuckDBPyConnection]:
    if known_at is None:
        with open_published(home, with_files=with_files) as con:
            yield con
    else:
        from warehouse.publication import views  # with all providers and Polars

        with open_attached(home, views.NOW, with_files=with_files) as con:
            views.of_moment(con, known_at)
            yield con


@contextmanager
def _stopped_after(con: duckdb.DuckDBPyConnection, seconds: float | None) -> Iterator[None]:
    timer = threading.Timer(seconds, con.interrupt) if seconds else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()


_WAY_OUT = "`--allow-files` lets it reach others"


def _admit(statements: list[duckdb.Statement]) -> None:
    """Refuse all but one statement that reads."""
    # PIVOT is parsed as the types that it makes and one SELECT, without separate texts.
    own = [one for one in statements if not (one.type == duckdb.StatementType.CREATE and one.query == "")]
    if len(own) != 1:
        raise WarehouseError(f"{len(own)} statements; write one query, or use --allow-files")
    if own[0].type not in _READS:
        kind = own[0].type.name
        raise WarehouseError(f"{kind} is not a query; only SELECT and similar statements read the database, {_WAY_OUT}")
