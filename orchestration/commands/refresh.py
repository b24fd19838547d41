"""`liquidity refresh`: the main job."""

import time
import uuid
from functools import partial
from typing import Annotated

import typer

from orchestration import progress
from orchestration.commands.team import send
from orchestration.console import (
    ADDRESS,
    ALLOW_SHRINK,
    PUBLISH_TO,
    SAMPLE,
    STARTED,
    WAIT,
    Stages,
    datasets_of,
    err,
    errors_in_one_line,
    holding,
    out,
)
from orchestration.job import generation_of, keys_of, run_job, summary, tell_dead
from warehouse import in_progress, lock
from warehouse.connection import Home
from warehouse.log import intake_process


def _make_ready(home: Home, early: intake_process.Sent | None) -> None:
    """Import Dagster, and note runs that were killed, while another process compiles the project."""
    from warehouse.models import compilation

    wait_for_project = compilation.compile_apart(home)
    from orchestration.instance import prepare
    from warehouse.log import unfinished

    tell_dead(home, [*prepare(home), *(early.cut_short.result() if early else unfinished.runs(home))])
    from orchestration import definitions  # noqa: F401

    wait_for_project()


def refresh(
    sample: SAMPLE = False,
    full: Annotated[
        bool, typer.Option("--full", help="Read the whole history again, not only the revision window.")
    ] = False,
    select: Annotated[
        list[str] | None, typer.Option("--select", help="Only this dataset or provider; may be given several times.")
    ] = None,
    allow_shrink: ALLOW_SHRINK = None,
    publish_to: Annotated[
        str | None, typer.Option("--publish-to", envvar=PUBLISH_TO, help=f"Also send what is published. {ADDRESS}")
    ] = None,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Fetch, load, build the marts, check and publish: the main job, through Dagster."""
    home = Home.locate(is_simulated=sample)
    if sample:
        err.print("[bold red]SIMULATED DATA[/]: the providers are simulated; nothing is fetched from a publisher")
    if publish_to:
        from warehouse.publication.team.bucket import Bucket

        with errors_in_one_line():
            Bucket.at(publish_to)  # an address that is none is refused before the work, not after it
    run_id, stages = str(uuid.uuid4()), Stages()
    with (
        holding(home, "refresh", wait, run_id=run_id),
        in_progress.refresh(home, run_id),
        intake_process.started(
            home, lambda: [one.id for one in datasets_of(select or [])], run_id=run_id, is_full=full,
            progress=progress.of_intake,
        ) as early,
    ):  # fmt: skip
        _make_ready(home, early)
        if early:
            from orchestration import raw_assets

            raw_assets.early[run_id] = early.outcomes
        ran = run_job(
            home, partial(keys_of, home, datasets_of(select)) if select else None, run_id=run_id, stages=stages,
            fetches=True, full=full, allow_shrink=allow_shrink, only_if_changed=True,
        )  # fmt: skip
        total = time.perf_counter() - STARTED
        is_offline = summary(home, ran)
        spent = {stage: stages.last[stage] - stages.first[stage] for stage in stages.first}
        parts = [f"{name} {seconds:.1f} s" for name, seconds in spent.items()]
        other = total - sum(spent.values())
        out.print(f"{total:.1f} s: {', '.join(parts)}, other {other:.1f} s", highlight=False)
        if publish_to and generation_of(home):  # a refresh that failed in part has published the rest
            with errors_in_one_line():
                send(home, publish_to)
        if not ran.is_good:
            if not sample and is_offline and generation_of(home):  # with an empty log the step has reported it
                err.print("nothing could be fetched; to try everything without a network: liquidity refresh --sample")
            raise typer.Exit(1)
