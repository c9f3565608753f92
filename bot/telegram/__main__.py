"""The worker process; `kutip telegram` starts it and watches over it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading

from bot.settings import Settings
from bot.supervisor import FATAL, PASSES
from bot.telegram.launch import token_of
from bot.telegram.redact import log_to_stderr
from bot.telegram.store import PASSING
from bot.telegram.worker import Worker
from rag.errors import KutipError


def main() -> int:
    """Runs one worker: 0 when it was told to stop, PASSES on a full disk or where the database is away, FATAL
    where starting it again would not help, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bot.telegram")
    parser.add_argument("--restarts", type=int, default=0)
    parser.add_argument("--blame", action="store_true", help="the worker before died of what it did")
    parser.add_argument("--supervised", action="store_true", help="end when standard input ends")
    parser.add_argument("--debug", action="store_true")
    parser.add_argument("--allow-local", action="store_true", help="let admins add from this network")
    given = parser.parse_args()
    if given.supervised:
        threading.Thread(target=_end_with_the_supervisor, name="watch", daemon=True).start()
    redacting = log_to_stderr("", given.debug)
    try:
        settings = Settings.read()
        token = token_of(settings)
        redacting = log_to_stderr(token, given.debug)

        async def work() -> None:
            worker = Worker(settings, token, given.restarts, given.blame, given.allow_local)
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, worker.stop)
            await worker.run()

        asyncio.run(work())
    except KutipError as error:
        logging.getLogger("kutip").debug("ended", exc_info=error)
        print(f"kutip: {redacting.clean(' '.join(str(error).split()))}", file=sys.stderr)
        return PASSES if isinstance(error, PASSING) else FATAL
    except RuntimeError as error:
        logging.getLogger("kutip").critical("%s", error)
        return 1
    return 0


def _end_with_the_supervisor() -> None:
    """Ends this worker with its supervisor; the inbox keeps what it was working on."""
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
