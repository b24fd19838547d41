"""Drawing the charts of a generation: specs for the page, and for each chart its picture and its data as files.

What must not be here: which charts there are, or how they look.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest import plain
from ingest.plain import csv_text
from warehouse.generation import SIMULATED_FILE, SIMULATED_NOTICE, Generation, held_marts, marts, withheld_columns
from warehouse.publication import knowledge
from warehouse.publication.charts.chart import Chart, Drawn
from warehouse.publication.charts.lazy_altair import alt
from warehouse.publication.charts.look import HOVER, UNITS, WIDTH, inline, theme
from warehouse.publication.charts.painter import VEGA_LITE
from warehouse.publication.charts.painters import COUNT, Painters
from warehouse.publication.previous import Previous

INDEX = "charts.json"
_ENDINGS = (".svg", ".png", ".csv", ".parquet", ".vl.json")
_PICTURE_SCALE = 1.5  # 1,250 pixels wide or more; at 2 a picture takes a third longer, and `.svg` has every size
_SIMULATED_MARK = "SIMULATED DATA"
_SCRIPT = Path(__file__).with_name("page.js")

# Altair says so of each chart of several panels, and it is meant. For the whole process: a thread may draw.
warnings.filterwarnings("ignore", message="Automatically deduplicated selection parameter")


@contextmanager
def rendering(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    generation: Generation,
    charts: Iterable[Chart],
    previous: Previous | None = None,
) -> Iterator[Callable[[], list[Drawn]]]:
    """Draw ``charts`` from the open published database; writes `<id>.svg`, `.png`, `.csv`, `.parquet`, `.vl.json`.

    The block runs while other processes paint; what it is given waits for them and returns the charts in their order.
    Files of a chart whose rows, words and code are those of ``previous`` are taken over from there.
    A chart whose mart is missing, whose query gives no rows or that cannot be drawn has an error instead, and no files.
    Columns that may not be passed on are in the spec and in the pictures, but not in the files of data nor in
    `.vl.json`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if generation.is_simulated:
        (folder / SIMULATED_FILE).write_text(SIMULATED_NOTICE + "\n", "utf-8")
    held = set(held_marts(con))
    known = set(marts(con))
    withheld = {name for names in withheld_columns(con).values() for name in names}
    basis, reached = knowledge.bases(con), knowledge.datasets_of_marts(con)
    previous = previous or Previous()
    before = _index_of(previous)
    result: dict[str, tuple[Chart, Drawn | Exception | str, Future[None] | None]] = {}
    charts, rows = list(charts), dict(con.execute("SELECT mart, rows FROM meta.mart").fetchall())

    def finish() -> list[Drawn]:
        finished = [_finished(folder, held, *result[chart.id]) for chart in charts]
        _write_index(folder, finished)
        return finished

    with Painters() as painters, ThreadPoolExecutor(COUNT) as pool:
        # The longest pictures first, so that the two end together.
        for chart in sorted(charts, key=lambda chart: -rows.get(chart.mart, 0)):
            missing = [mart for mart in chart.marts if mart not in known]
            if missing:
                result[chart.id] = chart, f"this generation has no {', '.join(missing)}", None
                continue
            # A mart held back may be older than the query and lack its columns, or a column has no value: a
            # failed picture must not stop a generation.
            try:
                data = con.sql(chart.query).pl()
                if data.height:
                    datasets = chart.datasets or reached.get(chart.mart, ())
                    drawn, write = _render_one(
                        folder, generation, chart, data, datasets, held, withheld, basis, previous,
                        before.get(chart.id, {}), painters,
                    )  # fmt: skip
                    result[chart.id] = chart, drawn, pool.submit(write) if write else None
                else:
                    result[chart.id] = chart, f"{chart.mart} holds no rows for it yet", None
            except Exception as error:
                result[chart.id] = chart, error, None
        try:
            yield finish
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def render(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    generation: Generation,
    charts: Iterable[Chart],
    previous: Previous | None = None,
) -> list[Drawn]:
    """Draw ``charts`` and wait for the pictures; see `rendering`."""
    with rendering(con, folder, generation, charts, previous) as finish:
        return finish()


def _finished(
    folder: Path, held: Collection[str], chart: Chart, drawn: Drawn | Exception | str, written: Future[None] | None
) -> Drawn:
    """The chart with its written files; without files after an error."""
    if isinstance(drawn, Drawn) and written:
        drawn = written.exception() or drawn  # type: ignore[assignment]
    if isinstance(drawn, Drawn):
        return drawn
    why = drawn
    if isinstance(drawn, Exception):
        for path in folder.glob(f"{chart.id}.*"):
            path.unlink()
        why = f"{_blamed(chart, held)} what it shows ({type(drawn).__name__}: {_first_line(drawn)})"
    return Drawn(chart, "", "", "", {}, 0, None, error=f"Not drawn: {why}.")


def _blamed(chart: Chart, held: Collection[str]) -> str:
    """The marts that lack what a chart needs: those of its marts that are held back, or else the main one."""
    old = [mart for mart in chart.marts if mart in held]
    return f"{' and '.join(old) or chart.mart} {'do' if len(old) > 1 else 'does'} not hold"


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]


def _write_index(folder: Path, drawn: list[Drawn]) -> None:
    """`charts.json`: the charts of the folder, in the order of the chain."""
    index = [
        {
            "id": one.chart.id, "essay_id": one.chart.essay_id or None, "link": one.chart.link, "mart": one.chart.mart,
            "marts": one.chart.marts, "title": one.title or None, "alt": one.alt or None,
            "footnote": one.footnote or None, "sources": one.sources, "rows": one.rows,
            "as_of_date": str(one.as_of_date) if one.as_of_date else None, "error": one.error,
            "inputs_sha256": one.inputs_sha256 or None, "drawn_in": one.drawn_in or None,
        }
        for one in drawn
    ]  # fmt: skip
    (folder / INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _index_of(previous: Previous) -> dict[str, dict[str, Any]]:
    """Entries of the newest generation's `charts.json`, by chart."""
    return {entry["id"]: entry for entry in json.loads(previous.read(f"charts/{INDEX}") or b"[]")}


@cache
def _code() -> str:
    """What besides rows and words decides the bytes of a chart's files: our code and the libraries that write them."""
    files = [*sorted(_SCRIPT.parent.glob("*.py")), Path(plain.__file__)]
    made_by = [hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest(), VEGA_LITE]
    return " ".join([*made_by, *(f"{name} {version(name)}" for name in ("altair", "vl-convert-python", "polars"))])


def _made_of(chart: Chart, data: pl.DataFrame, public: pl.DataFrame, words: Iterable[str], is_simulated: bool) -> str:
    """The key of a chart's files: equal when they would be the same bytes."""
    rows = [repr(data.schema), repr(data.rows()), public.columns, is_simulated]
    return hashlib.sha256(json.dumps([_code(), chart.id, *rows, *words]).encode()).hexdigest()


def spec_of(chart: Chart, data: pl.DataFrame) -> dict[str, Any]:
    """The chart's Vega-Lite, with its data inlined in each layer; no title, no theme."""
    # Not gathered under `datasets`: Vega-Lite reads CSV text only in the layer that uses it.
    with (
        alt.data_transformers.enable("default", consolidate_datasets=False),
        alt.utils.schemapi.debug_mode(False),  # no check of each part, for which a test is enough
    ):
        spec = chart.draw(data).to_dict(validate=False)  # a test does; a third of the time
    spec.pop("config", None)  # Altair's own defaults; the theme is the page's
    for param in spec.get("params", ()):
        if "views" in param:
            param["views"] = list(_hover_names(spec))  # of all panels; Altair loses some when it joins them
    return spec


def _render_one(
    folder: Path,
    generation: Generation,
    chart: Chart,
    data: pl.DataFrame,
    datasets: Collection[str],
    held: Collection[str],
    withheld: Collection[str],
    basis: Mapping[str, Mapping[str, int]],
    previous: Previous,
    before: Mapping[str, Any],
    painters: Painters,
) -> tuple[Drawn, Callable[[], None] | None]:
    """The chart, and what writes its files when they cannot be taken over."""
    as_of = chart.as_of(data)
    title, text, sources = chart.title(data), chart.alt(data), chart.sources(datasets)
    lines = [
        f"Sources: {'; '.join(sources)}." if sources else "Source: the warehouse's own record.",
        " ".join(
            [
                *([f"Data to {as_of}."] if as_of else []),
                knowledge.in_words(datasets, basis),
                *([f"Known up to {generation.as_of:%Y-%m-%d %H:%M} UTC."] if generation.as_of else []),
            ]
        ),
    ]
    if note := chart.note(data) if callable(chart.note) else chart.note:
        lines.insert(0, note)
    for mart in chart.marts:
        if mart in held:
            lines.insert(0, f"Held back: a check of {mart} failed, so its last good values are shown.")
    if generation.is_simulated:
        lines.append(SIMULATED_NOTICE)
    public = data.drop([name for name in data.columns if name in withheld or name in chart.withheld])
    made_of = _made_of(chart, data, public, [title, text, *lines], generation.is_simulated)
    shown = previous.specs.get(chart.id)
    is_same = shown and before.get("inputs_sha256") == made_of
    write = None
    if shown and is_same and previous.take((f"charts/{chart.id}{ending}" for ending in _ENDINGS), folder):
        spec, drawn_in = json.loads(shown), before["drawn_in"]
        del spec["description"]  # the page's own
    else:
        spec, drawn_in = spec_of(chart, data), generation.id
        write = partial(_write_files, folder, chart, generation, spec, title, text, lines, data, public, painters)
        if generation.is_simulated:
            spec = {**spec, "title": {"text": _SIMULATED_MARK, "anchor": "start", "fontSize": 11}}
    return Drawn(chart, title, text, "\n".join(lines), spec, data.height, as_of, sources, made_of, drawn_in), write


def _write_files(
    folder: Path,
    chart: Chart,
    generation: Generation,
    spec: dict[str, Any],
    title: str,
    text: str,
    lines: list[str],
    data: pl.DataFrame,
    public: pl.DataFrame,
    painters: Painters,
) -> None:
    svg = painters.svg(_framed(_still(spec), title, text, lines, generation.is_simulated))
    (folder / f"{chart.id}.svg").write_text(svg, "utf-8")
    (folder / f"{chart.id}.png").write_bytes(painters.png(svg, _PICTURE_SCALE))
    (folder / f"{chart.id}.csv").write_text(csv_text(public), "utf-8")
    labels = {"chart": chart.id, "title": title, "footnote": " ".join(lines)}
    public.write_parquet(folder / f"{chart.id}.parquet", compression="zstd", metadata=labels)
    shareable = spec if public.width == data.width else _with_data(spec, public)
    shareable = {**shareable, **_heading(title, text, generation.is_simulated), "config": theme(False)}
    (folder / f"{chart.id}.vl.json").write_text(json.dumps(shareable, allow_nan=False) + "\n", "utf-8")


def _with_data(spec: dict[str, Any], public: pl.DataFrame) -> dict[str, Any]:
    """The spec with only ``public`` columns in its inlined data; marks of the others then have nothing to show."""

    def cleaned(node: Any) -> Any:
        if isinstance(node, list):
            return [cleaned(item) for item in node]
        if not isinstance(node, dict):
            return node
        values, form = node.get("values"), node.get("format")
        if isinstance(values, str) and isinstance(form, dict) and form.get("type") == "csv":
            kept = [name for name in form.get("parse", {}) if name in public.columns]
            return inline(public.select(kept)).to_dict()
        return {key: cleaned(value) for key, value in node.items()}

    return cleaned(spec)


def _still(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec without what only a pointer needs."""

    def cleaned(node: Any) -> Any:
        if isinstance(node, list):
            return [cleaned(item) for item in node if not _is_hover(item)]
        if isinstance(node, dict):
            kept = {key: cleaned(value) for key, value in node.items() if key not in ("tooltip", "params")}
            # A slider is its first value.
            values = [{"name": one["name"], "value": one["value"]} for one in node.get("params", ()) if "bind" in one
                      and "value" in one]  # fmt: skip
            return {**kept, "params": values} if values else kept
        return node

    return cleaned(spec)


def _hover_names(node: Any) -> Iterator[str]:
    if _is_hover(node):
        yield node["name"]
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _hover_names(item)


def _is_hover(node: Any) -> bool:
    return isinstance(node, dict) and str(node.get("name", "")).startswith(HOVER)


def picture(chart: Chart, data: pl.DataFrame, lines: list[str], is_simulated: bool) -> dict[str, Any]:
    """The picture of rows that no generation holds, as `Painters.svg` takes it; ``lines`` are its footnote."""
    return _framed(_still(spec_of(chart, data)), chart.title(data), chart.alt(data), lines, is_simulated)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` characters; an amount and its unit are on one."""
    return textwrap.wrap(re.sub(rf"(?<=\d) (?={UNITS})", "\N{NO-BREAK SPACE}", text), width)


def _heading(title: str, text: str, is_simulated: bool) -> dict[str, Any]:
    heading: dict[str, Any] = {"text": _wrapped(title, 84)}
    if is_simulated:
        heading["subtitle"] = f"{_SIMULATED_MARK}: not published by anybody"
    return {"title": heading, "description": text}


def _framed(spec: dict[str, Any], title: str, text: str, lines: list[str], is_simulated: bool) -> dict[str, Any]:
    """The picture: title above, footnote below, light theme."""
    inner = {key: value for key, value in spec.items() if key not in ("$schema", "params")}
    wrapped = [part for line in lines for part in _wrapped(line, 132)]
    footnote = {
        "data": {"values": [{}]},
        "width": WIDTH,
        "height": 14 * len(wrapped),
        "mark": {"type": "text", "style": "note", "lineHeight": 14},
        "encoding": {"text": {"value": wrapped}, "x": {"value": -46}, "y": {"value": 0}},
    }
    return {
        "$schema": spec["$schema"],
        **_heading(title, text, is_simulated),
        "config": theme(False),
        **({"params": spec["params"]} if "params" in spec else {}),
        "vconcat": [inner, footnote],
        "spacing": 18,
    }


def script_key() -> str:
    """The key of `embed_script`: equal when it would be the same text."""
    made_of = [_SCRIPT.read_text("utf-8"), VEGA_LITE, version("vl-convert-python")]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


@cache
def embed_script() -> str:
    """JavaScript to inline once in a page: Vega, Vega-Lite and vega-embed, and `drawChart` (see `page.js`)."""
    with Painters() as painters:
        return painters.bundle(_SCRIPT.read_text("utf-8")).replace("</script", "<\\/script")
