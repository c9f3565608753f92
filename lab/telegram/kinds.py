"""Updates of every kind that the Bot API has: python -m lab.telegram.kinds --count 3000 [--seed N]

Messages of every content, from users, anonymous administrators, channels and other bots, in private chats,
groups, forums and channels; edits, albums, replies, presses of buttons with any data, inline and guest
queries, and the kinds that this bot does not use or that its library does not know yet. Telegram would not
deliver those that were not asked for; here they come all the same. Each must get something well formed or
nothing, and the bot must not be started again.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from lab.telegram.fuzz import KINDS as TEXTS
from lab.telegram.running import BRISK, ROOT, Running, kutip
from tests.telegram_server import Group, TelegramServer, User
from tests.telegram_server.actors import ANONYMOUS, CHANNEL, SAMPLES
from tests.telegram_server.state import UPDATES, Json
from tests.telegram_server.text import MOST_TEXT, cleaned, detected, is_blank
from tests.telegram_server.wire import stored

USERS = 6
AT_ONCE = 40
"""Updates that wait at once, at most."""
PATIENCE = 600.0
ADMIN = 4242
_UNKNOWN = ("stopped_message_generation", "subscription", "ephemeral_message", "something_new")
"""Kinds that came after the version which the bot's library knows, or never."""
_SERVICE: dict[str, Any] = {
    "new_chat_members": [{"id": 77, "is_bot": False, "first_name": "Baru"}],
    "left_chat_member": {"id": 77, "is_bot": False, "first_name": "Lama"},
    "new_chat_title": "Judul",
    "new_chat_photo": [],
    "delete_chat_photo": True,
    "group_chat_created": True,
    "message_auto_delete_timer_changed": {"message_auto_delete_time": 60},
    "forum_topic_created": {"name": "Topik", "icon_color": 1},
    "forum_topic_closed": {},
    "general_forum_topic_hidden": {},
    "video_chat_started": {},
    "write_access_allowed": {},
    "boost_added": {"boost_count": 1},
    "proximity_alert_triggered": {
        "traveler": {"id": 77, "is_bot": False, "first_name": "A"},
        "watcher": {"id": 78, "is_bot": False, "first_name": "B"},
        "distance": 3,
    },
    "a_new_service_message": {"x": 1},
}
_LINKS = (
    "https://berita.invalid/a",
    "Https://berita.invalid/b",
    "www.berita.invalid",
    "add https://berita.invalid/c",
    "tambahkan www.berita.invalid/d https://berita.invalid/e",
    "berita.invalid/f",
)
_DATA = (
    "",
    ":",
    "x:1",
    "k:1:1",
    "k:x:1",
    "f:1:0",
    "w:1",
    "g:1:1",
    "l:id",
    "l:xx",
    "a:page:0:9:é",
    "a:really:1:0",
)
_MORE_DATA = (
    "u:1",
    "n",
    "i:5:1",
    "s:1:1",
    "h:1:12",
    "h:1:²",
    "v:abc",
    "r:1",
    "zz",
    "k:9999999999999999999:1",
    "😀",
)


class Fuzz:
    """Makes updates and puts them before the bot."""

    def __init__(self, server: TelegramServer, random: Random) -> None:
        self.server, self.random = server, random
        self.users = [
            server.user(f"Pembaca {n}", language_code=("id", "en", None, "ms")[n % 4]) for n in range(USERS)
        ]
        self.admin = server.user("Redaktur", id=ADMIN)
        self.users.append(self.admin)
        self.groups = [server.group("Grup", *self.users), server.group("Kecil", *self.users, kind="group")]
        self.forum = server.forum("Forum", *self.users)
        self.topics = [self.forum.opens_topic() for _ in range(3)]
        self.channel = server.channel("Kabar", username="kabar_kota")
        self.makers: dict[str, Callable[[], tuple[str, Json] | None]] = {
            "message": self.message,
            "message again": self.message,
            "edited_message": self.edit,
            "callback_query": self.press,
            "inline_query": self.inline,
            "guest_message": self.guest,
            "service": self.service,
            "other": self.other,
        }

    def text(self) -> str:
        """Something that somebody would type."""
        while True:
            kind = self.random.choice([*TEXTS, "link"])
            text = self.random.choice(_LINKS) if kind == "link" else TEXTS[kind](self.random)
            text = cleaned(text)[0][:MOST_TEXT]
            if not is_blank(text):
                return text

    def content(self) -> Json:
        """What a message carries: text, or anything else with or without a caption."""
        kind = self.random.choice(["text", "text", "text", "photo", "document", "sticker", *SAMPLES])
        if kind == "text":
            text = self.text()
            return {"text": text, "entities": detected(text)}
        made: Json
        if kind == "photo":
            made = {"photo": [{"file_id": "x", "file_unique_id": "y", "width": 9, "height": 9}]}
        elif kind == "document":
            file = stored(b"Berita baru dari Bogor.", "a.txt")
            self.server.state.files[file.id] = file
            made = {"document": {"file_id": file.id, "file_unique_id": "y", "file_name": "a.txt"}}
        elif kind == "sticker":
            made = {
                "sticker": {"file_id": "x", "file_unique_id": "y", "type": "regular", "width": 9, "height": 9}
            }
            made["sticker"] |= {"is_animated": False, "is_video": False}
        else:
            made = {kind: dict(SAMPLES[kind])}
        if self.random.random() < 0.4:
            caption = self.text()[:1024]
            made |= {"caption": caption, "caption_entities": detected(caption)}
        if self.random.random() < 0.1:
            made["media_group_id"] = str(self.random.randint(1, 40))
        return made

    def place(self) -> tuple[Any, User, Json]:
        """A chat, who writes there, and what tells of it."""
        user = self.random.choice(self.users)
        where = self.random.choice([user, user, user, self.forum, *self.groups])
        more: Json = {"from": user.info}
        if isinstance(where, Group):
            if where.id == self.forum.id and self.random.random() < 0.7:
                topic = self.random.choice([*self.topics, 999])
                more |= {"message_thread_id": topic, "is_topic_message": True}
            kind = self.random.random()
            if kind < 0.1:
                more |= {"from": ANONYMOUS, "sender_chat": dict(where.chat.info)}
            elif kind < 0.2:
                more |= {"from": CHANNEL, "sender_chat": dict(self.channel.chat.info)}
            elif kind < 0.25:
                more["is_automatic_forward"] = True
        elif self.random.random() < 0.05:
            more["via_bot"] = self.server.state.bot
        return where, user, more

    def message(self) -> tuple[str, Json] | None:
        where, _, more = self.place()
        content = self.content()
        if isinstance(where, Group) and self.random.random() < 0.5:
            what = "text" if "text" in content else "caption"
            content[what] = f"@kutip_bot {content.get(what, '')}"[:1024]
        messages = list(where.chat.messages.values())
        if messages and self.random.random() < 0.3:
            above = self.random.choice(messages)
            more["reply_to_message"] = {k: v for k, v in above.items() if k != "reply_to_message"}
        if self.random.random() < 0.05:
            origin = {
                "type": "channel",
                "chat": self.channel.chat.info,
                "message_id": 3,
                "date": 1_700_000_000,
            }
            more["forward_origin"] = origin
        if self.random.random() < 0.05:
            more["a_field_of_the_future"] = {"x": [1]}
        with self.server.state.changed:
            return "message", self.server.state.put(where.chat, {**more, **content}, by_bot=False)

    def edit(self) -> tuple[str, Json] | None:
        where = self.random.choice([*self.users, *self.groups, self.forum])
        own = [m for m in where.chat.messages.values() if not m.get("from", {}).get("is_bot", True)]
        if not own:
            return None
        text = self.text()
        changed = {**self.random.choice(own), "edit_date": int(time.time())}
        if "text" in changed:
            changed |= {"text": text, "entities": detected(text)}
        else:
            changed |= {"caption": text[:1024], "caption_entities": detected(text[:1024])}
        with self.server.state.changed:
            where.chat.messages[changed["message_id"]] = changed
        return "edited_message", changed

    def press(self) -> tuple[str, Json] | None:
        user = self.random.choice(self.users)
        where = self.random.choice([user, user, self.forum, *self.groups])
        # Only a bot's own messages have buttons that it is told of.
        shown = [m for m in where.chat.messages.values() if m.get("from", {}).get("username") == "kutip_bot"]
        if not shown:
            return None
        message = self.random.choice(shown)
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        data = [each["callback_data"] for row in rows for each in row if "callback_data" in each]
        chosen = self.random.choice([*data, *data, *_DATA])
        if data and self.random.random() < 0.8:
            chosen = self.random.choice(data)
        user.presses_data(message, chosen)
        return None

    def inline(self) -> tuple[str, Json] | None:
        self.random.choice(self.users).types(self.text()[:256])
        return None

    def guest(self) -> tuple[str, Json] | None:
        elsewhere = self.server.group("Lain", self.users[0])
        elsewhere.chat.members.discard(self.server.state.bot["id"])
        self.random.choice(self.users).summons(f"@kutip_bot {self.text()}"[:MOST_TEXT], elsewhere)
        return None

    def service(self) -> tuple[str, Json] | None:
        where, _, more = self.place()
        what = self.random.choice(list(_SERVICE))
        with self.server.state.changed:
            content = {**more, what: _SERVICE[what]}
            return "message", self.server.state.put(where.chat, content, by_bot=False)

    def other(self) -> tuple[str, Json]:
        """A kind that the bot does not use, or that its library does not know."""
        user = self.random.choice(self.users).info
        chat = self.random.choice(self.groups).chat.info
        now = int(time.time())
        post = {"message_id": 7, "date": now, "chat": self.channel.chat.info, "text": self.text()}
        member = {"status": "member", "user": user}
        poll = {**SAMPLES["poll"], "options": []}
        made: dict[str, Json] = {
            "channel_post": post,
            "edited_channel_post": {**post, "edit_date": now},
            "poll": poll,
            "poll_answer": {"poll_id": "5", "user": user, "option_ids": [0], "option_persistent_ids": ["0"]},
            "chosen_inline_result": {"result_id": "1", "from": user, "query": self.text()},
            "my_chat_member": {
                **{"chat": chat, "from": user, "date": now, "old_chat_member": member},
                "new_chat_member": {"status": "left", "user": self.server.state.bot},
            },
            "chat_member": {
                **{"chat": chat, "from": user, "date": now, "old_chat_member": member},
                "new_chat_member": {"status": "left", "user": user},
            },
            "chat_join_request": {"chat": chat, "from": user, "user_chat_id": user["id"], "date": now},
            "message_reaction": {
                **{"chat": chat, "message_id": 7, "user": user, "date": now, "old_reaction": []},
                "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            },
            "message_reaction_count": {
                **{"chat": chat, "message_id": 7, "date": now},
                "reactions": [{"type": {"type": "emoji", "emoji": "👍"}, "total_count": 1}],
            },
            "pre_checkout_query": {
                **{"id": "1", "from": user, "currency": "IDR", "total_amount": 1, "invoice_payload": "x"},
            },
            "shipping_query": {
                **{"id": "1", "from": user, "invoice_payload": "x"},
                "shipping_address": {
                    **{"country_code": "ID", "state": "", "city": "J", "street_line1": "a"},
                    **{"street_line2": "", "post_code": "1"},
                },
            },
            "purchased_paid_media": {"from": user, "paid_media_payload": "x"},
            "business_message": {**post, "business_connection_id": "b", "from": user},
            "edited_business_message": {**post, "business_connection_id": "b", "from": user},
            "deleted_business_messages": {"business_connection_id": "b", "chat": chat, "message_ids": [1]},
            "business_connection": {
                **{"id": "b", "user": user, "user_chat_id": user["id"], "date": now, "is_enabled": True},
            },
            "removed_chat_boost": {
                **{"chat": chat, "boost_id": "b", "remove_date": now},
                "source": {"source": "premium", "user": user},
            },
            "chat_boost": {
                "chat": chat,
                "boost": {
                    **{"boost_id": "b", "add_date": now, "expiration_date": now},
                    "source": {"source": "premium", "user": user},
                },
            },
            "managed_bot": {"user": user, "bot": {**user, "is_bot": True}},
            **{kind: {"x": self.text()} for kind in _UNKNOWN},
        }
        kind = self.random.choice(list(made))
        return kind, made[kind]

    def put(self, kind: str, content: Json) -> None:
        """An update, whether or not its kind was asked for."""
        with self.server.state.changed:
            allowed, self.server.state.allowed = self.server.state.allowed, [*UPDATES, *_UNKNOWN]
            try:
                self.server.state.update(kind, content)
            finally:
                self.server.state.allowed = allowed


def run(count: int, seed: int, home: Path) -> list[str]:
    """What was wrong; the figures are printed."""
    random, made = Random(seed), Counter[str]()
    settings = {**BRISK, "KUTIP_TELEGRAM_ADMINS": str(ADMIN), "KUTIP_TELEGRAM_SUBSCRIPTIONS": "1000"}
    archive = home / "archive.db"

    def left() -> int:
        db = sqlite3.connect(archive)
        try:
            return int(db.execute("SELECT count(*) FROM inbox WHERE state = 'open'").fetchone()[0])
        finally:
            db.close()

    with (
        TelegramServer(inline=True, can_read_all_group_messages=True) as server,
        Running(home, server, settings) as bot,
        tqdm(total=count, mininterval=10) as bar,
    ):
        bot.wait_until_up(PATIENCE)
        worker = bot.worker()
        fuzz = Fuzz(server, random)
        while made.total() < count:
            name = random.choice(list(fuzz.makers))
            update = fuzz.makers[name]()
            if update is not None:
                fuzz.put(*update)
            made[update[0] if update else name] += 1
            bar.update()
            server.wait_for(lambda: len(server.state.updates) < AT_ONCE, PATIENCE)
        server.wait_for(lambda: not server.state.updates, PATIENCE)
        end = time.monotonic() + PATIENCE
        while left() and time.monotonic() < end:
            time.sleep(0.5)
        problems = [*bot.unclean(), *server.crashes]
        if bot.worker() != worker:
            problems.append("the bot was started again")
        if open_ := left():
            problems.append(f"{open_} updates were not done")
        problems += [f"{c.method} {c.parameters}: {c.refused}" for c in server.violations]
        refused = Counter(str(call.refused) for call in server.refusals)
        print(", ".join(f"{number} {kind}" for kind, number in sorted(made.items())))
        print(f"{made.total()} updates, {len(server.calls)} calls, {sum(refused.values())} refused")
        print("\n".join(f"{number} {why}" for why, number in refused.items()))
        if problems:
            print(bot.printed()[-6000:])
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        kutip(home, "ingest", str(ROOT / "seeds" / "articles"))
        problems = run(options.count, options.seed, home)
    for problem in problems[:20]:
        print(problem)
    print("failed" if problems else "every update got something well formed or nothing")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
