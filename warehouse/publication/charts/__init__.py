"""The essay's charts G1 to G11, and ours that it does not have, drawn from published marts.

One module for each part of the chain holds its charts; `look` is how they look, `drawing` makes files and specs.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path

import duckdb

from warehouse.generation import Generation
from warehouse.models.mart_files import LINKS
from warehouse.publication.charts import drawing
from warehouse.publication.charts.chart import Chart, Drawn
from warehouse.publication.charts.drawing import INDEX, embed_script, script_key
from warehouse.publication.charts.look import theme
from warehouse.publication.previous import Previous

__all__ = ["CHARTS", "INDEX", "LINKS", "Chart", "Drawn", "embed_script", "render", "rendering", "script_key", "theme"]

# Modules with charts; within a link their charts come in this order.
_NAMES = (
    "outlook", "deficit", "interest", "treasury_flows", "buyers", "holders", "hedge_funds", "repo", "dealers",
    "ceiling", "srf", "scenario", "balance_sheet", "desk", "prices", "trust", "essays", "alerts", "known", "forecasts",
)  # fmt: skip
_MODULES = [import_module(f"{__name__}.{name}") for name in _NAMES]
CHARTS: tuple[Chart, ...] = tuple(
    chart for link in LINKS for module in _MODULES for chart in module.CHARTS if chart.link == link
)


def rendering(
    con: duckdb.DuckDBPyConnection, folder: Path, generation: Generation, previous: Previous | None = None
) -> AbstractContextManager[Callable[[], list[Drawn]]]:
    """All charts of the open published database, in the order of the chain; files go to ``folder``.

    The block runs while they are painted; see `drawing.rendering`.
    """
    return drawing.rendering(con, folder, generation, CHARTS, previous)


def render(
    con: duckdb.DuckDBPyConnection, folder: Path, generation: Generation, previous: Previous | None = None
) -> list[Drawn]:
    """All charts, drawn before it returns."""
    return drawing.render(con, folder, generation, CHARTS, previous)
