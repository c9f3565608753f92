"""A part of an installation that is opened at its first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None: ...


T = TypeVar("T", bound=Closing | None)


class Part(Generic[T]):
    """Something that `open` opens at its first use. Closed, it is opened again when it is needed."""

    def __init__(self, open: Callable[[], T]) -> None:
        self._open = open
        self._opened: list[T] = []

    def get(self) -> T:
        """The opened part. Raises what opening it raises, each time that it is tried."""
        if not self._opened:
            self._opened.append(self._open())
        return self._opened[0]

    def close(self) -> None:
        """Closes the part, if it is open."""
        while self._opened:
            if (part := self._opened.pop()) is not None:
                part.close()
