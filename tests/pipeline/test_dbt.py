"""dbt's own unit tests of the formulas, and the promises that every mart makes."""

import json
import os
import subprocess
import sys
from datetime import date
from itertools import groupby

import duckdb
import pytest

from ingest.calendars import Calendar, is_open
from tests.mutations.bench import LISTED, rows_put_first
from tests.pipeline.conftest import log_of
from warehouse.connection import Home, open_work
from warehouse.models import build, compilation, fingerprints, project


@pytest.fixture
def work(refreshed: Home, tmp_path) -> Home:
    return log_of(refreshed, tmp_path / "sample")


@pytest.mark.slow
def test_unit_tests_of_the_formulas_pass_and_dbt_gives_the_file_back(work: Home):
    with rows_put_first():
        result = build.build(work, run_id="test", with_unit_tests=True)
    units = [node for node in result.nodes if node.id.startswith("unit_test")]
    assert len(units) >= 13
    assert [(node.name, node.message) for node in result.failed] == []
    data_tests = {node.name for node in compilation.compiled_project(work).nodes.values() if node.kind == "test"}
    assert LISTED - data_tests <= {unit.name for unit in units}, "a check is not green before its deliberate error"
    other = f"import duckdb; duckdb.connect({str(work.work_database)!r}).close()"
    subprocess.run([sys.executable, "-c", other], check=True, timeout=60)


@pytest.mark.slow
def test_dbt_s_own_build_makes_the_same_tables(work: Home):
    """`dbt build` for whoever runs it by hand: rows, columns, types and comments of every table."""
    made = compilation.compiled_project(work)
    nodes = [node for node in made.nodes.values() if node.kind != "test"]
    stale = [node for node in build.stale(work, made) if node.kind != "test"]
    build._make(work, made, stale)  # after the refresh too `meta` went on, which some models read
    with open_work(work) as con:
        ours = _tables(con, nodes)
        for node in nodes:
            con.execute(f"DROP TABLE {node.relation}")
    left_out = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    results = build.invoke(work, "build", left_out)
    assert [result.message for result in results if not result.is_ok] == []
    with open_work(work) as con:
        theirs = _tables(con, nodes)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert all(comment.startswith("SIMULATED") for _, _, comment in ours.values())


def _tables(con: duckdb.DuckDBPyConnection, nodes: list[project.Node]) -> dict[str, tuple]:
    """Digest of the rows, columns with types and comments, comment by name of the table."""
    names = [node.relation for node in nodes]
    rows = fingerprints.contents(con, names)
    return {
        f"{schema}.{name}": (
            rows[f"{schema}.{name}"],
            con.execute(
                "SELECT column_name, data_type, comment FROM duckdb_columns() "
                "WHERE schema_name = ? AND table_name = ? ORDER BY column_index",
                [schema, name],
            ).fetchall(),
            comment,
        )
        for schema, name, comment in con.execute(
            "SELECT schema_name, table_name, comment FROM duckdb_tables() "
            "WHERE schema_name || '.' || table_name IN (SELECT unnest(?))", [names]
        ).fetchall()
    }  # fmt: skip


def test_both_calendars_of_the_project_say_the_same(refreshed: Home):
    """The rules stand in SQL and in `ingest.calendars`: business days of the Fed, last days of repo of a month."""
    with open_work(refreshed) as con:
        rows = con.execute(
            "SELECT calendar_date, is_business_day, is_last_business_day, is_month_end FROM intermediate.int_calendar "
            "WHERE calendar_date < date_trunc('month', (SELECT max(calendar_date) FROM intermediate.int_calendar))"
        ).fetchall()
    days = [day for day, *_ in rows]
    assert min(days) == date(1990, 1, 1)
    open_days = {day for day in days if is_open(day)}
    assert {day for day, is_business_day, *_ in rows if is_business_day} == open_days
    repo_days = {day for day in open_days if is_open(day, Calendar.SIFMA)}
    for ends, among in (
        ({day for day, _, is_last, _ in rows if is_last}, open_days),
        ({day for day, *_, is_month_end in rows if is_month_end}, repo_days),
    ):
        assert ends == {max(of_month) for _, of_month in groupby(sorted(among), key=lambda day: (day.year, day.month))}
    assert date(2024, 3, 28) in {day for day, *_, is_month_end in rows if is_month_end}


def test_a_manifest_cut_short_is_made_again(refreshed: Home, tmp_path, monkeypatch):
    """What a kill in the middle of a build leaves behind; the next refresh has to work. It is made in another process,
    so that dbt's objects do not add to the memory of this one."""
    home = Home(tmp_path, is_simulated=True)
    whole = (refreshed.root / "dbt" / "manifest.json").read_text("utf-8")
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "manifest.json").write_text(whole[: len(whole) // 2], "utf-8")
    compilation.compile_apart(home)()
    monkeypatch.setattr(compilation.kept, "get", lambda *_: pytest.fail("compiled here"))
    monkeypatch.setattr(compilation.subprocess, "Popen", lambda *_, **__: pytest.fail("compiled again"))
    compilation.compile_apart(home)()
    made = json.loads(compilation.ensure_manifest(home).read_text("utf-8"))
    assert made["nodes"].keys() == json.loads(whole)["nodes"].keys()


def test_what_dbt_kept_of_another_project_is_forgotten_though_its_files_bear_the_same_times(tmp_path, monkeypatch):
    """An older release installed over a newer one, two checkouts on one home."""
    project, target = tmp_path / "project", tmp_path / "target"
    project.mkdir()
    target.mkdir()
    (project / "models.yml").write_text("version: 2", "utf-8")
    monkeypatch.setattr(compilation, "PROJECT", project)

    def is_kept() -> bool:
        (target / "partial_parse.msgpack").touch()
        (target / "manifest.json").touch()
        (target / "compiled.json").touch()
        compilation._forget_another_project(target)
        kept = {path.name for path in target.iterdir()} & {"partial_parse.msgpack", "manifest.json", "compiled.json"}
        assert len(kept) in (0, 3)
        return bool(kept)

    assert [is_kept(), is_kept()] == [False, True]
    os.utime(project / "models.yml", (0, 0))
    assert is_kept()
    (project / "models.yml").write_text("version: 3", "utf-8")
    os.utime(project / "models.yml", (0, 0))
    assert [is_kept(), is_kept()] == [False, True]
    (project / "models.yml").rename(project / "marts.yml")
    assert [is_kept(), is_kept()] == [False, True]
    (project / "columns.md").write_text("{% docs a %}A.{% enddocs %}", "utf-8")  # texts of columns
    assert not is_kept()


def test_every_data_test_of_the_sample_passes_and_marts_are_under_contract(refreshed: Home):
    manifest = json.loads((refreshed.root / "dbt" / "manifest.json").read_text("utf-8"))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    marts = [node for node in models if node["schema"] == "marts"]
    assert all(mart["config"]["contract"]["enforced"] for mart in marts)
    for model in models:
        undescribed = [
            name
            for name, column in model["columns"].items()
            if not column["description"] or "{{" in column["description"]
        ]
        assert undescribed == [], model["name"]
        assert model["description"], model["name"]
    tested = {name for node in manifest["nodes"].values() if node["resource_type"] == "test"
              for name in node["depends_on"]["nodes"]}  # fmt: skip
    assert [mart["name"] for mart in marts if mart["unique_id"] not in tested] == []
    assert [mart["name"] for mart in marts if "select *" in mart["raw_code"].lower()] == []
    with open_work(refreshed) as con:
        bad = con.execute("SELECT name, status, message FROM meta.build WHERE NOT is_ok OR status = 'warn'").fetchall()
    assert bad == []


OF_GRAIN = {
    "month_date": "last_day({0}) = {0}",
    "quarter_date": "last_day({0}) = {0} AND month({0}) % 3 = 0",
    "wednesday_date": "isodow({0}) = 3",
}


def test_a_date_named_for_its_grain_is_one_of_it(refreshed: Home):
    """The last day of a month or quarter, or a Wednesday, in every mart: those of one grain join on their dates."""
    with open_work(refreshed) as con:
        columns = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts' AND data_type = 'DATE'"
        ).fetchall()
        dates = [
            (*each, rule) for each in columns for name, rule in OF_GRAIN.items() if f"_{each[1]}".endswith(f"_{name}")
        ]
        wrong = [
            f"{mart}.{column}"
            for mart, column, rule in dates
            if con.execute(f"SELECT count(*) FROM marts.{mart} WHERE NOT ({rule.format(column)})").fetchone() != (0,)
        ]
    assert len(dates) > 20
    assert wrong == []
