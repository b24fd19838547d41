"""CSV files saved by hand: several series in one, other headings, values transformed on the way."""

import re
from collections.abc import Iterable

import polars as pl

from ingest.catalog import Dataset, Parsed, Request, Series
from ingest.decode import cast_text, from_csv, unspoilt
from ingest.errors import EmptyBodyError, LayoutError, UnitError
from ingest.providers.fred.common import near_ids
from ingest.providers.fred.rows import FILE_MISSING, VINTAGE, hold_cadence, text_cells, typed_rows

_DATE_HEADINGS = frozenset({"observation_date", "date"})
# The heading of the values in the download that FRED once had (see fred.md), and in many copies.
_NAMELESS = "value"
# What FRED appends to the id when it transforms the values: changes, growth rates, logarithm, index.
_TRANSFORMED = re.compile(r"^.+_(CHG|CH1|PCH|PC1|PCA|CCH|CCA|LOG|NBD\d{8})$")
MAX_MEMBERS = 50  # of a ZIP that was saved by hand: one for each frequency, or for each series


def _own_days(dataset: Dataset, series: Series, text: pl.DataFrame) -> pl.DataFrame:
    """Rows of one series among others: all if their days are its own, else those that have a value."""
    try:
        hold_cadence(dataset, series, cast_text(text["date"], pl.Date()).drop_nulls().unique())
    except LayoutError:
        return text.filter(pl.col("value").is_not_null() & ~pl.col("value").is_in(list(FILE_MISSING)))
    return text


def _from_table(
    dataset: Dataset, body: bytes, scope: str | None
) -> tuple[list[tuple[Series, pl.DataFrame]], list[str], list[str]]:
    """Series of a CSV that was saved by hand, as text; then ids that are not in the catalog, then transformed ones.

    One column holds the dates, under any of its headings. The others are series: FRED's id, an id with the day of its
    vintage, or VALUE, of which only ``scope`` knows the series. With ``scope`` all others are passed over.
    """
    text = from_csv(body)
    by_name = {heading.replace("\ufeff", "").strip(): heading for heading in text.columns}
    dated = [name for name in by_name if name.casefold() in _DATE_HEADINGS]
    if len(dated) != 1 or len(by_name) < 2:
        raise LayoutError(
            f"headings {list(by_name)[:6]}, expected observation_date (or DATE) and a series id (or VALUE, which needs "
            "--series)"
        )
    dates = text.select(unspoilt(pl.col(by_name[dated[0]]), pl.Date())).to_series()
    catalog = {series.id.casefold(): series.id for series in dataset.series}
    found: dict[tuple[str, bool], list[pl.DataFrame]] = {}
    unknown, transformed = [], []
    for name, heading in by_name.items():
        values = text.select(unspoilt(pl.col(heading), pl.Float64())).to_series()
        vintage = VINTAGE.match(name)
        series_id = vintage["id"] if vintage else name
        if name in dated or not name:  # a data frame's own index has no heading
            continue
        if name.casefold() == _NAMELESS:
            if scope is None:
                raise LayoutError(f"the column {name} does not name its series; name it with --series")
            found.setdefault((scope, False), []).append(text_cells(dates, values, None))
        elif known := catalog.get(series_id.casefold()):
            found.setdefault((known, bool(vintage)), []).append(text_cells(dates, values, vintage))
        elif _TRANSFORMED.match(series_id):
            transformed.append(name)
        else:
            unknown.append(name)
    if scope is not None:
        if not any(series_id == scope for series_id, _ in found):
            others = [*(series_id for series_id, _ in found), *transformed, *unknown]
            raise LayoutError(f"the body is about {', '.join(others)}, asked was {scope}")
        found = {key: frames for key, frames in found.items() if key[0] == scope}
        unknown, transformed = [], []
    if len({is_vintage for _, is_vintage in found}) > 1:
        raise LayoutError("vintages and present values in one file; load them apart")
    tables = [(dataset.series_by_id(series_id), pl.concat(frames)) for (series_id, _), frames in found.items()]
    return tables, unknown, transformed


def parse_saved(dataset: Dataset, bodies: Iterable[bytes], request: Request) -> Parsed:
    """Observations of all series in files saved by hand; what cannot be taken is noted, unless nothing else is there.

    A download of several series brings all of them to the lowest frequency: a series in such a file that is not in its
    own frequency is left out, while a file of that series alone is refused.
    """
    frames: list[pl.DataFrame] = []
    refused: list[LayoutError] = []
    unknown: list[str] = []
    transformed: list[str] = []
    for body in bodies:
        tables, strange, changed = _from_table(dataset, body, request.scope)
        unknown += strange
        transformed += changed
        for series, text in tables:
            is_one_of_many = len(tables) + len(strange) + len(changed) > 1
            try:
                frame = typed_rows(
                    dataset, series, _own_days(dataset, series, text) if is_one_of_many else text, request
                )
            except LayoutError as error:
                refused.append(error)
            else:
                frames.append(frame)
    notes = [
        *(f"{error.place} left out: {error.message}" for error in refused),
        *([f"series that are not in the catalog left out: {', '.join(unknown)}"] if unknown else []),
        *([f"transformed values left out: {', '.join(transformed)}"] if transformed else []),
    ]
    frames = [frame for frame in frames if not frame.is_empty()]
    if frames:
        return Parsed(pl.concat(frames), tuple(notes))
    if refused:
        raise refused[0]
    if transformed:
        raise UnitError(
            f"{', '.join(transformed)}: the values were transformed on the way; download the series in its own units"
        )
    if unknown:
        raise LayoutError(
            f"series {', '.join(map(repr, unknown))} is not in the catalog; add a row for it, or load one of "
            f"{', '.join(near) if (near := near_ids(dataset, unknown)) else 'those in the data dictionary'}"
        )
    raise EmptyBodyError("the answer has no rows")
