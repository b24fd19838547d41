"""Facts kept by hand that are due for a look: the seed `fact_renewals`, read without dbt or a database."""

import csv
from dataclasses import dataclass
from datetime import date

from warehouse.locations import PROJECT


@dataclass(frozen=True)
class Renewal:
    """A seed whose facts were good until a day, and the address where its publisher has new ones."""

    seed: str
    good_until: date
    where_to_look: str


def due(today: date) -> list[Renewal]:
    """Seeds that were good until before or on ``today``, the oldest first."""
    with (PROJECT / "seeds" / "fact_renewals.csv").open(newline="", encoding="utf-8") as file:
        dated = [
            Renewal(row["fact_seed"], date.fromisoformat(row["good_until_date"]), row["where_to_look"])
            for row in csv.DictReader(file)
            if row["good_until_date"]
        ]
    return sorted((one for one in dated if one.good_until <= today), key=lambda one: (one.good_until, one.seed))
