"""`liquidity status`: one summary line, then only what needs attention.

What must not be here: deciding what is late (`warehouse/log/intake.py` does), heavy imports: the answer comes in a
third of a second (tests/unit/test_imports.py).
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from orchestration.console import err, errors_in_one_line, out, reading_home
from warehouse.connection import Home, NotPublishedError, open_published
from warehouse.locations import PROJECT
from warehouse.space import NoSpaceError

if TYPE_CHECKING:
    import duckdb

_MOST = 8  # lines of one kind, and series named in one: the rest is counted
_TABLE_WIDTH = 132  # of a file or pipe, which holds a row of the table on a line
_REASON = 150  # characters of a reason; `--all` and `--format json` give all of it
_LONG = 400  # of one that ends with what to do


class Format(StrEnum):
    """How `liquidity status` prints."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Held:
    """The state of a dataset. Moments are naive UTC; ``late`` and ``suspended`` name series, or the dataset."""

    dataset: str
    rows: int
    oldest_date: Any
    newest_date: Any
    due_at: datetime | None
    last_polled_at: datetime | None
    late: list[str]
    suspended: list[str]
    error: str | None


@dataclass(frozen=True)
class State:
    """The state of a warehouse. ``is_well``: nothing is late, failing, held back, killed or behind its schedule.

    ``killed`` are moments (naive UTC) at which refreshes began that were killed, and no later run has told of.
    ``failures`` are those of the last run where no other line has them; it ended at ``failed_at``. ``no_room`` is what
    the next refresh would say of a full disk. ``unpublished`` is why there is no generation to read, and what to do.
    """

    is_simulated: bool
    generation: str | None = None
    built_at: datetime | None = None
    age_hours: float | None = None
    datasets: list[Held] = field(default_factory=list)
    next_release: str | None = None
    next_expected_at: datetime | None = None
    nothing_new_at: datetime | None = None
    behind: str | None = None
    held_back: dict[str, str] = field(default_factory=dict)
    renewals: list[dict[str, Any]] = field(default_factory=list)
    killed: list[datetime] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    failed_at: datetime | None = None
    no_room: str | None = None
    unpublished: str | None = None

    @property
    def late(self) -> list[Held]:
        return [one for one in self.datasets if one.late]

    @property
    def failing(self) -> list[Held]:
        return [one for one in self.datasets if one.error]

    @property
    def is_well(self) -> bool:
        return not (
            self.unpublished or self.no_room or self.behind or self.killed or self.failures or self.held_back
            or self.late or self.failing
        )  # fmt: skip


def look(home: Home, now: datetime) -> State:
    """Read the state of ``home`` at ``now`` (naive UTC): the published generation, and how the last run ended."""
    from warehouse import last_run, space

    try:
        state = _published(home, now)
    except NotPublishedError as error:
        state = State(home.is_simulated, unpublished=str(error), behind=_behind(home, None, [], now),
                      killed=_killed(home))  # fmt: skip
    last = last_run.read(home)
    if last and last.failures and not (last.generation and (state.failing or state.held_back)):
        state = replace(state, failures=last.failures, failed_at=last.at)
    return replace(state, no_room=space.lack(home))


def _published(home: Home, now: datetime) -> State:
    """NotPublishedError without a generation."""
    from ingest.calendars import NEW_YORK
    from warehouse.generation import held_marts
    from warehouse.log import renewals
    from warehouse.publication import unchanged

    with open_published(home) as con:
        generation, built_at = con.execute("SELECT id, built_at FROM meta.generation").fetchone()  # type: ignore[misc]
        has_calendar = _has_calendar(con)
        datasets = _datasets(con, now, has_calendar=has_calendar)
        upcoming = _next_release(con, now) if has_calendar else None
        held = held_marts(con)
        # Half of the datasets: a load by hand, or a refresh of a few, does not count.
        (refreshed_at,) = con.execute(  # type: ignore[misc]
            "SELECT quantile_disc(polled_at, 0.5) FROM "
            "(SELECT max(last_polled_at) AS polled_at FROM meta.freshness GROUP BY dataset)"
        ).fetchone()
        past = _past_refreshes(con)
    looked = unchanged.noted(home)
    if looked and refreshed_at:
        refreshed_at = max(refreshed_at, looked.asked_at)
    today = now.replace(tzinfo=UTC).astimezone(NEW_YORK).date()
    return State(
        is_simulated=home.is_simulated,
        generation=generation,
        built_at=built_at,
        age_hours=(now - built_at).total_seconds() / 3600,
        datasets=datasets,
        next_release=upcoming[0] if upcoming else None,
        next_expected_at=upcoming[1] if upcoming else None,
        nothing_new_at=looked.asked_at if looked else None,
        behind=_behind(home, refreshed_at, past, now),
        held_back={mart: f"{why}; the values are those of generation {origin}" for mart, (origin, why) in held.items()},
        renewals=[asdict(one) for one in renewals.due(today)],
        killed=_killed(home),
    )


def _killed(home: Home) -> list[datetime]:
    from warehouse import in_progress, lock

    notes = in_progress.others(home)
    return [at for _, at in notes] if notes and lock.holder(home) is None else []


def _has_calendar(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the generation has `meta.release`; an earlier version wrote none."""
    return con.execute(
        "FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'release' "
        "AND database_name = current_database()"
    ).fetchone() is not None  # fmt: skip


def _datasets(con: duckdb.DuckDBPyConnection, now: datetime, *, has_calendar: bool) -> list[Held]:
    suspended = (
        "SELECT DISTINCT dataset, series FROM meta.release WHERE state = 'suspended' AND due_at < $now"
        if has_calendar
        else "SELECT NULL::VARCHAR AS dataset, NULL::VARCHAR AS series WHERE $now IS NULL"
    )
    rows = con.execute(
        f"""
        WITH judged AS (
            SELECT *, (dataset, coalesce(series, '')) IN (
                SELECT (dataset, coalesce(series, '')) FROM ({suspended})
            ) AS stops
            FROM meta.freshness
        )
        SELECT dataset, coalesce(sum(rows_held), 0), min(oldest_date), max(newest_date), min(due_at) FILTER (NOT stops),
            max(last_polled_at), list(coalesce(series, dataset) ORDER BY series)
                FILTER (is_late OR (due_at < $now AND NOT stops)),
            list(coalesce(series, dataset) ORDER BY series) FILTER (stops), max(last_error)
        FROM judged GROUP BY dataset ORDER BY dataset""",
        {"now": now},
    ).fetchall()
    return [
        Held(dataset, count, first, newest, due, polled, late or [], stopped or [], error)
        for dataset, count, first, newest, due, polled, late, stopped, error in rows
    ]


def _next_release(con: duckdb.DuckDBPyConnection, now: datetime) -> tuple[str, datetime] | None:
    """The next release and its time. Of several at the same time the rarest, because daily ones are not news."""
    return con.execute(
        """
        WITH counted AS (
            SELECT dataset, count(DISTINCT effective_date) AS dates FROM meta.release
            WHERE state = 'expected' GROUP BY dataset
        )
        SELECT dataset_title, expected_at FROM meta.release JOIN counted USING (dataset)
        WHERE state = 'expected' AND expected_at > $now AND dates < 30 ORDER BY expected_at, dates, dataset LIMIT 1
        """,
        {"now": now},
    ).fetchone()  # fmt: skip


def _past_refreshes(con: duckdb.DuckDBPyConnection) -> list[datetime]:
    """Start times of runs that requested at least half of the datasets."""
    rows = con.execute(
        """
        SELECT min(started_at) FROM meta.fetch WHERE status IS NOT NULL GROUP BY run_id
        HAVING 2 * count(DISTINCT dataset) >= (SELECT count(DISTINCT dataset) FROM meta.freshness)"""
    ).fetchall()
    return [moment for (moment,) in rows]


def _behind(home: Home, refreshed_at: datetime | None, past: list[datetime], now: datetime) -> str | None:
    """One line when a refresh is missing: by LIQUIDITY_SCHEDULE, by Dagster's schedules, or by the usual times."""
    from orchestration import missing_refresh

    if lines := missing_refresh.cron_lines():
        return missing_refresh.missed(lines, refreshed_at, now)
    if refreshed_at is not None and now - refreshed_at <= timedelta(hours=10):  # less than between two of the schedules
        return None
    from sqlalchemy.exc import OperationalError

    from orchestration.instance import look_into
    from orchestration.schedules import missed

    found = None
    with suppress(OperationalError), look_into(home) as instance:  # a copy on a disk that may only be read
        found = missed(instance, refreshed_at, now) if instance else None
    return found or (None if missing_refresh.is_off() else missing_refresh.stopped(past, refreshed_at, now))


def status(
    everything: Annotated[
        bool, typer.Option("--all", help="A table of every dataset too, and reasons in full.")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="text, or json: one object.")] = Format.TEXT,
    sample: Annotated[bool, typer.Option("--sample", help="Work on simulated data, in a separate folder.")] = False,
) -> None:
    """What is fresh, what is late or failing, whether the schedules refresh. Exit code 1 when anything is not well."""
    from ingest.calendars import utc_now

    with errors_in_one_line():
        now = utc_now()
        state = look(_home(sample), now)
    if format is Format.JSON:
        words = asdict(state) | {"is_well": state.is_well}
        print(json.dumps(words, default=_json))  # noqa: T201
    else:
        if not state.unpublished:
            out.print(summary(state, now), soft_wrap=True, highlight=False)
        if everything and state.generation:
            out.print(_table(state), width=None if out.is_terminal else _TABLE_WIDTH)
            built = f"built {state.built_at:%Y-%m-%d %H:%M} UTC"
            out.print(f"generation {state.generation}, {built}", soft_wrap=True, highlight=False)
        _say(state, everything)
    if not state.is_well:
        raise typer.Exit(1)


def _home(is_simulated: bool) -> Home:
    """The warehouse to look at: the chosen one also before it has published anything, once a run of it has ended."""
    from warehouse import in_progress, last_run

    home = Home.locate(is_simulated=is_simulated)
    has_run = last_run.read(home) or in_progress.others(home)
    return home if has_run and not is_simulated else reading_home(is_simulated)


def _json(value: Any) -> str:
    return value.isoformat() + ("Z" if isinstance(value, datetime) else "")


def summary(state: State, now: datetime) -> str:
    """The first line: how many datasets, late, failing; how old the generation is; what comes next."""
    counts = {"late": len(state.late), "failing": len(state.failing)}
    late, failing = (f"[bold red]{count} {word}[/]" if count else f"0 {word}" for word, count in counts.items())
    upcoming = ""
    if state.next_release and state.next_expected_at:
        upcoming = f"; next: {escape(_short(state.next_release))} {_new_york(state.next_expected_at, now)}"
    return f"{len(state.datasets)} datasets, {late}, {failing}; generation {_age(state.age_hours or 0)} old{upcoming}"


def _short(title: str) -> str:
    """A title up to its first comma, on a line of 80 characters."""
    name = title.partition(",")[0]
    return name if len(name) <= 30 else f"{name[:27].rstrip()}..."


def _age(hours: float) -> str:
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"


def _new_york(moment: datetime, now: datetime) -> str:
    """A moment (naive UTC) in New York time: the weekday is enough within six days."""
    from ingest.calendars import NEW_YORK

    there = moment.replace(tzinfo=UTC).astimezone(NEW_YORK)
    return f"{there:%a %H:%M} NY" if moment - now < timedelta(days=6) else f"{there:%a %Y-%m-%d %H:%M} NY"


def _few(names: list[str], most: int = _MOST) -> str:
    return ", ".join(names) if len(names) <= most else f"{', '.join(names[:most])} and {len(names) - most} more"


def _say(state: State, everything: bool) -> None:
    """A line on stderr for each thing that needs action; on stdout the last refresh that found nothing new."""

    def each(label: str, lines: list[str], style: str = "bold red", cut: int = _REASON) -> None:
        shown = lines if everything else lines[:_MOST]
        for line in shown:
            err.print(f"[{style}]{label}[/] {escape(_cut(line, everything, cut))}", soft_wrap=True, highlight=False)
        if len(lines) > len(shown):
            err.print(f"{len(lines) - len(shown)} more {label}; --all shows them", soft_wrap=True, highlight=False)

    if state.unpublished:
        each(NotPublishedError.__name__ + ":", [state.unpublished], cut=len(state.unpublished))  # the remedy comes last
    if state.no_room:
        each("no room", [state.no_room], cut=len(state.no_room))
    if state.failures and not (state.no_room and NoSpaceError.__name__ in state.failures[0]):
        more = f" (and {len(state.failures) - 1} more; --all shows them)" if len(state.failures) > 1 else ""
        shown = state.failures if everything else [f"{state.failures[0]}{more}"]
        run = f"the run that ended {state.failed_at:%Y-%m-%d %H:%M} UTC"
        each("failed", [f"{run}: {line}" for line in shown], cut=_LONG)
    if state.behind:
        each("behind schedule", [state.behind])
    each("killed", [f"a refresh that began {at:%Y-%m-%d %H:%M} UTC; the next one goes on" for at in state.killed])
    causes_first = sorted(state.held_back.items(), key=lambda one: one[1].startswith("skipped"))
    each("held back", [f"{mart}: {why}" for mart, why in causes_first])
    each("failing", _failing(state, everything))
    each("late", [_late(one) for one in state.late])
    each("suspended", [_suspended(one) for one in state.datasets if one.suspended], "bold")
    renewals = [f"{r['seed']}, good until {r['good_until']}: see {r['where_to_look']}" for r in state.renewals]
    each("renew", renewals, "bold")
    if renewals:
        folder = escape(str(PROJECT / "seeds"))
        words = "write what is new there and the next date into fact_renewals.csv, then `liquidity build`"
        err.print(f"{folder} has these facts: {words}; a newer version may have them", soft_wrap=True, highlight=False)
    if state.nothing_new_at:
        out.print(f"asked again {state.nothing_new_at:%Y-%m-%d %H:%M} UTC: nothing new", highlight=False)


def _failing(state: State, everything: bool) -> list[str]:
    """A line for each provider and reason; with ``everything`` for each dataset."""
    from warehouse.log import troubles

    failing = [(one.dataset, None, str(one.error)) for one in state.failing]
    if everything:
        return [f"{dataset}: {error}" for dataset, _, error in failing]
    return [f"{one.whom}: {one.reason}" for one in troubles.grouped(failing)]


def _late(one: Held) -> str:
    due = f" since {one.due_at:%Y-%m-%d %H:%M} UTC" if one.due_at else ""
    return f"{one.dataset}{due}" if one.late == [one.dataset] else f"{one.dataset}{due}: {_few(one.late)}"


def _suspended(one: Held) -> str:
    series = "" if one.suspended == [one.dataset] else f" ({_few(one.suspended)})"
    return f"{one.dataset}{series}: a government shutdown stops its publisher, or it catches up"


def _cut(text: str, everything: bool, most: int = _REASON) -> str:
    text = re.sub(r"\s+", " ", text)
    return text if everything or len(text) <= most else f"{text[:most].rstrip()}..."


def _table(state: State) -> Table:
    """Every dataset, for a wide terminal; dates with their years."""
    widest = max((len(one.dataset) for one in state.datasets), default=0)
    name_column = Column("dataset", no_wrap=True, min_width=widest)
    table = Table(name_column, "rows", "first", "newest", "due, UTC", "polled, UTC", "late")
    for one in state.datasets:
        table.add_row(
            one.dataset, f"{one.rows:,}", str(one.oldest_date or "–"), str(one.newest_date or "–"),
            f"{one.due_at:%Y-%m-%d %H:%M}" if one.due_at else "–",
            f"{one.last_polled_at:%Y-%m-%d %H:%M}" if one.last_polled_at else "never",
            "suspended" if one.suspended and not one.late else _few(one.late, 2) or "–",
        )  # fmt: skip
    return table
