"""The Dagster instance of a warehouse: the path of its record of runs, its settings, and runs whose process is gone.

A run that is killed, or ended by a power cut, stays "started" in Dagster's record for ever, and with one run at a time
every later one would stay queued. So the process of each run locks a separate file, the mark; the kernel frees it when
the process ends, also after a kill. A run in progress whose mark is free is dead. Process ids cannot show this: they
are used again, also after a boot and in a copied folder. A dead run is reported as failed: here when a command starts,
by Dagster's run monitoring while the web interface runs.
What must not be here: what a run does, and the lock of the warehouse (`warehouse/lock.py`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG
from filelock import FileLock, Timeout

from orchestration.event_log import BATCH_VARIABLE, EventLog
from warehouse.connection import Home, plain_path
from warehouse.in_progress import GONE

SAMPLE_VARIABLE = "LIQUIDITY_SAMPLE"

# Between the launch of a run and its mark its process imports; after this time a run without a mark is dead.
START_SECONDS = 300
POLL_SECONDS = 15

IN_PROGRESS = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]

_HEADER = """\
# Written by `liquidity` whenever it starts; changes are lost. Nothing here names a place, so the folder can be moved.
# One run at a time: DuckDB admits one writing process. No pools: a run that is killed keeps its slot for ever.
"""


def settings() -> dict[str, Any]:
    """The content of `dagster.yaml`."""
    return {
        "event_log_storage": {
            "module": EventLog.__module__,
            "class": EventLog.__name__,
            "config": {"base_dir": {"env": "DAGSTER_HOME"}},
        },
        "run_launcher": {"module": __name__, "class": Launcher.__name__},
        "run_monitoring": {
            "enabled": True,
            "start_timeout_seconds": START_SECONDS,
            "poll_interval_seconds": POLL_SECONDS,
        },
        "concurrency": {"runs": {"max_concurrent_runs": 1}},
        "freshness": {"enabled": True},  # datasets have policies; the daemon writes an event only when a state changes
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
    }


def prepare(home: Home) -> list[str]:
    """Point Dagster, in this process and its children, at this warehouse's record, and report its dead runs as failed.

    Returns their ids.
    """
    home.dagster.mkdir(parents=True, exist_ok=True)
    _write(home.dagster / "dagster.yaml", _HEADER + yaml.safe_dump(settings(), sort_keys=False))
    for old in sorted((home.dagster / "events").glob("event_log.db*")):  # where earlier versions kept it
        if not (home.dagster / old.name).exists():
            old.rename(home.dagster / old.name)
    os.environ["DAGSTER_HOME"] = str(plain_path(home.dagster))
    os.environ.setdefault(BATCH_VARIABLE, "5000")
    if home.is_simulated:
        os.environ[SAMPLE_VARIABLE] = "1"
    else:
        os.environ.pop(SAMPLE_VARIABLE, None)
    with dg.DagsterInstance.get() as instance:
        return bury(instance)


def location_name(home: Home) -> str:
    """The name of the code location in the interface."""
    return "dollar-liquidity (SIMULATED)" if home.is_simulated else "dollar-liquidity"


def adopt(instance: dg.DagsterInstance, run_id: str, home: Home) -> None:
    """Give a run of the command line the origin that runs of the interface have: timeline and jobs leave others out."""
    run = instance.get_run_by_id(run_id)
    if run is None or run.remote_job_origin is not None or run.job_name.startswith("__"):
        return
    location = RegisteredCodeLocationOrigin(location_name(home))
    repository = RemoteRepositoryOrigin(location, SINGLETON_REPOSITORY_NAME)
    instance.add_run_tags(run_id, {REPOSITORY_LABEL_TAG: repository.get_label()})
    instance.run_storage.replace_job_origin(run, repository.get_job_origin(run.job_name))


@contextmanager
def look_into(home: Home) -> Iterator[dg.DagsterInstance | None]:
    """The existing record of a warehouse, with this version's settings; None when there is none.

    SQLite writes next to the file that it reads: raises SQLAlchemy's OperationalError in a folder without write access.
    """
    if not (home.dagster / "history" / "runs.db").exists():
        yield None
        return
    place = str(plain_path(home.dagster))
    events = settings()["event_log_storage"] | {"config": {"base_dir": place}}
    ref = InstanceRef.from_dir(place, overrides=settings() | {"event_log_storage": events})
    with dg.DagsterInstance.from_ref(ref) as instance:
        yield instance


def _write(path: Path, text: str) -> None:
    """Write the file in one step, and only when its content changes."""
    if path.exists() and path.read_text("utf-8") == text:
        return
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    unfinished.write_text(text, "utf-8")
    os.replace(unfinished, path)


_marks: dict[str, FileLock] = {}  # of runs of this process, held until it ends


def _mark(instance: dg.DagsterInstance, run_id: str) -> Path:
    return Path(instance.root_directory) / "running" / run_id


def mark(instance: dg.DagsterInstance, run_id: str) -> None:
    """Mark a run as alive, from inside its process, until the process ends.

    The end of the run's last step is too early: Dagster records the run's end after that.
    """
    path = _mark(instance, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = _marks.setdefault(run_id, FileLock(path, thread_local=False))
    lock.acquire(timeout=10)


def is_dead(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    """Whether the process of a run in progress is gone: its mark is free, or it should have had one by now."""
    path = _mark(instance, record.dagster_run.run_id)
    if path.exists():
        try:
            with FileLock(path).acquire(timeout=0):
                free = True
        except Timeout:
            free = False
    else:
        changed = record.update_timestamp
        changed = changed if changed.tzinfo else changed.replace(tzinfo=UTC)
        free = (datetime.now(UTC) - changed).total_seconds() > START_SECONDS
    if not free:
        return False
    now = instance.get_run_by_id(record.dagster_run.run_id)  # it may have ended in the meantime
    return now is not None and now.status in IN_PROGRESS


def bury(instance: dg.DagsterInstance) -> list[str]:
    """Report every run whose process is gone as failed, so that none waits for it; returns their ids."""
    records = instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS))
    dead = [record.dagster_run for record in records if is_dead(instance, record)]
    for run in dead:
        instance.report_run_failed(run, GONE)
    living = {record.dagster_run.run_id for record in records} - {run.run_id for run in dead}
    for path in (Path(instance.root_directory) / "running").glob("*"):
        run_seen = instance.get_run_by_id(path.name)
        if path.name not in living and (run_seen is None or run_seen.is_finished):
            path.unlink(missing_ok=True)
    return [run.run_id for run in dead]


class Launcher(dg.DefaultRunLauncher):
    """Dagster's launcher, which also reports to run monitoring whether the process of a run exists."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        record = self._instance.get_run_record_by_id(run.run_id)
        if record is not None and is_dead(self._instance, record):
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "the process of this run is gone")
        return CheckRunHealthResult(WorkerStatus.RUNNING)
