"""Files made from a published database: one Parquet file per mart, and the data package that describes them.

The package is what may be passed on: columns whose publisher forbids that stay out of its files, and so does the
database, which holds the whole history and is the user's own working copy.

What must not be here: building a generation or swapping it in (`warehouse/publish.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.catalog import Unit

SIMULATED_NOTICE = "SIMULATED DATA: made by the sample of dollar-liquidity, not published by anybody."

# DuckDB type -> Frictionless Table Schema type (https://datapackage.org/standard/table-schema/).
_FRICTIONLESS = {
    "DATE": "date", "TIMESTAMP": "datetime", "BOOLEAN": "boolean", "VARCHAR": "string", "DOUBLE": "number",
    "BIGINT": "integer", "INTEGER": "integer", "HUGEINT": "integer",
}  # fmt: skip


@dataclass(frozen=True)
class Generation:
    """One published state: its id, when it was built, up to which moment it knows things, and whether it is simulated.

    ``as_of`` is None for everything known when it was built.
    """

    id: str
    built_at: datetime
    is_simulated: bool
    as_of: datetime | None = None


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def sha256_of(path: Path) -> str:
    """Hex digest of a closed file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_BASIS_POINTS = ("bp", "basis points")  # marts only; publishers state percent


def unit_of(column: str) -> str | None:
    """The unit in words that a mart column's name ends in; None for names that carry none."""
    units = sorted([*((unit.suffix, unit.words) for unit in Unit), _BASIS_POINTS], key=lambda u: -len(u[0]))
    return next((words for suffix, words in units if column == suffix or column.endswith("_" + suffix)), None)


def marts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the mart tables in an open database."""
    rows = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' AND database_name = current_database() "
        "ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


def withheld_columns(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Columns by mart that a licence keeps out of the package (`meta.withheld_column`)."""
    # A mart held back may come from an older generation without the column: only what is there can be left out.
    rows = con.execute(
        "SELECT table_name, list(c.column_name ORDER BY c.column_name) FROM duckdb_columns() AS c "
        "JOIN meta.withheld_column AS w ON w.mart = c.table_name AND w.column_name = c.column_name "
        "WHERE c.schema_name = 'marts' AND c.database_name = current_database() GROUP BY table_name"
    ).fetchall()
    return {mart: tuple(names) for mart, names in rows}


def fields(con: duckdb.DuckDBPyConnection, mart: str, withheld: Collection[str] = ()) -> list[dict[str, Any]]:
    """Columns of a mart with type, unit and description, as Frictionless fields; without those ``withheld``."""
    rows = con.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() "
        "WHERE schema_name = 'marts' AND table_name = ? AND database_name = current_database() ORDER BY column_index",
        [mart],
    ).fetchall()
    result = []
    for name, dtype, comment in rows:
        if name in withheld:
            continue
        field = {"name": name, "type": _FRICTIONLESS.get(dtype.split("(")[0], "number" if "DEC" in dtype else "any")}
        if unit := unit_of(name):
            field["unit"] = unit
        if comment:
            field["description"] = comment
        result.append(field)
    return result


def write_parquet(
    con: duckdb.DuckDBPyConnection, folder: Path, generation: Generation, withheld: Mapping[str, Collection[str]]
) -> dict[str, int]:
    """One sorted file per mart; returns rows by mart. Labels travel in each file's key-value metadata.

    ``withheld`` names columns by mart that stay out of the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    labels = {"generation": generation.id, "built_at": f"{generation.built_at:%Y-%m-%dT%H:%M:%SZ}"}
    if generation.is_simulated:
        labels["notice"] = SIMULATED_NOTICE
    pairs = ", ".join(f"{name}: {literal(value)}" for name, value in labels.items())
    for mart in marts(con):
        target = literal(str(folder / f"{mart}.parquet"))
        left_out = ", ".join(f'"{name}"' for name in withheld.get(mart, ()))
        columns = f"* EXCLUDE ({left_out})" if left_out else "*"
        con.execute(
            f"COPY (SELECT {columns} FROM marts.{mart} ORDER BY ALL) TO {target} "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{pairs}}})"
        )
        (rows[mart],) = con.execute(f"SELECT count(*) FROM marts.{mart}").fetchone()  # type: ignore[misc]
    return rows


def _described(text: str, withheld: Collection[str]) -> str:
    if not withheld:
        return text
    names = ", ".join(sorted(withheld))
    return f"{text} Left out here because its publisher does not let it be passed on: {names}.".strip()


def write_data_package(
    folder: Path,
    generation: Generation,
    rows: dict[str, int],
    schemas: dict[str, list[dict[str, Any]]],
    descriptions: dict[str, str],
    sources: list[dict[str, str]],
    withheld: Mapping[str, Collection[str]],
) -> Path:
    """`datapackage.json` (Frictionless Data Package v2) beside the files it describes; call with the database closed.

    ``schemas`` are fields by mart, ``descriptions`` their table comments, ``sources`` title and path of each provider,
    ``withheld`` columns by mart that a licence keeps out. The database is no resource; its hash stands under `local`.
    """
    resources: list[dict[str, Any]] = [
        {
            "name": mart.replace("_", "-"), "path": f"parquet/{mart}.parquet", "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
            "description": _described(descriptions.get(mart, ""), withheld.get(mart, ())),
            "rows": count, "schema": {"fields": schemas[mart]},
        }
        for mart, count in rows.items()
    ]  # fmt: skip
    database: dict[str, Any] = {
        "path": "liquidity.duckdb",
        "description": "Your own working copy: all marts, the history of every raw table, and the record of fetches "
        "and loads. Not part of the package, since it holds values that may not be passed on.",
    }
    for resource in [*resources, database]:
        path = folder / resource["path"]
        resource["bytes"] = path.stat().st_size
        resource["hash"] = f"sha256:{sha256_of(path)}"
    simulated = f"{SIMULATED_NOTICE} " if generation.is_simulated else ""
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "dollar-liquidity" + ("-simulated" if generation.is_simulated else ""),
        "title": simulated + "Warehouse of US-dollar liquidity",
        "description": simulated
        + "Who finances the US Treasury, with whose money, and when the Federal Reserve creates it.",
        "version": generation.id,
        "created": f"{generation.built_at:%Y-%m-%dT%H:%M:%SZ}",
        "asOf": f"{generation.as_of:%Y-%m-%dT%H:%M:%SZ}" if generation.as_of else None,
        "simulated": generation.is_simulated,
        "sources": sources,
        "resources": resources,
        "local": [database],
    }
    target = folder / "datapackage.json"
    target.write_text(json.dumps({k: v for k, v in package.items() if v is not None}, indent=2) + "\n", "utf-8")
    return target
