"""The same two models on DuckDB and on Sail, of 1, 10 and 100 million observations: seconds and memory, one run.

Run with `pytest -m benchmark -n 0 -s tests/benchmarks/test_engines.py`. A twentieth of the values was revised once. "as
known" is what staging does: a table of the versions that were known at a moment. "monthly" is what marts do: the change
against the day before, then means by series and month, from that table. Both engines read and write Parquet.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tests.conftest import REPOSITORY
from tests.spark import installed, serving
from warehouse.generation import literal
from warehouse.publication.spark.export import PLAN, path_of, spelled

DAYS = 5_000
MODELS = {
    "staging.as_known": """
        SELECT series_id, observation_date, value_usd_bn FROM "liquidity"."history"."observations"
        WHERE known_from <= timestamp '2020-01-01' AND known_to > timestamp '2020-01-01' AND NOT is_deleted""",
    "marts.monthly": """
        SELECT series_id, date_trunc('month', observation_date) AS month_date, avg(value_usd_bn) AS mean_usd_bn,
            max(abs(change_usd_bn)) AS largest_change_usd_bn, count(*) AS days_count
        FROM (
            SELECT *, value_usd_bn - lag(value_usd_bn) OVER (
                PARTITION BY series_id ORDER BY observation_date) AS change_usd_bn
            FROM "liquidity"."staging"."as_known")
        GROUP BY series_id, date_trunc('month', observation_date)""",
}


def make(folder: Path, observations: int) -> None:
    """An exported folder: the log of so many observations, revised ones not counted, and the two models."""
    path = folder / "history" / "observations.parquet"
    path.parent.mkdir(parents=True)
    versions = f"""
        SELECT format('S{{:06d}}', s) AS series_id, DATE '2010-01-01' + CAST(d AS INTEGER) AS observation_date,
            round(100 + (hash(s * {DAYS} + d) % 100000) / 1000, 3) AS value_usd_bn,
            observation_date + INTERVAL 45 HOUR AS first_from,
            CASE WHEN hash(d * 31 + s) % 20 = 0 THEN first_from + INTERVAL 400 DAY END AS revised_from
        FROM range({observations // DAYS}) AS a(s), range({DAYS}) AS b(d)"""
    duckdb.execute(
        f"""
        COPY (
            SELECT series_id, observation_date, value_usd_bn, first_from AS known_from,
                coalesce(revised_from, TIMESTAMP '9999-12-31') AS known_to, false AS is_deleted FROM ({versions})
            UNION ALL
            SELECT series_id, observation_date, value_usd_bn + 1, revised_from, TIMESTAMP '9999-12-31', false
            FROM ({versions}) WHERE revised_from IS NOT NULL
        ) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"""
    )
    models = [{"name": name, "sql": spelled(sql), "columns": []} for name, sql in MODELS.items()]
    (folder / PLAN).write_text(json.dumps({"inputs": ["history.observations"], "models": models}), "utf-8")


def on_duckdb(folder: Path) -> dict[str, float]:
    """Wall seconds of each model, from Parquet to Parquet."""
    con = duckdb.connect()
    con.execute("ATTACH ':memory:' AS liquidity; USE liquidity; CREATE SCHEMA history; CREATE SCHEMA staging")
    con.execute(f"CREATE VIEW history.observations AS FROM '{folder}/history/observations.parquet'")
    seconds = {}
    for name, sql in MODELS.items():
        target = folder / "duckdb" / f"{path_of(name)}.parquet"
        target.parent.mkdir(parents=True)
        begun = time.perf_counter()
        con.execute(f"COPY ({sql}) TO {literal(str(target))} (FORMAT parquet)")
        seconds[name] = time.perf_counter() - begun
        if name.startswith("staging."):
            con.execute(f"CREATE VIEW {name} AS FROM {literal(str(target))}")
    return seconds


def _used(pid: int) -> tuple[float, float]:
    """CPU seconds and largest memory in GB of a running process."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), int(line.split()[1]) / 1024**2


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("spark"))


@pytest.mark.benchmark
@pytest.mark.parametrize("observations", [1_000_000, 10_000_000, 100_000_000])
def test_engines(tmp_path: Path, python: Path, observations: int):
    make(tmp_path, observations)
    told = {"duckdb": _inside(sys.executable, "duckdb", tmp_path)}
    with serving(python) as (address, pid):
        seconds, *_ = _inside(python, address, tmp_path)
        told["sail"] = seconds, *_used(pid)
    for engine, (seconds, cpu, peak_gb) in told.items():
        wall = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
        print(f"\n{observations:,} on {engine}: {wall} s; {cpu:.1f} CPU s, peak {peak_gb:.2f} GB")
    rows = duckdb.execute(
        f"SELECT (SELECT count(*) FROM '{tmp_path}/duckdb/marts/monthly.parquet'), "
        f"(SELECT count(*) FROM '{tmp_path}/marts/monthly/*.parquet')"
    ).fetchone()
    assert rows
    assert rows[0] == rows[1] > 0
    shutil.rmtree(tmp_path)


def _inside(python: str | Path, engine: str, folder: Path) -> tuple[dict[str, float], float, float]:
    """Wall seconds of each model, CPU seconds and largest memory in GB of the process that asked."""
    done = subprocess.run(
        [python, "-m", "tests.benchmarks.test_engines", engine, folder],
        cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, timeout=3_600, check=True,
    )  # fmt: skip
    return tuple(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    if sys.argv[1] == "duckdb":
        costs = on_duckdb(Path(sys.argv[2]))
    else:
        from warehouse.publication.spark.run import run

        made = list(run(Path(sys.argv[2]), sys.argv[1]))
        assert not any(model.message for model in made), made
        costs = {model.name: model.seconds for model in made}
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([costs, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2]))
