"""What other workers say through the database, so that nobody has to ask it all the time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from rag.errors import StoreError
from rag.store.database.place import Place, Server

if TYPE_CHECKING:
    from rag.store.database.postgres import Raw


class Listener:
    """Hears what is said on some channels (https://www.postgresql.org/docs/current/sql-notify.html).

    It has a connection of its own, made at the first `wait`. For one thread, but `close` may come from any.
    What is said while the connection is away is not heard, so whoever listens must also look now and then.
    """

    def __init__(self, place: Place, channels: Sequence[str]) -> None:
        self._place, self._channels = place, tuple(channels)
        self._db: Raw | None = None
        self._closed = threading.Event()
        self._using = threading.Lock()

    def wait(self, seconds: float) -> frozenset[str]:
        """The channels on which something was said, after that many seconds at most; none where nothing was.

        All of them where the connection is new: something may have been said before. Nobody speaks through a
        file of SQLite's.
        """
        until = monotonic() + seconds
        if isinstance(self._place, Server):
            with self._using:
                heard = self._heard(self._place, seconds)
            if heard is not None:
                return heard
        self._closed.wait(max(0.0, until - monotonic()))
        return frozenset()

    def close(self) -> None:
        """Ends. Where somebody waits, the connection goes at the end of that."""
        self._closed.set()
        if self._using.acquire(blocking=False):
            self._let_go()
            self._using.release()

    def _heard(self, server: Server, seconds: float) -> frozenset[str] | None:
        """What was said; None where the database is away."""
        from rag.store.database.postgres import connected, listening

        try:
            if self._closed.is_set():
                return None
            if self._db is None:
                self._db = connected(server)
                listening(self._db, server, self._channels, 0.0)
                return frozenset(self._channels)
            return listening(self._db, server, (), seconds)
        except StoreError:
            self._let_go()
            return None
        finally:
            if self._closed.is_set():
                self._let_go()

    def _let_go(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = None
