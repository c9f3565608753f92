"""No test reaches anything beyond this machine, nor does a process that a test starts."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

BEYOND = ("192.0.2.1", 9)  # TEST-NET-1: nobody's address (RFC 5737)


def _sends(sock: socket.socket) -> object:
    return sock.sendto(b"x", BEYOND)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: socket.create_connection(BEYOND, timeout=1),
        lambda: socket.socket().connect_ex(BEYOND),
        lambda: socket.socket().bind(("0.0.0.0", 0)),
        lambda: _sends(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
        lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 9)),
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: socket.gethostbyname("example.org"),
    ],
    ids=["connect", "connect_ex", "bind", "sendto", "connect, IPv6", "getaddrinfo", "gethostbyname"],
)
def test_what_would_leave_this_machine_is_refused(attempt: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match="tried to reach"):
        attempt()


def test_this_machine_can_be_reached() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(("localhost", server.getsockname()[1]), timeout=5):
            pass


def test_a_process_that_a_test_starts_is_refused_too() -> None:
    code = f"import socket; socket.create_connection({BEYOND!r}, timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "tried to reach" in done.stderr
