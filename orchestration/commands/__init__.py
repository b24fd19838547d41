"""Commands of whoever operates a warehouse, one module each; `orchestration/cli.py` registers them with one line.

They find the console and the warehouse in `orchestration.cli` when they run, because that imports them.
"""

from __future__ import annotations

import typer

from orchestration.commands import check, past, status


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("status")(status.status)
    app.command("check")(check.check)
    app.command("as-of")(past.as_of)
