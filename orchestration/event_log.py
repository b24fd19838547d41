"""Dagster's event log of a warehouse: one SQLite file, its connections kept open.

Dagster's class makes an engine for each statement, so for each of some thousand events it composes SQL, and opens,
syncs and closes the file: 22 of the 77 s of a refresh. What must not be here: the path of the log, its contents.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy as db
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS


class EventLog(ConsolidatedSqliteEventLogStorage):
    """The same log. A power cut may lose the newest events, but never the file and no data."""

    @cached_property
    def _engine(self) -> db.Engine:
        engine = db.create_engine(self._conn_string, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})

        @db.event.listens_for(engine, "connect")
        def _(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous = NORMAL")  # with a write-ahead log: synced at checkpoints alone

        return engine

    @contextmanager
    def _connect(self) -> Iterator[db.Connection]:
        with self._engine.begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        """Called for every event; an existing table never disappears."""
        if table_name not in self._tables:
            self._tables |= {table_name} if super().has_table(table_name) else set()
        return table_name in self._tables

    @cached_property
    def _tables(self) -> set[str]:
        return set()

    def dispose(self) -> None:
        super().dispose()
        self._engine.dispose()
