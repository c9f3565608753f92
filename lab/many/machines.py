"""Several machines on this one: network namespaces, each with a cable to the database and one to Telegram.

Needs root. Each cable is a pair of veth devices (`man veth`), so that the one to the database can be cut
while Telegram is still reached: packets vanish, as in a switch that has lost its power, and nobody is told.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

DATABASE, TELEGRAM = "10.71.0.1", "10.72.0.1"
"""Where the machines reach the database and Telegram: addresses of this machine's own."""
_NETWORK = 0x40000000
"""`CLONE_NEWNET` of setns(2)."""


def ip(*words: str, check: bool = True) -> None:
    """Runs `ip`. Raises CalledProcessError."""
    subprocess.run(["ip", *words], check=check, capture_output=not check)


def enter(namespace: str) -> None:
    """Moves this thread, and what it starts, into a network namespace. Raises OSError."""
    at = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(at, _NETWORK):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(at)


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine."""

    number: int

    @property
    def namespace(self) -> str:
        return f"kutip{self.number}"

    @property
    def address(self) -> str:
        """Where the machine is reached from this one, on the side of Telegram."""
        return f"10.72.{self.number}.2"

    def plug_in(self) -> None:
        """Makes the machine and its two cables."""
        self.pull_out()
        ip("netns", "add", self.namespace)
        self._inside("link", "set", "lo", "up")
        for network, kind, there in (("10.71", "d", DATABASE), ("10.72", "t", TELEGRAM)):
            here, end = f"k{kind}{self.number}", f"e{kind}{self.number}"
            ip("link", "add", here, "type", "veth", "peer", "name", end, "netns", self.namespace)
            ip("addr", "add", f"{network}.{self.number}.1/30", "dev", here)
            ip("link", "set", here, "up")
            self._inside("addr", "add", f"{network}.{self.number}.2/30", "dev", end)
            self._inside("link", "set", end, "up")
            self._inside("route", "add", f"{there}/32", "via", f"{network}.{self.number}.1")

    def pull_out(self) -> None:
        """Takes the machine away, where it is there."""
        ip("netns", "del", self.namespace, check=False)
        for kind in "dt":
            ip("link", "del", f"k{kind}{self.number}", check=False)

    def cut(self) -> None:
        """Cuts the cable to the database."""
        # This end is taken down, so that the machine's own end stays up: what it sends vanishes, and no error
        # tells it so.
        ip("link", "set", f"kd{self.number}", "down")

    def mend(self) -> None:
        """Joins the cable again."""
        ip("link", "set", f"kd{self.number}", "up")

    def _inside(self, *words: str) -> None:
        ip("-n", self.namespace, *words)


class Machines:
    """So many machines, and this one's addresses for them. Use as a context manager."""

    def __init__(self, count: int) -> None:
        self.each = [Machine(number) for number in range(1, count + 1)]
        self._held = ExitStack()

    def __enter__(self) -> Self:
        for address in (DATABASE, TELEGRAM):
            ip("addr", "replace", f"{address}/32", "dev", "lo")
            self._held.callback(ip, "addr", "del", f"{address}/32", "dev", "lo", check=False)
        for machine in self.each:
            self._held.callback(machine.pull_out)
            machine.plug_in()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()
