"""Bodies of all datasets, spoiled: each becomes rows or a named error, in time, and no row has an impossible date.

The bodies are those of the simulated providers, so they have the real shapes. Every spoiled body comes from a seed that
a failure names; `python -m tests.faults fuzz --seed N` makes the same ones again on the same day.
"""

import io
import json
import random
import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import httpx
import polars as pl

from ingest import sample
from ingest.calendars import utc_now
from ingest.catalog import Dataset, Plan, Request
from ingest.errors import IngestError
from ingest.parsing import parse_body
from ingest.providers import DATASETS
from warehouse.connection import Home

# Nothing that is held is older than the quarterly accounts of 1947; nothing is announced further ahead than a year.
OLDEST, LEAD = date(1900, 1, 1), timedelta(days=400)
LARGEST_BYTES = 400_000  # bodies above cost seconds each and say nothing new

Mutation = Callable[[random.Random, bytes], bytes]


def _truncate(rng: random.Random, body: bytes) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def _flip(rng: random.Random, body: bytes) -> bytes:
    spoiled = bytearray(body)
    for _ in range(rng.choice((1, 1, 4, 32))):
        spoiled[rng.randrange(len(spoiled))] ^= 1 << rng.randrange(8)
    return bytes(spoiled)


def _span(rng: random.Random, body: bytes) -> tuple[int, int]:
    start = rng.randrange(len(body))
    return start, min(len(body), start + rng.choice((1, 8, 64, 1024)))


def _cut(rng: random.Random, body: bytes) -> bytes:
    first, last = _span(rng, body)
    return body[:first] + body[last:]


def _repeat(rng: random.Random, body: bytes) -> bytes:
    first, last = _span(rng, body)
    return body[:last] + body[first:last] * rng.choice((1, 3, 50)) + body[last:]


def _insert(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body))
    return (
        body[:at]
        + rng.choice((b"\0", b"\xff\xfe", b"\x1b[31m", b'"', b"{", b"]", b",", b"\n", b"<br>", b"\xe2\x80"))
        + body[at:]
    )


_NUMBERS = (
    b"-1",
    b"1e400",
    b"NaN",
    b"Infinity",
    b"9" * 40,
    b"0.0000000001",
    b"",
    b"null",
    b"1,000",
    b"--",
    b"\xd9\xa3",
)
_DATES = (
    b"9999-12-31", b"0001-01-01", b"2062-01-02", b"1776-07-04", b"2026-02-30", b"0000-00-00", b"2200-01-01",
    b"01/02/2026", b"1900-02-29", b"2025-13-01",
)  # fmt: skip


def _replace(pattern: bytes, others: tuple[bytes, ...]) -> Mutation:
    compiled = re.compile(pattern)

    def mutate(rng: random.Random, body: bytes) -> bytes:
        found = [match.span() for match in compiled.finditer(body)]
        if not found:
            return _flip(rng, body)
        first, last = rng.choice(found)
        return body[:first] + rng.choice(others) + body[last:]

    return mutate


def _swap_lines(rng: random.Random, body: bytes) -> bytes:
    lines = body.split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _rename_field(rng: random.Random, body: bytes) -> bytes:
    names = re.findall(rb'"([A-Za-z_]{3,})"\s*:', body[:20_000]) or re.findall(rb"[A-Za-z_]{4,}", body[:2_000])
    return body.replace(rng.choice(names), b"other", rng.choice((1, -1))) if names else _cut(rng, body)


def _encode(rng: random.Random, body: bytes) -> bytes:
    text = body.decode("latin-1")
    return rng.choice((text.encode("utf-16"), b"\xef\xbb\xbf" + body, text.encode("utf-8"), body + body, body.upper()))


MUTATIONS: tuple[Mutation, ...] = (
    _truncate, _flip, _cut, _repeat, _insert, _swap_lines, _rename_field, _encode,
    _replace(rb"-?\d+\.?\d*", _NUMBERS), _replace(rb"\d{4}-\d\d-\d\d", _DATES),
    _replace(rb"\b(19|20)\d\d", (b"9999", b"2062", b"0001", b"")),
    _replace(rb'"[^"]*"', (b"null", b"[]", b"{}", b"1", b'""', b"true")),
)  # fmt: skip


def hostile(body: bytes) -> dict[str, bytes]:
    """The same spoiled bodies for everybody, by name."""
    return {
        "empty": b"", "blanks": b" " * 5_000_000, "deep list": b"[" * 100_000, "deep object": b'{"a":' * 100_000,
        "NUL": b"\0" * 1_000, "long string": b'{"a":"' + b"x" * 3_000_000 + b'"}', "twice": body + body,
        "UTF-16": body.decode("latin-1").encode("utf-16"), "with BOM": b"\xef\xbb\xbf" + body,
        "page": b"<!DOCTYPE html><html>", "null": b"null", "number": b"1",
        "no zip": b"PK\x03\x04" + b"\0" * 100, "one line": body.replace(b"\n", b""),
    }  # fmt: skip


def spoil(rng: random.Random, body: bytes) -> bytes:
    """One to three mutations; of an archive, half of the time inside one of its members."""
    if body.startswith(b"PK") and rng.random() < 0.5:
        return _inside_archive(rng, body)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not body:
            break
        body = rng.choice(MUTATIONS)(rng, body)
    return body


def _inside_archive(rng: random.Random, body: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        chosen = rng.choice(names)
        for name in names:
            member = source.read(name)
            target.writestr(name, rng.choice(MUTATIONS)(rng, member) if name == chosen and member else member)
    return made.getvalue()


def bodies(dataset: Dataset, day: date) -> list[tuple[Request, bytes]]:
    """Bodies of a dataset as the simulated provider sends them, of a short window and of several series."""
    transport = sample.transport(day)
    newest = {series.id: day - timedelta(days=45) for series in dataset.series} or {None: day - timedelta(days=45)}
    found: list[tuple[Request, bytes]] = []
    for plan in (Plan(day, newest, False, None), Plan(day, {}, True, None)):
        for request in list(dataset.requests(dataset, plan))[:4]:
            page: Request | None = request
            for _ in range(3):
                if page is None:
                    break
                body = transport.handle_request(httpx.Request("GET", page.public_url)).read()
                followed = dataset.follow_link(body, page) if dataset.follow_link else None
                if followed is None:
                    found.append((page, body))
                    break
                page = followed
        if sum(len(body) <= LARGEST_BYTES for _, body in found) >= 2:
            break
    small = [pair for pair in found if len(pair[1]) <= LARGEST_BYTES]
    return small or [min(found, key=lambda pair: len(pair[1]))]


def _cases(dataset: Dataset, seed: int, number: int, seconds: float) -> Iterator[tuple[str, Request, bytes]]:
    """Named bodies: the hostile ones first, then spoiled ones, until ``number`` or ``seconds`` are reached."""
    found = bodies(dataset, utc_now().date())
    for name, body in hostile(found[0][1]).items():
        yield name, found[0][0], body
    end = time.monotonic() + seconds
    for count in range(number):
        if time.monotonic() > end:
            return
        rng = random.Random(f"{seed} {dataset.id} {count}")
        request, body = rng.choice(found)
        yield f"seed {seed} number {count}", request, spoil(rng, body)


def impossible_dates(dataset: Dataset, frame: pl.DataFrame) -> list[str]:
    """Effective dates that nothing held can have."""
    last = utc_now().date() + LEAD
    column = frame[dataset.date_column]
    return [str(value) for value in column.filter((column < OLDEST) | (column > last)).unique().to_list()]


def work(home: Home, names: list[str], seed: int, number: int, seconds: float) -> None:
    """Parse spoiled bodies of the datasets ``names``; prints what came out as one line of JSON."""
    outcome: Counter[str] = Counter()
    problems: list[str] = []
    for name in names:
        dataset = DATASETS[name]
        for case, request, body in _cases(dataset, seed, number, seconds):
            try:
                parsed, _ = parse_body(dataset, body, request)
            except IngestError as error:
                outcome[f"named: {error.name}"] += 1
                continue
            except BaseException as error:
                outcome["crashed"] += 1
                problems.append(f"{name}, {case}: {type(error).__name__}: {str(error)[:200]}")
                continue
            if wrong := impossible_dates(dataset, parsed.frame):
                outcome["impossible date"] += 1
                problems.append(f"{name}, {case}: accepted {', '.join(wrong[:3])}")
            else:
                outcome["rows"] += 1
    print(json.dumps({"outcome": outcome, "problems": problems}))
