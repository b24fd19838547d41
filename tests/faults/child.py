"""Processes that are killed: what they do, what they report on the way, and the instant at which they die.

Every process is forked from a server that has imported everything and asked the simulated providers once, so that a
kill costs tenths of a second. Instants are events (a rename, a statement of SQL, an fsync, a file opened for writing),
counted in the process itself: `Kill("replace current")` dies just before the link is swapped, each time.
Production code knows nothing of this.
"""

import contextlib
import io
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time as clock
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, time
from functools import partial
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import duckdb

from ingest import sample
from ingest.calendars import new_york_to_utc
from ingest.providers import DATASETS
from orchestration import cli, console
from warehouse import lock, space
from warehouse.connection import DATABASE_NAME, Home, open_work
from warehouse.log import store
from warehouse.log.intake import take_in
from warehouse.models import lineage
from warehouse.publication import publish, report
from warehouse.upkeep import rebuild

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.warm"])
# Several series in one body, pages by date, a body that replaces itself, one table of dollars.
LOADED = ("nyfed.reference_rates", "coinbase.daily_candles", "kraken.daily_candles", "fiscaldata.debt_to_penny")
FIRST_DAY, LAST_DAY = date(2026, 9, 1), date(2026, 11, 27)
LONGEST_SECONDS = 300.0  # a child that takes longer is stuck; whole commands get more


@dataclass(frozen=True)
class Kill:
    """Dies by SIGKILL ``after_seconds`` of the ``count``-th ``event``; 0 is before it happens."""

    event: str
    count: int = 1
    after_seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.event} #{self.count}" + (f" + {1000 * self.after_seconds:.1f} ms" if self.after_seconds else "")


@dataclass(frozen=True)
class Pause:
    """Tells ``reached`` at the first ``event`` and waits for ``released``."""

    event: str
    reached: Event
    released: Event


# --- what happens in a process ----------------------------------------------------------------------------------------


class Watch:
    """Counts the events of this process and acts on the one that was asked for."""

    def __init__(self, home: Home, act: Kill | Pause | None) -> None:
        self.root = f"{home.root}/"
        self.act = act
        self.counts: Counter[str] = Counter()
        self.order: list[str] = []
        sys.addaudithook(self._audit)
        for module, name, done, which in _STEPS:
            setattr(module, name, partial(self._step, getattr(module, name), name, done, which))
        store.load = partial(_watched_load, store.load, self)  # type: ignore[assignment]

    def see(self, event: str) -> None:
        """One more ``event`` is about to happen."""
        self.counts[event] += 1
        self.order.append(event)
        match self.act:
            case Kill(event=wanted, count=count, after_seconds=wait) if wanted == event and count == self.counts[event]:
                if wait:
                    threading.Thread(target=_die, args=(wait,), daemon=True).start()
                else:
                    _die(0.0)
            case Pause(event=wanted, reached=reached, released=released) if wanted == event:
                if not reached.is_set():
                    reached.set()
                    released.wait(LONGEST_SECONDS)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event in ("os.mkdir", "os.remove", "shutil.rmtree") or (
            event == "open" and isinstance(args[0], str) and args[2] & (os.O_WRONLY | os.O_RDWR)
        ):
            self._at(event.rpartition(".")[2], str(args[0]))

    def _step(self, call: Callable[..., Any], name: str, done: str, which: int, *args: Any, **kwargs: Any) -> Any:
        path = args[which]
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}") if Path("/proc/self/fd").exists() else ""
        self._at(name, str(path))
        result = call(*args, **kwargs)
        self._at(done, str(path))
        return result

    def _at(self, what: str, path: str) -> None:
        """See ``what`` happens to which part of the warehouse, if it is a part of it."""
        if not f"{path}/".startswith(self.root):
            return
        match path.removeprefix(self.root.rstrip("/")).strip("/").split("/"):
            case [""]:
                part = "root"
            case ["generations", folder, *_]:
                part = "building" if folder.startswith(".") else "generation"
            case [first, *_]:
                part = "link" if first.startswith(".current-") else first
        self.see(f"{what} {part}")


# Steps that are reported before and after: module, function, word for after, which argument is the path.
_STEPS = (
    (os, "rename", "renamed", 1), (os, "replace", "renamed", 1), (os, "symlink", "symlinked", 1),
    (os, "fsync", "fsynced", 0),
)  # fmt: skip


class _Connection:
    """A connection of DuckDB that reports each statement before and after it."""

    def __init__(self, con: Any, watch: Watch) -> None:
        self._con, self._watch = con, watch

    def execute(self, query: str, *parameters: Any) -> Any:
        verb = query.split(maxsplit=1)[0]
        self._watch.see("sql")
        self._watch.see(f"sql {verb}")
        result = self._con.execute(query, *parameters)
        self._watch.see(f"done {verb}")
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def _watched_load(load: Callable[..., Any], watch: Watch, con: Any, *args: Any, **kwargs: Any) -> Any:
    watch.see("load")
    return load(_Connection(con, watch), *args, **kwargs)


def _die(wait: float) -> None:
    clock.sleep(wait)
    os.kill(os.getpid(), signal.SIGKILL)


# --- what the processes do -------------------------------------------------------------------------------------------


def load(home: Home, day: date) -> None:
    """Fetch and load from the providers of ``day``."""
    now = new_york_to_utc(day, time(23, 30))
    take_in(home, LOADED, run_id=f"load of {day}", transport=sample.transport(LAST_DAY, now=now), now=now)


def model(home: Home) -> None:
    """Stands in for dbt: one mart that says how many rows each history has."""
    with open_work(home) as con:
        lineage.held_key(con)
        con.execute("CREATE SCHEMA IF NOT EXISTS marts")
        counts = " UNION ALL ".join(
            f"SELECT '{DATASETS[name].table}' AS history_table, count(*) AS row_count "
            f"FROM history.{DATASETS[name].table}" for name in LOADED
        )  # fmt: skip
        con.execute(f"CREATE OR REPLACE TABLE marts.rows_of_history AS {counts}")


def publication(home: Home) -> None:
    """Publish what is held; the page carries no JavaScript, which takes longer than all the rest."""
    report.embed_script = lambda: ""  # type: ignore[assignment]
    publish.publish(home)


def build(home: Home) -> None:
    """Model and publish what is held, under the lock: `liquidity build` without Dagster and dbt."""
    with lock.hold(home, "build"):
        model(home)
        publication(home)


def refresh(home: Home, day: date) -> None:
    """Fetch, load, model, publish, under the lock: `liquidity refresh` without Dagster and dbt."""
    with lock.hold(home, "refresh"):
        load(home, day)
        model(home)
        publication(home)


def without_room_check(job: Callable[..., None], *args: Any) -> None:
    """The estimate of the free space was wrong: ``job`` meets the full disk itself."""
    space.require = lambda home: None  # type: ignore[assignment]
    job(*args)


def without_waiting(job: Callable[..., None], *args: Any) -> None:
    """``job`` leaves at once when another process holds the warehouse."""
    lock.hold.__wrapped__.__kwdefaults__["wait_seconds"] = 0.0  # type: ignore[attr-defined]
    job(*args)


def restore(home: Home) -> None:
    """Heal the log, and publish."""
    rebuild.restore(home)
    model(home)
    publication(home)


def read(home: Home, stop: Event) -> None:
    """Open the current generation again and again: it is whole, and never older than the one before."""
    opened, newest = 0, ""
    while not stop.is_set():
        folder = home.current.resolve()
        with duckdb.connect(str(folder / DATABASE_NAME), read_only=True) as con:
            (generation,) = con.execute("SELECT id FROM meta.generation").fetchone()  # type: ignore[misc]
            for table, said in con.execute("FROM marts.rows_of_history").fetchall():
                (rows,) = con.execute(f"SELECT count(*) FROM history.{table}").fetchone()  # type: ignore[misc]
                if rows != said:
                    raise AssertionError(f"{generation}: marts know {said} rows of {table}, there are {rows}")
        if generation != folder.name or generation < newest:
            raise AssertionError(f"{generation} in {folder.name} after {newest}")
        opened, newest = opened + 1, generation
        clock.sleep(0.02)  # some dozen times a refresh; without it three readers take all processors
    print(f"{opened} times", end="")


def command(home: Home, *arguments: str) -> None:
    """`liquidity ...` on the simulated warehouse of ``home``."""
    os.environ["LIQUIDITY_HOME"] = str(home.root.parent)
    sys.argv = ["liquidity", *arguments]
    cli.main()


# --- running them -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """How a process ended: exit code (-9 killed, None stuck), events in their order, its traceback, what it printed."""

    code: int | None
    events: list[str]
    words: str
    said: str = ""
    cpu_seconds: float = 0.0

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Child:
    """A process that does ``job`` on ``home``; ``report`` is the file that takes what it says."""

    def __init__(
        self, home: Home, job: Callable[..., None], *args: Any, act: Kill | Pause | None = None,
        seconds: float = LONGEST_SECONDS,
    ) -> None:  # fmt: skip
        # Elsewhere: the disk of the warehouse may be full.
        self.report = Path(tempfile.gettempdir()) / f"liquidity-faults-{os.getpid()}-{clock.monotonic_ns()}.json"
        self.deadline = clock.monotonic() + seconds
        self.process: ForkServerProcess = CONTEXT.Process(
            target=_run, args=(self.report, home, act, job, args), daemon=True
        )
        self.process.start()

    def end(self) -> Ended:
        """Wait for its end; a process that is late is killed and counts as stuck."""
        self.process.join(max(0.1, self.deadline - clock.monotonic()))
        is_stuck = self.process.is_alive()
        if is_stuck:
            self.process.kill()
            self.process.join()
        told = json.loads(self.report.read_text("utf-8")) if self.report.exists() else {"events": [], "words": ""}
        self.report.unlink(missing_ok=True)
        return Ended(**told | {"code": None if is_stuck else self.process.exitcode})


def run(
    home: Home, job: Callable[..., None], *args: Any, act: Kill | Pause | None = None, seconds: float = LONGEST_SECONDS
) -> Ended:
    """Do ``job`` in a separate process, to its end."""
    return Child(home, job, *args, act=act, seconds=seconds).end()


def _run(report: Path, home: Home, act: Kill | Pause | None, job: Callable[..., None], args: tuple[Any, ...]) -> None:
    watch = Watch(home, act)
    words, code, said = "", 0, io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), console.errors_in_one_line():
            if job in (without_room_check, without_waiting):
                job(args[0], home, *args[1:])
            else:
                job(home, *args)
    except BaseException as error:
        found = getattr(error, "exit_code", getattr(error, "code", 1))
        code = found if isinstance(found, int) else 1
        words = traceback.format_exc()
    watch.act = None
    ended = Ended(code, watch.order, words, said.getvalue(), sum(os.times()[:2]))
    report.write_text(json.dumps(asdict(ended)), "utf-8")
    sys.exit(code)
