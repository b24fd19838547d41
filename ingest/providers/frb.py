"""The Federal Reserve Board's data download: H.4.1 and H.8 at their source, of which FRED repeats a part.

No key. One address gives a whole release as a ZIP with all history, without the hash that a table's address needs. In
it is `<release>_data.xml`, SDMX-ML compact: `Series` elements with name, unit, multiplier (`1e+09` or `1000000`) and
currency, and in them `Obs` with date, value and status; a value that is not there reads -9999 under a status other than
A. The XML of H.4.1 is 125 MB, so it is read as a stream. A table saved as CSV, six heading rows quoted, is read too.
The ZIP was seen for another release (G.19), the CSV for both; size and members of these two ZIPs are known from other
people's code. There are no vintages: every answer is today's revision of everything.

Only series of the catalog are kept. A name is H.4.1's `RESPPMA_N.WW` (`.WW` Wednesday level) or H.8's `B1003NCBD`:
item 1003, group CB = all commercial banks, D = weekly, not seasonally adjusted (A = adjusted).

What must not be here: SQL, the network, formulas.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import IO
from xml.etree import ElementTree

import polars as pl

from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Parsed, Plan, Provider, Request, Series, Unit
from ingest.decode import cast_text, opened_zip, readable
from ingest.errors import LayoutError, UnitError, UnreadableBodyError
from ingest.releases import Cadence, Release

OUTPUT = "https://www.federalreserve.gov/datadownload/Output.aspx"
MAX_XML_BYTES = 1_000_000_000

THURSDAY = Release(time(16, 30), "Thursday 16:30, after a holiday Friday, says the Board", business_days=1)
FRIDAY = Release(
    time(16, 15),
    "Friday of the next week by 16:15, Thursday when it is a holiday, says the Board (releases/H8/about.htm)",
    days=9,
    grace=timedelta(days=4),
    is_early_on_holidays=True,
)


# Reasons for series that no mart uses.
_TWIN = "The Board's own line of what marts read from FRED; kept to go on, or to compare, without FRED."
_PLAIN = "As collected, without seasonal factors, which are estimated anew each year; no mart asks for it yet."
_FOREIGN = "Banks of foreign owners week by week, which FRED has by month only; no mart asks for it yet."


def _usd_mn(
    series_id: str, title: str, plausible: tuple[float, float], measure: str = "Wednesday level", held_for: str = ""
) -> Series:
    return Series(series_id, title, Unit.USD_MN, plausible, measure, held_for=held_for)


# Ranges in USD billions hold since December 2002. Seen as headings of a recorded table, unless the line has a note.
H41_SERIES = (
    _usd_mn("RESPPMA_N.WW", "Fed: total assets", (500, 15_000)),
    _usd_mn("RESPPALG_N.WW", "Fed: all securities held outright", (300, 13_000), held_for=_TWIN),
    _usd_mn("RESPPALGUO_N.WW", "Fed: Treasury securities held outright", (300, 10_000)),
    _usd_mn("RESPPALGUOB_N.WW", "Fed: Treasury bills held outright", (0, 3_000)),
    _usd_mn("RESPPALGASMO_N.WW", "Fed: mortgage-backed securities held outright", (0, 4_000)),
    _usd_mn("RESPPALGTR_N.WW", "Fed: repurchase agreements, asset", (0, 2_000)),
    _usd_mn("RESPPALD_N.WW", "Fed: loans", (0, 2_000)),
    _usd_mn("RESH4SCS_N.WW", "Fed: central bank liquidity swaps", (0, 2_000), held_for=_TWIN),
    _usd_mn("RESPPLLN_N.WW", "Federal Reserve notes, net of those the Reserve Banks hold", (400, 6_000)),
    _usd_mn("RESPPLLR_N.WW", "Fed: reverse repurchase agreements, foreign accounts included", (5, 4_500)),
    _usd_mn("RESPPLLRF_N.WW", "Fed: reverse repurchase agreements, foreign official accounts", (0, 2_000)),  # code of 5
    _usd_mn("RESPPLLRD_N.WW", "Fed: reverse repurchase agreements, others", (0, 4_000)),  # code of 8
    _usd_mn("RESPPLLDD_N.WW", "Deposits of banks at the Fed other than term deposits", (0.5, 6_000), held_for=_TWIN),
    _usd_mn("RESPPLLDT_N.WW", "Treasury General Account at the Fed", (0.5, 2_500)),
    _usd_mn("RESPPLLDF_N.WW", "Foreign official deposits at the Fed", (0, 500)),
    _usd_mn("RESPPLLDO_N.WW", "Other deposits at the Fed", (0, 1_500), held_for=_TWIN),
    _usd_mn("RESPPMLL_N.WW", "Fed: total liabilities", (500, 15_000)),
    _usd_mn("RESPPLC_N.WW", "Fed: total capital", (5, 200)),
    _usd_mn("RESH4R_N.WW", "Reserve balances at the Fed", (0.5, 6_000)),  # code of 10
    _usd_mn("RESTBC_N.WW", "Currency in circulation", (500, 6_000), held_for=_TWIN),  # code of 3
    # Custody at face value since July 2007, zeros before: code of one, who checked it against the release itself.
    _usd_mn(
        "RESH4FG_N.WW",
        "Treasury securities held in custody for foreign official accounts",
        (0, 6_000),
        held_for=_TWIN,
    ),
)

_ESTIMATE = "Wednesday level, estimated from a sample"
_ADJUSTED = f"{_ESTIMATE}, seasonally adjusted"
# Since 1973. The first six were seen as headings of a recorded table, the others in several people's code (the last two
# in one's).
_H8_SEEN = (
    _usd_mn("B1003NCBD", "Banks: Treasury and agency securities", (50, 15_000), _ESTIMATE),
    _usd_mn("B1301NCBD", "Banks: Treasury and agency securities, mortgage-backed", (20, 10_000), _ESTIMATE, _PLAIN),
    _usd_mn("B1302NCBD", "Banks: Treasury and agency securities, other than mortgage-backed", (20, 10_000), _ESTIMATE),
    _usd_mn("B1048NCBD", "Banks: cash assets", (30, 10_000), _ESTIMATE, _PLAIN),
    _usd_mn("B1151NCBD", "Banks: total assets", (500, 60_000), _ESTIMATE),
    _usd_mn("B1058NCBD", "Banks: deposits", (400, 45_000), _ESTIMATE),
    _usd_mn("B1003NCBA", "Banks: Treasury and agency securities", (50, 15_000), _ADJUSTED, _TWIN),
    _usd_mn("B1151NCBA", "Banks: total assets", (500, 60_000), _ADJUSTED, _TWIN),
    _usd_mn("B1058NCBA", "Banks: deposits", (400, 45_000), _ADJUSTED, _TWIN),
    _usd_mn("B1058NLGA", "Large domestic banks: deposits", (200, 30_000), _ADJUSTED, _TWIN),
    _usd_mn("B1058NSMA", "Small domestic banks: deposits", (100, 20_000), _ADJUSTED, _TWIN),
)
# Securities of large (LG), small (SM) and foreign-related (FR) banks. Groups, items and the last letter are seen in
# other names: B1003NLGAM by month in one's code, H8B3053NLGA and NSMA on FRED. No body had these nine, D and A each, so
# that a release without one of them makes a note and no changed layout.
_H8_BY_PATTERN = tuple(
    _usd_mn(f"B{item}N{group}{letter}", f"{banks}: {line}", plausible, measure, _FOREIGN if group == "FR" else why)
    for letter, measure, why in (("D", _ESTIMATE, _PLAIN), ("A", _ADJUSTED, _TWIN))
    for group, banks, ranges in (
        ("LG", "Large domestic banks", ((30, 16_000), (50, 12_000), (20, 10_000))),
        ("SM", "Small domestic banks", ((20, 8_000), (20, 5_000), (10, 5_000))),
        ("FR", "Foreign-related banks", ((0.3, 3_000), (0.3, 1_500), (1, 2_000))),
    )
    for (item, line), plausible in zip(
        (
            ("1003", "Treasury and agency securities"),
            ("1301", "Treasury and agency securities, mortgage-backed"),
            ("1302", "Treasury and agency securities, other than mortgage-backed"),
        ),
        ranges,
        strict=True,
    )
)
H8_SERIES = _H8_SEEN + _H8_BY_PATTERN
_MAY_LACK = frozenset(series.id for series in _H8_BY_PATTERN)


def _columns(series: tuple[Series, ...]) -> tuple[Column, ...]:
    units = frozenset(unit.suffix for one in series for unit in (one.unit, *one.former_units))
    return (
        Column("series_id", "varchar", "The Board's name of the series", is_nullable=False),
        Column("observation_date", "date", "Wednesday of the level", is_nullable=False),
        Column("value", "double", "Value in the unit of the row; missing ones are left out", Unit.BY_ROW, False),
        Column("unit", "varchar", "Unit in which this value was published", is_nullable=False, allowed=units),
    )


# --- requests -------------------------------------------------------------------------------------------------------


def _release(dataset: Dataset) -> str:
    """The Board's name of the release: H41 for frb.h41."""
    return dataset.name.upper()


def release_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """The whole release in one file, whatever is held already."""
    params = (("rel", _release(dataset)), ("filetype", "zip"))
    yield Request(OUTPUT, params, None, dataset.start, plan.today)


# --- parser ---------------------------------------------------------------------------------------------------------

_UNITS = {1.0: Unit.USD, 1e3: Unit.USD_K, 1e6: Unit.USD_MN, 1e9: Unit.USD_BN}
_HAS_VALUE = "A"
_STATUSES = frozenset({_HAS_VALUE, "NA", "NC", "ND"})  # not available, not calculable, no data
_MISSING = frozenset({"", "NA", "NC", "ND"})
_WEDNESDAY = 3


@dataclass
class _Found:
    """The content of a body for one series; ``cells`` are dates and values as text."""

    name: str
    unit: str
    multiplier: str
    currency: str
    cells: list[tuple[str, str]] = field(default_factory=list)


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _from_zip(dataset: Dataset, body: bytes, wanted: frozenset[str]) -> Iterator[_Found]:
    """Series of the data member of the ZIP; of those not ``wanted`` the name alone."""
    member = f"{_release(dataset)}_data.xml"
    try:
        with opened_zip(body, most_bytes=MAX_XML_BYTES) as archive:
            if member not in archive.namelist():
                raise LayoutError(f"no {member} among {archive.namelist()}")
            with archive.open(member) as file:
                yield from _from_xml(file, wanted)
    except ElementTree.ParseError as error:
        raise UnreadableBodyError(f"broken XML in {member}: {error}") from None


def _from_xml(file: IO[bytes], wanted: frozenset[str]) -> Iterator[_Found]:
    found: _Found | None = None
    group = None
    for event, element in ElementTree.iterparse(file, events=("start", "end")):
        tag = _local(element.tag)
        if tag == "DataSet":
            group = element if event == "start" else None
        elif tag == "Series" and event == "start":
            at = element.attrib
            if not at.get("SERIES_NAME"):
                raise LayoutError(f"a series without SERIES_NAME: {dict(at)}")
            found = _Found(at["SERIES_NAME"], at.get("UNIT", ""), at.get("UNIT_MULT", ""), at.get("CURRENCY", ""))
        elif tag == "Obs" and event == "end":
            if found and found.name in wanted:
                found.cells.append(_observation(found.name, element.attrib))
            element.clear()
        elif tag == "Series" and found:
            yield found
            element.clear()
            if group is not None:
                group.clear()  # or the emptied elements of a hundred megabytes pile up in their parent


def _observation(name: str, at: dict[str, str]) -> tuple[str, str]:
    status = at.get("OBS_STATUS")
    if status not in _STATUSES or not {"OBS_VALUE", "TIME_PERIOD"} <= at.keys():
        raise LayoutError(f"an observation of another kind: {at}", place=name)
    return at["TIME_PERIOD"], at["OBS_VALUE"] if status == _HAS_VALUE else ""


_HEADINGS = ("Series Description", "Unit:", "Multiplier:", "Currency:", "Unique Identifier:", "Time Period")


def _from_csv(dataset: Dataset, body: bytes, wanted: frozenset[str]) -> Iterator[_Found]:
    """Series of a table: six heading rows, then a row a date."""
    try:
        rows = list(csv.reader(io.StringIO(readable(body).decode()), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableBodyError(f"no CSV: {error}") from None
    # The fifth heading ends in a blank on the wire, which saving again removes.
    headings = tuple(row[0].strip() for row in rows[:6] if row)
    if headings != _HEADINGS:
        raise LayoutError(f"heading rows {headings}, expected {_HEADINGS}")
    width = len(rows[0])
    table = [row for row in rows if row]
    if uneven := next((row for row in table if len(row) != width), None):
        raise UnreadableBodyError(f"{len(uneven)} cells after {uneven[0]!r}, {width} headings: cut short?")
    for unit, multiplier, currency, path, name, *cells in list(zip(*table[1:], strict=True))[1:]:
        release = path.split("/")[0]
        if release != _release(dataset):
            raise LayoutError(f"{path} is no series of {_release(dataset)}")
        found = _Found(name, unit, multiplier, currency)
        if name in wanted:
            found.cells = list(zip((row[0] for row in table[6:]), cells, strict=True))
        yield found


def _stated_unit(series: Series, found: _Found) -> Unit:
    """The unit that the body states; UnitError unless it is the series' own or a former one."""
    try:
        unit = _UNITS.get(float(found.multiplier))
    except ValueError:
        unit = None
    is_dollars = found.unit == "Currency" and found.currency == "USD"
    if not is_dollars or unit not in (series.unit, *series.former_units):
        known = " or ".join(known.words for known in (series.unit, *series.former_units))
        stated = f"{found.unit} {found.currency} times {found.multiplier or 'nothing'}"
        raise UnitError(f"comes as {stated}, known is {known}", place=series.id)
    return unit


def _frame(dataset: Dataset, found: _Found) -> pl.DataFrame:
    series = dataset.series_by_id(found.name)
    unit = _stated_unit(series, found)
    text = pl.DataFrame(found.cells, schema=dict.fromkeys((f"{series.id} date", series.id), pl.String()), orient="row")
    dates = cast_text(text[f"{series.id} date"], pl.Date()).alias("observation_date")
    if (series.cadence or dataset.cadence) is Cadence.WEEKLY and (bad := dates.dt.weekday() != _WEDNESDAY).any():
        raise LayoutError(f"{dates.filter(bad)[0]} is no Wednesday", place=series.id)
    values = cast_text(text[series.id], pl.Float64(), _MISSING).alias("value")
    frame = pl.DataFrame([dates, values]).drop_nulls()
    replace(series, unit=unit, former_units=()).resolve_unit(frame["value"].to_list())
    return frame.select(
        pl.lit(series.id).alias("series_id"), "observation_date", "value", pl.lit(unit.suffix).alias("unit")
    )


def parse_release(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Observations of the catalog's series, from the ZIP of the release or from a table saved as CSV.

    Notes say how many other series there were, and which of the names by pattern are not there. UnreadableBodyError
    for a broken archive or a table cut short; LayoutError for another release, a series of the catalog that the whole
    release lacks, unknown kinds of observations and dates that are no Wednesday; UnitError for another unit than
    declared; ValueFormatError for text in a value.
    """
    wanted = frozenset(series.id for series in dataset.series)
    is_whole = body.startswith(b"PK")
    frames, others = {}, 0
    for found in (_from_zip if is_whole else _from_csv)(dataset, body, wanted):
        if found.name not in wanted:
            others += 1
        elif found.name in frames:
            raise LayoutError("is there twice", place=found.name)
        else:
            frames[found.name] = _frame(dataset, found)
    absent = sorted(wanted - frames.keys()) if is_whole else []
    if renamed := [name for name in absent if name not in _MAY_LACK]:
        raise LayoutError(f"the release has no series {', '.join(renamed)}; are they renamed?")
    if not frames:
        raise LayoutError(f"none of its {others} series is in the catalog")
    notes: tuple[str, ...] = (f"{others} series that are not in the catalog left out",) if others else ()
    notes += (f"the release has no series {', '.join(absent)}",) if absent else ()
    return Parsed(pl.concat(frames.values()), notes)


# --- datasets -------------------------------------------------------------------------------------------------------

H41 = Dataset(
    provider="frb",
    name="h41",
    title="H.4.1, the Fed's balance sheet",
    by_hand="the ZIP of the whole release (`rel=H41&filetype=zip`), or a table of it as CSV with its six heading rows",
    description="Assets and liabilities of the Federal Reserve Banks each Wednesday, by series.",
    columns=_columns(H41_SERIES),
    key=("series_id", "observation_date"),
    date_column="observation_date",
    cadence=Cadence.WEEKLY,
    release=THURSDAY,
    start=date(2002, 12, 18),
    earliest=date(1984, 1, 4),  # the ZIP of the whole release was not recorded; weekly averages of FRED begin then
    window_days=28,
    licence=PUBLIC_DOMAIN,
    requests=release_requests,
    parse=parse_release,
    series=H41_SERIES,
    series_column="series_id",
    rests_on="recording of the CSV of 2016-2017 and of the ZIP of another release; ZIP and four names on others' code",
)

H8 = Dataset(
    provider="frb",
    name="h8",
    title="H.8, balance sheets of commercial banks",
    by_hand="the ZIP of the whole release (`rel=H8&filetype=zip`), or a table of it as CSV with its six heading rows",
    description="Assets and liabilities of commercial banks in the United States each Wednesday, by series.",
    columns=_columns(H8_SERIES),
    key=("series_id", "observation_date"),
    date_column="observation_date",
    cadence=Cadence.WEEKLY,
    release=FRIDAY,
    start=date(1973, 1, 3),
    window_days=60,
    licence=PUBLIC_DOMAIN,
    requests=release_requests,
    parse=parse_release,
    series=H8_SERIES,
    series_column="series_id",
    rests_on="recording of the CSV of 1973-2023 and of the ZIP of another release; ZIP and five names on others' code",
)

PROVIDER = Provider(
    name="frb",
    title="Board of Governors of the Federal Reserve System",
    homepage="https://www.federalreserve.gov/datadownload/",
    hosts=("www.federalreserve.gov",),
    datasets=(H41, H8),
    pace=0.5,
    max_bytes=256_000_000,
    deadline=300.0,
)
