"""The bot's side of the archive: a connection that writes, and one that reads.

Committed means on the disk, as for articles. Nothing here takes the archive's change number: no index
has to follow.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from rag.errors import DiskFull
from rag.store.connection import connect, empty_log, reported, transaction

__all__ = ["ROOM_SECONDS", "Connection", "Store", "until_room"]

log = logging.getLogger("kutip")

ROOM_SECONDS = 1.0
"""Seconds between two attempts to write what must not be lost to a full disk."""


class Store:
    """Connections to an archive whose schema is up to date. Safe to use from several threads.

    Raises StoreError where the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._reading = threading.Lock()
        with reported(self.path):
            self._db, self._reads = connect(path), connect(path)
            self._db.execute("PRAGMA synchronous = FULL")
            # SQLite overwrites what it deletes, so that no page of the file holds a forgotten question.
            self._db.execute("PRAGMA secure_delete = ON")
            self._reads.execute("PRAGMA query_only = ON")

    def close(self) -> None:
        with self._lock, self._reading:
            self._db.close()
            self._reads.close()

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query finds. It waits for no writer, so the event loop may call it."""
        with self._reading, reported(self.path):
            return self._reads.execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Opens one transaction, all or nothing."""
        with self._lock, reported(self.path), transaction(self._db):
            yield self._db

    def empty_log(self) -> None:
        """Empties the write-ahead log, which holds pages as they were before something was deleted."""
        with self._lock, reported(self.path):
            empty_log(self._db)


async def until_room(work: Callable[[], Awaitable[object]], waits: str) -> None:
    """Does what writes; on a full disk again and again, until there is room. `waits` says once what that
    holds up."""
    told = False
    while True:
        try:
            await work()
            return
        except DiskFull as error:
            if not told:
                log.warning("%s; %s", error, waits)
                told = True
            await asyncio.sleep(ROOM_SECONDS)
