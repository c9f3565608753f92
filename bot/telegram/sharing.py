"""An answer for a chat that the bot is not in: inline, as a guest, by a link. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
)

from bot.telegram.fragment import host
from bot.telegram.messages import Marked, split
from bot.telegram.phrases import say
from bot.telegram.reply import answer_text
from rag.types import Answer, Citation, Language

LONGEST_TITLE, LONGEST_DESCRIPTION = 100, 250
"""Characters of a result as a list of results shows it; a client cuts what does not fit."""
MOST_LINKS = 3
"""Buttons under an answer in a chat where the bot is a guest."""


def result(
    answer: Answer,
    publishers: Mapping[int, str],
    opens: Callable[[Citation], str | None],
    username: str,
) -> InlineQueryResultArticle:
    """The answer with its quotes as one message, however much of it fits, and links to where they stand."""
    shown, citations = answer, answer.citations
    while len(pieces := split(answer_text(shown, publishers))) > 1 and len(citations) > 1:
        citations = citations[:-1]
        shown = replace(answer, citations=citations)
    first = citations[0].quote if citations else answer.text
    return _article(
        answer.short or " ".join(answer.text.split()),
        first,
        pieces[0],
        _links(shown, opens, username),
    )


def remark(text: str, title: str, username: str, language: Language) -> InlineQueryResultArticle:
    """A sentence of the bot's own in place of an answer."""
    return _article(title, text, Marked(text), InlineKeyboardMarkup([[_bot(username, language)]]))


def _article(
    title: str, description: str, text: Marked, keyboard: InlineKeyboardMarkup
) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        id="1",
        title=title[:LONGEST_TITLE] or "…",
        input_message_content=InputTextMessageContent(
            text.text, entities=text.entities, link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
        reply_markup=keyboard,
        description=" ".join(description.split())[:LONGEST_DESCRIPTION],
    )


def _links(answer: Answer, opens: Callable[[Citation], str | None], username: str) -> InlineKeyboardMarkup:
    rows = []
    for citation in answer.citations[:MOST_LINKS]:
        if address := opens(citation):
            name = say("open", answer.language, number=citation.number, host=host(citation.url) or "")
            rows.append([InlineKeyboardButton(name, url=address)])
    return InlineKeyboardMarkup([*rows, [_bot(username, answer.language)]])


def _bot(username: str, language: Language) -> InlineKeyboardButton:
    return InlineKeyboardButton(say("ask_bot", language), url=f"https://t.me/{username}")
