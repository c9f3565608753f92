"""Where `kutip` starts: it imports the command line, so that an interrupt meanwhile is one line as well."""

from __future__ import annotations

import atexit
import gc
import os
import sys

from bot.interrupt import INTERRUPTED

_BETWEEN_SEARCHES = 20_000, 5, 5
"""Thresholds of Python's garbage collector (`gc.set_threshold`). With Python's own 700, 10 and 10, a fortieth
of the start goes into searching what has just been loaded."""


def main() -> None:
    """Runs the command line. Ctrl-C before it is loaded ends with one line."""
    status: list[int] = []
    # What is registered first runs last, when all else has ended.
    atexit.register(_leave, status)
    gc.set_threshold(*_BETWEEN_SEARCHES)
    try:
        from bot.cli import main as run
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
    try:
        run()
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            status.append(ended.code or 0)
        raise


def _leave(status: list[int]) -> None:
    """Ends the process where its status is known. Python would take everything apart first, object by object,
    for a tenth of a second."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return  # Python says so in its own way
    if status:
        os._exit(status[0])
