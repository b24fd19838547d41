"""Parquet files made from a published database, one per mart.

They may be passed on: columns whose publisher forbids it are left out. The database has these columns, because it is
the user's working copy.
What must not be here: describing the files (`warehouse/publication/package.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from warehouse.generation import SIMULATED_NOTICE, Generation, literal, marts
from warehouse.publication.previous import Previous


def write_parquet(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    generation: Generation,
    withheld: Mapping[str, Collection[str]],
    same: Collection[str] = (),
    previous: Previous | None = None,
) -> dict[str, int]:
    """One sorted file per mart; returns rows by mart. A label in each file marks simulated data.

    ``withheld`` names columns by mart that stay out of the files. The file of a mart that is the ``same`` in
    ``previous`` is taken over from there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    # No id of the generation, so that equal marts have equal files. `datapackage.json` has it.
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
