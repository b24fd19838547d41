"""Simulated tables of the Monthly Treasury Statement: the budget, and how the deficit is financed."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from ingest.sample import debt
from ingest.sample.fiscaldata.common import Row, Table, calendar_cells, months_of, usd_text
from ingest.sample.world import World
from ingest.sample.world.dates import last_day, month_after

_LABELS = "record_date parent_id classification_id classification_desc"
_OUTLINE = (
    "table_nbr src_line_nbr print_order_nbr line_code_nbr data_type_cd record_type_cd sequence_level_nbr "
    "sequence_number_cd"
)


def _outlined(day: date, table: str, lines: list[tuple[str, str, str, str, tuple[str, ...]]]) -> Iterator[Row]:
    """Rows of one statement: description, data type, record type, place in the outline and amounts of each line."""
    first = day.toordinal() * 100  # another number in every publication, as with the real ones
    ids = {sequence: first + n for n, (_, _, _, sequence, _) in enumerate(lines, start=1)}
    for n, (description, data_type, record_type, sequence, amounts) in enumerate(lines, start=1):
        parent = ids.get(sequence.rpartition(".")[0], "null")
        level = str(sequence.count(".") + 1)
        outline = (table, str(n), str(n), str(10 * n), data_type, record_type, level, sequence)
        yield (str(day), str(parent), str(ids[sequence]), description, *amounts, *outline, *calendar_cells(day))


def _printed_cents(world: World, month: date, statement: date) -> tuple[int, int]:
    """Receipts and outlays of a month as a statement prints them, US cents; the deficit is whole millions."""
    receipts, outlays = debt.budget(world)[month].printed(statement)
    extra = world.rng("cents", month).randrange(10**8)
    return 100_000_000 * receipts + extra, 100_000_000 * outlays + extra


def _budget_rows(world: World) -> Iterator[Row]:
    """Every statement names each month of two fiscal years as they are known then, the first of them whole, each behind
    a header and before the sum, which is called Year-to-Date in both."""
    for month in months_of(world):
        lines: list[tuple[str, str, str, str, tuple[str, ...]]] = []
        for block, year in enumerate((debt.fiscal_year(month) - 1, debt.fiscal_year(month)), start=1):
            months = [m for n in range(12) if (m := month_after(date(year - 1, 10, 1), n)) <= month]
            printed = [_printed_cents(world, m, month) for m in months]
            lines.append((f"FY {year}", "S", "SL", str(block), ("null",) * 3))
            for n, (m, amounts) in enumerate(zip(months, printed, strict=True), start=1):
                lines.append((f"{m:%B}", "D", "MTH", f"{block}.{n}", _three(*amounts)))
            receipts, outlays = (sum(amounts) for amounts in zip(*printed, strict=True))
            lines.append(("Year-to-Date", "T", "SL", f"{block}.{len(months) + 1}", _three(receipts, outlays)))
        yield from _outlined(last_day(month), "1", lines)


def _three(receipts: int, outlays: int) -> tuple[str, ...]:
    return (usd_text(receipts), usd_text(outlays), usd_text(outlays - receipts))  # a deficit is positive


# Line, data type, place in the outline. The names of totals are those of the printed statement.
_MEANS = (
    ("Liability Accounts", "S", "1"),
    ("Borrowing from the Public", "S", "1.1"),
    ("Public Debt Securities, Issued Under General Financing Authorities", "D", "1.1.1"),
    ("Deduct: Federal Securities Held as Investments of Government Accounts", "D", "1.1.2"),
    ("Total Borrowing from the Public", "T", "1.1.3"),
    ("Deposit Funds", "D", "1.2"),
    ("Miscellaneous Liability Accounts (Includes Checks Outstanding Etc.)", "D", "1.3"),
    ("Total Liability Accounts", "T", "1.4"),
    ("Asset Accounts (Deduct)", "S", "2"),
    ("U.S. Treasury Operating Cash", "D", "2.1"),
    ("Net Activity, Direct Loan Financing", "D", "2.2"),
    ("Total Asset Accounts", "T", "2.3"),
    ("Excess of Liabilities (+) or Assets (-)", "T", "3"),
    ("Transactions Not Applied to Current Year's Surplus or Deficit (See Schedule A for Details)", "D", "4"),
    ("Total Budget and Off-Budget Federal Entities (Financing of Deficit (+) or Disposition of Surplus (-))", "T", "5"),
)


def _books(world: World) -> dict[date, tuple[int, int, int]]:
    """Debt held by the public and by federal accounts, and cash, at months' ends; the cash differs from that of the
    daily statement by what is on its way, at most 400 million US dollars."""
    return {
        month: (public, held, cash + world.rng("in transit", month).randint(-400, 400))
        for month, (public, held, cash) in debt.month_ends_usd_mn(world).items()
    }


def _means_cents(world: World) -> dict[date, dict[str, int]]:
    """Net transactions by place in the outline and month, US cents: they finance the month's deficit to the cent, as
    the month's own statement has it."""
    ends = _books(world)
    flows = {}
    for before, month in pairwise(ends):
        public, held, cash = (b - a for a, b in zip(ends[before], ends[month], strict=True))
        receipts, outlays = _printed_cents(world, month, month)
        net = {"1.1.1": public + held, "1.1.2": held, "2.1": cash}
        draw = world.rng("means", month)
        net |= {"1.2": draw.randint(-900, 900), "2.2": draw.randint(2_000, 9_000), "4": draw.randint(20, 90)}
        cents = {place: 100_000_000 * amount for place, amount in net.items()}
        cents["1.1.3"] = cents["1.1.1"] - cents["1.1.2"]
        cents["2.3"] = cents["2.1"] + cents["2.2"]
        cents["5"] = outlays - receipts
        cents["3"] = cents["5"] - cents["4"]
        cents["1.4"] = cents["3"] + cents["2.3"]
        cents["1.3"] = cents["1.4"] - cents["1.1.3"] - cents["1.2"]
        flows[month] = cents
    return flows


def _means_rows(world: World) -> Iterator[Row]:
    """Table 6 of the Monthly Treasury Statement: borrowing, cash and the rest."""
    flows, ends = _means_cents(world), _books(world)
    first, (public, held, cash) = next(iter(ends.items()))
    opening = {"1.1.1": public + held, "1.1.2": held, "1.1.3": public, "1.4": public, "2.1": cash, "2.3": cash}
    opening |= {"3": public - cash, "5": public - cash}
    balance = {place: 100_000_000 * opening.get(place, 0) for _, kind, place in _MEANS if kind != "S"}
    balances = {first: balance}
    for month, cents in flows.items():
        balance = {place: amount + cents[place] for place, amount in balance.items()}
        balances[month] = balance

    def year_to_date(place: str, month: date) -> str:
        months = [month_after(date(debt.fiscal_year(month) - 1, 10, 1), n) for n in range((month.month - 10) % 12 + 1)]
        known = [flows[m][place] for m in months if m in flows]
        return usd_text(sum(known)) if len(known) == len(months) else "null"

    for month in months_of(world):
        lines = []
        for description, kind, place in _MEANS:
            amounts: tuple[str, ...] = ("null",) * 6
            if kind != "S":
                year_before = balances.get(date(debt.fiscal_year(month) - 1, 9, 1))
                amounts = (
                    usd_text(flows[month][place]),
                    year_to_date(place, month),
                    year_to_date(place, month.replace(year=month.year - 1)),
                    usd_text(year_before[place]) if year_before else "null",
                    usd_text(balances[month_after(month, -1)][place]),
                    usd_text(balances[month][place]),
                )
            lines.append((description, kind, "GL", place, amounts))
        yield from _outlined(last_day(month), "6", lines)


TABLES = {
    "v1/accounting/mts/mts_table_1": Table(
        f"{_LABELS} current_month_gross_rcpt_amt current_month_gross_outly_amt current_month_dfct_sur_amt {_OUTLINE}",
        _budget_rows,
    ),
    "v1/accounting/mts/mts_table_6": Table(
        f"{_LABELS} current_month_net_txn_amt fytd_net_txn_amt prior_fytd_net_txn_amt begin_year_acct_bal_amt "
        f"begin_month_acct_bal_amt close_month_acct_bal_amt {_OUTLINE}",
        _means_rows,
    ),
}
