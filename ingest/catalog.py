"""The vocabulary: what a dataset, a column, a series, a unit and a release rule are.

Raw tables, Dagster assets, dbt sources, lateness, the data dictionary and the sample are derived from these
declarations. The declarations are in `ingest/providers/`. Creating an object validates it, so a wrong entry fails on
import, before anything runs.

What must not be here: requests, parsing, SQL, Dagster.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from functools import cached_property
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules

import polars as pl

from ingest.calendars import Calendar
from ingest.errors import (
    ImplausibleValueError,
    LayoutError,
    UnitError,
    require,
)
from ingest.plain import keep_secret
from ingest.releases import Cadence, Release, next_effective

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")

# Every date of a maturity, a settlement or an archive is in this range; 9999-12-31 plus a day would overflow.
SANE_DATES = (date(1776, 1, 1), date(2199, 12, 31))


class Unit(Enum):
    """A unit of measure: ending of column names, canonical unit of its kind, factor into that one, words.

    The canonical units, used in marts, are US dollar billions and percent; other units are their own canonical unit.
    """

    USD = ("usd", "usd_bn", 1e-9, "US dollars")
    USD_K = ("usd_k", "usd_bn", 1e-6, "thousands of US dollars")
    USD_MN = ("usd_mn", "usd_bn", 1e-3, "millions of US dollars")
    USD_BN = ("usd_bn", "usd_bn", 1.0, "billions of US dollars")
    PCT = ("pct", "pct", 1.0, "percent (4.00 is 4 %)")
    CONTRACTS = ("contracts", "contracts", 1.0, "futures contracts")
    COUNT = ("count", "count", 1.0, "number of things")
    DAYS = ("days", "days", 1.0, "calendar days")
    RATIO = ("ratio", "ratio", 1.0, "ratio (0.5 is a half)")
    INDEX = ("index", "index", 1.0, "index points")
    BTC = ("btc", "btc", 1.0, "bitcoin")
    USD_PER_BTC = ("usd_per_btc", "usd_per_btc", 1.0, "US dollars a bitcoin")
    USD_PER_OZT = ("usd_per_ozt", "usd_per_ozt", 1.0, "US dollars a troy ounce")
    JPY_PER_USD = ("jpy_per_usd", "jpy_per_usd", 1.0, "yen a US dollar")
    BY_ROW = ("value", "", 1.0, "as in the column `unit` of the same row")

    def __init__(self, suffix: str, canonical: str, factor: float, words: str) -> None:
        self.suffix = suffix
        self.canonical = canonical
        self.factor = factor
        self.words = words


class Basis(StrEnum):
    """How good a knowledge time is (`known_basis`)."""

    OBSERVED = "observed"  # we polled and it was new
    STAMPED = "stamped"  # the provider states when it published
    VINTAGE = "vintage"  # ALFRED
    MODELLED = "modelled"  # effective date + release rule


@dataclass(frozen=True)
class Licence:
    """Terms under which a provider's values may travel. ``is_redistributable`` False keeps them out of packages.

    ``url`` is the page that states them (addresses from memory; none was opened).
    """

    name: str
    is_redistributable: bool
    terms: str
    url: str


PUBLIC_DOMAIN = Licence(
    "US government work",
    True,
    "Works of the US federal government carry no copyright (17 USC 105).",
    "https://www.usa.gov/government-copyright",
)


DTYPES: Mapping[str, pl.DataType] = {
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "double": pl.Float64(),
    "bigint": pl.Int64(),
    "varchar": pl.String(),
    "boolean": pl.Boolean(),
    "decimal(18,2)": pl.Decimal(18, 2),
}


@dataclass(frozen=True)
class Column:
    """One column of a raw table. Its name ends in its unit (`_usd_mn`, `_pct`, `_date`, `_at`, `is_`).

    ``allowed`` closes the set of values of a text column. ``plausible`` bounds a number, in the column's own unit,
    narrowly enough that a factor of 1000 leaves it; with ``range_reason``, the reason for the bounds, the warehouse
    checks it once more. ``wire`` is the publisher's name of the column, where the parser reads it by name, ``heading``
    the name in files saved by hand.
    """

    name: str
    dtype: str
    description: str
    unit: Unit | None = None
    is_nullable: bool = True
    allowed: frozenset[str] | None = None
    plausible: tuple[float, float] | None = None
    range_reason: str = ""
    wire: str = ""
    heading: str = ""

    def __post_init__(self) -> None:
        require(bool(_NAME.match(self.name)), f"column {self.name!r}: use lower_snake_case")
        require(self.plausible is not None or not self.range_reason, f"column {self.name}: a reason without a range")
        require(self.dtype in DTYPES, f"column {self.name}: dtype {self.dtype!r} is none of {sorted(DTYPES)}")
        require(len(self.description) > 3, f"column {self.name}: describe it")
        require(self.dtype != "date" or self.name.endswith("_date"), f"column {self.name}: a date ends in _date")
        require(self.dtype != "timestamp" or self.name.endswith("_at"), f"column {self.name}: a timestamp ends in _at")
        require(self.dtype != "boolean" or self.name.startswith(("is_", "has_")), f"column {self.name}: is_ or has_")
        numeric = self.dtype in ("double", "bigint", "decimal(18,2)")
        require(numeric == (self.unit is not None), f"column {self.name}: numbers carry a unit, other things none")
        if self.unit is not None:
            require(
                self.name == self.unit.suffix or self.name.endswith("_" + self.unit.suffix),
                f"column {self.name}: its name must end in its unit, _{self.unit.suffix}",
            )

    @property
    def text(self) -> str:
        """Description and unit as one text, for every place that shows columns."""
        text = self.description.rstrip(".") + "."
        return f"{text} Unit: {self.unit.words}." if self.unit else text


@dataclass(frozen=True)
class Series:
    """One series of a dataset that carries many: one row in one file.

    ``plausible`` bounds every value, in the canonical unit of ``unit`` (USD billions, percent). Make it narrow enough
    that a factor of 1000 leaves it: it distinguishes one unit from another. ``former_units`` are units of older
    downloads of the same series. ``is_whole``: in its unit it is printed without decimals, so a decimal shows a former
    unit. ``may_be_zero`` is the reason why a range of dollars starts at zero or below, where a change of unit can hide,
    because a thousand times zero is zero. ``held_for`` is the reason why a series is held that no mart uses.
    ``weekdays`` are the days of the week (Monday is 1) that a weekly series is dated on: with several the first one
    whenever it is open, else the open day before it.
    ``cadence``, ``release``, ``calendar`` and ``licence`` default to the dataset's.
    """

    id: str
    title: str
    unit: Unit
    plausible: tuple[float, float]
    measure: str = ""
    cadence: Cadence | None = None
    release: Release | None = None
    calendar: Calendar | None = None
    former_units: tuple[Unit, ...] = ()
    is_whole: bool = False
    is_discontinued: bool = False
    licence: Licence | None = None
    may_be_zero: str = ""
    held_for: str = ""
    weekdays: tuple[int, ...] = (3,)

    def __post_init__(self) -> None:
        low, high = self.plausible
        require(low < high, f"series {self.id}: plausible range {self.plausible} is empty")
        require(low <= 0 or not self.may_be_zero, f"series {self.id}: its range starts above zero")
        require(bool(self.title), f"series {self.id}: give it a title")
        for unit in self.former_units:
            require(unit.canonical == self.unit.canonical, f"series {self.id}: {unit} is no unit of the same kind")

    def resolve_unit(self, values: Iterable[float]) -> Unit:
        """Which of the units this series is known in makes every one of ``values`` plausible.

        Raises UnitError when none does but another power of 1000 would, ImplausibleValueError otherwise.
        """
        numbers = list(values)
        low, high = self.plausible
        has_decimals = any(number % 1 for number in numbers)
        own = () if self.is_whole and self.former_units and has_decimals else (self.unit,)
        for unit in (*own, *self.former_units):
            if all(low <= number * unit.factor <= high for number in numbers):
                return unit
        scaled = [number * self.unit.factor for number in numbers]
        worst = max(scaled, key=lambda v: max(low - v, v - high))
        message = (
            f"series {self.id}: {worst:g} {self.unit.canonical} is outside its plausible range "
            f"{low:g} to {high:g} in any unit it is known in"
        )
        for power in (1e-6, 1e-3, 1e3, 1e6):
            if all(low <= value * power <= high for value in scaled):
                raise UnitError(f"{message}; all values fit when multiplied by {power:g}: the unit has changed")
        raise ImplausibleValueError(message)


@dataclass(frozen=True)
class Request:
    """One request: a URL with parameters, and the effective dates and series that the answer covers *whole*.

    The provider has withdrawn a known row if the answer covers its date and lacks it. ``scope`` is a
    series id, or None for the whole dataset. Without ``covers_from`` nothing counts as withdrawn. ``key_param`` names
    the query parameter that carries the provider's key; the key itself is never part of a Request. ``last_address`` is
    the last address of the data, for a page that has lost its link to them; ``note`` is a remark to the user about the
    origin of the Request.
    """

    url: str
    params: tuple[tuple[str, str], ...] = ()
    scope: str | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    key_param: str | None = None
    is_file: bool = False
    is_single: bool = False
    last_address: str | None = None
    note: str = ""

    @property
    def public_url(self) -> str:
        """The URL with its parameters and without any key."""
        query = "&".join(f"{name}={value}" for name, value in self.params)
        return f"{self.url}?{query}" if query else self.url


@dataclass(frozen=True)
class Plan:
    """What a refresh requests of a dataset.

    ``newest`` is the newest effective date held, by series id (key None for datasets without series). ``is_full``
    requests the whole history. ``last_address`` is the address of the newest body that was fetched and loaded. ``done``
    are addresses requested just before a kill, whose rows are in the log; ``is_through`` if these were all.
    """

    today: date
    newest: Mapping[str | None, date] = field(default_factory=dict)
    is_full: bool = False
    last_address: str | None = None
    done: frozenset[str] = frozenset()
    is_through: bool = False

    def requests(self, dataset: Dataset) -> list[Request]:
        """What the dataset is to be asked for; whatever its request builder raises."""
        if self.is_through:
            return []
        return [request for request in dataset.requests(dataset, self) if request.public_url not in self.done]

    def since(self, dataset: Dataset, series: str | None = None) -> date:
        """First effective date to ask for: the start of history, or the revision window before the newest held."""
        held = self.newest.get(series)
        if self.is_full or held is None:
            return dataset.start
        return max(dataset.start, min(held, self.today) - timedelta(days=dataset.window_days))


# A body with the knowledge time of each row has these columns in addition to the dataset's: the time (naive UTC),
# whether the row was withdrawn at that time, and `is_known_earlier`: known_from is the date on which the archive
# starts, and the value may have been public before it. Rows of one key are then its versions.
VERSION_COLUMNS: dict[str, pl.DataType] = {
    "known_from": pl.Datetime("us"),
    "is_deleted": pl.Boolean(),
    "is_known_earlier": pl.Boolean(),
}


@dataclass(frozen=True)
class Parsed:
    """Rows of one body, and remarks a user should see (e.g. rows that were left out and why).

    ``wire_rows`` is how many rows the body itself held, for a parser whose frame has more or fewer; it is what
    ``stated_rows`` is checked against. None means: as many as the frame. ``unsaid`` names columns that the
    body does not have: their cells are no values, and a known row keeps its values.
    """

    frame: pl.DataFrame
    notes: tuple[str, ...] = ()
    wire_rows: int | None = None
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """One table of one provider.

    ``requests`` turns a Plan into Requests; ``parse`` turns one body into typed rows and never fetches; ``next_page``
    gives the Request for the following page, or None; ``stated_rows`` the row count that the provider states for the
    whole answer, where it does. ``stamped_at`` names a column with the provider's own publication time (UTC).
    ``series_column`` is the key column that carries the series id. Datasets with the same non-empty ``bodies`` read the
    same answers: a file loaded for one is loaded for the others too. ``found_in`` names the ``bodies`` of others that
    may also contain rows of this one: a file loaded for them is loaded here too, from these rows. ``follow_link``
    gives, when an answer is only a page that links to the data, the Request for the data themselves, and None when the
    answer is the data. ``ordered`` names columns of a row that never fall from one to the next: a low and a high, a
    trade and its settlement, a part and its whole. ``rests_on`` is the source of our knowledge of the wire format:
    recording, documentation, public code, memory. ``by_hand`` describes the files, saved by hand, that can be loaded; a
    test compares it with the README. ``earliest`` is the first date that any body has, where files saved by hand reach
    back before ``start``; ``lead_days`` is how many days after the day of its body a row may be dated: values that are
    announced ahead need more than a change of the date. ``computed`` names the columns that the staging model adds to
    these, and what they mean. ``min_rows`` is the least that a whole history has, the simulated one too.
    """

    provider: str
    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    date_column: str
    cadence: Cadence
    release: Release
    start: date
    window_days: int
    licence: Licence
    requests: Callable[[Dataset, Plan], Iterable[Request]]
    parse: Callable[[Dataset, bytes, Request], pl.DataFrame | Parsed]
    full_every_days: int = 30
    calendar: Calendar = Calendar.FED
    series: tuple[Series, ...] = ()
    series_column: str | None = None
    stamped_at: str | None = None
    next_page: Callable[[bytes, Request], Request | None] | None = None
    stated_rows: Callable[[bytes], int] | None = None
    follow_link: Callable[[bytes, Request], Request | None] | None = None
    bodies: str = ""
    found_in: str = ""
    ordered: tuple[tuple[str, ...], ...] = ()
    rests_on: str = ""
    by_hand: str = ""
    earliest: date | None = None
    lead_days: int = 3
    computed: tuple[tuple[str, str], ...] = ()
    min_rows: int = 150

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        require(bool(_NAME.match(self.provider) and _NAME.match(self.name)), f"{self.id}: use lower_snake_case")
        require(len(set(names)) == len(names), f"{self.id}: a column is declared twice")
        for given in ([column.wire for column in self.columns], [column.heading for column in self.columns]):
            known = [name for name in given if name]
            require(len(set(known)) == len(known), f"{self.id}: two columns are called alike by the publisher")
        reserved = {"known_to", "known_basis", "load_seq", "payload_id"} | VERSION_COLUMNS.keys()
        require(not reserved & set(names), f"{self.id}: {reserved & set(names)} belong to the store")
        for name in (*self.key, self.date_column, *chain.from_iterable(self.ordered)):
            require(name in names, f"{self.id}: {name} is not one of its columns")
        for name, text in self.computed:
            require(name not in names and len(text) > 3, f"{self.id}: {name} is no column that staging adds")
        for name in self.key:
            require(not self.column(name).is_nullable, f"{self.id}: key column {name} must not be nullable")
        require(self.column(self.date_column).dtype == "date", f"{self.id}: {self.date_column} is not a date")
        require(bool(self.series) == (self.series_column is not None), f"{self.id}: series need a series_column")
        require(self.series_column is None or self.series_column in self.key, f"{self.id}: series_column not in key")
        require(len({s.id for s in self.series}) == len(self.series), f"{self.id}: a series is declared twice")
        require(self.earliest is None or self.earliest < self.start, f"{self.id}: earliest is not before start")
        require(0 <= self.lead_days <= 366, f"{self.id}: lead_days {self.lead_days}")
        if self.stamped_at is not None:
            require(self.column(self.stamped_at).dtype == "timestamp", f"{self.id}: {self.stamped_at} is no timestamp")

    @property
    def id(self) -> str:
        """`provider.name`, as users write it."""
        return f"{self.provider}.{self.name}"

    @property
    def table(self) -> str:
        """`provider__name`, the table's name in the schemas raw and history."""
        return f"{self.provider}__{self.name}"

    def column(self, name: str) -> Column:
        """The column called ``name``; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.id} has no column {name}")

    def series_by_id(self, series_id: str) -> Series:
        """The series called ``series_id``; LayoutError if the catalog has no such row."""
        if found := self._series.get(series_id):
            return found
        raise LayoutError(f"series {series_id!r} is not in the catalog; add a row for it", dataset=self.id)

    @cached_property
    def _series(self) -> dict[str, Series]:
        return {series.id: series for series in self.series}

    def reads_same_bodies_as(self, other: Dataset) -> bool:
        """Whether one body holds rows of both, so that a file given for one is loaded into the other too."""
        return self.provider == other.provider and self.bodies == other.bodies and bool(self.bodies)

    def may_be_found_in_bodies_of(self, other: Dataset) -> bool:
        """Whether a body of ``other`` may, but need not, also contain rows of this dataset."""
        return self.provider == other.provider and self.found_in == other.bodies and bool(self.found_in)

    def release_of(self, series_id: str | None = None) -> Release:
        """The release rule of a series, or of the dataset."""
        return (self.series_by_id(series_id).release if series_id and self.series else None) or self.release

    def date_after(self, newest: date, series_id: str | None = None) -> date:
        """The effective date that follows ``newest`` in a series, or in the dataset."""
        series = self.series_by_id(series_id) if series_id and self.series else None
        cadence = (series.cadence if series else None) or self.cadence
        calendar = (series.calendar if series else None) or self.calendar
        weekday = series.weekdays[0] if series and len(series.weekdays) > 1 else None
        return next_effective(newest, cadence, calendar, weekday)

    def due_at(self, newest: date, series_id: str | None = None) -> datetime:
        """When (naive UTC) the effective date after ``newest`` should have been public. Later than that is late."""
        release = self.release_of(series_id)
        return release.published_at(self.date_after(newest, series_id)) + release.grace

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Polars schema of a parsed frame, in column order."""
        return {column.name: DTYPES[column.dtype] for column in self.columns}

    def dates_on(self, day: date) -> tuple[date, date]:
        """The first and the last date that a row may have in a body that came on ``day``."""
        return self.earliest or self.start, day + timedelta(days=self.lead_days)


def environment_key(variable: str) -> str | None:
    """The key in the environment ``variable``, if the user has set one."""
    return keep_secret(os.environ.get(variable, "").strip()) or None


@dataclass(frozen=True)
class Provider:
    """A publisher, and the limits of requests to it.

    ``pace`` is requests a second at most, ``max_bytes`` the largest body accepted, ``deadline`` seconds for one
    request with all its retries. ``key_env`` names the environment variable of an optional key.
    """

    name: str
    title: str
    homepage: str
    hosts: tuple[str, ...]
    datasets: tuple[Dataset, ...]
    pace: float = 2.0
    max_bytes: int = 64_000_000
    deadline: float = 180.0
    key_env: str | None = None

    def __post_init__(self) -> None:
        require(bool(self.hosts), f"provider {self.name}: name its hosts")
        require(self.pace > 0, f"provider {self.name}: a pace above 0")
        for dataset in self.datasets:
            require(dataset.provider == self.name, f"{dataset.id} is in the file of {self.name}")

    @property
    def key(self) -> str | None:
        """The key from the environment, if the user has set one."""
        return environment_key(self.key_env) if self.key_env else None


def datasets_in(package: str) -> tuple[Dataset, ...]:
    """Every dataset that a file of the package ``package`` declares, in the order of the files' names."""
    files = sorted(module.name for module in iter_modules(import_module(package).__path__))
    found = [value for file in files for value in vars(import_module(f"{package}.{file}")).values()]
    return tuple(dict.fromkeys(value for value in found if isinstance(value, Dataset)))
