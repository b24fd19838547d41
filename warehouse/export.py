"""Parquet files made from a published database, one per mart, and the words that all files of a generation share.

The files are what may be passed on: columns whose publisher forbids that stay out of them, and so does the database,
which holds the whole history and is the user's own working copy.

What must not be here: building a generation or swapping it in (`warehouse/publish.py`), and describing its files
(`warehouse/package.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from warehouse.previous import Previous

SIMULATED_NOTICE = "SIMULATED DATA: made by the sample of dollar-liquidity, not published by anybody."


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
    from ingest.catalog import Unit

    units = sorted([*((unit.suffix, unit.words) for unit in Unit), _BASIS_POINTS], key=lambda u: -len(u[0]))
    return next((words for suffix, words in units if column == suffix or column.endswith("_" + suffix)), None)


def marts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the mart tables in an open database."""
    rows = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' AND database_name = current_database() "
        "ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


def held_marts(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Marts held back, each with the generation that it comes from and the reason; older generations kept none."""
    held = con.execute("FROM meta.mart WHERE is_held_back ORDER BY mart")
    names = [column[0] for column in held.description]
    lines = [dict(zip(names, row, strict=True)) for row in held.fetchall()]
    return {line["mart"]: (line["from_generation"], line.get("reason") or "a check fails") for line in lines}


def withheld_columns(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Columns by mart that a licence keeps out of the package (`meta.withheld_column`)."""
    # A mart held back may come from an older generation without the column: only what is there can be left out.
    rows = con.execute(
        "SELECT table_name, list(c.column_name ORDER BY c.column_name) FROM duckdb_columns() AS c "
        "JOIN meta.withheld_column AS w ON w.mart = c.table_name AND w.column_name = c.column_name "
        "WHERE c.schema_name = 'marts' AND c.database_name = current_database() GROUP BY table_name"
    ).fetchall()
    return {mart: tuple(names) for mart, names in rows}


def write_parquet(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    generation: Generation,
    withheld: Mapping[str, Collection[str]],
    same: Collection[str] = (),
    previous: Previous | None = None,
) -> dict[str, int]:
    """One sorted file per mart; returns rows by mart. A label in each file says when its data are simulated.

    ``withheld`` names columns by mart that stay out of the files. The file of a mart that is the ``same`` in
    ``previous`` is taken over from there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    # Not which generation: equal marts have equal files. `datapackage.json` says it.
    labels = f", KV_METADATA {{notice: {literal(SIMULATED_NOTICE)}}}" if generation.is_simulated else ""
    for mart in marts(con):
        (rows[mart],) = con.execute(f"SELECT count(*) FROM marts.{mart}").fetchone()  # type: ignore[misc]
        path = folder / f"{mart}.parquet"
        target = literal(str(path))
        left_out = ", ".join(f'"{name}"' for name in withheld.get(mart, ()))
        columns = f"* EXCLUDE ({left_out})" if left_out else "*"
        query = f"SELECT {columns} FROM marts.{mart} ORDER BY ALL"
        if mart in same and previous and previous.take([f"parquet/{path.name}"], folder):
            there, wanted = (con.execute(f"DESCRIBE {each}").fetchall() for each in (f"FROM {target}", query))
            if there == wanted:
                continue
            path.unlink()  # what is withheld has changed
        con.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd{labels})")
    return rows
