"""Where `kutip` starts: it imports the command line, so that an interrupt meanwhile is one line as well."""

from __future__ import annotations

import sys

from bot.interrupt import INTERRUPTED


def main() -> None:
    """Runs the command line. Ctrl-C before it is loaded ends with one line."""
    try:
        from bot.cli import main as run
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
    run()
