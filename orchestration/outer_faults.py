"""Faults from outside the program, in one line: the disk, the rights, the folder, memory, a database that the disk
has damaged.

A fault of the program itself is not caught here: its traceback shows the place.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

from ingest.plain import plain
from warehouse.connection import HOME_VARIABLE, WarehouseError

# Messages of the libraries, and what the user can do. First match counts.
_NEEDS = (
    (
        r"no space left|disk is full|disk quota|not enough space|\(ENOSPC\)",
        "free some space on that disk and run it again; what was published stays as it was",
    ),
    (
        r"read-only file ?system|readonly database",
        f"the folder must be writable; mount it so, or set {HOME_VARIABLE} to another one",
    ),
    (
        r"permission denied|operation not permitted|unable to open database file",
        f"this user needs the right to write there; run as its owner, or set {HOME_VARIABLE} to another folder",
    ),
    (
        r"not a directory|file exists|is a directory|no such file or directory|file name too long|invalid argument",
        f"{HOME_VARIABLE} must name a folder that is there or can be made",
    ),
    (
        r"disk i/o error",  # SQLite's words in Dagster's record, also for a full disk
        "free some space on that disk, or look whether it is failing; what was published stays as it was",
    ),
    (
        r"not a valid duckdb database|corrupt|malformed|checksum|input/output error",
        "look whether that disk is full or failing; `liquidity restore` makes the work file anew from what is kept",
    ),
    (r"out of memory|could not allocate|cannot allocate", "close other programs, or give it more memory"),
    (r"too many open files", "raise the limit (ulimit -n)"),
)  # fmt: skip
_OUTER = (OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException,
          duckdb.TransactionException, duckdb.SerializationException, sqlite3.OperationalError,
          sqlite3.DatabaseError)  # fmt: skip


def need_for(words: str) -> str:
    """What the user can do after an error with the message ``words``; empty when it is not known."""
    for pattern, need in _NEEDS:
        if re.search(pattern, words, re.IGNORECASE):
            return need
    return ""


def with_need(words: str) -> str:
    """``words`` of an error as one line, followed by what the user can do."""
    line = " ".join(words.split())
    need = need_for(line)
    return f"{line}; {need}" if need else line


def in_one_line(error: BaseException) -> str | None:
    """Cause and need of a fault of the warehouse or from outside; None when ``error`` is one of the program itself."""
    if isinstance(error, WarehouseError):
        return f"{type(error).__name__}: {with_need(str(error))}"
    outer = [link for link in _chain(error) if isinstance(link, _OUTER)]
    if not outer:
        return None
    # The innermost error is the cause: the libraries made the others from it.
    told = next((link for link in reversed(outer) if need_for(str(link))), outer[-1])
    words = str(told) or "the memory of this machine does not suffice: out of memory"
    return f"{type(told).__name__}: {with_need(words)}"


def reasons_of(events: Iterable[Any]) -> list[str]:
    """`step NAME failed: REASON` for each step that failed in the Dagster events of a run; else how the run failed."""
    steps, runs = [], []
    for event in events:
        if event.is_step_failure:
            data = event.step_failure_data
            described = data.user_failure_data.description if data.user_failure_data else None
            steps.append(f"step {event.step_key} failed: {described or _reason(data.error)}")
        elif event.is_job_failure:
            error = event.job_failure_data.error if event.event_specific_data else None
            runs.append(_reason(error) if error else plain(event.message or "no reason given"))
    return steps or runs


def _reason(error: Any) -> str:
    """The innermost cause of an error in Dagster's record; of ours, the error itself. Its class name is enough."""
    while error is not None and error.cause is not None and error.cls_name != WarehouseError.__name__:
        error = error.cause
    return re.sub(r"^warehouse\.[a-z_.]+", "", with_need(plain(error.message))) if error else "no reason given"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
