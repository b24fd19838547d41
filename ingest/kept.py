"""What was computed before and would come out the same, kept in a cache folder by all that it follows from.

Several warehouses share it: pictures, the compiled dbt project, answers of the simulated providers. Anybody may delete
it at any time. What must not be here: a result that has no other home, or what a publisher sent.
"""

import hashlib
import os
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path

from filelock import FileLock

VARIABLE = "LIQUIDITY_CACHE"
_KEPT_SECONDS = 2 * 86_400  # since the last use
_LEVEL = 1  # half the time of the usual 6, for a fifth more


def get(kind: str, key: str, make: Callable[[], bytes], *, is_slow: bool = False) -> bytes:
    """The kept bytes of ``key``, else those of ``make``, which are kept.

    ``key`` names all that decides the bytes, code included. What ``is_slow`` one process makes while others wait for
    it. Where the folder cannot be read or written, or `LIQUIDITY_CACHE` is empty, ``make`` is called each time.
    """
    folder = _folder(os.environ.get(VARIABLE))
    if folder is None:
        return make()
    path = folder / kind / hashlib.sha256(key.encode()).hexdigest()
    found = _read(path)
    if found is None:
        with _turn(path) if is_slow else nullcontext():
            found = _read(path) if is_slow else None
            if found is None:
                found = make()
                _write(path, found)
    return found


def is_on() -> bool:
    """Whether anything is kept: what is made ahead would otherwise be made twice."""
    return _folder(os.environ.get(VARIABLE)) is not None


def _read(path: Path) -> bytes | None:
    try:
        found = zlib.decompress(path.read_bytes())  # its checksum finds what was cut short
        os.utime(path)
    except (OSError, zlib.error):
        return None
    return found


def _write(path: Path, found: bytes) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{uuid.uuid4().hex}")
        unfinished.write_bytes(zlib.compress(found, _LEVEL))
        os.replace(unfinished, path)


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One process after another; the kernel ends the turn of one that is killed."""
    lock = FileLock(path.with_suffix(".lock"))
    with suppress(OSError):  # of a folder that cannot be written
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@cache
def _folder(named: str | None) -> Path | None:
    """The folder, without what nobody used for two days; None to keep nothing."""
    import platformdirs

    if named == "":
        return None
    folder = Path(named) if named else platformdirs.user_cache_path("dollar-liquidity", appauthor=False)
    with suppress(OSError):
        for path in folder.glob("*/*"):
            if path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                path.unlink(missing_ok=True)
    return folder
