"""Essays on the bench: what was known on their day is what a build of that day knows, and nothing later gets in."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.providers import DATASETS
from warehouse.connection import Home, open_published, open_work
from warehouse.models import compilation
from warehouse.models.project import Project

MODELS = ("stg_meta__essay_versions", "int_essay_values", "int_essay_measurements")
# Of texts on three days; all earlier texts are tested with the first two as well.
DAYS = (datetime(2023, 6, 5, 23, 59, 59), datetime(2024, 9, 26, 23, 59, 59), datetime(2025, 11, 17, 23, 59, 59))
READ = (
    "fred.observations", "coinbase.daily_candles", "fiscaldata.operating_cash_balance", "fiscaldata.debt_to_penny",
    "fiscaldata.public_debt_transactions", "fiscaldata.mspd_table_1", "ofr.short_term_funding",
    "tic.major_foreign_holders", "nyfed.treasury_operations",
)  # fmt: skip


@pytest.fixture
def made(refreshed: Home) -> Project:
    return compilation.compiled_project(refreshed)


@pytest.fixture
def con(refreshed: Home, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the work file, to be spoiled."""
    home = Home(tmp_path, is_simulated=True)
    home.work_database.parent.mkdir(parents=True)
    shutil.copy(refreshed.work_database, home.work_database)
    with open_work(home) as con:
        yield con


def _then(con: duckdb.DuckDBPyConnection, day: datetime, schema: str = "intermediate", moment: str = "then") -> object:
    return con.execute(
        "SELECT claim_id, measure_id, measured_value, first_date, last_date, knowledge_basis "
        f"FROM {schema}.int_essay_measurements JOIN seeds.essay_claims USING (claim_id) "
        f"JOIN seeds.essays USING (essay_id) WHERE moment = ? AND published_date {'<=' if moment == 'then' else '='} ? "
        "ORDER BY ALL",
        [moment, day.date()],
    ).fetchall()


@pytest.mark.parametrize("day", DAYS)
def test_nothing_that_came_later_changes_what_was_known(con: duckdb.DuckDBPyConnection, made: Project, day: datetime):
    """Every number known after the day is spoiled; all texts up to that day stay, and what is known now does not."""
    before, now = _then(con, day), _now(con)
    for name in READ:
        dataset = DATASETS[name]
        numbers = [c.name for c in dataset.columns if c.unit is not None and c.name not in dataset.key]
        spoil = ", ".join(f'"{number}" = "{number}" * 3 + 7' for number in numbers)
        con.execute(f"UPDATE raw.{dataset.table} SET {spoil} WHERE known_from > ?", [day])
    assert {state for _, state, *_ in made.make(con, made.named(MODELS))} == {"success"}
    assert len([row for row in before if row[2] is not None]) > 5  # type: ignore[attr-defined]
    assert _then(con, day) == before
    assert _now(con) != now


def test_a_value_known_a_day_earlier_is_seen(con: duckdb.DuckDBPyConnection, made: Project):
    """The test above can fail: the yield of the essay's day becomes known that day, not on the next, and counts."""
    day = datetime(2023, 3, 16, 23, 59, 59)
    before = _then(con, day)
    con.execute(
        "UPDATE raw.fred__observations SET known_from = known_from - INTERVAL 1 DAY WHERE series_id = 'DGS2' "
        "AND observation_date = DATE '2023-03-16'"
    )
    assert {state for _, state, *_ in made.make(con, made.named(MODELS))} == {"success"}
    assert _then(con, day) != before


@pytest.mark.parametrize("day", DAYS)
def test_then_is_what_a_build_of_that_day_gives(con: duckdb.DuckDBPyConnection, made: Project, day: datetime):
    nodes = made.up_to("int_essay_measurements")
    assert {state for _, state, *_ in made.make(con, nodes, as_of=day, prefix="past_")} == {"success"}
    mine = con.execute("SELECT count(*) FROM seeds.essays WHERE published_date = ?", [day.date()]).fetchone()
    assert mine == (1,)
    past = _then(con, day, "past_intermediate", "now")
    wanted = {row[:2] for row in past}  # type: ignore[attr-defined]
    assert past == [row for row in _then(con, day) if row[:2] in wanted]  # type: ignore[attr-defined]


def _now(con: duckdb.DuckDBPyConnection) -> object:
    return con.execute(
        "SELECT claim_id, measure_id, measured_value FROM intermediate.int_essay_measurements WHERE moment = 'now' "
        "ORDER BY ALL"
    ).fetchall()


def test_ninety_claims_are_measured_and_all_verdicts_are_used(refreshed: Home):
    with open_published(refreshed) as con:
        measured, texts = con.execute(
            "SELECT count(DISTINCT claim_id), count(DISTINCT essay_id) FROM marts.essay_scorecard "
            "WHERE now_value IS NOT NULL"
        ).fetchone()
        claims = dict(
            con.execute(
                "SELECT claim_now_verdict, count(DISTINCT claim_id) FROM marts.essay_scorecard GROUP BY ALL"
            ).fetchall()
        )
        one = con.execute(
            "SELECT claim_id FROM marts.essay_scorecard GROUP BY claim_id HAVING count(DISTINCT claim_now_verdict) > 1"
        ).fetchall()
    assert measured >= 90
    assert texts >= 12
    assert sum(claims.values()) == 139
    assert one == []
    assert claims.keys() >= {
        "supported", "contradicted", "mixed", "too early", "premise not met", "not testable with these sources",
    }  # fmt: skip
