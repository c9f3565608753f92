"""Reads a message: its command, its topic, whom it is for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import MaybeInaccessibleMessage, Message, MessageOriginChannel
from telegram.constants import ChatType, UpdateType

from rag.types import Language

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
"""A command at the beginning of a message."""
_ADD = re.compile(r"(?:add|tambah(?:kan)?|masukkan|simpan)\s*:?\s+", re.IGNORECASE)
"""A word that says to add what follows."""
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
"""The protocol of an address."""

WANTED = (
    UpdateType.MESSAGE,
    UpdateType.EDITED_MESSAGE,
    UpdateType.CALLBACK_QUERY,
    UpdateType.INLINE_QUERY,
    UpdateType.GUEST_MESSAGE,
)
"""The kinds of updates to ask for. Telegram remembers the last list, so this names all of them."""
STOPPED = "stopped_message_generation"
"""A kind that the library does not know yet: it is asked for where rich messages are wanted."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself, as it is addressed in groups."""

    id: int
    username: str
    inline: bool = False
    """Whether it can be asked inline, from any chat."""


@dataclass(frozen=True, slots=True)
class Command:
    """`/name@to rest`, the name in lower case."""

    name: str
    rest: str
    to: str | None


def clean(text: str) -> str:
    """Text that can be stored and sent: no lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")


def text_of(message: Message) -> str:
    """A message's text, or its caption."""
    return message.text or message.caption or ""


def command(message: Message) -> Command | None:
    """The command that a message begins with."""
    match = _COMMAND.fullmatch(text_of(message))
    if match is None:
        return None
    return Command(match[1].lower(), clean(match[3] or "").strip(), match[2])


def private(message: Message) -> bool:
    """Whether bot and user are alone."""
    return message.chat.type == ChatType.PRIVATE


def mentioned(message: Message, me: Me) -> bool:
    """Whether a message names the bot."""
    return bool(re.search(rf"@{re.escape(me.username)}\b", text_of(message), re.IGNORECASE))


def replied(message: Message, me: Me) -> bool:
    """Whether a message is a reply to one of the bot's."""
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == me.id


def nameless(message: Message, me: Me) -> str:
    """A message's text without the bot's name."""
    return re.sub(rf"@{re.escape(me.username)}\b", " ", clean(text_of(message)), flags=re.IGNORECASE).strip()


def without_name(message: Message, me: Me) -> str:
    """A message's text; in a group, without the bot's name."""
    return clean(text_of(message)).strip() if private(message) else nameless(message, me)


def addresses(message: Message) -> list[str]:
    """The web addresses of a message that is nothing else, but for a word that says to add them.

    What Telegram takes for an address is one too, so that `www.berita.example` does not need its `https://`.
    """
    seen = {*message.parse_entities(["url"]).values(), *message.parse_caption_entities(["url"]).values()}
    return addresses_in(clean(text_of(message)), frozenset(seen))


def addresses_in(text: str, seen: frozenset[str] = frozenset()) -> list[str]:
    """The addresses of a text that is nothing else; `seen` are those that Telegram has recognised."""
    text = text.strip()
    if told := _ADD.match(text):
        text = text[told.end() :]
    found = []
    for word in text.split():
        scheme = _SCHEME.match(word)
        if scheme:
            found.append(scheme[1].lower() + word[len(scheme[1]) :])
        elif word.lower().startswith("www.") or (word in seen and "://" not in word):
            found.append(f"https://{word}")
        else:
            return []
    return found


def channel_post(message: Message) -> MessageOriginChannel | None:
    """Where a forwarded channel post comes from."""
    origin = message.forward_origin
    return origin if isinstance(origin, MessageOriginChannel) else None


def asker(message: Message) -> int:
    """Who asks: the user, or the chat in whose name an administrator or a channel writes.

    Telegram gives all of those the same stand-in user (https://core.telegram.org/bots/api#message, `from`).
    """
    if message.sender_chat is not None:
        return message.sender_chat.id
    return message.from_user.id if message.from_user else message.chat.id


def thread(message: MaybeInaccessibleMessage | None) -> int:
    """The topic of a forum that a message is in, 0 for none."""
    if not isinstance(message, Message) or not message.is_topic_message:
        return 0
    return message.message_thread_id or 0


def language_of(code: str | None) -> Language:
    """Telegram's language of a user (https://core.telegram.org/bots/api#user) as one of ours."""
    # `in` is what Indonesian was called until 1989, and some telephones still call it that.
    return "id" if re.split("[-_]", (code or "").lower())[0] in ("id", "in", "ms", "jv", "su") else "en"
