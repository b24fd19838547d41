"""A transport whose answers come from another process: the simulated providers, as real ones, take none of this one's
time. What must not be here: who answers, or what.
"""

import threading
from contextlib import suppress
from multiprocessing.connection import Connection

import httpx


class Relay(httpx.BaseTransport):
    """Passes each request to the process at the other end of ``pipe``, one after another; threads may ask at once."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the other process; raises what it raised, and EOFError when it is gone."""
        with self._lock:
            self._pipe.send((request.method, str(request.url), request.headers.raw, request.read()))
            answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def serve(pipe: Connection, transport: httpx.BaseTransport) -> None:
    """Answer the requests that a `Relay` passes on, by ``transport``, until its process is gone."""
    with suppress(EOFError, OSError):  # the other end is closed, perhaps in the middle of an answer
        while True:
            method, url, headers, content = pipe.recv()
            answer: Exception | tuple[int, list[tuple[bytes, bytes]], bytes]
            try:
                response = transport.handle_request(httpx.Request(method, url, headers=headers, content=content))
                body = b"".join(response.stream)  # type: ignore[arg-type]
                answer = response.status_code, response.headers.raw, body
            except Exception as error:
                answer = error
            pipe.send(answer)
