"""The lock of a whole warehouse: one process at a time, named, freed by the kernel."""

import os
import signal
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration import cli
from warehouse import lock
from warehouse.connection import Home, WarehouseBusyError
from warehouse.log import intake
from warehouse.models import build
from warehouse.publication import publish
from warehouse.upkeep import rebuild

_HOLD = (
    "import sys, time; from pathlib import Path; from warehouse import lock; from warehouse.connection import Home\n"
    "with lock.hold(Home(Path(sys.argv[1])), 'refresh'):\n"
    "    print('held', flush=True); sys.stdin.readline()\n"
)


def _other(root: Path) -> subprocess.Popen[str]:
    """Another process that holds the warehouse until it reads a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "held"
    return process


def test_second_is_told_who_holds_it_and_leaves(tmp_path: Path):
    home = Home(tmp_path)
    other = _other(tmp_path)
    told: list[str] = []
    try:
        with (
            pytest.raises(WarehouseBusyError, match=rf"refresh \(process {other.pid}, since 20"),
            lock.hold(home, "build", wait_seconds=0.3, on_wait=told.append),
        ):
            pytest.fail("two hold it at once")
        assert told == [f"waiting for the {lock.holder(home)}"]
    finally:
        other.kill()
        other.wait()


def test_second_waits_and_goes_in(tmp_path: Path):
    home = Home(tmp_path)
    other = _other(tmp_path)
    threading.Timer(0.3, lambda: other.communicate("go\n")).start()
    with lock.hold(home, "build", wait_seconds=20):
        assert lock.holder(home).pid == os.getpid()
        assert lock.holder(home).doing == "build"
    assert lock.holder(home) is None


def test_killed_holder_leaves_it_free(tmp_path: Path):
    other = _other(tmp_path)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert lock.holder(Home(tmp_path)) is None
    with lock.hold(Home(tmp_path), "build", wait_seconds=0):
        pass


def test_steps_of_one_process_go_straight_in_from_any_thread(tmp_path: Path):
    home, seen = Home(tmp_path), []

    def step() -> None:
        with lock.hold(home, "dbt", wait_seconds=0):
            seen.append(lock.holder(home).doing)

    with lock.hold(home, "refresh"):
        thread = threading.Thread(target=step)
        thread.start()
        thread.join()
        assert lock.holder(home).doing == "refresh"
    assert seen == ["refresh"]
    assert lock.holder(home) is None


def test_whatever_changes_a_warehouse_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Held(Exception):
        pass

    def hold(home: Home, doing: str, **_: object) -> None:
        raise Held(doing)

    monkeypatch.setattr(lock, "hold", hold)
    home = Home(tmp_path)
    for change in (
        lambda: intake.take_in(home, [], run_id="r"),
        lambda: intake.take_files(home, "nyfed.soma_summary", [], run_id="r"),
        lambda: build.build(home, run_id="r"),
        lambda: build.check(home, run_id="r", selection=[]),
        lambda: publish.publish(home),
        lambda: rebuild.as_of(home, datetime(2026, 1, 1)),
        lambda: rebuild.replay(home),
    ):
        with pytest.raises(Held):
            change()


@pytest.mark.parametrize("command", [["refresh"], ["build"], ["replay"], ["as-of", "2025-11-04"]])
def test_second_command_leaves_with_one_line(command: list[str], tmp_path: Path):
    other = _other(tmp_path / "sample")
    try:
        result = CliRunner().invoke(
            cli.app, [*command, "--sample", "--wait", "0"], env={"LIQUIDITY_HOME": str(tmp_path)}
        )
    finally:
        other.kill()
        other.wait()
    assert result.exit_code == 1
    assert f"is held by the refresh (process {other.pid}, since" in result.stderr
    assert "published" not in result.output
    assert not (tmp_path / "sample" / "work").exists()
