"""Small disks of memory (tmpfs), full or read-only on demand; where mounting is not allowed, the reason is said."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class CannotMountError(Exception):
    """This process may not mount; tests skip with these words."""


@dataclass(frozen=True)
class Disk:
    """A mounted tmpfs."""

    folder: Path

    def remount(self, options: str) -> None:
        """`ro`, `rw`, `size=40m`."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.folder)], check=True)

    def leave_free(self, mega_bytes: float) -> None:
        """Resize it so that so much is free; units of 4096 bytes."""
        usage = shutil.disk_usage(self.folder)
        self.remount(f"size={(usage.used + int(mega_bytes * 1_000_000)) // 4096 * 4096}")


@contextmanager
def small_disk(folder: Path, mega_bytes: float) -> Iterator[Disk]:
    """A tmpfs on ``folder``, which is made, while the block runs. Raises CannotMountError."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={int(mega_bytes * 1_000_000)}", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CannotMountError("there is no `mount` here") from None
    if done.returncode:
        raise CannotMountError(f"no tmpfs may be mounted here: {done.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
