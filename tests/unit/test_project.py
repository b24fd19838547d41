"""Tables are made parents first, two at a time, of the large ones one."""

import time
from pathlib import Path
from threading import Lock

import duckdb
import pytest

from warehouse.models.project import Node, Project


def _node(name: str, *parents: str, is_large: bool = False) -> Node:
    return Node(
        name, name, "model", "marts", "SELECT 1 AS one", parents, "", "", {}, is_blocking=True, limit=None, file="",
        contract={}, is_large=is_large,
    )  # fmt: skip


def test_two_large_tables_are_never_made_together(monkeypatch: pytest.MonkeyPatch):
    nodes = [_node("a", is_large=True), _node("b", is_large=True), _node("c"), _node("d"), _node("e", "a", "b", "d")]
    made, running, together, lock = Project(nodes, {}, "", Path(), ""), set(), set(), Lock()
    make_one = Project._make_one

    def watched(self, con, node, *arguments):
        with lock:
            running.add(node.name)
            together.add(frozenset(running))
        time.sleep(0.05)
        make_one(self, con, node, *arguments)
        with lock:
            running.remove(node.name)

    monkeypatch.setattr(Project, "_make_one", watched)
    with duckdb.connect() as con:
        results = [(node.name, status) for node, status, _, _ in made.make(con, nodes)]
    assert sorted(results) == [(name, "success") for name in "abcde"]
    assert results[-1] == ("e", "success")
    assert frozenset("ab") not in together
    assert {len(names) for names in together} == {1, 2}
