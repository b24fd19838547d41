"""The commands, one module for each command or group; `orchestration/cli.py` registers them."""

import typer

from orchestration.commands import (
    again,
    check,
    generate,
    held,
    lake,
    past,
    reading,
    refresh,
    scenario,
    serve,
    spark,
    status,
    team,
    verify,
)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line, in the order in which `--help` lists them."""
    app.command()(refresh.refresh)
    app.command()(held.load)
    app.command()(held.build)
    app.command()(again.replay)
    app.command()(again.restore)
    app.command()(reading.sql)
    app.command()(reading.trace)
    app.command()(verify.verify)
    app.command()(scenario.scenario)
    app.command()(team.publish)
    app.add_typer(lake.app, name="lake")
    app.add_typer(spark.app, name="spark")
    app.command()(reading.workbook)
    app.command()(reading.report)
    app.command()(serve.ui)
    app.command()(serve.mcp)
    app.command()(serve.notify)
    app.command(hidden=True)(generate.generate)
    app.command()(status.status)
    app.command()(check.check)
    app.command("as-of")(past.as_of)
