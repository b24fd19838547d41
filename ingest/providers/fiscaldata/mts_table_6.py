"""How the deficit is financed, by month."""

from datetime import date

from ingest.providers.fiscaldata.common import LINE, STATEMENT_MONTH, money, table_dataset
from ingest.providers.fiscaldata.monthly_statement import ALSO, LABELS, MONTHLY_STATEMENT
from ingest.releases import Cadence

MTS_TABLE_6 = table_dataset(
    "v1/accounting/mts/mts_table_6",
    Cadence.MONTHLY,
    STATEMENT_MONTH,
    LINE,
    *LABELS,
    money(
        "current_month_net_txn_usd",
        "Net transactions of the month",
        (-6e12, 6e12),
        wire="current_month_net_txn_amt",
        heading="Current Month Net Transaction Amount",
    ),
    money(
        "fytd_net_txn_usd",
        "Net transactions since October",
        (-9e12, 9e12),
        wire="fytd_net_txn_amt",
        heading="Fiscal Year to Date Net Transaction Amount",
    ),
    money(
        "prior_fytd_net_txn_usd",
        "The same a year before",
        (-9e12, 9e12),
        wire="prior_fytd_net_txn_amt",
        heading="Prior Fiscal Year to Date Net Transaction Amount",
    ),
    money(
        "begin_year_acct_bal_usd",
        "Balance when the fiscal year began",
        (-1e14, 1e14),
        wire="begin_year_acct_bal_amt",
        heading="Beginning Year Account Balance Amount",
    ),
    money(
        "begin_month_acct_bal_usd",
        "Balance when the month began",
        (-1e14, 1e14),
        wire="begin_month_acct_bal_amt",
        heading="Beginning Month Account Balance Amount",
    ),
    money(
        "close_month_acct_bal_usd",
        "Balance at the end of the month",
        (-1e14, 1e14),
        wire="close_month_acct_bal_amt",
        heading="Closing Month Account Balance Amount",
    ),
    also=ALSO,
    title="Means of financing the deficit",
    description="Table 6 of the Monthly Treasury Statement: borrowing from the public, other liabilities, less cash "
    "and other assets. Lines of totals are among their parts; assets are deducted, so more cash is positive.",
    key=("record_date", "src_line_nbr"),
    release=MONTHLY_STATEMENT,
    start=date(2015, 3, 31),
    rests_on="the dictionary; the names of three totals in the site's own code; no recording",
)
