"""Articles that give different figures for what is asked: found, and put in order of their dates. Pure.

Only plain differences are shown. Both sentences must count the same thing, both articles must have a date and
say every word of the question that either says, and no figure may be in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rag.asking.times import Period
from rag.reading.timely import published
from rag.search.overlap import names
from rag.search.query import content_words
from rag.text.figures import Figure, figures
from rag.text.stems import stem, stems
from rag.types import Evidence, Language, Passage

LEAST = 0.25
"""The share of the first sentence's probability that one with another figure must have."""
LINKS = frozenset("akibat gara total jumlah sebanyak keseluruhan due caused number count altogether".split())
"""Words that only link or count, and so do not tell what an article is about."""
MOST = 3
"""Figures of one answer."""


def differing(
    question: str,
    language: Language,
    evidence: Sequence[Evidence],
    when: Period | None = None,
) -> list[Evidence]:
    """The sentences of articles that differ, the newest first; empty where none do. `evidence` is strongest
    first, and its first sentence would be the answer. A question about the newest, or about a time, has no
    differing answers.
    """
    if not evidence or when is not None:
        return []
    first = evidence[0]
    own = spoken_figure(first)
    if own is None or published(first.passage) is None:
        return []
    found = [(first, own)]
    for item in evidence[1:]:
        if len(found) == MOST:
            break
        if max(item.score, item.belongs or 0.0) < LEAST * first.score:
            continue
        if any(item.article.id == other.article.id for other, _ in found):
            continue
        figure = spoken_figure(item)
        if (
            figure is not None
            and published(item.passage) is not None
            and figure.unit == own.unit
            and all(figure.value != known.value for _, known in found)
            and _of_one_thing(question, language, first.passage, item.passage)
            and _alike(first, item)
        ):
            found.append((item, figure))
    if len(found) == 1 or len({published(item.passage) for item, _ in found}) == 1:
        return []
    found.sort(key=lambda each: published(each[0].passage) or date.min, reverse=True)
    return [item for item, _ in found]


def spoken_figure(item: Evidence) -> Figure | None:
    """The figure that the engine's span is, or names."""
    if item.span is None:
        return None
    first, last = item.span[0] - item.sentence.start, item.span[1] - item.sentence.start
    found = figures(item.quote, item.article.language)
    within = [each for each in found if each.start < last and each.end > first]
    return within[0] if len(within) == 1 else None


def _of_one_thing(question: str, language: Language, one: Passage, other: Passage) -> bool:
    """Whether both articles say all names of the question, and the same ones of its other words."""
    asked = [word for word in content_words(question, language) if word not in LINKS]
    said, also = (_said(asked, language, passage) for passage in (one, other))
    if one.article.language != other.article.language or not names(question) & set(asked) <= said & also:
        return False
    return bool(said) and said == also


def _said(asked: Sequence[str], language: Language, passage: Passage) -> set[str]:
    article = passage.article
    there = set(stems(article.titled(), article.language))
    return {word for word in asked if stem(word, article.language) in there or stem(word, language) in there}


def _alike(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences share a word beside figures and function words."""
    shared: list[set[str]] = []
    for item in (one, other):
        language = item.article.language
        shared.append(
            {
                stem(word, language)
                for word in content_words(item.quote, language)
                if word.isalpha() and len(word) > 3
            }
        )
    return len(shared[0] & shared[1]) >= 2
