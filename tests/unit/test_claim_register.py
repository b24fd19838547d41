"""The register of claims in words and the seeds that the scorecard reads say the same."""

import csv
import re
from math import inf

from tests.conftest import REPOSITORY

PATH = "warehouse/docs/claims.md"
SEEDS = REPOSITORY / "dbt_project" / "seeds"
# `1700..2300 usd_bn`, `..60 usd_bn`, `> 0 pp`, `= 4 pct`
_RANGE = re.compile(
    r"`(?:(?P<low>-?[\d.]*\d)?\.\.(?P<high>-?[\d.]*\d)?|(?P<sign>[<>]) 0|= (?P<exact>-?[\d.]+)) (?P<unit>\w+)`"
)
_SIGN = 0.1  # a bound so near to zero stands for the sign, see the macro range_in_words

Range = tuple[float, float, str]


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _table() -> dict[str, list[str]]:
    """Cells of each claim's row by its id."""
    lines = (REPOSITORY / PATH).read_text("utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| [FBRMP]\d\d \|", line)
    ]
    return {row[0]: row for row in rows}


def _ranges(cell: str) -> list[Range]:
    found: list[Range] = []
    for match in _RANGE.finditer(cell):
        if match["sign"]:
            found.append((0, inf, match["unit"]) if match["sign"] == ">" else (-inf, 0, match["unit"]))
        elif match["exact"]:
            found.append((float(match["exact"]), float(match["exact"]), match["unit"]))
        else:
            found.append((float(match["low"] or -inf), float(match["high"] or inf), match["unit"]))
    return found


def _is_range(measure: dict[str, str], stated: Range) -> bool:
    low = float(measure["supported_low_value"] or -inf)
    high = float(measure["supported_high_value"] or inf)
    is_positive = stated[:2] == (0, inf) and high == inf and 0 < low <= _SIGN
    is_negative = stated[:2] == (-inf, 0) and low == -inf and -_SIGN <= high < 0
    return measure["unit"] == stated[2] and ((low, high) == stated[:2] or is_positive or is_negative)


def test_register_and_seed_have_the_same_claims():
    table = _table()
    assert list(table) == [claim["claim_id"] for claim in _seed("claims")]
    assert len(table) == 56
    assert all(len(row) == 6 and all(row) for row in table.values())


def test_a_measure_that_rests_on_the_register_has_a_range_that_stands_there():
    table = {claim: _ranges(row[5]) for claim, row in _table().items()}
    measures = [measure for measure in _seed("claim_measures") if measure["source"] == PATH]
    assert len(measures) > 50
    lost = [
        (m["claim_id"], m["measure_id"], m["supported_low_value"], m["supported_high_value"], m["unit"])
        for m in measures
        if not any(_is_range(m, stated) for stated in table[m["claim_id"]])
    ]
    assert lost == []


def test_a_range_of_the_register_is_carried_out_by_a_measure():
    """A range that no measure has would be a test that nobody makes."""
    measures = _seed("claim_measures")
    idle = [
        (claim, stated)
        for claim, row in _table().items()
        for stated in _ranges(row[5])
        if not any(m["claim_id"] == claim and _is_range(m, stated) for m in measures)
    ]
    assert idle == []
