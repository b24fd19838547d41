"""Rates of bills on the basis of what they are compared with: the macros on published figures."""

import re

import duckdb
import jinja2
import pytest

from tests.conftest import REPOSITORY

MACROS = (REPOSITORY / "dbt_project" / "macros" / "rules" / "yields.sql").read_text("utf-8")

# Four-week bill, secondary market, discount rate (Board of Governors, H.15; FRED DTB4WK, mean of the month as FRED
# averages it), and the ON RRP award of the month (New York Fed): where it changed inside a month, by calendar days.
MONTHS = {
    "2023-01": (4.3320, 4.30), "2023-02": (4.5100, 4.54), "2023-03": (4.3317, 4.62), "2023-04": (4.0190, 4.80),
    "2023-05": (5.3059, 5.03), "2023-06": (5.0386, 5.05), "2023-07": (5.2040, 5.09), "2023-08": (5.2761, 5.30),
    "2023-09": (5.2860, 5.30), "2023-10": (5.3043, 5.30), "2023-11": (5.2910, 5.30), "2023-12": (5.2745, 5.30),
    "2024-01": (5.2767, 5.30), "2024-02": (5.2825, 5.30), "2024-03": (5.2805, 5.30), "2024-04": (5.2800, 5.30),
    "2024-05": (5.2732, 5.30), "2024-06": (5.2537, 5.30), "2024-07": (5.2750, 5.30), "2024-08": (5.2455, 5.30),
    "2024-09": (4.8570, 5.10), "2024-10": (4.7086, 4.80), "2024-11": (4.5271, 4.61),
}  # fmt: skip


def _sql(macro: str, rate: str, days: int) -> str:
    return jinja2.Environment().from_string(MACROS + "{{ " + f"{macro}('{rate}', {days})" + " }}").render().strip()


def _value(macro: str, rate: float, days: int) -> float:
    [(value,)] = duckdb.sql(f"SELECT {_sql(macro, 'rate', days)} FROM (VALUES ({rate}::DOUBLE)) AS t (rate)").fetchall()
    return value


def test_yields_are_what_the_price_pays():
    """From the price: one dollar in 28 days costs 1 - d * 28 / 360."""
    price = 1 - 0.05 * 28 / 360
    assert _value("money_market_yield_pct", 5.0, 28) == pytest.approx(100 * (1 / price - 1) * 360 / 28, abs=1e-12)
    assert _value("bond_equivalent_yield_pct", 5.0, 28) == pytest.approx(100 * (1 / price - 1) * 365 / 28, abs=1e-12)
    assert _value("money_market_yield_pct", 0.0, 28) == 0
    # A documented example: 181 days at 4.97 percent pay 5.10 percent over 360 days and 5.17 percent over 365.
    assert round(_value("money_market_yield_pct", 4.97, 181), 2) == 5.10
    assert round(_value("bond_equivalent_yield_pct", 4.97, 181), 2) == 5.17


def test_the_basis_decides_whether_bills_beat_reverse_repo():
    """January 2023 to November 2024: below it as quoted and on the basis of repo, above it only as a bond would be."""
    con = duckdb.connect()
    con.execute("CREATE TABLE months (discount_pct DOUBLE, award_pct DOUBLE)")
    con.executemany("INSERT INTO months VALUES (?, ?)", list(MONTHS.values()))
    spreads = {
        macro: f"avg({expression} - award_pct) * 100"
        for macro, expression in {
            "discount": "discount_pct",
            "money market": _sql("money_market_yield_pct", "discount_pct", 28),
            "bond equivalent": _sql("bond_equivalent_yield_pct", "discount_pct", 28),
        }.items()
    }
    [means] = con.execute(f"SELECT {', '.join(spreads.values())} FROM months").fetchall()
    assert dict(zip(spreads, (round(mean, 1) for mean in means), strict=True)) == {
        "discount": -6.1, "money market": -4.1, "bond equivalent": 2.9,
    }  # fmt: skip


def test_no_discount_rate_is_compared_as_it_is_quoted():
    """A model that reads bills takes them through the macros, whatever it does with them."""
    readers = {
        path.name: text
        for path in (REPOSITORY / "dbt_project" / "models").rglob("*.sql")
        if re.search(r"'(DTB\w+|D[GT]S\w+)'", text := path.read_text("utf-8"))
    }
    assert "int_claims_funding.sql" in readers
    assert [name for name, text in readers.items() if "money_market_yield_pct(" not in text] == []
