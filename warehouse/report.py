"""The page `report/index.html` of a generation: what is published, what is newest, what is late.

A static page without script or outside request. What must not be here: any number that is not read from the database.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import duckdb

from warehouse.export import SIMULATED_NOTICE, Generation, marts, unit_of

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #8886; }
td.number { text-align: right; }
td:nth-child(-n+3) { white-space: nowrap; }
.banner { background: #8a1c00; color: #fff; padding: .6rem 1rem; font-weight: 700; position: sticky; top: 0; }
.late { font-weight: 700; }
.scroll { overflow-x: auto; }
small { opacity: .8; }
"""


def _cell(value: object) -> str:
    if value is None:
        return "<td>–</td>"
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, float):
        return f'<td class="number">{value:,.3f}</td>'
    if isinstance(value, int):
        return f'<td class="number">{value:,}</td>'
    return f"<td>{escape(str(value))}</td>"


def _table(headings: list[str], rows: list[tuple]) -> str:
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _newest_values(con: duckdb.DuckDBPyConnection, mart: str) -> list[tuple]:
    """Column, newest value that is there, its day, unit and description; days by the mart's first date column."""
    columns = con.execute(
        "SELECT column_name, comment, data_type FROM duckdb_columns() WHERE schema_name = 'marts' AND table_name = ? "
        "ORDER BY column_index",
        [mart],
    ).fetchall()
    day = next((name for name, _, dtype in columns if dtype == "DATE"), None)
    if day is None:
        return []
    cells = ", ".join(
        f'arg_max("{name}", "{day}") FILTER ("{name}" IS NOT NULL), max("{day}") FILTER ("{name}" IS NOT NULL)'
        for name, _, _ in columns
    )
    values = con.execute(f"SELECT {cells} FROM marts.{mart}").fetchone() or ()
    return [
        (name, values[2 * n], values[2 * n + 1], unit_of(name) or "", text or "")
        for n, (name, text, _) in enumerate(columns)
    ]


def write(con: duckdb.DuckDBPyConnection, folder: Path, generation: Generation) -> Path:
    """Write the page into ``folder`` from the open published database; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    title = "Dollar liquidity" + (" (simulated)" if generation.is_simulated else "")
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body>",
    ]
    if generation.is_simulated:
        parts.append(f'<div class="banner" role="alert">{SIMULATED_NOTICE}</div>')
    parts.append(f"<h1>{title}</h1><p>Generation {generation.id}, built {generation.built_at:%Y-%m-%d %H:%M} UTC.</p>")
    late = con.execute(
        "SELECT dataset, series, newest_date, due_at, last_error FROM meta.freshness WHERE is_late ORDER BY ALL"
    ).fetchall()
    parts.append(f"<h2>What is late ({len(late)})</h2>")
    parts.append(
        _table(["dataset", "series", "newest date", "was due (UTC)", "last error"], late)
        if late
        else "<p>Nothing: every series has its latest release.</p>"
    )
    for mart in marts(con):
        rows, held = con.execute("SELECT rows, is_held_back FROM meta.mart WHERE mart = ?", [mart]).fetchone()  # type: ignore[misc]
        note = " Held back: a check failed, these are the last good values." if held else ""
        parts.append(f'<h2 id="{mart}">{mart}</h2><p>{rows:,} rows; the newest value of each column below.{note}</p>')
        parts.append(_table(["column", "newest value", "day", "unit", "meaning"], _newest_values(con, mart)))
    parts.append("<h2>Datasets</h2>")
    parts.append(
        _table(
            ["dataset", "series", "title", "rows", "first date", "newest date", "late"],
            con.execute(
                "SELECT dataset, series, title, rows_held, oldest_date, newest_date, is_late "
                "FROM meta.freshness ORDER BY ALL"
            ).fetchall(),
        )
    )
    parts.append("</body></html>")
    path = folder / "index.html"
    path.write_text("\n".join(parts) + "\n", "utf-8")
    return path
