"""The linters have no complaint."""

import ast
import importlib.util
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

OURS = ("ingest", "warehouse", "orchestration", "tests", "liquidity")


@pytest.mark.parametrize(
    "tool",
    [["ruff", "check"], ["mypy"], ["dagster_dg_cli.cli", "check", "toml"]],
    ids=["ruff", "mypy", "dg"],
)
def test_linters_have_no_complaint(tool: list[str]):
    done = subprocess.run([sys.executable, "-m", *tool], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_programs_that_no_test_runs_whole_find_what_they_import():
    """`python -m tests.nights` and the like run for minutes, so a name that has moved would be seen months later."""
    missing = []
    for path in sorted((REPOSITORY / "tests").rglob("*.py")):
        if path.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
                missing += [f"{path.name}: {name}" for name in _not_there(node.module, node.names)]
    assert missing == []


def _not_there(module: str, names: list[ast.alias]) -> list[str]:
    """What ``module`` has neither as a name nor as a module inside."""
    found = importlib.import_module(module)
    wanted = [(name.name, f"{module}.{name.name}") for name in names]
    return [whole for name, whole in wanted if not hasattr(found, name) and importlib.util.find_spec(whole) is None]
