"""The journal: what the log has apart from its rows, written a second time, next to the archive.

`journal/log.jsonl` gets one line for each load, exchange, failure and forecast, synced to the disk after a
transaction, but not twice within a second, and at the end of a run. The database is the truth and the journal follows
it: lines that a kill prevented are added when the log is opened next. The journal and the archive are enough to make
the log again (`warehouse/upkeep/rebuild.py`).
What must not be here: rows, and anything else that today's parsers make of a payload.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

import duckdb
import msgspec

from ingest.payloads import sync_folder
from ingest.providers import DATASETS
from warehouse.connection import DATABASE_NAME, DamagedLogError, Home, advice, configure, open_work
from warehouse.log import tables


class Load(msgspec.Struct, frozen=True, tag="load", tag_field="kind"):
    """One row of `meta.load`, without its raw rows: enough to repeat the load. Times are naive UTC."""

    load_seq: int
    dataset: str
    payload_ids: list[str]
    source_url: str
    request_scope: str | None
    covers_from: date | None
    covers_to: date | None
    origin: str
    known_at: datetime
    loaded_at: datetime
    run_id: str
    is_full: bool
    is_import: bool
    notes: list[str]

    @property
    def is_file(self) -> bool:
        """Whether the body was saved by hand; a vintage may have come either way."""
        return self.origin == "file" or self.source_url.startswith("file:")


class Fetch(msgspec.Struct, frozen=True, tag="fetch", tag_field="kind"):
    """One row of `meta.fetch`."""

    run_id: str
    dataset: str
    url: str
    status: int | None
    started_at: datetime
    seconds: float
    attempts: int
    bytes: int
    payload_id: str | None
    etag: str | None
    last_modified: str | None
    error: str | None


class Quarantined(msgspec.Struct, frozen=True, tag="quarantine", tag_field="kind"):
    """One row of `meta.quarantine`."""

    run_id: str
    dataset: str
    scope: str | None
    payload_id: str | None
    error: str
    message: str
    place: str
    url: str | None
    quarantined_at: datetime


class Forecast(msgspec.Struct, frozen=True, tag="forecast", tag_field="kind"):
    """One row of `meta.forecast`, which nothing can make again."""

    made_at: datetime
    run_id: str
    forecast_target: str
    forecast_model: str
    forecast_date: date
    forecast_at: datetime
    target_date: date
    horizon_days: int
    forecast_unit: str
    forecast_value: float
    low_value: float | None
    high_value: float | None
    interval_basis: str | None
    persistence_value: float | None
    previous_release_value: float | None
    outcome_expected_at: datetime
    weakest_known_basis: str
    inputs_known_from: datetime


Line = Load | Fetch | Quarantined | Forecast
_KINDS: tuple[type[Line], ...] = (Load, Fetch, Quarantined, Forecast)
_PAUSE_SECONDS = 1.0
_SEQUENCE = re.compile(rb'{"kind":"load","load_seq":(\d+)')


def table(kind: type[Line]) -> str:
    """The table whose rows it has."""
    return f"meta.{kind.__struct_config__.tag}"


def columns(kind: type[Line]) -> str:
    """SQL list of the columns that a line of the journal has, in its order."""
    return ", ".join(kind.__struct_fields__)


def loads(con: duckdb.DuckDBPyConnection, after: int = 0, schema: str = "meta") -> list[Load]:
    """Loads of the open log in order, from the one after ``after`` on."""
    query = f"SELECT {columns(Load)} FROM {schema}.load WHERE load_seq > ? ORDER BY load_seq"
    return [Load(*row) for row in con.execute(query, [after]).fetchall()]


@dataclass
class Contents:
    """What the journal holds, and the lines of it that cannot be read."""

    loads: list[Load] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    forecasts: list[Forecast] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read(home: Home) -> Contents:
    """All lines; empty without a journal. A last line that a power cut left incomplete is ignored."""
    contents = Contents()
    decoder = msgspec.json.Decoder(Line)
    lines = home.journal.read_bytes().split(b"\n") if home.journal.exists() else [b""]
    for number, line in enumerate(lines, start=1):
        try:
            match decoder.decode(line):
                case Load() as load:
                    contents.loads.append(load)
                case Fetch() as fetch:
                    contents.fetches.append(fetch)
                case Quarantined() as quarantined:
                    contents.quarantined.append(quarantined)
                case Forecast() as forecast:
                    contents.forecasts.append(forecast)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            if number < len(lines):
                contents.problems.append(f"line {number} cannot be read")
    return contents


class Journal:
    """The journal of one warehouse, open for following its log. Use it under the lock of the warehouse."""

    def __init__(self, home: Home) -> None:
        """Find its last line; writes nothing."""
        self._home = home
        self._path = home.journal
        self._end = self._last_load = 0
        self._followed_at = 0.0
        self._counts: dict[type[Line], int] = dict.fromkeys(_KINDS, 0)
        if not self._path.exists():
            return
        with open(self._path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break  # torn: the next line goes in its place
                self._end += len(line)
                for kind in _KINDS:
                    self._counts[kind] += line.startswith(f'{{"kind":"{kind.__struct_config__.tag}"'.encode())
                if load := _SEQUENCE.match(line):
                    self._last_load = max(self._last_load, int(load[1]))

    def refuse_if_behind(self, con: duckdb.DuckDBPyConnection) -> None:
        """DamagedLogError when the log lacks lines of the journal: the log is empty, or an older copy."""
        (last,) = con.execute("SELECT coalesce(max(load_seq), 0) FROM meta.load").fetchone()  # type: ignore[misc]
        if last < self._last_load:
            raise DamagedLogError(
                f"{self._home.work_database} ends with load {last}, its journal with load {self._last_load}; "
                f"{advice(self._home)}"
            )

    def keep_up(self, con: duckdb.DuckDBPyConnection) -> None:
        """Follow the log, but not twice within a second: it takes 5 ms, a load 20. Raises OSError."""
        if time.monotonic() - self._followed_at >= _PAUSE_SECONDS:
            self.follow(con)

    def follow(self, con: duckdb.DuckDBPyConnection) -> None:
        """Append what the log has and the journal lacks, and sync it to the disk. Raises OSError."""
        self._followed_at = time.monotonic()
        lines: list[Line] = []
        kinds: tuple[type[Line], ...] = (Fetch, Quarantined, Forecast)
        counts = ", ".join(f"(SELECT count(*) FROM {table(kind)})" for kind in kinds)
        for kind, held in zip(kinds, con.execute(f"SELECT {counts}").fetchone() or (), strict=True):
            if held > self._counts[kind]:
                newest = f"FROM {table(kind)} ORDER BY rowid DESC LIMIT {held - self._counts[kind]}"
                rows = con.execute(f"SELECT {columns(kind)} {newest}").fetchall()
                lines += (kind(*row) for row in reversed(rows))
        new_loads = loads(con, self._last_load)
        lines += new_loads  # last: a load whose exchange is missing could not be traced
        if not lines:
            return
        encoder = msgspec.json.Encoder()
        written = b"".join(encoder.encode(line) + b"\n" for line in lines)
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch()
            sync_folder(self._path.parent)
            sync_folder(self._home.root)
        with open(self._path, "r+b") as file:
            file.seek(self._end)
            file.write(written)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        self._end += len(written)
        for line in lines:
            self._counts[type(line)] += 1
        self._last_load = new_loads[-1].load_seq if new_loads else self._last_load


@contextmanager
def open_log(home: Home) -> Iterator[tuple[duckdb.DuckDBPyConnection, Journal]]:
    """The work file and its journal, brought up to date with each other; the tables are made. Hold the lock.

    Raises DamagedLogError when the log is missing, empty or behind its journal, although there was more.
    """
    refuse_if_lost(home)
    with open_work(home) as con:
        tables.create_tables(con, DATASETS.values())
        journal = Journal(home)
        journal.refuse_if_behind(con)
        if con.execute("SELECT count(*) FROM meta.load").fetchone() == (0,):
            refuse_to_begin_anew(home)
        journal.follow(con)
        yield con, journal


def refuse_if_lost(home: Home) -> None:
    """DamagedLogError when there is no work file although the journal or a generation shows that there was one."""
    if not home.work_database.exists():
        refuse_to_begin_anew(home)


def refuse_to_begin_anew(home: Home) -> None:
    """DamagedLogError for an empty or missing log, except before the first load: then a first refresh may begin."""
    what = "is empty" if home.work_database.exists() else "is not there"
    if read(home).loads:
        raise DamagedLogError(f"{home.work_database} {what}, and its journal has loads; {advice(home)}")
    if generation := next(generations_with_loads(home), None):
        raise DamagedLogError(f"{home.work_database} {what}, and generation {generation} has loads; {advice(home)}")


def generations_with_loads(home: Home) -> Iterator[str]:
    """Published generations that can be read and hold at least one load, newest first."""
    for path in sorted(home.generations.glob(f"[!.]*/{DATABASE_NAME}"), reverse=True):
        try:
            with configure(duckdb.connect(str(path), read_only=True)) as con:
                has_loads = con.execute("SELECT count(*) > 0 FROM meta.load").fetchone() == (True,)
        except duckdb.Error:
            continue
        if has_loads:
            yield path.parent.name
