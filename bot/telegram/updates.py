"""What a message says of itself: its command, where it stands, whom it is meant for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import Message, MessageOriginChannel
from telegram.constants import ChatType

from rag.types import Language

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_URL = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself, as it is addressed in groups."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Command:
    """`/name@to rest`, the name in lower case."""

    name: str
    rest: str
    to: str | None


def clean(text: str) -> str:
    """Text that can be stored and sent: no lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")


def command(message: Message) -> Command | None:
    """The command that a message begins with."""
    match = _COMMAND.fullmatch(message.text or "")
    if match is None:
        return None
    return Command(match[1].lower(), clean(match[3] or "").strip(), match[2])


def private(message: Message) -> bool:
    """Whether bot and user are alone."""
    return message.chat.type == ChatType.PRIVATE


def mentioned(message: Message, me: Me) -> bool:
    """Whether a message names the bot."""
    return bool(re.search(rf"@{re.escape(me.username)}\b", message.text or "", re.IGNORECASE))


def replied(message: Message, me: Me) -> bool:
    """Whether a message is a reply to one of the bot's."""
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == me.id


def without_name(message: Message, me: Me) -> str:
    """A message's text; in a group, without the bot's name."""
    text = clean(message.text or "")
    if not private(message):
        text = re.sub(rf"@{re.escape(me.username)}\b", " ", text, flags=re.IGNORECASE)
    return text.strip()


def addresses(message: Message) -> list[str]:
    """The web addresses of a message that is nothing else."""
    found = clean(message.text or "").split()
    return found if all(_URL.fullmatch(each) for each in found) else []


def channel_post(message: Message) -> MessageOriginChannel | None:
    """Where a forwarded channel post comes from."""
    origin = message.forward_origin
    return origin if isinstance(origin, MessageOriginChannel) else None


def thread(message: Message) -> int:
    """The topic of a forum that a message is in, 0 for none."""
    return (message.message_thread_id or 0) if message.is_topic_message else 0


def language_of(code: str | None) -> Language:
    """Telegram's language of a user (https://core.telegram.org/bots/api#user) as one of ours."""
    # `in` is what Indonesian was called until 1989, and some telephones still call it that.
    return "id" if (code or "").lower().split("-")[0] in ("id", "in", "ms", "jv", "su") else "en"
