"""The event study recomputed from the published Parquet files, without the SQL that made it."""

import hashlib
from datetime import date

import polars as pl
import pytest

from warehouse.connection import Home

# As the seed srf_event_study_settings states them; written out here so that a changed setting is noticed.
WINDOWS = {
    "since_start": (date(2021, 7, 29), None),
    "since_2022": (date(2022, 1, 1), None),
    "until_2025_11": (date(2022, 1, 1), date(2025, 11, 24)),
    "since_second_operation": (date(2025, 6, 26), None),
}
CONTROLS = {
    "all_days": (),
    "without_quarter_ends": ("is_quarter_end",),
    "without_month_ends": ("is_month_end",),
    "without_tax_dates": ("is_tax_date",),
    "ordinary_days": ("is_month_end", "is_tax_date", "is_coupon_settlement"),
}
THRESHOLDS = [(sofr, take_up) for sofr in (-5.0, 0.0) for take_up in (1.0, 5.0)]
BLOCK_DAYS, REPLICATIONS, START_NUMBER = 10, 1000, 20251104
NAMED_SHIFTS, SHORTEST_SHIFT = (5, 10, 15, 20, 63), 5


def _parquet(home: Home, mart: str) -> pl.DataFrame:
    return pl.read_parquet(home.current.resolve() / "parquet" / f"{mart}.parquet")


@pytest.fixture(scope="module")
def study(refreshed: Home) -> dict[tuple, dict]:
    key = ("sample_window", "control", "sofr_threshold_bp", "take_up_threshold_usd_bn")
    return {tuple(row[name] for name in key): row for row in _parquet(refreshed, "srf_event_study").to_dicts()}


@pytest.fixture(scope="module")
def stress(refreshed: Home) -> pl.DataFrame:
    return _parquet(refreshed, "funding_stress_daily").sort("effective_date")


def _days(stress: pl.DataFrame, window: str, control: str) -> pl.DataFrame:
    first, last = WINDOWS[window]
    flagged = pl.any_horizontal([pl.col(flag) for flag in CONTROLS[control]] or [pl.lit(False)])
    return stress.with_columns(flagged=flagged | flagged.shift(1, fill_value=False)).filter(
        ~pl.col("flagged"),
        pl.col("sofr_minus_ceiling_bp").is_not_null(),
        pl.col("srf_accepted_usd_bn").is_not_null(),
        pl.col("effective_date").is_between(first, last or date.max),
    )


def _verdicts(days: pl.DataFrame, sofr: float, take_up: float) -> tuple[list[bool], list[bool]]:
    return (days["srf_accepted_usd_bn"] >= take_up).to_list(), (days["sofr_minus_ceiling_bp"] >= sofr).to_list()


def test_every_cell_of_the_table(study: dict, stress: pl.DataFrame):
    assert set(study) == {(w, c, sofr, taken) for w in WINDOWS for c in CONTROLS for sofr, taken in THRESHOLDS}
    for (window, control, sofr, taken), row in study.items():
        days = _days(stress, window, control)
        take_up, near = _verdicts(days, sofr, taken)
        pairs = list(zip(take_up, near, strict=True))
        case = (window, control, sofr, taken)
        assert (row["first_date"], row["last_date"]) == (days["effective_date"][0], days["effective_date"][-1]), case
        assert row["days_count"] == days.height, case
        assert row["both_days_count"] == pairs.count((True, True)), case
        assert row["only_take_up_days_count"] == pairs.count((True, False)), case
        assert row["only_sofr_days_count"] == pairs.count((False, True)), case
        assert row["neither_days_count"] == pairs.count((False, False)), case
        assert row["recall_ratio"] == pytest.approx(pairs.count((True, True)) / sum(take_up)), case
        assert row["precision_ratio"] == pytest.approx(pairs.count((True, True)) / sum(near)), case
    # The sample has something to find, or all of this compares nothing with nothing.
    assert study["since_2022", "all_days", -5.0, 1.0]["both_days_count"] > 10
    assert study["since_2022", "ordinary_days", 0.0, 5.0]["both_days_count"] > 0


@pytest.mark.parametrize(
    "case",
    [("since_second_operation", "all_days", 0.0, 1.0), ("until_2025_11", "without_month_ends", -5.0, 5.0)],
    ids=lambda case: case[0],
)
def test_bootstrap_is_what_its_description_says(study: dict, stress: pl.DataFrame, case: tuple):
    window, control, sofr, taken = case
    take_up, near = _verdicts(_days(stress, window, control), sofr, taken)
    count = len(take_up)
    recalls, precisions = [], []
    for replication in range(1, REPLICATIONS + 1):
        drawn: list[int] = []
        for block in range(1, -(-count // BLOCK_DAYS) + 1):
            digest = hashlib.md5(f"{START_NUMBER}:{replication}:{block}".encode()).hexdigest()
            first = int(digest[:12], 16) % count
            drawn += [(first + step) % count for step in range(BLOCK_DAYS)]
        both = sum(take_up[day] and near[day] for day in drawn)
        if any(take_up[day] for day in drawn):
            recalls.append(both / sum(take_up[day] for day in drawn))
        if any(near[day] for day in drawn):
            precisions.append(both / sum(near[day] for day in drawn))
    row = study[case]
    assert row["recall_replications_count"] == len(recalls)
    assert row["precision_replications_count"] == len(precisions)
    for name, values in (("recall", recalls), ("precision", precisions)):
        for side, share in (("low", 0.05), ("high", 0.95)):
            expected = pl.Series(values).quantile(share, interpolation="linear")
            assert row[f"{name}_{side}_ratio"] == pytest.approx(expected, abs=6e-5), (name, side)
    # A ratio of 1 has no width; of the two ratios of a case one is less than that.
    intervals = [[row[f"{name}_{part}ratio"] for part in ("low_", "", "high_")] for name in ("recall", "precision")]
    assert all(low <= ratio <= high for low, ratio, high in intervals)
    assert any(low < ratio < high for low, ratio, high in intervals)


def test_placebo_is_what_its_description_says(study: dict, stress: pl.DataFrame):
    case = ("since_2022", "without_quarter_ends", -5.0, 1.0)
    take_up, near = _verdicts(_days(stress, *case[:2]), *case[2:])
    count, events = len(take_up), [day for day, is_event in enumerate(take_up) if is_event]
    recalls = {
        shift: sum(near[(day + shift) % count] for day in events) / len(events)
        for shift in range(SHORTEST_SHIFT, count - SHORTEST_SHIFT + 1)
    }
    named = [recall for shift, recall in recalls.items() if shift in NAMED_SHIFTS or count - shift in NAMED_SHIFTS]
    real = sum(near[day] for day in events) / len(events)
    row = study[case]
    assert (row["placebo_shifts_count"], row["named_shifts_count"]) == (len(recalls), 10) == (count - 9, len(named))
    assert row["placebo_mean_recall_ratio"] == pytest.approx(sum(recalls.values()) / len(recalls), abs=6e-5)
    assert row["placebo_highest_recall_ratio"] == pytest.approx(max(recalls.values()))
    assert row["named_placebo_mean_recall_ratio"] == pytest.approx(sum(named) / len(named), abs=6e-5)
    reaching = sum(recall >= real for recall in recalls.values()) / len(recalls)
    assert row["placebo_reaching_ratio"] == pytest.approx(reaching, abs=1e-6)
    assert row["recall_ratio"] > row["placebo_high_recall_ratio"]


def test_event_window_averages_the_days_around(refreshed: Home, stress: pl.DataFrame):
    known = stress.filter(pl.col("sofr_minus_ceiling_bp").is_not_null())["sofr_minus_ceiling_bp"].to_list()
    dates = stress.filter(pl.col("sofr_minus_ceiling_bp").is_not_null())["effective_date"].to_list()
    days = _days(stress, "since_2022", "all_days")
    events = set(days.filter(pl.col("srf_accepted_usd_bn") >= 1)["effective_date"])
    places = [place for place, day in enumerate(dates) if day in events]
    mean = days["sofr_minus_ceiling_bp"].mean()
    rows = _parquet(refreshed, "srf_event_window").filter(
        pl.col("sample_window") == "since_2022",
        pl.col("control") == "all_days",
        pl.col("take_up_threshold_usd_bn") == 1,
    )
    assert rows.height == 21
    for row in rows.to_dicts():
        offset = row["business_day_offset"]
        path = [known[place + offset] for place in places if 0 <= place + offset < len(known)]
        assert row["take_up_days_count"] == len(path)
        assert row["mean_sofr_minus_ceiling_bp"] == pytest.approx(sum(path) / len(path), abs=1e-4)
        assert row["placebo_mean_sofr_minus_ceiling_bp"] == pytest.approx(mean, abs=1e-4)
