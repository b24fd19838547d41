"""dbt's own unit tests of the formulas, and the promises that every mart makes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from warehouse import build
from warehouse.connection import Home


@pytest.fixture
def work(refreshed: Home, tmp_path) -> Home:
    (tmp_path / "work").mkdir()
    shutil.copy(refreshed.work_database, tmp_path / "work" / refreshed.work_database.name)
    return Home(tmp_path, is_simulated=True)


def test_unit_tests_of_the_formulas_pass_and_dbt_gives_the_file_back(work: Home):
    result = build.build(work, run_id="test", with_unit_tests=True)
    units = [node for node in result.nodes if node.id.startswith("unit_test")]
    assert len(units) >= 13
    assert [(node.name, node.message) for node in result.failed] == []
    other = f"import duckdb; duckdb.connect({str(work.work_database)!r}).close()"
    subprocess.run([sys.executable, "-c", other], check=True, timeout=60)


def test_a_manifest_cut_short_is_made_again(refreshed: Home, tmp_path):
    """What a kill in the middle of a build leaves behind; the next refresh has to work."""
    home = Home(tmp_path, is_simulated=True)
    whole = (refreshed.root / "dbt" / "manifest.json").read_text("utf-8")
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "manifest.json").write_text(whole[: len(whole) // 2], "utf-8")
    made = json.loads(build.ensure_manifest(home).read_text("utf-8"))
    assert made["nodes"].keys() == json.loads(whole)["nodes"].keys()


def test_every_data_test_of_the_sample_passes_and_marts_are_under_contract(refreshed: Home):
    from warehouse.connection import open_work

    manifest = json.loads((refreshed.root / "dbt" / "manifest.json").read_text("utf-8"))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    marts = [node for node in models if node["schema"] == "marts"]
    assert all(mart["config"]["contract"]["enforced"] for mart in marts)
    for model in models:
        undescribed = [name for name, column in model["columns"].items() if not column["description"]]
        assert undescribed == [], model["name"]
        assert model["description"], model["name"]
    tested = {name for node in manifest["nodes"].values() if node["resource_type"] == "test"
              for name in node["depends_on"]["nodes"]}  # fmt: skip
    assert [mart["name"] for mart in marts if mart["unique_id"] not in tested] == []
    assert [mart["name"] for mart in marts if "select *" in mart["raw_code"].lower()] == []
    with open_work(refreshed) as con:
        bad = con.execute("SELECT name, status, message FROM meta.build WHERE NOT is_ok OR status = 'warn'").fetchall()
    assert bad == []
