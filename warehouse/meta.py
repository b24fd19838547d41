"""Every table of the schema `meta`, declared once: its purpose, its columns with types and texts, who reads it.

The declarations give the tables of the work file, the insert by name, the tables that a generation copies, the comments
on tables and columns, and dbt's sources. Times are naive UTC. What must not be here: the values of a table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.connection import transaction
from warehouse.generation import literal


@dataclass(frozen=True)
class MetaTable:
    """One table. ``columns`` gives each column's SQL type and text, in their order.

    ``is_published``: each generation has a copy. ``is_source``: dbt models read it. ``is_of_generation``: it is made
    for a generation and the work file has none.
    """

    name: str
    text: str
    columns: Mapping[str, tuple[str, str]]
    is_published: bool = False
    is_source: bool = False
    is_of_generation: bool = False

    @property
    def ddl(self) -> str:
        """The statement that makes it if it does not exist."""
        columns = ", ".join(f"{name} {dtype}" for name, (dtype, _) in self.columns.items())
        return f"CREATE TABLE IF NOT EXISTS meta.{self.name} ({columns})"


_DATASET = ("VARCHAR", "Dataset, provider.name.")
_SERIES = ("VARCHAR", "Series; null for a dataset without series.")
_RUN = ("VARCHAR", "Run of Dagster that wrote it.")
_JUDGED = ("TIMESTAMP", "When this was judged (UTC).")
_PAYLOAD = ("VARCHAR", "SHA-256 of the body, its name in the archive.")
_MART = ("VARCHAR", "Mart.")
_COLUMN = ("VARCHAR", "Column.")

TABLES = (
    MetaTable(
        "catalog",
        "The catalog, one row for each series.",
        {
            "dataset": ("VARCHAR", "Dataset, provider.name."),
            "series": ("VARCHAR", "The publisher's name of the series; null for a dataset without series."),
            "title": ("VARCHAR", "What it is."),
            "measure": ("VARCHAR", "How it is measured: level, average, adjusted; empty where the title has it."),
            "provider": ("VARCHAR", "Publisher, as the dataset's name has it."),
            "provider_title": ("VARCHAR", "Publisher in full."),
            "homepage": ("VARCHAR", "The publisher's page."),
            "unit": ("VARCHAR", "Unit in which it is published; several where columns differ."),
            "cadence": ("VARCHAR", "daily, weekly, monthly, quarterly or annual."),
            "release_rule": ("VARCHAR", "When a value becomes public, and on what that rests."),
            "licence": ("VARCHAR", "Name of the terms."),
            "licence_terms": ("VARCHAR", "The terms in a sentence."),
            "is_redistributable": ("BOOLEAN", "Whether values may be passed on in a package."),
            "is_discontinued": ("BOOLEAN", "Nothing new will come."),
            "rests_on": ("VARCHAR", "What the knowledge of the wire format rests on."),
            "held_for": ("VARCHAR", "Why it is held although no mart uses it; empty where one does."),
        },
        is_published=True,
        is_source=True,
    ),
    MetaTable(
        "load",
        "One row for each load of rows into the log.",
        {
            "load_seq": ("BIGINT", "Number of the load."),
            "dataset": _DATASET,
            "scopes": ("VARCHAR[]", "Series that the load is about; one empty name for a dataset without series."),
            "known_at": ("TIMESTAMP", "When what it brought was known at the latest (UTC)."),
            "loaded_at": ("TIMESTAMP", "When the body came (UTC)."),
            "run_id": _RUN,
            "origin": ("VARCHAR", "Where the body came from: a fetch, a file, an archive of vintages."),
            "is_full": ("BOOLEAN", "The whole history was asked for, not only the revision window."),
            "rows_read": ("BIGINT", "Rows that the body had; null where a restore could not read it again."),
            "rows_new": ("BIGINT", "Rows whose key was not held."),
            "rows_revised": ("BIGINT", "Rows whose values differ from those held."),
            "rows_deleted": ("BIGINT", "Rows that the body should have had and had not: withdrawn."),
            "payload_ids": ("VARCHAR[]", "SHA-256 of the bodies, in the order of the pages."),
            "source_url": ("VARCHAR", "Address of the first page, without a key."),
            "notes": ("VARCHAR[]", "What the parser found worth saying."),
            "request_scope": ("VARCHAR", "Series that was asked for, where the request was for one."),
            "covers_from": (
                "DATE",
                "First date that the body is about; what it lacks from here on is withdrawn.",
            ),
            "covers_to": ("DATE", "Last date that the body is about."),
            "is_import": ("BOOLEAN", "Bodies saved by hand: no poll at that time."),
            "unsaid": ("VARCHAR[]", "Columns that the body does not have; they keep what is held."),
            "rows_appended": ("BIGINT", "Versions that it added to the log."),
            "carried_over": (
                "VARCHAR",
                "Why a replay or restore took its rows over as they were; else null.",
            ),
        },
        is_published=True,
        is_source=True,
    ),
    MetaTable(
        "fetch",
        "One row for each exchange with a provider.",
        {
            "run_id": _RUN,
            "dataset": _DATASET,
            "url": ("VARCHAR", "Address, without a key."),
            "status": ("INTEGER", "HTTP status; null without an answer."),
            "started_at": ("TIMESTAMP", "When it was asked (UTC)."),
            "seconds": ("DOUBLE", "How long the exchange took, all attempts together."),
            "attempts": ("INTEGER", "How often it was asked."),
            "bytes": ("BIGINT", "Size of the body."),
            "payload_id": _PAYLOAD,
            "etag": ("VARCHAR", "Validator of the answer, sent with the next request."),
            "last_modified": ("VARCHAR", "The other validator."),
            "error": ("VARCHAR", "Name of the error; null when it went well."),
        },
        is_published=True,
    ),
    MetaTable(
        "payload",
        "One row for each body of the archive.",
        {
            "payload_id": _PAYLOAD,
            "bytes": ("BIGINT", "Size."),
            "first_seen_at": ("TIMESTAMP", "When it came for the first time (UTC)."),
            "first_url": ("VARCHAR", "Where from, without a key."),
        },
        is_published=True,
    ),
    MetaTable(
        "quarantine",
        "Bodies that failed, and why.",
        {
            "run_id": _RUN,
            "dataset": _DATASET,
            "scope": ("VARCHAR", "Series, where the request was for one."),
            "payload_id": _PAYLOAD,
            "error": ("VARCHAR", "Name of the error."),
            "message": ("VARCHAR", "What was wrong."),
            "place": ("VARCHAR", "Where in the body."),
            "url": ("VARCHAR", "Address, without a key."),
            "quarantined_at": ("TIMESTAMP", "When (UTC)."),
        },
        is_published=True,
        is_source=True,
    ),
    MetaTable(
        "unfinished_intake",
        "One row for each dataset of an intake, so that one that is killed is gone on with.",
        {
            "run_id": _RUN,
            "dataset": _DATASET,
            "is_full": ("BOOLEAN", "The whole history is asked for."),
            "begun_at": ("TIMESTAMP", "When it began (UTC)."),
            "ended_at": ("TIMESTAMP", "When all of the dataset was through (UTC); null until then."),
        },
    ),
    MetaTable(
        "freshness",
        "What was held, due and late at the last refresh.",
        {
            "dataset": _DATASET,
            "series": _SERIES,
            "title": ("VARCHAR", "What it is."),
            "rows_held": ("BIGINT", "Rows that count now."),
            "oldest_date": ("DATE", "Oldest date held."),
            "newest_date": ("DATE", "Newest date held."),
            "due_at": ("TIMESTAMP", "When the next value is due, by release rule and grace (UTC)."),
            "is_late": ("BOOLEAN", "The due time had passed."),
            "last_polled_at": ("TIMESTAMP", "When it was last asked for and answered (UTC)."),
            "last_error": ("VARCHAR", "What went wrong since; null when nothing did."),
            "last_error_at": ("TIMESTAMP", "When (UTC)."),
            "checked_at": _JUDGED,
        },
        is_published=True,
        is_source=True,
    ),
    MetaTable(
        "release",
        "When values were expected and came, of a year back and the weeks ahead, by the last refresh.",
        {
            "dataset": _DATASET,
            "series": _SERIES,
            "dataset_title": ("VARCHAR", "What the dataset is."),
            "effective_date": ("DATE", "Day or period that the value is about."),
            "expected_at": ("TIMESTAMP", "When it should come out by the release rule (UTC)."),
            "expected_new_york": ("VARCHAR", "The same as New York reads it, with weekday and zone."),
            "due_at": ("TIMESTAMP", "With grace added: later than that it is late (UTC)."),
            "release_rule": ("VARCHAR", "The rule in words."),
            "state": ("VARCHAR", "expected, came, late, suspended or withdrawn."),
            "came_at": ("TIMESTAMP", "When the first version became known (UTC)."),
            "came_basis": ("VARCHAR", "How good came_at is: observed, stamped, vintage or modelled."),
            "checked_at": _JUDGED,
        },
        is_published=True,
        is_source=True,
    ),
    MetaTable(
        "build",
        "The latest result of each seed, model and data test.",
        {
            "node": ("VARCHAR", "Id of dbt."),
            "name": ("VARCHAR", "Name."),
            "kind": ("VARCHAR", "seed, model, test or unit_test."),
            "status": ("VARCHAR", "success, error, skipped, pass, warn or fail."),
            "is_ok": ("BOOLEAN", "Neither failed nor skipped."),
            "is_blocking": ("BOOLEAN", "A failure holds back the marts that depend on it."),
            "message": ("VARCHAR", "What went wrong, in one line."),
            "failures": ("BIGINT", "Rows that a test found."),
            "seconds": ("DOUBLE", "How long it took."),
            "guards": ("VARCHAR[]", "Models that a test checks."),
            "run_id": _RUN,
            "finished_at": ("TIMESTAMP", "When (UTC)."),
        },
    ),
    MetaTable(
        "built",
        "What each good table and each passed check was made of.",
        {
            "node": ("VARCHAR", "Id of dbt."),
            "key": ("VARCHAR", "Digest of all that it is made from, inputs included."),
            "contents": ("VARCHAR", "Digest of the rows of the table; null for a check."),
        },
    ),
    MetaTable(
        "lineage",
        "Which series' values reach which mart, read off the models.",
        {"dataset": _DATASET, "series": _SERIES, "mart": ("VARCHAR", "Mart in which its values have a part.")},
        is_published=True,
        is_source=True,
    ),
    MetaTable(
        "column_lineage",
        "Which column of a source has a part in which column of a mart, read off the models.",
        {
            "mart": _MART,
            "column_name": _COLUMN,
            "source_table": ("VARCHAR", "Table of a dataset or seed."),
            "source_column": ("VARCHAR", "Its column."),
            "series": ("VARCHAR[]", "Series whose rows count; null for all."),
        },
        is_published=True,
    ),
    MetaTable(
        "claim_measurement",
        "What the claims of the essay measured on the day it appeared; warehouse/models/scorecard.py keeps it.",
        {
            "claim_id": ("VARCHAR", "Claim."),
            "measure_id": ("VARCHAR", "Measure of the claim."),
            "measured_value": ("DOUBLE", "Value in the unit of the measure."),
            "first_date": ("DATE", "First date of the window."),
            "last_date": ("DATE", "Last date of the window."),
            "knowledge_basis": ("VARCHAR", "Least sure knowledge basis of the rows in the window."),
            "judged_at": ("TIMESTAMP", "Moment of that state (UTC)."),
            "fingerprint": ("VARCHAR", "What it was made from: the project and the rows known at that moment."),
        },
        is_source=True,
    ),
    MetaTable(
        "alert_observation",
        "What the warehouse saw of itself at the end of a refresh, a row when it was new; warehouse/alerts writes it.",
        {
            "measure": ("VARCHAR", "Measure of a rule of the seed alert_rules."),
            "observed_at": ("TIMESTAMP", "When (UTC)."),
            "measured_value": ("DOUBLE", "Value in the unit of the measure."),
        },
        is_published=True,
        is_source=True,
    ),
    MetaTable(
        "forecast",
        "The ledger of forecasts: what each model said when, never changed; warehouse/models/forecasts.py writes it.",
        {
            "made_at": ("TIMESTAMP", "When the line was written (UTC)."),
            "run_id": _RUN,
            "forecast_target": ("VARCHAR", "What is forecast."),
            "forecast_model": ("VARCHAR", "Model."),
            "forecast_date": ("DATE", "Day of forecast_at in New York."),
            "forecast_at": ("TIMESTAMP", "Newest knowledge time of the log: what the forecast rests on (UTC)."),
            "target_date": ("DATE", "Day that it is about."),
            "horizon_days": ("INTEGER", "Business days from forecast_date to target_date."),
            "forecast_unit": ("VARCHAR", "Unit of the values: usd_bn or bp."),
            "forecast_value": ("DOUBLE", "Forecast."),
            "low_value": ("DOUBLE", "Lower end of its interval; null while too few errors are known."),
            "high_value": ("DOUBLE", "Upper end of its interval."),
            "interval_basis": ("VARCHAR", "What the interval is made of: past_errors or distribution."),
            "persistence_value": ("DOUBLE", "Newest value known at that time."),
            "previous_release_value": ("DOUBLE", "Value of the target date before."),
            "outcome_expected_at": ("TIMESTAMP", "When the outcome is due by its release rule (UTC)."),
            "weakest_known_basis": ("VARCHAR", "Least sure knowledge basis of the inputs."),
            "inputs_known_from": ("TIMESTAMP", "Newest knowledge time of the inputs (UTC)."),
        },
        is_published=True,
        is_source=True,
    ),
    MetaTable(
        "outbox",
        "Messages to people, each until every address has taken it.",
        {
            "id": ("VARCHAR", "What the message is about: a generation or a run."),
            "made_at": ("TIMESTAMP", "When it was written (UTC)."),
            "kind": ("VARCHAR", "digest, failure or trial."),
            "subject": ("VARCHAR", "First line."),
            "text": ("VARCHAR", "The message."),
            "run_id": _RUN,
            "is_wanted": ("BOOLEAN", "It goes out; false for one that only the feed has."),
            "is_doubtful": ("BOOLEAN", "It may have been sent before; its text has a note."),
            "attempts": ("BIGINT", "How often it was tried."),
            "tried_at": ("TIMESTAMP", "When last (UTC)."),
            "trying": ("VARCHAR", "Address that is being told now, as a digest."),
            "taken_by": ("VARCHAR[]", "Addresses that took it, as digests."),
            "last_error": ("VARCHAR", "What the last attempt met, without an address."),
            "sent_at": ("TIMESTAMP", "When the last address took it (UTC)."),
        },
    ),
    MetaTable(
        "withheld_column",
        "Columns that no file may carry because their publisher forbids passing values on.",
        {"mart": _MART, "column_name": _COLUMN},
        is_published=True,
    ),
    MetaTable(
        "mart_key",
        "Columns that identify a row of a mart.",
        {"mart": _MART, "column_name": _COLUMN, "position": ("BIGINT", "Place in the key, from 1.")},
        is_published=True,
    ),
    MetaTable(
        "mart_source",
        "Datasets and seeds that a mart is made from.",
        {"mart": _MART, "source": ("VARCHAR", "Table of a dataset or seed.")},
        is_published=True,
    ),
    MetaTable(
        "mart_parent",
        "Models that a mart is made from, directly or not.",
        {"mart": _MART, "parent": ("VARCHAR", "Model.")},
    ),
    MetaTable(
        "migration",
        "Steps that brought this log to the layout of the program.",
        {
            "number": ("INTEGER", "Number of the step."),
            "what": ("VARCHAR", "What it did."),
            "done_at": ("TIMESTAMP", "When (UTC)."),
        },
    ),
    MetaTable(
        "generation",
        "This publication.",
        {
            "id": ("VARCHAR", "Its name."),
            "built_at": ("TIMESTAMP", "When it was made (UTC)."),
            "as_of": ("TIMESTAMP", "The past moment that it shows (UTC); null for what is known now."),
            "is_simulated": ("BOOLEAN", "All values are simulated."),
            "made_from": ("VARCHAR", "Digest of what it was made from; the same when there is nothing new to publish."),
        },
        is_of_generation=True,
    ),
    MetaTable(
        "dictionary",
        "Columns of every dataset.",
        {
            "dataset": _DATASET,
            "column_name": _COLUMN,
            "dtype": ("VARCHAR", "SQL type."),
            "unit": ("VARCHAR", "Unit in words; null for what is no number."),
            "description": ("VARCHAR", "What it is."),
            "is_key": ("BOOLEAN", "It is part of what identifies a row."),
        },
        is_of_generation=True,
    ),
    MetaTable(
        "mart",
        "Marts of this publication.",
        {
            "mart": _MART,
            "rows": ("BIGINT", "Rows."),
            "is_held_back": ("BOOLEAN", "It is the last good one, of an earlier generation."),
            "from_generation": ("VARCHAR", "Generation that it was made for."),
            "reason": ("VARCHAR", "Why it is held back."),
        },
        is_of_generation=True,
    ),
)

TABLE = {table.name: table for table in TABLES}
_POLARS = {
    "VARCHAR": "String", "BIGINT": "Int64", "INTEGER": "Int32", "DOUBLE": "Float64", "TIMESTAMP": "Datetime",
    "DATE": "Date", "BOOLEAN": "Boolean",
}  # fmt: skip
OF_THE_WORK_FILE = tuple(table for table in TABLES if not table.is_of_generation)
DDL = "; ".join(["CREATE SCHEMA IF NOT EXISTS meta", *(table.ddl for table in OF_THE_WORK_FILE)])


def source_texts() -> dict[str, tuple[str, dict[str, str]]]:
    """Text, and text by column, of each table that dbt models read."""
    return {t.name: (t.text, {name: text for name, (_, text) in t.columns.items()}) for t in TABLES if t.is_source}


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows to a table of `meta` by the names of their columns; a column that a row does not name is null there.

    Many rows go through Arrow: DuckDB takes a Python list of 10,000 lists as a parameter in 1.3 s, a frame in 0.3.
    """
    rows, columns = list(rows), TABLE[table].columns
    if unknown := {name for row in rows for name in row} - columns.keys():
        raise KeyError(f"meta.{table} has no column {', '.join(sorted(unknown))}")
    into = f"INSERT INTO meta.{table} ({', '.join(columns)})"
    if len(rows) == 1:
        con.execute(f"{into} VALUES ({', '.join('?' * len(columns))})", [*map(rows[0].get, columns)])
    elif rows:
        import polars as pl  # some commands only read

        schema = {name: getattr(pl, _POLARS[dtype.removesuffix("[]")]) for name, (dtype, _) in columns.items()}
        schema |= {name: pl.List(schema[name]) for name, (dtype, _) in columns.items() if dtype.endswith("[]")}
        frame = pl.DataFrame({name: [row.get(name) for row in rows] for name in columns}, schema)
        con.register("rows_of_meta", frame.to_arrow())
        con.execute(f"{into} FROM rows_of_meta")
        con.unregister("rows_of_meta")


def replace(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]], where: str = "true") -> None:
    """Put rows in the place of those that meet the condition ``where``, in a transaction."""
    with transaction(con):
        con.execute(f"DELETE FROM meta.{table} WHERE {where}")
        insert(con, table, rows)


def say(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Comment a table of `meta` and its columns with their texts."""
    con.execute(f"COMMENT ON TABLE meta.{table} IS {literal(TABLE[table].text)}")
    for name, (_, text) in TABLE[table].columns.items():
        con.execute(f"COMMENT ON COLUMN meta.{table}.{name} IS {literal(text)}")
