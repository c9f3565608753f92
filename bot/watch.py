"""`kutip watch`: what is new in feeds, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from rag.ingest import Ingested

LEAST_MINUTES = 1.0
"""Minutes between two rounds, at least: publishers dislike more visits."""


def watch(
    feeds: Sequence[str],
    minutes: float,
    rounds: int | None,
    look: Callable[[Sequence[str]], Iterator[Ingested]],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Ingested]:
    """Yields what became of each new entry, for `rounds` rounds (None: until it is stopped).

    `look` adds what is new in the feeds and closes the store, so that others can use it between rounds.
    """
    done = 0
    while True:
        began = time.monotonic()
        yield from look(feeds)
        done += 1
        if done == rounds:
            return
        sleep(max(0.0, max(minutes, LEAST_MINUTES) * 60 - (time.monotonic() - began)))
