"""Forecasts on recorded bodies: what they would have said on known days, and their record, also where it loses.

Reserves and net liquidity have no record here: their H.4.1 lines were not recorded through FRED.
"""

from datetime import date

import pytest


@pytest.mark.parametrize(
    ("target", "model", "target_date", "horizon", "said", "came"),
    [
        # The Treasury's release of 2025-07-28 assumed 850; the statement of the day has 891.
        ("tga_quarter_end", "treasury_assumption", date(2025, 9, 30), 21, 850.0, 890.825),
        # Release of 2023-05-01: 550. The debt limit bound until 3 June.
        ("tga_quarter_end", "treasury_assumption", date(2023, 6, 30), 21, 550.0, 402.394),
        # H.4.1: 6,608.395 on 24 September 2025, no change; 6,587.119 a week later.
        ("fed_assets", "persistence", date(2025, 10, 1), 2, 6608.395, 6587.119),
        # SOFR of 2025-09-22 was 4.14, 11 under the ceiling; of the last day of the quarter 4.24.
        ("sofr_quarter_end", "persistence", date(2025, 9, 30), 5, -11.0, -1.0),
    ],
)
def test_forecasts_of_known_days(con, target, model, target_date, horizon, said, came):
    row = con.execute(
        "SELECT forecast_value, outcome_value FROM marts.forecast_history WHERE forecast_target = ? "
        "AND forecast_model = ? AND target_date = ? AND horizon_days = ?",
        [target, model, target_date, horizon],
    ).fetchone()
    assert row == pytest.approx((said, came), abs=0.0005)


def test_record_of_the_models(con):
    """Mean absolute error of the model and of no change, target dates, verdict: most do not beat no change."""
    record = {
        (target, model, horizon): (round(error, 1), round(persistence, 1), targets, verdict)
        for target, model, horizon, error, persistence, targets, verdict in con.execute(
            "SELECT forecast_target, forecast_model, horizon_from_days, mean_absolute_error_value, "
            "persistence_error_value, targets_count, skill_verdict FROM marts.forecast_scores WHERE record = 'replayed'"
        ).fetchall()
        if error is not None
    }
    expected = {
        ("fed_assets", "average_change", 2): (25.7, 27.2, 429, "undecided"),
        ("tga_month_end", "seasonal_flows", 2): (63.1, 52.9, 47, "worse"),
        ("tga_quarter_end", "seasonal_flows", 11): (133.7, 129.5, 15, "undecided"),
        ("tga_quarter_end", "treasury_assumption", 1): (105.4, 51.6, 20, "worse"),
        ("tga_quarter_end", "treasury_assumption", 22): (106.3, 144.0, 20, "undecided"),
        ("sofr_quarter_end", "past_quarter_ends", 11): (7.1, 4.4, 21, "worse"),
        ("sofr_quarter_end", "quarter_ends_of_like_reserves", 22): (7.5, 6.6, 12, "undecided"),
    }
    assert {key: record[key] for key in expected} == expected


def test_what_is_written_after_its_outcome_was_due_is_late(con):
    """The recordings end in August 2026, so a forecast with their knowledge is about an end of a period long past."""
    states = con.execute(
        "SELECT DISTINCT forecast_target, target_date, forecast_state FROM marts.forecast_ledger ORDER BY 1"
    )
    assert states.fetchall() == [
        ("sofr_quarter_end", date(2026, 9, 30), "late"),
        ("tga_month_end", date(2026, 8, 31), "late"),
        ("tga_quarter_end", date(2026, 9, 30), "late"),
    ]
