"""Who runs tells people: at the end of a run, of one that failed before its end, of one whose process is gone.

Whatever goes wrong with messages is said and stops nothing. What must not be here: what is told and how it is sent
(`warehouse/alerts`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from warehouse.connection import Home, WarehouseError
from warehouse.publication.alerts import addresses, outbox

Say = Callable[[str], object]
unsaid: list[str] = []  # what went wrong with messages in this process; the command line prints it at its end


def _keep(words: str) -> None:
    unsaid.append(words)


def _tell(make: Callable[[], outbox.Told], say: Say) -> None:
    try:
        told = make()
    except (duckdb.Error, WarehouseError, OSError) as error:
        say(f"messages could not be made: {type(error).__name__}: {str(error).splitlines()[0]}")
        return
    for problem in told.problems:
        say(f"not told: {problem}; {told.waiting} wait for the next time")


def after_run(home: Home, run_id: str, failures: Sequence[str], *, is_published: bool, say: Say = _keep) -> None:
    """Tell how a run ended; after a good one, ask LIQUIDITY_PING."""
    _tell(lambda: outbox.after_run(home, run_id, failures, is_published=is_published), say)
    if not failures and (problem := addresses.ping()):
        say(problem)


def run_failed(home: Home, run_id: str, lines: Sequence[str], *, say: Say = _keep) -> None:
    """Tell of a run that could not tell of itself; once, whoever notices it first."""
    _tell(lambda: outbox.run_failed(home, run_id, lines), say)


def leave_word(home: Home, run_id: str, lines: Sequence[str]) -> None:
    """Have the next run that ends tell of one that could not tell of itself."""
    outbox.leave_word(home, run_id, lines)
