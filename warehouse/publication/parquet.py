"""Parquet files made from a published database, one per mart.

They may be passed on: columns whose publisher forbids it are left out. The database has these columns, because it is
the user's working copy.
What must not be here: describing the files (`warehouse/publication/package.py`).
"""

import base64
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.generation import SIMULATED_NOTICE, Generation, literal, marts, unit_of
from warehouse.publication.package import columns_of_marts
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

    Each column carries its text and unit as metadata of its field in the Arrow schema that the file holds
    (`pyarrow.parquet.read_schema`).

    ``withheld`` names columns by mart that stay out of the files. The file of a mart that is the ``same`` in
    ``previous`` is taken over from there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    # No id of the generation, so that equal marts have equal files. `datapackage.json` has it.
    notice = {"notice": SIMULATED_NOTICE} if generation.is_simulated else {}
    texts = {mart: {name: text for name, _, text in columns} for mart, columns in columns_of_marts(con).items()}
    for mart in marts(con):
        (rows[mart],) = con.execute(f"SELECT count(*) FROM marts.{mart}").fetchone()  # type: ignore[misc]
        path = folder / f"{mart}.parquet"
        target = literal(str(path))
        left_out = ", ".join(f'"{name}"' for name in withheld.get(mart, ()))
        columns = f"* EXCLUDE ({left_out})" if left_out else "*"
        query = f"SELECT {columns} FROM marts.{mart} ORDER BY ALL"
        labels = {"ARROW:schema": _arrow_schema(con, query, texts.get(mart, {})), **notice}
        if mart in same and previous and previous.take([f"parquet/{path.name}"], folder):
            asked = f"SELECT decode(key), decode(value) FROM parquet_kv_metadata({target})"
            if dict(con.execute(asked).fetchall()) == labels:
                continue
            path.unlink()  # a text, or what is withheld, has changed
        written = ", ".join(f"{literal(key)}: {literal(value)}" for key, value in labels.items())
        con.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{written}}})")
    return rows


def _arrow_schema(con: duckdb.DuckDBPyConnection, query: str, texts: Mapping[str, str | None]) -> str:
    """The schema of ``query`` as Arrow writes it into Parquet, with text and unit of each column."""
    said = {name: {"description": texts[name] or "", "unit": unit_of(name) or ""} for name in texts}
    found = con.execute(f"FROM ({query}) LIMIT 0").to_arrow_table().schema
    fields = [field.with_metadata({key: text for key, text in said[field.name].items() if text}) for field in found]
    return base64.b64encode(pa.schema(fields).serialize().to_pybytes()).decode()
