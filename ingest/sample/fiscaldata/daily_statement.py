"""Simulated tables of the Daily Treasury Statement: cash, issues and redemptions, deposits and withdrawals."""

from collections.abc import Iterator
from datetime import date

from ingest.sample import debt
from ingest.sample.fiscaldata.common import (
    CUSTOMS_DUTIES_START,
    FIRST_DEPOSITS,
    FOUR_ROWS_START,
    NEW_CATEGORIES_START,
    TGA_START,
    Row,
    Table,
    calendar_cells,
)
from ingest.sample.world import World
from ingest.sample.world.dates import FIRST, is_tax_time, last_open_day, month_after
from ingest.sample.world.statements import HOPE_BONDS_END

TGA = "Treasury General Account (TGA)"


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
            name = "Federal Reserve Account" if day < TGA_START else TGA
            accounts: list[tuple[str, int | str, int, int, int]] = [
                (name, closing, opening, opening_month, opening_year),
                ("Supplementary Financing Program Account", 0, 0, 0, 0),
                ("Short-Term Cash Investments (Table V)", 0, 0, 0, 0),
            ]
            part = "Type of account"
        else:
            accounts = [
                (f"{TGA} Opening Balance", "null", opening, opening_month, opening_year),
                ("Total TGA Deposits (Table II)", "null", deposits, deposits_month, deposits_year),
                ("Total TGA Withdrawals (Table II) (-)", "null", withdrawals, withdrawals_month, withdrawals_year),
                (f"{TGA} Closing Balance", "null", closing, closing, closing),
            ]
            part = "Cash Balance Details"
        for line, (account, *amounts) in enumerate(accounts, start=1):
            yield (str(day), account, *map(str, amounts), *table, part, str(line), *calendar_cells(day))


def _debt_rows(world: World) -> Iterator[Row]:
    """Issues and redemptions by kind of security; line 14 (15 while Hope Bonds lasted) is the total, left out."""
    for day, lines in world.debt_transactions_usd_mn.items():
        if day < FIRST:
            continue
        calendar = calendar_cells(day)
        total_line = 15 if day <= HOPE_BONDS_END else 14
        for n, (label, *amounts) in enumerate(lines, start=1):
            line = n if n < total_line else n + 1
            yield (str(day), *label, *map(str, amounts), "IIIA", "Public Debt Transactions", str(line), *calendar)


_RENAMED_LATER = {"DHS - Customs and Certain Excise Taxes": "DHS - Customs Duties, Taxes, and Fees"}
# Old name, new name, share of what is no public debt.
_FLOWS = {
    "Deposits": (
        ("Cash FTD's Received (Table IV)", "Taxes - Withheld Individual/FICA", 0.62),
        ("Individual Income and Employment Taxes, Not Withheld", "Taxes - Non Withheld Ind/SECA Electronic", 0.15),
        ("Corporation Income Taxes", "Taxes - Corporate Income", 0.1),
        ("Customs and Certain Excise Taxes", "DHS - Customs and Certain Excise Taxes", 0.03),
        ("Other Deposits", "Other Deposits", 0.1),
    ),
    "Withdrawals": (
        ("Social Security Benefits (EFT)", "SSA - Benefits Payments", 0.24),
        ("Medicare", "HHS - Federal Hospital Insr Trust Fund", 0.2),
        ("Medicaid", "HHS - Grants to States for Medicaid", 0.11),
        ("Defense Vendor Payments (EFT)", "Dept of Defense (DoD) - misc", 0.11),
        ("Federal Salaries (EFT)", "Federal Salaries (EFT)", 0.05),
        ("Interest on Treasury Securities", "Interest on Treasury Securities", 0.09),
        ("IRS Tax Refunds Individual (EFT)", "Taxes - Individual Tax Refunds (EFT)", 0.05),
        ("Other Withdrawals", "Other Withdrawals", 0.2),
    ),
}
_TAX_DAY_SHARES = {"Taxes - Withheld Individual/FICA": 0.2, "Taxes - Non Withheld Ind/SECA Electronic": 0.57}


def _flow_lines(day: date, kind: str, total: int, of_debt: int) -> list[tuple[str, str, int]]:
    """Account, category and amount of the lines of one kind, USD millions; the total is the last."""
    account = "Federal Reserve Account" if day < TGA_START else TGA
    rest, lines = total - of_debt, []
    for old, new, usual in _FLOWS[kind]:
        share = _TAX_DAY_SHARES.get(new, usual) if is_tax_time(day) else usual
        name = new if day >= NEW_CATEGORIES_START else old
        if day >= CUSTOMS_DUTIES_START:
            name = _RENAMED_LATER.get(name, name)
        lines.append((account, name, round(share * (total - of_debt))))
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
        before, calendar, line = day, calendar_cells(day), 0
        for kind, total, of_debt in (("Deposits", deposits, issued), ("Withdrawals", withdrawals, matured)):
            for account, category, today in _flow_lines(day, kind, total, of_debt):
                month_to_date, year_to_date = sums.get((kind, account, category), (0, 0))
                amounts = (today, month_to_date + today, year_to_date + today)
                sums[kind, account, category] = amounts[1:]
                line += 1
                table = ("II", "Deposits and Withdrawals of Operating Cash", str(line))
                yield (str(day), account, kind, category, "null", *map(str, amounts), *table, *calendar)


_AMOUNTS = "transaction_today_amt transaction_mtd_amt transaction_fytd_amt"
TABLES = {
    "v1/accounting/dts/operating_cash_balance": Table(
        "record_date account_type close_today_bal open_today_bal open_month_bal open_fiscal_year_bal table_nbr "
        "table_nm sub_table_name src_line_nbr",
        _cash_rows,
    ),
    "v1/accounting/dts/public_debt_transactions": Table(
        "record_date transaction_type security_market security_type security_type_desc "
        f"{_AMOUNTS} table_nbr table_nm src_line_nbr",
        _debt_rows,
    ),
    "v1/accounting/dts/deposits_withdrawals_operating_cash": Table(
        "record_date account_type transaction_type transaction_catg transaction_catg_desc "
        f"{_AMOUNTS} table_nbr table_nm src_line_nbr",
        _flow_rows,
    ),
}
