"""The New York Fed on every recorded body of rates and operations, held against a plain reading of the JSON."""

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.catalog import Request
from ingest.parsing import parse_body
from ingest.providers import DATASETS

RATES = {
    "effectiveDate": "effective_date",
    "type": "rate_type",
    "percentRate": "rate_pct",
    "percentPercentile1": "percentile_1_pct",
    "percentPercentile25": "percentile_25_pct",
    "percentPercentile75": "percentile_75_pct",
    "percentPercentile99": "percentile_99_pct",
    "volumeInBillions": "volume_usd_bn",
    "targetRateFrom": "target_from_pct",
    "targetRateTo": "target_to_pct",
    "revisionIndicator": "revision_indicator",
    "footnoteId": "footnote_id",
}
HEADINGS = {
    "effectiveDate": "Effective Date",
    "type": "Rate Type",
    "percentRate": "Rate (%)",
    "percentPercentile1": "1st Percentile (%)",
    "percentPercentile25": "25th Percentile (%)",
    "percentPercentile75": "75th Percentile (%)",
    "percentPercentile99": "99th Percentile (%)",
    "volumeInBillions": "Volume ($Billions)",
    "targetRateFrom": "Target Rate From (%)",
    "targetRateTo": "Target Rate To (%)",
    "revisionIndicator": "Revision Indicator (Y/N)",
    "footnoteId": "Footnote ID",
}
OPERATIONS = {
    "operationId": "operation_id",
    "operationDate": "operation_date",
    "settlementDate": "settlement_date",
    "maturityDate": "maturity_date",
    "auctionStatus": "auction_status",
    "operationType": "operation_type",
    "operationMethod": "operation_method",
    "settlementType": "settlement_type",
    "term": "term",
    "termCalenderDays": "term_days",
    "releaseTime": "release_time",
    "closeTime": "close_time",
    "operationLimit": "operation_limit_usd",
    "participatingCpty": "participating_count",
    "acceptedCpty": "accepted_count",
    "totalAmtSubmitted": "submitted_usd",
    "totalAmtAccepted": "accepted_usd",
    "lastUpdated": "last_updated_at",
}
DETAILS = {
    "securityType": "security_type",
    "amtSubmitted": "submitted_usd",
    "amtAccepted": "accepted_usd",
    "minimumBidRate": "minimum_bid_rate_pct",
    "percentHighRate": "high_rate_pct",
    "percentLowRate": "low_rate_pct",
    "percentStopOutRate": "stop_out_rate_pct",
    "percentWeightedAverageRate": "weighted_average_rate_pct",
    "percentOfferingRate": "offering_rate_pct",
    "percentAwardRate": "award_rate_pct",
}


def plain(wire: str, value: Any) -> Any:
    """A JSON value as the warehouse has it: days and times typed, what means nothing is None."""
    if value in (None, "", "NA"):
        return None
    if wire.endswith("Date"):
        return date.fromisoformat(value)
    if wire == "lastUpdated":
        local = datetime.fromisoformat(value).replace(tzinfo=ZoneInfo("America/New_York"))
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
    return str(value) if wire == "footnoteId" else value


def parsed(name: str, body: bytes, columns: set[str]) -> list[dict[str, Any]]:
    frame = parse_body(DATASETS[name], body, Request("recorded", is_file=True))[0].frame
    return frame.select(column for column in frame.columns if column in columns).rows(named=True)


def bodies(recordings: Path, pattern: str) -> list[Path]:
    return [path for path in sorted((recordings / "nyfed").glob(pattern)) if "EMPTY" not in path.name]


def test_every_rate_to_the_last_digit(recordings: Path) -> None:
    paths = bodies(recordings, "rates_*.json")
    assert len(paths) >= 14
    for path in paths:
        rows = json.loads(path.read_bytes())["refRates"]
        expected = [{column: plain(wire, row.get(wire)) for wire, column in RATES.items()} for row in rows]
        found = parsed("nyfed.reference_rates", path.read_bytes(), set(RATES.values()))
        assert found == [{name: row[name] for name in found[0]} for row in expected], path.name


def test_the_site_s_export_of_the_same_rates(recordings: Path) -> None:
    for path in bodies(recordings, "rates_*_search_20??.json"):
        rows = json.loads(path.read_bytes())["refRates"]
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(HEADINGS.values())
        for row in rows:
            day = date.fromisoformat(row["effectiveDate"])
            cells = row | {"effectiveDate": f"{day:%m/%d/%Y}"}
            table.writerow(cells.get(wire, "") for wire in HEADINGS)
        columns = set(RATES.values())
        exported = parsed("nyfed.reference_rates", text.getvalue().encode(), columns)
        assert exported == parsed("nyfed.reference_rates", path.read_bytes(), columns)


@pytest.mark.parametrize("day", [date(2019, 5, 31), date(2021, 8, 5)])
def test_days_without_percentiles_carry_their_footnote(recordings: Path, day: date) -> None:
    body = (recordings / f"nyfed/rates_secured_sofr_search_{day.year}.json").read_bytes()
    (row,) = (row for row in parsed("nyfed.reference_rates", body, {*RATES.values()}) if row["effective_date"] == day)
    assert (row["footnote_id"], row["percentile_1_pct"], row["percentile_99_pct"]) == ("2", None, None)
    assert row["rate_pct"] is not None


def test_every_operation_its_legs_and_its_counterparties(recordings: Path) -> None:
    paths = bodies(recordings, "rp_*.json")
    assert len(paths) >= 10
    for path in paths:
        body = path.read_bytes()
        operations = json.loads(body)["repo"]["operations"]
        found = parsed("nyfed.repo_operations", body, set(OPERATIONS.values()))
        expected = [{column: plain(wire, o.get(wire)) for wire, column in OPERATIONS.items()} for o in operations]
        assert found == [{name: row[name] for name in found[0]} for row in expected], path.name
        found = parsed("nyfed.repo_operation_details", body, {*DETAILS.values(), "operation_id"})
        expected = [
            {column: leg.get(wire) for wire, column in DETAILS.items()} | {"operation_id": o["operationId"]}
            for o in operations
            for leg in o["details"]
        ]
        assert found == [{name: row[name] for name in found[0]} for row in expected], path.name
        found = parsed("nyfed.reverse_repo_propositions", body, {"operation_id", "counterparty_type", "accepted_usd"})
        assert [tuple(row.values()) for row in found] == [
            (o["operationId"], part["counterpartyType"], part["amtAccepted"])
            for o in operations
            for part in o.get("propositions", [])
        ], path.name
