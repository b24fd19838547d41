"""`liquidity status`: a line that sums up, then what needs somebody; and stages of a run in a log."""

import json
import os
import re
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from ingest import calendars
from orchestration import cli, console
from warehouse import last_run
from warehouse.connection import DATABASE_NAME, Home
from warehouse.locations import PROJECT
from warehouse.log import renewals, tables
from warehouse.log.renewals import Renewal

NOW = datetime(2026, 12, 2, 17, 30)  # Wednesday noon in New York
LINE = "30 datasets, 0 late, 0 failing; generation 3 h old; next: H.4.1 Thu 16:30 NY"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A published generation of three hours ago with thirty datasets, all well."""
    home = Home(tmp_path / "home" / "sample", is_simulated=True)
    folder = home.generations / "20261202T143000000000-0000"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / DATABASE_NAME)) as con:
        tables.create_tables(con, [])
        built = NOW - timedelta(hours=3)
        con.execute("CREATE TABLE meta.generation AS SELECT ? AS id, ?::TIMESTAMP AS built_at", [folder.name, built])
        con.execute(
            "CREATE TABLE meta.mart (mart VARCHAR, is_held_back BOOLEAN, from_generation VARCHAR, reason VARCHAR)"
        )
        con.execute(
            "INSERT INTO meta.freshness SELECT 'a.b' || n, NULL, 'title', 5, DATE '2018-01-02', DATE '2026-12-01', "
            "?::TIMESTAMP, false, ?::TIMESTAMP, NULL, NULL, ?::TIMESTAMP FROM range(30) AS t(n)",
            [NOW + timedelta(hours=10), built, built],
        )
        _release(con, "frb.h41", "H.4.1, the Fed's balance sheet", datetime(2026, 12, 3, 21, 30), "expected")
        for days in range(31):  # every day, so no news
            moment = datetime(2026, 12, 2, 18) + timedelta(days=days)
            _release(con, "coinbase.daily_candles", "Bitcoin, daily candles", moment, "expected")
    home.current.symlink_to(Path("generations") / folder.name)
    monkeypatch.setenv("LIQUIDITY_HOME", str(home.root.parent))
    monkeypatch.setattr(calendars, "utc_now", lambda: NOW)
    monkeypatch.setattr(last_run, "utc_now", lambda: NOW + timedelta(days=1))
    monkeypatch.setattr(renewals, "due", lambda today: [])
    return home


def _release(con, dataset: str, title: str, expected_at: datetime, state: str, series: str | None = None) -> None:
    con.execute(
        "INSERT INTO meta.release (dataset, series, dataset_title, effective_date, expected_at, due_at, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [dataset, series, title, expected_at.date(), expected_at, expected_at + timedelta(hours=6), state],
    )


def _change(home: Home, sql: str, *values: object) -> None:
    with duckdb.connect(str(home.published_database)) as con:
        con.execute(sql, list(values))


def _say(capfd: pytest.CaptureFixture, *arguments: str) -> tuple[int, list[str], list[str]]:
    result = CliRunner().invoke(cli.app, ["status", "--sample", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    printed = capfd.readouterr()
    return result.exit_code, (result.stdout + printed.out).splitlines(), (result.stderr + printed.err).splitlines()


def test_all_well_is_one_line_of_eighty_columns(home: Home, capfd):
    code, said, more = _say(capfd)
    assert (code, said) == (0, [LINE])
    assert len(LINE) <= 80
    assert [line for line in more if "SIMULATED" not in line] == []


def test_only_what_needs_attention_follows(home: Home, capfd):
    _change(home, "UPDATE meta.freshness SET is_late = true WHERE dataset IN ('a.b3', 'a.b7')")
    _change(home, "UPDATE meta.freshness SET last_error = ? WHERE dataset = 'a.b5'", "LayoutError: " + "columns " * 60)
    _change(home, "INSERT INTO meta.mart VALUES ('srf_operations', true, 'g1', 'check x fails for 2 rows')")
    code, (first, *_), more = _say(capfd)
    assert code == 1
    assert first.startswith("30 datasets, 2 late, 1 failing; generation 3 h old")
    lines = [line for line in more if "SIMULATED" not in line]
    assert lines[0] == "held back srf_operations: check x fails for 2 rows; the values are those of generation g1"
    assert lines[1].startswith("failing a.b5: LayoutError: columns")
    assert len(lines[1]) < 2 * 80 + 10
    assert lines[1].endswith("...")
    assert lines[2:] == ["late a.b3 since 2026-12-03 03:30 UTC", "late a.b7 since 2026-12-03 03:30 UTC"]
    assert "columns " * 60 in " ".join(_say(capfd, "--all")[2]) + " "


def test_many_late_datasets_stay_on_one_screen(home: Home, capfd):
    _change(home, "UPDATE meta.freshness SET is_late = true")
    code, said, more = _say(capfd)
    assert code == 1
    assert len(said) + len(more) < 24
    assert "22 more late; --all shows them" in more
    assert len([line for line in _say(capfd, "--all")[2] if line.startswith("late ")]) == 30


def test_what_became_late_since_the_generation_counts_and_a_shutdown_is_no_alarm(home: Home, capfd):
    past = NOW - timedelta(hours=1)
    _change(home, "UPDATE meta.freshness SET due_at = ? WHERE dataset IN ('a.b1', 'a.b2')", past)
    with duckdb.connect(str(home.published_database)) as con:
        _release(con, "a.b2", "Stopped", past - timedelta(hours=6), "suspended")
    code, (first, *_), more = _say(capfd)
    assert code == 1
    assert "1 late" in first
    assert [line.split()[:2] for line in more[-2:]] == [["late", "a.b1"], ["suspended", "a.b2:"]]
    _change(home, "UPDATE meta.freshness SET due_at = ? WHERE dataset = 'a.b1'", NOW + timedelta(hours=1))
    code, (first, *_), _ = _say(capfd)
    assert (code, first) == (0, LINE)


def test_facts_that_are_due_are_named_and_are_no_failure(home: Home, capfd, monkeypatch):
    monkeypatch.setattr(renewals, "due", lambda today: [Renewal("tax_deadlines", date(2026, 12, 1), f"IRS of {today}")])
    code, _, more = _say(capfd)
    assert (code, more[-2]) == (0, "renew tax_deadlines, good until 2026-12-01: see IRS of 2026-12-02")
    assert more[-1].startswith(f"{PROJECT / 'seeds'} has these facts: ")


def test_a_run_that_failed_is_named_until_one_goes_well(home: Home, capfd):
    words = "NoSpaceError: the disk is full; " + "free some space " * 15
    last_run.note(home, "run1", [words, "step dbt failed: no"], at=NOW)
    last_run.note(home, "run0", ["older"], at=NOW - timedelta(hours=1))
    code, (first,), more = _say(capfd)
    assert (code, first) == (1, LINE)
    assert more[-1] == f"failed the run that ended 2026-12-02 17:30 UTC: {words}(and 1 more; --all shows them)"
    assert more[-1].count("\n") == 0
    assert [line.split(": ", 1)[1] for line in _say(capfd, "--all")[2] if line.startswith("failed")] == [
        words, "step dbt failed: no"
    ]  # fmt: skip
    last_run.note(home, "run2", ["a.b5: LayoutError"], at=NOW + timedelta(hours=1), generation="g1")
    assert any("a.b5: LayoutError" in line for line in _say(capfd)[2])  # a failure is never without a line
    _change(home, "UPDATE meta.freshness SET last_error = 'LayoutError' WHERE dataset = 'a.b5'")
    assert [line for line in _say(capfd)[2] if line.startswith("fail")] == ["failing a.b5: LayoutError"]
    last_run.note(home, "run3", [], at=NOW + timedelta(hours=2), generation="g1")
    assert last_run.read(home).failures == []
    _change(home, "UPDATE meta.freshness SET last_error = NULL")
    assert _say(capfd)[0] == 0


def test_a_clock_that_was_ahead_hides_no_failure(home: Home, monkeypatch):
    monkeypatch.setattr(last_run, "utc_now", lambda: NOW)
    last_run.note(home, "run1", [], at=NOW + timedelta(days=2))
    last_run.note(home, "run2", ["DamagedLogError"], at=NOW)
    assert last_run.read(home).failures == ["DamagedLogError"]
    last_run.note(home, "run0", ["older"], at=NOW - timedelta(hours=1))  # the sensor comes last
    assert last_run.read(home).run_id == "run2"


def test_a_disk_without_room_is_told_before_the_next_refresh_fails(home: Home, capfd, monkeypatch):
    last_run.note(home, "run1", ["NoSpaceError: the disk had 2 MB"], at=NOW)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 0))
    code, _, more = _say(capfd)
    found = [line for line in more if "room" in line or line.startswith("failed")]
    assert (code, len(found)) == (1, 1)
    assert found[0].startswith(f"no room the disk of {home.root} has 0 MB free and this may need 10")


def test_before_a_first_generation_the_last_failure_is_there(home: Home, capfd, monkeypatch):
    home.current.unlink()
    last_run.note(home, "run1", ["step raw failed: nothing was ever loaded"], at=NOW)
    code, said, more = _say(capfd)
    assert (code, said) == (1, [])
    assert more[1:] == [
        f"NotPublishedError: nothing is published in {home.root} yet; run `liquidity refresh --sample` first",
        "failed the run that ended 2026-12-02 17:30 UTC: step raw failed: nothing was ever loaded",
    ]
    real = Home(home.root.parent)
    last_run.note(real, "run2", ["NoSpaceError: full"], at=NOW)  # not hidden by the sample
    result = CliRunner().invoke(cli.app, ["status"])
    assert "NoSpaceError: full" in result.stderr + capfd.readouterr().err


def test_table_has_years_and_json_has_everything(home: Home, capfd):
    code, said, _ = _say(capfd, "--all")
    rows = [line for line in said if line.startswith("│ a.b")]
    assert (code, len(rows)) == (0, 30)
    assert "2026-12-03 03:30" in rows[0]
    code, (text,), _ = _say(capfd, "--format", "json")
    held = json.loads(text)
    assert held["is_well"] is True
    assert held["is_simulated"] is True
    assert held["next_expected_at"] == "2026-12-03T21:30:00Z"
    assert len(held["datasets"]) == 30
    assert held["datasets"][0]["due_at"] == "2026-12-03T03:30:00Z"


def test_next_release_of_another_week_has_its_date(home: Home, capfd):
    _change(home, "UPDATE meta.release SET expected_at = expected_at + INTERVAL 7 DAY WHERE dataset = 'frb.h41'")
    _, (first, *_), _ = _say(capfd)
    assert first.endswith("next: H.4.1 Thu 2026-12-10 16:30 NY")


def test_nights_that_stop_are_told_without_any_schedule_of_dagster(home: Home, capfd, monkeypatch):
    nights = [NOW - timedelta(days=2 + n) for n in range(12)]
    _change(home, "UPDATE meta.freshness SET last_polled_at = ?, due_at = NULL", nights[0])
    asked = "SELECT ?, 'a.b' || n, 200, ? FROM range(20) AS t(n)"
    fetched = f"INSERT INTO meta.fetch (run_id, dataset, status, started_at) {asked}"
    for number, night in enumerate(nights):
        _change(home, fetched, f"run{number}", night)
    code, _, more = _say(capfd)
    found = [line for line in more if line.startswith("behind schedule")]
    assert (code, found) == (1, [
        f"behind schedule no good refresh for 48 hours, since {nights[0]:%Y-%m-%d %H:%M} UTC; before that one came "
        "every 24 hours at least: do cron or the timer still run?"
    ])  # fmt: skip
    monkeypatch.setenv("LIQUIDITY_SCHEDULE", "off")
    assert _say(capfd)[0] == 0
    monkeypatch.setenv("LIQUIDITY_SCHEDULE", "30 9 * * *")
    code, _, more = _say(capfd)
    assert code == 1
    assert any("a refresh was due 2026-12-02 09:30 New York time (LIQUIDITY_SCHEDULE)" in line for line in more)


def test_generation_of_an_earlier_version_has_no_calendar(home: Home, capfd):
    _change(home, "DROP TABLE meta.release")
    code, said, _ = _say(capfd)
    assert (code, said) == (0, [LINE.partition("; next")[0]])


def test_stages_leave_lines_in_a_log(capfd, monkeypatch):
    monkeypatch.setattr(console, "LIFE_SECONDS", 0.0)
    stages = console.Stages()
    with stages.progress:
        stages("fetch and load", "frb.h41: 3 rows", 1, 0)
        stages("fetch and load", "frb.h8: 4 rows", 2, 0)
        stages("publish", "writing", 0, 0)
        stages.finish()
    lines = capfd.readouterr().err.splitlines()
    words = [re.sub(r"^\d\d:\d\d:\d\d UTC |[\d.]+ s$", "", line) for line in lines]
    assert words == [
        "fetch and load ...", "fetch and load: frb.h8: 4 rows", "fetch and load done in ", "publish ...",
        "publish done in ",
    ]  # fmt: skip
    assert os.environ.get("FORCE_COLOR") is None
