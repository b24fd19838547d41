"""One whole refresh of the sample through the command line, shared by the tests that only read it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.calendars import new_york_today
from ingest.catalog import Plan
from ingest.providers import DATASETS
from tests.conftest import REPOSITORY, date_of_world, once_a_run
from tests.mutations.bench import Bench
from warehouse.connection import Home, open_work
from warehouse.models import build, project
from warehouse.models.fingerprints import contents
from warehouse.publication import publish

MART = "funding_stress_daily"
FRED, FEW = "fred.observations", ("WALCL", "IORB", "SOFR")


def run_liquidity(
    home: Path, *arguments: str, cwd: Path = REPOSITORY, **environment: str
) -> subprocess.CompletedProcess:
    """`liquidity ...` in a separate process, in another time zone and locale than the developer's."""
    surroundings = {
        **os.environ, "LIQUIDITY_HOME": str(home), "TZ": "Asia/Kolkata", "LC_ALL": "C", "PYTHONPATH": str(cwd),
        "COLUMNS": "160", **environment,
    }  # fmt: skip
    for name in ("LIQUIDITY_SAMPLE", "DAGSTER_HOME", "FRED_API_KEY"):
        surroundings.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=cwd, env=surroundings, capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip


@pytest.fixture
def run_here() -> Iterator[Callable[..., subprocess.CompletedProcess]]:
    """`run_liquidity` in this process, for who looks at what a command does: a separate one costs 5 to 9 CPU s more."""
    from orchestration.cli import app

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TZ", "Asia/Kolkata")
        patched.setenv("COLUMNS", "160")
        time.tzset()

        def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
            own = {"LIQUIDITY_HOME": str(home), "LIQUIDITY_SAMPLE": "", "DAGSTER_HOME": ""}  # a run sets them
            for name, value in (own | environment).items():
                patched.setenv(name, value)
            told = CliRunner().invoke(app, arguments)
            assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
            return subprocess.CompletedProcess(arguments, told.exit_code, told.stdout, told.stderr)

        yield run
    time.tzset()


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A published sample warehouse, one for all workers of a test run. Read it, do not change it.

    `LIQUIDITY_TEST_HOME` names the LIQUIDITY_HOME of a sample that was refreshed once, today or yesterday, with the
    code at hand; a copy of it saves the refresh.
    """
    with once_a_run(tmp_path_factory, "refreshed") as root:
        home = Home(root / "sample", is_simulated=True)
        if not home.current.exists() and (given := os.environ.get("LIQUIDITY_TEST_HOME")):
            shutil.copytree(Path(given) / "sample", home.root, symlinks=True)
            age = new_york_today() - date_of_world()
            assert age <= timedelta(days=1), f"LIQUIDITY_TEST_HOME is {age.days} days old: its datasets are late"
        elif not home.current.exists():
            result = run_liquidity(home.root.parent, "refresh", "--sample")
            assert result.returncode == 0, result.stdout + result.stderr
    return home


@pytest.fixture(scope="session")
def bench(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Where deliberate errors in models and in what is stored are planted; it parses and compiles for some seconds."""
    return Bench(refreshed, tmp_path_factory.mktemp("bench"))


def published_copy(home: Home, root: Path) -> Home:
    """A warehouse of one's own in ``root``: ``home`` with what dbt and publishing made of it, without its payloads."""
    skipped = shutil.ignore_patterns("dagster", "journal", "payloads")
    return Home(Path(shutil.copytree(home.root, root, symlinks=True, ignore=skipped)), home.is_simulated)


def log_of(home: Home, root: Path) -> Home:
    """A warehouse of one's own in ``root``: the work file and dbt's manifest of ``home``, nothing published."""
    copy = Home(root, home.is_simulated)
    copy.work_database.parent.mkdir(parents=True)
    shutil.copy(home.work_database, copy.work_database)
    shutil.copytree(home.root / "dbt", copy.root / "dbt")
    return copy


def publish_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publications get the database, the digest and the feed alone; the rest would take three times as long."""
    monkeypatch.setattr(publish.charts, "CHARTS", ())
    monkeypatch.setattr(publish.report, "script", lambda *_: "")
    monkeypatch.setattr(publish.report, "write", lambda *_: None)
    monkeypatch.setattr(publish.calendar_file, "write", lambda *_: None)
    monkeypatch.setattr(publish.parquet, "write_parquet", lambda *_: {})
    monkeypatch.setattr(publish.package, "resources", lambda *_: [])


@pytest.fixture
def few_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build from nothing makes the seeds and one mart, with their checks; all of them would take 25 CPU s."""
    stale, with_checks = build.stale, build._with_checks

    def of_these(made: project.Project, nodes: list[project.Node]) -> list[project.Node]:
        there = {node.id for node in made.up_to(MART)} | made.sources.keys()
        there |= {node.id for node in made.nodes.values() if node.kind == "seed"}
        return [node for node in nodes if there.issuperset(node.parents if node.kind == "test" else [node.id])]

    def checked(home: Home, made: project.Project, results: list, checks: list[project.Node]) -> list:
        return with_checks(home, made, results, of_these(made, checks))

    monkeypatch.setattr(build, "stale", lambda home, made: of_these(made, stale(home, made)))
    monkeypatch.setattr(build, "_with_checks", checked)
    monkeypatch.setattr(publish.shrink, "marts", lambda *_: {})  # what is not made is not missed


@pytest.fixture
def unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures without a drawing, for who looks at words: a page's worth of them takes 8 CPU s."""
    monkeypatch.setattr("warehouse.publication.charts.painters.Painters.svg", lambda self, picture: "")
    monkeypatch.setattr("warehouse.publication.charts.painters.Painters.png", lambda self, svg, scale: b"")


@pytest.fixture
def few_series(monkeypatch: pytest.MonkeyPatch) -> None:
    """FRED is asked for three of its series; all of them would take 7 CPU s."""
    requests = Plan.requests
    monkeypatch.setattr(
        Plan, "requests", lambda *of: [one for one in requests(*of) if of[1].id != FRED or one.scope in FEW]
    )


def log_digests(home: Home) -> dict[str, str]:
    """Digest of the rows of each log."""
    with open_work(home) as con:
        return contents(con, sorted(f"raw.{dataset.table}" for dataset in DATASETS.values()))
