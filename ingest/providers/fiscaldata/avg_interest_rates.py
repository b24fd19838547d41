"""Average interest rates on the public debt, by month."""

from datetime import date

from ingest.providers.fiscaldata.common import DEBT_STATEMENT, STATEMENT_MONTH, rate, table_dataset, text_column
from ingest.releases import Cadence

AVG_INTEREST_RATES = table_dataset(
    "v2/accounting/od/avg_interest_rates",
    Cadence.MONTHLY,
    STATEMENT_MONTH,
    text_column(
        "security_type_desc", "Marketable, Non-marketable or Interest-bearing Debt", heading="Security Type Description"
    ),
    # Open set, with drift: Inflation-Indexed Notes and Bonds until TIPS, TotalMarketable in one month.
    text_column("security_desc", "Kind of security, or a total", heading="Security Description"),
    rate(
        "avg_interest_rate_pct",
        "Interest a year over what is outstanding",
        (-1, 20),
        wire="avg_interest_rate_amt",
        heading="Average Interest Rate Amount",
    ),
    title="Average interest rates on the public debt",
    description="What the Treasury pays on each kind of security; totals leave out TIPS and floating-rate notes.",
    key=("record_date", "security_desc"),
    release=DEBT_STATEMENT,
    start=date(2001, 1, 31),
    rests_on="all 4,759 rows to 2025-05 in a rebuilt table; two rows of a live answer in a public report",
)
