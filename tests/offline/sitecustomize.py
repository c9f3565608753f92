"""Refuses every socket that would leave this machine.

`conftest.py` imports it, and puts this folder on PYTHONPATH, where Python looks for a module of this name
whenever it starts: so it holds in the processes that a test starts, too.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

_look_up: Any = socket.getaddrinfo


def is_here(host: object) -> bool:
    """Whether a name or an address is this machine's own."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return name == "localhost" or ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _is_number(host: object) -> bool:
    try:
        _look_up(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


def _refuse(address: object) -> None:
    raise AssertionError(f"a test tried to reach {address}")


def _guarded(method: str) -> Callable[..., Any]:
    original = getattr(socket.socket, method)

    def guarded(self: socket.socket, *arguments: Any) -> Any:
        # The address comes last: sendto(data, flags?, address), sendmsg(buffers, data, flags, address?).
        address = arguments[-1] if arguments else None
        internet = self.family in (socket.AF_INET, socket.AF_INET6)
        if internet and isinstance(address, tuple) and not is_here(address[0]):
            _refuse(address)
        return original(self, *arguments)

    return guarded


def _resolving(original: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: object, *arguments: Any, **options: Any) -> Any:
        # None is this machine; a name that is looked up leaves it, a number in any spelling is not looked up.
        if host is not None and not is_here(host) and not _is_number(host):
            _refuse(host)
        return original(host, *arguments, **options)

    return guarded


if not hasattr(socket, "kutip_is_guarded"):
    for _method in ("connect", "connect_ex", "bind", "sendto", "sendmsg"):
        setattr(socket.socket, _method, _guarded(_method))
    for _name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, _name, _resolving(getattr(socket, _name)))
    socket.kutip_is_guarded = True  # type: ignore[attr-defined]
