"""Estimates the time of a collection: requests by dataset, at first at the provider's pace, then at the measured one.

Providers are asked in parallel, so the slowest one counts. The number of further pages is not known in advance; it is
part of the measured time of a dataset's request. What must not be here: requests.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from ingest.catalog import Dataset, Plan, Provider

ANSWER_SECONDS = 0.5  # of a dataset that has not been answered yet
_BELIEF = 4  # so many answers count as much as the pace: the first ones come while everything begins


class Outlook:
    """The remaining time of a collection; call `note` after each request."""

    def __init__(
        self,
        selection: Iterable[tuple[Provider, Sequence[Dataset]]],
        plans: Mapping[str, Plan],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count the requests of each dataset; one whose requests cannot be made counts as one, which fails."""
        self._clock = clock
        self._last: dict[str, float] = {}  # when a request of a provider was through
        self._least: dict[str, float] = {}  # seconds that one takes at least, by provider
        self._timed: Counter[str] = Counter()  # by dataset: requests whose time is known, and those times
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.to_come: dict[str, int] = {}  # requests left by dataset
        self.done = 0  # requests that are through, with rows or without
        for provider, datasets in selection:
            self._least[provider.name] = max(1 / provider.pace, ANSWER_SECONDS)
            for dataset in datasets:
                try:
                    self.to_come[dataset.id] = len(plans[dataset.id].requests(dataset))
                except Exception:
                    self.to_come[dataset.id] = 1
        self.total = sum(self.to_come.values())

    def note(self, dataset_id: str) -> None:
        """Count one finished request of a dataset."""
        provider, now = dataset_id.partition(".")[0], self._clock()
        self.to_come[dataset_id] -= 1
        self.done += 1
        if provider in self._last:  # its first one also waited for the start
            self._timed[dataset_id] += 1
            self._seconds[dataset_id] += now - self._last[provider]
        self._last[provider] = now

    def left(self) -> tuple[float, str]:
        """Seconds until the slowest provider is done, and its name; 0 and no name when all are."""
        seconds: dict[str, float] = {}
        for dataset_id, count in self.to_come.items():
            provider, timed = dataset_id.partition(".")[0], self._timed[dataset_id]
            each = (self._seconds[dataset_id] + _BELIEF * self._least[provider]) / (timed + _BELIEF)
            if count:
                seconds[provider] = seconds.get(provider, 0.0) + count * each
        return max(((spent, name) for name, spent in seconds.items()), default=(0.0, ""))

    @property
    def words(self) -> str:
        """How long it still takes, for people."""
        seconds, name = self.left()
        duration = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
        return f"about {duration} left{f' ({name})' if name else ''}"
