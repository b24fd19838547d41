"""The locked lists: what pyproject.toml asks for, whole, with hashes, without a host; licences; bill of materials."""

import importlib.metadata
import json
import re
import subprocess
import sys

import pytest
from packaging.utils import canonicalize_name

from tests import supply_chain
from tests.conftest import REPOSITORY
from tests.unit.test_layout import ORDER, imports

GROUPS = {
    "runtime": ("",),
    "dev": ("", "dev"),
    "uv": ("tool",),
    "team": ("", "team"),
    "lake": ("", "lake"),
    "spark": ("", "spark"),
    "build": ("build",),
}
WRITE = f"write them anew: `{supply_chain.COMMAND}`"


def _asked_for(name: str) -> list:
    return [requirement for group in GROUPS[name] for requirement in supply_chain.declared(group)]


@pytest.mark.parametrize("name", GROUPS)
def test_every_line_is_one_version_with_hashes_and_names_no_host(name: str):
    heading, text = (supply_chain.FOLDER / f"{name}.txt").read_text("utf-8").split("\n", 1)
    assert heading.startswith("#")
    listed = supply_chain.pins(name)
    assert listed
    assert [pin.name for pin in listed if not pin.hashes or pin.requirement.url] == []
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for pin in listed for digest in pin.hashes)
    assert re.findall(r"://|@ |--(?!hash=)[a-z-]+|(?<![\w.])/\w+|\.org\b", text) == []


@pytest.mark.parametrize("name", GROUPS)
def test_what_pyproject_asks_for_is_listed_in_a_version_that_it_admits(name: str):
    versions = {pin.name: pin.version for pin in supply_chain.pins(name) if pin.is_for_this_machine}
    outside = [
        str(asked)
        for asked in _asked_for(name)
        if not asked.specifier.contains(versions.get(canonicalize_name(asked.name), "0"), prereleases=True)
    ]
    assert outside == [], WRITE


def test_every_package_that_the_code_imports_is_declared():
    """What merely comes with another package goes when that one changes its mind."""
    asked_for = [*supply_chain.declared(), *supply_chain.extras()]
    declared = {canonicalize_name(requirement.name) for requirement in asked_for}
    of_module = importlib.metadata.packages_distributions()
    undeclared = {
        f"{path.relative_to(REPOSITORY)} imports {module}"
        for package in ORDER
        for path in (REPOSITORY / package).rglob("*.py")
        for module in imports(path) - set(ORDER) - sys.stdlib_module_names
        if not {canonicalize_name(name) for name in of_module.get(module, [])} & declared
    }
    assert undeclared == set()


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_the_list_is_whole_and_holds_nothing_else(name: str):
    """Followed through what is installed here: each requirement of each package is listed, and nothing unasked for."""
    versions = {pin.name: pin.version for pin in supply_chain.pins(name) if pin.is_for_this_machine}
    needed = {}
    for by, requirement in supply_chain.needed(_asked_for(name)):
        needed[canonicalize_name(requirement.name)] = by
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{by} needs {requirement}, which {name}.txt has not; {WRITE}"
        assert requirement.specifier.contains(version, prereleases=True), f"{by} needs {requirement}, not {version}"
    assert sorted(versions.keys() - needed.keys()) == [], WRITE
    installed = {package: importlib.metadata.version(package) for package in versions}
    assert installed == versions, "the tests run on other versions than the list has; use the README's command"


def test_runtime_is_the_same_in_both_lists():
    held = {str(pin.requirement): pin.hashes for pin in supply_chain.pins("dev")}
    assert {str(pin.requirement): pin.hashes for pin in supply_chain.pins("runtime")}.items() <= held.items(), WRITE


def test_the_extra_lake_changes_duckdb_and_adds_its_extensions_alone():
    runtime, lake = ({pin.name: pin for pin in supply_chain.pins(name)} for name in ("runtime", "lake"))
    extensions = {f"duckdb-extension-{name}" for name in ("ducklake", "httpfs", "postgres-scanner")}
    assert lake.keys() - runtime.keys() == extensions
    assert {name for name, pin in runtime.items() if lake.get(name) != pin} == {"duckdb"}
    assert {lake[name].version for name in extensions} == {lake["duckdb"].version}


@pytest.mark.parametrize("extra", ["team", "spark"])
def test_an_extra_changes_no_package_of_the_runtime(extra: str):
    runtime, more = ({str(pin.requirement): pin for pin in supply_chain.pins(name)} for name in ("runtime", extra))
    assert runtime.items() < more.items()


def test_licences_are_up_to_date_and_all_admitted():
    assert (supply_chain.FOLDER / "licences.md").read_text("utf-8") == supply_chain.licences(), WRITE
    names = {pin.name for name in GROUPS for pin in supply_chain.pins(name)}
    refused = {name: supply_chain.licence(name) for name in names}
    assert {name: text for name, text in refused.items() if not supply_chain.is_allowed(text)} == {}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("Artistic-1.0-Perl OR GPL-2.0-or-later", True),
        ("MIT AND GPL-2.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("AGPL-3.0-only OR (MIT AND SSPL-1.0)", False),
    ],
)
def test_a_licence_is_admitted_when_a_choice_within_the_admitted_ones_is_left(expression: str, expected: bool):
    assert supply_chain.is_allowed(expression) is expected


def test_bill_of_materials_is_valid_and_names_each_package_with_hashes_licence_and_who_needs_it():
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = supply_chain.sbom()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bom = json.loads(text)
    assert bom["metadata"]["component"]["name"] == "dollar-liquidity"
    assert {(part["name"], part["version"]) for part in bom["components"]} == {
        (pin.name, pin.version) for pin in supply_chain.pins("runtime") if pin.is_for_this_machine
    }
    assert [part["name"] for part in bom["components"] if not (part["licenses"] and part["hashes"])] == []
    uses = {entry["ref"]: entry.get("dependsOn", []) for entry in bom["dependencies"]}
    reached, waiting = set(), [bom["metadata"]["component"]["bom-ref"]]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += uses[ref]
    assert {part["bom-ref"] for part in bom["components"]} <= reached


def test_one_version_stands_in_one_place():
    tracked = subprocess.run(
        ["git", "grep", "-lF", supply_chain.VERSION, "--", "*.toml", "*.yml", "*.py"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if tracked.returncode == 128:
        pytest.skip("not a git checkout")
    assert tracked.stdout.split() == ["pyproject.toml"]


@pytest.mark.live
def test_lists_are_what_resolves_today():
    """Asks the package registry; pyproject.toml's `exclude-newer` keeps the answer the same."""
    before = {name: (supply_chain.FOLDER / f"{name}.txt").read_text("utf-8") for name in GROUPS}
    assert {name: supply_chain.export(name) for name in GROUPS} == before
