"""The New York Fed's Markets API: reference rates, repo and reverse repo operations, the SOMA portfolio.

No key. The JSON is printed from a template, not serialised: suppressed numbers can come as a bare `*`, which is no
JSON, and fields come and go with the kind of operation and the year. Three units live in one API: rates speak billions
of dollars, operations whole dollars, SOMA dollars and cents as text. A search that matches nothing answers 200 with an
empty list. Field lists, units and the empty answer were seen in recorded bodies; `"NA"` percentiles, the bare `*` and
the fields of the broker-era EFFR are known from other people's code only; hours of publication are partly remembered.

What must not be here: SQL, the network, formulas.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import date, datetime, time

import msgspec
import polars as pl

from ingest.calendars import Calendar
from ingest.catalog import (
    Cadence,
    Column,
    Dataset,
    Licence,
    Parsed,
    Plan,
    Provider,
    Release,
    Request,
    Series,
    Unit,
)
from ingest.decode import from_json, strict
from ingest.errors import LayoutError, ValueFormatError

API = "https://markets.newyorkfed.org/api"

TERMS = Licence(
    "New York Fed Terms of Use",
    True,
    "Whoever presents reference rates must say that they are subject to the Terms of Use posted at newyorkfed.org and "
    "that the New York Fed neither endorses the republication nor is liable for it; SOFR and BGCR rest on DTCC data "
    "and carry its disclaimer too (read in another project's notes of 2026-09-16, not on the page itself).",
)

SECURED = Release(time(8, 0), "about 08:00, documented by the OFR", business_days=1, calendar=Calendar.SIFMA)
UNSECURED = Release(time(9, 0), "about 09:00, documented by the OFR", business_days=1, calendar=Calendar.FED)
# Recorded results carry a last update within a minute of the close, the latest regular close being 13:45.
SAME_DAY = Release(time(13, 50), "recorded time stamps of 2022-2025")
H41 = Release(time(16, 30), "Thursday about 16:30, remembered", business_days=1)

# Path below /rates and first trade date; OBFR's is remembered, the others were seen.
RATE_PATHS = {
    "SOFR": ("secured/sofr", date(2018, 4, 2)),
    "TGCR": ("secured/tgcr", date(2018, 4, 2)),
    "BGCR": ("secured/bgcr", date(2018, 4, 2)),
    "EFFR": ("unsecured/effr", date(2000, 7, 3)),
    "OBFR": ("unsecured/obfr", date(2016, 3, 1)),
}
RATE_SERIES = (
    Series("SOFR", "Secured Overnight Financing Rate", Unit.PCT, (-2, 15), calendar=Calendar.SIFMA, release=SECURED),
    Series("TGCR", "Tri-Party General Collateral Rate", Unit.PCT, (-2, 15), calendar=Calendar.SIFMA, release=SECURED),
    Series("BGCR", "Broad General Collateral Rate", Unit.PCT, (-2, 15), calendar=Calendar.SIFMA, release=SECURED),
    Series("EFFR", "Effective Federal Funds Rate", Unit.PCT, (-2, 15)),
    Series("OBFR", "Overnight Bank Funding Rate", Unit.PCT, (-2, 15)),
)
# Volume of EFFR exists since the rate is computed from FR 2420 reports; older rows are the brokers' and have none.
EFFR_WITH_VOLUME = date(2016, 3, 1)


def _pct(name: str, description: str, plausible: tuple[float, float] = (-5, 25), is_nullable: bool = True) -> Column:
    return Column(name, "double", description, Unit.PCT, is_nullable, plausible=plausible)


RATE_COLUMNS = (
    Column("rate_type", "varchar", "Which reference rate", is_nullable=False, allowed=frozenset(RATE_PATHS)),
    Column("effective_date", "date", "Day of the trades, one business day before publication", is_nullable=False),
    _pct("rate_pct", "Volume-weighted median rate", (-2, 15), is_nullable=False),
    _pct("percentile_1_pct", "1st percentile of traded rates"),
    _pct("percentile_25_pct", "25th percentile of traded rates"),
    _pct("percentile_75_pct", "75th percentile of traded rates"),
    _pct("percentile_99_pct", "99th percentile of traded rates"),
    Column("volume_usd_bn", "double", "Volume of the trades behind the rate", Unit.USD_BN, plausible=(5, 20_000)),
    _pct("target_from_pct", "Lower end of the target range that day (EFFR only)", (0, 15)),
    _pct("target_to_pct", "Upper end of the target range that day (EFFR only)", (0, 15)),
    _pct("intraday_low_pct", "Lowest trade of the day (EFFR before March 2016)"),
    _pct("intraday_high_pct", "Highest trade of the day (EFFR before March 2016)", (-5, 100)),
    _pct("std_dev_pct", "Standard deviation of traded rates (EFFR before March 2016)", (0, 50)),
    Column("revision_indicator", "varchar", "Set when the rate was revised after its first publication"),
    Column("footnote_id", "varchar", "Footnote on the rate, where there is one"),
)

_USD_PLAUSIBLE = (0, 10_000_000_000_000)  # whole dollars; the largest operation so far took 2.55 trillion

UPDATED_AT = Column(
    "last_updated_at",
    "timestamp",
    "When the publisher last touched the operation's record (UTC; New York on the wire)",
    is_nullable=False,
)
OPERATION_COLUMNS = (
    Column("operation_id", "varchar", "The publisher's name of the operation; opaque", is_nullable=False),
    Column("operation_date", "date", "Day on which the operation was held", is_nullable=False),
    Column("settlement_date", "date", "Day on which cash and securities change hands"),
    Column("maturity_date", "date", "Day on which they come back"),
    Column("auction_status", "varchar", "Always Results; announcements are left out", is_nullable=False),
    Column(
        "operation_type",
        "varchar",
        "Repo adds reserves, Reverse Repo drains them",
        is_nullable=False,
        allowed=frozenset({"Repo", "Reverse Repo"}),
    ),
    Column("operation_method", "varchar", "Fixed Rate, Multiple Price or Full Allotment"),
    Column("settlement_type", "varchar", "Same Day or days forward"),
    Column("term", "varchar", "Overnight or Term"),
    Column("term_days", "bigint", "Calendar days to maturity; 3 over a weekend", Unit.DAYS, plausible=(1, 400)),
    Column("release_time", "varchar", "Opening, HH:MM in New York; absent in 2020"),
    Column("close_time", "varchar", "Closing, HH:MM in New York"),
    Column("note", "varchar", "The publisher's remark, edited after the fact; names most small-value exercises"),
    Column(
        "operation_limit_usd",
        "bigint",
        "Most that would be accepted (until full allotment)",
        Unit.USD,
        plausible=_USD_PLAUSIBLE,
    ),
    Column("participating_count", "bigint", "Counterparties that bid (reverse repo)", Unit.COUNT, plausible=(0, 1000)),
    Column("accepted_count", "bigint", "Counterparties accepted (reverse repo)", Unit.COUNT, plausible=(0, 1000)),
    Column("submitted_usd", "bigint", "Amount bid, all securities", Unit.USD, False, plausible=_USD_PLAUSIBLE),
    Column("accepted_usd", "bigint", "Amount accepted, all securities", Unit.USD, False, plausible=_USD_PLAUSIBLE),
    UPDATED_AT,
)

DETAIL_COLUMNS = (
    Column("operation_id", "varchar", "The publisher's name of the operation; opaque", is_nullable=False),
    Column(
        "security_type",
        "varchar",
        "Collateral",
        is_nullable=False,
        allowed=frozenset({"Treasury", "Agency", "Mortgage-Backed"}),
    ),
    Column("operation_date", "date", "Day on which the operation was held", is_nullable=False),
    Column(
        "operation_type",
        "varchar",
        "Repo adds reserves, Reverse Repo drains them",
        is_nullable=False,
        allowed=frozenset({"Repo", "Reverse Repo"}),
    ),
    Column("submitted_usd", "bigint", "Amount bid", Unit.USD, False, plausible=_USD_PLAUSIBLE),
    Column("accepted_usd", "bigint", "Amount accepted", Unit.USD, False, plausible=_USD_PLAUSIBLE),
    _pct("minimum_bid_rate_pct", "Lowest rate a bid may name (multiple price)"),
    _pct("high_rate_pct", "Highest accepted rate, when anything was accepted (multiple price)"),
    _pct("low_rate_pct", "Lowest accepted rate, when anything was accepted (multiple price)"),
    _pct("stop_out_rate_pct", "Rate at which acceptance stopped (multiple price)"),
    _pct("weighted_average_rate_pct", "Average accepted rate, weighted by amount (multiple price)"),
    _pct("offering_rate_pct", "Rate at which the Fed offered to deal (fixed rate, full allotment)"),
    _pct("award_rate_pct", "Rate awarded (reverse repo)"),
    UPDATED_AT,
)


def _face(name: str, description: str, is_nullable: bool = False, low: float = 0) -> Column:
    return Column(name, "decimal(18,2)", description, Unit.USD, is_nullable, plausible=(low, 3e13))


SOMA_COLUMNS = (
    Column("as_of_date", "date", "Wednesday of the holdings", is_nullable=False),
    _face("mbs_usd", "Agency mortgage-backed securities, current face"),
    _face("cmbs_usd", "Agency commercial mortgage-backed securities, current face"),
    _face("tips_usd", "Inflation-protected Treasuries, face without accretion"),
    _face("frn_usd", "Floating-rate Treasuries, face; empty when none are held", is_nullable=True),
    _face("tips_inflation_compensation_usd", "Accretion on the inflation-protected Treasuries; not in the total"),
    _face("notes_bonds_usd", "Treasury notes and bonds, face"),
    _face("bills_usd", "Treasury bills, face"),
    _face("agencies_usd", "Agency debt, face; empty when none is held", is_nullable=True),
    _face("total_usd", "All domestic holdings, face, without accretion", low=1e11),
)


# --- requests -------------------------------------------------------------------------------------------------------


def _window(start: date, today: date) -> tuple[tuple[str, str], ...]:
    return (("startDate", start.isoformat()), ("endDate", today.isoformat()))


def rate_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One search for each rate. The parameter `type` stays out: with it the answer lacks half of the fields."""
    for series in dataset.series:
        path, first = RATE_PATHS[series.id]
        start = max(first, plan.since(dataset, series.id))
        if start <= plan.today:
            yield Request(f"{API}/rates/{path}/search.json", _window(start, plan.today), series.id, start, plan.today)


def operation_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search for all operations; both datasets of operations read the same body."""
    start = plan.since(dataset)
    yield Request(f"{API}/rp/results/search.json", _window(start, plan.today), None, start, plan.today)


def soma_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """The summary has no parameters: every answer is the whole history."""
    yield Request(f"{API}/soma/summary.json", (), None, dataset.start, plan.today)


# --- parsers --------------------------------------------------------------------------------------------------------

# A bare asterisk as a value; the look-ahead keeps text that merely contains ': *' out of it.
_SUPPRESSED = re.compile(rb'((?<!\\)"\s*:\s*)\*(?=\s*[,}\]])')
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_CLOCK = re.compile(r"^\d\d:\d\d$")
_NO_NUMBER = frozenset({"", "NA"})


class _Rate(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    effective_date: date
    type: str
    percent_rate: float | msgspec.UnsetType = msgspec.UNSET
    percent_percentile1: float | str | None = None
    percent_percentile25: float | str | None = None
    percent_percentile75: float | str | None = None
    percent_percentile99: float | str | None = None
    volume_in_billions: float | msgspec.UnsetType = msgspec.UNSET
    target_rate_from: float | None = None
    target_rate_to: float | None = None
    intra_day_low: float | str | None = None
    intra_day_high: float | str | None = None
    std_deviation: float | str | None = None
    revision_indicator: str | None = None
    footnote_id: str | int | None = None
    # The next four belong to SOFRAI, the averages and the index, which share the answers of /rates/all.
    average30day: float | str | None = None
    average90day: float | str | None = None
    average180day: float | str | None = None
    index: float | str | None = None


class _Rates(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    ref_rates: list[_Rate]


class _Detail(msgspec.Struct, rename="camel"):
    security_type: str
    amt_submitted: int
    amt_accepted: int
    minimum_bid_rate: float | None = None
    percent_high_rate: float | None = None
    percent_low_rate: float | None = None
    percent_stop_out_rate: float | None = None
    percent_weighted_average_rate: float | None = None
    percent_offering_rate: float | None = None
    percent_award_rate: float | None = None


class _Operation(msgspec.Struct, rename="camel"):
    # Not closed: fields come and go with method and year. What guards it is the sum of the legs, see _results.
    operation_id: str
    auction_status: str
    operation_date: date
    operation_type: str
    settlement_date: date | None = None
    maturity_date: date | None = None
    operation_method: str | None = None
    settlement_type: str | None = None
    term: str | None = None
    term_days: int | None = msgspec.field(name="termCalenderDays", default=None)  # sic
    release_time: str | None = None
    close_time: str | None = None
    note: str | None = None
    last_updated: str | None = None
    operation_limit: int | None = None
    participating_cpty: int | None = None
    accepted_cpty: int | None = None
    total_amt_submitted: int | None = None
    total_amt_accepted: int | None = None
    details: list[_Detail] = []


class _Operations(msgspec.Struct):
    operations: list[_Operation]


class _Repo(msgspec.Struct):
    repo: _Operations


class _Holding(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    as_of_date: date
    mbs: str
    cmbs: str
    tips: str
    frn: str
    tips_inflation_compensation: str
    notesbonds: str
    bills: str
    agencies: str
    total: str


class _Summary(msgspec.Struct):
    summary: list[_Holding]


class _Soma(msgspec.Struct):
    soma: _Summary


def _number(value: float | str | None, dataset: Dataset, place: str) -> float | None:
    if isinstance(value, str):
        if value in _NO_NUMBER:
            return None
        raise ValueFormatError(f"{value!r} is no number", dataset=dataset.id, place=place)
    return value


def parse_rates(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Reference rates, `{"refRates": [...]}`: percent, and volume in USD billions.

    An answer without volume (asked with type=rate) or without rates (type=volume) is a LayoutError: the missing half
    would look like a revision. Rows of the averages and the index (SOFRAI) are left out with a note.
    """
    rows = from_json(body, _Rates, dataset.id).ref_rates
    kept = [row for row in rows if row.type != "SOFRAI"]
    notes = (f"{len(rows) - len(kept)} rows of SOFR averages and index left out",) if len(rows) > len(kept) else ()
    for row in kept:
        place = f"{row.type} {row.effective_date}"
        if request.scope and row.type != request.scope:
            raise LayoutError(f"a row of {row.type} where {request.scope} was asked", dataset=dataset.id, place=place)
        if row.percent_rate is msgspec.UNSET:
            raise LayoutError("percentRate is missing; was it asked with type=volume?", dataset=dataset.id, place=place)
        needs_volume = row.type != "EFFR" or row.effective_date >= EFFR_WITH_VOLUME
        if row.volume_in_billions is msgspec.UNSET and needs_volume:
            raise LayoutError(
                "volumeInBillions is missing; was it asked with type=rate?", dataset=dataset.id, place=place
            )
    records = [
        (
            row.type,
            row.effective_date,
            row.percent_rate,
            *(
                _number(getattr(row, field), dataset, f"{row.type} {row.effective_date} {field}")
                for field in (
                    "percent_percentile1",
                    "percent_percentile25",
                    "percent_percentile75",
                    "percent_percentile99",
                )
            ),
            None if row.volume_in_billions is msgspec.UNSET else row.volume_in_billions,
            row.target_rate_from,
            row.target_rate_to,
            *(
                _number(getattr(row, field), dataset, f"{row.type} {row.effective_date} {field}")
                for field in ("intra_day_low", "intra_day_high", "std_deviation")
            ),
            row.revision_indicator or None,
            str(row.footnote_id) if row.footnote_id not in (None, "") else None,
        )
        for row in kept
    ]
    return Parsed(pl.DataFrame(records, schema=dataset.schema, orient="row"), notes)


def _results(dataset: Dataset, body: bytes) -> tuple[list[_Operation], tuple[str, ...]]:
    """Operations that have results, and a note on the others. The legs must add up to each operation's total."""
    operations = from_json(_SUPPRESSED.sub(rb"\1null", body), _Repo, dataset.id).repo.operations
    results = [operation for operation in operations if operation.auction_status == "Results"]
    for operation in results:
        legs = sum(detail.amt_accepted for detail in operation.details)
        if operation.total_amt_accepted is not None and legs != operation.total_amt_accepted:
            raise ValueFormatError(
                f"the legs add up to {legs} dollars, totalAmtAccepted says {operation.total_amt_accepted}",
                dataset=dataset.id,
                place=operation.operation_id,
            )
    left_out = len(operations) - len(results)
    return results, (f"{left_out} operations without results left out",) if left_out else ()


def _plain(note: str | None) -> str | None:
    """A note as one line of plain text; null and empty are the same."""
    return " ".join(html.unescape(_TAG.sub(" ", note)).split()) or None if note else None


def _clock(text: str | None, dataset: Dataset, place: str) -> str | None:
    if text and not _CLOCK.match(text):
        raise ValueFormatError(f"{text!r} is no HH:MM", dataset=dataset.id, place=place)
    return text or None


def _updated_at(dataset: Dataset, operations: list[_Operation]) -> list[datetime]:
    """When each operation's record was last touched, as naive UTC."""
    wire = pl.Series([o.last_updated or None for o in operations], dtype=pl.String())
    # In the hour that a clock change repeats, the later reading never claims knowledge too early.
    updated_at = (
        wire.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
        .dt.replace_time_zone("America/New_York", ambiguous="latest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None)
    )
    if (bad := wire.is_not_null() & updated_at.is_null()).any():
        row = bad.arg_true()[0]
        raise ValueFormatError(
            f"{wire[row]!r} is no New York time",
            dataset=dataset.id,
            place=f"{operations[row].operation_id} lastUpdated",
        )
    return updated_at.to_list()


def parse_operations(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each operation with results, amounts in whole US dollars."""
    results, notes = _results(dataset, body)
    records = [
        (
            o.operation_id,
            o.operation_date,
            o.settlement_date,
            o.maturity_date,
            o.auction_status,
            o.operation_type,
            o.operation_method,
            o.settlement_type,
            o.term,
            o.term_days,
            _clock(o.release_time, dataset, f"{o.operation_id} releaseTime"),
            _clock(o.close_time, dataset, f"{o.operation_id} closeTime"),
            _plain(o.note),
            o.operation_limit,
            o.participating_cpty,
            o.accepted_cpty,
            o.total_amt_submitted,
            o.total_amt_accepted,
            updated_at,
        )
        for o, updated_at in zip(results, _updated_at(dataset, results), strict=True)
    ]
    return Parsed(pl.DataFrame(records, schema=dataset.schema, orient="row"), notes)


def parse_operation_details(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each operation and kind of collateral, amounts in whole US dollars."""
    results, notes = _results(dataset, body)
    records = [
        (
            o.operation_id,
            d.security_type,
            o.operation_date,
            o.operation_type,
            d.amt_submitted,
            d.amt_accepted,
            d.minimum_bid_rate,
            d.percent_high_rate,
            d.percent_low_rate,
            d.percent_stop_out_rate,
            d.percent_weighted_average_rate,
            d.percent_offering_rate,
            d.percent_award_rate,
            updated_at,
        )
        for o, updated_at in zip(results, _updated_at(dataset, results), strict=True)
        for d in o.details
    ]
    return Parsed(pl.DataFrame(records, schema=dataset.schema, orient="row"), notes)


_IN_TOTAL = ("mbs_usd", "cmbs_usd", "tips_usd", "frn_usd", "notes_bonds_usd", "bills_usd", "agencies_usd")
# Of 1,168 recorded weeks 552, all of 2009-01 to 2020-10, are off by rounding: mostly cents, at most 2.40 dollars.
SOMA_TOLERANCE_USD = 5


def parse_soma(dataset: Dataset, body: bytes, request: Request) -> pl.DataFrame:
    """Weekly SOMA summary, text amounts in dollars and cents, `""` for none.

    Its parts must add up to the total, in which the accretion on TIPS has no share.
    """
    rows = from_json(body, _Soma, dataset.id).soma.summary
    wire = dict(zip((c.name for c in SOMA_COLUMNS), _Holding.__struct_fields__, strict=True))
    frame = pl.DataFrame(
        [
            pl.Series(name, [getattr(row, field) for row in rows], pl.Date() if name == "as_of_date" else pl.String())
            for name, field in wire.items()
        ]
    )
    frame = frame.with_columns(
        strict(frame[name], dtype, dataset.id, missing=frozenset({""}))
        for name, dtype in dataset.schema.items()
        if name != "as_of_date"
    )
    parts = pl.sum_horizontal(pl.col(name).fill_null(0) for name in _IN_TOTAL)
    wrong = frame.filter((parts - pl.col("total_usd")).abs() > SOMA_TOLERANCE_USD)
    if not wrong.is_empty():
        raise ValueFormatError(
            f"the parts do not add up to the total of {wrong['total_usd'][0]}",
            dataset=dataset.id,
            place=str(wrong["as_of_date"][0]),
        )
    return frame


# --- datasets -------------------------------------------------------------------------------------------------------

REFERENCE_RATES = Dataset(
    provider="nyfed",
    name="reference_rates",
    title="Reference rates of the money market",
    description="SOFR, TGCR, BGCR, EFFR and OBFR with percentiles and volume, by day of the trades.",
    columns=RATE_COLUMNS,
    key=("rate_type", "effective_date"),
    date_column="effective_date",
    cadence=Cadence.DAILY,
    release=UNSECURED,
    start=date(2000, 7, 3),
    window_days=14,
    licence=TERMS,
    requests=rate_requests,
    parse=parse_rates,
    series=RATE_SERIES,
    series_column="rate_type",
    rests_on="recordings of SOFR, EFFR and OBFR 2023-2026; TGCR, BGCR and rows before 2018 on others' code",
)

REPO_OPERATIONS = Dataset(
    provider="nyfed",
    name="repo_operations",
    title="Repo and reverse repo operations",
    description="Every repo and reverse repo operation with results: standing repo, overnight reverse repo, exercises.",
    columns=OPERATION_COLUMNS,
    key=("operation_id",),
    date_column="operation_date",
    cadence=Cadence.DAILY,
    release=SAME_DAY,
    start=date(2013, 9, 23),
    window_days=14,
    licence=TERMS,
    requests=operation_requests,
    bodies="rp_results",
    calendar=Calendar.SIFMA,  # no operation on Good Fridays, 2021-12-24 or 2026-07-03 in the recordings
    parse=parse_operations,
    stamped_at="last_updated_at",
    rests_on="recordings of 2022-2025; full allotment (2026) and 2020 shapes on wire notes taken from recordings",
)

REPO_OPERATION_DETAILS = Dataset(
    provider="nyfed",
    name="repo_operation_details",
    title="Repo and reverse repo operations by collateral",
    description="Amounts and rates of every operation with results, by kind of collateral.",
    columns=DETAIL_COLUMNS,
    key=("operation_id", "security_type"),
    date_column="operation_date",
    cadence=Cadence.DAILY,
    release=SAME_DAY,
    start=date(2013, 9, 23),
    window_days=14,
    licence=TERMS,
    requests=operation_requests,
    bodies="rp_results",
    calendar=Calendar.SIFMA,  # no operation on Good Fridays, 2021-12-24 or 2026-07-03 in the recordings
    parse=parse_operation_details,
    stamped_at="last_updated_at",
    rests_on=REPO_OPERATIONS.rests_on,
)

SOMA_SUMMARY = Dataset(
    provider="nyfed",
    name="soma_summary",
    title="System Open Market Account, summary",
    description="Face value of the Fed's domestic securities by class, each Wednesday.",
    columns=SOMA_COLUMNS,
    key=("as_of_date",),
    date_column="as_of_date",
    cadence=Cadence.WEEKLY,
    release=H41,
    start=date(2003, 7, 9),
    window_days=28,
    licence=TERMS,
    requests=soma_requests,
    parse=parse_soma,
    rests_on="recording of the whole history to 2025-11-19; hour of publication remembered",
)

PROVIDER = Provider(
    name="nyfed",
    title="Federal Reserve Bank of New York",
    homepage="https://markets.newyorkfed.org",
    hosts=("markets.newyorkfed.org",),
    datasets=(REFERENCE_RATES, REPO_OPERATIONS, REPO_OPERATION_DETAILS, SOMA_SUMMARY),
    pace=1.0,
)
