"""How long a collection takes: requests by provider, at its pace to begin with, then at the speed that it shows.

Providers are asked in parallel, so the slowest one counts. Pages that follow are not known before they come; they show
in the time that a request takes. What must not be here: asking.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from ingest.catalog import Dataset, Plan, Provider

ANSWER_SECONDS = 0.5  # of a provider that has not answered yet


class Outlook:
    """What is left of a collection; tell it of each request that is through with `note`."""

    def __init__(
        self,
        selection: Iterable[tuple[Provider, Sequence[Dataset]]],
        plans: Mapping[str, Plan],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count the requests of each dataset; one whose requests cannot be made counts as one, which fails."""
        self._clock = clock
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._through: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._least: dict[str, float] = {}
        self.to_come: dict[str, int] = {}  # requests left by dataset
        for provider, datasets in selection:
            self._least[provider.name] = max(1 / provider.pace, ANSWER_SECONDS)
            for dataset in datasets:
                try:
                    count = len(plans[dataset.id].requests(dataset))
                except Exception:
                    count = 1
                self.to_come[dataset.id] = count
                self._left[provider.name] += count
        self.total = self._left.total()

    @property
    def done(self) -> int:
        """Requests that are through, with rows or without."""
        return self._through.total()

    def note(self, dataset_id: str) -> None:
        """One request of a dataset is through."""
        provider = dataset_id.partition(".")[0]
        self.to_come[dataset_id] -= 1
        self._left[provider] -= 1
        self._through[provider] += 1
        self._last[provider] = self._clock()
        self._first.setdefault(provider, self._last[provider])

    def left(self) -> tuple[float, str]:
        """Seconds until the slowest provider is through, and its name; 0 and nobody when all are."""
        return max(((count * self._each(name), name) for name, count in self._left.items() if count), default=(0.0, ""))

    def _each(self, provider: str) -> float:
        """Seconds that a request of a provider takes, its first one left aside: it waits for everything to begin."""
        if (through := self._through[provider]) < 2:
            return self._least[provider]
        return (self._last[provider] - self._first[provider]) / (through - 1)

    @property
    def words(self) -> str:
        """How long it still takes, for people."""
        seconds, name = self.left()
        duration = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
        return f"about {duration} left{f' ({name})' if name else ''}"
