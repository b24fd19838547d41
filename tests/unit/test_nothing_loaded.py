"""Where nothing was loaded nothing is built or published, and what readers saw before they go on seeing."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration import cli
from orchestration.commands import held
from tests.unit.test_load import PENNY
from warehouse.connection import Home
from warehouse.log.intake import NOTHING_EVER_LOADED

PENNY_ID = "fiscaldata.debt_to_penny"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home/dagster"))
    monkeypatch.setenv("COLUMNS", "200")
    return Home(tmp_path / "home")


def _saved(tmp_path: Path, *bodies: str) -> list[str]:
    paths = [tmp_path / f"{number}.csv" for number in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(body)
    return list(map(str, paths))


def test_a_load_of_which_nothing_could_be_loaded_builds_nothing(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    built = []
    monkeypatch.setattr(held, "build_all", lambda home, allow_shrink: built.append((home, allow_shrink)))
    refused = CliRunner().invoke(cli.app, ["load", PENNY_ID, *_saved(tmp_path, "Name,Age\nAnn,7\n", "")])
    assert refused.exit_code == 1
    assert "nothing was loaded, so nothing is built or published" in refused.output
    assert built == []
    files = _saved(tmp_path, "Name,Age\nAnn,7\n", PENNY)
    half = CliRunner().invoke(cli.app, ["load", PENNY_ID, *files, "--allow-shrink", PENNY_ID])
    assert half.exit_code == 1
    assert built == [(home, [PENNY_ID])], "what could be loaded is built, and the rest is still a failure"
    assert CliRunner().invoke(cli.app, ["load", PENNY_ID, *_saved(tmp_path, PENNY)]).exit_code == 0


def test_a_build_of_nothing_says_so(home: Home):
    result = CliRunner().invoke(cli.app, ["build"])
    assert result.exit_code == 1
    assert NOTHING_EVER_LOADED in " ".join(result.output.split())
    assert not home.current.exists()


def test_deep_verification_needs_no_generation(home: Home, tmp_path: Path):
    assert CliRunner().invoke(cli.app, ["load", PENNY_ID, "--no-build", *_saved(tmp_path, PENNY)]).exit_code == 0
    result = CliRunner().invoke(cli.app, ["verify", "--deep"])
    assert result.exit_code == 1
    assert "nothing is published in" in " ".join(result.output.split())
    assert "1 payloads, 1 rows of the log, all as recorded" in " ".join(result.output.split())
