"""A receiver of messages on this machine: an HTTP server for Apprise's `json://`, which refuses when it is told to."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """``messages`` are title and text of what came. ``status`` is what it answers.

    With ``kills`` it kills that process when a message has come, before it answers.
    """

    port: int = 0
    status: int = 200
    kills: int | None = None
    messages: list[tuple[str, str]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"json://user:SECRETWORD@127.0.0.1:{self.port}/secretpath"

    @property
    def titles(self) -> list[str]:
        return [title for title, _ in self.messages]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs while the block does."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if receiver.status == 200:
                receiver.messages.append((body["title"], body["message"]))
            receiver.came.set()
            if receiver.kills:
                os.kill(receiver.kills, signal.SIGKILL)
                return
            self.send_response(receiver.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
