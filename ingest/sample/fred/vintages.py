"""What ALFRED keeps of the simulated series: days of vintages, versions, the units of their time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.calendars import new_york_to_utc
from ingest.sample.fred.models import SAVING_UPDATE, Model
from ingest.sample.fred.releases import DAY, income_at, money_at, output_at
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST

# Series that are printed three times, by when; of others but WRESBAL a value is the same in every vintage.
_REPRINTED = {"GDP": output_at, "PSAVERT": income_at, "M2SL": money_at}
# Until this day these were published in billions, as the real ones were (two downloads enclose the change).
_IN_MILLIONS_SINCE = date(2025, 11, 13)
ONCE_IN_BILLIONS = ("WRESBAL", "WTREGEN")

MOST_VINTAGES = 2_000  # more in one answer are refused


def end_of_day(day: date, now: datetime) -> datetime:
    """The end of ``day`` in New York, or now if that is earlier."""
    return min(now, new_york_to_utc(day, time(23, 59)))


def scaled_then(series_id: str, decimals: int, vintage: date) -> tuple[float, int]:
    """Factor and decimals with which a vintage prints a series."""
    return (0.001, 3) if series_id in ONCE_IN_BILLIONS and vintage < _IN_MILLIONS_SINCE else (1.0, decimals)


def new_york_day(moment: datetime) -> date:
    """The day in New York at a moment (naive UTC)."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo("America/New_York")).date()


def vintage_days(series_id: str, model: Model, world: World, now: datetime) -> list[date]:
    """Days on which something of the series came out, oldest first."""
    observed = [day for day in model.values(world, now) if day >= FIRST]
    moments = {model.published_at(day) for day in observed}
    if series_id in _REPRINTED:
        moments |= {_REPRINTED[series_id](day, n) for day in observed for n in (1, 2)}
    if series_id in ONCE_IN_BILLIONS:
        moments.add(new_york_to_utc(_IN_MILLIONS_SINCE, time(16, 30)))
    if series_id == "PSAVERT":
        moments.add(SAVING_UPDATE)
    return sorted({new_york_day(moment) for moment in moments if moment <= now})


def versions(series_id: str, model: Model, world: World, now: datetime) -> dict[date, list[tuple[date, str]]]:
    """Every version of every observation: vintage day and text, oldest first."""
    if series_id not in (*_REPRINTED, *ONCE_IN_BILLIONS):
        return {
            day: [(new_york_day(model.published_at(day)), cell_text(value, model.decimals, "."))]
            for day, value in published(model, world, now).items()
            if value is not None
        }
    versions: dict[date, list[tuple[date, str]]] = {}
    for vintage in vintage_days(series_id, model, world, now):
        factor, decimals = scaled_then(series_id, model.decimals, vintage)
        for day, value in published(model, world, end_of_day(vintage, now)).items():
            text = cell_text(None if value is None else factor * value, decimals, ".")
            known = versions.setdefault(day, [])
            if not known or known[-1][1] != text:
                known.append((vintage, text))
    return versions


def clipped(versions: dict[date, list[tuple[date, str]]], start: str, end: str) -> list[dict[str, str]]:
    """Rows of the versions that hold somewhere in a real-time period, their own period clipped to it as FRED does."""
    rows = []
    for day, known in sorted(versions.items()):
        untils = [str(vintage - DAY) for vintage, _ in known[1:]] + ["9999-12-31"]
        for (vintage, text), until in zip(known, untils, strict=True):
            if str(vintage) <= end and until >= start:
                period = {"realtime_start": max(str(vintage), start), "realtime_end": min(until, end)}
                rows.append({**period, "date": str(day), "value": text})
    return rows


def published(model: Model, world: World, now: datetime) -> dict[date, float | None]:
    """Observations that are out at ``now``, oldest first; None on an empty weekday."""
    values = {day: value for day, value in model.values(world, now).items() if day >= model.first}
    days = sorted(values)
    while days and model.published_at(days[-1]) > now:
        days.pop()
    if not model.has_empty_weekdays or not days:
        return {day: values[day] for day in days}
    last = days[-1]
    span = (days[0] + timedelta(days=n) for n in range((last - days[0]).days + 1))
    return {day: values.get(day) for day in span if day.weekday() < 5}


def cell_text(value: float | None, decimals: int, missing: str) -> str:
    """A value as it is printed; ``missing`` for none."""
    return missing if value is None else f"{value:.{decimals}f}"
