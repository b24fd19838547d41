"""The dbt project as compiled SQL: what each seed, model and data test is made of, and whether it must be made again.

dbt compiles it once for each state of its files, next to its own manifest. Tables are made from that SQL under the
contracts and with the texts that dbt read: a quarter of the time that `dbt build` takes, and the same tables
(tests/pipeline/test_dbt.py). A past state, and the second state that the scorecard needs, are the same SQL with another
moment in it. What must not be here: running dbt (`warehouse/models/compilation.py`).
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import yaml

from warehouse.connection import OF_THE_WHOLE, transaction
from warehouse.generation import literal
from warehouse.locations import PROJECT

NAME = "compiled.json"
FORMAT = 2  # of that file; a file of another format is written again
KINDS = ("seed", "model", "test")
_AT_ONCE = 2  # tables; more would share one limit of memory
# Schemas whose relations move when a second state is built next to the first; seeds are the same in every state.
_STATE = re.compile(r'"(staging|intermediate|marts)"\.(?=")')


@dataclass(frozen=True)
class Node:
    """One seed, model or data test. ``made_of`` is a digest of its definition, without its inputs.

    ``sql`` is the SELECT that makes the table, or finds the rows that fail; a seed has ``file`` instead, a CSV within
    the project. ``contract`` has the types that its columns must have, in their order; it is empty where none is
    enforced.
    """

    id: str
    name: str
    kind: str
    schema: str
    sql: str
    parents: tuple[str, ...]
    made_of: str
    description: str
    columns: Mapping[str, str]
    is_blocking: bool
    limit: int | None
    file: str
    contract: Mapping[str, str]

    @property
    def relation(self) -> str:
        return f"{self.schema}.{self.name}"


def published_at() -> datetime:
    """Moment of the essay (naive UTC) whose claims the scorecard judges; dbt_project.yml has it."""
    return datetime.fromisoformat(_variables()["published_at"])


def _variables() -> dict[str, Any]:
    return dict(yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8")).get("vars", {}))


def spoken(moment: datetime) -> str:
    """A moment (naive UTC) in the format of the variable `as_of`."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def simulated_notice() -> str:
    """The notice that begins the comment on each table of a simulated warehouse."""
    return str(_variables()["simulated_notice"])


class Project:
    """Nodes of the compiled project by id, parents before children."""

    def __init__(
        self, nodes: Iterable[Node], sources: Mapping[str, str], now: str, manifest: Path, digest: str
    ) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.sources = sources  # `schema.table` by id
        self.now = now  # the expression in the SQL that a moment replaces
        self.manifest = manifest  # dbt's own, of the same files
        self.digest = digest  # of these files

    @classmethod
    def read(cls, path: Path) -> Project:
        """From the file that `condense` wrote."""
        held = json.loads(path.read_bytes())
        nodes = (Node(**{**node, "parents": tuple(node["parents"])}) for node in held["nodes"])
        return cls(nodes, held["sources"], held["now"], path.with_name("manifest.json"), held["project"])

    def named(self, names: Iterable[str]) -> list[Node]:
        """Nodes of these names, in the order in which they build on each other; KeyError for an unknown one."""
        ids = {self.id_of[name] for name in names}
        return [node for node in self.nodes.values() if node.id in ids]

    @cached_property
    def id_of(self) -> dict[str, str]:
        return {node.name: node.id for node in self.nodes.values()}

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        """Ids of all inputs of each node, sources too."""
        found: dict[str, frozenset[str]] = {}
        for node in self.nodes.values():
            found[node.id] = frozenset(node.parents).union(*(found.get(parent, ()) for parent in node.parents))
        return found

    def up_to(self, name: str) -> list[Node]:
        """A model and every model that it is made from."""
        wanted = {self.id_of[name], *self.ancestors[self.id_of[name]]}
        return [node for node in self.nodes.values() if node.id in wanted and node.kind == "model"]

    def keys(self, contents: Mapping[str, str]) -> dict[str, str]:
        """Digest of each node with its inputs: the same key, the same rows. ``contents`` has the digests of sources."""
        found = dict(contents)
        for node in self.nodes.values():
            inputs = "\n".join(found[parent] for parent in sorted(node.parents))
            found[node.id] = hashlib.sha256(f"{node.made_of}\n{inputs}".encode()).hexdigest()
        return {node_id: found[node_id] for node_id in self.nodes}

    def sql_of(self, node: Node, as_of: datetime | None = None, prefix: str = "") -> str:
        """The SELECT of a node as of a moment (naive UTC), reading models from schemas that begin with ``prefix``."""
        sql = node.sql if as_of is None else node.sql.replace(self.now, spoken(as_of))
        return _STATE.sub(rf'"{prefix}\1".', sql) if prefix else sql

    def make(
        self,
        con: duckdb.DuckDBPyConnection,
        nodes: Iterable[Node],
        *,
        as_of: datetime | None = None,
        prefix: str = "",
        notice: str = "",
        again: Callable[[duckdb.DuckDBPyConnection], object] | None = None,
    ) -> Iterator[tuple[Node, str, str, float]]:
        """Make the tables of seeds and models; gives each with `success`, `error` or `skipped`, reason and seconds.

        Two are made at the same time, and none before its inputs; what the caller does with a result is done before
        anything is made from it. A node is skipped when one of its inputs failed. ``notice`` begins each comment on a
        table. A table that runs out of memory is made once more after ``again``. Raises the errors in `OF_THE_WHOLE`.
        """
        bad: set[str] = set()
        waiting = {node.id: node for node in nodes}
        for schema in {node.schema for node in waiting.values()}:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {prefix}{schema}")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            running: dict[Future[tuple[str, float]], Node] = {}
            while waiting or running:
                unmade = waiting.keys() | {node.id for node in running.values()}
                ready = [node for node in waiting.values() if not unmade & set(node.parents)]
                for node in ready[: _AT_ONCE - len(running)]:
                    del waiting[node.id]
                    if missing := bad & set(node.parents):
                        bad.add(node.id)
                        names = sorted(one.split(".")[-1] for one in missing)
                        yield node, "skipped", f"{', '.join(names)} not made", 0.0
                    else:
                        one = pool.submit(self._made, con.cursor(), node, as_of, prefix, notice, again)
                        running[one] = node
                for one in wait(running, return_when=FIRST_COMPLETED).done:
                    node, (fault, seconds) = running.pop(one), one.result()
                    if fault:
                        bad.add(node.id)
                    yield node, "error" if fault else "success", fault, seconds

    def _made(
        self,
        con: duckdb.DuckDBPyConnection,
        node: Node,
        as_of: datetime | None,
        prefix: str,
        notice: str,
        again: Callable[[duckdb.DuckDBPyConnection], object] | None,
    ) -> tuple[str, float]:
        """Make one table; returns why it could not be made, or nothing, and its seconds."""
        begun = time.perf_counter()
        try:
            try:
                self._make_one(con, node, as_of, prefix, notice)
            except duckdb.OutOfMemoryException:
                if again is None:
                    raise
                again(con)
                self._make_one(con, node, as_of, prefix, notice)
        except (duckdb.Error, BrokenContractError) as fault:
            if isinstance(fault, OF_THE_WHOLE):
                raise
            return str(fault), time.perf_counter() - begun
        finally:
            con.close()
        return "", time.perf_counter() - begun

    def _make_one(
        self, con: duckdb.DuckDBPyConnection, node: Node, as_of: datetime | None, prefix: str, notice: str
    ) -> None:
        with transaction(con):
            for statement in self._statements(con, node, as_of, prefix, notice):
                con.execute(statement)

    def _statements(
        self, con: duckdb.DuckDBPyConnection, node: Node, as_of: datetime | None, prefix: str, notice: str
    ) -> Iterator[str]:
        """The statements that make a table, with its comments unless it is of a second state. BrokenContractError."""
        relation = f"{prefix}{node.relation}"
        if node.kind == "seed":
            path = PROJECT / node.file
            with path.open(encoding="utf-8", newline="") as file:
                names = next(csv.reader(file))
            if untyped := set(names) ^ set(node.contract):
                raise BrokenContractError(f"{node.file} and its YAML differ in {', '.join(sorted(untyped))}")
            columns = ", ".join(f'"{name}" {node.contract[name]}' for name in names)
            yield f"CREATE OR REPLACE TABLE {relation} ({columns})"
            yield f"COPY {relation} FROM {literal(str(path))} (FORMAT csv, HEADER true, DELIMITER ',')"
        else:
            sql = self.sql_of(node, as_of, prefix)
            if node.contract:
                _assert_contract(con.sql(sql), node.contract)
                columns = ", ".join(f'"{name}"' for name in node.contract)
                sql = f"SELECT {columns} FROM (\n{sql}\n)"
            yield f"CREATE OR REPLACE TABLE {relation} AS {sql}"
        if prefix:
            return
        yield f"COMMENT ON TABLE {relation} IS {literal(notice + node.description)}"
        for name, text in node.columns.items():
            yield f'COMMENT ON COLUMN {relation}."{name}" IS {literal(text)}'


class BrokenContractError(Exception):
    """A table would not have the columns and types that its YAML promises; the message names them."""


def _assert_contract(found: duckdb.DuckDBPyRelation, contract: Mapping[str, str]) -> None:
    """Names and types as promised, in any order. Raises BrokenContractError."""
    types = dict(zip(found.columns, map(str, found.types), strict=True))
    promised = {name: str(duckdb.type(text)) for name, text in contract.items()}
    differing = [
        f"{name} is {types.get(name, 'missing')}, promised {promised.get(name, 'nowhere')}"
        for name in {**promised, **types}
        if types.get(name) != promised.get(name)
    ]
    if differing:
        raise BrokenContractError(f"contract broken: {'; '.join(differing)}")


def condense(manifest: Mapping[str, Any], path: Path, project_digest: str) -> None:
    """Write the part of a compiled manifest that a run needs: a tenth of its size."""
    macros = hashlib.sha256(str(_variables().get("simulated_notice")).encode())  # a part of comments, not of the SQL
    for name, macro in sorted(manifest["macros"].items()):
        if macro["package_name"] == manifest["metadata"]["project_name"]:
            macros.update(f"{name}\n{macro['macro_sql']}\n".encode())
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in KINDS}
    done: dict[str, dict[str, Any]] = {}
    while len(done) < len(nodes):
        for key, node in nodes.items():
            parents = node["depends_on"]["nodes"] if node["resource_type"] != "seed" else []
            if key not in done and all(parent in done or parent not in nodes for parent in parents):
                done[key] = _condensed(node, parents, macros.hexdigest())
    sources = {key: f"{source['schema']}.{source['identifier']}" for key, source in manifest["sources"].items()}
    held = {
        "project": project_digest,
        "now": _variables().get("as_of", ""),
        "sources": sources,
        "nodes": list(done.values()),
    }
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(held), "utf-8")
    unfinished.replace(path)


def _condensed(node: Mapping[str, Any], parents: list[str], macros: str) -> dict[str, Any]:
    config, sql = node["config"], (node.get("compiled_code") or "").strip()
    is_seed, has_contract = node["resource_type"] == "seed", (config.get("contract") or {}).get("enforced")
    columns = {name: column["description"] for name, column in node["columns"].items()}
    types = {name: column.get("data_type") for name, column in node["columns"].items()}
    made_of = [sql, node["checksum"]["checksum"] if not sql else "", node["description"], columns, types,
               config.get("contract"), config.get("column_types"), config.get("severity"), macros]  # fmt: skip
    return {
        "id": node["unique_id"], "name": node["name"], "kind": node["resource_type"], "schema": node["schema"],
        "sql": sql, "parents": sorted(set(parents)), "description": node["description"], "columns": columns,
        "made_of": hashlib.sha256(json.dumps(made_of).encode()).hexdigest(),
        "is_blocking": str(config.get("severity", "error")).lower() == "error", "limit": config.get("limit"),
        "file": node["original_file_path"] if is_seed else "",
        "contract": types if is_seed or has_contract else {},
    }  # fmt: skip
