"""Coinbase candles: order of the six numbers, the window, and bad candles."""

import json
from datetime import date
from itertools import pairwise

import pytest

from ingest.catalog import Parsed, Plan, Request
from ingest.errors import (
    BodyError,
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform
from ingest.providers.coinbase import DAILY_CANDLES as CANDLES

MIDNIGHT = 1_706_745_600  # 2024-02-01 00:00 UTC
DAY = 86_400
ROW = [MIDNIGHT, 40_000.5, 43_000, 41_000, 42_500.25, 1234.5]  # time, low, high, open, close, volume


def candles(*rows: list[object], **request: object) -> Parsed:
    asked = Request("u", **({"scope": "BTC-USD"} | request))  # type: ignore[arg-type]
    return conform(CANDLES, CANDLES.parse(CANDLES, json.dumps(rows).encode(), asked))


def test_low_comes_before_high_on_the_wire() -> None:
    row = candles(ROW).frame.row(0, named=True)
    assert row == {
        "product_id": "BTC-USD",
        "candle_date": date(2024, 2, 1),
        "open_usd_per_btc": 41_000,
        "high_usd_per_btc": 43_000,
        "low_usd_per_btc": 40_000.5,
        "close_usd_per_btc": 42_500.25,
        "volume_btc": 1234.5,
    }


def test_candles_outside_the_window_are_dropped_the_running_day_too() -> None:
    rows = [[MIDNIGHT + n * DAY, *ROW[1:]] for n in (3, 2, 1, 0, -1)]
    window = {"covers_from": date(2024, 2, 1), "covers_to": date(2024, 2, 3)}
    parsed = candles(*rows, **window)
    assert sorted(parsed.frame["candle_date"]) == [date(2024, 2, n) for n in (1, 2, 3)]
    assert parsed.notes == ()


def test_a_file_keeps_all_and_says_that_the_newest_may_be_running() -> None:
    parsed = candles(ROW, scope=None, is_file=True)
    assert parsed.frame.height == 1
    assert "2024-02-01" in parsed.notes[0]


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        (
            [MIDNIGHT, 43_000, 40_000.5, 41_000, 42_500.25, 1.0],
            ImplausibleValueError,
            "2024-02-01",
        ),  # low and high swapped
        ([MIDNIGHT, 40_000, 42_000, 41_000, 42_500, 1.0], ImplausibleValueError, "is more than"),
        ([MIDNIGHT + 3600, *ROW[1:]], ValueFormatError, "no midnight"),
        ([MIDNIGHT * 1000, *ROW[1:4], None, 1.0], ValueFormatError, r"\$\[0\]\[4\]"),
        ([MIDNIGHT, "40000", *ROW[2:]], ValueFormatError, r"\$\[0\]\[1\]"),
        (ROW[:5], LayoutError, "length 6"),
        ([*ROW, 7.0], LayoutError, "length 6"),
        ([MIDNIGHT, *(n * 1000 for n in ROW[1:])], ImplausibleValueError, "usd_per_btc"),
        ([MIDNIGHT, *(n / 1000 for n in ROW[1:])], ImplausibleValueError, "usd_per_btc"),
    ],
)
def test_bad_candles_are_named(row: list[object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        candles(row)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>", UnreadableBodyError),
        (b"[[1706745600, 40000.5, 43", UnreadableBodyError),
        (b'{"message":"NotFound"}', LayoutError),
        (b"", UnreadableBodyError),
    ],
)
def test_what_is_no_answer_at_all(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        CANDLES.parse(CANDLES, body, Request("u", scope="BTC-USD"))


def test_no_candle_and_two_different_ones_of_a_day() -> None:
    with pytest.raises(EmptyBodyError):
        candles()
    with pytest.raises(DuplicateKeyError):
        candles(ROW, [*ROW[:5], 99.0])
    with pytest.raises(BodyError, match="DOGE"):
        candles(ROW, scope="DOGE-USD")


def test_windows_of_299_days_cover_everything_once_and_stop_yesterday() -> None:
    today = date(2024, 2, 7)
    asked = list(CANDLES.requests(CANDLES, Plan(today)))
    assert asked[0].covers_from == date(2015, 7, 20)
    assert asked[-1].covers_to == date(2024, 2, 6)
    for request, following in pairwise(asked):
        assert (request.covers_to - request.covers_from).days == 298
        assert (following.covers_from - request.covers_to).days == 1
    assert dict(asked[-1].params)["end"] == "2024-02-06T00:00:00Z"
    (later,) = CANDLES.requests(CANDLES, Plan(today, {"BTC-USD": date(2024, 2, 6)}))
    assert later.covers_from == date(2024, 1, 30)
    assert later.public_url.startswith("https://api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400")
