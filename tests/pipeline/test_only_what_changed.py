"""Only what has changed is made again, and what nothing has changed is not published again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.pipeline.conftest import log_of
from warehouse.connection import Home, open_work
from warehouse.models import build, compilation, project
from warehouse.models.project import Project
from warehouse.publication import unchanged

CASH = "treasury_cash_daily"


@pytest.fixture(scope="module")
def settled(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """What is about the warehouse itself changes with every refresh; here it is made too."""
    home = log_of(refreshed, tmp_path_factory.mktemp("settled") / "sample")
    assert build.build(home, run_id="settled").failed == []
    return home


@pytest.fixture
def home(settled: Home, tmp_path: Path) -> Home:
    return log_of(settled, tmp_path / "sample")


@pytest.fixture
def made(home: Home) -> Project:
    return compilation.compiled_project(home)


def _stale(home: Home, made: Project, kind: str = "model") -> set[str]:
    return {node.name for node in build.stale(home, made) if node.kind == kind}


def _do(home: Home, sql: str) -> None:
    with open_work(home) as con:
        con.execute(sql)


def test_after_a_refresh_nothing_has_to_be_made(home: Home, made: Project):
    assert build.stale(home, made) == []


@pytest.mark.parametrize(
    ("sql", "models", "others"),
    [
        (
            "UPDATE raw.nyfed__reference_rates SET rate_pct = rate_pct + 0.01 WHERE effective_date = '2025-10-31'",
            {"stg_nyfed__reference_rates", "funding_stress_daily", "thesis_scorecard"},
            {"stg_nyfed__repo_operations", "basis_trade_weekly", "foreign_holdings_monthly"},
        ),
        (
            "UPDATE seeds.srf_policy SET event = event || '.'",
            set(),  # of the seed nothing but itself: making it brings back what was there
            {"stg_policy__srf_policy", "srf_operations"},
        ),
        (f"DROP TABLE marts.{CASH}", {CASH}, {"stg_fiscaldata__operating_cash_balance", "dollar_liquidity_daily"}),
        (f"DELETE FROM marts.{CASH} WHERE effective_date = '2025-10-31'", {CASH}, {"dollar_liquidity_daily"}),
    ],
    ids=["history", "seed", "gone", "row gone"],
)
def test_what_lies_downstream_of_a_change_is_made_again_and_nothing_else(
    home: Home, made: Project, sql: str, models: set[str], others: set[str]
):
    _do(home, sql)
    found = _stale(home, made)
    assert models <= found
    assert not others & found
    if "seeds." in sql:
        assert _stale(home, made, "seed") == {"srf_policy"}
    elif "raw." not in sql:
        assert found == models


@pytest.mark.slow
def test_a_table_that_was_spoiled_comes_back_as_it_was(home: Home, made: Project):
    rows = f"SELECT * FROM marts.{CASH} ORDER BY ALL"
    with open_work(home) as con:
        before = con.execute(rows).fetchall()
    _do(home, f"DELETE FROM marts.{CASH} WHERE effective_date > '2025-01-01'")
    result = build.build(home, run_id="test")
    assert {node.name for node in result.nodes if node.kind != "test"} == {CASH}
    checks = {node.name for node in made.nodes.values() if node.kind == "test" and made.id_of[CASH] in node.parents}
    assert {node.name for node in result.nodes if node.kind == "test"} == checks
    with open_work(home) as con:
        assert con.execute(rows).fetchall() == before
    assert build.stale(home, made) == []


def test_a_mart_that_is_made_from_an_old_input_is_made_again_with_it(home: Home, made: Project):
    """Somebody makes one mart alone while what it is made from waits to be made."""
    _do(home, "UPDATE raw.fiscaldata__operating_cash_balance SET open_today_usd_mn = open_today_usd_mn + 1")
    build.build(home, run_id="test", names=[CASH], with_checks=False)
    assert {CASH, "stg_fiscaldata__operating_cash_balance"} <= _stale(home, made)


@pytest.mark.slow
def test_check_that_fails_stops_what_is_made_from_what_it_guards_until_it_passes(home: Home, made: Project):
    _do(home, "UPDATE raw.nyfed__treasury_operations SET accepted_usd = accepted_usd * 1000")
    for run_id in ("first", "second"):  # it is not forgotten when nothing has changed since
        result = build.build(home, run_id=run_id)
        failed = {node.name for node in result.failed}
        assert any(made.nodes[made.id_of[name]].is_blocking for name in failed)
        held = build.held_back(home)
        assert held.keys() >= {"stg_nyfed__treasury_operations", "fed_purchases_monthly", "stealth_qe_daily"}
        assert "fails for" in " ".join(held.values())
        assert "srf_operations" not in held
    skipped = {node.name: node.message for node in result.nodes if node.status == "skipped" and node.kind == "model"}
    assert skipped
    assert all(message.startswith("check ") for message in skipped.values())
    _do(home, "UPDATE raw.nyfed__treasury_operations SET accepted_usd = accepted_usd / 1000")
    assert build.build(home, run_id="third").failed == []
    assert build.held_back(home) == {}
    assert build.stale(home, made) == []


@pytest.mark.slow
def test_publication_says_something_new_when_rows_code_or_standing_change(
    refreshed: Home, home: Home, monkeypatch: pytest.MonkeyPatch
):
    home.current.symlink_to(refreshed.current.resolve())
    assert unchanged.is_published(home)
    assert unchanged.noted(home) is None
    unchanged.note(home, "run")
    assert unchanged.noted(home).run_id == "run"
    for change, back in (
        ("UPDATE meta.freshness SET is_late = NOT is_late WHERE series = 'SOFR'",) * 2,
        (
            "UPDATE raw.nyfed__reference_rates SET payload_id = payload_id || '.' WHERE rate_type = 'SOFR'",
            "UPDATE raw.nyfed__reference_rates SET payload_id = left(payload_id, 64) WHERE rate_type = 'SOFR'",
        ),
        (
            "UPDATE meta.build SET is_ok = false WHERE name = 'reconciliation'",
            "UPDATE meta.build SET is_ok = true WHERE name = 'reconciliation'",
        ),
    ):
        _do(home, change)
        assert not unchanged.is_published(home), change
        _do(home, back)
        assert unchanged.is_published(home), change
    # When somebody looked is no news.
    with open_work(home) as con:
        con.execute("UPDATE meta.freshness SET checked_at = ?, last_polled_at = ?", [unchanged.utc_now()] * 2)
    assert unchanged.is_published(home)
    monkeypatch.setattr(unchanged, "_code", lambda: "of another version")
    assert not unchanged.is_published(home)
    # One that cannot be read is made anew.
    monkeypatch.undo()
    damaged = home.generations / "damaged"
    damaged.mkdir(parents=True)
    (damaged / "liquidity.duckdb").write_bytes(b"no database" * 1000)
    home.current.unlink()
    home.current.symlink_to(damaged)
    assert not unchanged.is_published(home)
    # A note names the generation that it was made about.
    home.current.unlink()
    home.current.symlink_to(Path("generations") / f"{unchanged.utc_now() + timedelta(days=1):%Y%m%dT%H%M%S}")
    assert unchanged.noted(home) is None


def test_a_model_that_memory_does_not_suffice_for_gets_more(home: Home, monkeypatch: pytest.MonkeyPatch):
    refused = []
    make_one = project.Project._make_one

    def seen(self: Project, *arguments: Any) -> None:
        try:
            make_one(self, *arguments)
        except duckdb.OutOfMemoryException as fault:
            refused.append(str(fault))
            raise

    monkeypatch.setattr(project.Project, "_make_one", seen)
    monkeypatch.setattr(build, "_memory_mb", lambda home: 20)
    result = build.build(home, run_id="test", names={"policy_corridor_daily", "reconciliation"}, with_checks=False)
    assert len(refused) == 1  # the first gets the memory for those after it, too
    assert [node.message for node in result.failed] == []
    assert {node.name: node.status for node in result.nodes if node.kind == "model"} == {
        "policy_corridor_daily": "success", "reconciliation": "success"
    }  # fmt: skip
