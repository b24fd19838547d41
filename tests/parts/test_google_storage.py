"""`gs://`: the store is asked in Google's own words.

No package has a server of Google's: a small one does what its documents say of the requests made here (XML API: PUT
with `x-goog-if-generation-match`, GET, DELETE, list, copy).
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

from tests.object_store import generation
from warehouse.connection import Home, WarehouseError
from warehouse.publication.team import fetch
from warehouse.publication.team.bucket import Bucket, BucketError, Pointer
from warehouse.publication.team.send import Sent, send


class _Google(BaseHTTPRequestHandler):
    """Objects of one bucket in memory, each with the number of its generation."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, tuple[bytes, int]]
    obeys = True
    generations = 0

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _told(self, body: bytes, number: int) -> dict[str, str]:
        return {
            "ETag": f'"{md5(body).hexdigest()}"',
            "x-goog-generation": str(number),
            "Last-Modified": formatdate(usegmt=True),
        }

    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/").partition("/")[2]

    def do_PUT(self) -> None:
        name, body = self._name(), self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if source := self.headers.get("x-goog-copy-source"):
            body = self.objects[unquote(source).lstrip("/").partition("/")[2]][0]
        wanted = self.headers.get("x-goog-if-generation-match")
        if self.obeys and wanted is not None and int(wanted) != self.objects.get(name, (b"", 0))[1]:
            return self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
        type(self).generations += 1
        self.objects[name] = body, self.generations
        return self._answer(200, headers=self._told(body, self.generations))

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if name := self._name():
            if name not in self.objects:
                return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            body, number = self.objects[name]
            return self._answer(200, body, self._told(body, number))
        start = query.get("prefix", [""])[0]
        listed = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(body)}</Size>"
            f'<LastModified>2026-11-29T00:00:00.000Z</LastModified><ETag>"{md5(body).hexdigest()}"</ETag></Contents>'
            for name, (body, _) in sorted(self.objects.items()) if name.startswith(start)
        )  # fmt: skip
        return self._answer(200, f"<ListBucketResult>{listed}</ListBucketResult>".encode())

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self._answer(204 if self.objects.pop(self._name(), None) else 404)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _google(monkeypatch: pytest.MonkeyPatch, *, obeys: bool = True) -> Iterator[str]:
    handler = type("Google", (_Google,), {"objects": {}, "obeys": obeys})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{server.server_port}"
        account = {
            "gcs_base_url": place,
            "disable_oauth": True,
            "client_email": "",
            "private_key": "",
            "private_key_id": "",
        }
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", json.dumps(account))
        monkeypatch.setenv("AWS_ENDPOINT_URL", place)  # admits a host without TLS
        yield "gs://desk/prefix"
        server.shutdown()


def test_a_generation_goes_up_and_down_and_the_pointer_moves_only_from_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path / "reader"))
    home = Home(tmp_path / "publisher", is_simulated=True)
    with _google(monkeypatch) as address:
        first = generation(home.root, 1)
        assert send(home, address) == Sent(first.name, sent=5, copied=0, found=0, removed=0)
        copied = fetch.fetched(address)
        assert {p.name: p.read_bytes() for p in copied.current.iterdir() if p.is_file()} == {
            p.name: p.read_bytes() for p in first.iterdir() if p.is_file()
        }
        bucket = Bucket.at(address)
        stale = bucket.pointer()
        assert stale is not None
        assert stale.tag is not None
        assert "version" in stale.tag
        second = generation(home.root, 2)
        assert send(home, address) == Sent(second.name, sent=4, copied=1, found=0, removed=0)
        for seen in (stale, None):
            assert not bucket.point(Pointer(first.name, True), seen)
        pointer = bucket.pointer()
        assert pointer is not None
        assert pointer.generation == second.name
        assert send(home, address, keep_days=0).removed == 1


def test_a_store_that_writes_whatever_the_condition_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = Home(tmp_path / "publisher", is_simulated=True)
    generation(home.root, 1)
    with _google(monkeypatch, obeys=False) as address, pytest.raises(BucketError, match="whatever the condition"):
        send(home, address)


@pytest.mark.parametrize("address", ["gcs://desk/prefix", "gs:///prefix", "gs://key@desk"])
def test_other_addresses_are_none(address: str):
    with pytest.raises(WarehouseError, match="gs://bucket/prefix"):
        Bucket.at(address)
