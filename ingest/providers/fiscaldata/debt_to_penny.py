"""The public debt on every business day."""

from datetime import date, time

from ingest.providers.fiscaldata.common import RECORD_DATE, money, table_dataset
from ingest.releases import Cadence, Release

DEBT_TO_PENNY = table_dataset(
    "v2/accounting/od/debt_to_penny",
    Cadence.DAILY,
    RECORD_DATE,
    money(
        "debt_held_public_usd",
        "Debt held outside the federal government; empty on most days before 2005-03-31",
        (2e12, 9e13),
        wire="debt_held_public_amt",
        heading="Debt Held by the Public",
    ),
    money(
        "intragov_hold_usd",
        "Debt held by federal accounts; empty as the column before",
        (9e11, 3e13),
        wire="intragov_hold_amt",
        heading="Intragovernmental Holdings",
    ),
    money(
        "tot_pub_debt_out_usd",
        "Both together",
        (4e12, 1e14),
        is_nullable=False,
        wire="tot_pub_debt_out_amt",
        heading="Total Public Debt Outstanding",
    ),
    title="Debt to the penny",
    description="Total public debt outstanding on every business day, and its two parts.",
    key=("record_date",),
    release=Release(
        time(15, 0),
        "at the end of each business day for the one before it, says the dictionary; about 15:00, remembered",
        business_days=1,
    ),
    start=date(1993, 4, 1),
    rests_on="recording of 2025Q1; all days of 2000-01 to 2025-06 in a rebuilt table",
)
