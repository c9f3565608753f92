"""Ctrl-C ends an answer within a second, whatever is going on.

Python tells the main thread of the signal between two instructions of its own. While that thread is inside a
library, which loads a model or reads a prompt, it hears nothing. So the work is done by another thread, which
is told to stop, and the main thread only waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 0.6
"""Seconds for work to end once it was told to. What takes longer is left to itself."""
_LOOK = 0.2
"""Seconds after which the main thread looks for the signal where the system does not wake it."""
_going: set[threading.Event] = set()
"""Of work that has not ended: what will be set when it has."""

T = TypeVar("T")


def stoppable(work: Callable[[threading.Event], T]) -> T:
    """What `work` returns or raises; it should end soon once the event that it gets is set.

    Work that was left earlier is waited for first: an installation is not for two threads at once. Raises
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
