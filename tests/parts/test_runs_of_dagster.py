"""A run of Dagster: it holds the warehouse, its charts are told, and old ones are forgotten.

Apart from `tests/unit`, which need not import Dagster.
"""

import json
from pathlib import Path

import dagster as dg
from dagster._core.test_utils import create_run_for_test

from orchestration.publish_assets import _chart_events, forget_old_runs
from orchestration.resources import Warehouse
from warehouse import lock


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


def test_run_of_dagster_holds_the_warehouse_from_its_first_step_to_its_last(tmp_path: Path):
    home, seen = Warehouse().home, []

    @dg.op(required_resource_keys={"warehouse"})
    def first() -> None:
        seen.append(lock.holder(home).doing)

    @dg.op(required_resource_keys={"warehouse"}, ins={"start": dg.In(dg.Nothing)})
    def last() -> None:
        seen.append(lock.holder(home).doing)

    @dg.job(executor_def=dg.in_process_executor)
    def refresh() -> None:
        last(start=first())

    assert refresh.execute_in_process(resources={"warehouse": Warehouse()}).success
    assert seen == ["refresh", "refresh"]
    assert lock.holder(home) is None


def test_dagster_is_told_of_charts_that_were_drawn_and_of_those_it_does_not_know(tmp_path: Path):
    def told(instance: dg.DagsterInstance, lines: list[dict]) -> list[str]:
        whole = {"alt": "Words", "title": "T", "footnote": "F", "as_of_date": None, "rows": 1, "error": None}
        (tmp_path / "charts.json").write_text(json.dumps([whole | line for line in lines]), "utf-8")

        @dg.asset
        def charts(context):
            for event in _chart_events(context, tmp_path, "g2", is_simulated=True):
                context.log_event(event)

        result = dg.materialize([charts], instance=instance)
        made = [event for event in result.get_asset_materialization_events() if len(event.asset_key.path) == 2]
        assert all("data:image/svg+xml;base64," in event.materialization.metadata["chart"].value for event in made)
        assert result.get_asset_observation_events() == []
        return [event.asset_key.path[-1] for event in made]

    for name in "abc":
        (tmp_path / f"{name}.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "utf-8")
    lines = [{"id": "a", "drawn_in": "g1"}, {"id": "b", "drawn_in": "g2"}, {"id": "c", "drawn_in": "g1", "error": "no"}]
    with dg.DagsterInstance.ephemeral() as instance:
        assert told(instance, lines) == ["a", "b"]
        assert told(instance, lines) == ["b"]
