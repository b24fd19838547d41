"""What goes wrong in one dataset is its own failure; what concerns the whole ends the run. No key gets anywhere."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import httpx
import polars as pl
import pytest
from dagster._core.utils import make_new_run_id

from ingest.calendars import utc_now
from ingest.catalog import Dataset
from ingest.providers import DATASETS
from orchestration import raw_assets
from orchestration.raw_assets import history_key, raw, raw_key
from orchestration.resources import Warehouse
from tests.unit.small_server import KRAKEN, candles, serving
from warehouse.connection import DATABASE_NAME, Home, open_work
from warehouse.log import intake, store
from warehouse.log.append import Append
from warehouse.log.clock import ClockError
from warehouse.log.intake import NOTHING_EVER_LOADED, take_in, was_ever_loaded

COINBASE = "coinbase.daily_candles"
TODAY, MOMENT = date(2026, 3, 10), datetime(2026, 3, 11, 1)


def _both(home: Home) -> dict[str, intake.Outcome]:
    return take_in(home, [COINBASE, KRAKEN], run_id="run", transport=serving(candles(TODAY)), now=MOMENT)


def _raise(error: Exception) -> Callable:
    def instead(*_: object, **__: object) -> None:
        raise error

    return instead


def _boom(error: BaseException, only: str) -> Callable[[Callable], Callable]:
    """A function that raises ``error`` for the dataset ``only`` and else does what it did."""

    def wrap(function: Callable) -> Callable:
        def instead(con: duckdb.DuckDBPyConnection, dataset: Dataset, *rest: object, **options: object) -> object:
            if dataset.id == only:
                raise error
            return function(con, dataset, *rest, **options)

        return instead

    return wrap


@pytest.mark.parametrize(
    ("where", "name", "error"),
    [
        (store, "load", OverflowError("date value out of range")),
        (store, "load", duckdb.ConversionException("Conversion Error: no")),
        (store, "load", pl.exceptions.PanicException("index out of bounds")),
        (store, "plan", KeyError("x")),
        (intake, "freshness", OverflowError("date value out of range")),
        (intake, "_recent", UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")),
    ],
)
def test_a_fault_in_one_dataset_is_its_own_failure(
    where: object, name: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The body is Kraken's, so that Coinbase has nothing to load; in all else it is Kraken that must come through."""
    monkeypatch.setattr(intake, "DATASETS", {name: DATASETS[name] for name in (COINBASE, KRAKEN)})
    hit = KRAKEN if name == "load" else COINBASE
    monkeypatch.setattr(where, name, _boom(error, hit)(getattr(where, name)))
    outcomes = _both(Home(tmp_path))
    (failure,) = [one for one in outcomes[hit].failures if one.error.name == "UnexpectedError"]
    assert str(failure.error).startswith(f"UnexpectedError: {hit}: {type(error).__name__}: ")
    if hit == COINBASE:
        assert (outcomes[KRAKEN].rows_new, outcomes[KRAKEN].failures) == (30, [])
    with open_work(Home(tmp_path)) as con:
        kept = con.execute("SELECT dataset FROM meta.quarantine WHERE error = 'UnexpectedError'").fetchall()
        assert set(kept) == {(hit,)}
        seen = con.execute("SELECT DISTINCT dataset FROM meta.freshness ORDER BY 1").fetchall()
        assert seen == [(COINBASE,), (KRAKEN,)]


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), duckdb.IOException("IO Error: Could not write"), MemoryError()]
)
def test_what_concerns_the_whole_ends_the_run_in_its_own_words(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(intake, "DATASETS", {name: DATASETS[name] for name in (COINBASE, KRAKEN)})
    monkeypatch.setattr(store, "load", _boom(error, KRAKEN)(store.load))
    with pytest.raises(type(error)) as caught:
        _both(Home(tmp_path))
    assert caught.value is error


def test_a_failing_rollback_does_not_hide_what_went_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """On a full disk DuckDB has ended the transaction itself: `cannot rollback - no transaction is active`."""

    def full(one: Append) -> None:
        one.con.execute("ROLLBACK")
        raise duckdb.IOException("IO Error: No space left on device")

    monkeypatch.setattr(intake, "DATASETS", {KRAKEN: DATASETS[KRAKEN]})
    monkeypatch.setattr(Append, "run", full)
    with pytest.raises(duckdb.IOException, match="No space left"):
        take_in(Home(tmp_path), [KRAKEN], run_id="run", transport=serving(candles(TODAY)), now=MOMENT)


# --- keys, and a warehouse in which nothing ever was ------------------------------------------------------------------

KEY = "SECRETKEY123"


class _Offline(Warehouse):
    """The warehouse of these tests, on a network that fails with words that hold the address and its key."""

    folder: str

    @property
    def home(self) -> Home:
        return Home(Path(self.folder))

    def transport(self) -> httpx.BaseTransport:
        def fail(request: httpx.Request) -> httpx.Response:
            raise RuntimeError(f"cannot reach {request.url} \x1b[31m")

        return httpx.MockTransport(fail)


def _run(folder: Path, dataset_id: str) -> tuple[dg.ExecuteInProcessResult, dg.DagsterInstance]:
    (folder / "dagster").mkdir(parents=True)
    instance = dg.DagsterInstance.local_temp(str(folder / "dagster"))
    dataset = DATASETS[dataset_id]
    result = dg.materialize(
        [raw], instance=instance, resources={"warehouse": _Offline(folder=str(folder))}, raise_on_error=False,
        selection=[raw_key(dataset), history_key(dataset)],
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )  # fmt: skip
    return result, instance


@pytest.mark.slow
def test_a_first_refresh_that_fails_ends_after_the_fetch_and_a_key_in_its_errors_stands_in_no_file_of_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
):
    monkeypatch.setenv("FRED_API_KEY", KEY)
    result, _ = _run(tmp_path, "fred.observations")
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_failure_data.user_failure_data.description == NOTHING_EVER_LOADED
    assert "liquidity refresh --sample" in NOTHING_EVER_LOADED
    assert [event for event in result.all_events if event.is_step_materialization] == [], "nor what is built on it"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == DATABASE_NAME for path in files)
    assert any(b"cannot reach" in path.read_bytes() for path in files if "dagster" in path.parts), (
        "events are looked at"
    )
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    with open_work(Home(tmp_path)) as con:
        told = con.execute("SELECT message FROM meta.quarantine").fetchall()
        tables = [
            name for (name,) in con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        ]
        rows = "".join(str(con.execute(f"FROM {name}").fetchall()) for name in tables)
    assert any("<key>" in message for (message,) in told)
    assert KEY not in rows
    assert "\x1b" not in rows
    assert KEY not in "".join(capfd.readouterr())


def test_a_key_in_what_ends_the_step_is_no_event_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FRED_API_KEY", KEY)

    def full(*_: object, **__: object) -> None:
        try:
            raise ValueError(f"https://x/?api_key={KEY}")
        except ValueError as cause:
            raise OSError(28, f"No space for {KEY}") from cause

    monkeypatch.setattr(store, "quarantine", full)
    result, _ = _run(tmp_path, "fred.observations")
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert "OSError: [Errno 28] No space for <key>" in failure.step_failure_data.error.cause.message
    assert [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()] == []


def test_a_warehouse_that_holds_rows_goes_on_without_a_network(tmp_path: Path):
    take_in(Home(tmp_path), [KRAKEN], run_id="run", transport=serving(candles(utc_now().date())))
    assert was_ever_loaded(Home(tmp_path))
    result, _ = _run(tmp_path, KRAKEN)
    assert result.success
    assert result.asset_materializations_for_node("raw")[0].asset_key == history_key(DATASETS[KRAKEN])


def test_a_home_of_which_nothing_is_there_yet_was_never_loaded(tmp_path: Path):
    assert not was_ever_loaded(Home(tmp_path / "none"))
    with open_work(Home(tmp_path)):
        pass
    assert not was_ever_loaded(Home(tmp_path))


def test_a_step_takes_over_what_another_process_took_in_for_its_run_and_its_failure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(raw_assets, "take_in", _raise(AssertionError("taken in again")))
    dataset = DATASETS[KRAKEN]
    job = dg.Definitions(assets=[raw], resources={"warehouse": Warehouse()}).resolve_implicit_global_asset_job_def()
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

    def run(run_id: str) -> dg.ExecuteInProcessResult:
        keys = [raw_key(dataset), history_key(dataset)]
        return job.execute_in_process(run_id=run_id, asset_selection=keys, run_config=quiet, raise_on_error=False)

    first, second = make_new_run_id(), make_new_run_id()
    begun: Future[dict[str, intake.Outcome]] = Future()
    begun.set_result(
        take_in(Home.locate(), [KRAKEN], run_id=first, transport=serving(candles(utc_now().date())))
    )  # fmt: skip
    raw_assets.early[first] = begun
    result = run(first)
    assert result.success
    assert [event.asset_key for event in result.asset_materializations_for_node("raw")] == [
        raw_key(dataset), history_key(dataset)
    ]  # fmt: skip
    with open_work(Home.locate()) as con:
        assert con.execute("SELECT DISTINCT run_id FROM meta.load").fetchall() == [(first,)]
        assert con.execute("SELECT count(*) FROM meta.fetch").fetchone() == (1,)

    failed: Future[dict[str, intake.Outcome]] = Future()
    failed.set_exception(ClockError("this clock is wrong"))
    raw_assets.early[second] = failed
    result = run(second)
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert "this clock is wrong" in str(failure.step_failure_data.error)
