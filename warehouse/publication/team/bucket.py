"""A place in an object store that holds generations: its address, its pointer, its errors in one line.

`<prefix>/current.json` names the newest generation, `<prefix>/generations/<id>/` has its files. Host, region and
credentials come from the environment (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` and so on for `s3://`,
`GOOGLE_SERVICE_ACCOUNT` or Google's default credentials for `gs://`), are never stored and never printed. Google's
storage has its own scheme because its S3 dialect has no condition for a write; its own one has (the object's
generation). What must not be here: which objects are sent, fetched or removed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from warehouse.connection import WarehouseError
from warehouse.generation import SUMS
from warehouse.publication.verify import parse_sums

POINTER = "current.json"
RETRIES: Any = {"max_retries": 4, "retry_timeout": timedelta(minutes=1)}  # of requests that the store may answer later
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")  # variables; the first that is set counts
_GENERATION = re.compile(r"\d{8}T\d{12}-[0-9a-f]{4}")
_CODES = (r"<Code>(\w+)</Code>", r"code: (\w+)\)", r"status code: (\d+)")
# What the store answers, and what it means. First match counts. The answer itself is not printed: it may name a key.
_MEANINGS = (
    ("NoSuchBucket", "there is no such bucket"),
    ("Expired|TokenRefreshRequired|InvalidToken", "the credentials have expired; get new ones"),
    ("InvalidAccessKeyId|SignatureDoesNotMatch|401", "the credentials are not accepted; look at AWS_ACCESS_KEY_ID, "
     "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, for gs:// at GOOGLE_SERVICE_ACCOUNT"),
    ("AccessDenied|403", "this user has no right to do that there"),
    ("Quota|InsufficientStorage|StorageFull|507", "it is full"),
)  # fmt: skip


class BucketError(WarehouseError):
    """The object store refuses or cannot be reached, in one line; nothing of this machine has changed."""


Tag = dict[str, str]  # what tells one state of an object from another: `e_tag`, and `version` where the store has it


def _tag(found: Mapping[str, Any]) -> Tag:
    return {name: found[name] for name in ("e_tag", "version") if found.get(name)}


@dataclass(frozen=True)
class Pointer:
    """What readers open: the newest generation, and until when each one before it was (naive UTC)."""

    generation: str
    is_simulated: bool
    replaced: dict[str, datetime] = field(default_factory=dict)
    tag: Tag | None = None  # of the object as it was read; a conditional write names it

    def to_json(self) -> bytes:
        replaced = {generation: moment.isoformat() for generation, moment in sorted(self.replaced.items())}
        told = {"generation": self.generation, "is_simulated": self.is_simulated, "replaced": replaced}
        return json.dumps(told, indent=1).encode() + b"\n"


@dataclass(frozen=True)
class Bucket:
    """An opened place, ``address`` as the user wrote it."""

    address: str
    store: Any

    @classmethod
    def at(cls, address: str) -> Bucket:
        """WarehouseError when the extra is missing or the address is none: scheme, bucket and prefix, without a key."""
        try:
            from obstore.store import GCSStore, S3Store
        except ImportError:
            raise WarehouseError("this needs the extra `team`: pip install 'dollar-liquidity[team]'") from None
        parts = urlsplit(address)
        kind: Any = {"s3": S3Store, "gs": GCSStore}.get(parts.scheme)
        if kind is None or not parts.hostname or parts.query or "@" in parts.netloc:
            raise WarehouseError(
                "an address is s3://bucket/prefix; host and credentials come from the environment (AWS_ENDPOINT_URL, "
                "AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY). Google's storage: gs://bucket/prefix "
                "(GOOGLE_SERVICE_ACCOUNT)"
            )
        plain = next((os.environ[name] for name in ENDPOINTS if os.environ.get(name)), "").startswith("http://")
        store = kind(
            parts.netloc, prefix=parts.path.strip("/") or None,
            client_options={"allow_http": plain, "timeout": "10 minutes", "connect_timeout": "5 seconds"},
            retry_config=RETRIES,
        )  # fmt: skip
        return cls(address.rstrip("/"), store)

    @contextmanager
    def errors_in_words(self) -> Iterator[None]:
        """Turns errors of the store into BucketError; a missing object too."""
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            answer = str(error)
            if isinstance(error, FileNotFoundError) and "non-2xx" not in answer:
                raise  # a file of this machine
            found = next(filter(None, (re.search(pattern, answer) for pattern in _CODES)), None)
            code = found[1] if found else ""
            said = f"answers {code}" if code else "cannot be reached"
            meaning = next((words for pattern, words in _MEANINGS if re.search(pattern, code)), "")
            raise BucketError(f"{self.address} {said}" + (f": {meaning}" if meaning else "")) from None

    def pointer(self) -> Pointer | None:
        """The pointer; None before the first publication."""
        try:
            answer = self.store.get(POINTER)
            told = json.loads(bytes(answer.bytes()))
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise
            return None
        except ValueError:
            raise BucketError(f"{self.address}/{POINTER} is no JSON") from None
        if not _GENERATION.fullmatch(told.get("generation", "")):
            raise BucketError(f"{self.address}/{POINTER} names no generation")
        replaced = {generation: datetime.fromisoformat(moment) for generation, moment in told["replaced"].items()}
        return Pointer(told["generation"], told["is_simulated"], replaced, _tag(answer.meta))

    def point(self, new: Pointer, old: Pointer | None) -> bool:
        """Replace the pointer if it is still ``old``; False when another publisher was faster."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            self.store.put(POINTER, new.to_json(), mode=(old.tag or {}) if old else "create")
        except (AlreadyExistsError, PreconditionError):
            return False
        return True

    def try_conditions(self) -> None:
        """Try on an object made for it whether the store obeys conditional writes; BucketError when it does not."""
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        trial, refused = f"trial-{uuid4().hex}", 0
        stale = _tag(self.store.put(trial, b"a trial of conditional writes"))
        self.store.put(trial, b"its second state")
        for mode, refusal in (("create", AlreadyExistsError), (stale, PreconditionError)):
            try:
                self.store.put(trial, b"another", mode=mode)
            except refusal:
                refused += 1
        with suppress(BaseError):  # if it stays there it does no harm
            self.store.delete(trial)
        if refused < 2:
            raise BucketError(
                f"{self.address} writes whatever the condition (If-None-Match, If-Match): one publisher would "
                "overwrite another unseen; nothing is sent (Google's storage: write gs:// instead of s3://)"
            )

    def sums(self, generation: str) -> dict[str, str]:
        """Sha256 by path of a generation there. BucketError when its list is damaged or leaves the folder."""
        listed, problem = parse_sums(bytes(self.store.get(key(generation, SUMS)).bytes()))
        if listed is None:
            raise BucketError(f"{self.address}/{key(generation, SUMS)}: {problem}")
        if outside := [path for path in listed if path.startswith("/") or ".." in path.split("/")]:
            raise BucketError(f"{self.address}/{key(generation, SUMS)} names {outside[0]}, which is outside")
        return listed

    def files(self, generation: str = "") -> dict[str, dict[str, Any]]:
        """Size and time of every object of a generation, or of all, by path in the place."""
        found = self.store.list(key(generation, "") if generation else "generations/").collect()
        return {each["path"]: dict(each) for each in found}


def key(generation: str, path: str) -> str:
    """The path of a file of a generation in the place."""
    return f"generations/{generation}/{path}"
