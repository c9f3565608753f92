"""Which embedder made the stored vectors, and moving a store to another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rag.errors import EmbedderMismatch
from rag.store.archive import Archive
from rag.types import Embedder, Vectors

_REMEMBER = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def check_embedder(archive: Archive, embedder: Embedder) -> None:
    """Raises EmbedderMismatch where the store's vectors come from another embedder."""
    stored = archive.embedder()
    if stored is not None and stored != embedder.id:
        raise EmbedderMismatch(
            f"the store's vectors were made by {stored}, and the embedder in use is {embedder.id}",
            "`kutip rebuild --embed` makes them again",
        )


class Move:
    """Moves a store to the embedder with this id. Methods raise StoreError.

    New vectors lie beside the old ones until all are there; a move that was stopped goes on.
    """

    def __init__(self, archive: Archive, embedder: str) -> None:
        self._archive, self._embedder = archive, embedder

    def missing(self, batch: int) -> Iterator[list[int]]:
        """The keys of the chunks that are still to be embedded, a batch at a time.

        A move to yet another embedder starts anew.
        """
        with self._archive.writing() as (db, _):
            row = db.execute("SELECT value FROM meta WHERE name = 'moving_to'").fetchone()
            if row is None or row[0] != self._embedder:
                db.execute("DELETE FROM new_vector")
                db.execute(_REMEMBER, ("moving_to", self._embedder))
        while rows := self._archive.rows(
            "SELECT key FROM chunk WHERE key NOT IN (SELECT chunk FROM new_vector) ORDER BY key LIMIT ?",
            (batch,),
        ):
            yield [row[0] for row in rows]

    def put(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Stores new vectors, of shape (len(keys), dimensions), beside the old ones."""
        with self._archive.writing() as (db, _):
            db.executemany(
                "INSERT INTO new_vector VALUES (?, ?) ON CONFLICT (chunk) DO UPDATE SET data = excluded.data",
                zip(keys, (row.tobytes() for row in vectors.astype(np.float16)), strict=True),
            )

    def finish(self) -> bool:
        """Puts the new vectors in place of the old ones; False where chunks came meanwhile."""
        with self._archive.writing() as (db, change):
            left = "SELECT count(*) FROM chunk WHERE key NOT IN (SELECT chunk FROM new_vector)"
            if db.execute(left).fetchone()[0]:
                return False
            db.execute("DELETE FROM vector")
            db.execute(
                "INSERT INTO vector SELECT chunk, data FROM new_vector WHERE chunk IN (SELECT key FROM chunk)"
            )
            db.execute("DELETE FROM new_vector")
            db.execute("DELETE FROM meta WHERE name = 'moving_to'")
            db.execute(_REMEMBER, ("embedder", self._embedder))
            # Every chunk gets the new change number, so that each projection takes its new vector.
            db.execute("UPDATE chunk SET change = ?", (change,))
        return True
