"""What a chart is, and the links of the chain that charts are ordered by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from ingest.providers import DATASETS, PROVIDERS
from warehouse.models import mart_files
from warehouse.publication.charts.lazy_altair import alt

FACTS = "dated facts of this project"  # seeds of policy dates, estimates and thresholds

_TITLES = {provider.name: provider.title for provider in PROVIDERS}


@dataclass(frozen=True)
class Chart:
    """One message about one mart, in the section of ``link``: the mart's own where none is given.

    ``query`` reads marts only; its result is drawn and exported in its order. ``title`` gives the message and ``alt``
    the text for a blind reader; both take their numbers from the result. ``draw`` makes an Altair chart of it without
    title or colours. ``day`` names the column whose newest value is the as-of date, by default the first of dates.
    ``datasets`` are the sources for publishers and knowledge basis in the footnote; without them, all in the lineage
    of the mart. ``withheld`` are columns of the result that may not leave this computer, in addition to those that
    marts withhold under the same name.
    """

    id: str
    mart: str
    query: str
    title: Callable[[pl.DataFrame], str]
    draw: Callable[[pl.DataFrame], alt.TopLevelMixin]
    alt: Callable[[pl.DataFrame], str]
    day: str = ""
    link: str = ""
    essay_id: str = ""  # G1 to G11, or empty for a chart that the essay does not have
    datasets: tuple[str, ...] = ()
    has_facts: bool = False
    note: str | Callable[[pl.DataFrame], str] = ""  # a caveat of definition for the footnote
    withheld: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "link", self.link or mart_files.link_of(self.mart))

    @property
    def marts(self) -> tuple[str, ...]:
        """All marts that it reads, the main one first."""
        return tuple(dict.fromkeys([self.mart, *re.findall(r"\bmarts\.(\w+)", self.query)]))

    def as_of(self, data: pl.DataFrame) -> Any:
        """The as-of date of its result; None where no row has one."""
        return data[self.day or next(name for name, dtype in data.schema.items() if dtype == pl.Date)].max()

    def sources(self, datasets: Iterable[str]) -> tuple[str, ...]:
        """Publishers of the datasets that it was found to rest on, in words."""
        publishers = dict.fromkeys(_TITLES[DATASETS[name].provider] for name in datasets)
        return (*publishers, *([FACTS] if self.has_facts else []))


@dataclass(frozen=True)
class Drawn:
    """A chart of one generation. ``spec`` is Vega-Lite for the page, data inlined, no title, no theme; empty on error.

    ``inputs_sha256`` is the key of the inputs of its files, ``drawn_in`` the generation that drew them. ``error`` is
    the reason why it could not be drawn (its mart is missing or has no rows); all other fields are then empty.
    """

    chart: Chart
    title: str
    alt: str
    footnote: str
    spec: dict[str, Any]
    rows: int
    as_of_date: date | None
    sources: tuple[str, ...] = ()
    inputs_sha256: str = ""
    drawn_in: str = ""
    error: str | None = None
