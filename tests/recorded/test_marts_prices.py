"""Marts of prices and liquidity from real bodies: what others published of their own indices."""

import pytest


def test_index_of_hayes_fell_as_he_says(con):
    """Essay Snow Forecast of 2025-11-17: his dollar liquidity index has fallen 10 percent since 2025-04-09."""
    (fall_pct,) = con.execute(
        "SELECT 100 * (max(definition_value) FILTER (effective_date = DATE '2025-11-12') "
        "/ max(definition_value) FILTER (effective_date = DATE '2025-04-09') - 1) "
        "FROM marts.net_liquidity_definitions WHERE definition_id = 'hayes_2022_08'"
    ).fetchone()
    assert fall_pct == pytest.approx(-10, abs=0.5)
