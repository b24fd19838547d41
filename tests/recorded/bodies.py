"""Every recorded body, the dataset it belongs to and when it was saved: what the one recorded warehouse is made of.

A recording that the product refuses, or that belongs to no dataset of ours, stands in `LEFT_OUT` with the reason; a
test holds that each file of the manifest is in one of the two. Some recordings are real values that somebody put into
another shape; `Body.rebuild` puts them back into the provider's. Nothing here is a value.

What nobody recorded, and was read in a release or in somebody's copy of one, is in the tables of `restated`, each row
with its source: US government and Federal Reserve alone. `restated` puts it into the provider's wire form. It proves
formulas, and how publishers agree; never a parser.
"""

import calendar
import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path


@dataclass(frozen=True)
class Body:
    """Files of one dataset that were saved at one moment. ``pattern`` is a glob under the recordings.

    ``saved`` is the knowledge time given to `liquidity load` (UTC; a bare date is its end). ``series`` is what
    `--series` says. ``rebuild`` turns the recorded bytes into the body that the provider sends.
    """

    dataset: str
    pattern: str
    saved: str
    series: str | None = None
    rebuild: Callable[[bytes], bytes] | None = None


def ofr_answer(values: dict[str, list[tuple[str, float]]], factor: float = 1) -> bytes:
    """Values in the shape that the OFR documents for its API."""
    return json.dumps(
        {name: {"timeseries": {"aggregation": [(d, v * factor) for d, v in rows]}} for name, rows in values.items()}
    ).encode()


# Where the name there leaves open which volume of the service it is, it stands for the started one.
OFR_SEEN_AS = {
    "OfrMoneyMarketFundTotal_Sum_Amount_Investment": "MMF-MMF_TOT-M",
    "OfrMoneyMarketFundRepoTotal_Sum_Amount_Investment": "MMF-MMF_RP_TOT-M",
    "OfrMoneyMarketFundRepoFederalReserve_Sum_Amount_Investment": "MMF-MMF_RP_wFR-M",
    "OfrMoneyMarketFundRepoFicc_Sum_Amount_Investment": "MMF-MMF_RP_wFICC-M",
    "OfrDvpRepoTotal_Sum_Amount_FinancialTransaction": "REPO-DVP_TV_TOT-P",
    "OfrTriPartyRepoTotal_Sum_Amount_FinancialTransaction": "REPO-TRI_TV_TOT-P",
    "OfrGcfOvernightOpenRepo_Sum_Amount_FinancialTransaction": "REPO-GCF_TV_TOT-P",
    "OfrDvpOvernightOpenRepo_Mean_InterestRate_FinancialInstrument": "REPO-DVP_AR_OO-P",
    "OfrGcfOvernightOpenRepo_Mean_InterestRate_FinancialInstrument": "REPO-GCF_AR_OO-P",
    "OfrTriPartyOvernightOpenRepo_Mean_InterestRate_FinancialInstrument": "REPO-TRI_AR_OO-P",
}


def _rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def funding_values(body: bytes) -> dict[str, list[tuple[str, float]]]:
    """Values by mnemonic of the OFR's funding monitor, out of a long table of another project."""
    values = defaultdict(list)
    for row in _rows(body):
        values[OFR_SEEN_AS[row["variable"].split("/")[1]]].append((row["date"], float(row["value"])))
    return dict(values)


def hedge_fund_values(body: bytes) -> dict[str, list[tuple[str, float]]]:
    """Values by mnemonic of the OFR's hedge-fund monitor, out of a wide table in billions of US dollars."""
    rows = _rows(body)
    return {name: [(row["date"], float(row[name]) * 1e9) for row in rows] for name in rows[0] if name != "date"}


def cached(body: bytes) -> bytes:
    """Daily and weekly series of ours out of a cache of 33, as one chart download of several series."""
    series = json.loads(body)["series"]
    kept = [name for name in ("DFEDTARU", "DFEDTARL", "EFFR", "IORB", "SOFR", "RRPONTSYD") if name in series]
    by_day: dict[str, dict[str, float]] = defaultdict(dict)
    for name in kept:
        for day, value in series[name]:
            by_day[day][name] = value
    lines = [",".join([day, *(str(by_day[day].get(name, "")) for name in kept)]) for day in sorted(by_day)]
    return "\n".join([",".join(["observation_date", *kept]), *lines]).encode()


# The Board's name of a line of H.4.1 -> FRED's. The recorded table has none of what FRED alone is asked for.
BOARD_AS_FRED = {
    "RESPPALGTR_N.WW": "WORAL",
    "RESPPALD_N.WW": "WLCFLL",
    "RESH4SCS_N.WW": "SWPT",
    "RESPPAOF_N.WW": "WFCDA",
    "RESPPLLN_N.WW": "WLFN",
    "RESPPLLR_N.WW": "WLRRAL",
    "RESPPLLDT_N.WW": "WDTGAL",
}


def board_as_fred(body: bytes) -> bytes:
    """A recorded table of H.4.1 as one chart download of the series under which FRED repeats its lines."""
    _, _, _, _, _, names, *weeks = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    kept = [place for place, name in enumerate(names) if name in BOARD_AS_FRED]
    heading = ["observation_date", *(BOARD_AS_FRED[names[place]] for place in kept)]
    return _csv([heading, *([week[0], *(week[place] for place in kept)] for week in weeks if week)])


def _csv(rows: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()


def _by_day(rows: list[dict[str, str]], day: str) -> list[str]:
    found = {row["series"]: row["value"] for row in rows if row["date"] == day}
    return [day, *(found.get(series, "") for series in dict.fromkeys(row["series"] for row in rows))]


def _chart(rows: list[dict[str, str]]) -> bytes:
    series = list(dict.fromkeys(row["series"] for row in rows))
    days = dict.fromkeys(row["date"] for row in rows)
    return _csv([["observation_date", *series], *(_by_day(rows, day) for day in days)])


def _board_table(rows: list[dict[str, str]]) -> bytes:
    """The six heading rows of the Board's data download, then a row a Wednesday; all in millions of dollars."""
    series = list(dict.fromkeys(row["series"] for row in rows))
    headings = [
        ["Series Description", *series],
        ["Unit:", *("Currency" for _ in series)],
        ["Multiplier:", *("1000000" for _ in series)],
        ["Currency:", *("USD" for _ in series)],
        ["Unique Identifier:", *(f"H41/H41/{name}" for name in series)],
        ["Time Period", *series],
    ]
    return _csv([*headings, *(_by_day(rows, day) for day in dict.fromkeys(row["date"] for row in rows))])


def _dealers(rows: list[dict[str, str]]) -> bytes:
    lines = [{"asofdate": row["date"], "keyid": row["series"], "value": row["value"]} for row in rows]
    return json.dumps({"pd": {"timeseries": lines}}).encode()


def _monitor(rows: list[dict[str, str]]) -> bytes:
    values = defaultdict(list)
    for row in rows:
        values[row["series"]].append((row["date"], float(row["value"])))
    return ofr_answer(values)


def _table(rows: list[dict[str, str]]) -> bytes:
    """Rows of a table of FiscalData, as a program saves them again."""
    return json.dumps(
        [{name: row[name] for name in row if name not in ("known_at", "source")} for row in rows]
    ).encode()


# Auction results as TreasuryDirect names them -> FiscalData's name, where it is not the same in lower case.
AUCTION_FIELDS = {
    "cusip": "", "auctionDate": "", "securityType": "", "securityTerm": "", "originalSecurityTerm": "", "reopening": "",
    "cashManagementBillCMB": "cash_management_bill_cmb", "floatingRate": "", "tips": "inflation_index_security",
    "announcementDate": "announcemt_date", "issueDate": "", "maturityDate": "", "offeringAmount": "offering_amt",
    "totalTendered": "", "totalAccepted": "", "somaAccepted": "", "primaryDealerAccepted": "",
    "directBidderAccepted": "", "indirectBidderAccepted": "", "noncompetitiveAccepted": "noncomp_accepted",
    "fimaNoncompetitiveAccepted": "fima_noncomp_accepted",
    "estimatedAmountOfPubliclyHeldMaturingSecuritiesByType": "est_pub_held_mat_by_type_amt", "bidToCoverRatio": "",
    "highDiscountRate": "high_discnt_rate", "highInvestmentRate": "", "highYield": "",
    "averageMedianYield": "avg_med_yield", "highDiscountMargin": "high_discnt_margin", "interestRate": "int_rate",
    "allocationPercentage": "allocation_pctage",
}  # fmt: skip


def auction_results(body: bytes) -> list[dict[str, str]]:
    """Rows of a program's export of TreasuryDirect's search, which gives the results that FiscalData gives."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-16").split("\n", 1)[1])))


def auctions_as_fiscaldata(body: bytes) -> bytes:
    """The same rows as a saved answer of FiscalData's table of auctions."""
    snake = {name: wire or re.sub("([A-Z])", r"_\1", name).lower() for name, wire in AUCTION_FIELDS.items()}
    return json.dumps(
        [{wire: row[name].removesuffix("T00:00:00") or "null" for name, wire in snake.items()}
         for row in auction_results(body)]
    ).encode()  # fmt: skip


_AMOUNTS = re.compile(r"^ *(.*?)\.* +\$? *(-?[\d,]+) +\$? *(-?[\d,]+) +\$? *(-?[\d,]+) *$")


def statement_as_table(body: bytes) -> bytes:
    """Table II of a Daily Treasury Statement as text, as FiscalData's rows of that day; the Fed's account alone."""
    text = body.decode("latin-1")
    month_name, day, year_number = re.findall(r"day,? +([A-Z][a-z]+) (\d+), (\d{4})", text)[0]
    record_date = f"{year_number}-{list(calendar.month_name).index(month_name):02d}-{int(day):02d}"
    rows: list[dict[str, str]] = []
    side, is_in_account, label = "", False, ""
    for line in text[text.index("TABLE II ") : text.index("TABLE III")].splitlines():
        if found := re.search(r"(Deposits|Withdrawals)\W+Today", line):
            side = found[1]
        elif line.startswith(" Federal Reserve Account:"):
            is_in_account, label = True, ""
        elif is_in_account and (amounts := _AMOUNTS.match(re.sub(r" \d/", "   ", line))):  # footnotes
            name = f"{label} {amounts[1]}".strip()
            is_total = name == "Total Federal Reserve Account"
            is_in_account, label = not is_total, ""
            today, month, year = (amount.replace(",", "") for amount in amounts.groups()[1:])
            rows.append({
                "record_date": record_date,
                "account_type": "Federal Reserve Account" + (f" Total {side}" if is_total else ""),
                "transaction_type": side,
                "transaction_catg": "null" if is_total else name,
                "src_line_nbr": str(len(rows) + 1),
                "transaction_today_amt": today, "transaction_mtd_amt": month, "transaction_fytd_amt": year,
            })  # fmt: skip
        elif is_in_account:
            # A heading ends in a colon; anything else goes on in the next line.
            label = "" if line.rstrip().endswith(":") else line.strip()
    return json.dumps(rows).encode()


RESTATED = Path(__file__).parent / "restated"
WIRE = {
    "fred.observations": _chart,
    "frb.h41": _board_table,
    "nyfed.primary_dealer_statistics": _dealers,
    "ofr.short_term_funding": _monitor,
    "fiscaldata.operating_cash_balance": _table,
    "fiscaldata.deposits_withdrawals_operating_cash": _table,
}


def restated() -> Iterator[tuple[str, str, bytes]]:
    """Dataset, knowledge time and body of each restated publication, the older ones of a dataset first."""
    for dataset, body_of in WIRE.items():
        rows = _rows((RESTATED / f"{dataset}.csv").read_bytes())
        for known_at, publication in groupby(rows, key=lambda row: row["known_at"]):
            yield dataset, known_at, body_of(list(publication))


RATES, OPERATIONS, FRED = "nyfed.reference_rates", "nyfed.repo_operations", "fred.observations"
CASH, DEBT, PENNY = (
    f"fiscaldata.{name}" for name in ("operating_cash_balance", "public_debt_transactions", "debt_to_penny")
)
FLOWS = "fiscaldata.deposits_withdrawals_operating_cash"
PRICES, FUTURES = "worldbank.commodity_prices_monthly", "cftc.traders_in_financial_futures"

BODIES = [
    # A year's body was saved when the year was over, or later; its rows are dated by the release rule, but for the
    # first days of January: they were out when the body before was saved, which lacks them, so they count as late.
    *(Body(RATES, f"nyfed/rates_secured_sofr_search_{year}.json", f"{year + 1}-01-05") for year in range(2018, 2024)),
    Body(RATES, "nyfed/rates_secured_sofr_search_2024-06.json", "2024-06-07T15:00"),
    Body(RATES, "nyfed/rates_unsecured_obfr_search_2024-06.json", "2024-06-07T15:00"),
    Body(RATES, "nyfed/rates_secured_sofr_last_500_2025-11-20.json", "2025-11-21"),
    Body(RATES, "nyfed/rates_unsecured_effr_last_500_2025-11-20.json", "2025-11-21"),
    Body(RATES, "nyfed/rates_unsecured_obfr_last_500_2025-11-20.json", "2025-11-21"),
    Body(RATES, "nyfed/rates_sofr_last2_2026-08-05.json", "2026-08-06"),
    Body(RATES, "nyfed/rates_effr_last2_2026-08-05.json", "2026-08-06"),
    Body(RATES, "nyfed/rates_sofr_last5_2026-08-19_reserialised.json", "2026-08-20"),
    Body(OPERATIONS, "nyfed/rp_results_search_2014-12_EXCERPT_3ops.json", "2016-01-05"),
    *(Body(OPERATIONS, f"nyfed/rp_reverserepo_search_{year}.json", f"{year + 1}-04-05") for year in range(2018, 2024)),
    Body(OPERATIONS, "nyfed/rp_results_search_2019-11-19.json", "2020-04-05"),
    Body(OPERATIONS, "nyfed/rp_results_search_2022-01-03_2025-11-24_REBUILT.json", "2025-11-24"),
    Body(OPERATIONS, "nyfed/rp_results_search_2024-10-16.json", "2025-11-24"),
    Body("nyfed.soma_summary", "nyfed/soma_summary_2003-07-09_2025-11-19.json", "2025-11-21"),
    Body("nyfed.treasury_operations", "nyfed/tsy_results_summary_row_2026-08-31_REBUILT.json", "2026-09-01"),
    Body("nyfed.primary_dealer_statistics", "nyfed/pd_get_rows_REBUILT.json", "2026-08-28"),
    *(Body(CASH, f"fiscaldata/operating_cash_balance_FRA_{year}-*.json", f"{year + 1}-01-05") for year in (2018, 2019)),
    Body(CASH, "fiscaldata/operating_cash_balance_FRA_2021-*.json", "2022-01-05"),
    Body(CASH, "fiscaldata/operating_cash_balance_TGA_2021-*.json", "2022-01-05"),
    Body(CASH, "fiscaldata/operating_cash_balance_TGA_2022-*.json", "2022-04-19"),
    Body(CASH, "fiscaldata/operating_cash_balance_TGA_closing_2022-*.json", "2023-01-05"),
    Body(CASH, "fiscaldata/operating_cash_balance_TGA_closing_2023-*.json", "2024-01-05"),
    Body(CASH, "fiscaldata/operating_cash_balance_2025-07-07_2025-07-11.json", "2025-07-15"),
    Body(CASH, "fiscaldata/operating_cash_balance_TGA_closing_2025-*.json", "2026-01-05"),
    Body(CASH, "fiscaldata/DTS_OpCashBal_20210624_20260623.csv", "2026-06-24"),
    *(
        Body(FLOWS, f"dts_text/{name}.txt", known_at, None, statement_as_table)
        for name, known_at in (("06073100", "2006-08-01"), ("13020500", "2013-02-06"), ("13051500", "2013-05-16"))
    ),
    Body(DEBT, "fiscaldata/DTS_PubDebtTrans_20210624_20260623.csv", "2026-06-24"),
    Body(PENNY, "fiscaldata/debt_to_penny_2025Q1.json", "2025-04-02"),
    Body(PENNY, "fiscaldata/debt_to_penny_2000-01_2025-06-05.csv", "2025-06-06"),
    Body("fiscaldata.mts_table_1", "fiscaldata/mts_table_1_2026-07-31.json", "2026-08-13"),
    Body("fiscaldata.mspd_table_1", "fiscaldata/mspd_table_1_2025-02_bills_page1.json", "2025-03-10"),
    Body("fiscaldata.mspd_table_1", "fiscaldata/mspd1_site_20241101_20251031.csv", "2025-11-10"),
    Body("fiscaldata.mspd_table_3_market", "fiscaldata/mspd3_detail_20230930.csv", "2023-10-07"),
    Body(
        "fiscaldata.auctions_query",
        "treasurydirect/TA_WS_securities_search_export_dharmatech.csv",
        "2022-08-10",
        None,
        auctions_as_fiscaldata,
    ),
    Body("fiscaldata.auctions_query", "fiscaldata/auctions_site_19791115_20251215.csv", "2025-12-12"),
    Body("fiscaldata.auctions_query", "fiscaldata/auctions_query_bills_2026-01.json", "2026-02-10"),
    Body("fiscaldata.avg_interest_rates", "fiscaldata/avg_interest_rates_2001-01_2025-05.csv", "2025-06-06"),
    Body("fiscaldata.interest_expense", "fiscaldata/interest_expense_2010-05_2025-05.json", "2025-06-06"),
    Body("coinbase.daily_candles", "coinbase/candles_*.json", "2026-08-11", "BTC-USD"),
    Body("kraken.daily_candles", "kraken/ohlc_*.json", "2026-08-18"),
    *(
        Body(PRICES, f"worldbank/CMO-Historical-Data-Monthly_*{day}.xlsx", day)
        for day in (
            "2020-05-04",
            "2021-09-02",
            "2022-04-04",
            "2023-04-04",
            "2024-04-02",
            "2025-01-03",
            "2025-04-02",
            "2025-05-02",
            "2025-11-04",
            "2026-03-03",
        )
    ),
    *(Body(FUTURES, f"cftc/fut_fin_txt_{year}.zip", f"{year + 1}-01-10") for year in range(2018, 2022)),
    *(Body(FUTURES, f"cftc/FinFut_{year}_*.txt", f"{year + 1}-01-15") for year in range(2018, 2022)),
    Body(FUTURES, "cftc/vintages_2024/FinFut_2024_asof_2024-05-28*.txt", "2024-06-01"),
    Body(FUTURES, "cftc/vintages_2024/FinFut_2024_asof_2024-06-11*.txt", "2024-06-15"),
    Body(FUTURES, "cftc/FinFut_2025_*.txt", "2025-05-03"),
    Body("tic.major_foreign_holders", "tic/mfhhis01_2000-2025.txt", "2026-03-19"),
    Body("tic.major_foreign_holders", "tic/slt_table5_excerpt_2026-02.txt", "2026-04-16"),
    *(
        Body(
            "ofr.short_term_funding",
            f"ofr/ofr_{name}_datacommons_long.csv",
            "2026-08-21",
            None,
            lambda body: ofr_answer(funding_values(body)),
        )
        for name in ("money_market_funds", "repo_markets")
    ),
    Body(
        "ofr.hedge_fund_monitor",
        "ofr/derived_hedge_fund_monitor_fpf_2013Q1_2026Q1_usd_bn.csv",
        "2026-06-05",
        None,
        lambda body: ofr_answer(hedge_fund_values(body)),
    ),
    Body("frb.h41", "frb_ddp/FRB_H41_assets_2016-02-03_2017-12-27.csv", "2017-12-29"),
    Body(FRED, "frb_ddp/FRB_H41_assets_2016-02-03_2017-12-27.csv", "2017-12-29", None, board_as_fred),
    Body("frb.h8", "frb_ddp/FRB_H8_all_banks_NSA_weekly_1973_2023-04-26.csv", "2023-05-06"),
    Body(FRED, "fred/GFDEBTN_TooMuchRed_2017.csv", "2017-07-01", "GFDEBTN"),
    Body(FRED, "fred/WALCL_raphael.csv", "2019-12-30"),
    Body(FRED, "fred/DSPI_statcomputing_2020.csv", "2020-10-20"),
    Body(FRED, "fred/MMMFFAQ027S_OLDHEADER_2020Q4.csv", "2021-03-20"),
    Body(FRED, "fred/IOER_alfred_20210727_EXCERPT.csv", "2021-07-28"),
    Body(FRED, "fred/WALCL_camilol.csv", "2022-04-02"),
    Body(FRED, "fred/DTB4WK_OLDHEADER_2022-12-29.csv", "2022-12-31"),
    Body(FRED, "fred/RRPONTSYAWARD_OLDHEADER_2022-12-30.csv", "2022-12-31"),
    Body(FRED, "fred/WTREGEN_OLDHEADER_billions_2023-07-12.csv", "2023-07-14"),
    Body(FRED, "fred/WALCL_OLDHEADER_2023-07-12.csv", "2023-07-14"),
    Body(FRED, "fred/RRPONTSYAWARD_OLDHEADER_2023-12-01.csv", "2023-12-02"),
    Body(FRED, "fred/WRESBAL_pyoph_2024.csv", "2024-01-05"),
    Body(FRED, "fred/DFEDTARL_OLDHEADER_2024-01-31.csv", "2024-02-01"),
    Body(FRED, "fred/GFDEBTN_InflationCauses.csv", "2024-12-01"),
    Body(FRED, "fred/MTSDS133FMS_InflationCauses.csv", "2024-12-01"),
    Body(FRED, "fred/FYFSD_presidential.csv", "2024-12-01"),
    Body(FRED, "fred/GFDEBTN_presidential.csv", "2024-12-02"),
    Body(FRED, "fred/PSAVERT_OLDHEADER_2024-10.csv", "2024-12-01"),
    Body(FRED, "fred/series_observations_GDP.json", "2024-12-20", "GDP"),
    Body(FRED, "fred/series_observations_GDP_all_vintages.json", "2024-12-21", "GDP"),
    Body(FRED, "fred/WALCL_fredgraph_2024-12-27.csv", "2025-01-04"),
    Body(FRED, "fred/PSAVERT_vintage_2025-05.csv", "2025-05-15"),
    Body(FRED, "fred/DFEDTARU_fredgraph_5y_2025-06-29.csv", "2025-06-30"),
    *(
        Body(FRED, f"fred/{series}_fredgraph_2025-11.csv", "2025-11-20")
        for series in ("WTREGEN", "WALCL", "RRPONTSYD", "DGS2", "DGS10", "DPSACBW027SBOG")
    ),
    Body(FRED, "fred/alfredgraph_WRESBAL_20201224_HEAD.csv.part", "2025-11-27"),
    Body(FRED, "fred/CBBTCUSD_fredgraph_2026-05-24.csv", "2026-05-25"),
    Body(FRED, "fred/SOFR_api_1990-01-01_2026-05-24.json", "2026-05-25", "SOFR"),
    Body(FRED, "fred/DGS10_api_1990-01-01_2026-05-24.json", "2026-05-25", "DGS10"),
    *(
        Body(FRED, f"fred/{series}_fredgraph_2026-05-27.csv", "2026-05-29")
        for series in ("WALCL", "SOFR", "RRPONTSYD", "M2SL", "DGS2", "DGS10")
    ),
    *(
        Body(FRED, f"fred/{series}_2026-06-05_datevalue.csv", "2026-06-06", series)
        for series in ("DFEDTARL", "EFFR", "IORB", "TREAST", "WRESBAL")
    ),
    Body(FRED, "fred/GFDEBTN_2026Q1_datevalue.csv", "2026-06-07", "GFDEBTN"),
    Body(FRED, "fred/FYGFDPUN_opxie1.csv", "2026-06-07", "FYGFDPUN"),
    Body(FRED, "fred/WRESBAL_fredgraph_5y_2026-06-17.csv", "2026-06-19"),
    *(
        Body(FRED, f"fred/{series}_2026-06-17_datevalue.csv", "2026-06-19", series)
        for series in ("TREAST", "WSHOMCB", "WSHOSHO")
    ),
    Body(FRED, "fred/IORB_fredgraph_2026-06-23.csv", "2026-06-19T20:00"),
    Body(FRED, "fred/RRPONTSYD_fredgraph_5y_2026-06-23.csv", "2026-06-24"),
    Body(FRED, "fred/M2SL_fredgraph_2026-08.csv", "2026-08-20"),
    Body(FRED, "fred/PSAVERT_fredgraph_2026-08.csv", "2026-08-20"),
    Body(FRED, "fred/fred_cache_33series_2026-08-21.json", "2026-08-21T21:00", None, cached),
]

# Pattern -> why it is not in the warehouse.
LEFT_OUT = {
    "cbo/*.csv": "no dataset: CBO's figures are dated facts in a seed, held against these files elsewhere",
    "treasurydirect/R_*": "three results as XML, which the export of many has",
    "cftc/FinCom_*": "counts options too; refused",
    "cftc/gpe5-46if_*": "one row of a currency; refused as empty",
    "cftc/jun7-fc8e_*": "the older report without kinds of traders; refused",
    "cftc/publication_catch_up_*": "an announcement; the release rule is held against it elsewhere",
    "coinbase/ticker_*": "a running price, no candle",
    "fdic/*": "assets and securities only, no Treasuries (SCUST); a page of the site, and fields of another query",
    "fiscaldata/debt_outstanding_page3_of_3.json": "another table (debt since 1790)",
    "fiscaldata/debtpenny_site_*": "its heading line was cut off; refused",
    "fiscaldata/dictionary/*": "the site's dictionary of fields",
    "fiscaldata/mspd3_market_DERIVED_*": "derived from table 3, whose marketable rows are loaded themselves",
    "fiscaldata/mts_table_5_sample_2021.json": "another table",
    "fiscaldata/operating_cash_balance_empty_result.json": "an empty answer; refused",
    "fiscaldata/upcoming_auctions_*": "another table",
    "frb_ddp/FRB_G19_bulk.zip": "another release; refused",
    "frb_ddp/FRB_H8_growth_*": "growth rates of quarters, no levels; refused",
    "frb_ddp/ddp_h6_*": "another release, an excerpt",
    "fred/DFF_*": "no series of ours: EFFR is read where it is published",
    "fred/T10Y2Y_*": "no series of ours",
    "fred/DTB4WK_OLDHEADER_monthly_*": "monthly means of a daily series; refused",
    "fred/TREAST_OLDHEADER_aggregated_*": "quarterly means of a weekly series; refused",
    "fred/DPSACBW027SBOG_awuonda.csv": "monthly means of a weekly series; refused",
    "fred/multi_FEDFUNDS_*": "a series that is not ours, and monthly means of a weekly one; refused",
    "fred/RRPONTSYD_OLDHEADER_2023-07-19.csv": "one day a week of a daily series; refused",
    "fred/alfredgraph_WRESBAL_20251126_TAIL.csv.part": "the end of a body, without its heading",
    "fred/alfred_measured_publication_lags.csv": "somebody's measurement",
    "fred/fed_openmarket_target_events_*": "two pages of the Fed in another shape; the seed is held against them",
    "fred/release*": "lists of releases",
    "fred/series_CPILFESL.json": "a description of a series",
    "fred/series_GDP.json": "a description of a series",
    "fred/series_WGS10YR.json": "a description of a series",
    "fred/series_categories_GDP.json": "a description of a series",
    "fred/series_release_GDP.json": "a description of a series",
    "fred/series_vintagedates_GDP.json": "a list of vintages",
    "fred/series_observations_CPILFESL_2.json": "no series of ours",
    "fred/series_observations_GDP_output_type_4.json": "first prints alone; refused",
    "nyfed/pd_get_PDFTD_PREFIX_ONLY.json.part": "the beginning of a body",
    "nyfed/pd_list_timeseries_*": "a list of lines",
    "nyfed/rates_secured_sofr_search_EMPTY_*": "an empty answer; refused",
    "nyfed/rates_secured_sofr_search_type=*": "halves of an answer; refused",
    "nyfed/soma_agency_debts_*": "another table",
    "nyfed/srf_overnight_repo_accepted_daily_*": "sums of another project; held against the operations elsewhere",
    "ofr/v1_metadata_mnemonics*": "a list of mnemonics",
    "worldbank/gold_monthly_vintage_*": "one column of a workbook; held against it elsewhere",
}


def files(recordings: Path, pattern: str) -> list[Path]:
    """The recorded files of a pattern, sorted; at least one."""
    found = sorted(path for path in recordings.glob(pattern) if path.is_file())
    assert found, pattern
    return found
