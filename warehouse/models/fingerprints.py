"""A short digest of a table's rows: it shows whether tables or files made from the table must be made again.

What must not be here: what is made from which table (`warehouse/models/build.py`, `warehouse/publication/publish.py`).
"""

from collections.abc import Iterable

import duckdb


def contents(con: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, str]:
    """A digest of the rows of each table, whatever their order; one scan each, no sort.

    ``tables`` are qualified names. The digest includes the number of rows, because two equal rows cancel each other in
    the exclusive or, and differs for an empty table, so that a new column of one is noticed.
    """
    found = {}
    for table in tables:
        rows, mixed, summed = con.execute(
            f"SELECT count(*), bit_xor(hash(t)), sum(hash(t) >> 8) FROM {table} AS t"
        ).fetchone()  # type: ignore[misc]
        found[table] = f"{rows}:{mixed or 0:x}:{int(summed or 0):x}"
    return found
