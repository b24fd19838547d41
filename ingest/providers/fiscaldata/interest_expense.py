"""Interest expense on the public debt, by month and kind."""

from datetime import date

from ingest.providers.fiscaldata.common import DEBT_STATEMENT, STATEMENT_MONTH, money, table_dataset, text_column
from ingest.releases import Cadence

INTEREST_EXPENSE = table_dataset(
    "v2/accounting/od/interest_expense",
    Cadence.MONTHLY,
    STATEMENT_MONTH,
    text_column(
        "expense_catg_desc",
        "Public issues, or the Government Account Series that federal accounts hold",
        heading="Expense Category Description",
    ),
    # Open sets: names of the Government Account Series changed in 2011.
    text_column(
        "expense_group_desc",
        "Accrued interest, amortized discount or premium, savings bonds and others",
        heading="Expense Group Description",
    ),
    text_column("expense_type_desc", "Kind of security", heading="Expense Type Description"),
    money(
        "month_expense_usd",
        "Expense of the month; premium and corrections are negative",
        (-1e11, 4e11),
        is_nullable=False,
        wire="month_expense_amt",
        heading="Current Month Expense Amount",
    ),
    money(
        "fytd_expense_usd",
        "Expense of the fiscal year so far",
        (-5e11, 5e12),
        wire="fytd_expense_amt",
        heading="Fiscal Year to Date Expense Amount",
    ),
    title="Interest expense on the public debt",
    description="What the Treasury books as interest, by kind of security; inflation compensation of TIPS is a kind.",
    key=("record_date", "expense_catg_desc", "expense_group_desc", "expense_type_desc"),
    release=DEBT_STATEMENT,
    start=date(2010, 5, 31),
    rests_on="all 6,751 rows to 2025-05 in a rebuilt body",
)
