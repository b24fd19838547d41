"""Treasury's FiscalData: the Daily and the Monthly Treasury Statement, the public debt and its securities, auctions.

No key. Every table comes in the same JSON envelope: `data` rows in which *everything is text* and a missing value is
the word `null`, `meta` with the count of all matching rows, `links` whose `next` is a fragment without filter, fields
and sort. The format printed in the metadata is not a scale, so the unit of every column is declared here. Envelope,
nulls, paging and the CSV files were seen in recordings; sizes and the maximal page are known from other people's code.
Whole rows are asked for, because the API groups and adds up rows that are alike in the fields named. Only the auctions
are asked for by name: 30 of 115 fields, with CUSIP and day of the auction among them, which no two rows share.

The site's own downloads are read too: CSV with pretty headings or JSON of `data` alone, newest first, and with the
columns that the user has ticked. The site ticks few at first; its source lists them (`selectColumns`). A body without a
nullable column leaves it unsaid, one without a key column is refused with the boxes to tick. Saved files are further
forgiven what spreadsheets do: dates as m/d/yyyy, thousands separators, blank lines.
Field names and headings are those of the site's data dictionary of January 2024 (a copy is in groditi/ustfd). What the
tables hold that no recording shows (the monthly statements, the securities, the deposits) was read off public reports
of live answers, above all the weekly probes in SecondOrderEdge/duration-monitor (docs/source_probe, to 2026-10-05).
fiscaldata.md lists each fact of the wire with what it rests on.

A new table is one file with one `table_dataset(...)` call, whose fields have wire name, site heading and column.
What must not be here: SQL, the network, formulas.
"""

from __future__ import annotations

from ingest.catalog import Provider
from ingest.providers.fiscaldata.auctions_query import AUCTIONS_QUERY
from ingest.providers.fiscaldata.avg_interest_rates import AVG_INTEREST_RATES
from ingest.providers.fiscaldata.debt_to_penny import DEBT_TO_PENNY
from ingest.providers.fiscaldata.deposits_withdrawals_operating_cash import DEPOSITS_WITHDRAWALS
from ingest.providers.fiscaldata.interest_expense import INTEREST_EXPENSE
from ingest.providers.fiscaldata.mspd_table_1 import MSPD_TABLE_1
from ingest.providers.fiscaldata.mspd_table_3_market import MSPD_TABLE_3_MARKET
from ingest.providers.fiscaldata.mts_table_1 import MTS_TABLE_1
from ingest.providers.fiscaldata.mts_table_6 import MTS_TABLE_6
from ingest.providers.fiscaldata.operating_cash_balance import OPERATING_CASH_BALANCE
from ingest.providers.fiscaldata.public_debt_transactions import PUBLIC_DEBT_TRANSACTIONS

PROVIDER = Provider(
    name="fiscaldata",
    title="US Treasury, FiscalData",
    homepage="https://fiscaldata.treasury.gov",
    hosts=("api.fiscaldata.treasury.gov",),
    datasets=(
        OPERATING_CASH_BALANCE,
        PUBLIC_DEBT_TRANSACTIONS,
        DEPOSITS_WITHDRAWALS,
        DEBT_TO_PENNY,
        MTS_TABLE_1,
        MTS_TABLE_6,
        MSPD_TABLE_1,
        MSPD_TABLE_3_MARKET,
        AUCTIONS_QUERY,
        AVG_INTEREST_RATES,
        INTEREST_EXPENSE,
    ),
)
