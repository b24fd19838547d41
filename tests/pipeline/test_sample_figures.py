"""What is public in the sample is what was published: the figures of the recorded warehouse hold in the simulated one,
and the claims that they decide come out alike."""

import pytest

from tests.recorded.figures import FIGURES, Figure
from warehouse.connection import Home, open_published

# Parts of a figure's name, and why the sample has another number.
NOT_IN_THE_SAMPLE = {
    "DATE '2015-": "before the sample begins",
    "gdp_usd_bn[calendar_year = 2023]": "recorded is the vintage of 2024-09, the sample has that of 2025-09",
    "usd_bn[wednesday_date = DATE '2020-04-01']": "the sample draws the Fed's portfolio between a few levels",
    "usd_bn[wednesday_date = DATE '2023-03-22']": "the sample draws the Fed's portfolio between a few levels",
    "foreign_official_deposits_usd_bn": "the sample draws them",
    "foreign_repo_pool_usd_bn": "the sample draws it",
    "lending_weekly.other_loans_usd_bn[wednesday_date = DATE '2020-04-29']": "the sample draws lending of 2020",
    "lending_weekly.lending_usd_bn": "the sample draws lending of 2018 and 2020",
    "net_flow_usd_bn": "the sample knows the closing balances of some days, and draws those between them",
    "tax_deposits_usd_bn": "the sample draws the lines of the daily statement",
    "treasury_holders_quarterly.held_usd_bn": "the sample draws holders around a few levels",
    "dealer_positions_weekly.": "the sample draws dealers' positions",
    "yield_curve_daily.": "the sample has yields of month ends, and draws the days between them",
    "money_and_banks_weekly.": "the sample draws the weeks of banks' books around a few levels",
    "fed_timing_bound_usd_bn": "Z.1 is out in the sample, so no Wednesday is used",
    "interest_expense_usd_bn": "made of average rates and debt by class",
    "inflation_compensation_usd_bn": "a constant part of inflation-protected debt",
    "maturity_month_date = DATE '2023-10-31'": "what is outstanding of a single security is drawn",
}
IN_THE_SAMPLE = [figure for figure in FIGURES if not any(part in str(figure) for part in NOT_IN_THE_SAMPLE)]


@pytest.fixture(scope="module")
def con(refreshed: Home):
    with open_published(refreshed) as connection:
        yield connection


@pytest.mark.parametrize("figure", IN_THE_SAMPLE, ids=str)
def test_published_figure_holds_in_the_sample(con, figure: Figure):
    rows = con.execute(f"SELECT {figure.column} FROM marts.{figure.mart} WHERE {figure.where}").fetchall()
    assert rows == [(pytest.approx(figure.value, abs=figure.abs),)], figure.source


# Measures of the scorecard on real bodies, as `tests/recorded` and METHODS have them; tolerance last.
MEASURED = (
    ("F05", "net_with_accretion", 1986.386, 0.001),
    ("F05", "net_without_accretion", 1931.006, 0.001),
    ("B02", "with_accretion", 36.64, 0.01),
    ("B02", "without_accretion", 39.67, 0.01),
    ("F08", "before_annual_update", 4.52, 0.01),
    ("M05", "on_2025_10_29", 133.859, 0.001),
    ("M05", "on_2025_10_30", 150.632, 0.001),
    ("M05", "on_2025_10_31", 76.328, 0.001),
    ("M05", "on_2025_11_03", 74.957, 0.001),
    ("M05", "on_2025_11_04", 89.584, 0.001),
    ("R19", "median", 22, 0.01),
    ("R19", "percentile_99", 35, 0.01),
    ("R21", "recall", 0.90, 0.001),
    ("R22", "day", 50.35, 0.001),
)


@pytest.mark.parametrize(("claim", "measure", "value", "tolerance"), MEASURED)
def test_claim_measures_what_it_does_on_real_bodies(con, claim: str, measure: str, value: float, tolerance: float):
    query = "SELECT now_value FROM marts.thesis_scorecard WHERE claim_id = ? AND measure_id = ?"
    assert con.execute(query, [claim, measure]).fetchall() == [(pytest.approx(value, abs=tolerance),)]


def test_simulated_holders_are_one_world(con):
    """What Z.1 counts is what TIC, OFR, FDIC and H.4.1 count, and purchases of all sectors are the issuance."""
    apart, bought, left = con.execute(
        "SELECT max(abs(second_count_minus_z1_usd_bn)) FILTER (sector <> 'fed'), "
        "(SELECT max(abs(difference_value)) FROM marts.reconciliation WHERE pair = 'z1_fed_h41'), "
        "(SELECT max(abs(unexplained_residual_usd_bn)) FROM marts.marginal_buyers_quarterly "
        "WHERE cayman_basis = 'transactions') "
        "FROM marts.treasury_holders_quarterly WHERE quarter_date >= DATE '2018-03-31'"
    ).fetchone()
    assert apart < 0.1
    assert bought < 20
    assert left < 0.1
