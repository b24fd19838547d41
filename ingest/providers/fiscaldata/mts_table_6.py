"""How the deficit is financed, by month."""

from __future__ import annotations

from datetime import date

from ingest.catalog import Cadence
from ingest.providers.fiscaldata.common import DOWNLOAD, LINE, STATEMENT_MONTH, Field, Table, money, table_dataset
from ingest.providers.fiscaldata.monthly_statement import ALSO, LABELS, MONTHLY_STATEMENT

MTS_TABLE_6 = table_dataset(
    Table(
        "v1/accounting/mts/mts_table_6",
        (
            STATEMENT_MONTH,
            LINE,
            *LABELS,
            Field(
                "current_month_net_txn_amt",
                "Current Month Net Transaction Amount",
                money("current_month_net_txn_usd", "Net transactions of the month", (-6e12, 6e12)),
            ),
            Field(
                "fytd_net_txn_amt",
                "Fiscal Year to Date Net Transaction Amount",
                money("fytd_net_txn_usd", "Net transactions since October", (-9e12, 9e12)),
            ),
            Field(
                "prior_fytd_net_txn_amt",
                "Prior Fiscal Year to Date Net Transaction Amount",
                money("prior_fytd_net_txn_usd", "The same a year before", (-9e12, 9e12)),
            ),
            Field(
                "begin_year_acct_bal_amt",
                "Beginning Year Account Balance Amount",
                money("begin_year_acct_bal_usd", "Balance when the fiscal year began", (-1e14, 1e14)),
            ),
            Field(
                "begin_month_acct_bal_amt",
                "Beginning Month Account Balance Amount",
                money("begin_month_acct_bal_usd", "Balance when the month began", (-1e14, 1e14)),
            ),
            Field(
                "close_month_acct_bal_amt",
                "Closing Month Account Balance Amount",
                money("close_month_acct_bal_usd", "Balance at the end of the month", (-1e14, 1e14)),
            ),
        ),
        also=ALSO,
    ),
    name="mts_table_6",
    title="Means of financing the deficit",
    by_hand=DOWNLOAD,
    description="Table 6 of the Monthly Treasury Statement: borrowing from the public, other liabilities, less cash "
    "and other assets. Lines of totals stand among their parts; assets are deducted, so more cash is positive.",
    key=("record_date", "src_line_nbr"),
    cadence=Cadence.MONTHLY,
    release=MONTHLY_STATEMENT,
    start=date(2015, 3, 31),
    window_days=100,
    rests_on="the dictionary; the names of three totals in the site's own code; no recording",
)
