"""The second life of the log: journal, replay, restore and deep verification, on a warehouse of one small dataset."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest import collect
from ingest.calendars import utc_now
from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Parsed, Request, Series, Unit
from ingest.collect import Exchange
from ingest.errors import LayoutError
from ingest.payloads import Archive
from ingest.providers import DATASETS
from ingest.releases import Cadence, Release
from warehouse import meta
from warehouse.connection import DATABASE_NAME, DamagedLogError, Home, WarehouseError, configure, open_work
from warehouse.generation import Generation, sha256_of
from warehouse.log import intake, journal, store, tables, unfinished
from warehouse.models import build
from warehouse.publication import in_place, publish
from warehouse.upkeep import rebuild, scrub

LEVELS = "test.levels"


def _parse(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    rows = json.loads(body)
    if not rows:
        raise LayoutError("no rows")
    frame = pl.DataFrame(rows, schema=["series_id", "level_date", "level_usd_bn"], orient="row")
    return Parsed(frame.with_columns(pl.col("level_date").str.to_date()))


def _stricter(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    parsed = _parse(dataset, body, request)
    if parsed.frame["level_usd_bn"].max() < 3:
        raise LayoutError("levels below three are not believed any more")
    return parsed


def _broken(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    raise RuntimeError("a mistake in today's code")


def _reads_less(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    return Parsed(_parse(dataset, body, request).frame.head(1))


DATASET = Dataset(
    provider="test", name="levels", title="Test levels", description="Made for tests.",
    columns=(
        Column("series_id", "varchar", "Series.", is_nullable=False),
        Column("level_date", "date", "Effective date.", is_nullable=False),
        Column("level_usd_bn", "double", "Level.", Unit.USD_BN),
    ),
    key=("series_id", "level_date"), date_column="level_date", series_column="series_id",
    series=(Series("A", "Series A", Unit.USD_BN, (0, 1e6)), Series("B", "Series B", Unit.USD_BN, (0, 1e6))),
    cadence=Cadence.DAILY, release=Release(at=time(16), business_days=1, source="test"), start=date(2020, 1, 1),
    window_days=10, licence=PUBLIC_DOMAIN, requests=lambda dataset, plan: [], parse=_parse,
)  # fmt: skip


@pytest.fixture(autouse=True)
def catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalog of one dataset, for every module that reads it."""
    _only_the_small_dataset(monkeypatch)


def _only_the_small_dataset(patch: pytest.MonkeyPatch) -> None:
    for name in list(DATASETS):
        patch.delitem(DATASETS, name)
    patch.setitem(DATASETS, LEVELS, DATASET)


@pytest.fixture
def home(filled: Home, tmp_path: Path) -> Home:
    """A copy of `filled` to harm."""
    return Home(Path(shutil.copytree(filled.root, tmp_path / "home")))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Three loads (an old file, a revision of it, a new one), one exchange, one refused file."""
    with pytest.MonkeyPatch.context() as patch:
        _only_the_small_dataset(patch)
        return _fill(Home(tmp_path_factory.mktemp("filled") / "home"))


def _fill(home: Home) -> Home:
    _take(home, [["A", "2026-03-02", 1.0], ["A", "2026-03-03", 2.0], ["A", "2026-03-04", 3.0]], datetime(2026, 3, 5))
    _take(home, [["A", "2026-03-03", 2.5]], datetime(2026, 3, 9))
    with journal.open_log(home) as (con, log):
        (payload,) = con.execute("SELECT payload_ids[1] FROM meta.load WHERE load_seq = 2").fetchone()
        exchange = Exchange(LEVELS, "https://example.test/x", 200, utc_now(), 0.1, 1, 9, payload, etag='"e1"')
        store.record_exchange(con, exchange, "run")
        log.follow(con)
    _say(home, "reserves")
    _take(home, [], is_refused=True)
    _take(home, [["B", "2026-03-02", 7.0]])
    return home


def _take(home: Home, rows: list, known_at: datetime | None = None, *, is_refused: bool = False) -> None:
    file = home.root.parent / "body.json"
    file.write_text(json.dumps(rows), "utf-8")
    outcome = intake.take_files(home, LEVELS, [file], run_id="run", known_at=known_at)[LEVELS]
    assert bool(outcome.failures) == is_refused


def _say(home: Home, target: str) -> None:
    """A line of the ledger of forecasts, which no payload can bring back."""
    day, at = date(2026, 3, 11), datetime(2026, 3, 10)
    line = {
        "made_at": at, "run_id": "run", "forecast_target": target, "forecast_model": "persistence",
        "forecast_date": day, "forecast_at": at, "target_date": day, "horizon_days": 1, "forecast_unit": "usd_bn",
        "forecast_value": 1.5, "persistence_value": 1.5, "outcome_expected_at": at, "weakest_known_basis": "observed",
        "inputs_known_from": at,
    }  # fmt: skip
    with journal.open_log(home) as (con, log):
        meta.insert(con, "forecast", [line])
        log.follow(con)


def _everything(home: Home, *, without: str = "carried_over") -> dict[str, list[tuple]]:
    """All that a log knows."""
    with open_work(home) as con:
        return {
            table: con.execute(f"SELECT COLUMNS(c -> c NOT IN ({without!r}, 'checked_at')) FROM {table} ORDER BY ALL")
            .fetchall()
            for table in ("raw.test__levels", "meta.load", "meta.fetch", "meta.payload", "meta.quarantine",
                          "meta.freshness", "meta.forecast")
        }  # fmt: skip


def _publish(home: Home) -> Path:
    """A generation with history and meta as `publish` writes them, without the rest of it; becomes current."""
    generation = Generation(f"{utc_now():%Y%m%dT%H%M%S%f}-test", utc_now(), False, None)
    folder = home.generations / generation.id
    folder.mkdir(parents=True)
    with configure(duckdb.connect(str(folder / DATABASE_NAME))) as con:
        con.execute(f"ATTACH '{home.work_database}' AS work (READ_ONLY)")
        publish._copy_history(con, generation)
        con.execute("CREATE SCHEMA meta")
        for table in ("load", "fetch", "payload", "quarantine", "freshness", "forecast"):
            con.execute(f"CREATE TABLE meta.{table} AS FROM work.meta.{table}")
        con.execute("CREATE TABLE meta.generation AS SELECT false AS is_simulated, NULL::TIMESTAMP AS as_of")
        con.execute("DETACH work")
    lines = f"{sha256_of(folder / DATABASE_NAME)}  {DATABASE_NAME}\n".encode()
    (folder / "SHA256SUMS").write_bytes(lines + b"# " + hashlib.sha256(lines).hexdigest().encode() + b"\n")
    in_place.swap(home, folder)
    return folder


def _payload_file(home: Home, load_seq: int) -> Path:
    with open_work(home) as con:
        (payload,) = con.execute("SELECT payload_ids[1] FROM meta.load WHERE load_seq = ?", [load_seq]).fetchone()
    return Archive(home.payloads).path(payload)


def _flip_one_bit(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


# --- replay ---------------------------------------------------------------------------------------------------------


def test_a_journal_is_written_at_most_once_a_second_and_at_the_next_opening(home: Home, monkeypatch):
    with journal.open_log(home) as (con, log):
        length = home.journal.stat().st_size
        store.record_exchange(con, Exchange(LEVELS, "https://example.test/y", 200, utc_now(), 0.1, 1, 9), "run")
        log.keep_up(con)
        assert home.journal.stat().st_size == length
        monkeypatch.setattr(journal, "_PAUSE_SECONDS", 0.0)
        log.keep_up(con)
        assert home.journal.stat().st_size > length
        store.record_exchange(con, Exchange(LEVELS, "https://example.test/z", 200, utc_now(), 0.1, 1, 9), "run")
    with journal.open_log(home):
        assert journal.read(home).fetches[-1].url == "https://example.test/z"


def test_replay_gives_the_same_log_with_the_same_places(home: Home):
    shutil.rmtree(home.journal.parent)
    with open_work(home) as con:  # a load that was refused used to take a number
        for table in ("raw.test__levels", "meta.load"):
            con.execute(f"UPDATE {table} SET load_seq = 5 WHERE load_seq = 3")
        unfinished.begin(con, "cut", [LEVELS], utc_now(), full=True)
    before = _everything(home)
    made = rebuild.replay(home)
    assert unfinished.runs(home) == ["cut"]
    assert (made.loads, made.refused, made.remarks) == (3, [], [])
    assert _everything(home) == before
    _take(home, [["B", "2026-03-03", 8.0]])
    with open_work(home) as con:
        assert con.execute("SELECT max(load_seq) FROM meta.load").fetchone() == (6,)


def test_vintages_that_came_as_a_file_are_replayed_as_a_file(home: Home, monkeypatch: pytest.MonkeyPatch):
    shutil.rmtree(home.journal.parent)
    with open_work(home) as con:
        con.execute("UPDATE meta.load SET origin = 'vintage'")

    def only_files(dataset: Dataset, body: bytes, request: Request) -> Parsed:
        if not request.is_file:
            raise LayoutError("not as the API answers")
        return _parse(dataset, body, request)

    monkeypatch.setitem(DATASETS, LEVELS, replace(DATASET, parse=only_files))
    assert rebuild.replay(home).refused == []


@pytest.mark.parametrize("harm", ["flipped bit", "missing payload", "stricter parser", "mistake in the parser"])
def test_replay_loses_no_row_of_a_load_that_cannot_be_done_again(
    home: Home, harm: str, monkeypatch: pytest.MonkeyPatch
):
    before, file = _everything(home), _payload_file(home, 2)
    whole = file.read_bytes()
    match harm:
        case "flipped bit":
            _flip_one_bit(file)
        case "missing payload":
            file.unlink()
        case "stricter parser":
            monkeypatch.setitem(DATASETS, LEVELS, replace(DATASET, parse=_stricter))
        case _:
            monkeypatch.setitem(DATASETS, LEVELS, replace(DATASET, parse=_broken))
    made = rebuild.replay(home)
    assert _everything(home) == before
    assert made.kept.exists()
    assert any(line.startswith("load 2: ") and LEVELS in line for line in made.refused)
    with open_work(home) as con:
        marked = con.execute("SELECT load_seq FROM meta.load WHERE carried_over IS NOT NULL ORDER BY 1").fetchall()
    assert marked == ([(1,), (2,), (3,)] if harm == "mistake in the parser" else [(2,)])
    assert len(made.refused) == len(marked)

    file.write_bytes(whole)
    monkeypatch.setitem(DATASETS, LEVELS, DATASET)
    assert rebuild.replay(home).refused == []
    with open_work(home) as con:
        assert con.execute("SELECT count(carried_over) FROM meta.load").fetchone() == (0,)


def test_parser_that_reads_less_is_remarked(home: Home, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(DATASETS, LEVELS, replace(DATASET, parse=_reads_less))
    made = rebuild.replay(home)
    assert made.remarks == ["raw.test__levels had 5 rows and has 3: today's parser reads less"]


def test_dataset_and_column_that_left_the_catalog_keep_their_rows(home: Home, monkeypatch: pytest.MonkeyPatch):
    with open_work(home) as con:
        con.execute("ALTER TABLE raw.test__levels ADD COLUMN remark VARCHAR")
        con.execute("UPDATE raw.test__levels SET remark = 'kept' WHERE load_seq = 2")
    _flip_one_bit(_payload_file(home, 2))
    other = replace(DATASET, name="others")
    monkeypatch.setitem(DATASETS, other.id, other)
    file = home.root.parent / "body.json"
    file.write_text('[["A", "2026-03-02", 5.0]]', "utf-8")
    intake.take_files(home, other.id, [file], run_id="run")
    monkeypatch.delitem(DATASETS, other.id)
    made = rebuild.replay(home)
    assert made.remarks == ["raw.test__others is no longer in the catalog; its rows stay"]
    with open_work(home) as con:
        assert con.execute("SELECT level_usd_bn FROM raw.test__others").fetchall() == [(5.0,)]
        assert con.execute("SELECT dataset FROM meta.load WHERE load_seq = 4").fetchall() == [("test.others",)]
        assert con.execute("SELECT DISTINCT remark FROM raw.test__levels WHERE load_seq = 2").fetchall() == [("kept",)]


def test_replay_changes_nothing_when_rows_cannot_be_carried_as_they_are(home: Home, monkeypatch: pytest.MonkeyPatch):
    before = _everything(home)
    _flip_one_bit(_payload_file(home, 2))
    columns = (*DATASET.columns[:2], Column("level_usd_bn", "bigint", "Level.", Unit.USD_BN))
    monkeypatch.setitem(DATASETS, LEVELS, replace(DATASET, columns=columns))
    with pytest.raises(WarehouseError, match="level_usd_bn was DOUBLE and is BIGINT now"):
        rebuild.replay(home)
    assert _everything(home) == before


def test_nothing_can_be_loaded_while_a_replay_runs(home: Home):
    load = (
        "import sys; from pathlib import Path; from warehouse import lock; from warehouse.connection import Home\n"
        "with lock.hold(Home(Path(sys.argv[1])), 'load', wait_seconds=0): pass"
    )
    done: list[subprocess.CompletedProcess] = []

    def try_to_load(words: str) -> None:
        if not done:
            done.append(
                subprocess.run(
                    [sys.executable, "-c", load, str(home.root)], capture_output=True, text=True, check=False
                )
            )

    rebuild.replay(home, try_to_load)
    assert done[0].returncode == 1
    assert "is held by the replay" in done[0].stderr


def test_a_backup_of_the_sample_is_not_restored_as_real_data(home: Home):
    (_publish(home) / "SIMULATED.txt").touch()
    before = home.work_database.read_bytes()
    with pytest.raises(WarehouseError, match=r"is of the sample: lay its backup into .*/sample, .*restore --sample"):
        rebuild.restore(home)
    assert home.work_database.read_bytes() == before


@pytest.mark.parametrize("outcome", ["published", "published with failures", "not published"])
def test_old_log_stays_until_the_new_one_is_proven(home: Home, outcome: str):
    _publish(home)
    published = home.current.resolve()
    with open_work(home) as con:
        con.execute("CREATE TABLE meta.mark AS SELECT 'the old one' AS words")
    made = rebuild.replay(home)
    if outcome != "not published":
        _publish(home)
    words = rebuild.settle(home, made, published, is_proven=outcome == "published")
    with open_work(home) as con:
        is_old = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'mark'").fetchone() == (1,)
    assert is_old == (outcome == "not published")
    assert made.kept.exists() == (outcome == "published with failures")
    match outcome:
        case "published":
            assert words == ""
        case "not published":
            assert "the old one is in place again" in words
        case _:
            assert str(made.kept) in words


# --- restore --------------------------------------------------------------------------------------------------------


def _damage(database: Path, how: str) -> None:
    match how:
        case "truncated":
            os.truncate(database, 12_288)  # its headers; half of so small a file may hold all that is read
        case "garbage":
            database.write_bytes(os.urandom(100_000))
        case "zero bytes":
            database.write_bytes(b"")
        case "missing":
            database.unlink()
        case "missing with garbage next to it":
            database.unlink()
            database.with_name(f"{DATABASE_NAME}.wal").write_bytes(os.urandom(5_000))


DAMAGES = ["truncated", "garbage", "zero bytes", "missing", "missing with garbage next to it"]


@pytest.mark.parametrize(
    ("source", "how"),
    [
        *((source, how) for source in ("generation and journal", "journal alone") for how in DAMAGES),
        ("generation alone", "truncated"),
    ],
)
def test_restore_heals_a_work_file(home: Home, source: str, how: str):
    if source != "journal alone":
        _publish(home)
    if source == "generation and journal":
        _take(home, [["B", "2026-03-03", 8.0]])
        _say(home, "fed_assets")
    before = _everything(home)
    assert len(before["meta.forecast"]) == 1 + (source == "generation and journal")
    if source == "generation alone":
        shutil.rmtree(home.journal.parent)
        shutil.rmtree(home.payloads)
    _damage(home.work_database, how)
    with pytest.raises(DamagedLogError, match="`liquidity restore`"):
        _take(home, [["B", "2026-03-04", 9.0]])
    made = rebuild.restore(home)
    assert made.refused == []
    assert made.loads == {"generation and journal": 1, "generation alone": 0, "journal alone": 3}[source]
    assert _everything(home) == before
    assert (made.kept is None) == how.startswith("missing")
    assert made.kept is None or made.kept.exists()
    garbage = list(home.work_database.parent.glob("*.before-restore-*.wal"))
    assert bool(garbage) == (how == "missing with garbage next to it")
    with open_work(home) as con:
        assert store.validators(con)["https://example.test/x"].etag == '"e1"'
    assert len(journal.read(home).loads) == len(before["meta.load"])
    if source != "generation alone":
        assert scrub.scrub(home).problems == []
    _take(home, [["B", "2026-03-04", 9.0]])


def test_restore_takes_the_newest_whole_generation_or_the_named_one(home: Home):
    old = _publish(home)
    _take(home, [["B", "2026-03-03", 8.0]])
    before, new = _everything(home), _publish(home)
    made = rebuild.restore(home)
    assert (made.loads, made.remarks) == (0, [f"rows up to its last load come from generation {new.name}"])
    made = rebuild.restore(home, old.name)
    assert (made.loads, made.remarks) == (1, [f"rows up to its last load come from generation {old.name}"])
    assert _everything(home) == before
    made = rebuild.restore(home, from_journal=True)
    assert (made.loads, made.remarks) == (4, [])
    assert _everything(home) == before
    copy = shutil.copytree(old, home.root.parent / "copy")
    assert rebuild.restore(home, str(copy)).loads == 1
    with pytest.raises(WarehouseError, match="is not simulated"):
        rebuild.restore(replace(home, is_simulated=True), str(copy))

    _flip_one_bit(new / DATABASE_NAME)
    made = rebuild.restore(home)
    assert made.remarks[0].startswith(f"generation {new.name} is passed over: {DATABASE_NAME} is not the bytes")
    assert _everything(home) == before
    with pytest.raises(WarehouseError, match="is not whole"):
        rebuild.restore(home, new.name)
    with pytest.raises(WarehouseError, match=f"there is no generation 2020 .*{old.name}"):
        rebuild.restore(home, "2020")


def test_restore_says_when_there_is_nothing_to_restore_from(tmp_path: Path):
    with pytest.raises(WarehouseError, match="nothing to restore from"):
        rebuild.restore(Home(tmp_path))


def test_load_that_a_restore_cannot_do_again_keeps_its_line_and_is_asked_for(home: Home):
    file = _payload_file(home, 2)
    whole = file.read_bytes()
    file.unlink()
    with journal.open_log(home) as (con, _):
        con.execute("UPDATE meta.load SET is_full = true, origin = 'fetch', source_url = 'https://x.test/'")
    home.journal.unlink()
    with journal.open_log(home):
        pass
    home.work_database.unlink()
    made = rebuild.restore(home)
    assert len(made.refused) == 1
    assert made.refused[0].startswith("load 2: UnreadableBodyError: test.levels: this payload is not in the archive")
    with open_work(home) as con:
        lost = con.execute("SELECT load_seq, rows_read FROM meta.load WHERE carried_over IS NOT NULL").fetchall()
        assert lost == [(2, None)]
        assert store.validators(con) == {}
        assert not store.plan(con, DATASET, utc_now()).is_full  # another full read is whole
        con.execute("UPDATE meta.load SET is_full = load_seq = 2")
        assert store.plan(con, DATASET, datetime(2026, 3, 10)).is_full  # a day after the lost one
    problems = [problem for _, problem in scrub.scrub(home).problems]
    assert any(problem.startswith("the rows of load 2 of test.levels are lost") for problem in problems)

    assert len(rebuild.replay(home).refused) == 1
    with open_work(home) as con:
        lost = con.execute("SELECT load_seq, rows_read FROM meta.load WHERE carried_over IS NOT NULL").fetchall()
        assert lost == [(2, None)]

    file.write_bytes(whole)  # from a backup
    assert rebuild.replay(home).refused == []
    with open_work(home) as con:
        assert con.execute("SELECT count(*) FROM raw.test__levels WHERE load_seq = 2").fetchone() == (1,)


def test_times_that_a_clock_ahead_gave_and_a_later_load_mended_come_back_mended(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    _publish(home)
    with monkeypatch.context() as ahead:
        ahead.setattr(collect, "utc_now", lambda: utc_now() + timedelta(days=365))
        _take(home, [["B", "2026-03-02", 7.5]])
    _publish(home)
    _take(home, [["B", "2026-03-02", 7.7]])
    before = _everything(home)
    (claimed,) = (load.known_at for load in journal.read(home).loads if load.load_seq == 4)
    assert claimed > utc_now() + timedelta(days=300)
    assert max(row[3] for row in before["raw.test__levels"]) < utc_now()
    assert scrub.scrub(home).problems == []
    for how in ({}, {"from_journal": True}):
        home.work_database.unlink()
        assert rebuild.restore(home, **how).refused == []
        assert _everything(home) == before
    assert rebuild.replay(home).refused == []
    assert _everything(home) == before


# --- journal and empty logs -----------------------------------------------------------------------------------------


def test_journal_catches_up_with_what_a_kill_left_out(home: Home, monkeypatch: pytest.MonkeyPatch):
    written = home.journal.read_bytes()
    with monkeypatch.context() as killed:
        killed.setattr(journal.Journal, "follow", lambda self, con: None)
        _take(home, [["B", "2026-03-03", 8.0]])
        _take(home, [], is_refused=True)
    assert home.journal.read_bytes() == written
    with journal.open_log(home):
        pass
    whole = home.journal.read_bytes()
    assert whole.startswith(written)
    assert [line["kind"] for line in map(json.loads, whole[len(written) :].splitlines())] == ["quarantine", "load"]
    with journal.open_log(home):
        pass
    assert home.journal.read_bytes() == whole  # and nothing twice


def test_warehouse_of_an_older_version_gets_its_journal(home: Home):
    shutil.rmtree(home.journal.parent)
    with open_work(home) as con:
        con.execute("ALTER TABLE meta.load DROP rows_appended; ALTER TABLE meta.load DROP carried_over")
    with journal.open_log(home):
        pass
    written = journal.read(home)
    assert ([load.load_seq for load in written.loads], len(written.fetches), len(written.quarantined)) == (
        [1, 2, 3],
        1,
        1,
    )


def test_line_that_a_power_cut_tore_is_cut_off_and_written_again(home: Home):
    whole = home.journal.read_bytes()
    home.journal.write_bytes(whole[:-20])
    assert [load.load_seq for load in journal.read(home).loads] == [1, 2]
    assert journal.read(home).problems == []
    with journal.open_log(home):
        pass
    assert home.journal.read_bytes() == whole


@pytest.mark.parametrize(
    ("proof", "how"),
    [
        ("journal", "missing"), ("journal", "empty"), ("journal", "older copy"),
        ("generation", "missing"), ("generation", "empty"),
    ],
)  # fmt: skip
def test_log_that_has_lost_its_loads_takes_no_new_ones(home: Home, proof: str, how: str):
    _publish(home)
    if proof == "journal":
        shutil.rmtree(home.generations)
    else:
        shutil.rmtree(home.journal.parent)
    if how == "older copy":
        with open_work(home) as con:
            con.execute("DELETE FROM meta.load WHERE load_seq = 3")
    else:
        home.work_database.unlink()
        if how == "empty":
            with open_work(home) as con:
                tables.create_tables(con, DATASETS.values())
    for command in (
        lambda: intake.take_in(home, [], run_id="run"),
        lambda: _take(home, [["B", "2026-03-03", 8.0]]),
        lambda: build.build(home, run_id="run"),
        lambda: intake.was_ever_loaded(home),
        lambda: rebuild.replay(home),
    ):
        with pytest.raises(DamagedLogError, match="`liquidity restore`"):
            command()
    if how == "missing":
        with pytest.raises(DamagedLogError, match="`liquidity restore`"):
            rebuild.as_of(home, datetime(2026, 3, 6))
        assert not home.work_database.exists()


def test_first_refresh_may_begin_and_begin_again_after_a_failure(tmp_path: Path):
    home = Home(tmp_path / "home")
    _take(home, [], is_refused=True)
    with open_work(home) as con:
        assert con.execute("SELECT count(*) FROM meta.load").fetchone() == (0,)
    assert len(journal.read(home).quarantined) == 1
    _publish(home)  # an earlier version published even that
    _take(home, [["B", "2026-03-02", 7.0]])
    assert len(journal.read(home).loads) == 1


def test_damaged_log_is_named_by_whoever_opens_it(home: Home):
    _publish(home)
    _damage(home.work_database, "truncated")
    for command in (
        lambda: intake.take_in(home, [], run_id="run"),
        lambda: _take(home, [["B", "2026-03-03", 8.0]]),
        lambda: build.build(home, run_id="run"),
        lambda: publish.publish(home),
        lambda: rebuild.replay(home),
        lambda: rebuild.as_of(home, datetime(2026, 3, 6)),
    ):
        with pytest.raises(DamagedLogError, match=r"liquidity.duckdb is damaged .*`liquidity restore`") as caught:
            command()
        assert "\n" not in str(caught.value)


# --- deep verification ----------------------------------------------------------------------------------------------


def _plant(home: Home, fault: str) -> None:
    file = _payload_file(home, 2)
    statements = {
        "row gone": "DELETE FROM raw.test__levels WHERE load_seq = 2",
        "row twice": "INSERT INTO raw.test__levels FROM raw.test__levels WHERE load_seq = 2",
        "row without load": "UPDATE raw.test__levels SET load_seq = 9 WHERE load_seq = 2",
        "value changed": "UPDATE raw.test__levels SET level_usd_bn = 9 WHERE load_seq = 2",
        "known too late": "UPDATE raw.test__levels SET known_from = '2200-01-01' WHERE load_seq = 2",
        "other end": "UPDATE raw.test__levels SET known_to = known_to + INTERVAL 1 HOUR "
        "WHERE known_to < TIMESTAMP '9999-12-31'",
        "no key": "UPDATE raw.test__levels SET level_date = NULL WHERE load_seq = 2",
        "line of a load gone": "DELETE FROM meta.load WHERE load_seq = 3",
        "line of a load twice": "INSERT INTO meta.load FROM meta.load WHERE load_seq = 2",
        "forecast changed": "UPDATE meta.forecast SET forecast_value = 2",
        "forecast gone": "DELETE FROM meta.forecast",
        "line of a load changed": "UPDATE meta.load SET known_at = '2026-01-01' WHERE load_seq = 2",
    }
    match fault:
        case "flipped bit":
            _flip_one_bit(file)
        case "missing payload":
            file.unlink()
        case "line of the journal damaged":
            home.journal.write_bytes(home.journal.read_bytes().replace(b'"load_seq":2', b'"load_seq":x'))
        case "line of the journal gone":
            lines = home.journal.read_bytes().splitlines(keepends=True)
            home.journal.write_bytes(b"".join(line for line in lines if b'"load_seq":2' not in line))
        case "interval":
            with duckdb.connect(str(home.current.resolve() / DATABASE_NAME)) as con:
                con.execute("UPDATE history.test__levels SET known_to = known_to + INTERVAL 1 DAY WHERE load_seq = 1 "
                            "AND known_to < TIMESTAMP '9999-12-31'")  # fmt: skip
        case "damaged log":
            _damage(home.work_database, "truncated")
        case _:
            with open_work(home) as con:
                con.execute(statements[fault])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("flipped bit", "rests on it"),
        ("missing payload", "missing; load 2 of test.levels rests on it"),
        ("row gone", "raw.test__levels: load 2 has 0 rows, 1 in meta.load"),
        ("row twice", "raw.test__levels: 1 rows are duplicates"),
        ("row without load", "raw.test__levels: 1 rows of load 9, of which meta.load knows nothing"),
        ("value changed", "raw.test__levels: 5 rows, 5 in the current generation for the same loads, not all"),
        ("known too late", "raw.test__levels: 1 rows are known only after their load"),
        ("other end", "raw.test__levels: 1 rows do not hold until their next version is known"),
        ("no key", "raw.test__levels: 1 rows without key, knowledge time, load or payload"),
        ("line of a load gone", "load 3 of test.levels is in the journal and not in the log"),
        ("line of a load twice", "load 2 is 2 times in meta.load"),
        ("line of a load changed", "load 2 of test.levels: known_at not as in the journal"),
        ("forecast changed", "1 forecasts are not in meta.forecast as in the journal"),
        ("forecast gone", "1 forecasts are not in meta.forecast as in the journal"),
        ("line of the journal damaged", "cannot be read"),
        ("line of the journal gone", "1 loads are not in the journal, first 2"),
        ("interval", "history.test__levels of the current generation: 1 intervals overlap or leave a gap"),
        ("damaged log", "cannot be read"),
    ],
)
def test_deep_verification_finds_a_planted_fault(home: Home, fault: str, said: str):
    _publish(home)
    sound = scrub.scrub(home)
    assert (sound.files, sound.rows, sound.problems) == (4, 5, [])
    _plant(home, fault)
    assert [problem for _, problem in scrub.scrub(home).problems if said in problem]
