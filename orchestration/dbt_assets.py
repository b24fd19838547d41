"""Assets of the dbt project: one per seed and model, its data tests as asset checks, and one for the run as a whole.

dagster-dbt defines them from dbt's manifest. A model that fails or is skipped is not materialized; `dbt/build` always
is, so that the good marts can be published.
"""

# Without postponed annotations: Dagster resolves them when it builds assets.
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any

import dagster as dg

from ingest.plain import plain
from orchestration import ahead
from orchestration.asset_facts import OWNERS, extents, group_of, numbered
from orchestration.dbt_for_dagster import DagsterDbtTranslator, build_dbt_specs
from orchestration.progress import report_progress
from orchestration.resources import Warehouse
from warehouse.connection import Home, open_work
from warehouse.models import build as dbt_build
from warehouse.models import compilation
from warehouse.publication import unchanged

BUILD_KEY = dg.AssetKey(["dbt", "build"])
_TABLES = ("seed", "model")
PUBLISH = "Materialized alone it is made in the work file; readers see it when `published` is materialized too."
ALONE = "Executed alone it tests what is built in the work file; it builds and publishes nothing."


class BuildConfig(dg.Config):
    """``only_if_changed`` makes nothing when the current generation is up to date."""

    only_if_changed: bool = False


class Translator(DagsterDbtTranslator):
    """Sources are the history assets and meta tables; models keep their schema as the first part of the key."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return group_of(dbt_resource_props)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        words = super().get_description(dbt_resource_props)
        return f"{words}\n\n{PUBLISH}" if dbt_resource_props["schema"] == "marts" else words

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return OWNERS


def _as_warnings(specs: Iterable[dg.AssetCheckSpec]) -> list[dg.AssetCheckSpec]:
    """Checks that block no step: publication holds back what a failed one guards, a blocked step would everything."""
    return [spec._replace(blocking=False, description=f"{spec.description or ''}\n\n{ALONE}".strip()) for spec in specs]


@cache
def dbt_assets(home: Home) -> dg.AssetsDefinition:
    """The multi-asset of all seeds and models; compiles the project first when that is missing or stale."""
    manifest = json.loads(compilation.ensure_manifest(home).read_text("utf-8"))
    translator = Translator()
    specs, check_specs = build_dbt_specs(
        translator=translator, manifest=manifest, select="fqn:*", exclude="", selector="", io_manager_key=None,
        project=None,
    )  # fmt: skip
    check_specs = _as_warnings([*check_specs, *_singular(manifest, translator, {spec.name for spec in check_specs})])
    everything = {spec.key for spec in specs}
    names = {
        translator.get_asset_key(node): node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in _TABLES
    }
    names_to_keys = {name: key for key, name in names.items()}
    keys_of_checks = {spec.name: spec.key for spec in check_specs}
    gate = dg.AssetSpec(
        BUILD_KEY, deps=[spec.key for spec in specs], group_name="dbt", owners=OWNERS, kinds={"dbt"},
        description="The dbt run as a whole: what was built, what failed, what is held back from publication.",
    )  # fmt: skip

    @dg.multi_asset(name="dbt", specs=[*specs, gate], check_specs=check_specs, can_subset=True)
    def dbt(context: dg.AssetExecutionContext, config: BuildConfig, warehouse: Warehouse) -> Iterator[Any]:
        """Make the changed or the selected seeds and models in the work file; run the data tests.

        Runs only checks when only checks are selected. An unchanged table gets no event: its last one is still true.
        """
        wanted, checks = context.selected_asset_keys - {BUILD_KEY}, context.selected_asset_check_keys
        chosen = None if wanted == everything else {names[key] for key in wanted}
        result, metadata = dbt_build.BuildResult(), None
        is_needed = not (config.only_if_changed and unchanged.is_published(warehouse.home))
        if (wanted or checks) and is_needed:
            home, run_id = warehouse.home, context.run.run_id
            if wanted:
                told = count(1)
                result = dbt_build.build(
                    home, run_id=run_id, names=chosen,
                    on_made=lambda node: report_progress("build marts", node.name, next(told), len(wanted)),
                )  # fmt: skip
            else:
                result = dbt_build.check(home, run_id=run_id, names={key.name for key in checks})
            # A table that a check stops was made before the check: only the checks, which come last, show which it is.
            made = {names_to_keys[node.name]: node for node in result.nodes if node.is_ok and node.kind in _TABLES}
            extents = _extents(home, {key.path[1]: key for key in everything if key.path[0] == "marts"})
            rows, metadata = _failing_rows(home, result.nodes), _metadata(home, result)
            ahead.begin(run_id)  # from here on the work file is not opened in this process
            for key, node in made.items():
                if key in wanted:
                    seconds = {"seconds": round(node.seconds, 3)}
                    yield dg.MaterializeResult(asset_key=key, metadata=seconds | extents.get(key, {}))
            for node in result.nodes:
                if node.kind == "test" and node.status != "skipped" and keys_of_checks[node.name] in checks:
                    yield _evaluation(keys_of_checks[node.name], node, rows.get(node.name, []))
            for failed in result.failed:
                context.log.error(f"{failed.kind} {failed.name}: {_reason(failed)}")
        if BUILD_KEY in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=BUILD_KEY, metadata=metadata or _metadata(warehouse.home, result))

    return dbt


def _extents(home: Home, marts: Mapping[str, dg.AssetKey]) -> dict[dg.AssetKey, dict[str, Any]]:
    """Rows and newest date of every existing mart."""
    with open_work(home) as con:
        return {marts[name]: found for name, found in extents(con, "marts").items() if name in marts}


def _singular(manifest: Mapping[str, Any], translator: Translator, known: set[str]) -> Iterator[dg.AssetCheckSpec]:
    """Checks of the tests that dagster-dbt leaves out because they read several models: each on the first of them."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node["name"] not in known:
            first, *others = (translator.get_asset_key(nodes[parent]) for parent in node["depends_on"]["nodes"])
            yield dg.AssetCheckSpec(
                node["name"], asset=first, additional_deps=others, description=node["description"] or None
            )


def _failing_rows(home: Home, nodes: Sequence[dbt_build.NodeResult], most: int = 5) -> dict[str, list[str]]:
    """The first rows that each check which found some has found, a line each, by its name."""
    failing = [node.name for node in nodes if node.kind == "test" and node.failures]
    if not failing:
        return {}
    made, found = compilation.compiled_project(home), {}
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
    """The reason why a node is not good, in plain words; dbt's is `Got 3 results, configured to fail if != 0`."""
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


def _metadata(home: Home, result: dbt_build.BuildResult) -> dict[str, Any]:
    held = dbt_build.held_back(home)
    lines = [f"- `{name}`: {reason}" for name, reason in held.items()]
    return {
        "nodes": len(result.nodes),
        "failed": dg.MetadataValue.md("\n".join(f"- `{n.name}`: {n.message}" for n in result.failed) or "none"),
        "held back": dg.MetadataValue.md("\n".join(lines) or "none"),
        "warnings": dg.MetadataValue.md("\n".join(f"- `{n.name}`: {n.message}" for n in result.warned) or "none"),
    }
