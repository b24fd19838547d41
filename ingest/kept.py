"""What was computed before and would come out the same, kept in a cache folder by all that it follows from.

Several warehouses share it: pictures, the compiled dbt project, answers of the simulated providers. Anybody may delete
it at any time. What must not be here: a result that has no other home, or what a publisher sent.
"""

import hashlib
import os
import time
import uuid
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

VARIABLE = "LIQUIDITY_CACHE"
_KEPT_SECONDS = 2 * 86_400  # since the last use
_LEVEL = 1  # half the time of the usual 6, for a fifth more


def get(kind: str, key: str, make: Callable[[], bytes]) -> bytes:
    """The kept bytes of ``key``, else those of ``make``, which are kept.

    ``key`` names all that decides the bytes, code included. Where the folder cannot be read or written, or
    `LIQUIDITY_CACHE` is empty, ``make`` is called each time.
    """
    folder = _folder(os.environ.get(VARIABLE))
    if folder is None:
        return make()
    path = folder / kind / hashlib.sha256(key.encode()).hexdigest()
    try:
        found = zlib.decompress(path.read_bytes())  # its checksum finds what was cut short
        os.utime(path)
    except (OSError, zlib.error):
        found = make()
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{uuid.uuid4().hex}")
            unfinished.write_bytes(zlib.compress(found, _LEVEL))
            os.replace(unfinished, path)
    return found


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
