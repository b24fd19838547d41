"""FRED of the St. Louis Fed: one table of observations, one row in `SERIES` for each series.

Without a key the chart download is asked, `fredgraph.csv`; with one the API, whose JSON says how many observations
there are and in which transformation. The body tells which it is. CSV heads are `observation_date,ID` (`DATE,ID` until
December 2024, `observation_date,ID_YYYYMMDD` from ALFRED), missing values are empty or `.`. Files saved by hand may
hold several series, or name none (`DATE,VALUE`). All these forms were seen in recordings, as were two traps: the unit
of a series can change with its whole history (`WTREGEN`, `WRESBAL`: billions became millions), and a download
aggregated to another frequency looks like the series. A unit is therefore resolved for each body, and dates that do not
keep the series' cadence are refused. Hours of release are partly from memory, each with a note.

Vintages come from ALFRED with every full load and into the same table: with a key all of them, without one the series
whose revisions matter on a few declared days. Their rows tell when they became known (`VERSION_COLUMNS`). The API
refuses more than 2,000 vintages in one answer and clips `realtime_start` to the window asked; the value at the start
of a window is therefore left to the window before, which ends on the same day.

What must not be here: SQL, the network, formulas.
"""

from ingest.catalog import Provider
from ingest.providers.fred.common import KEY_ENV
from ingest.providers.fred.observations import OBSERVATIONS

PROVIDER = Provider(
    name="fred",
    title="Federal Reserve Bank of St. Louis, FRED",
    homepage="https://fred.stlouisfed.org",
    hosts=("fred.stlouisfed.org", "api.stlouisfed.org", "alfred.stlouisfed.org"),
    datasets=(OBSERVATIONS,),
    pace=2.0,
    key_env=KEY_ENV,
)
