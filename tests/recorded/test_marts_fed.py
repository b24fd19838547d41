"""Marts of the Fed's operations on recorded bodies, against other publishers' counts of the same thing."""

import re
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
    """Thirteen quarters of run-off; operations of the Fed were not recorded, so none of the years of purchases."""
    rows = con.execute(
        "SELECT computed_minus_stated_usd_bn FROM marts.privately_held_borrowing_quarterly "
        "WHERE quarter_date BETWEEN DATE '2022-09-30' AND DATE '2025-09-30' ORDER BY quarter_date"
    ).fetchall()
    missed = sorted(abs(row[0]) for row in rows)
    assert len(missed) == 13
    assert missed[-1] < 7  # 2023 Q3: bills that ran off in the days after the last portfolio of the quarter
    assert missed[-2] < 3.1
    assert missed[6] < 1.1
