"""Words of the tables that the warehouse writes about itself, as dbt's sources and Dagster's assets show them.

What must not be here: the tables themselves.
"""

from __future__ import annotations

from warehouse.catalog_tables import COLUMNS

# Tables that the warehouse writes about itself, for source_health, release_calendar, series_catalog and
# thesis_scorecard. No other mart may read them: they know no as-of time of their own, their staging models cut them.
META = {
    "catalog": ("The catalog, one row for each series.", {name: text for name, (_, text) in COLUMNS.items()}),
    "freshness": (
        "What was held, due and late at the last refresh.",
        {
            "dataset": "Dataset, provider.name.",
            "series": "Series; null for a dataset without series.",
            "newest_date": "Newest date held.",
            "due_at": "When the next value is due, by release rule and grace (UTC).",
            "is_late": "The due time had passed.",
            "checked_at": "When this was judged (UTC).",
        },
    ),
    "release": (
        "When values were expected and came, of a year back and the weeks ahead, by the last refresh.",
        {
            "dataset": "Dataset, provider.name.",
            "series": "Series; null for a dataset without series.",
            "dataset_title": "What the dataset is.",
            "effective_date": "Day or period that the value is about.",
            "expected_at": "When it should come out by the release rule (UTC).",
            "expected_new_york": "The same as New York reads it, with weekday and zone.",
            "due_at": "With grace added: later than that it is late (UTC).",
            "release_rule": "The rule in words.",
            "state": "expected, came, late, suspended or withdrawn.",
            "came_at": "When the first version became known (UTC).",
            "came_basis": "How good came_at is: observed, stamped, vintage or modelled.",
            "checked_at": "When this was judged (UTC).",
        },
    ),
    "lineage": (
        "Which series' values reach which mart, read off the models.",
        {
            "dataset": "Dataset, provider.name.",
            "series": "Series; null for a dataset without series.",
            "mart": "Mart in which its values have a part.",
        },
    ),
    "load": (
        "One row for each load.",
        {
            "load_seq": "Number of the load.",
            "dataset": "Dataset, provider.name.",
            "scopes": "Series that the load speaks of; one empty name for a dataset without series.",
            "loaded_at": "When the body came (UTC).",
            "is_import": "Bodies saved by hand: nobody polled then.",
        },
    ),
    "quarantine": (
        "Bodies that failed, and why.",
        {
            "dataset": "Dataset, provider.name.",
            "scope": "Series, where the request was for one.",
            "error": "Name of the error.",
            "message": "What was wrong.",
            "quarantined_at": "When (UTC).",
        },
    ),
    "alert_observation": (
        "What the warehouse saw of itself at the end of a refresh, a row when it was new; warehouse/alerts writes it.",
        {
            "measure": "Measure of a rule of the seed alert_rules.",
            "observed_at": "When (UTC).",
            "measured_value": "Value in the unit of the measure.",
        },
    ),
    "claim_measurement": (
        "What the claims of the essay measured on the day it appeared; warehouse/scorecard.py keeps it.",
        {
            "claim_id": "Claim.",
            "measure_id": "Measure of the claim.",
            "measured_value": "Value in the unit of the measure.",
            "first_date": "First date of the window.",
            "last_date": "Last date of the window.",
            "knowledge_basis": "Least sure knowledge basis of the rows in the window.",
            "judged_at": "Moment of that state (UTC).",
            "fingerprint": "What it was made from: the project and the rows known by then.",
        },
    ),
}
