"""The Pink Sheet: a workbook found by a link, columns found by name, ellipses for what is missing."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest

from ingest.catalog import Parsed, Plan, Request
from ingest.collect import Batch, Exchange, Failure, collect
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnitError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.http import Client, Validators
from ingest.parsing import conform
from ingest.payloads import Archive
from ingest.providers.worldbank import PAGE, PRICES, PROVIDER, follow_link
from ingest.sample import worldbank as sample
from ingest.sample.world import World
from ingest.sample.worldbank import workbook

BOOK = "https://thedocs.worldbank.org/en/doc/0123abcd-0050012031/related/CMO-Historical-Data-Monthly.xlsx"
LINK = f'<html><a href="{BOOK}">Monthly</a> <a href="{BOOK.replace("0123", "9999")}">older</a></html>'.encode()
OZT = "($/troy oz)"
NAMES = [None, "Tin", "Silver", "Platinum", "Gold"]
UNITS = [None, "($/mt)", OZT, OZT, OZT]
ROWS = [["2024M01", 25_000.0, 23.5, 920.0, 2034.04], ["2024M02", "…", 22.678911130435, "…", 2023.24]]
CODES = [None, "TIN", "SILVER", "PLATINUM", "GOLD"]


def sheet(names: list = NAMES, units: list = UNITS, rows: list = ROWS, title: str = "Monthly Prices") -> bytes:
    return workbook({"AFOSHEET": [], title: [["Pink Sheet"], [], ["Updated"], names, units, *rows]})


def parse(body: bytes) -> Parsed:
    return conform(PRICES, PRICES.parse(PRICES, body, Request(BOOK)))


# --- the workbook ---------------------------------------------------------------------------------------------------


def test_metals_by_name_and_month_end_without_what_is_missing() -> None:
    assert parse(sheet()).frame.rows() == [
        ("gold", date(2024, 1, 31), 2034.04),
        ("gold", date(2024, 2, 29), 2023.24),
        ("silver", date(2024, 1, 31), 23.5),
        ("silver", date(2024, 2, 29), 22.678911130435),
        ("platinum", date(2024, 1, 31), 920.0),
    ]


def test_another_order_and_footnote_marks_do_not_matter() -> None:
    order = [0, 4, 2, 3, 1]
    names = [NAMES[n] for n in order]
    names[2] = "Silver **"
    again = sheet(names, [UNITS[n] for n in order], [[row[n] for n in order] for row in ROWS])
    assert parse(again).frame.equals(parse(sheet()).frame)


def test_empty_rows_and_remarks_at_the_end_are_no_months() -> None:
    assert parse(sheet(rows=[*ROWS, [], ["Source: World Bank"], []])).frame.height == 5


@pytest.mark.parametrize("more", [[CODES], [CODES, []], [[], CODES, [None, "a", "b", "c", "d"]]])
def test_headings_between_units_and_the_first_month_do_not_matter(more: list) -> None:
    assert parse(sheet(rows=[*more, *ROWS])).frame.equals(parse(sheet()).frame)


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (sheet(title="Prices"), LayoutError, "no sheet 'Monthly Prices'"),
        (sheet(names=[None, "Tin", "Silver", "Platinum", "gold, oz"]), LayoutError, "no row of names"),
        (sheet(names=[None, "Tin", "Argent", "Platinum", "Gold"]), LayoutError, "0 columns called Silver"),
        (sheet(names=[None, "Silver", "Silver", "Platinum", "Gold"]), LayoutError, "2 columns called Silver"),
        (sheet(units=[None, "($/mt)", OZT, OZT, "($/kg)"]), UnitError, r"Gold comes in \(\$/kg\)"),
        (sheet(units=[None, "($/mt)", OZT, OZT, None]), UnitError, "Gold comes in None"),
        (sheet(rows=[["January", 1.0, 23.0, 900.0, 2100.0]]), LayoutError, "no row begins with a month"),
        (sheet(rows=[*ROWS, ["2024-03", 1.0, 23.0, 900.0, 2100.0]]), ValueFormatError, "row 8: '2024-03' is no month"),
        (sheet(rows=[*ROWS, ["2024M13", 1.0, 23.0, 900.0, 2100.0]]), ValueFormatError, "2024M13"),
        (sheet(rows=[["2024M01", 1.0, 23.5, 920.0, "n/a"]]), ValueFormatError, "Gold: 'n/a'"),
        (sheet(rows=[["2024M01", 1.0, 23.5, 920.0, 2.03]]), UnitError, "gold"),
        (sheet(rows=[["2024M01", 1.0, 23.5, 920.0, 2_034_040.0]]), UnitError, "gold"),
        (sheet(rows=[["2024M01", 1.0, 23.5, 920.0, 25.0]]), ImplausibleValueError, "gold"),
        (sheet(rows=[ROWS[0], [*ROWS[0][:4], 2035.0]]), DuplicateKeyError, "share a key"),
        (sheet(rows=[["2024M01", "…", "…", "…", "…"]]), EmptyBodyError, "no rows"),
        (sheet()[:400], UnreadableBodyError, "broken ZIP"),
        (b"PK\x03\x04 but nothing more", UnreadableBodyError, "broken ZIP"),
        (b"<html>moved</html>", UnreadableBodyError, "HTML"),
        (b"", UnreadableBodyError, "empty"),
    ],
)
def test_bad_workbooks(body: bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(body)


# --- the link -------------------------------------------------------------------------------------------------------


def test_the_first_link_is_followed_and_keeps_the_cover() -> None:
    (asked,) = PRICES.requests(PRICES, Plan(date(2024, 3, 4)))
    assert (asked.url, asked.covers_from, asked.covers_to) == (PAGE, date(1960, 1, 31), date(2024, 3, 4))
    assert follow_link(LINK, asked) == replace(asked, url=BOOK)
    assert follow_link(sheet(), Request(BOOK)) is None


def test_a_page_without_the_link_is_an_error() -> None:
    with pytest.raises(LayoutError, match="no link"):
        follow_link(b"<html>nothing here</html>", Request(PAGE))


def run(
    folder: Path,
    answers: dict[str, httpx.Response],
    validators: dict[str, Validators] | None = None,
    last_address: str | None = None,
) -> list:
    def answer(request: httpx.Request) -> httpx.Response:
        assert "if-none-match" not in request.headers
        return answers[str(request.url)]

    newest = dict.fromkeys((series.id for series in PRICES.series), date(2024, 2, 29))
    plans = {PRICES.id: Plan(date(2024, 3, 4), newest, last_address=last_address)}
    with Client(PROVIDER, transport=httpx.MockTransport(answer)) as client:
        return list(collect(PROVIDER, [PRICES], plans, client, Archive(folder), (validators or {}).get))


def test_collecting_reads_the_page_first_and_archives_both(tmp_path: Path) -> None:
    answers = {PAGE: httpx.Response(200, content=LINK), BOOK: httpx.Response(200, content=sheet())}
    page, book, batch = run(tmp_path, answers, {PAGE: Validators(etag='"old"')})
    assert isinstance(page, Exchange)
    assert (page.url, book.url) == (PAGE, BOOK)
    assert isinstance(batch, Batch)
    assert (batch.request.url, batch.rows) == (PAGE, 5)
    assert [part.payload_id for part in batch.pages] == [book.payload_id]
    assert Archive(tmp_path).get(page.payload_id) == LINK


def test_a_page_that_lost_its_link_leads_to_the_address_loaded_last(tmp_path: Path) -> None:
    answers = {
        PAGE: httpx.Response(200, content=b"<html>new design</html>"),
        BOOK: httpx.Response(200, content=sheet()),
    }
    *_, batch = run(tmp_path, answers, last_address=BOOK)
    assert isinstance(batch, Batch)
    assert (batch.rows, batch.request.covers_from) == (5, PRICES.start)
    assert batch.notes == ("the page has no link to the workbook any more; asked the address that was loaded last",)


@pytest.mark.parametrize(
    ("page", "book", "error"),
    [
        (b"<html>new design</html>", sheet(), LayoutError),
        (LINK, b"<html>Sorry</html>", UnreadableBodyError),
        (LINK, LINK, UnreadableBodyError),
    ],
)
def test_what_goes_wrong_behind_the_link_is_one_failure(
    tmp_path: Path, page: bytes, book: bytes, error: type[Exception]
) -> None:
    *_, failure = run(tmp_path, {PAGE: httpx.Response(200, content=page), BOOK: httpx.Response(200, content=book)})
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, error)
    assert failure.error.dataset == PRICES.id
    assert failure.payload_id is not None


def test_prices_are_of_one_column_for_all_metals() -> None:
    frame = parse(sheet()).frame
    assert frame.schema["price_usd_per_ozt"] == pl.Float64
    assert set(frame["series_id"]) == {series.id for series in PRICES.series}


# --- the sample -----------------------------------------------------------------------------------------------------


def sample_page(now: datetime) -> httpx.Response:
    return sample.answer_page(World(date(2026, 1, 1)), now, httpx.Request("GET", PAGE))


def test_the_sample_links_to_its_newest_edition_only() -> None:
    world, now = World(date(2026, 1, 1)), datetime(2025, 11, 22)
    link = follow_link(sample.answer_page(world, now, httpx.Request("GET", PAGE)).content, Request(PAGE))
    assert link is not None
    book = sample.answer_book(world, now, httpx.Request("GET", link.url))
    gold = {m: p for s, m, p in parse(book.content).frame.rows() if s == "gold"}
    assert (min(gold), max(gold), len(gold)) == (date(2018, 1, 31), date(2025, 10, 31), 94)
    assert 1250 < gold[date(2018, 1, 31)] < 1400
    assert 3900 < gold[date(2025, 10, 31)] < 4200
    later = datetime(2025, 12, 22)
    assert sample.answer_book(world, later, httpx.Request("GET", link.url)).status_code == 404
    assert sample_page(later).content != sample_page(now).content
    assert sample_page(now).content == sample_page(now).content


@pytest.mark.parametrize(("month", "has_codes"), [(11, False), (12, True)])
def test_the_sample_has_editions_with_codes_and_without(month: int, has_codes: bool) -> None:
    world, now = World(date(2026, 1, 1)), datetime(2025, month, 22)
    link = follow_link(sample.answer_page(world, now, httpx.Request("GET", PAGE)).content, Request(PAGE))
    assert link is not None
    book = sample.answer_book(world, now, httpx.Request("GET", link.url)).content
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert (b"CRUDE_OIL_WTI" in parts.read("xl/worksheets/sheet2.xml")) == has_codes
    assert parse(book).frame["month_date"].max() == date(2025, month, 1) - timedelta(days=1)
