"""The page `report/index.html` of a generation: one file that opens anywhere, without a network.

`numbers` reads every printed number from the marts and keeps its query; `today` and `chain` choose the numbers; the
templates in this folder are the layout. What must not be here: any number that is not read from the database.
"""

import base64
import hashlib
import json
import logging
import re
import textwrap
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
from markupsafe import Markup, escape

from warehouse.generation import SIMULATED_NOTICE, Generation, held_marts, marts, unit_of
from warehouse.models import mart_files
from warehouse.publication.charts import LINKS, Drawn, embed_script, script_key, theme
from warehouse.publication.charts.look import UNITS
from warehouse.publication.previous import Previous
from warehouse.publication.report.chain import SECTIONS, Figure
from warehouse.publication.report.essays import essays
from warehouse.publication.report.numbers import Numbers, look
from warehouse.publication.report.scorecard import scorecard
from warehouse.publication.report.today import today

_FOLDER = Path(__file__).parent
_NO_LONGER_MADE = "Marts that are no longer made"
_SHORT = {
    "deficit": "Deficit", "buyers": "Buyers", "hedge_funds": "Hedge funds", "repo": "Repo", "ceiling": "Ceiling",
    "srf": "SRF", "balance_sheet": "Fed", "prices": "Prices", "trust": "Trust",
}  # fmt: skip


def write(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    generation: Generation,
    drawn: Iterable[Drawn],
    vega: str,
) -> Path:
    """Write the page into ``folder`` from the open published database, its charts and `script`; returns its path.

    A mart or column that is not in the generation leaves its numbers out, and the page names it. A part that cannot be
    written has an error message in its place: no error here stops publication.
    """
    numbers = Numbers(con)
    charts = list(drawn)
    held = set(held_marts(con))
    there = set(marts(con))
    script, style = ((_FOLDER / name).read_text("utf-8") for name in ("page.js", "style.css"))
    environment = templates()
    shared: dict[str, Any] = {"generation": generation, "held": sorted(held), "links": LINKS, "today": None}

    def of_today() -> dict[str, Any]:
        shared["today"] = first = today(numbers, generation.as_of or generation.built_at)
        return {"headline": _headline(numbers, first)}

    def of_chain() -> dict[str, Any]:
        return {"chain": [_link(numbers, link, charts, there, held) for link in LINKS]}

    parts = {
        name: _part(environment, name, shared, values)
        for name, values in {
            "today": of_today,
            "chain": of_chain,
            "scorecard": lambda: {"scorecard": scorecard(con, numbers)},
            "essays": lambda: {"essays": essays(con, numbers)},
            "reference": lambda: {"reference": _reference(con, numbers, held)},
        }.items()
    }
    context = {
        "generation": generation,
        "notice": SIMULATED_NOTICE if generation.is_simulated else None,
        "chain": [{"key": link, "short": _SHORT.get(link, heading)} for link, heading in LINKS.items()],
        "parts": parts,
        "themes": {"light": theme(False), "dark": theme(True)},
        "vega": Markup(vega),
        "vega_made_of": script_key(),
        "style": Markup(style),
        "script": Markup(script),
        "policy": _policy([vega, script], [style]),
        "missing": sorted(set(numbers.missing)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(environment.get_template("page.html.j2").render(context) + "\n", "utf-8")
    return path


def script(previous: Previous) -> str:
    """Vega for the page, read from the page of ``previous``: to bundle it again takes longer than the rest."""
    return previous.script(script_key()) or embed_script()


def _part(
    environment: jinja2.Environment, name: str, shared: dict[str, Any], values: Callable[[], dict[str, Any]]
) -> Markup:
    """A part of the page, or a message with the reason why it could not be written."""
    try:
        own = values()
        return Markup(environment.get_template(f"{name}.html.j2").render({**shared, **own}))
    except Exception as error:  # a mart that is held back may have any shape; the page names what it lacks
        logging.getLogger(__name__).warning("the page's part %s could not be written", name, exc_info=True)
        return Markup(
            '<section id="{}"><h2>{}</h2><p class="held" data-static="error">This part could not be written from this '
            "generation ({}: {}).</p></section>"
        ).format(name, name.capitalize(), type(error).__name__, str(error).split("\n")[0])


def _link(numbers: Numbers, link: str, charts: list[Drawn], there: set[str], held: set[str]) -> dict[str, Any]:
    section, drawn = SECTIONS[link], [one for one in charts if one.chart.link == link]
    own = mart_files.of_link(link)
    behind = [*own, *sorted(section.read.union(*(one.chart.marts for one in drawn)) - set(own))]
    return {
        "key": link, "heading": LINKS[link], "section": section,
        "figures": [_figure(numbers, figure) for figure in section.figures],
        "marts": [mart for mart in behind if mart in there],
        "held": [mart for mart in behind if mart in held],
        "charts": drawn,
    }  # fmt: skip


def _policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Content-Security-Policy of the page: only these scripts and styles, no code made of text, no network."""

    def hashes(texts: Iterable[str]) -> str:
        return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for t in texts)

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def templates() -> jinja2.Environment:
    """The templates of the page, each compiled once a process."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters["json"] = _json
    environment.filters["kept"] = _kept
    environment.filters["dedent"] = lambda text: textwrap.dedent(text).strip()
    return environment


def _json(value: object) -> Markup:
    """JSON for a script element: no `<` can end it."""
    return Markup(json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"))


_NUMBER = re.compile(rf"\d{{4}}-\d\d-\d\d|-?\$?\d[\d,.]*\d? {UNITS}")


def _kept(text: str) -> Markup:
    """Text whose dates and amounts are not broken over two lines."""
    return Markup(_NUMBER.sub(r'<span class="kept">\g<0></span>', str(escape(text))))


def _headline(numbers: Numbers, first: dict[str, Any]) -> dict[str, Any]:
    """The distance of SOFR from the ceiling, in words by its sign; take-up only of the same week."""
    spread, take_up = first["corridor"]["spread"], first["srf"]["take_up"]
    if spread.day is None:
        return {"distance": "", "side": "", "is_take_up_of_the_week": False}
    of_the_week = take_up.day is not None and abs((take_up.day - spread.day).days) <= 7
    sql = spread.reading.value_sql(spread.day)
    side = "below" if (numbers.ask(sql) or 0) < 0 else "above"
    distance = numbers.show(sql.replace("SELECT sofr_minus_ceiling_bp", "SELECT abs(sofr_minus_ceiling_bp)"), "bp")
    return {"distance": distance, "side": side, "is_take_up_of_the_week": of_the_week}


def _figure(numbers: Numbers, figure: Any) -> dict[str, Any]:
    if isinstance(figure, Figure):
        on = numbers.ask_day(figure.on) if figure.on else None
        seen = look(numbers, figure.reading, on=on)
        return {
            "label": figure.label, "value": seen.value, "of": "", "day": seen.as_of, "change": seen.change,
            "before": seen.before,
        }  # fmt: skip
    return {
        "label": figure.label, "value": numbers.show(figure.sql, figure.unit), "of": figure.of,
        "day": numbers.show(figure.of_sql, figure.of_unit), "change": None, "before": None,
    }  # fmt: skip


def _reference(con: duckdb.DuckDBPyConnection, numbers: Numbers, held: set[str]) -> dict[str, Any]:
    """Data dictionary in the order of the chain, state of every series, licences."""
    tables = dict(
        con.execute(
            "SELECT table_name, coalesce(comment, '') FROM duckdb_tables() WHERE schema_name = 'marts'"
        ).fetchall()
    )
    columns: dict[str, list[dict[str, str]]] = {}
    for mart, name, dtype, comment in con.execute(
        "SELECT table_name, column_name, lower(data_type), coalesce(comment, '') FROM duckdb_columns() "
        "WHERE schema_name = 'marts' AND database_name = current_database() ORDER BY table_name, column_index"
    ).fetchall():
        columns.setdefault(mart, []).append(
            {"name": name, "type": dtype, "unit": unit_of(name) or "", "description": comment}
        )
    heading_of = {mart: heading for link, heading in LINKS.items() for mart in mart_files.of_link(link)}
    dictionary: dict[str, list[dict[str, Any]]] = {heading: [] for heading in [*LINKS.values(), _NO_LONGER_MADE]}
    for mart in marts(con):
        dictionary[heading_of.get(mart, _NO_LONGER_MADE)].append(
            {
                "name": mart, "rows": numbers.show(f"SELECT count(*) FROM marts.{mart}", "count"),
                "description": tables[mart].removeprefix(SIMULATED_NOTICE).strip(), "is_held": mart in held,
                "columns": columns[mart],
            }
        )  # fmt: skip
    return {
        "dictionary": {heading: found for heading, found in dictionary.items() if found},
        "health": numbers.table(
            "SELECT dataset, series, title, cadence, health, rows_held_count, oldest_date, newest_date, due_at "
            "FROM marts.source_health ORDER BY dataset, series",
            units=("", "", "", "", "", "count"),
        ),
        "calendar": numbers.table(
            "SELECT expected_new_york, strftime(expected_at, '%Y-%m-%d %H:%M') AS expected_utc, dataset, "
            "count(*) AS series_count, min(effective_date) AS effective_date, state, any_value(rule_hit_pct) AS hit, "
            "any_value(rule_judged_count) AS judged_count FROM marts.release_calendar "
            "WHERE state IN ('late', 'suspended', 'expected') "
            "GROUP BY expected_at, expected_new_york, dataset, state, release_rule "
            "QUALIFY row_number() OVER (PARTITION BY dataset, release_rule, state ORDER BY expected_at) = 1 "
            "ORDER BY expected_at, dataset, series_count DESC, release_rule",
            units=("", "", "", "count", "", "", "pct", "count"),
        ),
        "alerts_on": numbers.table(
            "SELECT s.title, s.severity, h.effective_date, s.last_message FROM marts.alert_summary AS s "
            "JOIN (SELECT rule_id, max(effective_date) AS effective_date FROM marts.alert_history "
            "WHERE state = 'raised' GROUP BY 1) AS h USING (rule_id) WHERE s.is_on "
            "ORDER BY list_position(['alarm', 'warn', 'info'], s.severity), s.title"
        ),
        "alerts": numbers.table(
            "SELECT title, severity, firings_count, days_on_count, days_judged_count, last_fired_date, "
            "CASE WHEN is_event THEN 'event' WHEN is_on THEN 'on' ELSE 'off' END, evidence, reason "
            "FROM marts.alert_summary ORDER BY list_position(['alarm', 'warn', 'info'], severity), title",
            units=("", "", "count", "count", "count"),
        ),
        "licences": numbers.table(
            "SELECT DISTINCT provider_title, licence, licence_terms, is_redistributable FROM marts.series_catalog "
            "ORDER BY ALL"
        ),
    }  # fmt: skip
