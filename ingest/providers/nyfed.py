"""The New York Fed's Markets API: rates, repo operations and their counterparties, dealers, swap lines, the portfolio.

No key. The JSON is printed from a template, not serialised: suppressed numbers can come as a bare `*`, which is no
JSON, and fields come and go with the kind of operation and the year. Four units live in one API: rates speak billions
of dollars, operations whole dollars, SOMA dollars and cents as text, dealers millions as text. A search that matches
nothing answers 200 with an empty list. Of swaps and Treasury operations no body was recorded: their fields are those
that the tests of public projects show, and each dataset says so in `rests_on`. Of the others, field lists, units and
the empty answer were seen in recorded bodies, `"NA"` percentiles too; the bare `*`, the fields of the broker-era EFFR
and the table of rates that the site exports (dates MM/DD/YYYY, one heading row for all rates) are known from other
people's code only; hours of publication are partly remembered.

What must not be here: SQL, the network, formulas.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec
import polars as pl
from msgspec import field
from msgspec.structs import asdict

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
from ingest.decode import by_name, from_json, readable, strict
from ingest.errors import LayoutError, UnreadableBodyError, ValueFormatError

API = "https://markets.newyorkfed.org/api"

TERMS = Licence(
    "New York Fed Terms of Use",
    True,
    "Whoever presents reference rates must say that they are subject to the Terms of Use posted at newyorkfed.org and "
    "that the New York Fed neither endorses the republication nor is liable for it; SOFR and BGCR rest on DTCC data "
    "and carry its disclaimer too (read in another project's notes of 2026-09-16, not on the page itself).",
    "https://www.newyorkfed.org/termsofuse",
)

SECURED = Release(time(8, 0), "about 08:00, documented by the OFR", business_days=1, calendar=Calendar.SIFMA)
UNSECURED = Release(time(9, 0), "about 09:00, documented by the OFR", business_days=1, calendar=Calendar.FED)
# Recorded results carry a last update within a minute of the close, the latest regular close being 13:45. Each row is
# known from its own stamp, the morning's of the standing facility (since 2025-06-26) from about 08:30; the rule says
# when a day is whole.
SAME_DAY = Release(time(13, 50), "recorded time stamps of 2022-2025")
H41 = Release(time(16, 30), "Thursday about 16:30, remembered", business_days=1)
# Late by a quarter: on 2025-11-24 the newest was 2025-09-30. No rule by the day is exact, so this is one that no day of
# a quarter beats (92 days of quarter and 46 after it); it never claims knowledge too early.
QUARTER_LATE = Release(
    time(16, 0), "a quarter late: 2025-09-30 was the newest recorded on 2025-11-24", days=138, grace=timedelta(days=30)
)
DEALERS = Release(time(16, 15), "Thursday of the following week about 16:15, quoted from the publisher's page", days=8)
# No rule is published for operations that come when they are needed; what is late is only told after a long silence.
SWAPS = Release(time(16, 0), "Thursday of the following week, remembered", days=8, grace=timedelta(days=45))
PURCHASES = Release(time(13, 0), "minutes after the close, as one published row shows", grace=timedelta(days=20))

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
    Column("as_of_date", "date", "Day of the holdings: Wednesday, or Tuesday before a holiday", is_nullable=False),
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

COUNTERPARTIES = frozenset({"bank", "gse", "mmf", "pd"})
PROPOSITION_COLUMNS = (
    Column("operation_id", "varchar", "The publisher's name of the operation; opaque", is_nullable=False),
    Column(
        "counterparty_type",
        "varchar",
        "Who lent to the Fed: bank, gse (housing agencies), mmf (money funds) or pd (primary dealers)",
        is_nullable=False,
        allowed=COUNTERPARTIES,
    ),
    Column("operation_date", "date", "Day on which the operation was held", is_nullable=False),
    Column("accepted_usd", "bigint", "Amount accepted from them", Unit.USD, False, plausible=_USD_PLAUSIBLE),
    Column("note", "varchar", "The publisher's remark; names small-value exercises"),
)

# From when each form of the survey is in force, as another project's copy of the publisher's menu has it. A key id that
# goes on across a break may count something slightly different after it.
SERIES_BREAKS = (
    (date(2013, 4, 1), "SBN2013"),
    (date(2015, 1, 1), "SBN2015"),
    (date(2022, 1, 5), "SBN2022"),
    (date(2024, 7, 3), "SBN2024"),
)
DEALER_COLUMNS = (
    Column("key_id", "varchar", "The publisher's name of the line of the survey", is_nullable=False),
    Column("as_of_date", "date", "Wednesday of the position", is_nullable=False),
    Column(
        "series_break",
        "varchar",
        "Form of the survey in force that day; lines are only quite comparable within one",
        is_nullable=False,
        allowed=frozenset(name for _, name in SERIES_BREAKS),
    ),
    Column(
        "value_usd_mn",
        "double",
        "Net position (long less short) or amount financed; suppressed ones are left out",
        Unit.USD_MN,
        False,
        plausible=(-600_000, 8_000_000),
    ),
)


def _net(key_id: str, what: str, high: float, low: float = -200, is_discontinued: bool = False) -> Series:
    return Series(
        key_id,
        f"Primary dealers, net position: {what}",
        Unit.USD_MN,
        (low, high),
        "long less short",
        is_discontinued=is_discontinued,
    )


def _financed(key_id: str, what: str, high: float) -> Series:
    return Series(key_id, f"Primary dealers: {what}", Unit.USD_MN, (1, high), "outstanding")


# Ids and what they mean are those of the recorded list of November 2025; the discontinued one is from public code.
DEALER_POSITIONS = (
    _net("PDPOSGS-B", "Treasury bills", 600),
    _net("PDPOSGS-BFRN", "floating-rate Treasuries", 200),
    _net("PDPOSGSC-L2", "Treasury coupons, at most 2 years", 400),
    _net("PDPOSGSC-G2L3", "Treasury coupons, 2 to 3 years", 300),
    _net("PDPOSGSC-G3L6", "Treasury coupons, 3 to 6 years", 400),
    _net("PDPOSGSC-G6L7", "Treasury coupons, 6 to 7 years", 300),
    _net("PDPOSGSC-G7L11", "Treasury coupons, 7 to 11 years", 300),
    _net("PDPOSGSC-G11", "Treasury coupons, over 11 years, until the end of 2021", 300, is_discontinued=True),
    _net("PDPOSGSC-G11L21", "Treasury coupons, 11 to 21 years, from 2022", 300),
    _net("PDPOSGSC-G21", "Treasury coupons, over 21 years, from 2022", 300),
    _net("PDPOSTIPS-L2", "inflation-protected Treasuries, at most 2 years", 200),
    _net("PDPOSTIPS-G2", "inflation-protected Treasuries, 2 to 6 years", 200),
    _net("PDPOSTIPS-G6L11", "inflation-protected Treasuries, 6 to 11 years", 200),
    _net("PDPOSTIPS-G11", "inflation-protected Treasuries, over 11 years", 200),
    # Its label leaves inflation-protected securities out, its figures do not: another project found that total and
    # lines with them agree to the dollar over 600 weeks.
    _net("PDPOSGST-TOT", "all Treasuries", 2_000, low=-500),
)
DEALER_FINANCING = (
    _financed("PDSORA-UTSETTOT", "repo of Treasuries other than inflation-protected: borrowed", 8_000),
    _financed("PDSORA-UTSTTOT", "repo of inflation-protected Treasuries: borrowed", 1_000),
    _financed("PDSIRRA-UTSETTOT", "reverse repo of Treasuries other than inflation-protected: lent", 8_000),
    _financed("PDSIRRA-UTSTTOT", "reverse repo of inflation-protected Treasuries: lent", 1_000),
)

SWAP_COLUMNS = (
    Column("counterparty", "varchar", "Central bank that drew the dollars", is_nullable=False),
    Column("trade_date", "date", "Day on which the swap was agreed", is_nullable=False),
    Column("settlement_date", "date", "Day on which the dollars go out", is_nullable=False),
    Column("maturity_date", "date", "Day on which they come back", is_nullable=False),
    Column(
        "repeat_count",
        "bigint",
        "1, 2 ... among swaps that agree in all of the above, by amount",
        Unit.COUNT,
        False,
        plausible=(1, 50),
    ),
    Column("term_days", "bigint", "Calendar days to maturity", Unit.DAYS, plausible=(1, 400)),
    Column("amount_usd", "double", "Amount drawn", Unit.USD, False, plausible=(0, 1e12)),
    _pct("interest_rate_pct", "Rate that the counterparty pays"),
    Column("is_small_value", "boolean", "Whether it was only an exercise", is_nullable=False),
)

PURCHASE_COLUMNS = (
    Column("operation_id", "varchar", "The publisher's name of the operation; opaque", is_nullable=False),
    Column("operation_date", "date", "Day on which the operation was held", is_nullable=False),
    Column("settlement_date", "date", "Day on which cash and securities change hands"),
    Column("auction_status", "varchar", "Always Results; announcements are left out", is_nullable=False),
    Column("operation_type", "varchar", "Outright Bill Purchase, Outright Coupon Purchase ...", is_nullable=False),
    Column(
        "operation_direction",
        "varchar",
        "P: the Fed buys, S: it sells",
        is_nullable=False,
        allowed=frozenset({"P", "S"}),
    ),
    Column("auction_method", "varchar", "Multiple Price or Single Price"),
    Column("maturity_from_date", "date", "Earliest maturity that could be offered"),
    Column("maturity_to_date", "date", "Latest maturity that could be offered"),
    Column("release_time", "varchar", "Opening, HH:MM in New York"),
    Column("close_time", "varchar", "Closing, HH:MM in New York"),
    Column("note", "varchar", "The publisher's remark; names small-value exercises"),
    Column("submitted_usd", "bigint", "Par offered or bid", Unit.USD, plausible=_USD_PLAUSIBLE),
    Column("accepted_usd", "bigint", "Par accepted", Unit.USD, False, plausible=_USD_PLAUSIBLE),
    Column("last_updated_at", "timestamp", "When the publisher last touched the record (UTC; New York on the wire)"),
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


def proposition_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search of reverse repo operations with their counterparties."""
    start = plan.since(dataset)
    url = f"{API}/rp/reverserepo/propositions/search.json"
    yield Request(url, _window(start, plan.today), None, start, plan.today)


def dealer_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """Positions and financing, each with all its lines in one address, as recorded.

    Without a series break in the address a line comes with its whole history (since 2013-04-03), whatever the plan.
    The answer covers some lines of the dataset only, so nothing counts as withdrawn; a line that is missing altogether
    is refused by the parser.
    """
    for group in (DEALER_POSITIONS, DEALER_FINANCING):
        yield Request(f"{API}/pd/get/{'_'.join(series.id for series in group)}.json")


def swap_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search of all central bank swaps, by trade date."""
    start = plan.since(dataset)
    yield Request(f"{API}/fxs/all/search.json", _window(start, plan.today), None, start, plan.today)


def purchase_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search of all outright Treasury operations, totals only."""
    start = plan.since(dataset)
    url = f"{API}/tsy/all/results/summary/search.json"
    yield Request(url, _window(start, plan.today), None, start, plan.today)


# --- parsers --------------------------------------------------------------------------------------------------------

# A bare asterisk as a value; the look-ahead keeps text that merely contains ': *' out of it.
_SUPPRESSED = re.compile(rb'((?<!\\)"\s*:\s*)\*(?=\s*[,}\]])')
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_CLOCK = re.compile(r"^\d\d:\d\d$")
_NO_NUMBER = frozenset({"", "NA"})
_BLANK = frozenset({""})
_WEDNESDAY = 3


# Fields are called as their columns, and say how the wire calls them; a value reaches its column by this name alone.
class _Rate(msgspec.Struct, forbid_unknown_fields=True):
    rate_type: str = field(name="type")
    effective_date: date = field(name="effectiveDate")
    rate_pct: float | msgspec.UnsetType = field(name="percentRate", default=msgspec.UNSET)
    percentile_1_pct: float | str | None = field(name="percentPercentile1", default=None)
    percentile_25_pct: float | str | None = field(name="percentPercentile25", default=None)
    percentile_75_pct: float | str | None = field(name="percentPercentile75", default=None)
    percentile_99_pct: float | str | None = field(name="percentPercentile99", default=None)
    volume_usd_bn: float | msgspec.UnsetType = field(name="volumeInBillions", default=msgspec.UNSET)
    target_from_pct: float | str | None = field(name="targetRateFrom", default=None)
    target_to_pct: float | str | None = field(name="targetRateTo", default=None)
    intraday_low_pct: float | str | None = field(name="intraDayLow", default=None)
    intraday_high_pct: float | str | None = field(name="intraDayHigh", default=None)
    std_dev_pct: float | str | None = field(name="stdDeviation", default=None)
    revision_indicator: str | None = field(name="revisionIndicator", default=None)
    footnote_id: str | int | None = field(name="footnoteId", default=None)
    # The next four belong to SOFRAI, the averages and the index, which share the answers of /rates/all.
    average30day: float | str | None = None
    average90day: float | str | None = None
    average180day: float | str | None = None
    index: float | str | None = None


class _Rates(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    ref_rates: list[_Rate]


class _Detail(msgspec.Struct):
    security_type: str = field(name="securityType")
    submitted_usd: int = field(name="amtSubmitted")
    accepted_usd: int = field(name="amtAccepted")
    minimum_bid_rate_pct: float | None = field(name="minimumBidRate", default=None)
    high_rate_pct: float | None = field(name="percentHighRate", default=None)
    low_rate_pct: float | None = field(name="percentLowRate", default=None)
    stop_out_rate_pct: float | None = field(name="percentStopOutRate", default=None)
    weighted_average_rate_pct: float | None = field(name="percentWeightedAverageRate", default=None)
    offering_rate_pct: float | None = field(name="percentOfferingRate", default=None)
    award_rate_pct: float | None = field(name="percentAwardRate", default=None)


class _Operation(msgspec.Struct):
    # Not closed: fields come and go with method and year. What guards it is the sum of the legs, see _results.
    operation_id: str = field(name="operationId")
    auction_status: str = field(name="auctionStatus")
    operation_date: date = field(name="operationDate")
    operation_type: str = field(name="operationType")
    settlement_date: date | None = field(name="settlementDate", default=None)
    maturity_date: date | None = field(name="maturityDate", default=None)
    operation_method: str | None = field(name="operationMethod", default=None)
    settlement_type: str | None = field(name="settlementType", default=None)
    term: str | None = None
    term_days: int | None = field(name="termCalenderDays", default=None)  # sic
    release_time: str | None = field(name="releaseTime", default=None)
    close_time: str | None = field(name="closeTime", default=None)
    note: str | None = None
    last_updated: str | None = field(name="lastUpdated", default=None)
    operation_limit_usd: int | None = field(name="operationLimit", default=None)
    participating_count: int | None = field(name="participatingCpty", default=None)
    accepted_count: int | None = field(name="acceptedCpty", default=None)
    submitted_usd: int | None = field(name="totalAmtSubmitted", default=None)
    accepted_usd: int | None = field(name="totalAmtAccepted", default=None)
    details: list[_Detail] = []


class _Operations(msgspec.Struct):
    operations: list[_Operation]


class _Repo(msgspec.Struct):
    repo: _Operations


class _Proposition(msgspec.Struct):
    counterparty_type: str = field(name="counterpartyType")
    accepted_usd: int = field(name="amtAccepted")


class _WithPropositions(msgspec.Struct):
    operation_id: str = field(name="operationId")
    operation_date: date = field(name="operationDate")
    note: str | None = None
    total_usd: int | None = field(name="totalAmtAccepted", default=None)
    propositions: list[_Proposition] = []


class _PropositionList(msgspec.Struct):
    operations: list[_WithPropositions]


class _Propositions(msgspec.Struct):
    repo: _PropositionList


class _DealerValue(msgspec.Struct):
    asofdate: date
    keyid: str
    value: str | None


class _DealerValues(msgspec.Struct):
    timeseries: list[_DealerValue]


class _Dealers(msgspec.Struct):
    pd: _DealerValues


class _Swap(msgspec.Struct):
    operation_type: str = field(name="operationType")
    counterparty: str
    currency: str
    trade_date: date = field(name="tradeDate")
    settlement_date: date = field(name="settlementDate")
    maturity_date: date = field(name="maturityDate")
    amount_usd: float = field(name="amount")
    term_days: int | None = field(name="termInDays", default=None)
    interest_rate_pct: float | None = field(name="interestRate", default=None)
    is_small_value: Literal["Y", "N", ""] = field(name="isSmallValue", default="")


class _SwapList(msgspec.Struct):
    operations: list[_Swap]


class _Swaps(msgspec.Struct, rename="camel"):
    fx_swaps: _SwapList


class _Purchase(msgspec.Struct):
    operation_id: str = field(name="operationId")
    auction_status: str = field(name="auctionStatus")
    operation_type: str = field(name="operationType")
    operation_date: date = field(name="operationDate")
    operation_direction: str = field(name="operationDirection")
    accepted_usd: str = field(name="totalParAmtAccepted")
    submitted_usd: str | None = field(name="totalParAmtSubmitted", default=None)
    settlement_date: str | None = field(name="settlementDate", default=None)
    maturity_from_date: str | None = field(name="maturityRangeStart", default=None)
    maturity_to_date: str | None = field(name="maturityRangeEnd", default=None)
    auction_method: str | None = field(name="auctionMethod", default=None)
    release_time: str | None = field(name="releaseTime", default=None)
    close_time: str | None = field(name="closeTime", default=None)
    note: str | None = None
    last_updated: str | None = field(name="lastUpdated", default=None)


class _PurchaseList(msgspec.Struct):
    auctions: list[_Purchase]


class _Purchases(msgspec.Struct):
    treasury: _PurchaseList


class _Holding(msgspec.Struct, forbid_unknown_fields=True):
    as_of_date: date = field(name="asOfDate")
    mbs_usd: str = field(name="mbs")
    cmbs_usd: str = field(name="cmbs")
    tips_usd: str = field(name="tips")
    frn_usd: str = field(name="frn")
    tips_inflation_compensation_usd: str = field(name="tipsInflationCompensation")
    notes_bonds_usd: str = field(name="notesbonds")
    bills_usd: str = field(name="bills")
    agencies_usd: str = field(name="agencies")
    total_usd: str = field(name="total")


class _Summary(msgspec.Struct):
    summary: list[_Holding]


class _Soma(msgspec.Struct):
    soma: _Summary


_RATE_NUMBERS = tuple(column.name for column in RATE_COLUMNS if column.dtype == "double")


def _number(value: object, dataset: Dataset, place: str) -> object:
    """``value``, None for what stands where there is no number; ValueFormatError for any other text."""
    if isinstance(value, str):
        if value in _NO_NUMBER:
            return None
        raise ValueFormatError(f"{value!r} is no number", dataset=dataset.id, place=place)
    return None if value is msgspec.UNSET else value


def _rates_from_api(dataset: Dataset, body: bytes) -> list[dict[str, object]]:
    """Rows of `{"refRates": [...]}`; LayoutError for one without rate or, where it must have one, without volume."""
    rows = from_json(body, _Rates, dataset.id).ref_rates
    for row in rows:
        place = f"{row.rate_type} {row.effective_date}"
        if row.rate_type == _AVERAGES:
            continue
        if row.rate_pct is msgspec.UNSET:
            raise LayoutError("percentRate is missing; was it asked with type=volume?", dataset=dataset.id, place=place)
        if row.volume_usd_bn is msgspec.UNSET and _has_volume(row.rate_type, row.effective_date):
            raise LayoutError(
                "volumeInBillions is missing; was it asked with type=rate?", dataset=dataset.id, place=place
            )
    return [asdict(row) for row in rows]


def _has_volume(rate_type: str, day: date) -> bool:
    return rate_type != "EFFR" or day >= EFFR_WITH_VOLUME


_AVERAGES = "SOFRAI"
# Heading of the site's own table, and of the API's CSV, for each column; the last four belong to the averages.
RATE_HEADINGS = {
    "effective date": "effective_date",
    "rate type": "rate_type",
    "rate (%)": "rate_pct",
    "1st percentile (%)": "percentile_1_pct",
    "25th percentile (%)": "percentile_25_pct",
    "75th percentile (%)": "percentile_75_pct",
    "99th percentile (%)": "percentile_99_pct",
    "volume ($billions)": "volume_usd_bn",
    "target rate from (%)": "target_from_pct",
    "target rate to (%)": "target_to_pct",
    "intra day - low (%)": "intraday_low_pct",
    "intra day - high (%)": "intraday_high_pct",
    "standard deviation (%)": "std_dev_pct",
    "revision indicator (y/n)": "revision_indicator",
    "footnote id": "footnote_id",
}
_OTHER_HEADINGS = frozenset({"30-day average sofr", "90-day average sofr", "180-day average sofr", "sofr index"})
_AMERICAN_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_THOUSANDS = re.compile(r"^\d{1,3}(,\d{3})+$")


def _is_table(body: bytes) -> bool:
    first = body.lstrip(b"\xef\xbb\xbf\r\n ").split(b"\n", 1)[0].lower()
    return not first.startswith((b"{", b"[")) and any(heading.encode() in first for heading in RATE_HEADINGS)


def _cell(text: str, column: str, dataset: Dataset, place: str) -> object:
    """One cell of a table in its type; numbers may have commas at the thousands, days come as MM/DD/YYYY or ISO."""
    if column == "effective_date":
        try:
            return date.fromisoformat(_AMERICAN_DAY.sub(lambda m: f"{m[3]}-{m[1]:0>2}-{m[2]:0>2}", text))
        except ValueError:
            raise ValueFormatError(f"{text!r} is no day", dataset=dataset.id, place=place) from None
    if column not in _RATE_NUMBERS or text in _NO_NUMBER:
        return text
    try:
        return float(text.replace(",", "") if _THOUSANDS.match(text) else text)
    except ValueError:
        raise ValueFormatError(f"{text!r} is no number", dataset=dataset.id, place=place) from None


def _rates_from_table(
    dataset: Dataset, body: bytes, scope: str | None
) -> tuple[list[dict[str, object]], tuple[str, ...], tuple[str, ...]]:
    """Rows of the CSV that the site exports, by its headings, in any order; notes; columns that it lacks.

    Day, rate and its kind (or ``scope`` for it) must be there; of other columns that are not a note tells. Empty lines,
    remarks below the table and days without a rate are left out.
    """
    try:
        lines = list(csv.reader(readable(body, dataset.id).decode().splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableBodyError(f"no CSV: {error}", dataset=dataset.id) from None
    headings = [" ".join(cell.lower().split()) for cell in lines[0]]
    wanted = {column: heading for heading, column in RATE_HEADINGS.items()}
    given = {"rate_type": scope} if scope and wanted["rate_type"] not in headings else {}
    needed = [column.name for column in dataset.columns if not column.is_nullable and column.name not in given]
    if missing := [wanted[name] for name in needed if wanted[name] not in headings]:
        raise LayoutError(
            f"no column {missing}; export the table with all of its columns (of one rate: with --series)",
            dataset=dataset.id,
        )
    unknown = sorted(set(headings) - RATE_HEADINGS.keys() - _OTHER_HEADINGS - {""})
    if unknown or len(set(headings)) < len(headings):
        raise LayoutError(f"unknown or repeated headings: {unknown or headings}", dataset=dataset.id)
    absent = [name for name in dataset.schema if wanted[name] not in headings and name not in given]
    rows, without_rate = [], 0
    for number, line in enumerate(lines[1:], start=2):
        cells = dict(zip(headings, (cell.strip() for cell in line), strict=False))
        filled = [cell for cell in cells.values() if cell]
        if not filled or (len(filled) == 1 and not filled[0][0].isdigit()):
            continue
        if len(line) != len(headings):
            raise UnreadableBodyError(f"line {number} is cut short: {','.join(line)[-60:]!r}", dataset=dataset.id)
        row = {
            name: _cell(cells.get(wanted[name], ""), name, dataset, f"line {number} {wanted[name]}")
            for name in dataset.schema
        } | given
        if row["rate_type"] != _AVERAGES and row["rate_pct"] in _NO_NUMBER:
            without_rate += 1
            continue
        day = row["effective_date"]
        is_complete = "volume_usd_bn" in absent or row["volume_usd_bn"] not in _NO_NUMBER
        if row["rate_type"] in RATE_PATHS and not is_complete and _has_volume(str(row["rate_type"]), day):  # type: ignore[arg-type]
            raise LayoutError("no volume; was it asked with type=rate?", dataset=dataset.id, place=f"line {number}")
        rows.append(row)
    silent = ", ".join(repr(wanted[name]) for name in absent)
    notes = [f"no column {silent}: empty in new rows, as it was in rows that are held already"] if absent else []
    notes += [f"{without_rate} days without a rate left out"] if without_rate else []
    return rows, tuple(notes), tuple(absent)


def parse_rates(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Reference rates, `{"refRates": [...]}` or the site's CSV export: percent, and volume in USD billions.

    An answer without volume (asked with type=rate) or without rates (type=volume) is a LayoutError: the missing half
    would look like a revision. Rows of the averages and the index (SOFRAI) are left out with a note.
    """
    notes: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    if _is_table(body):
        rows, notes, unsaid = _rates_from_table(dataset, body, request.scope)
    else:
        rows = _rates_from_api(dataset, body)
    kept = [row for row in rows if row["rate_type"] != _AVERAGES]
    notes += (f"{len(rows) - len(kept)} rows of SOFR averages and index left out",) if len(rows) > len(kept) else ()
    for row in kept:
        place = f"{row['rate_type']} {row['effective_date']}"
        if request.scope and row["rate_type"] != request.scope:
            raise LayoutError(
                f"a row of {row['rate_type']} where {request.scope} was asked", dataset=dataset.id, place=place
            )
        for name in _RATE_NUMBERS:
            row[name] = _number(row[name], dataset, f"{place} {name}")
        row["revision_indicator"] = row["revision_indicator"] or None
        row["footnote_id"] = str(row["footnote_id"]) if row["footnote_id"] not in (None, "") else None
    return Parsed(by_name(kept, dataset.schema), notes, unsaid=unsaid)


def _results(dataset: Dataset, body: bytes) -> tuple[list[_Operation], tuple[str, ...]]:
    """Operations that have results, and a note on the others. The legs must add up to each operation's total."""
    operations = from_json(_SUPPRESSED.sub(rb"\1null", body), _Repo, dataset.id).repo.operations
    results = [operation for operation in operations if operation.auction_status == "Results"]
    for operation in results:
        legs = sum(detail.accepted_usd for detail in operation.details)
        if operation.accepted_usd is not None and legs != operation.accepted_usd:
            raise ValueFormatError(
                f"the legs add up to {legs} dollars, totalAmtAccepted says {operation.accepted_usd}",
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


def _updated_at(dataset: Dataset, operations: list[_Operation] | list[_Purchase]) -> list[datetime]:
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
    rows = [
        asdict(o)
        | {
            "release_time": _clock(o.release_time, dataset, f"{o.operation_id} releaseTime"),
            "close_time": _clock(o.close_time, dataset, f"{o.operation_id} closeTime"),
            "note": _plain(o.note),
            "last_updated_at": updated_at,
        }
        for o, updated_at in zip(results, _updated_at(dataset, results), strict=True)
    ]
    return Parsed(by_name(rows, dataset.schema), notes)


def parse_operation_details(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each operation and kind of collateral, amounts in whole US dollars."""
    results, notes = _results(dataset, body)
    rows = [
        asdict(d)
        | {
            "operation_id": o.operation_id,
            "operation_date": o.operation_date,
            "operation_type": o.operation_type,
            "last_updated_at": updated_at,
        }
        for o, updated_at in zip(results, _updated_at(dataset, results), strict=True)
        for d in o.details
    ]
    return Parsed(by_name(rows, dataset.schema), notes)


_IN_TOTAL = ("mbs_usd", "cmbs_usd", "tips_usd", "frn_usd", "notes_bonds_usd", "bills_usd", "agencies_usd")
# Of 1,168 recorded weeks 552, all of 2009-01 to 2020-10, are off by rounding: mostly cents, at most 2.40 dollars.
SOMA_TOLERANCE_USD = 5


def parse_soma(dataset: Dataset, body: bytes, request: Request) -> pl.DataFrame:
    """Weekly SOMA summary, text amounts in dollars and cents, `""` for none.

    Its parts must add up to the total, in which the accretion on TIPS has no share.
    """
    rows = from_json(body, _Soma, dataset.id).soma.summary
    text = dict.fromkeys(dataset.schema, pl.String()) | {"as_of_date": pl.Date()}
    frame = by_name([asdict(row) for row in rows], text)
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


def parse_propositions(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each reverse repo operation and kind of counterparty, amounts in whole US dollars.

    Operations whose split is not out yet have none and are left out with a note. A split must add up to its
    operation's total; ValueFormatError otherwise.
    """
    operations = from_json(_SUPPRESSED.sub(rb"\1null", body), _Propositions, dataset.id).repo.operations
    with_split = [operation for operation in operations if operation.propositions]
    for o in with_split:
        split = sum(proposition.accepted_usd for proposition in o.propositions)
        if o.total_usd is not None and split != o.total_usd:
            raise ValueFormatError(
                f"the counterparties add up to {split} dollars, totalAmtAccepted says {o.total_usd}",
                dataset=dataset.id,
                place=o.operation_id,
            )
    rows = [
        asdict(p) | {"operation_id": o.operation_id, "operation_date": o.operation_date, "note": _plain(o.note)}
        for o in with_split
        for p in o.propositions
    ]
    left_out = len(operations) - len(with_split)
    notes = (f"{left_out} operations without counterparties (yet) left out",) if left_out else ()
    return Parsed(by_name(rows, dataset.schema), notes)


_HIDDEN = frozenset({"*", ""})


def parse_dealers(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Weekly lines of the dealer survey, text in USD millions; suppressed ones (`*`) are left out with a note.

    LayoutError when a line that was asked is not there at all or one came that was not; ValueFormatError for a day that
    is no Wednesday. Each line is held against its own plausible range.
    """
    rows = from_json(_SUPPRESSED.sub(rb"\1null", body), _Dealers, dataset.id).pd.timeseries
    asked = set() if request.is_file else set(request.url.rsplit("/", 1)[1].removesuffix(".json").split("_"))
    missing, unasked = asked - {row.keyid for row in rows}, {row.keyid for row in rows} - asked
    if asked and (missing or unasked):
        raise LayoutError(f"lines asked and missing {sorted(missing)}, not asked {sorted(unasked)}", dataset=dataset.id)
    text = pl.DataFrame(
        {
            "key_id": [row.keyid for row in rows],
            "as_of_date": [row.asofdate for row in rows],
            "value": [row.value for row in rows],
        },
        schema={"key_id": pl.String(), "as_of_date": pl.Date(), "value": pl.String()},
    )
    odd = text.filter(pl.col("as_of_date").dt.weekday() != _WEDNESDAY)
    if not odd.is_empty():
        place = f"{odd['key_id'][0]} {odd['as_of_date'][0]}"
        raise ValueFormatError("no Wednesday: a line of the monthly part?", dataset=dataset.id, place=place)
    breaks = pl.lit(None, pl.String())
    for start, name in SERIES_BREAKS:
        breaks = pl.when(pl.col("as_of_date") >= start).then(pl.lit(name)).otherwise(breaks)
    values = strict(text["value"], pl.Float64(), dataset.id, missing=_HIDDEN)
    frame = text.select("key_id", "as_of_date", breaks.alias("series_break"), values.alias("value_usd_mn")).filter(
        pl.col("value_usd_mn").is_not_null()
    )
    for (key_id,), line in frame.partition_by("key_id", as_dict=True).items():
        dataset.series_by_id(str(key_id)).resolve_unit(line["value_usd_mn"])
    hidden = text.height - frame.height
    return Parsed(frame, (f"{hidden} suppressed values left out",) if hidden else (), wire_rows=text.height)


USD_SWAP = "U.S. Dollar Liquidity Swap"


def parse_swaps(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Dollar liquidity swaps, one row each, amounts in US dollars. Swaps in other currencies are left out with a note.

    Swaps have no name on the wire; those that agree in counterparty and dates are told apart by a running number.
    """
    swaps = from_json(body, _Swaps, dataset.id).fx_swaps.operations
    in_dollars = [swap for swap in swaps if swap.currency == "USD"]
    wrong = [swap for swap in in_dollars if swap.operation_type != USD_SWAP]
    if wrong:
        raise ValueFormatError(
            f"unknown operation type {wrong[0].operation_type!r}", dataset=dataset.id, place=str(wrong[0].trade_date)
        )
    rows = [asdict(swap) | {"repeat_count": 0, "is_small_value": swap.is_small_value == "Y"} for swap in in_dollars]
    same = ("counterparty", "trade_date", "settlement_date", "maturity_date")
    frame = by_name(rows, dataset.schema).sort(*same, "amount_usd")
    left_out = len(swaps) - len(in_dollars)
    return Parsed(
        frame.with_columns(repeat_count=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(same)),
        (f"{left_out} swaps in other currencies left out",) if left_out else (),
        wire_rows=len(swaps),
    )


def parse_purchases(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """Outright operations in Treasuries with results, text amounts in whole US dollars of par."""
    auctions = from_json(_SUPPRESSED.sub(rb"\1null", body), _Purchases, dataset.id).treasury.auctions
    results = [auction for auction in auctions if auction.auction_status == "Results"]

    rows = [
        asdict(a)
        | {
            "auction_method": a.auction_method or None,
            "release_time": _clock(a.release_time, dataset, f"{a.operation_id} releaseTime"),
            "close_time": _clock(a.close_time, dataset, f"{a.operation_id} closeTime"),
            "note": _plain(a.note),
            "last_updated_at": updated_at,
        }
        for a, updated_at in zip(results, _updated_at(dataset, results), strict=True)
    ]
    is_text = ("settlement_date", "maturity_from_date", "maturity_to_date", "submitted_usd", "accepted_usd")
    frame = by_name(rows, dataset.schema | dict.fromkeys(is_text, pl.String()))
    frame = frame.with_columns(strict(frame[name], dataset.schema[name], dataset.id, _BLANK) for name in is_text)
    left_out = len(auctions) - len(results)
    notes = (f"{left_out} operations without results left out",) if left_out else ()
    return Parsed(frame, notes, wire_rows=len(auctions))


# --- datasets -------------------------------------------------------------------------------------------------------

REFERENCE_RATES = Dataset(
    provider="nyfed",
    name="reference_rates",
    title="Reference rates of the money market",
    by_hand="JSON of the Markets API, `/api/rates/secured/sofr/search.json` and its kin, or the CSV that the "
    "rates' pages export",
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
    ordered=(
        # The rate is the median of the same trades.
        ("percentile_1_pct", "percentile_25_pct", "rate_pct", "percentile_75_pct", "percentile_99_pct"),
        ("target_from_pct", "target_to_pct"),
    ),
    rests_on="recordings of SOFR 2018-2026, EFFR and OBFR 2023-2026; TGCR, BGCR, rows before 2018, and headings and "
    "dates of the site's CSV export on others' code",
)

REPO_OPERATIONS = Dataset(
    provider="nyfed",
    name="repo_operations",
    title="Repo and reverse repo operations",
    by_hand="JSON of the Markets API, `/api/rp/results/search.json` or `/api/rp/reverserepo/...`",
    description="Every repo and reverse repo operation with results: standing repo, overnight reverse repo, exercises.",
    columns=OPERATION_COLUMNS,
    key=("operation_id",),
    date_column="operation_date",
    cadence=Cadence.DAILY,
    release=SAME_DAY,
    start=date(2013, 9, 23),
    earliest=date(2000, 1, 3),  # temporary operations before the reverse repo facility, in files saved by hand
    window_days=14,
    licence=TERMS,
    requests=operation_requests,
    bodies="rp_results",
    calendar=Calendar.SIFMA,  # no operation on Good Fridays, 2021-12-24 or 2026-07-03 in the recordings
    parse=parse_operations,
    stamped_at="last_updated_at",
    ordered=(
        ("operation_date", "settlement_date", "maturity_date"),
        ("release_time", "close_time"),
        ("accepted_count", "participating_count"),
        ("accepted_usd", "submitted_usd"),
    ),
    rests_on="recordings of 2018-2025 and of three operations of 2014; full allotment (2026) was read in two bodies "
    "that are not held, see ingest/providers/nyfed.md section 1.2",
)

REPO_OPERATION_DETAILS = Dataset(
    provider="nyfed",
    name="repo_operation_details",
    title="Repo and reverse repo operations by collateral",
    by_hand="the same files as `nyfed.repo_operations`",
    description="Amounts and rates of every operation with results, by kind of collateral.",
    columns=DETAIL_COLUMNS,
    key=("operation_id", "security_type"),
    date_column="operation_date",
    cadence=Cadence.DAILY,
    release=SAME_DAY,
    start=date(2013, 9, 23),
    earliest=date(2000, 1, 3),  # temporary operations before the reverse repo facility, in files saved by hand
    window_days=14,
    licence=TERMS,
    requests=operation_requests,
    bodies="rp_results",
    calendar=Calendar.SIFMA,  # no operation on Good Fridays, 2021-12-24 or 2026-07-03 in the recordings
    parse=parse_operation_details,
    stamped_at="last_updated_at",
    ordered=(("low_rate_pct", "weighted_average_rate_pct", "high_rate_pct"), ("accepted_usd", "submitted_usd")),
    rests_on=REPO_OPERATIONS.rests_on,
)

SOMA_SUMMARY = Dataset(
    provider="nyfed",
    name="soma_summary",
    title="System Open Market Account, summary",
    by_hand="JSON of the Markets API, `/api/soma/summary.json`",
    description="Face value of the Fed's domestic securities by class, each Wednesday or the day before a holiday.",
    columns=SOMA_COLUMNS,
    key=("as_of_date",),
    date_column="as_of_date",
    cadence=Cadence.WEEKLY,
    release=replace(H41, grace=timedelta(days=1, hours=6)),  # a Tuesday's successor is a Wednesday
    start=date(2003, 7, 9),
    window_days=28,
    licence=TERMS,
    requests=soma_requests,
    parse=parse_soma,
    rests_on="recording of the whole history to 2025-11-19; hour of publication remembered",
)

REVERSE_REPO_PROPOSITIONS = Dataset(
    provider="nyfed",
    name="reverse_repo_propositions",
    title="Reverse repo by kind of counterparty",
    by_hand="JSON of the Markets API, `/api/rp/reverserepo/propositions/search.json`; found in files of "
    "`nyfed.repo_operations` too",
    description="Who lends to the Fed overnight: banks, housing agencies, money funds, dealers; a quarter late.",
    columns=PROPOSITION_COLUMNS,
    key=("operation_id", "counterparty_type"),
    date_column="operation_date",
    cadence=Cadence.DAILY,
    release=QUARTER_LATE,
    start=date(2013, 9, 23),
    earliest=date(2000, 1, 3),  # temporary operations before the reverse repo facility, in files saved by hand
    window_days=30,
    licence=TERMS,
    requests=proposition_requests,
    parse=parse_propositions,
    found_in="rp_results",
    calendar=Calendar.SIFMA,
    rests_on="recordings of operations with their counterparties, 2014 and 2018-2025; that the address "
    "asked answers in the same shape rests on others' code",
)

PRIMARY_DEALER_STATISTICS = Dataset(
    provider="nyfed",
    name="primary_dealer_statistics",
    title="Primary dealers' positions and financing in Treasuries",
    by_hand="JSON of the Markets API, `/api/pd/get/....json`",
    description="Net positions by kind and maturity and repo lent and borrowed, each Wednesday since April 2013.",
    columns=DEALER_COLUMNS,
    key=("key_id", "as_of_date"),
    date_column="as_of_date",
    cadence=Cadence.WEEKLY,
    release=DEALERS,
    start=date(2013, 4, 3),
    earliest=date(1998, 1, 28),  # the statistics as a whole; of lines that nobody recorded the answer is all they have
    window_days=56,
    licence=TERMS,
    requests=dealer_requests,
    parse=parse_dealers,
    series=DEALER_POSITIONS + DEALER_FINANCING,
    series_column="key_id",
    rests_on="recording of the list of lines (2025-11) and of the beginning of one answer with twelve lines; the "
    "asterisk, the dates of the series breaks and the discontinued line on others' code",
)

FX_SWAPS = Dataset(
    provider="nyfed",
    name="fx_swaps",
    title="Central bank liquidity swaps in dollars",
    by_hand="JSON of the Markets API, `/api/fxs/all/search.json`",
    description="Dollars that other central banks drew from the Fed, one row for each swap, exercises marked.",
    columns=SWAP_COLUMNS,
    key=("counterparty", "trade_date", "settlement_date", "maturity_date", "repeat_count"),
    date_column="trade_date",
    cadence=Cadence.WEEKLY,
    release=SWAPS,
    start=date(2007, 12, 1),
    window_days=370,  # a year always held one; an empty answer is an error
    licence=TERMS,
    requests=swap_requests,
    parse=parse_swaps,
    ordered=(("trade_date", "settlement_date", "maturity_date"),),
    rests_on="no recording; fields from the tests of public projects that ask this address, start remembered",
)

TREASURY_OPERATIONS = Dataset(
    provider="nyfed",
    name="treasury_operations",
    title="Outright purchases and sales of Treasuries",
    by_hand="JSON of the Markets API, `/api/tsy/all/results/summary/search.json`",
    description="Operations of the open market desk in Treasuries: bills for reserve management, coupons, exercises.",
    columns=PURCHASE_COLUMNS,
    key=("operation_id",),
    date_column="operation_date",
    cadence=Cadence.MONTHLY,
    release=PURCHASES,
    start=date(2000, 1, 1),
    window_days=370,  # a year always held one, if only an exercise; an empty answer is an error
    licence=TERMS,
    requests=purchase_requests,
    parse=parse_purchases,
    stamped_at="last_updated_at",
    ordered=(
        ("operation_date", "settlement_date"),
        ("maturity_from_date", "maturity_to_date"),
        ("release_time", "close_time"),
        ("accepted_usd", "submitted_usd"),
    ),
    rests_on="no recording; fields and text amounts from the tests of public projects that ask this address",
)

PROVIDER = Provider(
    name="nyfed",
    title="Federal Reserve Bank of New York",
    homepage="https://markets.newyorkfed.org",
    hosts=("markets.newyorkfed.org",),
    datasets=(
        REFERENCE_RATES,
        REPO_OPERATIONS,
        REPO_OPERATION_DETAILS,
        REVERSE_REPO_PROPOSITIONS,
        SOMA_SUMMARY,
        PRIMARY_DEALER_STATISTICS,
        FX_SWAPS,
        TREASURY_OPERATIONS,
    ),
    pace=1.0,
)
