"""The Board's releases: the ZIP as a stream, the table as CSV, units that are stated and checked."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import httpx
import polars as pl
import pytest

from ingest.catalog import Dataset, Parsed, Plan, Request, Series, Unit
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnitError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform
from ingest.providers.frb import H8, H41
from ingest.sample import frb as sample
from ingest.sample import fred as sample_of_fred
from ingest.sample.world import World

# Two series are enough to tell what happens; the real datasets are held against real bodies in tests/recorded.
ASSETS, CASH = "RESPPMA_N.WW", "RESPPLLDT_N.WW"
SMALL = replace(H41, series=tuple(series for series in H41.series if series.id in (ASSETS, CASH)))

OBSERVATIONS = (("2024-01-03", "7680000"), ("2024-01-10", "7690000"))


def observations(*rows: tuple[str, str], status: str = "A") -> str:
    return "".join(f'<frb:Obs OBS_STATUS="{status}" OBS_VALUE="{v}" TIME_PERIOD="{d}" />' for d, v in rows)


def series(name: str, body: str, unit: str = "Currency", mult: str = "1000000", currency: str = "USD") -> str:
    notes = "<frb:Annotations><common:Annotation>Long</common:Annotation></frb:Annotations>"
    at = f'CURRENCY="{currency}" FREQ="19" SERIES_NAME="{name}" UNIT="{unit}" UNIT_MULT="{mult}"'
    return f"<kf:Series {at}>{notes}{body}</kf:Series>"


def zipped(*parts: str, member: str = "H41_data.xml", tail: str = "</frb:DataSet></message:MessageGroup>") -> bytes:
    head = (
        '<?xml version="1.0"?><message:MessageGroup xmlns:message="m" xmlns:frb="f" xmlns:kf="k" xmlns:common="c">'
        '<message:Header/><frb:DataSet id="H41">'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("H41_struct.xml", "<x/>")
        archive.writestr(member, head + "".join(parts) + tail)
    return buffer.getvalue()


ASSETS_PART = series(ASSETS, observations(*OBSERVATIONS))
CASH_PART = series(CASH, observations(("2024-01-03", "750000"), ("2024-01-10", "740000")))
GOLD_PART = series("RESPPAG_N.WW", observations(("2024-01-03", "11037")))


def parse(body: bytes, dataset: Dataset = SMALL) -> Parsed:
    return conform(dataset, dataset.parse(dataset, body, Request("u")))


def table(*rows: str, unit: str = "Currency", mult: str = "1000000", currency: str = "USD", blank: str = " ") -> bytes:
    names = (ASSETS, "RESPPAG_N.WW")
    heads = (
        ("Series Description", "Total assets: Wednesday level", "Gold, certificates"),
        ("Unit:", unit, "Currency"),
        ("Multiplier:", mult, "1000000"),
        ("Currency:", currency, "USD"),
        (f"Unique Identifier:{blank}", *(f"H41/H41/{name}" for name in names)),
        ("Time Period", *names),
    )
    lines = [",".join(f'"{cell}"' for cell in head) for head in heads]
    return "\r\n".join([*lines, *rows, ""]).encode()


TABLE_ROWS = ("2024-01-03,7680000,11037", "2024-01-10,7690000,11037")


# --- the ZIP --------------------------------------------------------------------------------------------------------


def test_the_catalog_s_series_are_kept_the_others_counted() -> None:
    parsed = parse(zipped(GOLD_PART, ASSETS_PART, CASH_PART))
    assert parsed.frame.rows() == [
        (ASSETS, date(2024, 1, 3), 7_680_000, "usd_mn"),
        (ASSETS, date(2024, 1, 10), 7_690_000, "usd_mn"),
        (CASH, date(2024, 1, 3), 750_000, "usd_mn"),
        (CASH, date(2024, 1, 10), 740_000, "usd_mn"),
    ]
    assert parsed.notes == ("1 series that are not in the catalog left out",)


@pytest.mark.parametrize("status", ["ND", "NA", "NC"])
def test_a_missing_value_is_left_out_whatever_number_stands_there(status: str) -> None:
    part = series(ASSETS, observations(OBSERVATIONS[0]) + observations(("2024-01-10", "-9999"), status=status))
    frame = parse(zipped(part, CASH_PART)).frame
    assert frame.filter(pl.col("series_id") == ASSETS)["observation_date"].to_list() == [date(2024, 1, 3)]


def test_the_multiplier_may_be_written_as_a_power_and_name_a_former_unit() -> None:
    billions = series(ASSETS, observations(("2024-01-03", "7680.0")), mult="1e+09")
    with pytest.raises(UnitError, match=r"RESPPMA_N.WW: comes as Currency USD times 1e\+09, known is millions"):
        parse(zipped(billions, CASH_PART))
    former = tuple(replace(s, former_units=(Unit.USD_BN,)) for s in SMALL.series)
    columns = tuple(
        replace(column, allowed=frozenset({"usd_mn", "usd_bn"})) if column.name == "unit" else column
        for column in SMALL.columns
    )
    frame = parse(zipped(billions, CASH_PART), replace(SMALL, series=former, columns=columns)).frame
    assert frame.row(0) == (ASSETS, date(2024, 1, 3), 7680, "usd_bn")


@pytest.mark.parametrize(
    ("part", "error", "says"),
    [
        (series(ASSETS, observations(*OBSERVATIONS), mult="1"), UnitError, "times 1, known is millions"),
        (series(ASSETS, observations(*OBSERVATIONS), mult=""), UnitError, "times nothing"),
        (series(ASSETS, observations(*OBSERVATIONS), mult="million"), UnitError, "times million"),
        (series(ASSETS, observations(*OBSERVATIONS), currency="EUR"), UnitError, "Currency EUR"),
        (series(ASSETS, observations(*OBSERVATIONS), unit="Percent", currency="NA"), UnitError, "Percent NA"),
        (series(ASSETS, observations(("2024-01-03", "7680"))), UnitError, "the unit has changed"),
        (series(ASSETS, observations(("2024-01-03", "7680000000"))), UnitError, "the unit has changed"),
        (series(ASSETS, observations(("2024-01-03", "-7680000"))), ImplausibleValueError, "outside"),
        (series(ASSETS, observations(("2024-01-03", "-9999"))), ImplausibleValueError, "outside"),
        (series(ASSETS, observations(("2024-01-04", "7680000"))), LayoutError, "2024-01-04 is no Wednesday"),
        (series(ASSETS, observations(("2024-01", "7680000"))), ValueFormatError, "'2024-01' is no Date"),
        (series(ASSETS, observations(("2024-01-03", "many"))), ValueFormatError, "RESPPMA_N.WW: 'many'"),
        (series(ASSETS, observations(*OBSERVATIONS, status="P")), LayoutError, "another kind"),
        (series(ASSETS, '<frb:Obs OBS_STATUS="A" VALUE="1" />'), LayoutError, "another kind"),
        (series(ASSETS, observations(OBSERVATIONS[0], ("2024-01-03", "7690000"))), DuplicateKeyError, "share a key"),
        (ASSETS_PART + ASSETS_PART, LayoutError, "is there twice"),
        (ASSETS_PART.replace(" SERIES_NAME", " NAME"), LayoutError, "without SERIES_NAME"),
        ("", LayoutError, "no series RESPPMA_N.WW"),
    ],
)
def test_bad_series(part: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(zipped(part, CASH_PART))


def test_a_release_without_any_value() -> None:
    empty = observations(*OBSERVATIONS, status="ND")
    with pytest.raises(EmptyBodyError):
        parse(zipped(series(ASSETS, empty), series(CASH, empty)))


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (zipped(ASSETS_PART, CASH_PART, member="H8_data.xml"), LayoutError, "no H41_data.xml among"),
        (zipped(ASSETS_PART, CASH_PART, tail=""), UnreadableBodyError, "broken XML in H41_data.xml"),
        (zipped(ASSETS_PART, CASH_PART)[:-200], UnreadableBodyError, "broken ZIP"),
        (b"PK\x03\x04 but nothing more", UnreadableBodyError, "broken ZIP"),
        (b"<html>403</html>", UnreadableBodyError, "HTML"),
        (b"", UnreadableBodyError, "empty"),
    ],
)
def test_what_is_no_release(body: bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(body)


def test_damaged_bytes_inside_the_archive() -> None:
    body = bytearray(zipped(ASSETS_PART, CASH_PART))
    place = body.rindex(b"H41_data.xml", 0, body.index(b"PK\x01\x02")) + 40
    body[place : place + 20] = bytes(20)
    with pytest.raises(UnreadableBodyError, match="broken"):
        parse(bytes(body))


def test_more_than_one_member_s_worth_of_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.providers.frb.MAX_XML_BYTES", 100)
    with pytest.raises(UnreadableBodyError, match="too many"):
        parse(zipped(ASSETS_PART, CASH_PART))


# --- the table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [" ", ""])
def test_a_saved_table_may_hold_a_part_of_the_release(blank: str) -> None:
    parsed = parse(table(*TABLE_ROWS, blank=blank))
    assert parsed.frame.rows() == [
        (ASSETS, date(2024, 1, 3), 7_680_000, "usd_mn"),
        (ASSETS, date(2024, 1, 10), 7_690_000, "usd_mn"),
    ]
    assert parsed.notes == ("1 series that are not in the catalog left out",)


@pytest.mark.parametrize("cell", ["", "NA", "ND"])
def test_missing_cells(cell: str) -> None:
    assert parse(table(TABLE_ROWS[0], f"2024-01-10,{cell},11037")).frame.height == 1


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (table(*TABLE_ROWS, mult="1000"), UnitError, "times 1000"),
        (table(*TABLE_ROWS, unit="Percent:_Per_Year", currency="NA"), UnitError, "Percent"),
        (table(*TABLE_ROWS, "2024-01-17,77"), UnreadableBodyError, "2 cells after '2024-01-17', 3 headings"),
        (table("2024Q1,7680000,11037"), ValueFormatError, "'2024Q1' is no Date"),
        (table("2024-01-05,7680000,11037"), LayoutError, "no Wednesday"),
        (table("2024-01-03,lots,11037"), ValueFormatError, "'lots'"),
        (table(*TABLE_ROWS).replace(b'"Multiplier:"', b'"Scale:"'), LayoutError, "heading rows"),
        (table(*TABLE_ROWS).replace(b"H41/H41/", b"H8/H8/"), LayoutError, "no series of H41"),
        (table(*TABLE_ROWS).replace(ASSETS.encode(), b"RESPPXX_N.WW"), LayoutError, "none of its 2 series"),
        (table(*TABLE_ROWS).replace(b'"Time Period"', b'"Time" Period"'), UnreadableBodyError, "no CSV"),
        (table(), EmptyBodyError, "no rows"),
        (b"date,value\n2024-01-03,1\n", LayoutError, "heading rows"),
        (table(*TABLE_ROWS).replace(b"Total", b"\xff"), UnreadableBodyError, "no CSV"),
    ],
)
def test_bad_tables(body: bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(body)


# --- the catalog ----------------------------------------------------------------------------------------------------


def test_one_request_for_a_whole_release() -> None:
    for dataset, rel in ((H41, "H41"), (H8, "H8")):
        (asked,) = dataset.requests(dataset, Plan(date(2024, 1, 12), {dataset.series[0].id: date(2024, 1, 10)}))
        assert asked.public_url == f"https://www.federalreserve.gov/datadownload/Output.aspx?rel={rel}&filetype=zip"
        assert (asked.scope, asked.covers_from, asked.covers_to) == (None, dataset.start, date(2024, 1, 12))


def test_releases_come_on_thursday_and_on_friday_of_the_next_week() -> None:
    wednesday = date(2024, 1, 10)
    assert str(H41.release.published_at(wednesday)) == "2024-01-11 21:30:00"
    assert str(H8.release.published_at(wednesday)) == "2024-01-19 21:15:00"
    # Fridays of Veterans Day 2022, Juneteenth 2026 and New Year 2027: on Thursday, says the Board.
    thursdays = {"2022-11-02": "2022-11-10 21", "2026-06-10": "2026-06-18 20", "2026-12-23": "2026-12-31 21"}
    for week, thursday in thursdays.items():
        assert str(H8.release.published_at(date.fromisoformat(week))) == f"{thursday}:15:00"
    assert "or the business day before a holiday" in H8.release.describe()


def test_every_series_is_weekly_and_in_millions() -> None:
    every: tuple[Series, ...] = (*H41.series, *H8.series)
    assert {one.unit for one in every} == {Unit.USD_MN}
    assert all(one.id.endswith("_N.WW") for one in H41.series)
    assert all(one.id[-1] in "AD" for one in H8.series)


# --- the sample -----------------------------------------------------------------------------------------------------

WORLD = World(date(2024, 3, 1))
TUESDAY = datetime(2024, 2, 20, 12)


def from_sample(dataset: Dataset, now: datetime = TUESDAY) -> pl.DataFrame:
    (asked,) = dataset.requests(dataset, Plan(now.date()))
    answer = sample.answer(WORLD, now, httpx.Request("GET", asked.public_url))
    assert answer.content == sample.answer(WORLD, now, httpx.Request("GET", asked.public_url)).content
    return parse(answer.content, dataset).frame


@pytest.mark.parametrize(
    ("dataset", "oldest", "newest"),
    [(H41, date(2018, 1, 3), date(2024, 2, 14)), (H8, date(1998, 1, 7), date(2024, 2, 7))],
)
def test_the_sample_has_every_series_from_its_beginning_up_to_what_is_out(
    dataset: Dataset, oldest: date, newest: date
) -> None:
    frame = from_sample(dataset)
    assert set(frame["series_id"]) == {one.id for one in dataset.series}
    assert (frame["observation_date"].min(), frame["observation_date"].max()) == (oldest, newest)
    assert frame.height == len(dataset.series) * frame["observation_date"].n_unique()


def test_the_sample_prints_a_week_at_half_past_four_on_thursday() -> None:
    assert from_sample(H41, datetime(2024, 2, 15, 21, 29))["observation_date"].max() == date(2024, 2, 7)
    assert from_sample(H41, datetime(2024, 2, 15, 21, 30))["observation_date"].max() == date(2024, 2, 14)


@pytest.mark.parametrize(
    ("board", "fred"),
    [(ASSETS, "WALCL"), (CASH, "WDTGAL"), ("RESH4R_N.WW", "WRBWFRBL"), ("RESPPLLR_N.WW", "WLRRAL")],
)
def test_the_sample_says_what_the_sample_of_fred_repeats(board: str, fred: str) -> None:
    url = f"https://fred.stlouisfed.org/graph/fredgraph.csv?id={fred}"
    lines = sample_of_fred.answer_chart(WORLD, TUESDAY, httpx.Request("GET", url)).text.split()[1:]
    rows = from_sample(H41).filter(pl.col("series_id") == board)
    assert [f"{day},{value:.0f}" for _, day, value, _ in rows.rows()] == lines


def test_parts_of_the_sample_add_up() -> None:
    wide = from_sample(H41).pivot(on="series_id", index="observation_date", values="value")
    assert (wide["RESPPLLRF_N.WW"] + wide["RESPPLLRD_N.WW"] - wide["RESPPLLR_N.WW"]).abs().max() == 0
    assert (wide[ASSETS] - wide["RESPPMLL_N.WW"] - wide["RESPPLC_N.WW"]).abs().max() == 0
    banks = from_sample(H8).pivot(on="series_id", index="observation_date", values="value")
    assert (banks["B1301NCBD"] + banks["B1302NCBD"] - banks["B1003NCBD"]).abs().max() < 0.1


@pytest.mark.parametrize("query", ["rel=H6&filetype=zip", "rel=H41&filetype=csv", ""])
def test_the_sample_has_nothing_else(query: str) -> None:
    url = f"https://{sample.HOST}/datadownload/Output.aspx?{query}"
    assert sample.answer(WORLD, TUESDAY, httpx.Request("GET", url)).status_code == 404
