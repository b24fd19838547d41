"""Errors in what is stored: a parser that errs, a page that is lost, a publisher that changes its mind unannounced.

The second half breaks every pair of the reconciliation once.
"""

from tests.mutations.kinds import Stored

_OPERATIONS, _LEGS = "nyfed__repo_operations", "nyfed__repo_operation_details"
_RATES, _SOMA, _FRED = "nyfed__reference_rates", "nyfed__soma_summary", "fred__observations"
_CASH, _DEBT = "fiscaldata__operating_cash_balance", "fiscaldata__public_debt_transactions"
_DEFICIT, _SUMMARY, _PENNY = "fiscaldata__mts_table_1", "fiscaldata__mspd_table_1", "fiscaldata__debt_to_penny"


def _fred(series: str, change: str) -> str:
    return f"UPDATE raw.{_FRED} SET {change} WHERE series_id IN ({series})"


STORED = (
    # --- units ---
    Stored(
        "repo_dollars_taken_for_millions",
        "the NY Fed's operations and legs come in whole dollars and are read as millions",
        (_OPERATIONS, _LEGS),
        f"UPDATE raw.{_OPERATIONS} SET accepted_usd = accepted_usd / 1e6, submitted_usd = submitted_usd / 1e6; "
        f"UPDATE raw.{_LEGS} SET accepted_usd = accepted_usd / 1e6, submitted_usd = submitted_usd / 1e6",
        "on_rrp_agrees_between_publishers",
        also=("standing_repo_is_in_one_unit",),
    ),
    Stored(
        "one_class_of_soma_in_thousands",
        "floating-rate notes of SOMA come in thousands; the column's range is too wide to see it",
        (_SOMA,),
        f"UPDATE raw.{_SOMA} SET frn_usd = frn_usd / 1000",
        "soma_classes_sum_to_total",
    ),
    Stored(
        "on_rrp_times_thousand",
        "tonight's RRPONTSYD comes in millions; so small an amount is plausible a thousand times larger",
        (_FRED,),
        _fred("'RRPONTSYD'", "value = value * 1000")
        + f" AND observation_date > (SELECT max(observation_date) - 30 FROM raw.{_FRED} WHERE series_id = 'RRPONTSYD')",
        "reconciled_on_rrp_nyfed_fred",
        also=("on_rrp_agrees_between_publishers",),
    ),
    Stored(
        "standing_repo_times_thousand",
        "the standing repo of one small day, operation and legs, is read a thousand times larger, and stays plausible",
        (_OPERATIONS, _LEGS),
        f"""CREATE TEMP TABLE small AS SELECT operation_id FROM raw.{_OPERATIONS} WHERE operation_type = 'Repo'
        AND term = 'Overnight' AND accepted_usd BETWEEN 1e6 AND 1e9 AND operation_date > DATE '2021-12-31'
        ORDER BY operation_date DESC LIMIT 1;
        UPDATE raw.{_OPERATIONS} SET accepted_usd = accepted_usd * 1000, submitted_usd = submitted_usd * 1000
        WHERE operation_id IN (FROM small);
        UPDATE raw.{_LEGS} SET accepted_usd = accepted_usd * 1000, submitted_usd = submitted_usd * 1000
        WHERE operation_id IN (FROM small)""",
        "standing_repo_is_in_one_unit",
    ),
    Stored(
        "bitcoin_window_in_another_unit",
        "one window of 299 days of 2016 comes in tenths of a cent; at 400 dollars a bitcoin that is plausible",
        ("coinbase__daily_candles",),
        "UPDATE raw.coinbase__daily_candles SET open_usd_per_btc = open_usd_per_btc * 1000, "
        "high_usd_per_btc = high_usd_per_btc * 1000, low_usd_per_btc = low_usd_per_btc * 1000, "
        "close_usd_per_btc = close_usd_per_btc * 1000 "
        "WHERE candle_date BETWEEN DATE '2016-01-01' AND DATE '2016-10-25'",
        "bitcoin_does_not_jump",
    ),
    Stored(
        "repo_of_the_fed_times_thousand",
        "WORAL comes a thousand times larger in a week in which the Fed lent next to nothing",
        (_FRED,),
        _fred("'WORAL'", "value = value * 1000") + " AND value BETWEEN 1 AND 1000",
        "reconciled_board_fred_repo",
        also=("reconciled_srf_nyfed_h41",),
    ),
    Stored(
        "percentile_times_thousand",
        "the first percentile of EFFR stood at 0.02 and is read as 20 percent",
        (_RATES,),
        f"UPDATE raw.{_RATES} SET percentile_1_pct = percentile_1_pct * 1000 "
        "WHERE percentile_1_pct BETWEEN 0.001 AND 0.02",
        "percentiles_in_order",
    ),
    Stored(
        "submitted_times_thousand",
        "what was submitted to an operation comes a thousand times larger, what was accepted does not",
        (_OPERATIONS,),
        f"UPDATE raw.{_OPERATIONS} SET submitted_usd = submitted_usd * 1000 WHERE operation_date = "
        f"(SELECT max(operation_date) FROM raw.{_OPERATIONS} WHERE submitted_usd > 0)",
        "legs_sum_to_operation",
    ),
    Stored(
        "purchases_times_thousand",
        "the Fed's purchases come a thousand times larger, offers do not",
        ("nyfed__treasury_operations",),
        "UPDATE raw.nyfed__treasury_operations SET accepted_usd = accepted_usd * 1000 WHERE operation_date > "
        "(SELECT max(operation_date) - 14 FROM raw.nyfed__treasury_operations)",
        "purchases_accept_at_most_what_is_offered",
    ),
    Stored(
        "foreign_bids_times_thousand",
        "what foreign official accounts took of one auction without competition is read a thousand times larger",
        ("fiscaldata__auctions_query",),
        "UPDATE raw.fiscaldata__auctions_query SET fima_noncomp_accepted_usd = 1000 * fima_noncomp_accepted_usd "
        "WHERE auction_date = DATE '2025-10-09' AND fima_noncomp_accepted_usd > 0",
        "bidders_add_up_to_accepted",
    ),
    Stored(
        "purchases_of_a_week_dropped",
        "a week of bill purchases is lost, and the portfolio grows by more than was bought",
        ("nyfed__treasury_operations",),
        "DELETE FROM raw.nyfed__treasury_operations "
        "WHERE operation_date BETWEEN DATE '2026-03-02' AND DATE '2026-03-06'",
        "purchases_settle_into_soma",
    ),
    Stored(
        "swaps_times_thousand",
        "the newest dollar swaps come a thousand times larger",
        ("nyfed__fx_swaps",),
        "UPDATE raw.nyfed__fx_swaps SET amount_usd = amount_usd * 1000 WHERE trade_date > "
        "(SELECT max(trade_date) - 14 FROM raw.nyfed__fx_swaps)",
        "swaps_agree_with_operations",
    ),
    Stored(
        "balance_of_swaps_times_thousand",
        "SWPT comes a thousand times larger in weeks with hardly any swaps",
        (_FRED,),
        _fred("'SWPT'", "value = value * 1000") + " AND value BETWEEN 1 AND 500",
        "swaps_agree_with_operations",
    ),
    Stored(
        "window_counted_as_other_credit",
        "primary credit of one week is stored under other credit extensions too",
        (_FRED,),
        _fred("'WLCFOCEL'", "value = value + 4000") + " AND observation_date = DATE '2025-10-29'",
        "loans_are_their_kinds",
    ),
    Stored(
        "total_of_deposits_in_thousands",
        "the total of one day's deposits is read a thousand times smaller",
        ("fiscaldata__deposits_withdrawals_operating_cash",),
        "UPDATE raw.fiscaldata__deposits_withdrawals_operating_cash SET transaction_today_usd_mn = "
        "transaction_today_usd_mn / 1000 WHERE record_date = DATE '2025-10-15' "
        "AND account_type = 'Treasury General Account Total Deposits'",
        "flows_are_the_change_of_cash",
        also=("kinds_fit_into_totals",),
    ),
    Stored(
        "line_swollen",
        "a hundred billion of another line is added to withheld taxes of one day",
        ("fiscaldata__deposits_withdrawals_operating_cash",),
        "UPDATE raw.fiscaldata__deposits_withdrawals_operating_cash SET transaction_today_usd_mn = "
        "transaction_today_usd_mn + 100000 WHERE record_date = DATE '2025-10-15' "
        "AND transaction_catg = 'Taxes - Withheld Individual/FICA'",
        "kinds_fit_into_totals",
    ),
    Stored(
        "percent_as_fraction",
        "interest on reserves comes as 0.0415 instead of 4.15",
        (_FRED,),
        _fred("'IORB', 'IOER'", "value = value / 100"),
        "iorb_lies_in_target_range",
    ),
    Stored(
        "deficit_in_thousands",
        "the Monthly Treasury Statement's dollars are read as thousands",
        (_DEFICIT,),
        f"UPDATE raw.{_DEFICIT} SET deficit_usd = deficit_usd / 1000, gross_receipts_usd = gross_receipts_usd / 1000, "
        "gross_outlays_usd = gross_outlays_usd / 1000",
        "financing_equals_deficit",
        also=("deficit_bridge_closes",),
    ),
    Stored(
        "assets_of_one_bank_in_millions",
        "one bank's total assets are read in millions, its Treasuries in thousands",
        ("fdic__call_report_treasuries",),
        "UPDATE raw.fdic__call_report_treasuries SET assets_usd_k = assets_usd_k / 1000 WHERE cert = '628'",
        "treasuries_are_part_of_assets",
        also=("plausible_bank_treasury_holdings_quarterly",),
    ),
    Stored(
        "stored_history_changes_unit",
        "FRED moves WALCL to billions and the new values are stored under the old unit",
        (_FRED,),
        f"INSERT INTO raw.{_FRED} BY NAME SELECT * REPLACE (value / 1000 AS value, "
        f"(SELECT max(known_from) FROM raw.{_FRED}) + INTERVAL 1 HOUR AS known_from) "
        f"FROM raw.{_FRED} WHERE series_id = 'WALCL'",
        "revisions_are_no_change_of_unit",
    ),
    # --- rows lost or repeated ---
    Stored(
        "afternoon_operation_dropped",
        "one afternoon operation is lost, which halves the take-up of its day",
        (_OPERATIONS, _LEGS),
        f"""CREATE TEMP TABLE lost AS SELECT operation_id FROM raw.{_OPERATIONS} WHERE operation_type = 'Repo'
        AND operation_date = (SELECT max(operation_date) FROM raw.{_OPERATIONS} WHERE operation_type = 'Repo'
            AND operation_date < (SELECT max(operation_date) - 7 FROM raw.{_OPERATIONS})) AND release_time > '12:00';
        DELETE FROM raw.{_OPERATIONS} WHERE operation_id IN (FROM lost);
        DELETE FROM raw.{_LEGS} WHERE operation_id IN (FROM lost)""",
        "both_daily_srf_operations_present",
    ),
    Stored(
        "operation_twice",
        "an operation stands there twice, under two numbers",
        (_OPERATIONS, _LEGS),
        f"""INSERT INTO raw.{_OPERATIONS} BY NAME SELECT * REPLACE (operation_id || ' again' AS operation_id)
        FROM raw.{_OPERATIONS} WHERE operation_type = 'Repo' AND operation_date = date '2025-10-31';
        INSERT INTO raw.{_LEGS} BY NAME SELECT * REPLACE (operation_id || ' again' AS operation_id)
        FROM raw.{_LEGS} WHERE operation_type = 'Repo' AND operation_date = date '2025-10-31'""",
        "both_daily_srf_operations_present",
    ),
    Stored(
        "security_leg_dropped",
        "the mortgage-backed leg of one operation is lost",
        (_LEGS,),
        f"DELETE FROM raw.{_LEGS} WHERE operation_id = (SELECT operation_id FROM raw.{_LEGS} "
        "WHERE operation_type = 'Repo' AND security_type = 'Mortgage-Backed' AND accepted_usd > 0 "
        "ORDER BY operation_date DESC LIMIT 1) AND security_type = 'Mortgage-Backed'",
        "legs_sum_to_operation",
    ),
    Stored(
        "day_of_issuance_dropped",
        "the statement of one day is lost",
        (_DEBT,),
        f"DELETE FROM raw.{_DEBT} WHERE record_date = (SELECT max(record_date) FROM raw.{_DEBT} "
        "WHERE month(record_date) = 9 AND day(record_date) < 28)",
        "days_add_up_to_stated_fiscal_year",
    ),
    Stored(
        "page_of_rates_dropped",
        "a month of EFFR is lost in the middle",
        (_RATES,),
        f"DELETE FROM raw.{_RATES} WHERE rate_type = 'EFFR' AND effective_date IN (SELECT DISTINCT effective_date "
        f"FROM raw.{_RATES} WHERE rate_type = 'EFFR' ORDER BY 1 DESC LIMIT 20 OFFSET 40)",
        "no_business_day_is_missing",
        also=("calendar_agrees_with_effr",),
    ),
    Stored(
        "page_of_securities_dropped",
        "the last page of a statement's securities is lost",
        ("fiscaldata__mspd_table_3_market",),
        "DELETE FROM raw.fiscaldata__mspd_table_3_market WHERE CAST(src_line_nbr AS INTEGER) > 100",
        "maturity_wall_is_all_marketable_debt",
    ),
    Stored(
        "contract_dropped",
        "one Treasury future has no row in one week, and the sum of shorts falls as if funds had covered",
        ("cftc__traders_in_financial_futures",),
        "DELETE FROM raw.cftc__traders_in_financial_futures WHERE contract_code = '044601' AND report_date = "
        "(SELECT max(report_date) FROM raw.cftc__traders_in_financial_futures)",
        "every_treasury_contract_is_in_the_total",
    ),
    Stored(
        "country_in_two_rows",
        "the Cayman Islands stand there once more, under the name of their old group",
        ("tic__major_foreign_holders",),
        "INSERT INTO raw.tic__major_foreign_holders BY NAME SELECT * REPLACE ('Carib Bnkng Ctrs' AS country, "
        "'group' AS row_kind) FROM raw.tic__major_foreign_holders WHERE country = 'Cayman Islands'",
        "foreign_countries_add_up_to_the_total",
    ),
    # --- days ---
    Stored(
        "target_range_shifted_by_a_day",
        "FRED's target range is dated a day late",
        (_FRED,),
        _fred("'DFEDTARL', 'DFEDTARU'", "observation_date = observation_date + 1"),
        "target_range_matches_effr_record",
        also=("iorb_lies_in_target_range",),
    ),
    Stored(
        "balance_sheet_shifted_by_a_day",
        "H.4.1 is dated by its release on Thursday",
        (_FRED,),
        _fred(
            "'WALCL', 'TREAST', 'WSHOMCB', 'WORAL', 'WRBWFRBL', 'WLRRAL', 'WDTGAL', 'WLFN'",
            "observation_date = observation_date + 1",
        ),
        "h41_levels_are_of_wednesdays",
    ),
    Stored(
        "statement_shifted_by_a_day",
        "the Daily Treasury Statement is dated by its publication, a business day late",
        (_CASH,),
        f"UPDATE raw.{_CASH} SET record_date = record_date + CASE dayofweek(record_date) WHEN 5 THEN 3 ELSE 1 END",
        "reconciled_tga_dts_h41",
        also=("reconciled_tga_dts_week_average", "no_business_day_is_missing"),
    ),
    Stored(
        "month_of_statement_shifted",
        "the Monthly Treasury Statement is dated by the month of its publication",
        (_DEFICIT,),
        f"UPDATE raw.{_DEFICIT} SET record_date = last_day(record_date + INTERVAL 1 MONTH)",
        "statement_names_its_months_and_their_sum",
    ),
    Stored(
        "saturday_filled_with_friday",
        "somebody fills the weekend forward before storing: rates and cash balances of Saturdays appear",
        (_RATES,),
        f"INSERT INTO raw.{_RATES} BY NAME SELECT * REPLACE (effective_date + 1 AS effective_date) FROM raw.{_RATES} "
        "WHERE dayofweek(effective_date) = 5 AND rate_type = 'SOFR'",
        "no_daily_source_speaks_of_a_weekend",
    ),
    # --- signs and sides ---
    Stored(
        "cash_balance_negative",
        "the Treasury's cash is stored as a liability, with a minus",
        (_CASH,),
        f"UPDATE raw.{_CASH} SET open_today_usd_mn = -open_today_usd_mn, close_today_usd_mn = -close_today_usd_mn",
        "plausible_treasury_cash_daily",
    ),
    Stored(
        "redemptions_negative",
        "redemptions are stored with a minus, and subtracting them adds them",
        (_DEBT,),
        f"UPDATE raw.{_DEBT} SET transaction_today_usd_mn = -transaction_today_usd_mn, "
        "transaction_fytd_usd_mn = -transaction_fytd_usd_mn WHERE transaction_type = 'Redemptions'",
        "plausible_treasury_issuance_daily",
    ),
    Stored(
        "deficit_for_surplus",
        "the deficit is stored as the balance of the budget, with a minus",
        (_DEFICIT,),
        f"UPDATE raw.{_DEFICIT} SET deficit_usd = -deficit_usd",
        "a_deficit_is_outlays_less_receipts",
    ),
    Stored(
        "longs_and_shorts_swapped",
        "the columns of leveraged funds' longs and shorts are exchanged, and positions still add up",
        ("cftc__traders_in_financial_futures",),
        "UPDATE raw.cftc__traders_in_financial_futures SET "
        "leveraged_funds_long_contracts = leveraged_funds_short_contracts, "
        "leveraged_funds_short_contracts = leveraged_funds_long_contracts",
        "leveraged_funds_are_short_of_treasury_futures",
    ),
    Stored(
        "wrong_rate_under_the_name",
        "TGCR's volumes stand under SOFR and SOFR's under TGCR",
        (_RATES,),
        f"UPDATE raw.{_RATES} SET rate_type = CASE rate_type WHEN 'SOFR' THEN 'TGCR' ELSE 'SOFR' END "
        "WHERE rate_type IN ('SOFR', 'TGCR')",
        "reference_rate_volumes_are_nested",
    ),
    Stored(
        "gross_assets_for_net_assets",
        "hedge funds' gross and net assets are exchanged",
        ("ofr__hedge_fund_monitor",),
        "UPDATE raw.ofr__hedge_fund_monitor SET mnemonic = CASE mnemonic WHEN 'FPF-ALLQHF_NAV_SUM' "
        "THEN 'FPF-ALLQHF_GAV_SUM' ELSE 'FPF-ALLQHF_NAV_SUM' END "
        "WHERE mnemonic IN ('FPF-ALLQHF_NAV_SUM', 'FPF-ALLQHF_GAV_SUM')",
        "plausible_hedge_fund_exposure_quarterly",
    ),
    Stored(
        "repo_of_another_month",
        "money funds' repo is stored a month late next to totals of the month",
        ("ofr__short_term_funding",),
        "UPDATE raw.ofr__short_term_funding SET observation_date = last_day(observation_date + INTERVAL 1 MONTH) "
        "WHERE mnemonic = 'MMF-MMF_RP_TOT-M'",
        "money_fund_repo_by_collateral_is_the_total",
    ),
)

_SOMA_SUM = "soma_classes_sum_to_total"
# Pair of the reconciliation -> table and change of one of its publishers; other checks that see the same change.
PAIRS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "sofr_nyfed_fred": (_FRED, _fred("'SOFR'", "value = value + 0.01"), ()),
    "sofr_nyfed_ofr": (
        "ofr__short_term_funding",
        "UPDATE raw.ofr__short_term_funding SET observation_date = observation_date + 1 WHERE mnemonic = 'FNYR-SOFR-A'",
        (),
    ),
    "effr_nyfed_fred": (_FRED, _fred("'EFFR'", "observation_date = observation_date + 1"), ()),
    "on_rrp_nyfed_fred": (_FRED, _fred("'RRPONTSYD'", "value = value + 0.5"), ("on_rrp_agrees_between_publishers",)),
    "srf_nyfed_h41": (
        _OPERATIONS,
        f"UPDATE raw.{_OPERATIONS} SET accepted_usd = accepted_usd + 2e9 WHERE operation_type = 'Repo'",
        ("legs_sum_to_operation", "standing_repo_is_in_one_unit", "reconciled_srf_nyfed_fred"),
    ),
    "srf_nyfed_fred": (_FRED, _fred("'RPONAGYD'", "value = value + 0.5"), ()),
    "on_rrp_nyfed_h41": (
        "frb__h41",
        "UPDATE raw.frb__h41 SET value = value + 500 WHERE series_id = 'RESPPLLRD_N.WW'",
        (),
    ),
    "soma_bills_h41": (
        "frb__h41",
        "UPDATE raw.frb__h41 SET value = value + 2 WHERE series_id = 'RESPPALGUOB_N.WW'",
        (),
    ),
    "tga_dts_h41": (_FRED, _fred("'WDTGAL'", "value = value + 7000"), ("reconciled_board_fred_tga",)),
    "tga_dts_week_average": (_FRED, _fred("'WTREGEN'", "value = value + 7000"), ()),
    "soma_treasuries_h41": (
        _SOMA,
        f"UPDATE raw.{_SOMA} SET bills_usd = bills_usd + 1e9",
        (_SOMA_SUM, "reconciled_soma_bills_h41"),
    ),
    "soma_total_h41": (_SOMA, f"UPDATE raw.{_SOMA} SET total_usd = total_usd + 1e10", (_SOMA_SUM,)),
    **{
        f"board_fred_{name}": (
            "frb__h41",
            f"UPDATE raw.frb__h41 SET value = value + 1 WHERE series_id = '{series}'",
            (),
        )
        for name, series in {
            "treasuries": "RESPPALGUO_N.WW",
            "mbs": "RESPPALGASMO_N.WW",
            "repo": "RESPPALGTR_N.WW",
            "loans": "RESPPALD_N.WW",
            "reserves": "RESH4R_N.WW",
            "reverse_repo": "RESPPLLR_N.WW",
            "tga": "RESPPLLDT_N.WW",
            "currency": "RESPPLLN_N.WW",
        }.items()
    },
    "board_fred_assets": (_FRED, _fred("'WALCL'", "value = value + 1"), ()),
    "assets_liabilities_capital": (
        "frb__h41",
        "UPDATE raw.frb__h41 SET value = value + 100 WHERE series_id = 'RESPPLC_N.WW'",
        (),
    ),
    "btc_coinbase_kraken": (
        "kraken__daily_candles",
        "UPDATE raw.kraken__daily_candles SET close_usd_per_btc = close_usd_per_btc * 1.02",
        (),
    ),
    "btc_cbbtcusd_coinbase_same_day": (
        _FRED,
        _fred("'CBBTCUSD'", "value = value * 1.02") + " AND observation_date = date '2026-03-02'",
        (),
    ),
    "btc_cbbtcusd_coinbase_next_day": (
        _FRED,
        _fred("'CBBTCUSD'", "value = value * 1.02") + " AND observation_date = date '2025-03-03'",
        (),
    ),
    "btc_cbbtcusd_date_shift": (
        _FRED,
        _fred("'CBBTCUSD'", "observation_date = observation_date - 1") + " AND observation_date >= date '2026-01-01'",
        ("reconciled_btc_cbbtcusd_coinbase_same_day",),
    ),
    "public_debt_dts_penny": (
        _PENNY,
        f"UPDATE raw.{_PENNY} SET tot_pub_debt_out_usd = tot_pub_debt_out_usd + 1000000000 "
        "WHERE record_date = DATE '2025-10-31'",
        (),
    ),
    "held_by_public_dts_penny": (
        _PENNY,
        f"UPDATE raw.{_PENNY} SET debt_held_public_usd = debt_held_public_usd + 20000000000 "
        "WHERE record_date = DATE '2026-03-31'",
        ("reconciled_held_by_public_penny_mspd",),
    ),
    "marketable_dts_mspd": (
        _SUMMARY,
        f"UPDATE raw.{_SUMMARY} SET total_usd_mn = total_usd_mn + 1000 "
        "WHERE record_date = DATE '2025-10-31' AND security_type_desc = 'Total Marketable'",
        (),
    ),
    "held_by_public_penny_mspd": (
        _SUMMARY,
        f"UPDATE raw.{_SUMMARY} SET debt_held_public_usd_mn = debt_held_public_usd_mn + 1000 "
        "WHERE record_date = DATE '2025-10-31' AND security_type_desc = 'Total Public Debt Outstanding'",
        (),
    ),
    **{
        f"issues_dts_auctions_{name}": (
            "fiscaldata__auctions_query",
            "UPDATE raw.fiscaldata__auctions_query SET total_accepted_usd = total_accepted_usd + 1000000000 "
            f"WHERE cusip IN (SELECT max(cusip) FROM raw.fiscaldata__auctions_query WHERE {condition} "
            "AND issue_date BETWEEN DATE '2025-10-01' AND DATE '2025-10-31')",
            ("bidders_add_up_to_accepted",),
        )
        for name, condition in {"bills": "security_type = 'Bill'", "coupons": "security_type <> 'Bill'"}.items()
    },
    "z1_fed_h41": (_FRED, _fred("'BOGZ1FU713061103Q'", "value = value + 50000"), ()),
    "z1_abroad_tic": (_FRED, _fred("'ROWTSEQ027S'", "value = value + 100000"), ()),
    "z1_money_funds_ofr": (_FRED, _fred("'BOGZ1FL633061105Q'", "value = value + 300000"), ()),
    "z1_banks_fdic": (_FRED, _fred("'BOGZ1FL763061100Q'", "value = value + 400000"), ()),
}

BROKEN_PAIRS = tuple(
    Stored(
        f"pair_{pair}_broken",
        "one of the two publishers says something else",
        (table,),
        sql,
        f"reconciled_{pair}",
        also=also,
    )
    for pair, (table, sql, also) in PAIRS.items()
)
