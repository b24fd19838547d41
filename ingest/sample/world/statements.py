"""Simulated lines of the Daily Treasury Statement on the public debt, and the debt that they add up to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise

from ingest.calendars import add_business_days, business_days
from ingest.sample.world.chance import Chance, split, weighted
from ingest.sample.world.dates import (
    DAY,
    WARM_UP,
    coupon_settlements,
    days_between,
    is_quarter_end,
    last_day,
    last_open_day,
    month_after,
)
from ingest.sample.world.levels import TREASURY_MONTHS, Knots, level_at, published_months

# Transaction type, marketability, security type, its description ("null" for none).
DebtLine = tuple[str, str, str, str]
HOPE_BONDS_END = date(2022, 9, 9)
# Deficits of the months from January, USD billions; about what those of 2025 and 2026 were.
_DEFICIT_USD_BN = (110, 307, 160, -230, 300, 60, 360, 310, -150, 285, 250, 120)
_AGENCY_DEBT_USD_BN = 21  # of other agencies, in FRED's figure of the debt held by the public and in no other
_OTHER_NOTES_USD_MN = {"floating": 22_000, "protected": 20_000}  # sold on separate days
_SAVINGS = "United States Savings Securities"
DEBT_LINES: tuple[DebtLine, ...] = (
    ("Issues", "Marketable", "Bills", "Regular Series"),
    ("Issues", "Marketable", "Bills", "Cash Management Series"),
    ("Issues", "Marketable", "Notes", "null"),
    ("Issues", "Marketable", "Bonds", "null"),
    ("Issues", "Marketable", "Inflation-Protected Securities Increment", "null"),
    ("Issues", "Marketable", "Federal Financing Bank", "null"),
    ("Issues", "Nonmarketable", _SAVINGS, "Cash Issue Price"),
    ("Issues", "Nonmarketable", _SAVINGS, "Interest Increment"),
    ("Issues", "Nonmarketable", "Government Account Series", "null"),
    ("Issues", "Nonmarketable", "Hope Bonds", "null"),
    ("Issues", "Nonmarketable", "Domestic Series", "null"),
    ("Issues", "Nonmarketable", "Foreign Series", "null"),
    ("Issues", "Nonmarketable", "State and Local Series", "null"),
    ("Issues", "Nonmarketable", "Other", "null"),
    ("Redemptions", "Marketable", "Bills", "null"),
    ("Redemptions", "Marketable", "Notes", "null"),
    ("Redemptions", "Marketable", "Bonds", "null"),
    ("Redemptions", "Marketable", "Federal Financing Bank", "null"),
    ("Redemptions", "Nonmarketable", _SAVINGS, "null"),
    ("Redemptions", "Nonmarketable", "Government Account Series", "null"),
    ("Redemptions", "Nonmarketable", "Hope Bonds", "null"),
    ("Redemptions", "Nonmarketable", "Domestic Series", "null"),
    ("Redemptions", "Nonmarketable", "Foreign Series", "null"),
    ("Redemptions", "Nonmarketable", "State and Local Series", "null"),
    ("Redemptions", "Nonmarketable", "Other", "null"),
)
_SMALL_LINES_USD_MN = {  # lines that every statement fills with small change: lowest, highest of a day
    ("Issues", "Nonmarketable", _SAVINGS, "Cash Issue Price"): (4, 40),
    ("Issues", "Nonmarketable", _SAVINGS, "Interest Increment"): (0, 25),
    ("Redemptions", "Nonmarketable", _SAVINGS, "null"): (25, 75),
    ("Issues", "Nonmarketable", "State and Local Series", "null"): (20, 1_100),
    ("Redemptions", "Nonmarketable", "State and Local Series", "null"): (20, 1_100),
    ("Issues", "Nonmarketable", "Other", "null"): (1_500, 4_500),
}
_OTHER_ISSUES = ("Issues", "Nonmarketable", "Other", "null")


class Statements(Chance):
    """The public debt, and what is issued and redeemed of it by day."""

    @cached_property
    def debt_usd_mn(self) -> dict[date, tuple[int, int]]:
        """Total public debt and its part in federal accounts at the end of each month, by the month's first day."""
        months = [month_after(WARM_UP, n) for n in range(-1, len(self.months))]
        published, inside = published_months(TREASURY_MONTHS), self._federal_accounts_usd_bn
        cash = self.anchors("tga_usd_bn", before=230, step=60)
        total, found = 0.0, {}
        for before, month in pairwise([month_after(months[0], -1), *months]):
            if month in published["public_debt_usd_bn"]:
                total = published["public_debt_usd_bn"][month]
            else:
                # What the deficit, more cash and federal accounts take; a deficit not known is that of the season.
                usual = _DEFICIT_USD_BN[month.month - 1] + 25 * self.rng("deficit", month).gauss(0, 1)
                total += published["deficit_usd_bn"].get(month, usual) + cash[month] - cash[before]
                total += level_at(inside, month) - level_at(inside, before)
            found[month] = round(1000 * total), round(1000 * level_at(inside, month))
        return found

    @cached_property
    def _federal_accounts_usd_bn(self) -> Knots:
        """Debt in federal accounts: total less what the public holds or, where that is not known, what they bought."""
        months = published_months(TREASURY_MONTHS)
        total, public = months["public_debt_usd_bn"], months["held_by_public_usd_bn"]
        knots: Knots = []
        for month, level in total.items():
            bought = months["government_accounts_net_usd_mn"].get(month, 0) / 1000
            knots.append((month, level - public[month] if month in public else knots[-1][1] + bought))
        last, level = knots[-1]
        return [*knots, (last.replace(year=last.year + 20), level + 20 * 150)]

    @cached_property
    def federal_debt_usd_mn(self) -> dict[date, int]:
        """Total public debt at the end of each quarter as FRED has it, keyed by the quarter's first day."""
        return self._by_quarter("federal_debt_usd_bn", {m: total for m, (total, _) in self.debt_usd_mn.items()})

    @cached_property
    def debt_held_by_public_usd_mn(self) -> dict[date, int]:
        """Federal debt held by the public at the end of each quarter as FRED has it, keyed by the quarter's first day:
        some billions of other agencies' debt are in it."""
        agencies = round(1000 * _AGENCY_DEBT_USD_BN)
        public = {m: total - inside + agencies for m, (total, inside) in self.debt_usd_mn.items()}
        return self._by_quarter("debt_held_by_public_usd_bn", public)

    @staticmethod
    def _by_quarter(column: str, month_ends: Mapping[date, int]) -> dict[date, int]:
        known = {quarter: round(1000 * level) for quarter, level in published_months()[column].items()}
        ends = {month_after(m, -2): amount for m, amount in month_ends.items() if is_quarter_end(m)}
        return ends | {quarter: level for quarter, level in known.items() if quarter in ends}

    @cached_property
    def _debt_by_day(self) -> dict[date, dict[DebtLine, int]]:
        """Issues and redemptions by settlement day and label; those of a month add up to the growth of the debt."""
        book: dict[date, dict[DebtLine, int]] = defaultdict(lambda: defaultdict(int))
        settlements = coupon_settlements(self.months[0], self.last)
        bill_days = {
            add_business_days(d, 0) for d in days_between(WARM_UP - 4 * DAY, self.last) if d.weekday() in (1, 3)
        }
        outstanding_bills = 1_800_000
        for before, month in pairwise(self.debt_usd_mn):
            open_days = business_days(month, last_day(month))
            (old, old_inside), (new, new_inside) = self.debt_usd_mn[before], self.debt_usd_mn[month]
            small = 0
            for day in open_days:
                for label, amount in self._small_debt_lines(day, day in bill_days).items():
                    book[day][label] += amount
                    if label[1] == "Nonmarketable":
                        small += amount if label[0] == "Issues" else -amount
            totals = self._coupon_totals(month)
            in_accounts = new_inside - old_inside - totals["ffb_issued"] + totals["ffb_redeemed"]
            was_public, is_public = (series_held_by_public_usd_mn(last_open_day(end)) for end in (before, month))
            in_accounts += is_public - was_public
            # Bills are what is left over where they are not known; where they are, series for states and cities.
            left = new - old - small - in_accounts
            left -= sum(-amount if name.endswith("redeemed") else amount for name, amount in totals.items())
            if "bills_issued" not in totals:
                weeks = len([day for day in open_days if day in bill_days])
                rolled = round(weeks * outstanding_bills * 0.043 * (1 + 0.03 * self.gauss("bills", month)))
                totals |= {"bills_issued": rolled + max(left, 0)}
                totals |= {"bills_redeemed": totals["bills_issued"] - left}
                left = 0
            outstanding_bills += totals["bills_issued"] - totals["bills_redeemed"]
            self._spread_bills(book, [d for d in open_days if d in bill_days], open_days, totals)
            self._spread_coupons(book, month, {d: settlements[d] for d in open_days if d in settlements}, totals)
            for name, amount in (("Issues", totals["ffb_issued"]), ("Redemptions", totals["ffb_redeemed"])):
                book[open_days[9]][name, "Marketable", "Federal Financing Bank", "null"] += amount
            increments = split(totals["accretion"], len(open_days), self.rng("tips", month), spread=1.5)
            funds = split(in_accounts, len(open_days), self.rng("government account", month), spread=40)
            cities = split(left, len(open_days), self.rng("cities", month), spread=0.3)
            for day, increment, fund, city in zip(open_days, increments, funds, cities, strict=True):
                gross = round(
                    (350_000 + 40_000 * (day.year - 2018)) * (1 + 0.1 * self.gauss("government account", day))
                )
                lines = book[day]
                lines["Issues", "Marketable", "Inflation-Protected Securities Increment", "null"] += increment
                lines["Issues", "Nonmarketable", "Government Account Series", "null"] += gross + fund
                lines["Redemptions", "Nonmarketable", "Government Account Series", "null"] += gross
                lines["Issues", "Nonmarketable", "State and Local Series", "null"] += max(city, 0)
                lines["Redemptions", "Nonmarketable", "State and Local Series", "null"] -= min(city, 0)
        return book

    def _coupon_totals(self, month: date) -> dict[str, int]:
        """Issues, redemptions and accretion of a month, USD millions by the names of `treasury_months.csv`; without
        bills where only the debt is known."""
        names = ("bills", "notes", "bonds", "ffb")
        columns = published_months(TREASURY_MONTHS)
        if month in columns["accretion_usd_mn"]:
            sides = [f"{name}_{side}" for name in names for side in ("issued", "redeemed")]
            return {name: round(columns[f"{name}_usd_mn"][month]) for name in (*sides, "accretion")}
        notes, bonds, accretion = (79_300, 32_000, 2_500) if month.year < 2022 else (95_000, 34_000, 5_000)
        rng = self.rng("coupons", month)
        matured = round(3 * (50_000 + 6_500 * (month.year - 2018)) * rng.uniform(0.92, 1.08))
        old_bonds = round(9_000 + 4_000 * rng.random()) if month.month % 3 == 2 else 0
        return {
            "notes_issued": round(notes * rng.uniform(0.9, 1.1)) + matured,
            "notes_redeemed": matured,
            "bonds_issued": round(bonds * rng.uniform(0.9, 1.1)) + old_bonds,
            "bonds_redeemed": old_bonds,
            "ffb_issued": 0,
            "ffb_redeemed": 0,
            "accretion": round(accretion * rng.uniform(0.5, 1.5)),
        }

    def _spread_bills(
        self,
        book: dict[date, dict[DebtLine, int]],
        bill_days: list[date],
        open_days: list[date],
        totals: dict[str, int],
    ) -> None:
        """A month's bills over its settlement days; now and then some of them are sold to manage cash."""
        label = ("Issues", "Marketable", "Bills", "Regular Series")
        corrections = sum(book[day][label] for day in open_days)
        issues, redemptions = (
            split(total, len(bill_days), self.rng(kind, bill_days[0]), spread=0.15)
            for kind, total in (
                ("bills issued", totals["bills_issued"] - corrections),
                ("bills redeemed", totals["bills_redeemed"]),
            )
        )
        for day, issued, matured in zip(bill_days, issues, redemptions, strict=True):
            cash_management = min(30_000, issued // 3) if self.share("cash management", day) < 0.04 else 0
            book[day][label] += issued - cash_management
            book[day]["Issues", "Marketable", "Bills", "Cash Management Series"] += cash_management
            book[day]["Redemptions", "Marketable", "Bills", "null"] += matured

    def _spread_coupons(
        self,
        book: dict[date, dict[DebtLine, int]],
        month: date,
        days: Mapping[date, Sequence[str]],
        totals: dict[str, int],
    ) -> None:
        """A month's notes and bonds over its settlement days: twice as many notes at the end as in the middle, bonds in
        equal parts, and floating-rate or inflation-protected notes on separate days."""
        notes, bonds = ("Marketable", "Notes", "null"), ("Marketable", "Bonds", "null")
        main = {day: _weight(kinds) for day, kinds in days.items() if _weight(kinds)}
        alone = {d: sum(_OTHER_NOTES_USD_MN[kind] for kind in kinds) for d, kinds in days.items() if d not in main}
        rng = self.rng("coupon settlements", month)
        rest = totals["notes_issued"] - sum(alone.values())
        for day, amount in (alone | weighted(rest, main, rng)).items():
            book[day]["Issues", *notes] += amount
        for day, amount in weighted(totals["bonds_issued"], dict.fromkeys(main, 1), rng).items():
            book[day]["Issues", *bonds] += amount
        for day, amount in weighted(totals["notes_redeemed"], notes_paid(month), rng).items():
            book[day]["Redemptions", *notes] += amount
        book[add_business_days(month.replace(day=15), 0)]["Redemptions", *bonds] += totals["bonds_redeemed"]

    def _small_debt_lines(self, day: date, has_bills: bool) -> dict[DebtLine, int]:
        """The small change of a statement. What falls due under Other was issued on the business day before."""

        def amount(label: DebtLine, on: date) -> int:
            low, high = _SMALL_LINES_USD_MN[label]
            return round(low + (high - low) * self.share("/".join(label), on))

        lines = {label: amount(label, day) for label in _SMALL_LINES_USD_MN}
        lines["Redemptions", "Nonmarketable", "Other", "null"] = amount(_OTHER_ISSUES, add_business_days(day, -1))
        if not has_bills:  # real statements correct a few millions
            lines["Issues", "Marketable", "Bills", "Regular Series"] = -round(4 * self.share("bills correction", day))
        return lines

    def _debt_today(self, day: date) -> dict[DebtLine, int]:
        return self._debt_by_day.get(day, {})

    def debt_issues_usd_mn(self, day: date) -> dict[str, int]:
        """Marketable securities issued on ``day`` by kind; bills by the series of the statement."""
        return {
            label[3] if label[2] == "Bills" else label[2]: amount
            for label, amount in self._debt_today(day).items()
            if label[:2] == ("Issues", "Marketable")
        }

    def notes_matured_usd_mn(self, month: date) -> int:
        """Notes that fall due on a last day of ``month`` on which banks are closed: paid on the next business day."""
        end = last_day(month)
        paid = add_business_days(end, 0)
        return 0 if paid == end else self._debt_today(paid).get(("Redemptions", "Marketable", "Notes", "null"), 0)

    def debt_cash_usd_mn(self, day: date) -> tuple[int, int]:
        """Cash raised and paid for marketable securities on ``day``; accretion is no cash."""
        cash = {"Issues": 0, "Redemptions": 0}
        for (kind, market, security, _), amount in self._debt_today(day).items():
            if market == "Marketable" and "Increment" not in security:
                cash[kind] += amount
        return cash["Issues"], cash["Redemptions"]

    @cached_property
    def debt_transactions_usd_mn(self) -> dict[date, list[tuple[DebtLine, int, int, int]]]:
        """Label, today, month to date and fiscal year to date of every line of the statement, by day.

        The label is transaction type, marketability, security type and its description ("null" where there is none).
        """
        month_to_date: dict[DebtLine, int] = defaultdict(int)
        year_to_date: dict[DebtLine, int] = defaultdict(int)
        rows: dict[date, list[tuple[DebtLine, int, int, int]]] = {}
        for before, day in pairwise([WARM_UP - DAY, *self.fed_days]):
            if day.month != before.month:
                month_to_date.clear()
            if (day.month >= 10) != (before.month >= 10) and day.month >= 10:
                year_to_date.clear()
            amounts = self._debt_today(day)
            rows[day] = []
            for label in DEBT_LINES:
                if label[2] == "Hope Bonds" and day > HOPE_BONDS_END:
                    continue
                today = amounts.get(label, 0)
                month_to_date[label] += today
                year_to_date[label] += today
                rows[day].append((label, today, month_to_date[label], year_to_date[label]))
        return rows


def series_held_by_public_usd_mn(day: date) -> int:
    """What the public gained of the Government Account Series since September 2017, so that marketable debt comes out
    as published from 2021 on (25,748.2 billion without the Federal Financing Bank on 2023-09-30)."""
    return round(level_at([(last_open_day(WARM_UP - DAY), 0), (date(2021, 6, 30), 128_247)], day))


def notes_paid(month: date) -> dict[date, int]:
    """When notes that fall due are paid in ``month``, and how many: those of a weekend on the business day after it."""
    due = {last_day(month_after(month, -1)): 2, month.replace(day=15): 1, last_day(month): 2}
    paid = {add_business_days(day, 0): weight for day, weight in due.items()}
    return {day: weight for day, weight in paid.items() if day.replace(day=1) == month}


def _weight(kinds: Sequence[str]) -> int:
    return kinds.count("middle") + 2 * kinds.count("end")
