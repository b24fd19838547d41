"""The golden days of the alert rules on recorded bodies of the publishers."""

from __future__ import annotations

from datetime import date

import pytest


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
