"""Answers of the simulated providers, kept: those of one day are computed in 9 CPU s and read in a tenth.

A later run of the same day is then like a run against real providers, whose answers cost this machine nothing. What
must not be here: what an answer says.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import httpx

from ingest import kept

_CODE = Path(__file__).parents[1]


@cache
def _code() -> str:
    """Digest of all that decides an answer besides what it is asked: simulation, catalog, calendars, Python."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for ending in ("*.py", "*.csv") for path in _CODE.rglob(ending)):
        digest.update(path.relative_to(_CODE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def answer(world: str, request: httpx.Request, compute: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer to a GET in the world that ``world`` names: the kept one, else that of ``compute``."""

    def made() -> bytes:
        computed = compute()
        return json.dumps([computed.status_code, computed.headers.multi_items()]).encode() + b"\n" + computed.content

    head, _, body = kept.get("answers", f"{_code()} {world} {request.url}", made).partition(b"\n")
    status, headers = json.loads(head)
    return httpx.Response(status, headers=headers, content=body)
