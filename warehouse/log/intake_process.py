"""Fetching and loading in a separate process, while the caller's process imports and runs dbt.

The process is a fork: it uses the caller's clock, and its 300 MB of memory are freed when it ends. A fork does not have
the threads of Polars and DuckDB, so it is made before the caller has imported Polars; later, and outside Linux, the
caller fetches and loads in its process. The simulated providers of the sample answer from a fork of their own. A fork
ends when the caller ends, also after a kill.
What must not be here: what an intake does (`warehouse/log/intake.py`), Dagster (orchestration/).
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext
from typing import TYPE_CHECKING

from warehouse.connection import Home, WarehouseError

if TYPE_CHECKING:
    from warehouse.log.intake import Outcome

Progress = Callable[[str, int, int], None]

_M_ARENA_MAX = -8  # malloc.h of glibc
# After each of some thousand statements the thread that loads would wait the usual 5 ms for one that parses.
_SWITCH_SECONDS = 0.0005


class IntakeEndedError(WarehouseError):
    """The process that fetches and loads was killed or failed."""


@dataclass(frozen=True)
class Sent:
    """What the other process sends: earlier runs whose intake was cut short, then its outcomes."""

    cut_short: Future[list[str]] = field(default_factory=Future)
    outcomes: Future[dict[str, Outcome]] = field(default_factory=Future)


@contextmanager
def started(
    home: Home, dataset_ids: Callable[[], Sequence[str]], *, run_id: str, is_full: bool, progress: Progress
) -> Iterator[Sent | None]:
    """Fetch and load while the block runs; yields what the process sends, or None where no process can be forked.

    The caller holds the warehouse, and does not open the work file until there are outcomes. ``dataset_ids`` is called
    in the other process, ``progress`` in a thread with words, requests done, and all requests. The end of the block
    stops the process.
    """
    if sys.platform != "linux" or "polars" in sys.modules:
        yield None
        return
    _use_few_arenas()
    context = multiprocessing.get_context("fork")
    providers = _simulated(context, home) if home.is_simulated else None
    ours, its = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(its, home, dataset_ids, run_id, is_full, providers), name="intake", daemon=True
    )
    process.start()
    its.close()
    if providers:
        providers.close()
    found = Sent()
    follower = threading.Thread(target=_follow, args=(ours, process, found, progress), name="intake", daemon=True)
    follower.start()
    try:
        yield found
    finally:
        if not found.outcomes.done():
            process.kill()
        follower.join()


def _simulated(context: ForkContext, home: Home) -> Connection:
    """Start the process of the simulated providers; returns the pipe by which it is asked."""
    asking, answering = context.Pipe()
    context.Process(target=_answer, args=(answering, asking, home), name="providers", daemon=True).start()
    answering.close()
    return asking


def _answer(answering: Connection, asking: Connection, home: Home) -> None:
    asking.close()  # the copy in this process would keep it open
    _depend_on_caller()
    from ingest import relay
    from warehouse.log.intake import transport_of

    relay.serve(answering, transport_of(home))  # type: ignore[arg-type]  # the sample has one


def _use_few_arenas() -> None:
    """At most two arenas of glibc's malloc: with one for each provider's thread an intake takes 100 MB more."""
    with suppress(AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _follow(pipe: Connection, process: multiprocessing.process.BaseProcess, found: Sent, progress: Progress) -> None:
    """Pass on the messages of the process until the last one."""
    try:
        found.cut_short.set_result(pipe.recv())
        while isinstance(sent := pipe.recv(), tuple):
            progress(*sent)
    except EOFError:
        process.join()
        sent = IntakeEndedError(f"the process that fetches and loads ended with {process.exitcode}; run it again")
    process.join()  # the work file is free
    if not found.cut_short.done():
        found.cut_short.set_result([])
    if isinstance(sent, BaseException):
        found.outcomes.set_exception(sent)
    else:
        found.outcomes.set_result(sent)


def _work(
    pipe: Connection,
    home: Home,
    dataset_ids: Callable[[], Sequence[str]],
    run_id: str,
    is_full: bool,
    providers: Connection | None,
) -> None:
    _depend_on_caller()
    sys.setswitchinterval(_SWITCH_SECONDS)
    from warehouse.log import unfinished
    from warehouse.log.intake import take_in, telling, transport_of

    transport = transport_of(home)
    if providers:
        from ingest.relay import Relay

        transport = Relay(providers)
    pipe.send(unfinished.runs(home))
    progress, look = telling(lambda *report: pipe.send(report))
    try:
        # Not the decorated function: the caller holds the lock.
        found = take_in.__wrapped__(  # type: ignore[attr-defined]
            home, dataset_ids(), run_id=run_id, is_full=is_full, transport=transport, progress=progress,
            look=look,
        )  # fmt: skip
    except Exception as error:
        found = error
    pipe.send(found)


def _depend_on_caller() -> None:
    """Ctrl-C is the caller's, which then stops this process; without a caller it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_caller, daemon=True).start()


def _end_with_caller() -> None:
    caller = multiprocessing.parent_process()
    wait([caller.sentinel])  # type: ignore[union-attr]
    os._exit(1)
