"""The simulated Treasury: what it owes, takes in, spends and sells, drawn so that the statements agree with each other.

Everything follows from the lines of the Daily Treasury Statement and from the cash balance of the world: the debt by
class is a starting stock and those lines, the auctions of a day add up to its issues, the securities outstanding add up
to their classes, deficits are the published ones (first prints and restatements), later on what was borrowed less what
cash rose by. Values are SIMULATED; a security changes a little in size from month to month, because the classes move by
the statement's lines and not by what fell due. What must not be here: wire formats, and when a value becomes public.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from ingest.calendars import add_business_days
from ingest.sample.world import World
from ingest.sample.world.chance import split
from ingest.sample.world.dates import FIRST, coupon_settlements, last_day, last_open_day, month_after
from ingest.sample.world.levels import TREASURY_MONTHS, published_months, published_years
from ingest.sample.world.statements import series_held_by_public_usd_mn

_BEFORE = date(2017, 9, 1)  # the month before the first fiscal year that is whole in the simulated economy
# Outstanding on 2017-09-30, USD millions, rounded by hand; together the published total of 20,244.9 billion.
_STOCK_USD_MN = {
    "Bills": 1_800_000,
    "Notes": 8_810_000,
    "Bonds": 1_948_000,
    "Treasury Inflation-Protected Securities": 1_287_000,
    "Floating Rate Notes": 345_000,
    "Federal Financing Bank": 6_053,
    "Domestic Series": 30_000,
    "Foreign Series": 0,
    "State and Local Government Series": 95_000,
    "United States Savings Securities": 162_000,
    "Government Account Series": 5_719_400,
    "Other": 42_447,
}
MARKETABLE = tuple(_STOCK_USD_MN)[:6]
NONMARKETABLE = tuple(_STOCK_USD_MN)[6:]
_IN_FEDERAL_ACCOUNTS_USD_MN = {  # small holdings; the rest is in separate series
    "Bills": 500,
    "Notes": 3_000,
    "Bonds": 8_000,
    "Treasury Inflation-Protected Securities": 10_000,
    "Floating Rate Notes": 100,
}
_OTHER_NAMES = {"State and Local Series": "State and Local Government Series"}  # daily statement: monthly statement
_GOVERNMENT_ACCOUNTS_USD_MN = 5_571_471  # all of them, on 2017-09-30
_CASH_USD_MN = 230_000  # the cash balance before the first one known

_RECEIPTS_BY_MONTH = (0.088, 0.063, 0.073, 0.145, 0.068, 0.094, 0.072, 0.072, 0.1, 0.072, 0.066, 0.087)  # from January
_FIRST_BUDGET_YEAR = 2017
RESTATED_IN = 7  # July's statement restates the months before it


def fiscal_year(day: date) -> int:
    """The fiscal year of ``day``; it begins in October."""
    return day.year + (day.month >= 10)


# --- what is owed ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def debt_by_class_usd_mn(world: World) -> dict[date, dict[str, int]]:
    """Outstanding by class at the end of every business day, USD millions.

    The daily statement's Notes and Bonds hold floating-rate and inflation-protected ones too: of new notes 4.5 % are
    the former and 3.5 % the latter, of new bonds 3 % the latter.
    """
    increment = "Inflation-Protected Securities Increment"
    net = dict.fromkeys(("Bills", "Notes", "Bonds", increment, "Federal Financing Bank", *NONMARKETABLE), 0)
    levels = {}
    for day, lines in world.debt_transactions_usd_mn.items():
        for (kind, _, security, _), today, _, _ in lines:
            name = _OTHER_NAMES.get(security, security)
            if name in net:
                net[name] += today if kind == "Issues" else -today
        floating, protected_notes = round(0.045 * net["Notes"]), round(0.035 * net["Notes"])
        protected_bonds = round(0.03 * net["Bonds"])
        moved = net | {
            "Notes": net["Notes"] - floating - protected_notes,
            "Bonds": net["Bonds"] - protected_bonds,
            "Floating Rate Notes": floating,
            "Treasury Inflation-Protected Securities": protected_notes + protected_bonds + net[increment],
        }
        levels[day] = {name: stock + moved.get(name, 0) for name, stock in _STOCK_USD_MN.items()}
    return levels


def in_federal_accounts_usd_mn(classes: dict[str, int], day: date) -> dict[str, int]:
    """Of ``classes``, what federal accounts hold on ``day``: most of the Government Account Series, some of others."""
    bank, series = "Federal Financing Bank", "Government Account Series"
    small = sum(_IN_FEDERAL_ACCOUNTS_USD_MN.values()) + _STOCK_USD_MN[bank]
    public = _STOCK_USD_MN[series] - (_GOVERNMENT_ACCOUNTS_USD_MN - small) + series_held_by_public_usd_mn(day)
    held = dict.fromkeys(classes, 0) | _IN_FEDERAL_ACCOUNTS_USD_MN
    return held | {bank: classes[bank], series: classes[series] - public}


@lru_cache(maxsize=4)
def debt_usd_mn(world: World) -> dict[date, tuple[int, int]]:
    """Debt held by the public and by federal accounts at the end of every business day, USD millions."""
    levels = {}
    for day, classes in debt_by_class_usd_mn(world).items():
        held = sum(in_federal_accounts_usd_mn(classes, day).values())
        levels[day] = (sum(classes.values()) - held, held)
    return levels


# --- what comes in and goes out -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthOfBudget:
    """Receipts and outlays of a month as its own statement prints them, and what later ones add to the outlays: July's
    and later ones of the fiscal year, and those of the next; USD millions."""

    month: date
    receipts: int
    outlays: int
    restated_in_year: int
    restated_after: int

    def printed(self, statement: date) -> tuple[int, int]:
        """Receipts and outlays as the statement of a month (its first day) has them."""
        year = fiscal_year(self.month)
        is_restated = statement >= max(month_after(self.month), date(year, RESTATED_IN, 1))
        after = self.restated_after if fiscal_year(statement) > year else 0
        return self.receipts, self.outlays + (self.restated_in_year if is_restated else 0) + after


@lru_cache(maxsize=4)
def budget(world: World) -> dict[date, MonthOfBudget]:
    """The budget by month (first day) from October 2016.

    First prints, what September's statement adds up to and what the next year's do are the published ones where there
    are any; later months follow the debt and the cash.
    """
    deficits = {
        month: round(1000 * deficit)
        for month, deficit in published_months(TREASURY_MONTHS)["deficit_usd_bn"].items()
        if fiscal_year(month) >= _FIRST_BUDGET_YEAR
    }
    ends = month_ends_usd_mn(world)
    for before, month in pairwise(ends):
        public, _, cash = (b - a for a, b in zip(ends[before], ends[month], strict=True))
        deficits.setdefault(month, public - cash)
    found = {}
    for year in range(_FIRST_BUDGET_YEAR, fiscal_year(max(deficits)) + 1):
        months = [month for month in _months(year) if month in deficits]
        receipts = _receipts_usd_mn(world, year)
        in_year, after = _restatements_usd_mn(world, year, sum(deficits[month] for month in months))
        for n, month in enumerate(months):
            outlays = receipts[n] + deficits[month]
            found[month] = MonthOfBudget(month, receipts[n], outlays, in_year[n], after[n])
    return found


def _receipts_usd_mn(world: World, year: int) -> list[int]:
    """Receipts of the months of a fiscal year; they add up to the published total."""
    known = published_years("receipts_usd_bn")
    total = known.get(year) or known[max(known)] * 1.04 ** (year - max(known))
    weights = [
        _RECEIPTS_BY_MONTH[m.month - 1] * (1 + 0.02 * world.rng("receipts", m).gauss(0, 1)) for m in _months(year)
    ]
    return [round(1000 * total * weight / sum(weights)) for weight in weights]


def _restatements_usd_mn(world: World, year: int, first_prints: int) -> tuple[list[int], list[int]]:
    """By month of a fiscal year: what its own year's statements restate, and what the next year's do."""
    rng = world.rng("restated", year)
    known = published_years("statement_usd_mn").get(year)
    stated = round(known) if known else first_prints + round(rng.gauss(0, 1_500))
    restated = round(published_years("restated_usd_mn").get(year) or stated + rng.gauss(0, 2_500))
    before_july = len([m for m in _months(year) if m < date(year, RESTATED_IN, 1)])
    parts = []
    for total, count in ((stated - first_prints, before_july), (restated - stated, 12)):
        moved = [round(rng.gauss(0, 120)) for _ in range(count)]  # from one month to another
        shares = split(total, count, rng)
        parts.append([share + moved[n] - moved[n - 1] for n, share in enumerate(shares)] + [0] * (12 - count))
    return parts[0], parts[1]


def _months(year: int) -> list[date]:
    return [month_after(date(year - 1, 10, 1), n) for n in range(12)]


@lru_cache(maxsize=4)
def month_ends_usd_mn(world: World) -> dict[date, tuple[int, int, int]]:
    """Debt held by the public, by federal accounts, and cash at the end of each month (first day) from 2017-09 on."""
    debt, cash = debt_usd_mn(world), world.tga_usd_mn
    ends = {
        _BEFORE: (sum(_STOCK_USD_MN.values()) - _GOVERNMENT_ACCOUNTS_USD_MN, _GOVERNMENT_ACCOUNTS_USD_MN, _CASH_USD_MN)
    }
    return ends | {month: (*debt[end], cash[end]) for month in world.months if (end := last_open_day(month)) in debt}


# --- what is outstanding by security --------------------------------------------------------------------------------

_CUSIP_BEGINNINGS = {"Bill": "9127S", "Note": "9128S", "Bond": "9108S", "TIPS": "9129S", "FRN": "9126S"}
_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def cusip_of(kind: str, maturity: date) -> str:
    """The simulated CUSIP of the one security of a kind that falls due on a day."""
    number, tail = maturity.toordinal() % len(_DIGITS) ** 3, ""
    for _ in range(3):
        number, digit = divmod(number, len(_DIGITS))
        tail = _DIGITS[digit] + tail
    return f"{_CUSIP_BEGINNINGS[kind]}{tail}0"


def coupon_pct(world: World, kind: str, maturity: date) -> float | None:
    """Coupon of the security in eighths of a percent, percent a year; None for bills and floating-rate notes."""
    if kind in ("Bill", "FRN"):
        return None
    low, high = (1, 20) if kind == "TIPS" else (5, 38)
    return world.rng("coupon", kind, maturity).randint(low, high) / 8


def yield_pct(world: World, kind: str, day: date, years: float) -> float:
    """What a security of ``years`` to run yields in an auction on ``day``, percent a year, three decimals."""
    if kind in ("Bill", "FRN"):
        return _at_or_before(world.yields_pct["DTB4WK"], day) + 0.02 * years
    short, long = (_at_or_before(world.yields_pct[name], day) for name in ("DGS2", "DGS10"))
    nominal = short + (long - short) * min(max(years - 2, 0) / 8, 1.25)
    return nominal - 2.3 if kind == "TIPS" else nominal


def _at_or_before(values: dict[date, float], day: date) -> float:
    first = next(iter(values))
    while day > first and day not in values:
        day -= timedelta(days=1)
    return values.get(day, values[first])


@dataclass(frozen=True)
class Holding:
    """What is outstanding of one security at a month's end, in hundreds of US dollars; ``tranches`` are issue date and
    amount issued, oldest first."""

    kind: str
    cusip: str
    maturity: date
    outstanding: int
    accretion: int
    tranches: tuple[tuple[date, int], ...]


def holdings(world: World, end: date, classes: dict[str, int]) -> dict[str, list[Holding]]:
    """Every marketable security outstanding on ``end`` by class; ``classes`` are the amounts of the classes in hundreds
    of US dollars, and those of the securities add up to them."""
    found: dict[str, list[Holding]] = {}
    for name, (kind, securities) in _securities(end).items():
        weights = [weight * (0.8 + 0.4 * world.rng("size", kind, due).random()) for due, _, weight in securities]
        total, left = sum(weights), classes[name]
        found[name] = []
        for n, ((due, issues, _), weight) in enumerate(zip(securities, weights, strict=True), start=1):
            amount = round(classes[name] * weight / total) if n < len(securities) else left
            left -= amount
            accretion = round(0.2 * amount) if kind == "TIPS" else 0
            issued = [(amount - accretion) // len(issues)] * (len(issues) - 1)
            issued.append(amount - accretion - sum(issued))
            tranches = tuple(zip(issues, issued, strict=True))
            found[name].append(Holding(kind, cusip_of(kind, due), due, amount, accretion, tranches))
    return found


def _securities(end: date) -> dict[str, tuple[str, list[tuple[date, list[date], float]]]]:
    """By class: kind, and maturity, issue dates and relative size of each security outstanding on ``end``."""
    days = [end + timedelta(days=n) for n in range(1, 365)]
    bills: list[tuple[date, list[date], float]] = []
    for n, day in enumerate(days, start=1):
        due = add_business_days(day, 0)
        if day.weekday() == 3 and n <= 182:  # half a year, sold again when a quarter of a year is left
            issues = [due - timedelta(days=182), due - timedelta(days=91)][: 2 if n <= 91 else 1]
            bills.append((due, issues, 1.0 + (n <= 91)))
        elif day.weekday() == 3 and day.toordinal() // 7 % 4 == 0:
            bills.append((due, [due - timedelta(days=364)], 0.5))
        elif day.weekday() == 1 and n <= 56:
            bills.append((due, [due - timedelta(days=56)], 2.0))
    months = [month_after(end, n) for n in range(1, 361)]

    def before(due: date, years: int) -> date:
        return min(due.replace(year=due.year - years, day=min(due.day, 28)), end)

    def of(dues: list[date], years: int) -> list[tuple[date, list[date], float]]:
        return [(due, [before(due, years)], 1.0) for due in dues]

    mids = [month.replace(day=15) for month in months]
    quarterly = [due for due in mids if due.month % 3 == 2]
    return {
        "Bills": ("Bill", bills),
        "Notes": ("Note", of([last_day(m) for m in months[:24]], 2) + of([d for d in quarterly if d < mids[119]], 10)),
        "Bonds": ("Bond", of([due for due in quarterly if due.month == 2], 30)),
        "Treasury Inflation-Protected Securities": (
            "TIPS",
            of([due for due in mids[:120] if due.month == 1], 10)
            + of([due for due in mids if due.month == 2 and due.year % 4 == 0], 30),
        ),
        "Floating Rate Notes": ("FRN", of([last_day(m) for m in months[:24] if m.month % 3 == 1], 2)),
    }


# --- auctions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Auction:
    """One auction; ``accepted_usd`` is what the daily statement counts as issued, of which ``soma_usd`` went to the Fed
    on top of the offering."""

    kind: str  # Bill, Note, Bond, TIPS, FRN
    term: str
    announced: date
    held: date
    issued: date
    maturity: date
    is_reopening: bool
    is_cash_management: bool
    offering_usd: int
    accepted_usd: int
    soma_usd: int
    yield_pct: float
    cover: float

    @property
    def cusip(self) -> str:
        """CUSIP of what is sold."""
        return cusip_of(self.kind, self.maturity)


_Sale = tuple[str, str, date, float, bool]  # kind, term, maturity, share of the day's issues, is a reopening


@lru_cache(maxsize=4)
def auctions(world: World) -> tuple[Auction, ...]:
    """Auctions held since 2018, in order of their date; those of a day of settlement add up to its issues."""
    found = [auction for day in world.fed_days for auction in _auctions_for(world, day)]
    return tuple(sorted(found, key=lambda auction: (auction.held, auction.cusip)))


def _auctions_for(world: World, day: date) -> Iterator[Auction]:
    issued = world.debt_issues_usd_mn(day)
    for name, sales in (
        ("Regular Series", _bill_sales(day)),
        ("Cash Management Series", [("Bill", "42-Day", day + timedelta(days=42), 1.0, False)]),
        ("Notes", _coupon_sales(world, "Notes", day)),
        ("Bonds", _coupon_sales(world, "Bonds", day)),
    ):
        left = issued.get(name, 0)
        if left < 1_000:
            continue
        for n, (kind, term, maturity, share, is_reopening) in enumerate(sales, start=1):
            accepted = round(issued[name] * share) if n < len(sales) else left
            left -= accepted
            held = add_business_days(day, -3)
            if held < FIRST:
                continue
            draw = world.rng("auction", kind, term, day)
            offering = int(accepted * draw.uniform(0.92, 0.96)) // 1_000 * 1_000
            soma_usd = 1_000_000 * (accepted - offering) - draw.randint(0, 9_999) * 100  # the rest is rounding
            years = (maturity - day).days / 365
            yield Auction(
                kind, term, add_business_days(held, -2), held, day, maturity, is_reopening, name.startswith("Cash"),
                1_000_000 * offering, 1_000_000 * accepted, soma_usd,
                round(yield_pct(world, kind, held, years), 3), round(draw.uniform(2.3, 3.1), 2),
            )  # fmt: skip


def _bill_sales(day: date) -> list[_Sale]:
    """Tuesdays (or the day after a holiday): 4, 8 and later 17 weeks; Thursdays: 13, 26 and now and then 52."""
    if day.weekday() < 3:
        weeks = {4: 0.38, 8: 0.34, 17: 0.28} if day >= date(2022, 10, 25) else {4: 0.55, 8: 0.45}
    else:
        has_year = day.toordinal() // 7 % 4 == 0
        weeks = {13: 0.5, 26: 0.42, 52: 0.08} if has_year else {13: 0.53, 26: 0.47}
    newest = max(weeks) if day.weekday() < 3 else 26
    return [
        ("Bill", f"{n}-Week", add_business_days(day + timedelta(weeks=n), 0), share, n < newest)
        for n, share in weeks.items()
    ]


def _due(month: date, years: int, is_month_end: bool) -> date:
    due = month_after(month, 12 * years)
    return last_day(due) if is_month_end else due.replace(day=15)


def _coupon_sales(world: World, name: str, day: date) -> list[_Sale]:
    """What is sold of notes (or bonds) to settle on ``day``: that of the month's end may settle in the next month."""
    kinds = coupon_settlements(world.months[0], world.last).get(day, ())
    month = (day - timedelta(days=5)).replace(day=1)
    if name == "Bonds":
        at_end = "end" in kinds
        return [("Bond", "20-Year" if at_end else "30-Year", _due(month, 20 if at_end else 30, at_end), 1.0, False)]
    floating: _Sale = ("FRN", "2-Year", _due(month, 2, True), 0.16, "floating" in kinds)
    protected: _Sale = ("TIPS", "10-Year", _due(month, 10, False), 0.15, False)
    if "end" in kinds:
        years, other = {2: 0.32, 5: 0.33, 7: 0.19}, floating
    elif "middle" in kinds:
        years, other = {3: 0.55, 10: 0.3}, protected
    else:
        others = [floating] * ("floating" in kinds) + [protected] * ("protected" in kinds)
        return [(*sale[:3], 1 / len(others), sale[4]) for sale in others]
    at_end = "end" in kinds
    sales: list[_Sale] = [("Note", f"{n}-Year", _due(month, n, at_end), share, False) for n, share in years.items()]
    return [*sales, other]
