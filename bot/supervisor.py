"""Keeps a worker process running: starts it again when it dies, passes signals on, and ends with it.

Native code can end a process at any time, so the worker is built such that nothing is lost then. Its standard
input is a pipe from the supervisor; when the pipe closes, the worker knows that the supervisor is gone.
"""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from types import FrameType

from rag.children import ended, killed_for_memory

FATAL = 78
"""The worker's exit status when starting it again cannot help (EX_CONFIG of sysexits.h)."""
PASSES = 75
"""The worker's exit status when what ended it passes by itself, such as a full disk (EX_TEMPFAIL)."""
FIRST_WAIT, LONGEST_WAIT = 0.25, 30.0
"""Seconds before a worker is started again: after the first crash, and at most after several."""
STEADY = 30.0
"""Seconds. If a worker dies later than this, its start is not the reason."""
GRACE = 25.0
"""Seconds that a worker gets to end."""
_HANDED_OVER = (signal.SIGTERM, signal.SIGINT, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))
"""Signals that are passed on to the worker."""


def supervise(
    command: Callable[[int, bool], Sequence[str]], say: Callable[[str], None], grace: float = GRACE
) -> int:
    """Run a worker until it ends by itself or is told to end; return its last exit status.

    `command` gives the command line; it gets how often the worker was started again, and whether the last one
    died of its own work. A worker that somebody killed is started again at once. After one that ended with
    PASSES there is a pause as after a crash, but its work is not blamed.
    """
    stop = threading.Event()
    told: list[int] = []

    def hand_over(number: int, frame: FrameType | None) -> None:
        told.append(number)
        stop.set()

    before = {number: signal.signal(number, hand_over) for number in _HANDED_OVER}
    try:
        return _keep(command, say, grace, stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _keep(
    command: Callable[[int, bool], Sequence[str]],
    say: Callable[[str], None],
    grace: float,
    stop: threading.Event,
) -> int:
    restarts, blamed, wait = 0, False, FIRST_WAIT
    while True:
        short_of_memory = killed_for_memory()
        started = monotonic()
        # In its own session, so that Ctrl-C reaches it once, through the supervisor.
        with subprocess.Popen(
            command(restarts, blamed), stdin=subprocess.PIPE, start_new_session=True
        ) as worker:
            status = _wait(worker, stop, grace)
        if stop.is_set() or status in (0, FATAL):
            return max(status, 0)
        killed = status == -signal.SIGKILL and killed_for_memory() == short_of_memory
        blamed = not killed and status != PASSES
        restarts += 1
        wait = FIRST_WAIT if killed or monotonic() - started > STEADY else min(wait * 2, LONGEST_WAIT)
        say(f"the worker {ended(status)}; it is started again{'' if killed else f' in {wait:g} s'}")
        if not killed and stop.wait(wait):
            return 0


def _wait(worker: subprocess.Popen[bytes], stop: threading.Event, grace: float) -> int:
    """The worker's exit status; once `stop` is set it is told to end, and killed after the grace."""
    while not stop.is_set():
        try:
            return worker.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    worker.send_signal(signal.SIGTERM)
    try:
        return worker.wait(grace)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
        return 0  # unfinished work is in the inbox
