"""Dry runs: what a load or a build would do, worked out on a copy that is thrown away. The warehouse does not change.

What must not be here: the work itself (`warehouse/log/intake.py`, `warehouse/models/build.py`).
"""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from warehouse import lock, space
from warehouse.connection import Home, open_work
from warehouse.log import intake
from warehouse.log.journal import open_log, refuse_if_lost
from warehouse.models import build, compilation, project

_FOLDER = ".replay"  # `warehouse/leftovers.py` clears it after a kill


@lock.held("dry run of a load")
def load(
    home: Home,
    dataset_id: str,
    paths: Sequence[Path],
    *,
    known_at: datetime | None = None,
    series: str | None = None,
    progress: intake.Progress,
) -> dict[str, intake.Outcome]:
    """What `intake.take_files` would do, done to a copy of the log. Needs as much disk as the log for a moment."""
    refuse_if_lost(home)
    copy = Home(home.root / _FOLDER, home.is_simulated)
    shutil.rmtree(copy.root, ignore_errors=True)
    copy.work_database.parent.mkdir(parents=True)
    try:
        if home.work_database.exists():
            space.require(home)
            with open_work(home):  # brings a write-ahead log that a kill left behind into the file
                pass
            shutil.copy(home.work_database, copy.work_database)
        return intake.take_files(
            copy, dataset_id, paths, run_id="dry-run", known_at=known_at, series=series, progress=progress
        )
    finally:
        shutil.rmtree(copy.root, ignore_errors=True)


@lock.held("dry run of a build")
def stale(home: Home) -> list[project.Node]:
    """Seeds, models and checks that a build would make or run again."""
    with open_log(home):
        pass
    return build.stale(home, compilation.compiled_project(home))
