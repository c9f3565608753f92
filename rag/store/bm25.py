"""BM25 over concepts: how well a chunk's words match a question's, exactly. Pure.

The term frequency of a concept is the sum of its terms' frequencies by weight, and so is its document
frequency, so that a word with many synonyms or translations weighs no more than a word with one
(Darwish and Oard, SIGIR 2003). BM25 after Robertson and Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond", 2009, with the inverse document frequency kept above 0 as in Lucene.
A concept met early counts for more: titles come first, and leads say what a text is about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.search.query import Concept

K1 = 0.6
"""How much repetition counts: at 0 not at all."""
B = 0.4
"""How much a long chunk is held back: at 0 not at all, at 1 in full."""
EARLY = 0.5
"""What a concept adds as the first word of a chunk, in units of its rarity; half of that at word `FADE`."""
FADE = 10
"""The word at which half of `EARLY` is left."""


@dataclass(frozen=True, slots=True)
class Collection:
    """The chunks of one language as BM25 needs them: how many, and their mean length in terms."""

    chunks: int
    mean_length: float


class Scorer:
    """Scores chunks of one collection for one question."""

    def __init__(
        self, concepts: Sequence[Concept], spread: Mapping[str, int], collection: Collection
    ) -> None:
        """`spread`: in how many chunks each stem of the concepts occurs."""
        self._collection = collection
        self._known = {stem for stem, chunks in spread.items() if chunks}
        self._concepts: list[tuple[float, list[tuple[str, float]]]] = []
        for concept in concepts:
            if terms := [(term.stem, term.weight) for term in concept if term.stem in self._known]:
                found_in = min(sum(weight * spread[stem] for stem, weight in terms), collection.chunks)
                rarity = math.log(1 + (collection.chunks - found_in + 0.5) / (found_in + 0.5))
                self._concepts.append((rarity, terms))

    def score(self, stems: Sequence[str]) -> float:
        """The chunk with these stems, in order; 0 where nothing matches, higher is better."""
        # A set finds the few stems that matter; counting those alone is several times faster than
        # going through all stems here.
        met = self._known.intersection(stems)
        damping = K1 * (1 - B + B * len(stems) / self._collection.mean_length)
        score = 0.0
        for rarity, terms in self._concepts:
            occurrences = early = 0.0
            for stem, weight in terms:
                if stem in met:
                    occurrences += weight * stems.count(stem)
                    early = max(early, weight / (1 + stems.index(stem) / FADE))
            if occurrences:
                score += rarity * (occurrences * (K1 + 1) / (occurrences + damping) + EARLY * early)
        return score
