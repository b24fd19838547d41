"""Simulated interest rates: policy rates as decided, reference rates and yields around them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ingest.calendars import Calendar
from ingest.sample.world.chance import Chance
from ingest.sample.world.dates import FIRST, SOFR_START, by_month, coupon_settlement, is_quarter_end, last_open_day
from ingest.sample.world.levels import Steps, knots_by_name, knots_of, level_at, published_months, seed_rows, sofr_days

# Basis points of SOFR above interest on reserves, away from month-ends, and how hard a month-end presses on it.
_SOFR_OVER_IORB_BP = knots_of("sofr_over_iorb_bp")
_SCARCITY = knots_of("reserve_scarcity_ratio")
_SOFR_EPISODES_PCT = sofr_days()
_EFFR_EPISODES = dict(knots_of("effr_days_pct"))
_SOFR_VOLUME_USD_BN = knots_of("sofr_volume_usd_bn")
_SOFR_DAYS_USD_BN = dict(knots_of("sofr_volume_days_usd_bn"))

_YIELDS_PCT = knots_by_name("yields_pct")
_BILL_OVER_EFFR_BP = -11  # where the published mean of the month is not held


@dataclass(frozen=True)
class Rate:
    """One reference rate of one day, percent; volume in USD billions. ``preliminary_pct`` is the first print when the
    rate was revised on the afternoon of its publication, otherwise None."""

    rate_pct: float
    percentiles_pct: tuple[float, float, float, float]  # 1st, 25th, 75th, 99th
    volume_usd_bn: int
    preliminary_pct: float | None = None


class Rates(Chance):
    """Policy rates, reference rates and yields."""

    @cached_property
    def lower_pct(self) -> Steps:
        """Lower bound of the federal funds target range."""
        return Steps((date.fromisoformat(r["effective_date"]), float(r["lower_pct"])) for r in self._target_rows)

    @cached_property
    def upper_pct(self) -> Steps:
        """Upper bound of the federal funds target range."""
        return Steps((date.fromisoformat(r["effective_date"]), float(r["upper_pct"])) for r in self._target_rows)

    @cached_property
    def _target_rows(self) -> list[dict[str, str]]:
        return seed_rows("fomc_target_range")

    @cached_property
    def administered_pct(self) -> dict[str, Steps]:
        """IOER, IORB, ON_RRP_AWARD and SRF_MIN_BID by name."""
        steps: dict[str, list[tuple[date, float]]] = defaultdict(list)
        for row in seed_rows("administered_rates"):
            steps[row["rate_name"]].append((date.fromisoformat(row["effective_date"]), float(row["rate_pct"])))
        return {name: Steps(rows) for name, rows in steps.items()}

    def reserve_rate_pct(self, day: date) -> float:
        """Interest on reserves: IOER to 2021-07-28, IORB after."""
        rate = self.administered_pct["IORB"](day) or self.administered_pct["IOER"](day)
        assert rate is not None, f"no interest on reserves known on {day}"
        return rate

    @cached_property
    def rates(self) -> dict[str, dict[date, Rate]]:
        """SOFR, BGCR, TGCR, EFFR and OBFR by name and effective date."""
        effr = self._effr()
        sofr = self._sofr()
        bgcr: dict[date, Rate] = {}
        tgcr: dict[date, Rate] = {}
        for day, rate in sofr.items():
            below = 0.01 if self.share("bgcr", day) < 0.6 else 0.0
            b = round(rate.rate_pct - below, 2)
            t = round(b - (0.01 if self.share("tgcr", day) < 0.4 else 0.0), 2)
            bgcr[day] = Rate(b, self._around(b, 3, 1, 2, 8), round(rate.volume_usd_bn * 0.42))
            tgcr[day] = Rate(t, self._around(t, 3, 1, 2, 7), round(rate.volume_usd_bn * 0.40))
        obfr = {
            day: Rate(o, self._around(o, 6, 1, 1, 7), round(230 + 15 * self.gauss("obfr volume", day)))
            for day, rate in effr.items()
            for o in [round(rate.rate_pct - (0.01 if self.share("obfr", day) < 0.3 else 0.0), 2)]
        }
        return {"SOFR": sofr, "BGCR": bgcr, "TGCR": tgcr, "EFFR": effr, "OBFR": obfr}

    @staticmethod
    def _around(rate_pct: float, *below_and_above_bp: float) -> tuple[float, float, float, float]:
        low, quarter, three_quarters, high = below_and_above_bp
        return (
            round(rate_pct - low / 100, 2),
            round(rate_pct - quarter / 100, 2),
            round(rate_pct + three_quarters / 100, 2),
            round(rate_pct + high / 100, 2),
        )

    def _effr(self) -> dict[date, Rate]:
        # The distance to interest on reserves is that of the month's last day, so that it moves when policy does.
        known = published_months()["effr_pct"]
        distance = Steps((m, round(v - self.reserve_rate_pct(last_open_day(m)), 2)) for m, v in known.items())
        rates = {}
        for day in self.fed_days:
            if day < FIRST:
                continue
            month = day.replace(day=1)
            blip = 0.01 if self.share("effr", day) < 0.06 and day != last_open_day(month) else 0.0
            rate = round(max(self.reserve_rate_pct(day) + (distance(day) or 0.0) - blip, 0.04), 2)
            rate = _EFFR_EPISODES.get(day, rate)
            tail = 3 + round(4 * self.share("effr tail", day))
            volume = round(90 + 12 * self.gauss("effr volume", day))
            rates[day] = Rate(rate, self._around(rate, 2, 1, 0 if tail < 6 else 1, tail), max(volume, 40))
        return rates

    def _sofr(self) -> dict[date, Rate]:
        known = {last_open_day(m, Calendar.SIFMA): v for m, v in published_months()["sofr_pct"].items()}
        rates = {}
        carried_bp = 0.0
        for day in self.desk_days:
            if day < SOFR_START:
                continue
            month = day.replace(day=1)
            scarcity = level_at(_SCARCITY, day)
            base = self.reserve_rate_pct(day) + level_at(_SOFR_OVER_IORB_BP, day) / 100
            is_month_end = day == last_open_day(month, Calendar.SIFMA)
            is_settlement = day == coupon_settlement(month.replace(day=15))
            bump_bp = carried_bp + self.gauss("sofr", day) * (0.4 + 0.8 * scarcity) + 3 * scarcity * is_settlement
            if is_month_end:
                bump_bp += scarcity * (11 if is_quarter_end(month) else 5)
            episode_pct, top_pct = _SOFR_EPISODES_PCT.get(day, (max(base + bump_bp / 100, 0.01), None))
            rate = round(known.get(day, episode_pct), 2)
            over_bp = (rate - base) * 100
            carried_bp = 0.4 * max(over_bp, 0) if is_month_end or day in _SOFR_EPISODES_PCT else carried_bp * 0.3
            stress = max(over_bp - 5, 0)
            above_bp = 8 + 3 * self.share("sofr tail", day) + stress / 3
            if top_pct is not None:
                above_bp = (top_pct - rate) * 100
            spread = self._around(rate, 4 + stress / 8, 1 + stress / 20, min(6 + stress / 5, above_bp), above_bp)
            volume = (
                level_at(_SOFR_VOLUME_USD_BN, day)
                * (1 + 0.02 * self.gauss("sofr volume", day))
                * (1.06 if is_month_end else 1)
            )
            # About one day in forty was first printed two basis points off and corrected the same afternoon.
            is_revised = self.share("sofr revision", day) < 0.025 and day not in known and day not in _SOFR_EPISODES_PCT
            volume = _SOFR_DAYS_USD_BN.get(day, volume)
            rates[day] = Rate(rate, spread, round(volume), round(rate + 0.02, 2) if is_revised else None)
        return rates

    @cached_property
    def yields_pct(self) -> dict[str, dict[date, float]]:
        """DTB4WK, DGS2 and DGS10 on bond market days."""
        open_days = [day for day in self.desk_days if day >= FIRST]
        paths = {name: self.path(name, knots, 0.035) for name, knots in _YIELDS_PCT.items()}
        yields = {name: {day: round(max(path[day], 0.08), 2) for day in open_days} for name, path in paths.items()}
        known = {month: level for month, level in published_months()["bill_4_week_pct"].items() if month >= FIRST}
        middles = [(month.replace(day=15), level) for month, level in known.items()]
        bill: dict[date, float] = {}
        for month, days in by_month(open_days).items():
            if month in known:  # the mean of its days is the published one
                raw = [level_at(middles, day) + 0.015 * self.gauss("bill", day) for day in days]
                shift = known[month] - sum(raw) / len(raw)
                bill |= {day: round(max(level + shift, 0), 2) for day, level in zip(days, raw, strict=True)}
                continue
            for day in days:
                over_bp = _BILL_OVER_EFFR_BP + 1.5 * self.gauss("bill", day)
                bill[day] = round(max(self.rates["EFFR"][day].rate_pct + over_bp / 100, 0.01), 2)
        return yields | {"DTB4WK": bill}
