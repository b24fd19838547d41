"""The shape of the project: direction of imports, top-level folders, generated files."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from ingest.providers import DATASETS, PROVIDERS
from tests.conftest import REPOSITORY
from warehouse.generation import SIMULATED_NOTICE
from warehouse.models import generated, mart_files, project
from warehouse.publication.charts import LINKS
from warehouse.publication.report.chain import SECTIONS

# Who may import whom: each package only itself and what stands before it.
ORDER = ["ingest", "warehouse", "orchestration"]
WINGS = ["", "log", "models", "publication", "upkeep"]  # of the warehouse, the ground floor first
FORBIDDEN = {"ingest": {"duckdb", "dagster", "dagster_dbt", "dbt"}, "warehouse": {"dagster", "dagster_dbt", "typer"}}
TOP_LEVEL = {
    "ingest", "warehouse", "dbt_project", "orchestration", "tests", "docs", "requirements", "pyproject.toml",
    "liquidity.py", "README.md", "LICENSE", "CHANGELOG.md",
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


def _imports_of_wings(path: Path) -> set[str]:
    """Wings of `warehouse` that a module names in its imports; the ground floor is the empty name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "warehouse":
            found |= {alias.name if alias.name in WINGS else "" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("warehouse."):
            name = node.module.split(".")[1]  # type: ignore[union-attr]
            found.add(name if name in WINGS else "")
    return found


def test_wings_of_the_warehouse_build_on_each_other_one_way():
    assert _imports_of_wings(REPOSITORY / "warehouse" / "upkeep" / "rebuild.py") == set(WINGS)
    folder = REPOSITORY / "warehouse"
    assert {path.name for path in folder.iterdir() if (path / "__init__.py").exists()} == set(WINGS) - {""}
    wrong = {}
    for path in folder.rglob("*.py"):
        place, *inner = path.relative_to(folder).parts
        own = place if inner else ""
        if later := _imports_of_wings(path) - set(WINGS[: WINGS.index(own) + 1]):
            wrong[str(path.relative_to(folder))] = later
    assert wrong == {}


def test_no_module_has_more_than_500_lines_and_no_function_more_than_60():
    sources = [path for package in ORDER for path in (REPOSITORY / package).rglob("*.py")]
    long = set()
    for path in sources:
        text = path.read_text("utf-8")
        long |= {path.name} if text.count("\n") > 500 else set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 60:  # type: ignore[operator]
                long.add(f"{path.name} {node.name}")
    assert long == set()


def test_the_ground_floor_reads_no_folder_of_another():
    files = list((REPOSITORY / "ingest").rglob("*.py"))
    assert [path.name for path in files if "dbt_project" in path.read_text("utf-8")] == []


def test_only_the_agreed_top_level_entries_are_tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_generated_files_are_up_to_date():
    assert generated.left_over() == [], "run `liquidity generate`"
    for path, text in generated.render_all().items():
        assert path.read_text("utf-8") == text, "run `liquidity generate`"
        assert "Generated from" in text.splitlines()[0]


def test_table_of_marts_in_the_readme_is_up_to_date():
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert mart_files.with_table(readme) == readme, "run `liquidity generate`"
    assert all(f"| `{mart}` | " in readme for link in LINKS for mart in mart_files.of_link(link))


def test_words_that_the_style_page_forbids_are_not_used():
    """Those with one meaning; the page has more. Seeds hold other people's sentences."""
    words = re.compile(r"\b(beside|of its own|by then|sp(?:eaks?|oke) of)\b")
    folders = [REPOSITORY / name for name in (*ORDER, "dbt_project", "docs", "tests")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".sql", ".yml", ".md")]
    files = [path for path in files if "target" not in path.parts and path != Path(__file__)]  # it names them
    texts = {path: path.read_text("utf-8") for path in [*files, REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md"]}
    assert len(texts) > 500
    assert {path.name: found[0] for path, text in texts.items() if (found := words.search(text))} == {}


def test_simulated_data_are_called_so_in_one_way():
    assert project.simulated_notice() == f"{SIMULATED_NOTICE} "


def test_every_provider_has_a_document_of_its_wire():
    folder = REPOSITORY / "ingest" / "providers"
    assert {path.stem for path in folder.glob("*.md")} == {provider.name for provider in PROVIDERS}


def test_every_mart_is_in_the_folder_of_its_link():
    assert {path.name for path in mart_files.FOLDER.iterdir() if path.is_dir()} == set(LINKS) == set(SECTIONS)
    marts = [mart for link in LINKS for mart in mart_files.of_link(link)]
    assert sorted(marts) == sorted(path.stem for path in mart_files.FOLDER.rglob("*.sql"))
    assert len(set(marts)) == len(marts) > 30


def test_every_dataset_has_its_staging_model():
    models = {path.stem for path in (REPOSITORY / "dbt_project" / "models" / "staging").rglob("*.sql")}
    assert {f"stg_{dataset.table}" for dataset in DATASETS.values()} <= models


def test_staging_models_written_by_hand_have_the_columns_that_the_catalog_names():
    for dataset in DATASETS.values():
        file = generated.STAGING / f"stg_{dataset.table}.sql"
        assert file.exists() or not dataset.computed, f"{dataset.id}: no model computes {dataset.computed}"
        if file.exists():
            words = set(re.findall(r"\w+", re.sub(r"--.*", "", file.read_text("utf-8"))))
            assert {column.name for column in dataset.columns} | dict(dataset.computed).keys() <= words


def test_every_staging_model_of_history_reads_one_version():
    """A model that leaves the condition out sees what became known later."""
    files = {path.stem: path for path in (REPOSITORY / "dbt_project" / "models" / "staging").rglob("stg_*.sql")}
    without = [
        dataset.id
        for dataset in DATASETS.values()
        if "where {{ is_known() }}" not in files[f"stg_{dataset.table}"].read_text("utf-8")
    ]
    assert without == []
