"""`liquidity as-of`: build, list and remove states as of past moments."""

from typing import Annotated

import typer

from orchestration.console import SAMPLE, WAIT, fail, holding, moment_of, out
from warehouse import lock


def as_of(
    moments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TIME", help="Date (its end; with --prune any time of it) or time, UTC unless it has a zone."
        ),
    ] = None,
    list_states: Annotated[bool, typer.Option("--list", help="List the states that are built.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove the states of these moments, or with --keep all but the newest.")
    ] = False,
    keep: Annotated[
        int | None, typer.Option("--keep", min=0, help="With --prune: keep this many of those built last.")
    ] = None,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Build the marts with what was known at a moment; the current ones do not change.

    Refuses the future, and a moment before the first known row. `sql --as-of` and `report --as-of` read the result.
    """
    from warehouse.connection import Home
    from warehouse.upkeep import past

    home = Home.locate(is_simulated=sample)
    days = [text for text in moments or () if prune and len(text) == 10]  # when pruning, a date is all of its states
    times = [moment_of(text) for text in moments or () if text not in days]
    if keep is not None and not prune:
        fail("--keep goes with --prune")
    if list_states or prune:
        if prune and not moments and keep is None:
            fail("name the moments to remove, or --keep N")
        gone = []
        if prune:
            with holding(home, "removal of past states", wait, needs_room=False):
                gone = past.prune(home, times, days=[moment_of(text).date() for text in days], keep=keep)
        for one in gone or (past.states(home) if list_states else ()):
            line = f"as of {one.moment:%Y-%m-%d %H:%M:%S} UTC  {one.bytes / 1e6:>6,.0f} MB  generation {one.generation}"
            out.print(f"removed {line}" if gone else line, soft_wrap=True, highlight=False)
        if not gone and prune:
            out.print("nothing to remove")
        return
    if len(times) != 1:
        fail("name one moment, or --list")
    with holding(home, "as-of", wait):
        from warehouse.upkeep import rebuild

        past.refuse_future(times[0])
        past.refuse_before_anything(home, times[0])
        target, generation = rebuild.as_of(home, times[0])
    out.print(f"published generation {generation.id} in {target.current}", soft_wrap=True, highlight=False)
