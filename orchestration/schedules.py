"""When the warehouse refreshes by itself, in New York time."""

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorStatus
from dagster._utils.schedules import get_latest_completed_cron_tick

REFRESH = "refresh"

refresh_job = dg.define_asset_job(
    REFRESH,
    selection=dg.AssetSelection.all(),
    description="The main job: fetch, load, build marts, check, publish.",
    executor_def=dg.in_process_executor,
    config={"ops": {step: {"config": {"only_if_changed": True}} for step in ("dbt", "publish")}},
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


# A refresh waits at most half an hour for another one, and takes an hour when it reads the whole history.
GRACE = timedelta(hours=2)
# A schedule in use has had a run within a week; after a week without one, every daily dataset is late.
IN_USE = timedelta(days=7)


def missed(instance: dg.DagsterInstance, refreshed_at: datetime | None, now: datetime) -> str | None:
    """One line when a schedule in use should have refreshed since ``refreshed_at``; times are naive UTC.

    A schedule is in use when it has launched a run within a week and is not switched off: a user who refreshes by hand
    or from cron gets no warning about schedules that do not run.
    """
    states = instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
    stopped = {state.instigator_name for state in states if state.status is InstigatorStatus.STOPPED}
    lines = {}
    for schedule in (nightly_refresh, morning_refresh):
        launched = dg.RunsFilter(
            tags={"dagster/schedule_name": schedule.name}, created_after=(now - IN_USE).replace(tzinfo=UTC)
        )
        if schedule.name in stopped or not instance.get_run_ids(launched, limit=1):
            continue
        before = (now - GRACE).replace(tzinfo=UTC)
        due = get_latest_completed_cron_tick(str(schedule.cron_schedule), before, schedule.execution_timezone)
        if refreshed_at is None or due > refreshed_at.replace(tzinfo=UTC):
            lines[due] = (
                f"{schedule.name} was due {due:%Y-%m-%d %H:%M} New York time, and no good refresh has come since: "
                f"the last is of {f'{refreshed_at:%Y-%m-%d %H:%M} UTC' if refreshed_at else 'never'}; "
                "is `liquidity ui` running, and what do its runs show?"
            )
    return lines[max(lines)] if lines else None
