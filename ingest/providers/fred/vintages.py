"""How vintages are asked of ALFRED, and how one answer leads to the next."""

from collections.abc import Iterable
from datetime import date

import msgspec

from ingest.catalog import Dataset, Plan, Request
from ingest.decode import from_json
from ingest.errors import LayoutError
from ingest.providers.fred.common import (
    ALFRED_GRAPH,
    API,
    FIRST_REALTIME,
    LAST_REALTIME,
    VINTAGE_DATES,
    Observations,
    hold_echo,
    own_key,
)

# Days around which the keyless archive is asked: year-ends, the annual revision of the national accounts of 2025-09-25,
# and the day as of which the claims are measured.
_DAYS = tuple(
    date.fromisoformat(day)
    for day in ("2022-12-30", "2023-12-29", "2024-12-31", "2025-09-24", "2025-09-26", "2025-11-04")
)
# Series whose revisions, or whose change of unit, matter: what is asked without a key.
VINTAGE_DAYS: dict[str, tuple[date, ...]] = dict.fromkeys(("GDP", "PSAVERT", "M2SL", "WRESBAL", "WTREGEN"), _DAYS)
# 2,000 are allowed; with fewer the answer stays well below its 100,000 rows for every series but the most revised.
VINTAGES_A_WINDOW = 1_000


def vintage_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """With a key the vintage days of each series, from which `follow_vintages` goes on; else one download for each
    declared day. Series that must not be passed on are left out: their vintages are of no use to anybody else."""
    for series in dataset.series:
        if own_key() and (series.licence is None or series.licence.is_redistributable):
            yield vintage_days(series.id, FIRST_REALTIME)
        elif not own_key():
            for day in VINTAGE_DAYS.get(series.id, ()):
                if day <= plan.today:
                    params = (("id", series.id), ("vintage_date", day.isoformat()))
                    yield Request(ALFRED_GRAPH, params, series.id, is_single=True)


def vintage_days(series_id: str, since: str) -> Request:
    """The request for the vintage days of a series from ``since`` on."""
    params = (
        ("series_id", series_id),
        ("file_type", "json"),
        ("realtime_start", since),
        ("realtime_end", LAST_REALTIME),
        ("limit", str(VINTAGES_A_WINDOW)),
    )
    return Request(VINTAGE_DATES, params, series_id, key_param="api_key")


class _VintageDays(msgspec.Struct):
    realtime_start: date
    realtime_end: date
    sort_order: str
    count: int
    offset: int
    vintage_dates: list[date]


def follow_vintages(body: bytes, request: Request) -> Request | None:
    """The window of observations that a list of vintage days opens; None for any other answer.

    The window reaches to the last day listed, or to the end of time when nothing follows. LayoutError when the answer
    echoes another period than was asked, or lists no day.
    """
    if request.url != VINTAGE_DATES:
        return None
    params = dict(request.params)
    answer = from_json(body, _VintageDays)
    hold_echo(answer.realtime_start, answer.realtime_end, params, str(request.scope))
    days = answer.vintage_dates
    if not days or answer.offset or answer.sort_order != "asc":
        raise LayoutError(
            "no vintage days from the beginning on", dataset="fred.observations", place=request.scope or ""
        )
    is_last = len(days) == answer.count
    window = (
        ("series_id", params["series_id"]),
        ("file_type", "json"),
        ("realtime_start", params["realtime_start"]),
        ("realtime_end", LAST_REALTIME if is_last else days[-1].isoformat()),
    )
    return Request(API, window, request.scope, key_param="api_key")


def next_vintages(body: bytes, request: Request) -> Request | None:
    """After a window of vintages the rest of its rows, or the vintage days from its last one on; None at the end."""
    params = dict(request.params)
    if request.url != API or "realtime_start" not in params:
        return None
    answer = from_json(body, Observations)
    seen = answer.offset + len(answer.observations)
    if seen < answer.count and answer.observations:
        rest = {name: value for name, value in request.params if name != "offset"} | {"offset": str(seen)}
        return Request(API, tuple(rest.items()), request.scope, key_param="api_key")
    if params["realtime_end"] == LAST_REALTIME:
        return None
    return vintage_days(str(request.scope), params["realtime_end"])
