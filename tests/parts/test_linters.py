"""The linters have no complaint."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY


@pytest.mark.parametrize(
    "tool",
    [["ruff", "check"], ["mypy"], ["dagster_dg_cli.cli", "check", "toml"]],
    ids=["ruff", "mypy", "dg"],
)
def test_linters_have_no_complaint(tool: list[str]):
    done = subprocess.run([sys.executable, "-m", *tool], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
