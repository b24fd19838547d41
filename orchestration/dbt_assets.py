"""Assets of the dbt project: one per seed and model, its data tests as asset checks, and one for the run as a whole.

dbt's events become Dagster's through dagster-dbt's own event class. A model that fails or is skipped is not
materialized; `dbt/build` always is, so that the good marts can be published.
"""

# Without postponed annotations: Dagster resolves them when it builds assets.
import json
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache, partial
from typing import Any

import dagster as dg

from ingest.plain import plain
from orchestration.asset_facts import OWNERS, extent, group_of, numbered
from orchestration.dbt_for_dagster import DagsterDbtTranslator, DbtCoreCliEventMessage, build_dbt_specs
from orchestration.progress import tell
from orchestration.resources import Warehouse
from warehouse import build as dbt_build
from warehouse import unchanged
from warehouse.connection import Home, open_work

BUILD_KEY = dg.AssetKey(["dbt", "build"])
ALONE = "Executed alone it tests what is built in the work file; it builds and publishes nothing."


class BuildConfig(dg.Config):
    """``only_if_changed`` makes nothing when the current generation says all that there is to say."""

    only_if_changed: bool = False


class Translator(DagsterDbtTranslator):
    """Sources are the history assets and meta tables; models keep their schema as the first part of the key."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return group_of(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return OWNERS


@cache
def dbt_assets(home: Home) -> dg.AssetsDefinition:
    """The multi-asset of all seeds and models; compiles the project first when that is missing or stale."""
    manifest = json.loads(dbt_build.ensure_manifest(home).read_text("utf-8"))
    translator = Translator()
    specs, check_specs = build_dbt_specs(
        translator=translator, manifest=manifest, select="fqn:*", exclude="", selector="", io_manager_key=None,
        project=None,
    )  # fmt: skip
    # What a failed check guards is held back at publication; a check that blocks the step would hold back everything.
    check_specs = [*check_specs, *_singular(manifest, translator, {spec.name for spec in check_specs})]
    check_specs = [
        spec._replace(blocking=False, description=f"{spec.description or ''}\n\n{ALONE}".strip())
        for spec in check_specs
    ]
    everything = {spec.key for spec in specs}
    names = {
        translator.get_asset_key(node): node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
    }
    keys_of_checks = {spec.name: spec.key for spec in check_specs}
    gate = dg.AssetSpec(
        BUILD_KEY,
        deps=[spec.key for spec in specs],
        description="The dbt run as a whole: what was built, what failed, what is held back from publication.",
        group_name="dbt",
        owners=OWNERS,
        kinds={"dbt"},
    )

    @dg.multi_asset(name="dbt", specs=[*specs, gate], check_specs=check_specs, can_subset=True)
    def dbt(context: dg.AssetExecutionContext, config: BuildConfig, warehouse: Warehouse) -> Iterator[Any]:
        """Make what has changed of the seeds and models in the work file, or what is asked for; run the data tests.

        Checks alone, when only they are selected. A table that nothing changed has no event: its last one holds.
        """
        wanted, checks = context.selected_asset_keys - {BUILD_KEY}, context.selected_asset_check_keys
        chosen = None if wanted == everything else {names[key] for key in wanted}
        result = dbt_build.BuildResult()
        is_needed = not (config.only_if_changed and unchanged.is_published(warehouse.home))
        if (wanted or checks) and is_needed:
            outcome: list[dbt_build.BuildResult | BaseException] = []
            work = (
                partial(dbt_build.build, warehouse.home, run_id=context.run.run_id, names=chosen)
                if wanted
                else partial(_check, warehouse.home, context.run.run_id, {key.name for key in checks})
            )
            made: list[dict[str, Any]] = []
            with closing(_events_of(work, outcome)) as events:
                for event in events:
                    made.append(event)
                    tell("build marts", event["data"]["node_info"]["node_name"], len(made), len(wanted))
            if isinstance(outcome[0], BaseException):
                raise outcome[0]
            result = outcome[0]
            # What a check stops was made all the same: only the checks, which come last, say which it is.
            good = {node.id for node in result.nodes if node.is_ok}
            extents = _extents(warehouse.home, {names[key]: key for key in everything if key.path[0] == "marts"})
            for event in made:
                if event["data"]["node_info"]["unique_id"] in good:
                    message = DbtCoreCliEventMessage(event, event_history_metadata={})
                    for told in message.to_default_asset_events(manifest, translator, context):
                        yield _with_extent(context, told, extents)
            rows = _failing_rows(warehouse.home, result.nodes)
            for node in result.nodes:
                if node.kind == "test" and node.status != "skipped" and keys_of_checks[node.name] in checks:
                    yield _evaluation(keys_of_checks[node.name], node, rows.get(node.name, []))
            for failed in result.failed:
                context.log.error(f"{failed.kind} {failed.name}: {_reason(failed)}")
        if BUILD_KEY in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=BUILD_KEY, metadata=_metadata(warehouse.home, result))

    return dbt


def _extents(home: Home, marts: Mapping[str, dg.AssetKey]) -> dict[dg.AssetKey, dict[str, Any]]:
    """Rows and newest date of every mart that is there."""
    with open_work(home) as con:
        there = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' AND database_name = current_database()"
        ).fetchall()
        return {marts[name]: extent(con, f"marts.{name}") for (name,) in there if name in marts}


def _with_extent(context: dg.AssetExecutionContext, event: Any, extents: Mapping[dg.AssetKey, dict[str, Any]]) -> Any:
    """The event of a mart with its rows and newest date, which Dagster plots; any other as it is."""
    if not isinstance(event, dg.Output):
        return event
    found = extents.get(context.asset_key_for_output(event.output_name))
    return event.with_metadata({**event.metadata, **found}) if found else event


def _singular(manifest: Mapping[str, Any], translator: Translator, known: set[str]) -> Iterator[dg.AssetCheckSpec]:
    """Checks of the tests that dagster-dbt leaves out because they read several models: each on the first of them."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node["name"] not in known:
            first, *others = (translator.get_asset_key(nodes[parent]) for parent in node["depends_on"]["nodes"])
            yield dg.AssetCheckSpec(
                node["name"], asset=first, additional_deps=others, description=node["description"] or None
            )


def _check(home: Home, run_id: str, names: set[str], on_event: dbt_build.OnEvent) -> dbt_build.BuildResult:
    """Data tests alone; dbt has no part in it, so there are no events."""
    return dbt_build.check(home, run_id=run_id, names=names)


def _failing_rows(home: Home, nodes: Sequence[dbt_build.NodeResult], most: int = 5) -> dict[str, list[str]]:
    """The first rows that each check which found some has found, a line each, by its name."""
    failing = [node.name for node in nodes if node.kind == "test" and node.failures]
    if not failing:
        return {}
    made, found = dbt_build.compiled_project(home), {}
    with open_work(home) as con:
        for check in made.named(failing):
            answer = con.execute(f"FROM ({made.sql_of(check)}) LIMIT {most}")
            names = [column[0] for column in answer.description]
            found[check.name] = [
                plain(", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True) if value is not None))
                for row in answer.fetchall()
            ]
    return found


def _reason(node: dbt_build.NodeResult) -> str:
    """Why a node is not good, for people: dbt says `Got 3 results, configured to fail if != 0`."""
    if node.kind == "test" and node.failures:
        return f"{node.failures:,} row{'s break it' if node.failures > 1 else ' breaks it'}, none may"
    return node.message


def _evaluation(key: dg.AssetCheckKey, node: dbt_build.NodeResult, rows: Sequence[str]) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {}
    if node.status != "pass":
        metadata = {"failing rows": node.failures, "reason": _reason(node), **numbered("row", rows)}
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=node.status == "pass",
        severity=dg.AssetCheckSeverity.ERROR if node.is_blocking else dg.AssetCheckSeverity.WARN,
        description=_reason(node) if node.status != "pass" else None,
        metadata=metadata,
    )


def _events_of(
    work: Callable[..., dbt_build.BuildResult], outcome: list[dbt_build.BuildResult | BaseException]
) -> Generator[dict[str, Any], None, None]:
    """Events of ``work``, which runs in a thread of its own; its result or error goes into ``outcome``.

    However the reader ends, by a full disk too, the thread has ended before it: while dbt writes the run must hold its
    lock, and an interpreter that exits under such a thread aborts (`terminate called without an active exception`).
    """
    events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.append(work(on_event=events.put))
        except BaseException as error:
            outcome.append(error)
        finally:
            events.put(None)

    thread = threading.Thread(target=run, name="dbt", daemon=True)
    thread.start()
    try:
        while (event := events.get()) is not None:
            yield event
    finally:
        thread.join()


def _metadata(home: Home, result: dbt_build.BuildResult) -> dict[str, Any]:
    held = dbt_build.held_back(home)
    lines = [f"- `{name}`: {reason}" for name, reason in held.items()]
    return {
        "nodes": len(result.nodes),
        "failed": dg.MetadataValue.md("\n".join(f"- `{n.name}`: {n.message}" for n in result.failed) or "none"),
        "held back": dg.MetadataValue.md("\n".join(lines) or "none"),
        "warnings": dg.MetadataValue.md("\n".join(f"- `{n.name}`: {n.message}" for n in result.warned) or "none"),
    }
