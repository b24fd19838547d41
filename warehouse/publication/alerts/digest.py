"""The digest of a generation: what fired, recovered, is late, fails and has changed since the generation before.

It depends only on the two databases and a seed, so making it again gives the same text. It has the transitions of the
rules since the generation before: not those that the generation before has already, not the past of a rule that is new
or was changed, and not history that came in late (`NEWS`).
"""

import logging
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from ingest.plain import plain
from warehouse.generation import SIMULATED_NOTICE, Generation
from warehouse.log import renewals, troubles

TEXT = "digest.txt"
WIDTH = 80
NEWS = timedelta(days=10)  # what became known earlier than this before the last generation is history, not news
# Longer than from Friday's nightly refresh to Saturday's; both schedules together leave 24 hours at most.
SILENCE = timedelta(hours=26)
_MOST = 12  # lines of a section; the rest is counted
_LONGEST = 240  # characters of an error: three lines
_ONE_BY_ONE = 3  # revised values of one series; more get one line
_NO_COUNTS: Mapping[str, str] = MappingProxyType({})
_NOT_READABLE = "MARTS THAT THE DIGEST CANNOT READ"
_NEW_YORK = ZoneInfo("America/New_York")
# Label, mart, column, its date, format.
_FIGURES = (
    ("SOFR", "funding_stress_daily", "sofr_pct", "effective_date", "{:.2f} %"),
    ("SOFR less ceiling", "funding_stress_daily", "sofr_minus_ceiling_bp", "effective_date", "{:+.0f} bp"),
    ("SRF take-up", "funding_stress_daily", "srf_accepted_usd_bn", "effective_date", "$ {:,.2f} bn"),
    ("ON RRP", "funding_stress_daily", "on_rrp_usd_bn", "effective_date", "$ {:,.1f} bn"),
    ("Reserves", "fed_balance_sheet_weekly", "reserves_usd_bn", "wednesday_date", "$ {:,.0f} bn"),
    ("TGA", "treasury_cash_daily", "closing_balance_usd_bn", "effective_date", "$ {:,.0f} bn"),
    ("Net liquidity", "dollar_liquidity_daily", "net_liquidity_wednesday_usd_bn", "effective_date", "$ {:,.0f} bn"),
    ("Regime", "liquidity_regime_daily", "regime", "effective_date", "{}"),
)
_TRANSITIONS = """
    SELECT h.state, h.severity, s.title, h.effective_date, h.message, h.knowledge_basis
    FROM marts.alert_history AS h
    JOIN marts.alert_summary AS s USING (rule_id)
    JOIN previous.marts.alert_summary AS p USING (rule_id)
    WHERE h.state IN ('raised', 'cleared') AND s.evidence = 'history' AND h.known_at > ?
      AND (s.measure, s.comparison, s.raise_threshold_value, s.clear_threshold_value, s.days_in_a_row_count,
           s.calendar_exclusion, s.is_event)
        = (p.measure, p.comparison, p.raise_threshold_value, p.clear_threshold_value, p.days_in_a_row_count,
           p.calendar_exclusion, p.is_event)
      AND NOT EXISTS (FROM previous.marts.alert_history AS o
          WHERE o.rule_id = h.rule_id AND o.effective_date = h.effective_date AND o.state = h.state)
    ORDER BY list_position(['alarm', 'warn', 'info'], h.severity), h.known_at, h.rule_id"""
_ON = """
    SELECT s.severity, s.title, max(h.effective_date) FILTER (h.state = 'raised'), s.last_message
    FROM marts.alert_summary AS s JOIN marts.alert_history AS h USING (rule_id)
    WHERE s.is_on AND s.evidence = 'history' GROUP BY s.severity, s.title, s.last_message
    ORDER BY list_position(['alarm', 'warn', 'info'], s.severity), s.title"""
_BAD_SERIES = """
    SELECT dataset, series, health, due_at, last_error FROM {}marts.source_health
    WHERE health IN ('late', 'failing') ORDER BY dataset, series"""
_BROKEN_PAIRS = """
    SELECT pair, max(effective_date), arg_max(difference_value, effective_date), arg_max(unit, effective_date)
    FROM {}marts.reconciliation GROUP BY pair HAVING arg_max(verdict, effective_date) = 'differ' ORDER BY pair"""
_VERDICTS = "SELECT DISTINCT claim_id, claim, claim_now_verdict FROM {}marts.thesis_scorecard ORDER BY claim_id"
_REVISIONS = """
    SELECT series, effective_date, revision_kind, old_value, new_value, unit FROM marts.revision_log AS r
    WHERE NOT EXISTS (FROM previous.marts.revision_log AS o WHERE (o.dataset, o.series, o.effective_date,
        o.version_number) = (r.dataset, r.series, r.effective_date, r.version_number))
    ORDER BY r.known_from DESC, series, effective_date DESC"""


@dataclass
class Digest:
    """``subject`` is one line, ``sections`` the lines by heading, ``seen`` the measures of the warehouse itself.

    An item of a section may have a second line with names. ``counts`` are the words in brackets after a heading whose
    lines count several things each.
    """

    sections: dict[str, list[str]]
    counts: dict[str, str] = field(default_factory=dict)
    subject: str = ""
    seen: dict[str, float] = field(default_factory=dict)


def write(
    con: duckdb.DuckDBPyConnection, folder: Path, generation: Generation, *, has_previous: bool
) -> tuple[str, str]:
    """Write the digest of the open generation into ``folder``; returns subject and text. Stops no publication.

    With ``has_previous`` the generation before is attached as `previous`.
    """
    try:
        digest = compare(con, generation, has_previous=has_previous)
        subject, text = digest.subject, _text(digest, generation)
    except (duckdb.Error, ValueError, TypeError) as error:  # a mart that is held back may have any shape
        logging.getLogger(__name__).warning("the digest could not be written", exc_info=True)
        subject = "the digest could not be written"
        text = _page(subject, generation, {"THE DIGEST COULD NOT BE WRITTEN": [str(error).splitlines()[0]]})
    (folder / TEXT).write_text(text, "utf-8")
    return subject, text


def compare(con: duckdb.DuckDBPyConnection, generation: Generation, *, has_previous: bool) -> Digest:
    """What is new in the open generation against `previous`, and every fault in it, new or not."""
    before = con.execute("SELECT id, built_at FROM previous.meta.generation").fetchone() if has_previous else None
    known = _tables(con, "previous") if has_previous else set()
    digest = Digest({"FIRED": [], "RECOVERED": [], "ON": []})
    _read(digest, "alert_summary", lambda: _alerts(con, digest, before if "alert_summary" in known else None))
    _observe(con, digest, known)
    digest.sections["HELD BACK BY A CHECK"] = [
        f"{mart}, {f'values of generation {origin}' if origin else 'no earlier values'}: {reason or 'a check fails'}"
        for mart, origin, reason in con.execute(
            "SELECT mart, from_generation, reason FROM meta.mart WHERE is_held_back ORDER BY mart"
        ).fetchall()
    ]
    if "revision_log" in known:
        _read(digest, "revision_log", lambda: _revisions(con, digest))
    today = generation.built_at.replace(tzinfo=UTC).astimezone(_NEW_YORK).date()
    digest.sections["FACTS KEPT BY HAND THAT ARE DUE"] = [
        f"{one.seed}, good until {one.good_until}: see {one.where_to_look}" for one in renewals.due(today)
    ]
    digest.sections["NUMBERS"] = _figures(con, known)
    digest.sections["COMPARED WITH"] = [_compared(generation, before, is_baseline="alert_summary" not in known)]
    counts = {heading.lower(): len(digest.sections[heading]) for heading in ("FIRED", "RECOVERED")} | {
        f"dataset{'s' if number > 1 else ''} {words}": number
        for words in ("late", "failing")
        if (number := int(digest.seen.get(f"datasets_{words}_count", 0)))
    }
    counts["not readable"] = len(digest.sections.get(_NOT_READABLE, ()))
    digest.subject = ", ".join(f"{number} {words}" for words, number in counts.items() if number) or "all quiet"
    return digest


def observed(con: duckdb.DuckDBPyConnection, *, has_previous: bool) -> dict[str, float]:
    """The measures of the rules about the warehouse itself; see `compare`. What cannot be read is left out."""
    digest = Digest({"RECOVERED": []})
    _observe(con, digest, _tables(con, "previous") if has_previous else set())
    return digest.seen


def _observe(con: duckdb.DuckDBPyConnection, digest: Digest, known: set[str]) -> None:
    """What is late, fails, differs or has flipped; ``known`` are the marts of the generation before."""
    for mart, tell in (("source_health", _series), ("reconciliation", _pairs), ("thesis_scorecard", _verdicts)):
        _read(digest, mart, partial(tell, con, digest, has_previous=mart in known))


def _read(digest: Digest, mart: str, tell: Callable[[], None]) -> None:
    """A mart that is held back has the shape of an older version, or is not there: this costs its part alone."""
    try:
        tell()
    except (duckdb.Error, ValueError, TypeError) as error:
        digest.sections.setdefault(_NOT_READABLE, []).append(f"{mart}: {str(error).splitlines()[0]}")


def _tables(con: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    rows = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'marts'", [database]
    ).fetchall()
    return {name for (name,) in rows}


def _alerts(con: duckdb.DuckDBPyConnection, digest: Digest, before: tuple[Any, ...] | None) -> None:
    """Transitions since the generation ``before`` (id and time; None: nothing counts as news), and what is on."""
    turns = con.execute(_TRANSITIONS, [before[1] - NEWS]).fetchall() if before else []
    for state, severity, title, day, message, basis in turns:
        how = "" if basis == "observed" else f" [{basis}]"
        heading = "FIRED" if state == "raised" else "RECOVERED"
        digest.sections[heading].append(f"{severity:5} {title}, {day}: {message}{how}")
    digest.sections["ON"] = [
        f"{severity:5} {title}, since {since}: {message}"
        for severity, title, since, message in con.execute(_ON).fetchall()
    ]


def _series(con: duckdb.DuckDBPyConnection, digest: Digest, *, has_previous: bool) -> None:
    """Late and failing series, those of a provider with the same reason together, and those that have recovered."""
    now = con.execute(_BAD_SERIES.format("")).fetchall()
    before = con.execute(_BAD_SERIES.format("previous.")).fetchall() if has_previous else []
    was = {(dataset, series): health for dataset, series, health, *_ in before}
    for health, heading in (("late", "LATE"), ("failing", "FAILING")):
        bad = {
            (dataset, series): (f"due {due:%Y-%m-%d %H:%M} UTC" if due else "") if health == "late" else str(error)
            for dataset, series, state, due, error in now
            if state == health
        }
        count = len({dataset for dataset, _ in bad})
        digest.seen[f"datasets_{health}_count"] = float(count)
        if len(bad) > 1:
            series = f", {len(bad)} series" if len(bad) > count else ""
            digest.counts[heading] = f"{count} dataset{'s' if count > 1 else ''}{series}"
        digest.sections[heading] = [
            f"{one.whom}{', ' if health == 'late' and one.reason else ': ' if one.reason else ''}{short(one.reason)}"
            + _new(one, [key for key in bad if has_previous and was.get(key) != health])
            + f"\n{one.names}"
            for one in troubles.grouped((*key, reason) for key, reason in bad.items())
        ]
    healed = sorted(set(was) - {(dataset, series) for dataset, series, *_ in now})
    digest.sections["RECOVERED"] += [
        f"{one.whom} is no longer {one.reason}\n{one.names}"
        for one in troubles.grouped((*key, was[key]) for key in healed)
    ]


def _new(trouble: troubles.Trouble, new: Sequence[tuple[str, str]]) -> str:
    """A mark where all of it is new since the generation before, or how many of it are."""
    members = [(dataset, series) for dataset, names in trouble.members.items() for series in names]
    count = len(set(members) & set(new))
    return "" if not count else " (new)" if count == len(members) else f" ({count} of {len(members)} new)"


def _pairs(con: duckdb.DuckDBPyConnection, digest: Digest, *, has_previous: bool) -> None:
    now = con.execute(_BROKEN_PAIRS.format("")).fetchall()
    was = {row[0] for row in con.execute(_BROKEN_PAIRS.format("previous.")).fetchall()} if has_previous else set()
    digest.seen["pairs_broken_count"] = float(len(now))
    digest.sections["PUBLISHERS THAT DIFFER"] = [
        f"{pair}, {day}: {_number(difference)} {unit} apart" + (" (new)" if has_previous and pair not in was else "")
        for pair, day, difference, unit in now
    ]
    digest.sections["RECOVERED"] += [f"{pair} agrees again" for pair in sorted(was - {row[0] for row in now})]


def _verdicts(con: duckdb.DuckDBPyConnection, digest: Digest, *, has_previous: bool) -> None:
    now = {claim: (words, verdict) for claim, words, verdict in con.execute(_VERDICTS.format("")).fetchall()}
    rows = con.execute(_VERDICTS.format("previous.")).fetchall() if has_previous else []
    flipped = [
        f"{claim} {now[claim][0]}: {verdict} is now {now[claim][1]}"
        for claim, _, verdict in rows
        if claim in now and now[claim][1] != verdict
    ]
    digest.seen["verdicts_flipped_count"] = float(len(flipped))
    digest.sections["VERDICTS THAT FLIPPED"] = flipped


def _revisions(con: duckdb.DuckDBPyConnection, digest: Digest) -> None:
    digest.sections["REVISED SINCE THE GENERATION BEFORE"] = revised(con.execute(_REVISIONS).fetchall())


def short(error: str, longest: int = _LONGEST) -> str:
    """What went wrong, without the parameters of addresses; `meta.quarantine` has all of it."""
    words = re.sub(r"(https?://[^\s?]*)\?[^\s;]*", r"\1", plain(error))
    return words if len(words) <= longest else f"{words[:longest].rstrip()}..."


def revised(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """A line for each revised value, or one for a series whose history was restated, which would hide the others.

    ``rows``: series, date, kind of the revision, value before, value now, unit.
    """
    groups: dict[tuple[str, str, str], list[tuple[Any, ...]]] = {}
    for series, day, kind, old, new, unit in rows:
        groups.setdefault((series, kind, unit), []).append((day, old, new))
    lines = []
    for (series, kind, unit), values in groups.items():
        if len(values) > _ONE_BY_ONE:
            day, old, new = max(values, key=lambda value: abs((value[2] or 0.0) - (value[1] or 0.0)))
            first, last = min(value[0] for value in values), max(value[0] for value in values)
            lines.append(
                f"{series}: {len(values):,} values of {first} to {last} {kind}, the most on {day}: "
                f"{_number(old)} to {_number(new)} {unit}"
            )
        else:
            lines += [f"{series} of {day} {kind}: {_number(old)} to {_number(new)} {unit}" for day, old, new in values]
    return lines


def _figures(con: duckdb.DuckDBPyConnection, known: set[str]) -> list[str]:
    lines = []
    for label, mart, column, day, form in _FIGURES:
        newest = f"SELECT {day}, {column} FROM {{}}marts.{mart} WHERE {column} IS NOT NULL ORDER BY {day} DESC LIMIT 1"
        try:
            now = con.execute(newest.format("")).fetchone()
            was = con.execute(newest.format("previous.")).fetchone() if mart in known else None
        except duckdb.Error:  # a mart that is held back may be of an older version
            now = was = None
        if now:
            change = f" before: {form.format(was[1])} of {was[0]}" if was and was != now else ""
            lines.append(f"{label:18} {form.format(now[1]):>13}  {now[0]} {change}".rstrip())
    return lines


def _compared(generation: Generation, before: tuple[Any, ...] | None, *, is_baseline: bool) -> str:
    if before is None:
        return "nothing: this is the first generation, so nothing counts as news"
    words = f"generation {before[0]} of {_new_york(before[1])}"
    if is_baseline:
        words += ", which has no alerts: nothing that fired before counts as news"
    gap = generation.built_at - before[1]
    if gap > SILENCE:
        words += f"; no generation came for {gap.total_seconds() / 3600:.0f} hours"
    return words


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"


def _new_york(moment: datetime) -> str:
    """Naive UTC as New York time."""
    return f"{moment.replace(tzinfo=UTC).astimezone(_NEW_YORK):%a %Y-%m-%d %H:%M} New York"


def _text(digest: Digest, generation: Generation) -> str:
    return _page(digest.subject, generation, digest.sections, digest.counts)


def _page(
    subject: str, generation: Generation, sections: dict[str, list[str]], counts: Mapping[str, str] = _NO_COUNTS
) -> str:
    """Plain text of at most 80 columns."""
    lines = ["Dollar liquidity: " + subject, f"{_new_york(generation.built_at)}, generation {generation.id}"]
    if generation.is_simulated:
        lines += textwrap.wrap(SIMULATED_NOTICE, WIDTH)
    for heading, items in sections.items():
        if not items:
            continue
        is_counted = heading not in ("NUMBERS", "COMPARED WITH")
        lines += ["", f"{heading} ({counts.get(heading, len(items))})" if is_counted else heading]
        for item in items[:_MOST]:
            for number, part in enumerate(item.split("\n")):
                lines += textwrap.wrap(
                    part if heading == "NUMBERS" else " ".join(plain(part).split()),
                    WIDTH, initial_indent="      " if number else "  ", subsequent_indent="      ",
                )  # fmt: skip
        if len(items) > _MOST:
            lines.append(f"  and {len(items) - _MOST} more")
    return "\n".join(line[:WIDTH] for line in lines) + "\n"
