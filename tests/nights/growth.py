"""The plot of what each night leaves on the disk, by part of the warehouse."""

from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from tests.nights.campaign import PARTS
from warehouse.publication.charts.look import theme

MB = 1_000_000


def frame(records: list[dict[str, Any]]) -> pl.DataFrame:
    """Night, part, MB on the disk, MB more than the night before."""
    rows = [(record["day"], part, record["disk"][part] / MB) for record in records for part in PARTS]
    made = pl.DataFrame(rows, schema=["night", "part", "held_mb"], orient="row")
    return made.with_columns((pl.col("held_mb").diff().over("part")).alias("grown_mb"))


def draw(records: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Write `growth.svg` and `growth.png`; returns their paths."""
    data = frame(records)
    colour = alt.Color("part:N", sort=list(PARTS), title=None)
    x = alt.X("night:T", title=None, axis=alt.Axis(format="%d %b %y", tickCount=9))
    held = alt.Chart(data).mark_area().encode(
        x=x, y=alt.Y("held_mb:Q", title="MB on the disk", stack=True), color=colour, order=alt.Order("place:Q")
    )  # fmt: skip
    held = held.transform_calculate(place=f"indexof({list(PARTS)}, datum.part)").properties(width=760, height=240)
    grown = alt.Chart(data).mark_bar(width=9).encode(
        x=x, y=alt.Y("grown_mb:Q", title="MB more than the night before"), color=colour
    ).properties(width=760, height=200)  # fmt: skip
    title = alt.TitleParams(
        "What a warehouse leaves on its disk, night by night",
        subtitle="SIMULATED DATA, by a clock set forward; what generations share counts once",
    )
    spec = alt.vconcat(held, grown).properties(title=title).to_dict() | {"config": theme(False)}
    paths = [folder / "growth.svg", folder / "growth.png"]
    paths[0].write_text(vl_convert.vegalite_to_svg(spec), "utf-8")
    paths[1].write_bytes(vl_convert.vegalite_to_png(spec, scale=1.5))
    return paths


def nightly(records: list[dict[str, Any]]) -> list[str]:
    """Per part: what it held after the first and the last night, and the middle and the most of what a night added."""
    lines = []
    for part in PARTS:
        mine = frame(records).filter(pl.col("part") == part)
        added = mine["grown_mb"].drop_nulls()
        held = mine["held_mb"]
        middle, most = (added.median(), added.max()) if len(added) else (0.0, 0.0)
        lines.append(f"{part}: {held[0]:.1f} MB, then {held[-1]:.1f} MB; a night {middle:.2f} MB, {most:.1f} at most")
    return lines
