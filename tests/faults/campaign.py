"""The campaign on a small warehouse: kills at chosen instants, full disks, damaged stores, rivals, readers; counted.

The small warehouse has four datasets, a stand-in for dbt and a real publication, so that a fault costs a second of
processor; whole commands on the sample are in `whole.py`, spoiled bodies in `fuzz.py`. After each fault the same things
are looked at (`checks.py`), and the next run must give what a twin has to which nothing happened.
"""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ingest.providers import DATASETS
from tests.faults import checks, child, fuzz
from tests.faults.child import CONTEXT, FIRST_DAY, LAST_DAY, Child, Kill, Pause
from tests.faults.counts import Count
from tests.faults.disks import CannotMountError, small_disk
from warehouse.connection import Home


@dataclass(frozen=True)
class Size:
    """How much a campaign tries. Half of the ``kills`` load, each another day of the 86 there are; ``bodies`` are
    spoiled ones of each dataset."""

    kills: int
    free_mega_bytes: tuple[float, ...]
    refreshes: int
    bodies: int


QUICK = Size(kills=50, free_mega_bytes=(0.3, 1.5, 4.0), refreshes=2, bodies=40)
WHOLE = Size(kills=160, free_mega_bytes=(0.1, 0.3, 0.8, 1.5, 2.5, 4.0, 5.0), refreshes=10, bodies=4_000)

# The generation is whole under its own name, and `current` does not point at it yet.
BETWEEN_RENAME_AND_SWAP = tuple(
    Kill(event) for event in ("renamed generation", "fsync generations", "fsynced generations", "symlink link",
                              "symlinked link", "replace current")
)  # fmt: skip
_AROUND_THE_SWAP = tuple(
    Kill(event) for event in ("rename generation", "renamed current", "fsync root", "fsynced root", "mkdir building",
                              "open building", "fsync building", "fsynced building")
)  # fmt: skip
_INSIDE_LOADING = (
    Kill("load", 1), Kill("sql BEGIN", 2), Kill("done BEGIN", 3), Kill("sql INSERT", 4), Kill("done INSERT", 5),
    Kill("sql COMMIT", 1), Kill("done COMMIT", 1), Kill("sql COMMIT", 6), Kill("done COMMIT", 7), Kill("done DROP", 4),
    Kill("sql COMMIT", 1, 0.0005), Kill("sql COMMIT", 3, 0.001), Kill("sql COMMIT", 5, 0.002),
    Kill("sql COMMIT", 7, 0.004),
)  # fmt: skip
_WHILE_FETCHING = (
    Kill("mkdir payloads"), Kill("open payloads", 1), Kill("fsync payloads", 2), Kill("replace payloads", 2),
    Kill("renamed payloads", 3), Kill("open payloads", 4), Kill("mkdir work"), Kill("replace .lock.json"),
    Kill("open journal"), Kill("fsync journal"), Kill("fsynced journal"),
)  # fmt: skip


def kills_of_loading(rng: random.Random, number: int) -> list[Kill]:
    """``number`` instants of a run that fetches and loads; eight loads or more, of fourteen statements each."""
    drawn = (
        Kill(rng.choice(("sql", "sql COMMIT", "sql INSERT", "done INSERT")), rng.randint(1, 8), rng.uniform(0.0, 0.01))
        for _ in range(number)
    )
    return [*_INSIDE_LOADING, *_WHILE_FETCHING, *drawn][:number]


def kills_of_publication(rng: random.Random, number: int) -> list[Kill]:
    """``number`` instants of a publication, first those between the rename of a generation and the swap of the link."""
    drawn = (
        Kill(rng.choice(("open building", "fsync building", "mkdir building", "fsynced building")),
             rng.randint(1, 4), rng.uniform(0.0, 0.01))
        for _ in range(number)
    )  # fmt: skip
    return [*BETWEEN_RENAME_AND_SWAP, *_AROUND_THE_SWAP, *drawn][:number]


def kills(base: Path, number: int, seed: int) -> list[Count]:
    """SIGKILL at ``number`` instants, one after another on one warehouse, each followed by a look at everything."""
    rng = random.Random(seed)
    home = checks.small_warehouse(base / "killed")
    twin = checks.copy_of(home, base / "twin")
    loading, publishing = Count("kill inside loading"), Count("kill while fetching, journal")
    swapping, elsewhere = Count("kill between rename and swap"), Count("kill elsewhere in publication")
    days = (FIRST_DAY + timedelta(days=n) for n in range(1, (LAST_DAY - FIRST_DAY).days))
    plan: list[tuple[Kill, Callable[..., None], Count]] = [
        *((kill, child.load, loading if kill.event.startswith(("load", "sql", "done")) else publishing)
          for kill in kills_of_loading(rng, number // 2)),
        *((kill, child.build, swapping if kill in BETWEEN_RENAME_AND_SWAP else elsewhere)
          for kill in kills_of_publication(rng, number - number // 2)),
    ]  # fmt: skip
    rng.shuffle(plan)
    before = checks.look(home)
    digests = checks.digests_of(home, before.newest_load)
    for kill, job, count in plan:
        arguments = (next(days),) if job is child.load else ()
        ended = child.run(home, job, *arguments, act=kill)
        stuck = [] if ended.code is not None else ["it did not end"]
        stuck += [] if checks.is_free(home) else ["the lock is still held"]
        stuck += [] if ended.was_killed or ended.code in (0, None) else [f"it failed before its kill: {ended.words}"]
        after = checks.look(home, before, digests)
        count.add(str(kill), lost=after.lost, mixed=after.mixed, stuck=stuck)
        if ended.code == 0:  # the instant never came: said, because a kill that does not kill proves nothing
            count.notes.append(f"{count.phase}, {kill}: the run ended before it")
        if after.newest_load > before.newest_load:
            digests = checks.digests_of(home, after.newest_load)
        before = after
    counts = [count.done() for count in (loading, publishing, swapping, elsewhere)]
    return [*counts, against_twin(home, rows_of_twin(twin), "after all kills")]


def rows_of_twin(twin: Home) -> dict[str, str]:
    """What one more run gives on a warehouse to which nothing happened."""
    ended = child.run(twin, child.refresh, LAST_DAY)
    if ended.code != 0:
        raise RuntimeError(ended.words or "it did not end")
    return checks.current_rows(twin)


def against_twin(home: Home, expected: dict[str, str], name: str) -> Count:
    """One more run: it works, clears what was left, and gives the rows that its twin has."""
    count = Count(f"next run equals a twin's, {name}")
    ended = child.run(home, child.refresh, LAST_DAY)
    if ended.code != 0:
        count.add(str(home.root), stuck=[ended.words or "it did not end"])
        return count.done()
    rows, state = checks.current_rows(home), checks.look(home)
    count.add(
        name,
        lost=[f"{dataset}: {rows.get(dataset)}, twin {expected.get(dataset)}"
              for dataset in checks.differing(rows, expected)] + checks.scrubbed(home),
        mixed=state.mixed + [f"{path} is still there" for path in checks.leftovers(home)],
    )  # fmt: skip
    return count.done()


def disks(base: Path, small: Home, mega_bytes: tuple[float, ...]) -> Count:
    """Disks that fill up in the middle of a run, of which nobody had warned."""
    count, expected = Count("disk full"), rows_of_twin(checks.copy_of(small, base / "twin"))
    for free in mega_bytes:
        name = f"{free} MB free"
        try:
            with small_disk(base / f"disk{free}", 200) as disk:
                home = checks.copy_of(small, disk.folder / "home")
                before = checks.look(home)
                digests = checks.digests_of(home, before.newest_load)
                disk.leave_free(free)
                ended = child.run(home, child.without_room_check, child.refresh, FIRST_DAY + timedelta(days=9))
                disk.remount("size=400m")
                after = checks.look(home, before, digests)
                stuck = [] if ended.code == 1 else [f"it ended with {ended.code}: {ended.words}"]
                stuck += [] if "free some space" in ended.said else [f"it says {ended.said!r}"]
                mixed = after.mixed + ([] if after.generation == before.generation else ["it published"])
                compared = against_twin(home, expected, name)
                stuck += compared.told
                count.add(name, lost=after.lost, mixed=mixed, stuck=stuck)
        except CannotMountError as reason:
            count.skipped = str(reason)
    return count.done()


DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut in half": lambda file: _write(file, file.read_bytes()[: file.stat().st_size // 2]),
    "random bytes": lambda file: _write(file, random.Random(0).randbytes(file.stat().st_size)),
    "gone": lambda file: file.unlink(),
    "empty": lambda file: _write(file, b""),
    "first blocks zeroed": lambda file: _write(file, bytes(12_288) + file.read_bytes()[12_288:]),
}


def _write(file: Path, data: bytes) -> None:
    file.write_bytes(data)


def damaged(base: Path, small: Home) -> Count:
    """The log's file damaged in five ways, and healed by one command, the loads after the last generation too."""
    count = Count("damaged store restored")
    ahead = checks.copy_of(small, base / "ahead")
    child.run(ahead, child.load, FIRST_DAY + timedelta(days=1))
    expected, before = checks.current_rows(ahead), checks.look(ahead)
    for number, (name, damage) in enumerate(DAMAGES.items()):
        home = checks.copy_of(ahead, base / f"damaged{number}")
        damage(home.work_database)
        refused = child.run(home, child.refresh, FIRST_DAY + timedelta(days=3))
        ended = child.run(home, child.restore)
        stuck = [] if refused.code == 1 else [f"a refresh of the damaged store ended with {refused.code}"]
        stuck += [] if "liquidity restore" in refused.said else [f"it does not say how to heal it: {refused.said!r}"]
        stuck += [] if ended.code == 0 else [ended.words or "it did not end"]
        if ended.code == 0:
            rows, after = checks.current_rows(home), checks.look(home, before)
            lost = after.lost + checks.differing(rows, expected)
            lost += checks.scrubbed(home)
            again = child.run(home, child.refresh, FIRST_DAY + timedelta(days=3))
            stuck += [] if again.code == 0 else [again.words]
            count.add(name, lost=lost, mixed=after.mixed, stuck=stuck)
        else:
            count.add(name, lost=["not healed"], stuck=stuck)
        shutil.rmtree(home.root.parent)
    return count.done()


def _paused(home: Home, event: str, job: Callable[..., None], *args: Any) -> tuple[Child, Pause]:
    """A process that does ``job`` and stands still just before ``event``."""
    pause = Pause(event, CONTEXT.Event(), CONTEXT.Event())
    process = Child(home, job, *args, act=pause)
    if not pause.reached.wait(child.LONGEST_SECONDS):
        raise RuntimeError(f"it never came to {event}: {process.end().words}")
    return process, pause


RIVALS: tuple[tuple[str, str, Callable[..., None], Callable[..., None]], ...] = (
    # name, where the first stands still, first, second
    ("two publishers, before the rename", "rename generation", child.publication, child.publication),
    ("two publishers, before the swap", "replace current", child.publication, child.publication),
    ("two refreshes, inside a load", "sql COMMIT", child.refresh, child.refresh),
    ("two refreshes, before the swap", "replace current", child.refresh, child.refresh),
    ("a load between model and publication", "mkdir building", child.refresh, child.load),
)


def rivals(base: Path, small: Home) -> Count:
    """Two processes that want to change one warehouse: the second leaves with one line or waits, nothing is mixed."""
    count = Count("rivals on one warehouse")
    for number, (name, event, first_job, second_job) in enumerate(RIVALS):
        home = checks.copy_of(small, base / f"rivals{number}")
        before = checks.look(home)
        day = FIRST_DAY + timedelta(days=2)
        first, pause = _paused(home, event, first_job, *(() if first_job is child.publication else (day,)))
        day += timedelta(days=1)
        second_args = () if second_job is child.publication else (day,)
        try:
            impatient = child.run(home, child.without_waiting, second_job, *second_args)
            waiting = Child(home, second_job, *second_args)
            stuck = [] if impatient.code == 1 else [f"the impatient one ended with {impatient.code}"]
            holder = f"process {first.process.pid}"
            stuck += [] if holder in impatient.said else [f"it does not say who holds it: {impatient.said!r}"]
            during = checks.published_of(home)
            mixed = [] if during == before.generation else ["somebody published past the lock"]
        finally:
            pause.released.set()
        for which, ended in (("first", first.end()), ("second", waiting.end())):
            stuck += [] if ended.code == 0 else [f"the {which} ended with {ended.code}: {ended.words}"]
        after = checks.look(home, before)
        count.add(name, lost=after.lost, mixed=mixed + after.mixed, stuck=stuck)
        shutil.rmtree(home.root.parent)
    return count.done()


def readers(base: Path, small: Home, refreshes: int, number: int = 3) -> Count:
    """Processes that read while others publish: whole generations, in order, never an error."""
    count = Count(f"refresh under {number} readers")
    home = checks.copy_of(small, base / "read")
    stop = CONTEXT.Event()
    longest = child.LONGEST_SECONDS * (1 + refreshes)  # they live as long as all refreshes together
    processes = [Child(home, child.read, stop, seconds=longest) for _ in range(number)]
    try:
        for index in range(refreshes):
            before = checks.look(home)
            ended = child.run(home, child.refresh, FIRST_DAY + timedelta(days=4 + index))
            after = checks.look(home, before)
            stuck = [] if ended.code == 0 else [ended.words or "it did not end"]
            count.add(str(index), lost=after.lost, mixed=after.mixed, stuck=stuck)
    finally:
        stop.set()
    for process in processes:
        ended = process.end()
        count.add("a reader", mixed=[] if ended.code == 0 else [ended.words or "it did not end"])
        count.notes.append(f"{count.phase}: a reader opened {ended.said}")
    return count.done()


def spoiled_bodies(base: Path, seed: int, number: int, seconds: float, processes: int = 2) -> Count:
    """``number`` spoiled bodies of each dataset, at most ``seconds`` for each, in ``processes`` at once."""
    count = Count("spoiled bodies")
    home, names = Home(base / "fuzz" / "sample", is_simulated=True), list(DATASETS)
    parts = [names[part::processes] for part in range(processes)]
    limit = child.LONGEST_SECONDS + seconds * len(parts[0])
    started = [(part, Child(home, fuzz.work, part, seed, number, seconds, seconds=limit)) for part in parts]
    for part, process in started:
        ended = process.end()
        if ended.code != 0:
            count.add(f"{part[0]} and others", stuck=[ended.words or f"ended with {ended.code}"])
            continue
        found = json.loads(ended.said.splitlines()[-1])
        outcome, problems = found["outcome"], found["problems"]
        crashed, impossible = outcome.pop("crashed", 0), outcome.pop("impossible date", 0)
        count.stuck += crashed
        count.mixed += impossible
        count.survived += sum(outcome.values())
        count.tries += sum(outcome.values()) + crashed + impossible
        count.told += [f"{count.phase}, {problem}" for problem in problems[:20]]
        count.notes.append(f"{count.phase}: " + ", ".join(f"{name} {n:,}" for name, n in sorted(outcome.items())))
    return count.done()
