"""What a night left, as plain facts: rows against what the providers say, marts, states, calendar, alerts.

It reads the published generation, as readers do (how checks went stands in the work file alone), and asks the
simulated providers of the night again, with nobody down and nothing misspelt. What must not be here: whether that is
right (`judge.py`).
"""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.catalog import VERSION_COLUMNS, Dataset, Plan
from ingest.collect import Batch, Failure, collect_all
from ingest.payloads import Archive
from ingest.providers import DATASETS, PROVIDERS
from orchestration.commands import status
from tests.nights.course import Course, Providers
from warehouse.connection import Home, open_published, open_work
from warehouse.history import quoted

_CURRENT = "known_to = TIMESTAMP '9999-12-31' AND NOT is_deleted"
# A number of a mart, its date, and the row of the log that it must equal: dataset, condition, value, date.
FIGURES = (
    ("marts.funding_stress_daily", "sofr_pct", "effective_date",
     "nyfed.reference_rates", "rate_type = 'SOFR'", "rate_pct"),
    ("marts.treasury_cash_daily", "closing_balance_usd_bn", "effective_date",
     "fiscaldata.operating_cash_balance", "account_type = 'Treasury General Account (TGA) Closing Balance'",
     "coalesce(close_today_usd_mn, open_today_usd_mn) / 1000"),
    ("marts.fed_balance_sheet_weekly", "assets_usd_bn", "wednesday_date",
     "fred.observations", "series_id = 'WALCL'", "value / 1000"),
    ("marts.dollar_liquidity_daily", "bitcoin_close_usd_per_btc", "effective_date",
     "coinbase.daily_candles", "TRUE", "close_usd_per_btc"),
)  # fmt: skip


def look(home: Home, course: Course, day: date, *, is_whole: bool) -> dict[str, Any]:
    """Everything that `judge.py` needs, fit for JSON. ``is_whole`` compares all history instead of the last weeks."""
    moment = course.moment(day)
    with open_published(home) as con:
        plans = {name: plan(con, dataset, moment, is_whole=is_whole) for name, dataset in DATASETS.items()}
        batches = ask(Providers(course, day, is_sound=True), plans)
        rows = {name: compare(con, DATASETS[name], batches[name]) for name in DATASETS}
        figures = [_figure(con, *figure) for figure in FIGURES]
        health = con.execute(
            "SELECT dataset, list(DISTINCT health ORDER BY health) FROM marts.source_health GROUP BY 1 ORDER BY 1"
        ).fetchall()
        releases = con.execute("SELECT dataset, state, count(*) FROM meta.release GROUP BY ALL ORDER BY ALL").fetchall()
        tardy = con.execute(
            "SELECT dataset, coalesce(series, ''), effective_date, expected_at, due_at, came_at FROM meta.release "
            "WHERE state = 'came' AND came_basis = 'observed' AND came_at > due_at + INTERVAL 1 DAY "
            "AND expected_at > ?",
            [course.moment(course.first)],
        ).fetchall()
        turns = con.execute(
            "SELECT rule_id, effective_date, state, known_at, evidence FROM marts.alert_history "
            "JOIN marts.alert_summary USING (rule_id) WHERE state IN ('raised', 'cleared') AND known_at > ? "
            "ORDER BY ALL",
            [course.moment(course.first) - timedelta(days=1)],
        ).fetchall()
        titles = dict(con.execute("SELECT rule_id, title FROM marts.alert_summary").fetchall())
        (revised,) = con.execute("SELECT count(*) FROM marts.revision_log").fetchone()  # type: ignore[misc]
    with open_work(home) as con:
        red = con.execute("SELECT name, status, failures FROM meta.build WHERE NOT is_ok ORDER BY name").fetchall()
    state = status.look(home, moment + timedelta(minutes=5))
    return {
        "rows": rows, "figures": figures, "health": dict(health), "releases": releases, "tardy": tardy, "turns": turns,
        "titles": titles, "red": red, "revised": revised, "digest": _digest(home),
        "status": {
            "late": {one.dataset: one.late for one in state.late}, "failing": [one.dataset for one in state.failing],
            "suspended": [one.dataset for one in state.datasets if one.suspended], "behind": state.behind,
            "held_back": state.held_back, "is_well": state.is_well, "next_release": state.next_release,
            "renewals": [one["seed"] for one in state.renewals], "datasets": len(asdict(state)["datasets"]),
        },
    }  # fmt: skip


def _digest(home: Home) -> str:
    return (home.current / "digest.txt").read_text("utf-8")


def plan(con: duckdb.DuckDBPyConnection, dataset: Dataset, moment: datetime, *, is_whole: bool) -> Plan:
    """The whole history, or what a refresh asks for that holds what ``con`` holds."""
    scope = f'"{dataset.series_column}"' if dataset.series_column else "NULL"
    newest = dict(
        con.execute(
            f'SELECT {scope}, max("{dataset.date_column}") FROM history.{dataset.table} WHERE {_CURRENT} GROUP BY 1'
        ).fetchall()
    )
    return Plan(moment.date(), {} if is_whole else newest, is_whole or not newest)


def ask(transport: Providers, plans: dict[str, Plan]) -> dict[str, list[Batch]]:
    """Batches of the datasets that have a plan. Raises what made a request fail."""
    found: dict[str, list[Batch]] = {name: [] for name in plans}
    chosen = [(provider, [one for one in provider.datasets if one.id in plans]) for provider in PROVIDERS]
    with tempfile.TemporaryDirectory(prefix="liquidity-look-") as folder:
        selection = [(provider, datasets) for provider, datasets in chosen if datasets]
        for result in collect_all(selection, plans, Archive(Path(folder)), transport=transport):
            if isinstance(result, Failure):
                raise result.error
            if isinstance(result, Batch):
                found[result.dataset].append(result)
    return found


def compare(con: duckdb.DuckDBPyConnection, dataset: Dataset, batches: Sequence[Batch]) -> dict[str, Any]:
    """The current rows of a dataset against those of ``batches``: how many are wrong or missing, and how many too many.

    What an archive of vintages says is left out: its newest version is the row that the other bodies have.
    """
    names = [column.name for column in dataset.columns]
    current = f"(SELECT {quoted(names)} FROM history.{dataset.table} WHERE {_CURRENT})"
    count, digest = con.execute(f"SELECT count(*), sum(hash(t)::HUGEINT) FROM {current} AS t").fetchone()  # type: ignore[misc]
    told: dict[str, Any] = {
        "held": count, "digest": f"{count}/{digest}", "compared": 0, "wrong": 0, "extra": 0, "first": ""
    }  # fmt: skip
    plain = [batch for batch in batches if batch.pages and not _is_of_versions(batch)]
    if not plain:
        return told
    unsaid = {name for batch in plain for name in batch.unsaid}
    said = quoted([name for name in names if name not in unsaid])
    expected = pl.concat([page.frame for batch in plain for page in batch.pages]).unique()
    con.register("expected", expected.to_arrow())
    wrong = con.execute(f"SELECT {said} FROM expected EXCEPT SELECT {said} FROM {current}").fetchall()
    scope = f'"{dataset.series_column}"' if dataset.series_column else "NULL"
    cover = pl.DataFrame(
        [(b.request.scope, b.request.covers_from, b.request.covers_to or date(9999, 12, 31))
         for b in plain if b.request.covers_from],
        schema={"scope": pl.String, "first": pl.Date, "last": pl.Date}, orient="row",
    )  # fmt: skip
    con.register("cover", cover.to_arrow())
    extra = con.execute(
        f"""
        SELECT DISTINCT {quoted(dataset.key)} FROM {current} AS c JOIN cover
            ON (cover.scope IS NULL OR cover.scope = {scope}) AND c."{dataset.date_column}" BETWEEN first AND last
        ANTI JOIN expected USING ({quoted(dataset.key)})"""
    ).fetchall()
    con.unregister("expected")
    con.unregister("cover")
    first = [str(row) for row in (*wrong[:2], *extra[:1])]
    return told | {"compared": expected.height, "wrong": len(wrong), "extra": len(extra), "first": "; ".join(first)}


def _is_of_versions(batch: Batch) -> bool:
    return any(VERSION_COLUMNS.keys() & set(page.frame.columns) for page in batch.pages)


def _figure(
    con: duckdb.DuckDBPyConnection, mart: str, column: str, day: str, dataset: str, where: str, value: str
) -> list[Any]:
    """Name, the mart's newest number, and that of the log for the same date."""
    table, date_column = DATASETS[dataset].table, DATASETS[dataset].date_column
    newest = con.execute(
        f"SELECT {day}, {column} FROM {mart} WHERE {column} IS NOT NULL ORDER BY 1 DESC LIMIT 1"
    ).fetchone()
    held = con.execute(
        f'SELECT "{date_column}", {value} FROM history.{table} WHERE {_CURRENT} AND {where} ORDER BY 1 DESC LIMIT 1'
    ).fetchone()
    return [f"{mart}.{column}", newest, held]
