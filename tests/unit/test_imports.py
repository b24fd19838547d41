"""What a command does not need it does not import: a reader's answer comes in a third of a second."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingest.calendars import utc_now
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
