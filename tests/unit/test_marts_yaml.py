"""What the YAML of models and seeds must say, read without building anything."""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import REPOSITORY
from warehouse.models import mart_files

PROJECT = REPOSITORY / "dbt_project"
MOST_LINES = 400
_DOC = "{{ doc("
DOCS = PROJECT / "models" / "docs"


@cache
def _read(path: Path) -> dict[str, Any]:
    # libyaml: PyYAML's own reader takes twelve times as long, in each process that collects the tests.
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)


# Staging comes from the catalog.
FOLDERS = [PROJECT / "models" / "intermediate", mart_files.FOLDER, PROJECT / "seeds"]
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.yml"))
NODES: list[dict[str, Any]] = [
    node for path in FILES for kind in ("models", "seeds") for node in _read(path).get(kind, [])
]
MARTS: list[dict[str, Any]] = [
    _read(path.with_suffix(".yml"))["models"][0] for path in mart_files.FOLDER.glob("*/*.sql")
]


def test_every_model_and_seed_has_its_yaml_next_to_it():
    """Its unit tests are in it, or in a YAML of their own if it gets long."""
    owners = {path: path.stem.removesuffix("_unit_tests") for path in FILES}
    made = {
        path.with_suffix("") for folder in FOLDERS for ending in ("sql", "csv") for path in folder.rglob(f"*.{ending}")
    }
    assert {path.with_name(owner) for path, owner in owners.items()} == made
    for path, owner in owners.items():
        held = _read(path)
        assert {one["name"] for kind in ("models", "seeds") for one in held.get(kind, [])} <= {owner}
        assert {unit["model"] for unit in held.get("unit_tests", [])} <= {owner}
    assert len(NODES) == len(made)


def test_no_yaml_is_long():
    """One that is generated says so on its first line and may have any length."""
    texts = [(path.name, path.read_text("utf-8")) for path in PROJECT.rglob("*.yml") if "target" not in path.parts]
    long = {name for name, text in texts if text.count("\n") > MOST_LINES and "Generated" not in text[:80]}
    assert long == set()


def test_what_fits_on_a_line_of_160_characters_is_on_one():
    """Columns and texts: a list of them is read from top to bottom."""
    for path in FILES:
        text = path.read_text("utf-8")
        for column in (column for node in NODES if node["name"] == path.stem for column in node["columns"]):
            line = "      - {" + ", ".join(f"{key}: {value}" for key, value in column.items()) + "}"
            is_block = f"      - name: {column['name']}\n" in text
            assert len(line) > 158 or not is_block, column["name"]  # two quotation marks more
        for event in yaml.parse(text, yaml.CSafeLoader):
            if isinstance(event, yaml.ScalarEvent) and event.style == ">":
                quoted = event.value.strip().replace("\\", "\\\\").replace('"', '\\"')
                assert event.start_mark.column + len(f'"{quoted}"') > 160, (path.name, event.value)


def test_every_column_of_a_seed_has_its_type():
    """The macro `duckdb__create_csv_table` makes the table of them."""
    for path in (PROJECT / "seeds").glob("*.csv"):
        (seed,) = _read(path.with_suffix(".yml"))["seeds"]
        assert {c["name"] for c in seed["columns"] if c["data_type"]} == set(
            path.read_text("utf-8").split("\n")[0].split(",")
        )


def test_a_text_that_several_models_have_is_written_once():
    texts = Counter(
        (c["name"], c["description"]) for node in NODES for c in node["columns"] if _DOC not in c["description"]
    )
    assert [text for text, uses in texts.items() if uses > 1] == []
    documents = "".join(path.read_text("utf-8") for path in DOCS.glob("*.md"))
    blocks = re.findall(r"^{% docs (\w+) %}.+{% enddocs %}$", documents, re.MULTILINE)
    used = Counter(re.findall(r"doc\('(\w+)'\)", "".join(path.read_text("utf-8") for path in PROJECT.rglob("*.yml"))))
    assert len(blocks) == documents.count("{% docs ") == documents.count("{% enddocs %}")
    assert set(blocks) == set(used)
    several = set(re.findall(r"{% docs (\w+) %}", (DOCS / "several_meanings.md").read_text("utf-8")))
    assert [block for block, uses in used.items() if uses < 2 and block not in several] == []


def test_a_name_of_a_column_means_the_same_in_every_mart():
    """Or its meanings are next to each other, under the name and the reason why there are several."""
    texts: dict[str, set[str]] = {}
    types: dict[str, set[str]] = {}
    for mart in MARTS:
        for column in mart["columns"]:
            texts.setdefault(column["name"], set()).add(column["description"])
            types.setdefault(column["name"], set()).add(column["data_type"])
    assert [name for name, found in types.items() if len(found) > 1] == []
    document = (DOCS / "several_meanings.md").read_text("utf-8")
    sections = re.findall(r"^## (\w+)\n\n([A-Z].+\.)\n\n((?:{% docs .+\n)+)", document, re.MULTILINE)
    explained = {
        name: {f"{{{{ doc('{block}') }}}}" for block in re.findall(r"{% docs (\w+) %}", blocks)}
        for name, _, blocks in sections
    }
    assert {name: said for name, said in texts.items() if len(said) > 1} == explained
    assert [name for name, blocks in explained.items() for block in blocks if f"('{name}__" not in block] == []


def test_date_of_a_row_has_one_name_for_each_grain():
    """A weekly mart names its day, because a Tuesday never meets a Wednesday in a join."""
    dates = {
        "daily": {"effective_date"}, "weekly": {"wednesday_date", "report_date"}, "monthly": {"month_date"},
        "quarterly": {"quarter_date"}, "fiscal_year": {"fiscal_year"}, "annual": {"calendar_year"},
        "wall_monthly": {"statement_date"},  # of the month that a statement saw; what it sees has months too
    }  # fmt: skip
    for mart in MARTS:
        grain = max((ending for ending in dates if mart["name"].endswith(f"_{ending}")), key=len, default=None)
        (key,) = (test["unique_combination"] for test in mart["data_tests"] if "unique_combination" in test)
        assert grain is None or dates[grain] & set(key["arguments"]["columns"]), mart["name"]


def test_text_of_a_column_says_the_unit_that_its_name_ends_in():
    documents = "".join(path.read_text("utf-8") for path in DOCS.glob("*.md"))
    texts = dict(re.findall(r"{% docs (\w+) %}(.+?){% enddocs %}", documents))
    words = {"_usd_bn": "illions of US dollars", "_pct": "ercent", "_bp": "asis points"}
    wrong = [
        (mart["name"], column["name"])
        for mart in MARTS
        for column in mart["columns"]
        for suffix, unit in words.items()
        if column["name"].endswith(suffix) and unit not in _rendered(column["description"], texts)
    ]
    assert wrong == []


def _rendered(description: str, texts: dict[str, str]) -> str:
    return re.sub(r"{{ doc\('(\w+)'\) }}", lambda found: texts[found[1]], description)


def test_every_price_of_an_exchange_and_mortgage_rate_is_marked():
    """The terms of the exchanges and of Freddie Mac: no such column leaves in a package. A mark taken away is seen."""
    prices = {
        (mart["name"], column["name"]): column.get("config", {}).get("meta", {}).get("redistributable")
        for mart in MARTS
        for column in mart["columns"]
        if column["name"].endswith("usd_per_btc") or column["name"] in ("mortgage_30y_pct", "mortgage_minus_10y_bp")
    }
    assert len(prices) >= 3
    assert [name for name, is_redistributable in prices.items() if is_redistributable is not False] == []


def test_checks_of_pairs_are_as_severe_as_the_seed_says():
    with (REPOSITORY / "dbt_project" / "seeds" / "reconciliation_pairs.csv").open(newline="", encoding="utf-8") as file:
        seed = {row["pair"]: row["severity"] for row in csv.DictReader(file)}
    (reconciliation,) = (mart for mart in MARTS if mart["name"] == "reconciliation")
    checks = [test["pair_agrees"] for test in reconciliation["data_tests"] if "pair_agrees" in test]
    assert {check["arguments"]["pair"]: check.get("config", {}).get("severity", "error") for check in checks} == seed
    assert len(checks) == len(seed)
    assert all(check["name"] == f"reconciled_{check['arguments']['pair']}" for check in checks)
