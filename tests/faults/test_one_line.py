"""Faults from outside: every command answers with one line, cause and need, exit code 1 and no traceback."""

import contextlib
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.catalog import Request
from ingest.collect import Batch
from ingest.providers import DATASETS
from orchestration import cli, console
from orchestration.commands import reading, status
from tests.conftest import REPOSITORY
from tests.faults.disks import CannotMountError, Disk, small_disk
from warehouse import lock, space
from warehouse.connection import Home
from warehouse.log import store, tables
from warehouse.space import MARGIN_BYTES, MB, NoSpaceError, need_bytes

WRITERS = (["refresh"], ["build"], ["replay"], ["as-of", "2025-11-04"], ["load", "fred.observations", __file__])
READERS = (["status"], ["sql", "SELECT 1"], ["verify"], ["report", "--path"], ["trace", "m", "--where", "x"])

Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The console command in this process: exit code, and the lines on both streams."""

    def command(*arguments: str) -> tuple[int, list[str]]:
        monkeypatch.setattr(sys, "argv", ["liquidity", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capfd.readouterr()
        return int(ended.value.code or 0), (printed.out + printed.err).splitlines()

    return command


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    try:
        with small_disk(tmp_path / "disk", 4) as mounted:
            yield mounted
    except CannotMountError as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("arguments", [*WRITERS, ["ui"]], ids=lambda arguments: arguments[0])
@pytest.mark.parametrize("wrong", ["a file", "/proc/x", "too long"])
def test_home_that_cannot_be_one(
    wrong: str, arguments: list[str], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "file"
    file.touch()
    home = {"a file": str(file), "too long": str(tmp_path / ("x" * 300))}.get(wrong, wrong)
    monkeypatch.setenv("LIQUIDITY_HOME", home)
    if arguments == ["ui"] and wrong == "a file":
        monkeypatch.setattr(subprocess, "call", lambda command: pytest.fail("it started"))
    code, (line,) = run(*arguments)
    assert code == 1
    assert home in line
    assert "LIQUIDITY_HOME must name a folder" in line


@pytest.mark.parametrize("arguments", READERS, ids=lambda arguments: arguments[0])
def test_reading_from_a_home_that_is_a_file(
    arguments: list[str], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path / "file"))
    code, (line,) = run(*arguments)
    assert code == 1
    assert line.startswith("NotPublishedError: nothing is published in")


@pytest.mark.parametrize("arguments", WRITERS, ids=lambda arguments: arguments[0])
def test_read_only_disk(arguments: list[str], run: Run, disk: Disk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIQUIDITY_HOME", str(disk.folder))
    disk.remount("ro")
    code, (line,) = run(*arguments)
    assert code == 1
    assert "Read-only file system" in line
    assert "must be writable" in line


@pytest.mark.parametrize("arguments", WRITERS, ids=lambda arguments: arguments[0])
def test_full_disk_is_said_before_anything_is_written(
    arguments: list[str], run: Run, disk: Disk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LIQUIDITY_HOME", str(disk.folder))
    code, (line,) = run(*arguments)
    assert code == 1
    assert line == (
        f"NoSpaceError: the disk of {disk.folder} has 4 MB free and this may need 300 MB; free some space, or set "
        "LIQUIDITY_HOME to a folder on another disk. Nothing was changed"
    )
    noted = {"last_run.json", "untold"} if arguments == ["refresh"] else set()  # for `status` and the next message
    assert {path.name for path in disk.folder.iterdir()} == {".lock"} | noted


def test_on_a_disk_that_is_full_to_the_last_byte_room_can_be_made_and_status_says_so(
    run: Run, disk: Disk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LIQUIDITY_HOME", str(disk.folder))
    with (disk.folder / "big").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    assert shutil.disk_usage(disk.folder).free == 0
    assert run("as-of", "--prune", "--keep", "1") == (0, ["nothing to remove"])
    code, lines = run("refresh")
    assert (code, len(lines)) == (1, 1)
    code, lines = run("status")
    assert code == 1
    assert lines[-1].startswith(f"no room the disk of {disk.folder} has 0 MB free")


@pytest.mark.parametrize("command", ["refresh", "build"])
def test_no_rights(command: str, tmp_path: Path):
    if os.name == "nt":
        pytest.skip("no rights of this kind")
    folder = tmp_path / "home"
    folder.mkdir(mode=0o500)
    # Root gives its rights up when everything is imported: nobody may not read the interpreter of every machine.
    program = (
        "import os, sys; from orchestration import cli; home = os.environ.pop('LIQUIDITY_HOME')\n"
        "os.environ['LIQUIDITY_HOME'] = '/proc/x'; cli.app(sys.argv[1:], standalone_mode=False)\n"
        "os.environ['LIQUIDITY_HOME'] = home\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, command],
        cwd=REPOSITORY, env={**os.environ, "LIQUIDITY_HOME": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    (_elsewhere, line) = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 1
    assert line.startswith("PermissionError: [Errno 13] Permission denied")
    assert "needs the right to write there" in line


FAULTS = {
    "disk full": (duckdb.IOException("IO Error: Could not write file: No space left on device"), "free some space"),
    "disk full in Dagster": (sqlite3.OperationalError("database or disk is full"), "free some space"),
    "disk full, as SQLite says": (sqlite3.OperationalError("disk I/O error"), "free some space"),
    "damaged": (duckdb.IOException("IO Error: x is not a valid DuckDB database file!"), "liquidity restore"),
    "memory": (duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate"), "more memory"),
    "fatal": (duckdb.FatalException("FATAL Error: database has been invalidated"), "FATAL"),
    "no memory": (MemoryError(), "more memory"),
    "broken disk": (OSError(5, "Input/output error", "/x/liquidity.duckdb"), "/x/liquidity.duckdb"),
}


def _raising(error: BaseException) -> Callable[..., None]:
    def raises(*_: object, **__: object) -> None:
        raise error

    return raises


@pytest.mark.parametrize("name", FAULTS)
def test_fault_of_the_machine_in_a_reading_command(name: str, run: Run, monkeypatch: pytest.MonkeyPatch):
    error, need = FAULTS[name]
    monkeypatch.setattr(reading, "source_of", _raising(error))
    code, (line,) = run("sql", "SELECT 1")
    assert code == 1
    assert line.startswith(f"{type(error).__name__}: ")
    assert need in line


def test_innermost_cause_is_told(run: Run, monkeypatch: pytest.MonkeyPatch):
    def buried(*_: object) -> None:
        try:
            try:
                raise OSError(28, "No space left on device", "/x/file")
            except OSError:
                raise duckdb.TransactionException("cannot rollback - no transaction is active")  # noqa: B904
        except duckdb.Error as error:
            raise RuntimeError("the run failed") from error

    monkeypatch.setattr(status, "reading_home", buried)
    code, (line,) = run("status")
    assert (code, line) == (
        1, "OSError: [Errno 28] No space left on device: '/x/file'; free some space on that disk and run it again; "
        "what was published stays as it was",
    )  # fmt: skip


class _FullDisk:
    """A connection whose disk fills up at the last statement of a load; DuckDB has then ended the transaction."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def execute(self, query: str, *parameters: Any) -> Any:
        if query == "COMMIT":
            self._con.execute("ROLLBACK")
            raise duckdb.IOException("IO Error: Could not write file: No space left on device")
        return self._con.execute(query, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def test_failing_rollback_does_not_hide_the_full_disk():
    dataset = DATASETS["kraken.daily_candles"]
    batch = Batch(dataset.id, Request("https://api.kraken.com/x"), (), datetime(2026, 11, 25), is_unchanged=True)
    with duckdb.connect() as con:
        tables.create_tables(con, [dataset])
        with pytest.raises(duckdb.IOException, match="No space left on device"):
            store.load(_FullDisk(con), dataset, batch, run_id="x")  # type: ignore[arg-type]
        assert con.execute("SELECT count(*) FROM meta.load").fetchone() == (0,)


def test_damaged_published_database(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path))
    (tmp_path / "generations/1").mkdir(parents=True)
    (tmp_path / "generations/1/liquidity.duckdb").write_bytes(b"\x07" * 20_000)
    (tmp_path / "current").symlink_to("generations/1")
    for arguments in (["status"], ["sql", "SELECT 1"]):
        code, (line,) = run(*arguments)
        assert code == 1
        assert "liquidity.duckdb" in line


def test_stopped_by_its_user(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(status, "reading_home", _raising(KeyboardInterrupt()))
    assert run("status") == (130, ["stopped; what was published stays as it was"])


def test_fault_of_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(status, "reading_home", _raising(KeyError("x")))
    monkeypatch.setattr(sys, "argv", ["liquidity", "status"])
    with pytest.raises(KeyError):
        cli.main()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_terminal_without_our_letters(encoding: str, monkeypatch: pytest.MonkeyPatch):
    bare = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", bare)
    monkeypatch.setattr(sys, "argv", ["liquidity", "status"])
    monkeypatch.setattr(status, "reading_home", lambda _: console.out.print("rate – spread"))
    monkeypatch.setattr(status, "open_published", _raising(KeyboardInterrupt()))
    with pytest.raises(SystemExit):
        cli.main()
    bare.flush()
    assert bare.buffer.getvalue() == b"rate \\u2013 spread\n"


def test_need_is_one_more_generation_and_work_file(tmp_path: Path):
    home = Home(tmp_path)
    assert need_bytes(home) == space.FIRST_BYTES
    for path, size in (("generations/1/a", 900), ("generations/2/x/b", 30), ("generations/.building-3/c", 7_000),
                       ("work/liquidity.duckdb", 500)):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x" * size)
    assert need_bytes(home) == 30 + 500 + MARGIN_BYTES


def test_lock_asks_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = Home(tmp_path / "home")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - MB, MB))
    with pytest.raises(NoSpaceError, match="has 1 MB free and this may need 300 MB"), lock.hold(home, "build"):
        pytest.fail("it began")
    assert lock.holder(home) is None
    with lock.hold(home, "removal of past states", needs_room=False):  # it makes room
        assert lock.holder(home) is not None
