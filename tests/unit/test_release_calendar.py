"""The release calendar: expected times, states, and the file that calendar programs read."""

import csv
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import vobject

from ingest.providers import DATASETS
from tests.conftest import REPOSITORY
from warehouse.generation import Generation
from warehouse.log import release_calendar, renewals, tables
from warehouse.log.intake import freshness
from warehouse.log.release_calendar import Shutdown
from warehouse.publication import calendar_file

H41, SOFR, CFTC = "frb.h41", "nyfed.reference_rates", "cftc.traders_in_financial_futures"
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def con():
    with duckdb.connect() as con:
        tables.create_tables(con, DATASETS.values())
        yield con


def _hold(con: duckdb.DuckDBPyConnection, dataset_id: str, series: str | None, *days: date, basis: str = "observed"):
    """Put dates into a log, each known a day after it."""
    dataset = DATASETS[dataset_id]
    for day in days:
        row = {dataset.date_column: day, "known_from": datetime(day.year, day.month, day.day) + timedelta(days=1)}
        row |= {"known_basis": basis, "is_deleted": False} | ({dataset.series_column: series} if series else {})
        names = ", ".join(f'"{name}"' for name in row)
        con.execute(
            f"INSERT INTO raw.{dataset.table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values())
        )


def _lines(con, dataset_id: str, series: str | None, now: datetime, known=()) -> dict[date, dict]:
    lines = release_calendar.releases(con, DATASETS[dataset_id], now, known)
    return {line["effective_date"]: line for line in lines if line["series"] == series}


def _events(con, tmp_path: Path, now: datetime, *, is_simulated: bool = False) -> list:
    """The calendar of what is in the log, as another reader reads it."""
    release_calendar.write(con, now)
    path = tmp_path / "calendar.ics"
    count = calendar_file.write(con, path, Generation("g", now, is_simulated))
    events = list(vobject.readOne(path.read_text("utf-8")).vevent_list)
    assert len(events) == count
    return events


def test_the_balance_sheet_of_thanksgiving_comes_on_friday_and_the_hour_follows_the_clocks(con):
    """Wednesday's H.4.1: Thursday 16:30, Friday after Thanksgiving; 21:30 UTC in winter and 20:30 in summer time."""
    series = _ids(H41)[0]
    _hold(con, H41, series, date(2026, 10, 21))
    lines = _lines(con, H41, series, datetime(2026, 10, 25))
    said = {day: (line["expected_new_york"], line["expected_at"]) for day, line in lines.items()}
    assert said[date(2026, 10, 28)] == ("Thu 2026-10-29 16:30 EDT", datetime(2026, 10, 29, 20, 30))
    assert said[date(2026, 11, 4)] == ("Thu 2026-11-05 16:30 EST", datetime(2026, 11, 5, 21, 30))
    assert said[date(2026, 11, 25)] == ("Fri 2026-11-27 16:30 EST", datetime(2026, 11, 27, 21, 30))


def _ids(dataset_id: str) -> list[str]:
    return [series.id for series in DATASETS[dataset_id].series if series.release is None and series.cadence is None]


def test_states_follow_the_rule_and_its_grace(con):
    """SOFR of Friday 2025-11-07 is due on Monday 08:00 with six hours of grace."""
    _hold(con, SOFR, "SOFR", date(2025, 11, 5), date(2025, 11, 6))
    before = _lines(con, SOFR, "SOFR", datetime(2025, 11, 10, 18, 59))
    assert before[date(2025, 11, 6)]["state"] == "came"
    assert before[date(2025, 11, 6)]["came_at"] == datetime(2025, 11, 7)
    assert before[date(2025, 11, 7)]["expected_at"] == datetime(2025, 11, 10, 13)
    assert before[date(2025, 11, 7)]["state"] == "expected"
    after = _lines(con, SOFR, "SOFR", datetime(2025, 11, 10, 19, 1))
    assert after[date(2025, 11, 7)]["state"] == "late"
    assert after[date(2025, 11, 10)]["state"] == "expected"
    assert date(2025, 11, 11) not in after  # Veterans Day
    assert max(line["expected_at"] for line in after.values()) > datetime(2025, 12, 15)


def test_what_was_never_published_is_no_release_and_a_first_load_tells_little_of_the_past(con):
    _hold(con, SOFR, "SOFR", date(2025, 3, 3), basis="modelled")
    _hold(con, SOFR, "SOFR", date(2025, 3, 5), date(2025, 11, 6))
    lines = _lines(con, SOFR, "SOFR", datetime(2025, 11, 7, 12))
    assert [day for day, line in lines.items() if line["state"] == "came"] == [date(2025, 3, 5), date(2025, 11, 6)]
    assert date(2025, 3, 6) not in lines


def test_a_shutdown_suspends_those_whom_it_stops_and_nobody_else(con, monkeypatch):
    """2025: TIC's month of August, due in mid-October, is no alarm until the Treasury had time to catch up; SOFR is.

    The CFTC's report of 09-30 has the day that was announced for it, 11-19, and is expected then once they are back.
    """
    _hold(con, CFTC, (contract := DATASETS[CFTC].series[0].id), date(2025, 9, 23))
    _hold(con, SOFR, "SOFR", date(2025, 9, 29))
    shutdown = Shutdown(date(2025, 10, 1), date(2025, 11, 12))
    for now, state in ((datetime(2025, 11, 1), "suspended"), (datetime(2025, 11, 14), "expected")):
        assert _lines(con, CFTC, contract, now, [shutdown])[date(2025, 9, 30)]["state"] == state
    monkeypatch.setattr(release_calendar, "shutdowns", lambda today: [shutdown])
    (sofr,) = [f for f in freshness(con, DATASETS[SOFR], datetime(2025, 11, 1)) if f["series"] == "SOFR"]
    assert sofr["is_late"]
    _hold(con, "tic.slt_country_flows", None, date(2025, 7, 31))
    held_up = (datetime(2025, 11, 10), False), (datetime(2025, 11, 30), False)
    for now, is_late in (*held_up, (datetime(2026, 2, 20), True)):
        (flows,) = freshness(con, DATASETS["tic.slt_country_flows"], now)
        assert flows["is_late"] == is_late
        line = _lines(con, "tic.slt_country_flows", None, now, [shutdown])[date(2025, 8, 31)]
        assert line["state"] == ("late" if is_late else "suspended")


def test_the_end_of_a_shutdown_that_nobody_knows_yet_suspends_what_is_to_come():
    open_end = Shutdown(date(2026, 10, 1), None)
    assert open_end.holds(date(2026, 10, 9), date(2026, 10, 2))
    assert not open_end.holds(date(2026, 9, 30), date(2026, 10, 2))
    assert not open_end.holds(date(2026, 10, 9), date(2026, 9, 30))
    known = release_calendar.shutdowns(date(2025, 10, 1))
    assert known[-1].start == date(2025, 10, 1)
    assert Shutdown(date(2026, 2, 14), date(2026, 4, 30)) not in release_calendar.shutdowns(date(2026, 5, 1))


def test_a_discontinued_series_is_withdrawn_and_nothing_is_expected(con):
    dataset, series = next((d.id, s.id) for d in DATASETS.values() for s in d.series if s.is_discontinued)
    _hold(con, dataset, series, date(2021, 7, 27))
    (line,) = _lines(con, dataset, series, datetime(2026, 11, 28)).values()
    assert (line["state"], line["effective_date"]) == ("withdrawn", date(2021, 7, 27))


@pytest.mark.parametrize("now", [datetime(2026, 3, 5, 12), datetime(2026, 10, 29, 12), datetime(2026, 12, 18, 12)])
def test_another_reader_finds_the_same_times_in_weeks_of_changing_clocks_and_holidays(con, tmp_path, now: datetime):
    day = now.date() - timedelta(days=2)
    for dataset_id in (H41, SOFR, "fiscaldata.operating_cash_balance", "fred.observations"):
        for series in DATASETS[dataset_id].series or (None,):
            _hold(con, dataset_id, series and series.id, day)
    events = _events(con, tmp_path, now)
    read = sorted((re.sub(r"-\d{8}T.*", "", e.uid.value), e.dtstart.value) for e in events)
    expected = con.execute(
        "SELECT DISTINCT dataset, expected_at FROM meta.release WHERE state = 'expected' AND expected_at > ?", [now]
    ).fetchall()
    assert len(read) >= 20
    utc = ZoneInfo("UTC")
    assert [(d, t.astimezone(utc).replace(tzinfo=None)) for d, t in read] == sorted(expected)
    hours = {(d, t.astimezone(NEW_YORK).strftime("%H:%M")) for d, t in read}
    assert {(H41, "16:30"), (SOFR, "08:00"), (SOFR, "09:00"), ("fiscaldata.operating_cash_balance", "16:00")} <= hours
    days = {t.astimezone(NEW_YORK).date() for d, t in read if d == "fiscaldata.operating_cash_balance"}
    assert not days & {date(2026, 12, 25), date(2027, 1, 1), date(2026, 11, 26), date(2026, 11, 11)}
    assert len({t.utcoffset() for _, t in read}) == 2


def test_a_simulated_calendar_says_so_in_every_event(con, tmp_path):
    _hold(con, SOFR, "SOFR", date(2026, 11, 25))
    events = _events(con, tmp_path, datetime(2026, 11, 28), is_simulated=True)
    assert len(events) > 10
    assert all(e.summary.value.startswith("SIMULATED") and "SIMULATED DATA" in e.description.value for e in events)
    assert "SOFR" in events[0].description.value


def test_every_seed_says_until_when_it_is_good():
    folder = REPOSITORY / "dbt_project" / "seeds"
    with (folder / "fact_renewals.csv").open(newline="", encoding="utf-8") as file:
        named = {row["fact_seed"]: row["good_until_date"] for row in csv.DictReader(file)}
    assert named.keys() == {path.stem for path in folder.glob("*.csv")} - {"fact_renewals"}
    assert sum(map(bool, named.values())) >= 14


def test_facts_are_due_from_their_day_on():
    until = date(2026, 12, 9)
    assert "fomc_target_range" not in {one.seed for one in renewals.due(until - timedelta(days=1))}
    found = {one.seed: one for one in renewals.due(until)}
    assert found["fomc_target_range"].where_to_look == "FOMC statement"
    assert "claims" not in {one.seed for one in renewals.due(date(2100, 1, 1))}


def test_one_dataset_without_a_calendar_leaves_the_others_theirs(con, monkeypatch, caplog):
    _hold(con, SOFR, "SOFR", date(2026, 11, 25))
    _hold(con, CFTC, DATASETS[CFTC].series[0].id, date(2026, 11, 17))
    whole = release_calendar.releases

    def broken(con, dataset, now, known):
        if dataset.id == CFTC:
            raise ValueError("no such rule")
        return whole(con, dataset, now, known)

    monkeypatch.setattr(release_calendar, "releases", broken)
    release_calendar.write(con, datetime(2026, 11, 28))
    assert con.execute("SELECT DISTINCT dataset FROM meta.release").fetchall() == [(SOFR,)]
    assert f"no release calendar of {CFTC}: no such rule" in caplog.text


def test_a_store_of_an_earlier_version_gets_its_calendar(con):
    con.execute("DROP TABLE meta.release")
    con.execute("COMMENT ON TABLE meta.load IS 'as an earlier version made it'")
    tables.create_tables(con, DATASETS.values())
    _hold(con, SOFR, "SOFR", date(2026, 11, 25))
    release_calendar.write(con, datetime(2026, 11, 28))
    assert con.execute("SELECT count(*) FROM meta.release WHERE state = 'expected'").fetchone()[0] >= 20
