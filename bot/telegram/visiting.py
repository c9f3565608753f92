"""Questions from chats that the bot is not in: inline, and as a guest that somebody mentions.

Such an answer is not kept: it has no buttons that would need it, and nothing follows it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from telegram import InlineQuery, InlineQueryResultArticle, InlineQueryResultsButton
from telegram.error import BadRequest, Forbidden

from bot.telegram.desk import Ticket
from bot.telegram.inbox import CRASHES, Row
from bot.telegram.incoming import Incoming
from bot.telegram.parts import Parts
from bot.telegram.phrases import say
from bot.telegram.sharing import remark, result
from rag.errors import Cancelled, KutipError
from rag.types import Answer, Language

PAUSE = 0.6
"""Seconds without another letter after which what was typed is a question: a client asks at each letter."""
SHORTEST = 6
"""The least characters of a question."""
CACHE_SECONDS = 30
"""How long Telegram may show the same user the same results: articles come in meanwhile."""
NOWHERE = 0
"""The chat number of a question from a chat that the bot is not in."""


class Visiting:
    """Answers inline queries and guest messages."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts
        self._typed: dict[int, str] = {}
        self._asked: dict[int, Ticket] = {}

    # Inline (https://core.telegram.org/bots/api#inline-mode)

    async def inline(self, row: Row, query: InlineQuery) -> None:
        """Offers the answer to what a user types after the bot's name; nothing for what was typed before.

        One that was left from before a restart is too old to be answered.
        """
        user, question = query.from_user, " ".join(query.query.split())
        language = self._p.speaks(user)
        self._typed[user.id] = query.id
        if ticket := self._asked.pop(user.id, None):
            self._p.desk.cancel(ticket, quietly=True)
        await asyncio.sleep(PAUSE)
        if row.replayed or self._typed.get(user.id) != query.id:
            await self._p.done(row)
            return
        del self._typed[user.id]
        results, text = [], say("ask_privately", language)
        if not self._p.access.admitted(user.id, user.id):
            text = say("ask_access", language)
        elif len(question) >= SHORTEST:
            said = await self._said(row, user.id, question, language, typed=True)
            if said is None:
                await self._p.done(row)
                return
            if isinstance(said, Answer) and said.citations and said.status == "answered":
                results = [await self._result(said)]
            elif isinstance(said, str):
                text = said
        button = InlineQueryResultsButton(text, start_parameter="tanya")
        # Refused where it comes too late: the user has typed on, or gone.
        with suppress(BadRequest):
            await self._p.sender.bot.answer_inline_query(
                query.id, results, cache_time=CACHE_SECONDS, is_personal=True, button=button
            )
        await self._p.done(row)

    # Guest mode (https://core.telegram.org/bots/api#answerguestquery)

    async def guest(self, came: Incoming) -> None:
        """Answers once where the bot was mentioned without being a member."""
        message, row = came.message, came.row
        if message is None or message.guest_query_id is None or came.user is None:
            await self._p.done(row)
            return
        language, name = self._p.speaks(came.user), self._p.me.username
        answer: InlineQueryResultArticle
        if row.crashes >= CRASHES:
            row.aside = True
            said: Answer | str = say("aside", language)
        elif not self._p.access.admitted(came.asker, message.chat.id):
            said = say("not_allowed", language)
        elif not came.question:
            such = await self._p.such(language, f"@{name} ")
            said = say("ask_what_guest", language, bot=name, such=such)
        else:
            said = await self._said(row, came.asker, came.question, language) or say("cancelled", language)
        if isinstance(said, Answer):
            answer = await self._result(said)
        else:
            answer = remark(said, say("kutip", language), name, language)
        query = message.guest_query_id
        # Refused where it was answered before the process ended, or comes too late.
        with suppress(BadRequest, Forbidden):
            await self._p.sender.until_done(lambda: self._p.sender.bot.answer_guest_query(query, answer))
        await self._p.done(row)

    # What both need

    async def _said(
        self, row: Row, asker: int, question: str, language: Language, typed: bool = False
    ) -> Answer | str | None:
        """The answer, or why there is none; None for what was `typed` and is followed by more."""
        refusal = (
            None if row.replayed else self._p.limits.refusal(asker, self._p.desk.of_user(asker), row.number)
        )
        if refusal:
            return say(refusal[0], language, number=refusal[1])
        ticket = Ticket(
            number=row.number,
            chat=NOWHERE,
            thread=0,
            user=asker,
            private=False,
            language=language,
            question=question,
            result=asyncio.get_running_loop().create_future(),
            keeps=False,
            alone=row.crashes > 0,
        )
        if typed:
            self._asked[asker] = ticket
        self._p.desk.submit(ticket)
        try:
            return (await ticket.result).answer
        except Cancelled:
            return None
        except KutipError:
            return say("failed", language)
        finally:
            if self._asked.get(asker) is ticket:
                del self._asked[asker]

    async def _result(self, answer: Answer) -> InlineQueryResultArticle:
        publishers = await asyncio.to_thread(self._p.publishers, answer)
        titled = await asyncio.to_thread(self._p.titled, answer)
        return await asyncio.to_thread(result, titled, publishers, self._p.opens, self._p.me.username)
