"""The ledger of forecasts: what the models say when it is said, before anybody knows what comes.

`meta.forecast` is only added to. A line cannot be made again later: the moment at which it was written is its proof. So
the journal and every generation have it, a replay takes it over and a restore reads it back.
What must not be here: what the models say, and whether they were right (dbt_project/).
"""

import duckdb

from ingest.calendars import utc_now
from ingest.providers import DATASETS
from warehouse import meta

MODEL = "int_forecasts"
# Dataset and series that each target's outcome comes with; of several the last.
_OUTCOMES = {
    "fed_assets": ("fred.observations", "WALCL"),
    "reserves": ("fred.observations", "WRBWFRBL"),
    "net_liquidity": ("fred.observations", "WALCL"),
    "tga_month_end": ("fiscaldata.operating_cash_balance", None),
    "tga_quarter_end": ("fiscaldata.operating_cash_balance", None),
    "sofr_quarter_end": ("nyfed.reference_rates", "SOFR"),
}
_BASES = {1: "modelled", 2: "stamped", 3: "vintage", 4: "observed"}


def write(con: duckdb.DuckDBPyConnection, run_id: str) -> int:
    """Add the forecasts of now that the ledger has not; returns how many. A refresh that learned nothing adds nothing.

    ``con`` is the work file with a built `int_forecasts`.
    """
    found = con.execute(
        f"""
        SELECT effective_date AS forecast_date, as_known_at AS forecast_at, * EXCLUDE (effective_date, as_known_at,
            is_replayed, unit), unit AS forecast_unit
        FROM intermediate.{MODEL} AS said
        WHERE NOT is_replayed AND NOT EXISTS (
            FROM meta.forecast AS held WHERE held.forecast_target = said.forecast_target
            AND held.forecast_model = said.forecast_model AND held.target_date = said.target_date
            AND held.forecast_at = said.as_known_at)
        ORDER BY forecast_target, forecast_model"""
    )
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    at = utc_now()
    for row in rows:
        dataset, series = _OUTCOMES[row["forecast_target"]]
        release = DATASETS[dataset].release_of(series)
        row |= {
            "made_at": at,
            "run_id": run_id,
            "weakest_known_basis": _BASES[row.pop("basis_rank")],
            "outcome_expected_at": release.published_at(row["target_date"]),
        }
    meta.insert(con, "forecast", rows)
    return len(rows)
