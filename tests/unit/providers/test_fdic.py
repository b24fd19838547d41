"""BankFind: rows two levels deep, sums over the industry, its silences, and bad bodies."""

import json
from datetime import date, time

import httpx
import polars as pl
import pytest

from ingest.calendars import new_york_to_utc
from ingest.catalog import Plan, Request
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnitError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform, parse_body
from ingest.providers.fdic import CALL_REPORT_TREASURIES as REPORTS
from ingest.providers.fdic import FIELDS, next_page, stated_rows
from ingest.sample import fdic
from ingest.sample.world import world_on

BANK = {
    "CERT": 628,
    "REPDTE": "20240331",
    "SCUST": 250_000_000,
    "SCUS": 400_000_000,
    "SC": 600_000_000,
    "SCAF": 260_000_000,
    "SCHA": 340_000_000,
    "TRADE": 500_000_000,
    "CHFRB": 450_000_000,
    "FREPO": 300_000_000,
    "FREPP": 280_000_000,
    "ASSET": 3_400_000_000,
    "ID": "628_20240331",
}
INDUSTRY = {
    "REPDTE": "20240331",
    "count": 4500,
    **{f"sum_{field.wire}": float(BANK[field.wire]) * 6 for field in FIELDS},
}


def answer(*rows: dict[str, object], total: int | None = None) -> bytes:
    meta = {"total": len(rows) if total is None else total, "parameters": {}, "index": {"name": "x"}}
    return json.dumps({"meta": meta, "data": [{"data": row, "score": 0} for row in rows], "totals": {}}).encode()


def parse(body: bytes, scope: str | None = None) -> pl.DataFrame:
    return conform(REPORTS, REPORTS.parse(REPORTS, body, Request("u", scope=scope))).frame


def test_a_banks_row_in_thousands_of_dollars() -> None:
    row = parse(answer(BANK), "628").row(0, named=True)
    assert (row["cert"], row["report_date"]) == ("628", date(2024, 3, 31))
    assert (row["treasuries_usd_k"], row["fed_balances_usd_k"]) == (250_000_000, 450_000_000)
    assert (row["fed_funds_and_repo_sold_usd_k"], row["fed_funds_and_repo_bought_usd_k"]) == (300_000_000, 280_000_000)
    assert row["institutions_count"] == 1


def test_sums_over_the_industry() -> None:
    row = parse(answer(INDUSTRY, total=4500), "ALL").row(0, named=True)
    assert (row["cert"], row["treasuries_usd_k"], row["institutions_count"]) == ("ALL", 1_500_000_000, 4500)
    assert row["report_date"] == date(2024, 3, 31)


def test_an_empty_field_has_no_key() -> None:
    without = {name: value for name, value in BANK.items() if name != "TRADE"} | {"REPDTE": "20231231"}
    frame = parse(answer(BANK, without), "628")
    assert frame["trading_usd_k"].to_list() == [500_000_000, None]


@pytest.mark.parametrize("name", ["SCUST", "SC", "ASSET"])
def test_what_every_bank_has_may_not_be_missing(name: str) -> None:
    older = {key: value for key, value in BANK.items() if key != name} | {"REPDTE": "20231231"}
    with pytest.raises(LayoutError, match=f"628 2023-12-31: {name} is missing"):
        parse(answer(BANK, older), "628")
    with pytest.raises(LayoutError, match=f"sum_{name} is missing"):
        parse(answer({key: value for key, value in INDUSTRY.items() if key != f"sum_{name}"}), "ALL")


def test_a_field_that_no_row_has_is_a_name_that_the_api_dropped() -> None:
    with pytest.raises(LayoutError, match="no row has CHFRB"):
        parse(answer({key: value for key, value in BANK.items() if key != "CHFRB"}), "628")


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"REPDTE": "2024-03-31"}, ValueFormatError, "YYYYMMDD"),
        ({"REPDTE": "20240315"}, ValueFormatError, "end of a quarter"),
        ({"REPDTE": "20240431"}, ValueFormatError, "end of a quarter"),
        ({"REPDTE": None}, ValueFormatError, "YYYYMMDD"),
        ({"SCUST": "250000000"}, ValueFormatError, "SCUST"),
        ({"SCUST": 250_000_000.5}, ValueFormatError, "no whole number"),
        ({"SCUST": 450_000_000}, ImplausibleValueError, "more than us_securities_usd_k"),
        ({"SCUS": 700_000_000}, ImplausibleValueError, "more than securities_usd_k"),
        ({"SC": 3_500_000_000}, ImplausibleValueError, "more than assets_usd_k"),
        ({"TRADE": -1}, ImplausibleValueError, "trading_usd_k"),
        ({"CERT": 3510}, LayoutError, "3510"),
    ],
)
def test_bad_rows(change: dict[str, object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(answer(BANK | change), "628")


@pytest.mark.parametrize("factor", [0.001, 1000])
def test_another_scale_is_a_unit_error(factor: float) -> None:
    scaled = {field.wire: round(BANK[field.wire] * factor) for field in FIELDS}  # type: ignore[operator]
    with pytest.raises(UnitError, match="unit has changed"):
        parse(answer(BANK | scaled), "628")


def test_a_bank_outside_the_catalog_is_named() -> None:
    with pytest.raises(LayoutError, match="'6384'"):
        parse(answer(BANK | {"CERT": 6384}))


def test_a_quarter_that_is_still_coming_in_is_refused() -> None:
    before = INDUSTRY | {"REPDTE": "20231231"}
    assert parse(answer(INDUSTRY | {"count": 4450}, before), "ALL").height == 2
    with pytest.raises(ImplausibleValueError, match="not all reports are in"):
        parse(answer(INDUSTRY | {"count": 4200}, before), "ALL")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", UnreadableBodyError),
        (b"<html>", UnreadableBodyError),
        (answer(BANK)[:-30], UnreadableBodyError),
        (b'{"errors": [{"title": "Bad Request"}]}', LayoutError),
        (b'{"meta": {"total": 1}, "data": [{"CERT": 628, "REPDTE": "20240331"}]}', LayoutError),  # only one level
        (answer(), EmptyBodyError),  # what an ISO date in the filter gives
        (b'"RISDATE","ASSET"\n"20240331","3400000000"\n', LayoutError),  # the site's own export
    ],
)
def test_what_is_no_answer_at_all(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(body, "628")


def test_two_different_rows_of_a_quarter() -> None:
    with pytest.raises(DuplicateKeyError):
        parse(answer(BANK, BANK | {"TRADE": 1}), "628")


def test_one_request_a_bank_and_one_for_the_sums() -> None:
    today = date(2026, 6, 15)
    asked = {request.scope: request for request in REPORTS.requests(REPORTS, Plan(today))}
    assert set(asked) == {"628", "3510", "7213", "3511", "ALL"}
    bank, industry = dict(asked["628"].params), dict(asked["ALL"].params)
    assert bank["filters"] == "CERT:628 AND REPDTE:[20050331 TO 20260615]"
    assert (bank["sort_order"], bank["limit"], bank["offset"]) == ("ASC", "10000", "0")
    assert "SCUST" in bank["fields"].split(",")
    assert industry["filters"] == "REPDTE:[20050331 TO 20260615] AND NOT BKCLASS:(NC OR OI)"
    assert (industry["agg_by"], industry["agg_sum_fields"].split(",")[0]) == ("REPDTE", "SCUST")
    held = {"628": date(2026, 3, 31)}
    later = next(r for r in REPORTS.requests(REPORTS, Plan(today, held)) if r.scope == "628")
    assert later.covers_from == date(2025, 2, 24)


def test_the_key_is_named_and_never_sent_by_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FDIC_API_KEY", raising=False)
    assert {r.key_param for r in REPORTS.requests(REPORTS, Plan(date(2026, 6, 15)))} == {None}
    monkeypatch.setenv("FDIC_API_KEY", "not-a-key")
    requests = list(REPORTS.requests(REPORTS, Plan(date(2026, 6, 15))))
    assert {r.key_param for r in requests} == {"api_key"}
    assert not any("not-a-key" in r.public_url for r in requests)


def test_paging_by_offset_until_the_stated_total() -> None:
    request = Request("u", (("limit", "2"), ("offset", "0")))
    following = next_page(answer(BANK, BANK, total=3), request)
    assert following is not None
    assert dict(following.params)["offset"] == "2"
    assert next_page(answer(BANK, total=3), following) is None
    assert stated_rows(answer(BANK, total=3)) == 3
    # meta.total of sums is not the number of quarters, and there is no second page of them.
    assert stated_rows(answer(INDUSTRY, total=4500)) == 1
    assert next_page(answer(INDUSTRY, total=4500), Request("u", (("agg_by", "REPDTE"),))) is None


# --- sample ---------------------------------------------------------------------------------------------------------

TODAY = date(2026, 6, 15)
NOW = new_york_to_utc(TODAY, time(23, 30))


def ask(**params: str) -> httpx.Response:
    return fdic.answer(
        world_on(TODAY), NOW, httpx.Request("GET", "https://api.fdic.gov/banks/financials", params=params)
    )


def sampled() -> pl.DataFrame:
    frames = []
    for request in REPORTS.requests(REPORTS, Plan(TODAY)):
        body = ask(**dict(request.params)).content
        parsed, count = parse_body(REPORTS, body, request)
        assert stated_rows(body) == count
        assert next_page(body, request) is None
        frames.append(parsed.frame)
    return pl.concat(frames)


def test_the_sample_shows_the_claim_about_four_banks_in_fiscal_year_2025() -> None:
    frame = sampled()
    assert frame["report_date"].max() == date(2026, 3, 31)
    assert frame.group_by("cert").len()["len"].to_list() == [33] * 5
    four = frame.filter(pl.col("cert") != "ALL").group_by("report_date").agg(pl.col("treasuries_usd_k").sum() / 1e6)
    held = dict(four.rows())
    assert held[date(2025, 9, 30)] - held[date(2024, 9, 30)] == pytest.approx(300, rel=0.1)


def test_sample_banks_are_part_of_the_industry() -> None:
    frame = sampled().with_columns(is_all=pl.col("cert") == "ALL")
    sums = frame.group_by("report_date", "is_all").agg(pl.col("treasuries_usd_k", "assets_usd_k").sum())
    both = sums.filter("is_all").join(sums.filter(~pl.col("is_all")), on="report_date")
    assert (both["treasuries_usd_k"] > both["treasuries_usd_k_right"]).all()
    assert (both["assets_usd_k"] > both["assets_usd_k_right"]).all()


def test_sample_keeps_the_silences_of_the_real_one() -> None:
    iso = json.loads(ask(filters="CERT:628 AND REPDTE:[2024-01-01 TO 2024-12-31]", fields="CERT,SCUST").content)
    assert (iso["meta"]["total"], iso["data"]) == (0, [])
    rows = json.loads(ask(filters="CERT:(628 OR 3511)", fields="CERT,REPDTE,NONSENSE").content)["data"]
    assert len(rows) == 10
    assert set(rows[0]["data"]) == {"CERT", "REPDTE", "ID"}
