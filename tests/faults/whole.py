"""Whole commands of `liquidity` on the sample: killed at random instants, on full disks, two at once.

These take minutes each and belong to the campaign, not to the tests. dbt, Dagster and all charts are in them;
the small warehouse of `campaign.py` has none of those.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from tests.conftest import REPOSITORY
from tests.faults import checks
from tests.faults.counts import Count
from tests.faults.disks import CannotMountError, small_disk
from warehouse import space
from warehouse.connection import Home

KILLS = 8
_FREE_MEGA_BYTES = (2.0, 15.0, 37.0)
_LONGEST_SECONDS = 3_600.0
# The estimate of the need is switched off, so that the run meets the full disk itself.
_UNWARNED = "from warehouse import space; space.require = lambda home: None; from orchestration import cli; cli.main()"
_COMMANDS = (("refresh", "--sample"), ("refresh", "--sample", "--full"), ("build", "--sample"), ("replay", "--sample"))


def _start(
    home: Home, *arguments: str, program: tuple[str, ...] = ("-m", "orchestration.cli")
) -> subprocess.Popen[str]:
    environment = {**os.environ, "LIQUIDITY_HOME": str(home.root.parent), "COLUMNS": "160"}
    for name in ("LIQUIDITY_SAMPLE", "DAGSTER_HOME", "FRED_API_KEY"):
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, *program, *arguments], cwd=REPOSITORY, env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _end(process: subprocess.Popen[str]) -> tuple[int | None, str]:
    """Exit code, None when it is stuck, and what it printed."""
    try:
        printed, _ = process.communicate(timeout=_LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return None, process.communicate()[0]
    return process.returncode, printed


def commands(base: Path, finished: Path | None, seed: int) -> list[Count]:
    """All of it. ``finished`` is the LIQUIDITY_HOME of a sample to copy; None makes one."""
    console = Console(stderr=True)
    sample = Home(base / "made" / "sample", is_simulated=True)
    if finished is not None:
        sample.root.parent.mkdir(parents=True)
        shutil.copytree(finished / "sample", sample.root, symlinks=True, ignore=shutil.ignore_patterns("dagster"))
    else:
        sample.root.parent.mkdir(parents=True)
        code, printed = _end(_start(sample, "refresh", "--sample"))
        if code != 0:
            raise RuntimeError(printed)
    counts = []
    for phase in (_kills, _disks, _rivals):
        counts.append(phase(base, sample, random.Random(seed)))
        console.print(f"whole: {counts[-1]}", highlight=False)
    return counts


def _kills(base: Path, sample: Home, rng: random.Random) -> Count:
    """kill -9 after a random time, one after another on one warehouse; then a refresh that must be good."""
    count = Count("kill -9 of whole commands")
    home = checks.copy_of(sample, base / "killed")
    began = time.monotonic()
    code, printed = _end(_start(home, "refresh", "--sample"))
    lasts = time.monotonic() - began
    if code != 0:
        count.add("the refresh before", stuck=[printed[-2_000:]])
        return count.done()
    before = checks.look(home)
    digests = checks.digests_of(home, before.newest_load)
    for number in range(KILLS):
        command = _COMMANDS[number % len(_COMMANDS)]
        process = _start(home, *command)
        wait = rng.uniform(0.0, lasts)
        try:
            printed, _ = process.communicate(timeout=wait)
            count.notes.append(f"{count.phase}: {' '.join(command)} ended before {wait:.0f} s")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        # A replay makes the log anew: its rows are numbered as before, but it may not have begun.
        is_replay = command[0] == "replay" and process.returncode == 0
        after = checks.look(home, before, None if is_replay else digests)
        stuck = [] if checks.is_free(home) else ["the lock is still held"]
        count.add(f"{' '.join(command)} after {wait:.1f} s", lost=after.lost, mixed=after.mixed, stuck=stuck)
        before, digests = after, checks.digests_of(home, after.newest_load)
    code, printed = _end(_start(home, "refresh", "--sample"))
    after = checks.look(home, before, digests)
    count.add(
        "the refresh afterwards", lost=after.lost, mixed=after.mixed + checks.leftovers(home),
        stuck=[] if code == 0 else [printed[-2_000:]],
    )  # fmt: skip
    shutil.rmtree(home.root.parent)
    return count.done()


def _disks(base: Path, sample: Home, rng: random.Random) -> Count:
    """The three sizes of the review, unwarned; and one run with as much free as it asks for, which must suffice."""
    count = Count("disk full under whole commands")
    for free in _FREE_MEGA_BYTES:
        try:
            with small_disk(base / f"disk{free}", 2_000) as disk:
                home = checks.copy_of(sample, disk.folder / "home")
                before = checks.look(home)
                digests = checks.digests_of(home, before.newest_load)
                disk.leave_free(free)
                code, printed = _end(_start(home, "refresh", "--sample", "--full", program=("-c", _UNWARNED)))
                disk.remount("size=2000m")
                after = checks.look(home, before, digests)
                stuck = [] if code == 1 else [f"ended with {code}"]
                stuck += [] if "free some space" in printed else ["the cause is not told"]
                stuck += ["a traceback"] if "Traceback" in printed else []
                stuck += ["it says that it published"] if "published generation" in printed else []
                stuck = [f"{words}: {printed[-1_500:]}" for words in stuck]
                code, printed = _end(_start(home, "refresh", "--sample"))
                stuck += [] if code == 0 else [f"afterwards {code}: {printed[-1_500:]}"]
                count.add(f"{free} MB free", lost=after.lost, mixed=after.mixed, stuck=stuck)
        except CannotMountError as reason:
            count.skipped = str(reason)
            return count.done()
    with small_disk(base / "enough", 2_000) as disk:
        home = checks.copy_of(sample, disk.folder / "home")
        need = space.need_bytes(home) / space.MB
        disk.leave_free(need + 0.1)
        code, printed = _end(_start(home, "refresh", "--sample", "--full"))
        count.add(f"{need:.0f} MB free, as asked for", stuck=[] if code == 0 else [printed[-1_500:]])
    return count.done()


def _rivals(base: Path, sample: Home, rng: random.Random) -> Count:
    """Two refreshes, and a load during a refresh: the impatient one leaves with one line, the patient one waits."""
    count = Count("whole commands at once")
    home = checks.copy_of(sample, base / "rivals")
    before = checks.look(home)
    first = _start(home, "refresh", "--sample")
    while checks.is_free(home) and first.poll() is None:
        time.sleep(0.05)
    impatient = _start(home, "build", "--sample", "--wait", "0")
    second = _start(home, "refresh", "--sample", "--select", "kraken")
    for name, process, expected in (("impatient", impatient, 1), ("first", first, 0), ("second", second, 0)):
        code, printed = _end(process)
        stuck = [] if code == expected and "Traceback" not in printed else [f"ended with {code}: {printed[-1_500:]}"]
        if name == "impatient" and f"process {first.pid}" not in printed:
            stuck.append(f"it does not say who holds it: {printed[-500:]}")
        count.add(name, stuck=stuck)
    after = checks.look(home, before)
    count.add("state afterwards", lost=after.lost, mixed=after.mixed + checks.leftovers(home))
    shutil.rmtree(home.root.parent)
    return count.done()
