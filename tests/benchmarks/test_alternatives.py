"""What users write instead, in one run: the same bodies, the same SQL, and what each does not do.

`uv sync --group dev --group benchmark`, then `pytest -m benchmark -n 0 -s tests/benchmarks/test_alternatives.py`.
"""

import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.test_floor import _statements
from tests.conftest import REPOSITORY
from warehouse.connection import Home
from warehouse.locations import PROJECT

SAYS = {
    "ours, first refresh": "bodies kept, history of what was known when, quarantine, data tests, files and charts",
    "ours, nothing new": "the same",
    "dagster asset materialize on our definitions": "the same; no lock held for the run, nothing said in one line",
    "dlt + dbt CLI": "the same data tests; last state only: no history, no bodies, no quarantine, no files",
    "pandas script": "last state only, marts as Parquet; no tests, no history, no bodies, no quarantine",
}
META = "source:meta+"  # models about the warehouse itself: nothing there to read where there is none


def _run(*command: str, **environment: str) -> tuple[float, float]:
    """Wall and CPU seconds of a command that must go well."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True, text=True, timeout=3_600, check=False,
    )  # fmt: skip
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _rows(database: Path) -> dict[str, int]:
    with duckdb.connect(str(database), read_only=True) as con:
        names = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall()
        return {name: con.execute(f"SELECT count(*) FROM marts.{name}").fetchone()[0] for (name,) in names}  # type: ignore[index]


def _same_sql(home: Home, built: Path) -> list[tuple[str, str]]:
    """Relation and SELECT of each table that ``built`` has, in the order dbt makes them; seeds are taken from there."""
    with duckdb.connect(str(built), read_only=True) as con:
        there = {f"{schema}.{name}" for schema, name in con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables()"
        ).fetchall()}  # fmt: skip
    return [
        (relation, f"FROM built.{relation}" if relation.startswith("seeds.") else sql.replace('"liquidity".', ""))
        for relation, sql in _statements(home)
        if relation in there
    ]


@pytest.mark.benchmark
def test_beside_what_users_write(tmp_path: Path):
    if importlib.util.find_spec("dlt") is None:
        pytest.skip("dlt is not installed: uv sync --group dev --group benchmark")
    seconds: dict[str, tuple[float, float]] = {}
    script, bin_folder = "tests.benchmarks.alternatives", Path(sys.executable).parent
    ours = Home(tmp_path / "ours" / "sample", is_simulated=True)
    for name in ("ours, first refresh", "ours, nothing new"):
        seconds[name] = _run(
            sys.executable, "-m", "orchestration.cli", "refresh", "--sample", LIQUIDITY_HOME=str(ours.root.parent)
        )

    (tmp_path / "dlt").mkdir()
    with_dlt = tmp_path / "dlt" / "liquidity.duckdb"
    loading = _run(sys.executable, "-m", script, "dlt", str(with_dlt.parent))
    building = _run(
        str(bin_folder / "dbt"), "build", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        "--target-path", str(with_dlt.parent / "target"), "--log-path", str(with_dlt.parent / "logs"),
        "--exclude", META, "--exclude-resource-type", "unit_test", LIQUIDITY_WORK_DB=str(with_dlt),
    )  # fmt: skip
    seconds["dlt + dbt CLI"] = loading[0] + building[0], loading[1] + building[1]

    (tmp_path / "pandas").mkdir()
    (tmp_path / "statements.json").write_text(json.dumps(_same_sql(ours, with_dlt)), "utf-8")
    seconds["pandas script"] = _run(
        sys.executable, "-m", script, "pandas", str(tmp_path / "pandas"), str(tmp_path / "statements.json"),
        str(with_dlt),
    )  # fmt: skip

    (tmp_path / "dagster" / "record").mkdir(parents=True)
    seconds["dagster asset materialize on our definitions"] = _run(
        str(bin_folder / "dagster"), "asset", "materialize", "--select", "*", "-m", "orchestration.definitions",
        LIQUIDITY_SAMPLE="1", LIQUIDITY_HOME=str(tmp_path / "dagster"),
        DAGSTER_HOME=str(tmp_path / "dagster" / "record"),
    )  # fmt: skip
    print("\n| way | wall s | CPU s | what it does and does not |\n|---|---|---|---|")
    for name, (wall, cpu) in seconds.items():
        print(f"| {name} | {wall:.0f} | {cpu:.0f} | {SAYS[name]} |")

    here, there = _rows(ours.published_database), _rows(with_dlt)
    assert {name: here[name] for name in there} == there, "not the same marts"
