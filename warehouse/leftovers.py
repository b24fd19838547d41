"""Removes what a killed process left half done; the next holder of the warehouse's lock calls it.

Age does not matter: under the lock no other process writes. What must not be here: anything that was finished.
"""

import shutil

from warehouse.connection import Home

BUILDING = ".building-"  # a generation in the making
# Seen from the folder of the warehouse. The work file of an as-of state is of no use once that state is published.
_PATTERNS = (
    f"generations/{BUILDING}*", ".replay", ".current-*", ".lock.*.tmp", "payloads/??/.*.tmp", "work/*.duckdb.tmp",
    "as_of/*/work", f"as_of/*/generations/{BUILDING}*", "as_of/*/.current-*", "as_of/*/.lock.*.tmp",
    "dbt_at_publication",  # where earlier versions ran dbt for the scorecard's second state
)  # fmt: skip


def clear(home: Home) -> None:
    """Remove it. The lock of the warehouse must be held."""
    for pattern in _PATTERNS:
        for path in home.root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
