"""The live tests, run against the simulated providers: every verdict arrives, good or bad, from workers too."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY


def _live(spoiled: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "LIQUIDITY_LIVE_SAMPLE": spoiled, "COLUMNS": "160"}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "live", "tests/live", "-k", "coinbase or worldbank", *arguments],
        cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_verdict_for_each_publisher(workers: str):
    result = _live("1", "-n", workers)
    assert result.returncode == 0, result.stdout + result.stderr
    for publisher, dataset in (
        ("coinbase", "coinbase.daily_candles"), ("worldbank", "worldbank.commodity_prices_monthly"),
    ):  # fmt: skip
        lines = result.stdout.splitlines()
        assert f"{publisher}: as always, 1 of 1 datasets" in lines
        (line,) = [line for line in lines if line.startswith(f"  ok      {dataset}")]
        assert " rows in " in line
        assert "newest 20" in line


@pytest.mark.slow
def test_a_changed_publisher_is_named_with_its_address():
    result = _live("api.exchange.coinbase.com", "-n", "2")
    assert result.returncode == 1
    summary = result.stdout.partition("what each publisher answered")[2]
    assert "coinbase: NOT AS ALWAYS, 0 of 1 datasets" in summary
    assert "worldbank: as always" in summary
    assert "CHANGED" in summary
    assert "look at https://api.exchange.coinbase.com/" in summary
