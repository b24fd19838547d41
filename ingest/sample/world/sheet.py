"""The simulated balance sheet of the Fed, its portfolio, and Treasury's cash in it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from ingest.calendars import Calendar, add_business_days, business_days
from ingest.sample.world.chance import split
from ingest.sample.world.dates import DAY, WARM_UP, is_tax_time, last_open_day, last_wednesday, tax_day, week_until
from ingest.sample.world.desk import Desk
from ingest.sample.world.levels import Knots, knots_by_name, knots_of, level_at, published_months
from ingest.sample.world.statements import Statements

# Levels in USD billions where monthly_levels.csv has none; rounded by hand, only the shape matters.
_CURRENCY = knots_of("currency_usd_bn")
# Loans of the Fed by kind: the spring of 2020, the ides of March 2023, and the year of the Bank Term Funding Program.
_LOANS = knots_by_name("fed_loans_usd_bn")
_FOREIGN_POOL = knots_of("foreign_repo_pool_usd_bn")
_BILLS_IN_SOMA = knots_of("soma_bills_usd_bn")
_TIPS_IN_SOMA = knots_of("soma_tips_usd_bn")
_TIPS_COMPENSATION = knots_of("soma_tips_compensation_usd_bn")
_FRN_IN_SOMA = knots_of("soma_frn_usd_bn")

COUPON_PURCHASES = (date(2020, 3, 18), date(2022, 3, 9))
_BOUGHT = ("bills", "notesbonds")
NO_FRN = (date(2026, 7, 1), date(2026, 8, 31))  # the real summary printed frn as "" again in July 2026

# Closing balances of single days by the Daily Treasury Statement: nearly empty two days before the debt limit was
# suspended, and the days around the essay.
_TGA_USD_BN = dict(knots_of("tga_days_usd_bn"))
# Assets of single Wednesdays by H.4.1: the highest of all, and one that a published copy has.
_FED_ASSETS_USD_BN = knots_of("fed_assets_days_usd_bn")


@dataclass(frozen=True)
class Purchase:
    """One outright purchase of Treasuries, whole USD millions of par."""

    number: int
    kind: str
    day: date
    settles: date
    maturities: tuple[date, date]
    submitted_usd_mn: int
    accepted_usd_mn: int
    note: str = ""


@dataclass(frozen=True)
class BalanceSheet:
    """The Fed's lines on one day, USD millions; ``reserves`` is exactly what the other lines leave over."""

    treasuries: int
    mbs: int
    agencies: int
    repo: int
    primary_credit: int
    term_funding: int
    other_credit: int
    other_assets: int
    foreign_pool: int
    currency: int
    on_rrp: int
    tga: int
    other: int = 0

    @property
    def assets(self) -> int:
        """Total assets."""
        return self.securities + self.repo + self.loans + self.other_assets

    @property
    def loans(self) -> int:
        """Discount window, Bank Term Funding Program, and all other credit (to banks in receivership, of 2020)."""
        return self.primary_credit + self.term_funding + self.other_credit

    @property
    def securities(self) -> int:
        """All securities held outright."""
        return self.treasuries + self.mbs + self.agencies

    @property
    def reverse_repo(self) -> int:
        """Reverse repo with money funds and with foreign official accounts."""
        return self.on_rrp + self.foreign_pool

    @property
    def notes(self) -> int:
        """Federal Reserve notes: currency without the Treasury's coin."""
        return self.currency - 48_000

    @property
    def liabilities(self) -> int:
        """Total liabilities: assets less capital."""
        return self.assets - 43_000

    @property
    def reserves(self) -> int:
        """Reserve balances: assets less reverse repo, Treasury's account, currency and everything else."""
        return self.assets - self.reverse_repo - self.tga - self.currency - self.other


class Sheet(Desk, Statements):
    """Assets and liabilities of every day; Treasury's cash; the portfolio and its purchases."""

    @cached_property
    def tga_usd_mn(self) -> dict[date, int]:
        """Closing balance of Treasury's account on every Fed business day.

        Month-ends are known, and so is the week average of reserves that ends each month, which the account drives:
        in those weeks it is moved towards the level at which the Fed's other liabilities stay smooth.
        """
        fixed = {last_open_day(m): v for m, v in self.anchors("tga_usd_bn", before=230, step=60).items()}
        fixed |= _TGA_USD_BN
        path = self.path("tga", sorted(fixed.items()), 11)
        plain = {day: round(1000 * (path[day] + _tax_money_usd_bn(day))) for day in self.fed_days}
        push: Knots = []
        others: list[float] = []
        for week, other in self._other_by_week(self._sheets(plain)):
            others.append(other)
            usual = sum(others[-4:]) / len(others[-4:])
            size = min(max(other - usual, -90_000), 90_000)
            end = add_business_days(last_open_day(week[-1].replace(day=1)), 0)
            push += [(week[0] - timedelta(days=7), 0), (week[0], size), (min(week[-1], end - DAY), size), (end, 0)]
        balance = {}
        for day, amount in plain.items():
            floor = 18_000 + round(8_000 * self.share("tga floor", day))
            balance[day] = amount if day in fixed else max(amount + round(level_at(push, day)), floor)
        return balance

    @cached_property
    def cash_flows_usd_mn(self) -> dict[date, tuple[int, int, int]]:
        """Opening balance, deposits and withdrawals of Treasury's account; now and then off by one."""
        flows = {}
        for before, day in pairwise(self.fed_days):
            opening, closing = self.tga_usd_mn[before], self.tga_usd_mn[day]
            issued, matured = self.debt_cash_usd_mn(day)
            withdrawals = (
                round((18_000 + 1_600 * (day.year - 2018)) * (0.6 + 0.8 * self.share("outlays", day))) + matured
            )
            deposits = closing - opening + withdrawals
            floor = issued + (50_000 if is_tax_time(day) else 4_000)
            if deposits < floor:
                withdrawals, deposits = withdrawals + floor - deposits, floor
            draw = self.share("rounding", day)
            flows[day] = (opening, deposits + (draw < 0.06) - (draw > 0.94), withdrawals)
        return flows

    @cached_property
    def balance_sheets(self) -> dict[date, BalanceSheet]:
        """Every calendar day's lines; H.4.1 publishes the Wednesdays and the averages of the weeks that end on them.

        ``other`` is flat over the last week of every month, at the level that makes the published week average of
        reserves come out exactly, and a straight line between those weeks.
        """
        sheets = self._sheets(self.tga_usd_mn)
        knots: Knots = []
        for week, other in self._other_by_week(sheets):
            knots += [(week[0], other), (week[-1], other)]
        knots.append((knots[-1][0] + timedelta(days=150), 0))  # only seen after the last published average
        return {day: replace(sheet, other=round(level_at(knots, day))) for day, sheet in sheets.items()}

    def _other_by_week(self, sheets: Mapping[date, BalanceSheet]) -> list[tuple[list[date], int]]:
        """The last weeks of the months whose reserves are known, and what is left over in them."""
        weeks = [(week_until(last_wednesday(m)), v) for m, v in published_months()["reserves_usd_bn"].items()]
        return [
            (week, round(sum(sheets[day].reserves for day in week) / 7 - 1000 * average))
            for week, average in weeks
            if week[-1] <= self.last
        ]

    def _sheets(self, tga_usd_mn: Mapping[date, int]) -> dict[date, BalanceSheet]:
        """The lines of every day with ``other`` at nought."""
        lines, first = self._sheet_lines, self.desk_days[0]
        return {
            day: BalanceSheet(
                **{name: line[day] for name, line in lines.items()},
                on_rrp=_on_or_before(self.on_rrp_usd_mn, max(day, first)),
                tga=_on_or_before(tga_usd_mn, max(day, first)),
            )
            for day in self.days
        }

    @cached_property
    def _sheet_lines(self) -> dict[str, Mapping[date, int]]:
        """The lines that do not depend on Treasury's account, by name and day."""
        treasury_levels = self.anchors("fed_treasuries_usd_bn", before=2454, step=3, drift=14)
        asset_levels = self.anchors("fed_assets_usd_bn", before=4450, step=4, drift=8)
        treasuries = self._rounded(self.path("treasuries", _on_wednesdays(treasury_levels), 0.8))
        mbs_levels = self.anchors("fed_mbs_usd_bn", before=1766, step=1, drift=-15)
        mbs = self._rounded(self.path("mbs", _on_wednesdays(mbs_levels), 0.9))
        agencies = dict.fromkeys(self.days, 2_347)
        repo = self.repo_outstanding_usd_mn
        loans = {name: self._rounded(self.path(name, knots, 0.0)) for name, knots in _LOANS.items()}
        lent = {day: sum(line[day] for line in loans.values()) for day in self.days}
        rest = [
            (day, level - (treasuries[day] + mbs[day] + agencies[day] + repo[day] + lent[day]) / 1000)
            for day, level in sorted([*_on_wednesdays(asset_levels), *_FED_ASSETS_USD_BN])
            if WARM_UP <= day <= self.last
        ]
        other_assets = self._rounded(self.path("other assets", rest, 0.3))
        return {
            "treasuries": treasuries,
            "mbs": mbs,
            "agencies": agencies,
            "repo": repo,
            **loans,
            "other_assets": other_assets,
            "foreign_pool": self._rounded(self.path("foreign pool", _FOREIGN_POOL, 2.5)),
            "currency": self._rounded(self.path("currency", _CURRENCY, 0.8)),
        }

    @staticmethod
    def _rounded(path_usd_bn: Mapping[date, float]) -> dict[date, int]:
        return {day: round(1000 * value) for day, value in path_usd_bn.items()}

    def week_average(self, wednesday: date, line: str) -> int:
        """Average of the seven days that end on ``wednesday``, USD millions."""
        if (wednesday, line) not in self._week_averages:
            week = [getattr(self.balance_sheets[day], line) for day in week_until(wednesday)]
            self._week_averages[wednesday, line] = round(sum(week) / 7)
        return self._week_averages[wednesday, line]

    @cached_property
    def _week_averages(self) -> dict[tuple[date, str], int]:
        """What was asked for: each vintage of a series asks for all of it."""
        return {}

    @cached_property
    def soma_usd_cents(self) -> dict[date, dict[str, int | None]]:
        """Face value of the portfolio on Wednesdays, whole cents; `total` leaves the inflation compensation out."""
        bills = self.path("soma bills", _BILLS_IN_SOMA, 0.0)
        tips = self.path("soma tips", _TIPS_IN_SOMA, 0.1)
        compensation = self.path("soma compensation", _TIPS_COMPENSATION, 0.05)
        frn = self.path("soma frn", _FRN_IN_SOMA, 0.05)
        rows = {}
        for day in self.wednesdays:
            sheet = self.balance_sheets[day]
            cents = self.rng("soma", day).randrange
            parts: dict[str, int | None] = {
                "cmbs": round(7.9 * 1e11) + cents(10_000),
                "tips": round(tips[day] * 1e6) * 100_000,
                "frn": None if NO_FRN[0] <= day <= NO_FRN[1] else round(frn[day] * 1e6) * 100_000,
                "tipsInflationCompensation": round(compensation[day] * 1e11) + cents(10_000),
                "bills": round(bills[day] * 1e6) * 100_000,
                "agencies": sheet.agencies * 100_000_000,
            }
            held = sheet.treasuries * 100_000_000
            rest = held - sum(parts[name] or 0 for name in ("tips", "frn", "tipsInflationCompensation", "bills"))
            parts["notesbonds"] = rest // 100_000 * 100_000
            parts["mbs"] = sheet.mbs * 100_000_000 - (parts["cmbs"] or 0) + cents(50_000_000)
            parts["total"] = sum(
                parts[name] or 0 for name in ("mbs", "cmbs", "tips", "frn", "notesbonds", "bills", "agencies")
            )
            rows[day] = parts
        return rows

    @cached_property
    def purchases(self) -> list[Purchase]:
        """Outright purchases, oldest first: in every week as many bills, and from 2020 to 2022 notes and bonds, as the
        portfolio grew by between two Wednesdays; exercises of a few millions now and then."""
        soma = self.soma_usd_cents
        found: list[Purchase] = []
        for before, day in pairwise(self.wednesdays):
            held = {name: ((soma[day][name] or 0) - (soma[before][name] or 0)) // 100_000_000 for name in _BOUGHT}
            has_coupons = COUPON_PURCHASES[0] <= day <= COUPON_PURCHASES[1]
            wanted = {"Bill": held["bills"]} | ({"Coupon": held["notesbonds"]} if has_coupons else {})
            days = business_days(before + DAY, day - DAY, Calendar.SIFMA)
            for what, rise in wanted.items():
                if rise < 500:
                    continue
                shares = split(rise, len(days), self.rng("purchases", what, day))
                found += [self._purchase(what, held_on, share) for held_on, share in zip(days, shares, strict=True)]
            if day.day <= 7 and day.month % 2 == 1 and wanted["Bill"] < 500:
                found.append(self._purchase("Bill", days[0], 25, "A small value exercise."))
        numbers: dict[date, int] = defaultdict(int)
        for n, purchase in enumerate(found):
            numbers[purchase.day] += 1
            found[n] = replace(purchase, number=numbers[purchase.day])
        return found

    def _purchase(self, what: str, day: date, accepted_usd_mn: int, note: str = "") -> Purchase:
        settles = add_business_days(day, 1, Calendar.SIFMA)
        reach = (60, 360) if what == "Bill" else (2_500, 3_600)
        maturities = (settles + timedelta(days=reach[0]), settles + timedelta(days=reach[1]))
        submitted = round(accepted_usd_mn * (2.5 + 4 * self.share(f"{what} offers", day)))
        return Purchase(0, f"Outright {what} Purchase", day, settles, maturities, submitted, accepted_usd_mn, note)


def _tax_money_usd_bn(day: date) -> float:
    """What the tax day has brought and is not yet spent: all gone on the last business day of its month."""
    first, end = tax_day(day.year), last_open_day(day.replace(day=1))
    if not first <= day < end or day.month != first.month:
        return 0.0
    return 120 * min(1, ((day - first).days + 1) / 3) * (end - day).days / (end - first).days


def _on_or_before(amounts: Mapping[date, int], day: date) -> int:
    """Amount of ``day``, or of the last business day before it."""
    while day not in amounts:
        day -= DAY
    return amounts[day]


def _on_wednesdays(levels: Mapping[date, float]) -> Knots:
    """Month figures as knots on the last Wednesdays."""
    return sorted((last_wednesday(month), level) for month, level in levels.items())
