"""What several simulated hosts send: compact JSON, a page that is not found, and a ZIP without a clock in it.

What must not be here: any one host.
"""

import io
import zipfile

import httpx
import msgspec


def json_answer(kind: str, status: int, value: object) -> httpx.Response:
    """``value`` as JSON without blanks; ``kind`` is the host's spelling of the content type."""
    return httpx.Response(status, headers={"Content-Type": kind}, content=msgspec.json.encode(value))


def not_found() -> httpx.Response:
    """404 with a page of HTML."""
    return httpx.Response(404, headers={"Content-Type": "text/html"}, content=b"<html>Not Found</html>")


def archive(members: dict[str, bytes]) -> bytes:
    """A ZIP of ``members`` by name that has the same bytes every time: no clock in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
