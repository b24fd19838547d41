"""Who lends to the Fed in reverse repo: counterparties by kind, a quarter late."""

from collections.abc import Iterable
from datetime import date, time, timedelta

import msgspec
from msgspec.structs import asdict

from ingest.calendars import Calendar
from ingest.catalog import Column, Dataset, Parsed, Plan, Request, Unit
from ingest.decode import by_name, from_json, wire_names
from ingest.errors import ValueFormatError
from ingest.providers.nyfed.common import (
    API,
    NOTE,
    OPERATION_DATE,
    OPERATION_ID,
    TERMS,
    plain_text,
    window,
    without_stars,
)
from ingest.releases import Cadence, Release

# Late by a quarter: on 2025-11-24 the newest was 2025-09-30. No rule by the day is exact, so this is one that no day of
# a quarter beats (92 days of quarter and 46 after it); it never claims knowledge too early.
QUARTER_LATE = Release(
    time(16, 0), "a quarter late: 2025-09-30 was the newest recorded on 2025-11-24", days=138, grace=timedelta(days=30)
)

COUNTERPARTIES = frozenset({"bank", "gse", "mmf", "pd"})
PROPOSITION_COLUMNS = (
    OPERATION_ID,
    Column(
        "counterparty_type",
        "varchar",
        "Who lent to the Fed: bank, gse (housing agencies), mmf (money funds) or pd (primary dealers)",
        is_nullable=False,
        allowed=COUNTERPARTIES,
        wire="counterpartyType",
    ),
    OPERATION_DATE,
    Column(
        "accepted_usd",
        "bigint",
        "Amount accepted from them",
        Unit.USD,
        False,
        plausible=(0, 3_000_000_000_000),
        range_reason="dollars; the largest operation took 2.55 trillion from all of them",
        wire="amtAccepted",
    ),
    NOTE,
)


def proposition_requests(dataset: Dataset, plan: Plan) -> Iterable[Request]:
    """One wide search of reverse repo operations with their counterparties."""
    start = plan.since(dataset)
    url = f"{API}/rp/reverserepo/propositions/search.json"
    yield Request(url, window(start, plan.today), None, start, plan.today)


class _Proposition(msgspec.Struct, rename=wire_names(PROPOSITION_COLUMNS)):
    counterparty_type: str
    accepted_usd: int


class _WithPropositions(msgspec.Struct, rename=wire_names(PROPOSITION_COLUMNS, total_usd="totalAmtAccepted")):
    operation_id: str
    operation_date: date
    note: str | None = None
    total_usd: int | None = None
    propositions: list[_Proposition] = []


class _PropositionList(msgspec.Struct):
    operations: list[_WithPropositions]


class _Propositions(msgspec.Struct):
    repo: _PropositionList


def parse_propositions(dataset: Dataset, body: bytes, request: Request) -> Parsed:
    """One row for each reverse repo operation and kind of counterparty, amounts in whole US dollars.

    Operations whose split is not out yet have none and are left out with a note. A split must add up to its
    operation's total; ValueFormatError otherwise.
    """
    operations = from_json(without_stars(body), _Propositions).repo.operations
    with_split = [operation for operation in operations if operation.propositions]
    for o in with_split:
        split = sum(proposition.accepted_usd for proposition in o.propositions)
        if o.total_usd is not None and split != o.total_usd:
            raise ValueFormatError(
                f"the counterparties add up to {split} dollars, totalAmtAccepted is {o.total_usd}", place=o.operation_id
            )
    rows = [
        asdict(p) | {"operation_id": o.operation_id, "operation_date": o.operation_date, "note": plain_text(o.note)}
        for o in with_split
        for p in o.propositions
    ]
    left_out = len(operations) - len(with_split)
    notes = (f"{left_out} operations without counterparties (yet) left out",) if left_out else ()
    return Parsed(by_name(rows, dataset.schema), notes)


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
