"""The buttons under messages: cancelling, context, translations, verdicts, the language."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from telegram import CallbackQuery, ChatMember, InlineKeyboardMarkup, Message
from telegram.error import TelegramError

from bot.telegram import admins, callbacks
from bot.telegram.callbacks import Act, Pressed
from bot.telegram.desk import Ticket
from bot.telegram.inbox import CRASHES, Row
from bot.telegram.memory import Kept
from bot.telegram.messages import plain, split
from bot.telegram.parts import Parts
from bot.telegram.phrases import say
from bot.telegram.readers import hour_buttons, hours_of
from bot.telegram.reply import context, which_quote
from bot.telegram.translating import Translating
from bot.telegram.updates import thread
from rag.types import Language

AdminButton = Callable[[Parts, Row, CallbackQuery, Pressed, Language], Awaitable[None]]


class Buttons:
    """Answers pressed buttons. A client may send any data in place of a button's, so none is trusted."""

    _for_admins: Mapping[Act, AdminButton] = {
        Act.ARTICLES: admins.pressed,
        Act.UNDO: admins.pressed,
        Act.ADMIT: admins.decide,
        Act.LEAVE: admins.leave,
        Act.REPORT: admins.set_report,
    }

    def __init__(self, parts: Parts) -> None:
        self._p = parts
        self._translating = Translating(parts)

    async def pressed(self, row: Row, query: CallbackQuery) -> None:
        """Answers a pressed button."""
        what = callbacks.pressed(query.data)
        language = self._p.speaks(query.from_user)
        if row.crashes >= CRASHES:
            row.aside = True
            self._p.metrics.count("kutip_set_aside_total")
            await self._p.toast(row, query, say("no_translation", language))
        elif what.act is Act.KNOCK and not self._p.access.admitted(query.from_user.id, query.from_user.id):
            await admins.knock(self._p, row, query, language)
        elif query.message is None or not self._p.access.admitted(query.from_user.id, query.message.chat.id):
            await self._p.toast(row, query, say("over", language))
        elif what.act is Act.CANCEL:
            await self._cancel_one(row, query, what.rest, language)
        elif what.act is Act.LANGUAGE and what.rest in ("id", "en", "auto"):
            await self._chosen(row, query, what.rest)
        elif (
            what.act is not None
            and what.act in self._for_admins
            and self._p.access.is_admin(query.from_user.id)
        ):
            await self._for_admins[what.act](self._p, row, query, what, language)
        elif what.act in (Act.STOP, Act.HOUR):
            await self._followed(row, query, what, language)
        elif what.act in (Act.CONTEXT, Act.VERDICT, Act.WRONG, Act.TRANSLATE):
            await self._of_answer(row, query, what, language)
        else:
            await self._p.toast(row, query, say("over", language))

    async def _of_answer(self, row: Row, query: CallbackQuery, what: Pressed, language: Language) -> None:
        kept = self._p.memory.answer(what.id) if what.id is not None else None
        if kept is None or query.message is None or kept.chat != query.message.chat.id:
            await self._p.toast(row, query, say("gone", language))
        elif what.act is Act.CONTEXT:
            await self._show_context(row, query, kept, what.last)
        elif what.act is Act.TRANSLATE:
            await self._translating.pressed(row, query, kept, what.last == "1")
        else:
            await self._judged(row, query, kept, what)

    async def _cancel_one(self, row: Row, query: CallbackQuery, number: str, language: Language) -> None:
        assert query.message is not None
        tickets = self._p.desk.of_chat(query.message.chat.id)
        ticket = next((t for t in tickets if str(t.number) == number), None)
        if ticket is None:
            await self._p.toast(row, query, say("over", language))
        elif not await self._asked(ticket, query):
            await self._p.toast(row, query, say("not_yours", language))
        else:
            cancelled = self._p.desk.cancel(ticket)
            await self._p.toast(row, query, say("cancelled" if cancelled else "over", language))

    async def _asked(self, ticket: Ticket, query: CallbackQuery) -> bool:
        """Whether the user who presses asked the question. If the group or a channel asked, the group's
        administrators may press.
        """
        if ticket.user > 0:
            return ticket.user == query.from_user.id
        try:
            member = await self._p.sender.bot.get_chat_member(ticket.chat, query.from_user.id)
        except TelegramError:
            return False
        return member.status in (ChatMember.ADMINISTRATOR, ChatMember.OWNER)

    async def _chosen(self, row: Row, query: CallbackQuery, choice: str) -> None:
        chosen: Language | None = "id" if choice == "id" else "en" if choice == "en" else None
        await asyncio.to_thread(self._p.memory.choose, query.from_user.id, chosen)
        text = say("language_chosen" if chosen else "language_auto", self._p.speaks(query.from_user))
        await self._p.sender.rewrite(query, plain(text))
        await self._p.toast(row, query, text)

    async def _followed(self, row: Row, query: CallbackQuery, what: Pressed, language: Language) -> None:
        """Ends a subscription, or changes the hours of its digest."""
        found = self._p.following.find(what.id) if what.id is not None else None
        if found is None or query.message is None or found.chat != query.message.chat.id:
            await self._p.toast(row, query, say("follow_over", language))
        elif what.act is Act.HOUR:
            hour = (
                int(what.last) if what.last.isascii() and what.last.isdecimal() and len(what.last) < 3 else -1
            )
            changed = await asyncio.to_thread(self._p.following.toggle, found.id, hour) or found
            hours = hours_of(changed, language)
            await self._p.sender.rewrite(
                query,
                plain(say("followed", language, topic=changed.topic, hours=hours)),
                hour_buttons(changed, language),
            )
            await self._p.toast(row, query, say("hours", language, hours=hours))
        else:
            await asyncio.to_thread(self._p.following.stop, found.id)
            text = say("unfollowed", language, topic=found.topic)
            if what.last == "1":
                # The digest above stays, without the button.
                await self._p.sender.rebutton(query, _without(query))
            else:
                await self._p.sender.rewrite(query, plain(text))
            await self._p.toast(row, query, text)

    async def _show_context(self, row: Row, query: CallbackQuery, kept: Kept, number: str) -> None:
        assert query.message is not None
        cited = self._p.titled(kept.answer).citations
        citation = next((c for c in cited if str(c.number) == number), None)
        if citation is None:
            await self._p.toast(row, query, say("gone", kept.answer.language))
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
        await self._p.sender.reply(
            row,
            split(shown),
            query.message.chat.id,
            to=query.message.message_id,
            thread=thread(query.message),
        )

    async def _judged(self, row: Row, query: CallbackQuery, kept: Kept, what: Pressed) -> None:
        """Stores a verdict and shows it; a second press takes it back."""
        citations, language = kept.answer.citations, kept.answer.language
        judged = self._p.journal.judged(kept.id)
        if what.act is Act.WRONG and len(citations) > 1:
            _, keyboard = await asyncio.to_thread(self._p.reply, kept)
            rows = [
                *(keyboard.inline_keyboard[:-1] if keyboard else ()),
                which_quote(kept.id, kept.answer, judged),
            ]
            await self._p.sender.rebutton(query, InlineKeyboardMarkup(rows))
            await self._p.toast(row, query, say("which_one", language))
            return
        numbers = {"0": 0} | {str(c.number): c.number for c in citations}
        cited = citations[0].number if what.act is Act.WRONG and citations else numbers.get(what.last)
        if cited is None:
            await self._p.toast(row, query, say("gone", language))
            return
        if cited in judged and not row.replayed:
            await asyncio.to_thread(self._p.journal.unjudge, kept, cited)
            thanks = "verdict_gone"
        else:
            await asyncio.to_thread(self._p.journal.judge, kept, "wrong" if cited else "helpful", cited)
            thanks = "thanks_wrong" if cited else "thanks"
        _, keyboard = await asyncio.to_thread(self._p.reply, kept)
        await self._p.sender.rebutton(query, keyboard)
        await self._p.toast(row, query, say(thanks, language))


def _without(query: CallbackQuery) -> InlineKeyboardMarkup | None:
    """The message's buttons without the pressed one."""
    keyboard = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = [
        left
        for row in (keyboard.inline_keyboard if keyboard else ())
        if (left := [each for each in row if each.callback_data != query.data])
    ]
    return InlineKeyboardMarkup(rows) if rows else None
