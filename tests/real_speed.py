"""Simulated providers as fast as the real ones: each keeps its pace, takes its time to answer and tells the time."""

import threading
import time
from collections import Counter
from collections.abc import Callable

import httpx

from ingest.http import Pacer
from ingest.providers import PROVIDERS

ANSWER_SECONDS = 0.3


class RealSpeed(httpx.BaseTransport):
    """Answers of ``inner``, each in the turn of its provider's pace and `ANSWER_SECONDS` later.

    ``asked`` has the addresses in the order of asking. ``on_ask`` is called with their number before each answer.
    """

    def __init__(self, inner: httpx.BaseTransport, *, faster: float = 1, on_ask: Callable[[int], object] = id) -> None:
        self._inner = inner
        self._faster = faster
        self._on_ask = on_ask
        self._pacer = Pacer()
        self._lock = threading.Lock()
        self._provider = {host: provider for provider in PROVIDERS for host in provider.hosts}
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the turn, answer in time; what the simulation needs for its answer counts as the provider's time."""
        provider = self._provider[request.url.host]
        time.sleep(self._pacer.reserve(request.url.host, provider.pace * self._faster))
        ready = time.monotonic() + ANSWER_SECONDS / self._faster
        with self._lock:
            self.asked.append(str(request.url))
            self._on_ask(len(self.asked))
        answer = self._inner.handle_request(request)
        time.sleep(max(0.0, ready - time.monotonic()))
        return answer

    def slowest_seconds(self) -> tuple[float, str]:
        """How long the slowest provider takes at its pace for what it was asked, and which one that is."""
        counts = Counter(self._provider[httpx.URL(url).host] for url in self.asked)
        each = {provider: max(1 / provider.pace, ANSWER_SECONDS) for provider in counts}
        seconds = {p.name: ((n - 1) * each[p] + ANSWER_SECONDS) / self._faster for p, n in counts.items()}
        return max((spent, name) for name, spent in seconds.items())
