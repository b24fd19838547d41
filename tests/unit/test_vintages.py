"""Vintages: what the log says was known when, windows of the API stitched, and both ways to ask ALFRED."""

import itertools
import json
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.calendars import new_york_to_utc
from ingest.catalog import VERSION_COLUMNS, Parsed, Plan, Request
from ingest.collect import Batch, Page
from ingest.errors import BodyError, DuplicateKeyError, EmptyBodyError, LayoutError, UnitError
from ingest.parsing import conform
from ingest.providers.fred import OBSERVATIONS, common, vintages
from ingest.providers.fred.vintages import follow_vintages, next_vintages, vintage_requests
from tests.unit.test_store import DATASET, MON, NOW, ROWS, TUE, WED, _batch, _known, _load
from warehouse.connection import Home, open_work
from warehouse.log import store, tables

# 16:00 in New York on the next business day, which is what the rule of the test's dataset says.
TUE_BY_RULE = datetime(2026, 3, 4, 21, 0)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_work(Home(tmp_path)) as connection:
        tables.create_tables(connection, [DATASET])
        yield connection


def _versions(*rows: tuple, at: datetime = NOW, payload: str = "v") -> Batch:
    """A batch of (series, date, level or None when withdrawn, known from, whether perhaps known earlier)."""
    frame = pl.DataFrame(
        [(series, day, level, moment, level is None, earlier) for series, day, level, moment, earlier in rows],
        schema=DATASET.schema | VERSION_COLUMNS,
        orient="row",
    )
    return Batch(DATASET.id, Request("https://example.test/v"), (Page(payload, frame),), at)


def _archived(day: datetime, *rows: tuple) -> Batch:
    """The state that an archive kept on one day."""
    return _versions(*((series, effective, level, day, True) for series, effective, level in rows))


def _log(con: duckdb.DuckDBPyConnection, effective: date = TUE) -> list[tuple]:
    """Versions of series A as its history shows them, without those that are replaced the moment they begin."""
    return con.execute(
        "SELECT level_usd_bn, known_from, known_basis, is_deleted FROM history.test__levels "
        "WHERE series_id = 'A' AND level_date = ? AND known_to > known_from ORDER BY known_from",
        [effective],
    ).fetchall()


# --- the log --------------------------------------------------------------------------------------------------------


def test_an_archived_day_refutes_what_was_dated_back(con):
    """Loaded today with 2.0, dated back to the release; an archive of the day after has 1.9."""
    _load(con, _batch(ROWS))
    day = datetime(2026, 3, 6)
    result = _load(con, _archived(day, ("A", MON, 1.0), ("A", TUE, 1.9), ("A", WED, 3.0)))
    assert (result.rows_new, result.rows_revised, result.rows_deleted) == (0, 1, 0)
    assert _log(con) == [(1.9, TUE_BY_RULE, "modelled", False), (2.0, NOW, "observed", False)]
    assert len(_log(con, MON)) == 1, "what the archive confirms stays as it is"


def test_an_archived_day_says_what_was_known_before_anything_was_loaded(con):
    day = datetime(2026, 3, 4, 12)
    _load(con, _archived(day, ("A", MON, 1.1), ("A", TUE, 1.9)))
    assert _log(con, MON) == [(1.1, datetime(2026, 3, 3, 21), "modelled", False)]
    assert _log(con) == [(1.9, day, "vintage", False)], "the rule's time lies after the archive: it cannot be right"


@pytest.mark.parametrize(
    ("levels", "known"),
    [
        ((1.7, 1.8, 1.9), (1.7, 1.7, 1.8, 1.9, 1.9, 2.0)),
        ((2.0, 1.9, 2.0), (2.0, 2.0, 1.9, 2.0, 2.0, 2.0)),  # a revision that was taken back
        ((2.0, 1.9, 1.9), (2.0, 2.0, 1.9, 1.9, 1.9, 2.0)),
        ((1.9, 2.0, 2.0), (1.9, 1.9, 2.0, 2.0, 2.0, 2.0)),
    ],
)
def test_archived_days_give_the_same_in_any_order(levels: tuple[float, ...], known: tuple[float, ...]):
    days = [datetime(2026, 3, 5), datetime(2026, 3, 6), datetime(2026, 3, 8)]
    seen = set()
    for order in itertools.permutations(range(3)):
        with duckdb.connect() as con:
            con.execute(store.ONE_THREAD)
            tables.create_tables(con, [DATASET])
            _load(con, _batch(ROWS))
            for k in order:
                _load(con, _archived(days[k], ("A", TUE, levels[k])))
            probes = [TUE_BY_RULE, *days, NOW - timedelta(seconds=1), NOW]
            seen.add(tuple(_known(con, moment).get(("A", TUE)) for moment in probes))
            rows = con.execute("SELECT count(*) FROM raw.test__levels").fetchone()
            for k in range(3):
                _load(con, _archived(days[k], ("A", TUE, levels[k])))
            assert con.execute("SELECT count(*) FROM raw.test__levels").fetchone() == rows, "loading again"
    assert seen == {known}


def test_loading_again_and_polling_again_append_nothing(con):
    _load(con, _batch(ROWS))
    batches = [
        _archived(datetime(2026, 3, 6), ("A", TUE, 1.9), ("A", WED, 3.0)),
        _archived(datetime(2026, 3, 8), ("A", TUE, 1.8), ("A", WED, 3.0)),
        _versions(("A", MON, 0.5, datetime(2026, 3, 4), False), ("A", MON, 0.6, datetime(2026, 3, 5), False)),
    ]
    for batch in batches:
        _load(con, batch)
    rows = con.execute("SELECT count(*) FROM raw.test__levels").fetchone()
    for batch in [*batches, *reversed(batches)]:
        again = _load(con, batch)
        assert (again.rows_new, again.rows_revised, again.rows_deleted) == (0, 0, 0)
    polled = _load(con, _batch(ROWS, at=NOW + timedelta(days=1)))
    assert (polled.rows_new, polled.rows_revised, polled.rows_deleted) == (0, 0, 0)
    assert con.execute("SELECT count(*) FROM raw.test__levels").fetchone() == rows


def test_a_first_print_that_came_later_than_the_rule_hides_the_row_until_then(con):
    _load(con, _batch(ROWS))
    printed, revised = datetime(2026, 3, 6, 13), datetime(2026, 3, 7, 13)
    result = _load(con, _versions(("A", TUE, 1.9, printed, False), ("A", TUE, 2.0, revised, False)))
    assert result.rows_deleted == 1
    assert [(level, moment, deleted) for level, moment, _, deleted in _log(con)] == [
        (2.0, TUE_BY_RULE, True),
        (1.9, printed, False),
        (2.0, revised, False),
    ]


def test_a_first_print_that_came_earlier_than_the_rule_holds_across_it(con):
    _load(con, _batch(ROWS))
    printed, revised = datetime(2026, 3, 4, 13), datetime(2026, 3, 7, 13)
    _load(con, _versions(("A", TUE, 1.9, printed, False), ("A", TUE, 2.0, revised, False)))
    assert _known(con, printed)["A", TUE] == 1.9
    assert _known(con, TUE_BY_RULE)["A", TUE] == 1.9, "the rule's time does not bring the revised value early"
    assert _known(con, revised)["A", TUE] == 2.0


def test_first_rows_of_an_archive_keep_the_rules_time(con):
    _load(con, _batch(ROWS))
    began, later = datetime(2026, 3, 6), datetime(2026, 3, 7)
    _load(con, _versions(("A", TUE, 1.9, began, True), ("A", TUE, 2.0, later, True)))
    assert _log(con)[0] == (1.9, TUE_BY_RULE, "modelled", False)
    assert _log(con)[1] == (2.0, later, "vintage", False)


def test_a_value_that_was_withdrawn_for_a_time(con):
    moments = [datetime(2026, 3, day) for day in (4, 5, 6)]
    _load(con, _versions(*zip("AAA", [TUE] * 3, [1.9, None, 2.0], moments, [False] * 3, strict=True)))
    assert [("A", TUE) in _known(con, moment) for moment in moments] == [True, False, True]


def test_what_was_observed_stays(con):
    _load(con, _batch(ROWS[:1]))
    seen, revised = NOW + timedelta(days=1), NOW + timedelta(days=2)
    _load(con, _batch(ROWS, at=seen))
    _load(con, _batch([("A", WED, 3.5)], at=revised))
    _load(con, _archived(datetime(2026, 3, 7), ("A", WED, 2.9)))
    assert _log(con, WED) == [
        (2.9, datetime(2026, 3, 5, 21), "modelled", False),
        (3.0, seen, "observed", False),
        (3.5, revised, "observed", False),
    ]


def test_asking_an_archive_is_no_polling(con):
    """Only a normal load shows that a row was not there yet; what follows a vintage is still dated by the rule."""
    _load(con, _batch(ROWS))
    _load(con, _archived(NOW + timedelta(days=29), ("A", TUE, 2.0)))
    missed = date(2026, 3, 16)
    _load(con, _batch([("A", missed, 9.0)], at=NOW + timedelta(days=30)))
    assert _log(con, missed) == [(9.0, datetime(2026, 3, 17, 20), "modelled", False)]
    plan = store.plan(con, DATASET, NOW + timedelta(days=30))
    assert plan.is_full, "nor is it the full load that the plan asks for"


def test_two_pages_may_hold_versions_of_one_key_but_not_two_values_for_one_moment(con):
    first, second = datetime(2026, 3, 5), datetime(2026, 3, 6)
    pages = [_versions(("A", TUE, 1.9, first, False)).pages[0], _versions(("A", TUE, 2.0, second, False)).pages[0]]
    batch = Batch(DATASET.id, Request("https://example.test/v"), tuple(pages), NOW)
    assert _load(con, batch).rows_read == 2
    clash = _versions(("A", TUE, 2.1, second, False), payload="w").pages[0]
    with pytest.raises(DuplicateKeyError):
        _load(con, Batch(DATASET.id, Request("https://example.test/v"), (pages[1], clash), NOW))


@pytest.mark.parametrize("seed", range(12))
def test_with_every_vintage_the_log_knows_what_was_true(tmp_path, seed):
    """Made-up histories of 40 dates; the current values loaded first, all vintages after. As of any time: the truth."""
    rng = random.Random(seed)
    truth: dict[date, list[tuple[datetime, float | None]]] = {}
    for n in range(40):
        day, moment = date(2026, 1, 5) + timedelta(days=n), datetime(2026, 1, 5) + timedelta(days=n)
        truth[day] = []
        for _ in range(rng.randint(1, 5)):
            moment += timedelta(hours=rng.randint(5, 90))
            withdrawn = bool(truth[day]) and truth[day][-1][1] is not None and rng.random() < 0.15
            truth[day].append((moment, None if withdrawn else round(rng.uniform(1, 9), 3)))
    now = datetime(2026, 4, 1)
    current = [("A", day, known[-1][1]) for day, known in truth.items() if known[-1][1] is not None]
    versions = [("A", day, level, moment, False) for day, known in truth.items() for moment, level in known]
    rng.shuffle(versions)
    probes = [datetime(2026, 1, 5) + timedelta(hours=rng.randint(0, 2200)) for _ in range(60)]
    with open_work(Home(tmp_path)) as con:
        tables.create_tables(con, [DATASET])
        _load(con, _batch(current, at=now))
        _load(con, _versions(*versions, at=now))
        for probe in probes:
            was = {day: level for day, known in truth.items() for moment, level in known if moment <= probe}
            expected = {("A", day): level for day, level in was.items() if level is not None}
            assert _known(con, probe) == (expected if probe < now else {(s, d): v for s, d, v in current})
        spans = con.execute("SELECT count(*) FROM history.test__levels WHERE known_to < known_from").fetchone()
        assert spans == (0,)


# --- the keyless archive --------------------------------------------------------------------------------------------

WEDNESDAYS = [date(2024, 1, 3) + timedelta(days=7 * n) for n in range(8)]
ASKED = Request(common.ALFRED_GRAPH, (("id", "WALCL"), ("vintage_date", "2024-03-01")), "WALCL", is_single=True)


def parse(body: str, request: Request = ASKED) -> Parsed:
    return conform(OBSERVATIONS, OBSERVATIONS.parse(OBSERVATIONS, body.encode(), request))


def csv(heading: str, values: list[object]) -> str:
    lines = [f"{day},{value}" for day, value in zip(WEDNESDAYS, values, strict=False)]
    return "\n".join([f"observation_date,{heading}", *lines, ""])


def test_one_day_of_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = parse(csv("WALCL_20240301", [7_000_100, "", 7_000_300])).frame
    assert frame["value"].to_list() == [7_000_100, 7_000_300]
    assert frame["known_from"].unique().to_list() == [datetime(2024, 3, 1, 21, 30)], "the hour of the H.4.1"
    assert frame["is_known_earlier"].all()
    assert not frame["is_deleted"].any()
    # A day without a release answers with the state before, under the day of that.
    assert parse(csv("WALCL_20240229", [7_000_100])).frame["known_from"].item() == datetime(2024, 2, 29, 21, 30)


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (csv("WALCL", [7_000_100]), LayoutError, "asked was the vintage 2024-03-01"),
        (csv("WALCL_20240308", [7_000_100]), LayoutError, "the vintage is 20240308"),
        (csv("TREAST_20240301", [4_000_100]), LayoutError, "TREAST"),
        (csv("WALCL_20240301", [7.1]), UnitError, "unit has changed"),
        (csv("WALCL_20240301", ["."]), EmptyBodyError, "no rows"),
    ],
)
def test_revised_data_are_not_taken_for_a_vintage(body: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(body)
    with pytest.raises(LayoutError, match="asked was the vintage of today"):
        parse(csv("WALCL_20240301", [7_000_100]), Request(common.GRAPH, (("id", "WALCL"),), "WALCL"))


def test_vintages_are_asked_with_a_full_plan_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    today = date(2025, 10, 1)
    newest = {series.id: date(2025, 9, 24) for series in OBSERVATIONS.series}
    assert all(r.is_single and r.url == common.GRAPH for r in OBSERVATIONS.requests(OBSERVATIONS, Plan(today, newest)))
    full = [r for r in OBSERVATIONS.requests(OBSERVATIONS, Plan(today, newest, is_full=True)) if r.url != common.GRAPH]
    assert {r.scope for r in full} == set(vintages.VINTAGE_DAYS)
    days = sorted({dict(r.params)["vintage_date"] for r in full})
    assert days == ["2022-12-30", "2023-12-29", "2024-12-31", "2025-09-24", "2025-09-26"], "none of the future"
    assert all(r.covers_from is None for r in full), "a vintage withdraws nothing from today's rows"
    assert date(2025, 11, 4) in vintages.VINTAGE_DAYS["PSAVERT"]


def test_with_a_key_the_vintage_days_of_every_series_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRED_API_KEY", "made-up-secret")
    full = list(vintage_requests(OBSERVATIONS, Plan(date(2025, 10, 1), is_full=True)))
    assert {r.url for r in full} == {common.VINTAGE_DATES}
    assert {s.id for s in OBSERVATIONS.series} - {r.scope for r in full} == {"CBBTCUSD", "MORTGAGE30US"}, (
        "not ours to pass on"
    )
    assert "made-up-secret" not in repr(full)


# --- windows of the API ---------------------------------------------------------------------------------------------

History = dict[date, list[tuple[str, str]]]  # observation -> vintage day and value, oldest first


class Archive:
    """The API's two answers about one made-up series, real-time periods clipped to the window as FRED clips them."""

    def __init__(self, history: History, series_id: str = "WALCL", page: int = 100_000) -> None:
        self.history, self.series_id, self.page = history, series_id, page
        self.days = sorted({day for known in history.values() for day, _ in known})
        self.widest = 0

    def answer(self, request: Request) -> bytes:
        params = dict(request.params)
        assert params["series_id"] == self.series_id
        start, end = params["realtime_start"], params["realtime_end"]
        inside = [day for day in self.days if start <= day <= end]
        echo = {"realtime_start": start, "realtime_end": end, "sort_order": "asc", "file_type": "json"}
        if request.url == common.VINTAGE_DATES:
            listed = inside[: int(params["limit"])]
            return json.dumps({**echo, "count": len(inside), "offset": 0, "vintage_dates": listed}).encode()
        self.widest = max(self.widest, len(inside))
        rows = []
        for day, known in sorted(self.history.items()):
            for (begins, value), (until, _) in itertools.pairwise([*known, ("9999-99-99", "")]):
                last = min(end, str(date.fromisoformat(until) - timedelta(days=1)) if until < "9999" else "9999-12-31")
                if begins <= end and last >= start:
                    row = {"date": str(day), "value": value, "realtime_start": max(begins, start), "realtime_end": last}
                    rows.append(row)
        offset = int(params.get("offset", 0))
        body = {"units": "lin", "output_type": 1, "count": len(rows), "offset": offset, "limit": self.page}
        return json.dumps({**echo, **body, "observations": rows[offset : offset + self.page]}).encode()


def ask(archive: Archive) -> pl.DataFrame:
    """Everything that following the requests brings, as the collector follows them."""
    page: Request | None = vintages.vintage_days(archive.series_id, common.FIRST_REALTIME)
    frames = []
    while page is not None:
        body = archive.answer(page)
        target = follow_vintages(body, page)
        if target is not None:
            page = target
            continue
        frames.append(conform(OBSERVATIONS, OBSERVATIONS.parse(OBSERVATIONS, body, page)).frame)
        page = next_vintages(body, page)
    return pl.concat(frames).sort("observation_date", "known_from")


def made_up(seed: int, factor: float = 1.0) -> History:
    """Twenty Wednesdays, each printed and now and then revised or withdrawn, on about forty vintage days."""
    rng = random.Random(seed)
    history: History = {}
    for n in range(20):
        day = date(2024, 1, 3) + timedelta(days=7 * n)
        vintage, value = day + timedelta(days=rng.randint(1, 3)), ""
        history[day] = []
        for _ in range(rng.randint(1, 6)):
            fresh = f"{7_000_000 * factor + rng.randint(1, 90_000)}"
            value = "." if value not in ("", ".") and rng.random() < 0.15 else fresh
            history[day].append((str(vintage), value))
            vintage += timedelta(days=rng.randint(1, 40))
    return history


def expected(history: History) -> list[tuple]:
    return [
        (day, None if value == "." else float(value), new_york_to_utc(date.fromisoformat(vintage), time(16, 30)))
        for day, known in sorted(history.items())
        for vintage, value in known
    ]


@pytest.mark.parametrize("size", [2, 3, 7, 1_000])
@pytest.mark.parametrize("seed", range(4))
def test_windows_of_any_size_give_the_whole_history(monkeypatch: pytest.MonkeyPatch, size: int, seed: int) -> None:
    monkeypatch.setattr(vintages, "VINTAGES_A_WINDOW", size)
    history = made_up(seed)
    archive = Archive(history)
    frame = ask(archive)
    assert frame.select("observation_date", "value", "known_from").rows() == expected(history)
    assert archive.widest <= size, "no window may hold more vintages than are allowed"


def test_rows_that_a_window_clips_are_what_naive_chunks_get_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as if each window stood alone, an old value seems to become known on the first day of the window."""
    monkeypatch.setattr(vintages, "VINTAGES_A_WINDOW", 5)
    archive = Archive(made_up(1))
    middle = archive.days[10]
    window = (("series_id", "WALCL"), ("realtime_start", middle), ("realtime_end", common.LAST_REALTIME))
    body = archive.answer(Request(common.API, window, "WALCL"))
    clipped = [row for row in json.loads(body)["observations"] if row["realtime_start"] == middle]
    assert len(clipped) > 5
    frame = conform(OBSERVATIONS, OBSERVATIONS.parse(OBSERVATIONS, body, Request(common.API, window, "WALCL"))).frame
    assert frame["known_from"].min() > new_york_to_utc(date.fromisoformat(middle), time(16, 30))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20])
def test_a_window_of_many_rows_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Pages cut an observation's versions in two; a withdrawal at the top of a page belongs to the page before."""
    monkeypatch.setattr(vintages, "VINTAGES_A_WINDOW", 19)
    history = made_up(2)
    frame = ask(Archive(history, page=size))
    assert frame.select("observation_date", "value", "known_from").rows() == expected(history)


def test_a_change_of_unit_belongs_to_its_vintage() -> None:
    """Two years of reserves in billions, rewritten in millions on one day, as happened in November 2025."""
    days = [date(2024, 1, 3) + timedelta(days=7 * n) for n in range(30)]
    border = "2024-06-13"
    history: History = {}
    for n, day in enumerate(days):
        printed, level = str(day + timedelta(days=1)), 21.5 + 100 * n
        history[day] = [(printed, f"{level:.3f}")] if printed < border else []
        history[day].append((max(printed, border), f"{level * 1000:.0f}"))
    frame = ask(Archive(history, "WRESBAL"))
    border_at = new_york_to_utc(date.fromisoformat(border), time(16, 30))
    units = frame.group_by(pl.col("known_from") >= border_at).agg(pl.col("unit").unique()).sort("known_from")
    assert units["unit"].to_list() == [["usd_bn"], ["usd_mn"]]
    mixed = {day: known[-1:] if n % 2 else known[:1] for n, (day, known) in enumerate(history.items())}
    with pytest.raises(BodyError):
        ask(Archive(mixed, "WRESBAL"))


def test_a_parameter_that_was_not_understood_is_noticed() -> None:
    """The API answers a mistyped one with status 200 and revised data; the echo of the period tells."""
    archive = Archive(made_up(3))
    asked = vintages.vintage_days("WALCL", common.FIRST_REALTIME)
    ignored = json.loads(archive.answer(asked)) | {"realtime_start": "2024-12-01", "realtime_end": "2024-12-01"}
    with pytest.raises(LayoutError, match="the answer is about 2024-12-01"):
        follow_vintages(json.dumps(ignored).encode(), asked)
    window = follow_vintages(archive.answer(asked), asked)
    assert window is not None
    today = json.loads(archive.answer(window)) | {"realtime_start": "2024-12-01", "realtime_end": "2024-12-01"}
    with pytest.raises(LayoutError, match="the answer is about 2024-12-01"):
        OBSERVATIONS.parse(OBSERVATIONS, json.dumps(today).encode(), window)


@pytest.mark.parametrize("changes", [{"vintage_dates": []}, {"offset": 3}, {"sort_order": "desc"}])
def test_a_list_of_vintages_that_does_not_start_at_the_beginning_is_refused(changes: dict) -> None:
    asked = vintages.vintage_days("WALCL", common.FIRST_REALTIME)
    body = json.loads(Archive(made_up(3)).answer(asked)) | changes
    with pytest.raises(LayoutError, match="no vintage days"):
        follow_vintages(json.dumps(body).encode(), asked)


def test_todays_observations_lead_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRED_API_KEY", "made-up-secret")
    request = next(iter(OBSERVATIONS.requests(OBSERVATIONS, Plan(date(2024, 2, 7)))))
    assert follow_vintages(b"anything", request) is None
    assert next_vintages(b"anything", request) is None
