"""The archive's own values, beside those of `rag.types`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Article, Chunk, Removed, Sentence, Vectors


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive holds under an id or a URL: the current version, its source's digest, how many
    sentences it has, and how many chunks can be found."""

    id: str
    version: int
    digest: str
    removed: bool
    sentences: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list. `key` is short, where an id may be a whole address."""

    key: int
    id: str
    title: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to be committed: `vectors` has shape (len(chunks), dimensions), and `terms` are
    those of each chunk, as `rag.text.terms` makes them."""

    article: Article
    digest: str
    removed: tuple[Removed, ...]
    sentences: Sequence[Sentence]
    chunks: Sequence[Chunk]
    terms: Sequence[str]
    vectors: Vectors
