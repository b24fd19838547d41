"""OFR, CFTC and FDIC on real bodies, or on real values in the documented shape where no body was recorded."""

import csv
import io
import json
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingest.catalog import Dataset, Parsed, Request
from ingest.collect import Batch, Page
from ingest.errors import EmptyBodyError, LayoutError, UnitError
from ingest.parsing import conform
from ingest.providers.cftc import CONTRACT_FACE_USD, FIELDS, FRIDAY
from ingest.providers.cftc import TRADERS_IN_FINANCIAL_FUTURES as REPORT
from ingest.providers.fdic import CALL_REPORT_TREASURIES as BANKS
from ingest.providers.fdic import SERIES as BANK_SERIES
from ingest.providers.ofr import HEDGE_FUND_MONITOR as HEDGE
from ingest.providers.ofr import SHORT_TERM_FUNDING as FUNDING
from ingest.releases import Release
from tests.recorded.bodies import OFR_SEEN_AS, funding_values, hedge_fund_values, ofr_answer
from warehouse.connection import Home, open_work
from warehouse.log import store, tables


def parse(dataset: Dataset, body: bytes) -> Parsed:
    return conform(dataset, dataset.parse(dataset, body, Request("recorded", is_file=True)))


def report(recordings: Path, name: str) -> Parsed:
    return parse(REPORT, (recordings / "cftc" / f"{name}.txt").read_bytes())


# --- CFTC -----------------------------------------------------------------------------------------------------------

YEARS = {
    "FinFut_2018_2018-01-02_2018-12-31": 53,
    "FinFut_2019_2019-01-08_2019-12-31": 52,
    "FinFut_2020_2020-01-07_2020-11-24": 47,
    "FinFut_2021_2021-01-05_2021-12-28": 52,
    "FinFut_2025_2025-01-07_2025-04-29": 17,
    "vintages_2024/FinFut_2024_asof_2024-05-28_2f86e95": 22,
    "vintages_2024/FinFut_2024_asof_2024-06-11_07ef7a2": 24,
}


@pytest.mark.parametrize(("name", "weeks"), YEARS.items())
def test_yearly_files_have_six_contracts_a_week_and_nothing_missing(recordings: Path, name: str, weeks: int) -> None:
    parsed = report(recordings, name)
    assert parsed.frame.height == 6 * weeks
    assert parsed.frame["report_date"].n_unique() == weeks
    assert set(parsed.frame["contract_code"]) == set(CONTRACT_FACE_USD) - {"039601"}
    assert parsed.frame.null_count().sum_horizontal().item() == 0
    assert "rows of other contracts left out" in parsed.notes[0]


def test_both_sides_add_up_to_open_interest_exactly_in_every_recorded_row(recordings: Path) -> None:
    frame = pl.concat([report(recordings, name).frame for name in YEARS])
    spreads = [f.name for f in FIELDS if f.name.endswith("_spread_contracts")]
    for side in ("long", "short"):
        held = [f.name for f in FIELDS if f.name.endswith(f"_{side}_contracts")]
        assert (frame.select(pl.sum_horizontal(*held, *spreads)).to_series() == frame["open_interest_contracts"]).all()


def test_gross_shorts_of_leveraged_funds_are_the_published_sums(recordings: Path) -> None:
    face = pl.col("contract_code").replace_strict(CONTRACT_FACE_USD) * pl.col("leveraged_funds_short_contracts") / 1e9
    for name, day, usd_bn in (
        ("FinFut_2019_2019-01-08_2019-12-31", date(2019, 7, 30), 839),
        ("FinFut_2025_2025-01-07_2025-04-29", date(2025, 4, 29), 1252),
    ):
        frame = report(recordings, name).frame.filter(pl.col("report_date") == day)
        assert round(frame.select(face.sum()).item()) == usd_bn


def test_reports_are_of_tuesdays_or_of_mondays_before_a_holiday(recordings: Path) -> None:
    days = set(report(recordings, "FinFut_2018_2018-01-02_2018-12-31").frame["report_date"])
    assert {day for day in days if day.weekday() != 1} == {date(2018, 12, 24), date(2018, 12, 31)}


def test_a_zip_of_the_file_is_the_file(recordings: Path) -> None:
    body = (recordings / "cftc/FinFut_2025_2025-01-07_2025-04-29.txt").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("FinFut25.txt", body)
    assert parse(REPORT, buffer.getvalue()).frame.equals(parse(REPORT, body).frame)


_HOLDERS = {
    "dealer": "Dealer",
    "asset_manager": "Asset_Mgr",
    "leveraged_funds": "Lev_Money",
    "other_reportable": "Other_Rept",
    "nonreportable": "NonRept",
}
HEADING_OF = {
    "contract_code": "CFTC_Contract_Market_Code",
    "report_date": "Report_Date_as_YYYY-MM-DD",
    "open_interest_contracts": "Open_Interest_All",
    **{
        f"{holder}_{side.lower()}_contracts": f"{stem}_Positions_{side}_All"
        for holder, stem in _HOLDERS.items()
        for side in ("Long", "Short", "Spread")
        if (holder, side) != ("nonreportable", "Spread")
    },
    "leveraged_funds_long_traders_count": "Traders_Lev_Money_Long_All",
    "leveraged_funds_short_traders_count": "Traders_Lev_Money_Short_All",
}


@pytest.mark.parametrize(("year", "weeks"), [(2018, 53), (2019, 52), (2020, 52), (2021, 52)])
def test_yearly_zips_to_the_last_contract(recordings: Path, year: int, weeks: int) -> None:
    path = recordings / f"cftc/fut_fin_txt_{year}.zip"
    with zipfile.ZipFile(path) as archive:
        lines = csv.DictReader(io.StringIO(archive.read(archive.namelist()[0]).decode()))
        rows = [row for row in lines if row["CFTC_Contract_Market_Code"].strip() in CONTRACT_FACE_USD]
    found = parse(REPORT, path.read_bytes()).frame
    expected = [tuple(row[HEADING_OF[column]].strip() for column in found.columns) for row in rows]
    assert [tuple(map(str, row)) for row in found.rows()] == expected
    assert len(expected) == 6 * weeks


@pytest.mark.parametrize("name", ["FinCom_TFF_combined_2024_to_2024-12-10", "FinCom_TFF_combined_2026_to_2026-06-23"])
def test_files_that_count_options_are_refused(recordings: Path, name: str) -> None:
    with pytest.raises(LayoutError, match="Combined"):
        report(recordings, name)


def test_the_api_speaks_the_keys_that_are_read(recordings: Path) -> None:
    body = (recordings / "cftc/gpe5-46if_TFF_AUD_2025-08-05.json").read_bytes()
    with pytest.raises(EmptyBodyError):  # the Australian dollar is none of our contracts
        parse(REPORT, body)
    (row,) = json.loads(body)
    assert not {field.wire for field in FIELDS} - set(row)
    # The same row under a Treasury's code: its positions add up, so the keys are read in the right order.
    row |= {"cftc_contract_market_code": "043602", "contract_units": "(CONTRACTS OF $100,000 FACE VALUE)"}
    row["open_interest_all"], row["asset_mgr_positions_long"] = "1163900", str(1_000_000 + 40_337)
    row["asset_mgr_positions_short"] = str(1_000_000 + 101_819)
    frame = parse(REPORT, json.dumps([row]).encode()).frame
    assert frame["report_date"].item() == date(2025, 8, 5)
    assert frame["leveraged_funds_short_contracts"].item() == int(row["lev_money_positions_short"])


def test_the_older_report_without_kinds_of_traders_is_refused(recordings: Path) -> None:
    with pytest.raises(LayoutError):
        parse(REPORT, (recordings / "cftc/jun7-fc8e_legacy_combined_239747_2024-08-20.json").read_bytes())


def test_two_downloads_of_a_year_bring_new_weeks_and_no_revision(recordings: Path, tmp_path: Path) -> None:
    names = (
        "vintages_2024/FinFut_2024_asof_2024-05-28_2f86e95",
        "vintages_2024/FinFut_2024_asof_2024-06-11_07ef7a2",
        "vintages_2024/FinFut_2024_asof_2024-06-11_6cdd916",  # the same content with other line ends
    )
    loaded = []
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [REPORT])
        for n, name in enumerate(names):
            at = datetime(2024, 6, 3) + n * timedelta(days=14)
            frame = report(recordings, name).frame
            batch = Batch(REPORT.id, Request("file:x", is_file=True), (Page(f"p{n}", frame),), at)
            loaded.append(store.load(con, REPORT, batch, run_id="run", known_at=at))
    assert [(one.rows_new, one.rows_revised, one.rows_deleted) for one in loaded] == [
        (132, 0, 0),
        (12, 0, 0),
        (0, 0, 0),
    ]


def test_the_release_rule_gives_the_days_that_the_cftc_announced(recordings: Path) -> None:
    with (recordings / "cftc/publication_catch_up_schedule_2025_shutdown.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 17
    for row in rows:
        effective = date.fromisoformat(row["report_date"])
        assert str(Release.published_at(FRIDAY, effective).date()) == row["original_publish_date"]
        assert str(FRIDAY.published_at(effective).date()) == row["actual_scheduled_publish_date"]


# --- OFR ------------------------------------------------------------------------------------------------------------

# No body was recorded; these are real values that somebody turned into another shape.


def funding(recordings: Path) -> dict[str, list[tuple[str, float]]]:
    values = {}
    for name in ("ofr_money_market_funds_datacommons_long", "ofr_repo_markets_datacommons_long"):
        values |= funding_values((recordings / "ofr" / f"{name}.csv").read_bytes())
    return values


def hedge_funds(recordings: Path) -> dict[str, list[tuple[str, float]]]:
    return hedge_fund_values((recordings / "ofr/derived_hedge_fund_monitor_fpf_2013Q1_2026Q1_usd_bn.csv").read_bytes())


def test_every_funding_series_of_the_catalog_is_in_the_list_of_mnemonics(recordings: Path) -> None:
    listed = set(json.loads((recordings / "ofr/v1_metadata_mnemonics.indented.json").read_bytes()))
    assert {series.id for series in FUNDING.series} <= listed


def test_real_funding_values_are_plausible_and_on_the_days_that_their_cadence_allows(recordings: Path) -> None:
    values = funding(recordings)
    assert set(values) == set(OFR_SEEN_AS.values())
    frame = parse(FUNDING, ofr_answer(values)).frame
    assert frame.height == sum(map(len, values.values())) == 11_163
    assert frame["observation_date"].max() == date(2026, 8, 19)


@pytest.mark.parametrize("factor", [0.001, 1000])
def test_real_funding_values_in_another_unit_are_refused(recordings: Path, factor: float) -> None:
    for name, rows in funding(recordings).items():
        if "_AR_" not in name:
            with pytest.raises(UnitError):
                parse(FUNDING, ofr_answer({name: rows}, factor))


def test_real_hedge_fund_values_are_plausible_and_only_in_dollars(recordings: Path) -> None:
    values = hedge_funds(recordings)
    assert set(values) == {series.id for series in HEDGE.series}
    assert parse(HEDGE, ofr_answer(values)).frame.height == 9 * 53
    for name, rows in values.items():
        for factor in (0.001, 1000):
            with pytest.raises(UnitError):
                parse(HEDGE, ofr_answer({name: rows}, factor))


# --- FDIC -----------------------------------------------------------------------------------------------------------


def bank_rows(recordings: Path) -> pl.DataFrame:
    frame = pl.read_parquet(recordings / "fdic/derived_raw_fdic_financials.parquet")
    return frame.filter(pl.col("CERT").cast(pl.String).is_in([series.id for series in BANK_SERIES]))


def test_nothing_recorded_has_treasury_holdings(recordings: Path) -> None:
    """So the parser is held to the documented shape only; this fails on the day that a real body is added."""
    assert "SCUST" not in bank_rows(recordings).columns
    for file in (recordings / "fdic").glob("*"):
        assert b"SCUST" not in file.read_bytes()


def test_real_assets_and_securities_in_the_documented_shape(recordings: Path) -> None:
    rows = bank_rows(recordings).select("CERT", "REPDTE", "ASSET", "SC").to_dicts()
    # A quarter of the securities stands in for what was not recorded, so that only assets and securities are tested.
    rows = [row | dict.fromkeys(("SCUST", "SCUS", "SCAF", "SCHA"), row["SC"] // 4) for row in rows]
    rows = [row | dict.fromkeys(("TRADE", "CHFRB", "FREPO", "FREPP"), 0) for row in rows]
    body = json.dumps({"meta": {"total": len(rows)}, "data": [{"data": row} for row in rows]}).encode()
    frame = parse(BANKS, body).frame
    assert frame.group_by("cert").len()["len"].to_list() == [29] * 4
    row = frame.row(by_predicate=(pl.col("cert") == "628") & (pl.col("report_date") == date(2025, 12, 31)), named=True)
    assert row["assets_usd_k"] == 3_752_662_000
    for factor in (1000, 1 / 1000):
        scaled = [
            {k: round(v * factor) if isinstance(v, int) and k != "CERT" else v for k, v in r.items()} for r in rows
        ]
        with pytest.raises(UnitError):
            parse(BANKS, json.dumps({"meta": {"total": 1}, "data": [{"data": row} for row in scaled]}).encode())


def test_the_sites_own_export_says_the_same_assets_and_is_no_answer_of_the_api(recordings: Path) -> None:
    body = (recordings / "fdic/bankfind_ui_export_JPM_628_assets_5y.csv").read_bytes()
    exported = {row["RISDATE"]: int(row["ASSET"]) for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))}
    recorded = dict(bank_rows(recordings).filter(pl.col("CERT") == 628).select("REPDTE", "ASSET").rows())
    common = exported.keys() & recorded.keys()
    assert len(common) > 15
    assert {day: exported[day] for day in common} == {day: recorded[day] for day in common}
    with pytest.raises(LayoutError):
        parse(BANKS, body)
