"""What a user might write instead of this project, on the same bodies; each a separate command.

`python -m tests.benchmarks.alternatives pandas FOLDER STATEMENTS SEEDS` or `... dlt FOLDER`. Both fetch from the
simulated providers and use our parsers: what they leave out is what comes after.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ingest import sample
from ingest.calendars import utc_now
from ingest.catalog import Dataset, Plan, Request
from ingest.http import Client
from ingest.parsing import conform
from ingest.providers import PROVIDERS


def frames() -> Iterator[tuple[Dataset, pl.DataFrame]]:
    """All rows of each dataset, each known since ever and for ever: the models ask when, so something must be said."""
    transport, bodies = sample.transport(), {}
    for provider in PROVIDERS:
        client = Client(provider, transport=transport)

        def get(request: Request, client: Client = client) -> bytes:
            if request.public_url not in bodies:
                bodies[request.public_url] = client.get(request).body
            return bodies[request.public_url]

        for dataset in provider.datasets:
            parts = []
            for first in dataset.requests(dataset, Plan(utc_now().date())):
                request: Request | None = first
                while request is not None:
                    if dataset.follow_link and (link := dataset.follow_link(get(request), request)):
                        request = link
                    parts.append(conform(dataset, dataset.parse(dataset, get(request), request)).frame)
                    request = dataset.next_page(get(request), request) if dataset.next_page else None
            yield dataset, pl.concat(parts).with_columns(
                known_from=pl.datetime(2000, 1, 1), known_to=pl.datetime(9999, 12, 31), known_basis=pl.lit("modelled"),
                load_seq=pl.lit(1, pl.Int64), is_deleted=pl.lit(False), payload_id=pl.lit(""),
            )  # fmt: skip


def with_pandas(folder: Path, statements: list[tuple[str, str]], seeds: Path) -> None:
    """One script: frames of pandas, the SQL of every model over them, a Parquet file for each."""
    import duckdb

    con = duckdb.connect()
    con.execute(f"ATTACH '{seeds}' AS built (READ_ONLY)")
    schemas = ("history", *dict.fromkeys(relation.split(".")[0] for relation, _ in statements))
    for schema in schemas:
        con.execute(f"CREATE SCHEMA {schema}")
    for dataset, frame in frames():
        con.register("incoming", frame.to_pandas(use_pyarrow_extension_array=True))
        con.execute(f"CREATE TABLE history.{dataset.table} AS FROM incoming")
    for relation, statement in statements:
        con.execute(f"CREATE TABLE {relation} AS {statement}")
        if relation.startswith("marts."):
            con.execute(f"FROM {relation}").df().to_parquet(folder / f"{relation.removeprefix('marts.')}.parquet")


def with_dlt(folder: Path) -> None:
    """dlt writes the rows into DuckDB; dbt's own command line builds on them afterwards."""
    import dlt

    pipeline = dlt.pipeline(
        "liquidity", pipelines_dir=str(folder / "pipelines"), dataset_name="history",
        destination=dlt.destinations.duckdb(str(folder / "liquidity.duckdb")),
    )  # fmt: skip
    resources = []
    for dataset, frame in frames():
        naive = [name for name, dtype in frame.schema.items() if dtype == pl.Datetime("us")]
        hints = {name: {"data_type": "timestamp", "timezone": False} for name in naive}
        resources.append(dlt.resource(frame.to_arrow(), name=dataset.table, write_disposition="replace", columns=hints))
    pipeline.run(resources).raise_on_failed_jobs()


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    if sys.argv[1] == "pandas":
        with_pandas(folder, json.loads(Path(sys.argv[3]).read_bytes()), Path(sys.argv[4]))
    else:
        with_dlt(folder)
