"""An intake that is killed half way is gone on with: nobody is asked again for what is held, nothing is left out."""

import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ingest import sample
from ingest.calendars import utc_now
from ingest.catalog import Plan
from ingest.collect import collect
from ingest.http import Client
from ingest.outlook import Outlook
from ingest.payloads import Archive
from ingest.providers import DATASETS, PROVIDERS, provider_of
from tests.conftest import REPOSITORY
from tests.real_speed import RealSpeed
from tests.unit.small_server import KRAKEN, candles, serving
from warehouse.connection import Home, open_work
from warehouse.log import store, unfinished
from warehouse.log.intake import take_in

# One address a bank, a series, a span of days; one that two datasets read.
WANTED = ["fdic.call_report_treasuries", "ofr.hedge_fund_monitor", "coinbase.daily_candles", "nyfed.repo_operations",
          "nyfed.repo_operation_details"]  # fmt: skip
FASTER, KILLED_AT = 20, 20
KILLED = f"""
import os, signal, sys
from pathlib import Path
from ingest import sample
from tests.real_speed import RealSpeed
from warehouse.connection import Home
from warehouse.log.intake import take_in

def on_ask(count):
    if count == {KILLED_AT}:
        os.kill(os.getpid(), signal.SIGKILL)

transport = RealSpeed(sample.transport(), faster={FASTER}, on_ask=on_ask)
take_in(Home(Path(sys.argv[1]), True), {WANTED!r}, run_id="killed", transport=transport)
"""


def _asked(home: Home) -> dict[str, list[str]]:
    """Addresses whose answers are recorded, by run."""
    with open_work(home) as con:
        return dict(con.execute("SELECT run_id, list(url) FROM meta.fetch GROUP BY 1").fetchall())


@pytest.mark.slow
def test_a_first_intake_that_is_killed_half_way_goes_on_where_it_was(tmp_path: Path):
    home = Home(tmp_path, is_simulated=True)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=REPOSITORY, timeout=120, check=False)
    assert killed.returncode == -9
    held = _asked(home)["killed"]
    assert 5 < len(held) < KILLED_AT
    today = utc_now().date()
    everything = {r.public_url for name in WANTED for r in Plan(today, is_full=True).requests(DATASETS[name])}
    transport = RealSpeed(sample.transport(), faster=FASTER)
    looks: list[tuple[int, int]] = []
    outcomes = take_in(
        home, WANTED, run_id="again", transport=transport, look=lambda now: looks.append((now.done, now.total))
    )
    assert [failure for outcome in outcomes.values() for failure in outcome.failures] == []
    asked = _asked(home)
    assert not set(asked["again"]) & set(held)
    assert len(transport.asked) == len(asked["again"]) == len(everything) - len(held)
    assert set(asked["again"]) | set(held) == everything
    assert looks[0][0] == 0
    assert looks[-1][0] == looks[-1][1] > 0
    with open_work(home) as con:
        assert con.execute("SELECT count(*) FROM meta.unfinished_intake").fetchone() == (0,)
        assert not any(store.plan(con, DATASETS[name], utc_now()).is_full for name in WANTED)
    whole = take_in(home, WANTED, run_id="whole", is_full=True, transport=sample.transport())
    assert {name: outcome.rows_new for name, outcome in whole.items()} == dict.fromkeys(WANTED, 0)


def test_what_was_asked_long_ago_is_asked_again_and_a_cut_full_read_stays_a_full_read(tmp_path: Path):
    """The monthly vintages of FRED are asked for in a full read alone."""
    home, name, at = Home(tmp_path, is_simulated=True), KRAKEN, datetime(2026, 3, 11, 1)
    take_in(home, [name], run_id="cut", transport=serving(candles(date(2026, 3, 10))), now=at)
    dataset, soon, late = DATASETS[name], at + timedelta(minutes=5), at + timedelta(hours=3)
    with open_work(home) as con:
        assert not store.plan(con, dataset, at).is_full
        unfinished.begin(con, "cut", [name], at, full=True)
        plan = store.plan(con, dataset, soon)
        assert (plan.is_full, len(plan.done), plan.requests(dataset)) == (True, 1, [])
        plan = store.plan(con, dataset, late)
        assert (plan.is_full, plan.done) == (True, frozenset())
        unfinished.through(con, name, at)
        plan = store.plan(con, dataset, soon)
        assert (plan.is_full, plan.requests(dataset)) == (False, [])
        assert len(store.plan(con, dataset, late).requests(dataset)) == 1
        con.execute("INSERT INTO meta.quarantine (run_id, dataset) VALUES ('cut', ?)", [name])
        assert not store.plan(con, dataset, soon).is_through, "what failed is asked for again"
        unfinished.end(con, [name])
        assert len(store.plan(con, dataset, soon).requests(dataset)) == 1


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_body_that_is_held_is_asked_for_again_only_when_it_is_damaged(tmp_path: Path, is_whole: bool):
    provider, dataset = provider_of(DATASETS[KRAKEN]), DATASETS[KRAKEN]
    archive, plan = Archive(tmp_path), Plan(date(2026, 3, 10), is_full=True)
    payload = archive.put(candles(date(2026, 3, 10)))
    if not is_whole:
        archive.path(payload).write_bytes(b"cut short")
    (request,) = plan.requests(dataset)
    with Client(provider, transport=serving(candles(date(2026, 3, 10)))) as client:
        found = list(collect(provider, [dataset], {KRAKEN: plan}, client, archive, held={request.public_url: payload}))
    assert [type(one).__name__ for one in found] == (["Batch"] if is_whole else ["Exchange", "Batch"])
    assert found[-1].rows == 30


def test_the_outlook_is_that_of_the_slowest_provider_at_the_speed_that_it_shows():
    now = [0.0]
    chosen = [(p, p.datasets) for p in PROVIDERS if p.name in ("fdic", "ofr")]
    plans = {d.id: Plan(date(2026, 3, 10), is_full=True) for _, datasets in chosen for d in datasets}
    outlook = Outlook(chosen, plans, clock=lambda: now[0])
    assert (outlook.total, outlook.left()) == (41, (18.0, "ofr"))  # 36 at two a second
    assert outlook.words == "about 18 s left (ofr)"
    for now[0] in (10.0, 50.0, 90.0):
        outlook.note("fdic.call_report_treasuries")
    assert outlook.left() == (pytest.approx(2 * (2 * 40 + 4 * 0.5) / 6), "fdic")  # two took 40 s each
    assert outlook.words == "about 27 s left (fdic)"
    for dataset, count in list(outlook.to_come.items()):
        for _ in range(count):
            outlook.note(dataset)
    assert (outlook.done, outlook.left(), outlook.words) == (41, (0.0, ""), "about 0 s left")
