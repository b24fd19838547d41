"""Treasury's cash by day, in the three layouts that the statement has had."""

from datetime import date

from ingest.providers.fiscaldata.common import DOWNLOAD, RECORD_DATE, STATEMENT, amount, table_dataset, text_column
from ingest.releases import Cadence

OPERATING_CASH_BALANCE = table_dataset(
    "v1/accounting/dts/operating_cash_balance",
    Cadence.DAILY,
    RECORD_DATE,
    # Open set. Seen: Federal Reserve Account (to 2021-09-30), Treasury General Account (TGA) (to 2022-04-15);
    # from 2022-04-18 its Opening Balance, its Closing Balance, Total TGA Deposits (Table II) and Withdrawals;
    # and the Supplementary Financing Program Account and Short-Term Cash Investments (Table V). Only in
    # text files or remembered: Tax and Loan Note Accounts (Table V), Total Operating Balance.
    text_column(
        "account_type",
        "Line of the table, changed in meaning on 2021-10-01 and 2022-04-18; filter, never add up",
        heading="Type of Account",
    ),
    amount(
        "open_today_usd_mn",
        "Opening balance; from 2022-04-18 the amount of the line, whatever the line is",
        (-100_000, 4_000_000),
        wire="open_today_bal",
        heading="Opening Balance Today",
    ),
    amount(
        "close_today_usd_mn",
        "Closing balance; empty from 2022-04-18, when closing has a separate line",
        (-100_000, 4_000_000),
        is_nullable=True,
        wire="close_today_bal",
        heading="Closing Balance Today",
        in_site_csv_from=date(2022, 4, 18),
    ),
    also=(
        ("open_month_bal", "Opening Balance This Month"),
        ("open_fiscal_year_bal", "Opening Balance This Fiscal Year"),
    ),
    title="Treasury's operating cash balance",
    by_hand=f"{DOWNLOAD}; rows before 2022-04-18 need `Closing Balance Today`",
    description="Balance of the Treasury General Account by day, in the three layouts the statement has had.",
    key=("record_date", "account_type"),
    release=STATEMENT,
    start=date(2005, 10, 3),
    rests_on="recordings of 2018-2019 and 2021-2025; years before 2018 on the dictionary and on text statements",
)
