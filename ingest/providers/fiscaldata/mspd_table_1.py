"""The public debt by class of security, by month."""

from datetime import date

from ingest.providers.fiscaldata.common import (
    DEBT_STATEMENT,
    MARKS,
    STATEMENT_MONTH,
    millions,
    table_dataset,
    text_column,
    word,
)
from ingest.releases import Cadence

MSPD_TABLE_1 = table_dataset(
    "v1/debt/mspd/mspd_table_1",
    Cadence.MONTHLY,
    STATEMENT_MONTH,
    word(
        "src_line_nbr",
        "Line of the printed table, a label; empty in a site download without it",
        heading="Source Line Number",
    ),
    text_column(
        "security_type_desc", "Marketable, Nonmarketable, or the name of a total", heading="Security Type Description"
    ),
    text_column(
        "security_class_desc",
        "Bills, Notes and so on; an underscore in the lines of totals",
        heading="Security Class Description",
        missing="",
    ),
    millions(
        "debt_held_public_usd_mn",
        "Held outside the federal government",
        wire="debt_held_public_mil_amt",
        heading="Debt Held by the Public (in Millions)",
    ),
    millions(
        "intragov_hold_usd_mn",
        "Held by federal accounts",
        wire="intragov_hold_mil_amt",
        heading="Intragovernmental Holdings (in Millions)",
    ),
    millions(
        "total_usd_mn", "Both together", wire="total_mil_amt", heading="Total Public Debt Outstanding (in Millions)"
    ),
    missing=frozenset({"null", *MARKS}),
    title="Public debt by class of security",
    description="Summary of the Monthly Statement of the Public Debt: about 15 lines a month, three of them totals.",
    # Not the line, which the site's download lacks unless its box is ticked: the two labels tell the rows of a month
    # apart in every recorded one (12 downloaded statements of 14 rows to 2025-10). Two rows alike would be refused.
    key=("record_date", "security_type_desc", "security_class_desc"),
    release=DEBT_STATEMENT,
    start=date(2001, 1, 31),
    rests_on="the site's download of 2024-11 to 2025-10; one quoted row of 2025-02 with its envelope; the dictionary",
)
