"""kill -9 at many moments of a refresh: the last generation stays whole, and the next refresh works."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.pipeline.conftest import run_liquidity
from warehouse.connection import Home, WarehouseBusyError, open_published, open_work
from warehouse.export import sha256_of

# What is killed, and how many seconds after its start: a refresh while it imports, fetches and loads, a build while dbt
# runs, a publication while it exports, draws and swaps.
REFRESH = ("-m", "orchestration.cli", "refresh", "--sample", "--full")
BUILD = ("-m", "orchestration.cli", "build", "--sample")
PUBLISH = ("-c", "from warehouse.connection import Home; from warehouse.publish import publish; "
           "publish(Home.locate(is_simulated=True))")  # fmt: skip
KILLS = [
    *[(REFRESH, seconds) for seconds in (1.0, 6.0, 9.0, 14.0)],
    *[(BUILD, seconds) for seconds in (8.0, 20.0)],
    *[(PUBLISH, seconds) for seconds in (1.5, 3.0, 6.0, 9.0)],
]


def _check_whole(home: Home) -> str:
    """The published generation can be read and its files are those that its package lists; returns its id."""
    import json

    folder = home.current.resolve()
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in [*package["resources"], *package["local"]]:
        assert resource["hash"] == f"sha256:{sha256_of(folder / resource['path'])}", resource["path"]
    with open_published(home) as con:
        (generation,) = con.execute("SELECT id FROM meta.generation").fetchone()
        empty = con.execute("SELECT mart FROM meta.mart WHERE rows = 0").fetchall()
        assert empty in ([], [("revision_log",)])  # nothing is revised between loads of one day
    assert generation == folder.name
    return generation


def test_kill_at_any_moment_loses_nothing(refreshed: Home, tmp_path: Path):
    root = tmp_path / "home"
    # Without Dagster's record: its settings name the folder that they were written for.
    shutil.copytree(refreshed.root, root / "sample", symlinks=True, ignore=shutil.ignore_patterns("dagster"))
    home = Home(root / "sample", is_simulated=True)
    before = _check_whole(home)
    environment = {**os.environ, "LIQUIDITY_HOME": str(root), "PYTHONPATH": str(REPOSITORY)}
    cut_short = []
    for command, seconds in KILLS:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=REPOSITORY, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(seconds)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            cut_short.append(command)
        process.wait()
        assert _check_whole(home) >= before
    assert set(cut_short) == {REFRESH, BUILD, PUBLISH}, "kills came after the end; the moments no longer fit"
    last = run_liquidity(root, "refresh", "--sample")
    assert last.returncode == 0, last.stdout + last.stderr
    assert _check_whole(home) > before
    assert [path.name for path in home.generations.iterdir() if path.name.startswith(".")] == []
    with open_published(home) as con:
        duplicates = con.execute(
            "SELECT count(*) FROM (SELECT 1 FROM history.fred__observations WHERE known_to = TIMESTAMP '9999-12-31' "
            "GROUP BY series_id, observation_date HAVING count(*) > 1)"
        ).fetchone()
    assert duplicates == (0,)


def test_second_writer_is_told_who_holds_the_warehouse(tmp_path: Path):
    home = Home(tmp_path)
    with open_work(home) as con:
        con.execute("CREATE TABLE t (x INTEGER)")
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb, time; c = duckdb.connect({str(home.work_database)!r}); "
         "print('held', flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(WarehouseBusyError, match=f"process {holder.pid} holds"), open_work(home, wait_seconds=0.5):
            pass
    finally:
        holder.kill()
        holder.wait()
    with open_work(home) as con:
        assert con.execute("SELECT count(*) FROM t").fetchone() == (0,)
