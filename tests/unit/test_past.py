"""Past states: the future and the time before anything are refused, states are listed, read and removed."""

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from orchestration import cli, console
from warehouse.connection import DATABASE_NAME, Home, WarehouseError, open_work
from warehouse.log import tables
from warehouse.upkeep import past

MOMENT, EARLIER = datetime(2025, 11, 4, 14), datetime(2024, 1, 1)


def _state(home: Home, moment: datetime, generation: str) -> Home:
    state = past.place(home, moment)
    folder = state.generations / generation
    (folder / "report").mkdir(parents=True)
    (folder / "report" / "index.html").write_text("page", "utf-8")
    with duckdb.connect(str(folder / DATABASE_NAME)) as con:
        con.execute("CREATE SCHEMA marts")
        con.execute(f"CREATE TABLE marts.m AS SELECT '{generation}' AS generation")
    state.current.symlink_to(Path("generations") / generation)
    return state


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A warehouse with a log of one row, known on 2018-01-03, a current generation, and two past states."""
    home = Home(tmp_path / "home" / "sample", is_simulated=True)
    with open_work(home) as con:
        tables.create_tables(con, DATASETS.values())
        con.execute(
            "INSERT INTO raw.kraken__daily_candles (pair, candle_date, known_from, is_deleted) "
            "VALUES ('XBTUSD', DATE '2018-01-02', TIMESTAMP '2018-01-03 05:05', false)"
        )
    folder = home.generations / "g3"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / DATABASE_NAME)) as con:
        con.execute("CREATE SCHEMA marts")
        con.execute("CREATE TABLE marts.m AS SELECT 'g3' AS generation")
    home.current.symlink_to("generations/g3")
    _state(home, MOMENT, "g1")
    _state(home, EARLIER, "g2")  # built later
    monkeypatch.setenv("LIQUIDITY_HOME", str(home.root.parent))
    return home


def _say(capfd: pytest.CaptureFixture, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, [*arguments, "--sample"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    printed = capfd.readouterr()
    return result.exit_code, result.output + printed.out + printed.err


def test_future_is_refused(home: Home, capfd):
    tomorrow = utc_now() + timedelta(days=1)
    code, text = _say(capfd, "as-of", f"{tomorrow:%Y-%m-%dT%H:%M}")
    assert code == 1
    assert f"{tomorrow:%Y-%m-%d %H:%M} UTC is in the future; name a past time" in text
    code, text = _say(capfd, "sql", "FROM marts.m", "--as-of", f"{tomorrow:%Y-%m-%d}")
    assert (code, "in the future" in text) == (1, True)


def test_bare_date_of_today_is_now_and_not_the_future():
    past.refuse_future(console.moment_of(f"{utc_now():%Y-%m-%d}"))
    with pytest.raises(WarehouseError):
        past.refuse_future(console.moment_of(f"{utc_now() + timedelta(days=1):%Y-%m-%d}"))


def test_a_moment_before_anything_was_known_says_when_that_was(home: Home, capfd):
    code, text = _say(capfd, "as-of", "2018-01-03T05:04")
    assert code == 1
    assert "nothing was known at 2018-01-03 05:04 UTC: the first value that is held became known at 2018-01-03" in text
    past.refuse_before_anything(home, datetime(2018, 1, 3, 5, 5))
    assert not past.place(home, datetime(2018, 1, 3, 5, 4)).root.exists()


def test_states_are_read_by_their_moment(home: Home, capfd):
    code, text = _say(capfd, "sql", "FROM marts.m", "--as-of", "2025-11-04T09:00:00-05:00", "--format", "csv")
    assert (code, "g1" in text) == (0, True)
    assert "g3" in _say(capfd, "sql", "FROM marts.m", "--format", "csv")[1]
    code, text = _say(capfd, "report", "--path", "--as-of", "2024-01-01T00:00")
    assert code == 0
    assert "as_of/20240101T000000/generations/g2/report/index.html" in text


def test_a_state_that_is_not_built_says_how_to_build_it_and_which_there_are(home: Home, capfd):
    code, text = _say(capfd, "sql", "FROM marts.m", "--as-of", "2025-01-01")
    assert code == 1
    assert "`liquidity as-of 2025-01-01T23:59:59 --sample` builds it" in text
    assert "there are: 2024-01-01T00:00:00, 2025-11-04T14:00:00" in text


def test_list_names_moment_size_and_generation(home: Home, capfd):
    code, text = _say(capfd, "as-of", "--list")
    first, second = [line for line in text.splitlines() if line.startswith("as of")]
    assert code == 0
    assert first.startswith("as of 2024-01-01 00:00:00 UTC")
    assert second.endswith("MB  generation g1")


def test_prune_removes_what_is_named_and_nothing_else(home: Home, capfd):
    code, text = _say(capfd, "as-of", "--prune", "2025-11-04T14:00")
    assert code == 0
    assert "removed as of 2025-11-04 14:00:00 UTC" in text
    assert [state.moment for state in past.states(home)] == [EARLIER]
    assert home.published_database.exists()
    code, text = _say(capfd, "as-of", "--prune", "2025-11-04T14:00")
    assert (code, "builds it" in text) == (1, True)


def test_prune_of_a_date_removes_every_state_of_that_day(home: Home, capfd):
    code, text = _say(capfd, "as-of", "--prune", "2025-11-05")
    assert code == 1
    assert "no state of 2025-11-05 is built" in text
    before = past.states(home)
    code, text = _say(capfd, "as-of", "--prune", "2025-11-04")
    of_the_day = [one.moment for one in before if one.moment.date() == date(2025, 11, 4)]
    assert code == 0
    assert len(of_the_day) == text.count("removed as of 2025-11-04") > 0
    assert [one.moment for one in past.states(home)] == [one.moment for one in before if one.moment not in of_the_day]


def test_prune_keeps_those_that_were_built_last(home: Home, capfd):
    assert "nothing to remove" in _say(capfd, "as-of", "--prune", "--keep", "2")[1]
    assert _say(capfd, "as-of", "--prune", "--keep", "1")[0] == 0
    assert [state.generation for state in past.states(home)] == ["g2"]
    assert _say(capfd, "as-of", "--prune")[0] == 2
    assert _say(capfd, "as-of", "--keep", "1")[0] == 2
    assert _say(capfd, "as-of")[0] == 2
    assert len(past.states(home)) == 1
