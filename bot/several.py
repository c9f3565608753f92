"""Works on several things of a long input at once, in threads; the results come in the order of the input.

How many at once is asked anew before each, and begins with one: readers are started only for an input that is
long (`bot.turns`). The input is read ahead in a thread of its own, so that whoever writes one question and
waits for its answer gets it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from rag.errors import Cancelled

AHEAD = 64
"""The most things that are read before the first result of them was fetched."""
_LOOK = 0.1
"""Seconds between two checks whether to stop."""

Given = TypeVar("Given")
Made = TypeVar("Made")


class Several(Generic[Given, Made]):
    """`work` makes the result of one thing; setting the event that it gets should end it soon.

    `at_once` says how many things may be worked on, where so many wait.
    """

    def __init__(
        self,
        given: Iterable[Given],
        work: Callable[[Given, threading.Event], Made],
        at_once: Callable[[int], int],
    ) -> None:
        self._given, self._work, self._at_once = given, work, at_once
        self._waiting: deque[tuple[int, Given]] = deque()
        self._made: dict[int, Made | BaseException] = {}
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._fetched = self._read = self._busy = self._threads = 0
        self._ended = False
        threading.Thread(target=self._take_in, name="input", daemon=True).start()

    def next(self, stop: threading.Event | None = None) -> Made | None:
        """The next result, in order; None after the last one. Raises what the work, or reading the input, has
        raised, and Cancelled soon after `stop` is set."""
        with self._changed:
            while self._fetched not in self._made:
                if self._ended and self._fetched == self._read:
                    return None
                if stop is not None and stop.is_set():
                    break
                self._changed.wait(_LOOK)
            else:
                made = self._made.pop(self._fetched)
                self._fetched += 1
                self._changed.notify_all()
                if isinstance(made, BaseException):
                    raise made
                return made
        self.close()
        raise Cancelled("the questions were cancelled")

    def close(self) -> None:
        """Tells what is being worked on to end, and waits for that."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
            while self._busy:
                self._changed.wait(_LOOK)

    # In the threads

    def _take_in(self) -> None:
        try:
            for each in self._given:
                self._put(each)
                if self._stop.is_set():
                    break
        except BaseException as error:
            with self._changed:
                self._made[self._read] = error
                self._read += 1
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _put(self, given: Given) -> None:
        with self._changed:
            while self._read - self._fetched >= AHEAD and not self._stop.is_set():
                self._changed.wait(_LOOK)
            self._waiting.append((self._read, given))
            self._read += 1
            self._add_threads()
            self._changed.notify_all()

    def _add_threads(self) -> None:
        """Called with the lock."""
        while self._threads < self._at_once(len(self._waiting)):
            try:
                threading.Thread(target=self._run, name="asking", daemon=True).start()
            except RuntimeError:
                if self._threads:
                    break  # the system has no thread left; those that there are go on
                raise
            self._threads += 1

    def _run(self) -> None:
        while (taken := self._taken()) is not None:
            number, given = taken
            try:
                made: Made | BaseException = self._work(given, self._stop)
            except BaseException as error:
                made = error
            with self._changed:
                self._made[number] = made
                self._busy -= 1
                self._changed.notify_all()

    def _taken(self) -> tuple[int, Given] | None:
        with self._changed:
            while not self._stop.is_set() and not (self._ended and not self._waiting):
                if self._waiting and self._busy < self._at_once(len(self._waiting)):
                    self._add_threads()
                    self._busy += 1
                    return self._waiting.popleft()
                self._changed.wait(_LOOK)
        return None
