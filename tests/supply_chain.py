"""What the project is made of: `requirements/`, resolved from pyproject.toml, and the bill of materials.

    uv run --group dev python -m tests.supply_chain              writes requirements/*.txt and requirements/licences.md
    uv run --group dev python -m tests.supply_chain sbom > FILE   CycloneDX of all that runs, with hashes and licences

The lists name no registry, so they work through any mirror, and they hold every system and Python version. Licences are
read from the metadata of what is installed. What must not be here: anything that a user of the warehouse runs.
"""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from license_expression import AND, ExpressionError, LicenseExpression, get_spdx_licensing
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "requirements"
COMMAND = "uv run --group dev python -m tests.supply_chain"
LISTS = {
    "runtime": ("What the warehouse runs on.", ["--no-default-groups"]),
    "dev": ("The same and what its tests need.", ["--group", "dev"]),
    "team": ("What the warehouse runs on with the extra `team`.", ["--no-default-groups", "--extra", "team"]),
    "lake": ("What the warehouse runs on with the extra `lake`.", ["--no-default-groups", "--extra", "lake"]),
    "spark": ("What the warehouse runs on with the extra `spark`.", ["--no-default-groups", "--extra", "spark"]),
    "build": ("What builds the client of Spark Connect.", ["--only-group", "build"]),
    "uv": ("The installer.", ["--only-group", "tool"]),
}
PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
NAME, VERSION = PYPROJECT["project"]["name"], PYPROJECT["project"]["version"]

# Free to use, change and pass on, asking for no more than a notice, or (MPL) for the source of their own changed files.
ALLOWED = {
    "0BSD", "Apache-2.0", "Artistic-1.0-Perl", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0",
    "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
# How metadata from before SPDX expressions name them. "BSD" alone says too little: see _READ.
_SPDX = {
    "Apache Software License": "Apache-2.0", "ISC License (ISCL)": "ISC", "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip
# Read by hand in the package's own licence file: metadata name none or no exact one, or it is for other systems alone.
_READ = {
    **dict.fromkeys((f"duckdb-extension-{name}" for name in ("ducklake", "httpfs", "postgres-scanner")), "MIT"),
    "altair": "BSD-3-Clause", "antlr4-python3-runtime": "BSD-3-Clause", "colorama": "BSD-3-Clause",
    "gitdb": "BSD-3-Clause", "httpx2-jsfetch": "BSD-3-Clause", "isodate": "BSD-3-Clause", "jinja2": "BSD-3-Clause",
    "protobuf": "BSD-3-Clause",
    "pyreadline3": "BSD-3-Clause", "pysocks": "BSD-3-Clause", "scipy": "BSD-3-Clause", "sqlparse": "BSD-3-Clause",
    "mlcroissant": "Apache-2.0", "prompt-toolkit": "BSD-3-Clause", "psutil": "BSD-3-Clause", "pywin32": "PSF-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause", "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
    "uritemplate": "Apache-2.0 OR BSD-3-Clause",
    "uv": "Apache-2.0 OR MIT",  # installed apart from the rest
    # The extra `spark`.
    **dict.fromkeys(("googleapis-common-protos", "grpcio-status", "pysail", "pyspark-client"), "Apache-2.0"),
    "setuptools": "MIT", "zstandard": "BSD-3-Clause",
}  # fmt: skip


@dataclass(frozen=True)
class Pin:
    """One locked package: the requirement as it stands in a list, and the SHA-256 of each admitted file."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        (specifier,) = self.requirement.specifier
        return specifier.version

    @property
    def is_for_this_machine(self) -> bool:
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def pins(name: str) -> list[Pin]:
    """The locked packages of a list, in its order."""
    text = "".join(line for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines(True) if line[0] != "#")
    found = []
    for entry in text.replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s+--hash=sha256:", entry.strip())
        found.append(Pin(Requirement(requirement), tuple(hashes)))
    return found


def declared(group: str = "") -> list[Requirement]:
    """Requirements of the project itself, or of one of its groups or extras, as pyproject.toml has them."""
    sets = PYPROJECT["dependency-groups"] | PYPROJECT["project"]["optional-dependencies"]
    return [Requirement(text) for text in (sets[group] if group else PYPROJECT["project"]["dependencies"])]


def extras() -> list[Requirement]:
    """Requirements of all extras."""
    listed = PYPROJECT["project"]["optional-dependencies"].values()
    return [Requirement(text) for texts in listed for text in texts]


def needed(requirements: Iterable[Requirement]) -> Iterator[tuple[str, Requirement]]:
    """Each requirement that follows on this machine, with the name of who asks for it; as overridden in pyproject.toml.

    Raises PackageNotFoundError where one is not installed.
    """
    overridden = {
        canonicalize_name(r.name): r for r in map(Requirement, PYPROJECT["tool"]["uv"]["override-dependencies"])
    }
    waiting, seen = [(NAME, requirement, frozenset[str]()) for requirement in requirements], set()
    while waiting:
        by, requirement, extras = waiting.pop()
        requirement = overridden.get(canonicalize_name(requirement.name), requirement)
        marker = requirement.marker
        if marker is not None and not any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
            continue
        yield by, requirement
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            waiting += [(key[0], Requirement(text), key[1]) for text in importlib.metadata.requires(key[0]) or []]


_licensing = cache(get_spdx_licensing)


def _is_spdx(text: str) -> bool:
    try:
        return bool(text) and not _licensing().unknown_license_keys(text)
    except ExpressionError:
        return False


def licence(name: str) -> str:
    """SPDX expression of a package; ValueError where its metadata do not tell, for somebody to read it and say so."""
    if name in _READ:
        return _READ[name]
    metadata = importlib.metadata.metadata(name)
    prefix = "License :: OSI Approved :: "
    old = [text.removeprefix(prefix) for text in metadata.get_all("Classifier") or [] if text.startswith(prefix)]
    for told in (metadata.get("License-Expression"), metadata.get("License"), *old):
        told = _SPDX.get(told or "", told or "")
        if _is_spdx(told):
            return told
    raise ValueError(f"the metadata of {name} name no licence: read its file, then name it in {Path(__file__).name}")


def is_allowed(expression: str | LicenseExpression) -> bool:
    """Whether a package may be used under licences of ALLOWED alone."""
    parsed = _licensing().parse(expression) if isinstance(expression, str) else expression
    if not parsed.args:
        return parsed.key in ALLOWED
    return (all if isinstance(parsed, AND) else any)(is_allowed(part) for part in parsed.args)


_WORDS = """\
# Licences of what the project is made of

Made by `{command}` from the metadata of the packages. A test compares it and
admits these licences or a choice among them: {allowed}.
`runtime` is what the warehouse runs on, `dev` what only its tests need, `team`, `lake` and `spark` what only the extras
of these names need, `build` what builds a package of `spark`; the lists next to this file have the same packages with
the SHA-256 of each file. Nothing of them is copied into this repository or its wheel. The published report carries the
JavaScript of Vega, Vega-Lite and Vega-Embed (BSD-3-Clause), which vl-convert-python brings.

Five that were looked at:

- **text-unidecode** offers the Artistic License or the GPL; the first is taken. It comes by dbt-core, agate and
  python-slugify, and is imported only to make a name of letters outside ASCII, which nothing here asks for. There is no
  newer one; leaving it out of the lists would make them differ from what an installer of the wheel resolves.
- **jsonpath-rw** (2015, no wheel, so its own code would run at install) is asked for by mlcroissant, which validates
  `croissant.json` in the tests. It is overridden in `pyproject.toml`; its living fork jsonpath-ng takes its place. With
  it gone, every package of both lists has a wheel, and the tests' command refuses whatever would have to be built.
- **pyspark-client** has no wheel: its own code, and setuptools, run at install (extra `spark`). Both have a hash.
- **mlcroissant** names no licence in its metadata; its repository is under Apache-2.0.
- **duckdb-extension-*** are packed by a third party under MIT, as DuckDB's extensions are. DuckDB loads an extension
  only with its makers' signature, so the packer cannot change one.

| package | version | licence | for |
|---|---|---|---|
"""


def licences() -> str:
    """The text of `requirements/licences.md`."""
    lists = ("build", "spark", "lake", "uv", "dev", "team", "runtime")
    used_for = {(pin.name, pin.version): name for name in lists for pin in pins(name)}
    return _WORDS.format(command=COMMAND, allowed=", ".join(sorted(ALLOWED))) + "".join(
        f"| {name} | {version} | {licence(name)} | {used.replace('uv', 'dev')} |\n"
        for (name, version), used in sorted(used_for.items())
    )


def sbom() -> str:
    """CycloneDX 1.6 (JSON) of the runtime on this system: versions, hashes of admitted files, licences, who needs what.

    A component has a hash for each of its files (a wheel for each system, the source); one of them is installed.
    """
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6
    from packageurl import PackageURL

    def component(name: str, version: str, expression: str, hashes: Iterable[str], kind: ComponentType) -> Component:
        url = PackageURL("pypi", None, name, version)
        return Component(
            name=name, version=version, type=kind, purl=url, bom_ref=str(url),
            licenses=[LicenseFactory().make_from_string(expression)],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in hashes],
        )  # fmt: skip

    parts = {
        pin.name: component(pin.name, pin.version, licence(pin.name), pin.hashes, ComponentType.LIBRARY)
        for pin in pins("runtime")
        if pin.is_for_this_machine
    }
    bom = Bom(components=parts.values())
    root = component(NAME, VERSION, PYPROJECT["project"]["license"], [], ComponentType.APPLICATION)
    bom.metadata.component = root
    uses: dict[str, set[str]] = {NAME: set(), **{name: set() for name in parts}}
    for by, requirement in needed(declared()):
        uses[by].add(canonicalize_name(requirement.name))
    for by, names in uses.items():
        bom.register_dependency(parts.get(by, root), [parts[name] for name in names])
    return JsonV1Dot6(bom).output_as_string(indent=2)


def export(name: str) -> str:
    """The text of a list, resolved anew."""
    words, arguments = LISTS[name]
    form = ["--format", "requirements.txt", "--no-emit-project", "--no-header", "--no-annotate"]
    listed = subprocess.run(
        ["uv", "export", "-q", *form, *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    return f"# {words} Made by `{COMMAND}`.\n{listed}"


def write() -> None:
    """Resolve and write the lists and the licences anew."""
    for name in LISTS:
        (FOLDER / f"{name}.txt").write_text(export(name), "utf-8")
    (FOLDER / "licences.md").write_text(licences(), "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["sbom"]:
        sys.stdout.write(sbom() + "\n")
    else:
        write()
