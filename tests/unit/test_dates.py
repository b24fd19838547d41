"""No date that cannot be comes in; one that is held already goes out again, and hurts nobody else till then."""

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.catalog import SANE_DATES, VERSION_COLUMNS, Column, Dataset, Request
from ingest.errors import CatalogError, ImplausibleValueError
from ingest.parsing import conform, hold_dates, parse_body
from ingest.providers import DATASETS
from tests.unit.small_server import KRAKEN, candles, serving
from tests.unit.test_load import PENNY
from tests.unit.test_store import DATASET, MON, NOW, ROWS, TUE, WED, _batch, _declare, _known, _load, con  # noqa: F401
from warehouse.connection import Home, WarehouseError, open_work
from warehouse.log.intake import take_files, take_in

DAY = date(2026, 3, 10)
FAR = date(2062, 3, 3)


def _frame(dataset: Dataset, *days: date) -> pl.DataFrame:
    """Rows with a date each and nothing else that matters."""
    return pl.DataFrame(
        {column.name: pl.Series([None] * len(days), dtype=dataset.schema[column.name]) for column in dataset.columns}
    ).with_columns(pl.Series(dataset.date_column, days, dtype=pl.Date))


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.id)
def test_every_dataset_has_bounds_and_they_are_held(dataset: Dataset):
    first, last = dataset.dates_on(DAY)
    assert first <= dataset.start
    assert DAY <= last <= DAY + timedelta(days=14)
    hold_dates(dataset, _frame(dataset, first, last), DAY)
    for day in (date(1, 1, 1), date(25, 3, 3), first - timedelta(days=1), last + timedelta(days=1), FAR, date.max):
        with pytest.raises(
            ImplausibleValueError, match=rf"{day:%Y-%m-%d} is no date of a body of 2026-03-10: .* {last}"
        ):
            hold_dates(dataset, _frame(dataset, DAY, day), DAY)
    for column in dataset.columns:
        if column.dtype in ("date", "timestamp") and column.name != dataset.date_column:
            far = pl.Series(column.name, [date.max], dtype=pl.Date).cast(dataset.schema[column.name])
            with pytest.raises(ImplausibleValueError, match=f"row 0 {column.name}: 9999-12-31"):
                hold_dates(dataset, _frame(dataset, DAY).with_columns(far), DAY)


def test_bounds_hold_in_every_row_of_a_history_too():
    rows = pl.DataFrame([("A", FAR, 1.0)], schema=DATASET.schema, orient="row").with_columns(
        known_from=pl.lit(NOW), is_deleted=pl.lit(True), is_known_earlier=pl.lit(False)
    )
    rows = rows.cast(VERSION_COLUMNS)  # type: ignore[arg-type]
    with pytest.raises(ImplausibleValueError, match="level_date: 2062-03-03"):
        conform(DATASET, rows, DAY)
    with pytest.raises(ImplausibleValueError, match="known_from: 2062"):
        conform(DATASET, rows.with_columns(level_date=pl.lit(MON), known_from=pl.lit(datetime(2062, 3, 3))), DAY)


def test_a_declaration_of_bounds_that_contradict_is_refused():
    with pytest.raises(CatalogError, match="earliest is not before start"):
        _declare(earliest=date(2020, 1, 1))
    with pytest.raises(CatalogError, match="lead_days"):
        _declare(lead_days=-1)
    assert SANE_DATES[1] < date(9000, 1, 1)


def test_the_day_of_a_body_is_that_of_its_fetch_its_file_or_its_load(tmp_path: Path):
    body, dataset = candles(DAY), DATASETS[KRAKEN]
    assert parse_body(dataset, body, Request("u"), day=DAY)[0].frame.height == 30
    with pytest.raises(ImplausibleValueError, match="no date of a body of 2026-03-01"):
        parse_body(dataset, body, Request("u"), day=date(2026, 3, 1))
    home, path = Home(tmp_path / "home"), tmp_path / "saved.json"
    path.write_bytes(body)
    early = take_files(home, KRAKEN, [path], run_id="file", known_at=datetime(2026, 3, 1))[KRAKEN]
    assert [failure.error.name for failure in early.failures] == ["ImplausibleValueError"]
    with pytest.raises(WarehouseError, match="2062-01-01 00:00 is still to come"):
        take_files(home, KRAKEN, [path], run_id="file", known_at=datetime(2062, 1, 1))
    assert take_files(home, KRAKEN, [path], run_id="file", known_at=datetime(2026, 3, 11))[KRAKEN].rows_new == 30
    transport = serving(body)
    fetched = take_in(home, [KRAKEN], run_id="fetch", transport=transport, now=datetime(2026, 3, 1))
    assert [failure.error.name for failure in fetched[KRAKEN].failures] == ["ImplausibleValueError"]


# --- a log that holds such a date already ----------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [FAR, date.max, date(25, 3, 3)])
def test_a_full_read_withdraws_a_date_that_cannot_be(con: duckdb.DuckDBPyConnection, wrong: date):  # noqa: F811
    _load(con, _batch([*ROWS, ("A", FAR, 9.0), ("B", MON, 7.0), ("B", FAR, 7.0)]))
    con.execute("UPDATE raw.test__levels SET level_date = ? WHERE level_date = ? AND series_id = 'A'", [wrong, FAR])
    ahead = NOW.date() + timedelta(days=2)  # a value that was announced
    _load(con, _batch([("A", ahead, 4.0)], at=NOW + timedelta(hours=1)))
    read = _batch(ROWS, at=NOW + timedelta(days=1), covers=(DATASET.start, NOW.date()), scope="A")
    assert _load(con, read).rows_deleted == 1
    held = _known(con, NOW + timedelta(days=1))
    assert held == {
        ("A", MON): 1.0,
        ("A", TUE): 2.0,
        ("A", WED): 3.0,
        ("A", ahead): 4.0,
        ("B", MON): 7.0,
        ("B", FAR): 7.0,
    }


def test_a_read_of_the_past_withdraws_nothing_later(con):  # noqa: F811
    _load(con, _batch([*ROWS, ("A", FAR, 9.0)]))
    read = _batch(ROWS, at=NOW + timedelta(days=1), covers=(MON, WED), scope="A")
    assert _load(con, read).rows_deleted == 0


def test_many_wrong_dates_do_not_make_the_true_answer_look_shrunk(con):  # noqa: F811
    _load(con, _batch([*ROWS, *(("A", FAR + timedelta(days=n), 9.0) for n in range(50))]))
    read = _batch(ROWS, at=NOW + timedelta(days=1), covers=(DATASET.start, NOW.date()), scope="A")
    assert _load(con, read).rows_deleted == 50


@pytest.mark.parametrize("wrong", [date.max, FAR])
def test_a_log_with_a_wrong_date_stops_nobody_and_heals(wrong: date, tmp_path: Path):
    home, today, other = Home(tmp_path / "home"), date(2026, 3, 10), "fiscaldata.debt_to_penny"
    (tmp_path / "saved.csv").write_text(PENNY)
    moment = datetime(2026, 3, 11, 1)
    take_in(home, [KRAKEN], run_id="first", transport=serving(candles(today)), now=moment)
    with open_work(home) as work:
        work.execute("UPDATE raw.kraken__daily_candles SET candle_date = ? WHERE candle_date = ?", [wrong, today])
    outcomes = take_files(home, other, [tmp_path / "saved.csv"], run_id="other", known_at=moment)
    assert {name: (outcome.rows_new, outcome.failures) for name, outcome in outcomes.items()} == {other: (1, [])}
    with open_work(home) as work:
        lines = dict(work.execute("SELECT dataset, max(last_error) FROM meta.freshness GROUP BY dataset").fetchall())
    assert lines.keys() == DATASETS.keys()
    assert ("OverflowError" in (lines[KRAKEN] or "")) == (wrong == date.max)
    healed = take_in(home, [KRAKEN], run_id="full", is_full=True, transport=serving(candles(today)), now=moment)[KRAKEN]
    assert (healed.failures, healed.newest_date, healed.rows_deleted) == ([], today, 1)


def test_the_date_of_a_maturity_is_bounded_too():
    bonds = _declare(columns=(*DATASET.columns, Column("maturity_date", "date", "Maturity.")))
    rows = pl.DataFrame([("A", MON, 1.0, date(2056, 2, 15))], schema=bonds.schema, orient="row")
    assert conform(bonds, rows, DAY).frame.height == 1
    with pytest.raises(ImplausibleValueError, match="maturity_date: 9999-12-31 is no date"):
        conform(bonds, rows.with_columns(maturity_date=pl.lit(date.max)), DAY)
