"""Printing to the terminal: removes keys and control sequences from every text."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ingest.plain import plain


class PlainConsole(Console):
    """A console that prints text from outside `plain`. Rich drops the bell and its like, but not escape sequences."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; text is made plain before it is wrapped or coloured, so that a key is found whole."""
        super().print(*(plain(one) if isinstance(one, str) else one for one in objects), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Segments of ``renderable``, the cells of tables and the words of progress bars too, as plain text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(plain(segment.text), segment.style)
