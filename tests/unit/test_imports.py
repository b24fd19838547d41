"""What a command does not need it does not import: a reader's answer comes in a third of a second."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingest.calendars import utc_now
from tests.conftest import REPOSITORY
from warehouse.connection import DATABASE_NAME, Home
from warehouse.log import tables

HEAVY = ("dagster", "dbt", "dagster_dbt", "polars", "pyarrow", "pandas", "altair", "vl_convert", "sqlglot", "holidays",
         "pydantic", "ingest.providers")  # fmt: skip

# As the console script does, but for what it prints last.
PROGRAM = f"""
import sys
from orchestration.cli import main
try:
    main()
finally:
    print(*sorted(name for name in {HEAVY} if sys.modules.get(name)), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A published generation with one dataset, polled just now."""
    home = Home(tmp_path_factory.mktemp("home") / "sample", is_simulated=True)
    folder = home.generations / "20261128T000000000000-0000"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / DATABASE_NAME)) as con:
        tables.create_tables(con, [])
        con.execute("CREATE TABLE meta.generation AS SELECT '20261128' AS id, now()::TIMESTAMP AS built_at")
        con.execute("CREATE TABLE meta.mart AS SELECT 'rates' AS mart, false AS is_held_back, NULL AS from_generation")
        con.execute("INSERT INTO meta.freshness (dataset, last_polled_at) VALUES ('a.b', ?)", [utc_now()])
    home.current.symlink_to(Path("generations") / folder.name)
    return home


@pytest.mark.parametrize(
    "arguments", [["--help"], ["sql", "--help"], ["sql", "SELECT 1.5::DECIMAL(3, 2) AS a"], ["status"]]
)
def test_who_asks_for_little_imports_nothing_heavy(home: Home, arguments: list[str]):
    environment = os.environ | {"LIQUIDITY_HOME": str(home.root.parent)}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[-1] == ""


def _imports(path: Path) -> set[str]:
    """What a file imports when it is imported itself, as dotted names."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        match node:
            case ast.Import():
                found |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=module) if module:
                found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def test_tests_of_the_inner_loop_do_not_import_dagster():
    """It takes as long as a third of them. What needs it is in `tests/parts`."""
    of_dagster = {
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for path in (REPOSITORY / "orchestration").rglob("*.py")
        if any(name.split(".")[0] in ("dagster", "dagster_dbt") for name in _imports(path))
    }
    assert "orchestration.resources" in of_dagster
    heavy = {
        path.name: sorted(name for name in _imports(path) if name.split(".")[0] == "dagster" or name in of_dagster)
        for path in (REPOSITORY / "tests" / "unit").rglob("*.py")
    }
    assert {name: found for name, found in heavy.items() if found} == {}
