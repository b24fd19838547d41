"""A model in Spark's dialect, and the comparison of rows that holds the two engines together."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.spark import difference
from warehouse.connection import WarehouseError
from warehouse.publication.spark.export import spelled


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('SELECT a FROM "liquidity"."marts"."m"', "SELECT a FROM marts__m AS m"),
        ('SELECT n.a FROM "liquidity"."marts"."m" AS n', "SELECT n.a FROM marts__m AS n"),
        ("SELECT a, b + 1 AS c, sum(d) AS e FROM t GROUP BY ALL",
         "SELECT a, b + 1 AS c, SUM(d) AS e FROM t GROUP BY 1, 2"),
        ("SELECT a, percentile(b, 0.5) FROM t GROUP BY ALL",
         "SELECT a, PERCENTILE(b, CAST(0.5 AS DOUBLE)) FROM t GROUP BY 1"),
        ("SELECT 100.0 * 3 / a, '1.5' FROM t", "SELECT CAST(100.0 AS DOUBLE) * 3 / a, '1.5' FROM t"),
        ("SELECT round(a, 0), round(b, 1) FROM t",
         "SELECT ROUND(a, 0), ( ROUND(( b ) * CAST(10.0 AS DOUBLE)) / CAST(10.0 AS DOUBLE) ) FROM t"),
        ("SELECT to_date - from_date FROM t", "SELECT DATEDIFF(to_date, from_date) FROM t"),
        ("SELECT least(a_date, b_date) - 1 - CAST(c AS DATE) FROM t",
         "SELECT DATEDIFF(LEAST(a_date, b_date) - 1, CAST(c AS DATE)) FROM t"),
        ("SELECT to_date - 7, known_from - interval 1 second FROM t",
         "SELECT to_date - 7, known_from - INTERVAL '1' SECOND FROM t"),
    ],
)  # fmt: skip
def test_a_model_in_spark_s_dialect(sql: str, expected: str):
    assert " ".join(spelled(sql).split()) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",  # would be PERCENTILE_APPROX
        "SELECT quantile_cont(a, 0.5) FROM t",
        "SELECT list(a ORDER BY b) FROM t",  # would be COLLECT_LIST(a)
        "SELECT sum(a ORDER BY b) FROM t",
        "SELECT isodow(a) FROM t",  # would be a day later
        "SELECT dayname(a) FROM t",  # would be Tue
        "SELECT format('{:.1f}', a) FROM t",
        "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1",  # would have a column more
    ],
)
def test_what_would_mean_something_else_is_refused(sql: str):
    with pytest.raises(WarehouseError, match=r"macros/engine\.sql"):
        spelled(sql)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE m AS FROM (VALUES (1, 0.1, 'a'), (2, 0.2, 'b'), (3, NULL, 'b')) AS t(n, value, word)")
        con.execute("ALTER TABLE m ALTER value TYPE DOUBLE")
        yield con


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ("SELECT word, CAST(n AS BIGINT) AS n, value * (1 + 1e-12) AS value FROM m", ""),
        ("SELECT n, value * (1 + 1e-6) AS value, word FROM m", "of 3 rows differ: value 2"),
        ("SELECT n, coalesce(value, 0) AS value, word FROM m", "of 3 rows differ: value 1"),
        ("SELECT n, value, upper(word) AS word FROM m", "of 3 rows differ: word 3"),
        ("FROM m LIMIT 2", "3/2 rows"),
        ("SELECT n, word FROM m", "columns ['value']"),
        ("SELECT n, CAST(value AS VARCHAR) AS value, word FROM m", "types value DOUBLE/VARCHAR"),
    ],
)
def test_each_kind_of_difference_is_seen(con: duckdb.DuckDBPyConnection, tmp_path: Path, theirs: str, expected: str):
    con.execute(f"COPY ({theirs}) TO '{tmp_path}/part.parquet'")
    assert difference(con, "m", tmp_path) == expected


def test_a_table_without_rows_may_have_no_file(con: duckdb.DuckDBPyConnection, tmp_path: Path):
    assert difference(con, "m", tmp_path) == "no file, 3 rows"
    con.execute("DELETE FROM m")
    assert difference(con, "m", tmp_path) == ""
