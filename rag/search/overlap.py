"""How much of a question a text says, by its words and their translations. Pure.

The reader's network is small: a question about another year or another name than the passage's can fool it.
This module sees that a word of the question is missing.
"""

from __future__ import annotations

import re

from rag.search.query import LANGUAGES, Translations, concepts
from rag.search.shortforms import office, says
from rag.text.stems import stems, words
from rag.types import Language

_NAME = re.compile(r"(?<=\s)[\"“‘'(]*([A-Z]\w+(?:['’]\w+)?)")
"""A word with a capital that does not begin the question."""

NUMBER, LONG = 2.0, 8
"""The weight of a number. A word weighs a quarter of its number of letters, of which at most `LONG` count:
longer words are rarer."""


def names(question: str) -> set[str]:
    """The words of the names in a question, as `rag.text.stems.words` has them."""
    return set(words(" ".join(_NAME.findall(question))))


class Overlap:
    """A question's words as concepts in both languages, each with its weight."""

    def __init__(self, question: str, language: Language, lexicon: Translations) -> None:
        named = names(question)
        said = {target: concepts(question, language, target, lexicon) for target in LANGUAGES}
        # Two words of one stem are one concept, which counts once.
        self._concepts = {
            target: {terms: _weight(word) for word, terms in found.items()} for target, found in said.items()
        }
        self._names = {
            target: [terms for word, terms in found.items() if word in named]
            for target, found in said.items()
        }
        self._office = office(question)

    def mentions(self, text: str, language: Language) -> bool:
        """Whether a text has any of the names in the question, and the office whose holder it asks for; True
        for a question with neither."""
        if self._office and not says(text, self._office):
            return False
        names = self._names[language]
        if not names:
            return True
        there = set(stems(text, language))
        return any(term.stem in there for terms in names for term in terms)

    def share(self, text: str, language: Language) -> float:
        """How much of the question a text in this language says, 0 to 1."""
        there = set(stems(text, language))
        concepts = self._concepts[language]
        said = (
            weight * max((term.weight for term in terms if term.stem in there), default=0.0)
            for terms, weight in concepts.items()
        )
        return sum(said) / (sum(concepts.values()) or 1.0)


def _weight(word: str) -> float:
    return NUMBER if any(map(str.isdigit, word)) else min(len(word), LONG) / 4
