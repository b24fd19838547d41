"""The shape of the project: direction of imports, top-level folders, generated files."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from ingest.providers import DATASETS, PROVIDERS
from tests.conftest import REPOSITORY
from warehouse import dbt_sources, mart_files
from warehouse.charts import LINKS
from warehouse.report.chain import SECTIONS

# Who may import whom: each package only itself and what stands before it.
ORDER = ["ingest", "warehouse", "orchestration"]
FORBIDDEN = {"ingest": {"duckdb", "dagster", "dagster_dbt", "dbt"}, "warehouse": {"dagster", "dagster_dbt", "typer"}}
TOP_LEVEL = {
    "ingest", "warehouse", "dbt_project", "orchestration", "tests", "docs", "requirements", "pyproject.toml",
    "README.md", "LICENSE", "CHANGELOG.md",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", ORDER)
def test_imports_point_one_way(package: str):
    later = set(ORDER[ORDER.index(package) + 1 :]) | FORBIDDEN.get(package, set()) | {"tests"}
    files = list((REPOSITORY / package).rglob("*.py"))
    assert files
    wrong = {str(path.relative_to(REPOSITORY)): found for path in files if (found := imports(path) & later)}
    assert wrong == {}


def test_only_the_agreed_top_level_entries_are_tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_dbt_sources_are_up_to_date():
    assert dbt_sources.PATH.read_text("utf-8") == dbt_sources.render(), "run `liquidity generate`"
    assert dbt_sources.MACRO_PATH.read_text("utf-8") == dbt_sources.render_macro(), "run `liquidity generate`"


def test_table_of_marts_in_the_readme_is_up_to_date():
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert mart_files.with_table(readme) == readme, "run `liquidity generate`"
    assert all(f"| `{mart}` | " in readme for link in LINKS for mart in mart_files.of_link(link))


def test_every_provider_has_a_document_of_its_wire():
    folder = REPOSITORY / "ingest" / "providers"
    assert {path.stem for path in folder.glob("*.md")} == {provider.name for provider in PROVIDERS}


def test_every_mart_is_in_the_folder_of_its_link():
    assert {path.name for path in mart_files.FOLDER.iterdir() if path.is_dir()} == set(LINKS) == set(SECTIONS)
    marts = [mart for link in LINKS for mart in mart_files.of_link(link)]
    assert sorted(marts) == sorted(path.stem for path in mart_files.FOLDER.rglob("*.sql"))
    assert len(set(marts)) == len(marts) > 30


def test_every_dataset_has_its_staging_model():
    models = {path.stem for path in (REPOSITORY / "dbt_project" / "models" / "staging").glob("*.sql")}
    assert {f"stg_{dataset.table}" for dataset in DATASETS.values()} <= models


def test_every_staging_model_of_history_reads_one_version():
    """A model that leaves the condition out sees what became known later."""
    folder = REPOSITORY / "dbt_project" / "models" / "staging"
    without = [
        dataset.id
        for dataset in DATASETS.values()
        if "where {{ is_known() }}" not in (folder / f"stg_{dataset.table}.sql").read_text("utf-8")
    ]
    assert without == []
