"""A batch on its way into the log: compared with what was known at its knowledge time, appended where it differs.

Five steps, each a table that the next one reads: `staged` (the batch), `valid` (versions that it is compared with, and
whether it covers them), `proposed` (when its new rows became known), `change` (what to append). A batch that is known
to the last value ends after the second. What must not be here: archived vintages, which carry their own times
(`warehouse/log/vintages.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import duckdb
import polars as pl

from ingest.catalog import Basis, Dataset
from ingest.collect import Batch
from ingest.errors import LayoutError, ShrunkBodyError
from warehouse.history import quoted, set_ends
from warehouse.log import times

# An answer with fewer rows than this share of the known rows of the same span is broken, not a revision.
SHRUNK_SHARE = 0.5
# A number that this many known rows have, and that a body with the same rows lacks in all of them, was renamed.
_EMPTIED = 3
_OBSERVED, _STAMPED, _MODELLED = Basis.OBSERVED.value, Basis.STAMPED.value, Basis.MODELLED.value


@dataclass(frozen=True)
class Appended:
    """Rows that a load found new, revised and withdrawn, and versions that it appended in all."""

    rows_new: int = 0
    rows_revised: int = 0
    rows_deleted: int = 0
    versions: int = 0


def write_change(con: duckdb.DuckDBPyConnection, dataset: Dataset, load_seq: int) -> Appended:
    """Append what the table `change` has, and set the ends of the versions that it follows."""
    kinds = dict(con.execute("SELECT kind, count(*) FROM change GROUP BY kind").fetchall())
    if kinds:
        con.execute(
            f"""
            INSERT INTO raw.{dataset.table} BY NAME
            SELECT {quoted([column.name for column in dataset.columns])}, known_from, known_basis,
                {load_seq} AS load_seq, is_deleted, payload_id
            FROM change ORDER BY {quoted(dataset.key)}, known_from"""
        )
        set_ends(con, dataset, "change")
    return Appended(kinds.get("new", 0), kinds.get("revised", 0), kinds.get("deleted", 0), sum(kinds.values()))


@dataclass(frozen=True)
class Append:
    """One batch, the rows of its pages, and what the load gives it: series, knowledge time (naive UTC), number.

    ``is_import``: bodies saved in the past; later loads may know better.
    """

    con: duckdb.DuckDBPyConnection
    dataset: Dataset
    batch: Batch
    frame: pl.DataFrame
    scopes: Sequence[str]
    known_at: datetime
    load_seq: int
    is_import: bool

    def run(self) -> Appended:
        """Append what differs. Raises ShrunkBodyError, LayoutError before anything is written."""
        incoming = self._stage()
        valid = self._find_valid(*self._cover())
        found = Appended() if valid >= len(incoming) and self._is_known() else self._append(incoming)
        self.con.execute("DROP TABLE staged; DROP TABLE valid")
        return found

    def _append(self, incoming: pl.DataFrame) -> Appended:
        self._refuse_broken()
        self._propose(incoming)
        self._compare()
        if self.is_import:
            self._restate()
        found = write_change(self.con, self.dataset, self.load_seq)
        self.con.execute("DROP TABLE proposed; DROP TABLE change")
        return found

    @cached_property
    def _values(self) -> list[str]:
        """Columns outside of the key."""
        return [column.name for column in self.dataset.columns if column.name not in self.dataset.key]

    @cached_property
    def _equal(self) -> dict[str, str]:
        """By column outside of the key: the condition that the batch (s) and the log (v) agree on it."""
        return {name: f's."{name}" IS NOT DISTINCT FROM v."{name}"' for name in self._values}

    @cached_property
    def _join(self) -> str:
        return " AND ".join(f's."{name}" = v."{name}"' for name in self.dataset.key)

    @cached_property
    def _differs(self) -> str:
        """The condition that the log (v) does not have a row of the batch (s), or has it otherwise."""
        said = (test for name, test in self._equal.items() if name not in self.batch.unsaid)
        return f"v.load_seq IS NULL OR v.is_deleted OR NOT ({' AND '.join(said) or 'true'})"

    @cached_property
    def _missing(self) -> str:
        """FROM and WHERE of rows of the log (v) that the batch covers and does not have."""
        return f"FROM valid AS v ANTI JOIN staged AS s ON {self._join} WHERE v.is_covered AND NOT v.is_deleted"

    def _is_known(self) -> bool:
        """Whether the log has just this, as it has most batches of a night; the other steps take four times as long."""
        changed = f"SELECT 1 FROM staged AS s LEFT JOIN valid AS v ON {self._join} WHERE {self._differs}"
        query = f"SELECT NOT EXISTS ({changed}) AND NOT EXISTS (SELECT 1 {self._missing})"
        return self.con.execute(query).fetchone() == (True,)

    def _stage(self) -> pl.DataFrame:
        """Make `staged`: the rows of the batch with the publisher's stamp, no later than the load."""
        stamp = pl.lit(None, pl.Datetime("us"))
        if self.dataset.stamped_at:
            stamped = pl.col(self.dataset.stamped_at)
            stamp = pl.when(stamped.is_not_null()).then(  # type: ignore[assignment]
                pl.min_horizontal(stamped, pl.lit(self.known_at))
            )
        incoming = self.frame.with_columns(stamp=stamp).with_row_index("staged_place")
        self.con.register("incoming", incoming.to_arrow())
        self.con.execute("CREATE OR REPLACE TEMP TABLE staged AS SELECT * FROM incoming")
        self.con.unregister("incoming")
        return incoming

    def _cover(self) -> tuple[str, list[object]]:
        """Condition on rows r of the log, with its parameters, that the batch covers them: what it lacks is withdrawn.

        A request says what it covers. A file may have been cut to some accounts or operations, so it covers only the
        keys that occur in it, each from its first to its last date. A body that was asked for up to its own day also
        covers dates that cannot be: a row of 2062 was accepted once, and would be the newest till then.
        """
        request, dataset, dates = self.batch.request, self.dataset, f'"{self.dataset.date_column}"'
        if request.covers_from is not None:
            condition = f"{dates} >= ? AND {dates} <= ?"
            parameters: list[object] = [request.covers_from, request.covers_to or date.max]
            if request.covers_to is None or request.covers_to >= self.known_at.date() - timedelta(days=2):
                condition = f"({condition} OR {dates} NOT BETWEEN ? AND ?)"
                parameters += dataset.dates_on(self.known_at.date())
            if request.scope is not None and dataset.series_column:
                condition += f' AND "{dataset.series_column}" = ?'
                parameters.append(request.scope)
            return condition, parameters
        if not request.is_file:
            return "false", []
        others = tuple(name for name in dataset.key if name != dataset.date_column)
        grouping = quoted(others) + ", " if others else ""
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE span AS "
            f"SELECT {grouping} min({dates}) AS first_date, max({dates}) AS last_date FROM staged GROUP BY ALL"
        )
        same_key = "".join(f'span."{name}" = r."{name}" AND ' for name in others)
        return f"EXISTS (FROM span WHERE {same_key} r.{dates} BETWEEN first_date AND last_date)", []

    def _find_valid(self, condition: str, parameters: list[object]) -> int:
        """Make `valid`: versions known at the knowledge time that are covered, or keyed like the batch; their count."""
        dataset, keys = self.dataset, quoted(self.dataset.key)
        # Where the date is in the key, what the batch says outside of its cover tells which rows to look for there.
        is_outside = f"NOT coalesce({condition}, false)"
        elsewhere = (
            f"SEMI JOIN (FROM staged AS r WHERE {is_outside}) AS outside USING ({keys}) WHERE true"
            if dataset.date_column in dataset.key
            else f"SEMI JOIN staged USING ({keys}) WHERE {is_outside}"
        )
        (count,) = self.con.execute(  # type: ignore[misc]
            f"""
            CREATE OR REPLACE TEMP TABLE valid AS
            WITH covered AS (
                SELECT r.*, true AS is_covered FROM raw.{dataset.table} AS r
                WHERE {condition} AND r.known_from <= ? AND r.known_to > ?
            ), keyed AS (
                SELECT r.*, false AS is_covered FROM raw.{dataset.table} AS r {elsewhere}
                AND r.known_from <= ? AND r.known_to > ?
            ), versions AS (
                FROM covered UNION ALL BY NAME FROM keyed
            )
            SELECT versions.*, meta.load.known_at AS brought_at, coalesce(meta.load.unsaid, []) AS unsaid
            FROM versions LEFT JOIN meta.load USING (load_seq)""",
            [*parameters, self.known_at, self.known_at] * 2,
        ).fetchone()
        return count

    def _refuse_broken(self) -> None:
        """Raise for a batch that is no revision: most of what it covers is missing, or a column is empty throughout."""
        (known_rows,) = self.con.execute(
            "SELECT count(*) FROM valid WHERE is_covered AND NOT is_deleted "
            f'AND "{self.dataset.date_column}" BETWEEN ? AND ?',
            self.dataset.dates_on(self.known_at.date()),
        ).fetchone()  # type: ignore[misc]
        if known_rows and len(self.frame) < SHRUNK_SHARE * known_rows:
            raise ShrunkBodyError(
                f"{len(self.frame)} rows where {known_rows} are known for the same span; the known ones are kept",
                dataset=self.dataset.id,
            )
        if not self.is_import:
            self._refuse_emptied()

    def _refuse_emptied(self) -> None:
        """LayoutError for a number of `valid` that all rows of `staged` have lost: an optional field was renamed."""
        names = [column.name for column in self.dataset.columns if column.unit and column.is_nullable]
        if not (names := [name for name in names if name not in self.batch.unsaid]):
            return
        counts = ", ".join(f'count(v."{name}"), count(s."{name}")' for name in names)
        keys = quoted(self.dataset.key)
        found = self.con.execute(
            f"SELECT {counts} FROM staged AS s JOIN valid AS v USING ({keys}) WHERE NOT v.is_deleted"
        ).fetchone()
        for name, known, told in zip(names, (found or ())[::2], (found or ())[1::2], strict=True):
            if known >= _EMPTIED and not told:
                raise LayoutError(
                    f"no row has {name}, but {known} of the same rows had it before: the field is gone or renamed; "
                    "the known values stay",
                    dataset=self.dataset.id,
                    place=name,
                )

    def _propose(self, incoming: pl.DataFrame) -> None:
        """Make `proposed`: knowledge time and basis of each row of `staged` that is not in `valid`, by place."""
        dataset, con = self.dataset, self.con
        places = con.execute(f"SELECT staged_place FROM staged ANTI JOIN valid USING ({quoted(dataset.key)})").pl()
        is_new = pl.col("staged_place").is_in(places["staged_place"].implode())
        new = incoming.filter(is_new) if len(places) < incoming.height else incoming
        if new.is_empty():
            con.execute(
                "CREATE OR REPLACE TEMP TABLE proposed "
                "(staged_place UINTEGER, proposed_from TIMESTAMP, proposed_basis VARCHAR)"
            )
            return
        proposed = new.with_columns(
            scope=pl.col(dataset.series_column) if dataset.series_column else pl.lit("")
        ).join(
            times.proposed(con, dataset, new, self.scopes, self.known_at),
            left_on=["scope", dataset.date_column], right_on=["scope", "effective"], how="left",
        )  # fmt: skip
        if dataset.stamped_at:
            # A stamp moves when a note is edited, up to two years later (727 days for RP 111722 99). Where nobody
            # polled, a stamp after the release rule's time therefore says nothing about when the numbers came out.
            is_edit = (pl.col("proposed_basis") == _MODELLED) & (pl.col("stamp") > pl.col("proposed_from"))
            counts = pl.col("stamp").is_not_null() & ~is_edit
            proposed = proposed.with_columns(
                proposed_from=pl.when(counts).then("stamp").otherwise("proposed_from"),
                proposed_basis=pl.when(counts).then(pl.lit(_STAMPED)).otherwise("proposed_basis"),
            )
        con.register("incoming", proposed.select("staged_place", "proposed_from", "proposed_basis").to_arrow())
        con.execute("CREATE OR REPLACE TEMP TABLE proposed AS SELECT * FROM incoming")
        con.unregister("incoming")

    def _compare(self) -> None:
        """Make `change`: rows that are new or differ, and a tombstone for each covered row that the batch lacks.

        Columns that the batch leaves unsaid keep what is held.
        """
        key, unsaid, values = self.dataset.key, self.batch.unsaid, self._values
        kept = "".join(
            f', CASE WHEN v.is_deleted IS FALSE THEN v."{name}" ELSE s."{name}" END AS "{name}"' for name in unsaid
        )
        said = quoted([*key, *(name for name in values if name not in unsaid)], "s.") + kept
        # A change under an old stamp was made without telling: we learn of it now.
        has_newer_stamp = "coalesce(s.stamp > v.known_from, false)"
        self.con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE change AS
            SELECT {said},
                CASE WHEN v.load_seq IS NULL THEN proposed.proposed_from
                     WHEN {has_newer_stamp} THEN s.stamp
                     ELSE ? END AS known_from,
                CASE WHEN v.load_seq IS NULL THEN proposed.proposed_basis
                     WHEN {has_newer_stamp} THEN '{_STAMPED}'
                     ELSE '{_OBSERVED}' END AS known_basis,
                false AS is_deleted, s.payload_id,
                CASE WHEN v.load_seq IS NULL THEN 'new' ELSE 'revised' END AS kind
            FROM staged AS s LEFT JOIN valid AS v ON {self._join} LEFT JOIN proposed USING (staged_place)
            WHERE {self._differs}
            UNION ALL BY NAME
            SELECT {quoted([*key, *values], "v.")}, ? AS known_from, '{_OBSERVED}' AS known_basis,
                true AS is_deleted, ? AS payload_id, 'deleted' AS kind
            {self._missing}""",
            [self.known_at, self.known_at, self.batch.pages[-1].payload_id],
        )

    def _restate(self) -> None:
        """Add to `change`, for bodies saved in the past, what a later load knew better.

        A value that a later load brought, but whose knowledge time was modelled or stamped before this one, is the
        truth again from the moment of that later load. What that load left unsaid stays as this batch has it.
        """
        later = {name: f"list_contains(v.unsaid, '{name}') AND NOT s.is_deleted" for name in self._values}
        told = "".join(
            f', CASE WHEN {is_unsaid} THEN s."{name}" ELSE v."{name}" END AS "{name}"'
            for name, is_unsaid in later.items()
        )
        nothing_new = (
            " AND ".join(f"({is_unsaid} OR {self._equal[name]})" for name, is_unsaid in later.items()) or "true"
        )
        self.con.execute(
            f"""
            INSERT INTO change BY NAME
            SELECT {quoted(self.dataset.key, "v.")}{told}, v.brought_at AS known_from,
                '{_OBSERVED}' AS known_basis, v.is_deleted, v.payload_id, 'restated' AS kind
            FROM valid AS v JOIN change AS s ON {self._join}
            WHERE v.brought_at > ? AND v.known_to > v.brought_at
              AND NOT (v.is_deleted = s.is_deleted AND {nothing_new})""",
            [self.known_at],
        )
