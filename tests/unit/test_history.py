"""The end of each version: kept next to it, and always what the versions themselves say."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ShrunkBodyError
from ingest.providers import DATASETS
from tests.unit.test_store import DATASET, MON, NOW, ROWS, TUE, WED, _batch, _declare, _known, _load
from tests.unit.test_vintages import _versions
from warehouse.connection import Home, open_work
from warehouse.history import set_ends
from warehouse.log import store, tables

COLUMNS = "series_id, level_date, level_usd_bn, known_from, known_to, known_basis, load_seq, is_deleted, payload_id"
# What `known_to` means, said a second time: the whole log sorted, nothing taken from what is kept.
OVER_THE_WHOLE_LOG = f"""
    SELECT * FROM (
        SELECT * REPLACE (lead(known_from, 1, TIMESTAMP '9999-12-31')
            OVER (PARTITION BY series_id, level_date ORDER BY known_from, load_seq) AS known_to)
        FROM (SELECT {COLUMNS} FROM raw.test__levels)
    ) ORDER BY ALL"""
KEPT = f"SELECT {COLUMNS} FROM history.test__levels ORDER BY ALL"


def _agree(con: duckdb.DuckDBPyConnection) -> bool:
    return con.execute(KEPT).fetchall() == con.execute(OVER_THE_WHOLE_LOG).fetchall()


hours = st.integers(-24 * 12, 24 * 12)
rows = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.sampled_from([MON, TUE, WED])), st.integers(0, 3), min_size=1
)
polled = st.tuples(st.sampled_from(["poll", "covering poll", "file", "import"]), hours, rows)
archived = st.tuples(
    st.just("vintage"),
    st.dictionaries(
        st.tuples(st.sampled_from("AB"), st.sampled_from([MON, TUE, WED]), hours), st.none() | st.integers(0, 3),
        min_size=1,
    ),
    st.booleans(),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(polled | archived, min_size=1, max_size=7))
@pytest.mark.slow
def test_any_sequence_of_loads_keeps_the_ends_that_the_whole_log_says(steps: list[tuple]):
    with duckdb.connect() as con:
        con.execute(store.ONE_THREAD)
        tables.create_tables(con, [DATASET])
        for step in steps:
            kind, *rest = step
            if kind == "vintage":
                cells, is_known_earlier = rest
                _load(con, _versions(*(
                    (series, day, level, NOW + timedelta(hours=hour), is_known_earlier)
                    for (series, day, hour), level in sorted(cells.items(), key=lambda cell: cell[0])
                )))  # fmt: skip
            else:
                hour, cells = rest
                at = NOW + timedelta(hours=hour)  # later than the newest, earlier, or far ahead of the next one's clock
                batch = _batch(
                    [(*key, float(level)) for key, level in sorted(cells.items())],
                    at=NOW if kind == "import" else at,
                    covers=(MON, WED) if kind == "covering poll" else None,
                    is_file=kind in ("file", "import"),
                )
                with suppress(ShrunkBodyError):
                    _load(con, batch, known_at=at if kind == "import" else None)
            assert _agree(con), step


def test_a_log_of_an_older_version_gets_its_ends_when_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Up to now they were worked out for every question."""
    monkeypatch.setitem(DATASETS, DATASET.id, DATASET)
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [DATASET])
        for day, level in enumerate((1.0, 2.0, 1.0)):
            _load(con, _batch([*ROWS[1:], ("A", MON, level)], at=NOW + timedelta(days=day)))
        before = con.execute(KEPT).fetchall()
        assert sum(row[4] < datetime(9999, 12, 31) for row in before) == 2
        con.execute("DROP VIEW history.test__levels; ALTER TABLE raw.test__levels DROP COLUMN known_to")
        con.execute("DROP TABLE meta.migration")
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [DATASET])
        assert con.execute(KEPT).fetchall() == before
        _load(con, _batch([("A", MON, 3.0)], at=NOW + timedelta(days=4)))
        assert _agree(con)
        assert con.execute("SELECT count(*) FROM raw.test__levels WHERE known_to IS NULL").fetchone() == (0,)


def test_a_version_that_moved_out_of_the_cover_is_not_withdrawn(tmp_path: Path):
    """A key without its date: the operation was dated anew, and its old version lies in the span that is asked for."""
    operations = _declare(key=("series_id",))
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [operations])
        for at, cells in ((NOW, [("A", MON, 1.0), ("B", MON, 1.0)]), (NOW + timedelta(days=1), [("A", WED, 1.0)])):
            store.load(con, operations, _batch(cells, at=at, dataset=operations), run_id="run")
        batch = _batch([("B", MON, 1.0)], at=NOW + timedelta(days=2), covers=(MON, TUE), dataset=operations)
        assert store.load(con, operations, batch, run_id="run").rows_deleted == 0
        assert set(_known(con, NOW + timedelta(days=3))) == {("A", WED), ("B", MON)}


def test_ends_can_be_made_true_again(tmp_path: Path):
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [DATASET])
        _load(con, _batch(ROWS))
        _load(con, _batch([("A", WED, 3.5)], at=NOW + timedelta(days=1)))
        con.execute("UPDATE raw.test__levels SET known_to = TIMESTAMP '9999-12-31'")
        assert not _agree(con)
        set_ends(con, DATASET)
        assert _agree(con)
