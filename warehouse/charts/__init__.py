"""Charts of the essay and of what it lacks, drawn from published marts.

One module for each part of the chain holds its charts; `look` is how they look, `drawing` makes files and specs.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.charts import ceiling, deficit, drawing
from warehouse.charts.chart import LINKS, Chart, Drawn
from warehouse.charts.drawing import embed_script
from warehouse.charts.look import theme
from warehouse.export import Generation

__all__ = ["CHARTS", "LINKS", "Chart", "Drawn", "embed_script", "render", "theme"]

_ALL = (*deficit.CHARTS, *ceiling.CHARTS)
CHARTS: tuple[Chart, ...] = tuple(chart for link in LINKS for chart in _ALL if chart.link == link)


def render(con: duckdb.DuckDBPyConnection, folder: Path, generation: Generation) -> list[Drawn]:
    """All charts of the open published database, in the order of the chain; files go to ``folder``."""
    return drawing.render(con, folder, generation, CHARTS)
