"""`docs/operating`: the units, the table of cron, the container files and the scripts of backup and restore do work."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from ingest.calendars import NEW_YORK
from ingest.providers import DATASETS
from orchestration.schedules import morning_refresh, nightly_refresh
from tests.conftest import REPOSITORY
from tests.pipeline.conftest import log_digests, publish_little
from tests.pipeline.test_wheel import take_bytecode, uv
from warehouse.connection import Home

FOLDER = REPOSITORY / "docs" / "operating"
README = (REPOSITORY / "README.md").read_text("utf-8")
CRON = {str(schedule.cron_schedule) for schedule in (nightly_refresh, morning_refresh)}


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder with a `liquidity` that works on the sample, and refreshes one small provider."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "liquidity"
    program.write_text(
        f'#!/bin/sh\nexec {sys.executable} -m orchestration.cli "$@" --sample --select kraken\n', "utf-8"
    )
    program.chmod(0o755)
    return folder


def _unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(FOLDER / name)
    return parser


def _moments(text: str) -> list[str]:
    return re.findall(r"^OnCalendar=(.*)$", text, re.MULTILINE)


def test_readme_names_every_file():
    assert set(re.findall(r"docs/operating/([\w.-]+)", README)) >= {p.name for p in FOLDER.iterdir()}


def test_timer_and_cron_go_by_the_moments_of_the_schedules():
    lines = (FOLDER / "crontab").read_text("utf-8").splitlines()
    timed = [line for line in lines if re.match(r"\d", line)]
    assert {" ".join(line.split()[:5]) for line in timed} == CRON
    assert "CRON_TZ=America/New_York" in lines
    moments = _moments((FOLDER / "liquidity-refresh.timer").read_text("utf-8"))
    assert moments == ["*-*-* 20:00:00 America/New_York", "Mon..Fri *-*-* 09:30:00 America/New_York"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_reads_the_units_and_the_timer_keeps_new_york_time(tmp_path: Path):
    for path in FOLDER.glob("liquidity-*"):
        text = path.read_text("utf-8").replace("/opt/liquidity/bin/liquidity", shutil.which("true") or "/bin/true")
        (tmp_path / path.name).write_text(re.sub(r"^User=.*$", "User=root", text, flags=re.MULTILINE), "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    assert len(units) == 3
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "liquidity" in line]
    assert (done.returncode, ours) == (0, [])
    for moment in _moments((FOLDER / "liquidity-refresh.timer").read_text("utf-8")):
        for base in (
            "2026-03-06 12:00 UTC",
            "2026-03-09 12:00 UTC",
            "2026-11-02 12:00 UTC",
        ):  # both sides of the clocks
            said = subprocess.run(
                ["systemd-analyze", "calendar", "--base-time", base, "--iterations", "3", moment],
                capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC"},
            ).stdout  # fmt: skip
            times = re.findall(r"(?:Next elapse|Iter. #\d): \w+ ([\d-]+ [\d:]+) UTC", said)
            times = times or re.findall(r"\(in UTC\): \w+ ([\d-]+ [\d:]+) UTC", said)
            assert len(times) == 3, said
            there = {datetime.fromisoformat(f"{t}+00:00").astimezone(NEW_YORK).strftime("%H:%M:%S") for t in times}
            assert there == {moment.split()[-2]}


@pytest.mark.slow
def test_commands_of_units_and_cron_run(refreshed: Home, commands: Path, tmp_path: Path):
    lines = (FOLDER / "crontab").read_text("utf-8").splitlines()
    run = [re.split(r"\s+", line, maxsplit=5)[5] for line in lines if re.match(r"\d", line)]
    assert len(set(run)) == 1
    home = tmp_path / "home"
    shutil.copytree(refreshed.root, home / "sample", symlinks=True)
    surroundings = {**os.environ, "LIQUIDITY_HOME": str(home), "PYTHONPATH": str(REPOSITORY),
                    "PATH": f"{commands}:/usr/bin:/bin"}  # fmt: skip
    done = subprocess.run(
        ["sh", "-c", run[0]], env=surroundings, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    log = (home / "refresh.log").read_text("utf-8")
    assert "UTC fetch and load ..." in log
    assert re.search(r"^(nothing new anywhere|published generation)", log, re.MULTILINE), log
    for name in ("liquidity-refresh.service", "liquidity-ui.service"):
        program, *arguments = _unit(name)["Service"]["ExecStart"].split()
        assert program == "/opt/liquidity/bin/liquidity"
        helped = subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *arguments, "--help"], cwd=REPOSITORY, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert helped.returncode == 0, helped.stderr


@pytest.mark.slow
def test_container_file_builds_what_runs(tmp_path: Path):
    """By a builder where there is one; else its lines are run here, in another folder."""
    lines = (FOLDER / "Containerfile").read_text("utf-8").splitlines()
    has_builder = shutil.which("docker") and subprocess.run(["docker", "info"], capture_output=True).returncode == 0
    uv("build", "--no-build-isolation", "--python", sys.executable, "--wheel", "--out-dir", str(tmp_path / "dist"),
        cwd=REPOSITORY)  # fmt: skip
    if has_builder:
        context = tmp_path / "context"
        shutil.copytree(REPOSITORY / "requirements", context / "requirements")
        shutil.copytree(tmp_path / "dist", context / "dist")
        build = ["docker", "build", "-f", str(FOLDER / "Containerfile"), "-t", "dollar-liquidity-test", str(context)]
        subprocess.run(build, check=True, timeout=1500)
        said = subprocess.run(
            ["docker", "run", "--rm", "dollar-liquidity-test", "check", "--sample"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"{len(DATASETS)} of {len(DATASETS)} datasets are fine" in said.stdout
        return
    copies = [line.split()[1:] for line in lines if line.startswith("COPY ")]
    for *sources, _ in copies:
        for source in sources:
            assert list((tmp_path if source.startswith("dist/") else REPOSITORY).glob(source)), source
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    for line in [line.removeprefix("RUN ") for line in lines if line.startswith("RUN uv ")]:
        words = line.replace("/opt/liquidity", str(tmp_path / "opt")).replace("/build/dist/*.whl", str(wheel))
        words = words.replace("/build/requirements", str(REPOSITORY / "requirements")).replace(" --no-cache", "")
        words = words.replace("uv venv", f"uv venv --python {sys.executable}").replace(" --compile-bytecode", "")
        uv(*words.split()[1:], cwd=tmp_path)
    take_bytecode(tmp_path / "opt")
    (entry,) = [yaml.safe_load(line.removeprefix("ENTRYPOINT ")) for line in lines if line.startswith("ENTRYPOINT ")]
    (command,) = [yaml.safe_load(line.removeprefix("CMD ")) for line in lines if line.startswith("CMD ")]
    place = tmp_path / "empty"
    place.mkdir()
    run = [str(tmp_path / "opt" / "bin" / entry[0]), "check", "--sample", "--select", "kraken"]
    said = subprocess.run(run, cwd=place, capture_output=True, text=True, check=True, timeout=300, env={
        "PATH": os.environ["PATH"], "HOME": str(place), "LIQUIDITY_HOME": str(place)})  # fmt: skip
    assert "1 of 1 datasets are fine" in said.stdout
    assert command == ["refresh"]


def test_compose_file_runs_the_interface_for_this_machine_alone():
    service = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))["services"]["liquidity"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert (FOLDER / service["build"]["context"]).resolve() == REPOSITORY
    assert (REPOSITORY / service["build"]["dockerfile"]).exists()
    helped = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", service["command"][0], "--help"], cwd=REPOSITORY,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert service["command"][1] in helped.stdout


@pytest.mark.usefixtures("few_models")
@pytest.mark.slow
def test_a_backup_restores_into_another_folder_in_the_place_of_a_damaged_log_and_goes_on(
    refreshed: Home, tmp_path: Path, compiled: Callable[[Home], Home], run_here: Callable,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    publish_little(monkeypatch)
    backup, elsewhere = tmp_path / "backup", Home(tmp_path / "another house" / "sample", is_simulated=True)
    for _ in range(2):  # the second copies what is new
        subprocess.run(["sh", str(FOLDER / "backup.sh"), str(refreshed.root), str(backup)], check=True)
    assert sorted(path.name for path in backup.iterdir()) == ["generations", "journal", "payloads"]
    lay = ["sh", str(FOLDER / "restore.sh"), str(backup), str(elsewhere.root)]
    subprocess.run(lay, check=True)
    assert subprocess.run(lay, capture_output=True, check=False).returncode == 1
    compiled(elsewhere).work_database.parent.mkdir()
    shutil.copy(refreshed.work_database, elsewhere.work_database)
    os.truncate(elsewhere.work_database, 12_288)  # only its headers
    refused = run_here(elsewhere.root.parent, "refresh", "--sample")
    assert refused.returncode == 1
    assert "`liquidity restore --sample`" in refused.stderr
    assert "Traceback" not in refused.stderr
    restored = run_here(elsewhere.root.parent, "restore", "--sample")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "before-restore-" in restored.stderr
    assert log_digests(elsewhere) == log_digests(refreshed)
    again = run_here(elsewhere.root.parent, "refresh", "--select", "nyfed", "--sample")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "nothing new anywhere" in again.stdout
    assert run_here(elsewhere.root.parent, "verify", "--deep", "--sample").returncode == 0
