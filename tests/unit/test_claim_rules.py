"""Rules of the scorecard's seeds: what may decide, and that the same situation has the same rule."""

import csv
from datetime import date

from tests.conftest import REPOSITORY

SEEDS = REPOSITORY / "dbt_project" / "seeds"
REGISTER = "warehouse/docs/claims.md"  # its ranges are held against the seed in test_claim_register


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


MEASURES = {(row["claim_id"], row["measure_id"]): row for row in _seed("claim_measures")}
CLAIMS = {row["claim_id"]: row for row in _seed("claims")}
DECIDING = {key: row for key, row in MEASURES.items() if row["is_deciding"] == "true"}


# Measures that decide although the register has no range for them, each with its reason.
BESIDE_THE_REGISTER = {
    ("F01", "law_signed"): "the register asks for the event alone; recent needs a bound",
    ("F01", "receipts_to_gdp_change"): "the register names receipts and no range",
    ("F10", "households_and_funds"): "the register names Z.1 and the inference, and no range for it",
    ("F12", "to_essay"): "the claim names no end; the register's twelve months are about the pace",
    ("B07", "changes"): "the register asks for changes next to levels, and gives them no range",
    ("R05", "publication_day"): "the essay describes its day; the register asks for each day",
    ("R07", "stated_range"): "a text; the register has no number",
    ("R08", "days_since_last_ioer"): "a text; the register has no number",
    ("R09", "money_funds_and_banks"): "the register asks who, and gives no share",
    ("R09", "banks_alone"): "the register asks who, and gives no share",
    ("R10", "over_reverse_repo"): "the register asks for a share of days, and gives no bound",
    ("R10", "over_reserves"): "the register asks for a share of days, and gives no bound",
    ("R17", "spike"): "the register names the day and no size",
    ("R20", "on_balance_sheet"): "the identity behind the claim; the register names a threshold and no more",
    ("R20", "days_of_real_use"): "the register names a billion as threshold, and no share of days",
    ("P02", "trend"): "the register says rising; two quarters are no trend",
    ("P03", "after_a_year"): "the newest price turns with each day; a fixed day does not",
    ("P04", "volatility"): "the register names the measure and no bound",
    ("P04", "drift"): "choppy has two sides; the register has no bound",
    ("P06", "bitcoin"): "the register names the move and no size",
}  # fmt: skip


def test_only_what_the_register_measures_decides_or_what_says_why():
    """Measures of the register carry its name as their source; any other that decides stands in the list above."""
    assert {key for key, row in DECIDING.items() if row["source"] != REGISTER} == set(BESIDE_THE_REGISTER)
    assert [key for key, row in MEASURES.items() if (row["source"] == REGISTER) != (row["status"] != "chosen")] == []


def test_two_months_beside_the_first_quarter_are_counted_in_days():
    row, start = MEASURES["R14", "runoff_start"], date(2022, 1, 1)
    bounds = (date(2021, 11, 1) - start).days, (date(2022, 5, 31) - start).days
    assert (int(row["supported_low_value"]), int(row["supported_high_value"])) == bounds


def test_what_does_not_decide_says_why_and_what_decides_does_not_say_so():
    words = {key: row["tolerance_reason"].endswith("does not decide") for key, row in MEASURES.items()}
    assert {key for key, says in words.items() if says} == set(MEASURES) - set(DECIDING)


def test_definitions_that_exclude_each_other_need_one_that_matches():
    """Issuance of one year, or a share of it, is one number of several: no essay can mean them all."""
    excluding = {claim for (claim, _), row in DECIDING.items() if "exclude each other" in row["tolerance_reason"]}
    assert excluding == {claim for claim, row in CLAIMS.items() if row["decided_by"] == "any"}
    assert [
        key for key, row in DECIDING.items() if key[0] in excluding and "exclude" not in row["tolerance_reason"]
    ] == []
    # With and without accretion, gross and net: one thing by two definitions in the same window.
    pairs = {
        claim for claim, measure in DECIDING
        for other in ("with_accretion", "net_with_accretion")
        if measure == other and (claim, measure.replace("with_", "without_")) in DECIDING
    }  # fmt: skip
    assert pairs == excluding


def test_a_source_that_one_claim_calls_unfit_decides_none():
    """Custody through the Cayman Islands misses most of the funds (B01): no claim rests on it as the funds' own."""
    unfit = {key for key, row in MEASURES.items() if "custody elsewhere is missed" in row["tolerance_reason"]}
    assert {("B01", "tic_cayman"), ("B08", "rank_cayman")} <= unfit
    assert unfit & set(DECIDING) == set()
    assert [key for key in DECIDING if "cayman" in key[1]] == []


def test_a_caveat_is_for_a_measure_of_its_claim_and_decides_nothing():
    caveats = {key: row for key, row in MEASURES.items() if row["caveat_for"]}
    assert set(caveats) == {("F08", "newest_version")}
    assert [key for key, row in caveats.items() if (key[0], row["caveat_for"]) not in MEASURES or key in DECIDING] == []
