"""Shared by all tests: nobody reaches the network, nobody touches the user's own warehouse, and what the live tests
found stands at the end of the run."""

from __future__ import annotations

import fcntl
import gc
import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from ingest import kept, sample
from ingest.calendars import NEW_YORK, new_york_today
from warehouse.models import compilation

if TYPE_CHECKING:
    from tests.receiver import Receiver
    from warehouse.connection import Home

# A million objects of the imports, each walked again and again: a third of the collection's time. Its end is below.
gc.disable()
REPOSITORY = Path(__file__).resolve().parents[1]
VERDICT = "live verdict"


def date_of_world() -> date:
    """The day of the simulated economy: today in New York, or that of the sample in `LIQUIDITY_TEST_HOME`."""
    if not (given := os.environ.get("LIQUIDITY_TEST_HOME")):
        return new_york_today()
    made_at = (Path(given) / "sample" / "current").resolve().name[:15]
    return datetime.strptime(made_at, "%Y%m%dT%H%M%S").replace(tzinfo=UTC).astimezone(NEW_YORK).date()


# Of what tests start: their command installs the packages, not the project. `tests.ahead` comes before.
AHEAD = [str(REPOSITORY / "tests" / "ahead")] if "TESTS_DAYS_AHEAD" in os.environ else []
os.environ["PYTHONPATH"] = os.pathsep.join([*AHEAD, str(REPOSITORY)])
settings.register_profile("untimed", deadline=None)  # a busy machine fails no test
settings.load_profile("untimed")
# One simulated world for all processes of a run: at New York's midnight the next one would have new values. The workers
# inherit the date, and a finished sample brings its own.
os.environ.setdefault(sample.DATE_VARIABLE, date_of_world().isoformat())
# Pictures, compiled models and simulated answers are the same in every warehouse of every run; the key has their code.
os.environ.setdefault(kept.VARIABLE, str(REPOSITORY / ".pytest_cache" / "kept"))
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    # Each of some hundred processes would compile Dagster and dbt anew: 10 CPU s with bytecode kept, 18 without.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(REPOSITORY / ".pytest_cache" / "bytecode")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out the tests that are marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--quick"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers more than processors: a third of a test's time is spent waiting for a browser, a disk, a clock.

    Unit tests wait for nothing, and each worker takes 5 s of processor time to start.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors + (0 if all("unit" in Path(path).parts for path in config.args) else 2)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What is imported stays until the end; the collector of garbage need not look at it in any test."""
    gc.freeze()
    gc.set_threshold(100_000)
    gc.enable()


def pytest_sessionfinish() -> None:
    """pytest lets the collector walk everything five times when a process ends, for 3 CPU s; it finds nothing now."""
    gc.freeze()


@contextmanager
def once_a_run(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A folder that all workers of a test run share; they enter the block one after another."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # of the whole run
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield base / name


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Home], Home]:
    """Gives a new warehouse the compiled dbt project: one worker compiles it, in 12 CPU s, and the others wait."""

    def give(home: Home) -> Home:
        with once_a_run(tmp_path_factory, "compiled-sample" if home.is_simulated else "compiled-real"):
            compilation.ensure_manifest(home)
        return home

    return give


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Verdicts of the live tests by publisher. They travel in the reports, because a worker's print never arrives."""
    found = sorted(
        (value[0], report.passed, value[1:])
        for kind in ("passed", "failed")
        for report in terminalreporter.getreports(kind)
        for name, value in report.user_properties
        if name == VERDICT
    )
    if not found:
        return
    terminalreporter.section("what each publisher answered")
    for provider, group in groupby(found, key=lambda verdict: verdict[0].split(".")[0]):
        verdicts = list(group)
        good = sum(is_good for _, is_good, _ in verdicts)
        word = "as always" if good == len(verdicts) else "NOT AS ALWAYS"
        terminalreporter.line(f"{provider}: {word}, {good} of {len(verdicts)} datasets")
        for dataset, is_good, lines in verdicts:
            indented = f"\n{'':10}".join(lines)
            terminalreporter.line(f"  {'ok' if is_good else 'FAILED':7} {dataset:40} {indented}")


@pytest.fixture(autouse=True)
def _only_loopback(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine fails the test, except in tests marked live."""
    if request.node.get_closest_marker("live"):
        return
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise AssertionError(f"a test wanted to connect to {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of messages on this machine, the only one that is to be told."""
    from tests.receiver import receiving
    from warehouse.publication.alerts import addresses

    with receiving() as one:
        monkeypatch.setenv(addresses.VARIABLE, one.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield one


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is computed anew, for who tests that it comes out the same, or what computes it."""
    monkeypatch.setenv(kept.VARIABLE, "")


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path / "home"))
    for name in ("LIQUIDITY_SAMPLE", "DAGSTER_HOME", "FRED_API_KEY"):
        monkeypatch.delenv(name, raising=False)
