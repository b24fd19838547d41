"""`liquidity lake`: the current generation as a snapshot of a DuckLake, for a team that reads it in SQL."""

from typing import Annotated

import typer
from rich.markup import escape

from orchestration.console import SAMPLE, err, errors_in_one_line, out
from warehouse.connection import Home, WarehouseError

_ADDRESS = Annotated[
    str,
    typer.Argument(
        help="The catalog: `postgres:dbname=NAME host=HOST`, its password in PGPASSWORD or ~/.pgpass; or a file."
    ),
]

app = typer.Typer(
    help="Generations in a DuckLake, a snapshot for each (extra `lake`).", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def init(
    address: _ADDRESS,
    data: Annotated[str, typer.Option("--data", help="Where its files go: a folder, or s3://bucket/prefix.")],
) -> None:
    """Make an empty lake."""
    from warehouse.publication.lake import catalog

    with errors_in_one_line():
        catalog.init(address, data)
    out.print(f"{escape(address)} is a lake, its files go to {escape(data)}", highlight=False, soft_wrap=True)


@app.command()
def sync(
    address: _ADDRESS,
    keep_days: Annotated[
        float | None,
        typer.Option(
            "--keep-days",
            min=0.0,
            help="Remove snapshots older than this many days, and files of killed runs; without it all stay.",
        ),
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0.0, help="Seconds to wait for another process that writes to the lake.")
    ] = 600.0,
    threads: Annotated[int, typer.Option("--threads", min=1, help="One; more are refused.")] = 1,
    sample: SAMPLE = False,
) -> None:
    """Write the current generation into the lake as one snapshot, or nothing when it is there already."""
    from warehouse.publication.lake.sync import sync as write

    with errors_in_one_line():
        if threads > 1:
            raise WarehouseError(
                "a lake is written with one thread: with more, a catalog in PostgreSQL fails or loses statements "
                "(duckdb-postgres issue 577, ducklake issue 1431)"
            )
        home = Home.locate(is_simulated=sample)
        _say_simulated(home.is_simulated)
        done = write(
            home, address, keep_days=keep_days, wait_seconds=wait,
            on_wait=lambda words: err.print(escape(words), soft_wrap=True),
        )  # fmt: skip
    said = f"{done.written} tables written, {done.same} the same, {done.removed} removed"
    said = said if done.is_new else "which was there; nothing is written"
    out.print(f"{done.generation}: snapshot {done.snapshot}, {said}", highlight=False, soft_wrap=True)


@app.command("list")
def list_(address: _ADDRESS) -> None:
    """List the snapshots: number, time (UTC), generation, tables that differ from the one before."""
    from warehouse.publication.lake import catalog

    with errors_in_one_line(), catalog.opened(address) as con:
        found = catalog.snapshots(con)
    _say_simulated(any(each.is_simulated for each in found))
    for each in found:
        moment, name = f"{each.committed_at:%Y-%m-%d %H:%M:%S}", each.generation or "-"
        out.print(f"{each.number:>6}  {moment}  {name:<26}  {len(each.written)}", highlight=False, soft_wrap=True)


def _say_simulated(is_simulated: bool) -> None:
    if is_simulated:
        err.print("[bold red]SIMULATED DATA[/] (made by the sample, not by a publisher)")
