"""Receipts, outlays and deficit by month."""

from datetime import date

from ingest.providers.fiscaldata.common import LINE, STATEMENT_MONTH, money, table_dataset
from ingest.providers.fiscaldata.monthly_statement import ALSO, FLOW, LABELS, MONTHLY_STATEMENT
from ingest.releases import Cadence

MTS_TABLE_1 = table_dataset(
    "v1/accounting/mts/mts_table_1",
    Cadence.MONTHLY,
    STATEMENT_MONTH,
    LINE,
    *LABELS,
    money(
        "gross_receipts_usd",
        "Receipts of the month, or of the year to date, that the row names",
        FLOW,
        wire="current_month_gross_rcpt_amt",
        heading="Current Month Gross Receipts Amount",
    ),
    money(
        "gross_outlays_usd",
        "Outlays of the month, or of the year to date, that the row names",
        FLOW,
        wire="current_month_gross_outly_amt",
        heading="Current Month Gross Outlay Amount",
    ),
    money(
        "deficit_usd",
        "Outlays less receipts: positive is a deficit",
        (-1e12, 5e12),
        wire="current_month_dfct_sur_amt",
        heading="Current Month Deficit Surplus Amount",
    ),
    also=ALSO,
    title="Receipts, outlays and deficit by month",
    description="Table 1 of the Monthly Treasury Statement. One statement (record_date) has a row for each month of "
    "the fiscal year before and of this year so far, each block behind a header FY and before a row Year-to-Date. The "
    "statement's own month is in the second block (sequence_number_cd 2.n), with its name in classification_desc.",
    # Not classification_id, which is another one in each publication: a correction would be a new row.
    key=("record_date", "src_line_nbr"),
    release=MONTHLY_STATEMENT,
    start=date(2015, 3, 31),
    computed=(
        ("fiscal_year", "Fiscal year of the block in which the row is: the statement's own or the one before."),
        ("month_date", "Last day of the month that the row names; null for headers and totals."),
        (
            "is_year_to_date",
            "Whether the row is the sum of its block: of the fiscal year so far, or of the whole year before.",
        ),
        ("is_statement_month", "Whether the row is the statement's own month: one row a statement."),
    ),
    # 3,117 rows on 2026-10-05: exactly 16 a statement (12 months, 2 headers, 2 totals) and one for each month so far.
    rests_on="a whole statement of 2026-07 as the API gave it; the dictionary; the row count in a public report",
)
