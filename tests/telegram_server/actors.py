"""Users, groups and channels, as a test moves them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from tests.telegram_server.inline import check_result
from tests.telegram_server.state import Chat, Guest, Json, Press, Query, State
from tests.telegram_server.text import (
    MOST_CAPTION,
    MOST_TEXT,
    cleaned,
    detected,
    is_blank,
    slice_units,
)
from tests.telegram_server.wire import stored

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""Who sends what an administrator writes in the group's name (#message, `sender_chat`)."""
CHANNEL = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
"""Who sends what is written in a channel's name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A chat that something happens in."""

    state: State
    id: int

    @property
    def chat(self) -> Chat:
        return self.state.chats[self.id]

    @property
    def messages(self) -> list[Json]:
        """The messages that are there now, oldest first."""
        with self.state.changed:
            return [message for _, message in sorted(self.chat.messages.items())]

    @property
    def answers(self) -> list[Json]:
        """The bot's messages that are there now, oldest first."""
        bot = self.state.bot["id"]
        return [message for message in self.messages if message.get("from", {}).get("id") == bot]

    @property
    def draft(self) -> str | None:
        """The newest draft's text, while one is shown."""
        with self.state.changed:
            drafts = [message["text"] for message in self.state.shown(self.chat) if "draft_id" in message]
        return drafts[-1] if drafts else None


@dataclass(frozen=True, slots=True)
class Group(Place):
    """A group or supergroup with the bot in it."""

    def removes_bot(self) -> None:
        """Takes the bot out; it is told by `my_chat_member`."""
        with self.state.changed:
            self.chat.members.discard(self.state.bot["id"])
            _membership(self.state, self.chat, next(iter(self.state.users.values())), "member", "left")

    def moves_to_supergroup(self, *, told: bool = True) -> Group:
        """The group becomes a supergroup, under another number.

        A message in each of the two says so (#message, `migrate_to_chat_id` and `migrate_from_chat_id`);
        without `told`, both were lost on the way.
        """
        with self.state.changed:
            number = -(1_002_000_000_000 + self.state.next_id())
            info = {**self.chat.info, "id": number, "type": "supergroup"}
            self.state.chats[number] = Chat(info, set(self.chat.members))
            self.chat.moved_to = number
            moved = Group(self.state, number)
            if told:
                by = {"from": ANONYMOUS, "sender_chat": dict(self.chat.info)}
                for chat, name, other in (
                    (self.chat, "migrate_to_chat_id", number),
                    (moved.chat, "migrate_from_chat_id", self.id),
                ):
                    self.state.update("message", self.state.put(chat, {**by, name: other}, by_bot=False))
            return moved

    # Topics (#forumtopic)

    def opens_topic(self) -> int:
        """Creates a topic; its thread is the number of the message that says so."""
        with self.state.changed:
            made = self.state.put(
                self.chat, {"forum_topic_created": {"name": "Topik", "icon_color": 7322096}}, by_bot=False
            )
            thread = int(made["message_id"])
            self.chat.topics[thread] = "open"
            return thread

    def closes_topic(self, thread: int) -> None:
        with self.state.changed:
            self.chat.topics[thread] = "closed"

    def deletes_topic(self, thread: int) -> None:
        """Deletes a topic with all of its messages."""
        with self.state.changed:
            del self.chat.topics[thread]
            for number in [n for n, m in self.chat.messages.items() if m.get("message_thread_id") == thread]:
                del self.chat.messages[number]
                self.chat.deleted.add(number)

    def topic_of(self, message: Json) -> int | None:
        """The topic that a message stands in, None for General."""
        return message.get("message_thread_id")


@dataclass(frozen=True, slots=True)
class Channel(Place):
    """A channel; its posts can be forwarded."""

    def posts(self, text: str) -> Json:
        with self.state.changed:
            return self.state.put(
                self.chat, {"text": text, "sender_chat": dict(self.chat.info)}, by_bot=False
            )


@dataclass(frozen=True, slots=True)
class User(Place):
    """A user, whose private chat with the bot has the same number."""

    @property
    def info(self) -> Json:
        return self.state.users[self.id]

    # Writing

    def says(
        self,
        text: str,
        *,
        to: Place | None = None,
        reply_to: Json | None = None,
        beyond_limit: bool = False,
        **more: Any,
    ) -> Json:
        """Sends one text message and returns it; with `beyond_limit` it may be longer than users can make it.

        `topic` is the thread that it is sent to, `name` the chat in whose name it is sent.

        Raises:
            ValueError: for a text that no client would send.
        """
        text, _ = cleaned(text)
        if is_blank(text):
            raise ValueError("nothing to send")
        if len(text) > MOST_TEXT and not beyond_limit:
            raise ValueError(f"a message has up to {MOST_TEXT} characters; says_long splits")
        entities = detected(text)
        content = {"text": text, **({"entities": entities} if entities else {})}
        return self._sends(content, to, reply_to, **more)

    def starts(self, payload: str = "") -> Json:
        """Presses Start, or opens t.me/BOT?start=PAYLOAD (https://core.telegram.org/bots/features#deep-linking).

        Raises:
            ValueError: for a payload that such a link cannot carry.
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
            raise ValueError("a payload has up to 64 characters of A-Z, a-z, 0-9, _ and -")
        return self.says(f"/start {payload}")

    def says_long(self, text: str, *, to: Place | None = None) -> list[Json]:
        """Sends a text in as many messages as a client makes of it."""
        sent = []
        for start in range(0, len(text), MOST_TEXT):
            part = text[start : start + MOST_TEXT]
            if not is_blank(cleaned(part)[0]):
                sent.append(self.says(part, to=to))
        return sent

    def edits(self, message: Json, text: str) -> Json:
        """Changes an own message: its text, or its caption where it has none."""
        what, marks = ("text", "entities") if "text" in message else ("caption", "caption_entities")
        with self.state.changed:
            chat = self.state.chats[message["chat"]["id"]]
            text, entities = cleaned(text)[0], detected(text)
            changed = {key: value for key, value in message.items() if key != marks}
            changed |= {what: text, "edit_date": int(time.time())}
            if entities:
                changed[marks] = entities
            chat.messages[message["message_id"]] = changed
            self.state.note("edit", chat, False, changed)
            self.state.update("edited_message", changed)
            return changed

    def sends_document(
        self, name: str, content: bytes, *, mime: str | None = None, caption: str = "", **more: Any
    ) -> Json:
        """Sends a file."""
        file = stored(content, name, mime)
        self.state.files[file.id] = file
        document = {
            "file_id": file.id,
            "file_unique_id": file.unique,
            "file_name": name,
            "mime_type": file.mime,
            "file_size": len(content),
        }
        return self._sends({"document": document, **_captioned(caption)}, **more)

    def sends_photo(self, content: bytes, *, caption: str = "", **more: Any) -> Json:
        """Sends a photo, in the sizes that Telegram makes of it."""
        sizes = []
        for side in (90, 320, 1280):
            file = stored(content, "photo.jpg", "image/jpeg")
            self.state.files[file.id] = file
            size = {"file_id": file.id, "file_unique_id": file.unique, "width": side, "height": side}
            sizes.append({**size, "file_size": len(content)})
        return self._sends({"photo": sizes, **_captioned(caption)}, **more)

    def sends(self, kind: str, *, caption: str = "", **more: Any) -> Json:
        """Sends something of this kind, with as little in it as the documentation demands (#message)."""
        return self._sends({kind: dict(SAMPLES[kind]), **_captioned(caption)}, **more)

    def sends_album(self, *contents: bytes, caption: str = "", **more: Any) -> list[Json]:
        """Sends photos that clients show as one (#message, `media_group_id`); the first has the caption."""
        group = str(13_000_000_000 + self.state.next_id())
        return [
            self.sends_photo(content, caption="" if place else caption, album=group, **more)
            for place, content in enumerate(contents)
        ]

    def sends_sticker(self, emoji: str = "👍", *, to: Place | None = None, **more: Any) -> Json:
        """Sends a sticker: something with no text at all."""
        number = self.state.next_id()
        sticker = {
            "file_id": f"CAACAgUAAxkBAAI{number:08d}",
            "file_unique_id": f"s{number}",
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": emoji,
        }
        return self._sends({"sticker": sticker}, to, **more)

    def forwards(self, message: Json, *, to: Place | None = None) -> Json:
        """Forwards a message: a channel's post, or another's."""
        origin: Json = {"date": message["date"]}
        if message["chat"]["type"] == "channel":
            origin |= {"type": "channel", "chat": message["chat"], "message_id": message["message_id"]}
        else:
            origin |= {"type": "user", "sender_user": message["from"]}
        kept: Json = {
            key: message[key]
            for key in ("text", "entities", "caption", "caption_entities", "document", "photo")
            if key in message
        }
        return self._sends({**kept, "forward_origin": origin}, to, None)

    # Where the bot is not

    def types(self, text: str) -> Query:
        """Types something after the bot's name in some chat (#inlinequery)."""
        if len(text) > 256:
            raise ValueError("an inline query has up to 256 characters")
        with self.state.changed:
            number = f"{self.id}{self.state.next_id():06d}"
            query = Query(number, self.id, text, time.monotonic())
            self.state.queries[number] = query
            given = {"id": number, "from": self.info, "query": text, "offset": "", "chat_type": "group"}
            self.state.update("inline_query", given)
            return query

    def chooses(self, query: Query, to: Place, number: int = 0) -> Json:
        """Sends a result of a query to a chat."""
        assert query.results is not None
        content = check_result(query.results[number])
        bot = {key: self.state.bot[key] for key in ("id", "is_bot", "first_name", "username")}
        return self._sends({**content, "via_bot": bot}, to)

    def summons(self, text: str, to: Place, reply_to: Json | None = None) -> Guest:
        """Mentions the bot in a chat that it is not in (https://core.telegram.org/api/bots/guest-mode)."""
        with self.state.changed:
            chat = to.chat
            message = self.state.put(
                chat, {"from": self.info, "text": text, "entities": detected(text)}, by_bot=False
            )
            number = f"9{self.state.next_id():06d}"
            guest = Guest(number, chat.id, message)
            self.state.guests[number] = guest
            self.state.update("guest_message", {**message, "guest_query_id": number})
            return guest

    # Buttons

    def presses(self, message: Json, button: str) -> Press:
        """Presses an inline button by its text, or a part of it that only one has.

        Raises:
            ValueError: when there is no such button on the message as it is now, or more than one.
        """
        with self.state.changed:
            chat = self.state.chats[message["chat"]["id"]]
            now = chat.messages.get(message["message_id"])
            rows = (now or message).get("reply_markup", {}).get("inline_keyboard", [])
            buttons = [each for row in rows for each in row]
            found = [each for each in buttons if each["text"] == button] or [
                each for each in buttons if button in each["text"]
            ]
            if len(found) != 1 or "callback_data" not in found[0]:
                raise ValueError(f"{button!r} is not one of {[each['text'] for each in buttons]}")
            return self.presses_data(now or message, found[0]["callback_data"])

    def presses_data(self, message: Json, data: str) -> Press:
        """Sends the press of a button with this data, were it there or not: "a bad client can send arbitrary
        data in this field" (#callbackquery)."""
        with self.state.changed:
            chat = self.state.chats[message["chat"]["id"]]
            number = f"{self.id}{self.state.next_id():06d}"
            press = Press(number, chat.id, message["message_id"], self.id, time.monotonic())
            self.state.presses[number] = press
            now = chat.messages.get(message["message_id"])
            # A message that is gone is an InaccessibleMessage, with a date of 0.
            gone = {"chat": chat.info, "message_id": message["message_id"], "date": 0}
            self.state.note("press", chat, False, None, text=data, by=self.id)
            self.state.update(
                "callback_query",
                {
                    "id": number,
                    "from": self.info,
                    "message": now or gone,
                    "chat_instance": str(-chat.id * 7919),
                    "data": data,
                },
            )
            return press

    # Coming and going

    def blocks(self) -> None:
        """Blocks the bot; it is told by `my_chat_member`."""
        with self.state.changed:
            self.chat.blocked = True
            _membership(self.state, self.chat, self.info, "member", "kicked")

    def unblocks(self) -> None:
        with self.state.changed:
            self.chat.blocked = False
            _membership(self.state, self.chat, self.info, "kicked", "member")

    def deletes(self, message: Json) -> None:
        """Deletes a message for both; a bot is not told."""
        with self.state.changed:
            chat = self.state.chats[message["chat"]["id"]]
            chat.messages.pop(message["message_id"], None)
            chat.deleted.add(message["message_id"])
            self.state.note("delete", chat, False, message)

    def _sends(
        self,
        content: Json,
        to: Place | None = None,
        reply_to: Json | None = None,
        *,
        topic: int | None = None,
        name: Place | None = None,
        album: str | None = None,
    ) -> Json:
        with self.state.changed:
            chat = (to or self).chat
            if chat.blocked:
                raise ValueError("the user has blocked the bot")
            if to is not None and chat.kind != "private":
                chat.members.add(self.id)
            chat.started = True
            message: Json = {"from": self.info, **content}
            if name is not None:
                # In the group's own name, or in that of a channel (#message, `sender_chat`).
                message |= {
                    "from": ANONYMOUS if name.id == chat.id else CHANNEL,
                    "sender_chat": dict(name.chat.info),
                }
            if topic is not None:
                message |= {"message_thread_id": topic, "is_topic_message": True}
            if album is not None:
                message["media_group_id"] = album
            if reply_to is not None:
                current = chat.messages.get(reply_to["message_id"], reply_to)
                message["reply_to_message"] = {k: v for k, v in current.items() if k != "reply_to_message"}
            sent = self.state.put(chat, message, by_bot=False)
            if _seen_by_bot(self.state, chat, sent):
                self.state.update("message", sent)
            return sent


_FILE = {"file_id": "BQACAgUAAxkBAAIsample", "file_unique_id": "sample"}
SAMPLES: dict[str, Json] = {
    "voice": {**_FILE, "duration": 3},
    "audio": {**_FILE, "duration": 3},
    "video": {**_FILE, "width": 320, "height": 240, "duration": 3},
    "video_note": {**_FILE, "length": 240, "duration": 3},
    "animation": {**_FILE, "width": 320, "height": 240, "duration": 3},
    "contact": {"phone_number": "+62800000000", "first_name": "Ani"},
    "location": {"longitude": 106.8, "latitude": -6.2},
    "venue": {"location": {"longitude": 106.8, "latitude": -6.2}, "title": "Monas", "address": "Jakarta"},
    "dice": {"emoji": "🎲", "value": 4},
    "story": {"chat": {"id": 5, "type": "private", "first_name": "Ani"}, "id": 3},
    "poll": {
        **{"id": "5", "question": "Apa?", "options": [], "total_voter_count": 0, "is_closed": False},
        **{"is_anonymous": True, "type": "regular", "allows_multiple_answers": False},
        **{"allows_revoting": False, "members_only": False},
    },
    "game": {"title": "Ular", "description": "Permainan", "photo": []},
}
"""What the documentation demands of each kind (#voice, #video, …)."""


def _captioned(caption: str) -> Json:
    caption = cleaned(caption)[0]
    if len(caption) > MOST_CAPTION:
        raise ValueError(f"a caption has up to {MOST_CAPTION} characters")
    if not caption:
        return {}
    entities = detected(caption)
    return {"caption": caption, **({"caption_entities": entities} if entities else {})}


def _seen_by_bot(state: State, chat: Chat, message: Json) -> bool:
    """What a bot in privacy mode gets of a group: what is meant for it.

    Source: https://core.telegram.org/bots/features#privacy-mode: commands, by name or where the bot was the
    last to write, replies to it; and messages that mention it.
    """
    if chat.kind == "private":
        return True
    if state.bot["id"] not in chat.members:
        return False
    if state.bot["can_read_all_group_messages"]:
        return True
    if message.get("reply_to_message", {}).get("from", {}).get("id") == state.bot["id"]:
        return True
    text = message.get("text") or message.get("caption") or ""
    name = f"@{state.bot['username']}".lower()
    for entity in message.get("entities") or message.get("caption_entities") or []:
        said = slice_units(text, entity["offset"], entity["offset"] + entity["length"]).lower()
        if entity["type"] == "mention" and said == name:
            return True
        if entity["type"] == "bot_command":
            _, at, addressed = said.partition("@")
            # One without a name is for the bot that wrote last, and there is no other here.
            if at + addressed in ("", name):
                return True
    return False


def _membership(state: State, chat: Chat, by: Json, old: str, new: str) -> None:
    def member(status: str) -> dict[str, Any]:
        return {"status": status, "user": state.bot, **({"until_date": 0} if status == "kicked" else {})}

    state.update(
        "my_chat_member",
        {
            "chat": chat.info,
            "from": by,
            "date": int(time.time()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        },
    )
    state.changed.notify_all()
