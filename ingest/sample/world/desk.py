"""Simulated operations of the open market desk: repo, reverse repo, exercises."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from ingest.calendars import Calendar, add_business_days
from ingest.sample.world.dates import FIRST, is_quarter_end, last_open_day, month_after
from ingest.sample.world.levels import Knots, knots_of, level_at, published_months, seed_rows, standing_repo_days
from ingest.sample.world.rates import Rates

SRF_START = date(2021, 7, 29)
SRF_MORNING_START = date(2025, 6, 26)
SRF_MORNING_TRIALS = ((date(2024, 12, 30), date(2025, 1, 3)), (date(2025, 3, 27), date(2025, 4, 2)))
FULL_ALLOTMENT_START = date(2025, 12, 11)
NEW_NUMBERING = date(2025, 11, 14)  # from here 25 is the morning SRF, 26 ON RRP, 27 the afternoon SRF
# Every day with a billion or more to 2026-07-22, accepted in the morning and in the afternoon, as published; after
# 2025-11-24 only the sum of the day is, and its parts are made up.
_RP_TAKE_UP_USD_MN = standing_repo_days()
_RP_KNOWN_UNTIL = date(2026, 7, 22)
# The exercises that were not overnight: calendar days to maturity.
_TERM_DAYS = {date(2023, 3, 8): 4, date(2024, 9, 24): 3, date(2025, 8, 21): 5}
_ODD_NUMBERS = {  # exercises that did not take the next free number
    (date(2022, 11, 17), "ON RRP exercise"): 99,
    (date(2023, 5, 23), "exercise"): 99,
    (date(2025, 1, 24), "exercise"): 26,
    (date(2025, 1, 24), "ON RRP exercise"): 27,
    (date(2025, 10, 8), "exercise"): 99,
    (date(2025, 11, 5), "exercise"): 25,
    (date(2025, 11, 5), "ON RRP exercise"): 26,
}
_LATE_ON_RRP = date(2023, 7, 17)  # a genuine ON RRP at 13:30, and the SRF at 14:30 that day
# Overnight and two-week repo of 2019 and 2020, accepted USD billions an operation.
_OVERNIGHT_2019_USD_BN = knots_of("overnight_repo_2019_usd_bn")
_TERM_2019_USD_BN = knots_of("term_repo_2019_usd_bn")
# ON RRP of single days, by the New York Fed as reported.
_ON_RRP_USD_BN = dict(knots_of("on_rrp_days_usd_bn"))


@dataclass(frozen=True)
class Operation:
    """One operation of the open market desk. ``kind`` is SRF morning, SRF afternoon, repo, term repo, exercise,
    ON RRP or ON RRP exercise; legs are accepted whole USD millions by security type."""

    kind: str
    number: int
    day: date
    settlement: date
    maturity: date
    release_time: str
    close_time: str
    legs_usd_mn: tuple[tuple[str, int], ...]
    rate_pct: float
    note: str = ""
    is_term: bool = False
    limit_usd_mn: int | None = None

    @property
    def is_reverse(self) -> bool:
        """Whether cash goes to the Fed (ON RRP) instead of from it."""
        return self.kind.startswith("ON RRP")

    @property
    def is_exercise(self) -> bool:
        """Whether it is a small value exercise."""
        return self.kind.endswith("exercise")

    @property
    def accepted_usd_mn(self) -> int:
        """Total accepted."""
        return sum(amount for _, amount in self.legs_usd_mn)


class Desk(Rates):
    """What the desk lends and borrows."""

    @cached_property
    def on_rrp_usd_mn(self) -> dict[date, int]:
        """ON RRP of every day on which the desk operates, exercises left out."""
        known = published_months()["on_rrp_usd_bn"]
        level = {
            date(2017, 9, 1): 90.0,
            date(2017, 10, 1): 80.0,
            date(2017, 11, 1): 70.0,
            date(2017, 12, 1): 250.0,
        } | known
        for month in (month_after(max(known), n) for n in range(1, 2 + len(self.months))):
            level[month] = (18 if is_quarter_end(month) else 5) * math.exp(0.5 * self.rng("on rrp", month).gauss(0, 1))
        knots: Knots = []
        for month in [month_after(date(2017, 10, 1), n) for n in range(len(self.months) + 1)]:
            end, value = last_open_day(month, Calendar.SIFMA), level[month]
            # Money funds flood in on the last day of a quarter; what stays is no more than the months around it hold.
            around = max(level[month_after(month, -1)], level[month_after(month, 1)])
            usual = min(value, around) * 0.94 if is_quarter_end(month) else value * 0.97
            if month >= date(2025, 9, 1):  # the facility is empty but for month-ends
                usual = min(usual, 2 + 3 * self.rng("on rrp usual", month).random())
            reach = 1 if is_quarter_end(month) else 4
            knots.append((add_business_days(end, -reach, Calendar.SIFMA), max(usual, 0.001)))
            knots.append((end, max(value, 0.001)))
            knots.append((add_business_days(end, min(reach, 3), Calendar.SIFMA), max(usual, 0.001)))
        path = self.path("on rrp", knots, 0.025, is_log=True)
        fixed = {last_open_day(m, Calendar.SIFMA): v for m, v in known.items()} | _ON_RRP_USD_BN
        peak = 0.97 * max(known.values())
        return {d: round(1000 * (fixed[d] if d in fixed else min(path[d], peak))) for d in self.desk_days}

    @cached_property
    def operations(self) -> dict[date, list[Operation]]:
        """Operations of every day on which the securities market is open (none on Good Friday), in time order."""
        exercises: dict[date, list[dict[str, str]]] = defaultdict(list)
        for row in seed_rows("srf_small_value_exercises"):
            exercises[date.fromisoformat(row["operation_date"])].append(row)
        return {day: self._operations_of(day, exercises.get(day, [])) for day in self.desk_days if day >= FIRST}

    def _operations_of(self, day: date, exercises: Sequence[Mapping[str, str]]) -> list[Operation]:
        found: list[tuple[str, str, str, tuple[tuple[str, int], ...]]] = []  # kind, release, close, legs
        if day >= SRF_START:
            morning, afternoon = self._srf_usd_mn(day)
            if day >= SRF_MORNING_START or any(start <= day <= end for start, end in SRF_MORNING_TRIALS):
                found.append(("SRF morning", "08:15", "08:30", self._legs("am", day, morning)))
            at = ("14:30", "14:45") if day == _LATE_ON_RRP else ("13:30", "13:45")
            found.append(("SRF afternoon", *at, self._legs("pm", day, afternoon)))
        elif _OVERNIGHT_2019_USD_BN[0][0] <= day <= _OVERNIGHT_2019_USD_BN[-1][0]:
            accepted = round(1000 * level_at(_OVERNIGHT_2019_USD_BN, day) * (1 + 0.1 * self.gauss("repo", day)))
            found.append(("repo", "08:15", "08:30", self._legs("repo", day, accepted)))
            if day.weekday() in (1, 3) and _TERM_2019_USD_BN[0][0] <= day < _TERM_2019_USD_BN[-1][0]:
                accepted = round(1000 * level_at(_TERM_2019_USD_BN, day) * (1 + 0.1 * self.gauss("term", day)))
                found.append(("term repo", "08:45", "09:00", self._legs("term", day, accepted)))
        for row in exercises:
            release = row["release_time"] or "10:00"
            accepted = 55 + round(40 * self.share("exercise", day))
            if row["day_accepted_usd_mn"]:  # the day's total: what the standing operations took is part of it
                accepted = int(row["day_accepted_usd_mn"]) - sum(amount for *_, legs in found for _, amount in legs)
            if row["operation_type"] == "Reverse Repo":
                leg = "Mortgage-Backed" if day == date(2024, 10, 16) else "Treasury"
                found.append(("ON RRP exercise", release, _later(release, 30), ((leg, accepted),)))
            else:
                found.append(("exercise", release, _later(release, 15), self._legs("exercise", day, accepted)))
        at = ("13:30", "14:00") if day == _LATE_ON_RRP else ("12:45", "13:15")
        found.append(("ON RRP", *at, (("Treasury", self.on_rrp_usd_mn[day]),)))
        found.sort(key=lambda item: item[1])

        silent = {"exercise"} if any(row["has_exercise_note"] == "false" for row in exercises) else set()
        operations: list[Operation] = []
        for kind, release, close, legs in found:
            fixed = {"SRF morning": 25, "ON RRP": 26, "SRF afternoon": 27} if day >= NEW_NUMBERING else {}
            taken = {operation.number for operation in operations}
            free = next(n for n in range(1, 9) if n not in taken)
            number = _ODD_NUMBERS.get((day, kind), fixed.get(kind, free))
            term_days = {"term repo": 14}.get(kind, _TERM_DAYS.get(day, 0) if kind == "exercise" else 0)
            settlement = (
                add_business_days(day, 1, Calendar.SIFMA) if kind == "exercise" and day == date(2022, 4, 11) else day
            )
            maturity = add_business_days(settlement + timedelta(days=term_days or 1), 0, Calendar.SIFMA)
            limit = None
            if kind.startswith("SRF") and day < FULL_ALLOTMENT_START:
                limit = 500_000 - sum(o.accepted_usd_mn for o in operations if o.kind == "SRF morning")
            operations.append(
                Operation(
                    kind, number, day, settlement, maturity, release, close, legs,
                    rate_pct=self._operation_rate_pct(kind, day),
                    note=self._note(kind, day, limit) if kind not in silent else "",
                    is_term=bool(term_days),
                    limit_usd_mn=limit,
                )
            )  # fmt: skip
        return operations

    def _operation_rate_pct(self, kind: str, day: date) -> float:
        if kind.startswith("ON RRP"):
            return self.administered_pct["ON_RRP_AWARD"](day) or 0.0
        # Before the facility the desk lent at about the reserve rate, five basis points above it.
        return self.administered_pct["SRF_MIN_BID"](day) or round(self.reserve_rate_pct(day) + 0.05, 2)

    @staticmethod
    def _note(kind: str, day: date, limit_usd_mn: int | None) -> str:
        if kind == "ON RRP exercise":
            note = (
                "A Small Value Exercise (SVE) of the reverse repo facility; the regular ON RRP follows at 12:45pm ET."
            )
            return f"<p>{note}</p>" if day >= date(2025, 10, 1) else note
        if kind == "exercise":
            if day < date(2022, 6, 1):
                return "A small value exercise that tests operational readiness."
            return "A Small Value Exercise (SVE); the regular SRF operation takes place at its usual hour."
        if kind == "SRF afternoon" and limit_usd_mn is not None and day >= SRF_MORNING_START:
            note = (
                f"The limit of this afternoon's SRF operation is ${limit_usd_mn / 1000:.3f} billion, "
                "that is $500 billion less what was accepted in the morning."
            )
            return f"<p>{note}</p>" if day >= date(2025, 10, 1) else note
        return ""

    def _srf_usd_mn(self, day: date) -> tuple[int, int]:
        """Accepted in the morning and in the afternoon; one to six million of test bids when no one needs cash."""
        if day in _RP_TAKE_UP_USD_MN:
            return _RP_TAKE_UP_USD_MN[day]
        month = day.replace(day=1)
        if day > _RP_KNOWN_UNTIL and is_quarter_end(month) and day == last_open_day(month, Calendar.SIFMA):
            rng = self.rng("srf", day)
            return round(rng.uniform(2_000, 9_000)), round(rng.uniform(2_000, 9_000))
        draw = self.share("srf test", day)
        return (0 if self.share("srf idle", day) < 0.6 else 1 + round(draw * 2)), (
            0 if draw < 0.2 else 1 + round(draw * 5)
        )

    def _legs(self, name: str, day: date, total_usd_mn: int) -> tuple[tuple[str, int], ...]:
        """Treasury, Agency and Mortgage-Backed parts that add up to the total."""
        agency = (
            round(total_usd_mn * 0.03 * self.share(f"{name} agency", day)) if total_usd_mn > 100 else total_usd_mn // 5
        )
        mortgage = round(total_usd_mn * (0.2 + 0.3 * self.share(f"{name} mortgage", day)))
        mortgage = min(mortgage, total_usd_mn - agency)
        return (("Treasury", total_usd_mn - agency - mortgage), ("Agency", agency), ("Mortgage-Backed", mortgage))

    @cached_property
    def repo_outstanding_usd_mn(self) -> dict[date, int]:
        """Repo that the Fed has lent, at the end of every calendar day, exercises left out."""
        change: dict[date, int] = defaultdict(int)
        for operations in self.operations.values():
            for operation in operations:
                if not operation.is_reverse and not operation.is_exercise:
                    change[operation.settlement] += operation.accepted_usd_mn
                    change[operation.maturity] -= operation.accepted_usd_mn
        total, outstanding = 0, {}
        for day in self.days:
            total += change[day]
            outstanding[day] = total
        return outstanding


def _later(at: str, minutes: int) -> str:
    """The wall-clock time ``minutes`` after ``at``, both HH:MM."""
    total = int(at[:2]) * 60 + int(at[3:]) + minutes
    return f"{total // 60:02d}:{total % 60:02d}"
