"""`liquidity check`: whether every provider answers in its usual format. Run it first, and when a provider fails."""

import time
from typing import Annotated

import typer
from rich.markup import escape

from orchestration.console import datasets_of, err, errors_in_one_line, out

_STYLES = {"fine": "green", "changed": "bold red", "unreachable": "bold red", "refused": "bold red"}


def check(
    select: Annotated[
        list[str] | None, typer.Option("--select", help="Only this dataset or provider; may be given several times.")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Ask the simulated providers instead.")] = False,
) -> None:
    """Ask every provider for one small window of each dataset; stores nothing. Exit code 1 unless all is fine.

    Each line is fine, changed (and what), unreachable or refused. Takes less than a minute.
    """
    from ingest import check as checking

    with errors_in_one_line():
        chosen = datasets_of(select or [])
        transport = None
        if sample:
            from ingest import sample as simulated

            err.print("[bold red]SIMULATED DATA[/]: the providers are simulated; nothing is fetched from a publisher")
            transport = simulated.transport()
        begun = time.monotonic()
        verdicts = checking.check(chosen, transport=transport)
    widest = max(len(verdict.dataset) for verdict in verdicts)
    for verdict in verdicts:
        word = f"[{_STYLES[verdict.word]}]{verdict.word:<11}[/]"
        out.print(f"{word} {verdict.dataset:<{widest}} {escape(verdict.detail)}", soft_wrap=True, highlight=False)
    bad = [verdict for verdict in verdicts if verdict.word is not checking.Word.FINE]
    counts = f"{len(verdicts) - len(bad)} of {len(verdicts)} datasets are fine"
    out.print(f"{counts}; asked in {time.monotonic() - begun:.0f} s", highlight=False)
    for url in dict.fromkeys(verdict.url for verdict in bad if verdict.url):
        err.print(f"look at {escape(url)}", soft_wrap=True, highlight=False)
    if bad:
        raise typer.Exit(1)
