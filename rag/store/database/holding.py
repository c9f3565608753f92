"""What only one worker does at a time, such as asking Telegram for updates."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rag.errors import DatabaseError
from rag.store.database.place import Place, Server

if TYPE_CHECKING:
    from rag.store.database.postgres import Raw


class Hold:
    """A name that one worker holds, by a lock of the database's that ends with the connection.

    (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS). It has a connection of its
    own; safe to use from several threads. An archive in a file has one worker, which holds every name.
    """

    def __init__(self, place: Place, name: str) -> None:
        self._place, self._name = place, name
        self._lock = threading.Lock()
        self._db: Raw | None = None
        self._held = False

    def take(self) -> bool:
        """Whether this worker holds the name now: it takes it where it is free, and looks whether its
        connection still lives. Never waits for another worker; False where the database is away."""
        if not isinstance(self._place, Server):
            return True
        from rag.store.database.postgres import connected, lives, tried

        with self._lock:
            try:
                if self._db is None:
                    self._db = connected(self._place)
                if self._held:
                    lives(self._db, self._place)
                else:
                    self._held = tried(self._db, self._place, self._name)
            except DatabaseError:
                self._let_go()
            return self._held

    def release(self) -> None:
        """Lets another worker have it, at once."""
        with self._lock:
            if self._db is not None:
                from rag.store.database.postgres import unlock

                unlock(self._db)
            self._let_go()

    def _let_go(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db, self._held = None, False
