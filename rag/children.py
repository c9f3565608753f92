"""How Kutip starts a child process: the command, the environment that the child gets, and who ended it."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

_SECRET = re.compile(r"KUTIP_|.*(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY)", re.IGNORECASE)
"""Names of variables that are kept from a process that reads strangers' files."""


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs one of Kutip's modules.

    `-P` keeps Python from looking for modules in the working folder: a `rag/` that lies there would run.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(*kept: str) -> dict[str, str]:
    """This process's environment without Kutip's settings and anything that is named like a secret, but
    for the variables `kept`.

    For children that parse strangers' files: a file that takes over such a child finds no token there.
    """
    return {name: value for name, value in os.environ.items() if name in kept or not _SECRET.match(name)}


def ended(status: int) -> str:
    """How a process ended, by its exit status, as the rest of a sentence that begins with its name."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def killed_for_memory() -> int | None:
    """How many processes this system has killed because memory ran out; None if it does not say. Then a kill
    is taken to be one by a user."""
    try:
        for line in Path("/proc/vmstat").read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return None
