"""Assets of the raw log: one per dataset, and one per history view that dbt reads.

A dataset that could not be fetched or loaded is not materialized and its check fails; its history still has the last
good rows and is materialized, so that the marts are built. Where no row was ever loaded the step fails, and nothing is
built or published. A check executed alone judges the rows in the log.
"""

# Without postponed annotations: Dagster resolves them when it builds assets.
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg

from ingest.calendars import utc_now
from ingest.catalog import Dataset
from ingest.plain import plain, redact
from ingest.providers import DATASETS
from orchestration import progress
from orchestration.asset_facts import OWNERS, freshness_policy, numbered
from orchestration.resources import Warehouse
from warehouse.connection import Home, open_work
from warehouse.log import tables
from warehouse.log.intake import NOTHING_EVER_LOADED, Outcome, freshness, take_in, telling, was_ever_loaded

LOADED = "fetched_and_loaded"
FRESH = "has_latest_release"
ALONE = "Executed alone it judges what is held and what was refused last; it fetches nothing."


# Intakes in a separate process for runs that have not begun, by run id (`warehouse/log/intake_process.py`).
early: dict[str, Future[dict[str, Outcome]]] = {}


class IntakeConfig(dg.Config):
    """``full`` reads every dataset's whole history again instead of its revision window."""

    full: bool = False


def raw_key(dataset: Dataset) -> dg.AssetKey:
    """`provider/dataset`."""
    return dg.AssetKey([dataset.provider, dataset.name])


def history_key(dataset: Dataset) -> dg.AssetKey:
    """`history/provider__dataset`: what dbt's sources map to."""
    return dg.AssetKey(["history", dataset.table])


def _columns(dataset: Dataset) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.dtype,
                column.text,
                constraints=dg.TableColumnConstraints(nullable=column.is_nullable),
            )
            for column in dataset.columns
        ]
    )


def _specs() -> list[dg.AssetSpec]:
    specs = []
    for dataset in DATASETS.values():
        specs.append(
            dg.AssetSpec(
                raw_key(dataset),
                description=f"{dataset.title}. {dataset.description}",
                group_name=dataset.provider,
                owners=OWNERS,
                freshness_policy=freshness_policy(dataset),
                skippable=True,
                kinds={"python", "duckdb"},
                metadata={
                    "dagster/column_schema": _columns(dataset),
                    "release rule": dataset.release.describe(),
                    "cadence": str(dataset.cadence),
                    "licence": f"{dataset.licence.name}: {dataset.licence.terms}",
                    "format rests on": dataset.rests_on,
                    "key": ", ".join(dataset.key),
                },
            )
        )
        specs.append(
            dg.AssetSpec(
                history_key(dataset),
                deps=[raw_key(dataset)],
                description=f"Every version of every row of {dataset.id} with the interval in which it was known.",
                group_name="history",
                owners=OWNERS,
                skippable=True,
                kinds={"duckdb"},
            )
        )
    return specs


def _check_specs() -> list[dg.AssetCheckSpec]:
    return [
        spec
        for dataset in DATASETS.values()
        for spec in (
            dg.AssetCheckSpec(
                LOADED, asset=raw_key(dataset), description=f"Every body came, was read and was loaded. {ALONE}"
            ),
            dg.AssetCheckSpec(
                FRESH,
                asset=raw_key(dataset),
                description=f"No series misses a release that is out by its rule. {ALONE}",
            ),
        )
    ]


def _take_in(
    warehouse: Warehouse, wanted: list[str], run_id: str, is_full: bool, log: Callable[[str], object]
) -> dict[str, Outcome]:
    """Fetch and load; ``log`` gets the estimate of the time once."""

    def say(words: str, done: int, total: int) -> None:
        progress.of_intake(words, done, total)
        if not done:
            log(f"{total} requests, {words}")

    heard, look = telling(say)
    return take_in(
        warehouse.home, wanted, run_id=run_id, is_full=is_full, transport=warehouse.transport(), progress=heard,
        look=look,
    )  # fmt: skip


@dg.multi_asset(name="raw", specs=_specs(), check_specs=_check_specs(), can_subset=True)
def raw(
    context: dg.AssetExecutionContext, config: IntakeConfig, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Fetch from all providers at once, load one after another, keep the last good rows of what fails."""
    selected = context.selected_asset_keys
    wanted = [dataset.id for dataset in DATASETS.values() if raw_key(dataset) in selected]
    outcomes: dict[str, Outcome] = {}
    try:
        if begun := early.pop(context.run.run_id, None):
            outcomes = begun.result()
        elif wanted:
            outcomes = _take_in(warehouse, wanted, context.run.run_id, config.full, context.log.info)
    except Exception as error:  # Dagster keeps it with all its causes
        told = "".join(traceback.format_exception(error))
        if redact(told) == told:
            raise
        raise RuntimeError(plain(f"{type(error).__name__}: {error}")) from None
    is_empty = bool(selected) and not was_ever_loaded(warehouse.home)
    checks = context.selected_asset_check_keys
    checked = {key.asset_key for key in checks}
    alone = [d for d in DATASETS.values() if raw_key(d) in checked and d.id not in outcomes]
    judged = {dataset_id: _judge(outcome) for dataset_id, outcome in outcomes.items()} | _judge_held(
        warehouse.home, alone
    )
    for dataset in DATASETS.values():
        outcome = outcomes.get(dataset.id)
        if outcome is not None:
            for failure in outcome.failures:
                context.log.error(str(failure.error))
            if not outcome.failures:
                yield dg.MaterializeResult(asset_key=raw_key(dataset), metadata=_metadata(outcome, warehouse.home))
        if dataset.id in judged:
            for result in _check_results(dataset, judged[dataset.id]):
                if dg.AssetCheckKey(result.asset_key, result.check_name) in checks:  # type: ignore[arg-type]
                    yield result
        if history_key(dataset) in selected and not is_empty:
            metadata: dict[str, Any] = {}
            if outcome:
                metadata = {"rows_current": outcome.rows_held, "newest_date": str(outcome.newest_date)}
            yield dg.MaterializeResult(asset_key=history_key(dataset), metadata=metadata)
    if is_empty:
        raise dg.Failure(description=NOTHING_EVER_LOADED, allow_retries=False)


def _metadata(outcome: Outcome, home: Home) -> dict[str, Any]:
    return {
        "rows new": outcome.rows_new,
        "rows revised": outcome.rows_revised,
        "rows deleted": outcome.rows_deleted,
        "dagster/row_count": outcome.rows_held,
        "newest effective date": str(outcome.newest_date),
        "payloads": dg.MetadataValue.md("\n".join(f"- `{payload}`" for payload in outcome.payload_ids[:20]) or "none"),
        "late": ", ".join(outcome.late) or "nothing",
        "notes": "; ".join(dict.fromkeys(outcome.notes)) or "none",
        "simulated": home.is_simulated,
        "recent values": dg.MetadataValue.md(_sparklines(outcome)),
    }


def _sparklines(outcome: Outcome) -> str:
    """The shape of the newest values of each series, as a table of text."""
    lines = []
    for name, values in outcome.recent.items():
        low, high = min(values), max(values)
        steps = [int(7 * (value - low) / (high - low)) if high > low else 3 for value in values]
        lines.append(f"| {name} | `{''.join('▁▂▃▄▅▆▇█'[step] for step in steps)}` | {low:,.6g} | {high:,.6g} |")
    return "\n".join(["| series | newest values, oldest left | lowest | highest |", "|---|---|---|---|", *lines])


@dataclass(frozen=True)
class Judgement:
    """Results of the checks of a dataset: what failed, what is late, the newest date in the log."""

    errors: list[str]
    late: list[str]
    rows_held: int
    newest: date | None


def _judge(outcome: Outcome) -> Judgement:
    errors = [str(failure.error) for failure in outcome.failures]
    return Judgement(errors, outcome.late, outcome.rows_held, outcome.newest_date)


def _judge_held(home: Home, datasets: Sequence[Dataset]) -> dict[str, Judgement]:
    """From the log alone: a series fails when its last body was refused since it was last loaded, or never came."""
    if not datasets:
        return {}
    judged = {}
    with open_work(home) as con:
        tables.create_tables(con, DATASETS.values())
        for dataset in datasets:
            lines = freshness(con, dataset, utc_now())
            errors = [
                f"{line['series'] or dataset.id}: {line['last_error'] or 'nothing was ever loaded'}"
                for line in lines
                if line["last_error"] or (line["is_late"] and not line["rows_held"])
            ]
            late = [line["series"] or dataset.name for line in lines if line["is_late"]]
            newest = max((line["newest_date"] for line in lines if line["newest_date"]), default=None)
            judged[dataset.id] = Judgement(errors, late, sum(line["rows_held"] for line in lines), newest)
    return judged


def _check_results(dataset: Dataset, found: Judgement) -> list[dg.AssetCheckResult]:
    return [
        dg.AssetCheckResult(
            asset_key=raw_key(dataset),
            check_name=LOADED,
            passed=not found.errors,
            metadata={**numbered("error", found.errors), "kept": f"{found.rows_held:,} last good rows"},
        ),
        dg.AssetCheckResult(
            asset_key=raw_key(dataset),
            check_name=FRESH,
            passed=not found.late,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"late": ", ".join(found.late) or "nothing", "newest": str(found.newest)},
        ),
    ]
