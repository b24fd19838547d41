"""Runs dbt on a changed manifest or a changed store, and says which checks turn red.

The project is parsed once; a model's text is changed in the manifest, so nothing on disk is touched and no second parse
is needed. Only the models between the change and the check are built.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.providers import DATASETS
from tests.mutations import MUTATIONS
from tests.mutations.kinds import InModel, Stored, Upstream
from warehouse import build
from warehouse.connection import Home, open_work
from warehouse.history import set_ends

# Checks of dbt that the list names.
LISTED = frozenset(check for m in MUTATIONS if not isinstance(m, Upstream) for check in (m.check, *m.also))


class Bench:
    """The parsed project and a finished warehouse, of which every error gets a copy of its own."""

    def __init__(self, home: Home, folder: Path) -> None:
        self._home = home
        self._folder = folder
        self._manifest = self._dbt(self._home_in("parse"), None, "parse").result
        self._manifest.build_parent_and_child_maps()
        self._nodes = {**self._manifest.nodes, **self._manifest.unit_tests}
        self._ids = {node.name: node_id for node_id, node in self._nodes.items()}
        for node_id, node in self._nodes.items():
            if node_id.startswith("test."):
                node.config.severity = "warn"  # a blocking check would keep dbt from building on to the next ones

    def _home_in(self, name: str) -> Home:
        root = self._folder / name
        (root / "work").mkdir(parents=True)
        home = Home(root, is_simulated=True)
        shutil.copy(self._home.work_database, home.work_database)
        return home

    def _dbt(self, home: Home, manifest: Any, command: str, *selection: str) -> Any:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        place, target = str(build.PROJECT), str(self._folder / "target")
        os.environ[build.DATABASE_VARIABLE] = str(home.work_database)
        try:
            result = dbtRunner(manifest=manifest).invoke([
                "--log-level", "none", "--log-level-file", "none", "--no-write-json", command,
                "--project-dir", place, "--profiles-dir", place, "--target-path", target, "--log-path", target,
                "--vars", json.dumps({"is_simulated": True}), *selection,
            ])  # fmt: skip
        finally:
            DuckDBConnectionManager.close_all_connections()
            del os.environ[build.DATABASE_VARIABLE]
        assert result.exception is None, result.exception
        return result

    def _reach(self, start: Iterable[str], neighbours: dict[str, list[str]]) -> set[str]:
        found, todo = set(), list(start)
        while todo:
            node = todo.pop()
            if node not in found:
                found.add(node)
                todo += neighbours.get(node, ())
        return found

    def _red(self, home: Home, checks: Iterable[str], models: Iterable[str] = ()) -> set[str]:
        """Build ``models``, run ``checks``; names of the checks that do not pass."""
        command = ("test",)
        if models:
            command = ("build", "--indirect-selection", "empty", "--exclude-resource-type", "unit_test")
        results = list(self._dbt(home, self._manifest, *command, "--select", *models, *checks).result.results)
        ran = {result.node.name for result in results}
        assert ran == {*models, *checks}, "a check or model did not run"
        broken = [(r.node.name, r.message) for r in results if r.status in ("error", "runtime error", "skipped")]
        assert broken == [], "a check that cannot run proves nothing"
        return {result.node.name for result in results if result.status in ("fail", "warn")}

    def _red_after(self, home: Home, changed: set[str], check: str) -> set[str]:
        """Build what lies between ``changed`` and ``check``; names of the listed checks on the way that turn red."""
        parents, children = self._manifest.parent_map, self._manifest.child_map
        after = self._reach(changed, children)
        way = after & self._reach([self._ids[check]], parents)
        models = [self._nodes[node_id].name for node_id in way if node_id.startswith("model.")]
        assert models, f"{check} does not see the change"
        # A check that reads a changed model which was not built anew would judge the old one.
        seen = [
            name for name in LISTED
            if self._ids[name].startswith("test.")
            and (touched := set(parents[self._ids[name]]) & after) and touched <= way
        ]  # fmt: skip
        return self._red(home, seen, models)

    def green_before(self) -> set[str]:
        """Names of the checks that pass on the warehouse as it is."""
        with open_work(self._home) as con:
            rows = con.execute("SELECT name FROM meta.build WHERE kind = 'test' AND status = 'pass'").fetchall()
        units = sorted(name for name in LISTED if self._ids[name].startswith("unit_test."))
        return {name for (name,) in rows} | (set(units) - self._red(self._home_in("before"), units))

    def red_when_stored(self, mutation: Stored) -> set[str]:
        """Names of the listed checks that turn red when the raw log holds the error."""
        home = self._home_in(mutation.name)
        with open_work(home) as con:
            before = [con.execute(f"SELECT hash(list(t)) FROM raw.{name} AS t").fetchone() for name in mutation.tables]
            con.execute(mutation.sql)
            for dataset in DATASETS.values():
                if dataset.table in mutation.tables:
                    set_ends(con, dataset)
            after = [con.execute(f"SELECT hash(list(t)) FROM raw.{name} AS t").fetchone() for name in mutation.tables]
        assert all(x != y for x, y in zip(before, after, strict=True)), "the statement changes nothing"
        changed = {node_id for node_id, source in self._manifest.sources.items() if source.name in mutation.tables}
        return self._red_after(home, changed, mutation.check)

    def red_in_model(self, mutation: InModel) -> set[str]:
        """Names of the listed checks that turn red when a model or macro has the error."""
        home = self._home_in(mutation.name)
        with self._changed(mutation) as changed:
            if self._ids[mutation.check].startswith("test."):
                return self._red_after(home, changed, mutation.check)
            model = self._nodes[self._ids[mutation.check]].model
            return self._red(home, [unit.name for unit in self._manifest.unit_tests.values() if unit.model == model])

    @contextmanager
    def _changed(self, mutation: InModel) -> Iterator[set[str]]:
        """The manifest with the error in it; gives the ids of the models that hold it."""
        owners = [
            (owner, "macro_sql" if node_id.startswith("macro.") else "raw_code")
            for node_id, owner in {**self._manifest.nodes, **self._manifest.macros}.items()
            if owner.original_file_path == mutation.file and owner.package_name == self._manifest.metadata.project_name
        ]
        found = [(owner, name) for owner, name in owners if getattr(owner, name).count(mutation.old)]
        assert sum(getattr(owner, name).count(mutation.old) for owner, name in found) == 1, "the text must occur once"
        ((owner, name),) = found
        text = getattr(owner, name)
        setattr(owner, name, text.replace(mutation.old, mutation.new))
        try:
            yield {owner.unique_id}
        finally:
            setattr(owner, name, text)
