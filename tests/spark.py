"""A server of Spark Connect (Sail) for tests, and what a run there made against what the last build made with DuckDB.

python -m tests.spark FOLDER     after `liquidity spark export FOLDER` and `spark run FOLDER ...`: every difference
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from tests.extra import environment
from tests.supply_chain import FOLDER
from warehouse.connection import Home, when_free
from warehouse.generation import SIMULATED_FILE
from warehouse.publication.spark.export import PLAN, path_of

RELATIVE = 1e-9  # of two floating-point numbers: an engine of several threads adds in any order


def installed(place: Path) -> Path:
    """Python of an environment with the extra `spark`; its client is the one package that is built."""
    built = ["--only-binary", ":all:", "--no-binary", "pyspark-client", "--build-constraints", FOLDER / "build.txt"]
    return environment("spark", place, *built)


@contextmanager
def serving(python: Path, environment: dict[str, str] | None = None) -> Iterator[tuple[str, int]]:
    """Address and process of a Sail of this machine, with other variables when given."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [python.with_name("sail"), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with closing(socket.socket()) as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"sc://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(30)


def differences(folder: Path, home: Home) -> Iterator[tuple[str, str]]:
    """Each model that differs from the table of the exported build, with how: columns, rows, or columns of rows."""
    plan = json.loads((folder / PLAN).read_text("utf-8"))
    with closing(duckdb.connect()) as con:
        attach = f"ATTACH '{home.work_database}' AS work (READ_ONLY); USE work"
        when_free(home, lambda: con.execute(attach))  # other tests look at it too
        for name in (model["name"] for model in plan["models"]):
            if words := difference(con, name, folder / path_of(name)):
                yield name, words


def difference(con: duckdb.DuckDBPyConnection, name: str, folder: Path) -> str:
    """How a model's files differ from its table; empty where each row has its equal."""
    ours = _columns(con, name)
    files = f"read_parquet('{folder}/*.parquet')"
    if not list(folder.glob("*.parquet")):
        (rows,) = con.execute(f"SELECT count(*) FROM {name}").fetchone()  # type: ignore[misc]
        return f"no file, {rows} rows" if rows else ""
    theirs = _columns(con, files)
    if set(ours) != set(theirs):
        return f"columns {sorted(set(ours) ^ set(theirs))}"
    if differing := [f"{c} {ours[c]}/{theirs[c]}" for c in ours if _kind(ours[c]) != _kind(theirs[c])]:
        return f"types {', '.join(differing)}"
    floats = {column for column, kind in ours.items() if _kind(kind) == "float"}
    order = ", ".join([f'"{c}"' for c in ours if c not in floats] + [f'round("{c}", 5)' for c in floats])
    cast = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in ours.items())
    for side, source in (("ours", f"SELECT * FROM {name}"), ("theirs", f"SELECT {cast} FROM {files}")):
        numbered = f"SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM ({source})"
        con.execute(f"CREATE OR REPLACE TEMP TABLE {side} AS {numbered}")
    same = [_is_same(f'ours."{column}"', f'theirs."{column}"', column in floats) for column in ours]
    counted = ["count(ours.place)", "count(theirs.place)", *(f"count(*) FILTER (NOT ({each}))" for each in same)]
    counts = con.execute(f"SELECT {', '.join(counted)} FROM ours FULL JOIN theirs USING (place)").fetchone()
    assert counts
    if counts[0] != counts[1]:
        return f"{counts[0]}/{counts[1]} rows"
    found = [f"{column} {count}" for column, count in zip(ours, counts[2:], strict=True) if count]
    return f"of {counts[0]} rows differ: {', '.join(found)}" if found else ""


def _is_same(one: str, other: str, is_float: bool) -> str:
    """SQL for the equality of two values; NULL equals NULL, NaN NaN."""
    equal = f"{one} IS NOT DISTINCT FROM {other}"
    near = f"coalesce(abs({one} - {other}) <= {RELATIVE} * greatest(abs({one}), abs({other})), false)"
    return f"({equal} OR {near})" if is_float else equal


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in con.execute(f"DESCRIBE FROM {relation}").fetchall()}


def _kind(kind: str) -> str:
    """Type without its width: engines count in integers of another one."""
    word = kind.split("(")[0]
    return {"DOUBLE": "float", "FLOAT": "float", "SMALLINT": "integer", "INTEGER": "integer", "BIGINT": "integer",
            "HUGEINT": "integer", "TINYINT": "integer"}.get(word, word.lower())  # fmt: skip


if __name__ == "__main__":
    exported = Path(sys.argv[1])
    home = Home.locate(is_simulated=(exported / SIMULATED_FILE).exists())
    found = list(differences(exported, home))
    print("\n".join(f"{name}: {words}" for name, words in found))
    print(len(found), "differ")
