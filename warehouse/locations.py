"""Where the dbt project is: in a checkout, or in an installed package.

What must not be here: where the data of a warehouse are (`warehouse/connection.py`).
"""

from pathlib import Path

_TOP = Path(__file__).resolve().parents[1]
# A wheel has the dbt project inside a package (pyproject.toml); a checkout has it next to the packages.
_INSTALLED_PROJECT = _TOP / "warehouse" / "dbt_project"

CHECKOUT = None if _INSTALLED_PROJECT.is_dir() else _TOP
"""Top of the checkout that this code runs from; None for an installed package, whose folder must not be written."""

PROJECT = _TOP / "dbt_project" if CHECKOUT else _INSTALLED_PROJECT
"""The dbt project: models, macros, tests and seeds."""
