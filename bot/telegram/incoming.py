"""What an update is: found out once, when it comes. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from telegram import CallbackQuery, Message, User

from bot.telegram.commands import ASK, Offer, offered
from bot.telegram.desk import Ticket
from bot.telegram.inbox import Row
from bot.telegram.updates import (
    Me,
    addresses,
    channel_post,
    command,
    mentioned,
    private,
    replied,
    without_name,
)

What = Literal["question", "command", "material", "press", "other", "ignored"]
"""`material` is something that an admin adds; `other` is meant for the bot, which has no use for it."""


@dataclass(slots=True)
class Incoming:
    """An update and what it is.

    `ticket` is a question's place in the queue; `refusal` is the phrase, and its number, that refuses one.
    """

    row: Row
    what: What
    message: Message | None = None
    query: CallbackQuery | None = None
    user: User | None = None
    question: str = ""
    offer: Offer | None = None
    rest: str = ""
    ticket: Ticket | None = None
    refusal: tuple[str, int] | None = None

    @property
    def chat(self) -> int | None:
        """The chat that it belongs to."""
        found = self.row.update.effective_chat
        return found.id if found else None

    @property
    def at_once(self) -> bool:
        """Whether it does not wait for the chat's earlier ones."""
        return self.what in ("press", "material") or (self.offer is not None and self.offer.at_once)


def classify(row: Row, me: Me, is_admin: Callable[[int], bool]) -> Incoming:
    """Says what an update is."""
    query, message = row.update.callback_query, row.update.message
    if query is not None:
        return Incoming(row, "press", query=query, user=query.from_user)
    if message is None or message.from_user is None or for_others(message, me):
        return Incoming(row, "ignored", message)
    user = message.from_user
    admin = private(message) and is_admin(user.id)
    found = command(message)
    offer = offered(found.name) if found is not None else None
    if asked := question(message, me):
        material = admin and found is None and _material(message)
        return Incoming(row, "material" if material else "question", message, user=user, question=asked)
    if found is not None and offer is not None and (admin or not offer.admin):
        return Incoming(row, "command", message, user=user, offer=offer, rest=found.rest)
    what: What = "material" if admin and found is None and _material(message) else "other"
    return Incoming(row, what, message, user=user)


def for_others(message: Message, me: Me) -> bool:
    """Whether a group's message is none of the bot's business."""
    if private(message):
        return False
    found = command(message)
    if found is not None and found.to is not None:
        return found.to.lower() != me.username.lower()
    offer = offered(found.name) if found is not None else None
    return not ((offer and not offer.admin) or mentioned(message, me) or replied(message, me))


def question(message: Message, me: Me) -> str | None:
    """What a message asks: its text, without the command or the bot's name; None where it asks nothing."""
    if for_others(message, me):
        return None
    found = command(message)
    if found is not None:
        return found.rest or None if offered(found.name) is ASK else None
    return without_name(message, me) or None


def _material(message: Message) -> bool:
    return bool(message.document or channel_post(message) or addresses(message))
