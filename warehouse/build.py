"""Runs dbt on the work file: marts from history, as known at any moment, with the data tests.

dbt runs inside this process (a third of the time of its command line), one thread, and gives the file back at the end.
What must not be here: SQL of models (dbt_project/) and Dagster (orchestration/).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock

from ingest.calendars import utc_now
from ingest.locations import PROJECT
from ingest.plain import plain
from ingest.providers import DATASETS
from warehouse import lineage, lock, manifest, scorecard, store
from warehouse.connection import Home, WarehouseError, open_work, plain_path
from warehouse.journal import open_log

DATABASE_VARIABLE = "LIQUIDITY_WORK_DB"

# dbt events that carry the result of one node; the rest is chatter (hundreds of lines a run).
_RESULTS = frozenset({"LogSeedResult", "LogModelResult", "LogTestResult", "LogNodeResult"})

OnEvent = Callable[[dict[str, Any]], None]

REASON_LENGTH = 800  # characters of what dbt says; a contract that fails lists every column


def reason(words: object) -> str:
    """What dbt says, whole, in one readable line: its first line alone is "Compilation Error in model x"."""
    lines = (" ".join(line.split()) for line in plain(str(words or "")).split("\n"))
    text = ""
    for line in lines:
        if line.strip("^-=| "):
            text += line if not text else f" {line}" if text.endswith((":", ",", ")")) else f"; {line}"
    return text if len(text) <= REASON_LENGTH else f"{text[: REASON_LENGTH - 2]} …"


@dataclass(frozen=True)
class NodeResult:
    """Result of one seed, model or test.

    ``guards`` are the models that a test speaks of.
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


@dataclass(frozen=True)
class BuildResult:
    """Results of one dbt run, in order."""

    nodes: list[NodeResult] = field(default_factory=list)

    @property
    def failed(self) -> list[NodeResult]:
        """Nodes that failed by themselves; skipped ones follow from them."""
        return [node for node in self.nodes if not node.is_ok and node.status != "skipped"]

    @property
    def warned(self) -> list[NodeResult]:
        return [node for node in self.nodes if node.status == "warn"]


def project_files() -> list[Path]:
    """Files of the project that dbt reads."""
    paths = (path for path in PROJECT.rglob("*") if path.suffix in {".sql", ".yml", ".csv"})
    return [path for path in paths if "target" not in path.relative_to(PROJECT).parts]


def _forget_another_project(target: Path) -> None:
    """Remove what dbt keeps of a project that was not this one, byte for byte.

    dbt takes a YAML file for unchanged when its time is, and files of another installation may bear any time.
    """
    digest = hashlib.sha256()
    for path in sorted(project_files()):
        digest.update(path.relative_to(PROJECT).as_posix().encode() + b"\0" + path.read_bytes())
    mark = target / "project.sha256"
    if not mark.exists() or mark.read_text("utf-8") != digest.hexdigest():
        target.mkdir(parents=True, exist_ok=True)
        for name in ("manifest.json", "partial_parse.msgpack"):
            (target / name).unlink(missing_ok=True)
        mark.write_text(digest.hexdigest(), "utf-8")


def published_at() -> datetime:
    """Moment of the essay (naive UTC) whose claims the scorecard judges; it stands in dbt_project.yml."""
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
    return datetime.fromisoformat(variables["published_at"])


@contextmanager
def _pointed_at(home: Home) -> Iterator[None]:
    """The profile finds the work file through an environment variable."""
    home.work_database.parent.mkdir(parents=True, exist_ok=True)
    before = os.environ.get(DATABASE_VARIABLE)
    # dbt reads a path as a URL to find the name of the database.
    os.environ[DATABASE_VARIABLE] = str(plain_path(home.root) / home.work_database.relative_to(home.root))
    try:
        yield
    finally:
        if before is None:
            del os.environ[DATABASE_VARIABLE]
        else:
            os.environ[DATABASE_VARIABLE] = before


def _target(home: Home, name: str = "dbt") -> Path:
    return home.root / name


def _arguments(home: Home, target_name: str = "dbt") -> list[str]:
    target = _target(home, target_name)
    return [
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target),
        "--log-path", str(target / "logs"),
    ]  # fmt: skip


_QUIET = ["--log-level", "none", "--log-level-file", "warn"]


def _is_whole(manifest: Path) -> bool:
    """Whether it is there and can be read: dbt writes it in place, so a killed process leaves half of one."""
    try:
        json.loads(manifest.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True


def ensure_manifest(home: Home) -> Path:
    """Path of dbt's manifest; parses the project only when it is missing, cut short or of another project."""
    path = _target(home) / "manifest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.parent / ".manifest.lock"):  # two interfaces that start at once would read each other's half
        _forget_another_project(path.parent)
        if not _is_whole(path):
            from dbt.cli.main import dbtRunner

            with _pointed_at(home):
                result = dbtRunner().invoke([*_QUIET, "parse", *_arguments(home)])
            if not result.success:
                raise WarehouseError(f"dbt cannot read the project: {_said(result.exception)}")
    return path


@lock.held("build")
def build(
    home: Home,
    *,
    run_id: str,
    as_of: datetime | None = None,
    selection: list[str] | None = None,
    with_unit_tests: bool = False,
    on_event: OnEvent | None = None,
) -> BuildResult:
    """Build seeds, models and data tests in the work file; never raises for a failing test, only for a broken run.

    ``as_of`` (naive UTC) builds every model as it would have been known then. ``selection`` are dbt's own selection
    arguments. ``on_event`` gets each result event as dbt's structured-log dictionary. Results are kept in `meta.build`.
    """
    variables = {} if as_of is None else {"as_of": f"{as_of:%Y-%m-%d %H:%M:%S.%f}"}
    arguments = list(selection or [])
    if not with_unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    # dbt reads the history of every dataset, loaded or not: its tables are made. A past state may well be empty.
    if as_of is None:
        with open_log(home):
            pass
    else:
        with open_work(home) as con:
            store.create_tables(con, DATASETS.values())
    then: list[NodeResult] = []
    is_scored = not selection or any("thesis_scorecard" in part for part in selection)
    if is_scored and (as_of is None or as_of > published_at()):
        then = scorecard.keep(
            home, published_at(), project_files(), lambda *a: invoke(home, *a, target_name="dbt_at_publication").failed
        )
    _trace(home, variables)
    result = invoke(home, variables, arguments, on_event=on_event)
    _record(home, result, run_id)
    return BuildResult([*then, *result.nodes])


@lock.held("check")
def check(home: Home, *, run_id: str, selection: list[str], on_event: OnEvent | None = None) -> BuildResult:
    """Run the data tests that dbt's ``selection`` arguments name on what is built; builds nothing.

    Results are kept in `meta.build`, so that the next publication holds back what fails now.
    """
    with open_work(home) as con:
        store.create_tables(con, DATASETS.values())
    result = invoke(home, {}, selection, on_event=on_event, verb="test")
    _record(home, result, run_id)
    return result


def _said(error: BaseException | None) -> str:
    """Kind and words of an exception of dbt; some have no words."""
    return reason(f"{type(error).__name__}: {error}")


def invoke(
    home: Home,
    variables: dict[str, str],
    arguments: list[str],
    *,
    on_event: OnEvent | None = None,
    target_name: str = "dbt",
    verb: str = "build",
) -> BuildResult:
    """Run `dbt build`. Another set of variables needs a target of its own, or each run parses the project anew."""
    outcome = _run(home, verb, variables, arguments, on_event, target_name)
    if outcome.exception is not None:
        raise WarehouseError(f"dbt stopped: {_said(outcome.exception)}") from outcome.exception
    return BuildResult([_node_result(run) for run in outcome.result.results])


def _run(
    home: Home,
    verb: str,
    variables: dict[str, str],
    arguments: list[str],
    on_event: OnEvent | None = None,
    target_name: str = "dbt",
) -> Any:
    """Run a command of dbt in this process and give the work file back; the outcome is dbt's own."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt_common.events.functions import msg_to_dict

    def forward(message: Any) -> None:
        if on_event is not None and message.info.name in _RESULTS:
            on_event(msg_to_dict(message))

    given = json.dumps({"is_simulated": home.is_simulated, **variables})
    _forget_another_project(_target(home, target_name))
    with _pointed_at(home):
        try:
            return dbtRunner(callbacks=[forward]).invoke(
                [*_QUIET, verb, *_arguments(home, target_name), "--vars", given, *arguments]
            )
        finally:
            DuckDBConnectionManager.close_all_connections()


def _trace(home: Home, variables: dict[str, str]) -> None:
    """Bring `meta.lineage` in line with the project; dbt compiles only when its SQL or the catalog has changed."""
    datasets = list(DATASETS.values())
    key = lineage.key_of(PROJECT, datasets)
    with open_work(home) as con:
        if lineage.held_key(con) == key:
            return
    left_out = ["--exclude", "resource_type:test", "resource_type:unit_test", "resource_type:seed"]
    outcome = _run(home, "compile", variables, left_out)
    if not outcome.success:
        return  # the build that follows says what is wrong
    models: list[Any] = [run.node for run in outcome.result.results]
    compiled: dict[str, str] = {model.name: model.compiled_code for model in models}
    traced = lineage.trace(compiled, [model.name for model in models if model.schema == "marts"], datasets)
    for mart, reason in traced.failures.items():
        logging.getLogger(__name__).warning("no lineage of %s: %s", mart, reason)
    with open_work(home) as con:
        lineage.write(con, traced.marts, datasets, key)


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


def _record(home: Home, result: BuildResult, run_id: str) -> None:
    """Keep the latest result of each node in `meta.build`."""
    at = utc_now()
    with open_work(home) as con:
        con.execute(
            "CREATE TABLE IF NOT EXISTS meta.build (node VARCHAR, name VARCHAR, kind VARCHAR, status VARCHAR, "
            "is_ok BOOLEAN, is_blocking BOOLEAN, message VARCHAR, failures BIGINT, seconds DOUBLE, guards VARCHAR[], "
            "run_id VARCHAR, finished_at TIMESTAMP)"
        )
        con.execute("BEGIN")
        con.execute("DELETE FROM meta.build WHERE node IN (SELECT unnest(?))", [[node.id for node in result.nodes]])
        for node in result.nodes:
            con.execute(
                "INSERT INTO meta.build VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    node.id, node.name, node.kind, node.status, node.is_ok, node.is_blocking, node.message,
                    node.failures, node.seconds, list(node.guards), run_id, at,
                ],
            )  # fmt: skip
        con.execute("COMMIT")
        manifest.record(con, _target(home) / "manifest.json")


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
