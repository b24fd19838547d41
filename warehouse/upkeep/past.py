"""States as of past moments: which there are, which can be built, and what to remove.

`warehouse/upkeep/rebuild.py` builds them. What must not be here: anything about the current generation.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ingest.calendars import utc_now
from warehouse.connection import Home, WarehouseError, open_work

_FOLDER, _NAME = "as_of", "%Y%m%dT%H%M%S"


@dataclass(frozen=True)
class State:
    """A published state as of ``moment`` (naive UTC): its home, its generation, and the bytes that its folder takes."""

    moment: datetime
    home: Home
    generation: str
    bytes: int


def place(home: Home, moment: datetime) -> Home:
    """The home of the state as of a moment, built or not."""
    return Home(home.root / _FOLDER / f"{moment:{_NAME}}", home.is_simulated)


def states(home: Home) -> list[State]:
    """All that are published, by moment."""
    found = []
    for folder in sorted((home.root / _FOLDER).glob("*")):
        state = Home(folder, home.is_simulated)
        try:
            moment = datetime.strptime(folder.name, _NAME)  # noqa: DTZ007
        except ValueError:
            continue
        if state.current.exists():
            found.append(State(moment, state, state.current.resolve().name, _bytes_in(folder)))
    return found


def _bytes_in(folder: Path) -> int:
    """Bytes on disk; a file that several generations share counts once."""
    files = {(s.st_dev, s.st_ino): s.st_size for p in folder.rglob("*") if p.is_file() and (s := p.lstat())}
    return sum(files.values())


def at(home: Home, moment: datetime) -> Home:
    """The published state as of a moment; WarehouseError with the command that makes it and the states that exist."""
    refuse_future(moment)
    state = place(home, moment)
    if state.current.exists():
        return state
    raise WarehouseError(not_built(home, moment))


def not_built(home: Home, moment: datetime) -> str:
    """That no state as of a moment is there, the command that makes it, and the states that exist."""
    there = ", ".join(f"{one.moment:%Y-%m-%dT%H:%M:%S}" for one in states(home)[-5:])
    option = " --sample" if home.is_simulated else ""
    return (
        f"no state as of {moment:%Y-%m-%d %H:%M} UTC is built; `liquidity as-of {moment:%Y-%m-%dT%H:%M:%S}{option}` "
        f"builds it" + (f"; there are: {there}" if there else "")
    )


def refuse_future(moment: datetime) -> None:
    """WarehouseError for a moment in the future."""
    if moment > utc_now():
        raise WarehouseError(f"{moment:%Y-%m-%d %H:%M} UTC is in the future; name a past time")


def refuse_before_anything(home: Home, moment: datetime) -> None:
    """WarehouseError when nothing was known at a moment: every mart would be empty. Hold the lock."""
    if not home.work_database.exists():
        return  # the builder reports it
    with open_work(home) as con:
        tables = [t for (t,) in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'raw' AND database_name = current_database()"
        ).fetchall()]  # fmt: skip
        if not tables:
            return
        (first,) = con.execute(  # type: ignore[misc]
            f"SELECT min(t) FROM ({' UNION ALL '.join(f'SELECT min(known_from) AS t FROM raw.{t}' for t in tables)})"
        ).fetchone()
    if first is not None and moment < first:
        raise WarehouseError(
            f"nothing was known at {moment:%Y-%m-%d %H:%M} UTC: the first value that is held became known at "
            f"{first:%Y-%m-%d %H:%M} UTC"
        )


def prune(
    home: Home, moments: Iterable[datetime] = (), *, days: Iterable[date] = (), keep: int | None = None
) -> list[State]:
    """Remove the states as of ``moments``, all of ``days`` (UTC), and all but the ``keep`` that were built last.

    Returns them. WarehouseError, and nothing is removed, when one of the moments or days has no state. Hold the lock.
    """
    held = states(home)
    by_moment = {f"{one.moment:{_NAME}}": one for one in held}
    gone = {}
    for moment in moments:
        if (name := f"{moment:{_NAME}}") not in by_moment:
            at(home, moment)
        gone[name] = by_moment[name]
    for day in days:
        found = {name: one for name, one in by_moment.items() if one.moment.date() == day}
        if not found:
            raise WarehouseError(f"no state of {day} is built; `liquidity as-of --list` shows what is")
        gone |= found
    if keep is not None:
        by_age = sorted(held, key=lambda one: one.generation, reverse=True)
        gone |= {f"{one.moment:{_NAME}}": one for one in by_age[keep:]}
    for one in gone.values():
        one.home.current.unlink(missing_ok=True)  # first, so that no reader opens a folder that goes
        shutil.rmtree(one.home.root)
    return sorted(gone.values(), key=lambda one: one.moment)
