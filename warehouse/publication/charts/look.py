"""How every chart looks: the theme in light and dark, and the few kinds of layers that charts are made of.

A chart never names a colour: a series has a place in the palette, so that one spec serves both themes. Series differ
by dash too, for print. What must not be here: anything about one chart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from warehouse.publication.charts.lazy_altair import alt

WIDTH = 760  # pixels of a panel in files; a page sets its own
HALF = 500  # pixels of a panel where the page puts two figures next to each other
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

# First four places of Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), darkened on white and lightened on
# dark until each stands out 3 : 1 from the ground (WCAG 1.4.11). The next four and the grey of residuals are chosen by
# lightness, since a stack has no dash; the red at the end is for what is bad. All ten differ by 10 or more (CIE 1976)
# in a normal and a colour-blind eye.
_PALETTE = {
    False: [
        "#0072B2", "#D55E00", "#009370", "#AA4F88", "#8C2A14", "#1B3590", "#4A1A02", "#14161A", "#8F949B", "#D7263D",
    ],
    True: [
        "#56B4E9", "#E69F00", "#2FC79B", "#D98FBA", "#F0E442", "#9A58A8", "#5A8A3A", "#7DF0FF", "#6F737A", "#FF4D4F",
    ],
}  # fmt: skip
BLUE, ORANGE, GREEN, GREY, RED = 1, 2, 3, 9, 10  # places in it that mean something
_SURFACE = {
    False: {"background": "#FFFFFF", "ink": "#1B1F24", "muted": "#57606A", "grid": "#E1E4E8", "alarm": "#B42318"},
    True: {"background": "#14171C", "ink": "#E6E9ED", "muted": "#A3ACB8", "grid": "#2C323B", "alarm": "#FF8A7A"},
}
_STEPS = {
    False: ["#C6DBEF", "#82B4DC", "#3C88C0", "#0B5A93", "#05304F"],
    True: ["#1E3A52", "#2C6390", "#4794CC", "#8CC4F0", "#D8ECFF"],
}  # from little to much
_DASHES = [[1, 0], [7, 3], [2, 2], [10, 3, 2, 3], [4, 2], [12, 4], [1, 3], [6, 2, 1, 2, 1, 2]]
HOVER = "hover"  # layers whose name starts so exist for the pointer only, and are left out of pictures
UNITS = "(?:bn|tn|mn|bp|%|days?)"  # after an amount, on the same line as it: a regular expression


def colours(dark: bool) -> dict[str, Any]:
    """The theme's colours: `series` in order, and background, ink, muted, grid and alarm."""
    return {"series": _PALETTE[dark], **_SURFACE[dark]}


def theme(dark: bool) -> dict[str, Any]:
    """Vega configuration of the light or dark theme."""
    surface, series = _SURFACE[dark], _PALETTE[dark]
    ink, muted, grid, alarm = (surface[name] for name in ("ink", "muted", "grid", "alarm"))
    text = {"font": _FONT, "fontSize": 12}
    # Where zero matters it is a separate rule, so the axis line is light.
    return {
        "background": surface["background"],
        "font": _FONT,
        "aria": True,
        "padding": {"left": 8, "top": 8, "right": 16, "bottom": 8},
        "view": {"stroke": None},
        "title": {
            "color": ink, "fontSize": 17, "fontWeight": 600, "anchor": "start", "frame": "group", "offset": 14,
            "lineHeight": 21, "subtitleColor": alarm, "subtitleFontSize": 13, "subtitleFontWeight": "bold",
            "subtitlePadding": 6,
        },
        "axis": {
            "labelColor": muted, "titleColor": muted, "gridColor": grid, "domainColor": grid, "tickColor": grid,
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 260,
        },
        "axisX": {"grid": False, "domainColor": muted, "tickColor": muted, "labelOverlap": "greedy", "labelPadding": 4,
                  "labelSeparation": 10},
        "axisTemporal": {"labelFlush": True},
        "axisQuantitative": {"tickCount": 6},
        "axisYQuantitative": {
            "domain": False, "ticks": False, "minExtent": 46, "titleAngle": 0, "titleAlign": "left",
            "titleAnchor": "end", "titleX": -46, "titleY": -10, "titleBaseline": "bottom", "labelPadding": 6,
        },
        "legend": {
            "orient": "top", "direction": "horizontal", "title": None, "labelColor": ink, "labelFontSize": 12,
            "symbolStrokeWidth": 2.5, "symbolSize": 160, "labelLimit": 360, "columnPadding": 18, "offset": 22,
        },
        "header": {"labelColor": ink, "titleColor": muted, "labelFontSize": 12, "labelFontWeight": "bold"},
        "range": {
            "category": series,
            "ramp": [surface["background"], series[0]],
            "heatmap": [surface["background"], series[0]],
            "diverging": [series[1], surface["background"], series[0]],
            "ordinal": _STEPS[dark],
        },
        "line": {"color": series[0], "strokeJoin": "round"},
        "point": {"size": 55, "filled": True, "color": series[0], "opacity": 1},
        "bar": {"color": series[0]},
        "area": {"color": series[0], "opacity": 0.85},
        "rule": {"color": muted},
        "text": {**text, "color": ink},
        "style": _styles(dark),
    }  # fmt: skip


def _styles(dark: bool) -> dict[str, Any]:
    """Named styles of marks, light or dark."""
    surface, series = _SURFACE[dark], _PALETTE[dark]
    ink, muted, alarm = (surface[name] for name in ("ink", "muted", "alarm"))
    return {
        "shade": {"color": series[GREY - 1], "opacity": 0.16, "stroke": None},
        "shade-label": {"color": muted, "fontSize": 11, "align": "left", "baseline": "top"},
        "zero": {"color": muted, "strokeWidth": 1},
        "mark": {"color": alarm, "strokeWidth": 1.4, "strokeDash": [5, 3]},
        "mark-label": {"color": alarm, "fontSize": 12, "align": "left", "baseline": "bottom"},
        "panel": {"fill": muted, "fontSize": 12, "fontWeight": "normal"},
        "stack": {"stroke": surface["background"], "strokeWidth": 1},
        "total": {"color": ink, "opacity": 1, "stroke": surface["background"], "strokeWidth": 1},
        "cell": {"stroke": surface["background"], "strokeWidth": 1},
        "band": {"opacity": 0.22, "stroke": None},
        "note": {"color": muted, "fontSize": 11, "align": "left", "baseline": "top"},
        "value": {"color": ink, "fontSize": 11},
        "crosshair": {"color": muted, "strokeWidth": 1},
        **{f"series{place}": {"color": colour} for place, colour in enumerate(series, 1)},
    }


def inline(data: pl.DataFrame) -> alt.InlineData:
    """Data of a chart as CSV text inside its spec: a fifth of the bytes of JSON rows.

    Dates are written with slashes, which JavaScript reads as days of the reader's own zone; with hyphens it takes them
    for midnight in UTC, the evening before in New York.
    """
    parse: dict[str, str] = {}
    for name, dtype in data.schema.items():
        if dtype in (pl.Date, pl.Datetime):
            parse[name] = "date"
        elif dtype.is_numeric():
            parse[name] = "number"
        elif dtype == pl.Boolean:
            parse[name] = "boolean"
        else:
            parse[name] = "string"
    text = data.write_csv(date_format="%Y/%m/%d", datetime_format="%Y/%m/%d %H:%M")
    return alt.InlineData(values=text, format=alt.CsvDataFormat(type="csv", parse=parse))


# January shows its year; a first tick inside a year has the year below, so that every axis of months shows a year.
_DAY_LABELS = (
    "date(datum.value) != 1 && hours(datum.value) != 0 ? datum.label"
    " : month(datum.value) == 0 && date(datum.value) == 1 ? timeFormat(datum.value, '%Y')"
    " : datum.index == 0 ? [timeFormat(datum.value, date(datum.value) == 1 ? '%b' : '%d %b'),"
    " timeFormat(datum.value, '%Y')]"
    " : timeFormat(datum.value, date(datum.value) == 1 ? '%b' : '%d %b')"
)


def days(column: str, span: tuple[date, date] | None = None, title: str | None = None) -> alt.X:
    """The horizontal axis of time; mostly without a title, because its labels are clear. ``span`` fixes its ends."""
    ends = [alt.DateTime(year=day.year, month=day.month, date=day.day) for day in span or ()]
    scale = alt.Scale(domain=ends) if ends else alt.Undefined
    return alt.X(f"{column}:T", axis=alt.Axis(title=title, tickCount=8, labelExpr=_DAY_LABELS), scale=scale)


def amount(column: str, unit: str, *, axis_format: str = ",.0f", **options: Any) -> alt.Y:
    """The vertical axis; ``unit`` in words is above it."""
    return alt.Y(f"{column}:Q", axis=alt.Axis(title=unit, format=axis_format), **options)


def at_places(names: Mapping[str, int]) -> list[str]:
    """Domain of a colour scale in which each name has its place in the palette; the legend must name its values."""
    by_place = {place: name for name, place in names.items()}
    return [by_place.get(place, f"series{place}") for place in range(1, max(by_place) + 1)]


def legend_labels(names: Mapping[str, str]) -> str:
    """Vega expression that shows each column of ``names`` under its label."""
    return f"{json.dumps(dict(names))}[datum.label]"


def lines(
    day: str,
    series: Mapping[str, str],
    unit: str,
    *,
    axis_format: str = ",.0f",
    zero: bool = False,
    points: bool = False,
    bridged: bool = False,
    place: int = 1,
    width: float = 1.6,
) -> alt.Chart:
    """A line for each column of ``series`` (column -> label), by colour and dash; data comes from the figure.

    ``bridged`` draws across rows without a value, for columns of different cadence. A single line has no legend and
    the colour of its ``place`` in the palette.
    """
    names = list(series)
    folded = alt.Chart().transform_fold(names, as_=["series", "value"])
    if bridged:
        folded = folded.transform_filter("isValid(datum.value)")
    x, y = days(day), amount("value", unit, axis_format=axis_format, scale=alt.Scale(zero=zero))
    if len(names) == 1:
        return folded.mark_line(point=points, style=f"series{place}", strokeWidth=width).encode(x=x, y=y)
    columns = 2 if sum(map(len, series.values())) > 100 else len(names)  # what fits in one row
    legend = alt.Legend(labelExpr=legend_labels(series), symbolType="stroke", columns=columns)
    return folded.mark_line(point=points, strokeWidth=width).encode(
        x=x,
        y=y,
        color=alt.Color("series:N", scale=alt.Scale(domain=names), legend=legend),
        strokeDash=alt.StrokeDash(
            "series:N", scale=alt.Scale(domain=names, range=_DASHES[: len(names)]), legend=legend
        ),
    )


def runs(data: pl.DataFrame, day: str, state: str) -> pl.DataFrame:
    """Stretches of rows with the same non-null ``state``: columns from_date, to_date, label."""
    return (
        data.select(day, label=pl.col(state).cast(pl.String))
        .sort(day)
        .with_columns(run=pl.col("label").rle_id())
        .drop_nulls("label")
        .group_by("run", maintain_order=True)
        .agg(from_date=pl.col(day).min(), to_date=pl.col(day).max(), label=pl.col("label").first())
        .drop("run")
    )


def shade(stretches: pl.DataFrame, *, labelled: bool = True) -> alt.LayerChart:
    """Light bands from from_date to to_date, every second one darker where they touch; a label where one has room."""
    opacity = [0.12 + 0.12 * (place % 2) for place in range(stretches.height)]
    band = (
        alt.Chart(inline(stretches.select("from_date", "to_date", opacity=pl.Series(opacity, dtype=pl.Float64))))
        .mark_rect(style="shade")
        .encode(x="from_date:T", x2="to_date:T", opacity=alt.Opacity("opacity:Q", scale=None))
    )
    if not labelled or stretches.is_empty():
        return alt.layer(band)
    text = (
        alt.Chart(inline(_with_room(stretches)))
        .mark_text(style="shade-label", dx=3, dy=2)
        .encode(x="from_date:T", y=alt.YValue(0), text="label:N")
    )
    return alt.layer(band, text)


def _with_room(stretches: pl.DataFrame) -> pl.DataFrame:
    """Labels that do not run into the one before at half width, a character being about 5.6 pixels wide."""
    first: date = min(stretches["from_date"].to_list())
    last: date = max(stretches["to_date"].to_list())
    span = max((last - first).days, 1)
    kept, free = [], first
    for start, label in stretches.select("from_date", "label").iter_rows():
        text = label.replace("_", " ")
        needed = timedelta(days=5.6 * len(text) / HALF * span)
        if start >= free and start + needed <= last + timedelta(days=0.05 * span):
            kept.append((start, text))
            free = start + needed
    return pl.DataFrame(kept, schema={"from_date": pl.Date, "label": pl.String}, orient="row")


def level(value: float, label: str = "") -> alt.LayerChart:
    """A horizontal line of reference, with its label when there is one."""
    style = "mark" if label else "zero"
    rule = alt.Chart(alt.InlineData(values=[{}])).mark_rule(style=style).encode(y=alt.YDatum(value))
    if not label:
        return alt.layer(rule)
    text = (
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_text(style="mark-label", dx=4, dy=-4)
        .encode(x=alt.XValue(0), y=alt.YDatum(value), text=alt.TextValue(label))
    )
    return alt.layer(rule, text)


def moments(marks: Mapping[date, str], span: tuple[date, date]) -> alt.LayerChart:
    """Vertical lines at dates, each with its label at the bottom; ``span`` is that of the axis.

    A label in the last part of the axis is left of its line, and higher, clear of one that starts before it.
    """
    frame = pl.DataFrame({"moment": list(marks), "label": list(marks.values())}, schema_overrides={"moment": pl.Date})
    rule = alt.Chart(inline(frame.select("moment"))).mark_rule(style="mark").encode(x="moment:T")
    if not any(marks.values()):
        return alt.layer(rule)
    is_late = pl.col("moment") > span[0] + 0.6 * (span[1] - span[0])
    texts = [
        alt.Chart(inline(part)).mark_text(style="mark-label", **place).encode(
            x="moment:T", y=alt.YValue("height"), text="label:N"
        )
        for part, place in (
            (frame.filter(~is_late), {"dx": 4, "dy": -4}),
            (frame.filter(is_late), {"dx": -4, "dy": -20, "align": "right"}),
        )
        if part.height
    ]  # fmt: skip
    return alt.layer(rule, *texts)


def stacked(
    category: alt.X,
    series: Mapping[str, str],
    unit: str,
    *,
    axis_format: str = ",.0f",
    columns: int = 4,
    residual: str | None = None,
) -> alt.Chart:
    """Bars of each column of ``series`` (column -> label) on top of another, negative ones below zero.

    Data comes from the figure. ``residual`` names the column that gets the grey of what is left over.
    """
    names = list(series)
    places = {name: place for place, name in enumerate(names[:-1], 1)}
    domain = names if residual is None else at_places({**places, residual: GREY})
    return (
        alt.Chart()
        .transform_fold(names, as_=["series", "value"])
        .transform_calculate(order=f"indexof({json.dumps(names)}, datum.series)", label=_labelled(series))
        .mark_bar(style="stack")
        .encode(
            x=category,
            y=amount("value", unit, axis_format=axis_format, stack="zero"),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=domain),
                legend=alt.Legend(labelExpr=legend_labels(series), values=names, columns=columns, symbolType="square"),
            ),
            order="order:Q",
            tooltip=[
                alt.Tooltip(category.shorthand, title="period"),
                alt.Tooltip("label:N", title="part"),
                alt.Tooltip("value:Q", title=unit, format=",.1f"),
            ],
        )
    )


def by_month(data: pl.DataFrame, day: str) -> tuple[alt.X, pl.DataFrame]:
    """Months side by side for `stacked`, and ``data`` with the text of each month: a reader of the page hears it."""
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap=True, ticks=False)
    return alt.X("month:O", axis=axis), data.with_columns(month=pl.col(day).dt.strftime("%Y-%m"))


def _labelled(series: Mapping[str, str]) -> str:
    return f"{json.dumps(dict(series))}[datum.series]"


def crosshair(day: str, fields: Mapping[str, tuple[str, str]], *, name: str = "", zoom: bool = True) -> alt.Chart:
    """What the pointer gets: the nearest day as a rule with all ``fields`` (column -> label, number format).

    Dragging pans, the wheel zooms with shift or control held (alone it scrolls the page), a double click resets.
    """
    near = alt.selection_point(
        name="near", fields=[day], nearest=True, on="pointerover", clear="pointerout", empty=False
    )
    params: list[alt.Parameter] = [near]
    if zoom:
        params.append(
            alt.selection_interval(
                name="zoom", bind="scales", encodings=["x"], zoom="wheel![event.shiftKey || event.ctrlKey]"
            )
        )
    return (
        alt.Chart(name=f"{HOVER}{name}")
        .mark_rule(style="crosshair")
        .encode(
            x=days(day),
            opacity=alt.condition(near, alt.value(0.7), alt.value(0)),
            tooltip=[
                alt.Tooltip(f"{day}:T", title="date", format="%Y-%m-%d"),
                *(alt.Tooltip(f"{column}:Q", title=label, format=form) for column, (label, form) in fields.items()),
            ],
        )
        .add_params(*params)
    )
