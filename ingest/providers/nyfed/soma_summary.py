"""The System Open Market Account by class of security, each week."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta

import msgspec
import polars as pl
from msgspec.structs import asdict

from ingest.catalog import Column, Dataset, Plan, Request, Unit
from ingest.decode import by_name, cast_columns, from_json, wire_names
from ingest.errors import ValueFormatError
from ingest.providers.nyfed.common import API, TERMS
from ingest.releases import Cadence, Release

H41 = Release(time(16, 30), "Thursday about 16:30, remembered", business_days=1)


def _face(name: str, description: str, wire: str, is_nullable: bool = False, low: float = 0) -> Column:
    return Column(name, "decimal(18,2)", description, Unit.USD, is_nullable, plausible=(low, 3e13), wire=wire)


SOMA_COLUMNS = (
    Column(
        "as_of_date",
        "date",
        "Day of the holdings: Wednesday, or Tuesday before a holiday",
        is_nullable=False,
        wire="asOfDate",
    ),
    _face("mbs_usd", "Agency mortgage-backed securities, current face", wire="mbs"),
    _face("cmbs_usd", "Agency commercial mortgage-backed securities, current face", wire="cmbs"),
    _face("tips_usd", "Inflation-protected Treasuries, face without accretion", wire="tips"),
    _face("frn_usd", "Floating-rate Treasuries, face; empty when none are held", is_nullable=True, wire="frn"),
    _face(
        "tips_inflation_compensation_usd",
        "Accretion on the inflation-protected Treasuries; not in the total",
        wire="tipsInflationCompensation",
    ),
    _face("notes_bonds_usd", "Treasury notes and bonds, face", wire="notesbonds"),
    _face("bills_usd", "Treasury bills, face", wire="bills"),
    _face("agencies_usd", "Agency debt, face; empty when none is held", is_nullable=True, wire="agencies"),
    _face("total_usd", "All domestic holdings, face, without accretion", low=1e11, wire="total"),
)


def soma_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """The summary has no parameters: every answer is the whole history."""
    yield Request(f"{API}/soma/summary.json", (), None, dataset.start, plan.today)


class _Holding(msgspec.Struct, rename=wire_names(SOMA_COLUMNS), forbid_unknown_fields=True):
    as_of_date: date
    mbs_usd: str
    cmbs_usd: str
    tips_usd: str
    frn_usd: str
    tips_inflation_compensation_usd: str
    notes_bonds_usd: str
    bills_usd: str
    agencies_usd: str
    total_usd: str


class _Summary(msgspec.Struct):
    summary: list[_Holding]


class _Soma(msgspec.Struct):
    soma: _Summary


_IN_TOTAL = ("mbs_usd", "cmbs_usd", "tips_usd", "frn_usd", "notes_bonds_usd", "bills_usd", "agencies_usd")
# Of 1,168 recorded weeks 552, all of 2009-01 to 2020-10, are off by rounding: mostly cents, at most 2.40 dollars.
SOMA_TOLERANCE_USD = 5


def parse_soma(dataset: Dataset, body: bytes, request: Request) -> pl.DataFrame:
    """Weekly SOMA summary, text amounts in dollars and cents, `""` for none.

    Its parts must add up to the total, in which the accretion on TIPS has no share.
    """
    rows = from_json(body, _Soma).soma.summary
    text = dict.fromkeys(dataset.schema, pl.String()) | {"as_of_date": pl.Date()}
    frame = by_name([asdict(row) for row in rows], text)
    amounts = {name: dtype for name, dtype in dataset.schema.items() if name != "as_of_date"}
    frame = frame.with_columns(cast_columns(frame, amounts, frozenset({""})))
    parts = pl.sum_horizontal(pl.col(name).fill_null(0) for name in _IN_TOTAL)
    wrong = frame.filter((parts - pl.col("total_usd")).abs() > SOMA_TOLERANCE_USD)
    if not wrong.is_empty():
        raise ValueFormatError(
            f"the parts do not add up to the total of {wrong['total_usd'][0]}", place=str(wrong["as_of_date"][0])
        )
    return frame


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
    computed=(("wednesday_date", "Wednesday of that week, by which H.4.1 dates the same holdings."),),
    rests_on="recording of the whole history to 2025-11-19; hour of publication remembered",
)
