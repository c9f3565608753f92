"""Which sentences make an answer together. Pure.

A fact rests on one sentence; a reason, a list, a comparison or a summary on several. Every sentence that was
read has two probabilities: that it answers by itself, and that it belongs to the answer. The likeliest opens
the answer; others follow while they are likely enough beside it and say something new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rag.reading.dates import published
from rag.search.query import STOP_WORDS
from rag.text.stems import stems
from rag.types import Evidence, Kind, Language

MOST_CITATIONS = 6
"""Sentences of one answer: more are no answer but an article."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How many sentences an answer of a kind has at most, and how likely each must be.

    `share` is of the likeliest one's probability of belonging, `floor` an absolute one.
    """

    most: int
    share: float
    floor: float


RULES: Mapping[Kind, Rule] = {
    "fact": Rule(3, 0.6, 0.35),
    "why": Rule(3, 0.5, 0.25),
    "how": Rule(3, 0.5, 0.25),
    "list": Rule(MOST_CITATIONS, 0.4, 0.25),
    "yesno": Rule(2, 0.6, 0.35),
    "compare": Rule(4, 0.4, 0.2),
    "define": Rule(3, 0.5, 0.25),
    "person": Rule(3, 0.5, 0.25),
    "summary": Rule(5, 0.3, 0.15),
    "news": Rule(5, 0.3, 0.15),
}
"""Chosen on the dev half of the hard questions (`lab/LOG.md`)."""
NEW = 0.3
"""The share of a sentence's content words that no sentence before it may have said, for it to add
something."""


BELONGS = 0.5
"""The probability of belonging from which a sentence opens an answer that takes several."""


def likelihood(item: Evidence) -> float:
    """How likely a sentence belongs to the answer; an engine that does not say has one probability for
    both."""
    return item.score if item.belongs is None else item.belongs


def chosen_for(kind: Kind, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences of an answer of this kind, the one on which it rests first; `evidence` opens with that.

    A summary and the news are in the order of their dates, the newest first, and then of the text.
    """
    if not evidence:
        return []
    rule = RULES.get(kind, RULES["fact"])
    first, *others = evidence
    least = max(rule.floor, rule.share * likelihood(first))
    likely = sorted((item for item in others if likelihood(item) >= least), key=likelihood, reverse=True)
    kept, said = [first], _content(first)
    for item in likely:
        own = _content(item)
        if len(kept) < rule.most and len(own - said) > NEW * len(own):
            kept.append(item)
            said |= own
    if kind in ("summary", "news"):
        kept.sort(key=lambda item: item.sentence.index)
        kept.sort(key=lambda item: published(item.passage) or date.min, reverse=True)
    return kept


def _content(item: Evidence) -> set[str]:
    language: Language = item.article.language
    return {stem for stem in stems(item.quote, language) if stem not in STOP_WORDS[language]}


def ranked(kind: Kind, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences in the order in which they may open an answer: a fact's by what answers alone."""
    if kind == "fact":
        return list(evidence)
    return sorted(evidence, key=likelihood, reverse=True)


def answers(kind: Kind, evidence: Sequence[Evidence], least: float) -> bool:
    """Whether anything read is likely enough: a fact from `least` on, what takes several sentences from its
    own threshold on as well."""
    if any(item.score >= least for item in evidence):
        return True
    return kind != "fact" and any((item.belongs or 0.0) >= BELONGS for item in evidence)
