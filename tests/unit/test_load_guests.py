"""Files loaded into every dataset whose rows they hold and into no other; a lost link replaced by what was loaded."""

import json
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from ingest import sample
from warehouse.connection import Home, open_work
from warehouse.log.intake import Outcome, take_files, take_in

PROPOSITIONS = "nyfed.reverse_repo_propositions"
KNOWN_AT = datetime(2024, 12, 1)


def operation(number: int, *parts: tuple[str, int]) -> dict[str, object]:
    """A reverse repo of ten dollars; ``parts`` are its counterparties, once they are out."""
    made: dict[str, object] = {
        "operationId": f"RP 013024 {number}",
        "auctionStatus": "Results",
        "operationDate": "2024-01-30",
        "operationType": "Reverse Repo",
        "lastUpdated": "2024-01-30 13:15:40",
        "totalAmtSubmitted": 10,
        "totalAmtAccepted": 10,
        "details": [{"securityType": "Treasury", "amtSubmitted": 10, "amtAccepted": 10, "percentAwardRate": 5.3}],
    }
    return made | ({"propositions": [{"counterpartyType": k, "amtAccepted": a} for k, a in parts]} if parts else {})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def load(home: Home, dataset: str, *operations: dict[str, object]) -> dict[str, Outcome]:
    path = home.root.parent / "body.json"
    path.write_text(json.dumps({"repo": {"operations": operations}}))
    return take_files(home, dataset, [path], run_id="load", known_at=KNOWN_AT)


def held(home: Home) -> list[tuple]:
    with open_work(home) as con:
        return con.execute(
            "SELECT operation_id, counterparty_type, accepted_usd FROM history.nyfed__reverse_repo_propositions "
            "WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted ORDER BY ALL"
        ).fetchall()


def test_counterparties_are_loaded_with_the_operations_that_hold_them(home: Home) -> None:
    outcomes = load(home, "nyfed.repo_operations", operation(1, ("mmf", 7), ("gse", 3)), operation(2))
    new = {dataset: outcome.rows_new for dataset, outcome in outcomes.items()}
    assert new == {"nyfed.repo_operations": 2, "nyfed.repo_operation_details": 2, PROPOSITIONS: 2}
    assert held(home) == [("RP 013024 1", "gse", 3), ("RP 013024 1", "mmf", 7)]


def test_operations_without_counterparties_take_none_away_and_are_no_failure(home: Home) -> None:
    load(home, "nyfed.repo_operations", operation(1, ("mmf", 7), ("gse", 3)))
    for body in ([operation(1)], [operation(1), operation(2, ("pd", 10))]):
        outcomes = load(home, "nyfed.repo_operations", *body)
        assert not any(outcome.failures or outcome.rows_deleted for outcome in outcomes.values())
    assert held(home) == [("RP 013024 1", "gse", 3), ("RP 013024 1", "mmf", 7), ("RP 013024 2", "pd", 10)]


def test_counterparties_that_do_not_add_up_fail_alone(home: Home) -> None:
    outcomes = load(home, "nyfed.repo_operation_details", operation(1, ("mmf", 7)))
    assert [dataset for dataset, outcome in outcomes.items() if outcome.failures] == [PROPOSITIONS]
    assert outcomes["nyfed.repo_operations"].rows_new == 1


def test_a_file_of_counterparties_is_of_nothing_else(home: Home) -> None:
    outcomes = load(home, PROPOSITIONS, operation(1, ("mmf", 10)))
    assert outcomes.keys() == {PROPOSITIONS}


def test_a_page_without_its_link_leads_where_it_led_last_time(home: Home) -> None:
    prices, today = "worldbank.commodity_prices_monthly", KNOWN_AT.date()
    no_link = {"www.worldbank.org": lambda request, response: httpx.Response(200, content=b"<html>new design</html>")}

    def take(moment: datetime, **faults: object) -> Outcome:
        transport = sample.transport(today, **faults)  # type: ignore[arg-type]
        return take_in(home, [prices], run_id="refresh", transport=transport, now=moment)[prices]

    assert [failure.error.name for failure in take(KNOWN_AT, faults=no_link).failures] == ["LayoutError"]
    assert take(KNOWN_AT.replace(hour=1)).rows_new > 200
    again = take(KNOWN_AT.replace(hour=2), faults=no_link)
    assert (again.failures, again.rows_new, len(again.loads)) == ([], 0, 1)
    assert again.notes == ["the page has no link to the workbook any more; asked the address that was loaded last"]
