"""How good the knowledge times behind a mart are, in words: shares of rows by basis, of the datasets that reach it."""

from collections.abc import Collection, Iterable, Mapping

import duckdb

from ingest.providers import DATASETS

_BASIS_WORDS = {
    "observed": "seen by our own polling",
    "stamped": "stated by the publisher",
    "vintage": "from archived vintages",
    "modelled": "modelled from release rules",
}


def datasets_of_marts(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Datasets that reach each mart, publisher by publisher."""
    asked = "SELECT mart, list(DISTINCT dataset ORDER BY dataset) FROM meta.lineage GROUP BY mart"
    return {mart: tuple(datasets) for mart, datasets in con.execute(asked).fetchall()}


def bases(con: duckdb.DuckDBPyConnection, datasets: Collection[str] = DATASETS.keys()) -> dict[str, dict[str, int]]:
    """Current rows by dataset and knowledge basis, of ``datasets`` that the published database has."""
    tables = {
        name
        for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'history'").fetchall()
    }
    result: dict[str, dict[str, int]] = {}
    for dataset in map(DATASETS.__getitem__, datasets):
        if dataset.table in tables:
            result[dataset.id] = dict(
                con.execute(
                    f"SELECT known_basis, count(*) FROM history.{dataset.table} "
                    "WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted GROUP BY ALL ORDER BY 2 DESC, 1"
                ).fetchall()
            )
    return result


def in_words(datasets: Iterable[str], basis: Mapping[str, Mapping[str, int]]) -> str:
    """One sentence on the current rows of ``datasets`` (`bases`)."""
    counts: dict[str, int] = {}
    for dataset in datasets:
        for name, rows in basis.get(dataset, {}).items():
            counts[name] = counts.get(name, 0) + rows
    if not counts:
        return "Knowledge times: as each row states."
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) == 1:
        return f"Knowledge times: {_BASIS_WORDS[ordered[0][0]]}."
    parts = (f"{_BASIS_WORDS[name]} for {_share(rows, total)} of rows" for name, rows in ordered)
    return f"Knowledge times: {', '.join(parts)}."


def _share(rows: int, total: int) -> str:
    share = 100 * rows / total
    return "under 1 %" if share < 1 else "over 99 %" if 99 < share < 100 else f"{share:.0f} %"
