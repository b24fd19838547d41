"""`liquidity replay` and `liquidity restore`: they make the log again from the archive."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from orchestration.console import (
    ALLOW_SHRINK,
    DRY_RUN,
    LIFE_SECONDS,
    NOTHING_CHANGED,
    SAMPLE,
    WAIT,
    err,
    holding,
    out,
)
from orchestration.job import build_all
from warehouse import lock
from warehouse.connection import Home


def replay(
    dry_run: DRY_RUN = False,
    sample: SAMPLE = False,
    allow_shrink: ALLOW_SHRINK = None,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Make the log again from its archived payloads, without the network, then build and publish; loses no row."""
    from warehouse.upkeep import rebuild

    home = Home.locate(is_simulated=sample)
    with holding(home, "replay", wait):
        if dry_run:
            made = _made_again(
                "replay", "would be replayed", lambda progress: rebuild.replay(home, progress, is_dry=True)
            )
            out.print(NOTHING_CHANGED)
            raise typer.Exit(1 if made.refused else 0)
        published = home.current.resolve()
        made = _made_again("replay", "replayed", lambda progress: rebuild.replay(home, progress))
        is_proven = False
        try:
            build_all(home, allow_shrink)
            is_proven = True
        finally:
            if words := rebuild.settle(home, made, published, is_proven=is_proven):
                err.print(f"[bold red]replay[/] {escape(words)}", soft_wrap=True)
    if made.refused:
        raise typer.Exit(1)


def restore(
    generation: Annotated[
        str | None, typer.Argument(help="A generation's id, or a folder with a copy of one; default the newest.")
    ] = None,
    journal: Annotated[
        bool, typer.Option("--journal", help="From journal and archive only, without a generation.")
    ] = False,
    allow_shrink: ALLOW_SHRINK = None,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Make a damaged or missing log again from a generation, the journal and the archive, then build and publish."""
    from warehouse.upkeep import rebuild

    home = Home.locate(is_simulated=sample)
    with holding(home, "restore", wait):
        made = _made_again(
            "restore", "done again",
            lambda progress: rebuild.restore(home, generation, from_journal=journal, progress=progress),
        )  # fmt: skip
        if made.kept:
            err.print(f"the old work file is kept as {escape(str(made.kept))}", soft_wrap=True)
        build_all(home, allow_shrink)
    if made.refused:
        raise typer.Exit(1)


def _made_again(doing: str, done: str, make: Callable[[Callable[[str], None]], Any]) -> Any:
    """Run a replay or restore and show its progress; prints what was refused and what is different."""
    from rich.progress import Progress

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task(doing, total=None)
        said_at = -LIFE_SECONDS

        def show(words: str) -> None:
            nonlocal said_at
            progress.update(task, description=words)
            if not err.is_terminal and time.perf_counter() - said_at > LIFE_SECONDS:
                err.print(f"{datetime.now(UTC):%H:%M:%S} UTC {doing} {words}", soft_wrap=True, highlight=False)
                said_at = time.perf_counter()

        made = make(show)
    out.print(f"{made.loads:,} loads {done}, {len(made.refused)} refused", highlight=False)
    for line in made.refused:
        err.print(f"[bold red]refused[/] {escape(line)}", soft_wrap=True)
    for line in made.remarks:
        err.print(f"note: {escape(line)}", soft_wrap=True)
    return made
