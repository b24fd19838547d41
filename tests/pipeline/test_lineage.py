"""The lineage of the real marts: complete, and true when values are spoiled."""

import pytest

from ingest.catalog import Dataset
from ingest.providers import DATASETS
from tests.pipeline.conftest import log_of
from warehouse.connection import Home, open_published, open_work
from warehouse.models import build, compilation
from warehouse.models.fingerprints import contents

# Three marts with narrow and different sources.
NARROW = ("dollar_liquidity_daily", "repo_market_daily", "saving_vs_deficit_annual")


def test_every_column_of_every_mart_is_traced_to_a_source(refreshed: Home):
    with open_published(refreshed) as con:
        columns = set(
            con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts'").fetchall()
        )
        traced = set(con.execute("SELECT DISTINCT mart, column_name FROM meta.column_lineage").fetchall())
        orphans = con.execute(
            "SELECT DISTINCT source_table, source_column FROM meta.column_lineage "
            "WHERE starts_with(source_table, 'history.') AND (source_table, source_column) NOT IN "
            "(SELECT ('history.' || table_name, column_name) "
            "FROM duckdb_columns() WHERE schema_name = 'history')"
        ).fetchall()
    assert orphans == []
    assert traced <= columns
    # What is left is written into the model itself: labels, and counts of rows, which have no column.
    written = ("_basis", "_count", "_kind", "_number")
    left = {f"{mart}.{column}" for mart, column in columns - traced if not column.endswith(written)}
    assert left <= {
        "revision_log.dataset", "thesis_scorecard.published_at", "srf_event_study.control", "srf_event_window.control",
        "srf_event_window.business_day_offset", "dealer_positions_weekly.bucket",
        *(f"treasury_holders_quarterly.{name}" for name in ("sector", "z1_series", "z1_transactions_series")),
        *(f"srf_scenario{name}" for name in (".scenario", "_drivers.scenario", "_backtest.scenario",
                                             "_backtest.scenario_measure")),
        *(f"forecast_scores.{name}" for name in ("record", "horizon_from_days", "horizon_to_days")),
        *(f"{mart}.{name}" for name in ("forecast_target", "forecast_model", "forecast_unit")
          for mart in ("balance_sheet_forecasts", "quarter_end_sofr_forecasts", "forecast_history",
                       "forecast_scores")),
    }  # fmt: skip


def test_catalog_names_the_marts_of_a_series_and_not_of_its_dataset(refreshed: Home):
    with open_published(refreshed) as con:
        marts = {
            (dataset, series): set(filter(None, used.split(", ")))
            for dataset, series, used in con.execute(
                "SELECT dataset, series, used_by_marts FROM marts.series_catalog"
            ).fetchall()
        }
    assert "fed_balance_sheet_weekly" in marts["fred.observations", "WLFN"]
    assert "saving_vs_deficit_annual" not in marts["fred.observations", "WLFN"]
    assert marts["fred.observations", "PSAVERT"] == {"saving_vs_deficit_annual", "thesis_scorecard"}
    assert "reconciliation" in marts["fred.observations", "CBBTCUSD"]
    assert "treasury_issuance_daily" in marts["fiscaldata.public_debt_transactions", ""]


def test_no_price_of_an_exchange_leaves_under_another_name(refreshed: Home):
    """Every column that a price flows into is withheld, or is one of those in which no price can be seen any more."""
    made_of_prices = {
        "reconciliation.difference_value",  # relative, in basis points
        "reconciliation.first_value", "reconciliation.second_value",  # date_shift rows: medians of such differences
        "reconciliation.detected_shift_days", "reconciliation.verdict",
        # Correlations, days, volatility and the change over a whole window: one figure a claim, no price.
        *(f"thesis_scorecard.{column}" for column in (
            "then_value", "then_basis", "then_verdict", "now_value", "now_basis", "now_verdict", "claim_then_verdict",
            "claim_now_verdict", "claim_sentence", "sentence",
        )),
        # The same, and levels in whole percent outside a claimed range (tests/unit/test_essay_rules.py).
        *(f"essay_scorecard.{column}" for column in (
            "then_value", "then_basis", "then_verdict", "now_value", "now_basis", "now_verdict", "claim_then_verdict",
            "claim_now_verdict", "sentence",
        )),
    }  # fmt: skip
    with open_published(refreshed) as con:
        out = {
            f"{mart}.{column}"
            for mart, column in con.execute(
                "SELECT DISTINCT l.mart, l.column_name FROM meta.column_lineage AS l WHERE "
                "(source_table = 'history.fred__observations' AND source_column = 'value' "
                "AND list_contains(series, 'CBBTCUSD') "
                "OR source_table IN ('history.coinbase__daily_candles', 'history.kraken__daily_candles') "
                "AND source_column LIKE '%usd_per_btc') "
                "AND (l.mart, l.column_name) NOT IN (SELECT (mart, column_name) FROM meta.withheld_column)"
            ).fetchall()
        }
    assert out <= made_of_prices
    assert "reconciliation.difference_value" in out, "the search would find a price"


def _spoil(con, dataset: Dataset, series: list[str] | None) -> None:
    """Change every number of a dataset, or of some of its series."""
    numbers = [c.name for c in dataset.columns if c.unit is not None and c.name not in dataset.key]
    if not numbers:
        return
    values = ", ".join(f'"{name}" = "{name}" * 3 + 7' for name in numbers)
    where = "" if series is None else f"WHERE list_contains(?, {dataset.series_column})"
    con.execute(f"UPDATE raw.{dataset.table} SET {values} {where}", [series] if series is not None else [])


@pytest.mark.parametrize("is_used", [False, True])
def test_spoiling_what_a_mart_does_not_use_leaves_it_alone(refreshed: Home, tmp_path, is_used: bool):
    """Lineage may name too much, never too little: all other values are spoiled at once. What it names changes it."""
    home = log_of(refreshed, tmp_path / "sample")

    def digests() -> dict[str, str]:
        with open_work(home) as con:
            return {mart: contents(con, [f"marts.{mart}"])[f"marts.{mart}"] for mart in NARROW}

    before = digests()
    with open_work(home) as con:
        rows = con.execute("SELECT dataset, series FROM meta.lineage WHERE list_contains(?, mart)", [list(NARROW)])
        used = set(rows.fetchall())
        spoiled = 0
        for dataset in DATASETS.values():
            whole = (dataset.id, None) in used
            names = [s.id for s in dataset.series if ((dataset.id, s.id) in used) == is_used]
            if dataset.series_column and dataset.series:
                _spoil(con, dataset, names)
                spoiled += len(names)
            elif whole == is_used:
                _spoil(con, dataset, None)
                spoiled += 1
    assert spoiled > 15
    made = compilation.compiled_project(home)
    models = {node.name for mart in NARROW for node in made.up_to(mart)}
    assert build.build(home, run_id="test", names=models, with_checks=False).failed == []
    after = digests()
    assert [mart for mart in NARROW if after[mart] != before[mart]] == (list(NARROW) if is_used else [])


def test_every_series_reaches_a_mart_or_says_why_it_is_held(refreshed: Home):
    with open_published(refreshed) as con:
        lines = con.execute("SELECT dataset, series, used_by_marts, held_for FROM marts.series_catalog").fetchall()
    assert len(lines) > 230
    assert [(dataset, series) for dataset, series, marts, why in lines if bool(marts) == bool(why)] == []
    assert len([why for *_, why in lines if why]) < len(lines) / 4
