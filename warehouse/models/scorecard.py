"""Measures the claims of the essay as of the day it appeared, so that the scorecard can compare them with today.

The same models are built once more, as of the publication, in separate schemas that are dropped again; only the
measurements remain, in `meta.claim_measurement`. This is repeated only when a row known at that moment, the SQL of
these models or a seed has changed: a nightly refresh costs one count of each log table.
What must not be here: how a claim is measured or judged (dbt_project/).
"""

import hashlib
from datetime import datetime

import duckdb

from ingest.providers import DATASETS
from warehouse.connection import Home, open_work
from warehouse.models.project import Node, Project

PREFIX = "at_publication_"
MODEL = "int_claim_measurements"


def fingerprint(con: duckdb.DuckDBPyConnection, moment: datetime, made: Project) -> str:
    """Changes with the SQL of the measuring models, the seeds, the moment, and the rows of the log known at the moment.

    The log only grows. A description of a model or another mart's SQL does not change it.
    """
    digest = hashlib.sha256(f"{moment}".encode())
    for node in made.up_to(MODEL):
        digest.update(f"{node.name}\0{node.sql}\0".encode())
    for seed in sorted(made.ancestors[made.id_of[MODEL]] & made.nodes.keys()):
        if made.nodes[seed].kind == "seed":
            digest.update(made.nodes[seed].made_of.encode())
    for _, dataset in sorted(DATASETS.items()):
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


def measure(home: Home, moment: datetime, made: Project) -> list[tuple[Node, str, str, float]]:
    """Bring `meta.claim_measurement` up to ``moment`` (naive UTC), if it is not; models that were not made, and why.

    When one fails the table is left empty: verdicts of that moment are then null, and a blocking check of the
    scorecard holds the whole mart back. The seeds must exist.
    """
    with open_work(home) as con:
        now = fingerprint(con, moment, made)
        kept = con.execute("SELECT DISTINCT fingerprint FROM meta.claim_measurement").fetchall()
        if kept == [(now,)]:
            return []
        _drop_schemas(con)  # of a run that was killed
        con.execute("DELETE FROM meta.claim_measurement")
        results = made.make(con, made.up_to(MODEL), as_of=moment, prefix=PREFIX)
        failed = [result for result in results if result[1] != "success"]
        if not failed:
            con.execute(
                "INSERT INTO meta.claim_measurement BY NAME "
                f"SELECT *, ? AS fingerprint FROM {PREFIX}intermediate.{MODEL}",
                [now],
            )
        _drop_schemas(con)
    return failed
