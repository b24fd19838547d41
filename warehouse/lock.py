"""One lock for a whole warehouse, from the first read of the log to the swap of the published generation.

Every process that changes a warehouse holds it: refresh, build, load, replay, restore, as-of, publish, and every run
from the web interface or a schedule. It belongs to the process, so a step may take it again while its run holds it. The
kernel frees it when the process ends, also after a kill: no lock is ever left. Readers need no lock.
What must not be here: DuckDB's own lock on the work file (`warehouse/connection.py`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from ingest.calendars import utc_now
from warehouse import leftovers, space
from warehouse.connection import Home, WarehouseBusyError

if TYPE_CHECKING:
    from filelock import FileLock

# A refresh of two minutes or a long first one is worth waiting for; a longer wait needs a person.
WAIT_SECONDS = 1800.0

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Holder:
    """The holder of a warehouse: process id, what it does in words, since when (naive UTC)."""

    pid: int
    doing: str
    since: datetime

    def __str__(self) -> str:
        return f"{self.doing} (process {self.pid}, since {self.since:%Y-%m-%d %H:%M:%S} UTC)"


def _lock(home: Home) -> FileLock:
    from filelock import FileLock  # who only reads takes no lock

    # One object for each path and process, for all threads: dbt runs in a separate thread.
    return FileLock(home.root.resolve() / ".lock", is_singleton=True, thread_local=False)


def _note(home: Home) -> Path:
    return home.root / ".lock.json"


def holder(home: Home) -> Holder | None:
    """The holder of the warehouse now, also this process; None when it is free."""
    from filelock import Timeout

    lock = _lock(home)
    if not lock.is_locked:
        if not home.root.is_dir():
            return None
        try:
            with lock.acquire(timeout=0):
                return None
        except Timeout:
            pass
    try:
        note = json.loads(_note(home).read_text("utf-8"))
        return Holder(note["pid"], note["doing"], datetime.fromisoformat(note["since"]))
    except (OSError, ValueError, KeyError):
        return Holder(0, "another process", utc_now())  # between its lock and its note


def _silent(words: str) -> None:
    """Default: waits without a word."""


@contextmanager
def hold(
    home: Home,
    doing: str,
    *,
    wait_seconds: float = WAIT_SECONDS,
    on_wait: Callable[[str], None] = _silent,
    needs_room: bool = True,
) -> Iterator[None]:
    """Hold the warehouse while the block runs; others see ``doing``, such as "refresh".

    When another process holds it, calls ``on_wait`` once with the holder and waits at most ``wait_seconds``. Raises
    WarehouseBusyError after that, NoSpaceError when ``needs_room`` and the disk has none for a run. A process that
    holds it already enters at once, and others still see its first ``doing``.
    """
    from filelock import Timeout

    home.root.mkdir(parents=True, exist_ok=True)
    lock = _lock(home)
    is_first = not lock.is_locked
    try:
        lock.acquire(timeout=0)
    except Timeout:
        on_wait(f"waiting for the {holder(home)}")
        try:
            lock.acquire(timeout=wait_seconds, poll_interval=0.1)
        except Timeout:
            raise WarehouseBusyError(
                f"{home.root} is held by the {holder(home)}; wait for it to end, or stop that process"
            ) from None
    try:
        if is_first:
            leftovers.clear(home)
            if needs_room:
                space.require(home)
            with nullcontext() if needs_room else suppress(OSError):  # what makes room goes on without its note
                _write(home, Holder(os.getpid(), doing, utc_now()))
        yield
    finally:
        lock.release()


def held(doing: str) -> Callable[[Callable[Concatenate[Home, P], T]], Callable[Concatenate[Home, P], T]]:
    """Decorator: the function holds the warehouse that is its first argument while it runs."""

    def decorate(function: Callable[Concatenate[Home, P], T]) -> Callable[Concatenate[Home, P], T]:
        @wraps(function)
        def holding(home: Home, *args: P.args, **kwargs: P.kwargs) -> T:
            with hold(home, doing):
                return function(home, *args, **kwargs)

        return holding

    return decorate


def _write(home: Home, who: Holder) -> None:
    unfinished = home.root / ".lock.json.tmp"  # only the holder writes it, so the next one takes what a kill left
    unfinished.write_text(json.dumps(asdict(who), default=str), "utf-8")
    os.replace(unfinished, _note(home))
