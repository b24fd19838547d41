"""A blocking check that fails holds back what it guards, and only that; the refresh says so and exits 1."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.pipeline.conftest import run_liquidity
from warehouse.connection import Home, open_published, open_work


def test_failed_check_keeps_the_last_good_mart_and_publishes_the_others(refreshed: Home, tmp_path: Path):
    root = tmp_path / "home" / "sample"
    shutil.copytree(refreshed.root, root, symlinks=True, ignore=shutil.ignore_patterns("dagster", "payloads"))
    home = Home(root, is_simulated=True)
    with open_published(home) as con:
        good = con.execute("SELECT effective_date, closing_balance_usd_bn FROM marts.treasury_cash_daily ORDER BY 1")
        before = good.fetchall()
        (first,) = con.execute("SELECT id FROM meta.generation").fetchone()
    with open_work(home) as con:  # a factor of 1000 that got past every gate
        con.execute(
            "UPDATE raw.fiscaldata__operating_cash_balance "
            "SET open_today_usd_mn = open_today_usd_mn * 1000, close_today_usd_mn = close_today_usd_mn * 1000"
        )
    result = run_liquidity(root.parent, "build", "--sample")
    assert result.returncode == 1, result.stdout
    assert "failed test" in result.stderr
    with open_published(home) as con:
        marts = {mart: (held, origin) for mart, held, origin in con.execute(
            "SELECT mart, is_held_back, from_generation FROM meta.mart").fetchall()}  # fmt: skip
        (second,) = con.execute("SELECT id FROM meta.generation").fetchone()
        after = con.execute(
            "SELECT effective_date, closing_balance_usd_bn FROM marts.treasury_cash_daily ORDER BY 1"
        ).fetchall()
    assert second > first
    assert marts["treasury_cash_daily"] == (True, first)
    assert after == before
    assert marts["srf_operations"] == (False, second)
    status = run_liquidity(root.parent, "status", "--sample")
    assert status.returncode == 1
    assert "held back treasury_cash_daily" in status.stderr
