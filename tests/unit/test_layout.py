"""The shape of the project: direction of imports, top-level folders, generated files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.providers import DATASETS, PROVIDERS
from tests.conftest import REPOSITORY
from warehouse import generated
from warehouse.connection import Home

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


@pytest.mark.parametrize(
    "tool",
    [["ruff", "check"], ["mypy"], ["dagster_dg_cli.cli", "check", "toml"]],
    ids=["ruff", "mypy", "dg"],
)
def test_linters_have_no_complaint(tool: list[str]):
    done = subprocess.run([sys.executable, "-m", *tool], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_generated_files_are_up_to_date():
    assert generated.left_over() == [], "run `liquidity generate`"
    for path, text in generated.render_all().items():
        assert path.read_text("utf-8") == text, "run `liquidity generate`"
        assert "Generated from" in text.splitlines()[0]


def test_every_provider_has_a_document_of_its_wire():
    folder = REPOSITORY / "ingest" / "providers"
    assert {path.stem for path in folder.glob("*.md")} == {provider.name for provider in PROVIDERS}


def test_every_dataset_has_its_staging_model():
    models = {path.stem for path in (REPOSITORY / "dbt_project" / "models" / "staging").rglob("*.sql")}
    assert {f"stg_{dataset.table}" for dataset in DATASETS.values()} <= models


def test_definitions_load_and_every_dataset_is_an_asset(
    compiled: Callable[[Home], Home], monkeypatch: pytest.MonkeyPatch
):
    from orchestration.definitions import defs

    monkeypatch.setenv("LIQUIDITY_SAMPLE", "1")  # as other unit tests have it compiled
    compiled(Home.locate(is_simulated=True))
    definitions = defs()
    keys = {key.to_user_string() for key in definitions.resolve_all_asset_keys()}
    assert {f"{d.provider}/{d.name}" for d in DATASETS.values()} <= keys
    assert {f"history/{d.table}" for d in DATASETS.values()} <= keys
    schedule = definitions.resolve_schedule_def("nightly_refresh")
    assert schedule.execution_timezone == "America/New_York"
    assert definitions.executor.name == "in_process"
    assert definitions.resolve_job_def("refresh").executor_def.name == "in_process"


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


@pytest.mark.parametrize("folder", ["ingest/providers", "ingest/sample"])
def test_a_room_is_small(folder: str):
    """A file of a provider, real or simulated, has one job: at most 500 lines, and no function of more than 60."""
    long = []
    for path in (REPOSITORY / folder).rglob("*.py"):
        text = path.read_text("utf-8")
        long += [path.name] if text.count("\n") > 500 else []
        long += [
            f"{path.name} {node.name}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
        ]
    assert long == []


def test_no_yaml_of_staging_is_long():
    files = list(generated.STAGING.rglob("*.yml"))
    assert len(files) > 10
    assert [path.name for path in files if path.read_text("utf-8").count("\n") > 400] == []
