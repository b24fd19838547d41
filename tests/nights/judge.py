"""Whether a night left what it must: pure comparison of what was looked at with what the course says.

``night`` and ``before`` are records as `campaign.py` writes them; ``before`` is the last one that was looked at.
"""

import math
from datetime import date, timedelta
from typing import Any

from ingest.providers import DATASETS
from tests.nights.course import Course
from warehouse.publication.alerts.outbox import REPEAT

STOPPED = {
    dataset.id
    for dataset in DATASETS.values()
    if any(dataset.release_of(name).is_stopped_by_shutdown for name in [s.id for s in dataset.series] or [None])
}
_TURNS = {"raised": "FIRED", "cleared": "RECOVERED"}


def wrong_with(
    course: Course, night: dict[str, Any], before: dict[str, Any] | None, *, is_untold: bool = False, waiting: int = 0
) -> list[str]:
    """A line for everything about a night that is not as it must be.

    ``is_untold``: the night just before failed and could tell nobody. ``waiting``: digests of generations that it
    published before it was killed.
    """
    day = date.fromisoformat(night["day"])
    if day in course.kills or day == course.disk_full:
        return _hurt(course, night, before, day)
    expected = course.failing(day)
    found = [f"exit code {night['code']}" for _ in [0] if night["code"] != int(bool(expected))]
    found += [f"not sound: {words}" for words in night["unsound"]]
    found += _messages(course, night, before, day, is_untold, waiting)
    seen, was = night["look"], before["look"] if before else None
    if seen is None or "trouble" in seen:
        return [*found, f"could not be looked at: {(seen or {}).get('trouble', 'no record')}"]
    is_next = before is not None and before["day"] == (day - timedelta(days=1)).isoformat()
    found += _rows(seen, was if is_next else None, expected)
    found += _figures(seen)
    found += _states(course, seen, expected, day)
    found += _alerts(seen, was)
    return found


def _hurt(course: Course, night: dict[str, Any], before: dict[str, Any] | None, day: date) -> list[str]:
    """Of a refresh that was killed, or ran into a full disk: what was published stays, whole and as it was."""
    is_kill = day in course.kills
    found = [f"exit code {night['code']}" for _ in [0] if night["code"] != (-9 if is_kill else 1)]
    found += [f"not sound: {words}" for words in night["unsound"]]
    found += ["a message of a dead process"] if is_kill and night["messages"] else []
    is_after_the_swap = is_kill and course.kills[day][0] == "publish"
    if before and night["generation"] != before["generation"] and not is_after_the_swap:
        found.append(f"generation {night['generation']} came")
    if not is_kill and "free some space" not in night["printed"]:
        found.append("the full disk is not named")
    return found


def _messages(
    course: Course, night: dict[str, Any], before: dict[str, Any] | None, day: date, is_untold: bool, waiting: int
) -> list[str]:
    """One digest a night and those that wait; one failure more after a night whose process could not tell of itself."""
    titles = [title for title, _ in night["messages"]]
    digests = [title for title, text in night["messages"] if "COMPARED WITH" in text]
    found = [f"{len(digests)} digests: {titles}"] if len(digests) != 1 + waiting else []
    if course.failing(day) and not any("refresh failed" in title for title in titles):
        found.append(f"the failure is not told: {titles}")
    if is_untold and not any("refresh failed" in title for title in titles):
        found.append(f"the night before died and nobody is told: {titles}")
    others = len(titles) - len(digests)
    if others > is_untold:
        found.append(f"{others} other messages: {titles}")
    if any(REPEAT in title for title in titles) and not is_untold:
        found.append(f"marked as a repeat: {titles}")
    yesterday = day - timedelta(days=1)
    was_bad = course.failing(yesterday) or yesterday in course.kills or yesterday == course.disk_full
    if before and was_bad and not course.failing(day):
        found += [] if any("works again" in title for title in titles) else [f"recovery is not told: {titles}"]
    return found


def _rows(seen: dict[str, Any], was: dict[str, Any] | None, failing: set[str]) -> list[str]:
    """What can be had is held as it is; of what cannot, the last good rows are: those of the night before.

    ``was`` is None when that night was hurt, because it may have loaded before it was killed or its disk was full.
    """
    found = []
    for name, rows in seen["rows"].items():
        if name in failing:
            if was and rows["digest"] != was["rows"][name]["digest"]:
                found.append(f"{name} fails and its rows are others than the night before")
        elif rows["wrong"] or rows["extra"]:
            found.append(f"{name}: {rows['wrong']} rows wrong, {rows['extra']} too many: {rows['first']}")
    return found


def _figures(seen: dict[str, Any]) -> list[str]:
    found = []
    for name, shown, held in seen["figures"]:
        if not shown or not held or shown[0] != held[0] or not math.isclose(shown[1], held[1], rel_tol=1e-9):
            found.append(f"{name} is {shown}, held is {held}")
    return found


def _states(course: Course, seen: dict[str, Any], failing: set[str], day: date) -> list[str]:
    """Marts, calendar and `status` say the same: failing what fails, late nothing, suspended what a shutdown stops."""
    states, found = seen["status"], []
    health = {word: {name for name, words in seen["health"].items() if word in words} for word in ("failing", "late")}
    found += _sets("source_health failing", health["failing"], failing)
    found += _sets("source_health late", health["late"], set())
    found += _sets("status failing", set(states["failing"]), failing)
    found += _sets("status late", set(states["late"]) - failing, set())
    late = {name for name, state, _ in seen["releases"] if state == "late"}
    found += _sets("release_calendar late", late - failing, set())
    suspended = {name for name, state, _ in seen["releases"] if state == "suspended"}
    allowed = STOPPED if day in course.shutdown else set()
    found += [f"suspended on the calendar: {sorted(suspended - allowed)}"] if suspended - allowed else []
    found += _sets("status suspended", set(states["suspended"]) - allowed, set())
    if day == course.shutdown.last and not suspended:
        found.append("nothing is suspended at the end of a shutdown")
    found += [f"behind: {states['behind']}"] if states["behind"] else []
    found += [f"held back: {states['held_back']}"] if states["held_back"] else []
    found += [f"red: {seen['red']}"] if seen["red"] else []
    found += [] if states["is_well"] == (not failing) else [f"status is_well {states['is_well']}"]
    return found


def _sets(what: str, found: set[str], wanted: set[str]) -> list[str]:
    words = [f"+{name}" for name in sorted(found - wanted)] + [f"-{name}" for name in sorted(wanted - found)]
    return [f"{what}: {' '.join(words)}"] if words else []


def new_turns(seen: dict[str, Any], was: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """Rule, date and state of transitions that the generation before does not have, of rules judged from history."""
    known = {tuple(turn[:3]) for turn in was["turns"]} if was else set()
    return [tuple(turn[:3]) for turn in seen["turns"] if turn[4] == "history" and tuple(turn[:3]) not in known]


def _alerts(seen: dict[str, Any], was: dict[str, Any] | None) -> list[str]:
    """Each new transition stands in the digest once, and nothing else does."""
    if was is None:
        return []
    turns, found = new_turns(seen, was), []
    for state, heading in _TURNS.items():
        section = _section(seen["digest"], heading)
        wanted = [f"{seen['titles'][rule]}, {day}:" for rule, day, of in turns if of == state]
        counts = [(line, section.count(line)) for line in wanted]
        found += [f"{line} is {count} times under {heading}" for line, count in counts if count != 1]
        if state == "raised" and (told := _counted(seen["digest"], heading)) != len(wanted):
            found.append(f"{told} under {heading}, {len(wanted)} transitions")
    return found


def _section(digest: str, heading: str) -> str:
    _, _, rest = digest.partition(f"\n{heading} (")
    return " ".join(rest.partition("\n\n")[0].split())


def _counted(digest: str, heading: str) -> int:
    _, found, rest = digest.partition(f"\n{heading} (")
    return int(rest.partition(")")[0]) if found else 0


def tardy(course: Course, seen: dict[str, Any]) -> list[str]:
    """Releases that came a day after they were due, on nights that had nothing to do with it."""
    found = []
    for name, series, effective, expected_at, _, came_at in seen["tardy"]:
        expected = date.fromisoformat(expected_at[:10])
        in_shutdown = name in STOPPED and expected in course.shutdown
        nights = [n for n in course.nights if expected <= n <= date.fromisoformat(came_at[:10])]
        is_excused = any(name in course.failing(n) or n in course.kills or n == course.disk_full for n in nights)
        if not in_shutdown and not is_excused:
            found.append(f"{name} {series} of {effective}, expected {expected_at}, came {came_at}")
    return found
