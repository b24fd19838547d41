"""The command line `liquidity`. Thin: every command calls what Dagster or the warehouse does anyway.

Exit codes: 0 all went well; 1 something failed, with one line for each failure; 2 the command was not understood; 130
stopped with Ctrl-C.
"""

from __future__ import annotations

import gc
import io
import re
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

_STARTED = time.perf_counter()

import typer  # noqa: E402
from rich.markup import escape  # noqa: E402
from rich.table import Table  # noqa: E402
from typer.core import TyperGroup  # noqa: E402

from orchestration import commands, outer_faults, progress  # noqa: E402
from orchestration.terminal import PlainConsole  # noqa: E402
from warehouse import lock  # noqa: E402
from warehouse.connection import Home, NotPublishedError, WarehouseError  # noqa: E402
from warehouse.log import intake_process  # noqa: E402

# Tables keep their columns when the output is a file or a pipe, where Rich would assume 80 characters.
out = PlainConsole(width=None if sys.stdout.isatty() else 120)
err = PlainConsole(stderr=True, width=None if sys.stderr.isatty() else 120)

_STOPPED = 130
_NOTHING_CHANGED = "dry run: nothing was changed"
_LIFE_SECONDS = 60.0  # between two lines of a stage in a log
# What libraries import only because it is installed. DuckDB: Pandas (1.1 s), to look whether a parameter of a query is
# its missing value. httpx: a command line of its own (0.4 s), and the other kind of asynchronous code.
_UNWANTED = ("pandas", "httpx._main", "trio")


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    """What a user can meet is one line and exit code 1; a fault of the program itself keeps its traceback."""
    try:
        yield
    except WarehouseError as error:
        line = f"{type(error).__name__}: {outer_faults.with_need(str(error))}"
    except BrokenPipeError:
        raise  # who reads has had enough, as `| head` does; Click ends without a word
    except Exception as error:
        found = outer_faults.in_one_line(error)
        if found is None:
            raise
        line = found
    except KeyboardInterrupt:
        err.print("stopped; what was published stays as it was", soft_wrap=True)
        raise typer.Exit(_STOPPED) from None
    else:
        return
    kind, _, words = line.partition(": ")
    err.print(f"[bold red]{kind}[/]: {escape(words)}", soft_wrap=True, highlight=False)
    raise typer.Exit(1) from None


class _Commands(TyperGroup):
    """Every command, the reading ones too, tells faults from outside in one line."""

    def invoke(self, ctx: Any) -> Any:
        with _errors_in_one_line():
            return super().invoke(ctx)


app = typer.Typer(
    help="A nightly warehouse of US-dollar liquidity.",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
AS_OF = Annotated[
    str | None, typer.Option("--as-of", help="The state as of this date or time, which `liquidity as-of` has built.")
]
SAMPLE = Annotated[bool, typer.Option("--sample", help="Work on simulated data, in a folder of their own.")]
WAIT = Annotated[
    float, typer.Option("--wait", min=0.0, help="Seconds to wait for another process that holds the warehouse.")
]
ALLOW_SHRINK = Annotated[
    list[str] | None,
    typer.Option("--allow-shrink", help="Publish this mart or dataset although it lost rows; may be given often."),
]


def _at(home: Home, as_of: str | None) -> Home:
    """The warehouse itself, or its state as of a past moment."""
    if as_of is None:
        return home
    from warehouse.upkeep import past

    return past.at(home, _moment(as_of))


def _reading_home(is_simulated: bool) -> Home:
    """The warehouse to read: as asked, or the sample when nothing real is published yet (said on stderr)."""
    home = Home.locate(is_simulated=is_simulated)
    if not is_simulated and not home.current.is_symlink():
        sample = Home.locate(is_simulated=True)
        if sample.current.is_symlink():
            home = sample
    if home.is_simulated:
        err.print("[bold red]SIMULATED DATA[/] (made by the sample, not published by anybody)")
    return home


@contextmanager
def _telling(home: Home) -> Iterator[None]:
    """Tell people of a refresh that gives up waiting for its turn or is stopped with Ctrl-C."""
    from warehouse.connection import WarehouseBusyError

    try:
        yield
    except (WarehouseBusyError, KeyboardInterrupt) as error:
        from orchestration import messages
        from orchestration.instance import run_of_this_process
        from warehouse.log import unfinished

        is_stopped, run_id = isinstance(error, KeyboardInterrupt), None
        if is_stopped:  # told under its own name, for the next command finds it too
            run_id = run_of_this_process() or next(reversed(unfinished.runs(home)), None)
        words = "stopped with Ctrl-C" if is_stopped else str(error)
        messages.run_failed(home, run_id or f"refresh-{uuid.uuid4()}", [words], say=_say_untold)
        raise


@contextmanager
def _holding(home: Home, doing: str, wait_seconds: float, *, is_told: bool = False) -> Iterator[None]:
    """Hold the whole warehouse, errors in one line; says whom it waits for. ``is_told``: see `_telling`."""
    with (
        _errors_in_one_line(),
        _telling(home) if is_told else nullcontext(),
        lock.hold(
            home, doing, wait_seconds=wait_seconds, on_wait=lambda words: err.print(escape(words), soft_wrap=True)
        ),
    ):
        yield


class _Stages:
    """Progress bars fed by `orchestration.progress.tell`, and the time that each stage took.

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
        progress.listen(self)

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
        elif now - self.said_at > _LIFE_SECONDS:
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


@dataclass(frozen=True)
class _Ran:
    """How a run of the main job ended. ``is_published``: a generation of its own, be it with failures.

    ``is_unchanged``: it found nothing that the current generation does not say.
    """

    is_good: bool
    is_published: bool
    is_unchanged: bool
    run_id: str


def _generation(home: Home) -> str | None:
    """Id of the generation that readers get."""
    return home.current.resolve().name if home.current.exists() else None


def _run_job(
    home: Home,
    keys: Callable[[], list[Any]] | None,
    *,
    run_id: str,
    stages: _Stages,
    fetches: bool = False,
    full: bool = False,
    allow_shrink: list[str] | None = None,
    only_if_changed: bool = False,
) -> _Ran:
    """Run the main job, or the part of it given by asset ``keys``, in this process. The caller holds the warehouse.

    It ``fetches``, or works on what is held. The run goes into the warehouse's own Dagster history, so `liquidity ui`
    shows it.
    """
    import dagster as dg

    from orchestration import definitions
    from orchestration.schedules import REFRESH
    from warehouse.publication import unchanged

    config: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    if fetches:
        config["ops"] = {"raw": {"config": {"full": full}}}
    if allow_shrink:
        from warehouse.publication import shrink

        shrink.check_names(home, allow_shrink)
    config.setdefault("ops", {}).update(
        dbt={"config": {"only_if_changed": only_if_changed}},
        publish={"config": {"only_if_changed": only_if_changed, "allow_shrink": allow_shrink or []}},
    )
    before = _generation(home)
    with dg.DagsterInstance.get() as instance, stages.progress:
        result = definitions.defs().resolve_job_def(REFRESH).execute_in_process(
            instance=instance, run_id=run_id, raise_on_error=False, asset_selection=keys() if keys else None,
            run_config=config,
        )  # fmt: skip
        stages.finish()
    failed: list[str] = []
    for event in result.all_events:
        # The lines in which publish says what failed are printed one by one; that it could not publish is said here.
        is_told = event.step_key == "publish" and event.is_step_failure and event.step_failure_data.user_failure_data
        if event.is_step_failure and not is_told:
            data = event.step_failure_data
            error = data.error
            while error is not None and error.cause is not None and error.cls_name != WarehouseError.__name__:
                error = error.cause
            message = outer_faults.with_need(error.message) if error else "no reason given"
            if data.user_failure_data and data.user_failure_data.description:
                message = data.user_failure_data.description
            message = re.sub(r"^warehouse\.[a-z_.]+", "", message)  # the class says enough
            failed.append(f"step {event.step_key} failed: {message}")
            err.print(f"[bold red]step {event.step_key} failed[/]: {escape(message)}", soft_wrap=True)
    is_published = _generation(home) != before
    looked = unchanged.noted(home)
    is_unchanged = looked is not None and looked.run_id == result.run_id
    if result.success and not is_published and not is_unchanged:
        failed.append("nothing was published: the step publish was skipped")
        err.print("[bold red]nothing was published[/]: the step publish was skipped")
    from orchestration import messages

    if failed:
        messages.run_failed(home, result.run_id, failed)
    for words in messages.unsaid:
        _say_untold(words)
    return _Ran(result.success and (is_published or is_unchanged), is_published, is_unchanged, result.run_id)


def _say_untold(words: str) -> None:
    err.print(f"[bold red]messages[/] {escape(words)}", soft_wrap=True, highlight=False)


def _tell_dead(home: Home, dead: list[str]) -> None:
    """Leave word of runs whose process was found gone; the run that begins now tells it when it ends."""
    from orchestration import messages
    from orchestration.instance import GONE

    for run_id in dead:
        messages.leave_word(home, run_id, [GONE])


def _keys(home: Home, datasets: list[Any]) -> list[Any]:
    """Asset keys of a refresh of some datasets: those, their histories, all models, publication."""
    from orchestration.dbt_assets import dbt_assets
    from orchestration.publish_assets import published
    from orchestration.raw_assets import history_key, raw_key

    return [*map(raw_key, datasets), *map(history_key, datasets), *dbt_assets(home).keys, *published.keys]


def _datasets(selection: list[str]) -> list[Any]:
    """Datasets named on the command line: an id, or a provider for all of its datasets; all when none is named."""
    from ingest.catalog import CatalogError
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


def _few(names: str | None) -> str:
    """A list of late series as far as it fits a cell."""
    names = names or "–"
    return names if len(names) < 20 else f"{len(names.split())} series"


def _kept(home: Home, run_id: str) -> tuple[list[Any], list[str], bool]:
    """What the log kept of a run: a line for each dataset, one for each failure, whether nobody answered at all."""
    from orchestration.publish_assets import failures_of
    from warehouse.connection import open_work

    if not home.work_database.exists():  # opening it would make an empty one
        return [], [], False
    with open_work(home) as con:
        rows = con.execute(
            """
            WITH loaded AS (
                SELECT dataset, sum(rows_new) AS rows_new, sum(rows_revised) AS revised, sum(rows_deleted) AS deleted
                FROM meta.load WHERE run_id = ? GROUP BY dataset
            ), failed AS (
                SELECT dataset, count(*) AS failed FROM meta.quarantine WHERE run_id = ? GROUP BY dataset
            )
            SELECT dataset, sum(rows_held), max(newest_date), any_value(rows_new), any_value(revised),
                any_value(deleted), string_agg(coalesce(series, 'late'), ' ') FILTER (is_late), any_value(failed)
            FROM meta.freshness LEFT JOIN loaded USING (dataset) LEFT JOIN failed USING (dataset)
            WHERE rows_new IS NOT NULL OR failed IS NOT NULL
            GROUP BY dataset ORDER BY dataset""",
            [run_id, run_id],
        ).fetchall()
        answered, asked = con.execute(  # type: ignore[misc]
            "SELECT count(status), count(*) FROM meta.fetch WHERE run_id = ?", [run_id]
        ).fetchone()
    return rows, failures_of(home, run_id), answered == 0 and asked > 0


def _summary(home: Home, ran: _Ran) -> bool:
    """Print what is new, revised, late and failed, and what readers get now; returns whether nobody answered at all."""
    import duckdb

    try:
        rows, failures, is_offline = _kept(home, ran.run_id)
    except (duckdb.Error, WarehouseError):
        if ran.is_published:
            raise
        rows, failures, is_offline = [], [], False  # no log to read; the step that failed has said so
    table = Table("dataset", "held", "newest", "new", "revised", "withdrawn", "late", "failed")
    for column in table.columns[1:6]:
        column.justify = "right"
    for dataset, held, newest, new, revised, deleted, late, failed in rows:
        numbers = [f"{value:,}" if value is not None else "–" for value in (new, revised, deleted)]
        bad = f"[bold red]{failed}[/]" if failed else "–"
        table.add_row(dataset, f"{held or 0:,}", str(newest or "–"), *numbers, _few(late), bad)
    if rows:
        out.print(table)
    for line in failures:
        err.print(f"[bold red]failed[/] {escape(line)}", soft_wrap=True)
    generation = _generation(home)
    if ran.is_published:
        out.print(f"published generation {generation} in {home.current}", soft_wrap=True, highlight=False)
    elif ran.is_unchanged:
        out.print(f"nothing new anywhere; {generation} stays published", soft_wrap=True, highlight=False)
    elif generation:
        out.print(f"still published: {generation}", soft_wrap=True, highlight=False)
    else:
        err.print("[bold red]nothing was published[/]")
    return is_offline


@app.command()
def refresh(
    sample: SAMPLE = False,
    full: Annotated[
        bool, typer.Option("--full", help="Read the whole history again, not only the revision window.")
    ] = False,
    select: Annotated[
        list[str] | None, typer.Option("--select", help="Only this dataset or provider; may be given several times.")
    ] = None,
    allow_shrink: ALLOW_SHRINK = None,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Fetch, load, build the marts, check and publish: the main job, through Dagster."""
    home = Home.locate(is_simulated=sample)
    if sample:
        err.print("[bold red]SIMULATED DATA[/]: the providers are simulated; nothing is fetched from anybody")
    run_id, stages = str(uuid.uuid4()), _Stages()
    with (
        _holding(home, "refresh", wait, is_told=True),
        intake_process.beside(
            home, lambda: [one.id for one in _datasets(select or [])], run_id=run_id, is_full=full,
            progress=progress.of_intake,
        ) as early,
    ):  # fmt: skip
        from orchestration.instance import prepare
        from warehouse.log import unfinished

        _tell_dead(home, [*prepare(home), *(early.cut_short.result() if early else unfinished.runs(home))])
        from orchestration import raw_assets

        if early:
            raw_assets.early[run_id] = early.outcomes
        ran = _run_job(
            home, partial(_keys, home, _datasets(select)) if select else None, run_id=run_id, stages=stages,
            fetches=True, full=full, allow_shrink=allow_shrink, only_if_changed=True,
        )  # fmt: skip
        total = time.perf_counter() - _STARTED
        is_offline = _summary(home, ran)
        spent = {stage: stages.last[stage] - stages.first[stage] for stage in stages.first}
        parts = [f"{name} {seconds:.1f} s" for name, seconds in spent.items()]
        other = total - sum(spent.values())
        out.print(f"{total:.1f} s: {', '.join(parts)}, other {other:.1f} s", highlight=False)
        if not ran.is_good:
            if not sample and is_offline and _generation(home):  # with nothing ever loaded the step has said so
                err.print("nothing could be fetched; to try everything without a network: liquidity refresh --sample")
            raise typer.Exit(1)


def _moment(text: str) -> datetime:
    """An ISO date or time as naive UTC; without a zone it is UTC, a bare date is its end in UTC, today's is now."""
    try:
        if len(text) == 10:
            end = datetime.fromisoformat(f"{text}T23:59:59.999999")
            now = datetime.now(UTC).replace(tzinfo=None)
            return now if end.date() == now.date() else end
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no date or time; write 2025-11-04 or 2025-11-04T16:00:00-05:00"
        ) from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@app.command()
def load(
    dataset: Annotated[str, typer.Argument(help="Dataset that the files belong to, e.g. nyfed.reference_rates.")],
    files: Annotated[list[Path], typer.Argument(help="Bodies as the provider sent them.", exists=True, dir_okay=False)],
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="When they were saved (UTC unless it says otherwise); default now.")
    ] = None,
    series: Annotated[str | None, typer.Option("--series", help="Series of a body that does not name its own.")] = None,
    build: Annotated[bool, typer.Option("--build/--no-build", help="Build the marts and publish afterwards.")] = True,
    dry_run: DRY_RUN = False,
    allow_shrink: ALLOW_SHRINK = None,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Load bodies saved by hand: an old download, another archive, no network."""
    from warehouse.log.intake import take_files

    home = Home.locate(is_simulated=sample)
    named, *others = _datasets([dataset])
    if others or named.id.partition(".")[0] == dataset:
        _fail(f"{dataset!r} is a provider; name one dataset: {', '.join(one.id for one in (named, *others))}")
    with _holding(home, "load of files", wait):
        when = _moment(known_at) if known_at else None

        def say(name: str, words: str) -> None:
            err.print(f"{name}: {escape(words)}", soft_wrap=True)

        if dry_run:
            from warehouse.upkeep import dry

            outcomes = dry.load(home, named.id, files, known_at=when, series=series, progress=say)
        else:
            outcomes = take_files(
                home, named.id, files, run_id=f"load-{uuid.uuid4()}", known_at=when, series=series, progress=say
            )
        for outcome in outcomes.values():
            out.print(
                f"{outcome.dataset}: {outcome.rows_new:,} new, {outcome.rows_revised:,} revised, "
                f"{outcome.rows_deleted:,} withdrawn, {outcome.rows_held:,} held to {outcome.newest_date}",
                highlight=False,
            )
            for note in dict.fromkeys(outcome.notes):
                out.print(f"  note: {escape(note)}")
        has_failed = any(outcome.failures for outcome in outcomes.values())
        if has_failed and not any(outcome.loads for outcome in outcomes.values()):
            err.print("nothing was loaded, so nothing is built or published")
            raise typer.Exit(1)
        if dry_run:
            out.print(_NOTHING_CHANGED)
        elif build:
            _build(home, allow_shrink)
    if has_failed:
        raise typer.Exit(1)


def _fail(message: str) -> Any:
    raise typer.BadParameter(message)


def _build(home: Home, allow_shrink: list[str] | None = None) -> None:
    """Marts and publication from what is held, through Dagster."""
    from orchestration.instance import prepare
    from warehouse.log.intake import NOTHING_EVER_LOADED, was_ever_loaded

    if not was_ever_loaded(home):
        raise WarehouseError(NOTHING_EVER_LOADED)
    _tell_dead(home, prepare(home))
    ran = _run_job(
        home, partial(_keys, home, []), run_id=str(uuid.uuid4()), stages=_Stages(), allow_shrink=allow_shrink
    )
    _summary(home, ran)
    if not ran.is_good:
        raise typer.Exit(1)


@app.command()
def build(
    dry_run: DRY_RUN = False,
    sample: SAMPLE = False,
    allow_shrink: ALLOW_SHRINK = None,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Build the marts from what is held and publish them; fetches nothing."""
    home = Home.locate(is_simulated=sample)
    with _holding(home, "build", wait):
        if dry_run:
            _say_stale(home)
        else:
            _build(home, allow_shrink)


def _say_stale(home: Home) -> None:
    """What a build would make again."""
    from warehouse.log.intake import NOTHING_EVER_LOADED, was_ever_loaded
    from warehouse.upkeep import dry

    if not was_ever_loaded(home):
        raise WarehouseError(NOTHING_EVER_LOADED)
    nodes = dry.stale(home)
    for kind, words in (("seed", "seeds to load"), ("model", "tables to make"), ("test", "checks to run")):
        names = [node.name for node in nodes if node.kind == kind]
        listed = f": {', '.join(names)}" if names and kind != "test" else ""
        out.print(f"{len(names)} {words}{listed}", soft_wrap=True, highlight=False)
    out.print(_NOTHING_CHANGED)


@app.command()
def replay(
    dry_run: DRY_RUN = False,
    sample: SAMPLE = False,
    allow_shrink: ALLOW_SHRINK = None,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Make the log again from its archived payloads, without the network, then build and publish; loses no row."""
    from warehouse.upkeep import rebuild

    home = Home.locate(is_simulated=sample)
    with _holding(home, "replay", wait):
        if dry_run:
            made = _made_again(
                "replay", "would be replayed", lambda progress: rebuild.replay(home, progress, is_dry=True)
            )
            out.print(_NOTHING_CHANGED)
            raise typer.Exit(1 if made.refused else 0)
        published = home.current.resolve()
        made = _made_again("replay", "replayed", lambda progress: rebuild.replay(home, progress))
        is_proven = False
        try:
            _build(home, allow_shrink)
            is_proven = True
        finally:
            if words := rebuild.settle(home, made, published, is_proven=is_proven):
                err.print(f"[bold red]replay[/] {escape(words)}", soft_wrap=True)
    if made.refused:
        raise typer.Exit(1)


@app.command()
def restore(
    generation: Annotated[
        str | None, typer.Argument(help="A generation's id, or a folder with a copy of one; default the newest.")
    ] = None,
    journal: Annotated[
        bool, typer.Option("--journal", help="From journal and archive alone, whatever generations there are.")
    ] = False,
    allow_shrink: ALLOW_SHRINK = None,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Make a damaged or missing log again from a generation, the journal and the archive, then build and publish."""
    from warehouse.upkeep import rebuild

    home = Home.locate(is_simulated=sample)
    with _holding(home, "restore", wait):
        made = _made_again(
            "restore", "done again",
            lambda progress: rebuild.restore(home, generation, from_journal=journal, progress=progress),
        )  # fmt: skip
        if made.kept:
            err.print(f"the old work file is kept as {escape(str(made.kept))}", soft_wrap=True)
        _build(home, allow_shrink)
    if made.refused:
        raise typer.Exit(1)


def _made_again(doing: str, done: str, make: Callable[[Callable[[str], None]], Any]) -> Any:
    """Run a replay or restore with its progress shown; says what was refused and what is different."""
    from rich.progress import Progress

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task(doing, total=None)
        said_at = -_LIFE_SECONDS

        def show(words: str) -> None:
            nonlocal said_at
            progress.update(task, description=words)
            if not err.is_terminal and time.perf_counter() - said_at > _LIFE_SECONDS:
                err.print(f"{datetime.now(UTC):%H:%M:%S} UTC {doing} {words}", soft_wrap=True, highlight=False)
                said_at = time.perf_counter()

        made = make(show)
    out.print(f"{made.loads:,} loads {done}, {len(made.refused)} refused", highlight=False)
    for line in made.refused:
        err.print(f"[bold red]refused[/] {escape(line)}", soft_wrap=True)
    for line in made.remarks:
        err.print(f"note: {escape(line)}", soft_wrap=True)
    return made


class Format(StrEnum):
    """How `liquidity sql` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help='SQL in DuckDB\'s dialect, e.g. "FROM marts.dollar_liquidity_daily".')],
    format: Annotated[Format, typer.Option("--format", help="table, csv or json (one object a line).")] = Format.TABLE,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Rows shown as a table; csv and json give all.")] = 100,
    allow_files: Annotated[
        bool, typer.Option("--allow-files", help="Let the query read and write other files (COPY, read_csv, ATTACH).")
    ] = False,
    as_of: AS_OF = None,
    sample: SAMPLE = False,
) -> None:
    """Query the published database."""
    from warehouse.publication.query import ask, first_rows

    with _errors_in_one_line():
        home = _at(_reading_home(sample), as_of)
        if format is not Format.TABLE:
            frame = ask(home, query, with_files=allow_files)
        else:
            shown = first_rows(home, query, limit, with_files=allow_files)
    if format is not Format.TABLE:
        from ingest.plain import csv_text, plain_json

        if frame is not None:
            sys.stdout.write(csv_text(frame) if format is Format.CSV else plain_json(frame.write_ndjson()))
    elif shown:
        table = Table(*map(escape, shown.columns))
        for row in shown.rows:
            table.add_row(*("–" if value is None else escape(str(value)) for value in row))
        out.print(table)
        if shown.height > limit:
            err.print(f"{shown.height - limit:,} more rows; --limit {shown.height} or --format csv shows them")


@app.command()
def trace(
    mart: Annotated[str, typer.Argument(help="Mart, e.g. funding_stress_daily.")],
    where: Annotated[str, typer.Option("--where", help="SQL condition that picks one row of it.")],
    column: Annotated[
        list[str] | None, typer.Option("--column", help="Only this column of the mart; may be given several times.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="Raw rows shown.")] = 20,
    sample: SAMPLE = False,
) -> None:
    """From a number back to the raw rows, payloads, addresses and fetch times behind it."""
    from warehouse.publication import trace as tracing

    with _errors_in_one_line():
        found = tracing.trace(_reading_home(sample), mart, where, column or ())

    def say(text: str) -> None:
        out.print(escape(text), soft_wrap=True, highlight=False)

    def pairs(values: dict[str, Any]) -> str:
        return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)

    # The dates and names of a row say which one it is; of the numbers only those that are traced are shown.
    named = {k: v for k, v in found.row.items() if k in found.columns or (v and not isinstance(v, bool | int | float))}
    say(f"{found.mart}: {pairs(named)}")
    for name, series in found.sources.items():
        say(f"from {name}" + (f": {', '.join(series)}" if series else ""))
    for name in found.seeds:
        say(f"from dated facts: dbt_project/seeds/{name}.csv")
    for origin in found.origins[:limit]:
        equal = f"  = {', '.join(origin.equals)}" if origin.equals else f"  for {', '.join(origin.columns)}"
        say(f"\n{origin.dataset}  {pairs(origin.key)}  ({origin.found_by}){equal}")
        fetched = f"{origin.fetched_at:%Y-%m-%d %H:%M:%S} UTC" if origin.fetched_at else "unknown"
        for label, text in (
            ("raw values", pairs(origin.values)),
            ("known from", f"{origin.known_from:%Y-%m-%d %H:%M:%S} UTC ({origin.known_basis})"),
            ("fetched at", fetched),
            ("url", origin.url),
            ("payload", f"sha256 {origin.payload_id}"),
            ("body", f"{origin.body}" + ("" if origin.is_archived else " (NOT THERE)")),
        ):
            say(f"  {label:<10} {text}")
    if len(found.origins) > limit:
        say(f"\n{len(found.origins) - limit} more raw rows; --column narrows, --limit {len(found.origins)} shows them")
    say("")
    for note in found.notes:
        say(f"note: {note}")


@app.command()
def verify(
    generation: Annotated[
        str | None, typer.Argument(help="A generation's id, or a folder with a copy of one; default the current one.")
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every archived payload, and compare log, journal and generation.")
    ] = False,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Compare every file of a generation with what was recorded of it. Exit code 1 and a line for each difference."""
    from warehouse.publication.verify import Verification
    from warehouse.publication.verify import verify as verify_generation

    with _errors_in_one_line():
        copied = Path(generation) if generation and Path(generation).is_dir() else None
        home = Home.locate(is_simulated=sample) if deep or copied else _reading_home(sample)
        try:
            named = home.generations / generation if generation else None
            folder = copied or named or home.published_database.parent
            result = verify_generation(folder)
        except NotPublishedError as error:
            if not deep:
                raise
            result = Verification(problems=[("current", str(error))])  # the log can be looked at all the same
            folder = home.current
    _say_problems(result, f"{folder}: {result.files} files, {result.rows:,} rows of Parquet", "as published")
    if deep:
        from rich.progress import Progress

        from warehouse.upkeep.scrub import scrub

        with _holding(home, "deep verification", wait), Progress(console=err, transient=True) as progress:
            tasks: dict[str, Any] = {}

            def show(words: str, done: int, total: int) -> None:
                task = tasks[words] if words in tasks else tasks.setdefault(words, progress.add_task(words))
                progress.update(task, completed=done, total=total)

            deeper = scrub(home, show)
        counts = f"{deeper.files:,} payloads, {deeper.rows:,} rows of the log"
        _say_problems(deeper, f"{home.root}: {counts}", "as recorded")
        result.problems += deeper.problems
    if result.problems:
        raise typer.Exit(1)


def _say_problems(result: Any, what: str, sound: str) -> None:
    """One line for each problem of a Verification, and one that counts."""
    for path, problem in result.problems:
        err.print(f"[bold red]{escape(path)}[/]: {escape(problem)}", soft_wrap=True, highlight=False)
    words = f"{len(result.problems)} not {sound}" if result.problems else f"all {sound}"
    out.print(f"{what}, {words}", soft_wrap=True, highlight=False)


@app.command()
def report(
    sample: SAMPLE = False,
    path: Annotated[bool, typer.Option("--path", help="Only print where it lies.")] = False,
    as_of: AS_OF = None,
) -> None:
    """Open the report of the published generation in the browser."""
    import webbrowser

    with _errors_in_one_line():
        page = _at(_reading_home(sample), as_of).published_database.parent / "report" / "index.html"
        if not page.exists():
            raise WarehouseError(f"the published generation has no report: {page} is not there")
    out.print(str(page), soft_wrap=True, highlight=False, markup=False)
    if not path and not webbrowser.open(page.as_uri()):
        err.print("no browser could be started here; open the file yourself")


@app.command()
def ui(
    sample: SAMPLE = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = 3000,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. Anything but this machine's own lets others in: there is no login, whoever"
            " reaches the port may launch and delete runs, in a browser under this name only. 0.0.0.0 listens"
            " everywhere and adds no name (for a container whose port is mapped)."
        ),
    ] = "127.0.0.1",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show only: nothing can be launched or changed, no schedules run.")
    ] = False,
) -> None:
    """Dagster's web interface on this warehouse, with its schedules and sensors."""
    from orchestration import web
    from orchestration.instance import prepare

    home = Home.locate(is_simulated=sample)

    def say(words: str) -> None:
        err.print(escape(words), soft_wrap=True, highlight=False)

    with _errors_in_one_line(), ExitStack() as stack:
        if not read_only:  # one daemon a warehouse: two would run every schedule twice
            doing = f"interface on {web.address(host, port)}"
            stack.enter_context(lock.hold(Home(home.dagster), doing, wait_seconds=0))
        listener = stack.enter_context(web.listen(host, port))
        if web.is_open_to_others(listener) and not read_only:
            say(f"{host} can be reached by others and there is no login: whoever reaches it may launch and delete runs")
        prepare(home)
        web.serve(home, listener, host, is_read_only=read_only, say=say)


@app.command()
def notify(
    test: Annotated[bool, typer.Option("--test", help="Send a trial message to every receiver.")] = False,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Send the messages that wait, or a trial; receivers: LIQUIDITY_NOTIFY, LIQUIDITY_NOTIFY_FILE (Apprise)."""
    from warehouse.publication.alerts import outbox

    home = Home.locate(is_simulated=sample)
    with _errors_in_one_line():
        if test:
            problems = outbox.try_addresses(home)
            words = "the trial message was sent"
        else:
            with _holding(home, "messages", wait):
                told = outbox.deliver(home)
            problems, words = list(told.problems), f"{told.sent} sent, {told.waiting} wait"
    for problem in problems:
        _say_untold(problem)
    if problems:
        raise typer.Exit(1)
    out.print(words)


@app.command(hidden=True)
def generate() -> None:
    """Write the files that are derived from others: staging and macros of dbt, seeds of the sample, README's marts."""
    from warehouse.models import generated, mart_files

    for path in [*generated.write(), *mart_files.write()]:
        out.print(str(path), soft_wrap=True)


commands.register(app)


def main() -> None:
    """Entry point of the console command."""
    gc.set_threshold(100_000)  # 700 as it is: what is imported is looked through again and again, 0.5 of 4.3 CPU s
    for name in _UNWANTED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="backslashreplace")  # a terminal of ASCII or Latin-1 lacks our dashes
    app()


if __name__ == "__main__":
    main()
