"""One story in several articles: an answer cites it once, and names the other articles.

Copies are looked for among the articles that hold a cited sentence, which the lexical index finds; so whole
texts are compared, by their shared runs of words (Broder, "On the resemblance and containment of documents",
1997). No sketches are stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.store.archive import Archive
from rag.text.figures import figures
from rag.text.stems import words
from rag.types import Article, Citation, Evidence, Language, Passage

MOST_NAMED = 3
"""The most other articles that an answer names."""
RUN = 3
"""Words of a run."""
ALIKE = 0.5
"""The least containment of copies. One word in ten changed leaves 0.73; two reports of one event by different
hands have under 0.2."""
SAME = 0.8
"""The share of words that two sentences must have in common to count as copies of each other."""
_WORD = re.compile(r"\w+")
"""A word."""

Nearest = Callable[[str, Language], Sequence[int]]
"""The chunks that have most of a sentence's words, best first."""


def containment(one: str, other: str) -> float:
    """The share of the shorter text's runs of `RUN` words that the other has too, 0 to 1."""
    first, second = _runs(one), _runs(other)
    return len(first & second) / max(1, min(len(first), len(second)))


def cited_once(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences without those that stand in a copy of a better one's article and say the same."""
    kept: list[Evidence] = []
    for item in evidence:
        if not any(
            _says(item.quote, better.quote, item.article) and _copies(better.article, item.article)
            for better in kept
        ):
            kept.append(item)
    return kept


def also_in(citations: Sequence[Citation], archive: Archive, nearest: Nearest) -> list[Article]:
    """The other articles in which the first cited sentence stands too."""
    first = citations[0] if citations else None
    cited = archive.article(first.article, first.version) if first else None
    if first is None or cited is None:
        return []
    named = {citation.article for citation in citations}
    found: list[Article] = []
    for passage in archive.passages(nearest(first.quote, cited.language)):
        article = passage.article
        if article.id not in named and _holds(passage, first.quote) and _copies(cited, article):
            named.add(article.id)
            found.append(article)
            if len(found) == MOST_NAMED:
                break
    return found


def _runs(text: str) -> set[tuple[str, ...]]:
    found = _WORD.findall(text.lower())
    return {tuple(found[at : at + RUN]) for at in range(max(1, len(found) - RUN + 1))} if found else set()


def _copies(one: Article, other: Article) -> bool:
    return one.id != other.id and containment(one.text, other.text) >= ALIKE


def _holds(passage: Passage, quote: str) -> bool:
    return any(_says(passage.quote(each), quote, passage.article) for each in passage.sentences)


def _says(one: str, other: str, article: Article) -> bool:
    """Whether two sentences say the same: nearly the same words, and the same figures."""
    first, second = set(words(one)), set(words(other))
    shared = len(first & second) / max(1, min(len(first), len(second)))
    if shared < SAME or len(first & second) * 2 <= max(len(first), len(second)):
        return False
    figures_of = ([each.value for each in figures(text, article.language)] for text in (one, other))
    return next(figures_of) == next(figures_of)
