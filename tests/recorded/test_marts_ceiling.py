"""Scarcity of reserves from real bodies, against what the New York Fed finds."""

from datetime import date

import pytest


@pytest.mark.parametrize(
    ("day", "to_bank_assets_pct", "slope_is_negative"),
    [(date(2019, 9, 18), 8.0, True), (date(2023, 3, 15), 14.0, False)],
)
def test_slope_is_negative_below_twelve_percent_of_bank_assets_and_flat_above(
    con, day: date, to_bank_assets_pct: float, slope_is_negative: bool
):
    """Staff report 1019: significantly negative below 12 to 13 percent, flat above."""
    share, low, high = con.execute(
        "SELECT reserves_to_bank_assets_pct, sofr_slope_on_reserves_52w_low_bp, sofr_slope_on_reserves_52w_high_bp "
        "FROM marts.reserve_scarcity_daily WHERE effective_date = ?",
        [day],
    ).fetchone()
    assert share == pytest.approx(to_bank_assets_pct, abs=0.05)
    assert (high < 0) == slope_is_negative
    assert slope_is_negative or low < 0 < high
