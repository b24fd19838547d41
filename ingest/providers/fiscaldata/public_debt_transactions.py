"""Issues and redemptions of the public debt by day."""

from datetime import date

from ingest.providers.fiscaldata.common import RECORD_DATE, STATEMENT, table_dataset, text_column, transaction_amounts
from ingest.releases import Cadence

PUBLIC_DEBT_TRANSACTIONS = table_dataset(
    "v1/accounting/dts/public_debt_transactions",
    Cadence.DAILY,
    RECORD_DATE,
    text_column(
        "transaction_type", "Issues or Redemptions", frozenset({"Issues", "Redemptions"}), heading="Transaction Type"
    ),
    text_column(
        "security_market",
        "Marketable or Nonmarketable; empty where the statement has none",
        heading="Security Marketability",
        missing="",
    ),
    text_column("security_type", "Bills, Notes, Bonds and so on", heading="Security Type", missing=""),
    text_column(
        "security_type_desc",
        "Finer class, such as Cash Management Series; empty where there is none",
        heading="Security Type Description",
        missing="",
    ),
    *transaction_amounts(),
    title="Issues and redemptions of the public debt",
    description="Gross issues and redemptions by kind of security and day. Inflation-protected and floating-rate "
    "securities are inside Notes and Bonds; accretion is a separate issue line.",
    key=("record_date", "transaction_type", "security_market", "security_type", "security_type_desc"),
    release=STATEMENT,
    start=date(2005, 10, 3),
    rests_on="the site's CSV of 2021-06 to 2026-06 and the dictionary; no recording of the API's own answer",
)
