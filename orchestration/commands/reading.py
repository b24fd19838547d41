"""`liquidity sql`, `liquidity trace`, `liquidity workbook` and `liquidity report`: reading the published generation."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.console import (
    AS_OF,
    FROM,
    SAMPLE,
    at,
    err,
    errors_in_one_line,
    moment_of,
    out,
    reading_home,
    source_of,
)
from warehouse.connection import WarehouseError


class Format(StrEnum):
    """How `liquidity sql` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def sql(
    query: Annotated[str, typer.Argument(help='SQL in DuckDB\'s dialect, e.g. "FROM marts.dollar_liquidity_daily".')],
    format: Annotated[Format, typer.Option("--format", help="table, csv or json (one object a line).")] = Format.TABLE,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Rows shown as a table; csv and json give all.")] = 100,
    allow_files: Annotated[
        bool, typer.Option("--allow-files", help="Let the query read and write other files (COPY, read_csv, ATTACH).")
    ] = False,
    from_: FROM = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="As known at this date or time: current.<dataset>; marts, if `as-of` built it."),
    ] = None,
    sample: SAMPLE = False,
) -> None:
    """Query the published database."""
    from warehouse.publication.query import NotAsKnownError, ask, first_rows

    with errors_in_one_line():
        home, known_at = source_of(sample, from_), None
        if as_of is not None:
            from warehouse.upkeep import past

            moment = moment_of(as_of)
            past.refuse_future(moment)
            state = past.place(home, moment)
            home, known_at = (state, None) if state.current.exists() else (home, moment)
        try:
            if format is not Format.TABLE:
                frame = ask(home, query, with_files=allow_files, known_at=known_at)
            else:
                shown = first_rows(home, query, limit, with_files=allow_files, known_at=known_at)
        except NotAsKnownError as error:
            said = past.not_built(home, moment)
            raise WarehouseError(f"{error}; without a build only current.<dataset> is as known then: {said}") from None
    if format is not Format.TABLE:
        from ingest.plain import csv_text, plain_json

        if frame is not None:
            sys.stdout.write(csv_text(frame) if format is Format.CSV else plain_json(frame.write_ndjson()))
    elif shown:
        table = Table(*map(escape, shown.columns))
        for row in shown.rows:
            table.add_row(*("–" if value is None else escape(str(value)) for value in row))
        out.print(table)
        if shown.height > limit:
            err.print(f"{shown.height - limit:,} more rows; --limit {shown.height} or --format csv shows them")


def trace(
    mart: Annotated[str, typer.Argument(help="Mart, e.g. funding_stress_daily.")],
    where: Annotated[str, typer.Option("--where", help="SQL condition that picks one row of it.")],
    column: Annotated[
        list[str] | None, typer.Option("--column", help="Only this column of the mart; may be given several times.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="Raw rows shown.")] = 20,
    sample: SAMPLE = False,
) -> None:
    """From a number back to the raw rows, payloads, addresses and fetch times behind it."""
    from warehouse.publication import trace as tracing

    with errors_in_one_line():
        found = tracing.trace(reading_home(sample), mart, where, column or ())

    def say(text: str) -> None:
        out.print(escape(text), soft_wrap=True, highlight=False)

    def pairs(values: dict[str, Any]) -> str:
        return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)

    # The dates and names of a row identify it; of the numbers only the traced ones are shown.
    named = {k: v for k, v in found.row.items() if k in found.columns or (v and not isinstance(v, bool | int | float))}
    say(f"{found.mart}: {pairs(named)}")
    for name, series in found.sources.items():
        say(f"from {name}" + (f": {', '.join(series)}" if series else ""))
    for name in found.seeds:
        say(f"from dated facts: dbt_project/seeds/{name}.csv")
    for origin in found.origins[:limit]:
        equal = f"  = {', '.join(origin.equals)}" if origin.equals else f"  for {', '.join(origin.columns)}"
        say(f"\n{origin.dataset}  {pairs(origin.key)}  ({origin.found_by}){equal}")
        fetched = f"{origin.fetched_at:%Y-%m-%d %H:%M:%S} UTC" if origin.fetched_at else "unknown"
        for label, text in (
            ("raw values", pairs(origin.values)),
            ("known from", f"{origin.known_from:%Y-%m-%d %H:%M:%S} UTC ({origin.known_basis})"),
            ("fetched at", fetched),
            ("url", origin.url),
            ("payload", f"sha256 {origin.payload_id}"),
            ("body", f"{origin.body}" + ("" if origin.is_archived else " (NOT THERE)")),
        ):
            say(f"  {label:<10} {text}")
    if len(found.origins) > limit:
        say(f"\n{len(found.origins) - limit} more raw rows; --column narrows, --limit {len(found.origins)} shows them")
    say("")
    for note in found.notes:
        say(f"note: {note}")


def workbook(
    file: Annotated[Path, typer.Argument(help="The workbook; one that is there is replaced.")] = Path("marts.xlsx"),
    mart: Annotated[
        list[str] | None, typer.Option("--mart", help="Only this mart; may be given several times.")
    ] = None,
    from_: FROM = None,
    as_of: AS_OF = None,
    sample: SAMPLE = False,
) -> None:
    """Write the published marts to one Excel workbook, with units, texts and a dictionary."""
    from warehouse.publication import workbook as books

    with errors_in_one_line():
        home = at(source_of(sample, from_), as_of)
        long = books.write(home, file, mart or (), progress=lambda name: err.print(name, highlight=False))
    for name in long:
        err.print(f"{name} is longer than a sheet and left out; read {name}.parquet")
    out.print(str(file), soft_wrap=True, highlight=False, markup=False)


def report(
    sample: SAMPLE = False,
    path: Annotated[bool, typer.Option("--path", help="Only print its path.")] = False,
    from_: FROM = None,
    as_of: AS_OF = None,
) -> None:
    """Open the report of the published generation in the browser."""
    import webbrowser

    with errors_in_one_line():
        page = at(source_of(sample, from_), as_of).published_database.parent / "report" / "index.html"
        if not page.exists():
            raise WarehouseError(f"the published generation has no report: {page} is not there")
    out.print(str(page), soft_wrap=True, highlight=False, markup=False)
    if not path and not webbrowser.open(page.as_uri()):
        err.print("no browser could be started here; open the file yourself")
