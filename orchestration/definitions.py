"""Everything Dagster sees. No logic here."""

import dagster as dg

from orchestration.asset_facts import meta_assets
from orchestration.dbt_assets import dbt_assets
from orchestration.publish_assets import chart_specs, published, remote_spec
from orchestration.raw_assets import raw
from orchestration.resources import Warehouse
from orchestration.schedules import morning_refresh, nightly_refresh, refresh_job
from orchestration.sensors import refresh_failed


@dg.definitions
def defs() -> dg.Definitions:
    """Assets, checks, jobs, schedules and sensors of the warehouse."""
    warehouse = Warehouse()
    return dg.Definitions(
        assets=[raw, dbt_assets(warehouse.home), published, remote_spec(), *chart_specs(), *meta_assets()],
        jobs=[refresh_job],
        schedules=[nightly_refresh, morning_refresh],
        sensors=[refresh_failed],
        resources={"warehouse": warehouse},
        executor=dg.in_process_executor,
    )
