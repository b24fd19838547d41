"""The Pink Sheet on simulated prices: the page with the link, and the workbook behind it.

Round published levels of gold, silver and platinum with noise between them, averaged by month. The workbook has the
layout of the real one: title lines, names, units, in every other edition codes, then months, `…` for a missing price.
Its address changes with every edition, and only that of the newest one answers. What must not be here: parsing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from xml.sax.saxutils import escape

import httpx

from ingest.calendars import add_business_days, new_york_to_utc
from ingest.sample.wire import archive, not_found
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, last_day, month_after
from ingest.sample.world.levels import Knots

PAGE_HOST = "www.worldbank.org"
BOOK_HOST = "thedocs.worldbank.org"
_NAME = "CMO-Historical-Data-Monthly.xlsx"


def _monthly(text: str) -> Knots:
    pairs = (item.split() for item in text.split(","))
    return [(date.fromisoformat(f"{month}-15"), float(price)) for month, price in pairs]


# US dollars a troy ounce in the middle of the month; hand-rounded, only the shape matters.
_PRICES = {
    "Gold": _monthly(
        "2017-12 1270, 2018-01 1330, 2018-09 1200, 2019-06 1360, 2019-09 1510, 2020-03 1590, 2020-08 1970, "
        "2021-03 1720, 2022-02 1856, 2022-03 1950, 2022-10 1664, 2023-02 1854, 2023-04 2000, 2023-10 1915, "
        "2024-04 2330, 2024-12 2650, 2025-04 3220, 2025-08 3370, 2025-10 4060, 2026-02 5000, 2026-05 4590, 2031-01 5000"
    ),
    "Platinum": _monthly("2017-12 910, 2020-03 760, 2021-03 1180, 2024-12 940, 2025-10 1600, 2031-01 1500"),
    "Silver": _monthly("2017-12 16, 2020-03 15, 2020-08 27, 2023-04 25, 2024-12 31, 2025-10 49, 2031-01 60"),
}
# Means of months as the Pink Sheet has them.
_PUBLISHED_USD_PER_OZT = {
    ("Gold", date(2020, 8, 1)): 1968.63,
    ("Gold", date(2022, 2, 1)): 1856.30,
    ("Gold", date(2022, 10, 1)): 1664.45,
    ("Gold", date(2023, 2, 1)): 1854.54,
    ("Gold", date(2024, 12, 1)): 2648.01,
}
_HEADINGS = (("Crude oil, WTI", "($/bbl)"), ("Tin", "($/mt)"), *((name, "($/troy oz)") for name in _PRICES))


def answer_page(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """The page on commodity markets, with the link to the workbook that is current at ``now`` (naive UTC)."""
    if request.url.path != "/en/research/commodity-markets":
        return not_found()
    link = f'<a href="https://{BOOK_HOST}{_path(_edition(now))}">Monthly prices</a>'
    page = f"<!DOCTYPE html><html><title>Commodity Markets</title><body>{link}</body></html>"
    return httpx.Response(200, headers={"Content-Type": "text/html"}, content=page.encode())


def answer_book(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """The current workbook; older editions are gone."""
    newest = _edition(now)
    if request.url.path != _path(newest):
        return not_found()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return httpx.Response(200, headers={"Content-Type": kind}, content=_book(world, newest))


def _edition(now: datetime) -> date:
    """First day of the newest month whose prices are out at ``now``: they come on its second business day after."""
    month = now.date().replace(day=1)
    while new_york_to_utc(add_business_days(last_day(month), 2), time(10)) > now:
        month = month_after(month, -1)
    return month


def _path(month: date) -> str:
    code = hashlib.md5(f"edition {month}".encode(), usedforsecurity=False).hexdigest()
    return f"/en/doc/{code}-0050012025/related/{_NAME}"


@lru_cache(maxsize=4)
def _book(world: World, newest: date) -> bytes:
    paths = {name: world.path(name, knots, 0.01, is_log=True) for name, knots in _PRICES.items()}
    rows: list[list[str | float | None]] = [
        ["World Bank Commodity Price Data (The Pink Sheet)"],
        ["monthly prices in nominal US dollars, simulated"],
        [],
        [f"Updated on {add_business_days(last_day(newest), 2):%B %d, %Y}"],
        [None, *(name for name, _ in _HEADINGS)],
        [None, *(unit for _, unit in _HEADINGS)],
    ]
    if newest.month % 2:
        rows.append([None, *(name.upper().replace(", ", "_").replace(" ", "_") for name, _ in _HEADINGS)])
    month = FIRST
    while month <= newest:
        days = [month + timedelta(days=n) for n in range((last_day(month) - month).days + 1)]
        metals = [
            _PUBLISHED_USD_PER_OZT.get((name, month), round(sum(path[day] for day in days) / len(days), 2))
            for name, path in paths.items()
        ]
        rows.append([f"{month:%Y}M{month:%m}", "…", "…", *metals])
        month = month_after(month)
    return workbook({"AFOSHEET": [], "Monthly Prices": rows, "Monthly Indices": []})


# -- a workbook of texts and numbers ----------------------------------------------------------------------------------

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def workbook(sheets: dict[str, Sequence[Sequence[str | float | None]]]) -> bytes:
    """The smallest XLSX with ``sheets`` by name, rows of text, numbers and empty cells; the same bytes every time."""
    numbers = range(1, len(sheets) + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = (f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in numbers)
    names = (f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, start=1))
    links = (f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
    sheet_list = f"<sheets>{''.join(names)}</sheets>"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{"".join(types)}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{sheet_list}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}'
        "</Relationships>",
    }
    for n, rows in enumerate(sheets.values(), start=1):
        body = "".join(f'<row r="{r}">{_cells(r, row)}</row>' for r, row in enumerate(rows, start=1))
        parts[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'
    return archive({name: (_HEAD + text).encode() for name, text in parts.items()})


def _cells(row: int, values: Iterable[str | float | None]) -> str:
    cells = []
    for column, value in enumerate(values):
        place = f"{chr(65 + column)}{row}"
        if isinstance(value, str):
            cells.append(f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>')
        elif value is not None:
            cells.append(f'<c r="{place}"><v>{value}</v></c>')
    return "".join(cells)
