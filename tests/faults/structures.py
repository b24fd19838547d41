"""Bodies of another structure, parsed: the same rows, a named error, or rows that differ, which are listed to be seen.

Bodies are those of the simulated providers, and the recorded ones of the publishers where their folder is there
(`LIQUIDITY_RECORDINGS`, or `../shared/recordings`). Nothing of a recording is printed or kept.
"""

import json
import os
import random
import time
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import polars as pl

from ingest.calendars import utc_now
from ingest.catalog import Dataset, Request
from ingest.errors import IngestError
from ingest.parsing import parse_body
from ingest.providers import DATASETS
from tests.conftest import REPOSITORY
from tests.faults import child, fuzz, shapes
from tests.faults.counts import Count
from tests.recorded.bodies import BODIES
from warehouse.connection import Home

# What is as it should be although it looks harmless.
_EXPLAINED = {
    ("nyfed.fx_swaps", "row twice"),  # two swaps that are alike are two: they are counted
    ("coinbase.daily_candles", "rows reordered"),  # a candle is a list, whose places have a meaning
    ("tic.major_foreign_holders", "rows reordered"),  # the months stand in lines of their own above the countries
}
Seed = tuple[str, Request, bytes, date]


def seeds(dataset: Dataset) -> list[Seed]:
    """Where a body is from, how it was asked for, its bytes, and the day on which it came."""
    today = utc_now().date()
    found = [("sample", request, body, today) for request, body in fuzz.bodies(dataset, today)]
    folder = Path(os.environ.get("LIQUIDITY_RECORDINGS") or REPOSITORY.parent / "shared" / "recordings")
    for recorded in (one for one in BODIES if one.dataset == dataset.id):
        for path in sorted(folder.glob(recorded.pattern))[:3]:
            body = recorded.rebuild(path.read_bytes()) if recorded.rebuild else path.read_bytes()
            if len(body) <= fuzz.LARGEST_BYTES:
                request = Request(url=f"file:{path.name}", scope=recorded.series, is_file=True)
                found.append((f"recorded {path.name}", request, body, datetime.fromisoformat(recorded.saved).date()))
    return found


def verdict(dataset: Dataset, before: pl.DataFrame, body: bytes, request: Request, day: date) -> str:
    """What became of a spoiled body: `same rows`, `fewer rows`, `other rows: ...`, `named: ...`, or `crashed: ...`."""
    try:
        parsed, _ = parse_body(dataset, body, request, day=day)
    except IngestError as error:
        return f"named: {error.name}"
    except BaseException as error:
        return f"crashed: {type(error).__name__}: {str(error)[:200]}"
    if parsed.unsaid:
        return "columns unsaid, and noted"
    if fuzz.impossible_dates(dataset, parsed.frame):
        return "impossible date"
    mine = parsed.frame.select(before.columns)
    fewer = mine.join(before, on=before.columns, how="anti", nulls_equal=True).is_empty()
    if fewer and mine.height == before.height:
        return "same rows"
    return "fewer rows" if fewer else f"other rows: {afterwards(dataset, before, mine)}"


def afterwards(dataset: Dataset, before: pl.DataFrame, rows: pl.DataFrame) -> str:
    """What a warehouse that has the rows ``before`` does with other ``rows`` of the same body."""
    both = before.join(rows, on=list(dataset.key), suffix="_now")
    numbers = [c.name for c in dataset.columns if c.unit and c.is_nullable and f"{c.name}_now" in both.columns]
    if any(both[name].count() >= 3 and not both[f"{name}_now"].count() for name in numbers):
        return "refused at the load"  # `warehouse/log/append.py`
    return "revisions" if both.height == rows.height else "new keys"  # which revision_log and the digest show


def work(home: Home, names: list[str], seed: int, seconds: float) -> None:
    """Spoil bodies of the datasets ``names`` for ``seconds`` each; prints what came out as one line of JSON."""
    outcome: Counter[str] = Counter()
    seen: dict[str, str] = {}
    problems: list[str] = []
    for name in names:
        dataset, end = DATASETS[name], time.monotonic() + seconds
        good = []
        for origin, request, body, day in seeds(dataset):
            try:
                good.append((origin, request, body, day, parse_body(dataset, body, request, day=day)[0].frame))
            except IngestError:  # a recording that only says something next to others of its kind
                continue
        number = 0
        while time.monotonic() < end:
            rng = random.Random(f"{seed} {name} {number}")
            origin, request, body, day, before = rng.choice(good)
            try:
                change, spoiled = shapes.spoil(rng, body)
            except (ValueError, IndexError, KeyError):
                change, spoiled = "none", body
            number += 1
            what = verdict(dataset, before, spoiled, request, day)
            outcome[what.partition(" Error")[0] if what.startswith("crashed") else what] += 1
            harmful = (
                what.startswith(("other rows", "fewer rows"))
                and change in shapes.HARMLESS
                and (name, change) not in _EXPLAINED
            )
            if what.startswith(("crashed", "impossible")) or harmful:
                problems.append(f"{name}, {change}, seed {seed} number {number - 1} ({origin}): {what}")
            elif what.startswith(("other rows", "fewer rows")) and change != "row gone":
                seen.setdefault(f"{name}: {change}, {what}", f"number {number - 1} ({origin.split()[0]})")
    print(json.dumps({"outcome": outcome, "problems": problems, "seen": seen}))


def spoiled_structures(base: Path, seed: int, seconds: float, processes: int = 2) -> Count:
    """Bodies of another structure, for ``seconds`` a dataset, in ``processes`` at once."""
    count = Count("spoiled structures")
    home, names = Home(base / "structures" / "sample", is_simulated=True), list(DATASETS)
    parts = [names[part::processes] for part in range(processes)]
    limit = child.LONGEST_SECONDS + 2 * seconds * len(parts[0])
    for part, process in [(part, child.Child(home, work, part, seed, seconds, seconds=limit)) for part in parts]:
        ended = process.end()
        if ended.code != 0:
            count.add(f"{part[0]} and others", stuck=[ended.words or f"ended with {ended.code}"])
            continue
        found = json.loads(ended.said.splitlines()[-1])
        tries, problems = sum(found["outcome"].values()), found["problems"]
        count.tries += tries
        count.mixed += len(problems)
        count.survived += tries - len(problems)
        count.told += [f"{count.phase}, {problem}" for problem in problems[:20]]
        count.notes.append(f"{count.phase}: " + ", ".join(f"{k} {n:,}" for k, n in sorted(found["outcome"].items())))
        count.notes += [f"{count.phase}, {what}: {where}" for what, where in sorted(found["seen"].items())]
    return count.done()
