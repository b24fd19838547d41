"""How the last run ended, as a file: `liquidity status` names a failure until a run goes well.

It is a file because the log may be damaged or held, or the disk full. What must not be here: messages
(`warehouse/publication/alerts/`), refreshes in progress (`warehouse/in_progress.py`).
"""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from ingest.calendars import utc_now
from ingest.plain import plain
from warehouse.connection import Home


class LastRun(msgspec.Struct, frozen=True):
    """A run that ended ``at`` (naive UTC). A good one has no ``failures``.

    ``generation`` is the one that names what fails; empty when the run did not get that far.
    """

    run_id: str
    at: datetime
    failures: list[str]
    generation: str = ""


def _place(home: Home) -> Path:
    return home.root / "last_run.json"


def note(home: Home, run_id: str, failures: Sequence[str], *, at: datetime | None = None, generation: str = "") -> None:
    """Note how a run ended; not over a note of the same run or of one that ended later, by a clock that was right."""
    ended, last = LastRun(run_id, at or utc_now(), [plain(line) for line in failures], generation), read(home)
    if last and (last.run_id == run_id or ended.at < last.at <= utc_now()):
        return
    home.root.mkdir(parents=True, exist_ok=True)
    unfinished = _place(home).with_suffix(".tmp")
    unfinished.write_bytes(msgspec.json.encode(ended))
    os.replace(unfinished, _place(home))


def read(home: Home) -> LastRun | None:
    """The last run that ended; None before the first, or when its note cannot be read."""
    try:
        return msgspec.json.decode(_place(home).read_bytes(), type=LastRun)
    except (OSError, msgspec.DecodeError):
        return None
