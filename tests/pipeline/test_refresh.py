"""The main job on the sample: what it leaves behind, run once and run again."""

import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from orchestration import publish_assets
from orchestration.console import PUBLISH_TO, Stages
from orchestration.instance import SAMPLE_VARIABLE, look_into, prepare
from orchestration.job import made_anew, run_job
from orchestration.resources import Warehouse
from tests.pipeline.conftest import run_liquidity
from warehouse.connection import Home, open_published, open_work
from warehouse.generation import SIMULATED_NOTICE, sha256_of, withheld_columns
from warehouse.publication.charts import CHARTS, INDEX
from warehouse.publication.team.bucket import BucketError
from warehouse.publication.team.send import Sent

MARTS = {
    "policy_corridor_daily", "srf_operations", "funding_stress_daily", "fed_balance_sheet_weekly",
    "treasury_cash_daily", "dollar_liquidity_daily", "stealth_qe_daily",
    "liquidity_regime_daily", "srf_event_study", "srf_event_window",
    "reconciliation", "source_health", "release_calendar", "revision_log", "series_catalog", "thesis_scorecard",
}  # fmt: skip
# A row for each series; nothing is revised between two loads of which there is one; 80 cases; 100 measures of claims.
SMALL = {
    "source_health": 60, "series_catalog": 60, "revision_log": 0, "srf_event_study": 80, "thesis_scorecard": 100,
}  # fmt: skip


@pytest.fixture
def copy_of(refreshed: Home, tmp_path: Path) -> Home:
    """A whole warehouse of one's own to change, in a folder whose name libraries may take for something else."""
    root = tmp_path / "x #1: p%41 [ü] {{ a }} $HOME 'q\" \\" / "sample"
    shutil.copytree(refreshed.root, root, symlinks=True)
    return Home(root, is_simulated=True)


def _bytes(home: Home) -> dict[str, str]:
    """Hash of every file, but for what SQLite and DuckDB make for whoever reads them and the notes of locks."""
    files = (path for path in home.root.rglob("*") if path.is_file() and not path.name.startswith(".lock"))
    kept = (path for path in files if not path.name.endswith(("-shm", "-wal", ".wal")))
    return {str(path.relative_to(home.root)): sha256_of(path) for path in kept}


def test_every_column_that_is_published_has_a_text(refreshed: Home):
    with open_published(refreshed) as con:
        without = con.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
            "WHERE database_name = current_database() AND comment IS NULL"
        ).fetchall()
    assert without == []


def test_every_dataset_is_loaded_and_every_mart_published(refreshed: Home):
    with open_published(refreshed) as con:
        held = dict(con.execute("SELECT dataset, sum(rows_held) FROM meta.freshness GROUP BY 1").fetchall())
        marts = dict(con.execute("SELECT mart, rows FROM meta.mart WHERE NOT is_held_back").fetchall())
        empty = con.execute("SELECT series FROM meta.freshness WHERE rows_held = 0 AND is_late").fetchall()
        quarantined = con.execute("SELECT count(*) FROM meta.quarantine").fetchone()
    assert set(held) == set(DATASETS)
    assert all(rows >= DATASETS[name].min_rows for name, rows in held.items()), held
    assert marts.keys() >= MARTS
    assert all(rows >= SMALL.get(mart, 300) for mart, rows in marts.items() if mart in MARTS), marts
    assert empty == []
    assert quarantined == (0,)


def test_the_last_line_says_how_much_was_made_anew(copy_of: Home):
    """All by a first refresh; by another run as much as it made."""
    with open_work(copy_of) as con:
        (first, tables), *others = con.execute(
            "SELECT run_id, count(*) FROM meta.build WHERE kind IN ('seed', 'model') GROUP BY ALL"
        ).fetchall()
    assert others == []
    assert tables > 150
    assert made_anew(copy_of, first) == f"made anew: {tables} of {tables} tables, {len(CHARTS)} of {len(CHARTS)} charts"
    with open_work(copy_of) as con:
        con.execute("UPDATE meta.build SET run_id = 'next' WHERE name IN ('policy_corridor_daily', 'reconciliation')")
    index = copy_of.current / "charts" / INDEX
    charts = json.loads(index.read_text("utf-8"))
    index.write_text(json.dumps([*({**one, "drawn_in": "before"} for one in charts[:-3]), *charts[-3:]]), "utf-8")
    assert made_anew(copy_of, "next") == f"made anew: 2 of {tables} tables, 3 of {len(CHARTS)} charts"


@pytest.mark.parametrize("is_refused", [False, True])
def test_what_is_published_is_sent_where_the_environment_says(
    is_refused: bool, copy_of: Home, monkeypatch: pytest.MonkeyPatch
):
    """Also when nothing is new, as a schedule does it; what the object store refuses is a failure of the run."""
    addresses: list[str] = []

    def send(home: Home, address: str) -> Sent:
        if is_refused:
            raise BucketError(f"{address} is full")
        addresses.append(address)
        return Sent(home.current.resolve().name, 3, 2, 1, 0)

    monkeypatch.setattr(publish_assets, "send", send)
    monkeypatch.setenv(PUBLISH_TO, "s3://desk/liquidity")
    monkeypatch.setenv("LIQUIDITY_HOME", str(copy_of.root.parent))
    monkeypatch.setenv(SAMPLE_VARIABLE, "1")
    with dg.DagsterInstance.local_temp() as instance:
        ran = dg.materialize(
            [publish_assets.published], instance=instance, raise_on_error=False,
            resources={"warehouse": Warehouse()},
            run_config={"ops": {"publish": {"config": {"only_if_changed": True}}}},
        )  # fmt: skip
        told = instance.get_latest_materialization_event(publish_assets.REMOTE_KEY)
    assert ran.success is not is_refused
    if is_refused:
        (failed,) = ran.get_step_failure_events()
        assert "published/remote: s3://desk/liquidity is full" in str(failed.step_failure_data.user_failure_data)
        assert told is None
    else:
        assert addresses == ["s3://desk/liquidity"]
        assert told.asset_materialization.metadata["files sent"].value == 3


def test_a_command_sends_by_its_own_option_alone(copy_of: Home, monkeypatch: pytest.MonkeyPatch):
    """Else `build` would send too, and fail without a word of why."""
    addresses: list[str] = []
    monkeypatch.setattr(publish_assets, "send", lambda home, address: addresses.append(address))
    for name, value in ((PUBLISH_TO, "s3://desk/liquidity"), ("LIQUIDITY_HOME", str(copy_of.root.parent)),
                        ("DAGSTER_HOME", ""), (SAMPLE_VARIABLE, "1")):  # fmt: skip
        monkeypatch.setenv(name, value)
    prepare(copy_of)
    keys = list(publish_assets.published.keys)
    assert run_job(copy_of, lambda: keys, run_id=str(uuid.uuid4()), stages=Stages(), only_if_changed=True).is_good
    assert addresses == []


def test_everything_says_that_it_is_simulated(refreshed: Home):
    folder = refreshed.current.resolve()
    with open_published(refreshed) as con:
        silent = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name IN ('marts', 'history') "
            "AND NOT starts_with(coalesce(comment, ''), ?)",
            [SIMULATED_NOTICE],
        ).fetchall()
        assert con.execute("SELECT is_simulated FROM meta.generation").fetchone() == (True,)
    assert silent == []
    assert SIMULATED_NOTICE in (folder / "report" / "index.html").read_text("utf-8")
    assert json.loads((folder / "datapackage.json").read_text("utf-8"))["simulated"] is True
    for path in (folder / "parquet").glob("*.parquet"):
        labels = duckdb.sql(f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{path}')").fetchall()
        assert ("notice", SIMULATED_NOTICE) in labels, path.name


def test_parquet_holds_what_the_database_holds_and_the_package_describes_it(refreshed: Home):
    folder = refreshed.current.resolve()
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    listed = {resource["path"]: resource for resource in package["resources"]}
    with open_published(refreshed) as con:
        marts = [mart for (mart,) in con.execute("SELECT mart FROM meta.mart").fetchall()]
        withheld = withheld_columns(con)
        for mart in marts:
            frame = pl.read_parquet(folder / "parquet" / f"{mart}.parquet")
            left_out = withheld.get(mart, ())
            columns = ", ".join(frame.columns)
            assert frame.equals(con.sql(f"SELECT {columns} FROM marts.{mart} ORDER BY ALL").pl()), mart
            table = [name for (name,) in con.execute(f"SELECT column_name FROM (DESCRIBE marts.{mart})").fetchall()]
            assert frame.columns == [name for name in table if name not in left_out]
            resource = listed[f"parquet/{mart}.parquet"]
            assert all(name in resource["description"] for name in left_out)
            assert resource["rows"] == frame.height
            assert [field["name"] for field in resource["schema"]["fields"]] == frame.columns
            undescribed = [field["name"] for field in resource["schema"]["fields"] if not field.get("description")]
            assert undescribed == [], mart
    assert set(listed) == {f"parquet/{mart}.parquet" for mart in marts}
    for resource in [*package["resources"], *package["local"]]:
        path = folder / resource["path"]
        assert resource["hash"] == f"sha256:{sha256_of(path)}", path


def test_no_bitcoin_price_is_in_any_parquet_file(refreshed: Home):
    """Prices of Coinbase (FRED's copy too) and Kraken may not be passed on, under no name of a column."""
    with open_published(refreshed) as con:
        prices = {
            price
            for dataset, condition in (
                ("coinbase__daily_candles", "true"),
                ("kraken__daily_candles", "true"),
                ("fred__observations", "series_id = 'CBBTCUSD'"),
            )
            for column in ([c.name for c in DATASETS[dataset.replace("__", ".")].columns if "usd_per_btc" in c.name]
                           or ["value"])
            for (price,) in con.execute(f"SELECT DISTINCT {column} FROM history.{dataset} WHERE {condition}").fetchall()
            if price is not None and price > 20_000 and price != round(price)  # above every balance
        }  # fmt: skip
        assert len(prices) > 2000
        in_database = set(
            con.sql("SELECT bitcoin_close_usd_per_btc FROM marts.dollar_liquidity_daily").pl().to_series()
        )
    assert len(prices & in_database) > 1000, "the search would not find a price where there is one"
    for path in sorted((refreshed.current.resolve() / "parquet").glob("*.parquet")):
        frame = pl.read_parquet(path)
        assert [name for name in frame.columns if "usd_per_btc" in name] == [], path.name
        for name, column in frame.to_dict().items():
            if column.dtype.is_float():
                assert len(prices & set(column.drop_nulls().to_list())) == 0, f"{path.name} {name}"


def test_every_bitcoin_column_is_marked(refreshed: Home):
    with open_published(refreshed) as con:
        unmarked = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts' "
            "AND ends_with(column_name, 'usd_per_btc') "
            "AND (table_name, column_name) NOT IN (SELECT (mart, column_name) FROM meta.withheld_column)"
        ).fetchall()
    assert unmarked == []


@pytest.mark.slow
def test_second_refresh_of_a_copy_finds_nothing_new_and_leaves_the_original_alone(
    refreshed: Home, copy_of: Home, run_here: Callable
):
    original = _bytes(refreshed)
    with open_published(copy_of) as con:
        before = {
            dataset.id: con.execute(f"SELECT count(*) FROM history.{dataset.table}").fetchone()
            for dataset in DATASETS.values()
        }
        first, built_at = con.execute("SELECT id, built_at FROM meta.generation").fetchone()
    if built_at.date() < utc_now().date():
        pytest.skip("midnight UTC has passed since the sample was made: there is one more candle of bitcoin now")
    result = run_liquidity(copy_of.root.parent, "refresh", "--sample")
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"nothing new anywhere; {first} stays published" in result.stdout
    assert [path.name for path in copy_of.generations.iterdir()] == [first]
    said = run_here(copy_of.root.parent, "status", "--sample")
    assert "nothing new" in said.stdout.splitlines()[-1]
    result = run_here(copy_of.root.parent, "build", "--sample")  # whoever asks for a publication gets one
    assert result.returncode == 0, result.stdout + result.stderr
    said = run_here(copy_of.root.parent, "status", "--sample")
    assert "nothing new" not in said.stdout
    with open_published(copy_of) as con:
        after = {
            dataset.id: con.execute(f"SELECT count(*) FROM history.{dataset.table}").fetchone()
            for dataset in DATASETS.values()
        }
        (second,) = con.execute("SELECT id FROM meta.generation").fetchone()
        runs = con.execute("SELECT count(DISTINCT run_id), count(*) FROM meta.load").fetchone()
    assert after == before
    assert second > first
    assert runs[0] == 2
    assert _bytes(refreshed) == original
    assert [path.name for path in copy_of.root.parent.parent.iterdir()] == [copy_of.root.parent.name]
    with look_into(copy_of) as record:
        assert {run.status for run in record.get_runs()} == {dg.DagsterRunStatus.SUCCESS}
        assert len(record.get_runs()) == 3
    for command in (("verify",), ("sql", "SELECT 1"), ("report", "--path"), ("status",)):
        result = run_here(copy_of.root.parent, *command, "--sample")
        assert result.returncode == 0, result.stdout + result.stderr


def test_every_published_row_leads_back_to_archived_bytes(refreshed: Home):
    from ingest.payloads import Archive

    archive = Archive(refreshed.payloads)
    with open_published(refreshed) as con:
        for dataset in DATASETS.values():
            orphans = con.execute(
                f"SELECT count(*) FROM history.{dataset.table} h "
                "WHERE NOT EXISTS (FROM meta.fetch f WHERE f.payload_id = h.payload_id AND f.status = 200)"
            ).fetchone()
            assert orphans == (0,), dataset.id
            (payload,) = con.execute(f"SELECT any_value(payload_id) FROM history.{dataset.table}").fetchone()
            assert len(archive.get(payload)) > 0


def test_readme_says_what_sql_returns(refreshed: Home):
    result = run_liquidity(refreshed.root.parent, "sql", "SELECT mart FROM meta.mart", "--format", "csv")
    assert result.returncode == 0
    assert set(result.stdout.split()[1:]) >= MARTS
    assert "SIMULATED" in result.stderr
    wrong = run_liquidity(refreshed.root.parent, "sql", "SELEC 1")
    assert wrong.returncode == 1
    assert "SQL error" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_status_of_a_fresh_sample_is_good(refreshed: Home):
    result = run_liquidity(refreshed.root.parent, "status", "--sample", "--all")
    assert result.returncode == 0, result.stdout + result.stderr
    assert all(dataset in result.stdout for dataset in DATASETS)


def test_run_shows_in_dagster_with_assets_checks_and_metadata(refreshed: Home, monkeypatch: pytest.MonkeyPatch):
    import dagster as dg

    monkeypatch.setenv("DAGSTER_HOME", str(refreshed.dagster))
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
        assert run.status is dg.DagsterRunStatus.SUCCESS
        keys = {key.to_user_string() for key in instance.all_asset_keys()}
        assert {f"{d.provider}/{d.name}" for d in DATASETS.values()} <= keys
        assert {f"marts/{mart}" for mart in MARTS} <= keys
        for made in (["seeds", "srf_policy"], ["staging", "stg_fred__observations"], ["marts", "srf_operations"]):
            assert instance.get_latest_materialization_event(dg.AssetKey(made)), made
        assert {"published/database", "published/parquet", "published/data_package", "published/report"} <= keys
        event = instance.get_latest_materialization_event(dg.AssetKey(["nyfed", "reference_rates"]))
        metadata = event.asset_materialization.metadata
        assert metadata["rows new"].value > 1000
        assert metadata["simulated"].value is True
        checks = instance.event_log_storage.get_latest_asset_check_execution_by_key(
            [dg.AssetCheckKey(dg.AssetKey(["fred", "observations"]), "fetched_and_loaded")]
        )
        assert all(record.status.value == "SUCCEEDED" for record in checks.values())
        assert len(checks) == 1


def test_latest_against_latest_errs_by_the_whole_move_of_the_target(refreshed: Home):
    """On the morning of a change the newest SOFR is yesterday's; it belongs to yesterday's ceiling, as in the mart."""
    with open_published(refreshed) as con:
        rows = con.execute(
            """
            WITH changes AS (
                SELECT effective_date, target_ceiling_pct AS latest_ceiling_pct,
                    100 * (target_ceiling_pct - lag(target_ceiling_pct) OVER (ORDER BY effective_date)) AS move_bp
                FROM marts.policy_corridor_daily QUALIFY move_bp <> 0
            )
            SELECT c.effective_date, move_bp, newest.sofr_minus_ceiling_bp AS effective_bp,
                100 * (newest.sofr_pct - latest_ceiling_pct) AS naive_bp
            FROM changes AS c ASOF JOIN (
                SELECT * FROM marts.policy_corridor_daily WHERE sofr_pct IS NOT NULL
            ) AS newest ON newest.effective_date < c.effective_date
            """
        ).fetchall()
    assert len(rows) >= 20
    for day, move, effective, naive in rows:
        assert naive - effective == pytest.approx(-move), day
