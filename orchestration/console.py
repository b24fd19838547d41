"""Shared parts of the commands: the console, options, choosing the warehouse, the lock, progress, one-line errors.

What must not be here: running the main job (`orchestration/job.py`) and any one command (`orchestration/commands/`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Annotated, Any

STARTED = time.perf_counter()

import sys  # noqa: E402

import typer  # noqa: E402
from rich.markup import escape  # noqa: E402
from typer.core import TyperGroup  # noqa: E402

from ingest.calendars import utc_now  # noqa: E402
from orchestration import outer_faults, progress  # noqa: E402
from orchestration.terminal import PlainConsole  # noqa: E402
from warehouse import lock  # noqa: E402
from warehouse.connection import Home  # noqa: E402

# Tables keep their columns when the output is a file or a pipe, where Rich would assume 80 characters.
out = PlainConsole(width=None if sys.stdout.isatty() else 120)
err = PlainConsole(stderr=True, width=None if sys.stderr.isatty() else 120)

STOPPED = 130
NOTHING_CHANGED = "dry run: nothing was changed"
LIFE_SECONDS = 60.0  # between two lines of a stage in a log

DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Print what would be done, and change nothing.")]
AS_OF = Annotated[
    str | None, typer.Option("--as-of", help="The state as of this date or time, which `liquidity as-of` has built.")
]
PUBLISH_TO = "LIQUIDITY_PUBLISH_TO"  # where schedules and the interface send, too
ADDRESS = (
    "Address in an object store: s3://bucket/prefix or gs://bucket/prefix. Host and credentials come from AWS_* or "
    "GOOGLE_* in the environment."
)
FROM = Annotated[str | None, typer.Option("--from", help=f"Read what a team published. {ADDRESS}")]
SAMPLE = Annotated[bool, typer.Option("--sample", help="Work on simulated data, in a separate folder.")]
WAIT = Annotated[
    float, typer.Option("--wait", min=0.0, help="Seconds to wait for another process that holds the warehouse.")
]
ALLOW_SHRINK = Annotated[
    list[str] | None,
    typer.Option("--allow-shrink", help="Publish this mart or dataset although it lost rows; may be repeated."),
]


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Prints an error that a user can meet in one line, exit code 1; a fault of the program keeps its traceback."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has closed the pipe, as `| head` does; Click ends without a message
    except Exception as error:
        found = outer_faults.in_one_line(error)
        if found is None:
            raise
        line = found
    except KeyboardInterrupt:
        err.print("stopped; what was published stays as it was", soft_wrap=True)
        raise typer.Exit(STOPPED) from None
    else:
        return
    kind, _, words = line.partition(": ")
    err.print(f"[bold red]{kind}[/]: {escape(words)}", soft_wrap=True, highlight=False)
    raise typer.Exit(1) from None


class Commands(TyperGroup):
    """Every command prints faults from outside in one line."""

    def invoke(self, ctx: Any) -> Any:
        with errors_in_one_line():
            return super().invoke(ctx)


def at(home: Home, as_of: str | None) -> Home:
    """The warehouse itself, or its state as of a past moment."""
    if as_of is None:
        return home
    from warehouse.upkeep import past

    return past.at(home, moment_of(as_of))


def reading_home(is_simulated: bool) -> Home:
    """The warehouse to read: the chosen one, or the sample while nothing real is published (with a line on stderr)."""
    home = Home.locate(is_simulated=is_simulated)
    if not is_simulated and not home.current.is_symlink():
        sample = Home.locate(is_simulated=True)
        if sample.current.is_symlink():
            home = sample
    if home.is_simulated:
        err.print("[bold red]SIMULATED DATA[/] (made by the sample, not by a publisher)")
    return home


def source_of(is_simulated: bool, address: str | None) -> Home:
    """The warehouse to read: a copy of what an object store has at ``address``, or `reading_home`."""
    if address is None:
        return reading_home(is_simulated)
    from warehouse.publication.team.fetch import fetched

    home = fetched(address)
    if home.is_simulated:
        err.print("[bold red]SIMULATED DATA[/] (made by the sample, not by a publisher)")
    return home


def datasets_of(selection: list[str]) -> list[Any]:
    """Datasets named on the command line: an id, or a provider for all of its datasets; all when none is named."""
    from ingest.errors import CatalogError
    from ingest.providers import DATASETS, dataset

    chosen = {}
    for name in selection:
        matches = [d for d in DATASETS.values() if d.provider == name]
        try:
            for match in matches or [dataset(name)]:
                chosen[match.id] = match
        except CatalogError as error:
            raise typer.BadParameter(str(error)) from None
    return list((chosen or DATASETS).values())


def moment_of(text: str) -> datetime:
    """An ISO date or time as naive UTC; without a zone it is UTC, a bare date is its end in UTC, today's is now."""
    try:
        if len(text) == 10:
            end = datetime.fromisoformat(f"{text}T23:59:59.999999")
            now = utc_now()
            return now if end.date() == now.date() else end
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no date or time; write 2025-11-04 or 2025-11-04T16:00:00-05:00"
        ) from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def fail(message: str) -> Any:
    raise typer.BadParameter(message)


def say_untold(words: str) -> None:
    err.print(f"[bold red]messages[/] {escape(words)}", soft_wrap=True, highlight=False)


@contextmanager
def _telling(home: Home, run_id: str) -> Iterator[None]:
    """Send a message about a refresh that ends with an error, or is stopped with Ctrl-C, before it can send one."""
    try:
        yield
    except (typer.Exit, typer.BadParameter, BrokenPipeError):
        raise  # a run that failed has sent its message, a command that was not understood is no run
    except (Exception, KeyboardInterrupt) as error:
        from ingest.plain import plain
        from orchestration import messages

        is_stopped = isinstance(error, KeyboardInterrupt)
        line = outer_faults.in_one_line(error) or plain(f"{type(error).__name__}: {error}")
        messages.run_failed(home, run_id, ["stopped with Ctrl-C" if is_stopped else line], say=say_untold)
        raise


@contextmanager
def holding(
    home: Home, doing: str, wait_seconds: float, *, run_id: str | None = None, needs_room: bool = True
) -> Iterator[None]:
    """Hold the whole warehouse, errors in one line; prints the holder it waits for. With ``run_id``: see `_telling`."""
    with (
        errors_in_one_line(),
        _telling(home, run_id) if run_id else nullcontext(),
        lock.hold(
            home,
            doing,
            wait_seconds=wait_seconds,
            on_wait=lambda words: err.print(escape(words), soft_wrap=True),
            needs_room=needs_room,
        ),
    ):
        yield


class Stages:
    """Progress bars fed by `orchestration.progress.report_progress`, and the time that each stage took.

    Where stderr is no terminal: a line when a stage begins and ends, and one a minute within it; a log shows life.
    """

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self.progress = Progress(
            SpinnerColumn(), TextColumn("{task.description:<15}"), BarColumn(bar_width=24), TimeElapsedColumn(),
            TextColumn("{task.fields[words]}", markup=False), console=err, transient=False, disable=not err.is_terminal,
        )  # fmt: skip
        self.tasks: dict[str, Any] = {}
        self.first: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self.last_moment = time.perf_counter()
        self.said_at = 0.0
        self.ended: set[str] = set()
        progress.subscribe(self)

    def _log(self, words: str) -> None:
        if not err.is_terminal:
            err.print(escape(f"{datetime.now(UTC):%H:%M:%S} UTC {words}"), soft_wrap=True, highlight=False)
            self.said_at = time.perf_counter()

    def __call__(self, stage: str, words: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if stage not in self.tasks:
            self.finish()
            self.first[stage] = self.last_moment
            self.tasks[stage] = self.progress.add_task(stage, total=None, words="")
            self._log(f"{stage} ...{f' {total} requests, {words}' if total and not done else ''}")
        elif now - self.said_at > LIFE_SECONDS:
            self._log(f"{stage}: {f'{done} of {total}, ' if total else ''}{words}")
        self.last[stage] = now
        width = max(20, err.width - 62)
        self.progress.update(self.tasks[stage], completed=done, total=total or None, words=words[:width])

    def finish(self) -> None:
        """Close the bars that are open."""
        for task in self.tasks.values():
            item = self.progress.tasks[task]
            if not item.finished:
                self.progress.update(task, total=max(item.completed, 1), completed=max(item.completed, 1))
        if self.first and (stage := next(reversed(self.first))) not in self.ended:
            self.ended.add(stage)
            self._log(f"{stage} done in {self.last[stage] - self.first[stage]:.1f} s")
        self.last_moment = max(self.last.values(), default=time.perf_counter())
