"""The dbt project as compiled SQL: what each seed, model and data test is made of, and whether it must be made again.

dbt compiles it once for each state of its files; the result lies beside dbt's own manifest. A past state, and the
second state that the scorecard needs, are the same SQL with another moment in it: that runs in a tenth of the time that
dbt takes for it. What must not be here: running dbt (`warehouse/build.py`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import yaml

from warehouse.connection import OF_THE_WHOLE
from warehouse.export import literal
from warehouse.locations import PROJECT

NAME = "compiled.json"
KINDS = ("seed", "model", "test")
# Schemas whose relations move when a second state is built beside the first; seeds are the same in every state.
_STATE = re.compile(r'"(staging|intermediate|marts)"\.(?=")')


@dataclass(frozen=True)
class Node:
    """One seed, model or data test. ``made_of`` is a digest of all that dbt makes it from, its inputs apart.

    ``sql`` is the SELECT that makes the table, or finds the rows that fail; empty for a seed.
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

    @property
    def relation(self) -> str:
        return f"{self.schema}.{self.name}"


def published_at() -> datetime:
    """Moment of the essay (naive UTC) whose claims the scorecard judges; it stands in dbt_project.yml."""
    return datetime.fromisoformat(_variables()["published_at"])


def _variables() -> dict[str, Any]:
    return dict(yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8")).get("vars", {}))


def spoken(moment: datetime) -> str:
    """A moment (naive UTC) as the variable `as_of` says it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


class Project:
    """Nodes of the compiled project by id, parents before children."""

    def __init__(
        self, nodes: Iterable[Node], sources: Mapping[str, str], now: str, manifest: Path, digest: str
    ) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.sources = sources  # `schema.table` by id
        self.now = now  # what the SQL says where a moment stands
        self.manifest = manifest  # dbt's own, of the same files
        self.digest = digest  # of these files

    @classmethod
    def read(cls, path: Path) -> Project:
        """From what `condense` wrote."""
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
        """Ids of all that each node is made from, sources too."""
        found: dict[str, frozenset[str]] = {}
        for node in self.nodes.values():
            found[node.id] = frozenset(node.parents).union(*(found.get(parent, ()) for parent in node.parents))
        return found

    def up_to(self, name: str) -> list[Node]:
        """A model and every model that it is made from."""
        wanted = {self.id_of[name], *self.ancestors[self.id_of[name]]}
        return [node for node in self.nodes.values() if node.id in wanted and node.kind == "model"]

    def keys(self, contents: Mapping[str, str]) -> dict[str, str]:
        """What each node is made of, inputs included: the same key, the same rows. ``contents`` is that of sources."""
        found = dict(contents)
        for node in self.nodes.values():
            inputs = "\n".join(found[parent] for parent in sorted(node.parents))
            found[node.id] = hashlib.sha256(f"{node.made_of}\n{inputs}".encode()).hexdigest()
        return {node_id: found[node_id] for node_id in self.nodes}

    def sql_of(self, node: Node, as_of: datetime | None = None, prefix: str = "") -> str:
        """The SELECT of a node as of a moment (naive UTC), reading models from schemas that begin with ``prefix``."""
        sql = node.sql if as_of is None else node.sql.replace(self.now, spoken(as_of))
        return _STATE.sub(rf'"{prefix}\1".', sql) if prefix else sql

    def run(
        self, con: duckdb.DuckDBPyConnection, nodes: Iterable[Node], as_of: datetime, prefix: str = ""
    ) -> Iterator[tuple[Node, str | None]]:
        """Make the tables of models as of a moment; gives each with what went wrong, None when nothing did.

        What is made from one that failed is not made, and says so.
        """
        failed: set[str] = set()
        nodes = list(nodes)
        for schema in {node.schema for node in nodes}:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {prefix}{schema}")
        for node in nodes:
            error = None
            if missing := failed & set(node.parents):
                error = f"not made: {', '.join(sorted(one.split('.')[-1] for one in missing))} failed"
            else:
                try:
                    con.execute(
                        f"CREATE OR REPLACE TABLE {prefix}{node.relation} AS {self.sql_of(node, as_of, prefix)}"
                    )
                except duckdb.Error as fault:
                    if isinstance(fault, OF_THE_WHOLE):
                        raise
                    error = str(fault)
            if error:
                failed.add(node.id)
            yield node, error


def comments(node: Node) -> str:
    """Statements that say of a table and its columns what the project says of them."""
    return ";".join([
        f"COMMENT ON TABLE {node.relation} IS {literal(node.description)}",
        *(f'COMMENT ON COLUMN {node.relation}."{name}" IS {literal(text)}' for name, text in node.columns.items()),
    ])  # fmt: skip


def condense(manifest: Mapping[str, Any], path: Path, project_digest: str) -> None:
    """Write what a run needs of a compiled manifest: a tenth of its size."""
    macros = hashlib.sha256()
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
    columns = {name: column["description"] for name, column in node["columns"].items()}
    types = {name: column.get("data_type") for name, column in node["columns"].items()}
    made_of = [sql, node["checksum"]["checksum"] if not sql else "", node["description"], columns, types,
               config.get("contract"), config.get("column_types"), config.get("severity"), macros]  # fmt: skip
    return {
        "id": node["unique_id"], "name": node["name"], "kind": node["resource_type"], "schema": node["schema"],
        "sql": sql, "parents": sorted(set(parents)), "description": node["description"], "columns": columns,
        "made_of": hashlib.sha256(json.dumps(made_of).encode()).hexdigest(),
        "is_blocking": str(config.get("severity", "error")).lower() == "error", "limit": config.get("limit"),
    }  # fmt: skip
