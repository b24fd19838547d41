"""`liquidity spark`: the same models on a distributed engine, from an exported folder."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from orchestration.console import SAMPLE, err, errors_in_one_line, out
from warehouse.connection import Home
from warehouse.generation import SIMULATED_FILE

_FOLDER = Annotated[Path, typer.Argument(help="The exported folder.")]

app = typer.Typer(
    help="The models on a server of Spark Connect (extra `spark`).", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def export(folder: _FOLDER, sample: SAMPLE = False) -> None:
    """Write the log, the seeds and each model's SELECT in Spark's dialect into a new folder."""
    from warehouse.publication.spark.export import export as write

    with errors_in_one_line():
        names = write(Home.locate(is_simulated=sample), folder)
    _say_simulated(folder)
    out.print(f"{len(names)} models and what they are made from are in {escape(str(folder))}", soft_wrap=True)


@app.command()
def run(
    folder: _FOLDER,
    address: Annotated[str, typer.Argument(help="The server: sc://HOST:PORT.")],
    at: Annotated[
        str | None, typer.Option("--at", help="Where the server has the folder: another path, or s3://bucket/prefix.")
    ] = None,
) -> None:
    """Make every model on the server, as Parquet in the folder's staging/, intermediate/ and marts/."""
    from warehouse.publication.spark.run import run as make

    made = failed = 0
    _say_simulated(folder)
    with errors_in_one_line():
        for model in make(folder, address, at):
            made, failed = made + (not model.message), failed + bool(model.message)
            if model.message:
                err.print(f"{model.name}: {escape(model.message)}", highlight=False, soft_wrap=True)
    out.print(f"{made} models made, {failed} failed", highlight=False)
    if failed:
        raise typer.Exit(1)


def _say_simulated(folder: Path) -> None:
    if (folder / SIMULATED_FILE).exists():
        err.print("[bold red]SIMULATED DATA[/] (made by the sample, not by a publisher)")
