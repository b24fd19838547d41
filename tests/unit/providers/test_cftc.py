"""Traders in Financial Futures: the API's shape, the yearly file and its ZIP, late reports, and bad bodies."""

import io
import json
import re
import zipfile
from datetime import date, datetime, time

import httpx
import polars as pl
import pytest

from ingest.calendars import new_york_to_utc
from ingest.catalog import Parsed, Plan, Request
from ingest.errors import (
    BodyError,
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnitError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform, parse_body
from ingest.providers.cftc import CONTRACT_FACE_USD, FIELDS, FRIDAY, next_page
from ingest.providers.cftc import TRADERS_IN_FINANCIAL_FUTURES as REPORT
from ingest.releases import Release
from ingest.sample import cftc
from ingest.sample.world import world_on

# Both sides and the spreads add up to a million.
API_ROW = {
    "cftc_contract_market_code": "043602",
    "report_date_as_yyyy_mm_dd": "2024-02-06T00:00:00.000",
    "futonly_or_combined": "FutOnly",
    "contract_units": "(CONTRACTS OF $100,000 FACE VALUE)",
    "open_interest_all": "1000000",
    "dealer_positions_long_all": "100000",
    "dealer_positions_short_all": "200000",
    "dealer_positions_spread_all": "10000",
    "asset_mgr_positions_long": "500000",
    "asset_mgr_positions_short": "150000",
    "asset_mgr_positions_spread": "20000",
    "lev_money_positions_long": "120000",
    "lev_money_positions_short": "400000",
    "lev_money_positions_spread": "50000",
    "other_rept_positions_long": "80000",
    "other_rept_positions_short": "60000",
    "other_rept_positions_spread": "5000",
    "nonrept_positions_long_all": "115000",
    "nonrept_positions_short_all": "105000 ",
    "traders_lev_money_long_all": "31",
    "traders_lev_money_short_all": "47",
}


def parse(body: bytes) -> Parsed:
    return conform(REPORT, REPORT.parse(REPORT, body, Request("u")))


def from_api(*rows: dict[str, object]) -> Parsed:
    return parse(json.dumps(rows).encode())


HEADINGS = {
    "cftc_contract_market_code": "CFTC_Contract_Market_Code",
    "report_date_as_yyyy_mm_dd": "Report_Date_as_YYYY-MM-DD",
    "contract_units": "Contract_Units",
    "futonly_or_combined": "FutOnly_or_Combined",
    **{field.wire: field.heading for field in FIELDS},
}


def yearly(*rows: dict[str, str], without: str = "") -> bytes:
    """A file as it is published: quoted headings, padded cells, CRLF, the kind of report last."""
    first = [key for key in API_ROW if key not in ("futonly_or_combined", without)]
    keys = [*first, "futonly_or_combined"]
    names = ["Market_and_Exchange_Names", *(HEADINGS[key] for key in keys)]
    lines = [",".join(f'"{name}"' for name in names)]
    for row in rows:
        cells = {key: value.removesuffix("T00:00:00.000") for key, value in row.items()}
        padded = [
            f"{cells[key]:>8}" if key in dict.fromkeys(f.wire for f in FIELDS) else f'"{cells[key]}"' for key in keys
        ]
        lines.append(",".join(['"UST 10Y NOTE - CHICAGO BOARD OF TRADE"', *padded]))
    return "".join(line + "\r\n" for line in lines).encode()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(f"{name}.txt", body)
    return buffer.getvalue()


def test_api_and_file_and_zip_give_the_same_row() -> None:
    frame = from_api(API_ROW).frame
    row = frame.row(0, named=True)
    assert (row["contract_code"], row["report_date"]) == ("043602", date(2024, 2, 6))
    assert (row["leveraged_funds_short_contracts"], row["nonreportable_short_contracts"]) == (400_000, 105_000)
    assert (row["leveraged_funds_long_traders_count"], row["leveraged_funds_short_traders_count"]) == (31, 47)
    assert parse(yearly(API_ROW)).frame.equals(frame)
    assert parse(zipped(FinFut24=yearly(API_ROW))).frame.equals(frame)


@pytest.mark.parametrize("heading", ["Report_Date_as_YYYY-MM-DD", "Report_Date_as_MM_DD_YYYY"])
@pytest.mark.parametrize("day", ["2024-02-06", "2/6/2024 12:00:00 AM", "02/06/2024", "2024-02-06 00:00:00"])
def test_days_as_older_files_write_them(heading: str, day: str) -> None:
    body = yearly(API_ROW | {"report_date_as_yyyy_mm_dd": day}).replace(b"Report_Date_as_YYYY-MM-DD", heading.encode())
    assert parse(body).frame.equals(from_api(API_ROW).frame)


@pytest.mark.parametrize("day", ["2/6/2024 3:30:00 PM", "13/6/2024", "2024-02-06 15:30:00", "240206"])
def test_other_days_are_named(day: str) -> None:
    with pytest.raises(ValueFormatError, match=day):
        parse(yearly(API_ROW | {"report_date_as_yyyy_mm_dd": day}))


def test_a_missing_count_of_traders_is_no_key_or_a_dot() -> None:
    absent = {key: value for key, value in API_ROW.items() if key != "traders_lev_money_long_all"}
    assert from_api(API_ROW, absent | {"cftc_contract_market_code": "044601"}).frame[
        "leveraged_funds_long_traders_count"
    ].to_list() == [31, None]
    dotted = API_ROW | {"traders_lev_money_long_all": "."}
    assert parse(yearly(dotted)).frame["leveraged_funds_long_traders_count"].to_list() == [None]


def test_other_contracts_are_left_out_with_a_note() -> None:
    other = API_ROW | {"cftc_contract_market_code": "232741 ", "contract_units": "(CONTRACTS OF AUD 100,000)"}
    parsed = parse(yearly(API_ROW, other))
    assert parsed.frame.height == 1
    assert parsed.notes == ("1 rows of other contracts left out",)
    with pytest.raises(EmptyBodyError):
        from_api(other)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"futonly_or_combined": "Combined"}, LayoutError, "Combined"),
        ({"lev_money_positions_short": "400011"}, ValueFormatError, r"short is \+11 off .* 1000000"),
        ({"asset_mgr_positions_long": "50000"}, ValueFormatError, "long is -450000 off"),
        ({"lev_money_positions_short": "."}, ValueFormatError, "'.' is no Int64"),
        ({"lev_money_positions_short": ""}, ValueFormatError, "is no Int64|empty where"),
        ({"lev_money_positions_short": "400000.5"}, ValueFormatError, "400000.5"),
        ({"report_date_as_yyyy_mm_dd": "240206"}, ValueFormatError, "240206"),
        ({"contract_units": "(CONTRACTS OF $50,000 FACE VALUE)"}, UnitError, "50,000"),
        ({"traders_lev_money_long_all": "50000"}, ImplausibleValueError, "traders_count"),
    ],
)
def test_bad_rows_in_both_shapes(change: dict[str, str], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        from_api(API_ROW, API_ROW | {"cftc_contract_market_code": "044601"} | change)
    with pytest.raises(error, match=says):
        parse(yearly(API_ROW, API_ROW | {"cftc_contract_market_code": "044601"} | change))


@pytest.mark.parametrize(("factor", "error"), [(1000, BodyError), (0.001, UnitError)])
def test_contracts_of_another_scale_leave_the_plausible_range(factor: float, error: type[Exception]) -> None:
    numbers = {f.wire: str(round(int(API_ROW[f.wire]) * factor)) for f in FIELDS if f.wire.find("traders") < 0}
    with pytest.raises(error):
        from_api(API_ROW | numbers)


def test_a_position_that_is_gone_is_a_layout_error() -> None:
    without = {key: value for key, value in API_ROW.items() if key != "lev_money_positions_short"}
    with pytest.raises(LayoutError, match="lev_money_positions_short"):
        from_api(without)
    with pytest.raises(LayoutError, match="Lev_Money_Positions_Short_All"):
        parse(yearly(API_ROW, without="lev_money_positions_short"))
    with pytest.raises(ValueFormatError, match="Lev_Money_Positions_Short_All"):
        from_api(API_ROW, without | {"cftc_contract_market_code": "044601"})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", UnreadableBodyError),
        (b"[]", EmptyBodyError),
        (b"<html>Page not found</html>", UnreadableBodyError),
        (b'[{"cftc_contract_market_code": "0436', UnreadableBodyError),
        (b'{"code": "query.soql.no-such-column", "error": true}', LayoutError),
        (b'[{"open_interest_all": 1000000}]', ValueFormatError),  # numbers where text has always been
        (b'"UST 10Y NOTE - CHICAGO BOARD OF TRADE",240206,2024-02-06\r\n', LayoutError),  # FinFutWk.txt has no headings
        (b"PK\x03\x04 and then nothing", UnreadableBodyError),
        (zipped(FinFut23=yearly(API_ROW), FinFut24=yearly(API_ROW)), LayoutError),
        (zipped(FinFut24=b"<html>"), UnreadableBodyError),
        (zipped(FinFut24=yearly(API_ROW))[:-40], UnreadableBodyError),
    ],
)
def test_what_is_no_report_at_all(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(body)


def test_a_damaged_zip_is_refused_wherever_it_is_hit() -> None:
    whole = zipped(
        FinFut24=yearly(*[API_ROW | {"report_date_as_yyyy_mm_dd": f"2024-02-{n:02d}"} for n in range(1, 29)])
    )
    for place in range(40, 140, 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        with pytest.raises(BodyError):
            parse(bytes(damaged))


def test_a_file_cut_short_is_refused_wherever_it_ends() -> None:
    body = yearly(API_ROW, API_ROW | {"cftc_contract_market_code": "044601"})
    second = body.rstrip(b"\r\n").rfind(b"\n") + 1
    with pytest.raises(UnreadableBodyError, match="cut short"):
        parse(body[: second + 120])
    for end in range(second + 1, len(body) - 3):  # the last two are the line end, the one before it the closing quote
        with pytest.raises(BodyError):
            parse(body[:end])


def test_two_different_rows_of_a_week() -> None:
    assert from_api(API_ROW, API_ROW).frame.height == 1
    with pytest.raises(DuplicateKeyError):
        from_api(API_ROW, API_ROW | {"traders_lev_money_long_all": "32"})


def test_request_names_columns_contracts_and_the_first_day() -> None:
    (full,) = REPORT.requests(REPORT, Plan(date(2026, 3, 2)))
    params = dict(full.params)
    assert "report_date_as_yyyy_mm_dd >= '2006-06-13T00:00:00.000'" in params["$where"]
    assert set(re.findall(r"'(\d{6})'", params["$where"])) == set(CONTRACT_FACE_USD)
    assert set(params["$select"].split(",")) == set(API_ROW)
    assert (params["$limit"], params["$offset"]) == ("50000", "0")
    # The 3-year note is in no report; that must not make every refresh a full one.
    held = {series.id: date(2026, 2, 24) for series in REPORT.series if series.id != "039601"}
    (later,) = REPORT.requests(REPORT, Plan(date(2026, 3, 2), held))
    assert (later.covers_from, later.scope) == (date(2025, 12, 23), None)
    (one_new,) = REPORT.requests(REPORT, Plan(date(2026, 3, 2), {"042601": date(2026, 2, 24)}))
    assert one_new.covers_from == REPORT.start


def test_a_full_page_is_followed_by_another() -> None:
    request = Request("u", (("$limit", "2"), ("$offset", "4")))
    assert next_page(b"[{}]", request) is None
    following = next_page(b"[{}, {}]", request)
    assert following is not None
    assert following.params == (("$limit", "2"), ("$offset", "6"))


@pytest.mark.parametrize(
    ("report", "utc"),
    [
        ("2024-02-06", "2024-02-09 20:30"),
        ("2024-07-09", "2024-07-12 19:30"),  # summer time
        ("2023-07-03", "2023-07-07 19:30"),  # a Monday, because of Independence Day
        ("2018-12-24", "2019-02-01 20:30"),  # shutdown
        ("2019-02-26", "2019-03-05 20:30"),
        ("2019-03-05", "2019-03-08 20:30"),  # current again
        ("2023-01-31", "2023-02-24 20:30"),  # attack on ION
        ("2023-02-07", "2023-03-03 20:30"),
        ("2023-02-14", "2023-03-08 20:30"),
        ("2023-02-21", "2023-03-10 20:30"),
        ("2023-02-28", "2023-03-14 19:30"),  # summer time since the 12th
        ("2023-03-07", "2023-03-16 19:30"),
        ("2023-03-14", "2023-03-21 19:30"),
        ("2023-03-21", "2023-03-24 19:30"),
        ("2025-09-30", "2025-11-19 20:30"),
        ("2026-01-13", "2026-01-20 20:30"),
        ("2026-01-20", "2026-01-23 20:30"),
    ],
)
def test_when_reports_came_out(report: str, utc: str) -> None:
    assert FRIDAY.published_at(date.fromisoformat(report)) == datetime.fromisoformat(utc)


def test_no_late_report_came_before_its_friday_and_all_are_report_days() -> None:
    days = cftc.report_days(date(2018, 1, 1), date(2026, 12, 31))
    for report, _ in FRIDAY.late:
        assert report in days
        assert FRIDAY.published_at(report) > Release.published_at(FRIDAY, report)
    assert "33 reports came later" in FRIDAY.describe()


def test_a_report_after_a_monday_is_not_late_before_its_friday() -> None:
    # 2023-07-03 (Monday) is followed by 2023-07-11, out on Friday the 14th.
    assert REPORT.due_at(date(2023, 7, 3)) > datetime(2023, 7, 14, 19, 30)


# --- sample ---------------------------------------------------------------------------------------------------------

TODAY = date(2026, 6, 15)


def sampled(today: date = TODAY, limit: str = "50000") -> pl.DataFrame:
    now = new_york_to_utc(today, time(23, 30))
    (request,) = REPORT.requests(REPORT, Plan(today))
    page: Request | None = Request(request.url, tuple((dict(request.params) | {"$limit": limit}).items()))
    frames = []
    while page is not None:
        answer = cftc.answer(world_on(TODAY), now, httpx.Request("GET", page.url, params=dict(page.params)))
        assert answer.status_code == 200
        frames.append(parse_body(REPORT, answer.content, page)[0].frame)
        page = next_page(answer.content, page)
    return pl.concat(frames)


def short_face_usd_bn(frame: pl.DataFrame) -> dict[date, float]:
    face = pl.col("contract_code").replace_strict(CONTRACT_FACE_USD) * pl.col("leveraged_funds_short_contracts") / 1e9
    return dict(frame.group_by("report_date").agg(face.sum()).rows())


def test_the_sample_has_the_known_levels_of_the_basis_trade() -> None:
    face = short_face_usd_bn(sampled())
    for day, known in ((date(2019, 7, 30), 839), (date(2022, 6, 21), 270), (date(2025, 4, 29), 1250)):
        assert face[day] == pytest.approx(known, rel=0.03)


def test_sample_reports_are_of_tuesdays_or_of_mondays_before_a_holiday() -> None:
    days = sampled()["report_date"].unique().to_list()
    mondays = [day for day in days if day.weekday() != 1]
    assert {date(2018, 12, 24), date(2018, 12, 31), date(2025, 11, 10)} <= set(mondays)
    assert all(day.weekday() == 0 for day in mondays)
    assert sum(day.year == 2018 for day in days) == 53


def test_sample_reports_of_the_shutdown_come_weeks_later() -> None:
    assert sampled(date(2025, 11, 18))["report_date"].max() == date(2025, 9, 23)
    assert sampled(date(2025, 11, 19))["report_date"].max() == date(2025, 9, 30)
    assert sampled(date(2026, 1, 23))["report_date"].max() == date(2026, 1, 20)


def test_sample_pages_add_up() -> None:
    key = ["report_date", "contract_code"]
    assert sampled(limit="1000").sort(key).equals(sampled().sort(key))


def test_sample_gives_a_thousand_rows_unless_asked_and_refuses_unknown_columns() -> None:
    now = new_york_to_utc(TODAY, time(23, 30))
    url = "https://publicreporting.cftc.gov/resource/gpe5-46if.json"
    rows = json.loads(cftc.answer(world_on(TODAY), now, httpx.Request("GET", url)).content)
    assert len(rows) == 1000
    wrong = httpx.Request("GET", url, params={"$select": "lev_money_positions_short_all"})
    assert cftc.answer(world_on(TODAY), now, wrong).status_code == 400
