"""The one dataset of FRED: observations, from the chart download, the API, or files saved by hand."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
import polars as pl

from ingest.catalog import Column, Dataset, Licence, Parsed, Plan, Request, Series, Unit
from ingest.decode import from_csv, from_json, members, readable
from ingest.errors import LayoutError, PagingError, UnitError, UnreadableBodyError
from ingest.providers.fred.common import API, GRAPH, Observations, hold_echo, near_ids, own_key
from ingest.providers.fred.rows import VINTAGE, text_cells, typed_rows
from ingest.providers.fred.saved import MAX_MEMBERS, parse_saved
from ingest.providers.fred.series import NEXT_DAY, SERIES
from ingest.providers.fred.vintages import follow_vintages, next_vintages, vintage_requests
from ingest.releases import Cadence

COLUMNS = (
    Column("series_id", "varchar", "FRED's name of the series", is_nullable=False),
    Column("observation_date", "date", "Day, Wednesday, or first day of the month or quarter", is_nullable=False),
    Column("value", "double", "Value in the unit of the row; missing ones are left out", Unit.BY_ROW, False),
    Column(
        "unit",
        "varchar",
        "Unit in which this value was published; FRED has moved series between billions and millions",
        is_nullable=False,
        allowed=frozenset(unit.suffix for series in SERIES for unit in (series.unit, *series.former_units)),
    ),
)


def observation_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One request for each series, and with a full plan its vintages.

    Several ids in one chart download come back as a ZIP.
    """
    for series in dataset.series:
        since = plan.since(dataset, series.id)
        if own_key():
            params = (("series_id", series.id), ("file_type", "json"), ("observation_start", since.isoformat()))
            yield Request(API, params, series.id, since, plan.today, key_param="api_key", is_single=True)
        else:
            window = (("id", series.id), ("cosd", since.isoformat()))
            yield Request(GRAPH, window, series.id, since, plan.today, is_single=True)
    if plan.is_full:
        yield from vintage_requests(dataset, plan)


class _SavedObservation(msgspec.Struct):
    date: str
    value: str | int | float | None
    realtime_start: str = ""


class _SavedObservations(msgspec.Struct):
    """The API's answer after a program has saved it again: at least the dates and values."""

    observations: list[_SavedObservation]
    realtime_start: str = ""
    realtime_end: str = ""
    units: str = "lin"
    output_type: int = 1
    count: int | None = None
    offset: int = 0


def _saved_answer(body: bytes) -> _SavedObservations:
    if readable(body).startswith(b"["):
        return _SavedObservations(from_json(body, list[_SavedObservation]))
    return from_json(body, _SavedObservations)


def _from_api(dataset: Dataset, body: bytes, request: Request) -> tuple[Series, pl.DataFrame]:
    if request.scope is None:
        raise LayoutError("the API's JSON does not name its series; name it with --series")
    series = dataset.series_by_id(request.scope)
    answer = _saved_answer(body) if request.is_file else from_json(body, Observations)
    where = {"dataset": dataset.id, "place": series.id}
    params = dict(request.params)
    wants_vintages = "realtime_start" in params
    if answer.units != "lin":
        raise UnitError(f"the values were transformed on the way (units={answer.units}); ask for units=lin", **where)
    if wants_vintages:
        hold_echo(answer.realtime_start, answer.realtime_end, params, series.id)
    is_history = answer.realtime_start != answer.realtime_end
    if answer.output_type != 1 or (is_history and not wants_vintages and not request.is_file):
        raise LayoutError("several vintages in one answer; ask for one real-time day", **where)
    stated = len(answer.observations) if answer.count is None else answer.count
    if not wants_vintages and (answer.offset or stated != len(answer.observations)):
        raise PagingError(
            f"{stated} observations stated, {len(answer.observations)} came (offset {answer.offset})", **where
        )
    values = [None if o.value is None else str(o.value) for o in answer.observations]
    columns: dict[str, list[Any]] = {"date": [o.date for o in answer.observations], "value": values}
    if is_history:
        columns["vintage"] = [o.realtime_start for o in answer.observations]
    return series, pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String()))


def _from_graph(dataset: Dataset, body: bytes, request: Request) -> tuple[Series, pl.DataFrame]:
    text = from_csv(body)
    if text.width != 2 or text.columns[0] not in ("observation_date", "DATE"):
        raise LayoutError(f"headings {text.columns[:4]}, expected observation_date (or DATE) and one series id")
    # The chart download ends in a line feed; without it the last number may have lost digits.
    if not body.endswith(b"\n"):
        raise UnreadableBodyError("no line end at the end: the body is cut short")
    heading = text.columns[1]
    vintage = VINTAGE.match(heading)
    series_id = vintage["id"] if vintage else heading
    asked_day = dict(request.params).get("vintage_date")
    if bool(vintage) != bool(asked_day):
        raise LayoutError(f"the heading is {heading}, asked was the vintage {asked_day or 'of today'}")
    if request.scope and series_id != request.scope:
        raise LayoutError(f"the body is about {series_id}, asked was {request.scope}")
    # A day without a release gives the state of the release before, never of a later one.
    if vintage and asked_day and vintage["day"] > asked_day.replace("-", ""):
        raise LayoutError(f"the vintage is {vintage['day']}, asked was {asked_day}")
    return dataset.series_by_id(series_id), text_cells(text[text.columns[0]], text[heading], vintage)


def parse_observations(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Observations from the chart download (CSV) or the API (JSON), in the unit they came in.

    An answer is about one series; a file may hold several (`parse_saved`). Missing observations are dropped. An answer
    of ALFRED gives one row for each version, with `VERSION_COLUMNS`. LayoutError for another series or vintage than
    asked, several vintages where one was asked, a series that the catalog does not have, or a frequency that is not the
    series' own; UnitError for transformed values or an unknown scale.
    """
    if request.scope is not None and request.scope not in {series.id for series in dataset.series}:
        near = near_ids(dataset, [request.scope])
        hint = f"did you mean {' or '.join(near)}?" if near else "add a row for it"
        raise LayoutError(f"series {request.scope!r} is not in the catalog; {hint}")
    is_zip = body.startswith(b"PK")
    if is_zip and not request.is_file:
        raise LayoutError("a ZIP: several series of different frequency were asked at once")
    is_json = not is_zip and readable(body).startswith((b"{", b"["))
    if request.is_file and not is_json:
        bodies = members(body, most=MAX_MEMBERS).values() if is_zip else (body,)
        return parse_saved(dataset, bodies, request)
    series, text = (_from_api if is_json else _from_graph)(dataset, body, request)
    return Parsed(typed_rows(dataset, series, text, request))


OBSERVATIONS = Dataset(
    provider="fred",
    name="observations",
    title="Economic series by way of FRED",
    by_hand="CSV of a chart (`fredgraph.csv`, one or several series, also zipped), of ALFRED (`ID_YYYYMMDD`), "
    "or re-saved under `DATE,VALUE` with `--series ID`; JSON of the API, `series/observations`, with `--series ID`",
    description="Fed balance sheet, rates, banks' and others' Treasuries, debt, deficit, money, saving, output.",
    columns=COLUMNS,
    key=("series_id", "observation_date"),
    date_column="observation_date",
    cadence=Cadence.DAILY,
    release=NEXT_DAY,
    start=date(1946, 1, 1),
    earliest=date(1901, 6, 30),  # FYFSD as FRED has it, in files saved by hand
    lead_days=7,  # IORB and the target range are dated ahead, over a long weekend
    window_days=60,
    licence=Licence(
        "FRED terms of use",
        True,
        "Series made by the US government and the Federal Reserve Board are free; SOFR, EFFR, OBFR and the repo series "
        "stay under the New York Fed's terms; each series' own note on FRED decides (remembered).",
        "https://fred.stlouisfed.org/legal/",
    ),
    requests=observation_requests,
    parse=parse_observations,
    follow_link=follow_vintages,
    next_page=next_vintages,
    series=SERIES,
    series_column="series_id",
    rests_on="recordings of 21 series in both forms; IOER, OBFR, FYGFDPUN, WRBWFRBL, WDTGAL, WLRRAL, WCURCIR, WORAL, "
    "WLODLL, WLFN, WLTLECL, the RPON series, custody, H.8, Z.1, national accounts and budget on others' code and "
    "notes, their ranges on memory; vintages of the API on a recording of all of one series, keyless ones on two parts",
)
