"""When the warehouse refreshes by itself, in New York time."""

from __future__ import annotations

import dagster as dg

REFRESH = "refresh"

refresh_job = dg.define_asset_job(
    REFRESH,
    selection=dg.AssetSelection.all(),
    description="The main job: fetch, load, build marts, check, publish.",
    executor_def=dg.in_process_executor,
)

# After the last release of a business day: the Daily Treasury Statement at 16:00, H.4.1 on Thursdays at 16:30.
nightly_refresh = dg.ScheduleDefinition(
    name="nightly_refresh",
    job=refresh_job,
    cron_schedule="0 20 * * *",
    execution_timezone="America/New_York",
    description="Every evening at 20:00 New York time, weekends included: bitcoin and late releases come then too.",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

# SOFR, TGCR and BGCR come at 08:00, EFFR and OBFR at 09:00.
morning_refresh = dg.ScheduleDefinition(
    name="morning_refresh",
    job=refresh_job,
    cron_schedule="30 9 * * 1-5",
    execution_timezone="America/New_York",
    description="Business mornings at 09:30 New York time, after the reference rates.",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
