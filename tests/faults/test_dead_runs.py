"""A refresh is killed, or a run of the web interface or a schedule is cut short with all else; the next one goes on.

The daemon, its queue, its monitoring and the run's own process are Dagster's; their job is a small one that holds the
warehouse as every run does.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from orchestration import instance as own
from orchestration.commands import status
from tests.conftest import REPOSITORY
from tests.receiver import Receiver
from warehouse import in_progress, lock
from warehouse.connection import Home, open_work
from warehouse.log import unfinished
from warehouse.publication.alerts import outbox

# Says that it runs, then waits until it is told to go on: both pipes are opened by the test.
_JOB = """
import os
import dagster as dg
from orchestration.resources import Warehouse

@dg.op
def work(warehouse: Warehouse):
    with open(os.environ["SAYS"], "w") as says:
        says.write("running\\n")
    with open(os.environ["TOLD"]) as told:
        told.read()

@dg.job(resource_defs={"warehouse": Warehouse()}, executor_def=dg.in_process_executor)
def refresh():
    work()
"""

# A refresh that is killed when its fetch is whole and Dagster does not know of it yet.
_KILLED_EARLY = """
import os, signal, sys
from orchestration import cli
from orchestration.commands import refresh

def die(home, keys, *, run_id, **_):
    from orchestration import raw_assets
    raw_assets.early[run_id].result()
    os.kill(os.getpid(), signal.SIGKILL)

refresh.run_job = die
sys.argv = ["liquidity", "refresh", "--sample", "--select", "kraken"]
cli.main()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setattr(own, "POLL_SECONDS", 1)
    for name in ("says", "told"):
        os.mkfifo(tmp_path / name)
        monkeypatch.setenv(name.upper(), str(tmp_path / name))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    (tmp_path / "job.py").write_text(_JOB, "utf-8")
    home = Home.locate()
    own.prepare(home)
    return home


def _dagster(tmp_path: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=tmp_path, start_new_session=True,
        stdout=(tmp_path / "log").open("a"), stderr=subprocess.STDOUT,
    )  # fmt: skip


def _launch(tmp_path: Path, tags: str) -> None:
    launcher = _dagster(tmp_path, "dagster", "job", "launch", "-f", "job.py", "-j", "refresh", "--tags", tags)
    assert launcher.wait(120) == 0, (tmp_path / "log").read_text()


def _read(path: Path, seconds: float) -> str | None:
    """What a run says once it runs; None when it does not come to that."""
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(path.read_text("utf-8")), daemon=True)
    thread.start()
    thread.join(seconds)
    return got[0] if got else None


@pytest.mark.slow
def test_after_a_kill_of_everything_the_next_run_of_a_schedule_goes_through(home: Home, tmp_path: Path):
    log = tmp_path / "log"
    daemon = _dagster(tmp_path, "dagster._daemon", "run", "-f", "job.py")
    try:
        _launch(tmp_path, '{"from": "the web interface"}')
        assert _read(tmp_path / "says", 120) == "running\n", log.read_text()
        with dg.DagsterInstance.get() as instance:
            (killed,) = instance.get_runs()
            assert killed.status is dg.DagsterRunStatus.STARTED
            os.kill(int(killed.tags["liquidity/process"]), signal.SIGKILL)
            os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()
            assert instance.get_run_by_id(killed.run_id).status is dg.DagsterRunStatus.STARTED  # as after a power cut
            daemon = _dagster(tmp_path, "dagster._daemon", "run", "-f", "job.py")
            _launch(tmp_path, '{"dagster/schedule_name": "nightly_refresh"}')
            assert _read(tmp_path / "says", 120) == "running\n", log.read_text()
            assert instance.get_run_by_id(killed.run_id).status is dg.DagsterRunStatus.FAILURE
            (tmp_path / "told").write_text("go on")
            following = next(run for run in instance.get_runs() if run.run_id != killed.run_id)
            deadline = time.monotonic() + 60
            while not instance.get_run_by_id(following.run_id).is_finished and time.monotonic() < deadline:
                time.sleep(0.2)
            assert instance.get_run_by_id(following.run_id).status is dg.DagsterRunStatus.SUCCESS, log.read_text()
    finally:
        if daemon.poll() is None:
            os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()


@pytest.mark.slow
def test_a_killed_refresh_is_buried_when_the_next_command_or_the_interface_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: Callable[[Home], Home]
):
    for name in ("LIQUIDITY_SAMPLE", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")  # `prepare` sets them, and they are to go afterwards
    home = compiled(Home.locate(is_simulated=True))
    own.prepare(home)
    with dg.DagsterInstance.get() as instance:
        refresh = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "refresh", "--sample", "--select", "kraken"], cwd=REPOSITORY,
            stdout=(tmp_path / "log").open("a"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            while not any(
                "liquidity/process" in run.tags for run in instance.get_runs()
            ):  # it has its mark at that time
                assert refresh.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.1)
        finally:
            refresh.kill()
            refresh.wait()
        (killed,) = instance.get_runs()
        assert killed.status is dg.DagsterRunStatus.STARTED
        own.prepare(home)
        (killed,) = instance.get_runs()
        assert killed.status is dg.DagsterRunStatus.FAILURE
    assert lock.holder(home) is None


@pytest.mark.slow
def test_a_refresh_that_is_killed_after_its_fetch_and_before_dagster_knows_is_seen_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: Callable[[Home], Home], receiver: Receiver
):
    for name in ("LIQUIDITY_SAMPLE", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    home = compiled(Home.locate(is_simulated=True))
    with (tmp_path / "log").open("a") as log:
        ended = subprocess.run(
            [sys.executable, "-c", _KILLED_EARLY], cwd=REPOSITORY, stdout=log, stderr=log, timeout=300, check=False
        )
    assert ended.returncode == -signal.SIGKILL, (tmp_path / "log").read_text()
    assert own.prepare(home) == []
    with dg.DagsterInstance.get() as instance:
        assert instance.get_runs() == []
    assert unfinished.runs(home) == []
    with open_work(home) as con:
        ((run_id, rows),) = con.execute("SELECT run_id, sum(rows_new) FROM meta.load GROUP BY 1").fetchall()
    assert rows > 700
    assert [run for run, _ in in_progress.others(home)] == [run_id]
    assert len(status._killed(home)) == 1
    outbox.after_run(home, "the next run", [], is_published=False)
    assert receiver.titles == ["SIMULATED: refresh failed, 1 failure", "SIMULATED: refresh works again"]
    assert f"RUN {run_id} FAILED" in receiver.messages[0][1]
    assert status._killed(home) == []
