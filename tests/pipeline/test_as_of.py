"""The mart layer as it would have been known at a past moment."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from ingest.providers import DATASETS
from tests.pipeline.conftest import log_of
from warehouse import locations
from warehouse.connection import Home, open_work
from warehouse.generation import marts
from warehouse.models import build, compilation
from warehouse.models.fingerprints import contents
from warehouse.models.project import spoken

MOMENT = datetime(2025, 11, 4, 14, 0)  # 09:00 in New York on the day of the essay


@pytest.fixture(scope="module")
def work(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    root = tmp_path_factory.mktemp("as_of")
    return log_of(refreshed, root / "sample")


def _contents(home: Home) -> dict[str, str]:
    """Digest of the rows of each mart."""
    with open_work(home) as con:
        return contents(con, [f"marts.{mart}" for mart in marts(con)])


def _build(home: Home, moment: datetime) -> dict[str, str]:
    result = build.build_past(home, compilation.compiled_project(home), moment, run_id="test", with_checks=False)
    assert [node.name for node in result.nodes if node.kind == "model" and not node.is_ok] == []
    return _contents(home)


@pytest.mark.slow
def test_as_of_now_is_the_current_state(work: Home):
    current = _contents(work)
    assert len(current) >= 27
    _assert_same(_build(work, datetime(9999, 12, 30)), current)


@pytest.mark.slow
def test_sql_with_another_moment_in_it_is_what_dbt_compiles_for_that_moment(work: Home, tmp_path: Path):
    """Word for word, for every model and every data test, in schemas of a second state; so what it gives is dbt's."""
    made = compilation.compiled_project(work)
    variables = {"as_of": spoken(MOMENT), "schema_prefix": "second_", "is_simulated": True}
    place = str(locations.PROJECT)
    with compilation.pointed_at(tmp_path / "scratch" / "liquidity.duckdb", tmp_path / "target"):
        result = dbtRunner().invoke([
            "--log-level", "none", "--log-level-file", "none", "--no-write-json", "compile", "--project-dir", place,
            "--profiles-dir", place, "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path),
            "--vars", json.dumps(variables),
        ])  # fmt: skip
    DuckDBConnectionManager.close_all_connections()
    assert result.exception is None, result.exception
    theirs = {run.node.unique_id: (run.node.compiled_code or "").strip() for run in result.result.results}
    ours = {node.id: made.sql_of(node, MOMENT, "second_") for node in made.nodes.values() if node.kind != "seed"}
    assert len(ours) > 400
    assert [node_id for node_id, sql in ours.items() if theirs[node_id] != sql] == []
    assert sum(sql != made.nodes[node_id].sql for node_id, sql in ours.items()) > 350


def _assert_same(made: dict[str, str], expected: dict[str, str]) -> None:
    """The same rows in every mart; names the marts that differ rather than printing them."""
    assert made.keys() == expected.keys()
    assert [mart for mart in expected if made[mart] != expected[mart]] == []


@pytest.fixture(scope="module")
def past(work: Home) -> dict[str, str]:
    return _build(work, MOMENT)


@pytest.mark.slow
def test_past_moment_knows_nothing_later_and_poison_does_not_reach_it(work: Home, past: dict[str, str]):
    """Everything known after the moment is spoiled; the marts as of the moment stay identical."""
    with open_work(work) as con:
        (newest_sofr,) = con.execute(
            "SELECT max(effective_date) FROM marts.funding_stress_daily WHERE sofr_pct IS NOT NULL"
        ).fetchone()
        newest_h41 = con.execute("SELECT max(wednesday_date) FROM marts.fed_balance_sheet_weekly").fetchone()[0]
        newest_srf = con.execute("SELECT max(operation_date) FROM marts.srf_operations").fetchone()[0]
        later = con.execute("SELECT DISTINCT policy_regime FROM marts.srf_operations").fetchall()
    # At 09:00 on Tuesday 4 November: SOFR of Monday is out since 08:00, H.4.1 of Wednesday 29 October since Thursday,
    # the last operation is Monday afternoon's (Tuesday morning's stamp is 08:31, so it is in already).
    assert str(newest_sofr) == "2025-11-03"
    assert str(newest_h41) == "2025-10-29"
    assert str(newest_srf) == "2025-11-04"
    assert not any("allotment" in regime for (regime,) in later)
    # In a state of the essay's day the scorecard has one moment, whatever was kept from the day's end.
    with open_work(work) as con:
        scored = con.execute(
            "SELECT then_value, now_value, then_verdict, now_verdict, published_at FROM marts.thesis_scorecard"
        ).fetchall()
    assert len(scored) > 100
    assert [row for row in scored if row[0] != row[1] or row[2] != row[3] or row[4] != MOMENT] == []
    with open_work(work) as con:
        poisoned = 0
        for dataset in DATASETS.values():
            numbers = [c.name for c in dataset.columns if c.unit is not None and c.name not in dataset.key]
            spoil = ", ".join(f'"{name}" = "{name}" * 7 + 13' for name in numbers)
            con.execute(f"UPDATE raw.{dataset.table} SET {spoil} WHERE known_from > ?", [MOMENT])
            poisoned += con.execute(
                f"SELECT count(*) FROM raw.{dataset.table} WHERE known_from > ?", [MOMENT]
            ).fetchone()[0]
    assert poisoned > 10_000
    _assert_same(_build(work, MOMENT), past)


def test_poison_before_the_moment_is_seen(work: Home, past: dict[str, str]):
    """The same spoiling one step earlier does change the marts: the test above can fail."""
    with open_work(work) as con:
        con.execute(
            "UPDATE raw.nyfed__reference_rates SET rate_pct = rate_pct + 0.01 "
            "WHERE rate_type = 'SOFR' AND effective_date = DATE '2025-11-03'"
        )
    made = compilation.compiled_project(work)
    with open_work(work) as con:
        assert [
            fault for _, _, fault, _ in made.make(con, made.up_to("funding_stress_daily"), as_of=MOMENT) if fault
        ] == []
    assert _contents(work)["marts.funding_stress_daily"] != past["marts.funding_stress_daily"]
