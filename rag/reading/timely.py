"""Which passages and sentences are of the time that a question asks about. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.asking.times import Period, days_in, names_all
from rag.text.calendar import shifted
from rag.types import Evidence, Passage

WIDER = 5
"""How many times as many passages are searched for where a question names a time."""
ENOUGH = 0.25
"""The share of the best sentence's probability that a sentence of the right time must have to go first."""
MIXED = 4
"""For a time of years, one in so many passages may be of another one: "sebelum 2010" is also said later."""
_OPENING = 300
"""Characters in which an article says its day: "pada Minggu (10/3/2024)"."""


def published(passage: Passage) -> date | None:
    """The day of its article."""
    try:
        return date.fromisoformat((passage.article.published or "")[:10])
    except ValueError:
        return None


def chosen(passages: Sequence[Passage], when: Period | None, limit: int) -> list[Passage]:
    """The passages to read: those of the time, else those of the day after it, when papers write about it,
    else the best. If the newest is asked for, half of the passages are the best ones. A long time leaves room
    for some of other times."""
    if when is None:
        return list(passages[:limit])
    if not when.newest:
        late = replace(when, last=shifted(when.last, 1))
        for time in (when, late):
            if kept := [passage for passage in passages if _of(passage, time)]:
                others = [passage for passage in passages if passage not in kept] if when.long else []
                most = limit - min(len(others), limit // MIXED)
                return [*kept[:most], *others][:limit]
        return list(passages[:limit])
    best = list(passages[: limit // 2])
    first = sorted(passages, key=lambda passage: published(passage) or date.min, reverse=True)
    return [*best, *(passage for passage in first if passage not in best)][:limit]


def spare(
    passages: Sequence[Passage], when: Period | None, read: Sequence[Passage], limit: int
) -> list[Passage]:
    """What else may tell of the time, where the passages that were read do not: those of the day after it,
    and those of articles without a date."""
    if when is None or when.newest:
        return []
    late = replace(when, last=shifted(when.last, 1))
    others = (passage for passage in passages if passage not in read)
    return [each for each in others if published(each) is None or _of(each, late)][:limit]


def in_time(evidence: Sequence[Evidence], when: Period | None) -> list[Evidence]:
    """The sentences, with those of the time first if they are likely enough."""
    if when is None or not evidence:
        return list(evidence)
    near = [item for item in evidence if item.score >= ENOUGH * evidence[0].score]
    if when.newest:
        first = sorted(near, key=lambda item: published(item.passage) or date.min, reverse=True)
    else:
        first = [item for item in near if _said(item, when)]
    return [*first, *(item for item in evidence if item not in first)]


def bounds(when: Period | None) -> bool:
    """Whether a sentence can be outside of a time: of none for the newest, nor of a time that articles say in
    the same words, nor of years."""
    return when is not None and not (when.newest or when.long or when.words)


def outside(item: Evidence, when: Period | None) -> bool:
    """Whether a sentence is of another time than the one that is asked about: neither it nor its article
    names that, and the article is of another day, or of none that is known while the sentence names others.
    """
    if when is None or not bounds(when):
        return False
    late = replace(when, last=shifted(when.last, 1))
    if _said(item, when) or _of(item.passage, late):
        return False
    return published(item.passage) is not None or bool(days_in(item.passage.text, when.last.year))


def by_distance(evidence: Sequence[Evidence], when: Period) -> list[Evidence]:
    """The sentences of articles with a date, the nearest to a time first."""
    dated = [(day, item) for item in evidence if (day := published(item.passage)) is not None]
    return [
        item
        for _, item in sorted(
            dated, key=lambda pair: max((when.first - pair[0]).days, (pair[0] - when.last).days)
        )
    ]


def _of(passage: Passage, when: Period) -> bool:
    """Whether a passage's article is of the time, or names a day of it."""
    day = published(passage)
    if day is not None and when.holds(day):
        return True
    year = day.year if day is not None else when.last.year
    text = f"{passage.article.text[:_OPENING]} {passage.text}"
    if when.words and when.words.lower() in text.lower():
        return True
    return any(when.holds(each) for each in days_in(text, year)) or names_all(text, when)


def _said(item: Evidence, when: Period) -> bool:
    """Whether a sentence is of the time. Days that it names itself count before its article's day."""
    day = published(item.passage)
    named = days_in(item.quote, day.year if day is not None else when.last.year)
    if named:
        return any(when.holds(each) for each in named)
    return _of(item.passage, when)
