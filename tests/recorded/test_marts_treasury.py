"""The issuance marts on the recorded Daily Treasury Statement, against figures published elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from warehouse import build
from warehouse.connection import Home, open_work

RECORDING = "fiscaldata/DTS_PubDebtTrans_20210624_20260623.csv"


@pytest.fixture(scope="module")
def con(recordings: Path, tmp_path_factory: pytest.TempPathFactory):
    from orchestration.cli import app

    root = tmp_path_factory.mktemp("debt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIQUIDITY_HOME", str(root))
        dataset = "fiscaldata.public_debt_transactions"
        arguments = ["load", dataset, str(recordings / RECORDING), "--known-at", "2026-06-24", "--no-build"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
    built = build.build(Home(root), run_id="recorded", selection=["--select", "+treasury_issuance_fiscal_year"])
    # Datasets that are not loaded have tests that rightly miss them; those of the marts in question must pass.
    assert [node.name for node in built.failed if "issuance" in node.name or "fiscal_year" in node.name] == []
    with open_work(Home(root)) as connection:
        yield connection


def test_notes_and_bonds_and_accretion_of_the_window_of_the_fed_note(con):
    # FEDS Note of 2025-10-15: 1,200 is 37 % of net issuance of notes and bonds, true with accretion of TIPS only.
    coupons, accretion = con.execute(
        "SELECT sum(notes_net_usd_bn + bonds_net_usd_bn), sum(tips_accretion_usd_bn) "
        "FROM marts.treasury_issuance_daily WHERE effective_date BETWEEN DATE '2022-01-01' AND DATE '2024-12-31'"
    ).fetchone()
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


def test_every_fiscal_year_agrees_with_the_sum_that_the_statement_prints(con):
    worst, years = con.execute(
        "SELECT max(abs(summed_net_issuance_fytd_usd_bn - stated_net_issuance_fytd_usd_bn)), "
        "count(DISTINCT fiscal_year) FROM marts.treasury_issuance_daily "
        "WHERE summed_net_issuance_fytd_usd_bn IS NOT NULL"
    ).fetchone()
    assert years == 5
    assert worst <= 0.02
