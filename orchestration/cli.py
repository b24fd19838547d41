"""The command line `liquidity`. Every command only calls functions of Dagster or the warehouse.

Exit codes: 0 all went well; 1 something failed, with one line for each failure; 2 the command was not understood; 130
stopped with Ctrl-C.
"""

import gc
import io
import sys

from orchestration import console  # first: it notes when the process began

from orchestration import commands  # isort: skip
import typer  # isort: skip

# Modules that libraries import only because they are installed. DuckDB: Pandas (1.1 s), to recognise its missing value
# in a parameter. httpx: its command line (0.4 s), and the other kind of asynchronous code.
_UNWANTED = ("pandas", "httpx._main", "trio")

app = typer.Typer(
    help="A nightly warehouse of US-dollar liquidity.",
    cls=console.Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
commands.register(app)


def main() -> None:
    """Entry point of the console command."""
    gc.set_threshold(100_000)  # the default of 700 makes it scan the imported objects again and again: 0.5 of 4.3 CPU s
    for name in _UNWANTED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="backslashreplace")  # an ASCII or Latin-1 terminal has no dashes
    try:
        app()
    finally:
        gc.freeze()  # else the collector walks Dagster's million objects once more before the process ends: 1.3 s


if __name__ == "__main__":
    main()
