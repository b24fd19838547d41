"""Whether a generation is still what was published: every byte, every row count, every column.

Hashes come from `SHA256SUMS`, or from `datapackage.json` when that file itself is damaged; schema and rows from the
package. What must not be here: anything that changes a file.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.connection import DATABASE_NAME, WarehouseError, configure
from warehouse.generation import SUMS, literal, sha256_of
from warehouse.publication.package import PACKAGE, field_type, files_of
from warehouse.publication.signature import SIGNATURE, problem


@dataclass
class Verification:
    """Files found, rows counted in Parquet files, and (path, problem in words) for each difference."""

    files: int = 0
    rows: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)


def verify(folder: Path, signers: Path | None = None) -> Verification:
    """Compare the files of a generation's ``folder`` with what was recorded of them; WarehouseError if there is none.

    With ``signers`` its list of sums must be signed by one of them.

    Names every damaged file, also the package and the list of sums. Opens files only when their bytes are right.
    """
    if not (folder / PACKAGE).exists() and not (folder / SUMS).exists():
        raise WarehouseError(f"{folder} is no generation: neither {PACKAGE} nor {SUMS} is there")
    found = files_of(folder)
    result = Verification(files=len(found))
    sums, sums_problem = _read_sums(folder)
    if sums_problem:
        result.problems.append((SUMS, sums_problem))
    if signers and (words := problem(folder, signers)):
        result.problems.append((SIGNATURE, words))
    package = _read_package(folder)
    recorded = sums if sums is not None else _hashes(package)
    if not recorded:
        result.problems.append((PACKAGE, f"cannot be read, and without {SUMS} there is nothing to compare with"))
        return result
    sound = set()
    for path in sorted(recorded.keys() | set(found) - {SUMS, SIGNATURE}):
        if path not in recorded:
            if path != PACKAGE:  # it does not list itself; only the sums do
                result.problems.append((path, "extra: it was not published with this generation"))
        elif path not in found:
            result.problems.append((path, "missing"))
        elif (actual := sha256_of(folder / path)) != recorded[path]:
            result.problems.append((path, f"not the bytes that were published: sha256 {actual}, not {recorded[path]}"))
        else:
            sound.add(path)
    if PACKAGE in recorded and PACKAGE not in sound:
        package = None  # named already; its statements about other files cannot be trusted
    con = configure(duckdb.connect())
    try:
        for resource in (package or {}).get("resources", []):
            if resource["path"] in sound:
                rows, problems = _compare(con, folder, resource)
                result.rows += rows
                result.problems += [(resource["path"], problem) for problem in problems]
    finally:
        con.close()
    if package is not None and DATABASE_NAME in sound:
        result.problems += [(DATABASE_NAME, problem) for problem in _database(folder, package)]
    return result


def database_problem(folder: Path) -> str | None:
    """Why the database of a generation's ``folder`` is not the one that was published; None when it is."""
    sums, problem = _read_sums(folder)
    recorded = sums if sums is not None else _hashes(_read_package(folder))
    if DATABASE_NAME not in recorded:
        return f"{SUMS}: {problem}, and {PACKAGE} does not know it either" if problem else "it has no recorded hash"
    if not (folder / DATABASE_NAME).exists():
        return f"{DATABASE_NAME} is missing"
    if sha256_of(folder / DATABASE_NAME) != recorded[DATABASE_NAME]:
        return f"{DATABASE_NAME} is not the bytes that were published"
    return None


def recorded(folder: Path) -> dict[str, str]:
    """Sha256 by path of a generation's ``folder``, as its list of sums has it, or else its package; empty without."""
    sums, _ = _read_sums(folder)
    return sums if sums is not None else _hashes(_read_package(folder))


def _read_sums(folder: Path) -> tuple[dict[str, str] | None, str | None]:
    """Hash by path, and what is wrong with the list."""
    path = folder / SUMS
    return parse_sums(path.read_bytes()) if path.exists() else (None, "missing")


def parse_sums(content: bytes) -> tuple[dict[str, str] | None, str | None]:
    """Hash by path of a list of sums, and what is wrong with it; its last line is the hash of the lines above it."""
    body, _, last = content.rstrip(b"\n").rpartition(b"\n")
    if last != b"# " + hashlib.sha256(body + b"\n").hexdigest().encode():
        return None, "not the bytes that were published: its last line is not the hash of the lines above"
    return {name: digest for digest, name in (line.split("  ", 1) for line in body.decode().splitlines())}, None


def _read_package(folder: Path) -> dict[str, Any] | None:
    try:
        return json.loads((folder / PACKAGE).read_bytes())
    except (OSError, ValueError):
        return None


def _hashes(package: dict[str, Any] | None) -> dict[str, str]:
    """Sha256 by path; packages of the first version have no ``local``."""
    files = [*package["resources"], *package.get("local", [])] if package else []
    return {file["path"]: file["hash"].removeprefix("sha256:") for file in files}


def _compare(con: duckdb.DuckDBPyConnection, folder: Path, resource: dict[str, Any]) -> tuple[int, list[str]]:
    """Rows of a Parquet file, and where its rows or columns are not those of its resource."""
    source = f"read_parquet({literal(str(folder / resource['path']))})"
    problems = []
    (rows,) = con.execute(f"SELECT count(*) FROM {source}").fetchone()  # type: ignore[misc]
    if rows != resource["rows"]:
        problems.append(f"{rows} rows, {resource['rows']} in {PACKAGE}")
    has = {name: field_type(dtype) for name, dtype, *_ in con.execute(f"DESCRIBE FROM {source}").fetchall()}
    said = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    for name in [*said, *(name for name in has if name not in said)]:
        if name not in has or name not in said:
            problems.append(f"column {name} is only in {PACKAGE if name in said else 'the file'}")
        elif said[name] not in (has[name], "number" if has[name] == "integer" else has[name]):
            problems.append(f"column {name} is {has[name]}, {said[name]} in {PACKAGE}")
    return rows, problems


def _database(folder: Path, package: dict[str, Any]) -> Iterator[str]:
    """Where the database differs from the one that the package describes."""
    con = configure(duckdb.connect(str(folder / DATABASE_NAME), read_only=True))
    try:
        (generation,) = con.execute("SELECT id FROM meta.generation").fetchone()  # type: ignore[misc]
        if generation != package["version"]:
            yield f"generation {generation}, {package['version']} in {PACKAGE}"
        for resource in package["resources"]:
            (rows,) = con.execute(f"SELECT count(*) FROM marts.{resource['title']}").fetchone()  # type: ignore[misc]
            if rows != resource["rows"]:
                yield f"marts.{resource['title']} has {rows} rows, {resource['rows']} in {PACKAGE}"
    finally:
        con.close()
