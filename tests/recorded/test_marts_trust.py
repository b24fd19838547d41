"""Essays on the bench with real bodies: figures that the texts state themselves, and the author's own score."""

import pytest

# What the text says, in the unit of the measure, and how near the recorded bodies come.
STATED = {
    ("VS01", "fall"): (-59, 0.5),  # reverse repo, November 2023 to March 2024
    ("VS02", "rise"): (77, 1),  # bitcoin over the same months
    ("BT01", "rise"): (120, 1),  # reverse repo since Jackson Hole 2024, a month's end
    ("SA03", "level"): (237, 0.5),  # reverse repo on 2025-01-03
    ("SA07", "level"): (722, 0.5),  # the Treasury's account at the end of 2024
    ("UG04", "level"): (36_220, 5),  # public debt on 2025-01-27
    ("SF01", "liquidity"): (-10, 0.5),  # net liquidity since 2025-04-09
}
# Predictions of November 2023 to September 2024 that can be decided. The author counts 2 of 8 as right, without a list.
PREDICTIONS = {
    "supported": {"BT05", "HW02", "HW03", "HW06", "WW05", "WW06"},
    "mixed": {"BG01", "MD03"},
    "contradicted": {"BG02", "EX01", "EX02", "EX03", "EX04", "HW04", "WW01", "XA03", "YT02"},
}


@pytest.mark.parametrize(("claim", "measure"), STATED)
def test_value_is_what_the_text_states(con, claim: str, measure: str):
    stated, tolerance = STATED[claim, measure]
    found = con.execute(
        "SELECT now_value, now_verdict FROM marts.essay_scorecard WHERE claim_id = ? AND measure_id = ?",
        [claim, measure],
    ).fetchone()
    assert found == (pytest.approx(stated, abs=tolerance), "supported")


def test_author_and_scorecard_agree_that_fewer_than_half_came(con):
    held = con.execute(
        "SELECT claim_now_verdict, list(DISTINCT claim_id) FROM marts.essay_scorecard WHERE kind = 'prediction' "
        "AND essay_date BETWEEN DATE '2023-11-01' AND DATE '2024-09-25' GROUP BY ALL"
    ).fetchall()
    assert {verdict: set(claims) for verdict, claims in held} == PREDICTIONS
    assert len(PREDICTIONS["supported"]) / sum(map(len, PREDICTIONS.values())) < 0.5


def test_a_later_print_and_a_later_month_are_told_apart(con):
    """M2 known on 2026-06-08 ended in April; Japan's holdings known on 2026-01-28 ended in November."""
    days = con.execute(
        "SELECT claim_id, then_last_date::VARCHAR, now_last_date::VARCHAR, then_verdict, now_verdict "
        "FROM marts.essay_scorecard WHERE claim_id IN ('RT01', 'WO02') ORDER BY 1"
    ).fetchall()
    assert days == [
        ("RT01", "2026-04-01", "2026-05-01", "supported", "supported"),
        ("WO02", "2025-11-30", "2025-12-31", "supported", "contradicted"),
    ]
