"""The scenario of standing repo on recorded bodies: what its drivers were measured on, and its record."""

import csv
from datetime import date

import pytest

from tests.conftest import REPOSITORY


def _driver(name: str) -> dict[str, str]:
    with (REPOSITORY / "dbt_project/seeds/scenario_drivers.csv").open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["driver"] == name)


def _borrowed(years: range) -> float:
    with (REPOSITORY / "dbt_project/seeds/cbo_baseline.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "actual"]
    return sum(float(row["implied_borrowing_usd_bn"]) for row in rows if int(row["fiscal_year"]) in years)


def _values(con, query: str) -> dict[date, tuple[float, ...]]:
    return {row[0]: row[1:] for row in con.execute(query).fetchall()}


def test_shares_of_leveraged_funds_are_those_of_the_marts(con):
    funds = _values(
        con,
        "SELECT quarter_date, treasuries_long_usd_bn, repo_borrowing_usd_bn FROM marts.hedge_fund_exposure_quarterly",
    )
    (long_before, repo_before), (long_after, repo_after) = funds[date(2021, 12, 31)], funds[date(2024, 12, 31)]
    cayman = _values(con, "SELECT month_date, holdings_usd_bn FROM marts.foreign_holdings_monthly "
                          "WHERE country ILIKE '%cayman%'")  # fmt: skip
    (taken, issued) = 1200, 3025.4 + 250.0  # net notes and bonds, accretion of TIPS, 2022 to 2024
    shares = _driver("leveraged_share_ratio")
    grown = cayman[date(2024, 12, 31)][0] - cayman[date(2021, 12, 31)][0]
    assert float(shares["low"]) == pytest.approx(grown / issued, abs=0.005)
    assert float(shares["middle"]) == pytest.approx((long_after - long_before) / issued, abs=0.005)
    assert float(shares["high"]) == pytest.approx(taken / issued, abs=0.005)
    repo = _driver("repo_to_purchases_ratio")
    assert float(repo["low"]) == pytest.approx(553 / funds[date(2022, 12, 31)][0], abs=0.005)
    assert float(repo["high"]) == pytest.approx((repo_after - repo_before) / (long_after - long_before), abs=0.005)


def test_cash_of_money_funds_is_that_of_the_marts(con):
    funds = _values(con, "SELECT month_date, total_usd_bn, repo_usd_bn FROM marts.money_fund_allocation_monthly")
    total = {year: funds[date(year, 9, 30)][0] for year in range(2021, 2026)}
    inflow = _driver("money_fund_inflow_ratio")
    assert float(inflow["low"]) == pytest.approx((total[2025] - total[2024]) / _borrowed(range(2025, 2026)), abs=0.005)
    assert float(inflow["middle"]) == pytest.approx(
        (total[2024] - total[2021]) / _borrowed(range(2022, 2025)), abs=0.005
    )
    assert float(inflow["high"]) == pytest.approx((total[2023] - total[2021]) / _borrowed(range(2022, 2024)), abs=0.005)
    bills = sum(
        net for (net,) in con.execute(
            "SELECT bills_net_usd_bn FROM marts.treasury_issuance_fiscal_year WHERE fiscal_year BETWEEN 2022 AND 2025"
        ).fetchall()
    )  # fmt: skip
    after_bills = total[2025] - total[2021] - float(_driver("money_fund_bills_ratio")["middle"]) * bills
    in_repo = funds[date(2025, 9, 30)][1] - funds[date(2021, 9, 30)][1]
    assert float(_driver("money_fund_repo_ratio")["middle"]) == pytest.approx(in_repo / after_bills, abs=0.005)


def test_share_of_bills_is_that_of_the_marts(con):
    bills = _driver("bills_share_ratio")
    years = _values(con, "SELECT fiscal_year, bills_net_usd_bn / net_issuance_ex_accretion_usd_bn "
                         "FROM marts.treasury_issuance_fiscal_year")  # fmt: skip
    assert float(bills["low"]) == pytest.approx(years[2026][0], abs=0.005)
    assert float(bills["high"]) == pytest.approx(years[2025][0], abs=0.005)
    months = _values(con, "SELECT month_date, bills_share_of_marketable_pct / 100 FROM marts.interest_cost_monthly")
    assert float(bills["middle"]) == pytest.approx(months[date(2024, 12, 31)][0], abs=0.005)


def test_record_of_the_middle_scenario(con):
    """Origins 2022 to 2025, the record that METHODS states: it wins on two measures and loses on three."""
    record = {
        measure: (round(scenario), round(no_change), quarters)
        for measure, scenario, no_change, quarters in con.execute(
            "SELECT scenario_measure, avg(abs(scenario_error_usd_bn)), avg(abs(no_change_error_usd_bn)), count(*) "
            "FROM marts.srf_scenario_backtest WHERE scenario = 'middle' GROUP BY 1"
        ).fetchall()
    }
    assert record == {
        "repo_demand": (535, 949, 48),
        "fed_assets": (711, 1036, 48),
        "net_liquidity": (1246, 426, 48),
        "reserves": (1104, 489, 32),
        "fed_credit": (3, 0, 48),
    }


def test_record_starts_from_levels_as_then_known(con):
    """Reserves of 2022 and 2023 and the account of 2024 were saved years after their origins."""
    counts = con.execute(
        "SELECT DISTINCT origin_date, levels_as_known_count FROM marts.srf_scenario_backtest ORDER BY 1"
    ).fetchall()
    assert [(day.year, count) for day, count in counts] == [(2022, 4), (2023, 3), (2024, 3), (2025, 3)]


def test_scarcity_point_by_the_slope_of_sofr_on_reserves(con):
    """What METHODS states: far above the seed's 9, and its band is wide."""
    measured = con.execute(
        "SELECT DISTINCT driver, measured_driver_value, measured_driver_low_value, measured_driver_high_value, "
        "measured_driver_weeks_count FROM marts.srf_scenario_drivers WHERE measured_driver_value IS NOT NULL"
    ).fetchall()
    assert [(name, round(at, 1), round(low, 1), round(high, 1), weeks) for name, at, low, high, weeks in measured] == [
        ("scarcity_point_pct", 11.6, 11.6, 16.5, 318)
    ]


def test_scenario_starts_where_the_recordings_suffice(con):
    """GDP was recorded to the first quarter of 2025; fiscal year 2025 is over, so it is CBO's actual."""
    rows = con.execute(
        "SELECT scenario, min(start_date), max(quarter_date), min(borrowing_source), max(borrowing_source), "
        "round(max(fed_credit_usd_bn)) FROM marts.srf_scenario GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert {row[1:5] for row in rows} == {(date(2025, 3, 31), date(2036, 9, 30), "CBO 2026-02", "actual")}
    credit = {row[0]: row[5] for row in rows}
    assert credit["low"] == 0 < credit["middle"] < credit["high"]


def test_projections_of_borrowing_and_what_they_change(con):
    """Borrowed and Fed credit from March 2025 to September 2027, as METHODS states."""
    rows = con.execute(
        "SELECT borrowing_projection, round(borrowed_usd_bn), round(fed_credit_usd_bn) "
        "FROM marts.srf_scenario_projections WHERE quarter_date = DATE '2027-09-30'"
    ).fetchall()
    assert {name: amounts for name, *amounts in rows} == {
        "CBO 2024-06": [4766, 163],
        "CBO 2025-01": [4487, 124],
        "CBO 2026-02": [4821, 171],
        "Treasury": [5088, 209],
        "primary dealers": [5128, 215],
    }
    # The Treasury's own quarters, and then what its first quarter leaves of CBO's 1,909 for fiscal year 2027.
    quarters = _values(
        con,
        "SELECT quarter_date, projected_borrowing_usd_bn, borrowing_source FROM marts.srf_scenario_projections "
        "WHERE borrowing_projection = 'Treasury'",
    )
    assert quarters[date(2025, 12, 31)] == (550, "US Treasury, 2026-02-02")
    assert quarters[date(2026, 12, 31)] == (628, "US Treasury, 2026-08-03")
    assert quarters[date(2027, 3, 31)] == (pytest.approx((1909.355 - 628) / 3), "CBO 2026-02")
