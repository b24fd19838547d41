"""Primary dealers' positions, financing and fails in Treasuries, each Wednesday."""

from collections.abc import Iterable
from datetime import date, time

import msgspec
import polars as pl

from ingest.catalog import Column, Dataset, Parsed, Plan, Request, Series, Unit
from ingest.decode import cast_text, from_json, wire_names
from ingest.errors import LayoutError, ValueFormatError
from ingest.providers.nyfed.common import API, TERMS, without_stars
from ingest.releases import Cadence, Release

DEALERS = Release(time(16, 15), "Thursday of the following week about 16:15, quoted from the publisher's page", days=8)

# From when each form of the survey is in force, as another project's copy of the publisher's menu has it. A key id that
# goes on across a break may count something slightly different after it.
SERIES_BREAKS = (
    (date(2013, 4, 1), "SBN2013"),
    (date(2015, 1, 1), "SBN2015"),
    (date(2022, 1, 5), "SBN2022"),
    (date(2024, 7, 3), "SBN2024"),
)
DEALER_COLUMNS = (
    Column("key_id", "varchar", "The publisher's name of the line of the survey", is_nullable=False, wire="keyid"),
    Column("as_of_date", "date", "Wednesday of the position", is_nullable=False, wire="asofdate"),
    Column(
        "series_break",
        "varchar",
        "Form of the survey in force that day; lines are only quite comparable within one",
        is_nullable=False,
        allowed=frozenset(name for _, name in SERIES_BREAKS),
    ),
    Column(
        "value_usd_mn",
        "double",
        "Net position (long less short) or amount financed; suppressed ones are left out",
        Unit.USD_MN,
        False,
        plausible=(-600_000, 8_000_000),
        range_reason="millions; dealers' repo of Treasuries was about 3 trillion in 2025",
        wire="value",
    ),
)


def _net(key_id: str, what: str, high: float, low: float = -200, is_discontinued: bool = False) -> Series:
    return Series(
        key_id,
        f"Primary dealers, net position: {what}",
        Unit.USD_MN,
        (low, high),
        "long less short",
        is_discontinued=is_discontinued,
    )


def _financed(key_id: str, what: str, high: float, low: float = 1) -> Series:
    return Series(key_id, f"Primary dealers: {what}", Unit.USD_MN, (low, high), "outstanding")


# Ids and what they mean are those of the recorded list of November 2025; the discontinued one is from public code.
DEALER_POSITIONS = (
    _net("PDPOSGS-B", "Treasury bills", 600),
    _net("PDPOSGS-BFRN", "floating-rate Treasuries", 200),
    _net("PDPOSGSC-L2", "Treasury coupons, at most 2 years", 400),
    _net("PDPOSGSC-G2L3", "Treasury coupons, 2 to 3 years", 300),
    _net("PDPOSGSC-G3L6", "Treasury coupons, 3 to 6 years", 400),
    _net("PDPOSGSC-G6L7", "Treasury coupons, 6 to 7 years", 300),
    _net("PDPOSGSC-G7L11", "Treasury coupons, 7 to 11 years", 300),
    _net("PDPOSGSC-G11", "Treasury coupons, over 11 years, until the end of 2021", 300, is_discontinued=True),
    _net("PDPOSGSC-G11L21", "Treasury coupons, 11 to 21 years, from 2022", 300),
    _net("PDPOSGSC-G21", "Treasury coupons, over 21 years, from 2022", 300),
    _net("PDPOSTIPS-L2", "inflation-protected Treasuries, at most 2 years", 200),
    _net("PDPOSTIPS-G2", "inflation-protected Treasuries, 2 to 6 years", 200),
    _net("PDPOSTIPS-G6L11", "inflation-protected Treasuries, 6 to 11 years", 200),
    _net("PDPOSTIPS-G11", "inflation-protected Treasuries, over 11 years", 200),
    # Its label leaves inflation-protected securities out, its figures do not: another project found that total and
    # lines with them agree to the dollar over 600 weeks.
    _net("PDPOSGST-TOT", "all Treasuries", 2_000, low=-500),
)
DEALER_FINANCING = (
    _financed("PDSORA-UTSETTOT", "repo of Treasuries other than inflation-protected: borrowed", 8_000),
    _financed("PDSORA-UTSTTOT", "repo of inflation-protected Treasuries: borrowed", 1_000),
    _financed("PDSIRRA-UTSETTOT", "reverse repo of Treasuries other than inflation-protected: lent", 8_000),
    _financed("PDSIRRA-UTSTTOT", "reverse repo of inflation-protected Treasuries: lent", 1_000),
)


# Fails of the week; the recording of 2013-04-03 has 43,736 and 2,075 million delivered late, 57,759 and 1,986 received.
DEALER_FAILS = (
    _financed("PDFTD-USTET", "fails to deliver Treasuries other than inflation-protected", 5_000, 0.1),
    _financed("PDFTD-UST", "fails to deliver inflation-protected Treasuries", 500, 0.001),
    _financed("PDFTR-USTET", "fails to receive Treasuries other than inflation-protected", 5_000, 0.1),
    _financed("PDFTR-UST", "fails to receive inflation-protected Treasuries", 500, 0.001),
)


def dealer_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """Positions, financing and fails, each with all its lines in one address, as recorded.

    Without a series break in the address a line comes with its whole history (since 2013-04-03), whatever the plan.
    The answer covers some lines of the dataset only, so nothing counts as withdrawn; a line that is missing altogether
    is refused by the parser.
    """
    for group in (DEALER_POSITIONS, DEALER_FINANCING, DEALER_FAILS):
        yield Request(f"{API}/pd/get/{'_'.join(series.id for series in group)}.json")


_WEDNESDAY = 3

_HIDDEN = frozenset({"*", ""})


class _DealerValue(msgspec.Struct, rename=wire_names(DEALER_COLUMNS)):
    as_of_date: date
    key_id: str
    value_usd_mn: str | None


class _DealerValues(msgspec.Struct):
    timeseries: list[_DealerValue]


class _Dealers(msgspec.Struct):
    pd: _DealerValues


def parse_dealers(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Weekly lines of the dealer survey, text in USD millions; suppressed ones (`*`) are left out with a note.

    LayoutError when a line that was asked is not there at all or one came that was not; ValueFormatError for a day that
    is no Wednesday. Each line is held against its own plausible range.
    """
    rows = from_json(without_stars(body), _Dealers).pd.timeseries
    asked = set() if request.is_file else set(request.url.rsplit("/", 1)[1].removesuffix(".json").split("_"))
    missing, unasked = asked - {row.key_id for row in rows}, {row.key_id for row in rows} - asked
    if asked and (missing or unasked):
        raise LayoutError(f"lines asked and missing {sorted(missing)}, not asked {sorted(unasked)}")
    text = pl.DataFrame(
        {
            "key_id": [row.key_id for row in rows],
            "as_of_date": [row.as_of_date for row in rows],
            "value": [row.value_usd_mn for row in rows],
        },
        schema={"key_id": pl.String(), "as_of_date": pl.Date(), "value": pl.String()},
    )
    odd = text.filter(pl.col("as_of_date").dt.weekday() != _WEDNESDAY)
    if not odd.is_empty():
        place = f"{odd['key_id'][0]} {odd['as_of_date'][0]}"
        raise ValueFormatError("no Wednesday: a line of the monthly part?", place=place)
    breaks = pl.lit(None, pl.String())
    for start, name in SERIES_BREAKS:
        breaks = pl.when(pl.col("as_of_date") >= start).then(pl.lit(name)).otherwise(breaks)
    values = cast_text(text["value"], pl.Float64(), missing=_HIDDEN)
    frame = text.select("key_id", "as_of_date", breaks.alias("series_break"), values.alias("value_usd_mn")).filter(
        pl.col("value_usd_mn").is_not_null()
    )
    for (key_id,), line in frame.partition_by("key_id", as_dict=True).items():
        dataset.series_by_id(str(key_id)).resolve_unit(line["value_usd_mn"])
    hidden = text.height - frame.height
    return Parsed(frame, (f"{hidden} suppressed values left out",) if hidden else (), wire_rows=text.height)


PRIMARY_DEALER_STATISTICS = Dataset(
    provider="nyfed",
    name="primary_dealer_statistics",
    title="Primary dealers' positions, financing and fails in Treasuries",
    by_hand="JSON of the Markets API, `/api/pd/get/....json`",
    description="Net positions by kind and maturity, repo lent and borrowed, fails, each Wednesday since April 2013.",
    columns=DEALER_COLUMNS,
    key=("key_id", "as_of_date"),
    date_column="as_of_date",
    cadence=Cadence.WEEKLY,
    release=DEALERS,
    start=date(2013, 4, 3),
    earliest=date(1998, 1, 28),  # the whole statistics; for lines without a recording only the answer shows their start
    window_days=56,
    licence=TERMS,
    requests=dealer_requests,
    parse=parse_dealers,
    series=DEALER_POSITIONS + DEALER_FINANCING + DEALER_FAILS,
    series_column="key_id",
    rests_on="recording of the list of lines (2025-11) and of the beginning of one answer with twelve lines; the "
    "asterisk, the dates of the series breaks and the discontinued line on others' code",
)
