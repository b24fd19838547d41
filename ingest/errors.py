"""Every way in which getting data can fail, as one tree.

    IngestError
    |- UnexpectedError       a fault of this program that one dataset met
    |- FetchError            nothing usable came back
    |  |- NetworkError         no connection, time-out, total deadline passed
    |  |- HttpStatusError      an answer outside 200 and 304
    |  |- BodyTooLargeError    more bytes than the provider's cap
    |  `- ForeignRedirectError a redirect that leaves the host
    `- BodyError             a body came back with the wrong content
       |- UnreadableBodyError  not the format at all: HTML under status 200, truncated JSON, broken archive
       |- LayoutError          a column is missing, or one appeared in a closed set
       |- ValueFormatError     a cell that does not have its type, or is empty where it must not be
       |- UnitError            the values fit none of the units that the series is known in
       |- ImplausibleValueError  a value outside the series' plausible range
       |- DuplicateKeyError    two different rows for one key
       |- EmptyBodyError       no row where rows must be
       |- ShrunkBodyError      far fewer rows than are already known for the same span
       `- PagingError          the pages do not add up to the count that the provider states

A BodyError means: the payload goes to quarantine, the last good data stays, other datasets go on.
"""

from __future__ import annotations

from typing import Any

from ingest.plain import plain

GIVEN_UP = "was given up after"  # in the message about a request that was not made, after a provider or a dataset


def _restored(kind: type[IngestError], args: tuple[Any, ...], held: dict[str, Any]) -> IngestError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(held)
    return error


class IngestError(Exception):
    """Base of all of them. ``str()`` is one line that names dataset, place and what to do about it.

    Text from outside in it is made `plain`: it has no key and no control character.
    """

    def __init__(self, message: str, *, dataset: str = "", payload_id: str = "", place: str = "") -> None:
        message = plain(message).replace("\n", " ")
        super().__init__(message)
        self.message = message
        self.dataset = dataset
        self.payload_id = payload_id
        self.place = place

    def __reduce__(self) -> Any:
        """Pickling for another process, independent of the arguments of ``__init__``."""
        return _restored, (type(self), self.args, self.__dict__)

    @property
    def name(self) -> str:
        """The stable name of the error, as shown to users and kept in ``meta.quarantine``."""
        return type(self).__name__

    def located(self, *, dataset: str = "", payload_id: str = "", place: str = "") -> IngestError:
        """Fill in facts that the raiser did not have; never overwrites one that it had. Returns self."""
        self.dataset = self.dataset or dataset
        self.payload_id = self.payload_id or payload_id
        self.place = self.place or place
        return self

    def __str__(self) -> str:
        where = [part for part in (self.dataset, self.place) if part]
        payload = f" [payload {self.payload_id[:12]}]" if self.payload_id else ""
        return plain(f"{self.name}: {' '.join(where)}{': ' if where else ''}{self.message}{payload}").replace("\n", " ")


class UnexpectedError(IngestError):
    """A fault of this program, or of the log, that one dataset met; its last good rows stay, others go on."""


class FetchError(IngestError):
    """Nothing usable came back from the provider. ``attempts`` is the number of tries."""

    attempts = 0


class NetworkError(FetchError):
    """No connection, a time-out, or the total deadline passed. ``is_unreachable``: there was no connection at all."""

    is_unreachable = False


class HttpStatusError(FetchError):
    """An answer outside 200 and 304. ``status`` is the HTTP status code."""

    def __init__(self, message: str, *, status: int, **where: str) -> None:
        super().__init__(message, **where)
        self.status = status


class BodyTooLargeError(FetchError):
    """More bytes than the provider's cap."""


class ForeignRedirectError(FetchError):
    """A redirect to another host, which is never followed."""


class BodyError(IngestError):
    """A body came back with the wrong content."""


class UnreadableBodyError(BodyError):
    """Not the format at all: HTML under status 200, truncated JSON, a broken archive."""


class LayoutError(BodyError):
    """A column is missing, or one appeared where the set is closed."""


class ValueFormatError(BodyError):
    """A cell that does not have its type, or is empty where it must not be."""


class UnitError(BodyError):
    """The values fit none of the units that the series is known in, or the provider states another unit."""


class ImplausibleValueError(BodyError):
    """A value outside the plausible range of its series."""


class DuplicateKeyError(BodyError):
    """Two different rows for one key."""


class EmptyBodyError(BodyError):
    """No row where rows must be."""


class ShrunkBodyError(BodyError):
    """Far fewer rows than are already known for the same span."""


class PagingError(BodyError):
    """The pages do not add up to the count that the provider states."""


# --- declarations: wrong before anything runs ---


class CatalogError(ValueError):
    """A declaration contradicts itself. The message names the entry."""


def require(condition: bool, message: str) -> None:
    if not condition:
        raise CatalogError(message)
