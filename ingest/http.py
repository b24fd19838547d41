"""The only HTTP client: all requests to providers go through it.

It keeps the pace of each host, tries again where that can help, stops at a total deadline and at a size, stays on the
provider's hosts, and never returns, raises or logs a key. What must not be here: the meaning of a provider's URLs or
bodies.
"""

from __future__ import annotations

import ipaddress
import itertools
import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpcore
import httpx
import stamina

from ingest.calendars import utc_now
from ingest.catalog import Provider, Request
from ingest.errors import BodyTooLargeError, FetchError, ForeignRedirectError, HttpStatusError, NetworkError
from ingest.plain import keep_secret, keys, plain, redact

try:
    _VERSION = version("dollar-liquidity")
except PackageNotFoundError:  # run from a checkout that was never installed
    _VERSION = "0"

# Some statistics hosts answer 403 to the default names of HTTP libraries.
USER_AGENT = f"Mozilla/5.0 (compatible; dollar-liquidity/{_VERSION})"
MAX_REDIRECTS = 5
STEP_BYTES = 65_536

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long to try, in seconds and attempts. The total deadline of a request belongs to its provider.

    ``connect_attempts`` and ``connect_seconds`` bound the search for a connection, so that a machine without a network
    knows it within seconds rather than after the whole deadline.
    """

    attempts: int = 6
    connect_attempts: int = 4
    connect_seconds: float = 15.0
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    first_pause: float = 0.5
    longest_pause: float = 20.0
    jitter: float = 1.0


@dataclass(frozen=True)
class Validators:
    """ETag and Last-Modified of an earlier answer, for a conditional request."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Answer:
    """A usable answer: status 200 with its decompressed ``body``, or 304 with None.

    ``url`` carries no key. ``started_at`` is naive UTC; ``seconds`` span all ``attempts`` and the waits between them.
    ``clock_ahead_seconds`` is how far this machine's clock was ahead of the provider's when the headers came, negative
    when behind; None when the answer has no time.
    """

    status: int
    body: bytes | None
    etag: str | None
    last_modified: str | None
    content_type: str | None
    started_at: datetime
    seconds: float
    url: str
    attempts: int
    clock_ahead_seconds: float | None = None


class Pacer:
    """Gives turns, so that all threads of this process together keep a host's limit of requests a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._next_turn: dict[str, float] = {}

    def reserve(self, host: str, per_second: float) -> float:
        """Take the next free turn at ``host``; returns the seconds to wait for it."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next_turn.get(host, now))
            self._next_turn[host] = turn + 1 / per_second
            return turn - now


PACER = Pacer()


# --- keys -----------------------------------------------------------------------------------------------------------


class _WithoutKeys(logging.Filter):
    """httpx logs every URL at INFO and httpcore every response header at DEBUG; a redirect can repeat a key in both."""

    def filter(self, record: logging.LogRecord) -> bool:
        if keys():
            record.msg, record.args = redact(record.getMessage()), None
        return True


# A filter works only on the very logger that a record was made with, not on its children.
for _name in ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))):
    logging.getLogger(_name).addFilter(_WithoutKeys())


# --- trying again ---------------------------------------------------------------------------------------------------


class _Again(Exception):
    """Another attempt may succeed after ``failure``. ``retry_after`` is the provider's pause in seconds."""

    def __init__(self, failure: FetchError, retry_after: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.retry_after = retry_after


def _log_retry(details: stamina.instrumentation.RetryDetails) -> None:
    _log.info("%s; trying again in %.1f s", details.caused_by, details.wait_for)


# stamina's own hook would put a bare "stamina.retry_scheduled" on the user's terminal.
stamina.instrumentation.set_on_retry_hooks([_log_retry])


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms (RFC 9110, 10.2.3); None if it has neither.

    ``now`` is naive UTC.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return max(0.0, (moment - now).total_seconds())


def clock_ahead_seconds(headers: httpx.Headers, now: datetime) -> float | None:
    """How far ``now`` (naive UTC) is ahead of the Date header; None without one, and for an answer out of a cache.

    Date is when the origin made the answer; a cache keeps it and gives its age in Age (RFC 9111, 5.1).
    """
    if headers.get("age", "0").strip() != "0":
        return None
    try:
        moment = parsedate_to_datetime(headers.get("date", "")).replace(tzinfo=None)  # always GMT (RFC 9110, 5.6.7)
        return (now - moment).total_seconds()
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


# --- the client -----------------------------------------------------------------------------------------------------


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _inflate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip in small steps: 64 KB of a bomb are 64 MB, and httpx would unpack them in one piece.

    zlib.error on broken data, EOFError when the end is missing (httpx takes a cut-off stream for a whole one).
    """
    unpack = zlib.decompressobj(wbits=31)
    for chunk in itertools.chain(chunks, [b""]):
        while True:
            if unpack.eof and chunk:  # a gzip file may consist of several members
                unpack = zlib.decompressobj(wbits=31)
            piece = unpack.decompress(chunk, STEP_BYTES)
            yield piece
            chunk = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
            if not chunk and len(piece) < STEP_BYTES:
                break
    if not unpack.eof:
        raise EOFError("the compressed body ends in the middle")


class Client:
    """Fetches from one provider; use it as a context manager, from one thread at a time.

    ``transport`` replaces the network (sample, tests); it is not paced unless a ``pacer`` is given too. ``sleep`` takes
    seconds and replaces the wait for a turn. ``cancel`` may be called from any thread.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        transport: httpx.BaseTransport | None = None,
        patience: Patience | None = None,
        pacer: Pacer | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.provider = provider
        self.patience = patience or Patience()
        self._pacer = pacer or (PACER if transport is None else None)
        self._cancelled = threading.Event()
        self._sleep = sleep or self._cancelled.wait
        self._ends = 0.0
        self._headers_at = utc_now()
        self._http = httpx.Client(
            transport=transport,
            trust_env=not all(_is_loopback(host) for host in provider.hosts),  # no proxy for this machine
            follow_redirects=False,
            headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"},
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def cancel(self) -> None:
        """Make the request under way, and every later one, end in a NetworkError soon."""
        self._cancelled.set()

    def get(self, request: Request, validators: Validators | None = None) -> Answer:
        """Ask once, trying again where that can help.

        Raises NetworkError, HttpStatusError, BodyTooLargeError, ForeignRedirectError, or plain FetchError.
        """
        patience, started_at, start = self.patience, utc_now(), time.monotonic()
        self._ends = start + self.provider.deadline
        attempt: stamina.Attempt | None = None

        def worth_another(error: Exception) -> bool | float:
            if not isinstance(error, _Again) or attempt is None:
                return False
            asked = error.retry_after
            pause = attempt.next_wait + patience.jitter if asked is None else asked
            if pause >= self._left():
                if asked is not None:
                    error.failure.message += f" (it asks to wait {asked:.0f} s, which is longer than the deadline)"
                return False
            if isinstance(error.failure, NetworkError) and error.failure.is_unreachable:
                spent = time.monotonic() - start
                if attempt.num >= patience.connect_attempts or spent + pause > patience.connect_seconds:
                    return False
            return True if asked is None else asked

        failure: FetchError
        try:
            for attempt in stamina.retry_context(
                on=worth_another,
                attempts=patience.attempts,
                timeout=None,  # the deadline is kept by worth_another and by every wait
                wait_initial=patience.first_pause,
                wait_max=patience.longest_pause,
                wait_jitter=patience.jitter,
            ):
                with attempt:
                    response, body = self._attempt(request, validators)
            headers = response.headers
            return Answer(
                status=response.status_code,
                body=body,
                etag=_clean(headers.get("etag")),
                last_modified=_clean(headers.get("last-modified")),
                content_type=_clean(headers.get("content-type")),
                started_at=started_at,
                seconds=time.monotonic() - start,
                url=redact(request.public_url),
                attempts=attempt.num if attempt else 0,
                clock_ahead_seconds=clock_ahead_seconds(headers, self._headers_at),
            )
        except _Again as again:
            failure = again.failure
        except FetchError as error:
            failure = error
        failure.attempts = attempt.num if attempt else 0
        raise failure  # outside the except: no chain of causes that could contain the URL

    def _left(self) -> float:
        """Seconds until the deadline of the request under way; 0 or less once it has passed or we are cancelled."""
        return 0.0 if self._cancelled.is_set() else self._ends - time.monotonic()

    def _out_of_time(self, host: str) -> NetworkError:
        if self._cancelled.is_set():
            return NetworkError("the run was cancelled")
        seconds = self.provider.deadline
        return NetworkError(f"{host} gave no complete answer within {seconds:g} s; try again later")

    def _attempt(self, request: Request, validators: Validators | None) -> tuple[httpx.Response, bytes | None]:
        """One attempt, with this module's errors; _Again when another one may succeed."""
        try:
            host = httpx.URL(request.url).host
        except (httpx.InvalidURL, ValueError):
            host = ""
        if not host:
            raise FetchError(f"{redact(request.url)!r} is no web address; correct it in the provider's file")
        problem: FetchError | _Again
        try:
            return self._follow(request, validators)
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:
            problem = FetchError(f"cannot ask {host}: {_words(error)}; correct the request in the provider's file")
        except (httpx.TransportError, zlib.error, EOFError) as error:
            failure = NetworkError(f"{host}: {_words(error)}; check the network, then run again")
            failure.is_unreachable = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
            problem = _Again(failure) if self._left() > 0 else self._out_of_time(host)
        raise problem

    def _follow(self, request: Request, validators: Validators | None) -> tuple[httpx.Response, bytes | None]:
        """Send, and follow redirects by hand as long as they stay with the provider."""
        headers = {}
        if validators and validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators and validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        url = self._url(request)
        if url.host not in self.provider.hosts:
            raise FetchError(f"{url.host} is not a host of {self.provider.name}; list it there if it should be one")
        for _ in range(MAX_REDIRECTS + 1):
            self._take_turn(url.host)
            with self._http.stream(
                "GET", url, headers=headers, timeout=self._timeout(), extensions={"trace": self._hold_to_deadline}
            ) as response:
                self._headers_at = utc_now()
                if response.has_redirect_location:
                    url = self._redirected(url, response.headers["location"])
                    continue
                if response.status_code == 304 and headers:
                    return response, None
                if response.status_code != 200:
                    raise self._refusal(request, response)
                body = self._read(response, self.provider.max_bytes)
                if any(key.encode() in body for key in keys() if len(key) >= 8):
                    raise FetchError(f"{url.host} repeats your key in its answer, which was not kept; tell them")
                return response, body
        raise HttpStatusError(
            f"{self.provider.name} redirects more than {MAX_REDIRECTS} times; try again later",
            status=response.status_code,
        )

    def _url(self, request: Request) -> httpx.URL:
        """The URL as it is sent: the only place where a key joins a request."""
        url = httpx.URL(request.url)
        if request.params:
            url = url.copy_merge_params(request.params)
        key = (self.provider.key or "").strip()
        if request.key_param and key:
            keep_secret(key)
            url = url.copy_set_param(request.key_param, key)
        return url

    def _take_turn(self, host: str) -> None:
        wait = self._pacer.reserve(host, self.provider.pace) if self._pacer else 0.0
        if wait < self._left():
            if wait > 0:
                self._sleep(wait)
            if self._left() > 0:
                return
        raise self._out_of_time(host)

    def _timeout(self) -> httpx.Timeout:
        left = max(self._left(), 0.001)  # 0 would mean "do not block at all" to a socket
        wait = min(self.patience.read_timeout, left)
        return httpx.Timeout(wait, connect=min(self.patience.connect_timeout, left))

    def _hold_to_deadline(self, event: str, info: dict[str, Any]) -> None:
        """Cut every read of a new connection to the time left.

        httpcore grants its read time-out to each single read, so that a server which sends its headers one byte at a
        time could hold us for days: the headers may be 100 KB long.
        """
        if not event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            return
        stream = info["return_value"]
        read = stream.read

        def read_in_time(max_bytes: int, timeout: float | None = None) -> bytes:
            left = self._left()
            if left <= 0:
                raise httpcore.ReadTimeout("the deadline has passed")
            return read(max_bytes, left if timeout is None else min(timeout, left))

        stream.read = read_in_time

    def _redirected(self, source: httpx.URL, location: str) -> httpx.URL:
        target = source.join(location)
        if target.host not in self.provider.hosts:
            raise ForeignRedirectError(
                f"{source.host} redirects to {redact(target.host) or 'nowhere'}, which is not a host of "
                f"{self.provider.name}; if the provider has moved, list the new host there"
            )
        if target.scheme != source.scheme and target.scheme != "https":
            raise ForeignRedirectError(f"{source.host} redirects to unencrypted {target.scheme}; try again later")
        return target

    def _refusal(self, request: Request, response: httpx.Response) -> FetchError | _Again:
        """What to raise for a status other than 200 and 304."""
        status, key_env = response.status_code, self.provider.key_env
        host = response.url.host
        can_help = status in (408, 425, 429) or status >= 500
        if can_help:
            advice = "try again later"
        elif status in (401, 403):
            advice = f"check the key in {key_env}" if request.key_param and key_env else "the host refuses this client"
        elif status in (404, 410):
            advice = "the address may have moved; open it in a browser"
        else:
            advice = "open the address in a browser to see why"
        words = ""
        try:
            start = self._read(response, STEP_BYTES).decode(errors="replace").strip()
            if not start.startswith("<"):
                words = f" ({' '.join(plain(start).split())[:160]})" if start else ""
        except (FetchError, httpx.HTTPError, zlib.error, EOFError):
            pass  # the status is enough
        failure = HttpStatusError(
            f"{host} answered {status}{words} to {redact(request.public_url)}; {advice}", status=status
        )
        if not can_help:
            return failure
        return _Again(failure, retry_after_seconds(response.headers.get("retry-after"), utc_now()))

    def _read(self, response: httpx.Response, cap: int) -> bytes:
        """The decompressed body of at most ``cap`` bytes; ignores Content-Length."""
        host = response.url.host
        too_large = BodyTooLargeError(
            f"{host} sends more than {cap:,} bytes; if that is right, raise max_bytes of {self.provider.name}"
        )
        stated = response.headers.get("content-length", "")
        if stated.isdigit() and int(stated) > cap:
            raise too_large
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        chunks: Iterable[bytes]
        if response.is_stream_consumed:  # an injected transport may hand over a whole body, already decompressed
            chunks = [response.content]
        elif encoding == "identity":
            chunks = response.iter_raw()
        elif encoding in ("gzip", "x-gzip"):
            chunks = _inflate(response.iter_raw())
        else:
            raise FetchError(f"{host} sends a body in {encoding[:40]!r}, though only gzip was offered; try again later")
        body = bytearray()
        for piece in chunks:
            body += piece
            if len(body) > cap:
                raise too_large
            if self._left() <= 0:
                raise self._out_of_time(host)
        return bytes(body)


def _clean(header: str | None) -> str | None:
    return redact(header) if header else None


def _words(error: Exception) -> str:
    """The message of a library's error, on one line and without keys."""
    return plain(" ".join(str(error).split()))[:200] or type(error).__name__
