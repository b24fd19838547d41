"""dbt reads and compiles the project, once for each state of its files; in this process, and then it closes the file.

That takes a third of the time of its command line. What is made from the compiled SQL: `project.py`, `build.py`.
"""

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

from filelock import FileLock

from ingest import kept
from ingest.plain import plain
from warehouse.connection import DATABASE_NAME, Home, WarehouseError, plain_path
from warehouse.locations import PROJECT
from warehouse.models import project

DATABASE_VARIABLE = "LIQUIDITY_WORK_DB"
REASON_LENGTH = 800  # characters of dbt's message; a contract that fails lists every column


def reason(words: object) -> str:
    """dbt's whole message in one readable line: its first line is only "Compilation Error in model x"."""
    lines = (" ".join(line.split()) for line in plain(str(words or "")).split("\n"))
    text = ""
    for line in lines:
        if line.strip("^-=| "):
            text += line if not text else f" {line}" if text.endswith((":", ",", ")")) else f"; {line}"
    return text if len(text) <= REASON_LENGTH else f"{text[: REASON_LENGTH - 2]} …"


def project_files() -> list[Path]:
    """Files of the project that dbt reads."""
    paths = (path for path in PROJECT.rglob("*") if path.suffix in {".sql", ".yml", ".md", ".csv"})
    return [path for path in paths if path.name != "README.md" and "target" not in path.relative_to(PROJECT).parts]


def project_digest() -> str:
    """Changes with every byte of the project's files."""
    digest = hashlib.sha256()
    for path in sorted(project_files()):
        digest.update(path.relative_to(PROJECT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _forget_another_project(target: Path) -> str:
    """Remove dbt's cache unless it is of the same files, byte for byte, at the same path, read by the same dbt.

    dbt compares the times of YAML files, and files of another installation may have any time. Returns the text that
    identifies this project.
    """
    known_by = _known_by()
    if _project_of(target) != known_by:
        target.mkdir(parents=True, exist_ok=True)
        for name in (*_MADE, _PARSED):
            (target / name).unlink(missing_ok=True)
        (target / _MARK).write_text(known_by, "utf-8")
    return known_by


def _known_by() -> str:
    """The text that identifies this project, read by this dbt."""
    return f"{project_digest()} {PROJECT} {version('dbt-core')} {project.FORMAT}"


_MARK = "project.sha256"


def _project_of(target: Path) -> str:
    """The text that identifies the project whose compilation is in ``target``; empty without one."""
    mark = target / _MARK
    return mark.read_text("utf-8") if mark.exists() else ""


_PARSED = "partial_parse.msgpack"  # dbt's file of its last reading of the project


def parsed_before(target: Path) -> Any:
    """dbt's stored manifest; None when there is none that can be read.

    dbt uses it only with the same path of the database: in every folder that was moved or copied it would read the
    project again, 5 CPU s.
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        return Manifest.from_msgpack((target / _PARSED).read_bytes(), decoder=extended_mashumuro_decoder)
    except Exception:  # missing, cut short, another format: msgpack and mashumaro raise many kinds
        return None


@contextmanager
def pointed_at(database: Path, target: Path) -> Iterator[None]:
    """The profile finds the database through an environment variable and a link in ``target``.

    The variable is the same for every database: when it changes, dbt reads the whole project again.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    link = target / "database"
    if link.is_dir() and not link.is_symlink():  # a copy that followed the link of a run that was killed
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    link.symlink_to(database.parent.absolute(), target_is_directory=True)
    before = os.environ.get(DATABASE_VARIABLE)
    # dbt reads a path as a URL to find the name of the database.
    os.environ[DATABASE_VARIABLE] = str(plain_path(target) / link.name / database.name)
    try:
        yield
    finally:
        link.unlink(missing_ok=True)
        if before is None:
            del os.environ[DATABASE_VARIABLE]
        else:
            os.environ[DATABASE_VARIABLE] = before


_MADE = ("manifest.json", project.NAME)  # of a compilation


WORK = "work"  # the target of dbt that is DuckDB; `profiles.yml` has all


def _target(home: Home, engine: str = WORK) -> Path:
    return home.root / "dbt" / ("" if engine == WORK else engine)


def ensure_manifest(home: Home, engine: str = WORK) -> Path:
    """Path of dbt's manifest; compiles the project only when the manifest is missing, cut short or of another project.

    Compiling needs a database of the same name, which may be empty.
    """
    target = _target(home, engine)
    path, compiled = (target / name for name in _MADE)
    target.mkdir(parents=True, exist_ok=True)
    with FileLock(target / ".manifest.lock"):  # two interfaces that start at once would read half a file
        _forget_another_project(target)
        if not (path.exists() and compiled.exists()):
            key = f"{_known_by()} {home.is_simulated} {engine}"
            made = kept.get("compiled", key, lambda: _compiled(home, engine), is_slow=True)
            with tarfile.open(fileobj=BytesIO(made)) as archive:
                archive.extractall(target, filter="data")
    return path


def _compiled(home: Home, engine: str) -> bytes:
    """What dbt makes of the project for an engine, as an archive of the files in `_target`."""
    target = _target(home, engine)
    scratch = target / "scratch"
    arguments = ["--exclude", "resource_type:unit_test", *(["resource_type:test"] if engine != WORK else [])]
    outcome = run(home, "compile", arguments, database=scratch / DATABASE_NAME, engine=engine)
    shutil.rmtree(scratch, ignore_errors=True)
    if not outcome.success:
        words = [reason(run.message) for run in outcome.result or () if run.status == "error"]
        raise WarehouseError(f"dbt cannot read the project: {'; '.join(words) or said(outcome.exception)}")
    path, compiled = (target / name for name in _MADE)
    project.condense(json.loads(path.read_bytes()), compiled, project_digest())
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in (*_MADE, _PARSED):
            if (target / name).exists():
                archive.add(target / name, name)
    return packed.getvalue()


# What comes after the first line is kept until it is asked for (`ingest/kept.py`).
_APART = """
import gc, sys
from pathlib import Path
gc.set_threshold(100_000)
from ingest import kept
from warehouse.connection import Home
from warehouse.models import build, compilation
home = Home(Path(sys.argv[1]), is_simulated=bool(sys.argv[2]))
made = compilation.compiled_project(home)
print("compiled", flush=True)
if kept.is_on():
    build.lineage_of(made)
    from warehouse.publication.charts import embed_script
    embed_script()
gc.freeze()  # the end of the process would walk all that dbt made
"""


def compile_apart(home: Home) -> Callable[[], object]:
    """Begin `ensure_manifest` in a separate process, whose 250 MB are free when it ends; returns what waits for it.

    The process goes on with the lineage and the script of the page, which later steps ask for. What it cannot compile
    the caller's `ensure_manifest` reports.
    """
    target = _target(home)
    if _project_of(target) == _known_by() and all((target / name).exists() for name in _MADE):
        return lambda: None
    asked = [sys.executable, "-c", _APART, str(home.root), "simulated" if home.is_simulated else ""]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    begun = subprocess.Popen(asked, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return lambda: begun.stdout.readline()  # type: ignore[union-attr]


def compiled_project(home: Home, engine: str = WORK) -> project.Project:
    """The project as dbt compiled it for this warehouse and an engine; compiles it when necessary."""
    return project.Project.read(ensure_manifest(home, engine).with_name(project.NAME))


def said(error: BaseException | None) -> str:
    """Kind and message of an exception of dbt; some have no message."""
    return reason(f"{type(error).__name__}: {error}")


def run(home: Home, verb: str, arguments: list[str], database: Path | None = None, engine: str = WORK) -> Any:
    """Run a command of dbt in this process, then close the database; returns dbt's outcome."""
    handlers = [*logging.getLogger().handlers]
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    logging.getLogger().handlers = handlers  # dbt adds a handler when it is imported

    target = _target(home, engine)
    parsed = (_forget_another_project(target), home.is_simulated, engine)
    common = [
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target),
        "--log-path", str(target / "logs"), "--vars", json.dumps({"is_simulated": home.is_simulated}),
        "--target", engine,
    ]  # fmt: skip
    quiet = ["--log-level", "none", "--log-level-file", "none"]  # the outcome has the error
    with pointed_at(database or home.work_database, target):
        try:
            before = _parsed.get(parsed) or parsed_before(target)
            work = _target(home)
            if before is None and _project_of(work) == parsed[0]:  # read alike for every engine, compiled for each
                before = parsed_before(work)
            runner = dbtRunner(before)
            if runner.manifest is None:
                outcome = runner.invoke([*quiet, "parse", *common, "--no-write-json"])
                if not outcome.success:
                    return outcome
                runner.manifest = outcome.result
            _parsed.clear()
            _parsed[parsed] = runner.manifest
            return runner.invoke([*quiet, verb, *common, *arguments])
        finally:
            DuckDBConnectionManager.close_all_connections()


# dbt's manifest in this process, for one project: reading it takes a second for each command.
_parsed: dict[tuple[str, bool, str], Any] = {}
