"""Publishing a warehouse of two marts: what may not shrink, a `current` that leads nowhere, leftovers of a kill."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from ingest.providers import DATASETS
from orchestration.cli import app
from orchestration.publish_assets import failures_of, published
from orchestration.resources import Warehouse
from warehouse import lock
from warehouse.connection import DATABASE_NAME, Home, NotPublishedError, WarehouseError, open_published, open_work
from warehouse.generation import held_marts
from warehouse.log import tables
from warehouse.publication import publish as publication
from warehouse.publication import shrink
from warehouse.publication.publish import publish
from warehouse.publication.shrink import HISTORY, MART, Extent, ShrunkError
from warehouse.publication.verify import verify

CASH, SPREAD, RATES = "treasury_cash_daily", "funding_stress_daily", "nyfed.reference_rates"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A published warehouse: 2,235 days of one mart, another made from it, 400 days of SOFR in the log."""
    home = Home(tmp_path_factory.mktemp("made") / "sample", is_simulated=True)
    with pytest.MonkeyPatch.context() as patch:  # charts and page have no part in this
        patch.setattr("warehouse.publication.charts.CHARTS", ())
        patch.setattr("warehouse.publication.report.write", _page)
        with open_work(home) as con:
            tables.create_tables(con, DATASETS.values())
            con.execute("CREATE SCHEMA marts")
            for mart in (CASH, SPREAD):
                con.execute(
                    f"CREATE TABLE marts.{mart} AS SELECT DATE '2018-01-02' + i::INTEGER AS effective_date, i AS n "
                    "FROM range(2235) t(i)"
                )
                con.execute("INSERT INTO meta.mart_key VALUES (?, 'effective_date', 1)", [mart])
            con.execute("INSERT INTO meta.mart_parent VALUES (?, ?)", [SPREAD, CASH])
            con.execute("INSERT INTO meta.load (load_seq, dataset, rows_new) VALUES (1, ?, 400)", [RATES])
            con.execute(
                "INSERT INTO raw.nyfed__reference_rates (rate_type, effective_date, known_from, load_seq, is_deleted) "
                "SELECT 'SOFR', DATE '2025-01-01' + i::INTEGER, '2026-01-01', 1, false FROM range(400) t(i)"
            )
        publish(home)
        yield home.root


def _page(con: object, folder: Path, *_: object) -> None:
    folder.mkdir()
    (folder / "index.html").touch()


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path))
    monkeypatch.setenv("LIQUIDITY_SAMPLE", "1")
    return Home(Path(shutil.copytree(made, tmp_path / "sample", symlinks=True)), is_simulated=True)


def _lose(home: Home, what: str) -> None:
    with open_work(home) as con:
        con.execute(f"DELETE FROM {what}")


def _held_back(home: Home) -> dict[str, tuple[str, str]]:
    with open_published(home) as con:
        return held_marts(con)


def _rows(home: Home, table: str) -> int:
    with open_published(home) as con:
        return con.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


# ---- what has shrunk


@pytest.mark.parametrize(
    ("before", "after", "of_history", "of_mart"),
    [
        ((1000,), (1000,), False, False),
        ((1000,), (999,), False, False),
        ((1000,), (998,), True, False),
        ((1000,), (949,), True, True),
        ((10,), (9,), True, False),
        ((10,), (8,), True, True),
        ((1,), (0,), True, True),
        ((0,), (0,), False, False),
        ((9, date(2026, 1, 1), date(2026, 3, 1)), (9, date(2026, 1, 1), date(2026, 2, 28)), True, False),
        ((9, date(2026, 1, 1), date(2026, 3, 1)), (9, date(2026, 1, 2), date(2026, 3, 1)), True, False),
        ((9, date(2025, 1, 1), date(2026, 3, 1)), (9, date(2025, 2, 2), date(2026, 3, 1)), True, True),
        ((9, date(2025, 1, 1), date(2026, 3, 1)), (9, date(2025, 1, 1), date(2026, 1, 28)), True, True),
        ((9, date(2025, 1, 1), date(2026, 3, 1)), (12, date(2025, 1, 1), date(2026, 4, 1)), False, False),
    ],
)  # fmt: skip
def test_how_much_is_too_much(before, after, of_history, of_mart):
    assert Extent(*after).has_lost(Extent(*before), HISTORY) == of_history
    assert Extent(*after).has_lost(Extent(*before), MART) == of_mart


@pytest.mark.slow
def test_a_mart_that_shrinks_is_held_back_with_what_is_made_from_it(home: Home):
    before = home.current.resolve().name
    _lose(home, f"marts.{CASH} WHERE effective_date < '2024-02-05'")
    publish(home)
    assert _held_back(home) == {
        CASH: (
            before,
            "it would shrink from 2,235 rows (2018-01-02 to 2024-02-14) to 10 rows (2024-02-05 to 2024-02-14). "
            f"If that is meant: `liquidity build --allow-shrink {CASH}`",
        ),
        SPREAD: (before, f"it is made from {CASH}, which would shrink"),
    }
    assert _rows(home, f"marts.{CASH}") == 2235
    (_, line) = failures_of(home, "this run")
    assert line.startswith(f"mart {CASH}: held back, the values are those of generation {before}: it would shrink")
    publish(home)  # the next night nothing is forgotten
    assert set(_held_back(home)) == {CASH, SPREAD}
    publish(home, allow_shrink=[CASH])
    assert _held_back(home) == {}
    assert failures_of(home, "this run") == []
    assert _rows(home, f"marts.{CASH}") == 10


def test_what_was_not_asked_any_more_is_told_with_who_was_given_up(tmp_path: Path):
    home = Home(tmp_path, is_simulated=True)
    rows = (
        ("fred.observations", "SOFR", "HttpStatusError", "fred.example answered 503"),
        ("fred.observations", "WALCL", "NetworkError", "fred.observations was given up after: 3 addresses"),
        ("fred.observations", "GDP", "NetworkError", "fred.observations was given up after: 3 addresses"),
        ("tic.slt_country_flows", None, "NetworkError", "tic.example: no route"),
        ("tic.major_foreign_holders", None, "NetworkError", "tic was given up after: tic.example: no route"),
    )
    with open_work(home) as con:
        tables.create_tables(con, [])
        for row in rows:
            con.execute("INSERT INTO meta.quarantine (run_id, dataset, scope, error, message) VALUES ('r', ?, ?, ?, ?)",
                        row)  # fmt: skip
        for name, kind, failures, message in (("days_add_up", "test", 3, "Got 3 results"), ("m", "model", None, "no")):
            con.execute("INSERT INTO meta.build (run_id, name, kind, status, is_ok, failures, message) "
                        "VALUES ('r', ?, ?, 'fail', false, ?, ?)", [name, kind, failures, message])  # fmt: skip
    assert failures_of(home, "r") == [
        "fred.observations SOFR: HttpStatusError: fred.example answered 503 (2 more requests were not made)",
        "tic (2 datasets): NetworkError: tic.example: no route [major_foreign_holders, slt_country_flows]",
        "model m: no",
        "check days_add_up fails for 3 rows",
    ]


def test_a_mart_that_was_not_made_is_held_back_and_one_that_left_the_project_goes(home: Home):
    with open_work(home) as con:
        con.execute(f"DROP TABLE marts.{CASH}; DROP TABLE marts.{SPREAD}")
        con.execute("DELETE FROM meta.mart_key WHERE mart = ?", [SPREAD])
    publish(home)
    (reason,) = [reason for _, reason in _held_back(home).values()]
    assert "(2018-01-02 to 2024-02-14) to 0 rows" in reason
    with open_published(home) as con:
        assert con.execute("SELECT mart FROM meta.mart").fetchall() == [(CASH,)]


def test_a_log_that_lost_rows_publishes_nothing(home: Home):
    before = home.current.resolve()
    _lose(home, "raw.nyfed__reference_rates WHERE effective_date > '2025-06-01'")
    with pytest.raises(ShrunkError) as refused:
        publish(home)
    assert str(refused.value) == (
        f"nothing was published: the log has lost rows of {RATES} from 400 rows (2025-01-01 to 2026-02-04) to 152 rows "
        "(2025-01-01 to 2025-06-01). `liquidity restore` brings back what a generation or the archive holds. If that "
        f"is meant: `liquidity build --allow-shrink {RATES}`"
    )
    assert home.current.resolve() == before
    publish(home, allow_shrink=[RATES])
    assert _rows(home, "history.nyfed__reference_rates") == 152


def test_a_past_moment_is_compared_with_nothing(home: Home):
    _lose(home, f"marts.{CASH}")
    _lose(home, "raw.nyfed__reference_rates")
    publish(home, as_of=datetime(2025, 11, 4))
    assert _held_back(home) == {}


def test_a_run_of_dagster_is_told_by_its_config_and_says_what_it_held_back(home: Home):
    _lose(home, f"marts.{CASH} WHERE n > 9")
    given = {"resources": {"warehouse": Warehouse()}, "raise_on_error": False}
    result = dg.materialize([published], **given)
    failure = result.failure_data_for_node("publish").user_failure_data
    assert f"mart {CASH}: held back" in failure.description
    allowed = {"ops": {"publish": {"config": {"allow_shrink": [CASH]}}}}
    assert dg.materialize([published], run_config=allowed, **given).success
    assert _rows(home, f"marts.{CASH}") == 10


def test_a_name_that_is_nothing_is_told_its_neighbours(home: Home):
    with pytest.raises(WarehouseError, match="treasury_cash_dayly is neither; did you mean treasury_cash_daily"):
        shrink.check_names(home, ["treasury_cash_dayly"])
    shrink.check_names(home, [CASH, RATES])
    home.current.unlink()  # what is left is still compared with, so it must be possible to say that a loss is meant
    home.current.symlink_to("generations/gone")
    shrink.check_names(home, [CASH, RATES])


# ---- what has not changed


def _everything(database: Path) -> dict[str, object]:
    """Columns, comments and rows of every table of a database but what names its generation."""
    with duckdb.connect(str(database), read_only=True) as con:
        words = con.execute(
            "SELECT schema_name, table_name, comment, [] FROM duckdb_tables() UNION ALL "
            "SELECT schema_name, table_name, comment, [column_name, data_type, column_index::VARCHAR] "
            "FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        tables = {f"{schema}.{table}" for schema, table, *_ in words} - {"meta.generation", "meta.mart"}
        return {"": words, **{t: con.execute(f"FROM {t} ORDER BY ALL").fetchall() for t in sorted(tables)}}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Tables that each publication kept of the newest generation's database."""
    found: list[set[str]] = []
    drop = publication._drop_what_changed
    monkeypatch.setattr(publication, "_drop_what_changed", lambda con: found.append(drop(con)) or found[-1])
    return found


def _from_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A generation that takes nothing over."""
    with monkeypatch.context() as patch:
        patch.setattr(publication.Previous, "of", lambda _: publication.Previous())
        return home.generations / publish(home).id


def _write(home: Home, *statements: str) -> None:
    with open_work(home) as con:
        for statement in statements:
            con.execute(statement)


HISTORY_OF_RATES = "history.nyfed__reference_rates"
CHANGES = {
    "nothing": ("SELECT 1", set()),
    "a value of a mart": (f"UPDATE marts.{CASH} SET n = -1 WHERE n = 7", {f"marts.{CASH}"}),
    "a row of a mart": (f"INSERT INTO marts.{CASH} VALUES ('2030-01-01', 1)", {f"marts.{CASH}"}),
    "values that change places": (
        f"UPDATE marts.{CASH} SET n = CASE n WHEN 7 THEN 8 ELSE 7 END WHERE n IN (7, 8)", {f"marts.{CASH}"},
    ),
    "a type": (f"ALTER TABLE marts.{CASH} ALTER n TYPE INTEGER", {f"marts.{CASH}"}),
    "a column's name": (f"ALTER TABLE marts.{CASH} RENAME n TO m", {f"marts.{CASH}"}),
    "a new column": (f"ALTER TABLE marts.{CASH} ADD COLUMN m INTEGER", {f"marts.{CASH}"}),
    "comments": (f"COMMENT ON TABLE marts.{CASH} IS 'New.'; COMMENT ON COLUMN marts.{CASH}.n IS 'New too.'", set()),
    "a new mart": ("CREATE TABLE marts.more AS SELECT 1 AS n", set()),
    "a mart that left": (f"DROP TABLE marts.{SPREAD}; DELETE FROM meta.mart_key", {f"marts.{SPREAD}"}),
    "a row of the log": (
        "INSERT INTO raw.nyfed__reference_rates (rate_type, effective_date, known_from, load_seq, is_deleted) "
        "VALUES ('SOFR', '2025-01-01', '2026-02-01', 1, false)", {HISTORY_OF_RATES},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_only_what_changed_is_written_anew_and_the_whole_is_as_if_made_from_nothing(
    home: Home, kept: list[set[str]], monkeypatch: pytest.MonkeyPatch, what: str
):
    change, rewritten = CHANGES[what]
    _write(home, change)
    before = home.current.resolve()
    new = home.generations / publish(home).id
    tables = {f"history.{d.table}" for d in DATASETS.values()} | {f"marts.{CASH}", f"marts.{SPREAD}"}
    assert kept == [tables - rewritten]
    anew = _from_nothing(home, monkeypatch)
    assert kept[1:] == [set()]
    assert _everything(new / DATABASE_NAME) == _everything(anew / DATABASE_NAME)
    for mart in (CASH, SPREAD):
        path = f"parquet/{mart}.parquet"
        if (new / path).exists():
            assert (new / path).read_bytes() == (anew / path).read_bytes(), "linked or made, the same bytes"
            has_other_texts = what == "comments" and mart == CASH  # the file has them too
            assert (new / path).samefile(before / path) == (f"marts.{mart}" not in rewritten and not has_other_texts)
    for path in ("COOKBOOK.md", "METHODS.md", "SIMULATED.txt", "charts/charts.json"):
        assert (new / path).samefile(before / path)
    assert not (new / DATABASE_NAME).samefile(before / DATABASE_NAME)
    for generation in (before, new, anew):
        assert verify(generation).problems == []


def test_a_column_that_may_no_longer_be_passed_on_is_in_no_file_that_is_taken_over(home: Home, kept: list[set[str]]):
    _write(home, f"INSERT INTO meta.withheld_column BY NAME SELECT '{CASH}' AS mart, 'n' AS column_name")
    new = home.generations / publish(home).id
    assert f"marts.{CASH}" in kept[0]
    assert pl.read_parquet_schema(new / "parquet" / f"{CASH}.parquet").names() == ["effective_date"]
    assert verify(new).problems == []


def test_a_mart_held_back_again_keeps_its_table(home: Home):
    _lose(home, f"marts.{CASH} WHERE n > 9")
    for _ in range(2):
        publish(home)
        assert _rows(home, f"marts.{CASH}") == 2235
    _write(home, f"INSERT INTO marts.{CASH} FROM marts.{SPREAD} WHERE n > 9")  # as before, but still held back by name
    publish(home, held_back={CASH: "a check fails"})
    assert (_held_back(home)[CASH][1], _rows(home, f"marts.{CASH}")) == ("a check fails", 2235)


def _as_the_first_version(database: Path) -> None:
    """No list of sums, and a package without the files that are not passed on."""
    package = database.with_name("datapackage.json")
    database.with_name("SHA256SUMS").unlink()
    said = json.loads(package.read_text("utf-8"))
    del said["local"]
    package.unlink()
    package.write_text(json.dumps(said), "utf-8")


DOUBTS = {
    "damaged": lambda database: database.write_bytes(database.read_bytes()[:-1] + b"x"),
    "unvouched": lambda database: [database.with_name(n).unlink() for n in ("SHA256SUMS", "datapackage.json")],
    "of the first version": _as_the_first_version,
}  # fmt: skip


@pytest.mark.parametrize("what", DOUBTS)
def test_a_database_in_doubt_is_not_gone_on_with(home: Home, kept: list[set[str]], what: str):
    DOUBTS[what](home.published_database)
    new = home.generations / publish(home).id
    assert kept == [set()]
    assert verify(new).problems == []


@pytest.mark.slow
def test_neither_another_version_nor_a_past_moment_nor_a_sieve_is_gone_on_with(
    home: Home, kept: list[set[str]], monkeypatch: pytest.MonkeyPatch
):
    heads = iter([b"DUCK of today", b"DUCK of yesterday"])
    with monkeypatch.context() as patch:
        patch.setattr(publication, "_head", lambda _: next(heads))
        publish(home)
    publish(home, as_of=datetime(2025, 11, 4))
    publish(home)  # after it: its database is of a past moment
    with monkeypatch.context() as patch:
        patch.setattr(publication, "_FREED_SHARE", -1)
        publish(home)
    assert kept == [set()] * 4
    publish(home)
    assert len(kept[-1]) == len(DATASETS) + 2


@pytest.mark.slow
def test_a_dozen_nights_do_not_make_the_database_grow(home: Home, monkeypatch: pytest.MonkeyPatch):
    """Each night another mart or history is written anew; what it leaves free is taken again."""
    _write(home, f"CREATE OR REPLACE TABLE marts.{CASH} AS SELECT DATE '2018-01-02' + i::INTEGER AS effective_date, "
           "hash(i) AS n, random() AS m FROM range(200000) t(i)")  # fmt: skip
    size = (home.generations / publish(home, allow_shrink=[CASH]).id / DATABASE_NAME).stat().st_size
    sizes = []
    for night in range(12):
        _write(home, f"UPDATE marts.{CASH} SET m = random() WHERE n % 7 = {night % 7}",
               "INSERT INTO raw.nyfed__reference_rates (rate_type, effective_date, known_from, load_seq, is_deleted) "
               f"SELECT 'EFFR', DATE '2025-01-01' + {night}, '2026-02-01', 1, false")  # fmt: skip
        sizes.append((home.generations / publish(home).id / DATABASE_NAME).stat().st_size)
    assert max(sizes) < 1.5 * size
    block = 262_144
    assert max(sizes[6:]) <= max(sizes[:6]) + 2 * block  # sixty nights lay between 29 and 35 blocks, without a trend


# ---- a generation that is gone or damaged


@pytest.mark.parametrize(
    "command", ["status", "sql FROM(VALUES(1))", "verify", "report --path", f"trace {CASH} --where true"]
)
def test_every_reader_says_what_is_gone_and_the_way_back(home: Home, command: str):
    lost = home.current.resolve()
    shutil.rmtree(lost)
    result = CliRunner().invoke(app, [*command.split(), "--sample"])
    assert result.exit_code == 1
    _, said, *more = result.stderr.splitlines()
    assert said == (
        f"NotPublishedError: `current` leads to generation {lost.name}, which is no longer in {home.generations}; "
        "`liquidity build --sample` makes a new one from the rows in the log"
    )
    assert more == []


def test_publishing_goes_on_without_it_from_the_newest_that_is_left(home: Home):
    first = home.current.resolve()
    shutil.rmtree(home.generations / publish(home).id)
    with pytest.raises(NotPublishedError):
        home.published_database  # noqa: B018
    _lose(home, f"marts.{CASH} WHERE n > 9")
    assert home.current.resolve().name < publish(home).id
    assert _held_back(home)[CASH][0] == first.name
    shutil.rmtree(home.generations)
    publish(home)
    assert _rows(home, f"marts.{CASH}") == 10


def test_a_damaged_generation_stops_nobody(home: Home, caplog: pytest.LogCaptureFixture):
    home.published_database.write_bytes(b"not a database" * 1000)
    publish(home)
    assert "nothing is compared with it" in caplog.text
    assert _rows(home, f"marts.{CASH}") == 2235


# ---- leftovers


def test_whoever_holds_the_lock_clears_what_a_kill_left_and_nothing_else(home: Home):
    state = home.root / "as_of" / "20251104T000000"
    left = [
        home.generations / ".building-x", home.root / ".replay", state / "work", state / "generations" / ".building-y",
        home.work_database.with_name(f"{DATABASE_NAME}.tmp"),
    ]  # fmt: skip
    files = [home.root / ".lock.123.tmp", home.payloads / "ab" / f".{'ab' * 32}.0.tmp"]
    kept = [state / "generations" / "g" / DATABASE_NAME, home.payloads / "ab" / f"{'ab' * 32}.gz",
            home.work_database.with_name(f"{DATABASE_NAME}.before-replay-1")]  # fmt: skip
    for path in [*(folder / "part" for folder in left), *files, *kept]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (home.root / ".current-x").symlink_to("generations/x")
    with lock.hold(home, "build"):
        gone = [*left, *files, home.root / ".current-x"]
        assert [path for path in gone if path.exists() or path.is_symlink()] == []
        (home.root / ".replay").mkdir()
        with lock.hold(home, "the same process again"):
            assert (home.root / ".replay").exists(), "what is being made is no leftover"
    assert [path for path in [*kept, home.work_database, home.published_database] if not path.exists()] == []
