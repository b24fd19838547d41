"""The quick part of the campaign: what `python -m tests.faults --quick` counts must all survive."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import campaign, checks, child
from tests.faults.child import Kill
from tests.faults.counts import Count
from warehouse.connection import Home, WarehouseBusyError, open_work


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small warehouse. Copy it, do not change it."""
    return checks.small_warehouse(tmp_path_factory.mktemp("small"))


def _is_survived(count: Count, at_least: int) -> None:
    if count.skipped:
        pytest.skip(count.skipped)
    assert count.told == []
    assert (count.lost, count.mixed, count.stuck) == (0, 0, 0)
    assert count.survived == count.tries >= at_least, count.notes


@pytest.mark.slow
def test_kills_lose_nothing_mix_nothing_and_block_nobody(tmp_path: Path):
    counts = {count.phase: count for count in campaign.kills(tmp_path, campaign.QUICK.kills, seed=1)}
    came = {
        phase: count.tries - len(count.notes) for phase, count in counts.items()
    }  # a note: it ended before its kill
    assert came["kill inside loading"] >= 10
    assert came["kill between rename and swap"] >= 5
    _is_survived(counts["kill inside loading"], 10)
    _is_survived(counts["kill while fetching, journal"], 8)
    _is_survived(counts["kill between rename and swap"], 5)
    _is_survived(counts["kill elsewhere in publication"], 10)
    _is_survived(counts["next run equals a twin's, after all kills"], 1)
    assert sum(came.values()) - came["next run equals a twin's, after all kills"] >= 48


@pytest.mark.slow
def test_full_disks(small: Home, tmp_path: Path):
    _is_survived(campaign.disks(tmp_path, small, campaign.QUICK.free_mega_bytes), 3)


@pytest.mark.slow
def test_damaged_stores_are_restored(small: Home, tmp_path: Path):
    _is_survived(campaign.damaged(tmp_path, small), 5)


@pytest.mark.slow
def test_rivals(small: Home, tmp_path: Path):
    _is_survived(campaign.rivals(tmp_path, small), len(campaign.RIVALS))


def test_readers(small: Home, tmp_path: Path):
    count = campaign.readers(tmp_path, small, campaign.QUICK.refreshes)
    _is_survived(count, campaign.QUICK.refreshes + 3)
    assert len(count.notes) == 3
    assert not any(" 0 times" in note for note in count.notes)


def test_spoiled_bodies(tmp_path: Path):
    _is_survived(campaign.spoiled_bodies(tmp_path, seed=1, number=campaign.QUICK.bodies, seconds=60.0), 1_000)


def test_a_fault_is_counted(small: Home, tmp_path: Path):
    """The campaign can fail: rows taken away, a mart of another day and a file of another generation are all found."""
    home = checks.copy_of(small, tmp_path)
    before = checks.look(home)
    digests = checks.digests_of(home, before.newest_load)
    assert before.is_sound
    with open_work(home) as con:
        con.execute(
            "DELETE FROM raw.kraken__daily_candles "
            "WHERE candle_date = (SELECT max(candle_date) FROM raw.kraken__daily_candles)"
        )
        con.execute("INSERT INTO raw.coinbase__daily_candles BY NAME (FROM raw.coinbase__daily_candles LIMIT 3)")
        con.execute("UPDATE raw.fiscaldata__debt_to_penny SET load_seq = 999 WHERE load_seq > 0")
    (home.current.resolve() / "README.md").write_text("x", "utf-8")
    after = checks.look(home, before, digests)
    assert {"raw.kraken__daily_candles: rows changed", "raw.fiscaldata__debt_to_penny: rows changed"} <= set(after.lost)
    assert any("rows of no load" in words for words in after.mixed)
    assert any("keys double" in words for words in after.mixed)
    assert any(words.startswith("README.md: ") for words in after.mixed)


def test_an_instant_is_the_same_each_time(small: Home, tmp_path: Path):
    home = checks.copy_of(small, tmp_path)
    for _ in range(2):
        assert child.run(home, child.publication, act=Kill("replace current")).was_killed
        assert len(list(home.root.glob(".current-*"))) == 1
        (link,) = home.root.glob(".current-*")
        assert link.resolve().is_dir()
        assert checks.published_of(home) == checks.published_of(small)
        link.unlink()


def test_second_opener_of_the_work_file_is_told_who_has_it(tmp_path: Path):
    home = Home(tmp_path)
    with open_work(home) as con:
        con.execute("CREATE TABLE t (x INTEGER)")
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb, sys; c = duckdb.connect({str(home.work_database)!r}); "
         "print('held', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(WarehouseBusyError, match=f"process {holder.pid} holds"), open_work(home, wait_seconds=0.5):
            pass
    finally:
        holder.kill()
        holder.wait()
    with open_work(home) as con:
        assert con.execute("SELECT count(*) FROM t").fetchone() == (0,)
