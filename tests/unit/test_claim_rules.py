"""Rules of the scorecard's seeds: what may decide, and that the same situation has the same rule."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from tests.conftest import REPOSITORY

SEEDS = REPOSITORY / "dbt_project" / "seeds"
_INF = float("inf")


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


MEASURES = {(row["claim_id"], row["measure_id"]): row for row in _seed("claim_measures")}
CLAIMS = {row["claim_id"]: row for row in _seed("claims")}
DECIDING = {key: row for key, row in MEASURES.items() if row["is_deciding"] == "true"}


def _near(value: float, share: float) -> tuple[float, float]:
    return value * (1 - share), value * (1 + share)


_UP, _DOWN, _EXACT = (0.0, _INF), (-_INF, 0.0), "exact"
_START = date(2022, 1, 1)

# The claim register by claim: the range that it gives to what it measures. A sign allows a bound just beside zero.
REGISTER: dict[str, dict[str, tuple[float, float] | str]] = {
    "F02": {"cbo_deficit": _near(2000, 0.15), "bank_deficit": _near(2000, 0.15)},
    "F03": {"cbo_borrowing": _near(2000, 0.15)},
    "F04": {
        **{f"fiscal_year_{year}": _near(1, 0.10) for year in range(2021, 2026)},
        "five_years": _near(1, 0.03),
    },
    "F05": dict.fromkeys(
        ["net_with_accretion", "net_without_accretion", "gross_issues", "marketable_stock", "debt_held_by_public"],
        _near(1992, 0.01),
    ),
    "F06": {"four_banks": _near(300, 0.25)},
    "F07": {"share_of_net": (-_INF, 50)},
    "F08": dict.fromkeys(["mean_of_months", "before_annual_update"], (4.6 - 0.15, 4.6 + 0.15)),
    "F09": {"fiscal_year": (6 - 0.5, 6 + 0.5)},
    "F10": {"as_stated": _UP, "both_over_gdp": _UP},
    "F11": {"holdings": _DOWN, "share_of_marketable": _DOWN},
    "F12": {"twelve_months": (20, _INF)},
    "B01": {"fed_note": _EXACT, "form_pf_long": (0.5 * 1200, _INF), "futures_short": (0.5 * 1200, _INF)},
    "B02": {"with_accretion": (36, 38), "without_accretion": (36, 38)},
    "B03": {"whole_window": (0.8, 1.2)},
    "B04": {"treasuries": _DOWN},
    "B05": {"net_position": _DOWN, "growth": _UP},
    "B07": {"levels": (0.9, _INF)},
    "B08": {"rank_fed_note": (1, 1), "rank_with_households": (1, 1)},
    "R01": {"ceiling": _EXACT, "floor": _EXACT},
    "R02": {"award_less_floor": _EXACT},
    "R03": {"iorb_less_floor": (0, 25)},
    "R04": {"srf_less_ceiling": _EXACT},
    "R05": {"each_day": _EXACT},
    "R06": {"since_2021": (95, _INF)},
    "R11": {"share_of_peak": (-_INF, 2), "balance": (-_INF, 60)},
    "R12": {"reverse_repo_share": _DOWN, "treasuries_share": _UP},
    "R13": {"mean_spread": _UP},
    # Two months to either side of the first quarter.
    "R14": {"runoff_start": ((date(2021, 11, 1) - _START).days, (date(2022, 5, 31) - _START).days)},
    "R15": {"since_2022": (-_INF, -2000)},
    "R16": {"since_2022": (-_INF, -0.5)},
    "R17": {"days_after": _UP},
    "R18": {"at_publication": _EXACT},
    "R19": {"median": (-_INF, 0), "percentile_99": (-_INF, 0)},
    "R20": {"days_of_real_use": (50, _INF)},
    "R21": {"recall": (0.8, _INF)},
    "R22": {"day": _near(50, 0.01)},
    "M01": {"money_stock": _near(1, 0.2), "fed_assets": _near(1, 0.2)},
    "M02": {"levels": _UP, "changes": _UP, "changes_net_liquidity": _UP},
    "M03": {"redemptions": (2000, _INF)},
    "M04": {"cash": _UP},
    "M05": dict.fromkeys(
        [f"on_2025_{day}" for day in ("10_29", "10_30", "10_31", "11_03", "11_04")], (150 - 15, 150 + 15)
    ),
    "M06": {"after_reopening": _DOWN, "until_reopening": _UP},
    "P01": {"srf_share": (50, _INF), "treasuries_share": (-_INF, 50)},
    "P02": {"newest_quarter": _UP},
    "P03": {"newest": _UP},
    "P05": {"close": _EXACT},
}  # fmt: skip
# Measures that decide although the register has no range for them, each with its reason.
BESIDE_THE_REGISTER = {
    ("F01", "law_signed"): "the register asks for the event alone; recent needs a bound",
    ("F01", "receipts_to_gdp_change"): "the register names receipts and no range",
    ("F10", "households_and_funds"): "the register names Z.1 and the inference, and no range for it",
    ("F12", "to_essay"): "the claim names no end; the register's twelve months are about the pace",
    ("B07", "changes"): "the register asks for changes beside levels, and gives them no range",
    ("R05", "publication_day"): "the essay describes its day; the register asks for each day",
    ("R07", "stated_range"): "a text; the register has no number",
    ("R08", "days_since_last_ioer"): "a text; the register has no number",
    ("R09", "money_funds_and_banks"): "the register asks who, and gives no share",
    ("R09", "banks_alone"): "the register asks who, and gives no share",
    ("R10", "over_reverse_repo"): "the register asks for a share of days, and gives no bound",
    ("R10", "over_reserves"): "the register asks for a share of days, and gives no bound",
    ("R17", "spike"): "the register names the day and no size",
    ("R20", "on_balance_sheet"): "the identity behind the claim; the register has the threshold alone",
    ("P02", "trend"): "the register says rising; two quarters are no trend",
    ("P03", "after_a_year"): "the newest price turns with each day; a fixed day does not",
    ("P04", "volatility"): "the register names the measure and no bound",
    ("P04", "drift"): "choppy has two sides; the register has no bound",
    ("P06", "bitcoin"): "the register names the move and no size",
}  # fmt: skip


def test_only_what_the_register_measures_decides_or_what_says_why():
    known = {(claim, measure) for claim, measures in REGISTER.items() for measure in measures}
    assert known & set(BESIDE_THE_REGISTER) == set()
    assert set(DECIDING) == known | set(BESIDE_THE_REGISTER)
    # How far a row is proven says the same.
    assert {key for key, row in DECIDING.items() if row["status"] == "chosen"} - set(BESIDE_THE_REGISTER) == set()


@pytest.mark.parametrize("claim", REGISTER)
def test_ranges_are_those_of_the_register(claim: str):
    for measure, allowed in REGISTER[claim].items():
        row = MEASURES[claim, measure]
        low, high = (float(row[f"supported_{end}_value"] or sign) for end, sign in (("low", "-inf"), ("high", "inf")))
        if allowed == _EXACT:
            assert low == high == float(row["claimed_value"] or low), (claim, measure)
        elif allowed == _UP:
            assert high == _INF
            assert 0 <= low <= 1, (claim, measure)
        elif allowed == _DOWN:
            assert low == -_INF
            assert -0.1 <= high <= 0, (claim, measure)
        else:
            assert (low, high) == pytest.approx(allowed, abs=0.11 if claim == "R03" else 1e-9), (claim, measure)


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
