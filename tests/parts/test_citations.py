"""Whoever follows a citation finds the file: every path in a source, a comment, a docstring or a document exists.

A path is told by its ending, wherever it stands, so that a new citation is looked at without being listed here. It is
looked for from the top of the repository and next to the file that cites it; the end of a path will do where only one
file has it. Two kinds of names lie elsewhere: documents that a publication writes, and files in a publisher's address.
"""

import ast
import csv
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from warehouse.publication.publish import documents

ROOTS = ("ingest", "warehouse", "dbt_project", "orchestration", "requirements", "tests")
WRITTEN_BY_RUNS = {"target", "logs", "__pycache__"}
_ADDRESS = re.compile(r"https?://[^\s\"'`)|>]+")
_PATH = re.compile(r"(?<![\w./@:%{}<>-])(?:[\w*-]+[.\w*-]*/)*[\w*-]+\.(?:md|csv|sql|py|j2|yml|toml)(?!\w|\.\w|\()")
_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_SECTION = re.compile(r"(?P<path>[\w./-]+\.md),? section (?P<section>\d+(?:\.\d+)*)")
_CLAIM = re.compile(r"(?P<path>[\w./-]+\.md) (?P<claim>[A-Z]\d\d)\b")


def _files(*suffixes: str) -> list[Path]:
    found = [path for path in REPOSITORY.glob("*") if path.suffix in suffixes]
    for root in ROOTS:
        found += [
            path
            for path in (REPOSITORY / root).rglob("*")
            if path.suffix in suffixes and not WRITTEN_BY_RUNS & set(path.relative_to(REPOSITORY).parts)
        ]
    return sorted(found)


def _prose_of_python(path: Path) -> Iterator[tuple[int, str]]:
    """Comments, docstrings and, outside the tests, every text with a blank in it: messages, descriptions, sources."""
    with path.open("rb") as file:
        yield from ((t.start[0], t.string) for t in tokenize.tokenize(file.readline) if t.type == tokenize.COMMENT)
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = [
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    ]
    is_test = path.is_relative_to(REPOSITORY / "tests")
    for node in docstrings if is_test else ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


@cache
def _texts() -> list[tuple[Path, int, str]]:
    """Everything that can cite: file, line, text."""
    found: list[tuple[Path, int, str]] = []
    for path in _files(".md", ".sql", ".yml", ".j2", ".toml"):
        text = path.read_text("utf-8")
        if path.suffix == ".md":  # commands and queries take files of the reader
            text = _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
        found += [(path, number, line) for number, line in enumerate(text.splitlines(), start=1)]
    for path in _files(".csv"):
        with path.open(newline="", encoding="utf-8") as file:
            found += [(path, number, cell) for number, row in enumerate(csv.reader(file), start=1) for cell in row]
    for path in _files(".py"):
        found += [(path, number, text) for number, text in _prose_of_python(path)]
    return found


def _names_in_addresses() -> set[str]:
    """Last parts of the addresses that the providers ask: `fredgraph.csv`."""
    providers = (REPOSITORY / "ingest" / "providers").rglob("*.py")
    return {address.rsplit("/", 1)[1] for path in providers for address in _ADDRESS.findall(path.read_text("utf-8"))}


@cache
def _tracked() -> list[str]:
    found = _files(".md", ".csv", ".sql", ".py", ".j2", ".yml", ".toml")
    return [path.relative_to(REPOSITORY).as_posix() for path in found]


def _resolved(cited: str, by: Path) -> Path | None:
    for folder in (REPOSITORY, by.parent):
        if found := next(folder.glob(cited), None):
            return found
    ending = [path for path in _tracked() if path.endswith(f"/{cited}")]
    return REPOSITORY / ending[0] if len(ending) == 1 else documents().get(cited)


@cache
def _citations() -> list[tuple[str, int, str]]:
    """Every path that is cited: by which file, in which line, as what."""
    return [
        (path.relative_to(REPOSITORY).as_posix(), number, cited)
        for path, number, text in _texts()
        for cited in _PATH.findall(_ADDRESS.sub(" ", text))
    ]


@pytest.mark.slow
def test_every_file_that_is_cited_exists():
    elsewhere = _names_in_addresses()
    lost = [
        f"{by}:{number} cites {cited}"
        for by, number, cited in _citations()
        if cited not in elsewhere and _resolved(cited, REPOSITORY / by) is None
    ]
    assert lost == []


def test_citations_are_found_at_all():
    """The pattern sees sources in seeds, comments in SQL, texts in Python and links in documents."""
    citing = {Path(by).suffix for by, _, _ in _citations()}
    assert {".csv", ".sql", ".py", ".md", ".yml"} <= citing
    assert len(_citations()) > 100


def test_every_section_and_claim_that_is_cited_exists():
    lost, seen = [], 0
    for by, number, text in _texts():
        for match in [*_SECTION.finditer(text), *_CLAIM.finditer(text)]:
            seen += 1
            document = _resolved(match["path"], by)
            names = match.groupdict()
            wanted = rf"^#+ {re.escape(names['section'])}\.? " if "section" in names else rf"^\| {names['claim']} \|"
            if document is None or not re.search(wanted, document.read_text("utf-8"), re.MULTILINE):
                lost.append(f"{by.relative_to(REPOSITORY)}:{number} cites {match[0]}")
    assert lost == []
    assert seen >= 5


def test_every_source_of_a_seed_can_be_followed():
    """A document "of this project" without a path cannot be opened by anybody, and an empty source says nothing."""
    lost, seen = [], 0
    for path in sorted((REPOSITORY / "dbt_project" / "seeds").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for number, row in enumerate(rows, start=2):
            for source in [row[column] for column in row if column == "source"]:
                seen += 1
                if not source or ("of this project" in source and not _PATH.search(source)):
                    lost.append(f"{path.name}:{number} {source!r}")
    assert lost == []
    assert seen > 300


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("METHODS.md section 3 of this project: 18 of 20", ["METHODS.md"]),
        ("read in ../shared/CLAIMS.md, R21", []),  # a path out of the repository is seen by the next test
        ("see `ingest/providers/nyfed.md`.", ["ingest/providers/nyfed.md"]),
        ("tests/pipeline/test_mutations_*.py apply", ["tests/pipeline/test_mutations_*.py"]),
        ("mutation.sql(x) and {name}.csv and <mart>.csv", []),
    ],
)
def test_what_counts_as_a_citation(text: str, cited: list[str]):
    assert _PATH.findall(text) == cited


def test_nothing_cites_a_file_outside_the_repository():
    outside = re.compile(r"(?<![\w.])\.\./[\w./-]+\.(?:md|csv|sql|py)\b")
    lost = [
        f"{path.relative_to(REPOSITORY)}:{number} {match[0]}"
        for path, number, text in _texts()
        for match in outside.finditer(_ADDRESS.sub(" ", text))
        if not (path.parent / match[0]).is_file() and not path.is_relative_to(REPOSITORY / "tests")
    ]
    assert lost == []


def test_every_name_in_a_document_exists_in_the_code():
    """Marts, columns and series that a document names; a renamed one would send its reader nowhere."""
    code = "\n".join(
        path.read_text("utf-8")
        for path in _files(".py", ".sql", ".yml", ".csv")
        if not path.is_relative_to(REPOSITORY / "tests")
    )
    known, lost, seen = set(re.findall(r"\w+", code)), [], 0
    for name, path in documents().items():
        text = path.read_text("utf-8")
        own = set(re.findall(r"\w+", "".join(_BLOCK.findall(text))))  # columns of the queries in it, which are run
        named = re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`|\b([A-Z][A-Z0-9]{5,})\b(?!\.md|/)", _BLOCK.sub("", text))
        seen += len(named)
        lost += [f"{name} names {one or two}" for one, two in named if (one or two) not in known | own]
    assert lost == []
    assert seen > 50
