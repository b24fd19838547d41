"""Fetches the generation that an object store points to: a copy on this machine, read like any other warehouse.

A copy is kept by address in `remote/` of the warehouse's folder; only files that differ from the newest copy travel,
and each is compared with its sha256. What must not be here: sending (`warehouse/publication/team/send.py`).
"""

import os
import re
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from warehouse import lock
from warehouse.connection import Home, NotPublishedError
from warehouse.generation import SUMS, sha256_of
from warehouse.leftovers import BUILDING
from warehouse.publication import in_place
from warehouse.publication.previous import Previous
from warehouse.publication.signature import SIGNATURE, SIGNERS, problem
from warehouse.publication.team.bucket import Bucket, BucketError, Pointer, key
from warehouse.publication.verify import recorded

_AT_ONCE = 8  # requests


def fetched(address: str) -> Home:
    """A folder whose `current` is what ``address`` points to now, like the folder of a warehouse that only reads.

    NotPublishedError when nothing is there; BucketError when the store refuses, an object is not what was published, or
    ``address`` has gone back behind the copy.
    """
    bucket = Bucket.at(address)
    with bucket.errors_in_words():
        pointer = _pointer(bucket)
        name = re.sub(r"[^\w.-]+", "-", bucket.address.removeprefix("s3://"))
        told = sha256(bucket.address.encode()).hexdigest()[:8]  # other addresses may give the same name
        home = Home(Home.locate().root / "remote" / f"{name}-{told}", pointer.is_simulated)
        if _newest(home) == pointer.generation:
            _refuse_unsigned(bucket, pointer.generation, home.current)
            return home
        with lock.hold(home, f"copy of {bucket.address}"):
            if (held := _newest(home)) > pointer.generation:
                pointer = _pointer(bucket)  # another reader has seen a newer one meanwhile
            if held > pointer.generation:
                raise BucketError(
                    f"{bucket.address} has gone back from {held} to {pointer.generation}; if that is meant, "
                    f"delete {home.root}"
                )
            if held < pointer.generation:
                _copy(bucket, pointer.generation, home)
    return home


def download(address: str, folder: Path) -> str:
    """All files of the generation that ``address`` points to, as they are there, into ``folder``; returns its id.

    Files that are missing there are missing here.
    """
    bucket = Bucket.at(address)
    with bucket.errors_in_words():
        generation = _pointer(bucket).generation
        sums = bucket.sums(generation)
        start = key(generation, "")
        there = {path.removeprefix(start) for path in bucket.files(generation)}
        _get(bucket, generation, there & sums.keys() | there & {SIGNATURE} | {SUMS}, folder)
    return generation


def _pointer(bucket: Bucket) -> Pointer:
    if (pointer := bucket.pointer()) is None:
        raise NotPublishedError(f"nothing is published at {bucket.address}; `liquidity publish` sends a generation")
    return pointer


def _newest(home: Home) -> str:
    """Id of the copy that is current; empty without one."""
    return home.current.readlink().name if home.current.is_symlink() else ""


def _copy(bucket: Bucket, generation: str, home: Home) -> None:
    """Make the copy of a generation, whole, and point to it. The lock of ``home`` must be held."""
    folder = home.generations / f"{BUILDING}{generation}"
    sums, before = bucket.sums(generation), Previous.of(home)
    for path in sums:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    wanted = [path for path, digest in sums.items() if not before.take_if(path, digest, (folder / path).parent)]
    signed = [SIGNATURE] if key(generation, SIGNATURE) in bucket.files(generation) else []
    _get(bucket, generation, [*wanted, *signed, SUMS], folder)
    try:
        _refuse_unsigned(bucket, generation, folder)
        for path in [*wanted, SUMS]:
            if recorded(folder) != sums if path == SUMS else sha256_of(folder / path) != sums[path]:
                raise BucketError(f"{bucket.address}/{key(generation, path)} is not the file that was published")
    except BucketError:
        shutil.rmtree(folder)
        raise
    shutil.rmtree(home.generations / generation, ignore_errors=True)  # `current` does not lead there
    in_place.install(home, folder, generation)


def _refuse_unsigned(bucket: Bucket, generation: str, folder: Path) -> None:
    """BucketError where the environment names signers and none of them has signed the copy in ``folder``."""
    if (signers := os.environ.get(SIGNERS)) and (words := problem(folder, Path(signers))):
        raise BucketError(f"{bucket.address}/{key(generation, SIGNATURE)}: {words}")


def _get(bucket: Bucket, generation: str, paths: Iterable[str], folder: Path) -> None:
    def get(path: str) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            for piece in bucket.store.get(key(generation, path)).stream():
                file.write(piece)

    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        list(pool.map(get, paths))
    finally:
        pool.shutdown(cancel_futures=True)
