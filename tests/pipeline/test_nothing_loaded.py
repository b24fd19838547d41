"""The command of a first refresh without a network: it ends after the fetch, and readers see what they saw before."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from orchestration import cli, console
from orchestration.resources import Warehouse
from warehouse.connection import Home
from warehouse.log.intake import NOTHING_EVER_LOADED


def test_a_first_refresh_without_a_network_publishes_nothing_and_the_sample_stays_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: Callable[[Home], Home]
):
    home = compiled(Home(tmp_path / "home"))
    monkeypatch.setenv("LIQUIDITY_HOME", str(home.root))
    monkeypatch.setenv("COLUMNS", "200")

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Temporary failure in name resolution \x1b[31m")

    monkeypatch.setattr(Warehouse, "transport", lambda self: httpx.MockTransport(fail))
    monkeypatch.setattr("ingest.http.Patience.first_pause", 0.0)
    (home.root / "sample/generations/one").mkdir(parents=True)
    (home.root / "sample/current").symlink_to("generations/one")
    result = CliRunner().invoke(cli.app, ["refresh", "--select", "kraken"])
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert f"step raw failed: {NOTHING_EVER_LOADED}" in said
    assert "failed kraken.daily_candles XBTUSD: NetworkError: " in said
    assert "nothing was published" in said
    assert "published generation" not in said
    assert "\x1b" not in result.output
    assert not home.current.is_symlink()
    assert console.reading_home(False) == Home(home.root / "sample", is_simulated=True)
