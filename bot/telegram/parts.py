"""The parts of the bot that handlers use, and what every handler needs of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, User

from bot.example import newest_example
from bot.naming import named
from bot.settings import Settings
from bot.telegram.access import Access
from bot.telegram.claims import Claims
from bot.telegram.desk import Desk
from bot.telegram.editing import Editing
from bot.telegram.feeds import Feeds
from bot.telegram.following import Following
from bot.telegram.fragment import at_sentence, web
from bot.telegram.gauges import Gauges
from bot.telegram.inbox import Inbox, Row
from bot.telegram.journal import Journal
from bot.telegram.limits import Limits
from bot.telegram.links import Links
from bot.telegram.listing import Listing
from bot.telegram.memory import Kept, Memory, without_gloss
from bot.telegram.messages import Marked, plain, split
from bot.telegram.metrics import Metrics
from bot.telegram.phrases import say
from bot.telegram.reply import answer_buttons, answer_text, share_button
from bot.telegram.rich import rich_answer
from bot.telegram.sending import Sender
from bot.telegram.shelf import Shelf
from bot.telegram.updates import Me, language_of, private, thread
from bot.telegram.waiting import Waiting
from rag.store.archive import Archive
from rag.types import Answer, Citation, Language


@dataclass(frozen=True, slots=True)
class Call:
    """A command: its name, the text after it, who gave it, and their language."""

    row: Row
    message: Message
    name: str
    rest: str
    user: int
    language: Language


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a running bot."""

    settings: Settings
    me: Me
    archive: Archive
    sender: Sender
    inbox: Inbox
    memory: Memory
    journal: Journal
    metrics: Metrics
    desk: Desk
    waiting: Waiting
    limits: Limits
    editing: Editing
    listing: Listing
    gauges: Gauges
    access: Access
    shelf: Shelf
    links: Links
    following: Following
    feeds: Feeds
    claims: Claims

    def is_admin_in(self, message: Message) -> bool:
        """Whether a message comes from an admin, alone with the bot."""
        return (
            private(message) and message.from_user is not None and self.access.is_admin(message.from_user.id)
        )

    def speaks(self, user: User | None) -> Language:
        """The language in which a user is spoken to: the chosen one, else Telegram's."""
        chosen = self.memory.language(user.id) if user else None
        return chosen or language_of(user.language_code if user else None)

    def opens(self, citation: Citation) -> str | None:
        """The address at which a citation can be read, at its sentence; None where it has none."""
        if web(citation.url) is None:
            return None
        article = self.archive.article(citation.article, citation.version)
        if article is None:
            return web(citation.url)
        return at_sentence(citation.url or "", article.text, citation.start, citation.end)

    def publishers(self, answer: Answer) -> dict[int, str]:
        """Who published what an answer quotes, as far as it is known, by the citations' numbers."""
        found = ((c.number, self.archive.article(c.article, c.version)) for c in answer.citations)
        return {number: article.publisher for number, article in found if article and article.publisher}

    def titled(self, answer: Answer) -> Answer:
        """The answer with names for the articles that it quotes: one without a title is called by its first
        words."""
        citations = (
            replace(each, title=named(each.article, each.title, self.archive, each.version))
            for each in answer.citations
        )
        return replace(answer, citations=tuple(citations))

    def reply(self, kept: Kept) -> tuple[list[Marked], InlineKeyboardMarkup | None]:
        """An answer as messages, and the buttons under the last one. Reads the archive."""
        publishers = self.publishers(kept.answer)
        shown = split(answer_text(self.titled(kept.shown), publishers))
        judged = self.journal.judged(kept.id)
        translate = self._translate(kept, publishers)
        share = share_button(kept.answer, self.me.inline, self.links.again(kept.id))
        return shown, answer_buttons(kept.id, kept.answer, self.opens, translate, judged, share)

    def rich(self, kept: Kept) -> dict[str, Any] | None:
        """An answer as one rich message, where those are wanted. Reads the archive."""
        if not self.settings.telegram_rich:
            return None
        return rich_answer(self.titled(kept.shown), self.publishers(kept.answer), self.opens)

    def _translate(self, kept: Kept, publishers: dict[int, str]) -> bool | None:
        """Whether translations of the quotes can be asked for, or (False) taken away; None: neither."""
        answer = kept.answer
        if not any(citation.gloss for citation in answer.citations):
            return True if self.desk.translates and self._foreign(answer) else None
        if not kept.glossed:
            return True
        # Only the last of several messages is at hand when its button is pressed.
        forms = (answer_text(each, publishers) for each in (answer, without_gloss(answer)))
        return False if all(len(split(form)) == 1 for form in forms) else None

    def _foreign(self, answer: Answer) -> bool:
        """Whether a quote is in the other language."""
        found = (self.archive.article(c.article, c.version) for c in answer.citations)
        return any(article is not None and article.language != answer.language for article in found)

    async def such(self, language: Language, before: str = "") -> str:
        """How a sentence ends that says what to write: with a question that these articles answer, after
        `before`; with a full stop where there is none."""
        example = await asyncio.to_thread(newest_example, self.archive, language)
        return say("such", language, example=before + example) if example else "."

    async def say(self, row: Row, message: Message, key: str, **values: object) -> None:
        """Replies with a phrase, in the user's language; the row is then done."""
        await self.send(row, message, plain(say(key, self.speaks(message.from_user), **values)))

    async def send(
        self, row: Row, message: Message, text: Marked, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Replies; the row is then done."""
        await self.sender.reply(
            row,
            split(text),
            message.chat.id,
            to=message.message_id,
            thread=thread(message),
            keyboard=keyboard,
        )

    async def toast(self, row: Row, query: CallbackQuery, text: str) -> None:
        """Answers a button; the row is then done. One pressed long ago can not be answered any more,
        which is no harm."""
        await self.sender.aside(lambda: query.answer(text))
        await self.done(row)

    async def done(self, row: Row) -> None:
        """Nothing is left to do for a row."""
        await asyncio.to_thread(self.inbox.done, row)
