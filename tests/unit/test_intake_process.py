"""The process that fetches and loads next to its caller: what it says arrives whole, and it never outlives the caller.

Each test is a separate process, because a fork is made only before Polars is imported. There `take_in` is a stand-in.
"""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.errors import HttpStatusError
from tests.conftest import REPOSITORY
from warehouse.connection import Home
from warehouse.log import intake_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the caller takes in by itself")

PRELUDE = """
import os, signal, sys, time, types
from pathlib import Path
from ingest.errors import HttpStatusError, LayoutError
import warehouse.log
from warehouse.connection import Home
from warehouse.log import intake_process

def started(take_in, said=None):
    stand_in = types.ModuleType("warehouse.log.intake")
    stand_in.take_in = types.SimpleNamespace(__wrapped__=take_in)
    stand_in.telling = lambda say: (say, say)
    stand_in.transport_of = lambda home: "network"
    sys.modules["warehouse.log.intake"] = stand_in
    unfinished = types.ModuleType("warehouse.log.unfinished")
    sys.modules["warehouse.log.unfinished"] = warehouse.log.unfinished = unfinished
    unfinished.runs = lambda home: ["killed"]
    return intake_process.started(
        Home(Path("nowhere")), lambda: ["a", "b"], run_id="run", is_full=True,
        progress=lambda *words: (said if said is not None else []).append(words),
    )

def for_ever(home, ids, **options):
    print(os.getpid(), flush=True)
    time.sleep(600)
"""


def _start(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )  # fmt: skip


def _printed(script: str) -> list[str]:
    process = _start(script)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return out.splitlines()


def _is_gone(pid: int) -> bool:
    for _ in range(100):
        with suppress(FileNotFoundError):
            state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
            if state != "Z":
                time.sleep(0.05)
                continue
        return True
    return False


def test_outcomes_and_progress_arrive_and_the_caller_works_meanwhile():
    lines = _printed("""
def take_in(home, ids, *, run_id, is_full, transport, progress, look):
    for number, name in enumerate(ids):
        progress(name, number, 2)
    return {"by": os.getpid(), "asked": (str(home.root), ids, run_id, is_full, transport)}

said = []
with started(take_in, said) as found:
    outcome = found.outcomes.result()
print(found.cut_short.result(), outcome["by"] != os.getpid(), outcome["asked"], said)
""")
    assert lines == ["['killed'] True ('nowhere', ['a', 'b'], 'run', True, 'network') [('a', 0, 2), ('b', 1, 2)]"]


def test_what_goes_wrong_there_is_raised_here_as_it_was():
    lines = _printed("""
def take_in(home, ids, **options):
    raise HttpStatusError("no such series", status=404, dataset="fred.observations", place="SOFR")

with started(take_in) as found:
    error = found.outcomes.exception()
print(type(error).__name__, error.status, error)
""")
    error = HttpStatusError("no such series", status=404, dataset="fred.observations", place="SOFR")
    assert lines == [f"HttpStatusError 404 {error}"]


def test_one_that_is_killed_is_an_error_with_a_name():
    lines = _printed("""
with started(lambda home, ids, **options: os.kill(os.getpid(), signal.SIGKILL)) as found:
    print(type(found.outcomes.exception()).__name__, found.outcomes.exception())
""")
    assert lines == ["IntakeEndedError the process that fetches and loads ended with -9; run it again"]


def test_it_is_stopped_when_the_block_ends_before_it():
    lines = _printed("""
try:
    with started(for_ever):
        time.sleep(1)
        raise KeyboardInterrupt
except KeyboardInterrupt:
    print("stopped", flush=True)
""")
    pid, word = lines
    assert word == "stopped"
    assert _is_gone(int(pid))


def test_it_ends_when_its_caller_is_killed():
    process = _start("""
with started(for_ever) as found:
    found.outcomes.result()
""")
    pid = int(process.stdout.readline())  # type: ignore[union-attr]
    assert not _is_dead_now(pid)
    process.kill()
    process.wait()
    assert _is_gone(pid)
    process.stdout.close()  # type: ignore[union-attr]


def _is_dead_now(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_none_is_forked_where_polars_has_threads(tmp_path: Path):
    import polars  # noqa: F401

    def never() -> list[str]:
        raise AssertionError("asked for datasets")

    with intake_process.started(Home(tmp_path), never, run_id="", is_full=False, progress=print) as found:
        assert found is None
