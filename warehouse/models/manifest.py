"""Facts about marts from dbt's manifest: columns that a licence withholds, the grain, datasets and marts behind them.

Every build writes them to `meta`, so that publishing needs no dbt. What must not be here: results of a build.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from warehouse import meta
from warehouse.connection import transaction

MARTS = "marts"
GRAIN_TEST = "unique_combination"


def _ancestors(node_id: str, parents: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [node_id]
    while waiting:
        new = set(parents.get(waiting.pop(), ())) - seen
        seen |= new
        waiting += new
    return seen


def _source_names(ancestors: set[str]) -> Iterator[str]:
    """`provider.dataset`, `meta.<table>` or `seed.<name>` for every ancestor that is not a model."""
    for node_id in sorted(ancestors):
        kind, *_, name = node_id.split(".")
        if kind == "source":
            yield name.replace("__", ".", 1) if "__" in name else f"meta.{name}"
        elif kind == "seed":
            yield f"seed.{name}"


def record(con: duckdb.DuckDBPyConnection, manifest_path: Path, key: str) -> None:
    """Replace the rows of `meta` about the marts of the manifest; a mart that left the project keeps its rows.

    ``key`` identifies the manifest; it is stored as a comment, and nothing is read when the comment is the same.
    """
    con.execute(meta.DDL)
    if con.execute(
        "SELECT comment FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'mart_parent' "
        "AND database_name = current_database()"
    ).fetchone() == (key,):
        return
    manifest: dict[str, Any] = json.loads(manifest_path.read_bytes())
    nodes = manifest["nodes"].values()
    marts = {n["unique_id"]: n for n in nodes if n["resource_type"] == "model" and n["schema"] == MARTS}
    withheld = [
        (mart["name"], name)
        for mart in marts.values()
        for name, column in mart["columns"].items()
        if column["meta"].get("redistributable") is False
    ]
    keys = [
        (marts[test["attached_node"]]["name"], column, position)
        for test in nodes
        if (test.get("test_metadata") or {}).get("name") == GRAIN_TEST and test["attached_node"] in marts
        for position, column in enumerate(test["test_metadata"]["kwargs"]["columns"], 1)
    ]
    sources = [
        (mart["name"], source)
        for node_id, mart in marts.items()
        for source in _source_names(_ancestors(node_id, manifest["parent_map"]))
    ]
    parents = [
        (mart["name"], marts[ancestor]["name"])
        for node_id, mart in marts.items()
        for ancestor in sorted(_ancestors(node_id, manifest["parent_map"]) & marts.keys())
    ]
    with transaction(con):
        names = [mart["name"] for mart in marts.values()]
        for table, rows in (
            ("withheld_column", withheld), ("mart_key", keys), ("mart_source", sources), ("mart_parent", parents)
        ):  # fmt: skip
            con.execute(f"DELETE FROM meta.{table} WHERE mart IN (SELECT unnest(?))", [names])
            meta.insert(con, table, (dict(zip(meta.TABLE[table].columns, row, strict=True)) for row in rows))
        con.execute(f"COMMENT ON TABLE meta.mart_parent IS '{key}'")
