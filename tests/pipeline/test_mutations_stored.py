"""Deliberate errors in what is stored, one by one: the named check is green before and red with the error."""

import csv
from pathlib import Path

import dagster as dg
import pytest

from orchestration.dbt_assets import dbt_assets
from orchestration.resources import SAMPLE_VARIABLE, Warehouse
from tests.mutations.bench import Bench
from tests.mutations.kinds import Stored
from tests.mutations.stored import BROKEN_PAIRS, PAIRS, STORED
from tests.pipeline.conftest import log_of
from warehouse import locations
from warehouse.connection import Home, open_work
from warehouse.models import build

ALL = (*STORED, *BROKEN_PAIRS)


def test_checks_are_green_without_the_errors(bench: Bench):
    assert {mutation.check for mutation in ALL} - bench.green_before == set()


def test_every_pair_is_broken_once():
    with locations.PROJECT.joinpath("seeds", "reconciliation_pairs.csv").open(encoding="utf-8") as seed:
        assert {row["pair"] for row in csv.DictReader(seed)} == PAIRS.keys()


@pytest.mark.parametrize("mutation", ALL, ids=lambda mutation: mutation.name)
def test_named_check_turns_red(mutation: Stored, bench: Bench):
    assert bench.red_when_stored(mutation) == {mutation.check, *mutation.also}


@pytest.mark.slow
def test_a_broken_pair_fails_its_check_in_dagster_and_holds_the_mart_back(
    refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path))
    monkeypatch.setenv(SAMPLE_VARIABLE, "1")
    home = log_of(refreshed, Home.locate(is_simulated=True).root)
    pair = next(mutation for mutation in BROKEN_PAIRS if mutation.check == "reconciled_sofr_nyfed_ofr")
    with open_work(home) as con:
        con.execute(pair.sql)
    run = dg.materialize(
        [dbt_assets(home)],
        selection=[
            dg.AssetKey(["staging", "stg_ofr__short_term_funding"]),
            dg.AssetKey(["marts", "reconciliation"]),
        ],
        resources={"warehouse": Warehouse()},
    )
    failed = {evaluation.check_name for evaluation in run.get_asset_check_evaluations() if not evaluation.passed}
    assert failed == {pair.check}
    assert build.held_back(home) == {"reconciliation": f"check {pair.check} fails for 20 rows"}
