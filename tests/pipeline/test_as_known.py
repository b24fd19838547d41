"""As-known series: what an as-of build of the moment gives, row for row, and nothing that became known later.

The sample is never revised, so each test first gives a part of its values an earlier version and withdraws some for a
time. Two moments each in the suite; `-m benchmark` asks at fifty and spoils at twenty.
"""

import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ingest.providers import DATASETS
from tests.pipeline.conftest import log_of
from tests.pipeline.poison import spoil_later
from warehouse.connection import Home, open_work
from warehouse.models import compilation
from warehouse.models.project import Project

INPUTS = [
    DATASETS[name]
    for name in (
        "nyfed.reference_rates", "nyfed.repo_operations", "fred.observations", "fiscaldata.operating_cash_balance",
    )
]  # fmt: skip
# Each as-known mart with the columns of its row, and the query that gives the same of a state as of the moment.
NEWEST = {
    "treasury_cash_as_known_daily": (
        ("closing_balance_as_of_date", "closing_balance_as_known_usd_bn"),
        "SELECT effective_date, closing_balance_usd_bn FROM marts.treasury_cash_daily "
        "WHERE effective_date >= $day - 10 ORDER BY effective_date DESC LIMIT 1",
    ),
    "funding_stress_as_known_daily": (
        (
            "sofr_as_of_date", "sofr_as_known_pct", "target_ceiling_as_known_pct", "iorb_as_known_pct",
            "sofr_minus_ceiling_as_known_bp", "sofr_minus_iorb_as_known_bp", "srf_as_of_date",
            "srf_accepted_as_known_usd_bn",
        ),
        "SELECT rates.*, srf.* FROM (SELECT effective_date, sofr_pct, target_ceiling_pct, iorb_pct, "
        "sofr_minus_ceiling_bp, sofr_minus_iorb_bp FROM marts.funding_stress_daily WHERE sofr_pct IS NOT NULL "
        "AND effective_date >= $day - 10 ORDER BY effective_date DESC LIMIT 1) AS rates LEFT JOIN (SELECT "
        "effective_date, srf_accepted_usd_bn FROM marts.funding_stress_daily WHERE srf_accepted_usd_bn IS NOT NULL "
        "AND effective_date >= $day - 10 ORDER BY effective_date DESC LIMIT 1) AS srf ON true",
    ),
    "dollar_liquidity_as_known_daily": (
        (
            "nowcast_as_of_date", "nowcast_assets_as_known_usd_bn", "nowcast_tga_as_known_usd_bn",
            "nowcast_on_rrp_as_known_usd_bn", "net_liquidity_nowcast_as_known_usd_bn", "wednesday_as_of_date",
            "wednesday_assets_as_known_usd_bn", "wednesday_tga_as_known_usd_bn", "wednesday_on_rrp_as_known_usd_bn",
            "net_liquidity_wednesday_as_known_usd_bn", "net_liquidity_wednesday_change_as_known_usd_bn",
        ),
        "SELECT nowcast.*, wednesday.* FROM (SELECT effective_date, nowcast_assets_usd_bn, nowcast_tga_usd_bn, "
        "nowcast_on_rrp_usd_bn, net_liquidity_nowcast_usd_bn FROM marts.dollar_liquidity_daily "
        "WHERE net_liquidity_nowcast_usd_bn IS NOT NULL AND effective_date >= $day - 10 "
        "ORDER BY effective_date DESC LIMIT 1) AS nowcast LEFT JOIN (SELECT effective_date, wednesday_assets_usd_bn, "
        "wednesday_tga_usd_bn, wednesday_on_rrp_usd_bn, net_liquidity_wednesday_usd_bn, "
        "net_liquidity_wednesday_change_usd_bn FROM marts.dollar_liquidity_daily "
        "WHERE net_liquidity_wednesday_usd_bn IS NOT NULL AND effective_date >= $day - 20 "
        "ORDER BY effective_date DESC LIMIT 1) AS wednesday ON true",
    ),
    "reserves_as_known_weekly": (
        ("wednesday_date", "reserves_as_known_usd_bn", "reserves_change_as_known_usd_bn"),
        "SELECT wednesday_date, reserves_usd_bn, reserves_change_usd_bn FROM marts.fed_balance_sheet_weekly "
        "WHERE reserves_usd_bn IS NOT NULL ORDER BY wednesday_date DESC LIMIT 1",
    ),
}  # fmt: skip


def _give_versions(con: duckdb.DuckDBPyConnection) -> None:
    """Every fifth value had another one for its first 1 to 60 hours; every fortieth is gone for five days after it."""
    for dataset in INPUTS:
        numbers = [c.name for c in dataset.columns if c.unit is not None and c.name not in dataset.key]
        other = ", ".join(f'"{name}" * 1.01 + 0.01 AS "{name}"' for name in numbers)
        table, number = f"raw.{dataset.table}", f"hash({', '.join(dataset.key)}) % 200"
        until = f"known_from + to_hours(1 + ({number})::BIGINT % 60)"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT *, {number} AS number, {until} AS first_until FROM {table} "
            f"WHERE {number} % 5 = 0 AND known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted "
            "AND known_from < TIMESTAMP '2026-11-01'"
        )
        con.execute(f"DELETE FROM {table} WHERE {number} % 5 = 0 AND known_to = TIMESTAMP '9999-12-31' "
                    "AND NOT is_deleted AND known_from < TIMESTAMP '2026-11-01'")  # fmt: skip
        con.execute(
            f"INSERT INTO {table} BY NAME SELECT * EXCLUDE (number, first_until) "
            f"REPLACE ({other}, first_until AS known_to) FROM chosen"
        )
        con.execute(
            f"INSERT INTO {table} BY NAME SELECT * EXCLUDE (number, first_until) "
            "REPLACE (first_until AS known_from, first_until + INTERVAL 5 DAY AS known_to, true AS is_deleted) "
            "FROM chosen WHERE number % 40 = 0"
        )
        con.execute(
            f"INSERT INTO {table} BY NAME SELECT * EXCLUDE (number, first_until) REPLACE (CASE WHEN number % 40 = 0 "
            "THEN first_until + INTERVAL 5 DAY ELSE first_until END AS known_from) FROM chosen"
        )


def _make(con: duckdb.DuckDBPyConnection, made: Project, as_of: datetime | None = None) -> None:
    """The marts and what they are made of, statement by statement: also within a transaction of the test."""
    wanted = {node.name for mart in NEWEST for node in made.up_to(mart)}
    for node in made.nodes.values():
        if node.kind == "model" and node.name in wanted:
            for statement in made._statements(con, node, as_of, "", ""):
                con.execute(statement)


def _as_known(con: duckdb.DuckDBPyConnection, until: datetime) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of each mart read until a moment, without the columns about now."""
    return {
        mart: con.execute(
            f"SELECT COLUMNS(lambda c: NOT regexp_matches(c, '_now_|_revision_')) FROM marts.{mart} "
            "WHERE as_known_at <= ? ORDER BY as_known_at",
            [until],
        ).fetchall()
        for mart in NEWEST
    }


@pytest.fixture(scope="module")
def made(refreshed: Home) -> Project:
    return compilation.compiled_project(refreshed)


@pytest.fixture(scope="module")
def versions(refreshed: Home, made: Project, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = log_of(refreshed, tmp_path_factory.mktemp("as_known") / "sample")
    with open_work(home) as con:
        _give_versions(con)
        _make(con, made)
    return home


@pytest.fixture
def work(versions: Home, tmp_path: Path) -> Home:
    return log_of(versions, tmp_path / "sample")


def _days(number: int, seed: int) -> list[date]:
    """Days since the facility has two operations and before; holidays and weekends among them; the newest first."""
    first, last = date(2019, 1, 2), date(2025, 12, 19)
    return sorted(
        (first + timedelta(days=day) for day in random.Random(seed).sample(range((last - first).days), number)),
        reverse=True,
    )


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(17), ZoneInfo("America/New_York")).astimezone(UTC).replace(tzinfo=None)


def _rows_of(con: duckdb.DuckDBPyConnection, day: date) -> dict[str, tuple[Any, ...] | None]:
    """What each mart read at 17:00 of the day; no row where it has no business there on that day."""
    return {
        mart: con.execute(
            f"SELECT {', '.join(columns)} FROM marts.{mart} WHERE as_known_at = ?", [_moment(day)]
        ).fetchone()
        for mart, (columns, _) in NEWEST.items()
    }


def _days_of_reserves(con: duckdb.DuckDBPyConnection, days: list[date]) -> list[date]:
    """Every other day moved back to the last one on which a week's reserves were first known."""
    query = "SELECT max(as_known_at)::DATE FROM marts.reserves_as_known_weekly WHERE as_known_at <= ?"
    return [con.execute(query, [_moment(day)]).fetchone()[0] if place % 2 else day for place, day in enumerate(days)]


def _compare_with_past_states(home: Home, made: Project, days: list[date]) -> dict[str, int]:
    """Builds the state as of each moment; number of rows that were compared, by mart."""
    with open_work(home) as con:
        days = _days_of_reserves(con, days)
        ours = {day: _rows_of(con, day) for day in days}
        for day in days:
            _make(con, made, _moment(day))
            for mart, (columns, query) in NEWEST.items():
                if (row := ours[day][mart]) is not None:
                    theirs = con.execute(query, {"day": day} if "$day" in query else None).fetchone()
                    assert dict(zip(columns, row, strict=True)) == dict(zip(columns, theirs, strict=True)), (mart, day)
    return {mart: sum(rows[mart] is not None for rows in ours.values()) for mart in NEWEST}


def _spoil_after(con: duckdb.DuckDBPyConnection, made: Project, day: date) -> None:
    """All that became known after the moment is spoiled, and the rows until then stay; then all is as it was."""
    before = _as_known(con, _moment(day))
    assert min(len(rows) for rows in before.values()) > 10
    con.execute("BEGIN")
    try:
        assert spoil_later(con, _moment(day), INPUTS) > 100
        _make(con, made)
        assert _as_known(con, _moment(day)) == before, day
    finally:
        con.execute("ROLLBACK")


@pytest.mark.slow
def test_rows_are_those_of_past_states(work: Home, made: Project):
    compared = _compare_with_past_states(work, made, [date(2025, 11, 1), date(2022, 7, 5)])
    assert compared["dollar_liquidity_as_known_daily"] == 2
    assert min(compared.values()) >= 1


@pytest.mark.slow
def test_what_becomes_known_later_changes_no_row(work: Home, made: Project):
    with open_work(work) as con:
        _spoil_after(con, made, date(2025, 10, 31))
        before = _as_known(con, _moment(date(2025, 10, 31)))
        con.execute(
            "UPDATE raw.fiscaldata__operating_cash_balance SET known_from = known_from - INTERVAL 1 DAY "
            "WHERE record_date = DATE '2025-10-31'"  # published on Monday, 3 November, at 16:00
        )
        _make(con, made)
        assert _as_known(con, _moment(date(2025, 10, 31))) == before  # Sunday is after Friday still
        con.execute(
            "UPDATE raw.fiscaldata__operating_cash_balance SET known_from = known_from - INTERVAL 1 DAY "
            "WHERE record_date = DATE '2025-10-30'"  # published on the Friday at 16:00; a day too early now
        )
        _make(con, made)
        after = _as_known(con, _moment(date(2025, 10, 31)))
    changed = {mart for mart in NEWEST if after[mart] != before[mart]}
    assert changed == {"treasury_cash_as_known_daily", "dollar_liquidity_as_known_daily"}


def test_series_are_revised_where_values_were(versions: Home):
    """The versions above reach the rows, so the tests here compare more than copies of the newest values."""
    with open_work(versions) as con:
        for mart, column in {
            "treasury_cash_as_known_daily": "closing_balance_revision_usd_bn",
            "funding_stress_as_known_daily": "sofr_minus_ceiling_revision_bp",
            "dollar_liquidity_as_known_daily": "net_liquidity_nowcast_revision_usd_bn",
            "reserves_as_known_weekly": "reserves_revision_usd_bn",
        }.items():
            (share,) = con.execute(f"SELECT avg(({column} <> 0)::INTEGER) FROM marts.{mart}").fetchone()
            assert 0.02 < share < 0.6, (mart, share)


def test_moments_are_those_of_the_time_zone(refreshed: Home):
    with open_work(refreshed) as con:
        moments = con.execute("SELECT effective_date, as_known_at FROM intermediate.int_known_moments").fetchall()
    assert len(moments) > 2000
    assert [row for row in moments if row[1] != _moment(row[0])] == []


def test_terms_and_exercises_are_public_by_their_day(refreshed: Home):
    """So the rows of a past moment may read them as known now."""
    with open_work(refreshed) as con:
        late = con.execute(
            "SELECT count(*) FROM seeds.srf_policy WHERE known_date > effective_date UNION ALL "
            "SELECT count(*) FROM seeds.srf_small_value_exercises WHERE known_date > operation_date"
        ).fetchall()
    assert late == [(0,), (0,)]


@pytest.mark.benchmark
def test_rows_are_those_of_past_states_at_fifty_moments(work: Home, made: Project):
    compared = _compare_with_past_states(work, made, _days(50, seed=15))
    assert min(compared.values()) >= 20
    print(compared)


@pytest.mark.benchmark
def test_what_becomes_known_later_changes_no_row_at_twenty_moments(work: Home, made: Project):
    with open_work(work) as con:
        for day in _days(20, seed=16):
            _spoil_after(con, made, day)
