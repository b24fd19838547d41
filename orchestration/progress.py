"""Progress of runs in this process, for its listeners. Nothing here imports Dagster."""

from collections.abc import Callable

# Set by the command line around a run in this process: (stage, words, done, total) for the progress bars.
Listener = Callable[[str, str, int, int], None]
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> None:
    """Send progress of runs in this process to ``listener`` too."""
    _listeners.append(listener)


def report_progress(stage: str, words: str, done: int = 0, total: int = 0) -> None:
    """Report progress to the listeners."""
    for listener in _listeners:
        listener(stage, words, done, total)


def of_intake(words: str, done: int, total: int) -> None:
    """Progress of an intake: requests done, and all of them."""
    report_progress("fetch and load", words, done, total)
