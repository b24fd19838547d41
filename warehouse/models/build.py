"""Builds marts from history on the work file, as known at any moment, and runs the data tests.

dbt compiles the project (`compilation.py`) and runs its unit tests; DuckDB runs the compiled SQL (`project.py`) of what
has changed. What must not be here: SQL of models (dbt_project/), Dagster (orchestration/).
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import duckdb

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from warehouse import lock, meta
from warehouse.connection import OF_THE_WHOLE, Home, WarehouseError, is_large, open_work, transaction
from warehouse.log import tables
from warehouse.log.journal import open_log
from warehouse.models import fingerprints, forecasts, lineage, manifest, project, scorecard
from warehouse.models.compilation import compiled_project, reason, run, said

SCORECARD = "thesis_scorecard"


@dataclass(frozen=True)
class NodeResult:
    """Result of one seed, model or test.

    ``guards`` are the models that the test checks.
    """

    id: str
    name: str
    kind: str
    status: str
    message: str
    failures: int
    seconds: float
    guards: tuple[str, ...]
    is_blocking: bool

    @property
    def is_ok(self) -> bool:
        return self.status in ("success", "pass", "warn", "no-op", "reused")


OnMade = Callable[[NodeResult], None]


@dataclass(frozen=True)
class BuildResult:
    """Results of one build, in order."""

    nodes: list[NodeResult] = field(default_factory=list)

    @property
    def failed(self) -> list[NodeResult]:
        """Nodes that failed, without the nodes that were skipped because of them."""
        return [node for node in self.nodes if not node.is_ok and node.status != "skipped"]

    @property
    def warned(self) -> list[NodeResult]:
        return [node for node in self.nodes if node.status == "warn"]


@lock.held("build")
def build(
    home: Home,
    *,
    run_id: str,
    names: Collection[str] | None = None,
    with_checks: bool = True,
    with_unit_tests: bool = False,
    on_made: OnMade | None = None,
) -> BuildResult:
    """Make seeds and models in the work file and run their data tests; never raises for one that fails.

    Makes only what has changed: a table whose rows differ from those made last, one whose SQL, texts or inputs changed,
    one that failed, and every check of it. ``names`` are seeds and models to make in any case. ``on_made`` gets the
    result of each seed and model as soon as it is made. `meta.build` has the results, `meta.forecast` new forecasts.
    """
    with open_log(home):  # models read the history of every dataset, loaded or not, so its tables must exist
        pass
    made = compiled_project(home)
    then: list[NodeResult] = []
    if SCORECARD in (made.id_of if names is None else names):
        then = make_seeds(home, made, on_made) + _measure_then(home, made)
    _trace(home, made)
    todo = stale(home, made) if names is None else made.named(names)
    ledger = {forecasts.MODEL: lambda con: forecasts.write(con, run_id)}
    results = _make(home, made, [node for node in todo if node.kind != "test"], on_made, afterwards=ledger)
    if any(result.name == forecasts.MODEL for result in results):
        with open_log(home):  # the journal follows the ledger
            pass
    if with_checks:
        touched = {result.id for result in results}
        again = {node.id for node in todo if node.kind == "test"}
        checks = [c for c in made.nodes.values() if c.kind == "test" and (c.id in again or touched & set(c.parents))]
        results = _with_checks(home, made, results, checks)
    if with_unit_tests:
        results += invoke(home, "test", ["--select", "resource_type:unit_test"])
    _record(home, made, [*then, *results], run_id)
    _keep(home, made, results)
    return BuildResult([*then, *results])


@lock.held("past state")
def build_past(
    home: Home, made: project.Project, moment: datetime, *, run_id: str, with_checks: bool = True
) -> BuildResult:
    """Make every model of the work file as it would have been known at ``moment`` (naive UTC), and run the data tests.

    The SQL is dbt's (``made``), with the moment in it; the seeds must exist. `meta.build` has the results.
    """
    then = _measure_then(home, made) if moment > project.published_at() else []
    _trace(home, made)
    results = _make(home, made, [node for node in made.nodes.values() if node.kind == "model"], as_of=moment)
    if with_checks:
        results = _with_checks(home, made, results, [n for n in made.nodes.values() if n.kind == "test"], moment)
    _record(home, made, [*then, *results], run_id)
    return BuildResult([*then, *results])


def make_seeds(home: Home, made: project.Project, on_made: OnMade | None = None) -> list[NodeResult]:
    """Make the seeds whose tables are missing or out of date."""
    results = _make(home, made, [node for node in stale(home, made) if node.kind == "seed"], on_made)
    _keep(home, made, results)
    return results


@lock.held("check")
def check(home: Home, *, run_id: str, names: Collection[str]) -> BuildResult:
    """Run the data tests of these names on the built tables; builds nothing.

    `meta.build` keeps the results, so that the next publication holds back what fails now.
    """
    made = compiled_project(home)
    with open_work(home) as con:
        tables.create_tables(con, DATASETS.values())
        results = [_checked(con, made, node) for node in made.named(names)]
    _record(home, made, results, run_id)
    _keep(home, made, results)  # one that fails is run again by the next build
    return BuildResult(results)


def stale(home: Home, made: project.Project) -> list[project.Node]:
    """What must be made or checked again: see `build`."""
    with open_work(home) as con:
        keys = made.keys(_contents_of_sources(con, made))
        built = {node: (key, rows) for node, key, rows in con.execute("FROM meta.built").fetchall()}
        there = {f"{schema}.{table}" for schema, table in con.execute(_TABLES).fetchall()}
        rows = fingerprints.contents(
            con, sorted(node.relation for node in made.nodes.values() if node.relation in there)
        )
    return [
        node for node in made.nodes.values()
        if built.get(node.id) != (keys[node.id], None if node.kind == "test" else rows.get(node.relation, ""))
    ]  # fmt: skip


_TABLES = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"


def _contents_of_sources(con: duckdb.DuckDBPyConnection, made: project.Project) -> dict[str, str]:
    """Digest of every source table by the id of the source; a history view has the digest of its log."""
    tables = {node_id: name.replace("history.", "raw.", 1) for node_id, name in made.sources.items()}
    contents = fingerprints.contents(con, sorted(tables.values()))
    return {node_id: contents[table] for node_id, table in tables.items()}


def _keep(home: Home, made: project.Project, results: Iterable[NodeResult]) -> None:
    """Record what good tables and checks were made of, except those whose inputs are still to be made."""
    finished = {result.id for result in results if result.is_ok and result.id in made.nodes}
    failed = {result.id for result in results} - finished
    with open_work(home) as con:
        keys = made.keys(_contents_of_sources(con, made))
        held = dict(con.execute("SELECT node, key FROM meta.built").fetchall())
        good = {node_id for node_id in made.nodes if node_id not in failed and held.get(node_id) == keys[node_id]}
        lines = []
        for node in made.nodes.values():
            if node.id in finished and all(parent in good or parent not in made.nodes for parent in node.parents):
                good.add(node.id)
                rows = None if node.kind == "test" else fingerprints.contents(con, [node.relation])[node.relation]
                lines.append({"node": node.id, "key": keys[node.id], "contents": rows})
        with transaction(con):
            con.execute("DELETE FROM meta.built WHERE node IN (SELECT unnest(?))", [[*finished, *failed]])
            meta.insert(con, "built", lines)


def _make(
    home: Home,
    made: project.Project,
    nodes: list[project.Node],
    on_made: OnMade | None = None,
    as_of: datetime | None = None,
    afterwards: Mapping[str, Callable[[duckdb.DuckDBPyConnection], object]] = MappingProxyType({}),
) -> list[NodeResult]:
    """Make the tables of seeds and models, parents first; ``afterwards`` has what is called after a model of a name."""
    if not nodes:
        return []
    results: list[NodeResult] = []
    with open_work(home) as con:
        (usual,) = con.execute("SELECT current_setting('memory_limit')").fetchone()  # type: ignore[misc]
        if not is_large(home):
            con.execute(f"SET memory_limit = '{_memory_mb(home)}MB'")
        for node, status, message, seconds in made.make(
            con, nodes, as_of=as_of, notice=project.simulated_notice() if home.is_simulated else "",
            again=lambda con: con.execute(f"SET memory_limit = '{usual}'"),  # RESET reports success, changes nothing
        ):  # fmt: skip
            if status == "success" and node.name in afterwards:
                afterwards[node.name](con)
            results.append(_result(node, status, message, 0, seconds))
            if on_made is not None:
                on_made(results[-1])
    return results


def _memory_mb(home: Home) -> int:
    """DuckDB's memory limit at first; the few models that need more are made again with the usual limit."""
    return max(200, home.work_database.stat().st_size // 1_000_000)


def _with_checks(
    home: Home,
    made: project.Project,
    results: list[NodeResult],
    checks: list[project.Node],
    as_of: datetime | None = None,
) -> list[NodeResult]:
    """The results with those of the checks. As in dbt, models downstream of a failed check are skipped."""
    place = {node_id: number for number, node_id in enumerate(made.nodes)}

    def last_guard(node: project.Node) -> int:
        return max((place.get(parent, -1) for parent in node.parents), default=-1)

    skipped = {result.id: "" for result in results if not result.is_ok}
    found: list[NodeResult] = []
    with open_work(home) as con:
        for node in sorted(checks, key=last_guard):
            if skipped.keys() & set(node.parents):
                found.append(_result(node, "skipped", "", 0))
                continue
            result = _checked(con, made, node, as_of)
            found.append(result)
            if node.is_blocking and not result.is_ok:
                guarded = {parent for parent in node.parents if parent in made.nodes}
                for other in made.nodes.values():
                    if other.kind == "model" and guarded and guarded <= made.ancestors[other.id]:
                        skipped.setdefault(other.id, f"check {node.name} fails for {result.failures} rows")
    return [
        replace(result, status="skipped", message=skipped[result.id]) if skipped.get(result.id) else result
        for result in results
    ] + found  # fmt: skip


def _checked(
    con: duckdb.DuckDBPyConnection, made: project.Project, node: project.Node, as_of: datetime | None = None
) -> NodeResult:
    """Run one data test: it fails for the rows that it finds, counted up to its limit."""
    begun = time.perf_counter()
    limit = f" LIMIT {node.limit}" if node.limit else ""
    try:
        (rows,) = con.execute(f"SELECT count(*) FROM ({made.sql_of(node, as_of)}{limit})").fetchone()  # type: ignore[misc]
    except duckdb.Error as fault:
        if isinstance(fault, OF_THE_WHOLE):
            raise
        return _result(node, "error", reason(fault), 0, time.perf_counter() - begun)
    word = "fail" if node.is_blocking else "warn"
    message = f"Got {rows} result{'s' if rows != 1 else ''}, configured to {word} if != 0" if rows else ""
    return _result(node, word if rows else "pass", message, rows, time.perf_counter() - begun)


def _result(node: project.Node, status: str, message: str, failures: int, seconds: float = 0.0) -> NodeResult:
    guards = tuple(parent.split(".")[-1] for parent in node.parents) if node.kind == "test" else ()
    return NodeResult(
        node.id, node.name, node.kind, status, reason(message), failures, seconds, guards, node.is_blocking
    )


def _measure_then(home: Home, made: project.Project) -> list[NodeResult]:
    """Bring the scorecard's measurements of the essay's day up to date; results of models that were not made."""
    return [
        _result(node, status, message, 0, seconds)
        for node, status, message, seconds in scorecard.measure(home, project.published_at(), made)
    ]


def invoke(home: Home, verb: str, arguments: list[str]) -> list[NodeResult]:
    """Run a command of dbt on the work file; results in order. WarehouseError when dbt itself stops."""
    outcome = run(home, verb, ["--no-write-json", *arguments])
    if outcome.exception is not None:
        raise WarehouseError(f"dbt stopped: {said(outcome.exception)}") from outcome.exception
    return [_node_result(run) for run in outcome.result.results]


def lineage_of(made: project.Project, held_key: str | None = None) -> tuple[lineage.Traced, str] | None:
    """Lineage of the marts and the digest of what it follows from; None when that is ``held_key``.

    It takes some seconds once for each project, and is kept (`ingest/kept.py`).
    """
    datasets = list(DATASETS.values())
    models = [node for node in made.nodes.values() if node.kind == "model"]
    compiled = {node.name: node.sql for node in models}
    marts = [node.name for node in models if node.schema == manifest.MARTS]
    key = lineage.key_of(compiled, datasets)
    if key == held_key:
        return None
    return lineage.kept_trace(compiled, marts, datasets, key), key


def _trace(home: Home, made: project.Project) -> None:
    """Bring `meta.lineage` in line with the project and the catalog."""
    with open_work(home) as con:
        held = lineage.held_key(con)
    if (found := lineage_of(made, held)) is None:
        return
    traced, key = found
    for mart, why in traced.failures.items():
        logging.getLogger(__name__).warning("no lineage of %s: %s", mart, why)
    with open_work(home) as con:
        lineage.write(con, traced.marts, list(DATASETS.values()), key)


def _node_result(run: Any) -> NodeResult:
    node = run.node
    config = getattr(node, "config", None)
    return NodeResult(
        id=node.unique_id,
        name=node.name,
        kind=str(node.resource_type),
        status=str(run.status),
        message=reason(run.message),
        failures=run.failures or 0,
        seconds=run.execution_time,
        guards=tuple(name.split(".")[-1] for name in node.depends_on.nodes) if node.resource_type == "test" else (),
        is_blocking=str(getattr(config, "severity", "error")).lower() == "error",
    )


def _record(home: Home, made: project.Project, results: list[NodeResult], run_id: str) -> None:
    """Keep the latest result of each node in `meta.build`.

    A node that left the project no longer holds anything back. A check leaves when its rule changes, because its id
    has a hash of the rule.
    """
    at = utc_now()
    with open_work(home) as con:
        with transaction(con):
            con.execute("DELETE FROM meta.build WHERE node NOT IN (SELECT unnest(?))", [[*made.nodes]])
            con.execute("DELETE FROM meta.build WHERE node IN (SELECT unnest(?))", [[node.id for node in results]])
            lines = (
                {
                    "node": node.id, "name": node.name, "kind": node.kind, "status": node.status, "is_ok": node.is_ok,
                    "is_blocking": node.is_blocking, "message": node.message, "failures": node.failures,
                    "seconds": node.seconds, "guards": list(node.guards), "run_id": run_id, "finished_at": at,
                }
                for node in results
            )  # fmt: skip
            meta.insert(con, "build", lines)
        manifest.record(con, made.manifest, made.digest)


def held_back(home: Home) -> dict[str, str]:
    """Models that must not be published, each with its reason: not built, or guarded by a blocking test that fails."""
    with open_work(home) as con:
        rows = con.execute(
            """
            SELECT name, min(reason) FROM (
                SELECT name, status || coalesce(': ' || nullif(message, ''), '') AS reason FROM meta.build
                WHERE kind = 'model' AND NOT is_ok
                UNION ALL
                SELECT unnest(guards), 'check ' || name || ' fails for ' || failures || ' rows' FROM meta.build
                WHERE kind = 'test' AND is_blocking AND NOT is_ok AND status <> 'skipped'
            ) GROUP BY name"""
        ).fetchall()
    return dict(rows)
