"""Answers of the simulated providers in a folder: those of one day are computed in 9 CPU s and read in a tenth.

A later run of the same day is then like a run against real providers, whose answers cost this machine nothing. What
must not be here: what an answer says.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import uuid
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import httpx

_CODE = Path(__file__).parents[1]
_KEPT_SECONDS = 2 * 86_400
_LEVEL = 1  # 7 MB for a day; half the time of the usual 6, for a fifth more


@cache
def _code() -> str:
    """Digest of all that decides an answer besides what it is asked: simulation, catalog, calendars, Python."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for ending in ("*.py", "*.csv") for path in _CODE.rglob(ending)):
        digest.update(path.relative_to(_CODE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


class Answers:
    """Answers in ``folder`` of the world that ``world`` names; those of earlier days are deleted."""

    def __init__(self, folder: Path, world: str) -> None:
        self._folder = folder
        self._world = f"{_code()} {world}"
        for path in folder.glob("*"):
            if path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                path.unlink(missing_ok=True)

    def get(self, request: httpx.Request, compute: Callable[[], httpx.Response]) -> httpx.Response:
        """The answer to a GET: the kept one, else that of ``compute``, which is kept."""
        path = self._folder / hashlib.sha256(f"{self._world} {request.url}".encode()).hexdigest()
        try:
            head, _, body = zlib.decompress(path.read_bytes()).partition(b"\n")
            status, headers = json.loads(head)
        except (OSError, zlib.error, ValueError):  # none yet, or cut short
            answer = compute()
            head = json.dumps([answer.status_code, answer.headers.multi_items()]).encode()
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{uuid.uuid4().hex}")
            unfinished.write_bytes(zlib.compress(head + b"\n" + answer.content, _LEVEL))
            os.replace(unfinished, path)
            return answer
        return httpx.Response(status, headers=headers, content=body)
