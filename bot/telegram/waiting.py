"""What a chat sees while it waits: typing, the place in the queue, and the answer as it grows.

In private chats the growing answer is a draft (https://core.telegram.org/bots/api#sendmessagedraft); a draft
carries no buttons, so Cancel stands on a small status message beside it. Elsewhere the status message itself
grows. It is deleted when nothing waits any more. Replies do not wait for any of this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from telegram import InlineKeyboardMarkup
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.telegram.callbacks import Act, button
from bot.telegram.desk import Desk, Ticket
from bot.telegram.memory import Memory
from bot.telegram.messages import Marked, plain, split
from bot.telegram.phrases import say
from bot.telegram.reply import growing_text
from bot.telegram.sending import Sender
from rag.errors import StoreError

TICK = 0.2
"""Seconds between two looks at what changed."""
CLOSING = 3.0
"""Seconds for deleting status messages at the end; the next start deletes the rest."""
TIDY_SECONDS = 60.0
"""Seconds between two looks for status messages of workers that have ended."""
QUIET = 1.0
"""Seconds before a status message appears: most answers are there by then."""
TYPING_EVERY = 4.5
"""Telegram shows an action for 5 seconds."""
EDIT_EVERY, DRAFT_EVERY = 3.0, 1.0
"""Seconds between two edits of a message, and between two drafts, in one private chat."""
GROUP_EVERY = 12.0
"""Seconds between two edits in a group, and between two actions: a group takes 20 calls a minute, and
its answers come first."""
CROWD = 5.0
"""Actions a second, and edits, in all chats together: Telegram takes 30 calls a second, and answers come
first."""


@dataclass(slots=True)
class _Shown:
    """What a chat shows now, and since when."""

    message: int | None = None
    status: Marked | None = None
    edited: float = 0.0
    draft: Marked | None = None
    drafted: float = 0.0
    typed: float = 0.0


class Waiting:
    """One task for each chat in which questions wait."""

    def __init__(self, sender: Sender, desk: Desk, memory: Memory, can_stop: bool = False) -> None:
        """`can_stop`: drafts carry Telegram's own button that stops them, for servers that have it."""
        self._sender, self._desk, self._memory, self._can_stop = sender, desk, memory, can_stop
        self._chats: dict[int, asyncio.Task[None]] = {}
        self._calls: set[asyncio.Task[Any]] = set()

    def come(self, ticket: Ticket) -> None:
        """Shows at once that a question has arrived."""
        task = self._chats.get(ticket.chat)
        if task is None or task.done():
            self._chats[ticket.chat] = asyncio.create_task(self._show(ticket.chat))
        else:
            self._aside(self._type(ticket))

    async def close(self) -> None:
        """Deletes the status messages."""
        tasks = [*self._chats.values(), *self._calls]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING)

    async def tidy(self, several: bool = False) -> None:
        """Deletes status messages that a crash has left.

        With `several` workers it looks again and again, until it is cancelled: others may end meanwhile.
        """
        while True:
            with suppress(StoreError):
                for chat, message in await asyncio.to_thread(self._memory.still_showing):
                    await self._take_away(chat, message)
            if not several:
                return
            await asyncio.sleep(TIDY_SECONDS)

    async def _show(self, chat: int) -> None:
        shown = _Shown()
        try:
            while tickets := self._desk.of_chat(chat):
                await self._tick(tickets, shown)
                await asyncio.sleep(TICK)
        finally:
            self._chats.pop(chat, None)
            if shown.message is not None:
                await self._take_away(chat, shown.message)

    async def _tick(self, tickets: list[Ticket], shown: _Shown) -> None:
        first, now = tickets[0], monotonic()
        crowded = len(self._chats) / CROWD
        if now - shown.typed > max(crowded, TYPING_EVERY if first.private else GROUP_EVERY):
            shown.typed = now
            self._aside(self._type(first))
        if first.partial is not None and first.private and now - shown.drafted > DRAFT_EVERY:
            draft = split(growing_text(first.partial))[0]
            if draft != shown.draft:
                shown.draft, shown.drafted = draft, now
                self._aside(
                    self._sender.bot.send_message_draft(
                        first.chat,
                        draft_id=first.number,
                        text=draft.text,
                        entities=draft.entities,
                        message_thread_id=first.thread or None,
                        # Clients then show a button of their own that stops it.
                        api_kwargs={"can_stop": True} if self._can_stop and self._sender.takes_rich else None,
                    )
                )
        every = max(crowded, EDIT_EVERY if first.private else GROUP_EVERY)
        if now - first.arrived > QUIET and now - shown.edited > every:
            await self._status(tickets, shown, now)

    async def _status(self, tickets: list[Ticket], shown: _Shown, now: float) -> None:
        first = tickets[0]
        status = self._status_text(tickets)
        if status == shown.status:
            return
        cancel = button(say("cancel", first.language), Act.CANCEL, first.number)
        keyboard = InlineKeyboardMarkup([[cancel]])
        bot = self._sender.bot
        shown.edited = now
        try:
            if shown.message is None:
                sent = await bot.send_message(
                    first.chat,
                    status.text,
                    message_thread_id=first.thread or None,
                    reply_markup=keyboard,
                    disable_notification=True,
                )
                shown.message = sent.message_id
                await asyncio.to_thread(self._memory.showing, first.chat, sent.message_id)
            else:
                await bot.edit_message_text(
                    status.text, first.chat, shown.message, reply_markup=keyboard, entities=status.entities
                )
            shown.status = status
        except (TelegramError, StoreError):
            pass  # the next tick tries again, no sooner than an edit may come

    def _status_text(self, tickets: list[Ticket]) -> Marked:
        first = tickets[0]
        if first.partial is not None and not first.private:
            return split(growing_text(first.partial))[0]
        before, language = self._desk.place(first), first.language
        if not self._desk.ready:
            text = say("starting", language)
        elif before == 0:
            text = say("translating" if first.of else "reading", language)
        else:
            text = say("queued_one" if before == 1 else "queued", language, before=before)
        if len(tickets) > 1:
            text += say("yours_waiting", language, number=len(tickets))
        return plain(text)

    async def _type(self, ticket: Ticket) -> None:
        await self._sender.bot.send_chat_action(
            ticket.chat, ChatAction.TYPING, message_thread_id=ticket.thread or None
        )

    async def _take_away(self, chat: int, message: int) -> None:
        # Refused where it is gone already, or the chat is closed to the bot.
        with suppress(BadRequest, Forbidden):
            await self._sender.until_done(lambda: self._sender.bot.delete_message(chat, message))
        # Where this cannot be written, the next start takes away what is gone already.
        with suppress(StoreError):
            await asyncio.to_thread(self._memory.shown, chat, message)

    def _aside(self, call: Coroutine[Any, Any, Any]) -> None:
        """Makes a call that nothing waits for and whose failure harms nothing."""

        async def quietly() -> None:
            with suppress(TelegramError):
                await call

        task = asyncio.create_task(quietly())
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
