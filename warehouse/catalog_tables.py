"""The catalog as a table: `meta.catalog`, one row for each series, or for a dataset that has none.

dbt and readers of the database find there what only Python knows: titles, release rules, licences. What must not be
here: anything that is measured in the warehouse; that is `meta.freshness` and the marts.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import polars as pl

from ingest.catalog import Dataset
from ingest.providers import PROVIDERS

COLUMNS = {
    "dataset": (pl.String(), "Dataset, provider.name."),
    "series": (pl.String(), "The publisher's name of the series; null for a dataset without series."),
    "title": (pl.String(), "What it is."),
    "measure": (pl.String(), "How it is measured: level, average, adjusted; empty where the title says it."),
    "provider": (pl.String(), "Publisher, as the dataset's name has it."),
    "provider_title": (pl.String(), "Publisher in full."),
    "homepage": (pl.String(), "The publisher's page."),
    "unit": (pl.String(), "Unit in which it is published; several where columns differ."),
    "cadence": (pl.String(), "daily, weekly, monthly, quarterly or annual."),
    "release_rule": (pl.String(), "When a value becomes public, and on what that rests."),
    "licence": (pl.String(), "Name of the terms."),
    "licence_terms": (pl.String(), "The terms in a sentence."),
    "is_redistributable": (pl.Boolean(), "Whether values may be passed on in a package."),
    "is_discontinued": (pl.Boolean(), "Nothing new will come."),
    "rests_on": (pl.String(), "What the knowledge of the wire format rests on."),
}

DDL = "CREATE TABLE IF NOT EXISTS meta.catalog ({})".format(
    ", ".join(f"{name} {'BOOLEAN' if dtype == pl.Boolean() else 'VARCHAR'}" for name, (dtype, _) in COLUMNS.items())
)


def rows(datasets: Iterable[Dataset]) -> list[dict[str, object]]:
    """One line for each series, or dataset without; a series' own rule and licence stand before the dataset's."""
    providers = {provider.name: provider for provider in PROVIDERS}
    lines: list[dict[str, object]] = []
    for dataset in datasets:
        provider = providers.get(dataset.provider)
        units = sorted({column.unit.words for column in dataset.columns if column.unit and column.name != "value"})
        for series in dataset.series or (None,):
            licence = (series and series.licence) or dataset.licence
            has_own_value = series is not None and any(column.name == "value" for column in dataset.columns)
            lines.append(
                {
                    "dataset": dataset.id,
                    "series": series.id if series else None,
                    "title": series.title if series else dataset.title,
                    "measure": series.measure if series else "",
                    "provider": dataset.provider,
                    "provider_title": provider.title if provider else dataset.provider,
                    "homepage": provider.homepage if provider else "",
                    "unit": series.unit.words if series and has_own_value else ", ".join(units),
                    "cadence": str((series and series.cadence) or dataset.cadence),
                    "release_rule": ((series and series.release) or dataset.release).describe(),
                    "licence": licence.name,
                    "licence_terms": licence.terms,
                    "is_redistributable": licence.is_redistributable,
                    "is_discontinued": bool(series and series.is_discontinued),
                    "rests_on": dataset.rests_on,
                }
            )
    return lines


def write(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset]) -> None:
    """Bring `meta.catalog` in line with the catalog: rows of the given datasets are replaced."""
    lines = rows(datasets)
    con.execute(DDL)
    con.register("incoming_catalog", pl.DataFrame(lines, schema={n: t for n, (t, _) in COLUMNS.items()}).to_arrow())
    con.execute("BEGIN")
    con.execute("DELETE FROM meta.catalog WHERE dataset IN (SELECT dataset FROM incoming_catalog)")
    con.execute("INSERT INTO meta.catalog BY NAME FROM incoming_catalog")
    con.execute("COMMIT")
    con.unregister("incoming_catalog")
