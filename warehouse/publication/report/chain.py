"""The chain, link by link: what each one measures, what it cannot show, and its key figures.

The texts are printed unchanged, so they contain no figure that changes with the data. What must not be here: the
first screen (`today.py`) and charts (`warehouse/charts`).
"""

import re
from dataclasses import dataclass

from warehouse.publication.report.numbers import Reading, days_in_a_year_sql


@dataclass(frozen=True)
class Figure:
    """A key figure: the newest value of a reading, or of those that meet ``on`` (a query that gives the date)."""

    label: str
    reading: Reading
    on: str = ""


@dataclass(frozen=True)
class Fact:
    """A key figure that is not the newest value of a column: one query for it, one for its date or period."""

    label: str
    sql: str
    unit: str
    of: str
    of_sql: str
    of_unit: str = ""


@dataclass(frozen=True)
class Section:
    """One link: what it measures, what it cannot show, and its figures."""

    measures: str
    cannot: str
    figures: tuple[Figure | Fact, ...]

    @property
    def read(self) -> set[str]:
        """Marts that its figures read."""
        readings = {figure.reading.mart for figure in self.figures if isinstance(figure, Figure)}
        queries = " ".join(figure.sql for figure in self.figures if isinstance(figure, Fact))
        return readings | set(re.findall(r"\bmarts\.(\w+)", queries))


_YEAR = "FROM marts.treasury_issuance_fiscal_year WHERE is_complete ORDER BY fiscal_year DESC LIMIT 1"
_QUARTER = "SELECT max(quarter_date) FROM marts.marginal_buyers_quarterly WHERE residual_usd_bn IS NOT NULL"
_Z1_QUARTER = (
    "SELECT max(quarter_date) FROM marts.marginal_buyers_quarterly WHERE unexplained_residual_usd_bn IS NOT NULL"
)
_WALL = "(SELECT max(statement_date) FROM marts.treasury_maturity_wall_monthly)"
_CORRIDOR_DAY = "(SELECT max(effective_date) FROM marts.policy_corridor_daily WHERE sofr_minus_ceiling_bp IS NOT NULL)"
# Every day of the facility: its largest day may be before the start of SOFR.
_SRF_DAYS = (
    "(SELECT operation_date, sum(accepted_usd_bn) AS accepted_usd_bn FROM marts.srf_operations WHERE NOT is_exercise "
    "GROUP BY 1)"
)
_STRESS_DAY = "(SELECT max(effective_date) FROM marts.funding_stress_daily WHERE is_cash_tight IS NOT NULL)"
_SRF_DAY = "(SELECT max(effective_date) FROM marts.funding_stress_daily WHERE srf_accepted_usd_bn IS NOT NULL)"


def _year(label: str, column: str, unit: str = "usd_bn") -> Fact:
    return Fact(label, f"SELECT {column} {_YEAR}", unit, "fiscal year", f"SELECT fiscal_year {_YEAR}", "year")


def _buyer(label: str, column: str) -> Figure:
    return Figure(label, Reading("marginal_buyers_quarterly", column, "usd_bn", "quarter_date"), _QUARTER)


def _opened(label: str, column: str) -> Figure:
    return Figure(label, Reading("marginal_buyers_quarterly", column, "usd_bn", "quarter_date"), _Z1_QUARTER)


def _weekly(label: str, column: str) -> Figure:
    return Figure(label, Reading("fed_balance_sheet_weekly", column, "usd_bn", "wednesday_date"))


SECTIONS: dict[str, Section] = {
    "deficit": Section(
        measures=(
            "The government finances its deficit by borrowing, from its cash, or by other means. This link compares "
            "the deficit of the monthly statement with net marketable issuance of the daily one, with and without "
            "the growth of inflation-linked principal. It also shows the debt that has to be rolled over."
        ),
        cannot=(
            "A year's deficit and a year's issuance differ by the swing of the cash balance and by debt that is "
            "not marketable, so one year proves little; five years together show more. Estimates of the future come "
            "from others (CBO, the Treasury, banks), each with the day on which it was known."
        ),
        figures=(
            _year("Deficit, last complete fiscal year", "deficit_usd_bn"),
            _year("Net marketable issuance, accretion included", "net_issuance_with_accretion_usd_bn"),
            _year("Issuance over deficit", "net_issuance_to_deficit_ratio", "ratio"),
            _year("The same over five years together", "net_issuance_to_deficit_5y_ratio", "ratio"),
            Figure(
                "Deficit of the newest month",
                Reading("deficit_bridge_monthly", "deficit_usd_bn", "usd_bn", "month_date"),
            ),
            Fact(
                "Falls due within twelve months",
                "SELECT round(sum(falling_due_usd_bn), 6) FROM marts.treasury_maturity_wall_monthly "
                f"WHERE statement_date = {_WALL} AND months_ahead_count <= 12",
                "usd_bn",
                "statement of",
                f"SELECT {_WALL}",
            ),
        ),
    ),
    "buyers": Section(
        measures=(
            "Each quarter's net marketable issuance, split over those whose purchases can be seen: the Federal "
            "Reserve, banks, money funds, foreign governments, foreign private holders, the Cayman Islands, "
            "dealers. What they leave is a residual, so the split always adds up; the financial accounts (Z.1) say "
            "which sectors bought it, and what they leave is stated as unexplained."
        ),
        cannot=(
            "Z.1 comes ten weeks after a quarter; until then some buyers are changes of market value, in which a fall "
            "in prices looks like a sale. Hedge funds abroad are mostly invisible: custody data see a fraction of "
            "what their own filings report. Households are what Z.1 itself cannot place, errors included."
        ),
        figures=(
            _buyer("Net issuance of the quarter", "net_issuance_usd_bn"),
            _buyer("Federal Reserve", "fed_usd_bn"),
            _buyer("Four money-centre banks", "big_four_banks_usd_bn"),
            _buyer("All other banks", "other_banks_usd_bn"),
            _buyer("Money funds", "money_funds_usd_bn"),
            _buyer("Foreign official", "foreign_official_usd_bn"),
            _buyer("Foreign private, without Cayman", "foreign_private_ex_cayman_usd_bn"),
            _buyer("Cayman Islands", "cayman_usd_bn"),
            _buyer("Dealers", "dealers_usd_bn"),
            _buyer("Residual: what these leave", "residual_usd_bn"),
            _opened("Households and nonprofits, by Z.1", "households_net_purchases_usd_bn"),
            _opened("All sectors that only Z.1 counts", "unreported_net_purchases_usd_bn"),
            _opened("Unexplained", "unexplained_residual_usd_bn"),
        ),
    ),
    "hedge_funds": Section(
        measures=(
            "Relative-value funds buy a Treasury, sell the future against it, and finance the purchase in repo. "
            "The short leg shows in the weekly futures report as leveraged funds' positions; the long leg and the "
            "borrowing show in Form PF, by quarter."
        ),
        cannot=(
            "The futures short is a proxy that overstates the trade: funds are short for other reasons too, and face "
            "value counts a two-year and a thirty-year note alike. Form PF comes about eleven weeks late and "
            "covers all strategies of large funds, not this one alone."
        ),
        figures=(
            Figure(
                "Gross short in Treasury futures",
                Reading("basis_trade_total_weekly", "short_usd_bn", "usd_bn", "report_date"),
            ),
            Figure("Net of longs", Reading("basis_trade_total_weekly", "net_usd_bn", "usd_bn", "report_date")),
            Figure(
                "Asset managers, net: the other side",
                Reading("basis_trade_total_weekly", "asset_manager_net_usd_bn", "usd_bn", "report_date"),
            ),
            Figure(
                "Hedge funds' repo borrowing",
                Reading("hedge_fund_exposure_quarterly", "repo_borrowing_usd_bn", "usd_bn", "quarter_date"),
            ),
            Figure(
                "Hedge funds' long Treasuries",
                Reading("hedge_fund_exposure_quarterly", "treasuries_long_usd_bn", "usd_bn", "quarter_date"),
            ),
        ),
    ),
    "repo": Section(
        measures=(
            "Who lends the cash, and in which market: tri-party repo, the cleared bilateral market, the general "
            "collateral market between dealers. Money funds are the main lenders; they choose between repo, "
            "Treasuries and the Fed's overnight reverse repo."
        ),
        cannot=(
            "The volumes of the two publishers overlap and are not parts of one total. Uncleared bilateral repo, "
            "where much of the hedge funds' borrowing happens, is in neither of them. Money funds report month "
            "ends only, and these are the days with the most window dressing."
        ),
        figures=(
            Figure("Volume behind SOFR", Reading("repo_market_daily", "sofr_volume_usd_bn", "usd_bn")),
            Figure(
                "Tri-party without the Fed",
                Reading("repo_market_daily", "tri_party_without_fed_volume_usd_bn", "usd_bn"),
            ),
            Figure("Cleared bilateral outstanding", Reading("repo_market_daily", "dvp_outstanding_usd_bn", "usd_bn")),
            Figure("Overnight reverse repo at the Fed", Reading("repo_market_daily", "on_rrp_usd_bn", "usd_bn")),
            Figure(
                "Money funds' repo", Reading("money_fund_allocation_monthly", "repo_usd_bn", "usd_bn", "month_date")
            ),
            Figure(
                "Money funds' Treasuries",
                Reading("money_fund_allocation_monthly", "treasuries_usd_bn", "usd_bn", "month_date"),
            ),
        ),
    ),
    "ceiling": Section(
        measures=(
            "When cash is short, secured funding costs more than the Fed intends. The clearest sign is the distance "
            "of SOFR, and of the 99th percentile of its trades, from the upper end of the target range "
            "and from interest on reserves. All rates are joined on the day on which they are in force. What past "
            "quarter ends did is the forecast for the next one."
        ),
        cannot=(
            "A single day shows little: month ends, tax dates and coupon settlements lift repo rates every time. "
            "SOFR is a median of trades, published the next morning, and does not show who could not borrow at all."
        ),
        figures=(
            Figure("SOFR to the ceiling", Reading("funding_stress_daily", "sofr_minus_ceiling_bp", "bp")),
            Figure(
                "99th percentile of SOFR to the ceiling",
                Reading("funding_stress_daily", "sofr_percentile_99_minus_ceiling_bp", "bp"),
            ),
            Figure("SOFR to interest on reserves", Reading("funding_stress_daily", "sofr_minus_iorb_bp", "bp")),
            Figure("EFFR to interest on reserves", Reading("policy_corridor_daily", "effr_minus_iorb_bp", "bp")),
            Fact(
                "Tight days in the last twelve months",
                days_in_a_year_sql("funding_stress_daily", "is_cash_tight", "is_cash_tight"),
                "count",
                "up to",
                f"SELECT {_STRESS_DAY}",
            ),
            Fact(
                "Days with SOFR above the ceiling, last twelve months",
                days_in_a_year_sql("policy_corridor_daily", "sofr_minus_ceiling_bp", "sofr_minus_ceiling_bp > 0"),
                "count",
                "up to",
                f"SELECT {_CORRIDOR_DAY}",
            ),
        ),
    ),
    "srf": Section(
        measures=(
            "At the Standing Repo Facility dealers and banks turn Treasuries, agency debt and mortgage bonds into "
            "new reserves overnight, at the upper end of the target range. Take-up is the sum of both operations "
            "of a day; the small-value exercises are recognised and left out."
        ),
        cannot=(
            "Bids of a few million are tests of the plumbing, not demand, which is why use counts from the line of the "
            "regime rules on. Who borrowed is not published. A facility that is not used may still cap the market: "
            "rates below the ceiling and no take-up look the same whether it works or is not needed."
        ),
        figures=(
            Figure("Take-up, newest day", Reading("funding_stress_daily", "srf_accepted_usd_bn", "usd_bn")),
            Fact(
                "Largest day so far",
                f"SELECT max(accepted_usd_bn) FROM {_SRF_DAYS}",
                "usd_bn",
                "on",
                f"SELECT arg_max(operation_date, accepted_usd_bn) FROM {_SRF_DAYS}",
            ),
            Fact(
                "Days of real use, last twelve months",
                days_in_a_year_sql("funding_stress_daily", "srf_accepted_usd_bn", "is_srf_take_up"),
                "count",
                "up to",
                f"SELECT {_SRF_DAY}",
            ),
            Fact(
                "Last day of real use",
                "SELECT arg_max(srf_accepted_usd_bn, effective_date) FROM marts.funding_stress_daily "
                "WHERE is_srf_take_up",
                "usd_bn",
                "on",
                "SELECT max(effective_date) FROM marts.funding_stress_daily WHERE is_srf_take_up",
            ),
        ),
    ),
    "balance_sheet": Section(
        measures=(
            "Reserves are what is left of the Fed's assets after currency, the Treasury's account, reverse repo "
            "and the rest. The identity closes every Wednesday, so each change of reserves can be assigned to "
            "channels: the standing facility, loans to banks, bill purchases, run-off, the Treasury's cash, money "
            "funds' reverse repo. Simple models say what the next Wednesday and the next quarter end may bring, each "
            "with its past errors."
        ),
        cannot=(
            "The balance sheet exists only on Wednesdays; between them only three channels have a daily source, "
            "and their sum has no meaning. The numbers do not show whether a channel is policy or accident: a "
            "falling Treasury balance adds reserves exactly as a purchase does. Bills are bought to manage reserves "
            "and to replace agency securities that are repaid; only the published schedules tell the two apart."
        ),
        figures=(
            _weekly("Total assets", "assets_usd_bn"),
            _weekly("Treasuries held", "treasuries_usd_bn"),
            _weekly("Reserves", "reserves_usd_bn"),
            _weekly("Treasury's account", "tga_usd_bn"),
            _weekly("Reverse repo, foreign accounts included", "reverse_repo_usd_bn"),
            Figure(
                "Reserves since run-off began, June 2022",
                Reading("stealth_qe_daily", "reserves_created_since_qt_usd_bn", "usd_bn"),
            ),
            _weekly("Loans: discount window and emergency credit", "loans_usd_bn"),
            Figure(
                "Bills added since December 2025, reinvestment included",
                Reading("stealth_qe_daily", "bills_since_rmp_usd_bn", "usd_bn"),
            ),
            Figure(
                "Of these, bought to manage reserves, by schedule",
                Reading("stealth_qe_daily", "rmp_bills_for_reserve_management_usd_bn", "usd_bn"),
            ),
        ),
    ),
    "prices": Section(
        measures=(
            "Net liquidity is the Fed's assets less the Treasury's account less overnight reverse repo. It comes "
            "in two versions that must not be mixed: a level of one Wednesday, all parts of the same day, and a "
            "daily nowcast that carries Wednesday's assets forward. Bitcoin and gold are shown for comparison."
        ),
        cannot=(
            "Two lines that both rise do not prove a cause: levels of trending series correlate with nearly "
            "anything, so compare changes, and even they explain little. Gold is a monthly average and "
            "does not move inside a month."
        ),
        figures=(
            Figure(
                "Net liquidity, Wednesday level",
                Reading("dollar_liquidity_daily", "net_liquidity_wednesday_usd_bn", "usd_bn"),
            ),
            Figure(
                "Net liquidity, daily nowcast",
                Reading("dollar_liquidity_daily", "net_liquidity_nowcast_usd_bn", "usd_bn"),
            ),
            Figure("Bitcoin", Reading("dollar_liquidity_daily", "bitcoin_close_usd_per_btc", "usd_per_btc")),
            Figure(
                "Gold, monthly average",
                Reading("foreign_holdings_total_monthly", "gold_usd_per_ozt", "usd_per_ozt", "month_date"),
            ),
        ),
    ),
    "trust": Section(
        measures=(
            "The same quantity from two publishers, compared within a tolerance that states its reason; what was "
            "revised after publication; what is late. A number that fails its check is held back, and the last "
            "good one stays, marked as such. Forecasts are written down before the outcome and scored against no "
            "change."
        ),
        cannot=(
            "Agreement of two publishers that copy from a third proves only that both copied. For the first load "
            "of a series the knowledge time is modelled from its release calendar, not observed. Scores since 2018 are "
            "a replay: the models were chosen in 2026, with these years in view."
        ),
        figures=(
            Fact(
                "Comparisons between publishers",
                "SELECT count(*) FROM marts.reconciliation",
                "count",
                "up to",
                "SELECT max(effective_date) FROM marts.reconciliation",
            ),
            Fact(
                "Outside their tolerance",
                "SELECT count(*) FROM marts.reconciliation WHERE verdict = 'differ'",
                "count",
                "up to",
                "SELECT max(effective_date) FROM marts.reconciliation",
            ),
            Fact(
                "Revisions after publication",
                "SELECT count(*) FROM marts.revision_log",
                "count",
                "newest known",
                "SELECT CAST(max(known_from) AS DATE) FROM marts.revision_log",
            ),
            Fact(
                "Series held",
                "SELECT count(*) FROM marts.source_health WHERE newest_date IS NOT NULL",
                "count",
                "judged",
                "SELECT CAST(max(checked_at) AS DATE) FROM marts.source_health",
            ),
        ),
    ),
}
