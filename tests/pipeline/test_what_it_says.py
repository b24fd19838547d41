"""What the command line says of a run that publishes nothing, and of schedules that are behind."""

from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test
from typer.testing import CliRunner

from ingest import calendars
from orchestration import instance as own
from orchestration.cli import app
from tests.pipeline.conftest import log_of
from warehouse.connection import Home, WarehouseError
from warehouse.models import build


@pytest.fixture
def home(refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A log and dbt's manifest of one's own; the published generation is the shared one, to be read only."""
    home = log_of(refreshed, tmp_path / "home" / "sample")
    home.current.symlink_to(refreshed.current.resolve())
    for name in ("DAGSTER_HOME", own.SAMPLE_VARIABLE):
        monkeypatch.setenv(name, "")
    return home


def _say(capfd: pytest.CaptureFixture, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*arguments, "--sample"])
    printed = capfd.readouterr()
    return result.exit_code, result.output + printed.out + printed.err


def test_run_that_publishes_nothing_says_why_and_what_is_still_published(
    home: Home, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
):
    def cannot_compile(*_: object, **__: object) -> None:
        try:
            raise ValueError("the words of dbt\n  over several lines")
        except ValueError as error:
            raise WarehouseError("dbt stopped: CompilationError: model x depends on y, which is not there") from error

    monkeypatch.setattr(build, "build", cannot_compile)
    code, text = _say(capfd, "build")
    assert code == 1, text
    why = "WarehouseError: dbt stopped: CompilationError: model x depends on y, which is not there"
    assert f"step dbt failed: {why}" in text.splitlines(), text
    assert f"still published: {home.current.resolve().name}" in text.splitlines()
    assert "published generation" not in text
    assert "Traceback" not in text


def test_status_says_when_schedules_that_run_are_behind(
    home: Home, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
):
    def later() -> datetime:
        return now + timedelta(hours=30)

    now = calendars.utc_now()
    own.prepare(home)
    monkeypatch.setattr(calendars, "utc_now", later)
    _, text = _say(capfd, "status")
    assert "behind schedule" not in text
    with dg.DagsterInstance.get() as instance:
        tags = {"dagster/schedule_name": "nightly_refresh"}
        create_run_for_test(instance, job_name="refresh", tags=tags, status=dg.DagsterRunStatus.STARTED)
    code, text = _say(capfd, "status")
    assert code == 1
    assert sum(line.startswith("behind schedule nightly_refresh was due 20") for line in text.splitlines()) == 1, text
