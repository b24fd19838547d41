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

A new table is one file with one `table_dataset(...)` call, whose fields have wire name, site heading and column, and a
row in the test of exchanged columns. The sample answers for it; values of more than one line a date are in
`ingest/sample/fiscaldata/`.
What must not be here: SQL, the network, formulas.
"""

from ingest.catalog import Provider, datasets_in

PROVIDER = Provider(
    name="fiscaldata",
    title="US Treasury, FiscalData",
    homepage="https://fiscaldata.treasury.gov",
    hosts=("api.fiscaldata.treasury.gov",),
    datasets=datasets_in(__name__),
)
