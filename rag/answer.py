"""A question in, an answer with exact citations out. One straight road."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from threading import Event
from time import perf_counter
from typing import Protocol

from rag.archive import Archive
from rag.copies import cited_once
from rag.dates import WIDER, chosen, in_time, period
from rag.disagree import differing
from rag.errors import Cancelled, InputError
from rag.language import detect
from rag.search import Search
from rag.types import Answer, Citation, Claim, Engine, Evidence, Language, Passage

LONGEST_QUESTION = 10_000
"""Code points; what lies beyond is no question to a news archive."""
MOST_CITATIONS = 3
MOST_WEIGHED = 40
"""Sentences that are looked at for copies and differences; those further down never answer."""
RELATED = 2
"""Sentences that an abstention shows as related reading, at most."""


class Wording(Protocol):
    """What the bot itself says around an answer, in the question's language."""

    def nothing(self, language: Language) -> str: ...

    def related(self, language: Language, numbers: str) -> str: ...

    def empty(self, language: Language) -> str: ...

    def foreign(self, language: Language, quote: Language) -> str: ...

    def differ(self, language: Language, parts: Sequence[tuple[str, str]]) -> str: ...


def answer(
    question: str,
    *,
    archive: Archive,
    search: Search,
    engine: Engine,
    wording: Wording,
    passages: int,
    threshold: float | None = None,
    stop: Event | None = None,
    today: date | None = None,
) -> Answer:
    """Finds, reads, and quotes; abstains where nothing found is likely enough to answer.

    `passages` is how many are read. `threshold` replaces the engine's own; `today` is what "kemarin" is the
    day before. Raises InputError for a question that is empty, Cancelled once `stop` is set.
    """
    stop = stop or Event()
    started = perf_counter()
    question = " ".join(question.split())[:LONGEST_QUESTION]
    if not question:
        raise InputError("the question is empty", "ask something")
    language = detect(question)
    when = period(question, today) if today else None
    wanted = passages * (WIDER if when else 1)
    hits = {hit.key: hit for hit in search.search(question, language, wanted)}
    found = [
        replace(passage, score=hits[passage.key].score, sources=hits[passage.key].sources)
        for passage in archive.passages(list(hits))
    ]
    found = chosen(found, when, passages)
    retrieved = perf_counter()
    if stop.is_set():
        raise Cancelled("the question was cancelled")
    evidence = engine.read(when.rest if when else question, language, found)
    evidence = cited_once(in_time(evidence, found, when)[:MOST_WEIGHED], found, archive)
    read = perf_counter()

    least = engine.threshold if threshold is None else threshold
    likely = [item for item in evidence if item.score >= least]
    enough = likely and differing(question, language, evidence, found, when)
    said = (
        _differing(enough, found, language, wording)
        if enough
        else _answered(enough, found, language, wording)
        if (enough := _supporting(likely, found))
        else _abstained(evidence[:RELATED], found, language, wording)
    )
    text, short, claims, citations = said
    return Answer(
        question=question,
        language=language,
        status="answered" if enough else "abstained",
        text=text,
        short=short,
        claims=claims,
        citations=citations,
        engine=engine.name,
        seconds={
            "retrieve": retrieved - started,
            "read": read - retrieved,
            "total": perf_counter() - started,
        },
    )


def _supporting(enough: Sequence[Evidence], passages: Sequence[Passage]) -> list[Evidence]:
    """The best sentence, and those others likely enough that hold the same words for an answer."""
    if not enough or (span := enough[0].span) is None:
        return list(enough[:1])
    first, *others = enough
    short = passages[first.passage].article.text[slice(*span)]
    same = [
        item
        for item in others
        if found_in(short, passages[item.passage].article.text[item.sentence.start : item.sentence.end])
    ]
    return [first, *same][:MOST_CITATIONS]


def found_in(short: str, sentence: str) -> tuple[int, int] | None:
    """Where a sentence says `short` as words of its own: the 3 of neither 2023 nor 1.300 nor 3,5."""
    form = rf"(?<!\w)(?<!\d[.,]){re.escape(short)}(?!\w)(?![.,]\d)"
    match = re.search(form, sentence, re.IGNORECASE)
    return match.span() if match else None


_Said = tuple[str, str | None, tuple[Claim, ...], tuple[Citation, ...]]


def _answered(
    evidence: Sequence[Evidence], passages: Sequence[Passage], language: Language, wording: Wording
) -> _Said:
    citations = _citations(evidence, passages)
    first = evidence[0]
    article = passages[first.passage].article
    short = article.text[slice(*first.span)] if first.span else None
    claim = Claim(short or citations[0].quote, tuple(citation.number for citation in citations))
    marks = " ".join(f"[{number}]" for number in claim.citations)
    text = f"{short} {marks}" if short else f"“{claim.text}” {marks}"
    if article.language != language:
        text += " " + wording.foreign(language, article.language)
    return text, short, (claim,), citations


def _differing(
    evidence: Sequence[Evidence], passages: Sequence[Passage], language: Language, wording: Wording
) -> _Said:
    """Each article's figure with its date, a claim of its own."""
    citations = _citations(evidence, passages)
    shorts = [passages[item.passage].article.text[slice(*item.span or (0, 0))] for item in evidence]
    claims = tuple(Claim(short, (c.number,)) for short, c in zip(shorts, citations, strict=True))
    parts = [(f"{short} [{c.number}]", c.published or "") for short, c in zip(shorts, citations, strict=True)]
    text = wording.differ(language, parts)
    if any(passages[item.passage].article.language != language for item in evidence):
        text += " " + wording.foreign(language, passages[evidence[0].passage].article.language)
    return text, shorts[0], claims, citations


def _abstained(
    nearest: Sequence[Evidence], passages: Sequence[Passage], language: Language, wording: Wording
) -> _Said:
    citations = _citations(nearest, passages)
    text = wording.nothing(language) if passages else wording.empty(language)
    if citations:
        text += " " + wording.related(language, " ".join(f"[{c.number}]" for c in citations))
    return text, None, (), citations


def _citations(evidence: Sequence[Evidence], passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The stored sentences themselves, in the order of their strength."""
    citations = []
    for number, item in enumerate(evidence, start=1):
        article, sentence = passages[item.passage].article, item.sentence
        citations.append(
            Citation(
                number=number,
                article=article.id,
                version=article.version,
                title=article.title,
                url=article.url,
                published=article.published,
                start=sentence.start,
                end=sentence.end,
                quote=article.text[sentence.start : sentence.end],
            )
        )
    return tuple(citations)
