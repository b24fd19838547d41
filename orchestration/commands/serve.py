"""`liquidity ui`, `liquidity mcp`, `liquidity notify`: web interface, door for machines, messages to people."""

from contextlib import ExitStack
from typing import Annotated

import typer
from rich.markup import escape

from orchestration.console import SAMPLE, WAIT, err, errors_in_one_line, holding, out, reading_home, say_untold
from warehouse import lock
from warehouse.connection import Home


def ui(
    sample: SAMPLE = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = 3000,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. Any but this machine's own lets others in: there is no login, anyone who"
            " reaches the port may launch and delete runs, in a browser under this name only. 0.0.0.0 listens"
            " everywhere and adds no name (for a container whose port is mapped)."
        ),
    ] = "127.0.0.1",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show only: nothing can be launched or changed, no schedules run.")
    ] = False,
) -> None:
    """Dagster's web interface on this warehouse, with its schedules and sensors."""
    from orchestration import missing_refresh, web
    from orchestration.instance import prepare

    missing_refresh.cron_lines()  # refused now, not by the first `status` after a night without a refresh
    home = Home.locate(is_simulated=sample)

    def say(words: str) -> None:
        err.print(escape(words), soft_wrap=True, highlight=False)

    with errors_in_one_line(), ExitStack() as stack:
        if not read_only:  # one daemon for each warehouse: two would run every schedule twice
            doing = f"interface on {web.address(host, port)}"
            stack.enter_context(lock.hold(Home(home.dagster), doing, wait_seconds=0))
        listener = stack.enter_context(web.listen(host, port))
        if web.is_open_to_others(listener) and not read_only:
            say(f"others can reach {host} and there is no login: anyone who reaches it may launch and delete runs")
        prepare(home)
        web.serve(home, listener, host, is_read_only=read_only, say=say)


def mcp(sample: SAMPLE = False) -> None:
    """Serve the published generation to a language-model client (MCP on standard input and output), read-only."""
    from orchestration import machines

    with errors_in_one_line():
        machines.server(reading_home(sample)).run("stdio")


def notify(
    test: Annotated[bool, typer.Option("--test", help="Send a trial message to every receiver.")] = False,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Send the messages that wait, or a trial; receivers: LIQUIDITY_NOTIFY, LIQUIDITY_NOTIFY_FILE (Apprise)."""
    from warehouse.publication.alerts import outbox

    home = Home.locate(is_simulated=sample)
    with errors_in_one_line():
        if test:
            problems = outbox.try_addresses(home)
            words = "the trial message was sent"
        else:
            with holding(home, "messages", wait, needs_room=False):
                told = outbox.catch_up(home)
            problems, words = list(told.problems), f"{told.sent} sent, {told.waiting} wait"
    for problem in problems:
        say_untold(problem)
    if problems:
        raise typer.Exit(1)
    out.print(words)
