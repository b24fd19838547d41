"""The receivers of messages, and the call that sends one.

Addresses are Apprise's (https://github.com/caronc/apprise): `mailto://`, `slack://`, `tgram://`, `ntfy://`, `json://`
and a hundred more, one for each receiver. They contain passwords, so they are in the environment or in a file that the
environment names, and this module never writes one: errors name a receiver by its number and kind.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.connection import WarehouseError

VARIABLE = "LIQUIDITY_NOTIFY"
FILE_VARIABLE = "LIQUIDITY_NOTIFY_FILE"
PING_VARIABLE = "LIQUIDITY_PING"
_PING_SECONDS = 10.0


class NoAddressError(WarehouseError):
    """There is no receiver: neither variable names an address."""


def addresses() -> list[str]:
    """Addresses of LIQUIDITY_NOTIFY, separated by white space, and of the file LIQUIDITY_NOTIFY_FILE, one a line."""
    found = os.environ.get(VARIABLE, "").split()
    if place := os.environ.get(FILE_VARIABLE):
        try:
            lines = Path(place).expanduser().read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise NoAddressError(f"{FILE_VARIABLE} names a file that cannot be read: {type(error).__name__}") from None
        found += [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return list(dict.fromkeys(found))


def send(receiver: str, subject: str, text: str) -> str | None:
    """Send one message to one receiver; returns the reason of a refusal, without the address, or None."""
    import apprise

    kind, found, _ = receiver.partition("://")
    called = f"({kind if found and kind.isalnum() else 'no address'})"
    with _unlogged():
        try:
            sender = apprise.Apprise()
            if not sender.add(receiver):
                return f"{called} is nothing that Apprise knows"
            if not sender.notify(title=subject, body=text, body_format=apprise.NotifyFormat.TEXT):
                return f"{called} did not take the message"
        except Exception as error:  # plug-ins raise any error; its text may contain the address
            return f"{called} failed: {type(error).__name__}"
    return None


@contextmanager
def _unlogged() -> Iterator[None]:
    """No library logs a line: Apprise's warnings name addresses, urllib3 logs paths, httpx whole URLs."""
    was = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(was)


def ping() -> str | None:
    """Request LIQUIDITY_PING, for a watcher outside that alerts when requests stop; returns the error, if any."""
    address = os.environ.get(PING_VARIABLE)
    if not address:
        return None
    import httpx

    try:
        with _unlogged():
            httpx.get(address, timeout=_PING_SECONDS, follow_redirects=True).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{PING_VARIABLE} could not be asked: {type(error).__name__}"
    return None
