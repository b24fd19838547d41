"""The process that compiles the dbt project while a first refresh fetches: it works for it, and never outlives it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from warehouse import build
from warehouse.connection import Home


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen]:
    processes = []

    class Seen(subprocess.Popen):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)
            processes.append(self)

    monkeypatch.setattr("warehouse.build.subprocess.Popen", Seen)
    return processes


def test_what_it_makes_is_not_made_again(tmp_path: Path, started: list, monkeypatch: pytest.MonkeyPatch):
    home = Home(tmp_path / 'it\'s {a} "place"')
    with build.compiling(home) as is_needed:
        assert is_needed
    monkeypatch.setattr(build, "_run", None)  # a call would fail
    assert len(build.compiled_project(home).nodes) > 400
    with build.compiling(home) as is_needed:
        assert not is_needed
    assert len(started) == 1


def test_it_ends_with_whoever_waits_for_it(tmp_path: Path, started: list):
    with pytest.raises(KeyboardInterrupt), build.compiling(Home(tmp_path)):
        raise KeyboardInterrupt
    (process,) = started
    assert process.poll() is not None
