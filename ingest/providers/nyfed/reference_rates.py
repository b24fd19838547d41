"""SOFR, TGCR, BGCR, EFFR and OBFR, from the API or from the table that the site exports."""

import csv
import re
from collections.abc import Iterable
from datetime import date, time

import msgspec
from msgspec.structs import asdict

from ingest.calendars import Calendar
from ingest.catalog import Column, Dataset, Parsed, Plan, Request, Series, Unit
from ingest.decode import by_name, from_json, readable, wire_names
from ingest.errors import LayoutError, UnreadableBodyError, ValueFormatError
from ingest.providers.nyfed.common import API, TERMS, pct, window
from ingest.releases import Cadence, Release

SECURED = Release(time(8, 0), "about 08:00, documented by the OFR", business_days=1, calendar=Calendar.SIFMA)
UNSECURED = Release(time(9, 0), "about 09:00, documented by the OFR", business_days=1, calendar=Calendar.FED)

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

RATE_COLUMNS = (
    Column(
        "rate_type",
        "varchar",
        "Which reference rate",
        is_nullable=False,
        allowed=frozenset(RATE_PATHS),
        wire="type",
        heading="rate type",
    ),
    Column(
        "effective_date",
        "date",
        "Day of the trades, one business day before publication",
        is_nullable=False,
        wire="effectiveDate",
        heading="effective date",
    ),
    Column(
        "rate_pct",
        "double",
        "Volume-weighted median rate",
        Unit.PCT,
        False,
        plausible=(-2, 15),
        range_reason="repo and fed funds since 2000 are between 0 and 7; a fraction or basis points leave the range",
        wire="percentRate",
        heading="rate (%)",
    ),
    pct("percentile_1_pct", "1st percentile of traded rates", wire="percentPercentile1", heading="1st percentile (%)"),
    pct(
        "percentile_25_pct",
        "25th percentile of traded rates",
        wire="percentPercentile25",
        heading="25th percentile (%)",
    ),
    pct(
        "percentile_75_pct",
        "75th percentile of traded rates",
        wire="percentPercentile75",
        heading="75th percentile (%)",
    ),
    pct(
        "percentile_99_pct",
        "99th percentile of traded rates",
        wire="percentPercentile99",
        heading="99th percentile (%)",
    ),
    Column(
        "volume_usd_bn",
        "double",
        "Volume of the trades behind the rate",
        Unit.USD_BN,
        plausible=(5, 20_000),
        range_reason="billions; the thinnest recorded day has tens, the largest 3 thousand",
        wire="volumeInBillions",
        heading="volume ($billions)",
    ),
    pct(
        "target_from_pct",
        "Lower end of the target range that day (EFFR only)",
        (0, 15),
        wire="targetRateFrom",
        heading="target rate from (%)",
    ),
    pct(
        "target_to_pct",
        "Upper end of the target range that day (EFFR only)",
        (0, 15),
        wire="targetRateTo",
        heading="target rate to (%)",
    ),
    pct(
        "intraday_low_pct",
        "Lowest trade of the day (EFFR before March 2016)",
        wire="intraDayLow",
        heading="intra day - low (%)",
    ),
    pct(
        "intraday_high_pct",
        "Highest trade of the day (EFFR before March 2016)",
        (-5, 100),
        wire="intraDayHigh",
        heading="intra day - high (%)",
    ),
    pct(
        "std_dev_pct",
        "Standard deviation of traded rates (EFFR before March 2016)",
        (0, 50),
        wire="stdDeviation",
        heading="standard deviation (%)",
    ),
    Column(
        "revision_indicator",
        "varchar",
        "Set when the rate was revised after its first publication",
        wire="revisionIndicator",
        heading="revision indicator (y/n)",
    ),
    Column(
        "footnote_id", "varchar", "Footnote on the rate, where there is one", wire="footnoteId", heading="footnote id"
    ),
)


# Heading of the site's own table, and of the API's CSV, for each column.
RATE_HEADINGS = {column.heading: column.name for column in RATE_COLUMNS}


def rate_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One search for each rate. The parameter `type` stays out: with it the answer lacks half of the fields."""
    for series in dataset.series:
        path, first = RATE_PATHS[series.id]
        start = max(first, plan.since(dataset, series.id))
        if start <= plan.today:
            yield Request(f"{API}/rates/{path}/search.json", window(start, plan.today), series.id, start, plan.today)


_NO_NUMBER = frozenset({"", "NA"})


# Fields have the names of their columns, which have the wire names: a value reaches its column only by this name.
class _Rate(msgspec.Struct, rename=wire_names(RATE_COLUMNS), forbid_unknown_fields=True):
    rate_type: str
    effective_date: date
    rate_pct: float | msgspec.UnsetType = msgspec.UNSET
    percentile_1_pct: float | str | None = None
    percentile_25_pct: float | str | None = None
    percentile_75_pct: float | str | None = None
    percentile_99_pct: float | str | None = None
    volume_usd_bn: float | msgspec.UnsetType = msgspec.UNSET
    target_from_pct: float | str | None = None
    target_to_pct: float | str | None = None
    intraday_low_pct: float | str | None = None
    intraday_high_pct: float | str | None = None
    std_dev_pct: float | str | None = None
    revision_indicator: str | None = None
    footnote_id: str | int | None = None
    # The next four belong to SOFRAI, the averages and the index, which share the answers of /rates/all.
    average30day: float | str | None = None
    average90day: float | str | None = None
    average180day: float | str | None = None
    index: float | str | None = None


class _Rates(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    ref_rates: list[_Rate]


_RATE_NUMBERS = tuple(column.name for column in RATE_COLUMNS if column.dtype == "double")


def _number(value: object, place: str) -> object:
    """``value``, None for the text that replaces a missing number; ValueFormatError for any other text."""
    if isinstance(value, str):
        if value in _NO_NUMBER:
            return None
        raise ValueFormatError(f"{value!r} is no number", place=place)
    return None if value is msgspec.UNSET else value


_AVERAGES = "SOFRAI"


def _has_volume(rate_type: str, day: date) -> bool:
    return rate_type != "EFFR" or day >= EFFR_WITH_VOLUME


def _rates_from_api(body: bytes) -> list[dict[str, object]]:
    """Rows of `{"refRates": [...]}`; LayoutError for one without rate or, where it must have one, without volume."""
    rows = from_json(body, _Rates).ref_rates
    for row in rows:
        place = f"{row.rate_type} {row.effective_date}"
        if row.rate_type == _AVERAGES:
            continue
        if row.rate_pct is msgspec.UNSET:
            raise LayoutError("percentRate is missing; was it asked with type=volume?", place=place)
        if row.volume_usd_bn is msgspec.UNSET and _has_volume(row.rate_type, row.effective_date):
            raise LayoutError("volumeInBillions is missing; was it asked with type=rate?", place=place)
    return [asdict(row) for row in rows]


# Of the averages.
_OTHER_HEADINGS = frozenset({"30-day average sofr", "90-day average sofr", "180-day average sofr", "sofr index"})
_AMERICAN_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_THOUSANDS = re.compile(r"^\d{1,3}(,\d{3})+$")


def _is_table(body: bytes) -> bool:
    first = body.lstrip(b"\xef\xbb\xbf\r\n ").split(b"\n", 1)[0].lower()
    return not first.startswith((b"{", b"[")) and any(heading.encode() in first for heading in RATE_HEADINGS)


def _cell(text: str, column: str, place: str) -> object:
    """One cell of a table in its type; numbers may have commas at the thousands, days come as MM/DD/YYYY or ISO."""
    if column == "effective_date":
        try:
            return date.fromisoformat(_AMERICAN_DAY.sub(lambda m: f"{m[3]}-{m[1]:0>2}-{m[2]:0>2}", text))
        except ValueError:
            raise ValueFormatError(f"{text!r} is no day", place=place) from None
    if column not in _RATE_NUMBERS or text in _NO_NUMBER:
        return text
    try:
        return float(text.replace(",", "") if _THOUSANDS.match(text) else text)
    except ValueError:
        raise ValueFormatError(f"{text!r} is no number", place=place) from None


def _rates_from_table(
    dataset: Dataset, body: bytes, scope: str | None
) -> tuple[list[dict[str, object]], tuple[str, ...], tuple[str, ...]]:
    """Rows of the CSV that the site exports, by its headings, in any order; notes; columns that it lacks.

    Day, rate and its kind (or ``scope`` for it) must be there; of other columns that are not a note tells. Empty lines,
    remarks below the table and days without a rate are left out.
    """
    try:
        lines = list(csv.reader(readable(body).decode().splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableBodyError(f"no CSV: {error}") from None
    headings = [" ".join(cell.lower().split()) for cell in lines[0]]
    wanted = {column: heading for heading, column in RATE_HEADINGS.items()}
    given = {"rate_type": scope} if scope and wanted["rate_type"] not in headings else {}
    needed = [column.name for column in dataset.columns if not column.is_nullable and column.name not in given]
    if missing := [wanted[name] for name in needed if wanted[name] not in headings]:
        raise LayoutError(f"no column {missing}; export the table with all of its columns (of one rate: with --series)")
    unknown = sorted(set(headings) - RATE_HEADINGS.keys() - _OTHER_HEADINGS - {""})
    if unknown or len(set(headings)) < len(headings):
        raise LayoutError(f"unknown or repeated headings: {unknown or headings}")
    absent = [name for name in dataset.schema if wanted[name] not in headings and name not in given]
    rows, without_rate = [], 0
    for number, line in enumerate(lines[1:], start=2):
        cells = dict(zip(headings, (cell.strip() for cell in line), strict=False))
        filled = [cell for cell in cells.values() if cell]
        if not filled or (len(filled) == 1 and not filled[0][0].isdigit()):
            continue
        if len(line) != len(headings):
            raise UnreadableBodyError(f"line {number} is cut short: {','.join(line)[-60:]!r}")
        row = {
            name: _cell(cells.get(wanted[name], ""), name, f"line {number} {wanted[name]}") for name in dataset.schema
        } | given
        if row["rate_type"] != _AVERAGES and row["rate_pct"] in _NO_NUMBER:
            without_rate += 1
            continue
        day = row["effective_date"]
        is_complete = "volume_usd_bn" in absent or row["volume_usd_bn"] not in _NO_NUMBER
        if row["rate_type"] in RATE_PATHS and not is_complete and _has_volume(str(row["rate_type"]), day):  # type: ignore[arg-type]
            raise LayoutError("no volume; was it asked with type=rate?", place=f"line {number}")
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
        rows = _rates_from_api(body)
    kept = [row for row in rows if row["rate_type"] != _AVERAGES]
    notes += (f"{len(rows) - len(kept)} rows of SOFR averages and index left out",) if len(rows) > len(kept) else ()
    for row in kept:
        place = f"{row['rate_type']} {row['effective_date']}"
        if request.scope and row["rate_type"] != request.scope:
            raise LayoutError(f"a row of {row['rate_type']} where {request.scope} was asked", place=place)
        for name in _RATE_NUMBERS:
            row[name] = _number(row[name], f"{place} {name}")
        row["revision_indicator"] = row["revision_indicator"] or None
        row["footnote_id"] = str(row["footnote_id"]) if row["footnote_id"] not in (None, "") else None
    return Parsed(by_name(kept, dataset.schema), notes, unsaid=unsaid)


REFERENCE_RATES = Dataset(
    provider="nyfed",
    name="reference_rates",
    title="Reference rates of the money market",
    by_hand="JSON of the Markets API, `/api/rates/secured/sofr/search.json` and the other rates, or the CSV that the "
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
