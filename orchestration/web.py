"""`liquidity ui`: Dagster's web interface, its schedules and sensors, and the server that loads our code.

They start and end together.

Interface and daemon are threads of this process; only the code server, which also executes the runs, is a child, in a
separate process group. So a signal to this process ends everything, and after `kill -9` the code server misses its
heartbeats and ends, after the run in progress. `dagster dev` starts four processes and does not do this.
`web_guard.py` decides which requests the interface accepts.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.connection import Home, WarehouseError

if TYPE_CHECKING:  # imports take seconds; a port or a home in use is reported before
    import dagster as dg
    from dagster._core.workspace.context import WorkspaceProcessContext

MODULE = "orchestration.definitions"

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

BEAT_SECONDS = 1.0
HEARTBEAT_SECONDS = 15  # the code server ends this long after the last heartbeat; a machine under load skips some
CANCEL_SECONDS = 30.0  # a statement of dbt is finished before Python hears of it
STOP_SECONDS = 5.0  # the code server has nothing left to save once its runs have ended

Say = Callable[[str], None]


def listen(host: str, port: int) -> socket.socket:
    """The port, taken before anything else starts; WarehouseError when it is not free. Port 0 takes a free one."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise WarehouseError(f"cannot listen on {address(host, port)}: {reason}; --port takes another one") from None


def address(host: str, port: int) -> str:
    """Where the interface is, as a browser wants it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def names(host: str, listener: socket.socket) -> frozenset[str]:
    """Names under which the interface answers: this machine's own, and ``host`` unless it means every address."""
    return LOOPBACK_NAMES if ip_address(listener.getsockname()[0]).is_unspecified else LOOPBACK_NAMES | {host.lower()}


def is_open_to_others(listener: socket.socket) -> bool:
    """Whether other machines can reach the interface."""
    return not ip_address(listener.getsockname()[0]).is_loopback


class _Stop:
    """TERM, INT and HUP: the first one ends the interface in order, the second one at once."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.again = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup keeps its meaning
                signal.signal(number, self._heard)

    def _heard(self, _number: int, _frame: Any) -> None:
        (self.again if self.asked.is_set() else self.asked).set()


class _CodeServer:
    """Dagster's code server (`dagster code-server start`), on a socket that only this user can open."""

    def __init__(self, folder: Path, location: str) -> None:
        from dagster._grpc.client import DagsterGrpcClient

        self.socket = str(folder / "code")
        self.command = [
            sys.executable, "-m", "dagster", "code-server", "start", "-m", MODULE, "--location-name", location,
            "--socket", self.socket, "--use-python-environment-entry-point", "--log-level", "warning",
            "--heartbeat", "--heartbeat-timeout", str(HEARTBEAT_SECONDS),
        ]  # fmt: skip
        # Files that it leaves when it is killed, above all its sockets, are removed with our folder.
        self.environment = os.environ | {"TMPDIR": str(folder)}
        self.client = DagsterGrpcClient(socket=self.socket)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, env=self.environment, process_group=0)

    def answers(self) -> bool:
        """Whether it is alive; each call is also its heartbeat."""
        from dagster._core.errors import DagsterUserCodeUnreachableError

        try:
            self.client.heartbeat("")
        except DagsterUserCodeUnreachableError:
            return False
        return True

    def end(self) -> None:
        """Ask it to end, then end it and everything it started."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        Path(self.socket).unlink(missing_ok=True)


def serve(home: Home, listener: socket.socket, host: str, *, is_read_only: bool, say: Say) -> None:
    """Serve the interface on ``listener`` until a signal; returns when no process of it is left.

    With ``is_read_only`` nothing can be launched or changed, and no schedules run here. The caller has prepared the
    environment for Dagster and made sure that no other schedules run on this ``home``. Raises WarehouseError when the
    code server does not start, or when a part of the whole ends by itself.
    """
    stop = _Stop()
    import dagster as dg
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import GrpcServerTarget
    from dagster._utils.log import configure_loggers
    from dagster_webserver.version import __version__

    from orchestration.instance import location_name

    configure_loggers(log_level="WARNING")
    location = location_name(home)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="liquidity-ui-"))
        code = _CodeServer(Path(folder), location)
        stack.callback(code.end)
        while not code.answers():
            if code.process.poll() is not None:
                raise WarehouseError(f"the code server ended with {code.process.returncode} before it began")
            if stop.asked.wait(0.2):
                return
        instance = stack.enter_context(dg.DagsterInstance.get())
        if not is_read_only:
            stack.callback(_end_runs, instance, stop, say)
        target = GrpcServerTarget(host="localhost", port=None, socket=code.socket, location_name=location)
        context = stack.enter_context(
            WorkspaceProcessContext(instance, target, version=__version__, read_only=is_read_only)
        )
        threads = [] if is_read_only else stack.enter_context(_daemon(context))
        threads.append(stack.enter_context(_webserver(context, listener, names(host, listener))))
        say(f"Dagster on {address(host, listener.getsockname()[1])}, warehouse {home.root}")
        while not stop.asked.wait(BEAT_SECONDS):
            if code.process.poll() is not None:
                say(f"the code server ended with {code.process.returncode}; it is started again")
                code.end()
                code.start()
            code.answers()
            for thread in threads:
                if not thread.is_alive():
                    raise WarehouseError(f"{thread.name} ended by itself; the lines above may show the reason")
        say("ending")


@contextmanager
def _webserver(
    context: WorkspaceProcessContext, listener: socket.socket, admitted: frozenset[str]
) -> Iterator[threading.Thread]:
    import uvicorn

    from orchestration.web_guard import GuardedWebserver

    app = GuardedWebserver(context, admitted).create_asgi_app()
    # Not in the main thread: there uvicorn would handle the signals. h11 is the strict parser.
    server = uvicorn.Server(
        uvicorn.Config(
            app, http="h11", log_level="warning", proxy_headers=False, server_header=False, timeout_graceful_shutdown=2
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)


@contextmanager
def _daemon(context: WorkspaceProcessContext) -> Iterator[list[threading.Thread]]:
    """Schedules, sensors, the queue of runs: what `dagster-daemon run` runs, as threads here."""
    from dagster._daemon.controller import DagsterDaemonController, create_daemons_from_instance

    with ExitStack() as stack:
        daemons = [stack.enter_context(daemon) for daemon in create_daemons_from_instance(context.instance)]
        controller = stack.enter_context(DagsterDaemonController(context, daemons))
        yield list(controller._daemon_threads.values())


def _end_runs(instance: dg.DagsterInstance, stop: _Stop, say: Say) -> None:
    """Cancel the runs that were launched here, and wait until they have ended."""
    import dagster as dg
    from dagster._core.storage.tags import GRPC_INFO_TAG

    ours = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    runs = [run for run in instance.get_runs(dg.RunsFilter(statuses=ours)) if GRPC_INFO_TAG in run.tags]
    for run in runs:
        say(f"run {run.run_id[:8]} ({run.job_name}) is cancelled; what was published before stays")
        try:
            heard = instance.run_launcher.terminate(run.run_id)
        except dg.DagsterError:
            heard = False
        if not heard and not _is_finished(instance, run.run_id):  # of a code server that is gone, and so are its runs
            instance.report_run_canceled(run, "its process is gone")
    deadline = time.monotonic() + CANCEL_SECONDS
    for run in runs:
        while not _is_finished(instance, run.run_id):
            if time.monotonic() > deadline or stop.again.wait(0.2):
                instance.report_run_canceled(run, "its process did not end in time and was killed")
                break


def _is_finished(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished
