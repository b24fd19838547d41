"""Marts of the Fed's operations on recorded bodies, against other publishers' counts of the same thing."""

import csv
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.recorded.bodies import RESTATED, board_as_fred, statement_as_table


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


def test_restated_lines_are_those_that_were_recorded(recordings: Path):
    """Wednesdays read in the text of releases, against FRED's whole series and the Board's table, to the million."""
    recorded = {}
    for series in ("TREAST", "WSHOMCB"):
        with (recordings / f"fred/{series}_2026-06-17_datevalue.csv").open(newline="", encoding="utf-8") as file:
            recorded |= {(series, row["date"]): float(row["value"]) for row in csv.DictReader(file)}
    board = (recordings / "frb_ddp/FRB_H41_assets_2016-02-03_2017-12-27.csv").read_bytes()
    for row in csv.DictReader(board_as_fred(board).decode().splitlines()):
        recorded |= {
            (series, row["observation_date"]): float(value) for series, value in row.items() if value[:2] != "20"
        }
    with (RESTATED / "fred.observations.csv").open(newline="", encoding="utf-8") as file:
        restated = {(row["series"], row["date"]): float(row["value"]) for row in csv.DictReader(file)}
    both = recorded.keys() & restated.keys()
    assert len(both) == 46
    assert {key: restated[key] for key in both} == {key: recorded[key] for key in both}


@pytest.mark.parametrize("name", ["06073100", "13020500", "13051500"])
def test_deposits_less_withdrawals_are_the_change_of_the_account(con, recordings: Path, name: str):
    """Statements as text: table II, which the mart has, makes the change of the balance in table I."""
    text = (recordings / f"dts_text/{name}.txt").read_text("latin-1")
    closing, opening = _amounts(re.search(r"^ Federal Reserve Account (.+)$", text, re.MULTILINE)[1])[:2]
    day = json.loads(statement_as_table(text.encode("latin-1")))[0]["record_date"]
    (net,) = con.execute(
        "SELECT net_flow_usd_bn FROM marts.fiscal_flows_daily WHERE effective_date = ?", [day]
    ).fetchone()
    assert net == pytest.approx((closing - opening) / 1e3)


@pytest.mark.parametrize("name", ["06073100", "13020500", "13051500"])
def test_lines_of_a_statement_are_its_totals(recordings: Path, name: str):
    """To the rounding of some fifty lines: what reads the text loses none of them."""
    rows = json.loads(statement_as_table((recordings / f"dts_text/{name}.txt").read_bytes()))
    for side in ("Deposits", "Withdrawals"):
        of_side = [row for row in rows if row["transaction_type"] == side]
        (total,) = [int(row["transaction_today_amt"]) for row in of_side if row["account_type"].endswith(side)]
        lines = sum(int(row["transaction_today_amt"]) for row in of_side if "Total" not in str(row.values()))
        assert lines == pytest.approx(total, abs=3)


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


def _compensation(end: date) -> float:
    starts, ends = f"{end.year}-{end.month - 2:02d}", f"{end + timedelta(days=1):%Y-%m}"
    return TIPS_USD_BN[end.year] * (CPI[ends] / CPI[starts] - 1)


@pytest.mark.parametrize("quarter", Z1_NET_ISSUANCE)
def test_stated_borrowing_is_what_the_financial_accounts_say(con, quarter: str):
    """Years of which no issuance was recorded: Z.1's, less compensation by consumer prices, less what the Fed took."""
    end = date.fromisoformat(quarter)
    compensation = _compensation(end)
    fed, stated = con.execute(
        "SELECT fed_auctions_less_redemptions_usd_bn, privately_held_borrowing_usd_bn "
        "FROM marts.privately_held_borrowing_quarterly WHERE quarter_date = ?",
        [end],
    ).fetchone()
    assert Z1_NET_ISSUANCE[quarter] / 1000 - compensation - fed == pytest.approx(stated, abs=10)


PORTFOLIO = (
    "SELECT (coalesce(bills_usd, 0) + notes_bonds_usd + tips_usd + coalesce(frn_usd, 0)) / 1e9 "
    "FROM current.nyfed__soma_summary WHERE as_of_date = ?"
)
STATED = (
    "SELECT privately_held_borrowing_usd_bn, net_issuance_ex_accretion_usd_bn "
    "FROM marts.privately_held_borrowing_quarterly WHERE quarter_date = ?"
)


def _one(con, query: str, *parameters):
    return con.execute(query, list(parameters)).fetchone()


def test_stated_borrowing_of_the_quarter_in_which_the_first_run_off_ended(con):
    """2019 Q3: run-off until 31 July, a Wednesday; no purchase had settled then, and all was rolled over afterwards.

    Marketable debt by Z.1 of 2020-03-12, table L.210 line 2: 15,884.3 billion in June, 16,303.7 in September 2019.
    """
    end = date(2019, 9, 30)
    (before,), (after,) = (_one(con, PORTFOLIO, day) for day in (date(2019, 6, 26), date(2019, 7, 31)))
    net = 16_303.7 - 15_884.3 - _compensation(end)
    assert net - (after - before) == pytest.approx(_one(con, STATED, end)[0], abs=10)


def test_stated_borrowing_of_the_quarter_in_which_the_second_run_off_ended(con):
    """2025 Q4: run-off until November, whose last debt was paid on Monday 1 December; bills were bought from the 12th.

    The recorded portfolio ends on 19 November. H.4.1 has the total with compensation on 3 December, and what
    compensation accrues in two weeks is what it accrued in the two before.
    """
    compensation = "SELECT tips_inflation_compensation_usd / 1e9 FROM current.nyfed__soma_summary WHERE as_of_date = ?"
    total = "SELECT value / 1e3 FROM current.fred__observations WHERE series_id = 'TREAST' AND observation_date = ?"
    (before,) = _one(con, PORTFOLIO, date(2025, 10, 1))
    (earlier,), (last,) = (_one(con, compensation, day) for day in (date(2025, 11, 5), date(2025, 11, 19)))
    after = _one(con, total, date(2025, 12, 3))[0] - (last + last - earlier)
    stated, net = _one(con, STATED, date(2025, 12, 31))
    assert net - (after - before) == pytest.approx(stated, abs=1)
