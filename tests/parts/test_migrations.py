"""Stores of earlier versions are brought up to now, step by step; those of later versions are refused."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.catalog import Request
from ingest.collect import Batch, Page
from ingest.parsing import parse_body
from ingest.payloads import Archive
from ingest.providers import DATASETS
from tests.parts import first_store
from warehouse import migrations
from warehouse.connection import Home, WarehouseError, open_work
from warehouse.log import journal, store, tables
from warehouse.upkeep import rebuild, scrub

TABLES = ("history.fred__observations", "history.coinbase__daily_candles", "meta.load")


@pytest.fixture
def old(tmp_path: Path) -> Home:
    """A warehouse as the first version left it."""
    home = Home(tmp_path / "home")
    first_store.make(home)
    return home


def _rows(home: Home, columns: dict[str, str] | None = None) -> dict[str, list[tuple]]:
    with duckdb.connect(str(home.work_database)) as con:
        return {
            table: con.execute(f"SELECT {(columns or {}).get(table, '*')} FROM {table} ORDER BY ALL").fetchall()
            for table in TABLES
        }


def _columns(home: Home) -> dict[str, str]:
    with duckdb.connect(str(home.work_database)) as con:
        return {table: ", ".join(row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()) for table in TABLES}


def _layout(con: duckdb.DuckDBPyConnection) -> set[tuple]:
    return set(con.execute("SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()").fetchall())


def test_the_first_version_s_store_has_today_s_layout_and_every_row_that_it_had(old: Home):
    columns, before = _columns(old), _rows(old)
    with journal.open_log(old) as (con, _):
        assert migrations.number(con) == len(migrations.STEPS)
        layout = _layout(con)
        loads = journal.loads(con)
    assert _rows(old, columns) == before
    with duckdb.connect() as con:
        tables.create_tables(con, DATASETS.values())
        assert layout == _layout(con)
    assert journal.read(old).loads == loads, "lines that a later version could not read again"
    assert [load.is_import for load in loads] == [False, False, False, False, True]
    assert [load.request_scope for load in loads] == ["SOFR", "BTC-USD", "SOFR", "BTC-USD", "SOFR"]
    assert scrub.scrub(old).problems == []


def test_the_first_version_s_loads_can_be_done_again_from_their_bodies(old: Home):
    columns = _columns(old)
    columns["meta.load"] = columns["meta.load"].removesuffix(", notes")  # today's parser has a remark
    before = _rows(old, columns)
    made = rebuild.replay(old)
    assert (made.loads, made.remarks) == (5, [])
    (refused,) = made.refused
    assert "coinbase.daily_candles: it withdrew rows, and an early version did not keep which dates" in refused
    assert _rows(old, columns) == before


def test_a_replay_of_the_first_version_s_store_differs_where_today_s_parser_reads_more(old: Home):
    """That version modelled when details of operations were known. The body has the moment: the same rows, stamped."""
    first_store.add_operation_details(old)
    assert rebuild.replay(old).loads == 6
    with open_work(old) as con:
        rows = con.execute(
            "SELECT accepted_usd, offering_rate_pct, known_from, known_basis FROM raw.nyfed__repo_operation_details"
        ).fetchall()
    assert rows == [(1_000_000, 4.0, datetime(2026, 3, 4, 13, 30, 17), "stamped")]


def test_the_first_version_s_store_goes_on(old: Home):
    body = b"observation_date,SOFR\n2026-03-04,4.28\n2026-03-05,4.27\n"
    at, dataset = datetime(2026, 3, 7, 1), DATASETS["fred.observations"]
    request = Request("https://fred.stlouisfed.org/graph/fredgraph.csv", scope="SOFR", covers_from=date(2026, 3, 4))
    payload = Archive(old.payloads).put(body)
    parsed, _ = parse_body(dataset, body, request, payload, day=at.date())
    with journal.open_log(old) as (con, log):
        loaded = store.load(con, dataset, Batch(dataset.id, request, (Page.of(payload, parsed),), at), run_id="d")
        assert (loaded.load_seq, loaded.rows_new, loaded.rows_revised) == (6, 1, 1)
        line = con.execute(
            "SELECT request_scope, covers_from, is_import, rows_appended FROM meta.load WHERE load_seq = 6"
        ).fetchone()
        assert line == ("SOFR", date(2026, 3, 4), False, 2)
        log.follow(con)
    assert scrub.scrub(old).problems == []


@pytest.mark.parametrize("place", range(len(migrations.STEPS)))
def test_a_step_that_is_cut_short_leaves_the_store_at_the_one_before(
    old: Home, place: int, monkeypatch: pytest.MonkeyPatch
):
    columns, before = _columns(old), _rows(old)
    step = migrations.STEPS[place]

    def die(con: duckdb.DuckDBPyConnection, datasets: object) -> None:
        step.do(con, datasets)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    broken = (*migrations.STEPS[:place], migrations.Step(step.what, die), *migrations.STEPS[place + 1 :])
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", broken)
        with pytest.raises(KeyboardInterrupt), open_work(old):
            pass
    with duckdb.connect(str(old.work_database)) as con:
        assert migrations.number(con) == place
    with open_work(old) as con:
        assert [number for (number,) in con.execute("SELECT number FROM meta.migration ORDER BY 1").fetchall()] == [
            number + 1 for number in range(len(migrations.STEPS))
        ]
    assert _rows(old, columns) == before


def test_a_new_store_has_the_newest_number_and_a_later_version_s_is_refused(tmp_path: Path):
    home = Home(tmp_path)
    with open_work(home) as con:
        assert migrations.number(con) is None
        tables.create_tables(con, DATASETS.values())
        assert migrations.number(con) == len(migrations.STEPS)
        con.execute("INSERT INTO meta.migration VALUES (?, 'to come', now())", [len(migrations.STEPS) + 1])
    newer = "a later version of this program made it: it is at step"
    with pytest.raises(WarehouseError, match=newer) as caught, open_work(home):
        pass
    assert str(caught.value).startswith(f"{home.work_database}: ")
    assert "\n" not in str(caught.value)
