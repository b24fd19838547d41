"""Marts of the Fed's operations on recorded bodies, against other publishers' counts of the same thing."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest


def test_agency_securities_of_soma_are_those_of_h41(con):
    """Securities held outright less Treasuries, by FRED, in each month with a portfolio on a Wednesday."""
    months, worst = con.execute(
        "WITH h41 AS (SELECT observation_date, max(value) FILTER (series_id = 'WSHOSHO') AS securities, "
        "max(value) FILTER (series_id = 'TREAST') AS treasuries FROM history.fred__observations "
        "WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted AND unit = 'usd_mn' GROUP BY 1) "
        "SELECT count(*), max(abs(soma_par_usd_bn - (securities - treasuries) / 1e3)) "
        "FROM marts.fed_purchases_monthly JOIN h41 ON observation_date = soma_date "
        "WHERE security_kind = 'agency' AND securities IS NOT NULL AND treasuries IS NOT NULL"
    ).fetchone()
    assert months == 265
    assert worst <= 0.0010001  # each of the two is printed in millions


@pytest.mark.parametrize("name", ["06073100", "13020500", "13051500"])
def test_deposits_less_withdrawals_are_the_change_of_the_account(recordings: Path, name: str):
    """Statements as text, which no dataset of ours reads: what a check of `fiscal_flows_daily` rests on."""
    text = (recordings / f"dts_text/{name}.txt").read_text("latin-1")
    closing, opening = _amounts(re.search(r"^ Federal Reserve Account (.+)$", text, re.MULTILINE)[1])[:2]
    deposits, withdrawals = (
        _amounts(found)[0] for found in re.findall(r"^ +Total Federal Reserve Account(.+)$", text, re.MULTILINE)
    )
    assert deposits - withdrawals == closing - opening


def _amounts(line: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"[\d,]+", line)]


def test_borrowing_outside_the_fed_is_what_the_treasury_states(con):
    """All eighteen quarters with recorded issuance and portfolio, or issuance while the Fed rolled everything over."""
    rows = con.execute(
        "SELECT computed_minus_stated_usd_bn FROM marts.privately_held_borrowing_quarterly "
        "WHERE quarter_date BETWEEN DATE '2021-09-30' AND DATE '2025-09-30' OR quarter_date = DATE '2026-03-31'"
    ).fetchall()
    missed = sorted(abs(row[0]) for row in rows)
    assert len(missed) == 18
    assert missed[-1] < 7  # 2023 Q3: bills that ran off in the days after the last portfolio of the quarter
    assert missed[-2] < 3.1
    assert missed[9] < 0.75


# Net issuance of marketable Treasuries, millions: purchases of all sectors (FU893061105), release of 2026-06-11, as a
# public project keeps them. The compensation of inflation-protected ones is in them.
Z1_NET_ISSUANCE = {
    "2018-09-30": 293_905, "2018-12-31": 338_593, "2019-03-31": 322_492, "2019-06-30": -4_422, "2019-12-31": 325_217,
    "2020-03-31": 486_922, "2020-06-30": 2_751_206, "2020-09-30": 473_146, "2020-12-31": 605_977, "2021-03-31": 401_207,
    "2021-06-30": 351_678, "2021-09-30": 147_092, "2021-12-31": 711_401, "2022-03-31": 688_572,
}  # fmt: skip
# Consumer prices (CPI-U, not adjusted, Bureau of Labor Statistics) three months before: what compensation follows.
# Those of 2018, 2019 and October 2020 are remembered.
CPI = {
    "2018-07": 250.546, "2018-10": 252.006, "2019-01": 252.885, "2019-04": 251.712, "2019-07": 255.548,
    "2019-10": 256.571, "2020-01": 257.346, "2020-04": 257.971, "2020-07": 256.389, "2020-10": 259.101,
    "2021-01": 260.388, "2021-04": 261.582, "2021-07": 267.054, "2021-10": 273.003, "2022-01": 276.589,
    "2022-04": 281.148,
}  # fmt: skip
TIPS_USD_BN = {2018: 1_400, 2019: 1_450, 2020: 1_500, 2021: 1_600, 2022: 1_700}  # outstanding, remembered


@pytest.mark.parametrize("quarter", Z1_NET_ISSUANCE)
def test_stated_borrowing_is_what_the_financial_accounts_say(con, quarter: str):
    """Years of which no issuance was recorded: Z.1's, less compensation by consumer prices, less what the Fed took.

    The third quarter of 2019 is left out: run-off ended within it, and what the Fed bought then is not held.
    """
    end = date.fromisoformat(quarter)
    starts, ends = f"{end.year}-{end.month - 2:02d}", f"{end + timedelta(days=1):%Y-%m}"
    compensation = TIPS_USD_BN[end.year] * (CPI[ends] / CPI[starts] - 1)
    fed, stated = con.execute(
        "SELECT fed_auctions_less_redemptions_usd_bn, privately_held_borrowing_usd_bn "
        "FROM marts.privately_held_borrowing_quarterly WHERE quarter_date = ?",
        [end],
    ).fetchone()
    assert Z1_NET_ISSUANCE[quarter] / 1000 - compensation - fed == pytest.approx(stated, abs=10)
