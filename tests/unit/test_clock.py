"""A clock that is wrong: nothing is loaded by one that the providers contradict, and what one did is put right."""

import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import duckdb
import httpx
import pytest

from ingest.calendars import utc_now
from ingest.collect import Batch, Exchange
from ingest.http import clock_ahead_seconds
from tests.unit.small_server import KRAKEN, candles, serving
from tests.unit.test_store import DATASET, MON, NOW, ROWS, TUE, WED, _batch, _known, _load, con  # noqa: F401
from warehouse.connection import Home, open_work
from warehouse.log import store
from warehouse.log.clock import ClockError, Witnesses, once_judged
from warehouse.log.intake import Outcome, take_in
from warehouse.upkeep import rebuild, scrub

YEAR = timedelta(days=365)


# --- the providers' clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Date": "Tue, 10 Mar 2026 01:59:30 GMT"}, 30.0),
        ({"Date": "Mon, 10 Mar 2025 02:00:00 GMT", "Age": "0"}, YEAR.total_seconds()),
        ({"Date": "Tue, 10 Mar 2026 03:00:00 -0000"}, -3600.0),
        ({"Date": "Mon, 09 Mar 2026 02:00:00 GMT", "Age": "86400"}, None),  # a cache tells when the origin answered
        ({"Date": "now"}, None),
        ({"Date": "Tue, 10 Mar 99999 01:59:30 GMT"}, None),
        ({}, None),
    ],
)
def test_how_far_an_answer_says_that_our_clock_is_ahead(headers: dict, seconds: float | None):
    assert clock_ahead_seconds(httpx.Headers(headers), NOW) == seconds


def _spoken(**ahead: float) -> list[Exchange | Batch]:
    results: list[Exchange | Batch] = []
    for provider, seconds in ahead.items():
        dataset = f"{provider}.x"
        results.append(Exchange(dataset, "u", 200, NOW, 0.1, 1, clock_ahead_seconds=seconds))
        results.append(_batch([], payload=provider))
    return results


@pytest.mark.parametrize(
    ("ahead", "says"),
    [
        ({"a": 1.0, "b": 2.0, "c": -3.0}, None),
        ({"a": 9e9, "b": 2.0, "c": -3.0}, None),  # one provider has a wrong clock
        ({"a": 9e9, "b": 2.0}, None),  # two clocks that agree are no accident
        ({"a": 599.0}, None),
        ({"a": 601.0}, "10 minutes ahead of that of a (1 of 1 providers)"),
        ({"a": 31_536_000.0, "b": 31_536_000.0, "c": 1.0}, "365 days ahead of that of a, b (2 of 2 providers)"),
        ({"a": -7_300.0, "b": -7_200.0}, "2 hours behind that of a, b (2 of 2 providers)"),
    ],
)
def test_most_providers_judge_and_nothing_is_handed_on_before(ahead: dict, says: str | None):
    handed, results = [], _spoken(**ahead)
    told = once_judged((one for one in results), [*ahead])
    if says is None:
        assert list(map(id, told)) == list(map(id, results))
        return
    with pytest.raises(ClockError) as caught:
        handed.extend(told)
    assert says in str(caught.value)
    assert "set it, then run again" in str(caught.value)
    assert handed == []


def test_a_verdict_that_cannot_change_is_not_waited_for():
    asked = []

    def results():
        for result in _spoken(a=1.0, b=1.0, c=1.0, d=1.0):
            asked.append(result)
            yield result

    first = next(iter(once_judged(results(), "abcd")))
    assert isinstance(first, Exchange)
    assert len(asked) == 3, "half of the providers agree: the others cannot outvote them"
    witnesses = Witnesses("abcd")
    witnesses.hear("a", None)
    assert not witnesses.have_decided()
    assert len(list(once_judged((one for one in [_batch([])]), "abcd"))) == 1, "no answer tells the time"


@pytest.mark.parametrize("off", [-YEAR, timedelta(minutes=11)])
def test_a_run_by_a_wrong_clock_loads_nothing_and_the_next_by_a_right_one_does(off: timedelta, tmp_path: Path):
    home, body = Home(tmp_path), candles(utc_now().date())

    def take(provider_is_ahead: timedelta) -> Outcome:
        moment = utc_now().replace(tzinfo=UTC) + provider_is_ahead
        transport = serving(body, lambda: {"Date": format_datetime(moment, usegmt=True), "ETag": '"1"'})
        return take_in(home, [KRAKEN], run_id="run", transport=transport)[KRAKEN]

    with pytest.raises(ClockError, match="nothing was loaded"):
        take(off)
    with open_work(home) as work:
        for table in ("meta.load", "meta.fetch", "meta.quarantine", "raw.kraken__daily_candles"):
            assert work.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), "no ETag of what was not loaded"
    outcome = take(timedelta(minutes=9))
    assert (outcome.rows_new, outcome.failures) == (30, [])


# --- what a clock that was ahead has left behind ---------------------------------------------------------------------


def _days(first: int, levels: list[float]) -> list[tuple]:
    return [("A", MON + timedelta(days=n), level) for n, level in enumerate(levels, start=first)]


@pytest.fixture
def poisoned(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:  # noqa: F811
    """A first load, a run with the clock a year ahead that brings a revision, then two nights with the right one."""
    _load(con, _batch(ROWS), is_full=True)
    _load(con, _batch([("A", WED, 3.5), *_days(3, [4.0])], at=NOW + timedelta(days=1) + YEAR), is_full=True)
    _load(con, _batch(_days(3, [4.0, 5.0]), at=NOW + timedelta(days=2)))
    _load(con, _batch([("A", WED, 3.7), *_days(5, [6.0])], at=NOW + timedelta(days=3)))
    return con


def test_values_are_known_on_the_right_days_though_the_clock_was_a_year_ahead_once(poisoned):
    thursday, friday, saturday = (MON + timedelta(days=n) for n in (3, 4, 5))
    assert _known(poisoned, NOW) == {("A", MON): 1.0, ("A", TUE): 2.0, ("A", WED): 3.0}
    at = NOW + timedelta(days=2)  # the night after: the revision was known that night at the latest
    assert _known(poisoned, at)["A", WED] == 3.5
    assert {day for _, day in _known(poisoned, at)} == {MON, TUE, WED, thursday, friday}
    assert _known(poisoned, at - timedelta(seconds=1))["A", WED] == 3.0
    last = _known(poisoned, NOW + timedelta(days=3))
    assert (last["A", WED], last["A", saturday]) == (3.7, 6.0)
    assert last == _known(poisoned, NOW + 2 * YEAR)


def test_intervals_do_not_overlap_and_their_order_is_that_of_the_loads(poisoned):
    rows = poisoned.execute(
        "SELECT known_from, known_to, load_seq FROM history.test__levels WHERE level_date = ? ORDER BY load_seq", [WED]
    ).fetchall()
    assert [seq for _, _, seq in rows] == [1, 2, 4]
    assert all(first < last for first, last, _ in rows)
    assert all(left[1] == right[0] for left, right in itertools.pairwise(rows))
    assert rows[-1][1] == datetime(9999, 12, 31)


def test_loads_are_put_right_too_and_the_one_that_did_it_says_so(poisoned):
    loads = poisoned.execute("SELECT known_at, loaded_at, notes FROM meta.load ORDER BY load_seq").fetchall()
    times = [known_at for known_at, _, _ in loads]
    assert times == sorted(times)
    assert times[0] == NOW
    assert timedelta() < NOW + timedelta(days=2) - times[1] < timedelta(seconds=1)
    assert times[2:] == [NOW + timedelta(days=2), NOW + timedelta(days=3)]
    assert loads[1][1] == NOW + timedelta(days=1) + YEAR, "what the clock said stays on record, for a replay"
    assert [bool(notes) for _, _, notes in loads] == [False, False, True, False]
    assert "a clock was ahead: 1 earlier loads and 2 rows claimed to be known up to 2027-03-11" in loads[2][2][0]


def test_several_runs_by_a_clock_ahead_keep_their_order(con):  # noqa: F811
    _load(con, _batch(ROWS))
    for hour, level in enumerate((3.1, 3.2, 3.3)):
        _load(con, _batch([("A", WED, level)], at=NOW + YEAR + timedelta(hours=hour)))
    _load(con, _batch([("A", WED, 3.4)], at=NOW + timedelta(hours=1)))
    levels = con.execute(
        "SELECT level_usd_bn FROM history.test__levels WHERE level_date = ? ORDER BY known_from, load_seq",
        [WED],
    ).fetchall()
    assert [level for (level,) in levels] == [3.0, 3.1, 3.2, 3.3, 3.4]
    (last,) = con.execute("SELECT max(known_from) FROM raw.test__levels").fetchone()
    assert last == NOW + timedelta(hours=1)


def test_full_reads_go_on_after_one_by_a_clock_ahead(con):  # noqa: F811
    _load(con, _batch(ROWS), is_full=True)
    _load(con, _batch(ROWS, at=NOW + YEAR), is_full=True)
    assert not store.plan(con, DATASET, NOW + timedelta(days=29)).is_full
    assert store.plan(con, DATASET, NOW + timedelta(days=31)).is_full


def test_a_vintage_and_a_file_keep_the_times_that_they_tell(con):  # noqa: F811
    """An archive dates a vintage to the hour of a release that may be still to come today."""
    _load(con, _batch(ROWS))
    con.execute("UPDATE raw.test__levels SET known_basis = 'vintage', known_from = ?", [NOW + timedelta(hours=6)])
    con.execute("UPDATE meta.load SET origin = 'vintage', known_at = ?", [NOW + timedelta(hours=6)])
    _load(con, _batch(_days(3, [4.0]), at=NOW + timedelta(hours=1)))
    _load(con, _batch(_days(2, [3.0]), at=NOW + timedelta(hours=2), is_file=True), known_at=NOW - timedelta(days=1))
    times = con.execute("SELECT known_at, notes FROM meta.load ORDER BY load_seq").fetchall()
    assert times[0] == (NOW + timedelta(hours=6), [])
    assert times[1] == (NOW + timedelta(hours=6, microseconds=1), [])
    assert times[2] == (NOW - timedelta(days=1), [])


def test_a_replay_gives_the_same_log_with_times_that_are_as_good_or_better(tmp_path: Path):
    """A row that came while the clock was ahead was taken for one that nobody polled for; its replay knows better."""
    home, start = Home(tmp_path), utc_now() - timedelta(days=10)
    for days, off in enumerate((timedelta(), YEAR, timedelta(), timedelta())):
        day = (start + timedelta(days=days)).date()
        closes = {day - timedelta(days=2): 42_600.0} if days else {}
        transport = serving(candles(day, days=30 + days, closes=closes))
        take_in(home, [KRAKEN], run_id=str(days), transport=transport, now=start + timedelta(days=days) + off)

    def log() -> tuple[list[tuple], list[tuple]]:
        with open_work(home) as work:
            rows = work.execute(
                "SELECT * EXCLUDE (known_from, known_basis), known_from, known_basis "
                "FROM raw.kraken__daily_candles ORDER BY ALL"
            ).fetchall()
            loads = work.execute(
                "SELECT load_seq, known_at, loaded_at, rows_new, notes FROM meta.load ORDER BY 1"
            ).fetchall()
        return rows, loads

    rows, loads = log()
    assert any("a clock was ahead" in str(load) for load in loads)
    assert scrub.scrub(home).problems == []
    assert rebuild.replay(home).refused == []
    again, loads_again = log()
    assert loads_again == loads
    assert [row[:-2] for row in again] == [row[:-2] for row in rows]
    others = [(old, new) for old, new in zip(rows, again, strict=True) if old != new]
    assert all((old[-1], new[-1]) == ("modelled", "observed") for old, new in others)
    assert max(row[-2] for row in again) <= start + timedelta(days=3, seconds=1)
