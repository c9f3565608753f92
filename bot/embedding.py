"""Embeds every stored chunk again, by another embedder."""

from __future__ import annotations

from collections.abc import Callable

from rag.ingest import embedded_text
from rag.store.archive import Archive
from rag.store.moving import Move
from rag.types import Embedder

BATCH = 512
"""Chunks that are embedded at once."""


def embed_again(archive: Archive, embedder: Embedder, progress: Callable[[int, int, str], None]) -> None:
    """Replaces all vectors of the archive; a run that was stopped goes on where it was.

    The old vectors serve until the last new one is there.
    """
    total = archive.counts()[1]
    move = Move(archive, embedder.id)
    done, moved = 0, False
    while not moved:
        for keys in move.missing(BATCH):
            passages = archive.passages(keys)
            texts = [embedded_text(each.article, each.text) for each in passages]
            move.put([each.key for each in passages], embedder.passages(texts))
            done += len(keys)
            progress(min(done, total), total, "embedding")
        moved = move.finish()
