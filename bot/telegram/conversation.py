"""What comes in, and what each of it gets."""

from __future__ import annotations

import asyncio

from telegram import Message

from bot.telegram.buttons import Buttons
from bot.telegram.desk import Ticket
from bot.telegram.inbox import CRASHES, Row
from bot.telegram.incoming import Incoming, classify
from bot.telegram.memory import Kept
from bot.telegram.parts import Call, Parts
from bot.telegram.updates import command, private, thread
from rag.errors import Cancelled, InputError


class Conversation:
    """Takes rows of the inbox and answers them; a row is done when its reply was sent."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts
        self._buttons = Buttons(parts)

    def arrive(self, row: Row) -> Incoming:
        """Says what a row is, and puts a question into the queue before anything is waited for."""
        came = classify(row, self._p.me, self._p.is_admin)
        if came.what == "question" and row.crashes < CRASHES and self._admitted(came):
            self._queue(came)
        return came

    async def handle(self, came: Incoming) -> None:
        """Sends what a row gets. Raises PutOff where that has to wait for the next start."""
        row, message = came.row, came.message
        if came.query is not None:
            await self._buttons.pressed(row, came.query)
        elif message is None or came.what == "ignored":
            await self._p.done(row)
        elif row.crashes >= CRASHES:
            row.aside = True
            self._p.metrics.count("kutip_set_aside_total")
            await self._p.say(row, message, "aside")
        elif not self._admitted(came):
            await self._p.say(row, message, "not_allowed")
        elif came.what == "material":
            await self._p.editing.add(row, message, self._p.speaks(came.user))
        elif came.what == "question":
            await self._answer(came, message)
        elif came.offer is not None:
            await came.offer.handler(self._p, self._call(came, message))
        else:
            unmeant = private(message) or command(message) is not None
            await self._p.say(row, message, "unknown" if unmeant else "ask_what")

    async def failed(self, came: Incoming) -> None:
        """Something broke on the way: whoever asked is told so."""
        if came.message is not None and came.user is not None:
            await self._p.say(came.row, came.message, "failed")
        else:
            await self._p.done(came.row)

    def _admitted(self, came: Incoming) -> bool:
        return came.user is not None and came.chat is not None and self._p.admitted(came.user.id, came.chat)

    def _call(self, came: Incoming, message: Message) -> Call:
        assert came.offer is not None
        return Call(
            came.row,
            message,
            came.offer.name["id"],
            came.rest,
            came.user.id if came.user else 0,
            self._p.speaks(came.user),
        )

    # Questions

    def _queue(self, came: Incoming) -> None:
        row, message, user = came.row, came.message, came.user
        assert message is not None
        assert user is not None
        if row.replayed:
            if self._p.memory.of_update(row.number) is not None:
                return
        elif refusal := self._p.limits.refusal(user.id, self._p.desk.of_user(user.id)):
            came.refusal = refusal
            return
        came.ticket = Ticket(
            number=row.number,
            chat=message.chat.id,
            thread=thread(message),
            user=user.id,
            private=private(message),
            language=self._p.speaks(user),
            question=came.question,
            result=asyncio.get_running_loop().create_future(),
        )
        self._p.desk.submit(came.ticket)
        self._p.waiting.come(came.ticket)

    async def _answer(self, came: Incoming, message: Message) -> None:
        row = came.row
        if came.ticket is not None:
            await self._reply_when_answered(row, message, came.ticket)
        elif came.refusal is not None:
            await self._p.say(row, message, came.refusal[0], number=came.refusal[1])
        elif kept := self._p.memory.of_update(row.number):
            await self._reply(row, message, kept)
        else:
            # The answer was deleted between its being kept and its being sent.
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
