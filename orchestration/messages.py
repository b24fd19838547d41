"""Messages about runs: at the end of a run, about one that failed before its end, about one whose process is gone.

An error of a message is printed and stops nothing. What must not be here: the text of messages and sending
(`warehouse/alerts`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import duckdb

from warehouse import last_run
from warehouse.connection import Home, WarehouseError
from warehouse.publication.alerts import addresses, outbox

Say = Callable[[str], object]
unsaid: list[str] = []  # errors of messages in this process; the command line prints them at its end


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
    """Note and send how a run ended that has seen to the publication; after a good one, request LIQUIDITY_PING."""
    try:
        last_run.note(home, run_id, failures, generation=home.current.resolve().name)
    except OSError as error:
        say(f"`liquidity status` will not show how this run ended: {error}")
    _tell(lambda: outbox.after_run(home, run_id, failures, is_published=is_published), say)
    if not failures and (problem := addresses.ping()):
        say(problem)


def run_failed(home: Home, run_id: str, lines: Sequence[str], *, at: datetime | None = None, say: Say = _keep) -> None:
    """Note and send that a run failed which could not send it; once, by the first process that notices it.

    ``at`` is when it ended (naive UTC), by default now.
    """
    with suppress(OSError):  # a folder that cannot be written is what the run itself reports
        last_run.note(home, run_id, lines, at=at)
    _tell(lambda: outbox.run_failed(home, run_id, lines), say)


def leave_word(home: Home, run_id: str, lines: Sequence[str]) -> None:
    """Note a run that could not send its message; the next run that ends sends it."""
    outbox.leave_word(home, run_id, lines)
