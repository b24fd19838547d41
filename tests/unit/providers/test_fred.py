"""FRED's two forms, its units and its frequencies, on small bodies with figures of our own."""

import io
import json
import zipfile
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.catalog import Parsed, Plan, Request, Unit
from ingest.errors import (
    BodyError,
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    PagingError,
    UnitError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform
from ingest.providers.fred import OBSERVATIONS, PROVIDER

WEDNESDAYS = [date(2024, 1, 3) + timedelta(days=7 * n) for n in range(8)]


def parse(body: str | bytes, scope: str | None = None, is_file: bool = False) -> Parsed:
    raw = body.encode() if isinstance(body, str) else body
    request = Request("u", scope=scope, is_file=is_file)
    return conform(OBSERVATIONS, OBSERVATIONS.parse(OBSERVATIONS, raw, request))


def csv(series: str, values: list[object], dates: list[date] = WEDNESDAYS, head: str = "observation_date") -> str:
    lines = [f"{day},{value}" for day, value in zip(dates, values, strict=False)]
    return "\n".join([f"{head},{series}", *lines, ""])


def api(values: list[object], dates: list[date] = WEDNESDAYS, **changes: object) -> str:
    rows = [
        {"realtime_start": "2024-03-01", "realtime_end": "2024-03-01", "date": str(day), "value": value}
        for day, value in zip(dates, values, strict=False)
    ]
    envelope = {
        "realtime_start": "2024-03-01",
        "realtime_end": "2024-03-01",
        "units": "lin",
        "output_type": 1,
        "file_type": "json",
        "count": len(rows),
        "offset": 0,
        "limit": 100000,
        "observations": rows,
    }
    return json.dumps(envelope | changes)


# --- both forms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", ["observation_date", "DATE"])
@pytest.mark.parametrize("blank", ["", "."])
def test_old_and_new_chart_downloads(head: str, blank: str) -> None:
    frame = parse(csv("WALCL", [7_000_100, blank, 7_000_300.0], head=head), "WALCL").frame
    assert frame["observation_date"].to_list() == [date(2024, 1, 3), date(2024, 1, 17)]
    assert frame["value"].to_list() == [7_000_100, 7_000_300]
    assert frame["series_id"].unique().to_list() == ["WALCL"]
    assert frame["unit"].unique().to_list() == ["usd_mn"]


def test_a_vintage_download_names_series_and_day() -> None:
    assert parse(csv("WALCL_20240301", [7_000_100]), is_file=True).frame["series_id"].item() == "WALCL"
    with pytest.raises(LayoutError, match="WALCL_2024"):
        parse(csv("WALCL_2024", [7_000_100]), is_file=True)


def test_the_api_says_the_same_as_the_chart() -> None:
    values = ["7000100", ".", "7000300"]
    assert parse(api(values), "WALCL").frame.equals(parse(csv("WALCL", values), "WALCL").frame)


def test_a_file_of_the_api_needs_its_series() -> None:
    with pytest.raises(LayoutError, match="--series"):
        parse(api(["7000100"]), is_file=True)


# --- bad bodies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        ("", UnreadableBodyError, "empty"),
        ("<html>504</html>", UnreadableBodyError, "HTML"),
        (b"PK\x03\x04rest", LayoutError, "ZIP"),
        ("observation_date,WALCL\n2024-01-03,7000100\n2024-01-1", UnreadableBodyError, "cut short"),
        ("observation_date,WALCL\n2024-01-03,7000100\n2024-01-10,7000", UnreadableBodyError, "cut short"),
        ("observation_date,WALCL,TREAST\n2024-01-03,1,2\n", LayoutError, "headings"),
        ("Date,Value\n2024-01-03,7000100\n", LayoutError, "headings"),
        ("observation_date,WRESBAL\n2024-01-03,3000100\n", LayoutError, "asked was WALCL"),
        ("observation_date,WALCL\n2024-01-03,null\n", ValueFormatError, "row 1 value"),
        ("observation_date,WALCL\n2024-01-03,ND\n", ValueFormatError, "row 1 value"),
        ("observation_date,WALCL\n01/03/2024,7000100\n", ValueFormatError, "row 1 date"),
        ("observation_date,WALCL\n,7000100\n", ValueFormatError, "observation_date"),
        ("observation_date,WALCL\n2024-01-03,inf\n", ImplausibleValueError, "WALCL"),
        ("observation_date,WALCL\n2024-01-03,nan\n", ImplausibleValueError, "WALCL"),
        ("observation_date,WALCL\n2024-01-03,.\n2024-01-10,\n", EmptyBodyError, "no rows"),
        ("observation_date,WALCL\n", EmptyBodyError, "no rows"),
        ("observation_date,WALCL\n2024-01-03,7000100\n2024-01-03,7000200\n", DuplicateKeyError, "share a key"),
        ("observation_date,WALCL\n2024-01-03,7000.1\n", UnitError, "unit has changed"),
        ("observation_date,WALCL\n2024-01-03,7000100000\n", UnitError, "unit has changed"),
        (api(["7000.1"]), UnitError, "unit has changed"),
        (api(["7000100"], units="pch"), UnitError, "pch"),
        (api(["7000100"], count=2), PagingError, "2 observations stated"),
        (api(["7000100"], count=100001, limit=100000), PagingError, "100001"),
        (api(["7000100"], offset=5), PagingError, "offset 5"),
        (api(["7000100"], output_type=4), LayoutError, "vintages"),
        (api(["7000100"], realtime_start="1776-07-04"), LayoutError, "vintages"),
        (api([None]), ValueFormatError, r"observations\[0\]\.value"),
        (api([7000100]), ValueFormatError, r"observations\[0\]\.value"),
        (api(["null"]), ValueFormatError, "row 1 value"),
        (api([]), EmptyBodyError, "no rows"),
        (api(["7000100"])[:-30], UnreadableBodyError, "JSON"),
        ('{"error_code":400,"error_message":"Bad Request."}', LayoutError, "realtime_start"),
    ],
)
def test_bad_bodies_are_named(body: str | bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(body, "WALCL")


def test_a_series_without_a_row_is_refused() -> None:
    with pytest.raises(LayoutError, match="'DEXUSEU' is not in the catalog; add a row"):
        parse(csv("DEXUSEU", [1.1]), is_file=True)
    with pytest.raises(LayoutError, match="'WALC' is not in the catalog; did you mean WALCL"):
        parse(csv("VALUE", [7_000_100]), "WALC", is_file=True)


# --- files saved by hand --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head", ["DATE,VALUE", "date,value", "Date,Value", "observation_date,value", "\ufeffDATE,VALUE"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\n\r\n\r\n"])
def test_a_file_that_names_no_series_needs_it_told(head: str, end: str) -> None:
    body = f"{head}\r\n2024-01-03,7000100\r\n2024-01-10,.\r\n2024-01-17,7000300.0{end}"
    told = parse(body, "WALCL", is_file=True).frame
    assert told.equals(parse(csv("WALCL", [7_000_100, ".", 7_000_300]), "WALCL").frame)
    with pytest.raises(LayoutError, match="--series"):
        parse(body, is_file=True)


def test_what_a_spreadsheet_made_of_the_cells() -> None:
    told = parse('DATE,WALCL\n1/3/2024,"7,000,100"\n1/10/2024,#N/A\n01/17/2024,7000300\n', is_file=True).frame
    assert told.equals(parse(csv("WALCL", [7_000_100, ".", 7_000_300]), "WALCL").frame)


def test_a_data_frame_adds_an_index_and_small_letters() -> None:
    told = parse(",date,walcl\n0,2024-01-03 00:00:00,7000100.0\n1,2024-01-10 00:00:00,NaN\n", is_file=True)
    assert told.frame.equals(parse(csv("WALCL", [7_000_100, "."]), "WALCL").frame)
    assert told.notes == ()


def test_json_that_lost_its_envelope_still_needs_its_series() -> None:
    told = parse(csv("WALCL", [7_000_100, ".", 7_000_300]), "WALCL").frame
    rows = [
        {"date": str(day), "value": value} for day, value in zip(WEDNESDAYS, ["7000100", ".", 7000300], strict=False)
    ]
    for body in (rows, {"observations": rows}, {"series": "x", "observations": rows, "count": 3}):
        assert parse(json.dumps(body), "WALCL", is_file=True).frame.equals(told)
    with pytest.raises(LayoutError, match="--series"):
        parse(json.dumps(rows), is_file=True)
    with pytest.raises(PagingError, match="5 observations stated, 3 came"):
        parse(json.dumps({"observations": rows, "count": 5}), "WALCL", is_file=True)
    with pytest.raises(LayoutError, match="realtime_start"):
        parse(json.dumps({"observations": rows}), "WALCL")


def many(days: list[date], **columns: list[object]) -> str:
    rows = [",".join([str(day), *(str(cells[n]) for cells in columns.values())]) for n, day in enumerate(days)]
    return "\n".join([",".join(["observation_date", *columns]), *rows, ""])


def test_several_series_in_one_file_by_their_names() -> None:
    walcl, treast = [7_000_100 + n for n in range(8)], [4_000_100 - n for n in range(8)]
    both = parse(many(WEDNESDAYS, WALCL=walcl, TREAST=treast), is_file=True)
    swapped = parse(many(WEDNESDAYS, TREAST=treast, WALCL=walcl), is_file=True)
    key = ["series_id", "observation_date"]
    assert both.notes == ()
    assert both.frame.sort(key).equals(swapped.frame.sort(key))
    for series, values in (("WALCL", walcl), ("TREAST", treast)):
        alone = parse(csv(series, values), series).frame
        assert both.frame.filter(pl.col("series_id") == series).equals(alone)
        assert parse(many(WEDNESDAYS, WALCL=walcl, TREAST=treast), series, is_file=True).frame.equals(alone)
    with pytest.raises(LayoutError, match="about WALCL, TREAST, asked was WRESBAL"):
        parse(many(WEDNESDAYS, WALCL=walcl, TREAST=treast), "WRESBAL", is_file=True)


def test_what_cannot_be_taken_of_a_file_is_noted_and_refused_alone() -> None:
    months = [date(2024, n, 1) for n in range(1, 9)]
    columns = {
        "PSAVERT": [4.0 + n / 10 for n in range(8)],
        "WALCL": [7_000_100.5] * 8,
        "FEDFUNDS": [5.33] * 8,
        "M2SL_PCH": [0.1] * 8,
    }
    parsed = parse(many(months, **columns), is_file=True)
    assert parsed.frame["series_id"].unique().to_list() == ["PSAVERT"]
    assert parsed.frame["value"].to_list() == columns["PSAVERT"]
    aggregated, unknown, transformed = parsed.notes
    assert aggregated.startswith("WALCL left out: 2024-01-01 is no date of a weekly series: an aggregated download?")
    assert unknown == "series that are not in the catalog left out: FEDFUNDS"
    assert transformed == "transformed values left out: M2SL_PCH"
    for name, error, says in (
        ("WALCL", LayoutError, "aggregated download"),
        ("FEDFUNDS", LayoutError, "'FEDFUNDS' is not in the catalog"),
        ("M2SL_PCH", UnitError, "M2SL_PCH: the values were transformed"),
    ):
        with pytest.raises(error, match=says):
            parse(many(months, **{name: columns[name]}), is_file=True)


def test_series_of_different_frequency_on_the_days_of_the_finest() -> None:
    days = [WEDNESDAYS[0] + timedelta(days=n) for n in range(21)]
    weekly = [7_000_100 + n if day in WEDNESDAYS else "" for n, day in enumerate(days)]
    parsed = parse(many(days, IORB=[5.4] * 21, WALCL=weekly), is_file=True)
    assert (parsed.notes, parsed.frame["series_id"].value_counts(sort=True).rows()) == (
        (),
        [("IORB", 21), ("WALCL", 3)],
    )


def test_several_series_may_come_in_a_zip() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("README.txt", "about")
        archive.writestr("daily.csv", csv("IORB", [5.4] * 8))
        archive.writestr("weekly.csv", csv("WALCL", [7_000_100] * 8))
    with pytest.raises(LayoutError, match=r"IORB.*aggregated"):
        parse(csv("IORB", [5.4] * 8), is_file=True)
    parsed = parse(buffer.getvalue(), is_file=True)
    assert parsed.frame["series_id"].unique().to_list() == ["WALCL"]
    assert parsed.notes[0].startswith("IORB left out")


def test_two_vintages_in_one_file_are_versions() -> None:
    values = {"WALCL_20240118": [7_000_100, 7_000_200, ""], "WALCL_20240125": [7_000_100, 7_000_250, 7_000_300]}
    frame = parse(many(WEDNESDAYS[:3], **values), is_file=True).frame
    assert frame["value"].to_list() == [7_000_100, 7_000_200, 7_000_250, 7_000_300]
    assert frame["known_from"].n_unique() == 2
    with pytest.raises(LayoutError, match="load them apart"):
        parse(many(WEDNESDAYS[:3], WALCL=[1, 2, 3], **values), is_file=True)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("2024-01-03,7000100\n2024-01-10,7000200\n", "expected observation_date"),
        ("observation_date\n2024-01-03\n", "expected observation_date"),
        ("date,DATE,WALCL\n2024-01-03,2024-01-03,7000100\n", "expected observation_date"),
    ],
)
def test_a_file_without_its_headings_says_what_they_are(body: str, says: str) -> None:
    with pytest.raises(LayoutError, match=says):
        parse(body, "WALCL", is_file=True)


@given(st.binary(max_size=200))
def test_noise_is_always_a_named_error(noise: bytes) -> None:
    with pytest.raises(BodyError):
        parse(noise, "WALCL")


# --- units ----------------------------------------------------------------------------------------------------------

HISTORY = [3.2, 12.5, 60.0, 900.0, 1500.0, 300.0, 750.5, 820.25]


def test_one_body_is_in_one_unit() -> None:
    assert parse(csv("WTREGEN", [v * 1000 for v in HISTORY]), "WTREGEN").frame["unit"][0] == "usd_mn"
    frame = parse(csv("WTREGEN", HISTORY), "WTREGEN").frame
    assert frame["unit"][0] == "usd_bn"
    assert frame["value"].to_list() == HISTORY, "raw keeps what was published"
    with pytest.raises(BodyError):
        parse(csv("WTREGEN", HISTORY[:4] + [v * 1000 for v in HISTORY[4:]]), "WTREGEN")


def test_a_window_that_fits_two_scales_is_refused_rather_than_guessed() -> None:
    with pytest.raises(UnitError, match="whole history"):
        parse(csv("WRESBAL", [3013, 3050.0]), "WRESBAL")
    assert parse(csv("WRESBAL", [3013.9, 3050]), "WRESBAL").frame["unit"][0] == "usd_bn", "millions are whole"
    assert parse(csv("WRESBAL", ["9028.0", 11876]), "WRESBAL").frame["unit"][0] == "usd_mn"
    with pytest.raises(UnitError, match="unit has changed"):
        parse(csv("WALCL", [7000.5]), "WALCL")
    assert parse(csv("WRESBAL", [3_013_900, 3_050_200]), "WRESBAL").frame["unit"][0] == "usd_mn"
    assert parse(csv("WRESBAL", [21.5, 3013.9]), "WRESBAL").frame["unit"][0] == "usd_bn"


@given(st.lists(st.floats(40, 2000), min_size=1, max_size=8))
def test_recent_treasury_cash_is_told_apart_or_refused(billions: list[float]) -> None:
    assert parse(csv("WTREGEN", [round(v * 1000) for v in billions]), "WTREGEN").frame["unit"][0] == Unit.USD_MN.suffix
    try:
        unit = parse(csv("WTREGEN", [round(v, 3) for v in billions]), "WTREGEN").frame["unit"][0]
    except UnitError:
        assert min(billions) > 1400
    else:
        assert unit == Unit.USD_BN.suffix


# --- frequencies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "first", "step", "value"),
    [
        ("TREAST", date(2024, 1, 1), 1, 4_000_000),  # monthly means of a weekly series
        ("TREAST", date(2024, 1, 5), 7, 4_000_000),  # another weekday
        ("TREAST", date(2024, 1, 3), 28, 4_000_000),  # every fourth Wednesday
        ("MORTGAGE30US", date(2024, 1, 1), 7, 6.6),  # Mondays
        ("MORTGAGE30US", date(2024, 1, 1), 1, 6.6),  # monthly means of a weekly series
        ("DTB4WK", date(2024, 1, 1), 1, 4.5),  # a daily series by month
        ("RRPONTSYD", date(2024, 1, 3), 7, 500.5),  # a daily series by week, with ordinary decimals
        ("M2SL", date(2024, 1, 1), 3, 21_000.1),  # a monthly series by quarter
        ("M2SL", date(2024, 1, 15), 1, 21_000.1),  # not the first of the month
        ("GDP", date(2024, 2, 1), 3, 28_000.1),  # not the first of a quarter
        ("GDP", date(2020, 1, 1), 12, 28_000.1),  # a quarterly series by year
    ],
)
def test_a_download_of_another_frequency_is_refused(series: str, first: date, step: int, value: float) -> None:
    if step in (7, 28):
        dates = [first + timedelta(days=step * n) for n in range(6)]
    else:
        months = [first.month - 1 + step * n for n in range(6)]
        dates = [date(first.year + month // 12, month % 12 + 1, first.day) for month in months]
    with pytest.raises(LayoutError, match=f"{series}.*aggregated"):
        parse(csv(series, [value] * 6, dates), series)


@pytest.mark.parametrize(
    ("series", "value", "dates"),
    [
        ("WALCL", 7_000_000, [date(2024, 1, 3), date(2024, 1, 17), date(2024, 1, 24), date(2024, 1, 31)]),
        ("MORTGAGE30US", 7.2, [date(1993, 11, 26), date(1993, 12, 4), date(1993, 12, 10), date(1993, 12, 17)]),
        ("SOFR", 5.3, [date(2024, 1, n) for n in (2, 3, 4, 5, 8, 9)]),
        ("IORB", 5.4, [date(2024, 1, n) for n in range(1, 10)]),
        ("GDP", 28_000.1, [date(2023, 7, 1), date(2023, 10, 1), date(2024, 1, 1), date(2024, 4, 1)]),
        ("GDP", 28_000.1, [date(2024, 4, 1)]),
        ("M2SL", 21_000.1, [date(2024, n, 1) for n in (1, 2, 3, 5)]),
        ("CBBTCUSD", 65_000.5, [date(2024, 1, 6), date(2024, 1, 7)]),
    ],
)
def test_its_own_frequency_passes_with_a_gap(series: str, value: float, dates: list[date]) -> None:
    assert parse(csv(series, [value] * len(dates), dates), series).frame.height == len(dates)


# --- requests and releases ------------------------------------------------------------------------------------------


def test_without_a_key_the_chart_is_asked_one_series_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    plan = Plan(date(2024, 2, 7), {"WALCL": date(2024, 1, 31)})
    asked = {r.scope: r for r in OBSERVATIONS.requests(OBSERVATIONS, plan)}
    assert list(asked) == [series.id for series in OBSERVATIONS.series]
    assert asked["WALCL"].public_url == "https://fred.stlouisfed.org/graph/fredgraph.csv?id=WALCL&cosd=2023-12-02"
    assert asked["GDP"].covers_from == date(1946, 1, 1)
    assert all(request.key_param is None for request in asked.values())


def test_with_a_key_the_api_is_asked_and_the_key_is_not_in_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRED_API_KEY", "made-up-secret")
    asked = {r.scope: r for r in OBSERVATIONS.requests(OBSERVATIONS, Plan(date(2024, 2, 7)))}
    request = asked["WALCL"]
    assert request.url == "https://api.stlouisfed.org/fred/series/observations"
    assert request.key_param == "api_key"
    assert "made-up-secret" not in repr(request)
    assert PROVIDER.key == "made-up-secret"


@pytest.mark.parametrize(
    ("series", "effective", "published"),
    [
        ("WALCL", date(2024, 1, 3), datetime(2024, 1, 4, 21, 30)),
        ("WALCL", date(2024, 11, 27), datetime(2024, 11, 29, 21, 30)),
        ("RRPONTSYD", date(2024, 1, 3), datetime(2024, 1, 3, 23, 30)),
        ("IORB", date(2024, 1, 8), datetime(2024, 1, 5, 23, 30)),
        ("DFEDTARU", date(2024, 1, 6), datetime(2024, 1, 6, 23, 30)),
    ],
)
def test_when_a_value_was_known(series: str, effective: date, published: datetime) -> None:
    assert OBSERVATIONS.release_of(series).published_at(effective) == published


# Extremes that somebody published, billions of dollars or percent: the smallest and the largest of a series that a page
# or a public project quotes. A range has to hold them.
EXTREMES = {
    "HNOTSAQ027S": (-317.664, 3039.04),  # 2007 Q4 (release of March 2026), 2026 Q1
    "BOGZ1FL663061105Q": (-111.03, 620.413),  # 2007 Q2, 2026 Q1
    "BOGZ1FL713061103Q": (18.885, 6052.055),  # 1949 Q4, 2021 Q4
    "BOGZ1FL633061105Q": (0.0, 3517.812),  # 1945, 2025 Q4
    "BOGZ1FL623061103Q": (123.5, 315.298),  # 2026 Q2, and Q1 as first published
    "BOGZ1FL213061103Q": (5.179, 1647.6),  # 1946, 2026 Q2
    "ROWTSEQ027S": (2.1, 9317.224),  # 1946, 2026 Q1
    "BOGZ1FL893061105Q": (160.427, 29013.612),  # 1946, 2026 Q2
    "BOGZ1FU313161105Q": (-187.449, 2751.206),  # 2000 Q2, 2020 Q2
    "BOGZ1FU713061103Q": (-227.015, 1034.327),  # 2023 Q1, 2020 Q2
    "WLCFLL": (0.015, 340.699),  # March 2017, week to 2023-03-22
    "WLCFLPCL": (0.0, 152.9),  # June 2016, 2023-03-15
    "H41RESPPALDKNWW": (0.0, 74.0),  # before March 2023, 2023-04-19
    "WLCFOCEL": (0.0, 228.2),  # until 2023, 2023-05-03
    "H41RESPPALGTRFNWW": (0.0, 60.0),  # 2022, 2023-03-22
    "WORAL": (0.0, 302.463),  # June 2016, week to 2020-04-01
    "SWPT": (0.0, 438.953),  # June 2016, 2020-04-29
    "PSAVERT": (-0.5, 33.0),  # late 2005 and April 2020, as first published: vintages are loaded too (remembered)
    "MTSDS133FMS": (-864.074, 308.215),  # June 2020, April 2022 (remembered)
}


@pytest.mark.parametrize("series_id", EXTREMES)
def test_what_was_published_is_plausible(series_id: str) -> None:
    series = next(s for s in OBSERVATIONS.series if s.id == series_id)
    low, high = series.plausible
    assert low < min(EXTREMES[series_id]) or min(EXTREMES[series_id]) == 0 == low
    assert max(EXTREMES[series_id]) < high


def test_every_dollar_series_notices_a_unit_that_changes() -> None:
    """Millions that become billions leave the range, or the body is refused as ambiguous; zero hides in any scale."""
    blind = {s.id for s in OBSERVATIONS.series if s.unit.canonical == "usd_bn" and s.plausible[0] <= 0}
    assert blind == {s.id for s in OBSERVATIONS.series if s.may_be_zero}, "say why, or start the range above zero"
    assert isinstance(OBSERVATIONS.schema["value"], pl.Float64)


@pytest.mark.parametrize(
    ("series", "dates"),
    [
        ("FYFSD", [date(1975, 6, 30), date(1976, 6, 30), date(1976, 9, 30), date(1977, 9, 30)]),
        ("FYFSGDA188S", [date(year, 1, 1) for year in range(2019, 2023)]),
        ("MTSDS133FMS", [date(2024, n, 1) for n in range(1, 5)]),
    ],
)
def test_deficits_are_negative_and_a_fiscal_year_may_end_in_june_or_september(series: str, dates: list[date]) -> None:
    value = -3.1 if series == "FYFSGDA188S" else -307_000
    assert parse(csv(series, [value] * len(dates), dates), series).frame["value"].to_list() == [value] * len(dates)
    with pytest.raises(LayoutError, match="aggregated"):
        parse(csv(series, [value], [date(2024, 9, 29)]), series)


def test_debt_holders_are_told_in_billions_and_in_millions() -> None:
    quarters = [date(1970, 1, 1), date(2026, 4, 1)]
    for values, unit in (([12.4, 9_200.5], "usd_bn"), ([12_400, 9_200_500], "usd_mn")):
        assert parse(csv("FDHBFIN", values, quarters), "FDHBFIN").frame["unit"].unique().to_list() == [unit]
