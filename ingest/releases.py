"""When a value becomes public: cadence, release rule, and the effective date that follows another.

What must not be here: which dataset has which rule (`providers/`), what came (`warehouse/log/release_calendar.py`).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from ingest.calendars import Calendar, add_business_days, is_open, new_york_to_utc
from ingest.errors import require


class Cadence(StrEnum):
    """How often a new effective date comes."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"


@dataclass(frozen=True)
class Release:
    """When a value becomes public: effective date, plus calendar days, plus business days, at a New York time.

    ``days`` are added first, then ``business_days``; with 0 business days and ``days`` above 0 the date rolls forward
    to a business day. With ``is_early_on_holidays`` a day without business moves back instead. ``source`` is the source
    of the rule. ``grace`` is how long after that moment a missing value counts as late. ``is_stopped_by_shutdown``: the
    agency has no money to publish in a government shutdown, and catches up afterwards.
    """

    at: time
    source: str
    business_days: int = 0
    days: int = 0
    calendar: Calendar = Calendar.FED
    grace: timedelta = timedelta(hours=6)
    is_early_on_holidays: bool = False
    is_stopped_by_shutdown: bool = False

    def __post_init__(self) -> None:
        require(bool(self.source), "a release rule needs its source")

    def published_at(self, effective: date) -> datetime:
        """The moment (naive UTC) at which the value for ``effective`` becomes public by this rule."""
        day = effective + timedelta(days=self.days)
        if self.calendar is Calendar.EVERY_DAY:
            day += timedelta(days=self.business_days)
        elif self.business_days or self.days > 0:
            is_early = self.is_early_on_holidays and not is_open(day, self.calendar)
            day = add_business_days(day, -1 if is_early else self.business_days, self.calendar)
        return new_york_to_utc(day, self.at)

    def describe(self) -> str:
        """The rule in words, for the data dictionary."""
        parts = [f"{self.days:+d} calendar days"] if self.days else []
        parts += [f"{self.business_days:+d} business days"] if self.business_days else []
        when = f"{' '.join(parts) or '+0 days'}{', or the business day before a holiday' * self.is_early_on_holidays}"
        stop = "; stops in a government shutdown" if self.is_stopped_by_shutdown else ""
        return f"effective date {when}, {self.at:%H:%M} New York ({self.source}){stop}"


def next_effective(effective: date, cadence: Cadence, calendar: Calendar, weekday: int | None = None) -> date:
    """The effective date that follows ``effective``.

    With ``weekday`` (Monday is 1) a weekly date is that day of the next week, or the last open day before it; otherwise
    it is seven days later, open or not.
    """
    match cadence:
        case Cadence.DAILY:
            day = effective + timedelta(days=1)
            while not is_open(day, calendar):
                day += timedelta(days=1)
            return day
        case Cadence.WEEKLY:
            if weekday is None:
                return effective + timedelta(days=7)
            day = effective + timedelta(days=7 + weekday - effective.isoweekday())
            while not is_open(day, calendar):
                day -= timedelta(days=1)
            return day
        case Cadence.MONTHLY | Cadence.QUARTERLY | Cadence.ANNUAL:
            months = {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3, Cadence.ANNUAL: 12}[cadence]
            is_month_end = (effective + timedelta(days=1)).day == 1
            index = effective.year * 12 + effective.month - 1 + months
            if is_month_end:
                index += 1
                return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)
            return date(index // 12, index % 12 + 1, min(effective.day, 28))
