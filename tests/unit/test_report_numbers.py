"""How the report prints a value, and what it does when it has none."""

from datetime import date, datetime

import duckdb
import pytest

from warehouse.publication.report.numbers import Numbers, Reading, days_in_a_year_sql, look, shown


@pytest.mark.parametrize(
    ("value", "unit", "signed", "text"),
    [
        (5829.5, "usd_bn", False, "$5,829.5 bn"),
        (-1.104, "usd_bn", True, "−$1.1 bn"),
        (0.792, "usd_bn", True, "+$0.8 bn"),
        (0.004, "usd_bn", False, "$4 mn"),
        (0.0004, "usd_bn", False, "$0.4 mn"),
        (0.0, "usd_bn", True, "$0.0 bn"),
        (-0.00000001, "bp", True, "0 bp"),
        (3.0, "bp", True, "+3 bp"),
        (-12.5, "bp", False, "−12.5 bp"),
        (4.0, "pct", False, "4.00%"),
        (2026, "year", False, "2026"),
        (21386, "count", False, "21,386"),
        (True, "", False, "yes"),
        (None, "usd_bn", True, "–"),
        (date(2026, 11, 9), "", False, "9 Nov 2026"),
        (datetime(2026, 11, 9, 7, 5), "", False, "9 Nov 2026, 07:05"),
        ("ample", "", False, "ample"),
    ],
)
def test_values_are_printed_in_their_unit(value: object, unit: str, signed: bool, text: str) -> None:
    assert shown(value, unit, signed=signed) == text


def _series(values: str) -> Numbers:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA marts")
    con.execute(f"CREATE TABLE marts.series_daily AS FROM (VALUES {values}) AS t (effective_date, level_pct)")
    return Numbers(con)


def test_changes_run_to_the_value_before_and_to_one_a_week_older() -> None:
    numbers = _series(
        "(DATE '2026-11-09', 3.80), (DATE '2026-11-12', 3.86), (DATE '2026-11-18', 3.88), (DATE '2026-11-19', 3.89), "
        "(DATE '2026-11-20', NULL)"
    )
    seen = look(numbers, Reading("series_daily", "level_pct", "pct"))
    assert seen.day == date(2026, 11, 19)
    assert [part.striptags() for part in (seen.value, seen.change, seen.before)] == ["3.89%", "+1 bp", "18 Nov 2026"]
    assert [part.striptags() for part in (seen.longer_change, seen.longer_before)] == ["+3 bp", "12 Nov 2026"]


def test_a_series_without_an_older_value_has_no_change() -> None:
    seen = look(_series("(DATE '2026-11-19', 3.89)"), Reading("series_daily", "level_pct", "pct"), spark_rows=20)
    assert seen.value.striptags() == "3.89%"
    assert (seen.change, seen.longer_change, seen.spark) == ("–", "–", "")


def test_a_gap_leaves_a_dash_and_no_older_value_stands_for_a_week() -> None:
    """A month without data: the value before it is neither of the day before nor of the week before."""
    numbers = _series("(DATE '2026-10-16', 3.80), (DATE '2026-11-16', 3.88), (DATE '2026-11-19', 3.89)")
    reading = Reading("series_daily", "level_pct", "pct")
    seen = look(numbers, reading)
    assert [part.striptags() for part in (seen.change, seen.before)] == ["+1 bp", "16 Nov 2026"]
    assert (seen.longer_change, seen.longer_before.striptags()) == ("–", "–")
    assert look(numbers, reading, longer_days=28).longer_before.striptags() == "16 Oct 2026"  # 34 days
    day = look(numbers, reading, on=date(2026, 11, 16), before_days=5)
    assert (day.change, day.longer_change) == ("–", "–")
    assert look(numbers, reading, on=date(2026, 11, 16)).change.striptags() == "+8 bp"


@pytest.mark.parametrize(("first", "count"), [("2025-11-19", 2), ("2025-11-24", 2), ("2025-11-25", None)])
def test_days_of_a_year_are_counted_only_where_a_year_is_held(first: str, count: int | None) -> None:
    """A history of eleven months has no count of a year, and the day a year before is not in it."""
    numbers = _series(
        f"(DATE '{first}', 3.0), (DATE '2025-12-01', 4.0), (DATE '2026-11-19', 4.0), (DATE '2026-11-20', NULL)"
    )
    assert numbers.ask(days_in_a_year_sql("series_daily", "level_pct", "level_pct > 3.5")) == count


def test_what_is_not_there_is_said_and_remembered() -> None:
    numbers = Numbers(duckdb.connect())
    assert "not in this generation" in numbers.show("SELECT max(x) FROM marts.nowhere")
    assert look(numbers, Reading("nowhere", "level_pct", "pct")).day is None
    assert len(numbers.missing) == 2


def test_words_of_the_database_are_escaped() -> None:
    con = duckdb.connect()
    html = Numbers(con).show("SELECT '<script>alert(1)</script>'")
    assert "<script>" not in html
