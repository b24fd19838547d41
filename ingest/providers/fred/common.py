"""What present values, vintages and saved files of FRED share: addresses and the answer of the API."""

from datetime import date
from difflib import get_close_matches

import msgspec

from ingest.catalog import Dataset, environment_key
from ingest.errors import LayoutError

GRAPH = "https://fred.stlouisfed.org/graph/fredgraph.csv"
API = "https://api.stlouisfed.org/fred/series/observations"
ALFRED_GRAPH = "https://alfred.stlouisfed.org/graph/alfredgraph.csv"
VINTAGE_DATES = "https://api.stlouisfed.org/fred/series/vintagedates"
KEY_ENV = "FRED_API_KEY"

FIRST_REALTIME, LAST_REALTIME = "1776-07-04", "9999-12-31"


def own_key() -> str | None:
    """The user's key for the API, if there is one."""
    return environment_key(KEY_ENV)


class _Observation(msgspec.Struct):
    date: str
    value: str
    realtime_start: str
    realtime_end: str


class Observations(msgspec.Struct):
    """The API's answer."""

    realtime_start: str
    realtime_end: str
    units: str
    output_type: int
    count: int
    offset: int
    limit: int
    observations: list[_Observation]


def hold_echo(start: date | str, end: date | str, params: dict[str, str], series_id: str) -> None:
    """A parameter that the API does not know is ignored, and revised data come with status 200: look at the echo."""
    asked = (params["realtime_start"], params["realtime_end"])
    if (str(start), str(end)) != asked:
        raise LayoutError(
            f"asked for the vintages from {asked[0]} to {asked[1]}, the answer is about {start} to {end}",
            dataset="fred.observations",
            place=series_id,
        )


def near_ids(dataset: Dataset, names: list[str]) -> list[str]:
    """Ids of the catalog that look like ``names``."""
    ids = [series.id for series in dataset.series]
    return list(dict.fromkeys(near for name in names for near in get_close_matches(name.upper(), ids, n=3)))
