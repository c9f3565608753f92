"""A question in, an answer with exact citations out. One straight road."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from threading import Event
from time import perf_counter
from typing import Literal, Protocol

from rag.deadline import Deadline
from rag.errors import InputError, NoReply
from rag.reading.copies import cited_once
from rag.reading.dates import WIDER, chosen, in_time, period
from rag.reading.disagree import differing
from rag.reading.follow import carried
from rag.search.fusion import Search
from rag.search.query import Translations
from rag.store.archive import Archive
from rag.text.language import detect
from rag.types import Answer, Citation, Claim, Engine, Evidence, Language, Passage, Turn
from rag.writing.prompt import Shown
from rag.writing.write import glossed, standalone, written
from rag.writing.writer import Writer

LONGEST_QUESTION = 10_000
"""Code points; what lies beyond is no question to a news archive."""
MOST_CITATIONS = 3
MOST_WEIGHED = 40
"""Sentences that are looked at for copies and differences; those further down never answer."""
RELATED = 2
"""Sentences that an abstention shows as related reading, at most."""
Gloss = Literal["english", "always", "never"]
"""To which questions quotes in the other language are translated."""


class Wording(Protocol):
    """What the bot itself says around an answer, in the question's language."""

    def nothing(self, language: Language) -> str: ...

    def related(self, language: Language, numbers: str) -> str: ...

    def empty(self, language: Language) -> str: ...

    def foreign(self, language: Language, quote: Language) -> str: ...

    def differ(self, language: Language, parts: Sequence[tuple[str, str]]) -> str: ...

    def no_reply(self, language: Language, model: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Writing:
    """A chat model that answers in place of the reader, and how long it may take, in seconds."""

    writer: Writer
    lexicon: Translations
    seconds: float | None = None
    gloss: Gloss = "english"


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
    history: Sequence[Turn] = (),
    writing: Writing | None = None,
    partial: Callable[[Answer], None] = lambda answer: None,
) -> Answer:
    """Finds, reads, and quotes; abstains where nothing found is likely enough to answer.

    `passages` is how many are read at most. `threshold` replaces the engine's own; `today` is what "kemarin"
    is the day before. With `writing` a chat model says it, claim by claim, which `partial` is told; where
    that gives no answer, the engine does and says so.
    Raises InputError for a question that is empty, Cancelled once `stop` is set.
    """
    started = perf_counter()
    deadline = Deadline(writing.seconds if writing else None, stop)
    question = " ".join(question.split())[:LONGEST_QUESTION]
    if not question:
        raise InputError("the question is empty", "ask something")
    language = detect(question)
    asked, failed = question, None
    if history:
        asked, failed = _standalone(question, language, history, writing, deadline)
    understood = perf_counter()
    when = period(asked, today) if today else None
    wanted = passages * (WIDER if when else 1)
    hits = {hit.key: hit for hit in search.search(asked, language, wanted)}
    found = [
        replace(passage, score=hits[passage.key].score, sources=hits[passage.key].sources)
        for passage in archive.passages(list(hits))
    ]
    found = chosen(found, when, passages)
    retrieved = perf_counter()
    deadline.check()
    least = engine.threshold if threshold is None else threshold
    # The newest article may stand last.
    until = inf if when and when.newest else least
    evidence = engine.read(when.rest if when else asked, language, found, until)
    evidence = cited_once(in_time(evidence, found, when)[:MOST_WEIGHED], found)
    read = perf_counter()
    seconds = {"retrieve": retrieved - understood, "read": read - retrieved}
    if history:
        seconds["understand"] = understood - started

    def finished(said: _Said, name: str) -> Answer:
        return Answer(
            question=question,
            language=language,
            status="answered" if said.claims else "abstained",
            text=said.text,
            short=said.short,
            claims=said.claims,
            citations=said.citations,
            engine=name,
            dropped=said.dropped,
            seconds=seconds | {"total": perf_counter() - started},
        )

    if writing and found and not failed:
        name = writing.writer.name
        said = _Said(wording.nothing(language))
        try:
            for each in written(asked, language, found, evidence, writing.writer, writing.lexicon, deadline):
                said = _in_prose(each.claims, each.shown, found, each.dropped)
                if said.claims:
                    partial(finished(said, name))
            if not said.claims:
                nearest = _abstained(evidence[:RELATED], found, language, wording)
                said = replace(nearest, dropped=said.dropped)
            elif writing.gloss == "always" or (writing.gloss == "english" and language == "en"):
                said = replace(said, citations=gloss(said.citations, language, archive, writing, deadline))
            seconds["write"] = perf_counter() - read
            return finished(said, name)
        except NoReply as error:
            failed = error
    likely = [item for item in evidence if item.score >= least]
    if likely and likely[0] is not evidence[0]:
        # The best is of another time than asked for, and would be a wrong answer: what goes before it is not.
        likely.insert(0, evidence[0])
    enough = likely and differing(asked, language, evidence, found, when)
    said = (
        _differing(enough, found, language, wording)
        if enough
        else _answered(enough, found, language, wording)
        if (enough := _supporting(likely, found))
        else _abstained(evidence[:RELATED], found, language, wording)
    )
    if writing and failed:
        said = replace(said, text=f"{said.text} {wording.no_reply(language, writing.writer.name)}")
    return finished(said, engine.name)


def gloss(
    citations: Sequence[Citation],
    language: Language,
    archive: Archive,
    writing: Writing,
    deadline: Deadline,
) -> tuple[Citation, ...]:
    """The citations, those in the other language with a translation beside the quote where one can be had.

    Raises Cancelled.
    """
    done = list(citations)
    for place, citation in enumerate(done):
        article = archive.article(citation.article, citation.version)
        if article is None or article.language == language or deadline.passed:
            continue
        try:
            done[place] = glossed(
                citation, article.language, language, writing.writer, writing.lexicon, deadline
            )
        except NoReply:
            # The answer stands without it.
            break
    deadline.check()
    return tuple(done)


def _standalone(
    question: str,
    language: Language,
    history: Sequence[Turn],
    writing: Writing | None,
    deadline: Deadline,
) -> tuple[str, NoReply | None]:
    """The question as it stands alone, and what kept the chat model from putting it."""
    failed = None
    if writing:
        try:
            put = standalone(question, language, history, writing.writer, writing.lexicon, deadline)
            if put:
                return put, None
        except NoReply as error:
            failed = error
    return carried(question, language, history), failed


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


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    short: str | None = None
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    dropped: int = 0


def _in_prose(
    claims: Sequence[Claim], shown: Sequence[Shown], passages: Sequence[Passage], dropped: int
) -> _Said:
    text = " ".join(
        f"{claim.text} {' '.join(f'[{number}]' for number in claim.citations)}" for claim in claims
    )
    evidence = [Evidence(each.passage, each.sentence, 0.0) for each in shown]
    return _Said(text, None, tuple(claims), _citations(evidence, passages), dropped)


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
    return _Said(text, short, (claim,), citations)


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
    return _Said(text, shorts[0], claims, citations)


def _abstained(
    nearest: Sequence[Evidence], passages: Sequence[Passage], language: Language, wording: Wording
) -> _Said:
    citations = _citations(nearest, passages)
    text = wording.nothing(language) if passages else wording.empty(language)
    if citations:
        text += " " + wording.related(language, " ".join(f"[{c.number}]" for c in citations))
    return _Said(text, citations=citations)


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
