"""The vocabulary: what a wrong declaration says, what a frame is held against, and the registry as it stands."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.calendars import Calendar
from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Parsed, Plan, Provider, Request, Series, Unit
from ingest.errors import (
    CatalogError,
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnitError,
    ValueFormatError,
)
from ingest.parsing import conform
from ingest.providers import DATASETS, PROVIDERS, dataset, index, provider_of
from ingest.releases import Cadence, Release, next_effective

NOON = Release(time(12, 0), "made up for the test", business_days=1)


def tolls(**changes: object) -> Dataset:
    """A small dataset of the test's own."""
    made: dict[str, object] = {
        "provider": "harbour",
        "name": "tolls",
        "title": "Tolls",
        "description": "Tolls taken by day.",
        "columns": (
            Column("gate", "varchar", "Which gate", is_nullable=False, allowed=frozenset({"north", "south"})),
            Column("toll_date", "date", "Day of the toll", is_nullable=False),
            Column("taken_usd_mn", "double", "What was taken", Unit.USD_MN, False, plausible=(1, 500)),
            Column("count", "bigint", "How many ships", Unit.COUNT),
        ),
        "key": ("gate", "toll_date"),
        "date_column": "toll_date",
        "cadence": Cadence.DAILY,
        "release": NOON,
        "start": date(2020, 1, 1),
        "window_days": 10,
        "licence": PUBLIC_DOMAIN,
        "requests": lambda dataset, plan: [Request("https://harbour.example/tolls")],
        "parse": lambda dataset, body, request: frame(),
    } | changes
    return Dataset(**made)  # type: ignore[arg-type]


def frame(**changes: list[object]) -> pl.DataFrame:
    values = {
        "gate": ["north", "south"],
        "toll_date": [date(2024, 5, 6), date(2024, 5, 6)],
        "taken_usd_mn": [12.5, 80.0],
        "count": [3, None],
    } | changes
    return pl.DataFrame(values, schema=tolls().schema)


# --- declarations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Column("Toll", "double", "upper case", Unit.PCT), "lower_snake_case"),
        (lambda: Column("toll_pct", "float", "unknown type", Unit.PCT), "dtype"),
        (lambda: Column("toll", "double", "no unit in its name", Unit.PCT), "end in its unit"),
        (lambda: Column("toll_pct", "double", "no unit"), "carry a unit"),
        (lambda: Column("toll_day", "date", "a date"), "ends in _date"),
        (lambda: Column("toll_time", "timestamp", "a moment"), "ends in _at"),
        (lambda: Column("late", "boolean", "a flag"), "is_ or has_"),
        (lambda: Column("toll_pct", "double", "", Unit.PCT), "describe it"),
        (lambda: Column("toll_pct", "double", "no range", Unit.PCT, range_reason="none"), "a reason without a range"),
        (lambda: Series("T", "Toll", Unit.PCT, (3, 3)), "empty"),
        (lambda: Series("T", "", Unit.PCT, (1, 3)), "title"),
        (lambda: Series("T", "Toll", Unit.USD_BN, (1, 3), may_be_zero="never"), "above zero"),
        (lambda: Series("T", "Toll", Unit.PCT, (1, 3), former_units=(Unit.USD_MN,)), "same kind"),
        (lambda: Release(time(8), ""), "source"),
        (lambda: tolls(name="Tolls"), "lower_snake_case"),
        (lambda: tolls(key=("quay",)), "not one of its columns"),
        (lambda: tolls(ordered=(("toll_date", "quay"),)), "not one of its columns"),
        (lambda: tolls(key=("count",)), "must not be nullable"),
        (lambda: tolls(date_column="gate"), "not a date"),
        (lambda: tolls(stamped_at="gate"), "no timestamp"),
        (lambda: tolls(series_column="gate"), "series need"),
        (lambda: tolls(series=(Series("north", "N", Unit.PCT, (0, 1)),)), "series need"),
        (lambda: tolls(columns=(*tolls().columns, Column("known_from", "varchar", "taken"))), "belong to the store"),
        (lambda: tolls(columns=(*tolls().columns, tolls().columns[0])), "declared twice"),
        (lambda: tolls(columns=tuple(replace(c, wire="x") for c in tolls().columns)), "called alike"),
        (lambda: tolls(columns=tuple(replace(c, heading="X") for c in tolls().columns)), "called alike"),
        (lambda: tolls(computed=(("gate", "A column that is there"),)), "staging adds"),
        (lambda: Provider("port", "Port", "https://port.example", ("port.example",), (tolls(),)), "file of port"),
        (lambda: Provider("harbour", "H", "https://h.example", (), (tolls(),)), "hosts"),
    ],
)
def test_a_wrong_declaration_fails_when_it_is_made(make: object, says: str) -> None:
    with pytest.raises(CatalogError, match=says):
        make()  # type: ignore[operator]


# --- conform --------------------------------------------------------------------------------------------------------


def test_a_good_frame_comes_back_in_column_order_and_keeps_its_notes() -> None:
    shuffled = frame().select("count", "taken_usd_mn", "toll_date", "gate")
    parsed = conform(tolls(), Parsed(shuffled, ("a remark",)))
    assert parsed.frame.columns == ["gate", "toll_date", "taken_usd_mn", "count"]
    assert parsed.notes == ("a remark",)
    assert conform(tolls(), pl.concat([frame(), frame()])).frame.height == 2, "identical rows fold into one"


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (lambda f: f.drop("count"), LayoutError, "count"),
        (lambda f: f.with_columns(extra=pl.lit(1)), LayoutError, "extra"),
        (lambda f: f.clear(), EmptyBodyError, "no rows"),
        (lambda f: f.with_columns(pl.col("count").cast(pl.String)), ValueFormatError, "count"),
        (lambda f: f.with_columns(taken_usd_mn=pl.lit(None, pl.Float64)), ValueFormatError, "row 0 taken_usd_mn"),
        (lambda f: f.with_columns(taken_usd_mn=pl.lit(float("nan"))), ValueFormatError, "finite"),
        (lambda f: f.with_columns(pl.col("taken_usd_mn") * 1000), ImplausibleValueError, "plausible"),
        (lambda f: f.with_columns(gate=pl.lit("east")), ValueFormatError, "east"),
        (lambda f: f.with_columns(gate=pl.lit("north")), DuplicateKeyError, "share a key"),
    ],
)
def test_a_bad_frame_is_named(spoil: object, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        conform(tolls(), spoil(frame()))  # type: ignore[operator]


# --- units ----------------------------------------------------------------------------------------------------------

CASH = Series("CASH", "Cash", Unit.USD_MN, (1.5, 1200), former_units=(Unit.USD_BN,))


def test_columns_that_never_fall() -> None:
    chained = tolls(
        columns=(
            *tolls().columns[:2],
            *(
                Column(f"{name}_usd_mn", "double", "A level of the day", Unit.USD_MN)
                for name in ("low", "mean", "high")
            ),
        ),
        ordered=(("low_usd_mn", "mean_usd_mn", "high_usd_mn"),),
    )

    def conformed(*levels: float | None) -> pl.DataFrame:
        row = ("north", date(2024, 5, 6), *levels)
        return conform(chained, pl.DataFrame([row], schema=chained.schema, orient="row")).frame

    for fine in ((1.0, 2.0, 3.0), (2.0, 2.0, 2.0), (None, 5.0, None), (1.0, None, 1.0)):
        assert conformed(*fine).row(0)[2:] == fine
    with pytest.raises(ImplausibleValueError, match=r"north 2024-05-06: mean_usd_mn 4.0 is more than high_usd_mn 3.0"):
        conformed(1.0, 4.0, 3.0)
    with pytest.raises(ImplausibleValueError, match=r"low_usd_mn 4.0 is more than high_usd_mn 3.0"):
        conformed(4.0, None, 3.0)


@given(st.lists(st.floats(2, 1100), min_size=1, max_size=30).filter(lambda v: min(v) < 1000 * 1.4))
def test_millions_and_billions_of_one_history_are_told_apart(billions: list[float]) -> None:
    assert CASH.resolve_unit([value * 1000 for value in billions]) is Unit.USD_MN
    assert CASH.resolve_unit(billions) is Unit.USD_BN


def test_a_scale_that_the_series_never_had_is_a_unit_error() -> None:
    with pytest.raises(UnitError, match="unit has changed"):
        CASH.resolve_unit([900e9, 850e9])
    with pytest.raises(ImplausibleValueError, match="outside its plausible range"):
        CASH.resolve_unit([900_000, 3.0e9, 5.0])


# --- dates, requests, plans -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "cadence", "calendar", "following"),
    [
        (date(2024, 3, 28), Cadence.DAILY, Calendar.SIFMA, date(2024, 4, 1)),
        (date(2024, 3, 28), Cadence.DAILY, Calendar.FED, date(2024, 3, 29)),
        (date(2024, 3, 29), Cadence.DAILY, Calendar.EVERY_DAY, date(2024, 3, 30)),
        (date(2024, 5, 1), Cadence.WEEKLY, Calendar.FED, date(2024, 5, 8)),
        (date(2024, 12, 1), Cadence.MONTHLY, Calendar.FED, date(2025, 1, 1)),
        (date(2024, 1, 31), Cadence.MONTHLY, Calendar.FED, date(2024, 2, 29)),
        (date(2024, 2, 29), Cadence.MONTHLY, Calendar.FED, date(2024, 3, 31)),
        (date(2024, 10, 1), Cadence.QUARTERLY, Calendar.FED, date(2025, 1, 1)),
        (date(2024, 9, 30), Cadence.QUARTERLY, Calendar.FED, date(2024, 12, 31)),
        (date(2024, 9, 30), Cadence.ANNUAL, Calendar.FED, date(2025, 9, 30)),
    ],
)
def test_the_date_that_follows(day: date, cadence: Cadence, calendar: Calendar, following: date) -> None:
    assert next_effective(day, cadence, calendar) == following


@pytest.mark.parametrize(
    ("newest", "following"),
    [
        (date(2025, 11, 13), date(2025, 11, 20)),
        (date(2025, 11, 20), date(2025, 11, 26)),  # Thanksgiving is on the 27th
        (date(2025, 11, 26), date(2025, 12, 4)),  # and the week after is dated on Thursday again
        (date(2025, 12, 18), date(2025, 12, 24)),
        (date(2025, 12, 24), date(2025, 12, 31)),
        (date(2025, 12, 31), date(2026, 1, 8)),
    ],
)
def test_the_mortgage_survey_is_dated_before_a_holiday(newest: date, following: date) -> None:
    series = DATASETS["fred.observations"]
    assert series.date_after(newest, "MORTGAGE30US") == following
    assert series.date_after(date(2024, 12, 25), "WALCL") == date(2025, 1, 1)  # H.4.1 keeps its Wednesdays


@given(st.dates(date(2001, 1, 1), date(2030, 1, 1)), st.sampled_from(list(Cadence)), st.sampled_from(list(Calendar)))
def test_the_following_date_is_later_and_within_the_cadence(day: date, cadence: Cadence, calendar: Calendar) -> None:
    longest = {"daily": 6, "weekly": 7, "monthly": 31, "quarterly": 92, "annual": 366}[cadence]
    assert 1 <= (next_effective(day, cadence, calendar) - day).days <= longest


def test_release_counts_days_then_business_days() -> None:
    h41 = Release(time(16, 30), "made up", business_days=1)
    assert h41.published_at(date(2024, 11, 27)) == datetime(2024, 11, 29, 21, 30)
    assert "+1 business days" in h41.describe()
    ahead = Release(time(12), "made up", business_days=-1)
    assert ahead.published_at(date(2024, 5, 6)).date() == date(2024, 5, 3)
    late = Release(time(12), "made up", days=1)
    assert late.published_at(date(2024, 5, 3)).date() == date(2024, 5, 6), "moves to a business day"
    assert tolls().due_at(date(2024, 5, 3)) == NOON.published_at(date(2024, 5, 6)) + timedelta(hours=6)


def test_a_plan_reads_the_window_again_or_everything() -> None:
    made = tolls()
    assert Plan(date(2024, 5, 8)).since(made) == date(2020, 1, 1)
    assert Plan(date(2024, 5, 8), {None: date(2024, 5, 6)}).since(made) == date(2024, 4, 26)
    assert Plan(date(2024, 5, 8), {None: date(2024, 5, 20)}).since(made) == date(2024, 4, 28), "values dated ahead"
    assert Plan(date(2024, 5, 8), {None: date(2024, 5, 6)}, is_full=True).since(made) == date(2020, 1, 1)
    assert Plan(date(2024, 5, 8), {None: date(2020, 1, 4)}).since(made) == date(2020, 1, 1), "never before the start"


# --- the registry ---------------------------------------------------------------------------------------------------


def test_every_dataset_is_found_by_id_and_by_table() -> None:
    for provider in PROVIDERS:
        for each in provider.datasets:
            assert dataset(each.id) is dataset(each.table) is each
            assert provider_of(each) is provider


def test_an_unknown_dataset_lists_near_names() -> None:
    with pytest.raises(CatalogError, match=r"fred\.observations"):
        dataset("fred.observation")
    with pytest.raises(CatalogError, match=r"nyfed\.soma_summary"):
        dataset("soma_sumary")
    with pytest.raises(CatalogError, match="known are"):
        dataset("zzz")


def test_a_name_may_stand_there_once_only() -> None:
    first = PROVIDERS[0]
    with pytest.raises(CatalogError, match="provider declared twice"):
        index([first, first])
    with pytest.raises(CatalogError, match="dataset declared twice"):
        index([replace(first, datasets=(first.datasets[0], first.datasets[0]))])


@pytest.mark.parametrize("each", DATASETS.values(), ids=lambda d: d.id)
def test_what_every_dataset_owes(each: Dataset) -> None:
    assert each.rests_on, "say on which evidence the format rests"
    assert len(each.description) > 20
    assert each.licence.terms
    assert each.window_days > 0
    numbers = [c for c in each.columns if c.unit not in (None, Unit.BY_ROW)]
    assert all(c.plausible for c in numbers), "every number has a plausible range"
    newest = date(2026, 10, 1)
    plan = Plan(date(2026, 10, 2), {None: newest} | {s.id: newest for s in each.series})
    for asked in (plan, replace(plan, is_full=True)):
        requests = list(each.requests(each, asked))
        assert requests
        for request in requests:
            host = request.url.split("/")[2]
            assert host in provider_of(each).hosts
            assert request.url.startswith("https://")
            assert request.covers_from is None or request.covers_to is None or request.covers_from <= request.covers_to
            assert request.scope is None or each.series_by_id(request.scope)
    for series in each.series:
        assert each.due_at(newest, series.id) > each.release_of(series.id).published_at(newest)
