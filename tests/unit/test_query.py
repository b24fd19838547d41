"""`liquidity sql` and `trace --where` read the published database and nothing else."""

import shlex
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from warehouse.connection import DATABASE_NAME, Home, WarehouseError, open_published, open_work
from warehouse.publication.query import ask, first_rows
from warehouse.publication.trace import trace

SECRET = "not of the warehouse"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A published warehouse of one mart, and next to it a file and a folder that no query may reach."""
    home = Home(tmp_path / "home" / "sample", is_simulated=True)
    folder = home.generations / "20261128T000000000000-0000"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / DATABASE_NAME)) as con:
        con.execute("CREATE SCHEMA marts")
        con.execute("CREATE TABLE marts.rates AS SELECT DATE '2026-01-01' + i::INT AS day, i AS pct FROM range(3) t(i)")
    home.current.symlink_to(Path("generations") / folder.name)
    (tmp_path / "secret.txt").write_text(SECRET)
    return home


def _files(home: Home) -> set[Path]:
    return set(home.root.parents[1].rglob("*"))


@pytest.mark.parametrize(
    "query",
    [
        "FROM read_text('{folder}/secret.txt')", "FROM read_csv('{folder}/secret.txt')", "FROM '{folder}/secret.txt'",
        "FROM glob('{folder}/*')", "COPY (SELECT 1) TO '{folder}/out.csv'", "COPY marts.rates TO '{folder}/out'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/out.csv'", "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/other.duckdb'", "INSTALL httpfs", "LOAD httpfs", "LOAD '{folder}/x.duckdb_extension'",
        "SELECT 1; SELECT 2", "SELECT 1; COPY (SELECT 1) TO '{folder}/out.csv'", "SET threads = 1",
        "RESET lock_configuration", "SET enable_external_access = true", "PRAGMA enable_profiling",
        "CREATE TEMP TABLE t AS SELECT 1", "DROP TABLE marts.rates", "DELETE FROM marts.rates", "FROM home",
    ],
)  # fmt: skip
def test_what_reaches_beyond_the_database_is_refused_and_leaves_no_file(home: Home, query: str):
    before = _files(home)
    with pytest.raises(WarehouseError) as refused:
        ask(home, query.format(folder=home.root.parents[1]))
    assert SECRET not in str(refused.value)
    assert _files(home) == before


@pytest.mark.parametrize("query", ["", "  ;", "-- only words"])
def test_an_empty_query_is_said(home: Home, query: str):
    with pytest.raises(WarehouseError, match="the query is empty; write one such as"):
        ask(home, query)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("FROM marts.rates", 3),
        ("SELECT pct FROM marts.rates WHERE day = '2026-01-02';", 1),
        ("WITH a AS (FROM marts.rates) SELECT max(pct) FROM a -- the last", 1),
        ("PIVOT marts.rates ON pct USING max(day)", 1),
        ("SHOW ALL TABLES", 1),
        ("DESCRIBE marts.rates", 2),
        ("EXPLAIN FROM marts.rates", 1),
        ("SELECT day AT TIME ZONE 'America/New_York', to_json(day) FROM marts.rates", 3),
    ],
)
def test_what_reads_is_answered(home: Home, query: str, rows: int):
    assert ask(home, query).height == rows


def test_files_are_reached_by_who_asks_for_them(home: Home):
    target = home.root.parents[1] / "out.csv"
    assert ask(home, f"COPY marts.rates TO '{target}'; FROM read_csv('{target}')", with_files=True).height == 3


def test_readers_of_one_process_share_the_lock_and_the_time_zone(home: Home):
    with open_published(home) as one, open_published(home) as other:
        for con in (one, other, other.cursor()):
            assert con.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
            with pytest.raises(duckdb.Error, match="locked"):
                con.execute("SET enable_external_access = true")


def test_nothing_is_printed_among_the_answers_of_a_long_query(home: Home):
    for opened in (open_published(home), open_work(home)):
        with opened as con:
            assert con.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)


def test_a_sort_that_does_not_fit_in_memory_writes_nothing_into_the_generation(home: Home):
    with open_published(home) as con:
        (spill,) = con.execute("SELECT current_setting('temp_directory')").fetchone()
    assert home.root not in Path(spill).parents


@pytest.mark.parametrize(
    "where",
    [
        "1=1); COPY (SELECT 1) TO '{folder}/out.csv'; SELECT (1", "1=1) UNION ALL SELECT * FROM marts.rates WHERE (1=1",
        "pct = 1 LIMIT 1", "pct = (SELECT length(content) FROM read_text('{folder}/secret.txt'))", "",
        "1=1) FROM marts.rates WHERE (1=1",
    ],
)  # fmt: skip
def test_a_condition_is_one_expression(home: Home, where: str):
    before = _files(home)
    with pytest.raises(WarehouseError, match=r"^--where is no condition on rates: [^\n]+$"):
        trace(home, "rates", where.format(folder=home.root.parents[1]))
    assert _files(home) == before


@pytest.mark.parametrize(
    "arguments",
    [
        "sql \"FROM read_text('/etc/passwd')\"", 'sql ""', 'sql "SELECT 1; SELECT 2"', 'sql "SET threads = 1"',
        "trace rates --where \"1=1); COPY (SELECT 1) TO 'x'; SELECT (1\"",
    ],
)  # fmt: skip
def test_the_command_says_it_in_one_line(home: Home, monkeypatch: pytest.MonkeyPatch, arguments: str):
    monkeypatch.setenv("LIQUIDITY_HOME", str(home.root.parent))
    result = CliRunner().invoke(app, [*shlex.split(arguments), "--sample"])
    assert result.exit_code == 1
    _, said, *more = result.stderr.splitlines()
    assert said.startswith("WarehouseError: ")
    assert more == []


def test_a_table_shows_the_first_rows_and_how_many_more_there_are(home: Home):
    asked = "SELECT pct, day FROM marts.rates ORDER BY pct"
    first = [(0, date(2026, 1, 1)), (1, date(2026, 1, 2)), (2, date(2026, 1, 3))]
    for limit in range(5):
        shown = first_rows(home, asked, limit)
        assert (shown.columns, shown.rows, shown.height) == (["pct", "day"], first[:limit], 3)


@pytest.mark.parametrize(
    "query",
    [
        "FROM marts.rates", "SELECT 1.50::DECIMAL(9, 2), 2::HUGEINT, 0.1::FLOAT, 1e22, 'nan'::DOUBLE, NULL, 'a', true",
        "SELECT TIMESTAMP '2026-01-02 03:04:05.000006', TIMESTAMPTZ '2026-01-02 03:04:05Z', TIME '10:00:00'",
        "SELECT [DATE '2026-01-01', NULL], {'a': 1, 'b': 2.5::DECIMAL(3, 2)}, MAP {'a': 1}, '{\"a\": 1}'::JSON",
        "SELECT 'a'::ENUM ('a', 'b'), 'ab'::BLOB, DATE '9999-12-31', 12345678901234567890::UBIGINT",
        "PIVOT marts.rates ON pct USING max(day)", "DESCRIBE marts.rates", "SHOW ALL TABLES",
    ],
)  # fmt: skip
def test_a_table_says_what_the_frame_says(home: Home, query: str):
    frame = ask(home, query)
    shown = first_rows(home, query, 100)
    assert shown.columns == frame.columns
    assert [[str(value) for value in row] for row in shown.rows] == [[str(v) for v in row] for row in frame.iter_rows()]
    assert shown.height == frame.height


@pytest.mark.parametrize(("limit", "lines", "more"), [("3", 3, []), ("1", 1, ["2 more rows; --limit 3 or"])])
def test_the_command_shows_a_table(
    home: Home, monkeypatch: pytest.MonkeyPatch, limit: str, lines: int, more: list[str]
):
    monkeypatch.setenv("LIQUIDITY_HOME", str(home.root.parent))
    result = CliRunner().invoke(app, ["sql", "SELECT pct, '[red]' AS \"[b]\" FROM marts.rates", "--limit", limit])
    assert result.exit_code == 0
    assert result.stdout.count("[red]") == lines
    assert result.stdout.count("[b]") == 1
    assert [line[:25] for line in result.stderr.splitlines()[1:]] == more
