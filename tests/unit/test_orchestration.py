"""What Dagster keeps of past runs."""

from __future__ import annotations

import dagster as dg
from dagster._core.test_utils import create_run_for_test

from orchestration.publish_assets import forget_old_runs


def test_only_the_newest_finished_runs_are_kept():
    with dg.DagsterInstance.ephemeral() as instance:
        runs = [
            create_run_for_test(instance, job_name="refresh", status=dg.DagsterRunStatus.SUCCESS).run_id
            for _ in range(4)
        ]
        running = create_run_for_test(instance, job_name="refresh", status=dg.DagsterRunStatus.STARTED).run_id
        assert forget_old_runs(instance, keep=2) == 2
        assert set(instance.get_run_ids()) == {*runs[2:], running}
        assert forget_old_runs(instance, keep=2) == 0
