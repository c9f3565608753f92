"""What Telegram knows: users, chats, messages, files, and the updates that wait for the bot.

Everything here happens under one lock, `changed`, which is notified after each change.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.telegram_server.errors import Refused, forbidden

Json = dict[str, Any]
ChatKind = Literal["private", "group", "supergroup", "channel"]

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
"""Update types that come only when asked for by name (#getupdates)."""
UPDATES = NOT_BY_DEFAULT | {
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "guest_message",
}
LATER = {"stopped_message_generation"}
"""Update types of Bot API 10.3."""
DRAFT_SECONDS = 30.0
"""How long a draft is seen (#sendmessagedraft)."""
INLINE_SECONDS = 30.0
"""How long an inline query can be answered; the documentation names no time."""
QUERY_SECONDS = 15 * 60.0
"""How long a press of a button can be answered; the documentation names no time."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a chat, for the transcript. `at` is `time.monotonic()`.

    `kind`: `message` (anyone's), `edit`, `buttons` (a keyboard changed alone), `delete`, `draft`, `action`,
    `press`, `notice` (the answer to a press), `reaction`. `by_bot` tells whose it is. `message` is the whole
    message, as it then was.
    """

    at: float
    kind: str
    chat: int
    by_bot: bool
    message_id: int | None = None
    text: str = ""
    message: Json | None = None
    detail: Json = field(default_factory=dict)


@dataclass(slots=True)
class Chat:
    """A chat: what the bot is told of it, who is in it, and its messages by number."""

    info: Json
    members: set[int] = field(default_factory=set)
    messages: dict[int, Json] = field(default_factory=dict)
    drafts: dict[int, tuple[float, Json]] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    blocked: bool = False
    started: bool = False
    moved_to: int | None = None
    topics: dict[int, Literal["open", "closed"]] = field(default_factory=dict)
    """A forum's topics by their thread's number; a deleted one is not there any more."""
    admins: set[int] = field(default_factory=set)

    @property
    def id(self) -> int:
        return int(self.info["id"])

    @property
    def kind(self) -> ChatKind:
        return self.info["type"]  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class File:
    """A stored file; `path` is what getFile gives, for an hour at least."""

    id: str
    path: str
    content: bytes
    name: str | None = None
    mime: str | None = None

    @property
    def unique(self) -> str:
        return f"u{self.id[-12:]}"


@dataclass(slots=True)
class Press:
    """A press of a button that waits for its answer."""

    id: str
    chat: int
    message_id: int
    user: int
    at: float
    answers: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Query:
    """What somebody typed after the bot's name, and what they were offered."""

    id: str
    user: int
    text: str
    at: float
    results: list[Json] | None = None
    button: Json | None = None


@dataclass(slots=True)
class Guest:
    """A mention in a chat that the bot is not in, and its answer there."""

    id: str
    chat: int
    message: Json
    answer: Json | None = None


class State:
    """The world behind the server, for one bot."""

    def __init__(
        self,
        token: str,
        username: str,
        *,
        can_read_all_group_messages: bool = False,
        inline: bool = False,
        rich: bool = False,
    ) -> None:
        self.rich = rich
        """Whether the server is of Bot API 10.3: rich messages, and drafts that can be stopped."""
        self.token = token
        self.changed = threading.Condition(threading.RLock())
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Kutip",
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": can_read_all_group_messages,
            "supports_inline_queries": inline,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
            "allows_users_to_create_topics": False,
            "can_manage_bots": False,
            "supports_guest_queries": True,
        }
        self.users: dict[int, Json] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.presses: dict[str, Press] = {}
        self.queries: dict[str, Query] = {}
        self.guests: dict[str, Guest] = {}
        self.texts: dict[tuple[str, str], str] = {}
        """Name and descriptions, by what and language."""
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.menu_buttons: dict[int | None, Json] = {}
        self.events: list[Event] = []
        self.updates: deque[Json] = deque()
        self.allowed: list[str] = []
        self.delivered: dict[int, list[float]] = {}
        """When each update was handed out, by `update_id`: more than once, if it was not confirmed."""
        self.confirmed = 0
        """Updates below this number are gone."""
        self.webhook: Json = {"url": ""}
        self.poll = 0
        """The number of the newest getUpdates; an older one that still waits is ended."""
        self._update_id = 870_000_000
        self._message_id = 100
        self._ids = 0

    # Identifiers

    def next_id(self) -> int:
        """A number that was not given before."""
        self._ids += 1
        return self._ids

    def next_message_id(self, chat: Chat) -> int:
        """Numbers count on in private chats and groups together, in supergroups and channels apart."""
        if chat.kind in ("supergroup", "channel"):
            return max([*chat.messages, *chat.deleted, 0]) + 1
        self._message_id += 1
        return self._message_id

    # Chats and messages

    def chat(self, id: int | str, rule: str) -> Chat:
        """The chat that the bot names.

        Raises:
            Refused: where there is none, or the bot may not write to it.
        """
        if isinstance(id, str):
            found = next((c for c in self.chats.values() if f"@{c.info.get('username')}" == id), None)
        else:
            found = self.chats.get(id)
        if found is None:
            raise forbidden("chat not found", rule)
        return found

    def writable(self, id: int | str, rule: str) -> Chat:
        """The chat that the bot names, if it may write there.

        Raises:
            Refused: where there is none, or the bot may not write to it.
        """
        chat = self.chat(id, rule)
        if chat.moved_to is not None:
            what = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, what, "responseparameters", False, {"migrate_to_chat_id": chat.moved_to})
        if chat.kind == "private":
            if chat.blocked:
                raise forbidden("bot was blocked by the user", rule, 403)
            if not chat.started:
                raise forbidden("bot can't initiate conversation with a user", rule, 403)
        elif self.bot["id"] not in chat.members:
            raise forbidden(f"bot was kicked from the {chat.kind} chat", rule, 403)
        return chat

    def put(self, chat: Chat, message: Json, *, by_bot: bool) -> Json:
        """Adds a message to a chat; a message of the bot's ends the draft that was shown there."""
        message = {
            "message_id": self.next_message_id(chat),
            "date": int(time.time()),
            "chat": {key: value for key, value in chat.info.items() if key != "permissions"},
            **message,
        }
        chat.messages[message["message_id"]] = message
        if by_bot:
            chat.drafts.clear()
        self.note("message", chat, by_bot, message)
        return message

    def note(self, kind: str, chat: Chat, by_bot: bool, message: Json | None = None, **detail: Any) -> None:
        """Adds to the transcript, and wakes whoever waits."""
        text = str((message or {}).get("text") or (message or {}).get("caption") or detail.get("text") or "")
        number = None if message is None else message["message_id"]
        self.events.append(Event(time.monotonic(), kind, chat.id, by_bot, number, text, message, detail))
        self.changed.notify_all()

    # Updates

    def update(self, kind: str, content: Json) -> int | None:
        """Queues an update for the bot; None where the bot did not allow its kind.

        The list of allowed kinds "doesn't affect updates created before the call" (#getupdates): it is
        looked at here.
        """
        if kind not in self.allowed if self.allowed else kind in NOT_BY_DEFAULT:
            return None
        self._update_id += 1
        self.updates.append({"update_id": self._update_id, kind: content})
        self.changed.notify_all()
        return self._update_id

    def confirm(self, offset: int) -> None:
        """Forgets the updates before `offset`; a negative one keeps that many from the end."""
        if offset < 0:
            while len(self.updates) > -offset:
                self._forget()
        else:
            while self.updates and self.updates[0]["update_id"] < offset:
                self._forget()

    def _forget(self) -> None:
        self.confirmed = self.updates.popleft()["update_id"] + 1
        self.changed.notify_all()

    # What a test or a picture looks at

    def shown(self, chat: Chat) -> Iterator[Json]:
        """The chat as its members see it now: its messages in order, then the drafts that are not yet old."""
        yield from (message for number, message in sorted(chat.messages.items()))
        now = time.monotonic()
        for at, draft in chat.drafts.values():
            if now - at < DRAFT_SECONDS:
                yield draft

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Waits until the condition holds; whether it does."""
        with self.changed:
            return self.changed.wait_for(condition, seconds)
