"""A question in, an answer with exact citations out. One straight road."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from threading import Event
from time import perf_counter
from typing import Literal, Protocol

from rag.deadline import Deadline
from rag.errors import InputError, NoReply
from rag.reading.compose import Said, Wording, abstained, composed, differing_figures, in_prose
from rag.reading.copies import also_in, cited_once
from rag.reading.disagree import differing
from rag.reading.follow import carried
from rag.reading.named import known_in
from rag.reading.select import answers, chosen_for, ranked, related
from rag.reading.timely import WIDER, chosen, in_time, spare
from rag.reading.times import Period, period
from rag.reading.weigh import FACTS, weighed
from rag.search.fusion import Hit
from rag.search.query import STOP_WORDS, Translations
from rag.search.spelling import Understood, as_typed, language_of
from rag.store.archive import Archive
from rag.text.kinds import kind_of
from rag.text.stems import words
from rag.text.talk import Talk, talk_of
from rag.types import Answer, Citation, Engine, Evidence, Kind, Language, Passage, Turn
from rag.writing.write import glossed, standalone, written
from rag.writing.writer import Writer

LONGEST_QUESTION = 10_000
"""Code points; what lies beyond is no question to a news archive."""
MOST_WEIGHED = 40
"""Sentences that are looked at for copies and differences; those further down never answer."""
SURE = 0.8
"""The probability from which a yes or a no is said."""
SURE_OF_FACT = 0.5
"""The probability from which the reader's own answer to a question for one fact is not left to a chat model:
more likely right than not."""
Gloss = Literal["english", "always", "never"]
"""To which questions quotes in the other language are translated."""
When = Literal["always", "needed", "never"]
"""Which questions a chat model answers. `needed`: those for which sentences have to be put together or that
are asked in another language than the article's, and facts of which the reader is not sure."""


class Finding(Protocol):
    """What search is to an answer."""

    def search(self, question: str, language: Language, limit: int) -> list[Hit]:
        """At most `limit` chunks, best first."""
        ...

    def holding(self, text: str, language: Language) -> Sequence[int]:
        """The chunks that have most of a text's words, best first."""
        ...


class Clock:
    """Times the steps of one answer, in seconds."""

    def __init__(self) -> None:
        self._started = self._last = perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Notes what passed since the last lap under this name."""
        now = perf_counter()
        self._laps[name], self._last = now - self._last, now

    def seconds(self) -> dict[str, float]:
        """Each lap, and the total until now."""
        return self._laps | {"total": perf_counter() - self._started}


@dataclass(frozen=True, slots=True)
class Writing:
    """A chat model that answers in place of the reader, and how long it may take, in seconds."""

    writer: Writer
    lexicon: Translations
    seconds: float | None = None
    gloss: Gloss = "english"
    when: When = "needed"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was understood: `text` stands alone, `when` is the time that it asks about.

    `failed` is what kept the chat model from putting a follow-up anew. `understood` is the question with its
    spelling corrected, where it was; `talk` what a message says that asks nothing.
    """

    question: str
    language: Language
    text: str
    when: Period | None
    kind: Kind = "fact"
    failed: NoReply | None = None
    understood: str | None = None
    talk: Talk | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The passages to read, likeliest first, and `spare` ones, read where those do not answer."""

    passages: list[Passage]
    spare: list[Passage]


@dataclass(frozen=True, slots=True)
class Road:
    """What every question of an installation goes along: where it looks, what reads, what speaks.

    `passages` is how many are read at most; `threshold` replaces the engine's own; with `writing` a chat
    model writes the answer. `whole` says whether both indexes could be searched; `spelling` corrects
    a question.
    """

    archive: Archive
    search: Finding
    engine: Engine
    wording: Wording
    passages: int
    threshold: float | None = None
    writing: Writing | None = None
    whole: Callable[[], bool] = lambda: True
    spelling: Callable[[str, Language], Understood] = as_typed

    @property
    def least(self) -> float:
        """The probability from which a sentence answers."""
        return self.engine.threshold if self.threshold is None else self.threshold


def answer(
    question: str,
    road: Road,
    *,
    history: Sequence[Turn] = (),
    today: date | None = None,
    stop: Event | None = None,
    partial: Callable[[Answer], None] = lambda answer: None,
) -> Answer:
    """Understands, retrieves, reads, and says it with quotes; abstains where nothing found is likely enough.

    `history` is what a follow-up is understood from; `today` is what "kemarin" is the day before. Where a
    chat model writes, `partial` is told the answer after each claim. Raises InputError for a question that is
    empty, Cancelled once `stop` is set.
    """
    clock = Clock()
    deadline = Deadline(road.writing.seconds if road.writing else None, stop)
    asked = understand(question, road, history, today, deadline)
    if history:
        clock.lap("understand")
    if asked.talk:
        return say(asked, Found([], []), [], road, deadline, clock, partial)
    found = retrieve(asked, road)
    clock.lap("retrieve")
    deadline.check()
    evidence = read(asked, found, road)
    clock.lap("read")
    return say(asked, found, evidence, road, deadline, clock, partial)


def understand(
    question: str, road: Road, history: Sequence[Turn], today: date | None, deadline: Deadline
) -> Asked:
    """The question as it stands alone, its language, and the time that it asks about."""
    question = " ".join(question.split())[:LONGEST_QUESTION]
    if not question:
        raise InputError("the question is empty", "ask something")
    history = [turn for turn in history if not talk_of(turn.question)]
    language = language_of(question)
    if talk := talk_of(question):
        signs = not any(map(str.isalpha, question))
        spoken = language_of(history[-1].question) if signs and history else language
        return Asked(question, spoken, question, None, "talk", talk=talk)
    spelled = road.spelling(question, language)
    text, failed = spelled.text, None
    if history:
        text, failed = _standalone(text, language, history, road.writing, deadline)
    known = known_in(road.archive, lambda name: road.search.holding(name, language))
    when = period(text, today, known) if today else None
    # What a follow-up carries over says nothing about the kind.
    kind = kind_of(spelled.text, language)
    return Asked(question, language, text, when, kind, failed, spelled.text if spelled.changed else None)


def retrieve(asked: Asked, road: Road) -> Found:
    """The passages that may answer, likeliest first; those of the time that is asked about."""
    wanted = road.passages * (WIDER if asked.when else 1)
    hits = {hit.key: hit for hit in road.search.search(asked.text, asked.language, wanted)}
    found = [
        replace(passage, score=hits[passage.key].score, sources=hits[passage.key].sources)
        for passage in road.archive.passages(list(hits))
    ]
    first = chosen(found, asked.when, road.passages)
    return Found(first, spare(found, asked.when, first, road.passages))


def read(asked: Asked, found: Found, road: Road) -> list[Evidence]:
    """The sentences that may answer, likeliest first, those of the time that is asked about before others."""
    if not _heard(asked, found):
        return []
    when = asked.when
    # The newest article may stand last.
    until = inf if when and when.newest else road.least
    question = when.rest if when else asked.text
    evidence = road.engine.read(question, asked.language, found.passages, until)
    if found.spare and not _answers(asked, evidence, road):
        evidence = [*evidence, *road.engine.read(asked.text, asked.language, found.spare, until)]
        evidence.sort(key=lambda item: item.score, reverse=True)
    return cited_once(in_time(ranked(asked.kind, weighed(asked.kind, evidence)), when)[:MOST_WEIGHED])


def _heard(asked: Asked, found: Found) -> bool:
    """Whether the question has a word of its own, and any passage has a word of the question or of its
    translation: what shares none is found by chance."""
    own = any(
        len(word) > 1 and word.isalpha() and word not in STOP_WORDS[asked.language]
        for word in words(asked.text)
    )
    return own and any(passage.sources.get("lexical", 1.0) > 0 for passage in (*found.passages, *found.spare))


def _answers(asked: Asked, evidence: Sequence[Evidence], road: Road) -> bool:
    return answers(weighed(asked.kind, evidence), road.least, road.threshold)


def say(
    asked: Asked,
    found: Found,
    evidence: Sequence[Evidence],
    road: Road,
    deadline: Deadline,
    clock: Clock,
    partial: Callable[[Answer], None],
) -> Answer:
    """The answer: by the chat model where it is wanted and says something that stands, else by the engine's
    own sentences."""

    def finished(said: Said, name: str) -> Answer:
        return Answer(
            question=asked.question,
            language=asked.language,
            status="answered" if said.claims or asked.talk else "abstained",
            kind="define" if asked.kind == "person" else asked.kind,
            text=said.text,
            short=said.short,
            claims=said.claims,
            citations=said.citations,
            engine=name,
            dropped=said.dropped,
            seconds=clock.seconds(),
            understood=asked.understood,
        )

    if asked.talk:
        return finished(Said(road.wording.talk(asked.language, asked.talk)), road.engine.name)
    failed, dropped = asked.failed, 0
    if road.writing and evidence and not failed and _model_wanted(asked, evidence, road, road.writing):
        name = road.writing.writer.name
        try:
            said = _in_model_words(
                asked, evidence, road, road.writing, deadline, lambda each: partial(finished(each, name))
            )
            clock.lap("write")
            if said.claims:
                return finished(_remarks(said, asked, road), name)
            dropped = said.dropped
        except NoReply as error:
            failed = error
    said = replace(_in_stored_words(asked, found, evidence, road), dropped=dropped)
    if road.writing and said.claims and not failed:
        said = _translated(said, asked, road, road.writing, deadline)
    if road.writing and failed:
        said = said.and_also(road.wording.no_reply(asked.language, road.writing.writer.name))
    return finished(_remarks(said, asked, road), road.engine.name)


def _model_wanted(asked: Asked, evidence: Sequence[Evidence], road: Road, writing: Writing) -> bool:
    """Whether the chat model is asked at all."""
    if writing.when != "needed":
        return writing.when == "always"
    if asked.kind not in ("fact", "person", "yesno") or not evidence:
        return True
    sure = evidence[0].score >= max(SURE_OF_FACT, road.least)
    return not sure or evidence[0].article.language != asked.language


def _in_model_words(
    asked: Asked,
    evidence: Sequence[Evidence],
    road: Road,
    writing: Writing,
    deadline: Deadline,
    partial: Callable[[Said], None],
) -> Said:
    """What the chat model writes and its citations support, perhaps nothing. Raises NoReply, Cancelled."""
    said, writer = Said(""), writing.writer
    told = written(
        asked.text, asked.language, evidence, writer, writing.lexicon, deadline, road.engine.entails
    )
    for each in told:
        said = in_prose(each.claims, [(one.passage, one.sentence) for one in each.shown], each.dropped)
        if said.claims:
            partial(said)
    return _translated(said, asked, road, writing, deadline) if said.claims else said


def _translated(said: Said, asked: Asked, road: Road, writing: Writing, deadline: Deadline) -> Said:
    """The answer with translations beside its quotes where they are wanted. Raises Cancelled."""
    if writing.gloss == "always" or (writing.gloss == "english" and asked.language == "en"):
        citations = gloss(said.citations, asked.language, road.archive, writing, deadline)
        return replace(said, citations=citations)
    return said


def _in_stored_words(asked: Asked, found: Found, evidence: Sequence[Evidence], road: Road) -> Said:
    """The engine's own answer: stored sentences and stretches of them."""
    language, wording = asked.language, road.wording
    if not answers(evidence, road.least, road.threshold):
        return abstained(related(evidence), bool(found.passages), language, wording)
    if asked.kind in FACTS and (differ := differing(asked.text, language, evidence, asked.when)):
        return differing_figures(differ, language, wording)
    chosen = chosen_for(asked.kind, evidence, road.least)
    verdict = _verdict(asked, chosen, road) if asked.kind == "yesno" else None
    return composed(asked.kind, chosen, language, wording, verdict)


def _verdict(asked: Asked, chosen: Sequence[Evidence], road: Road) -> bool | None:
    """Whether what the first sentence says is a yes or a no; None where the engine is not sure."""
    yes, no = road.engine.entails(asked.text, [chosen[0].quote], chosen[0].article.title)
    return yes > no if max(yes, no) >= SURE else None


def _remarks(said: Said, asked: Asked, road: Road) -> Said:
    """The answer with what a reader should know: where else it stands, and what could not be
    searched."""
    if said.claims and (others := also_in(said.citations, road.archive, road.search.holding)):
        titles = [article.title or article.id for article in others]
        said = said.and_also(road.wording.also_in(asked.language, titles))
    if not road.whole():
        said = said.and_also(road.wording.by_words_alone(asked.language))
    return said


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
