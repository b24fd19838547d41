"""Federal Deposit Insurance Corporation, BankFind: call-report figures of the four largest banks and of all of them.

One endpoint answers both: rows of one certificate, or sums over all institutions by report date (`agg_by`). Rows are
two levels deep, `data[i].data`; amounts are JSON numbers in *thousands* of US dollars, the report date is the text
YYYYMMDD. Three silences are guarded here: a field name that the API does not know is dropped, an empty field is left
out of its row, and a date written as 2026-03-31 matches nothing under status 200. No body with Treasury holdings was
recorded: names and envelope rest on the API's own dictionary, the sums on two other people's code, the scale on
recorded assets.

A bank files for itself, not for its holding company, and its trading book is not in `SCUST`. What must not be here:
SQL, the network, formulas.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise

import msgspec
import polars as pl

from ingest.catalog import PUBLIC_DOMAIN, Column, Dataset, Plan, Provider, Request, Series, Unit
from ingest.decode import by_name, from_json
from ingest.errors import ImplausibleValueError, LayoutError, ValueFormatError
from ingest.releases import Cadence, Release

API = "https://api.fdic.gov/banks/financials"
PAGE_SIZE = 10_000  # the most that one page holds; without a limit 10 rows come
MOST_QUARTERS = 1_000  # sums asked for at most; one a quarter since 1984 are 170

ALL = "ALL"
# Without the non-insured (NC) and insured branches of foreign banks (OI) the sums are those of the Quarterly Banking
# Profile, to the million (others' code, 2026-09).
ALL_INSURED = "NOT BKCLASS:(NC OR OI)"

# Plausible are total assets in USD billions; recorded from 2019 to 2026 are 1,430 (Citibank) to 4,017 (JPMorgan).
SERIES = (
    Series("628", "JPMorgan Chase Bank", Unit.USD_K, (300, 20_000), "total assets"),
    Series("3510", "Bank of America", Unit.USD_K, (300, 20_000), "total assets"),
    Series("7213", "Citibank", Unit.USD_K, (200, 20_000), "total assets"),
    Series("3511", "Wells Fargo Bank", Unit.USD_K, (200, 20_000), "total assets"),
    Series(ALL, "All insured commercial banks and savings institutions", Unit.USD_K, (5_000, 100_000), "total assets"),
)


def _amount(wire: str, name: str, description: str, is_nullable: bool = True) -> Column:
    """Thousands of US dollars."""
    return Column(name, "bigint", description, Unit.USD_K, is_nullable, plausible=(0, 100_000_000_000), wire=wire)


FIELDS = (
    _amount(
        "SCUST",
        "treasuries_usd_k",
        "US Treasury securities outside the trading book: held to maturity at cost, for sale at fair value",
        is_nullable=False,
    ),
    _amount("SCUS", "us_securities_usd_k", "US Treasury, agency and agency-backed securities"),
    _amount("SC", "securities_usd_k", "All securities outside the trading book", is_nullable=False),
    _amount("SCAF", "afs_usd_k", "Securities available for sale, at fair value"),
    _amount("SCHA", "htm_usd_k", "Securities held to maturity, at cost"),
    _amount("TRADE", "trading_usd_k", "Assets in trading accounts"),
    _amount("CHFRB", "fed_balances_usd_k", "Balances due from the Federal Reserve Banks"),
    _amount("FREPO", "fed_funds_and_repo_sold_usd_k", "Federal funds sold and securities bought to be sold back, lent"),
    _amount("FREPP", "fed_funds_and_repo_bought_usd_k", "Federal funds bought and securities sold to be bought back"),
    _amount("ASSET", "assets_usd_k", "Total assets", is_nullable=False),
)
COLUMNS = (
    Column(
        "cert",
        "varchar",
        "The FDIC's certificate number of the bank, or ALL for the sum of the industry",
        is_nullable=False,
        allowed=frozenset(series.id for series in SERIES),
    ),
    Column("report_date", "date", "Last day of the quarter", is_nullable=False),
    *FIELDS,
    Column(
        "institutions_count",
        "bigint",
        "Institutions behind the row; 1 for a bank",
        Unit.COUNT,
        False,
        None,
        (1, 20_000),
    ),
)


# --- requests -------------------------------------------------------------------------------------------------------


def report_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One request for each bank and one for the sums; a key is sent along when FDIC_API_KEY is set."""
    for series in dataset.series:
        since = plan.since(dataset, series.id)
        dates = f"REPDTE:[{since:%Y%m%d} TO {plan.today:%Y%m%d}]"  # an ISO date would match nothing
        params: tuple[tuple[str, str], ...]
        if series.id == ALL:
            params = (
                ("filters", f"{dates} AND {ALL_INSURED}"),
                ("agg_by", "REPDTE"),
                ("agg_sum_fields", ",".join(field.wire for field in FIELDS)),
                ("agg_limit", str(MOST_QUARTERS)),
                ("format", "json"),
            )
        else:
            params = (
                ("filters", f"CERT:{series.id} AND {dates}"),
                ("fields", ",".join(["CERT", "REPDTE", *(field.wire for field in FIELDS)])),
                ("sort_by", "REPDTE"),
                ("sort_order", "ASC"),  # without it sort_by is ignored
                ("limit", str(PAGE_SIZE)),
                ("offset", "0"),
                ("format", "json"),
            )
        yield Request(API, params, series.id, since, plan.today, key_param="api_key" if PROVIDER.key else None)


class _Meta(msgspec.Struct):
    total: int


class _Row(msgspec.Struct):
    data: dict[str, int | float | str | None]

    @property
    def is_sum(self) -> bool:
        """Whether it is a sum over institutions, not a bank's own row."""
        return "CERT" not in self.data and any(name.startswith("sum_") for name in self.data)


class _Answer(msgspec.Struct):
    meta: _Meta
    data: list[_Row]


def next_page(body: bytes, request: Request) -> Request | None:
    """The following page of a bank's rows, or None on the last; sums come on one page."""
    params = dict(request.params)
    if "offset" not in params:
        return None
    offset = int(params["offset"]) + int(params["limit"])
    if offset >= from_json(body, _Answer).meta.total:
        return None
    return replace(request, params=tuple((params | {"offset": str(offset)}).items()))


def stated_rows(body: bytes) -> int:
    """How many rows match on all pages together. For sums the count is of institutions' rows, so it is not used."""
    answer = from_json(body, _Answer)
    return len(answer.data) if any(row.is_sum for row in answer.data) else answer.meta.total


# --- parser ---------------------------------------------------------------------------------------------------------

# From one quarter to the next some 1 % of institutions merge away. More is a quarter that is still coming in.
_MOST_LEAVING = 0.05


def _report_date(text: object) -> date:
    digits = str(text)
    if len(digits) == 8 and digits.isdigit():
        try:
            day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            day = None
        if day and (day + timedelta(days=1)).day == 1 and day.month % 3 == 0:
            return day
    raise ValueFormatError(f"{text!r} is no end of a quarter as YYYYMMDD", place="REPDTE")


def _whole(value: object, place: str) -> int | None:
    """A JSON number without decimals; sums may come as 1.5e9."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ValueFormatError(f"{value!r} is no whole number of thousands", place=place)


def _hold_count(sums: pl.DataFrame) -> None:
    """ImplausibleValueError when institutions fall away faster than they merge: a sum of the first filers only."""
    for (_, before), (day, count) in pairwise(
        sums.select("report_date", "institutions_count").sort("report_date").rows()
    ):
        if count < before * (1 - _MOST_LEAVING):
            raise ImplausibleValueError(
                f"{count} institutions after {before}: not all reports are in", place=f"{ALL} {day}"
            )


def parse_reports(dataset: Dataset, body: bytes, request: Request) -> pl.DataFrame:
    """Amounts by bank and quarter, or the sums of the industry, in thousands of US dollars.

    A field that is left out of a row is empty. LayoutError when no row has a field that was asked for, a row lacks one
    that every bank has (`SCUST`, `SC`, `ASSET`), or the rows are of another bank; UnitError when assets have another
    scale; ImplausibleValueError when a part is larger than its whole or a quarter has lost institutions.
    """
    rows = from_json(body, _Answer).data
    records: list[dict[str, object]] = []
    for row in rows:
        cert = ALL if row.is_sum else str(row.data.get("CERT"))
        prefix = "sum_" if row.is_sum else ""
        if request.scope and cert != request.scope:
            raise LayoutError(f"a row of {cert} where {request.scope} was asked")
        dataset.series_by_id(cert)
        day = _report_date(row.data.get("REPDTE"))
        place = f"{cert} {day}"
        for field in FIELDS:
            if not field.is_nullable and row.data.get(prefix + field.wire) is None:
                raise LayoutError(f"{prefix}{field.wire} is missing", place=place)
        count = row.data.get("count") if row.is_sum else 1
        amounts: dict[str, object] = {
            field.name: _whole(row.data.get(prefix + field.wire), f"{place} {prefix}{field.wire}") for field in FIELDS
        }
        institutions = _whole(count, f"{place} count")
        records.append(amounts | {"cert": cert, "report_date": day, "institutions_count": institutions})
    frame = by_name(records, dataset.schema)
    for field in FIELDS:
        if not frame.is_empty() and frame[field.name].null_count() == frame.height:
            raise LayoutError(f"no row has {field.wire}; is it still called so?")
    for (cert,), own in frame.group_by("cert", maintain_order=True):
        dataset.series_by_id(str(cert)).resolve_unit(own["assets_usd_k"])
    _hold_count(frame.filter(pl.col("cert") == ALL))
    return frame


# --- datasets -------------------------------------------------------------------------------------------------------

CALL_REPORT_TREASURIES = Dataset(
    provider="fdic",
    name="call_report_treasuries",
    title="Treasury securities of the largest banks",
    by_hand="JSON of `/banks/financials` with the fields that a refresh asks for",
    description="Treasury and other securities, trading assets, balances at the Fed, repo and total assets of JPMorgan "
    "Chase, Bank of America, Citibank and Wells Fargo, and of all insured banks, by quarter.",
    columns=COLUMNS,
    key=("cert", "report_date"),
    date_column="report_date",
    cadence=Cadence.QUARTERLY,
    # Figures of 2026-06-30 were there on 2026-08-19, the industry's profile on 2026-08-25 (others' code).
    release=Release(
        time(17, 0), "50 to 58 days after the quarter in others' code, hour assumed", days=58, grace=timedelta(days=14)
    ),
    # Before 2004 certificate 3511 was a smaller bank of the group (remembered), outside the plausible range.
    start=date(2005, 3, 31),
    earliest=date(1984, 3, 31),
    window_days=400,  # reports are amended; a year of them is read again
    licence=PUBLIC_DOMAIN,
    requests=report_requests,
    parse=parse_reports,
    series=SERIES,
    series_column="cert",
    next_page=next_page,
    stated_rows=stated_rows,
    ordered=(("treasuries_usd_k", "us_securities_usd_k", "securities_usd_k", "assets_usd_k"),),
    rests_on="the API's dictionary and others' code; recorded are assets and securities of the four banks from 2019 "
    "to 2026 in another shape, and nothing with SCUST",
)

PROVIDER = Provider(
    name="fdic",
    title="Federal Deposit Insurance Corporation, BankFind",
    homepage="https://banks.data.fdic.gov",
    hosts=("api.fdic.gov",),
    datasets=(CALL_REPORT_TREASURIES,),
    key_env="FDIC_API_KEY",
)
