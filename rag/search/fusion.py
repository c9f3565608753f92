"""A question to ranked chunks: by its words, by its meaning, and both lists as one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.search.query import Query, Translations, query_terms
from rag.types import Embedder, Language, Vectors

WORDS_DEPTH, DEPTH = 80, 200
"""The least lengths of the lexical and the dense list before they are fused, in chunks."""
HOLDING = 20
"""The most chunks that `holding` returns."""
DENSE_WEIGHT, DENSE_WEIGHT_ALONE = 1.0, 3.0
"""How many standard deviations of BM25 one standard deviation of cosine counts for: where a chunk has the
question's words, and where none has. Chosen on the dev half of `lab/hard/questions.jsonl`."""
MATCHED, UNMATCHED = 0.26, 0.2
"""The best chunk's share of the question's words (`matched`) from which the first of these weights holds, and
that up to which the second does; in between the weight falls in a straight line. Of questions that share
words with an article 19 in 20 are above 0.32, of those that share none three in four below 0.25. Up to 0.45,
English questions on Indonesian encyclopedia text were found less often.
"""

Ranked = Sequence[tuple[int, float]]
"""(chunk key, score), best first; scores: higher is better."""
VectorsOf = Callable[[Sequence[int]], Mapping[int, Vectors]]
"""The stored vectors of these chunks, each of shape (dimensions,) and length 1 or 0."""


class Lexical(Protocol):
    """The part of the lexical index that search uses."""

    def search(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """The chunks that match best, by BM25."""
        ...

    def count(self) -> int:
        """How many chunks there are."""
        ...


class Dense(Protocol):
    """The part of the vector index that search uses."""

    def query(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest chunks, by cosine similarity."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found. `sources`: `lexical` (BM25) and `dense` (cosine), before fusion."""

    key: int
    score: float
    sources: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Search:
    """Both indexes, with the lexicon and the embedder that turn a question into queries."""

    lexical: Lexical
    dense: Dense
    embedder: Embedder
    lexicon: Translations
    vectors_of: VectorsOf

    def search(self, question: str, language: Language, limit: int) -> list[Hit]:
        """The best chunks of articles in either language, best first."""
        depth = max(WORDS_DEPTH, limit)
        vector = self.embedder.question(question)
        # Chroma works outside Python's lock, so both lists are made at once.
        searching = _beside().submit(self.dense.query, vector, max(DEPTH, limit))
        query = query_terms(question, language, self.lexicon)
        try:
            lexical = self.lexical.search(query, depth)
            share = matched(lexical, len(query[language]), self.lexical.count())
        finally:
            wait([searching])
        dense = searching.result()
        return fuse(lexical, dense, depth, lambda keys: _cosines(vector, keys, self.vectors_of), limit, share)

    def holding(self, sentence: str, language: Language) -> list[int]:
        """The chunks that have most of a sentence's words, best first."""
        concepts = query_terms(sentence, language, self.lexicon)[language]
        return [key for key, _ in self.lexical.search({language: concepts}, HOLDING)]


@cache
def _beside() -> ThreadPoolExecutor:
    """The thread that asks the second index. It is kept: starting and ending one takes a twentieth of a
    search."""
    return ThreadPoolExecutor(1, "search")


def matched(lexical: Ranked, concepts: int, chunks: int) -> float:
    """How much of a question of so many concepts its best chunk has, by BM25, and 0 where nothing is found.

    About 1 is a chunk that has every word of the question, each of them found in hardly any other of so many
    chunks. A few frequent words, in a chunk that is about something else, come to 0.2.
    """
    best = max((score for _, score in lexical), default=0.0)
    return best / (max(concepts, 1) * math.log(2 + chunks))


def fuse(
    lexical: Ranked,
    dense: Ranked,
    depth: int,
    cosines: Callable[[Sequence[int]], Mapping[int, float]],
    limit: int | None = None,
    share: float = 1.0,
) -> list[Hit]:
    """The best chunks of either list: the sum of both scores, each in its standard deviations.

    The smaller the `share` of the question's words that any chunk has (`matched`), the more cosines count.

    A chunk that only `lexical` found gets its exact cosine from `cosines`. One that only `dense` found
    gets 0 where the lexical list is shorter than `depth`, since then its words do not match, and else
    the list's lowest score, which it cannot exceed.
    """
    words = dict(lexical)
    meaning = dict(dense)
    keys = sorted(words.keys() | meaning.keys())
    if not keys:
        return []
    meaning |= cosines([key for key in keys if key not in meaning])
    missing = min(words.values()) if len(words) >= depth else 0.0
    by_words = np.array([words.get(key, missing) for key in keys])
    by_meaning = np.array([meaning.get(key, 0.0) for key in keys])
    weight = float(np.interp(share, (UNMATCHED, MATCHED), (DENSE_WEIGHT_ALONE, DENSE_WEIGHT)))
    scores = _standard(by_words) + weight * _standard(by_meaning)
    return [
        Hit(
            keys[place],
            float(scores[place]),
            {"lexical": float(by_words[place]), "dense": float(by_meaning[place])},
        )
        for place in np.argsort(-scores, kind="stable")[:limit].tolist()
    ]


def _standard(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance from the mean in standard deviations; all 0 where all are equal."""
    spread = float(scores.std())
    centred: NDArray[np.float64] = scores - scores.mean()
    return centred / spread if spread > 1e-9 else np.zeros_like(scores)


def _cosines(vector: Vectors, keys: Sequence[int], vectors_of: VectorsOf) -> dict[int, float]:
    return {key: float(stored @ vector) for key, stored in vectors_of(keys).items()} if keys else {}
