"""Whether a publication would contain anything new, and the note of a refresh that found nothing new.

A generation has a digest of its inputs. A refresh that brings no row, finds nothing newly late or failing and runs the
same code publishes nothing; it writes a note next to `current`, for `liquidity status`.
"""

import hashlib
import json
import os
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import duckdb
import msgspec

from ingest.calendars import utc_now
from warehouse.connection import Home, NotPublishedError, open_published, open_work
from warehouse.locations import PROJECT
from warehouse.models import fingerprints

# Libraries that shape a generation.
_LIBRARIES = ("duckdb", "polars", "altair", "vl-convert-python", "dbt-core", "dbt-duckdb")
# The state of the datasets, without the time of the check.
_STANDING = "(SELECT dataset, series, newest_date, due_at, is_late, last_error FROM {}meta.freshness)"
_FAILED = "(SELECT name, kind, status, failures FROM {}meta.build WHERE NOT is_ok)"


class Note(msgspec.Struct, frozen=True):
    """A refresh found nothing new against ``generation``. ``asked_at`` is naive UTC."""

    run_id: str
    asked_at: datetime
    generation: str


@cache
def _code() -> str:
    """Digest of all code and text that a generation is made with."""
    digest = hashlib.sha256(json.dumps({name: version(name) for name in _LIBRARIES}).encode())
    folders = {PROJECT, Path(__file__).parents[1], Path(__file__).parents[2] / "ingest"}
    for folder in sorted(folders):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not {"__pycache__", "target", "logs"} & set(path.relative_to(folder).parts):
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def made_from(con: duckdb.DuckDBPyConnection, database: str = "") -> str:
    """Digest of what a generation follows from: code, every log, what is late or failing, what could not be built.

    ``con`` is the work file, or has it attached as ``database``.
    """
    from ingest.providers import DATASETS  # `liquidity status` reads the note alone

    prefix = f"{database}." if database else ""
    tables = sorted(f"{prefix}raw.{dataset.table}" for dataset in DATASETS.values())
    contents = fingerprints.contents(con, [*tables, _STANDING.format(prefix), _FAILED.format(prefix)])
    return hashlib.sha256("\n".join([_code(), *contents.values()]).encode()).hexdigest()


def is_published(home: Home) -> bool:
    """Whether the current generation was made from what the work file holds now, by this code.

    One that is gone, damaged or of an older version is not.
    """
    try:
        with open_published(home) as con:
            (published,) = con.execute("SELECT made_from FROM meta.generation").fetchone()  # type: ignore[misc]
    except (NotPublishedError, duckdb.Error):
        return False
    with open_work(home) as con:
        return bool(published == made_from(con))


def _place(home: Home) -> Path:
    return home.root / "nothing_new.json"


def note(home: Home, run_id: str) -> None:
    """Write the note that this run found nothing new."""
    unfinished = _place(home).with_suffix(".tmp")
    unfinished.write_bytes(msgspec.json.encode(Note(run_id, utc_now(), home.current.resolve().name)))
    os.replace(unfinished, _place(home))


def noted(home: Home) -> Note | None:
    """The last note about the current generation; None when there is none since its publication."""
    try:
        found = msgspec.json.decode(_place(home).read_bytes(), type=Note)
    except (OSError, msgspec.DecodeError):
        return None
    return found if found.generation == home.current.resolve().name else None
