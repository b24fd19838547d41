"""The main job beside a bare script that does the same loads and the same SQL: ratios measured in one run.

Run with `pytest -m benchmark -n 0 -s`. The floor fetches the same bodies from the same simulated providers, parses them
with the same parsers, creates plain tables with DuckDB and runs the compiled SQL of every model: no archive, no
history, no data tests, no Dagster, no dbt, no published files.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pipeline.conftest import run_liquidity
from warehouse.connection import Home

FLOOR = """
import json, sys, time
started = time.perf_counter()
import duckdb, polars as pl
from ingest import sample
from ingest.calendars import new_york_today, utc_now
from ingest.catalog import Plan
from ingest.http import Client
from ingest.providers import PROVIDERS
imported = time.perf_counter()
statements = json.load(open(sys.argv[1]))
con = duckdb.connect(sys.argv[2])
for schema in ("history", "seeds", "staging", "intermediate", "marts"):
    con.execute(f"CREATE SCHEMA {schema}")
transport = sample.transport(new_york_today())
fetching = loading = 0.0
bodies = {}
for provider in PROVIDERS:
    client = Client(provider, transport=transport)
    for dataset in provider.datasets:
        begun = time.perf_counter()
        frames = []
        for request in dataset.requests(dataset, Plan(utc_now().date())):
            while request is not None:
                key = request.public_url
                if key not in bodies:
                    bodies[key] = client.get(request).body
                frame = dataset.conform(dataset.parse(dataset, bodies[key], request)).frame
                frames.append(frame)
                request = dataset.next_page(bodies[key], request) if dataset.next_page else None
        frame = pl.concat(frames).to_arrow()
        fetching += time.perf_counter() - begun
        begun = time.perf_counter()
        con.register("incoming", frame)
        con.execute(
            f"CREATE TABLE history.{dataset.table} AS SELECT *, TIMESTAMP '2000-01-01' AS known_from, "
            "TIMESTAMP '9999-12-31' AS known_to, 'modelled' AS known_basis, 1 AS load_seq, false AS is_deleted, "
            "'' AS payload_id FROM incoming"
        )
        loading += time.perf_counter() - begun
begun = time.perf_counter()
for relation, statement in statements:
    con.execute(f"CREATE TABLE {relation} AS {statement}")
con.close()
ended = time.perf_counter()
print(json.dumps({"imports": imported - started, "fetch": fetching, "load": loading, "sql": ended - begun,
                  "total": ended - started}))
"""


def _statements(home: Home) -> list[tuple[str, str]]:
    """Relation and SELECT of every seed and model, in the order dbt runs them."""
    manifest = json.loads((home.root / "dbt" / "manifest.json").read_text("utf-8"))
    compiled = home.root / "dbt" / "compiled"
    pending = {k: n for k, n in manifest["nodes"].items() if n["resource_type"] in ("seed", "model")}
    statements, done = [], set()
    while pending:
        for key, node in list(pending.items()):
            if all(parent in done or parent.startswith("source") for parent in node["depends_on"].get("nodes", [])):
                relation = f"{node['schema']}.{node['name']}"
                if node["resource_type"] == "seed":
                    statements.append((relation, f"SELECT * FROM seed_source.{node['name']}"))
                else:
                    (file,) = compiled.rglob(f"{node['name']}.sql")
                    statements.append((relation, re.sub(r'"liquidity"\\.', "", file.read_text("utf-8"))))
                done.add(key)
                del pending[key]
    return statements


@pytest.mark.benchmark
def test_refresh_beside_the_floor(tmp_path: Path):
    seconds = {}
    for label in ("cold", "warm"):
        begun = time.perf_counter()
        result = run_liquidity(tmp_path, "refresh", "--sample")
        seconds[label] = time.perf_counter() - begun
        assert result.returncode == 0, result.stderr
        print(f"\n{label}: {result.stdout.splitlines()[-1]}")
    home = Home(tmp_path / "sample", is_simulated=True)
    statements = [
        (relation, statement.replace("SELECT * FROM seed_source.", "SELECT * FROM seed_source.seeds."))
        for relation, statement in _statements(home)
    ]
    path = tmp_path / "statements.json"
    path.write_text(json.dumps(statements), "utf-8")
    script = FLOOR.replace(
        "transport = sample",
        f"con.execute(\"ATTACH '{home.work_database}' AS seed_source (READ_ONLY)\")\ntransport = sample",
    )
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(tmp_path / "liquidity.duckdb")],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    seconds["floor"] = time.perf_counter() - begun
    assert done.returncode == 0, done.stderr
    print(f"floor: {seconds['floor']:.1f} s: {done.stdout.strip()}")
    for label in ("cold", "warm"):
        print(f"{label} / floor = {seconds[label] / seconds['floor']:.1f}")
    assert seconds["floor"] > 0
