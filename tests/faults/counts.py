"""What a campaign counts, and the table that it prints."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass
class Count:
    """One phase: tries, and how many of them survived, lost something, left a mixture, or left something stuck.

    ``skipped`` says why a phase could not be tried here. ``told`` has a line for each try that did not survive.
    """

    phase: str
    tries: int = 0
    survived: int = 0
    lost: int = 0
    mixed: int = 0
    stuck: int = 0
    seconds: float = 0.0
    skipped: str = ""
    told: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    def add(self, name: str, *, lost: list[str] = (), mixed: list[str] = (), stuck: list[str] = ()) -> None:  # type: ignore[assignment]
        """One try, with what was wrong after it."""
        self.tries += 1
        self.lost += bool(lost)
        self.mixed += bool(mixed)
        self.stuck += bool(stuck)
        self.survived += not (lost or mixed or stuck)
        self.told += [f"{self.phase}, {name}: {words}" for words in (*lost, *mixed, *stuck)]

    def done(self) -> Count:
        """The phase is over."""
        self.seconds = time.monotonic() - self._started
        return self


def show(counts: list[Count], console: Console) -> None:
    """The table, then a line for each try that did not survive."""
    table = Table("phase", "tries", "survived", "lost", "mixed", "stuck", "seconds")
    for column in table.columns[1:]:
        column.justify = "right"
    for count in counts:
        numbers = (count.tries, count.survived, count.lost, count.mixed, count.stuck)
        cells = [f"{number:,}" for number in numbers] if not count.skipped else ["–"] * 5
        table.add_row(count.phase, *cells, f"{count.seconds:.0f}")
    console.print(table)
    for count in counts:
        for words in ([f"{count.phase}: not tried: {count.skipped}"] if count.skipped else []) + count.notes:
            console.print(words, soft_wrap=True, highlight=False, markup=False)
    for count in counts:
        for words in count.told:
            console.print(words, soft_wrap=True, highlight=False, markup=False)
