"""Files that the next generation takes over from the newest one, if they still have their recorded hash.

A file that is taken over is a hard link, so generations share it: no code may write into a file of a generation. What
must not be here: whether something has changed (`warehouse/publication/charts/drawing.py`,
`warehouse/publication/publish.py`).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from warehouse.connection import Home
from warehouse.generation import sha256_of
from warehouse.publication.package import files_of
from warehouse.publication.verify import recorded

PAGE = "report/index.html"
# How the page carries what the next one may read back (`report/chain.html.j2`, `report/page.html.j2`).
_SPEC = re.compile(r'<script type="application/json" class="spec" data-of="(\w+)">(.*?)</script>', re.DOTALL)
_SCRIPT = '<script data-made-of="{}">'


class Previous:
    """The newest generation, in ``folder``; None where there is none, and then nothing can be taken over."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._recorded = recorded(folder) if folder else {}

    @classmethod
    def of(cls, home: Home) -> Previous:
        """The newest generation of a warehouse."""
        database = home.newest_database
        return cls(database.parent if database else None)

    def take(self, paths: Iterable[str], folder: Path) -> bool:
        """Take files over into ``folder``, all or none; False when one is not there or not what was recorded of it."""
        taken: list[Path] = []
        for path in paths:
            target = folder / Path(path).name
            taken.append(target)
            if not self._take(path, target):
                for each in taken:
                    each.unlink(missing_ok=True)
                return False
        return True

    def take_if(self, path: str, digest: str, folder: Path) -> bool:
        """Take a file over into ``folder`` if its sha256 is ``digest``; False when it is not."""
        return self._recorded.get(path) == digest and self.take([path], folder)

    def _take(self, path: str, target: Path) -> bool:
        if self.folder is None or path not in self._recorded:
            return False
        try:
            target.unlink(missing_ok=True)  # never to be written into: it may be a link
            try:
                os.link(self.folder / path, target)
            except OSError:  # another file system, one without links, too many of them
                shutil.copyfile(self.folder / path, target)
            return sha256_of(target) == self._recorded[path]
        except OSError:
            return False

    def share(self, folder: Path) -> None:
        """Replace files of ``folder``, a generation just made, by those of this one that are the same bytes."""
        for path in files_of(folder):
            made, spare = folder / path, folder / f"{path}.shared"
            if made.stat().st_nlink == 1 and path in self._recorded and sha256_of(made) == self._recorded[path]:
                if self._take(path, spare):
                    spare.replace(made)
                else:
                    spare.unlink(missing_ok=True)

    def copy(self, path: str, target: Path) -> bool:
        """Copy a file to ``target``, which may be written to afterwards; False when it is not what was recorded."""
        if self.folder is None or path not in self._recorded:
            return False
        try:
            _copy(self.folder / path, target)
            return sha256_of(target) == self._recorded[path]
        except OSError:
            return False

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None when it is not there or not what was recorded of it."""
        if self.folder is None or path not in self._recorded:
            return None
        try:
            content = (self.folder / path).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == self._recorded[path] else None

    @cached_property
    def _page(self) -> str:
        return (self.read(PAGE) or b"").decode()

    @cached_property
    def specs(self) -> dict[str, str]:
        """Vega-Lite as JSON, by chart, as the page shows it: also what no file of data may hold."""
        return dict(_SPEC.findall(self._page))

    def script(self, made_of: str) -> str | None:
        """A script of the page by the key of what it was made of."""
        _, start, rest = self._page.partition(_SCRIPT.format(made_of))
        return rest.partition("</script>")[0] if start else None


def _copy(source: Path, target: Path) -> None:
    """In the kernel, which lets both files share their blocks where the file system can (Btrfs, XFS)."""
    try:
        with source.open("rb") as read, target.open("wb") as write:
            while os.copy_file_range(read.fileno(), write.fileno(), 1 << 30):
                pass
    except (AttributeError, OSError):  # not on Linux; not across some file systems
        shutil.copyfile(source, target)
