"""`liquidity publish`: the current generation to an object store, for a team."""

from typing import Annotated

import typer

from orchestration.console import ADDRESS, SAMPLE, err, errors_in_one_line, out
from warehouse.connection import Home


def publish(
    address: Annotated[str, typer.Argument(help=ADDRESS)],
    keep_days: Annotated[
        float, typer.Option("--keep-days", min=0.0, help="Days that a generation stays there after it was replaced.")
    ] = 7.0,
    sample: SAMPLE = False,
) -> None:
    """Send the current generation to an object store; readers there see the old one or the new one, whole."""
    with errors_in_one_line():
        send(Home.locate(is_simulated=sample), address, keep_days)


def send(home: Home, address: str, keep_days: float = 7.0) -> None:
    """Publish and print one line of what was done."""
    from warehouse.publication.team.send import send as send_generation

    if home.is_simulated:
        err.print("[bold red]SIMULATED DATA[/] (made by the sample, not by a publisher)")
    sent = send_generation(home, address, keep_days=keep_days)
    out.print(
        f"{sent.generation}: {sent.sent} files sent, {sent.copied} copied there, {sent.found} were there, "
        f"{sent.removed} old generations removed",
        highlight=False,
    )  # fmt: skip
