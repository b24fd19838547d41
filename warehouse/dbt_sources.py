"""Generates `dbt_project/models/staging/_sources.yml` from the catalog; a test fails when the file is out of date."""

from __future__ import annotations

from pathlib import Path

from ingest.catalog import Dataset
from ingest.providers import PROVIDERS
from warehouse.build import PROJECT

PATH = PROJECT / "models" / "staging" / "_sources.yml"

_STORE = {
    "known_from": "When this version could first have been known (UTC).",
    "known_to": "When the next version replaced it (UTC); 9999-12-31 for the current one.",
    "known_basis": "How good known_from is: observed, stamped, vintage or modelled.",
    "load_seq": "The load that brought this version (meta.load).",
    "is_deleted": "The provider withdrew the row at known_from.",
    "payload_id": "SHA-256 of the body that said so (meta.payload).",
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
    """The file's text."""
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
    return "\n".join(lines) + "\n"


def write() -> Path:
    """Write the file; returns its path."""
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(render(), "utf-8")
    return PATH
