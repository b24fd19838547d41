"""Business days of the two calendars and New York time: days that real series prove, rules that hold for any day."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.calendars import Calendar, add_business_days, business_days, is_open, new_york_to_utc

DAYS = st.dates(date(2000, 1, 1), date(2035, 12, 31))
BUSINESS = st.sampled_from([Calendar.FED, Calendar.SIFMA])


@pytest.mark.parametrize(
    ("day", "fed", "sifma"),
    [
        (date(2024, 3, 29), True, False),  # Good Friday: EFFR exists, SOFR does not
        (date(2018, 12, 5), True, False),  # day of mourning
        (date(2020, 7, 3), True, False),  # 4 July on a Saturday: the Fed does not move it
        (date(2026, 7, 3), True, False),
        (date(2021, 12, 24), True, False),  # Christmas on a Saturday
        (date(2021, 6, 18), True, True),  # Juneteenth on a Saturday, in its first year
        (date(2021, 12, 31), True, True),  # New Year on a Saturday
        (date(2026, 6, 19), False, False),  # Juneteenth on a Friday
        (date(2022, 6, 20), False, False),  # on a Sunday: Monday instead
        (date(2023, 1, 2), False, False),  # New Year on a Sunday
        (date(2024, 10, 14), False, False),  # Columbus Day closes both
        (date(2024, 11, 11), False, False),  # Veterans Day
        (date(2024, 11, 29), True, True),  # the day after Thanksgiving is open
        (date(2025, 11, 22), False, False),  # a Saturday
    ],
)
def test_days_that_series_prove(day: date, fed: bool, sifma: bool) -> None:
    assert is_open(day, Calendar.FED) is fed
    assert is_open(day, Calendar.SIFMA) is sifma
    assert is_open(day, Calendar.EVERY_DAY)


def test_next_business_day_steps_over_weekend_and_holiday() -> None:
    assert add_business_days(date(2024, 3, 28), 1, Calendar.FED) == date(2024, 3, 29)
    assert add_business_days(date(2024, 3, 28), 1, Calendar.SIFMA) == date(2024, 4, 1)
    assert add_business_days(date(2024, 11, 27), 1) == date(2024, 11, 29)  # Thanksgiving moves H.4.1 to Friday
    assert add_business_days(date(2024, 7, 6), 0) == date(2024, 7, 8)
    assert add_business_days(date(2024, 7, 5), 0) == date(2024, 7, 5)
    assert add_business_days(date(2025, 1, 2), -1) == date(2024, 12, 31)


@given(day=DAYS, count=st.integers(1, 15), calendar=BUSINESS)
def test_stepping_lands_on_open_days_and_counts_them(day: date, count: int, calendar: Calendar) -> None:
    later = add_business_days(day, count, calendar)
    assert is_open(later, calendar)
    assert len(business_days(day + timedelta(days=1), later, calendar)) == count
    assert add_business_days(later, -count, calendar) <= day or not is_open(day, calendar)


@given(day=DAYS)
def test_sifma_is_never_open_when_the_fed_is_closed(day: date) -> None:
    assert is_open(day, Calendar.FED) or not is_open(day, Calendar.SIFMA)


def test_business_days_of_a_week_and_of_nothing() -> None:
    assert business_days(date(2024, 7, 1), date(2024, 7, 7)) == [date(2024, 7, n) for n in (1, 2, 3, 5)]
    assert business_days(date(2024, 7, 6), date(2024, 7, 7)) == []
    assert business_days(date(2024, 7, 7), date(2024, 7, 6)) == []


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        (date(2024, 1, 10), time(8, 0), datetime(2024, 1, 10, 13, 0)),
        (date(2024, 7, 10), time(8, 0), datetime(2024, 7, 10, 12, 0)),
        (date(2024, 7, 10), time(20, 30), datetime(2024, 7, 11, 0, 30)),
        (date(2024, 3, 8), time(16, 30), datetime(2024, 3, 8, 21, 30)),
        (date(2024, 3, 11), time(16, 30), datetime(2024, 3, 11, 20, 30)),
    ],
)
def test_new_york_time_keeps_daylight_saving(day: date, at: time, utc: datetime) -> None:
    assert new_york_to_utc(day, at) == utc
