"""The archive of raw bodies: every body once, under the sha256 of its bytes, compressed, never changed.

A payload is the file `<first two hex digits>/<sha256>.gz`, which `zcat` reads. What must not be here: which URL a body
came from and when (that is `meta.fetch`), and code that reads a body's content.
"""

import gzip
import hashlib
import os
import re
import uuid
import zlib
from pathlib import Path

from ingest.errors import UnreadableBodyError

# 37 MB of recorded bodies: level 1 gives 4.3 times at 200 MB/s, level 6 gives 5.2 times at 47 MB/s, level 9 gives 5.4
# times at 7 MB/s. A refresh waits for the network anyway; it would wait for level 9 too.
LEVEL = 6

_ID = re.compile(r"[0-9a-f]{64}")


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut. Windows cannot open a folder and needs no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Archive:
    """Content-addressed store of bodies in ``folder``; may be used from several threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def path(self, payload_id: str) -> Path:
        """The path of the payload, stored or not. ValueError if ``payload_id`` is no sha256 in lower-case hex."""
        if not _ID.fullmatch(payload_id):
            raise ValueError(f"{payload_id!r} is not a payload id: 64 lower-case hex digits are")
        return self.folder / payload_id[:2] / f"{payload_id}.gz"

    def __contains__(self, payload_id: str) -> bool:
        return bool(_ID.fullmatch(payload_id)) and self.path(payload_id).is_file()

    def put(self, body: bytes) -> str:
        """Store ``body`` and sync it to the disk; returns its payload id.

        A second put of the same body changes nothing, except that it repairs a file that has gone bad. OSError when
        the disk is full or not writable.
        """
        payload_id = hashlib.sha256(body).hexdigest()
        path = self.path(payload_id)
        if payload_id in self:
            try:
                self.get(payload_id)
                return payload_id
            except UnreadableBodyError:
                pass  # the file does not match its name: write it again
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(self.folder)
        unfinished = path.with_name(f".{payload_id}.{uuid.uuid4().hex}.tmp")
        try:
            with open(unfinished, "xb") as file:
                file.write(gzip.compress(body, LEVEL, mtime=0))  # no time of day: same body, same file
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
        return payload_id

    def get(self, payload_id: str) -> bytes:
        """The body. UnreadableBodyError when it is not there, or when its bytes no longer match its name."""
        path = self.path(payload_id)
        try:
            body = gzip.decompress(path.read_bytes())
        except FileNotFoundError:
            problem = "this payload is not in the archive; restore it from a backup, or refresh to fetch its like anew"
        except (OSError, zlib.error, EOFError) as error:
            problem = f"the archived file is damaged ({error}); restore it from a backup: {path.name}"
        else:
            if hashlib.sha256(body).hexdigest() == payload_id:
                return body
            problem = f"the archived bytes do not match their name; restore them from a backup: {path.name}"
        raise UnreadableBodyError(problem, payload_id=payload_id)
