"""Kraken candles: text prices, the key that is not asked for, the running day, refusals with status 200."""

import json
from datetime import date, datetime

import httpx
import pytest

from ingest.catalog import Parsed, Plan, Request
from ingest.errors import (
    DuplicateKeyError,
    EmptyBodyError,
    ImplausibleValueError,
    LayoutError,
    UnreadableBodyError,
    ValueFormatError,
)
from ingest.parsing import conform
from ingest.providers.kraken import DAILY_CANDLES as CANDLES
from ingest.sample import kraken as sample
from ingest.sample.world import World

MIDNIGHT = 1_706_745_600  # 2024-02-01 00:00 UTC
DAY = 86_400
ROW = [MIDNIGHT, "41000.0", "43000.0", "40000.5", "42500.1", "42000.2", "1234.50000000", 5678]


def body(*rows: object, last: object = MIDNIGHT, key: str = "XXBTZUSD", **more: object) -> bytes:
    return json.dumps({"error": [], "result": {key: list(rows), "last": last} | more}).encode()


def parse(raw: bytes, scope: str | None = "XBTUSD") -> Parsed:
    return conform(CANDLES, CANDLES.parse(CANDLES, raw, Request("u", scope=scope)))


def test_open_comes_first_and_text_becomes_numbers() -> None:
    assert parse(body(ROW)).frame.row(0, named=True) == {
        "pair": "XBTUSD",
        "candle_date": date(2024, 2, 1),
        "open_usd_per_btc": 41_000,
        "high_usd_per_btc": 43_000,
        "low_usd_per_btc": 40_000.5,
        "close_usd_per_btc": 42_500.1,
        "vwap_usd_per_btc": 42_000.2,
        "volume_btc": 1234.5,
        "trades_count": 5678,
    }


def test_the_running_day_is_left_out_and_the_file_names_its_pair() -> None:
    rows = [[MIDNIGHT + n * DAY, *ROW[1:]] for n in (-1, 0, 1)]
    assert parse(body(*rows), scope=None).frame["candle_date"].to_list() == [date(2024, 1, 31), date(2024, 2, 1)]


def test_a_day_without_trades_has_no_average() -> None:
    quiet = [MIDNIGHT, *["41000.0"] * 4, "0.0", "0.00000000", 0]
    assert parse(body(quiet)).frame["vwap_usd_per_btc"].to_list() == [None]


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        ([MIDNIGHT, "41000", "40000", "43000", *ROW[4:]], ImplausibleValueError, "2024-02-01: low_"),
        ([MIDNIGHT, "41000", "43000", "42000", *ROW[4:]], ImplausibleValueError, "is more than"),
        ([*ROW[:5], "44000.0", *ROW[6:]], ImplausibleValueError, "vwap_usd_per_btc 44000.0 is more"),
        ([MIDNIGHT - 3600, *ROW[1:]], ValueFormatError, "no midnight"),
        ([MIDNIGHT, "much", *ROW[2:]], ValueFormatError, "open_usd_per_btc: 'much'"),
        ([MIDNIGHT, 41000.0, *ROW[2:]], ValueFormatError, "str"),
        (ROW[:7], LayoutError, "length 8"),
        ([MIDNIGHT, *(f"{float(n) / 1000}" for n in ROW[1:6]), *ROW[6:]], ImplausibleValueError, "usd_per_btc"),
        ([MIDNIGHT, *(f"{float(n) * 1000}" for n in ROW[1:6]), *ROW[6:]], ImplausibleValueError, "usd_per_btc"),
    ],
)
def test_bad_candles_are_named(row: list[object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(body(row))


@pytest.mark.parametrize(
    ("raw", "error", "says"),
    [
        (b'{"error":["EQuery:Unknown asset pair"]}', UnreadableBodyError, "refuses: EQuery:Unknown asset pair"),
        (b'{"error":["EGeneral:Too many requests"],"result":{}}', UnreadableBodyError, "Too many requests"),
        (b'{"error":[]}', LayoutError, "one pair and last"),
        (b'{"error":[],"result":{"last":1}}', LayoutError, "one pair and last"),
        (body(ROW, last=[]), LayoutError, "one pair and last"),
        (body(ROW, XETHZUSD=[]), LayoutError, "XETHZUSD"),
        (body(ROW, key="XETHZUSD"), LayoutError, "about XETHZUSD, asked was XBTUSD"),
        (b'{"result":{}}', LayoutError, "error"),
        (b'{"error":[],"result":{},"hint":1}', LayoutError, "hint"),
        (b"[]", LayoutError, "object"),
        (b"<html>", UnreadableBodyError, "HTML"),
        (body(ROW)[:60], UnreadableBodyError, "no whole JSON"),
        (b"", UnreadableBodyError, "empty"),
    ],
)
def test_what_is_no_answer(raw: bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parse(raw)


def test_nothing_finished_and_two_different_candles_of_a_day() -> None:
    with pytest.raises(EmptyBodyError):
        parse(body(ROW, last=MIDNIGHT - DAY))
    with pytest.raises(DuplicateKeyError):
        parse(body(ROW, [*ROW[:7], 1]))


def test_one_request_whatever_is_held() -> None:
    for plan in (Plan(date(2026, 2, 7)), Plan(date(2026, 2, 7), {"XBTUSD": date(2026, 2, 6)})):
        (asked,) = CANDLES.requests(CANDLES, plan)
        assert asked.public_url == "https://api.kraken.com/0/public/OHLC?pair=XBTUSD&interval=1440"
        assert (asked.covers_from, asked.covers_to) == (date(2024, 2, 20), date(2026, 2, 6))


WORLD = World(date(2024, 5, 1))


def ask_sample(query: str) -> bytes:
    url = f"https://{sample.HOST}/0/public/OHLC?{query}"
    return sample.answer(WORLD, datetime(2024, 4, 15, 18), httpx.Request("GET", url)).content


def test_the_sample_serves_719_finished_days_near_coinbase() -> None:
    frame = parse(ask_sample("pair=XBTUSD&interval=1440")).frame
    assert frame.height == 719
    assert frame["candle_date"].max() == date(2024, 4, 14)
    for day, close in frame.select("candle_date", "close_usd_per_btc").rows():
        assert abs(close / WORLD.candles[day].close - 1) < 0.002
    assert ask_sample("pair=XBTUSD&interval=1440") == ask_sample("pair=XBTUSD&interval=1440")


@pytest.mark.parametrize("query", ["pair=DOGEUSD&interval=1440", "pair=XBTUSD&interval=60"])
def test_the_sample_refuses_with_status_200(query: str) -> None:
    with pytest.raises(UnreadableBodyError, match="refuses"):
        parse(ask_sample(query))
