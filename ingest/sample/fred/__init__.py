"""FRED and ALFRED on simulated values: the keyless downloads and the keyed observations of the API, vintages too.

The CSV has an LF after every line, no quotes, a fixed number of decimals for each series and an empty cell on weekdays
without a value; an unknown id is 404. The JSON has every value as text and "." where none is. Series that the catalog
declares and nothing here models wander smoothly inside the middle of their plausible range, so that one more series is
one row in the catalog and nothing else. What must not be here: balances and rates themselves; the world draws them.
"""

from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import httpx

from ingest.sample.fred.holders import catalogued
from ingest.sample.fred.models import MODELS
from ingest.sample.fred.vintages import (
    MOST_VINTAGES,
    cell_text,
    clipped,
    end_of_day,
    published,
    scaled_then,
    versions,
    vintage_days,
)
from ingest.sample.wire import json_answer, not_found
from ingest.sample.world import World

_json = partial(json_answer, "application/json; charset=UTF-8")
CHART_HOST = "fred.stlouisfed.org"
API_HOST = "api.stlouisfed.org"
ARCHIVE_HOST = "alfred.stlouisfed.org"


def answer_chart(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """`/graph/fredgraph.csv` with id, cosd and coed, at ``now`` (naive UTC). One id at a time: several are 404 here."""
    params = request.url.params
    series_id = params.get("id", "")
    model = MODELS.get(series_id) or catalogued(series_id)
    if request.url.path != "/graph/fredgraph.csv" or model is None:
        return not_found()
    first, last = params.get("cosd", "1776-07-04"), params.get("coed", "9999-12-31")
    lines = [f"observation_date,{series_id}"]
    lines += [
        f"{day},{cell_text(value, model.decimals, '')}"
        for day, value in published(model, world, now).items()
        if first <= str(day) <= last
    ]
    return httpx.Response(200, headers={"Content-Type": "application/csv"}, content="\n".join([*lines, ""]).encode())


def answer_archive(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """`/graph/alfredgraph.csv` with id and vintage_date: the series as of the end of that day."""
    params = request.url.params
    series_id, asked = params.get("id", ""), params.get("vintage_date", "")
    model = MODELS.get(series_id) or catalogued(series_id)
    if request.url.path != "/graph/alfredgraph.csv" or model is None or not asked:
        return not_found()
    vintage = date.fromisoformat(asked)
    known = published(model, world, end_of_day(vintage, now))
    if not known:
        return not_found()
    factor, decimals = scaled_then(series_id, model.decimals, vintage)
    lines = [f"observation_date,{series_id}_{vintage:%Y%m%d}"]
    lines += [f"{day},{cell_text(None if v is None else factor * v, decimals, '')}" for day, v in known.items()]
    return httpx.Response(200, headers={"Content-Type": "application/csv"}, content="\n".join([*lines, ""]).encode())


def answer_api(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """`/fred/series/observations` in JSON, as of today or over a real-time period, and `/fred/series/vintagedates`."""
    params = request.url.params
    if request.url.path not in ("/fred/series/observations", "/fred/series/vintagedates"):
        return _json(404, {"error_code": 404, "error_message": "Not Found"})
    if not params.get("api_key"):
        return _json(400, {"error_code": 400, "error_message": "Bad Request.  Variable api_key is not set."})
    series_id = params.get("series_id", "")
    model = MODELS.get(series_id) or catalogued(series_id)
    if model is None:
        return _json(400, {"error_code": 400, "error_message": "Bad Request.  The series does not exist."})
    # Real-time days are those of St. Louis.
    today = str(now.replace(tzinfo=UTC).astimezone(ZoneInfo("America/Chicago")).date())
    start, end = params.get("realtime_start", today), params.get("realtime_end", today)
    period = {"realtime_start": start, "realtime_end": end}
    order, offset = params.get("sort_order", "asc"), int(params.get("offset", 0))
    vintages = (
        [day for day in vintage_days(series_id, model, world, now) if start <= str(day) <= end] if start != end else []
    )
    if request.url.path.endswith("vintagedates"):
        limit = int(params.get("limit", 10_000))
        listed = [str(day) for day in vintages]
        page = {"order_by": "vintage_date", "sort_order": "asc", "count": len(listed), "offset": offset, "limit": limit}
        return _json(200, {**period, **page, "vintage_dates": listed[offset : offset + limit]})
    first, last = params.get("observation_start", "1600-01-01"), params.get("observation_end", "9999-12-31")
    limit = int(params.get("limit", 100_000))
    if len(vintages) > MOST_VINTAGES:
        words = f"There are {len(vintages)} vintage dates in the specified real-time period: {start} to {end}."
        return _json(400, {"error_code": 400, "error_message": f"Bad Request.  {words}  This exceeds the maximum."})
    if start != end:
        found = clipped(versions(series_id, model, world, now), start, end)
    else:
        known = published(model, world, now)
        found = [{**period, "date": str(d), "value": cell_text(v, model.decimals, ".")} for d, v in known.items()]
    rows = [row for row in found if first <= row["date"] <= last]
    if order == "desc":
        rows.reverse()
    envelope = {
        **period,
        "observation_start": first,
        "observation_end": last,
        "units": "lin",
        "output_type": 1,
        "file_type": "json",
        "order_by": "observation_date",
        "sort_order": order,
        "count": len(rows),
        "offset": offset,
        "limit": limit,
        "observations": rows[offset : offset + limit],
    }
    return _json(200, envelope)
