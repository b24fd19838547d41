"""The dead man's check of who schedules by cron or systemd: as said, or as it has come up to now."""

from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from orchestration import cli, missing_refresh, web
from warehouse.connection import WarehouseError

NOW = datetime(2026, 12, 9, 3)  # Tuesday 22:00 in New York
NIGHTS = [datetime(2026, 12, 9, 1, 5) - timedelta(days=n) for n in range(30)]
BUSINESS = [night for night in NIGHTS if night.weekday() in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("past", "silent", "is_missed"),
    [
        (NIGHTS, timedelta(hours=25), False),
        (NIGHTS, timedelta(hours=27), True),
        (NIGHTS, timedelta(days=60), True),
        (BUSINESS, timedelta(hours=73), False),  # over a weekend, as ever
        (BUSINESS, timedelta(hours=75), True),
        ([NIGHTS[0] - timedelta(hours=n) for n in range(9)], timedelta(days=9), False),  # an afternoon by hand
        (NIGHTS[::5], timedelta(days=9), False),  # now and then
        (NIGHTS[:1], timedelta(days=9), False),
        ([*NIGHTS[:4], *NIGHTS[10:]], timedelta(days=9), False),  # after a holiday of its operator nothing is usual
    ],
)
def test_silence_counts_against_what_was_usual(past: list[datetime], silent: timedelta, is_missed: bool):
    found = missing_refresh.stopped(past, NIGHTS[0], NIGHTS[0] + silent)
    assert (found is not None) is is_missed
    if found:
        assert f"no good refresh for {silent.total_seconds() / 3600:.0f} hours, since 2026-12-09 01:05 UTC" in found


def test_a_schedule_that_was_said_counts_whatever_was_usual(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(missing_refresh.VARIABLE, "0 20 * * * ; 30 9 * * 1-5")
    lines = missing_refresh.cron_lines()
    assert lines == ["0 20 * * *", "30 9 * * 1-5"]
    on_time, in_grace = datetime(2026, 12, 9, 1, 5), datetime(2026, 12, 9, 2, 50)
    assert missing_refresh.missed(lines, on_time, NOW) is None
    assert missing_refresh.missed(lines, on_time - timedelta(hours=1), in_grace) is None
    late = missing_refresh.missed(lines, on_time - timedelta(hours=1), NOW + timedelta(hours=1))
    assert "was due 2026-12-08 20:00 New York" in late
    assert "the last is of never" in missing_refresh.missed(lines, None, NOW)
    monkeypatch.setenv(missing_refresh.VARIABLE, "Off")
    assert missing_refresh.is_off()
    assert missing_refresh.cron_lines() == []


@pytest.mark.parametrize("text", ["every night", "0 20 * * *; ; 30 9 * * 1-5", ";", "0 25 * * *", "on"])
def test_a_schedule_that_cron_cannot_read_is_refused_also_where_the_interface_starts(monkeypatch, text: str):
    monkeypatch.setenv(missing_refresh.VARIABLE, text)
    with pytest.raises(WarehouseError, match=r"is not a line of cron; write times in New York, .* or `off`"):
        missing_refresh.cron_lines()
    monkeypatch.setattr(web, "listen", lambda *_: pytest.fail("it began"))
    refused = CliRunner().invoke(cli.app, ["ui", "--port", "0"])
    assert refused.exit_code == 1
    monkeypatch.setenv(missing_refresh.VARIABLE, "0 20 * * *; 30 9 * * 1-5;")
    assert len(missing_refresh.cron_lines()) == 2
