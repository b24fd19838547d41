"""The formula of the scenario of standing repo, read from the dbt project: as SQL, and as transforms of Vega.

One text is the source of both (`dbt_project/macros/rules/scenario.sql`). What must not be here: any term of it.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined

from warehouse.locations import PROJECT

FORMULA = PROJECT / "macros" / "rules" / "scenario.sql"


@cache
def sql(runs: str, quarters: str) -> str:
    """The SELECT of the formula over two relations; the macro's file has their columns."""
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # SQL, not HTML
    module: Any = environment.from_string(FORMULA.read_text("utf-8")).module
    return str(module.scenario_path(runs, quarters))


def vega(sliders: Collection[str]) -> list[dict[str, Any]]:
    """Transforms that add each computed column to rows with the inputs of one run; ``sliders`` are signals instead.

    Raises ValueError for SQL that has no translation here, so that a new term cannot be lost on the page.
    """
    import sqlglot
    from sqlglot import expressions as exp

    tree = sqlglot.parse_one(sql("runs", "quarters"), dialect="duckdb")
    steps: list[dict[str, Any]] = []
    for select in [*(cte.this for cte in tree.find_all(exp.CTE)), tree]:
        for projection in select.expressions:
            if isinstance(projection, exp.Alias):
                steps += _sums(projection)
                steps.append({"calculate": _expression(projection.this, sliders), "as": projection.alias})
    return steps


def _sums(projection: Any) -> list[dict[str, Any]]:
    """A running sum by quarter becomes a transform; in the expression its column takes its place."""
    from sqlglot import expressions as exp

    steps = []
    for window in list(projection.find_all(exp.Window)):
        order = window.args.get("order")
        if order is None or not isinstance(window.this, exp.Sum) or not isinstance(window.this.this, exp.Column):
            raise ValueError(f"no translation for {window.sql()}")
        field = window.this.this.name
        name = f"running_{field}"
        steps.append(
            {"window": [{"op": "sum", "field": field, "as": name}], "sort": [{"field": order.expressions[0].this.name}]}
        )
        window.replace(exp.column(name))
    return steps


def _expression(node: Any, sliders: Collection[str]) -> str:
    from sqlglot import expressions as exp

    def said(part: Any) -> str:
        return _expression(part, sliders)

    match node:
        case exp.Column():
            return node.name if node.name in sliders else f"datum.{node.name}"
        case exp.Literal() if not node.is_string:
            return str(node.this)
        case exp.Paren():
            return f"({said(node.this)})"
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            sign = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}[type(node)]
            return f"{said(node.left)} {sign} {said(node.right)}"
        case exp.Greatest() | exp.Least():
            name = "max" if isinstance(node, exp.Greatest) else "min"
            return f"{name}({', '.join(map(said, [node.this, *node.expressions]))})"
        case exp.Pow():
            return f"pow({said(node.this)}, {said(node.expression)})"
        case exp.Coalesce() if len(node.expressions) == 1:
            first = said(node.this)
            return f"(isValid({first}) ? {first} : {said(node.expressions[0])})"
    raise ValueError(f"no translation for {node.sql()}")
