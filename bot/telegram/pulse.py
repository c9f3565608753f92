"""Ends a worker whose event loop stands still: started again, it knows what it was at, and sets that aside.

A pattern that takes minutes over a text holds Python's own lock, so that no thread of Python's could see to
it. `faulthandler` keeps a clock outside of Python.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os

STILL_SECONDS = 300.0
"""How long the event loop may stand still; a library that holds Python's lock does so for seconds."""
BEAT_SECONDS = 5.0
"""How often the event loop says that it lives."""


async def keep_alive() -> None:
    """Ends the process with status 1 once this task was not run for too long; runs until it is cancelled."""
    # The clock would write where each thread stands; the supervisor's line says enough.
    with open(os.devnull, "w", encoding="ascii") as nowhere:
        try:
            while True:
                faulthandler.dump_traceback_later(STILL_SECONDS, exit=True, file=nowhere)
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            faulthandler.cancel_dump_traceback_later()
