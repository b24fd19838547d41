"""The published marts in Python.

    import liquidity

    frame = liquidity.mart("funding_stress_daily")
    with liquidity.open() as con:
        con.sql("SELECT * FROM dollar_liquidity_daily ORDER BY effective_date DESC LIMIT 5").show()

    con = liquidity.lake("postgres:dbname=desk host=db")  # what a team shares; needs the extra `lake`

The first two read the newest generation of the warehouse that `LIQUIDITY_HOME` or the usual folder names, and never
wait for a refresh. With ``sample=True`` they read the simulated one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import Home, configure
from warehouse.generation import marts, refuse_unknown

if TYPE_CHECKING:
    import duckdb
    import polars as pl

__all__ = ["lake", "mart", "open"]


def open(*, sample: bool = False) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the newest generation; it stays whole when a newer one is published. Close it.

    `main` has the marts, `current` every dataset as known now, `as_of` every dataset as known at a moment, `history`
    all versions, `meta` what the warehouse knows of itself. Raises NotPublishedError, a WarehouseError.
    """
    import duckdb

    home = Home.locate(is_simulated=sample)
    return configure(duckdb.connect(str(home.published_database), read_only=True))


def mart(name: str, *, sample: bool = False) -> pl.DataFrame:
    """All rows of a mart, sorted. Raises WarehouseError, which names marts called nearly so, when there is none."""
    with open(sample=sample) as con:
        refuse_unknown(name, marts(con))
        return con.execute(f'FROM marts."{name}" ORDER BY ALL').pl()


def lake(address: str, *, snapshot: int | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a lake that `liquidity lake sync` writes: schemas `marts`, `history`, `meta`. Close it.

    With ``snapshot``, a number of `liquidity lake list`, it stays at that state; else each statement reads the newest.
    Raises WarehouseError without the extra `lake`, LakeError when a server refuses.
    """
    from warehouse.publication.lake import catalog

    return catalog.connect(address, snapshot)
