"""The scenario on the published sample: the standard one made again, a user's own, what is refused, sliders."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from selenium import webdriver
from typer.testing import CliRunner

from orchestration.cli import app
from tests.pipeline.test_report import console, look_at, open_browser
from warehouse.connection import Home, open_published
from warehouse.generation import SIMULATED_NOTICE
from warehouse.publication import scenario


@pytest.fixture
def at_home(refreshed: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run on the shared sample."""
    monkeypatch.setenv("LIQUIDITY_HOME", str(refreshed.root.parent))


def _scenario(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["scenario", *arguments, "--sample"])
    return result.exit_code, result.output


@pytest.mark.usefixtures("at_home")
@pytest.mark.slow
def test_three_standard_scenarios_are_made_again_bit_for_bit(refreshed: Home, tmp_path: Path):
    """One formula: the mart's SQL and the command's give the same numbers."""
    mart = pl.read_parquet(refreshed.current / "parquet" / "srf_scenario.parquet")
    for base in ("low", "middle", "high"):
        (tmp_path / f"{base}.yml").write_text(f"name: {base}\nbase: {base}\n", "utf-8")
        code, said = _scenario(str(tmp_path / f"{base}.yml"), "--into", str(tmp_path))
        assert code == 0, said
        own = pl.read_parquet(tmp_path / f"{base}.parquet")
        published = mart.filter(pl.col("scenario") == base).sort("quarter_date")
        assert own.equals(published.select(own.columns))
    svg = (tmp_path / "high.svg").read_text("utf-8")
    assert "Scenario, not a forecast (high)" in svg
    assert "SIMULATED DATA" in svg
    assert (tmp_path / "high.png").read_bytes().startswith(b"\x89PNG")
    words = pl.read_parquet_metadata(tmp_path / "high.parquet")
    assert SIMULATED_NOTICE in words["footnote"]
    assert words["title"].startswith("Scenario, not a forecast")


@pytest.mark.usefixtures("at_home")
def test_example_runs_and_a_driver_changes_the_table(tmp_path: Path):
    code, text = _scenario("--example")
    assert code == 0
    file = tmp_path / "own.yml"
    file.write_text(text[text.index("# SCENARIO") :], "utf-8")
    code, said = _scenario(str(file))
    assert code == 0, said
    assert "SCENARIO, not a forecast: my scenario" in said
    (tmp_path / "none.yml").write_text("name: none\ndrivers: {leveraged_share_ratio: 0}\n", "utf-8")
    _, other = _scenario(str(tmp_path / "none.yml"))
    assert other.count("2036-09-30") == 1
    assert said.split("2036-09-30")[1] != other.split("2036-09-30")[1]


@pytest.mark.usefixtures("at_home")
@pytest.mark.slow
def test_each_projection_of_borrowing_is_made_again(refreshed: Home, tmp_path: Path):
    """Three vintages of CBO, the Treasury, the dealers; CBO's newest is the middle scenario itself. To the cent."""
    mart = pl.read_parquet(refreshed.current / "parquet" / "srf_scenario_projections.parquet").sort("quarter_date")
    names = set(mart["borrowing_projection"])
    assert len(names) == 5
    assert names > {"Treasury", "primary dealers"}
    newest = max(names - {"Treasury", "primary dealers"})
    middle = pl.read_parquet(refreshed.current / "parquet" / "srf_scenario.parquet").filter(scenario="middle")
    for name in names:
        (tmp_path / "own.yml").write_text(f"name: own\nborrowing: {name}\n", "utf-8")
        code, said = _scenario(str(tmp_path / "own.yml"), "--into", str(tmp_path))
        assert code == 0, said
        own, shown = pl.read_parquet(tmp_path / "own.parquet"), mart.filter(borrowing_projection=name)
        assert f"Borrowing: {name}." in pl.read_parquet_metadata(tmp_path / "own.parquet")["footnote"]
        shared = [column for column in shown.columns if column in own.columns]
        assert "fed_credit_usd_bn" in shared
        assert_frame_equal(own.select(shared), shown.select(shared), rel_tol=0, abs_tol=1e-11)
        both = own.join(middle, on="quarter_date", suffix="_of_middle")
        differs = (both["borrowed_usd_bn"] - both["borrowed_usd_bn_of_middle"]).abs().max()
        # The Treasury's too, once its newest estimate is over and the next one is not yet in the seed.
        assert (differs < 1e-10) == (set(shown["borrowing_source"]) == {newest}), name


@pytest.mark.usefixtures("at_home")
def test_what_cannot_be_is_said_in_one_line(tmp_path: Path):
    file = tmp_path / "own.yml"
    file.write_text("name: x\nborrowing: JPMorgan\n", "utf-8")
    code, said = _scenario(str(file))
    assert code == 1
    assert "no projection of borrowing is called JPMorgan" in said
    file.write_text("name: x\ndrivers: {haircut_ratio: 0.9}\n", "utf-8")
    code, said = _scenario(str(file))
    assert code == 1
    assert "haircut_ratio (ratio, 0 to 0.2)" in said
    assert _scenario()[0] == _scenario(str(file), "--example")[0] == 2


def _rows(driver: webdriver.Chrome) -> list[dict[str, float]]:
    """Every row that the page's chart has computed, by quarter."""
    rows = driver.execute_script(
        "const view = document.querySelector('[data-chart=srf_scenario_sliders] .canvas').vegaView;"
        "const names = Object.keys(view.getState({data: () => true}).data);"
        "const held = names.map((name) => view.data(name)).find((rows) => rows[0]?.scenario_net_liquidity_usd_bn);"
        "return held.map((row) => Object.fromEntries(Object.entries(row).filter(([, v]) => typeof v === 'number')));"
    )
    return sorted(rows, key=lambda row: row["quarter_number"])


@pytest.mark.usefixtures("at_home")
def test_sliders_of_the_page_compute_what_the_sql_does(refreshed: Home):
    """To the cent, in the page as it was published, with its policy against code of text and without a network."""
    driver = open_browser("--host-resolver-rules=MAP * ~NOTFOUND")
    try:
        look_at(driver, refreshed.current.resolve() / "report" / "index.html", draw=True)
        inputs = driver.find_elements("css selector", "[data-chart=srf_scenario_sliders] input[type=range]")
        names = [one.get_attribute("name") for one in inputs]
        assert len(names) == 4
        for factor in (None, 0.25, 0.6, 0.9):
            own = {}
            if factor is not None:
                for one, name in zip(inputs, names, strict=True):
                    low, high, step = (float(one.get_attribute(word)) for word in ("min", "max", "step"))
                    own[name] = round(low + round(factor * (high - low) / step) * step, 6)
                    driver.execute_script(
                        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
                        one, own[name],
                    )  # fmt: skip
                driver.execute_async_script(
                    "const done = arguments[0];"
                    "document.querySelector('[data-chart=srf_scenario_sliders] .canvas').vegaView.runAsync()"
                    ".then(() => done(), () => done())"
                )
            with open_published(refreshed) as con:
                asked = scenario.run(con, scenario.drivers(con), scenario.Assumptions("own", "middle", own))
            shown = _rows(driver)
            assert len(shown) == asked.height
            for column in [
                name for name in asked.columns if name.endswith("_usd_bn") and not name.startswith("start_")
            ]:
                if asked[column].null_count() == 0:
                    off = max(abs(row[column] - value) for row, value in zip(shown, asked[column], strict=True))
                    assert off < 1e-11, f"{column} at {own}"  # a cent; the last digits of a sum differ by its order
        assert console(driver) == []
    finally:
        driver.quit()
