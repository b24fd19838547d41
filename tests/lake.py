"""A PostgreSQL server of this machine for tests, small generations for a lake, kills of who writes it, and readers.

python -m tests.lake KILLS SYNCS    in an environment with the extra `lake`: the whole campaign, its counts
"""

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse import meta
from warehouse.connection import DATABASE_NAME, Home
from warehouse.publication import in_place
from warehouse.publication.lake import catalog
from warehouse.publication.lake.sync import sync

REPOSITORY = Path(__file__).resolve().parents[1]
TABLES = 6  # marts of a small generation
ROWS = 20_000  # of each in the campaign


def program(name: str) -> str | None:
    """A program of PostgreSQL, newest version first; Debian keeps the server's out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else shutil.which(name)


class Server:
    """PostgreSQL on a socket in a folder, run by another user when this one is root, whom it refuses."""

    def __init__(self) -> None:
        self.user = "nobody" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="lake-", dir="/tmp"))  # a path of a socket has 107 letters at most
        if self.user:
            shutil.chown(self.folder, self.user)

    def run(self, name: str, *arguments: str, user: str | None = None, text: str | None = None) -> str:
        """What a program of PostgreSQL prints; CalledProcessError when it fails."""
        return subprocess.run(
            [str(program(name)), *arguments], user=user, cwd=self.folder, input=text, text=True, check=True,
            stdout=subprocess.PIPE,
        ).stdout  # fmt: skip

    def start(self) -> None:
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-U", "writer", "-A", "trust", "-N", user=self.user)
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB"
        self.run(
            "pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options, "start", user=self.user
        )  # fmt: skip

    def stop(self) -> None:
        with suppress(subprocess.CalledProcessError):  # it has not started
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop", user=self.user)
        shutil.rmtree(self.folder)

    def database(self, name: str, user: str = "writer") -> str:
        """The address of a database, without its creation."""
        return f"postgres:dbname={name} host={self.folder} user={user}"

    def psql(self, statements: str, name: str = "postgres") -> str:
        return self.run(
            "psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-U", "writer", "-d", name, text=statements
        )


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def generation(root: Path, number: int, *, rows: int = 200, is_simulated: bool = True) -> Home:
    """A small published database becomes current: each value of its marts is ``number``; one mart never changes."""
    home = Home(root, is_simulated)
    name = f"29991231T{number:012d}-0000"  # newer than every generation that a test makes
    folder = home.generations / f".building-{name}"
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
    folder.mkdir(parents=True)
    with closing(duckdb.connect(str(folder / DATABASE_NAME))) as con:
        con.execute(meta.DDL)
        for schema in ("marts", "history"):
            con.execute(f"CREATE SCHEMA {schema}")
        for mart in range(TABLES):
            con.execute(f"CREATE TABLE marts.m{mart} AS SELECT {number} AS value_usd_bn, range AS n FROM range({rows})")
            con.execute(f"COMMENT ON COLUMN marts.m{mart}.value_usd_bn IS 'What it is, it''s in billions of dollars.'")
        con.execute("CREATE TABLE marts.same AS SELECT range AS n, 2 * range AS secret FROM range(100)")
        con.execute("INSERT INTO meta.withheld_column VALUES ('same', 'secret')")
        con.execute("CREATE TABLE history.fred__observations AS SELECT unnest(['SOFR', 'CBBTCUSD']) AS series_id")
        con.execute("CREATE TABLE history.kraken__daily_candles AS SELECT 'XBTUSD' AS pair")
        con.execute(
            "INSERT INTO meta.catalog (dataset, series, is_redistributable) VALUES "
            "('fred.observations', 'SOFR', true), ('fred.observations', 'CBBTCUSD', false), "
            "('kraken.daily_candles', 'XBTUSD', false)"
        )
    in_place.install(home, folder, name)
    return home


@dataclass
class Counts:
    """``torn``: a snapshot is not what its generation has; ``lost``: an acknowledged generation is not there."""

    kills: int = 0
    in_a_sync: int = 0
    acknowledged: int = 0
    reads: int = 0
    torn: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)


_CHILD = """\
import sys
from pathlib import Path
from tests.lake import ROWS, generation
from warehouse.publication.lake.sync import sync
root, address, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
while True:
    home = generation(root, number, rows=ROWS)
    print("began", number, flush=True)
    sync(home, address, wait_seconds=60, on_wait=lambda words: None)
    print("done", number, flush=True)
    number += 1
"""


def campaign(address: str, folder: Path, *, kills: int) -> Counts:
    """Kill the writer at any moment of two of its syncs, ``kills`` times, and read the lake after each."""
    counts, number, start = Counts(), 2, time.monotonic()
    sync(generation(folder, 1, rows=ROWS), address, wait_seconds=60, on_wait=print)
    a_sync = time.monotonic() - start
    while counts.kills < kills:
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(folder), address, str(number)],
            stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        assert child.stdout
        first = child.stdout.readline()
        time.sleep(random.uniform(0, 2 * a_sync))
        child.send_signal(signal.SIGKILL)
        told = [line.split() for line in [first, *child.stdout.read().splitlines()] if line.strip()]
        child.wait()
        counts.kills += 1
        done = [int(n) for word, n in told if word == "done"]
        counts.in_a_sync += bool(told) and told[-1][0] == "began"
        counts.acknowledged += len(done)
        number = max([number, *(int(n) for _, n in told)]) + 1
        _look(address, counts, max(done, default=0))
    return counts


_SUMS = " UNION ALL ".join(f"SELECT sum(value_usd_bn) FROM lake.marts.m{mart}" for mart in range(TABLES))


def _look(address: str, counts: Counts, acknowledged: int) -> None:
    with catalog.opened(address) as con:
        newest = catalog.snapshots(con)[-1]
        held = int(newest.generation[9:21] or 0)
        if held:
            sums = con.execute(_SUMS).fetchall()
            counts.torn += [held] if sums != [(held * ROWS,)] * TABLES else []
    counts.reads += 1
    counts.lost += [acknowledged] if held < acknowledged else []


@dataclass
class Readings:
    """What a reader saw: each state once, in order; ``torn``: marts of one read are of several generations."""

    snapshot: int | None
    reads: int = 0
    states: list[int] = field(default_factory=list)
    torn: int = 0
    backwards: int = 0


def read(address: str, snapshot: int | None, is_over: Any, told: Any) -> None:
    """What a reader's process runs: all marts at once, from one connection, until it ``is_over``; an error ends it."""
    seen = Readings(snapshot)
    with closing(catalog.connect(address, snapshot)) as con:
        while not is_over.is_set():
            sums = con.execute(_SUMS).fetchall()
            held = int(sums[0][0]) // ROWS
            seen.torn += sums != [(held * ROWS,)] * TABLES
            seen.backwards += bool(seen.states) and held < seen.states[-1]
            seen.states += [held] if held not in seen.states[-1:] else []
            seen.reads += 1
    told.send(seen)


def readers(address: str, folder: Path, *, syncs: int) -> list[Readings]:
    """Two readers pinned to the first and the newest snapshot, and one without a pin, while ``syncs`` are written.

    EOFError when a reader ended with an error.
    """
    sync(generation(folder, 10_000, rows=ROWS), address, wait_seconds=60, on_wait=print)
    with catalog.opened(address) as con:
        ours = [each.number for each in catalog.snapshots(con) if each.generation]
    context = multiprocessing.get_context("spawn")
    is_over, pipes = context.Event(), []
    for snapshot in (ours[0], ours[-1], None):
        mine, its = context.Pipe(duplex=False)
        process = context.Process(target=read, args=(address, snapshot, is_over, its))
        process.start()
        its.close()
        pipes.append((process, mine))
    for number in range(10_001, 10_001 + syncs):
        sync(generation(folder, number, rows=ROWS), address, wait_seconds=60, on_wait=print)
    is_over.set()
    seen = [mine.recv() for _, mine in pipes]
    for process, _ in pipes:
        process.join()
    return seen


def main() -> None:
    kills, syncs = map(int, sys.argv[1:])
    with running() as server, tempfile.TemporaryDirectory() as folder:
        server.psql("CREATE DATABASE lake")
        catalog.init(server.database("lake"), f"{folder}/data")
        print(campaign(server.database("lake"), Path(folder) / "home", kills=kills), flush=True)
        for seen in readers(server.database("lake"), Path(folder) / "home", syncs=syncs):
            states = f"{len(seen.states)} states, {seen.torn} torn, {seen.backwards} backwards"
            print(f"{'pinned' if seen.snapshot else 'following'}: {seen.reads} reads, {states}")


if __name__ == "__main__":
    main()
