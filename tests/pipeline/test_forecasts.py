"""Forecasts: a replay knows nothing later, the ledger is written once and before the outcome, both are scored alike.

About 8 CPU seconds with a finished sample.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.providers import DATASETS
from tests.pipeline.conftest import log_of
from tests.pipeline.poison import spoil_later
from warehouse.connection import Home, open_published, open_work
from warehouse.log import journal
from warehouse.models import compilation, forecasts
from warehouse.models.project import Project

INPUTS = [
    DATASETS[name] for name in ("nyfed.reference_rates", "fred.observations", "fiscaldata.operating_cash_balance")
]
HISTORY = ("stg_meta__alert_versions", "int_known_moments", "int_sofr_first_known_daily", "forecast_history")
SAID = (
    "forecast_target, forecast_model, forecast_at, target_date, forecast_value, low_value, high_value, "
    "persistence_value, previous_release_value, inputs_known_from"
)
MOMENT = datetime(2025, 10, 31, 21)


@pytest.fixture(scope="module")
def made(refreshed: Home) -> Project:
    return compilation.compiled_project(refreshed)


@pytest.fixture
def work(refreshed: Home, tmp_path: Path) -> Home:
    return log_of(refreshed, tmp_path / "sample")


def _make(con: duckdb.DuckDBPyConnection, made: Project, names: tuple[str, ...], as_of: datetime | None = None) -> None:
    """The models of these names, and of the forecasts all that the history is made from."""
    wanted = {node.name for node in made.up_to("forecast_history") if node.name.startswith("int_forecast")}
    nodes = made.named({*names, *(wanted if HISTORY[0] in names else ())})
    assert [error for _, _, error, _ in made.make(con, nodes, as_of=as_of) if error] == []


def _said(con: duckdb.DuckDBPyConnection, until: datetime) -> list[tuple[Any, ...]]:
    return con.execute(
        f"SELECT {SAID} FROM marts.forecast_history WHERE forecast_at <= ? ORDER BY ALL", [until]
    ).fetchall()


@pytest.mark.slow
def test_replay_is_what_was_known_then(work: Home, made: Project):
    """All that became known later is spoiled: forecasts stay, outcomes do not. A state of the past says the same."""
    with open_work(work) as con:
        before = _said(con, MOMENT)
        assert len({row[:2] for row in before}) == 17
        assert len(before) > 20_000
        errors = "SELECT sum(abs(forecast_error_value)) FROM marts.forecast_history WHERE forecast_at <= ?"
        (missed,) = con.execute(errors, [MOMENT]).fetchone()
        _make(con, made, HISTORY, MOMENT)
        # The newest knowledge of that state is its "now": every other moment is replayed.
        assert _said(con, MOMENT) == [row for row in before if row[2] < MOMENT]
        assert spoil_later(con, MOMENT, INPUTS) > 100
        _make(con, made, HISTORY)
        assert _said(con, MOMENT) == before
        assert con.execute(errors, [MOMENT]).fetchone() != (missed,)
        # A balance that is known a day too early changes what was said: the comparison sees a leak.
        con.execute(
            "UPDATE raw.fiscaldata__operating_cash_balance SET known_from = known_from - INTERVAL 1 DAY "
            "WHERE record_date = DATE '2025-10-30'"
        )
        _make(con, made, HISTORY)
        changed = set(_said(con, MOMENT)) - set(before)
    assert {row[0] for row in changed} >= {"tga_month_end", "tga_quarter_end", "reserves", "net_liquidity"}


def test_refresh_writes_its_forecasts_once_and_before_they_can_be_judged(refreshed: Home, work: Home):
    with open_published(refreshed) as con:
        columns = con.execute("SELECT * FROM meta.forecast").fetchall()
        rows = con.execute(
            "SELECT forecast_target, made_at, forecast_at, outcome_expected_at, forecast_state, outcome_value "
            "FROM marts.forecast_ledger"
        ).fetchall()
        now = con.execute(
            "SELECT count(*) FROM (SELECT forecast_target FROM marts.balance_sheet_forecasts UNION ALL "
            "SELECT forecast_target FROM marts.quarter_end_sofr_forecasts)"
        ).fetchone()
        (quarter_end,) = con.execute(
            "SELECT max(target_date) FROM marts.forecast_ledger WHERE forecast_target = 'tga_quarter_end'"
        ).fetchone()
    with open_work(work) as con:
        (assumed_until,) = con.execute(
            "SELECT max(period_end_date) FROM seeds.treasury_borrowing_estimates "
            "WHERE measure = 'assumed_end_of_quarter_cash_balance'"
        ).fetchone()
    made_now = 17 if assumed_until >= quarter_end else 16  # the seed does not have the Treasury's next announcement
    assert len(columns) == len(rows) >= made_now
    assert now == (made_now,)
    assert {row[0] for row in rows} == forecasts._OUTCOMES.keys()
    assert all(made_at >= forecast_at for _, made_at, forecast_at, *_ in rows)
    assert all((made_at < due) == (state == "open") for _, made_at, _, due, state, _ in rows)
    assert {row[-1] for row in rows} == {None}
    assert len(journal.read(refreshed).forecasts) == len(rows)
    with open_work(work) as con:
        assert forecasts.write(con, "again") == 0
        con.execute("UPDATE intermediate.int_forecasts SET as_known_at = as_known_at + INTERVAL 1 HOUR")
        assert forecasts.write(con, "new knowledge") == made_now


def test_live_forecasts_are_scored_as_replayed_ones_and_late_ones_are_not(work: Home, made: Project):
    """The replay of a year as if it had been written at that time, a part of it after the outcome was out."""
    late = "horizon_days = 4"  # Thursday, of reserves
    with open_work(work) as con:
        con.execute(
            f"""
            INSERT INTO meta.forecast BY NAME
            SELECT * EXCLUDE (outcome_value, outcome_known_at, forecast_state, forecast_error_value,
                is_within_interval), 'test' AS run_id, outcome_known_at AS outcome_expected_at,
                CASE WHEN {late} THEN outcome_known_at ELSE forecast_at END AS made_at
            FROM marts.forecast_history
            WHERE forecast_target = 'reserves' AND forecast_state = 'scored' AND forecast_date >= '2024-01-01'"""
        )
        _make(con, made, ("stg_meta__forecasts", "forecast_ledger", "int_forecast_errors", "int_forecast_bootstrap",
                          "forecast_scores"))  # fmt: skip
        said = con.execute(
            "SELECT forecast_model, horizon_from_days, scored_count, late_count, mean_absolute_error_value, "
            "skill_low_ratio IS NULL FROM marts.forecast_scores "
            "WHERE record = 'live' AND forecast_target = 'reserves' AND scored_count > 0"
        ).fetchall()
        by_hand = con.execute(
            "SELECT forecast_model, horizon_days, avg(abs(forecast_value - outcome_value)) "
            "FROM marts.forecast_history WHERE forecast_target = 'reserves' AND forecast_state = 'scored' "
            "AND forecast_date >= '2024-01-01' AND horizon_days BETWEEN 1 AND 2 GROUP BY ALL"
        ).fetchall()
    found = {(model, horizon): error for model, horizon, _, _, error, _ in said}
    assert len(by_hand) == 4
    assert {key: found[key] for key in [(m, h) for m, h, _ in by_hand]} == pytest.approx(
        {(m, h): error for m, h, error in by_hand}, abs=1e-5
    )
    assert all(late_count > 80 for _, horizon, _, late_count, *_ in said if horizon == 3)
    assert not any(has_none for *_, has_none in said)


def test_every_forecast_has_its_score_next_to_it_also_when_it_loses(refreshed: Home):
    with open_published(refreshed) as con:
        rows = con.execute(
            "SELECT score_sentence, skill_verdict FROM marts.balance_sheet_forecasts UNION ALL "
            "SELECT score_sentence, skill_verdict FROM marts.quarter_end_sofr_forecasts"
        ).fetchall()
        states = con.execute("SELECT DISTINCT skill_verdict FROM marts.forecast_scores").fetchall()
        (nowcast,) = con.execute(
            "SELECT score_sentence FROM marts.balance_sheet_forecasts "
            "WHERE forecast_target = 'net_liquidity' AND forecast_model = 'daily_nowcast'"
        ).fetchone()
    assert all(sentence for sentence, _ in rows)
    assert all(("it loses" in sentence) == (verdict == "worse") for sentence, verdict in rows)
    assert {("better",), ("worse",), ("undecided",), ("benchmark",)} <= set(states)
    page = (refreshed.current / "report" / "index.html").read_text("utf-8")
    for words in ("balance_sheet_forecasts", "quarter_end_sofr_forecasts", "forecast_scores"):
        assert words in page
    (card,) = re.findall(r'<article[^>]*aria-labelledby="card-net">.*?</article>', page, re.DOTALL)
    assert nowcast in card
