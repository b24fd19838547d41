"""A blocking check that fails holds back what it guards, and only that; the refresh says so and exits 1."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.pipeline.conftest import publish_little
from warehouse.connection import Home, open_published, open_work
from warehouse.publication import charts
from warehouse.publication.publish import publish
from warehouse.publication.verify import verify


@pytest.mark.slow
def test_failed_check_keeps_the_last_good_mart_and_publishes_the_others(
    refreshed: Home, tmp_path: Path, run_here: Callable, monkeypatch: pytest.MonkeyPatch
):
    publish_little(monkeypatch)
    root = tmp_path / "home" / "sample"
    shutil.copytree(refreshed.root, root, symlinks=True, ignore=shutil.ignore_patterns("dagster", "payloads"))
    home = Home(root, is_simulated=True)
    with open_published(home) as con:
        before = con.execute("FROM marts.fed_purchases_monthly ORDER BY ALL").fetchall()
        (first,) = con.execute("SELECT id FROM meta.generation").fetchone()
    with open_work(home) as con:  # a factor of 1000 that got past every gate
        con.execute("UPDATE raw.nyfed__treasury_operations SET accepted_usd = accepted_usd * 1000")
    result = run_here(root.parent, "build", "--sample")
    assert result.returncode == 1, result.stdout
    assert "failed check" in result.stderr
    with open_published(home) as con:
        marts = {mart: (held, origin) for mart, held, origin in con.execute(
            "SELECT mart, is_held_back, from_generation FROM meta.mart").fetchall()}  # fmt: skip
        (second,) = con.execute("SELECT id FROM meta.generation").fetchone()
        after = con.execute("FROM marts.fed_purchases_monthly ORDER BY ALL").fetchall()
    assert second > first
    assert marts["fed_purchases_monthly"] == (True, first)
    assert after == before
    assert marts["srf_operations"] == (False, second)
    status = run_here(root.parent, "status", "--sample", "--all")
    assert status.returncode == 1
    assert "held back fed_purchases_monthly" in status.stderr


# ---- every mart held back from a generation whose marts are other ones


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = con.execute(
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() WHERE schema_name = 'marts' "
        "GROUP BY 1"
    ).fetchall()
    return dict(rows)


def _without_every(other: int) -> Callable[[duckdb.DuckDBPyConnection], None]:
    def spoil(con: duckdb.DuckDBPyConnection) -> None:
        for mart, names in _columns(con).items():
            for name in names[other::2]:
                con.execute(f'ALTER TABLE marts.{mart} DROP "{name}"')

    return spoil


def _as_text(con: duckdb.DuckDBPyConnection) -> None:
    for mart in _columns(con):
        con.execute(f"CREATE OR REPLACE TABLE marts.{mart} AS SELECT COLUMNS(*)::VARCHAR FROM marts.{mart}")


def _empty(con: duckdb.DuckDBPyConnection) -> None:
    for mart in _columns(con):
        con.execute(f"DELETE FROM marts.{mart}")


def _gone(con: duckdb.DuckDBPyConnection) -> None:
    for mart in _columns(con):
        con.execute(f"DROP TABLE marts.{mart}")


@pytest.mark.parametrize(
    "spoil",
    [_without_every(0), _without_every(1), _as_text, _empty, _gone],
    ids=["even", "odd", "text", "empty", "gone"],
)
@pytest.mark.slow
def test_marts_of_another_shape_stop_nothing_and_what_is_missing_is_said(
    refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil
):
    # What has no part in this and takes the most time: history, and making pixels of drawn pictures.
    monkeypatch.setattr("warehouse.publication.charts.painters.Painters.png", lambda self, svg, scale: b"")
    monkeypatch.setattr(
        "warehouse.publication.publish._copy_history", lambda con, generation: con.execute("CREATE SCHEMA history")
    )
    monkeypatch.setattr("warehouse.publication.shrink.histories", lambda *arguments: None)
    root = tmp_path / "sample"
    skipped = shutil.ignore_patterns("dagster", "payloads", "dbt*", "charts")
    shutil.copytree(refreshed.root, root, symlinks=True, ignore=skipped)
    home = Home(root, is_simulated=True)
    with duckdb.connect(str(home.published_database)) as con:
        spoil(con)
        left = set(_columns(con))
        held = {mart: "its check fails" for (mart,) in con.execute("SELECT mart FROM meta.mart").fetchall()}
        (first,) = con.execute("SELECT id FROM meta.generation").fetchone()
    folder = home.generations / publish(home, held_back=held).id
    with open_published(home) as con:
        origins = dict(con.execute("SELECT mart, (from_generation, reason) FROM meta.mart").fetchall())
    assert origins == dict.fromkeys(left, (first, "its check fails"))
    assert verify(folder).problems == []
    assert {path.stem for path in (folder / "parquet").iterdir()} == left
    page = (folder / "report" / "index.html").read_text("utf-8")
    for line in json.loads((folder / "charts" / charts.INDEX).read_text("utf-8")):
        said = line["error"] or line["footnote"]
        assert said.startswith("Not drawn: " if line["error"] else "Held back: "), line["id"]
        assert line["title"] or line["error"].split("(")[0].removesuffix(".") in page
    assert "Could not be read from this generation:" in page or spoil is _empty
