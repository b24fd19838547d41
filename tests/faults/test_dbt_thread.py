"""A run that ends while dbt still writes, such as by a full disk, ends after it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing

from orchestration.dbt_assets import _events_of
from warehouse.build import BuildResult


def test_run_does_not_end_before_dbt():
    may_end, steps = threading.Event(), list[str]()

    def work(on_event: Callable[[dict], None]) -> BuildResult:
        on_event({"node": 1})
        may_end.wait(60)
        steps.append("dbt ended")
        return BuildResult()

    outcome: list[BuildResult | BaseException] = []
    try:
        with closing(_events_of(work, outcome)) as events:
            assert next(events) == {"node": 1}
            threading.Timer(0.2, may_end.set).start()
            raise OSError(28, "No space left on device")
    except OSError:
        steps.append("run ended")
    assert steps == ["dbt ended", "run ended"]
    assert outcome == [BuildResult()]
    assert "dbt" not in [thread.name for thread in threading.enumerate()]


def test_error_of_dbt_is_kept_for_the_run():
    def work(on_event: Callable[[dict], None]) -> BuildResult:
        raise OSError(28, "No space left on device")

    outcome: list[BuildResult | BaseException] = []
    assert list(_events_of(work, outcome)) == []
    assert [str(error) for error in outcome] == ["[Errno 28] No space left on device"]
