"""Commodity Futures Trading Commission: Traders in Financial Futures, futures only, the seven Treasury contracts.

No key. Two shapes hold the same report: the public reporting API (Socrata; bare JSON array, *every* value text, a
missing one has no key) and the yearly text file or its ZIP (87 quoted, padded columns, `.` for missing), of which the
older ones write the day otherwise (others' code). Their column names are two vocabularies, and the API's own is
irregular: `_all` ends some names and not others. A report that counts options too looks the same but for one column,
and is refused. Contracts are told by code: all names changed in 2022. Both shapes were seen in recordings, Treasury
rows in the files only; face values are printed in the files.

What must not be here: SQL, the network, formulas.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import msgspec
import polars as pl

from ingest.calendars import new_york_to_utc
from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Parsed, Plan, Provider, Request, Series, Unit
from ingest.decode import cast_columns, from_csv, from_json, opened_zip, read_member, readable
from ingest.errors import LayoutError, UnitError, UnreadableBodyError, ValueFormatError
from ingest.releases import Cadence, Release

API = "https://publicreporting.cftc.gov/resource/gpe5-46if.json"
PAGE_SIZE = 50_000  # seven contracts a week since 2006 are some 7,400 rows; without $limit 1,000 come
MAX_MEMBER_BYTES = 256_000_000  # of the file in a ZIP, unpacked; eleven years together are about 25 million

# US dollars of Treasury face of one contract, as in `Contract_Units` of the recorded files; the 3-year
# note is in none of them, its 300,000 (200,000 in its first years) is remembered.
CONTRACT_FACE_USD = {
    "042601": 200_000,
    "039601": 300_000,
    "044601": 100_000,
    "043602": 100_000,
    "043607": 100_000,
    "020601": 100_000,
    "020604": 100_000,
}
_FACE_NOT_SEEN = "039601"


def _contract(code: str, title: str, plausible: tuple[float, float], is_discontinued: bool = False) -> Series:
    face = f"{CONTRACT_FACE_USD[code]:,} US dollars of face a contract"
    return Series(code, title, Unit.CONTRACTS, plausible, face, is_discontinued=is_discontinued)


# The plausible range is that of open interest; positions are held to it by their sum.
SERIES = (
    _contract("042601", "2-year Treasury note future", (100_000, 40_000_000)),
    # In none of the recorded reports of 2018 to 2026, so nothing is late when it does not come.
    _contract("039601", "3-year Treasury note future", (100, 10_000_000), is_discontinued=True),
    _contract("044601", "5-year Treasury note future", (200_000, 60_000_000)),
    _contract("043602", "10-year Treasury note future", (300_000, 60_000_000)),
    # The two Ultras start small, in 2016 and 2010 (remembered); recorded lows are 519,475 and 878,305.
    _contract("043607", "Ultra 10-year Treasury note future", (1_500, 30_000_000)),
    _contract("020601", "Treasury bond future", (100_000, 20_000_000)),
    _contract("020604", "Ultra Treasury bond future", (1_500, 20_000_000)),
)


# --- when a report comes out ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReportRelease(Release):
    """A release rule with reports that came late. ``late`` is (effective date, day of publication), same hour."""

    late: tuple[tuple[date, date], ...] = ()

    def published_at(self, effective: date) -> datetime:
        """By the list when the report is on it, else by the rule."""
        day = dict(self.late).get(effective)
        return new_york_to_utc(day, self.at) if day else super().published_at(effective)

    def describe(self) -> str:
        """The rule in words, with the number of exceptions."""
        return f"{super().describe()}; {len(self.late)} reports came later, by day"


def _days(text: str) -> tuple[tuple[date, date], ...]:
    pairs = (item.split() for item in text.split(","))
    return tuple((date.fromisoformat(effective), date.fromisoformat(day)) for effective, day in pairs)


# Without these a backtest would know the reports of a shutdown weeks before anybody did.
LATE_REPORTS = _days(
    # Shutdown of 2018-12-22: announced as one report on Tuesday and one on Friday from 2019-02-01, until current.
    "2018-12-24 2019-02-01, 2018-12-31 2019-02-05, 2019-01-08 2019-02-08, 2019-01-15 2019-02-12, "
    "2019-01-22 2019-02-15, 2019-01-29 2019-02-19, 2019-02-05 2019-02-22, 2019-02-12 2019-02-26, "
    "2019-02-19 2019-03-01, 2019-02-26 2019-03-05, "
    # Attack on ION of 2023-01-31: days of the catch-up as an outside review of 2026 lists them; the first is announced,
    # and that reports were normal again on 2023-03-24.
    "2023-01-31 2023-02-24, 2023-02-07 2023-03-03, 2023-02-14 2023-03-08, 2023-02-21 2023-03-10, "
    "2023-02-28 2023-03-14, 2023-03-07 2023-03-16, 2023-03-14 2023-03-21, "
    # Shutdown of 2025-10-01: the days that the CFTC announced.
    "2025-09-30 2025-11-19, 2025-10-07 2025-11-21, 2025-10-14 2025-11-25, 2025-10-21 2025-12-02, "
    "2025-10-28 2025-12-05, 2025-11-04 2025-12-09, 2025-11-10 2025-12-12, 2025-11-18 2025-12-16, "
    "2025-11-25 2025-12-19, 2025-12-02 2025-12-23, 2025-12-09 2025-12-30, 2025-12-16 2026-01-06, "
    "2025-12-23 2026-01-09, 2025-12-30 2026-01-13, 2026-01-06 2026-01-16, 2026-01-13 2026-01-20"
)

# Three business days also give the Mondays after holidays, and the Fridays of reports dated Monday: 17 of 17 regular
# days of the announcement of 2025. The grace is a day longer than usual because a report dated Monday is followed by
# one eight days later.
FRIDAY = ReportRelease(
    time(15, 30),
    "Friday 15:30 for Tuesday, documented by the CFTC",
    business_days=3,
    grace=timedelta(hours=30),
    late=LATE_REPORTS,
    is_stopped_by_shutdown=True,
)


# --- columns --------------------------------------------------------------------------------------------------------


def _contracts(name: str, wire: str, heading: str, description: str) -> Column:
    return Column(
        name, "bigint", description, Unit.CONTRACTS, False, plausible=(0, 60_000_000), wire=wire, heading=heading
    )


def _traders(name: str, wire: str, heading: str, description: str) -> Column:
    return Column(name, "bigint", description, Unit.COUNT, plausible=(0, 5_000), wire=wire, heading=heading)


def _positions(holder: str, words: str, stem: str, ends: str) -> list[Column]:
    """Long, short and, where it exists, spreading; ``ends`` is what the API's key has after the side."""
    return [
        _contracts(
            f"{holder}_{side}_contracts",
            f"{stem.lower()}_{side}{ends}",
            f"{stem}_{side.title()}_All",
            f"{words}, {what}",
        )
        for side, what in (("long", "long"), ("short", "short"), ("spread", "long and short at once, on both sides"))
        if not (holder == "nonreportable" and side == "spread")
    ]


FIELDS = (
    _contracts(
        "open_interest_contracts", "open_interest_all", "Open_Interest_All", "Contracts open, each counted once"
    ),
    *_positions("dealer", "Dealers", "Dealer_Positions", "_all"),
    *_positions("asset_manager", "Asset managers and other institutions", "Asset_Mgr_Positions", ""),
    *_positions("leveraged_funds", "Hedge funds and other leveraged money", "Lev_Money_Positions", ""),
    *_positions("other_reportable", "Other traders large enough to report", "Other_Rept_Positions", ""),
    *_positions("nonreportable", "Everybody else", "NonRept_Positions", "_all"),
    _traders(
        "leveraged_funds_long_traders_count",
        "traders_lev_money_long_all",
        "Traders_Lev_Money_Long_All",
        "Leveraged funds that are long; empty when fewer than four",
    ),
    _traders(
        "leveraged_funds_short_traders_count",
        "traders_lev_money_short_all",
        "Traders_Lev_Money_Short_All",
        "Leveraged funds that are short; empty when fewer than four",
    ),
)
# Code, day, kind of report, size of the contract: key in the API, heading in the files.
_CODE = ("cftc_contract_market_code", "CFTC_Contract_Market_Code")
_DAY = ("report_date_as_yyyy_mm_dd", "Report_Date_as_YYYY-MM-DD")
_OLD_DAY = "Report_Date_as_MM_DD_YYYY"  # in yearly files of 2010 to 2012, above ISO days all the same
_KIND = ("futonly_or_combined", "FutOnly_or_Combined")
_SIZE = ("contract_units", "Contract_Units")


COLUMNS = (
    Column(
        "contract_code",
        "varchar",
        "The CFTC's code of the contract",
        is_nullable=False,
        allowed=frozenset(s.id for s in SERIES),
    ),
    Column("report_date", "date", "Tuesday of the positions, Monday when Tuesday is a holiday", is_nullable=False),
    *FIELDS,
)


# --- requests -------------------------------------------------------------------------------------------------------


def report_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One request for all contracts; they come out together, and one that is no longer listed has no rows."""
    since = min(plan.since(dataset, series.id) for series in dataset.series if not series.is_discontinued)
    codes = ",".join(f"'{series.id}'" for series in dataset.series)
    keys = (key for key, _ in (_CODE, _DAY, _KIND, _SIZE))
    params = (
        ("$select", ",".join([*keys, *(field.wire for field in FIELDS)])),
        ("$where", f"{_CODE[0]} in ({codes}) and {_DAY[0]} >= '{since.isoformat()}T00:00:00.000'"),
        ("$order", f"{_DAY[0]},{_CODE[0]}"),
        ("$limit", str(PAGE_SIZE)),
        ("$offset", "0"),
    )
    yield Request(API, params, None, since, plan.today)


def next_page(body: bytes, request: Request) -> Request | None:
    """The page after a full one; the API states no total, so a full page is always followed by one more request."""
    params = dict(request.params)
    if len(from_json(body, list[msgspec.Raw])) < int(params["$limit"]):
        return None
    params["$offset"] = str(int(params["$offset"]) + int(params["$limit"]))
    return replace(request, params=tuple(params.items()))


# --- parser ---------------------------------------------------------------------------------------------------------

_MIDNIGHT = r"( 12:00:00 AM|[ T]00:00:00(\.000)?)$"
_NUMBER = re.compile(r"\d[\d,]*\d")
# Exactly 0 in all 1,746 recorded rows of futures only; with options the sides are rounded and up to 2 off. Ten leave
# room for years not seen and are a thousandth of a percent of what is open.
OPEN_INTEREST_TOLERANCE = 10


def _from_api(body: bytes) -> pl.DataFrame:
    rows = from_json(body, list[dict[str, str]])
    columns = {}
    for key, name in [(key, name) for key, name in (_CODE, _DAY, _KIND, _SIZE)] + [(f.wire, f.heading) for f in FIELDS]:
        columns[name] = [row.get(key) for row in rows]
        if rows and not any(columns[name]):
            raise LayoutError(f"no row has the key {key}")
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String()))


def _unzipped(body: bytes) -> bytes:
    """The one text file in a ZIP; UnreadableBodyError for a broken archive, LayoutError for several files."""
    with opened_zip(body, most_bytes=MAX_MEMBER_BYTES) as archive:
        members = archive.infolist()
        if len(members) != 1:
            names = [member.filename for member in members][:3]
            raise LayoutError(f"a ZIP with {len(members)} files, expected one: {names}")
        return read_member(archive, members[0])


def _from_file(body: bytes) -> pl.DataFrame:
    if not readable(body)[:30].lstrip(b'"').startswith(b"Market_and_Exchange_Names"):
        raise LayoutError("neither the API's array nor a yearly file with its headings")
    frame = from_csv(body)
    if _DAY[1] not in frame.columns and _OLD_DAY in frame.columns:
        frame = frame.rename({_OLD_DAY: _DAY[1]})
    wanted = [name for _, name in (_CODE, _DAY, _KIND, _SIZE)] + [field.heading for field in FIELDS]
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise LayoutError(f"missing headings {missing}")
    # The kind is last in a line. Polars fills a line that was cut short with nulls.
    if frame[_KIND[1]].null_count():
        raise UnreadableBodyError("a line is cut short")
    return frame.select(wanted)


def _hold_contract_size(text: pl.DataFrame) -> None:
    """UnitError when a contract has another face value than in CONTRACT_FACE_USD."""
    for code, units in text.select(_CODE[1], _SIZE[1]).unique().iter_rows():
        stated = [int(number.replace(",", "")) for number in _NUMBER.findall(units or "")]
        if code != _FACE_NOT_SEEN and stated and CONTRACT_FACE_USD[code] not in stated:
            raise UnitError(
                f"the contract is {units!r}, known are {CONTRACT_FACE_USD[code]:,} US dollars of face", place=code
            )


def _hold_open_interest(dataset: Dataset, frame: pl.DataFrame) -> None:
    """Each side and the spreads must add up to open interest, and that must be plausible for its contract."""
    spreads = [field.name for field in FIELDS if field.name.endswith("_spread_contracts")]
    for side in ("long", "short"):
        held = [field.name for field in FIELDS if field.name.endswith(f"_{side}_contracts")]
        off = pl.sum_horizontal(*held, *spreads) - pl.col("open_interest_contracts")
        wrong = frame.filter(off.abs() > OPEN_INTEREST_TOLERANCE).with_columns(off=off)
        if not wrong.is_empty():
            row = wrong.row(0, named=True)
            raise ValueFormatError(
                f"{side} is {row['off']:+} off the open interest of {row['open_interest_contracts']} contracts",
                place=f"{row['contract_code']} {row['report_date']}",
            )
    for (code,), rows in frame.group_by("contract_code", maintain_order=True):
        dataset.series_by_id(str(code)).resolve_unit(rows["open_interest_contracts"])


def parse_report(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Positions of the Treasury contracts, in contracts; other contracts of a yearly file are left out with a note.

    LayoutError for a report that counts options too or for another layout, UnitError for a contract of another size,
    ValueFormatError when positions do not add up to open interest.
    """
    is_zip = body.startswith(b"PK")
    body = _unzipped(body) if is_zip else body
    is_json = not is_zip and readable(body).startswith((b"[", b"{"))
    text = (_from_api if is_json else _from_file)(body)
    text = text.with_columns(pl.all().str.strip_chars())
    # The file of 2006 to 2016 has days such as 1/5/2010 12:00:00 AM.
    day = pl.col(_DAY[1]).str.replace(_MIDNIGHT, "")
    text = text.with_columns(pl.coalesce(day.str.to_date("%m/%d/%Y", strict=False).dt.to_string("%Y-%m-%d"), day))
    kinds = sorted(set(text[_KIND[1]]) - {"FutOnly"}, key=str)
    if kinds:
        raise LayoutError(f"a report of {kinds}, only futures alone (FutOnly) are loaded")
    all_rows = text.height
    text = text.filter(pl.col(_CODE[1]).is_in(list(CONTRACT_FACE_USD)))
    notes = (f"{all_rows - text.height} rows of other contracts left out",) if text.height < all_rows else ()
    _hold_contract_size(text)
    needed = {_DAY[1]: pl.Date(), **{field.heading: pl.Int64() for field in FIELDS if not field.is_nullable}}
    others = {field.heading: pl.Int64() for field in FIELDS if field.is_nullable}
    names = {_CODE[1]: "contract_code", _DAY[1]: "report_date", **{field.heading: field.name for field in FIELDS}}
    typed = text.with_columns(*cast_columns(text, needed), *cast_columns(text, others, frozenset({"."})))
    frame = typed.select(pl.col(heading).alias(name) for heading, name in names.items())
    for field in FIELDS:
        if not field.is_nullable and frame[field.name].null_count():
            row = frame.filter(pl.col(field.name).is_null()).row(0, named=True)
            raise ValueFormatError(
                "empty where a number must be", place=f"{row['contract_code']} {row['report_date']} {field.heading}"
            )
    _hold_open_interest(dataset, frame)
    return Parsed(frame, notes)


# --- datasets -------------------------------------------------------------------------------------------------------

TRADERS_IN_FINANCIAL_FUTURES = Dataset(
    provider="cftc",
    name="traders_in_financial_futures",
    title="Traders in Financial Futures, Treasury contracts",
    by_hand="JSON of the dataset `gpe5-46if`; the yearly files `fut_fin_txt_YYYY.zip` or `FinFut.txt`, futures only",
    description="Long, short and spreading positions by kind of trader in seven Treasury futures, each Tuesday; "
    "options are not counted.",
    columns=COLUMNS,
    key=("contract_code", "report_date"),
    date_column="report_date",
    cadence=Cadence.WEEKLY,
    release=FRIDAY,
    start=date(2006, 6, 13),
    window_days=63,
    licence=PUBLIC_DOMAIN,
    requests=report_requests,
    parse=parse_report,
    series=SERIES,
    series_column="contract_code",
    next_page=next_page,
    rests_on="yearly files of 2018 to 2021, 2024 and 2025 recorded, the first four also as ZIP; of the API one row of "
    "another contract, its paging on documentation and others' code; days of files before 2018 on others' code, the "
    "3-year contract not seen",
)

PROVIDER = Provider(
    name="cftc",
    title="Commodity Futures Trading Commission",
    homepage="https://www.cftc.gov/MarketReports/CommitmentsofTraders/index.htm",
    hosts=("publicreporting.cftc.gov",),
    datasets=(TRADERS_IN_FINANCIAL_FUTURES,),
)
