"""Tests of a lake. `test_lake.py` runs them in an environment that has the extra `lake`; pytest does not find them."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

import liquidity
from orchestration.cli import app
from tests import lake, object_store
from tests.conftest import REPOSITORY
from tests.lake import Server, generation
from tests.object_store import BUCKET, READER, WRITER
from tests.pipeline.test_cookbook import RECIPES
from warehouse.connection import Home, WarehouseError
from warehouse.generation import withheld_columns
from warehouse.publication.lake import catalog
from warehouse.publication.lake.catalog import LakeError, init, opened, snapshots
from warehouse.publication.lake.sync import Synced, sync

SAMPLE = Home(Path(os.environ["LIQUIDITY_TEST_HOME"]) / "sample", is_simulated=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if lake.program("initdb") is None:
        pytest.skip("PostgreSQL's server is not installed: lakes with a catalog in a file alone are tested")
    with lake.running() as server:
        yield server


@pytest.fixture
def address(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty lake in a separate database, its files in a folder."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "PG"))]:
        monkeypatch.delenv(name)
    name = re.sub(r"\W", "_", tmp_path.name)
    server.psql(f"CREATE DATABASE {name}")
    init(server.database(name), str(tmp_path / "files"))
    return server.database(name)


@pytest.fixture
def local(tmp_path: Path) -> str:
    """An empty lake in a file, for what does not depend on the server."""
    init(str(tmp_path / "desk.ducklake"), str(tmp_path / "files"))
    return str(tmp_path / "desk.ducklake")


def _sync(home: Home, address: str, **options: Any) -> Synced:
    return sync(home, address, **{"wait_seconds": 0, "on_wait": print} | options)


def _run(*arguments: str) -> tuple[int, str]:
    """Exit code and the lines but the mark of the sample."""
    told = CliRunner().invoke(app, ["lake", *arguments])
    return told.exit_code, "\n".join(line for line in told.output.splitlines() if "SIMULATED" not in line)


def _value(address: str, snapshot: int | None = None) -> int:
    with liquidity.lake(address, snapshot=snapshot) as con:
        return con.execute("SELECT max(value_usd_bn) FROM marts.m1").fetchone()[0]  # type: ignore[index]


def test_a_whole_generation_in_an_object_store_is_the_published_one(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Every table both ways, with its texts; a reader has a key and a role that may only read."""
    monkeypatch.setenv("LIQUIDITY_HOME", str(SAMPLE.root.parent))
    server.psql("CREATE DATABASE whole")
    folder = tmp_path / "seaweed"
    folder.mkdir()
    with object_store.running(folder) as store:
        for name, value in store.environment(WRITER).items():
            monkeypatch.setenv(name, value)
        address, name = server.database("whole"), SAMPLE.current.readlink().name
        assert _run("init", address, "--data", f"s3://{BUCKET}/lake")[0] == 0
        said = _run("sync", address, "--sample")[1]
        assert re.fullmatch(rf"{name}: snapshot 1, \d+ tables written, 0 the same, 0 removed", said)
        assert "which was there; nothing is written" in _run("sync", address, "--sample", "--keep-days", "1")[1]
        assert name in _run("list", address)[1]
        server.psql(
            "CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA public TO reader; "
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", "whole",
        )  # fmt: skip
        _read_from_elsewhere(store, name, tmp_path / "reader")
        for variable, value in store.environment(READER).items():
            monkeypatch.setenv(variable, value)
        with closing(catalog.connect(server.database("whole", "reader"))) as con:
            con.execute(f"ATTACH '{SAMPLE.published_database}' AS published (READ_ONLY)")
            con.execute("USE published")
            _compare(con)
            con.execute("USE lake")
            _recipes(server.database("whole", "reader"))
        with pytest.raises(LakeError, match="this user may not do that there"):
            _sync(generation(tmp_path / "home", 999_999_000_000), server.database("whole", "reader"))


def _read_from_elsewhere(store: object_store.Server, generation: str, reader: Path) -> None:
    """What `liquidity publish` sends, by the commands with `--from`, and by DuckDB's `httpfs` as the README has it."""
    address = f"s3://{BUCKET}/desk"

    def told(*arguments: str, home: Path = reader) -> str:
        run = CliRunner().invoke(app, [*arguments], env={"LIQUIDITY_HOME": str(home)})
        assert run.exit_code == 0, run.output
        return run.output

    assert generation in told("publish", address, "--sample", home=SAMPLE.root.parent)
    assert generation in told("sql", "SELECT id FROM meta.generation", "--from", address)
    (page,) = [line for line in told("report", "--path", "--from", address).splitlines() if line.endswith(".html")]
    assert Path(page).read_bytes() == (SAMPLE.current / "report" / "index.html").read_bytes()
    assert Path(page).is_relative_to(reader)
    assert "all as published" in told("verify", "--from", address)
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    (code,) = [text for text in re.findall(r"```sql\n(.*?)```", readme, re.DOTALL) if "httpfs" in text]
    for old, new in (
        ("INSTALL httpfs; LOAD httpfs;", f"LOAD '{catalog.extension('httpfs')}';"),
        ("its secret", object_store.secret(READER)), ("s3.desk:8333", store.address.removeprefix("http://")),
        ("bucket/prefix", f"{BUCKET}/desk"), ("GENERATION", generation),
    ):  # fmt: skip
        assert old in code
        code = code.replace(old, new)
    with duckdb.connect() as con:
        answers = [con.execute(statement).fetchall() for statement in code.strip().split("\n")]
    assert answers[2] == [(generation,)]
    assert len(answers[3]) == len(answers[5]) == 5


def _compare(con: duckdb.DuckDBPyConnection) -> None:
    there = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY ALL"
    ).fetchall()
    assert {table for schema, table in there if schema == "history"} >= {"nyfed__repo_operations"}
    withheld = {(mart, name) for mart, names in withheld_columns(con).items() for name in names}
    assert {column for _, column in withheld} >= {"bitcoin_close_usd_per_btc"}
    forbidden = "SELECT series FROM meta.catalog WHERE dataset = 'fred.observations' AND NOT is_redistributable"
    columns: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for *place, name, comment in con.execute(  # at once: it reads the whole catalog each time
        "SELECT database_name, schema_name, table_name, column_name, comment FROM duckdb_columns() "
        "ORDER BY column_index"
    ).fetchall():
        columns.setdefault(tuple(place), []).append((name, comment))
    for schema, table in there:
        kept = columns["lake", schema, table]
        assert kept == [each for each in columns["published", schema, table] if (table, each[0]) not in withheld]
        names = ", ".join(f'"{name}"' for name, _ in kept)
        rows = f"series_id NOT IN ({forbidden})" if table == "fred__observations" else "true"
        digests = {
            con.execute(
                f"SELECT count(*), bit_xor(hash(t)), sum(hash(t) >> 8) "
                f"FROM (SELECT {names} FROM {database}.{schema}.{table} WHERE {rows}) AS t"
            ).fetchone()
            for database in ("lake", "published")
        }
        assert len(digests) == 1, table
    published = con.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'published'").fetchone()
    assert published == (len(there) + 2,)  # the candles of two exchanges may not be passed on


def _recipes(address: str) -> None:
    chosen = [recipe for recipe in RECIPES if recipe.needs_lake]
    assert len(chosen) >= 2
    for recipe in chosen:
        namespace: dict[str, Any] = {}
        code = recipe.code.replace("postgres:dbname=desk host=db user=reader", address).replace("8, 7", "1, 1")
        exec(code, namespace)
        assert len(namespace["frame"]) > 0, recipe.question


def test_only_what_differs_is_written_and_earlier_snapshots_stay(address: str, tmp_path: Path):
    first = generation(tmp_path / "home", 1)
    done = _sync(first, address)
    assert (done.snapshot, done.same, done.is_new) == (1, 0, True)
    assert _sync(first, address).is_new is False
    files = set((tmp_path / "files").rglob("*.parquet"))
    with liquidity.lake(address, snapshot=1) as pinned, liquidity.lake(address) as following:
        second = _sync(generation(tmp_path / "home", 2), address)
        assert (second.snapshot, second.written) == (2, lake.TABLES)
        assert second.same == done.written - lake.TABLES
        assert pinned.execute("SELECT max(value_usd_bn) FROM marts.m1").fetchone() == (1,)
        assert following.execute("SELECT max(value_usd_bn) FROM marts.m1").fetchone() == (2,)
    assert len(set((tmp_path / "files").rglob("*.parquet")) - files) == lake.TABLES
    assert (_value(address, 1), _value(address, 2), _value(address)) == (1, 2, 2)
    with opened(address) as con:
        told = {each.number: each for each in snapshots(con)}
        assert con.execute("SELECT series_id FROM lake.history.fred__observations").fetchall() == [("SOFR",)]
        assert con.execute("DESCRIBE lake.marts.same").fetchall()[1:] == []
    assert told[2].written == [f"marts.m{mart}" for mart in range(lake.TABLES)]
    with pytest.raises(LakeError, match="there is no such snapshot"):
        _value(address, 9)


def test_a_table_that_is_gone_goes_and_comes_back_with_its_snapshot(local: str, tmp_path: Path):
    _sync(generation(tmp_path / "home", 1), local)
    home = generation(tmp_path / "home", 2)
    with closing(duckdb.connect(str(home.published_database))) as con:
        con.execute("DROP TABLE marts.m1")
    assert _sync(home, local).removed == 1
    with pytest.raises(duckdb.CatalogException):
        _value(local)
    assert _value(local, 1) == 1


def test_what_another_program_wrote_does_not_count_as_the_same(local: str, tmp_path: Path):
    _sync(generation(tmp_path / "home", 1), local)
    with opened(local, is_written=True) as con:
        con.execute("UPDATE lake.marts.same SET n = 0")
    done = _sync(Home(tmp_path / "home", is_simulated=True), local)
    assert (done.same, done.is_new) == (0, True)
    with opened(local) as con:
        assert con.execute("SELECT max(n) FROM lake.marts.same").fetchone() == (99,)


def test_a_lake_goes_only_forward_and_keeps_real_and_simulated_apart(local: str, tmp_path: Path):
    _sync(generation(tmp_path / "home", 2), local)
    with pytest.raises(WarehouseError, match="newer than 29991231T000000000001-0000"):
        _sync(generation(tmp_path / "older", 1), local)
    with pytest.raises(WarehouseError, match="holds simulated data; use another lake"):
        _sync(generation(tmp_path / "real", 3, is_simulated=False), local)
    assert _value(local) == 2


def test_a_second_writer_waits_and_then_gets_one_line(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    home = generation(tmp_path / "home", 1)
    with opened(address, is_written=True) as con, catalog.one_writer(con, address, 0, print):
        with pytest.raises(LakeError, match="another process writes to the lake; run it again when that has ended"):
            _sync(home, address, wait_seconds=0.3)
        assert capsys.readouterr().out == "waiting for another process that writes to the lake\n"
        done: list[Synced] = []
        waiting = threading.Thread(target=lambda: done.append(_sync(home, address, wait_seconds=60)))
        waiting.start()
        waiting.join(1)
        assert waiting.is_alive()
    waiting.join(60)
    assert [each.snapshot for each in done] == [1]


def test_old_snapshots_and_their_files_go_when_asked(local: str, tmp_path: Path):
    for number in (1, 2):
        _sync(generation(tmp_path / "home", number), local)
    files = len(list((tmp_path / "files").rglob("*.parquet")))
    _sync(generation(tmp_path / "home", 3), local, keep_days=1)
    assert len(list((tmp_path / "files").rglob("*.parquet"))) == files + lake.TABLES
    _sync(generation(tmp_path / "home", 4), local, keep_days=0)
    assert len(list((tmp_path / "files").rglob("*.parquet"))) == files - lake.TABLES
    with opened(local) as con:
        assert [each.generation[9:21] for each in snapshots(con)] == [f"{4:012d}"]
    assert _value(local) == 4


def test_a_copy_of_catalog_and_files_is_the_lake(address: str, server: Server, tmp_path: Path):
    """The backup of the README."""
    for number in (1, 2):
        _sync(generation(tmp_path / "home", number), address)
    name = re.sub(r"\W", "_", tmp_path.name)
    dump = server.run("pg_dump", "-h", str(server.folder), "-U", "writer", "-d", name)
    _sync(generation(tmp_path / "home", 3), address)  # files that the dump does not know do no harm
    server.psql("CREATE DATABASE restored")
    server.psql(dump, "restored")
    restored = server.database("restored")
    assert (_value(restored), _value(restored, 1)) == (2, 1)
    assert _sync(generation(tmp_path / "home", 4), restored).snapshot == 3


def test_kills_leave_the_last_snapshot_whole(address: str, tmp_path: Path):
    """A quick part of `python -m tests.lake 25 80`."""
    counts = lake.campaign(address, tmp_path / "home", kills=2)
    assert (counts.kills, counts.torn, counts.lost) == (2, [], [])


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("dbname=nobody_made_it", 'database "nobody_made_it" does not exist'),
        ("user=nobody", 'role "nobody" does not exist'),
        ("host=/tmp/nowhere", "no server answers there"),
        ("password=x", "an address of a lake has no password; PGPASSWORD or ~/.pgpass has it"),
        ("dbname=postgres", "there is no lake here; `liquidity lake init` makes one"),
    ],
)
def test_a_refusal_is_one_line(address: str, change: str, line: str):
    code, said = _run("list", f"{address} {change}")
    assert code == 1
    assert said.endswith(line)
    assert said.count("\n") == 0


def test_one_machine_has_a_lake_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    home = generation(tmp_path / "sample", 1)
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path))
    assert "there is no lake here" in _run("sync", "desk.ducklake", "--sample")[1]
    assert _run("init", "desk.ducklake", "--data", "files")[0] == 0
    assert _run("init", "desk.ducklake", "--data", "more")[1].endswith("is a lake already; nothing was changed")
    assert "1, " in _run("sync", "desk.ducklake", "--sample")[1]
    assert "is not empty; a lake removes files there" in _run("init", "other.ducklake", "--data", "files")[1]
    assert "written with one thread" in _run("sync", "desk.ducklake", "--sample", "--threads", "4")[1]
    assert _value("desk.ducklake") == 1
    with opened("desk.ducklake", is_written=True) as con, catalog.one_writer(con, "desk.ducklake", 0, print):
        assert home.current.exists()
