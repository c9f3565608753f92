"""Translations of an answer's quotes: asked for, and taken away again, by the button under it."""

from __future__ import annotations

import asyncio

from telegram import CallbackQuery, Message

from bot.telegram.desk import Ticket
from bot.telegram.inbox import Row
from bot.telegram.memory import Kept
from bot.telegram.messages import plain, split
from bot.telegram.parts import Parts
from bot.telegram.phrases import say
from bot.telegram.reply import translations
from bot.telegram.updates import private, thread
from rag.errors import Cancelled, KutipError


class Translating:
    """Translates quotes. A translation takes the model's time, so it queues like a question and counts as
    one."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts

    async def pressed(self, row: Row, query: CallbackQuery, kept: Kept, wanted: bool) -> None:
        """Shows the quotes of an answer with translations beside them, or without."""
        if not wanted or any(citation.gloss for citation in kept.answer.citations):
            await self._p.sender.aside(query.answer)
        else:
            made = await self._made(row, query, kept)
            if made is None:
                return
            kept = made
        if wanted and not any(citation.gloss for citation in kept.answer.citations):
            await self._p.sender.reply(
                row,
                [plain(say("no_translation", kept.answer.language))],
                kept.chat,
                to=query.message.message_id if query.message else None,
                thread=thread(query.message),
            )
            return
        await self._show(row, query, kept, wanted)

    async def _made(self, row: Row, query: CallbackQuery, kept: Kept) -> Kept | None:
        """The answer with what translations a chat model gave; None where nothing is left to be done."""
        desk, user, message = self._p.desk, query.from_user, query.message
        language = self._p.speaks(user)
        if any(ticket.of is not None and ticket.of.id == kept.id for ticket in desk.of_chat(kept.chat)):
            await self._p.toast(row, query, say("translating", language))
            return None
        refusal = None if row.replayed else self._p.limits.refusal(user.id, desk.of_user(user.id), row.number)
        if refusal:
            await self._p.toast(row, query, say(refusal[0], language, number=refusal[1]))
            return None
        ticket = Ticket(
            number=row.number,
            chat=kept.chat,
            thread=thread(message),
            user=user.id,
            private=isinstance(message, Message) and private(message),
            language=language,
            question=kept.answer.question,
            result=asyncio.get_running_loop().create_future(),
            of=kept,
            alone=row.crashes > 0,
        )
        desk.submit(ticket)
        self._p.waiting.come(ticket)
        await self._p.sender.aside(lambda: query.answer(say("translating", language)))
        try:
            return await ticket.result
        except Cancelled:
            await self._p.done(row)
            return None
        except KutipError:
            # The user hears that there is no translation.
            return kept

    async def _show(self, row: Row, query: CallbackQuery, kept: Kept, wanted: bool) -> None:
        shown = await asyncio.to_thread(self._p.memory.gloss, row.number, kept, kept.answer, wanted)
        messages, keyboard = await asyncio.to_thread(self._p.reply, shown)
        if len(messages) == 1 or not wanted:
            # One of several messages cannot become the whole answer.
            if len(messages) == 1:
                await self._p.sender.rewrite(query, messages[0], keyboard)
            await self._p.done(row)
            return
        # No room beside the quotes: they come as a message of their own, as often as they are asked for.
        await asyncio.to_thread(self._p.memory.gloss, row.number, kept, kept.answer, False)
        to = query.message.message_id if query.message else None
        await self._p.sender.reply(
            row, split(translations(kept.answer)), kept.chat, to=to, thread=thread(query.message)
        )
