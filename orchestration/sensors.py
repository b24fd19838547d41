"""What happens when a run of the interface or of a schedule fails: a line in the log of the daemon, and a message."""

# Without postponed annotations: Dagster resolves them when it builds assets.
from datetime import UTC, datetime

import dagster as dg

from orchestration import messages
from orchestration.outer_faults import reasons_of
from orchestration.resources import Warehouse
from orchestration.schedules import refresh_job


@dg.run_failure_sensor(
    name="refresh_failed",
    monitored_jobs=[refresh_job],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends the reason of a failed refresh, and keeps it for `liquidity status`.",
)
def refresh_failed(context: dg.RunFailureSensorContext) -> None:
    """Write the run id and the reasons to the daemon's log, and send them."""
    run_id = context.dagster_run.run_id
    lines = reasons_of(entry.dagster_event for entry in context.instance.all_logs(run_id) if entry.dagster_event)
    context.log.error(f"run {run_id} failed: {'; '.join(lines)}")
    record = context.instance.get_run_record_by_id(run_id)
    at = datetime.fromtimestamp(record.end_time, UTC).replace(tzinfo=None) if record and record.end_time else None
    messages.run_failed(Warehouse().home, run_id, lines, at=at, say=context.log.warning)
