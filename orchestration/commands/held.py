"""`liquidity load` and `liquidity build`: bodies saved by hand, and marts from the rows in the log."""

import uuid
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from orchestration.console import (
    ALLOW_SHRINK,
    DRY_RUN,
    NOTHING_CHANGED,
    SAMPLE,
    WAIT,
    datasets_of,
    err,
    fail,
    holding,
    moment_of,
    out,
)
from orchestration.job import build_all
from warehouse import lock
from warehouse.connection import Home, WarehouseError


def load(
    dataset: Annotated[str, typer.Argument(help="Dataset that the files belong to, e.g. nyfed.reference_rates.")],
    files: Annotated[list[Path], typer.Argument(help="Bodies as the provider sent them.", exists=True, dir_okay=False)],
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="When they were saved (UTC unless it has a zone); default now.")
    ] = None,
    series: Annotated[str | None, typer.Option("--series", help="Series of a body that does not name it.")] = None,
    build: Annotated[bool, typer.Option("--build/--no-build", help="Build the marts and publish afterwards.")] = True,
    dry_run: DRY_RUN = False,
    allow_shrink: ALLOW_SHRINK = None,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Load bodies saved by hand: an old download, another archive, no network."""
    from warehouse.log.intake import take_files

    home = Home.locate(is_simulated=sample)
    named, *others = datasets_of([dataset])
    if others or named.id.partition(".")[0] == dataset:
        fail(f"{dataset!r} is a provider; name one dataset: {', '.join(one.id for one in (named, *others))}")
    with holding(home, "load of files", wait):
        when = moment_of(known_at) if known_at else None

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
            out.print(NOTHING_CHANGED)
        elif build:
            build_all(home, allow_shrink)
    if has_failed:
        raise typer.Exit(1)


def build(
    dry_run: DRY_RUN = False,
    sample: SAMPLE = False,
    allow_shrink: ALLOW_SHRINK = None,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Build the marts from the rows in the log and publish them; fetches nothing."""
    home = Home.locate(is_simulated=sample)
    with holding(home, "build", wait):
        if dry_run:
            _say_stale(home)
        else:
            build_all(home, allow_shrink)


def _say_stale(home: Home) -> None:
    """Print what a build would make again."""
    from warehouse.log.intake import NOTHING_EVER_LOADED, was_ever_loaded
    from warehouse.upkeep import dry

    if not was_ever_loaded(home):
        raise WarehouseError(NOTHING_EVER_LOADED)
    nodes = dry.stale(home)
    for kind, words in (("seed", "seeds to load"), ("model", "tables to make"), ("test", "checks to run")):
        names = [node.name for node in nodes if node.kind == kind]
        listed = f": {', '.join(names)}" if names and kind != "test" else ""
        out.print(f"{len(names)} {words}{listed}", soft_wrap=True, highlight=False)
    out.print(NOTHING_CHANGED)
