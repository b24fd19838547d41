"""Published figures and where they stand in the marts of the recorded warehouse.

Each is a number that somebody published apart from the bodies it is read from here (a press release, a note of the
Federal Reserve, a news report), or another publisher's count of the same thing. `abs` is the most by which the two may
differ: half of the last digit published, unless a note says otherwise.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A published figure: ``column`` of ``mart`` where ``where`` holds, one row; ``abs`` in the column's own unit."""

    mart: str
    column: str
    where: str
    value: float
    abs: float
    source: str

    def __str__(self) -> str:
        return f"{self.mart}.{self.column}[{self.where}]"


def _days(mart: str, column: str, tolerance: float, values: dict[str, float], source: str, key: str) -> list[Figure]:
    return [Figure(mart, column, f"{key} = DATE '{day}'", value, tolerance, source) for day, value in values.items()]


_RELEASE = "US Treasury, quarterly release of marketable borrowing: cash balance at the end of the quarter"
_CASH = {
    "2018-09-28": 385, "2018-12-31": 402, "2019-03-29": 334, "2019-06-28": 264, "2019-09-30": 382, "2019-12-31": 404,
    "2021-03-31": 1122, "2021-06-30": 852, "2021-09-30": 215, "2021-12-31": 406, "2022-03-31": 652, "2022-06-30": 782,
    "2022-09-30": 636, "2022-12-30": 447, "2023-03-31": 178, "2023-06-30": 402, "2023-09-29": 657, "2023-12-29": 769,
    "2024-03-29": 775, "2024-06-28": 778, "2024-09-30": 886, "2024-12-31": 722, "2025-03-31": 406, "2025-06-30": 457,
    "2025-09-30": 891, "2025-12-31": 873, "2026-03-31": 893,
}  # fmt: skip

# While the Fed rolled over everything that fell due, privately held net borrowing is net issuance without accretion.
_PRIVATELY_HELD = {"2021-09-30": 103, "2021-12-31": 689, "2022-03-31": 668, "2026-03-31": 577}
_BORROWING = "US Treasury, quarterly release: privately held net marketable borrowing, in a quarter without run-off"

_RRP = "New York Fed, as reported by Reuters on the day"
_ON_RRP = {
    "2021-06-30": 991.939, "2021-09-30": 1604.881, "2021-12-31": 1904.582, "2022-06-30": 2329.743,
    "2022-09-30": 2425.910, "2022-12-30": 2553.716, "2023-12-29": 1018.483, "2024-12-31": 473.460,
    "2025-12-26": 20.34, "2025-12-29": 10.55, "2025-12-31": 106,
}  # fmt: skip

_SOFR = "New York Fed, as reported on the day"
_H41 = "Federal Reserve, release H.4.1"

# H.4.1's reverse repo less what the New York Fed says its own operation of the Wednesday took: foreign officials' pool.
_POOL = {
    "2018-09-19": 234.336 - 8.915, "2023-03-22": 2649.984 - 2279.608, "2025-01-01": 888.395 - 473.460,
    "2025-10-29": 367.413 - 19.504,
}  # fmt: skip

FIGURES: list[Figure] = [
    *_days("treasury_cash_daily", "closing_balance_usd_bn", 0.5, _CASH, _RELEASE, "effective_date"),
    *_days("treasury_cash_daily", "closing_balance_usd_bn", 0.05, {"2023-06-01": 22.9},
           "the low of the debt limit of 2023, as reported", "effective_date"),
    *_days("treasury_cash_daily", "closing_balance_usd_bn", 0.05, {"2025-10-30": 1000.6, "2025-11-12": 943.1},
           "Daily Treasury Statement, as reported during the shutdown", "effective_date"),
    *(
        Figure("treasury_issuance_period", "net_issuance_ex_accretion_usd_bn",
               f"period_kind = 'calendar_quarter' AND period_end_date = DATE '{day}'", value, 0.5, _BORROWING)
        for day, value in _PRIVATELY_HELD.items()
    ),
    *_days("dollar_liquidity_daily", "nowcast_on_rrp_usd_bn", 0.5, _ON_RRP, _RRP, "effective_date"),
    *_days("funding_stress_daily", "on_rrp_usd_bn", 0.001, {"2022-12-30": 2553.716, "2024-10-16": 272.028}, _RRP,
           "effective_date"),
    *_days("funding_stress_daily", "sofr_pct", 0.001, {
        "2018-12-31": 3.00, "2019-09-16": 2.43, "2019-09-17": 5.25, "2020-03-17": 0.54, "2022-12-30": 4.30,
        "2023-12-29": 5.38, "2024-06-06": 5.33, "2024-09-30": 4.96, "2024-12-31": 4.49, "2025-10-31": 4.22,
    }, _SOFR, "effective_date"),
    *_days("funding_stress_daily", "sofr_percentile_99_pct", 0.001,
           {"2019-09-17": 9.00, "2024-06-06": 5.44, "2025-10-31": 4.35}, _SOFR, "effective_date"),
    *_days("repo_market_daily", "sofr_volume_usd_bn", 0.5,
           {"2018-04-03": 825, "2019-09-17": 1177, "2024-06-06": 2008, "2025-10-31": 3211}, _SOFR, "effective_date"),
    *_days("policy_corridor_daily", "effr_pct", 0.001, {"2024-09-30": 4.83}, _SOFR, "effective_date"),
    *_days("policy_corridor_daily", "target_ceiling_pct", 0.001, {
        "2015-12-17": 0.50, "2019-09-19": 2.00, "2020-03-16": 0.25, "2022-03-17": 0.50, "2023-07-27": 5.50,
        "2024-09-19": 5.00, "2025-10-30": 4.00, "2025-12-11": 3.75,
    }, "FOMC, implementation notes", "effective_date"),
    *_days("policy_corridor_daily", "iorb_pct", 0.001, {"2021-07-29": 0.15, "2023-07-27": 5.40, "2025-10-30": 3.90},
           "FOMC, implementation notes", "effective_date"),
    *_days("policy_corridor_daily", "sofr_minus_ceiling_bp", 0.01, {"2019-09-17": 300, "2025-10-31": 22},
           "SOFR and the ceiling of the day, New York Fed and FOMC", "effective_date"),
    *_days("funding_stress_daily", "srf_accepted_usd_bn", 0.005, {"2025-06-30": 11.075, "2025-10-31": 50.35},
           "New York Fed, as reported by Reuters", "effective_date"),
    Figure("srf_operations", "accepted_usd_bn", "operation_date = DATE '2025-10-31' AND day_half = 'morning'",
           20.35, 0.005, "New York Fed, as reported by Reuters"),
    Figure("srf_operations", "accepted_usd_bn", "operation_date = DATE '2025-10-31' AND day_half = 'afternoon'",
           30.00, 0.005, "New York Fed, as reported by Reuters"),
    *_days("fed_balance_sheet_weekly", "assets_usd_bn", 0.0005, {"2026-04-15": 6705.696}, _H41, "wednesday_date"),
    *_days("fed_balance_sheet_weekly", "assets_usd_bn", 50, {"2022-03-30": 8900, "2022-09-28": 8800},
           "Federal Reserve, report on balance sheet developments", "wednesday_date"),
    *_days("fed_balance_sheet_weekly", "assets_usd_bn", 0.5, {"2022-04-13": 8965}, f"{_H41}, the peak",
           "wednesday_date"),
    *_days("money_and_banks_weekly", "all_banks_deposits_change_usd_bn", 5, {"2023-03-22": -125.7},
           "Federal Reserve, release H.8, as reported on 2023-03-31; revised since", "wednesday_date"),
    *_days("foreign_custody_weekly", "foreign_official_deposits_usd_bn", 0.01, {"2017-12-27": 5.257},
           "Federal Reserve, table 3.13, end of 2017, four days later", "wednesday_date"),
    *_days("foreign_custody_weekly", "foreign_official_deposits_usd_bn", 0.0005, {"2016-02-03": 5.539},
           "FRED, page of WLFOL of 2016-02-04", "wednesday_date"),
    # 2025-01-01 was a holiday: the operation of the day before is still out.
    *_days("foreign_custody_weekly", "foreign_repo_pool_usd_bn", 0.2, _POOL,
           "H.4.1, reverse repo of all, less the New York Fed's operation", "wednesday_date"),
    *_days("fed_balance_sheet_weekly", "tga_usd_bn", 0.0005, {"2025-10-29": 983.859, "2025-12-31": 872.853},
           "Daily Treasury Statement of the day", "wednesday_date"),
    *_days("dollar_liquidity_daily", "net_liquidity_wednesday_usd_bn", 0.001, {"2025-10-29": 5583.671},
           "H.4.1 6,587.034, less Daily Treasury Statement 983.859, less New York Fed 19.504", "effective_date"),
    # What no series of ours has: the facilities for primary dealers and money funds, lines of the same release.
    *_days("fed_lending_weekly", "other_loans_usd_bn", 0.0005,
           {"2020-04-01": 33.050 + 52.667, "2020-04-29": 25.504 + 46.277},
           f"{_H41}, two lines that are no series of ours", "wednesday_date"),
    # Lines of the release summed by hand: the formula alone.
    *_days("fed_lending_weekly", "lending_usd_bn", 0.0005, {"2018-01-10": 12.176, "2020-04-29": 720.183},
           f"{_H41}, loans, repo and swaps", "wednesday_date"),
    Figure("fiscal_flows_daily", "net_flow_usd_bn", "effective_date = DATE '2026-08-03'", 870.083 - 876.566, 0.0005,
           "Daily Treasury Statement, table I: closing less opening balance"),
    *_days("fiscal_flows_daily", "tax_deposits_usd_bn", 0.0005, {"2006-07-31": 2.846, "2013-02-05": 2.402},
           "Daily Treasury Statement, table IV: federal tax deposits of the day", "effective_date"),
    Figure("fiscal_flows_daily", "deposits_usd_bn - taxes_usd_bn - debt_issues_usd_bn - other_deposits_usd_bn",
           "effective_date = DATE '2026-08-03'", 0, 1e-6, "the identity of the mart"),
    *(
        Figure("treasury_holders_quarterly", column, f"sector = '{sector}' AND quarter_date = DATE '{day}'", value,
               tolerance, source)
        for column, sector, day, value, tolerance, source in (
            ("held_usd_bn", "rest_of_world", "2023-09-30", 7509.1, 0.05, "US Treasury, TIC, grand total"),
            ("held_usd_bn", "rest_of_world", "2023-12-31", 7940.0, 0.05, "Board, Z.1 of 2026-03-19, L.133 line 10"),
            ("held_usd_bn", "fed", "2023-09-30", 4367.4, 0.05, "Board, Z.1 of 2024-03-07, L.210 line 9"),
            ("held_usd_bn", "fed", "2023-12-31", 4403.1, 0.05, "Board, Z.1 of 2024-06-07, L.210 line 9"),
            ("held_usd_bn", "all_sectors", "2023-12-31", 24194.0, 0.1, "Board, Z.1 of 2026-01-09, L.210 line 4"),
            ("held_usd_bn", "money_funds", "2023-12-31", 2269.5, 0.05, "OFR, form N-MFP"),
            ("second_count_minus_z1_usd_bn", "money_funds", "2026-06-30", 0, 0.4, "OFR, form N-MFP: 3,281.2"),
            ("z1_net_purchases_usd_bn", "fed", "2026-03-31", 624.9 / 4, 0.05,
             "Board, Z.1 of 2026-06-11, table F3.2.t line 9, annual rate"),
            ("price_and_other_change_usd_bn", "money_funds", "2026-06-30", 0, 0.05, "bills are held at cost"),
        )
    ),
    *(
        Figure("dealer_positions_weekly", "sum(net_position_usd_bn)",
               f"bucket NOT IN ('all_treasuries', 'not_shown') AND wednesday_date = DATE '{day}'", value, 0.0005,
               "New York Fed, the survey's own total line")
        for day, value in (("2013-04-03", 108.014), ("2013-04-10", 137.924), ("2026-08-19", 436.406),
                           ("2026-08-26", 477.607))
    ),
    Figure("dealer_positions_weekly", "net_position_change_usd_bn",
           "bucket = 'all_treasuries' AND wednesday_date = DATE '2026-08-26'", 41.201, 0.0005,
           "New York Fed, the change that the survey prints"),
    *_days("fed_balance_sheet_weekly", "treasuries_usd_bn", 0.0005, {
        "2020-04-01": 3340.832, "2020-04-29": 3971.419, "2022-08-31": 5694.997, "2023-03-22": 5328.976,
    }, _H41, "wednesday_date"),
    *_days("fed_balance_sheet_weekly", "mbs_usd_bn", 0.0005, {
        "2020-04-01": 1457.721, "2020-04-29": 1604.720, "2022-08-31": 2709.288, "2023-03-22": 2605.235,
    }, _H41, "wednesday_date"),
    *(
        Figure("foreign_holdings_monthly", "holdings_usd_bn", f"country = '{country}' AND month_date = DATE '{day}'",
               value, tolerance, source)
        for country, day, value, tolerance, source in (
            ("Japan", "2013-11-30", 1186.4, 0.05, "US Treasury, TIC, table of January 2014"),
            ("China, Mainland", "2013-11-30", 1316.7, 0.05, "US Treasury, TIC, table of January 2014"),
            ("Japan", "2025-09-30", 1189.3, 0.05, "US Treasury, TIC, as reported in November 2025"),
            ("Japan", "2025-11-30", 1202.7, 0.15, "US Treasury, TIC, as reported in January 2026"),
            ("China, Mainland", "2025-11-30", 683.9, 1.5, "US Treasury, TIC, as reported in January 2026"),
            ("United Kingdom", "2025-09-30", 862.5, 1, "US Treasury, TIC table 5 of March 2026; revised since"),
        )
    ),
    *_days("foreign_holdings_total_monthly", "total_usd_bn", 10, {"2025-11-30": 9355},
           "US Treasury, TIC, first print of January 2026; revised since", "month_date"),
    *_days("foreign_holdings_total_monthly", "cayman_usd_bn", 0.5, {"2024-12-31": 423},
           "FEDS Note of 2025-10-15: what TIC shows of the Cayman Islands", "month_date"),
    *_days("foreign_holdings_total_monthly", "gold_usd_per_ozt", 0.6, {
        "2022-02-28": 1856.3, "2022-10-31": 1664, "2023-02-28": 1854.5, "2020-08-31": 1969, "2024-12-31": 2648,
    }, "World Bank, Pink Sheet of the month", "month_date"),
    *_days("basis_trade_total_weekly", "short_usd_bn", 45, {"2019-07-30": 800, "2021-12-28": 300},
           "FEDS Note of 2025-10-15, Figure 1, read off the chart", "report_date"),
    *_days("hedge_fund_exposure_quarterly", "treasuries_long_usd_bn", 0.5, {"2021-12-31": 1001, "2024-12-31": 1920},
           "OFR Hedge Fund Monitor, Form PF, billions", "quarter_date"),
    *_days("money_fund_allocation_monthly", "total_usd_bn", 10, {"2024-12-31": 7250},
           "Crane Data from form N-MFP, December 2024", "month_date"),
    *_days("money_fund_allocation_monthly", "repo_usd_bn", 10, {"2024-12-31": 2619},
           "Crane Data from form N-MFP, December 2024", "month_date"),
    *(
        Figure("treasury_issuance_fiscal_year", column, "fiscal_year = 2025", value, tolerance, source)
        for column, value, tolerance, source in (
            ("net_issuance_ex_accretion_usd_bn", 1931.4, 0.5, "SIFMA, US Treasury issuance, workbook of 2025-10-07"),
            ("net_issuance_with_accretion_usd_bn", 1992, 20, "essay Hallelujah of 2025-11-04"),
            ("redemptions_usd_bn", 28_304.6, 0.05, "Daily Treasury Statement, summed by another project"),
        )
    ),
    Figure("treasury_issuance_period", "sum(notes_and_bonds_net_usd_bn)",
           "period_kind = 'calendar_year' AND period_start_date BETWEEN DATE '2022-01-01' AND DATE '2024-01-01'",
           3025.4, 0.05, "SIFMA gives the same for 2022 to 2024"),
    Figure("treasury_issuance_period", "120000 / sum(notes_and_bonds_net_usd_bn + tips_accretion_usd_bn)",
           "period_kind = 'calendar_year' AND period_start_date BETWEEN DATE '2022-01-01' AND DATE '2024-01-01'",
           37, 0.5, "FEDS Note of 2025-10-15: 1,200 billion are 37 percent"),
    *(
        Figure("deficit_outlook", "estimate_usd_bn",
               f"institution = 'CBO' AND kind = 'headline' AND measure = 'deficit' AND vintage = '{vintage}' "
               f"AND period = '{period}'", value, 0.5, f"CBO, Budget and Economic Outlook, {vintage}")
        for vintage, period, value in (("2025-01", "FY2025", 1865), ("2025-01", "FY2026", 1713),
                                       ("2026-02", "FY2026", 1853))
    ),
    Figure("treasury_issuance_fiscal_year", "deficit_usd_bn", "fiscal_year = 2025", 1775, 0.5,
           "US Treasury, October 2025: deficit of the fiscal year"),
    Figure("saving_vs_deficit_annual", "deficit_fiscal_year_usd_bn", "calendar_year = 2025", 1775, 0.5,
           "US Treasury, October 2025: deficit of the fiscal year"),
    Figure("deficit_outlook", "actual_usd_bn", "kind = 'headline' AND period = 'FY2025'", 1775, 0.5,
           "US Treasury, October 2025: deficit of the fiscal year"),
    Figure("deficit_outlook", "error_usd_bn", "kind = 'baseline' AND measure = 'deficit' AND vintage = '2025-01' "
           "AND period = 'FY2025'", 90.1, 0.05, "CBO's projection less CBO's actual, both without the same items"),
    *(
        Figure("deficit_outlook", "DISTINCT actual_usd_bn", f"institution IN ('US Treasury', 'Wells Fargo Economics') "
               f"AND period = '{period}'", value, 0, "US Treasury, release of the following quarter: privately held")
        for period, value in (("2022Q2", 7), ("2023Q3", 1010), ("2025Q3", 1058), ("2025Q4", 550), ("2026Q1", 577))
    ),
    # 30 and, from September 2022, 60 a month; 2022-12-31 was a Saturday, and its debt was paid in January.
    *_days("marginal_buyers_quarterly", "fed_taken_from_treasury_usd_bn", 0.6,
           {"2021-12-31": 0, "2022-09-30": -120, "2023-06-30": -180, "2024-12-31": -75, "2025-06-30": -15,
            "2025-09-30": -15, "2026-03-31": 0},
           "Federal Reserve: monthly caps on the run-off of Treasuries", "quarter_date"),
    # The Wednesdays say 147.3; the last day of a quarter is as far away as the mart's bound of 22.9.
    *_days("marginal_buyers_quarterly", "fed_usd_bn", 22.9, {"2026-03-31": 156.2},
           "Board, Z.1 of 2026-09-11, FU713061103, as quoted", "quarter_date"),
    *_days("marginal_buyers_quarterly", "fed_timing_bound_usd_bn", 0.001, {"2026-03-31": 22.866, "2023-03-31": 92.099},
           "H.4.1: what moved between the Wednesdays around both ends", "quarter_date"),
    *(
        Figure("marginal_buyers_quarterly", "sum(net_issuance_usd_bn)", f"year(quarter_date) = {year}", value, apart,
               "Board, Z.1 of 2026-09-11, FU313161105, as quoted")
        for year, value, apart in ((2023, 2381.6, 61), (2024, 1912.9, 5), (2025, 1930.2, 61))
    ),
    *(
        Figure("interest_cost_monthly", column, "month_date = DATE '2025-05-31'", value, 0.05,
               "US Treasury, Interest Expense on the Public Debt, May 2025: sum of its lines")
        for column, value in (("interest_expense_usd_bn", 77.79), ("inflation_compensation_usd_bn", 4.562))
    ),
    *_days("treasury_cash_daily", "assumed_cash_balance_usd_bn", 0,
           {"2018-10-31": 410, "2022-04-29": 700, "2022-05-02": 800, "2025-10-30": 850, "2026-06-23": 900},
           "US Treasury, quarterly release of marketable borrowing in force that day", "effective_date"),
    *_days("treasury_cash_daily", "excess_over_assumed_usd_bn", 0.05, {"2025-10-30": 150.6},
           "Daily Treasury Statement as reported, less 850", "effective_date"),
    Figure("treasury_maturity_wall_monthly", "sum(falling_due_usd_bn)", "statement_date = DATE '2023-09-30'",
           25_753.683 - 5.492, 0.001, "its own total of marketable debt less the Federal Financing Bank's"),
    Figure("treasury_maturity_wall_monthly", "falling_due_usd_bn", "statement_date = DATE '2023-09-30' "
           "AND maturity_month_date = DATE '2023-10-31' AND security_class = 'notes'", 323.2, 0.05,
           "the same: notes due on Saturday 2023-09-30 (135.0) and in October"),
    *(
        Figure("saving_vs_deficit_annual", "saving_rate_pct", f"calendar_year = {year}", value, tolerance, source)
        for year, value, tolerance, source in (
            (2020, 15.1, 0.35, "BEA, as reported after the update of 2025; earlier vintages are higher"),
            (2024, 5.4, 0.1, "BEA after the annual update of 2025-09-25"),
        )
    ),
    Figure("saving_vs_deficit_annual", "gdp_usd_bn", "calendar_year = 2023", 27_720.7, 0.05, "BEA, September 2024"),
    *_days("dollar_liquidity_daily", "net_liquidity_nowcast_usd_bn", 0.001, {"2025-10-29": 5583.671},
           "H.4.1 6,587.034, less Daily Treasury Statement 983.859, less New York Fed 19.504", "effective_date"),
    *_days("dollar_liquidity_daily", "bitcoin_close_usd_per_btc", 0.01, {"2026-08-10": 63911.88},
           "Coinbase, daily candle", "effective_date"),
    *_days("yield_curve_daily", "curve_2y_10y_bp", 0.001, {"2023-07-03": -108},
           "FRED T10Y2Y (remembered)", "effective_date"),
    *_days("yield_curve_daily", "yield_10y_pct", 0.001, {"2020-08-04": 0.52, "2023-10-19": 4.98},
           "US Treasury, par yields, as reported on the day (remembered)", "effective_date"),
    # At 17:00 of the business day after, or of the day itself for operations.
    *_days("treasury_cash_as_known_daily", "closing_balance_as_known_usd_bn", 0.05,
           {"2023-06-02": 22.9, "2025-10-31": 1000.6, "2025-11-13": 943.1},
           "Daily Treasury Statement, as reported at the time", "effective_date"),
    *_days("funding_stress_as_known_daily", "sofr_minus_ceiling_as_known_bp", 0.001,
           {"2019-09-18": 300, "2025-11-03": 22}, "SOFR 5.25 less 2.25, 4.22 less 4.00", "effective_date"),
    *_days("funding_stress_as_known_daily", "srf_accepted_as_known_usd_bn", 0.005,
           {"2025-06-30": 11.075, "2025-10-31": 50.35}, "New York Fed, as reported by Reuters", "effective_date"),
    *_days("dollar_liquidity_as_known_daily", "net_liquidity_nowcast_as_known_usd_bn", 0.001, {"2025-10-30": 5583.671},
           "H.4.1 6,587.034, less Daily Treasury Statement 983.859, less New York Fed 19.504", "effective_date"),
]  # fmt: skip
