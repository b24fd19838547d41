"""Comments of a database's tables, views and columns: read at once, written only where they differ.

What must not be here: the texts (the catalog, the project's YAML, `meta.py`).
"""

from collections.abc import Mapping

import duckdb

from warehouse.generation import SIMULATED_NOTICE, Generation, literal

Place = tuple[str, str, str | None]  # schema, table or view, and column; None is the table itself


def own_name(con: duckdb.DuckDBPyConnection) -> str:
    """Name of the database that is written."""
    (name,) = con.execute("SELECT current_database()").fetchone()  # type: ignore[misc]
    return name


def of(con: duckdb.DuckDBPyConnection, database: str) -> dict[Place, str]:
    """Comments of a database by schema, table and column; those of tables and views under no column."""
    return {
        (schema, table, column): text
        for schema, table, column, text in con.execute(
            "SELECT schema_name, table_name, NULL AS column_name, comment FROM duckdb_tables() "
            "WHERE database_name = $1 AND comment IS NOT NULL UNION ALL "
            "SELECT schema_name, view_name, NULL, comment FROM duckdb_views() "
            "WHERE database_name = $1 AND comment IS NOT NULL UNION ALL "
            "SELECT schema_name, table_name, column_name, comment FROM duckdb_columns() "
            "WHERE database_name = $1 AND comment IS NOT NULL",
            [database],
        ).fetchall()
    }


def say(
    con: duckdb.DuckDBPyConnection,
    said: Mapping[Place, str],
    place: Place,
    text: str | None,
    generation: Generation | None = None,
    kind: str = "TABLE",
) -> None:
    """Comment on a table or column, or on a VIEW if that is its ``kind``, unless that is ``said`` already.

    On the table or view of a ``generation`` the comment begins with its notice.
    """
    schema, table, column = place
    if generation:
        notice = SIMULATED_NOTICE if generation.is_simulated else ""
        text = f"{notice} {(text or '').removeprefix(notice).strip()}".strip()
    if said.get(place) != text:
        what = f"{kind} {schema}.{table}" if column is None else f'COLUMN {schema}.{table}."{column}"'
        con.execute(f"COMMENT ON {what} IS {'NULL' if text is None else literal(text)}")
