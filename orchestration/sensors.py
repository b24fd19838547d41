"""What happens when a run fails: one readable line in the log of the daemon and a file that monitoring can watch."""

# Without postponed annotations: Dagster resolves them when it builds assets.
import dagster as dg

from ingest.plain import plain
from orchestration import messages
from orchestration.resources import Warehouse
from orchestration.schedules import refresh_job

FAILURE_FILE = "last_failure.txt"


@dg.run_failure_sensor(
    name="refresh_failed",
    monitored_jobs=[refresh_job],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=f"Writes the reason of a failed refresh to {FAILURE_FILE} in the warehouse folder, and tells it.",
)
def refresh_failed(context: dg.RunFailureSensorContext) -> None:
    """Write the run id and the error to the daemon's log and to a file for monitors."""
    home = Warehouse().home
    text = f"run {context.dagster_run.run_id} failed: {plain(context.failure_event.message or '')}\n"
    home.root.mkdir(parents=True, exist_ok=True)
    (home.root / FAILURE_FILE).write_text(text, "utf-8")
    context.log.error(text)
    messages.run_failed(home, context.dagster_run.run_id, [text.strip()], say=context.log.warning)
