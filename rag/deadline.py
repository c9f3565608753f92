"""How long an answer may still take, and whether it is still wanted."""

from __future__ import annotations

import threading
from time import monotonic

from rag.errors import Cancelled


class Deadline:
    """`seconds` from now on, None for no end; `stop` ends it at once, from any thread."""

    def __init__(self, seconds: float | None = None, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._end = None if seconds is None else monotonic() + seconds
        self._far = self._end

    @property
    def passed(self) -> bool:
        """Whether to end now: time is up, or `stop` is set. Called between tokens, and by llama.cpp inside a
        batch."""
        return self._stop.is_set() or self.left <= 0

    @property
    def left(self) -> float:
        """The seconds that are left; infinity without an end."""
        return float("inf") if self._end is None else self._end - monotonic()

    def sooner(self, seconds: float) -> Deadline:
        """A deadline for a first sign of life: it passes after so many seconds, or with this one.

        `extend` lets it go on until this one passes.
        """
        nearer = Deadline(None, self._stop)
        nearer._end, nearer._far = monotonic() + min(seconds, self.left), self._end
        return nearer

    def extend(self) -> None:
        """Lets a deadline that `sooner` gave go on until the one that it was made from passes."""
        self._end = self._far

    def check(self) -> None:
        """Raises Cancelled once the answer is not wanted any more."""
        if self._stop.is_set():
            raise Cancelled("the question was cancelled")

    def wait(self, seconds: float) -> None:
        """Waits this long, but not past the end. Raises Cancelled as `check` does."""
        self._stop.wait(max(0.0, min(seconds, self.left)))
        self.check()
