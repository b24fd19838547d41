"""The row of nights: each in a separate process, with its messages, its disk, and a judgement.

Records are lines of JSON in `nights.jsonl` of the folder; judging them again needs no night.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from tests.conftest import REPOSITORY
from tests.faults.disks import CannotMountError, small_disk
from tests.nights import judge
from tests.nights.course import COURSES, Course
from tests.receiver import Receiver, receiving
from warehouse.connection import Home
from warehouse.locations import PROJECT
from warehouse.publication.alerts import addresses
from warehouse.publication.verify import verify

_LONGEST_SECONDS = 3_600.0
_FREE_MEGA_BYTES = 8.0  # on the night of the full disk; a refresh writes four times as much
PARTS = ("payloads", "journal", "work", "generations", "dagster", "dbt")


def run(base: Path, name: str, until: date | None = None) -> list[dict[str, Any]]:
    """All nights of a course that are not in the folder yet; prints a line for each and returns all records."""
    course, records = COURSES[name], read(base)
    home = Home(base / "home" / "sample", is_simulated=True)
    home.root.parent.mkdir(parents=True, exist_ok=True)
    _copy_project(base / "project")
    done = {record["day"] for record in records}
    with receiving() as receiver:
        for day in course.nights:
            if day.isoformat() in done or (until and day > until):
                continue
            _keep_seeds(base / "project", course, day)
            record = _night(base, home, course, name, day, receiver)
            records.append(record)
            with (base / "nights.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            print(line_of(course, records, record), flush=True)
    return records


def read(base: Path) -> list[dict[str, Any]]:
    """Records of the nights that a folder has."""
    path = base / "nights.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def judged(course: Course, records: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What is wrong with each night, by its date; also with releases that came too late."""
    found: dict[str, list[str]] = {}
    before, is_untold, waiting = None, False, 0
    for record in records:
        found[record["day"]] = judge.wrong_with(course, record, before, is_untold=is_untold, waiting=waiting)
        waiting = int(not record["messages"] and before is not None and record["generation"] != before["generation"])
        before = record if record["look"] else before
        is_untold = record["code"] != 0 and not record["messages"]
    if before and "tardy" in before["look"]:
        found["releases"] = judge.tardy(course, before["look"])
    return found


def line_of(course: Course, records: list[dict[str, Any]], record: dict[str, Any]) -> str:
    """One line about a night, and one for each thing that is wrong."""
    wrong = judged(course, records)[record["day"]]
    happens = ", ".join(course.happens(date.fromisoformat(record["day"]))) or "ordinary"
    titles = " | ".join(title.removeprefix("SIMULATED: ") for title, _ in record["messages"]) or "no message"
    total = sum(record["disk"].values()) / 1e6
    head = f"{record['day']} {'ok   ' if not wrong else 'WRONG'} exit {record['code']}, {record['seconds']:.0f} s"
    return "\n".join([f"{head}, {total:.0f} MB; {happens}; {titles}", *(f"    {words}" for words in wrong)])


def _night(base: Path, home: Home, course: Course, name: str, day: date, receiver: Receiver) -> dict[str, Any]:
    looked_at = base / "look.json"
    looked_at.unlink(missing_ok=True)
    receiver.messages.clear()
    is_hurt = day in course.kills or day == course.disk_full
    order = {
        "day": day.isoformat(), "moment": course.moment(day).isoformat(), "course": name,
        "project": str(base / "project"), "kill": course.kills.get(day), "is_unwarned": day == course.disk_full,
        "look": None if is_hurt else str(looked_at), "is_whole": day in course.whole_looks,
    }  # fmt: skip
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    skipped = ""
    try:
        with _on_small_disk(base, home, is_wanted=day == course.disk_full) as where:
            code, printed = _process(where, order, receiver, base / "night.log")
    except CannotMountError as reason:
        skipped, code, printed = f"{course.disk_full}: {reason}", 1, "free some space"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (base / "logs").mkdir(exist_ok=True)
    (base / "logs" / f"{day}.txt").write_text(printed, "utf-8")
    return {
        "day": day.isoformat(), "code": code, "seconds": time.monotonic() - began,
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "printed": printed[-6_000:], "messages": list(receiver.messages), "skipped": skipped,
        "generation": home.current.resolve().name if home.current.is_symlink() else None,
        "unsound": _unsound(home),
        "look": json.loads(looked_at.read_text("utf-8")) if looked_at.exists() else None,
        "disk": bytes_by_part(home.root),
    }  # fmt: skip


def _unsound(home: Home) -> list[str]:
    """What is not whole in the current generation."""
    if not home.current.exists():
        return ["nothing is published"]
    return [f"{path}: {problem}" for path, problem in verify(home.current.resolve()).problems]


def _process(home: Home, order: dict[str, Any], receiver: Receiver, log: Path) -> tuple[int | None, str]:
    """Exit code (None: stuck, -9: killed) and what was printed."""
    environment = {
        **os.environ, "LIQUIDITY_HOME": str(home.root.parent), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "160",
        addresses.VARIABLE: receiver.address, "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    for name in ("LIQUIDITY_SAMPLE", "DAGSTER_HOME", "FRED_API_KEY", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "tests.nights.night", json.dumps(order)]
    with log.open("w+", encoding="utf-8") as printed:
        try:
            code: int | None = subprocess.run(
                command, cwd=REPOSITORY, env=environment, stdout=printed, stderr=subprocess.STDOUT,
                timeout=_LONGEST_SECONDS, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            code = None
        printed.seek(0)
        return code, printed.read()


@contextmanager
def _on_small_disk(base: Path, home: Home, *, is_wanted: bool) -> Iterator[Home]:
    """The warehouse itself; or moved to a disk that is as good as full, and back. Raises CannotMountError."""
    if not is_wanted:
        yield home
        return
    with small_disk(base / "disk", 3_000) as disk:
        subprocess.run(["cp", "-a", str(home.root.parent), str(disk.folder)], check=True)
        disk.leave_free(_FREE_MEGA_BYTES)
        moved = Home(disk.folder / home.root.parent.name / home.root.name, home.is_simulated)
        yield moved
        disk.remount("size=3000m")
        shutil.rmtree(home.root.parent)
        subprocess.run(["cp", "-a", str(moved.root.parent), str(home.root.parent)], check=True)


def bytes_by_part(root: Path) -> dict[str, int]:
    """Bytes on the disk by part of the warehouse; what generations share counts once."""
    found, known = {}, set[tuple[int, int]]()
    for part in PARTS:
        found[part] = 0
        for path in (root / part).rglob("*"):
            about = path.lstat()
            if path.is_file() and not path.is_symlink() and (about.st_dev, about.st_ino) not in known:
                known.add((about.st_dev, about.st_ino))
                found[part] += about.st_size
    return found


def _copy_project(folder: Path) -> None:
    if not folder.exists():
        shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs", "__pycache__"))


def _keep_seeds(project: Path, course: Course, day: date) -> None:
    """An operator writes the shutdown into its seed on its first day, and its end on the day after its last."""
    path, span = project / "seeds" / "government_shutdowns.csv", course.shutdown
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(span.first.isoformat())]
    if day >= span.first:
        is_over = day > span.last
        end, days = (span.last.isoformat(), str((span.last - span.first).days + 1)) if is_over else ("", "")
        lines.append(f"{span.first},{end},{span.first},{days},full,remembered,false,made up,simulated nights")
    path.write_text("\n".join(lines) + "\n", "utf-8")
