"""Treasury International Capital: who abroad holds US Treasuries, and what they buy and sell.

No key. Three text files with tabs. `slt_table5.txt` is the current table of major foreign holders, 13 months, newest on
the left; `mfhhis01.txt` the same since 2000 in one block a calendar year, headed by a row of months and a row of years.
They overlap and differ, because the history is revised less often (December 2025, United Kingdom: 866 against 863.1),
so each is a separate series (`source_table`) and neither overwrites the other. `slt_table3.txt` has positions and net
purchases by country and month in one long table. Titles state the unit: billions in the first two, millions in the
third. A country is where the custodian sits, not the owner: Belgium, Cayman Islands, Luxembourg, United Kingdom.

Traps seen in the recorded history: blocks of 13 months where a survey broke the series (2002-2011 print June twice,
2000 March), of which the first is the newer series; footnote marks behind names (`United Kingdom 2/`, until 2011 with
the Channel Islands); `Carib Bnkng Ctrs` (a group) until 2011, `Cayman Islands` since 2012, two different things that
keep their names. The old `mfh.txt` still answers 200 and ends in January 2023. Table 3 is known from other people's
code only; of table 5 four rows were seen.

What must not be here: SQL, the network, formulas.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from itertools import pairwise, zip_longest

import polars as pl

from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Parsed, Plan, Provider, Request, Series, Unit
from ingest.decode import by_name, readable
from ingest.errors import LayoutError, UnitError, UnreadableBodyError, ValueFormatError
from ingest.releases import Cadence, Release

FOLDER = "https://ticdata.treasury.gov/resource-center/data-chart-center/tic/Documents"

# Six and a half weeks after the month; a shutdown delays it by as much as it lasts (August 2025 came on 18 November).
MONTHLY = Release(
    time(16, 0),
    "16:00, about the 15th to the 18th, documented",
    days=45,
    business_days=1,
    grace=timedelta(days=5),
    is_stopped_by_shutdown=True,
)
# The recorded history got December 2025 on 2026-03-18; before, only table 5 had the year.
YEARLY = Release(
    time(16, 0),
    "as table 5; the year joins the history later",
    days=45,
    business_days=1,
    grace=timedelta(days=60),
    is_stopped_by_shutdown=True,
)

_HOLDERS_RANGE = (0, 20_000)
SOURCE_TABLES = (
    Series("slt_table5", "Current table, 13 months", Unit.USD_BN, _HOLDERS_RANGE),
    Series(
        "mfhhis01",
        "History since 2000, one block a year",
        Unit.USD_BN,
        _HOLDERS_RANGE,
        cadence=Cadence.ANNUAL,
        release=YEARLY,
    ),
)

HOLDER_COLUMNS = (
    Column(
        "source_table",
        "varchar",
        "File that says so; slt_table5 is the newer one where both do",
        is_nullable=False,
        allowed=frozenset(series.id for series in SOURCE_TABLES),
    ),
    Column("country", "varchar", "Country of the custodian, group or total, without footnote marks", is_nullable=False),
    Column("month_date", "date", "Last day of the month", is_nullable=False),
    Column(
        "row_kind",
        "varchar",
        "country; group of countries; total; official = its part held by foreign governments and central banks",
        is_nullable=False,
        allowed=frozenset({"country", "group", "total", "official"}),
    ),
    Column(
        "holdings_usd_bn",
        "double",
        "Treasury securities held, end of month; those not available are left out",
        Unit.USD_BN,
        is_nullable=False,
        plausible=_HOLDERS_RANGE,
    ),
)

_POSITION = (-50_000, 20_000_000)
_FLOW = (-3_000_000, 3_000_000)


def _usd_mn(name: str, wire: str, description: str, plausible: tuple[float, float]) -> Column:
    return Column(f"{name}_usd_mn", "double", description, Unit.USD_MN, plausible=plausible, wire=wire)


FLOW_COLUMNS = (
    Column(
        "country_code",
        "varchar",
        "TIC's number of the country or group, 99996 for all",
        is_nullable=False,
        wire="country_code",
    ),
    Column("country", "varchar", "Country of the custodian, group or total", is_nullable=False, wire="country"),
    Column("month_date", "date", "Last day of the month", is_nullable=False, wire="date"),
    _usd_mn("treasury_position", "for_treas_pos", "Treasury securities held, end of month", _POSITION),
    _usd_mn("net_purchases", "for_treas_net", "Net purchases in the month, positive when foreigners bought", _FLOW),
    _usd_mn("long_term_position", "for_lt_treas_pos", "Notes, bonds, TIPS and FRNs held, end of month", _POSITION),
    _usd_mn("long_term_net_purchases", "for_lt_treas_net", "Net purchases of these", _FLOW),
    _usd_mn(
        "long_term_valuation_change", "for_lt_treas_valchg", "Change of their value that no purchase explains", _FLOW
    ),
    _usd_mn("short_term_position", "for_st_treas_pos", "Bills held, end of month", _POSITION),
    _usd_mn("short_term_net_purchases", "for_st_treas_net", "Net purchases of bills", _FLOW),
)


# --- requests -------------------------------------------------------------------------------------------------------


def holder_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """Both files, always: neither can be narrowed. Table 5 covers nothing whole, since holders drop out of its list."""
    yield Request(f"{FOLDER}/slt_table5.txt", (), "slt_table5")
    yield Request(f"{FOLDER}/mfhhis01.txt", (), "mfhhis01", dataset.start, plan.today)


def flow_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """The whole table: every month is open to revision."""
    yield Request(f"{FOLDER}/slt_table3.txt", (), None, dataset.start, plan.today)


# --- parsers --------------------------------------------------------------------------------------------------------

_MONTHS = {name: n for n, name in enumerate(re.findall("...", "JanFebMarAprMayJunJulAugSepOctNovDec"), start=1)}
_ISO_MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
_NOTES = re.compile(r"^notes?\b", re.IGNORECASE)
_FIGURE = re.compile(r"^-?[\d,]*\.?\d+$")
_FOOTNOTE = re.compile(r"\s*\d+/$")
_ABSENT = frozenset({"", "n.a."})
_LESS_THAN_50_MN = "*"

_NAMES = {
    "For. Official": "Foreign Official",
    "Treasury Bills": "Foreign Official Treasury Bills",
    "T-Bonds & Notes": "Foreign Official T-Bonds & Notes",
}
_KINDS = {"Grand Total": "total"} | dict.fromkeys(_NAMES.values(), "official")
_KINDS |= dict.fromkeys(("All Other", "Carib Bnkng Ctrs", "Oil Exporters", "Belgium-Luxembourg"), "group")
# Countries add up to the total but for rounding: worst of 26 recorded blocks 0.5, and 2.5 once in 2006.
SUM_TOLERANCE_USD_BN = 3.0
# Smallest total on record: 975.9 in July 2001. In millions it would be a thousand times more, in trillions less.
_TOTAL_USD_BN = (900.0, 20_000.0)


def _lines(body: bytes, unit: str) -> list[list[str]]:
    """The lines of ``body`` cut at tabs, cells without blanks around them; UnitError unless a title states ``unit``."""
    try:
        text = readable(body).decode()
    except UnicodeDecodeError as error:
        raise UnreadableBodyError(f"no UTF-8 text: {error}") from None
    lines = text.splitlines()
    stated = " ".join(lines[:8]).lower()
    if unit not in stated:
        raise UnitError(f"the title does not name {unit}: {' '.join(stated.split())[:120]!r}")
    # Line by line, so that a quotation mark in a footnote cannot swallow what follows.
    return [[cell.strip() for cell in next(csv.reader([line], delimiter="\t"), []) or [""]] for line in lines]


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _number(cell: str, place: str) -> float:
    if cell == _LESS_THAN_50_MN:
        return 0.0
    try:
        return float(cell)
    except ValueError:
        raise ValueFormatError(f"{cell!r} is no number", place=place) from None


Block = tuple[list[date | None], list[list[str]]]  # month of each column, None for one to skip; rows with their names


def _current_months(cells: list[str]) -> list[date | None]:
    found = [_ISO_MONTH.match(cell) for cell in cells]
    if not all(found):
        raise LayoutError(f"{cells} are not months such as 2026-02", place="heading")
    return [_month_end(int(month[1]), int(month[2])) for month in found if month]


def _block_months(names: list[str], years: list[str]) -> list[date | None]:
    """Months of one block of the history; the second of two equal ones is the older series and is skipped."""
    months: list[date | None] = []
    for name, year in zip_longest(names[: len(years)], years, fillvalue=""):
        if name not in _MONTHS or not year.isdigit():
            raise LayoutError(f"{name!r} {year!r} is no month and year", place="heading")
        month = _month_end(int(year), _MONTHS[name])
        months.append(None if month in months else month)
    return months


def _blocks(lines: list[list[str]]) -> Iterator[Block]:
    """Every table of the file: one in table 5, one a year in the history."""
    heads = [n for n, cells in enumerate(lines) if cells[0] == "Country"]
    if not heads:
        raise LayoutError("no line begins with Country")
    _refuse_figures(lines[: heads[0]])
    for start, end in pairwise([*heads, len(lines)]):
        years = lines[start][1:]
        while years and not years[-1]:
            years.pop()
        is_current = bool(years) and bool(_ISO_MONTH.match(years[0]))
        months = _current_months(years) if is_current else _block_months(lines[start - 1][1:], years)
        rows = []
        for cells in lines[start + 1 : end]:
            if _begins_notes(cells):
                break
            if cells[0] and any(cells[1:]):
                rows.append(cells)
            else:
                _refuse_figures([cells])
        yield months, rows


def _refuse_figures(lines: list[list[str]]) -> None:
    """LayoutError for a line of figures that has no heading above it, or no name: its heading has moved or is another.

    Without it the newest year of the history, which comes first, would be lost in silence.
    """
    for cells in lines:
        if sum(_FIGURE.match(cell) is not None for cell in cells[1:]) > 1:
            raise LayoutError("figures without a heading or a name", place=" ".join(cells)[:60])


def _begins_notes(cells: list[str]) -> bool:
    """Whether a line begins the remarks below a table; these may also have tabs and figures."""
    return _NOTES.match(cells[0]) is not None


def _known_name(cell: str) -> str:
    name = _FOOTNOTE.sub("", cell).removeprefix("Of Which:").strip()
    return _NAMES.get(name, name)


def _block_rows(months: list[date | None], rows: list[list[str]]) -> Iterator[tuple[str, date, float]]:
    sums = dict.fromkeys((month for month in months if month), 0.0)
    totals: dict[date, float] = {}
    has_rest = False
    for cells in rows:
        name = _known_name(cells[0])
        values = cells[1:] + [""] * (len(months) - len(cells) + 1)
        if any(values[len(months) :]):
            raise LayoutError(f"{len(cells) - 1} values under {len(months)} months", place=name)
        kind = _KINDS.get(name, "country")
        has_rest |= name == "All Other"
        for month, cell in zip(months, values, strict=False):
            if month is None or cell in _ABSENT:
                continue
            value = _number(cell, f"{name} {month:%Y-%m}")
            if kind == "total":
                totals[month] = value
            elif kind != "official":
                sums[month] += value
            yield name, month, value
    if totals.keys() != sums.keys():
        raise LayoutError("a table without its Grand Total: is the file cut short?")
    for month, total in totals.items():
        low, high = _TOTAL_USD_BN
        if not low <= total <= high:
            raise UnitError(f"a total of {total:g} cannot be billions", place=f"{month:%Y-%m}")
        if has_rest and abs(sums[month] - total) > SUM_TOLERANCE_USD_BN:
            raise ValueFormatError(
                f"the countries add up to {sums[month]:.1f}, the total is {total:g}", place=f"{month:%Y-%m}"
            )


def parse_holders(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Holdings by country and month in billions of US dollars, from either file; the headings tell which it is.

    "n.a." and empty cells are left out, `*` (less than 50 million) is 0. LayoutError for other headings, figures above
    the first of them, a table without total or the other file than asked for; UnitError when the title does not name
    billions or the total cannot be billions; ValueFormatError for a cell that is no number or countries that do not add
    up to the total.
    """
    lines = _lines(body, "billions of dollars")
    blocks = list(_blocks(lines))
    heading = next(cells for cells in lines if cells[0] == "Country")
    source = "slt_table5" if _ISO_MONTH.match(heading[1]) else "mfhhis01"
    if request.scope and request.scope != source:
        raise LayoutError(f"this is {source}, asked was {request.scope}")
    records = [
        {
            "source_table": source,
            "country": name,
            "month_date": month,
            "row_kind": _KINDS.get(name, "country"),
            "holdings_usd_bn": value,
        }
        for months, rows in blocks
        for name, month, value in _block_rows(months, rows)
    ]
    skipped = sum(month is None for months, _ in blocks for month in months)
    notes = (f"{skipped} columns of older series, printed for comparison only, left out",) if skipped else ()
    return Parsed(by_name(records, dataset.schema), notes)


# Column of each field of the file, which is in a separate line above the data.
_FLOW_FIELDS = {column.wire: column.name for column in FLOW_COLUMNS}
# The total was 6.2 trillion when the table begins; in thousands or billions it leaves this range.
_ALL_COUNTRIES = "99996"
_TOTAL_USD_MN = (3_000_000, 20_000_000)


def parse_flows(dataset: Dataset, body: bytes, request: Request) -> pl.DataFrame:
    """Positions and net purchases by country and month, millions of US dollars.

    The file calls the flows "Net U.S. Sales": what the US side sold, which is what foreigners bought, so positive means
    foreign purchases. They begin in February 2023, when form SLT took over from form S, whose flows had the opposite
    view and do not join. Suppressed cells ("n.a.") are empty; a row without any figure is left out.
    """
    lines = _lines(body, "millions of dollars")
    start = next((n for n, cells in enumerate(lines) if {"country", "country_code", "date"} <= set(cells)), None)
    if start is None:
        raise LayoutError("no line of fields with country, country_code, date")
    _refuse_figures(lines[:start])
    if sorted(fields := [cell for cell in lines[start] if cell]) != sorted(_FLOW_FIELDS):
        raise LayoutError(f"fields {fields}, expected {list(_FLOW_FIELDS)}")
    records: list[dict[str, object]] = []
    for number, cells in enumerate(lines[start + 1 :], start=start + 2):
        if _begins_notes(cells):
            break
        if not any(cells[1:]):  # blank, or a remark, which has no tabs
            continue
        place = f"line {number}"
        row = dict(zip(fields, cells, strict=False))
        month = _ISO_MONTH.match(row.get("date", ""))
        if len(cells) < len(fields) or any(cells[len(fields) :]) or not row["country_code"].isdigit() or month is None:
            raise ValueFormatError(f"{cells} is no country, code, month and seven figures", place=place)
        values = {
            column: None if row[wire] in _ABSENT else _number(row[wire], f"{place} {wire}")
            for wire, column in _FLOW_FIELDS.items()
            if column.endswith("_usd_mn")
        }
        total, (low, high) = values["treasury_position_usd_mn"], _TOTAL_USD_MN
        if row["country_code"] == _ALL_COUNTRIES and not low <= (total or 0) <= high:
            raise UnitError(f"a total of {total} cannot be millions", place=place)
        if any(value is not None for value in values.values()):
            day = _month_end(int(month[1]), int(month[2]))
            records.append(values | {"country": row["country"], "country_code": row["country_code"], "month_date": day})
    return by_name(records, dataset.schema)


# --- datasets -------------------------------------------------------------------------------------------------------

MAJOR_FOREIGN_HOLDERS = Dataset(
    provider="tic",
    name="major_foreign_holders",
    title="Major foreign holders of Treasury securities",
    by_hand="the texts `mfhhis01.txt` and `slt_table5.txt`",
    description="Treasuries held through each country at the end of the month, with the official part of the total.",
    columns=HOLDER_COLUMNS,
    key=("source_table", "country", "month_date"),
    date_column="month_date",
    cadence=Cadence.MONTHLY,
    release=MONTHLY,
    start=date(2000, 3, 31),
    window_days=400,
    licence=PUBLIC_DOMAIN,
    requests=holder_requests,
    parse=parse_holders,
    series=SOURCE_TABLES,
    series_column="source_table",
    rests_on="recording of the whole history 2000-2025, four rows of table 5; its other rows on others' code",
)

SLT_COUNTRY_FLOWS = Dataset(
    provider="tic",
    name="slt_country_flows",
    title="Foreign positions and net purchases of Treasuries by country",
    by_hand="the text `slt_table3.txt`",
    description="Long-term and short-term Treasuries held and bought through every reporting country, by month.",
    columns=FLOW_COLUMNS,
    key=("country_code", "country", "month_date"),
    date_column="month_date",
    cadence=Cadence.MONTHLY,
    release=MONTHLY,
    start=date(2020, 1, 31),
    earliest=date(2011, 9, 30),  # the form SLT began then; the table was not recorded
    window_days=400,
    licence=PUBLIC_DOMAIN,
    requests=flow_requests,
    parse=parse_flows,
    rests_on="public code of several projects; no body was seen",
)

PROVIDER = Provider(
    name="tic",
    title="US Treasury, Treasury International Capital System",
    homepage="https://home.treasury.gov/data/treasury-international-capital-tic-system",
    hosts=("ticdata.treasury.gov",),
    datasets=(MAJOR_FOREIGN_HOLDERS, SLT_COUNTRY_FLOWS),
    pace=0.5,
    deadline=300.0,  # the host is slow, others wait 120 seconds for one file
)
