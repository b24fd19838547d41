"""Shared by all tests: nobody reaches the network, and nobody touches the user's own warehouse."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _only_loopback(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine fails the test, except in tests marked live."""
    if request.node.get_closest_marker("live"):
        return
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise AssertionError(f"a test wanted to connect to {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQUIDITY_HOME", str(tmp_path / "home"))
    for name in ("LIQUIDITY_SAMPLE", "DAGSTER_HOME", "FRED_API_KEY"):
        monkeypatch.delenv(name, raising=False)
