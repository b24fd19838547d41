"""What a generation is, and what its readers and writers need: its marts, their units, the columns that are withheld.

What must not be here: building a generation or swapping it in (`warehouse/publication/publish.py`).
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import duckdb

from warehouse.connection import WarehouseError

KEEP_GENERATIONS = 5  # a reader that has an older one open keeps it until it closes
SUMS = "SHA256SUMS"  # hash of every other file of a generation
SIMULATED_FILE = "SIMULATED.txt"  # in each folder of simulated data that people may open alone
SIMULATED_NOTICE = "SIMULATED DATA: made by the sample of dollar-liquidity, not published by anybody."


@dataclass(frozen=True)
class Generation:
    """One published state: its id, when it was built, its knowledge time, and whether it is simulated.

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
    """The unit, in words, that a mart column's name ends in; None for names without a unit."""
    from ingest.catalog import Unit

    units = sorted([*((unit.suffix, unit.words) for unit in Unit), _BASIS_POINTS], key=lambda u: -len(u[0]))
    return next((words for suffix, words in units if column == suffix or column.endswith("_" + suffix)), None)


def near(name: str, names: Iterable[str]) -> str:
    """`; did you mean a, b?` for a name that is not among ``names``; empty where none is close."""
    found = get_close_matches(name, list(names), n=3, cutoff=0.4)
    return f"; did you mean {', '.join(found)}?" if found else ""


def refuse_unknown(mart: str, there: Collection[str]) -> None:
    """WarehouseError, with names that are close, unless ``mart`` is ``there``."""
    if mart not in there:
        raise WarehouseError(f"there is no mart {mart}{near(mart, there) or '; marts: ' + ', '.join(there)}")


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
