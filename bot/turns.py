"""Several questions in hand at once: one at a time uses what this process owns, readers read the others.

Archive, indexes and models of an installation are for one thread. A question has its turn at them while it
is understood, its passages are found and its answer is put together, and gives the turn up while a reader
process reads. A question that is alone is read in this process, by a model that uses every core, and keeps
its turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rag.errors import NoReader
from rag.reading.cores import cores
from rag.reading.reader import Reader
from rag.types import Evidence, Language, Passage

if TYPE_CHECKING:
    from rag.reading.pool import Pool

MANY = 12
"""Waiting questions from which readers are worth starting: all of them need 0.7 s of every core for that."""
MOST = 16
"""Readers, unless a setting says otherwise: more would wait for the one process that finds."""
IDLE_SECONDS = 600.0
"""Seconds without a use after which the readers are ended: each holds some memory."""


class Turns:
    """Whose turn it is, and how many questions are in hand."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._holder: int | None = None
        self._in_hand = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for its turn, and has it. Counts as in hand from the beginning."""
        with self._counting:
            self._in_hand += 1
        try:
            with self._turn:
                self._holder = threading.get_ident()
                try:
                    yield
                finally:
                    self._holder = None
        finally:
            with self._counting:
                self._in_hand -= 1

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Lets others have the turn meanwhile; nothing where this thread does not have it."""
        if self._holder != threading.get_ident():
            yield
            return
        self._holder = None
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()
            self._holder = threading.get_ident()

    @property
    def alone(self) -> bool:
        """Whether no more than one question is in hand."""
        return self._in_hand <= 1


class SharedReader:
    """The reader of this process and the reader processes, as one engine (`rag.types.Engine`).

    `wanted` is how many processes there may be; with fewer than two there are none. By default there is one
    for each of `threads`, or else for each core, and no more than `MOST`.
    """

    def __init__(
        self,
        own: Callable[[], Reader],
        turns: Turns,
        wanted: int | None,
        threads: int | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._own, self._turns = own, turns
        self._wanted, self._threads, self._say = wanted, threads, say
        self._pool: Pool | None = None
        self._used = monotonic()

    @property
    def name(self) -> str:
        return self._own().name

    @property
    def threshold(self) -> float:
        return self._own().threshold

    def read(
        self, question: str, language: Language, passages: Sequence[Passage], enough: float | None = None
    ) -> list[Evidence]:
        """What `rag.reading.reader.Reader.read` finds, whoever reads. Raises ReaderCrashed, ModelError."""
        if (pool := self._others()) is not None:
            try:
                with self._turns.given_up():
                    return pool.read(question, language, passages, enough)
            except NoReader:
                pass  # this process can
        return self._own().read(question, language, passages, enough)

    def entails(
        self, statement: str, sentences: Sequence[str], title: str | None = None
    ) -> tuple[float, float]:
        """What `rag.reading.reader.Reader.entails` finds, whoever reads. Raises ReaderCrashed, ModelError."""
        if (pool := self._others()) is not None:
            try:
                with self._turns.given_up():
                    return pool.entails(statement, sentences, title)
            except NoReader:
                pass
        return self._own().entails(statement, sentences, title)

    def at_once(self, waiting: int) -> int:
        """How many questions may be in hand, where so many wait. Where they are many, the readers are started
        and this does not wait for them."""
        if self._pool is None:
            # Imported here: a question that is alone needs none of it.
            from rag.reading.pool import Pool

            # Two readers for one core would only take turns at it.
            number = min(self._threads or cores(), MOST) if self._wanted is None else self._wanted
            self._pool = Pool(number, self._say)
        if self._pool.number < 2:
            return 1
        if self._pool.ready:
            # One more than readers: while one is found and put together, every reader has something to read.
            return self._pool.number + 1
        if waiting >= MANY:
            self._pool.begin()
        return 1

    def rest(self) -> None:
        """Ends readers that nobody has needed for long. For a moment without a question."""
        if self._pool is not None and self._pool.ready and monotonic() - self._used > IDLE_SECONDS:
            self._pool.close()

    def close(self) -> None:
        """Ends the readers."""
        if self._pool is not None:
            self._pool.close()

    def _others(self) -> Pool | None:
        """The readers, where they run and another question is in hand."""
        if self._pool is None or not self._pool.ready or self._turns.alone:
            return None
        self._used = monotonic()
        return self._pool
