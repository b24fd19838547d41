"""A DuckLake: its address, how DuckDB opens it, its snapshots, the one writer, its errors in one line.

The catalog is a PostgreSQL database (`postgres:dbname=... host=...`) or, for one machine, a file of DuckDB; the rows
are Parquet files in a folder or under `s3://`. DuckDB's extensions come from wheels of the extra `lake` and are loaded
by path, so nothing is downloaded. The password comes from `PGPASSWORD` or `~/.pgpass`, credentials of the object store
from `AWS_*`; they are never stored and never printed. Format: DuckLake 1.0, https://ducklake.select/docs.
What must not be here: what is written (`warehouse/publication/lake/sync.py`).
"""

import importlib.util
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from warehouse.connection import WarehouseError, configure
from warehouse.generation import literal
from warehouse.publication.team.bucket import ENDPOINTS

LAKE = "lake"  # its name in DuckDB
POSTGRES = "postgres:"
_ADVISORY_LOCK = 0x6C616B65  # "lake"; PostgreSQL holds it for the session of the one writer
_PASSWORD = re.compile(r"password\s*=|://[^/@]*:[^/@]*@", re.IGNORECASE)
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD")
# What the extensions say, and what it means. First match counts.
_MEANINGS = (
    (r"creating a new DuckLake is explicitly disabled|database does not exist$|no such file.*\.ducklake",
     "there is no lake here; `liquidity lake init` makes one"),
    (r"Could not set lock on file", "another process has this file open; a catalog in PostgreSQL has many readers"),
    (r"connection to server .* failed: (No such file|Connection refused)|could not translate host name",
     "no server answers there"),
    (r"permission denied for|read-only transaction|AccessDenied|HTTP 403", "this user may not do that there"),
    (r"No snapshot found", "there is no such snapshot; `liquidity lake list` shows them"),
)  # fmt: skip


class LakeError(WarehouseError):
    """The lake or its server refuses, in one line; its last snapshot is as it was."""


@dataclass(frozen=True)
class Snapshot:
    """A state of the lake: its number, when it was committed (naive UTC), the generation, and digests by table.

    ``generation`` is empty for a snapshot that `liquidity lake sync` has not made; ``written`` names the tables that
    differ from the snapshot before.
    """

    number: int
    committed_at: datetime
    generation: str = ""
    is_simulated: bool = False
    written: list[str] = field(default_factory=list)
    digests: dict[str, str] | None = None


def init(address: str, data: str) -> None:
    """Make an empty lake at ``address`` whose files go to ``data``, an empty folder or `s3://bucket/prefix`.

    WarehouseError when there is one already or ``data`` has files; LakeError when a server refuses.
    """
    with _engine(address) as con, errors_in_words(address):
        with suppress(LakeError):
            attach(con, address)
            raise WarehouseError(f"{address} is a lake already; nothing was changed")
        place = (data if data.startswith("s3://") else str(Path(data).expanduser().absolute())).rstrip("/") + "/"
        if con.execute(f"FROM glob({literal(f'{place}**')}) LIMIT 1").fetchone():
            raise WarehouseError(f"{data} is not empty; a lake removes files there that are not its own")
        attach(con, address, is_written=True, data=place)
        con.execute(f"CALL {LAKE}.set_option('parquet_compression', 'zstd')")
        con.execute(f"CALL {LAKE}.set_option('data_inlining_row_limit', 0)")  # no rows in the catalog


@contextmanager
def opened(
    address: str, *, is_written: bool = False, snapshot: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with the lake attached as `lake`, read-only unless ``is_written``, pinned to a ``snapshot`` if given."""
    with _engine(address) as con, errors_in_words(address):
        attach(con, address, is_written=is_written, snapshot=snapshot)
        yield con


def connect(address: str, snapshot: int | None = None) -> duckdb.DuckDBPyConnection:
    """The same for readers, to be closed by them: `marts`, `history` and `meta` are its schemas."""
    con = _engine(address)
    try:
        with errors_in_words(address):
            attach(con, address, snapshot=snapshot)
            con.execute(f"USE {LAKE}")
    except BaseException:
        con.close()
        raise
    return con


def snapshots(con: duckdb.DuckDBPyConnection) -> list[Snapshot]:
    """All snapshots of the attached lake, oldest first."""
    found = []
    for number, moment, told in con.execute(
        f"SELECT snapshot_id, timezone('UTC', snapshot_time), commit_extra_info FROM {LAKE}.snapshots() ORDER BY 1"
    ).fetchall():
        said = {}
        with suppress(TypeError, ValueError):
            said = json.loads(told)
        ours = isinstance(said, dict) and "digests" in said
        found.append(Snapshot(number, moment, **said if ours else {}))
    return found


def _engine(address: str) -> duckdb.DuckDBPyConnection:
    """DuckDB with the extensions. One thread: with more, writing to a catalog in PostgreSQL fails."""
    names = ("ducklake", "httpfs", *(["postgres_scanner"] if address.startswith(POSTGRES) else []))
    paths = [extension(name) for name in names]
    con = configure(duckdb.connect(config={"threads": 1}))
    for path in paths:
        con.load_extension(str(path))
    if key := os.environ.get("AWS_ACCESS_KEY_ID"):
        con.execute(_secret(key))
    return con


def extension(name: str) -> Path:
    """Where a wheel has put one of DuckDB's extensions; WarehouseError without it."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if path.exists():
            return path
    raise WarehouseError(
        f"a lake needs the extra `lake`, an environment with DuckDB's extensions (here is DuckDB {duckdb.__version__} "
        "without them): pip install 'dollar-liquidity[lake]'"
    )


def _secret(key: str) -> str:
    """The statement that gives DuckDB the credentials of this process for `s3://`, in memory."""
    told = {
        "KEY_ID": key, "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN", ""), "REGION": os.environ.get("AWS_REGION", ""),
    }  # fmt: skip
    if endpoint := next((os.environ[name] for name in ENDPOINTS if os.environ.get(name)), ""):
        parts = urlsplit(endpoint)
        told |= {"ENDPOINT": parts.netloc, "URL_STYLE": "path", "USE_SSL": str(parts.scheme == "https").lower()}
    return f"CREATE SECRET (TYPE s3, {', '.join(f'{name} {literal(text)}' for name, text in told.items() if text)})"


def attach(
    con: duckdb.DuckDBPyConnection,
    address: str,
    *,
    is_written: bool = False,
    data: str | None = None,
    snapshot: int | None = None,
) -> None:
    """Attach the lake at ``address``; with ``data`` it is made. WarehouseError for a password in the address."""
    if _PASSWORD.search(address):
        raise WarehouseError("an address of a lake has no password; PGPASSWORD or ~/.pgpass has it")
    place = address if address.startswith(POSTGRES) else str(Path(address).expanduser().absolute())
    options = [f"DATA_PATH {literal(data)}"] if data else ["CREATE_IF_NOT_EXISTS false"]
    options += [] if is_written else ["READ_ONLY"]
    options += [] if snapshot is None else [f"SNAPSHOT_VERSION {snapshot}"]
    with errors_in_words(address):
        con.execute(f"ATTACH {literal(f'ducklake:{place}')} AS {LAKE} ({', '.join(options)})")


@contextmanager
def errors_in_words(address: str) -> Iterator[None]:
    """Turns errors of DuckDB in the block into LakeError, without a secret."""
    try:
        yield
    except (duckdb.OperationalError, duckdb.InvalidInputException) as error:
        words = " ".join(str(error).split())
        for name in _SECRETS:
            if secret := os.environ.get(name):
                words = words.replace(secret, "...")
        said = re.split(r"FATAL: ", words)[-1]
        meaning = next((told for pattern, told in _MEANINGS if re.search(pattern, words, re.IGNORECASE)), "")
        raise LakeError(f"{address}: {meaning or said[:300]}") from None


@contextmanager
def one_writer(
    con: duckdb.DuckDBPyConnection, address: str, wait_seconds: float, on_wait: Callable[[str], None]
) -> Iterator[None]:
    """Hold the lake for writing while the block runs; the server or the kernel frees it when the process ends.

    Another writer waits: calls ``on_wait`` once, and raises LakeError after ``wait_seconds``.
    """
    with _guard(con, address) as is_free:
        until, is_told = time.monotonic() + wait_seconds, False
        while not is_free():
            if time.monotonic() >= until:
                raise LakeError(f"{address}: another process writes to the lake; run it again when that has ended")
            if not is_told:
                on_wait("waiting for another process that writes to the lake")
                is_told = True
            time.sleep(0.2)
        yield


@contextmanager
def _guard(con: duckdb.DuckDBPyConnection, address: str) -> Iterator[Callable[[], bool]]:
    """A function that tries to take the lock; it is held until the block ends."""
    if not address.startswith(POSTGRES):
        from filelock import FileLock, Timeout

        lock = FileLock(f"{Path(address).expanduser().absolute()}.lock")

        def is_taken() -> bool:
            with suppress(Timeout):
                lock.acquire(timeout=0)
            return lock.is_locked

        try:
            yield is_taken
        finally:
            lock.release()
        return
    # The transaction keeps one session of the server for the lock; DuckLake's statements have others.
    with closing(con.cursor()) as session:
        session.execute(f"ATTACH {literal(address.removeprefix(POSTGRES))} AS guard (TYPE postgres, READ_ONLY)")
        session.execute("BEGIN")
        asked = f"SELECT pg_try_advisory_xact_lock({_ADVISORY_LOCK})"
        yield lambda: session.execute(f"SELECT * FROM postgres_query('guard', '{asked}')").fetchone() == (True,)
