"""Spoils what became known after a moment: whatever is as known at the moment stays as it was."""

from collections.abc import Iterable
from datetime import datetime

import duckdb

from ingest.catalog import Dataset
from ingest.providers import DATASETS


def spoil_later(
    con: duckdb.DuckDBPyConnection, moment: datetime, datasets: Iterable[Dataset] = tuple(DATASETS.values())
) -> int:
    """Other numbers in every row known after the moment, and a second, later version of every row known before it."""
    spoiled = 0
    for dataset in datasets:
        numbers = [c.name for c in dataset.columns if c.unit is not None and c.name not in dataset.key]
        table = f"raw.{dataset.table}"
        spoil = ", ".join(f'"{name}" = "{name}" * 7 + 13' for name in numbers)
        (count,) = con.execute(f"SELECT count(*) FROM {table} WHERE known_from > ?", [moment]).fetchone()
        spoiled += count
        con.execute(f"UPDATE {table} SET {spoil} WHERE known_from > ?", [moment])
        later = ", ".join(f'"{name}" * 3 - 5 AS "{name}"' for name in numbers)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE later AS SELECT * REPLACE ({later}, "
            f"TIMESTAMP '2025-12-24' AS known_from, 'observed' AS known_basis) FROM {table} "
            "WHERE known_from <= ? AND known_to = TIMESTAMP '9999-12-31'",
            [moment],
        )
        con.execute(
            f"UPDATE {table} SET known_to = TIMESTAMP '2025-12-24' "
            "WHERE known_from <= ? AND known_to = TIMESTAMP '9999-12-31'",
            [moment],
        )
        con.execute(f"INSERT INTO {table} BY NAME FROM later")
    return spoiled
