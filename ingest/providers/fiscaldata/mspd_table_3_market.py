"""Every outstanding marketable security, by month."""

from datetime import date

from ingest.providers.fiscaldata.common import (
    DEBT_STATEMENT,
    DOWNLOAD,
    LINE,
    MARKS,
    STATEMENT_MONTH,
    Field,
    millions,
    rate,
    table_dataset,
    text_column,
)
from ingest.releases import Cadence

MSPD_TABLE_3_MARKET = table_dataset(
    "v1/debt/mspd/mspd_table_3_market",
    Cadence.MONTHLY,
    STATEMENT_MONTH,
    LINE,
    text_column(
        "security_class1_desc",
        "Bills Maturity Value, Notes, Bonds and so on, or Total Marketable",
        heading="Security Class 1 Description",
        missing="",
    ),
    text_column(
        "security_class2_desc",
        "CUSIP, or the name of a total; empty where the statement has neither",
        heading="Security Class 2 Description",
        missing="",
    ),
    rate(
        "interest_rate_pct",
        "Coupon, a year; empty for bills",
        (0, 20),
        wire="interest_rate_pct",
        heading="Interest Rate",
    ),
    rate("yield_pct", "Yield at auction, a year; real for TIPS", (-5, 20), wire="yield_pct", heading="Yield"),
    Field(
        "issue_date",
        "date",
        "Day on which this tranche was issued; empty in the lines of totals",
        wire="issue_date",
        heading="Issue Date",
    ),
    Field(
        "maturity_date",
        "date",
        "Day on which it falls due; empty in the lines of totals",
        wire="maturity_date",
        heading="Maturity Date",
    ),
    millions("issued_usd_mn", "Issued in this tranche", wire="issued_amt", heading="Issued Amount (in Millions)"),
    millions(
        "inflation_adj_usd_mn",
        "Accretion to the principal of TIPS, inside what is outstanding",
        wire="inflation_adj_amt",
        heading="Amount Adjusted for Inflation (in Millions)",
    ),
    millions(
        "redeemed_usd_mn",
        "Redeemed early or bought back, a negative number",
        wire="redeemed_amt",
        heading="Redeemed Amount (in Millions)",
    ),
    millions(
        "outstanding_usd_mn",
        "Outstanding of the whole CUSIP, in one of its rows, else empty",
        wire="outstanding_amt",
        heading="Outstanding Amount (in Millions)",
    ),
    also=(
        ("security_type_desc", "Security Type Description"),
        ("series_cd", "Series Code"),
        ("interest_pay_date_1", "Interest Payable Date 1"),
        ("interest_pay_date_2", "Interest Payable Date 2"),
        ("interest_pay_date_3", "Interest Payable Date 3"),
        ("interest_pay_date_4", "Interest Payable Date 4"),
        # Table 3 itself, of which this is the marketable half, can be downloaded too and has these too.
        ("security_class3_desc", "Security Class 3 Description"),
        ("prior_month_outstanding_amt", "Prior Month Outstanding Amount (in Millions)"),
        ("current_month_issued_amt", "Current Month Issued Amount (in Millions)"),
        ("current_month_redeemed_amt", "Current Month Redeemed Amount (in Millions)"),
        ("current_month_outstanding_amt", "Current Month Outstanding Amount (in Millions)"),
    ),
    # In table 3 the marketable rows are lines 1 to 825 without a gap and the others follow (2023-09-30), so that
    # leaving those out leaves the lines of this table.
    only=("security_type_desc", frozenset({"Marketable", "Total Marketable"})),
    # An asterisk means less than half a million in the printed statement; in the API it was only reported.
    missing=frozenset({"null", *MARKS}),
    title="Every outstanding marketable security",
    by_hand=f"{DOWNLOAD}; tick `Source Line Number`. Table 3 itself too: its marketable rows",
    description="Detail of the Monthly Statement of the Public Debt: a row for each tranche of each CUSIP, totals "
    "among them. The outstanding amount of a CUSIP is in one of its rows only; rows of totals have no maturity date.",
    key=("record_date", "src_line_nbr"),
    release=DEBT_STATEMENT,
    start=date(2001, 1, 31),
    full_every_days=90,  # 154,292 rows in October 2026
    ordered=(("issue_date", "maturity_date"),),
    rests_on="the site's download of table 3 of 2023-09; the dictionary and public reports of live answers",
)
