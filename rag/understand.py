"""A question as it stands alone: its language, its spelling, its kind, its time, what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from rag.asking.follow import carried, follows, swaps
from rag.asking.headlines import all_news
from rag.asking.named import Known, known_in
from rag.asking.parts import parts
from rag.asking.times import Period, period
from rag.deadline import Deadline
from rag.errors import InputError, NoReply
from rag.pipeline import Asked, Pipeline, Writing
from rag.search.spelling import language_of
from rag.text.kinds import kind_of
from rag.text.talk import talk_of
from rag.types import Language, Turn

LONGEST_QUESTION = 10_000
"""Code points; what lies beyond is no question to a news archive."""


def understand(
    question: str, pipeline: Pipeline, history: Sequence[Turn], today: date | None, deadline: Deadline
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
    spelled = pipeline.spelling(question, language)
    text, failed = spelled.text, None
    if history:
        text, failed = _standalone(text, language, history, pipeline.writing, deadline)
    known = known_in(pipeline.archive, lambda name: pipeline.search.holding(name, language))
    when = period(text, today, known) if today else None
    # What a follow-up carries over says nothing about the kind, unless it only names another one.
    kind = kind_of(text if swaps(spelled.text, history) else spelled.text, language)
    if kind == "news" and when is None and today:
        when = Period(date.min, today, text, newest=True)
    changed = spelled.text if spelled.changed else None
    if all_news(when.rest if when else text):
        return Asked(question, language, text, when, "news", failed, changed, headlines=True)
    asked = Asked(question, language, text, when, kind, failed, changed)
    # What a follow-up carries over is no question of its own.
    return asked if text != spelled.text else replace(asked, parts=tuple(_parts(asked, today, known)))


def _parts(asked: Asked, today: date | None, known: Known) -> Iterator[Asked]:
    """The questions that it consists of, each with its own kind and time, else the time of the whole."""
    for part in parts(asked.text, asked.language, asked.kind):
        when = period(part.text, today, known) if today else None
        if when is None and asked.when:
            when = replace(asked.when, rest=part.text)
        kind = kind_of(part.own, asked.language)
        # A part is answered by a sentence or two, whatever the whole is like.
        kind = "how" if kind in ("summary", "news", "talk") else kind
        yield replace(asked, text=part.text, when=when, kind=kind, side=part.side)


def _standalone(
    question: str,
    language: Language,
    history: Sequence[Turn],
    writing: Writing | None,
    deadline: Deadline,
) -> tuple[str, NoReply | None]:
    """The question as it stands alone, and what kept the chat model from putting it."""
    failed = None
    if writing and writing.follow_ups and follows(question, language):
        try:
            # Imported where a chat model is used: most installations have none.
            from rag.writing.write import standalone

            put = standalone(question, language, history, writing.writer, writing.lexicon, deadline)
            if put:
                return put, None
        except NoReply as error:
            failed = error
    return carried(question, language, history), failed
