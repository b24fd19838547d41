"""The quick part of the simulated nights: three of them up to the store, and that the judge finds what is wrong."""

import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.providers import DATASETS
from tests.nights import growth, judge, looking
from tests.nights.campaign import PARTS, _keep_seeds
from tests.nights.course import COURSES, SHORT, SIXTY, YEAR_END, Course, Providers
from warehouse.connection import Home, open_work
from warehouse.log.intake import Outcome, take_in

RATES, FUTURES = "nyfed.reference_rates", "cftc.traders_in_financial_futures"
PRICES = "worldbank.commodity_prices_monthly"
ORDINARY, SHUT, AFTER = date(2026, 11, 10), date(2026, 11, 13), date(2026, 11, 17)


def _night(home: Home, day: date) -> tuple[dict[str, Outcome], dict[str, dict[str, Any]]]:
    """Fetch and load three datasets as on a night of the short course; how it went, and the rows against the world."""
    moment = SHORT.moment(day)
    outcomes = take_in(home, (RATES, FUTURES, PRICES), run_id=str(day), transport=Providers(SHORT, day), now=moment)
    return outcomes, _compared(home, day)


def _compared(home: Home, day: date) -> dict[str, dict[str, Any]]:
    with open_work(home) as con:
        datasets = [DATASETS[name] for name in (RATES, FUTURES, PRICES)]
        plans = {one.id: looking.plan(con, one, SHORT.moment(day), is_whole=True) for one in datasets}
        batches = looking.ask(Providers(SHORT, day, is_sound=True), plans)
        return {one.id: looking.compare(con, one, batches[one.id]) for one in datasets}


def _off(rows: dict[str, dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {name: (told["wrong"], told["extra"]) for name, told in rows.items() if told["wrong"] or told["extra"]}


@pytest.mark.slow
def test_three_nights_and_the_rows_that_are_planted_are_found(tmp_path: Path):
    home = Home(tmp_path / "sample", is_simulated=True)
    outcomes, rows = _night(home, ORDINARY)
    assert _off(rows) == {}
    assert not any(outcome.failures for outcome in outcomes.values())
    held = rows[FUTURES]["digest"]

    outcomes, rows = _night(home, SHUT)  # a Friday: the futures do not come, the rates are misspelt
    assert {name for name, outcome in outcomes.items() if outcome.failures} == {RATES}
    assert {failure.error.name for failure in outcomes[RATES].failures} == {"LayoutError"}
    assert rows[FUTURES]["digest"] == held
    assert set(_off(rows)) == {RATES}, "three days of rates are not there"
    assert outcomes[FUTURES].late == []

    outcomes, rows = _night(home, AFTER)  # the shutdown is over, the field is back, gold of 2022 is restated
    assert _off(rows) == {}
    assert sum(load.rows_revised for load in outcomes[PRICES].loads) == 1
    assert rows[FUTURES]["digest"] != held

    with open_work(home) as con:
        con.execute(
            "UPDATE raw.nyfed__reference_rates SET rate_pct = rate_pct + 0.01 WHERE effective_date = '2024-03-05'"
        )
        con.execute("UPDATE raw.cftc__traders_in_financial_futures SET report_date = report_date + 1 "
                    "WHERE report_date = '2024-03-05'")  # fmt: skip
    off = _off(_compared(home, AFTER))
    assert off[RATES] == (5, 0)
    assert off[FUTURES][0] == off[FUTURES][1] > 0
    assert set(off) == {RATES, FUTURES}


def test_what_happens_is_on_its_nights():
    words = {day: SIXTY.happens(day) for day in SIXTY.nights}
    assert len(words) >= 60
    assert words[date(2026, 11, 1)] == ["clocks changed"]
    assert words[date(2026, 12, 31)] == ["year end"]
    assert SIXTY.moment(date(2026, 11, 1)) - SIXTY.moment(date(2026, 10, 31)) == timedelta(hours=25)
    assert sum("shutdown" in of for of in words.values()) == 21
    down = ("FiscalData refuses", "FiscalData answers 503")
    assert sum(any(word in of for word in down) for of in words.values()) == 7
    hurt = ("killed in 'fetch and load'", "killed in 'publish'", "disk full", "restated history", "percentRate renamed")
    told = {word for of in words.values() for word in of}
    assert set(hurt) <= told
    assert [YEAR_END.happens(day) for day in YEAR_END.nights] == [[], ["year end"], [], []]
    short = {word for day in SHORT.nights for word in SHORT.happens(day)}
    assert {"killed in 'publish'", "disk full", "shutdown", *down, "percentRate renamed"} <= short


def test_the_operator_keeps_the_shutdown(tmp_path: Path):
    path = tmp_path / "seeds" / "government_shutdowns.csv"
    path.parent.mkdir()
    path.write_text("start_date,end_date\n2018-12-22,2019-01-25\n", "utf-8")
    for day, end in ((SHORT.first, None), (SHORT.shutdown.first, ""), (SHORT.shutdown.last, ""), (AFTER, "2026-11-13")):
        _keep_seeds(tmp_path, SHORT, day)
        rows = [line.split(",")[:2] for line in path.read_text("utf-8").splitlines()[1:]]
        assert rows == [["2018-12-22", "2019-01-25"], *([["2026-11-11", end]] if end is not None else [])]


@pytest.mark.parametrize("course", COURSES.values())
def test_no_whole_look_expects_a_restatement_before_the_next_full_reading(course: Course):
    longest = timedelta(days=DATASETS["fred.observations"].full_every_days)
    assert course.whole_looks <= set(course.nights)
    assert [day for day in course.whole_looks if day >= course.restated and day - course.first <= longest] == []


# --- the judge, on made-up records ------------------------------------------------------------------------------------


def _record(day: date, **changes: Any) -> dict[str, Any]:
    """A night on which all is well."""
    look = {
        "rows": {name: {"digest": "1/1", "wrong": 0, "extra": 0, "first": ""} for name in DATASETS},
        "figures": [["sofr", ["2026-11-09", 4.0], ["2026-11-09", 4.0]]],
        "health": {name: ["good"] for name in DATASETS},
        "releases": [[FUTURES, "expected", 3]], "tardy": [], "turns": [], "titles": {"tail": "SOFR's tail"}, "red": [],
        "digest": "Dollar liquidity: all quiet\n\nCOMPARED WITH\n",
        "status": {"late": {}, "failing": [], "suspended": [], "behind": None, "held_back": {}, "is_well": True},
    }  # fmt: skip
    record = {
        "day": day.isoformat(), "code": 0, "unsound": [], "messages": [["SIMULATED: all quiet", "COMPARED WITH"]],
        "generation": "g1", "look": look, "printed": "", "disk": dict.fromkeys(PARTS, 1_000_000),
    }  # fmt: skip
    return record | changes


def _spoiled(path: str, value: Any) -> dict[str, Any]:
    record: Any = copy.deepcopy(_record(ORDINARY))
    *parents, last = path.split("/")
    node = record
    for name in parents:
        node = node[name]
    node[last] = value
    return record


QUIET = _record(ORDINARY - timedelta(days=1))
SPOILS = {
    "code": (1, "exit code 1"),
    "unsound": (["parquet: hash"], "not sound"),
    "messages": ([], "0 digests"),
    f"look/rows/{RATES}": ({"digest": "2/2", "wrong": 3, "extra": 0, "first": "x"}, f"{RATES}: 3 rows wrong"),
    "look/figures": ([["sofr", ["2026-11-09", 4.0], ["2026-11-09", 4.1]]], "sofr is"),
    f"look/health/{RATES}": (["good", "late"], f"source_health late: +{RATES}"),
    "look/releases": ([[FUTURES, "suspended", 1]], "suspended on the calendar"),
    "look/red": ([["test_a", "fail", 2]], "red: "),
    "look/turns": ([["tail", "2026-11-09", "raised", "2026-11-10", "history"]], "0 times under FIRED"),
    "look/digest": ("x\n\nFIRED (1)\n  warn a\n\nCOMPARED WITH\n", "1 under FIRED, 0 transitions"),
    "look/status/held_back": ({"mart": "why"}, "held back"),
    "look/status/is_well": (False, "status is_well False"),
    "look/status/suspended": ([FUTURES], f"status suspended: +{FUTURES}"),
}


@pytest.mark.parametrize("path", SPOILS)
def test_the_judge_finds_it(path: str):
    value, words = SPOILS[path]
    assert judge.wrong_with(SIXTY, _record(date(2026, 12, 20)), QUIET) == []
    found = judge.wrong_with(SIXTY, _spoiled(path, value) | {"day": "2026-12-20"}, QUIET)
    assert any(words in line for line in found), found


def test_a_night_that_should_die_and_does_not_is_found():
    killed = _record(date(2026, 11, 17), code=-9, messages=[])
    assert judge.wrong_with(SIXTY, killed, QUIET) == []
    assert judge.wrong_with(SIXTY, killed | {"code": 0, "generation": "g2"}, QUIET) == [
        "exit code 0", "generation g2 came",
    ]  # fmt: skip
    silent = judge.wrong_with(SIXTY, _record(date(2026, 11, 18)), QUIET, is_untold=True)
    assert any("nobody is told" in line for line in silent)
    assert any("recovery is not told" in line for line in silent)
    told = [["refresh failed, 1 failure", "gone"], ["refresh works again; all quiet", "COMPARED WITH"]]
    assert judge.wrong_with(SIXTY, _record(date(2026, 11, 18), messages=told), QUIET, is_untold=True) == []


def test_rows_of_what_fails_are_those_of_the_night_before_unless_that_night_was_hurt():
    """A night that is killed after its fetch has loaded; so it was in the short course, 2026-11-12 to 13."""
    failing = [["refresh failed, 1 failure; 1 dataset failing", "COMPARED WITH"]]
    day = SHORT.renamed.first
    night = _record(day, code=1, messages=failing)
    night["look"]["health"][RATES] = ["failing"]
    night["look"]["status"] |= {"failing": [RATES], "is_well": False, "suspended": []}
    night["look"]["releases"] = [[FUTURES, "suspended", 3]]
    before = _record(day - timedelta(days=2))
    before["look"]["rows"][RATES] = {"digest": "2/2", "wrong": 0, "extra": 0, "first": ""}
    assert judge.wrong_with(SHORT, night, before) == []
    found = judge.wrong_with(SHORT, night, before | {"day": (day - timedelta(days=1)).isoformat()})
    assert found == [f"{RATES} fails and its rows are others than the night before"]


def test_a_generation_that_was_published_before_the_kill_is_told_the_next_night():
    killed, after = date(2026, 12, 11), date(2026, 12, 12)
    assert judge.wrong_with(SIXTY, _record(killed, code=-9, messages=[], generation="g2"), QUIET) == []
    both = [["refresh failed, 1 failure", "gone"], ["all quiet", "COMPARED WITH"],
            ["refresh works again; all quiet", "COMPARED WITH"]]  # fmt: skip
    told = {"is_untold": True, "waiting": 1}
    assert judge.wrong_with(SIXTY, _record(after, messages=both), QUIET, **told) == []
    found = judge.wrong_with(SIXTY, _record(after, messages=[both[0], both[2]]), QUIET, **told)
    assert any("1 digests" in line for line in found)


def test_the_plot_says_that_it_is_simulated(tmp_path: Path):
    grown = _record(date(2026, 11, 1), disk=dict.fromkeys(PARTS, 3_000_000))
    svg, png = growth.draw([_record(date(2026, 10, 31)), grown], tmp_path)
    assert "SIMULATED DATA" in svg.read_text("utf-8")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert growth.nightly([QUIET, grown])[0] == "payloads: 1.0 MB, then 3.0 MB; a night 2.00 MB, 2.0 at most"
