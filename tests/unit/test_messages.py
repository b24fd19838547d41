"""Runs of every origin are told: by the sensor (interface, schedule), by the command line, and those found dead."""

from __future__ import annotations

import dagster as dg
import pytest

from orchestration import cli, messages
from orchestration.instance import GONE
from orchestration.sensors import FAILURE_FILE, refresh_failed
from tests.receiver import Receiver
from warehouse import store
from warehouse.connection import Home, open_work


@pytest.fixture
def home() -> Home:
    """The warehouse of LIQUIDITY_HOME, which is the test's own."""
    home = Home.locate()
    with open_work(home) as con:
        store.create_tables(con, [])
    return home


@dg.op
def stumble() -> None:
    """Fails."""
    raise ValueError("no way")


@dg.job
def refresh() -> None:
    """A job that fails."""
    stumble()


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
    assert (home.root / FAILURE_FILE).read_text("utf-8").startswith(f"run {result.run_id} failed")


def test_a_run_whose_process_is_gone_is_told_by_the_next_command(home: Home, receiver: Receiver):
    cli._tell_dead(home, ["run1"])
    cli._tell_dead(home, [])
    assert receiver.titles == ["refresh failed, 1 failure"]
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
