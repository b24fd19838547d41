"""When the next refresh should come without Dagster's schedules: by LIQUIDITY_SCHEDULE, or by the past times.

What must not be here: Dagster's schedules (`orchestration/schedules.py`).
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from warehouse.connection import WarehouseError

VARIABLE = "LIQUIDITY_SCHEDULE"
OFF = "off"
GRACE = timedelta(hours=2)  # the same as for a schedule of Dagster
LOOKED_AT = timedelta(days=14)
MANY_DAYS = 7  # of fourteen with a refresh: too regular for refreshes by hand; business days are ten
LONGEST = timedelta(days=4)  # between two refreshes of a schedule, over a long weekend


def cron_lines() -> list[str]:
    """Lines of cron in New York time from LIQUIDITY_SCHEDULE, between semicolons; none without any, or with `off`.

    WarehouseError for a line that cron cannot read.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text or text.lower() == OFF:
        return []
    from dagster._utils.schedules import is_valid_cron_string

    lines = [line.strip() for line in text.strip(";").split(";")]
    for line in lines:
        if not is_valid_cron_string(line):
            raise WarehouseError(
                f"{VARIABLE}: {line!r} is not a line of cron; write times in New York, such as "
                f"`0 20 * * *; 30 9 * * 1-5`, or `{OFF}`"
            )
    return lines


def is_off() -> bool:
    """Whether the user has switched this check off."""
    return os.environ.get(VARIABLE, "").strip().lower() == OFF


def missed(lines: Sequence[str], refreshed_at: datetime | None, now: datetime) -> str | None:
    """One line when LIQUIDITY_SCHEDULE has a time since ``refreshed_at``; times are naive UTC."""
    from dagster._utils.schedules import get_latest_completed_cron_tick

    before = (now - GRACE).replace(tzinfo=UTC)
    due = max(get_latest_completed_cron_tick(line, before, "America/New_York") for line in lines)
    if refreshed_at is not None and due <= refreshed_at.replace(tzinfo=UTC):
        return None
    last = f"{refreshed_at:%Y-%m-%d %H:%M} UTC" if refreshed_at else "never"
    return (
        f"a refresh was due {due:%Y-%m-%d %H:%M} New York time ({VARIABLE}), and no good one has come since: the last "
        f"is of {last}; look at the log of cron or systemd"
    )


def stopped(past: Sequence[datetime], refreshed_at: datetime | None, now: datetime) -> str | None:
    """One line when refreshes came regularly, and the newest is older than any gap of their last two weeks.

    ``past`` are times at which most datasets were requested (naive UTC). Irregular refreshes are no habit.
    """
    if refreshed_at is None:
        return None
    recent = sorted({moment for moment in past if refreshed_at - LOOKED_AT <= moment <= refreshed_at} | {refreshed_at})
    if len({moment.date() for moment in recent}) < MANY_DAYS:
        return None
    usual = max(after - before for before, after in pairwise(recent))
    silence = now - refreshed_at
    if usual > LONGEST or silence <= usual + GRACE:
        return None
    return (
        f"no good refresh for {_hours(silence)}, since {refreshed_at:%Y-%m-%d %H:%M} UTC; before that one came every "
        f"{_hours(usual)} at least: do cron or the timer still run?"
    )


def _hours(duration: timedelta) -> str:
    return f"{duration.total_seconds() / 3600:.0f} hours"
