"""Fetching and loading in a process of its own, beside imports and dbt in the caller's.

It is a fork: it goes by the caller's clock, and the 300 MB that an intake leaves in memory go with it. A fork has none
of the threads of Polars and DuckDB, so it is made before the caller has imported Polars; elsewhere, and outside Linux,
the caller takes in by itself. It ends when the caller does, however that ends.
What must not be here: what an intake does (`warehouse/log/intake.py`), Dagster (orchestration/).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from warehouse.connection import Home, WarehouseError

if TYPE_CHECKING:
    from warehouse.log.intake import Outcome

Progress = Callable[[str, int, int], None]


class IntakeEndedError(WarehouseError):
    """The process that fetches and loads was killed or broke off."""


@dataclass(frozen=True)
class Beside:
    """What the other process will say: runs before it whose intake was cut short, then the outcomes of its own."""

    cut_short: Future[list[str]] = field(default_factory=Future)
    outcomes: Future[dict[str, Outcome]] = field(default_factory=Future)


@contextmanager
def beside(
    home: Home, dataset_ids: Callable[[], Sequence[str]], *, run_id: str, is_full: bool, progress: Progress
) -> Iterator[Beside | None]:
    """Take in while the block runs; gives what it will say, or None where no process can be forked.

    The caller holds the warehouse, and leaves the work file alone until there are outcomes. ``dataset_ids`` is asked in
    the other process, ``progress`` is called in a thread with words, requests done, and all of them. What is not over
    when the block ends is stopped.
    """
    if sys.platform != "linux" or "polars" in sys.modules:
        yield None
        return
    context = multiprocessing.get_context("fork")
    ours, its = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(its, home, dataset_ids, run_id, is_full), name="intake", daemon=True)
    process.start()
    its.close()
    found = Beside()
    follower = threading.Thread(target=_follow, args=(ours, process, found, progress), name="intake", daemon=True)
    follower.start()
    try:
        yield found
    finally:
        if not found.outcomes.done():
            process.kill()
        follower.join()


def _follow(pipe: Connection, process: multiprocessing.process.BaseProcess, found: Beside, progress: Progress) -> None:
    """Pass on what the process says until its last word."""
    try:
        found.cut_short.set_result(pipe.recv())
        while isinstance(said := pipe.recv(), tuple):
            progress(*said)
    except EOFError:
        process.join()
        said = IntakeEndedError(f"the process that fetches and loads ended with {process.exitcode}; run it again")
    process.join()  # the work file is free
    if not found.cut_short.done():
        found.cut_short.set_result([])
    if isinstance(said, BaseException):
        found.outcomes.set_exception(said)
    else:
        found.outcomes.set_result(said)


def _work(pipe: Connection, home: Home, dataset_ids: Callable[[], Sequence[str]], run_id: str, is_full: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of Ctrl-C; the caller hears it too, and stops this process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_caller, daemon=True).start()
    from warehouse.log import unfinished
    from warehouse.log.intake import take_in, telling, transport_of

    pipe.send(unfinished.runs(home))
    progress, look = telling(lambda *said: pipe.send(said))
    try:
        # Not the decorated function: the lock is the caller's.
        found = take_in.__wrapped__(  # type: ignore[attr-defined]
            home, dataset_ids(), run_id=run_id, is_full=is_full, transport=transport_of(home), progress=progress,
            look=look,
        )  # fmt: skip
    except Exception as error:
        found = error
    pipe.send(found)


def _end_with_caller() -> None:
    caller = multiprocessing.parent_process()
    wait([caller.sentinel])  # type: ignore[union-attr]
    os._exit(1)
