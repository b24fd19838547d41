"""The catalog as a table: `meta.catalog`, one row for each series, or for a dataset that has none.

It gives dbt and readers of the database what only Python declares: titles, release rules, licences. What must not be
here: anything that is measured in the warehouse; that is `meta.freshness` and the marts.
"""

from collections.abc import Iterable

import duckdb

from ingest.catalog import Dataset
from ingest.providers import PROVIDERS
from warehouse import meta
from warehouse.generation import literal


def rows(datasets: Iterable[Dataset]) -> list[dict[str, object]]:
    """One line for each series, or dataset without; a series' rule and licence replace the dataset's."""
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
                    "held_for": series.held_for if series else "",
                }
            )
    return lines


def write(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset]) -> None:
    """Bring `meta.catalog` in line with the catalog: rows of the given datasets are replaced."""
    lines = rows(datasets)
    of_these = ", ".join(sorted({literal(str(line["dataset"])) for line in lines}))
    meta.replace(con, "catalog", lines, f"dataset IN ({of_these or 'NULL'})")
