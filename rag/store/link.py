"""The connection to one generation's vectors: in this process, or on a Chroma server that may be away.

A server that does not answer is tried once more, since it may only have been started again; then it is left
alone for a while. The projections later give it what it missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from rag.errors import Unreachable
from rag.store.vectors import VectorIndex
from rag.types import Vectors

RETRY_SECONDS = 15.0
"""Seconds until a server that did not answer is tried again."""


class Link:
    """The collection `name` at `place`, a folder or a server's URL.

    `back` is called with an index that has come back, before anything else uses it. Raises StoreError where
    a folder cannot be opened.
    """

    def __init__(
        self, place: Path | str, name: str, say: Callable[[str], None], back: Callable[[VectorIndex], None]
    ) -> None:
        self._place, self._name, self._say, self._back = place, name, say, back
        self._index: VectorIndex | None = None
        self._told = False
        self._tried_at = 0.0  # seconds of the monotonic clock
        try:
            self._index = VectorIndex(place, name)
        except Unreachable as error:
            self.lose(error)

    @property
    def up(self) -> bool:
        """Whether the server answered the last call."""
        return self._index is not None

    @property
    def index(self) -> VectorIndex:
        """Raises Unreachable while the server is away."""
        if self._index is None:
            raise Unreachable(f"Chroma at {self._place} does not answer", "start it, or wait")
        return self._index

    def query(self, vector: Vectors, limit: int, whole: Callable[[], bool]) -> list[tuple[int, float]]:
        """The nearest chunks, by cosine similarity.

        None while the server is away, or where it has come back and is not `whole`.
        """
        # Twice at most: the server may have been started again since it was last asked.
        for _ in range(2):
            if self._index is None:
                return []
            try:
                return self._index.query(vector, limit)
            except Unreachable as error:
                if not self.lose(error) or not whole():
                    return []
        return []

    def lose(self, error: Unreachable) -> bool:
        """Records that the server did not answer, after one more try. True if that one succeeds."""
        self._index = None
        if self._connect():
            return True
        if not self._told:
            self._say(f"{error.message}; until it answers, articles are found by their words alone")
        self._told = True
        return False

    def retry(self) -> None:
        """Tries a server that was away, if `RETRY_SECONDS` have passed."""
        if self._index is None and time.monotonic() >= self._tried_at + RETRY_SECONDS:
            self._connect()

    def close(self) -> None:
        """Closes the connection."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def _connect(self) -> bool:
        self._tried_at = time.monotonic()
        try:
            index = VectorIndex(self._place, self._name)
            self._back(index)
        except Unreachable:
            return False
        if self._told:
            self._say(f"Chroma at {self._place} answers again")
        self._index, self._told = index, False
        return True
