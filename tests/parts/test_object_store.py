"""`liquidity publish` and `--from` against a real S3 server (SeaweedFS), which these tests start.

A small server gives the answers that SeaweedFS does not: expired credentials, a full store.
"""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests import object_store
from tests.conftest import REPOSITORY
from tests.object_store import BUCKET, READER, WRITER, Server, generation
from warehouse.connection import Home, NotPublishedError, WarehouseError
from warehouse.publication.team import fetch
from warehouse.publication.team.bucket import POINTER, Bucket, BucketError, Pointer, key
from warehouse.publication.team.send import Sent, send


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with object_store.running(tmp_path_factory.mktemp("seaweed")) as server:
        yield server


@pytest.fixture
def address(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A prefix for one test, this process as the writer, and a folder for copies."""
    _become(WRITER, server, monkeypatch)
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path / "reader"))
    return f"s3://{BUCKET}/{tmp_path.name}"


def _become(user: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in server.environment(user).items():
        monkeypatch.setenv(name, value)


def _home(tmp_path: Path) -> Home:
    return Home(tmp_path / "publisher", is_simulated=True)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_generation_goes_up_whole_and_comes_down_the_same(address: str, tmp_path: Path):
    home = _home(tmp_path)
    first = generation(home.root, 1)
    assert send(home, address) == Sent(first.name, sent=5, copied=0, found=0, removed=0)
    assert send(home, address) == Sent(first.name, sent=0, copied=0, found=5, removed=0)
    copied = fetch.fetched(address)
    assert copied.is_simulated
    assert _bytes(copied.current) == _bytes(first)
    second = generation(home.root, 2)
    assert send(home, address) == Sent(second.name, sent=4, copied=1, found=0, removed=0)
    assert fetch.fetched(address).current.readlink().name == second.name
    shared = copied.current / "COOKBOOK.md"
    assert shared.stat().st_ino == (copied.generations / first.name / "COOKBOOK.md").stat().st_ino


def test_what_was_sent_before_a_kill_is_not_sent_again(address: str, tmp_path: Path):
    home = _home(tmp_path)
    first = generation(home.root, 1)
    bucket = Bucket.at(address)
    bucket.store.put(key(first.name, "report/index.html"), first / "report/index.html")
    with pytest.raises(NotPublishedError, match="nothing is published at"):
        fetch.fetched(address)
    assert send(home, address) == Sent(first.name, sent=4, copied=0, found=1, removed=0)
    bucket.store.delete(key(first.name, "COOKBOOK.md"))  # lost there: the next publication mends it
    assert send(home, address).sent == 1


def test_the_pointer_moves_only_forward_and_only_from_what_was_read(address: str, tmp_path: Path):
    home, other = _home(tmp_path), Home(tmp_path / "other", is_simulated=True)
    generation(home.root, 1)
    send(home, address)
    bucket = Bucket.at(address)
    stale = bucket.pointer()
    generation(other.root, 3)
    send(other, address)
    assert not bucket.point(Pointer(generation(home.root, 2).name, True), stale)
    assert not bucket.point(Pointer(home.current.readlink().name, True), None)
    with pytest.raises(WarehouseError, match="newer than"):
        send(home, address)
    with pytest.raises(WarehouseError, match="holds simulated data"):
        send(Home(home.root), address)
    pointer = bucket.pointer()
    assert pointer is not None
    assert pointer.generation == other.current.readlink().name


def test_a_generation_stays_as_long_as_its_readers_need_it(address: str, tmp_path: Path):
    home, bucket = _home(tmp_path), Bucket.at(address)
    names = []
    for number in (1, 2, 3):
        names.append(generation(home.root, number).name)
        send(home, address)
    assert {path.split("/")[1] for path in bucket.files()} == set(names)
    generation(home.root, 4)
    assert send(home, address, keep_days=0).removed == 3
    assert {path.split("/")[1] for path in bucket.files()} == {home.current.readlink().name}


def test_a_reader_notices_what_is_not_what_was_published(address: str, tmp_path: Path):
    home, bucket = _home(tmp_path), Bucket.at(address)
    first = generation(home.root, 1)
    send(home, address)
    good = fetch.fetched(address).current.resolve()
    second = generation(home.root, 2)
    send(home, address)
    bucket.store.put(key(second.name, "report/index.html"), b"other bytes")
    with pytest.raises(BucketError, match=r"report/index\.html is not the file that was published"):
        fetch.fetched(address)
    assert _bytes(good.parents[1] / "current") == _bytes(first)  # the copy before is still the one to read
    told = CliRunner().invoke(app, ["verify", "--from", address])
    assert told.exit_code == 1
    assert "report/index.html: not the bytes that were published" in told.output
    bucket.store.put(POINTER, Pointer(first.name, True).to_json())
    send(home, address)
    bucket.store.put(key(second.name, "report/index.html"), second / "report/index.html")
    assert fetch.fetched(address).current.readlink().name == second.name
    bucket.store.put(POINTER, Pointer(first.name, True).to_json())
    with pytest.raises(BucketError, match="has gone back"):
        fetch.fetched(address)


def test_a_damaged_generation_is_not_sent(address: str, tmp_path: Path):
    home = _home(tmp_path)
    (generation(home.root, 1) / "COOKBOOK.md").write_text("spoiled")
    with pytest.raises(WarehouseError, match="is not the file that was published; nothing is sent"):
        send(home, address)
    assert Bucket.at(address).files() == {}


@pytest.mark.parametrize(
    ("user", "change", "where", "line"),
    [
        (READER, {}, "", "answers AccessDenied: this user has no right to do that there"),
        (WRITER, {"AWS_SECRET_ACCESS_KEY": "wrong"}, "", "answers SignatureDoesNotMatch: the credentials are not"),
        (WRITER, {"AWS_ACCESS_KEY_ID": "nobody"}, "", "answers InvalidAccessKeyId: the credentials are not"),
        (WRITER, {}, "s3://other/prefix", "answers AccessDenied: this user has no right"),
        (WRITER, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "", "cannot be reached"),
        (WRITER, {}, "s3://key:secret@desk/prefix", "an address is s3://bucket/prefix; host and credentials come from"),
        (WRITER, {}, "/tmp/folder", "an address is s3://bucket/prefix"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_line_without_a_key(
    server: Server, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, change: dict[str, str],
    where: str, line: str,
):  # fmt: skip
    _become(user, server, monkeypatch)
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    _refused(tmp_path, monkeypatch, where or address, line)


def _refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, line: str) -> None:
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path))
    made = generation(tmp_path / "sample", 1)
    before = _bytes(made)
    told = CliRunner().invoke(app, ["publish", address, "--sample"])
    assert told.exit_code == 1
    (said,) = [each for each in told.output.splitlines() if "SIMULATED" not in each]
    assert line in said
    keys = {os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    assert not [each for each in keys if each in said.replace(address, "")]
    assert _bytes(made) == before


@pytest.mark.parametrize(
    ("status", "code", "line"),
    [
        (400, "ExpiredToken", "answers ExpiredToken: the credentials have expired; get new ones"),
        (403, "QuotaExceeded", "answers QuotaExceeded: it is full"),
        (404, "NoSuchBucket", "answers NoSuchBucket: there is no such bucket"),
        (507, "InsufficientStorage", "answers InsufficientStorage: it is full"),
    ],
)
def test_answers_of_other_stores_are_one_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, code: str, line: str
):
    body = f"<Error><Code>{code}</Code><AWSAccessKeyId>writer</AWSAccessKeyId></Error>".encode()

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None: ...

    with _answering(Refusing, monkeypatch):
        _refused(tmp_path, monkeypatch, "s3://desk/prefix", line)


@contextmanager
def _answering(handler: type[BaseHTTPRequestHandler], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A small server in the place of a store, this process as its writer."""
    monkeypatch.setattr("warehouse.publication.team.bucket.RETRIES", {"max_retries": 0})
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "writer")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "writer-secret")
        yield
        server.shutdown()


def test_a_store_that_does_not_obey_conditions_is_refused_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As Google's S3 dialect may: its documents have no condition on an ETag for a write."""
    put: list[str] = []

    class Careless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            put.append(self.path)
            self._answer(200)

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None: ...

    with _answering(Careless, monkeypatch):
        _refused(tmp_path, monkeypatch, "s3://desk/prefix", "writes whatever the condition")
    assert len(put) == 4
    assert all(path.startswith("/desk/prefix/trial-") for path in put)


def test_a_reader_takes_only_what_one_of_its_signers_has_signed(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for who in ("desk", "other"):
        told = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / who)]
        subprocess.run(told, check=True)
        (tmp_path / f"{who}.signers").write_text(f"{who} {(tmp_path / f'{who}.pub').read_text()}")
    home = _home(tmp_path)
    first = generation(home.root, 1)
    send(home, address)
    monkeypatch.setenv("LIQUIDITY_SIGNERS", str(tmp_path / "desk.signers"))
    with pytest.raises(BucketError, match="SHA256SUMS is not signed"):
        fetch.fetched(address)
    monkeypatch.setenv("LIQUIDITY_SIGNING_KEY", str(tmp_path / "desk"))
    assert send(home, address) == Sent(first.name, sent=0, copied=0, found=5, removed=0)
    assert fetch.fetched(address).current.readlink().name == first.name
    told = CliRunner().invoke(app, ["verify", "--from", address, "--signers", str(tmp_path / "other.signers")])
    assert told.exit_code == 1
    assert "SHA256SUMS.sig: SHA256SUMS is not what one of" in told.output
    assert "No principal matched" in told.output
    monkeypatch.setenv("LIQUIDITY_SIGNERS", str(tmp_path / "other.signers"))
    with pytest.raises(BucketError, match="is not what one of"):
        fetch.fetched(address)  # of the copy that is there
    second = generation(home.root, 2)
    monkeypatch.setenv("LIQUIDITY_SIGNING_KEY", str(tmp_path / "no_key"))
    with pytest.raises(WarehouseError, match="ssh-keygen -Y sign: "):
        send(home, address)
    assert Bucket.at(address).files(second.name) == {}


def test_kills_rivals_and_readers(server: Server, address: str, tmp_path: Path):
    """A quick part of `python -m tests.object_store 500 50 20000`, without kills of the server."""
    counts = object_store.campaign(server, tmp_path, kills=12, prefix=f"{tmp_path.name}")
    assert (counts.torn, counts.backwards, counts.lost) == ([], [], [])
    assert counts.kills >= 12
    assert min(counts.acknowledged, counts.reads) > 0


def test_what_the_server_acknowledged_is_there_after_its_kill(server: Server, address: str, tmp_path: Path):
    home = _home(tmp_path)
    made = generation(home.root, 1)
    send(home, address)
    server.kill()
    server.start()
    assert _bytes(fetch.fetched(address).current) == _bytes(made)


def test_the_readme_reads_a_file_where_it_is(
    address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    texts = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text("utf-8"), re.DOTALL)
    (code,) = [text for text in texts if "obstore" in text]
    readers = ("con.sql(", "polars.read_parquet(", "pandas.read_parquet(")
    assert [code.count(reader) for reader in readers] == [1, 1, 1]
    generation, place = "20261129T000000000001-0000", Bucket.at(address)
    with duckdb.connect() as con, TemporaryDirectory() as folder:
        made = Path(folder) / "made.parquet"
        con.sql("SELECT DATE '2025-10-31' AS effective_date, 4.22 AS sofr_pct").write_parquet(str(made))
        place.store.put(key(generation, "parquet/funding_stress_daily.parquet"), made)
    place.store.put(POINTER, Pointer(generation, True).to_json())
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    code = code.replace("bucket/prefix", f"{bucket}/{prefix}").replace('"bucket"', f'"{bucket}"')
    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")  # to be put back: the code sets it
    exec(code.replace('"prefix"', f'"{prefix}"'), {})
    assert capsys.readouterr().out.count("4.22") == len(readers)


def test_a_refresh_refuses_an_address_that_is_none_before_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path / "none"))
    told = CliRunner().invoke(app, ["refresh", "--sample", "--publish-to", "http://desk/prefix"])
    assert told.exit_code == 1
    assert "an address is s3://bucket/prefix" in told.output
    assert not (tmp_path / "none").exists()
