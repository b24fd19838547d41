"""What must hold after every fault: published generation whole, nothing lost from the log, nothing double or mixed."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingest.catalog import Dataset
from ingest.providers import DATASETS
from tests.faults.child import FIRST_DAY, Ended, load, model, publication
from tests.faults.child import run as run_child
from warehouse import lock
from warehouse.connection import DATABASE_NAME, Home, open_published, open_work
from warehouse.history import quoted
from warehouse.publication.verify import verify
from warehouse.upkeep import scrub


@dataclass(frozen=True)
class State:
    """A warehouse after a fault: newest load, published generation, and what is wrong with them."""

    newest_load: int
    generation: str | None
    mixed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.mixed and not self.lost


def look(home: Home, before: State | None = None, digests: dict[str, str] | None = None) -> State:
    """Look at everything. ``digests`` are those of the rows up to ``before``, which must not have changed."""
    generation, mixed = _published(home)
    lost: list[str] = []
    with open_work(home) as con:
        (newest,) = con.execute("SELECT coalesce(max(load_seq), 0) FROM meta.load").fetchone()  # type: ignore[misc]
        for dataset in _filled(con):
            table, keys = f"raw.{dataset.table}", quoted([*dataset.key, "known_from"])
            orphans, repeated, open_twice = con.execute(
                f"SELECT (SELECT count(*) FROM {table} ANTI JOIN meta.load USING (load_seq)), "
                f"(SELECT count(*) FROM (FROM {table} SELECT 1 GROUP BY {keys}, load_seq "
                "HAVING count(*) > 1)), "
                f"(SELECT count(*) FROM (FROM history.{dataset.table} SELECT 1 "
                f"WHERE known_to = TIMESTAMP '9999-12-31' GROUP BY {quoted(dataset.key)} HAVING count(*) > 1))"
            ).fetchone()  # type: ignore[misc]
            mixed += [f"{table}: {orphans} rows of no load"] if orphans else []
            mixed += [f"{table}: {repeated} keys double"] if repeated else []
            mixed += [f"history.{dataset.table}: {open_twice} keys with two current rows"] if open_twice else []
    if before is not None:
        if newest < before.newest_load:
            lost.append(f"loads {newest + 1} to {before.newest_load} are gone")
        if (generation or "") < (before.generation or ""):
            lost.append(f"generation {generation} stands where {before.generation} was")
    if before is not None and digests is not None:
        now = digests_of(home, before.newest_load)
        lost += [f"{name}: rows changed" for name, digest in digests.items() if now.get(name) != digest]
    return State(newest, generation, mixed, lost)


def _filled(con: duckdb.DuckDBPyConnection) -> list[Dataset]:
    """Datasets that have rows: the small warehouse has four, and nothing is to be seen in the others."""
    filled = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'raw' AND estimated_size > 0")
    names = {name for (name,) in filled.fetchall()}
    return [dataset for dataset in DATASETS.values() if dataset.table in names]


def _published(home: Home) -> tuple[str | None, list[str]]:
    """Id of the current generation, and what is not whole or of two generations in it."""
    if not home.current.is_symlink():
        return None, []
    folder = home.current.resolve()
    if not (folder / DATABASE_NAME).exists():
        return folder.name, [f"{folder.name}: no database"]
    mixed = [f"{path}: {problem}" for path, problem in verify(folder).problems]
    with open_published(home) as con:
        (generation,) = con.execute("SELECT id FROM meta.generation").fetchone()  # type: ignore[misc]
        tables = {name for (name,) in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall()}  # fmt: skip
        if "rows_of_history" in tables:
            for table, said in con.execute("FROM marts.rows_of_history").fetchall():
                (rows,) = con.execute(f"SELECT count(*) FROM history.{table}").fetchone()  # type: ignore[misc]
                mixed += [f"marts know {said} rows of {table}, the generation holds {rows}"] if rows != said else []
    if generation != folder.name:
        mixed.append(f"{generation} lies in {folder.name}")
    if json.loads((folder / "datapackage.json").read_text("utf-8"))["version"] != generation:
        mixed.append("the package is about another generation")
    return generation, mixed


def published_of(home: Home) -> str | None:
    """Id of the current generation; nothing else is looked at, so that it may be asked while others write."""
    return home.current.resolve().name if home.current.is_symlink() else None


def digests_of(home: Home, up_to_load: int) -> dict[str, str]:
    """Per raw table with rows, and of the list of loads: number and order-free hash of the rows up to a load."""
    with open_work(home) as con:
        tables = [f"raw.{dataset.table}" for dataset in _filled(con)] + ["meta.load"]
        return {
            table: str(
                con.execute(
                    f"SELECT count(*), sum(hash(t)::HUGEINT) FROM {table} AS t WHERE load_seq <= ?", [up_to_load]
                ).fetchone()
            )
            for table in tables
        }


def current_rows(home: Home) -> dict[str, str]:
    """Per dataset: number and hash of the values that are known now, whenever they became known."""
    with open_work(home) as con:
        return {
            dataset.id: str(
                con.execute(
                    f"SELECT count(*), sum(hash(t)::HUGEINT) FROM (FROM history.{dataset.table} SELECT "
                    f"{quoted([column.name for column in dataset.columns])} "
                    "WHERE known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted) AS t"
                ).fetchone()
            )
            for dataset in _filled(con)
        }


def differing(rows: dict[str, str], expected: dict[str, str]) -> list[str]:
    """Datasets whose `current_rows` are not those that are expected."""
    return [name for name in rows.keys() | expected.keys() if rows.get(name) != expected.get(name)]


def scrubbed(home: Home) -> list[str]:
    """What `verify --deep` finds: payloads, loads against rows, log against journal and generation."""
    return [f"{where}: {problem}" for where, problem in scrub.scrub(home).problems]


def leftovers(home: Home) -> list[str]:
    """What an interrupted run may leave for the next one to clear, and the next one must have cleared."""
    return [
        str(path.relative_to(home.root))
        for pattern in ("generations/.building-*", ".current-*", ".replay", ".restore*", ".lock.*.tmp")
        for path in home.root.glob(pattern)
    ]


def is_free(home: Home) -> bool:
    """Nobody holds the warehouse: a dead process has left no lock behind."""
    return lock.holder(home) is None


# --- a small warehouse ------------------------------------------------------------------------------------------------


def _first(home: Home) -> None:
    load(home, FIRST_DAY)
    model(home)
    publication(home)


def small_warehouse(base: Path) -> Home:
    """Four datasets, loaded and published, under ``base``; made in a separate process."""
    home = Home(base / "sample", is_simulated=True)
    home.root.mkdir(parents=True)
    ended: Ended = run_child(home, _first)
    if ended.code != 0:
        raise RuntimeError(ended.words)
    return home


def copy_of(home: Home, base: Path) -> Home:
    """The same warehouse in another place."""
    shutil.copytree(home.root, base / "sample", symlinks=True)
    return Home(base / "sample", home.is_simulated)
