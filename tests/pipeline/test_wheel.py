"""A wheel in a bare environment: built, installed with the locked packages, run from another folder without a checkout.

It is built from a copy of the project with one FRED series more, so that one refresh also shows that a series is one
row in one file.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from warehouse.connection import Home, open_published

pytestmark = pytest.mark.slow
PACKAGES = ("ingest", "warehouse", "orchestration")
RUNTIME = REPOSITORY / "requirements" / "runtime.txt"
ROW = '    Series("DPRIME", "Bank prime loan rate", Unit.PCT, (0.0, 30.0)),\n'


@dataclass(frozen=True)
class Installed:
    """``home`` is the warehouse that the command filled, ``result`` how it ended."""

    wheel: Path
    environment: Path
    share: Path
    result: subprocess.CompletedProcess[str]
    written_elsewhere: list[str]

    @property
    def home(self) -> Home:
        return Home(self.share / "dollar-liquidity" / "sample", is_simulated=True)


def uv(*arguments: str | Path, cwd: Path, is_optional: bool = False) -> str:
    """What uv prints. It looks into its cache first, which the tests' command has filled, then into the registry.

    `uvx` resolves anew, for which that cache need not do; skips where no registry answers, but in CI only what
    ``is_optional``.
    """
    program = os.environ.get("UV") or shutil.which("uv")
    assert program, "uv is not installed: `pip install uv`"
    surroundings = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    for offline in (["--offline"], []):
        done = subprocess.run(
            [program, *arguments[:2], *offline, *arguments[2:]], cwd=cwd, env=surroundings, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            break
    is_missing = "Failed to fetch" in done.stderr or (is_optional and "was not found in the" in done.stderr)
    if is_missing and (is_optional or "CI" not in os.environ):
        pytest.skip(f"no registry answers, and uv's cache lacks what `uv {arguments[0]} {arguments[1]}` needs")
    assert done.returncode == 0, done.stderr
    return done.stdout


def take_bytecode(environment: Path) -> None:
    """Bytecode of the packages that the tests have too, which takes 5 CPU s to make. Python takes it for a file of the
    same size and time alone, which uv's hard links have."""
    here, (there,) = Path(sysconfig.get_path("purelib")), environment.glob("lib/python*/site-packages")
    for source in there.rglob("*.py"):
        made = Path(cache_from_source(here / source.relative_to(there)))
        if made.exists():
            folder = source.parent / "__pycache__"
            folder.mkdir(exist_ok=True)
            with suppress(OSError):  # another disk
                os.link(made, folder / made.name)


def _files(folder: Path) -> dict[str, float]:
    """Every file under ``folder`` but Python's own caches, with its time of change."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _add_a_series(file: Path) -> None:
    """Put ROW in front of the statement that declares SOFR."""
    text = file.read_text("utf-8")
    start = next(
        text.index(line)
        for line in text.splitlines(keepends=True)
        if line.lstrip().startswith(('Series("SOFR"', '_rate("SOFR"'))
    )
    file.write_text(text[:start] + ROW + text[start:], "utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `uv build` makes of a source distribution of the copy."""
    project = tmp_path_factory.mktemp("project")
    for name in (*PACKAGES, "dbt_project"):
        shutil.copytree(
            REPOSITORY / name, project / name, ignore=shutil.ignore_patterns("__pycache__", "target", "logs")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(REPOSITORY / name, project / name)
    (project / "dbt_project" / "target").mkdir()
    (project / "dbt_project" / "target" / "left_by_dbt.sql").write_text("SELECT 1", "utf-8")
    _add_a_series(project / "ingest" / "providers" / "fred" / "series.py")
    uv("build", "--no-build-isolation", "--python", sys.executable, "--out-dir", "dist", cwd=project)
    (built,) = (project / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`liquidity refresh --sample`, run from an empty folder without LIQUIDITY_HOME by an environment of the wheel."""
    place = tmp_path_factory.mktemp("elsewhere")
    environment, share = place / "environment", place / "share"
    uv("venv", "--python", sys.executable, environment, cwd=place)
    python = environment / "bin" / "python"
    uv("pip", "sync", "--python", python, "--require-hashes", "--no-build", RUNTIME, cwd=place)
    uv("pip", "install", "--python", python, wheel, cwd=place)
    take_bytecode(environment)
    before = _files(environment)
    for name in ("folder", "user"):
        (place / name).mkdir()
    result = subprocess.run(
        [environment / "bin" / "liquidity", "refresh", "--sample", "--select", "fred"],
        cwd=place / "folder", capture_output=True, text=True, timeout=1500, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(place / "user"), "XDG_DATA_HOME": str(share), "COLUMNS": "160"},
    )  # fmt: skip
    changed = [name for name, _ in _files(environment).items() ^ before.items()]
    return Installed(wheel, environment, share, result, [*changed, *_files(place / "folder"), *_files(place / "user")])


def test_wheel_holds_every_file_of_the_packages_and_the_dbt_project_and_nothing_else(wheel: Path):
    expected = {f"{name}/{file}" for name in PACKAGES for file in _files(REPOSITORY / name)}
    expected |= {
        f"warehouse/dbt_project/{file}"
        for file in _files(REPOSITORY / "dbt_project")
        if file.split("/")[0] not in ("target", "logs")
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected


def test_refresh_of_an_installed_package_writes_into_the_users_data_and_cache_folders_alone(
    installed: Installed,
):
    assert installed.result.returncode == 0, installed.result.stdout + installed.result.stderr
    assert [name for name in installed.written_elsewhere if not name.startswith(".cache/dollar-liquidity/")] == []
    assert [path.name for path in installed.share.iterdir()] == ["dollar-liquidity"]
    with open_published(installed.home) as con:
        filled = {mart for (mart,) in con.execute("SELECT mart FROM meta.mart WHERE rows > 0").fetchall()}
    assert {"policy_corridor_daily", "series_catalog", "source_health"} <= filled
    generation = installed.home.current.resolve()
    for name in ("METHODS.md", "COOKBOOK.md", "datapackage.json", "report/index.html", "charts/charts.json"):
        assert (generation / name).stat().st_size > 1000, name


def test_one_more_fred_series_is_one_row_in_one_file(installed: Installed):
    """The series is fetched, stored, dated and listed, and all is green."""
    with open_published(installed.home) as con:
        held, title = con.execute("SELECT rows_held, title FROM meta.freshness WHERE series = 'DPRIME'").fetchone()
        rows = con.execute(
            "SELECT count(*), min(unit) FROM history.fred__observations WHERE series_id = 'DPRIME'"
        ).fetchone()
    assert title == "Bank prime loan rate"
    assert held > 1000
    assert rows == (held, "pct")


def test_uvx_runs_the_wheel(installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LIQUIDITY_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(installed.share))
    run = ["tool", "run", "--python", sys.executable, "-c", RUNTIME, "--from", installed.wheel, "liquidity"]
    assert "refresh" in uv(*run, "--help", cwd=tmp_path)
    query = "SELECT count(*) AS n FROM history.fred__observations"
    printed = uv(*run, "sql", "--sample", query, "--format", "csv", cwd=tmp_path)
    assert int(printed.split()[1]) > 1000


def test_without_a_checkout_the_home_is_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LIQUIDITY_HOME")
    assert Home.locate().root == REPOSITORY / "data"
    monkeypatch.setattr("warehouse.connection.CHECKOUT", None)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Home.locate(is_simulated=True).root.is_relative_to(Path.home() if sys.platform == "darwin" else tmp_path)
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path / "named"))
    assert Home.locate().root == tmp_path / "named"
