"""`python -m tests.ahead DAYS [OPTION OF PYTEST ...]`: the tests with the product's clock that many days ahead.

A test that rests on a date written by hand, or on a fact that ends, fails here before it fails everybody.
"""

import os
import subprocess
import sys
from pathlib import Path

# Clocks that stay, and the tests that see them.
OTHER_CLOCKS = {
    "tests/pipeline/test_report.py::test_years_of_a_long_chart_are_chosen_by_keyboard": "the browser's",
    "tests/pipeline/test_ways_in.py::test_current_and_as_of_are_what_the_history_says": "DuckDB's now()",
    "tests/pipeline/test_what_it_says.py::test_status_says_when_schedules_that_run_are_behind": "Dagster's",
}


def main() -> int:
    days, *options = sys.argv[1:]
    place = Path(__file__).parent
    environment = {**os.environ, "TESTS_DAYS_AHEAD": days, "PYTHONPATH": f"{place}{os.pathsep}{place.parents[1]}"}
    left_out = [f"--deselect={test}" for test in OTHER_CLOCKS]
    command = [sys.executable, "-m", "pytest", *left_out, *options]
    return subprocess.run(command, env=environment, check=False).returncode


sys.exit(main())
