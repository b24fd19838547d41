"""The tables of `meta`: rows go in by name, and a transaction keeps all of its statements or none."""

import duckdb
import pytest

from warehouse import meta
from warehouse.connection import transaction


@pytest.fixture
def con():
    with duckdb.connect() as connection:
        connection.execute(meta.DDL)
        yield connection


def test_rows_go_in_by_name_and_what_is_not_named_is_null(con: duckdb.DuckDBPyConnection):
    meta.insert(con, "load", [{"notes": ["a", "b"], "load_seq": 1}, {"load_seq": 2, "dataset": "x.y", "notes": []}])
    meta.insert(con, "load", [])
    rows = con.execute("SELECT load_seq, dataset, notes, scopes FROM meta.load ORDER BY 1").fetchall()
    assert rows == [(1, None, ["a", "b"], None), (2, "x.y", [], None)]
    with pytest.raises(KeyError, match=r"meta\.load has no column nots"):
        meta.insert(con, "load", [{"load_seq": 3, "nots": []}])


def test_rows_in_the_place_of_others_come_whole_or_not_at_all(con: duckdb.DuckDBPyConnection):
    meta.insert(con, "built", [{"node": "a", "key": "1"}, {"node": "b", "key": "1"}])
    meta.replace(con, "built", [{"node": "a", "key": "2"}], "node = 'a'")
    held = [("a", "2"), ("b", "1")]
    assert con.execute("SELECT node, key FROM meta.built ORDER BY 1").fetchall() == held
    with pytest.raises(KeyError):
        meta.replace(con, "built", [{"nod": "c"}])
    assert con.execute("SELECT node, key FROM meta.built ORDER BY 1").fetchall() == held
    con.execute("BEGIN; ROLLBACK")  # none is open


def test_error_of_the_block_is_raised_though_the_rollback_fails_too(con: duckdb.DuckDBPyConnection):
    def fill_the_disk() -> None:
        with transaction(con):
            con.execute("ROLLBACK")  # as DuckDB does then
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        fill_the_disk()


def test_every_column_has_a_type_and_a_text(con: duckdb.DuckDBPyConnection):
    for table in meta.OF_THE_WORK_FILE:
        meta.say(con, table.name)
        assert all(text.endswith(".") for _, text in table.columns.values()), table.name
    rows = con.execute("SELECT count(*), count(comment) FROM duckdb_columns() WHERE schema_name = 'meta'").fetchall()
    assert rows == [(sum(len(table.columns) for table in meta.OF_THE_WORK_FILE),) * 2]
