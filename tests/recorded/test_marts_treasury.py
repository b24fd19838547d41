"""The issuance marts on recorded Treasury bodies, against figures published elsewhere and against each other."""

import csv
import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest


def test_notes_and_bonds_and_accretion_of_the_window_of_the_fed_note(con):
    # FEDS Note of 2025-10-15: 1,200 is 37 % of net issuance of notes and bonds, true with accretion of TIPS only.
    coupons, accretion, years = con.execute(
        "SELECT sum(notes_and_bonds_net_usd_bn), sum(tips_accretion_usd_bn), count(*) FILTER (WHERE is_complete) "
        "FROM marts.treasury_issuance_period WHERE period_kind = 'calendar_year' "
        "AND period_start_date BETWEEN DATE '2022-01-01' AND DATE '2024-01-01'"
    ).fetchone()
    assert years == 3
    assert coupons == pytest.approx(3025.4, abs=0.05)
    assert accretion == pytest.approx(250.0, abs=0.05)
    assert 100 * 1200 / (coupons + accretion) == pytest.approx(36.6, abs=0.05)


def test_fiscal_year_2025(con):
    net, ex_accretion, redemptions = con.execute(
        "SELECT net_issuance_with_accretion_usd_bn, net_issuance_ex_accretion_usd_bn, redemptions_usd_bn "
        "FROM marts.treasury_issuance_fiscal_year WHERE fiscal_year = 2025"
    ).fetchone()
    assert net == pytest.approx(1992, rel=0.01)  # the essay's figure; the statement's own sum is 1,986.4
    assert net == pytest.approx(1986.386, abs=0.001)
    assert net - ex_accretion == pytest.approx(55.380, abs=0.001)
    assert redemptions > 28_000


def test_net_issuance_is_how_debt_held_by_the_public_grew(con, recordings: Path):
    # CBO's record of actuals: debt held by the public at the end of fiscal years 2023 to 2025. It is net of discount
    # and holds savings bonds and state and local series; together they are less than 1 % of these two years.
    with (recordings / "cbo/actuals.csv").open(newline="") as file:
        actuals = [row for row in csv.DictReader(file) if row["component"] == "debt"]
    debt = {int(row["fiscal_year"]): float(row["actual_value"]) for row in actuals}
    for year in (2024, 2025):
        (net,) = con.execute(
            "SELECT net_issuance_with_accretion_usd_bn FROM marts.treasury_issuance_fiscal_year WHERE fiscal_year = ?",
            [year],
        ).fetchone()
        assert net == pytest.approx(debt[year] - debt[year - 1], rel=0.01)


def test_every_fiscal_year_agrees_with_the_sum_that_the_statement_prints(con):
    worst, years = con.execute(
        "SELECT max(abs(summed_net_issuance_fytd_usd_bn - stated_net_issuance_fytd_usd_bn)), "
        "count(DISTINCT fiscal_year) FROM marts.treasury_issuance_daily "
        "WHERE summed_net_issuance_fytd_usd_bn IS NOT NULL"
    ).fetchone()
    assert years == 5
    assert worst <= 0.02


def test_whole_periods_are_those_with_a_statement_on_every_business_day(con):
    whole = dict(
        con.execute(
            "SELECT period_kind, count(*) FROM marts.treasury_issuance_period WHERE is_complete GROUP BY 1"
        ).fetchall()
    )
    # July 2021 to May 2026; 2021 Q3 to 2026 Q1; 2022 to 2025; fiscal 2022 to 2025.
    assert whole == {"calendar_month": 59, "calendar_quarter": 19, "calendar_year": 4, "fiscal_year": 4}
    short = con.execute(
        "SELECT period_start_date FROM marts.treasury_issuance_period WHERE period_kind = 'calendar_month' "
        "AND NOT is_complete ORDER BY 1"
    ).fetchall()
    assert short == [(date(2021, 6, 1),), (date(2026, 6, 1),)]


def test_public_debt_grows_by_what_the_daily_statement_issues(con):
    """What the tolerances of the pairs rest on."""
    found = {
        (pair, verdict): (rows, worst)
        for pair, verdict, rows, worst in con.execute(
            "SELECT pair, verdict, count(*), max(abs(difference_value)) FROM marts.reconciliation "
            "WHERE pair IN ('public_debt_dts_penny', 'held_by_public_dts_penny') OR pair LIKE 'issues_dts_auctions_%' "
            "GROUP BY 1, 2"
        ).fetchall()
    }
    assert found == {
        ("public_debt_dts_penny", "agree"): (47, pytest.approx(0.018, abs=0.001)),
        ("held_by_public_dts_penny", "agree"): (26, pytest.approx(7.68, abs=0.05)),
        ("held_by_public_dts_penny", "not expected to agree"): (21, pytest.approx(278.9, abs=0.1)),
        ("issues_dts_auctions_bills", "agree"): (50, pytest.approx(0.0249, abs=0.0001)),
        ("issues_dts_auctions_bills", "differ"): (7, pytest.approx(301.2, abs=0.1)),
        ("issues_dts_auctions_coupons", "agree"): (26, pytest.approx(0.0127, abs=0.0001)),
        ("issues_dts_auctions_coupons", "differ"): (5, pytest.approx(243.4, abs=0.1)),
    }
    # Of the days that differ no auction was recorded at all: the months from December 2025 have gaps.
    differing = con.execute(
        "SELECT DISTINCT second_value, effective_date > DATE '2025-12-15' FROM marts.reconciliation "
        "WHERE pair LIKE 'issues_dts_auctions_%' AND verdict = 'differ'"
    )
    assert differing.fetchall() == [(0, True)]


def test_public_debt_of_nineteen_quarters_is_that_of_fred(con, recordings: Path):
    # GFDEBTN: total public debt at the end of each quarter, the Fiscal Service by way of FRED, millions of dollars.
    with (recordings / "fred/GFDEBTN_2026Q1_datevalue.csv").open(newline="") as file:
        levels = [(date.fromisoformat(r["date"]), float(r["value"]) / 1e3) for r in csv.DictReader(file)]
    grown = dict(
        con.execute(
            "SELECT cast(date_trunc('quarter', record_date) AS DATE), "
            "sum(CASE transaction_type WHEN 'Issues' THEN 1 ELSE -1 END * transaction_today_usd_mn) / 1e3 "
            "FROM history.fiscaldata__public_debt_transactions "
            "WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted GROUP BY 1"
        ).fetchall()
    )
    compared = [
        (level - before, grown[quarter])
        for (_, before), (quarter, level) in pairwise(levels)
        if quarter >= date(2021, 7, 1)
    ]
    assert len(compared) == 19
    assert max(abs(fred - statement) for fred, statement in compared) < 0.04


def test_interest_is_what_the_treasury_books(con, recordings: Path):
    """Interest expense of marketable debt, inflation compensation left out, summed here from the body itself."""
    body = json.loads((recordings / "fiscaldata/interest_expense_2010-05_2025-05.json").read_bytes())
    booked = sum(
        float(row["month_expense_amt"]) / 1e9
        for row in body
        if "2024-11-30" <= row["record_date"] <= "2025-05-31"
        and row["expense_group_desc"] in ("ACCRUED INTEREST EXPENSE", "AMORTIZED DISCOUNT", "AMORTIZED PREMIUM")
        and re.search(r"Treasury (Bills|Notes|Bonds)|\(TIPS\)|\(FRN\)", row["expense_type_desc"])
        and "Compensation" not in row["expense_type_desc"]
    )
    accrued, months, worst = con.execute(
        "SELECT sum(interest_at_current_rates_usd_bn * day(month_date) / 365), count(*), "
        "max(abs(bills_notes_bonds_rate_pct - stated_bills_notes_bonds_rate_pct)) "
        "FROM marts.interest_cost_monthly WHERE interest_at_current_rates_usd_bn IS NOT NULL"
    ).fetchone()
    assert months == 7
    assert accrued == pytest.approx(booked, rel=0.01)
    assert worst <= 0.005


def test_interest_expense_is_that_of_the_monthly_treasury_statement(con):
    """1,049 billion in fiscal 2024 to August: Monthly Treasury Statement, as reported by Reuters on 2024-09-12."""
    (booked,) = con.execute(
        "SELECT sum(month_expense_usd) / 1e9 FROM current.fiscaldata__interest_expense "
        "WHERE record_date BETWEEN DATE '2023-10-31' AND DATE '2024-08-31'"
    ).fetchone()
    assert booked == pytest.approx(1049, abs=0.5)
