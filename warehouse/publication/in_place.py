"""Puts a finished generation in place: synced to disk, renamed, `current` pointed to it, old ones removed.

What must not be here: making a generation (`warehouse/publication/publish.py`, `warehouse/publication/team/fetch.py`).
"""

import os
import shutil
from pathlib import Path

from warehouse.connection import Home
from warehouse.generation import KEEP_GENERATIONS


def install(home: Home, folder: Path, generation: str) -> None:
    """Give the finished ``folder`` its name, point to it, and drop generations that are no longer kept."""
    _sync_tree(folder)
    final = home.generations / generation
    folder.rename(final)
    _sync(home.generations)
    swap(home, final)
    _prune(home, final)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def swap(home: Home, final: Path) -> None:
    """Point `current` at ``final``: a new link replaces the old one in a single rename."""
    link = home.root / f".current-{final.name}"
    link.symlink_to(Path("generations") / final.name)
    os.replace(link, home.current)
    _sync(home.root)


def _prune(home: Home, newest: Path) -> None:
    """Remove all but the newest generations. A reader that still has one open keeps it until it closes."""
    names = sorted((p for p in home.generations.iterdir() if not p.name.startswith(".")), key=lambda p: p.name)
    for folder in names[:-KEEP_GENERATIONS]:
        if folder != newest:
            shutil.rmtree(folder, ignore_errors=True)
