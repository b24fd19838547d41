"""Notes of refreshes of the command line in progress; the note of a refresh that is not in progress shows a kill.

Dagster knows a run only seconds after its command has begun, when the fetch may be over. So a kill in these seconds
leaves nothing in Dagster's record, and nothing in the list of intakes once the fetch is whole.
What must not be here: messages (`warehouse/publication/alerts/`), Dagster's record (`orchestration/instance.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingest.calendars import utc_now
from warehouse.connection import Home

GONE = "the process of this run is gone: killed, or the machine went down"
_own: set[str] = set()  # of this process


def _folder(home: Home) -> Path:
    return home.root / "begun"


@contextmanager
def refresh(home: Home, run_id: str) -> Iterator[None]:
    """Note that a refresh is in progress until the block ends, also with an error. The caller holds the warehouse."""
    _folder(home).mkdir(exist_ok=True)
    _own.add(run_id)
    (_folder(home) / run_id).write_text(utc_now().isoformat(), "utf-8")
    try:
        yield
    finally:
        forget(home, run_id)
        _own.discard(run_id)


def forget(home: Home, run_id: str) -> None:
    """Remove the note of a refresh whose result is recorded elsewhere."""
    (_folder(home) / run_id).unlink(missing_ok=True)


def others(home: Home) -> list[tuple[str, datetime]]:
    """Refreshes that other processes have begun: ids, and moments as naive UTC.

    All of them were killed if the warehouse is free or this process holds it.
    """
    found = []
    for path in sorted(_folder(home).glob("*")):
        if path.name not in _own:
            try:
                moment = datetime.fromisoformat(path.read_text("utf-8"))
            except ValueError:  # killed while it wrote the note
                moment = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
            found.append((path.name, moment))
    return found
