"""Treasury's FiscalData API on simulated values: daily and monthly statements, the public debt, auctions.

Compact JSON in the envelope data, meta, links; every value is text, what is missing is the text "null", links are query
fragments without filter or sort, pages hold what page[size] asks for and are refused beyond the last one. Each table
has the fields of the catalog and comes out by its release rule, never revised; a table without lines here has one of
wandering numbers a date. Auctions are apart: an announced one is there without results. Deposits and withdrawals reach
back to 2005, before 2018 with one statement a month, because the requests of a full load start there and an empty
answer would look like a fault. What must not be here: how a value arises.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from operator import itemgetter

import httpx

from ingest.catalog import Plan
from ingest.releases import Release
from ingest.sample.fiscaldata import auctions, daily_statement, monthly_statement, public_debt
from ingest.sample.fiscaldata.common import Fields, Row, Table, as_it_is, fields_of, plain
from ingest.sample.wire import json_answer, not_found
from ingest.sample.world import World

_json = partial(json_answer, "application/json")
HOST = "api.fiscaldata.treasury.gov"
_SERVICE = "/services/api/fiscal_service/"
_LARGEST_PAGE = 10_000
_DAY = itemgetter(0)
_SPANS: dict[str, Callable[[list[Row], str], slice]] = {
    "gte": lambda rows, day: slice(bisect_left(rows, day, key=_DAY), None),
    "lte": lambda rows, day: slice(bisect_right(rows, day, key=_DAY)),
}
OWN = daily_statement.TABLES | monthly_statement.TABLES | auctions.TABLES  # by endpoint


@lru_cache(maxsize=1)
def _tables() -> dict[str, tuple[Release, Table, Fields]]:
    """By endpoint: when it comes out, the table, and its fields."""
    from ingest.providers.fiscaldata import PROVIDER, common  # at request time: the sample must not need the catalog

    tables = {}
    for dataset in PROVIDER.datasets:
        (asked, *_) = dataset.requests(dataset, Plan(dataset.start))
        endpoint = asked.url.rpartition(_SERVICE)[2]
        lines, also = public_debt.LINES.get(endpoint, (None, {}))
        table = OWN.get(endpoint) or plain(dataset, lines, also)
        fields = table.fields
        if isinstance(fields, str):
            fields = fields_of(dataset, fields, common.labels(dataset))
        tables[endpoint] = dataset.release, table, fields
    return tables


@lru_cache(maxsize=4)  # the pages of a table come one after the other; all tables took 55 MB
def _rows(world: World, endpoint: str) -> tuple[Row, ...]:
    return tuple(_tables()[endpoint][1].rows(world))


def _seen(world: World, endpoint: str, now: datetime) -> list[Row]:
    """The rows that are out at ``now``, as they are then."""
    release, table, _ = _tables()[endpoint]
    last = date.max if table.is_ahead else now.date()
    while not table.is_ahead and release.published_at(last) > now:
        last -= timedelta(days=1)
    rows = _rows(world, endpoint)
    out = rows[: bisect_right(rows, str(last), key=_DAY)]
    return list(out) if table.seen is as_it_is else [row for each in out if (row := table.seen(each, now))]


class _BadQuery(ValueError):
    """A parameter that the API would refuse with 400."""


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What the API answers at ``now`` (naive UTC)."""
    endpoint = request.url.path.removeprefix(_SERVICE)
    if endpoint not in _tables():
        return not_found()
    try:
        asked = request.url.params.get("filter", ""), request.url.params.get("sort", "")
        body = _page(_found(world, endpoint, now, *asked), _tables()[endpoint][2], request.url.params)
    except _BadQuery as problem:
        return _json(400, {"error": "Invalid Query Param", "message": str(problem)})
    return _json(200, body)


def _place(fields: Fields, name: str) -> int:
    if name not in fields:
        raise _BadQuery(f"{name} is not a field of this table")
    return list(fields).index(name)


@lru_cache(maxsize=2)  # the pages of an answer come one after the other
def _found(world: World, endpoint: str, now: datetime, conditions: str, sort: str) -> list[Row]:
    """The rows that a query asks for, in its order."""
    found, fields = _seen(world, endpoint, now), _tables()[endpoint][2]
    for name, operator, value in _conditions(conditions):
        index, test = _place(fields, name), _tests(operator, value)
        if index == 0 and operator in _SPANS:  # the oldest rows are first
            found = found[_SPANS[operator](found, value)]
        else:
            found = [row for row in found if test(row[index])]
    for key in reversed([key for key in sort.split(",") if key]):
        name = key.lstrip("-")
        index, is_number = _place(fields, name), fields[name][1] in ("INTEGER", "CURRENCY0")
        found.sort(key=_sort_key(index, is_number), reverse=key.startswith("-"))
    return found


def _page(found: list[Row], fields: Fields, params: httpx.QueryParams) -> dict[str, object]:
    names = params["fields"].split(",") if params.get("fields") else list(fields)
    wanted = [_place(fields, name) for name in names]

    try:
        number, size = int(params.get("page[number]", 1)), int(params.get("page[size]", 100))
    except ValueError as problem:
        raise _BadQuery("page[number] and page[size] are whole numbers") from problem
    if not 1 <= size <= _LARGEST_PAGE:
        raise _BadQuery(f"page[size] goes from 1 to {_LARGEST_PAGE}")
    pages = -(-len(found) // size)
    if number < 1 or number > max(pages, 1):
        raise _BadQuery(f"Page #{number} is out of range")
    data = [
        dict(zip(names, [row[i] for i in wanted], strict=True)) for row in found[(number - 1) * size : number * size]
    ]

    def link(page: int) -> str:
        return f"&page%5Bnumber%5D={page}&page%5Bsize%5D={size}"

    return {
        "data": data,
        "meta": {
            "count": len(data),
            "labels": {name: fields[name][0] for name in names},
            "dataTypes": {name: fields[name][1] for name in names},
            "dataFormats": {name: fields[name][2] for name in names},
            "total-count": len(found),
            "total-pages": pages,
        },
        "links": {
            "self": link(number),
            "first": link(1),
            "prev": link(number - 1) if number > 1 else None,
            "next": link(number + 1) if number < pages else None,
            "last": link(pages),
        },
    }


def _sort_key(index: int, is_number: bool) -> Callable[[Row], float | str]:
    if is_number:
        return lambda row: -math.inf if row[index] == "null" else int(row[index])
    return lambda row: row[index]


def _split(text: str) -> list[str]:
    """Parts between commas outside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


def _conditions(text: str) -> Iterator[tuple[str, str, str]]:
    for part in _split(text):
        match = re.fullmatch(r"(\w+):(eq|gte?|lte?|in):(.*)", part)
        if match is None:
            raise _BadQuery(f"cannot read the filter {part!r}")
        name, operator, value = match.groups()
        yield name, operator, value


def _tests(operator: str, value: str) -> Callable[[str], bool]:
    if operator == "in":
        return set(_split(value[1:-1])).__contains__
    return {
        "eq": lambda cell: cell == value,
        "gt": lambda cell: cell > value,
        "gte": lambda cell: cell >= value,
        "lt": lambda cell: cell < value,
        "lte": lambda cell: cell <= value,
    }[operator]
