"""What machines ask of the published generation: marts, columns, a query, a past state, the way back to the bytes.

Every answer is plain JSON and says where it comes from: generation, moment, simulated or not, how good the knowledge
times are, units of its columns. What must not be here: a protocol (`orchestration/machines.py`).
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ingest.providers import dataset as dataset_called
from warehouse.connection import Home, WarehouseError, open_published
from warehouse.generation import SIMULATED_NOTICE, held_marts, literal, marts, refuse_unknown, unit_of
from warehouse.publication import knowledge, query
from warehouse.publication.trace import trace

MOST_ROWS = 1000
MOST_SECONDS = 30.0
# Marts of the newest state, each with the column that must be there: the last days wait for their publisher.
_STATES = {
    "liquidity_regime_daily": "regime",
    "funding_stress_daily": "sofr_pct",
    "dollar_liquidity_daily": "net_liquidity_nowcast_usd_bn",
}

Answer = dict[str, Any]


def list_marts(home: Home) -> Answer:
    """Every mart: what it holds, its rows, whether it is held back."""
    with open_published(home) as con:
        rows = con.execute(
            "SELECT table_name, comment, estimated_size FROM duckdb_tables() WHERE schema_name = 'marts' ORDER BY 1"
        ).fetchall()
        held = held_marts(con)
    found = [
        {"mart": mart, "about": (text or "").removeprefix(SIMULATED_NOTICE).strip(), "rows": count,
         "held_back": held[mart][1] if mart in held else None}
        for mart, text, count in rows
    ]  # fmt: skip
    return {"marts": found, **_origin(home, [])}


def describe(home: Home, mart: str) -> Answer:
    """Columns of a mart with type, unit and meaning. WarehouseError when there is no such mart."""
    with open_published(home) as con:
        refuse_unknown(mart, marts(con))
        rows = con.execute(
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE schema_name = 'marts' "
            "AND table_name = ? ORDER BY column_index",
            [mart],
        ).fetchall()
    columns = [{"column": name, "type": kind, "unit": unit_of(name), "meaning": text} for name, kind, text in rows]
    return {"mart": mart, "columns": columns, **_origin(home, [mart])}


def ask(home: Home, sql: str, limit: int = 100) -> Answer:
    """Rows of one query that reads, at most ``limit`` (`MOST_ROWS`); it is stopped after `MOST_SECONDS`.

    WarehouseError for what is no such query, and for one that takes longer.
    """
    shown = query.first_rows(home, sql, max(1, min(limit, MOST_ROWS)), seconds=MOST_SECONDS)
    if shown is None:
        raise WarehouseError("the statement gives no rows")
    with open_published(home) as con:
        named = [mart for mart in marts(con) if mart in re.findall(r"\w+", sql)]
    return _table(shown) | _origin(home, named)


def as_known(home: Home, dataset: str, moment: datetime, limit: int = 100) -> Answer:
    """The newest rows of a dataset as they were known at ``moment`` (UTC). CatalogError for an unknown dataset."""
    chosen = dataset_called(dataset)
    order = ", ".join([f"{chosen.date_column} DESC", *chosen.key])
    asked = f"FROM as_of.{chosen.table}({literal(moment.isoformat(sep=' '))}) ORDER BY {order}"
    shown = query.first_rows(home, asked, max(1, min(limit, MOST_ROWS)), seconds=MOST_SECONDS)
    assert shown is not None
    return {"dataset": chosen.id, "known_at": str(moment), **_table(shown), **_origin(home, [])}


def way_back(home: Home, mart: str, where: str, column: str | None = None) -> Answer:
    """Raw rows, payloads and addresses behind one row of a mart; WarehouseError unless ``where`` picks one."""
    found = trace(home, mart, where, [column] if column else ())
    origins = [
        {"dataset": one.dataset, "key": one.key, "values": one.values, "equals": one.equals, "url": one.url,
         "known_from": one.known_from, "known_basis": one.known_basis, "payload_sha256": one.payload_id}
        for one in found.origins[:20]
    ]  # fmt: skip
    answer = {"mart": mart, "row": found.row, "units": _units(found.row), "columns": found.columns,
              "origins": origins, "notes": found.notes}  # fmt: skip
    return _plain(answer) | _origin(home, [mart])


def latest(home: Home) -> Answer:
    """The newest day of the regime and of funding stress, and the alerts that are on."""
    states: dict[str, Any] = {}
    units: dict[str, str] = {}
    for mart, column in _STATES.items():
        asked = f"FROM marts.{mart} WHERE {column} IS NOT NULL ORDER BY effective_date DESC"
        shown = query.first_rows(home, asked, 1, seconds=MOST_SECONDS)
        states[mart] = _table(shown)["rows"][0] if shown and shown.rows else None
        units |= _units(shown.columns if shown else ())
    alerts = query.first_rows(home, "FROM marts.alert_summary WHERE is_on", MOST_ROWS, seconds=MOST_SECONDS)
    on = _table(alerts)["rows"] if alerts else []
    return {"newest": states, "units": units, "alerts_on": on, **_origin(home, list(states))}


def _table(shown: query.Shown) -> Answer:
    rows = [_plain(dict(zip(shown.columns, row, strict=True))) for row in shown.rows]
    return {"rows": rows, "rows_in_all": shown.height, "units": _units(shown.columns)}


def _units(columns: Iterable[str]) -> dict[str, str]:
    return {name: unit for name in columns if (unit := unit_of(name))}


def _plain(value: Any) -> Any:
    """The value as JSON has it: times as text, decimals as numbers."""
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case _:
            return value


def _origin(home: Home, named: Iterable[str]) -> Answer:
    """Where an answer comes from: generation, and how good the knowledge times behind the ``named`` marts are."""
    with open_published(home) as con:
        (made,) = con.execute("SELECT g FROM meta.generation AS g").fetchone()  # type: ignore[misc]
        reached = knowledge.datasets_of_marts(con)
        basis = knowledge.bases(con, {dataset for mart in named for dataset in reached.get(mart, ())})
    origin = {
        "generation": made["id"], "built_at": str(made["built_at"]),
        "known_up_to": str(made["as_of"]) if made["as_of"] else None,
        "data": SIMULATED_NOTICE if home.is_simulated else "from primary sources",
        "knowledge": {mart: knowledge.in_words(reached.get(mart, ()), basis) for mart in named},
    }  # fmt: skip
    return {"from": origin}
