"""A question as it stands alone: its language, its spelling, its kind, its time, what it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rag.asking.follow import carried, follows
from rag.asking.named import known_in
from rag.asking.times import period
from rag.deadline import Deadline
from rag.errors import InputError, NoReply
from rag.road import Asked, Road, Writing
from rag.search.spelling import language_of
from rag.text.kinds import kind_of
from rag.text.talk import talk_of
from rag.types import Language, Turn
from rag.writing.write import standalone

LONGEST_QUESTION = 10_000
"""Code points; what lies beyond is no question to a news archive."""


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
            put = standalone(question, language, history, writing.writer, writing.lexicon, deadline)
            if put:
                return put, None
        except NoReply as error:
            failed = error
    return carried(question, language, history), failed
