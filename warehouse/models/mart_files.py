"""The marts of the project by link of the chain, and the README's table of them, without dbt and database.

The link of a mart is the folder of its SQL. What must not be here: what dbt makes of them
(`warehouse/models/project.py`).
"""

import re
from functools import cache
from pathlib import Path

import yaml

from warehouse.locations import CHECKOUT, PROJECT

# The chain from the deficit to the price of bitcoin; last, the marts about the quality of the data.
LINKS = {
    "deficit": "The deficit and how it is financed",
    "buyers": "Who buys the debt",
    "hedge_funds": "Hedge funds and the basis trade",
    "repo": "Who lends in repo",
    "ceiling": "SOFR against the ceiling",
    "srf": "The standing repo facility",
    "balance_sheet": "The Fed's balance sheet",
    "prices": "Liquidity and prices",
    "trust": "Can the numbers be trusted",
}
FOLDER = PROJECT / "models" / "marts"
_TABLE = re.compile(r"(?<=<!-- marts: written )(.*? -->\n).*?(?=<!-- end of marts -->)", re.DOTALL)


def of_link(link: str) -> list[str]:
    """Names of the marts of a link, sorted."""
    return sorted(path.stem for path in (FOLDER / link).glob("*.sql"))


@cache
def link_of(mart: str) -> str:
    """Link of a mart; empty when there is no such mart."""
    return next((path.parent.name for path in FOLDER.glob(f"*/{mart}.sql")), "")


def _row(link: str, mart: str) -> str:
    (model,) = yaml.load((FOLDER / link / f"{mart}.yml").read_text("utf-8"), yaml.CSafeLoader)["models"]
    said = model["config"]["meta"]
    return f"| `{mart}` | {said['one_row_for']} | {said['holds']} |\n"


def with_table(readme: str) -> str:
    """The text of a README with its table of marts from their YAML, in the order of the chain."""
    rows = ["| mart | one row for | holds |\n|---|---|---|\n"]
    for link, heading in LINKS.items():
        rows += [f"| **{heading}** | | |\n", *(_row(link, mart) for mart in of_link(link))]
    return _TABLE.sub(lambda found: found[1] + "".join(rows), readme)


def write() -> list[Path]:
    """Write the table into the README of the checkout; returns its path."""
    if CHECKOUT is None:
        return []
    path = CHECKOUT / "README.md"
    path.write_text(with_table(path.read_text("utf-8")), "utf-8")
    return [path]
