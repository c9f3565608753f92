"""Ctrl-C ends an answer within a second, whatever is going on.

Python delivers the signal to the main thread between two of its own instructions, and so not while that
thread is inside a library that loads a model or reads a prompt. So another thread does the work, and the main
thread only waits for it and tells it to stop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it."""
PATIENCE = 0.6
"""Seconds for work to end after it was told to. Work that takes longer is left running."""
_LOOK = 0.2
"""Seconds between two checks for the signal, where the system does not wake the main thread."""
_going: set[threading.Event] = set()
"""For each piece of work that goes on, an event that is set when it ends."""

T = TypeVar("T")


def stoppable(work: Callable[[threading.Event], T]) -> T:
    """Runs `work`, and returns or raises what it does. It should end soon after the event that it gets is
    set.

    First waits for work that was left running: an installation is not for two threads at once. Raises
    KeyboardInterrupt within about a second after Ctrl-C, perhaps while the work still goes on.
    """
    for left in list(_going):
        _wait(left)
    stop, ended = threading.Event(), threading.Event()
    result, failed = list[T](), list[BaseException]()

    def run() -> None:
        try:
            result.append(work(stop))
        except BaseException as error:
            failed.append(error)
        finally:
            _going.discard(ended)
            ended.set()

    _going.add(ended)
    threading.Thread(target=run, daemon=True).start()
    try:
        _wait(ended)
    except KeyboardInterrupt:
        stop.set()
        ended.wait(PATIENCE)
        raise
    if failed:
        raise failed[0]
    return result[0]


def still_going() -> bool:
    """Whether work that was left goes on: what it uses cannot be closed then."""
    return bool(_going)


def _wait(ended: threading.Event) -> None:
    # Not for the thread itself: Python 3.11 takes one for ended when waiting for it is interrupted.
    while not ended.wait(_LOOK):
        pass
