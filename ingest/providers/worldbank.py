"""The World Bank's Pink Sheet: monthly prices of gold, silver and platinum.

No key. The data are one workbook with all history, whose address carries a code that changes with the edition; the page
on commodity markets links to it, so every fetch reads that page first and follows the link (`follow_link`); when the
page has none, the address of the workbook that was loaded last is asked. In the sheet "Monthly Prices" a row holds the
names, the next one the units in brackets, in some editions a third one codes, then comes one row a month, `1960M01`:
the first of these is where the data begin. A missing price is an ellipsis or two dots, not an empty cell. Columns are
found by name and their unit is checked. Ten editions of 2020 to 2026 were seen in recordings; the page, the link and
the day of publication are known from other people's code and from the dates of the editions. Prices are kept to the
last digit of the file; an edition that prints 356.86 where the one before had 356.859 revises them.

What must not be here: SQL, the network, formulas.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta

import fastexcel
import polars as pl

from ingest.catalog import Column, Dataset, Licence, Plan, Provider, Request, Series, Unit
from ingest.decode import cast_text, readable, sound_workbook
from ingest.errors import LayoutError, UnitError, UnreadableBodyError, ValueFormatError
from ingest.releases import Cadence, Release

PAGE = "https://www.worldbank.org/en/research/commodity-markets"
SHEET = "Monthly Prices"
UNITS = ("($/troy oz)", "($/toz)")  # the second is how the printed sheet abbreviates it; in no recorded edition
_LINK = re.compile(rb"https://thedocs\.worldbank\.org/[^\s\"'<>]+/CMO-Historical-Data-Monthly\.xlsx")
_PERIOD = r"^\d{4}M(0[1-9]|1[0-2])$"
_MISSING = frozenset({"…", "...", "..", ""})

_NEXT_TO_GOLD = "Tells a move of gold from one of all precious metals; no mart asks for it yet."

SERIES = (
    Series("gold", "Gold", Unit.USD_PER_OZT, (30, 20_000), "monthly average"),
    Series("silver", "Silver", Unit.USD_PER_OZT, (0.8, 500), "monthly average", held_for=_NEXT_TO_GOLD),
    Series("platinum", "Platinum", Unit.USD_PER_OZT, (50, 10_000), "monthly average", held_for=_NEXT_TO_GOLD),
)

COLUMNS = (
    Column("series_id", "varchar", "Which metal", is_nullable=False, allowed=frozenset(s.id for s in SERIES)),
    Column("month_date", "date", "Last day of the month that the price is the average of", is_nullable=False),
    Column(
        "price_usd_per_ozt",
        "double",
        "Average price of the month, nominal; missing ones are left out",
        Unit.USD_PER_OZT,
        is_nullable=False,
        plausible=(0.8, 20_000),
    ),
)


def price_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """The page that links to the workbook; the workbook is always the whole history of all metals."""
    yield Request(PAGE, (), None, dataset.start, plan.today, last_address=plan.last_address)


def follow_link(body: bytes, request: Request) -> Request | None:
    """The Request for the workbook that the page links to, None when ``body`` answers another address than the page.

    The first link counts: older editions, where they are named, are further down. Without any, the address that was
    loaded last is asked, with a note; LayoutError when there is none of either.
    """
    if request.url != PAGE:
        return None
    if link := _LINK.search(body):
        return replace(request, url=link[0].decode())
    if request.last_address is None:
        raise LayoutError(
            "the page has no link to CMO-Historical-Data-Monthly.xlsx any more; save the workbook by hand and load it",
        )
    note = "the page has no link to the workbook any more; asked the address that was loaded last"
    return replace(request, url=request.last_address, note=note)


def parse_prices(dataset: Dataset, body: bytes, request: Request) -> pl.DataFrame:
    """One row a metal and month, US dollars a troy ounce, from the workbook.

    UnreadableBodyError when it is no workbook, LayoutError when sheet, headings or a metal are missing, UnitError for
    another unit than dollars a troy ounce, ValueFormatError for a row that is no month or a price that is no number.
    """
    readable(body)
    try:
        book = fastexcel.read_excel(sound_workbook(body))
    except fastexcel.FastExcelError as error:
        raise UnreadableBodyError(f"no workbook: {str(error).splitlines()[0]}") from None
    if SHEET not in book.sheet_names:
        raise LayoutError(f"no sheet {SHEET!r} among {book.sheet_names}")
    cells = book.load_sheet(SHEET, header_row=None, skip_rows=0, dtypes="string").to_polars()
    # As text a number has at most nine decimals.
    numbers = book.load_sheet(SHEET, header_row=None, skip_rows=0, dtypes="float").to_polars()
    is_period = cells.to_series(0).str.contains(_PERIOD).fill_null(False)
    if not is_period.any():
        raise LayoutError("no row begins with a month such as 1960M01", place=SHEET)
    begin = is_period.arg_max() or 0
    headings = [[(cell or "").rstrip(" *").lstrip() for cell in row] for row in cells.head(begin).rows()]
    names_at = next((n for n, row in enumerate(headings) if "Gold" in row), None)
    if names_at is None or names_at + 1 == begin:
        raise LayoutError("no row of names with Gold in it and a row of units below", place=SHEET)
    names, units = headings[names_at], headings[names_at + 1]
    # A row with something in its first cell only is a remark below the table.
    rows = cells.with_row_index("number", offset=1).slice(begin)
    rows = rows.filter(pl.any_horizontal(pl.all().exclude("number", cells.columns[0]).is_not_null()))
    periods = rows[cells.columns[0]]
    if (bad := ~periods.str.contains(_PERIOD).fill_null(False)).any():
        row = bad.arg_true()[0]
        raise ValueFormatError(
            f"{periods[row]!r} is no month such as 1960M01", place=f"{SHEET} row {rows['number'][row]}"
        )
    months = periods.str.to_date("%YM%m").dt.month_end().alias("month_date")
    found = []
    for series in dataset.series:
        places = [n for n, name in enumerate(names) if name == series.title]
        if len(places) != 1:
            raise LayoutError(f"{len(places)} columns called {series.title}", place=SHEET)
        unit = units[places[0]]
        if unit not in UNITS:
            raise UnitError(f"{series.title} comes in {unit or None}, known is {UNITS[0]}", place=SHEET)
        text = rows[cells.columns[places[0]]].str.strip_chars().alias(series.title)
        exact = numbers.to_series(places[0]).gather(rows["number"] - 1)
        prices = exact.zip_with(exact.is_not_null(), cast_text(text, pl.Float64(), _MISSING))
        series.resolve_unit(prices.drop_nulls().to_list())
        found.append(
            pl.DataFrame([months, prices.alias("price_usd_per_ozt")])
            .drop_nulls()
            .select(pl.lit(series.id).alias("series_id"), "month_date", "price_usd_per_ozt")
        )
    return pl.concat(found)


PRICES = Dataset(
    provider="worldbank",
    name="commodity_prices_monthly",
    title="Precious metals, monthly prices",
    by_hand="the workbook `CMO-Historical-Data-Monthly.xlsx`, any edition",
    description="Monthly average prices of gold, silver and platinum in nominal US dollars since 1960.",
    columns=COLUMNS,
    key=("series_id", "month_date"),
    date_column="month_date",
    cadence=Cadence.MONTHLY,
    release=Release(
        time(17, 0),
        "second business day of the next month, dates of two editions; hour unknown",
        business_days=2,
        grace=timedelta(days=5),
    ),
    start=date(1960, 1, 31),
    window_days=365,
    licence=Licence(
        "CC BY 4.0",
        True,
        "Free with attribution to the World Bank, Commodity Price Data (The Pink Sheet); remembered.",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    requests=price_requests,
    parse=parse_prices,
    series=SERIES,
    series_column="series_id",
    follow_link=follow_link,
    rests_on="recordings of ten editions of 2020 to 2026, five with a row of codes; page and link on others' code, "
    "licence on memory",
)

PROVIDER = Provider(
    name="worldbank",
    title="World Bank, commodity markets",
    homepage="https://www.worldbank.org/en/research/commodity-markets",
    hosts=("www.worldbank.org", "thedocs.worldbank.org"),
    datasets=(PRICES,),
    pace=1.0,
)
