"""Treasury's FiscalData API on simulated values: daily and monthly statements, the public debt, auctions.

Compact JSON in the envelope data, meta, links; every value is text, what is missing is the text "null", links are query
fragments without filter or sort, pages hold what page[size] asks for and are refused beyond the last one. Each table
comes out as its release rule says and is never revised, but for auctions: an announced one stands there without
results. Deposits and withdrawals reach back to 2005, before 2018 with one statement a month, because the requests of a
full load start there and an empty answer would look like a fault. What must not be here: how a value arises.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from itertools import pairwise

import httpx

from ingest.calendars import add_business_days, new_york_to_utc
from ingest.sample import debt
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, is_tax_time, last_day, last_open_day, month_after
from ingest.sample.world.levels import knots_by_name, level_at
from ingest.sample.world.statements import HOPE_BONDS_END

HOST = "api.fiscaldata.treasury.gov"
_SERVICE = "/services/api/fiscal_service/"
_LARGEST_PAGE = 10_000
TGA_START = date(2021, 10, 1)  # until the day before, the account is called Federal Reserve Account
FOUR_ROWS_START = date(2022, 4, 18)  # from here the closing balance is a row of its own
NEW_CATEGORIES_START = date(2023, 2, 14)  # from here the lines of deposits and withdrawals have other names
FIRST_DEPOSITS = date(2005, 10, 3)
_TGA = "Treasury General Account (TGA)"

Row = tuple[str, ...]
Fields = dict[str, tuple[str, str, str]]


def last_statement(now: datetime) -> date:
    """Date of the newest Daily Treasury Statement that is out at ``now``."""
    return _last_day_out(now, time(16))


def _last_day_out(now: datetime, at: time) -> date:
    day = add_business_days(now.date(), -1)
    while new_york_to_utc(add_business_days(day, 1), at) > now:
        day = add_business_days(day, -1)
    return day


def _last_month_out(business_days: int, at: time) -> Callable[[datetime], date]:
    """The last day of the newest month whose statement is out: on that business day of the next month."""

    def last(now: datetime) -> date:
        end = last_day(now.date())
        while new_york_to_utc(add_business_days(end, business_days), at) > now:
            end = last_day(month_after(end, -1))
        return end

    return last


def _as_it_is(row: Row, now: datetime) -> Row:
    """Default: what is out does not depend on the moment of asking."""
    return row


@dataclass(frozen=True)
class _Table:
    """A table: field name -> label, data type, data format; its rows up to the end of a world, oldest first; the newest
    record date that is out at a moment, and what a row looks like then (None: it is not there yet)."""

    fields: Fields
    rows: Callable[[World], Iterator[Row]]
    last: Callable[[datetime], date] = last_statement
    seen: Callable[[Row, datetime], Row | None] = _as_it_is


_MONEY = ("CURRENCY0", "$1,000,000")  # printed for millions of dollars too: it is no scale
_CENTS = ("CURRENCY", "$10.20")
_TEXT = ("STRING", "String")
_DATE = ("DATE", "YYYY-MM-DD")
_NUMBER = ("NUMBER", "10.2")
_LINE = {"src_line_nbr": ("Source Line Number", "INTEGER", "10")}
_CALENDAR_FIELDS = {
    "record_fiscal_year": ("Fiscal Year", "YEAR", "YYYY"),
    "record_fiscal_quarter": ("Fiscal Quarter Number", "QUARTER", "Q"),
    "record_calendar_year": ("Calendar Year", "YEAR", "YYYY"),
    "record_calendar_quarter": ("Calendar Quarter Number", "QUARTER", "Q"),
    "record_calendar_month": ("Calendar Month Number", "MONTH", "MM"),
    "record_calendar_day": ("Calendar Day Number", "DAY", "DD"),
}
_CASH_FIELDS = {
    "record_date": ("Record Date", "DATE", "YYYY-MM-DD"),
    "account_type": ("Type of Account", *_TEXT),
    "close_today_bal": ("Closing Balance Today", *_MONEY),
    "open_today_bal": ("Opening Balance Today", *_MONEY),
    "open_month_bal": ("Opening Balance This Month", *_MONEY),
    "open_fiscal_year_bal": ("Opening Balance This Fiscal Year", *_MONEY),
    "table_nbr": ("Table Number", *_TEXT),
    "table_nm": ("Table Name", *_TEXT),
    "sub_table_name": ("Sub Table Name", *_TEXT),
    "src_line_nbr": ("Source Line Number", "INTEGER", "10"),
    **_CALENDAR_FIELDS,
}
_DEBT_FIELDS = {
    "record_date": ("Record Date", "DATE", "YYYY-MM-DD"),
    "transaction_type": ("Transaction Type", *_TEXT),
    "security_market": ("Security Marketability", *_TEXT),
    "security_type": ("Security Type", *_TEXT),
    "security_type_desc": ("Security Type Description", *_TEXT),
    "transaction_today_amt": ("Transactions Today", *_MONEY),
    "transaction_mtd_amt": ("Transactions Month to Date", *_MONEY),
    "transaction_fytd_amt": ("Transactions Fiscal Year to Date", *_MONEY),
    "table_nbr": ("Table Number", *_TEXT),
    "table_nm": ("Table Name", *_TEXT),
    "src_line_nbr": ("Source Line Number", "INTEGER", "10"),
    **_CALENDAR_FIELDS,
}


def _calendar(day: date) -> Row:
    fiscal_year, fiscal_quarter = day.year + (day.month >= 10), (day.month - 10) % 12 // 3 + 1
    return (
        str(fiscal_year),
        str(fiscal_quarter),
        str(day.year),
        str((day.month + 2) // 3),
        f"{day:%m}",
        f"{day:%d}",
    )


def _cash_rows(world: World) -> Iterator[Row]:
    """Three layouts: one balance a day under two names, then four rows a day; millions of US dollars."""
    opening_month = opening_year = deposits_month = deposits_year = withdrawals_month = withdrawals_year = 0
    month = year = (0, 0)
    for day, (opening, deposits, withdrawals) in world.cash_flows_usd_mn.items():
        if (day.year, day.month) != month:
            month, opening_month, deposits_month, withdrawals_month = (day.year, day.month), opening, 0, 0
        if (day.year + (day.month >= 10), 0) != year:
            year, opening_year, deposits_year, withdrawals_year = (day.year + (day.month >= 10), 0), opening, 0, 0
        deposits_month, deposits_year = deposits_month + deposits, deposits_year + deposits
        withdrawals_month, withdrawals_year = withdrawals_month + withdrawals, withdrawals_year + withdrawals
        if day < FIRST:
            continue
        closing = world.tga_usd_mn[day]
        table = ("I", "Operating Cash Balance")
        if day < FOUR_ROWS_START:
            name = "Federal Reserve Account" if day < TGA_START else _TGA
            accounts: list[tuple[str, int | str, int, int, int]] = [
                (name, closing, opening, opening_month, opening_year),
                ("Supplementary Financing Program Account", 0, 0, 0, 0),
                ("Short-Term Cash Investments (Table V)", 0, 0, 0, 0),
            ]
            part = "Type of account"
        else:
            accounts = [
                (f"{_TGA} Opening Balance", "null", opening, opening_month, opening_year),
                ("Total TGA Deposits (Table II)", "null", deposits, deposits_month, deposits_year),
                ("Total TGA Withdrawals (Table II) (-)", "null", withdrawals, withdrawals_month, withdrawals_year),
                (f"{_TGA} Closing Balance", "null", closing, closing, closing),
            ]
            part = "Cash Balance Details"
        for line, (account, *amounts) in enumerate(accounts, start=1):
            yield (str(day), account, *map(str, amounts), *table, part, str(line), *_calendar(day))


def _debt_rows(world: World) -> Iterator[Row]:
    """Issues and redemptions by kind of security; line 14 (15 while Hope Bonds lasted) is the total, left out."""
    for day, lines in world.debt_transactions_usd_mn.items():
        if day < FIRST:
            continue
        calendar = _calendar(day)
        total_line = 15 if day <= HOPE_BONDS_END else 14
        for n, (label, *amounts) in enumerate(lines, start=1):
            line = n if n < total_line else n + 1
            yield (str(day), *label, *map(str, amounts), "IIIA", "Public Debt Transactions", str(line), *calendar)


# --- deposits and withdrawals ---------------------------------------------------------------------------------------

_FLOW_FIELDS = {
    "record_date": ("Record Date", *_DATE),
    "account_type": ("Type of Account", *_TEXT),
    "transaction_type": ("Transaction Type", *_TEXT),
    "transaction_catg": ("Transaction Category", *_TEXT),
    "transaction_catg_desc": ("Transaction Category Description", *_TEXT),
    "transaction_today_amt": ("Transactions Today", *_MONEY),
    "transaction_mtd_amt": ("Transactions Month to Date", *_MONEY),
    "transaction_fytd_amt": ("Transactions Fiscal Year to Date", *_MONEY),
    "table_nbr": ("Table Number", *_TEXT),
    "table_nm": ("Table Name", *_TEXT),
    **_LINE,
    **_CALENDAR_FIELDS,
}
# Old name, new name, share of what is no public debt.
_FLOWS = {
    "Deposits": (
        ("Cash FTD's Received (Table IV)", "Taxes - Withheld Individual/FICA", 0.62),
        ("Individual Income and Employment Taxes, Not Withheld", "Taxes - Non Withheld Ind/SECA Electronic", 0.15),
        ("Corporation Income Taxes", "Taxes - Corporate Income", 0.1),
        ("Customs and Certain Excise Taxes", "Customs and Certain Excise Taxes", 0.03),
        ("Other Deposits", "Other Deposits", 0.1),
    ),
    "Withdrawals": (
        ("Social Security Benefits (EFT)", "SSA - Benefits Payments", 0.24),
        ("Medicare", "HHS - Federal Hospital Insr Trust Fund", 0.2),
        ("Medicaid", "HHS - Grants to States for Medicaid", 0.11),
        ("Defense Vendor Payments (EFT)", "Dept of Defense (DoD) - misc", 0.11),
        ("Federal Salaries (EFT)", "Federal Salaries (EFT)", 0.05),
        ("Interest on Treasury Securities", "Interest on Treasury Securities", 0.09),
        ("Other Withdrawals", "Other Withdrawals", 0.2),
    ),
}
_TAX_DAY_SHARES = {"Taxes - Withheld Individual/FICA": 0.2, "Taxes - Non Withheld Ind/SECA Electronic": 0.57}


def _flow_lines(day: date, kind: str, total: int, of_debt: int) -> list[tuple[str, str, int]]:
    """Account, category and amount of the lines of one kind, USD millions; the total is the last."""
    account = "Federal Reserve Account" if day < TGA_START else _TGA
    rest, lines = total - of_debt, []
    for old, new, usual in _FLOWS[kind]:
        share = _TAX_DAY_SHARES.get(new, usual) if is_tax_time(day) else usual
        lines.append((account, new if day >= NEW_CATEGORIES_START else old, round(share * (total - of_debt))))
        rest -= lines[-1][2]
    lines[-1] = (*lines[-1][:2], lines[-1][2] + rest)
    table = "Table IIIB" if day >= TGA_START else "Table III-B"
    debt_name = "Public Debt Cash Issues" if kind == "Deposits" else "Public Debt Cash Redemp."
    name = "Federal Reserve Account" if day < TGA_START else "Treasury General Account"
    return [*lines, (account, f"{debt_name} ({table})", of_debt), (f"{name} Total {kind}", "null", total)]


def _flow_rows(world: World) -> Iterator[Row]:
    """Table II: deposits and withdrawals of every day since 2018, and of the last one of a month before."""
    flows: dict[date, tuple[int, int, int, int]] = {}
    month = FIRST_DEPOSITS
    while month < FIRST:
        day = last_open_day(month)
        issued, matured = (
            world.rng(kind, day).randint(20_000, 90_000) for kind in ("early issues", "early redemptions")
        )
        taken, paid = (world.rng(kind, day).randint(6_000, 18_000) for kind in ("early taxes", "early outlays"))
        flows[day] = (issued + taken, issued, matured + paid, matured)
        month = month_after(month)
    for day, (_, deposits, withdrawals) in world.cash_flows_usd_mn.items():
        issued, matured = world.debt_cash_usd_mn(day)
        if day >= FIRST:
            flows[day] = (deposits, issued, withdrawals, matured)
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    before = FIRST_DEPOSITS
    for day, (deposits, issued, withdrawals, matured) in flows.items():
        if debt.fiscal_year(day) != debt.fiscal_year(before):
            sums = {}
        elif day.month != before.month:
            sums = {label: (0, year) for label, (_, year) in sums.items()}
        before, calendar, line = day, _calendar(day), 0
        for kind, total, of_debt in (("Deposits", deposits, issued), ("Withdrawals", withdrawals, matured)):
            for account, category, today in _flow_lines(day, kind, total, of_debt):
                month_to_date, year_to_date = sums.get((kind, account, category), (0, 0))
                amounts = (today, month_to_date + today, year_to_date + today)
                sums[kind, account, category] = amounts[1:]
                line += 1
                table = ("II", "Deposits and Withdrawals of Operating Cash", str(line))
                yield (str(day), account, kind, category, "null", *map(str, amounts), *table, *calendar)


# --- the debt -------------------------------------------------------------------------------------------------------

_PENNY_FIELDS = {
    "record_date": ("Record Date", *_DATE),
    "debt_held_public_amt": ("Debt Held by the Public", *_CENTS),
    "intragov_hold_amt": ("Intragovernmental Holdings", *_CENTS),
    "tot_pub_debt_out_amt": ("Total Public Debt Outstanding", *_CENTS),
    **_LINE,
    **_CALENDAR_FIELDS,
}
_CLASS_FIELDS = {
    "record_date": ("Record Date", *_DATE),
    "security_type_desc": ("Security Type Description", *_TEXT),
    "security_class_desc": ("Security Class Description", *_TEXT),
    "debt_held_public_mil_amt": ("Debt Held by the Public (in Millions)", *_MONEY),
    "intragov_hold_mil_amt": ("Intragovernmental Holdings (in Millions)", *_MONEY),
    "total_mil_amt": ("Total Public Debt Outstanding (in Millions)", *_MONEY),
    **_LINE,
    **_CALENDAR_FIELDS,
}
_SECURITY_FIELDS = {
    "record_date": ("Record Date", *_DATE),
    "security_type_desc": ("Security Type Description", *_TEXT),
    "security_class1_desc": ("Security Class 1 Description", *_TEXT),
    "security_class2_desc": ("Security Class 2 Description", *_TEXT),
    "interest_rate_pct": ("Interest Rate", "PERCENTAGE", "10.2%"),
    "yield_pct": ("Yield", "PERCENTAGE", "10.2%"),
    "issue_date": ("Issue Date", *_DATE),
    "maturity_date": ("Maturity Date", *_DATE),
    "issued_amt": ("Issued Amount (in Millions)", *_MONEY),
    "inflation_adj_amt": ("Amount Adjusted for Inflation (in Millions)", *_MONEY),
    "redeemed_amt": ("Redeemed Amount (in Millions)", *_MONEY),
    "outstanding_amt": ("Outstanding Amount (in Millions)", *_MONEY),
    **_LINE,
    **_CALENDAR_FIELDS,
}
_RATE_FIELDS = {
    "record_date": ("Record Date", *_DATE),
    "security_type_desc": ("Security Type Description", *_TEXT),
    "security_desc": ("Security Description", *_TEXT),
    "avg_interest_rate_amt": ("Average Interest Rate Amount", "PERCENTAGE", "10.2%"),
    **_LINE,
    **_CALENDAR_FIELDS,
}
_DETAIL_NAMES = {  # class of the summary: class of the detail, name in the line of its total
    "Bills": ("Bills Maturity Value", "Treasury Bills"),
    "Notes": ("Notes", "Treasury Notes"),
    "Bonds": ("Bonds", "Treasury Bonds"),
    "Treasury Inflation-Protected Securities": ("Inflation-Protected Securities", "Treasury TIPS"),
    "Floating Rate Notes": ("Floating Rate Notes", "Treasury Floating Rate Notes"),
}
# Old securities that nobody has come for, in hundreds of US dollars.
_NEVER_PRESENTED = {"Bills": 4_150, "Notes": 250_000, "Bonds": 278_046}


def _usd(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _mil(hundreds: int) -> str:
    """US dollar millions with up to four decimals, from hundreds of dollars."""
    return f"{hundreds // 10_000}.{hundreds % 10_000:04d}".rstrip("0").rstrip(".")


def _pct(rate: float | None) -> str:
    return "null" if rate is None else f"{rate:.3f}"


def _pennies(world: World, day: date) -> int:
    """Cents by which the debt held by the public differs from its whole millions, less than half of one."""
    return round((world.share("pennies", day) - 0.5) * 98_000_000)


def _penny_rows(world: World) -> Iterator[Row]:
    for day, (public, held) in debt.debt_usd_mn(world).items():
        if day >= FIRST:
            cents = (100_000_000 * public + _pennies(world, day), 100_000_000 * held)
            yield (str(day), *map(_usd, (*cents, sum(cents))), "1", *_calendar(day))


def _months(world: World) -> list[date]:
    """First days of the months whose end the world knows, since 2018."""
    levels = debt.debt_usd_mn(world)
    return [month for month in world.months if month >= FIRST and last_open_day(month) in levels]


def _classes(world: World, month: date) -> tuple[dict[str, int], dict[str, int]]:
    """Outstanding and held in federal accounts by class at the end of a month, in hundreds of US dollars."""
    end = last_open_day(month)
    classes = debt.debt_by_class_usd_mn(world)[end]
    held = debt.in_federal_accounts_usd_mn(classes, end)
    total = {name: 10_000 * amount for name, amount in classes.items()}
    return total | {"Bills": total["Bills"] + round(_pennies(world, end) / 10_000)}, {
        name: 10_000 * amount for name, amount in held.items()
    }


def _class_rows(world: World) -> Iterator[Row]:
    for month in _months(world):
        day, (total, held) = last_day(month), _classes(world, month)
        lines: list[tuple[str, str, tuple[str, ...]]] = []
        for kind, names in (("Marketable", debt.MARKETABLE), ("Nonmarketable", debt.NONMARKETABLE)):
            lines += [(kind, name, (name,)) for name in names]
            lines.append((f"Total {kind}", "_", names))
        lines.append(("Total Public Debt Outstanding", "_", tuple(total)))
        for line, (kind, name, parts) in enumerate(lines, start=1):
            whole, inside = sum(total[part] for part in parts), sum(held[part] for part in parts)
            yield (str(day), kind, name, *map(_mil, (whole - inside, inside, whole)), str(line), *_calendar(day))


def _security_rows(world: World) -> Iterator[Row]:
    """A row for each tranche; what is outstanding stands in the oldest tranche of its CUSIP. What has matured and is
    not yet paid has no CUSIP any more, only a sum: when the month ends on a weekend, all that fell due on it."""
    for month in _months(world):
        day, calendar, line = last_day(month), _calendar(last_day(month)), 0
        classes, _ = _classes(world, month)
        matured = _NEVER_PRESENTED | {
            "Notes": _NEVER_PRESENTED["Notes"] + 10_000 * world.notes_matured_usd_mn(month),
        }
        unmatured = {name: amount - matured.get(name, 0) for name, amount in classes.items()}
        rows: list[tuple[str, ...]] = []
        for name, held in debt.holdings(world, day, unmatured).items():
            detail, total = _DETAIL_NAMES[name]
            for holding in held:
                coupon = _pct(debt.coupon_pct(world, holding.kind, holding.maturity))
                for n, (issued_on, issued) in enumerate(holding.tranches):
                    years = (holding.maturity - issued_on).days / 365
                    rate = _pct(debt.yield_pct(world, holding.kind, issued_on, years))
                    amounts = (issued, 0 if n else holding.accretion, 0)
                    whole = _mil(holding.outstanding) if n == 0 else "null"
                    dates = (str(issued_on), str(holding.maturity))
                    rows.append((detail, holding.cusip, coupon, rate, *dates, *map(_mil, amounts), whole))
            nothing = ("null",) * 7
            if name in matured:
                rows.append((detail, f"Total Unmatured {total}", *nothing, _mil(unmatured[name])))
                rows.append((detail, f"Total Matured {total}", *nothing, _mil(matured[name])))
            rows.append((detail, f"Total {total}", *nothing, _mil(classes[name])))
        rows.append(("Federal Financing Bank", "null", *nothing, _mil(classes["Federal Financing Bank"])))
        rows.append(("Total Marketable", "null", *nothing, _mil(sum(classes[name] for name in debt.MARKETABLE))))
        for line, row in enumerate(rows, start=1):
            yield (str(day), "Marketable", *row, str(line), *calendar)


def _rate_rows(world: World) -> Iterator[Row]:
    """Bills at what they yielded over half a year; the rest creeps towards what new debt costs."""
    for month in _months(world):
        day, (total, _) = last_day(month), _classes(world, month)
        days = [last_open_day(month_after(month, -n)) for n in range(6)]
        bills = sum(debt.yield_pct(world, "Bill", d, 0.25) for d in days) / len(days)
        rates = {
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
        lines = []
        for kind, names in (("Marketable", debt.MARKETABLE), ("Non-marketable", debt.NONMARKETABLE)):
            lines += [(kind, _RATE_NAMES.get(name, name), rates[name]) for name in names if name in rates]
            lines.append((kind, f"Total {kind}", _mean(names, rates, total)))
        everything = debt.MARKETABLE + debt.NONMARKETABLE
        lines.append(("Interest-bearing Debt", "Total Interest-bearing Debt", _mean(everything, rates, total)))
        for line, (kind, name, rate) in enumerate(lines, start=1):
            yield (str(day), kind, name, _pct(rate), str(line), *_calendar(day))


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
_COUPONS_PCT = knots_by_name("average_interest_pct")

# --- the Monthly Treasury Statement ---------------------------------------------------------------------------------

_OUTLINE_FIELDS = {
    "table_nbr": ("Table Number", *_TEXT),
    **_LINE,
    "print_order_nbr": ("Print Order Sequence Number", *_TEXT),
    "line_code_nbr": ("Line Code Number", *_TEXT),
    "data_type_cd": ("Data Type Code", *_TEXT),
    "record_type_cd": ("Record Type Code", *_TEXT),
    "sequence_level_nbr": ("Sequence Level Number", *_TEXT),
    "sequence_number_cd": ("Sequence Number Code", *_TEXT),
    **_CALENDAR_FIELDS,
}
_LABEL_FIELDS = {
    "record_date": ("Record Date", *_DATE),
    "parent_id": ("Parent ID", *_TEXT),
    "classification_id": ("Classification ID", *_TEXT),
    "classification_desc": ("Classification Description", *_TEXT),
}
_BUDGET_FIELDS = {
    **_LABEL_FIELDS,
    "current_month_gross_rcpt_amt": ("Current Month Gross Receipts Amount", *_CENTS),
    "current_month_gross_outly_amt": ("Current Month Gross Outlay Amount", *_CENTS),
    "current_month_dfct_sur_amt": ("Current Month Deficit Surplus Amount", *_CENTS),
    **_OUTLINE_FIELDS,
}
_MEANS_FIELDS = {
    **_LABEL_FIELDS,
    "current_month_net_txn_amt": ("Current Month Net Transaction Amount", *_CENTS),
    "fytd_net_txn_amt": ("Fiscal Year to Date Net Transaction Amount", *_CENTS),
    "prior_fytd_net_txn_amt": ("Prior Fiscal Year to Date Net Transaction Amount", *_CENTS),
    "begin_year_acct_bal_amt": ("Beginning Year Account Balance Amount", *_CENTS),
    "begin_month_acct_bal_amt": ("Beginning Month Account Balance Amount", *_CENTS),
    "close_month_acct_bal_amt": ("Closing Month Account Balance Amount", *_CENTS),
    **_OUTLINE_FIELDS,
}


def _outlined(day: date, table: str, lines: list[tuple[str, str, str, str, tuple[str, ...]]]) -> Iterator[Row]:
    """Rows of one statement: description, data type, record type, place in the outline and amounts of each line."""
    first = day.toordinal() * 100  # another number in every publication, as with the real ones
    ids = {sequence: first + n for n, (_, _, _, sequence, _) in enumerate(lines, start=1)}
    for n, (description, data_type, record_type, sequence, amounts) in enumerate(lines, start=1):
        parent = ids.get(sequence.rpartition(".")[0], "null")
        level = str(sequence.count(".") + 1)
        outline = (table, str(n), str(n), str(10 * n), data_type, record_type, level, sequence)
        yield (str(day), str(parent), str(ids[sequence]), description, *amounts, *outline, *_calendar(day))


def _printed_cents(world: World, month: date, statement: date) -> tuple[int, int]:
    """Receipts and outlays of a month as a statement prints them, US cents; the deficit is whole millions."""
    receipts, outlays = debt.budget(world)[month].printed(statement)
    extra = world.rng("cents", month).randrange(10**8)
    return 100_000_000 * receipts + extra, 100_000_000 * outlays + extra


def _budget_rows(world: World) -> Iterator[Row]:
    """Every statement names each month of two fiscal years as they are known then, the first of them whole, each behind
    a header and before the sum, which is called Year-to-Date in both."""
    for month in _months(world):
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
    return (_usd(receipts), _usd(outlays), _usd(outlays - receipts))  # a deficit is positive


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
        return _usd(sum(known)) if len(known) == len(months) else "null"

    for month in _months(world):
        lines = []
        for description, kind, place in _MEANS:
            amounts: tuple[str, ...] = ("null",) * 6
            if kind != "S":
                year_before = balances.get(date(debt.fiscal_year(month) - 1, 9, 1))
                amounts = (
                    _usd(flows[month][place]),
                    year_to_date(place, month),
                    year_to_date(place, month.replace(year=month.year - 1)),
                    _usd(year_before[place]) if year_before else "null",
                    _usd(balances[month_after(month, -1)][place]),
                    _usd(balances[month][place]),
                )
            lines.append((description, kind, "GL", place, amounts))
        yield from _outlined(last_day(month), "6", lines)


# --- auctions -------------------------------------------------------------------------------------------------------

_AUCTION_FIELDS = {
    "record_date": ("Record Date", *_DATE),
    "cusip": ("CUSIP", *_TEXT),
    "security_type": ("Security Type", *_TEXT),
    "security_term": ("Security Term", *_TEXT),
    "auction_date": ("Auction Date", *_DATE),
    "issue_date": ("Issue Date", *_DATE),
    "maturity_date": ("Maturity Date", *_DATE),
    "announcemt_date": ("Announcement Date", *_DATE),
    "cash_management_bill_cmb": ("Cash Management Bill (CMB)", *_TEXT),
    "floating_rate": ("Floating Rate", *_TEXT),
    "inflation_index_security": ("Inflation Index Security", *_TEXT),
    "reopening": ("Reopening", *_TEXT),
    "original_security_term": ("Original Security Term", *_TEXT),
    "offering_amt": ("Offering Amount", *_MONEY),
    "est_pub_held_mat_by_type_amt": ("Estimated Amount of Publicly Held Maturing Securities by Type", *_NUMBER),
    "int_rate": ("Interest Rate", *_NUMBER),
    "total_tendered": ("Total Tendered", *_NUMBER),  # from here on null until the auction
    "total_accepted": ("Total Accepted", *_NUMBER),
    "soma_accepted": ("SOMA Accepted", *_NUMBER),
    "primary_dealer_accepted": ("Primary Dealer Accepted", *_NUMBER),
    "direct_bidder_accepted": ("Direct Bidder Accepted", *_NUMBER),
    "indirect_bidder_accepted": ("Indirect Bidder Accepted", *_NUMBER),
    "noncomp_accepted": ("Noncompetitive Accepted", *_NUMBER),
    "fima_noncomp_accepted": ("FIMA Noncompetitive Accepted", *_NUMBER),
    "bid_to_cover_ratio": ("Bid-to-Cover Ratio", *_NUMBER),
    "high_discnt_rate": ("High Discount Rate", *_NUMBER),
    "high_investment_rate": ("High Investment Rate", *_NUMBER),
    "high_yield": ("High Yield", *_NUMBER),
    "avg_med_yield": ("Average/Median Yield", *_NUMBER),
    "high_discnt_margin": ("High Discount Margin", *_NUMBER),
    "allocation_pctage": ("Allocation Percentage", *_NUMBER),
}
_KINDS = {"Bill": "Bill", "Note": "Note", "Bond": "Bond", "TIPS": "Note", "FRN": "Note"}  # as the table calls them
_FIRST_RESULT = list(_AUCTION_FIELDS).index("total_tendered")


def _six(value: float | None) -> str:
    return "null" if value is None else f"{value:.6f}"


def _auction_rows(world: World) -> Iterator[Row]:
    """Rows as they stand after the auction, in the order of the auctions."""
    for auction in debt.auctions(world):
        kind, is_bill = auction.kind, auction.kind == "Bill"
        is_yield = kind not in ("Bill", "FRN")
        noncompetitive, foreign = (auction.accepted_usd // n * 100 for n in (5_000, 10_000))
        bid_for = auction.accepted_usd - auction.soma_usd - noncompetitive - foreign
        dealers, direct = bid_for * 35 // 10_000 * 100, bid_for * 15 // 10_000 * 100
        bids = round(auction.cover * (auction.accepted_usd - auction.soma_usd)) + auction.soma_usd
        draw = world.rng("allotment", auction.cusip, auction.held)
        _, matured = world.debt_cash_usd_mn(auction.issued)
        yield (
            str(auction.issued), auction.cusip, _KINDS[kind], auction.term,
            str(auction.held), str(auction.issued), str(auction.maturity), str(auction.announced),
            *("Yes" if flag else "No" for flag in (
                auction.is_cash_management, kind == "FRN", kind == "TIPS", auction.is_reopening
            )),
            "26-Week" if auction.is_reopening else auction.term,
            str(auction.offering_usd), str(matured * 1_000_000),
            _six(debt.coupon_pct(world, kind, auction.maturity)),
            *map(str, (bids, auction.accepted_usd, auction.soma_usd, dealers, direct, bid_for - dealers - direct)),
            str(noncompetitive), str(foreign), _six(auction.cover),
            _six(auction.yield_pct if is_bill else None), _six(auction.yield_pct * 1.02 if is_bill else None),
            _six(auction.yield_pct if is_yield else None),
            _six(auction.yield_pct - 0.03 if is_yield else None),
            _six(0.12 if kind == "FRN" else None),
            _six(draw.uniform(5, 95)),
        )  # fmt: skip


def _auction_as_of(row: Row, now: datetime) -> Row | None:
    """Not there before 11:00 of the announcement, without results until 13:05 of the auction."""
    named = dict(zip(_AUCTION_FIELDS, row, strict=True))
    if new_york_to_utc(date.fromisoformat(named["announcemt_date"]), time(11)) > now:
        return None
    if new_york_to_utc(date.fromisoformat(named["auction_date"]), time(13, 5)) > now:
        return (*row[:_FIRST_RESULT], *("null",) * (len(row) - _FIRST_RESULT))
    return row


# --- answers --------------------------------------------------------------------------------------------------------

_DEBT_STATEMENT = _last_month_out(4, time(16))
_MONTHLY_STATEMENT = _last_month_out(8, time(14))

_TABLES = {
    "v1/accounting/dts/operating_cash_balance": _Table(_CASH_FIELDS, _cash_rows),
    "v1/accounting/dts/public_debt_transactions": _Table(_DEBT_FIELDS, _debt_rows),
    "v1/accounting/dts/deposits_withdrawals_operating_cash": _Table(_FLOW_FIELDS, _flow_rows),
    "v2/accounting/od/debt_to_penny": _Table(_PENNY_FIELDS, _penny_rows, lambda now: _last_day_out(now, time(15))),
    "v1/accounting/mts/mts_table_1": _Table(_BUDGET_FIELDS, _budget_rows, _MONTHLY_STATEMENT),
    "v1/accounting/mts/mts_table_6": _Table(_MEANS_FIELDS, _means_rows, _MONTHLY_STATEMENT),
    "v1/debt/mspd/mspd_table_1": _Table(_CLASS_FIELDS, _class_rows, _DEBT_STATEMENT),
    "v1/debt/mspd/mspd_table_3_market": _Table(_SECURITY_FIELDS, _security_rows, _DEBT_STATEMENT),
    "v2/accounting/od/avg_interest_rates": _Table(_RATE_FIELDS, _rate_rows, _DEBT_STATEMENT),
    "v1/accounting/od/auctions_query": _Table(_AUCTION_FIELDS, _auction_rows, lambda now: date.max, _auction_as_of),
}


@lru_cache(maxsize=2 * len(_TABLES))
def _rows(world: World, endpoint: str) -> tuple[Row, ...]:
    return tuple(_TABLES[endpoint].rows(world))


def _seen(world: World, endpoint: str, now: datetime) -> list[Row]:
    """The rows that are out at ``now``, as they are then."""
    table = _TABLES[endpoint]
    last = str(table.last(now))
    return [seen for row in _rows(world, endpoint) if row[0] <= last and (seen := table.seen(row, now)) is not None]


class _BadQuery(ValueError):
    """A parameter that the API would refuse with 400."""


def answer(world: World, now: datetime, request: httpx.Request) -> httpx.Response:
    """What the API answers at ``now`` (naive UTC)."""
    endpoint = request.url.path.removeprefix(_SERVICE)
    if endpoint not in _TABLES:
        return httpx.Response(404, headers={"Content-Type": "text/html"}, content=b"<html>Not Found</html>")
    try:
        body = _page(_seen(world, endpoint, now), _TABLES[endpoint].fields, request.url.params)
    except _BadQuery as problem:
        return _json(400, {"error": "Invalid Query Param", "message": str(problem)})
    return _json(200, body)


def _json(status: int, value: object) -> httpx.Response:
    body = json.dumps(value, separators=(",", ":")).encode()
    return httpx.Response(status, headers={"Content-Type": "application/json"}, content=body)


def _page(found: list[Row], fields: Fields, params: httpx.QueryParams) -> dict[str, object]:
    place = {name: index for index, name in enumerate(fields)}

    def column(name: str) -> int:
        if name not in place:
            raise _BadQuery(f"{name} is not a field of this table")
        return place[name]

    for name, operator, value in _conditions(params.get("filter", "")):
        index, test = column(name), _tests(operator, value)
        found = [row for row in found if test(row[index])]
    for key in reversed([key for key in params.get("sort", "").split(",") if key]):
        name = key.lstrip("-")
        index, is_number = column(name), fields[name][1] in ("INTEGER", "CURRENCY0")
        found.sort(key=_sort_key(index, is_number), reverse=key.startswith("-"))
    names = params["fields"].split(",") if params.get("fields") else list(fields)
    wanted = [column(name) for name in names]

    try:
        number, size = int(params.get("page[number]", 1)), int(params.get("page[size]", 100))
    except ValueError as problem:
        raise _BadQuery("page[number] and page[size] are whole numbers") from problem
    if not 1 <= size <= _LARGEST_PAGE:
        raise _BadQuery(f"page[size] goes from 1 to {_LARGEST_PAGE}")
    pages = -(-len(found) // size)
    if number < 1 or number > max(pages, 1):
        raise _BadQuery(f"Page #{number} is out of range")
    data = [
        dict(zip(names, (row[i] for i in wanted), strict=True)) for row in found[(number - 1) * size : number * size]
    ]

    def link(page: int) -> str:
        return f"&page%5Bnumber%5D={page}&page%5Bsize%5D={size}"

    return {
        "data": data,
        "meta": {
            "count": len(data),
            "labels": {name: fields[name][0] for name in names},
            "dataTypes": {name: fields[name][1] for name in names},
            "dataFormats": {name: fields[name][2] for name in names},
            "total-count": len(found),
            "total-pages": pages,
        },
        "links": {
            "self": link(number),
            "first": link(1),
            "prev": link(number - 1) if number > 1 else None,
            "next": link(number + 1) if number < pages else None,
            "last": link(pages),
        },
    }


def _sort_key(index: int, is_number: bool) -> Callable[[Row], float | str]:
    if is_number:
        return lambda row: -math.inf if row[index] == "null" else int(row[index])
    return lambda row: row[index]


def _split(text: str) -> list[str]:
    """Parts between commas that stand outside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


def _conditions(text: str) -> Iterator[tuple[str, str, str]]:
    for part in _split(text):
        match = re.fullmatch(r"(\w+):(eq|gte?|lte?|in):(.*)", part)
        if match is None:
            raise _BadQuery(f"cannot read the filter {part!r}")
        name, operator, value = match.groups()
        yield name, operator, value


def _tests(operator: str, value: str) -> Callable[[str], bool]:
    if operator == "in":
        return set(_split(value[1:-1])).__contains__
    return {
        "eq": lambda cell: cell == value,
        "gt": lambda cell: cell > value,
        "gte": lambda cell: cell >= value,
        "lt": lambda cell: cell < value,
        "lte": lambda cell: cell <= value,
    }[operator]
