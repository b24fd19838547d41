"""One dataset of 1, 10 and 100 million observations: a night's load and questions, as ratios to a plain scan.

Run with `pytest -m benchmark -n 0 -s tests/benchmarks/test_scale.py`. Five in a hundred values were revised once. SQL
makes the log; the nights go through `store.load`. "before" is the view that worked out `known_to` for every question,
by sorting the whole log. All of it may use 4 GB. 100 million observations want 10 GB of free disk.

Every question is put in two ways. "built" makes a table of the rows that are the answer, series, date and value, as a
model does; its plain scan makes one of all rows. "summed" adds up the values; its plain scan reads one column, where
the answer as of a moment must read four.
"""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from pathlib import Path

import duckdb
import pytest

from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Request, Series, Unit
from ingest.collect import Batch, Page
from ingest.releases import Cadence, Release
from tests.conftest import REPOSITORY
from warehouse.connection import Home, open_work
from warehouse.history import misdated_sql, quoted
from warehouse.log import store, tables

DAYS = 5_000
START = date(2010, 1, 1)
NOW = datetime.combine(START + timedelta(days=DAYS), time_of_day(23))
MIDDLE = datetime.combine(START + timedelta(days=DAYS // 2), time_of_day(12))
MEMORY_LIMIT = "3.5GB"  # of 4: Python and what it imports take the rest
TABLE = "bench__observations"
COLUMNS = (
    Column("series_id", "varchar", "Series.", is_nullable=False),
    Column("observation_date", "date", "Effective date.", is_nullable=False),
    Column("value_usd_bn", "double", "Value.", Unit.USD_BN),
)
KEY = ("series_id", "observation_date")
BEFORE = f"""(
    SELECT {quoted([column.name for column in COLUMNS])}, known_from,
        lead(known_from, 1, TIMESTAMP '9999-12-31')
            OVER (PARTITION BY {quoted(KEY)} ORDER BY known_from, load_seq) AS known_to,
        known_basis, load_seq, is_deleted, payload_id
    FROM raw.{TABLE})"""


def _dataset(series: int) -> Dataset:
    return Dataset(
        provider="bench", name="observations", title="Observations", description="Made for the benchmark.",
        columns=COLUMNS, key=KEY, date_column="observation_date", series_column="series_id",
        series=tuple(Series(f"S{n:06}", f"Series {n}", Unit.USD_BN, (0, 1e6)) for n in range(series)),
        cadence=Cadence.DAILY, release=Release(at=time_of_day(16), business_days=1, source="benchmark"), start=START,
        window_days=10, licence=PUBLIC_DOMAIN, requests=lambda dataset, plan: [],
        parse=lambda dataset, body, request: None,
    )  # fmt: skip


def _fill(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """A first load of everything, and a second one that revised a twentieth, as `store.load` would have left them."""
    series, names = len(dataset.series), [one.id for one in dataset.series]
    first, second = NOW - timedelta(days=3), NOW - timedelta(days=1)
    for load_seq, at in ((1, first), (2, second)):
        con.execute(
            "INSERT INTO meta.load (load_seq, dataset, scopes, known_at, loaded_at, run_id, origin, is_full, rows_read,"
            " payload_ids, source_url, covers_from, covers_to, is_import, unsaid) "
            "VALUES (?, ?, ?, ?, ?, 'bench', 'fetch', ?, 1, ['p'], 'https://bench.test/', ?, ?, false, [])",
            [load_seq, dataset.id, names, at, at, load_seq == 1, START, at.date()],
        )
    for low in range(0, series, 1_000):  # a piece at a time: to make them must not need more memory than to use them
        con.execute(
            f"""
            INSERT INTO raw.{TABLE} BY NAME
            SELECT format('S{{:06d}}', s) AS series_id, DATE '{START}' + CAST(d AS INTEGER) AS observation_date,
                round(100 + (hash(s * {DAYS} + d) % 100000) / 1000, 3) AS value_usd_bn,
                observation_date + INTERVAL 45 HOUR AS known_from,
                CASE WHEN hash(d * {series} + s) % 20 = 0 AND d < {DAYS - 10} THEN TIMESTAMP '{second}'
                    ELSE TIMESTAMP '9999-12-31' END AS known_to,
                'modelled' AS known_basis, 1 AS load_seq, false AS is_deleted, repeat('a', 64) AS payload_id
            FROM range({low}, {min(low + 1_000, series)}) AS a(s), range({DAYS}) AS b(d) ORDER BY s, d"""
        )
    con.execute(
        f"""
        INSERT INTO raw.{TABLE} BY NAME
        SELECT {quoted(KEY)}, value_usd_bn + 1 AS value_usd_bn, known_to AS known_from, 'observed' AS known_basis,
            2 AS load_seq, false AS is_deleted, repeat('b', 64) AS payload_id
        FROM raw.{TABLE} WHERE known_to < TIMESTAMP '9999-12-31'"""
    )


def _night(con: duckdb.DuckDBPyConnection, dataset: Dataset, number: int, days: int) -> Batch:
    """The body of one night: a new day of every series, and with ``days`` those before it, 1 in 100 of them revised."""
    day = START + timedelta(days=DAYS + number)
    first = day - timedelta(days=days - 1)
    frame = con.execute(
        f"""
        SELECT series_id, observation_date, value_usd_bn + (hash(series_id, {number}) % 100 = 0)::INTEGER
        FROM history.{TABLE} WHERE observation_date >= ? AND known_to = TIMESTAMP '9999-12-31'
        UNION ALL SELECT unnest(?), ?, 100.0 + {number}""",
        [first, [series.id for series in dataset.series], day],
    ).pl()
    frame.columns = list(dataset.schema)
    request = Request("https://bench.test/", covers_from=first, covers_to=day)
    return Batch(dataset.id, request, (Page("c" * 64, frame),), NOW + timedelta(days=number, hours=1))


def _once(action: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    begun = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def _ask(con: duckdb.DuckDBPyConnection, query: str) -> list:
    return con.execute(query).fetchall()


def _median(rounds: list[tuple[float, float]]) -> tuple[float, float]:
    """Of wall and CPU seconds; the first round warms the cache and does not count."""
    wall, cpu = zip(*rounds[1:], strict=True)
    return statistics.median(wall), statistics.median(cpu)


def make(folder: Path, observations: int) -> None:
    """The work file of so many observations."""
    dataset = _dataset(observations // DAYS)
    with open_work(Home(folder)) as con:
        con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        tables.create_tables(con, [dataset])
        _fill(con, dataset)


def measure(folder: Path, observations: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Wall and CPU seconds of each thing, by its name; medians of so many rounds."""
    dataset, log = _dataset(observations // DAYS), f"raw.{TABLE}"
    now, middle = (
        f"known_from <= TIMESTAMP '{moment}' AND known_to > TIMESTAMP '{moment}' AND NOT is_deleted"
        for moment in (NOW, MIDDLE)
    )
    fifty = ", ".join(f"'{series.id}'" for series in dataset.series[:: len(dataset.series) // 50])
    questions = {
        "as of now, all series": now,
        "as of the middle, all series": middle,
        "one series": f"{now} AND series_id = '{dataset.series[7].id}'",
        "panel of 50 series": f"{now} AND series_id IN ({fifty})",
        "history, all versions": "known_to > known_from",
    }
    costs = {}
    with open_work(Home(folder)) as con:  # as a night finds it
        con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")

        def compare(name: str, relation: str, where: str = "true") -> None:
            rows = f"SELECT {quoted(KEY)}, value_usd_bn FROM {relation} WHERE {where}"
            for way, query in {
                "built": f"CREATE OR REPLACE TEMP TABLE answer AS {rows}",
                "summed": f"SELECT count(*), sum(value_usd_bn) FROM ({rows})",
            }.items():
                costs[f"{name}, {way}"] = _median([_once(partial(_ask, con, query)) for _ in range(rounds + 1)])

        compare("plain scan", log)
        for name, where in questions.items():
            compare(name, f"history.{TABLE}", where)
        if observations <= 10_000_000:  # ten times as many take minutes for each question
            for name in ("as of now, all series", "one series"):
                compare(f"before: {name}", BEFORE, questions[name])
        for kind, (name, days) in enumerate({"one new day": 1, "ten days, 1 % of the old ones revised": 10}.items()):
            nights = []
            for number in range(kind * (rounds + 1), (kind + 1) * (rounds + 1)):
                batch = _night(con, dataset, number, days)
                nights.append(_once(partial(store.load, con, dataset, batch, run_id="bench")))
            costs[f"night: {name}"] = _median(nights)
        watermarks = partial(store.newest_dates, con, dataset)
        costs["night: watermarks"] = _median([_once(watermarks) for _ in range(rounds + 1)])
        if observations <= 10_000_000:
            assert con.execute(f"SELECT count(*) FROM ({misdated_sql(dataset, log)})").fetchone() == (0,)
    return costs


def _table(costs: dict[str, tuple[float, float]], observations: int) -> str:
    """Markdown: seconds, and the ratio of the CPU seconds to those of the plain scan that was put the same way."""
    lines = [f"| {observations:,} observations | wall s | CPU s | scans |", "|---|---|---|---|"]
    for name, (wall, cpu) in costs.items():
        way = name.rpartition(", ")[2]
        scan = costs.get(f"plain scan, {way}", costs["plain scan, summed"])[1]
        lines.append(f"| {name} | {wall:.3f} | {cpu:.3f} | {cpu / scan:.2f} |")
    return "\n".join(lines)


@pytest.mark.benchmark
@pytest.mark.parametrize("observations", [1_000_000, 10_000_000, 100_000_000])
def test_scale(tmp_path: Path, observations: int):
    if shutil.disk_usage(tmp_path).free < observations * 100:
        pytest.skip(f"{observations:,} observations want {observations * 100 / 1e9:.0f} GB of free disk")
    rounds = "5" if observations <= 10_000_000 else "3"
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.test_scale", str(tmp_path / "home"), str(observations), rounds],
        capture_output=True, text=True, cwd=REPOSITORY, timeout=3_600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    costs, peak_gb, seconds, file_gb = json.loads(done.stdout)
    print(f"\n{_table(costs, observations)}")
    print(f"\npeak memory {peak_gb:.2f} GB, file {file_gb:.2f} GB, all of it {seconds:.0f} s")
    shutil.rmtree(tmp_path / "home")
    assert peak_gb <= 4, "DuckDB, Python and what it imports"

    def scans(name: str) -> float:
        return costs[name][1] / costs[f"plain scan, {name.rpartition(', ')[2]}"][1]

    if observations == 10_000_000:
        assert costs["night: one new day"][1] <= 0.1
        assert max(scans("as of now, all series, built"), scans("as of the middle, all series, built")) <= 1.2
        assert max(scans("as of now, all series, summed"), scans("as of the middle, all series, summed")) <= 3
        assert scans("before: as of now, all series, summed") > 20, "what it is measured against"


if __name__ == "__main__":
    begun = time.perf_counter()
    folder = Path(sys.argv[1])
    make(folder, int(sys.argv[2]))
    measured = measure(folder, int(sys.argv[2]), int(sys.argv[3]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e9
    print(json.dumps([measured, peak, time.perf_counter() - begun, size]))
