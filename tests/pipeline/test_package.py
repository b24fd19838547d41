"""The descriptions of a generation are valid by their standards' own tools; `verify` finds what is not as published."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from ingest.providers import DATASETS
from orchestration.cli import app
from tests.pipeline.conftest import run_liquidity
from warehouse.connection import Home, open_published
from warehouse.generation import SIMULATED_NOTICE
from warehouse.publication.package import sums_text
from warehouse.publication.verify import verify

# Frictionless reads Parquet row by row, 30 s for all marts; larger ones are compared by columns and count (`verify`).
MOST_ROWS = 500


@pytest.fixture(scope="module")
def folder(refreshed: Home) -> Path:
    return refreshed.current.resolve()


@pytest.fixture(scope="module")
def package(folder: Path) -> dict:
    return json.loads((folder / "datapackage.json").read_text("utf-8"))


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A generation of one's own to damage."""
    return shutil.copytree(folder, tmp_path / "copy")


@pytest.mark.slow
def test_frictionless_finds_descriptor_and_data_valid(copy: Path, package: dict):
    from frictionless import Package, Report, validate

    assert list(Package.metadata_validate(package)) == []
    small = [r for r in package["resources"] if r["rows"] <= MOST_ROWS]
    assert len(small) > 10

    def checked(resources: list[dict]) -> Report:
        (copy / "part.json").write_text(json.dumps(package | {"resources": resources}), "utf-8")
        return validate(str(copy / "part.json"), type="package")

    result = checked(small)
    assert [(task.name, error.type, error.note) for task in result.tasks for error in task.errors] == []
    assert result.valid
    # The same tool sees a count and a type that are wrong.
    wrong = json.loads(json.dumps(small[:1]))
    wrong[0]["rows"] += 1
    wrong[0]["schema"]["fields"][1]["type"] = "date"
    found = {error.type for task in checked(wrong).tasks for error in task.errors}
    assert found >= {"row-count", "type-error"}


def test_every_resource_has_key_licence_source_unit_and_hash(package: dict, folder: Path):
    assert package["version"] == folder.name
    assert package["asOf"] <= package["created"]
    for resource in package["resources"]:
        names = {field["name"] for field in resource["schema"]["fields"]}
        key = resource["schema"]["primaryKey"]
        assert set(key) <= names
        frame = pl.read_parquet(folder / resource["path"])
        assert frame.select(key).is_unique().all(), resource["title"]
        assert all(set(licence) >= {"name", "path", "title"} for licence in resource["licenses"])
        assert resource["sources"]
        assert resource["description"].startswith(SIMULATED_NOTICE)
        without_unit = [
            field["name"]
            for field in resource["schema"]["fields"]
            if field["name"].endswith(("_bn", "_pct", "_bp", "_ratio", "_count")) and "unit" not in field
        ]
        assert without_unit == []


def test_licences_follow_the_datasets_and_forbidden_ones_are_nowhere(package: dict):
    by_mart = {r["title"]: {licence["title"] for licence in r["licenses"]} for r in package["resources"]}
    assert by_mart["basis_trade_weekly"] == {"MIT", DATASETS["cftc.traders_in_financial_futures"].licence.name}
    assert "CC BY 4.0" in by_mart["foreign_holdings_monthly"]
    assert "CC BY 4.0" not in by_mart["basis_trade_weekly"]
    assert "New York Fed Terms of Use" in by_mart["policy_corridor_daily"]
    assert by_mart["series_catalog"] == {"MIT"}  # it holds words of ours, no publisher's values
    forbidden = {d.licence.name for d in DATASETS.values() if not d.licence.is_redistributable}
    assert len(forbidden) >= 2
    assert forbidden & set().union(*by_mart.values()) == set()


@pytest.mark.slow
def test_croissant_is_valid_and_its_records_are_the_mart(folder: Path, package: dict, refreshed: Home):
    import jsonpath_ng

    sys.modules["jsonpath_rw"] = jsonpath_ng  # the fork for what mlcroissant imports, see requirements/licences.md
    import mlcroissant as mlc
    from absl import logging as absl_logging

    # absl comes with mlcroissant. Its handler closes the stream that it logs to when logging is configured anew, as
    # Dagster does at each run: that stream would be pytest's own.
    absl_logging.get_absl_handler().python_handler.setStream(io.StringIO())
    dataset = mlc.Dataset(folder / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (list(issues.errors), list(issues.warnings)) == ([], [])
    assert {record_set.name for record_set in dataset.metadata.record_sets} == {
        r["title"] for r in package["resources"]
    }
    assert SIMULATED_NOTICE in dataset.metadata.description
    assert all(SIMULATED_NOTICE in record_set.description for record_set in dataset.metadata.record_sets)
    assert {file.id: f"sha256:{file.sha256}" for file in dataset.metadata.file_objects} == {
        resource["path"]: resource["hash"] for resource in package["resources"]
    }
    mart = "basis_trade_total_weekly"
    records = list(dataset.records(mart))
    frame = pl.read_parquet(folder / "parquet" / f"{mart}.parquet")
    assert len(records) == frame.height
    found = {record[f"{mart}/report_date"].date(): record[f"{mart}/short_usd_bn"] for record in records}
    assert found == dict(frame.select("report_date", "short_usd_bn").iter_rows())


def test_an_untouched_generation_verifies_and_so_do_the_sums(folder: Path, refreshed: Home, package: dict):
    result = verify(folder)
    assert result.problems == []
    assert result.rows == sum(resource["rows"] for resource in package["resources"])
    assert result.files == len(package["resources"]) + len(package["local"]) + 2
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    for arguments in ([], [folder.name], [str(folder)]):
        done = run_liquidity(refreshed.root.parent, "verify", "--sample", *arguments)
        assert done.returncode == 0, done.stderr
        assert "all as published" in done.stdout


def _flip(path: Path) -> None:
    before = path.read_bytes()
    middle = len(before) // 2
    path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])


@pytest.mark.slow
def test_one_flipped_byte_is_found_and_its_file_named(copy: Path):
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    one_of_a_kind = {(path.parent, path.suffix if path.parent != copy else path.name): path for path in files}
    assert len(one_of_a_kind) >= 8
    for path in one_of_a_kind.values():
        _flip(path)
        assert [name for name, _ in verify(copy).problems] == [path.relative_to(copy).as_posix()]
        _flip(path)
    assert verify(copy).problems == []
    for path in files:
        if path.name != "SHA256SUMS":
            _flip(path)
    names = {path.relative_to(copy).as_posix() for path in files} - {"SHA256SUMS"}
    assert {name for name, _ in verify(copy).problems} == names


def test_what_is_missing_and_what_is_extra_is_named(copy: Path, refreshed: Home):
    (copy / "parquet" / "srf_operations.parquet").unlink()
    (copy / "parquet" / "more.parquet").write_bytes(b"PAR1")
    done = run_liquidity(refreshed.root.parent, "verify", str(copy))
    assert done.returncode == 1
    assert "parquet/srf_operations.parquet: missing" in done.stderr
    assert "parquet/more.parquet: extra" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_truncated_package_is_named_and_the_rest_still_checked(copy: Path):
    package = copy / "datapackage.json"
    package.write_bytes(package.read_bytes()[:1000])
    (copy / "report" / "index.html").write_text("other", "utf-8")
    assert [name for name, _ in verify(copy).problems] == ["datapackage.json", "report/index.html"]
    (copy / "SHA256SUMS").unlink()
    assert [name for name, _ in verify(copy).problems] == ["SHA256SUMS", "datapackage.json"]


def test_a_package_that_describes_other_data_is_found_though_every_hash_is_right(copy: Path):
    """Bytes as recorded, but the record itself is wrong: rows, a type, a column."""
    path = copy / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    by_title = {resource["title"]: resource for resource in package["resources"]}
    by_title["srf_operations"]["rows"] += 1
    by_title["funding_stress_daily"]["schema"]["fields"][1]["type"] = "string"
    by_title["basis_trade_weekly"]["schema"]["fields"].pop()
    path.write_text(json.dumps(package), "utf-8")
    sums = dict(reversed(line.split("  ")) for line in (copy / "SHA256SUMS").read_text().splitlines()[:-1])
    sums["datapackage.json"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (copy / "SHA256SUMS").write_text(sums_text(sums))
    found = verify(copy).problems
    assert {name for name, _ in found} == {
        "parquet/srf_operations.parquet", "parquet/funding_stress_daily.parquet", "parquet/basis_trade_weekly.parquet",
        "liquidity.duckdb",
    }  # fmt: skip
    assert len(found) == 4


def test_verify_without_a_generation_says_so(tmp_path: Path):
    for arguments in (["--sample"], ["--sample", "20200101T000000"], [str(tmp_path)]):
        done = run_liquidity(tmp_path, "verify", *arguments)
        assert done.returncode == 1
        assert "Error:" in done.stderr.replace("NotPublishedError", "Error").replace("WarehouseError", "Error")
        assert "Traceback" not in done.stderr


def test_report_prints_its_path_and_opens_it(refreshed: Home, monkeypatch: pytest.MonkeyPatch, folder: Path):
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    monkeypatch.setenv("LIQUIDITY_HOME", str(refreshed.root.parent))
    page = folder / "report" / "index.html"
    result = CliRunner().invoke(app, ["report", "--sample", "--path"])
    assert (result.exit_code, result.stdout.strip(), opened) == (0, str(page), [])
    result = CliRunner().invoke(app, ["report", "--sample"])
    assert (result.exit_code, result.stdout.strip(), opened) == (0, str(page), [page.as_uri()])
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    result = CliRunner().invoke(app, ["report", "--sample"])
    assert (result.exit_code, result.stdout.strip()) == (0, str(page))


def test_report_without_a_publication_says_what_to_do(tmp_path: Path):
    done = run_liquidity(tmp_path, "report", "--sample")
    assert done.returncode == 1
    assert "liquidity refresh --sample" in done.stderr
    assert done.stdout == ""


def test_what_dbt_knows_of_a_mart_is_kept(refreshed: Home):
    with open_published(refreshed) as con:
        without = con.execute(
            "SELECT mart FROM meta.mart WHERE mart NOT IN (SELECT mart FROM meta.mart_key) "
            "OR mart NOT IN (SELECT mart FROM meta.mart_source)"
        ).fetchall()
        unknown = con.execute(
            "SELECT source FROM meta.mart_source WHERE NOT regexp_matches(source, '^(seed|meta)[.]') "
            "AND source NOT IN (SELECT dataset FROM meta.catalog)"
        ).fetchall()
        thresholds = con.execute(
            "SELECT mart FROM meta.mart_source WHERE source = 'seed.regime_thresholds' ORDER BY mart"
        ).fetchall()
    assert (without, unknown) == ([], [])
    assert [mart for (mart,) in thresholds] == [
        "alert_history", "alert_summary", "funding_stress_as_known_daily", "funding_stress_daily",
        "liquidity_regime_daily", "srf_event_study", "srf_event_window", "thesis_scorecard",
    ]  # fmt: skip
