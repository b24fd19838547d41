"""Assets of the dbt project: one per seed and model, its data tests as asset checks, and one for the run as a whole.

dbt's events become Dagster's through dagster-dbt's own event class. A model that fails or is skipped is not
materialized; `dbt/build` always is, so that the good marts can be published. Checks alone run dbt's tests alone.
"""

# Without postponed annotations: Dagster resolves them when it builds assets.
import json
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from functools import cache, partial
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.asset_utils import build_dbt_specs, get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.resources import Warehouse, tell
from warehouse import build as dbt_build
from warehouse.connection import Home

BUILD_KEY = dg.AssetKey(["dbt", "build"])
ALONE = "Executed alone it tests what is built in the work file; it builds and publishes nothing."


class Translator(DagsterDbtTranslator):
    """Sources are the history assets and meta tables; models keep their schema as the first part of the key."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return dbt_resource_props["schema"]


@cache
def dbt_assets(home: Home) -> dg.AssetsDefinition:
    """The multi-asset of all seeds and models; parses the project first when the manifest is missing or stale."""
    manifest = json.loads(dbt_build.ensure_manifest(home).read_text("utf-8"))
    translator = Translator()
    specs, check_specs = build_dbt_specs(
        translator=translator, manifest=manifest, select="fqn:*", exclude="resource_type:unit_test", selector="",
        io_manager_key=None, project=None,
    )  # fmt: skip
    # What a failed check guards is held back at publication; a check that blocks the step would hold back everything.
    check_specs = [
        spec._replace(blocking=False, description=f"{spec.description or ''}\n\n{ALONE}".strip())
        for spec in check_specs
    ]
    everything = ({spec.key for spec in specs}, {spec.key for spec in check_specs})
    gate = dg.AssetSpec(
        BUILD_KEY,
        deps=[spec.key for spec in specs],
        description="The dbt run as a whole: what was built, what failed, what is held back from publication.",
        group_name="dbt",
        kinds={"dbt"},
    )

    @dg.multi_asset(name="dbt", specs=[*specs, gate], check_specs=check_specs, can_subset=True)
    def dbt(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
        """Build seeds, models and data tests on the work file; data tests alone when only checks are selected."""
        wanted, checks = context.selected_asset_keys - {BUILD_KEY}, context.selected_asset_check_keys
        selection: list[str] = []
        if (wanted, checks) != everything:
            selection, indirect = get_subset_selection_for_context(
                context, manifest, "fqn:*", "resource_type:unit_test", "", translator, None
            )
            if indirect or not wanted:  # else dbt adds tests that nobody selected
                selection += ["--indirect-selection", "empty"]
        outcome: list[dbt_build.BuildResult | BaseException] = []
        work = partial(
            dbt_build.build if wanted else dbt_build.check,
            warehouse.home, run_id=context.run.run_id, selection=selection,
        )  # fmt: skip
        result = dbt_build.BuildResult()
        if wanted or checks:
            total = len(wanted) + len(checks)
            failing: list[tuple[str, dg.AssetCheckResult]] = []
            with closing(_events_of(work, outcome)) as events:
                for done, event in enumerate(events, start=1):
                    node = event["data"]["node_info"]
                    tell("build marts" if wanted else "check marts", node["node_name"], done, total)
                    message = DbtCoreCliEventMessage(event, event_history_metadata={})
                    for found in message.to_default_asset_events(manifest, translator, context):
                        if isinstance(found, dg.AssetCheckResult) and not found.passed:
                            failing.append((node["unique_id"], found))  # dbt says why when it is through
                        else:
                            yield found
            if isinstance(outcome[0], dbt_build.BuildResult):
                result = outcome[0]
            reasons = {node.id: node.message for node in result.nodes}
            for node_id, found in failing:
                reason = dg.MetadataValue.text(reasons.get(node_id, ""))
                yield found._replace(metadata={**found.metadata, "reason": reason})
            if isinstance(outcome[0], BaseException):
                raise outcome[0]
            for failed in result.failed:
                context.log.error(f"{failed.kind} {failed.name}: {failed.message}")
        if BUILD_KEY in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=BUILD_KEY, metadata=_metadata(warehouse.home, result))

    return dbt


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
