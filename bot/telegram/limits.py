"""How much a user may ask. Counts are in memory; a start takes them from the answers that are kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from time import time

MINUTE, DAY = 60.0, 86_400.0


class Limits:
    """Questions a minute, a day, and waiting at once, for each user."""

    def __init__(self, per_minute: int, per_day: int, queue: int, asked: Iterable[tuple[int, float]]) -> None:
        self._per_minute, self._per_day, self._queue = per_minute, per_day, queue
        self._asked: dict[int, deque[float]] = {}
        for user, at in asked:
            self._asked.setdefault(user, deque()).append(at)

    def refusal(self, user: int, waiting: int) -> tuple[str, int] | None:
        """The phrase that refuses one more question, and the limit that it names; None lets it pass, and
        counts it."""
        now = time()
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
        """Lets go of users who have not asked for a day."""
        before = time() - DAY
        self._asked = {user: times for user, times in self._asked.items() if times and times[-1] > before}
