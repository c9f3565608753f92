"""Which sentences make an answer together. Pure.

A fact rests on one sentence; a reason, a list, a comparison or a summary on several. Every sentence that was
read has two probabilities: that it answers by itself, and that it belongs to the answer. The likeliest opens
the answer; others follow while they are likely enough beside it and say something new.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from rag.asking.speakers import speaks
from rag.reading.weigh import FACTS
from rag.search.query import STOP_WORDS
from rag.text.stems import stem, stems
from rag.types import Article, Evidence, Kind, Language

MOST_CITATIONS = 6
"""The most sentences of an answer: more would be an article."""


NEAR = 0.5
"""The share of the best probability from which a sentence that names a side goes before one that does not."""
NEAR_SPEAKER = 0.3
"""The same for a sentence that gives the words of the side, where these are asked for."""
LONGEST_ARTICLE = 20_000
"""Code points of an article that are searched for the words of a side."""
MOST_RELATED = 2
"""Sentences that an abstention shows as related reading, at most."""
LEAST_RELATED = 0.02
"""The probability under which a sentence is not related to the question at all. One of belonging counts a
quarter: it is seldom near 0."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How many sentences an answer of a kind has at most, and how likely each must be.

    `share` is of the likeliest one's probability of belonging, `floor` an absolute one.
    """

    most: int
    share: float
    floor: float


RULES: Mapping[Kind, Rule] = {
    "fact": Rule(3, 0.45, 0.3),
    "why": Rule(3, 0.3, 0.1),
    "how": Rule(3, 0.5, 0.1),
    "list": Rule(5, 0.5, 0.1),
    "yesno": Rule(2, 0.2, 0.1),
    "compare": Rule(4, 0.3, 0.1),
    "define": Rule(4, 0.3, 0.2),
    "person": Rule(3, 0.45, 0.2),
    "summary": Rule(5, 0.2, 0.2),
    "news": Rule(5, 0.2, 0.4),
}
"""Chosen by `python -m lab.hard.choose fit` on the dev half of the hard questions and on written questions
about articles kept out of training (`lab/LOG.md`)."""
NEW = 0.3
"""The share of a sentence's content words that no sentence before it may have said, for it to add
something."""


BELONGS = 0.43
"""The probability of belonging from which a sentence opens an answer."""
ALONE = 0.25
"""The probability of answering by itself from which it does, too."""

ALONE_TOO, BELONGS_TOO = 0.2, 0.33
"""The same two for one part of a question, where another part is answered."""


def likelihood(item: Evidence) -> float:
    """How likely a sentence belongs to the answer; an engine that does not say has one probability for
    both."""
    return item.score if item.belongs is None else item.belongs


def chosen_for(
    kind: Kind, evidence: Sequence[Evidence], least: float, rule: Rule | None = None
) -> list[Evidence]:
    """The sentences of an answer of this kind, the one on which it rests first; `evidence` opens with that.

    `least` is the probability from which a sentence answers by itself; `rule` is that of the kind, unless
    given.
    """
    if not evidence:
        return []
    rule = rule or RULES[kind]
    first, *others = evidence
    kept, said = [first], content(first)
    if kind in FACTS and first.short:
        # Other sentences with the same answer add certainty, though nothing new.
        same = [item for item in others if item.score >= least and found_in(first.short, item.quote)]
        kept += same[: rule.most - 1]
    floor = max(rule.floor, rule.share * likelihood(first))
    for item in sorted(others, key=likelihood, reverse=True):
        own = content(item)
        new = len(own - said) > NEW * len(own)
        if len(kept) < rule.most and likelihood(item) >= floor and new and item not in kept:
            kept.append(item)
            said |= own
    return kept


def found_in(short: str, sentence: str) -> tuple[int, int] | None:
    """Where a sentence says `short` as words of its own: the 3 of neither 2023 nor 1.300 nor 3,5."""
    form = rf"(?<!\w)(?<!\d[.,]){re.escape(short)}(?!\w)(?![.,]\d)"
    match = re.search(form, sentence, re.IGNORECASE)
    return match.span() if match else None


def content(item: Evidence) -> set[str]:
    """The stems of a sentence without function words."""
    language: Language = item.article.language
    return {stem for stem in stems(item.quote, language) if stem not in STOP_WORDS[language]}


def of_side(evidence: Sequence[Evidence], side: Collection[str], view: bool = False) -> list[Evidence]:
    """The sentences of articles that say a word of the side; those that say one themselves come first among
    equals. All of them for no side. Where its `view` is asked for, its own words come first, and what others
    say is none of it."""
    if not side:
        return list(evidence)
    articles = {item.article.id: item.article for item in evidence}
    saying = {id for id, article in articles.items() if _says(article, side)}
    kept = [
        (not _wanted(side, item.article).isdisjoint(stems(item.quote, item.article.language)), item)
        for item in evidence
        if item.article.id in saying
    ]
    best = max((likelihood(item) for _, item in kept), default=0.0)
    placed = []
    for says, item in kept:
        near = likelihood(item) / max(best, 1e-9)
        spoken = speaks(item, _wanted(side, item.article)) if view else None
        if spoken is not False:
            place = 0 if spoken and near >= NEAR_SPEAKER else 1 if says and near >= NEAR else 2
            placed.append((place, item))
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def _says(article: Article, side: Collection[str]) -> bool:
    there = stems(article.titled(LONGEST_ARTICLE), article.language)
    return not _wanted(side, article).isdisjoint(there)


def _wanted(side: Collection[str], article: Article) -> set[str]:
    """The words of a side as stems of the article's language."""
    return {stem(word, article.language) for word in side}


def ranked(kind: Kind, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences in the order in which they may open an answer: a fact's by what answers alone, another's
    by both probabilities together."""
    if kind in FACTS:
        return list(evidence)
    return sorted(evidence, key=lambda item: likelihood(item) + item.score, reverse=True)


def answers(evidence: Sequence[Evidence], least: float, threshold: float | None = None) -> bool:
    """Whether anything that was read is likely enough for an answer: by itself, or together with others.

    `least` is the engine's own threshold for what answers by itself; `threshold` is the user's setting, which
    replaces every other one.
    """
    told = any(item.belongs is not None for item in evidence)
    alone, together = (ALONE if told else least, BELONGS) if threshold is None else (threshold, threshold)
    return any(item.score >= alone or (item.belongs or 0.0) >= together for item in evidence)


def answers_too(evidence: Sequence[Evidence], threshold: float | None = None) -> bool:
    """Whether one part of a question is likely enough answered where another part surely is."""
    alone, together = (ALONE_TOO, BELONGS_TOO) if threshold is None else (threshold, threshold)
    return any(item.score >= alone or (item.belongs or 0.0) >= together for item in evidence)


def related(evidence: Sequence[Evidence]) -> list[Evidence]:
    """What an abstention may show as related reading; nothing where nothing is."""
    near = (item for item in evidence if max(item.score, (item.belongs or 0.0) / 4) >= LEAST_RELATED)
    return list(islice(near, MOST_RELATED))
