"""`liquidity lake`: the tests of `lake_inside.py`, run at once in an environment with the extra `lake`; and without it.

The extra has another DuckDB than the tests. Its packages are installed with the hashes of `requirements/lake.txt`, the
rest is taken from this environment.
"""

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests.conftest import REPOSITORY
from tests.extra import environment
from tests.object_store import WEED
from warehouse.connection import Home

pytestmark = pytest.mark.slow
INSIDE = Path(__file__).with_name("lake_inside.py")
NAMES = [
    node.name
    for node in ast.parse(INSIDE.read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment with the extra."""
    found = environment("lake", tmp_path_factory.mktemp("lake"), "--no-build", instead=frozenset({"duckdb"}))
    found.with_name(WEED.name).symlink_to(WEED)
    return found


@pytest.fixture(scope="module")
def told(python: Path, refreshed: Home) -> str:
    """What pytest says of the tests inside."""
    done = subprocess.run(
        [python, "-m", "pytest", "-n", "0", "-rA", "--durations=8", "-p", "no:cacheprovider", INSIDE],
        cwd=REPOSITORY, env=os.environ | {"LIQUIDITY_TEST_HOME": str(refreshed.root.parent)},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_inside(name: str, told: str):
    results = re.findall(rf"^(\w+) \S*::{name}\b", told, re.MULTILINE)
    if not results and "PostgreSQL's server is not installed" in told:
        pytest.skip("PostgreSQL's server is not installed")
    assert results, told
    assert set(results) == {"PASSED"}, told


@pytest.mark.parametrize("arguments", [["list", "x"], ["sync", "x", "--sample"], ["init", "x", "--data", "y"]])
def test_without_the_extra_the_command_says_what_to_install(arguments: list[str], refreshed: Home, monkeypatch):
    monkeypatch.setenv("LIQUIDITY_HOME", str(refreshed.root.parent))
    result = CliRunner().invoke(app, ["lake", *arguments])
    assert result.exit_code == 1
    (line,) = [each for each in result.output.splitlines() if "SIMULATED" not in each]
    assert line.endswith("pip install 'dollar-liquidity[lake]'")
