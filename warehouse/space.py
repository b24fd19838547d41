"""Whether the disk has room for what a writing run is about to write, asked before it begins.

A disk that fills up in the middle loses nothing, but the run is lost, and some libraries die of it without a word.
What must not be here: how an error of the disk is told to the user (`orchestration/outer_faults.py`).
"""

import os
import shutil
from pathlib import Path

from warehouse.connection import Home, WarehouseError

MB = 1_000_000
# Bodies, Dagster's history, dbt's files, what DuckDB spills: 35 MB after a first refresh of the sample.
MARGIN_BYTES = 100 * MB
# A first refresh of the sample leaves 130 MB.
FIRST_BYTES = 300 * MB


class NoSpaceError(WarehouseError):
    """The disk has no room for what the run would write."""


def need_bytes(home: Home) -> int:
    """Bytes that a writing run may add before it removes any: one more generation, the work file once more, a margin.

    The work file may be written a second time as a whole (`replay`, `restore`, `as-of`). Nothing is there yet: a fixed
    number.
    """
    newest = max((folder for folder in home.generations.glob("[!.]*")), key=lambda folder: folder.name, default=None)
    held = (_bytes_in(newest) if newest else 0) + _bytes_in(home.work_database.parent)
    return held + MARGIN_BYTES if held else FIRST_BYTES


def lack(home: Home) -> str | None:
    """What `require` would say of a folder that is there and may be written; None when there is room."""
    if not home.root.is_dir() or not os.access(home.root, os.W_OK):
        return None
    try:
        require(home)
    except NoSpaceError as error:
        return str(error)
    return None


def require(home: Home) -> None:
    """NoSpaceError, which names folder, need and what is free, unless `need_bytes` are free."""
    need, free = need_bytes(home), shutil.disk_usage(home.root).free
    if free < need:
        raise NoSpaceError(
            f"the disk of {home.root} has {free / MB:,.0f} MB free and this may need {need / MB:,.0f} MB; free some "
            "space, or set LIQUIDITY_HOME to a folder on another disk. Nothing was changed"
        )


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
