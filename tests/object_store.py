"""SeaweedFS as a real S3 server on this machine, for tests: one process, its ports free ones, its data in a folder."""

import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from warehouse.connection import DATABASE_NAME, Home
from warehouse.publication import in_place
from warehouse.publication.team.bucket import Bucket, BucketError, key

WEED = Path(sys.executable).with_name("weed")
BUCKET = "desk"
WRITER, READER, FOUNDER = (
    "writer",
    "reader",
    "founder",
)  # the last one makes buckets
_RIGHTS = {
    WRITER: [f"{right}:{BUCKET}" for right in ("Read", "Write", "List")],
    READER: [f"{right}:{BUCKET}" for right in ("Read", "List")],
    FOUNDER: ["Admin", "Read", "Write", "List"],
}


def secret(user: str) -> str:
    return f"{user}-secret"


class Server:
    """The server of one folder; it can be killed and started again on the same ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with ExitStack() as stack:
            sockets = [stack.enter_context(socket.socket()) for _ in range(8)]
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            self._ports = [each.getsockname()[1] for each in sockets]
        self.address = f"http://127.0.0.1:{self._ports[-1]}"
        self._process: subprocess.Popen[bytes] | None = None
        identities = [
            {"name": user, "credentials": [{"accessKey": user, "secretKey": secret(user)}], "actions": rights}
            for user, rights in _RIGHTS.items()
        ]
        (folder / "users.json").write_text(json.dumps({"identities": identities}))
        (folder / "data").mkdir()

    def start(self) -> None:
        """Returns when it has an answer for S3 and stores objects; RuntimeError after a minute."""
        names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
                 "s3.port.grpc", "s3.port")  # fmt: skip
        ports = [f"-{name}={port}" for name, port in zip(names, self._ports, strict=True)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [WEED, "server", f"-dir={self.folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
                 f"-s3.config={self.folder / 'users.json'}", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
                 "-volume.max=8", "-master.volumeSizeLimitMB=64", "-master.telemetry=false", *ports],
                stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                self._found()
                return
            except Exception:
                time.sleep(0.5)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def _found(self) -> None:
        """Make the bucket and an object in it that has bytes (an empty one needs no volume), and read it."""
        from obstore.store import S3Store

        socket.create_connection(("127.0.0.1", self._ports[-1]), timeout=1).close()  # cheaper to ask than a client
        store = S3Store(
            BUCKET, endpoint=self.address, region="us-east-1", access_key_id=FOUNDER, secret_access_key=secret(FOUNDER),
            client_options={"allow_http": True}, retry_config={"max_retries": 0},
        )  # fmt: skip
        with suppress(FileNotFoundError):  # after a restart: what was there before
            store.get("started").bytes()
        store.put("started", b"started")

    def kill(self) -> None:
        """SIGKILL: what it has acknowledged must be there after the next start."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def environment(self, user: str) -> dict[str, str]:
        """What a command needs to know."""
        return {
            "AWS_ENDPOINT_URL": self.address, "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": user, "AWS_SECRET_ACCESS_KEY": secret(user),
        }  # fmt: skip


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server while the block runs; the variables of other stores are not in the environment."""
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def generation(home_folder: Path, number: int, *, size: int = 2000) -> Path:
    """A small generation that becomes current: every file says its number but one, which all share."""
    home = Home(home_folder, is_simulated=True)
    name = f"20261129T{number:012d}-0000"
    folder = home.generations / f".building-{name}"
    for path in (DATABASE_NAME, "parquet/a.parquet", "report/index.html", "COOKBOOK.md"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("same" if path == "COOKBOOK.md" else f"{number}\n" * size)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = "".join(f"{sha256(p.read_bytes()).hexdigest()}  {p.relative_to(folder).as_posix()}\n" for p in files)
    (folder / "SHA256SUMS").write_text(lines + f"# {sha256(lines.encode()).hexdigest()}\n")
    in_place.install(home, folder, name)
    return home.generations / name


def environ(changes: dict[str, str]) -> dict[str, str]:
    """This process's environment with ``changes``, without any other AWS_ variable."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | changes


@dataclass
class Counts:
    """What a campaign of kills met."""

    kills: int = 0
    acknowledged: int = 0
    reads: int = 0
    removed_while_read: int = 0
    server_kills: int = 0
    refused: int = 0  # publications that ended in one line, as while the server is down
    outrun: int = 0  # of these: the other publisher had sent a newer generation
    torn: list[str] = field(default_factory=list)
    backwards: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def publish_once(home: Path, address: str, environment: dict[str, str], ended: Any, keep_days: float) -> None:
    """What a killed process runs: one publication, then its id or the line of its error into the pipe ``ended``."""
    from warehouse.connection import WarehouseError
    from warehouse.publication.team.send import send

    os.environ.update(environment)
    try:
        ended.send((True, send(Home(home, is_simulated=True), address, keep_days=keep_days).generation))
    except WarehouseError as error:
        ended.send((False, str(error)))


def campaign(
    server: Server, folder: Path, *, kills: int, server_kills: int = 0, reads: int = 0, readers: int = 2,
    publishers: int = 2, keep_days: float = 7.0, prefix: str = "campaign",
) -> Counts:  # fmt: skip
    """Publishers killed at any moment, at once, and readers who follow the pointer, until all kills and reads are done.

    A read is a whole generation, every file compared with its sum.
    """
    address, counts, numbers = f"s3://{BUCKET}/{prefix}", Counts(), count(1)
    guard, is_over = threading.Lock(), threading.Event()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["warehouse.publication.team.send", "obstore.store"])
    bucket = Bucket.at(address)

    def newest() -> str:
        with bucket.errors_in_words():
            pointer = bucket.pointer()
        return pointer.generation if pointer else ""

    def publisher(home: Path, chance: random.Random) -> None:
        while not is_over.is_set():
            with guard:
                name = generation(home, next(numbers), size=chance.choice((10, 2_000, 40_000))).name
            for _ in range(3):  # the same generation again after a kill, as a user would
                mine, its = context.Pipe(duplex=False)
                arguments = (home, address, server.environment(WRITER), its, keep_days)
                process = context.Process(target=publish_once, args=arguments)
                process.start()
                process.join(chance.choice((0.05, 0.15, 0.4)) * chance.random() if chance.random() < 0.6 else 60)
                was_killed = process.is_alive()
                process.kill()
                process.join()
                its.close()
                is_acknowledged, words = mine.recv() if mine.poll() and not was_killed else (False, "")
                with guard:
                    counts.kills += was_killed
                    counts.acknowledged += is_acknowledged
                    counts.refused += bool(words) and not is_acknowledged
                    counts.outrun += "newer than" in words
                    if counts.kills >= kills and counts.server_kills >= server_kills and counts.reads >= reads:
                        is_over.set()
                if "newer than" in words:
                    break  # the other publisher was faster
                if is_acknowledged:
                    with suppress(BucketError):  # the server is down: the last look finds it
                        if newest() < name:
                            counts.lost.append(name)
                    with guard:
                        acknowledged.add(name)
                    break

    def reader() -> None:
        seen = ""
        while not is_over.is_set():
            try:
                with bucket.errors_in_words():
                    now = newest()
                    if not now:
                        continue
                    if now < seen:
                        counts.backwards.append(f"{seen} {now}")
                    seen = now
                    for path, digest in bucket.sums(now).items():
                        content = bytes(bucket.store.get(key(now, path)).bytes())
                        if sha256(content).hexdigest() != digest:
                            counts.torn.append(f"{now}/{path}")
            except BucketError as error:
                if server_kills == 0 or "NoSuchKey" in str(error):
                    if keep_days:
                        counts.torn.append(str(error))
                    counts.removed_while_read += 1
                continue
            with guard:
                counts.reads += 1

    acknowledged: set[str] = set()
    homes = [(folder / f"publisher{n}", random.Random(n)) for n in range(publishers)]
    threads = [threading.Thread(target=publisher, args=each) for each in homes]
    threads += [threading.Thread(target=reader) for _ in range(readers)]
    for each in threads:
        each.start()
    while not is_over.wait(0.05):
        if counts.server_kills < server_kills and counts.kills * server_kills >= kills * counts.server_kills:
            server.kill()
            server.start()
            counts.server_kills += 1
    for each in threads:
        each.join()
    if acknowledged and newest() < max(acknowledged):
        counts.lost.append(max(acknowledged))
    return counts


def main() -> None:
    """`python -m tests.object_store KILLS SERVER_KILLS READS`: the whole campaign, its counts on one line."""
    kills, server_kills, reads = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        os.environ.update(environ(server.environment(READER)))
        print(campaign(server, Path(folder), kills=kills, server_kills=server_kills, reads=reads, readers=3))


if __name__ == "__main__":
    main()
