"""Kills while messages are made and sent: nothing may be lost, and nothing may come twice without its mark.

Each try publishes a generation that holds no more than its digest, decides and sends, in a separate process that is
killed at a random instant or, every fourth, at the moment at which the receiver has the message and has not answered.
"""

import os
import random
import signal
import time
from collections import Counter
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.faults.child import CONTEXT
from tests.faults.counts import Count
from tests.receiver import Receiver, receiving
from warehouse.connection import Home, open_work
from warehouse.log import tables
from warehouse.publication.alerts import addresses, outbox
from warehouse.publication.alerts.digest import TEXT


def publish(home: Home, name: str) -> None:
    """A generation as far as messages look at one, swapped in as publication does it."""
    folder = home.generations / f".building-{name}"
    folder.mkdir(parents=True)
    (folder / TEXT).write_text(f"Dollar liquidity: {name}\n", "utf-8")
    folder.rename(home.generations / name)
    link = home.root / f".current-{name}"
    link.symlink_to(Path("generations") / name)
    os.replace(link, home.current)


def kills(base: Path, number: int, seed: int) -> Count:
    """``number`` kills on one warehouse, then one run that is left alone; counts messages by generation."""
    rng, count = random.Random(seed), Count("kill in mid-delivery")
    home = Home(base / "told")
    with open_work(home) as con:
        tables.create_tables(con, [])
    with receiving() as receiver:
        names = [f"g{place:04}" for place in range(number + 3)]
        _start(home, names[0], receiver).join()  # with the server that the processes are forked from
        began = time.monotonic()
        _start(home, names[1], receiver).join()
        lasts = time.monotonic() - began
        for place, name in enumerate(names[2:-1]):
            _kill(home, name, receiver, None if place % 4 == 3 else rng.uniform(0.0, 1.1 * lasts), count)
        last = _start(home, names[-1], receiver)
        last.join()
        told = Counter(title.removeprefix(f"{outbox.REPEAT} ") for title in receiver.titles)
        unmarked = Counter(title for title in receiver.titles if not title.startswith(outbox.REPEAT))
        for name in names:
            was_published = (home.generations / name).exists()
            count.add(
                name,
                lost=["its message never came"] if was_published and not told[name] else [],
                mixed=[f"came {unmarked[name]} times without a mark"] if unmarked[name] > 1 else [],
                stuck=[f"the last run ended with {last.exitcode}"] if last.exitcode else [],
            )
        marked = len(receiver.titles) - sum(unmarked.values())
        words = f"{len(receiver.titles)} messages of {len(told)} generations, {marked} marked as possible repeats"
        count.notes.append(f"{count.phase}: {words}")
    return count.done()


def run(home: Home, name: str, address: str) -> None:
    """What a refresh does at its end, in a separate process."""
    os.environ |= {addresses.VARIABLE: address, "NO_PROXY": "127.0.0.1"}
    publish(home, name)
    outbox.after_run(home, f"run-{name}", [], is_published=True)


def _start(home: Home, name: str, receiver: Receiver) -> ForkServerProcess:
    process = CONTEXT.Process(target=run, args=(home, name, receiver.address))
    process.start()
    return process


def _kill(home: Home, name: str, receiver: Receiver, delay: float | None, count: Count) -> None:
    receiver.came.clear()
    process = _start(home, name, receiver)
    if delay is None:
        receiver.kills = process.pid
        receiver.came.wait(30)
    else:
        process.join(delay)
        process.kill()
    process.join()
    receiver.kills = None
    if process.exitcode != -signal.SIGKILL:
        count.notes.append(f"{count.phase}, {name}: the run ended before its kill")
