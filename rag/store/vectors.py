"""The chunks' vectors in Chroma: in this process, or a server by URL. The only chromadb import.

Every call passes Kutip's own embeddings, since without them Chroma would download a model. It is a
projection: whatever happens to its files, the archive holds the vectors.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np

from rag.errors import Unreachable, panicked, store_error
from rag.store.graph import check
from rag.types import Vectors

_LOG = 100
"""Vectors after which Chroma writes its graph. Those that came later lie in a log, and are put into the graph
each time that it is opened: 800 of them take a tenth of a second, and four times that at 100,000 chunks."""
# Looking further than the default 100 while searching costs under a millisecond. Of 100,000 chunks it finds
# 0.8 of the 200 nearest; looking further still, beside the words, finds no better passages.
_GRAPH: Any = {"hnsw": {"space": "cosine", "ef_search": 200, "sync_threshold": _LOG, "batch_size": 100}}
"""The settings of Chroma's graph."""
_PAGE = 20_000
"""Vectors that are read at once."""
_CONNECT_SECONDS, _ANSWER_SECONDS = 3.0, 60.0
"""Seconds that a server may take to connect and to answer: Chroma itself would wait for ever."""
_TENANT, _DATABASE = "default_tenant", "default_database"
"""Chroma's own defaults."""
_GRAPHS = 100
"""Collections whose graphs may be in memory at once; a store has one or, while rebuilding, two."""


class Collection(Protocol):
    """One collection of Chroma, as `VectorIndex` uses it. Methods raise whatever Chroma does."""

    @property
    def most(self) -> int:
        """Records that one call takes."""
        ...

    def add(self, ids: list[str], vectors: Vectors) -> None: ...

    def delete(self, ids: list[str]) -> None: ...

    def query(self, vector: Vectors, limit: int) -> tuple[list[str], list[float]]:
        """Ids and cosine distances, nearest first."""
        ...

    def page(self, limit: int, offset: int, vectors: bool) -> tuple[list[str], Any]:
        """Ids and, if asked for, their vectors."""
        ...

    def count(self) -> int: ...

    def drop(self) -> None: ...

    def close(self) -> None: ...


class VectorIndex:
    """Cosine similarity over the chunks' vectors, one collection of one Chroma.

    `place` is a folder, or the URL of a Chroma server. Raises StoreError where it cannot be opened,
    Unreachable where a server does not answer.
    """

    def __init__(self, place: Path | str, name: str) -> None:
        self._place = place
        self._collection: Collection
        with self._reported("opened"):
            if isinstance(place, Path):
                place.mkdir(parents=True, exist_ok=True)
                self._collection = _Local(place, name)
            else:
                self._collection = _Remote(place, name)

    def apply(self, remove: Sequence[int], keys: Sequence[int], vectors: Vectors) -> None:
        """Removes and adds by key; one that is there stays as it is. `vectors`: (len(keys), dimensions).

        Replacing a vector by the same one, as an upsert does, was seen to make chunks unreachable in the
        graph (3 of 849), and a chunk's vector never changes within a collection.
        """
        with self._reported("written"):
            most = self._collection.most
            for start in range(0, len(remove), most):
                self._collection.delete([str(key) for key in remove[start : start + most]])
            for start in range(0, len(keys), most):
                part = slice(start, start + most)
                self._collection.add([str(key) for key in keys[part]], vectors[part])

    def query(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """(chunk key, cosine similarity), nearest first. `vector`: (dimensions,)."""
        if not vector.any():
            return []
        with self._reported("searched"):
            ids, distances = self._collection.query(vector, limit)
            # Chroma's own record of keys may be damaged: then they are no numbers.
            return [(int(key), 1.0 - float(far)) for key, far in zip(ids, distances, strict=True)]

    def count(self) -> int:
        """How many vectors it holds."""
        with self._reported("read"):
            return self._collection.count()

    def keys(self) -> set[int]:
        """The keys of all vectors."""
        return {int(id) for ids, _ in self._pages(vectors=False) for id in ids}

    def vectors(self) -> Iterator[tuple[int, Vectors]]:
        """Every vector as Chroma holds it, to check it against the archive's."""
        for ids, vectors in self._pages(vectors=True):
            yield from zip(map(int, ids), vectors, strict=True)

    def drop(self) -> None:
        """Deletes the collection, for a store on a server that no generation uses any more."""
        with self._reported("written"):
            self._collection.drop()

    def close(self) -> None:
        """Ends Chroma's own threads and releases its files."""
        self._collection.close()

    def _pages(self, vectors: bool) -> Iterator[tuple[list[str], Sequence[Vectors]]]:
        offset = 0
        while True:
            with self._reported("read"):
                ids, found = self._collection.page(_PAGE, offset, vectors)
            if not ids:
                return
            yield ids, found
            offset += _PAGE

    @contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        """Chroma's errors as StoreError, a server's as Unreachable: a folder's failure is the store's own, a
        server's may pass."""
        try:
            yield
        except BaseException as error:
            # Chroma raises whatever its HTTP client or its core raises; over broken files the core may panic.
            if not (isinstance(error, Exception) or panicked(error)):
                raise
            message = f"Chroma at {self._place} cannot be {what} ({_line(error)})"
            if isinstance(self._place, Path):
                raise store_error(message, self._place) from error
            raise Unreachable(message) from error


class _Local:
    """A collection in this process, through Chroma's compiled core alone.

    `chromadb` itself takes 1.5 s of CPU and 60 MB to import, for its server's telemetry and the embedding
    services that it knows, and its `PersistentClient` hands these same calls on to the core. The version is
    pinned, and a test holds that both read and write the same files.
    """

    def __init__(self, folder: Path, name: str) -> None:
        import chromadb_rust_bindings as core

        check(folder)
        files = core.SqliteDBConfig(
            hash_type=core.MigrationHash.MD5,
            migration_mode=core.MigrationMode.Apply,
            url=str(folder / "chroma.sqlite3"),
        )
        self._core = core.Bindings(
            allow_reset=False, sqlite_db_config=files, persist_path=str(folder), hnsw_cache_size=_GRAPHS
        )
        configuration = {**_GRAPH, "spann": None, "embedding_function": {"type": "legacy"}}
        made = self._core.create_collection(
            name, json.dumps(configuration), None, None, True, _TENANT, _DATABASE
        )
        self._name, self._id = name, str(made.id)
        if made.configuration["hnsw"]["sync_threshold"] != _LOG:
            # A store of an earlier Kutip: its next query writes what has gathered in the log.
            changed = json.dumps({"hnsw": {"sync_threshold": _LOG}})
            self._core.update_collection(self._id, None, None, changed)
        self.most = int(self._core.get_max_batch_size())

    def add(self, ids: list[str], vectors: Vectors) -> None:
        self._core.add(ids, self._id, list(vectors), None, None, None, _TENANT, _DATABASE)

    def delete(self, ids: list[str]) -> None:
        self._core.delete(self._id, ids, None, None, None, _TENANT, _DATABASE)

    def query(self, vector: Vectors, limit: int) -> tuple[list[str], list[float]]:
        found = self._core.query(
            self._id, None, [vector], limit, None, None, ["distances"], _TENANT, _DATABASE
        )
        return found.ids[0], found.distances[0]

    def page(self, limit: int, offset: int, vectors: bool) -> tuple[list[str], Any]:
        include = ["embeddings"] if vectors else []
        found = self._core.get(self._id, None, None, limit, offset, None, include, _TENANT, _DATABASE)
        return found.ids, np.asarray(found.embeddings, np.float32) if vectors else ()

    def count(self) -> int:
        return int(self._core.count(self._id, _TENANT, _DATABASE))

    def drop(self) -> None:
        self._core.delete_collection(self._name, _TENANT, _DATABASE)

    def close(self) -> None:
        # Deleting the object ends its threads and closes its files.
        del self._core


class _Remote:
    """A collection on a Chroma server."""

    _collection: Any
    _client: Any

    def __init__(self, place: str, name: str) -> None:
        import chromadb
        from chromadb.config import Settings

        # Chroma logs what it also raises; what it raises reaches the user as one line.
        logging.getLogger("chromadb").setLevel(logging.CRITICAL)
        url = urlsplit(place)
        self._client = chromadb.HttpClient(
            host=url.hostname or "localhost",
            port=url.port or (443 if url.scheme == "https" else 8000),
            ssl=url.scheme == "https",
            # `_env_file=None`: Chroma would otherwise read a `.env` of the folder that it is started in.
            settings=Settings(_env_file=None, anonymized_telemetry=False),
        )
        _limit_waiting(self._client)
        self._name = name
        self._collection = self._client.get_or_create_collection(
            name, embedding_function=None, configuration=_GRAPH
        )
        self.most = self._client.get_max_batch_size()

    def add(self, ids: list[str], vectors: Vectors) -> None:
        self._collection.add(ids=ids, embeddings=vectors)

    def delete(self, ids: list[str]) -> None:
        self._collection.delete(ids=ids)

    def query(self, vector: Vectors, limit: int) -> tuple[list[str], list[float]]:
        found = self._collection.query(
            query_embeddings=vector[np.newaxis], n_results=limit, include=["distances"]
        )
        return found["ids"][0], found["distances"][0]

    def page(self, limit: int, offset: int, vectors: bool) -> tuple[list[str], Any]:
        found = self._collection.get(include=["embeddings"] if vectors else [], limit=limit, offset=offset)
        return found["ids"], found["embeddings"] if vectors else ()

    def count(self) -> int:
        return int(self._collection.count())

    def drop(self) -> None:
        self._client.delete_collection(self._name)

    def close(self) -> None:
        self._client.close()


def _limit_waiting(client: Any) -> None:
    """Limits how long a server may take. Chroma has no setting for it, so this sets its HTTP client's own, if
    it is found."""
    session = getattr(getattr(client, "_server", None), "_session", None)
    if session is not None:
        import httpx

        session.timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
