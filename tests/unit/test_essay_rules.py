"""Rules of the seeds behind essay_scorecard: each measure can be made, and what decides says so."""

import csv
import re

import pytest

from ingest.providers import DATASETS
from tests.conftest import REPOSITORY

PROJECT = REPOSITORY / "dbt_project"


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


CLAIMS = {row["claim_id"]: row for row in _seed("essay_claims")}
MEASURES = _seed("essay_measures")
SERIES = {
    term.lstrip("-") for row in MEASURES for term in f"{row['inputs']} {row['divided_by']}".split()
}  # fmt: skip
STATISTICS = (PROJECT / "models" / "intermediate" / "int_essay_measurements.sql").read_text("utf-8")
VERSIONS = (PROJECT / "models" / "staging" / "stg_meta__essay_versions.sql").read_text("utf-8")
VALUES = (PROJECT / "models" / "intermediate" / "int_essay_values.sql").read_text("utf-8")


def test_ninety_claims_of_a_dozen_texts_are_measured():
    measured = {row["claim_id"] for row in MEASURES}
    assert len(CLAIMS) == 139
    assert len(measured) >= 90
    assert len({CLAIMS[claim]["essay_id"] for claim in measured}) >= 12


@pytest.mark.parametrize("series", sorted(SERIES))
def test_every_series_of_a_measure_is_in_the_catalog(series: str):
    dataset, name, *_ = series.split("/")
    if dataset.startswith("policy."):
        assert (PROJECT / "seeds" / f"{dataset.removeprefix('policy.')}.csv").is_file()
        assert f"'{series}'" in VALUES
        return
    known = {one.id for one in DATASETS[dataset].series}
    # tic and the tables of Fiscal Data have no series of that name in the catalog: the model picks rows.
    assert name in known or f"'{series}'" in VERSIONS
    assert f"'{series}'" in VERSIONS or f"'{name}'" in VERSIONS or "{{ price }}" in VERSIONS


def test_no_series_is_read_that_no_measure_uses():
    listed = re.search(r"set fred = \[(.+?)\]", VERSIONS, re.DOTALL)
    assert listed is not None
    read = set(re.findall(r"'(\w+)'", listed[1]))
    assert read == {one.split("/")[1] for one in SERIES if one.startswith("fred.") and one.count("/") == 1}


def test_every_statistic_is_one_that_the_model_has():
    used = {row["statistic"] for row in MEASURES}
    made = set(re.findall(r"when '(\w+)'\s+then", STATISTICS)) | {
        f"{one}_outside_pct" for one in ("lowest", "highest", "last")
    }
    assert used <= made


def test_what_does_not_decide_says_why_and_what_decides_does_not_say_so():
    shown = [row["measure_id"] for row in MEASURES if row["measure_role"] == "shown"]
    assert len(shown) > 10
    wrong = [
        (row["claim_id"], row["measure_id"])
        for row in MEASURES
        if row["tolerance_reason"].endswith("does not decide") != (row["measure_role"] == "shown")
    ]
    assert wrong == []


def test_every_measured_claim_has_a_measure_that_decides():
    deciding = {row["claim_id"] for row in MEASURES if row["measure_role"] == "deciding"}
    assert {row["claim_id"] for row in MEASURES} == deciding


def test_no_price_of_an_exchange_is_a_value():
    """Prices may not be published: levels of them are told as whole percent outside a range, or counted as days."""
    levels = {"last", "minimum", "maximum", "mean", "median", "total", "change", "highest_less_lowest"}
    told = [row["claim_id"] for row in MEASURES if "coinbase" in row["inputs"] and row["statistic"] in levels]
    assert told == []
