"""Every recorded body, the dataset it belongs to and when it was saved: what the one recorded warehouse is made of.

A recording that the product refuses, or that belongs to no dataset of ours, stands in `LEFT_OUT` with the reason; a
test holds that each file of the manifest is in one of the two. Some recordings are real values that somebody put into
another shape; `Body.rebuild` puts them back into the provider's. Nothing here is a value.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
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


RATES, OPERATIONS, FRED = "nyfed.reference_rates", "nyfed.repo_operations", "fred.observations"
CASH, DEBT, PENNY = (
    f"fiscaldata.{name}" for name in ("operating_cash_balance", "public_debt_transactions", "debt_to_penny")
)
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
    Body(DEBT, "fiscaldata/DTS_PubDebtTrans_20210624_20260623.csv", "2026-06-24"),
    Body(PENNY, "fiscaldata/debt_to_penny_2025Q1.json", "2025-04-02"),
    Body(PENNY, "fiscaldata/debt_to_penny_2000-01_2025-06-05.csv", "2025-06-06"),
    Body("fiscaldata.mts_table_1", "fiscaldata/mts_table_1_2026-07-31.json", "2026-08-13"),
    Body("fiscaldata.mspd_table_1", "fiscaldata/mspd_table_1_2025-02_bills_page1.json", "2025-03-10"),
    Body("fiscaldata.mspd_table_1", "fiscaldata/mspd1_site_20241101_20251031.csv", "2025-11-10"),
    Body("fiscaldata.mspd_table_3_market", "fiscaldata/mspd3_detail_20230930.csv", "2023-10-07"),
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
    "dts_text/*.txt": "the retired text form of the Daily Treasury Statement; FiscalData's tables reach as far back",
    "treasurydirect/*": "auction results of another site, no dataset",
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
