"""The archive of raw bodies."""

import hashlib
import os
import subprocess
import threading

import pytest

from ingest.errors import UnreadableBodyError
from ingest.payloads import Archive

BODY = b'{"rows": [1, 2, 3]}' * 50


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "payloads")


def test_a_body_comes_back_under_its_sha256(archive):
    payload_id = archive.put(BODY)
    assert payload_id == hashlib.sha256(BODY).hexdigest()
    assert payload_id in archive
    assert archive.get(payload_id) == BODY
    assert archive.path(payload_id) == archive.folder / payload_id[:2] / f"{payload_id}.gz"


def test_zcat_reads_it(archive):
    path = archive.path(archive.put(BODY))
    assert subprocess.run(["gzip", "-dc", str(path)], capture_output=True, check=True).stdout == BODY


def test_the_file_does_not_depend_on_the_time(tmp_path, monkeypatch):
    files = []
    for folder, moment in (("a", 1_000.0), ("b", 2_000_000_000.0)):
        monkeypatch.setattr("time.time", lambda moment=moment: moment)
        archive = Archive(tmp_path / folder)
        files.append(archive.path(archive.put(BODY)).read_bytes())
    assert files[0] == files[1]


def test_a_second_put_writes_nothing(archive):
    path = archive.path(archive.put(BODY))
    before = path.stat().st_mtime_ns, path.stat().st_ino
    archive.put(BODY)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_an_empty_body_is_a_body(archive):
    assert archive.get(archive.put(b"")) == b""


@pytest.mark.parametrize("position", [0, 12, -20, -1])
def test_a_flipped_byte_is_named(archive, position):
    payload_id = archive.put(os.urandom(500))
    path = archive.path(payload_id)
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UnreadableBodyError, match=r"damaged|do not match") as caught:
        archive.get(payload_id)
    assert caught.value.payload_id == payload_id


def test_another_body_under_the_name_is_named(archive):
    payload_id, other = archive.put(BODY), archive.put(b"something else")
    archive.path(payload_id).write_bytes(archive.path(other).read_bytes())
    with pytest.raises(UnreadableBodyError, match="do not match"):
        archive.get(payload_id)


@pytest.mark.parametrize("left", [b"", b"\x1f\x8b\x08"])
def test_put_repairs_what_a_crash_left(archive, left):
    path = archive.path(archive.put(BODY))
    path.write_bytes(left)
    archive.put(BODY)
    assert archive.get(hashlib.sha256(BODY).hexdigest()) == BODY


def test_a_missing_payload_is_named(archive):
    with pytest.raises(UnreadableBodyError, match="not in the archive"):
        archive.get("0" * 64)
    assert "0" * 64 not in archive


@pytest.mark.parametrize("payload_id", ["", "abc", "../" * 22, "A" * 64, "0" * 63 + "\n"])
def test_only_a_sha256_names_a_file(archive, payload_id):
    assert payload_id not in archive
    with pytest.raises(ValueError, match="not a payload id"):
        archive.path(payload_id)


def test_many_threads_may_put_the_same_body(archive):
    bodies = [bytes([n]) * 20_000 for n in range(4)] * 8
    barrier = threading.Barrier(8)
    errors = []

    def put(mine):
        try:
            barrier.wait()
            for body in mine:
                archive.put(body)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=put, args=(bodies[n:] + bodies[:n],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    files = [path for path in archive.folder.rglob("*") if path.is_file()]
    assert len(files) == 4
    assert all(archive.get(path.name.removesuffix(".gz")) for path in files)


def test_a_full_disk_leaves_nothing_half_written(archive, monkeypatch):
    def fail(handle):
        raise OSError(28, "No space left on device")

    archive.path(hashlib.sha256(BODY).hexdigest()).parent.mkdir(parents=True)
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        archive.put(BODY)
    assert [path for path in archive.folder.rglob("*") if path.is_file()] == []


def test_the_body_is_on_disk_before_it_has_its_name(archive, monkeypatch):
    archive.put(b"x")  # the archive's folder is there
    calls = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr("os.fsync", lambda handle: (calls.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr("os.replace", lambda a, b: (calls.append("replace"), replace(a, b))[1])
    archive.put(BODY)
    assert calls[-3:] == ["fsync", "replace", "fsync"]
