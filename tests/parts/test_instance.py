"""The warehouse's own Dagster instance: runs whose process is gone, folders that move, odd names."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.launcher import WorkerStatus
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, ScheduleInstigatorData
from dagster._core.test_utils import create_run_for_test

from orchestration import instance as own
from orchestration import schedules
from orchestration.asset_facts import numbered
from orchestration.event_log import EventLog
from tests.conftest import REPOSITORY
from warehouse.connection import Home

# What a run does first, in a separate process.
_RUN = (
    "import sys; import dagster as dg; from orchestration.instance import mark\n"
    "with dg.DagsterInstance.get() as instance:\n"
    "    [mark(instance, run) for run in sys.argv[1:]]; print('marked', flush=True); sys.stdin.readline()\n"
)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    for name in ("DAGSTER_HOME", own.SAMPLE_VARIABLE):
        monkeypatch.setenv(name, "")  # so that what prepare() sets goes with the test
    own.prepare(Home(tmp_path / "home", is_simulated=True))
    with dg.DagsterInstance.get() as found:
        yield found


def test_killed_runs_are_buried_by_command_and_monitoring_and_living_ones_are_not(instance: dg.DagsterInstance):
    runs = [create_run_for_test(instance, job_name="refresh", status=status) for status in own.IN_PROGRESS]
    ids = [run.run_id for run in runs]
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, *ids], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    try:
        assert process.stdout.readline().strip() == "marked"
        assert own.bury(instance) == []
        health = {instance.run_launcher.check_run_worker_health(run).status for run in runs}
        assert health == {WorkerStatus.RUNNING}
    finally:
        process.kill()
        process.communicate()
    health = {instance.run_launcher.check_run_worker_health(run).status for run in runs}
    assert health == {WorkerStatus.NOT_FOUND}
    assert instance.run_launcher.supports_check_run_worker_health
    assert sorted(own.bury(instance)) == sorted(ids)
    assert {instance.get_run_by_id(run_id).status for run_id in ids} == {dg.DagsterRunStatus.FAILURE}
    assert list((Path(instance.root_directory) / "running").iterdir()) == []


def test_run_that_never_came_to_its_mark_is_buried_after_a_while(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    run = create_run_for_test(instance, job_name="refresh", status=dg.DagsterRunStatus.STARTING)
    assert own.bury(instance) == []  # its process may still be importing
    monkeypatch.setattr(own, "START_SECONDS", -1)
    assert own.bury(instance) == [run.run_id]


def test_run_that_ended_while_we_looked_is_left_alone(instance: dg.DagsterInstance):
    run = create_run_for_test(instance, job_name="refresh", status=dg.DagsterRunStatus.STARTED)
    record = instance.get_run_record_by_id(run.run_id)
    (Path(instance.root_directory) / "running").mkdir()
    (Path(instance.root_directory) / "running" / run.run_id).touch()
    assert own.is_dead(instance, record)
    instance.report_run_canceled(run)
    assert not own.is_dead(instance, record)
    assert own.bury(instance) == []


def test_settings_name_no_place_and_are_put_right_at_every_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGSTER_HOME", "")
    home = Home(tmp_path / "home")
    own.prepare(home)
    with dg.DagsterInstance.get() as found:
        create_run_for_test(found, job_name="refresh", status=dg.DagsterRunStatus.SUCCESS)
        found.report_engine_event("kept", run_id="r", job_name="refresh")
    (home.dagster / "events").mkdir()  # as version 0.1 left it
    for path in home.dagster.glob("event_log.db*"):
        path.rename(home.dagster / "events" / path.name)
    (home.dagster / "dagster.yaml").write_text("event_log_storage: {base_dir: /elsewhere}", "utf-8")
    home.root.rename(tmp_path / "moved")
    moved = Home(tmp_path / "moved")
    own.prepare(moved)
    assert str(tmp_path) not in (moved.dagster / "dagster.yaml").read_text("utf-8")
    with dg.DagsterInstance.get() as found:
        assert found.all_logs("r")[0].message == "kept"
        assert found.run_monitoring_enabled
    assert not home.root.exists()


# Of the last three each would do harm alone: a link stands in for such a path, and would hide the others.
ODD_NAMES = ["a: b 'quo\"te` ümlaut {{ x }} $HOME \\", "x #1", "p%41", "[1]"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_folder_of_any_name_holds_its_own_record(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGSTER_HOME", "")
    home = Home(tmp_path / name)
    own.prepare(home)
    with dg.DagsterInstance.get() as found:
        create_run_for_test(found, job_name="refresh", status=dg.DagsterRunStatus.STARTED)
        assert isinstance(found.run_launcher, own.Launcher)  # its settings were found
    databases = {str(path.relative_to(home.dagster)) for path in home.dagster.rglob("*.db")}
    assert databases == {"event_log.db", "history/runs.db", "schedules/schedules.db"}
    assert [path.name for path in tmp_path.iterdir()] == [name]  # and nothing next to it


NOW = datetime(2026, 11, 25, 18, 0)  # a Wednesday, 13:00 in New York


def _launched(instance: dg.DagsterInstance, schedule: str, status: dg.DagsterRunStatus, days_ago: float) -> None:
    created = (NOW - timedelta(days=days_ago)).replace(tzinfo=UTC)
    run = create_run_for_test(instance, job_name="refresh", tags={"dagster/schedule_name": schedule}, status=status)
    with instance.run_storage.connect() as con:
        con.execute(
            sqlalchemy.text("UPDATE runs SET create_timestamp = :at WHERE run_id = :id"),
            {"at": f"{created:%Y-%m-%d %H:%M:%S}", "id": run.run_id},
        )


@pytest.mark.parametrize(
    ("refreshed_at", "due"),
    [
        (datetime(2026, 11, 25, 14, 40), None),  # after 09:30 in New York
        (datetime(2026, 11, 25, 1, 10), "morning_refresh was due 2026-11-25 09:30 New York time"),
        (None, "morning_refresh was due 2026-11-25 09:30 New York time"),
    ],
)
def test_status_says_that_the_schedules_are_behind(
    instance: dg.DagsterInstance, refreshed_at: datetime | None, due: str | None
):
    for name in ("nightly_refresh", "morning_refresh"):
        _launched(instance, name, dg.DagsterRunStatus.STARTED, days_ago=2)
    line = schedules.missed(instance, refreshed_at, NOW)
    assert (line is None) == (due is None)
    if due:
        assert line.startswith(due)
    early = datetime(2026, 11, 25, 15, 0)  # half an hour after the morning's: not yet
    assert schedules.missed(instance, datetime(2026, 11, 25, 1, 10), early) is None


def test_whoever_refreshes_by_hand_is_not_told_of_schedules(instance: dg.DagsterInstance):
    long_ago = NOW - timedelta(days=4)
    create_run_for_test(instance, job_name="refresh", status=dg.DagsterRunStatus.SUCCESS)
    assert schedules.missed(instance, long_ago, NOW) is None
    _launched(instance, "nightly_refresh", dg.DagsterRunStatus.SUCCESS, days_ago=8)
    assert schedules.missed(instance, long_ago, NOW) is None
    _launched(instance, "nightly_refresh", dg.DagsterRunStatus.SUCCESS, days_ago=4)
    assert schedules.missed(instance, long_ago, NOW).startswith("nightly_refresh was due 2026-11-24 20:00")
    place = RegisteredCodeLocationOrigin("dollar-liquidity")
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(place, "__repository__"), "nightly_refresh")
    off = InstigatorState(
        origin, InstigatorType.SCHEDULE, InstigatorStatus.STOPPED, ScheduleInstigatorData("0 20 * * *")
    )
    instance.add_instigator_state(off)
    assert schedules.missed(instance, long_ago, NOW) is None


def test_looking_into_a_record_leaves_the_settings_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGSTER_HOME", "")
    home = Home(tmp_path / "home")
    with own.look_into(home) as found:
        assert found is None
    assert not home.root.exists()
    own.prepare(home)
    elsewhere = f"event_log_storage: {{module: x, class: y, config: {{base_dir: {tmp_path / 'elsewhere'}}}}}"
    (home.dagster / "dagster.yaml").write_text(elsewhere, "utf-8")
    with own.look_into(home) as found:
        assert found.get_run_ids() == []
        assert found.all_logs("nothing") == []
    assert (home.dagster / "dagster.yaml").read_text("utf-8") == elsewhere
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_a_run_of_the_command_line_has_an_origin_as_timeline_and_jobs_want_it(instance: dg.DagsterInstance):
    home = Home(Path(instance.root_directory).parent, is_simulated=True)
    run = create_run_for_test(instance, job_name="refresh", status=dg.DagsterRunStatus.STARTED)
    instance.add_run_tags(run.run_id, {"liquidity/warehouse": "sample"})
    own.adopt(instance, run.run_id, home)
    label = {".dagster/repository": "__repository__@dollar-liquidity (SIMULATED)"}
    assert instance.get_run_ids(dg.RunsFilter(tags=label)) == [run.run_id]
    found = instance.get_run_by_id(run.run_id)
    assert found.remote_job_origin.repository_origin.code_location_origin.location_name == own.location_name(home)
    assert found.tags["liquidity/warehouse"] == "sample"
    assert found.status is dg.DagsterRunStatus.STARTED
    part = create_run_for_test(instance, job_name="__ASSET_JOB", status=dg.DagsterRunStatus.STARTED)
    own.adopt(instance, part.run_id, home)
    assert instance.get_run_by_id(part.run_id).remote_job_origin is None


def _rows(log: EventLog) -> dict[str, list[dict[str, object]]]:
    """All rows of the tables that events are stored in; not the time at which a row was written."""
    with log.index_connection() as con:
        return {
            table: [
                {name: value for name, value in row.items() if name != "create_timestamp"}
                for row in con.execute(sqlalchemy.text(f"SELECT * FROM {table} ORDER BY id")).mappings()
            ]
            for table in ("event_logs", "asset_keys", "asset_check_executions")
        }


def test_what_a_run_intends_is_stored_at_once_and_as_dagster_stores_it(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    checks = [dg.AssetCheckSpec("is_there", asset=name) for name in ("first", "second")]

    @dg.multi_asset(specs=[dg.AssetSpec("first"), dg.AssetSpec("second", deps=["first"])], check_specs=checks)
    def both() -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        for spec in checks:
            yield dg.MaterializeResult(spec.asset_key)
            yield dg.AssetCheckResult(passed=True, check_name=spec.name, asset_key=spec.asset_key)

    job = dg.Definitions(assets=[both], jobs=[dg.define_asset_job("job")]).resolve_job_def("job")
    batches: list[list[dg.EventLogEntry]] = []
    at_once = EventLog.store_event_batch
    monkeypatch.setattr(
        EventLog, "store_event_batch", lambda log, events: (batches.append(events), at_once(log, events))
    )
    for _ in range(2):  # the second run finds assets that are known
        assert job.execute_in_process(instance=instance).success
    assert [len(events) for events in batches] == [4, 4]
    one_by_one, together = (EventLog(str(tmp_path / name)) for name in ("one_by_one", "together"))
    for events in batches:
        for event in events:
            one_by_one.store_event(event)
        at_once(together, events)
    assert _rows(one_by_one) == _rows(together)
    assert {table: len(rows) for table, rows in _rows(together).items()} == {
        "event_logs": 8, "asset_keys": 2, "asset_check_executions": 4,
    }  # fmt: skip


def test_lines_of_metadata_stand_each_in_a_row():
    assert numbered("error", []) == {}
    assert numbered("error", ["a"]) == {"error": "a"}
    assert numbered("row", list("abc"), most=2) == {"row 1": "a", "row 2": "b", "more rows": "1"}
