"""How much a user may ask. One worker counts in memory, and begins with the stored answers; several count in
their database, so that a user may ask as much of all together.

Times are those of a clock that is never set, or the database's, so that a change of the system's clock locks
nobody out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from time import monotonic, time

from rag.store.database.opening import open_database
from rag.store.database.place import Place

MINUTE, DAY = 60.0, 86_400.0
"""Seconds."""


class Limits:
    """Questions a minute, a day, and waiting at once, for each user.

    `asked`: who asked, and when, in seconds since 1970.
    """

    def __init__(self, per_minute: int, per_day: int, queue: int, asked: Iterable[tuple[int, float]]) -> None:
        self._per_minute, self._per_day, self._queue = per_minute, per_day, queue
        self._asked: dict[int, deque[float]] = {}
        ahead = monotonic() - time()
        for user, at in asked:
            # A time in the future is from before the clock was set back, so it says nothing.
            if (when := at + ahead) <= monotonic():
                self._asked.setdefault(user, deque()).append(when)

    def refusal(self, user: int, waiting: int, number: int = 0) -> tuple[str, int] | None:
        """The phrase that refuses one more question, and the limit in it; None if it may pass, and then it
        counts. `number` is that of its update, which counts once."""
        now = monotonic()
        times = self._asked.setdefault(user, deque())
        while times and times[0] < now - DAY:
            times.popleft()
        refused = self._refused(waiting, len(times), sum(at > now - MINUTE for at in times))
        if refused is None:
            times.append(now)
        return refused

    def _refused(self, waiting: int, today: int, lately: int) -> tuple[str, int] | None:
        if waiting >= self._queue:
            return "queue_full", self._queue
        if today >= self._per_day:
            return "too_many_today", self._per_day
        return ("too_fast", self._per_minute) if lately >= self._per_minute else None

    def close(self) -> None:
        """Closes what it counts in."""

    def prune(self) -> None:
        """Forgets users who have not asked for a day."""
        before = monotonic() - DAY
        self._asked = {user: times for user, times in self._asked.items() if times and times[-1] > before}


class SharedLimits(Limits):
    """The same, of all workers together. Methods raise StoreError, at once where the database is away."""

    def __init__(self, per_minute: int, per_day: int, queue: int, place: Place) -> None:
        super().__init__(per_minute, per_day, queue, ())
        # Of its own: the event loop asks, and must not wait for other writers of this worker.
        self._db = open_database(place, patience=0.0)

    def refusal(self, user: int, waiting: int, number: int = 0) -> tuple[str, int] | None:
        now = self._db.clock()
        with self._db.transaction(f"asked {user}") as db:
            today, lately = db.execute(
                'SELECT count(*), count(*) FILTER (WHERE at > ?) FROM asked WHERE "user" = ? AND at > ? '
                "AND inbox != ?",
                (now - MINUTE, user, now - DAY, number),
            ).fetchone()
            waits = db.execute(
                "SELECT count(*) FROM asked JOIN inbox ON inbox.number = asked.inbox "
                "WHERE asked.\"user\" = ? AND asked.inbox != ? AND inbox.state = 'open'",
                (user, number),
            ).fetchone()[0]
            refused = self._refused(max(waiting, waits), today, lately)
            if refused is None:
                db.execute(
                    'INSERT INTO asked (inbox, "user", at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
                    (number, user, now),
                )
        return refused

    def prune(self) -> None:
        with self._db.transaction() as db:
            db.execute("DELETE FROM asked WHERE at < ?", (self._db.clock() - DAY,))

    def close(self) -> None:
        self._db.close()
