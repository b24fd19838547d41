"""From a number in a mart back to the bytes of its publisher: raw rows, payloads, addresses, times.

The way down is the published lineage (`meta.column_lineage`, see `warehouse/models/lineage.py`): raw columns and their
series; from there it goes by date. What it finds are candidates, not a proof for each cell: a mart that sums or
averages over days also uses rows of other days, and a condition inside a model may have left a candidate out. A raw
value that equals a number of the row, unit converted, is marked as equal.

What must not be here: printing (`orchestration/cli.py`), and knowledge of any one mart.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.catalog import Dataset, Unit
from ingest.payloads import Archive
from ingest.providers import DATASETS
from warehouse import generation
from warehouse.connection import Home, WarehouseError, open_published
from warehouse.history import END_OF_TIME, quoted
from warehouse.models.lineage import identity_columns

_BY_SUFFIX = {unit.suffix: unit for unit in Unit}
# Marts by the year name their period and no date; it ends then.
_YEAR_ENDS = {"fiscal_year": (9, 30), "calendar_year": (12, 31)}
_NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER", "HUGEINT")
_FINDINGS = ("same date", "date that the row names", "newest at or before")


@dataclass(frozen=True)
class Origin:
    """A raw row that may be a source of the numbers of a mart's row, and where it came from.

    ``columns`` are the mart's columns that lead here, ``equals`` those whose number is in this row. ``values`` are the
    raw columns on the way, in the publisher's units. ``found_by`` is how the date was matched. ``url`` has no key;
    for a file loaded by hand it is the file's name. ``body`` is the archived payload (gzip), which may be gone.
    """

    dataset: str
    key: dict[str, Any]
    effective_date: date
    found_by: str
    values: dict[str, Any]
    columns: tuple[str, ...]
    equals: tuple[str, ...]
    known_from: datetime
    known_basis: str
    payload_id: str
    url: str
    fetched_at: datetime | None
    body: Path
    is_archived: bool


@dataclass(frozen=True)
class Trace:
    """The sources of one row of a mart. ``sources`` are all datasets on the way, with the series the SQL names
    (empty: every series), ``seeds`` the dated facts of the project, ``notes`` what the reader must know."""

    mart: str
    row: dict[str, Any]
    columns: tuple[str, ...]
    origins: tuple[Origin, ...]
    sources: dict[str, tuple[str, ...]]
    seeds: tuple[str, ...]
    notes: tuple[str, ...] = ()


# Raw column -> mart column -> series that may reach it; None: any, or the dataset has none.
_Ways = dict[str, dict[str, set[str] | None]]


def trace(home: Home, mart: str, where: str, columns: Sequence[str] = ()) -> Trace:
    """Raw rows behind the one row of ``mart`` that the SQL condition ``where`` picks, in the published database.

    ``columns`` narrows to some columns of the mart; without it all its numbers are traced. A difference (`_minus_`) is
    then traced by the two columns of the row that make it, down to the raw rows that have their numbers.
    Raises WarehouseError for an unknown mart or column (with close names), for a condition that is no SQL, and unless
    exactly one row matches.
    """
    with open_published(home) as con:
        types, row = _row(con, mart, where)
        for column in columns:
            if column not in types:
                raise WarehouseError(f"{mart} has no column {column}{generation.near(column, types)}")
        parts = {column: found for column in columns if (found := _parts(column, types, row))}
        chosen = tuple(dict.fromkeys(name for column in columns for name in parts.get(column, (column,))))
        chosen = chosen or tuple(name for name, kind in types.items() if kind.startswith(_NUMBERS))
        reached, seeds, others = _reach(con, mart, chosen)
        notes = [
            "Candidates by column, series and date, no proof for each cell: sums and averages over days also use rows "
            "of other days, and a model's own conditions may leave a candidate out."
        ]
        if others:
            notes.append(f"Also from what the warehouse writes about itself: {', '.join(sorted(others))}.")
        dates = _dates(types, row)
        if not reached:
            notes.append("No value of a publisher leads here: these columns count, date or name things.")
        elif not dates:
            notes.append("The row carries no date, so no raw row can be named; it is computed from the datasets above.")
        archive = Archive(home.payloads)
        origins = [
            origin
            for dataset_id, ways in reached.items()
            for origin in (_origins(con, archive, DATASETS[dataset_id], ways, row, dates) if dates else ())
        ]
    for column, (more, less) in parts.items():
        notes.append(f"{column} {row[column]:g} is {more} {row[more]:g} less {less} {row[less]:g}.")
        made = {part: _one_source([origin for origin in origins if part in origin.equals]) for part in (more, less)}
        if all(made.values()):  # else a part is itself computed, and its sources are candidates
            other = [origin for origin in origins if not {more, less} & {*origin.columns}]
            origins = [origin for origin in origins if any(origin in kept for kept in (*made.values(), other))]
    # Rows with a number of the mart's row first, then by how the date was matched.
    origins.sort(key=lambda o: (not o.equals, _FINDINGS.index(o.found_by)))
    sources = {name: _named(ways) for name, ways in reached.items()}
    return Trace(mart, row, chosen, tuple(origins), sources, tuple(sorted(seeds)), tuple(notes))


def _row(con: duckdb.DuckDBPyConnection, mart: str, where: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Types by column, and the one row that matches."""
    marts = generation.marts(con)
    name = mart.removeprefix("marts.")
    generation.refuse_unknown(name, marts)
    try:
        # A filter takes one expression. As text of a query a `)` could end it and begin something else.
        matching = con.table(f"marts.{name}").filter(f"({where}\n)").limit(1001)
        names, rows = matching.columns, matching.fetchall()
    except duckdb.Error as error:
        raise WarehouseError(f"--where is no condition on {name}: {str(error).splitlines()[0]}") from None
    if len(rows) != 1:
        count = "no row" if not rows else "more than 1,000 rows" if len(rows) > 1000 else f"{len(rows)} rows"
        few = "; ".join(", ".join(f"{n}={v}" for n, v in zip(names[:4], row, strict=False)) for row in rows[:3])
        hint = f", such as {few}; narrow it to one" if rows else ""
        raise WarehouseError(f"--where {where!r} picks {count} of {name}{hint}")
    types = dict(
        con.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'marts' AND table_name = ? "
            "AND database_name = current_database() ORDER BY column_index",
            [name],
        ).fetchall()
    )
    return types, dict(zip(names, rows[0], strict=True))


def _one_source(equal: list[Origin]) -> list[Origin]:
    """Of raw rows with one number: that of the only dataset which has it once; all where that decides nothing."""
    counts = Counter(origin.dataset for origin in equal)
    once = [name for name, count in counts.items() if count == 1]
    return [origin for origin in equal if origin.dataset == once[0]] if len(once) == 1 else equal


def _parts(column: str, types: Mapping[str, str], row: Mapping[str, Any]) -> tuple[str, str] | None:
    """The two columns of the row whose difference ``column`` is, by name and number; None when there are none."""
    named = re.fullmatch(r"(\w+?)_minus_(\w+)_(bp|pct|usd_bn)", column)
    if not named or row[column] is None:
        return None
    first, second, unit = named.groups()
    numbers = [name for name, kind in types.items() if kind.startswith(_NUMBERS) and row[name] is not None]
    for more in numbers:
        for less in numbers:
            is_named = more.startswith(f"{first}_") and f"_{second}_" in f"_{less}" and less != column != more
            scale = 100 if unit == "bp" and not more.endswith("_bp") else 1
            if is_named and math.isclose((row[more] - row[less]) * scale, row[column], abs_tol=1e-6):
                return more, less
    return None


def _reach(
    con: duckdb.DuckDBPyConnection, mart: str, columns: Sequence[str]
) -> tuple[dict[str, _Ways], set[str], set[str]]:
    """Lineage into each dataset, the seeds, and other tables of the warehouse."""
    by_table = {f"history.{dataset.table}": dataset for dataset in DATASETS.values()}
    reached: dict[str, _Ways] = {}
    seeds: set[str] = set()
    others: set[str] = set()
    lines = con.execute(
        "SELECT column_name, source_table, source_column, series FROM meta.column_lineage "
        "WHERE mart = ? AND list_contains(?, column_name) ORDER BY ALL",
        [mart.removeprefix("marts."), list(columns)],
    ).fetchall()
    for column, table, source_column, series in lines:
        dataset = by_table.get(table)
        if dataset is None:
            schema, _, name = table.rpartition(".")
            (seeds if schema == "seeds" else others).add(name)
        elif source_column in {c.name for c in dataset.columns} - identity_columns(dataset):
            reached.setdefault(dataset.id, {}).setdefault(source_column, {})[column] = (
                set(series) if series is not None else None
            )
    return reached, seeds, others


def _named(ways: _Ways) -> tuple[str, ...]:
    """Series that the lineage into a dataset names; empty for any."""
    sets = [series for way in ways.values() for series in way.values()]
    return () if None in sets else tuple(sorted(set().union(*sets)))  # type: ignore[arg-type]


def _dates(types: Mapping[str, str], row: Mapping[str, Any]) -> list[date]:
    """Dates of a row, the one of its grain first."""
    dates = [row[name] for name, kind in types.items() if kind == "DATE" and row[name] is not None]
    for name, (month, day) in _YEAR_ENDS.items():
        if row.get(name) is not None:
            dates.insert(0, date(int(row[name]), month, day))
    return list(dict.fromkeys(dates))


def _origins(
    con: duckdb.DuckDBPyConnection, archive: Archive, dataset: Dataset, ways: _Ways, row: Mapping[str, Any],
    dates: Sequence[date],
) -> Iterable[Origin]:  # fmt: skip
    """Current rows of a dataset: by series, those of the row's own date, else of a date it names, else the newest."""
    names = [column.name for column in dataset.columns]
    series = f'"{dataset.series_column}"' if dataset.series_column else "''"
    day = f'"{dataset.date_column}"'
    wanted = list(_named(ways)) or None
    rows = con.execute(
        f"""
        WITH near AS (
            SELECT *, CASE WHEN {day} = $first THEN 0 WHEN list_contains($dates, {day}) THEN 1 ELSE 2 END AS finding
            FROM history.{dataset.table}
            WHERE known_to = {END_OF_TIME} AND NOT is_deleted
                AND ({day} <= $first OR list_contains($dates, {day}))
                AND ($wanted IS NULL OR list_contains($wanted, {series}))
        ), best AS (
            SELECT * FROM near QUALIFY finding = min(finding) OVER (PARTITION BY {series})
        )
        SELECT {quoted(names)}, finding, known_from, known_basis, load_seq, payload_id
        FROM best QUALIFY finding < 2 OR {day} = max({day}) OVER (PARTITION BY {series})
        ORDER BY {quoted(dataset.key)}""",
        {"first": dates[0], "dates": list(dates), "wanted": wanted},
    ).fetchall()
    records = [dict(zip([*names, "finding", "known_from", "known_basis", "load_seq", "payload_id"], r, strict=True))
               for r in rows]  # fmt: skip
    for record in _of_same_name(dataset, records, row):
        own = record[dataset.series_column] if dataset.series_column else None
        leads = {
            name: [column for column, series in way.items() if series is None or own in series]
            for name, way in ways.items()
            if record[name] is not None
        }
        used = {name: record[name] for name in names if leads.get(name)}
        if not used:
            continue
        leading = {column for name in used for column in leads[name]}
        url, fetched_at = _exchange(con, record["payload_id"], record["load_seq"])
        yield Origin(
            dataset=dataset.id,
            key={name: record[name] for name in dataset.key},
            effective_date=record[dataset.date_column],
            found_by=_FINDINGS[record["finding"]],
            values=used,
            columns=tuple(name for name in row if name in leading),
            equals=_equal(dataset, record, used, {name: row[name] for name in row if name in leading}),
            known_from=record["known_from"],
            known_basis=record["known_basis"],
            payload_id=record["payload_id"],
            url=url,
            fetched_at=fetched_at,
            body=archive.path(record["payload_id"]),
            is_archived=record["payload_id"] in archive,
        )


def _of_same_name(dataset: Dataset, records: list[dict[str, Any]], row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where the mart's row names a country, a contract or an operation as the raw key does: only that one's rows."""
    for name in dataset.key:
        same = [record for record in records if isinstance(record[name], str) and record[name] == row.get(name)]
        records = same or records
    return records


def _exchange(con: duckdb.DuckDBPyConnection, payload_id: str, load_seq: int) -> tuple[str, datetime | None]:
    """Address without key, and time, of the exchange that brought a payload into a load."""
    row = con.execute(
        """
        SELECT coalesce(f.url, l.source_url), coalesce(f.started_at, l.loaded_at)
        FROM meta.load AS l LEFT JOIN meta.fetch AS f ON f.payload_id = $payload AND f.dataset = l.dataset
        WHERE l.load_seq = $load
        ORDER BY f.run_id = l.run_id DESC, f.started_at LIMIT 1""",
        {"payload": payload_id, "load": load_seq},
    ).fetchone()
    return row or ("unknown", None)


def _equal(
    dataset: Dataset, record: Mapping[str, Any], used: Mapping[str, Any], row: Mapping[str, Any]
) -> tuple[str, ...]:
    """Columns of the mart whose number is one of the raw values, in the canonical unit; nought equals nothing."""
    numbers = []
    for name, value in used.items():
        unit = dataset.column(name).unit
        if unit is Unit.BY_ROW:
            unit = _BY_SUFFIX.get(str(record.get("unit")))
        if unit is not None and value:
            numbers.append(float(value) * unit.factor)
    return tuple(
        name
        for name, value in row.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
        and any(math.isclose(value, number, rel_tol=1e-9) for number in numbers)
    )  # fmt: skip
