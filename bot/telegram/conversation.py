"""Decides what each update gets."""

from __future__ import annotations

import asyncio

from telegram import InlineKeyboardMarkup, Message

from bot.telegram.albums import GATHER_SECONDS, Albums
from bot.telegram.buttons import Buttons
from bot.telegram.callbacks import Act, button
from bot.telegram.commands import START
from bot.telegram.desk import Ticket
from bot.telegram.inbox import CRASHES, Row
from bot.telegram.incoming import Album, Incoming, classify
from bot.telegram.links import AgainLink
from bot.telegram.memory import Kept
from bot.telegram.messages import plain, split
from bot.telegram.parts import Call, Parts
from bot.telegram.phrases import say
from bot.telegram.updates import private, replied, thread
from bot.telegram.visiting import Visiting
from rag.errors import Cancelled, InputError, ReaderCrashed

EDITABLE_SECONDS = 49 * 3600.0
"""Seconds for which a user can edit a message, and an hour more; later edits are Telegram's own."""


class Conversation:
    """Answers rows of the inbox; a row is done when its reply was sent."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts
        self._buttons = Buttons(parts)
        self._albums = Albums()
        self._visiting = Visiting(parts)

    def arrive(self, row: Row) -> Incoming:
        """Classifies a row, and queues a question at once, so that the order stays."""
        came = classify(row, self._p.me, self._p.access.is_admin)
        came.album = self._albums.join(came)
        if came.offer is START and came.rest:
            self._ask_again(came)
        if came.edited and came.what == "question" and not self._changed(came):
            came.what = "ignored"
        if came.what == "question" and row.crashes < CRASHES and self._admitted(came):
            self._queue(came)
        return came

    async def handle(self, came: Incoming) -> None:
        """Handles a row. Raises PutOff if it has to wait for the next start."""
        row, message = came.row, came.message
        if came.query is not None:
            await self._buttons.pressed(row, came.query)
        elif row.update.inline_query is not None:
            await self._visiting.inline(row, row.update.inline_query)
        elif came.what == "guest":
            await self._visiting.guest(came)
        elif came.what == "stopped":
            await self._stop(came)
        elif message is None or came.what == "ignored":
            await self._p.done(row)
        elif came.what == "moved":
            await self._move(row, message)
        elif row.crashes >= CRASHES:
            await self._set_aside(row, message)
        elif came.album is not None and came.what != "question" and not await self._leads(came, came.album):
            await self._p.done(row)
        elif not self._admitted(came):
            await self._turn_away(came, message)
        elif came.what == "question":
            await self._answer(came, message)
        elif came.offer is not None:
            await came.offer.handler(self._p, self._call(came, message))
        elif came.what == "material":
            await self._add(came, message)
        else:
            await self._p.say(row, message, came.phrase)

    async def failed(self, came: Incoming) -> None:
        """Tells the user that something went wrong."""
        if (
            came.message is not None
            and came.user is not None
            and came.what not in ("guest", "ignored", "moved")
        ):
            await self._p.say(came.row, came.message, "failed")
        else:
            await self._p.done(came.row)

    def _ask_again(self, came: Incoming) -> None:
        """Asks the question of a stored answer again, as a link says."""
        link = self._p.links.read(came.rest)
        kept = self._p.memory.answer(link.answer) if isinstance(link, AgainLink) else None
        if kept is not None:
            came.what, came.question, came.again = "question", kept.answer.question, True

    def _admitted(self, came: Incoming) -> bool:
        known = came.user is not None and came.chat is not None
        return known and self._p.access.admitted(came.asker, came.chat or 0)

    async def _turn_away(self, came: Incoming, message: Message) -> None:
        """Says that the bot is closed; in a private chat, offers to ask for access."""
        keyboard = None
        language = self._p.speaks(came.user)
        if private(message) and self._p.access.visitor(came.asker) is None:
            keyboard = InlineKeyboardMarkup([[button(say("ask_access", language), Act.KNOCK)]])
        await self._p.send(came.row, message, plain(say("not_allowed", language)), keyboard)

    def _call(self, came: Incoming, message: Message) -> Call:
        assert came.offer is not None
        return Call(
            came.row,
            message,
            came.offer.name["id"],
            came.rest,
            came.asker,
            self._p.speaks(came.user),
        )

    async def _move(self, row: Row, message: Message) -> None:
        """Notes that a group became a supergroup. Telegram says so in both."""
        old, new = message.chat.id, message.migrate_to_chat_id
        if message.migrate_from_chat_id is not None:
            old, new = message.migrate_from_chat_id, message.chat.id
        if new is not None:
            await asyncio.to_thread(self._p.memory.move, old, new)
        await self._p.done(row)

    async def _stop(self, came: Incoming) -> None:
        """Cancels the question whose draft a reader has stopped."""
        for ticket in self._p.desk.of_chat(came.stopped[0]):
            if ticket.number == came.stopped[1]:
                self._p.desk.cancel(ticket)
        await self._p.done(came.row)

    async def _leads(self, came: Incoming, album: Album) -> bool:
        """Whether a message gets its album's reply; the others are done when that one is."""
        await asyncio.sleep(GATHER_SECONDS)
        leads = album.leads(came)
        if not leads and came.what == "material":
            await album.over.wait()
        return leads

    async def _add(self, came: Incoming, message: Message) -> None:
        """Adds what an admin has sent, an album as one thing."""
        members = [each for each in came.album.members if each.what == "material"] if came.album else [came]
        messages = [each.message for each in members if each.message is not None]
        try:
            await self._p.editing.add(came.row, messages, self._p.speaks(came.user))
        finally:
            if came.album is not None:
                came.album.over.set()

    # Questions

    def _changed(self, came: Incoming) -> bool:
        """Whether an edited message asks something else than before; if so, cancels what it asked before."""
        message = came.message
        assert message is not None
        waiting = [t for t in self._p.desk.of_chat(message.chat.id) if t.message == message.message_id]
        if waiting:
            if waiting[-1].question == came.question:
                return False
            for ticket in waiting:
                self._p.desk.cancel(ticket, quietly=True)
            return True
        kept = self._p.memory.to_message(message.chat.id, message.message_id)
        if kept is not None:
            begun = came.row.replayed and self._p.memory.of_update(came.row.number) is not None
            return kept.answer.question != came.question or begun
        edited = message.edit_date or message.date
        return (edited - message.date).total_seconds() < EDITABLE_SECONDS

    def _followed(self, message: Message) -> int | None:
        """The answer that a message replies to."""
        above = message.reply_to_message
        if above is None or not replied(message, self._p.me):
            return None
        kept = self._p.memory.by_message(message.chat.id, above.message_id)
        return kept.id if kept is not None else None

    def _queue(self, came: Incoming) -> None:
        row, message, user = came.row, came.message, came.user
        assert message is not None
        assert user is not None
        if row.replayed:
            if self._p.memory.of_update(row.number) is not None:
                return
        elif refusal := self._p.limits.refusal(came.asker, self._p.desk.of_user(came.asker), row.number):
            came.refusal = refusal
            return
        came.ticket = Ticket(
            number=row.number,
            chat=message.chat.id,
            thread=thread(message),
            user=came.asker,
            private=private(message),
            language=self._p.speaks(user),
            question=came.question,
            result=asyncio.get_running_loop().create_future(),
            message=message.message_id,
            follows=self._followed(message),
            alone=row.crashes > 0,
        )
        self._p.desk.submit(came.ticket)
        self._p.waiting.come(came.ticket)

    async def _answer(self, came: Incoming, message: Message) -> None:
        row = came.row
        if came.ticket is not None:
            await self._reply_when_answered(came, message, came.ticket)
        elif came.refusal is not None:
            await self._p.say(row, message, came.refusal[0], number=came.refusal[1])
        elif kept := self._p.memory.of_update(row.number):
            await self._reply(came, message, kept)
        else:
            # The answer was deleted after it was stored and before it was sent.
            await self._p.say(row, message, "unknown")

    async def _reply_when_answered(self, came: Incoming, message: Message, ticket: Ticket) -> None:
        row = came.row
        try:
            kept = await ticket.result
        except Cancelled:
            if ticket.quietly:
                await self._p.done(row)
            else:
                await self._p.say(row, message, "cancelled")
        except InputError:
            await self._p.say(row, message, "empty")
        except ReaderCrashed:
            await self._set_aside(row, message)
        else:
            await self._reply(came, message, kept)

    async def _set_aside(self, row: Row, message: Message) -> None:
        """Tells the user that the update is not tried again, since processes died of it."""
        row.aside = True
        self._p.metrics.count("kutip_set_aside_total")
        await self._p.say(row, message, "aside")

    async def _reply(self, came: Incoming, message: Message, kept: Kept) -> None:
        shown, keyboard = await asyncio.to_thread(self._p.reply, kept)
        rich = None if came.again else await asyncio.to_thread(self._p.rich, kept)
        if came.again:
            # A link does not show what it asks.
            asked = say("asked_again", kept.answer.language, question=kept.answer.question)
            shown = [*split(plain(asked)), *shown]
        await self._p.sender.reply(
            came.row,
            shown,
            message.chat.id,
            to=message.message_id,
            thread=thread(message),
            keyboard=keyboard,
            rich=rich,
        )
