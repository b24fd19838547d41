"""What the tables of the Monthly Treasury Statement share: hour of release, labels of a line, names not taken over."""

from datetime import time, timedelta

from ingest.providers.fiscaldata.common import text_column, word
from ingest.releases import Release

# A record date is the last calendar day of its month, so counting business days from it counts those of the next month.
MONTHLY_STATEMENT = Release(
    time(14, 0),
    "8th business day of the month after, 14:00, says the Fiscal Service; later in a shutdown and for September",
    business_days=8,
    grace=timedelta(days=2),
    is_stopped_by_shutdown=True,
)

# Months (150 to 900 billion) and years to date alike; a factor of 1000 leaves it in both directions.
FLOW = (1e10, 1e13)
LABELS = (
    text_column(
        "classification_desc",
        "What the line is: a month, a header, a total, an account",
        heading="Classification Description",
    ),
    word("sequence_number_cd", "Place in the outline, like 2.6", heading="Sequence Number Code"),
    word("data_type_cd", "D detail, S header, T total", heading="Data Type Code"),
    word("record_type_cd", "MTH month, SL special line, GL ledger", heading="Record Type Code"),
)
ALSO = (
    ("parent_id", "Parent ID"),
    ("classification_id", "Classification ID"),
    ("print_order_nbr", "Print Order Sequence Number"),
    ("line_code_nbr", "Line Code Number"),
    ("sequence_level_nbr", "Sequence Level Number"),
)
