"""`calendar.ics` of a generation: the coming releases as a calendar that any calendar program subscribes to.

One event for each dataset and moment, with the series that come then. Times carry New York's zone and its rules, so
that a program in any zone shows the right hour in weeks of changing clocks. What must not be here: when anything is
expected (`warehouse/log/release_calendar.py`).
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from warehouse.generation import SIMULATED_NOTICE, Generation
from warehouse.log.release_calendar import new_york

NAME = "calendar.ics"
_SERIES_NAMED = 12
# The rules in force since 2007 (15 USC 260a). icalendar's own zone lists single days, which not every reader follows.
_ZONE = """BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")


def write(con: duckdb.DuckDBPyConnection, path: Path, generation: Generation) -> int:
    """Write the releases after a generation from its `meta.release`; returns the number of events."""
    import icalendar  # 30 ms, and only publishing needs it

    moment = generation.as_of or generation.built_at
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//dollar-liquidity//release calendar//EN")
    calendar.add("version", "2.0")
    name = "Releases of US-dollar liquidity data"
    calendar.add("x-wr-calname", f"SIMULATED: {name}" if generation.is_simulated else name)
    calendar.add("x-wr-timezone", "America/New_York")
    calendar.add_component(icalendar.Timezone.from_ical(_ZONE))
    rows = con.execute(
        """
        SELECT dataset, any_value(dataset_title), expected_at, min(effective_date), max(effective_date),
            list(DISTINCT series ORDER BY series) FILTER (series IS NOT NULL), list(DISTINCT release_rule)
        FROM meta.release WHERE state IN ('expected', 'suspended') AND expected_at > ?
        GROUP BY dataset, expected_at ORDER BY expected_at, dataset""",
        [moment],
    ).fetchall()
    for dataset, title, expected_at, first, last, series, rules in rows:
        event = icalendar.Event()
        event.add("uid", f"{dataset}-{expected_at:%Y%m%dT%H%M}@dollar-liquidity")
        event.add("dtstamp", generation.built_at.replace(tzinfo=UTC))
        event.add("dtstart", new_york(expected_at))
        event.add("duration", timedelta(minutes=5))
        event.add("summary", f"SIMULATED: {title}" if generation.is_simulated else title)
        event.add("description", _words(dataset, first, last, series or [], rules, generation))
        event.add("categories", ["release", dataset.partition(".")[0]])
        event.add("transp", "TRANSPARENT")  # the time stays free in the user's calendar
        calendar.add_component(event)
    path.write_bytes(calendar.to_ical())
    return len(rows)


def _words(
    dataset: str, first: datetime, last: datetime, series: list[str], rules: list[str], generation: Generation
) -> str:
    """The series, their dates, the release rule, and the notice of simulated data."""
    named = ", ".join(series[:_SERIES_NAMED]) + (f" and {len(series) - _SERIES_NAMED} more" if len(series) > 12 else "")
    parts = [
        f"{dataset}, of {first}" + (f" to {last}" if last != first else ""),
        *([f"series {named}"] if series else []),
        *(f"expected by rule: {rule}" for rule in rules[:3]),
        *([SIMULATED_NOTICE] if generation.is_simulated else []),
    ]
    return "\n".join(parts)
