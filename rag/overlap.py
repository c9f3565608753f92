"""How much of a question a text says, by its words and their translations. Pure.

The reader's network is small: a question about another year or another name than the passage's can fool
it. That a word of the question stands nowhere near does not escape this.
"""

from __future__ import annotations

from rag.query import Translations, content_words, query_terms
from rag.stems import stems
from rag.types import Language

NUMBER, LONG = 2.0, 8
"""The weight of a number; a word has a quarter of its letters, of `LONG` at most: longer is rarer."""


class Overlap:
    """A question's words as concepts in both languages, each with its weight."""

    def __init__(self, question: str, language: Language, lexicon: Translations) -> None:
        self._concepts = query_terms(question, language, lexicon)
        self._weights = [
            NUMBER if any(map(str.isdigit, word)) else min(len(word), LONG) / 4
            for word in content_words(question, language)
        ]

    def share(self, text: str, language: Language) -> float:
        """How much of the question a text in this language says, 0 to 1."""
        there = set(stems(text, language))
        said = (
            weight * max((term.weight for term in concept if term.stem in there), default=0.0)
            for concept, weight in zip(self._concepts[language], self._weights, strict=False)
        )
        return sum(said) / (sum(self._weights) or 1.0)
