"""`liquidity spark`: every model of the sample on Sail, a server of Spark Connect, against DuckDB, row by row."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests import object_store
from tests.conftest import REPOSITORY
from tests.object_store import BUCKET, WRITER
from tests.spark import differences, installed, serving
from warehouse.connection import Home
from warehouse.models.compilation import compiled_project
from warehouse.publication.spark.export import PLAN, path_of
from warehouse.publication.team.bucket import Bucket

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Ran:
    folder: Path
    told: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("spark"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object_store.Server]:
    with object_store.running(tmp_path_factory.mktemp("seaweed")) as store:
        yield store


@pytest.fixture(scope="module")
def server(python: Path, store: object_store.Server) -> Iterator[str]:
    """A Sail that may write to the object store."""
    credentials = store.environment(WRITER) | {"AWS_ALLOW_HTTP": "true"}
    with serving(python, object_store.environ(credentials)) as (address, _):
        yield address


@pytest.fixture(scope="module")
def ran(python: Path, server: str, refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The exported sample, and what the run of all its models said."""
    folder = tmp_path_factory.mktemp("exported") / "sample"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIQUIDITY_HOME", str(refreshed.root.parent))
        told = CliRunner().invoke(app, ["spark", "export", str(folder), "--sample"])
    assert told.exit_code == 0, told.output
    return Ran(folder, _run(python, folder, server))


def _run(python: Path, folder: Path, address: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "orchestration.cli", "spark", "run", folder, address, *options],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def test_every_model_is_made_and_equals_duckdb_s_row_by_row(ran: Ran, refreshed: Home):
    made = compiled_project(refreshed)
    models = [node.relation for node in made.nodes.values() if node.kind == "model"]
    assert [model["name"] for model in json.loads((ran.folder / PLAN).read_text("utf-8"))["models"]] == models
    assert "SIMULATED" in ran.told.stderr
    assert ran.told.stdout == f"{len(models)} models made, 0 failed\n", ran.told.stderr
    assert ran.told.returncode == 0
    assert dict(differences(ran.folder, refreshed)) == {}


def test_a_model_that_fails_is_named_and_the_rest_is_made_in_an_object_store(
    ran: Ran, python: Path, server: str, store: object_store.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """And what is published there is read with Spark as the README has it."""
    plan = json.loads((ran.folder / PLAN).read_text("utf-8"))
    names = ["staging.stg_policy__claims", "staging.stg_policy__essays"]
    models = sorted((model for model in plan["models"] if model["name"] in names), key=lambda model: model["name"])
    models[0]["sql"] = "SELECT no_such_column FROM seeds__claims"
    inputs = [name for name in plan["inputs"] if name.startswith("seeds.")]
    (tmp_path / PLAN).write_text(json.dumps({"inputs": inputs, "models": models}), "utf-8")
    for name, value in store.environment(WRITER).items():
        monkeypatch.setenv(name, value)
    there = Bucket.at(f"s3://{BUCKET}/spark").store
    for name in inputs:
        there.put(f"{path_of(name)}.parquet", ran.folder / f"{path_of(name)}.parquet")
    told = _run(python, tmp_path, server, "--at", f"s3://{BUCKET}/spark/")
    assert (told.returncode, told.stdout) == (1, "1 models made, 1 failed\n")
    assert f"{models[0]['name']}: " in told.stderr
    assert "no_such_column" in told.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / PLAN]
    (made,) = [each["path"] for each in there.list(path_of(models[1]["name"])).collect()]

    readme = (REPOSITORY / "README.md").read_text("utf-8")
    (code,) = [text for text in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "pyspark" in text]
    code = code.replace("sc://spark.desk:15002", server).replace("effective_date", "essay_date")
    code = f"file = 's3://{BUCKET}/spark/{made}'\n{code.replace('sofr_pct', 'essay_title')}"
    shown = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout
    assert len(re.findall(r"^\|\d{4}-\d\d-\d\d\|", shown, re.MULTILINE)) == 5


def test_a_server_that_does_not_have_the_folder_or_does_not_answer_is_one_line(ran: Ran, python: Path, server: str):
    told = _run(python, ran.folder, server, "--at", "/no/such/folder")
    assert told.returncode == 1
    assert "the server cannot read history." in told.stderr.splitlines()[-1]
    assert "`--at` says where it has the folder" in told.stderr.splitlines()[-1]
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    told = _run(python, ran.folder, f"sc://127.0.0.1:{port}")
    assert told.returncode == 1
    assert f"no server of Spark Connect answers at sc://127.0.0.1:{port}" in told.stderr.splitlines()[-1]


def test_without_the_extra_or_an_export_there_is_one_line(refreshed: Home, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("LIQUIDITY_HOME", str(refreshed.root.parent))
    (tmp_path / "there").touch()
    told = CliRunner().invoke(app, ["spark", "export", str(tmp_path), "--sample"])
    assert told.exit_code == 1
    assert told.output.strip().endswith(f"{tmp_path} is not empty")
    told = CliRunner().invoke(app, ["spark", "run", str(tmp_path), "sc://127.0.0.1:1"])
    assert told.output.strip().endswith("`liquidity spark export` writes it")
    (tmp_path / PLAN).write_text('{"inputs": [], "models": []}', "utf-8")
    told = CliRunner().invoke(app, ["spark", "run", str(tmp_path), "sc://127.0.0.1:1"])
    assert told.output.strip().endswith("this needs the extra spark: pip install 'dollar-liquidity[spark]'")
