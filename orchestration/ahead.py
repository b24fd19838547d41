"""A publication that begins while Dagster still records what was built: 1,500 events and 5 s after a first build.

The command line asks for it, because it knows that the step which publishes comes next; that step puts the generation
in place. What must not be here: what a publication is (`publish_assets.py`).
"""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from warehouse.generation import Generation

Prepare = Callable[[], Generation | None]

_asked: dict[str, Prepare] = {}  # by run id
_begun: dict[str, Future[Generation | None]] = {}


@contextmanager
def asked(run_id: str, prepare: Prepare) -> Iterator[None]:
    """While the block runs, the step that builds may call ``prepare`` at its end, in a thread."""
    _asked[run_id] = prepare
    try:
        yield
    finally:
        _asked.pop(run_id, None)
        if left := _begun.pop(run_id, None):  # a step failed on the way; the next holder of the lock clears its folder
            left.exception()


def begin(run_id: str) -> None:
    """Begin what was asked for. Until it ends, this process must not open the work file."""
    if prepare := _asked.pop(run_id, None):
        pool = ThreadPoolExecutor(1, "publication")
        _begun[run_id] = pool.submit(_switching_often, prepare)
        pool.shutdown(wait=False)


def begun(run_id: str) -> Future[Generation | None] | None:
    """What was begun for a run; None when nothing was, or after the first call."""
    return _begun.pop(run_id, None)


def _switching_often(prepare: Prepare) -> Generation | None:
    """Dagster's thread runs Python alone: after each of 3,000 statements this one would wait the usual 5 ms for it."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        return prepare()
    finally:
        sys.setswitchinterval(usual)
