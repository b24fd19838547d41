"""Which source columns, and which of their series, reach each column of each mart: read off the compiled SQL.

It follows values, not rows: a column reaches a mart when its value goes into a selected expression of a model on the
way. A condition on the series column (`where`, a join, `filter`, `case`) narrows the series that pass it. In doubt it
keeps more: it does not follow a label that a model gives to series (`case series_id when ... then 'x'`) and filters on
later, so a column made from such labels has all series under them. What must not be here: running dbt.
"""

from __future__ import annotations

import fnmatch
import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from ingest import kept
from ingest.catalog import Dataset
from warehouse import meta
from warehouse.connection import transaction

# Marts about the warehouse read every dataset, so their lineage has no information.
ABOUT_ITSELF = frozenset({"source_health", "series_catalog", "revision_log", "release_calendar"})


@dataclass(frozen=True)
class Flow:
    """A source column that reaches something; ``series`` are those that may, None for a table without series.

    ``row`` numbers each use of a table in a query, so a filter on the series column narrows only values of the same
    use. 0: no filter can narrow it any more.
    """

    table: str
    column: str
    series: frozenset[str] | None
    row: int = 0


@dataclass(frozen=True)
class Cell:
    """One column: what flows into it, and the table uses of which it is the series column."""

    flows: frozenset[Flow] = frozenset()
    names: frozenset[int] = frozenset()


NOTHING = Cell()


@dataclass(frozen=True)
class Relation:
    """Columns of a query. An open one represents a source table: it has every column that a query names."""

    columns: Mapping[str, Cell] = field(default_factory=dict)
    open_as: Flow | None = None  # its column is the series column of the table, "" without one
    rest: Cell | None = None  # what any other column is made of: table functions, values

    def get(self, name: str) -> Cell | None:
        if name in self.columns:
            return self.columns[name]
        if self.open_as is not None:
            names = frozenset({self.open_as.row}) if name == self.open_as.column else frozenset[int]()
            return Cell(frozenset({replace(self.open_as, column=name)}), names)
        return self.rest


def _merged(flows: Iterable[Flow]) -> frozenset[Flow]:
    """The same with one flow for each table, column and row."""
    found: dict[tuple[str, str, int], frozenset[str] | None] = {}
    for flow in flows:
        key = (flow.table, flow.column, flow.row)
        before = found.get(key)
        found[key] = flow.series if before is None or flow.series is None else before | flow.series
    return frozenset(Flow(table, column, series, row) for (table, column, row), series in found.items())


class UnresolvedColumnError(Exception):
    """A column of a model has no source: its SQL is read wrongly, and its lineage would be too small."""


class Models:
    """Relations of all models, each computed at its first use."""

    def __init__(self, compiled: Mapping[str, str], datasets: Iterable[Dataset]) -> None:
        self._compiled = compiled
        self._datasets = {dataset.table: dataset for dataset in datasets}
        self._done: dict[str, Relation] = {}
        self._rows = itertools.count(1)

    def relation(self, model: str) -> Relation:
        if model not in self._done:
            query = sqlglot.parse_one(self._compiled[model], read="duckdb")
            try:
                self._done[model] = self._query(query, {}, None)
            except UnresolvedColumnError as error:
                raise UnresolvedColumnError(f"{model}: {error}") from None
        return self._done[model]

    def _table(self, table: exp.Table, ctes: Mapping[str, Relation]) -> Relation:
        if not table.db and table.name in ctes:
            return ctes[table.name]
        if table.db not in ("history", "meta", "seeds") and table.name in self._compiled:
            return self.relation(table.name)
        dataset = self._datasets.get(table.name) if table.db == "history" else None
        column = (dataset.series_column or "") if dataset else ""
        series = frozenset(one.id for one in dataset.series) if dataset and column and dataset.series else None
        return Relation(open_as=Flow(f"{table.db}.{table.name}", column, series, row=-1))

    def _query(self, query: exp.Expr, ctes: Mapping[str, Relation], outer: _Scope | None) -> Relation:
        if isinstance(query, exp.Subquery):
            return self._query(query.this, ctes, outer)
        known = dict(ctes)
        with_ = query.args.get("with_") or query.args.get("with")
        for cte in with_.expressions if with_ else ():
            known[cte.alias] = self._query(cte.this, known, outer)
        if isinstance(query, exp.SetOperation):
            left, right = (self._query(side, known, outer) for side in (query.left, query.right))
            cells = zip(left.columns.items(), right.columns.values(), strict=True)
            return Relation({name: Cell(_merged(a.flows | b.flows), a.names | b.names) for (name, a), b in cells})
        if isinstance(query, exp.Select):
            return _Scope(self, query, known, outer).relation()
        return Relation(rest=NOTHING)

    def fresh(self, relation: Relation) -> Relation:
        """The same under new row numbers: a relation read twice in one query gives two rows."""
        new: dict[int, int] = {}

        def row(old: int) -> int:
            return 0 if old == 0 else new.setdefault(old, next(self._rows))

        columns = {
            name: Cell(
                frozenset(replace(flow, row=row(flow.row)) for flow in cell.flows), frozenset(map(row, cell.names))
            )
            for name, cell in relation.columns.items()
        }
        open_as = relation.open_as and replace(relation.open_as, row=row(relation.open_as.row))
        return Relation(columns, open_as, relation.rest)


class _Scope:
    """One select: its tables under their aliases, and the conditions that narrow them."""

    def __init__(self, models: Models, select: exp.Select, ctes: Mapping[str, Relation], outer: _Scope | None) -> None:
        self.models, self.select, self.ctes, self.outer = models, select, ctes, outer
        self.tables: dict[str, Relation] = {}
        self.conditions: dict[str, list[exp.Expr]] = {}
        self.aliases: dict[str, Cell] = {}
        everywhere: list[exp.Expr] = []
        from_ = select.args.get("from_") or select.args.get("from")
        if from_ is not None:
            self._add(from_.this)
        for join in select.args.get("joins") or ():
            alias = self._add(join.this)
            on = join.args.get("on")
            if on is None:
                continue
            # The condition of an outer join does not narrow the rows of the side that it keeps whole.
            if join.side in ("LEFT", "RIGHT", "FULL"):
                if join.side == "LEFT":
                    self.conditions[alias].append(on)
            else:
                everywhere.append(on)
        for lateral in select.args.get("laterals") or ():
            self._add(lateral)
        for clause in ("where", "qualify"):
            if select.args.get(clause) is not None:
                everywhere.append(select.args[clause].this)
        for conditions in self.conditions.values():
            conditions += everywhere

    def _add(self, source: exp.Expr) -> str:
        if isinstance(source, exp.Table) and not isinstance(source.this, exp.Func):
            relation = self.models._table(source, self.ctes)
        elif isinstance(source, exp.Subquery):
            relation = self.models._query(source.this, self.ctes, self)
        elif isinstance(source, exp.Lateral) and isinstance(source.this, exp.Subquery):
            relation = self.models._query(source.this.this, self.ctes, self)
        else:
            relation = Relation(rest=Cell(frozenset(self.flows(source, ()))))
        alias = source.alias_or_name or f"?{len(self.tables)}"
        self.tables[alias] = self.models.fresh(relation)
        self.conditions[alias] = []
        return alias

    def cell(self, column: exp.Column, active: tuple[exp.Expr, ...]) -> Cell:
        """What a column holds where the ``active`` conditions and those of its table hold."""
        alias, found = self._find(column)
        if found is None:
            if self.outer is not None:
                return self.outer.cell(column, active)
            raise UnresolvedColumnError(f"column {column.sql()} is in none of {sorted(self.tables)}")
        conditions = (*self.conditions.get(alias, ()), *active)
        return Cell(frozenset(self._narrowed(found.flows, conditions)), found.names)

    def _find(self, column: exp.Column) -> tuple[str, Cell | None]:
        name = column.name
        if column.table:
            relation = self.tables.get(column.table)
            return column.table, relation.get(name) if relation else None
        for alias, relation in self.tables.items():
            if name in relation.columns:
                return alias, relation.columns[name]
        if name in self.aliases:
            return "", self.aliases[name]
        for alias, relation in self.tables.items():
            if (cell := relation.get(name)) is not None:
                return alias, cell
        return "", None

    def _narrowed(self, flows: Iterable[Flow], conditions: tuple[exp.Expr, ...]) -> Iterator[Flow]:
        for flow in flows:
            if flow.series is None or flow.row == 0 or not conditions:
                yield flow
                continue
            left = {s for s in flow.series if not any(self._holds(c, flow.row, s) is False for c in conditions)}
            if left:
                yield replace(flow, series=frozenset(left))

    def _holds(self, condition: exp.Expr, row: int, series: str) -> bool | None:
        """Whether a condition holds for a row of ``series``; None when that is not known."""
        match condition:
            case exp.Paren():
                return self._holds(condition.this, row, series)
            case exp.Not():
                inner = self._holds(condition.this, row, series)
                return None if inner is None else not inner
            case exp.And() | exp.Or():
                both = [self._holds(side, row, series) for side in (condition.left, condition.right)]
                decisive = isinstance(condition, exp.Or)
                if decisive in both:
                    return decisive
                return None if None in both else not decisive
            case exp.EQ() | exp.NEQ():
                left, right = (self._text(side, row, series) for side in (condition.left, condition.right))
                if left is None or right is None:
                    return None
                return (left == right) == isinstance(condition, exp.EQ)
            case exp.In() if condition.expressions:
                name = self._text(condition.this, row, series)
                among = [self._text(one, row, series) for one in condition.expressions]
                return None if name is None or None in among else name in among
            case exp.Like() | exp.Escape():
                return self._like(condition, row, series)
        return None

    def _like(self, condition: exp.Expr, row: int, series: str) -> bool | None:
        escape = ""
        if isinstance(condition, exp.Escape):
            escape = condition.expression.name
            condition = condition.this
        name, pattern = (self._text(side, row, series) for side in (condition.this, condition.expression))
        if name is None or pattern is None:
            return None
        translated, characters = "", iter(pattern)
        for character in characters:
            if escape and character == escape:
                character = next(characters, "")
                translated += f"[{character}]"
            else:
                translated += {"%": "*", "_": "?"}.get(character, f"[{character}]" if character in "*?[" else character)
        return fnmatch.fnmatchcase(name, translated)

    def _text(self, expression: exp.Expr, row: int, series: str) -> str | None:
        match expression:
            case exp.Literal() if expression.is_string:
                return expression.name
            case exp.Paren() | exp.Cast():
                return self._text(expression.this, row, series)
            case exp.Column():
                _, found = self._find(expression)
                return series if found is not None and row in found.names else None
        return None

    def flows(self, expression: exp.Expr, active: tuple[exp.Expr, ...]) -> Iterator[Flow]:
        """Everything whose value goes into an expression."""
        match expression:
            case exp.Column() if not isinstance(expression.this, exp.Star):
                yield from self.cell(expression, active).flows
            case exp.Case():
                subject = expression.this
                for branch in expression.args["ifs"]:
                    condition = exp.EQ(this=subject, expression=branch.this) if subject else branch.this
                    yield from self.flows(condition, active)
                    yield from self.flows(branch.args["true"], (*active, condition))
                if expression.args.get("default") is not None:
                    yield from self.flows(expression.args["default"], active)
            case exp.Filter():
                condition = expression.expression.this
                yield from self.flows(condition, active)
                yield from self.flows(expression.this, (*active, condition))
            case exp.Window():
                # Neighbours in a window are of the same series only when it is cut by the series.
                parts = expression.args.get("partition_by") or ()
                kept = frozenset[int]().union(
                    *(self.cell(part, active).names for part in parts if isinstance(part, exp.Column))
                )
                for flow in self.flows(expression.this, active):
                    yield flow if flow.row in kept else replace(flow, row=0)
                for part in parts:
                    yield from self.flows(part, active)
                if expression.args.get("order") is not None:
                    yield from self.flows(expression.args["order"], active)
            case exp.Query():
                for cell in self.models._query(expression, self.ctes, self).columns.values():
                    yield from (replace(flow, row=0) for flow in cell.flows)
            case _:
                for part in expression.iter_expressions():
                    yield from self.flows(part, active)

    def relation(self) -> Relation:
        columns: dict[str, Cell] = {}
        open_as: Flow | None = None
        for projection in self.select.expressions:
            if projection.is_star:
                wanted = projection.table if isinstance(projection, exp.Column) else ""
                star = projection.this if isinstance(projection, exp.Column) else projection
                left_out = {one.name for one in star.args.get("except_") or star.args.get("except") or ()}
                for alias, relation in self.tables.items():
                    if wanted and alias != wanted:
                        continue
                    for name in relation.columns:
                        if name not in left_out:
                            columns[name] = self.cell(exp.column(name, table=alias), ())
                    if relation.open_as is not None:
                        (open_as,) = self._narrowed([relation.open_as], tuple(self.conditions[alias])) or (None,)
                continue
            value = projection.unalias()
            names = self.cell(value, ()).names if isinstance(value, exp.Column) else frozenset[int]()
            cell = Cell(_merged(self.flows(value, ())), names)
            columns[projection.alias_or_name] = cell
            self.aliases.setdefault(projection.alias_or_name, cell)
        # A use that no column of the result names any more needs no number: its flows are merged.
        alive = frozenset[int]().union(*(cell.names for cell in columns.values()))
        if open_as is not None:
            alive |= {open_as.row}
        return Relation(
            {
                name: Cell(_merged(f if f.row in alive else replace(f, row=0) for f in cell.flows), cell.names)
                for name, cell in columns.items()
            },
            open_as,
        )


@dataclass(frozen=True)
class Traced:
    """What reaches each column of each mart, and why a mart could not be followed."""

    marts: dict[str, dict[str, Cell]]
    failures: dict[str, str]


def trace(compiled: Mapping[str, str], marts: Iterable[str], datasets: Iterable[Dataset]) -> Traced:
    """Follow the columns of ``marts``. ``compiled`` is the SQL of every model by its name."""
    models = Models(compiled, datasets)
    found, failures = {}, {}
    for mart in sorted(marts):
        try:
            columns = models.relation(mart).columns
        except (UnresolvedColumnError, sqlglot.errors.SqlglotError) as error:
            failures[mart] = str(error)
        else:
            found[mart] = {
                name: Cell(_merged(replace(flow, row=0) for flow in cell.flows)) for name, cell in columns.items()
            }
    return Traced(found, failures)


def kept_trace(compiled: Mapping[str, str], marts: Iterable[str], datasets: Iterable[Dataset], key: str) -> Traced:
    """`trace`, worked out once for a ``key`` (`ingest/kept.py`)."""

    def made() -> bytes:
        traced = trace(compiled, marts, datasets)
        cells = {
            mart: {
                name: [
                    (flow.table, flow.column, None if flow.series is None else sorted(flow.series))
                    for flow in cell.flows
                ]
                for name, cell in columns.items()
            }
            for mart, columns in traced.marts.items()
        }
        return json.dumps({"marts": cells, "failures": traced.failures}).encode()

    held = json.loads(kept.get("lineage", key, made, is_slow=True))
    return Traced(
        {
            mart: {
                name: Cell(
                    frozenset(Flow(table, column, None if of is None else frozenset(of)) for table, column, of in flows)
                )
                for name, flows in columns.items()
            }
            for mart, columns in held["marts"].items()
        },
        held["failures"],
    )


def identity_columns(dataset: Dataset) -> set[str]:
    """Columns that identify a row and its knowledge time."""
    return {*dataset.key, dataset.date_column, "known_from", "known_to", "known_basis"}


def by_series(
    traced: Mapping[str, Mapping[str, Cell]], datasets: Iterable[Dataset]
) -> list[tuple[str, str | None, str]]:
    """(dataset, series or None, mart): whose values reach the mart. Keys and dates alone do not count."""
    found: set[tuple[str, str | None, str]] = set()
    tables = {f"history.{dataset.table}": dataset for dataset in datasets}
    for mart, columns in traced.items():
        for flow in (flow for cell in columns.values() for flow in cell.flows):
            dataset = tables.get(flow.table)
            if dataset is None or mart in ABOUT_ITSELF or flow.column in identity_columns(dataset):
                continue
            found |= {(dataset.id, series, mart) for series in (flow.series if flow.series is not None else (None,))}
    return sorted(found, key=lambda row: (row[0], row[1] or "", row[2]))


def key_of(compiled: Mapping[str, str], datasets: Iterable[Dataset]) -> str:
    """Digest of everything the lineage follows from: the models' SQL, the series of the catalog, and this module."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name, sql in sorted(compiled.items()):
        digest.update(f"{name}\0{sql}\0".encode())
    for dataset in sorted(datasets, key=lambda dataset: dataset.id):
        digest.update("\0".join([dataset.id, *dataset.key, *(series.id for series in dataset.series)]).encode())
    return digest.hexdigest()


def held_key(con: duckdb.DuckDBPyConnection) -> str | None:
    """Digest of the inputs of the lineage in the database; None when there is none."""
    row = con.execute(
        "SELECT comment FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'lineage'"
    ).fetchone()
    return row[0] if row else None


def take_over(con: duckdb.DuckDBPyConnection, database: str) -> None:
    """The lineage of an attached work file, with the digest of its inputs."""
    for table in ("lineage", "column_lineage"):
        con.execute(f"INSERT INTO meta.{table} BY NAME FROM {database}.meta.{table}")
    (key,) = con.execute(  # type: ignore[misc]
        "SELECT comment FROM duckdb_tables() WHERE database_name = ? "
        "AND (schema_name, table_name) = ('meta', 'lineage')",
        [database],
    ).fetchone()
    if key:
        con.execute(f"COMMENT ON TABLE meta.lineage IS '{key}'")


def write(
    con: duckdb.DuckDBPyConnection, traced: Mapping[str, Mapping[str, Cell]], datasets: Iterable[Dataset], key: str
) -> None:
    """Replace `meta.lineage` and `meta.column_lineage`, and keep the digest as a comment on the first."""
    lines = [
        {
            "mart": mart, "column_name": column, "source_table": flow.table, "source_column": flow.column,
            "series": sorted(flow.series) if flow.series is not None else None,
        }
        for mart, columns in traced.items()
        for column, cell in columns.items()
        for flow in sorted(cell.flows, key=lambda flow: (flow.table, flow.column))
    ]  # fmt: skip
    pairs = (dict(zip(meta.TABLE["lineage"].columns, pair, strict=True)) for pair in by_series(traced, datasets))
    with transaction(con):
        con.execute("DELETE FROM meta.lineage; DELETE FROM meta.column_lineage")
        meta.insert(con, "lineage", pairs)
        meta.insert(con, "column_lineage", lines)
        con.execute(f"COMMENT ON TABLE meta.lineage IS '{key}'")
