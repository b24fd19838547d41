"""The digest of a generation, its feed, and that the command line tells people."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from tests.pipeline.conftest import publish_little, published_copy
from tests.receiver import receiving
from warehouse.connection import Home, open_published, open_work
from warehouse.generation import marts
from warehouse.log import renewals
from warehouse.publication.alerts.digest import _FIGURES, TEXT, WIDTH
from warehouse.publication.alerts.feed import FEED
from warehouse.publication.publish import publish
from warehouse.publication.verify import verify

_ENTRY = "{http://www.w3.org/2005/Atom}entry"
_FIRED = """
    INSERT INTO marts.alert_history BY NAME
    SELECT * REPLACE (DATE '2026-11-27' AS effective_date, ? AS known_at, ? AS state, state = 'raised' AS is_first_day)
    FROM marts.alert_history WHERE rule_id = ? AND state = 'raised' ORDER BY known_at DESC LIMIT 1"""


@pytest.fixture
def home(refreshed: Home, tmp_path: Path) -> Home:
    return published_copy(refreshed, tmp_path / "sample")


@pytest.fixture(scope="module")
def read(refreshed: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A first generation of the marts that a digest reads, without history: one of everything takes 2 CPU s."""
    names = {"alert_history", "alert_summary", "source_health", "reconciliation", "thesis_scorecard", "revision_log"}
    names |= {mart for _, mart, *_ in _FIGURES}
    home = published_copy(refreshed, tmp_path_factory.mktemp("digest") / "sample")
    with open_work(home) as con:
        con.execute("DROP SCHEMA staging CASCADE; DROP SCHEMA intermediate CASCADE")
        for mart in set(marts(con)) - names:
            con.execute(f"DROP TABLE marts.{mart}")
        for dataset in DATASETS.values():
            con.execute(f"DELETE FROM raw.{dataset.table}")
    shutil.rmtree(home.generations)
    home.current.unlink()
    with pytest.MonkeyPatch.context() as patched:
        publish_little(patched)
        publish(home)
    return home


@pytest.fixture
def small(read: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of it; its publications have the database, the digest and the feed."""
    publish_little(monkeypatch)
    return published_copy(read, tmp_path / "sample")


def _digest(home: Home, *statements: tuple[str, list]) -> str:
    """Text of the digest of a generation that is made after the statements were run on the work file."""
    with open_work(home) as con:
        for sql, values in statements:
            con.execute(sql, values)
    generation = publish(home)
    text = (home.generations / generation.id / TEXT).read_text("utf-8")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "could not be written" not in text
    return text


def _section(text: str, heading: str) -> str:
    """The lines under a heading, in one line."""
    _, found, rest = text.partition(f"\n{heading}")
    return " ".join(rest.partition("\n\n")[0].split()) if found else ""


@pytest.mark.slow
def test_a_generation_like_the_one_before_is_quiet(home: Home, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(renewals, "due", lambda _: [renewals.Renewal("tax_deadlines", date(2026, 12, 1), "the IRS")])
    text = _digest(home)
    assert _section(text, "FACTS KEPT BY HAND THAT ARE DUE (1)") == "tax_deadlines, good until 2026-12-01: see the IRS"
    assert text.startswith("Dollar liquidity: all quiet\n")
    assert "SIMULATED" in text
    assert _section(text, "FIRED") == _section(text, "RECOVERED") == ""
    assert "ON RRP drained, since" in _section(text, "ON (")
    with open_published(home) as con:
        (sofr,) = con.execute(
            "SELECT arg_max(sofr_pct, effective_date) FROM marts.funding_stress_daily WHERE sofr_pct IS NOT NULL"
        ).fetchone()
    assert f"SOFR {sofr:.2f} %" in _section(text, "NUMBERS")


@pytest.mark.slow
def test_what_fires_recovers_is_late_fails_differs_and_flips_is_told_once(small: Home):
    now = utc_now()
    text = _digest(
        small,
        (_FIRED, [now, "raised", "sofr_at_ceiling"]),
        (_FIRED, [now, "cleared", "on_rrp_drained"]),
        ("UPDATE marts.source_health SET health = 'late' WHERE series = 'WALCL'", []),
        (
            "UPDATE marts.source_health SET health = 'failing', last_error = 'LayoutError: changed' "
            "WHERE series = 'SOFR' AND dataset = 'nyfed.reference_rates'",
            [],
        ),
        ("UPDATE marts.reconciliation SET verdict = 'differ' WHERE pair = 'sofr_nyfed_fred'", []),
        ("UPDATE marts.thesis_scorecard SET claim_now_verdict = 'rhetoric' WHERE claim_id = 'R22'", []),
    )
    assert text.startswith("Dollar liquidity: 1 fired, 1 recovered, 1 dataset late, 1 dataset failing\n")
    assert "alarm SOFR at or over the ceiling, 2026-11-27" in _section(text, "FIRED (1)")
    assert "ON RRP drained" in _section(text, "RECOVERED (1)")
    assert _section(text, "LATE (1)").endswith("(new)")
    assert "LayoutError: changed (new)" in _section(text, "FAILING (1)")
    assert "sofr_nyfed_fred" in _section(text, "PUBLISHERS THAT DIFFER (1)")
    assert "is now rhetoric" in _section(text, "VERDICTS THAT FLIPPED (1)")
    again = _digest(small)
    assert again.startswith("Dollar liquidity: 1 dataset late, 1 dataset failing\n")
    assert _section(again, "FIRED") == _section(again, "VERDICTS") == ""
    assert "(new)" not in again
    healed = _digest(small, ("UPDATE marts.source_health SET health = 'good' WHERE health IN ('late', 'failing')", []))
    assert healed.startswith("Dollar liquidity: 2 recovered\n")
    assert "fred.observations WALCL is no longer late" in _section(healed, "RECOVERED (2)")


@pytest.mark.slow
def test_a_provider_that_is_down_is_one_line_with_its_datasets(small: Home):
    down = "NetworkError: fiscaldata was given up after: api.example: refused"
    bad = "UPDATE marts.source_health SET health = 'failing', last_error = ? WHERE starts_with(dataset, ?)"
    mark = "HttpStatusError: www.example answered 503 to https://www.example/'||dataset||'?x; try later"
    text = _digest(
        small,
        (bad, [down, "fiscaldata."]),
        (bad.replace("?", f"'{mark}'", 1), ["frb."]),
        (f"{bad} AND series LIKE 'W%'", ["LayoutError: changed", "fred."]),
        ("UPDATE marts.source_health SET health = 'late' WHERE dataset = 'tic.slt_country_flows'", []),
    )  # fmt: skip
    with open_published(small) as con:
        series = dict(
            con.execute(
                "SELECT dataset, count(*) FROM marts.source_health WHERE health = 'failing' GROUP BY 1"
            ).fetchall()
        )
    fiscal = sorted(name.partition(".")[2] for name in series if name.startswith("fiscaldata."))
    total, count = sum(series.values()), len(series)
    assert text.startswith(f"Dollar liquidity: 1 dataset late, {count} datasets failing\n")
    found = _section(text, f"FAILING ({count} datasets, {total} series)")
    assert found.startswith(
        f"fiscaldata ({len(fiscal)} datasets): NetworkError: api.example: refused (new) {', '.join(fiscal)} "
        "frb (2 datasets): HttpStatusError: www.example answered 503 to https://www.example; try later (new) h41, h8 "
        f"fred.observations ({series['fred.observations']} series): LayoutError: changed (new) W"
    )
    assert found.endswith("more")
    assert len(text.partition("\nFAILING")[2].partition("\n\n")[0].splitlines()) < 16
    assert "(new)" not in _digest(small)
    one = "UPDATE marts.source_health SET health = 'good' WHERE starts_with(dataset, 'fiscaldata.')"
    healed = _section(_digest(small, (one, [])), "RECOVERED (1)")
    assert healed == f"fiscaldata ({len(fiscal)} datasets) is no longer failing {', '.join(fiscal)}"


def test_a_mart_of_another_shape_costs_its_part_alone(small: Home):
    """So it was after the upgrade of a first version's warehouse: a new mart was held back, with no earlier values."""
    text = _digest(
        small,
        (_FIRED, [utc_now(), "raised", "sofr_at_ceiling"]),
        ("ALTER TABLE marts.reconciliation RENAME COLUMN verdict TO said", []),
        ("ALTER TABLE marts.revision_log RENAME COLUMN old_value TO value", []),
    )
    assert text.startswith("Dollar liquidity: 1 fired, 2 not readable\n")
    assert "SOFR at or over the ceiling" in _section(text, "FIRED (1)")
    found = _section(text, "MARTS THAT THE DIGEST CANNOT READ (2)")
    assert "reconciliation: Binder Error" in found
    assert "revision_log: Binder Error" in found
    assert "SOFR" in _section(text, "NUMBERS")


@pytest.mark.slow
def test_history_that_comes_in_late_and_rules_that_are_changed_bring_their_past_silently(small: Home):
    old = utc_now() - timedelta(days=20)
    assert _section(_digest(small, (_FIRED, [old, "raised", "srf_take_up"])), "FIRED") == ""
    changed = _digest(
        small,
        ("UPDATE marts.alert_summary SET raise_threshold_value = 0.5 WHERE rule_id = 'srf_take_up'", []),
        (_FIRED.replace("11-27", "11-25"), [utc_now(), "raised", "srf_take_up"]),
    )
    assert _section(changed, "FIRED") == ""
    new = _digest(small, (_FIRED.replace("11-27", "11-24"), [utc_now(), "raised", "srf_take_up"]))
    assert "SRF take-up outside exercises" in _section(new, "FIRED (1)")


@pytest.mark.slow
def test_the_feed_holds_each_digest_once_and_both_files_are_under_their_hash(small: Home):
    for number in range(3):
        _digest(small, (_FIRED.replace("11-27", f"11-1{number}"), [utc_now(), "raised", "sofr_at_ceiling"]))
    entries = ET.parse(small.current / FEED).getroot().findall(_ENTRY)
    ids = [entry.findtext("{http://www.w3.org/2005/Atom}id") for entry in entries]
    assert ids[0].endswith(small.current.resolve().name)
    assert len(ids) == len(set(ids)) >= 4
    assert "1 fired" in entries[0].findtext("{http://www.w3.org/2005/Atom}title")
    assert verify(small.current).problems == []
    (small.current / TEXT).unlink()
    (small.current / TEXT).write_text("other", "utf-8")
    assert [path for path, _ in verify(small.current).problems] == [TEXT]


@pytest.mark.slow
def test_a_first_generation_tells_no_past(small: Home):
    shutil.rmtree(small.generations)
    small.current.unlink()
    text = _digest(small)
    assert _section(text, "FIRED") == ""
    assert "first generation" in _section(text, "COMPARED WITH")


@pytest.mark.slow
def test_commands_tell_the_receivers_and_nothing_keeps_their_addresses(
    refreshed: Home, tmp_path: Path, run_here: Callable, monkeypatch: pytest.MonkeyPatch
):
    home = published_copy(refreshed, tmp_path / "home" / "sample")
    with receiving() as receiver:
        told = {"LIQUIDITY_NOTIFY": receiver.address, "NO_PROXY": "127.0.0.1"}
        trial = run_here(home.root.parent, "notify", "--test", "--sample", **told)
        assert (trial.returncode, trial.stdout) == (0, "the trial message was sent\n"), trial.stderr
        with open_work(home) as con:  # a day of one provider is new to a full read
            con.execute("DELETE FROM raw.kraken__daily_candles WHERE candle_date > today() - 3")
        good = run_here(home.root.parent, "refresh", "--select", "kraken", "--full", "--sample", **told)
        assert good.returncode == 0, good.stdout + good.stderr
        assert receiver.titles == ["SIMULATED: Dollar liquidity: a trial", "SIMULATED: all quiet"]
        assert "SIMULATED DATA" in receiver.messages[1][1]
        receiver.status = 500
        publish_little(monkeypatch)
        with open_work(home) as con:  # a mart that has lost most of its rows is held back, and the run fails
            con.execute("DELETE FROM marts.basis_trade_weekly WHERE report_date > DATE '2020-01-01'")
            con.execute("UPDATE meta.built SET contents = NULL WHERE node LIKE '%basis_trade_weekly'")
            con.execute("DELETE FROM raw.cftc__traders_in_financial_futures WHERE report_date > DATE '2020-01-01'")
        failed = run_here(home.root.parent, "refresh", "--select", "kraken", "--sample", **told)
        assert failed.returncode == 1
        receiver.status = 200
        waited = run_here(home.root.parent, "notify", "--sample", **told)
        assert waited.stdout == "1 sent, 0 wait\n", waited.stderr
        assert "refresh failed" in receiver.titles[-1]
        secret = (b"SECRETWORD", b"secretpath")
        files = [path for path in home.root.parent.rglob("*") if path.is_file()]
        assert len(files) > 100
        assert [path for path in files if any(word in path.read_bytes() for word in secret)] == []
        for said in (trial, good, failed, waited):
            assert not any(word.decode() in said.stdout + said.stderr for word in secret)
