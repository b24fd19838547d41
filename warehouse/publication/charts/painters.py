"""Makes pictures in separate processes (`warehouse/publication/charts/painter.py`).

Two draw at the same time, and the 230 MB of V8 are freed when they end. They end with this process, also after a kill,
because their input ends.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import queue
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from ingest import kept

COUNT = 2
_PAINTER = Path(__file__).with_name("painter.py")
_FONTS = Path(__file__).with_name("fonts.conf")


@cache
def _code() -> str:
    """What besides the request decides a picture."""
    digest = hashlib.sha256(_PAINTER.read_bytes() + _FONTS.read_bytes())
    return f"{digest.hexdigest()} {version('vl-convert-python')} {sys.version}"


class PaintingError(Exception):
    """A picture could not be made; the message is that of the library."""


class Painters:
    """At most `COUNT` processes, each started when it is first needed. Threads may ask at the same time."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []
        self._free: queue.LifoQueue[subprocess.Popen[str] | None] = queue.LifoQueue()
        for _ in range(COUNT):
            self._free.put(None)

    def __enter__(self) -> Painters:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._started:
            with suppress(BrokenPipeError):  # of one that is gone
                process.stdin.close()  # type: ignore[union-attr]
        for process in self._started:
            process.wait()

    def svg(self, picture: dict[str, Any]) -> str:
        """The drawing of a Vega-Lite spec. Raises PaintingError."""
        return self._ask("svg", picture)

    def png(self, svg: str, scale: float) -> bytes:
        """PNG of an SVG, with ``scale`` pixels for each pixel of the SVG. Raises PaintingError."""
        return base64.b64decode(self._ask("png", svg, scale))

    def bundle(self, script: str) -> str:
        """JavaScript with everything that it imports. Raises PaintingError."""
        return self._ask("bundle", script)

    def _ask(self, *request: Any) -> str:
        asked = json.dumps(request)
        return kept.get("pictures", f"{_code()} {asked}", lambda: self._painted(asked).encode()).decode()

    def _painted(self, request: str) -> str:
        process = self._free.get() or self._start()
        try:
            process.stdin.write(request + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = process.stdout.readline()  # type: ignore[union-attr]
        finally:
            self._free.put(process if process.poll() is None else None)
        if not line:
            raise PaintingError(f"the process that draws ended with {process.wait()}")
        answer = json.loads(line)
        if "failed" in answer:
            raise PaintingError(answer["failed"])
        return str(answer["done"])

    def _start(self) -> subprocess.Popen[str]:
        # Only vl-convert's fonts, Liberation: it opens the system's font files again for each
        # glyph, which was half of the time of all pictures; and pictures are the same on other machines.
        # The same bytes in every zone: Vega reads that of its process, for summer time and for labels.
        surroundings = {**os.environ, "FONTCONFIG_FILE": str(_FONTS), "TZ": "UTC"}
        process = subprocess.Popen(
            [sys.executable, "-P", str(_PAINTER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8", env=surroundings,
        )  # fmt: skip
        self._started.append(process)
        return process
