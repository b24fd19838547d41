"""Where the recorded bodies lie, and the one warehouse built from all of them.

They stay outside the repository; without them these tests skip and say so.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from tests.conftest import once_a_run
from tests.pipeline.conftest import run_liquidity
from tests.recorded.bodies import BODIES, files, restated
from warehouse.connection import Home, open_published

HERE = Path(__file__).resolve().parent


def recordings_folder() -> Path | None:
    """`LIQUIDITY_RECORDINGS`, or `../shared/recordings` next to the repository; None when neither is there."""
    usual = HERE.parents[1].parent / "shared" / "recordings"
    folder = Path(os.environ.get("LIQUIDITY_RECORDINGS") or usual)
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


def _bodies(recordings: Path, rebuilt: Path) -> Iterator[tuple[str, list[Path], str, str | None]]:
    """Dataset, files, knowledge time and series of every body: the recorded ones, then the restated ones."""
    for body in BODIES:
        paths = files(recordings, body.pattern)
        if body.rebuild:
            for number, path in enumerate(paths):
                paths[number] = rebuilt / f"{body.dataset}_{path.name}"
                paths[number].write_bytes(body.rebuild(path.read_bytes()))
        yield body.dataset, paths, body.saved, body.series
    for dataset, known_at, content in restated():
        path = rebuilt / f"restated_{dataset}_{known_at}"
        path.write_bytes(content)
        yield dataset, [path], known_at, None


def load_all(recordings: Path, root: Path) -> None:
    """Every body through `liquidity load`, as saved at the time that `bodies.py` gives. Not yet built.

    What is fresh, and the release calendar, of all datasets are written once, with the last body: each load would take
    twice its time for it.
    """
    from orchestration.cli import app
    from warehouse.log import intake

    rebuilt = root / "rebuilt"
    rebuilt.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIQUIDITY_HOME", str(root))
        write_freshness = intake.write_freshness
        patch.setattr(intake, "write_freshness", lambda *_: [])
        bodies = list(_bodies(recordings, rebuilt))
        for number, (dataset, paths, known_at, series) in enumerate(bodies, start=1):
            if number == len(bodies):
                patch.setattr(intake, "write_freshness", write_freshness)
            named = ["--series", series] if series else []
            arguments = ["load", dataset, *map(str, paths), "--known-at", known_at, "--no-build", *named]
            result = CliRunner().invoke(app, arguments)
            assert result.exit_code == 0, f"{paths}: {result.output}{result.exception!r}"


@pytest.fixture(scope="session")
def real(recordings: Path, tmp_path_factory: pytest.TempPathFactory, compiled: Callable[[Home], Home]) -> Home:
    """A published warehouse of every recorded body, one for all workers of a test run. Read it, do not change it."""
    with once_a_run(tmp_path_factory, "real") as root:
        home = Home(root)
        if not home.current.exists():
            compiled(home)
            load_all(recordings, home.root)
            result = run_liquidity(home.root, "build")
            (home.root / "build.txt").write_text(f"exit {result.returncode}\n{result.stdout}{result.stderr}", "utf-8")
            assert home.current.exists(), result.stdout + result.stderr
    return home


@pytest.fixture(scope="session")
def con(real: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published database of the recorded warehouse, to read."""
    with open_published(real) as connection:
        yield connection
