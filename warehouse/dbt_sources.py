"""Generates what dbt needs from the catalog: `models/staging/_sources.yml`, and the macro that lists the datasets.

The other way it copies the dated facts of policy that the sample needs from dbt's seeds.

A test fails when one of the files is out of date.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import ingest
from ingest.catalog import Dataset
from ingest.locations import PROJECT
from ingest.providers import PROVIDERS
from warehouse.catalog_tables import COLUMNS

PATH = PROJECT / "models" / "staging" / "_sources.yml"
MACRO_PATH = PROJECT / "macros" / "datasets.sql"
# `ingest` reads no folder of this floor, so it has copies, of these columns.
SAMPLE_SEEDS_PATH = Path(ingest.__file__).parent / "sample" / "world" / "seeds"
SAMPLE_SEEDS = {
    "fomc_target_range": ("date_effective", "lower_pct", "upper_pct"),
    "administered_rates": ("date_effective", "rate", "value_pct"),
    "srf_small_value_exercises": (
        "operation_date",
        "operation_type",
        "release_time",
        "day_accepted_usd_mn",
        "has_exercise_note",
    ),
}

_STORE = {
    "known_from": "When this version could first have been known (UTC).",
    "known_to": "When the next version replaced it (UTC); 9999-12-31 for the current one.",
    "known_basis": "How good known_from is: observed, stamped, vintage or modelled.",
    "load_seq": "The load that brought this version (meta.load).",
    "is_deleted": "The provider withdrew the row at known_from.",
    "payload_id": "SHA-256 of the body that said so (meta.payload).",
}


# Tables that the warehouse writes about itself, for source_health, release_calendar, series_catalog and
# thesis_scorecard. No other mart may read them: they know no as-of time of their own, their staging models cut them.
META = {
    "catalog": ("The catalog, one row for each series.", {name: text for name, (_, text) in COLUMNS.items()}),
    "freshness": (
        "What was held, due and late at the last refresh.",
        {
            "dataset": "Dataset, provider.name.",
            "series": "Series; null for a dataset without series.",
            "newest_date": "Newest date held.",
            "due_at": "When the next value is due, by release rule and grace (UTC).",
            "is_late": "The due time had passed.",
            "checked_at": "When this was judged (UTC).",
        },
    ),
    "release": (
        "When values were expected and came, of a year back and the weeks ahead, by the last refresh.",
        {
            "dataset": "Dataset, provider.name.",
            "series": "Series; null for a dataset without series.",
            "dataset_title": "What the dataset is.",
            "effective_date": "Day or period that the value is about.",
            "expected_at": "When it should come out by the release rule (UTC).",
            "expected_new_york": "The same as New York reads it, with weekday and zone.",
            "due_at": "With grace added: later than that it is late (UTC).",
            "release_rule": "The rule in words.",
            "state": "expected, came, late, suspended or withdrawn.",
            "came_at": "When the first version became known (UTC).",
            "came_basis": "How good came_at is: observed, stamped, vintage or modelled.",
            "checked_at": "When this was judged (UTC).",
        },
    ),
    "lineage": (
        "Which series' values reach which mart, read off the models.",
        {
            "dataset": "Dataset, provider.name.",
            "series": "Series; null for a dataset without series.",
            "mart": "Mart in which its values have a part.",
        },
    ),
    "load": (
        "One row for each load.",
        {
            "load_seq": "Number of the load.",
            "dataset": "Dataset, provider.name.",
            "scopes": "Series that the load speaks of; one empty name for a dataset without series.",
            "loaded_at": "When the body came (UTC).",
            "is_import": "Bodies saved by hand: nobody polled then.",
        },
    ),
    "quarantine": (
        "Bodies that failed, and why.",
        {
            "dataset": "Dataset, provider.name.",
            "scope": "Series, where the request was for one.",
            "error": "Name of the error.",
            "message": "What was wrong.",
            "quarantined_at": "When (UTC).",
        },
    ),
    "alert_observation": (
        "What the warehouse saw of itself at the end of a refresh, a row when it was new; warehouse/alerts writes it.",
        {
            "measure": "Measure of a rule of the seed alert_rules.",
            "observed_at": "When (UTC).",
            "measured_value": "Value in the unit of the measure.",
        },
    ),
    "claim_measurement": (
        "What the claims of the essay measured on the day it appeared; warehouse/scorecard.py keeps it.",
        {
            "claim_id": "Claim.",
            "measure_id": "Measure of the claim.",
            "measured_value": "Value in the unit of the measure.",
            "first_date": "First date of the window.",
            "last_date": "Last date of the window.",
            "knowledge_basis": "Least sure knowledge basis of the rows in the window.",
            "judged_at": "Moment of that state (UTC).",
            "fingerprint": "What it was made from: the project and the rows known by then.",
        },
    ),
}


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _table(dataset: Dataset) -> list[str]:
    lines = [
        f"      - name: {dataset.table}",
        f"        description: {_quote(f'{dataset.title}. {dataset.description}')}",
        "        columns:",
    ]
    columns = {column.name: column.text for column in dataset.columns}
    for name, description in (columns | _STORE).items():
        lines += [f"          - name: {name}", f"            description: {_quote(description)}"]
    return lines


def render() -> str:
    """Text of `_sources.yml`."""
    lines = ["# Generated from the catalog by `liquidity generate`; do not edit.", "", "version: 2", "", "sources:"]
    for provider in PROVIDERS:
        lines += [
            f"  - name: {provider.name}",
            f"    description: {_quote(provider.title)}",
            "    schema: history",
            "    tables:",
        ]
        for dataset in provider.datasets:
            lines += _table(dataset)
    lines += [
        "  - name: meta",
        '    description: "What the warehouse writes about itself"',
        "    schema: meta",
        "    tables:",
    ]
    for table, (description, columns) in META.items():
        lines += [f"      - name: {table}", f"        description: {_quote(description)}", "        columns:"]
        for name, text in columns.items():
            lines += [f"          - name: {name}", f"            description: {_quote(text)}"]
    return "\n".join(lines) + "\n"


def render_macro() -> str:
    """Text of the macro `datasets()`: provider, table, id, key, date and series column of every dataset."""
    lines = ["{#- Generated from the catalog by `liquidity generate`; do not edit. -#}", "{% macro datasets() -%}"]
    lines += ["    {{ return(["]
    for provider in PROVIDERS:
        for dataset in provider.datasets:
            series = f"'{dataset.series_column}'" if dataset.series_column else "none"
            key = ", ".join(f"'{name}'" for name in dataset.key)
            lines += [
                f"        {{'provider': '{dataset.provider}', 'table': '{dataset.table}', 'id': '{dataset.id}',",
                f"         'date_column': '{dataset.date_column}', 'series_column': {series}, 'key': [{key}]}},",
            ]
    lines += ["    ]) }}", "{%- endmacro %}"]
    return "\n".join(lines) + "\n"


def render_sample_seeds() -> dict[Path, str]:
    """Copies of the dated facts that the simulated economy draws its values around, by path."""
    copies = {}
    for name, columns in SAMPLE_SEEDS.items():
        with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [{column: row[column] for column in columns} for row in csv.DictReader(file)]
        text = io.StringIO()
        text.write(f"# Generated from dbt_project/seeds/{name}.csv by `liquidity generate`; do not edit.\n")
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        copies[SAMPLE_SEEDS_PATH / f"{name}.csv"] = text.getvalue()
    return copies


def render_all() -> dict[Path, str]:
    """Text of every generated file by path."""
    return {PATH: render(), MACRO_PATH: render_macro(), **render_sample_seeds()}


def write() -> list[Path]:
    """Write the files; returns their paths."""
    files = render_all()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(files)
