"""A question as weighted terms, the query for the lexical index.

A word of the question is one concept, however many ways there are to say it. Its own stem always counts,
in both languages (names!), and its translations count by their probability (probabilistic structured
queries: Darwish and Oard, "Probabilistic Structured Query Methods", SIGIR 2003).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.search.shortforms import shortened
from rag.text.stems import stem, words
from rag.types import Language

_INDONESIAN = """
    ada adakah adalah adapun agar akan akankah aku anda antara apa apabila apakah apalagi atas atau
    bagaimana bagaimanakah bagi bahwa banyak beberapa begitu belum benarkah berapa berapakah bila bilakah
    bisa bisakah boleh bukan bukankah dalam dan dapat dapatkah dari daripada demi dengan dengannya di dia
    dimana dimanakah dirinya disebut hal hanya hingga ia ialah ini itu itulah jadi jika juga kalau kami kamu
    kapan kapankah karena ke kemana kemanakah kenapa kenapakah kepada ketika kita lagi lah lain lalu lebih
    maka mana manakah masih mengapa mengapakah menjadi menurut mereka merupakan namun nya oleh olehnya pada
    padanya paling para pernah pernahkah pun saat saja saya sebab sebagai sebagaimana sebelum sebuah secara
    sedang sehingga sejak sekali selain selama semua seorang seperti serta sesuatu sesudah setelah setiap
    siapa siapakah siapapun suatu sudah sudahkah supaya tapi telah tentang terhadap termasuk ternyata
    tersebut tetapi tiap tidak tidakkah tolong untuk untuknya waktu yaitu yakni yang
    aja deh dong enggak ga gak kok lho loh ngga nggak nih sih tuh udah ya yah
"""
"""Indonesian function words and question words. Leaving them out of a query saves time, and most would weigh
little, since they are frequent."""
_ENGLISH = """
    a about after all also although am an and any are as at be because been before being both but by can
    could did do does doing done during each either ever every for from further had has have having he her
    here hers him his how i if in into is it its itself just let many may me might mine more most much must
    my neither no nor not of off on once one only onto or other our ours out over own please same shall she
    should since so some such tell than that the their theirs them then there these they this those though
    through thus to too under until up upon us very was we were what whatever when where whether which while
    who whom whose why will with within without would you your yours
"""
"""The same in English."""
STOP_WORDS: Mapping[Language, frozenset[str]] = {
    "id": frozenset(_INDONESIAN.split()),
    "en": frozenset(_ENGLISH.split()),
}
"""Function words and question words of each language, which are no part of a query."""
OWN_WORD = 0.5
"""The weight of the question's own word in the other language, where it has translations."""
SHORT_FORM = 0.8
"""The weight of the short form of several words of the question."""
LANGUAGES: tuple[Language, ...] = ("id", "en")
"""The languages of articles."""


@dataclass(frozen=True, slots=True)
class Term:
    """A stem and how surely it says what the question's word says, above 0 and at most 1."""

    stem: str
    weight: float = 1.0


Concept = tuple[Term, ...]
Query = Mapping[Language, Sequence[Concept]]
"""For each language of articles, one concept a word of the question."""


class Translations(Protocol):
    """The part of the lexicon that a query uses."""

    def translations(self, stem: str, source: Language) -> Sequence[tuple[str, float]]:
        """Stems of the other language with p(translation | stem); empty where the stem is unknown."""
        ...


def content_words(question: str, language: Language) -> list[str]:
    """The question's words without those that only make it a question; all of them if nothing is left."""
    every = list(dict.fromkeys(words(question)))
    return [word for word in every if word not in STOP_WORDS[language]] or every


def query_terms(question: str, language: Language, lexicon: Translations) -> dict[Language, list[Concept]]:
    """One concept a content word, for articles of either language."""
    return {
        target: list(dict.fromkeys(concepts(question, language, target, lexicon).values()))
        for target in LANGUAGES
    }


def concepts(
    question: str, language: Language, target: Language, lexicon: Translations
) -> dict[str, Concept]:
    """The question's content words, each with the ways in which articles in `target` may say it; the words
    of "national police chief" may all be said by Kapolri."""
    shorts = shortened(words(question), language) if target == "id" else {}
    found = {}
    for word in content_words(question, language):
        own = concept(word, language, target, lexicon)
        known = {term.stem for term in own}
        forms = dict.fromkeys(stem(short, "id") for short in shorts.get(word, ()))
        found[word] = (*own, *(Term(form, SHORT_FORM) for form in forms if form not in known))
    return found


def concept(word: str, language: Language, target: Language, lexicon: Translations) -> Concept:
    """The ways in which articles in `target` may say a word of a question in `language`."""
    weights: dict[str, float] = {}
    if target != language:
        # The root of the probability, so that articles with a less usual translation are still found.
        translations = lexicon.translations(stem(word, language), language)
        weights = {other: math.sqrt(probability) for other, probability in translations}
    own = stem(word, target)
    weights[own] = max(weights.get(own, 0.0), OWN_WORD if weights else 1.0)
    return tuple(Term(each, weight) for each, weight in weights.items())
