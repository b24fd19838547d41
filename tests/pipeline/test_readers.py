"""Readers in other processes while refreshes publish: no error, no mixture, no step back."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.pipeline.conftest import publish_little
from warehouse.connection import Home
from warehouse.publication import in_place
from warehouse.publication.publish import publish

KEPT = 3

# A reader knows nothing of this project but the link `current`.
READER = """
import json, pathlib, sys, time
import duckdb
root, stop = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
seen, reads = [], 0
while not stop.exists():
    folder = (root / "current").resolve()
    con = duckdb.connect(str(folder / "liquidity.duckdb"), read_only=True)
    (generation,) = con.execute("SELECT id FROM meta.generation").fetchone()
    assert generation == folder.name, (generation, folder.name)
    wrong = con.execute("SELECT mart FROM meta.mart WHERE from_generation <> ?", [generation]).fetchall()
    assert wrong == [], wrong
    for mart, rows in con.execute("SELECT mart, rows FROM meta.mart").fetchall():
        assert con.execute(f"SELECT count(*) FROM marts.{mart}").fetchone() == (rows,), mart
    package = json.loads((folder / "datapackage.json").read_text())
    assert package["version"] == generation
    con.close()
    assert not seen or generation >= seen[-1], (generation, seen[-1])
    if not seen or generation != seen[-1]:
        seen.append(generation)
    reads += 1
    print(generation, flush=True)
    time.sleep(0.5)
print(json.dumps({"seen": seen, "reads": reads}))
"""


@pytest.mark.slow
def test_readers_are_never_blocked_and_see_whole_generations_in_order(
    refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(in_place, "KEEP_GENERATIONS", KEPT)  # fewer to make than a user keeps
    publish_little(monkeypatch)  # readers open the database and the package

    root = tmp_path / "sample"
    shutil.copytree(refreshed.root, root, symlinks=True, ignore=shutil.ignore_patterns("dagster", "dbt", "payloads"))
    home, stop = Home(root, is_simulated=True), tmp_path / "stop"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(root), str(stop)],
            cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    try:
        published = [home.current.resolve().name]
        while True:
            for reader in readers:  # each lives through every swap, whatever else the machine does
                while (said := reader.stdout.readline().strip()) != published[-1]:
                    assert said in published, reader.communicate()[1]
            if len(published) > KEPT:
                break
            published.append(publish(home).id)
    finally:
        stop.touch()
        outputs = [reader.communicate(timeout=120) for reader in readers]
    for reader, (printed, complaint) in zip(readers, outputs, strict=True):
        assert reader.returncode == 0, complaint
        report = json.loads(printed.splitlines()[-1])
        assert report["reads"] > 3
        assert report["seen"] == published
    assert len(list(home.generations.iterdir())) == KEPT
    assert home.current.resolve().name == published[-1]
