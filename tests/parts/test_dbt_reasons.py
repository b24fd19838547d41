"""What is said of a failure arrives whole, in one line: in `meta.build` and in what stops a build."""

import shutil
from pathlib import Path

import pytest

from warehouse import locations
from warehouse.connection import Home, WarehouseError, open_work
from warehouse.models import build, compilation
from warehouse.models import project as compiled

_FILES = {
    "dbt_project.yml": "{name: tiny, config-version: 2, version: '1.0.0', profile: dollar_liquidity, "
    "flags: {send_anonymous_usage_stats: false}, models: {+schema: marts}}",
    "macros/names.sql": "{% macro generate_schema_name(name, node) %}{{ name or 'marts' }}{% endmacro %}",
    "models/good.sql": "select 1 as a",
    "models/holes.sql": "select null as a",
    "models/wrong_sql.sql": "select * from {{ ref('good') }} join nowhere using (a)",
    "models/wrong_contract.sql": "select a::varchar as b from {{ ref('good') }}",
    "models/after.sql": "select * from {{ ref('wrong_contract') }}",
    "models/schema.yml": "models: [{name: holes, columns: [{name: a, data_tests: [not_null]}]}, "
    "{name: wrong_contract, config: {materialized: table, contract: {enforced: true}}, "
    "columns: [{name: b, data_type: integer}]}]",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    shutil.copy(locations.PROJECT / "profiles.yml", folder)
    for module in (compilation, compiled):
        monkeypatch.setattr(module, "PROJECT", folder)
    return folder


@pytest.mark.slow
def test_reason_of_a_failing_node_is_whole_in_one_line(project: Path, tmp_path: Path):
    home = Home(tmp_path / "x #1 p%41")  # dbt reads the path of the database as a URL
    result = build.build(home, run_id="r")
    reasons = {node.name: node.message for node in result.failed}
    assert reasons.keys() == {"wrong_sql", "wrong_contract", "not_null_holes_a"}
    assert "Table with name nowhere does not exist" in reasons["wrong_sql"]
    assert reasons["wrong_contract"] == "contract broken: b is VARCHAR, promised INTEGER"
    assert "Got 1 result, configured to fail if != 0" in reasons["not_null_holes_a"]
    assert [text for text in reasons.values() if "\n" in text or "\x1b" in text] == []
    with open_work(home) as con:
        kept = "SELECT name, message FROM meta.build WHERE NOT is_ok AND status <> 'skipped'"
        assert dict(con.execute(kept).fetchall()) == reasons
    assert "does not exist" in build.held_back(home)["wrong_sql"]
    assert build.held_back(home)["after"] == "skipped: wrong_contract not made"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("x")] == [home.root.name]

    assert "holes" in build.held_back(home)
    schema = project / "models" / "schema.yml"
    schema.write_text(schema.read_text("utf-8").replace(", data_tests: [not_null]", ""), "utf-8")
    build.build(home, run_id="after an upgrade that took the check away, or changed its rule and with it its id")
    assert build.held_back(home).keys() == {"wrong_sql", "wrong_contract", "after"}


@pytest.mark.slow
def test_project_that_dbt_cannot_read_says_why(project: Path, tmp_path: Path):
    (project / "models" / "good.sql").write_text("select * from {{ ref('not_there') }}", "utf-8")
    why = r"Model 'model.tiny.good' \(models/good.sql\) depends on a node named 'not_there' which was not found"
    home = Home(tmp_path / "home")
    with pytest.raises(WarehouseError, match=why) as stopped:
        build.build(home, run_id="r")
    assert "\n" not in str(stopped.value)
    with pytest.raises(WarehouseError, match=why):
        compilation.ensure_manifest(home)


def test_reason_is_bounded_and_without_escape_codes():
    assert compilation.reason(
        "Runtime Error in model x (m/x.sql)\n  \x1b[31mCatalog Error\x1b[0m:\n  no y\n\n  LINE 1\n    ^"
    ) == ("Runtime Error in model x (m/x.sql) Catalog Error: no y; LINE 1")
    assert len(compilation.reason("word " * 1000)) == compilation.REASON_LENGTH
