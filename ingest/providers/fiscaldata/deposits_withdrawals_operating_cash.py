"""What came into Treasury's account and what went out, by programme and day."""

from datetime import date

from ingest.providers.fiscaldata.common import (
    LINE,
    RECORD_DATE,
    STATEMENT,
    table_dataset,
    text_column,
    transaction_amounts,
)
from ingest.releases import Cadence

DEPOSITS_WITHDRAWALS = table_dataset(
    "v1/accounting/dts/deposits_withdrawals_operating_cash",
    Cadence.DAILY,
    RECORD_DATE,
    # Open set. In answers of 2026: Treasury General Account (TGA) for the single lines, and Treasury General Account
    # Total Deposits and Total Withdrawals for one line a day each.
    text_column("account_type", "Account, or the total that the line is", heading="Type of Account"),
    text_column(
        "transaction_type",
        "Deposits or Withdrawals; empty where the statement has none",
        heading="Transaction Type",
        missing="",
    ),
    text_column(
        "transaction_catg",
        "Programme or tax, renamed on 2023-02-14; empty in the lines of totals",
        heading="Transaction Category",
        missing="",
    ),
    text_column(
        "transaction_catg_desc",
        "Second tier of the category; empty where there is none",
        heading="Transaction Category Description",
        missing="",
    ),
    LINE,
    *transaction_amounts(may_lack_sums=True),
    is_by_year=True,  # 468,609 rows in mid-2026, about 22,000 or three pages a year
    title="Deposits and withdrawals of operating cash",
    description="Table II of the Daily Treasury Statement: what came into Treasury's account and what went out, by "
    "programme and day. Has totals and the cash side of the public debt besides the single lines: never add up all.",
    # Documented is only that the line is a row of the printed table; deposits and withdrawals are two such tables.
    key=("record_date", "transaction_type", "src_line_nbr"),
    release=STATEMENT,
    start=date(2005, 10, 3),
    full_every_days=90,
    rests_on="the dictionary, public code that reads it live, a day of August 2026 in a public project; no recording",
)
