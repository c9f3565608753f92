"""The chunks' vectors in Chroma: in this process, or a server by URL. The only chromadb import.

Every call passes embeddings of our own, since without them Chroma would fetch a model. It is a
projection: whatever happens to its files, the archive holds the vectors.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from rag.errors import StoreError, Unreachable, store_error
from rag.types import Vectors

# Looking further than the default 100 while searching costs under a millisecond and finds what an
# exact search finds.
_HNSW: dict[str, Any] = {"space": "cosine", "ef_search": 200, "sync_threshold": 1000, "batch_size": 100}
_PAGE = 20_000
_CONNECT_SECONDS, _ANSWER_SECONDS = 3.0, 60.0
"""How long a server may take: Chroma itself would wait for ever."""


class VectorIndex:
    """Cosine similarity over the chunks' vectors, one collection of one Chroma.

    `place` is a folder, or the URL of a Chroma server. Raises StoreError where it cannot be opened,
    Unreachable where a server does not answer.
    """

    def __init__(self, place: Path | str, name: str) -> None:
        # Imported late: it takes two seconds that commands without a search need not spend.
        import chromadb
        from chromadb.config import Settings

        # Chroma logs what it also raises; what it raises reaches the user as one line.
        logging.getLogger("chromadb").setLevel(logging.CRITICAL)
        # `_env_file=None`: Chroma would otherwise read a `.env` of the folder that it is started in.
        settings = Settings(_env_file=None, anonymized_telemetry=False)
        self._name = name
        self._place = place
        try:
            self._client: Any
            if isinstance(place, Path):
                place.mkdir(parents=True, exist_ok=True)
                self._client = chromadb.PersistentClient(path=str(place), settings=settings)
            else:
                url = urlsplit(place)
                self._client = chromadb.HttpClient(
                    host=url.hostname or "localhost",
                    port=url.port or (443 if url.scheme == "https" else 8000),
                    ssl=url.scheme == "https",
                    settings=settings,
                )
                _limit_waiting(self._client)
            self._collection = self._client.get_or_create_collection(
                name,
                embedding_function=None,
                configuration={"hnsw": _HNSW},
            )
            self._most = self._client.get_max_batch_size()
        except Exception as error:  # Chroma raises whatever its core or its HTTP client raises
            raise self._failed("opened", error) from error

    def apply(self, remove: Sequence[int], keys: Sequence[int], vectors: Vectors) -> None:
        """Removes and adds by key; one that is there stays as it is. `vectors`: (len(keys), dimensions).

        Replacing a vector by the same one, as an upsert does, was seen to make chunks unreachable in the
        graph (3 of 849), and a chunk's vector never changes within a collection.
        """
        try:
            for start in range(0, len(remove), self._most):
                self._collection.delete(ids=[str(key) for key in remove[start : start + self._most]])
            for start in range(0, len(keys), self._most):
                part = slice(start, start + self._most)
                self._collection.add(ids=[str(key) for key in keys[part]], embeddings=vectors[part])
        except Exception as error:
            raise self._failed("written", error) from error

    def query(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """(chunk key, cosine similarity), nearest first. `vector`: (dimensions,)."""
        if not vector.any():
            return []
        try:
            found = self._collection.query(
                query_embeddings=vector[np.newaxis], n_results=limit, include=["distances"]
            )
        except Exception as error:
            raise self._failed("searched", error) from error
        distances = found["distances"]
        assert distances is not None
        return [(int(key), 1.0 - float(far)) for key, far in zip(found["ids"][0], distances[0], strict=True)]

    def count(self) -> int:
        """How many vectors it holds."""
        try:
            return int(self._collection.count())
        except Exception as error:
            raise self._failed("read", error) from error

    def keys(self) -> set[int]:
        """The keys of all vectors."""
        return {key for page in self._pages([]) for key in map(int, page["ids"])}

    def vectors(self) -> Iterator[tuple[int, Vectors]]:
        """Every vector as Chroma holds it, to check it against the archive's."""
        for page in self._pages(["embeddings"]):
            yield from zip(map(int, page["ids"]), page["embeddings"], strict=True)

    def drop(self) -> None:
        """Deletes the collection, for a store on a server that no generation uses any more."""
        try:
            self._client.delete_collection(self._name)
        except Exception as error:
            raise self._failed("written", error) from error

    def close(self) -> None:
        """Ends Chroma's own threads and releases its files."""
        self._client.close()

    def _pages(self, include: list[Any]) -> Iterator[Any]:
        offset = 0
        while True:
            try:
                page = self._collection.get(include=include, limit=_PAGE, offset=offset)
            except Exception as error:
                raise self._failed("read", error) from error
            if not page["ids"]:
                return
            yield page
            offset += _PAGE

    def _failed(self, what: str, error: Exception) -> StoreError:
        """A folder's failure is the store's own; a server's may pass."""
        message = f"Chroma at {self._place} cannot be {what} ({_line(error)})"
        return store_error(message, self._place) if isinstance(self._place, Path) else Unreachable(message)


def _limit_waiting(client: Any) -> None:
    """Chroma offers no setting for it, so its HTTP client's own is set, where it is still found."""
    session = getattr(getattr(client, "_server", None), "_session", None)
    if session is not None:
        import httpx

        session.timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
