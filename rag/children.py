"""How a process of our own is started: what it runs, and what it is told of our surroundings."""

from __future__ import annotations

import os
import re
import sys

_SECRET = re.compile(r"KUTIP_|.*(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY)", re.IGNORECASE)
"""Names of variables that a process which reads strangers' files has no use for."""


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs one of our modules.

    `-P` keeps Python from looking for modules in the working folder: a `rag/` that lies there would run.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """This process's environment without Kutip's settings and without anything that is named like a secret.

    It is for children that parse strangers' files: whoever takes such a child over finds no token there.
    """
    return {name: value for name, value in os.environ.items() if not _SECRET.match(name)}
