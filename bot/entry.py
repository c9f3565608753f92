"""Where `kutip` starts: it imports the command line, so that an interrupt meanwhile is one line as well."""

from __future__ import annotations

import gc
import sys

from bot.interrupt import INTERRUPTED

_BETWEEN_SEARCHES = 20_000, 5, 5
"""Thresholds of Python's garbage collector (`gc.set_threshold`). With Python's own 700, 10 and 10, a fortieth
of the start goes into searching what has just been loaded."""


def main() -> None:
    """Runs the command line. Ctrl-C before it is loaded ends with one line."""
    gc.set_threshold(*_BETWEEN_SEARCHES)
    try:
        from bot.cli import main as run
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
    run()
