"""Imports dagster-dbt as if dbt-core were not installed: it then only reads manifests, which is enough here.

Otherwise it imports dbt-core for the names of a few states: 2 of the 4.6 CPU s of a refresh's imports, also when
nothing is new and dbt does not run. What must not be here: code about this warehouse.
"""

import sys

_version_module = sys.modules.get("dbt.version")
if _version_module is None:
    sys.modules["dbt.version"] = None  # type: ignore[assignment]
try:
    from dagster_dbt import DagsterDbtTranslator
    from dagster_dbt.asset_utils import build_dbt_specs
finally:
    if _version_module is None:
        del sys.modules["dbt.version"]

__all__ = ["DagsterDbtTranslator", "build_dbt_specs"]
