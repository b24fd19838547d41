"""The OFR's monitors: the documented shape, units, suppressed values, bad bodies, and the sample against the parser."""

import json
from datetime import date, datetime, time

import httpx
import polars as pl
import pytest

from ingest.calendars import Calendar, new_york_to_utc
from ingest.catalog import Dataset, Parsed, Plan, Request
from ingest.errors import (
    BodyError,
    DuplicateKeyError,
    EmptyBodyError,
    LayoutError,
    UnitError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform, parse_body
from ingest.providers.ofr import HEDGE_FUND_MONITOR as HEDGE
from ingest.providers.ofr import SHORT_TERM_FUNDING as FUNDING
from ingest.sample import nyfed, ofr
from ingest.sample.world import world_on
from ingest.sample.world.dates import last_open_day

TOTAL, FED, DVP, RATE = "MMF-MMF_TOT-M", "MMF-MMF_RP_wFR-M", "REPO-DVP_TV_TOT-P", "REPO-DVP_AR_OO-P"


def entry(*rows: list[object], unit: str | None = "USD", magnitude: int = 0) -> dict[str, object]:
    metadata = {"unit": {"name": unit, "magnitude": magnitude, "type": "Volume"}} if unit else {}
    edits = [row for row in rows if row[1] is None]
    return {"timeseries": {"aggregation": list(rows), "disclosure_edits": edits}, "metadata": metadata}


def parse(entries: object, scope: str | None = None, dataset: Dataset = FUNDING) -> Parsed:
    body = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return conform(dataset, dataset.parse(dataset, body, Request("u", scope=scope)))


def test_values_stay_whole_dollars_and_null_is_left_out_with_a_note() -> None:
    parsed = parse({DVP: entry(["2024-02-06", 1.5e12], ["2024-02-07", None], ["2024-02-08", 1_600_000_000_000])}, DVP)
    assert parsed.frame.rows() == [
        (DVP, date(2024, 2, 6), 1.5e12, "usd"),
        (DVP, date(2024, 2, 8), 1.6e12, "usd"),
    ]
    assert parsed.notes == (f"1 dates of {DVP} without a value left out",)


def test_several_series_in_one_file_and_a_body_without_metadata() -> None:
    both = {TOTAL: entry(["2024-01-31", 6e12], unit=None), RATE: entry(["2024-02-06", 5.31], unit="Percent")}
    assert parse(both).frame["unit"].to_list() == ["usd", "pct"]


def test_magnitude_is_not_applied() -> None:
    assert parse({DVP: entry(["2024-02-06", 1.5e12], magnitude=9)}, DVP).frame["value"].to_list() == [1.5e12]


def test_the_mirrored_volume_may_come_in_dollars_or_billions() -> None:
    volume = "FNYR-SOFR_UV-A"
    assert parse({volume: entry(["2024-02-06", 1.9e12])}, volume).frame["unit"].item() == "usd"
    assert parse({volume: entry(["2024-02-06", 1900])}, volume).frame["unit"].item() == "usd_bn"


@pytest.mark.parametrize(
    ("mnemonic", "rows", "unit", "error", "says"),
    [
        (DVP, [["2024-02-06", 1.5e9]], "USD", UnitError, "multiplied by 1000"),  # in thousands
        (DVP, [["2024-02-06", 1.5e15]], "USD", UnitError, "multiplied by 0.001"),
        (DVP, [["2024-02-06", 1.5e12]], "Percent", UnitError, "Percent"),
        (RATE, [["2024-02-06", 5.31]], "USD", UnitError, "USD"),
        (RATE, [["2024-02-06", 531.0]], "Percent", UnitError, "531"),
        # Money funds' repo with the Fed was millions and trillions; only its highest value tells thousands apart.
        (FED, [["2020-11-30", 6e6], ["2022-12-31", 2.2e9]], "USD", UnitError, "whole history"),
        (TOTAL, [["2024-01-30", 6e12]], "USD", LayoutError, "no date of a monthly series"),
        (DVP, [["2024-02-04", 1.5e12]], "USD", LayoutError, "no date of a daily series"),  # a Sunday: weekly
        (DVP, [["2024-02-06", "1.5e12"]], "USD", ValueFormatError, "str"),
        (DVP, [["06/02/2024", 1.5e12]], "USD", ValueFormatError, "date"),
        (DVP, [[1_707_177_600_000, 1.5e12]], "USD", ValueFormatError, "int"),  # asked with time_format=ms
        (DVP, [["2024-02-06", 1.5e12, 1]], "USD", LayoutError, "length 2"),
        (DVP, [["2024-02-06", 1.5e12], ["2024-02-06", 1.6e12]], "USD", DuplicateKeyError, "share a key"),
        (DVP, [["2024-02-06", None]], "USD", EmptyBodyError, "no rows"),
        (DVP, [], "USD", EmptyBodyError, "no rows"),
    ],
)
def test_bad_observations(
    mnemonic: str, rows: list[list[object]], unit: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        parse({mnemonic: entry(*rows, unit=unit)}, mnemonic)


def test_a_full_history_of_repo_with_the_fed_is_accepted() -> None:
    frame = parse({FED: entry(["2020-11-30", 6e6], ["2022-12-31", 2.2e12])}, FED).frame
    assert frame["value"].to_list() == [6e6, 2.2e12]


def test_quarters_end_in_march_june_september_december() -> None:
    nav = "FPF-ALLQHF_NAV_SUM"
    assert parse({nav: entry(["2025-03-31", 4.3e12])}, nav, HEDGE).frame.height == 1
    with pytest.raises(LayoutError, match="quarterly"):
        parse({nav: entry(["2025-01-31", 4.3e12])}, nav, HEDGE)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", UnreadableBodyError),
        (b"<html><title>403 Forbidden</title></html>", UnreadableBodyError),
        (b'{"MMF-MMF_TOT-M": {"timeseries": {"aggregation": [["2024-01-31", 6e1', UnreadableBodyError),
        (b'[["2024-01-31", 6000000000000.0]]', LayoutError),  # /series/timeseries, which does not name its series
        (b"{}", LayoutError),
        (b'{"message": "mnemonic not found"}', BodyError),
        (json.dumps({TOTAL: {"metadata": {}}}).encode(), LayoutError),
        (json.dumps({TOTAL: {"timeseries": {"disclosure_edits": []}}}).encode(), LayoutError),
        (json.dumps({DVP: entry(["2024-02-06", 1.5e12])}).encode(), LayoutError),  # another series than asked
    ],
)
def test_what_is_no_answer_at_all(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(body, TOTAL)


def test_a_series_outside_the_catalog_is_named() -> None:
    with pytest.raises(LayoutError, match="REPO-DVP_TV_TOT-F"):
        parse({"REPO-DVP_TV_TOT-F": entry(["2024-02-06", 1.5e12])})


def test_requests_daily_series_by_window_money_funds_and_gcf_whole() -> None:
    today = date(2026, 3, 2)
    held = {series.id: date(2026, 2, 27) for series in FUNDING.series}
    asked = {request.scope: request for request in FUNDING.requests(FUNDING, Plan(today, held))}
    assert len(asked) == len(FUNDING.series)
    assert asked[DVP].covers_from == date(2026, 1, 28)
    assert dict(asked[DVP].params) == {"mnemonic": DVP, "start_date": "2026-01-28"}
    for whole in (TOTAL, "REPO-GCF_AR_OO-P", "REPO-GCF_TV_TOT-P"):
        assert asked[whole].covers_from == FUNDING.start
    assert all(r.url == "https://data.financialresearch.gov/v1/series/full" for r in asked.values())


def test_hedge_funds_are_always_read_whole() -> None:
    held = {series.id: date(2025, 12, 31) for series in HEDGE.series}
    for request in HEDGE.requests(HEDGE, Plan(date(2026, 6, 15), held)):
        assert (request.covers_from, request.covers_to) == (date(2013, 3, 31), date(2026, 6, 15))
        assert [name for name, _ in request.params] == ["mnemonic"]
        assert request.url.startswith("https://data.financialresearch.gov/hf/v1/")


def test_preliminary_repo_was_not_public_before_its_feed() -> None:
    rule = FUNDING.release_of(DVP)
    assert rule.published_at(date(2018, 5, 7)) == datetime(2020, 9, 10, 21)
    assert rule.published_at(date(2026, 3, 2)) == datetime(2026, 3, 4, 22)
    assert FUNDING.release_of(TOTAL).published_at(date(2018, 5, 31)) < datetime(2018, 7, 1)


# --- sample ---------------------------------------------------------------------------------------------------------

TODAY = date(2026, 6, 15)


def sampled(dataset: Dataset, mnemonic: str, today: date = TODAY) -> pl.DataFrame:
    request = next(r for r in dataset.requests(dataset, Plan(today)) if r.scope == mnemonic)
    now = new_york_to_utc(today, time(23, 30))
    answer = ofr.answer(world_on(TODAY), now, httpx.Request("GET", request.url, params=dict(request.params)))
    assert answer.status_code == 200
    return parse_body(dataset, answer.content, request)[0].frame


@pytest.mark.parametrize("dataset", [FUNDING, HEDGE], ids=lambda d: d.name)
def test_the_sample_has_every_series_and_its_values_are_plausible(dataset: Dataset) -> None:
    for series in dataset.series:
        frame = sampled(dataset, series.id)
        assert frame["observation_date"].min().year == 2018
        assert frame["unit"].unique().to_list() == [series.unit.suffix]


def test_sample_sofr_is_the_new_york_feds() -> None:
    frame = sampled(FUNDING, "FNYR-SOFR-A")
    now = new_york_to_utc(TODAY, time(23, 30))
    rates = nyfed.published_rates(world_on(TODAY), "SOFR", now)
    expected = {d: nyfed.rate_as_known("SOFR", d, r, now)[0] for d, r in rates.items()}
    shown = dict(frame.select("observation_date", "value").rows())
    assert shown == {day: expected[day] for day in shown}
    assert len(expected) - len(shown) <= 1


def test_sample_repo_with_the_fed_follows_on_rrp_and_stays_below_it() -> None:
    world = world_on(TODAY)
    for day, value in sampled(FUNDING, FED).select("observation_date", "value").rows():
        on_rrp = world.on_rrp_usd_mn[last_open_day(day.replace(day=1), Calendar.SIFMA)] * 1e6
        assert 0.85 * on_rrp <= value <= on_rrp


def test_sample_repo_by_counterparty_and_by_collateral_adds_up() -> None:
    december = pl.col("observation_date") == date(2022, 12, 31)

    def value(name: str) -> float:
        return sampled(FUNDING, f"MMF-MMF_{name}-M").filter(december)["value"].item()

    total = value("RP_TOT")
    assert sum(value(f"RP_{who}") for who in ("wFR", "wFICC", "wDFI", "wFFI", "wOCP")) == pytest.approx(total)
    assert sum(value(f"RP_{what}_TOT") for what in ("T", "AG", "OA")) == pytest.approx(total)
    assert total + value("T_TOT") < value("TOT")


def test_sample_rewrites_the_newest_quarter_when_the_next_one_comes_out() -> None:
    first = sampled(HEDGE, "FPF-BORROW_REPO_SUM", date(2026, 3, 31))
    later = sampled(HEDGE, "FPF-BORROW_REPO_SUM")
    assert first["observation_date"].max() == date(2025, 12, 31)
    assert later["observation_date"].max() == date(2026, 3, 31)
    joined = first.join(later, on=["mnemonic", "observation_date"])
    changed = joined.filter(pl.col("value") != pl.col("value_right"))["observation_date"].to_list()
    assert changed == [date(2025, 12, 31)]


def test_sample_is_the_same_twice_and_refuses_what_it_does_not_know() -> None:
    now = new_york_to_utc(TODAY, time(23, 30))
    known = httpx.Request("GET", "https://data.financialresearch.gov/v1/series/full?mnemonic=repo-dvp_tv_tot-p")
    assert ofr.answer(world_on(TODAY), now, known).content == ofr.answer(world_on(TODAY), now, known).content
    unknown = httpx.Request("GET", "https://data.financialresearch.gov/v1/series/full?mnemonic=REPO-XYZ-P")
    assert ofr.answer(world_on(TODAY), now, unknown).status_code == 400
