"""What readers send, and what each of it gets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.telegram.buttons import Buttons
from bot.telegram.desk import Ticket
from bot.telegram.fragment import web
from bot.telegram.inbox import CRASHES, Row
from bot.telegram.memory import Kept
from bot.telegram.messages import Writer, plain
from bot.telegram.parts import Parts
from bot.telegram.phrases import say
from bot.telegram.reply import source_line
from bot.telegram.updates import ASK, Command, at_once, command, for_others, private, question, thread
from rag.errors import Cancelled, InputError


class Conversation:
    """Takes rows of the inbox and answers them; a row is done when its reply was sent."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts
        self._buttons = Buttons(parts)
        self._tickets: dict[int, Ticket] = {}
        self._refusals: dict[int, tuple[str, int]] = {}
        self._commands: dict[str, Callable[[Row, Message, Command], Awaitable[None]]] = {
            **dict.fromkeys(("start",), self._says("hello")),
            **dict.fromkeys(("help", "bantuan"), self._help),
            **dict.fromkeys(ASK, self._says("ask_what")),
            **dict.fromkeys(("sumber", "sources"), self._sources),
            **dict.fromkeys(("bahasa", "language"), self._language),
            **dict.fromkeys(("lupa", "forget"), self._forget),
            **dict.fromkeys(("batal", "cancel"), self._cancel),
            **dict.fromkeys(("privasi", "privacy"), self._privacy),
        }

    def at_once(self, row: Row) -> bool:
        """Whether a row does not wait for the chat's earlier ones."""
        message = row.update.message
        return at_once(row.update) or (message is not None and self._p.editing.wants(message))

    def arrive(self, row: Row) -> None:
        """Puts a question into the queue, before anything is waited for."""
        message = row.update.message
        if message is None or message.from_user is None or self._p.editing.wants(message):
            return
        asked = question(message, self._p.me)
        if (
            asked is None
            or row.crashes >= CRASHES
            or not self._p.admitted(message.from_user.id, message.chat.id)
        ):
            return
        if row.replayed:
            if self._p.memory.of_update(row.number) is not None:
                return
        elif refusal := self._p.limits.refusal(
            message.from_user.id, self._p.desk.of_user(message.from_user.id)
        ):
            self._refusals[row.number] = refusal
            return
        ticket = Ticket(
            number=row.number,
            chat=message.chat.id,
            thread=thread(message),
            user=message.from_user.id,
            private=private(message),
            language=self._p.speaks(message.from_user),
            question=asked,
            result=asyncio.get_running_loop().create_future(),
        )
        self._tickets[row.number] = ticket
        self._p.desk.submit(ticket)
        self._p.waiting.come(ticket)

    async def handle(self, row: Row) -> None:
        """Sends what a row gets. Raises PutOff where that has to wait for the next start."""
        query, message = row.update.callback_query, row.update.message
        if query is not None:
            await self._buttons.pressed(row, query)
        elif message is None or message.from_user is None or for_others(message, self._p.me):
            await self._p.done(row)
        elif row.crashes >= CRASHES:
            row.aside = True
            self._p.metrics.count("kutip_set_aside_total")
            await self._p.say(row, message, "aside")
        elif not self._p.admitted(message.from_user.id, message.chat.id):
            await self._p.say(row, message, "not_allowed")
        elif self._p.editing.wants(message):
            await self._p.editing.add(row, message, self._p.speaks(message.from_user))
        else:
            await self._answer(row, message)

    async def failed(self, row: Row) -> None:
        """Something broke on the way: whoever asked is told so."""
        message = row.update.message
        if message is not None and message.from_user is not None:
            await self._p.say(row, message, "failed")
        else:
            await self._p.done(row)

    # Messages

    async def _answer(self, row: Row, message: Message) -> None:
        ticket = self._tickets.pop(row.number, None)
        if ticket is not None:
            await self._reply_when_answered(row, message, ticket)
            return
        if refusal := self._refusals.pop(row.number, None):
            await self._p.say(row, message, refusal[0], number=refusal[1])
            return
        if kept := self._p.memory.of_update(row.number):
            await self._reply(row, message, kept)
            return
        found = command(message)
        if found is not None and found.name in self._commands:
            await self._commands[found.name](row, message, found)
        elif found is not None and message.from_user and self._p.editing.knows(found, message):
            await self._p.editing.command(row, message, found, self._p.speaks(message.from_user))
        elif not private(message) and found is None:
            await self._p.say(row, message, "ask_what")
        else:
            await self._p.say(row, message, "unknown")

    async def _reply_when_answered(self, row: Row, message: Message, ticket: Ticket) -> None:
        try:
            kept = await ticket.result
        except Cancelled:
            if ticket.quietly:
                await self._p.done(row)
            else:
                await self._p.say(row, message, "cancelled")
        except InputError:
            await self._p.say(row, message, "empty")
        else:
            await self._reply(row, message, kept)

    async def _reply(self, row: Row, message: Message, kept: Kept) -> None:
        shown, keyboard = await asyncio.to_thread(self._p.reply, kept)
        await self._p.sender.reply(row, shown, message.chat.id, to=message.message_id, keyboard=keyboard)

    # Commands

    def _says(self, key: str) -> Callable[[Row, Message, Command], Awaitable[None]]:
        async def answer(row: Row, message: Message, found: Command) -> None:
            await self._p.say(row, message, key)

        return answer

    async def _help(self, row: Row, message: Message, found: Command) -> None:
        language = self._p.speaks(message.from_user)
        text = say("help", language)
        if self._p.editing.may(message):
            text += say("help_admin", language)
        await self._p.send(row, message, plain(text))

    async def _privacy(self, row: Row, message: Message, found: Command) -> None:
        settings = self._p.settings
        language = self._p.speaks(message.from_user)
        server = say("privacy_server", language) if settings.model_url else ""
        await self._p.say(row, message, "privacy", days=settings.telegram_keep_days, server=server)

    async def _forget(self, row: Row, message: Message, found: Command) -> None:
        user = message.from_user.id if message.from_user else 0
        number = await asyncio.to_thread(self._p.memory.forget, message.chat.id, user)
        await self._p.say(row, message, "forgotten", number=number)

    async def _cancel(self, row: Row, message: Message, found: Command) -> None:
        user = message.from_user.id if message.from_user else 0
        tickets = [t for t in self._p.desk.of_chat(message.chat.id) if t.user == user]
        number = sum(self._p.desk.cancel(ticket, quietly=True) for ticket in tickets)
        if number:
            await self._p.say(row, message, "cancelled_all", number=number)
        else:
            await self._p.say(row, message, "nothing_to_cancel")

    async def _sources(self, row: Row, message: Message, found: Command) -> None:
        language = self._p.speaks(message.from_user)
        kept = self._p.memory.last(message.chat.id, thread(message))
        if kept is None or not kept.answer.citations:
            await self._p.say(row, message, "no_sources")
            return
        writer = Writer().add(say("sources", language), "bold")
        for citation in kept.answer.citations:
            writer.add("\n\n").add(source_line(citation, language))
            if address := web(citation.url):
                writer.add("\n").add(address)
        await self._p.send(row, message, writer.marked())

    async def _language(self, row: Row, message: Message, found: Command) -> None:
        language = self._p.speaks(message.from_user)
        keyboard = InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton("Bahasa Indonesia", callback_data="l:id"),
                    InlineKeyboardButton("English", callback_data="l:en"),
                ],
                [InlineKeyboardButton(say("auto", language), callback_data="l:auto")],
            ]
        )
        await self._p.send(row, message, plain(say("choose_language", language)), keyboard)
