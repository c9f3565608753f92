"""Keeps the bot's token out of every line that is logged, at whatever level.

A token stands in each request's address, so httpx, python-telegram-bot and every traceback can spell it.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from types import TracebackType

from bot.printable import printable

_FORM = re.compile(r"(?<!\d)\d{3,}(?::|%(?:25)*3[Aa])[A-Za-z0-9_-]{20,}")
"""What looks like a token; an address may spell its colon as `%3A`."""
_SHORTEST = 6
"""Characters of a token's second half that are hidden alone: fewer would stand in ordinary words."""
HIDDEN = "<token>"
"""What stands in place of a token."""


class Redacting(logging.Filter):
    """Replaces the token, and whatever looks like one, in a record's message and trace.

    Without `traces`, an exception is told by its type and message alone.
    """

    def __init__(self, token: str, traces: bool = True) -> None:
        super().__init__()
        self._traces = traces
        self._secrets = _spellings(token)
        self._format = logging.Formatter().formatException

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            if self._traces:
                record.exc_text = self.clean(record.exc_text or self._format(record.exc_info))
            else:
                text += f" ({record.exc_info[0].__name__}: {record.exc_info[1]})"
                record.exc_text = None
                record.exc_info = None
        if record.stack_info:
            record.stack_info = self.clean(record.stack_info) if self._traces else None
        record.msg, record.args = self.clean(text), None
        return True

    def clean(self, text: str) -> str:
        """The text without the token, however an address spells it, and without its second half alone."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        # What a server says in an error may hold what a terminal would obey.
        return printable(_FORM.sub(HIDDEN, text))


def _spellings(token: str) -> list[str]:
    """The token, the token as addresses spell it, and its second half, which is the secret part."""
    number, _, secret = token.partition(":")
    if not token:
        return []
    whole = [token, *(f"{number}{colon}{secret}" for colon in ("%3A", "%3a", "%253A", "%253a"))]
    return [*whole, secret] if len(secret) >= _SHORTEST else whole


def log_to_stderr(token: str, debug: bool) -> Redacting:
    """Sets logging up: lines on standard error, from every library, each through the filter.

    What ends a thread or the process unexpectedly goes the same way.
    """
    redacting = Redacting(token, traces=debug)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(redacting)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO, handlers=[handler], force=True)
    if not debug:
        for name in ("httpx", "httpcore", "apscheduler", "tornado", "telegram", "chromadb"):
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    log = logging.getLogger("kutip")

    def died(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, where: str
    ) -> None:
        if error is not None:
            log.critical("%s ended unexpectedly", where, exc_info=(kind, error, trace))

    sys.excepthook = lambda kind, error, trace: died(kind, error, trace, "the worker")
    threading.excepthook = lambda args: died(
        args.exc_type, args.exc_value, args.exc_traceback, getattr(args.thread, "name", "a thread")
    )
    return redacting
