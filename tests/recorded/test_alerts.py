"""The alert rules on recorded bodies of the publishers: golden days, and the regime against the mart's."""

from datetime import date
from pathlib import Path

import pytest

from tests.pipeline.conftest import log_of
from warehouse.connection import Home, open_work
from warehouse.models import compilation

REGIMES = (
    "SELECT count(*), list(effective_date ORDER BY effective_date) FILTER (ours.regime_rank IS DISTINCT FROM "
    "mart.regime_rank) FROM intermediate.int_alert_regimes AS ours "
    "JOIN marts.liquidity_regime_daily AS mart USING (effective_date)"
)
# Days whose SOFR the log first held after that of a later day: a yearly body is saved on 5 January, so the first days
# of the year come with the next one, and the first half of 2024 came with the body of November 2025.
LATE = (
    "SELECT effective_date FROM intermediate.int_alert_rates_daily "
    "ANTI JOIN intermediate.int_alert_regimes USING (effective_date)"
)
INPUTS = {  # of the mart, and as first known
    "interest on reserves": ("mart.sofr_minus_iorb_bp", "(rates.sofr_pct - rates.iorb_pct) * 100"),
    "ceiling": ("mart.sofr_minus_ceiling_bp", "(rates.sofr_pct - rates.target_ceiling_pct) * 100"),
    "take-up": (
        "mart.srf_accepted_usd_bn",
        "CASE WHEN srf.known_at <= rates.known_at THEN srf.srf_accepted_usd_bn END",
    ),
    "on rrp": ("mart.on_rrp_usd_bn", "on_rrp.value"),
}


@pytest.mark.parametrize(
    ("day", "rule", "value"),
    [
        (date(2019, 9, 17), "sofr_at_ceiling", 300),
        (date(2019, 9, 17), "sofr_over_iorb", 315),
        (date(2020, 3, 17), "sofr_at_ceiling", 29),
        (date(2025, 10, 31), "sofr_at_ceiling", 22),
        (date(2025, 10, 31), "srf_take_up_large", 50.35),
        (date(2025, 10, 31), "sofr_over_iorb", 32),
    ],
)
def test_golden_days_fire_on_what_was_published(con, day: date, rule: str, value: float):
    rows = con.execute(
        "SELECT measured_value, state, cast(known_at AS DATE) > effective_date - 1 FROM marts.alert_history "
        "WHERE effective_date = ? AND rule_id = ?",
        [day, rule],
    ).fetchall()
    assert len(rows) == 1
    assert rows[0][0] == pytest.approx(value)
    assert rows[0][1] in ("raised", "held")
    assert rows[0][2]


@pytest.fixture
def work(real: Home, tmp_path: Path) -> Home:
    """A copy of the recorded work file, to change."""
    return log_of(real, tmp_path / "real")


def test_regime_differs_from_the_mart_only_where_days_came_late_and_agrees_when_they_come_in_time(work: Home):
    """Runs of days start anew after a hole. With no hole the two models say the same on every day."""
    made = compilation.compiled_project(work)
    models = [made.nodes[made.id_of[name]] for name in ("int_alert_rates_daily", "int_alert_regimes")]
    with open_work(work) as con:
        late = [day for (day,) in con.execute(f"{LATE} ORDER BY 1").fetchall()]
        count, differing = con.execute(REGIMES).fetchone()
        con.execute(
            "UPDATE staging.stg_meta__alert_versions SET known_from = effective_date + INTERVAL 36 HOUR "
            "WHERE input IN ('sofr', 'sofr_percentile_99') AND effective_date IN (SELECT unnest(?))",
            [late],
        )
        assert [error for _, _, error, _ in made.make(con, models) if error] == []
        in_time = con.execute(REGIMES).fetchone()
    assert [day for day in late if day.year < 2024] == [
        date(2019, 1, 2), date(2019, 1, 3), date(2020, 1, 2), date(2021, 1, 4), date(2022, 1, 3), date(2022, 1, 4),
        date(2023, 1, 3), date(2023, 1, 4),
    ]  # fmt: skip
    in_2024 = [day for day in late if day.year >= 2024]
    assert (len(in_2024), in_2024[0], in_2024[-1]) == (105, date(2024, 1, 2), date(2024, 5, 31))
    # Strained on 2 and 3 January 2019, ample left during the first half of 2024: nobody could count those days then.
    of_2019 = [day for day in differing if day.year == 2019]
    of_2024 = [day for day in differing if day.year == 2024]
    assert count == 1803
    assert len(differing) == len(of_2019) + len(of_2024)
    assert (len(of_2019), of_2019[0], of_2019[-1]) == (12, date(2019, 1, 4), date(2019, 1, 22))
    assert of_2024 == [date(2024, 6, day) for day in range(3, 8)]
    assert in_time == (count + len(late), None)


@pytest.mark.parametrize(
    ("name", "different", "not_known_then"),
    [
        ("interest on reserves", [], []),
        ("ceiling", [], []),
        ("take-up", [], ["2023-05-11"]),  # the operation is stamped 13:29:30 of the day after, SOFR came at 12:00
        (
            "on rrp",
            # FRED leaves out the small one of two operations without a note, or adds an exercise; of 2020-02-19 it has
            # the exercise alone.
            ["2018-05-23", "2018-11-19", "2019-05-21", "2020-02-19", "2021-06-23", "2022-11-17", "2023-10-17",
             "2025-01-24", "2025-02-27", "2025-11-05"],
            # FRED has none for the first two; those of November 2025 came in a body of 2026-05.
            ["2018-12-04", "2019-04-18", "2025-11-17", "2025-11-18", "2025-11-19", "2025-11-20"],
        ),
    ],
)  # fmt: skip
def test_what_the_regime_looks_at_is_what_the_mart_looks_at(
    work: Home, name: str, different: list[str], not_known_then: list[str]
):
    mart, ours = INPUTS[name]
    with open_work(work) as con:
        rows = con.execute(
            f"SELECT cast(effective_date AS VARCHAR), {mart}, {ours} FROM intermediate.int_alert_regimes "
            "JOIN intermediate.int_alert_rates_daily AS rates USING (effective_date) "
            "JOIN marts.liquidity_regime_daily AS mart USING (effective_date) "
            "LEFT JOIN intermediate.int_alert_srf_daily AS srf USING (effective_date) "
            "LEFT JOIN staging.stg_meta__alert_versions AS on_rrp ON on_rrp.input = 'RRPONTSYD' "
            "AND on_rrp.effective_date = rates.effective_date "
            "AND rates.known_at >= on_rrp.known_from AND rates.known_at < on_rrp.known_to ORDER BY 1"
        ).fetchall()
    both = [row for row in rows if row[1] is not None and row[2] is not None]
    assert len(both) > 800
    assert [day for day, theirs, then in both if abs(theirs - then) > 1e-6] == different
    assert [day for day, theirs, then in rows if theirs is not None and then is None] == not_known_then
    assert [day for day, theirs, then in rows if theirs is None and then is not None] == []
    if name == "on rrp":  # no day is within a bound of its rules in one source and not in the other
        assert [day for day, theirs, then in both for bound in (60, 100) if (theirs <= bound) != (then <= bound)] == []
