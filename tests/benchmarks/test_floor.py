"""The main job against a bare script that does the same loads and the same SQL: ratios measured in one run.

Run with `pytest -m benchmark -n 0 -s tests/benchmarks/test_floor.py`; LIQUIDITY_BENCHMARK_RUNS (5) says how often. The
floor fetches the same bodies from the same simulated providers, parses them with the same parsers, creates plain tables
with DuckDB and runs the compiled SQL of every model: no archive, no history, no data tests, no Dagster, no dbt, no
published files.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import REPOSITORY
from warehouse.connection import Home, open_work
from warehouse.models import build, compilation, project

RUNS = int(os.environ.get("LIQUIDITY_BENCHMARK_RUNS", "5"))
# A Wednesday evening and the next: prices, rates, operations, the Daily Treasury Statement and H.4.1 have a new day.
FIRST, NEXT = "2026-11-18T23:30", "2026-11-19T23:30"
ESSAY = datetime(2025, 11, 4, 21)

# A process at another moment: the simulated providers and the warehouse both go by this clock.
CLOCK = """
import os, sys
from datetime import datetime
from zoneinfo import ZoneInfo
from ingest import calendars
os.environ.pop("LIQUIDITY_SAMPLE_DATE")
begun, at = calendars.utc_now(), datetime.fromisoformat(sys.argv.pop(1))
now = calendars.utc_now
calendars.utc_now = lambda: at + (now() - begun)
utc = ZoneInfo("UTC")
calendars.new_york_today = lambda: calendars.utc_now().replace(tzinfo=utc).astimezone(calendars.NEW_YORK).date()
"""
THEN = f"""{CLOCK}
from orchestration.cli import main
main()
"""
FLOOR = f"""{CLOCK}
import json, time
started = time.perf_counter()
import duckdb, polars
from tests.benchmarks.alternatives import frames
imported = time.perf_counter()
statements = json.load(open(sys.argv[1]))
con = duckdb.connect(sys.argv[2])
con.execute(f"ATTACH '{{sys.argv[3]}}' AS built (READ_ONLY)")
for schema in ("history", "meta", "seeds", "staging", "intermediate", "marts"):
    con.execute(f"CREATE SCHEMA {{schema}}")
for (table,) in con.execute(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'built' AND schema_name = 'meta'"
).fetchall():
    con.execute(f"CREATE TABLE meta.{{table}} AS FROM built.meta.{{table}}")
for dataset, frame in frames():
    con.register("incoming", frame.to_arrow())
    con.execute(f"CREATE TABLE history.{{dataset.table}} AS FROM incoming")
loaded = time.perf_counter()
for relation, statement in statements:
    con.execute(f"CREATE TABLE {{relation}} AS {{statement}}")
con.close()
ended = time.perf_counter()
print(json.dumps({{"imports": imported - started, "fetch and load": loaded - imported, "sql": ended - loaded}}))
"""


def _statements(made: project.Project) -> list[tuple[str, str]]:
    """Relation and SELECT of every seed and model, in the order in which they build on each other."""
    return [
        (node.relation, node.sql or f"SELECT * FROM built.{node.relation}")
        for node in made.nodes.values() if node.kind != "test"
    ]  # fmt: skip


def _run(home: Path, *command: str) -> tuple[float, float, str]:
    """Wall and CPU seconds of a process, and what it printed; it must end well."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    surroundings = {
        **os.environ, "LIQUIDITY_HOME": str(home), "PYTHONPATH": str(REPOSITORY),
        "LIQUIDITY_CACHE": str(home / "cache"),  # a first refresh finds nothing kept
    }  # fmt: skip
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled imports, as on any machine
    done = subprocess.run(
        [sys.executable, *command], cwd=REPOSITORY, env=surroundings, capture_output=True, text=True, timeout=1500,
        check=False,
    )  # fmt: skip
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout + done.stderr
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def _peak_mb(home: Path, *command: str) -> float:
    """The largest memory of a process, in MB (Linux counts kilobytes)."""
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    *_, printed = _run(home, "-c", script, sys.executable, *command)
    return int(printed) / 1024


@pytest.mark.benchmark
def test_refresh_beside_the_floor(tmp_path: Path):
    wall: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}

    def measured(label: str, home: Path, *command: str) -> str:
        seconds, busy, printed = _run(home, *command)
        wall.setdefault(label, []).append(seconds)
        cpu.setdefault(label, []).append(busy)
        return printed

    cli = ("-m", "orchestration.cli")
    for number in range(RUNS):
        home = tmp_path / str(number)
        print(f"\n{measured('first', home, '-c', THEN, FIRST, 'refresh', '--sample').splitlines()[-1]}")
        assert "nothing new anywhere" in measured("nothing new", home, "-c", THEN, FIRST, "refresh", "--sample")
        said = measured("one new day", home, "-c", THEN, NEXT, "refresh", "--sample")
        assert "published generation" in said
        print(said.splitlines()[-1])
        for command in (["sql", "SELECT 1", "--sample"], ["status", "--sample"], ["--help"]):
            measured(command[0], home, *(("-c", THEN, NEXT) if command[0] == "status" else cli), *command)
        warehouse = Home(home / "sample", is_simulated=True)
        made = compilation.compiled_project(warehouse)
        path = tmp_path / "statements.json"
        path.write_text(json.dumps(_statements(made)), "utf-8")
        database = tmp_path / f"floor-{number}" / "liquidity.duckdb"
        database.parent.mkdir()
        print(measured("floor", home, "-c", FLOOR, FIRST, *map(str, (path, database, warehouse.work_database))).strip())
        for label, work in _past(warehouse, made).items():
            begun, busy = time.perf_counter(), time.process_time()
            work()
            wall.setdefault(label, []).append(time.perf_counter() - begun)
            cpu.setdefault(label, []).append(time.process_time() - busy)
        if number:
            shutil.rmtree(home)
    peak = _peak_mb(tmp_path / "peak", *cli, "refresh", "--sample")
    print(f"\n| what | wall s | CPU s | of the floor |\n|---|---|---|---|\n{_table(wall, cpu)}")
    print(f"peak memory of a first refresh: {peak:.0f} MB")
    as_of, bare = median(cpu["as-of build"]), median(cpu["as-of, bare SQL"])
    assert as_of <= 2 * bare, "an as-of build is twice its SQL at most"
    floor = median(cpu["floor"])
    assert median(cpu["first"]) <= 8 * floor, "a first refresh"
    assert median(cpu["nothing new"]) <= 2 * floor, "a refresh with nothing new"


def _past(home: Home, made: project.Project) -> dict[str, Callable[[], object]]:
    """All marts as of the essay's day, as `build_past` makes them, and their bare SQL one after another."""
    models = [node for node in made.nodes.values() if node.kind == "model"]

    def bare() -> None:
        with open_work(home) as con:
            for schema in {node.schema for node in models}:
                con.execute(f"CREATE SCHEMA IF NOT EXISTS bare_{schema}")
            for node in models:
                con.execute(f"CREATE OR REPLACE TABLE bare_{node.relation} AS {made.sql_of(node, ESSAY, 'bare_')}")

    return {
        "as-of build": lambda: build.build_past(home, made, ESSAY, run_id="benchmark", with_checks=False),
        "as-of, bare SQL": bare,
    }


def _table(wall: dict[str, list[float]], cpu: dict[str, list[float]]) -> str:
    floor = median(wall["floor"])
    return "\n".join(
        f"| {label} | {median(seconds):.1f} | {median(cpu[label]):.1f} | {median(seconds) / floor:.1f} |"
        for label, seconds in wall.items()
    )
