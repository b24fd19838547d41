"""When alert rules fired, as then known: golden days, agreement with the marts; what comes later changes nothing."""

from datetime import date, datetime
from pathlib import Path

import pytest

from tests.pipeline.conftest import log_of
from tests.pipeline.poison import spoil_later
from warehouse.connection import Home, open_published, open_work
from warehouse.models import compilation

MOMENT = datetime(2025, 11, 4, 14, 0)  # 09:00 in New York
# The same quantity in a mart. Values of the sample are never revised, so as first known is as known now.
SAME = {
    "sofr_minus_ceiling_bp": "SELECT effective_date, sofr_minus_ceiling_bp FROM marts.funding_stress_daily",
    "sofr_minus_iorb_bp": "SELECT effective_date, sofr_minus_iorb_bp FROM marts.funding_stress_daily",
    "sofr_percentile_99_minus_srf_bp": (
        "SELECT effective_date, round((sofr_percentile_99_pct - srf_minimum_bid_pct) * 100, 4) "
        "FROM marts.policy_corridor_daily"
    ),
    "srf_accepted_usd_bn": "SELECT effective_date, srf_accepted_usd_bn FROM marts.funding_stress_daily",
    "tga_off_assumed_usd_bn": (
        "SELECT effective_date, abs(excess_over_assumed_usd_bn) FROM marts.treasury_cash_daily "
        "WHERE assumed_cash_balance_published_date >= date_trunc('quarter', effective_date)"
    ),
    "loans_week_change_usd_bn": (
        "SELECT a.wednesday_date, a.loans_usd_bn - b.loans_usd_bn FROM intermediate.int_fred_h41_weekly AS a "
        "JOIN intermediate.int_fred_h41_weekly AS b ON a.wednesday_date - 7 = b.wednesday_date"
    ),
    "reserves_four_week_change_usd_bn": (
        "SELECT a.wednesday_date, a.reserves_usd_bn - b.reserves_usd_bn FROM intermediate.int_fred_h41_weekly AS a "
        "JOIN intermediate.int_fred_h41_weekly AS b ON a.wednesday_date - 28 = b.wednesday_date"
    ),
}


@pytest.fixture(scope="module")
def work(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return log_of(refreshed, tmp_path_factory.mktemp("alerts") / "sample")


@pytest.mark.parametrize("measure", SAME)
def test_what_rules_look_at_is_what_the_marts_say(refreshed: Home, measure: str):
    with open_work(refreshed) as con:
        theirs = dict(con.execute(SAME[measure]).fetchall())
        ours = con.execute(
            "SELECT effective_date, measured_value FROM intermediate.int_alert_values WHERE measure = ?", [measure]
        ).fetchall()
    theirs = {day: value for day, value in theirs.items() if value is not None}
    assert len(ours) > 300
    assert [(day, value) for day, value in ours if abs(theirs[day] - value) > 1e-6] == []
    assert theirs.keys() - dict(ours).keys() == set()


def test_regimes_and_weeks_are_those_of_the_marts(refreshed: Home):
    with open_work(refreshed) as con:
        regimes = con.execute(
            "SELECT count(*), count(*) FILTER (ours.regime_rank IS DISTINCT FROM mart.regime_rank) "
            "FROM intermediate.int_alert_regimes AS ours "
            "LEFT JOIN marts.liquidity_regime_daily AS mart USING (effective_date)"
        ).fetchone()
        weeks = con.execute(
            "SELECT count(*), count(*) FILTER (NOT abs(ours.week_change_usd_bn - "
            "mart.net_liquidity_wednesday_change_usd_bn) <= 1e-5) FROM intermediate.int_alert_weekly AS ours "
            "JOIN marts.dollar_liquidity_daily AS mart ON mart.effective_date = ours.wednesday_date "
            "WHERE ours.quantity = 'net_liquidity' AND mart.net_liquidity_wednesday_change_usd_bn IS NOT NULL"
        ).fetchone()
    assert min(regimes[0] - 2000, weeks[0] - 400) > 0
    assert (regimes[1], weeks[1]) == (0, 0)


@pytest.mark.parametrize(
    ("day", "rule", "value", "known_on"),
    [
        ("2019-09-17", "sofr_at_ceiling", 300, "2019-09-18"),
        ("2019-09-17", "sofr_over_iorb", 315, "2019-09-18"),
        ("2020-03-17", "sofr_at_ceiling", 29, "2020-03-18"),
        ("2020-03-18", "net_liquidity_move", None, "2020-03-19"),
        ("2023-03-15", "fed_loans_jump", None, "2023-03-16"),
        ("2025-10-31", "srf_take_up_large", 50.35, "2025-10-31"),
        ("2025-10-31", "sofr_at_ceiling", 22, "2025-11-03"),
    ],
)
def test_golden_days_fire_and_on_the_day_on_which_one_could_know(
    refreshed: Home, day: str, rule: str, value: float | None, known_on: str
):
    with open_published(refreshed) as con:
        row = con.execute(
            "SELECT measured_value, fired_on_date, state, message FROM marts.alert_history "
            "WHERE effective_date = ? AND rule_id = ?",
            [day, rule],
        ).fetchone()
    assert row is not None
    assert value is None or row[0] == pytest.approx(value)
    assert (str(row[1]), row[2] in ("raised", "held")) == (known_on, True)
    assert "{" not in row[3]


def test_excluded_days_are_silent(refreshed: Home):
    """At month ends SOFR's tail is over the facility's rate as a rule: those days do not count."""
    with open_published(refreshed) as con:
        over, fired = con.execute(
            "SELECT count(*) FILTER (s.sofr_percentile_99_pct > srf_minimum_bid_pct AND s.is_month_end), "
            "count(rule_id) "
            "FROM marts.policy_corridor_daily JOIN marts.funding_stress_daily AS s USING (effective_date) "
            "LEFT JOIN marts.alert_history AS h ON h.rule_id = 'sofr_tail_over_srf' AND s.is_month_end "
            "AND h.effective_date = s.effective_date WHERE s.effective_date >= DATE '2021-07-29'"
        ).fetchone()
    assert over > 5
    assert fired == 0


def test_summary_counts_the_history(refreshed: Home):
    with open_published(refreshed) as con:
        rows = con.execute("SELECT rule_id, firings_count, days_on_count, last_fired_date FROM marts.alert_summary")
        said = {row[0]: row[1:] for row in rows.fetchall()}
        history = con.execute("SELECT rule_id, state, effective_date FROM marts.alert_history").fetchall()
    assert len(said) >= 18
    for rule, (firings, days_on, last) in said.items():
        of_rule = [row for row in history if row[0] == rule]
        raised = [row[2] for row in of_rule if row[1] == "raised"]
        assert firings == len(raised)
        assert days_on == sum(row[1] != "cleared" for row in of_rule)
        assert last == max(raised, default=None)
    assert sum(firings for firings, *_ in said.values()) > 100


def _history(home: Home, moment: datetime | None = None) -> list[tuple]:
    with open_work(home) as con:
        return con.execute(
            "FROM marts.alert_history WHERE known_at <= ? ORDER BY ALL", [moment or datetime(9999, 1, 1)]
        ).fetchall()


def _build(home: Home, moment: datetime) -> None:
    """The history as of the moment, and what it is made from."""
    made = compilation.compiled_project(home)
    with open_work(home) as con:
        assert [error for _, _, error, _ in made.make(con, made.up_to("alert_history"), as_of=moment) if error] == []


@pytest.mark.slow
def test_history_up_to_a_moment_does_not_change_whatever_becomes_known_after_it(work: Home):
    """Future poison, twice: the state as of the moment, and the rows of today's state that were known at that time."""
    _build(work, MOMENT)
    past = _history(work)
    _build(work, datetime(9999, 12, 30))
    now = _history(work, MOMENT)
    assert now == past  # the replay knows no more of a day than somebody knew on it
    assert len(past) > 1000
    assert max(row[1] for row in past) == date(2025, 11, 3)
    assert len(_history(work)) > len(past)
    with open_work(work) as con:
        assert spoil_later(con, MOMENT) > 10_000
    _build(work, datetime(9999, 12, 30))
    assert _history(work, MOMENT) == past
    assert _history(work) != now
    _build(work, MOMENT)
    assert _history(work) == past


def test_poison_before_the_moment_is_seen(work: Home, tmp_path: Path):
    with open_work(work) as con:
        con.execute(
            "UPDATE raw.nyfed__reference_rates SET rate_pct = rate_pct + 5 "
            "WHERE rate_type = 'SOFR' AND effective_date = DATE '2024-05-15'"
        )
    before = _history(work)
    _build(work, MOMENT)
    changed = set(_history(work)) - set(before)
    assert {(row[0], str(row[1])) for row in changed} >= {("sofr_at_ceiling", "2024-05-15")}
