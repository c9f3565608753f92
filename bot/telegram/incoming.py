"""Classifies an update, once, when it comes. Pure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from telegram import CallbackQuery, Message, User
from telegram.ext.filters import StatusUpdate

from bot.telegram.commands import ASK, Offer, offered
from bot.telegram.desk import Ticket
from bot.telegram.inbox import Row
from bot.telegram.updates import (
    STOPPED,
    Me,
    addresses,
    asker,
    channel_post,
    command,
    mentioned,
    nameless,
    private,
    replied,
    without_name,
)

What = Literal[
    "question",
    "command",
    "material",
    "press",
    "remark",
    "inline",
    "guest",
    "moved",
    "stopped",
    "ignored",
]
"""`material` is something that an admin adds; a `remark` is meant for the bot, which has only a phrase for
it; `moved` tells that a group goes on under another number."""


@dataclass(slots=True)
class Incoming:
    """An update with its class.

    `asker` is who asks: a user, or a chat. `phrase` is what a remark gets. `ticket` is a question's place in
    the queue; `refusal` is the phrase, and its number, that refuses one.
    """

    row: Row
    what: What
    message: Message | None = None
    query: CallbackQuery | None = None
    user: User | None = None
    question: str = ""
    phrase: str = ""
    offer: Offer | None = None
    rest: str = ""
    ticket: Ticket | None = None
    refusal: tuple[str, int] | None = None
    album: Album | None = None
    stopped: tuple[int, int] = (0, 0)
    """The chat, and the number of the update, whose draft a reader has stopped."""
    again: bool = False
    """Whether a link asks, and not what the message says."""

    @property
    def chat(self) -> int | None:
        """The chat that it belongs to."""
        found = self.row.update.effective_chat
        return found.id if found else None

    @property
    def asker(self) -> int:
        """Who asks: a user, or a chat in whose name somebody writes."""
        if self.message is not None:
            return asker(self.message)
        return self.user.id if self.user else 0

    @property
    def edited(self) -> bool:
        """Whether the message was sent before, and said something else then."""
        return self.row.update.edited_message is not None

    @property
    def at_once(self) -> bool:
        """Whether it does not wait for the chat's earlier ones."""
        return self.what in ("press", "material", "inline", "guest", "stopped") or (
            self.offer is not None and self.offer.at_once
        )


@dataclass(slots=True, eq=False)
class Album:
    """An album: its messages as they came, and whether it was dealt with."""

    members: list[Incoming] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def leads(self, came: Incoming) -> bool:
        """Whether a message gets the album's reply: the first to be added, else the first, unless another
        one asks something."""
        kinds = ("material",) if came.what == "material" else ("material", "question", "remark")
        found = [each for each in self.members if each.what in kinds]
        asks = any(each.what == "question" for each in found)
        return found[0] is came and not asks


def classify(row: Row, me: Me, is_admin: Callable[[int], bool]) -> Incoming:
    """Classifies an update."""
    update = row.update
    if update.callback_query is not None:
        return Incoming(row, "press", query=update.callback_query, user=update.callback_query.from_user)
    if isinstance(stopped := update.api_kwargs.get(STOPPED), dict):
        return _stopped(row, stopped)
    if update.inline_query is not None:
        return Incoming(row, "inline", user=update.inline_query.from_user)
    if (guest := update.guest_message) is not None and guest.from_user is not None:
        if _by_machine(guest, me):
            return Incoming(row, "ignored", guest)
        return Incoming(row, "guest", guest, user=guest.from_user, question=guest_question(guest, me))
    message = update.message or update.edited_message
    if message is None or message.from_user is None:
        return Incoming(row, "ignored")
    if message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None:
        return Incoming(row, "moved", message)
    if StatusUpdate.ALL.check_update(update) or _by_machine(message, me) or for_others(message, me):
        return Incoming(row, "ignored", message)
    came = Incoming(row, "remark", message, user=message.from_user)
    admin = private(message) and is_admin(message.from_user.id)
    found = command(message)
    if found is None and _material(message) and (admin or _links_alone(message)):
        came.what, came.phrase = ("material", "") if admin else ("remark", "only_admins")
    elif asked := question(message, me):
        came.what, came.question = "question", asked
    elif found is not None:
        offer = offered(found.name)
        if offer is not None and (admin or not offer.admin):
            came.what, came.offer, came.rest = "command", offer, found.rest
        else:
            came.phrase = "unknown"
    else:
        came.phrase = _remark(message)
    if came.edited and came.what != "question":
        # Only a question gets a new answer; what else was changed has had its reply.
        came.what = "ignored"
    return came


def _stopped(row: Row, given: Mapping[str, Any]) -> Incoming:
    """A draft was stopped (https://core.telegram.org/bots/api#messagegenerationstopped): the library does not
    know that yet."""
    chat, draft = (given.get("chat") or {}).get("id"), given.get("draft_id")
    if not isinstance(chat, int) or not isinstance(draft, int):
        return Incoming(row, "ignored")
    return Incoming(row, "stopped", stopped=(chat, draft))


def for_others(message: Message, me: Me) -> bool:
    """Whether a group's message is not for the bot."""
    if private(message):
        return False
    found = command(message)
    if found is not None and found.to is not None:
        return found.to.lower() != me.username.lower()
    offer = offered(found.name) if found is not None else None
    return not ((offer and not offer.admin) or mentioned(message, me) or replied(message, me))


def question(message: Message, me: Me) -> str | None:
    """What a message asks: its text or caption, without the command or the bot's name; None where it asks
    nothing."""
    if for_others(message, me):
        return None
    found = command(message)
    if found is not None:
        return found.rest or None if offered(found.name) is ASK else None
    return without_name(message, me) or None


def guest_question(message: Message, me: Me) -> str:
    """What a message asks that mentions the bot in a chat of others."""
    found = command(message)
    offer = offered(found.name) if found is not None else None
    return found.rest if found is not None and offer is ASK else nameless(message, me)


def _by_machine(message: Message, me: Me) -> bool:
    """Whether nobody wrote a message just now: a bot did, it is one of our own answers that somebody has
    shared, or a channel's post that Telegram has put into its group."""
    if message.via_bot is not None and message.via_bot.id == me.id:
        return True
    by_bot = message.from_user is not None and message.from_user.is_bot and message.sender_chat is None
    return by_bot or bool(message.is_automatic_forward)


def _material(message: Message) -> bool:
    return bool(message.document or channel_post(message) or addresses(message))


def _links_alone(message: Message) -> bool:
    return bool(addresses(message)) and private(message)


def _remark(message: Message) -> str:
    """The phrase for a message without a question."""
    if message.voice or message.audio or message.video_note:
        return "not_heard"
    if message.sticker or message.animation or message.dice or message.game:
        return "sticker"
    if message.photo or message.video or message.story or message.paid_media:
        return "not_seen"
    if message.document:
        return "only_admins" if private(message) else "not_seen"
    if message.contact or message.location or message.venue or message.poll or message.checklist:
        return "not_read"
    return "unknown" if private(message) else "ask_what"
