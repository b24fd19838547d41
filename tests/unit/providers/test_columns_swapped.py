"""Two columns of the same type exchanged: every parser puts each value of the wire under its own name.

One row of each dataset that has two columns of a type, with another value in every field. The names next to the
values are written down here once more, independently of the parsers. A parser that places values by their order, or
takes one name for another, gives another row; so does a body in which a publisher has exchanged two of them, unless a
check of order or of sums refuses it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations

import polars as pl
import pytest

from ingest.catalog import Dataset, Request
from ingest.errors import IngestError
from ingest.parsing import parse_body
from ingest.providers import DATASETS
from ingest.sample.worldbank import workbook

Wire = Mapping[str, object]


def _nyfed(*path: str, inside: str = "", around: Mapping[str, object] | None = None) -> Callable[[Wire], bytes]:
    """A body that holds the row below ``path``; names after a dot belong to the first element of ``inside``."""

    def body(row: Wire) -> bytes:
        outer = {name: value for name, value in row.items() if "." not in name} | dict(around or {})
        inner = {name.split(".")[1]: value for name, value in row.items() if "." in name}
        value: object = [outer | ({inside: [inner]} if inside else {})]
        for name in reversed(path):
            value = {name: value}
        return json.dumps(value).encode()

    return body


def _fiscaldata(row: Wire) -> bytes:
    return json.dumps({"data": [row], "meta": {"total-count": 1}, "links": {"next": None}}).encode()


def _lines(*above: str, separator: str) -> Callable[[Wire], bytes]:
    def body(row: Wire) -> bytes:
        return "\n".join(
            [*above, separator.join(row), separator.join(str(value) for value in row.values()), ""]
        ).encode()

    return body


def _candle(row: Wire) -> bytes:
    return json.dumps([[1_706_745_600, *row.values()]]).encode()


def _kraken(row: Wire) -> bytes:
    candle = [1_706_745_600, *row.values()]
    return json.dumps({"error": [], "result": {"XXBTZUSD": [candle], "last": 1_706_745_600}}).encode()


def _pink_sheet(row: Wire) -> bytes:
    units = [None, *["($/troy oz)"] * len(row)]
    return workbook({"Monthly Prices": [[None, *row], units, ["2024M01", *row.values()]]})  # type: ignore[list-item]


def _holders(row: Wire) -> bytes:
    months = "\t".join(row)
    values = "\t".join(str(value) for value in row.values())
    return f"Billions of dollars\nCountry\t{months}\nJapan\t{values}\nGrand Total\t{values}\n".encode()


def _board(row: Wire) -> bytes:
    heads = [
        ("Series Description", "what"),
        ("Unit:", "Currency"),
        ("Multiplier:", "1000000"),
        ("Currency:", "USD"),
        ("Unique Identifier: ", "H41/H41/"),
    ]
    lines = [",".join([head, *(cell + (name if "H41" in cell else "") for name in row)]) for head, cell in heads]
    lines += [",".join(["Time Period", *row]), ",".join(["2024-01-31", *(str(value) for value in row.values())])]
    return "\n".join(lines).encode()


def _row(dataset: Dataset, frame: pl.DataFrame) -> dict[str, object]:
    return frame.row(0, named=True)


def _series(name: str) -> Callable[[Dataset, pl.DataFrame], dict[str, object]]:
    """Of a long table the one value of each series, or of each month."""
    return lambda dataset, frame: dict(
        zip(
            frame[name].cast(pl.String()),
            frame[next(c.name for c in dataset.columns if c.dtype == "double")],
            strict=True,
        )
    )


@dataclass(frozen=True)
class Example:
    """``fields`` are name on the wire, value there, where it belongs; ``body`` makes a body of them.

    ``computed`` are columns that no field of the wire fills alone. ``also`` are other values for some of the fields,
    where those have too few to differ all at once.
    """

    dataset: str
    body: Callable[[Wire], bytes]
    fields: tuple[tuple[str, object, str], ...]
    computed: frozenset[str] = frozenset()
    read: Callable[[Dataset, pl.DataFrame], dict[str, object]] = _row
    also: tuple[Wire, ...] = ({},)


def _fields(text: str) -> tuple[tuple[str, object, str], ...]:
    """Lines of three: name on the wire, value as JSON or plain text, column."""
    found = []
    for line in text.strip().splitlines():
        wire, value, column = (part.strip() for part in line.split("|"))
        try:
            found.append((wire, json.loads(value), column))
        except json.JSONDecodeError:
            found.append((wire, value, column))
    return tuple(found)


def _treasury(table: str, fields: str, also: tuple[Wire, ...] = ({},)) -> Example:
    return Example(f"fiscaldata.{table}", _fiscaldata, _fields(fields), also=also)


_RATE = """
Effective Date               | 01/30/2024 | effective_date
Rate Type                    | EFFR       | rate_type
Rate (%)                     | 5.33       | rate_pct
1st Percentile (%)           | 5.31       | percentile_1_pct
25th Percentile (%)          | 5.32       | percentile_25_pct
75th Percentile (%)          | 5.34       | percentile_75_pct
99th Percentile (%)          | 5.38       | percentile_99_pct
Volume ($Billions)           | 84         | volume_usd_bn
Target Rate From (%)         | 5.25       | target_from_pct
Target Rate To (%)           | 5.50       | target_to_pct
Intra Day - Low (%)          | 5.10       | intraday_low_pct
Intra Day - High (%)         | 5.90       | intraday_high_pct
Standard Deviation (%)       | 0.04       | std_dev_pct
Revision Indicator (Y/N)     | Y          | revision_indicator
Footnote ID                  | 3          | footnote_id
"""
_REPORT = """
CFTC_Contract_Market_Code       | cftc_contract_market_code        | 043602     | contract_code
Report_Date_as_YYYY-MM-DD       | report_date_as_yyyy_mm_dd        | 2024-01-30 | report_date
Open_Interest_All               | open_interest_all                | 4000000    | open_interest_contracts
Dealer_Positions_Long_All       | dealer_positions_long_all        | 200001     | dealer_long_contracts
Dealer_Positions_Short_All      | dealer_positions_short_all       | 300002     | dealer_short_contracts
Dealer_Positions_Spread_All     | dealer_positions_spread_all      | 50003      | dealer_spread_contracts
Asset_Mgr_Positions_Long_All    | asset_mgr_positions_long         | 2000004    | asset_manager_long_contracts
Asset_Mgr_Positions_Short_All   | asset_mgr_positions_short        | 500005     | asset_manager_short_contracts
Asset_Mgr_Positions_Spread_All  | asset_mgr_positions_spread       | 60006      | asset_manager_spread_contracts
Lev_Money_Positions_Long_All    | lev_money_positions_long         | 400007     | leveraged_funds_long_contracts
Lev_Money_Positions_Short_All   | lev_money_positions_short        | 1800008    | leveraged_funds_short_contracts
Lev_Money_Positions_Spread_All  | lev_money_positions_spread       | 70009      | leveraged_funds_spread_contracts
Other_Rept_Positions_Long_All   | other_rept_positions_long        | 150010     | other_reportable_long_contracts
Other_Rept_Positions_Short_All  | other_rept_positions_short       | 100011     | other_reportable_short_contracts
Other_Rept_Positions_Spread_All | other_rept_positions_spread      | 80012      | other_reportable_spread_contracts
NonRept_Positions_Long_All      | nonrept_positions_long_all       | 989948     | nonreportable_long_contracts
NonRept_Positions_Short_All     | nonrept_positions_short_all      | 1039944    | nonreportable_short_contracts
Traders_Lev_Money_Long_All      | traders_lev_money_long_all       | 61         | leveraged_funds_long_traders_count
Traders_Lev_Money_Short_All     | traders_lev_money_short_all      | 73         | leveraged_funds_short_traders_count
"""


def _report(kind: int) -> str:
    lines = (line.split("|") for line in _REPORT.strip().splitlines())
    return "\n".join(f"{line[kind]}|{line[2]}|{line[3]}" for line in lines)


def _report_file(row: Wire) -> bytes:
    more = {"Contract_Units": "(CONTRACTS OF $100000 FACE VALUE)", "FutOnly_or_Combined": "FutOnly"}
    return _lines(separator=",")({"Market_and_Exchange_Names": "10-YEAR"} | dict(row) | more)


def _report_api(row: Wire) -> bytes:
    more = {"contract_units": "(CONTRACTS OF $100,000 FACE VALUE)", "futonly_or_combined": "FutOnly"}
    return json.dumps([{name: str(value) for name, value in (dict(row) | more).items()}]).encode()


def _call_report(row: Wire) -> bytes:
    return json.dumps({"meta": {"total": 1}, "data": [{"data": dict(row)}]}).encode()


_LEG = {"securityType": "Agency", "amtSubmitted": 90, "amtAccepted": 70}
EXAMPLES = (
    Example(
        "nyfed.reference_rates",
        _nyfed("refRates"),
        _fields("""
            effectiveDate       | 2024-01-30 | effective_date
            type                | EFFR       | rate_type
            percentRate         | 5.33       | rate_pct
            percentPercentile1  | 5.31       | percentile_1_pct
            percentPercentile25 | 5.32       | percentile_25_pct
            percentPercentile75 | 5.34       | percentile_75_pct
            percentPercentile99 | 5.38       | percentile_99_pct
            volumeInBillions    | 84         | volume_usd_bn
            targetRateFrom      | 5.25       | target_from_pct
            targetRateTo        | 5.50       | target_to_pct
            intraDayLow         | 5.10       | intraday_low_pct
            intraDayHigh        | 5.90       | intraday_high_pct
            stdDeviation        | 0.04       | std_dev_pct
            revisionIndicator   | R          | revision_indicator
            footnoteId          | "3"        | footnote_id
        """),
    ),
    Example("nyfed.reference_rates", _lines(separator=","), _fields(_RATE)),
    Example(
        "nyfed.repo_operations",
        _nyfed("repo", "operations", around={"details": [_LEG]}),
        _fields("""
            operationId        | RP 013024 1         | operation_id
            auctionStatus      | Results             | auction_status
            operationDate      | 2024-01-30          | operation_date
            settlementDate     | 2024-01-31          | settlement_date
            maturityDate       | 2024-02-02          | maturity_date
            operationType      | Reverse Repo        | operation_type
            operationMethod    | Fixed Rate          | operation_method
            settlementType     | Next Day            | settlement_type
            termCalenderDays   | 2                   | term_days
            term               | Term                | term
            releaseTime        | 12:45               | release_time
            closeTime          | 13:15               | close_time
            note               | A remark            | note
            lastUpdated        | 2024-01-30 13:15:40 | last_updated_at
            operationLimit     | 500                 | operation_limit_usd
            participatingCpty  | 12                  | participating_count
            acceptedCpty       | 11                  | accepted_count
            totalAmtSubmitted  | 90                  | submitted_usd
            totalAmtAccepted   | 70                  | accepted_usd
        """),
    ),
    Example(
        "nyfed.repo_operation_details",
        _nyfed(
            "repo",
            "operations",
            inside="details",
            around={"auctionStatus": "Results"},
        ),
        _fields("""
            operationId                       | RP 013024 1         | operation_id
            operationDate                     | 2024-01-30          | operation_date
            operationType                     | Repo                | operation_type
            lastUpdated                       | 2024-01-30 13:15:40 | last_updated_at
            details.securityType              | Treasury            | security_type
            details.amtSubmitted              | 90                  | submitted_usd
            details.amtAccepted               | 70                  | accepted_usd
            details.minimumBidRate            | 5.50                | minimum_bid_rate_pct
            details.percentHighRate           | 5.60                | high_rate_pct
            details.percentLowRate            | 5.51                | low_rate_pct
            details.percentStopOutRate        | 5.52                | stop_out_rate_pct
            details.percentWeightedAverageRate | 5.55               | weighted_average_rate_pct
            details.percentOfferingRate       | 5.49                | offering_rate_pct
            details.percentAwardRate          | 5.53                | award_rate_pct
        """),
    ),
    Example(
        "nyfed.reverse_repo_propositions",
        _nyfed("repo", "operations", inside="propositions"),
        _fields("""
            operationId                   | RP 013024 1 | operation_id
            operationDate                 | 2024-01-30  | operation_date
            note                          | A remark    | note
            propositions.counterpartyType | mmf         | counterparty_type
            propositions.amtAccepted      | 70          | accepted_usd
        """),
    ),
    Example(
        "nyfed.soma_summary",
        _nyfed("soma", "summary"),
        _fields("""
            asOfDate                  | 2024-01-31      | as_of_date
            mbs                       | "200000000000.25" | mbs_usd
            cmbs                      | "8000000000.50" | cmbs_usd
            tips                      | "30000000001"   | tips_usd
            frn                       | "20000000002"   | frn_usd
            tipsInflationCompensation | "9000000000.11" | tips_inflation_compensation_usd
            notesbonds                | "350000000003"  | notes_bonds_usd
            bills                     | "19000000004"   | bills_usd
            agencies                  | "2000000005"    | agencies_usd
            total                     | "629000000015.75" | total_usd
        """),
    ),
    Example(
        "nyfed.fx_swaps",
        _nyfed(
            "fxSwaps", "operations", around={"operationType": "U.S. Dollar Liquidity Swap", "currency": "USD"}
        ),
        _fields("""
            counterparty   | European Central Bank | counterparty
            tradeDate      | 2024-01-30 | trade_date
            settlementDate | 2024-02-01 | settlement_date
            maturityDate   | 2024-02-08 | maturity_date
            termInDays     | 7          | term_days
            amount         | 3000000    | amount_usd
            interestRate   | 5.58       | interest_rate_pct
        """),
        frozenset({"repeat_count", "is_small_value"}),
    ),
    Example(
        "nyfed.treasury_operations",
        _nyfed("treasury", "auctions"),
        _fields("""
            operationId          | PC 013024 1            | operation_id
            auctionStatus        | Results                | auction_status
            operationType        | Outright Bill Purchase | operation_type
            operationDate        | 2024-01-30             | operation_date
            settlementDate       | 2024-01-31             | settlement_date
            operationDirection   | P                      | operation_direction
            auctionMethod        | Multiple Price         | auction_method
            maturityRangeStart   | 2024-02-20             | maturity_from_date
            maturityRangeEnd     | 2025-01-23             | maturity_to_date
            releaseTime          | 09:00                  | release_time
            closeTime            | 09:20                  | close_time
            note                 | A remark               | note
            totalParAmtSubmitted | "9000000000"           | submitted_usd
            totalParAmtAccepted  | "7000000000"           | accepted_usd
            lastUpdated          | 2024-01-30 09:21:40    | last_updated_at
        """),
    ),
    _treasury("operating_cash_balance", """
        record_date     | 2024-01-30             | record_date
        account_type    | Federal Reserve Account | account_type
        open_today_bal  | "700001"               | open_today_usd_mn
        close_today_bal | "700002"               | close_today_usd_mn
    """),
    _treasury("public_debt_transactions", """
        record_date            | 2024-01-30 | record_date
        transaction_type       | Issues     | transaction_type
        security_market        | Marketable | security_market
        security_type          | Bills      | security_type
        security_type_desc     | Regular Series | security_type_desc
        transaction_today_amt  | "1001"     | transaction_today_usd_mn
        transaction_mtd_amt    | "2002"     | transaction_mtd_usd_mn
        transaction_fytd_amt   | "3003"     | transaction_fytd_usd_mn
    """),
    _treasury("deposits_withdrawals_operating_cash", """
        record_date            | 2024-01-30 | record_date
        account_type           | Treasury General Account | account_type
        transaction_type       | Deposits   | transaction_type
        transaction_catg       | Taxes      | transaction_catg
        transaction_catg_desc  | Withheld   | transaction_catg_desc
        src_line_nbr           | "7"        | src_line_nbr
        transaction_today_amt  | "1001"     | transaction_today_usd_mn
        transaction_mtd_amt    | "2002"     | transaction_mtd_usd_mn
        transaction_fytd_amt   | "3003"     | transaction_fytd_usd_mn
    """),
    _treasury("debt_to_penny", """
        record_date          | 2024-01-30           | record_date
        debt_held_public_amt | "27000000000000.01"  | debt_held_public_usd
        intragov_hold_amt    | "7000000000000.02"   | intragov_hold_usd
        tot_pub_debt_out_amt | "34000000000000.03"  | tot_pub_debt_out_usd
    """),
    _treasury("mts_table_1", """
        record_date                    | 2024-01-31       | record_date
        src_line_nbr                   | "7"              | src_line_nbr
        classification_desc            | January          | classification_desc
        sequence_number_cd             | "1.4"            | sequence_number_cd
        data_type_cd                   | D                | data_type_cd
        record_type_cd                 | MTH              | record_type_cd
        current_month_gross_rcpt_amt   | "400000000000.1" | gross_receipts_usd
        current_month_gross_outly_amt  | "500000000000.3" | gross_outlays_usd
        current_month_dfct_sur_amt     | "100000000000.2" | deficit_usd
    """),
    _treasury("mts_table_6", """
        record_date              | 2024-01-31 | record_date
        src_line_nbr             | "7"        | src_line_nbr
        classification_desc      | Cash       | classification_desc
        sequence_number_cd       | "1.4"      | sequence_number_cd
        data_type_cd             | D          | data_type_cd
        record_type_cd           | LIA        | record_type_cd
        current_month_net_txn_amt | "1000.1"  | current_month_net_txn_usd
        fytd_net_txn_amt         | "2000.2"   | fytd_net_txn_usd
        prior_fytd_net_txn_amt   | "3000.3"   | prior_fytd_net_txn_usd
        begin_year_acct_bal_amt  | "4000.4"   | begin_year_acct_bal_usd
        begin_month_acct_bal_amt | "5000.5"   | begin_month_acct_bal_usd
        close_month_acct_bal_amt | "6000.6"   | close_month_acct_bal_usd
    """),
    _treasury("mspd_table_1", """
        record_date              | 2024-01-31  | record_date
        src_line_nbr             | "1"         | src_line_nbr
        security_type_desc       | Marketable  | security_type_desc
        security_class_desc      | Bills       | security_class_desc
        debt_held_public_mil_amt | "5700001.1" | debt_held_public_usd_mn
        intragov_hold_mil_amt    | "1002.2"    | intragov_hold_usd_mn
        total_mil_amt            | "5701003.3" | total_usd_mn
    """),
    _treasury("mspd_table_3_market", """
        record_date          | 2024-01-31 | record_date
        src_line_nbr         | "7"        | src_line_nbr
        security_class1_desc | Notes      | security_class1_desc
        security_class2_desc | 912828AB1  | security_class2_desc
        interest_rate_pct    | "4.125"    | interest_rate_pct
        yield_pct            | "4.25"     | yield_pct
        issue_date           | 2023-01-31 | issue_date
        maturity_date        | 2030-01-31 | maturity_date
        issued_amt           | "40001.1"  | issued_usd_mn
        inflation_adj_amt    | "2.2"      | inflation_adj_usd_mn
        redeemed_amt         | "3.3"      | redeemed_usd_mn
        outstanding_amt      | "40000.4"  | outstanding_usd_mn
    """),
    _treasury("auctions_query", """
        cusip                        | 912828AB1     | cusip
        auction_date                 | 2024-01-24    | auction_date
        security_type                | Note          | security_type
        security_term                | 7-Year        | security_term
        original_security_term       | 10-Year       | original_security_term
        reopening                    | Yes           | reopening
        cash_management_bill_cmb     | No            | cash_management_bill
        floating_rate                | No            | floating_rate
        inflation_index_security     | No            | inflation_index_security
        announcemt_date              | 2024-01-18    | announcement_date
        issue_date                   | 2024-01-31    | issue_date
        maturity_date                | 2031-01-31    | maturity_date
        offering_amt                 | "41000000000" | offering_usd
        total_tendered               | "99000000000" | total_tendered_usd
        total_accepted               | "45000000000" | total_accepted_usd
        soma_accepted                | "4000000000"  | soma_accepted_usd
        primary_dealer_accepted      | "5000000000"  | primary_dealer_accepted_usd
        direct_bidder_accepted       | "6000000000"  | direct_bidder_accepted_usd
        indirect_bidder_accepted     | "29000000000" | indirect_bidder_accepted_usd
        noncomp_accepted             | "100000000"   | noncomp_accepted_usd
        fima_noncomp_accepted        | "110000000"   | fima_noncomp_accepted_usd
        est_pub_held_mat_by_type_amt | "52000000000" | est_public_maturing_usd
        bid_to_cover_ratio           | "2.57"        | bid_to_cover_ratio
        high_discnt_rate             | "4.01"        | high_discount_rate_pct
        high_investment_rate         | "4.02"        | high_investment_rate_pct
        high_yield                   | "4.109"       | high_yield_pct
        avg_med_yield                | "4.05"        | median_yield_pct
        high_discnt_margin           | "0.14"        | high_discount_margin_pct
        int_rate                     | "4.00"        | interest_rate_pct
        allocation_pctage            | "47.42"       | allocation_pct
    """, also=({"cash_management_bill_cmb": "Yes"}, {"floating_rate": "Yes"})),
    _treasury("avg_interest_rates", """
        record_date           | 2024-01-31     | record_date
        security_type_desc    | Marketable     | security_type_desc
        security_desc         | Treasury Bills | security_desc
        avg_interest_rate_amt | "5.4"          | avg_interest_rate_pct
    """),
    _treasury("interest_expense", """
        record_date        | 2025-05-31                        | record_date
        expense_catg_desc  | INTEREST EXPENSE ON PUBLIC ISSUES | expense_catg_desc
        expense_group_desc | AMORTIZED DISCOUNT                | expense_group_desc
        expense_type_desc  | Treasury Bills                    | expense_type_desc
        month_expense_amt  | "21817505735.97"                  | month_expense_usd
        fytd_expense_amt   | "182000000000.01"                 | fytd_expense_usd
    """),
    Example(
        "coinbase.daily_candles",
        _candle,
        _fields("""
            low    | 40000.5  | low_usd_per_btc
            high   | 43000.25 | high_usd_per_btc
            open   | 41000.75 | open_usd_per_btc
            close  | 42000.5  | close_usd_per_btc
            volume | 1234.5   | volume_btc
        """),
        frozenset({"product_id", "candle_date"}),
    ),
    Example(
        "kraken.daily_candles",
        _kraken,
        _fields("""
            open   | "41000.7" | open_usd_per_btc
            high   | "43000.2" | high_usd_per_btc
            low    | "40000.5" | low_usd_per_btc
            close  | "42000.5" | close_usd_per_btc
            vwap   | "41500.1" | vwap_usd_per_btc
            volume | "1234.5"  | volume_btc
            count  | 777       | trades_count
        """),
        frozenset({"pair", "candle_date"}),
    ),
    Example(
        "tic.slt_country_flows",
        _lines("Millions of dollars", separator="\t"),
        _fields("""
            country             | Japan     | country
            country_code        | "42609"   | country_code
            date                | 2024-01   | month_date
            for_treas_pos       | 1000500   | treasury_position_usd_mn
            for_treas_net       | 9001      | net_purchases_usd_mn
            for_lt_treas_pos    | 900502    | long_term_position_usd_mn
            for_lt_treas_net    | 8003      | long_term_net_purchases_usd_mn
            for_lt_treas_valchg | -504      | long_term_valuation_change_usd_mn
            for_st_treas_pos    | 100005    | short_term_position_usd_mn
            for_st_treas_net    | 1006      | short_term_net_purchases_usd_mn
        """),
    ),
    Example("cftc.traders_in_financial_futures", _report_file, _fields(_report(0))),
    Example("cftc.traders_in_financial_futures", _report_api, _fields(_report(1))),
    Example(
        "fdic.call_report_treasuries",
        _call_report,
        _fields("""
            CERT   | 628        | cert
            REPDTE | 20240331   | report_date
            SCUST  | 350000001  | treasuries_usd_k
            SCUS   | 450000002  | us_securities_usd_k
            SC     | 550000003  | securities_usd_k
            SCAF   | 250000004  | afs_usd_k
            SCHA   | 300000005  | htm_usd_k
            TRADE  | 500000006  | trading_usd_k
            CHFRB  | 480000007  | fed_balances_usd_k
            FREPO  | 310000008  | fed_funds_and_repo_sold_usd_k
            FREPP  | 220000009  | fed_funds_and_repo_bought_usd_k
            ASSET  | 3500000010 | assets_usd_k
        """),
        frozenset({"institutions_count"}),
    ),
    # Of long tables the columns of the body are series or months.
    Example(
        "worldbank.commodity_prices_monthly",
        _pink_sheet,
        _fields("""
            Gold     | 2034.04 | gold
            Silver   | 22.91   | silver
            Platinum | 926.5   | platinum
        """),
        read=_series("series_id"),
    ),
    Example(
        "tic.major_foreign_holders",
        _holders,
        _fields("""
            2024-02 | 1000.5 | 2024-02-29
            2024-01 | 990.1  | 2024-01-31
            2023-12 | 980.2  | 2023-12-31
        """),
        read=lambda dataset, frame: _series("month_date")(dataset, frame.filter(pl.col("country") == "Japan")),
    ),
    Example(
        "frb.h41",
        _board,
        _fields("""
            RESPPMA_N.WW     | 7600000 | RESPPMA_N.WW
            RESPPALGUO_N.WW  | 4700000 | RESPPALGUO_N.WW
            RESPPALGASMO_N.WW | 2400000 | RESPPALGASMO_N.WW
        """),
        read=_series("series_id"),
    ),
)  # fmt: skip


def _typed(value: object, dtype: str) -> object:
    """What ``value`` of the wire means as ``dtype``; times of New York in January are UTC less five hours."""
    text = str(value)
    match dtype:
        case "date" if "/" in text:
            return datetime.strptime(f"{text} +0000", "%m/%d/%Y %z").date()
        case "date" if len(text) == 7:
            return date(int(text[:4]), int(text[5:]) + 1, 1).replace(day=1) - (date(2024, 2, 1) - date(2024, 1, 31))
        case "date":
            return date.fromisoformat(text)
        case "timestamp":
            return datetime.fromisoformat(text.replace(" 13:", " 18:").replace(" 09:", " 14:"))
        case "double":
            return float(text)
        case "bigint":
            return int(text)
        case "decimal(18,2)":
            return Decimal(text)
        case _:
            return text


def _dtype(dataset: Dataset, column: str) -> str:
    return next((c.dtype for c in dataset.columns if c.name == column), "double")


def _parsed(example: Example, fields: Wire) -> dict[str, object]:
    dataset = DATASETS[example.dataset]
    request = Request("x", scope="BTC-USD" if dataset.provider == "coinbase" else None, is_file=True)
    return example.read(dataset, parse_body(dataset, example.body(fields), request)[0].frame)


def _expected(example: Example, fields: Wire) -> dict[str, object]:
    dataset = DATASETS[example.dataset]
    return {column: _typed(fields[wire], _dtype(dataset, column)) for wire, _, column in example.fields}


_IDS = [f"{example.dataset} {example.fields[0][0]}" for example in EXAMPLES]


@pytest.mark.parametrize("example", EXAMPLES, ids=_IDS)
def test_every_field_reaches_its_own_column(example: Example) -> None:
    fields = {wire: value for wire, value, _ in example.fields}
    parsed, expected = _parsed(example, fields), _expected(example, fields)
    assert {name: value for name, value in parsed.items() if name not in example.computed} == expected
    if example.read is _row:
        assert {column.name for column in DATASETS[example.dataset].columns} == expected.keys() | example.computed


def _pairs(example: Example) -> list[tuple[str, str]]:
    """Names on the wire of two fields of one type."""
    dataset = DATASETS[example.dataset]
    return [
        (one, other)
        for (one, _, column), (other, _, other_column) in combinations(example.fields, 2)
        if _dtype(dataset, column) == _dtype(dataset, other_column)
    ]


@pytest.mark.parametrize("example", [example for example in EXAMPLES if _pairs(example)], ids=lambda one: one.dataset)
def test_two_columns_of_a_type_exchanged_are_noticed(example: Example) -> None:
    pairs = _pairs(example)
    column_of = {wire: column for wire, _, column in example.fields}
    told_apart = set()
    for change in example.also:
        fields = {wire: value for wire, value, _ in example.fields} | change
        sound = _parsed(example, fields)
        for one, other in pairs:
            if fields[one] == fields[other]:
                continue
            told_apart.add((one, other))
            try:
                row = _parsed(example, fields | {one: fields[other], other: fields[one]})
            except IngestError:
                continue  # a check of order, of sums or of allowed values refuses it
            there = (row[column_of[one]], row[column_of[other]])
            assert there == (sound[column_of[other]], sound[column_of[one]]) != there[::-1], f"{one}, {other}"
    assert set(pairs) == told_apart


def test_every_dataset_with_two_columns_of_a_type_has_an_example() -> None:
    for dataset in DATASETS.values():
        types = [column.dtype for column in dataset.columns if column.name not in dataset.key]
        if len(set(types)) < len(types):
            assert dataset.id in {example.dataset for example in EXAMPLES}
