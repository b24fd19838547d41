"""The warehouse made again from what it keeps: as of a past moment, or from its archived payloads.

Both write into a work file of their own; nothing here touches the network.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.catalog import Request
from ingest.collect import Batch, Page, parse_body
from ingest.errors import IngestError
from ingest.payloads import Archive
from ingest.providers import DATASETS
from warehouse import build, lock, store
from warehouse.connection import DATABASE_NAME, Home, WarehouseError, configure, open_work, when_free
from warehouse.export import Generation, literal
from warehouse.publish import publish


@lock.held("as-of")
def as_of(home: Home, moment: datetime) -> tuple[Home, Generation]:
    """Build and publish the marts as they would have been known at ``moment`` (naive UTC), beside the current ones.

    They lie in `as_of/<moment>/` of the warehouse, in the same layout. Rows known later are not even in that file.
    Raises WarehouseError when a model cannot be built.
    """
    if not home.work_database.exists():
        raise WarehouseError(f"there is nothing in {home.root} yet; run `liquidity refresh` first")
    target = Home(home.root / "as_of" / f"{moment:%Y%m%dT%H%M%S}", home.is_simulated)
    shutil.rmtree(target.root / "work", ignore_errors=True)
    target.work_database.parent.mkdir(parents=True)
    with open_work(target) as con:
        store.create_tables(con, DATASETS.values())
        attach = f"ATTACH {literal(str(home.work_database))} AS source (READ_ONLY)"
        when_free(home, lambda: con.execute(attach))
        for dataset in DATASETS.values():
            con.execute(
                f"INSERT INTO raw.{dataset.table} BY NAME FROM source.raw.{dataset.table} WHERE known_from <= ?",
                [moment],
            )
        con.execute("INSERT INTO meta.load BY NAME FROM source.meta.load WHERE known_at <= ?", [moment])
        con.execute("INSERT INTO meta.payload BY NAME FROM source.meta.payload")
        con.execute("INSERT INTO meta.fetch BY NAME FROM source.meta.fetch WHERE started_at <= ?", [moment])
        con.execute("DETACH source")
    result = build.build(target, run_id=f"as-of {moment:%Y-%m-%d %H:%M}", as_of=moment)
    broken = [node.name for node in result.failed if node.kind == "model"]
    if broken:
        raise WarehouseError(f"these models cannot be built as of {moment:%Y-%m-%d %H:%M}: {', '.join(broken)}")
    return target, publish(target, as_of=moment, held_back=build.held_back(target))


@lock.held("replay")
def replay(home: Home, progress: Callable[[str], None] = lambda words: None) -> tuple[int, list[str]]:
    """Rebuild the work file from the archived payloads, load by load, with today's parsers and the old knowledge times.

    Returns how many loads were replayed, and one line for each that today's parser refuses. The old work file stays
    until the new one is complete. Fetch records, payloads and quarantine are carried over.
    """
    if not home.work_database.exists():
        raise WarehouseError(f"there is nothing to replay in {home.root}; run `liquidity refresh` first")
    aside = Home(home.root / ".replay", home.is_simulated)
    shutil.rmtree(aside.root, ignore_errors=True)
    archive = Archive(home.payloads)
    refused: list[str] = []
    with open_work(home) as con:
        loads = con.execute(
            "SELECT dataset, payload_ids, source_url, request_scope, covers_from, covers_to, origin, known_at, "
            "loaded_at, run_id, is_full, is_import FROM meta.load ORDER BY load_seq"
        ).fetchall()
    with open_work(aside) as con:
        store.create_tables(con, DATASETS.values())
        for number, load in enumerate(loads, start=1):
            dataset_id, payload_ids, url, scope, first, last, origin, known_at, loaded_at, run_id, full, imported = load
            dataset = DATASETS.get(dataset_id)
            if dataset is None:
                refused.append(f"{dataset_id}: no longer in the catalog")
                continue
            base, _, query = url.partition("?")
            pairs = tuple(
                (name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)
            )
            request = Request(base, pairs, scope, first, last, is_file=origin == "file")
            day = max(known_at, loaded_at).date()
            try:
                pages = tuple(
                    Page.of(payload, parse_body(dataset, archive.get(payload), request, payload, day=day)[0])
                    for payload in payload_ids
                )
                batch = Batch(dataset_id, request, pages, loaded_at, is_unchanged=not pages)
                store.load(con, dataset, batch, run_id=run_id, is_full=full, known_at=known_at if imported else None)
            except IngestError as error:
                refused.append(str(error))
            progress(f"{number} of {len(loads)}: {dataset_id}")
        attach = f"ATTACH {literal(str(home.work_database))} AS source (READ_ONLY)"
        when_free(home, lambda: con.execute(attach))
        for table in ("fetch", "payload", "quarantine", "freshness"):
            con.execute(f"DELETE FROM meta.{table}; INSERT INTO meta.{table} BY NAME FROM source.meta.{table}")
        con.execute("DETACH source; CHECKPOINT")
    _replace(aside.work_database, home.work_database)
    shutil.rmtree(aside.root, ignore_errors=True)
    return len(loads), refused


def _replace(new: Path, old: Path) -> None:
    """Put ``new`` in the place of ``old``; a leftover write-ahead log of the old file must not be read with the new."""
    old.with_name(f"{DATABASE_NAME}.wal").unlink(missing_ok=True)
    os.replace(new, old)
    configure(duckdb.connect(str(old))).close()
