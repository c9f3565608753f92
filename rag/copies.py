"""One story in several articles: an answer cites it once, and says where else it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.archive import Archive
from rag.figures import figures
from rag.sketch import ALIKE, likeness
from rag.stems import words
from rag.types import Article, Citation, Evidence, Passage

MOST_NAMED = 3
SAME = 0.8
"""The share of words that two sentences must have in common to be one that was copied."""


def cited_once(evidence: Sequence[Evidence], passages: Sequence[Passage], archive: Archive) -> list[Evidence]:
    """The sentences without those that stand in a copy of a better one's article and say the same."""
    sketches = archive.sketches(passages[item.passage].article.id for item in evidence)
    kept: list[Evidence] = []
    for item in evidence:
        article, text = passages[item.passage].article, _text(item, passages)
        if not any(
            _copies(passages[better.passage].article.id, article.id, sketches)
            and _says(text, _text(better, passages), article)
            for better in kept
        ):
            kept.append(item)
    return kept


def _copies(one: str, other: str, sketches: Mapping[str, bytes]) -> bool:
    return one != other and likeness(sketches.get(one, b""), sketches.get(other, b"")) >= ALIKE


def also_in(citations: Sequence[Citation], archive: Archive) -> list[Article]:
    """The other articles in which the first cited sentence stands too."""
    if not citations:
        return []
    first, named = citations[0], {citation.article for citation in citations}
    found: list[Article] = []
    for id, _ in archive.copies(first.article):
        article = archive.article(id) if id not in named else None
        if article is not None and _holds(article, first.quote, archive):
            found.append(article)
            if len(found) == MOST_NAMED:
                break
    return found


def _holds(article: Article, quote: str, archive: Archive) -> bool:
    sentences = archive.sentences(article.id, article.version)
    return any(_says(article.text[each.start : each.end], quote, article) for each in sentences)


def _text(item: Evidence, passages: Sequence[Passage]) -> str:
    return passages[item.passage].article.text[item.sentence.start : item.sentence.end]


def _says(one: str, other: str, article: Article) -> bool:
    """Whether two sentences are one: nearly the same words, and the same figures."""
    first, second = set(words(one)), set(words(other))
    shared = len(first & second) / max(1, min(len(first), len(second)))
    if shared < SAME or len(first & second) * 2 <= max(len(first), len(second)):
        return False
    figures_of = ([each.value for each in figures(text, article.language)] for text in (one, other))
    return next(figures_of) == next(figures_of)
