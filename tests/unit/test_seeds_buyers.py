"""Facts that stand both in a provider file and in a seed say the same."""

import csv

from ingest.providers.cftc import CONTRACT_FACE_USD
from tests.conftest import REPOSITORY


def test_face_values_of_the_seed_are_those_that_the_parser_holds_reports_to():
    with (REPOSITORY / "dbt_project/seeds/treasury_futures_contracts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["contract_code"]: int(row["face_usd"]) for row in rows} == CONTRACT_FACE_USD
    remembered = [row["contract_code"] for row in rows if row["face_status"] == "remembered"]
    assert remembered == ["039601"]
