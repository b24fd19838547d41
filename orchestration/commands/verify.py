"""`liquidity verify`: whether the published files, and with `--deep` log, journal and archive, are whole."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from orchestration.console import FROM, SAMPLE, WAIT, err, errors_in_one_line, holding, out, reading_home
from warehouse import lock
from warehouse.connection import Home, NotPublishedError
from warehouse.publication.signature import SIGNERS


def verify(
    generation: Annotated[
        str | None, typer.Argument(help="A generation's id, or a folder with a copy of one; default the current one.")
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every archived payload, and compare log, journal and generation.")
    ] = False,
    from_: FROM = None,
    signers: Annotated[
        Path | None,
        typer.Option(
            "--signers", envvar=SIGNERS, help="Who may have signed it: a file as ssh-keygen calls allowed_signers."
        ),
    ] = None,
    sample: SAMPLE = False,
    wait: WAIT = lock.WAIT_SECONDS,
) -> None:
    """Compare every file of a generation with its recorded hash. Exit code 1 and a line for each difference."""
    from warehouse.publication.verify import Verification
    from warehouse.publication.verify import verify as verify_generation

    if from_:
        if generation or deep:
            raise typer.BadParameter("--from checks the current generation there, nothing else")
        _verify_there(from_, signers)
        return
    with errors_in_one_line():
        copied = Path(generation) if generation and Path(generation).is_dir() else None
        home = Home.locate(is_simulated=sample) if deep or copied else reading_home(sample)
        try:
            named = home.generations / generation if generation else None
            folder = copied or named or home.published_database.parent
            result = verify_generation(folder, signers)
        except NotPublishedError as error:
            if not deep:
                raise
            result = Verification(problems=[("current", str(error))])  # the log can be checked anyway
            folder = home.current
    _say_problems(result, f"{folder}: {result.files} files, {result.rows:,} rows of Parquet", "as published")
    if deep:
        from rich.progress import Progress

        from warehouse.upkeep.scrub import scrub

        with holding(home, "deep verification", wait), Progress(console=err, transient=True) as progress:
            tasks: dict[str, Any] = {}

            def show(words: str, done: int, total: int) -> None:
                task = tasks[words] if words in tasks else tasks.setdefault(words, progress.add_task(words))
                progress.update(task, completed=done, total=total)

            deeper = scrub(home, show)
        counts = f"{deeper.files:,} payloads, {deeper.rows:,} rows of the log"
        _say_problems(deeper, f"{home.root}: {counts}", "as recorded")
        result.problems += deeper.problems
    if result.problems:
        raise typer.Exit(1)


def _verify_there(address: str, signers: Path | None) -> None:
    """Every byte that an object store has of its current generation, fetched anew."""
    from tempfile import TemporaryDirectory

    from warehouse.publication.team.fetch import download
    from warehouse.publication.verify import verify as verify_generation

    with errors_in_one_line(), TemporaryDirectory(prefix="liquidity-") as folder:
        found = download(address, Path(folder))
        result = verify_generation(Path(folder), signers)
    _say_problems(result, f"{address}, {found}: {result.files} files, {result.rows:,} rows of Parquet", "as published")
    if result.problems:
        raise typer.Exit(1)


def _say_problems(result: Any, what: str, sound: str) -> None:
    """One line for each problem of a Verification, and one that counts."""
    for path, problem in result.problems:
        err.print(f"[bold red]{escape(path)}[/]: {escape(problem)}", soft_wrap=True, highlight=False)
    words = f"{len(result.problems)} not {sound}" if result.problems else f"all {sound}"
    out.print(f"{what}, {words}", soft_wrap=True, highlight=False)
