"""Charts drawn from the published sample: specs, pictures and the files of data next to them."""

import errno
import json
import math
import re
import shutil
from dataclasses import replace
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import altair as alt
import duckdb
import polars as pl
import pytest
import vl_convert

from orchestration.publish_assets import chart_key, chart_specs, published
from warehouse.connection import Home, open_published
from warehouse.generation import SIMULATED_NOTICE, Generation, withheld_columns
from warehouse.publication import charts
from warehouse.publication.charts import CHARTS, Drawn, drawing
from warehouse.publication.charts.chart import FACTS
from warehouse.publication.previous import Previous

# Shown in the page of the user's own disk, never passed on.
PRICES = {
    "bitcoin_close_usd_per_btc", "bitcoin_change_pct", "first_close_usd_per_btc", "second_close_usd_per_btc",
    "mortgage_30y_pct", "mortgage_minus_10y_bp",
}  # fmt: skip
_OTHER_VERDICTS = {
    "claim_now_verdict": ("supported", "contradicted"),
    "health": ("good", "late"),
    "verdict": ("agree", "differ"),
    "skill_verdict": ("better", "worse"),
}
LARGEST_SPEC = 200_000  # bytes: all specs lie in one page


def _generation(con: duckdb.DuckDBPyConnection) -> Generation:
    name, built_at, as_of, is_simulated = con.execute(
        "SELECT id, built_at, as_of, is_simulated FROM meta.generation"
    ).fetchone()  # type: ignore[misc]
    return Generation(name, built_at, is_simulated, as_of)


@pytest.fixture(scope="module")
def drawn(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Drawn]]:
    """Folder and charts by id, as the refresh drew them; `test_same_data_same_bytes_in_any_time_zone` draws anew."""
    folder = tmp_path_factory.mktemp("charts")
    with open_published(refreshed) as con:
        taken = charts.render(con, folder, _generation(con), Previous.of(refreshed))
    return folder, {one.chart.id: one for one in taken}


@pytest.fixture(params=CHARTS, ids=lambda chart: chart.id)
def one(request: pytest.FixtureRequest, drawn: tuple[Path, dict[str, Drawn]]) -> Drawn:
    return drawn[1][request.param.id]


def test_every_chart_is_drawn(one: Drawn):
    assert one.error is None
    assert one.rows > 0
    assert one.as_of_date is not None
    for text in (one.title, one.alt):
        assert re.search(r"\d", text), "a message without a number"
        assert not re.search(r"\b(None|nan|inf|null)\b", text), text


def test_footnote_says_where_from_until_when_how_known_and_that_it_is_simulated(one: Drawn):
    assert all(source in one.footnote for source in one.sources)
    assert f"Data to {one.as_of_date}." in one.footnote
    assert re.search(r"Knowledge times: .+\.", one.footnote)
    assert SIMULATED_NOTICE in one.footnote


def test_sources_are_publishers_whose_data_reach_the_marts(one: Drawn, refreshed: Home):
    """Dated facts alone are no source of a chart; nor is a publisher that no mart of it reads."""
    with open_published(refreshed) as con:
        reach = {
            name for (name,) in con.execute(
                "SELECT DISTINCT dataset FROM meta.lineage WHERE list_contains($1, mart)", [list(one.chart.marts)]
            ).fetchall()
        }  # fmt: skip
    assert set(one.chart.datasets) <= reach
    publishers = set(one.sources) - {FACTS}
    assert publishers <= set(one.chart.sources(reach))
    if one.chart.mart in ("revision_log", "source_health"):
        assert one.sources == ()
    else:
        assert publishers, "no publisher"
    if one.chart.mart == "reconciliation":
        assert len(publishers) >= 6


def test_data_are_not_from_the_future_nor_older_than_the_title(one: Drawn, refreshed: Home):
    with open_published(refreshed) as con:
        assert one.as_of_date <= _generation(con).built_at.date()
    assert max(re.findall(r"\d{4}-\d\d-\d\d", one.title), default="") <= str(one.as_of_date)
    for year in re.findall(r"FY(\d{4}) deficit came to", one.title):
        assert date(int(year), 9, 30) <= one.as_of_date


def test_spec_is_valid_small_and_without_a_number_that_is_none(one: Drawn):
    text = json.dumps(one.spec, allow_nan=False)  # raises on NaN and infinity
    assert len(text) < LARGEST_SPEC
    assert not re.search(r"(?i)(?<![a-z])(nan|-?inf(inity)?)(?![a-z])", "".join(_inlined(one.spec)))
    alt.Chart.from_dict(one.spec, validate=True)
    assert "http" not in text.replace(one.spec["$schema"], ""), "an address in a page that asks nobody"


def _inlined(node: object) -> list[str]:
    """CSV texts inside a spec."""
    if isinstance(node, dict):
        own = [node["values"]] if isinstance(node.get("values"), str) else []
        return own + [text for value in node.values() for text in _inlined(value)]
    return [text for item in node for text in _inlined(item)] if isinstance(node, list) else []


@pytest.mark.parametrize("dark", [False, True])
def test_vega_does_not_complain(one: Drawn, dark: bool, capfd: pytest.CaptureFixture[str]):
    svg = vl_convert.vegalite_to_svg(
        one.spec, vl_version=drawing.VEGA_LITE, config=charts.theme(dark), show_warnings=True
    )
    assert capfd.readouterr().err == ""
    assert [word for word in ("null", "undefined", "NaN") if f">{word}<" in svg] == []


def test_pictures_say_message_source_and_simulation(one: Drawn, drawn: tuple[Path, dict[str, Drawn]]):
    folder = drawn[0]
    svg = (folder / f"{one.chart.id}.svg").read_text("utf-8")
    words = re.sub(r"\s+", " ", " ".join(re.findall(r">([^<>]+)<", svg)))
    assert "SIMULATED DATA" in words
    assert {one.title.split()[0], one.title.split()[-1]} <= set(words.split())
    assert words.count(f"Data to {one.as_of_date}.") == 1
    assert (folder / f"{one.chart.id}.png").read_bytes().startswith(b"\x89PNG")


def test_files_hold_what_the_query_gave_without_what_is_withheld(
    one: Drawn, drawn: tuple[Path, dict[str, Drawn]], refreshed: Home
):
    folder = drawn[0]
    with open_published(refreshed) as con:
        asked = con.sql(one.chart.query).pl()
        names = {name for columns in withheld_columns(con).values() for name in columns}
    assert {"bitcoin_close_usd_per_btc"} <= names <= PRICES
    left_out = set(asked.columns) & (names | set(one.chart.withheld))
    expected = asked.drop(left_out)
    parquet = pl.read_parquet(folder / f"{one.chart.id}.parquet")
    assert parquet.equals(expected, null_equal=True)
    read = pl.read_csv(folder / f"{one.chart.id}.csv", schema_overrides=expected.schema)
    assert read.with_columns(pl.col(pl.String).fill_null("")).equals(
        expected.with_columns(pl.col(pl.String).fill_null("")), null_equal=True
    )
    shared = json.loads((folder / f"{one.chart.id}.vl.json").read_text("utf-8"))
    columns = {name for text in _inlined(shared) for name in text.splitlines()[0].split(",")}
    assert not columns & PRICES
    assert "bitcoin" not in one.chart.query or left_out, "a price that nothing withholds"
    prices = {f"{value:,.0f}" for name in left_out if name.endswith("_btc") for value in asked[name].drop_nulls()}
    assert not [price for price in prices if price in f"{one.title} {one.alt} {one.footnote}"], "words leave too"
    assert all(not math.isinf(value) for name in expected.select(pl.selectors.float()) for value in name.drop_nulls())


def test_the_page_shows_the_prices_that_the_files_withhold(drawn: tuple[Path, dict[str, Drawn]]):
    spec = json.dumps(drawn[1]["bitcoin_and_fed_balance_sheet"].spec)
    assert "bitcoin_close_usd_per_btc" in spec


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.slow
def test_same_data_same_bytes_in_any_time_zone(
    drawn: tuple[Path, dict[str, Drawn]], refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TZ", "America/New_York")
    folder, first = drawn
    with open_published(refreshed) as con:
        again = charts.render(con, tmp_path, _generation(con))
    assert {d.chart.id: json.dumps(d.spec) for d in again} == {name: json.dumps(d.spec) for name, d in first.items()}
    names = sorted(path.name for path in folder.iterdir())
    assert [path.name for path in sorted(tmp_path.iterdir())] == names
    different = [name for name in names if (folder / name).read_bytes() != (tmp_path / name).read_bytes()]
    assert different == []


def test_no_file_of_a_chart_names_a_generation(one: Drawn, drawn: tuple[Path, dict[str, Drawn]]):
    """What names it differs every night and would have to be drawn every night: the index and the page say it."""
    for path in drawn[0].glob(f"{one.chart.id}.*"):
        assert one.drawn_in.encode() not in path.read_bytes(), path.name
    assert one.drawn_in not in f"{one.title}{one.alt}{one.footnote}"


# ---- what has not changed


@pytest.fixture
def newest(refreshed: Home, tmp_path: Path) -> Path:
    """A generation of one's own to draw again and to damage."""
    return Path(shutil.copytree(refreshed.current.resolve(), tmp_path / "newest"))


def _again(newest: Path, change: str = "", out: str = "again") -> dict[str, Drawn]:
    """Charts of ``newest``, after a ``change`` of its database, as the generation after it has them."""
    con = duckdb.connect(str(shutil.copy(newest / "liquidity.duckdb", newest.parent / f"{out}.duckdb")))
    try:
        con.execute(change)
        generation = Generation("the-next", datetime(2030, 1, 1), is_simulated=True)
        found = charts.render(con, newest.parent / out, generation, Previous(newest))
    finally:
        con.close()
    return {one.chart.id: one for one in found}


def _shared(newest: Path, out: str = "again") -> set[str]:
    """Charts all of whose files are those of ``newest``, and not copies; none may be so in part."""
    names = [f"{chart.id}{ending}" for chart in CHARTS for ending in drawing._ENDINGS]
    same = {name for name in names if (newest / "charts" / name).samefile(newest.parent / out / name)}
    shared = {name.split(".")[0] for name in same}
    assert len(same) == len(shared) * len(drawing._ENDINGS)
    return shared


def test_a_chart_that_has_not_changed_is_not_drawn_again(
    newest: Path, drawn: tuple[Path, dict[str, Drawn]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drawing, "_write_files", None)
    monkeypatch.setattr(drawing, "spec_of", None)
    again = _again(newest)
    assert _shared(newest) == set(again) == {chart.id for chart in CHARTS}
    index = json.loads((newest / "charts" / charts.INDEX).read_text("utf-8"))
    assert {name: one.drawn_in for name, one in again.items()} == {line["id"]: line["drawn_in"] for line in index}
    fresh = drawn[1]
    for name, one in again.items():
        assert replace(one, drawn_in="") == replace(fresh[name], drawn_in="")
        assert json.dumps(one.spec) == json.dumps(fresh[name].spec)
        for ending in drawing._ENDINGS:
            assert (newest.parent / "again" / f"{name}{ending}").read_bytes() == (
                drawn[0] / f"{name}{ending}"
            ).read_bytes()


# Each change, and what stands in the query of the charts that it concerns.
CHANGED = {
    "a datum": (
        "UPDATE marts.money_fund_allocation_monthly SET treasuries_usd_bn = treasuries_usd_bn + 1 "
        "WHERE month_date = '2025-10-31'",
        "money_fund_allocation_monthly",
    ),
    "a mart held back": (
        "UPDATE meta.mart SET is_held_back = true, from_generation = 'x' WHERE mart = 'treasury_cash_daily'",
        "marts.treasury_cash_daily",
    ),
    "what is withheld": (
        "INSERT INTO meta.withheld_column BY NAME "
        "SELECT 'treasury_cash_daily' AS mart, 'closing_balance_usd_bn' AS column_name",
        "closing_balance_usd_bn",
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_chart_is_drawn_again_when_something_it_shows_has_changed(newest: Path, what: str):
    change, word = CHANGED[what]
    again = _again(newest, change)
    new = {chart.id for chart in CHARTS} - _shared(newest)
    assert new == {chart.id for chart in CHARTS if word in chart.query}
    assert {name for name, one in again.items() if one.drawn_in == "the-next"} == new
    keys = [
        {line["id"]: line["inputs_sha256"] for line in json.loads((folder / charts.INDEX).read_text("utf-8"))}
        for folder in (newest / "charts", newest.parent / "again")
    ]
    assert {name for name in keys[0] if keys[0][name] != keys[1][name]} == new
    if what == "what is withheld":
        heads = [(newest.parent / "again" / f"{name}.csv").read_text("utf-8").split("\n")[0] for name in new]
        assert [head for head in heads if word in head] == []


def test_a_word_or_other_code_draws_again(newest: Path, monkeypatch: pytest.MonkeyPatch):
    worded = [replace(chart, title=lambda data: "Other words of 2026") for chart in CHARTS[:1]]
    monkeypatch.setattr(charts, "CHARTS", (*worded, *CHARTS[1:]))
    again = _again(newest)
    assert {chart.id for chart in CHARTS} - _shared(newest) == {CHARTS[0].id}
    assert again[CHARTS[0].id].title == "Other words of 2026"
    monkeypatch.setattr(charts, "CHARTS", CHARTS[:2])
    monkeypatch.setattr(drawing, "_code", lambda: "other")
    assert {one.drawn_in for one in _again(newest, out="other").values()} == {"the-next"}


@pytest.mark.slow
def test_a_damaged_file_of_the_newest_generation_does_not_spread(
    newest: Path, drawn: tuple[Path, dict[str, Drawn]], request: pytest.FixtureRequest
):
    first, second, third, *_ = (chart.id for chart in CHARTS)
    flipped = newest / "charts" / f"{first}.png"
    flipped.write_bytes(flipped.read_bytes()[:-1] + b"x")
    (newest / "charts" / f"{second}.csv").unlink()
    again = _again(newest)
    new = {name for name, one in again.items() if one.drawn_in == "the-next"}
    assert new == {first, second}
    assert flipped.read_bytes().endswith(b"x"), "what is there is not written into"
    for name in (f"{first}.png", f"{second}.csv", f"{third}.svg"):
        assert (newest.parent / "again" / name).read_bytes() == (drawn[0] / name).read_bytes()
    sums = newest / "SHA256SUMS"  # nor is anything taken that nothing vouches for
    sums.write_bytes(sums.read_bytes()[:-10])
    (newest / "datapackage.json").write_text("{}", "utf-8")
    request.getfixturevalue("unpainted")
    assert {one.drawn_in for one in _again(newest, out="unvouched").values()} == {"the-next"}


def test_where_files_cannot_be_linked_they_are_copied(newest: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    monkeypatch.setattr(drawing, "_write_files", None)
    again = _again(newest)
    assert "the-next" not in {one.drawn_in for one in again.values()}
    assert _shared(newest) == set()
    for path in (newest / "charts").glob("*.png"):
        assert path.read_bytes() == (newest.parent / "again" / path.name).read_bytes()


def test_the_key_has_the_code_in_it(tmp_path: Path):
    """Every Python file next to `drawing.py` counts, and the versions of what draws."""
    assert drawing._code().split()[1:] == [
        drawing.VEGA_LITE, "altair", version("altair"), "vl-convert-python", version("vl-convert-python"), "polars",
        version("polars"),
    ]  # fmt: skip


@pytest.mark.usefixtures("unpainted")
@pytest.mark.slow
def test_other_data_other_message(refreshed: Home, tmp_path: Path):
    """Every number of a message comes from the marts: change those, and each title changes."""
    database = tmp_path / "liquidity.duckdb"
    shutil.copy(refreshed.published_database, database)
    con = duckdb.connect(str(database))
    try:
        before = {d.chart.id: (d.title, d.alt) for d in drawing.render(con, tmp_path / "a", _generation(con), CHARTS)}
        columns = con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'marts'"
        ).fetchall()
        for table, column, dtype in columns:
            if dtype == "DOUBLE" and "threshold" not in column:
                # Not by one factor for all rows: an index or a correlation would rightly stay the same.
                con.execute(f'UPDATE marts.{table} SET "{column}" = "{column}" * (1.1 + (rowid % 5) / 10) + 0.01')
            elif column in _OTHER_VERDICTS:
                before_word, after_word = _OTHER_VERDICTS[column]
                con.execute(f"UPDATE marts.{table} SET {column} = '{after_word}' WHERE {column} = '{before_word}'")
        con.execute("DELETE FROM marts.revision_log WHERE series = (SELECT min(series) FROM marts.revision_log)")
        con.execute(
            "UPDATE marts.liquidity_regime_daily SET regime = 'strained', regime_since_date = DATE '2026-01-05'"
        )
        con.execute("DELETE FROM marts.alert_history WHERE rule_id = (SELECT min(rule_id) FROM marts.alert_history)")
        con.execute("UPDATE marts.srf_event_study SET both_days_count = both_days_count + 1")
        after = {d.chart.id: (d.title, d.alt) for d in drawing.render(con, tmp_path / "b", _generation(con), CHARTS)}
    finally:
        con.close()
    assert [name for name in before if before[name][0] == after[name][0]] == []
    assert [name for name in before if before[name][1] == after[name][1]] == []


@pytest.mark.usefixtures("unpainted")
@pytest.mark.slow
def test_a_missing_or_empty_mart_is_said_and_breaks_nothing(refreshed: Home, tmp_path: Path):
    database = tmp_path / "liquidity.duckdb"
    shutil.copy(refreshed.published_database, database)
    con = duckdb.connect(str(database))
    try:
        con.execute("DROP TABLE marts.srf_operations")
        con.execute("DELETE FROM marts.revision_log")
        con.execute("UPDATE marts.dollar_liquidity_daily SET bitcoin_close_usd_per_btc = NULL")
        con.execute(
            "UPDATE meta.mart SET is_held_back = true, from_generation = 'older' WHERE mart = 'treasury_cash_daily'"
        )
        found = {d.chart.id: d for d in drawing.render(con, tmp_path / "out", _generation(con), CHARTS)}
    finally:
        con.close()
    broken = {name for name, one in found.items() if one.error}
    priceless = {"bitcoin_and_fed_balance_sheet", "net_liquidity_and_bitcoin_changes"}
    unheld = {chart.id for chart in CHARTS if "srf_operations" in chart.marts}
    assert broken == unheld | priceless | {"revision_heat_map"}
    assert "dollar_liquidity_daily does not hold what it shows" in found["bitcoin_and_fed_balance_sheet"].error
    assert not list((tmp_path / "out").glob("bitcoin_and_fed_balance_sheet.*"))
    assert "sofr_against_ceiling_and_srf" in broken
    assert found["srf_use_by_quarter"].error == "Not drawn: this generation has no srf_operations."
    assert found["revision_heat_map"].error == "Not drawn: revision_log holds no rows for it yet."
    assert not list((tmp_path / "out").glob("srf_use_by_quarter.*"))
    held = [name for name, one in found.items() if "Held back: a check of treasury_cash_daily" in one.footnote]
    assert held == [chart.id for chart in CHARTS if "treasury_cash_daily" in chart.marts]
    index = json.loads((tmp_path / "out" / charts.INDEX).read_text("utf-8"))
    assert [entry["id"] for entry in index] == [chart.id for chart in CHARTS]
    assert {entry["id"] for entry in index if entry["error"]} == broken


def test_publication_holds_the_charts(refreshed: Home):
    folder = refreshed.current.resolve() / "charts"
    assert {path.name for path in folder.iterdir()} == {
        *(f"{chart.id}{ending}" for chart in CHARTS for ending in (".svg", ".png", ".csv", ".parquet", ".vl.json")),
        charts.INDEX, "SIMULATED.txt",
    }  # fmt: skip


def test_every_chart_is_an_asset_below_its_marts_that_a_missing_mart_does_not_stop():
    specs = {spec.key: spec for spec in chart_specs()}
    assert len(specs) == len(CHARTS)
    for chart in CHARTS:
        upstream = {dep.asset_key.to_user_string() for dep in specs[chart_key(chart.id)].deps}
        assert upstream == {f"marts/{mart}" for mart in chart.marts}
    upstream = {dep.asset_key.to_user_string() for spec in published.specs for dep in spec.deps}
    assert upstream == {"dbt/build"}  # a mart that was not made would skip the step, and nothing be published


def test_script_for_the_page_is_whole_and_asks_nobody(tmp_path: Path):
    script = charts.embed_script()
    assert "window.drawChart" in script or "drawChart" in script
    assert "</script" not in script
    assert not re.search(r"import\s*\(?['\"]https?:", script)
