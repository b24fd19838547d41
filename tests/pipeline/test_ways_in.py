"""Plain ways into a published generation: views, macros, texts in files, the module `liquidity`, the workbook."""

from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from typer.testing import CliRunner

import liquidity
from ingest.providers import DATASETS
from orchestration.cli import app
from warehouse.connection import Home, WarehouseError, open_published
from warehouse.generation import SIMULATED_NOTICE, marts, unit_of
from warehouse.publication import workbook
from warehouse.publication.query import ask

MOMENT = datetime(2025, 11, 4, 14)


@pytest.fixture
def at_home(refreshed: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQUIDITY_HOME", str(refreshed.root.parent))


def test_tables_shown_are_the_marts_and_have_their_rows_and_texts(refreshed: Home):
    with open_published(refreshed) as con:
        there = marts(con)
        assert [name for (name,) in con.execute("SHOW TABLES").fetchall()] == there
        for mart in there:
            assert con.execute(f"(FROM {mart} EXCEPT ALL FROM marts.{mart}) LIMIT 1").fetchall() == [], mart
        texts = con.execute(
            "SELECT table_name, column_name, list(DISTINCT comment) FROM duckdb_columns() "
            "WHERE schema_name IN ('main', 'marts') AND database_name = current_database() GROUP BY ALL"
        ).fetchall()
        assert [row for row in texts if len(row[2]) != 1] == []
        assert con.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal AND comment IS NULL").fetchone() == (
            0,
        )


def test_current_and_as_of_are_what_the_history_says(refreshed: Home):
    with open_published(refreshed) as con:
        assert len(con.execute("SHOW TABLES FROM current").fetchall()) == len(DATASETS)
        older = 0
        for dataset in DATASETS.values():
            (now, then) = (
                f"SELECT count(*), max(known_from) FROM {relation}"
                for relation in (f"current.{dataset.table}", f"as_of.{dataset.table}('{MOMENT}')")
            )
            known = f"SELECT count(*), max(known_from) FROM history.{dataset.table} WHERE NOT is_deleted AND"
            assert con.execute(now).fetchone() == con.execute(f"{known} known_to > now()::TIMESTAMP").fetchone()
            held, newest = con.execute(then).fetchone()  # type: ignore[misc]
            assert (held, newest) == con.execute(
                f"{known} known_from <= TIMESTAMP '{MOMENT}' AND known_to > TIMESTAMP '{MOMENT}'"
            ).fetchone()
            assert newest is None or newest <= MOMENT
            older += held
        assert older > 10_000
        unsaid = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name IN ('current', 'history', 'meta') "
            "AND database_name = current_database() AND coalesce(comment, '') = ''"
        ).fetchall()
        assert unsaid == []


@pytest.mark.usefixtures("at_home")
def test_sql_as_of_a_moment_needs_no_build(refreshed: Home):
    """Any moment, read back as the macros say it; what is no dataset is refused with the way to build it."""
    for moment in (MOMENT, datetime(2019, 9, 17, 13, 5)):
        for dataset in ("fred.observations", "fiscaldata.operating_cash_balance"):
            table = DATASETS[dataset].table
            counts = f"SELECT count(*) AS rows, max(known_from) AS newest FROM current.{table}"
            frame = ask(refreshed, counts, known_at=moment)
            with open_published(refreshed) as con:
                there = con.execute(f"SELECT count(*), max(known_from) FROM as_of.{table}('{moment}')").fetchone()
            assert frame.row(0) == there
            assert there[0] > 100
    said = CliRunner().invoke(
        app,
        [
            "sql", "SELECT count(*) < (SELECT count(*) FROM published_now.current.fred__observations) AS fewer "
            "FROM current.fred__observations", "--as-of", "2019-09-17T13:05", "--format", "csv", "--sample",
        ],
    )  # fmt: skip
    assert (said.exit_code, said.stdout.split()) == (0, ["fewer", "true"])
    wrong = CliRunner().invoke(app, ["sql", "FROM marts.funding_stress_daily", "--as-of", "2019-09-17", "--sample"])
    assert wrong.exit_code == 1
    assert "only current.<dataset> is as known then" in " ".join(wrong.output.split())
    assert "`liquidity as-of 2019-09-17T23:59:59 --sample` builds it" in " ".join(wrong.output.split())


def test_views_work_under_any_name_of_the_database(refreshed: Home):
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{refreshed.published_database}' AS desk (READ_ONLY)")
        assert con.execute("FROM desk.treasury_cash_daily LIMIT 1").fetchall()
        assert con.execute("FROM desk.current.fred__observations LIMIT 1").fetchall()
        con.execute("USE desk")
        assert con.execute(f"FROM as_of.fred__observations('{MOMENT}') LIMIT 1").fetchall()


def test_columns_of_parquet_files_carry_text_and_unit(refreshed: Home):
    files = sorted((refreshed.current / "parquet").glob("*.parquet"))
    assert len(files) > 30
    for file in files:
        for field in pq.read_schema(file):
            said = field.metadata
            assert said[b"description"], f"{file.stem}.{field.name}"
            assert said.get(b"unit", b"").decode() == (unit_of(field.name) or "")
        assert pl.read_parquet_metadata(file)["notice"] == SIMULATED_NOTICE


@pytest.mark.usefixtures("at_home")
def test_python_reads_marts_as_frames_and_opens_the_database(refreshed: Home):
    frame = liquidity.mart("treasury_cash_daily", sample=True)
    assert frame.equals(pl.read_parquet(refreshed.current / "parquet" / "treasury_cash_daily.parquet"))
    with liquidity.open(sample=True) as con:
        assert con.execute("SELECT count(*) FROM treasury_cash_daily").fetchone() == (frame.height,)
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            con.execute("DROP TABLE marts.treasury_cash_daily")
    with pytest.raises(WarehouseError, match=r"no mart treasury_cash; did you mean .*treasury_cash_daily"):
        liquidity.mart("treasury_cash", sample=True)
    with pytest.raises(WarehouseError, match="liquidity refresh"):
        liquidity.open()


@pytest.mark.usefixtures("at_home")
def test_workbook_has_the_rows_units_and_texts_of_the_marts(refreshed: Home, tmp_path: Path):
    file = tmp_path / "desk.xlsx"
    chosen = ["treasury_cash_daily", "source_health"]
    named = [word for mart in chosen for word in ("--mart", mart)]
    result = CliRunner().invoke(app, ["workbook", str(file), *named, "--sample"])
    assert result.exit_code == 0, result.output
    sheets = pl.read_excel(file, sheet_id=0, has_header=False)
    assert [*sheets] == ["about", "dictionary", *sorted(chosen)]
    for mart in chosen:
        frame = pl.read_parquet(refreshed.current / "parquet" / f"{mart}.parquet")
        sheet = sheets[mart]
        assert sheet.row(0)[0].startswith(SIMULATED_NOTICE)
        assert [unit or None for unit in sheet.row(1)] == [unit_of(name) for name in frame.columns]
        assert sheet.row(2) == tuple(frame.columns)
        assert sheet.height == frame.height + 3
    cash = pl.read_excel(file, sheet_name="treasury_cash_daily", read_options={"header_row": 2})
    frame = pl.read_parquet(refreshed.current / "parquet" / "treasury_cash_daily.parquet")
    assert cash["closing_balance_usd_bn"].to_list() == pytest.approx(frame["closing_balance_usd_bn"].to_list())
    assert cash["effective_date"].cast(pl.Date).to_list() == frame["effective_date"].to_list()
    assert sheets["dictionary"].height == 1 + sum(
        len(pq.read_schema(refreshed.current / "parquet" / f"{mart}.parquet")) for mart in chosen
    )
    wrong = CliRunner().invoke(app, ["workbook", str(file), "--mart", "treasury_cash", "--sample"])
    assert wrong.exit_code == 1
    assert "no mart treasury_cash" in wrong.output


def test_a_text_that_looks_like_a_formula_or_a_link_is_a_text(tmp_path: Path):
    frame = pl.DataFrame({"note": ["=1+1", "http://x.invalid", "+2", "@SUM(A1)"]})
    frame.write_parquet(tmp_path / "notes.parquet")
    file = tmp_path / "notes.xlsx"
    with xlsxwriter.Workbook(str(file), workbook._OPTIONS) as book:
        workbook._fill(book, "notes", "notes", tmp_path / "notes.parquet", is_simulated=False)
    sheet = pl.read_excel(file, has_header=False)
    assert sheet.to_series(0).to_list()[-4:] == frame["note"].to_list()
    assert workbook._sheet_names(["x" * 40, "x" * 41]) == {"x" * 40: "x" * 31, "x" * 41: "x" * 29 + "~2"}
