"""Hears when another worker has added articles, so that the indexes have them before a question comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from rag.store.archive import CHANGED
from rag.store.database.hearing import Listener
from rag.store.database.place import Place

HEAR_SECONDS = 1.0
"""Seconds after which the one who listens looks whether it is to end."""


async def hear(place: Place, look: Callable[[], None]) -> None:
    """Calls `look` whenever something was committed, until it is cancelled; for a file it ends at once.

    What is not heard, since the connection is away or nobody can speak through a file, is found when a
    question is asked, and when none was asked for a while.
    """
    if isinstance(place, Path):
        return
    listener = Listener(place, [CHANGED])
    try:
        while True:
            if await asyncio.to_thread(listener.wait, HEAR_SECONDS):
                look()
    finally:
        listener.close()
