"""Whether this machine's clock is right: it is compared with the times in the providers' answers.

Knowledge times come from this clock, and an error in it cannot be found later. So nothing is loaded before the
providers have answered. What must not be here: how versions are ordered (`warehouse/log/store.py`).
"""

from collections import deque
from collections.abc import Collection, Generator, Iterator
from contextlib import closing

from ingest.collect import Exchange, Result
from warehouse.connection import WarehouseError
from warehouse.log.times import CLOCK_TOLERANCE


class ClockError(WarehouseError):
    """By the providers' answers, this machine's clock is off by more than `CLOCK_TOLERANCE`."""


class Witnesses:
    """How far our clock is ahead of each of ``providers``, in seconds, by their first answer that tells the time.

    A provider's clock may be wrong too, so a majority of them decides.
    """

    def __init__(self, providers: Collection[str]) -> None:
        self.providers = frozenset(providers)
        self.ahead: dict[str, float] = {}

    def hear(self, provider: str, ahead_seconds: float | None) -> None:
        """One answer of ``provider``; None when it does not tell the time."""
        if ahead_seconds is not None and provider in self.providers:
            self.ahead.setdefault(provider, ahead_seconds)

    @property
    def against(self) -> list[str]:
        """Providers whose clock differs from ours by too much."""
        tolerance = CLOCK_TOLERANCE.total_seconds()
        return sorted(name for name, seconds in self.ahead.items() if abs(seconds) > tolerance)

    def have_decided(self) -> bool:
        """Whether the providers without an answer cannot change the verdict any more."""
        against = len(self.against)
        return 2 * against > len(self.providers) or 2 * (len(self.ahead) - against) >= len(self.providers)

    def judge(self) -> None:
        """ClockError when our clock is wrong by the answers of most providers that have answered."""
        against = self.against
        if 2 * len(against) <= len(self.ahead):
            return
        seconds = sorted(self.ahead[name] for name in against)[len(against) // 2]
        names = ", ".join(against[:3]) + (" and others" if len(against) > 3 else "")
        raise ClockError(
            f"the clock of this machine is {_words(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'} that of "
            f"{names} ({len(against)} of {len(self.ahead)} providers): nothing was loaded; set it, then run again"
        )


def _words(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 60:.0f} minutes"


def once_judged(results: Generator[Result], providers: Collection[str]) -> Iterator[Result]:
    """``results`` of ``providers`` in their order, none before the clock is judged. Raises ClockError.

    Where no answer has a time (no network), the clock counts as right.
    """
    witnesses, waiting, is_judged = Witnesses(providers), deque[Result](), False
    with closing(results):
        for result in results:
            waiting.append(result)
            if not is_judged and isinstance(result, Exchange):
                witnesses.hear(result.dataset.partition(".")[0], result.clock_ahead_seconds)
                if is_judged := witnesses.have_decided():
                    witnesses.judge()
            while is_judged and waiting:
                yield waiting.popleft()
    witnesses.judge()
    yield from waiting
