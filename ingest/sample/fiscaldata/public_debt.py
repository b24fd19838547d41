"""Simulated tables of the public debt: to the penny, by class, by security, and what it costs."""

from collections.abc import Iterator, Sequence
from datetime import date

from ingest.sample import debt
from ingest.sample.fiscaldata.common import (
    TEXT,
    Fields,
    Lines,
    Row,
    classes_of,
    millions_text,
    months_of,
    pct_text,
    pennies_of,
    usd_text,
)
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, last_day, last_open_day, month_after
from ingest.sample.world.levels import knots_by_name, level_at

_DETAIL_NAMES = {  # class of the summary: class of the detail, name in the line of its total
    "Bills": ("Bills Maturity Value", "Treasury Bills"),
    "Notes": ("Notes", "Treasury Notes"),
    "Bonds": ("Bonds", "Treasury Bonds"),
    "Treasury Inflation-Protected Securities": ("Inflation-Protected Securities", "Treasury TIPS"),
    "Floating Rate Notes": ("Floating Rate Notes", "Treasury Floating Rate Notes"),
}
# Old securities that were never presented for payment, in hundreds of US dollars.
_NEVER_PRESENTED = {"Bills": 4_150, "Notes": 250_000, "Bonds": 278_046}


def _penny_lines(world: World) -> Iterator[tuple[date, Sequence[Row]]]:
    """Debt to the penny, a row for each business day."""
    for day, (public, held) in debt.debt_usd_mn(world).items():
        if day >= FIRST:
            cents = (100_000_000 * public + pennies_of(world, day), 100_000_000 * held)
            yield day, [tuple(map(usd_text, (*cents, sum(cents))))]


def _class_lines(world: World) -> Iterator[tuple[date, Sequence[Row]]]:
    """Table 1 of the debt's monthly statement: classes and their totals."""
    for month in months_of(world):
        day, (total, held) = last_day(month), classes_of(world, month)
        lines: list[tuple[str, str, tuple[str, ...]]] = []
        for kind, names in (("Marketable", debt.MARKETABLE), ("Nonmarketable", debt.NONMARKETABLE)):
            lines += [(kind, name, (name,)) for name in names]
            lines.append((f"Total {kind}", "_", names))
        lines.append(("Total Public Debt Outstanding", "_", tuple(total)))
        statement = []
        for kind, name, parts in lines:
            whole, inside = sum(total[part] for part in parts), sum(held[part] for part in parts)
            statement.append((kind, name, *map(millions_text, (whole - inside, inside, whole))))
        yield day, statement


def _security_lines(world: World) -> Iterator[tuple[date, Sequence[Row]]]:
    """A row for each tranche; the outstanding amount is in the oldest tranche of its CUSIP. What has matured and is
    not yet paid has no CUSIP any more, only a sum: when the month ends on a weekend, all that fell due on it."""
    for month in months_of(world):
        day = last_day(month)
        classes, _ = classes_of(world, month)
        matured = _NEVER_PRESENTED | {
            "Notes": _NEVER_PRESENTED["Notes"] + 10_000 * world.notes_matured_usd_mn(month),
        }
        unmatured = {name: amount - matured.get(name, 0) for name, amount in classes.items()}
        rows: list[tuple[str, ...]] = []
        for name, held in debt.holdings(world, day, unmatured).items():
            detail, total = _DETAIL_NAMES[name]
            for holding in held:
                coupon = pct_text(debt.coupon_pct(world, holding.kind, holding.maturity))
                for n, (issued_on, issued) in enumerate(holding.tranches):
                    years = (holding.maturity - issued_on).days / 365
                    rate = pct_text(debt.yield_pct(world, holding.kind, issued_on, years))
                    amounts = (issued, 0 if n else holding.accretion, 0)
                    whole = millions_text(holding.outstanding) if n == 0 else "null"
                    dates = (str(issued_on), str(holding.maturity))
                    rows.append((detail, holding.cusip, coupon, rate, *dates, *map(millions_text, amounts), whole))
            nothing = ("null",) * 7
            if name in matured:
                rows.append((detail, f"Total Unmatured {total}", *nothing, millions_text(unmatured[name])))
                rows.append((detail, f"Total Matured {total}", *nothing, millions_text(matured[name])))
            rows.append((detail, f"Total {total}", *nothing, millions_text(classes[name])))
        rows.append(("Federal Financing Bank", "null", *nothing, millions_text(classes["Federal Financing Bank"])))
        rows.append(
            ("Total Marketable", "null", *nothing, millions_text(sum(classes[name] for name in debt.MARKETABLE)))
        )
        yield day, [("Marketable", *row) for row in rows]


def _rates_pct(world: World, month: date) -> dict[str, float]:
    """Average rates: bills at what they yielded over half a year; the rest creeps towards what new debt costs."""
    day = last_day(month)
    days = [last_open_day(month_after(month, -n)) for n in range(6)]
    bills = sum(debt.yield_pct(world, "Bill", d, 0.25) for d in days) / len(days)
    return {
        "Bills": bills,
        "Notes": level_at(_COUPONS_PCT["Notes"], day),
        "Bonds": level_at(_COUPONS_PCT["Bonds"], day),
        "Treasury Inflation-Protected Securities": 0.8,
        "Floating Rate Notes": debt.yield_pct(world, "FRN", days[0], 2) + 0.1,
        "Federal Financing Bank": 2.4,
        "Domestic Series": 7.6,
        "State and Local Government Series": 0.6 * bills,
        "United States Savings Securities": 3.2,
        "Government Account Series": level_at(_COUPONS_PCT["Notes"], day) + 0.2,
    }


def _rate_lines(world: World) -> Iterator[tuple[date, Sequence[Row]]]:
    for month in months_of(world):
        day, (total, _) = last_day(month), classes_of(world, month)
        rates = _rates_pct(world, month)
        lines = []
        for kind, names in (("Marketable", debt.MARKETABLE), ("Non-marketable", debt.NONMARKETABLE)):
            lines += [(kind, _RATE_NAMES.get(name, name), rates[name]) for name in names if name in rates]
            lines.append((kind, f"Total {kind}", _mean(names, rates, total)))
        everything = debt.MARKETABLE + debt.NONMARKETABLE
        lines.append(("Interest-bearing Debt", "Total Interest-bearing Debt", _mean(everything, rates, total)))
        yield day, [(kind, name, pct_text(rate)) for kind, name, rate in lines]


def _expense_lines(world: World) -> Iterator[tuple[date, Sequence[Row]]]:
    """Average rates times what is outstanding, by month; what prices did to inflation-protected securities is apart."""
    so_far: dict[tuple[str, str], int] = {}
    for month in months_of(world):
        day, (total, _) = last_day(month), classes_of(world, month)
        rates = _rates_pct(world, month)
        if month.month == 10:
            so_far.clear()
        lines = [(*name, round(100 * total[kind] * rates[kind] * day.day / 365)) for kind, name in _EXPENSES.items()]
        lines.append((_ACCRUED, "Int. Expense Inflation Compensation (TIPS)", round(20 * total[_PROTECTED])))
        statement = []
        for group, kind, cents in lines:
            so_far[group, kind] = so_far.get((group, kind), 0) + cents
            amounts = (usd_text(cents), usd_text(so_far[group, kind]))
            statement.append(("INTEREST EXPENSE ON PUBLIC ISSUES", group, kind, *amounts))
        yield day, statement


def _mean(names: tuple[str, ...], rates: dict[str, float], total: dict[str, int]) -> float:
    """Average rate of some classes by size; TIPS and floating-rate notes are in no average."""
    apart = ("Treasury Inflation-Protected Securities", "Floating Rate Notes")
    parts = [name for name in names if name in rates and name not in apart]
    return sum(rates[name] * total[name] for name in parts) / sum(total[name] for name in parts)


_RATE_NAMES = {
    "Bills": "Treasury Bills",
    "Notes": "Treasury Notes",
    "Bonds": "Treasury Bonds",
    "Treasury Inflation-Protected Securities": "Treasury Inflation-Protected Securities (TIPS)",
    "Floating Rate Notes": "Treasury Floating Rate Notes (FRN)",
}
_ACCRUED, _PROTECTED = "ACCRUED INTEREST EXPENSE", "Treasury Inflation-Protected Securities"
_EXPENSES = {
    "Notes": (_ACCRUED, "Treasury Notes"),
    "Bonds": (_ACCRUED, "Treasury Bonds"),
    _PROTECTED: (_ACCRUED, "Inflation Protected Securities (TIPS)"),
    "Floating Rate Notes": (_ACCRUED, "Treasury Floating Rate Notes (FRN)"),
    "Domestic Series": (_ACCRUED, "Domestic Series - C/I's & Demand Deposits"),
    "State and Local Government Series": (_ACCRUED, "State & Local Government-C/I's, Notes & Bonds"),
    "Bills": ("AMORTIZED DISCOUNT", "Treasury Bills"),
    "United States Savings Securities": ("SAVINGS BONDS", "Series E and EE"),
}
_COUPONS_PCT = knots_by_name("average_interest_pct")
# By endpoint, with the fields that the catalog does not have.
LINES: dict[str, tuple[Lines, Fields]] = {
    "v2/accounting/od/debt_to_penny": (_penny_lines, {}),
    "v1/debt/mspd/mspd_table_1": (_class_lines, {}),
    "v1/debt/mspd/mspd_table_3_market": (_security_lines, {"security_type_desc": ("Security Type Description", *TEXT)}),
    "v2/accounting/od/avg_interest_rates": (_rate_lines, {}),
    "v2/accounting/od/interest_expense": (_expense_lines, {}),
}
