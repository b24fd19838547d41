"""Plants deliberate errors in the project or in the store, and says which checks turn red.

The project is parsed and compiled already. Models and data tests run as the SQL that dbt compiled, on one copy of a
finished warehouse, each error in a transaction that is rolled back: 12 CPU s for what takes dbt 140. Unit tests are
dbt's own; errors in different models share a run of it, because a unit test reads nothing but its own model.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb

from ingest.providers import DATASETS
from tests.mutations import MUTATIONS
from tests.mutations.kinds import InModel, Stored, Upstream
from warehouse import locations
from warehouse.connection import Home, open_work
from warehouse.history import set_ends
from warehouse.models import compilation

# Checks of dbt that the list names.
LISTED = frozenset(check for m in MUTATIONS if not isinstance(m, Upstream) for check in (m.check, *m.also))


# After comments of a line; what else may come first dbt finds by itself.
_FIRST_WORD = re.compile(r"(?:\s|--[^\n]*\n)*(?:WITH\b(?!\s+RECURSIVE)\s+|SELECT\b)", re.IGNORECASE)


@contextmanager
def rows_put_first() -> Iterator[None]:
    """dbt puts the rows of a unit test in front of a model's CTEs, and parses all of the SQL to find the first word, a
    quarter of a unit test's time. Here it gets no more than that word."""
    from dbt import compilation as of_dbt

    put = of_dbt.inject_ctes_into_sql

    def put_first(sql: str, ctes: list) -> str:
        found = _FIRST_WORD.match(sql) if ctes else None
        return put(sql[: found.end()], ctes) + sql[found.end() :] if found else put(sql, ctes)

    with mock.patch.object(of_dbt, "inject_ctes_into_sql", put_first):
        yield


class Bench:
    """The parsed project, what it compiles to, and a copy of a finished warehouse; errors are rolled back there."""

    def __init__(self, home: Home, folder: Path) -> None:
        self._home = Home(folder, is_simulated=True)
        (folder / "work").mkdir(parents=True)
        shutil.copy(home.work_database, self._home.work_database)
        shutil.copytree(home.root / "dbt", folder / "target")  # what dbt has parsed already
        self._manifest = compilation.parsed_before(folder / "target")
        self._manifest.build_parent_and_child_maps()
        self._nodes = {**self._manifest.nodes, **self._manifest.unit_tests}
        self._ids = {node.name: node_id for node_id, node in self._nodes.items()}
        self._compiled = {node.id: node.sql for node in compilation.compiled_project(home).nodes.values() if node.sql}
        models = {node_id: parents for node_id, parents in self._manifest.parent_map.items()
                  if node_id.startswith("model.")}  # fmt: skip
        self._order = [node_id for node_id in TopologicalSorter(models).static_order() if node_id in models]
        self._batches: dict[str, set[str] | str] = {}  # names of red unit tests, or why none could run, by error
        self._wrong: dict[str, tuple[str, str]] = {}  # id of the model that has the error and its SQL, by error
        self._opened = ExitStack()
        self._con: duckdb.DuckDBPyConnection | None = None  # kept: to open the file anew costs a quarter of an error

    def _dbt(self, manifest: Any, command: str, *arguments: str) -> Any:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        self._opened.close()  # dbt opens the file in its way
        self._con = None
        place, target = str(locations.PROJECT), str(self._home.root / "target")
        os.environ[compilation.DATABASE_VARIABLE] = str(self._home.work_database)
        try:
            result = dbtRunner(manifest=manifest).invoke([
                "--log-level", "none", "--log-level-file", "none", "--no-write-json", command,
                "--project-dir", place, "--profiles-dir", place, "--target-path", target, "--log-path", target,
                "--vars", json.dumps({"is_simulated": True}), *arguments,
            ])  # fmt: skip
        finally:
            DuckDBConnectionManager.close_all_connections()
            del os.environ[compilation.DATABASE_VARIABLE]
        assert result.exception is None, result.exception
        return result

    def _compiled_with(self, batch: dict[str, InModel]) -> dict[str, tuple[str, str]]:
        """One error in each of some models, in one run of dbt, which takes 2 CPU s: by error the model's id and SQL."""
        with ExitStack() as stack:
            changed = {mutation.name: self._plant(mutation, stack) for mutation in batch.values()}
            names = sorted(self._nodes[node_id].name for node_id in changed.values())
            results = self._dbt(self._manifest, "compile", "--select", *names).result.results
        sql = {result.node.unique_id: result.node.compiled_code for result in results}
        return {name: (node_id, sql[node_id]) for name, node_id in changed.items()}

    def _reach(self, start: Iterable[str], neighbours: dict[str, list[str]]) -> set[str]:
        found, todo = set(), list(start)
        while todo:
            node = todo.pop()
            if node not in found:
                found.add(node)
                todo += neighbours.get(node, ())
        return found

    def _red_after(
        self, con: duckdb.DuckDBPyConnection, changed: set[str], checks: Iterable[str], compiled: dict[str, str]
    ) -> set[str]:
        """Build what lies between ``changed`` and ``checks``; names of the listed checks on the way that turn red."""
        parents, children = self._manifest.parent_map, self._manifest.child_map
        after = self._reach(changed, children)
        way = after & self._reach([self._ids[check] for check in checks], parents)
        models = [node_id for node_id in self._order if node_id in way]
        assert models, f"{checks} do not see the change"
        for node_id in models:
            name = self._nodes[node_id].relation_name
            con.execute(f"DELETE FROM {name}")  # keeps the types that the contract promises
            con.execute(f"INSERT INTO {name} BY NAME FROM (\n{compiled[node_id]}\n)")
        # A check that reads a changed model which was not built anew would judge the old one.
        seen = [
            name for name in LISTED
            if not self.is_unit_test(name) and (touched := set(parents[self._ids[name]]) & after) and touched <= way
        ]  # fmt: skip
        return {name for name in seen if con.execute(f"FROM (\n{compiled[self._ids[name]]}\n) LIMIT 1").fetchall()}

    def _rolled_back(self, work: Callable[[duckdb.DuckDBPyConnection], set[str]]) -> set[str]:
        con = self._con = self._con or self._opened.enter_context(open_work(self._home))
        con.execute("BEGIN")
        try:
            return work(con)
        finally:
            con.execute("ROLLBACK")

    @cached_property
    def green_before(self) -> set[str]:
        """Names of the listed data tests that pass when everything is built anew without an error.

        That the listed unit tests pass is seen where all of them run: `tests/pipeline/test_dbt.py`.
        """
        tests = {name for name in LISTED if not self.is_unit_test(name)}
        sources = set(self._manifest.sources)
        return tests - self._rolled_back(lambda con: self._red_after(con, sources, tests, self._compiled))

    def red_when_stored(self, mutation: Stored) -> set[str]:
        """Names of the listed checks that turn red when the raw log holds the error."""
        changed = {node_id for node_id, source in self._manifest.sources.items() if source.name in mutation.tables}

        def work(con: duckdb.DuckDBPyConnection) -> set[str]:
            look = [f"SELECT count(*), bit_xor(hash(t)) FROM raw.{name} AS t" for name in mutation.tables]
            before = [con.execute(query).fetchone() for query in look]
            con.execute(mutation.sql)
            for dataset in DATASETS.values():
                if dataset.table in mutation.tables:
                    set_ends(con, dataset)
            after = [con.execute(query).fetchone() for query in look]
            assert all(x != y for x, y in zip(before, after, strict=True)), "the statement changes nothing"
            return self._red_after(con, changed, [mutation.check], self._compiled)

        return self._rolled_back(work)

    def red_in_model(self, mutation: InModel, others: Sequence[InModel]) -> set[str]:
        """Names of the listed checks that turn red when a model or macro has the error.

        ``others`` are the errors that share the runs of dbt with it.
        """
        if not self.is_unit_test(mutation.check):
            if mutation.name not in self._wrong:
                waiting = [o for o in others if o.name not in self._wrong and not self.is_unit_test(o.check)]
                self._wrong |= self._compiled_with({other.file: other for other in waiting} | {mutation.file: mutation})
            changed, sql = self._wrong[mutation.name]
            compiled = self._compiled | {changed: sql}
            return self._rolled_back(lambda con: self._red_after(con, {changed}, [mutation.check], compiled))
        if mutation.name not in self._batches:
            units = [other for other in others if self.is_unit_test(other.check)]
            batch = {mutation.file: mutation}
            if mutation.file.startswith("models/"):  # a macro's error is seen in every model
                waiting = [o for o in units if o.name not in self._batches and o.file.startswith("models/")]
                batch = {other.file: other for other in waiting} | batch
            self._batches |= self._units_red(batch)
        red = self._batches[mutation.name]
        assert isinstance(red, set), red
        return red

    def is_unit_test(self, check: str) -> bool:
        """Whether a check is a unit test of dbt, which reads nothing that is stored."""
        return self._ids[check].startswith("unit_test.")

    def _units_red(self, batch: dict[str, InModel]) -> dict[str, set[str] | str]:
        """One error in each of some models; by error the unit tests of the model that turn red, or what went wrong."""
        units = {
            mutation.name: {
                unit.name for unit in self._manifest.unit_tests.values()
                if unit.model == self._nodes[self._ids[mutation.check]].model
            }
            for mutation in batch.values()
        }  # fmt: skip
        with ExitStack() as stack:
            for mutation in batch.values():
                self._plant(mutation, stack)
            stack.enter_context(rows_put_first())
            results = self._dbt(
                self._manifest, "test", "--select", *sorted(set().union(*units.values()))
            ).result.results
        status = {result.node.name: result.status for result in results}
        red: dict[str, set[str] | str] = {}
        for name, of_model in units.items():
            broken = [unit for unit in of_model if status.get(unit) not in ("pass", "fail")]
            red[name] = f"a check that cannot run proves nothing: {broken}" if broken else {
                unit for unit in of_model if status[unit] == "fail"
            }  # fmt: skip
        return red

    def _plant(self, mutation: InModel, stack: ExitStack) -> str:
        """Put the error into the manifest, until ``stack`` closes; the id of the model or macro that holds it."""
        owners = [
            (owner, "macro_sql" if node_id.startswith("macro.") else "raw_code")
            for node_id, owner in {**self._manifest.nodes, **self._manifest.macros}.items()
            if owner.original_file_path == mutation.file and owner.package_name == self._manifest.metadata.project_name
        ]
        found = [(owner, name) for owner, name in owners if getattr(owner, name).count(mutation.old)]
        assert sum(getattr(owner, name).count(mutation.old) for owner, name in found) == 1, "the text must occur once"
        ((owner, name),) = found
        text = getattr(owner, name)
        stack.callback(setattr, owner, name, text)
        setattr(owner, name, text.replace(mutation.old, mutation.new))
        return owner.unique_id
