"""The process that makes pictures of specs: Vega in vl-convert's V8, and PNG files of what it gives.

It runs as a file, imports nothing of this project and ends when its input ends. It reads one request a line, as JSON,
`[what, *arguments]`, and answers with one line, `{"done": ...}` or `{"failed": "..."}`; bytes are base64.
`warehouse/publication/charts/painters.py` sends the requests.
"""

import base64
import json
import re
import struct
import sys
import zlib
from collections.abc import Callable
from typing import Any

VEGA_LITE = "6.4"
_DEFLATE_LEVEL = 3  # half the time of 6, for files a third larger


def svg(picture: dict[str, Any]) -> str:
    """The drawing of a Vega-Lite spec."""
    import vl_convert

    return renumbered(vl_convert.vegalite_to_svg(picture, vl_version=VEGA_LITE))


def png(drawing: str, scale: float) -> bytes:
    """PNG of an SVG, with ``scale`` pixels for each pixel of the SVG."""
    import vl_convert

    return packed(vl_convert.svg_to_png(drawing, scale=scale))


def bundle(script: str) -> str:
    """JavaScript with everything that it imports."""
    import vl_convert

    return str(vl_convert.javascript_bundle(script, vl_version=VEGA_LITE))


def renumbered(drawing: str) -> str:
    """Vega numbers clip paths on through all pictures of a process; here each picture starts at 0."""
    numbers: dict[str, str] = {}
    return re.sub(r"\bclip\d+\b", lambda found: numbers.setdefault(found[0], f"clip{len(numbers)}"), drawing)


def packed(picture: bytes) -> bytes:
    """The same PNG, deflated well: vl-convert writes for speed, at three times the size."""
    position, head, body = 8, picture[:8], b""
    while position < len(picture):
        (length,) = struct.unpack_from(">I", picture, position)
        chunk = picture[position : position + length + 12]
        if chunk[4:8] == b"IDAT":
            body += chunk[8:-4]
        elif chunk[4:8] != b"IEND":
            head += chunk
        position += length + 12
    body = b"IDAT" + zlib.compress(zlib.decompress(body), _DEFLATE_LEVEL)
    end = b"\x00\x00\x00\x00IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return head + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) + end


_DOES: dict[str, Callable[..., str | bytes]] = {"svg": svg, "png": png, "bundle": bundle}


def main() -> None:
    """Answer until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # no other code writes between the answers
    for line in sys.stdin:
        what, *arguments = json.loads(line)
        try:
            done = _DOES[what](*arguments)
            answer = {"done": done if isinstance(done, str) else base64.b64encode(done).decode()}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
