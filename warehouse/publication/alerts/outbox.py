"""Messages to send, each decided once and sent until a receiver takes it: `meta.outbox` in the work file.

A publication decides a message: the generation contains its digest. The outbox copies the digest in one transaction
with the result of the run, under the generation's id, so a repetition adds nothing and a kill in between loses nothing.
A try is recorded before it is made. A try without an outcome may have arrived: the message is sent again, marked as a
possible repeat. A message from a time without receivers is never sent. A process that notices a failed run writes a
note to `untold/`, and the next process that can open the work file takes it over. Where the work file is damaged or
cannot be written, the message is sent past it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import msgspec
from msgspec.structs import replace

from ingest.calendars import utc_now
from ingest.plain import plain
from warehouse import in_progress, lock, meta
from warehouse.connection import (
    DATABASE_NAME,
    OF_THE_WHOLE,
    Home,
    WarehouseBusyError,
    WarehouseError,
    configure,
    open_work,
)
from warehouse.generation import literal
from warehouse.publication.alerts import digest
from warehouse.publication.alerts.addresses import NoAddressError, addresses, send

REPEAT = "[may be a repeat]"
_MOST_LINES = 40  # of a failed run
_LONGEST = 500  # characters of one, with the names of twelve datasets
_WAITS = timedelta(days=30)
_KEPT = timedelta(days=400)
_PATIENCE = 5.0  # seconds

Send = Callable[[str, str, str], str | None]


@dataclass(frozen=True)
class Told:
    """How many messages left, how many wait, and a line for each receiver that took none."""

    sent: int = 0
    waiting: int = 0
    problems: tuple[str, ...] = ()


@lock.held("messages")
def after_run(home: Home, run_id: str, failures: Sequence[str], *, is_published: bool) -> Told:
    """Decide the messages of a run that has ended, and send what waits. Sending never raises."""
    decide(home, run_id, failures, is_published=is_published)
    return deliver(home)


def decide(home: Home, run_id: str, failures: Sequence[str], *, is_published: bool) -> None:
    """Put into the outbox: digests of generations that are not in it, how this run ended when that is news.

    Also record new measures of the rules about the warehouse itself (`meta.alert_observation`).
    """
    now, is_wanted = utc_now(), _is_wanted()
    with open_work(home) as con:
        _collect(con, home)
        con.execute("BEGIN")
        was_failing = _last(con, "refresh_failures_count") > 0
        folders = _untold(con, home)
        is_begun = bool(con.execute("FROM meta.outbox LIMIT 1").fetchall())
        ended = _ended(run_id, failures, was_failing=was_failing)
        for folder in folders:
            text = (folder / digest.TEXT).read_text("utf-8")
            subject = text.partition("\n")[0].removeprefix("Dollar liquidity: ")
            is_newest = folder == folders[-1] and is_published
            if is_newest and ended:
                subject, text = f"{ended[0]}; {subject}", f"{text}\n{ended[1]}"
            # Without an outbox (lost with a log) it is not known which messages an older generation has sent.
            is_doubtful = not is_begun and not is_newest
            _put(con, f"digest:{folder.name}", "digest", subject, text, run_id if is_newest else "", now, is_wanted,
                 is_doubtful=is_doubtful)  # fmt: skip
        if ended and not (folders and is_published):
            kind = "failure" if failures else "recovery"
            _put(con, f"{kind}:{run_id}", kind, *ended, run_id, now, is_wanted)
        _observe(con, now, {"refresh_failures_count": float(len(failures))})
        if is_published:
            _observe(con, now, _seen(home))
        con.execute("DELETE FROM meta.outbox WHERE made_at < ?", [now - _KEPT])
        con.execute("COMMIT")
    in_progress.forget(home, run_id)


def leave_word(home: Home, run_id: str, lines: Sequence[str]) -> None:
    """Keep the result of a run that could not send its message, for the next run that ends or the next message."""
    _leave(home, _note_of(run_id, lines))


def run_failed(home: Home, run_id: str, lines: Sequence[str]) -> Told:
    """Send the message of a run that ended before it could; a run that is in the outbox gets no second message."""
    note = _note_of(run_id, lines)
    try:
        _leave(home, note)
    except OSError:  # a full disk, or one that may only be read: nothing has this run, so nothing repeats it
        return _past_the_log(home, note)
    is_begun = False
    try:
        if home.work_database.exists():  # opening it would make an empty one
            with lock.hold(home, "messages", wait_seconds=_PATIENCE, needs_room=False):
                with open_work(home) as con:
                    _collect(con, home)
                is_begun = True
                return deliver(home)
    except WarehouseBusyError:
        return Told(waiting=1)  # the run that holds the warehouse sends it at its end
    except OF_THE_WHOLE:
        pass
    _leave(home, replace(note, is_doubtful=True))  # from here on it may have arrived
    told = _past_the_log(home, note, f"{REPEAT} " if is_begun else "")
    if not told.problems:
        _leave(home, replace(note, is_told=True))
    return told


def _past_the_log(home: Home, note: _Note, mark: str = "") -> Told:
    """Send a message that the log cannot keep to every receiver."""
    try:
        receivers = addresses()
    except NoAddressError as error:
        return Told(problems=(str(error),), waiting=1)
    subject, text = _failed(note.run_id, note.lines)
    subject, body = f"{mark}{_marked(home, subject)}", f"{mark}{text}\nMessage failure:{note.run_id}\n"
    said = [(place, send(receiver, subject, body)) for place, receiver in enumerate(receivers, 1)]
    problems = tuple(f"receiver {place} {problem}" for place, problem in said if problem)
    return Told(len(receivers) - len(problems), len(problems), problems)


@lock.held("messages")
def catch_up(home: Home) -> Told:
    """Send what waits, and failures that have left a note; without a log these wait for the refresh that makes one."""
    if not home.work_database.exists():
        return Told(waiting=sum(not note.is_told for _, note in _notes(home)))
    with open_work(home) as con:
        _collect(con, home)
    return deliver(home)


@lock.held("messages")
def deliver(home: Home, send: Send = send) -> Told:
    """Send what waits to each receiver, the oldest first. A receiver that refuses does not delay the others.

    A message that has waited for longer than `_WAITS` expires; it stays in the feed.
    """
    try:
        receivers = addresses()
    except NoAddressError as error:
        return Told(problems=(str(error),))
    sent, problems = 0, []
    for place, receiver in enumerate(receivers, 1):
        for message in _pending(home):
            mine = _fingerprint(message.id, receiver)
            if mine in message.taken_by:
                continue
            # A try without a recorded outcome may have arrived.
            mark = f"{REPEAT} " if message.is_doubtful or message.trying == mine else ""
            _note(home, message.id, "trying = $mine, attempts = attempts + 1", mine)
            body = f"{mark}{message.text}\nMessage {message.id}\n"
            problem = send(receiver, f"{mark}{_marked(home, message.subject)}", body)
            if problem:
                _note(home, message.id, "trying = NULL, last_error = $mine", problem)
                problems.append(f"receiver {place} {problem}")
                break
            _note(home, message.id, "trying = NULL, taken_by = list_append(taken_by, $mine)", mine)
            sent += 1
    with open_work(home) as con:
        waiting = 0
        for message in _pending(home, con):
            if {_fingerprint(message.id, receiver) for receiver in receivers} <= set(message.taken_by):
                con.execute("UPDATE meta.outbox SET sent_at = ? WHERE id = ?", [utc_now(), message.id])
            else:
                waiting += 1
    return Told(sent, waiting, tuple(problems))


def try_addresses(home: Home) -> list[str]:
    """Send a trial message to every receiver, past the outbox; returns a line for each that did not take it.

    Raises NoAddressError when there is none.
    """
    receivers = addresses()
    if not receivers:
        raise NoAddressError("there is no receiver: name one in LIQUIDITY_NOTIFY or LIQUIDITY_NOTIFY_FILE")
    subject = _marked(home, "Dollar liquidity: a trial")
    text = "A trial message: messages of this warehouse arrive.\n"
    told = [(place, send(receiver, subject, text)) for place, receiver in enumerate(receivers, 1)]
    return [f"receiver {place} {problem}" for place, problem in told if problem]


def take_over(con: duckdb.DuckDBPyConnection, database: str, until: datetime | None = None) -> None:
    """Copy messages, observations and forecasts from an attached database that has them; those known ``until``."""
    for table, moment in (("outbox", "made_at"), ("alert_observation", "observed_at"), ("forecast", "made_at")):
        there = con.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'meta' AND table_name = ?",
            [database, table],
        ).fetchone()
        if there == (1,) and not (until and table == "outbox"):
            known = f" WHERE {moment} <= $until" if until else ""
            con.execute(
                f"INSERT INTO meta.{table} BY NAME FROM {database}.meta.{table}{known}",
                {"until": until} if until else {},
            )


def _marked(home: Home, subject: str) -> str:
    return f"SIMULATED: {subject}" if home.is_simulated else subject


def _is_wanted() -> bool:
    try:
        return bool(addresses())
    except NoAddressError:
        return True  # a file that cannot be read today may name a receiver


class _Note(msgspec.Struct, frozen=True):
    """A run that failed, as a note in `untold/`; ``at`` is naive UTC.

    Its message ``is_told``: every receiver has it; or ``is_doubtful``: some may have it.
    """

    run_id: str
    at: datetime
    lines: list[str]
    is_doubtful: bool = False
    is_told: bool = False


def _note_of(run_id: str, lines: Sequence[str]) -> _Note:
    return _Note(run_id, utc_now(), [plain(line) for line in lines] or ["no reason given"])


def _place(home: Home) -> Path:
    return home.root / "untold"


def _leave(home: Home, note: _Note) -> None:
    _place(home).mkdir(parents=True, exist_ok=True)
    unfinished = _place(home) / f".{os.getpid()}.tmp"
    unfinished.write_bytes(msgspec.json.encode(note))
    os.replace(unfinished, _place(home) / f"{note.run_id}.json")


def _notes(home: Home) -> Iterator[tuple[Path, _Note]]:
    for path in sorted(_place(home).glob("*.json")):
        with suppress(OSError, msgspec.DecodeError):
            yield path, msgspec.json.decode(path.read_bytes(), type=_Note)


def _collect(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Take over the notes of `untold/`, with one for each refresh that was killed.

    A note is removed when its message is in the outbox.
    """
    for run_id, at in in_progress.others(home):
        _leave(home, _Note(run_id, at, [in_progress.GONE]))
        in_progress.forget(home, run_id)
    for path, note in list(_notes(home)):
        con.execute("BEGIN")
        if not con.execute("FROM meta.outbox WHERE run_id = ? LIMIT 1", [note.run_id]).fetchall():
            words = _failed(note.run_id, note.lines)
            _put(con, f"failure:{note.run_id}", "failure", *words, note.run_id, note.at, _is_wanted(),
                 is_doubtful=note.is_doubtful)  # fmt: skip
            _observe(con, note.at, {"refresh_failures_count": float(len(note.lines))})
        con.execute(  # it was sent past the log, perhaps after it had come into the outbox
            "UPDATE meta.outbox SET is_wanted = is_wanted AND NOT $told, is_doubtful = is_doubtful OR $doubtful "
            "WHERE id = $id AND sent_at IS NULL",
            {"told": note.is_told, "doubtful": note.is_doubtful, "id": f"failure:{note.run_id}"},
        )
        con.execute("COMMIT")
        path.unlink(missing_ok=True)


def _failed(run_id: str, failures: Sequence[str]) -> tuple[str, str]:
    """Subject and text of a run that failed."""
    shown = [digest.short(line, _LONGEST) for line in failures[:_MOST_LINES]]
    more = [f"and {len(failures) - len(shown)} more"] if len(failures) > len(shown) else []
    count = f"{len(failures)} failure{'s' if len(failures) > 1 else ''}"
    return f"refresh failed, {count}", "\n".join([f"RUN {run_id} FAILED", *shown, *more]) + "\n"


def _ended(run_id: str, failures: Sequence[str], *, was_failing: bool) -> tuple[str, str] | None:
    """Subject and text of the result of a run, when it is news."""
    if failures:
        return _failed(run_id, failures)
    if was_failing:
        return "refresh works again", f"RUN {run_id} WENT WELL, the one before had failed\n"
    return None


def _untold(con: duckdb.DuckDBPyConnection, home: Home) -> list[Path]:
    """Generations up to the current one that are newer than the newest in the outbox; of an outbox without any, one."""
    if not home.current.exists():
        return []
    current = home.current.resolve()
    (newest,) = con.execute("SELECT max(id) FROM meta.outbox WHERE kind = 'digest'").fetchone()  # type: ignore[misc]
    folders = [current]
    if newest is not None:
        folders = [f for f in sorted(home.generations.glob("[!.]*")) if newest < f"digest:{f.name}"]
    return [folder for folder in folders if folder.name <= current.name and (folder / digest.TEXT).exists()]


def _seen(home: Home) -> dict[str, float]:
    """Measures of the rules about the warehouse in the current generation, with changes against the one before."""
    names = sorted(folder for folder in home.generations.glob("[!.]*") if folder.name < home.current.resolve().name)
    try:
        with configure(duckdb.connect(str(home.published_database), read_only=True)) as con:
            before = names[-1] / DATABASE_NAME if names else None
            has_previous = before is not None and before.exists()
            if has_previous:
                con.execute(f"ATTACH {literal(str(before))} AS previous (READ_ONLY)")
            return digest.observed(con, has_previous=has_previous)
    except (duckdb.Error, WarehouseError):
        return {}  # a mart that is held back or of an older version: leave out what cannot be read


def _observe(con: duckdb.DuckDBPyConnection, at: datetime, seen: dict[str, float]) -> None:
    for measure, value in seen.items():
        if value != _last(con, measure):
            meta.insert(con, "alert_observation", [{"measure": measure, "observed_at": at, "measured_value": value}])


def _last(con: duckdb.DuckDBPyConnection, measure: str) -> float:
    """The newest observation of a measure; 0 without one, because nothing was wrong."""
    row = con.execute(
        "SELECT arg_max(measured_value, observed_at) FROM meta.alert_observation WHERE measure = ?", [measure]
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def _put(
    con: duckdb.DuckDBPyConnection, message_id: str, kind: str, subject: str, text: str, run_id: str, at: datetime,
    is_wanted: bool, *, is_doubtful: bool = False,
) -> None:  # fmt: skip
    con.execute(
        "INSERT INTO meta.outbox "
        "(id, made_at, kind, subject, text, run_id, is_wanted, is_doubtful, attempts, taken_by) SELECT "
        "?, ?, ?, ?, ?, ?, ?, ?, 0, [] WHERE NOT EXISTS (FROM meta.outbox WHERE id = ?)",
        [message_id, at, kind, plain(subject), text, run_id, is_wanted, is_doubtful, message_id],
    )


@dataclass(frozen=True)
class _Message:
    id: str
    subject: str
    text: str
    taken_by: list[str]
    trying: str | None
    is_doubtful: bool


def _pending(home: Home, con: duckdb.DuckDBPyConnection | None = None) -> list[_Message]:
    if con is None:
        with open_work(home) as opened:
            return _pending(home, opened)
    rows = con.execute(
        "SELECT id, subject, text, taken_by, trying, is_doubtful FROM meta.outbox "
        "WHERE sent_at IS NULL AND is_wanted AND made_at > ? ORDER BY made_at, id",
        [utc_now() - _WAITS],
    ).fetchall()
    return [_Message(*row) for row in rows]


def _note(home: Home, message_id: str, changes: str, mine: str) -> None:
    """Record a try or its outcome, and sync it to the disk."""
    with open_work(home) as con:
        con.execute(
            f"UPDATE meta.outbox SET {changes}, tried_at = $at WHERE id = $id",
            {"at": utc_now(), "id": message_id, "mine": mine},
        )


def _fingerprint(message_id: str, receiver: str) -> str:
    """A digest that identifies a receiver and does not reveal its address."""
    return hashlib.scrypt(receiver.encode(), salt=message_id.encode(), n=2**12, r=8, p=1, dklen=12).hex()
