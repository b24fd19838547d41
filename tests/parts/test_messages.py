"""Runs of every origin are told: by the sensor (interface, schedule), by the command line, and those found dead."""

import json
import shutil
import subprocess
import sys

import dagster as dg
import pytest
from typer.testing import CliRunner

from ingest.calendars import utc_now
from orchestration import cli, job, messages
from orchestration.commands import refresh as refresh_command
from orchestration.instance import GONE
from orchestration.outer_faults import reasons_of
from orchestration.sensors import refresh_failed
from tests.conftest import REPOSITORY
from tests.receiver import Receiver
from warehouse import last_run
from warehouse.connection import Home, open_work
from warehouse.log import tables, unfinished
from warehouse.publication.alerts import outbox
from warehouse.space import NoSpaceError


@pytest.fixture
def home() -> Home:
    """The warehouse of LIQUIDITY_HOME, which is the test's own."""
    home = Home.locate()
    with open_work(home) as con:
        tables.create_tables(con, [])
    return home


@dg.op
def stumble() -> None:
    """Fails."""
    raise ValueError("no way")


@dg.job
def refresh() -> None:
    """A job that fails."""
    stumble()


@dg.resource
def roomless(_: dg.InitResourceContext) -> None:
    """As the warehouse of a run, which is held before the first step."""
    raise NoSpaceError("the disk has 1 MB free; free some space")


@dg.op(required_resource_keys={"warehouse"})
def never() -> None:
    """Does not begin."""


@dg.job(resource_defs={"warehouse": roomless})
def refused() -> None:
    """A job that cannot hold the warehouse."""
    never()


def test_reasons_of_a_run_that_could_not_hold_the_warehouse_are_those_of_its_error():
    with dg.DagsterInstance.ephemeral() as instance:
        result = refused.execute_in_process(instance=instance, raise_on_error=False)
        events = [entry.dagster_event for entry in instance.all_logs(result.run_id) if entry.dagster_event]
    assert reasons_of(events) == ["NoSpaceError: the disk has 1 MB free; free some space"]


def test_the_sensor_tells_a_failed_run_of_interface_or_schedule_once(home: Home, receiver: Receiver):
    with dg.DagsterInstance.ephemeral() as instance:
        result = refresh.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name="refresh_failed", dagster_instance=instance, dagster_run=result.dagster_run,
            dagster_event=result.get_run_failure_event(),
        ).for_run_failure()  # fmt: skip
        refresh_failed(context)
        messages.run_failed(home, result.run_id, ["step stumble failed"])  # as the command line would
    assert receiver.titles == ["refresh failed, 1 failure"]
    assert result.run_id in receiver.messages[0][1]
    assert "step stumble failed: ValueError: no way" in receiver.messages[0][1]
    assert last_run.read(home).failures == ["step stumble failed: ValueError: no way"]


def test_a_run_whose_process_is_gone_is_told_by_the_next_one_at_its_end(home: Home, receiver: Receiver):
    job.tell_dead(home, ["run1"])
    assert receiver.titles == []
    outbox.after_run(home, "run2", [], is_published=False)
    assert receiver.titles == ["refresh failed, 1 failure", "refresh works again"]
    assert GONE in receiver.messages[0][1]


def test_what_goes_wrong_with_messages_is_said_and_stops_nothing(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(messages, "unsaid", said := [])
    receiver.status = 500
    messages.run_failed(home, "run1", ["bad"])
    with open_work(home) as con:
        con.execute("DROP TABLE meta.outbox")
    messages.run_failed(home, "run2", ["bad"])
    assert len(said) == 2
    assert said[0].startswith("not told: receiver 1 (json) did not take the message")
    assert said[1].startswith("messages could not be made: CatalogException")


def _refresh(home: Home, error: BaseException | None, monkeypatch: pytest.MonkeyPatch) -> int:
    """`liquidity refresh` in which the run raises ``error``, or finds everything well."""

    def run(*_: object, **__: object) -> job.Ran:
        if error:
            raise error
        outbox.after_run(home, "well", [], is_published=False)
        return job.Ran(True, False, True, "well")

    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setattr(refresh_command, "run_job", run)
    monkeypatch.setattr(refresh_command, "summary", lambda *_: False)
    return CliRunner().invoke(cli.app, ["refresh", "--wait", "0"]).exit_code


def test_a_refresh_that_is_stopped_with_ctrl_c_is_told_and_so_is_the_next_good_one(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    assert _refresh(home, KeyboardInterrupt(), monkeypatch) == 130
    assert receiver.titles == ["refresh failed, 1 failure"]
    assert "stopped with Ctrl-C" in receiver.messages[0][1]
    assert _refresh(home, None, monkeypatch) == 0
    assert receiver.titles[1:] == ["refresh works again"]


@pytest.mark.parametrize("is_full", [True, False], ids=["no room", "a fault of the program"])
def test_a_refresh_that_fails_before_it_has_a_run_is_told_and_stays_in_status(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, is_full: bool
):
    with monkeypatch.context() as patch:
        if is_full:
            patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 0))
        assert _refresh(home, KeyError("gone"), patch) == 1
    why = "NoSpaceError: the disk of" if is_full else "KeyError: 'gone'"
    assert receiver.titles == ["refresh failed, 1 failure"]
    assert why in receiver.messages[0][1]
    said = CliRunner().invoke(cli.app, ["status", "--format", "json"])
    state = json.loads(said.stdout)
    assert (said.exit_code, state["is_well"], state["generation"]) == (1, False, None)
    assert state["failures"][0].startswith(why)
    assert _refresh(home, None, monkeypatch) == 0
    assert receiver.titles[1:] == ["refresh works again"]


def test_an_intake_that_was_killed_before_dagster_knew_of_it_is_told_once(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    with open_work(home) as con:
        unfinished.begin(con, "killed", ["kraken.daily_candles", "frb.h41"], utc_now(), full=True)
    assert _refresh(home, None, monkeypatch) == 0
    assert receiver.titles == ["refresh failed, 1 failure", "refresh works again"]
    assert "RUN killed FAILED" in receiver.messages[0][1]
    assert GONE in receiver.messages[0][1]
    assert _refresh(home, None, monkeypatch) == 0
    assert len(receiver.titles) == 2


def test_an_intake_stopped_with_ctrl_c_is_told_once_under_its_own_name(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    with open_work(home) as con:
        unfinished.begin(con, "stopped", ["frb.h41"], utc_now(), full=True)
    monkeypatch.setattr(refresh_command, "tell_dead", lambda *_: None)
    monkeypatch.setattr(refresh_command.uuid, "uuid4", lambda: "stopped")
    assert _refresh(home, KeyboardInterrupt(), monkeypatch) == 130
    monkeypatch.undo()
    assert "RUN stopped FAILED" in receiver.messages[0][1]


HOLDS = """
import sys, time
from pathlib import Path
from warehouse import lock
from warehouse.connection import Home
with lock.hold(Home(Path(sys.argv[1])), "refresh"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_refresh_that_gives_up_waiting_is_told_by_the_one_that_it_waited_for(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outbox, "_PATIENCE", 0.1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(home.root)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        assert _refresh(home, None, monkeypatch) == 1
    finally:
        holder.communicate("\n")
    assert receiver.titles == []
    outbox.after_run(home, "holder", [], is_published=False)
    assert receiver.titles[0] == "refresh failed, 1 failure"
    assert f"is held by the refresh (process {holder.pid}, since" in receiver.messages[0][1]
