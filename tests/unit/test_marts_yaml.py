"""What the YAML of the marts must say, read without building anything."""

from __future__ import annotations

import csv
from typing import Any

import yaml

from tests.conftest import REPOSITORY

MARTS: list[dict[str, Any]] = yaml.safe_load(
    (REPOSITORY / "dbt_project" / "models" / "marts" / "_marts.yml").read_text("utf-8")
)["models"]


def test_every_price_of_an_exchange_is_marked():
    """The exchanges' terms: no column that is a bitcoin price leaves in a package. A mark taken away is seen here."""
    prices = {
        (mart["name"], column["name"]): column.get("config", {}).get("meta", {}).get("redistributable")
        for mart in MARTS
        for column in mart["columns"]
        if column["name"].endswith("usd_per_btc")
    }
    assert len(prices) >= 3
    assert [name for name, is_redistributable in prices.items() if is_redistributable is not False] == []


def test_checks_of_pairs_are_as_severe_as_the_seed_says():
    with (REPOSITORY / "dbt_project" / "seeds" / "reconciliation_pairs.csv").open(newline="", encoding="utf-8") as file:
        seed = {row["pair"]: row["severity"] for row in csv.DictReader(file)}
    (reconciliation,) = (mart for mart in MARTS if mart["name"] == "reconciliation")
    checks = [test["pair_agrees"] for test in reconciliation["data_tests"] if "pair_agrees" in test]
    assert {check["arguments"]["pair"]: check.get("config", {}).get("severity", "error") for check in checks} == seed
    assert len(checks) == len(seed)
    assert all(check["name"] == f"reconciled_{check['arguments']['pair']}" for check in checks)
