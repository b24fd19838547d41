"""`liquidity trace`: from a number in a mart to the archived bytes that hold it."""

import json
from pathlib import Path

import pytest

from ingest.payloads import Archive
from tests.pipeline.conftest import run_liquidity
from warehouse.connection import Home, WarehouseError, open_published
from warehouse.publication.trace import trace


def _one(home: Home, query: str) -> tuple:
    with open_published(home) as con:
        row = con.execute(query).fetchone()
    assert row is not None
    return row


def _body(home: Home, payload_id: str) -> dict:
    return json.loads(Archive(home.payloads).get(payload_id))


def test_a_sofr_is_found_in_the_bytes_it_came_from(refreshed: Home):
    found = trace(refreshed, "funding_stress_daily", "effective_date = '2025-10-31'", ["sofr_pct"])
    assert found.sources == {"nyfed.reference_rates": ("SOFR",)}
    (origin,) = found.origins
    assert (origin.found_by, origin.equals, origin.key["rate_type"]) == ("same date", ("sofr_pct",), "SOFR")
    assert origin.is_archived
    (rate,) = [
        rate for rate in _body(refreshed, origin.payload_id)["refRates"]
        if rate["effectiveDate"] == "2025-10-31" and rate["type"] == "SOFR"
    ]  # fmt: skip
    assert rate["percentRate"] == found.row["sofr_pct"] == origin.values["rate_pct"]
    fetched = _one(
        refreshed, f"SELECT url, started_at FROM meta.fetch WHERE payload_id = '{origin.payload_id}' AND status = 200"
    )
    assert (origin.url, origin.fetched_at) == fetched
    assert "/rates/secured/sofr/" in origin.url


def test_an_srf_operation_is_found_in_the_bytes_it_came_from(refreshed: Home):
    (operation,) = _one(
        refreshed,
        "SELECT operation_id FROM marts.srf_operations WHERE operation_date = '2025-10-31' AND day_half = 'afternoon'",
    )
    found = trace(refreshed, "srf_operations", f"operation_id = '{operation}'", ["accepted_usd_bn"])
    (origin,) = found.origins
    assert origin.key == {"operation_id": operation}
    assert origin.equals == ("accepted_usd_bn",)
    (told,) = [o for o in _body(refreshed, origin.payload_id)["repo"]["operations"] if o["operationId"] == operation]
    assert told["totalAmtAccepted"] == origin.values["accepted_usd"] == round(found.row["accepted_usd_bn"] * 1e9)


def test_take_up_of_a_day_leads_to_both_of_its_operations(refreshed: Home):
    found = trace(refreshed, "funding_stress_daily", "effective_date = '2025-10-31'", ["srf_accepted_usd_bn"])
    accepted = [o.values["accepted_usd"] for o in found.origins if o.values["operation_type"] == "Repo"]
    assert len(accepted) == 2
    assert sum(accepted) / 1e9 == pytest.approx(found.row["srf_accepted_usd_bn"])
    assert "srf_policy" in found.seeds


def test_a_level_of_another_day_and_unit_is_found_by_the_date_that_the_row_names(refreshed: Home):
    found = trace(refreshed, "funding_stress_daily", "effective_date = '2025-10-31'", ["reserves_usd_bn"])
    (origin,) = found.origins
    assert origin.found_by == "date that the row names"
    assert (origin.key["series_id"], origin.effective_date) == ("WRBWFRBL", found.row["reserves_as_of_date"])
    assert origin.values["unit"] == "usd_mn"
    assert origin.equals == ("reserves_usd_bn",)
    assert origin.values["value"] == pytest.approx(found.row["reserves_usd_bn"] * 1000)


def test_a_difference_leads_to_the_two_numbers_that_make_it_and_only_them(refreshed: Home):
    found = trace(refreshed, "funding_stress_daily", "effective_date = '2025-10-31'", ["sofr_minus_ceiling_bp"])
    sofr, ceiling = (found.row[name] for name in ("sofr_pct", "target_ceiling_pct"))
    assert [(origin.dataset, *origin.values.values()) for origin in found.origins] == [
        ("nyfed.reference_rates", sofr), ("fred.observations", ceiling, "pct"),
    ]  # fmt: skip
    assert [origin.key.get("series_id") or origin.key["rate_type"] for origin in found.origins] == ["SOFR", "DFEDTARU"]
    assert f"is sofr_pct {sofr:g} less target_ceiling_pct {ceiling:g}." in found.notes[-1]


def test_only_rows_of_the_same_country(refreshed: Home):
    newest = "country = 'Japan' AND month_date = (SELECT max(month_date) FROM marts.foreign_holdings_monthly)"
    found = trace(refreshed, "foreign_holdings_monthly", newest, ["holdings_usd_bn"])
    assert {origin.key["country"] for origin in found.origins} == {"Japan"}
    assert any(origin.equals for origin in found.origins)


@pytest.mark.slow
def test_every_mart_can_be_traced(refreshed: Home):
    silent = set()
    with open_published(refreshed) as con:
        marts = con.execute("SELECT mart, rows FROM meta.mart WHERE rows > 0 ORDER BY 1").fetchall()
    for mart, rows in marts:
        found = trace(refreshed, mart, f"rowid = {rows * 3 // 4}")
        if not found.origins:
            silent.add(mart)
    # The warehouse's own records, and averages over days that no date names.
    assert silent <= {
        "source_health", "release_calendar", "series_catalog", "srf_event_window", "revision_log",
        "srf_scenario_drivers", "forecast_ledger", "forecast_scores",
    }  # fmt: skip


def test_a_published_generation_is_enough_and_lost_bodies_are_said(refreshed: Home, tmp_path: Path):
    home = Home(tmp_path / "sample", is_simulated=True)  # no work file, no manifest, no archive
    home.root.mkdir()
    (home.root / "generations").symlink_to(refreshed.generations)
    home.current.symlink_to(refreshed.current.readlink())
    found = trace(home, "funding_stress_daily", "effective_date = '2025-10-31'", ["sofr_pct"])
    (origin,) = found.origins
    assert origin.equals == ("sofr_pct",)
    assert not origin.is_archived


@pytest.mark.parametrize(
    ("mart", "where", "columns", "said"),
    [
        ("funding_stres_daily", "true", [], "did you mean funding_stress_daily"),
        ("srf_operations", "operation_id = 'none'", [], "picks no row"),
        ("srf_operations", "operation_date = '2025-10-31'", [], "2 rows"),
        ("policy_corridor_daily", "true", [], "more than 1,000 rows"),
        ("srf_operations", "operation_dat = 1", [], "--where is no condition"),
        ("srf_operations", "operation_id = (SELECT min(operation_id) FROM marts.srf_operations)", ["accepted_bn"],
         "did you mean accepted_usd_bn"),
    ],
)  # fmt: skip
def test_what_cannot_be_traced_says_why(refreshed: Home, mart: str, where: str, columns: list[str], said: str):
    with pytest.raises(WarehouseError, match=said):
        trace(refreshed, mart, where, columns)


def test_the_command_prints_the_way_and_fails_in_one_line(refreshed: Home):
    arguments = ("funding_stress_daily", "--where", "effective_date = '2025-10-31'", "--column", "sofr_pct", "--sample")
    result = run_liquidity(refreshed.root.parent, "trace", *arguments)
    assert result.returncode == 0, result.stderr
    (origin,) = trace(refreshed, "funding_stress_daily", "effective_date = '2025-10-31'", ["sofr_pct"]).origins
    for text in (f"sha256 {origin.payload_id}", origin.url, str(origin.body), "fetched at", "modelled", "no proof"):
        assert text in result.stdout
    assert "SIMULATED" in result.stderr
    wrong = run_liquidity(refreshed.root.parent, "trace", "funding_stress", "--where", "true")
    assert wrong.returncode == 1
    assert "did you mean" in wrong.stderr
    assert "Traceback" not in wrong.stderr
