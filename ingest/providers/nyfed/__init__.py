"""The New York Fed's Markets API: rates, repo operations and their counterparties, dealers, swap lines, the portfolio.

No key. The JSON is printed from a template, not serialised: suppressed numbers can come as a bare `*`, which is no
JSON, and fields come and go with the kind of operation and the year. Four units live in one API: rates speak billions
of dollars, operations whole dollars, SOMA dollars and cents as text, dealers millions as text. A search that matches
nothing answers 200 with an empty list. Of swaps and Treasury operations no body was recorded: their fields are those
that the tests of public projects show, and each dataset has this in `rests_on`. Of the others, field lists, units and
the empty answer were seen in recorded bodies, `"NA"` percentiles too; the bare `*`, the fields of the broker-era EFFR
and the table of rates that the site exports (dates MM/DD/YYYY, one heading row for all rates) are known from other
people's code only; hours of publication are partly remembered.

What must not be here: SQL, the network, formulas.
"""

from ingest.catalog import Provider, datasets_in

PROVIDER = Provider(
    name="nyfed",
    title="Federal Reserve Bank of New York",
    homepage="https://markets.newyorkfed.org",
    hosts=("markets.newyorkfed.org",),
    datasets=datasets_in(__name__),
    pace=1.0,
)
