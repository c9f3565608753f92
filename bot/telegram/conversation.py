"""What readers send, and what each of it gets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, User

from bot.settings import Settings
from bot.telegram.desk import Desk, Ticket
from bot.telegram.editing import Editing
from bot.telegram.fragment import at_sentence, web
from bot.telegram.inbox import CRASHES, Inbox, Row
from bot.telegram.journal import Journal
from bot.telegram.limits import Limits
from bot.telegram.memory import Kept, Memory
from bot.telegram.messages import Marked, Writer, plain, split
from bot.telegram.metrics import Metrics
from bot.telegram.phrases import say
from bot.telegram.reply import answer_buttons, answer_text, context, source_line, which_quote
from bot.telegram.sending import Sender
from bot.telegram.updates import (
    ASK,
    Command,
    Me,
    at_once,
    command,
    for_others,
    language_of,
    private,
    question,
    thread,
)
from bot.telegram.waiting import Waiting
from rag.archive import Archive
from rag.errors import Cancelled, InputError
from rag.types import Citation, Language


@dataclass(frozen=True, slots=True)
class Parts:
    """What a conversation works with."""

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


class Conversation:
    """Takes rows of the inbox and answers them; a row is done when its reply was sent."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts
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
        if asked is None or row.crashes >= CRASHES or not self._allowed(message.from_user, message):
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
            language=self._speaks(message.from_user),
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
            await self._pressed(row, query)
        elif message is None or message.from_user is None or for_others(message, self._p.me):
            await self._done(row)
        elif row.crashes >= CRASHES:
            row.aside = True
            self._p.metrics.count("kutip_set_aside_total")
            await self._say(row, message, "aside")
        elif not self._allowed(message.from_user, message):
            await self._say(row, message, "not_allowed")
        elif self._p.editing.wants(message):
            await self._p.editing.add(row, message, self._speaks(message.from_user))
        else:
            await self._answer(row, message)

    async def failed(self, row: Row) -> None:
        """Something broke on the way: whoever asked is told so."""
        message = row.update.message
        if message is not None and message.from_user is not None:
            await self._say(row, message, "failed")
        else:
            await self._done(row)

    # Messages

    async def _answer(self, row: Row, message: Message) -> None:
        ticket = self._tickets.pop(row.number, None)
        if ticket is not None:
            await self._reply_when_answered(row, message, ticket)
            return
        if refusal := self._refusals.pop(row.number, None):
            await self._say(row, message, refusal[0], number=refusal[1])
            return
        if kept := self._p.memory.of_update(row.number):
            await self._reply(row, message, kept)
            return
        found = command(message)
        if found is not None and found.name in self._commands:
            await self._commands[found.name](row, message, found)
        elif found is not None and message.from_user and self._p.editing.knows(found, message):
            await self._p.editing.command(row, message, found, self._speaks(message.from_user))
        elif not private(message) and found is None:
            await self._say(row, message, "ask_what")
        else:
            await self._say(row, message, "unknown")

    async def _reply_when_answered(self, row: Row, message: Message, ticket: Ticket) -> None:
        try:
            kept = await ticket.result
        except Cancelled:
            if ticket.quietly:
                await self._done(row)
            else:
                await self._say(row, message, "cancelled")
        except InputError:
            await self._say(row, message, "empty")
        else:
            await self._reply(row, message, kept)

    async def _reply(self, row: Row, message: Message, kept: Kept) -> None:
        await self._p.sender.reply(
            row,
            split(answer_text(kept.answer)),
            message.chat.id,
            to=message.message_id,
            keyboard=await asyncio.to_thread(answer_buttons, kept.id, kept.answer, self._opens),
        )

    def _opens(self, citation: Citation) -> str | None:
        if web(citation.url) is None:
            return None
        article = self._p.archive.article(citation.article, citation.version)
        if article is None:
            return web(citation.url)
        return at_sentence(citation.url or "", article.text, citation.start, citation.end)

    # Commands

    def _says(self, key: str) -> Callable[[Row, Message, Command], Awaitable[None]]:
        async def answer(row: Row, message: Message, found: Command) -> None:
            await self._say(row, message, key)

        return answer

    async def _help(self, row: Row, message: Message, found: Command) -> None:
        language = self._speaks(message.from_user)
        text = say("help", language)
        if self._p.editing.may(message):
            text += say("help_admin", language)
        await self._send(row, message, plain(text))

    async def _privacy(self, row: Row, message: Message, found: Command) -> None:
        await self._say(row, message, "privacy", days=self._p.settings.telegram_keep_days, engine="")

    async def _forget(self, row: Row, message: Message, found: Command) -> None:
        user = message.from_user.id if message.from_user else 0
        number = await asyncio.to_thread(self._p.memory.forget, message.chat.id, user)
        await self._say(row, message, "forgotten", number=number)

    async def _cancel(self, row: Row, message: Message, found: Command) -> None:
        user = message.from_user.id if message.from_user else 0
        tickets = [t for t in self._p.desk.of_chat(message.chat.id) if t.user == user]
        number = sum(self._p.desk.cancel(ticket, quietly=True) for ticket in tickets)
        if number:
            await self._say(row, message, "cancelled_all", number=number)
        else:
            await self._say(row, message, "nothing_to_cancel")

    async def _sources(self, row: Row, message: Message, found: Command) -> None:
        language = self._speaks(message.from_user)
        kept = self._p.memory.last(message.chat.id, thread(message))
        if kept is None or not kept.answer.citations:
            await self._say(row, message, "no_sources")
            return
        writer = Writer().add(say("sources", language), "bold")
        for citation in kept.answer.citations:
            writer.add("\n\n").add(source_line(citation, language))
            if address := web(citation.url):
                writer.add("\n").add(address)
        await self._send(row, message, writer.marked())

    async def _language(self, row: Row, message: Message, found: Command) -> None:
        language = self._speaks(message.from_user)
        keyboard = InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton("Bahasa Indonesia", callback_data="l:id"),
                    InlineKeyboardButton("English", callback_data="l:en"),
                ],
                [InlineKeyboardButton(say("auto", language), callback_data="l:auto")],
            ]
        )
        await self._send(row, message, plain(say("choose_language", language)), keyboard)

    # Buttons

    async def _pressed(self, row: Row, query: CallbackQuery) -> None:
        kind, _, rest = (query.data or "").partition(":")
        language = self._speaks(query.from_user)
        if query.message is None or not self._admitted(query.from_user.id, query.message.chat.id):
            await self._toast(row, query, say("over", language))
        elif kind == "x":
            await self._cancel_one(row, query, rest, language)
        elif kind == "l" and rest in ("id", "en", "auto"):
            await self._chosen(row, query, rest)
        elif kind in ("a", "u") and self._p.editing.is_admin(query.from_user.id):
            await self._p.editing.pressed(row, query, kind, rest, language)
        elif kind in ("k", "f", "w"):
            id, _, number = rest.partition(":")
            kept = self._p.memory.answer(int(id)) if id.isdecimal() and len(id) < 18 else None
            if kept is None or kept.chat != query.message.chat.id:
                await self._toast(row, query, say("gone", language))
            elif kind == "k":
                await self._show_context(row, query, kept, number)
            else:
                await self._judged(row, query, kept, kind, number)
        else:
            await self._toast(row, query, say("over", language))

    async def _cancel_one(self, row: Row, query: CallbackQuery, number: str, language: Language) -> None:
        assert query.message is not None
        tickets = self._p.desk.of_chat(query.message.chat.id)
        ticket = next((t for t in tickets if str(t.number) == number), None)
        if ticket is None:
            await self._toast(row, query, say("over", language))
        elif ticket.user != query.from_user.id:
            await self._toast(row, query, say("not_yours", language))
        else:
            cancelled = self._p.desk.cancel(ticket)
            await self._toast(row, query, say("cancelled" if cancelled else "over", language))

    async def _chosen(self, row: Row, query: CallbackQuery, choice: str) -> None:
        chosen: Language | None = "id" if choice == "id" else "en" if choice == "en" else None
        await asyncio.to_thread(self._p.memory.choose, query.from_user.id, chosen)
        text = say("language_chosen" if chosen else "language_auto", self._speaks(query.from_user))
        await self._p.sender.aside(lambda: query.edit_message_text(text))
        await self._toast(row, query, text)

    async def _show_context(self, row: Row, query: CallbackQuery, kept: Kept, number: str) -> None:
        assert query.message is not None
        citation = next((c for c in kept.answer.citations if str(c.number) == number), None)
        if citation is None:
            await self._toast(row, query, say("gone", kept.answer.language))
            return
        archive = self._p.archive
        shown = context(
            citation,
            archive.article(citation.article, citation.version),
            archive.sentences(citation.article, citation.version),
            archive.article(citation.article),
            kept.answer.language,
        )
        await self._p.sender.aside(query.answer)
        await self._p.sender.reply(row, split(shown), query.message.chat.id, to=query.message.message_id)

    async def _judged(self, row: Row, query: CallbackQuery, kept: Kept, kind: str, number: str) -> None:
        citations, language = kept.answer.citations, kept.answer.language
        keyboard = answer_buttons(kept.id, kept.answer, self._opens)
        if kind == "w" and len(citations) > 1:
            rows = [*(keyboard.inline_keyboard[:-1] if keyboard else ()), which_quote(kept.id, kept.answer)]
            markup = InlineKeyboardMarkup(rows)
            await self._p.sender.aside(lambda: query.edit_message_reply_markup(markup))
            await self._toast(row, query, say("which_one", language))
            return
        wrong = kind == "w" or number != "0"
        cited = int(number) if number.isdecimal() and len(number) < 9 else 1
        await asyncio.to_thread(self._p.journal.judge, kept, "wrong" if wrong else "helpful", cited)
        if wrong and len(citations) > 1:
            await self._p.sender.aside(lambda: query.edit_message_reply_markup(keyboard))
        await self._toast(row, query, say("thanks_wrong" if wrong else "thanks", language))

    # What these share

    def _speaks(self, user: User | None) -> Language:
        chosen = self._p.memory.language(user.id) if user else None
        return chosen or language_of(user.language_code if user else None)

    def _allowed(self, user: User, message: Message) -> bool:
        return self._admitted(user.id, message.chat.id)

    def _admitted(self, user: int, chat: int) -> bool:
        allowed = self._p.settings.telegram_allowed
        return not allowed or user in allowed or chat in allowed or self._p.editing.is_admin(user)

    async def _say(self, row: Row, message: Message, key: str, **values: object) -> None:
        await self._send(row, message, plain(say(key, self._speaks(message.from_user), **values)))

    async def _send(
        self, row: Row, message: Message, text: Marked, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        await self._p.sender.reply(
            row, split(text), message.chat.id, to=message.message_id, keyboard=keyboard
        )

    async def _toast(self, row: Row, query: CallbackQuery, text: str) -> None:
        """Answers a button. One pressed long ago can not be answered any more, which is no harm."""
        await self._p.sender.aside(lambda: query.answer(text))
        await self._done(row)

    async def _done(self, row: Row) -> None:
        await asyncio.to_thread(self._p.inbox.done, row)
