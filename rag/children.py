"""How Kutip starts a child process: the command, and the environment that the child gets."""

from __future__ import annotations

import os
import re
import sys

_SECRET = re.compile(r"KUTIP_|.*(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY)", re.IGNORECASE)
"""Names of variables that are kept from a process that reads strangers' files."""


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs one of Kutip's modules.

    `-P` keeps Python from looking for modules in the working folder: a `rag/` that lies there would run.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """This process's environment without Kutip's settings and without anything that is named like a secret.

    For children that parse strangers' files: a file that takes over such a child finds no token there.
    """
    return {name: value for name, value in os.environ.items() if not _SECRET.match(name)}
