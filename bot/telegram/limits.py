"""How much a user may ask. Counts are in memory; at a start they come from the stored answers.

Times are those of a clock that is never set, so that a change of the system's clock locks nobody out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from time import monotonic, time

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

    def refusal(self, user: int, waiting: int) -> tuple[str, int] | None:
        """The phrase that refuses one more question, and the limit in it; None if it may pass, and then it
        counts."""
        now = monotonic()
        times = self._asked.setdefault(user, deque())
        while times and times[0] < now - DAY:
            times.popleft()
        if waiting >= self._queue:
            return "queue_full", self._queue
        if len(times) >= self._per_day:
            return "too_many_today", self._per_day
        if sum(at > now - MINUTE for at in times) >= self._per_minute:
            return "too_fast", self._per_minute
        times.append(now)
        return None

    def prune(self) -> None:
        """Forgets users who have not asked for a day."""
        before = monotonic() - DAY
        self._asked = {user: times for user, times in self._asked.items() if times and times[-1] > before}
