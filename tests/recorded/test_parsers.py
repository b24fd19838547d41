"""Parsers on real bodies, read where they lie, and figures that were published about them."""

import json
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ingest.calendars import Calendar, business_days
from ingest.catalog import Parsed, Plan, Request
from ingest.collect import Batch, Page
from ingest.errors import EmptyBodyError, LayoutError
from ingest.parsing import conform
from ingest.providers import dataset
from ingest.providers.fred import vintages
from tests.unit.test_vintages import Archive, ask
from warehouse.connection import Home, open_work
from warehouse.log import store, tables


def load(recordings: Path, dataset_id: str, name: str, scope: str | None = None) -> Parsed:
    return parse(dataset_id, (recordings / name).read_bytes(), scope)


def parse(dataset_id: str, body: bytes, scope: str | None = None) -> Parsed:
    made = dataset(dataset_id)
    return conform(made, made.parse(made, body, Request("recorded", scope=scope, is_file=True)))


# --- NY Fed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "scope", "rows"),
    [
        ("rates_effr_last2_2026-08-05", "EFFR", 2),
        ("rates_secured_sofr_last_500_2025-11-20", "SOFR", 500),
        ("rates_secured_sofr_search_2024-06", "SOFR", 4),
        ("rates_sofr_last2_2026-08-05", "SOFR", 2),
        ("rates_sofr_last5_2026-08-19_reserialised", "SOFR", 5),
        ("rates_unsecured_effr_last_500_2025-11-20", "EFFR", 500),
        ("rates_unsecured_obfr_last_500_2025-11-20", "OBFR", 500),
        ("rates_unsecured_obfr_search_2024-06", "OBFR", 4),
    ],
)
def test_reference_rates(recordings: Path, name: str, scope: str, rows: int) -> None:
    frame = load(recordings, "nyfed.reference_rates", f"nyfed/{name}.json", scope).frame
    assert frame.height == rows
    assert frame["volume_usd_bn"].null_count() == 0
    assert frame["percentile_99_pct"].null_count() == 0
    assert frame["target_to_pct"].null_count() == (0 if scope == "EFFR" else rows)


def test_published_rates(recordings: Path) -> None:
    sofr = load(recordings, "nyfed.reference_rates", "nyfed/rates_secured_sofr_search_2024-06.json", "SOFR").frame
    row = sofr.row(by_predicate=pl.col("effective_date") == date(2024, 6, 6), named=True)
    assert (row["rate_pct"], row["percentile_99_pct"], row["volume_usd_bn"]) == (5.33, 5.44, 2008)
    effr = load(recordings, "nyfed.reference_rates", "nyfed/rates_effr_last2_2026-08-05.json", "EFFR").frame
    row = effr.row(by_predicate=pl.col("effective_date") == date(2026, 8, 5), named=True)
    assert (row["rate_pct"], row["target_from_pct"], row["target_to_pct"]) == (3.63, 3.5, 3.75)


def test_the_empty_search_is_an_error(recordings: Path) -> None:
    with pytest.raises(EmptyBodyError):
        load(recordings, "nyfed.reference_rates", "nyfed/rates_secured_sofr_search_EMPTY_reserialised.json", "SOFR")


@pytest.mark.parametrize(("half", "says"), [("rate", "volumeInBillions"), ("volume", "percentRate")])
def test_half_an_answer_is_refused(recordings: Path, half: str, says: str) -> None:
    tail = (recordings / f"nyfed/rates_secured_sofr_search_type={half}_TAIL.json.part").read_bytes()
    with pytest.raises(LayoutError, match=says):
        parse("nyfed.reference_rates", b'{ "refRates": [ ' + tail, "SOFR")


def test_the_exercise_of_2024_10_16_is_an_operation_of_its_own(recordings: Path) -> None:
    frame = load(recordings, "nyfed.repo_operations", "nyfed/rp_results_search_2024-10-16.json").frame
    reverse = frame.filter(pl.col("operation_type") == "Reverse Repo")
    is_exercise = pl.col("note").str.contains("(?i)small value exercise").fill_null(False)
    assert reverse.filter(~is_exercise)["accepted_usd"].to_list() == [272_028_000_000]
    assert reverse.filter(is_exercise)["accepted_usd"].to_list() == [44_000_000]
    assert frame["last_updated_at"].dt.time().to_list() == [time(20, 50, 30), time(17, 16, 13), time(17, 45, 58)]
    legs = load(recordings, "nyfed.repo_operation_details", "nyfed/rp_results_search_2024-10-16.json").frame
    assert legs.height == 5
    assert legs.filter(pl.col("operation_type") == "Repo")["minimum_bid_rate_pct"].to_list() == [5.0, 5.0, 5.0]


def test_four_years_of_operations(recordings: Path) -> None:
    name = "nyfed/rp_results_search_2022-01-03_2025-11-24_REBUILT.json"
    frame = load(recordings, "nyfed.repo_operations", name).frame
    assert frame.height == 2077
    assert Counter(frame["operation_type"]) == {"Repo": 1098, "Reverse Repo": 979}
    halloween = frame.filter(pl.col("operation_date") == date(2025, 10, 31), pl.col("operation_type") == "Repo")
    assert sorted(zip(halloween["release_time"], halloween["accepted_usd"], strict=True)) == [
        ("08:15", 20_350_000_000),
        ("13:30", 30_000_000_000),
    ]
    first = frame.filter(pl.col("operation_date") == date(2022, 1, 3), pl.col("operation_type") == "Reverse Repo")
    assert first["accepted_usd"].item() == 1_579_526_000_000
    legs = load(recordings, "nyfed.repo_operation_details", name).frame
    summed = legs.group_by("operation_id").agg(pl.col("accepted_usd").sum())
    both = frame.join(summed, on="operation_id", suffix="_legs")
    assert (both["accepted_usd"] == both["accepted_usd_legs"]).all()
    assert both.height == 2077


def test_daily_standing_repo_agrees_with_what_somebody_else_summed(recordings: Path) -> None:
    name = "nyfed/rp_results_search_2022-01-03_2025-11-24_REBUILT.json"
    ours = (
        load(recordings, "nyfed.repo_operations", name)
        .frame.filter(pl.col("operation_type") == "Repo", pl.col("term") == "Overnight")
        .group_by("operation_date")
        .agg(pl.col("accepted_usd").sum() / 1e9)
    )
    theirs = pl.read_csv(
        recordings / "nyfed/srf_overnight_repo_accepted_daily_usd_bn_2021-07-29_2026-07-22.csv", try_parse_dates=True
    )
    theirs = theirs.rename(dict(zip(theirs.columns, ("operation_date", "usd_bn"), strict=False)))
    both = ours.join(theirs, on="operation_date")
    assert both.height == 972
    assert (both["accepted_usd"] - both["usd_bn"]).abs().max() < 1e-9


def test_stamps_are_of_the_day_but_for_three_edited_notes(recordings: Path) -> None:
    frame = load(
        recordings, "nyfed.repo_operations", "nyfed/rp_results_search_2022-01-03_2025-11-24_REBUILT.json"
    ).frame
    stamped_on = pl.col("last_updated_at").dt.convert_time_zone("America/New_York").dt.date()
    late = frame.with_columns(pl.col("last_updated_at").dt.replace_time_zone("UTC")).select(
        (stamped_on - pl.col("operation_date")).dt.total_days().alias("days")
    )
    assert Counter(late["days"]) == {0: 2074, 1: 1, 8: 1, 727: 1}


def test_soma_adds_up(recordings: Path) -> None:
    frame = load(recordings, "nyfed.soma_summary", "nyfed/soma_summary_2003-07-09_2025-11-19.json").frame
    assert frame.height == 1168
    last = frame.row(by_predicate=pl.col("as_of_date") == date(2025, 11, 19), named=True)
    assert last["total_usd"] == Decimal("6150185950445.50")
    assert frame["frn_usd"].null_count() == 567
    parts = ("mbs_usd", "cmbs_usd", "tips_usd", "frn_usd", "notes_bonds_usd", "bills_usd", "agencies_usd")
    off = [abs(sum(row[part] or 0 for part in parts) - row["total_usd"]) for row in frame.to_dicts()]
    assert sum(difference > 0 for difference in off) == 552
    assert max(off) == Decimal("2.40")


def test_counterparties_add_up_and_come_a_quarter_late(recordings: Path) -> None:
    day = load(recordings, "nyfed.reverse_repo_propositions", "nyfed/rp_results_search_2024-10-16.json")
    split = day.frame.filter(pl.col("operation_id") == "RP 101624 2").select("counterparty_type", "accepted_usd")
    assert dict(split.rows()) == {"bank": 0, "gse": 23_357_000_000, "mmf": 248_670_000_000, "pd": 1_000_000}
    assert day.frame.height == 8
    assert day.notes == ("1 operations without counterparties (yet) left out",)
    name = "nyfed/rp_results_search_2022-01-03_2025-11-24_REBUILT.json"
    years = load(recordings, "nyfed.reverse_repo_propositions", name).frame
    assert years["operation_id"].n_unique() == 929
    assert years["operation_date"].max() == date(2025, 9, 30)


def test_dealer_lines_are_those_of_the_published_list(recordings: Path) -> None:
    listed = json.loads((recordings / "nyfed/pd_list_timeseries_2025-11_reserialised.json").read_bytes())
    known = {line["keyid"]: line["description"].upper() for line in listed["pd"]["timeseries"]}
    for series in dataset("nyfed.primary_dealer_statistics").series:
        if series.is_discontinued:
            assert series.id not in known
            continue
        words = known[series.id]
        assert ("REVERSE REPURCHASE" in words) == ("lent" in series.title)
        assert ("INFLATION-PROTECTED" in words and "EXCLUDING" not in words) == (
            "inflation-protected" in series.title and "other than" not in series.title
        )


def test_the_beginning_of_a_dealer_answer(recordings: Path) -> None:
    """Twelve lines of fails of which four are ours, cut off after a whole week."""
    part = (recordings / "nyfed/pd_get_PDFTD_PREFIX_ONLY.json.part").read_bytes()
    body = part[: part.rindex(b" ] ,") if b" ] ," in part else part.rindex(b" } , {") + 2] + b" ] } }"
    rows = json.loads(body)["pd"]["timeseries"]
    asked = ("PDFTD-USTET", "PDFTD-UST", "PDFTR-USTET", "PDFTR-UST")
    ours = json.dumps({"pd": {"timeseries": [row for row in rows if row["keyid"] in asked]}}).encode()
    frame = parse("nyfed.primary_dealer_statistics", ours).frame.filter(pl.col("as_of_date") == date(2013, 4, 3))
    fails = dict(frame.select("key_id", "value_usd_mn").iter_rows())
    assert fails == {"PDFTD-USTET": 43_736, "PDFTD-UST": 2_075, "PDFTR-USTET": 57_759, "PDFTR-UST": 1_986}


# --- FRED -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows", "unit"),
    [
        ("CBBTCUSD_fredgraph_2026-05-24", 4158, "usd_per_btc"),
        ("DFEDTARL_OLDHEADER_2024-01-31", 5525, "pct"),
        ("DFEDTARU_fredgraph_5y_2025-06-29", 1827, "pct"),
        ("DGS10_fredgraph_2025-11", 4721, "pct"),
        ("DGS10_fredgraph_2026-05-27", 16083, "pct"),
        ("DGS2_fredgraph_2025-11", 4721, "pct"),
        ("DGS2_fredgraph_2026-05-27", 12491, "pct"),
        ("DTB4WK_OLDHEADER_2022-12-29", 625, "pct"),
        ("DPSACBW027SBOG_fredgraph_2025-11", 984, "usd_bn"),
        ("IORB_fredgraph_2026-06-23", 1791, "pct"),
        ("M2SL_fredgraph_2026-05-27", 808, "usd_bn"),
        ("M2SL_fredgraph_2026-08", 810, "usd_bn"),
        ("MMMFFAQ027S_OLDHEADER_2020Q4", 283, "usd_mn"),
        ("PSAVERT_OLDHEADER_2024-10", 790, "pct"),
        ("PSAVERT_fredgraph_2026-08", 810, "pct"),
        ("PSAVERT_vintage_2025-05", 794, "pct"),
        ("RRPONTSYAWARD_OLDHEADER_2022-12-30", 562, "pct"),
        ("RRPONTSYAWARD_OLDHEADER_2023-12-01", 2465, "pct"),
        ("RRPONTSYD_fredgraph_2025-11", 3107, "usd_bn"),
        ("RRPONTSYD_fredgraph_2026-05-27", 3249, "usd_bn"),
        ("RRPONTSYD_fredgraph_5y_2026-06-23", 1247, "usd_bn"),
        ("SOFR_fredgraph_2026-05-27", 2033, "pct"),
        ("WALCL_OLDHEADER_2023-07-12", 261, "usd_mn"),
        ("WALCL_fredgraph_2024-12-27", 1150, "usd_mn"),
        ("WALCL_fredgraph_2025-11", 985, "usd_mn"),
        ("WALCL_fredgraph_2026-05-27", 1223, "usd_mn"),
        ("WRESBAL_fredgraph_5y_2026-06-17", 261, "usd_mn"),
        ("WTREGEN_OLDHEADER_billions_2023-07-12", 261, "usd_bn"),
        ("WTREGEN_fredgraph_2025-11", 985, "usd_mn"),
    ],
)
def test_chart_downloads(recordings: Path, name: str, rows: int, unit: str) -> None:
    frame = load(recordings, "fred.observations", f"fred/{name}.csv").frame
    assert frame.height == rows
    assert frame["series_id"].unique().to_list() == [name.split("_")[0]]
    assert frame["unit"].unique().to_list() == [unit]


@pytest.mark.parametrize(
    "name",
    [
        "TREAST_OLDHEADER_aggregated_2024-05",  # quarterly means
        "DTB4WK_OLDHEADER_monthly_2024-11-28",  # monthly means
        "RRPONTSYD_OLDHEADER_2023-07-19",  # weekly, end of period: wrong on six days
        "DPSACBW027SBOG_awuonda",  # a weekly series as monthly means
    ],
)
def test_aggregated_downloads_are_refused(recordings: Path, name: str) -> None:
    with pytest.raises(LayoutError, match="aggregated"):
        load(recordings, "fred.observations", f"fred/{name}.csv")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("DFEDTARL_2026-06-05_datevalue", "pct"),
        ("EFFR_2026-06-05_datevalue", "pct"),
        ("GFDEBTN_2026Q1_datevalue", "usd_mn"),
        ("IORB_2026-06-05_datevalue", "pct"),
        ("TREAST_2026-06-05_datevalue", "usd_mn"),
        ("TREAST_2026-06-17_datevalue", "usd_mn"),
        ("WRESBAL_2026-06-05_datevalue", "usd_mn"),
        ("WSHOMCB_2026-06-17_datevalue", "usd_mn"),
        ("WSHOSHO_2026-06-17_datevalue", "usd_mn"),
        ("FYGFDPUN_opxie1", "usd_mn"),
    ],
)
def test_whole_histories_that_name_no_series(recordings: Path, name: str, unit: str) -> None:
    """Copies that somebody saved under other headings: refused as they are, loaded when told which series it is."""
    with pytest.raises(LayoutError, match="--series"):
        load(recordings, "fred.observations", f"fred/{name}.csv")
    series = name.split("_")[0]
    frame = load(recordings, "fred.observations", f"fred/{name}.csv", series).frame
    assert (frame["series_id"].unique().to_list(), frame["unit"].unique().to_list()) == ([series], [unit])
    assert frame.height == (recordings / f"fred/{name}.csv").read_bytes().count(b"\n") - 1


def test_federal_debt_in_five_files_under_four_headings(recordings: Path) -> None:
    named = {"InflationCauses": None, "presidential": None, "TooMuchRed_2017": "GFDEBTN", "2026Q1_datevalue": "GFDEBTN"}
    tables = {
        name: load(recordings, "fred.observations", f"fred/GFDEBTN_{name}.csv", scope).frame
        for name, scope in named.items()
    }
    newest = tables.pop("2026Q1_datevalue")
    assert newest.row(-1) == ("GFDEBTN", date(2026, 1, 1), 39_065_421.0, "usd_mn")
    for name, frame in tables.items():
        assert frame.join(newest, on=frame.columns).height >= frame.height - 2, name
    assert tables["TooMuchRed_2017"].row(-1) == ("GFDEBTN", date(2016, 10, 1), 19_976_827.0, "usd_mn")


@pytest.mark.parametrize(
    ("name", "rows", "last"),
    [
        ("MTSDS133FMS_InflationCauses", 529, (date(2024, 10, 1), -257_450.34319191, "usd_mn")),
        ("FYFSD_presidential", 124, (date(2024, 9, 30), -1_832_816.0, "usd_mn")),
        ("DSPI_statcomputing_2020", 741, (date(2020, 9, 1), 17_589.2, "usd_bn")),
        ("WRESBAL_pyoph_2024", 678, (date(2021, 12, 29), 4_116.196, "usd_bn")),
        ("WALCL_camilol", 1005, (date(2022, 3, 16), 8_954_306.0, "usd_mn")),
        ("WALCL_raphael", 521, (date(2019, 12, 25), 4_165_591.0, "usd_mn")),
        ("IOER_alfred_20210727_EXCERPT", 996, (date(2011, 7, 1), 0.25, "pct")),
        ("SOFR_api_1990-01-01_2026-05-24", 2032, None),
        ("DGS10_api_1990-01-01_2026-05-24", 9103, None),
    ],
)
def test_files_of_other_peoples_projects(
    recordings: Path, name: str, rows: int, last: tuple[date, float, str] | None
) -> None:
    series, _, rest = name.partition("_")
    is_api = rest.startswith("api")
    frame = load(recordings, "fred.observations", f"fred/{name}.{'json' if is_api else 'csv'}", series).frame
    assert frame.height == rows
    if last:
        assert frame.row(-1)[:4] == (series, *last)
    else:  # the chart download of three days later says the same, value by value
        chart = load(recordings, "fred.observations", f"fred/{series}_fredgraph_2026-05-27.csv").frame
        assert frame.join(chart, on=frame.columns).height == rows


def test_months_of_a_weekly_series_next_to_a_strange_one_are_refused(recordings: Path) -> None:
    with pytest.raises(LayoutError, match="MORTGAGE30US: 2000-02-01 is no date of a weekly series"):
        load(recordings, "fred.observations", "fred/multi_FEDFUNDS_MORTGAGE30US_ttamura01.csv")


def test_treasury_cash_in_billions_and_in_millions(recordings: Path) -> None:
    old = load(recordings, "fred.observations", "fred/WTREGEN_OLDHEADER_billions_2023-07-12.csv").frame
    row = old.row(by_predicate=pl.col("observation_date") == date(2023, 7, 12), named=True)
    assert (row["value"], row["unit"]) == (514.337, "usd_bn")
    new = load(recordings, "fred.observations", "fred/WTREGEN_fredgraph_2025-11.csv").frame
    row = new.row(by_predicate=pl.col("observation_date") == date(2025, 11, 12), named=True)
    assert (row["value"], row["unit"]) == (953816, "usd_mn")
    both = old.join(new, on="observation_date", suffix="_new").select(pl.col("value") * 1000 - pl.col("value_new"))
    assert both.height == 261
    assert both["value"].abs().max() < 1, "the change rewrote the whole history, figure for figure"


def test_reserves_of_two_vintages(recordings: Path) -> None:
    old = load(recordings, "fred.observations", "fred/alfredgraph_WRESBAL_20201224_HEAD.csv.part").frame
    assert old["series_id"].unique().to_list() == ["WRESBAL"]
    assert (old["value"].to_list(), old["unit"][0]) == ([22.305, 21.443, 21.467], "usd_bn")
    tail = (recordings / "fred/alfredgraph_WRESBAL_20251126_TAIL.csv.part").read_bytes()
    new = parse("fred.observations", b"observation_date,WRESBAL_20251126\n" + tail).frame
    assert (new["value"][-1], new["unit"][-1]) == (2_888_643, "usd_mn")


def test_the_api_with_leading_gaps(recordings: Path) -> None:
    frame = load(recordings, "fred.observations", "fred/series_observations_GDP.json", "GDP").frame
    assert frame["observation_date"].min() == date(1947, 1, 1)
    assert frame["unit"].unique().to_list() == ["usd_bn"]
    assert frame.height == 311


def test_first_prints_alone_are_refused(recordings: Path) -> None:
    with pytest.raises(LayoutError, match="vintages"):
        load(recordings, "fred.observations", "fred/series_observations_GDP_output_type_4.json", "GDP")


def test_every_vintage_of_output(recordings: Path) -> None:
    frame = load(recordings, "fred.observations", "fred/series_observations_GDP_all_vintages.json", "GDP").frame
    assert frame.height == 3_201
    assert frame["known_from"].n_unique() == 395
    assert frame["is_deleted"].sum() == 245, "quarters that a vintage took back"
    one = frame.filter(pl.col("observation_date") == date(2024, 7, 1)).sort("known_from")
    assert one.select("value", "known_from").rows() == [
        (29_349.924, datetime(2024, 10, 30, 12, 30)),
        (29_354.321, datetime(2024, 11, 27, 13, 30)),
        (29_374.914, datetime(2024, 12, 19, 13, 30)),
    ]
    assert not one["is_known_earlier"].any()
    assert frame.filter(pl.col("observation_date") < date(1991, 1, 1))["is_known_earlier"].all()
    # The latest version of each quarter is what the API gives without a real-time period.
    latest = frame.sort("known_from").group_by("observation_date", maintain_order=True).last()
    latest = latest.filter(~pl.col("is_deleted")).select("observation_date", "value").sort("observation_date")
    today = load(recordings, "fred.observations", "fred/series_observations_GDP.json", "GDP").frame
    assert latest.equals(today.select("observation_date", "value").sort("observation_date"))
    first = json.loads((recordings / "fred/series_observations_GDP_output_type_4.json").read_bytes())["observations"]
    mine = frame.sort("known_from").group_by("observation_date", maintain_order=True).first()
    mine = dict(mine.select(pl.col("observation_date").cast(pl.String), "value").rows())
    assert {o["date"]: float(o["value"]) for o in first} == {day: mine[day] for day in (o["date"] for o in first)}


@pytest.mark.parametrize("size", [40, 100, 395, 1_000])
def test_windows_of_output_give_the_recorded_whole(
    recordings: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorded vintages, served in windows with clipped real-time periods, come back as they are."""
    rows = json.loads((recordings / "fred/series_observations_GDP_all_vintages.json").read_bytes())["observations"]
    listed = json.loads((recordings / "fred/series_vintagedates_GDP.json").read_bytes())["vintage_dates"]
    history: dict[date, list[tuple[str, str]]] = {}
    for row in rows:
        history.setdefault(date.fromisoformat(row["date"]), []).append((row["realtime_start"], row["value"]))
    archive = Archive(history, "GDP", page=1_500)
    assert archive.days == listed
    monkeypatch.setattr(vintages, "VINTAGES_A_WINDOW", size)
    whole = load(recordings, "fred.observations", "fred/series_observations_GDP_all_vintages.json", "GDP").frame
    columns = ["observation_date", "value", "unit", "known_from", "is_deleted"]
    assert ask(archive).select(columns).equals(whole.sort("observation_date", "known_from").select(columns))
    assert archive.widest <= size


def test_what_output_was_known_to_be(recordings: Path, tmp_path: Path) -> None:
    """The revised history loaded first, as of December 2024, then every vintage: each day knows what it knew."""
    made = dataset("fred.observations")
    now = datetime(2024, 12, 20)
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [made])

        def take(name: str, at: datetime) -> store.Loaded:
            frame = load(recordings, made.id, f"fred/series_observations_{name}.json", "GDP").frame
            batch = Batch(made.id, Request("recorded", scope="GDP"), (Page(name, frame),), at)
            return store.load(con, made, batch, run_id="test")

        def known(at: datetime, quarter: date) -> float | None:
            row = con.execute(
                "SELECT value FROM history.fred__observations WHERE series_id = 'GDP' AND observation_date = ? "
                "AND known_from <= ? AND known_to > ? AND NOT is_deleted",
                [quarter, at, at],
            ).fetchone()
            return row[0] if row else None

        take("GDP", now)
        revised = known(datetime(2010, 6, 1), date(2010, 1, 1))
        take("GDP_all_vintages", now + timedelta(hours=1))
        assert known(datetime(2010, 6, 1), date(2010, 1, 1)) == 14_601.4, "what stood there that day, without hindsight"
        assert revised is not None
        assert revised > 14_700, "and with it, as it was before the vintages came"
        assert known(datetime(2024, 10, 30, 12), date(2024, 7, 1)) is None
        assert known(datetime(2024, 10, 30, 13), date(2024, 7, 1)) == 29_349.924
        assert known(now, date(2024, 7, 1)) == 29_374.914
        again = take("GDP_all_vintages", now + timedelta(days=30))
        assert (again.rows_new, again.rows_revised, again.rows_deleted) == (0, 0, 0)
        bases = con.execute("SELECT DISTINCT known_basis FROM raw.fred__observations ORDER BY 1").fetchall()
        assert bases == [("modelled",), ("vintage",)]


def test_saving_before_and_after_the_annual_revision(recordings: Path, tmp_path: Path) -> None:
    """Three downloads of the saving rate, loaded as archived days, on top of the newest."""
    made = dataset("fred.observations")
    names = {"PSAVERT_OLDHEADER_2024-10": "20241231", "PSAVERT_vintage_2025-05": "20250628"}
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [made])
        newest = load(recordings, made.id, "fred/PSAVERT_fredgraph_2026-08.csv").frame
        batch = Batch(made.id, Request("recorded", scope="PSAVERT"), (Page("now", newest),), datetime(2026, 8, 10))
        store.load(con, made, batch, run_id="test")
        for name, day in names.items():
            rows = (recordings / f"fred/{name}.csv").read_bytes().split(b"\n", 1)[1]
            body = f"observation_date,PSAVERT_{day}\n".encode() + rows
            frame = parse(made.id, body).frame
            batch = Batch(made.id, Request("recorded"), (Page(name, frame),), datetime(2026, 8, 11))
            store.load(con, made, batch, run_id="test")

        def mean_of_2024(at: datetime) -> float:
            return con.execute(
                "SELECT avg(value) FROM history.fred__observations WHERE series_id = 'PSAVERT' AND NOT is_deleted "
                "AND observation_date BETWEEN '2024-01-01' AND '2024-12-01' AND known_from <= ? AND known_to > ?",
                [at, at],
            ).fetchone()[0]

        assert mean_of_2024(datetime(2025, 7, 1)) == pytest.approx(4.52, abs=0.01)
        assert mean_of_2024(datetime(2026, 8, 12)) > 5


def test_sofr_follows_the_securities_calendar_and_effr_the_feds(recordings: Path) -> None:
    sofr = load(recordings, "fred.observations", "fred/SOFR_fredgraph_2026-05-27.csv").frame["observation_date"]
    assert sofr.to_list() == business_days(sofr.min(), sofr.max(), Calendar.SIFMA)
    effr = load(recordings, "fred.observations", "fred/EFFR_2026-06-05_datevalue.csv", "EFFR").frame["observation_date"]
    assert effr.filter(effr >= date(2014, 1, 1)).to_list() == business_days(date(2014, 1, 2), effr.max(), Calendar.FED)


# --- FiscalData -----------------------------------------------------------------------------------------------------

CASH_BODIES = {
    "2025-07-07_2025-07-11": 20,
    "FRA_2018-01-02_2018-12-31": 251,
    "FRA_2019-01-02_2019-12-31": 251,
    "FRA_2021-01-04_2021-09-30": 189,
    "TGA_2021-10-01_2021-12-31": 63,
    "TGA_2022-01-03_2022-04-15": 73,
    "TGA_closing_2022-04-18_2022-12-30": 177,
    "TGA_closing_2023-01-03_2023-12-29": 250,
    "TGA_closing_2025-01-02_2025-12-31": 250,
}


@pytest.mark.parametrize(("name", "rows"), CASH_BODIES.items())
def test_operating_cash(recordings: Path, name: str, rows: int) -> None:
    body = (recordings / f"fiscaldata/operating_cash_balance_{name}.json").read_bytes()
    made = dataset("fiscaldata.operating_cash_balance")
    frame = parse(made.id, body).frame
    assert frame.height == rows == made.stated_rows(body)
    assert made.next_page(body, Request("u")) is None
    has_closing_line = frame["record_date"].min() >= date(2022, 4, 18)
    assert frame["close_today_usd_mn"].null_count() == (rows if has_closing_line else 0)


def test_no_match_is_an_error(recordings: Path) -> None:
    with pytest.raises(EmptyBodyError):
        load(
            recordings,
            "fiscaldata.operating_cash_balance",
            "fiscaldata/operating_cash_balance_empty_result.json",
        )


def test_published_treasury_cash_and_the_day_that_follows(recordings: Path) -> None:
    name = "fiscaldata/operating_cash_balance_TGA_closing_2025-01-02_2025-12-31.json"
    closing = load(recordings, "fiscaldata.operating_cash_balance", name).frame
    site = load(recordings, "fiscaldata.operating_cash_balance", "fiscaldata/DTS_OpCashBal_20210624_20260623.csv")
    assert site.frame.height == 4188
    assert "615 rows before 2022-04-18 left out" in site.notes[0]
    lines = site.frame.pivot("account_type", index="record_date", values="open_today_usd_mn").sort("record_date")
    opening = lines["Treasury General Account (TGA) Opening Balance"]
    ending = lines["Treasury General Account (TGA) Closing Balance"]
    assert (ending[:-1] == opening[1:]).all(), "the day opens with what the day before closed with"
    both = closing.join(lines, on="record_date")
    assert both.height == 250
    assert (both["open_today_usd_mn"] == both["Treasury General Account (TGA) Closing Balance"]).all()
    week = load(
        recordings,
        "fiscaldata.operating_cash_balance",
        "fiscaldata/operating_cash_balance_2025-07-07_2025-07-11.json",
    ).frame
    assert week.join(site.frame, on=["record_date", "account_type", "open_today_usd_mn"]).height == 20
    published = dict(zip(closing["record_date"], closing["open_today_usd_mn"], strict=True))
    assert published[date(2025, 10, 30)] == 1_000_632
    assert published[date(2025, 11, 12)] == 943_145


def test_public_debt_transactions_of_five_years(recordings: Path) -> None:
    made = load(recordings, "fiscaldata.public_debt_transactions", "fiscaldata/DTS_PubDebtTrans_20210624_20260623.csv")
    frame = made.frame
    assert frame.height == 29_408
    assert made.notes == ()
    bills = frame.filter(pl.col("security_type") == "Bills", pl.col("record_date") == date(2026, 6, 23))
    assert set(bills.filter(pl.col("transaction_type") == "Issues")["security_type_desc"]) == {
        "Regular Series",
        "Cash Management Series",
    }
    assert bills.filter(pl.col("transaction_type") == "Redemptions")["security_type_desc"].to_list() == [""]


def test_debt_to_the_penny_of_a_quarter(recordings: Path) -> None:
    body = (recordings / "fiscaldata/debt_to_penny_2025Q1.json").read_bytes()
    made = dataset("fiscaldata.debt_to_penny")
    frame = parse(made.id, body).frame.sort("record_date")
    assert frame.height == 61 == made.stated_rows(body)
    assert made.next_page(body, Request("u")) is None
    assert frame["record_date"].to_list() == business_days(date(2025, 1, 2), date(2025, 3, 31), Calendar.FED)
    first, last = frame.row(0, named=True), frame.row(-1, named=True)
    assert first["tot_pub_debt_out_usd"] == Decimal("36169957618760.21")
    assert last["tot_pub_debt_out_usd"] == Decimal("36214310420174.13")
    assert last["debt_held_public_usd"] == Decimal("28909508850275.58")
    assert (frame["debt_held_public_usd"] + frame["intragov_hold_usd"] == frame["tot_pub_debt_out_usd"]).all()


def test_twenty_five_years_of_debt_to_the_penny(recordings: Path) -> None:
    """A table that somebody rebuilt as CSV under the API's names."""
    frame = load(recordings, "fiscaldata.debt_to_penny", "fiscaldata/debt_to_penny_2000-01_2025-06-05.csv").frame
    assert frame.height == 6382
    without_parts = frame.filter(pl.col("debt_held_public_usd").is_null())
    assert without_parts.height == 1270
    assert without_parts["record_date"].max() == date(2005, 3, 30)
    quarter = load(recordings, "fiscaldata.debt_to_penny", "fiscaldata/debt_to_penny_2025Q1.json").frame
    assert frame.join(quarter, on=frame.columns).height == 61


def test_average_rates_and_their_changing_names(recordings: Path) -> None:
    frame = load(recordings, "fiscaldata.avg_interest_rates", "fiscaldata/avg_interest_rates_2001-01_2025-05.csv").frame
    assert frame.height == 4759
    assert frame["avg_interest_rate_pct"].null_count() == 28
    may = dict(frame.filter(pl.col("record_date") == date(2025, 5, 31)).select("security_desc", pl.last()).iter_rows())
    assert (may["Treasury Bills"], may["Total Interest-bearing Debt"]) == (4.316, 3.294)
    assert frame.filter(pl.col("security_desc") == "TotalMarketable")["record_date"].to_list() == [date(2005, 7, 31)]
    assert ((frame["record_date"].dt.month_end()) == frame["record_date"]).all()


def test_bills_sold_in_january_2026(recordings: Path) -> None:
    body = (recordings / "fiscaldata/auctions_query_bills_2026-01.json").read_bytes()
    made = dataset("fiscaldata.auctions_query")
    frame = parse(made.id, body).frame
    assert frame.height == 25 == made.stated_rows(body)
    assert made.next_page(body, Request("u")) is None
    row = frame.row(
        by_predicate=(pl.col("auction_date") == date(2026, 1, 5)) & (pl.col("security_term") == "13-Week"), named=True
    )
    assert row["total_accepted_usd"] == 90_430_132_400
    assert (row["offering_usd"], row["soma_accepted_usd"]) == (86_000_000_000, 4_429_852_400)
    assert (row["high_discount_rate_pct"], row["high_investment_rate_pct"], row["bid_to_cover_ratio"]) == (
        3.54,
        3.622,
        2.84,
    )
    assert (row["high_yield_pct"], row["interest_rate_pct"], row["reopening"]) == (None, None, "Yes")
    rounding = frame["total_accepted_usd"] - frame["offering_usd"] - frame["soma_accepted_usd"]
    assert rounding.is_between(0, 2_000_000).all(), "the Fed's add-on comes on top of what is offered"
    assert (rounding > 1_000_000).sum() == 1  # 17 weeks on 2026-01-21: 1,744,100
    assert set(frame["security_type"]) == {"Bill"}


def test_one_row_of_4407_pages_of_the_debt_statement(recordings: Path) -> None:
    body = (recordings / "fiscaldata/mspd_table_1_2025-02_bills_page1.json").read_bytes()
    made = dataset("fiscaldata.mspd_table_1")
    row = parse(made.id, body).frame.row(0, named=True)
    assert (row["record_date"], row["security_class_desc"]) == (date(2025, 2, 28), "Bills")
    assert row["debt_held_public_usd_mn"] == 6_367_075.3893
    assert row["total_usd_mn"] == 6_367_951.7093
    assert made.stated_rows(body) == 4407
    (asked,) = made.requests(made, Plan(date(2025, 3, 10)))
    second = made.next_page(body, asked)
    assert second is not None
    assert dict(second.params) == dict(asked.params) | {"page[number]": "2"}


def test_twelve_statements_of_the_debt_as_the_site_gives_them(recordings: Path) -> None:
    made = load(recordings, "fiscaldata.mspd_table_1", "fiscaldata/mspd1_site_20241101_20251031.csv")
    frame = made.frame
    assert (frame.height, made.unsaid) == (168, ("src_line_nbr",))
    assert frame["record_date"].value_counts()["count"].to_list() == [14] * 12
    october = frame.filter(pl.col("record_date") == date(2025, 10, 31)).select("security_class_desc", "total_usd_mn")
    assert dict(october.iter_rows())["Bills"] == 6_593_194.1855
    total = frame.filter(pl.col("security_type_desc") == "Total Marketable").sort("record_date")["total_usd_mn"]
    assert (total[0], total[-1]) == (28_223_059.6713116, 29_998_563.8610595)
    february = frame.filter(pl.col("record_date") == date(2025, 2, 28), pl.col("security_class_desc") == "Bills")
    quoted = load(recordings, "fiscaldata.mspd_table_1", "fiscaldata/mspd_table_1_2025-02_bills_page1.json").frame
    assert february.drop("src_line_nbr").equals(quoted.drop("src_line_nbr")), "the API and the site agree"


def test_the_marketable_half_of_table_3(recordings: Path) -> None:
    made = load(recordings, "fiscaldata.mspd_table_3_market", "fiscaldata/mspd3_detail_20230930.csv")
    market = load(recordings, "fiscaldata.mspd_table_3_market", "fiscaldata/mspd3_market_DERIVED_20230930.csv").frame
    assert made.frame.equals(market)
    assert made.notes == (
        "203 rows that are not Marketable or Total Marketable left out",
        "2 cells '*' taken as missing",
    )
    assert sorted(made.frame["src_line_nbr"].cast(pl.Int64())) == list(range(1, 826)), "no line is left out between"
    total = made.frame.filter(pl.col("security_class1_desc") == "Total Marketable")
    assert total["outstanding_usd_mn"].to_list() == [25_753_682.650781]
    securities = made.frame.filter(pl.col("maturity_date").is_not_null())["outstanding_usd_mn"].sum()
    # Matured on that Saturday: notes and bonds, and an asterisk of bills (0.415); then the Federal Financing Bank.
    others = 134_962.2509 + 27.8046 + 0.415 + 5_492.206
    assert securities + others == pytest.approx(25_753_682.650781, abs=1e-3)


def test_auctions_since_1979_in_the_sites_first_columns(recordings: Path) -> None:
    made = load(recordings, "fiscaldata.auctions_query", "fiscaldata/auctions_site_19791115_20251215.csv")
    frame = made.frame
    assert frame.height == 10_780
    assert (frame["auction_date"].min(), frame["auction_date"].max()) == (date(1979, 10, 31), date(2025, 12, 11))
    said = ["cusip", "security_type", "security_term", "auction_date", "issue_date", "maturity_date"]
    assert {*said, *made.unsaid} == set(frame.columns)
    assert frame.filter(pl.col("cusip") == "912810UP1").select(said).row(0) == (
        "912810UP1", "Bond", "29-Year 11-Month", date(2025, 12, 11), date(2025, 12, 15), date(2055, 11, 15),
    )  # fmt: skip
    assert "'Total Accepted'" in made.notes[0]


def test_a_download_whose_heading_line_is_gone(recordings: Path) -> None:
    name = "fiscaldata/debtpenny_site_20200307_20250306.csv"
    with pytest.raises(LayoutError, match=r"heading line is missing.*'2025-03-06,28910964"):
        load(recordings, "fiscaldata.debt_to_penny", name)
    body = (recordings / name).read_bytes().removeprefix(b"\xef\xbb\xbf")
    head = "Record Date,Debt Held by the Public,Intragovernmental Holdings,Total Public Debt Outstanding\n"
    frame = parse("fiscaldata.debt_to_penny", head.encode() + body).frame
    years = load(recordings, "fiscaldata.debt_to_penny", "fiscaldata/debt_to_penny_2000-01_2025-06-05.csv").frame
    assert frame.height == frame.join(years, on=frame.columns).height == 1255


def test_a_monthly_statement_names_each_month_once_in_each_year(recordings: Path) -> None:
    frame = load(recordings, "fiscaldata.mts_table_1", "fiscaldata/mts_table_1_2026-07-31.json").frame
    assert frame.height == 26
    october = frame.filter(pl.col("src_line_nbr") == "2").row(0, named=True)
    assert october["classification_desc"] == "October"
    assert october["deficit_usd"] == Decimal("257450036967.21")
    assert october["gross_outlays_usd"] - october["gross_receipts_usd"] == october["deficit_usd"]
    totals = frame.filter(pl.col("classification_desc") == "Year-to-Date")["sequence_number_cd"].to_list()
    assert len(totals) == 2


# --- Coinbase -------------------------------------------------------------------------------------------------------


def test_candles(recordings: Path) -> None:
    name = "coinbase/candles_BTC-USD_86400_2026-08-01_2026-08-10_reindented.json"
    frame = load(recordings, "coinbase.daily_candles", name, "BTC-USD").frame.sort("candle_date")
    assert frame["candle_date"].to_list() == [date(2026, 8, n) for n in range(1, 11)]
    last = frame.row(-1, named=True)
    assert (last["open_usd_per_btc"], last["close_usd_per_btc"]) == (64848.68, 63911.88)
    assert (frame["close_usd_per_btc"][:-1] - frame["open_usd_per_btc"][1:]).abs().max() < 1, "days join"
