"""Random numbers that depend on names and dates alone, and the paths that they draw."""

import math
import random
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import accumulate, pairwise

from ingest.calendars import Calendar, business_days
from ingest.sample.world.dates import FIRST, SLOW_FIRST, WARM_UP, last_day, month_after
from ingest.sample.world.levels import Knots, level_at, published_months

_ROOT_OF_TWO = math.sqrt(2)


def normals(rng: random.Random, count: int) -> list[float]:
    """So many standard normal numbers: those of `rng.gauss`, in half the time: a world has a million."""
    uniform, numbers = rng.random, list[float]()
    for _ in range((count + 1) // 2):
        angle = uniform() * math.tau
        radius = math.sqrt(-2.0 * math.log(1.0 - uniform()))
        numbers += (math.cos(angle) * radius, math.sin(angle) * radius)
    return numbers[:count]


def weighted(total: int, weights: Mapping[date, int], rng: random.Random) -> dict[date, int]:
    """``total`` over days by weight, a tenth up or down."""
    raw = {day: weight * rng.uniform(0.9, 1.1) for day, weight in weights.items()}
    parts = {day: round(total * share / sum(raw.values())) for day, share in raw.items()}
    parts[max(parts)] += total - sum(parts.values())
    return parts


def split(total: int, count: int, rng: random.Random, spread: float = 0.5) -> list[int]:
    """``count`` uneven integers that add up to ``total``."""
    share = total / count
    parts = [share * (1 + spread * rng.uniform(-1, 1)) for _ in range(count)]
    offset = (total - sum(parts)) / count
    rounded = [round(part + offset) for part in parts]
    rounded[-1] += total - sum(rounded)
    return rounded


class Chance:
    """A seed, the days of the simulated economy, and numbers drawn for names and days."""

    def __init__(self, today: date, seed: int = 0) -> None:
        self.seed = seed
        self.last = last_day(month_after(today, 2))
        self.days = [WARM_UP + timedelta(days=n) for n in range((self.last - WARM_UP).days + 1)]
        self.fed_days = business_days(WARM_UP, self.last)
        self.desk_days = business_days(WARM_UP, self.last, Calendar.SIFMA)  # operations, secured rates, yields
        self.months = [month_after(WARM_UP, n) for n in range((self.last.year - 2017) * 12 + self.last.month - 9)]
        self.wednesdays = [day for day in self.days if day.weekday() == 2 and day >= FIRST]
        self.slow_wednesdays = [SLOW_FIRST + timedelta(days=6 + 7 * n) for n in range(1043)] + self.wednesdays
        self._gauss_by_month: dict[tuple[str, int, int], list[float]] = {}
        self._years: dict[str, list[tuple[date, float]]] = {}

    def rng(self, *name: object) -> random.Random:
        """Random numbers that depend on the seed and the name alone."""
        return random.Random("/".join(map(str, (self.seed, *name))))

    def gauss(self, name: str, day: date) -> float:
        """A standard normal number for this name and day."""
        key = (name, day.year, day.month)
        if key not in self._gauss_by_month:
            self._gauss_by_month[key] = normals(self.rng(*key), 31)
        return self._gauss_by_month[key][day.day - 1]

    def share(self, name: str, day: date) -> float:
        """A number between 0 and 1, evenly spread, for this name and day."""
        return 0.5 * (1 + math.erf(self.gauss(name, day) / _ROOT_OF_TWO))

    def within(self, bounds: tuple[float, float], name: str, day: date) -> float:
        """A smooth walk between 40 and 60 % of a range; of its logarithm when that spans a factor of 20."""
        low, high = bounds
        is_log = low > 0 and high / low > 20
        start, end = (math.log(low), math.log(high)) if is_log else (low, high)
        if name not in self._years:
            draws = ((date(year, 1, 1), self.rng(name, year).uniform(0.41, 0.59)) for year in range(2017, 2100))
            self._years[name] = list(draws)
        level = start + (end - start) * (level_at(self._years[name], day) + 0.002 * self.gauss(name, day))
        return math.exp(level) if is_log else level

    def path(self, name: str, knots: Knots, sigma: float, *, is_log: bool = False) -> dict[date, float]:
        """Every day's level: straight lines through ``knots`` and noise that is gone where a knot is.

        ``sigma`` is the noise of a day, in the unit of the knots or, with ``is_log``, as a fraction. Flat outside;
        days before the warm-up are there when a knot is.
        """
        levels = {day: knots[0][1] for day in self.days if day < knots[0][0]}
        for (day0, value0), (day1, value1) in pairwise(knots):
            count = (day1 - day0).days
            if day0 > self.last:
                break
            walk = [0.0, *accumulate(number * sigma for number in normals(self.rng(name, day0), count))]
            start, end = (math.log(value0), math.log(value1)) if is_log else (value0, value1)
            first, rise, drift = day0.toordinal(), end - start, walk[count]
            for n, step in enumerate(walk):
                level = start + rise * n / count + step - drift * n / count
                levels[date.fromordinal(first + n)] = math.exp(level) if is_log else level
        last_knot, value = knots[-1]
        levels |= {day: value for day in self.days if day > last_knot}
        return {day: levels[day] for day in sorted(levels) if day <= self.last}

    def anchors(
        self, column: str, before: float, step: float, drift: float = 0.0, months: int = 1
    ) -> dict[date, float]:
        """Month figures of ``column``, continued past the last known one by a random walk.

        ``before`` is the level ahead of 2018, ``step`` and ``drift`` the noise and the trend of a step of ``months``.
        """
        known = published_months()[column]
        levels = {month_after(min(known), -months): before} | known
        month = max(known)
        while month <= self.last:
            previous, month = levels[month], month_after(month, months)
            levels[month] = previous + drift + step * self.rng(column, month).gauss(0, 1)
        return levels
