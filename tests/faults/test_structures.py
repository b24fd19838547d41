"""Bodies of another structure: the mutations do what they say, and what they found in the product is refused."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingest.calendars import utc_now
from ingest.catalog import Request
from ingest.collect import Batch, Page
from ingest.errors import LayoutError
from ingest.parsing import parse_body
from ingest.providers import DATASETS
from tests.faults import fuzz, shapes, structures
from warehouse.connection import Home, open_work
from warehouse.log import store, tables

DAY = date(2026, 11, 27)
SMALL = ("kraken.daily_candles", "cftc.traders_in_financial_futures", "fred.observations")
JSON = (
    b'{"rows": [{"day": "2026-11-27", "rate": 4.25, "kind": "SOFR"}, {"day": "2026-11-26", "rate": 4.2, "kind": "x"}]}'
)
CSV = b"day,rate,kind\n2026-11-27,4.25,SOFR\n2026-11-26,4.20,x\n2026-11-25,1000.5,x\n"


@pytest.mark.parametrize(("body", "changes"), [(JSON, shapes.JSON_CHANGES), (CSV, shapes.TABLE_CHANGES)])
def test_each_mutation_occurs_and_changes_the_body(body: bytes, changes: dict):
    changed = {name for name, spoiled in (shapes.spoil(random.Random(n), body) for n in range(600)) if spoiled != body}
    assert set(changes) - changed == set()
    assert {"BOM", "UTF-16", "gzip"} <= changed
    assert shapes.HARMLESS - {*shapes.JSON_CHANGES, *shapes.TABLE_CHANGES, "BOM", "CRLF", "cells quoted"} == set()


@pytest.mark.parametrize("name", SMALL)
def test_the_same_said_in_other_words_is_the_same_or_refused(name: str):
    dataset = DATASETS[name]
    request, body = min(fuzz.bodies(dataset, DAY), key=lambda pair: len(pair[1]))
    before = parse_body(dataset, body, request, day=DAY)[0].frame
    found: dict[str, set[str]] = {}
    for number in range(120):
        change, spoiled = shapes.spoil(random.Random(number), body)
        found.setdefault(change, set()).add(structures.verdict(dataset, before, spoiled, request, DAY))
    verdicts = {one for of in found.values() for one in of}
    assert any(one.startswith("named: ") for one in verdicts)
    assert not any(one.startswith(("crashed", "impossible")) for one in verdicts), found
    harmless = {one for change in shapes.HARMLESS & found.keys() for one in found[change]}
    assert "same rows" in harmless
    assert [what for what in harmless if what.startswith(("other rows", "fewer rows"))] == [], found


def test_a_parser_that_loses_rows_or_breaks_is_found():
    dataset = DATASETS["kraken.daily_candles"]
    request, body = fuzz.bodies(dataset, DAY)[0]
    before = parse_body(dataset, body, request, day=DAY)[0].frame

    def verdict(parse) -> str:
        return structures.verdict(replace(dataset, parse=parse), before, body, request, DAY)

    def breaks(*_: object) -> None:
        raise SystemExit("broken")

    assert verdict(lambda *given: dataset.parse(*given)) == "same rows"
    assert verdict(lambda *_: before.head(3)) == "fewer rows"
    assert verdict(lambda *_: before.with_columns(close_usd_per_btc=before["high_usd_per_btc"])) == (
        "other rows: revisions"
    )
    assert verdict(lambda *_: before.with_columns(vwap_usd_per_btc=pl.lit(None, pl.Float64))) == (
        "other rows: refused at the load"
    )
    assert verdict(lambda *_: before.with_columns(pl.col("candle_date") - timedelta(days=2000))) == (
        "other rows: new keys"
    )
    assert verdict(breaks).startswith("crashed: SystemExit")


def _renamed(body: bytes, field: str) -> bytes:
    return body.replace(f'"{field}"'.encode(), f'"{field[:-1]}"'.encode())


def _dropped(body: bytes, field: str) -> bytes:
    return re.sub(rb',\s*"%s":[^,}]*' % field.encode(), b"", body)


# Found by `python -m tests.faults structures`: bodies that were read in silence and emptied a column of what was held.
@pytest.mark.parametrize(
    ("name", "field", "change", "column"),
    [
        ("nyfed.repo_operation_details", "percentOfferingRate", _renamed, "offering_rate_pct"),
        ("nyfed.reference_rates", "percentPercentile99", _dropped, "percentile_99_pct"),
    ],
)
def test_a_field_that_may_be_empty_and_is_gone_everywhere_is_refused_and_what_is_held_stays(
    name: str, field: str, change: Callable[[bytes, str], bytes], column: str, tmp_path: Path
):
    dataset = DATASETS[name]
    request, body = next(pair for pair in fuzz.bodies(dataset, DAY) if field.encode() in pair[1])
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [dataset])
        at = utc_now()
        _load(con, name, request, body, at)
        (held,) = con.execute(f"SELECT count({column}) FROM raw.{dataset.table}").fetchone()
        assert held >= 3
        with pytest.raises(LayoutError, match=f"no row has {column}, but {held} of the same rows had it before"):
            _load(con, name, request, change(body, field), at + timedelta(days=1))
        assert con.execute(f"SELECT count(*) FROM raw.{dataset.table} WHERE load_seq > 1").fetchone() == (0,)


def _load(con, name: str, request: Request, body: bytes, at) -> None:
    parsed, _ = parse_body(DATASETS[name], body, request, day=DAY)
    batch = Batch(name, request, (Page.of("payload", parsed),), at)
    store.load(con, DATASETS[name], batch, run_id="run")
