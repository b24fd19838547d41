"""`liquidity scenario`: the scenario of standing repo with a user's own drivers."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.console import AS_OF, SAMPLE, at, err, errors_in_one_line, fail, out, reading_home


def scenario(
    file: Annotated[Path | None, typer.Argument(help="Assumptions, YAML; `--example` prints one.")] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Print a file of assumptions with units, ranges and sources.")
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Folder for Parquet, PNG and SVG; without it only a table."),
    ] = None,
    as_of: AS_OF = None,
    sample: SAMPLE = False,
) -> None:
    """Run the scenario of standing repo with your own assumptions: no forecast, only what follows from them."""
    from warehouse.connection import open_published
    from warehouse.publication import scenario as scenarios

    if example == (file is not None):
        fail("name a file of assumptions, or --example")
    with errors_in_one_line():
        home = at(reading_home(sample), as_of)
        with open_published(home) as con:
            known = scenarios.drivers(con)
            if file is None:
                sys.stdout.write(scenarios.example(known))
                return
            assumptions = scenarios.read(file, known)
            found = scenarios.run(con, known, assumptions)
        written = scenarios.write(found, assumptions, into / file.stem, home.is_simulated) if into else []
    out.print(escape(f"{scenarios.LABEL}: {assumptions.name}, $bn"), soft_wrap=True, highlight=False)
    table = Table(*map(escape, scenarios.HEADINGS.values()))
    for row in scenarios.fiscal_years(found):
        table.add_row(*(f"{value:,.1f}" if isinstance(value, float) else str(value) for value in row))
    out.print(table)
    for path in written:
        err.print(str(path), soft_wrap=True, highlight=False, markup=False)
