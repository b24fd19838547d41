"""Keeps what the claims of the essay measured on the day it appeared, so that the scorecard can show it beside today.

The very same models are built once more, as of the publication, into schemas of their own that are dropped again; only
the measurements stay, in `meta.claim_measurement`. That is done again only when something known by that moment, or the
project itself, has changed: a nightly refresh costs one count of each log table.
What must not be here: how a claim is measured or judged (dbt_project/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.providers import DATASETS
from warehouse.connection import Home, open_work

PREFIX = "at_publication_"
MODEL = "int_claim_measurements"

# Runs dbt with these variables and arguments on the work file; returns the nodes that failed.
Run = Callable[[dict[str, str], list[str]], list[Any]]


def _fingerprint(con: duckdb.DuckDBPyConnection, moment: datetime, project: Iterable[Path]) -> str:
    """Changes with the project, the moment, and every row of the log that was known by then (the log only grows)."""
    digest = hashlib.sha256(f"{moment}".encode())
    for path in sorted(project):
        digest.update(path.name.encode() + path.read_bytes())
    for dataset in DATASETS.values():
        known = con.execute(
            f"SELECT count(*), max(load_seq) FROM raw.{dataset.table} WHERE known_from <= ?", [moment]
        ).fetchone()
        digest.update(f"{dataset.id} {known}".encode())
    return digest.hexdigest()


def _drop_schemas(con: duckdb.DuckDBPyConnection) -> None:
    schemas = con.execute(
        "SELECT schema_name FROM duckdb_schemas() "
        "WHERE database_name = current_database() AND starts_with(schema_name, ?)",
        [PREFIX],
    ).fetchall()
    for (schema,) in schemas:
        con.execute(f"DROP SCHEMA {schema} CASCADE")


def keep(home: Home, moment: datetime, project: Iterable[Path], run: Run) -> list[Any]:
    """Bring `meta.claim_measurement` up to ``moment`` (naive UTC), if it is not; returns the nodes that failed.

    When a model fails the table is left empty: verdicts of that moment are then null, and a blocking check of the
    scorecard holds the whole mart back.
    """
    with open_work(home) as con:
        fingerprint = _fingerprint(con, moment, project)
        kept = con.execute("SELECT DISTINCT fingerprint FROM meta.claim_measurement").fetchall()
        if kept == [(fingerprint,)]:
            return []
        con.execute("DELETE FROM meta.claim_measurement")
    try:
        failed = run(
            {"as_of": f"{moment:%Y-%m-%d %H:%M:%S.%f}", "schema_prefix": PREFIX},
            ["--select", f"+{MODEL}", "--resource-type", "seed", "--resource-type", "model"],
        )
        if not failed:
            with open_work(home) as con:
                con.execute(
                    "INSERT INTO meta.claim_measurement BY NAME "
                    f"SELECT *, ? AS fingerprint FROM {PREFIX}intermediate.{MODEL}",
                    [fingerprint],
                )
    finally:
        with open_work(home) as con:
            _drop_schemas(con)
    return failed
