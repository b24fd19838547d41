"""Office of Financial Research: the Short-term Funding Monitor and the Hedge Fund Monitor.

No key. Both monitors speak the same JSON: `{mnemonic: {"timeseries": {"aggregation": [[date, value], ...],
"disclosure_edits": [...]}, "metadata": {...}}}`, oldest first, whole US dollars and percent. `null` is a suppressed
number or a day without a trade, an absent date is neither. Of the bodies themselves none was recorded: the shape rests
on the documentation and on other people's code, the mnemonics of the funding monitor on a recorded list, the plausible
ranges on recorded values in other shapes. The last letter of a funding mnemonic is its vintage: P preliminary, F final,
A as published, M monthly with its whole history revised.

A new series is one row below. What must not be here: SQL, the network, formulas.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial

import msgspec
import polars as pl

from ingest.calendars import Calendar, new_york_to_utc
from ingest.catalog import Column, Dataset, Licence, Parsed, Plan, Provider, Request, Series, Unit
from ingest.decode import from_json
from ingest.errors import LayoutError, UnitError
from ingest.providers.nyfed.common import TERMS as NYFED_TERMS
from ingest.releases import Cadence, Release

FUNDING_API = "https://data.financialresearch.gov/v1"
HEDGE_FUND_API = "https://data.financialresearch.gov/hf/v1"

OFR_TERMS = Licence(
    "OFR, US government work",
    True,
    "Works of the US federal government carry no copyright (17 USC 105); the OFR asks to be named as the source. Rates "
    "are informational, not made for contracts (documentation).",
    "https://www.usa.gov/government-copyright",
)

DAILY = Release(
    time(17, 0),
    "lag of one or two business days in others' code, hour assumed",
    business_days=2,
    calendar=Calendar.SIFMA,
    grace=timedelta(days=1),
)
MONEY_FUNDS = Release(
    time(17, 0),
    "absent 14 days after a month's end, there 21 days after it; hour assumed",
    days=21,
    grace=timedelta(days=21),
)


@dataclass(frozen=True)
class FeedRelease(Release):
    """A release rule of a feed that began on ``began``: older values became public that day at the earliest."""

    began: date = date(1970, 1, 1)

    def published_at(self, effective: date) -> datetime:
        """By the rule, but never before the feed."""
        return max(super().published_at(effective), new_york_to_utc(self.began, self.at))


PRELIMINARY = FeedRelease(
    DAILY.at,
    f"{DAILY.source}; feed since 2020-09-10 in others' code",
    business_days=DAILY.business_days,
    calendar=DAILY.calendar,
    grace=timedelta(days=5),
    began=date(2020, 9, 10),
)
# Of GCF's overnight rate 248 days are public in eight years; since 2025 the longest gap is 15 days.
SUPPRESSED = replace(PRELIMINARY, grace=timedelta(days=30))
# Of the 189 recorded months 33 have no repo with the Fed, and on the day above it ended a month before the others: the
# rule errs on the late side, so that nothing counts as known before it was.
MONEY_FUNDS_FED = Release(
    time(17, 0), "a month after the other series of money funds, seen once", days=51, grace=timedelta(days=60)
)
FORM_PF = Release(
    time(17, 0), "last updates 65 and 78 days after the quarter (2026), hour assumed", days=80, grace=timedelta(days=30)
)


def _money_funds(holding: str, title: str, plausible: tuple[float, float], release: Release = MONEY_FUNDS) -> Series:
    return Series(
        f"MMF-MMF_{holding}-M", f"Money funds: {title}", Unit.USD, plausible, "end of month",
        cadence=Cadence.MONTHLY, release=release, calendar=Calendar.EVERY_DAY,
    )  # fmt: skip


def _repo_release(name: str) -> Release:
    return SUPPRESSED if name.startswith("GCF") else PRELIMINARY


def _repo(name: str, title: str, plausible: tuple[float, float], measure: str) -> Series:
    return Series(f"REPO-{name}-P", title, Unit.USD, plausible, measure, release=_repo_release(name))


def _repo_rate(service: str, title: str) -> Series:
    measure = "overnight and open, weighted by volume"
    release = _repo_release(service)
    return Series(f"REPO-{service}_AR_OO-P", f"{title}: average rate", Unit.PCT, (-2, 15), measure, release=release)


_MIRROR = "The OFR's copy of what marts read from the New York Fed; kept to compare the two."


def _sofr(name: str, title: str, measure: str = "percentile", held_for: str = _MIRROR) -> Series:
    return Series(f"FNYR-{name}-A", title, Unit.PCT, (-2, 15), measure, licence=NYFED_TERMS, held_for=held_for)


def _hedge_funds(name: str, title: str, plausible: tuple[float, float]) -> Series:
    return Series(f"FPF-{name}", title, Unit.USD, plausible, "end of quarter")


_STARTED, _OUTSTANDING = "repos that start that day", "repos outstanding that day"

# Plausible ranges in USD billions hold for the whole history and are narrower than a factor of 1000, except where
# money funds' repo came up from millions of dollars; there the highest value of a history decides, see _unit_of.
FUNDING_SERIES = (
    _money_funds("TOT", "all investments", (1_000, 40_000)),
    _money_funds("T_TOT", "Treasury securities of all kinds, bills not apart", (50, 20_000)),
    _money_funds("RP_TOT", "repo, all counterparties", (100, 20_000)),
    _money_funds("RP_wFR", "repo with the Federal Reserve", (0, 6_000), MONEY_FUNDS_FED),
    _money_funds("RP_wFICC", "repo cleared by FICC", (0, 6_000)),
    _money_funds("RP_wDFI", "repo with domestic financial institutions", (0, 5_000)),
    _money_funds("RP_wFFI", "repo with foreign financial institutions", (0, 5_000)),
    _money_funds("RP_wOCP", "repo with other counterparties", (0, 1_000)),
    _money_funds("RP_T_TOT", "repo against Treasuries", (30, 15_000)),
    _money_funds("RP_AG_TOT", "repo against agency securities", (10, 8_000)),
    _money_funds("RP_OA_TOT", "repo against other collateral", (1, 900)),
    _repo("DVP_TV_TOT", "FICC DVP service: volume", (100, 20_000), _STARTED),
    _repo("DVP_OV_TOT", "FICC DVP service: outstanding", (100, 30_000), _OUTSTANDING),
    _repo_rate("DVP", "FICC DVP service"),
    _repo("GCF_TV_TOT", "FICC GCF service: volume", (5, 3_000), _STARTED),
    _repo("GCF_OV_TOT", "FICC GCF service: outstanding", (5, 4_000), _OUTSTANDING),
    _repo_rate("GCF", "FICC GCF service"),
    _repo("TRI_TV_TOT", "Tri-party repo, the Fed's included: volume", (100, 20_000), _STARTED),
    _repo_rate("TRI", "Tri-party repo, the Fed's included"),
    _repo("TRIV1_TV_TOT", "Tri-party repo without the Fed: volume", (100, 20_000), _STARTED),
    _repo_rate("TRIV1", "Tri-party repo without the Fed"),
    _sofr("SOFR", "SOFR as the New York Fed published it", "median", held_for=""),
    _sofr("SOFR_1Pctl", "SOFR, 1st percentile"),
    _sofr("SOFR_25Pctl", "SOFR, 25th percentile"),
    _sofr("SOFR_75Pctl", "SOFR, 75th percentile"),
    _sofr("SOFR_99Pctl", "SOFR, 99th percentile"),
    # The New York Fed itself speaks billions; which of the two the mirror prints was not seen, the range tells.
    Series(
        "FNYR-SOFR_UV-A", "SOFR, underlying volume", Unit.USD, (50, 20_000), "trades of the day",
        former_units=(Unit.USD_BN,), licence=NYFED_TERMS, held_for=_MIRROR,
    ),
)  # fmt: skip

HEDGE_FUND_SERIES = (
    _hedge_funds("ALLQHF_NAV_SUM", "Qualifying hedge funds: net assets", (500, 30_000)),
    _hedge_funds("ALLQHF_GAV_SUM", "Qualifying hedge funds: gross assets", (1_000, 80_000)),
    _hedge_funds("BORROW_REPO_SUM", "Hedge funds' borrowing: repo", (100, 20_000)),
    _hedge_funds("BORROW_PRIMEBROKER_SUM", "Hedge funds' borrowing: prime brokers", (100, 20_000)),
    _hedge_funds("BORROW_OTHERSECURED_SUM", "Hedge funds' borrowing: other secured", (40, 8_000)),
    # A separate question in Form PF, not to be added to the borrowing: 3,159 against 3,243 billion in 2026 Q1.
    _hedge_funds("ASSETCLASS_REPO_REPO_SUM", "Hedge funds' exposure: repo", (80, 20_000)),
    _hedge_funds("ASSETCLASS_REPO_REVERSEREPO_SUM", "Hedge funds' exposure: reverse repo", (60, 10_000)),
    _hedge_funds("ASSETCLASS_LTREASURY_SUM", "Hedge funds' exposure: Treasuries, long", (80, 20_000)),
    _hedge_funds("ASSETCLASS_STREASURY_SUM", "Hedge funds' exposure: Treasuries, short", (40, 10_000)),
)


def _columns(series: Iterable[Series]) -> tuple[Column, ...]:
    units = frozenset(unit.suffix for s in series for unit in (s.unit, *s.former_units))
    return (
        Column("mnemonic", "varchar", "The OFR's name of the series, vintage letter included", is_nullable=False),
        Column("observation_date", "date", "Day, last day of the month or of the quarter", is_nullable=False),
        Column("value", "double", "Value in the unit of the row; suppressed ones are left out", Unit.BY_ROW, False),
        Column("unit", "varchar", "Unit in which this value was published", is_nullable=False, allowed=units),
    )


# --- requests -------------------------------------------------------------------------------------------------------


def _is_read_whole(series: Series) -> bool:
    """Money funds, whose every month is revised, and GCF, of which 248 days in eight years have a rate: a window
    without any value would look like a fault."""
    return series.cadence is Cadence.MONTHLY or series.id.startswith("REPO-GCF")


def funding_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One request for each series: a bad one then stops alone, and about a hundred in one call end in a 502 (others'
    code). With 27 series and two requests a second that is a quarter of a minute."""
    for series in dataset.series:
        since = dataset.start if _is_read_whole(series) else plan.since(dataset, series.id)
        params = (("mnemonic", series.id), ("start_date", since.isoformat()))
        yield Request(f"{FUNDING_API}/series/full", params, series.id, since, plan.today)


def hedge_fund_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """The whole history of every series, always: each release may rewrite all quarters."""
    for series in dataset.series:
        params = (("mnemonic", series.id),)
        yield Request(f"{HEDGE_FUND_API}/series/full", params, series.id, dataset.start, plan.today)


# --- parser ---------------------------------------------------------------------------------------------------------


class _Timeseries(msgspec.Struct):
    aggregation: list[tuple[date, float | None]]


class _Unit(msgspec.Struct):
    name: str = ""


class _Metadata(msgspec.Struct):
    unit: _Unit = msgspec.field(default_factory=_Unit)


class _Entry(msgspec.Struct):
    timeseries: _Timeseries
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


_KEEPS_FORM = {
    Cadence.DAILY: lambda day: day.weekday() < 5,
    Cadence.MONTHLY: lambda day: (day + timedelta(days=1)).day == 1,
    Cadence.QUARTERLY: lambda day: (day + timedelta(days=1)).day == 1 and day.month % 3 == 0,
}


def _hold_cadence(dataset: Dataset, series: Series, dates: Iterable[date]) -> None:
    """LayoutError for a date that the series cannot have: the API converts to another frequency on request."""
    cadence = series.cadence or dataset.cadence
    for day in dates:
        if not _KEEPS_FORM[cadence](day):
            raise LayoutError(f"{day} is no date of a {cadence} series: a converted download?", place=series.id)


def _unit_of(dataset: Dataset, series: Series, stated: str, values: list[float]) -> Unit:
    """The unit of a body's ``values``; ``stated`` is what its metadata call it, `USD` or `Percent`.

    Its `magnitude` is left alone: values come in whole dollars, and multiplying them again would be wrong. UnitError
    when the metadata name the other kind, and when dollars would be plausible a thousand times larger as well.
    """
    where = {"dataset": dataset.id, "place": series.id}
    is_dollars = series.unit.canonical == Unit.USD_BN.canonical
    other = ("percent",) if is_dollars else ("usd", "dollar")
    if any(word in stated.lower() for word in other):
        raise UnitError(f"the provider states {stated!r}, known is {series.unit.words}", **where)
    unit = series.resolve_unit(values)
    if is_dollars and values and all(value * unit.factor * 1000 <= series.plausible[1] for value in values):
        raise UnitError(
            f"{max(values):g} is plausible in {unit.words} and a thousand times larger; the whole history decides",
            **where,
        )
    return unit


def parse_series(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Observations of the series in one answer of /series/full or /series/multifull, in the unit they came in.

    Dates without a value are left out with a note. LayoutError when the series asked for is not there or its dates are
    of another frequency, UnitError when metadata or size show another unit.
    """
    entries = from_json(body, dict[str, _Entry])
    if request.scope and set(entries) != {request.scope}:
        raise LayoutError(f"the body is about {sorted(entries)[:3]}, asked was {request.scope}")
    frames, notes = [], []
    for mnemonic, entry in entries.items():
        series = dataset.series_by_id(mnemonic)
        observations = entry.timeseries.aggregation
        _hold_cadence(dataset, series, (day for day, _ in observations))
        kept = [(day, value) for day, value in observations if value is not None]
        unit = _unit_of(dataset, series, entry.metadata.unit.name, [value for _, value in kept])
        frames.append(
            pl.DataFrame(
                {
                    "mnemonic": [mnemonic] * len(kept),
                    "observation_date": [day for day, _ in kept],
                    "value": [value for _, value in kept],
                    "unit": [unit.suffix] * len(kept),
                },
                schema=dataset.schema,
            )
        )
        if len(kept) < len(observations):
            notes.append(f"{len(observations) - len(kept)} dates of {mnemonic} without a value left out")
    return Parsed(pl.concat(frames) if frames else pl.DataFrame(schema=dataset.schema), tuple(notes))


# --- datasets -------------------------------------------------------------------------------------------------------

_dataset = partial(
    Dataset,
    provider="ofr",
    key=("mnemonic", "observation_date"),
    date_column="observation_date",
    licence=OFR_TERMS,
    parse=parse_series,
    series_column="mnemonic",
)

SHORT_TERM_FUNDING = _dataset(
    name="short_term_funding",
    title="Short-term Funding Monitor",
    by_hand="JSON of `/v1/series/full`",
    description="Money funds' investments by month; repo volumes, amounts outstanding and rates, and SOFR, by day.",
    columns=_columns(FUNDING_SERIES),
    cadence=Cadence.DAILY,
    release=DAILY,
    start=date(2010, 11, 30),
    window_days=30,
    requests=funding_requests,
    calendar=Calendar.SIFMA,
    series=FUNDING_SERIES,
    rests_on="documentation and others' code; recorded are the list of mnemonics and values of ten series in another "
    "shape; ranges of the rest, and hours, remembered or assumed",
)

HEDGE_FUND_MONITOR = _dataset(
    name="hedge_fund_monitor",
    title="Hedge Fund Monitor, Form PF",
    by_hand="JSON of `/hf/v1/series/full`",
    description="Net and gross assets, borrowing and Treasury exposures of qualifying hedge funds, by quarter.",
    columns=_columns(HEDGE_FUND_SERIES),
    cadence=Cadence.QUARTERLY,
    release=FORM_PF,
    start=date(2013, 3, 31),
    window_days=36_500,
    requests=hedge_fund_requests,
    calendar=Calendar.EVERY_DAY,
    series=HEDGE_FUND_SERIES,
    rests_on="documentation and others' code; recorded are the values of all nine series, rounded to USD billions",
)

PROVIDER = Provider(
    name="ofr",
    title="Office of Financial Research",
    homepage="https://www.financialresearch.gov",
    hosts=("data.financialresearch.gov",),
    datasets=(SHORT_TERM_FUNDING, HEDGE_FUND_MONITOR),
    pace=2.0,
)
