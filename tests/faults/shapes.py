"""Bodies whose structure is spoiled: keys, columns, types, nesting, order and encodings that are not the provider's.

Each mutation has a name. Those of `HARMLESS` say the same in other words, so they must give the same rows or a named
error; any other may also give rows that differ, which is counted by dataset and mutation for people to look at.
"""

import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

Change = Callable[[random.Random, Any], Any]
HARMLESS = frozenset({"keys reordered", "rows reordered", "columns reordered", "key added", "column added",
                      "indented", "BOM", "numbers as text", "cells quoted", "CRLF", "row twice"})  # fmt: skip


def _objects(node: Any) -> list[dict[str, Any]]:
    """All objects with keys in a document."""
    own = [node] if isinstance(node, dict) and node else []
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return own + [found for child in inner for found in _objects(child)]


def _lists(node: Any) -> list[list[Any]]:
    own = [node] if isinstance(node, list) and len(node) > 1 else []
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return own + [found for child in inner for found in _lists(child)]


def _alike(rng: random.Random, node: Any) -> tuple[list[dict[str, Any]], str]:
    """A key, and either one object that has it or all of them."""
    objects = _objects(node)
    one = rng.choice(objects)
    key = rng.choice(sorted(one))
    return ([one] if rng.random() < 0.5 else [other for other in objects if key in other]), key


def _drop_key(rng: random.Random, node: Any) -> Any:
    chosen, key = _alike(rng, node)
    for one in chosen:
        del one[key]
    return node


def _rename_key(rng: random.Random, node: Any) -> Any:
    chosen, key = _alike(rng, node)
    other = rng.choice((key.upper(), f"{key}_", key[:-1] or "x", key.replace("_", ""), "value"))
    for one in chosen:
        one[other] = one.pop(key)
    return node


def _exchange_keys(rng: random.Random, node: Any) -> Any:
    chosen, key = _alike(rng, node)
    other = rng.choice(sorted(chosen[0]))
    for one in chosen:
        if other in one:
            one[key], one[other] = one[other], one[key]
    return node


def _other_type(rng: random.Random, node: Any) -> Any:
    chosen, key = _alike(rng, node)
    value = rng.choice((None, True, [], {}, "", "text", 0, -1, 1.5, "1.5"))
    for one in chosen:
        one[key] = value
    return node


def _nest(rng: random.Random, node: Any) -> Any:
    chosen, key = _alike(rng, node)
    wrap = rng.choice((lambda v: [v], lambda v: {"value": v}, lambda v: {key: v}, lambda v: json.dumps(v)))
    for one in chosen:
        one[key] = wrap(one[key])
    return node


def _foreign_numbers(rng: random.Random, node: Any) -> Any:
    chosen, key = _alike(rng, node)
    say = rng.choice((lambda n: f"{n:,}", lambda n: str(n).replace(".", ","), lambda n: f"({n})", lambda n: f"{n}%",
                      lambda n: f"$ {n}", lambda n: f"{n:e}", lambda n: f"\u202f{n}"))  # fmt: skip
    for one in chosen:
        value = one[key]
        if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
            value = float(value) if "." in value else int(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            one[key] = say(value)
    return node


def _numbers_as_text(rng: random.Random, node: Any) -> Any:
    chosen, key = _alike(rng, node)
    for one in chosen:
        if isinstance(one[key], int | float) and not isinstance(one[key], bool):
            one[key] = str(one[key])
    return node


def _add_key(rng: random.Random, node: Any) -> Any:
    for one in _objects(node):
        one["added_by_nobody"] = "1"
    return node


def _reorder_keys(rng: random.Random, node: Any) -> Any:
    for one in _objects(node):
        pairs = list(one.items())
        rng.shuffle(pairs)
        one.clear()
        one.update(pairs)
    return node


def _of_rows(change: Callable[[random.Random, list[Any]], None]) -> Change:
    def apply(rng: random.Random, node: Any) -> Any:
        lists = _lists(node)
        change(rng, max(lists, key=len) if lists and rng.random() < 0.7 else rng.choice(lists or [[0, 0]]))
        return node

    return apply


def _row_twice(rng: random.Random, rows: list[Any]) -> None:
    rows.append(rng.choice(rows))


def _row_gone(rng: random.Random, rows: list[Any]) -> None:
    del rows[rng.randrange(len(rows))]


def _wrap_all(rng: random.Random, node: Any) -> Any:
    return rng.choice(({"data": node}, [node], {"results": [node]}, {"error": "none", "data": node}))


JSON_CHANGES: dict[str, Change] = {
    "key dropped": _drop_key, "key renamed": _rename_key, "keys exchanged": _exchange_keys, "other type": _other_type,
    "nested": _nest, "foreign numbers": _foreign_numbers, "numbers as text": _numbers_as_text, "key added": _add_key,
    "keys reordered": _reorder_keys, "rows reordered": _of_rows(lambda rng, rows: rng.shuffle(rows)),
    "row twice": _of_rows(_row_twice), "row gone": _of_rows(_row_gone), "wrapped": _wrap_all,
    "indented": lambda rng, node: node,
}  # fmt: skip


def _json(rng: random.Random, body: bytes) -> tuple[str, bytes]:
    if rng.random() < 0.08:  # a key twice, with another value, which no dictionary can hold
        found = list(re.finditer(rb'"(\w+)"\s*:\s*("[^"]*"|-?[\d.]+)', body))
        if found:
            match = rng.choice(found)
            return "key twice", body[: match.end()] + b', "' + match[1] + b'": "x"' + body[match.end() :]
    name = rng.choice(sorted(JSON_CHANGES))
    made = JSON_CHANGES[name](rng, json.loads(body))
    return name, json.dumps(made, indent=1 if name == "indented" else None).encode()


# --- tables of text ---------------------------------------------------------------------------------------------------

Table = list[list[str]]


def _column(rng: random.Random, table: Table) -> int:
    return rng.randrange(len(table[0]))


def _drop_column(rng: random.Random, table: Table) -> Table:
    place = _column(rng, table)
    return [row[:place] + row[place + 1 :] for row in table]


def _rename_column(rng: random.Random, table: Table) -> Table:
    place = _column(rng, table)
    name = table[0][place]
    table[0][place] = rng.choice((name.upper(), f"{name} ", f"New {name}", name.replace("_", " "), ""))
    return table


def _double_column(rng: random.Random, table: Table) -> Table:
    place = _column(rng, table)
    return [[*row, row[place] if place < len(row) else ""] for row in table]


def _exchange_names(rng: random.Random, table: Table) -> Table:
    one, other = _column(rng, table), _column(rng, table)
    table[0][one], table[0][other] = table[0][other], table[0][one]
    return table


def _reorder_columns(rng: random.Random, table: Table) -> Table:
    order = list(range(len(table[0])))
    rng.shuffle(order)
    return [[row[place] for place in order] if len(row) == len(order) else row for row in table]


def _reorder_rows(rng: random.Random, table: Table) -> Table:
    rows = table[1:]
    rng.shuffle(rows)
    return [table[0], *rows]


def _cells(say: Callable[[str], str]) -> Callable[[random.Random, Table], Table]:
    def apply(rng: random.Random, table: Table) -> Table:
        place = _column(rng, table)
        for row in table[1:]:
            if place < len(row) and re.fullmatch(r"-?\d+(\.\d+)?", row[place]):
                row[place] = say(row[place])
        return table

    return apply


TABLE_CHANGES: dict[str, Callable[[random.Random, Table], Table]] = {
    "column dropped": _drop_column, "column renamed": _rename_column, "column twice": _double_column,
    "columns exchanged": _exchange_names, "columns reordered": _reorder_columns, "rows reordered": _reorder_rows,
    "column added": lambda rng, table: [[*row, "1" if number else "added"] for number, row in enumerate(table)],
    "row twice": lambda rng, table: [*table, rng.choice(table[1:] or table)],
    "row gone": lambda rng, table: [row for number, row in enumerate(table) if number != rng.randrange(1, 9)],
    "heading gone": lambda rng, table: table[1:], "heading twice": lambda rng, table: [table[0], *table],
    "decimal comma": _cells(lambda text: text.replace(".", ",")), "thousands": _cells(lambda text: f"{float(text):,}"),
    "in brackets": _cells(lambda text: f"({text})"), "percent sign": _cells(lambda text: f"{text}%"),
}  # fmt: skip


def _table(rng: random.Random, body: bytes) -> tuple[str, bytes]:
    text = body.decode("utf-8-sig")
    if rng.random() < 0.15:
        return rng.choice((
            ("CRLF", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")),
            ("semicolons", body.replace(b",", b";")), ("tabs", body.replace(b",", b"\t")),
            ("BOM", b"\xef\xbb\xbf" + body), ("UTF-16", text.encode("utf-16")), ("gzip", gzip.compress(body)),
        ))  # fmt: skip
    separator = "\t" if text.count("\t") > text.count(",") else ","
    name = rng.choice([*sorted(TABLE_CHANGES), "cells quoted"])
    table = list(csv.reader(io.StringIO(text), delimiter=separator))
    if len(table) < 2 or not table[0]:
        return "row gone", b"\n".join(body.splitlines()[1:])
    made, quoting = io.StringIO(), csv.QUOTE_ALL if name == "cells quoted" else csv.QUOTE_MINIMAL
    changed = table if name == "cells quoted" else TABLE_CHANGES[name](rng, table)
    csv.writer(made, delimiter=separator, lineterminator="\n", quoting=quoting).writerows(changed)
    return name, made.getvalue().encode()


def _markup(rng: random.Random, body: bytes) -> tuple[str, bytes]:
    """XML of a workbook or a data set: an element or an attribute goes, comes twice, or is called otherwise."""
    elements = list(re.finditer(rb"<(\w[\w:]*)([^<>]*)/?>", body))
    attributes = list(re.finditer(rb'\s([\w:]+)="([^"]*)"', body))
    kind = rng.choice(("attribute gone", "attribute renamed", "attribute emptied", "tag renamed", "element twice"))
    if not elements or not attributes:
        return "cut", body[: len(body) // 2]
    if kind == "tag renamed":
        name = rng.choice(elements)[1]
        return kind, body.replace(b"<" + name, b"<x" + name).replace(b"</" + name, b"</x" + name)
    if kind == "element twice":
        match = rng.choice(elements)
        return kind, body[: match.end()] + match[0] + body[match.end() :]
    match = rng.choice(attributes)
    new = {"attribute gone": b"", "attribute renamed": b" x" + match[0].strip(), "attribute emptied":
           b" " + match[1] + b'=""'}[kind]  # fmt: skip
    if rng.random() < 0.3:
        return f"{kind} everywhere", re.sub(rb"\s" + match[1] + rb'="[^"]*"', new, body)
    return kind, body[: match.start()] + new + body[match.end() :]


def spoil(rng: random.Random, body: bytes) -> tuple[str, bytes]:
    """A body with one change of its structure, and the name of the change."""
    start = body.lstrip()[:1]
    if body.startswith(b"PK"):
        return _inside_archive(rng, body)
    if start in (b"{", b"["):
        if rng.random() < 0.08:
            return rng.choice((
                ("BOM", b"\xef\xbb\xbf" + body), ("UTF-16", body.decode().encode("utf-16")),
                ("gzip", gzip.compress(body)), ("Latin-1", body.decode().encode("latin-1", "replace")),
                ("JSONP", b"callback(" + body + b");"), ("lines of JSON", body.replace(b"},{", b"}\n{")),
            ))  # fmt: skip
        return _json(rng, body)
    if start == b"<":
        return _markup(rng, body)
    return _table(rng, body)


def _inside_archive(rng: random.Random, body: bytes) -> tuple[str, bytes]:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        largest = max(names, key=lambda name: source.getinfo(name).file_size)
        chosen = largest if rng.random() < 0.5 else rng.choice(names)
        kind = rng.choice(("member gone", "member renamed", *["member spoiled"] * 6))
        for name in names:
            member = source.read(name)
            if name == chosen and kind == "member gone":
                continue
            if name == chosen and kind == "member spoiled" and member:
                inner, member = spoil(rng, member)
                kind = f"member: {inner}"
            target.writestr(f"x{name}" if name == chosen and kind == "member renamed" else name, member)
    return kind, made.getvalue()
