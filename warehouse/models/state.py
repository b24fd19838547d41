"""What a table holds, as a short digest: whether anything built or published from it has to be made again.

What must not be here: what is made from which table (`warehouse/models/build.py`, `warehouse/publication/publish.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb


def contents(con: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, str]:
    """A digest of the rows of each table, whatever their order; one scan each, no sort.

    ``tables`` are qualified names. Rows count, because two equal ones cancel each other in the exclusive or; so does a
    table without rows, so that a column it gained is told from none.
    """
    found = {}
    for table in tables:
        rows, mixed, summed = con.execute(
            f"SELECT count(*), bit_xor(hash(t)), sum(hash(t) >> 8) FROM {table} AS t"
        ).fetchone()  # type: ignore[misc]
        found[table] = f"{rows}:{mixed or 0:x}:{int(summed or 0):x}"
    return found
