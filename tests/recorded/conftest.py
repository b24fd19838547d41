"""Where the recorded bodies lie. They stay outside the repository; without them these tests skip and say so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def recordings_folder() -> Path | None:
    """`LIQUIDITY_RECORDINGS`, or `../shared/recordings` beside the repository; None when neither is there."""
    beside = HERE.parents[1].parent / "shared" / "recordings"
    folder = Path(os.environ.get("LIQUIDITY_RECORDINGS") or beside)
    return folder if (folder / "MANIFEST.jsonl").exists() else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs recordings when there are none; from here, so that the summary folds them into one line."""
    if "recordings" in getattr(item, "fixturenames", ()) and recordings_folder() is None:
        pytest.skip("no recorded bodies: set LIQUIDITY_RECORDINGS to the folder that holds MANIFEST.jsonl")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of recorded bodies."""
    folder = recordings_folder()
    assert folder is not None, "tests that ask for recordings are skipped without them"
    return folder
