"""When and why a worker ends."""

from __future__ import annotations

import asyncio
import logging

from rag.errors import KutipError

log = logging.getLogger("kutip")


class Ending:
    """The end of a worker's run, by request or by a failure. For the event loop's thread."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        """Set once the work is to end."""
        self._failure: KutipError | None = None
        self._broken: BaseException | None = None

    def stop(self) -> None:
        """Ends the work, after what is being answered and sent."""
        self.asked.set()

    def fail(self, error: BaseException) -> None:
        """Ends the work: for good after a KutipError, else to be started again."""
        if isinstance(error, KutipError):
            self._failure = self._failure or error
            self.asked.set()
        else:
            self._break(error)

    def watch(self, task: asyncio.Task[None]) -> None:
        """Ends the work when a part that must not end has failed."""
        task.add_done_callback(self._look)

    def raise_failure(self) -> None:
        """Raises the failure that ended the work, if one did.

        Raises KutipError where starting again would not help, RuntimeError where it may.
        """
        if self._failure is not None:
            raise self._failure
        if self._broken is not None:
            raise RuntimeError("a part of the worker ended") from self._broken

    def _look(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._break(error)

    def _break(self, error: BaseException) -> None:
        log.critical("a part of the worker ended", exc_info=error)
        self._broken = error
        self.asked.set()
