"""The New York Fed's Markets API on simulated values: rates, repo operations, SOMA, dealers, swaps, purchases.

Bodies are printed from a template as the real ones are: a blank before most commas, rates with two decimals, SOMA
amounts as text, fields that come and go with the kind of operation and the year. Paths that the real host refuses with
400 (a rate under the wrong family, segments missing) are refused here too. What must not be here: how a value arises.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import httpx

from ingest.calendars import Calendar, add_business_days, is_open, new_york_to_utc
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, last_day
from ingest.sample.world.dealers import Swap
from ingest.sample.world.desk import FULL_ALLOTMENT_START, Operation
from ingest.sample.world.rates import Rate
from ingest.sample.world.sheet import Purchase

HOST = "markets.newyorkfed.org"
_FAMILIES = {"secured": ("SOFR", "TGCR", "BGCR"), "unsecured": ("EFFR", "OBFR")}
_NO_PERCENTILES = date(2019, 5, 31)  # the real SOFR of that day has "NA" in its percentile fields
_CLOCK_START = date(2021, 1, 1)  # operations of 2020 carry no release time and ON RRP no offering rate
REVISED_AT = time(14, 30)  # a rate may be corrected on the afternoon of its publication, never later
# One ON RRP note in 25 is edited on the next business day; only the note and lastUpdated move.
EDITED_NOTE = "One trade of the accepted amount did not settle."
_EDITED_AT = time(10, 5)


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What the API answers at ``now`` (naive UTC); 400 for a path or a date it does not understand."""
    segments = request.url.path.removeprefix("/api/").removesuffix(".json").split("/")
    params = request.url.params
    try:
        first = date.fromisoformat(params.get("startDate", "1900-01-01"))
        last = date.fromisoformat(params.get("endDate", "9999-12-31"))
        match segments:
            case ["soma", "summary"]:
                body = _soma(world, now)
            case ["rp", "results", "search"]:
                wanted = params.get("operationTypes", "").split(",") if params.get("operationTypes") else []
                body = _print_operations(world, now, _operations(world, now, first, last), wanted)
            case ["rp", kind, _, "results", *which] if which in (["lastTwoWeeks"], ["latest"]) or which[:1] == ["last"]:
                wanted = {"all": [], "repo": ["Repo"], "reverserepo": ["Reverse Repo"]}[kind]
                body = _latest_operations(world, now, which, wanted)
            case ["rp", "reverserepo", "propositions", "search"]:
                found = [o for o in _operations(world, now, first, last) if o.is_reverse]
                body = _print_operations(world, now, found, [])
            case ["pd", "get", keys]:
                body = _dealers(world, now, keys.split("_"))
            case ["fxs", "all", "search"]:
                body = _swaps(world, now, first, last)
            case ["tsy", "all", "results", "summary", "search"]:
                body = _purchases(world, now, first, last)
            case ["rates", *path]:
                body = _rates(world, now, path, first, last, params.get("type", ""))
            case _:
                return _refuse()
    except (KeyError, ValueError):
        return _refuse()
    return httpx.Response(200, headers={"Content-Type": "application/json; charset=utf-8"}, content=body.encode())


def _refuse() -> httpx.Response:
    return httpx.Response(400, headers={"Content-Type": "application/json; charset=utf-8"}, content=b"{}")


# -- reference rates --------------------------------------------------------------------------------------------------


def published_at(kind: str, day: date) -> datetime:
    """When the rate of ``day`` comes out: next business day, 08:00 the secured ones, 09:00 the unsecured."""
    if kind in _FAMILIES["secured"]:
        return new_york_to_utc(add_business_days(day, 1, Calendar.SIFMA), time(8))
    return new_york_to_utc(add_business_days(day, 1), time(9))


def rate_as_known(kind: str, day: date, rate: Rate, now: datetime) -> tuple[float, str]:
    """Rate in percent and revision indicator as of ``now``."""
    if rate.preliminary_pct is None:
        return rate.rate_pct, ""
    corrected_at = new_york_to_utc(add_business_days(day, 1, Calendar.SIFMA), REVISED_AT)
    return (rate.rate_pct, "R") if now >= corrected_at else (rate.preliminary_pct, "")


def published_rates(world: World, kind: str, now: datetime) -> dict[date, Rate]:
    """The rates of one kind that are out at ``now``, oldest first."""
    rates = world.rates[kind]
    days = list(rates)
    while days and published_at(kind, days[-1]) > now:
        days.pop()
    return {day: rates[day] for day in days}


def _rates(world: World, now: datetime, path: list[str], first: date, last: date, half: str) -> str:
    match path:
        case ["all", *which]:
            kinds: tuple[str, ...] = (*_FAMILIES["secured"], *_FAMILIES["unsecured"])
        case [family, "all", *which]:
            kinds = _FAMILIES[family]
        case [family, kind, *which] if kind.upper() in _FAMILIES[family]:
            kinds = (kind.upper(),)
        case _:
            raise ValueError("no such rate in that family")
    rows: list[tuple[date, str, Rate]] = []
    for kind in kinds:
        known = published_rates(world, kind, now)
        match which:
            case ["search"]:
                days = [day for day in known if first <= day <= last]
            case ["last", count]:
                days = list(known)[-int(count) :]
            case ["latest"]:
                days = list(known)[-1:]
            case _:
                raise ValueError("neither search nor last")
        rows += [(day, kind, known[day]) for day in days]
    rows.sort(key=lambda row: row[0], reverse=True)
    if not rows:
        return '{ "refRates": [] }'
    return '{ "refRates": [ ' + ", ".join(_print_rate(world, now, *row, half) for row in rows) + " ] }"


def _print_rate(world: World, now: datetime, day: date, kind: str, rate: Rate, half: str) -> str:
    rate_pct, indicator = rate_as_known(kind, day, rate, now)
    text = f'{{ "effectiveDate": "{day}", "type": "{kind}" '
    if half != "volume":
        text += f',"percentRate": {rate_pct:.2f} '
        for rank, value in zip((1, 25, 75, 99), rate.percentiles_pct, strict=True):
            is_missing = kind == "SOFR" and day == _NO_PERCENTILES
            text += f',"percentPercentile{rank}": ' + ('"NA" ' if is_missing else f"{value:.2f} ")
        if kind == "EFFR":
            text += f',"targetRateFrom": {world.lower_pct(day):.2f} ,"targetRateTo": {world.upper_pct(day):.2f} '
    if half != "rate":
        text += f',"volumeInBillions": {rate.volume_usd_bn} '
    return text + f',"revisionIndicator": "{indicator}" }}'


# -- operations -------------------------------------------------------------------------------------------------------


def _operations(world: World, now: datetime, first: date, last: date) -> list[Operation]:
    """Operations whose results are out, newest day first and in time order inside a day."""
    return [
        operation
        for day in sorted(world.operations, reverse=True)
        if max(first, FIRST) <= day <= last
        for operation in world.operations[day]
        if _result_at(operation) <= now
    ]


def _latest_operations(world: World, now: datetime, which: list[str], wanted: Iterable[str]) -> str:
    found = _operations(world, now, date.min, date.max)
    found = [o for o in found if not wanted or _type(o) in wanted]
    if which[0] == "last":
        found = found[: int(which[1])]
    elif found:
        since = found[0].day - timedelta(days=14 if which == ["lastTwoWeeks"] else 0)
        found = [o for o in found if o.day >= since]
    return _print_operations(world, now, found, wanted)


def _type(operation: Operation) -> str:
    return "Reverse Repo" if operation.is_reverse else "Repo"


def _seconds(world: World, operation: Operation) -> int:
    return 5 + round(50 * world.share(f"{operation.kind} result", operation.day))


def _result_at(operation: Operation) -> datetime:
    """A minute after the close, when the last of the recorded results were there."""
    return new_york_to_utc(operation.day, time.fromisoformat(operation.close_time)) + timedelta(minutes=1)


def _note_and_update(world: World, now: datetime, operation: Operation) -> tuple[str, str]:
    """Note and lastUpdated (New York) as of ``now``."""
    edited_on = add_business_days(operation.day, 1)
    if (
        operation.kind == "ON RRP"
        and world.share("edited note", operation.day) < 0.04
        and now >= new_york_to_utc(edited_on, _EDITED_AT)
    ):
        return EDITED_NOTE, f"{edited_on} {_EDITED_AT:%H:%M}:12"
    return operation.note, f"{operation.day} {operation.close_time}:{_seconds(world, operation):02d}"


def _propositions_until(now: datetime) -> date:
    """The counterparty split of a quarter comes about forty days after its end."""
    day = now.date() - timedelta(days=40)
    quarter_start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    end = last_day(quarter_start.replace(month=quarter_start.month + 2))
    return end if end <= day else quarter_start - timedelta(days=1)


def _print_operations(world: World, now: datetime, operations: list[Operation], wanted: Iterable[str]) -> str:
    split_until = _propositions_until(now)
    printed = [_print_operation(world, now, o, split_until) for o in operations if not wanted or _type(o) in wanted]
    if not printed:
        return '{ "repo": { "operations": [] } }'
    return '{ "repo": { "operations": [ ' + ", ".join(printed) + " ] } }"


def _print_operation(world: World, now: datetime, operation: Operation, split_until: date) -> str:
    day = operation.day
    note, updated = _note_and_update(world, now, operation)
    method = "Multiple Price"
    if operation.is_reverse:
        method = "Fixed Rate"
    elif day >= FULL_ALLOTMENT_START:
        method = "Full Allotment"
    fields = {
        "operationId": f"RP {day:%m%d%y} {operation.number}",
        "auctionStatus": "Results",
        "operationDate": str(day),
        "settlementDate": str(operation.settlement),
        "maturityDate": str(operation.maturity),
        "operationType": _type(operation),
        "operationMethod": method,
        "settlementType": "Same Day" if operation.settlement == day else "1 Day Forward",
        "termCalenderDays": (operation.maturity - operation.settlement).days,
        "term": "Term" if operation.is_term else "Overnight",
        "releaseTime": operation.release_time if day >= _CLOCK_START else None,
        "closeTime": operation.close_time,
        "note": note,
        "lastUpdated": updated,
    }
    total = operation.accepted_usd_mn * 1_000_000
    text = "{ " + ", ".join(f'"{name}": {json.dumps(value)}' for name, value in fields.items() if value is not None)
    if operation.is_reverse:
        bidders = 8 + round(total / 3e10) + round(6 * world.share("bidders", day)) if total else 0
        text += f' ,"participatingCpty": {bidders} ,"acceptedCpty": {bidders}'
    elif operation.limit_usd_mn is not None:
        text += f' ,"operationLimit": {operation.limit_usd_mn * 1_000_000}'
    text += f' ,"totalAmtSubmitted": {total} ,"totalAmtAccepted": {total} , "details": [ '
    text += ", ".join(_print_leg(operation, method, name, amount) for name, amount in operation.legs_usd_mn) + " ]"
    if operation.is_reverse and day <= split_until:
        funds = round(operation.accepted_usd_mn * (0.88 + 0.08 * world.share("money funds", day)))
        rest = operation.accepted_usd_mn - funds
        split = {"bank": 0, "gse": rest - rest // 10, "mmf": funds, "pd": rest // 10}
        text += ' ,"propositions": [ '
        text += ", ".join(
            f'{{ "counterpartyType": "{kind}", "amtAccepted": {amount * 1_000_000} }}' for kind, amount in split.items()
        )
        text += " ]"
    return text + " }"


def _print_leg(operation: Operation, method: str, name: str, amount_usd_mn: int) -> str:
    amount = amount_usd_mn * 1_000_000
    rate = operation.rate_pct
    text = f'{{ "securityType": "{name}", "amtSubmitted": {amount}, "amtAccepted": {amount}'
    if operation.is_reverse:
        offering = f' ,"percentOfferingRate": {rate:.2f}' if operation.day >= _CLOCK_START else ""
        return text + f'{offering} ,"percentAwardRate": {rate:.2f} }}'
    if method == "Full Allotment":
        return text + f' ,"percentOfferingRate": {rate:.2f} }}'
    text += f' ,"minimumBidRate": {rate:.2f}'
    if amount:
        high = rate + (0.05 if operation.kind == "repo" else 0.0)
        text += (
            f' ,"percentHighRate": {high:.2f} ,"percentLowRate": {rate:.2f} ,"percentStopOutRate": {rate:.2f}'
            f' ,"percentWeightedAverageRate": {rate + (high - rate) / 4:.3f}'
        )
    return text + " }"


# -- SOMA -------------------------------------------------------------------------------------------------------------

_SOMA_FIELDS = {  # name and whether it is printed with cents
    "mbs": True,
    "cmbs": True,
    "tips": False,
    "frn": False,
    "tipsInflationCompensation": True,
    "notesbonds": False,
    "bills": False,
    "agencies": False,
    "total": True,
}


def _soma(world: World, now: datetime) -> str:
    """The weekly portfolio, oldest first, amounts in US dollars as text; `""` where none is held. A Wednesday that is a
    holiday goes by the business day before, as in the recorded history since 2019."""
    rows = []
    for day, cents in world.soma_usd_cents.items():
        if new_york_to_utc(add_business_days(day, 1), time(16, 30)) > now:
            break
        row = {"asOfDate": str(day if is_open(day) else add_business_days(day, -1))}
        for name, has_cents in _SOMA_FIELDS.items():
            value = cents[name]
            if value is None:
                row[name] = ""
            else:
                row[name] = f"{value // 100}.{value % 100:02d}" if has_cents else str(value // 100)
        rows.append(row)
    return json.dumps({"soma": {"summary": rows}}, separators=(",", ":"))


# -- dealers, swaps, purchases ----------------------------------------------------------------------------------------

_SUPPRESSED_LINE = "PDPOSTIPS-G11"  # too few dealers hold some of it in some weeks: printed as an asterisk


def _dealers(world: World, now: datetime, keys: list[str]) -> str:
    """Lines of the survey, oldest day first, whole USD millions as text; published on Thursday of the next week."""
    lines = world.dealer_lines_usd_mn
    rows = []
    for day in world.wednesdays:
        if new_york_to_utc(add_business_days(day + timedelta(days=8), 0), time(16, 15)) > now:
            break
        for key in keys:
            if day in lines[key]:
                is_hidden = key == _SUPPRESSED_LINE and world.share("suppressed", day) < 0.02
                value = "*" if is_hidden else str(lines[key][day])
                rows.append(f'{{ "asofdate": "{day}", "keyid": "{key}", "value": "{value}" }}')
    return '{"pd": { "timeseries": [ ' + ", ".join(rows) + " ] } }"


def _swaps(world: World, now: datetime, first: date, last: date) -> str:
    """Swaps by trade date, newest first; published on Thursday of the week after."""
    rows = [
        _print_swap(swap)
        for swap in reversed(world.swaps)
        if first <= swap.traded <= last
        and new_york_to_utc(add_business_days(swap.traded + timedelta(days=8), 0), time(16)) <= now
    ]
    return json.dumps({"fxSwaps": {"operations": rows}})


def _print_swap(swap: Swap) -> dict[str, object]:
    return {
        "operationType": "U.S. Dollar Liquidity Swap" if swap.currency == "USD" else "Non-U.S. Dollar Liquidity Swap",
        "counterparty": swap.counterparty,
        "currency": swap.currency,
        "tradeDate": str(swap.traded),
        "settlementDate": str(swap.settles),
        "maturityDate": str(swap.matures),
        "termInDays": (swap.matures - swap.settles).days,
        "amount": swap.amount,
        "interestRate": swap.rate_pct,
        "isSmallValue": "Y" if swap.is_small_value else "",
        "lastUpdated": f"{swap.traded} 15:00:00",
    }


def _purchases(world: World, now: datetime, first: date, last: date) -> str:
    """Outright purchases, newest first; results a minute after the close at 09:20."""
    rows = [
        _print_purchase(purchase)
        for purchase in reversed(world.purchases)
        if first <= purchase.day <= last and new_york_to_utc(purchase.day, time(9, 21)) <= now
    ]
    return json.dumps({"treasury": {"auctions": rows}})


def _print_purchase(purchase: Purchase) -> dict[str, object]:
    return {
        "operationId": f"OR {purchase.day:%m%d%y} {purchase.number}",
        "auctionStatus": "Results",
        "operationType": purchase.kind,
        "operationDate": str(purchase.day),
        "settlementDate": str(purchase.settles),
        "maturityRangeStart": str(purchase.maturities[0]),
        "maturityRangeEnd": str(purchase.maturities[1]),
        "operationDirection": "P",
        "auctionMethod": "Multiple Price",
        "releaseTime": "09:00",
        "closeTime": "09:20",
        "totalParAmtSubmitted": str(purchase.submitted_usd_mn * 1_000_000),
        "totalParAmtAccepted": str(purchase.accepted_usd_mn * 1_000_000),
        "note": purchase.note,
        "lastUpdated": f"{purchase.day} 09:20:{30 + purchase.number}",
    }
