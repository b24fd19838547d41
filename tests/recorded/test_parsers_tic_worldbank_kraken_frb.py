"""TIC, World Bank, Kraken and the Board on real bodies, read where they lie, checked against each other."""

import csv
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from ingest.catalog import Dataset, Parsed, Request, Series, Unit
from ingest.errors import IngestError, LayoutError
from ingest.parsing import conform
from ingest.providers.frb import H8, H41
from ingest.providers.kraken import DAILY_CANDLES
from ingest.providers.tic import MAJOR_FOREIGN_HOLDERS
from ingest.providers.worldbank import PRICES
from ingest.releases import Cadence


def load(dataset: Dataset, path: Path) -> Parsed:
    return conform(dataset, dataset.parse(dataset, path.read_bytes(), Request("recorded", is_file=True)))


def pairs(path: Path) -> dict[str, float]:
    """Dates and numbers of a recorded CSV of two columns; what is no number is left out."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {day: float(value) for day, value in rows if value not in ("", ".")}


# --- TIC ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def history(recordings: Path) -> Parsed:
    return load(MAJOR_FOREIGN_HOLDERS, recordings / "tic/mfhhis01_2000-2025.txt")


def held(parsed: Parsed, country: str) -> dict[date, float]:
    rows = parsed.frame.filter(pl.col("country") == country)
    return dict(rows.select("month_date", "holdings_usd_bn").rows())


def test_the_whole_history_of_holders(history: Parsed) -> None:
    total = held(history, "Grand Total")
    assert (len(total), min(total), max(total)) == (310, date(2000, 3, 31), date(2025, 12, 31))
    assert held(history, "Foreign Official").keys() == total.keys()
    # June of ten years, and March 2000, are printed twice.
    assert history.notes == ("11 columns of older series, printed for comparison only, left out",)
    assert set(history.frame["source_table"]) == {"mfhhis01"}


@pytest.mark.parametrize(
    ("country", "month", "usd_bn"),
    [
        ("Japan", date(2025, 12, 31), 1185.5),
        ("Japan", date(2024, 12, 31), 1061.5),
        ("China, Mainland", date(2024, 12, 31), 759.0),
        ("Cayman Islands", date(2025, 12, 31), 421.2),
        ("United Kingdom", date(2025, 12, 31), 866.0),
        ("Grand Total", date(2025, 12, 31), 9271.0),
        ("Foreign Official", date(2025, 12, 31), 3887.0),
        ("China, Mainland", date(2011, 6, 30), 1307.0),  # 1,165.5 is the older series next to it
        ("United Kingdom", date(2011, 6, 30), 135.7),
    ],
)
def test_published_holdings(history: Parsed, country: str, month: date, usd_bn: float) -> None:
    assert held(history, country)[month] == usd_bn


def test_the_caribbean_is_two_series(history: Parsed) -> None:
    group, islands = held(history, "Carib Bnkng Ctrs"), held(history, "Cayman Islands")
    assert (max(group), min(islands)) == (date(2011, 12, 31), date(2012, 1, 31))
    assert group[max(group)] > 1.8 * islands[min(islands)]


def test_official_parts_add_up(history: Parsed) -> None:
    bills, bonds = (held(history, f"Foreign Official {part}") for part in ("Treasury Bills", "T-Bonds & Notes"))
    for month, official in held(history, "Foreign Official").items():
        assert bills[month] + bonds[month] == pytest.approx(official, abs=0.21)


def test_the_excerpt_of_the_current_table_agrees_where_nothing_was_revised(recordings: Path, history: Parsed) -> None:
    current = load(MAJOR_FOREIGN_HOLDERS, recordings / "tic/slt_table5_excerpt_2026-02.txt")
    assert set(current.frame["source_table"]) == {"slt_table5"}
    japan = held(current, "Japan")
    assert (len(japan), japan[date(2026, 2, 28)]) == (13, 1239.3)
    before = held(history, "Japan")
    assert all(before[month] == value for month, value in japan.items() if month <= date(2025, 12, 31))
    december = date(2025, 12, 31)
    assert (held(history, "United Kingdom")[december], held(current, "United Kingdom")[december]) == (866.0, 863.1)


@pytest.mark.parametrize("block", [0, 1, 25])
def test_a_heading_that_is_gone_or_moves_into_the_table_is_no_year_less(recordings: Path, block: int) -> None:
    lines = (recordings / "tic/mfhhis01_2000-2025.txt").read_text("utf-8").splitlines()
    at = [number for number, line in enumerate(lines) if line.startswith("Country\t")][block]
    months, years, rest = lines[at - 1], lines[at], lines[at + 1 :]
    for changed in (rest, [years.replace("Country", "Holder"), *rest], [*rest[:9], months, years, *rest[9:]]):
        body = "\n".join([*lines[: at - 1], *changed]).encode()
        with pytest.raises(IngestError):
            conform(MAJOR_FOREIGN_HOLDERS, MAJOR_FOREIGN_HOLDERS.parse(MAJOR_FOREIGN_HOLDERS, body, Request("moved")))


# --- World Bank -----------------------------------------------------------------------------------------------------

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EDITIONS = {
    "2025-05-02": 784,
    "edition_2020-05-04": 724,
    "edition_2021-09-02": 740,
    "edition_2022-04-04": 747,
    "edition_2023-04-04": 759,
    "edition_2024-04-02": 771,
    "edition_2025-01-03": 780,
    "edition_2025-04-02": 783,
    "edition_2025-11-04": 790,
    "edition_2026-03-03": 794,
}


def sheet_cells(path: Path, sheet: int) -> dict[tuple[str, int], str]:
    """What stands in each cell (column, row) of a sheet, read from the XML itself."""
    with zipfile.ZipFile(path) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        texts = ["".join(part.text or "" for part in item.iter(f"{_MAIN}t")) for item in shared]
        cells = {}
        for cell in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml")).iter(f"{_MAIN}c"):
            value = cell.findtext(f"{_MAIN}v")
            if value is not None:
                column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell.attrib["r"]).groups()
                cells[column, int(row)] = texts[int(value)] if cell.get("t") == "s" else value
    return cells


@pytest.mark.parametrize(("edition", "months"), EDITIONS.items())
def test_every_edition_of_the_workbook_to_the_last_digit(recordings: Path, edition: str, months: int) -> None:
    path = recordings / f"worldbank/CMO-Historical-Data-Monthly_{edition}.xlsx"
    cells = sheet_cells(path, 2)
    rows = {text: row for (column, row), text in cells.items() if column == "A" and re.fullmatch(r"\d{4}M\d\d", text)}
    expected = {
        (metal.lower(), date.fromisoformat(f"{period[:4]}-{period[5:]}-01")): float(cells[column, row])
        for metal in ("Gold", "Silver", "Platinum")
        for column in [column for (column, _), text in cells.items() if text == metal]
        for period, row in rows.items()
    }
    frame = load(PRICES, path).frame.with_columns(pl.col("month_date").dt.month_start())
    assert {(metal, month): price for metal, month, price in frame.rows()} == expected
    assert len(expected) == 3 * months


def test_gold_of_the_workbook_is_gold_of_both_editions(recordings: Path) -> None:
    folder = recordings / "worldbank"
    frame = load(PRICES, folder / "CMO-Historical-Data-Monthly_2025-05-02.xlsx").frame
    gold = {
        f"{month:%Y-%m}": price
        for series, month, price in frame.rows()
        if series == "gold" and (month + timedelta(days=1)).day == 1
    }
    assert gold == pairs(folder / "gold_monthly_vintage_2025-05-02.csv")
    later = pairs(folder / "gold_monthly_vintage_2026-06-02.csv")
    assert all(later[month] == pytest.approx(price, abs=0.006) for month, price in gold.items())
    assert (gold["1980-01"], gold["2024-12"]) == (675.31, 2648.01)


# --- Kraken ---------------------------------------------------------------------------------------------------------


def test_nine_finished_days_and_no_running_one(recordings: Path) -> None:
    frame = load(DAILY_CANDLES, recordings / "kraken/ohlc_XBTUSD_1440_2026-08-08_2026-08-17_reindented.json").frame
    assert (frame.height, frame["candle_date"].min(), frame["candle_date"].max()) == (
        9,
        date(2026, 8, 8),
        date(2026, 8, 16),
    )
    assert frame.row(0, named=True)["close_usd_per_btc"] == 64901.1
    assert frame["open_usd_per_btc"][1:].to_list() == pytest.approx(frame["close_usd_per_btc"][:-1].to_list(), rel=1e-4)


# --- the Board ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def balance_sheet(recordings: Path) -> Parsed:
    return load(H41, recordings / "frb_ddp/FRB_H41_assets_2016-02-03_2017-12-27.csv")


@pytest.mark.parametrize(
    ("board", "fred"),
    [
        ("RESPPMA_N.WW", "WALCL_fredgraph_2024-12-27"),
        ("RESPPALGUO_N.WW", "TREAST_2026-06-17_datevalue"),
        ("RESPPALGASMO_N.WW", "WSHOMCB_2026-06-17_datevalue"),
        ("RESPPALG_N.WW", "WSHOSHO_2026-06-17_datevalue"),
    ],
)
def test_the_board_says_what_fred_repeats(recordings: Path, balance_sheet: Parsed, board: str, fred: str) -> None:
    repeated = pairs(recordings / f"fred/{fred}.csv")
    rows = balance_sheet.frame.filter(pl.col("series_id") == board)
    assert rows.height == 100
    assert {value - repeated[str(day)] for _, day, value, _ in rows.rows()} == {0.0}


def test_the_recorded_table_holds_sixteen_of_the_catalog_s_series(balance_sheet: Parsed) -> None:
    names = set(balance_sheet.frame["series_id"])
    elsewhere = {"RESPPLLRF_N.WW", "RESPPLLRD_N.WW", "RESH4R_N.WW", "RESTBC_N.WW", "RESH4FG_N.WW"}
    assert {series.id for series in H41.series} - names == elsewhere
    assert balance_sheet.notes == ("104 series that are not in the catalog left out",)
    last = balance_sheet.frame.filter(pl.col("observation_date") == date(2017, 12, 27))
    levels = dict(last.select("series_id", "value").rows())
    assert levels["RESPPMA_N.WW"] - levels["RESPPMLL_N.WW"] == pytest.approx(levels["RESPPLC_N.WW"], abs=2)


def test_fifty_years_of_banks(recordings: Path) -> None:
    parsed = load(H8, recordings / "frb_ddp/FRB_H8_all_banks_NSA_weekly_1973_2023-04-26.csv")
    spans = {name: (count, first) for name, count, first in parsed.frame.group_by("series_id").agg(
        pl.len(), pl.col("observation_date").min()
    ).rows()}  # fmt: skip
    assert spans["B1003NCBD"] == spans["B1151NCBD"] == (2626, date(1973, 1, 3))
    assert spans["B1301NCBD"] == (722, date(2009, 7, 1))
    newest = dict(
        parsed.frame.filter(pl.col("observation_date") == date(2023, 4, 26)).select("series_id", "value").rows()
    )
    assert newest["B1301NCBD"] + newest["B1302NCBD"] == newest["B1003NCBD"] == 4_178_339


def test_growth_rates_of_a_quarter_are_no_levels(recordings: Path) -> None:
    for name in ("FRB_H8_growth_quarterly_1947Q2_2020Q3.csv", "FRB_H8_growth_quarterly_1947Q2_2025Q3.csv"):
        with pytest.raises(LayoutError, match="none of its 27 series"):
            load(H8, recordings / f"frb_ddp/{name}")


def test_the_zip_of_another_release_has_the_layout_that_is_read(recordings: Path) -> None:
    path = recordings / "frb_ddp/FRB_G19_bulk.zip"
    with pytest.raises(LayoutError, match=r"no H41_data.xml among \['G19_data.xml'"):
        load(H41, path)
    credit = Series("DTCTL_N.M", "Consumer credit", Unit.USD_MN, (5, 6_000), cadence=Cadence.MONTHLY)
    rare = Series("DTCNLR_N.M", "Revolving credit of a holder", Unit.USD_MN, (0, 6_000), cadence=Cadence.MONTHLY)
    parsed = load(replace(H41, name="g19", series=(credit, rare), earliest=date(1943, 1, 31)), path)
    rows = parsed.frame.filter(pl.col("series_id") == credit.id)
    assert (rows.height, rows["observation_date"].max()) == (872, date(2015, 8, 31))
    assert (rows["value"].min() or 0) > 0  # -9999 stands where there is no value
    assert parsed.notes == ("78 series that are not in the catalog left out",)
