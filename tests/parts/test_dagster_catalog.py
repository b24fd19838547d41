"""What Dagster's catalog says of every asset: description, owner, group, freshness; and `dg check defs`."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise

import dagster as dg
import duckdb
import pytest

from ingest.providers import DATASETS
from orchestration import asset_facts, definitions
from orchestration.raw_assets import raw_key
from tests.conftest import REPOSITORY
from warehouse.connection import Home
from warehouse.models import mart_files
from warehouse.publication.charts import LINKS


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, compiled: Callable[[Home], Home]) -> Home:
    return compiled(Home(tmp_path_factory.mktemp("home") / "sample", is_simulated=True))


@pytest.fixture(scope="module")
def defs(home: Home):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIQUIDITY_HOME", str(home.root.parent))
        patch.setenv("LIQUIDITY_SAMPLE", "1")
        yield definitions.defs()


@pytest.fixture(scope="module")
def graph(defs: dg.Definitions):
    return defs.resolve_asset_graph()


def test_every_dataset_is_an_asset_and_jobs_run_in_their_process(defs: dg.Definitions):
    keys = {key.to_user_string() for key in defs.resolve_all_asset_keys()}
    assert {f"{d.provider}/{d.name}" for d in DATASETS.values()} <= keys
    assert {f"history/{d.table}" for d in DATASETS.values()} <= keys
    schedule = defs.resolve_schedule_def("nightly_refresh")
    assert schedule.execution_timezone == "America/New_York"
    assert defs.executor.name == "in_process"
    assert defs.resolve_job_def("refresh").executor_def.name == "in_process"


def test_every_asset_is_described_owned_and_grouped(graph):
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    assert len(nodes) > 180
    assert [node.key for node in nodes if not node.description or len(node.description) < 10] == []
    assert [node.key for node in nodes if list(node.owners) != asset_facts.OWNERS] == []
    assert [node.key for node in nodes if node.group_name in (None, "default", "marts")] == []
    assert [node.key for node in nodes if not node.kinds] == []


def test_marts_stand_under_their_link_of_the_chain(graph):
    groups = {k.path[1]: graph.get(k).group_name for k in graph.get_all_asset_keys() if k.path[0] == "marts"}
    assert groups == {mart: f"marts_{link}" for link in LINKS for mart in mart_files.of_link(link)}
    assert groups["srf_operations"] == "marts_srf"


def test_a_mart_says_how_it_gets_to_readers(graph):
    marts = [graph.get(key) for key in graph.get_all_asset_keys() if key.path[0] == "marts"]
    assert [node.key for node in marts if "`published`" not in node.description] == []


def test_no_dataset_is_stale_when_it_came_with_its_last_release(graph):
    """Nothing that is fetched at each release is even warned of before the next one, and none waits half a year."""
    for dataset in DATASETS.values():
        policy = graph.get(raw_key(dataset)).freshness_policy
        release, day = dataset.release, date(2025, 3, 31)
        warn, fail = (each.to_timedelta() for each in (policy.warn_window, policy.fail_window))
        assert warn < fail <= timedelta(days=125), dataset.id
        moments = []
        while day < date(2027, 1, 1):
            day = asset_facts.next_effective(day, dataset.cadence, dataset.calendar)
            moments.append(release.published_at(day))
        gaps = [after - before for before, after in pairwise(moments)]
        assert max(gaps) <= warn + timedelta(days=1), dataset.id


def test_rows_and_newest_date_follow_the_grain():
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA meta")
        con.execute("CREATE SCHEMA marts")
        con.execute("CREATE TABLE meta.mart_key (mart VARCHAR, column_name VARCHAR, position BIGINT)")
        con.execute("INSERT INTO meta.mart_key VALUES ('m', 'country', 1), ('m', 'month_date', 2)")
        con.execute("CREATE TABLE marts.m (as_of_date DATE, country VARCHAR, month_date DATE)")
        assert asset_facts.extents(con, "marts")["m"] == {"dagster/row_count": 0}
        con.execute("INSERT INTO marts.m VALUES ('2030-01-01', 'a', '2025-11-30'), ('2030-01-01', 'a', '2025-10-31')")
        assert asset_facts.extents(con, "marts")["m"] == {
            "dagster/row_count": 2, "newest date": "2025-11-30",
            "newest date, days since 1970": (datetime(2025, 11, 30) - datetime(1970, 1, 1)).days,
        }  # fmt: skip
        con.execute("CREATE TABLE marts.n (name VARCHAR)")
        assert asset_facts.extents(con, "marts")["n"] == {"dagster/row_count": 0}


@pytest.mark.slow
def test_dg_checks_the_definitions(home: Home):
    surroundings = {**os.environ, "LIQUIDITY_HOME": str(home.root.parent), "LIQUIDITY_SAMPLE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dagster_dg_cli.cli", "check", "defs"], cwd=REPOSITORY, env=surroundings,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All definitions loaded successfully" in done.stdout + done.stderr


def test_key_of_a_table_of_meta_is_what_dbt_reads(graph):
    held = {key for key in graph.get_all_asset_keys() if key.path[0] == "meta"}
    assert held == {spec.key for spec in asset_facts.meta_assets()}
    assert dg.AssetKey(["meta", "release"]) in held
