"""The formula of the scenario of standing repo and the file of a user's assumptions, on a state made here."""

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from warehouse.publication import formula, scenario

START = {
    "start_date": "DATE '2025-03-31'",
    "start_repo_usd_bn": "2855.0",
    "start_standing_repo_usd_bn": "12.5",
    "start_assets_usd_bn": "6740.25",
    "start_reserves_usd_bn": "3450.9",
    "start_tga_usd_bn": "316.0",
    "start_on_rrp_usd_bn": "241.4",
    "start_other_liabilities_usd_bn": "6740.25 - 3450.9 - 316.0 - 241.4",
    "start_gdp_usd_bn": "29374.9",
}
QUARTERS = 12
# What a higher driver does to demand, private supply and what is left to the Fed: up, down or nothing; None where the
# other drivers decide. More demand draws reverse repo, which becomes reserves that banks may lend: supply rises too.
MOVES = {
    "borrowing_to_cbo_ratio": (1, None, None),
    "bills_share_ratio": (-1, None, None),
    "leveraged_share_ratio": (1, 1, 1),
    "repo_to_purchases_ratio": (1, 1, 1),
    "haircut_ratio": (-1, -1, -1),
    "money_fund_inflow_ratio": (0, 1, -1),
    "money_fund_bills_ratio": (0, None, None),
    "money_fund_repo_ratio": (0, None, None),
    "bank_lending_ratio": (0, 1, -1),
    "scarcity_point_pct": (0, -1, 1),
    "reserve_management_usd_bn_month": (0, 1, -1),
    "gdp_growth_pct": (0, -1, 1),
    "other_liabilities_growth_pct": (0, -1, 1),
}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """The two marts that the command reads: the seed's drivers, and a start with borrowing of 500 a quarter."""
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA marts")
        seed = REPOSITORY / "dbt_project" / "seeds" / "scenario_drivers.csv"
        standards = " UNION ALL ".join(
            f"SELECT '{name}' AS scenario, driver, driver_unit, {name} AS driver_value, {name}_source AS driver_source"
            ", lowest AS lowest_value, highest AS highest_value, what_it_is, "
            "CASE WHEN driver = 'scarcity_point_pct' THEN 11.6 END AS measured_driver_value, "
            "measured_driver_value - 1 AS measured_driver_low_value, "
            f"measured_driver_value + 5 AS measured_driver_high_value FROM read_csv('{seed}')"
            for name in ("low", "middle", "high")
        )
        con.execute(f"CREATE TABLE marts.srf_scenario_drivers AS {standards}")
        names = [name for (name,) in con.execute("SELECT DISTINCT driver FROM marts.srf_scenario_drivers").fetchall()]
        picked = ", ".join(f"max(driver_value) FILTER (driver = '{name}') AS {name}" for name in names)
        start = ", ".join(f"{_typed(name)} AS {name}" for name in START)
        runs = (
            f"(SELECT scenario AS run, scenario, {start}, CAST(NULL AS DOUBLE) AS standing_repo_limit_usd_bn, {picked} "
            "FROM marts.srf_scenario_drivers GROUP BY scenario)"
        )
        quarters = (
            "(SELECT run, number AS quarter_number, last_day(DATE '2025-03-01' + number * INTERVAL 3 MONTH) "
            "AS quarter_date, CAST(500 AS DOUBLE) AS projected_borrowing_usd_bn, 'CBO' AS borrowing_source "
            f"FROM unnest(['low', 'middle', 'high']) AS runs (run), range(1, {QUARTERS + 1}) AS numbers (number))"
        )
        columns = _columns_of_the_mart()
        con.execute(
            f"CREATE TABLE marts.srf_scenario AS SELECT {', '.join(columns)} FROM ({formula.sql(runs, quarters)})"
        )
        yield con


def _typed(name: str) -> str:
    return START[name] if name.endswith("_date") else f"CAST({START[name]} AS DOUBLE)"


def _columns_of_the_mart() -> list[str]:
    text = (REPOSITORY / "dbt_project/models/marts/srf/srf_scenario.sql").read_text("utf-8")
    chosen = text.rsplit("\nselect\n", 1)[1].split("\nfrom ", 1)[0]
    return [line.strip().rstrip(",").split(" as ")[-1] for line in chosen.split("\n")]


def _run(con: duckdb.DuckDBPyConnection, base: str = "middle", **own: float) -> pl.DataFrame:
    return scenario.run(con, scenario.drivers(con), scenario.Assumptions("own", base, own))


def _some(driver: scenario.Driver) -> st.SearchStrategy[float]:
    return st.floats(driver.lowest, driver.highest)


def test_every_driver_has_a_direction_a_range_and_three_sources(con):
    known = scenario.drivers(con)
    assert {driver.name for driver in known} == set(MOVES)
    for driver in known:
        assert all(driver.lowest <= value <= driver.highest and source for value, source in driver.standards.values())
    with (REPOSITORY / "dbt_project/seeds/scenario_drivers.csv").open(encoding="utf-8", newline="") as file:
        ungrounded = [row["driver"] for row in csv.DictReader(file) if "assumption" in row["middle_source"]]
    assert ungrounded == [
        "repo_to_purchases_ratio", "money_fund_bills_ratio", "bank_lending_ratio", "other_liabilities_growth_pct",
    ]  # fmt: skip


def test_own_run_with_the_standard_drivers_is_the_standard_scenario(con):
    for base in ("low", "middle", "high"):
        published = con.execute(
            "SELECT * EXCLUDE (scenario) FROM marts.srf_scenario WHERE scenario = ? ORDER BY quarter_number", [base]
        ).pl()
        assert _run(con, base).drop("scenario").equals(published)


def test_no_borrowing_is_no_growth(con):
    still = _run(con, borrowing_to_cbo_ratio=0, reserve_management_usd_bn_month=0, gdp_growth_pct=0,
                 other_liabilities_growth_pct=0)  # fmt: skip
    for column in ("repo_demand_usd_bn", "private_supply_usd_bn", "fed_credit_usd_bn", "scenario_fed_assets_usd_bn"):
        assert still[column].n_unique() == 1, column
    assert set(still["repo_demand_usd_bn"]) == {2855.0}
    assert set(still["borrowed_usd_bn"]) == set(still["added_money_fund_repo_usd_bn"]) == {0.0}


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_balance_sheet_and_credit_add_up_for_all_drivers(con, data):
    own = {driver.name: data.draw(_some(driver), driver.name) for driver in scenario.drivers(con)}
    for row in _run(con, **own).iter_rows(named=True):
        size = max(abs(row["scenario_fed_assets_usd_bn"]), abs(row["private_supply_usd_bn"]), 1.0)
        liabilities = (
            row["scenario_reserves_usd_bn"] + row["scenario_on_rrp_usd_bn"] + row["start_tga_usd_bn"]
            + row["scenario_other_liabilities_usd_bn"]
        )  # fmt: skip
        assert abs(row["scenario_fed_assets_usd_bn"] - liabilities) < 1e-12 * size
        gap = row["repo_demand_usd_bn"] - row["private_supply_usd_bn"]
        assert row["fed_credit_usd_bn"] == max(gap, 0)
        assert row["scenario_standing_repo_usd_bn"] + row["other_fed_credit_usd_bn"] == row["fed_credit_usd_bn"]
        assert 0 <= row["scenario_on_rrp_usd_bn"] <= row["start_on_rrp_usd_bn"]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_each_driver_moves_demand_supply_and_credit_one_way(con, data):
    known = scenario.drivers(con)
    own = {driver.name: data.draw(_some(driver), driver.name) for driver in known}
    moved = data.draw(st.sampled_from(known))
    other = data.draw(_some(moved))
    low, high = (_run(con, **{**own, moved.name: value}) for value in sorted((own[moved.name], other)))
    columns = ("repo_demand_usd_bn", "private_supply_usd_bn", "fed_credit_usd_bn")
    for column, way in zip(columns, MOVES[moved.name], strict=True):
        if way is not None:
            change = high[column] - low[column]
            dust = 1e-9 * max(1.0, low[column].abs().max(), high[column].abs().max())
            assert (change * way).min() >= -dust if way else change.abs().max() <= dust


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("borrowing_to_cbo_ratio", 1), ("bills_share_ratio", -1), ("money_fund_bills_ratio", 1),
        ("money_fund_repo_ratio", -1),
    ],
)  # fmt: skip
def test_drivers_whose_direction_depends_on_others_have_one_in_the_middle_scenario(con, name: str, way: int):
    low, high = (
        _run(con, **{name: value})["fed_credit_usd_bn"]
        for value in (0.9 * _middle(con, name), 1.1 * _middle(con, name))
    )
    assert ((high - low) * way).min() >= 0
    assert (high - low).abs().max() > 1


def _middle(con: duckdb.DuckDBPyConnection, name: str) -> float:
    return next(driver.standards["middle"][0] for driver in scenario.drivers(con) if driver.name == name)


def test_all_amounts_times_a_thousand_give_a_thousand_times_the_amounts(con):
    """The dimension check: the formula mixes no ratio with an amount."""
    names = [name for name in _columns_of_the_mart() if name.endswith("_usd_bn")]
    given_amounts = [name for name in START if name.endswith("_usd_bn")]
    known = scenario.drivers(con)
    values = ", ".join(
        f"{driver.standards['middle'][0] * (1000 if driver.unit == 'usd_bn_month' else 1)} AS {driver.name}"
        for driver in known
    )
    start = ", ".join(f"1000 * {_typed(name)} AS {name}" for name in given_amounts)
    runs = f"(SELECT 'x' AS run, {start}, CAST(NULL AS DOUBLE) AS standing_repo_limit_usd_bn, {values})"
    quarters = (
        "(SELECT 'x' AS run, quarter_number, quarter_date, 1000 * projected_borrowing_usd_bn "
        "AS projected_borrowing_usd_bn, borrowing_source FROM marts.srf_scenario WHERE scenario = 'middle')"
    )
    large = con.execute(f"SELECT * FROM ({formula.sql(runs, quarters)}) ORDER BY quarter_number").pl()
    small = _run(con)
    for name in names:
        if name != "standing_repo_limit_usd_bn":
            assert large[name].to_list() == pytest.approx([1000 * value for value in small[name]]), name


def test_limit_splits_the_credit(con):
    con.execute("BEGIN")
    con.execute("UPDATE marts.srf_scenario SET standing_repo_limit_usd_bn = 500")
    limited = _run(con, "high")
    con.execute("ROLLBACK")
    assert limited["fed_credit_usd_bn"].max() > 500
    assert limited["scenario_standing_repo_usd_bn"].to_list() == [min(x, 500) for x in limited["fed_credit_usd_bn"]]
    assert limited["fed_credit_usd_bn"].equals(_run(con, "high")["fed_credit_usd_bn"])


def test_example_is_a_file_that_can_be_run_and_is_the_middle_scenario(con, tmp_path: Path):
    known = scenario.drivers(con)
    text = scenario.example(known)
    assert all(f"  {name}: " in text for name in MOVES)
    assert "#   measured 11.6 (10.6 to 16.6)" in text
    assert max(map(len, text.split("\n"))) <= 120
    path = tmp_path / "own.yml"
    path.write_text(text, "utf-8")
    found = scenario.read(path, known)
    assert (found.base, set(found.own)) == ("middle", set(MOVES))
    assert scenario.run(con, known, found).drop("scenario").equals(_run(con).drop("scenario"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\ndrivers: {haircut_ratio: 0.5}", r"drivers.haircut_ratio \(ratio, 0 to 0.2\)"),
        ("name: x\ndrivers: {haircut: 0.1}", "drivers.haircut: Extra inputs"),
        ("name: x\ndrivers: {gdp_growth_pct: .inf}", r"gdp_growth_pct \(pct, -5 to 15\)"),
        ("name: x\ndrivers: {gdp_growth_pct: '3'}", "valid number"),
        ("name: x\nbase: best", "base: Input should be 'low', 'middle' or 'high'"),
        ("drivers: {}", "name: Field required"),
        ("[]", "the file"),
        ("a: [", "is no YAML"),
    ],
)
def test_assumptions_that_cannot_be_are_refused_with_unit_and_range(con, tmp_path: Path, text: str, said: str):
    path = tmp_path / "own.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(scenario.ScenarioError, match=said):
        scenario.read(path, scenario.drivers(con))


def test_a_file_that_is_not_there_is_said(con, tmp_path: Path):
    with pytest.raises(scenario.ScenarioError, match="cannot be read"):
        scenario.read(tmp_path / "none.yml", scenario.drivers(con))


def test_page_gets_every_column_of_the_formula_and_no_term_is_lost(con, monkeypatch: pytest.MonkeyPatch):
    """What the translation does not know is refused. That its numbers are those of the SQL, a browser tests."""
    steps = formula.vega(["leveraged_share_ratio"])
    made = {step["as"] for step in steps if "calculate" in step}
    assert made >= {name for name in _columns_of_the_mart() if name.endswith("_usd_bn")} - set(START) - {
        "projected_borrowing_usd_bn", "standing_repo_limit_usd_bn",
    }  # fmt: skip
    (demand,) = (step["calculate"] for step in steps if step.get("as") == "repo_demand_usd_bn")
    assert "* leveraged_share_ratio *" in demand
    assert "datum.haircut_ratio" in demand
    for unknown in ("abs(x)", "sum(x) over ()", "'a' || x", "coalesce(x, y, 1)"):
        monkeypatch.setattr(formula, "sql", lambda runs, quarters, term=unknown: f"select {term} as y from runs")
        with pytest.raises(ValueError, match="no translation for"):
            formula.vega([])


def test_a_generation_without_drivers_or_start_is_said(con):
    known = scenario.drivers(con)
    con.execute("BEGIN")
    con.execute("DELETE FROM marts.srf_scenario")
    with pytest.raises(scenario.ScenarioError, match="no scenario to start from"):
        scenario.run(con, known, scenario.Assumptions("own", "middle", {}))
    con.execute("DELETE FROM marts.srf_scenario_drivers")
    with pytest.raises(scenario.ScenarioError, match="not yet public"):
        scenario.drivers(con)
    con.execute("ROLLBACK")
