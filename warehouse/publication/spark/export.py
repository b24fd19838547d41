"""Writes what an engine needs to make the models itself: seeds, history and `meta` as Parquet, each model's SELECT.

The SELECTs are dbt's, compiled for the target `spark`: `dbt_project/macros/engine.sql` has what the engines spell
differently. sqlglot spells the plain rest, names of types and functions. It changes some meanings without a word; those
that we know are refused here, and tests/pipeline/test_spark.py compares every row. dbt's own adapter for Spark sends
the models as they are, and they are written in DuckDB's dialect.
What must not be here: talking to an engine (`warehouse/publication/spark/run.py`).
"""

import json
from contextlib import closing
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from warehouse.connection import Home, WarehouseError, when_free
from warehouse.generation import SIMULATED_FILE, SIMULATED_NOTICE, literal
from warehouse.models import compilation

PLAN = "models.json"  # models in the order in which they build on each other
TARGET = "spark"  # of dbt


def export(home: Home, folder: Path) -> list[str]:
    """Write what the newest models were made from, and the models, into a new folder; returns the models' names.

    What a licence keeps here is in it. NotPublishedError without a generation; WarehouseError when the folder has
    something in it, or when the project has an input that the last build has not made.
    """
    _ = home.published_database  # whoever has never refreshed is told so
    if folder.exists() and any(folder.iterdir()):
        raise WarehouseError(f"{folder} is not empty")
    made = compilation.compiled_project(home, TARGET)
    seeds = [node.relation for node in made.nodes.values() if node.kind == "seed"]
    inputs = sorted([*made.sources.values(), *seeds])
    with closing(duckdb.connect()) as con:
        attach = f"ATTACH {literal(str(home.work_database))} AS work (READ_ONLY)"
        when_free(home, lambda: con.execute(attach))
        for name in inputs:
            path = folder / f"{path_of(name)}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                con.execute(f"COPY (FROM work.{name}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")
            except duckdb.CatalogException:
                raise WarehouseError(f"{name} is not made yet; run `liquidity build` first") from None
    models = [
        {"name": node.relation, "sql": spelled(node.sql), "columns": list(node.contract)}
        for node in made.nodes.values()
        if node.kind == "model"
    ]
    (folder / PLAN).write_text(json.dumps({"inputs": inputs, "models": models}, indent=1), "utf-8")
    if home.is_simulated:
        (folder / SIMULATED_FILE).write_text(SIMULATED_NOTICE + "\n", "utf-8")
    return [str(model["name"]) for model in models]


def path_of(relation: str) -> str:
    """Where `schema.table` is in the folder: a file with the suffix `.parquet` for an input, a folder for a model."""
    return relation.replace(".", "/")


def view_of(relation: str) -> str:
    """The temporary view of `schema.table`: a view of a session has no schema."""
    return relation.replace(".", "__")


def spelled(sql: str) -> str:
    """A compiled SELECT in Spark's dialect, reading views.

    WarehouseError for what sqlglot would write with another meaning: quantiles would become approximate, aggregates
    would lose their order, a Monday would be another day.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    if changed := tree.find(*_CHANGED):
        raise WarehouseError(f"{changed.sql('duckdb')} would mean something else: use a macro of macros/engine.sql")
    for order in tree.find_all(exp.Order):
        if isinstance(order.parent, exp.AggFunc) and not isinstance(order.parent, exp.GroupConcat):
            raise WarehouseError(f"{order.parent.sql('duckdb')} would lose its order: use a macro of macros/engine.sql")
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group and group.args.get("all"):  # Sail 0.7 does not have it
            places = [place for place, column in enumerate(select.selects, 1) if not _is_aggregate(column)]
            select.set("group", exp.Group(expressions=[exp.Literal.number(place) for place in places]))
    for difference in reversed(list(tree.find_all(exp.Sub))):
        if _is_date(difference.left) and _is_date(difference.right):  # in Spark an interval, in DuckDB days
            difference.replace(exp.DateDiff(this=difference.left.copy(), expression=difference.right.copy()))
    for rounded in reversed(list(tree.find_all(exp.Round))):  # the inner ones first
        places = rounded.args.get("decimals")
        if places and places.name != "0":  # Spark rounds the decimal text of a number, DuckDB the number times 10^n
            factor = exp.Literal.number(f"{10 ** int(places.name)}.0")
            whole = exp.Round(this=exp.Mul(this=exp.paren(rounded.this.copy()), expression=factor))
            rounded.replace(exp.paren(exp.Div(this=whole, expression=factor.copy())))
    for number in list(tree.find_all(exp.Literal)):
        if not number.is_string and "." in number.this:  # Spark's 1.5 is a decimal, and so is what is divided by it
            number.replace(exp.cast(number.copy(), "double"))
    for table in tree.find_all(exp.Table):
        if table.db:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(view_of(f"{table.db}.{table.name}")))
            table.set("db", None)
            table.set("catalog", None)
    return tree.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE, pretty=True, comments=False)


_CHANGED = (
    exp.PercentileCont,
    exp.PercentileDisc,
    exp.Quantile,
    exp.DayOfWeekIso,
    exp.Dayname,
    exp.Format,
    exp.Qualify,
)


def _is_date(part: exp.Expression) -> bool:
    """By its name, which says so throughout the models."""
    if isinstance(part, exp.Column):
        return part.name.endswith("_date")
    if isinstance(part, exp.Cast):
        return part.to.this == exp.DataType.Type.DATE
    if isinstance(part, exp.Add | exp.Sub):
        return _is_date(part.left) and not _is_date(part.right)
    return isinstance(part, _KEEPS_TYPE) and _is_date(part.this)


_KEEPS_TYPE = (
    exp.Paren,
    exp.Coalesce,
    exp.Least,
    exp.Greatest,
    exp.Min,
    exp.Max,
    exp.ArgMin,
    exp.ArgMax,
    exp.Lag,
    exp.Lead,
    exp.Window,
)
# Functions of Spark alone, which `macros/engine.sql` writes; sqlglot does not know that they are aggregates.
_AGGREGATES = {"PERCENTILE", "COLLECT_LIST"}


def _is_aggregate(column: exp.Expression) -> bool:
    return any(
        isinstance(part, exp.AggFunc) or (isinstance(part, exp.Anonymous) and part.name.upper() in _AGGREGATES)
        for part in column.walk()
    )
