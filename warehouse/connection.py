"""Where a warehouse is on disk, and the only functions that open its DuckDB files.

One process at a time may hold the work file, readers excluded, so it is opened late, closed early and never shown to
readers; they get generations (`warehouse/publication/publish.py`). Never read the bytes of a database file while it is
open here: closing any descriptor of it drops DuckDB's POSIX lock.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import duckdb

from warehouse.locations import CHECKOUT

if TYPE_CHECKING:
    from ingest.catalog import Dataset

HOME_VARIABLE = "LIQUIDITY_HOME"

T = TypeVar("T")

# Both files have the same stem on purpose: DuckDB stores the catalog name, which is the stem, inside views.
DATABASE_NAME = "liquidity.duckdb"


class WarehouseError(Exception):
    """A fault of the warehouse itself, in one line with what to do."""


# Faults of the disk, the memory or the database: no one dataset or load is to blame, and nothing that follows is safe.
OF_THE_WHOLE = (
    OSError, MemoryError, WarehouseError, duckdb.OperationalError, duckdb.FatalException, duckdb.InternalException,
    duckdb.InterruptException,
)  # fmt: skip


class WarehouseBusyError(WarehouseError):
    """Another process holds the work file."""


class DamagedLogError(WarehouseError):
    """The work file cannot be read, or it is missing although the journal or a generation exists."""


class NotPublishedError(WarehouseError):
    """There is no published generation, or its folder is gone."""


@dataclass(frozen=True)
class Home:
    """The folder of one warehouse: real, or simulated in a separate folder."""

    root: Path
    is_simulated: bool = False

    @classmethod
    def locate(cls, *, is_simulated: bool = False) -> Home:
        """`LIQUIDITY_HOME`; else `data/` of the checkout, or, for an installed package, the user's data folder.

        The sample is in the folder `sample/` of it.
        """
        base = Path(os.environ.get(HOME_VARIABLE) or _usual_folder()).expanduser().absolute()
        if {"?", "*"} & set(str(base)):
            raise WarehouseError(f"{base}: DuckDB reads ? and * in a path as something else; name another folder")
        return cls(base / "sample" if is_simulated else base, is_simulated)

    @property
    def work_database(self) -> Path:
        return self.root / "work" / DATABASE_NAME

    @property
    def payloads(self) -> Path:
        return self.root / "payloads"

    @property
    def journal(self) -> Path:
        return self.root / "journal" / "log.jsonl"

    @property
    def generations(self) -> Path:
        return self.root / "generations"

    @property
    def current(self) -> Path:
        """The symbolic link to the generation that readers should open."""
        return self.root / "current"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def published_database(self) -> Path:
        """The database of the current generation, resolved: a link that moves later does not move the reader.

        NotPublishedError, with the way out, when nothing is published or the folder behind `current` is gone.
        """
        option = " --sample" if self.is_simulated else ""
        if not self.current.is_symlink():
            raise NotPublishedError(f"nothing is published in {self.root} yet; run `liquidity refresh{option}` first")
        database = self.current.resolve() / DATABASE_NAME
        if not database.exists():
            raise NotPublishedError(
                f"`current` leads to generation {self.current.readlink().name}, which is no longer in "
                f"{self.generations}; `liquidity build{option}` makes a new one from the rows in the log"
            )
        return database

    @property
    def newest_database(self) -> Path | None:
        """The published database; where its generation is gone, that of the newest one left, and None without any."""
        try:
            return self.published_database
        except NotPublishedError:
            whole = (folder / DATABASE_NAME for folder in self.generations.glob("[!.]*"))
            return max((database for database in whole if database.exists()), default=None)


def _usual_folder() -> Path:
    if CHECKOUT:
        return CHECKOUT / "data"
    import platformdirs

    return platformdirs.user_data_path("dollar-liquidity", appauthor=False)


@cache
def plain_path(folder: Path) -> Path:
    """A path to ``folder`` that libraries take literally: the folder, or a link to it while this process runs.

    SQLAlchemy and dbt read a path as a URL (`%41`, `#`), Dagster looks for its settings by a pattern (`[1]`).
    """
    if not set("%#[") & set(str(folder)):
        return folder
    private = Path(tempfile.mkdtemp(prefix="liquidity-"))  # no other user can put a link there
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    link = private / "folder"
    link.symlink_to(folder, target_is_directory=True)
    return link


def configure(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Session settings that every connection shares: UTC, nothing is fetched to answer a query, nothing is printed."""
    # Connections of one process to one file share global settings, and a lock on the file.
    (is_locked,) = con.execute("SELECT current_setting('lock_configuration')").fetchone()  # type: ignore[misc]
    if not is_locked:
        con.execute("SET GLOBAL TimeZone = 'UTC'")
        con.execute("SET autoinstall_known_extensions = false")
        con.execute("SET enable_progress_bar = false")  # DuckDB prints its bar to stdout after 2 s, also into a pipe
    return con


_LARGE_LOG_BYTES = 340_000_000


def is_large(home: Home) -> bool:
    """Whether the log is so large that DuckDB's usual threads and memory pay.

    Below, a second thread costs a quarter more of processor time in a build and saves none of its time, and DuckDB
    keeps every block that it has read.
    """
    return home.work_database.exists() and home.work_database.stat().st_size > _LARGE_LOG_BYTES


def thrifty(con: duckdb.DuckDBPyConnection, home: Home) -> duckdb.DuckDBPyConnection:
    """The connection with one thread, unless the log is large."""
    if not is_large(home):
        con.execute("SET threads = 1")
    return con


def _lock_in(con: duckdb.DuckDBPyConnection) -> None:
    """From here on no query reaches another file, an extension or a variable of this process, nor undoes that."""
    (is_locked,) = con.execute("SELECT current_setting('lock_configuration')").fetchone()  # type: ignore[misc]
    if is_locked:
        return
    # A large sort would otherwise write next to the database, into the generation.
    spill = Path(tempfile.gettempdir()) / f"dollar-liquidity-{os.getpid()}"
    con.execute("SET temp_directory = ?", [str(spill)])
    con.execute("SET python_enable_replacements = false")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


# DuckDB's messages for a file that is cut short, overwritten or not a database; every block has a checksum.
_DAMAGE = re.compile(r"not a valid DuckDB database file|Corrupt database file|Could not read|checksum")


@contextmanager
def naming_damage(home: Home) -> Iterator[None]:
    """Turns DuckDB's errors about a damaged work file that the block reads into DamagedLogError with the advice."""
    try:
        yield
    except duckdb.Error as error:
        if not _DAMAGE.search(str(error)):
            raise
        words = " ".join(str(error).split()).removeprefix("IO Error: ")
        raise DamagedLogError(f"{home.work_database} is damaged ({words}); {advice(home)}") from None


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All statements of the block, or none of them. An error of the block is raised, even if the rollback fails too."""
    con.execute("BEGIN")
    try:
        yield
        con.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a failed COMMIT or a full disk has ended the transaction
            con.execute("ROLLBACK")
        raise


def advice(home: Home) -> str:
    """What to do when the log is damaged or gone."""
    return f"`liquidity restore{' --sample' if home.is_simulated else ''}` makes it again and keeps the damaged file"


def column_types(con: duckdb.DuckDBPyConnection, database: str, schema: str) -> dict[str, dict[str, str]]:
    """Type of each column, by column and table, of a schema of the open or an attached database."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, dtype in con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND schema_name = ?",
        [database, schema],
    ).fetchall():
        tables.setdefault(table, {})[column] = dtype
    return tables


def when_free(home: Home, action: Callable[[], T], *, wait_seconds: float = 60.0) -> T:
    """Do ``action``, which opens the work file, as soon as no other process holds it; else WarehouseBusyError."""
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            with naming_damage(home):
                return action()
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() >= deadline:
                holder = re.search(r"PID (\d+)", str(error))
                who = f"process {holder.group(1)}" if holder else "another process"
                raise WarehouseBusyError(
                    f"{who} holds {home.work_database}; wait for its refresh to end, or stop it"
                ) from None
            time.sleep(0.2)


@contextmanager
def open_work(home: Home, *, wait_seconds: float = 60.0) -> Iterator[duckdb.DuckDBPyConnection]:
    """The work file, read-write. Waits for another writer up to ``wait_seconds``, then WarehouseBusyError.

    Migrates a file of an earlier version; raises WarehouseError for one of a later version, and DamagedLogError for one
    that cannot be read. `warehouse/log/journal.py` opens it for loading.
    """
    home.work_database.parent.mkdir(parents=True, exist_ok=True)
    con = when_free(home, lambda: duckdb.connect(str(home.work_database)), wait_seconds=wait_seconds)
    with naming_damage(home):
        try:
            yield _of_this_version(home, thrifty(configure(con), home))
        finally:
            con.close()


def _of_this_version(home: Home, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """An open work file in the layout of this version."""
    from warehouse import migrations

    try:
        migrations.bring_up(con, _datasets)
    except migrations.NewerStoreError as error:
        raise WarehouseError(f"{home.work_database}: {error}") from None
    return con


def _datasets() -> Iterable[Dataset]:
    from ingest.providers import DATASETS  # 0.2 s, and only an earlier version's file needs it

    return DATASETS.values()


@contextmanager
def open_published(home: Home, *, with_files: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The current generation, read-only. It stays whole for this reader even when a newer one is published.

    Queries reach nothing but this database, unless ``with_files``. Raises NotPublishedError.
    """
    con = configure(duckdb.connect(str(home.published_database), read_only=True))
    try:
        if not with_files:
            _lock_in(con)
        yield con
    finally:
        con.close()


@contextmanager
def open_attached(home: Home, name: str, *, with_files: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, with the current generation attached to it as ``name``, read-only.

    Queries reach nothing but these two, unless ``with_files``. Raises NotPublishedError.
    """
    con = configure(duckdb.connect())
    try:
        file = str(home.published_database).replace("'", "''")
        con.execute(f"ATTACH '{file}' AS {name} (READ_ONLY)")
        if not with_files:
            _lock_in(con)
        yield con
    finally:
        con.close()
