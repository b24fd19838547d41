"""A publication that begins ahead of its step: only where it was asked for, once, and never left behind."""

from datetime import datetime
from threading import Event

from orchestration import ahead
from warehouse.generation import Generation

MADE = Generation("20261118T233000000000-abcd", datetime(2026, 11, 18, 23, 30), is_simulated=True, as_of=None)


def test_it_begins_for_the_run_that_asked_and_its_step_takes_it_once():
    ahead.begin("a run of the interface")
    assert ahead.begun("a run of the interface") is None
    with ahead.asked("run", lambda: MADE):
        ahead.begin("run")
        ahead.begin("run")  # no second one
        begun = ahead.begun("run")
        assert begun is not None
        assert begun.result() is MADE
        assert ahead.begun("run") is None


def test_the_end_of_the_run_waits_for_one_that_no_step_took():
    go, ended = Event(), Event()

    def prepare() -> Generation:
        go.wait(10)
        ended.set()
        raise ValueError("no space")

    with ahead.asked("run", prepare):
        ahead.begin("run")
        go.set()
    assert ended.is_set()
    assert ahead.begun("run") is None
