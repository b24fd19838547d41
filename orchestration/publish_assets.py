"""Assets of a published generation: database, Parquet, data package, report; and each chart with its marts.

Publishing comes last and reports the whole run: if anything failed, the good tables are published and the run ends as
failed, with one line for each failure.
"""

# Without postponed annotations: Dagster resolves them when it builds assets.
import base64
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from ingest.errors import GIVEN_UP
from orchestration import ahead, messages
from orchestration.asset_facts import OWNERS
from orchestration.console import PUBLISH_TO
from orchestration.dbt_assets import BUILD_KEY
from orchestration.progress import report_progress
from orchestration.resources import Warehouse
from warehouse.connection import DATABASE_NAME, Home, WarehouseError, open_published, open_work
from warehouse.generation import Generation, held_marts
from warehouse.log import troubles
from warehouse.log.intake import NOTHING_EVER_LOADED, was_ever_loaded
from warehouse.models import build as dbt_build
from warehouse.publication import shrink, unchanged
from warehouse.publication.charts import CHARTS, INDEX, LINKS
from warehouse.publication.publish import install, prepare
from warehouse.publication.team.send import send

REMOTE_KEY = dg.AssetKey(["published", "remote"])
PARTS = {
    "database": "DuckDB database of the generation: marts, history, record of fetches and loads.",
    "parquet": "One Parquet file per mart, without the columns that may not be passed on.",
    "data_package": "datapackage.json, croissant.json: schema, units, licences, rows, sha256 of what may be passed on.",
    "report": "The page to look at.",
}


class PublishConfig(dg.Config):
    """``allow_shrink`` names marts and datasets that may be published with fewer rows or days than before.

    ``only_if_changed`` publishes nothing when the current generation is up to date.
    """

    allow_shrink: list[str] = Field(default_factory=list)
    only_if_changed: bool = False


NOTHING_NEW = "nothing new anywhere: the published generation is up to date"
KEEP_RUNS = 60  # a month of nights and mornings


def failures_of(home: Home, run_id: str) -> list[str]:
    """One line for each failure of a run: providers or datasets, checks and models, marts held back for lost rows."""
    with open_work(home) as con:
        failures = con.execute(
            "SELECT dataset, scope, error, message FROM meta.quarantine WHERE run_id = ? ORDER BY ALL", [run_id]
        ).fetchall()
        # What was not requested after three answers of 5xx is counted with them.
        spared = Counter(dataset for dataset, _, _, message in failures if message.startswith(f"{dataset} {GIVEN_UP}"))
        lines = []
        for trouble in troubles.grouped(
            (dataset, scope, f"{error}: {message}")
            for dataset, scope, error, message in failures
            if not message.startswith(f"{dataset} {GIVEN_UP}")
        ):
            others = sum(spared.pop(name, 0) for name in trouble.members) if "HttpStatusError" in trouble.reason else 0
            more = f" ({others} more requests were not made)" if others else ""
            lines.append(f"{trouble.whom}: {trouble.reason}{more}{f' [{trouble.names}]' if trouble.names else ''}")
        lines += [
            f"check {name} fails for {rows:,} rows" if kind == "test" and rows else f"{kind} {name}: {message}"
            for kind, name, message, rows in con.execute(
                "SELECT kind, name, message, failures FROM meta.build "
                "WHERE run_id = ? AND NOT is_ok AND status <> 'skipped' ORDER BY ALL",
                [run_id],
            ).fetchall()
        ]
    if (home.current / DATABASE_NAME).exists():
        with open_published(home) as con:
            held = held_marts(con)
        lines += [
            f"mart {mart}: held back, the values are those of generation {origin}: {reason}"
            for mart, (origin, reason) in held.items()
            if shrink.IS_WHY in reason
        ]
    return lines


def chart_key(chart_id: str) -> dg.AssetKey:
    """`charts/<id>`."""
    return dg.AssetKey(["charts", chart_id])


def chart_specs() -> list[dg.AssetSpec]:
    """Each chart below the marts that its query reads, with an event when it was drawn again.

    None of them is an output of the step that publishes: Dagster skips a step when something upstream of it was not
    made, and a mart that a check stops, or that nothing changed, must not keep the rest from being published.
    """
    return [
        dg.AssetSpec(
            chart_key(chart.id),
            deps=[dg.AssetKey(["marts", mart]) for mart in chart.marts],
            description=f"Chart{f' {chart.essay_id} of the essay' if chart.essay_id else ''}: {LINKS[chart.link]}. "
            "It is drawn anew when `published` is materialized and its rows or words are others.",
            group_name="charts",
            kinds={"file"},
            owners=OWNERS,
        )
        for chart in CHARTS
    ]


def remote_spec() -> dg.AssetSpec:
    """What a team reads. No output of the step that publishes, for the reason that charts are none."""
    return dg.AssetSpec(
        REMOTE_KEY,
        deps=[dg.AssetKey(["published", part]) for part in PARTS],
        description=f"The generation in an object store. `{PUBLISH_TO}` names the address; without it nothing is sent. "
        "It is sent when `published` is materialized.",
        group_name="published",
        kinds={"s3"},
        owners=OWNERS,
    )


@dg.multi_asset(
    name="publish",
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["published", part]), deps=[BUILD_KEY], description=text, group_name="published",
            kinds={"duckdb" if part == "database" else "file"}, skippable=True, owners=OWNERS,
        )
        for part, text in PARTS.items()
    ],
)  # fmt: skip
def published(
    context: dg.AssetExecutionContext, config: PublishConfig, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult]:
    """Build a generation from the work file and swap it in."""
    home, run_id = warehouse.home, context.run.run_id
    begun = ahead.begun(run_id)
    generation = begun.result() if begun else prepared(home, config)
    if generation is None:
        unchanged.note(home, run_id)
        report_progress("publish", NOTHING_NEW, 1, 1)
        context.log.info(NOTHING_NEW)
    else:
        install(home, generation)
        yield from _told(context, home, generation)
    forget_old_runs(context.instance)
    failures = [*failures_of(home, run_id), *_sent(context, home)]
    messages.after_run(home, run_id, failures, is_published=generation is not None)
    for words in messages.unsaid:
        context.log.warning(words)
    if failures:
        raise dg.Failure(
            description=f"{len(failures)} failed; what is good is published:\n" + "\n".join(failures),
            allow_retries=False,
        )


def prepared(home: Home, config: PublishConfig) -> Generation | None:
    """The next generation, not yet in place; None when the current one is up to date and that is enough."""
    if not was_ever_loaded(home):
        raise dg.Failure(description=NOTHING_EVER_LOADED, allow_retries=False)
    if config.only_if_changed and not config.allow_shrink and unchanged.is_published(home):
        return None
    report_progress("publish", "writing the generation")
    return prepare(home, held_back=dbt_build.held_back(home), allow_shrink=config.allow_shrink)


def _told(context: dg.AssetExecutionContext, home: Home, generation: Generation) -> Iterator[dg.MaterializeResult]:
    """The events of a generation that is in place."""
    folder = home.generations / generation.id
    with open_published(home) as con:
        marts = con.execute("SELECT mart, rows, is_held_back FROM meta.mart ORDER BY mart").fetchall()
    table = "\n".join(f"| {mart} | {rows:,} | {'held back' if kept else ''} |" for mart, rows, kept in marts)
    shared: dict[str, Any] = {
        "generation": generation.id,
        "simulated": generation.is_simulated,
        "marts": dg.MetadataValue.md(f"| mart | rows | |\n|---|---|---|\n{table}"),
    }
    paths = {
        "database": folder / "liquidity.duckdb",
        "parquet": folder / "parquet",
        "data_package": folder / "datapackage.json",
        "report": folder / "report" / "index.html",
    }
    for part, path in paths.items():
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(["published", part]), metadata={**shared, "path": dg.MetadataValue.path(str(path))}
        )
    for event in _chart_events(context, folder / "charts", shared["generation"], generation.is_simulated):
        context.log_event(event)
    report_progress("publish", f"generation {generation.id}", 1, 1)


def _sent(context: dg.AssetExecutionContext, home: Home) -> list[str]:
    """Send what is published, also after a failure of a part and when nothing is new; returns one line if that fails.

    Files that are there already are not sent again.
    """
    address = os.environ.get(PUBLISH_TO)
    if not address or not home.current.exists():
        return []
    report_progress("publish", f"sending to {address}")
    try:
        sent = send(home, address)
    except WarehouseError as error:
        return [f"published/remote: {error}"]
    metadata: dict[str, str | int] = {
        "address": address,
        "generation": sent.generation,
        "files sent": sent.sent,
        "were there": sent.found,
    }
    context.log_event(dg.AssetMaterialization(REMOTE_KEY, metadata=metadata))
    return []


def forget_old_runs(instance: dg.DagsterInstance, keep: int = KEEP_RUNS) -> int:
    """Delete Dagster's record of all but the newest ``keep`` finished runs; returns how many. The warehouse keeps all.

    Pictures make a run's events large; nothing else in Dagster prunes them.
    """
    finished = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    )
    old = instance.get_run_ids(finished)[keep:]
    for run_id in old:
        instance.delete_run(run_id)
    return len(old)


def _chart_events(
    context: dg.AssetExecutionContext, folder: Path, generation: str, is_simulated: bool
) -> Iterator[dg.AssetMaterialization]:
    """An event, with a picture, for each chart that this generation drew, or of which Dagster has no record yet."""
    index = json.loads((folder / INDEX).read_text("utf-8"))
    records = context.instance.get_asset_records([chart_key(chart["id"]) for chart in index])
    recorded = {record.asset_entry.asset_key for record in records if record.asset_entry.last_materialization}
    for chart in index:
        if chart["error"]:
            context.log.warning(f"chart {chart['id']}: {chart['error']}")
    told = [
        chart for chart in index
        if not chart["error"] and (chart["drawn_in"] == generation or chart_key(chart["id"]) not in recorded)
    ]  # fmt: skip
    for chart in told:
        picture = folder / f"{chart['id']}.svg"  # as large as a PNG of half its width, which takes longer to draw
        encoded = base64.b64encode(picture.read_bytes()).decode()
        words = chart["alt"].translate(str.maketrans("[]", "()"))
        metadata = {
            "chart": dg.MetadataValue.md(f"![{words}](data:image/svg+xml;base64,{encoded})"),
            "title": chart["title"],
            "footnote": chart["footnote"],
            "data to": chart["as_of_date"] or "not dated",
            "rows": chart["rows"],
            "generation": chart["drawn_in"],
            "simulated": is_simulated,
            "path": dg.MetadataValue.path(str(picture)),
        }
        yield dg.AssetMaterialization(chart_key(chart["id"]), metadata=metadata)
