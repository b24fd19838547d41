"""The append-only log: what a load appends, when, and that it appends nothing twice."""

import itertools
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Request, Series, Unit
from ingest.collect import Batch, Exchange, Page
from ingest.errors import DuplicateKeyError, LayoutError, ShrunkBodyError
from ingest.providers import DATASETS
from ingest.releases import Cadence, Release
from warehouse.connection import Home, WarehouseError, open_work
from warehouse.log import store, tables

NOW = datetime(2026, 3, 10, 2, 0)


def _declare(**changes: object) -> Dataset:
    settings: dict = {
        "provider": "test",
        "name": "levels",
        "title": "Test levels",
        "description": "Made for tests.",
        "columns": (
            Column("series_id", "varchar", "Series.", is_nullable=False),
            Column("level_date", "date", "Effective date.", is_nullable=False),
            Column("level_usd_bn", "double", "Level.", Unit.USD_BN),
        ),
        "key": ("series_id", "level_date"),
        "date_column": "level_date",
        "series_column": "series_id",
        "series": (Series("A", "Series A", Unit.USD_BN, (0, 1e6)), Series("B", "Series B", Unit.USD_BN, (0, 1e6))),
        "cadence": Cadence.DAILY,
        "release": Release(at=time(16), business_days=1, source="test"),
        "start": date(2020, 1, 1),
        "window_days": 10,
        "licence": PUBLIC_DOMAIN,
        "requests": lambda dataset, plan: [],
        "parse": lambda dataset, body, request: None,
    }
    return Dataset(**(settings | changes))


DATASET = _declare()


@pytest.fixture
def con(tmp_path: Path):
    with open_work(Home(tmp_path)) as connection:
        tables.create_tables(connection, [DATASET])
        yield connection


def _batch(
    rows: list[tuple], *, at: datetime = NOW, covers: tuple[date, date] | None = None, scope: str | None = None,
    is_file: bool = False, payload: str = "p1", dataset: Dataset = DATASET,
) -> Batch:  # fmt: skip
    frame = pl.DataFrame(rows, schema=dataset.schema, orient="row")
    first, last = covers or (None, None)
    request = Request("https://example.test/x", scope=scope, covers_from=first, covers_to=last, is_file=is_file)
    return Batch(dataset.id, request, (Page(payload, frame),), at)


def _load(con: duckdb.DuckDBPyConnection, batch: Batch, **options: object) -> store.Loaded:
    return store.load(con, DATASET, batch, run_id="run", **options)


def _known(con: duckdb.DuckDBPyConnection, at: datetime) -> dict:
    return {
        (series, day): level
        for series, day, level in con.execute(
            "SELECT series_id, level_date, level_usd_bn FROM history.test__levels "
            "WHERE known_from <= ? AND known_to > ? AND NOT is_deleted",
            [at, at],
        ).fetchall()
    }


MON, TUE, WED = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
ROWS = [("A", MON, 1.0), ("A", TUE, 2.0), ("A", WED, 3.0)]


def test_first_load_is_dated_by_the_release_rule_and_a_second_appends_nothing(con):
    first = _load(con, _batch(ROWS))
    assert (first.rows_new, first.rows_revised, first.rows_deleted) == (3, 0, 0)
    again = _load(con, _batch(ROWS, at=NOW + timedelta(days=1)))
    assert (again.rows_new, again.rows_revised, again.rows_deleted) == (0, 0, 0)
    assert con.execute("SELECT count(*) FROM raw.test__levels").fetchone() == (3,)
    known = con.execute("SELECT known_from, known_basis FROM raw.test__levels WHERE level_date = ?", [MON]).fetchone()
    assert known == (datetime(2026, 3, 3, 21, 0), "modelled")  # 16:00 in New York, still winter time


def test_modelled_time_never_lies_after_the_load(con):
    ahead = date(2026, 3, 20)
    _load(con, _batch([("A", ahead, 1.0)]))
    assert con.execute("SELECT known_from FROM raw.test__levels").fetchone() == (NOW,)


def test_revision_is_appended_and_the_past_keeps_what_it_knew(con):
    _load(con, _batch(ROWS))
    later = NOW + timedelta(days=1)
    result = _load(con, _batch([("A", WED, 3.5)], at=later, payload="p2"))
    assert (result.rows_new, result.rows_revised) == (0, 1)
    assert _known(con, NOW)["A", WED] == 3.0
    assert _known(con, later)["A", WED] == 3.5


def test_new_row_after_a_recent_poll_is_observed(con):
    _load(con, _batch(ROWS[:2]))
    later = NOW + timedelta(days=1)
    _load(con, _batch(ROWS, at=later))
    row = con.execute("SELECT known_from, known_basis FROM raw.test__levels WHERE level_date = ?", [WED]).fetchone()
    assert row == (later, "observed")


def test_new_row_after_weeks_without_polling_is_modelled(con):
    _load(con, _batch(ROWS))
    missed = date(2026, 3, 16)
    _load(con, _batch([("A", missed, 9.0)], at=NOW + timedelta(days=30)))
    row = con.execute("SELECT known_from, known_basis FROM raw.test__levels WHERE level_date = ?", [missed]).fetchone()
    assert row == (datetime(2026, 3, 17, 20, 0), "modelled")  # summer time on that day


def test_new_row_long_after_the_last_one_is_observed_when_somebody_polled(con):
    """What is held of a slow series lies far before the rows of a new body, and counts all the same."""
    _load(con, _batch(ROWS))
    new, polled = date(2026, 6, 1), datetime(2026, 6, 2, 2)
    _load(con, _batch(ROWS, at=polled - timedelta(days=1)))
    _load(con, _batch([("A", new, 9.0)], at=polled))
    row = con.execute("SELECT known_from, known_basis FROM raw.test__levels WHERE level_date = ?", [new]).fetchone()
    assert row == (polled, "observed")


def test_long_history_in_several_spans_is_a_first_load_in_each(con):
    """Coinbase gives 300 days an answer: the second span was not polled for by the first, though seconds apart."""
    old, middle, today = date(2025, 1, 6), date(2025, 6, 2), NOW.date()
    _load(con, _batch([("A", old, 1.0)], covers=(date(2025, 1, 1), date(2025, 3, 31))))
    second = NOW + timedelta(seconds=5)
    _load(con, _batch([("A", middle, 2.0), ("A", MON, 3.0)], at=second, covers=(date(2025, 4, 1), today)))
    later = NOW + timedelta(days=2)
    new = date(2026, 3, 11)
    _load(con, _batch([("A", old + timedelta(1), 1.5), ("A", new, 4.0)], at=later))
    bases = dict(con.execute("SELECT level_date, known_basis FROM raw.test__levels").fetchall())
    # A value that appears late inside a span that was polled was really not there before; so was none of the next day.
    assert bases == {
        old: "modelled", middle: "modelled", MON: "modelled", old + timedelta(1): "observed", new: "observed",
    }  # fmt: skip


def test_withdrawn_row_becomes_a_tombstone_only_inside_the_cover(con):
    _load(con, _batch([*ROWS, ("B", MON, 7.0)]))
    later = NOW + timedelta(days=1)
    result = _load(con, _batch([ROWS[0], ROWS[2]], at=later, covers=(MON, WED), scope="A"))
    assert result.rows_deleted == 1
    assert _known(con, later) == {("A", MON): 1.0, ("A", WED): 3.0, ("B", MON): 7.0}
    assert ("A", TUE) in _known(con, NOW)
    back = _load(con, _batch(ROWS, at=later + timedelta(days=1), covers=(MON, WED), scope="A"))
    assert (back.rows_new, back.rows_revised, back.rows_deleted) == (0, 1, 0)


def test_half_of_the_known_rows_missing_is_refused_and_nothing_is_written(con):
    rows = [("A", MON + timedelta(days=n), float(n)) for n in range(7)]
    _load(con, _batch(rows))
    with pytest.raises(ShrunkBodyError, match="3 rows where 7 are known"):
        _load(con, _batch(rows[:3], covers=(MON, MON + timedelta(days=6)), scope="A"))
    assert con.execute("SELECT count(*), count(DISTINCT load_seq) FROM raw.test__levels").fetchone() == (7, 1)
    assert con.execute("SELECT count(*) FROM meta.load").fetchone() == (1,)


def test_a_number_that_all_rows_lose_at_once_is_a_renamed_field_and_refused(con):
    """The providers' optional fields: a body without one parses, and would empty a column of all that is held."""
    _load(con, _batch(ROWS))
    later = NOW + timedelta(days=1)
    emptied = [(series, day, None) for series, day, _ in ROWS]
    with pytest.raises(LayoutError, match="no row has level_usd_bn, but 3 of the same rows had it before"):
        _load(con, _batch([*emptied, ("A", WED + timedelta(days=1), None)], at=later))
    assert _known(con, later) == {(series, day): level for series, day, level in ROWS}
    assert _load(con, _batch([*emptied[:2], ROWS[2]], at=later)).rows_revised == 2  # a few may be withdrawn
    assert _load(con, _batch(emptied, at=later + timedelta(days=1))).rows_revised == 1


def test_clock_that_goes_back_does_not_repeat_or_reorder(con):
    _load(con, _batch(ROWS))
    _load(con, _batch([("A", WED, 3.5)], at=NOW + timedelta(days=1)))
    result = _load(con, _batch([("A", WED, 3.7)], at=NOW + timedelta(days=1, minutes=-5)))
    assert result.known_at == NOW + timedelta(days=1, microseconds=1)
    assert result.notes == ()
    assert _known(con, datetime(2030, 1, 1))["A", WED] == 3.7
    assert _load(con, _batch([("A", WED, 3.7)], at=NOW + timedelta(days=1, minutes=-5))).rows_revised == 0


def test_two_loads_of_one_instant_keep_their_order(con):
    _load(con, _batch([("A", date(2026, 3, 20), 1.0)]))  # announced ahead: known from this very load on
    assert _load(con, _batch([("A", date(2026, 3, 20), 2.0)])).known_at == NOW + timedelta(microseconds=1)


def test_old_file_slots_in_and_the_later_truth_stays(con):
    """A first load models its times; an older download then tells what was really known in between."""
    _load(con, _batch(ROWS))
    saved = datetime(2026, 3, 8)
    result = _load(con, _batch([("A", TUE, 2.9)], at=NOW + timedelta(days=2), is_file=True), known_at=saved)
    assert result.rows_revised == 1
    assert _known(con, saved)["A", TUE] == 2.9
    assert _known(con, NOW - timedelta(microseconds=1))["A", TUE] == 2.9
    assert _known(con, NOW)["A", TUE] == 2.0  # what the first load brought, from the moment it brought it
    again = _load(con, _batch([("A", TUE, 2.9)], is_file=True), known_at=saved)
    assert (again.rows_new, again.rows_revised, again.rows_deleted) == (0, 0, 0)


def test_old_file_that_lacks_a_row_says_it_was_not_known_yet(con):
    _load(con, _batch(ROWS))
    saved = datetime(2026, 3, 8)
    _load(con, _batch([ROWS[0], ROWS[2]], is_file=True), known_at=saved)
    # The file is about series A from Monday to Wednesday, so Tuesday was not there yet.
    assert ("A", TUE) not in _known(con, saved)
    assert _known(con, NOW)["A", TUE] == 2.0


def test_intervals_are_half_open_and_never_overlap(con):
    for step, level in enumerate((1.0, 2.0, 1.0, 4.0)):
        _load(con, _batch([("A", MON, level)], at=NOW + timedelta(days=step)))
    intervals = con.execute("SELECT known_from, known_to FROM history.test__levels ORDER BY known_from").fetchall()
    assert len(intervals) == 4
    assert all(left[1] == right[0] for left, right in itertools.pairwise(intervals))
    assert intervals[-1][1] == datetime(9999, 12, 31)


def test_provider_stamp_is_the_knowledge_time_and_an_unstamped_change_is_observed(tmp_path):
    stamped = _declare(
        columns=(*DATASET.columns, Column("updated_at", "timestamp", "Publication time.")), stamped_at="updated_at"
    )
    stamp = datetime(2026, 3, 3, 18, 0)  # before 21:00, which the release rule gives for Monday
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [stamped])
        for level, at, updated in (
            (1.0, NOW, stamp),
            (2.0, NOW + timedelta(days=1), stamp + timedelta(hours=3)),
            (3.0, NOW + timedelta(days=2), stamp + timedelta(hours=3)),
        ):
            batch = _batch([("A", MON, level, updated)], at=at, dataset=stamped)
            store.load(con, stamped, batch, run_id="run")
        rows = con.execute("SELECT known_from, known_basis FROM raw.test__levels ORDER BY load_seq").fetchall()
    assert rows == [
        (stamp, "stamped"),
        (stamp + timedelta(hours=3), "stamped"),
        (NOW + timedelta(days=2), "observed"),
    ]


def test_stamp_of_a_late_edit_does_not_hide_the_row_until_then(tmp_path):
    """RP 010523 1 was edited 8 days after its operation; its 2,242 bn were known on the day."""
    stamped = _declare(
        columns=(*DATASET.columns, Column("updated_at", "timestamp", "Publication time.")), stamped_at="updated_at"
    )
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [stamped])
        edited = datetime(2026, 3, 9, 15, 0)
        store.load(con, stamped, _batch([("A", MON, 1.0, edited)], dataset=stamped), run_id="run")
        row = con.execute("SELECT known_from, known_basis FROM raw.test__levels").fetchone()
    assert row == (datetime(2026, 3, 3, 21, 0), "modelled")


def test_pages_that_disagree_are_refused(con):
    frame = pl.DataFrame([("A", MON, 1.0)], schema=DATASET.schema, orient="row")
    other = pl.DataFrame([("A", MON, 2.0)], schema=DATASET.schema, orient="row")
    batch = Batch(DATASET.id, Request("https://example.test/x"), (Page("p1", frame), Page("p2", other)), NOW)
    with pytest.raises(DuplicateKeyError):
        _load(con, batch)
    same = Batch(DATASET.id, Request("https://example.test/x"), (Page("p1", frame), Page("p2", frame)), NOW)
    assert _load(con, same).rows_new == 1


def test_plan_asks_for_everything_first_then_for_the_window(con):
    assert store.plan(con, DATASET, NOW).is_full
    _load(con, _batch(ROWS), is_full=True)
    plan = store.plan(con, DATASET, NOW + timedelta(days=1))
    assert not plan.is_full
    assert plan.since(DATASET, "A") == WED - timedelta(days=10)
    assert plan.since(DATASET, "B") == DATASET.start  # a series never held starts at the beginning
    assert store.plan(con, DATASET, NOW + timedelta(days=40)).is_full


def test_plan_knows_the_address_of_the_newest_body_that_was_loaded(con):
    assert store.plan(con, DATASET, NOW).last_address is None
    for hour, (url, payload) in enumerate([("/old", "p0"), ("/good", "p1"), ("/page", "links"), ("/bad", "p9")]):
        exchange = Exchange(DATASET.id, url, 200, NOW + timedelta(hours=hour), 0.1, 1, 9, payload)
        store.record_exchange(con, exchange, "run")
    for payload in ("p0", "p1"):
        frame = pl.DataFrame([("A", MON, 1.0)], schema=DATASET.schema, orient="row")
        _load(con, Batch(DATASET.id, Request("https://example.test/x"), (Page(payload, frame),), NOW))
    assert store.plan(con, DATASET, NOW).last_address == "/good"


def test_a_body_that_came_before_brings_nothing_unless_something_else_was_loaded_since(con):
    """Then alone it need not be read again; the load says for which series it looked."""
    url, late = "https://example.test/x", NOW + timedelta(hours=19)

    def of_series(name: str, level: float, payload: str, **also: object) -> Batch:
        batch = _batch([(name, MON, level)], payload=payload, at=NOW + timedelta(hours=2), scope=name)
        return replace(batch, request=replace(batch.request, url=f"{url}/{name}"), **also)

    _load(con, _batch([*ROWS, ("B", MON, 7.0)], payload="p1"))
    assert store.loaded_bodies(con, late) == {("test.levels", url): "p1"}
    again = replace(_batch([], at=NOW + timedelta(hours=1)), pages=(), is_unchanged=True)
    _load(con, again)
    assert con.execute("SELECT scopes, rows_appended FROM meta.load ORDER BY load_seq").fetchall()[-1] == (
        ["A", "B"],
        0,
    )
    assert store.loaded_bodies(con, late) == {("test.levels", url): "p1"}
    _load(con, of_series("A", 1.0, "p2"))  # it changes nothing
    assert store.loaded_bodies(con, late) == {("test.levels", url): "p1", ("test.levels", f"{url}/A"): "p2"}
    _load(con, of_series("B", 8.0, "p3"))
    assert store.loaded_bodies(con, late) == {("test.levels", f"{url}/A"): "p2", ("test.levels", f"{url}/B"): "p3"}
    file = _batch([("A", MON, 1.5)], at=NOW + timedelta(hours=3), is_file=True, payload="p4")
    _load(con, replace(file, request=replace(file.request, url="saved.csv")))
    assert store.loaded_bodies(con, late) == {("test.levels", "saved.csv"): "p4"}
    assert store.loaded_bodies(con, NOW + timedelta(hours=24)) == {}  # the next night reads it, by its own parser


def test_new_column_is_added_and_a_changed_type_is_refused(con):
    _load(con, _batch(ROWS))
    wider = _declare(columns=(*DATASET.columns, Column("note", "varchar", "A remark.")))
    tables.create_tables(con, [wider])
    assert con.execute("SELECT note FROM history.test__levels LIMIT 1").fetchone() == (None,)
    changed = _declare(
        columns=(*DATASET.columns[:2], Column("level_usd_bn", "bigint", "Level.", Unit.USD_BN)),
    )
    with pytest.raises(WarehouseError, match="level_usd_bn is DOUBLE on disk and BIGINT"):
        tables.create_tables(con, [changed])


def test_tables_that_are_there_are_not_made_again(tmp_path: Path):
    """It happens four times a refresh; each used to write the catalog and thirty views."""
    home = Home(tmp_path)
    with open_work(home) as con:
        tables.create_tables(con, DATASETS.values())
    before = home.work_database.read_bytes()
    with open_work(home) as con:
        tables.create_tables(con, DATASETS.values())
    assert home.work_database.read_bytes() == before
    for lost in ("VIEW history.nyfed__soma_summary", "TABLE raw.kraken__daily_candles", "TABLE meta.load"):
        with open_work(home) as con:
            con.execute(f"DROP {lost}")
            tables.create_tables(con, DATASETS.values())
            con.execute(f"FROM {lost.split()[1]}")
    with open_work(home) as con:
        for title in ("Before", "After"):
            series = (Series("A", title, Unit.USD_BN, (0, 1e6)),)
            tables.create_tables(con, [*DATASETS.values(), _declare(series=series)])
        assert con.execute("SELECT title FROM meta.catalog WHERE dataset = 'test.levels'").fetchall() == [("After",)]


# --- columns that a body does not have ------------------------------------------------------------------------------

WIDE = _declare(
    columns=(*DATASET.columns, Column("note", "varchar", "A remark."), Column("place", "varchar", "Where."))
)


@pytest.fixture
def wide(tmp_path: Path):
    with open_work(Home(tmp_path)) as connection:
        tables.create_tables(connection, [WIDE])
        yield connection


def _load_wide(
    con: duckdb.DuckDBPyConnection, rows: list[tuple], *unsaid: str, at: datetime = NOW, is_import: bool = False
) -> store.Loaded:
    frame = pl.DataFrame(rows, schema=WIDE.schema, orient="row")
    batch = Batch(WIDE.id, Request("file:x", is_file=True), (Page("p", frame, unsaid),), at)
    return store.load(con, WIDE, batch, run_id="run", known_at=at if is_import else None)


def _rows_at(con: duckdb.DuckDBPyConnection, at: datetime = datetime(2030, 1, 1)) -> list[tuple]:
    return con.execute(
        "SELECT level_date, level_usd_bn, note, place FROM history.test__levels "
        "WHERE known_from <= ? AND known_to > ? AND NOT is_deleted ORDER BY ALL",
        [at, at],
    ).fetchall()


def test_a_body_without_a_column_keeps_what_is_held_of_it(wide):
    _load_wide(wide, [("A", MON, 1.0, "rich", "here"), ("A", TUE, 2.0, "rich", None)])
    poor = [("A", MON, 1.0, None, None), ("A", TUE, 2.5, None, "there"), ("A", WED, 3.0, None, "new")]
    loaded = _load_wide(wide, poor, "note", at=NOW + timedelta(days=1))
    assert (loaded.rows_new, loaded.rows_revised) == (1, 2), "an empty cell of a column that is there is a revision"
    assert _rows_at(wide) == [(MON, 1.0, "rich", None), (TUE, 2.5, "rich", "there"), (WED, 3.0, None, "new")]
    again = _load_wide(wide, poor, "note", at=NOW + timedelta(days=2))
    assert (again.rows_new, again.rows_revised, again.rows_deleted) == (0, 0, 0)
    filled = _load_wide(wide, [("A", WED, 3.0, "late", "new")], at=NOW + timedelta(days=3))
    assert filled.rows_revised == 1
    assert _rows_at(wide)[-1] == (WED, 3.0, "late", "new")


@pytest.mark.parametrize("value", [1.0, 1.5])
def test_a_richer_file_of_an_earlier_day_fills_what_a_later_load_left_unsaid(wide, value: float):
    """The poorer body was loaded first; what it says stays the later truth, what it does not say is no empty value."""
    _load_wide(wide, [("A", MON, 1.0, None, "here")], "note", at=NOW)
    _load_wide(wide, [("A", MON, value, "rich", "here")], at=NOW - timedelta(days=2), is_import=True)
    assert _rows_at(wide) == [(MON, 1.0, "rich", "here")]
    assert _rows_at(wide, NOW - timedelta(days=1)) == [(MON, value, "rich", "here")]
    again = _load_wide(wide, [("A", MON, value, "rich", "here")], at=NOW - timedelta(days=2), is_import=True)
    assert (again.rows_new, again.rows_revised) == (0, 0)


def test_a_row_that_was_withdrawn_does_not_lend_its_values(wide):
    _load_wide(wide, [("A", day, 1.0, "rich", "here") for day in (MON, TUE, WED)])
    _load_wide(wide, [("A", day, 1.0, "rich", "here") for day in (MON, WED)], at=NOW + timedelta(days=1))
    assert [row[0] for row in _rows_at(wide)] == [MON, WED]
    _load_wide(wide, [("A", TUE, 1.0, None, "here")], "note", at=NOW + timedelta(days=2))
    assert _rows_at(wide)[1] == (TUE, 1.0, None, "here")
