"""The scenario of standing repo with a user's own drivers.

The formula is that of the published mart (`formula`); start, projected borrowing and the standard drivers are read from
the published marts. Amounts are billions of US dollars.
What must not be here: a second formula, or a number of an assumption (`dbt_project/seeds/scenario_drivers.csv`).
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import polars as pl
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from warehouse.connection import WarehouseError
from warehouse.generation import SIMULATED_NOTICE
from warehouse.publication import formula

LABEL = "SCENARIO, not a forecast"
HEADINGS = {
    "quarter_date": "quarter",
    "borrowed_usd_bn": "borrowed",
    "repo_demand_usd_bn": "repo demand",
    "private_supply_usd_bn": "private supply",
    "scenario_standing_repo_usd_bn": "standing repo",
    "other_fed_credit_usd_bn": "other Fed credit",
    "scenario_fed_assets_usd_bn": "Fed assets",
    "scenario_net_liquidity_usd_bn": "net liquidity",
}
_STANDARDS = ("low", "middle", "high")
_PICTURE_SCALE = 1.5


class ScenarioError(WarehouseError):
    """A file of assumptions cannot be used; the message says which value and its range."""


@dataclass(frozen=True)
class Driver:
    """An assumption: its unit, the range that a scenario may have, and value and source in the standard scenarios.

    ``measured`` is what the warehouse measures of it, with the ends of its band; None where it measures nothing.
    """

    name: str
    unit: str
    lowest: float
    highest: float
    what_it_is: str
    standards: dict[str, tuple[float, str]]
    measured: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Assumptions:
    """A user's scenario: drivers that are not in ``own`` have the values of the standard scenario ``base``.

    ``borrowing`` names a projection of `srf_scenario_projections`; None is CBO's newest.
    """

    name: str
    base: str
    own: dict[str, float]
    borrowing: str | None = None


def drivers(con: duckdb.DuckDBPyConnection) -> list[Driver]:
    """The drivers of the published scenario. Raises ScenarioError when it holds none."""
    rows = con.execute(
        "SELECT driver, any_value(driver_unit), any_value(lowest_value), any_value(highest_value), "
        "any_value(what_it_is), list((scenario, driver_value, driver_source)), any_value(measured_driver_value), "
        "any_value(measured_driver_low_value), any_value(measured_driver_high_value) "
        "FROM marts.srf_scenario_drivers GROUP BY driver ORDER BY driver"
    ).fetchall()
    if not rows:
        raise ScenarioError("this generation has no scenario: its newest driver was not yet public")
    return [
        Driver(
            name,
            unit,
            lowest,
            highest,
            what,
            {base: (value, source) for base, value, source in standards},
            (measured[0], measured[1], measured[2]) if measured[0] is not None else None,
        )
        for name, unit, lowest, highest, what, standards, *measured in rows
    ]


def example(known: list[Driver]) -> str:
    """A file of assumptions that can be run, each driver with its meaning, unit, range and standard values."""
    lines = [
        f"# {LABEL}. For `liquidity scenario FILE`. A driver that is left out has the value of the base.",
        "name: my scenario",
        "base: middle  # low, middle or high",
        "# borrowing: Treasury  # whose projection, by srf_scenario_projections; without this line CBO's newest",
        "drivers:",
    ]
    for driver in known:
        said = f"{driver.what_it_is} Unit: {driver.unit}, from {driver.lowest:g} to {driver.highest:g}."
        lines += ["", *textwrap.wrap(said, 118, initial_indent="  # ", subsequent_indent="  # ")]
        for scenario in _STANDARDS:
            value, source = driver.standards[scenario]
            lines += textwrap.wrap(
                f"{scenario} {value:g}: {source}", 118, initial_indent="  #   ", subsequent_indent="  #     "
            )
        if driver.measured:
            value, low, high = driver.measured
            lines.append(f"  #   measured {value:.4g} ({low:.4g} to {high:.4g}): reserve_scarcity_daily, see METHODS")
        lines.append(f"  {driver.name}: {driver.standards['middle'][0]:g}")
    return "\n".join(lines) + "\n"


def read(path: Path, known: list[Driver]) -> Assumptions:
    """A user's file, YAML. Raises ScenarioError for a key, a type or a value that a scenario cannot have."""
    try:
        held = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    try:
        found: Any = _model(known).model_validate(held)
    except ValidationError as error:
        raise ScenarioError(f"{path}: {'; '.join(_said(fault, known) for fault in error.errors())}") from None
    return Assumptions(found.name, found.base, found.drivers.model_dump(exclude_none=True), found.borrowing)


def _model(known: list[Driver]) -> type[BaseModel]:
    strict = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)
    fields: dict[str, Any] = {
        driver.name: (float | None, Field(None, ge=driver.lowest, le=driver.highest)) for driver in known
    }
    own = create_model("Drivers", __config__=strict, **fields)
    top: dict[str, Any] = {
        "name": (str, Field(min_length=1, max_length=80)),
        "base": (Literal["low", "middle", "high"], "middle"),
        "borrowing": (str | None, None),
        "drivers": (own, Field(default_factory=own)),
    }
    return create_model("Scenario", __config__=strict, **top)


def _said(fault: Any, known: list[Driver]) -> str:
    place = ".".join(map(str, fault["loc"])) or "the file"
    ranges = {driver.name: f" ({driver.unit}, {driver.lowest:g} to {driver.highest:g})" for driver in known}
    return f"{place}{ranges.get(str(fault['loc'][-1]) if fault['loc'] else '', '')}: {fault['msg']}"


def run(con: duckdb.DuckDBPyConnection, known: list[Driver], assumptions: Assumptions) -> pl.DataFrame:
    """The scenario by quarter, with the columns of the mart; `scenario` is the name that the user gave.

    Raises ScenarioError when the generation has no scenario to start from, or not the projection of borrowing.
    """
    (base,) = con.execute("SELECT count(*) FROM marts.srf_scenario WHERE scenario = ?", [assumptions.base]).fetchone()  # type: ignore[misc]
    if not base:
        raise ScenarioError("this generation has no scenario to start from: a quarter with all inputs is missing")
    borrowing = ["srf_scenario", "scenario", assumptions.base]
    if assumptions.borrowing is not None:
        borrowing = ["srf_scenario_projections", "borrowing_projection", _projection(con, assumptions.borrowing)]
    mart, column, picked = borrowing
    values = {driver.name: driver.standards[assumptions.base][0] for driver in known} | assumptions.own
    columns = [name for (name,) in con.execute("SELECT column_name FROM (DESCRIBE marts.srf_scenario)").fetchall()]
    start = [name for name in columns if name.startswith("start_")]
    given = ", ".join(f"CAST(? AS DOUBLE) AS {name}" for name in values)
    return con.execute(
        f"WITH base AS (SELECT * FROM marts.srf_scenario WHERE scenario = ?), "
        f"runs AS (SELECT 'own' AS run, CAST(? AS VARCHAR) AS scenario, {', '.join(start)}, "
        f"standing_repo_limit_usd_bn, {given} FROM base WHERE quarter_number = 1), "
        f"quarters AS (SELECT 'own' AS run, quarter_number, quarter_date, projected_borrowing_usd_bn, borrowing_source "
        f"FROM marts.{mart} WHERE {column} = ?) "
        f"SELECT {', '.join(columns)} FROM ({formula.sql('runs', 'quarters')}) ORDER BY quarter_number",
        [assumptions.base, assumptions.name, *values.values(), picked],
    ).pl()


def _projection(con: duckdb.DuckDBPyConnection, name: str) -> str:
    rows = con.execute("SELECT DISTINCT borrowing_projection FROM marts.srf_scenario_projections ORDER BY 1").fetchall()
    held = [projection for (projection,) in rows]
    if name not in held:
        raise ScenarioError(f"no projection of borrowing is called {name}; held: {', '.join(held) or 'none'}")
    return name


def fiscal_years(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Rows of the printed table: the columns of `HEADINGS` at the end of each fiscal year."""
    return found.filter(pl.col("quarter_date").dt.month() == 9).select(*HEADINGS).rows()


def write(found: pl.DataFrame, assumptions: Assumptions, base: Path, is_simulated: bool) -> list[Path]:
    """Write `<base>.parquet`, `.svg` and `.png`; returns their paths. Raises WarehouseError where that cannot be."""
    from warehouse.publication.charts import drawing, scenario
    from warehouse.publication.charts.painters import Painters

    chart = scenario.own(assumptions.name)
    own = ", ".join(f"{name} {value:g}" for name, value in assumptions.own.items()) or "none"
    borrowing = assumptions.borrowing or "CBO's newest"
    lines = [
        f"Base: {assumptions.base}. Borrowing: {borrowing}. Own drivers: {own}.",
        *([SIMULATED_NOTICE] if is_simulated else []),
    ]
    paths = [base.with_name(base.name + ending) for ending in (".parquet", ".svg", ".png")]
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        found.write_parquet(
            paths[0], compression="zstd", metadata={"title": chart.title(found), "footnote": " ".join(lines)}
        )
        with Painters() as painters:
            svg = painters.svg(drawing.picture(chart, found, lines, is_simulated))
            paths[1].write_text(svg, "utf-8")
            paths[2].write_bytes(painters.png(svg, _PICTURE_SCALE))
    except OSError as error:
        raise WarehouseError(f"{base.parent} cannot be written: {error.strerror}") from None
    return paths
