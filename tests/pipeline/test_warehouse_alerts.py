"""Rules about the warehouse itself: from faults in a refresh to the alert, the digest and the message, and back."""

import json
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from ingest import sample
from ingest.calendars import utc_now
from tests.pipeline.conftest import published_copy
from tests.receiver import receiving
from warehouse.connection import Home, open_work
from warehouse.log.intake import take_in
from warehouse.models import compilation, project
from warehouse.publication import charts, report
from warehouse.publication.alerts import outbox
from warehouse.publication.alerts.digest import TEXT
from warehouse.publication.publish import publish

RATES, METALS, CANDLES = "nyfed.reference_rates", "worldbank.commodity_prices_monthly", "kraken.daily_candles"
RULES = {"dataset_late", "dataset_failing", "pair_broken", "refresh_failed", "verdict_flipped", "headline_revised"}
EVENTS = {"verdict_flipped", "headline_revised"}  # they are over as soon as they are
# What reads the revised rates or `meta`; the rest of the marts stays as it is, which saves a minute.
MODELS = {"stg_nyfed__reference_rates", "source_health", "reconciliation", "revision_log", "alert_history",
          "alert_summary"}  # fmt: skip


def _revised(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """The newest SOFR is another one: its publisher has revised it, the copy at FRED has not."""
    body = json.loads(answer.content)
    newest = max(body["refRates"], key=lambda row: row["effectiveDate"])
    newest["percentRate"] = newest["percentPercentile75"]
    return httpx.Response(200, json=body, headers=dict(answer.headers))


def _gone(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    return httpx.Response(404)


FAULTS = {"/secured/sofr/": _revised, "/en/research/": _gone}


def _make(home: Home, made: project.Project) -> None:
    nodes = [n for n in made.nodes.values() if n.name in MODELS or n.name.startswith(("stg_meta__", "int_alert_"))]
    with open_work(home) as con:
        assert [error for _, _, error, _ in made.make(con, nodes) if error] == []


def _refresh(home: Home, made: project.Project, run_id: str, faults: dict, verdict: str) -> str:
    """A refresh of two datasets, as far as it concerns alerts; returns the text of its digest."""
    transport = sample.transport(faults=faults)
    outcomes = take_in(home, [METALS, RATES], run_id=run_id, transport=transport)
    failures = [str(failure.error) for outcome in outcomes.values() for failure in outcome.failures]
    _make(home, made)
    with open_work(home) as con:
        con.execute("UPDATE marts.thesis_scorecard SET claim_now_verdict = ? WHERE claim_id = 'R22'", [verdict])
    generation = publish(home, allow_shrink=[CANDLES])
    outbox.after_run(home, run_id, failures, is_published=True)
    return (home.generations / generation.id / TEXT).read_text("utf-8")


def _states(home: Home, made: project.Project, since: datetime) -> dict[str, str]:
    """The newest state of each rule that was on since then, as the next refresh shows it."""
    _make(home, made)
    with open_work(home) as con:
        rows = con.execute(
            "SELECT rule_id, arg_max(state, known_at) FROM marts.alert_history WHERE known_at > ? GROUP BY 1", [since]
        ).fetchall()
        on = con.execute("SELECT rule_id FROM marts.alert_summary WHERE is_on AND evidence = 'refresh'").fetchall()
    states = dict(rows)
    assert {rule for (rule,) in on} == {rule for rule, state in states.items() if state == "raised"} - EVENTS
    return states


@pytest.mark.slow
def test_faults_in_a_refresh_raise_the_rules_about_the_warehouse_and_their_end_clears_them(
    refreshed: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home, since = published_copy(refreshed, tmp_path / "sample"), utc_now()
    made = compilation.compiled_project(home)
    with open_work(home) as con:
        (verdict,) = con.execute(
            "SELECT DISTINCT claim_now_verdict FROM marts.thesis_scorecard WHERE claim_id = 'R22'"
        ).fetchone()
        missed = "raw.kraken__daily_candles WHERE candle_date > today() - 20"
        con.execute(f"CREATE TABLE missed AS FROM {missed}")
        con.execute(f"DELETE FROM {missed}")
    assert verdict != "rhetoric"
    # Pictures and page take ten CPU seconds, and say nothing here.
    monkeypatch.setattr(charts, "rendering", lambda *_: nullcontext(list))
    monkeypatch.setattr(report, "script", lambda *_: "")
    monkeypatch.setattr(report, "write", lambda *_: None)
    with receiving() as receiver:
        monkeypatch.setenv("LIQUIDITY_NOTIFY", receiver.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        told = _refresh(home, made, "faulty", FAULTS, "rhetoric")
        assert _states(home, made, since) == dict.fromkeys(RULES, "raised")
        with open_work(home) as con:
            con.execute("INSERT INTO raw.kraken__daily_candles FROM missed")
        healed = _refresh(home, made, "good", {}, "rhetoric")
        assert _states(home, made, since) == dict.fromkeys(RULES - EVENTS, "cleared") | dict.fromkeys(EVENTS, "raised")
    for words in (
        "info A published headline value was revised",
        "LATE (1)\n  kraken.daily_candles",
        "FAILING (1 dataset, 3 series)\n  worldbank.commodity_prices_monthly (3 series): HttpStatusError:",
        "PUBLISHERS THAT DIFFER (2)\n  sofr_nyfed_fred",
        "VERDICTS THAT FLIPPED (1)\n  R22",
    ):
        assert words in told
        assert words not in healed
    for words in ("XBTUSD is no longer late", "(3 series) is no longer failing", "sofr_nyfed_fred agrees again"):
        assert words in healed
    first, second = receiver.titles
    assert first == "SIMULATED: refresh failed, 1 failure; 1 fired, 1 dataset late, 1 dataset failing"
    assert second == "SIMULATED: refresh works again; 4 recovered"
