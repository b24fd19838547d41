"""Sends the current generation to an object store, for readers elsewhere.

Objects first, its list of sums after them, the pointer last and only if it is still the one that was read: a reader
sees a whole generation, and of two publishers the newer generation stays. A publication that was killed goes on where
it was. What must not be here: reading from there (`warehouse/publication/team/fetch.py`).
"""

import os
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.calendars import utc_now
from warehouse.connection import Home, WarehouseError
from warehouse.generation import SUMS, sha256_of
from warehouse.publication.signature import SIGNATURE, SIGNING_KEY, sign
from warehouse.publication.team.bucket import Bucket, BucketError, Pointer, key
from warehouse.publication.verify import parse_sums

KEEP_DAYS = 7.0  # after a generation was replaced; longer than any reader keeps one open
_AT_ONCE = 8  # requests


@dataclass(frozen=True)
class Sent:
    """What a publication did: objects sent, copied there from the generation before, found there, removed there."""

    generation: str
    sent: int
    copied: int
    found: int
    removed: int


def send(home: Home, address: str, *, keep_days: float = KEEP_DAYS) -> Sent:
    """Publish the current generation of ``home`` at ``address``, and remove those replaced over ``keep_days`` ago.

    It is signed where the environment names a key (`LIQUIDITY_SIGNING_KEY`).
    NotPublishedError without a generation; WarehouseError when it is damaged, when ``address`` has a newer one, or
    when one of the two is simulated and the other not; BucketError when the store refuses.
    """
    folder = home.published_database.parent
    sums = _whole(folder)
    signing = os.environ.get(SIGNING_KEY)
    signature = sign(folder, Path(signing)) if signing else b""
    bucket = Bucket.at(address)
    with bucket.errors_in_words():
        while True:
            old = bucket.pointer()
            _admit(home, folder.name, old, bucket)
            if old is None:
                bucket.try_conditions()
            if signature:
                bucket.store.put(key(folder.name, SIGNATURE), signature)
            done = _upload(bucket, folder, sums, old)
            new = _after(old, folder.name, home.is_simulated, timedelta(days=keep_days))
            if (old and old.generation == new.generation) or bucket.point(new, old):
                break
        removed = _remove(bucket, new, utc_now() - timedelta(days=keep_days))
    return Sent(folder.name, done["sent"], done["copied"], len(sums) + 1 - done["sent"] - done["copied"], removed)


def _whole(folder: Path) -> dict[str, str]:
    """Sha256 by path of a generation of this machine; WarehouseError when a file is not what was recorded."""
    listed, problem = parse_sums((folder / SUMS).read_bytes()) if (folder / SUMS).exists() else (None, "missing")
    if listed is None:
        raise WarehouseError(f"{folder / SUMS}: {problem}; nothing is sent")
    for path, digest in listed.items():
        if not (folder / path).exists() or sha256_of(folder / path) != digest:
            raise WarehouseError(f"{folder / path} is not the file that was published; nothing is sent")
    return listed


def _admit(home: Home, generation: str, old: Pointer | None, bucket: Bucket) -> None:
    if old is None:
        return
    if old.is_simulated != home.is_simulated:
        kind = "simulated" if old.is_simulated else "real"
        raise WarehouseError(f"{bucket.address} holds {kind} data; use another prefix")
    if old.generation > generation:
        raise WarehouseError(f"{bucket.address} has generation {old.generation}, newer than {generation}")


def _upload(bucket: Bucket, folder: Path, sums: Mapping[str, str], old: Pointer | None) -> Counter[str]:
    """Bring to the store what is not there yet, the list of sums last; how many objects were sent and copied.

    An object is there whole or not at all, so its size tells that it is there.
    """
    before: dict[str, str] = {}
    if old and old.generation != folder.name:
        with suppress(FileNotFoundError, BucketError):  # then everything is sent
            before = bucket.sums(old.generation)
    there = bucket.files(folder.name)

    def bring(path: str) -> str:
        if old and before.get(path) == sums.get(path, ""):
            try:
                bucket.store.copy(key(old.generation, path), key(folder.name, path))
                return "copied"
            except FileNotFoundError:
                pass  # another publisher has removed it meanwhile
        bucket.store.put(key(folder.name, path), folder / path)
        return "sent"

    def lacks(path: str) -> bool:
        found = there.get(key(folder.name, path))
        return found is None or found["size"] != (folder / path).stat().st_size

    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        done = Counter(pool.map(bring, filter(lacks, sums)))
    finally:
        pool.shutdown(cancel_futures=True)
    if lacks(SUMS):
        done[bring(SUMS)] += 1
    return done


def _after(old: Pointer | None, generation: str, is_simulated: bool, keep: timedelta) -> Pointer:
    """The pointer to ``generation``, which remembers the generations that were replaced less than ``keep`` ago."""
    now = utc_now()
    if old is None or old.generation == generation:
        return old or Pointer(generation, is_simulated)
    replaced = {each: moment for each, moment in old.replaced.items() if moment > now - keep}
    return Pointer(generation, is_simulated, replaced | {old.generation: now})


def _remove(bucket: Bucket, pointer: Pointer, before: datetime) -> int:
    """Remove generations older than the pointer's that were replaced, or left half sent, ``before`` a moment."""
    objects: dict[str, list[dict]] = {}
    for path, one in bucket.files().items():
        objects.setdefault(path.split("/")[1], []).append(one)
    removed = 0
    for generation, found in objects.items():
        newest = max(one["last_modified"] for one in found).astimezone(UTC).replace(tzinfo=None)
        if generation < pointer.generation and pointer.replaced.get(generation, newest) < before:
            paths = sorted((one["path"] for one in found), key=lambda path: not path.endswith(f"/{SUMS}"))
            bucket.store.delete(paths[:1])  # first what says that it is whole
            bucket.store.delete(paths[1:])
            removed += 1
    return removed
