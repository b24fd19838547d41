"""Errors in what providers answer: other units, lost pages, other series. The ingest must refuse them by name."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx

from ingest.sample import Fault
from tests.mutations.kinds import Upstream


def _text(change: Callable[[str], str]) -> Fault:
    return lambda request, response: httpx.Response(200, content=change(response.read().decode()))


def _json(change: Callable[[Any], Any]) -> Fault:
    """``change`` alters the decoded body in place."""

    def spoil(text: str) -> str:
        body = json.loads(text)
        change(body)
        return json.dumps(body)

    return _text(spoil)


def _zipped(change: Callable[[str], str]) -> Fault:
    """``change`` alters the text of every member of an archive or workbook."""

    def spoil(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(response.read())) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                new.writestr(name, change(old.read(name).decode()))
        return httpx.Response(200, content=target.getvalue())

    return spoil


def _scaled(pattern: str, factor: int | Decimal) -> Callable[[str], str]:
    """The number that the group of ``pattern`` holds, times ``factor``, everywhere."""

    def scale(match: re.Match) -> str:
        start, end = (place - match.start() for place in match.span(1))
        return f"{match[0][:start]}{(Decimal(match[1]) * factor).normalize():f}{match[0][end:]}"

    return lambda text: re.sub(pattern, scale, text)


def _fields(name: str, factor: int | Decimal) -> Fault:
    """Every JSON field whose name ends in ``name``, number or text, times ``factor``."""
    return _text(_scaled(rf'{name}" ?: ?"?(-?[\d.]+)', factor))


def _last_column(factor: int | Decimal) -> Fault:
    return _text(_scaled(r"(?m),(-?[\d.]+)$", factor))


def _exchanged(one: str, other: str) -> Fault:
    """Two names of JSON fields stand for each other."""
    return _text(
        lambda text: text.replace(f'"{one}"', '"?"').replace(f'"{other}"', f'"{one}"').replace('"?"', f'"{other}"')
    )


def _drop_leg(body: dict) -> None:
    operation = next(o for o in body["repo"]["operations"] if sum(d["amtAccepted"] > 0 for d in o["details"]) > 1)
    operation["details"] = operation["details"][1:]


def _one_page(body: dict) -> None:
    body["links"]["next"] = None


def _first_page_again(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Page two shows the last rows of page one instead of its first ones: rows moved while we paged."""
    if request.url.params.get("page[number]") != "2":
        _first_page_again.rows = json.loads(response.read())["data"][-5:]  # type: ignore[attr-defined]
        return httpx.Response(200, content=response.read())
    body = json.loads(response.read())
    body["data"][:5] = _first_page_again.rows  # type: ignore[attr-defined]
    return httpx.Response(200, content=json.dumps(body))


def _two_prices(body: list) -> None:
    seconds, low, high, first, last, volume = body[0]
    body.append([seconds, low, high, first, high if last != high else low, volume])


UPSTREAM = (
    # --- units ---
    Upstream(
        "fred_in_thousands",
        "WALCL comes in thousands of dollars instead of millions",
        "fred.observations",
        "fredgraph.csv?id=WALCL",
        _last_column(1000),
        "UnitError",
    ),
    Upstream(
        "fred_rate_in_basis_points",
        "interest on reserves comes in basis points",
        "fred.observations",
        "fredgraph.csv?id=IORB",
        _last_column(100),
        "UnitError",
    ),
    Upstream(
        "dts_in_dollars",
        "the cash balance comes in dollars instead of millions",
        "fiscaldata.operating_cash_balance",
        "operating_cash_balance",
        _fields("open_today_bal", 1_000_000),
        "ImplausibleValueError",
    ),
    Upstream(
        "dts_issuance_in_thousands",
        "issues and redemptions come in thousands of dollars",
        "fiscaldata.public_debt_transactions",
        "public_debt_transactions",
        _fields("transaction_[a-z]+_amt", 1000),
        "ImplausibleValueError",
    ),
    Upstream(
        "nyfed_rate_in_basis_points",
        "SOFR comes in basis points",
        "nyfed.reference_rates",
        "/secured/sofr/",
        _fields("percentRate", 100),
        "ImplausibleValueError",
    ),
    Upstream(
        "nyfed_volume_in_millions",
        "SOFR's volume comes in millions instead of billions",
        "nyfed.reference_rates",
        "/secured/sofr/",
        _fields("volumeInBillions", 1000),
        "ImplausibleValueError",
    ),
    Upstream(
        "nyfed_legs_in_millions",
        "the legs of an operation come in millions, its total in dollars",
        "nyfed.repo_operation_details",
        "/rp/results/",
        _fields("amtAccepted", Decimal("1e-6")),
        "ValueFormatError",
    ),
    Upstream(
        "soma_times_thousand",
        "SOMA's holdings come a thousand times larger",
        "nyfed.soma_summary",
        "/soma/summary",
        _fields("(?:mbs|tips|frn|Compensation|notesbonds|bills|agencies|total)", 1000),
        "ImplausibleValueError",
    ),
    Upstream(
        "dealers_in_thousands",
        "dealers' positions come in thousands instead of millions",
        "nyfed.primary_dealer_statistics",
        "/pd/get/",
        _fields("value", 1000),
        "UnitError",
    ),
    Upstream(
        "futures_of_another_size",
        "the exchange doubles the 10-year contract",
        "cftc.traders_in_financial_futures",
        "publicreporting.cftc.gov",
        _text(lambda text: text.replace("$100,000", "$200,000")),
        "UnitError",
    ),
    Upstream(
        "shorts_in_thousands",
        "leveraged funds' shorts come in thousands of contracts",
        "cftc.traders_in_financial_futures",
        "publicreporting.cftc.gov",
        _text(
            lambda text: re.sub(
                r'lev_money_positions_short":"(\d+)',
                lambda m: f'lev_money_positions_short":"{int(m[1]) // 1000}',
                text,
            )
        ),
        "ValueFormatError",
    ),
    Upstream(
        "tic_title_says_millions",
        "TIC's table of holders turns to millions and says so",
        "tic.major_foreign_holders",
        "slt_table5.txt",
        _text(lambda text: text.replace("Billions of dollars", "Millions of dollars")),
        "UnitError",
    ),
    Upstream(
        "tic_values_in_millions",
        "TIC's table of holders turns to millions and does not say so",
        "tic.major_foreign_holders",
        "slt_table5.txt",
        _text(_scaled(r"\t(-?[\d]+\.[\d]+)", 1000)),
        "UnitError",
    ),
    Upstream(
        "tic_flows_in_billions",
        "TIC's table of purchases turns to billions",
        "tic.slt_country_flows",
        "slt_table3.txt",
        _text(lambda text: text.replace("Millions of dollars", "Billions of dollars")),
        "UnitError",
    ),
    Upstream(
        "call_reports_in_dollars",
        "call reports come in dollars instead of thousands",
        "fdic.call_report_treasuries",
        "api.fdic.gov",
        _fields("(?:SCUST|SCUS|SC|ASSET|SCAF|SCHA|TRADE|CHFRB|FREPO|FREPP)", 1000),
        "UnitError",
    ),
    Upstream(
        "ofr_in_millions",
        "money funds' holdings come in millions instead of dollars",
        "ofr.short_term_funding",
        "mnemonic=MMF-MMF_TOT-M",
        _text(_scaled(r'",(-?[\d.]+)\]', Decimal("1e-6"))),
        "UnitError",
    ),
    Upstream(
        "h41_in_thousands",
        "the Board's H.4.1 states another multiplier",
        "frb.h41",
        "rel=H41",
        _zipped(lambda text: text.replace('UNIT_MULT="1000000"', 'UNIT_MULT="1000"')),
        "UnitError",
    ),
    Upstream(
        "gold_by_the_kilogram",
        "the World Bank quotes gold by the kilogram",
        "worldbank.commodity_prices_monthly",
        "CMO-Historical-Data-Monthly.xlsx",
        _zipped(lambda text: text.replace("($/troy oz)", "($/kg)")),
        "UnitError",
    ),
    Upstream(
        "bitcoin_in_cents",
        "candles come in cents",
        "coinbase.daily_candles",
        "/candles?granularity=86400&start=2025-",
        _json(lambda body: body.__setitem__(slice(None), [[c[0], *(p * 100 for p in c[1:5]), c[5]] for c in body])),
        "ImplausibleValueError",
    ),
    # --- rows and pages ---
    Upstream(
        "page_dropped",
        "we stop after the first page",
        "fiscaldata.public_debt_transactions",
        "public_debt_transactions",
        _json(_one_page),
        "PagingError",
    ),
    Upstream(
        "rows_move_between_pages",
        "a statement appears while we page: five rows come twice and five others never",
        "fiscaldata.public_debt_transactions",
        "public_debt_transactions",
        _first_page_again,
        "PagingError",
    ),
    Upstream(
        "quarter_dropped",
        "a bank's answer lacks a row that its count includes",
        "fdic.call_report_treasuries",
        "CERT:628",
        _json(lambda body: body["data"].pop()),
        "PagingError",
    ),
    Upstream(
        "history_cut_short",
        "a third of the history comes, without any sign",
        "fred.observations",
        "fredgraph.csv?id=WALCL",
        _text(lambda text: "\n".join(text.splitlines()[: len(text.splitlines()) // 3]) + "\n"),
        "ShrunkBodyError",
    ),
    Upstream(
        "leg_dropped_on_the_way",
        "one security leg of an operation is missing",
        "nyfed.repo_operation_details",
        "/rp/results/",
        _json(_drop_leg),
        "ValueFormatError",
    ),
    Upstream(
        "one_day_two_prices",
        "the same day comes twice with different prices",
        "coinbase.daily_candles",
        "/candles?granularity=86400&start=2025-",
        _json(_two_prices),
        "DuplicateKeyError",
    ),
    Upstream(
        "country_dropped",
        "a country is missing from TIC's table, and its total stays",
        "tic.major_foreign_holders",
        "slt_table5.txt",
        _text(lambda text: re.sub(r"(?m)^Japan\t.*\n", "", text)),
        "ValueFormatError",
    ),
    # --- the wrong thing ---
    Upstream(
        "effr_for_sofr",
        "the answer to SOFR is about TGCR",
        "nyfed.reference_rates",
        "/secured/sofr/",
        _text(lambda text: text.replace('"SOFR"', '"TGCR"')),
        "LayoutError",
    ),
    Upstream(
        "quartiles_exchanged",
        "the 25th percentile comes under the name of the 75th and the reverse",
        "nyfed.reference_rates",
        "/secured/sofr/",
        _exchanged("percentPercentile25", "percentPercentile75"),
        "ImplausibleValueError",
    ),
    Upstream(
        "settlement_and_maturity_exchanged",
        "the day on which cash goes out comes under the name of the day on which it returns",
        "nyfed.repo_operations",
        "/rp/results/",
        _exchanged("settlementDate", "maturityDate"),
        "ImplausibleValueError",
    ),
    Upstream(
        "highest_and_lowest_rate_exchanged",
        "the highest and the lowest accepted rate are exchanged",
        "nyfed.repo_operation_details",
        "/rp/results/",
        _exchanged("percentHighRate", "percentLowRate"),
        "ImplausibleValueError",
    ),
    Upstream(
        "low_and_high_exchanged",
        "low and high of a candle are exchanged",
        "coinbase.daily_candles",
        "/candles?granularity=86400&start=2025-",
        _json(lambda body: body.__setitem__(slice(None), [[c[0], c[2], c[1], *c[3:]] for c in body])),
        "ImplausibleValueError",
    ),
    Upstream(
        "h41_dated_by_its_release",
        "the Board's balance sheet is dated Thursday",
        "frb.h41",
        "rel=H41",
        _zipped(lambda text: re.sub(r'TIME_PERIOD="(\d{4}-\d\d-)10"', r'TIME_PERIOD="\g<1>11"', text)),
        "LayoutError",
    ),
    Upstream(
        "daily_series_averaged_by_week",
        "the OFR converts a daily series to another frequency",
        "ofr.short_term_funding",
        "mnemonic=FNYR-SOFR-A",
        _text(lambda text: re.sub(r'"(\d{4})-03-1\d"', r'"\g<1>-03-31"', text)),
        "LayoutError",
    ),
    Upstream(
        "options_counted_too",
        "the report of futures and options together comes for that of futures alone",
        "cftc.traders_in_financial_futures",
        "publicreporting.cftc.gov",
        _text(lambda text: text.replace('"FutOnly"', '"Combined"')),
        "LayoutError",
    ),
)
