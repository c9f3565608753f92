"""Which of the articles that came in are about what is followed, and which sentence says so. Pure.

A topic is a few words or a question. An article is about it where its words, or their translations, hold all
that the topic names (of a long one, most of it); what is quoted is the sentence that holds the most.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.telegram.shelf import Arrival
from rag.search.query import LANGUAGES, Translations, query_terms
from rag.text.stems import stems
from rag.types import Language

LEAST_WEIGHT = 0.15
"""The least probability at which a translation counts for a topic's word."""
SHORT, SHARE = 3, 0.7
"""All words of a topic of up to `SHORT` words must be in an article, and this share of a longer one's."""
LEAST_IN_SENTENCE = 0.5
"""The share of a topic's words that the quoted sentence, with the title, must hold."""
LONGEST_QUOTE = 500
"""The most characters of a sentence that a digest quotes: a longer one was not split well."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic's words in each language of articles: for each word, the stems that say it."""

    words: Mapping[Language, tuple[frozenset[str], ...]]

    @classmethod
    def read(cls, text: str, language: Language, lexicon: Translations) -> Topic:
        """Reads a topic from its text."""
        terms = query_terms(text, language, lexicon)
        return cls(
            {
                each: tuple(
                    frozenset(term.stem for term in concept if term.weight >= LEAST_WEIGHT)
                    for concept in terms.get(each, ())
                )
                for each in LANGUAGES
            }
        )


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence of an article that came in. `share` of the topic's words are in it; higher is better."""

    arrival: Arrival
    sentence: int
    share: float

    @property
    def quote(self) -> str:
        """The sentence, as it stands in the article."""
        return self.arrival.sentences[self.sentence]

    @property
    def stories(self) -> tuple[str, ...]:
        """What makes two of them the same story: the article, or what is quoted, or the title."""
        keys = [f"article {self.arrival.id}", f"quote {_bare(self.quote)}"]
        if self.arrival.title and len(_bare(self.arrival.title)) > 20:
            keys.append(f"quote {_bare(self.arrival.title)}")
        return tuple(hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:24] for key in keys)


def matches(topics: Mapping[int, Topic], arrivals: Iterable[Arrival]) -> dict[int, list[Match]]:
    """What came in for each topic, by the topics' ids, in the order of the articles."""
    found: dict[int, list[Match]] = defaultdict(list)
    names: dict[Language, dict[str, list[tuple[int, int]]]] = {each: defaultdict(list) for each in LANGUAGES}
    for id, topic in topics.items():
        for language, words in topic.words.items():
            for number, word in enumerate(words):
                for stem in word:
                    names[language][stem].append((id, number))
    for arrival in arrivals:
        lookup = names[arrival.language]
        parts = [set(stems(text, arrival.language)) for text in (arrival.title or "", *arrival.sentences)]
        held = [_held(part, lookup) for part in parts]
        whole: dict[int, set[int]] = defaultdict(set)
        for each in held:
            for id, numbers in each.items():
                whole[id] |= numbers
        for id, numbers in whole.items():
            number = len(topics[id].words[arrival.language])
            if len(numbers) >= (number if number <= SHORT else SHARE * number):
                match = _best(arrival, id, number, held)
                if match is not None:
                    found[id].append(match)
    return found


def _held(part: set[str], lookup: Mapping[str, list[tuple[int, int]]]) -> dict[int, set[int]]:
    """For each topic, which of its words a stretch of text holds."""
    held: dict[int, set[int]] = defaultdict(set)
    for stem in part:
        for id, number in lookup.get(stem, ()):
            held[id].add(number)
    return held


def _best(arrival: Arrival, id: int, number: int, held: list[dict[int, set[int]]]) -> Match | None:
    """The sentence that holds the most of a topic's words, the first of several."""
    titled = held[0].get(id, set())
    best: Match | None = None
    for place, sentence in enumerate(arrival.sentences):
        own = held[place + 1].get(id, set())
        share = len(own) / number
        together = len(own | titled) / number
        fits = own and len(sentence) <= LONGEST_QUOTE and together >= LEAST_IN_SENTENCE
        if fits and (best is None or share > best.share):
            best = Match(arrival, place, share)
    return best


def _bare(text: str) -> str:
    """A text's letters and digits alone."""
    return " ".join(re.findall(r"\w+", text.casefold()))
