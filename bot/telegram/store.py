"""The bot's side of the archive: a connection that writes, and one that reads.

Committed means on the disk, as for articles. Nothing here takes the archive's change number: no index
has to follow.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from rag.errors import DatabaseAway, DatabaseBusy, DiskFull
from rag.store.database.base import Connection, Database
from rag.store.database.opening import open_database
from rag.store.database.place import Place

__all__ = ["PASSING", "ROOM_SECONDS", "Connection", "Store", "until_room"]

log = logging.getLogger("kutip")

ROOM_SECONDS = 1.0
"""Seconds between two attempts to write what must not be lost."""
PASSING = (DiskFull, DatabaseAway, DatabaseBusy)
"""What keeps the archive from being read or written for a while, and passes without this process."""


class Store:
    """Connections to an archive whose schema is up to date. Safe to use from several threads.

    `home` is the folder of this worker, where the archive is none of its files. Raises StoreError where the
    archive cannot be read or written.
    """

    def __init__(self, place: Place, home: Path | None = None) -> None:
        self.path = place if isinstance(place, Path) else (home or Path()) / "archive.db"
        """The archive's file. With PostgreSQL there is none, and files of this worker are named after it."""
        # SQLite overwrites what it deletes, so that no page of the file holds a forgotten question.
        self.database: Database = open_database(place, overwrite=True)
        """The connection that writes."""
        # The event loop reads: it waits for no database that is starting.
        self._reads = open_database(place, patience=0.0)

    @property
    def shared(self) -> bool:
        """Whether other workers may use the archive."""
        return self.database.shared

    def beside(self, ending: str) -> Path:
        """A file of this worker: the archive's name with an ending."""
        return self.path.with_name(f"{self.path.name}{ending}")

    def close(self) -> None:
        self.database.close()
        self._reads.close()

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query finds. It waits for no writer, so the event loop may call it."""
        return self._reads.rows(query, values)

    def writing(self, alone: str | None = None) -> AbstractContextManager[Connection]:
        """One transaction, all or nothing. With `alone` it waits for those of that name on every worker."""
        return self.database.transaction(alone)

    def empty_log(self) -> None:
        """Empties the write-ahead log, which holds pages as they were before something was deleted."""
        self.database.empty_log()


async def until_room(work: Callable[[], Awaitable[object]], waits: str) -> None:
    """Does what writes; on a full disk, or while the database is away or busy, again and again. `waits` says
    once what that holds up."""
    told = False
    while True:
        try:
            await work()
            return
        except PASSING as error:
            if not told:
                log.warning("%s; %s", error, waits)
                told = True
            await asyncio.sleep(ROOM_SECONDS)
