"""When rows of a load became known, and what is done about times that a wrong clock wrote.

Times are naive UTC. What must not be here: comparing values with those that are held (`warehouse/log/append.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import duckdb
import polars as pl

from ingest.catalog import Basis, Dataset
from ingest.releases import Release
from warehouse.history import set_ends

# A nightly refresh that ran within this time counts as polling: what is new now was not there then.
POLLING_GAP = timedelta(days=3)
# Tolerated error of this machine's clock. A knowledge time later than that comes from a wrong clock.
CLOCK_TOLERANCE = timedelta(minutes=10)


# A first refresh asks 180,000 times and for 57,000 different moments.
_published_at = lru_cache(100_000)(Release.published_at)


def _first_held(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, scopes: Sequence[str], lowest: date, known_at: datetime
) -> dict[str, date]:
    """Per series of ``scopes``: the oldest date held by ``known_at``, or any that is no later than ``lowest``."""
    series, dates = f'"{dataset.series_column}"' if dataset.series_column else "''", f'"{dataset.date_column}"'
    query = f"SELECT {series}, min({dates}) FROM raw.{dataset.table} WHERE known_from <= ? AND {{}} GROUP BY 1"
    # The dates just before tell it of a daily series; others are looked for in the whole log (60 ms in 10 M rows).
    shortly_before = [known_at, lowest - timedelta(days=10), lowest]
    first_held = dict(con.execute(query.format(f"{dates} BETWEEN ? AND ?"), shortly_before).fetchall())
    if others := [scope for scope in scopes if scope not in first_held]:
        first_held |= con.execute(query.format(f"{series} IN (SELECT unnest(?))"), [known_at, others]).fetchall()
    return first_held


def proposed(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, frame: pl.DataFrame, scopes: Sequence[str], known_at: datetime
) -> pl.DataFrame:
    """Per (series, effective date): when a row that is new would have become known, and on which basis.

    A row came out without a poll when it is in the first load of its series, older than any known row, or after a gap
    without refreshes. Such a row became known at the time that its release rule gives; any other row was observed now.
    A load polls for the span of its request, and for later dates if the request ends on the day of the load. A first
    load of a long history comes in several spans, and none of them polls for the others.
    """
    first_held = _first_held(con, dataset, scopes, frame[dataset.date_column].min(), known_at)  # type: ignore[arg-type]
    pairs = frame.select(
        (pl.col(dataset.series_column) if dataset.series_column else pl.lit("")).alias("scope"),
        pl.col(dataset.date_column).alias("effective"),
    ).unique()
    con.register("pairs", pairs.to_arrow())
    polled = con.execute(
        """
        SELECT pairs.scope, pairs.effective, max(polls.known_at) AS poll
        FROM pairs LEFT JOIN (
            SELECT unnest(scopes) AS scope, known_at, coalesce(covers_from, DATE '0001-01-01') AS first_date,
                CASE WHEN covers_to < CAST(known_at AS DATE) - 2 THEN covers_to ELSE DATE '9999-12-31' END AS last_date
            FROM meta.load WHERE dataset = ? AND known_at < ? AND origin <> 'vintage'
        ) AS polls ON polls.scope = pairs.scope AND pairs.effective BETWEEN polls.first_date AND polls.last_date
        GROUP BY ALL""",
        [dataset.id, known_at],
    ).pl()
    con.unregister("pairs")
    rules = {scope: dataset.release_of(scope or None) for scope in polled["scope"].unique()}
    places = {rule: place for place, rule in enumerate(dict.fromkeys(rules.values()))}
    of_scope = pl.DataFrame(
        [(scope, places[rule], first_held.get(scope)) for scope, rule in rules.items()],
        {"scope": pl.String, "rule": pl.Int64, "first": pl.Date}, orient="row",
    )  # fmt: skip
    polled = polled.join(of_scope, on="scope")
    days = polled.select("rule", "effective").unique()  # series of one day mostly share a rule
    by_place = list(places)
    moments = [_published_at(by_place[place], day) for place, day in days.iter_rows()]
    days = days.with_columns(published=pl.Series(moments, dtype=pl.Datetime))
    published = pl.min_horizontal("published", pl.lit(known_at))
    nobody_polled = (
        pl.col("poll").is_null()
        | pl.col("first").is_null()
        | (pl.col("effective") < pl.col("first"))
        | ((known_at - pl.col("poll") > POLLING_GAP) & (published > pl.col("poll")))
    )
    when, basis = pl.when(nobody_polled), {basis: pl.lit(basis.value) for basis in Basis}
    return polled.join(days, on=["rule", "effective"]).select(
        "scope",
        "effective",
        proposed_from=when.then(published).otherwise(pl.lit(known_at)),
        proposed_basis=when.then(basis[Basis.MODELLED]).otherwise(basis[Basis.OBSERVED]),
    )


def claims_of_the_future(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, at: datetime
) -> tuple[dict[datetime, datetime], datetime]:
    """Knowledge times well after ``at``, the time of a new load, each with its corrected time; and that load's time.

    A clock was ahead when they were written. They were known by ``at`` at the latest, so they move just before it,
    after all other times, in their order, one microsecond apart. Times of an archive do not move: a vintage may have a
    later hour of today.
    """
    limit = at + CLOCK_TOLERANCE
    moments = [
        moment
        for (moment,) in con.execute(
            f"""
            SELECT known_from FROM raw.{dataset.table} WHERE known_from > $limit AND known_basis <> 'vintage'
            UNION
            SELECT known_at FROM meta.load
            WHERE dataset = $dataset AND known_at > $limit AND (origin <> 'vintage' OR known_at = loaded_at)
            ORDER BY 1""",
            {"limit": limit, "dataset": dataset.id},
        ).fetchall()
    ]
    tick = timedelta(microseconds=1)
    first = at - len(moments) * tick
    (newest,) = con.execute(  # type: ignore[misc]
        f"SELECT max(known_from) FROM raw.{dataset.table} "
        "WHERE known_from >= ? AND (known_from <= ? OR known_basis = 'vintage')",
        [first, limit],
    ).fetchone()
    if newest is not None:
        first = newest + tick
    return {moment: first + place * tick for place, moment in enumerate(moments)}, first + len(moments) * tick


def redate(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, truer: Mapping[datetime, datetime], at: datetime
) -> tuple[str, ...]:
    """Give rows and loads that claim to be known in the future their ``truer`` times; a note when there are any."""
    con.execute(
        "UPDATE meta.quarantine SET quarantined_at = $at WHERE dataset = $dataset AND quarantined_at > $limit",
        {"at": at, "dataset": dataset.id, "limit": at + CLOCK_TOLERANCE},
    )
    if not truer:
        return ()
    schema = dict.fromkeys(("old", "new"), pl.Datetime("us"))
    con.register("truer", pl.DataFrame(list(truer.items()), schema=schema, orient="row").to_arrow())
    (rows,) = con.execute(  # type: ignore[misc]
        f"UPDATE raw.{dataset.table} SET known_from = truer.new FROM truer WHERE known_from = truer.old "
        "AND known_basis <> 'vintage'"
    ).fetchone()
    (loads,) = con.execute(  # type: ignore[misc]
        "UPDATE meta.load SET known_at = truer.new FROM truer WHERE known_at = truer.old AND dataset = ? "
        "AND (origin <> 'vintage' OR known_at = loaded_at)",
        [dataset.id],
    ).fetchone()
    con.unregister("truer")
    set_ends(con, dataset)
    return (
        f"a clock was ahead: {loads} earlier loads and {rows} rows claimed to be known up to "
        f"{max(truer):%Y-%m-%d %H:%M}; they are dated just before this load",
    )
