"""Keeps the indexes close to the archive while articles are being added."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rag.errors import DatabaseError, KutipError, StoreBusy
from rag.store.generations import Name
from rag.store.projections import Projections

FOLLOW_SECONDS = 0.1
"""Seconds between two checks whether the indexes should follow a long input."""
FOLLOW: dict[Name, int] = {"vectors": 1_000, "lexical": 2_500}
"""Chunks for which each index waits meanwhile. Chroma takes longest, so it is kept busy from the start; it
writes its graph each time, and a commit of the lexical index costs a tenth of a second."""


@contextmanager
def keeping_up(projections: Callable[[], Projections]) -> Iterator[None]:
    """Brings the indexes up to the archive again and again, unless their owner is another process. Raises
    KutipError at the end where that failed."""
    ended, failed = threading.Event(), list[KutipError]()

    def follow() -> None:
        try:
            while not ended.wait(FOLLOW_SECONDS):
                # While the archive's database is away or busy, the next look tries again.
                with suppress(DatabaseError):
                    projections().catch_up(least=FOLLOW)
        except StoreBusy:
            pass
        except KutipError as error:
            failed.append(error)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if failed:
        raise failed[0]
