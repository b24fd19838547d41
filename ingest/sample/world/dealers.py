"""Simulated primary dealers, and dollars out to other central banks."""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from ingest.calendars import add_business_days
from ingest.sample.world.dates import FIRST
from ingest.sample.world.levels import knots_by_name, knots_of, level_at
from ingest.sample.world.rates import Rates

# Primary dealers' lines in USD billions, the shape as it is remembered: long coupons, then repo that doubled.
_DEALERS_USD_BN = knots_by_name("dealer_positions_usd_bn")
_DEALERS_REPO_USD_BN = knots_by_name("dealer_repo_usd_bn")
_DEALERS_FAILS_USD_BN = knots_by_name("dealer_fails_usd_bn")
_OVER_11_YEARS = knots_by_name("dealer_positions_until_2021_usd_bn")
LONG_COUPONS_SPLIT = date(2022, 1, 5)  # until then one line for everything over 11 years
# Dollars out to other central banks in USD billions: a small weekly habit, and the spring of 2020.
_SWAP_LINES_USD_BN = knots_of("swap_lines_usd_bn")


@dataclass(frozen=True)
class Swap:
    """Dollars drawn by another central bank, whole US dollars and percent."""

    counterparty: str
    currency: str
    traded: date
    settles: date
    matures: date
    amount: int
    rate_pct: float
    is_small_value: bool


class Dealers(Rates):
    """Dealers' positions and repo; central bank swaps."""

    @cached_property
    def dealer_lines_usd_mn(self) -> dict[str, dict[date, int]]:
        """Primary dealers' net positions, repo and fails by line and Wednesday; the positions add up to their total."""
        lines: dict[str, dict[date, int]] = {}
        for key_id, knots in (_DEALERS_USD_BN | _DEALERS_REPO_USD_BN | _DEALERS_FAILS_USD_BN).items():
            path = self.path(key_id, knots, 8 if knots[0][1] > 1000 else 0.4)
            since = LONG_COUPONS_SPLIT if knots[0][0] >= date(2022, 1, 1) else FIRST
            low = 100 if key_id.startswith("PDFT") else -math.inf  # fails are no negative amount
            lines[key_id] = {day: round(max(1000 * path[day], low)) for day in self.wednesdays if day >= since}
        over_11 = self.path("PDPOSGSC-G11", _OVER_11_YEARS["PDPOSGSC-G11"], 0.6)
        lines["PDPOSGSC-G11"] = {d: round(1000 * over_11[d]) for d in self.wednesdays if d < LONG_COUPONS_SPLIT}
        positions = [line for key_id, line in lines.items() if key_id.startswith("PDPOS")]
        lines["PDPOSGST-TOT"] = {day: sum(line.get(day, 0) for line in positions) for day in self.wednesdays}
        return lines

    @cached_property
    def swaps(self) -> list[Swap]:
        """One-week dollar swaps that are out each Wednesday night, oldest first, and an exercise every quarter."""
        found = []
        for day in self.wednesdays:
            settles, matures = add_business_days(day, 1), add_business_days(day + timedelta(days=8), 0)
            rate = round(self.rates["EFFR"][add_business_days(day, 0)].rate_pct + 0.25, 2)
            total = level_at(_SWAP_LINES_USD_BN, day) * (0.8 + 0.4 * self.share("swaps", day))
            parts = (
                {"European Central Bank": 0.4, "Bank of Japan": 0.5} if total > 5 else {"European Central Bank": 0.9}
            )
            parts["Swiss National Bank"] = 1 - sum(parts.values())
            for name, share in parts.items():
                amount = round(1e3 * total * share * 10) * 100_000
                if amount:
                    found.append(Swap(name, "USD", day, settles, matures, amount, rate, False))
            if day.month % 3 == 1 and day.day <= 7:
                found.append(Swap("Bank of Canada", "USD", day, settles, matures, 50_000, rate, True))
                found.append(Swap("Bank of England", "GBP", day, settles, matures, 50_000, rate, True))
        return found

    @cached_property
    def swaps_outstanding_usd_mn(self) -> dict[date, int]:
        """Dollars out to other central banks on Wednesdays, USD millions."""
        return {
            day: round(sum(s.amount for s in self._dollar_swaps_around(day) if s.settles <= day < s.matures) / 1e6)
            for day in self.wednesdays
        }

    def _dollar_swaps_around(self, day: date) -> list[Swap]:
        by_day = self._dollar_swaps_by_day
        return [s for back in (0, 7, 14) for s in by_day.get(day - timedelta(days=back), [])]

    @cached_property
    def _dollar_swaps_by_day(self) -> dict[date, list[Swap]]:
        book: dict[date, list[Swap]] = defaultdict(list)
        for swap in self.swaps:
            if swap.currency == "USD":
                book[swap.traded].append(swap)
        return book
