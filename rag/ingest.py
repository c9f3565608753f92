"""Articles in: normalise, clean, split, chunk, embed, commit. One straight road.

Nothing is reported as added before the archive has committed it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rag.archive import Archive, Entry, Known
from rag.chunks import chunk
from rag.clean import clean, normalise
from rag.encoding import encoding
from rag.errors import Conflict, EmbedderMismatch
from rag.language import detect
from rag.load import Refusal
from rag.reader import PASSAGE_TOKENS, Reader
from rag.sentences import split
from rag.types import Article, Chunk, Embedder, Removed, Sentence, Source, Vectors

BATCH = 64
"""Articles a commit: enough to embed at full speed, few enough to see progress and to lose no work."""
BATCH_CHARACTERS = 2_000_000
"""Text a commit, so that a batch of very long articles stays small in memory."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one article; `reason` says why it was refused."""

    id: str | None
    title: str | None
    status: Literal["added", "unchanged", "updated", "refused"]
    version: int | None = None
    sentences: int = 0
    chunks: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """How long a chunk may be: `count` counts a text's tokens, `limit` is the most a chunk has."""

    count: Callable[[str], int]
    limit: int

    def fits(self, text: str) -> bool:
        """Whether a text alone stays within the limit."""
        # A code point has at most four bytes and a token at least one: short text needs no counting.
        return len(text) * 4 <= self.limit or self.count(text) <= self.limit


def ingest(
    sources: Iterable[Source | Refusal], archive: Archive, embedder: Embedder, window: Window
) -> Iterator[Ingested]:
    """Commits each article as it needs and says what became of it, in the input's order.

    Raises EmbedderMismatch where the store's vectors come from another embedder, StoreError where
    the archive cannot be written; what was yielded before is committed.
    """
    check_embedder(archive, embedder)
    seen: dict[str, Source] = {}
    for batch in _batches(sources):
        yield from _commit(batch, archive, embedder, window, seen)


def reading_window(reader: Reader, limit: int) -> Window:
    """Chunks of at most `limit` of our own tokens that fit the reader's window in its own, too."""
    tokens = encoding()

    def count(text: str) -> int:
        own = len(tokens.encode_ordinary(text))
        return max(own, math.ceil(reader.count(text) * limit / PASSAGE_TOKENS))

    return Window(count, limit)


def check_embedder(archive: Archive, embedder: Embedder) -> None:
    """Raises EmbedderMismatch where the store's vectors come from another embedder."""
    stored = archive.embedder()
    if stored is not None and stored != embedder.id:
        raise EmbedderMismatch(
            f"the store's vectors were made by {stored}, and the embedder in use is {embedder.id}",
            "`kutip rebuild --embed` makes them again",
        )


def embedded_text(article: Article, stretch: str) -> str:
    """What of a chunk is embedded: its own text after the article's title and date."""
    head = ". ".join(part for part in (article.title, (article.published or "")[:10]) if part)
    return f"{head}\n{stretch}" if head else stretch


@dataclass(frozen=True, slots=True)
class _Ready:
    """An article that is to be committed, with the texts to embed, one a chunk."""

    article: Article
    digest: str
    removed: tuple[Removed, ...]
    sentences: Sequence[Sentence]
    chunks: Sequence[Chunk]
    ingested: Ingested
    texts: Sequence[str]

    def entry(self, vectors: Vectors) -> Entry:
        return Entry(self.article, self.digest, self.removed, self.sentences, self.chunks, vectors)


def _commit(
    batch: Sequence[Source | Refusal],
    archive: Archive,
    embedder: Embedder,
    window: Window,
    seen: dict[str, Source],
) -> list[Ingested]:
    while True:
        items = [_prepare(source, archive, window, seen) for source in batch]
        ready = [item for item in items if isinstance(item, _Ready)]
        if ready:
            vectors = embedder.passages([text for item in ready for text in item.texts])
            ends = np.cumsum([len(item.chunks) for item in ready])
            try:
                archive.put(
                    [
                        item.entry(part)
                        for item, part in zip(ready, np.split(vectors, ends[:-1]), strict=True)
                    ],
                    embedder.id,
                )
            except Conflict:
                # Another process committed one of these articles first: look at them again.
                continue
        return [item.ingested if isinstance(item, _Ready) else item for item in items]


def _prepare(
    source: Source | Refusal, archive: Archive, window: Window, seen: dict[str, Source]
) -> _Ready | Ingested:
    if isinstance(source, Refusal):
        return Ingested(source.id, source.title, "refused", reason=f"{source.place}: {source.reason}")
    text = normalise(source.text)
    digest = _digest(source, text)
    id = source.id or source.url or digest[:16]
    known = archive.known(id, source.url)
    names = [name for name in (id, source.url, known and known.id) if name]
    for name in names:
        if (first := seen.get(name, source)) is not source:
            reason = f"{source.place}: the same id or URL as {first.place} in this input ({name})"
            return Ingested(id, source.title, "refused", reason=reason)
    seen.update(dict.fromkeys(names, source))

    if known and known.digest == digest and not known.removed:
        return _unchanged(known, source, archive)
    body, removed = clean(text)
    if not body.strip():
        return Ingested(id, source.title, "refused", reason=f"{source.place}: no article text in it")
    if known and not known.removed and _same(archive.article(known.id), source, body):
        # An export that comes back: it was cleaned before.
        return _unchanged(known, source, archive)
    article = Article(
        id=known.id if known else id,
        url=source.url,
        title=source.title,
        published=source.published,
        language=detect(body),
        text=body,
        version=known.version + 1 if known else 1,
    )
    sentences = split(body, article.id, window.fits)
    chunks = chunk(body, sentences, window.count, window.limit)
    done = Ingested(
        article.id,
        article.title,
        "updated" if known and not known.removed else "added",
        article.version,
        len(sentences),
        len(chunks),
    )
    texts = [
        embedded_text(article, body[sentences[c.first_sentence].start : sentences[c.last_sentence].end])
        for c in chunks
    ]
    return _Ready(article, digest, removed, sentences, chunks, done, texts)


def _unchanged(known: Known, source: Source, archive: Archive) -> Ingested:
    sentences, chunks = archive.sizes(known.id, known.version)
    return Ingested(known.id, source.title, "unchanged", known.version, sentences, chunks)


def _same(article: Article | None, source: Source, body: str) -> bool:
    """Whether a reader would see no difference between what is stored and what has come."""
    return article is not None and (article.url, article.title, article.published, article.text) == (
        source.url,
        source.title,
        source.published,
        body,
    )


def _digest(source: Source, text: str) -> str:
    """Tells whether anything a reader could notice has changed since an article was last read."""
    parts = json.dumps([source.url, source.title, source.published, text], ensure_ascii=False)
    return hashlib.sha256(parts.encode()).hexdigest()


def _batches(sources: Iterable[Source | Refusal]) -> Iterator[list[Source | Refusal]]:
    batch: list[Source | Refusal] = []
    size = 0
    for source in sources:
        batch.append(source)
        size += len(source.text) if isinstance(source, Source) else 0
        if len(batch) == BATCH or size > BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
