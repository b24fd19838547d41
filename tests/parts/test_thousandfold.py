"""Every number of every answer, a thousand times larger: refused at the door by name, or a named check is behind it.

The newest answers of the sample are spoiled field by field on the wire, as if a publisher changed a unit overnight and
sent only what is new. Small amounts stay plausible a thousand times larger; for these the table below names the check
of the built warehouse, which tests/mutations proves, or nobody reads the number.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import httpx
import polars as pl
import pytest

from ingest import sample
from ingest.catalog import Dataset, Plan, Request
from ingest.errors import EmptyBodyError, IngestError
from ingest.parsing import parse_body
from ingest.providers import DATASETS
from tests.conftest import REPOSITORY
from tests.mutations import MUTATIONS

TODAY = date(2026, 5, 20)
UNREAD = "no model beyond staging reads it"

# Column or series that a thousandfold value can pass through the door in -> the check that names it.
BEHIND_THE_DOOR = {
    ("nyfed.repo_operations", "submitted_usd"): "legs_sum_to_operation",
    ("nyfed.repo_operation_details", "submitted_usd"): "legs_sum_to_operation",
    ("nyfed.fx_swaps", "amount_usd"): "swaps_agree_with_operations",
    ("fred.observations", "RPONAGYD"): "reconciled_srf_nyfed_fred",
    ("fred.observations", "SWPT"): "swaps_agree_with_operations",
    ("fred.observations", "WLCFOCEL"): "loans_are_their_kinds",
    ("fiscaldata.mspd_table_3_market", "inflation_adj_usd_mn"): UNREAD,
    ("fiscaldata.auctions_query", "fima_noncomp_accepted_usd"): "bidders_add_up_to_accepted",
}


@cache
def _transport() -> httpx.BaseTransport:
    return sample.transport(TODAY, is_kept=True)


def _bodies(dataset: Dataset) -> Iterator[tuple[Request, bytes, pl.DataFrame]]:
    """The first page of each answer to a refresh that ran five days ago, and its rows; more when those are none yet."""
    for days in (5, 150):
        held = TODAY - timedelta(days=days)
        plan = Plan(TODAY, {None: held, **{series.id: held for series in dataset.series}})
        found = False
        with httpx.Client(transport=_transport()) as client:
            for request in dataset.requests(dataset, plan):
                body = client.get(request.url, params=request.params or None).content
                target = dataset.follow_link(body, request) if dataset.follow_link else None
                body = client.get(target.url).content if target else body
                try:
                    sound = parse_body(dataset, body, target or request)[0].frame
                except EmptyBodyError:  # a discontinued series
                    continue
                found = True
                yield target or request, body, sound
        if found:
            return
    raise AssertionError(f"nothing came of {dataset.id}")


def _thousandfold(number: str) -> str:
    return f"{Decimal(number) * 1000:f}"


_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _labels(value: Any, label: str = "") -> Iterator[str]:
    """Fields with numbers in them: the key of an object, with the place for an array."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _labels(inner, key)
        case list():
            for place, inner in enumerate(value):
                yield from _labels(inner, label if isinstance(inner, dict | list) else f"{label}[{place}]")
        case bool() | None:
            return
        case int() | float() | Decimal():
            yield label
        case str() if _NUMBER.fullmatch(value):
            yield label


def _scaled(value: Any, wanted: str, label: str = "") -> Any:
    match value:
        case dict():
            return {key: _scaled(inner, wanted, key) for key, inner in value.items()}
        case list():
            return [
                _scaled(inner, wanted, label if isinstance(inner, dict | list) else f"{label}[{place}]")
                for place, inner in enumerate(value)
            ]
        case str() if label == wanted and _NUMBER.fullmatch(value):
            return _thousandfold(value)
        case int() | float() if label == wanted and not isinstance(value, bool):
            return value * 1000
    return value


def _spoilt(body: bytes) -> Iterator[bytes]:
    """The body once for each of its fields, the numbers of that field times 1000."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = {name: archive.read(name).decode() for name in archive.namelist()}
        series = {name for text in members.values() for name in re.findall(r'SERIES_NAME="([^"]+)"', text)}
        for name in series or {""}:
            pattern = rf'(SERIES_NAME="{re.escape(name)}".*?</kf:Series>)' if name else r"(<sheetData>.*</sheetData>)"
            value = r'(?<=OBS_VALUE=")-?[\d.]+' if name else r"(?<=<v>)[\d.]+"
            target = io.BytesIO()
            with zipfile.ZipFile(target, "w") as archive:
                for member, text in members.items():
                    changed = re.sub(
                        pattern,
                        lambda m, value=value: re.sub(value, lambda n: _thousandfold(n[0]), m[0]),
                        text,
                        flags=re.DOTALL,
                    )
                    archive.writestr(member, changed)
            yield target.getvalue()
        return
    text = body.decode()
    if text.lstrip()[:1] in "{[":
        decoded = json.loads(text)
        for label in sorted(set(_labels(decoded))):
            yield json.dumps(_scaled(decoded, label)).encode()
        return
    separator = "\t" if "\t" in text else ","
    rows = [line.split(separator) for line in text.splitlines()]
    places = range(1, max(map(len, rows)))
    # In a table of months every column is the same field; in one of fields each is its own.
    for group in [places] if "Holdings at end" in text else [[place] for place in places]:
        yield (
            "\r\n".join(
                separator.join(
                    _thousandfold(cell) if place in group and _NUMBER.fullmatch(cell.strip()) else cell
                    for place, cell in enumerate(row)
                )
                for row in rows
            ).encode()
            + b"\r\n"
        )


def _passed(dataset: Dataset) -> Iterator[str]:
    """Columns, or series where a dataset has one value column, whose thousandfold numbers are taken."""
    refused = 0
    for request, body, sound in _bodies(dataset):
        for spoilt in _spoilt(body):
            try:
                frame = parse_body(dataset, spoilt, request)[0].frame
            except IngestError:
                refused += 1
                continue
            if frame.equals(sound) or frame.height != sound.height:
                continue
            for column in dataset.columns:
                if column.unit is None or frame[column.name].equals(sound[column.name]):
                    continue
                if column.name != "value":
                    yield column.name
                elif not frame["unit"].equals(sound["unit"]):
                    continue  # another unit in which the series is known: it is next to the value
                else:
                    changed = frame.filter(frame["value"] != sound["value"])[dataset.series_column]
                    yield from changed.unique().to_list()
    assert refused, "nothing was spoilt"


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.id)
def test_a_thousandfold_number_is_refused_or_has_a_check_behind_it(dataset: Dataset):
    assert set(_passed(dataset)) == {name for owner, name in BEHIND_THE_DOOR if owner == dataset.id}


def test_what_stands_behind_the_door_is_proven_or_unread():
    proven = {mutation.check for mutation in MUTATIONS}
    assert set(BEHIND_THE_DOOR.values()) - proven - {UNREAD} == set()
    folders = ("intermediate", "marts")
    sql = [p.read_text("utf-8") for f in folders for p in (REPOSITORY / "dbt_project" / "models" / f).rglob("*.sql")]
    read = {
        name
        for (dataset, name), check in BEHIND_THE_DOOR.items()
        if check == UNREAD
        and any(re.search(rf"\b{re.escape(name)}\b", text) and f"stg_{DATASETS[dataset].table}" in text for text in sql)
    }
    assert read == set()
