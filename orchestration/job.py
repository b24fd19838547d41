"""Runs the main job in this process, or the part of it that builds and publishes, and prints its result.

What must not be here: what the job does (`raw_assets.py`, `dbt_assets.py`, `publish_assets.py`).
"""

import json
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from orchestration import outer_faults
from orchestration.console import PUBLISH_TO, Stages, err, out, say_untold
from warehouse.connection import Home, WarehouseError


@dataclass(frozen=True)
class Ran:
    """The result of a run of the main job. ``is_published``: it made a new generation, perhaps with failures.

    ``is_unchanged``: it found nothing that is not in the current generation.
    """

    is_good: bool
    is_published: bool
    is_unchanged: bool
    run_id: str


def generation_of(home: Home) -> str | None:
    """Id of the generation that readers get."""
    return home.current.resolve().name if home.current.exists() else None


def _failures(result: Any) -> list[str]:
    """Steps that failed, each with its reason, which is printed."""
    steps = [event for event in result.all_events if event.is_step_failure]
    # The lines of failures from publish are printed one by one; a failure of publish itself is among these.
    others = [step for step in steps if not (step.step_key == "publish" and step.step_failure_data.user_failure_data)]
    failed = outer_faults.reasons_of(others if steps else result.all_events)
    for line in failed:
        step, _, message = line.partition(": ")
        err.print(f"[bold red]{step}[/]: {escape(message)}", soft_wrap=True)
    return failed


def run_job(
    home: Home,
    keys: Callable[[], list[Any]] | None,
    *,
    run_id: str,
    stages: Stages,
    fetches: bool = False,
    full: bool = False,
    allow_shrink: list[str] | None = None,
    only_if_changed: bool = False,
) -> Ran:
    """Run the main job, or the part of it given by asset ``keys``, in this process. The caller holds the warehouse.

    It ``fetches``, or works on the rows in the log. The run is in the warehouse's Dagster record, so `liquidity ui`
    shows it.
    """
    import dagster as dg

    from orchestration import ahead, definitions
    from orchestration.publish_assets import PublishConfig, prepared
    from orchestration.schedules import REFRESH
    from warehouse.publication import unchanged

    config: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    if fetches:
        config["ops"] = {"raw": {"config": {"full": full}}}
    if allow_shrink:
        from warehouse.publication import shrink

        shrink.check_names(home, allow_shrink)
    publication = PublishConfig(only_if_changed=only_if_changed, allow_shrink=allow_shrink or [])
    config.setdefault("ops", {}).update(
        dbt={"config": {"only_if_changed": only_if_changed}}, publish={"config": publication.model_dump()}
    )
    os.environ.pop(PUBLISH_TO, None)  # for schedules and the interface; a command sends by its own option
    before = generation_of(home)
    with (
        dg.DagsterInstance.get() as instance,
        stages.progress,
        ahead.asked(run_id, lambda: prepared(home, publication)),
    ):
        result = definitions.defs().resolve_job_def(REFRESH).execute_in_process(
            instance=instance, run_id=run_id, raise_on_error=False, asset_selection=keys() if keys else None,
            run_config=config,
        )  # fmt: skip
        stages.finish()
    failed = _failures(result)
    is_published = generation_of(home) != before
    looked = unchanged.noted(home)
    is_unchanged = looked is not None and looked.run_id == result.run_id
    if result.success and not is_published and not is_unchanged:
        failed.append("nothing was published: the step publish was skipped")
        err.print("[bold red]nothing was published[/]: the step publish was skipped")
    from orchestration import messages

    if failed:
        messages.run_failed(home, result.run_id, failed)
    for words in messages.unsaid:
        say_untold(words)
    return Ran(result.success and (is_published or is_unchanged), is_published, is_unchanged, result.run_id)


def tell_dead(home: Home, dead: list[str]) -> None:
    """Note runs whose process was found gone; the run that begins now sends the message at its end."""
    from orchestration import messages
    from orchestration.instance import GONE

    for run_id in dead:
        messages.leave_word(home, run_id, [GONE])


def keys_of(home: Home, datasets: list[Any]) -> list[Any]:
    """Asset keys of a refresh of some datasets: those, their histories, all models, publication."""
    from orchestration.dbt_assets import dbt_assets
    from orchestration.publish_assets import published
    from orchestration.raw_assets import history_key, raw_key

    return [*map(raw_key, datasets), *map(history_key, datasets), *dbt_assets(home).keys, *published.keys]


def _few(names: str | None) -> str:
    """A list of late series as far as it fits a cell."""
    names = names or "–"
    return names if len(names) < 20 else f"{len(names.split())} series"


def _kept(home: Home, run_id: str) -> tuple[list[Any], list[str], bool]:
    """The result of a run in the log: a line for each dataset, one for each failure, whether no provider answered."""
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


def made_anew(home: Home, run_id: str) -> str:
    """How much of the generation that readers get this run made; the rest is as it was in the one before."""
    from warehouse.connection import open_work
    from warehouse.publication.charts import INDEX

    with open_work(home) as con:
        tables, of_tables = con.execute(  # type: ignore[misc]
            "SELECT count(*) FILTER (run_id = ?), count(*) FROM meta.build WHERE kind IN ('seed', 'model')", [run_id]
        ).fetchone()
    drawn_in = [chart["drawn_in"] for chart in json.loads((home.current / "charts" / INDEX).read_text("utf-8"))]
    return f"made anew: {tables} of {of_tables} tables, {drawn_in.count(generation_of(home))} of {len(drawn_in)} charts"


def summary(home: Home, ran: Ran) -> bool:
    """Print what is new, revised, late and failed, and the generation; returns whether no provider answered."""
    import duckdb

    try:
        rows, failures, is_offline = _kept(home, ran.run_id)
    except (duckdb.Error, WarehouseError):
        if ran.is_published:
            raise
        rows, failures, is_offline = [], [], False  # no log to read; the step that failed has reported it
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
    generation = generation_of(home)
    if ran.is_published:
        out.print(f"published generation {generation} in {home.current}", soft_wrap=True, highlight=False)
        out.print(made_anew(home, ran.run_id), soft_wrap=True, highlight=False)
    elif ran.is_unchanged:
        out.print(f"nothing new anywhere; {generation} stays published", soft_wrap=True, highlight=False)
    elif generation:
        out.print(f"still published: {generation}", soft_wrap=True, highlight=False)
    else:
        err.print("[bold red]nothing was published[/]")
    return is_offline


def build_all(home: Home, allow_shrink: list[str] | None = None) -> None:
    """Marts and publication from the rows in the log, through Dagster."""
    from orchestration.instance import prepare
    from warehouse.log.intake import NOTHING_EVER_LOADED, was_ever_loaded

    if not was_ever_loaded(home):
        raise WarehouseError(NOTHING_EVER_LOADED)
    tell_dead(home, prepare(home))
    ran = run_job(
        home, partial(keys_of, home, []), run_id=str(uuid.uuid4()), stages=Stages(), allow_shrink=allow_shrink
    )
    summary(home, ran)
    if not ran.is_good:
        raise typer.Exit(1)
