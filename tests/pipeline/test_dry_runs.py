"""Dry runs say what would be done, truly, and change nothing that is held."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.calendars import utc_now
from ingest.payloads import Archive
from ingest.providers import DATASETS
from orchestration import cli, console
from tests.pipeline.conftest import log_of
from tests.unit.small_server import candles
from warehouse.connection import Home, open_work
from warehouse.generation import sha256_of
from warehouse.models.fingerprints import contents


@pytest.fixture
def home(refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = log_of(refreshed, tmp_path / "home" / "sample")
    home.current.symlink_to(refreshed.current.resolve())
    shutil.copytree(refreshed.payloads, home.payloads)
    monkeypatch.setenv("LIQUIDITY_HOME", str(home.root.parent))
    return home


def _contents(home: Home) -> dict[str, str]:
    with open_work(home) as con:
        tables = [f"{s}.{t}" for s, t in con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
        ).fetchall()]  # fmt: skip
        return contents(con, sorted(tables)) | {"journal": sha256_of(home.journal)}


def _say(capfd: pytest.CaptureFixture, *arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(cli.app, [*arguments, "--sample"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    printed = capfd.readouterr()
    return result.exit_code, (result.output + printed.out + printed.err).splitlines()


@pytest.mark.slow
def test_load_says_what_a_file_would_bring_and_then_brings_it(home: Home, tmp_path: Path, capfd):
    file = tmp_path / "candles.json"
    file.write_bytes(candles((utc_now() - timedelta(days=1)).date(), days=3))
    with console.holding(home, "test", 0):
        assert cli.app  # the journal is made before anything is compared
    _say(capfd, "build", "--dry-run")
    before, files = _contents(home), {path for path in home.root.rglob("*") if "dbt" not in path.parts}
    code, said = _say(capfd, "load", "kraken.daily_candles", str(file), "--dry-run")
    assert code == 0, said
    (brings,) = [line for line in said if line.startswith("kraken.daily_candles:") and "held to" in line]
    assert "3 revised" in brings
    assert said[-1] == "dry run: nothing was changed"
    assert _contents(home) == before
    assert {path for path in home.root.rglob("*") if "dbt" not in path.parts} - files == set()
    code, said = _say(capfd, "load", "kraken.daily_candles", str(file), "--no-build")
    assert [line for line in said if line.startswith("kraken.daily_candles:") and "held to" in line] == [brings]
    assert _contents(home) != before


def test_load_that_would_be_refused_ends_with_one(home: Home, tmp_path: Path, capfd):
    file = tmp_path / "page.html"
    file.write_text("<html><title>Moved</title></html>", "utf-8")
    code, said = _say(capfd, "load", "kraken.daily_candles", str(file), "--dry-run")
    assert code == 1
    assert any("Moved" in line for line in said)


def test_build_names_what_it_would_make(home: Home, capfd):
    with open_work(home) as con:
        con.execute("UPDATE meta.built SET key = 'older' WHERE node LIKE '%.srf_operations'")
    code, said = _say(capfd, "build", "--dry-run")
    assert code == 0, said
    (tables,) = [line for line in said if "tables to make" in line]
    assert "srf_operations" in tables
    assert "treasury_cash_daily" not in tables
    assert said[-1] == "dry run: nothing was changed"


@pytest.mark.slow
def test_replay_names_what_today_refuses(home: Home, capfd, monkeypatch):
    _say(capfd, "build", "--dry-run")
    before = _contents(home)
    with open_work(home) as con:
        (payload,) = con.execute(
            "SELECT payload_ids[1] FROM meta.load WHERE dataset = 'kraken.daily_candles'"
        ).fetchone()
    for name in [name for name in DATASETS if not name.startswith(("cftc", "coinbase", "kraken"))]:
        monkeypatch.delitem(DATASETS, name)  # 20 CPU s; rows of what left the catalog stay
    whole = Archive.get
    monkeypatch.setattr(Archive, "get", lambda self, name: b"damaged" if name == payload else whole(self, name))
    code, said = _say(capfd, "replay", "--dry-run")
    assert code == 1
    assert any("would be replayed, 1 refused" in line for line in said), said
    assert [line for line in said if line.startswith("refused") and "kraken" in line]
    assert said[-1] == "dry run: nothing was changed"
    assert _contents(home) == before
    assert not (home.root / ".replay").exists()
