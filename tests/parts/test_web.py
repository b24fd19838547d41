"""What `liquidity ui` does before any server is there: signals, names, the port."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._core.storage.tags import GRPC_INFO_TAG
from filelock import FileLock, Timeout

from orchestration import web
from warehouse.connection import Home, WarehouseError
from warehouse.models import compilation

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}  # the tests may run under nohup
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_asks_for_the_end_and_a_second_one_for_haste(number: signal.Signals) -> None:
    stop = web._Stop()
    assert not stop.asked.is_set()
    signal.raise_signal(number)
    assert (stop.asked.is_set(), stop.again.is_set()) == (True, False)
    signal.raise_signal(number)
    assert stop.again.is_set()


def test_nohup_keeps_its_meaning() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = web._Stop()
    signal.raise_signal(signal.SIGHUP)
    assert not stop.asked.is_set()


@pytest.mark.parametrize(
    ("host", "named", "is_open"),
    [
        ("127.0.0.1", set(), False),
        ("127.0.0.2", {"127.0.0.2"}, False),
        ("LocalHost", set(), False),
        ("0.0.0.0", set(), True),
    ],
)
def test_host_admits_exactly_its_name(host: str, named: set[str], is_open: bool) -> None:
    with web.listen(host, 0) as listener:
        assert web.names(host, listener) == {"localhost", "127.0.0.1", "::1"} | named
        assert web.is_open_to_others(listener) is is_open


def test_a_port_that_cannot_be_had_is_said_in_one_line() -> None:
    with web.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            WarehouseError, match=rf"^cannot listen on http://127.0.0.1:{port}: Address already in use;"
        ):
            web.listen("127.0.0.1", port)
    with pytest.raises(WarehouseError, match=r"^cannot listen on http://\[2001:db8::1\]:3000: "):
        web.listen("2001:db8::1", 3000)
    with web.listen("127.0.0.1", port) as again:  # free at once, also after connections
        assert isinstance(again, socket.socket)


@pytest.mark.usefixtures("nothing_kept")
def test_interfaces_that_start_at_once_parse_the_project_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbt writes its manifest in place: the second one would load half of it."""
    looked = []

    def compile_it(home: Home, *arguments: object, **options: object) -> SimpleNamespace:
        manifest = home.root / "dbt" / "manifest.json"
        with pytest.raises(Timeout):
            FileLock(manifest.parent / ".manifest.lock").acquire(timeout=0)
        manifest.write_text("{}", "utf-8")
        looked.append(manifest)
        return SimpleNamespace(success=True)

    monkeypatch.setattr(compilation, "run", compile_it)
    monkeypatch.setattr(compilation.project, "condense", lambda manifest, path, digest: path.touch())
    home = Home(tmp_path)
    assert [compilation.ensure_manifest(home)] == [compilation.ensure_manifest(home)] == looked


class _Deaf:
    """A launcher whose code server is gone."""

    def terminate(self, run_id: str) -> bool:
        raise dg.DagsterInvariantViolationError(f"Could not find a server for run {run_id}")


def test_a_run_of_a_code_server_that_is_gone_is_cancelled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with dg.DagsterInstance.ephemeral() as instance:
        monkeypatch.setattr(type(instance), "run_launcher", property(lambda _: _Deaf()))
        for name, tags in (("ours", {GRPC_INFO_TAG: "{}"}), ("of_the_command_line", {})):
            instance.add_run(dg.DagsterRun(job_name=name, status=dg.DagsterRunStatus.STARTED, tags=tags))
        web._end_runs(instance, web._Stop(), said.append)
        ended = {run.job_name: run.status.value for run in instance.get_runs()}
    assert ended == {"ours": "CANCELED", "of_the_command_line": "STARTED"}
    assert len(said) == 1
