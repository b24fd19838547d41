"""Each kind of asset check executed alone, as the button of the web interface does, and what dbt says of a failure."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from orchestration.raw_assets import FRESH, LOADED, raw_key
from tests.pipeline.conftest import log_of
from warehouse.connection import Home, open_work

DATASET = DATASETS["nyfed.reference_rates"]
MART = dg.AssetKey(["marts", "srf_operations"])


@pytest.fixture
def home(refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The work file and dbt's manifest of the sample: what a check needs."""
    home = log_of(refreshed, tmp_path / "home" / "sample")
    monkeypatch.setenv("LIQUIDITY_SAMPLE", "1")
    return home


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def _execute(instance: dg.DagsterInstance, *checks: dg.AssetCheckKey) -> tuple[dg.ExecuteInProcessResult, dict]:
    """The checks alone; returns the run and its evaluations."""
    from orchestration import definitions

    job = definitions.defs().resolve_implicit_global_asset_job_def()
    alone = job.get_subset(asset_selection=set(), asset_check_selection=set(checks))
    run = alone.execute_in_process(instance=instance, raise_on_error=False)
    found = {evaluation.asset_check_key: evaluation for evaluation in run.get_asset_check_evaluations()}
    assert run.get_asset_materialization_events() == []
    return run, found


def _rows(home: Home, table: str) -> int:
    with open_work(home) as con:
        return con.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_raw_checks_alone_judge_what_is_held_and_fetch_nothing(home: Home, instance: dg.DagsterInstance):
    loaded, fresh = (dg.AssetCheckKey(raw_key(DATASET), name) for name in (LOADED, FRESH))
    fetches = _rows(home, "meta.fetch")
    for key in (loaded, fresh):
        run, found = _execute(instance, key)
        assert run.success
        assert found.keys() == {key}
        assert found[key].passed
    with open_work(home) as con:
        con.execute(
            "INSERT INTO meta.quarantine BY NAME SELECT ? AS dataset, 'SOFR' AS scope, 'LayoutError' AS error, "
            "'unknown column' AS message, ?::TIMESTAMP AS quarantined_at, 'r' AS run_id",
            [DATASET.id, utc_now() + timedelta(minutes=1)],
        )
        con.execute("DELETE FROM raw.nyfed__reference_rates WHERE effective_date > DATE '2026-01-01'")
    _, found = _execute(instance, loaded, fresh)
    assert not found[loaded].passed
    assert found[loaded].metadata["error"].value == "SOFR: LayoutError: unknown column"
    assert not found[fresh].passed
    assert "SOFR" in found[fresh].metadata["late"].value
    assert _rows(home, "meta.fetch") == fetches


@pytest.mark.slow
def test_dbt_check_alone_tests_what_is_built_and_builds_nothing(home: Home, instance: dg.DagsterInstance):
    key = dg.AssetCheckKey(MART, "grain_of_srf_operations")
    with open_work(home) as con:
        con.execute("INSERT INTO marts.srf_operations SELECT * FROM marts.srf_operations LIMIT 3")
        nodes = con.execute("SELECT count(*) FROM meta.build").fetchone()
    rows = _rows(home, "marts.srf_operations")
    run, found = _execute(instance, key)
    assert run.success
    assert found.keys() == {key}
    assert not found[key].passed
    assert found[key].description == found[key].metadata["reason"].value == "3 rows break it, none may"
    assert found[key].metadata["row 3"].value.startswith("operation_id RP ")
    assert _rows(home, "marts.srf_operations") == rows
    with open_work(home) as con:
        assert con.execute("SELECT name FROM meta.build WHERE NOT is_ok").fetchall() == [(key.name,)]
        assert con.execute("SELECT count(*) FROM meta.build").fetchone() == nodes
        kept = con.execute("SELECT count(*) FROM meta.built WHERE node LIKE '%.grain_of_srf_operations.%'").fetchone()
        assert kept == (0,)  # the next build runs it again
        con.execute("DROP TABLE marts.srf_operations")
    _, found = _execute(instance, key)
    assert not found[key].passed
    assert "srf_operations does not exist" in found[key].metadata["reason"].value
