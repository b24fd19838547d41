"""Files saved by hand, through the door of `liquidity load`: what they change, and what is said when they do not."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.providers import DATASETS
from tests.conftest import REPOSITORY
from warehouse.connection import Home, open_work
from warehouse.log.intake import Outcome, take_files

README = (REPOSITORY / "README.md").read_text("utf-8")
PENNY = "Record Date,Debt Held by the Public,Intragovernmental Holdings,Total Public Debt Outstanding\n"
PENNY += "2024-02-07,25100200300400.05,7000000000000.10,32100200300400.15\n"


def _load(
    tmp_path: Path, dataset_id: str, body: str, *, series: str | None = None, known_at: datetime | None = None
) -> tuple[Outcome, list[str]]:
    path, said = tmp_path / "saved.csv", []
    path.write_text(body, "utf-8")
    outcomes = take_files(
        Home(tmp_path / "home"), dataset_id, [path], run_id="test", series=series, known_at=known_at,
        progress=lambda name, words: said.append(words),
    )  # fmt: skip
    return outcomes[dataset_id], said


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.id)
def test_the_readme_says_what_can_be_loaded(dataset):
    assert dataset.by_hand
    (row,) = [
        line for line in README.splitlines() if line.startswith("| `") and f"`{dataset.id}`" in line.split("|")[1]
    ]
    assert row.split(" | ", 1)[1] == f"{dataset.by_hand} |"


def test_a_file_for_another_dataset_is_told_where_it_belongs(tmp_path: Path):
    outcome, said = _load(tmp_path, "fiscaldata.avg_interest_rates", PENNY)
    assert "tick 'Security Type Description'" in str(outcome.failures[0].error)
    assert said[-1] == "the file reads as fiscaldata.debt_to_penny; load it there"


def test_a_file_that_nobody_reads_is_told_what_can_be_loaded(tmp_path: Path):
    outcome, said = _load(tmp_path, "fred.observations", "Name,Age\nAnn,7\n")
    assert len(outcome.failures) == 1
    dataset = DATASETS["fred.observations"]
    assert said[-1] == f"what can be loaded into {dataset.id}: {dataset.by_hand}"


def test_a_poorer_download_leaves_what_is_held_and_a_richer_one_fills_it(tmp_path: Path):
    row = {
        "record_date": "2024-04-30", "security_type_desc": "Marketable", "security_class_desc": "Notes",
        "debt_held_public_mil_amt": "13750000.5", "intragov_hold_mil_amt": "4200.5", "total_mil_amt": "13754201",
    }  # fmt: skip
    poor, rich = json.dumps({"data": [row]}), json.dumps({"data": [row | {"src_line_nbr": "2"}]})
    for body, line in ((poor, None), (rich, "2"), (poor, "2")):
        outcome, _ = _load(tmp_path, "fiscaldata.mspd_table_1", body)
        assert not outcome.failures
        with open_work(Home(tmp_path / "home")) as con:
            held = con.execute(
                "SELECT src_line_nbr, total_usd_mn FROM history.fiscaldata__mspd_table_1 "
                "WHERE known_to = TIMESTAMP '9999-12-31'"
            ).fetchall()
        assert held == [(line, 13_754_201.0)]
    assert (outcome.rows_new, outcome.rows_revised) == (0, 0)
    assert any("'Source Line Number'" in note for note in outcome.notes)


def test_a_richer_file_of_an_earlier_day_is_not_emptied_by_the_poorer_one_loaded_first(tmp_path: Path):
    auctions = "fiscaldata.auctions_query"
    key = {"cusip": "912TEST01", "auction_date": "2024-05-08"}
    _load(tmp_path, auctions, json.dumps([key]), known_at=datetime(2025, 12, 15))
    outcome, _ = _load(
        tmp_path, auctions, json.dumps([key | {"offering_amt": "41000000000"}]), known_at=datetime(2025, 1, 2)
    )
    assert not outcome.failures
    with open_work(Home(tmp_path / "home")) as con:
        held = con.execute(
            "SELECT offering_usd FROM history.fiscaldata__auctions_query WHERE known_to = TIMESTAMP '9999-12-31'"
        ).fetchall()
    assert held == [(41e9,)]


@pytest.mark.parametrize(("name", "known"), [("fred", "fred.observations"), ("tic", "tic.slt_country_flows")])
def test_a_provider_is_no_dataset_and_its_datasets_are_named(name: str, known: str, tmp_path: Path):
    from orchestration.cli import app

    (tmp_path / "saved.csv").write_text(PENNY, "utf-8")
    result = CliRunner().invoke(app, ["load", name, str(tmp_path / "saved.csv")], env={"COLUMNS": "400"})
    assert result.exit_code == 2
    assert f"'{name}' is a provider" in result.output
    assert known in result.output
